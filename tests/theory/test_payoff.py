"""Closed forms of payoffs against the definition, in exact rationals."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest
from sympy import Expr, Integer, Rational, Symbol, expand, harmonic, simplify, symbols

from theory import payoff, sampling, two_types
from theory.errors import InputError
from theory.symbols import c, delta, g, k, m, phi, q, s, t, u, y
from theory.value import game


def rationals(count: int, seed: int) -> list[Rational]:
    """Return random small rationals."""
    random = Random(seed)
    return [Rational(random.randint(-9, 9), random.randint(1, 6)) for _ in range(count)]


def average_over_orders(v: dict[frozenset[int], Expr], agent: int, n_agents: int) -> Expr:
    """Return the Shapley value as the mean contribution over all orders, a second definition."""
    orders = list(permutations(range(n_agents)))
    total = Integer(0)
    for order in orders:
        before = frozenset(order[: order.index(agent)])
        total += v[before | {agent}] - v[before]
    return total / len(orders)


def power_game(x: list[Rational], degree: int) -> dict[frozenset[int], Expr]:
    """Return S ↦ Y_S^p/|S|^(p-1)."""
    return game(x, u**degree, s)


@pytest.mark.parametrize("size", range(1, 6))
def test_shapley_value_is_the_mean_over_orders(size: int) -> None:
    v = game(rationals(size, size), "u**3 - 2*u", "s**2")
    assert payoff.shapley_value(v, range(size)) == {i: average_over_orders(v, i, size) for i in range(size)}


def test_shapley_value_takes_symbols_and_functions() -> None:
    a, b, both = symbols("a b both")
    worth = {frozenset(): Integer(0), frozenset("i"): a, frozenset("j"): b, frozenset("ij"): both}
    value = payoff.shapley_value(lambda S: worth[S], "ij")
    assert expand(value["i"] - (both + a - b) / 2) == 0
    assert expand(value["i"] + value["j"] - both) == 0


def test_aumann_dreze_value_is_efficient_in_each_coalition() -> None:
    x = rationals(6, 3)
    structure = [[4, 0, 2], [1, 5], [3]]
    paid = payoff.aumann_dreze_value(x, structure, "-(u**2 - 1)**2", "a", [1, 2, 3, 1, 1, 5])
    v = game(x, "-(u**2 - 1)**2", "a", [1, 2, 3, 1, 1, 5])
    for S in structure:
        assert sum(paid[i] for i in S) == v[frozenset(S)]


@pytest.mark.parametrize("size", range(1, 7))
def test_quadratic_value_is_the_shapley_value(size: int) -> None:
    for seed in range(3):
        x = rationals(size, 10 * size + seed)
        at = {y: x[0], t: sum(x[1:], Integer(0)), q: sum((v**2 for v in x[1:]), Integer(0)), k: Integer(size)}
        expected = payoff.shapley_value(power_game(x, 2), range(size))[0]
        assert sampling.quadratic_value().subs(at, simultaneous=True) == expected
        coefficients = sampling.quadratic_coefficients(size)
        assert sum(value * key.subs(at) for key, value in coefficients.items()) == expected


def test_quadratic_value_is_the_published_form() -> None:
    H = harmonic(k)
    stated = (
        y**2 * H
        + 2 * y * t * (k - H) / (k - 1)
        - q * (H - 1) / (k - 1)
        - (t**2 - q) * (k + 1 - 2 * H) / ((k - 1) * (k - 2))
    ) / k
    general = sampling.quadratic_value().args[-1][0]
    assert simplify(general - stated) == 0


@pytest.mark.parametrize("degree", range(6))
def test_polynomial_value_is_the_shapley_value(degree: int) -> None:
    for size in range(1, 7):
        x = rationals(size, 100 * degree + size)
        expected = payoff.shapley_value(power_game(x, degree), range(size))
        for i in (0, size - 1):
            assert sampling.polynomial_payoff(x, i, u**degree) == expected[i]


def test_polynomial_value_at_degree_nine() -> None:
    x = rationals(5, 9)
    assert sampling.polynomial_payoff(x, 2, u**9) == payoff.shapley_value(power_game(x, 9), range(5))[2]


def test_augmented_monomials_are_sums_over_distinct_agents() -> None:
    x = rationals(5, 7)
    for shape in [(), (3,), (1, 1), (2, 1), (2, 1, 1), (1, 1, 1, 1)]:
        expected = Integer(0)
        for chosen in permutations(range(5), len(shape)):
            term = Integer(1)
            for i, power in zip(chosen, shape, strict=True):
                term *= x[i] ** power
            expected += term
        assert sampling.augmented_monomial(shape, lambda e: sum(v**e for v in x)) == expected


def test_inclusion_probability_counts_subsets() -> None:
    from math import comb

    from theory.symbols import r

    for size, drawn, blocks in [(6, 3, 2), (5, 4, 3), (7, 0, 1)]:
        counted = Rational(comb(size - 1 - blocks, drawn - blocks) if drawn >= blocks else 0, comb(size - 1, drawn))
        assert sampling.inclusion_probability(blocks).subs({k: size, r: drawn}) == counted


@pytest.mark.parametrize("size", range(1, 6))
def test_two_type_value_for_any_performance_and_scale(size: int) -> None:
    entrant, *_ = payoff.aumann_dreze_value([c + delta] + [c] * size, [range(size + 1)], phi(u), g(s))
    assert expand(simplify(two_types.two_type_value(phi(u), g(s)).subs(m, size).doit() - entrant)) == 0


@pytest.mark.parametrize("scale", ["1/s", "log(s) + 1", "s + 2", "s**1.5"])
def test_two_type_value_where_the_scale_at_zero_is_not_zero(scale: str) -> None:
    entrant, *_ = payoff.aumann_dreze_value([c + delta, c, c], [range(3)], "u**2 + 1", scale)
    assert simplify(two_types.two_type_value("u**2 + 1", scale).subs(m, 2).doit() - entrant) == 0


@pytest.mark.parametrize("performance", ["-u**2", "-(u**2 - 1)**2", "u**5 - 3*u**3 + u", "2*u - 1"])
def test_polynomial_gain_by_definition(performance: str) -> None:
    for size in range(1, 5):
        joined = payoff.aumann_dreze_value([c + delta] + [c] * size, [range(size + 1)], performance)[0]
        stayed = payoff.aumann_dreze_value([c + delta] * 3, [range(3)], performance)[0]
        assert expand(two_types.polynomial_gain(performance).subs(m, size) - (joined - stayed)) == 0


def test_another_performance_function_is_another_answer() -> None:
    assert two_types.polynomial_gain("-u**2") != two_types.polynomial_gain("-u**4")
    assert two_types.two_type_value("exp(u)") != two_types.two_type_value("exp(2*u)")
    assert sampling.polynomial_payoff([0, 1, 3], 0, "u**2") != sampling.polynomial_payoff([0, 1, 3], 0, "u**3")


@pytest.mark.parametrize(
    "call",
    [
        lambda: payoff.shapley_value({frozenset(): Integer(1)}, []),
        lambda: payoff.shapley_value(lambda S: Integer(0), [1, 1]),
        lambda: payoff.shapley_value(lambda S: Integer(0), range(17)),
        lambda: payoff.aumann_dreze_value([0, 1], [[0]], u),
        lambda: payoff.aumann_dreze_value([0, float("nan")], [[0, 1]], u),
        lambda: payoff.aumann_dreze_value([0, 1], [[0, 1]], u, s, [1, -1]),
        lambda: sampling.polynomial_value(13),
        lambda: sampling.polynomial_value(True),
        lambda: sampling.polynomial_payoff([0, 1], 0, "exp(u)"),
        lambda: sampling.polynomial_payoff([0, 1], 2, "u"),
        lambda: two_types.polynomial_gain("exp(u)"),
        lambda: two_types.two_type_weight(-1),
        lambda: sampling.quadratic_coefficients(0),
    ],
)
def test_bad_input_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]


def test_symbols_stay_symbols() -> None:
    a, b = Symbol("x_1", real=True), Symbol("x_2", real=True)
    paid = payoff.aumann_dreze_value([a, b], [[0, 1]], phi(u))
    assert expand(paid[0] - (2 * phi(a / 2 + b / 2) + phi(a) - phi(b)) / 2) == 0
