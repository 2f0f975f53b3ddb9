"""What a step makes for a contact: an e-mail in the outbox, or a task."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.models import Contact, Task
from contacts.models.teams import Team, person_for_owner
from scoring.automations.outbox.letters import letter
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolling import live_score
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.models import Sequence, SequenceStep
from scoring.automations.texts import Template
from scoring.automations.unsubscribe import language_of, unsubscribe_link
from scoring.automations.values import values_of
from scoring.engine.models import Score

LINK: Final = "unsubscribe.link"


def key_of(enrolment: Enrolment, step: SequenceStep) -> str:
    """What a step for a contact is known by, for ever."""
    return f"s:{enrolment.pk}:{step.number}"


def values_for(contact: Contact, sequence: Sequence, score: Score | None) -> dict[str, str]:
    model = score.track.model.name if score else ""
    return values_of(contact, score, model, sequence.name)


def score_of(enrolment: Enrolment) -> Score | None:
    if enrolment.track is None:
        return live_score(enrolment.contact)
    scores = Score.objects.acting(enrolment.track).filter(contact=enrolment.contact_id)
    return scores.select_related("track__model", "track__version").first()


def post_email(enrolment: Enrolment, step: SequenceStep, values: Mapping[str, str]) -> Message:
    contact, key = enrolment.contact, key_of(enrolment, step)
    link = unsubscribe_link(contact, key)
    body = letter(contact, Template(step.text).render({**values, LINK: link}), unsubscribe_url=link)
    if LINK not in Template(step.text).variables:
        body["text"] = f"{str(body['text']).rstrip()}\n\n{farewell(contact, link)}\n"
    return Message.objects.post(
        key=key,
        channel="email",
        recipient=contact.email,
        subject=Template(step.subject).render(values),
        body=body,
        contact=contact,
        crossing=enrolment.crossing,
        target=step.target,
    )


def farewell(contact: Contact, link: str) -> str:
    """The line at the end of an e-mail whose text does not name the address itself."""
    with translation.override(language_of(contact) or settings.LANGUAGE_CODE):
        return _("If you want no more e-mails from us: %(link)s") % {"link": link}


def make_task(
    enrolment: Enrolment, step: SequenceStep, values: Mapping[str, str], now: datetime
) -> Task:
    """The caller has locked the step's team, if it has one."""
    working = enrolment.sequence.own_calendar.working_time()
    title = Template(step.subject).render(values)
    task, _new = Task.objects.get_or_create(
        origin=key_of(enrolment, step),
        defaults={
            "contact": enrolment.contact,
            "title": " ".join(title.split())[:200] or str(enrolment.sequence)[:200],
            "text": Template(step.text).render(values),
            "assignee": assignee_of(step, enrolment.contact, now),
            "team": step.team if step.assignee == SequenceStep.Assignee.TEAM else None,
            "due_at": working.add(now, timedelta(hours=step.due_hours)),
            "priority": step.priority,
        },
    )
    return task


def assignee_of(step: SequenceStep, contact: Contact, now: datetime) -> User | None:
    """Who is to do it; None: whoever takes it."""
    if step.assignee == SequenceStep.Assignee.OWNER:
        return person_for_owner(contact.owner)
    if step.assignee == SequenceStep.Assignee.TEAM and step.team:
        return Team.objects.next_member(step.team, now)
    person = step.person if step.assignee == SequenceStep.Assignee.PERSON else None
    return person if person and person.is_active else None
