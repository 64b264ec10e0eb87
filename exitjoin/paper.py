"""`exitjoin paper`: conditions, verdicts, experiment and figures, and one page that shows them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from exitjoin.experiment import CostRow, rows_as_data, vary_cost
from exitjoin.page import CERTIFICATES, render_page
from exitjoin.summary import run_as_dict
from figures.writing import make_figures
from numerics.files import make_folder, write_json, write_whole
from numerics.scenario import packaged_scenario
from proofs_checks.archive import write_certificates
from proofs_checks.verify import verify
from theory.performance import STANDARD
from theory.stability import derive

if TYPE_CHECKING:
    from proofs_checks.report import Report

SCENARIOS = ("published_unimodal", "published_double_well")


def write_paper(out: Path, progress: Callable[[str], None]) -> tuple[Report, Path]:
    """Derive, verify, simulate and draw everything into a folder; return the verdicts and the path of the page.

    Files: ``conditions_NAME.txt`` and ``.tex`` for each standard performance function, ``verification.json`` and
    ``.tex``, ``certificates/LABEL.json``, ``run_SCENARIO.json``, ``experiment.json``, the figures with their data,
    and ``report.html``, which holds all of it on one page and needs no other file.  Each is written whole; the page
    comes last.  In the folder ``data`` is what was simulated for figures; a second call draws from it.
    """
    folder = make_folder(out)
    conditions = {}
    for name, performance in STANDARD.items():
        progress(f"deriving conditions: {name}")
        conditions[name] = derive(performance)
        write_whole(folder / f"conditions_{name}.txt", conditions[name].as_text() + "\n")
        write_whole(folder / f"conditions_{name}.tex", conditions[name].as_latex() + "\n")
    experiment: dict[str, list[CostRow]] = {}
    for name in SCENARIOS:
        progress(f"simulating: {name}")
        scenario = packaged_scenario(name)
        write_json(folder / f"run_{name}.json", run_as_dict(scenario, scenario.simulate()))
        experiment[scenario.title] = vary_cost(scenario)
    write_json(folder / "experiment.json", {title: rows_as_data(rows) for title, rows in experiment.items()})
    make_figures(None, folder, progress)
    report = verify(None, progress, workers=os.cpu_count() or 1, cached=True)
    write_json(folder / "verification.json", report.to_dict())
    write_whole(folder / "verification.tex", report.latex() + "\n")
    write_certificates(report, folder / CERTIFICATES)
    page = render_page(conditions, experiment, folder, report)
    return report, write_whole(folder / "report.html", page)
