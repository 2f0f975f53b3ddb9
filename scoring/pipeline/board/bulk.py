"""One thing done to all ticked cards: each is asked whether this person may, and all is told."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django import forms
from django.contrib.admin.models import CHANGE
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.models import Calendar, Contact, Deal, Stage, Tag, Task
from contacts.models.assignments import How, Why
from contacts.models.teams import person_for_owner
from contacts.provenance import recorded_as
from contacts.working_time import NoWorkingTime
from scoring.criteria.form_fields import choice_field, number_field
from scoring.pipeline.assigning.claiming import Claim, give, may_claim
from scoring.pipeline.assigning.claiming import NotPossible as NotClaimed
from scoring.pipeline.board.cards import Board, Card
from scoring.pipeline.board.filters import MINE, NOBODY, owners
from scoring.pipeline.board.moving import Gone, MoveDeal, NotPossible, OpenDeal, note

DAYS_MOST: Final = 365
REASONS_SHOWN: Final = 3


@dataclass
class Outcome:
    """How many cards it was done for, and why not for the others."""

    done: int = 0
    left: Counter[str] = field(default_factory=Counter)
    # What takes it back: a card, its stage and its reason before.
    undo: list[dict[str, Any]] = field(default_factory=list)

    @property
    def message(self) -> str:
        said = ngettext("Done for %(count)d card.", "Done for %(count)d cards.", self.done)
        parts = [said % {"count": self.done}]
        if count := self.left.total():
            text = ngettext(
                "%(count)d was left as it is:", "%(count)d were left as they are:", count
            )
            parts.append(text % {"count": count})
            parts.extend(reason for reason, _count in self.left.most_common(REASONS_SHOWN))
        return " ".join(parts)


class KindForm(forms.Form):
    kind = choice_field(gettext_lazy("What is to be done"), [])

    def __init__(self, offered: "list[BulkForm]") -> None:
        super().__init__(auto_id=False)
        choices = [(form.kind, form.title) for form in offered]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


class BulkForm(forms.Form):
    """What is asked before it is done; ``do`` does it for one card or raises NotPossible."""

    kind: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""
    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, board: Board, data: Any = None) -> None:
        self.board = board
        super().__init__(data, prefix=self.kind)
        self.prepare()

    def prepare(self) -> None:
        pass

    @property
    def user(self) -> User:
        return self.board.user

    def may(self) -> bool:
        return all(self.user.has_perm(name) for name in self.needs)

    def do(self, card: Card, outcome: Outcome) -> None:
        raise NotImplementedError

    def run(self, cards: list[Card], missing: int) -> Outcome:
        """Raises PermissionDenied. Each card by itself: one that fails stops no other."""
        if not self.may():
            raise PermissionDenied
        outcome = Outcome()
        if missing:
            outcome.left[str(Gone())] += missing
        for card in cards:
            try:
                with transaction.atomic():
                    self.do(card, outcome)
            except (NotPossible, NotClaimed, Gone) as refused:
                outcome.left[str(refused)] += 1
            else:
                outcome.done += 1
        return outcome


def locked(card: Card, user: User) -> Contact:
    """The contact of a card, as it is now. Raises Gone or NotPossible."""
    if card.contact is None:
        raise NotPossible(_("This deal has no contact."))
    rows = Contact.objects.visible_to(user).select_for_update(no_key=True)
    found = rows.filter(pk=card.contact.pk).first()
    if found is None:
        raise Gone
    return found


class AssignForm(BulkForm):
    kind = "assign"
    title = gettext_lazy("Give to")
    needs = ("contacts.change_contact", "contacts.change_deal")

    owner = choice_field(gettext_lazy("Owner"), [])

    def prepare(self) -> None:
        people = [(name, label) for name, label in owners() if name not in (MINE, NOBODY)]
        self.fields["owner"].choices = people  # type: ignore[attr-defined]

    def do(self, card: Card, outcome: Outcome) -> None:
        owner = self.cleaned_data["owner"]
        if person_for_owner(owner) is None:
            raise NotPossible(_("“%(name)s” does not work here any more.") % {"name": owner})
        if card.contact is not None:
            self.give_contact(locked(card, self.user), owner)
        if card.deal is not None and card.deal.owner != owner:
            Deal.objects.filter(pk=card.deal.pk).update(owner=owner)
            note(self.user, card.deal, CHANGE, [{"changed": {"fields": ["owner"]}}])

    def give_contact(self, contact: Contact, owner: str) -> None:
        is_own = owner == self.user.get_username()
        if is_own and not contact.owner_norm and may_claim(self.user):
            Claim(contact, self.user).execute()
        elif contact.owner != owner:
            give(contact, owner, Why(How.HANDED, by=self.user.pk), self.user)


class StageForm(BulkForm):
    kind = "stage"
    title = gettext_lazy("Move to")
    needs = ("contacts.change_deal", "contacts.add_deal")

    stage = choice_field(gettext_lazy("Stage"), [])
    reason = forms.CharField(
        label=gettext_lazy("Customer's reason"),
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
    )

    def prepare(self) -> None:
        stages = [(str(stage.pk), stage.name) for stage in self.board.stages]
        self.fields["stage"].choices = stages  # type: ignore[attr-defined]

    def do(self, card: Card, outcome: Outcome) -> None:
        wanted = self.cleaned_data["stage"]
        stage = next(each for each in self.board.stages if str(each.pk) == wanted)
        reason = None if stage.is_open else self.cleaned_data["reason"]
        moved = move(card.place.kind, card.place.pk, stage, card.stage_id, self.user, reason)
        if moved.before is not None:
            key = f"d{moved.deal.pk}"
            outcome.undo.append(
                {"key": key, "stage": moved.before, "seen": stage.pk, "reason": moved.reason}
            )


def move(kind: str, pk: int, stage: Stage, seen: int, user: User, reason: str | None) -> Any:
    """A card of either kind. Raises PermissionDenied, Gone or NotPossible."""
    if kind == "d":
        return MoveDeal(pk, stage, seen, user, reason).execute()
    return OpenDeal(pk, stage, user, reason).execute()


class TaskForm(BulkForm):
    kind = "task"
    title = gettext_lazy("Give a task")
    needs = ("contacts.add_task",)

    title_of_task = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )
    days = number_field(
        gettext_lazy("In so many working days"), min_value=0, max_value=DAYS_MOST, initial=1
    )

    def do(self, card: Card, outcome: Outcome) -> None:
        contact = locked(card, self.user)
        now = timezone.now()
        try:
            working_time = Calendar.objects.default().working_time()
            due = working_time.add_days(now, self.cleaned_data["days"])
        except NoWorkingTime as none:
            raise NotPossible(str(none)) from None
        Task.objects.create(
            contact=contact,
            title=self.cleaned_data["title_of_task"],
            assignee=person_for_owner(card.owner) or self.user,
            due_at=due,
        )


class TagForm(BulkForm):
    kind = "tag"
    title = gettext_lazy("Add a tag")
    needs = ("contacts.change_contact", "contacts.view_tag")

    tag = forms.ModelChoiceField(
        Tag.objects.all(), label=gettext_lazy("Tag"), widget=UnfoldAdminSelectWidget
    )

    def do(self, card: Card, outcome: Outcome) -> None:
        contact = locked(card, self.user)
        with recorded_as(f"admin: {self.user.get_username()}"):
            contact.tags.add(self.cleaned_data["tag"])


FORMS: Final = {form.kind: form for form in (AssignForm, StageForm, TaskForm, TagForm)}


def forms_for(board: Board) -> list[BulkForm]:
    """What this person may do to ticked cards."""
    return [form for make in FORMS.values() if (form := make(board)).may()]
