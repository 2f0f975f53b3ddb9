"""Handovers for other programs, and for people who are logged in: what sales said of which lead."""

from typing import Any, ClassVar

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from contacts.filters import ContactFilter, InstantFilter, SwitchFilter, WholeFilter
from contacts.normalise import normalise
from scoring.api.keys import allowed, not_authenticated
from scoring.api.models import ApiKey, Scope
from scoring.api.reading import ListView
from scoring.api.schema import handovers as schema
from scoring.api.schema.lists import asked
from scoring.api.scores import Data, lead_data
from scoring.engine.doubts import ScoreDoubt
from scoring.pipeline.feedback.models import Handover, VerdictKind

AS_THEY_ARE = (
    *("id", "band", "total", "handed_at", "respond_by", "responded_at", "response_seconds"),
    *("feedback_by", "answered_at"),
)


class HandoverFilter(ContactFilter):
    """Handovers, by themselves and by their contact."""

    path: ClassVar[str] = "contact__"

    model = CharFilter(
        field_name="model__name", max_length=200, label=_("name of the scoring model")
    )
    band = CharFilter(field_name="band", max_length=200, label=_("band"))
    total_min = WholeFilter(field_name="total", lookup_expr="gte", label=_("lowest total"))
    total_max = WholeFilter(field_name="total", lookup_expr="lte", label=_("highest total"))
    handed_to = CharFilter(
        method="by_handed_to",
        max_length=255,
        label=_("user name of the owner when it was handed over"),
    )
    verdict = ChoiceFilter(
        method="by_verdict",
        choices=[*VerdictKind.choices, ("waiting", _("Waiting"))],
        label=_("verdict"),
        empty_label=None,
    )
    reason = CharFilter(
        field_name="reason__slug", max_length=64, label=_("key of the reason of a rejection")
    )
    overdue = SwitchFilter(
        method="by_overdue", label=_("the first attempt or the answer is past its time")
    )
    handed_since = InstantFilter(
        field_name="handed_at", lookup_expr="gte", label=_("handed over since")
    )
    handed_before = InstantFilter(
        field_name="handed_at", lookup_expr="lt", label=_("handed over before")
    )
    changed_since = InstantFilter(
        method="by_change", label=_("handed over, reached or answered since")
    )

    def by_handed_to(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        names = Handover.objects.order_by().values_list("owner", flat=True).distinct()
        wanted = normalise(value)
        return rows.filter(owner__in=[each for each in names if normalise(each) == wanted])

    def by_verdict(self, rows: Any, name: str, value: str) -> QuerySet[Any]:
        waiting: QuerySet[Any] = (
            rows.waiting() if value == "waiting" else rows.filter(verdict=value)
        )
        return waiting

    def by_overdue(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        late = Handover.objects.overdue(timezone.now()).order_by().values("pk")
        return rows.filter(pk__in=late) if value else rows.exclude(pk__in=late)

    def by_change(self, rows: QuerySet[Any], name: str, value: object) -> QuerySet[Any]:
        steps = ("handed_at__gte", "responded_at__gte", "answered_at__gte")
        return rows.filter(Q(*((step, value) for step in steps), _connector=Q.OR))


class MayReadHandovers(BasePermission):
    """A key with the scope of its own, or a person who sees them in the admin."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ApiKey):
            return allowed(request, Scope.HANDOVERS_READ)
        if not request.user.is_authenticated:
            raise not_authenticated()
        return bool(request.user.has_perms(["contacts.view_contact", "scoring.view_handover"]))


class HandoversView(ListView):
    """Leads that were handed over, the newest first."""

    permission_classes = [MayReadHandovers]
    filterset_class = HandoverFilter
    orders: ClassVar[dict[str, tuple[str, ...]]] = {"-id": ("-id",), "id": ("id",)}

    def get_queryset(self) -> QuerySet[Handover]:
        doubts = ScoreDoubt.objects.order_by("pk")
        return self.seen(Handover.objects.all()).select_related(
            "contact__company", "model", "reason", "answered_by"
        ).prefetch_related(Prefetch("contact__score_doubts", queryset=doubts))  # fmt: skip

    @extend_schema(**schema.LIST_HANDOVERS, parameters=asked(HandoverFilter, orders))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([shown(handover) for handover in page or ()])


def shown(handover: Handover) -> Data:
    by = handover.answered_by
    return {
        **{name: getattr(handover, name) for name in AS_THEY_ARE},
        "contact": lead_data(handover.contact),
        "model": handover.model.name,
        "handed_to": handover.owner,
        "verdict": handover.verdict or None,
        "reason": handover.reason.slug if handover.reason else None,
        "comment": handover.text,
        "answered_by": by.get_username() if by else "",
        "doubts": [
            {
                "rule": doubt.rule,
                "direction": doubt.direction,
                "reason": doubt.text,
                "state": doubt.state,
                "at": doubt.at,
            }
            for doubt in handover.contact.score_doubts.all()
            if doubt.model_id == handover.model_id
        ],
    }
