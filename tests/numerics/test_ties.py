"""The tie tolerance: wider than rounding errors of every formula, far narrower than any gain that matters."""

from fractions import Fraction
from itertools import combinations
from math import factorial

import numpy as np
import pytest

import exitjoin as ej
from numerics.kernels.payoffs import _tabulate
from numerics.kernels.shapley import shapley_from_table
from numerics.ties import TIE

POLYNOMIALS = ["-u**2", "3 - (u - 1/3)**2", "-(u**2 - 1)**2", "-u**4 + 2*u**2 - 1", "1000 - (u - 1000)**2", "u**3 - u"]


def exact_gain(x, phi, entrant, incumbents):
    """Payoff of `entrant` among `incumbents` minus its payoff alone, from the definition, in rationals."""
    k = len(incumbents) + 1
    total = Fraction(0)
    for size in range(k):
        weight = Fraction(factorial(size) * factorial(k - 1 - size), factorial(k))
        for chosen in combinations(incumbents, size):
            before = size * phi(sum(x[i] for i in chosen) / size) if size else 0
            after = (size + 1) * phi((sum(x[i] for i in chosen) + x[entrant]) / (size + 1))
            total += weight * (after - before)
    return total - phi(x[entrant])


def rational(text):
    from sympy import Rational

    from theory.expressions import parse_performance
    from theory.symbols import u

    expression = parse_performance(text)

    def phi(value):
        result = expression.subs(u, Rational(value.numerator, value.denominator))
        return Fraction(int(result.p), int(result.q))

    return phi


@pytest.mark.parametrize("text", POLYNOMIALS)
@pytest.mark.parametrize("centre", [0.0, 1.0, 1000.0])
def test_rounding_errors_use_less_than_a_quarter_of_it(text, centre):
    """The experiment behind the constant: closed forms, two-type form and table against exact rationals."""
    rng = np.random.default_rng(5)
    phi = rational(text)
    for n in (2, 5, 7):
        for spread in (1.0, 1e-6):
            x = centre + spread * rng.normal(size=n)
            agreed = np.where(np.arange(n) < n - 1, x[0], x[-1])
            for opinions in (x, agreed):
                model = ej.Model(opinions=opinions, performance=text)
                structure = [list(range(n - 1)), [n - 1]]
                expected = exact_gain([Fraction(v) for v in opinions], phi, n - 1, list(range(n - 1)))
                tolerance = ej.tie_tolerance(model)
                assert abs(Fraction(ej.gains(model, structure)[n - 1, 0]) - expected) < tolerance / 4
                table = np.empty(n)
                game, everybody = model.game_arrays(), np.arange(n)
                values = np.empty(1 << n)
                _tabulate(everybody, np.array(opinions).reshape(-1, 1), np.ones(n), game, values)
                shapley_from_table(values, table)
                by_table = Fraction(table[n - 1]) - phi(Fraction(opinions[n - 1]))
                assert abs(by_table - expected) < tolerance / 4


@pytest.mark.parametrize("text", [*POLYNOMIALS, "exp(-u**2)", "sin(3*u)", "1/(1 + u**2)", "-abs(u - 1)"])
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1 / 3, 1000.1])
def test_unanimity_is_an_equilibrium_at_cost_zero(text, value):
    """Every gain is 0 in theory and a rounding error in practice."""
    model = ej.Model(opinions=[value] * 6, performance=text)
    for structure in ([[0, 1, 2, 3, 4, 5]], [[0, 1, 2], [3, 4, 5]], [[0], [1], [2, 3], [4, 5]]):
        assert ej.is_joint_equilibrium(model, structure)


def test_it_is_narrow_and_scales_with_the_data():
    small = ej.tie_tolerance(ej.Model(opinions=[0.0, 1.0], performance="-u**2"))
    large = ej.tie_tolerance(ej.Model(opinions=[0.0, 1e6], performance="-u**2"))
    assert small < 1e-12
    assert 0.2 < large / (small * 1e12) < 5
    assert np.log2(small / TIE) % 1 == 0


def test_a_tie_is_not_an_improvement():
    """Two singletons at distance δ gain δ²/4 from joining: stable at exactly that cost."""
    for gap in (1.0, 0.1, 1 / 3, 12.7):
        model = ej.Model(opinions=[0.3, 0.3 + gap], performance="-u**2")
        cost = ej.critical_cost(model, [[0], [1]])
        assert ej.is_joint_equilibrium(model.replace(switching_cost=cost), [[0], [1]])
        assert ej.is_joint_equilibrium(model.replace(switching_cost=cost * (1 - 1e-15)), [[0], [1]])
        assert not ej.is_joint_equilibrium(model.replace(switching_cost=cost * (1 - 1e-9)), [[0], [1]])
