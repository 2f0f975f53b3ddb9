"""A decision that changes the model: into its draft, carried out there, and proposed with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from scoring.agreement.beginning import draft_to_change
from scoring.agreement.beside import draft_note, proposal_reasons, when_proposed
from scoring.agreement.proposals import REASON_MOST
from scoring.agreement.rights import may_write_draft
from scoring.criteria.drafts import Draft
from scoring.criteria.models import ScoringModel, Version
from scoring.reports.asking import own_zone
from scoring.reports.review.deciding import Deed, Refused
from scoring.reports.review.models import Decision
from scoring.reports.review.pointing import rule_of, rules_in

WRITE: Final = "scoring.change_meeting"


@dataclass(frozen=True, slots=True)
class PutIntoDraft(Deed):
    """The draft is begun where there is none; who asks twice gets to it twice."""

    decision: Decision
    user: User
    model: ScoringModel

    def do(self) -> Draft:
        # The model before the decision, as whoever proposes its draft has them locked.
        draft = draft_to_change(self.model, self.user)
        if draft is None:
            raise Refused(gettext("This model has no version yet to begin a draft from."))
        if not Draft.objects.select_for_update(of=("self",)).filter(pk=draft.pk).exists():
            raise Refused(gettext("The draft has been discarded meanwhile."))
        decision = self.locked()
        if decision.suggestion_id is not None:
            raise Refused(gettext("Somebody has made the suggestion meanwhile."))
        refuse_what_is_proposed(decision)
        if decision.draft is None:
            decision.draft, decision.kind = draft, Decision.Kind.CHANGE
            take_back(decision, "draft", "kind")
        elif decision.draft != draft:
            said = gettext("It is in the draft of “%(model)s” already: leave it out there first.")
            raise Refused(said % {"model": decision.draft.model})
        return draft


@dataclass(frozen=True, slots=True)
class LeaveOut(Deed):
    """It is not for the draft after all, and open again."""

    decision: Decision
    user: User

    def do(self) -> None:
        decision = self.locked()
        need_draft(self.user, decision)
        refuse_what_is_proposed(decision)
        if decision.draft is None:
            raise Refused(gettext("It is in no draft any more."))
        decision.draft, decision.kind = None, decision.kind_without_draft
        take_back(decision, "draft", "kind")


@dataclass(frozen=True, slots=True)
class Finish(Deed):
    """It is carried out; ``is_done`` False takes that back."""

    decision: Decision
    user: User
    is_done: bool = True

    def do(self) -> None:
        decision = self.locked()
        need_draft(self.user, decision)
        refuse_what_is_proposed(decision)
        if decision.has_lost_its_draft:
            # Done by other means than the draft that is gone, which is told no more.
            decision.kind = decision.kind_without_draft
        if self.is_done:
            decision.done_at, decision.done_by = timezone.now(), self.user
            decision.save(update_fields=["kind", "done_at", "done_by"])
        else:
            take_back(decision, "kind")


def need_draft(user: User, decision: Decision) -> None:
    """What is in a draft, or proposed, is for those who write it. Raises PermissionDenied."""
    model = decision.draft.model if decision.draft else None
    if decision.version is not None and decision.is_on_its_way:
        model = decision.version.model
    if model is not None and not may_write_draft(user, model):
        raise PermissionDenied


def refuse_what_is_proposed(decision: Decision) -> None:
    if decision.is_on_its_way:
        raise Refused(gettext("It is in a version already."))


def take_back(decision: Decision, *changed: str) -> None:
    """It is not done; were the version that was withdrawn proposed again, it is not in there."""
    decision.done_at = decision.done_by = decision.version = None
    decision.save(update_fields=[*changed, "done_at", "done_by", "version"])


def waiting_in(model: ScoringModel) -> list[Decision]:
    """Those that are to be put into its draft and are not yet."""
    rows = Decision.objects.in_draft_of(model).filter(done_at=None)
    return list(rows.select_related("meeting").defer("meeting__figures"))


@draft_note
def note_of_decisions(request: HttpRequest, model: ScoringModel) -> str:
    """What was decided, in sight of whoever carries it out."""
    decisions = waiting_in(model)
    if not decisions or not request.user.has_perm("scoring.view_meeting"):
        return ""
    may_finish = request.user.has_perm(WRITE) and may_write_draft(request.user, model)
    rules, zone = rules_in(model), own_zone()
    rows = [
        (decision, rule_of(decision, rules), decision.meeting.day_in_words(zone))
        for decision in decisions
    ]
    context = {"rows": rows, "may_finish": may_finish, "model": model}
    return render_to_string("scoring/review/draft_note.html", context, request)


@proposal_reasons
def reasons_of_decisions(model: ScoringModel) -> list[str]:
    """What was decided and is carried out in the draft, for those who sign."""
    rows = Decision.objects.in_draft_of(model).exclude(done_at=None)
    said, zone = gettext("Decision of the meeting of %(when)s: %(text)s"), own_zone()
    return fitting(
        [
            said % {"when": each.meeting.day_in_words(zone), "text": each.text}
            for each in rows.select_related("meeting")
            .defer("meeting__figures")
            .order_by("done_at", "pk")
        ]
    )


def fitting(reasons: Sequence[str]) -> list[str]:
    """Those for which a proposal has room, and how many more there are."""
    room = REASON_MOST - width(and_more(len(reasons)))
    found = []
    for reason in reasons:
        if width(reason) <= room:
            found.append(reason)
            room -= width(reason)
    left = len(reasons) - len(found)
    return [*found, and_more(left)] if left else found


def and_more(count: int) -> str:
    said = ngettext("And %(count)d more decision.", "And %(count)d more decisions.", count)
    return said % {"count": count}


def width(reason: str) -> int:
    """With the end of its line, as a form sends it: every end of a line is two characters."""
    lines = reason.replace("\r\n", "\n")
    return len(lines) + lines.count("\n") + len("\r\n")


@when_proposed
def keep_version(version: Version) -> None:
    """From then on they are what that version is."""
    carried_out = Decision.objects.in_draft_of(version.model).exclude(done_at=None)
    carried_out.update(version=version)
