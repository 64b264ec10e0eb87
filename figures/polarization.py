"""Strategic polarization: with two best opinions, a team splits into two camps.

Performance φ(u) = -(u²-1)² has its wells at ±1.  Averaging across the ridge between them costs, averaging inside a camp
pays; agents sort themselves into camps and settle near the wells.  Beside it the same opinions with one best opinion,
φ(u) = -u², for which any averaging pays.

A camp is where φ is concave around a well, |u| > 1/√3.  Polarization in the strict sense, exactly two coalitions at
equilibrium, is another matter: a camp may consist of several coalitions that are too near to each other to merge.

Reference: Q. Zhu, arXiv:2606.26139, 2026 (strategic polarization; this project reconstructs its model).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import diff, solve

from figures import style
from numerics.ensemble import Ensemble, ensemble
from numerics.influence import lazy
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM, regime_of
from numerics.opinions import normal
from numerics.simulation import simulate
from theory.expressions import parse_performance
from theory.symbols import u

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

WELLS = {"two wells": "-(u**2 - 1)**2", "one well": "-u**2"}
AGENTS, COST, MAX_STEPS = 10, 0.05, 1000
RATE, TACTICAL_STEPS, STEPS, SEED = 0.2, 1, 40, 27  # of the run that is shown step by step, one with two coalitions
COSTS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
REGIMES = ("strategic unanimity", "tactical unanimity", "polarization", "segregation", NOT_AN_EQUILIBRIUM)
EDGES = np.linspace(-2.1, 2.1, 43)


@dataclass(frozen=True, eq=False)
class Polarization:
    """One run step by step, and the ends of N runs for each of W = 2 performances and K costs; n agents, T steps.

    Attributes
    ----------
    time : (T+1,) slow steps of the one run, with two wells.
    paths : (n, T+1) opinions of its agents.
    coalitions : (n,) number of the coalition in which each ends.
    wells : (W,) names of the performances, keys of `WELLS`.
    ends : (W, N, n) final opinions at the cost `COST`.
    costs : (K,) switching costs.
    regimes : (W, K, R) share of runs that end in each of `REGIMES`.
    split : (W, K) share of runs that end with agents in both camps.
    """

    time: NDArray[np.int64]
    paths: FloatArray
    coalitions: NDArray[np.int64]
    wells: tuple[str, ...]
    ends: FloatArray
    costs: tuple[float, ...]
    regimes: FloatArray
    split: FloatArray

    @property
    def density(self) -> FloatArray:
        """(W, bins) share of final opinions in each bin of `EDGES`; those beyond are in the last bins."""
        inside = np.clip(self.ends.reshape(len(self.wells), -1), EDGES[0], EDGES[-1])
        return np.array([np.histogram(row, EDGES)[0] / len(row) for row in inside])

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table: rows of the one run, the distribution and the regimes; other cells are empty."""
        headings = (
            "panel", "performance", "time [slow steps]", "agent", "opinion [opinion]", "coalition at the end",
            "bin begins [opinion]", "final opinions [share]", "switching cost [value]", "end",
            "runs [share of runs]",
        )  # fmt: skip
        rows: list[tuple[object, ...]] = [
            ("a", self.wells[0], t, i, self.paths[i, t], self.coalitions[i], "", "", COST, "", "")
            for i in range(len(self.paths))
            for t in self.time
        ]
        for w, name in enumerate(self.wells):
            rows += [
                ("b", name, "", "", "", "", low, share, COST, "", "")
                for low, share in zip(EDGES[:-1], self.density[w], strict=True)
            ]
        for w, name in enumerate(self.wells):
            rows += [
                ("c", name, "", "", "", "", "", "", cost, regime, self.regimes[w, k, j])
                for k, cost in enumerate(self.costs)
                for j, regime in enumerate(REGIMES)
            ]
            rows += [
                ("c", name, "", "", "", "", "", "", cost, "agents in both camps", self.split[w, k])
                for k, cost in enumerate(self.costs)
            ]
        return {heading: list(column) for heading, column in zip(headings, zip(*rows, strict=True), strict=True)}


def compute(runs: int = 400, seed: int = 3) -> Polarization:
    """Simulate one run step by step, and ensembles from the same opinions for every performance and cost."""
    coalitions, paths = one_run(SEED)
    names = tuple(WELLS)
    split = np.empty((len(names), len(COSTS)))
    ends, regimes = np.empty((len(names), runs, AGENTS)), np.empty((len(names), len(COSTS), len(REGIMES)))
    for w, name in enumerate(names):
        for k, cost in enumerate(COSTS):
            model = Model(normal(AGENTS), WELLS[name], cost)
            many = ensemble(model, runs, seed, max_steps=MAX_STEPS, keep=True, threads=1)
            regimes[w, k] = shares(many)
            split[w, k] = np.mean(in_both_camps(many.opinions))
            if cost == COST:
                ends[w] = many.opinions
    return Polarization(np.arange(paths.shape[1]), paths, coalitions, names, ends, COSTS, regimes, split)


@lru_cache(maxsize=1)
def camp_edge() -> float:
    """Return the derived least |u| of a camp: the inflection of the double well, φ''(u) = 0."""
    found = [root for root in solve(diff(parse_performance(WELLS["two wells"]), u, 2), u) if root > 0]
    return float(*found)


