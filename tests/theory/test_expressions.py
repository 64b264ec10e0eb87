"""Expressions from users: what is read, what is refused, and that refusing costs nothing."""

import pytest
from sympy import Rational, exp, pi, sqrt, tanh

from theory.errors import InputError
from theory.expressions import parse_performance, parse_scale
from theory.symbols import a, gamma, s, theta, u

from ..timing import quickest


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 - (u - 1/3)**2", 3 - (u - Rational(1, 3)) ** 2),
        ("0.1", Rational(1, 10)),
        ("1e-3*u", u / 1000),
        ("-u**2", -(u**2)),
        (" exp(-u**2/(2*0.5**2)) ", exp(-2 * u**2)),
        ("tanh(pi*u)", tanh(pi * u)),
        ("sqrt(1 + u**2)", sqrt(1 + u**2)),
        ("(1 + u**2)**0.37", (1 + u**2) ** Rational(37, 100)),
        ("2", 2),
    ],
)
def test_reads_exactly(text, value):
    assert parse_performance(text) == value


def test_numbers_and_sympy_expressions_are_taken():
    assert parse_performance(0.25) == Rational(1, 4)
    assert parse_performance(-(u**2)) == -(u**2)
    assert parse_scale("s**1.5 + a") == s ** Rational(3, 2) + a


def test_parameters_only_where_asked_for():
    assert parse_performance("-(u - theta)**2", parameters=True) == -((u - theta) ** 2)
    assert parse_scale("s**gamma", parameters=True) == s**gamma
    with pytest.raises(InputError, match="unknown name"):
        parse_performance("-(u - theta)**2")


REFUSED = {
    "code": "__import__('os').system('x')",
    "tower": "9**9**9**9",
    "attribute": "u.real",
    "comparison": "u < 1",
    "lambda": "lambda: u",
    "list": "[u]",
    "string": "'u'",
    "boolean": "True",
    "complex": "1j*u",
    "statement": "u; u",
    "walrus": "(u := 1)",
    "empty": "",
    "open": "exp(u",
    "nul": "u\x00",
    "two arguments": "tanh(u, u)",
    "keyword": "exp(x=u)",
    "starred": "exp(*u)",
    "division by zero": "1/0",
    "hidden zero": "1/(u - u)",
    "imaginary": "sqrt(-1)",
    "pole": "log(0)",
    "variable exponent": "u**u",
    "degree": "((u + 1)**32)**32",
    "huge constant": "10**400",
    "huge literal": "1e400",
    "tower of exponentials": "exp(exp(exp(9**20)))",
    "product of large constants": "exp(600)*exp(600)*u",
    "power of a large constant": "exp(600)**32",
    "tiny literal": "1e-400",
    "floor division": "u//2",
    "matrix product": "u@u",
    "scale variable": "s",
    "unary chain": "-" * 900 + "u",
    "parentheses": "(" * 900 + "u" + ")" * 90,
    "10 MB of parentheses": "(" * 10_000_000,
    "10 MB of digits": "9" * 10_000_000,
    "many terms": "+".join("u" * 400),
}


def refusal(text):
    try:
        parse_performance(text)
    except InputError as error:
        return error
    raise AssertionError("not refused")


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refuses_at_once_naming_the_field_and_the_value(text):
    message = str(refusal(text))
    assert quickest(lambda: refusal(text)) < 0.25
    assert message.startswith("performance: ")
    assert ";" in message
    assert len(message) < 500


@pytest.mark.parametrize("value", [None, [1, 2], True, b"u", float("nan")])
def test_refuses_other_types(value):
    with pytest.raises(InputError, match="performance"):
        parse_performance(value)
