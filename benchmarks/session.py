"""One session of measuring: fill, measure, print as it comes."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.management import call_command
from django.db import connection

from benchmarks.data import SIZES
from benchmarks.database import REFERENCE_COLUMNS, fill
from benchmarks.measures import Bench, server_settings, summary
from benchmarks.mix import MIX

LINE = ("half", "S", "double")


def measure(options: Namespace) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key and figures of every measurement, as soon as it is finished."""
    call_command("migrate", verbosity=0)
    connection.ensure_connection()
    settings = server_settings()
    print(f"Mix: {MIX}")
    print(f"Base: sequential scan of ({REFERENCE_COLUMNS})" if settings else "")
    for size in LINE if options.linearity else (options.size,):
        fill(SIZES[size], options.seed)
        for rules in options.rules:
            key = f"{connection.vendor} {size} {rules} rules"
            print(f"\n{key}: {SIZES[size]}", flush=True)
            figures: dict[str, Any] = {"size": asdict(SIZES[size]), "settings": settings}
            bench = Bench(SIZES[size], rules, options.samples)
            for name, value in summary(bench, options.rounds):
                print(f"  {name:24} {value}", flush=True)
                figures[name] = value
            yield key, figures
