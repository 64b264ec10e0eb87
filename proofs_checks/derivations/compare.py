"""Comparisons: a function of `theory` against brute force, instance by instance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, TypeVar

from sympy import Expr, Integer, Rational, Sum

from proofs_checks.check import Check
from proofs_checks.verdict import Level

I = TypeVar("I")


def compared(
    what: str,
    scope: str,
    instances: Callable[[], Iterable[I]],
    derived: Callable[[I], Any],
    expected: Callable[[I], Any],
    show: Callable[[I], str] = str,
    level: Level = Level.EXACT,
) -> Check[I]:
    """Return the check that what is derived equals what is expected, exactly.

    Parameters
    ----------
    what, scope, instances, show, level : as in `Check`
    derived, expected : functions of an instance; their values are compared by ``==``
    """

    def conclusion(instance: I) -> str | None:
        left, right = derived(instance), expected(instance)
        return None if left == right else f"theory says {left}, brute force {right}"

    return Check(what, scope, level, instances, conclusion, show=show)


def number(value: Expr | int) -> Fraction:
    """Return a rational number of sympy as a fraction.

    Raises
    ------
    ArithmeticError
        If it is no rational number.
    """
    if isinstance(value, int):
        return Fraction(value)
    if not value.is_Rational:
        raise ArithmeticError(f"{value} is no rational number")
    return Fraction(int(value.p), int(value.q))


def rational(value: Fraction | int) -> Rational:
    """Return a fraction as a rational number of sympy."""
    value = Fraction(value)
    return Rational(value.numerator, value.denominator)


def written_out(expression: Expr) -> Expr:
    """Return an expression with numbers in it evaluated; sums over a range of integers are added up term by term."""
    for total in expression.atoms(Sum):
        index, first, last = total.limits[0]
        terms = (total.function.xreplace({index: Integer(i)}) for i in range(int(first), int(last) + 1))
        expression = expression.xreplace({total: sum(terms, Integer(0))})
    return expression.doit()
