"""Bounds of the rate of the paradox: the one for all n against every state, the sharp ones against the exact rate."""

from __future__ import annotations

from fractions import Fraction as F
from itertools import product

import pytest
from sympy import Integer, Symbol

from theory.errors import InputError
from theory.mixing import disagreement_path, disagreement_weights, mixing_rate
from theory.mixing_bounds import decay_bounds, quotients, rate_bound
from theory.size_chain import size_partitions
from theory.symbols import n as agents


def test_bound_of_one_move_at_every_small_state() -> None:
    for n in (2, 3, 4, 5):
        bound = 1 - F(1, 2 * n)
        for sizes in size_partitions(n):
            for opinions in product((0, 1, 3), repeat=len(sizes)):
                start = [[F(c)] * size for c, size in zip(opinions, sizes, strict=True)]
                before, after = disagreement_path(start, 1)
                assert after <= bound * before


def test_half_cannot_become_one() -> None:
    before, after = disagreement_path([[1, 1], *([0] for _ in range(7))], 1)
    assert after > (1 - F(1, 9)) * before
    assert after <= (1 - F(1, 18)) * before


def test_bound_in_closed_form() -> None:
    assert rate_bound() == 1 - 1 / (2 * agents)
    assert rate_bound(2) == Integer(3) / 4
    count = Symbol("count", integer=True, positive=True)
    assert rate_bound(count) == 1 - 1 / (2 * count)
    for wrong in (1, 0, -2, 2.5):  # an agent without others has no move
        with pytest.raises(InputError, match=r"^n: "):
            rate_bound(wrong)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_enclosure_contains_the_exact_rate_and_no_other(n: int) -> None:
    bounds = decay_bounds(n)
    rate = F(str(mixing_rate(n).evalf(40)))
    assert bounds.lower - F(1, 10**30) <= rate <= bounds.upper + F(1, 10**30)
    assert bounds.upper - bounds.lower < F(1, 10**10)
    assert min(bounds.weights) > 0
    assert (min(quotients(n, bounds.weights)), max(quotients(n, bounds.weights))) == (bounds.lower, bounds.upper)
    assert bounds.upper <= F(str(rate_bound(n)))


def test_more_digits_are_closer() -> None:
    widths = [decay_bounds(4, digits).upper - decay_bounds(4, digits).lower for digits in (3, 8, 20)]
    assert widths[0] > 10 * widths[1] > 100 * widths[2]


def test_bad_weights_and_sizes() -> None:
    with pytest.raises(InputError, match="weights"):
        quotients(3, (F(1), F(0)))
    with pytest.raises(InputError, match="weights"):
        quotients(3, disagreement_weights(4))
    with pytest.raises(InputError, match="digits"):
        decay_bounds(3, 1)
    with pytest.raises(InputError, match=r"^n: "):
        decay_bounds(9)
