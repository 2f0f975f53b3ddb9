"""On and off: what an automation would mean is seen before it goes live."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from scoring.automations.admin.editing import Editing, readable_version
from scoring.automations.lately import DAYS, crossed_lately
from scoring.automations.models import Automation
from scoring.automations.present import already_there, hold_present, live_track
from scoring.automations.words import sentence


class Switching(Editing):
    """The page before it goes on, and the button that stops it."""

    def switch_on_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        automation = self.to_be_switched(request, object_id)
        if automation.live:
            return self.back_to(automation)
        if request.method == "POST":
            return self.switched_on(request, automation)
        return self.page(request, "switch_on", automation, **self.outlook(automation))

    def switch_off_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        automation = self.to_be_switched(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        automation.switch_off()
        self.log_change(request, automation, gettext("Switched off"))
        messages.success(request, gettext("“%(name)s” is off.") % {"name": automation.name})
        return HttpResponseRedirect(reverse("admin:scoring_automation_changelist"))

    def to_be_switched(self, request: HttpRequest, object_id: str) -> Automation:
        automation: Any = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, automation):
            raise PermissionDenied
        return automation  # type: ignore[no-any-return]

    def outlook(self, automation: Automation) -> dict[str, Any]:
        """What it says, for whom it would have gone off already, and how often lately."""
        track = live_track(automation)
        document, problems = readable_version(automation, track)
        if document is None or track is None:
            return {"problems": problems, "refused": True}
        there = already_there(document, track)
        return {
            "problems": problems,
            "sentence": sentence(document, track.version.document_value.catalogue),
            "there": None if there is None else there.count(),
            "lately": crossed_lately(document, track, timezone.now()),
            "days": DAYS,
        }

    def switched_on(self, request: HttpRequest, automation: Automation) -> HttpResponse:
        document, problems = readable_version(automation, live_track(automation))
        if document is None:
            for problem in problems:
                messages.error(request, problem)
            return self.back_to(automation)
        # On first: who crosses between the two is then dealt with, and not held back.
        automation.switch_on()
        held = hold_present(automation) if request.POST.get("present") == "hold" else 0
        self.log_change(request, automation, gettext("Switched on"))
        messages.success(request, gettext("“%(name)s” is on.") % {"name": automation.name})
        if held:
            told = ngettext(
                "%(count)d contact is past the level already and is held back for you to decide.",
                "%(count)d contacts are past the level already and are held back for you to "
                "decide.",
                held,
            )
            messages.info(request, told % {"count": held})
            return HttpResponseRedirect(reverse("admin:scoring_crossing_held"))
        return self.back_to(automation)

    def back_to(self, automation: Automation) -> HttpResponseRedirect:
        return HttpResponseRedirect(
            reverse("admin:scoring_automation_change", args=[automation.pk])
        )
