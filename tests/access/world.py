"""Three leads, Saul's, nobody's and Peter's, each with everything that may hang on one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from contacts.models import (
    Absence,
    Activity,
    ActivityType,
    Campaign,
    CampaignTouch,
    Company,
    Contact,
    CustomField,
    Deal,
    Note,
    Pipeline,
    Product,
    Stage,
    Tag,
    Target,
    Task,
)
from scoring.agreement.suggestions.models import Suggestion
from scoring.api.models import Source
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification, OwnerCard
from scoring.automations.outbox.receivers import Destination, Endpoint
from scoring.automations.sequences.models import Sequence
from scoring.criteria.models import ScoringModel
from scoring.criteria.segments import Segment
from scoring.engine.leads import Lead
from scoring.pipeline.assigning.rules import AssignmentRule
from scoring.pipeline.feedback.models import Handover
from scoring.pipeline.leads.manual import ManualBand
from tests.automations.set_up import go_live, hot
from tests.engine.scored import refresh_all, visit

# In everything that belongs to the contact that Saul may not see, and in nothing else.
SECRET: Final = "Geheimnis"
OWNERS: Final = {"own": "saul", "pool": "", "other": "peter"}
WORDS: Final = {"own": "Offen", "pool": "Frei", "other": SECRET}


class World:
    """The rows that addresses name: ``row`` finds one of a model, for one of the three leads."""

    def __init__(self) -> None:
        User.objects.create_user("peter", is_staff=True)
        CustomField.objects.create(key="seats", label="Seats", type="number")
        self.model: ScoringModel = go_live().model
        hot()
        Company.objects.create(name="Acme")
        Sequence.objects.create(name="Book a call", slug="book-a-call")
        Source.objects.create(name="web-shop")
        Endpoint.objects.create(name="zap", url="https://hooks.example.com/")
        Destination.objects.create(name="sales", url="json://example.com/")
        AssignmentRule.objects.create(name="All", way="pool")
        owner = User.objects.get(username="saul")
        spain = {"field": "country", "op": "equals", "value": "ES"}
        Segment(name="Spain", condition=spain).store(owner)
        self.leads = {whose: self.lead(whose) for whose in OWNERS}
        refresh_all()
        for whose, contact in self.leads.items():
            for make in HANGING:
                make(self, contact, WORDS[whose], OWNERS[whose])

    def lead(self, whose: str) -> Contact:
        word = WORDS[whose]
        contact = Contact.objects.create(
            email=f"{word.lower()}@example.com",
            owner="before",
            last_name=word,
            job_title="Director",
            company=Company.objects.get(),
        )
        contact.owner, contact.city = OWNERS[whose], f"{word} City"
        contact.save()
        contact.set_tags([Tag.objects.get_or_create(name="VIP")[0]])
        visit(contact, timedelta(hours=1))
        return contact

    def row(self, model: type[Model], whose: str) -> Model | None:
        """The row that belongs to this lead or, where none of a model does, any."""
        rows: Any = model._default_manager.order_by("pk")
        if model in (Contact, Lead):
            return rows.filter(pk=self.leads[whose].pk).first()  # type: ignore[no-any-return]
        if belongs_to_contact(model):
            return rows.filter(contact=self.leads[whose].pk).first()  # type: ignore[no-any-return]
        if model in PERSONAL and whose != "pool":
            return rows.filter(user__username=OWNERS[whose]).first()  # type: ignore[no-any-return]
        return rows.first()  # type: ignore[no-any-return]


def belongs_to_contact(model: type[Model]) -> bool:
    return any(field.name == "contact" for field in model._meta.concrete_fields)


# What is one person's alone, and of no contact.
PERSONAL: Final[set[type[Model]]] = {Absence, Notification, OwnerCard}
Make = Callable[[World, Contact, str, str], object]
HANGING: list[Make] = []


def hanging(make: Make) -> Make:
    HANGING.append(make)
    return make


@hanging
def sold_and_done(world: World, contact: Contact, word: str, owner: str) -> None:
    now = timezone.now()
    target = Target.objects.get_or_create(text="/pricing")[0]
    call = ActivityType.objects.get(slug="call")
    Activity.objects.create(
        contact=contact, type=call, target=target, occurred_at=now, source=f"{word}-web"
    )
    campaign = Campaign.objects.get_or_create(name="Fair")[0]
    CampaignTouch.objects.create(campaign=campaign, contact=contact, occurred_at=now)
    Deal.objects.create(
        name=f"{word} deal",
        contact=contact,
        stage=Stage.objects.filter(pipeline=Pipeline.objects.first())[0],
        product=Product.objects.get_or_create(name="Suite")[0],
        owner=owner,
    )
    person = User.objects.filter(username=owner).first()
    saul = User.objects.get(username="saul")
    Task.objects.create(contact=contact, title=f"{word} call", assignee=person)
    Note.objects.create(contact=contact, text=f"{word} likes tea", author=person or saul)


@hanging
def told(world: World, contact: Contact, word: str, owner: str) -> None:
    Message.objects.post(
        key=f"x:{word}:0",
        channel="webhook",
        recipient="zap",
        body={"name": word},
        contact=contact,
    )
    person = User.objects.filter(username=owner).first()
    Suggestion.objects.create(
        model=world.model, title=f"{word} rule", reason="why", author=person, contact=contact
    )
    if person is not None:
        today = timezone.now().date()
        Notification.objects.create(user=person, title=f"{word} is hot")
        OwnerCard.objects.create(user=person)
        Absence.objects.create(user=person, first_day=today, last_day=today, note=word)


@hanging
def of_the_pipeline(world: World, contact: Contact, word: str, owner: str) -> None:
    now = timezone.now()
    Handover.objects.create(
        contact=contact, model=world.model, band="hot", owner=owner, handed_at=now
    )
    peter = User.objects.get(username="peter")
    ManualBand.objects.create(
        contact=contact,
        model=world.model,
        band="hot",
        reason=f"{word} said so",
        set_by=peter,
        set_at=now,
    )


def everything() -> list[type[Model]]:
    return list(apps.get_models(include_auto_created=True))
