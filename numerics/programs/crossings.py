"""Crossings of zero of many functions of one parameter at once, isolated by Chebyshev interpolation.

    f(p) ≈ Σ_k c_k T_k(t),   p = middle + half · t,   t ∈ [-1, 1].

On a piece of the range every function is interpolated at the zeros of a Chebyshev polynomial: exactly, for polynomials
of known degree; otherwise pieces are halved until the coefficients have decayed to 1e-13 of the largest.  Between
neighbouring zeros of f' (eigenvalues of its colleague matrix) f is monotone and has at most one zero, where it changes
sign.  Nothing is lost by an error of a zero of f': f changes there by its square only.  A zero of f' at which f itself
vanishes up to rounding, a zero of even order, is reported too.

Bounds of a polynomial f of degree d on a piece come from m > d Chebyshev points t_i (Ehlich and Zeller 1964): with
middle M and half-width R of the values f(t_i),

    |f - M| ≤ R / cos(π d / (2 m)).

They tell which functions need no zeros on a piece: a caller who knows what the functions are for says so.

References
----------
L. N. Trefethen, "Approximation Theory and Approximation Practice", SIAM, 2013, chapters 3, 8 and 18;
J. P. Boyd, "Solving Transcendental Equations", SIAM, 2014 (subdivision);
H. Ehlich, K. Zeller, "Schwankung von Polynomen zwischen Gitterpunkten", Math. Z. 86:41, 1964.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

Functions = Callable[[float], tuple[FloatArray, FloatArray]]  # p → (M,) values, (M,) sizes that count as zero
Matters = Callable[[FloatArray, FloatArray, FloatArray], BoolArray]  # least, greatest, zero → (M,) needs its zeros

DEGREE = 32  # of the interpolants on pieces that are halved
NARROW, LOW_DEGREE = 2.0**-8, 8  # on pieces below this part of the range: what is smooth is resolved, kinks never are
RESOLUTION = 1e-13  # of the largest coefficient, at which the last ones count as decayed
NARROWEST = 2.0**-36  # of the range: a piece that is not resolved then, as at a kink, is itself the bracket of a zero
MAX_EVALUATIONS = 6000
TRIM = 1e-15  # of the sum of all coefficients: leading ones below are rounding errors and would spoil the eigenvalues
NEARLY_REAL = 1e-2  # imaginary part up to which a zero of f' divides [-1, 1]; more divisions do no harm
CHECK = 0.1234567890123  # where a resolved piece is compared with the function itself
_LAST = 4  # coefficients that have to have decayed


@dataclass(frozen=True, eq=False)
class Isolation:
    """Where any of the functions may cross or touch zero.

    Attributes
    ----------
    brackets : sorted (lo, hi); lo = hi for a zero of an interpolant, lo < hi for a piece too narrow to be halved.
    pieces : number of pieces with an interpolant of their own.
    degree : the largest degree of an interpolant.
    evaluations : number of parameter values at which the functions were evaluated.
    unfinished : pieces left when the evaluations ran out; crossings in them may be missing.
    """

    brackets: list[tuple[float, float]]
    pieces: int
    degree: int
    evaluations: int
    unfinished: list[tuple[float, float]]


def isolate(
    functions: Functions,
    low: float,
    high: float,
    degree: int | None = None,
    matters: Matters | None = None,
    parts: int = 4,
    max_evaluations: int = MAX_EVALUATIONS,
) -> Isolation:
    """Return brackets of all zeros of the functions on [low, high].

    Parameters
    ----------
    functions : of the parameter, to (M,) values and (M,) sizes up to which a value counts as zero
    low, high : ends of the range, low < high
    degree : of the functions as polynomials; None if they are none, then pieces are halved until they are resolved
    matters : told bounds of every function on a piece, and the least size that counts as zero there, says which of
        them have zeros that are wanted; all unless given.  Asked again at every zero, with bounds of the values there.
    parts : pieces to start from
    max_evaluations : at which halving stops

    Notes
    -----
    degree + 1 evaluations on each piece, and O(M degree³) for the eigenvalues.  More pieces keep large values in one
    part of the range from hiding small ones in another.  Halving rests on the decay of the coefficients and on one more
    evaluation in each piece: a feature narrower than the points are apart may go unseen.

    Examples
    --------
    >>> found = isolate(lambda p: (np.array([p**2 - 2, p - 5]), np.full(2, 1e-14)), 0.0, 2.0, 2, parts=1)
    >>> [round(lo, 12) for lo, hi in found.brackets], found.evaluations
    ([1.414213562373], 3)
    """
    ends = np.linspace(low, high, parts + 1)
    todo = [(float(a), float(b)) for a, b in pairwise(ends)][::-1]
    brackets: list[tuple[float, float]] = []
    unfinished: list[tuple[float, float]] = []
    pieces = evaluations = largest = 0
    while todo:
        lo, hi = todo.pop()
        n = degree if degree is not None else DEGREE if hi - lo > NARROW * (high - low) else LOW_DEGREE
        if evaluations + n + 2 > max_evaluations and pieces:
            unfinished.append((lo, hi))
            continue
        piece = _interpolate(functions, lo, hi, n, is_polynomial=degree is not None)
        pieces, largest = pieces + 1, max(largest, n)
        evaluations += n + 1 if degree is not None else n + 2
        wanted = np.ones(len(piece.error), dtype=bool) if matters is None else matters(*piece.bounds(), piece.zero)
        if np.any(wanted & ~piece.resolved):
            if hi - lo <= NARROWEST * (high - low):
                brackets.append((lo, hi))
            else:
                middle = 0.5 * (lo + hi)
                todo += [(middle, hi), (lo, middle)]
            continue
        for column in np.flatnonzero(wanted):
            for t in zeros(piece.coefficients[:, column], float(piece.zero[column])):
                if matters is not None and not matters(*piece.bounds_at(t), piece.zero)[column]:
                    continue
                p = min(max(lo + 0.5 * (hi - lo) * (1 + t), lo), hi)
                brackets.append((p, p))
    return Isolation(sorted(brackets), pieces, largest, evaluations, unfinished)


@dataclass(frozen=True, eq=False)
class _Piece:
    """Interpolants on one piece: (degree+1, M) coefficients; error, zero and resolved are (M,)."""

    coefficients: FloatArray
    error: FloatArray
    zero: FloatArray
    resolved: BoolArray

    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Least and greatest value of every function on the piece, or beyond."""
        d = len(self.coefficients) - 1
        m = max(8 * d, 16)
        values = chebyshev.chebvander(_points(m), d) @ self.coefficients
        middle, radius = 0.5 * (values.max(axis=0) + values.min(axis=0)), 0.5 * np.ptp(values, axis=0)
        radius = radius / np.cos(np.pi * d / (2 * m)) + self.error
        return middle - radius, middle + radius

    def bounds_at(self, t: float) -> tuple[FloatArray, FloatArray]:
        """Least and greatest value of every function near t, so near that one which vanishes is on both sides of 0."""
        value = chebyshev.chebval(t, self.coefficients)
        noise = _noise(len(self.coefficients), np.abs(self.coefficients).sum(axis=0))
        error = np.maximum(np.maximum(self.error, noise), 8.0 * self.zero)
        return value - error, value + error


