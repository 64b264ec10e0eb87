"""Spectral radii in exact arithmetic: a product of matrices of floats is one of integers over a power of two.

A float r is at most ρ(Π) if the characteristic polynomial of Π does not have all its roots inside the circle of radius
r, which the recursion of Schur and Cohn decides.  All products of n matrices of size n vanish if and only if the spans
V₀ = Rⁿ, V_{k+1} = Σ A_i V_k shrink to 0.

References: Cohn, Math. Z. 14:110, 1922; Faddeev and Faddeeva, Computational Methods of Linear Algebra, 1963.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BITS = 4096  # far more than the 50 or so that a step near the radius may lose
SHRINKS = (0.0, 1e-15, *(10.0**-e for e in range(14, 0, -1)), *(1 - 0.5**e for e in range(1, 50)))  # tried in turn


def proved_radius(matrices: FloatArray, word: list[int], estimate: float) -> float:
    """Return a float, as near below the estimate as can be proved, of which ρ(A_{w₁} ⋯ A_{w_k})^{1/k} is no smaller.

    Examples
    --------
    >>> proved_radius(np.array([[[0.0, 1.0], [1.0, 0.0]]]), [0, 0], 1.001) <= 1
    True
    """
    exponent = 52 + max(0, 1 - int(np.frexp(np.abs(matrices[matrices != 0]).min())[1]))
    product = _integers(matrices[word[0]], exponent)
    for letter in word[1:]:
        product = product @ _integers(matrices[letter], exponent)
    polynomial = characteristic_polynomial(product)
    for shrink in SHRINKS:
        radius = estimate * (1 - shrink)
        power = _short((Fraction(radius) * 2**exponent) ** len(word))
        if power > 0 and has_root_outside(polynomial, power):
            return radius
    return 0.0


def _short(power: Fraction) -> Fraction:
    """Round up to 64 binary digits."""
    cut = max(power.numerator.bit_length() - 64, 0)
    return Fraction(-(-power.numerator >> cut) << cut, power.denominator)


def _integers(matrix: FloatArray, exponent: int) -> Any:
    """A 2^exponent, exactly, as an array of Python integers."""
    whole = np.empty(matrix.shape, dtype=object)
    for index, entry in np.ndenumerate(matrix):
        whole[index] = int(Fraction(float(entry)) * 2**exponent)
    return whole


def characteristic_polynomial(A: Any) -> list[int]:
    """Coefficients of det(λI - A) from λⁿ down, for integers (Faddeev and LeVerrier): all divisions are exact.

    Examples
    --------
    >>> characteristic_polynomial(np.array([[1, 2], [3, 4]], dtype=object))
    [1, -5, -2]
    """
    n = len(A)
    identity = np.array([[int(i == j) for j in range(n)] for i in range(n)], dtype=object)
    coefficients, M = [1], identity
    for k in range(1, n + 1):
        AM = A @ M
        coefficients.append(-int(np.trace(AM)) // k)
        M = AM + coefficients[-1] * identity
    return coefficients


def has_root_outside(polynomial: list[int], radius: Fraction) -> bool:
    """Whether it is proved that a root has modulus at least the radius (Schur and Cohn).

    Σ a_j z^j has all roots inside the unit circle if and only if |a₀| < |a_n|, and so has what is left after a_n times
    it minus a₀ times its reverse is divided by z.  Integers that become longer than `BITS` are cut, with a bound on
    the error of each; what that leaves undecided is not proved.

    Examples
    --------
    >>> has_root_outside([1, 0, -4], Fraction(2)), has_root_outside([1, 0, -4], Fraction(201, 100))
    (True, False)
    """
    degree = len(polynomial) - 1
    p, q = radius.numerator, radius.denominator
    a = [c * p ** (degree - j) * q**j for j, c in enumerate(polynomial)][::-1]
    error = 0
    for _ in range(degree):
        first, last = a[0], a[-1]
        if abs(first) - error >= abs(last) + error:
            return True
        if abs(first) + error >= abs(last) - error:
            return False
        error = 2 * error * (2 * max(map(abs, a)) + error)
        a = [last * x - first * y for x, y in zip(a, reversed(a), strict=True)][1:]
        cut = max(map(abs, a)).bit_length() - BITS
        if cut > 0:
            a, error = [x >> cut for x in a], (error >> cut) + 2
    return False


def is_nilpotent(matrices: FloatArray) -> bool:
    """Whether all products of n matrices vanish, exactly: the span of all images shrinks to 0 in at most n steps.

    Examples
    --------
    >>> is_nilpotent(np.array([[[1.0, -1.0], [1.0, -1.0]]]))
    True
    """
    n, zero = matrices.shape[-1], Fraction(0)
    exact = [[[Fraction(float(x)) for x in row] for row in matrix] for matrix in matrices]
    span = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    for _ in range(n):
        images = [[sum((a * x for a, x in zip(row, v, strict=True)), zero) for row in A] for A in exact for v in span]
        smaller = _independent(images)
        if len(smaller) == len(span):
            return False
        span = smaller
        if not span:
            return True
    return False


def _independent(vectors: list[list[Fraction]]) -> list[list[Fraction]]:
    """A basis of the span of vectors, by elimination."""
    basis: list[tuple[int, list[Fraction]]] = []
    for vector in vectors:
        v = list(vector)
        for pivot, b in basis:
            if v[pivot]:
                ratio = v[pivot]
                v = [x - ratio * y for x, y in zip(v, b, strict=True)]
        pivot = next((i for i, x in enumerate(v) if x), -1)
        if pivot >= 0:
            basis.append((pivot, [x / v[pivot] for x in v]))
    return [b for _, b in basis]
