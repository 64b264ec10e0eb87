"""The workbench: true statements, false ones, vacuous ones, and those that it must leave open."""

import json
import time

import pytest
from sympy import Rational, Symbol, sqrt

from proofs_checks.conjecture import Conjecture, conjecture
from proofs_checks.ladder import apart, climbing
from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.cases import MAX_CASES, cases
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.recheck import check
from proofs_checks.verdict import Level, Verdict
from theory.declarations import parse_variables
from theory.errors import InputError
from theory.relations import parse_relations

# (variables, hypotheses, conclusion): all true for all instances, by exact certificates
CERTIFIED = {
    "superadditivity": ("X Y real, s t positive", [], "-(X+Y)**2/(s+t) >= -X**2/s - Y**2/t"),
    "superadditivity of four": (
        "x y z w real",
        [],
        'worth("-u**2", "s", [x, y, z, w]) >= worth("-u**2", "s", [x, y]) + worth("-u**2", "s", [z, w])',
    ),
    "weighted consensus": ("c d real, k m integer >= 1", [], "(k*c + m*d)**2/(k + m) <= k*c**2 + m*d**2"),
    "entrant, quadratic": ("c d real", [], 'paid("-u**2", "s", [c+d, c, c, c], 0) + (c+d)**2 == d**2*(1 - H(4)/4)'),
    "quadratic gain": ("d real, m integer >= 1", [], "d**2*(1 - H(m+1)/(m+1)) >= 0"),
    "incumbents gain": ("d real, m integer >= 1", [], "d**2*(H(m+1) - 1)/(m*(m+1)) >= 0"),
    "magnet effect": ("m integer >= 1", [], "1 - H(m+2)/(m+2) > 1 - H(m+1)/(m+1)"),
    "harmonic bound": ("m integer >= 3", [], "H(m) <= m - 1"),
    "two harmonic numbers": ("m n integer >= 1", [], "H(m + n) <= H(m) + H(n)"),
    "second order": ("m integer >= 1", [], "H(m, 2) <= 2 - 1/m"),
    "triangle": ("x y real", [], "abs(x + y) <= abs(x) + abs(y)"),
    "max and min": ("x y real", [], "max(x, y) + min(x, y) == x + y"),
    "means": ("x y real", ["x >= 0", "y >= 0"], "(x + y)/2 >= sqrt(x*y)"),
    "Nesbitt": ("a b c positive", [], "a/(b+c) + b/(c+a) + c/(a+b) >= 3/2"),
    "Motzkin": ("x y z real", [], "x**4*y**2 + x**2*y**4 + z**6 >= 3*x**2*y**2*z**2"),
    "on a line": ("p q nonnegative", ["p + q == 1"], "p*q <= 1/4"),
    "order": ("a b c real", ["a <= b <= c"], "(a - b)*(b - c) >= 0"),
    "reciprocals": ("x y real", ["1/x > 1/y", "x > 0", "y > 0"], "x < y"),
    "not zero": ("x y real", ["x != 0"], "x**2 + y**2 > 0"),
    "disc": ("x y real", ["x**2 + y**2 <= 1"], "x + y <= 3/2"),
}


@pytest.mark.parametrize("statement", CERTIFIED.values(), ids=CERTIFIED.keys())
def test_proves_with_certificates_that_hold(statement):
    found = conjecture(*statement, seconds=60.0)
    assert found.verdict is Verdict.PROVED, found.text()
    assert found.level is Level.PROOF
    assert found.counterexample is None
    certificate = json.loads(json.dumps(found.certificate))
    assert sum(check(certificate).values()) >= 1


def test_what_needs_integers_is_proved_by_solvers_one_level_below():
    for statement in (("n integer", [], "n**2 >= n"), ("n integer", [], "2*n != 1"), ("m integer", [], "1/(m-3) <= 1")):
        found = conjecture(*statement)
        assert found.verdict is Verdict.PROVED, found.text()
        assert found.level is Level.SOLVER
        assert found.certificate is None
        assert any("false twin" in attempt.note for attempt in found.attempts)


