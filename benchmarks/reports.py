"""Measure every report, for what it is usually asked and for two years by day.

    python benchmarks/reports.py --database-url postgres://user@host:5432/benchmark

Without ``--database-url`` it is SQLite in a file of its own under ``var/``.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["tiny", "tenth", "fifth", "half", "S"], default="S")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--reports", nargs="*", default=[], help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results.json")
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    options = arguments(given)
    url = options.database_url or f"sqlite:///{ROOT / 'var' / 'benchmark.sqlite3'}"
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    # Only now: models cannot be imported before.
    from benchmarks.database import NotOurs
    from benchmarks.reporting import measure
    from benchmarks.run import keep, machine

    try:
        for key, figures in measure(options):
            keep(options.output, key, figures | {"machine": machine()})
    except NotOurs as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
