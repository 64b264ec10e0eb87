"""What it takes to hold a structure, and what it takes to break it, as the switching cost varies.

One coalition structure at its tactical equilibrium, quadratic performance.  Below its critical cost κ* somebody would
move: the least subsidy that holds it is positive, and the fragility radius is 0.  Above κ* it holds by itself: the
subsidy is 0, and opinions must change by the fragility radius before it breaks.  Both come from programs that prove
their answers; over the radius, the closed form for each pair of coalitions.

Results shown: S8 (critical cost of a structure), S14 (fragility radius of one move).

References: Bachrach et al., "The cost of stability in coalitional games", SAGT 2009, for subsidies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sympy import lambdify

from figures import style
from numerics.consensus import tactical_limit
from numerics.model import Model
from numerics.moves import critical_cost
from numerics.programs.fragility_radius import fragility_radius
from numerics.programs.transfers import stabilising_transfers
from theory import lyapunov, symbols

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

# Two large coalitions far apart gain most by mixing; a single agent, not quite as far, is easier to sway.
OPINIONS = (-1.3, -1.1, -0.9, -0.7, 1.2, 1.4, 1.6, 1.15)
STRUCTURE = ((0, 1, 2, 3), (4, 5, 6), (7,))
PERFORMANCE = "-u**2"
WIDEST = 2.0  # largest cost, in critical costs


@dataclass(frozen=True, eq=False)
class Stabilisation:
    """Subsidy and radius; K costs, C coalitions, P ordered pairs of them.

    Attributes
    ----------
    coalitions : members of each.
    consensus : (C,) opinion of each.
    critical_cost : κ* of the structure.
    costs : (K,) switching costs κ, of which one is κ*.
    paid : (C, K) least subsidy, as far as it is paid to the members of each coalition.
    radius, proved : (K,) fragility radius, and the bound below it that the program proves.
    pairs : (source, target) for each pair of coalitions.
    closed_form : (P, K) least change of opinions that lets a member of the source join the target (S14); negative where
        that pays already.
    """

    coalitions: tuple[tuple[int, ...], ...]
    consensus: FloatArray
    critical_cost: float
    costs: FloatArray
    paid: FloatArray
    radius: FloatArray
    proved: FloatArray
    pairs: tuple[tuple[int, int], ...]
    closed_form: FloatArray

    @property
    def subsidy(self) -> FloatArray:
        """(K,) least subsidy."""
        return np.asarray(self.paid.sum(axis=0))

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each cost."""
        table: dict[str, list[object]] = {
            "switching cost [value]": list(self.costs),
            "critical cost [value]": [self.critical_cost] * len(self.costs),
            "least subsidy [value]": list(self.subsidy),
        }
        for coalition, paid in zip(self.coalitions, self.paid, strict=True):
            table[f"paid to {_named(coalition)} [value]"] = list(paid)
        table["fragility radius [opinion]"] = list(self.radius)
        table["fragility radius, proved bound [opinion]"] = list(self.proved)
        for (source, target), form in zip(self.pairs, self.closed_form, strict=True):
            move = f"{_named(self.coalitions[source])} to {_named(self.coalitions[target])}"
            table[f"change for a move from {move}, S14 [opinion]"] = list(form)
        return table


def compute(points: int = 41) -> Stabilisation:
    """Solve both programs at costs spaced evenly from 0 to twice the critical cost.

    Raises
    ------
    RuntimeError
        If a program does not come to an answer.
    """
    model = Model(opinions=OPINIONS, performance=PERFORMANCE)
    settled = tactical_limit(model, STRUCTURE)
    consensus = np.array([settled[coalition[0]] for coalition in STRUCTURE])
    critical = critical_cost(model.replace(opinions=settled), STRUCTURE)
    costs = np.union1d(np.linspace(0, WIDEST * critical, points), [critical])
    paid = np.empty((len(STRUCTURE), len(costs)))
    radius, proved = np.empty(len(costs)), np.empty(len(costs))
    for k, cost in enumerate(costs.tolist()):
        here = model.replace(switching_cost=cost)
        held, broken = stabilising_transfers(here, STRUCTURE, at="consensus"), fragility_radius(here, STRUCTURE)
        if held.status != "optimal" or broken.status not in ("optimal", "unstable already"):
            raise RuntimeError(f"no answer at cost {cost:.3g}: {held.message}; {broken.status}")
        paid[:, k] = [held.bonuses[list(coalition)].sum() for coalition in STRUCTURE]
        radius[k], proved[k] = broken.radius, broken.lower
    count = range(len(STRUCTURE))
    pairs = tuple((source, target) for source in count for target in count if source != target)
    forms = np.array([_closed_form(consensus, *pair, costs) for pair in pairs])
    return Stabilisation(STRUCTURE, consensus, critical, costs, paid, radius, proved, pairs, forms)


