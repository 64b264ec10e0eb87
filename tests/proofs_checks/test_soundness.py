"""The workbench under attack: statements that once were proved or refuted wrongly, or crashed it."""

import pytest
from sympy import Symbol

from proofs_checks.conjecture import conjecture
from proofs_checks.ladder import climbing
from proofs_checks.ladder.induction import symbol_of
from proofs_checks.verdict import Verdict
from theory.errors import InputError


@pytest.mark.parametrize(
    ("variables", "hypotheses", "conclusion"),
    [
        # different expressions under roots have different symbols
        ("x real", ["x == 2"], "sqrt(x + 1) == sqrt(x - 1)"),
        ("x y real", ["x == 3", "y == 5"], "sqrt(x*y) == sqrt(x/y)"),
        # instances of a finite range that exact evaluation does not reach
        ("m integer", ["1 <= m <= 3"], "sqrt(m) == 1"),
        ("m integer", ["9999 <= m <= 10005"], "H(m)*(10000 - m) >= 0"),
        # H(m + 1) is defined at m = -1, where H(m) is not
        ("m integer >= -1, x real", ["x**2 == 2", "m <= 0"], "(m + 1)*(1 + H(m + 1)**2)*x**2 != 0"),
        # no harmonic number is in these ranges
        ("m integer >= 1", ["H(m) == 1.7"], "H(m) >= 1.6"),
        ("m integer >= 1", ["1.5 < H(m) < 1.6"], "H(m) >= 1.4"),
    ],
)
def test_what_is_false_or_vacuous_is_never_proved(variables, hypotheses, conclusion):
    assert conjecture(variables, hypotheses, conclusion, seconds=3.0).verdict is not Verdict.PROVED


def test_distinct_harmonic_numbers_have_distinct_symbols():
    m, n = (Symbol(name, integer=True, positive=True) for name in "mn")
    arguments = [m * n, m + n, m - n, 2 * m, m**2, Symbol("m_n", integer=True), Symbol("m_times_n", integer=True)]
    assert len({str(symbol_of(argument, 1)) for argument in arguments}) == len(arguments)


@pytest.mark.parametrize("conclusion", ["x**2 + 1/x - 1/x > 0", "x**2/x != 0", "sqrt(x)**2 >= 0"])
def test_a_term_that_cancels_still_says_where_a_statement_is_defined(conclusion):
    found = conjecture("x real", [], conclusion, seconds=3.0)
    assert found.verdict is Verdict.PROVED, found.text()


def test_a_hypothesis_that_becomes_a_bound_keeps_its_domain():
    assert conjecture("x real", ["x + 1/x - 1/x >= 0"], "x > 0", seconds=3.0).verdict is Verdict.PROVED


def test_a_panic_of_a_solver_is_a_reason_to_give_up():
    found = conjecture("m n integer >= 1", [], "(2*m - 85)**2 + (n - 11)**2 >= 1", seconds=2)
    assert found.verdict is not Verdict.REFUTED


@pytest.mark.parametrize("statement", [("x real", [], "x**2 >= x"), ("x y real", [], "x**2 + y**2 >= 2*x*y")])
def test_what_the_checker_rejects_leaves_the_conjecture_open(monkeypatch, statement):
    monkeypatch.setattr(climbing, "rejected", lambda certificate: f"a {certificate['kind']} that does not hold")
    found = conjecture(*statement)
    assert found.verdict is Verdict.OPEN
    assert "its certificate does not hold" in found.reason
    assert found.certificate is None


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("x real, root_x nonnegative", ["x == 2"], "sqrt(x) == root_x"), "a name that proofs use"),
        (("m integer >= 1, H_m positive", ["H_m**2 == 2"], "H(m) == H_m"), "a name that proofs use"),
        (("x y real, s positive", [], 'worth("s*u", "1", [x, y]) >= s*x'), "unknown name 's'"),
        (("x y real", [], "y + sqrt(x**2*y) >= 0"), "splits into factors of unknown sign"),
    ],
)
def test_refuses_what_proofs_would_misread(arguments, problem):
    with pytest.raises(InputError) as refusal:
        conjecture(*arguments)
    assert problem in str(refusal.value)
