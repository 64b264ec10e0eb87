"""The exact bifurcation diagram of one team: which coalition structures are stable, and how good they are.

Every coalition structure of a small team has a critical cost κ*, and is stable against moves iff κ ≥ κ*.  Walking
through all of them gives, at every switching cost κ, the number of stable structures and the largest and smallest
surplus among them, with no sampling.  Structures are born one by one as κ rises, and none ever dies.

Results shown: S8 (critical cost of a structure).  The distance from the best possible surplus to that of the worst
stable structure is the price of anarchy, to that of the best stable structure the price of stability.

References: Anshelevich et al., SIAM J. Comput. 38:1602, 2008, for the two prices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.equilibria.atlas import atlas, stable_structures
from numerics.equilibria.tables import At
from numerics.model import Model
from theory.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Two camps beyond the peaks ±1 and one agent between: agreeing across the camps is good, but not with everybody.
TEAM = (-1.9, -1.8, -1.6, -1.4, 0.1, 1.5, 1.7, 1.9)
PERFORMANCE = "-(u**2 - 1)**2"


@dataclass(frozen=True, eq=False)
class Bifurcation:
    """Steps of the diagram; K costs at which structures are born, B births that are named.

    Attributes
    ----------
    opinions : (n,) of the team.
    performance, at : φ as text, and whether moves are weighed at the "opinions" or at "consensus".
    costs : (K,) critical costs, increasing; what follows holds from each until the next.
    n_stable : (K,) number of stable structures.
    best, worst : (K,) largest and smallest surplus of a stable structure.
    optimum : largest surplus of any structure.
    n_structures : number of all structures.
    births : (B,) positions in `costs` at which the first stable structure of 1, 2, .. coalitions is born.
    born : (B,) those structures, such as "012|34".
    """

    opinions: FloatArray
    performance: str
    at: At
    costs: FloatArray
    n_stable: IntArray
    best: FloatArray
    worst: FloatArray
    optimum: float
    n_structures: int
    births: tuple[int, ...]
    born: tuple[str, ...]

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each critical cost."""
        named: list[str] = [""] * len(self.costs)
        for position, structure in zip(self.births, self.born, strict=True):
            named[position] = f"{named[position]}; {structure}" if named[position] else structure
        return {
            "critical cost [value]": list(self.costs),
            "stable structures [count]": list(self.n_stable),
            "surplus of the best stable structure [value]": list(self.best),
            "surplus of the worst stable structure [value]": list(self.worst),
            "largest surplus of any structure [value]": [self.optimum] * len(self.costs),
            "first stable structure with so many coalitions [agents]": list(named),
        }


def compute(opinions: Sequence[float] = TEAM, performance: str = PERFORMANCE, at: At = "opinions") -> Bifurcation:
    """Walk through all structures of a team of at most 11 agents under uniform influence and open acceptance.

    Agents are named 0, 1, .. in the order given.

    Raises
    ------
    InputError
        For a single agent, who has no move, and as `numerics.equilibria.atlas.atlas`.
    """
    model = Model(opinions=opinions, performance=performance)
    if model.n_agents == 1:
        raise InputError("opinions", opinions, "are of a single agent, who has no move", "give two or more")
    found, everything = atlas(model, at), stable_structures(model, np.inf, at)
    counts = np.array([found.n_stable(cost) for cost in found.thresholds.tolist()])
    new = np.flatnonzero(np.diff(counts, prepend=0))  # critical costs that are the same up to a tie are one
    costs = found.thresholds[new]
    sizes = everything.labels.max(axis=1) + 1
    first = [int(np.argmax(sizes == size)) for size in range(1, model.n_agents + 1)]
    births = [int(np.searchsorted(costs, everything.critical_costs[k], side="right")) - 1 for k in first]
    return Bifurcation(
        np.array(opinions, dtype=float), str(model.performance), at, costs, counts[new],
        np.array([found.best_surplus(cost) for cost in costs.tolist()]),
        np.array([found.worst_surplus(cost) for cost in costs.tolist()]),
        found.optimum, found.n_structures, tuple(births), tuple(structure_name(everything[k]) for k in first),
    )  # fmt: skip


def structure_name(coalitions: Sequence[Sequence[int]]) -> str:
    """Return a structure in short; agents are written apart if some have two digits.

    Examples
    --------
    >>> structure_name([[0, 2], [1]]), structure_name([[0, 10], *([i] for i in range(1, 10))])[:7]
    ('02|1', '0 10|1|')
    """
    apart = " " if any(agent > 9 for coalition in coalitions for agent in coalition) else ""
    return "|".join(apart.join(map(str, coalition)) for coalition in coalitions)


HAIR = "\u200a"  # space on both sides of a bar, so that it is not read as a letter


