"""Run the benchmarks: `python -m benchmarks [name ...]`.

Without names all are run, and `results.json` and `results.md` (the table of the README) are written beside this
file; with names the table is only printed, so that the files always come from one run.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module, util
from pathlib import Path
from typing import Any

from benchmarks.machine import describe
from benchmarks.timing import MissingTool, Row

HOME = {
    "ensemble": "benchmarks.ensemble",
    "mesa": "benchmarks.dynamics_mesa",
    "ndlib": "benchmarks.dynamics_ndlib",
    "shapley": "benchmarks.shapley",
    "payoffs": "benchmarks.payoffs",
    "tactical": "benchmarks.tactical",
    "equilibria": "benchmarks.equilibria",
}


# The rows of the README; all of them are in results.json
SHOWN = (
    "10 agents, κ = 0.05, to equilibrium",
    "10 agents, κ = -0.05, 200 steps",
    "1000 agents, κ = 0.01, to equilibrium",
    "10 agents, κ = 0.05, two threads",
    "100 agents, κ = 0.01, to equilibrium, NumPy",
    "10 agents, κ = 0.05, to equilibrium, Mesa",
    "one DeGroot step, network of 10,000",
    "a consensus step, network of 1,000,000, one at a time, 2 threads",
    "a consensus step, network of 1,000,000, 10 at a time, 2 threads",
    "Shapley value, 16 players",
    "Shapley value, 22 players",
    "payoffs in a coalition of 1,000,000, in passes",
    "every structure of 13 agents, critical cost and surplus, 2 threads",
    "every structure of 13 agents, critical cost and surplus, 1 thread",
    "least surplus of a stable structure, 12 agents",
    "least surplus of a stable structure, 12 agents, integer program",
)


def main() -> None:
    """Run the benchmarks that are asked for, print their table, and write it if all were."""
    available = [name for name, module in HOME.items() if util.find_spec(module)]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Time exitjoin beside what else there is."
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(available)}; all unless given")
    names = parser.parse_args().names
    for name in names:
        if name not in available:
            parser.error(f"{name} is none of {', '.join(available)}")

    rows: dict[str, dict[str, Row]] = {}
    for name in names or available:
        start = time.perf_counter()
        rows[name] = run(name)
        print(f"{name}, {time.perf_counter() - start:.0f} s", *_lines(rows[name]), sep="\n", flush=True)
    results = {"machine": describe(), "comparisons": rows}
    if not names:
        table = markdown(results)
        folder = Path(__file__).parent
        (folder / "results.json").write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
        (folder / "results.md").write_text(table)


def run(name: str) -> dict[str, Row]:
    """Return the rows of one module; a single one that says what is missing, if the tool compared with is."""
    try:
        rows: dict[str, Row] = import_module(HOME[name]).run()
    except MissingTool as missing:
        return {name: {"skipped": str(missing)}}
    return rows


def markdown(results: dict[str, Any]) -> str:
    """Return the table of the README."""
    machine = results["machine"]
    rows = {title: row for part in results["comparisons"].values() for title, row in part.items()}
    lines = ["| what | exitjoin | instead | |", "|---|---|---|---|"]
    lines += _lines({title: rows[title] for title in SHOWN if title in rows})
    skipped = [f"{title} ({row['skipped']})" for title, row in rows.items() if "skipped" in row]
    if skipped:
        lines += ["", f"Skipped for want of a tool: {'; '.join(skipped)}."]
    known = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines += [
        "",
        f"Median ratios of programs that took turns on {machine['processor']}, {machine['cores']} cores; {known}.",
    ]
    return "\n".join(lines) + "\n"


def _lines(rows: dict[str, Row]) -> list[str]:
    """Return the line of the table of each row that was not skipped."""
    lines = []
    for title, row in rows.items():
        if "ratio" not in row:
            continue
        ours, theirs = (_shown(row[median], row["unit"]) for median in ("median_ours", "median_theirs"))
        meaning = "times the time" if row["ratio_is"].startswith("time of ours") else "times as fast"
        lines.append(f"| {title} | {ours} | {row['theirs']}: {theirs} | **{_figures(row['ratio'])}** {meaning} |")
    return lines


def _shown(value: float, unit: str) -> str:
    if unit != "s":
        return f"{_figures(value)} {unit}"
    for scale, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= scale:
            return f"{_figures(value / scale)} {name}"
    return f"{_figures(value * 1e9)} ns"


def _figures(value: float) -> str:
    """Return a number to three figures, with thousands apart and no exponent."""
    digits = max(0, 2 - int(f"{value:e}".partition("e")[2])) if value else 0
    return f"{float(f'{value:.3g}'):,.{digits}f}"


if __name__ == "__main__":
    main()
