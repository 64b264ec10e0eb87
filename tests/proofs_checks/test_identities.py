"""Identities, signs by coefficients, shifts by hypotheses, and induction in harmonic numbers."""

import time

import pytest
from sympy import Integer, Symbol, harmonic, symbols

from proofs_checks.ladder import identities, induction, shifts
from proofs_checks.ladder.rungs import guarded, prove, proved
from proofs_checks.recheck import check

x, y, z = symbols("x y z", real=True)
s, t = symbols("s t", positive=True)
m, n = symbols("m n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("conclusion", "relation", "given"),
    [
        ((x + y) ** 2 - x**2 - 2 * x * y - y**2, "= 0", []),
        (1 / s - 1 / (s + t) - t / (s * (s + t)), "= 0", []),
        (x**3 - y**3, "= 0", [("x = y", x - y, "= 0")]),
        ((x - 2) * y + (2 - x) / s, "= 0", [("y = 1/s", y - 1 / s, "= 0")]),
        (s / t + 1, "> 0", []),
        (x**2 * s, ">= 0", []),
        (1 / (x - 1), "> 0", [("x > 1", x - 1, "> 0")]),
        (z**2 - x**2, ">= 0", [("x >= 0", x, ">= 0"), ("x <= y", y - x, ">= 0"), ("y <= z", z - y, ">= 0")]),
        ((x - 1) * (x - 2) * s, "> 0", [("x > 2", x - 2, "> 0")]),
        (6 - x - 2 * y, ">= 0", [("x <= 2", 2 - x, ">= 0"), ("y <= 2", 2 - y, ">= 0")]),
    ],
)
def test_proves_with_a_certificate_that_others_can_check(conclusion, relation, given):
    attempt = identities.certify(conclusion, relation, given)
    assert attempt.proved
    assert attempt.certificate is not None
    assert sum(check(attempt.certificate).values()) >= 1


@pytest.mark.parametrize(
    ("conclusion", "relation", "given"),
    [
        (x * y, "= 0", []),
        (x - y, "= 0", [("x² = y²", x**2 - y**2, "= 0")]),
        (x, ">= 0", []),
        (x**2, "> 0", []),  # x = 0
        (s - t, ">= 0", []),
        (1 / x, "> 0", [("x >= 0", x, ">= 0")]),  # x = 0 has no value, so "> 0" does not follow by coefficients
        (x - 2, "> 0", [("x >= 2", x - 2, ">= 0")]),
        (x**2 - 4, ">= 0", [("x <= 2", 2 - x, ">= 0")]),
        (x, ">= 0", [("x y = 1", x * y - 1, "= 0")]),
    ],
)
def test_gives_up_on_what_does_not_follow(conclusion, relation, given):
    attempt = identities.certify(conclusion, relation, given)
    assert attempt.outcome == "gave up"
    assert attempt.note


def test_a_changed_certificate_does_not_hold():
    found = shifts.by_shifts(x**2 - 4, ">= 0", [("x >= 2", x - 2, ">= 0")], time.perf_counter() + 2)
    assert found is not None
    assert shifts.holds(found)
    for change in (
        {"conclusion": "x**2 - 5"},
        {"multiplier": "2"},
        {"terms": found["terms"][:1]},
        {"given": [{**found["given"][0], "expression": "x - 1"}]},
        {"terms": [{**found["terms"][0], "weight": "-1"}, *found["terms"][1:]]},
    ):
        assert not shifts.holds({**found, **change})


INDUCTIONS = [
    (m - harmonic(m), ">= 0", 1),
    (harmonic(m) - 1, ">= 0", 1),
    (1 - harmonic(m + 1) / (m + 1), "> 0", 1),
    (harmonic(m + 1) / (m + 1) - harmonic(m + 2) / (m + 2), ">= 0", 1),
    (harmonic(2 * m) - harmonic(m) - Integer(1) / 2, ">= 0", 1),
    (2 - 1 / m - harmonic(m, 2), ">= 0", 1),
    (m - 1 - harmonic(m), ">= 0", 3),
    (harmonic(m) + harmonic(n) - harmonic(m + n), ">= 0", 1),
    (x**2 * (1 - harmonic(m + 1) / (m + 1)), ">= 0", 1),
    (harmonic(m + 1) - harmonic(m) - 1 / (m + 1), "= 0", 1),
]


def prover(e, relation, given):
    return proved(e, relation, given, 3.0)


@pytest.mark.parametrize(("conclusion", "relation", "least"), INDUCTIONS)
def test_induction_proves(conclusion, relation, least):
    attempt = induction.by_induction(conclusion, relation, [], m, least, prover)
    assert attempt.proved, attempt.note
    assert attempt.certificate is not None
    assert check(attempt.certificate)["combination"] >= 1


@pytest.mark.parametrize(
    ("conclusion", "relation", "least", "why"),
    [
        (m - 1 - harmonic(m), ">= 0", 1, "base case"),  # true from 3 on
        (4 - harmonic(m), ">= 0", 1, "step"),  # true up to 30
        (harmonic(m) - harmonic(2 * m) + Integer(7) / 10, "> 0", 1, "step"),  # true, but needs a stronger claim
        (1 / (m - 3), "<= 1", 1, "vanish"),
        (harmonic(m * n), ">= 0", 1, "integer steps"),
    ],
)
def test_induction_gives_up_and_says_where(conclusion, relation, least, why):
    relation = ">= 0" if relation == "<= 1" else relation
    attempt = induction.by_induction(conclusion, relation, [], m, least, prover)
    assert attempt.outcome == "gave up"
    assert why in attempt.note


def test_induction_needs_hypotheses_that_do_not_change():
    attempt = induction.by_induction(m - harmonic(m), ">= 0", [("m <= 10", 10 - m, ">= 0")], m, 1, prover)
    assert attempt.outcome == "gave up"
    assert "mentions m" in attempt.note


def test_the_bounds_of_harmonic_numbers_are_proved_and_true():
    for order in (1, 2, 3):
        assert check(induction.bounds(order))["combination"] >= 2
        for _, e, relation in induction.facts(n, order):
            assert relation == ">= 0"
            for size in range(1, 30):
                assert e.subs({induction.symbol_of(n, order): harmonic(size, order), n: size}) >= 0


def test_a_step_from_the_wrong_recurrence_is_not_proved():
    h = induction.symbol_of(m, 1)
    right = induction._step(m - h, {m: m + 1, h: h + 1 / (m + 1)}, ">= 0", [], prover)
    wrong = induction._step(m - h, {m: m + 1, h: h + 2}, ">= 0", [], prover)
    assert right is not None
    assert wrong is None


def test_equations_are_proved_from_both_sides():
    attempts = list(prove(x - y, "= 0", [("x <= y", y - x, ">= 0"), ("y <= x", x - y, ">= 0")], 5.0))
    assert attempts[-1].proved
    assert check(attempts[-1].certificate)


def test_a_rung_that_breaks_has_given_up():
    attempt = guarded("broken", lambda: [][1])
    assert attempt.outcome == "gave up"
    assert "IndexError" in attempt.note


def test_a_shift_uses_a_name_only_with_its_sign():
    q = Symbol("q", nonnegative=True)
    assert identities.certify(q + 1, "> 0").proved
    assert not identities.certify(q, "> 0").proved
    assert identities.certify(s, "> 0").proved
