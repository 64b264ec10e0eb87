"""Enclosures of roots and radii, and signs on intervals, against floating point and against each other."""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Integer, Matrix, Poly, Rational, chebyshevt, sin, symbols

from proofs_checks.ladder.enclosures import positive_on, real_roots, slem, spectral_radius
from theory.errors import InputError

from .rules import holds

x, y = symbols("x y", real=True)
HALF, THIRD = Rational(1, 2), Rational(1, 3)
JORDAN = [[0, 2, 1, 0], [1, 0, 0, 1], [0, 0, 0, 2], [0, 0, 1, 0]]  # √2 twice, -√2 twice, not diagonalisable


def ring(n):
    return [[THIRD if (i - j) % n in (0, 1, n - 1) else 0 for j in range(n)] for i in range(n)]


def cycle(n):
    return [[HALF if (j - i) % n in (0, 1) else 0 for j in range(n)] for i in range(n)]


@pytest.mark.parametrize(
    ("matrix", "radius"),
    [
        ([[1, 1], [1, 0]], (1 + 5**0.5) / 2),
        ([[1, 0], [0, 1]], 1),
        ([[0, 1], [1, 0]], 1),
        ([[0, 1], [0, 0]], 0),
        ([[0]], 0),
        ([[-2, 1], [0, 1]], 2),
        ([[0, -1], [1, 0]], 1),
        ([[1, -2, 0], [2, 1, 0], [0, 0, 1]], 5**0.5),
        (JORDAN, 2**0.5),
        (Matrix([[1, 2], [3, 4]]), (5 + 33**0.5) / 2),
    ],
)
def test_spectral_radii_are_enclosed_with_a_certificate(matrix, radius):
    found = spectral_radius(matrix)
    assert found.low - 1e-12 <= radius <= found.high + 1e-12
    assert 0 < found.high - found.low <= Rational(2, 2**40)
    assert holds(found.certificate)


@pytest.mark.parametrize(
    ("matrix", "value"),
    [
        (ring(5), (1 + 2 * np.cos(2 * np.pi / 5)) / 3),
        (ring(12), (1 + 2 * np.cos(2 * np.pi / 12)) / 3),
        (cycle(4), np.cos(np.pi / 4)),
        (cycle(6), np.cos(np.pi / 6)),
        ([[Rational(1, 4)] * 4] * 4, 0),
        ([[1]], 0),
        ([[0, 1], [1, 0]], 1),
        ([[1, 0], [0, 1]], 1),
    ],
)
def test_the_second_largest_modulus_is_enclosed(matrix, value):
    found = slem(matrix)
    assert found.low - 1e-12 <= value <= found.high + 1e-12
    if len(matrix) > 1:
        assert holds(found.certificate)


@pytest.mark.parametrize("n", [2, 3, 5, 8, 12])
@pytest.mark.parametrize("bits", [20, 200])
def test_random_stochastic_matrices(n, bits):
    rng = random.Random(n)
    rows = [[rng.randint(0, 9) + (i == j) for j in range(n)] for i in range(n)]
    matrix = [[Fraction(e, sum(row)) for e in row] for row in rows]
    found = slem(matrix, bits)
    value = sorted(abs(np.linalg.eigvals(np.array(matrix, dtype=float))))[-2]
    assert found.low - 1e-9 <= value <= found.high + 1e-9
    assert found.high - found.low <= Rational(2, 2**bits)
    assert holds(found.certificate)


def test_a_wrong_certificate_does_not_hold():
    certificate = spectral_radius([[1, 1], [1, 0]]).certificate
    assert holds(certificate)
    low, high = (Fraction(r) for r in certificate["radius"])
    assert not holds(certificate | {"radius": [str(high), str(high + 1)]})
    assert not holds(certificate | {"radius": [str(low - 1), str(low)]})
    assert not holds(certificate | {"matrix": [["1", "1"], ["1", "1"]]})
    assert not holds(certificate | {"polynomial": ["1", "-1", "-2"], "radius": ["1", "3"]})


def test_real_roots_with_multiplicities():
    found = real_roots((x**2 - 2) * (x - 3) ** 2 * (x**2 + 1))
    assert [root.multiplicity for root in found] == [1, 1, 2]
    assert found[2].low == found[2].high == 3
    for root, value in zip(found, (-(2**0.5), 2**0.5, 3), strict=True):
        assert root.low - 1e-12 <= value <= root.high + 1e-12
    assert real_roots(x**2 + 1) == []
    assert real_roots(Integer(3)) == []


