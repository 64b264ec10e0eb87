"""The instability-consensus paradox: what never settles agrees, what settles stays apart.

The published experiment: ten agents with standard normal opinions start alone, under negative, zero, small and
large switching costs, with concave (-u²) and double-well (-(u²-1)²) performance.  Spread of opinions, number of
coalitions and surplus against slow time.

Results shown: S4, S5 and S6.

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
QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, eq=False)
class Paradox:
    """Statistics over runs; P performance functions, K costs, slow steps 0..T.

    Attributes
    ----------
    performances : names of the performance functions.
    costs : switching costs κ.
    time : (T+1,) slow steps.
    spread : (P, K, 3, T+1) lower quartile, median and upper quartile over runs.
    surplus : (P, K, 3, T+1) the same.
    coalitions : (P, K, T+1) mean number of coalitions over runs.
    one_run : (P, K, T+1) number of coalitions in the run of the scenario's own seed.
    moving : (P, K, T+1) fraction of the runs that have not come to a joint equilibrium.
    """

    performances: tuple[str, ...]
    costs: tuple[float, ...]
    time: NDArray[np.int64]
    spread: FloatArray
    surplus: FloatArray
    coalitions: FloatArray
    one_run: FloatArray
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
        for name, values, unit in (("spread", self.spread, "opinion"), ("surplus", self.surplus, "value")):
            for i, quartile in enumerate(("lower quartile", "median", "upper quartile")):
                table[f"{name}, {quartile} [{unit}]"] = [x for p, k in rows for x in values[p, k, i]]
        for name, values, unit in (
            ("coalitions, mean", self.coalitions, "count"),
            ("coalitions, one run", self.one_run, "count"),
            ("runs that still move", self.moving, "fraction"),
        ):
            table[f"{name} [{unit}]"] = [x for p, k in rows for x in values[p, k]]
        return table


def compute(runs: int = 200) -> Paradox:
    """Simulate the published experiment with the seeds 0, 1, ..., runs - 1 and the scenario's own, at every cost."""
    scenarios = [packaged_scenario(name) for name in SCENARIOS.values()]
    costs = scenarios[0].switching_costs
    steps = int(scenarios[0].run["max_steps"])
    shape = (len(scenarios), len(costs), runs, steps + 1)
    spread, surplus, coalitions = np.empty(shape), np.empty(shape), np.empty(shape)
    moving = np.zeros(shape, dtype=bool)
    one_run = np.empty(shape[:2] + shape[3:])

    def held(values: NDArray[np.generic]) -> FloatArray:
        """Keep the last value after the run has ended."""
        return np.asarray(values[np.minimum(np.arange(steps + 1), len(values) - 1)], dtype=float)

    for p, scenario in enumerate(scenarios):
        for k, cost in enumerate(costs):
            model = scenario.model.replace(switching_cost=cost)
            for r in range(runs):
                run = simulate(model, seed=r, max_steps=steps)
                path = run.trajectory
                spread[p, k, r], surplus[p, k, r] = held(path.spread), held(path.surplus)
                coalitions[p, k, r] = held(path.n_coalitions)
                moving[p, k, r] = (np.arange(steps + 1) < run.steps) | (run.outcome == "step limit")
            one = simulate(model, seed=scenario.run["seed"], max_steps=steps)
            one_run[p, k] = held(one.trajectory.n_coalitions)
    return Paradox(
        performances=tuple(SCENARIOS),
        costs=costs,
        time=np.arange(steps + 1),
        spread=np.moveaxis(np.quantile(spread, QUARTILES, axis=2), 0, 2),
        surplus=np.moveaxis(np.quantile(surplus, QUARTILES, axis=2), 0, 2),
        coalitions=coalitions.mean(axis=2),
        one_run=one_run,
        moving=moving.mean(axis=2),
    )


