"""Exit costs against joining bonuses: which holds a team more cheaply.

One team below its critical cost, moves weighed at the opinions as they are.  need_i is what staying has to be worth to
agent i: its greatest gain less the switching cost κ, or 0 if no move pays.  A sponsor has two instruments, and the
members a third.

- A joining bonus is paid to each who needs it, as much as it needs: Σ_i need_i.
- An exit cost e_C binds every member of C, at a price p for each unit of it and member: to hold its most tempted member
  it must be max_{i∈C} need_i, so that it costs p |C| max_{i∈C} need_i.
- Both: the exit cost rises while more than p |C| members need it, and bonuses hold the rest,
  Σ_C min_e [ p |C| e + Σ_{i∈C} (need_i - e)⁺ ].
- With transfers inside coalitions as well, members share the burden: p Σ_C (Σ_{i∈C} need_i)⁺ for p ≤ 1, where needs
  count negative for those who would lose by leaving.

Of the first two, exit costs are the cheaper below the crossover price

    p* = Σ_i need_i / Σ_C |C| max_{i∈C} need_i  ≤ 1,

the mean need over the greatest one.  Where all members are tempted alike it is 1; near the critical cost, where only
one agent is, it is 1/|C|.  The subsidies drawn are answers of a program that proves them
(`numerics.programs.transfers`); these formulas are drawn through them.

References: Bachrach et al., "The cost of stability in coalitional games", SAGT 2009, for subsidies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.model import Model
from numerics.moves import critical_cost, moves
from numerics.programs.transfers import stabilising_transfers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Three coalitions whose members do not agree yet: in each some are drawn away more than others.
OPINIONS = (-1.9, -1.0, -0.7, -0.3, 0.3, 0.9, 1.2, 1.4, 0.1)
STRUCTURE = ((0, 1, 2, 3), (4, 5, 6), (7, 8))
PERFORMANCE = "-u**2"
BONUS, EXIT, TRANSFER = "joining bonus", "exit cost", "transfer"
MEANS: dict[str, tuple[str, ...]] = {
    "bonuses": (BONUS,), "exit costs": (EXIT,), "both": (BONUS, EXIT), "both and transfers": (BONUS, EXIT, TRANSFER),
}  # fmt: skip
PRICE = 0.5  # in the panel of costs
SHARE = 0.1  # κ in the panel of prices, in critical costs


@dataclass(frozen=True, eq=False)
class Payments:
    """Least subsidies; M means, K costs, Q prices, and a grid of A costs and B prices.

    Attributes
    ----------
    critical_cost : κ* of the structure.
    costs : (K,) switching costs κ.
    by_cost, formula_by_cost : (M, K) least subsidy at `PRICE`, from the program and from the formulas.
    crossover : (K,) crossover price of exit costs and bonuses, derived; nan where nothing is needed.
    cost : κ in what follows.
    prices : (Q,) of an exit cost, for each unit and member.
    by_price, formula_by_price : (M, Q) least subsidy at that cost.
    price : crossover price at that cost.
    grid_costs, grid_prices : (A,), (B,).
    saving : (B, A) least subsidy by bonuses less that by exit costs.
    """

    critical_cost: float
    costs: FloatArray
    by_cost: FloatArray
    formula_by_cost: FloatArray
    crossover: FloatArray
    cost: float
    prices: FloatArray
    by_price: FloatArray
    formula_by_price: FloatArray
    price: float
    grid_costs: FloatArray
    grid_prices: FloatArray
    saving: FloatArray

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table: one row for each cost, for each price, and for each point of the grid."""
        none = [np.nan] * len(MEANS)
        rows: list[tuple[object, ...]] = []
        for cost, found, formula, price in zip(
            self.costs, self.by_cost.T, self.formula_by_cost.T, self.crossover, strict=True
        ):
            rows.append(("a", cost, PRICE, *found, *formula, price, np.nan))
        for at, found, formula in zip(self.prices, self.by_price.T, self.formula_by_price.T, strict=True):
            rows.append(("b", self.cost, at, *found, *formula, self.price, np.nan))
        for at, savings in zip(self.grid_prices, self.saving, strict=True):
            for cost, saved in zip(self.grid_costs, savings, strict=True):
                rows.append(("c", cost, at, *none, *none, np.nan, saved))
        headings = (
            "panel [name]", "switching cost [value]", "price of an exit cost [per unit and member]",
            *(f"least subsidy by {name} [value]" for name in MEANS), *(f"formula for {name} [value]" for name in MEANS),
            "crossover price [per unit and member]", "saved by exit costs against bonuses [value]",
        )  # fmt: skip
        return dict(zip(headings, map(list, zip(*rows, strict=True)), strict=True))


