"""The tie tolerance, compiled.  `numerics.ties` explains the rule."""

import math

import numpy as np
from numba import njit

from numerics.kernels.program import run

TIE = 2.0**-46  # 64 units in the last place
GRID = 33  # points at which an expression that is no polynomial is sampled on the range of the opinions


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def magnitude(lo, hi, phi, ties):
    """Size of the numbers from which φ is computed on [lo, hi]: max (|φ|-sum + |u| |φ'|)."""
    coefficients, centre, _, _ = phi
    magnitude_code, magnitude_registers, slope_code, slope_registers, _, _ = ties
    largest = max(abs(lo), abs(hi))
    if coefficients.shape[0] > 0:
        radius = max(abs(lo - centre), abs(hi - centre))
        value, slope = 0.0, 0.0
        for j in range(coefficients.shape[0] - 1, -1, -1):
            slope = slope * radius + value
            value = value * radius + abs(coefficients[j])
        return value + largest * slope
    value, slope = 0.0, 0.0
    for i in range(GRID):
        u = lo + (hi - lo) * i / (GRID - 1)
        size = abs(run(magnitude_code, magnitude_registers, u, 1.0))
        steepness = abs(run(slope_code, slope_registers, u, 1.0))
        if np.isfinite(size):
            value = max(value, size)
        if np.isfinite(steepness):
            slope = max(slope, steepness)
    return value + largest * slope


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def tolerance(lo, hi, phi, ties):
    """2⁻⁴⁶ times the least power of two above max(max|g| · magnitude, |κ|)."""
    size = max(ties[4] * magnitude(lo, hi, phi, ties), ties[5])
    return math.ldexp(TIE, math.frexp(size)[1]) if size > 0.0 else 0.0
