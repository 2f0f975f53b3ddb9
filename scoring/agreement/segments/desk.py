"""What a person has typed of a segment, and what it comes to now."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from contacts.admin.base import visible
from contacts.models import Contact
from contacts.numerals import numeral
from scoring.criteria.condition_tree import ConditionTree, installed_catalogue
from scoring.criteria.conditions import Condition, holds
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.fields import Catalogue
from scoring.criteria.form_fields import text_field
from scoring.criteria.moments import AsOf
from scoring.criteria.segments import Segment
from scoring.engine.deadline import OutOfTime, within
from scoring.engine.measures import Counted, count_condition

PREFIX: Final = "when"
SHOWN: Final = 10
# For the first of those who match; the count has its own.
SECONDS: Final = 1.0


class SegmentForm(forms.ModelForm[Segment]):
    """What is beside the condition."""

    name = text_field(_("Name"), required=True, max_length=200)
    description = forms.CharField(
        label=_("What it is for"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
    )

    class Meta:
        model = Segment
        fields = ("name", "description")


class Outlook(NamedTuple):
    """Who matches now, of those whom a person may see."""

    counted: Counted
    contacts: list[Contact] | None

    @property
    def text(self) -> str:
        about = gettext("About %(count)s of %(of)s contacts match now.")
        exact = gettext("%(count)s of %(of)s contacts match now.")
        return (about if self.counted.is_estimate else exact) % {
            "count": numeral(self.counted.count),
            "of": numeral(self.counted.of),
        }


def outlook(request: HttpRequest, condition: Condition, catalogue: Catalogue) -> Outlook:
    seen: Any = visible(Contact.objects.all(), request)
    now = timezone.now()
    counted = count_condition(condition, catalogue, now, contacts=seen)
    matching = seen.filter(AsOf(holds(condition, catalogue), now)).select_related("company")
    try:
        with within(SECONDS):
            shown = list(matching.order_by("-pk")[:SHOWN])
    except OutOfTime:
        return Outlook(counted, None)
    return Outlook(counted, shown)


@dataclass
class Desk:
    """One segment under somebody's hands; ``segment`` is unsaved where it is a new one."""

    request: HttpRequest
    segment: Segment
    form: SegmentForm
    tree: ConditionTree
    catalogue: Catalogue = field(default_factory=installed_catalogue)
    # Whose condition is seen when this one is saved: of a later revision nothing is lost.
    revision: int = 0

    @classmethod
    def begin(cls, request: HttpRequest, segment: Segment) -> "Desk":
        catalogue = installed_catalogue()
        tree = ConditionTree.of_data(PREFIX, segment.condition, catalogue)
        if tree.is_empty:
            tree.do("add:")
            tree.focus = ""
        else:
            tree.check()
        return cls(
            request, segment, SegmentForm(instance=segment), tree, catalogue, segment.revision
        )

    @classmethod
    def sent(cls, request: HttpRequest, segment: Segment) -> "Desk":
        catalogue = installed_catalogue()
        post = request.POST
        tree = ConditionTree.of_post(PREFIX, post, catalogue)
        given = post.get("revision", "")
        revision = int(given) if given.isdecimal() and len(given) < 10 else 0  # noqa: PLR2004
        form = SegmentForm(post, instance=segment)
        return cls(request, segment, form, tree, catalogue, revision)

    def facts(self) -> dict[str, Any]:
        """In words, with who matches where it can be read."""
        condition = self.tree.check()
        found: dict[str, Any] = {"sentence": self.tree.sentence(), "outlook": None}
        if condition is not None:
            found["outlook"] = outlook(self.request, condition, self.catalogue)
        return found

    def is_sound(self) -> bool:
        """Whether it can be saved; what is wrong is noted at its place."""
        condition = self.tree.check()
        if condition is None and self.tree.is_empty:
            self.tree.faults.append(gettext("A segment needs at least one condition: add one."))
        return self.form.is_valid() and condition is not None


def sentence_of(segment: Segment, catalogue: Catalogue) -> tuple[str, list[str]]:
    """In words, or what is wrong with it."""
    try:
        return segment.sentence(catalogue), []
    except DocumentInvalid as invalid:
        return "", [str(fault) for fault in invalid.faults]
