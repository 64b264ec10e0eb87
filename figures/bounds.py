"""How far apart agents stop, and after how many moves: simulation against the bounds.

Quadratic performance -u², ten agents that start alone.  Terminal spread of opinions, and number of moves to
joint equilibrium, against the switching cost κ.

Results shown: S4 (at most L V(x(0))/(2κ) moves), S5 (spread at most √(8κ/ℓ)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.ensemble import ensemble
from numerics.model import Model
from numerics.opinions import normal
from theory import lyapunov
from theory.performance import curvature

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

AGENTS = 10
PERFORMANCE = "-u**2"
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Bounds:
    """Statistics over runs at each cost.

    Attributes
    ----------
    costs : (K,) switching costs κ.
    spread : (K, 3) quantiles 0.1, 0.5, 0.9 of the terminal spread, opinions drawn afresh for each run.
    largest_spread, spread_bound : (K,) the largest, and the bound of S5.
    disagreement : V(x(0)) of the opinions from which moves are counted.
    moves : (K, 3) quantiles of the number of moves, always from the same opinions.
    most_moves, move_bound : (K,) the most, and the bound of S4.
    """

    costs: FloatArray
    spread: FloatArray
    largest_spread: FloatArray
    spread_bound: FloatArray
    disagreement: float
    moves: FloatArray
    most_moves: NDArray[np.int64]
    move_bound: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each cost."""
        table: dict[str, list[object]] = {"switching cost [value]": list(self.costs)}
        for i, quantile in enumerate(QUANTILES):
            table[f"terminal spread, quantile {quantile} [opinion]"] = list(self.spread[:, i])
        table["terminal spread, largest [opinion]"] = list(self.largest_spread)
        table["terminal spread, bound S5 [opinion]"] = list(self.spread_bound)
        for i, quantile in enumerate(QUANTILES):
            table[f"moves, quantile {quantile} [count]"] = list(self.moves[:, i])
        table["moves, most [count]"] = list(self.most_moves)
        table["moves, bound S4 [count]"] = list(self.move_bound)
        table["initial disagreement [opinion^2]"] = [self.disagreement] * len(self.costs)
        return table


def compute(runs: int = 2000, costs: int = 25, seed: int = 1) -> Bounds:
    """Simulate ensembles at costs spaced evenly in logarithm from 0.002 to 1.

    Raises
    ------
    RuntimeError
        If a run did not end at a joint equilibrium, where the bounds say nothing.
    """
    grid = np.geomspace(0.002, 1.0, costs)
    drawn = Model(opinions=normal(AGENTS), performance=PERFORMANCE)
    fixed = drawn.drawn(seed)
    x = np.asarray(fixed.opinions)
    disagreement = float(np.sum((x - x.mean()) ** 2))
    bend = curvature(PERFORMANCE)
    spread, largest = np.empty((costs, 3)), np.empty(costs)
    moves, most = np.empty((costs, 3)), np.empty(costs, dtype=np.int64)
    spread_bound, move_bound = np.empty(costs), np.empty(costs)
    for i, cost in enumerate(grid.tolist()):
        many = ensemble(drawn.replace(switching_cost=cost), runs, seed)
        same = ensemble(fixed.replace(switching_cost=cost), runs, seed)
        for each in (many, same):
            if (each.outcome != "joint equilibrium").any():
                raise RuntimeError(f"a run at cost {cost:.3g} did not come to a joint equilibrium")
        spread[i], largest[i] = np.quantile(many.spread, QUANTILES), many.spread.max()
        moves[i], most[i] = np.quantile(same.moves, QUANTILES), same.moves.max()
        spread_bound[i] = float(lyapunov.spread_bound(bend.ell, cost))
        move_bound[i] = float(lyapunov.move_bound(bend.L, disagreement, cost))
    return Bounds(grid, spread, largest, spread_bound, disagreement, moves, most, move_bound)


@style.styled
def draw(data: Bounds) -> Figure:
    """Draw the two panels, one below the other in one column."""
    figure = style.new_figure(style.COLUMN, 5.0)
    upper, lower = figure.subplots(2, 1)
    _panel(upper, data, data.spread, data.largest_spread, data.spread_bound)
    upper.set_ylabel("spread of opinions at equilibrium")
    upper.set_yticks([0.03, 0.1, 0.3, 1, 3], ["0.03", "0.1", "0.3", "1", "3"])
    upper.set_ylim(0.015, 3)
    style.letter(upper, "(a) how far apart they stop")
    _label(upper, data.costs, data.spread_bound, "bound (S5)", 18, (-5, 6), style.BLACK, ha="right")
    _label(upper, data.costs, data.largest_spread, "largest of all runs", 11, (-5, 6), style.VERMILLION, ha="right")
    _label(upper, data.costs, data.spread[:, 1], "median, 10–90 %", 12, (10, -30), style.BLUE)
    _panel(lower, data, data.moves, data.most_moves, data.move_bound)
    lower.set_ylabel("moves to joint equilibrium (count)")
    lower.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    style.letter(lower, "(b) how long they move")
    _label(lower, data.costs, data.move_bound, "bound (S4)", 10, (8, 4), style.BLACK)
    _label(lower, data.costs, data.most_moves, "most of all runs", 8, (0, 8), style.VERMILLION, ha="center")
    _label(lower, data.costs, data.moves[:, 1], "median, 10–90 %", 8, (0, -22), style.BLUE, ha="center")
    return figure


def _panel(axes: Axes, data: Bounds, quantiles: FloatArray, largest: NDArray[np.generic], bound: FloatArray) -> None:
    axes.fill_between(data.costs, quantiles[:, 0], quantiles[:, 2], color=style.BLUE, alpha=0.2, linewidth=0)
    axes.plot(data.costs, quantiles[:, 1], color=style.BLUE)
    axes.plot(data.costs, bound, color=style.BLACK, linestyle=style.DASHED)
    axes.plot(data.costs, largest, color=style.VERMILLION, linestyle="none", marker="o", markersize=2.5)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
    axes.set_xlabel(r"switching cost $\kappa$ (value)")


def _label(
    axes: Axes, x: FloatArray, y: NDArray[np.generic], text: str, at: int, offset: tuple[float, float], colour: str,
    ha: str = "left",
) -> None:  # fmt: skip
    """Label a curve at its `at`-th point of 25, whatever its number of points."""
    i = round(at / 24 * (len(x) - 1))
    style.label(axes, text, (float(x[i]), float(y[i])), offset, color=colour, ha=ha)
