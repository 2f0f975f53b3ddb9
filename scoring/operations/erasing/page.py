"""The page on which an administrator erases a contact: what goes, what stays, and the address."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import visible
from contacts.admin.people import MORE_ACTIONS
from contacts.models import Contact
from leadscoring.site import admin_page
from scoring.operations.erasing.erase import ERASE, EraseContact, foresee
from scoring.pipeline.merging.together import Refused


@admin_page("contacts/contact/<int:contact_id>/erase/", "contact_erase")
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Raises PermissionDenied for whoever may not, Http404 where nobody is (any more)."""
    if not request.user.has_perm(ERASE):
        raise PermissionDenied
    found: Any = visible(Contact.objects.select_related("company"), request)
    contact: Contact | None = found.filter(pk=contact_id).first()
    if contact is None:
        return nobody(request, contact_id)
    faults: list[str] = []
    if request.method == "POST":
        try:
            return erased(request, contact)
        except Refused as refused:
            faults = refused.reasons
        except Contact.DoesNotExist:
            return nobody(request, contact_id)
    context = {
        **site.each_context(request),
        "title": gettext("Erase a contact"),
        "contact": contact,
        "foreseen": foresee(contact),
        "faults": faults,
    }
    return TemplateResponse(request, "scoring/operations/erase.html", context)


def nobody(request: HttpRequest, contact_id: int) -> HttpResponse:
    """To whoever clicked twice the second time says that it is done. Raises Http404 otherwise."""
    was_erased = Contact.objects.filter(pk=contact_id).exclude(erased_at=None).exists()
    if request.method != "POST" or not was_erased:
        raise Http404
    messages.info(
        request, gettext("Contact %(number)d is erased already.") % {"number": contact_id}
    )
    return HttpResponseRedirect(reverse("admin:contacts_contact_changelist"))


def erased(request: HttpRequest, contact: Contact) -> HttpResponse:
    user: Any = request.user
    EraseContact(user, contact.pk, request.POST.get("address", "")).execute()
    said = gettext("Contact %(number)d was erased. Nothing here says any more who it was.")
    messages.success(request, said % {"number": contact.pk})
    return HttpResponseRedirect(reverse("admin:contacts_contact_changelist"))


@admin.action(description=_("Erase the ticked contact for good…"), permissions=["delete"])
def erase_ticked(page: Any, request: HttpRequest, queryset: QuerySet[Contact]) -> Any:
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[:2])
    if len(ids) != 1:
        messages.error(request, gettext("Tick exactly one contact: each is confirmed by itself."))
        return None
    return HttpResponseRedirect(reverse("admin:contact_erase", args=ids))


MORE_ACTIONS.append(erase_ticked)
