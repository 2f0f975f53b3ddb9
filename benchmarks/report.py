"""Write the figures of ``results.json`` into ``docs/benchmarks.md``, between its two marks."""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
START, STOP = "<!-- figures: benchmarks/report.py -->", "<!-- end of figures -->"
Figures = dict[str, Any]

COLUMNS = (
    *("measurement", "base, s", "full, 5 % changed", "by two", "full, nothing changed"),
    *("differential", "sweep, of full", "one contact, x floor (p50, p99 ms)", "planned anew"),
    "Python, MB",
)

MEASURES = ("full_changed", "full_changed_two", "full_unchanged", "differential")


def cells(key: str, found: Figures) -> list[str]:
    one = found["refresh"]
    anew = found.get("refresh_planned_anew")
    return [
        key,
        f"{found['base_seconds']:g}",
        *(ratio(found.get(name)) for name in MEASURES),
        f"{100 * found['sweep_of_full']:.1f} %",
        f"{one['of_floor']:.1f} ({one['p50_ms']:.1f}, {one['p99_ms']:.1f})",
        f"{anew['of_floor']:.1f}" if anew else "",
        f"{found['peak_megabytes']:.0f}" if found["peak_megabytes"] else "",
    ]


def ratio(measured: Figures | None) -> str:
    """Times the base by the clock and, in brackets, by the processor's time."""
    if measured is None:
        return ""
    work = measured["of_base_cpu"]
    return f"{measured['of_base']:.1f}" + (f" ({work:.1f})" if work is not None else "")


def table(results: dict[str, Figures]) -> str:
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    # Of the engine; the other benchmarks have a table of their own.
    engine = {key: found for key, found in results.items() if "full_changed" in found}
    rows += [tuple(cells(key, found)) for key, found in sorted(engine.items(), key=by_size)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def by_size(item: tuple[str, Figures]) -> tuple[str, int, int]:
    vendor, _size, rules, _word = item[0].split()
    return vendor, item[1]["size"]["activities"], int(rules)


def main() -> int:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text())
    page = PAGE.read_text()
    before, rest = page.split(START)
    after = rest.split(STOP)[1]
    PAGE.write_text(f"{before}{START}\n{table(results)}\n{STOP}{after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
