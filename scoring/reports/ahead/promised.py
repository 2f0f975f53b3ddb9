"""How often what came lay within the spans, beside what they promise, in words.

Judged are the first weeks of forecasts that have no day in common: later weeks of a forecast hold
its first ones, and neighbouring forecasts look at the same days. A warning needs so many outside
that spans that keep their promise leave out as many, by the binomial distribution, in less than
``ERROR`` of all reports, whatever is asked of them: half of it for all numbers together, the other
half for the single measures, by Bonferroni.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext

from scoring.engine.proportions import Proportion
from scoring.reports.ahead.looks import DAY, HORIZONS
from scoring.reports.ahead.turned_out import Score, Told, scores
from scoring.reports.blocks import Tone, Words
from scoring.reports.statistics.beta import Beta
from scoring.reports.values import per_cent

PROMISED: Final = (80, 95)
FIRST: Final = HORIZONS[0]
ERROR: Final = 0.05
# Where many leads come, many deals do: so many numbers of one forecast say as much as one by
# itself. Simulated, warnings stay below ERROR up to a correlation of 0.7 between any two of five.
ALIKE: Final = 1.5
# Of fewer that stand by themselves nothing can be told.
FEW: Final = 5


def judged(told: Sequence[Told]) -> list[Score]:
    """By measure, the first weeks of those that have no day in common; the newest come first."""
    found: list[Told] = []
    for one in told:
        if one.weeks >= FIRST and (not found or one.day + 7 * FIRST * DAY <= found[-1].day):
            found.append(one)
    return [score for score in scores(found) if score.weeks == FIRST]


def together(found: Sequence[Score], share: int) -> Proportion:
    """Of all numbers that came, how many lay within the span of so many of 100."""
    each = [score.inside(share) for score in found]
    return Proportion(sum(one.count for one in each), sum(one.of for one in each))


def alike(found: Sequence[Score]) -> float:
    return ALIKE if len(found) > 1 else 1.0


def are_few(found: Sequence[Score]) -> bool:
    return together(found, PROMISED[0]).of < FEW * alike(found)


def is_below(found: Sequence[Score], error: float) -> bool:
    """Whether spans that keep what they promise would hold so few in less than ``error``."""
    return not are_few(found) and any(
        chance_of(together(found, share), share, alike(found)) <= error / len(PROMISED)
        for share in PROMISED
    )


def chance_of(inside: Proportion, share: int, alike: float) -> float:
    """That as few or fewer lie within, where so many of 100 do in the long run: the tail of the
    binomial distribution, by the beta one, which knows parts of numbers too.
    """
    outside = (inside.of - inside.count) / alike
    return Beta(outside, inside.count / alike + 1).below(1 - share / 100) if outside else 1.0


def promised(told: Sequence[Told], titles: Mapping[str, str]) -> Words | None:
    """None where the first weeks of no forecast are over."""
    found = judged(told)
    if not found:
        return None
    few, many = (together(found, share) for share in PROMISED)
    said = ngettext(
        "One number has come so far: %(few)s within its span of 80 of 100, and %(many)s within "
        "that of 95 of 100.",
        "Of %(count)d numbers that came in the first four weeks of forecasts without a day in "
        "common, %(few)s lay within their spans of 80 of 100, and %(many)s within those of 95 of "
        "100.",
        few.of,
    ) % {
        "count": few.of,
        "few": per_cent(few.share or 0, 0),
        "many": per_cent(many.share or 0, 0),
    }
    is_less = is_below(found, ERROR / 2)
    names = [one.name for one in found if is_below([one], ERROR / 2 / len(found))]
    verdict = (
        less_than_promised(is_less, [titles[name] for name in names])
        if is_less or names
        else as_promised(found)
    )
    return Words(f"{said} {verdict}", Tone.WARNING if is_less or names else Tone.PLAIN)


def as_promised(found: Sequence[Score]) -> str:
    if are_few(found):
        return gettext("These are too few to tell whether the spans keep what they promise.")
    seen = [(together(found, share), share) for share in PROMISED]
    if all(100 * one.count >= share * one.of for one, share in seen):
        return gettext("That is what was promised, or more.")
    return gettext("That is less than promised, but no more so than chance may bring about.")


def less_than_promised(is_less: bool, names: Sequence[str]) -> str:
    """``names``: of the measures for which it is so by themselves."""
    if not names:
        return gettext("That is less than promised: these spans were too narrow.")
    said = (
        gettext(
            "That is less than promised: these spans were too narrow, most of all for %(what)s. "
            "Allow for more than they say."
        )
        if is_less
        else gettext(
            "That is about what was promised, but less for %(what)s: there these spans were too "
            "narrow."
        )
    )
    quoted = [gettext("“%(name)s”") % {"name": name} for name in names]
    return said % {"what": get_text_list(quoted, gettext("and"))}
