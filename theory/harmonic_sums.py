"""Harmonic sums: Σ j^e in closed form.

H_n = Σ_{j=1}^n 1/j,   H_n^(p) = Σ_{j=1}^n j^-p.
"""

from __future__ import annotations

from functools import lru_cache

from sympy import (
    Expr,
    factor,
    harmonic,
    summation,
)

from theory.symbols import j, r


def power_sum(exponent: int, upper: Expr) -> Expr:
    """Return Σ_{j=1}^{upper} j^exponent for an integer exponent: a polynomial, or a harmonic number.

    Examples
    --------
    >>> from theory.symbols import k
    >>> power_sum(-2, k)
    harmonic(k, 2)
    >>> power_sum(1, k)
    k*(k + 1)/2
    """
    return _power_sum(int(exponent)).subs(j, upper)


@lru_cache(maxsize=256)
def _power_sum(exponent: int) -> Expr:
    if exponent < 0:
        return harmonic(j, -exponent)  # its definition
    index = r  # summation over another symbol than the upper end
    return factor(summation(index**exponent, (index, 1, j)))