def test_roots_that_are_near_are_told_apart():
    near = x**2 - 2 * (1 + Rational(1, 10**30))
    found = real_roots(near * (x**2 - 2), bits=8)
    assert len(found) == 4
    assert all(left.high < right.low for left, right in pairwise(found))


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(st.integers(-5, 5), min_size=1, max_size=6).filter(any))
def test_as_many_roots_as_sturm_counts(coefficients):
    p = Poly(coefficients, x)
    found = real_roots(p.as_expr())
    assert len(found) == p.count_roots()
    for root in found:
        at = p.eval(root.low) * p.eval(root.high)
        assert at == 0 if root.low == root.high else at != 0
        assert root.low == root.high or (at < 0) == bool(root.multiplicity % 2)


@pytest.mark.parametrize(
    ("polynomial", "low", "high", "relation"),
    [
        (x**2 + 1, -3, 3, "> 0"),
        (x**2 - 2, Rational(3, 2), 3, "> 0"),
        ((x**2 - 2) ** 2, 1, 2, ">= 0"),
        ((x - 1) ** 2 * (x + 1) * (3 - x), -1, 3, ">= 0"),
        ((x - 1) ** 2 + Rational(1, 10**4), 0, 2, "> 0"),
        ((x + 5) ** 2 * (x + 6), 0, 1, "> 0"),
        (x * (1 - x), 0, 1, ">= 0"),
        (x**5, 0, 1, ">= 0"),
        (x**10 - x + 1, -2, 2, "> 0"),
        (chebyshevt(8, x) + 1, -1, 1, ">= 0"),
        (chebyshevt(8, x) + Rational(1001, 1000), -1, 1, "> 0"),
        (x**2 - 3 * x + 3, 0, None, "> 0"),
        (x**2 - 3 * x + 3, None, None, "> 0"),
        (Integer(2), 0, 1, "> 0"),
    ],
)
def test_positive_polynomials_are_certified(polynomial, low, high, relation):
    found = positive_on(polynomial, low, high, relation)
    assert found.proved, found.note
    assert holds(found.certificate)


@pytest.mark.parametrize(
    ("polynomial", "low", "high", "relation"),
    [
        (x**2 - 2, 1, 2, ">= 0"),
        (x * (1 - x), 0, 1, "> 0"),
        (x**3 - 3 * x + 2, None, None, ">= 0"),
        ((x - THIRD) * (x - THIRD - Rational(1, 1000)), 0, 1, ">= 0"),
        (Integer(0), 0, 1, "> 0"),
        ((x - HALF) ** 2, 0, 1, "> 0"),
    ],
)
def test_others_are_refuted_inside_the_interval(polynomial, low, high, relation):
    found = positive_on(polynomial, low, high, relation)
    assert found.refuted
    (point,) = found.counterexample.values()
    assert low is None or low <= point
    assert high is None or point <= high
    value = polynomial.subs(x, point)
    assert value < 0 if relation == ">= 0" else value <= 0


def test_an_irrational_zero_is_said():
    found = positive_on((x**2 - 2) ** 2, 1, 2)
    assert found.outcome == "gave up"
    assert "irrational" in found.note
    assert positive_on(sin(x), 0, 1).outcome == "gave up"


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=6), st.integers(-2, 1), st.sampled_from([">= 0", "> 0"]))
def test_the_sign_is_decided(coefficients, low, relation):
    p, high = Poly(coefficients, x), low + 2
    found = positive_on(p.as_expr(), low, high, relation)
    if found.proved:
        assert holds(found.certificate)
    elif found.refuted:
        (point,) = found.counterexample.values()
        assert low <= point <= high
        assert p.eval(point) < 0 if relation == ">= 0" else p.eval(point) <= 0
    else:
        assert "irrational" in found.note


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spectral_radius([[1, 2]]), "matrix"),
        (lambda: spectral_radius([]), "matrix"),
        (lambda: spectral_radius(3), "matrix"),
        (lambda: spectral_radius([[0.5]]), "matrix"),
        (lambda: spectral_radius([[1]], bits=0), "bits"),
        (lambda: slem([[1, 1], [0, 1]]), "matrix"),
        (lambda: real_roots(x * y), "polynomial"),
        (lambda: real_roots(sin(x)), "polynomial"),
        (lambda: real_roots(Integer(0)), "polynomial"),
        (lambda: positive_on(x * y, 0, 1), "polynomial"),
        (lambda: positive_on(x, 1, 0), "high"),
        (lambda: positive_on(x, 0.5, 1), "low, high"),
        (lambda: positive_on(x, 0, 1, "= 0"), "relation"),
        (lambda: positive_on(x, 0, 1, seconds=0), "seconds"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(message)
