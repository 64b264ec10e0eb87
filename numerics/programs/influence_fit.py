"""Least squares over the simplex: the weights of one agent on the others, fitted to what was observed.

An agent's next answer is a weighted mean of what it has heard, so that its weights b solve

    minimise f(b) = ½ ‖A b - y‖²   subject to   b ≥ 0,  Σ b = 1,  b_j = 0 for all that it cannot hear.

Many such programs, one for each agent, part of the data and regularisation, are solved as one.  Whatever the solver
returns is made feasible, moved to the exact minimum over the weights that it leaves positive, and judged here: f is
convex, so that for every feasible c, f(c) ≥ f(b) + ∇f(b)·(c - b), and with the best c in a corner of the simplex

    f(b) - min f ≤ gap = ∇f(b)·b - min_j ∇f(b)_j   over all j that can be heard.

References
----------
M. Frank, P. Wolfe, "An algorithm for quadratic programming", Naval Research Logistics Quarterly 3:95, 1956 (the gap);
M. Jaggi, "Revisiting Frank-Wolfe", ICML 2013 (as a certificate).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.programs.solvers import clarabel

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TOLERANCE = 1e-9  # of the gap against the square of A's longest column, to which weights count as the best
EXACT = 1e-14  # of the gap: what rounding leaves, nothing is left to be improved
ZERO = (1e-5, 1e-3, 1e-7)  # below one of these the solver's weights are taken for zeros; it is accurate to 1e-8
EXCHANGES = 20  # changes of the set of positive weights; with p weights, few programs need more than p
MAX_ENTRIES = 400_000  # of the matrices of programs that are solved as one: a second

GUARANTEE = (
    "The gap of every agent's weights is computed from the weights themselves, which add up to 1 and are not negative: "
    "no weights of that kind have a sum of squares less by more than it."
)


@dataclass(frozen=True, eq=False)
class SimplexLeastSquares:
    """The weights found for many programs, and how far from the best each of them can be.

    Attributes
    ----------
    weights : (m, p) b ≥ 0, rows sum to 1 up to rounding, exactly 0 where not allowed.
    gap : (m,) bound of f(b) - min f, divided by the square of the longest column of A.
    solver : the solver and its version.
    status : "optimal" if no gap is above 1e-9, otherwise what the solver said.
    guarantee : what makes the weights right.
    """

    weights: FloatArray
    gap: FloatArray
    solver: str
    status: str
    guarantee: str = GUARANTEE


def simplex_least_squares(A: FloatArray, y: FloatArray, allowed: BoolArray) -> SimplexLeastSquares:
    """Minimise ‖A b - y‖² over the weights b of a simplex, for many A and y at once.

    Parameters
    ----------
    A : (m, q, p) finite, not all zero in any of the m programs.
    y : (m, q) finite.
    allowed : (m, p) the weights that may be positive, at least one of each program.

    Notes
    -----
    A millisecond for each program of 6 weights, in batches.  Where the minimum is not unique, one of the best.

    Examples
    --------
    >>> found = simplex_least_squares(np.eye(3)[None], np.array([[0.5, 0.9, -2.0]]), np.ones((1, 3), bool))
    >>> found.weights.round(12).tolist(), found.status
    ([[0.3, 0.7, 0.0]], 'optimal')
    """
    m, _, p = A.shape
    scale = np.sqrt((A**2).sum(axis=1).max(axis=1))
    A, y = A / scale[:, None, None], y / scale[:, None]
    if A.shape[1] > p:  # only the part of y that A reaches matters
        Q, A = np.linalg.qr(A)
        y = np.einsum("mqp,mq->mp", Q, y)
    step = max(1, MAX_ENTRIES // (A.shape[1] * p))
    parts = [slice(first, first + step) for first in range(0, m, step)]
    solved = [_solve(A[part], y[part], allowed[part]) for part in parts]
    start = np.concatenate([weights for weights, _ in solved]) if solved else np.zeros((0, p))
    weights, gap = _judged(A, y, allowed, start)
    for zero in ZERO:
        rest = np.flatnonzero(gap > EXACT)
        found = _exchanged(A[rest], y[rest], allowed[rest], start[rest] > zero)
        weights[rest], gap[rest] = _better((weights[rest], gap[rest]), found)
    said = next((status for _, status in solved if status != "optimal"), "optimal")
    bad = int((~(gap <= TOLERANCE)).sum())
    text = f"{bad} of {m} programs are not solved to {TOLERANCE:g}: {clarabel()} says {said}"
    return SimplexLeastSquares(weights, gap, clarabel(), text if bad else "optimal")


def _solve(A: FloatArray, y: FloatArray, allowed: BoolArray) -> tuple[FloatArray, str]:
    """Solve programs as one by cvxpy with Clarabel; equal weights for all if it fails."""
    import cvxpy as cp
    from scipy.sparse import block_diag, csc_array

    m, _, p = A.shape
    equal = allowed / allowed.sum(axis=1, keepdims=True)
    row, column = np.nonzero(allowed)
    b = cp.Variable(len(row), nonneg=True)
    matrix = csc_array(block_diag([part[:, free] for part, free in zip(A, allowed, strict=True)]))
    sums = csc_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(m, len(row)))
    problem = cp.Problem(cp.Minimize(cp.sum_squares(matrix @ b - y.ravel())), [sums @ b == 1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the answer is inaccurate: how far off it is, is computed
            problem.solve(solver=cp.CLARABEL)
    except cp.error.SolverError as error:
        return equal, f"failed ({error})"
    if b.value is None or not np.isfinite(b.value).all():
        return equal, str(problem.status)
    weights = np.zeros((m, p))
    weights[row, column] = b.value
    return weights, str(problem.status)


def _judged(A: FloatArray, y: FloatArray, allowed: BoolArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Make weights feasible, and return them with their gaps."""
    b = np.where(allowed, np.maximum(b, 0.0), 0.0)
    total = b.sum(axis=1, keepdims=True)
    b = np.where(total > 0, b / np.where(total > 0, total, 1.0), allowed / allowed.sum(axis=1, keepdims=True))
    slope = _slope(A, y, b)
    gap = (slope * b).sum(axis=1) - np.where(allowed, slope, np.inf).min(axis=1)
    return b, np.maximum(gap, 0.0)


