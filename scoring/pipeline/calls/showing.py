"""What call mode shows of a lead: its score and reasons, and what was before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.admin.sections import amount, moment, short, shown_value
from contacts.models import Contact, Deal, Note, Task
from contacts.numerals import whole
from scoring.engine.admin.badges import badge, reasons
from scoring.engine.admin.lead_page import difference
from scoring.engine.admin.tracks import not_reached
from scoring.engine.models import Score, Track
from scoring.pipeline.calls.models import CallEntry
from scoring.pipeline.calls.plan import CALL
from scoring.pipeline.calls.shares import shares_of

ACTIVITIES: Final = 8
OTHERS: Final = 5
REASONS: Final = 6
RESULTS: Final = dict(CallEntry.Result.choices)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was, for the short history."""

    at: datetime
    icon: str
    text: str
    more: str = ""


def score_of(contact: Contact, track: Track | None) -> Score | None:
    if track is None:
        return None
    scores = Score.objects.acting(track).select_related("track__version__model")
    return scores.filter(contact=contact.pk).first()


def score_facts(
    contact: Contact, track: Track | None, before: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The score as it is, and, where ``before`` are the worths of its rules, what moved it."""
    score = score_of(contact, track)
    if score is None or track is None:
        return {"score": None, "shares": []}
    document = score.track.version.document_value
    is_other = bool(not_reached(track, [contact.pk]))
    held = [] if is_other else reasons(document, score.breakdown, score.excluded, REASONS)
    return {
        "score": score,
        "total": whole(score.total),
        "badge": badge(None, score.band, document),
        "reasons": held,
        "is_other": is_other,
        "shares": shares_of(score, track),
        "moved": None if before is None else list(moved(before, score)),
    }


def worths(score: Score | None) -> dict[str, int]:
    """What each rule gives, by name."""
    if score is None:
        return {}
    rules = score.track.version.document_value.rules
    return {rule.name: worth for rule, worth in zip(rules, score.breakdown, strict=False)}


def moved(before: Mapping[str, int], score: Score) -> Iterator[str]:
    rules = score.track.version.document_value.rules
    excluding = {rule.name for rule in rules if rule.exclude}
    for name, worth in worths(score).items():
        if change := worth - before.get(name, 0):
            yield difference(name, change, name in excluding)


def history(contact: Contact, user: User) -> list[Line]:
    """The newest of what was, of everything that this person may see."""
    return sorted(
        [*activities(contact), *notes(contact, user), *tasks(contact, user)],
        key=attrgetter("at"),
        reverse=True,
    )


def activities(contact: Contact) -> Iterator[Line]:
    newest = contact.activities.select_related("type", "target")[:ACTIVITIES]
    for activity in newest:
        facts = activity.properties or {}
        if activity.type.slug == CALL:
            result = str(facts.get("result", ""))
            told = str(RESULTS.get(result, result)) or short(activity.target.text)
            yield Line(activity.occurred_at, "call", str(activity.type), told)
        else:
            told = short(activity.target.text) or ", ".join(map(shown_value, facts.values()))
            yield Line(activity.occurred_at, "bolt", str(activity.type), short(told))


def notes(contact: Contact, user: User) -> Iterator[Line]:
    newest = Note.objects.visible_to(user).filter(contact=contact.pk).select_related("author")
    for note in newest[:OTHERS]:
        yield Line(note.created_at, "sticky_note_2", note.text, str(note.author or ""))


def tasks(contact: Contact, user: User) -> Iterator[Line]:
    seen = Task.objects.visible_to(user).filter(contact=contact.pk)
    for task in seen.urgent_first(user)[:OTHERS]:
        due = _("due %(when)s") % {"when": moment(task.due_at)} if task.due_at else ""
        state = str(task.get_state_display())
        more = ", ".join(fact for fact in (state, due) if fact)
        yield Line(task.done_at or task.created_at, "task_alt", task.title, more)


def deals(contact: Contact, user: User) -> Sequence[dict[str, str]]:
    seen = Deal.objects.visible_to(user).filter(contact=contact.pk).select_related("stage")
    return [
        {"name": deal.name, "stage": str(deal.stage), "amount": amount(deal.amount)}
        for deal in seen[:OTHERS]
    ]


def overdue(at: datetime | None) -> bool:
    return at is not None and at < timezone.now()
