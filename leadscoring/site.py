"""The admin site: one for the whole project, with its sidebar."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponseBase]
Badge = Callable[[HttpRequest], str | int | None]


@dataclass(frozen=True, slots=True)
class Page:
    """A place in the sidebar of a page that is no model's, for whoever has the permission."""

    title: str | Promise
    icon: str
    permission: str


# The sidebar: what is used every day first. A model is named by its label, with its icon, a page
# by the name of its address. A model of ours that is not named here comes at the end, under the
# name of its app.
Group = tuple[str | Promise, Mapping[str, str | Page]]
GROUPS: Final[list[Group]] = [
    (
        _("Leads"),
        {
            "scoring.lead": "local_fire_department",
            "scoring.segment": "filter_alt",
            "contacts.contact": "person",
            "contacts.company": "domain",
            "contacts.activity": "bolt",
            "contacts.tag": "label",
            "admin:pipeline_duplicates": Page(
                _("Duplicates"), "join_inner", "contacts.change_contact"
            ),
            "contacts.merge": "merge",
            "contacts.importjob": "upload_file",
            "scoring.notification": "notifications",
            "scoring.suggestion": "lightbulb",
        },
    ),
    (
        _("Sales"),
        {
            "admin:pipeline_board": Page(_("Pipeline board"), "view_kanban", "contacts.view_deal"),
            "admin:pipeline_calls": Page(_("Call list"), "call", "scoring.view_callsession"),
            "admin:pipeline_capture": Page(
                _("Quick capture"), "person_add", "contacts.add_contact"
            ),
            "admin:pipeline_pool": Page(_("Lead pool"), "waves", "contacts.claim_lead"),
            "admin:pipeline_feedback": Page(
                _("Feedback"), "thumbs_up_down", "scoring.view_handover"
            ),
            "contacts.task": "task_alt",
            "admin:pipeline_dormant": Page(_("Dormant"), "bedtime", "scoring.view_lead"),
            "contacts.deal": "handshake",
            "contacts.pipeline": "view_column",
            "contacts.product": "package_2",
            "contacts.campaign": "campaign",
            "contacts.campaigntouch": "touch_app",
            "admin:pipeline_rules": Page(
                _("Assignment rules"), "alt_route", "scoring.view_assignmentrule"
            ),
            "admin:pipeline_hand_over": Page(
                _("Hand over leads"), "swap_horiz", "contacts.hand_over_leads"
            ),
            "contacts.assignment": "manage_history",
            "contacts.absence": "event_busy",
            "scoring.callscript": "speaker_notes",
            "scoring.manualband": "approval",
            "scoring.rejectionreason": "rule_settings",
            "scoring.emailtemplate": "stylus_note",
        },
    ),
]
LATER_GROUPS: Final[list[Group]] = [
    (
        _("Reports"),
        {
            "admin:review": Page(_("Weekly review"), "event_note", "scoring.view_meeting"),
            "admin:terms": Page(_("Terms and goals"), "handshake", "scoring.view_terms"),
            "admin:reports": Page(_("Reports"), "monitoring", "scoring.view_reports"),
        },
    ),
    (
        _("Automations"),
        {
            "scoring.automation": "account_tree",
            "scoring.crossing": "moving",
            "scoring.sequence": "linear_scale",
        },
    ),
    (
        _("Scoring"),
        {
            "scoring.scoringmodel": "rule",
            "scoring.version": "history_edu",
            "scoring.recompute": "autorenew",
        },
    ),
    (
        _("Outbox"),
        {
            "scoring.message": "outbox",
            "scoring.ownercard": "contact_mail",
            "scoring.endpoint": "webhook",
            "scoring.destination": "forum",
        },
    ),
    (
        _("Set-up"),
        {
            "first_run_next": Page(_("First steps"), "flag", "auth.add_user"),
            "contacts.customfield": "list_alt_add",
            "contacts.importmapping": "table_convert",
            "contacts.activitytype": "category",
            "contacts.target": "ads_click",
            "contacts.fieldchange": "history",
            "contacts.team": "groups",
            "contacts.calendar": "calendar_month",
            "scoring.source": "cable",
            "scoring.apikey": "key",
            "scoring.rejecteditem": "assignment_return",
            "contacts.workerprocess": "work_history",
            "auth.user": "group",
            "auth.group": "shield_person",
        },
    ),
]
# Reached from the page of what they are a part of.
WITHOUT_PLACE: Final = {"contacts.stage"}


