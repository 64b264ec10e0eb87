"""The phase diagram of one team in the switching cost κ and the threshold α of unanimous acceptance.

Four agents at -1, -1/3, 1/3, 1 with performance -u², starting alone; whoever wants to join a coalition must raise the
payoff of each of its members by α at least.  In each cell: the regime in which most runs end, or, as a regime of its
own, that nobody moves in any run.  Over it, boundaries that are derived and not simulated.

- Of agents who are alone, two at distance δ gain δ²/4 each by merging (S1, S9): they merge only if κ < δ²/4 and
  α ≤ δ²/4.  So nobody ever moves iff κ is at least the critical cost of all alone (S8), or α beyond its critical
  threshold (S9): that is the boundary of the regime "nobody moves".
- An entrant at distance δ is worth h(m) δ² to each of m agents who agree (S9), and δ ≤ δ_m whatever has happened
  (`figures.phase_moves.size_thresholds`).  For α > h(m) δ_m² no coalition ever has more than m members.
- κ < 0 and α ≤ 0: there is no joint equilibrium (S6; by S9 the threshold does not bind).
- κ > 0 and α ≤ 0: at a joint equilibrium opinions are within 2√κ (S5).  κ < 0 < α: members who agree gain nothing by
  staying, so everybody ends alone, and no two may merge: they are within 2√α.

References: Zhu, arXiv:2606.26139, 2026, for the regimes (a reconstruction).
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
from figures.phase_cells import NOBODY_MOVES, Axis, Cells, simulate, value_axis
from figures.phase_checks import Check, check_equilibria, check_moves
from figures.phase_drawing import FIRST, SECOND, Places, name_line, name_regimes, new_diagram
from figures.phase_moves import size_thresholds
from numerics.acceptance import Unanimous
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM
from numerics.partitions import singletons
from theory.lyapunov import spread_bound

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

TEAM = (-1.0, -1 / 3, 1 / 3, 1.0)
PERFORMANCE = "-u**2"
CURVATURE = 2  # -φ''


@dataclass(frozen=True, eq=False)
class Phase:
    """Regimes on a grid of switching costs κ and thresholds α.

    Attributes
    ----------
    cells : what the runs came to; rows by α.
    size_thresholds : (n-1,) h(m) δ_m² for m = 1, 2, ..; above it no coalition has more than m members.
    """

    cells: Cells
    size_thresholds: FloatArray

    @property
    def frozen_level(self) -> float:
        """Critical cost of all alone (S8), and the threshold above which none of them is let in (S9): both δ²/4."""
        return self.cells.first_moves[0].gain

    def columns(self) -> dict[str, list[Any]]:
        """Return the data as a table, one row for each cell; derived boundaries in columns of their own."""
        table = self.cells.columns("acceptance threshold [value]")
        rows = self.cells.regimes.size
        for move in self.cells.first_moves:
            table[f"two alone at distance {move.gap:.4g} merge up to [value]"] = [move.gain] * rows
        for size, threshold in enumerate(self.size_thresholds.tolist(), start=1):
            table[f"no more than {size} together above this threshold [value]"] = [threshold] * rows
        return table


def compute(
    runs: int = 200,
    cells_per_unit: int = 24,
    seed: int = 1,
    kept: Path | None = None,
    progress: Callable[[str], None] | None = None,
    costs: Axis | None = None,
    thresholds: Axis | None = None,
) -> Phase:
    """Simulate every cell from all alone under the random schedule, and derive the boundaries.

    Parameters
    ----------
    runs, seed : of each cell.
    cells_per_unit : cells in a decade, and between 0 and 0.01.
    kept, progress : as in `figures.kept.kept_sweep`.
    costs, thresholds : axes to look at instead.
    """
    costs, thresholds = costs or value_axis(cells_per_unit), thresholds or value_axis(cells_per_unit)
    model = Model(opinions=TEAM, performance=PERFORMANCE, acceptance=Unanimous())
    start = singletons(model.n_agents)
    cells = simulate(
        "phase", model, start, costs, "acceptance.threshold", thresholds, runs, seed, kept, progress
    )  # fmt: skip
    return Phase(cells, size_thresholds(np.array(TEAM)))


def checks(data: Phase, shift: float = 1.0) -> list[Check]:
    """Look at every derived statement in every cell; `shift` multiplies the levels of the boundaries."""
    cells = data.cells
    cost, threshold = np.meshgrid(cells.costs.centres, cells.others.centres)
    pays = np.stack(
        [(cost < move.gain * shift) & (threshold <= move.incumbents_gain * shift) for move in cells.first_moves]
    )
    found = list(check_moves(cells, "S8, S9", pays))
    for size, level in enumerate(data.size_thresholds.tolist(), start=1):
        more = cells.fewest_coalitions < -(-len(TEAM) // size)
        statement = f"no run ends with so few coalitions that one has more than {size} members"
        found.append(Check("S9", statement, threshold > level * shift, more))
    lonely = (cost < 0) & (threshold > 0)
    found.append(Check("S6, S9", "every run ends with everybody alone", lonely, cells.fewest_coalitions < len(TEAM)))
    level = np.where(lonely, threshold, np.where(threshold <= 0, cost, np.nan))
    per_root = float(spread_bound(CURVATURE, 1))
    with np.errstate(invalid="ignore"):
        found += check_equilibria(cells, (cost > 0) | (threshold > 0), per_root * np.sqrt(level * shift))
    return found


PLACES: Places = {
    "strategic unanimity": ("strategic\nunanimity", (0.0053, -0.005)),
    "tactical unanimity": ("tactical\nunanimity", (-0.005, 0.005)),
    "polarization": ("polarization", (0.011, 0.02)),
    "segregation": ("segregation", (0.06, 0.66)),
    NOBODY_MOVES: ("nobody moves (S8, S9)", (0.02, 1.35)),
    NOT_AN_EQUILIBRIUM: ("no joint\nequilibrium\n(S6)", (-0.005, -0.005)),
}


@style.styled
def draw(data: Phase) -> Figure:
    """Draw the cells, their names and the derived boundaries."""
    figure, axes = new_diagram(data.cells, r"threshold of acceptance $\alpha$ (value)")
    _boundaries(axes, data)
    name_regimes(axes, data.cells, PLACES)
    return figure


def _boundaries(axes: Axes, data: Phase) -> None:
    """Draw what is derived: where nobody moves, where two alone do not merge, and how many can be together."""
    lowest, all_together = data.cells.costs.edges[0], float(data.size_thresholds[-1])
    for place, move in enumerate(data.cells.first_moves):
        axes.plot([lowest, move.gain, move.gain], [move.gain, move.gain, lowest], **(SECOND if place else FIRST))
        gap = Fraction(move.gap).limit_denominator(20)
        name_line(axes, f"no merger over {gap}", (lowest, move.gain), (3, -8.5 if place == 2 else 2))
    axes.plot([lowest, data.frozen_level], [all_together] * 2, color=style.BLACK, linestyle=style.DOTTED)
    name_line(axes, "never all together (S9)", (0, all_together), (3, 2))
