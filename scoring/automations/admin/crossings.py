"""What has crossed, what was done about it, and what waits for a person's word."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)

from contacts.admin.base import ReadOnlyAdmin, column, visible
from contacts.admin.filters import DaysFilter
from contacts.admin.sections import moment
from contacts.models import Contact
from contacts.numerals import whole
from scoring.automations.actions import ACTIONS
from scoring.automations.firing import try_again
from scoring.automations.handing_over import is_doable
from scoring.automations.models import ActionRun, Automation, Crossing, TriggerState
from scoring.criteria.document import DocumentInvalid
from scoring.engine.models import Cause, Score, ScoreChange

NAMED: Final = 10
PRESENT: Final = "present"
PILOT: Final = "pilot"
EMPTY: Final = _(
    "Nothing has crossed yet. When an automation that is on goes off for a lead, it is listed "
    "here with what was done."
)
# Why a crossing that was kept quiet came about, in a person's words.
CAUSES: Final[dict[str, Any]] = {
    PRESENT: _("was past the level already, or had its first score"),
    PILOT: _("takes part in a pilot"),
    Cause.ACTIVITY: _("imported or loaded activities"),
    Cause.PROFILE: _("imported or changed fields"),
    Cause.TIME: _("time passed"),
    Cause.MERGE: _("contacts were merged or parted"),
    Cause.ERASURE: _("the contact was erased"),
    Cause.VERSION: _("another version of the model went live"),
    Cause.RECOMPUTE: _("everything was recomputed"),
}


class OutcomeFilter(DropdownFilter):
    title = _("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("acted", _("acted upon")),
            ("failed", _("with an action that failed")),
            *Crossing.Suppressed.choices,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "acted":
            return queryset.filter(suppressed="")
        if self.value() == "failed":
            failed = ActionRun.objects.filter(state=ActionRun.State.FAILED)
            return queryset.filter(pk__in=failed.values("crossing"))
        return queryset.filter(suppressed=self.value()) if self.value() else queryset


@admin.register(Crossing)
class CrossingAdmin(ReadOnlyAdmin):
    empty_text = EMPTY
    list_display = ("when", "lead", "automation", "movement", "outcome")
    list_filter = (
        ("automation", RelatedDropdownFilter),
        OutcomeFilter,
        ("direction", ChoicesDropdownFilter),
        ("at", DaysFilter),
    )
    search_fields = (
        "contact__email_norm",
        "contact__first_name_norm",
        "contact__last_name_norm",
        "contact__company__name_norm",
    )
    list_before_template: Any = "scoring/automations/crossings_before.html"

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_runs(super().get_queryset(request)).select_related("contact")

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-at", "pk"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        context = {"held_back": self.held(request).count(), **(extra_context or {})}
        return super().changelist_view(request, extra_context=context)

    @column(_("when"), ordering="at")
    def when(self, crossing: Crossing) -> str:
        return moment(crossing.at)

    @column(_("lead"), ordering="contact__last_name_norm")
    def lead(self, crossing: Crossing) -> str:
        return format_html(
            '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>',
            lead_url(crossing.contact),
            name_of(crossing.contact),
        )

    @column(_("total"))
    def movement(self, crossing: Crossing) -> str:
        return movement_of(crossing)

    @column(_("what was done"))
    def outcome(self, crossing: Any) -> str:
        return render_to_string("scoring/automations/outcome.html", {"crossing": crossing})

    # --- One crossing ------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        crossing: Any = self.get_object(request, object_id)
        armed = TriggerState.objects.filter(
            track=crossing.track_id, contact=crossing.contact_id, automation=crossing.automation_id
        ).values_list("armed", flat=True)
        may_act = self.may_act(request)
        return self.page(
            request,
            "crossing",
            crossing=crossing,
            object=crossing,
            title=gettext("%(automation)s: %(lead)s")
            % {"automation": crossing.automation.name, "lead": name_of(crossing.contact)},
            movement=movement_of(crossing),
            lead_url=lead_url(crossing.contact),
            runs=[(run, kind_title(run.kind), sentence_of(crossing, run)) for run in
                  crossing.runs.all()],
            may_act=may_act,
            may_release=may_act and crossing.suppressed == Crossing.Suppressed.QUIET,
            may_rearm=may_act and False in armed,
        )  # fmt: skip

    def may_act(self, request: HttpRequest) -> bool:
        """Who may write automations decides what they do, too."""
        return bool(request.user.has_perm("scoring.change_automation"))

    def retry_view(self, request: HttpRequest, object_id: str, position: int) -> HttpResponse:
        """Do an action that failed once more."""
        crossing = self.to_act_on(request, object_id)
        if isinstance(crossing, HttpResponse):
            return crossing
        run = crossing.runs.filter(position=position, state=ActionRun.State.FAILED).first()
        if run is None:
            messages.warning(request, gettext("This action did not fail, or was done meanwhile."))
        elif not is_doable(crossing):
            told = gettext(
                "The version that crossed no longer fits the model, so it cannot be done."
            )
            messages.error(request, told)
        else:
            again = try_again(run)
            level = messages.SUCCESS if again.state == ActionRun.State.DONE else messages.ERROR
            messages.add_message(request, level, again.detail or again.get_state_display())
        return to(crossing)

    def rearm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the automation go off for this contact once more."""
        crossing = self.to_act_on(request, object_id)
        if isinstance(crossing, HttpResponse):
            return crossing
        crossing.automation.rearm([crossing.contact_id])
        told = gettext("“%(automation)s” may go off for %(lead)s again.")
        names = {"automation": crossing.automation.name, "lead": name_of(crossing.contact)}
        messages.success(request, told % names)
        return to(crossing)

    def to_act_on(self, request: HttpRequest, object_id: str) -> Any:
        """The crossing, or the answer to whoever asks without meaning to act."""
        crossing = self.get_object(request, object_id)
        if not self.may_act(request):
            raise PermissionDenied
        return crossing if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    # --- Held back ---------------------------------------------------------------------------

    def held(self, request: HttpRequest) -> Any:
        crossings: Any = visible(Crossing.objects.all(), request)
        return crossings.held_back()

    def held_view(self, request: HttpRequest) -> HttpResponse:
        """How many are held back, by automation and by what brought them about."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        groups = (
            with_cause(self.held(request)).order_by().values("automation", "why")
            .annotate(count=Count("pk")).order_by("automation__name", "why")
        )  # fmt: skip
        names = Automation.objects.in_bulk([group["automation"] for group in groups])
        shown = [
            {**group, "name": names[group["automation"]], "cause": CAUSES.get(group["why"], "")}
            for group in groups
        ]
        return self.page(
            request,
            "held",
            groups=shown,
            may_act=self.may_act(request),
            title=gettext("Held back"),
        )

    def release_view(self, request: HttpRequest) -> HttpResponse:
        """Hand over a group, or one crossing, once the number was seen and confirmed."""
        return self.confirmed(request, "release", gettext("Hand over"), self.released)

    def drop_view(self, request: HttpRequest) -> HttpResponse:
        """The same, to close them without doing anything."""
        return self.confirmed(request, "drop", gettext("Drop"), self.dropped)

    def confirmed(
        self,
        request: HttpRequest,
        name: str,
        title: str,
        do: Callable[[HttpRequest, Any], HttpResponse],
    ) -> HttpResponse:
        if not self.may_act(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        rows = self.asked_for(request, asked.get("automation", ""), asked.get("why", ""),
                              asked.get("crossing", ""))  # fmt: skip
        count = rows.count()
        if request.method == "POST" and count and asked.get("count") == str(count):
            return do(request, rows)
        if request.method == "POST":
            messages.warning(request, gettext("Meanwhile there are others; look again."))
        first = with_present(rows.select_related("contact", "automation"))
        first = first.order_by("-total", "pk")[:NAMED]
        return self.page(
            request,
            name,
            title=title,
            count=count,
            more=max(0, count - NAMED),
            first=[(name_of(each.contact), lead_url(each.contact), each) for each in first],
            automation=rows.first().automation if count else None,
            asked={name: asked.get(name, "") for name in ("automation", "why", "crossing")},
        )

    def asked_for(self, request: HttpRequest, automation: str, why: str, crossing: str) -> Any:
        """Of what is held back, one crossing or the group that was asked for."""
        rows = self.held(request)
        if crossing:
            one = self.get_object(request, crossing)
            return rows.filter(pk=one.pk)
        if not automation.isdecimal() or len(automation) > 9 or why not in CAUSES:
            return rows.none()
        matching = with_cause(rows.filter(automation=automation)).filter(why=why)
        # By id, for an annotated queryset cannot be updated on every database.
        return rows.filter(pk__in=matching.values("pk"))

    def released(self, request: HttpRequest, rows: Any) -> HttpResponse:
        count = rows.release(request.user)
        told = ngettext(
            "%(count)d crossing is handed over; a worker does its actions now.",
            "%(count)d crossings are handed over; a worker does their actions now.",
            count,
        )
        messages.success(request, told % {"count": count})
        return HttpResponseRedirect(reverse("admin:scoring_crossing_held"))

    def dropped(self, request: HttpRequest, rows: Any) -> HttpResponse:
        count = rows.drop(request.user)
        told = ngettext(
            "%(count)d crossing is dropped; nothing is done for it.",
            "%(count)d crossings are dropped; nothing is done for them.",
            count,
        )
        messages.success(request, told % {"count": count})
        return HttpResponseRedirect(reverse("admin:scoring_crossing_held"))

    # --- Addresses ---------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        own = self.admin_site.admin_view
        views = {
            "held": ("held/", self.held_view),
            "release": ("held/release/", self.release_view),
            "drop": ("held/drop/", self.drop_view),
            "retry": ("<uuid:object_id>/retry/<int:position>/", with_text_id(self.retry_view)),
            "rearm": ("<uuid:object_id>/rearm/", with_text_id(self.rearm_view)),
        }
        return [
            *(path(at, own(view), name=f"scoring_crossing_{n}") for n, (at, view) in views.items()),
            *super().get_urls(),
        ]

    def page(self, request: HttpRequest, name: str, **facts: Any) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            **facts,
        }
        return TemplateResponse(request, f"scoring/automations/{name}.html", context)


def with_text_id(view: Any) -> Any:
    def called(request: HttpRequest, object_id: object, **more: Any) -> HttpResponse:
        return view(request, str(object_id), **more)  # type: ignore[no-any-return]

    return called


def with_runs(crossings: QuerySet[Any]) -> QuerySet[Any]:
    """With how many actions were done, and how many failed."""
    state = ActionRun.State
    return crossings.select_related("automation").annotate(  # type: ignore[no-any-return]
        done=Count("runs", filter=Q(runs__state=state.DONE)),
        failed=Count("runs", filter=Q(runs__state=state.FAILED)),
    )


def with_cause(crossings: QuerySet[Crossing]) -> QuerySet[Any]:
    """With ``why``: the cause of the score's change, or that there was none to cross by."""
    change = ScoreChange.objects.filter(
        track=OuterRef("track"), contact=OuterRef("contact"), revision=OuterRef("revision")
    )
    why = Case(
        When(activity__isnull=False, then=Value(Cause.ACTIVITY.value)),
        When(total_before=None, then=Value(PRESENT)),
        When(revision=None, then=Value(PILOT)),
        default=Subquery(change.values("cause")[:1]),
        output_field=CharField(),
    )
    return crossings.annotate(why=why)


