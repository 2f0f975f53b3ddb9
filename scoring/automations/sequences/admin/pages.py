"""The pages of a sequence that are about people: who is where, getting in, being taken out."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from contacts.admin.base import RecordAdmin, origin_of, visible
from contacts.models import Contact
from contacts.working_time import NoWorkingTime
from scoring.automations.sequences.admin.forms import ContactForm
from scoring.automations.sequences.admin.people import (
    counts_of,
    name_of,
    page_of_people,
    steps_shown,
)
from scoring.automations.sequences.enrolling import CannotEnrol, enrol
from scoring.automations.sequences.enrolments import Enrolment
from scoring.automations.sequences.goals import goal_sentences
from scoring.automations.sequences.leaving import leave
from scoring.automations.sequences.models import Sequence
from scoring.criteria.document import DocumentInvalid


class PeoplePages(RecordAdmin):
    """What ``SequenceAdmin`` is built on."""

    def get_urls(self) -> list[Any]:
        return [
            self.page("<int:pk>/people/", self.people_view, "people"),
            self.page("<int:pk>/enrol/", self.enrol_view, "enrol"),
            self.page("<int:pk>/people/<int:enrolment>/remove/", self.remove_view, "remove"),
            *super().get_urls(),
        ]

    def page(self, address: str, view: Callable[..., HttpResponse], name: str) -> Any:
        return path(address, self.admin_site.admin_view(view), name=f"scoring_sequence_{name}")

    @property
    def media(self) -> Any:
        return super().media + ContactForm(Contact.objects.none()).media

    def tabs(self, request: HttpRequest, sequence: Any, tab: str) -> dict[str, Any]:
        return {"sequence": sequence, "tab": tab, "problems": problems_of(sequence)}

    def people_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        sequence = self.seen(request, pk)
        may = self.may_move(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": sequence,
            "title": str(sequence),
            "media": self.media,
            **self.tabs(request, sequence, "people"),
            "steps": steps_shown(sequence),
            "counts": counts_of(sequence),
            "may_move": may,
            "enrol_form": ContactForm(visible(Contact.objects.all(), request)),
            **page_of_people(sequence, request, may),
        }
        return TemplateResponse(request, "scoring/sequences/people.html", context)

    def enrol_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Only by POST: put a contact into the sequence by hand."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sequence = self.seen(request, pk)
        self.require_moving(request)
        form = ContactForm(visible(Contact.objects.all(), request), request.POST)
        if not form.is_valid():
            messages.error(request, gettext("Choose a contact first."))
            return self.to_people(pk)
        contact = form.cleaned_data["contact"]
        name = {"name": name_of(contact)}
        try:
            with transaction.atomic():
                _found, is_new = enrol(sequence, contact, by=origin_of(request))
        except (CannotEnrol, NoWorkingTime) as reason:
            messages.error(request, str(reason))
        else:
            told = gettext("%(name)s is in the sequence now.")
            known = gettext("%(name)s was in the sequence already.")
            messages.success(request, (told if is_new else known) % name)
            if is_new:
                self.log_change(request, sequence, gettext("Enrolled a contact."))
        return self.to_people(pk)

    def remove_view(self, request: HttpRequest, pk: int, enrolment: int) -> HttpResponse:
        """Only by POST: take a person out of the sequence."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sequence = self.seen(request, pk)
        self.require_moving(request)
        found: Any = visible(Enrolment.objects.filter(sequence=sequence), request)
        name = {"name": name_of(get_object_or_404(found, pk=enrolment).contact)}
        with transaction.atomic():
            rows = Enrolment.objects.active().filter(pk=enrolment).select_for_update(of=("self",))
            count = leave(rows, Enrolment.Reason.PERSON)
        if count:
            messages.success(request, gettext("%(name)s has left the sequence.") % name)
            self.log_change(request, sequence, gettext("Took out a contact."))
        else:
            messages.warning(request, gettext("%(name)s was not in it any more.") % name)
        return self.to_people(pk)

    def seen(self, request: HttpRequest, pk: int) -> Sequence:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(Sequence.objects.select_related("calendar"), pk=pk)

    def may_move(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.has_perms(["scoring.add_enrolment", "scoring.change_enrolment"]))

    def require_moving(self, request: HttpRequest) -> None:
        if not self.may_move(request):
            raise PermissionDenied

    def to_people(self, pk: int) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:scoring_sequence_people", args=[pk]))


def problems_of(sequence: Sequence) -> list[str]:
    """What keeps a sequence from doing what it says."""
    found = []
    if sequence.active and not sequence.steps.exists():
        found.append(gettext("The sequence is on and has no steps: nobody gets in."))
    try:
        goal_sentences(sequence.goal)
    except DocumentInvalid as invalid:
        found += [gettext("The goal: %(fault)s") % {"fault": fault} for fault in invalid.faults]
    stuck = sequence.enrolments.exclude(trouble="").filter(state=Enrolment.State.ACTIVE)
    for trouble, count in stuck.values_list("trouble").annotate(Count("pk")).order_by()[:5]:
        told = gettext("%(count)d people cannot go on: %(trouble)s")
        found.append(told % {"count": count, "trouble": trouble})
    return found
