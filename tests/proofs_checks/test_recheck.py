"""The re-checker accepts what is true and rejects every damage; its size and its imports are bounded."""

import ast
import copy
import json
import random
import subprocess
import sys
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from proofs_checks import recheck
from proofs_checks.recheck import Certificate, check

from ..timing import quickest

PROGRAM = Path(recheck.__file__)


def reason(certificate):
    """Return why a certificate is rejected; nothing if it holds."""
    try:
        check(certificate)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def combination(conclusion, relation, given=(), **signs):
    keys = ("name", "expression", "relation", "multiplier")
    given = [dict(zip(keys, ("", *g), strict=True)) for g in given]
    return {"kind": "combination", "conclusion": conclusion, "relation": relation, "signs": signs, "given": given}


def squares(conclusion, relation, terms, given=(), multiplier="1", **signs):
    terms = [{"weight": w, "square": s, "given": list(used)} for w, s, *used in terms]
    given = [{"name": "", "expression": e, "relation": r} for e, r in given]
    whole = {"conclusion": conclusion, "relation": relation, "multiplier": multiplier, "signs": signs}
    return {"kind": "squares", **whole, "given": given, "terms": terms}


def linear(sense, A, b, c, equal, x, y):
    return {"kind": "linear", "sense": sense, "A": A, "b": b, "c": c, "equal": equal, "x": x, "y": y}


def roots(polynomial, lo, hi, **matrix):
    return {"kind": "roots", "polynomial": polynomial, "radius": [lo, hi], **matrix}


def value(statement, expected, **at):
    return {"kind": "value", "statement": statement, "at": at, "expected": expected}


ONE, NON = "positive", "nonnegative"
LETTERS = "abcdefghijklmnopqrstuvwx"
MOTZKIN = "x**4*y**2 + x**2*y**4 + 1 - 3*x**2*y**2"
MOTZKIN_TERMS = [
    ("1", "x**2*y*(x**2 + y**2 - 2)"),
    ("1", "x*y**2*(x**2 + y**2 - 2)"),
    ("1", "x*y*(x**2 + y**2 - 2)"),
    ("1", "x**2 - y**2"),
]
THIRD = [["1/2", "1/2", "0"], ["1/4", "1/2", "1/4"], ["0", "1/2", "1/2"]]
SWAP = [[0, 1], [1, 0]]
UPPER = [[1, 1, 0], [0, 0, 1], [1, 0, 0]]
RANKS = {"3 4": 0, "1 2": 1, "4 1": 0, "2 4": 1, "1 6": 0, "2 5": 1}