def with_present(crossings: QuerySet[Crossing]) -> QuerySet[Any]:
    """With ``present``: the total by now, beside the one that crossed."""
    scores = Score.objects.acting().filter(
        track__model=OuterRef("track__model"), contact=OuterRef("contact"), excluded=False
    )
    return crossings.annotate(present=Subquery(scores.values("total")[:1]))


def movement_of(crossing: Crossing) -> str:
    """From where to where, as far as there are totals."""
    if crossing.total is None:
        return ""
    if crossing.total_before is None:
        return whole(crossing.total)
    return f"{whole(crossing.total_before)} → {whole(crossing.total)}"


def name_of(contact: Contact) -> str:
    return contact.full_name or contact.email


def lead_url(contact: Contact) -> str:
    return reverse("admin:scoring_lead_change", args=[contact.pk])


def kind_title(kind: str) -> str:
    return str(ACTIONS[kind].title) if kind in ACTIONS else kind


def sentence_of(crossing: Crossing, run: ActionRun) -> str:
    """What the action was to do; empty where the version cannot be read any more."""
    try:
        actions = crossing.version.value(crossing.track).actions
    except DocumentInvalid:
        return ""
    return actions[run.position].sentence() if run.position < len(actions) else ""


def to(crossing: Crossing) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:scoring_crossing_change", args=[crossing.pk]))
