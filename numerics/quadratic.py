"""Quadratic performance functions of opinions with any number of coordinates, as arrays."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from numerics.terms import terms_of
from theory import symbols


class QuadraticForm(NamedTuple):
    """φ(u) = constant + linear · u + u' matrix u, with a (d,) array and a symmetric (d, d) array."""

    constant: float
    linear: NDArray[np.float64]
    matrix: NDArray[np.float64]


def quadratic_form(expression: Expr, dimension: int = 1) -> QuadraticForm | None:
    """Return φ as a quadratic form, or None if it is no polynomial of degree at most 2.

    Parameters
    ----------
    expression : in u, or in u1 .. ud
    dimension : the number d of coordinates

    Notes
    -----
    Coefficients are exact up to their last rounding; None as well if one is beyond the range of a float, or where
    `numerics.terms.terms_of` gives up.

    Examples
    --------
    >>> from theory.expressions import parse_performance
    >>> form = quadratic_form(parse_performance("3 - (u1 - 2)**2 - u1*u2 - u2**2", dimension=2), 2)
    >>> form.matrix.tolist()
    [[-1.0, -0.5], [-0.5, -1.0]]
    >>> quadratic_form(parse_performance("exp(u)")) is None
    True
    """
    terms = terms_of(expression, symbols.coordinates(dimension))
    if terms is None or any(len(present) > 2 for present in terms):
        return None
    matrix, linear, constant = np.zeros((dimension, dimension)), np.zeros(dimension), 0.0
    for present, coefficient in terms.items():
        try:
            value = float(coefficient)
        except OverflowError:
            return None
        if len(present) == 2:
            matrix[present[0], present[1]] += value / 2
            matrix[present[1], present[0]] += value / 2
        elif len(present) == 1:
            linear[present[0]] = value
        else:
            constant = value
    form = QuadraticForm(constant, linear, matrix)
    return form if all(np.all(np.isfinite(part)) for part in form) else None
