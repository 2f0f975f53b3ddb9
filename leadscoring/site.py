"""The admin site: one for the whole project, with its sidebar."""

from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

# The sidebar: what is used every day first. A model of ours that is not named here comes at
# the end, under the name of its app.
GROUPS: Final = [
    (
        _("Leads"),
        {
            "scoring.lead": "local_fire_department",
            "scoring.segment": "filter_alt",
            "contacts.contact": "person",
            "contacts.company": "domain",
            "contacts.activity": "bolt",
            "contacts.tag": "label",
            "contacts.importjob": "upload_file",
            "scoring.notification": "notifications",
            "scoring.suggestion": "lightbulb",
        },
    ),
    (
        _("Sales"),
        {
            "contacts.task": "task_alt",
            "contacts.deal": "handshake",
            "contacts.pipeline": "view_column",
            "contacts.product": "package_2",
            "contacts.campaign": "campaign",
            "contacts.campaigntouch": "touch_app",
            "contacts.absence": "event_busy",
        },
    ),
]
LATER_GROUPS: Final = [
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


class LeadScoringAdminSite(UnfoldAdminSite):
    """Unfold's site; settings.UNFOLD says how it looks."""

    index_title = _("Overview")


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The sidebar: the models that this person may see, in groups."""
    apps = admin.site.get_app_list(request)
    models = {
        model["model"]._meta.label_lower: model
        for app in apps
        for model in app["models"]
        if model["admin_url"]
    }
    placed = {name for _title, group in [*GROUPS, *LATER_GROUPS] for name in group}
    others = [
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
        {
            "title": title,
            "separator": True,
            "items": [
                *([first_steps(request)] if "auth.user" in group and "auth.user" in models else []),
                *(
                    link(request, models[name], icon)
                    for name, icon in group.items()
                    if name in models
                ),
            ],
        }
        for title, group in [*GROUPS, *others, *LATER_GROUPS]
        if not models.keys().isdisjoint(group)
    ]


def first_steps(request: HttpRequest) -> dict[str, Any]:
    """For whoever makes users; a page of no model."""
    address = reverse("first_run_next")
    return {
        "title": _("First steps"),
        "link": address,
        "icon": "flag",
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
