"""Elementary functions of rational numbers, to 60 decimals, from their series in integer arithmetic."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

UNIT = 10**70  # ten digits more than are wanted, for the roundings on the way
ERROR = Fraction(1, 10**60)  # relative to values up to 10^3


def _fixed(x: Fraction) -> int:
    return (x.numerator * UNIT) // x.denominator


def exp(x: Fraction) -> Fraction:
    """Return e^x: the series at x/2^k below 1/2, squared k times.

    Examples
    --------
    >>> float(exp(Fraction(1)))
    2.718281828459045
    """
    halvings = max(0, int(abs(x)).bit_length() + 1)
    point = _fixed(x / 2**halvings)
    total = term = UNIT
    count = 0
    while term:
        count += 1
        term = term * point // (UNIT * count)
        total += term
        if -1 <= term <= 1:  # floor division never leaves -1
            break
    for _ in range(halvings):
        total = total * total // UNIT
    return Fraction(total, UNIT)


def log(x: Fraction) -> Fraction:
    """Return the logarithm of a positive number: 2 artanh((x-1)/(x+1)), near 1 after roots are taken."""
    roots = 0
    while not Fraction(2, 3) < x < Fraction(3, 2):
        x, roots = sqrt(x), roots + 1
    ratio = (x - 1) / (x + 1)
    square, power = _fixed(ratio * ratio), _fixed(ratio)
    total, count = 0, 1
    while abs(power) > 1:
        total += power // count
        power, count = power * square // UNIT, count + 2
    return Fraction(2 * total * 2**roots, UNIT)


def sqrt(x: Fraction) -> Fraction:
    """Return the square root of a number that is not negative."""
    return Fraction(isqrt(_fixed(x) * UNIT), UNIT)


def power(x: Fraction, exponent: Fraction) -> Fraction:
    """Return x^exponent for a positive x."""
    return x**exponent.numerator if exponent.denominator == 1 else exp(exponent * log(x))


def sin(x: Fraction) -> Fraction:
    """Return the sine, by its series."""
    return _circular(x, 1)


def cos(x: Fraction) -> Fraction:
    """Return the cosine, by its series."""
    return _circular(x, 0)


def tanh(x: Fraction) -> Fraction:
    """Return the hyperbolic tangent, from the exponential."""
    square = exp(2 * x)
    return (square - 1) / (square + 1)


def _circular(x: Fraction, start: int) -> Fraction:
    point = _fixed(x)
    square = point * point // UNIT
    term, count = (point if start else UNIT), start
    total = 0
    while abs(term) > 1:
        total += term
        term = -term * square // (UNIT * (count + 1) * (count + 2))
        count += 2
    return Fraction(total, UNIT)
