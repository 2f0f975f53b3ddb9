"""What is done to terms: a new set is written, signed by both sides, or put away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Lifecycle
from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.agreement.changes import Change, Done
from scoring.agreement.sides import sides_of, who_sign
from scoring.agreement.told import tell_people
from scoring.criteria.models import ScoringModel
from scoring.reports.terms.models import Goal, Terms, TermsSignature, contents

CHANGE: Final = "scoring.change_terms"
VIEW: Final = "scoring.view_terms"


@dataclass(frozen=True, slots=True)
class Said:
    """What a new set says; ``goals`` by what they are set for and the band."""

    every: str
    words: Mapping[Lifecycle, str]
    notes: str
    goals: Mapping[tuple[str, str], int]


def standing_sets(model: ScoringModel) -> tuple[Terms | None, Terms | None]:
    """The set in force, and the one that waits for signatures."""
    sets = Terms.objects.of(model)
    return sets.in_force().first(), sets.waiting().first()


def terms_of(model: ScoringModel) -> Terms | None:
    """The set in force or, before there is one, the one that waits for signatures."""
    in_force, waiting = standing_sets(model)
    return in_force or waiting


def last_number(model: ScoringModel) -> int:
    return Terms.objects.filter(model=model).aggregate(last=Max("number"))["last"] or 0


def page_of(model: ScoringModel) -> str:
    return f"{reverse('admin:terms')}?model={model.pk}"


class TermsChange(Change[Done]):
    """Of one model; who cares is told in the same transaction."""

    def note(self, action: Action, terms: Terms, side: str = "") -> None:
        detail = {"side": side} if side else {}
        AuditEntry.objects.note(self.user, self.model, action, None, set=terms.number, **detail)

    def tell(
        self, terms: Terms, occasion: str, title: str | Promise, text: str | Promise = ""
    ) -> None:
        tell_people(
            [user for user in who_sign() if user.pk != self.user.pk],
            f"terms:{occasion}",
            page_of(self.model),
            title,
            text,
            who=name_of(self.user),
            number=terms.number,
            model=self.model.name,
        )


class NewSet(TermsChange[Terms]):
    """``looked_at``: the number of the last set that was there when this was written."""

    permission: ClassVar[str] = CHANGE

    def __init__(self, user: object, model: ScoringModel, said: Said, looked_at: int) -> None:
        super().__init__(user, model)  # type: ignore[arg-type]  # of any request
        self.said, self.looked_at = said, looked_at

    def check(self) -> list[str]:
        if last_number(self.model) != self.looked_at:
            return [_("Somebody has changed the terms meanwhile. Look at them first.")]
        in_force, waiting = standing_sets(self.model)
        if contents(waiting or in_force) == self.contents():
            return [_("Nothing is different: there is nothing to sign.")]
        if not self.said.goals:
            return [_("Set at least one goal.")]
        return []

    def contents(self) -> dict[str, object]:
        goals = {f"{what} {band}".strip(): n for (what, band), n in self.said.goals.items()}
        words = {stage.value: said for stage, said in self.said.words.items()}
        said = self.said
        return {"every": said.every, "notes": said.notes, "words": words, "goals": goals}

    def do(self) -> Terms:
        now = timezone.now()
        Terms.objects.filter(model=self.model).waiting().update(ended_at=now)
        terms = Terms.objects.create(
            model=self.model,
            number=self.looked_at + 1,
            every=self.said.every,
            notes=self.said.notes,
            made_by=self.user,
            made_name=self.user.get_username(),
            made_at=now,
            **{stage.value: said for stage, said in self.said.words.items()},
        )
        Goal.objects.bulk_create(
            Goal(terms=terms, what=what, band=band, number=number)
            for (what, band), number in self.said.goals.items()
        )
        self.note(Action.TERMS_CHANGED, terms)
        self.tell(
            terms,
            f"new:{terms.pk}",
            gettext_lazy("%(who)s has changed the terms and goals of “%(model)s”"),
            gettext_lazy("They hold when both sides have signed them."),
        )
        return terms


class SetChange(TermsChange[Done]):
    def __init__(self, user: object, terms: Terms) -> None:
        super().__init__(user, terms.model)  # type: ignore[arg-type]  # of any request
        self.terms = terms

    def still_waits(self) -> list[str]:
        if Terms.objects.waiting().filter(pk=self.terms.pk).exists():
            return []
        return [_("Another set of terms stands there now. Look at it first.")]

    def own(self) -> TermsSignature | None:
        found = TermsSignature.objects.filter(terms=self.terms, user=self.user.pk, void_at=None)
        return found.first()


class SignTerms(SetChange[TermsSignature]):
    def __init__(self, user: object, terms: Terms, side: str) -> None:
        super().__init__(user, terms)
        self.side = side

    def may(self) -> bool:
        return self.side in sides_of(self.user)

    def check(self) -> list[str]:
        found = self.still_waits()
        if (own := self.own()) is not None:
            side = {"side": own.get_side_display()}
            found.append(_("You have signed for %(side)s; nobody signs twice.") % side)
        elif self.side not in Terms.objects.get(pk=self.terms.pk).missing_sides():
            found.append(_("This side has signed already."))
        return found

    def do(self) -> TermsSignature:
        terms, now = Terms.objects.get(pk=self.terms.pk), timezone.now()
        signature = TermsSignature.objects.create(
            terms=terms,
            side=self.side,
            user=self.user,
            username=self.user.get_username(),
            at=now,
        )
        self.note(Action.TERMS_SIGNED, terms, side=self.side)
        title = gettext_lazy("%(who)s has signed the terms and goals of “%(model)s”")
        if terms.missing_sides():
            self.tell(terms, f"signed:{signature.pk}", title)
            return signature
        Terms.objects.filter(model=self.model).in_force().update(ended_at=now)
        Terms.objects.filter(pk=terms.pk).update(agreed_at=now)
        AuditEntry.objects.note(None, self.model, Action.TERMS_AGREED, set=terms.number)
        self.tell(
            terms, f"agreed:{signature.pk}", title, gettext_lazy("Both sides have: they hold now.")
        )
        return signature


class UnsignTerms(SetChange[None]):
    """Until both sides have signed; afterwards it takes a new set."""

    def may(self) -> bool:
        return bool(sides_of(self.user))

    def check(self) -> list[str]:
        found = self.still_waits()
        if self.own() is None:
            found.append(_("You have not signed these terms."))
        return found

    def do(self) -> None:
        if (own := self.own()) is None:
            return
        TermsSignature.objects.filter(pk=own.pk).update(void_at=timezone.now())
        self.note(Action.TERMS_UNSIGNED, self.terms, side=own.side)
        title = gettext_lazy(
            "%(who)s has taken back the signature under the terms and goals of “%(model)s”"
        )
        text = gettext_lazy("They hold when both sides have signed them.")
        self.tell(self.terms, f"unsigned:{own.pk}", title, text)


class WithdrawTerms(SetChange[None]):
    """What waits is put away; what was in force before stays so."""

    permission: ClassVar[str] = CHANGE

    def check(self) -> list[str]:
        return self.still_waits()

    def do(self) -> None:
        Terms.objects.filter(pk=self.terms.pk).update(ended_at=timezone.now())
        self.note(Action.TERMS_WITHDRAWN, self.terms)
        self.tell(
            self.terms,
            f"withdrawn:{self.terms.pk}",
            gettext_lazy("%(who)s has put away the set of terms and goals of “%(model)s”"),
            gettext_lazy("It waited for signatures; nothing else changes."),
        )
