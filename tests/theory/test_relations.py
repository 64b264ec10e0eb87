"""Relations from users: what is read, exactly, and what is refused, with the place."""

import pytest
from sympy import Abs, Integer, Rational, Symbol, exp, harmonic, pi, sqrt

from theory.declarations import parse_variables
from theory.errors import InputError
from theory.payoff import aumann_dreze_value
from theory.relations import MarkedError, is_bound, parse_relations, tightened

from ..timing import quickest

V = parse_variables("x y z real, s t positive, m integer >= 1")
x, y, z, s, t, m = (v.symbol for v in V)


@pytest.mark.parametrize(
    ("text", "expression", "sign"),
    [
        ("x <= y", y - x, ">= 0"),
        ("x > y", x - y, "> 0"),
        ("x < 0.1", Rational(1, 10) - x, "> 0"),
        ("x == 2*y", x - 2 * y, "= 0"),
        ("x != y", x - y, "!= 0"),
        ("-(x + y)**2/(s + t) >= 0", -((x + y) ** 2) / (s + t), ">= 0"),
        ("abs(x) >= x", Abs(x) - x, ">= 0"),
        ("H(m + 1) >= harmonic(m, 2)", harmonic(m + 1) - harmonic(m, 2), ">= 0"),
        ("H(3) > 1", Integer(5) / 6, "> 0"),
        ('worth("-u**2", "s", [x, y]) <= 0', (x + y) ** 2 / 2, ">= 0"),
        ('worth("x*u", "s**2", [y, y, y]) == 0', 9 * x * y, "= 0"),
        ("  x >=\n y ", x - y, ">= 0"),
    ],
)
def test_reads_a_comparison_as_the_sign_of_an_exact_expression(text, expression, sign):
    (found,) = parse_relations(text, V)
    assert (found.expression - expression).expand() == 0
    assert found.sign == sign


def test_a_chain_is_several_comparisons_where_it_is_allowed():
    assert [c.expression for c in parse_relations("0 <= x < y", V)] == [x, y - x]
    with pytest.raises(MarkedError, match="second comparison"):
        parse_relations("0 <= x < y", V, chain=False)


def test_payoffs_are_those_of_the_theory():
    (found,) = parse_relations('paid("b1*u - u**3", "s", [x, y, z], 2) >= 0', parse_variables("x y z b1 real"))
    b1 = Symbol("b1", real=True)
    from theory.symbols import u

    assert (found.expression - aumann_dreze_value([x, y, z], [[0, 1, 2]], b1 * u - u**3)[2]).expand() == 0


def test_sympy_relations_are_taken_by_the_names_of_their_symbols():
    plain = Symbol("x")
    (found,) = parse_relations(plain**2 <= Symbol("s"), V)
    assert found.expression == s - x**2
    with pytest.raises(InputError, match="unknown name 'w'"):
        parse_relations(plain <= Symbol("w"), V)
    with pytest.raises(InputError, match="not rational"):
        parse_relations(plain <= exp(plain), V)
    with pytest.raises(InputError, match="not rational"):
        parse_relations(plain <= pi, V)
    with pytest.raises(InputError, match="factors of unknown sign"):
        parse_relations(sqrt(plain**2 * Symbol("y")) >= 0, V)
    assert [str(c) for c in parse_relations(sqrt(plain**2) / Abs(plain) >= 1, V)[0].domain] == ["Abs(x) != 0"]
    with pytest.raises(InputError, match="too many terms"):
        parse_relations(sum(Symbol(v.name) for v in V) ** 32 >= 1, V)
    with pytest.raises(InputError, match="not a comparison"):
        parse_relations(Integer(1) <= Integer(2), V)  # sympy has decided it


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("x/y >= 1/x", []),  # said by the sides
        ("1/(x*y)**2 >= 1/sqrt(z)", []),
        ("x**2/x != 0", ["x != 0"]),
        ("sqrt(x*y)/sqrt(x*y) > 0", ["x != 0", "x*y >= 0", "y != 0"]),
        ("y + 1/x - 1/x > 0", ["x != 0"]),
        ("sqrt(x)**2 >= 0", ["x >= 0"]),
        ("s**2/s >= sqrt(t)**2", []),  # positive by declaration
        ("0*H(m - 2) >= 0", ["m - 2 >= 0"]),
        ('paid("1/u", "s", [x, y], 0)*0 == 0', ["x != 0", "y != 0", "x/2 + y/2 != 0"]),
    ],
)
def test_where_a_comparison_is_defined_outlives_cancellation(text, domain):
    (found,) = parse_relations(text, V)
    assert sorted(str(c) for c in found.domain) == sorted(domain)
    assert found.negated.domain == found.domain


def test_the_negation_fails_where_the_comparison_holds():
    for text in ("x <= 1", "x < 1", "x >= 1", "x > 1", "x == 1", "x != 1"):
        (found,) = parse_relations(text, V)
        for number in (0, 1, 2):
            tests = {
                ">= 0": lambda e: e >= 0,
                "> 0": lambda e: e > 0,
                "= 0": lambda e: e == 0,
                "!= 0": lambda e: e != 0,
            }
            here, there = (tests[c.sign](c.expression.subs(x, number)) for c in (found, found.negated))
            assert bool(here) != bool(there)