COMBINATIONS = {
    "an identity": combination("(x + y)**2 - x**2 - 2*x*y - y**2", "= 0"),
    "an identity of ratios": combination("1/(x - 1) - 1/(x + 1) - 2/(x**2 - 1)", "= 0"),
    "a power with a negative exponent": combination("x**(-2)*x**3 - x", "= 0"),
    "nested ratios": combination("1/(1/x + 1/y) - x*y/(x + y)", "= 0", x=ONE, y=ONE),
    "signs by coefficients": combination("m/(m + 1) + x**2 - 0*x", ">= 0", m=NON),
    "more than 0 by coefficients": combination("m + x**2 + 1/3", "> 0", m=NON),
    "a positive name": combination("m**2/(m + 1)", "> 0", m=ONE),
    "an inequality used": combination("z - x", ">= 0", [("z - y", ">= 0", "1"), ("y - x", ">= 0", "1")]),
    "a strict one used": combination("2*z - 2*x", "> 0", [("z - y", "> 0", "2"), ("y - x", ">= 0", "2")]),
    "an equation used": combination("z*x - y*x", "= 0", [("z - y", "= 0", "x")]),
    "an equation in an inequality": combination("x - y + 1", "> 0", [("y - x", "= 0", "-1")]),
    "a divisor that is the conclusion's own": combination("a/x - b/x", "= 0", [("a - b", "= 0", "1/x")]),
    "a multiplier of known sign": combination("m*x/(m + 1)", ">= 0", [("x", ">= 0", "m/(m + 1)")], m=NON),
    "long sums": combination("+".join(f"m**{k}" for k in range(1, 300)), ">= 0", m=NON),
}
SQUARES = {
    "a square": squares("x**2 - 2*x*y + y**2", ">= 0", [("1", "x - y")]),
    "rational weights": squares("x**2 - x*y + y**2", ">= 0", [("1", "x - 1/2*y"), ("3/4", "y")]),
    "more than 0": squares("x**2 + 2*x + 2", "> 0", [("1", "x + 1"), ("1", "1")]),
    "a given": squares("x**3", ">= 0", [("1", "x", 0)], [("x", ">= 0")]),
    "a strict given": squares("x + y**2", "> 0", [("1", "1", 0), ("1", "y")], [("x", "> 0")]),
    "a given twice": squares("x**2*y**2", ">= 0", [("1", "y", 0, 0)], [("x", ">= 0")]),
    "an equation to the first power": squares(
        "1 - x", ">= 0", [("1/2", "x - 1"), ("-1/2", "1", 0)], [("x**2 - 1", "= 0")]
    ),
    "a multiplier that may be 0": squares(MOTZKIN, ">= 0", MOTZKIN_TERMS, multiplier="(x**2 + y**2)**2"),
    "a positive multiplier with a given": squares("x", ">= 0", [("1", "1", 0)], [("m*x", ">= 0")], "m", m=ONE),
    "weak and strict givens": squares("x*y", ">= 0", [("1", "1", 0, 1)], [("x", ">= 0"), ("y", "> 0")]),
    "a weight 0": squares("x**2", ">= 0", [("1", "x"), ("0", "y")]),
    "nothing but 0": squares("x - x", ">= 0", []),
}
UNIT = [["1", "0"], ["0", "1"], ["1", "1"]]
LINEAR = {
    "optimal": linear("optimal", UNIT, ["1", "0", "3"], ["2", "1"], [False] * 3, ["1", "2"], ["1", "0", "1"]),
    "optimal with an equation": linear(
        "optimal", [["1", "1"], ["1", "0"]], ["1", "0"], ["0", "-1"], [True, False], ["0", "1"], ["-1", "1"]
    ),
    "infeasible": linear("infeasible", [["1"], ["-1"]], ["1", "0"], [], [False, False], [], ["1", "1"]),
}
ROOTS = {
    "an irrational radius": roots([12, -1, -2], "4520/10000", "4521/10000"),
    "of a matrix": roots(["1", "-3/2", "1/2", "0"], "1", "1", matrix=THIRD),
    "of a matrix, times a number": roots([2, -3, 1, 0], "9/10", "11/10", matrix=THIRD),
    "roots around the circle": roots([1, 0, 0, -1], "1", "1", matrix=[[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
    "a double root on the circle": roots([1, -2, 1], "1", "1"),
    "complex roots, and no real one": roots([1, 0, 1], "99/100", "101/100"),
    "nothing but 0": roots([1, 0, 0], "0", "0"),
    "0 and more": roots([1, "-1/2", 0], "0", "1/2"),
}
GRAPHS = {
    "ranks": {"kind": "ranks", "patterns": [UPPER], "ranks": RANKS},
    "one agent": {"kind": "ranks", "patterns": [[[1]]], "ranks": {}},
    "a cycle": {"kind": "cycle", "patterns": [SWAP], "word": [0], "pair": [1, 2]},
    "a cycle of two letters": {"kind": "cycle", "patterns": [SWAP, [[1, 0], [0, 1]]], "word": [0, 1], "pair": [2, 1]},
}
VALUES = {
    "harmonic numbers": value("H(3) + H(2, 2) == 11/6 + 5/4", True),
    "names and functions": value("abs(x) + max(x, y, 0) - min(x, y) < 4", True, x="-1/2", y="3/2"),
    "integer exponents that are expressions": value("2**(n + 1) >= 16**(1/2 + 1/2)", True, n=3),
    "a negative exponent": value("x**(-2) == 4", True, x="1/2"),
    "a worth": value('worth("b - u**2", "s", [x, 3]) == -6', True, x="1", b="1"),
    "nobody is worth nothing": value('worth("1", "1", []) == 0', True),
    "a payoff": value('paid("-u**2", "s", [0, -1, -3], 1) == -19/36', True),
    "a counterexample": value(
        'worth("-u**2", "s", [0, -1]) + worth("-u**2", "s", [0, -3]) <= worth("-u**2", "s", [0, -1, -3])', False
    ),
}
OTHERS = {
    "an enumeration": {"kind": "enumeration", "range": "all", "instances": 12},
    "an induction": {"kind": "induction", "certificates": [VALUES["harmonic numbers"], COMBINATIONS["an identity"]]},
}
TRUE = COMBINATIONS | SQUARES | LINEAR | ROOTS | GRAPHS | VALUES | OTHERS


@pytest.mark.parametrize("name", TRUE)
def test_holds(name):
    assert reason(TRUE[name]) == ""


def damaged(name, **changes):
    """Return a copy of a certificate that holds, with some data replaced; a dot leads into a list or a mapping."""
    found = copy.deepcopy(TRUE[name])
    for path, new in changes.items():
        *way, last = [int(key) if key.isdigit() else key for key in path.split("__")]
        inside = found
        for key in way:
            inside = inside[key]
        if new is None:
            del inside[last]
        else:
            inside[last] = new
    return found


DAMAGES = {
    # identities, and signs by coefficients
    "an identity that is none": combination("(x + y)**2 - x**2 - x*y - y**2", "= 0"),
    "division by 0": combination("1/(x - x)", "= 0"),
    "division by what is 0 in disguise": combination("1/(x/x - 1)", "= 0"),
    "division of 0 by 0 in disguise": combination("y*(x/x - 1)/(x/x - 1)", "= 0"),
    "division by the number 0": combination("x/0", "= 0"),
    "0 to a negative power": combination("(x - x)**-1", "= 0"),
    "an unsigned name to an odd power": combination("m*x", ">= 0", m=ONE),
    "a negative coefficient": combination("m**2 - m + 1", ">= 0", m=ONE),
    "a sign that is unknown": combination("m", ">= 0", m="integer"),
    "a sign of a divisor's name": combination("x/(y - 1)", ">= 0", x=ONE, **{"[(('y',), Fraction(1, 1))]": ONE}),
    "0 is not more than 0": combination("x - x", "> 0"),
    "a square is not more than 0": combination("x**2", "> 0"),
    "a non-negative name is not more than 0": combination("m", "> 0", m=NON),
    "a relation that is unknown": combination("-1", "<= 0"),
    "a relation other than a text": combination("0", 0),
    "no relation": damaged("an identity", relation=None),
    # divisors
    "a divisor that may be 0": combination("1/m", ">= 0", m=NON),
    "a divisor that may be negative": combination("1/x**2 + 1/(x - 1)**2", ">= 0"),
    "a negative divisor": combination("m/(-1 - m)", "<= 0", m=ONE),
    "a negative divisor of a negative one": combination("-m/(-1 - m)", ">= 0", m=ONE),
    "a divisor that cancels": combination("x*(1/x)", "> 0"),
    "a divisor under 0": combination("0/x", ">= 0"),
    "a divisor that is subtracted": combination("1/x - 1/x", ">= 0"),
    "a divisor of a divisor": combination("1/(1/x)", ">= 0", x=NON),
    "a divisor to the power 0": combination("(1/x)**0", "> 0"),
    "a divisor in what is given": combination("y", ">= 0", [("y + 0/x", ">= 0", "1")]),
    "an equation divided by what may be 0": combination("y", "= 0", [("x*y", "= 0", "1/x")]),
    "an equation divided by a square": combination("y", "= 0", [("x**2*y", "= 0", "x**-2")]),
    "an equation divided by a difference": combination("c", "= 0", [("(a - b)*c", "= 0", "1/(a - b)")]),
    # what is given
    "a negative multiplier": combination("-x", ">= 0", [("x", ">= 0", "-1")]),
    "an unsigned multiplier": combination("x*y", ">= 0", [("x", ">= 0", "y")]),
    "a multiplier with an unsigned divisor": combination("x/y", ">= 0", [("x", ">= 0", "1/y")]),
    "an inequality for an equation": combination("x", "= 0", [("x", ">= 0", "1")]),
    "a multiplier 0 of a strict one": combination("x - x", "> 0", [("y", "> 0", "0")]),
    "a non-negative multiplier of a strict one": combination("m*y", "> 0", [("y", "> 0", "m")], m=NON),
    "a weak one for a strict one": combination("y", "> 0", [("y", ">= 0", "1")]),
    "a strict equation": combination("y", "> 0", [("y", "= 0", "1")]),
    "a strict one with a negative rest": combination("y - 1", "> 0", [("y", "> 0", "1")]),
    "a given relation that is unknown": combination("-x", ">= 0", [("-x", "<= 0", "1")]),
    "a given without a multiplier": damaged("an equation used", given__0__multiplier=None),
    "a multiplier of the conclusion that is 0": combination("-1", ">= 0") | {"multiplier": "0"},
    "a multiplier that is 0 in disguise": combination("-1", ">= 0", x=ONE) | {"multiplier": "x/x - 1"},
    "a negative multiplier of the conclusion": combination("-1", ">= 0") | {"multiplier": "-1"},
    # expressions
    "a float": combination("0.5*x - x/2", "= 0"),
    "a complex number": combination("1j*1j + 1", "= 0"),
    "a boolean": combination("True - 1", "= 0"),
    "a floor": combination("1//2", "= 0"),
    "a remainder": combination("4 % 2", "= 0"),
    "an attribute": combination("x.real - x.real", "= 0"),
    "an index": combination("x[0] - x[0]", "= 0"),
    "a call": combination("f(x) - f(x)", "= 0"),
    "a function of symbols": combination("abs(x)", ">= 0"),
    "a function with a symbol's name": combination("x", ">= 0", **{"abs(x)": ONE, "x()": ONE}),
    "a lambda": combination("(lambda: 0)()", "= 0"),
    "a choice": combination("0 if x else 0", "= 0"),
    "a walrus": combination("(x := 0)", "= 0"),
    "an exponent that is a symbol": combination("2**n - 2**n", "= 0"),
    "an exponent that is no integer": combination("x**(1/2) - x**(1/2)", "= 0"),
    "a huge exponent": combination("x**100000 - x**100000", "= 0"),
    "a huge negative exponent": combination("x**-100000 - x**-100000", "= 0"),
    "an expression that explodes": combination(f"({' + '.join(LETTERS)})**99", ">= 0"),
    "an empty expression": combination("", "= 0"),
    "two expressions": combination("0; 0", "= 0"),
    "a conclusion that is a number": damaged("an identity", conclusion=0),
    # squares
    "other squares": damaged("a square", terms__0__square="x + y"),
    "another weight": damaged("a square", terms__0__weight="2"),
    "no terms": damaged("a square", terms=[]),
    "a negative weight": squares("-x**2", ">= 0", [("-1", "x")]),
    "a float for a weight": damaged("a square", terms__0__weight=1.0),
    "a boolean for a weight": damaged("a square", terms__0__weight=True),
    "not a number": damaged("a square", terms__0__weight="nan"),
    "a weight with an exponent": damaged("a square", terms__0__weight="1e0"),
    "a weight over 0": damaged("a square", terms__0__weight="1/0"),
    "strict without a constant": squares("x**2", "> 0", [("1", "x")]),
    "strict with the weight 0": squares("x**2", "> 0", [("1", "x"), ("0", "1")]),
    "strict with a weak given": squares("x", "> 0", [("1", "1", 0)], [("x", ">= 0")]),
    "strict with a square of a symbol": squares("x*y**2", "> 0", [("1", "y", 0)], [("x", "> 0")]),
    "strict with an equation": squares("x", "> 0", [("1", "1", 0)], [("x", "= 0")]),
    "an equation squared": squares("-x", ">= 0", [("-1", "1", 0)], [("x", ">= 0")]),
    "a negative index": damaged("a given", terms__0__given=[-1]),
    "an index that is too large": damaged("a given", terms__0__given=[1]),
    "a boolean for an index": damaged("a given", terms__0__given=[False]),
    "a given that is not there": damaged("a given", given=[]),
    "a given of another relation": squares("-x", ">= 0", [("1", "1", 0)], [("-x", "<= 0")]),
    "a multiplier that is 0": squares("-1", ">= 0", [], multiplier="0"),
    "a multiplier of unknown sign": squares("-1", ">= 0", [("1", "x - 1")], multiplier="-(x - 1)**2"),
    "a multiplier that may be 0 with a given": squares("-1", ">= 0", [("1", "x", 0)], [("-1", ">= 0")], "x**2"),
    "a multiplier that a sign makes 0": squares("y", ">= 0", [("1", "1", 0)], [("m*y", ">= 0")], "m", m=NON),
    "a square of a ratio that may be infinite": squares("1/x**2", ">= 0", [("1", "1/x")]),
    # linear programs
    "x is not feasible": damaged("optimal", x=["0", "3"]),
    "x is not optimal": damaged("optimal", x=["3", "0"]),
    "y is negative": linear("optimal", [["1"], ["2"]], ["1", "2"], ["-1"], [False] * 2, ["1"], ["1", "-1"]),
    "y has other prices": damaged("optimal", y=["0", "0", "1"]),
    "an equation that does not hold": damaged("optimal", equal=[False, True, False]),
    "an inequality in the place of the equation": damaged("optimal with an equation", equal=[False, False]),
    "equal is a number": damaged("optimal", equal=[0, 0, 0]),
    "equal is 1": damaged("optimal with an equation", equal=[1, False]),
    "equal is short": damaged("optimal", equal=[False, False]),
    "x is short": damaged("optimal", x=["1"]),
    "x is long": damaged("optimal", x=["1", "2", "0"]),
    "y is short": damaged("optimal", y=["1", "0"]),
    "b is long": damaged("optimal", b=["1", "0", "3", "0"]),
    "c is long": damaged("optimal", c=["2", "1", "0"]),
    "a row is short": damaged("optimal", A__1=["0"]),
    "no x": damaged("optimal", x=None),
    "a float in A": damaged("optimal", A__0__0=1.0),
    "feasible after all": damaged("infeasible", b=["0", "0"]),
    "a missing rank of a pair at the end": damaged("ranks", ranks={k: v for k, v in RANKS.items() if k != "1 6"}),
    "a refutation that keeps x": damaged("infeasible", y=["2", "1"]),
    "a refutation of a part of x": damaged("infeasible", A=[["1", "0"], ["-1", "1"]]),
    "a refutation with a long row": damaged("infeasible", A__0=["1", "7"]),
    "a refutation with a long y": damaged("infeasible", y=["1", "1", "1"]),
    "a refutation with a long b": damaged("infeasible", b=["1", "0", "0"]),
    "a refutation with a short equal": damaged("infeasible", equal=[False]),
    "a refutation of nothing": linear("infeasible", [], [], [], [], [], []),
    "an infeasible one that is called optimal": damaged("infeasible", sense="optimal"),
    "an optimal one that is called infeasible": damaged("optimal", sense="infeasible"),
    "a sense that is unknown": damaged("optimal", sense="best"),
    # roots
    "hi is too small": damaged("an irrational radius", radius=["4519/10000", "4520/10000"]),
    "lo is too large": damaged("an irrational radius", radius=["4521/10000", "4522/10000"]),
    "an empty interval": damaged("an irrational radius", radius=["4521/10000", "4520/10000"]),
    "a negative lo": damaged("an irrational radius", radius=["-1", "1"]),
    "a third number": damaged("an irrational radius", radius=["0", "1", "2"]),
    "another polynomial": damaged("of a matrix", polynomial=["1", "-3/2", "1/2", "1/10"]),
    "another matrix": damaged("of a matrix", matrix__0=["1/2", "1/4", "1/4"]),
    "another determinant": damaged("of a matrix", polynomial=["1", "-3/2", "1/2", "1/10"], radius=["0", "9"]),
    "another trace": damaged("of a matrix", polynomial=["1", "-2", "1/2", "0"], radius=["0", "9"]),
    "a matrix of another size": damaged("of a matrix", matrix=[["1", "0"], ["0", "1/2"]]),
    "a matrix with a short row": damaged("of a matrix", matrix__1=["1/4", "1/2"]),
    "an empty matrix": damaged("of a matrix", matrix=[]),
    "no leading coefficient": damaged("an irrational radius", polynomial=[0, 12, -1, -2]),
    "a constant": roots([1], "0", "1"),
    "no polynomial": roots([], "0", "1"),
    "0 alone": roots([0], "0", "1"),
    "a root outside, and its inverse": roots([1, "-5/2", 1], "1", "1"),
    "roots around the circle and one outside": roots([1, -2, 0, -1, 2], "1", "1"),
    "a radius 0 with another root": roots([1, -1, 0], "0", "0"),
    "roots that are all smaller than lo": roots([1, 0, 1], "101/100", "2"),
    "complex roots outside": roots([1, 0, 1], "1/2", "99/100"),
    # graphs
    "a rank that is not lower": damaged("ranks", ranks={**RANKS, "1 2": 0}),
    "a missing rank": damaged("ranks", ranks={k: v for k, v in RANKS.items() if k != "3 4"}),
    "a missing rank of what leads nowhere": damaged("ranks", ranks={k: v for k, v in RANKS.items() if k != "1 6"}),
    "no ranks": damaged("ranks", ranks={}),
    "a rank that is a float": damaged("ranks", ranks={**RANKS, "1 2": 1.5}),
    "ranks of a cycle": {"kind": "ranks", "patterns": [SWAP], "ranks": {"1 2": 1}},
    "no patterns": damaged("ranks", patterns=[]),
    "an empty pattern": damaged("ranks", patterns=[[]]),
    "a second pattern of another size": damaged("ranks", patterns=[UPPER, SWAP]),
    "a second pattern with a cycle": damaged("ranks", patterns=[UPPER, [[0, 1, 0], [1, 0, 0], [0, 0, 1]]]),
    "a row without an entry": damaged("ranks", patterns=[[[1, 1, 0], [0, 0, 0], [1, 0, 0]]]),
    "a long row": damaged("ranks", patterns__0__0=[1, 1, 0, 0]),
    "an entry 2": damaged("ranks", patterns__0__0=[2, 1, 0]),
    "an entry that is a boolean": damaged("ranks", patterns__0__0=[True, 1, 0]),
    "images that meet": {"kind": "cycle", "patterns": [[[1, 1], [0, 1]]], "word": [0], "pair": [1, 2]},
    "images that meet on the way": damaged("a cycle of two letters", patterns__1=[[1, 0], [1, 0]]),
    "a way that does not return": {"kind": "cycle", "patterns": [UPPER], "word": [0], "pair": [1, 2]},
    "an empty word": damaged("a cycle", word=[]),
    "a letter that is not there": damaged("a cycle", word=[1]),
    "a negative letter": damaged("a cycle", word=[-1]),
    "an empty row beside the cycle": damaged("a cycle", patterns=[[[0, 1, 0], [1, 0, 0], [0, 0, 0]]]),
    "a short pattern beside the cycle": damaged("a cycle", patterns=[SWAP, [[1]]]),
    "a pattern with too few rows": damaged("a cycle", patterns=[[[1, 0, 0], [0, 1, 0]]]),
    "a pair that meets": {"kind": "cycle", "patterns": [[[1, 0], [0, 1]]], "word": [0], "pair": [1, 3]},
    "a pair of one set": {"kind": "cycle", "patterns": [[[1, 0], [0, 1]]], "word": [0], "pair": [1, 1]},
    "an empty set": {"kind": "cycle", "patterns": [[[1, 0], [0, 1]]], "word": [0], "pair": [0, 1]},
    "a set of agents that are not there": damaged("a cycle", pair=[1, 4]),
    "three sets": {"kind": "cycle", "patterns": [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]], "word": [0], "pair": [1, 2, 4]},
    # values
    "a false comparison": damaged("harmonic numbers", statement="H(3) == 11/7"),
    "a true one that is to be false": damaged("harmonic numbers", expected=False),
    "expected is 1": damaged("harmonic numbers", expected=1),
    "no expectation": damaged("harmonic numbers", expected=None),
    "a chain": value("0 <= 1 <= 2", True),
    "no comparison": value("1", True),
    "two comparisons": value("0 < 1 and 1 < 2", True),
    "identity": value("1 is 1", True),
    "an unknown name": value("x == x", True),
    "an unknown function": value("sqrt(4) == 2", True),
    "a numeral that is a float": value("x == 1/2", True, x=0.5),
    "a name that is a boolean": value("x == 1", True, x=True),
    "a named infinity": value("x > 1", True, x="inf"),
    "a root": value("4**(1/2) == 2", True),
    "a huge power": value("9**9**9 > 0", True),
    "a power of 0": value("0**-1 == 0", True),
    "a harmonic number of a fraction": value("H(1/2) >= 0", True),
    "a harmonic number of -1": value("H(-1) == 0", True),
    "a harmonic number that is too large": value("H(10**9) > 1", True),
    "a harmonic number of two keywords": value("H(3, p=2) == 11/6", True),
    "a maximum of nothing": value("max() == 0", True),
    "a worth with too much": value('worth("u", "s", [1], 0) == 1', True),
    "a worth of what is no text": value('worth(u.u, "s", [1]) == 1', True, u="1"),
    "a worth of an unknown name": value('worth("v", "s", [1]) == 1', True),
    "a payoff with too little": value('paid("u", "s", [1]) == 1', True),
    "a payoff of nobody": value('paid("u", "s", [1], 1) == 1', True),
    "a payoff of agent -1": value('paid("u", "s", [1], -1) == 1', True),
    "a payoff of half an agent": value('paid("u", "s", [1, 2], 1/2) == 1', True),
    "a payoff of an agent of no coalition": value('paid("u", "s", [], 0) == 0', True),
    # others
    "an empty induction": {"kind": "induction", "certificates": []},
    "an induction with a false step": {"kind": "induction", "certificates": [VALUES["a worth"], value("1 == 2", True)]},
    "an induction that contains none": {"kind": "induction"},
    "a kind that is unknown": {"kind": "revelation"},
    "no kind": {},
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGES)
def test_rejects(name):
    assert reason(DAMAGES[name])


@pytest.mark.parametrize("kind", [*vars(Certificate), *vars(dict), "", "check", [], None, 1])
def test_what_is_no_rule_is_no_kind(kind):
    rules = {"combination", "linear", "roots", "ranks", "value"}
    if not isinstance(kind, str) or kind not in rules:
        assert reason({"kind": kind})


@pytest.mark.parametrize("name", sorted(TRUE.keys() - OTHERS.keys() - {"nothing but 0", "one agent"}))
def test_every_key_matters(name):
    optional = {"signs", "given", "multiplier", "matrix"}  # no sign, nothing given, 1 and no matrix if absent
    for key in TRUE[name].keys() - optional - ({"c", "x"} if name == "infeasible" else {"at"}):
        assert reason(damaged(name, **{key: None})), key
        assert reason(damaged(name, **{key: 0.5})), key


@pytest.mark.parametrize("relation", ["<", "<=", "==", "!=", ">=", ">"])
def test_comparisons_are_those_of_numbers(relation):
    for x in ("-1/3", "0", "1/3"):
        holds = {"<": x[0] == "-", "<=": x != "1/3", "==": x == "0", "!=": x != "0", ">=": x[0] != "-", ">": x == "1/3"}
        for expected in (True, False):
            assert (reason(value(f"x {relation} 0", expected, x=x)) == "") is (holds[relation] is expected)


def test_free_text_changes_nothing():
    free = {"note": "true", "at": {"x": "0"}, "divisors": [], "legend": {"x": "y"}, "equal": [True], "A": [[0.5]]}
    assert reason({**COMBINATIONS["an identity"], **free}) == ""
    assert reason({**combination("x", "= 0"), **free})  # a point that is free text does not stand for the name
    assert reason({**combination("-x**2", ">= 0"), **free})


def test_counts_what_was_checked_and_what_was_not():
    inner = [VALUES["a worth"], OTHERS["an enumeration"], OTHERS["an induction"]]
    tally = check({"kind": "induction", "certificates": inner})
    assert tally == {"induction": 2, "value": 2, "combination": 1, "not re-checked": 1}


def polynomial(zeros):
    """Return the integer polynomial, highest first, with these factors."""
    product = [1]
    for factor in zeros:
        product = [int(c) for c in np.convolve(product, factor)]
    return product


def test_roots_agrees_with_numerical_roots():
    generator = random.Random(5)
    factors = [
        [1, -1], [1, 1], [1, 0, 1], [1, 1, 1], [1, 0, 0, 0, 1], [1, 0], [2, 1], [3, -2], [4, 0, 3], [4, 1, 3],
        [2, -3], [1, -3, 1], [3, 5, 4], [1, -1, 1], [1, 1, 1, 1, 1], [4, -1, 4, 1],
    ]  # fmt: skip
    outcomes = []
    for _ in range(150):
        p = polynomial(generator.choices(factors, k=generator.randint(1, 4)))
        radius = max(abs(z) for f in (p,) for z in np.roots(f)) if len(p) > 1 else 0.0
        for r in (Fraction(1), Fraction(2, 3), Fraction(3, 2), Fraction(5, 4)):
            multiple = 1e-3 if abs(radius - r) < 1e-3 else 0  # multiple roots are found to a few digits only
            if multiple and r != 1:
                continue
            inside = bool(radius <= r + multiple)
            assert (reason(roots(p, "0", str(r))) == "") is inside, (p, r, radius)
            assert (reason(roots(p, str(r), "100")) == "") is bool(radius >= r - multiple), (p, r, radius)
            outcomes.append((inside, bool(multiple)))
    assert len(set(outcomes)) == 3  # inside, outside, and on the circle


def test_ranks_agree_with_products():
    generator = random.Random(3)
    found = set()
    for _ in range(60):
        patterns = [[[int(generator.random() < 0.4) for _ in range(3)] for _ in range(3)] for _ in range(2)]
        if not all(any(row) for A in patterns for row in A):
            continue
        ranks = longest_paths(patterns, 3)
        # without a cycle, every long word has a column of ones; with one, some word repeated never has
        words = [np.eye(3, dtype=int)]
        for _ in range(7):
            words = [np.minimum(P @ np.array(A), 1) for P in words for A in patterns]
        scrambling = all(all((P[i] & P[j]).any() for i, j in combinations(range(3), 2)) for P in words)
        assert (ranks is not None) is scrambling
        found.add(scrambling)
        if ranks is not None:
            assert reason({"kind": "ranks", "patterns": patterns, "ranks": ranks}) == ""
    assert found == {True, False}


def longest_paths(patterns, n):
    """Return the rank of each pair, the length of the longest path from it; None if there is a cycle."""

    def image(A, S):
        return sum(1 << j for j in range(n) if any(A[i][j] for i in range(n) if S >> i & 1))

    pairs = [(S, T) for S in range(1, 2**n) for T in range(S + 1, 2**n) if not S & T]
    ranks = dict.fromkeys(pairs, 0)
    for _ in range(len(pairs) + 1):
        before = dict(ranks)
        for S, T in pairs:
            after = [tuple(sorted((image(A, S), image(A, T)))) for A in patterns]
            ranks[S, T] = max((before[p] + 1 for p in after if not p[0] & p[1]), default=0)
        if ranks == before:
            return {f"{S} {T}": rank for (S, T), rank in ranks.items()}
    return None


def test_polynomials_of_two_thousand_terms_take_about_a_second():
    """Products of all pairs of terms would take minutes."""
    monomials = ["*".join(m) for m in combinations(LETTERS, 3)]
    assert len(monomials) > 2000
    text = " + ".join(f"{k + 1}/7*{m}" for k, m in enumerate(monomials))
    certificate = combination(text, ">= 0", [(text, ">= 0", "1/2")], **dict.fromkeys(LETTERS, ONE))
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)  # as the program does
    try:
        assert reason(certificate) == ""
        assert quickest(lambda: reason(certificate), repeats=1) < 5.0
    finally:
        sys.setrecursionlimit(usual)


def run(*paths):
    return subprocess.run(
        [sys.executable, "-I", str(PROGRAM), *map(str, paths)], capture_output=True, text=True, check=False, timeout=60
    )


def written(path, certificates=(), counterexamples=(), claim="S0"):
    pieces = [{"what": "the base", "part": "all", "level": "proof", "certificates": list(certificates)}]
    mutants = [{"mutant": "no hypothesis", "certificates": [c]} for c in counterexamples]
    path.write_text(json.dumps({"claim": claim, "statement": "", "pieces": pieces, "counterexamples": mutants}))
    return path


def test_program_counts_by_kind_and_in_total(tmp_path):
    written(tmp_path / "a.json", TRUE.values(), [VALUES["a counterexample"]], claim="S1")
    written(tmp_path / "b.json", [OTHERS["an enumeration"]], claim="S2")
    written(tmp_path / "c.json", claim="S3")
    done = run(tmp_path)
    first, second, third, total = done.stdout.splitlines()
    assert done.returncode == 0
    assert first.startswith("S1: ")
    assert ast.literal_eval(first[4:])["value"] == len(VALUES) + 2
    assert ast.literal_eval(second[4:]) == {"not re-checked": 1}
    assert ast.literal_eval(third[4:]) == {"no certificate": 1}
    assert ast.literal_eval(total[len("total: ") :])["not re-checked"] == 2


def test_program_names_what_fails(tmp_path):
    good = written(tmp_path / "good.json", [VALUES["a worth"]])
    bad = written(tmp_path / "bad.json", [VALUES["a worth"], DAMAGES["a square is not more than 0"]])
    done = run(tmp_path)
    assert done.returncode == 1
    assert "bad.json: the base: ValueError('what remains is not > 0')" in done.stdout
    assert run(good).returncode == 0
    assert run(written(bad, [], [value("1 <= 2", False)])).returncode == 1
    assert "no hypothesis" in run(bad).stdout


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", "null", '{"claim": "S1", "pieces": []}',
        '{"claim": "S1", "counterexamples": [], "pieces": 1}',
        '{"claim": "S1", "claim": "S2", "counterexamples": [], "pieces": []}',
        '{"counterexamples": [], "pieces": []}',
        '{"claim": "S1", "counterexamples": [], "pieces": [{"what": "a"}]}',
        '{"claim": "S1", "counterexamples": [], "pieces": [{"what": "a", "certificates": [{"kind": "revelation"}]}]}',
        "[" * 100_000,
    ],
)  # fmt: skip
def test_program_says_what_it_cannot_read(tmp_path, text):
    path = tmp_path / "S1.json"
    path.write_text(text)
    done = run(path)
    assert done.returncode == 2, done.stdout
    assert "S1.json" in done.stdout
    assert done.stderr == ""
    bad = written(tmp_path / "bad.json", [value("1 == 2", True)])
    assert run(path, bad).returncode == run(bad, path).returncode == 1  # a certificate that fails weighs more


def test_program_does_not_pass_what_is_not_there(tmp_path):
    assert run().returncode == 2
    assert run(tmp_path).returncode == 2
    assert run(tmp_path / "missing.json").returncode == 2
    binary = tmp_path / "x.json"
    binary.write_bytes(b"\xff\xfe")
    assert run(binary).returncode == 2


def test_program_is_short_and_needs_the_standard_library_only():
    source = PROGRAM.read_text(encoding="utf-8")
    assert len(source.splitlines()) < 200
    imported = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module)
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    called = {
        node.func.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert not called & {"eval", "exec", "compile", "__import__"}
