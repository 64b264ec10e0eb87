"""Two types without a sum over the members: interpolation of φ on the segment between two opinions.

An entrant at c + δ among m incumbents at c is paid (V5)

    1/(m+1) [ Σ_{s=1}^{m+1} g(s) φ(c + δ/s) - Σ_{s=1}^{m} g(s) φ(c) ].

With φ replaced by its interpolant at nodes 0 = t_0 < … < t_N = 1 of the segment, the same for every coalition and
every gap, the sums over s are sums of Lagrange polynomials ℓ_i at 1, 1/2, …, and can be tabulated.  As Σ_i ℓ_i = 1,

    payoff - φ(c+δ) = w_0 φ(c) + Σ_{i≥1} w_i (φ(c + δ t_i) - φ(c)),
    w_0 = g(m+1)/(m+1) - 1,   w_i = 1/(m+1) Σ_{s=1}^{m+1} g(s) ℓ_i(1/s) - [i = N],

where for scale s the weight of φ(c) itself is exactly 0, and the others stay of the order N² however large m is.
The error is at most max|g| times that of the interpolant, and rounding errors at most max|g| · Λ · max|φ| units in
the last place, Λ ≤ 2 + (2/π) log N the Lebesgue constant: a few of the 64 that the tie tolerance allows.

References
----------
L. N. Trefethen, "Approximation Theory and Approximation Practice", SIAM, 2013, chapters 2-5, 8 and 15;
H. Ehlich, K. Zeller, "Auswertung der Normen von Interpolationsoperatoren", Math. Ann. 164:105, 1966.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
Performance = Callable[[FloatArray], FloatArray]

MAX_NODES = 48  # more cost as much as they save, for all but large coalitions
SAMPLES = 4096  # φ is sampled at this many points, plus one, of every line
CHORDS = 64  # random lines through a box of opinions of several coordinates
_CHUNK = 1 << 14
EPS = 2.0**-53
_UNRESOLVED = 2.0**-46  # of the largest Chebyshev coefficient: those of high order beyond it are no rounding errors


class InterpolationTable(NamedTuple):
    """Nodes t_0 .. t_N of [0, 1] and, for each number m of incumbents, the weights w_0 .. w_N.

    Attributes
    ----------
    nodes : (N+1,) increasing, from 0 to 1
    weights : (rows, N+1)
    """

    nodes: FloatArray
    weights: FloatArray


def interpolation_nodes(n_nodes: int) -> FloatArray:
    """Return the extrema of a Chebyshev polynomial on [0, 1]: t_i = sin²(π i/(2N)), N = n_nodes - 1.

    Examples
    --------
    >>> interpolation_nodes(3).tolist()
    [0.0, 0.5, 1.0]
    """
    half = np.sin(np.arange(n_nodes) * (np.pi / (2 * (n_nodes - 1)))) ** 2
    return 0.5 * (half + (1.0 - half[::-1]))  # symmetric about 1/2


def interpolation_table(
    scale_table: FloatArray, n_nodes: int, incumbents: NDArray[np.int64] | None = None
) -> InterpolationTable:
    """Tabulate the weights with which the values of φ at the nodes enter the payoff of an entrant.

    Parameters
    ----------
    scale_table : (n+1,) g(0..n); g(0) is not used
    n_nodes : number of nodes, at least 2
    incumbents : (r,) the numbers m < n for which to do it, in any order; 0 .. n-1 if omitted

    Returns
    -------
    InterpolationTable, row i for incumbents[i]

    Notes
    -----
    Cost: O(max(m) n_nodes) time in extended precision, O(r n_nodes) memory.

    Examples
    --------
    >>> table = interpolation_table(np.arange(4.0), 2)  # φ linear on the segment, scale s: nothing to gain
    >>> bool(np.all(abs(table.weights) < 1e-15))
    True
    """
    wanted = np.arange(len(scale_table) - 1) if incumbents is None else np.asarray(incumbents, dtype=np.int64)
    nodes = interpolation_nodes(n_nodes)
    weights = np.empty((len(wanted), n_nodes))
    order = np.argsort(wanted, kind="stable")
    increasing = wanted[order]
    last_size = int(increasing[-1]) + 1 if len(wanted) else 0
    carry = np.zeros(n_nodes, dtype=np.longdouble)
    done = 0
    for first in range(1, last_size + 1, _CHUNK):
        sizes = np.arange(first, min(first + _CHUNK, last_size + 1))
        sums = np.cumsum(scale_table[sizes, None] * _lagrange(nodes, 1 / sizes.astype(np.longdouble)), axis=0) + carry
        carry = sums[-1]
        stop = int(np.searchsorted(increasing, int(sizes[-1])))  # m + 1 up to the last of these sizes
        joined = increasing[done:stop] + 1
        weights[order[done:stop]] = sums[joined - first] / joined[:, None].astype(np.longdouble)
        done = stop
    weights[:, -1] -= 1.0
    weights[:, 0] = scale_table[wanted + 1] / (wanted + 1) - 1.0
    return InterpolationTable(nodes, weights)


def _lagrange(nodes: FloatArray, t: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    """(len(t), nodes) Lagrange polynomials by the barycentric formula: 1 and 0 exactly at the nodes."""
    exact = nodes.astype(np.longdouble)
    gaps = exact[:, None] - exact
    np.fill_diagonal(gaps, 1)
    barycentric = 1 / np.prod(4 * gaps, axis=1)  # 4: the capacity of an interval of length 1, against underflow
    distance = t[:, None] - exact
    hit = distance == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = barycentric / distance
        values: NDArray[np.longdouble] = parts / parts.sum(axis=1, keepdims=True)
    at_node = hit.any(axis=1)
    values[at_node] = hit[at_node]
    return values


def two_type_error(performance: Performance, lo: ArrayLike, hi: ArrayLike, n_nodes: int) -> float:
    """Return a bound of |φ - interpolant| on every segment inside [lo, hi].

    Parameters
    ----------
    performance : φ, a function of an array of opinions, (r,), or (r, d) for d coordinates: a `CompiledPerformance`
    lo, hi : ends of the range of opinions, numbers or (d,) corners of a box
    n_nodes : number of nodes

    Returns
    -------
    float, inf if φ is not resolved by 4097 samples of [lo, hi], as for a jump or a kink

    Notes
    -----
    Let φ = Σ a_j T_j be the Chebyshev series on [lo, hi].  Its part of degree ≤ N is a polynomial of degree N on
    every segment, so the interpolant on a segment, however short, is at most 1 + Λ_N times as far from φ as this
    part is, that is

        |φ - P| ≤ (1 + Λ_N) Σ_{j>N} |a_j|,   Λ_N ≤ 1 + (2/π) log(N+1).

    This is a theorem; the coefficients are *measured*, from 4097 samples.  Where they have fallen to the level of
    their rounding errors, the rest of the series is taken to go on like the power of j that falls to this level at
    the same order, the slowest decay that fits; if it is not reached by order 2048, the answer is inf.  A feature of
    φ narrower than the samples are apart, (hi-lo)/2600 in the middle, can go unseen.  For d > 1 the lines sampled
    are the axes and diagonals of the box and 64 random chords: there the bound is measured on these alone.

    Examples
    --------
    >>> two_type_error(np.cos, 0.0, 1.0, 12) < 1e-12
    True
    >>> two_type_error(np.abs, -1.0, 1.0, 12)
    inf
    """
    return max(_Decay(values).error(n_nodes) for values in _samples(performance, lo, hi))


def choose_nodes(
    performance: Performance, lo: ArrayLike, hi: ArrayLike, tolerance: float, most: int = MAX_NODES
) -> int:
    """Return the least number of nodes, up to `most`, with `two_type_error` at most the tolerance; 0 if there is none.

    Cost: as one call of `two_type_error`.

    Examples
    --------
    >>> choose_nodes(np.square, -3.0, 3.0, 1e-12), choose_nodes(np.abs, -1.0, 1.0, 1e-6)
    (3, 0)
    """
    n_nodes = 2
    for values in _samples(performance, lo, hi):
        decay = _Decay(values)
        while not decay.error(n_nodes) <= tolerance:
            n_nodes += 1
            if n_nodes > most:
                return 0
    return n_nodes


class _Decay:
    """The Chebyshev coefficients of one function, from its values at the extrema of T_SAMPLES."""

    def __init__(self, values: FloatArray) -> None:
        from scipy.fft import dct

        self.beyond = np.full(SAMPLES + 2, np.inf)  # Σ_{j ≥ N} |a_j|
        if not np.all(np.isfinite(values)):
            return
        sizes: FloatArray = np.abs(dct(values, type=1)) / SAMPLES
        largest, high = float(sizes.max()), sizes[SAMPLES // 2 :]
        if float(high.max()) > _UNRESOLVED * largest:
            return
        level = max(8.0 * float(np.sqrt(np.mean(high**2))), EPS * largest)  # of rounding errors
        reached = int(np.flatnonzero(sizes[: SAMPLES // 2] > level).max(initial=1)) + 1
        power = np.log(largest / level) / np.log(reached) if largest > 0 else np.inf
        if power > 2:
            rest = level * reached / (power - 1)  # Σ_{j ≥ J} of a power of j that falls from `largest` to `level` at J
            self.beyond[:] = rest
            self.beyond[:reached] += np.cumsum(sizes[:reached][::-1])[::-1]

    def error(self, n_nodes: int) -> float:
        """Bound of the error of interpolation at n_nodes nodes of any segment."""
        lebesgue = 1.0 + 2.0 / np.pi * np.log(n_nodes)
        return float((1.0 + lebesgue) * self.beyond[n_nodes])


def _samples(performance: Performance, lo: ArrayLike, hi: ArrayLike) -> Iterator[FloatArray]:
    """Values of φ at the extrema of T_SAMPLES on every line that is looked at."""
    low, high = np.asarray(lo, dtype=np.float64), np.asarray(hi, dtype=np.float64)
    t = interpolation_nodes(SAMPLES + 1)
    if low.ndim == 0:
        yield performance(low + (high - low) * t)
        return
    for start, end in _chords(low, high):
        yield performance(start + (end - start) * t[:, None])


def _chords(lo: FloatArray, hi: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Segments across a box: along the axes through its middle, the diagonals, and between random points of faces."""
    d = len(lo)
    for axis in range(d):
        start, end = (lo + hi) / 2, (lo + hi) / 2
        start[axis], end[axis] = lo[axis], hi[axis]
        yield start, end
    for corner in product((False, True), repeat=min(d - 1, 4)):
        flip = np.array([False, *corner, *[False] * (d - 1 - len(corner))])
        yield np.where(flip, hi, lo), np.where(flip, lo, hi)
    random = np.random.default_rng(0)
    for _ in range(CHORDS):
        start, end = lo + (hi - lo) * random.random((2, d))
        axis = int(random.integers(d))
        start[axis], end[axis] = lo[axis], hi[axis]
        yield start, end
