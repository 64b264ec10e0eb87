"""Closed forms of payoffs under uniform influence against the definition, in rational arithmetic."""

from collections import Counter
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from numerics.coefficients import polynomial_tables, quadratic_coefficients, quadratic_rows
from numerics.expressions import compile_performance
from numerics.kernels.closed_forms import polynomial_payoffs, quadratic_form_payoffs, quadratic_payoffs
from numerics.quadratic import quadratic_form
from theory import sampling, symbols
from theory.expressions import parse_performance

SETTINGS = settings(deadline=None, database=None, max_examples=40)
TOLERANCE = 2.0**-46
ALL_SIZES = np.arange(41)


@cache
def table(degree):
    return polynomial_tables(degree, ALL_SIZES)


def tables_for(degree):
    return table(min(d for d in (0, 1, 2, 4, 8, 12) if d >= degree))


def shapley(k, value):
    """Shapley value of the game on 0..k-1 by its definition, exactly."""
    worth = {frozenset(S): value(S) if S else Fraction(0) for s in range(k + 1) for S in combinations(range(k), s)}
    payoffs = []
    for i in range(k):
        others = [j for j in range(k) if j != i]
        total = Fraction(0)
        for s in range(k):
            gained = sum(worth[frozenset({*S, i})] - worth[frozenset(S)] for S in combinations(others, s))
            total += Fraction(gained) / (k * comb(k - 1, s))
        payoffs.append(total)
    return payoffs


def payoffs_by_counting(x, phi):
    """The same for integer opinions x and scale s: subsets of one size and one sum are worth the same."""
    k, found, phi = len(x), {}, cache(phi)  # most means come up with every agent left out
    for i in range(k):
        if x[i] not in found:
            subsets = Counter({(0, 0): 1})
            for j in (*range(i), *range(i + 1, k)):
                larger = Counter()
                for (s, total), ways in subsets.items():
                    larger[s + 1, total + x[j]] += ways
                subsets.update(larger)
            found[x[i]] = sum(
                Fraction(ways, k * comb(k - 1, s))
                * ((s + 1) * phi(Fraction(total + x[i], s + 1)) - (s * phi(Fraction(total, s)) if s else 0))
                for (s, total), ways in subsets.items()
            )
    return [found[value] for value in x]


def horner(coefficients, centre):
    """φ and the sum of the absolute values of its terms, exactly."""
    exact, at = [Fraction(float(a)) for a in coefficients], Fraction(float(centre))

    def phi(u):
        return sum(a * (u - at) ** p for p, a in enumerate(exact))

    def size(u):
        return sum(abs(a) * abs(u - at) ** p for p, a in enumerate(exact))

    return phi, size


def closed_form(x, coefficients, centre):
    x, out = np.array(x, dtype=float), np.empty(len(x))
    polynomial_payoffs(x, out, np.array(coefficients, dtype=float), centre, tables_for(len(coefficients) - 1), len(x))
    return out


def worst(found, expected):
    return max(abs(Fraction(float(f)) - e) for f, e in zip(found, expected, strict=True))


coefficient = st.floats(-8, 8).map(lambda a: round(a * 16) / 16)
polynomial = st.lists(coefficient, min_size=1, max_size=9)


# Polynomials


@SETTINGS
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=6), polynomial, st.floats(-2, 2))
def test_polynomial_payoffs_are_those_of_the_definition(x, coefficients, centre):
    phi, size = horner(coefficients, centre)
    exact = [Fraction(value) for value in x]
    expected = shapley(len(x), lambda S: len(S) * phi(sum(exact[i] for i in S) / len(S)))
    bound = Fraction(TOLERANCE) * len(x) * max(map(size, exact))
    assert worst(closed_form(x, coefficients, centre), expected) <= bound / 4


@SETTINGS
@given(
    st.lists(st.integers(-4, 4), min_size=2, max_size=10),
    st.integers(9, 12),
    st.sampled_from([0.0, 1.0, 100.0, -(10.0**6)]),
    st.sampled_from([1.0, 0.5, 2.0**-20]),
    st.data(),
)
def test_high_degrees_and_opinions_far_from_the_centre(whole, degree, shift, unit, data):
    coefficients = data.draw(st.lists(coefficient, min_size=degree + 1, max_size=degree + 1))
    phi, size = horner(coefficients, 0.25)
    x = [shift + unit * value for value in whole]
    expected = payoffs_by_counting(whole, lambda v: phi(Fraction(shift) + Fraction(unit) * v))
    bound = Fraction(TOLERANCE) * len(x) * max(size(Fraction(value)) for value in x)
    assert worst(closed_form(x, coefficients, 0.25), expected) <= bound / 4


