"""Numbers are read exactly, whatever type they come as; text is never evaluated."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from sympy import Rational, sqrt

from theory.errors import InputError
from theory.numbers import exact
from theory.stability import derive


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Rational(1, 10)),
        (np.float64(0.1), Rational(1, 10)),
        (np.float32(0.5), Rational(1, 2)),
        (3, 3),
        (np.int64(3), 3),
        (Fraction(2, 3), Rational(2, 3)),
        (sqrt(2), sqrt(2)),
    ],
)
def test_numbers_of_every_type(value, expected):
    assert exact(value) == expected


@pytest.mark.parametrize(
    "value", ["1", "__import__('os')", None, True, [1], 1j, Decimal(1), float("nan"), float("inf")]
)
def test_everything_else_is_refused(value):
    with pytest.raises(InputError, match="number"):
        exact(value)


def test_the_ends_of_an_interval_are_never_evaluated_as_text():
    with pytest.raises(InputError, match="is not a number"):
        derive("u", lo="__import__('os').abort()", hi=1)
