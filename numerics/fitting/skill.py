"""Skill: how much better one prediction is than another, and how far few answers can tell.

The skill is 1 - ρ, ρ = Σ fit_c / Σ other_c the ratio of sums of squared errors over independent parts c.  It is
compatible with ρ if the differences g_c = fit_c - ρ other_c have a mean that is compatible with zero,

    |mean g| ≤ q sd(g)/√n,    q Student's quantile for n - 1 degrees of freedom,

and the interval holds all such ρ ≥ 0 (Fieller 1954).  With few parts this holds where a bootstrap does not: given the
rounds before, the difference of two squared errors of one answer is normal if its noise is, with a variance that
depends on the answer, and Student's test of normal variables with any different variances is not more often wrong than
5 % for every n ≥ 2 (Ibragimov and Müller 2010).

References
----------
E. Fieller, "Some problems in interval estimation", JRSS B 16:175, 1954; R. Ibragimov, U. Müller, "t-statistic based
correlation and heterogeneity robust inference", Journal of Business & Economic Statistics 28:453, 2010.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.bootstrap import student_quantile

FloatArray = NDArray[np.float64]


class Skill(NamedTuple):
    """1 - Σ fit/Σ other, and the interval of what is compatible with it, at most 1, possibly from minus infinity."""

    skill: float
    interval: tuple[float, float]


def skill_against(fit: FloatArray, other: FloatArray, confidence: float) -> Skill:
    """Return the skill and its interval.

    Parameters
    ----------
    fit, other : (n,) sums of squared errors of the same independent parts.
    confidence : in (0, 1).

    Notes
    -----
    0 if no part differs, minus infinity against what makes no error.  One part alone is compatible with everything.

    Examples
    --------
    >>> found = skill_against(np.array([1.0, 2.0, 1.0, 1.5]), np.array([4.0, 6.0, 5.0, 4.0]), 0.95)
    >>> round(found.skill, 3), [round(end, 3) for end in found.interval]
    (0.711, [0.583, 0.845])
    """
    if (fit == other).all():
        return Skill(0.0, (0.0, 0.0))
    n, total = len(fit), float(other.sum())
    ratio = float(fit.sum()) / total if total > 0 else math.inf
    skill = 1 - ratio
    q = student_quantile(confidence, n - 1)
    if math.isinf(q):
        return Skill(skill, (-math.inf, 1.0))
    t = q**2 / n
    f, o = float(fit.mean()), total / n
    ff, oo, fo = (float(((x - x.mean()) * (y - y.mean())).sum()) / (n - 1) for x, y in _pairs(fit, other))
    curve = o * o - t * oo, -2 * (f * o - t * fo), f * f - t * ff  # ≤ 0 at all ρ that are compatible
    low, high = _compatible(curve)
    return Skill(skill, (min(low, skill), max(high, skill)))  # g has the mean zero at it: only rounding can miss it


def _pairs(fit: FloatArray, other: FloatArray) -> tuple[tuple[FloatArray, FloatArray], ...]:
    return (fit, fit), (other, other), (fit, other)


def _compatible(curve: tuple[float, float, float]) -> tuple[float, float]:
    """Return the least and greatest 1 - ρ over all ρ ≥ 0 with a ρ² + b ρ + c ≤ 0."""
    a, b, c = curve
    inside = [0.0] if c <= 0 else []
    if a < 0 or (a == 0 and (b < 0 or (b == 0 and c <= 0))):
        inside.append(math.inf)
    roots = np.roots([value / (max(map(abs, curve)) or 1.0) for value in curve])
    inside += [float(root.real) for root in roots if root.imag == 0 and root.real >= 0]
    return 1 - max(inside, default=math.inf), 1 - min(inside, default=math.inf)
