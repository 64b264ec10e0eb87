"""Curvature against dense sampling."""

from __future__ import annotations

import pytest
from sympy import Expr, Rational, diff, exp, lambdify, oo, pi, simplify, sin, sqrt

from theory.errors import InputError
from theory.expressions import parse_performance
from theory.performance import DOUBLE_WELL, GAUSSIAN, QUADRATIC, STANDARD, curvature
from theory.symbols import b, sigma, theta, u

FUNCTIONS = [
    ("-u**2", -3, 2),
    ("-(u**2 - 1)**2", -1.5, 1),
    ("u**7 - u**5 + u**2/3", -1, 1.25),
    ("(u - 0.3)**14*(u + 0.7)**12", -1, 1),
    ("exp(-(u - 0.2)**2/2)", -1, 3),
    ("exp(sin(u))*tanh(u)", -2, 2),
    ("1/(u**2 - u + 1)", -3, 3),
    ("log(1 + u**2)", -5, 5),
    ("sqrt(u)*cos(u)", 0.5, 2),
    ("u**3.5 - u**2.5", 0.125, 1),
    ("tanh(10*u) + sin(3*u)/pi", -5, 5),
    ("exp(-abs(u))", 0.5, 1),
    ("abs(u - 2)*u", -1, 1),
    ("exp(-u**2) - exp(-(u - 1)**2)", -5, 5),
]


@pytest.mark.parametrize(("text", "lo", "hi"), FUNCTIONS)
def test_curvature_against_dense_sampling(text: str, lo: float, hi: float) -> None:
    found = curvature(text, lo, hi)
    second = lambdify(u, diff(parse_performance(text), u, 2), [{"DiracDelta": lambda x: 0}, "math"])
    count = 20_000
    samples = [second(lo + (hi - lo) * i / count) for i in range(count + 1)]
    size = max(map(abs, samples)) + 1e-300
    assert -float(found.L) <= min(samples) + 1e-9 * size  # a bound
    assert -float(found.ell) >= max(samples) - 1e-9 * size
    assert -float(found.L) >= min(samples) - 2e-5 * size  # and close to it: samples are 1e-4 apart
    assert -float(found.ell) <= max(samples) + 2e-5 * size


def test_exact_curvature() -> None:
    assert curvature(QUADRATIC).exact
    assert (curvature(QUADRATIC).L, curvature(QUADRATIC).ell) == (2, 2)
    assert curvature(b + u * theta).L == 0
    double_well = curvature(DOUBLE_WELL)
    assert (double_well.L, double_well.ell) == (oo, -4)
    assert curvature("u**12 - u").L == 0
    assert curvature("u**3", 1, 2).L == -6
    assert Rational(1, 5) == curvature(-0.1 * u**2).L
    assert 2 * pi == curvature(-pi * u**2).L
    assert Rational(1, 4) == curvature("u**6/30 - u**4/12", -1, 1).L


def test_curvature_of_the_gaussian() -> None:
    found = curvature(GAUSSIAN)
    assert found.exact
    assert simplify(found.L - 1 / sigma**2) == 0
    assert simplify(found.ell + 2 * exp(Rational(-3, 2)) / sigma**2) == 0
    near = curvature(exp(-(u**2) / 2), Rational(-1, 2), Rational(1, 2))
    assert simplify(near.ell - Rational(3, 4) * exp(Rational(-1, 8))) == 0


def test_a_gaussian_is_as_curved_wherever_its_centre_is() -> None:
    centred = curvature(parse_performance("exp(-u**2/2)"))
    for text in ("exp(-(u - 1)**2/2)", "exp(-(u + 2/7)**2/2)"):
        moved = curvature(parse_performance(text))
        assert (moved.L, moved.ell, moved.exact) == (centred.L, centred.ell, True)


def test_exact_and_enclosed_agree() -> None:
    from theory.intervals import enclose_range

    for phi, lo, hi in [(DOUBLE_WELL, -1, 1), (exp(-(u**2) / 2), -1, 3), (u**7 - u**5, -1, 1)]:
        exact = curvature(phi, lo, hi)
        least, greatest = enclose_range(phi, Rational(lo), Rational(hi))
        assert 0 <= float(-exact.L - least) < 1e-6
        assert 0 <= float(greatest + exact.ell) < 1e-5


def test_changing_the_function_changes_the_curvature() -> None:
    assert curvature("-u**2").L != curvature("-2*u**2").L
    assert len({str(phi) for phi in STANDARD.values()}) == 3


@pytest.mark.parametrize(
    ("phi", "lo", "hi"),
    [
        ("-abs(u)", -1, 1),
        ("-abs(u)", -oo, oo),
        ("abs(u**2 - 0.3)", 0, 1),
        ("sqrt(u)", 0, 1),
        ("u**1.5", 0, 1),
        ("log(u)", 0, 1),
        ("1/u", -1, 1),
        ("exp(exp(exp(u)))", 0, 5),
        ("exp(sin(u))", -oo, oo),
        ("exp(u)", -oo, oo - 0),
        ("theta*sin(u)", 0, 1),
        ("u**2", 1, 1),
        ("u**2", 2, 1),
        ("u**2", float("nan"), 1),
        (sin(u), 0, sqrt(-1)),
    ],
)
def test_refusals(phi: Expr | str, lo: float, hi: float) -> None:
    if phi == "exp(u)":
        assert curvature(phi, lo, hi).ell == -oo  # φ'' = exp(u), from 0 to oo
        return
    with pytest.raises(InputError):
        curvature(phi, lo, hi)