def compute(points: int = 41, grid: int = 9) -> Payments:
    """Solve the program for every means at costs up to the critical cost, at prices up to 1, and on a grid of both."""
    model = Model(opinions=OPINIONS, performance=PERFORMANCE)
    critical = critical_cost(model, STRUCTURE)
    costs, prices = np.linspace(0, critical, points), np.linspace(0.025, 1.025, points)
    cost = SHARE * critical
    by_cost = [[subsidy(model, name, at, PRICE) for at in costs.tolist()] for name in MEANS]
    by_price = [[subsidy(model, name, cost, at) for at in prices.tolist()] for name in MEANS]
    lacking, here = [needs(model, at) for at in costs.tolist()], needs(model, cost)
    steps = (np.arange(grid) + 0.5) / grid
    grid_costs = (critical * steps).tolist()
    bonuses = [subsidy(model, "bonuses", at, 1.0) for at in grid_costs]
    exits = [[subsidy(model, "exit costs", at, price) for at in grid_costs] for price in steps.tolist()]
    return Payments(
        critical, costs, np.array(by_cost),
        np.array([[derived_subsidy(need, name, PRICE) for need in lacking] for name in MEANS]),
        np.array([crossover_price(need) for need in lacking]), cost, prices, np.array(by_price),
        np.array([[derived_subsidy(here, name, at) for at in prices.tolist()] for name in MEANS]),
        crossover_price(here), np.array(grid_costs), steps, np.array(bonuses) - np.array(exits),
    )  # fmt: skip


def subsidy(model: Model, name: str, cost: float, price: float) -> float:
    """Return the least subsidy by one of `MEANS`, from the program.

    Raises
    ------
    RuntimeError
        If the program does not prove its answer.
    """
    priced = price if EXIT in MEANS[name] else None
    found = stabilising_transfers(model.replace(switching_cost=cost), STRUCTURE, list(MEANS[name]), exit_price=priced)
    if found.status != "optimal" or found.gap != 0:
        raise RuntimeError(f"no answer for {name} at cost {cost:.3g} and price {price:.3g}: {found.message}")
    return found.subsidy


def needs(model: Model, cost: float) -> FloatArray:
    """(n,) greatest gain of an accepted move less the cost, negative where staying is better."""
    found = moves(model, STRUCTURE)
    return np.asarray(np.nanmax(np.where(found.accepted, found.gains, np.nan), axis=1) - cost)


def derived_subsidy(need: FloatArray, name: str, price: float) -> float:
    """Return the least subsidy by one of `MEANS` in closed form; see the module."""
    total = 0.0
    for members in map(list, STRUCTURE):
        own, lacking = need[members], np.maximum(need[members], 0)
        by_exit = [price * len(members) * e + float(np.maximum(lacking - e, 0).sum()) for e in (0.0, *lacking)]
        total += {
            "bonuses": by_exit[0],
            "exit costs": price * len(members) * float(lacking.max()),
            "both": min(by_exit),  # linear between the needs
            "both and transfers": min(price, 1.0) * max(float(own.sum()), 0.0),
        }[name]
    return total


def crossover_price(need: FloatArray) -> float:
    """Return p*, below which exit costs alone are cheaper than bonuses alone; nan if nothing is needed."""
    bonuses, exits = derived_subsidy(need, "bonuses", 1.0), derived_subsidy(need, "exit costs", 1.0)
    return bonuses / exits if exits > 0 else float("nan")


