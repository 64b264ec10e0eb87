"""The figures by name, and how they are written.

`make_figures` writes three files for each: NAME.pdf and NAME.png, and NAME.csv with every number that is drawn,
under headings of the form ``quantity [unit]``.  Each file is written whole or not at all, and the same versions
of the libraries write the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numerics.files import make_folder, write_whole
from theory.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Columns = Mapping[str, Sequence[Any]]  # heading → values, all of one length

RESOLUTION = 300  # dots per inch of a PNG


@dataclass(frozen=True)
class FigureEntry:
    """A figure: the module that makes it, its title and its caption.

    The module has ``compute() -> data`` and ``draw(data) -> Figure``; the data has ``columns() -> Columns``.
    """

    module: str
    title: str
    caption: str


FIGURES: Mapping[str, FigureEntry] = {
    "paradox": FigureEntry(
        "figures.paradox",
        "The instability-consensus paradox",
        "Ten agents with standard normal opinions, starting alone, under four switching costs κ, "
        "over 200 seeds; a run that has come to a joint equilibrium keeps its last value. Concave performance "
        "(left): with κ < 0 the agents never stop moving (S6), and just so their opinions meet; with κ > 0 they "
        "stop (S4), apart (S5); with κ = 0 they stop where every gain is a tie. Double-well performance (right): the "
        "opinions stay apart at every cost. Spread and surplus: medians, bands between quartiles; coalitions: means, "
        "and one run.",
    ),
    "bounds": FigureEntry(
        "figures.bounds",
        "Terminal spread and number of moves, with their bounds",
        "Quadratic performance, ten agents. (a) Spread of opinions at joint equilibrium against the switching cost κ, "
        "over runs from fresh standard normal opinions, with the bound of S5. (b) Number of moves before joint "
        "equilibrium, over runs from one set of opinions, with the bound of S4.",
    ),
    "barriers": FigureEntry(
        "figures.barriers",
        "Critical switching cost of a single move",
        "Gain Δ of an agent that leaves a coalition it agrees with for m incumbents at a distance δ, which is the "
        "switching cost at which the move stops being profitable. Shaded: positive costs that do not prevent the move "
        "to one incumbent. "
        "Quadratic and Gaussian performance with the incumbents at the peak; double well with the incumbents at one "
        "peak, so that the other is at δ = 2.",
    ),
    "rates": FigureEntry(
        "figures.rates",
        "Convergence rates, simulated and derived",
        "(a) Rate fitted to simulated opinions against the second largest eigenvalue modulus that the closed-form "
        "spectrum of the influence family gives (T1, T3). (b) Simulated spread of opinions against time (markers) and "
        "the derived slope (lines); numbers are derived moduli.",
    ),
    "bifurcation": FigureEntry(
        "figures.bifurcation",
        "Which structures of one team are stable, exactly",
        "Every structure of eight agents under double-well performance -(u²-1)², moves weighed at the opinions as they "
        "are; opinions -1.9, -1.8, -1.6, -1.4, 0.1, 1.5, 1.7, 1.9, agents numbered in this order. (a) Number of "
        "structures that are stable at the switching cost κ; circles: birth of the first one with 1, 2, …, 8 "
        "coalitions, bars between them. (b) Largest and smallest surplus of a stable structure; distances from the "
        "best of all structures show the prices of anarchy and of stability.",
    ),
    "phase": FigureEntry(
        "figures.phase",
        "Regimes in the switching cost and the threshold of acceptance",
        "Four agents at -1, -1/3, 1/3 and 1, quadratic performance, starting alone; a coalition lets an agent in if "
        "each member gains α at least. Cells: the regime in which most of 200 runs end, the deeper the larger their "
        "share; both axes are linear up to 0.01 and logarithmic beyond. Lines are derived: beyond the solid one all "
        "alone is stable; beyond the dashed ones two agents alone do not merge over that gap (S1, S9); above the "
        "dotted one the fourth agent is never let in (S9). With κ < 0 and α ≤ 0 there is no joint equilibrium (S6); "
        "with κ < 0 < α every run ends with everybody alone, less than 2√α apart.",
    ),
    "stabilisation": FigureEntry(
        "figures.stabilisation",
        "What holds one structure, and what breaks it",
        "Eight agents in three coalitions at consensus, quadratic performance. (a) Least subsidy that makes the "
        "structure stable at the switching cost κ, by the coalition to whose members it is paid. (b) Fragility radius: "
        "the least Euclidean change of opinions after which somebody moves (circles, from a program that proves it), "
        "and the closed form of S14 for each pair of coalitions; solid where it decides. Both meet at the critical "
        "cost (S8).",
    ),
    "fragility": FigureEntry(
        "figures.fragility",
        "How fragile one team is",
        "Nine agents in three coalitions (shaded in turn) at consensus, with influence that weighs them differently. "
        "(a) Barrier κ - Δ of each agent's best accepted move, which is named at the right; ticks: its other moves; "
        "hatched: the least of all. (b) The nearest opinions at which the team breaks.",
    ),
}


def make_figures(
    names: Sequence[str] | str | None = None,
    out: str | Path = "out/figures",
    progress: Callable[[str], None] | None = None,
) -> list[Path]:
    """Compute, draw and write figures.

    Parameters
    ----------
    names : names of figures, all of `FIGURES` unless given.
    out : folder to write to, made if it does not exist.
    progress : called with a short text whenever something new is being done.

    Returns
    -------
    list of Path
        The files written, three for each figure, in order.

    Raises
    ------
    InputError
        For an unknown name, before anything is computed or written, and for a folder that cannot be written to.
    """
    chosen = _chosen(names)
    folder = make_folder(out)
    report = progress or (lambda text: None)
    written = []
    for name in chosen:
        report(f"computing figure {name}")
        module = import_module(FIGURES[name].module)
        data = module.compute()
        files = {"csv": csv_bytes(data.columns())}
        report(f"drawing figure {name}")
        figure = module.draw(data)
        files["pdf"], files["png"] = picture_bytes(figure, "pdf"), picture_bytes(figure, "png")
        for ending in ("pdf", "png", "csv"):
            written.append(write_whole(folder / f"{name}.{ending}", files[ending]))
    return written


def csv_bytes(columns: Columns) -> bytes:
    """Return a table as CSV in UTF-8; numbers are written so that they can be read back to the last bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        writer.writerow([x.item() if hasattr(x, "item") else x for x in row])
    return text.getvalue().encode()


def picture_bytes(figure: Figure, ending: str) -> bytes:
    """Return a drawn figure as a PDF or PNG file without dates."""
    from figures import style

    metadata = {"pdf": {"CreationDate": None}, "png": {"Software": None}}[ending]
    buffer = io.BytesIO()
    with style.applied():
        figure.savefig(buffer, format=ending, dpi=RESOLUTION, metadata=metadata)
    return buffer.getvalue()


def _chosen(names: Sequence[str] | str | None) -> list[str]:
    if names is None:
        return list(FIGURES)
    for name in (names := [names] if isinstance(names, str) else list(names)):
        if not isinstance(name, str) or name not in FIGURES:
            raise InputError("figure", name, "is unknown", f"use one of {', '.join(FIGURES)}")
    return list(dict.fromkeys(names))
