"""Doing something for everybody in a segment: what, for how many, and how far it has come."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.base import RecordAdmin
from scoring.automations.actions import ACTIONS, Action
from scoring.automations.bulk import KINDS, BulkRun
from scoring.automations.document import read_action
from scoring.criteria.canonical import written
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.faults import Node
from scoring.criteria.form_fields import choice_field
from scoring.criteria.segments import Segment

RUNS_SHOWN: Final = 5


class KindForm(forms.Form):
    kind = choice_field(
        _("What is to be done"),
        [(kind, ACTIONS[kind].title) for kind in KINDS],
        attrs={"data-reshapes": ""},
    )


class BulkPages(RecordAdmin):
    """The routes of a segment's actions; whoever may change segments and contacts uses them."""

    def bulk_urls(self) -> list[Any]:
        return [
            path(
                "<int:segment_id>/do/",
                self.admin_site.admin_view(self.do_view),
                name="scoring_segment_do",
            ),
            path(
                "<int:segment_id>/runs/",
                self.admin_site.admin_view(self.runs_view),
                name="scoring_segment_runs",
            ),
            path(
                "<int:segment_id>/runs/<int:run_id>/stop/",
                self.admin_site.admin_view(self.stop_view),
                name="scoring_segment_stop",
            ),
        ]

    def may_act(self, request: HttpRequest) -> bool:
        return self.has_change_permission(request) and request.user.has_perm(
            "contacts.change_contact"
        )

    def segment_to_act_on(self, request: HttpRequest, pk: int) -> Segment:
        if not self.may_act(request):
            raise PermissionDenied
        found = Segment.objects.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def do_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """Choose, look at for how many it is, and begin."""
        segment = self.segment_to_act_on(request, segment_id)
        given = request.POST.get("kind", KINDS[0])
        kind = given if given in KINDS else KINDS[0]
        is_sent = "_look" in request.POST or "_begin" in request.POST
        form = ACTIONS[kind].form(request.POST if is_sent else None, prefix="action")
        facts: dict[str, Any] = {
            "segment": segment,
            "kinds": KindForm(initial={"kind": kind}),
            "form": form,
        }
        if request.headers.get("HX-Request"):
            return TemplateResponse(request, "scoring/segments/action.html", facts)
        action = action_of(kind, form) if is_sent else None
        if action is not None:
            try:
                return self.confirm_or_begin(request, segment, action, facts)
            except DocumentInvalid as invalid:
                facts["problems"] = [str(fault) for fault in invalid.faults]
        return self.do_page(request, segment, facts)

    def confirm_or_begin(
        self, request: HttpRequest, segment: Segment, action: Action, facts: dict[str, Any]
    ) -> HttpResponse:
        """Raises DocumentInvalid where the segment cannot be read."""
        user: Any = request.user
        count = segment.contacts().visible_to(user).count()
        # What is confirmed: this, for so many. Anything else is to be looked at again.
        shown = written([{"kind": action.kind} | action.data(), count])
        if "_begin" not in request.POST or request.POST.get("shown") != shown:
            facts |= {"action": action, "count": count, "shown": shown}
            facts |= {"was_other": "_begin" in request.POST, "problems": action.problems()}
            return self.do_page(request, segment, facts)
        run = BulkRun.objects.begin(segment, action, user)
        self.log_change(request, segment, action.sentence())
        said = ngettext(
            "It has begun for %(count)d contact; this page says how far it has come.",
            "It has begun for %(count)d contacts; this page says how far it has come.",
            run.expected,
        )
        messages.success(request, said % {"count": run.expected})
        return HttpResponseRedirect(reverse("admin:scoring_segment_change", args=[segment.pk]))

    def do_page(
        self, request: HttpRequest, segment: Segment, facts: dict[str, Any]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "object": segment,
            "title": gettext("Do something for all in “%(name)s”") % {"name": segment.name},
            "media": self.media,
            **facts,
        }
        return TemplateResponse(request, "scoring/segments/do.html", context)

    def runs_of(self, request: HttpRequest, segment: Segment) -> list[BulkRun]:
        if not (segment.pk and request.user.has_perm("scoring.view_bulkrun")):
            return []
        return list(segment.runs.select_related("started_by")[:RUNS_SHOWN])

    def runs_view(self, request: HttpRequest, segment_id: int) -> HttpResponse:
        """How far the newest runs have come; asked again and again while one goes on."""
        segment = Segment.objects.filter(pk=segment_id).first()
        if segment is None or not self.has_view_permission(request):
            raise Http404
        facts = {
            "segment": segment,
            "runs": self.runs_of(request, segment),
            "may_act": self.may_act(request),
        }
        return TemplateResponse(request, "scoring/segments/runs.html", facts)

    def stop_view(self, request: HttpRequest, segment_id: int, run_id: int) -> HttpResponse:
        segment = self.segment_to_act_on(request, segment_id)
        if request.method != "POST":
            raise PermissionDenied
        run = segment.runs.filter(pk=run_id).first()
        if run is None:
            raise Http404
        if run.stop():
            messages.success(request, gettext("It is stopped; what was done stays done."))
        return HttpResponseRedirect(reverse("admin:scoring_segment_change", args=[segment.pk]))


def action_of(kind: str, form: Any) -> Action | None:
    """The action that a form says; its faults are noted at the form."""
    if not form.is_valid():
        return None
    node = Node({"kind": kind} | form.parameters())
    found = read_action(node)
    for fault in node.faults:
        form.add_error(None, str(fault))
    return None if node.faults else found
