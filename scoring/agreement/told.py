"""Telling the people concerned: a notification, and a letter where they have an address."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.functional import Promise

from contacts.models.preferences import language_of
from scoring.agreement.proposals import names_of, page_of, proposal_of
from scoring.agreement.sides import PUBLISH, people_with, who_sign
from scoring.automations.outbox.messages import Message
from scoring.automations.outbox.personal import Notification
from scoring.criteria.models import Version

TITLE_MOST = 255


def tell(
    people: Iterable[User],
    key: str,
    version: Version,
    title: str | Promise,
    text: str | Promise = "",
    page: str = "",
    **facts: object,
) -> None:
    """In the caller's transaction; ``key`` names the occasion, ``title`` may name the version.

    Each in their own language, or else the installation's.
    """
    told = names_of(version) | facts
    tell_people(people, key, page_of(version, page), title, text, **told)


def tell_people(
    people: Iterable[User],
    key: str,
    link: str,
    title: str | Promise,
    text: str | Promise = "",
    **facts: object,
) -> None:
    """The same of what is no version's; ``link`` without the site's address."""
    for user in people:
        with translation.override(language_of(user)):
            subject = (str(title) % facts)[:TITLE_MOST]
            said = str(text)
        Notification.objects.create(user=user, title=subject, text=said, link=link)
        if user.email:
            Message.objects.post(
                key=f"agreement:{key}:{user.pk}",
                channel="staff",
                recipient=user.email,
                subject=subject,
                body={"text": said or subject, "link": f"{settings.SITE_URL}{link}"},
            )


def told_who_care(version: Version, *, but: User | None = None) -> list[User]:
    """Who signs, and who has proposed the version; not whoever it comes from."""
    found = {user.pk: user for user in who_sign()}
    proposal = proposal_of(version)
    if proposal and proposal.proposed_by and proposal.proposed_by.is_active:
        found[proposal.proposed_by.pk] = proposal.proposed_by
    return [user for pk, user in sorted(found.items()) if but is None or pk != but.pk]


def who_bring_live() -> list[User]:
    return people_with(PUBLISH)