@pytest.mark.parametrize(
    ("text", "column", "problem"),
    [
        ("x**2 + yy >= 0", 8, "unknown name 'yy'"),
        ("x + y", 1, "no comparison"),
        ("x = 1", 3, "single ="),
        ("x => 0", 3, "write >="),
        ("x =< 0", 3, "write <="),
        (f"{'abs(' * 24}abs(x){')' * 24} >= 0", 97, "nests more than 24"),
        ("(x + y + z + s + t + m)**32 >= 0", 1, "too many terms"),
        ("(x + y >= 0", 1, "unbalanced parenthesis"),
        ("x + y) >= 0", 6, "unbalanced parenthesis"),
        ("x >= 2y", 6, "starts with a digit"),
        ("x ≥ 0", 3, "character"),
        ("abs(x, y) >= 0", 1, "gives abs 2 arguments"),
        ("min(x) >= 0", 1, "gives min 1 arguments"),
        ("H(x) >= 1", 3, "no integer"),
        ("foo(x) > 0", 1, "unknown function 'foo'"),
        ("x > 0 and y > 0", 1, "'and'"),
        ("x^2 >= 0", 1, "has a ^"),
        ("x**y >= 0", 4, "no integer constant"),
        ("x >= H", 6, "without arguments"),
        ("x is y", 6, "no comparison of numbers"),
        ("x >= 1/0", 6, "divides by zero"),
        ("exp(x) > 0", 1, "unknown function 'exp'"),
        ("x >= [y]", 6, "not arithmetic"),
        ("x.real >= 0", 1, "not arithmetic"),
        ("__import__('os').system('x') > 0", 1, "not a function"),
        ("x >= sqrt(-1)", 6, "root of a negative"),
        ("H(m, 2.5) > 0", 6, "order"),
        ('worth("-v**2", "s", [x]) > 0', 7, "unknown name 'v'"),
        ('worth(-x, "s", [x]) > 0', 7, "no text in u"),
        ('paid("u", "s", [x, y], 2) > 0', 24, "no agent"),
        ('paid("u", "s", x, 0) > 0', 16, "no list of opinions"),
        ("abs(x=1) > 0", 1, "plain argument"),
        ("", 1, "is empty"),
        ("δ*x >= yy", 1, "unknown name 'δ'"),
        ("x >= yy*δ", 6, "unknown name 'yy'"),
    ],
)
def test_refuses_with_the_place(text, column, problem):
    with pytest.raises(MarkedError) as refusal:
        parse_relations(text, V, "conclusion")
    message = str(refusal.value)
    assert refusal.value.column == column
    assert problem in message
    assert message.startswith("conclusion: ")
    assert ">>>" in message
    assert "\n" not in message
    first, second = refusal.value.caret.split("\n")
    assert first == text.strip()
    assert second.index("^") == column - 1


@pytest.mark.parametrize(
    "text", ["+".join("x" * 490) + " > 0", "x" * 2000 + " > 0", "-" * 900 + "x > 0", "(" * 400 + "x"]
)
def test_refuses_what_is_too_large_at_once(text):
    def refused():
        with pytest.raises(InputError):
            parse_relations(text, V)

    assert quickest(refused) < 0.25


def test_suggests_the_nearest_name():
    with pytest.raises(InputError, match="did you mean 'harmonic'"):
        parse_relations("harmonc(m) > 0", V)
    with pytest.raises(InputError, match="did you mean 'delta'"):
        parse_relations("detla > 0", parse_variables("delta real"))


def test_what_is_checked_by_others_has_integers_only():
    (found,) = parse_relations("0.25*x <= harmonic(m)", V)
    assert found.checkable == "1 / 4 * x <= H(m)"


def test_variables_have_kinds_and_bounds():
    found = parse_variables("x, y real, s positive, q nonnegative, m integer > 1/2, k positive integer, w real >= -1")
    assert [str(v) for v in found] == [
        "x", "y", "s > 0", "q >= 0", "integer m >= 1", "integer k >= 1", "w >= -1",
    ]  # fmt: skip
    assert parse_variables({"x": "real", "m": "integer >= 1"}) == parse_variables("x real, m integer >= 1")
    assert found[2].symbol.is_positive
    assert found[4].symbol.is_integer
    assert not found[6].bound_is_sign


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x y reel", "did you mean 'real'"),
        ("x", "no kind to 'x'"),
        ("x real, x real", "'x' twice"),
        ("H real", "has a meaning already"),
        ("lambda real", "has a meaning already"),
        ("m integer >=", "bound without a number"),
        ("x real; y real", "column 7"),
        ("5 real", "where a name should be"),
        ("real", "where a name should be"),
        ("", "declares no variable"),
        (", ".join(f"x{i} real" for i in range(40)), "declares 40 variables"),
        ("x real >= 1/0", "no number"),
        ("x real >= " + "3" * 5000, "out of range"),
        ("x² real", "no name"),
        ("ﬁ fi real", "'fi' twice"),
        ("root_x real", "a name that proofs use"),
        ("H2_m positive", "a name that proofs use"),
        ("kink0_fresh real", "a name that proofs use"),
        ({"x y": "real"}, "does not declare one variable"),
        (3, "no declaration"),
    ],
)
def test_refuses_declarations(text, problem):
    with pytest.raises(InputError, match="variables: ") as refusal:
        parse_variables(text)
    assert problem in str(refusal.value)


def test_bounds_among_the_hypotheses_become_bounds_of_variables():
    free = parse_variables("x y real, m integer")
    given = [c for text in ("x > 0", "1 < m", "x >= -1", "x <= 3", "y**2 >= 0") for c in parse_relations(text, free)]
    bounded = tightened(free, given)
    assert [str(v) for v in bounded] == ["x > 0", "y", "integer m >= 2"]
    again = [c for text in ("x > 0", "x >= -1", "x >= 1", "x <= 3") for c in parse_relations(text, bounded)]
    assert [is_bound(c, bounded[0]) for c in again] == [True, True, False, False]
