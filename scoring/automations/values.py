"""What the variables of texts stand for, for one contact and its score."""

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse

from contacts.models import Contact
from contacts.models.teams import person_for_owner
from contacts.numerals import signed
from scoring.automations.outbox.personal import OwnerCard
from scoring.engine.models import Score, ScoreChange

MOST_REASONS = 5


def values_of(contact: Contact, score: Score | None, model: str, automation: str) -> dict[str, str]:
    """By the names in ``texts.VARIABLES``; what there is none of is empty."""
    owner = person_for_owner(contact.owner)
    return {
        "contact.first_name": contact.first_name,
        "contact.last_name": contact.last_name,
        "contact.full_name": contact.full_name or contact.email,
        "contact.email": contact.email,
        "contact.phone": contact.phone,
        "contact.job_title": contact.job_title,
        "contact.company": str(contact.company) if contact.company else "",
        "contact.country": contact.country,
        "contact.city": contact.city,
        "contact.link": address_of(contact),
        "score.total": f"{score.total}" if score else "",
        "score.band": score.band if score else "",
        "score.grade": (score.grade or "") if score else "",
        "score.reasons": reasons(score) if score else "",
        "model.name": model,
        "automation.name": automation,
        "owner.name": name_of(owner),
        "owner.email": owner.email if owner else "",
        "owner.meeting_link": OwnerCard.objects.of(owner).meeting_link,
    }


def address_of(contact: Contact) -> str:
    """Where the lead is looked at, as a whole address."""
    return settings.SITE_URL + reverse("admin:scoring_lead_change", args=[contact.pk])


def name_of(person: User | None) -> str:
    return (person.get_full_name() or person.get_username()) if person else ""


def reasons(score: Score) -> str:
    """The rules that count most: ``+40 Visited pricing, −10 Free e-mail address``."""
    # By the version that made it: while a recompute goes on that may not be the live one.
    made = ScoreChange.objects.filter(
        track=score.track_id, contact=score.contact_id, revision=score.revision
    )
    change = made.select_related("version").first()
    if change is None:
        return ""
    excluding = {rule.name for rule in change.version.document_value.rules if rule.exclude}
    worths = [pair for pair in change.worths().items() if pair[1] and pair[0] not in excluding]
    strongest = sorted(worths, key=lambda pair: -abs(pair[1]))[:MOST_REASONS]
    return ", ".join(f"{signed(worth)} {name}" for name, worth in strongest)
