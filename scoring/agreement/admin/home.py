"""What the agreement adds to the first page: whose turn it is, and what changed lately."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

from django.db.models import Count, Min
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from contacts.numerals import numeral
from scoring.agreement.admin.hub import PAGES, address_of
from scoring.agreement.audit import AuditEntry
from scoring.agreement.impact import Impact
from scoring.agreement.proposals import waiting_for
from scoring.agreement.sides import PROPOSE
from scoring.agreement.suggestions.models import ANSWER, Suggestion
from scoring.criteria.document import DocumentInvalid
from scoring.criteria.drafts import Draft
from scoring.criteria.models import Version
from scoring.engine.admin.home_blocks import (
    LATELY,
    SHOWN_MOST,
    TURNS,
    Block,
    Item,
    home_block,
    home_turn,
    home_work,
)

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
    items += [item for make in TURNS for item in make(request)]
    return Block(
        "turn",
        gettext("Waits for you"),
        "draw",
        items[:SHOWN_MOST],
        empty=gettext("Nothing waits for your signature or decision."),
        more_url=reverse("admin:scoring_scoringmodel_changelist"),
        more=gettext("Scoring models"),
    )


@home_turn
def drafts(request: HttpRequest) -> Iterator[Item]:
    """Drafts that were changed lately and say what no version says."""
    if not request.user.has_perm(PROPOSE):
        return
    lately = Draft.objects.filter(changed_at__gte=timezone.now() - LATELY)
    for draft in lately.select_related("model", "base").order_by("-changed_at")[:SHOWN_MOST]:
        if not is_a_version(draft):
            text = gettext("A draft of “%(model)s” is not proposed yet")
            url = address_of("criteria", draft.model)
            said = text % {"model": draft.model.name}
            yield Item(said, url, "edit_note", since=draft.changed_at)


def is_a_version(draft: Draft) -> bool:
    """Whether it says what some version of its model says."""
    try:
        found = draft.document().hash
    except DocumentInvalid:
        return False
    return Version.objects.filter(model=draft.model_id, hash=found).exists()


@home_turn
def suggestions(request: HttpRequest) -> Iterator[Item]:
    if not request.user.has_perm(ANSWER):
        return
    waiting = Suggestion.objects.open().order_by().values("model", "model__name")
    for row in waiting.annotate(number=Count("pk"), oldest=Min("created_at"))[:SHOWN_MOST]:
        text = ngettext(
            "%(count)d suggestion for “%(model)s” waits for an answer",
            "%(count)d suggestions for “%(model)s” wait for an answer",
            row["number"],
        )
        said = text % {"count": row["number"], "model": row["model__name"]}
        url = reverse("admin:scoring_scoringmodel_suggestions", args=[row["model"]])
        yield Item(said, url, "lightbulb", since=row["oldest"])


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
