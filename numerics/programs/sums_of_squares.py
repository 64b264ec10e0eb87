"""Gram matrices of sums of squares, in floating point: a start for exact ones, a proof of nothing.

    maximise t   subject to   Σ_b ⟨A_kb, Q_b⟩ + F_k·λ + C_k·c = p_k  for all k,   Q_b ⪰ tI,   c ≥ 0,   Σ c ≥ t,   t ≤ 1

If t is positive at the maximum, all Q_b near it are positive definite, and rounding them leaves room.  If it is 0, the
interior-point method ends inside the face of all solutions, and the kernels of Q_b show that face.

The program goes to Clarabel as it is, without a modelling layer: it has hundreds of unknowns in one sparse matrix.
References: Parrilo, Math. Program. 96:293, 2003; Peyrl and Parrilo, Theor. Comput. Sci. 409:269, 2008.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.programs.solvers import clarabel
from theory.errors import InputError

FloatArray = NDArray[np.float64]

TOLERANCE = 1e-9  # asked for; what is reached is in the status, and nobody relies on it


@dataclass(frozen=True, eq=False)
class GramSolution:
    """Gram matrices with the largest margin t, as far as floating point goes.

    Attributes
    ----------
    margin : t relative to the largest |p_k|; -∞ if there is no solution, or none was found.
    blocks : Q_b, symmetric.
    free : λ.
    weights : c.
    status : of the solver, in its words.
    solver : its name and version.
    """

    margin: float
    blocks: list[FloatArray]
    free: FloatArray
    weights: FloatArray
    status: str
    solver: str

    @property
    def found(self) -> bool:
        """Whether there is any solution to start from."""
        return math.isfinite(self.margin)


def widest_gram(
    sizes: Sequence[int],
    entries: tuple[Sequence[int], Sequence[int], Sequence[float]],
    right: Sequence[float],
    n_free: int = 0,
    n_weights: int = 0,
    time_limit: float = 10.0,
    least_trace: bool = False,
) -> GramSolution:
    """Return Gram matrices Q_b ⪰ tI of the largest t ≤ 1 that satisfy the equations.

    Parameters
    ----------
    sizes : of the blocks Q_b.
    entries : (rows, columns, values) of the matrix of the equations.  Its columns are the upper triangles of the
        blocks, column by column, (0,0), (0,1), (1,1), (0,2), ..., an entry off the diagonal standing for Q_ij and
        Q_ji together; then λ, then c.
    right : p.
    n_free, n_weights : lengths of λ and c.
    time_limit : seconds.
    least_trace : minimise Σ tr Q_b under t = 0 in place of maximising t: the solution is then of a low rank.

    Raises
    ------
    InputError
        If a row or column is outside, or the time is not positive.

    Notes
    -----
    O((Σ sizes²)³) at worst; milliseconds for blocks of a dozen rows.

    Examples
    --------
    x² + 2xy + 3y² with the Gram matrix of (x, y); the least eigenvalue of [[1, 1], [1, 3]] is 2 - √2, relative to 3:

    >>> found = widest_gram([2], ([0, 1, 2], [0, 1, 2], [1.0, 2.0, 1.0]), [1.0, 2.0, 3.0])
    >>> round(found.margin, 6), found.blocks[0].round(6).tolist()
    (0.195262, [[1.0, 1.0], [1.0, 3.0]])
    """
    triangle = sum(size * (size + 1) // 2 for size in sizes)
    n_columns, n_rows = triangle + n_free + n_weights, len(right)
    rows, columns, values = np.asarray(entries[0], int), np.asarray(entries[1], int), np.asarray(entries[2], float)
    inside = (rows >= 0) & (rows < n_rows) & (columns >= 0) & (columns < n_columns)
    if not inside.all():
        k = int(np.argmin(inside))
        where = (int(rows[k]), int(columns[k]))
        raise InputError("entries", where, "is outside", f"there are {n_rows} rows and {n_columns} columns")
    if not time_limit > 0:
        raise InputError("time_limit", time_limit, "leaves no time", "give a positive number of seconds")
    return _solve(
        list(sizes), (rows, columns, values), np.asarray(right, float), n_free, n_weights, time_limit, least_trace
    )


def _solve(
    sizes: list[int],
    entries: tuple[NDArray[np.int64], NDArray[np.int64], FloatArray],
    right: FloatArray,
    n_free: int,
    n_weights: int,
    time_limit: float,
    least_trace: bool,
) -> GramSolution:
    """Hand the program over with P_b = Q_b - tI in place of Q_b: min q·x, Gx + s = h, s in a product of cones."""
    from clarabel import (  # type: ignore[import-untyped]
        DefaultSettings,
        DefaultSolver,
        NonnegativeConeT,
        PSDTriangleConeT,
        ZeroConeT,
    )
    from scipy.sparse import csc_array, vstack

    triangle = sum(size * (size + 1) // 2 for size in sizes)
    n = triangle + n_free + n_weights + 1
    scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
    equations = csc_array((entries[2], entries[:2]), shape=(len(right), n)).tolil()
    diagonal = _diagonal(sizes)
    equations[:, [n - 1]] = equations[:, diagonal].sum(axis=1)[:, None] if len(diagonal) else 0.0
    linear, bounds = _bounds(n, n_weights)
    root = np.ones(triangle)
    root[np.setdiff1d(np.arange(triangle), diagonal)] = math.sqrt(2.0)
    cone = csc_array((-root, (np.arange(triangle), np.arange(triangle))), shape=(triangle, n))
    matrix = csc_array(vstack([equations.tocsc(), linear, cone], format="csc"))
    h = np.concatenate([right / scale, bounds, np.zeros(triangle)])
    objective = np.zeros(n)
    if least_trace:
        objective[diagonal] = 1.0
        matrix, h = vstack([csc_array(([1.0], ([0], [n - 1])), shape=(1, n)), matrix], format="csc"), np.append(0.0, h)
    else:
        objective[n - 1] = -1.0
    settings = DefaultSettings()
    settings.verbose = False
    settings.time_limit = time_limit
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = TOLERANCE
    cones = [
        ZeroConeT(len(h) - len(bounds) - triangle),
        NonnegativeConeT(len(bounds)),
        *[PSDTriangleConeT(size) for size in sizes],
    ]
    try:
        answer = DefaultSolver(csc_array((n, n)), objective, csc_array(matrix), h, cones, settings).solve()
    except BaseException as error:  # a panic of the solver is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return GramSolution(-math.inf, [], np.empty(0), np.empty(0), f"stopped: {error}", clarabel())
    status, x = str(answer.status), np.array(answer.x)
    if "Infeasible" in status or not np.isfinite(x).all() or not len(x):
        return GramSolution(-math.inf, [], np.empty(0), np.empty(0), status, clarabel())
    margin, blocks, start = float(x[n - 1]), [], 0
    for size in sizes:
        count = size * (size + 1) // 2
        block = np.zeros((size, size))
        upper = np.tril_indices(size)  # row by row of the lower triangle is column by column of the upper
        block[upper] = x[start : start + count]
        block[upper[1], upper[0]] = x[start : start + count]
        blocks.append(scale * (block + margin * np.eye(size)))
        start += count
    free, weights = scale * x[start : start + n_free], scale * x[start + n_free : n - 1]
    return GramSolution(margin, blocks, free, weights, status, clarabel())


def _diagonal(sizes: list[int]) -> NDArray[np.int64]:
    """The columns of diagonal entries."""
    found, start = [], 0
    for size in sizes:
        found += [start + j * (j + 3) // 2 for j in range(size)]
        start += size * (size + 1) // 2
    return np.array(found, dtype=np.int64)


def _bounds(n: int, n_weights: int) -> tuple[object, FloatArray]:
    """The rows of t ≤ 1, c ≥ 0 and, if there are weights, Σ c ≥ t."""
    from scipy.sparse import csc_array

    weights = np.arange(n - 1 - n_weights, n - 1)
    if not n_weights:
        return csc_array(([1.0], ([0], [n - 1])), shape=(1, n)), np.array([1.0])
    rows = np.concatenate([[0], 1 + np.arange(n_weights), np.full(n_weights, n_weights + 1), [n_weights + 1]])
    columns = np.concatenate([[n - 1], weights, weights, [n - 1]])
    values = np.concatenate([[1.0], -np.ones(2 * n_weights), [1.0]])
    return csc_array((values, (rows, columns)), shape=(n_weights + 2, n)), np.array([1.0, *[0.0] * (n_weights + 1)])
