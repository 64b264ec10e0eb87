"""Polynomials as terms: coefficients by the variables that they multiply.

What a product of sums expands to is counted on the way, so that (u1 + … + u64)⁴ with its 766,480 terms is given up at
once.  Coefficients are rational: a constant such as √2 or π is replaced by a rational number that agrees with it to 100
digits, far beyond the last place of a float.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TypeAlias

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

MAX_PRODUCTS = 20_000  # of terms, in all: some 0.1 s

_DIGITS = 100  # of constants that are not rational
_TINY = Rational(1, 10**80)  # of the largest coefficient: what is left of constants that cancel is far below

Terms: TypeAlias = dict[tuple[int, ...], Rational]


def terms_of(expression: Expr, variables: Sequence[Symbol]) -> Terms | None:
    """Return the coefficients of a polynomial, none of them 0, by the indices of the variables multiplied.

    None if it is no polynomial, if expanding it takes more than 20,000 products of terms, or if constants that are not
    rational all but cancel: digits cannot tell whether such a coefficient is 0.

    Examples
    --------
    >>> from theory.expressions import parse_performance
    >>> from theory.symbols import coordinates
    >>> terms_of(parse_performance("(u1 + 2*u2)**2 - u1", dimension=2), coordinates(2))
    {(0,): -1, (0, 0): 1, (0, 1): 4, (1, 1): 4}
    >>> terms_of(parse_performance("1/u"), coordinates(1)) is None
    True
    """
    expansion = _Expansion(variables)
    terms = expansion.terms(expression)
    if terms is None:
        return None
    terms = {present: terms[present] for present in sorted(terms) if terms[present] != 0}
    sizes = [abs(value) for value in terms.values()]
    if expansion.is_rounded and sizes and min(sizes) < _TINY * max(sizes):
        return None
    return terms


class _Expansion:
    """Expands one expression, and counts."""

    def __init__(self, variables: Sequence[Symbol]) -> None:
        self.index = {variable: i for i, variable in enumerate(variables)}
        self.left = MAX_PRODUCTS
        self.is_rounded = False

    def terms(self, e: Expr) -> Terms | None:
        if e in self.index:
            return {(self.index[e],): Integer(1)}
        if not e.free_symbols:
            return self.constant(e)
        if isinstance(e, Pow) and e.exp.is_Integer and e.exp > 0:
            return self.multiplied([self.terms(e.base)] * int(e.exp))
        if isinstance(e, Mul):
            return self.multiplied([self.terms(part) for part in e.args])
        return self.added([self.terms(part) for part in e.args]) if isinstance(e, Add) else None

    def constant(self, e: Expr) -> Terms | None:
        if e.is_Rational:
            return {(): e}
        self.is_rounded = True
        value = e.evalf(_DIGITS)
        return {(): Rational(value)} if value.is_Float else None  # (-1)**(1/2) may cancel, but is none of ours

    def added(self, parts: list[Terms | None]) -> Terms | None:
        total: Terms = {}
        for part in parts:
            if part is None:
                return None
            for present, value in part.items():
                total[present] = total.get(present, Integer(0)) + value
        return total

    def multiplied(self, parts: list[Terms | None]) -> Terms | None:
        total: Terms = {(): Integer(1)}
        for part in parts:
            if part is None:
                return None
            self.left -= len(total) * len(part)
            if self.left < 0:
                return None
            grown: Terms = {}
            for (a, x), (b, y) in product(total.items(), part.items()):
                present = tuple(sorted(a + b))
                grown[present] = grown.get(present, Integer(0)) + x * y
            total = grown
        return total
