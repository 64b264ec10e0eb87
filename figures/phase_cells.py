"""Cells of a phase diagram: runs of one team at every pair of a switching cost and a value of something else.

Two sweeps (`numerics.sweeps`), with the same seed in each cell: one to the end of the runs, for the regimes, and one
that stops after the first move, to see which move that is.  Only what is drawn and checked is taken out of them.

Regimes of a diagram are those in which runs end, and one more: "nobody moves", in which every run makes 0 moves.  It
comes before the others, as it says how the run ends whatever the start is: four agents alone are "segregation" by
their end, whether they moved or not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.kept import kept_sweep
from figures.phase_moves import FirstMove, consensus_disagreement, first_moves
from numerics.model import Model
from numerics.partitions import Structure, labels_of
from numerics.sweeps.quantities import REGIMES

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LINEAR = 0.01  # up to which the axes of values are linear; logarithmic beyond
LOWEST, HIGHEST = -1.0, 3.25  # their ends, in units of LINEAR, and in decades beyond
MAX_STEPS = 500
NOBODY_MOVES = "nobody moves"  # in any run
REGIMES_SHOWN = (*REGIMES, NOBODY_MOVES)  # of a diagram
ROUNDING = 1e-9  # of the disagreement; its rounding is 1e-15, and kinds of moves differ by percents


@dataclass(frozen=True, eq=False)
class Axis:
    """G cells along an axis.

    Attributes
    ----------
    edges : (G+1,) borders of the cells.
    centres : (G,) values at which runs are made.
    """

    edges: FloatArray
    centres: FloatArray


@dataclass(frozen=True, eq=False)
class Cells:
    """What the runs of H × G cells came to: rows by the other axis, columns by the switching cost κ.

    Attributes
    ----------
    costs, others : the axes.
    shares : (R, H, G) fraction of the runs that end in each of `REGIMES`.
    least_moves, most_moves, fewest_coalitions, largest_spread : (H, G) over the runs, at their end.
    first_moves : the K kinds of moves that there can be at the start, for opinions as the model has them.
    first_shares : (K, H, G) fraction of the runs whose first move is of that kind.
    other_first : (H, G) fraction of the runs whose first move is of none of them: found a coalition.
    runs : for each cell.
    """

    costs: Axis
    others: Axis
    shares: FloatArray
    least_moves: IntArray
    most_moves: IntArray
    fewest_coalitions: IntArray
    largest_spread: FloatArray
    first_moves: tuple[FirstMove, ...]
    first_shares: FloatArray
    other_first: FloatArray
    runs: int

    @property
    def regimes(self) -> IntArray:
        """(H, G) number of the most frequent regime, of equally frequent ones the first."""
        return np.asarray(np.argmax(self.shares, axis=0))

    @property
    def shown(self) -> IntArray:
        """(H, G) regime of the diagram, by its place in `REGIMES_SHOWN`: "nobody moves", or the most frequent one."""
        return np.where(self.most_moves == 0, REGIMES_SHOWN.index(NOBODY_MOVES), self.regimes)

    def columns(self, other: str) -> dict[str, list[Any]]:
        """Return a table with one row for each cell; `other` is the heading of the other axis."""
        height, width = self.regimes.shape
        table: dict[str, list[Any]] = {
            "switching cost [value]": np.tile(self.costs.centres, height).tolist(),
            other: np.repeat(self.others.centres, width).tolist(),
            "regime of the diagram [name]": [REGIMES_SHOWN[number] for number in self.shown.ravel()],
            "most frequent regime at the end [name]": [REGIMES[number] for number in self.regimes.ravel()],
        }
        for number, name in enumerate(REGIMES):
            table[f"{name} [fraction of runs]"] = self.shares[number].ravel().tolist()
        table["moves, least [count]"] = self.least_moves.ravel().tolist()
        table["moves, most [count]"] = self.most_moves.ravel().tolist()
        table["coalitions at the end, fewest [count]"] = self.fewest_coalitions.ravel().tolist()
        table["spread at the end, largest [opinion]"] = self.largest_spread.ravel().tolist()
        for move, shares in zip(self.first_moves, self.first_shares, strict=True):
            heading = f"first move joins {move.size} over {move.gap:.4g} [fraction of runs]"
            table[heading] = shares.ravel().tolist()
        return table


def value_axis(cells_per_unit: int, lowest: float = LOWEST, highest: float = HIGHEST) -> Axis:
    """Return cells that are linear up to `LINEAR` on both sides of 0 and logarithmic beyond; 0 is a border.

    Examples
    --------
    >>> value_axis(1, -1, 3).edges.tolist()
    [-0.01, 0.0, 0.01, 0.1, 1.0]
    """
    cells = round((highest - lowest) * cells_per_unit)
    position = lowest + np.arange(2 * cells + 1) / (2 * cells_per_unit)
    beyond = LINEAR * np.power(10.0, np.maximum(np.abs(position), 1.0) - 1.0)
    values = np.where(np.abs(position) <= 1, LINEAR * position, np.sign(position) * beyond)
    return Axis(values[::2], values[1::2])


def log_axis(cells: int, low: float, high: float) -> Axis:
    """Return cells that are all as wide on a logarithmic scale.

    Examples
    --------
    >>> log_axis(2, 0.01, 1.0).edges.round(4).tolist()
    [0.01, 0.1, 1.0]
    """
    values = np.geomspace(low, high, 2 * cells + 1)
    return Axis(values[::2], values[1::2])


def simulate(
    figure: str,
    model: Model,
    structure: Structure,
    costs: Axis,
    other: str,
    others: Axis,
    runs: int,
    seed: int,
    kept: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Cells:
    """Run every cell from one structure under the random schedule.

    Parameters
    ----------
    figure : its name, for the data kept.
    model : with given opinions; its performance is quadratic, with factor -1, and influence equal.
    structure : at the start.
    costs, others : the axes; `other` is the name of the second one in a sweep.  The opinions of the model are at
        spread 1 if that is "spread".
    runs, seed : of each cell.
    kept, progress : as in `figures.kept.kept_sweep`.
    """
    labels = labels_of(structure, model.n_agents)
    opinions = np.asarray(model.opinions)
    over = {other: others.centres, "switching_cost": costs.centres}
    plan: dict[str, Any] = {"runs": runs, "seed": seed, "structure": structure, "kept": kept, "progress": progress}
    asked = ("regime", "moves", "n_coalitions", "spread")
    ends = kept_sweep(figure, model, over, max_steps=MAX_STEPS, quantities=asked, **plan)
    first = kept_sweep(f"{figure}_first", model, over, max_steps=1, quantities=("disagreement",), **plan)
    regime, moves, spread = (ends[name].values for name in ("regime", "moves", "spread"))
    kinds = first_moves(opinions, labels)
    stretch = others.centres**2 if other == "spread" else np.ones(len(others.centres))
    start = consensus_disagreement(opinions, labels)
    drops = start - first["disagreement"].values / stretch[:, None, None]
    is_kind = np.stack([np.abs(drops - kind.drop) <= ROUNDING * start for kind in kinds])
    if is_kind.sum(axis=0).max() > 1:
        raise ValueError("two kinds of first moves lower the disagreement by the same amount")
    return Cells(
        costs=costs,
        others=others,
        shares=np.stack([(regime == number).mean(axis=-1) for number in range(len(REGIMES))]),
        least_moves=moves.min(axis=-1),
        most_moves=moves.max(axis=-1),
        fewest_coalitions=ends["n_coalitions"].values.min(axis=-1),
        largest_spread=spread.max(axis=-1),
        first_moves=tuple(kinds),
        first_shares=is_kind.mean(axis=-1),
        other_first=((np.abs(drops) > ROUNDING * start) & ~is_kind.any(axis=0)).mean(axis=-1),
        runs=runs,
    )
