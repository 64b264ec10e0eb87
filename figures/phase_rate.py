"""The phase diagram of one team in the switching cost κ and the rate of consensus ε: fragile alliances.

Four agents at -1, -1/3, 1/3, 1 with performance -u², starting alone, everybody let in.  Members are paid at every
tactical step, discounted by ρ, while lazy influence of rate ε brings them together; so every gain is 1 - β(ε) times
that of patient agents, β = (1-ρ)/(1-ρ(1-ε)²), and grows with ε.

- Of agents who are alone, two at distance δ merge only if (1-β) δ²/4 > κ: if and only if ε > ε*(κ) (S1, S12),

      ε* = 1 - √( (ρ-r)/(ρ(1-r)) ),    r = κ/(δ²/4);    at no rate if r ≥ ρ.

  The largest δ is the one for which nobody moves below ε* (S8): the boundary of the regime "nobody moves".
- What patient agents do at the cost κ/(1-β), these do at κ: all boundaries are the same curve, shifted.
- κ > 0, so every run comes to a joint equilibrium (S4), and there opinions are within 2√(κ/(1-β)) (S5).

References: Zhu, arXiv:2606.26139, 2026 (a reconstruction).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures import style
from figures.phase_cells import NOBODY_MOVES, Axis, Cells, log_axis, simulate
from figures.phase_checks import Check, check_equilibria, check_moves
from figures.phase_drawing import FIRST, SECOND, Places, name_along, name_regimes, new_diagram
from figures.phase_moves import FirstMove
from numerics.coefficients import slow_share
from numerics.influence import lazy
from numerics.model import Model
from numerics.partitions import singletons
from theory import symbols
from theory.discount import rate_formula
from theory.lyapunov import spread_bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

TEAM = (-1.0, -1 / 3, 1 / 3, 1.0)
PERFORMANCE = "-u**2"
CURVATURE = 2  # -φ''
DISCOUNT = 0.9
SLOWEST = 0.01  # rate
COSTS = 10**-2.5, 10**0.25


@dataclass(frozen=True, eq=False)
class PhaseRate:
    """Regimes on a grid of switching costs κ and rates ε.

    Attributes
    ----------
    cells : what the runs came to; rows by ε.
    discount : ρ.
    """

    cells: Cells
    discount: float

    def columns(self) -> dict[str, list[Any]]:
        """Return the data as a table, one row for each cell; derived boundaries at the cost of the cell."""
        table = self.cells.columns("rate of consensus [1]")
        for move in self.cells.first_moves:
            least = smallest_rates(self.cells.costs.centres, move, self.discount)
            heading = f"two alone at distance {move.gap:.4g} merge at rates above [1]"
            table[heading] = np.tile(least, len(self.cells.others.centres)).tolist()
        return table


def compute(
    runs: int = 200,
    cells_per_unit: int = 32,
    seed: int = 1,
    kept: Path | None = None,
    progress: Callable[[str], None] | None = None,
    costs: Axis | None = None,
    rates: Axis | None = None,
) -> PhaseRate:
    """Simulate every cell from all alone under the random schedule; arguments as of `figures.phase.compute`."""
    costs = costs or log_axis(round(2.75 * cells_per_unit), *COSTS)
    rates = rates or log_axis(2 * cells_per_unit, SLOWEST, 1.0)
    model = Model(opinions=TEAM, performance=PERFORMANCE, influence=lazy(1.0), discount=DISCOUNT)
    start = singletons(model.n_agents)
    cells = simulate("phase_rate", model, start, costs, "influence.rate", rates, runs, seed, kept, progress)
    return PhaseRate(cells, DISCOUNT)


def smallest_rates(costs: FloatArray, move: FirstMove, discount: float) -> FloatArray:
    """Return ε* of a move at each cost: 0 for costs that no rate is too slow for, infinite where none is enough (S12).

    Examples
    --------
    >>> smallest_rates(np.array([-0.1, 0.25, 0.5]), FirstMove(2.0, 1, 1.0, 1.0, 2.0), 0.5).round(4).tolist()
    [0.0, 0.1835, inf]
    """
    ratio = costs / move.gain
    with np.errstate(invalid="ignore"):
        rate = _formula()(ratio, discount)
    return np.where(ratio <= 0, 0.0, np.where(ratio < discount, rate, np.inf))


def checks(data: PhaseRate, shift: float = 1.0) -> list[Check]:
    """Look at every derived statement in every cell; `shift` multiplies the rates of the boundaries."""
    cells, rates = data.cells, data.cells.others.centres
    least = np.stack([smallest_rates(cells.costs.centres, move, data.discount) for move in cells.first_moves])
    found = list(check_moves(cells, "S8, S12", rates[:, None] > shift * least[:, None, :]))
    paid = 1 - np.array([slow_share(data.discount, rate) for rate in rates.tolist()])
    with np.errstate(invalid="ignore"):
        spread = float(spread_bound(CURVATURE, 1)) * np.sqrt(cells.costs.centres / (shift * paid[:, None]))
    stops = np.broadcast_to(cells.costs.centres > 0, cells.regimes.shape)
    return [*found, *check_equilibria(cells, stops, spread)]


@lru_cache(maxsize=1)
def _formula() -> Callable[..., FloatArray]:
    from sympy import lambdify

    formula: Callable[..., FloatArray] = lambdify((symbols.ratio, symbols.rho), rate_formula(), "numpy")
    return formula


PLACES: Places = {
    "strategic unanimity": ("strategic\nunanimity", (0.006, 0.4)),
    "polarization": ("polarization", (0.02, 0.08)),
    "segregation": ("segregation", (0.2, 0.2)),
    NOBODY_MOVES: ("nobody\nmoves", (0.8, 0.03)),
}


@style.styled
def draw(data: PhaseRate) -> Figure:
    """Draw the cells, their names and the derived boundaries."""
    figure, axes = new_diagram(data.cells, r"rate of consensus $\varepsilon$ (per step)")
    _boundaries(axes, data)
    name_regimes(axes, data.cells, PLACES)
    return figure


def _boundaries(axes: Axes, data: PhaseRate) -> None:
    """Draw ε*(κ) for every gap of two who are alone: below it they do not merge."""
    rates = np.geomspace(data.cells.others.edges[0], data.cells.others.edges[-1], 200)
    paid = 1 - np.array([slow_share(data.discount, rate) for rate in rates.tolist()])
    for place, move in enumerate(data.cells.first_moves):
        line = move.gain * paid, rates
        axes.plot(*line, **(SECOND if place else FIRST))
        gap = Fraction(move.gap).limit_denominator(20)
        name_along(axes, f"ε* of merging over {gap}", line, 0.35)
