"""What merging adds to the page of a lead: who may be the same, and who was merged into it."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext

from contacts.admin.base import Section, page_of
from contacts.admin.sections import moment
from contacts.models import Merge
from contacts.models.teams import name_of
from scoring.engine.admin.more import lead_section
from scoring.engine.leads import Lead
from scoring.pipeline.merging.duplicates import alike
from scoring.pipeline.merging.together import may_merge


def link_to(address: str, text: str) -> str:
    return format_html(
        '<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', address, text
    )


@lead_section
def possible_duplicates(lead: Lead, request: HttpRequest) -> Section | None:
    if not may_merge(request.user) or not (found := alike(lead, request.user)):
        return None
    return Section(
        parameter="duplicates",
        title=gettext("Possible duplicates"),
        headers=[gettext("lead"), gettext("e-mail"), gettext("company"), gettext("why"), ""],
        page=Paginator(found, len(found)).page(1),
        rows=[
            [
                link_to(
                    reverse("admin:scoring_lead_change", args=[each.contact.pk]),
                    each.contact.full_name or each.contact.email,
                ),
                each.contact.email,
                str(each.contact.company or ""),
                "; ".join(each.reasons),
                link_to(
                    reverse("admin:pipeline_merge", args=[lead.pk, each.contact.pk]),
                    gettext("Compare and merge"),
                ),
            ]
            for each in found
        ],
        empty="",
    )


@lead_section
def merged_into_it(lead: Lead, request: HttpRequest) -> Section | None:
    """With the score that each had before: its history is on the page of the merge."""
    if not request.user.has_perm("contacts.view_merge"):
        return None
    merges = Merge.objects.filter(contact=lead.pk).select_related("by").defer("merged", "before")
    page = page_of(merges, request, "merges")
    if not page.paginator.count:
        return None
    return Section(
        parameter="merges",
        title=gettext("Merged into this lead"),
        headers=[
            gettext("contact"),
            gettext("former address"),
            gettext("score before"),
            gettext("when"),
            gettext("by"),
        ],
        page=page,
        rows=[
            [
                link_to(
                    reverse("admin:contacts_merge_change", args=[each.pk]),
                    each.name or each.address,
                ),
                each.address,
                totals_of(each),
                moment(each.at),
                said_by(each),
            ]
            for each in page
        ],
        empty="",
    )


def totals_of(merge: Merge) -> str:
    scores: list[dict[str, Any]] = merge.archived("scoring.score")
    return ", ".join(str(score["total"]) for score in scores) or "–"


def said_by(merge: Merge) -> str:
    who = name_of(merge.by) if merge.by else merge.username
    if merge.undone_at is None:
        return who
    return gettext("%(who)s; undone by %(undone_by)s") % {"who": who, "undone_by": merge.undone_by}
