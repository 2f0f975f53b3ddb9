"""What is asked of whoever accepts or rejects, and how the answered ones are filtered."""

from typing import Any, ClassVar, Final

from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter
from django_filters.filterset import FilterSet
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from contacts.normalise import normalise
from contacts.values import Wrong
from scoring.criteria.models import ScoringModel
from scoring.criteria.values import clean_text
from scoring.pipeline.feedback.answering import Said
from scoring.pipeline.feedback.models import TEXT_MOST, Handover, VerdictKind
from scoring.pipeline.feedback.reasons import RejectionReason

LATE, IN_TIME = "late", "in_time"
EVERY: Final = gettext_lazy("all")


def reasons_for(handover: Handover | None = None) -> QuerySet[RejectionReason]:
    """Those that are offered, and the one that was given though it is not any more."""
    given = handover.reason_id if handover else None
    return RejectionReason.objects.filter(Q(active=True) | Q(pk=given)).order_by("position", "pk")


class AnswerForm(forms.Form):
    """Accepted or rejected; a reason only counts beside a rejection."""

    verdict = forms.ChoiceField(choices=VerdictKind.choices, widget=forms.RadioSelect)
    reason = forms.ModelChoiceField(
        queryset=RejectionReason.objects.none(),
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=gettext_lazy("Comment"),
        required=False,
        max_length=TEXT_MOST,
        widget=forms.Textarea({"rows": 3, "class": "qual-input"}),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, handover: Handover | None, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reason: Any = self.fields["reason"]
        reason.queryset = reasons_for(handover)
        self.fields["verdict"].error_messages["required"] = _("Accept it, or reject it.")

    def clean_text(self) -> str:
        try:
            return clean_text(self.cleaned_data["text"].strip())
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from None

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for fault in self.said(cleaned).faults():
                self.add_error("reason", fault)
        return cleaned

    @staticmethod
    def said(cleaned: dict[str, Any]) -> Said:
        verdict = VerdictKind(cleaned["verdict"])
        is_rejected = verdict == VerdictKind.REJECTED
        return Said(verdict, cleaned["reason"] if is_rejected else None, cleaned["text"])


class HandoverFilter(FilterSet):
    """By words in the address; an empty one leaves everything in."""

    q = CharFilter(method="by_text", label=gettext_lazy("Lead"), widget=UnfoldAdminTextInputWidget)
    owner = CharFilter(
        method="by_owner",
        label=gettext_lazy("Owner"),
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
    )
    model = ModelChoiceFilter(
        queryset=ScoringModel.objects.all(),
        label=gettext_lazy("Model"),
        empty_label=EVERY,
        widget=UnfoldAdminSelectWidget,
    )

    def by_text(self, rows: Any, _name: str, value: str) -> Any:
        for word in normalise(value.replace("\0", " ")).split():
            rows = rows.filter(
                Q(contact__first_name_norm__contains=word)
                | Q(contact__last_name_norm__contains=word)
                | Q(contact__email_norm__contains=word)
                | Q(contact__company__name_norm__contains=word)
            )
        return rows

    def by_owner(self, rows: Any, _name: str, value: str) -> Any:
        name = normalise(value.replace("\0", ""))
        return rows.filter(contact__owner_norm="" if name == "-" else name)


class AnsweredFilter(HandoverFilter):
    verdict = ChoiceFilter(
        choices=VerdictKind.choices,
        label=gettext_lazy("Verdict"),
        empty_label=EVERY,
        widget=UnfoldAdminSelectWidget,
    )
    reason = ModelChoiceFilter(
        queryset=RejectionReason.objects.all(),
        label=gettext_lazy("Reason"),
        empty_label=EVERY,
        widget=UnfoldAdminSelectWidget,
    )
    when = ChoiceFilter(
        method="by_time",
        choices=[(IN_TIME, gettext_lazy("yes, in time")), (LATE, gettext_lazy("no, late"))],
        label=gettext_lazy("Answered in time"),
        empty_label=EVERY,
        widget=UnfoldAdminSelectWidget,
    )
    field_order: ClassVar[tuple[str, ...]] = ("q", "verdict", "reason", "when", "owner", "model")

    def by_time(self, rows: Any, _name: str, value: str) -> Any:
        late = Q(answered_at__gt=F("feedback_by"))
        return rows.filter(late) if value == LATE else rows.exclude(late)
