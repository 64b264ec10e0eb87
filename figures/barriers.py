"""What a single move is worth, and so what switching must cost to prevent it.

An agent leaves a coalition that agrees with it and joins m incumbents who agree on c; its opinion is c + δ.
Its gain Δ(m, δ) is the critical cost of the move: the move is profitable if and only if κ < Δ.

Results shown: S1 (quadratic), S2 (concave: no barrier below zero), S10 (large coalitions attract).

References: the two-type payoff of `theory.two_types`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sympy import Expr, Rational, lambdify

from figures import style
from theory.gain import gain, gain_limit
from theory.performance import DOUBLE_WELL, GAUSSIAN, QUADRATIC
from theory.symbols import b, c, delta, s, sigma, theta

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

SIZES = (1, 2, 5, 20)  # incumbents m
PERFORMANCES: dict[str, Expr] = {
    "quadratic": QUADRATIC.subs({b: 0, theta: 0}),
    "Gaussian": GAUSSIAN.subs({sigma: 1, theta: 0}),
    "double well": DOUBLE_WELL,
}
INCUMBENTS = {"quadratic": 0, "Gaussian": 0, "double well": -1}  # their opinion c
WIDEST = {"quadratic": 2, "Gaussian": 4, "double well": Rational(5, 2)}  # largest gap δ shown


@dataclass(frozen=True, eq=False)
class Barriers:
    """Critical costs; P performance functions, M sizes, D gaps.

    Attributes
    ----------
    performances : names of the performance functions.
    sizes : numbers of incumbents m; the last is infinity, for the limit.
    incumbents : (P,) their opinion c.
    gaps : (P, D) opinion gaps δ.
    gains : (P, M, D) gain Δ of the move, its critical cost.
    """

    performances: tuple[str, ...]
    sizes: tuple[float, ...]
    incumbents: FloatArray
    gaps: FloatArray
    gains: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each performance and gap."""
        gaps = self.gaps.shape[1]
        table: dict[str, list[object]] = {
            "performance": [name for name in self.performances for _ in range(gaps)],
            "incumbents' opinion [opinion]": [x for x in self.incumbents for _ in range(gaps)],
            "opinion gap [opinion]": list(self.gaps.ravel()),
        }
        for i, size in enumerate(self.sizes):
            table[f"critical cost, m = {size:g} [value]"] = list(self.gains[:, i].ravel())
        return table


def compute(points: int = 241) -> Barriers:
    """Evaluate the derived gain at every size on an even grid of gaps."""
    names = tuple(PERFORMANCES)
    gaps = np.array([np.linspace(0, float(WIDEST[name]), points) for name in names])
    gains = np.empty((len(names), len(SIZES) + 1, points))
    for p, name in enumerate(names):
        phi = PERFORMANCES[name]
        for i, derived in enumerate([*(gain(phi, s, size) for size in SIZES), gain_limit(phi, s)]):
            gains[p, i] = lambdify(delta, derived.subs(c, INCUMBENTS[name]), "numpy")(gaps[p])
    return Barriers(names, (*SIZES, math.inf), np.array([float(INCUMBENTS[name]) for name in names]), gaps, gains)


LOOKS = (
    (style.BLACK, style.SOLID),
    (style.BLUE, style.DASHED),
    (style.VERMILLION, style.DASH_DOT),
    (style.GREEN, style.DOTTED),
    (style.PURPLE, style.DASH_DOT_DOT),
)
TITLES = {
    "quadratic": r"(a) $\varphi=-u^2,\ c=0$",
    "Gaussian": r"(b) $\varphi=e^{-u^2/2},\ c=0$",
    "double well": r"(c) $\varphi=-(u^2-1)^2,\ c=-1$",
}
LIMITS = {"quadratic": (-0.2, 4.1), "Gaussian": (-0.6, 1.1), "double well": (-2, 1.7)}


@style.styled
def draw(data: Barriers) -> Figure:
    """Draw one panel for each performance function."""
    figure = style.new_figure(style.FULL, 2.5)
    for p, axes in enumerate(figure.subplots(1, len(data.performances))):
        _panel(axes, data, p)
        style.letter(axes, TITLES[data.performances[p]])
        axes.set_xlabel(r"opinion gap $\delta$ (opinion)")
        if p == 0:
            axes.set_ylabel(r"critical cost $\kappa^*(m,\delta)$ (value)")
    return figure


def _panel(axes: Axes, data: Barriers, p: int) -> None:
    gaps, gains = data.gaps[p], data.gains[p]
    axes.axhline(0, color=style.GREY, linewidth=0.6)
    axes.fill_between(gaps, np.minimum(gains[0], 0), gains[0], color=style.BLACK, alpha=0.08, linewidth=0)
    for i, (colour, dashes) in enumerate(LOOKS):
        axes.plot(gaps, gains[i], color=colour, linestyle=dashes)
    axes.set_xlim(0, gaps[-1])
    axes.set_ylim(*LIMITS[data.performances[p]])
    axes.locator_params(axis="y", nbins=6)
    if data.performances[p] == "double well":
        axes.axvline(2, color=style.GREY, linewidth=0.6, linestyle=style.DOTTED)
        style.label(axes, "other peak", (2, axes.get_ylim()[1]), (-3, -7), color=style.GREY, ha="right")
    names = [r"$m\to\infty$" if size == math.inf else rf"$m={size}$" for size in data.sizes]
    style.end_labels(axes, [(names[i], float(gains[i, -1]), LOOKS[i][0]) for i in range(len(names))])
