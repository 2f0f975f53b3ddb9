"""What a person does with a lead from its page: a form that opens there, and what it does."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import origin_of, visible
from contacts.provenance import recorded_as
from leadscoring.site import admin_page
from scoring.engine.admin.tracks import chosen_track
from scoring.engine.at_once import refresh_at_once
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.leads.admin.forms import LeadForm
from scoring.pipeline.leads.manual import Refused

# What the other parts of the page listen to.
CHANGED: Final = {"HX-Trigger": "lead-changed"}


@dataclass(frozen=True)
class Asked:
    request: HttpRequest
    lead: Lead

    @property
    def user(self) -> User:
        return cast(User, self.request.user)

    @property
    def query(self) -> str:
        """What the addresses of the page's parts end with, so that they are about its model."""
        return f"?model={self.track.pk}" if self.track else ""

    @property
    def track(self) -> Track | None:
        return chosen_track(self.request)


class Deed(ABC):
    """``order`` is that of the buttons."""

    name: ClassVar[str]
    order: ClassVar[int]
    title: ClassVar[str | Promise]
    icon: ClassVar[str]
    permission: ClassVar[str]
    button: ClassVar[str | Promise] = _("Save")
    template: ClassVar[str] = "scoring/leads/form.html"

    def may(self, user: Any) -> bool:
        return bool(user.has_perm(self.permission))

    def obstacle(self, asked: Asked) -> str:
        """Why it cannot be done for this lead, in words; empty where it can."""
        return ""

    @abstractmethod
    def form(self, asked: Asked, data: Any = None) -> LeadForm: ...

    @abstractmethod
    def do(self, asked: Asked, form: Any) -> str:
        """What was done, in words. Raises Refused."""

    def context(self, asked: Asked, form: Any) -> dict[str, Any]:
        return {}


DEEDS: Final[dict[str, Deed]] = {}


def deed(made: type[Deed]) -> type[Deed]:
    DEEDS[made.name] = made()
    return made


def lead_for(request: HttpRequest, contact_id: int, *, lock: bool = False) -> Lead:
    """Raises PermissionDenied and Http404, as the page of the lead does."""
    if not request.user.has_perm("scoring.view_lead"):
        raise PermissionDenied
    rows = visible(Lead.objects.select_related("company"), request)
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)
    found: Lead | None = rows.filter(pk=contact_id).first()
    if found is None:
        raise Http404
    return found


@admin_page("scoring/lead/<int:contact_id>/do/<str:name>/", "pipeline_lead_do")
def deed_view(request: HttpRequest, contact_id: int, name: str) -> HttpResponse:
    if request.method not in ("GET", "POST"):
        return HttpResponseNotAllowed(["GET", "POST"])
    if name not in DEEDS:
        raise Http404
    chosen, asked = DEEDS[name], Asked(request, lead_for(request, contact_id))
    if not chosen.may(request.user):
        raise PermissionDenied
    if request.method == "GET":
        return shown(asked, chosen, chosen.form(asked))
    form = chosen.form(asked, request.POST)
    if not form.is_valid():
        return shown(asked, chosen, form)
    try:
        with transaction.atomic(), recorded_as(origin_of(request)):
            # Of two clicks at once the second waits here. Who was removed, or went to somebody
            # else, since the look above is not found any more.
            message = chosen.do(Asked(request, lead_for(request, contact_id, lock=True)), form)
    except Refused as refused:
        form.add_error(None, str(refused))
        return shown(asked, chosen, form)
    refresh_at_once(asked.lead.pk)
    return done(request, message)


def shown(asked: Asked, chosen: Deed, form: LeadForm) -> HttpResponse:
    context = {
        "lead": asked.lead,
        "deed": chosen,
        "form": form.dressed(),
        "obstacle": chosen.obstacle(asked),
        "address": asked.request.get_full_path(),
        "query": asked.query,
        **chosen.context(asked, form),
    }
    return TemplateResponse(asked.request, chosen.template, context)


def done(request: HttpRequest, message: str, **more: Any) -> HttpResponse:
    """One line in place of the form; the other parts of the page ask for themselves anew."""
    context = {"message": message, **more}
    return TemplateResponse(request, "scoring/leads/done.html", context, headers=CHANGED)
