"""Compiled expressions against sympy's own evaluation."""

import numpy as np
import pytest
from sympy import lambdify

from numerics.expressions import compile_performance, compile_scale
from theory.expressions import parse_performance, parse_scale
from theory.symbols import a, s, u

U = np.array([-2.5, -1.0, -0.3, 0.2, 0.9, 1.7, 3.1])

EXPRESSIONS = [
    "3", "u", "-u", "3 - (u - 1/3)**2", "-(u**2 - 1)**2", "exp(-(u - 0.3)**2/(2*0.5**2))", "-exp(-u)",
    "sin(3*u) + cos(u)/2 - tanh(u)", "abs(u - 1) - u", "1/(1 + u**2)", "u/(1 + u**2)", "sqrt(1 + u**2)",
    "(1 + u**2)**0.37", "-2*u/(3 + u**2)", "exp(1)*u", "log(2 + u**2)*pi", "u**16 - u", "-(u - 1)*(u + 2)",
    "2/u", "u**(-3)", "1/(u*(1 + u**2))", "1e300*u", "exp(u) - exp(u)*u",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_program_and_polynomial_equal_sympy(text):
    expression = parse_performance(text)
    compiled = compile_performance(expression)
    expected = np.broadcast_to(lambdify(u, expression, "numpy")(U), U.shape)
    np.testing.assert_allclose(compiled.program(U), expected, rtol=1e-14)
    np.testing.assert_allclose(compiled(U), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("text", "degree"), [("3", 0), ("u", 1), ("-u**2", 2), ("u**12", 12), ("u**13", -1), ("sin(u)", -1)]
)
def test_polynomials_are_recognised_up_to_degree_12(text, degree):
    assert compile_performance(parse_performance(text)).degree == degree


def test_a_quadratic_far_from_zero_is_centred_at_its_vertex():
    phi = compile_performance(parse_performance("3 - (u - 1000)**2"))
    assert phi.centre == 1000.0
    assert phi(np.array([1000.0 + 2.0**-20]))[0] == 3.0 - 2.0**-40


def test_slope_is_the_derivative():
    phi = compile_performance(parse_performance("sin(u) - abs(u)"))
    np.testing.assert_allclose(phi.slope(U), np.cos(U) - np.sign(U), rtol=1e-14)


def test_values_that_are_not_finite_are_not_an_exception():
    assert np.isnan(compile_performance(parse_performance("log(u)"))(np.array([-1.0])))[0]
    assert np.isinf(compile_performance(parse_performance("exp(u)"))(np.array([1000.0])))[0]


def test_scale_in_two_variables():
    scale = compile_scale(parse_scale("s**1.5 + 2*a"))
    expected = lambdify([s, a], parse_scale("s**1.5 + 2*a"), "numpy")(np.array([1.0, 4.0]), np.array([2.0, 3.0]))
    np.testing.assert_allclose(scale(np.array([1.0, 4.0]), np.array([2.0, 3.0])), expected, rtol=1e-15)