def test_a_finite_range_is_enumerated():
    found = conjecture("m integer", ["1 <= m <= 6"], "H(m**2) <= 2*H(m)")  # no recurrence for H(m²)
    assert found.verdict is Verdict.PROVED, found.text()
    assert found.level is Level.EXACT
    assert found.certificate == {"kind": "enumeration", "range": "m in 1..6", "instances": 6}
    assert conjecture("m integer", ["1 <= m <= 6"], "H(m**2) <= 2*H(m) - 3/2").counterexample == {"m": 1}


FALSE = {
    "convexity of the game": (
        "x y z real",
        [],
        'worth("-u**2","s",[x,y]) + worth("-u**2","s",[x,z]) <= worth("-u**2","s",[x,y,z]) + worth("-u**2","s",[x])',
    ),
    "superadditivity without concavity": (
        "x y real",
        [],
        'worth("u**2", "s", [x, y]) >= worth("u**2", "s", [x]) + worth("u**2", "s", [y])',
    ),
    "superadditivity with scale s²": ("x y real", [], 'worth("-u**2", "s**2", [x, y]) >= -x**2 - y**2'),
    "payoffs in the order of opinions": (
        "x y z real",
        ["x <= y <= z"],
        'paid("-u**2", "s", [x, y, z], 1) >= paid("-u**2", "s", [x, y, z], 0)',
    ),
    "entrant, wrong harmonic number": (
        "c d real",
        [],
        'paid("-u**2", "s", [c+d, c, c, c], 0) + (c+d)**2 == d**2*(1 - H(3)/4)',
    ),
    "gain with H_m": ("m integer >= 1", [], "1 - H(m)/m > 0"),
    "harmonic numbers are bounded": ("m integer >= 1", [], "H(m) <= 4"),
    "monotone squares": ("x y real", ["x <= y"], "x**2 <= y**2"),
    "narrow": ("x y real", ["x**2 + y**2 <= 1"], "x + y <= 141/100"),
    "sharp constant": ("a b c positive", [], "a/(b+c) + b/(c+a) + c/(a+b) > 3/2"),
    "strict at zero": ("x y real", [], "x**2 + y**2 > 0"),
    "division": ("x y real", ["x < y"], "1/x > 1/y"),
    "on a plane": ("x y z real", ["x + y + z == 1"], "x**2 + y**2 + z**2 > 1/3"),
    "equality": ("x y real", [], "(x + y)**2 == x**2 + y**2"),
    "not equal": ("x y positive", [], "x != 2*y"),
}


@pytest.mark.parametrize("statement", FALSE.values(), ids=FALSE.keys())
def test_refutes_at_a_point_that_others_evaluate(statement):
    found = conjecture(*statement)
    assert found.verdict is Verdict.REFUTED, found.text()
    assert found.counterexample is not None
    assert found.sides is not None
    assert found.level is None
    certificate = json.loads(json.dumps(found.certificate))
    assert check(certificate)["value"] >= 1
    assert any(part["expected"] is False for part in certificate["certificates"])
    assert found.attempts[-1].refuted


def test_counterexamples_are_small():
    points = {name: conjecture(*FALSE[name]).counterexample for name in ("convexity of the game", "monotone squares")}
    assert points["convexity of the game"] == {"x": 1, "y": 0, "z": 0}
    assert points["monotone squares"] == {"x": -1, "y": 0}
    assert conjecture(*FALSE["harmonic numbers are bounded"]).counterexample == {"m": 31}


def test_the_sides_of_a_refuted_equality_are_those_of_the_game():
    found = conjecture("x y z real", [], 'paid("-u**2", "s", [x, y, z], 0) == -x*(x + y + z)/3')
    assert found.verdict is Verdict.REFUTED
    opinions = tuple(found.counterexample[name] for name in "xyz")
    assert found.sides[0] == aumann_dreze(opinions, 0, lambda u: -(u**2))