def _closed_form(consensus: FloatArray, source: int, target: int, costs: FloatArray) -> FloatArray:
    gap = float(consensus[source] - consensus[target])
    derived = lyapunov.fragility_radius(symbols.kappa, gap, len(STRUCTURE[source]), len(STRUCTURE[target]))
    return np.asarray(lambdify(symbols.kappa, derived, "numpy")(costs), dtype=float)


def _named(coalition: tuple[int, ...]) -> str:
    return "{" + " ".join(map(str, coalition)) + "}"


LOOKS = (  # of the coalitions: colour, hatch, and where the name is written in (a)
    (style.BLUE, "////", (0.2, 4.0)),
    (style.ORANGE, "....", (0.12, 12.5)),
    (style.GREEN, "xxxx", (0.85, 18.0)),
)


@style.styled
def draw(data: Stabilisation) -> Figure:
    """Draw the two panels, one below the other in one column, over the same costs."""
    figure = style.new_figure(style.COLUMN, 4.4)
    upper, lower = figure.subplots(2, 1, sharex=True)
    lower.set_xlim(0, data.costs[-1])
    _subsidy(upper, data)
    _radius(lower, data)
    for axes in (upper, lower):
        axes.axvline(data.critical_cost, color=style.BLACK, linewidth=0.8, linestyle=style.DASHED)
    top = data.critical_cost, upper.get_ylim()[1]
    style.label(upper, r"critical cost $\kappa^*$:", top, (5, -10))
    style.label(upper, "holds by itself beyond", top, (5, -20))
    lower.set_xlabel(r"switching cost $\kappa$ (value)")
    figure.align_ylabels()
    return figure


def _subsidy(axes: Axes, data: Stabilisation) -> None:
    """Draw the subsidy as a stack of what each coalition is paid."""
    from matplotlib.patheffects import withStroke

    top = np.cumsum(data.paid, axis=0)
    below = np.zeros_like(data.costs)
    for coalition, above, (colour, hatch, at) in zip(data.coalitions, top, LOOKS, strict=True):
        look: dict[str, Any] = {"facecolor": colour, "alpha": 0.35, "hatch": hatch, "edgecolor": "#00000066"}
        axes.fill_between(data.costs, below, above, linewidth=0, **look)
        style.label(axes, f"to {_named(coalition)}", at, path_effects=[withStroke(linewidth=2.5, foreground="white")])
        below = above
    axes.plot(data.costs, data.subsidy, color=style.BLACK)
    axes.set_ylim(0, 1.08 * float(data.subsidy[0]))
    axes.set_ylabel("least subsidy (value)")
    style.letter(axes, "(a) what holds it: subsidies")


def _radius(axes: Axes, data: Stabilisation) -> None:
    """Draw the radius over the closed forms, of which those that bind somewhere beyond κ* are black and named."""
    beyond = np.flatnonzero(data.costs > data.critical_cost)
    binding = np.argmin(data.closed_form[:, beyond], axis=0)
    for number, form in enumerate(data.closed_form):
        colour, dashes = (style.BLACK, style.SOLID) if number in binding else (style.GREY, style.DOTTED)
        axes.plot(data.costs, form, color=colour, linestyle=dashes, linewidth=0.7)
    axes.plot(data.costs, data.radius, "o", color=style.BLUE, fillstyle="none", markersize=3, clip_on=False)
    axes.set_ylim(0, 1.15 * float(data.radius[-1]))
    for number in dict.fromkeys(binding.tolist()):
        where = beyond[binding == number]
        middle = int(where[len(where) // 2])
        source, target = data.pairs[number]
        text = f"{_named(data.coalitions[source])} \u2192 {_named(data.coalitions[target])}"
        at = float(data.costs[middle]), float(data.closed_form[number, middle])
        if at[0] < 0.75 * data.costs[-1]:
            style.label(axes, text, at, (7, -8))
        else:
            style.label(axes, text, (float(data.costs[-1]), at[1]), (0, -34), ha="right")
    style.label(axes, "breaks as it is", (0.43 * data.critical_cost, 0), (0, 5), color=style.BLUE)
    style.label(axes, "S14, pair by pair", (0.43 * data.critical_cost, 1.13), (0, 0), color=style.GREY)
    axes.set_ylabel("fragility radius (opinion)")
    style.letter(axes, "(b) what breaks it: changes of opinion")
