"""Fragile alliances: how fast must consensus be for an alliance to form, and how slow for it to hold.

Members are paid for their own opinion while consensus takes time, so that every gain is 1 - β(ρ, ε) times that of
patient agents.  It grows with the rate ε, and a move over the gap δ to m agents pays from

    ε* = 1 - √( (ρ-r)/(ρ(1-r)) ),    r = κ/(δ² (1 - H_{m+1}/(m+1)))

on.  Two agents ally if ε > ε* over the gap between them.  Two allies who agree stay together if ε ≤ ε* over the gap to
a larger alliance: what makes alliances form makes them fragile.  With gaps δ drawn from a normal law, both shares
follow from that of ε*.

Result shown: S12.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import lambdify

from figures import style
from numerics.ensemble import ensemble
from numerics.influence import lazy
from numerics.model import Model
from theory import discount
from theory.gain import gain
from theory.performance import QUADRATIC
from theory.symbols import delta, eps, m, ratio, rho

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

PERFORMANCE, DISCOUNT = "-u**2", 0.8
COSTS = (0.02, 0.1, 0.3)
RIVALS = 4  # members of the larger alliance
GAP_SD = sqrt(2.0)  # of the gap between two opinions drawn with standard deviation 1
FIXED_GAP = 1.0
BESIDE = 0.08  # of ε*, how far from it the fixed gap is looked at


@dataclass(frozen=True, eq=False)
class Alliances:
    """Shares of alliances that form and that hold: K costs, E rates, N gaps.

    Attributes
    ----------
    costs : (K,) switching costs.
    rates : (E,) rates of consensus that were simulated.
    gaps : (N,) gaps δ, the same for every cost and rate.
    needed : (2, K, N) ε* of each gap, to one agent and to the rivals; inf where no rate is enough.
    happened : (2, K, E, N) whether the two ally, and whether one of the allies leaves.
    curve : (C,) rates of the derived curves.
    derived : (2, K, C) derived probability of the two.
    steps : (K,) ε* of two agents at the fixed gap; inf where no rate is enough.
    beside : (K, 2) whether they ally below and above it.
    """

    costs: tuple[float, ...]
    rates: FloatArray
    gaps: FloatArray
    needed: FloatArray
    happened: NDArray[np.bool_]
    curve: FloatArray
    derived: FloatArray
    steps: FloatArray
    beside: NDArray[np.bool_]

    @property
    def shares(self) -> tuple[FloatArray, FloatArray]:
        """(2, K, E) share of pairs that form, and of pairs that hold, with standard errors."""
        share = self.happened.mean(axis=3)
        share[1] = 1.0 - share[1]
        return share, np.sqrt(share * (1 - share) / len(self.gaps))

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table: for each cost the simulated rates, then the derived curve."""
        share, error = self.shares
        table: dict[str, list[object]] = {
            "switching cost [value]": [],
            "rate [fraction per tactical step]": [],
            "kind": [],
            "alliances that form [share]": [],
            "alliances that form, standard error [share]": [],
            "alliances that hold [share]": [],
            "alliances that hold, standard error [share]": [],
            f"smallest rate over a gap of {FIXED_GAP:g} [fraction per tactical step]": [],
        }
        for k, cost in enumerate(self.costs):
            simulated = [
                (cost, rate, "simulated", share[0, k, e], error[0, k, e], share[1, k, e], error[1, k, e], self.steps[k])
                for e, rate in enumerate(self.rates)
            ]
            derived = [
                (cost, rate, "derived", self.derived[0, k, e], 0.0, 1 - self.derived[1, k, e], 0.0, self.steps[k])
                for e, rate in enumerate(self.curve)
            ]
            for column, values in zip(table.values(), zip(*simulated, *derived, strict=True), strict=True):
                column.extend(values)
        return table


@lru_cache(maxsize=8)
def patient_gain(size: int) -> float:
    """Return what a patient agent gains by joining `size` agents over a gap of 1: 1 - H_{m+1}/(m+1)."""
    return float(gain(QUADRATIC).subs({m: size, delta: 1}).doit())


