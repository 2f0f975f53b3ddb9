"""For both teams: how far the goals are, and the terms that wait for a signature."""

from collections.abc import Iterator

from django.http import HttpRequest
from django.utils.translation import gettext

from scoring.agreement.sides import sides_of
from scoring.engine.admin.home_blocks import Block, Item, home_block, home_turn
from scoring.reports.home.asked import asked, live_track
from scoring.reports.terms.agreeing import CHANGE, VIEW, page_of, terms_of
from scoring.reports.terms.models import Terms
from scoring.reports.terms.progress import Progress, Standing, progress_of
from scoring.reports.terms.words import hint, standing, title_of
from scoring.reports.values import Kind, Value

ICONS = {
    Standing.REACHED: "check_circle",
    Standing.ON_THE_WAY: "trending_up",
    Standing.BEHIND: "trending_down",
    Standing.MISSED: "cancel",
    Standing.UNKNOWN: "hourglass_empty",
}


@home_block(order=14)
def goals(request: HttpRequest) -> Block | None:
    """Of the week or month that is under way."""
    if not request.user.has_perm(VIEW) or (track := live_track(request)) is None:
        return None
    terms = terms_of(track.model)
    question = asked(track, 1)
    items = [item(one) for one in progress_of(terms, question)] if terms else []
    title = gettext("Goals of this week") if weekly(terms) else gettext("Goals of this month")
    if terms is not None and terms.agreed_at is None:
        title = gettext("%(title)s (not signed yet)") % {"title": title}
    may_change = request.user.has_perm(CHANGE)
    empty = gettext("Marketing and sales have not agreed on goals yet.")
    write = gettext("Write the terms") if terms is None and may_change else ""
    return Block(
        "goals",
        title,
        "handshake",
        items,
        empty=empty,
        more_url=page_of(track.model),
        more=write or gettext("Terms and goals"),
    )


def weekly(terms: Terms | None) -> bool:
    return terms is not None and terms.every == Terms.Every.WEEK


def item(one: Progress) -> Item:
    now = one.now
    value = Value(Kind.SHARE, now.share.share) if now.share else Value(Kind.COUNT, now.count)
    said = gettext("%(goal)s: %(number)s") % {"goal": title_of(one.goal), "number": value}
    reached = 0 if now.number is None else int(100 * now.number / one.goal.number)
    more = f"{standing(one)}; {hint(one)}"
    return Item(
        said[:1].upper() + said[1:], "", ICONS[one.standing], more, percent=min(reached, 100)
    )


@home_turn
def terms_to_sign(request: HttpRequest) -> Iterator[Item]:
    """Terms that wait for this person's signature."""
    if not (own := sides_of(request.user)):
        return
    for terms in Terms.objects.wanted_from(request.user, own).select_related("model"):
        said = gettext("Sign the terms and goals of “%(model)s”") % {"model": terms.model.name}
        yield Item(said, page_of(terms.model), "signature", since=terms.made_at)
