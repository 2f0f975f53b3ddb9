"""What ``reports.py`` measures: each report for two questions, beside a count of what it reads."""

import re
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.core.management import call_command
from django.db import connection, reset_queries
from django.test.utils import CaptureQueriesContext

from benchmarks.clock import forget_peak, peak_megabytes, spent
from benchmarks.data import END
from benchmarks.database import execute, value_of
from benchmarks.history import prepare
from scoring.reports import kinds
from scoring.reports.asking import Question, QuestionForm
from scoring.reports.blocks import Section
from scoring.reports.naming import values_of
from scoring.reports.report import REPORTS, Report

__all__ = ["kinds"]

Figures_ = dict[str, Any]
# What a page asks when it is opened, all that there is, and the most steps.
QUESTIONS: Final[dict[str, dict[str, str]]] = {
    "usual": {},
    "two years": {"span": "730", "grain": "week"},
    "by day": {"span": "365", "grain": "day"},
}
GOAL: Final = re.compile(r"\w+\|\w+")
READ: Final = re.compile(r'(?:FROM|JOIN) "(\w+)"')


def measure(options: Namespace) -> Iterator[tuple[str, Figures_]]:
    call_command("migrate", verbosity=0)
    prepare(options)
    if connection.vendor == "postgresql":
        # Their work would be nobody's.
        execute("SET max_parallel_workers_per_gather = 0")
    for slug, report in sorted(REPORTS.items()):
        if options.reports and slug not in options.reports:
            continue
        for name, given in QUESTIONS.items():
            form = QuestionForm(given, report.asks | {"grain"}, report.days, END, report.numbers)
            figures = of_question(report, form.question(), options.rounds)
            print(f"{slug:14} {name:8} {figures}", flush=True)
            yield f"{connection.vendor} {options.size} report {slug} {name}", figures


def of_question(report: Report, question: Question, rounds: int) -> Figures_:
    reset_queries()
    forget_peak()
    before = peak_megabytes() or 0
    made: list[Sequence[Section]] = []
    with CaptureQueriesContext(connection) as queries:
        seconds = timed(lambda: made.append(report.make(question)), rounds)
    peak = (peak_megabytes() or 0) - before
    tables = sorted({name for query in queries for name in READ.findall(query["sql"])})
    bare = timed(lambda: [value_of(f"SELECT count(*) FROM {table}") for table in tables], rounds)  # noqa: S608
    found = {
        "bare s": bare,
        "make s": seconds,
        "make / bare": seconds / bare if bare else 0.0,
        "MB more": peak,
        **behind_figures(report, question, made[0], rounds),
    }
    shown = {name: round(value, 3) for name, value in found.items()}
    asked = [query for query in queries if "pg_backend_pid" not in query["sql"]]
    return {"queries": len(asked) // rounds, "kept": report.is_slow, **shown}


def behind_figures(
    report: Report, question: Question, sections: Sequence[Section], rounds: int
) -> dict[str, float]:
    """The slowest of the lists of leads behind its figures, one of each kind."""
    keys: dict[str, str] = {}
    for key in keys_of(sections):
        keys.setdefault(kind_of(key), key)

    def leads(key: str) -> int:
        found = report.behind(question, key)
        return 0 if found is None else found.order_by().values("pk").distinct().count()

    times = [timed(lambda key=key: leads(key), rounds) for key in keys.values()]  # type: ignore[misc]
    return {"leads s": max(times, default=0.0)}


def kind_of(key: str) -> str:
    """What a key counts, and of which sort of group: ``campaign:hot``, ``goal|mql``."""
    if found := GOAL.match(key):
        return found[0]
    group, _colon, what = key.rpartition(":")
    return f"{group.partition(':')[0]}:{what.partition('=')[0]}"


def keys_of(sections: Sequence[Section]) -> Iterator[str]:
    for value in values_of(sections):
        yield from filter(None, (value.behind, value.among))


def timed(work: Callable[[], Any], rounds: int) -> float:
    """Seconds of work, of this process and the server's, in the quickest round.

    By the clock where the server does not say: on a machine that others use too it says little.
    """
    found = [spent(work) for _each in range(rounds)]
    return min(one.wall if one.cpu is None else one.cpu for one in found)
