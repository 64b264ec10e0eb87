"""What stopping costs: how far apart agents stop, after how many moves, and what surplus they forgo.

Quadratic performance -u², ten agents that start alone.  A switching cost κ > 0 brings the dynamics to a joint
equilibrium, and this is its price, against κ: spread of opinions and loss of surplus where it stops, and number of
moves before.  The loss is nφ(x̄) - W per agent: averaging keeps the mean opinion x̄, so that nφ(x̄) is what all together
would reach, the largest surplus of any structure.

(The ratio of best to best stable outcome has the same name; for that one see `figures.bifurcation`.)

Results shown: S4 (at most L V(x(0))/(2κ) moves), S5 (spread at most √(8κ/ℓ)), and from it the loss of surplus: at most
κ L/ℓ per agent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.ensemble import Ensemble, ensemble
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
class Outcomes:
    """One quantity over the runs at each cost, and the bound that holds for every run.

    Attributes
    ----------
    name, unit : of the quantity.
    quantiles : (K, 3) quantiles 0.1, 0.5, 0.9.
    largest : (K,) of all runs.
    bound : (K,) derived.
    """

    name: str
    unit: str
    quantiles: FloatArray
    largest: FloatArray
    bound: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the quantity as columns."""
        table: dict[str, list[object]] = {
            f"{self.name}, quantile {quantile} [{self.unit}]": list(self.quantiles[:, i])
            for i, quantile in enumerate(QUANTILES)
        }
        table[f"{self.name}, largest [{self.unit}]"] = list(self.largest)
        table[f"{self.name}, bound [{self.unit}]"] = list(self.bound)
        return table


@dataclass(frozen=True, eq=False)
class PriceOfStability:
    """Statistics over runs at each of K costs.

    Attributes
    ----------
    costs : (K,) switching costs κ.
    spread, loss : at joint equilibrium, the loss of surplus per agent; opinions drawn afresh for each run.
    moves : before joint equilibrium, always from the same opinions.
    disagreement : V(x(0)) of those opinions.
    """

    costs: FloatArray
    spread: Outcomes
    moves: Outcomes
    loss: Outcomes
    disagreement: float

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each cost."""
        return {
            "switching cost [value]": list(self.costs),
            **self.spread.columns(),
            **self.moves.columns(),
            **self.loss.columns(),
            "initial disagreement of the runs in which moves are counted [opinion^2]": [self.disagreement]
            * len(self.costs),
        }


def compute(runs: int = 2000, costs: int = 25, seed: int = 1) -> PriceOfStability:
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
    spread, moves, loss = np.empty((costs, runs)), np.empty((costs, runs)), np.empty((costs, runs))
    bounds = np.empty((3, costs))
    for i, cost in enumerate(grid.tolist()):
        many = _at_equilibrium(drawn.replace(switching_cost=cost), runs, seed)
        spread[i], loss[i] = many.spread, surplus_loss(drawn, many.opinions, many.surplus) / AGENTS
        moves[i] = _at_equilibrium(fixed.replace(switching_cost=cost), runs, seed).moves
        derived = (
            lyapunov.spread_bound(bend.ell, cost),
            lyapunov.move_bound(bend.L, disagreement, cost),
            lyapunov.surplus_loss_bound(bend.L, bend.ell, cost, AGENTS) / AGENTS,
        )
        bounds[:, i] = [float(bound) for bound in derived]
    return PriceOfStability(
        grid,
        _outcomes("terminal spread", "opinion", spread, bounds[0]),
        _outcomes("moves", "count", moves, bounds[1]),
        _outcomes("loss of surplus per agent", "value", loss, bounds[2]),
        disagreement,
    )


def surplus_loss(model: Model, opinions: FloatArray, surplus: FloatArray) -> FloatArray:
    """Return nφ(x̄) - W of each run, for (runs, n) opinions.

    Examples
    --------
    >>> surplus_loss(Model(opinions=[0.0, 2.0], performance="-u**2"), np.array([[0.0, 2.0]]), np.array([-4.0]))
    array([2.])
    """
    return np.asarray(opinions.shape[1] * model.compiled(opinions.mean(axis=1)) - surplus)


def _at_equilibrium(model: Model, runs: int, seed: int) -> Ensemble:
    many = ensemble(model, runs, seed, keep=True)
    if (many.outcome != "joint equilibrium").any():
        raise RuntimeError(f"a run at cost {model.switching_cost!r} did not come to a joint equilibrium")
    return many


def _outcomes(name: str, unit: str, values: FloatArray, bound: FloatArray) -> Outcomes:
    return Outcomes(name, unit, np.quantile(values, QUANTILES, axis=1).T, values.max(axis=1), bound)


PANELS: tuple[tuple[str, str, str, tuple[float, float], Sequence[float]], ...] = (
    # of spread, moves and loss: title, vertical axis, bound, limits, ticks
    ("(a) how far apart they stop", "spread of opinions", "bound (S5)", (0.03, 3), (0.03, 0.1, 0.3, 1, 3)),
    ("(b) how long they move", "moves (count)", "bound (S4)", (0.7, 4000), (1, 10, 100, 1000)),
    (
        "(c) what they forgo",
        "surplus lost per agent (value)",
        r"bound $\kappa L/\ell$",
        (1e-4, 2),
        (0.001, 0.01, 0.1, 1),
    ),
)


@style.styled
def draw(data: PriceOfStability) -> Figure:
    """Draw the three panels side by side over two columns."""
    figure = style.new_figure(style.FULL, 2.4)
    for axes, found, panel in zip(figure.subplots(1, 3), (data.spread, data.moves, data.loss), PANELS, strict=True):
        title, name, bound, limits, ticks = panel
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(data.costs[0], data.costs[-1] * 1.1)
        axes.set_ylim(*limits)
        axes.set_xticks([0.01, 0.1, 1], ["0.01", "0.1", "1"])
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel(r"switching cost $\kappa$ (value)")
        axes.set_ylabel(name)
        style.letter(axes, title)
        _curves(axes, data.costs, found, bound)
    return figure


def _curves(axes: Axes, costs: FloatArray, found: Outcomes, bound: str) -> None:
    """Draw bound, largest, median and band, named at the right."""
    low, median, high = found.quantiles.T
    axes.fill_between(costs, low, high, color=style.BLUE, alpha=0.2, linewidth=0)
    axes.plot(costs, median, color=style.BLUE)
    axes.plot(costs, found.bound, color=style.BLACK, linestyle=style.DASHED)
    axes.plot(costs, found.largest, color=style.VERMILLION, linestyle="none", marker="o", markersize=2.5)
    named = (
        ("median", median, style.BLUE),
        ("largest", found.largest, style.VERMILLION),
        (bound, found.bound, style.BLACK),
    )
    style.end_labels(axes, [(text, float(values[-1]), colour) for text, values, colour in named], gap=0.08)
    i, falls = len(costs) // 3, median[-1] < median[0]
    at = float(costs[i]), float(low[i])
    style.label(axes, "10–90 %", at, (4, -12), color=style.BLUE, ha="right" if falls else "left")