def _noise(count: int, total: FloatArray | float) -> FloatArray:
    """Rounding errors of a sum of Chebyshev polynomials, and what trimming changes."""
    return np.asarray(4 * count * TRIM * total)


def _points(count: int) -> FloatArray:
    """The zeros of T_count: none at the ends, where a function may not be defined."""
    points: FloatArray = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    return points


def _interpolate(functions: Functions, lo: float, hi: float, degree: int, is_polynomial: bool) -> _Piece:
    t, half = _points(degree + 1), 0.5 * (hi - lo)
    sampled = [functions(float(lo + half * (1 + x))) for x in t]
    values, zero = np.array([value for value, _ in sampled]), np.min([size for _, size in sampled], axis=0)
    coefficients = 2.0 / len(t) * (chebyshev.chebvander(t, degree).T @ values)
    coefficients[0] *= 0.5
    total = np.abs(coefficients).sum(axis=0)
    rounding = RESOLUTION * total
    if is_polynomial:
        return _Piece(coefficients, rounding, zero, np.ones(len(total), dtype=bool))
    seen, _ = functions(float(lo + half * (1 + CHECK)))
    off = np.abs(chebyshev.chebval(CHECK, coefficients) - seen)
    last = np.abs(coefficients[-_LAST:]).max(axis=0)
    level = np.maximum(RESOLUTION * np.abs(coefficients).max(axis=0), zero / 4)
    resolved = (last <= level) & (off <= 64 * level)
    # the coefficients of a kink fall like 1/k², and those left out add up to no more than the latter half
    rest = 2.0 * np.abs(coefficients[degree // 2 :]).sum(axis=0) + 2.0 * off
    return _Piece(coefficients, np.where(resolved, rounding, rest), zero, resolved)


def zeros(coefficients: FloatArray, zero: float) -> list[float]:
    """Return all zeros of Σ c_k T_k on [-1, 1]: changes of sign, and points at which it touches `zero` or less.

    Parameters
    ----------
    coefficients : (degree+1,)
    zero : size up to which a value counts as zero; a function that never leaves it has none

    Notes
    -----
    O(degree³).

    Examples
    --------
    >>> [round(t, 12) for t in zeros(np.array([0.0, 0.0, 1.0]), 1e-15)]  # T_2 = 2t² - 1
    [-0.707106781187, 0.707106781187]
    >>> zeros(np.array([1.0, 0.0, 1.0]), 1e-15)  # 2t²
    [0.0]
    """
    from scipy.optimize import brentq

    total = float(np.abs(coefficients).sum())
    if total <= zero:
        return []
    c = np.asarray(chebyshev.chebtrim(coefficients, TRIM * total), dtype=np.float64)
    noise = max(zero, float(_noise(len(coefficients), total)))
    points = np.concatenate([[-1.0], _turning_points(c), [1.0]])
    values = chebyshev.chebval(points, c)
    found = [float(t) + 0.0 for t, value in zip(points, values, strict=True) if abs(value) <= noise]
    for i in np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0):
        if min(abs(values[i]), abs(values[i + 1])) > noise:  # otherwise an end is the zero
            found.append(float(brentq(chebyshev.chebval, points[i], points[i + 1], args=(c,), xtol=1e-15)))
    return sorted(found)


def _turning_points(c: FloatArray) -> FloatArray:
    """The zeros of the derivative inside (-1, 1), sorted."""
    slope = chebyshev.chebder(c)
    slope = chebyshev.chebtrim(slope, TRIM * float(np.abs(slope).sum()))
    if len(slope) < 2:
        return np.empty(0)
    roots = chebyshev.chebroots(slope)
    inside = (np.abs(roots.imag) <= NEARLY_REAL) & (np.abs(roots.real) < 1)
    turning: FloatArray = np.unique(roots.real[inside])
    return turning
