"""The page of dormant opportunities: whom to wake, and why."""

from typing import Any, Final, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext

from contacts.admin.base import visible
from leadscoring.site import admin_page
from scoring.engine.admin.tracks import PARAMETER, chosen_track, title_of, tracks_of
from scoring.engine.leads import Lead
from scoring.engine.models import Track
from scoring.pipeline.dormant import undoing
from scoring.pipeline.dormant.finding import cut_of, dormant, good_fit
from scoring.pipeline.dormant.forms import ChoiceForm, DeedForm
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from scoring.pipeline.dormant.words import shown

PAGE: Final = "admin:pipeline_dormant"
A_PAGE: Final = 25
ASIDE_MOST: Final = 50
RIGHTS: Final = {
    "call": "contacts.add_task",
    "enrol": "contacts.change_contact",
    "assign": "contacts.change_contact",
    "dismiss": "scoring.add_dismissal",
}


@admin_page("dormant/", "pipeline_dormant")
def dormant_view(request: HttpRequest) -> HttpResponse:
    """Who is dormant by this person's own choice, which a POST keeps."""
    track = seen_track(request)
    choice = DormantChoice.objects.of(me(request))
    if request.method != "POST" or track is None:
        return page(request, track, choice)
    form = choice_form(track, choice, request.POST)
    if not form.is_valid():
        return page(request, track, DormantChoice.objects.of(me(request)), form)
    kept = form.cleaned_data
    DormantChoice.objects.update_or_create(user=me(request), defaults=kept)
    return HttpResponseRedirect(address(track))


def seen_track(request: HttpRequest) -> Track | None:
    """Raises PermissionDenied for whoever sees no leads."""
    if not request.user.has_perm("scoring.view_lead"):
        raise PermissionDenied
    return chosen_track(request)


def me(request: HttpRequest) -> User:
    return cast(User, request.user)


def address(track: Track | None) -> str:
    """Of the page, with the model that it shows where there are several."""
    return reverse(PAGE) + (f"?{urlencode({PARAMETER: track.pk})}" if track else "")


def choice_form(track: Track, choice: DormantChoice, *data: Any) -> ChoiceForm:
    return ChoiceForm(*data, instance=choice, usual_fit=good_fit(track.version.document_value))


def page(
    request: HttpRequest,
    track: Track | None,
    choice: DormantChoice,
    form: ChoiceForm | None = None,
) -> HttpResponse:
    facts = {} if track is None else listed(request, track, choice)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Dormant opportunities"),
        "track": track,
        "tracks": [(each, title_of(each)) for each in tracks_of(request)],
        "choice_form": form or (choice_form(track, choice) if track else None),
        "deed_form": DeedForm(),
        "may": {name: request.user.has_perm(right) for name, right in RIGHTS.items()},
        "undo": undoing.offered(request),
        **facts,
    }
    return TemplateResponse(request, "scoring/dormant/page.html", context)


def listed(request: HttpRequest, track: Track, choice: DormantChoice) -> dict[str, Any]:
    now = timezone.now()
    cut = cut_of(choice, track.version.document_value, now)
    found = dormant(track, cut, visible(Lead.objects.all(), request)).select_related("company")
    pages = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    aside: Any = visible(Dismissal.objects.in_force(cut.day), request)
    return {
        "page": pages,
        "rows": shown(pages, track, cut, now),
        "cut": cut,
        "query": urlencode({PARAMETER: track.pk}),
        "aside": list(aside.select_related("contact", "made_by")[:ASIDE_MOST]),
        "may_bring_back": request.user.has_perm("scoring.change_dismissal"),
    }