def in_both_camps(opinions: FloatArray) -> NDArray[np.bool_]:
    """Return for each run, a row of opinions, whether it has agents in both camps."""
    edge = camp_edge()
    return np.asarray((opinions > edge).any(axis=1) & (opinions < -edge).any(axis=1))


def one_run(seed: int) -> tuple[NDArray[np.int64], FloatArray]:
    """Return coalitions at the end and opinions after each slow step: ever longer runs of one seed."""
    model = Model(normal(AGENTS), WELLS["two wells"], COST, influence=lazy(RATE))
    runs = [simulate(model, seed, tactical_steps=TACTICAL_STEPS, max_steps=t, record=False) for t in range(STEPS + 1)]
    coalitions = np.empty(AGENTS, dtype=np.int64)
    for number, members in enumerate(runs[-1].structure):
        coalitions[members] = number
    return coalitions, np.array([run.opinions for run in runs]).T


def shares(many: Ensemble) -> FloatArray:
    """Share of runs that end in each of `REGIMES`."""
    found = [
        regime_of(x, labels) if outcome == "joint equilibrium" else NOT_AN_EQUILIBRIUM
        for x, labels, outcome in zip(many.opinions, many.labels, many.outcome, strict=True)
    ]
    return np.array([found.count(name) / len(found) for name in REGIMES])


CAMP_LOOKS = ((style.VERMILLION, style.DASHED), (style.BLUE, style.SOLID))  # of the left and the right camp
WELL_LOOKS = {"two wells": (style.BLUE, style.SOLID), "one well": (style.VERMILLION, style.DASHED)}
FORMULAS = {"two wells": r"$\varphi=-(u^2-1)^2$", "one well": r"$\varphi=-u^2$"}


@style.styled
def draw(data: Polarization) -> Figure:
    """Draw the paths of one run, where many runs end, and their regimes."""
    figure = style.new_figure(style.COLUMN, 6.2)
    upper, middle, lower = figure.subplots(3, 1, height_ratios=(1.15, 0.9, 1.15))
    _paths(upper, data)
    _distribution(middle, data)
    _regimes(lower, data)
    figure.align_ylabels([upper, middle, lower])
    return figure


def _paths(axes: Axes, data: Polarization) -> None:
    for well in (-1, 1):
        axes.axhline(well, color=style.GREY, linewidth=0.6, linestyle=style.DOTTED)
    for path in data.paths:
        colour, dashes = CAMP_LOOKS[int(path[-1] > 0)]
        axes.plot(data.time, path, color=colour, linestyle=dashes, linewidth=0.9)
    for camp in (-1, 1):
        inside = data.paths[:, -1] * camp > 0
        count = len(set(data.coalitions[inside].tolist()))
        text = f"{int(inside.sum())} agents, {count} coalition{'s' if count > 1 else ''}"
        at = (float(data.time[-1]), float(data.paths[inside, -1].mean()))
        style.label(axes, text, at, (-2, -11 if camp > 0 else -15), color=CAMP_LOOKS[int(camp > 0)][0], ha="right")
    axes.set_xlim(0, data.time[-1])
    axes.set_xlabel("time (slow steps)")
    axes.set_ylabel("opinion")
    style.letter(axes, r"(a) one run, $\varphi=-(u^2-1)^2$, $\kappa=$" + f"{COST:g}")


def _distribution(axes: Axes, data: Polarization) -> None:
    for w, name in enumerate(data.wells):
        colour, dashes = WELL_LOOKS[name]
        axes.stairs(data.density[w], EDGES, color=colour, linestyle=dashes)
    top = float(data.density.max())
    style.label(axes, FORMULAS["two wells"], (1.0, top), (5, -8), color=WELL_LOOKS["two wells"][0])
    style.label(axes, FORMULAS["one well"], (-0.1, top), (-3, -5), color=WELL_LOOKS["one well"][0], ha="right")
    axes.set_xlim(EDGES[0], EDGES[-1])
    axes.set_ylim(0, 1.08 * top)
    axes.set_xlabel("final opinion")
    axes.set_ylabel("share of agents")
    style.letter(axes, f"(b) where agents end, $\\kappa=${COST:g}")


def _regimes(axes: Axes, data: Polarization) -> None:
    two = data.regimes[:, :, REGIMES.index("polarization")]
    names = []
    for w, name in enumerate(data.wells):
        colour, dashes = WELL_LOOKS[name]
        axes.plot(data.costs, data.split[w], "o", color=colour, linestyle=dashes, linewidth=0.9)
        axes.plot(data.costs, two[w], "s", color=colour, linestyle=dashes, linewidth=0.9, fillstyle="none")
        names.append(("both camps", float(data.split[w, -1]), colour))
    style.label(axes, "two coalitions", (data.costs[1], float(two[1, 1])), (6, 2), color=WELL_LOOKS["one well"][0])
    axes.set_xscale("log")
    axes.set_ylim(-0.04, 1.04)
    axes.set_xticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    axes.set_xlabel(r"switching cost $\kappa$ (value)")
    axes.set_ylabel("share of runs")
    style.end_labels(axes, names)
    style.letter(axes, "(c) how runs end")