@style.styled
def draw(data: Bifurcation) -> Figure:
    """Draw the two panels, one below the other in one column."""
    figure = style.new_figure(style.COLUMN, 4.9)
    upper, lower = figure.subplots(2, 1, sharex=True)
    span = float(data.costs[-1] - data.costs[0]) or 1.0
    lower.set_xlim(data.costs[0] - 0.13 * span, data.costs[-1] + 0.03 * span)
    for axes, panel in ((upper, _numbers), (lower, _surpluses)):
        axes.axvspan(axes.get_xlim()[0], data.costs[0], facecolor="#EEEEEE", edgecolor="#BBBBBB", hatch="////", lw=0)
        panel(axes, data)
    lower.set_xlabel(r"switching cost $\kappa$ (value)")
    figure.align_ylabels()
    return figure


def _numbers(axes: Axes, data: Bifurcation) -> None:
    left, right = axes.get_xlim()
    axes.set_yscale("log")
    axes.set_ylim(0.45, 2.4 * data.n_structures)
    axes.axhline(data.n_structures, color=style.GREY, linewidth=0.6, linestyle=style.DOTTED)
    style.label(axes, f"all {data.n_structures}", (right, data.n_structures), (0, 3), color=style.GREY, ha="right")
    axes.step([*data.costs, right], [*data.n_stable, data.n_stable[-1]], where="post", color=style.BLACK)
    at = list(dict.fromkeys(data.births))
    axes.plot(data.costs[at], data.n_stable[at], "o", color=style.VERMILLION, clip_on=False)
    height = -np.inf
    for position in sorted(at):
        point = float(data.costs[position]), float(data.n_stable[position])
        if np.log(point[1]) - height > 0.05 * np.log(axes.get_ylim()[1] / axes.get_ylim()[0]):  # there is room
            born = [name for place, name in zip(data.births, data.born, strict=True) if place == position]
            text = born[0].replace("|", HAIR + "|" + HAIR) + (f", +{len(born) - 1}" if len(born) > 1 else "")
            style.label(axes, text, point, (5, -7), color=style.VERMILLION)
            height = np.log(point[1])
    axes.text(
        (left + data.costs[0]) / 2, 0.5, f"none below ${data.costs[0]:.3g}$", rotation=90, ha="center", va="center",
        fontsize=style.SMALL, transform=axes.get_xaxis_transform(),
        bbox={"facecolor": "#EEEEEE", "edgecolor": "none", "pad": 1.5},
    )  # fmt: skip
    powers = [10**k for k in range(len(str(data.n_structures)))]
    axes.set_yticks(powers, [f"{power}" for power in powers])
    axes.set_ylabel("stable structures (count)")
    style.letter(axes, "(a) how many structures are stable")


def _surpluses(axes: Axes, data: Bifurcation) -> None:
    right = axes.get_xlim()[1]
    x = [*data.costs, right]
    best, worst = ([*values, values[-1]] for values in (data.best, data.worst))
    axes.fill_between(x, worst, best, step="post", color=style.BLUE, alpha=0.12, linewidth=0)
    axes.axhline(data.optimum, color=style.BLACK, linewidth=0.9, linestyle=style.DOTTED)
    axes.step(x, best, where="post", color=style.GREEN, linestyle=style.DASHED)
    axes.step(x, worst, where="post", color=style.VERMILLION)
    spread = data.optimum - float(data.worst[-1]) or 1.0
    axes.set_ylim(float(data.worst[-1]) - 0.04 * spread, data.optimum + 0.16 * spread)
    style.label(axes, "best of all structures", (right, data.optimum), (0, 4), ha="right")
    style.label(axes, "worst stable", _point(data, data.worst, 0.55), (-5, -3), color=style.VERMILLION, ha="right")
    _distance(axes, data, data.worst, 0.66)
    middle = (_point(data, data.worst, 0.66)[1] + data.optimum) / 2
    style.label(axes, "price of\nanarchy", (_point(data, data.worst, 0.66)[0], middle), (4, 0), va="center")
    if (apart := data.optimum - data.best).max() > 0.05 * spread:
        last = int(np.flatnonzero(apart > 0.05 * spread)[-1])
        point = float(data.costs[last]), float(data.best[last])
        style.label(axes, "best stable", point, (9, -4), color=style.GREEN)
        share = (
            0.5
            * float(data.costs[int(np.argmin(apart == apart[0]))] - data.costs[0])
            / float(data.costs[-1] - data.costs[0])
        )
        _distance(axes, data, data.best, share)
        style.label(axes, "price of stability", (_point(data, data.best, share)[0], data.optimum), (-3, 4))
    axes.set_ylabel("surplus $W$ (value)")
    style.letter(axes, "(b) how good they are")


def _point(data: Bifurcation, values: FloatArray, share: float) -> tuple[float, float]:
    """The point of a step curve at a share of the range of costs."""
    cost = float(data.costs[0] + share * (data.costs[-1] - data.costs[0]))
    return cost, float(values[np.searchsorted(data.costs, cost, side="right") - 1])


def _distance(axes: Axes, data: Bifurcation, values: FloatArray, share: float) -> None:
    """Draw a two-headed arrow from a step curve up to the optimum."""
    cost, low = _point(data, values, share)
    look = {"arrowstyle": "<->", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 7}
    axes.annotate("", (cost, low), (cost, data.optimum), arrowprops=look)
