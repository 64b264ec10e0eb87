"""The phase diagram of one team in the switching cost κ and the threshold α of unanimous acceptance.

Four agents at -1, -1/3, 1/3, 1 with performance -u², starting alone; whoever wants to join a coalition must raise the
payoff of each of its members by α at least.  In each cell: the regime in which most runs end.  Over it, boundaries that
are derived and not simulated.

- Of agents who are alone, two at distance δ gain δ²/4 each by merging (S1, S9): they merge only if κ < δ²/4 and
  α ≤ δ²/4.  So nobody ever moves iff κ is at least the critical cost of all alone, or α beyond its critical threshold.
- An entrant at distance δ is worth h(m) δ² to each of m agents who agree, h(m) = (H_{m+1} - 1)/(m(m+1)) (S9).
  Averages are doubly stochastic images of x(0), so a linear function of them is largest at a permutation of x(0):
  δ ≤ δ_m, the distance of an extreme opinion from the mean of the m farthest.  For α > h(m) δ_m² no coalition ever has
  more than m members.
- κ < 0 and α ≤ 0: there is no joint equilibrium (S6; by S9 the threshold does not bind).

References: Zhu, arXiv:2606.26139, 2026, for the regimes (a reconstruction).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures import style
from numerics.acceptance import Unanimous
from numerics.coefficients import incumbent_weights
from numerics.ensemble import Ensemble, ensemble
from numerics.equilibria.tables import coalition_tables
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM, critical_cost, regime_of
from numerics.partitions import labels_of, singletons

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

TEAM = (-1.0, -1 / 3, 1 / 3, 1.0)
PERFORMANCE = "-u**2"
REGIMES = ("strategic unanimity", "tactical unanimity", "polarization", "segregation", NOT_AN_EQUILIBRIUM)
LINEAR = 0.01  # up to which the axes are linear; logarithmic beyond
LOWEST, HIGHEST = -1.0, 2.25  # of the axes, in units of LINEAR, and in decades beyond
MAX_STEPS = 500


@dataclass(frozen=True, eq=False)
class Phase:
    """Regimes on a grid of G × G cells.

    Attributes
    ----------
    opinions : (n,) of the team.
    edges : (G+1,) borders of the cells, the same for κ and α.
    centres : (G,) values of κ, and of α, at which the runs are made.
    shares : (R, G, G) fraction of the runs that end in each of `REGIMES`, rows by α, columns by κ.
    frozen_cost : critical cost of all alone, from which on nobody moves at any α.
    frozen_threshold : (G,) critical threshold of all alone at each κ, above which nobody moves; -inf if nobody would.
    pair_gaps, pair_levels : (P,) distances δ of two agents, decreasing, and δ²/4.
    size_thresholds : (n-1,) h(m) δ_m² for m = 1, 2, ..; above it no coalition has more than m members.
    runs : for each cell.
    """

    opinions: FloatArray
    edges: FloatArray
    centres: FloatArray
    shares: FloatArray
    frozen_cost: float
    frozen_threshold: FloatArray
    pair_gaps: FloatArray
    pair_levels: FloatArray
    size_thresholds: FloatArray
    runs: int

    @property
    def regimes(self) -> IntArray:
        """(G, G) number of the most frequent regime, of equally frequent ones the first."""
        return np.asarray(np.argmax(self.shares, axis=0))

    def columns(self) -> dict[str, list[object]]:
        """Return the data as a table, one row for each cell; derived boundaries at the cost of the cell."""
        cells = [(row, column) for row in range(len(self.centres)) for column in range(len(self.centres))]
        table: dict[str, list[object]] = {
            "switching cost [value]": [self.centres[column] for _, column in cells],
            "acceptance threshold [value]": [self.centres[row] for row, _ in cells],
            "most frequent regime [name]": [REGIMES[self.regimes[cell]] for cell in cells],
        }
        for number, name in enumerate(REGIMES):
            table[f"{name} [fraction of runs]"] = [self.shares[number][cell] for cell in cells]
        table["all alone is stable from this switching cost [value]"] = [self.frozen_cost] * len(cells)
        above = "all alone is stable above this threshold [value]"
        table[above] = [self.frozen_threshold[column] for _, column in cells]
        for gap, level in zip(self.pair_gaps.tolist(), self.pair_levels.tolist(), strict=True):
            table[f"two alone at distance {gap:.4g} merge up to [value]"] = [level] * len(cells)
        for size, threshold in enumerate(self.size_thresholds.tolist(), start=1):
            table[f"no more than {size} together above this threshold [value]"] = [threshold] * len(cells)
        return table


def compute(runs: int = 200, cells_per_decade: int = 8, seed: int = 1) -> Phase:
    """Simulate every cell from all alone under the random schedule, and derive the boundaries."""
    cells = round((HIGHEST + 1 - LOWEST) * cells_per_decade)
    edges = _value(LOWEST + np.arange(cells + 1) / cells_per_decade)
    centres = _value(LOWEST + (np.arange(cells) + 0.5) / cells_per_decade)
    model = Model(opinions=TEAM, performance=PERFORMANCE)
    counts = np.zeros((len(REGIMES), cells, cells))
    for row, threshold in enumerate(centres.tolist()):
        for column, cost in enumerate(centres.tolist()):
            here = model.replace(switching_cost=cost, acceptance=Unanimous(threshold))
            many = ensemble(here, runs, seed, max_steps=MAX_STEPS, keep=True)
            for name in _ends(many):
                counts[REGIMES.index(name), row, column] += 1
    alone = singletons(model.n_agents)
    asking = model.replace(acceptance=Unanimous())
    frozen = [
        coalition_tables(asking.replace(switching_cost=cost), parameter="acceptance.threshold").critical_value(alone)
        for cost in centres.tolist()
    ]
    x = np.array(TEAM)
    apart = np.round(np.abs(x[:, None] - x)[np.triu_indices(len(x), 1)], 12)  # equal up to rounding: one
    gaps = np.unique(apart)[::-1]
    pair = incumbent_weights(model.n_agents)[1]  # of the gain of one incumbent, which is also the entrant's
    return Phase(
        x, edges, centres, counts / runs, critical_cost(model, alone), np.array(frozen), gaps, pair * gaps**2,
        size_thresholds(x), runs,
    )  # fmt: skip


def size_thresholds(opinions: FloatArray) -> FloatArray:
    """Return h(m) δ_m² for m = 1 .. n-1: the threshold above which m agents never let in another (S9).

    Examples
    --------
    >>> size_thresholds(np.array([-1.0, 0.0, 1.0])).round(4).tolist()
    [1.0, 0.3125]
    """
    x, n = np.sort(opinions), len(opinions)
    weights = incumbent_weights(n)
    sizes = range(1, n)
    gaps = [max(x[-1] - x[:m].mean(), x[-m:].mean() - x[0]) for m in sizes]
    return np.array([weights[m] * gap**2 for m, gap in zip(sizes, gaps, strict=True)])


def _ends(many: Ensemble) -> list[str]:
    """Return the regime at the end of each run."""
    return [
        regime_of(x, labels_of(labels, len(labels))) if stopped else NOT_AN_EQUILIBRIUM
        for x, labels, stopped in zip(
            many.opinions, many.labels, (many.outcome == "joint equilibrium").tolist(), strict=True
        )
    ]


def _value(position: FloatArray) -> FloatArray:
    """Return what is at a position of the axis: linear up to 1, then one decade for each unit."""
    beyond = LINEAR * np.power(10.0, np.maximum(np.abs(position), 1.0) - 1.0)
    return np.where(np.abs(position) <= 1, LINEAR * position, np.sign(position) * beyond)


LOOKS: dict[str, tuple[str, str, str, tuple[float, float]]] = {  # colour, hatch, name, and where it is written
    "strategic unanimity": (style.GREEN, "....", "strategic\nunanimity", (0.0053, -0.005)),
    "tactical unanimity": (style.SKY, "\\\\\\\\", "tactical\nunanimity", (-0.005, 0.005)),
    "polarization": (style.ORANGE, "////", "polarization", (0.011, 0.02)),
    "segregation": (style.PURPLE, "", "segregation", (0.02, 0.64)),
    NOT_AN_EQUILIBRIUM: ("#AAAAAA", "xxxx", "no joint\nequilibrium\n(S6)", (-0.005, -0.005)),
}


@style.styled
def draw(data: Phase) -> Figure:
    """Draw the cells, their names and the derived boundaries."""
    figure = style.new_figure(style.COLUMN, 3.6)
    axes = figure.subplots()
    for set_scale, set_limits in ((axes.set_xscale, axes.set_xlim), (axes.set_yscale, axes.set_ylim)):
        set_scale("symlog", linthresh=LINEAR, linscale=0.9)  # 0.9: 0 .. LINEAR is as long as a decade
        set_limits(data.edges[0], data.edges[-1])
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks([0, 0.01, 0.1, 1], ["0", "0.01", "0.1", "1"])
        set_ticks([], minor=True)
    _cells(axes, data)
    _boundaries(axes, data)
    _names(axes, data)
    axes.set_xlabel(r"switching cost $\kappa$ (value)")
    axes.set_ylabel(r"threshold of acceptance $\alpha$ (value)")
    return figure


def _cells(axes: Axes, data: Phase) -> None:
    """Fill the cells, the deeper the larger the share of the regime, and hatch them."""
    from matplotlib.colors import to_rgb

    regimes, share = data.regimes, data.shares.max(axis=0)
    colours = np.array([to_rgb(LOOKS[name][0]) for name in REGIMES])[regimes]
    axes.pcolormesh(data.edges, data.edges, 1 - (1 - colours) * (0.65 * share**2)[:, :, None])
    for number, name in enumerate(REGIMES):
        others = np.ma.masked_where(regimes != number, np.ones(regimes.shape))
        if LOOKS[name][1] and others.count():
            axes.pcolor(
                data.edges, data.edges, others, hatch=LOOKS[name][1], facecolor="none", edgecolor="#00000044",
                linewidth=0,
            )  # fmt: skip


def _boundaries(axes: Axes, data: Phase) -> None:
    """Draw what is derived: where nobody moves, where two alone do not merge, and how many can be together."""
    lowest, moving = data.edges[0], data.centres < data.frozen_cost
    corner = data.frozen_threshold[moving]
    axes.plot(
        [*data.edges[:-1][moving], data.frozen_cost, data.frozen_cost], [*corner, corner[-1], lowest],
        color=style.BLACK, drawstyle="steps-post",
    )  # fmt: skip
    _line_name(axes, "nobody ever moves", (lowest, corner[0]))
    for gap, level in zip(data.pair_gaps[1:].tolist(), data.pair_levels[1:].tolist(), strict=True):
        axes.plot([lowest, level, level], [level, level, lowest], color=style.BLACK, linewidth=0.8, dashes=(4, 2))
        text = str(Fraction(gap).limit_denominator(20))
        _line_name(axes, rf"gap {text}: no merger", (lowest, level), below=gap < data.pair_gaps[1])
    all_together = float(data.size_thresholds[-1])
    axes.plot([lowest, data.frozen_cost], [all_together] * 2, color=style.BLACK, linestyle=style.DOTTED)
    _line_name(axes, "never all together (S9)", (0, all_together))


def _line_name(axes: Axes, text: str, at: tuple[float, float], below: bool = False) -> None:
    style.label(axes, text, at, (3, -8.5 if below else 2), path_effects=_outline())


def _names(axes: Axes, data: Phase) -> None:
    for number in np.unique(data.regimes).tolist():
        _, _, text, at = LOOKS[REGIMES[number]]
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontweight": "bold", "linespacing": 1.0}
        style.label(axes, text, at, path_effects=_outline(), **look)


def _outline() -> list[Any]:
    """A white rim, so that text can be read on hatches."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=2, foreground="white")]
