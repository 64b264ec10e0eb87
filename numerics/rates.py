"""Convergence rates, measured: how fast the opinions of a coalition meet.

    x(t+1) = W x(t),   spread(x(t)) ~ C slem(W)^t

Random opinions are averaged step by step, and the rate at which their spread decays is fitted where it decays
alone: late, and above the rounding error.  The derived rates are in `theory.spectra`; nothing here uses them.

Results: T1 (rate slem).

References: DeGroot, J. Amer. Statist. Assoc. 69:118, 1974.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.validation import integer
from theory.errors import InputError

FloatArray = NDArray[np.float64]

ROUNDING = 1e-12  # by which a row of shares may miss 1

FLOOR = 1e-10  # of the initial spread: rounding errors of averages of ~10 numbers near 1 are below 1e-15, 1e-5 of it


def degroot_trajectory(W: FloatArray, x: FloatArray, steps: int) -> FloatArray:
    """Return x, Wx, W²x, ...: a (steps+1, n) array.

    Examples
    --------
    >>> degroot_trajectory(np.array([[0.5, 0.5], [0.5, 0.5]]), np.array([0.0, 1.0]), 1).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    W, x = np.asarray(W, dtype=float), np.asarray(x, dtype=float)
    if x.ndim != 1 or W.shape != (len(x), len(x)):
        raise InputError("W", W.shape, f"is not the shape of a matrix for opinions {x.shape}", "give (n, n) and (n,)")
    for i in np.flatnonzero((W < 0).any(axis=1) | ~(np.abs(W.sum(axis=1) - 1) <= ROUNDING)):
        raise InputError(f"W[{i}]", W[i].tolist(), "is not a row of shares that add up to 1", "normalise it")
    steps = integer(steps, "steps", "steps", 0)
    path = np.empty((steps + 1, len(x)))
    path[0] = x
    for t in range(steps):
        path[t + 1] = W @ path[t]
    return path


def measured_rate(path: FloatArray) -> float:
    """Fit the factor by which the spread shrinks in one step: exp of the slope of log spread.

    The line is fitted to the second half of the decades between the initial spread and the rounding error.

    Returns
    -------
    float
        In [0, 1]; 0 if the first step leaves less than `FLOOR`.

    Raises
    ------
    InputError
        If the opinions agree from the start.

    Examples
    --------
    >>> W = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> round(measured_rate(degroot_trajectory(W, np.array([0.0, 1.0]), 100)), 12)
    0.5
    """
    time, logs = decay_window(path)
    return float(np.exp(np.polyfit(time, logs, 1)[0])) if len(time) else 0.0


def decay_window(path: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the steps to which the line is fitted, and log spread / initial spread there; both may be empty."""
    if np.ptp(path[0]) == 0:
        raise InputError("path", path[0].tolist(), "starts in consensus", "start from opinions that differ")
    spread = np.ptp(path, axis=1) / np.ptp(path[0])
    lost = np.flatnonzero(spread <= FLOOR)
    end = int(lost[0]) if len(lost) else len(spread)
    if end < 2:
        return np.arange(0), np.empty(0)
    logs = np.log(spread[:end])
    first = min(int(np.flatnonzero(logs <= logs[-1] / 2)[0]), end - 2)
    return np.arange(first, end), logs[first:]
