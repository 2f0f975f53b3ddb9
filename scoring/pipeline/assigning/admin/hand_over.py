"""Handing over the leads of one owner: looked at first, confirmed by number, taken back whole."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contacts.admin.teams import PersonField, named, people
from contacts.models import Assignment, Team
from contacts.models.assignments import How
from leadscoring.site import admin_page
from scoring.criteria.form_fields import choice_field
from scoring.engine.admin.tracks import chosen_track
from scoring.pipeline.assigning.admin.rule_forms import row_field
from scoring.pipeline.assigning.claiming import NotPossible
from scoring.pipeline.assigning.handing import (
    AT_ONCE,
    HAND_OVER,
    WAYS,
    HandOver,
    TakeBack,
    batches,
    leads_of,
    owners,
)

SHOWN_FOR: Final = {"team": "way team", "person": "way person"}


class HandOverForm(forms.Form):
    owner = choice_field(_("Leads of"), [])
    way = choice_field(_("They go"), WAYS)
    team = row_field(_("Team"), Team.objects.none())
    person = row_field(_("Person"), User.objects.none(), kind=PersonField)

    def __init__(self, data: Any, found: Any, **options: Any) -> None:
        super().__init__(data, **options)
        fields: Any = self.fields
        fields["owner"].choices = [("", "---------"), *((each.name, said(each)) for each in found)]
        fields["team"].queryset = Team.objects.select_related("calendar")
        fields["person"].queryset = people()

    @property
    def shown(self) -> list[tuple[Any, str]]:
        return [(self[name], SHOWN_FOR.get(name, "")) for name in self.fields]


def said(owner: Any) -> str:
    facts = {"name": named(owner.user) if owner.user else owner.name, "count": owner.count}
    if owner.user is None:
        return gettext("%(name)s: %(count)d (no such user)") % facts
    if owner.is_gone:
        return gettext("%(name)s: %(count)d (cannot log in)") % facts
    return gettext("%(name)s: %(count)d") % facts


@admin_page("pipeline/hand-over/", "pipeline_hand_over")
def hand_over(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(HAND_OVER):
        raise PermissionDenied
    found = owners()
    post = request.POST if request.method == "POST" else None
    # A link may ask for one person's leads, by the rules.
    first = {"owner": request.GET.get("owner", "")[:255], "way": "rules"}
    form = HandOverForm(post, found, initial=first)
    facts: dict[str, Any] = {}
    if post is not None and form.is_valid():
        deed = HandOver(request.user, **form.cleaned_data, model=model_of(request))
        if "_begin" in post and (answer := begun(request, deed, facts)):
            return answer
        facts |= looked_at(deed)
    context = {
        **site.each_context(request),
        "title": gettext("Hand over leads"),
        "form": form,
        "gone": [each for each in found if each.is_gone],
        "batches": batches(),
        "at_once": AT_ONCE,
        **facts,
    }
    return TemplateResponse(request, "scoring/assigning/hand_over.html", context)


def model_of(request: HttpRequest) -> Any:
    track = chosen_track(request)
    return track.model if track else None


def looked_at(deed: HandOver) -> dict[str, Any]:
    """For how many, and who would get how many."""
    if faults := deed.check():
        return {"faults": faults}
    count = leads_of(deed.owner).count()
    return {"count": min(count, AT_ONCE), "all": count, "shares": deed.preview()}


def begun(request: HttpRequest, deed: HandOver, facts: dict[str, Any]) -> HttpResponse | None:
    """Done, and back to the page; None where it is to be looked at again."""
    sent = request.POST.get("shown", "")
    try:
        done = deed.execute(int(sent) if sent.isdecimal() and len(sent) < 10 else -1)
    except NotPossible as reason:
        facts["refused"] = str(reason)
        return None
    count = sum(number for _who, number in done.shared)
    told = ngettext(
        "%(count)d lead of %(owner)s is handed over: %(shares)s.",
        "%(count)d leads of %(owner)s are handed over: %(shares)s.",
        count,
    )
    shares = ", ".join(f"{who} {number}" for who, number in done.shared)
    messages.success(request, told % {"count": count, "owner": deed.owner, "shares": shares})
    return HttpResponseRedirect(reverse("admin:pipeline_hand_over"))


@admin_page("pipeline/hand-over/<uuid:batch>/take-back/", "pipeline_take_back")
@require_POST
def take_back(request: HttpRequest, batch: UUID) -> HttpResponse:
    if not request.user.has_perm(HAND_OVER):
        raise PermissionDenied
    if not Assignment.objects.filter(batch=batch, how=How.HANDED).exists():
        raise Http404
    back, left = TakeBack(request.user, batch).execute()
    told = ngettext("%(count)d lead is back.", "%(count)d leads are back.", back)
    parts = [told % {"count": back}]
    if left:
        told = ngettext(
            "%(count)d was given on meanwhile and stays where it is.",
            "%(count)d were given on meanwhile and stay where they are.",
            left,
        )
        parts.append(told % {"count": left})
    messages.success(request, " ".join(parts))
    return HttpResponseRedirect(reverse("admin:pipeline_hand_over"))
