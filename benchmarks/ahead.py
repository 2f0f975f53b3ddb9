"""What ``impact.py`` measures: an impact by a full recompute, and how soon counts come."""

import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks.clock import spent
from benchmarks.data import END, SIZES
from benchmarks.database import SCORES, empty, fill
from benchmarks.mix import document
from contacts.models import Contact, Deal, Pipeline, Stage
from scoring.agreement.impact import ask_for_impact
from scoring.agreement.impact_work import go_on_with_impacts
from scoring.criteria.document import ModelDocument
from scoring.criteria.models import ScoringModel, Version
from scoring.criteria.structure import Objective
from scoring.engine.measures import RuleMeasure, measure_rules
from scoring.engine.models import Cause
from scoring.engine.outcomes import outcomes
from scoring.engine.publish import publish
from scoring.engine.recompute import start, work

Figures = dict[str, Any]
WON = Objective(deal="won")


def measure(options: Namespace) -> tuple[str, Figures]:
    call_command("migrate", verbosity=0)
    fill(SIZES[options.size], options.seed)
    empty(("scoring_impactmove", "scoring_impactstep", "scoring_impact", *SCORES))
    live = replace(document(options.rules), objective=WON)
    model, _new = ScoringModel.objects.get_or_create(name=live.name)
    recompute = publish(Version.objects.freeze(model, live), END)
    list(work(recompute))
    figures: Figures = counts(live)
    full = spent(lambda: list(work(start(recompute.track, Cause.RECOMPUTE, END))))
    proposed = replace(document(options.rules, changed_points=1), objective=WON)
    found = spent(lambda: work_out(model, proposed))
    figures |= {"recompute s": full.wall, "impact s": found.wall}
    figures["impact / recompute"] = found.wall / full.wall
    deals(options.outcomes)
    known = spent(lambda: figures.update(known=len(outcomes(live, 12, END))))
    figures["outcomes s"] = known.wall
    figures = {name: round(value, 2) for name, value in figures.items()}
    for name, value in figures.items():
        print(f"  {name:24} {value}", flush=True)
    return f"{connection.vendor} {options.size} impact", figures


def work_out(model: ScoringModel, proposed: ModelDocument) -> None:
    ask_for_impact(model, proposed, None, None, END)
    while go_on_with_impacts():
        pass


def counts(live: ModelDocument) -> Figures:
    """Of all rules at once, and the slowest of them alone."""
    seconds, all_rules = timed(lambda: measure_rules(live, live.rules, END))
    some = live.rules[:: max(1, len(live.rules) // 20)]
    alone = [timed(partial(measure_rules, live, [rule], END)) for rule in some]
    first = next(iter(all_rules.values()))
    margins = [one.margin / one.of for one in all_rules.values() if one.of]
    return {
        "all rules s": seconds,
        "all rules are estimates": first.is_estimate,
        "widest margin %": 100 * max(margins, default=0),
        "slowest rule alone s": max(each for each, _found in alone),
        "rules alone that are estimates": sum(
            one.is_estimate for _each, found in alone for one in found.values()
        ),
    }


def timed(
    ask: Callable[[], dict[str, RuleMeasure]],
) -> tuple[float, dict[str, RuleMeasure]]:
    since = time.perf_counter()
    found = ask()
    return time.perf_counter() - since, found


def deals(count: int) -> None:
    """Won and lost in turn, over the last year."""
    pipeline, _new = Pipeline.objects.get_or_create(name="Benchmark")
    stages = [
        Stage.objects.get_or_create(pipeline=pipeline, name=name, outcome=name)[0]
        for name in ("won", "lost")
    ]
    Deal.objects.filter(stage__in=stages).delete()
    ids = Contact.objects.order_by("pk").values_list("pk", flat=True)[:count]
    Deal.objects.bulk_create(
        Deal(
            name="Deal",
            contact_id=pk,
            stage=stages[at % 2],
            opened_at=END - timedelta(days=30 + at % 300),
            closed_at=END - timedelta(days=at % 30 + 1),
        )
        for at, pk in enumerate(ids)
    )
