"""The tie tolerance, compiled.  `numerics.ties` explains the rule.

`ties` is the tuple ``(magnitude code, registers, slope code, registers, max|g|, |κ|)``.
"""

import math

import numpy as np
from numba import njit

from numerics.kernels.program import run, run_prepared

TIE = 2.0**-46  # 64 units in the last place
GRID = 33  # points at which an expression that is no polynomial is sampled on the range of the opinions


@njit(cache=True, nogil=True, error_model="numpy")
def sizes_at(u, ties):
    """|φ|-sum and |φ'| at one opinion; 0 where they are not finite."""
    size = abs(run(ties[0], ties[1], u, 1.0))
    slope = abs(run(ties[2], ties[3], u, 1.0))
    return size if np.isfinite(size) else 0.0, slope if np.isfinite(slope) else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def sizes_on(lo, hi, coefficients, centre, ties):
    """The same on [lo, hi]: bounds for a polynomial, maxima over a grid otherwise."""
    value, slope = 0.0, 0.0
    if coefficients.shape[0] > 0:
        radius = max(abs(lo - centre), abs(hi - centre))
        for j in range(coefficients.shape[0] - 1, -1, -1):
            slope = slope * radius + value
            value = value * radius + abs(coefficients[j])
        return value, slope
    for i in range(GRID):
        size, steepness = sizes_at(lo + (hi - lo) * i / (GRID - 1), ties)
        value, slope = max(value, size), max(slope, steepness)
    return value, slope


@njit(cache=True, nogil=True, error_model="numpy")
def tolerance_of(value, slope, largest, ties):
    """2⁻⁴⁶ times the least power of two above max(max|g| (value + largest · slope), |κ|)."""
    size = max(ties[4] * (value + largest * slope), ties[5])
    return math.ldexp(TIE, math.frexp(size)[1]) if size > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def tolerance(x, consensus, coefficients, centre, ties):
    """The tolerance at the opinions x (n, d), in a structure of which the consensus (K, d) is known (or no rows)."""
    n, d = x.shape
    if d > 1:
        return _tolerance_in_space(x, consensus, ties)
    lo, hi = np.min(x), np.max(x)
    value, slope = sizes_on(lo, hi, coefficients, centre, ties)
    if coefficients.shape[0] == 0:
        for i in range(n):
            size, steepness = sizes_at(x[i, 0], ties)
            value, slope = max(value, size), max(slope, steepness)
        for c in range(consensus.shape[0]):
            size, steepness = sizes_at(consensus[c, 0], ties)
            value, slope = max(value, size), max(slope, steepness)
    return tolerance_of(value, slope, max(abs(lo), abs(hi)), ties)


@njit(cache=True, nogil=True, error_model="numpy")
def _tolerance_in_space(x, consensus, ties):
    """The same for d > 1: the opinions, the consensus, and the points between neighbours in the list are sampled."""
    n, d = x.shape
    value, slope, largest = 0.0, 0.0, 0.0
    for i in range(2 * n + consensus.shape[0]):
        for coordinate in range(d):
            if i < n:
                point = x[i, coordinate]
                largest = max(largest, abs(point))
            elif i < 2 * n:
                point = 0.5 * (x[i - n, coordinate] + x[(i - n + 1) % n, coordinate])
            else:
                point = consensus[i - 2 * n, coordinate]
            ties[1][coordinate] = point
            ties[3][coordinate] = point
        size, steepness = abs(run_prepared(ties[0], ties[1])), abs(run_prepared(ties[2], ties[3]))
        if np.isfinite(size):
            value = max(value, size)
        if np.isfinite(steepness):
            slope = max(slope, steepness)
    return tolerance_of(value, slope, largest, ties)
