"""The instability-consensus paradox: what never settles agrees, what settles stays apart.

The published experiment: ten agents with standard normal opinions start alone, under negative, zero, small and
large switching costs, with concave (-u²) and double-well (-(u²-1)²) performance.  Spread of opinions, number of
coalitions and surplus against slow time, median and quartiles over seeds.

Results shown: S4, S5 and S6 with S7.

References: Zhu, arXiv:2606.26139, 2026 (a reconstruction from its abstract and published summaries).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.scenario import packaged_scenario
from numerics.simulation import simulate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

SCENARIOS = {"unimodal": "published_unimodal", "double well": "published_double_well"}
QUANTITIES = ("spread", "coalitions", "surplus")
UNITS = {"spread": "opinion", "coalitions": "count", "surplus": "value"}
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Paradox:
    """Quartiles over runs; arrays are (performances, costs, quartiles, time) for each quantity.

    Attributes
    ----------
    performances : names of the performance functions.
    costs : (costs,) switching costs κ.
    time : (steps + 1,) slow steps.
    quartiles : quantity → lower quartile, median and upper quartile over runs.
    moving : (performances, costs, time) fraction of the runs that still move.
    """

    performances: tuple[str, ...]
    costs: tuple[float, ...]
    time: NDArray[np.int64]
    quartiles: dict[str, FloatArray]
    moving: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each performance, cost and time."""
        rows = [(p, k) for p in range(len(self.performances)) for k in range(len(self.costs))]
        steps = len(self.time)
        table: dict[str, list[object]] = {
            "performance": [self.performances[p] for p, _ in rows for _ in range(steps)],
            "switching cost [value]": [self.costs[k] for _, k in rows for _ in range(steps)],
            "time [slow steps]": [t for _ in rows for t in self.time],
        }
        for name in QUANTITIES:
            for i, quartile in enumerate(("lower quartile", "median", "upper quartile")):
                values = self.quartiles[name]
                table[f"{name} {quartile} [{UNITS[name]}]"] = [x for p, k in rows for x in values[p, k, i]]
        table["runs that still move [fraction]"] = [x for p, k in rows for x in self.moving[p, k]]
        return table


def compute(runs: int = 200) -> Paradox:
    """Simulate the published experiment with the seeds 0, 1, ..., runs - 1 at every cost."""
    scenarios = [packaged_scenario(name) for name in SCENARIOS.values()]
    costs = scenarios[0].switching_costs
    steps = int(scenarios[0].run["max_steps"])
    shape = (len(scenarios), len(costs), runs, steps + 1)
    paths = {name: np.empty(shape) for name in QUANTITIES}
    moving = np.zeros(shape[:2] + (steps + 1,))
    for p, scenario in enumerate(scenarios):
        for k, cost in enumerate(costs):
            model = scenario.model.replace(switching_cost=cost)
            for r in range(runs):
                path = simulate(model, seed=r, max_steps=steps).trajectory
                held = np.minimum(np.arange(steps + 1), len(path.spread) - 1)  # the last value after the end
                paths["spread"][p, k, r] = path.spread[held]
                paths["coalitions"][p, k, r] = path.n_coalitions[held]
                paths["surplus"][p, k, r] = path.surplus[held]
                moving[p, k, : len(path.spread) - 1] += 1 / runs
    quartiles = {
        name: np.moveaxis(np.quantile(values, QUARTILES, axis=2, method="inverted_cdf"), 0, 2)
        for name, values in paths.items()
    }
    return Paradox(tuple(SCENARIOS), costs, np.arange(steps + 1), quartiles, moving)


# One look for each cost, in the order of the scenario: negative, zero, small, large.
LOOKS = (
    (style.VERMILLION, style.SOLID),
    (style.BLACK, style.DOTTED),
    (style.BLUE, style.DASHED),
    (style.GREEN, style.DASH_DOT),
)
FLOOR = 1e-6  # smallest spread shown


@style.styled
def draw(data: Paradox) -> Figure:
    """Draw three rows (spread, coalitions, surplus) by one column for each performance function."""
    figure = style.new_figure(style.FULL, 5.2)
    grid = figure.subplots(3, len(data.performances), sharex=True, sharey="row")
    for p, name in enumerate(data.performances):
        for row, quantity in enumerate(QUANTITIES):
            _panel(grid[row, p], data, p, quantity)
        grid[-1, p].set_xlabel(r"slow time $t$ (moves)")
        style.letter(grid[0, p], TITLES[name])
    return figure


TITLES = {
    "unimodal": r"(a) concave performance, $\varphi(u)=-u^2$",
    "double well": r"(b) double well, $\varphi(u)=-(u^2-1)^2$",
}


def _panel(axes: Axes, data: Paradox, p: int, quantity: str) -> None:
    for k, _cost in enumerate(data.costs):
        colour, dashes = LOOKS[k]
        low, middle, high = data.quartiles[quantity][p, k]
        axes.fill_between(data.time, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(data.time, middle, color=colour, linestyle=dashes)
    axes.set_xscale("symlog", linthresh=1, linscale=0.3)
    if quantity == "spread":
        axes.set_yscale("log")
