"""Comparisons of what `theory` derives: that they are about claims, can fail, and rest on exact functions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import prod

import pytest
from sympy import Expr, Integer, Rational, Symbol, sqrt

from proofs_checks.check import run
from proofs_checks.derivations import DERIVATIONS, checks_of
from proofs_checks.derivations import elementary as el
from proofs_checks.derivations.compare import compared, number, rational, written_out
from theory.claims import LEDGER

CLOSE = Fraction(1, 10**60)
POINTS = [Fraction(x) for x in ("1/7", 1, "5/3", 4, "-2/3", -6)]


def test_comparisons_belong_to_claims_and_are_named_apart() -> None:
    assert set(DERIVATIONS) <= set(LEDGER)
    for label in DERIVATIONS:
        names = [check.what for check in checks_of(label)]
        assert names
        assert len(set(names)) == len(names)
    assert checks_of("V1") == ()


@pytest.mark.parametrize("label", ["S2", "S14", "T1", "V4"])
def test_comparisons_hold(label: str) -> None:
    assert [evidence.what for check in checks_of(label) if not (evidence := run(check)).holds] == []


def _damaged(function: Callable[..., Expr]) -> Callable[..., Expr]:
    return lambda *given: 2 * function(*given)


@pytest.mark.parametrize(
    ("label", "module", "name"),
    [
        ("S14", "theory.lyapunov", "fragility_radius"),
        ("S9", "theory.gain", "incumbents_gain"),
        ("V5", "theory.two_types", "two_type_value"),
        ("T2", "theory.consensus", "spread"),
        ("S13", "theory.size_game", "size_gain"),
    ],
)
def test_twice_a_derived_value_is_refuted(monkeypatch: pytest.MonkeyPatch, label: str, module: str, name: str) -> None:
    from importlib import import_module

    monkeypatch.setattr(import_module(module), name, _damaged(getattr(import_module(module), name)))
    refuted = [check.what for check in checks_of(label) if name in check.what and run(check).counterexample]
    assert refuted


def test_elementary_functions_satisfy_their_equations() -> None:
    for x in POINTS:
        assert abs(el.exp(x) * el.exp(-x) - 1) < CLOSE
        assert abs(el.sin(x) ** 2 + el.cos(x) ** 2 - 1) < CLOSE
        assert abs(el.sin(2 * x) - 2 * el.sin(x) * el.cos(x)) < CLOSE
        assert abs(el.tanh(2 * x) * (1 + el.tanh(x) ** 2) - 2 * el.tanh(x)) < CLOSE
        if x > 0:
            assert abs(el.exp(el.log(x)) - x) < CLOSE
            assert abs(el.sqrt(x) ** 2 - x) < CLOSE
            assert abs(el.power(x, Fraction(2, 3)) ** 3 - x**2) < 100 * CLOSE
    assert float(el.log(Fraction(10))) == pytest.approx(2.302585092994046, abs=1e-15)


def test_a_comparison_fails_at_its_first_difference() -> None:
    check = compared(
        "squares", "n < 5", lambda: range(5), lambda n: n * n, lambda n: prod([n] * 2) + (n == 3), show=str
    )
    assert run(check).counterexample == "3: theory says 9, brute force 10"


def test_numbers() -> None:
    assert number(Rational(-2, 3)) == Fraction(-2, 3)
    assert rational(Fraction(-2, 3)) == Rational(-2, 3)
    with pytest.raises(ArithmeticError):
        number(sqrt(2))
    j = Symbol("j", integer=True)
    from sympy import Sum

    assert written_out(Sum(j**2, (j, 1, Integer(3))) + 1) == 15
