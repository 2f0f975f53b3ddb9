"""What is done from the page of dormant opportunities: by POST alone, with one or with many."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.admin.base import DIGITS_MOST, visible
from leadscoring.site import admin_page
from scoring.engine.models import Track
from scoring.pipeline.dormant import undoing
from scoring.pipeline.dormant.deeds import Assign, Call, Deed, Dismiss, Enrol, Refused
from scoring.pipeline.dormant.finding import Cut, cut_of
from scoring.pipeline.dormant.forms import DeedForm
from scoring.pipeline.dormant.models import Dismissal, DormantChoice
from scoring.pipeline.dormant.page import PAGE, RIGHTS, address, me, seen_track

IDS_MOST: Final = 200
TOLD_MOST: Final = 5


@admin_page("dormant/do/<slug:name>/", "pipeline_dormant_do")
def deed_view(request: HttpRequest, name: str) -> HttpResponse:
    """Do it with those that are ticked, or with the one whose button was pressed."""
    track = seen_track(request)
    if track is None or name not in DEEDS:
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(RIGHTS[name]):
        raise PermissionDenied
    ids = chosen_ids(request)
    form = DeedForm(request.POST)
    if not ids or not form.is_valid():
        wrong = [str(text) for texts in form.errors.values() for text in texts]
        text = wrong[0] if ids and wrong else gettext("Tick whom it is to be for.")
        messages.warning(request, text)
        return HttpResponseRedirect(address(track))
    cut = cut_of(
        DormantChoice.objects.of(me(request)), track.version.document_value, timezone.now()
    )
    do(request, name, DEEDS[name](me(request), track, cut, ids, form))
    return HttpResponseRedirect(address(track))


@admin_page("dormant/undo/", "pipeline_dormant_undo")
def undo_view(request: HttpRequest) -> HttpResponse:
    track = seen_track(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if undoing.undo(request):
        messages.success(request, gettext("It is as it was."))
    else:
        messages.warning(request, gettext("There is nothing to undo any more."))
    return HttpResponseRedirect(address(track))


@admin_page("dormant/back/<int:pk>/", "pipeline_dormant_back")
def back_view(request: HttpRequest, pk: int) -> HttpResponse:
    """What was left alone is on the list again."""
    seen_track(request)
    seen: Any = visible(Dismissal.objects.filter(pk=pk), request)
    if not seen.exists():
        raise Http404
    if not request.user.has_perm("scoring.change_dismissal"):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if seen.bring_back(me(request), timezone.now()):
        messages.success(request, gettext("It is on the list again, if it is still dormant."))
    return HttpResponseRedirect(reverse(PAGE))


def enrol_deed(user: User, track: Track, cut: Cut, ids: list[int], form: DeedForm) -> Deed:
    sequence = form.cleaned_data["sequence"]
    if sequence is None:
        return NothingChosen(user, track, cut, ids)
    return Enrol(user, track, cut, ids, sequence)


class NothingChosen(Deed):
    def check(self) -> None:
        raise Refused(gettext("Choose a sequence."))


MakesDeed = Callable[[User, Track, Cut, list[int], DeedForm], Deed]
DEEDS: Final[dict[str, MakesDeed]] = {
    "call": lambda user, track, cut, ids, form: Call(user, track, cut, ids),
    "enrol": enrol_deed,
    "assign": lambda user, track, cut, ids, form: Assign(
        user, track, cut, ids, form.person, form.team
    ),
    "dismiss": lambda user, track, cut, ids, form: Dismiss(
        user,
        track,
        cut,
        ids,
        form.cleaned_data["months"] or 3,
        form.cleaned_data["reason"] or Dismissal.Reason.NOT_NOW,
        form.cleaned_data["text"],
    ),
}


def do(request: HttpRequest, name: str, deed: Deed) -> None:
    """With a word about it, also about those with whom nothing was done."""
    try:
        done = deed.execute()
    except Refused as refused:
        messages.warning(request, str(refused))
        return
    if done.count:
        told = TOLD[name](done.count) % {"count": done.count}
        messages.success(request, told)
        undoing.offer(request, done, told)
    for text in done.told[:TOLD_MOST]:
        messages.warning(request, text)
    if not done.count and not done.told:
        messages.warning(request, gettext("None of them is there any more."))


TOLD: Final[dict[str, Callable[[int], str]]] = {
    "call": lambda count: ngettext("%(count)d task was made.", "%(count)d tasks were made.", count),
    "enrol": lambda count: ngettext(
        "%(count)d was put into the sequence.", "%(count)d were put into the sequence.", count
    ),
    "assign": lambda count: ngettext("%(count)d was assigned.", "%(count)d were assigned.", count),
    "dismiss": lambda count: ngettext(
        "%(count)d is left alone.", "%(count)d are left alone.", count
    ),
}


def chosen_ids(request: HttpRequest) -> list[int]:
    given = request.POST.getlist("only") or request.POST.getlist("lead")
    ids = {int(pk) for pk in given if pk.isdecimal() and len(pk) <= DIGITS_MOST}
    return sorted(ids)[:IDS_MOST]
