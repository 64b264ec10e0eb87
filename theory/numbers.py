"""Numbers: what is given as a number is used as the exact number it stands for."""

from __future__ import annotations

from numbers import Integral, Rational, Real

import sympy
from sympy import Expr, Integer

from theory.errors import InputError


def exact(value: Expr | Real | float) -> Expr:
    """Return a number exactly: a float is the decimal it prints as, so 0.1 is 1/10.  Expressions pass as they are.

    Raises
    ------
    InputError
        For text, which is never evaluated, for what is no number, and for floats that are not finite.

    Examples
    --------
    >>> exact(0.1)
    1/10
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError("number", value, "is not a number", "give a number or a sympy expression")
    if isinstance(value, Integral):
        return Integer(int(value))
    if isinstance(value, Rational):
        return sympy.Rational(int(value.numerator), int(value.denominator))
    decimal = float(value)
    if not abs(decimal) < float("inf"):
        raise InputError("number", value, "is not finite", "give a finite number")
    return sympy.Rational(repr(decimal))
