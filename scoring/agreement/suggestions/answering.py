"""What becomes of a suggestion: taken over, declined, live; and its author hears of it."""

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from scoring.agreement.audit import AuditEntry
from scoring.agreement.beginning import draft_to_change
from scoring.agreement.doubts.answering import settle
from scoring.agreement.suggestions.models import Suggestion
from scoring.automations.outbox.personal import Notification
from scoring.criteria.draft_rows import DraftGroup, DraftRule
from scoring.criteria.drafts import Draft
from scoring.criteria.models import Version
from scoring.criteria.structure import Dimension

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

NOTE_MOST = 2000
TITLE_MOST = 255
TOLD = {
    "taken": gettext_lazy("Your criterion “%(title)s” is in the draft now"),
    "declined": gettext_lazy("Your criterion “%(title)s” was declined"),
    "live": gettext_lazy("Your criterion “%(title)s” is live with version %(number)d"),
}


class NotTaken(Exception):
    """The message says why, to whoever wanted to take it."""


def take(
    suggestion: Suggestion, group_id: int | None, user: "AbstractBaseUser | AnonymousUser"
) -> DraftRule:
    """Make it a rule of the draft, in that group; raises NotTaken."""
    data = suggestion.rule_data
    if data is None:
        raise NotTaken(_("It is in words only: make it a rule first."))
    with transaction.atomic():
        draft = draft_to_change(suggestion.model, user)
        if draft is None:
            raise NotTaken(_("This model has no version yet to begin a draft from."))
        if not Suggestion.objects.answer(suggestion.pk, user, Suggestion.State.TAKEN):
            raise NotTaken(_("Somebody has answered this suggestion meanwhile."))
        rule = put(suggestion, data, draft, group_id)
        Suggestion.objects.filter(pk=suggestion.pk).update(rule_name=rule.name)
        AuditEntry.objects.note(
            user, suggestion.model, "suggestion_taken", title=suggestion.title, rule=rule.name
        )
        tell(suggestion, "taken")
        settle(suggestion, "taken", "", user)
    return rule


def put(
    suggestion: Suggestion, data: dict[str, Any], draft: Draft, group_id: int | None
) -> DraftRule:
    note = _("Suggested by %(author)s: %(reason)s") % {
        "author": suggestion.author_name,
        "reason": suggestion.reason,
    }
    dimension = dimension_of(data)
    chosen = draft.groups.filter(pk=group_id).first() if group_id else None
    group = chosen or draft.groups.filter(dimension=dimension.value).first()
    if group is not None:
        return draft.add_rule(group, data, note[:NOTE_MOST])
    name = _("Suggested criteria")
    made: DraftGroup = draft.put_group(
        {"name": name, "dimension": dimension.value, "rules": []}, name
    )
    return draft.add_rule(made, data, note[:NOTE_MOST])


def dimension_of(data: dict[str, Any]) -> Dimension:
    """Who they are is fit, what they did is interest."""
    return Dimension.FIT if "when" in data else Dimension.INTEREST


def decline(suggestion: Suggestion, answer: str, user: "AbstractBaseUser | AnonymousUser") -> bool:
    """False where somebody else has answered meanwhile."""
    with transaction.atomic():
        state = Suggestion.State.DECLINED
        if not Suggestion.objects.answer(suggestion.pk, user, state, answer=answer):
            return False
        AuditEntry.objects.note(
            user, suggestion.model, "suggestion_declined", title=suggestion.title, answer=answer
        )
        tell(suggestion, "declined", answer)
        settle(suggestion, "declined", answer, user)
    return True


def tell(suggestion: Suggestion, what: str, text: str = "", number: int = 0) -> None:
    """A notification for its author, in the installation's language as all that is stored."""
    if suggestion.author_id is None:
        return
    with override(settings.LANGUAGE_CODE):
        words = cast("Promise", TOLD[what])
        title = str(words) % {"title": suggestion.title, "number": number}
    Notification.objects.create(
        user_id=suggestion.author_id,
        title=title[:TITLE_MOST],
        text=text,
        link=reverse("admin:scoring_suggestion_change", args=[suggestion.pk]),
    )


def tell_authors(version: Version) -> int:
    """Tell whose criterion has come into force with this version, each once; how many."""
    waiting = Suggestion.objects.filter(
        model=version.model_id, state=Suggestion.State.TAKEN, live_version=None
    )
    told = 0
    for suggestion in waiting:
        if not is_in(suggestion, version):
            continue
        with transaction.atomic():
            if waiting.filter(pk=suggestion.pk).update(live_version=version):
                tell(suggestion, "live", number=version.number)
                told += 1
    return told


def is_in(suggestion: Suggestion, version: Version) -> bool:
    """By the name of the rule, or by its test where the rule was given another name."""
    test = test_of(suggestion.rule or {})
    return any(
        rule.name == suggestion.rule_name or test_of(rule.data()) == test
        for rule in version.document_value.rules
    )


def test_of(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in ("name", "points", "exclude")}
