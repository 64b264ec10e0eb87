"""Sums of powers of a + b cos(2π r) with rational a, b, r: exact, in the field of a root of unity.

``cos(2π j/N) = (z^j + z^{−j})/2`` with z a primitive N-th root of unity; an element is a polynomial in z modulo
``z^N − 1``, and is the rational number c exactly when it is c modulo the cyclotomic polynomial Φ_N.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

Coefficients = tuple[Fraction, ...]


class CosineNumber(NamedTuple):
    """The real number a + b cos(2π turn)."""

    a: Fraction
    b: Fraction = Fraction(0)
    turn: Fraction = Fraction(0)

    def __str__(self) -> str:
        return str(self.a) if self.b == 0 else f"{self.a} + {self.b} cos(2π·{self.turn})"


def power_sum(numbers: Sequence[CosineNumber], exponent: int) -> Fraction | None:
    """Return Σ (a + b cos(2π turn))^exponent if it is rational, None if it is not.

    Examples
    --------
    >>> third = [CosineNumber(Fraction(0), Fraction(1), Fraction(j, 3)) for j in range(3)]
    >>> print(power_sum(third, 2))  # 1 + 1/4 + 1/4
    3/2
    """
    order = lcm(*(x.turn.denominator for x in numbers))
    total = (Fraction(0),) * order
    for x in numbers:
        base = [Fraction(0)] * order
        base[0] += x.a
        j = int(x.turn * order) % order
        base[j] += x.b / 2
        base[-j % order] += x.b / 2
        value: Coefficients = (Fraction(1), *(Fraction(0),) * (order - 1))
        for _ in range(exponent):
            value = _times(value, tuple(base))
        total = tuple(p + q for p, q in zip(total, value, strict=True))
    remainder = _remainder(total, cyclotomic_polynomial(order))
    return remainder[0] if not any(remainder[1:]) else None


@lru_cache(maxsize=64)
def cyclotomic_polynomial(order: int) -> Coefficients:
    """Return Φ_N, constant term first, by dividing z^N − 1 by Φ_d for every proper divisor d of N."""
    result: Coefficients = (Fraction(-1), *(Fraction(0),) * (order - 1), Fraction(1))
    for d in range(1, order):
        if order % d == 0:
            result = _quotient(result, cyclotomic_polynomial(d))
    return result


def _times(p: Coefficients, q: Coefficients) -> Coefficients:
    order = len(p)
    result = [Fraction(0)] * order
    for i, x in enumerate(p):
        if x:
            for j, y in enumerate(q):
                if y:
                    result[(i + j) % order] += x * y
    return tuple(result)


def _divide(p: Sequence[Fraction], q: Coefficients) -> tuple[list[Fraction], list[Fraction]]:
    rest, degree = list(p), len(q) - 1
    quotient = [Fraction(0)] * max(len(rest) - degree, 1)
    for shift in range(len(rest) - 1 - degree, -1, -1):
        factor = rest[shift + degree] / q[-1]
        quotient[shift] = factor
        for i, x in enumerate(q):
            rest[shift + i] -= factor * x
    return quotient, rest[:degree]


def _quotient(p: Coefficients, q: Coefficients) -> Coefficients:
    return tuple(_divide(p, q)[0])


def _remainder(p: Coefficients, q: Coefficients) -> list[Fraction]:
    return _divide(p, q)[1]
