"""Measure the engine, as ratios to a base taken in the same run.

    python benchmarks/run.py --size S --rules 10 50 200
    python benchmarks/run.py --size M --database-url postgres://user@host:5432/benchmark
    python benchmarks/run.py --linearity

Without ``--database-url`` it is SQLite in a file of its own under ``var/``. The database that
is named is emptied and filled; one that holds contacts of somebody else is refused.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--size", choices=["tiny", "half", "S", "double", "M"], default="S")
    parser.add_argument("--database-url", default="")
    parser.add_argument("--rules", type=int, nargs="+", default=[50])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=200, help="of the refresh of one contact")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--linearity", action="store_true", help="sizes half, S and double instead")
    parser.add_argument("--output", type=Path, default=RESULTS)
    return parser.parse_args(given)


def main(given: list[str] | None = None) -> int:
    options = arguments(given)
    if options.size == "M" and not options.database_url.startswith("postgres"):
        print("Size M is for PostgreSQL: name a --database-url.", file=sys.stderr)
        return 1
    url = options.database_url or f"sqlite:///{ROOT / 'var' / 'benchmark.sqlite3'}"
    os.environ["DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    # Only now: models cannot be imported before.
    from benchmarks.database import NotOurs
    from benchmarks.session import measure

    try:
        for key, figures in measure(options):
            keep(options.output, key, figures | {"machine": machine()})
    except NotOurs as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def keep(output: Path, key: str, figures: dict[str, Any]) -> None:
    """Put these figures in the place of the former ones of the same key."""
    known = json.loads(output.read_text()) if output.is_file() else {}
    known[key] = figures
    output.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
