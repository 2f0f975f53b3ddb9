"""The parts of a weekly review, from its facts; each in a few queries."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import Avg, Count, Sum
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from contacts.models.teams import name_of
from scoring.agreement.audit import Action, AuditEntry
from scoring.engine.admin.badges import band_name
from scoring.engine.proportions import Proportion
from scoring.pipeline.feedback.reasons import RejectionReason
from scoring.reports.blocks import Block, Column, Figure, Figures, Section, Table, Words
from scoring.reports.periods import Period
from scoring.reports.pilots.actions import VIEW as VIEW_PILOT
from scoring.reports.review.facts import NEAR, SETS, Facts, Rows, leads_of
from scoring.reports.review.pilots import pilot_blocks
from scoring.reports.review.rules import rule_blocks
from scoring.reports.terms.agreeing import VIEW, page_of, terms_of
from scoring.reports.terms.progress import progress_of
from scoring.reports.terms.sections import figures as goal_figures
from scoring.reports.terms.sections import summary as goal_summary
from scoring.reports.terms.words import state_words
from scoring.reports.values import Value, contact, count, day, hours, instant, money, number, text

ROWS_MOST: Final = 15
ENTRIES_MOST: Final = 20
LIVE: Final = (Action.WENT_LIVE, Action.ROLLED_BACK, Action.COMMANDED)
SECONDS_OF_AN_HOUR: Final = 3600


def sections_of(facts: Facts, before: Facts) -> Iterator[Section]:
    yield Section(gettext("Leads that became hot"), [lead_figures(facts, before)])
    yield Section(gettext("What sales did"), [sales_figures(facts, before), reasons_table(facts)])
    yield Section(gettext("Response time against the agreement"), [agreement_figures(facts)])
    if goals := goal_blocks(facts):
        yield Section(gettext("Terms and goals"), goals, permission=VIEW)
    yield Section(gettext("The wrong way"), list(wrong_way(facts)))
    yield Section(
        gettext("Rules that help and rules that do not"),
        rule_blocks(facts.track, facts.question.now),
    )
    yield Section(gettext("Near the threshold"), list(near_blocks(facts)))
    if pilots := pilot_blocks(facts):
        yield Section(gettext("Pilot"), pilots, permission=VIEW_PILOT)
    yield Section(gettext("Changes of the model"), list(change_blocks(facts)))


def compared(facts: Facts, before: Facts, key: str, title: str, measure: str = "") -> Figure:
    """How many leads; and in as many days right before."""
    now, then = leads_of(SETS[key](facts)), leads_of(SETS[key](before))
    return Figure(title, count(now, key if now else ""), measure or key, count(then))


def single(facts: Facts, key: str, title: str) -> Figure:
    found = leads_of(SETS[key](facts))
    return Figure(title, count(found, key if found else ""), key)


def lead_figures(facts: Facts, before: Facts) -> Figures:
    named = {"band": band_name(facts.top.name)}
    return Figures(
        "",
        [
            compared(facts, before, "rose", gettext("became %(band)s") % named),
            compared(facts, before, "handed", gettext("handed over to sales")),
            single(facts, "hot", gettext("%(band)s now") % named),
        ],
    )


def sales_figures(facts: Facts, before: Facts) -> Figures:
    pairs = (
        ("accepted", gettext("accepted")),
        ("rejected", gettext("rejected")),
        ("tried", gettext("first attempts")),
        ("reached", gettext("reached by phone")),
        ("meetings", gettext("with a meeting")),
        ("opened", gettext("with a new deal")),
        ("won", gettext("won")),
    )
    items = [compared(facts, before, key, title) for key, title in pairs]
    items.append(single(facts, "waiting", gettext("not answered yet")))
    amount, then = amount_of(facts), amount_of(before)
    items.append(
        Figure(
            gettext("won, amount"), money(amount, "won" if amount else ""), "amount", money(then)
        )
    )
    return Figures("", items)


def amount_of(facts: Facts) -> Any:
    return facts.won().order_by().aggregate(sum=Sum("amount"))["sum"] or 0


def reasons_table(facts: Facts) -> Table:
    rejected = SETS["rejected"](facts).order_by()
    rows = rejected.values_list("reason").annotate(number=Count("contact", distinct=True))
    names = reason_names()
    ranked = sorted(rows, key=lambda row: (-row[1], names[row[0]]))
    return Table(
        "reasons",
        gettext("Why leads were rejected"),
        [Column(gettext("reason")), Column(gettext("leads"), "rejected")],
        [[text(names[pk]), count(leads, f"reason:{pk}")] for pk, leads in ranked],
        empty=gettext("Sales rejected no lead."),
    )


def reason_names() -> dict[int, str]:
    return {reason.pk: str(reason) for reason in RejectionReason.objects.all()}


def agreement_figures(facts: Facts) -> Figures:
    due, late = facts.response_due().count(), facts.response_late().count()
    answers, answers_late = facts.answer_due().count(), facts.answer_late().count()
    mean = facts.tried().order_by().aggregate(mean=Avg("response_seconds"))["mean"]
    timed = facts.timed().count()
    long = None if mean is None else float(mean) / SECONDS_OF_AN_HOUR
    return Figures(
        "",
        [
            Figure(
                gettext("first attempts in time"),
                in_time(due, late, "response"),
                "response_in_time",
                hint=of_so_many(due),
            ),
            single(facts, "response_late", gettext("first attempt late or missing")),
            Figure(
                gettext("working time to the first attempt"),
                hours(long, timed, "timed"),
                "response_mean",
            ),
            Figure(
                gettext("answers in time"),
                in_time(answers, answers_late, "answer"),
                "answer_in_time",
                hint=of_so_many(answers),
            ),
            single(facts, "answer_late", gettext("answer late or missing")),
        ],
    )


def in_time(due: int, late: int, key: str) -> Value:
    """Open to the leads that were, among those that were due."""
    return Value.share(Proportion(due - late, due), f"{key}_in_time", f"{key}_due")


def of_so_many(due: int) -> str:
    return ngettext("%(count)d was due", "%(count)d were due", due) % {"count": due}


def goal_blocks(facts: Facts) -> list[Block]:
    """How far the goals were at the end of the period, since their week or month began."""
    terms = terms_of(facts.track.model)
    if terms is None:
        return []
    until = replace(facts.question, now=facts.until)
    last = Period(until.period.last, until.period.last, until.period.zone)
    found = progress_of(terms, replace(until, period=last))
    state = state_words(terms, page_of(terms.model), until.period.zone)
    return [goal_figures(until, found), goal_summary(until, found), state]


def wrong_way(facts: Facts) -> Iterator[Block]:
    named = {"hot": band_name(facts.top.name), "cold": band_name(facts.lowest.name)}
    hot_rejected, cold_won = facts.hot_rejected(), facts.cold_won()
    titles = (gettext("%(hot)s but rejected") % named, gettext("%(cold)s but won") % named)
    yield Figures(
        "",
        [
            single(facts, "hot_rejected", titles[0]),
            single(facts, "cold_won", titles[1]),
        ],
    )
    columns = [Column(gettext("lead")), Column(gettext("reason")), Column(gettext("when"))]
    names, day_of = reason_names(), facts.question.period.day_of
    rejected = hot_rejected.order_by("-answered_at", "-pk")
    yield Table(
        "hot_rejected",
        titles[0],
        columns,
        [
            [contact(pk), text(names[reason]), day(day_of(at))]
            for pk, reason, at in rejected.values_list("contact", "reason", "answered_at")[
                :ROWS_MOST
            ]
        ],
        empty=gettext("Sales rejected no lead of the highest band."),
        hint=first_of_them(hot_rejected),
    )
    won = cold_won.order_by("-closed_at", "-pk").exclude(contact=None)
    yield Table(
        "cold_won",
        titles[1],
        columns,
        [
            [contact(pk), text(reason or gettext("no reason noted")), day(day_of(at))]
            for pk, reason, at in won.values_list("contact", "reason", "closed_at")[:ROWS_MOST]
        ],
        empty=gettext("No deal was won with a lead of the lowest band."),
        hint=first_of_them(cold_won),
    )


def first_of_them(rows: Rows) -> str:
    """Said only where there are more than are shown."""
    if rows.count() <= ROWS_MOST:
        return ""
    return gettext("The newest %(count)d at most; the figure opens all.") % {"count": ROWS_MOST}


def near_blocks(facts: Facts) -> Iterator[Block]:
    if facts.top.start is None:
        yield Words(gettext("The model has one band only: there is no threshold."))
        return
    title = gettext("within %(points)d points below %(band)s") % {
        "points": NEAR,
        "band": band_name(facts.top.name),
    }
    yield Figures("", [single(facts, "near", title)])
    rows = facts.near().order_by("-total", "contact").values_list("contact", "total")[:ROWS_MOST]
    yield Table(
        "near",
        gettext("The nearest"),
        [Column(gettext("lead")), Column(gettext("total")), Column(gettext("points missing"))],
        [[contact(pk), number(total), number(facts.top.start - total)] for pk, total in rows],
        empty=gettext("Nobody is so near."),
    )


def change_blocks(facts: Facts) -> Iterator[Block]:
    entries = AuditEntry.objects.filter(model=facts.track.model_id, **facts.question.during("at"))
    total = entries.count()
    yield Figures(
        "",
        [
            Figure(gettext("changes"), count(total), "changes"),
            Figure(
                gettext("versions brought live"),
                count(entries.filter(action__in=LIVE).count()),
                "live",
            ),
        ],
    )
    newest = entries.select_related("version", "user").order_by("-pk")[:ENTRIES_MOST]
    yield Table(
        "changes",
        gettext("The newest changes"),
        [
            Column(gettext("when")),
            Column(gettext("who")),
            Column(gettext("what")),
            Column(gettext("version")),
        ],
        [entry_row(entry) for entry in newest],
        empty=gettext("Nobody changed the model."),
    )
    yield Words(
        gettext("The whole trail stands on the page of the model."),
        url=reverse("admin:scoring_scoringmodel_audit", args=[facts.track.model_id]),
        link=gettext("Open it"),
    )


def entry_row(entry: AuditEntry) -> Sequence[Value]:
    detail: Mapping[str, Any] = entry.detail if isinstance(entry.detail, dict) else {}
    named = detail.get("name") or detail.get("title") or detail.get("rule") or ""
    said = entry.get_action_display()
    return [
        instant(entry.at),
        text(name_of(entry.user) if entry.user else entry.username or gettext("the product")),
        text(f"{said}: {named}" if isinstance(named, str) and named else said),
        text(entry.version.number if entry.version else ""),
    ]