def _slope(A: FloatArray, y: FloatArray, b: FloatArray) -> FloatArray:
    """Return ∇f(b) = Aᵀ(A b - y)."""
    return np.einsum("mqp,mq->mp", A, np.einsum("mqp,mp->mq", A, b) - y)


def _better(one: tuple[FloatArray, FloatArray], other: tuple[FloatArray, FloatArray]) -> tuple[FloatArray, FloatArray]:
    wins = other[1] < one[1]
    return np.where(wins[:, None], other[0], one[0]), np.where(wins, other[1], one[1])


def _exchanged(A: FloatArray, y: FloatArray, allowed: BoolArray, positive: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return the exact minimum over the `positive` weights; drop what comes out negative, add what would help most."""
    free = positive & allowed
    free |= allowed & ~free.any(axis=1, keepdims=True)
    weights, gap = np.zeros(free.shape), np.full(len(A), np.inf)
    todo = np.arange(len(A))
    for _ in range(EXCHANGES):
        b = _minimum(A[todo], y[todo], free[todo])
        judged = _judged(A[todo], y[todo], allowed[todo], b)
        weights[todo], gap[todo] = _better((weights[todo], gap[todo]), judged)
        negative = free[todo] & (b < 0)
        slope = _slope(A[todo], y[todo], b)
        price = np.where(free[todo], slope, 0.0).sum(axis=1) / free[todo].sum(
            axis=1
        )  # what free weights have in common
        outside = np.where(allowed[todo] & ~free[todo], slope, np.inf)
        add = (outside.min(axis=1) < price) & ~negative.any(axis=1)
        free[todo] &= ~negative
        free[todo[add], outside.argmin(axis=1)[add]] = True
        todo = todo[(gap[todo] > EXACT) & (negative.any(axis=1) | add)]
        if not len(todo):
            break
    return weights, gap


def _minimum(A: FloatArray, y: FloatArray, free: BoolArray) -> FloatArray:
    """Return the minimiser of ‖A b - y‖² under Σ b = 1 alone, over the free weights; the shortest step if many are."""
    m = np.arange(len(A))
    base = free.argmax(axis=1)  # b_base = 1 - Σ others
    column = A[m, :, base]
    rest = free.copy()
    rest[m, base] = False
    others = np.where(rest[:, None, :], A - column[:, :, None], 0.0)
    b = np.einsum("mpq,mq->mp", np.linalg.pinv(others), y - column)
    b = np.where(rest, b, 0.0)
    b[m, base] = 1.0 - b.sum(axis=1)
    return b
