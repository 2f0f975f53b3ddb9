"""What other programs, and people who are logged in, read: contacts, scores, explanations."""

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from contacts import values
from contacts.models import Contact, Merge
from scoring.api.filters import ContactListFilter, ScoreFilter
from scoring.api.keys import KeyAuthentication, MayRead, MaySend, PersonAuthentication
from scoring.api.models import ApiKey
from scoring.api.paging import PARAMETERS, CursorPagination
from scoring.api.problems import Problem
from scoring.api.schema import reading as schema
from scoring.api.schema.lists import asked
from scoring.api.schema.sending import SEND_CONTACTS
from scoring.api.scores import Shown
from scoring.api.sending import LimitedView, SendContactsView
from scoring.engine.explain import explain
from scoring.engine.models import Score, Track

ACTIVITIES_MOST: Final = 50
# Ids have 4 bytes.
DIGITS_MOST: Final = 9
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = timedelta(days=10 * 366)


class ReadView(LimitedView):
    """Answers a key with the scope, or a person, who is shown what they may see."""

    authentication_classes = [KeyAuthentication, PersonAuthentication]
    permission_classes = [MayRead]
    http_method_names = ["get", "head"]
    parameters: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in ("GET", "HEAD"):
            self.refuse_wrong_parameters(request)

    def refuse_wrong_parameters(self, request: Request) -> None:
        """A filter with a slip of the pen must not find everybody."""
        for name, given in request.query_params.lists():
            if name not in self.known_parameters():
                message = _("There is no such parameter here; there are: %(known)s.")
                known = ", ".join(sorted(self.known_parameters())) or "–"
                raise Problem(400, "unknown_parameter", message % {"known": known}, field=name[:64])
            if len(given) > 1 or not given[0].strip():
                message = _("Give a parameter once and with a value, or leave it out.")
                raise Problem(400, "invalid_parameter", message, field=name)

    def known_parameters(self) -> set[str]:
        return set(self.parameters)

    def seen(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Of these contacts those that whoever asks may see."""
        if isinstance(self.request.auth, ApiKey):
            return rows
        return rows.visible_to(self.request.user)  # type: ignore[attr-defined, no-any-return]

    def contacts(self) -> QuerySet[Contact]:
        """Contacts with all that is told of them, in a number of queries that does not grow."""
        live = Score.objects.live().order_by("track_id")
        return self.seen(Contact.objects.unerased()).select_related("company").prefetch_related(
            "tags", Prefetch("scores", queryset=live)
        )  # fmt: skip


class ListView(ReadView, GenericAPIView[Any]):
    """A list of rows, filtered and in pages."""

    pagination_class = CursorPagination
    filterset_class: ClassVar[Any]
    orders: ClassVar[dict[str, tuple[str, ...]]]

    def known_parameters(self) -> set[str]:
        return {*self.filterset_class.base_filters, *PARAMETERS}

    def shown_page(self, of: str) -> list[Any]:
        """The rows of the page that is asked for."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        self.shown = Shown(getattr(row, of) for row in page or ())
        return list(page or ())


class ContactsView(ListView, SendContactsView):
    """The list of contacts; sent to, it takes contacts."""

    http_method_names = ["get", "head", "post"]
    filterset_class = ContactListFilter
    orders: ClassVar[dict[str, tuple[str, ...]]] = {
        "-id": ("-id",),
        "id": ("id",),
        "email": ("email_key",),
        "-email": ("-email_key",),
        "stored_at": ("stored_at", "id"),
        "-stored_at": ("-stored_at", "-id"),
    }

    def is_sent_to(self) -> bool:
        return getattr(self.request, "method", "") == "POST"

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [KeyAuthentication()] if self.is_sent_to() else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        given: Any = super().get_permissions()
        return [MaySend()] if self.is_sent_to() else list(given)

    def get_queryset(self) -> QuerySet[Contact]:
        return self.contacts()

    @extend_schema(**schema.LIST_CONTACTS, parameters=asked(ContactListFilter, orders))
    def get(self, request: Request) -> Response:
        page = self.shown_page("pk")
        return self.get_paginated_response([self.shown.contact(contact) for contact in page])

    @extend_schema(**SEND_CONTACTS)
    def post(self, request: Request) -> HttpResponse:
        return self.send(request)


class ScoresView(ListView):
    """Scores by the live models, the hottest first."""

    filterset_class = ScoreFilter
    orders: ClassVar[dict[str, tuple[str, ...]]] = {
        "-total": ("excluded", "-total", "contact_id", "track_id"),
        "total": ("total", "contact_id", "track_id"),
        "-changed_at": ("-changed_at", "contact_id", "track_id"),
        "changed_at": ("changed_at", "contact_id", "track_id"),
    }

    def get_queryset(self) -> QuerySet[Score]:
        # By id, so that the index of the hottest is read from its top.
        live = list(Track.objects.filter(role=Track.Role.LIVE).values_list("pk", flat=True))
        scores = Score.objects.filter(track__in=live).select_related("contact__company")
        if isinstance(self.request.auth, ApiKey):
            return scores
        return scores.filter(contact__in=self.seen(Contact.objects.unerased()))

    @extend_schema(**schema.LIST_SCORES, parameters=asked(ScoreFilter, orders))
    def get(self, request: Request) -> Response:
        page = self.shown_page("contact_id")
        return self.get_paginated_response([self.shown.lead(score) for score in page])


class ContactView(ReadView):
    """One contact."""

    @extend_schema(**schema.ONE_CONTACT)
    def get(self, request: Request, pk: str) -> Response:
        contact = contact_of(self.contacts(), pk)
        if contact is None:
            raise Http404
        return Response(Shown([contact.pk]).contact(contact))


class ExplanationView(ReadView):
    """Why a contact has its score, on any day."""

    parameters = ("as_of", "model")

    @extend_schema(**schema.EXPLANATION)
    def get(self, request: Request, pk: str) -> Response:
        contact = contact_of(self.seen(Contact.objects.unerased()), pk)
        if contact is None:
            raise Http404
        track = chosen_track(request)
        as_of = chosen_instant(request)
        found = explain(contact, track.version.document_value, as_of, most=ACTIVITIES_MOST)
        data = found.as_data() | {
            "model": track.model.name,
            "version": track.version.number,
            "rules": [rule.as_data() | {"older": rule.older} for rule in found.rules],
        }
        return Response(data)


def number(pk: str) -> int:
    """An id as it stands in an address. Raises Http404 where it can be none."""
    if not (pk.isascii() and pk.isdecimal() and len(pk) <= DIGITS_MOST):
        raise Http404
    return int(pk)


def contact_of(contacts: QuerySet[Contact], pk: str) -> Contact | None:
    """The one of this id, or whom it was merged into."""
    own = contacts.filter(pk=number(pk)).first()
    return own or contacts.filter(pk=Merge.objects.current_id(number(pk))).first()


def chosen_track(request: Request) -> Track:
    """The live track of the model that is named, or the first there is."""
    live = Track.objects.filter(role=Track.Role.LIVE).select_related("model", "version")
    if name := request.query_params.get("model"):
        live = live.filter(model__name=name.replace("\0", ""))
    track = live.order_by("pk").first()
    if track is None:
        message = _("There is no live scoring model of this name.")
        raise Problem(404, "no_model", message, field="model")
    return track


def chosen_instant(request: Request) -> datetime | None:
    text = request.query_params.get("as_of")
    if text is None:
        return None
    try:
        as_of = values.required_instant(text)
    except values.Wrong as wrong:
        raise Problem(400, "invalid_parameter", str(wrong), field="as_of") from None
    if not EARLIEST <= as_of <= timezone.now() + LATEST:
        message = _("The instant lies between the year 2000 and ten years from now.")
        raise Problem(422, "invalid_parameter", message, field="as_of")
    return as_of
