"""What both teams look at when they meet: everything since the last time."""

from collections.abc import Sequence
from typing import ClassVar, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from scoring.reports.asking import Question
from scoring.reports.blocks import Section, Words
from scoring.reports.report import Measure, Report, Text, register
from scoring.reports.review.facts import Facts
from scoring.reports.review.sections import sections_of
from scoring.reports.terms.agreeing import VIEW
from scoring.reports.terms.sections import behind as behind_goal
from scoring.reports.terms.sections import is_key as is_goal

NO_MODEL: Final = _("No scoring model is live yet: there is nothing to review.")


@register
class Review(Report):
    slug: ClassVar[str] = "review"
    title: ClassVar[Text] = _("Weekly review")
    purpose: ClassVar[Text] = _(
        "What both teams look at when they meet: what scoring brought since the last time, and "
        "what to change."
    )
    icon: ClassVar[str] = "event_note"
    order: ClassVar[int] = 10
    asks: ClassVar[frozenset[str]] = frozenset(
        {"model", "campaign", "segment", "source", "owner", "country"}
    )
    days: ClassVar[int] = 7
    measures: ClassVar[Sequence[Measure]] = (
        Measure(
            "rose",
            _("Became hot"),
            _(
                "Leads whose stored score entered the highest band in the period, in the time zone "
                "of the default working calendar; each once, whether or not it is still there."
            ),
        ),
        Measure(
            "handed", _("Handed over"), _("Leads that were handed over to sales in the period.")
        ),
        Measure("hot", _("Hot now"), _("Leads in the highest band when this was worked out.")),
        Measure(
            "accepted",
            _("Accepted"),
            _("Leads that sales accepted in the period, whenever they were handed over."),
        ),
        Measure(
            "rejected",
            _("Rejected"),
            _("Leads that sales rejected in the period, whenever they were handed over."),
        ),
        Measure(
            "waiting",
            _("Not answered yet"),
            _("Leads that sales had neither accepted nor rejected at the end of the period."),
        ),
        Measure(
            "tried",
            _("First attempts"),
            _("Leads that somebody tried to reach in the period for the first time."),
        ),
        Measure(
            "reached",
            _("Reached by phone"),
            _("Leads with a call in the period that was answered."),
        ),
        Measure(
            "meetings",
            _("With a meeting"),
            _("Leads with an activity “meeting” or “meeting booked” in the period."),
        ),
        Measure(
            "opened", _("With a new deal"), _("Leads with a deal that was opened in the period.")
        ),
        Measure("won", _("Won"), _("Leads with a deal that was closed as won in the period.")),
        Measure(
            "amount",
            _("Won, amount"),
            _("The amounts of all deals that were closed as won in the period, added up."),
        ),
        Measure(
            "response_in_time",
            _("First attempts in time"),
            _(
                "Of the handovers whose first attempt fell due in the period by the service level, "
                "the share that was tried by then, with Wilson's interval for 95 of 100 cases. "
                "Whom sales rejected without an attempt does not count."
            ),
        ),
        Measure(
            "response_late",
            _("First attempt late or missing"),
            _("Leads of those handovers that were tried later, or not yet."),
        ),
        Measure(
            "response_mean",
            _("Working time to the first attempt"),
            _(
                "The mean of the working time from the handover to the first attempt, of the first "
                "attempts in the period."
            ),
        ),
        Measure(
            "answer_in_time",
            _("Answers in time"),
            _(
                "Of the handovers whose answer fell due in the period by the service level, the "
                "share that was accepted or rejected by then, with Wilson's interval."
            ),
        ),
        Measure(
            "answer_late",
            _("Answer late or missing"),
            _("Leads of those handovers that were answered later, or not yet."),
        ),
        Measure(
            "hot_rejected",
            _("Hot but rejected"),
            _(
                "Leads that were handed over in the highest band and rejected by sales in the "
                "period."
            ),
        ),
        Measure(
            "cold_won",
            _("Cold but won"),
            _(
                "Leads with a deal that was won in the period, whose stored score was in the "
                "lowest band when the deal was opened."
            ),
        ),
        Measure(
            "helping",
            _("Odds"),
            _(
                "How many times higher the odds of success are where the rule counts, beside the "
                "other rules; taken from the report on rules, over its own period. Only rules for "
                "which this is surely more than 1."
            ),
        ),
        Measure(
            "near",
            _("Near the threshold"),
            _("Leads that now lack ten points or less to the highest band."),
        ),
        Measure(
            "changes",
            _("Changes of the model"),
            _("Lines of the model's audit trail of the period."),
        ),
        Measure(
            "live",
            _("Versions brought live"),
            _("How often a version of the model came into force in the period."),
        ),
    )

    def make(self, question: Question) -> Sequence[Section]:
        track = question.track
        if track is None:
            return [Section("", [Words(str(NO_MODEL))])]
        return list(sections_of(Facts(question, track), Facts(question.before(), track)))

    def permission_behind(self, key: str) -> str:
        return VIEW if is_goal(key) else self.permission

    def behind(self, question: Question, key: str) -> QuerySet[Contact] | None:
        track = question.track
        if track is None:
            return None
        return behind_goal(question, key) if is_goal(key) else Facts(question, track).behind(key)
