"""Terms of polynomials against sympy's own expansion, and giving up at once."""

import random

import pytest
from sympy import Poly, PolynomialError, Rational, pi, sqrt

from numerics.terms import terms_of
from theory.expressions import parse_performance
from theory.symbols import coordinates

from ..timing import quickest

ATOMS = ["u1", "u2", "u3", "0.3", "2", "1/7", "(u1 + u2)", "(u3 - 2)"]


def expression(chance, depth):
    if depth == 0:
        return chance.choice(ATOMS)
    left, right = expression(chance, depth - 1), expression(chance, depth - 1)
    forms = [f"({left} + {right})", f"({left} - {right})", f"({left} * {right})", f"({left})**2", f"({left})/3"]
    return chance.choice([*forms, f"tanh({left})", f"abs({left})", f"sqrt({left})"])


def by_sympy(phi, variables):
    try:
        poly = Poly(phi, *variables)
    except PolynomialError:
        return None
    return {
        tuple(i for i, power in enumerate(powers) for _ in range(power)): value
        for powers, value in poly.as_dict().items()
    }


def test_against_sympy():
    chance, variables, polynomials, others = random.Random(0), coordinates(3), 0, 0
    for _ in range(200):
        try:
            phi = parse_performance(expression(chance, chance.randint(1, 3)), dimension=3)
        except ValueError:  # the root of a negative number
            continue
        found, expected = terms_of(phi, variables), by_sympy(phi, variables)
        polynomials += expected is not None
        others += expected is None
        if expected is not None and any(not value.is_Rational for value in expected.values()):
            assert found.keys() == expected.keys()
            assert all(abs(found[key] - expected[key]) < 1e-12 for key in found)
        else:
            assert found == expected
    assert polynomials > 80
    assert others > 15


def test_no_coefficient_is_zero():
    u = coordinates(1)[0]
    assert terms_of((u + 1) ** 2 - u**2 - 2 * u, (u,)) == {(): 1}
    assert terms_of(u * 0, (u,)) == {}


def test_constants_that_are_not_rational_are_near():
    u = coordinates(1)[0]
    terms = terms_of((u * sqrt(2) + pi) ** 2, (u,))
    assert all(value.is_Rational for value in terms.values())
    for present, exact in (((0, 0), 2), ((0,), 2 * sqrt(2) * pi), ((), pi**2)):
        assert abs((terms[present] - exact).evalf(120)) < Rational(1, 10**95)


def test_constants_that_cancel_are_not_taken_for_a_coefficient():
    """(1 + √2)² - 2√2 - 3 = 0 is no matter of digits."""
    u = coordinates(1)[0]
    assert terms_of(((1 + sqrt(2)) ** 2 - 2 * sqrt(2) - 3) * u**3 + u, (u,)) is None


@pytest.mark.parametrize(("power", "gives_up"), [(2, False), (3, True), (4, True), (32, True)])
def test_what_expands_to_too_much_is_given_up_at_once(power, gives_up):
    variables = coordinates(64)
    phi = sum(variables) ** power
    assert (terms_of(phi, variables) is None) == gives_up
    assert quickest(lambda: terms_of(phi, variables)) < 0.5
