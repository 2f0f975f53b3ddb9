"""What becomes of the doubts about a rule; whoever had one hears of it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contacts.models.teams import name_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.suggestions.models import NAME_MOST, REASON_MOST, Suggestion
from scoring.automations.outbox.personal import Notification
from scoring.criteria.faults import LONGEST_NAME
from scoring.criteria.models import ScoringModel
from scoring.engine.doubts import ScoreDoubt

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

TITLE_MOST: Final = 255
TOLD: Final = {
    ScoreDoubt.State.SUGGESTED: gettext_lazy("Your doubt about “%(rule)s” is a suggestion now"),
    ScoreDoubt.State.TAKEN: gettext_lazy("After your doubt the rule “%(rule)s” is changed"),
    ScoreDoubt.State.DECLINED: gettext_lazy("After your doubt the rule “%(rule)s” stays"),
}


def answer(
    doubts: "list[ScoreDoubt]",
    state: ScoreDoubt.State,
    text: str,
    user: "User | AbstractBaseUser | AnonymousUser",
) -> int:
    """Answer those that are still open, and tell each author once a rule; how many."""
    with transaction.atomic():
        rows = ScoreDoubt.objects.select_for_update(of=("self",)).order_by("pk")
        found = list(rows.open().filter(pk__in=[each.pk for each in doubts]))
        ScoreDoubt.objects.filter(pk__in=[each.pk for each in found]).update(
            state=state, answer=text, answered_by=user, answered_at=timezone.now()
        )
        tell(found, state, text)
    return len(found)


def tell(doubts: Iterable[ScoreDoubt], state: ScoreDoubt.State, text: str) -> None:
    """In the installation's language, as everything that is stored for others to read."""
    first = {(each.author_id, each.rule): each for each in doubts}
    with override(settings.LANGUAGE_CODE):
        for (author, _rule), each in first.items():
            if author is None:
                continue
            title = str(cast("Promise", TOLD[state])) % {"rule": each.rule}
            Notification.objects.create(
                user_id=author,
                title=title[:TITLE_MOST],
                text=text,
                link=reverse("admin:scoring_lead_change", args=[each.contact_id]),
            )


def suggest(
    model: ScoringModel,
    rule: str,
    doubts: "list[ScoreDoubt]",
    user: "User | AbstractBaseUser | AnonymousUser",
) -> Suggestion | None:
    """One suggestion for the doubts about a rule, in words; None where none is open any more."""
    known = cast(User, user)
    with transaction.atomic():
        count = answer(doubts, ScoreDoubt.State.SUGGESTED, "", user)
        if not count:
            return None
        made = Suggestion.objects.create(
            model=model,
            author=known,
            author_name=name_of(known)[:NAME_MOST],
            title=(_("Look at “%(rule)s” again") % {"rule": rule})[:LONGEST_NAME],
            reason=reasons(doubts)[:REASON_MOST],
            contact_id=doubts[0].contact_id,
        )
        made.doubts.set(doubts)
        AuditEntry.objects.note(user, model, "suggested", title=made.title)
    return made


def reasons(doubts: "list[ScoreDoubt]") -> str:
    return "\n".join(f"{each.get_direction_display()}: {each.text}" for each in doubts)


def settle(suggestion: Suggestion, state: str, text: str, user: Any) -> None:
    """The suggestion that they became was answered: so are they, and their authors hear of it."""
    doubts = list(suggestion.doubts.filter(state=ScoreDoubt.State.SUGGESTED))
    if not doubts:
        return
    outcome = ScoreDoubt.State(state)
    ScoreDoubt.objects.filter(pk__in=[each.pk for each in doubts]).update(
        state=outcome, answer=text, answered_by=user, answered_at=timezone.now()
    )
    tell([each for each in doubts if each.author_id != suggestion.author_id], outcome, text)
