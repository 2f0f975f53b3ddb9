"""What the demo made beside people, and its going: each thing only as it was made.

As with people, what the demo makes is made out anew. What somebody has changed since stays, and
so does what something else needs that is not the demo's; each is named.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import (
    Campaign,
    CampaignArm,
    CampaignTouch,
    Contact,
    CustomField,
    Deal,
    Product,
    Tag,
)
from contacts.normalise import normalise
from scoring.agreement.qualification.models import Persona
from scoring.agreement.suggestions.models import Suggestion
from scoring.api.models import ApiKey, Source
from scoring.automations.segments import uses_of
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import Version
from scoring.criteria.segments import Segment
from scoring.demo import agreeing, automating, content, meeting, piloting, sorting
from scoring.demo.foretelling import kept_here
from scoring.demo.loading import FIELDS
from scoring.demo.people import TAGS
from scoring.engine.pilots.models import Pilot
from scoring.pipeline.calls.models import CallScript
from scoring.reports.review.models import Meeting
from scoring.reports.terms.models import Terms

CHANGED: Final = _("changed since")
USED: Final = _("something that is not the demo's needs it")


def stays(row: models.Model, why: str | Promise) -> str:
    return f"{row._meta.verbose_name} “{row}”: {why}"


def meetings() -> Iterator[str]:
    """The next one stays where people prepare it."""
    past, coming = meeting.ORIGIN, f"{meeting.ORIGIN}-next"
    for each in Meeting.objects.filter(origin__in=[past, coming]):
        is_prepared = each.items.exclude(changed_by=None).exists() or each.decisions.exists()
        if each.origin == coming and is_prepared:
            yield stays(each, CHANGED)
        else:
            each.delete()


def terms() -> Iterator[str]:
    written = [tuple(words[name] for name in sorted(words)) for words in agreeing.WORDS.values()]
    names = sorted(agreeing.WORDS["en"])
    for each in Terms.objects.filter(number=1, made_name="marta"):
        said = tuple(getattr(each, name) for name in names)
        if said in written and not each.model.terms.exclude(pk=each.pk).exists():
            each.delete()
        else:
            yield stays(each, CHANGED)


def pilots() -> Iterator[str]:
    Pilot.objects.filter(salt=piloting.SALT).delete()
    yield from ()


def forecasts() -> Iterator[str]:
    kept_here().delete()
    yield from ()


def personas() -> Iterator[str]:
    """Those that stay keep the model: they are a part of it."""
    names = [name for sought in sorting.PERSONAS for name in sought.names.values()]
    for each in Persona.objects.filter(name__in=names):
        if each.changed_by_id or each.revision or each.group_hash:
            yield stays(each, CHANGED)
        else:
            each.delete()


def segments() -> Iterator[str]:
    made = {key: (set(names.values()), condition) for key, names, condition in sorting.SEGMENTS}
    for each in Segment.objects.filter(key__in=made, created_by=None):
        names, condition = made[each.key]
        if each.name not in names or each.condition != condition:
            yield stays(each, CHANGED)
        elif uses_of(each) or has_others(each):
            yield stays(each, USED)
        else:
            each.delete()


def has_others(row: models.Model) -> bool:
    """Whether any row leads to this one."""
    leading: Any = row._meta.related_objects
    return any(
        each.related_model._default_manager.filter((each.field.name, row.pk)).exists()
        for each in leading
    )


def suggestions() -> Iterator[str]:
    """What was decided at the meeting, as long as nobody has answered it."""
    titles = [said[:LONGEST_NAME] for words in meeting.DECISIONS.values() for said in words]
    made = Suggestion.objects.filter(title__in=titles, author__username="marta")
    made.open().delete()
    yield from (stays(each, CHANGED) for each in made)


def campaigns(anchor: datetime) -> Iterator[str]:
    plans = {plan.name: plan for plan in content.CAMPAIGNS}
    arms = {(arm.name, arm.people, arm.visits, arm.customers) for arm in content.ARMS}
    for each in Campaign.objects.filter(name__in=plans):
        plan = plans[each.name]
        days = [(anchor - timedelta(days=ago)).date() for ago in (plan.starts, plan.ends)]
        of_plan: tuple[Any, ...] = (
            plan.channel,
            plan.budget,
            plan.cost,
            plan.leads,
            plan.customers,
            plan.revenue,
        )
        own = (each.channel, each.budget, each.cost, each.planned_leads, each.planned_customers,
               each.planned_revenue)  # fmt: skip
        tried = CampaignArm.objects.filter(campaign=each)
        rows = set(tried.values_list("name", "people", "visits", "customers"))
        if own != of_plan or days != [each.starts_on, each.ends_on] or not rows <= arms:
            yield stays(each, CHANGED)
        elif is_campaign_used(each):
            yield stays(each, USED)
        else:
            each.delete()


def is_campaign_used(campaign: Campaign) -> bool:
    named = Contact.objects.filter(campaign_norm=normalise(campaign.name))
    rows = [model.objects.filter(campaign=campaign) for model in (CampaignTouch, Deal)]
    return named.exists() or any(each.exists() for each in rows)


def products() -> Iterator[str]:
    prices = {plan.name: plan.price for plan in content.PRODUCTS}
    for each in Product.objects.filter(name__in=prices):
        if each.price != prices[each.name]:
            yield stays(each, CHANGED)
        elif Deal.objects.filter(product=each).exists():
            yield stays(each, USED)
        else:
            each.delete()


def fields() -> Iterator[str]:
    made = {key: (label, str(kind), list(choices)) for key, label, kind, choices in FIELDS}
    for each in CustomField.objects.filter(key__in=made):
        if (each.label, each.type, each.choices) != made[each.key]:
            yield stays(each, CHANGED)
        elif is_field_used(each.key):
            yield stays(each, USED)
        else:
            each.delete()


def is_field_used(key: str) -> bool:
    """By somebody's value, or by what may ask for it."""
    named = f"attributes.{key}"
    asking = [*Version.objects.values_list("document", flat=True),
              *Segment.objects.values_list("condition", flat=True)]  # fmt: skip
    held = Contact.objects.filter(attributes__has_key=key).exists()
    return held or any(named in str(each) for each in asking)


def tags() -> Iterator[str]:
    Tag.objects.filter(name__in=TAGS, contacts=None).delete()
    yield from (stays(each, USED) for each in Tag.objects.filter(name__in=TAGS))


def keys() -> Iterator[str]:
    """The source goes with its key, unless people have given it others."""
    for each in Source.objects.filter(name=automating.SOURCE):
        ApiKey.objects.filter(source=each, label=automating.LABEL).delete()
        if each.keys.exists():
            yield stays(each, USED)
        else:
            each.delete()


def scripts() -> Iterator[str]:
    yield from as_made(CallScript, "First call", automating.SCRIPT)


def as_made(model: type[models.Model], name: str, made: dict[str, Any]) -> Iterator[str]:
    """The row of this name goes where it has these values."""
    for each in model._default_manager.filter(name=name):
        if all(getattr(each, key) == value for key, value in made.items()):
            each.delete()
        else:
            yield stays(each, CHANGED)
