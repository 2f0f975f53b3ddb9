"""Two contacts side by side: who stays, which fields it gets, and what would come of it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.admin.people import MORE_ACTIONS
from contacts.admin.sections import field_label, moment, shown_value
from contacts.models import Company, Contact, CustomField, Merge, NotDuplicate
from contacts.models.people import Lifecycle
from leadscoring.site import admin_page
from scoring.engine.admin.badges import badge
from scoring.pipeline.merging.fields import ATTRIBUTE, Difference, differences
from scoring.pipeline.merging.foresee import Foreseen, foreseen, is_too_much, moving
from scoring.pipeline.merging.merge import MergeContacts
from scoring.pipeline.merging.together import Refused, may_merge

FIELD: Final = "field."
OWN: Final = "own"
OTHER: Final = "other"
PAIR: Final = "merge/<int:stays>/<int:goes>/"


class FieldShown(NamedTuple):
    name: str
    label: str
    own: str
    other: str
    of_other: bool


@admin_page(PAIR, "pipeline_merge")
def compare(request: HttpRequest, stays: int, goes: int) -> HttpResponse:
    """Raises Http404 for whoever may not see both, PermissionDenied for who may not change."""
    if request.method == "POST":
        return merge(request, stays, goes)
    if may_merge(request.user) and (done := merge_of_either(request, stays, goes)):
        return HttpResponseRedirect(reverse("admin:contacts_merge_change", args=[done.pk]))
    survivor, loser = pair(request, stays, goes)
    rows = shown(list(differences(survivor, loser)))
    context = {
        **site.each_context(request),
        "title": gettext("Are these one person?"),
        "survivor": survivor,
        "loser": loser,
        "rows": rows,
        "moving": list(moving(loser)),
        "tags": [names_of(each) for each in (survivor, loser)],
        "is_too_much": is_too_much(survivor, loser),
    }
    return TemplateResponse(request, "scoring/merging/compare.html", context)


def pair(request: HttpRequest, stays: int, goes: int) -> tuple[Contact, Contact]:
    if not may_merge(request.user):
        raise PermissionDenied
    found = visible(Contact.objects.select_related("company"), request).in_bulk([stays, goes])
    if stays == goes or len(found) != 2:
        raise Http404
    return found[stays], found[goes]


def merge_of_either(request: HttpRequest, *ids: int) -> Merge | None:
    """For the back button, and whoever comes too late: what one of them went away by."""
    found: Any = visible(Merge.objects.filter(merged_id__in=ids, undone_at=None), request)
    merge: Merge | None = found.first()
    return merge


def taken_from(given: Mapping[str, Any]) -> frozenset[str]:
    """The fields for which the other's value is chosen."""
    chosen = {name for name in given if name.startswith(FIELD) and given[name] == OTHER}
    return frozenset(name.removeprefix(FIELD) for name in chosen)


def merge(request: HttpRequest, stays: int, goes: int) -> HttpResponse:
    is_loud = request.POST.get("loud") == "1"
    user: Any = request.user
    action = MergeContacts(user, stays, goes, taken_from(request.POST), is_loud)
    try:
        done = action.execute()
    except Refused as refused:
        for reason in refused.reasons:
            messages.error(request, reason)
        return HttpResponseRedirect(address_of_either(request, stays, goes))
    facts = {"name": done.name or done.address, "into": done.contact}
    messages.success(request, gettext("“%(name)s” is now a part of “%(into)s”.") % facts)
    return HttpResponseRedirect(reverse("admin:contacts_merge_change", args=[done.pk]))


def address_of_either(request: HttpRequest, *ids: int) -> str:
    """The page of whichever of both is there for this person, or of the merge; else the list."""
    known = [Merge.objects.current_id(pk) for pk in ids]
    seen: Any = visible(Contact.objects.filter(pk__in=known), request)
    for pk in seen.values_list("pk", flat=True):
        return reverse("admin:scoring_lead_change", args=[pk])
    return reverse("admin:scoring_lead_changelist")


@admin_page(PAIR + "score/", "pipeline_merge_score")
def score_part(request: HttpRequest, stays: int, goes: int) -> HttpResponse:
    """Which score both together would have, with the fields chosen on the page."""
    if request.method != "GET":
        raise PermissionDenied
    survivor, loser = pair(request, stays, goes)
    if is_too_much(survivor, loser):
        raise Http404
    rows = [score_shown(each) for each in foreseen(survivor, loser, taken_from(request.GET))]
    return TemplateResponse(request, "scoring/merging/scores.html", {"rows": rows})


def score_shown(one: Foreseen) -> dict[str, Any]:
    document = one.track.version.document_value
    badges = [
        badge(each.total, each.band, document) if each else gettext("outside the audience")
        for each in (one.own, one.other, one.together)
    ]
    return {"model": one.track.model.name, "own": badges[0], "other": badges[1],
            "together": badges[2]}  # fmt: skip


@admin_page(PAIR + "apart/", "pipeline_apart")
def apart(request: HttpRequest, stays: int, goes: int) -> HttpResponse:
    """Remember that these are two people, or forget it."""
    if request.method != "POST":
        raise PermissionDenied
    survivor, loser = pair(request, stays, goes)
    facts = {"one": survivor.full_name or survivor.email, "other": loser.full_name or loser.email}
    if request.POST.get("again") == "1":
        NotDuplicate.objects.of(stays).filter(Q(first=goes) | Q(second=goes)).delete()
        said = gettext("“%(one)s” and “%(other)s” are offered as one person again.")
    else:
        NotDuplicate.objects.note(stays, {goes}, request.user.get_username())
        said = gettext("“%(one)s” and “%(other)s” are two people; they are not offered again.")
    messages.success(request, said % facts)
    if request.POST.get("to") == "list":
        return HttpResponseRedirect(reverse("admin:pipeline_duplicates"))
    return HttpResponseRedirect(reverse("admin:scoring_lead_change", args=[stays]))


@admin.action(description=_("Merge the two ticked contacts…"))
def merge_ticked(page: Any, request: HttpRequest, queryset: QuerySet[Contact]) -> Any:
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
    if len(ids) != 2:
        messages.error(request, gettext("Tick exactly two contacts: those that are one person."))
        return None
    return HttpResponseRedirect(reverse("admin:pipeline_merge", args=ids))


MORE_ACTIONS.append(merge_ticked)


# --- In words ------------------------------------------------------------------------------


def shown(found: list[Difference]) -> list[FieldShown]:
    labels = dict(CustomField.objects.values_list("key", "label"))
    ids = {each for one in found if one.field == "company_id" for each in (one.own, one.other)}
    companies = Company.objects.in_bulk(ids - {None})
    return [
        FieldShown(
            one.field,
            labels.get(one.field.removeprefix(ATTRIBUTE), field_label(one.field)),
            in_words(one.field, one.own, companies),
            in_words(one.field, one.other, companies),
            one.of_other,
        )
        for one in found
    ]


def in_words(field: str, value: Any, companies: Mapping[int, Company]) -> str:
    if field == "company_id":
        return str(companies.get(value, "")) if value else ""
    if field == "lifecycle" and value:
        return str(Lifecycle(value).label)
    return moment(value) if hasattr(value, "tzinfo") else shown_value(value)


def names_of(contact: Contact) -> str:
    return ", ".join(contact.tags.values_list("name", flat=True))
