"""The automations: which there are, which are on, and what they have done lately."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as To
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.views import ChangeList

from contacts.admin.base import column, visible
from scoring.automations.admin.editing import NO_MODEL, live_tracks, readable_version
from scoring.automations.admin.versions import Versions
from scoring.automations.models import ActionRun, Automation, Crossing
from scoring.automations.starter import install, read
from scoring.criteria.document import DocumentInvalid
from scoring.engine.models import Track

LATELY: Final = timedelta(days=7)
LONGER: Final = timedelta(days=30)
STEM: Final = "scoring_automation"
NONE_YET: Final = _(
    "No automations yet. One says what is to be done when a score changes: when a lead gets hot, "
    "give its owner a task."
)


class AutomationList(ChangeList):
    """Adds to the automations of the page what they say and have done."""

    empty_text: Any = NONE_YET

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        for automation in self.result_list:
            automation.may_switch = self.model_admin.has_change_permission(request, automation)
        add_words(list(self.result_list))
        add_counts(list(self.result_list), request)
        if not live_tracks().exists():
            self.empty_text = NO_MODEL


def add_words(automations: list[Any]) -> None:
    models = {automation.model_id for automation in automations}
    tracks = {track.model_id: track for track in live_tracks().filter(model__in=models)}
    for automation in automations:
        track: Track | None = tracks.get(automation.model_id)
        automation.document, automation.problems = readable_version(automation, track)


def add_counts(automations: list[Any], request: HttpRequest) -> None:
    """Crossings that were acted upon, and actions that failed, of the last 7 and 30 days."""
    now = timezone.now()
    crossings: Any = visible(Crossing.objects.all(), request)
    recent = crossings.filter(automation__in=automations, suppressed="", at__gt=now - LONGER)
    counted = recent.order_by().values("automation").annotate(
        week=Count("pk", filter=Q(at__gt=now - LATELY)), month=Count("pk")
    )  # fmt: skip
    counts = {row["automation"]: row for row in counted}
    runs = ActionRun.objects.filter(
        crossing__in=recent.order_by().values("pk"), state=ActionRun.State.FAILED
    )
    failed = dict(
        runs.order_by().values("crossing__automation").annotate(count=Count("pk"))
        .values_list("crossing__automation", "count")
    )  # fmt: skip
    for automation in automations:
        row = counts.get(automation.pk, {})
        automation.week, automation.month = row.get("week", 0), row.get("month", 0)
        automation.failed = failed.get(automation.pk, 0)


@admin.register(Automation)
class AutomationAdmin(Versions):
    list_display = ("named", "switch", "when", "then", "crossings", "trouble")
    list_select_related = ("model", "version")
    list_filter = ("live", ("model", RelatedDropdownFilter))
    search_fields = ("name", "version__document")
    list_before_template: Any = "scoring/automations/list_before.html"

    def get_changelist(self, request: HttpRequest, **options: Any) -> Any:
        return AutomationList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        may_add = self.has_add_permission(request) and live_tracks().exists()
        context = {
            "offers_ready_made": may_add and not has_ready_made(),
            "may_import": may_add,
            "models": [track.model for track in live_tracks()],
            "held_back": self.held_back(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, extra_context=context)

    def held_back(self, request: HttpRequest) -> int:
        crossings: Any = visible(Crossing.objects.all(), request)
        return int(crossings.held_back().count())

    # --- The list ----------------------------------------------------------------------------

    @column(_("name"), ordering="name", header=True)
    def named(self, automation: Automation) -> list[str]:
        return [automation.name, str(automation.model)]

    @column(_("on"), ordering="live")
    def switch(self, automation: Automation) -> str:
        return render_to_string("scoring/automations/switch.html", {"automation": automation})

    @column(_("when"))
    def when(self, automation: Any) -> str:
        document = automation.document
        said = capfirst(document.trigger.sentence()) if document else ""
        return format_html('<span class="auto-when">{}</span>', said)

    @column(_("then"))
    def then(self, automation: Any) -> str:
        actions = automation.document.actions if automation.document else []
        return render_to_string("scoring/automations/icons.html", {"actions": actions})

    @column(_("crossed in 7 / 30 days"))
    def crossings(self, automation: Any) -> str:
        return render_to_string("scoring/automations/counts.html", {"automation": automation})

    @column(_("problems"))
    def trouble(self, automation: Any) -> str:
        return render_to_string("scoring/automations/problems.html", {"automation": automation})

    # --- Addresses ---------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        views = {
            "switch-on": ("switch_on", self.switch_on_view),
            "switch-off": ("switch_off", self.switch_off_view),
            "versions": ("versions", self.versions_view),
            "versions/<int:number>/back": ("back", self.go_back_view),
            "text": ("text", self.text_view),
            "export": ("export", self.export_view),
        }
        general = {
            "people": self.people_view,
            "import": self.import_view,
            "ready-made": self.ready_made_view,
        }
        own = self.admin_site.admin_view
        return [
            *(
                path(f"{at}/", own(view), name=f"{STEM}_{at.replace('-', '_')}")
                for at, view in general.items()
            ),
            *(
                path(
                    f"<int:object_id>/{at}/", own(text_id(view)), name=f"scoring_automation_{name}"
                )
                for at, (name, view) in views.items()
            ),
            *super().get_urls(),
        ]

    # --- The ready-made set ------------------------------------------------------------------

    def ready_made_view(self, request: HttpRequest) -> HttpResponse:
        """Install what most begin with, each of them switched off."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        track = live_tracks().filter(model=digits(request.POST.get("model"))).first()
        if track is None:
            raise Http404
        user: Any = request.user
        try:
            installed = install(track.model, get_language() or "", user)
        except DocumentInvalid as invalid:
            for fault in invalid.faults:
                messages.error(request, str(fault))
        else:
            for automation in installed.automations:
                self.log_addition(request, automation, [{"added": {}}])
            messages.success(request, installed_words(len(installed.automations)))
        return To(reverse("admin:scoring_automation_changelist"))


def has_ready_made() -> bool:
    """Whether any of the set is here, in the reader's language."""
    names = [automation["name"] for automation in read(get_language() or "")["automations"]]
    return Automation.objects.filter(name__in=names).exists()


def installed_words(count: int) -> str:
    told = ngettext(
        "%(count)d ready-made automation was added, switched off: look at it, and switch it on "
        "if you want it.",
        "%(count)d ready-made automations were added, switched off: look at them, and switch on "
        "those that you want.",
        count,
    )
    return told % {"count": count}


def digits(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0


def text_id(view: Any) -> Any:
    """The views of the admin take ids as text."""

    def called(request: HttpRequest, object_id: int, **more: Any) -> HttpResponse:
        return view(request, str(object_id), **more)  # type: ignore[no-any-return]

    return called
