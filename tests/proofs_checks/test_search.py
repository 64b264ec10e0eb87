"""Search: what is evaluated, found, rounded and shrunk, and that only exact points count."""

from fractions import Fraction
from time import perf_counter

import numpy as np
import pytest
from sympy import Rational

from proofs_checks.ladder import search
from proofs_checks.ladder.evaluation import Sentence, compiled
from proofs_checks.ladder.shrinking import complexity, shrunk, stern_brocot
from proofs_checks.ladder.witnesses import counterexample_of, finite_range, witness_of
from proofs_checks.recheck import check
from theory.declarations import parse_variables
from theory.relations import parse_relations


def sentence(variables, hypotheses, conclusion):
    declared = parse_variables(variables)
    given = [c for h in hypotheses for c in parse_relations(h, declared)]
    return Sentence(declared, given, parse_relations(conclusion, declared)[0])


def test_exact_and_floating_values_agree():
    S = sentence("x y real, m integer >= 1", [], "abs(x)/3 + max(x, y)**2 - min(x, y, 1) + H(m + 1, 2)/y + H(m) >= 0")
    e = S.conclusion.left
    exactly, nearly = compiled(e, S.symbols), compiled(e, S.symbols, exactly=False)
    rng = np.random.default_rng(1)
    for _ in range(50):
        point = [
            Fraction(int(rng.integers(-9, 9)), 7),
            Fraction(int(rng.integers(1, 9)), 5),
            Fraction(int(rng.integers(1, 20))),
        ]
        assert float(nearly([np.array([float(v)]) for v in point])[0]) == pytest.approx(
            float(exactly(point)), rel=1e-12
        )
        values = dict(zip(S.symbols, (Rational(p.numerator, p.denominator) for p in point), strict=True))
        by_hand = e.subs(values)
        assert Fraction(str(by_hand.doit())) == exactly(point)


@pytest.mark.parametrize(
    ("variables", "hypotheses", "conclusion", "point"),
    [
        ("x y real", [], "x**2 + y**2 >= 2*x*y + x", (1, 1)),
        ("x real", ["x > 1/2"], "x >= 3/5", (Fraction(11, 20),)),
        ("x real", [], "1/x >= 1/100", (-1,)),
        ("m integer >= 1", [], "H(m) <= 4", (31,)),
        ("x real", [], "sqrt(x) >= x", (4,)),
    ],
)
def test_a_known_point_fails(variables, hypotheses, conclusion, point):
    assert sentence(variables, hypotheses, conclusion).fails([Fraction(p) for p in point])


@pytest.mark.parametrize(
    ("variables", "hypotheses", "conclusion", "point"),
    [
        ("x real", [], "1/x >= 1", (0,)),  # undefined
        ("x real", [], "sqrt(x) >= 5", (2,)),  # irrational: neither way
        ("x real", [], "sqrt(x) >= 5", (-1,)),
        ("x real", ["x > 1"], "x >= 5", (1,)),  # a hypothesis fails
        ("m integer >= 1", [], "m >= 5", (Fraction(1, 2),)),  # no integer
        ("m integer >= 1", [], "m >= 5", (0,)),
        ("x positive", [], "x >= 5", (0,)),
        ("x real", ["1/x != 3"], "x >= 5", (0,)),
    ],
)
def test_what_is_no_point_of_the_sentence_does_not_fail(variables, hypotheses, conclusion, point):
    assert not sentence(variables, hypotheses, conclusion).fails([Fraction(p) for p in point])


def test_simple_points_come_in_the_order_of_their_simplicity_and_satisfy_equations():
    S = sentence("x y z real", ["x + y + z == 1", "x >= y"], "x >= 0")
    points = [p for p, _ in zip(search.simplest(S, 2.0), range(200), strict=False)]
    assert len(points) == 200
    assert all(sum(p) == 1 and p[0] >= p[1] for p in points)
    assert complexity(points[0]) < complexity(points[-1])


