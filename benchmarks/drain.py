"""Measure how fast waiting contacts are scored anew, and how soon a hot lead is a task.

    python benchmarks/drain.py --database-url postgres://user@host:5432/benchmark
    python benchmarks/drain.py --size half --rules 50 --react 20

Every contact gets an activity and waits; one worker drains them all, then two do. Then, with
the web server and a worker running and clients that send as fast as they are answered, people
become hot one after another, and somebody looks for their tasks. The database that is named is
emptied and filled; one that holds contacts of somebody else is refused.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["tiny", "half", "S"], default="S")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--rules", type=int, default=50)
    parser.add_argument("--react", type=int, default=100, help="people who become hot; 0: none")
    parser.add_argument("--clients", type=int, default=2, help="who send beside them")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2, help="of the web server")
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
    from benchmarks.draining import measure
    from benchmarks.run import keep, machine

    try:
        for key, figures in measure(options):
            print(key, figures, flush=True)
            keep(options.output, key, figures | {"machine": machine()})
    except NotOurs as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
