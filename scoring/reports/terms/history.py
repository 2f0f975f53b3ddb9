"""All sets of terms there were: who wrote and signed them, and what each changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.utils.translation import gettext

from scoring.criteria.models import ScoringModel
from scoring.reports.terms.models import Terms
from scoring.reports.terms.words import aim, title_of

A_PAGE = 10


@dataclass(frozen=True, slots=True)
class Difference:
    """An empty text: it was not set, or is not any more."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Past:
    terms: Terms
    state: str
    differences: list[Difference]


def lines(terms: Terms | None) -> Mapping[str, str]:
    """What a set says, by what it is called."""
    if terms is None:
        return {}
    goals = {title_of(goal): aim(goal) for goal in terms.goals.all()}
    words = {str(stage.label): said for stage, said in terms.words.items()}
    every = {gettext("goals are for"): terms.get_every_display()}
    return {**every, **goals, **words, gettext("what else holds"): terms.notes}


def differences(before: Terms | None, after: Terms) -> list[Difference]:
    old, new = lines(before), lines(after)
    return [
        Difference(what, old.get(what, ""), new.get(what, ""))
        for what in {**new, **old}
        if old.get(what, "") != new.get(what, "")
    ]


def state_of(terms: Terms) -> str:
    if terms.is_waiting:
        return gettext("waits for signatures")
    if terms.agreed_at is None:
        return gettext("put away before both had signed")
    return gettext("holds now") if terms.ended_at is None else gettext("held until a later one")


def past_sets(model: ScoringModel, asked: str | None) -> tuple[Page[Terms], list[Past]]:
    """A page of them, the newest first, each beside the set that was written before it."""
    page = Paginator(Terms.objects.of(model), A_PAGE).get_page(asked)
    shown: list[Terms] = list(page)
    if not shown:
        return page, []
    older = Terms.objects.of(model).filter(number__lt=shown[-1].number).first()
    pairs = zip(shown, [*shown[1:], older], strict=True)
    return page, [Past(one, state_of(one), differences(former, one)) for one, former in pairs]
