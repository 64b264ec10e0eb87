"""How small a counterexample is: fewest agents first, then fewest and simplest numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

from sympy import Rational as SymbolicRational


def size_of(instance: Any) -> tuple[int, int, int]:
    """Return (agents, digits, signs): compared in this order, the least is the smallest counterexample.

    `agents` is the attribute of that name where the instance has it.  Over all numbers p/q of the instance, digits
    are Σ (|p| + q − 1) and signs the number of minus signs.

    Examples
    --------
    >>> size_of((Fraction(1, 2), 3)) < size_of((Fraction(1, 3), 3))
    True
    >>> size_of((0, 1)) < size_of((0, -1)) < size_of((0, 2))
    True
    """
    numbers = list(_numbers(instance))
    agents = int(getattr(instance, "agents", 0))
    return agents, sum(abs(x.numerator) + x.denominator - 1 for x in numbers), sum(x < 0 for x in numbers)


def _numbers(value: Any) -> Iterator[Fraction]:
    if isinstance(value, SymbolicRational):
        yield Fraction(int(value.p), int(value.q))
    elif isinstance(value, Rational):  # integers are
        yield Fraction(value)
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _numbers(part)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _numbers(getattr(value, each.name))