LOOKS = (  # of the means: colour, dashes, marker
    (style.VERMILLION, style.DASHED, "^"),
    (style.BLUE, style.SOLID, "o"),
    (style.BLACK, style.DOTTED, "s"),
    (style.GREEN, style.DASH_DOT, "D"),
)
LAST = "both and transfers"
NAMED = {**{name: name for name in MEANS}, LAST: "both and\ntransfers"}


@style.styled
def draw(data: Payments) -> Figure:
    """Draw subsidies against cost and price, and which of the two is cheaper, side by side over two columns."""
    figure = style.new_figure(style.FULL, 2.6)
    left, middle, right = figure.subplots(1, 3)
    _subsidies(left, data.costs, data.by_cost, data.formula_by_cost)
    for name, at in (("bonuses", (0.35, 12.6)), ("exit costs", (0.8, 9.6)), ("both", (0.18, 7.4)), (LAST, (0.06, 1.0))):
        style.label(left, NAMED[name], at, color=LOOKS[list(MEANS).index(name)][0])
    left.axvline(data.critical_cost, color=style.GREY, linewidth=0.6)
    style.label(left, r"$\kappa^*$", (data.critical_cost, 0), (-12, 30), color=style.GREY)
    left.set_xlabel(r"switching cost $\kappa$ (value)")
    style.letter(left, rf"(a) exit costs at price {PRICE:g}")
    _subsidies(middle, data.prices, data.by_price, data.formula_by_price)
    for name, at in (
        ("bonuses", (0.06, 11.5)),
        ("exit costs", (0.66, 13.2)),
        ("both", (0.58, 8.9)),
        (LAST, (0.62, 4.4)),
    ):
        style.label(middle, NAMED[name], at, color=LOOKS[list(MEANS).index(name)][0])
    middle.axvline(data.price, color=style.GREY, linewidth=0.6)
    style.label(middle, "crossover $p^*$", (data.price, 0), (3, 4), color=style.GREY)
    middle.set_xlabel("price of an exit cost $p$")
    style.letter(middle, rf"(b) at $\kappa={SHARE:g}\,\kappa^*$")
    _cheaper(right, data)
    return figure


def _subsidies(axes: Axes, x: FloatArray, found: FloatArray, formula: FloatArray) -> None:
    """Draw the answers of the program as markers, and the formulas through them."""
    for values, derived, (colour, dashes, marker) in zip(found, formula, LOOKS, strict=True):
        axes.plot(x, derived, color=colour, linestyle=dashes)
        axes.plot(x[2::5], values[2::5], marker, color=colour, markersize=3, fillstyle="none")
    axes.set_xlim(0, x[-1])
    axes.set_ylim(0, 14)
    axes.set_ylabel("least subsidy (value)")


def _cheaper(axes: Axes, data: Payments) -> None:
    """Draw which of bonuses and exit costs the program finds cheaper, and the derived boundary."""
    costs, prices = np.meshgrid(data.grid_costs, data.grid_prices)
    exits = data.saving > 0
    axes.plot(costs[exits], prices[exits], "o", color=style.BLUE, markersize=3)
    axes.plot(costs[~exits], prices[~exits], "^", color=style.VERMILLION, markersize=3, fillstyle="none")
    axes.plot(data.costs, data.crossover, color=style.BLACK)
    axes.set_xlim(0, data.critical_cost)
    axes.set_ylim(0, 1)
    axes.set_xlabel(r"switching cost $\kappa$ (value)")
    axes.set_ylabel("price of an exit cost $p$")
    middle = 0.5 * data.critical_cost
    style.label(axes, "bonuses cheaper", (middle, 0.775), color=style.VERMILLION, ha="center", va="center")
    style.label(axes, "exit costs cheaper", (middle, 0.11), color=style.BLUE, ha="center", va="center")
    style.label(axes, "derived $p^*$", (0.05 * data.critical_cost, 0.66), va="center")
    style.letter(axes, "(c) which is cheaper")
