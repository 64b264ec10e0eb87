"""Sums of squares: what they must prove, refute, and leave open; every certificate is multiplied out again."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Function, Integer, Poly, Rational, Symbol, expand, harmonic, symbols

from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.sums_of_squares import certify
from proofs_checks.recheck import check
from theory.errors import InputError

from .rules import holds

x, y, z, w = symbols("x y z w", real=True)
a, b, c = symbols("a b c", positive=True)
p, q, r = symbols("p q r", nonnegative=True)
m = Symbol("m", positive=True)
H = Symbol("H", real=True)
A, B = symbols("a1:4", real=True), symbols("b1:4", real=True)

MOTZKIN = x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1
ROBINSON = expand(
    x**6 + y**6 + z**6 + 3 * x**2 * y**2 * z**2
    - (x**4 * y**2 + x**2 * y**4 + x**4 * z**2 + x**2 * z**4 + y**4 * z**2 + y**2 * z**4)
)  # fmt: skip
SCHUR = p * (p - q) * (p - r) + q * (q - p) * (q - r) + r * (r - p) * (r - q)

TRUE = {
    "a square": (x**2 + y**2 - 2 * x * y, ">= 0", ()),
    "a number": (Integer(2), "> 0", ()),
    "zero": (x - x, ">= 0", ()),
    "Motzkin's form": (MOTZKIN, ">= 0", ()),
    "Robinson's form": (ROBINSON, ">= 0", ()),
    "Choi and Lam's form": (x**2 * y**2 + y**2 * z**2 + z**2 * x**2 + 1 - 4 * x * y * z, ">= 0", ()),
    "means of three": (p**3 + q**3 + r**3 - 3 * p * q * r, ">= 0", ()),
    "means of four": (x**4 + y**4 + z**4 + w**4 - 4 * x * y * z * w, ">= 0", ()),
    "Cauchy-Schwarz": (
        sum(s**2 for s in A) * sum(t**2 for t in B) - sum(s * t for s, t in zip(A, B, strict=True)) ** 2,
        ">= 0",
        (),
    ),
    "Schur's inequality": (SCHUR, ">= 0", ()),
    "Schur's inequality, positive": (SCHUR.subs({p: a, q: b, r: c}), ">= 0", ()),
    "weighted variance": (
        (a * x**2 + b * y**2 + c * z**2) / (a + b + c) - ((a * x + b * y + c * z) / (a + b + c)) ** 2,
        ">= 0",
        (),
    ),
    "superadditivity": (x**2 / a + y**2 / b - (x + y) ** 2 / (a + b), ">= 0", ()),
    "three coalitions": (x**2 / a + y**2 / b + z**2 / c - (x + y + z) ** 2 / (a + b + c), ">= 0", ()),
    "Nesbitt's inequality": (a / (b + c) + b / (a + c) + c / (a + b) - Rational(3, 2), ">= 0", ()),
    "positive": (x**2 - x * y + y**2 + 1, "> 0", ()),
    "positive in positive names": (a**2 - a * b + b**2, "> 0", ()),
    "a half-line": (x**2 - 1, ">= 0", (x >= 1,)),
    "a strict half-line": (x**2 - 1, "> 0", (x > 1,)),
    "a circle": (1 - x * y, "> 0", ((x**2 + y**2 - 1, "= 0"),)),
    "a square of the plane": (x + y - x * y, ">= 0", (x >= 0, x <= 1, y >= 0, y <= 1)),
    "what an incumbent gains": (H - 1, ">= 0", (("H is large", H - 2 * m / (m + 1), ">= 0"), m >= 1)),
    "what a mover gains": (1 - H / (m + 1), ">= 0", (m + 1 >= H,)),
    "irrational zeros": ((x**2 - 2) ** 2 + (x * y - 1) ** 2, ">= 0", ()),
    "unknown numbers": (harmonic(m + 1) ** 2 - 2 * harmonic(m + 1) + 1, ">= 0", ()),
}

FALSE = {
    "one more": (x**2 + y**2 - 3 * x * y, ">= 0", ()),
    "a little less": (x**2 - x + Rational(1, 5), ">= 0", ()),
    "not strict": (x**2 + y**2 - 2 * x * y, "> 0", ()),
    "Motzkin's form with 4": (MOTZKIN - x**2 * y**2, ">= 0", ()),
    "Schur with 4": (SCHUR - p * q * r, ">= 0", ()),
    "the hypothesis is needed": (x**2 - 1, ">= 0", (x >= 0,)),
    "sizes are no sizes": (x**2 / a + y**2 / b - 2 * (x + y) ** 2 / (a + b), ">= 0", ()),
    "zero": (x - x, "> 0", ()),
    "a circle": (1 - 2 * x * y, "> 0", ((x**2 + y**2 - 2, "= 0"),)),
    "a number": (Integer(-1), ">= 0", ()),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_inequalities_are_proved_by_certificates_that_multiply_out(name):
    conclusion, relation, hypotheses = TRUE[name]
    found = certify(conclusion, relation, hypotheses)
    assert found.outcome == "proved", found.note
    assert holds(found.certificate)
    assert found.seconds < 5


# Schur's inequality on the closed orthant needs continuity under hypotheses, which are only the signs of names
@pytest.mark.parametrize("name", [name for name in TRUE if name != "Schur's inequality"])
def test_the_program_that_checks_certificates_by_itself_accepts_them(name):
    conclusion, relation, hypotheses = TRUE[name]
    assert check(certify(conclusion, relation, hypotheses).certificate)


@pytest.mark.parametrize("name", FALSE)
def test_false_ones_are_refuted_at_rational_points(name):
    conclusion, relation, hypotheses = FALSE[name]
    found = certify(conclusion, relation, hypotheses)
    assert found.refuted, found.note
    symbols_of = {str(s): s for s in conclusion.free_symbols}
    value = conclusion.subs({symbols_of[name]: v for name, v in found.counterexample.items() if name in symbols_of})
    assert value < 0 if relation == ">= 0" else value <= 0


def test_a_damaged_certificate_does_not_hold():
    certificate = certify(MOTZKIN).certificate
    assert holds(certificate)
    for damage in (
        {"conclusion": certificate["conclusion"] + " - 1"},
        {"multiplier": "1"},
        {"terms": certificate["terms"][1:]},
        {"relation": "> 0"},
    ):
        assert not holds(certificate | damage)


def test_a_multiplier_may_be_given():
    found = certify(MOTZKIN, multiplier=x**2 + y**2)
    assert found.certificate["multiplier"] == "x**2 + y**2"
    assert holds(found.certificate)
    assert not certify(MOTZKIN, multiplier=Integer(1)).proved  # it is no sum of squares itself


def test_what_is_open_says_why():
    found = certify(x**4 * y**2 + 1 - x * y**3 + Function("f")(x) * x, degree=6)
    assert found.outcome == "gave up"
    assert "degree" in found.note
    assert "sign of the denominator" in certify(1 / (x - y)).note
    assert certify(x * Function("f")(y)).outcome == "gave up"  # f is unknown: no point refutes


def test_hypotheses_that_contradict_each_other_refute_nothing():
    found = certify(-(x**2) - 1, ">= 0", [x >= 1, x <= 0])
    assert not found.refuted


def test_a_counterexample_satisfies_what_symbols_assume():
    n = Symbol("n", integer=True)
    found = certify(n**2 - n)  # negative between 0 and 1 only
    assert found.outcome == "gave up"
    assert certify(x**2 - x).counterexample == {"x": Rational(1, 2)}


def test_time_runs_out_and_says_so():
    names = symbols("t1:9", positive=True)
    hard = sum(s**3 for s in names) - 3 * names[0] * names[1] * names[2] + (names[3] - names[4]) ** 2 * names[5]
    start = time.perf_counter()
    found = certify(hard, seconds=0.01)
    assert found.outcome == "gave up"
    assert "out of time after" in found.note
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"conclusion": x, "relation": "= 0"}, "relation"),
        ({"conclusion": x, "degree": -1}, "degree"),
        ({"conclusion": x, "seconds": 0}, "seconds"),
        ({"conclusion": "x**2"}, "conclusion"),
        ({"conclusion": 0.5 * x}, "conclusion"),
        ({"conclusion": x, "given": [x]}, "given"),
        ({"conclusion": x, "given": [(x, "<= 0")]}, "given"),
        ({"conclusion": x, "signs": {"x": "negative"}}, "signs"),
        ({"conclusion": x**2, "multiplier": y**2}, "multiplier"),
        ({"conclusion": x**2, "multiplier": x - 1}, "multiplier"),
        ({"conclusion": x + Symbol("x", positive=True)}, "conclusion"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(InputError) as caught:
        certify(**arguments)
    assert str(caught.value).startswith(message)


coefficients = st.integers(-3, 3)


def test_sums_of_random_squares_are_proved_but_for_a_few():
    """Those whose rational Gram matrices all lie on an irrational face are left open, never refuted."""
    rng, proved, monomials = random.Random(0), 0, [1, x, y, x**2, x * y, y**2]
    for _ in range(40):
        rows = [[rng.randint(-3, 3) * (rng.random() < 0.6) for _ in monomials] for _ in range(rng.randint(1, 3))]
        target = expand(sum(sum(e * f for e, f in zip(row, monomials, strict=True)) ** 2 for row in rows))
        found = certify(target)
        assert not found.refuted
        assert found.proved or "could not be rounded" in found.note
        proved += found.proved and holds(found.certificate)
    assert proved >= 36


@settings(deadline=None, database=None, max_examples=60)
@given(st.lists(coefficients, min_size=5, max_size=5))
def test_in_one_variable_nothing_false_is_proved_and_nothing_true_refuted(row):
    target = Poly(row, x)
    found = certify(target.as_expr())
    crosses = any(k % 2 and factor.count_roots() for factor, k in target.sqf_list()[1])
    if found.proved:
        assert not crosses
        assert target.eval(0) >= 0
        assert holds(found.certificate)
    if found.refuted:
        assert target.eval(found.counterexample.get("x", 0)) < 0


def test_an_attempt_needs_a_reason():
    with pytest.raises(InputError):
        Attempt("rung", "gave up")
    with pytest.raises(InputError):
        Attempt("rung", "refuted")
    with pytest.raises(InputError):
        Attempt("rung", "perhaps", note="?")
    assert certify(x**2).to_dict()["tools"]["python-flint"]
