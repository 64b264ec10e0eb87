"""Sums written out in numbers, for certificates that a reader can recompute by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from proofs_checks.oracles.matrices import Matrix


def number(x: Fraction | int) -> str:
    """Return a number as text that can stand inside a product.

    Examples
    --------
    >>> number(Fraction(-1, 2)), number(3)
    ('(-1/2)', '3')
    """
    return f"({x})" if x < 0 else str(x)


def dot(x: Sequence[Fraction], y: Sequence[Fraction]) -> str:
    """Return Σ x_k y_k as text.

    Examples
    --------
    >>> dot((Fraction(1, 2), Fraction(1, 2)), (Fraction(1), Fraction(-1)))
    '1/2*1 + 1/2*(-1)'
    """
    return " + ".join(f"{number(a)}*{number(b)}" for a, b in zip(x, y, strict=True))


def column_statement(w: Sequence[Fraction], W: Matrix) -> str | None:
    """Return the first equation of wᵀW = wᵀ that is false, None if all are true.

    Examples
    --------
    >>> column_statement((Fraction(1, 2), Fraction(1, 2)), ((Fraction(1), Fraction(0)), (Fraction(1), Fraction(0))))
    '1/2*1 + 1/2*1 == 1/2'
    """
    for j, weight in enumerate(w):
        column = tuple(row[j] for row in W)
        if sum((a * b for a, b in zip(w, column, strict=True)), Fraction(0)) != weight:
            return f"{dot(w, column)} == {number(weight)}"
    return None


def is_first_of_its_names(W: Matrix) -> bool:
    """Return whether no renaming of the agents makes the matrix larger: one of each class passes.

    Examples
    --------
    >>> rows = ((Fraction(1), Fraction(0)), (Fraction(1), Fraction(0)))
    >>> is_first_of_its_names(rows), is_first_of_its_names(((rows[0][1], rows[0][0]), (rows[0][1], rows[0][0])))
    (True, False)
    """
    agents = range(len(W))
    return all(tuple(tuple(W[i][j] for j in order) for i in order) <= W for order in permutations(agents))
