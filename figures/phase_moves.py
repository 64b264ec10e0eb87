"""The first moves of a structure, derived: when each pays, when it is let in, and what it leaves behind.

Members of a coalition agree when they move, so of a first move all that counts is the gap δ to the consensus of the
coalition joined and its size m.  Quadratic φ = b - (u-θ)², uniform influence:

- it gains δ² (1 - H_{m+1}/(m+1)), whatever θ and the coalition left (S1), of which members who are paid at every
  tactical step get the share 1 - β (S12);
- each of the m incumbents gains h(m) δ², h(m) = (H_{m+1} - 1)/(m(m+1)) (S9);
- it lowers the disagreement V = Σ (x_i - x̄)² by δ² m/(m+1) (S3), by which it is known in what has been simulated.

References: Zhu, arXiv:2606.26139, 2026 (a reconstruction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.coefficients import evaluate_in_size, incumbent_weights
from theory.gain import gain
from theory.lyapunov import disagreement_drop
from theory.symbols import delta, m, u

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

DIGITS = 12  # decimals to which gaps of given opinions count as equal: they are rounded by some 1e-16


@dataclass(frozen=True)
class FirstMove:
    """Joining `size` agents at a distance `gap`.

    Attributes
    ----------
    gap, size : δ and m.
    gain : of patient agents, the switching cost from which on the move does not pay (S1).
    incumbents_gain : of each incumbent, the threshold above which it is not let in (S9).
    drop : of the disagreement (S3).
    """

    gap: float
    size: int
    gain: float
    incumbents_gain: float
    drop: float


def first_moves(opinions: FloatArray, labels: IntArray) -> list[FirstMove]:
    """Return the kinds of first moves between coalitions that differ in opinion, the largest gain first.

    Examples
    --------
    >>> moves = first_moves(np.array([-1.0, 1.0, 1.0]), np.array([0, 1, 1]))
    >>> [(move.gap, move.size, round(move.gain, 4)) for move in moves]
    [(2.0, 2, 1.5556), (2.0, 1, 1.0)]
    """
    sizes = np.bincount(labels)
    consensus = np.bincount(labels, opinions) / sizes
    gaps = np.abs(consensus[:, None] - consensus)
    kinds = {
        (round(gap, DIGITS), size): (gap, size)
        for row in gaps.tolist()
        for gap, size in zip(row, sizes.tolist(), strict=True)
    }
    gains, incumbents, drops = _weights(len(opinions))
    found = [
        FirstMove(gap, size, gains[size] * gap**2, incumbents[size] * gap**2, drops[size] * gap**2)
        for (rounded, _), (gap, size) in kinds.items()
        if rounded > 0
    ]
    return sorted(found, key=lambda move: (-move.gain, move.size))


def consensus_disagreement(opinions: FloatArray, labels: IntArray) -> float:
    """Return V once every coalition has agreed: Σ |C| (c_C - x̄)².

    Examples
    --------
    >>> consensus_disagreement(np.array([-1.0, 0.0, 2.0]), np.array([0, 0, 1]))
    4.166666666666667
    """
    sizes = np.bincount(labels)
    consensus = np.bincount(labels, opinions) / sizes
    return float(np.sum(sizes * (consensus - opinions.mean()) ** 2))


def size_thresholds(opinions: FloatArray) -> FloatArray:
    """Return h(m) δ_m² for m = 1 .. n-1: the threshold above which m agents never let in another (S9).

    Averages are doubly stochastic images of x(0), so a linear function of them is largest at a permutation of x(0):
    an entrant is at most δ_m from m agents who agree, the distance of an extreme opinion from the mean of the m
    farthest.

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


def _weights(n_agents: int) -> tuple[list[float], list[float], list[float]]:
    """What multiplies δ² in the gain, in that of an incumbent, and in the drop, by size; 0 for size 0."""
    sizes = np.arange(1, n_agents + 1)
    gains, drops = (
        [0.0, *evaluate_in_size(expression / delta**2, m, sizes).tolist()]
        for expression in (gain(-(u**2)), disagreement_drop())
    )
    return gains, incumbent_weights(n_agents).tolist(), drops
