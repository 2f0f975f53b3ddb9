"""Taking a lead and giving it back, by POST alone, from any page that offers it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from contacts.models import Contact
from contacts.normalise import normalise
from leadscoring.site import admin_page
from scoring.pipeline.assigning.claiming import (
    Claim,
    GiveBack,
    NotPossible,
    may_claim,
    within_reach,
)


@admin_page("pipeline/pool/<int:contact_id>/claim/", "pipeline_claim")
@require_POST
def claim(request: HttpRequest, contact_id: int) -> HttpResponse:
    """For htmx the row of the pool as it is now, otherwise back to the page with a word."""
    if not may_claim(request.user):
        raise PermissionDenied
    contact = reached(request, contact_id)
    try:
        claimed = Claim(contact, request.user).execute()
        told, is_won = claimed.message, True
    except NotPossible as reason:
        told, is_won = str(reason), False
    except Contact.DoesNotExist:
        raise Http404 from None
    if request.headers.get("HX-Request"):
        facts = {"lead": contact, "told": told, "is_won": is_won}
        return TemplateResponse(request, "scoring/assigning/claimed.html", facts)
    (messages.success if is_won else messages.warning)(request, told)
    return HttpResponseRedirect(page_before(request))


@admin_page("pipeline/pool/<int:contact_id>/give-back/", "pipeline_give_back")
def give_back(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Asks for the reason, and gives the lead back."""
    if not may_claim(request.user):
        raise PermissionDenied
    contact: Any = Contact.objects.visible_to(request.user).filter(pk=contact_id).first()
    if contact is None:
        raise Http404
    reason, fault = request.POST.get("reason", ""), ""
    if request.method == "POST":
        try:
            GiveBack(contact, request.user, reason).execute()
        except NotPossible as refused:
            fault = str(refused)
        except Contact.DoesNotExist:
            raise Http404 from None
        else:
            told = gettext("“%(lead)s” is in the pool again.")
            messages.success(request, told % {"lead": contact.full_name or contact.email})
            return HttpResponseRedirect(reverse("admin:pipeline_pool"))
    is_own = normalise(contact.owner) == normalise(request.user.get_username())
    context = {
        **site.each_context(request),
        "title": gettext("Give back to the pool"),
        "lead": contact,
        "is_own": is_own,
        "reason": reason,
        "fault": fault,
        "not_own": "" if is_own else GiveBack(contact, request.user, "-").check()[0],
    }
    return TemplateResponse(request, "scoring/assigning/give_back.html", context)


def reached(request: HttpRequest, contact_id: int) -> Contact:
    """Raises Http404."""
    found = within_reach(request.user).filter(pk=contact_id).first()
    if found is None:
        raise Http404
    return found


def page_before(request: HttpRequest) -> str:
    """The page on which somebody clicked, where it is one of ours; otherwise the pool."""
    page = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(page, hosts, require_https=request.is_secure()):
        return page
    return reverse("admin:pipeline_pool")