def smallest_rates(cost: float, gaps: FloatArray, size: int) -> FloatArray:
    """Return ε* of every gap, inf where no rate is enough."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = cost / (patient_gain(size) * gaps**2)
        return np.where(share < DISCOUNT, _compiled()[0](DISCOUNT, share), np.inf)


def probability(cost: float, rate: float, size: int) -> float:
    """Return the derived probability that ε* < rate, gaps being normal: that of |δ| > √(κ/((1-β)(1 - H/(m+1))))."""
    kept = 1.0 - _compiled()[1](DISCOUNT, rate)
    return erfc(sqrt(cost / (kept * patient_gain(size))) / (GAP_SD * sqrt(2.0)))


@lru_cache(maxsize=1)
def _compiled() -> tuple[Callable[[float, FloatArray], FloatArray], Callable[[float, float], float]]:
    """Return the derived ε*(ρ, r) and β(ρ, ε) as functions of numbers."""
    rate = lambdify((rho, ratio), discount.rate_formula(), "numpy")
    return rate, lambdify((rho, eps), discount.slow_share(), "math")


def compute(runs: int = 400, seed: int = 0) -> Alliances:
    """Draw gaps; at every cost and rate, let two agents ally over each, and two allies stay or leave over each."""
    rates, curve = np.geomspace(0.005, 1, 14), np.geomspace(0.004, 1, 120)
    gaps = np.random.default_rng(seed).normal(0.0, GAP_SD, runs)
    sizes = (1, RIVALS)
    happened = np.empty((2, len(COSTS), len(rates), runs), dtype=np.bool_)
    for i, size in enumerate(sizes):
        for k, cost in enumerate(COSTS):
            for e, rate in enumerate(rates.tolist()):
                happened[i, k, e] = moves(cost, rate, gaps, size)
    steps = np.array([smallest_rates(cost, np.array([FIXED_GAP]), 1)[0] for cost in COSTS])
    beside = np.zeros((len(COSTS), 2), dtype=np.bool_)
    for k, cost in enumerate(COSTS):
        if steps[k] < 1:
            for side, factor in enumerate((1 - BESIDE, 1 + BESIDE)):
                beside[k, side] = moves(cost, float(steps[k]) * factor, np.array([FIXED_GAP]), 1)[0]
    return Alliances(
        COSTS,
        rates,
        gaps,
        np.array([[smallest_rates(cost, gaps, size) for cost in COSTS] for size in sizes]),
        happened,
        curve,
        np.array([[[probability(cost, rate, size) for rate in curve.tolist()] for cost in COSTS] for size in sizes]),
        steps,
        beside,
    )


def moves(cost: float, rate: float, gaps: FloatArray, size: int) -> NDArray[np.bool_]:
    """Simulate the first move over each gap, the one of greatest gain: whether two ally, or an ally leaves.

    Two agents alone (size 1), or two allies who agree and `size` rivals who agree: to join more of them pays more
    (S10), so that an ally goes first if anybody does.
    """
    allies = 1 if size == 1 else 2
    starts = np.zeros((len(gaps), allies + size))
    starts[:, allies:] = gaps[:, None]
    model = Model(starts[0], PERFORMANCE, cost, influence=lazy(rate), discount=DISCOUNT)
    structure = np.repeat([0, 1], [allies, size])
    many = ensemble(
        model, len(gaps), 0, structure, "largest gain", max_steps=1, initial_opinions=starts, keep=True, threads=1
    )  # fmt: skip
    together = many.labels[:, 0] == many.labels[:, 1]
    return np.asarray(together if size == 1 else ~together)


LOOKS = (  # marker, colour and dashes of each cost
    ("o", style.BLUE, style.SOLID),
    ("s", style.VERMILLION, style.DASHED),
    ("^", style.GREEN, style.DASH_DOT),
)


@style.styled
def draw(data: Alliances) -> Figure:
    """Draw the share that forms and the share that holds against the rate of consensus."""
    figure = style.new_figure(style.COLUMN, 4.6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    _shares(upper, data, 0)
    _steps(upper, data)
    _shares(lower, data, 1)
    upper.set_ylabel("share of pairs that ally")
    lower.set_ylabel("share of pairs that hold")
    lower.set_xlabel(r"rate of consensus $\varepsilon$ (fraction per tactical step)")
    style.letter(upper, "(a) too slow, and no alliance forms")
    style.letter(lower, "(b) too fast, and a larger one breaks it")
    return figure


def _shares(axes: Axes, data: Alliances, panel: int) -> None:
    share, error = data.shares
    derived = data.derived[panel] if panel == 0 else 1 - data.derived[panel]
    names = []
    for k, (marker, colour, dashes) in enumerate(LOOKS):
        axes.plot(data.curve, derived[k], color=colour, linestyle=dashes, linewidth=0.9)
        axes.errorbar(data.rates, share[panel, k], error[panel, k], fmt=marker, color=colour, elinewidth=0.7)
        names.append((rf"$\kappa={data.costs[k]:g}$", float(derived[k, -1]), colour))
    axes.set_xscale("log")
    axes.set_xlim(data.curve[0], 1.2)
    axes.set_ylim(-0.04, 1.04)
    axes.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    style.end_labels(axes, names)


def _steps(axes: Axes, data: Alliances) -> None:
    """Draw the step at ε* over one gap, and what was simulated on both sides of it."""
    for k, (marker, colour, _) in enumerate(LOOKS):
        step = data.steps[k]
        if step < 1:
            axes.axvline(step, color=colour, linewidth=0.6, linestyle=style.DOTTED)
            for side, factor in enumerate((1 - BESIDE, 1 + BESIDE)):
                height = float(data.beside[k, side])
                axes.plot(step * factor, height, marker, color=colour, fillstyle="none", markersize=4.5)
    k = int(np.argmin(data.steps))
    text = rf"$\varepsilon^*$ over $\delta={FIXED_GAP:g}$"
    style.label(axes, text, (float(data.steps[k]), 0.9), (4, 0), color=LOOKS[k][1])