# One look for each cost, in the order of the scenario: negative, zero, small, large.
LOOKS = (
    (style.VERMILLION, style.SOLID),
    (style.BLACK, style.DOTTED),
    (style.BLUE, style.DASHED),
    (style.GREEN, style.DASH_DOT),
)
TITLES = {
    "unimodal": r"(a) unimodal, $\varphi(u)=-u^2$",
    "double well": r"(b) double well, $\varphi(u)=-(u^2-1)^2$",
}
LEFT_LABELS = ("spread of opinions\n" r"$\max_i x_i-\min_i x_i$", "number of coalitions", r"surplus $W(t)$ (value)")


@style.styled
def draw(data: Paradox) -> Figure:
    """Draw three rows (spread, coalitions, surplus) by one column for each performance function."""
    figure = style.new_figure(style.FULL, 5.4)
    grid = figure.subplots(3, len(data.performances), sharex=True)
    for p, name in enumerate(data.performances):
        _spread(grid[0, p], data, p)
        _coalitions(grid[1, p], data, p)
        _surplus(grid[2, p], data, p)
        style.letter(grid[0, p], TITLES[name])
        grid[2, p].set_xlabel(r"slow time $t$ (strategic moves)")
        grid[2, p].set_xlim(0, data.time[-1])
    for row, text in enumerate(LEFT_LABELS):
        grid[row, 0].set_ylabel(text)
    figure.align_ylabels(grid[:, 0])
    return figure


def _spread(axes: Axes, data: Paradox, p: int) -> None:
    for k, (colour, dashes) in enumerate(LOOKS):
        low, middle, high = data.spread[p, k]
        axes.fill_between(data.time, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(data.time, middle, color=colour, linestyle=dashes)
    axes.set_yscale("log")
    if data.spread[p].min() > 0.1:  # less than a decade: name the numbers themselves
        axes.set_ylim(1, 4)
        axes.set_yticks([1, 2, 3, 4], ["1", "2", "3", "4"])
        axes.tick_params(axis="y", which="minor", length=0, labelleft=False)
    else:
        axes.set_ylim(1e-9, 10)
        axes.set_yticks([1e-9, 1e-6, 1e-3, 1])
        style.label(axes, "stop, apart", (120, data.spread[p, 2, 1, -1]), (0, -10), color=LOOKS[2][0])
        style.label(axes, "never stop, agree", (92, data.spread[p, 0, 1, 92]), (6, 6), color=LOOKS[0][0])
        style.label(axes, "stop at a tie", (58, data.spread[p, 1, 1, 58]), (-6, -14), ha="right")
    _name_costs(axes, data, data.spread[p, :, 1, -1])


def _coalitions(axes: Axes, data: Paradox, p: int) -> None:
    axes.step(data.time, data.one_run[p, 0], color=LOOKS[0][0], linewidth=0.4, alpha=0.7, where="post")
    for k, (colour, dashes) in enumerate(LOOKS):
        axes.plot(data.time, data.coalitions[p, k], color=colour, linestyle=dashes)
    style.label(axes, r"one run, $\kappa={-}0.05$", (100, 8.6), color=LOOKS[0][0])
    axes.set_ylim(0, 10.4)
    axes.set_yticks([1, 4, 7, 10])
    _name_costs(axes, data, data.coalitions[p, :, -1])


def _surplus(axes: Axes, data: Paradox, p: int) -> None:
    for k, (colour, dashes) in enumerate(LOOKS):
        axes.plot(data.time, data.surplus[p, k, 1], color=colour, linestyle=dashes)
    axes.set_yscale("symlog", linthresh=0.3)  # every surplus lies below, where this is logarithmic
    axes.set_ylim(-15, -0.3)
    axes.set_yticks([-10, -3, -1, -0.3], [r"$-10$", r"$-3$", r"$-1$", r"$-0.3$"])
    _name_costs(axes, data, data.surplus[p, :, 1, -1])


def _name_costs(axes: Axes, data: Paradox, heights: FloatArray) -> None:
    names = [rf"$\kappa={cost:g}$".replace("-", "{-}") for cost in data.costs]
    style.end_labels(axes, [(names[k], float(heights[k]), LOOKS[k][0]) for k in range(len(names))])