def test_an_irrational_counterexample_is_kept_exactly():
    found = conjecture("x real", ["x**2 == 2"], "x >= 0")
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample == {"x": -sqrt(2)}
    assert found.certificate is None


@pytest.mark.parametrize(
    ("variables", "hypotheses", "conclusion"),
    [
        ("x real", ["x > 1", "x < 1"], "x >= 5"),
        ("x y real", ["x**2 + y**2 < 0"], "x == y"),
        ("x y real", ["x*y == 1", "x == 0"], "x >= 0"),
        ("m integer", ["2*m == 1"], "m >= 0"),
        ("x real", ["x == 0"], "1/x > 0"),  # nowhere defined
    ],
)
def test_what_holds_for_want_of_instances_is_not_proved(variables, hypotheses, conclusion):
    found = conjecture(variables, hypotheses, conclusion)
    assert found.verdict is Verdict.OPEN
    assert "vacuous" in found.reason
    assert found.certificate is None


def test_a_proof_without_an_instance_leaves_the_conjecture_open(monkeypatch):
    monkeypatch.setattr(climbing.smt, "satisfiable", lambda *_: "unknown")
    found = conjecture("x real", ["x > 1", "x < 1"], "x >= 1/2", seconds=4.0)
    assert found.verdict is Verdict.OPEN
    assert "no point was found" in found.reason


@pytest.mark.parametrize(
    ("variables", "hypotheses", "conclusion"),
    [
        ("m integer >= 1", [], "H(2*m) - H(m) < 7/10"),  # true: it tends to log 2
        ("m n integer >= 1", [], "H(m*n) <= H(m) + H(n)"),  # true, beyond the rungs
        ("m integer >= 1", [], "H(m) <= 50"),  # false, from 10^21 on
    ],
)
def test_what_it_cannot_decide_stays_open_with_every_attempt_listed(variables, hypotheses, conclusion):
    found = conjecture(variables, hypotheses, conclusion, seconds=3.0)
    assert found.verdict is Verdict.OPEN
    assert found.level is Level.SEARCH
    assert found.reason
    assert {"simple rationals", "search"} <= {attempt.rung for attempt in found.attempts}
    assert all(attempt.note for attempt in found.attempts if attempt.outcome == "gave up")


def test_a_rung_that_refutes_something_else_is_not_believed(monkeypatch):
    wrong = Attempt("wrong", "refuted", counterexample={"x": Rational(1)})
    monkeypatch.setattr(climbing.rungs, "prove_cases", lambda *_: iter([wrong]))
    found = conjecture("x real", [], "x**2 >= 0")
    assert found.verdict is not Verdict.REFUTED
    assert any("no point of the conjecture" in attempt.note for attempt in found.attempts)


def test_solvers_that_contradict_each_other_leave_it_open(monkeypatch):
    said = Attempt("cvc5", "gave up", note="cvc5: sat, but it names no point")
    monkeypatch.setattr(climbing, "_second_opinion", lambda state: said)
    found = conjecture("n integer", [], "n**2 >= n")
    assert found.verdict is Verdict.OPEN
    assert "contradict" in found.reason


def test_the_time_limit_is_kept_within_reason():
    names = " ".join(f"x{i}" for i in range(5)), " ".join(f"w{i}" for i in range(5))
    top, bottom = ("+".join(text.split()) for text in names)
    terms = "+".join(f"x{i}**2/w{i}" for i in range(5))
    start = time.perf_counter()
    found = conjecture(
        f"{names[0]} real, {names[1]} positive", [], f"{terms} >= 1001/1000*({top})**2/({bottom})", seconds=3
    )
    assert found.verdict in (Verdict.OPEN, Verdict.REFUTED)
    assert time.perf_counter() - start < 10.0  # 3 s, on a busy machine more


def test_typical_conjectures_take_seconds():
    for name in ("superadditivity", "triangle", "quadratic gain"):
        assert conjecture(*CERTIFIED[name]).seconds < 10.0