@pytest.mark.parametrize("degree", [3, 4, 8, 12])
@pytest.mark.parametrize("k", [13, 20, 30])
def test_coalitions_beyond_the_reach_of_the_definition(degree, k):
    rng = np.random.default_rng(degree * k)
    for whole in (rng.integers(-5, 6, k), np.where(np.arange(k) < 3, 5, -5), np.arange(k) // 4):
        x = [int(value) for value in whole]
        coefficients = rng.normal(size=degree + 1)
        phi, size = horner(coefficients, 0.5)
        bound = Fraction(TOLERANCE) * k * max(size(Fraction(value)) for value in x)
        assert worst(closed_form(x, coefficients, 0.5), payoffs_by_counting(x, phi)) <= bound / 50


def test_payoffs_agree_with_the_symbolic_closed_form():
    x = [Rational(1, 2), Rational(-3, 4), Rational(2), Rational(0)]
    phi = parse_performance("u**5 - 2*u**3 + u - 7")
    compiled = compile_performance(phi)
    found = closed_form([float(value) for value in x], compiled.coefficients, compiled.centre)
    expected = [float(sampling.polynomial_payoff(x, i, phi)) for i in range(4)]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("degree", [2, 3, 4, 6])
def test_summands_add_up_to_the_closed_form(degree):
    """What the tables sum is what the theory puts in closed form."""
    counts = {(term.power, term.partition): term for term in sampling.polynomial_value(degree)}
    for own in range(degree + 1):
        for shape, ways in sampling.set_partitions_by_type(degree - own):
            summand = sampling.coefficient_summand(degree, own, len(shape))
            for size in (len(shape) + 1, 9):
                at_size = summand.subs(symbols.k, size)
                total = sum(at_size.subs(symbols.r, s) for s in range(0 if own else 1, size))
                closed = counts[own, shape].coefficient_at(size) if (own, shape) in counts else 0
                assert ways * total == closed


@pytest.mark.parametrize("partition", [(), (1,), (2, 1), (1, 1, 1), (3, 2, 2, 1), (2, 2, 1, 1, 1)])
def test_products_of_power_sums_are_sums_over_distinct_agents(partition):
    values = [2, -1, 3, 5, -2, 7]

    def distinct(members):
        if not partition:
            return 1
        total = 0
        for chosen in permutations(members, len(partition)):
            product = 1
            for value, exponent in zip(chosen, partition, strict=True):
                product *= value**exponent
            total += product
        return total

    def products(parts):
        product = 1
        for e in parts:
            product *= sum(value**e for value in values)
        return product

    assert sum(n * products(parts) for parts, n in sampling.power_sum_products(partition).items()) == distinct(values)
    of_others = sampling.products_of_others(partition)
    assert sum(n * values[0] ** own * products(parts) for (own, parts), n in of_others.items()) == distinct(values[1:])


def test_tables_of_a_few_sizes_are_rows_of_the_full_tables():
    sizes = np.array([40, 0, 1, 3, 3, 17])
    few = polynomial_tables(8, sizes)
    assert np.array_equal(few.rows, table(8).rows[sizes])
    assert not few.rows[1].any()


def test_tables_are_continued_beyond_the_first_chunk():
    """From there on terms are doubles; the quadratic has its own, harmonic, closed form to compare with."""
    sizes = np.array([2**14, 2**14 + 1, 10**5, 10**6])
    tables = polynomial_tables(2, sizes)
    places = {(power, tuple(parts)): i for i, (power, parts) in enumerate([(2, ()), (1, (1,)), (0, (2,)), (0, (1, 1))])}
    own, cross, others, pairs = quadratic_rows(sizes).T
    expected = {
        (2, ()): own - cross - others + pairs, (1, (1,)): (cross - 2 * pairs) * sizes,
        (0, (2,)): others * sizes, (0, (1, 1)): pairs * sizes.astype(float) ** 2,
    }  # fmt: skip
    for key, values in expected.items():
        np.testing.assert_allclose(tables.rows[:, places[key]], values, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("degree", [2, 4, 6])
def test_payoffs_of_a_million_add_up_to_the_value(degree):
    k = 10**6
    rng = np.random.default_rng(3)
    x, out = rng.normal(size=k) / 4, np.empty(k)
    coefficients = rng.normal(size=degree + 1)
    polynomial_payoffs(x, out, coefficients, 0.1, polynomial_tables(degree, np.array([k])), 0)
    mean = float(np.mean(x)) - 0.1
    value = k * np.polynomial.polynomial.polyval(mean, coefficients)
    size = np.polynomial.polynomial.polyval(np.abs(x - 0.1).max(), np.abs(coefficients))
    assert abs(np.sum(out) - value) <= TOLERANCE * k * size
    if degree == 2:
        again = np.empty(k)
        quadratic_payoffs(x, again, coefficients, 0.1, quadratic_rows(np.array([k]))[0])
        np.testing.assert_allclose(again, out, rtol=0, atol=TOLERANCE * size)


def test_payoffs_move_with_the_members():
    rng = np.random.default_rng(4)
    x, order = rng.normal(size=40), rng.permutation(40)
    coefficients = rng.normal(size=9)
    np.testing.assert_allclose(
        closed_form(x[order], coefficients, 0.0), closed_form(x, coefficients, 0.0)[order], rtol=1e-12
    )


def test_members_that_agree_are_paid_the_performance():
    coefficients = [1.0, -2.0, 0.5, 3.0, -1.0]
    found = closed_form([0.7] * 7, coefficients, 0.0)
    assert np.all(found == found[0])
    assert found[0] == pytest.approx(np.polynomial.polynomial.polyval(0.7, coefficients), rel=1e-15)


# Quadratics


@SETTINGS
@given(
    st.lists(st.integers(-12, 12), min_size=1, max_size=12),
    st.lists(coefficient, min_size=1, max_size=3),
    st.sampled_from([0.0, 3.5, -(10.0**6)]),
)
def test_quadratic_payoffs_are_those_of_the_definition(whole, coefficients, centre):
    x, out = np.array(whole) / 8, np.empty(len(whole))
    quadratic_payoffs(x, out, np.array(coefficients), centre, quadratic_coefficients(40)[:, len(x)])
    phi, size = horner(coefficients, centre)
    expected = payoffs_by_counting(whole, lambda v: phi(v / 8))
    bound = Fraction(TOLERANCE) * len(x) * max(size(Fraction(value)) for value in x)
    assert worst(out, expected) <= bound / 4


def test_quadratic_rows_are_columns_of_the_table():
    sizes = np.array([40, 1, 2, 0, 3])
    assert np.array_equal(quadratic_rows(sizes), quadratic_coefficients(40).T[sizes])


@SETTINGS
@given(st.integers(1, 6), st.integers(1, 4), st.data())
def test_quadratic_forms_are_paid_as_the_definition_says(k, d, data):
    number = st.integers(-32, 32)
    x = np.array(data.draw(st.lists(st.lists(number, min_size=d, max_size=d), min_size=k, max_size=k))) / 8.0
    half = np.array(data.draw(st.lists(st.lists(number, min_size=d, max_size=d), min_size=d, max_size=d))) / 16.0
    matrix, linear, constant = half + half.T, np.array(data.draw(st.lists(number, min_size=d, max_size=d))) / 4.0, 0.75
    out = np.empty(k)
    quadratic_form_payoffs(x, out, constant, linear, matrix, quadratic_rows(np.array([k]))[0])

    def phi(u, absolute=False):
        take = abs if absolute else (lambda value: value)
        total = take(Fraction(constant)) + sum(take(Fraction(b) * v) for b, v in zip(linear, u, strict=True))
        return total + sum(take(Fraction(matrix[i, j]) * u[i] * u[j]) for i in range(d) for j in range(d))

    exact = [[Fraction(value) for value in row] for row in x]
    expected = shapley(k, lambda S: len(S) * phi([sum(exact[i][axis] for i in S) / len(S) for axis in range(d)]))
    corner = [max(abs(row[axis]) for row in exact) for axis in range(d)]
    assert worst(out, expected) <= Fraction(TOLERANCE) * k * phi(corner, absolute=True) / 4


def test_quadratic_forms_of_many_members_add_up_and_turn_with_the_axes():
    rng = np.random.default_rng(5)
    k, d = 10**5, 3
    x, turn = rng.normal(size=(k, d)), np.linalg.qr(rng.normal(size=(d, d)))[0]
    half = rng.normal(size=(d, d))
    matrix, linear = half + half.T, rng.normal(size=d)
    row, out, turned = quadratic_rows(np.array([k]))[0], np.empty(k), np.empty(k)
    quadratic_form_payoffs(x, out, 1.5, linear, matrix, row)
    mean = x.mean(axis=0)
    assert np.sum(out) == pytest.approx(k * (1.5 + linear @ mean + mean @ matrix @ mean), rel=1e-10)
    quadratic_form_payoffs(x @ turn.T, turned, 1.5, turn @ linear, turn @ matrix @ turn.T, row)
    np.testing.assert_allclose(turned, out, rtol=1e-11, atol=1e-11)


def test_quadratic_form_in_one_dimension_is_the_quadratic():
    x = np.random.default_rng(6).normal(size=100)
    row, first, second = quadratic_rows(np.array([100]))[0], np.empty(100), np.empty(100)
    quadratic_payoffs(x, first, np.array([3.0, 1.0, -2.0]), 0.0, row)
    form = quadratic_form(parse_performance("3 + u - 2*u**2"))
    quadratic_form_payoffs(x[:, None], second, form.constant, form.linear, form.matrix, row)
    np.testing.assert_allclose(second, first, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize(
    ("text", "constant", "linear", "matrix"),
    [
        ("3 - (u1 - 2)**2 - u1*u2", -1, [4, 0], [[-1, -0.5], [-0.5, 0]]),
        ("u1 + 2*u2 + 5", 5, [1, 2], [[0, 0], [0, 0]]),
        ("7", 7, [0, 0], [[0, 0], [0, 0]]),
    ],
)
def test_quadratic_form_reads_an_expression(text, constant, linear, matrix):
    form = quadratic_form(parse_performance(text, dimension=2), 2)
    assert (form.constant, form.linear.tolist(), form.matrix.tolist()) == (constant, linear, matrix)


@pytest.mark.parametrize("text", ["u1**3", "exp(u1)", "u1**2*u2", "1/u2", "abs(u1)"])
def test_no_quadratic_form(text):
    assert quadratic_form(parse_performance(text, dimension=2), 2) is None
