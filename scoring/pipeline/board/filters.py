"""The filters of the board: one class for the form and for both kinds of cards."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import CharFilter, ChoiceFilter, ModelChoiceFilter
from django_filters.filterset import FilterSet
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from contacts.filters import WholeFilter
from contacts.models import Campaign, CampaignTouch, Contact, Product
from contacts.models.teams import name_of
from contacts.normalise import normalise
from scoring.criteria.document import EXCLUDED, DocumentInvalid
from scoring.criteria.segments import Segment
from scoring.engine.admin.badges import band_name
from scoring.engine.models import Track

Rows = QuerySet[Any]
Choices = list[tuple[str, Any]]
MINE, NOBODY = "me", "-"
# Cards by name, so that an address can be read; what stands beside them is which board.
NAMES: Final = (
    *("q", "owner", "band", "grade", "least", "most", "country"),
    *("campaign", "product", "days_least", "days_most", "segment"),
)
WHICH: Final = ("pipeline", "model")
DAYS_MOST: Final = 36_500


def whole(label: Any, method: str, **limits: int) -> Any:
    return WholeFilter(method=method, label=label, widget=UnfoldAdminIntegerFieldWidget, **limits)


class CardFilter(FilterSet):
    """Filters of open deals; ``path`` leads from a row to its contact."""

    path: ClassVar[str] = "contact__"
    owned: ClassVar[str] = "owner_norm"
    began: ClassVar[str] = "opened_at"

    q = CharFilter(
        method="by_text",
        max_length=200,
        label=gettext_lazy("Text"),
        widget=UnfoldAdminTextInputWidget(
            {"placeholder": gettext_lazy("name, e-mail, company, deal")}
        ),
    )
    owner = ChoiceFilter(
        method="by_owner", label=gettext_lazy("Owner"), widget=UnfoldAdminSelectWidget
    )
    band = ChoiceFilter(
        method="by_band", label=gettext_lazy("Band"), widget=UnfoldAdminSelectWidget
    )
    grade = ChoiceFilter(
        method="by_grade", label=gettext_lazy("Grade"), widget=UnfoldAdminSelectWidget
    )
    least = whole(gettext_lazy("Score from"), "by_least")
    most = whole(gettext_lazy("Score to"), "by_most")
    country = CharFilter(
        method="by_country",
        max_length=2,
        label=gettext_lazy("Country"),
        widget=UnfoldAdminTextInputWidget({"placeholder": "ES"}),
    )
    campaign = ModelChoiceFilter(
        method="by_campaign",
        queryset=Campaign.objects.all(),
        label=gettext_lazy("Campaign"),
        widget=UnfoldAdminSelectWidget,
    )
    product = ModelChoiceFilter(
        method="by_product",
        queryset=Product.objects.all(),
        label=gettext_lazy("Product"),
        widget=UnfoldAdminSelectWidget,
    )
    days_least = whole(
        gettext_lazy("Days here from"), "by_days_least", min_value=0, max_value=DAYS_MOST
    )
    days_most = whole(
        gettext_lazy("Days here to"), "by_days_most", min_value=0, max_value=DAYS_MOST
    )
    segment = ChoiceFilter(
        method="by_segment", label=gettext_lazy("Segment"), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, data: Mapping[str, Any], rows: Rows, request: HttpRequest, track: Any):
        super().__init__(data, rows, request=request)  # type: ignore[no-untyped-call]
        # Asked for only where one is chosen, or the form is shown: a board asks every few seconds.
        # And functions, not partials: those are copied with the form, and the request cannot be.
        offered: dict[str, Callable[[], Choices]] = {
            "owner": owners,
            "band": lambda: bands(track),
            "grade": lambda: grades(track),
            "segment": lambda: segments(request),
        }
        for name, choices in offered.items():
            self.filters[name].extra["choices"] = choices

    @property
    def shown(self) -> forms.Form:
        form: forms.Form = self.form
        return form

    def found(self) -> Rows:
        rows: Rows = self.qs
        return rows

    def by_text(self, rows: Rows, name: str, value: str) -> Rows:
        """Each word somewhere: in the contact, its company or the name of the deal."""
        columns = ("first_name", "last_name", "email", "company__name")
        for word in value.replace("\0", " ").split():
            found = self.by_own_name(word)
            for column in columns:
                found |= Q((f"{self.path}{column}_norm__contains", normalise(word)))
            rows = rows.filter(found)
        return rows

    def by_own_name(self, word: str) -> Q:
        return Q(name__icontains=word)

    def by_owner(self, rows: Rows, name: str, value: str) -> Rows:
        meant = {NOBODY: "", MINE: self.request.user.get_username()}.get(value, value)
        return rows.filter((self.owned, normalise(meant)))

    def by_band(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(score__band=value)

    def by_grade(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter(score__grade=value)

    def by_least(self, rows: Rows, name: str, value: int) -> Rows:
        return rows.filter(score__total__gte=value)

    def by_most(self, rows: Rows, name: str, value: int) -> Rows:
        return rows.filter(score__total__lte=value)

    def by_country(self, rows: Rows, name: str, value: str) -> Rows:
        return rows.filter((f"{self.path}country_norm", normalise(value)))

    def by_campaign(self, rows: Rows, name: str, value: Campaign) -> Rows:
        return rows.filter(Q(campaign=value) | Q(self.met(value)))

    def met(self, campaign: Campaign) -> Exists:
        touches = CampaignTouch.objects.filter(campaign=campaign, contact=OuterRef("contact"))
        return Exists(touches)

    def by_product(self, rows: Rows, name: str, value: Product) -> Rows:
        return rows.filter(product=value)

    def by_days_least(self, rows: Rows, name: str, value: int) -> Rows:
        return rows.filter((f"{self.began}__lte", timezone.now() - timedelta(days=value)))

    def by_days_most(self, rows: Rows, name: str, value: int) -> Rows:
        return rows.filter((f"{self.began}__gt", timezone.now() - timedelta(days=value + 1)))

    def by_segment(self, rows: Rows, name: str, value: str) -> Rows:
        segment = Segment.objects.filter(key=value).first()
        try:
            found = segment.contacts() if segment else Contact.objects.none()
        except DocumentInvalid:
            found = Contact.objects.none()
        return rows.filter(contact__in=found.order_by().values("pk"))


class HandoverFilter(CardFilter):
    """The same of leads that were handed over and have no deal yet."""

    owned = "contact__owner_norm"
    began = "handed_at"

    def by_own_name(self, word: str) -> Q:
        return Q()

    def by_campaign(self, rows: Rows, name: str, value: Campaign) -> Rows:
        return rows.filter(self.met(value))

    def by_product(self, rows: Rows, name: str, value: Product) -> Rows:
        return rows.none()


def owners() -> Choices:
    people = User.objects.filter(is_active=True, is_staff=True).order_by("username")
    named = [(user.username, name_of(user)) for user in people]
    return [(MINE, _("Mine")), (NOBODY, _("Nobody's")), *named]


def bands(track: Track | None) -> Choices:
    if track is None:
        return []
    names = [band.name for band in reversed(track.version.document_value.bands)]
    return [(name, band_name(name)) for name in [*names, EXCLUDED]]


def grades(track: Track | None) -> Choices:
    matrix = track and track.version.document_value.matrix
    if not matrix:
        return []
    found = [fit.grade + interest.grade for fit in matrix.fit for interest in matrix.interest]
    return [(grade, grade) for grade in found]


def segments(request: HttpRequest) -> Choices:
    if not request.user.has_perm("scoring.view_segment"):
        return []
    return list(Segment.objects.values_list("key", "name"))


def kept(given: QueryDict) -> str:
    """What an address says of the board and its filters, in one order, for links and views."""
    wanted = QueryDict(mutable=True)
    for name in (*WHICH, *NAMES):
        if value := given.get(name, "").strip():
            wanted[name] = value
    return wanted.urlencode()
