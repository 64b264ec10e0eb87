"""Solvers: what they decide, that each answer has a false twin, that time limits are kept and said."""

import time

import pytest
from sympy import Abs, Integer, Max, Min, Rational, Symbol, harmonic, sqrt, symbols

from proofs_checks.ladder import encoding, second_opinion, smt
from proofs_checks.ladder.induction import facts, symbol_of

x, y, z = symbols("x y z", real=True)
s, t = symbols("s t", positive=True)
m = Symbol("m", integer=True, positive=True)
k = Symbol("k", integer=True)
H = symbol_of(m, 1)

TRUE = [
    (-((x + y) ** 2) / (s + t) + x**2 / s + y**2 / t, ">= 0", []),
    (Abs(x) + Abs(y) - Abs(x + y), ">= 0", []),
    (Max(x, y, z) - (x + y + z) / 3, ">= 0", []),
    (x + y - Min(x, y) - Max(x, y), "= 0", []),
    (sqrt(x**2 + 1) - x, "> 0", []),
    (1 / sqrt(s) - 2 / (s + 1), ">= 0", []),
    (1 / x, "> 0", [("x >= 0", x, ">= 0")]),  # where it is defined
    (m**2 - m, ">= 0", []),
    (k**2 - k, ">= 0", []),  # false for real k
    (2 * k - 1, "!= 0", []),
    (x, "!= 0", [("x y = 1", x * y - 1, "= 0")]),
    (m + 1 - H, "> 0", facts(m, 1)),
]
FALSE = [
    (x**2 - x, ">= 0", []),
    (1 / x, "> 0", []),
    (x - x**2, ">= 0", [("x >= 0", x, ">= 0")]),
    (Abs(x + y) - Abs(x) - Abs(y), ">= 0", []),
    (Max(x, y) - x - y, ">= 0", [("x >= 0", x, ">= 0")]),
    (m**2 - 2 * m, ">= 0", []),
    (3 * k - 6, "!= 0", []),
    (x**2 - 2, "!= 0", []),  # at a square root
    (x, ">= 0", [("x**2 = 2", x**2 - 2, "= 0")]),
]


@pytest.mark.parametrize(("conclusion", "relation", "given"), TRUE)
def test_z3_proves_and_its_twin_is_false(conclusion, relation, given):
    attempt = smt.decide(conclusion, relation, given, seconds=5.0)
    assert attempt.proved, attempt.note
    assert attempt.certificate is None
    assert "came back sat" in attempt.note
    assert attempt.tools["z3"]


@pytest.mark.parametrize(("conclusion", "relation", "given"), FALSE)
def test_z3_refutes_at_a_point_that_fails_exactly(conclusion, relation, given):
    attempt = smt.decide(conclusion, relation, given, seconds=5.0)
    assert attempt.refuted, attempt.note
    assert smt.fails(attempt.counterexample, conclusion, relation, given)


@pytest.mark.skipif(not second_opinion.available(), reason="cvc5 is optional")
@pytest.mark.parametrize(("conclusion", "relation", "given"), TRUE[:4])
def test_cvc5_agrees(conclusion, relation, given):
    assert smt.decide(conclusion, relation, given, seconds=10.0, solver="cvc5").proved


@pytest.mark.skipif(not second_opinion.available(), reason="cvc5 is optional")
def test_cvc5_refutes_nothing_without_a_point():
    attempt = smt.decide(x**2 - x, ">= 0", seconds=10.0, solver="cvc5")
    assert attempt.outcome == "gave up"
    assert "no point" in attempt.note


def test_the_twin_is_built_from_a_point_that_violates_it():
    attempt = smt.decide(x**2 + 3, "> 0", seconds=5.0, point={"x": Rational(1, 2)})
    assert attempt.proved
    assert "> 13/4" in attempt.note


def test_a_twin_that_cannot_be_refuted_spoils_the_proof():
    contradiction = [("x > 1", x - 1, "> 0"), ("x < 1", 1 - x, "> 0")]
    attempt = smt.decide(x - 5, ">= 0", contradiction, seconds=5.0)  # unsat, for the wrong reason
    assert attempt.outcome == "gave up"
    assert "came back unsat" in attempt.note


def test_hypotheses_are_satisfiable_or_not():
    assert smt.satisfiable([("", x**2 - 2, "= 0")], [x]) == "sat"
    assert smt.satisfiable([("", x**2 + 1, "= 0")], [x]) == "unsat"
    assert smt.satisfiable([("", x, "= 0"), ("", 1 / x, "defined")], [x]) == "unsat"
    assert smt.satisfiable([("", 2 * k - 1, "= 0")], [k]) == "unsat"
    assert smt.satisfiable([("", s, "= 0")], [s]) == "unsat"


HARD_X, HARD_W = symbols("x0:8", real=True), symbols("w0:8", positive=True)
HARD = sum(a**2 / w for a, w in zip(HARD_X, HARD_W, strict=True)) - sum(HARD_X) ** 2 / sum(HARD_W)


@pytest.mark.parametrize("solver", ["z3", pytest.param("cvc5", marks=pytest.mark.skipif(
    not second_opinion.available(), reason="cvc5 is optional"))])  # fmt: skip
def test_a_time_limit_is_kept_and_said(solver):
    start = time.perf_counter()
    attempt = smt.decide(HARD, ">= 0", seconds=1.5, solver=solver)
    spent = time.perf_counter() - start
    assert attempt.outcome == "gave up"
    assert "gave no answer in" in attempt.note
    assert "limit 1.5 s" in attempt.note
    assert spent < 6.0  # on a busy machine; on a free one below 2.5


def test_exact_numbers_decide_not_floats():
    tiny = Rational(1, 10**40)
    assert smt.fails({"x": tiny}, -x, ">= 0", [])
    assert not smt.fails({"x": sqrt(2)}, x**2 - 2, "= 0", [])
    assert smt.fails({"x": sqrt(2)}, x**2 - 2, "!= 0", [])
    assert smt.fails({"x": sqrt(2)}, x**2 - 2 - tiny, ">= 0", [])
    assert not smt.fails({"x": Integer(0)}, 1 / x, "> 0", [])  # undefined
    assert not smt.fails({}, x, "> 0", [])
    assert not smt.fails({"k": Rational(1, 2)}, 2 * k - 1, "!= 0", [])
    assert not smt.admissible(s, Integer(0))


def test_the_encoding_clears_denominators_and_says_that_they_do_not_vanish():
    built = encoding.Encoding([x])
    built.require([("", 1 / x, ">= 0")])
    assert built.check([built.variables[x] == 0], 2.0, "z3")[0] == "unsat"
    assert built.check([built.variables[x] < 0], 2.0, "z3")[0] == "unsat"
    assert built.check([built.variables[x] > 0], 2.0, "z3")[0] == "sat"


def test_what_stands_for_a_harmonic_number_is_free_otherwise():
    attempt = smt.decide(H - Rational(3, 2), ">= 0", [*facts(m, 1), ("m >= 2", m - 2, ">= 0")], seconds=5.0)
    assert attempt.refuted  # the bounds do not give H_2 >= 3/2; at m = 2 it is false that this refutes anything
    assert harmonic(2) == Rational(3, 2)
