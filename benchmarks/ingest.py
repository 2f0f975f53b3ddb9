"""Measure the API that takes activities, beside the database's own speed in the same run.

    python benchmarks/ingest.py --database-url postgres://user@host:5432/benchmark
    python benchmarks/ingest.py --seconds 30 --rounds 3 --batch 100 --workers 2

The base is what two writers store with `INSERT ... ON CONFLICT DO NOTHING`, as many rows at a
time as a batch has activities, into the same table with the same indexes. The database that is
named is emptied and filled; one that holds contacts of somebody else is refused.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["tiny", "half", "S"], default="half")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2, help="of the web server")
    parser.add_argument("--clients", type=int, default=4)
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
    from benchmarks.ingesting import measure
    from benchmarks.run import keep, machine

    try:
        key, figures = measure(options)
    except NotOurs as refusal:
        print(refusal, file=sys.stderr)
        return 1
    keep(options.output, key, figures | {"machine": machine()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
