"""What the agreement adds to the first page: whose turn it is, and what changed lately."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from contacts.numerals import numeral
from scoring.agreement.admin.hub import PAGES, address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.impact import Impact
from scoring.agreement.proposals import waiting_for
from scoring.engine.admin.home_blocks import SHOWN_MOST, Block, Item, home_block, home_work

# Lines that are looked at to be put together.
READ_MOST = 200
CONCERNED = (
    "scoring.sign_for_marketing",
    "scoring.sign_for_sales",
    "scoring.propose_version",
    "scoring.publish_version",
)


@home_block(order=10)
def my_turn(request: HttpRequest) -> Block | None:
    """What waits for this person's signature, answer or decision."""
    if not any(map(request.user.has_perm, CONCERNED)):
        return None
    items = [
        Item(each.title, each.link, each.icon, since=each.since)
        for each in waiting_for(request.user)
    ]
    return Block(
        "turn",
        gettext("Waits for you"),
        "draw",
        items[:SHOWN_MOST],
        empty=gettext("No version waits for your signature or decision."),
        more_url=reverse("admin:scoring_scoringmodel_changelist"),
        more=gettext("Scoring models"),
    )


@home_block(order=50)
def changed_lately(request: HttpRequest) -> Block | None:
    """The newest lines of the audit trail; left out before there are any."""
    if not request.user.has_perm("scoring.view_auditentry"):
        return None
    newest = AuditEntry.objects.select_related("model", "version").order_by("-pk")
    lines = groupby(newest[:READ_MOST], key=deed_of)
    items = [line(request, list(entries)) for _deed, entries in islice(lines, SHOWN_MOST)]
    return Block("changes", gettext("What changed in the models"), "history", items)


def deed_of(entry: AuditEntry) -> tuple[object, ...]:
    return entry.username, entry.action, entry.model_id, entry.version_id


def line(request: HttpRequest, entries: list[AuditEntry]) -> Item:
    """The same deed again and again is one line, with the time of the last."""
    said = in_words(entries[0])
    if len(entries) > 1:
        counted = gettext("%(deed)s (%(count)s times)")
        said = counted % {"deed": said, "count": numeral(len(entries))}
    return Item(said, address(request, entries[0]), "history", since=entries[0].at)


def in_words(entry: AuditEntry) -> str:
    said = {
        "who": entry.username or gettext("The product"),
        "what": entry.get_action_display(),
        "model": entry.model.name,
    }
    if entry.version is None:
        return gettext("%(who)s %(what)s: %(model)s") % said
    said["number"] = str(entry.version.number)
    return gettext("%(who)s %(what)s: %(model)s %(number)s") % said


def address(request: HttpRequest, entry: AuditEntry) -> str:
    """The audit trail of the model, where this person may see it."""
    page = PAGES.get("audit")
    if page is None or not page.may_see(request, entry.model):
        return ""
    return address_of("audit", entry.model)


@home_work
def impacts_under_way(request: HttpRequest) -> Iterator[Item]:
    if not request.user.has_perm("scoring.view_version"):
        return
    found = Impact.objects.filter(state__in=Impact.UNFINISHED).select_related("model")
    counted: Any = found.annotate(parts=Count("steps"), finished=Count("steps__done_at"))
    for impact in counted.order_by("-pk")[:SHOWN_MOST]:
        text = gettext("The impact of a version of %(model)s") % {"model": impact.model.name}
        yield Item(
            text,
            address_of("impact", impact.model) if "impact" in PAGES else "",
            "query_stats",
            impact.get_state_display(),
            percent=100 * impact.finished // impact.parts if impact.parts else None,
        )
