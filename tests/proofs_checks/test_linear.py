"""Linear programs, implications and combinations: exact certificates, or exact points."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, harmonic, symbols

from proofs_checks.ladder.combinations import combination
from proofs_checks.ladder.linear import certify, implied
from theory.errors import InputError

from .rules import holds

x, y, z = symbols("x y z", real=True)
a, b, c, d = symbols("a b c d", positive=True)
H = Symbol("H", real=True)
m = Symbol("m", positive=True)
SETTINGS = settings(deadline=None, database=None, max_examples=80)
numbers = st.integers(-3, 3)


def test_an_optimum_has_a_dual():
    found = certify([[1, 2], [2, 1]], [2, 2], [1, 1])
    assert found.certificate["sense"] == "optimal"
    assert found.certificate["x"] == ["2/3", "2/3"]
    assert holds(found.certificate)
    assert not holds(found.certificate | {"x": ["1", "1"]})
    assert not holds(found.certificate | {"y": ["1/2", "1/3"]})


def test_equations_may_have_negative_prices():
    found = certify([[1, 1], [1, -1]], [1, 0], [1, 2], [True, True])
    assert found.certificate["y"] == ["3/2", "-1/2"]
    assert holds(found.certificate)


def test_contradictions_are_certified():
    found = certify([[1], [-1]], [1, 0], [0])
    assert found.certificate["sense"] == "infeasible"
    assert holds(found.certificate)


def test_no_lower_bound_is_said():
    found = certify([[1, 0]], [1], [1, 1])
    assert found.outcome == "gave up"
    assert "-∞" in found.note


@SETTINGS
@given(st.data())
def test_random_programs_end_with_a_certificate_or_without_a_bound(data):
    n, rows = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    A = data.draw(st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=rows, max_size=rows))
    right = data.draw(st.lists(numbers.map(lambda k: Fraction(k, 2)), min_size=rows, max_size=rows))
    cost = data.draw(st.lists(numbers, min_size=n, max_size=n))
    equal = data.draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
    found = certify(A, right, cost, equal)
    if found.proved:
        assert holds(found.certificate)
    else:
        assert certify(A, right, [0] * n, equal).certificate["sense"] == "optimal"
        columns = [list(column) for column in zip(*A, strict=True)]  # no y with yᵀA = c, y ≥ 0 on inequalities
        signs = [[int(i == k) for i in range(rows)] for k in range(rows) if not equal[k]]
        dual = certify(columns + signs, [*cost, *[0] * len(signs)], [0] * rows, [True] * n + [False] * len(signs))
        assert dual.certificate["sense"] == "infeasible"


@pytest.mark.parametrize(
    ("conclusion", "relation", "hypotheses"),
    [
        (x + y - 2, ">= 0", [x >= 1, y >= 1]),
        (x + y - 2, "> 0", [x > 1, y >= 1]),
        (x + 1, "> 0", [x >= 0]),
        (a + x, "> 0", [x >= 0]),
        (x - z, ">= 0", [x >= y, y >= z]),
        (x + y, "= 0", [(x - 1, "= 0"), (y + 1, "= 0")]),
        (2 * x - 3, ">= 0", [(x - y, "= 0"), (x + y - 3, ">= 0")]),
        (harmonic(m) - 1, ">= 0", [(harmonic(m) - Rational(3, 2), ">= 0")]),
        (x, ">= 0", [x >= 1, x <= 0]),
    ],
)
def test_what_follows_is_a_combination(conclusion, relation, hypotheses):
    found = implied(conclusion, relation, hypotheses)
    assert found.proved, found.note
    assert holds(found.certificate)


@pytest.mark.parametrize(
    ("conclusion", "relation", "hypotheses"),
    [
        (x - y, ">= 0", [x >= 1]),
        (x, "> 0", [x >= 0]),
        (x, ">= 0", []),
        (a - b, ">= 0", []),
        (x - 1, "= 0", [x >= 0]),
        (x + y, ">= 0", [x > 0, (x + 2 * y + 1, "= 0")]),
    ],
)
def test_what_does_not_follow_fails_at_a_point(conclusion, relation, hypotheses):
    found = implied(conclusion, relation, hypotheses)
    assert found.refuted
    point = {s: found.counterexample[str(s)] for s in conclusion.free_symbols}
    value = conclusion.subs(point)
    assert {"= 0": value != 0, ">= 0": value < 0, "> 0": value <= 0}[relation]


@SETTINGS
@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4), st.tuples(numbers, numbers, numbers))
def test_every_implication_is_decided_unless_the_hypotheses_contradict_each_other(rows, aim):
    hypotheses = [(p * x + q * y + r, ">= 0") for p, q, r in rows]
    conclusion = aim[0] * x + aim[1] * y + aim[2]
    found = implied(conclusion, ">= 0", hypotheses)
    if found.proved:
        assert holds(found.certificate)
    elif found.refuted:
        point = found.counterexample
        values = [p * point.get("x", 0) + q * point.get("y", 0) + r for p, q, r in (*rows, aim)]
        assert min(values[:-1]) >= 0 > values[-1]
    else:
        empty = certify([[p, q] for p, q, _ in rows], [-r for _, _, r in rows], [0, 0])
        assert empty.certificate["sense"] == "infeasible"


def test_what_is_not_linear_or_not_free_is_left_open():
    assert "not linear" in implied(x * y).note
    assert "real numbers" in implied(harmonic(m) - 2).note
    assert "contradict" in implied(x - y, ">= 0", [x >= 1, x <= 0]).note
    assert "both sides" in implied(x, "= 0", [x >= 0, x <= 0]).note


@pytest.mark.parametrize(
    ("conclusion", "relation", "hypotheses"),
    [
        (a * b + c, "> 0", []),
        (a**2 + x**2, ">= 0", []),
        (a**2 - a * b + b**2, "> 0", []),  # times (a + b)
        (H - 1, ">= 0", [("H is large", H - 2 * m / (m + 1), ">= 0"), m >= 1]),
        (1 - H / (m + 1), "> 0", [m >= H]),
        (m + 1 - H - 1 / (m + 1), ">= 0", [m >= H]),
        (H + 1 / (m + 1) - 2 * (m + 1) / (m + 2), ">= 0", [("H is large", H - 2 * m / (m + 1), ">= 0")]),
        (H / (m + 1) - (H + 1 / (m + 2)) / (m + 2), "> 0", [H > 1]),
        (a * c - b * d, ">= 0", [a >= b, c >= d]),
        (x * a - 1, "> 0", [(x - 2, "= 0"), a > 1]),
    ],
)
def test_combinations_with_polynomial_multipliers(conclusion, relation, hypotheses):
    found = combination(conclusion, relation, hypotheses)
    assert found.proved, found.note
    assert holds(found.certificate)


def test_combinations_refute_and_leave_open():
    assert combination(a - b).counterexample == {"a": 1, "b": 2}
    assert combination(a**3 + b**3 - a**2 * b - a * b**2).outcome == "gave up"  # zero where a = b
    assert combination(x**2 - 2 * x + 1, degree=0).outcome == "gave up"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certify([[1, 2]], [1, 2], [1, 1]), "A"),
        (lambda: certify([[1, 2], [1]], [1, 2], [1, 1]), "A"),
        (lambda: certify([[0.5]], [1], [1]), "A"),
        (lambda: certify([[1]], [True], [1]), "b"),
        (lambda: certify([[1]], [1], [1], [True, False]), "A"),
        (lambda: implied(x, ">"), "relation"),
        (lambda: implied("x"), "conclusion"),
        (lambda: implied(x, ">= 0", ["x"]), "given"),
        (lambda: combination(x, "= 0"), "relation"),
        (lambda: combination(x, degree=-1), "degree"),
        (lambda: combination(x, seconds=0), "seconds"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value).startswith(message)