# What packages add to the site and its sidebar, each where it is imported.
PAGES: Final[list[tuple[str, str, View]]] = []
BADGES: Final[dict[str, Badge]] = {}


def admin_page(route: str, name: str) -> Callable[[View], View]:
    """Serve this view below the admin's address, as ``admin:name``, to whoever is logged in.

    What the person may see and do there is asked by the view.
    """

    def register(view: View) -> View:
        PAGES.append((route, name, view))
        return view

    return register


def sidebar_badge(name: str) -> Callable[[Badge], Badge]:
    """Show the number that this finds beside the page of that name; None shows none."""

    def register(badge: Badge) -> Badge:
        BADGES[name] = badge
        return badge

    return register


class LeadScoringAdminSite(UnfoldAdminSite):
    """Unfold's site; settings.UNFOLD says how it looks."""

    index_title = _("Overview")

    def get_urls(self) -> list[Any]:
        """Those of the pages first: the last of the others takes every address."""
        pages = [path(route, self.admin_view(view), name=name) for route, name, view in PAGES]
        return [*pages, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Each page asks twice for the whole: for its sidebar, and for Django's templates."""
        if app_label is not None:
            return super().get_app_list(request, app_label)
        if not hasattr(request, "_app_list"):
            request._app_list = super().get_app_list(request)  # type: ignore[attr-defined]
        return list(request._app_list)  # type: ignore[attr-defined]

    def _build_app_dict(self, request: HttpRequest, label: Any = None) -> dict[str, Any]:
        """With its names as text: Django sorts by them, and would translate at each comparison."""
        found = super()._build_app_dict(request, label)
        for each in found.values():
            each["name"] = str(each["name"])
            for model in each["models"]:
                model["name"] = str(model["name"])
        return found


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: the models and pages that this person may see, in groups."""
    apps = admin.site.get_app_list(request)
    models = {
        model["model"]._meta.label_lower: model
        for app in apps
        for model in app["models"]
        if model["admin_url"]
    }
    placed = {name for _title, group in [*GROUPS, *LATER_GROUPS] for name in group}
    others: list[Group] = [
        (app["name"], dict.fromkeys(names, "circle"))
        for app in apps
        if (
            names := [
                model["model"]._meta.label_lower
                for model in app["models"]
                if model["model"]._meta.label_lower not in placed | WITHOUT_PLACE
            ]
        )
    ]
    return [
        {"title": title, "separator": True, "items": items}
        for title, group in [*GROUPS, *others, *LATER_GROUPS]
        if (items := list(entries(request, group, models)))
    ]


def entries(
    request: HttpRequest, group: Mapping[str, str | Page], models: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    for name, entry in group.items():
        if isinstance(entry, Page):
            if request.user.has_perm(entry.permission):
                yield page_link(request, name, entry)
        elif name in models:
            yield link(request, models[name], entry)


def page_link(request: HttpRequest, name: str, page: Page) -> dict[str, Any]:
    address = reverse(name)
    badge = BADGES.get(name)
    return {
        "title": page.title,
        "link": address,
        "icon": page.icon,
        "badge": badge(request) if badge else None,
        "active": request.path.startswith(address),
    }


def link(request: HttpRequest, model: dict[str, Any], icon: str) -> dict[str, Any]:
    """An entry; the page of a model may have a number beside it, such as of what is unread."""
    page = admin.site.get_model_admin(model["model"])
    badge = getattr(page, "sidebar_badge", None)
    return {
        "title": getattr(page, "sidebar_title", model["name"]),
        "link": model["admin_url"],
        "icon": icon,
        "badge": badge(request) if badge else None,
        # Unfold itself asks whether one path contains the other, which marks "activity" on
        # the pages of "activity type" as well.
        "active": request.path.startswith(model["admin_url"]),
    }
