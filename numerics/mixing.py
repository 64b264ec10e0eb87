"""The rate of the paradox for many agents: ρ_n in floating point, with bounds that allow for rounding (S7).

The exact operator M of `theory.mixing` is taken as a sparse matrix of floats; the power method on Mᵀ, started from V,
finds weights y and the rate θ.  On a structure of sizes λ they are the quadratic form

    Q_λ = Σ over pairs {C, D} of y(λ, {|C|, |D|}) (c_C - c_D)²,

whose mean after one move is θ Q_λ + R_λ, R_λ the form of the residual r = Mᵀy - θ y.  With μ_λ the least eigenvalue of
Q_λ against Σ (c_C - c_D)², -e Q_λ ≤ R_λ ≤ e Q_λ for e = max_λ max |r| / μ_λ, so θ - e ≤ ρ_n ≤ θ + e.  If every μ_λ > 0,
Q and V bound each other, and E V(t) decays at this rate from every start that is not in consensus.

Measured: n (1 - ρ_n) falls from 1.52 for 4 agents to 1.4347 for 9 and rises slowly from there, to 1.46 for 20 and 1.48
for 30.

References: Costa, Fragoso and Marques, Discrete-Time Markov Jump Linear Systems, Springer 2005.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from numerics.validation import integer, number
from theory.errors import InputError
from theory.mixing import PairClass, disagreement_weights, lifted_operator, pair_classes

FloatArray = NDArray[np.float64]

LARGEST = 30  # agents: 5604 partitions, 48 297 classes, 24 seconds, error 5e-12
ROUNDING = float(np.finfo(np.float64).eps)
WINDOW = 50  # rounds between two looks at the residual


@dataclass(frozen=True, eq=False)
class MixingRate:
    """The rate at which E V(t) decays when every move is admissible.

    Attributes
    ----------
    rate : ρ_n, in [0, 1).
    error : rate - error ≤ ρ_n ≤ rate + error, rounding included; infinite if that could not be shown.
    classes : the classes of pairs of coalitions, and `weights`, one for each, of the form Q that decays at this rate.
    rounds : of the power method.
    outcome : "converged" or "time limit": then the error is what it is.
    seconds : wall-clock time.
    """

    rate: float
    error: float
    classes: tuple[PairClass, ...]
    weights: FloatArray
    rounds: int
    outcome: str
    seconds: float


def mixing_rate(n_agents: int, seconds: float = 60.0) -> MixingRate:
    """Return ρ_n in floating point and its error.

    Parameters
    ----------
    n_agents : n, from 2 to 30.
    seconds : wall-clock time after which the power method ends with the outcome "time limit".

    Raises
    ------
    InputError
        For numbers out of range.

    Notes
    -----
    Rounds grow like log(1/error) / log(ρ_n / second eigenvalue), some 300 for 20 agents.

    Examples
    --------
    >>> found = mixing_rate(3)
    >>> abs(found.rate - (1 + 97**0.5) / 24) <= found.error < 1e-13
    True
    """
    start = time.perf_counter()
    n = integer(n_agents, "n_agents", "agents", 2, LARGEST)
    seconds = number(seconds, "seconds", "give the seconds allowed, such as 60")
    if seconds <= 0:
        raise InputError("seconds", seconds, "is not positive", "give the seconds allowed, such as 60")
    classes = pair_classes(n)
    columns, magnitudes = _transposed(n)
    y = np.array([float(weight) for weight in disagreement_weights(n)])
    best, rounds, outcome = np.inf, 0, "converged"
    while True:
        for _ in range(WINDOW):
            y = _scaled(columns @ y, y)
        rounds += WINDOW
        image = columns @ y
        residual = float(np.abs(image - _quotient(image, y) * y).max())
        if not residual < 0.5 * best:  # as far down as rounding lets it
            break
        best = residual
        if time.perf_counter() - start > seconds:
            outcome = "time limit"
            break
    rate = _quotient(image, y)
    terms = int(np.diff(columns.indptr).max(initial=0)) + 3
    rounding = terms * ROUNDING * (magnitudes @ np.abs(y) + abs(rate) * np.abs(y))
    error = _relative(classes, y, np.abs(image - rate * y) + rounding)
    return MixingRate(rate, error, classes, y, rounds, outcome, time.perf_counter() - start)


def _transposed(n: int) -> tuple[csr_array, csr_array]:
    """Return Mᵀ and |M|ᵀ, entries correctly rounded."""
    entries, size = lifted_operator(n), len(pair_classes(n))
    places = np.array([(j, i) for i, j in entries], dtype=np.int64).reshape(-1, 2).T
    values = np.array([float(value) for value in entries.values()])
    return tuple(csr_array((x, places), shape=(size, size)) for x in (values, np.abs(values)))


def _scaled(image: FloatArray, before: FloatArray) -> FloatArray:
    """Return the image with the largest entry 1; what it was before if all is 0."""
    largest = float(np.abs(image).max())
    return image / largest if largest > 0 else before


def _quotient(image: FloatArray, y: FloatArray) -> float:
    return float(image @ y / (y @ y))


def _relative(classes: tuple[PairClass, ...], y: FloatArray, residual: FloatArray) -> float:
    """Return max over λ of the greatest residual against the least eigenvalue μ_λ; infinite unless all are positive."""
    worst, first = 0.0, 0
    while first < len(classes):
        sizes, last = classes[first].sizes, first
        weight: dict[tuple[int, int], float] = {}
        while last < len(classes) and classes[last].sizes == sizes:
            weight[classes[last].pair] = y[last]
            last += 1
        K = len(sizes)
        form = np.array(
            [
                [0.0 if i == j else -weight[min(a, b), max(a, b)] for j, b in enumerate(sizes)]
                for i, a in enumerate(sizes)
            ]
        )
        np.fill_diagonal(form, -form.sum(axis=1))
        # on vectors of sum 0 the form Σ (c_C - c_D)² is K times the identity; eigenvalues are K rounding errors off
        values = np.linalg.eigvalsh(form + np.abs(form).max() * np.ones((K, K)))
        least = float(values[0] - 4 * K * ROUNDING * np.abs(values).max()) / K
        if not least > 0:
            return float("inf")
        worst = max(worst, float(residual[first:last].max()) / least)
        first = last
    return worst
