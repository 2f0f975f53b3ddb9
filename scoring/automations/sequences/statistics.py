"""What came of the steps of a sequence: told from activities that name its e-mails."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q

from contacts.models import Activity, ActivityType
from scoring.automations.outbox.messages import Message
from scoring.automations.sequences.enrolments import Enrolment, StepRun
from scoring.automations.sequences.models import Sequence, SequenceStep

KINDS: Final = {
    "opens": "email_open",
    "clicks": "email_click",
    "replies": "email_reply",
    "unsubscribes": "unsubscribe",
}


@dataclass(frozen=True, slots=True)
class StepNumbers:
    """People, not activities: who opens an e-mail five times counts once.

    ``waiting``: for whom this step comes next. ``done``: for whom it was done. ``sent``: of
    its e-mails those that have left the outbox.
    """

    step: SequenceStep
    waiting: int
    done: int
    sent: int
    came: Mapping[str, int] = field(default_factory=dict)

    def rate(self, kind: str) -> int:
        """Per cent of those that were sent."""
        return min(100, round(100 * self.came.get(kind, 0) / self.sent)) if self.sent else 0


def numbers_of(sequence: Sequence) -> list[StepNumbers]:
    """Of every step that is there, in order; one query for each kind of activity."""
    runs = StepRun.objects.filter(enrolment__sequence=sequence, step__isnull=False)
    done = counted(runs)
    sent = counted(runs.filter(message__state=Message.State.SENT))
    types = ActivityType.objects.known_ids(KINDS.values())
    came = {
        kind: counted(runs.filter(Exists(answers(types[slug])))) if slug in types else {}
        for kind, slug in KINDS.items()
    }
    waiting = dict(
        Enrolment.objects.active()
        .filter(sequence=sequence)
        .order_by()
        .values_list("step")
        .annotate(count=Count("pk"))
    )
    return [
        StepNumbers(
            step=step,
            waiting=waiting.get(step.pk, 0),
            done=done.get(step.pk, 0),
            sent=sent.get(step.pk, 0),
            came={kind: found.get(step.pk, 0) for kind, found in came.items()},
        )
        for step in sequence.steps.select_related("sequence").order_by("position", "pk")
    ]


def answers(kind: int) -> Any:
    """The activities of a kind that followed a run and name its e-mail."""
    return Activity.objects.filter(
        type=kind,
        automated=False,
        contact=OuterRef("enrolment__contact"),
        occurred_at__gte=OuterRef("at"),
        target__norm=OuterRef("target"),
    )


def counted(runs: Any) -> dict[int, int]:
    return dict(runs.order_by().values_list("step").annotate(count=Count("pk")))


def states_of() -> dict[str, Count]:
    """Annotations of sequences: how many people are in it, have finished, have left."""
    return {
        f"{state}_count": Count("enrolments", filter=Q(enrolments__state=state))
        for state in Enrolment.State.values
    }