NARROW = [
    ("x real", [], "(x - 1/7)**2 >= 1/10000"),
    ("x y real", [], "(x - 3/7)**2 + (y + 5/11)**2 >= 1/1000000"),
    ("x y real", ["x**2 + y**2 <= 1"], "x + y <= 141/100"),
    (
        "x y z w real",
        ["x + y + z + w == 1", "x >= 0", "y >= 0", "z >= 0", "w >= 0"],
        "x*y + y*z + z*w + w*x <= 249/1000",
    ),
    ("a b c positive", [], "a/(b + c) + b/(c + a) + c/(a + b) >= 1501/1000"),
]


@pytest.mark.parametrize(("variables", "hypotheses", "conclusion"), NARROW)
def test_local_search_finds_narrow_violations_and_rounds_them(variables, hypotheses, conclusion):
    S = sentence(variables, hypotheses, conclusion)
    worst = search.adversarial(S, seed=0, seconds=5.0)
    assert worst.counterexample is not None
    assert worst.violation > 0
    assert S.fails(worst.counterexample)


@pytest.mark.parametrize("conclusion", ["x**2 + y**2 >= 2*x*y", "x**2 + y**2 - x*y == (x**2 + y**2 + (x - y)**2)/2"])
def test_rounding_errors_at_ties_refute_nothing(conclusion):
    assert search.adversarial(sentence("x y real", [], conclusion), seed=3, seconds=0.4).counterexample is None


def test_the_search_is_repeatable_and_keeps_its_time():
    S = sentence("x y real", ["x**2 + y**2 <= 1"], "x + y <= 141/100")
    assert search.adversarial(S, 5, 5.0).counterexample == search.adversarial(S, 5, 5.0).counterexample
    true = sentence("x y z w real", [], "x**2 + y**2 + z**2 + w**2 >= x*y + z*w")
    start = perf_counter()
    search.adversarial(true, 0, 0.5)
    assert perf_counter() - start < 5.0


def test_shrinking_keeps_failing_and_ends_at_the_simplest():
    assert shrunk((Fraction(355, 113), Fraction(7)), lambda p: p[0] > 3) == (4, 0)
    assert shrunk((Fraction(355, 1130),), lambda p: Fraction(3, 10) < p[0] < Fraction(1, 3)) == (Fraction(4, 13),)
    assert shrunk((Fraction(-5), Fraction(-6), Fraction(-8)), lambda p: p[0] > p[1] > p[2]) == (1, 0, -1)
    point = (Fraction(123, 7), Fraction(1))
    assert shrunk(point, lambda p: p == point) == point


def test_ancestors_in_the_tree_end_at_the_fraction():
    for fraction in (Fraction(0), Fraction(-22, 7), Fraction(1), Fraction(13, 31)):
        path = list(stern_brocot(fraction))
        assert path[-1] == fraction
        assert path[0] == 0


def test_counterexamples_are_certificates_that_others_evaluate():
    S = sentence("x y real, s positive", ["x <= y"], 'worth("-u**2", "s", [x, y]) >= -0.5*s*y**2')
    point = (Fraction(-1), Fraction(0), Fraction(1))
    assert S.fails(point)
    found = counterexample_of(S, point)
    assert check(found)["value"] == 3
    assert counterexample_of(sentence("x real", [], "sqrt(x**2) == x"), (Fraction(-1),)) is None


def test_rounds_to_points_that_satisfy_hypotheses():
    S = sentence("x y real", ["x + y == 1/3", "0.3 <= x <= 0.32"], "x >= 0")
    point = witness_of(S, [0.3105, 0.0228])
    assert point is not None
    assert S.admits(point)
    assert witness_of(sentence("x real", ["x**2 == 2"], "x >= 0"), [2**0.5]) is None


@pytest.mark.parametrize(
    ("variables", "hypotheses", "ranges"),
    [
        ("m integer >= 1", ["m < 5"], [range(1, 5)]),
        ("m integer", ["-1 <= 2*m <= 7"], [range(0, 4)]),
        ("m n integer", ["m == 3", "0 <= n <= 1"], [range(3, 4), range(0, 2)]),
        ("m integer >= 1", [], None),
        ("m integer >= 1, x real", ["m < 5"], None),
        ("m integer", ["m**2 <= 9"], None),
    ],
)
def test_finite_ranges(variables, hypotheses, ranges):
    assert finite_range(sentence(variables, hypotheses, f"{variables[0]} >= 0")) == ranges