def test_sympy_and_mappings_are_taken():
    x, m = Symbol("x"), Symbol("m")
    found = conjecture({"x": "real", "m": "integer >= 1"}, [x >= 2], x**2 + m >= 5)
    assert found.verdict is Verdict.PROVED
    assert conjecture("x real", "x >= 2", "x**2 >= 4").verdict is Verdict.PROVED


def test_the_same_seed_gives_the_same_result():
    def told(found: Conjecture):
        return found.verdict, found.counterexample, [attempt.rung for attempt in found.attempts]

    assert told(conjecture(*FALSE["narrow"], seed=4)) == told(conjecture(*FALSE["narrow"], seed=4))


def test_text_and_data_say_everything():
    found = conjecture(*FALSE["monotone squares"])
    assert "fails at x = -1, y = 0: 1 against 0" in found.text()
    assert "refuted" in found.text()
    assert "for all real x, y under the hypotheses" in found.text()
    data = json.loads(json.dumps(found.to_dict()))
    assert data["verdict"] == "refuted"
    assert data["counterexample"] == {"x": "-1", "y": "0"}
    proof = conjecture(*CERTIFIED["quadratic gain"])
    assert "proved (proof)" in proof.text()
    assert "certificate: induction" in proof.text()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("x real", [], "x >= yy"), "unknown name 'yy'"),
        (("x reel", [], "x >= 0"), "did you mean 'real'"),
        (("x real", ["x => 0"], "x >= 0"), "hypotheses[0]"),
        (("x real", [], "0 <= x <= 1"), "second comparison"),
        (("x real", [], "x + 1"), "no comparison"),
        (("x real", [], "abs(x, 2) >= 0"), "abs"),
        (("x real", [], "(x >= 0"), "unbalanced"),
        (("x real", [], True), "not a comparison"),
        (("x real", 3, "x >= 0"), "no list"),
        (("x real", ["x >= 0"] * 41, "x >= 0"), "has 41 comparisons"),
        (("x real", b"x >= 0", "x >= 0"), "hypotheses: b'x >= 0' is no list"),
        (("a b c d e f g h real", [], "(a+b+c+d+e+f+g+h)**32 >= 0"), "too many terms"),
        (("a b c d e f g h real", ["(a+b+c+d+e+f+g+h)**32 >= 1"], "a**2 >= 0"), "too many terms"),
    ],
)
def test_refuses_what_cannot_be_read(arguments, problem):
    with pytest.raises(InputError) as refusal:
        conjecture(*arguments)
    assert problem in str(refusal.value)


@pytest.mark.parametrize(
    "options",
    [{"seconds": 0}, {"seconds": 10**400}, {"seconds": float("nan")}, {"seconds": "5"}, {"seed": -1}, {"seed": 0.5}],
)
def test_refuses_options(options):
    with pytest.raises(InputError):
        conjecture("x real", [], "x**2 >= 0", **options)


def test_too_many_cases_are_said():
    names = [f"x{i}" for i in range(6)]
    declared = parse_variables(" ".join(names) + " real")
    text = f"abs({') + abs('.join(names)}) >= 0"
    with pytest.raises(Exception, match=f"more than {MAX_CASES} cases"):
        cases(Sentence(declared, (), parse_relations(text, declared)[0]))


def test_a_large_statement_is_tried_apart_within_its_time():
    x, y = (Symbol(name, real=True) for name in "xy")
    attempt = apart.sums_of_squares(x**2 - 2 * x * y + y**2, ">= 0", [], 30.0)
    assert attempt.proved
    assert check(attempt.certificate)
    start = time.perf_counter()
    late = apart.sums_of_squares(sum(Symbol(f"z{i}", real=True) for i in range(12)) ** 8, ">= 0", [], 0.01)
    assert time.perf_counter() - start < 10.0
    assert late.outcome == "gave up"
    assert late.note
