"""The phase diagram of one team in the switching cost κ and the spread of opinions about the best one, θ.

Five agents, evenly spaced over the spread s, the first three together and the others alone; performance -(u-θ)²,
everybody let in.  θ is in the middle, and it does not matter where it is: gains of quadratic performance
depend on differences of opinion alone (S1).  What matters is how far apart opinions are.

- The agents agree inside their coalitions first.  A member of one at distance δ from another of m gains
  δ² (1 - H_{m+1}/(m+1)) by joining it (S1), and joins only if that exceeds κ.  So the start is an equilibrium if and
  only if κ ≥ κ* = max δ² (1 - H_{m+1}/(m+1)) (S8): the boundary of the regime "nobody moves".
- All gaps grow with s, and so κ* and all other boundaries with s²: what happens at κ and s happens at κ/s² and 1.
- κ > 0, so every run comes to a joint equilibrium (S4), and there opinions are within 2√κ, however far apart they
  were (S5).

References: Zhu, arXiv:2606.26139, 2026 (a reconstruction).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures import style
from figures.phase_cells import NOBODY_MOVES, Axis, Cells, log_axis, simulate
from figures.phase_checks import Check, check_equilibria, check_moves
from figures.phase_drawing import FIRST, SECOND, Places, name_along, name_regimes, new_diagram
from numerics.model import Model
from theory.lyapunov import spread_bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

BEST = 1.0  # θ
START = [[0, 1, 2], [3], [4]]
PERFORMANCE = f"-(u - {BEST:g})**2"
CURVATURE = 2  # -φ''
COSTS = 10**-2.5, 10**0.25
SPREADS = 0.1, 10**0.5


@dataclass(frozen=True, eq=False)
class PhaseSpread:
    """Regimes on a grid of switching costs κ and spreads s.

    Attributes
    ----------
    cells : what the runs came to; rows by s, first moves for s = 1.
    """

    cells: Cells

    @property
    def critical_cost(self) -> float:
        """κ* of the start at spread 1 (S8)."""
        return self.cells.first_moves[0].gain

    def columns(self) -> dict[str, list[Any]]:
        """Return the data as a table, one row for each cell; derived boundaries at the spread of the cell."""
        table = self.cells.columns("spread of opinions at the start [opinion]")
        for move in self.cells.first_moves:
            heading = (
                f"joining {move.size} over {move.gap:.4g} of the spread does not pay from this switching cost [value]"
            )
            levels = move.gain * self.cells.others.centres**2
            table[heading] = np.repeat(levels, len(self.cells.costs.centres)).tolist()
        return table


def team(spread: float = 1.0, best: float = BEST) -> FloatArray:
    """Return the opinions, evenly spaced about the best one.

    Examples
    --------
    >>> team(2.0, 0.0).tolist()
    [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    agents = sum(len(coalition) for coalition in START)
    return best + spread * (np.arange(agents) / (agents - 1) - 0.5)


def compute(
    runs: int = 200,
    cells_per_unit: int = 32,
    seed: int = 1,
    kept: Path | None = None,
    progress: Callable[[str], None] | None = None,
    costs: Axis | None = None,
    spreads: Axis | None = None,
) -> PhaseSpread:
    """Simulate every cell from one structure under the random schedule; arguments as of `figures.phase.compute`."""
    costs = costs or log_axis(round(2.75 * cells_per_unit), *COSTS)
    spreads = spreads or log_axis(2 * cells_per_unit, *SPREADS)
    model = Model(opinions=team(), performance=PERFORMANCE)
    return PhaseSpread(simulate("phase_spread", model, START, costs, "spread", spreads, runs, seed, kept, progress))


def checks(data: PhaseSpread, shift: float = 1.0) -> list[Check]:
    """Look at every derived statement in every cell; `shift` multiplies the costs of the boundaries."""
    cells = data.cells
    cost, spread = np.meshgrid(cells.costs.centres, cells.others.centres)
    pays = np.stack([cost < shift * move.gain * spread**2 for move in cells.first_moves])
    with np.errstate(invalid="ignore"):
        bound = float(spread_bound(CURVATURE, 1)) * np.sqrt(shift * cost)
    return [*check_moves(cells, "S8", pays), *check_equilibria(cells, cost > 0, bound)]


PLACES: Places = {
    "tactical unanimity": ("tactical\nunanimity", (0.125, 1.8)),
    "polarization": ("polarization", (0.0075, 1.7)),
    NOBODY_MOVES: ("nobody moves (S8)", (0.25, 0.2)),
}


@style.styled
def draw(data: PhaseSpread) -> Figure:
    """Draw the cells, their names and the derived boundaries."""
    figure, axes = new_diagram(data.cells, r"spread of opinions about $\theta$ (opinion)")
    _boundaries(axes, data)
    name_regimes(axes, data.cells, PLACES)
    return figure


WRITTEN = ((0.5, False), (0.55, False), (0.3, True), (0.4, True), (0.75, True))  # names: how far along, and above?


def _boundaries(axes: Axes, data: PhaseSpread) -> None:
    """Draw the cost from which on each kind of first move does not pay."""
    spreads = np.geomspace(data.cells.others.edges[0], data.cells.others.edges[-1], 200)
    for place, move in enumerate(data.cells.first_moves):
        line = move.gain * spreads**2, spreads
        axes.plot(*line, **(SECOND if place else FIRST))
        gap = Fraction(move.gap).limit_denominator(20)
        share, above = WRITTEN[place]
        name_along(axes, f"joining {move.size} over {gap} s", line, share, above)
