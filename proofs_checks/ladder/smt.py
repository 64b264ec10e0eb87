"""Decision procedures: z3 and cvc5 on sentences over the reals, each answer paired with a false twin.

A statement holds if its hypotheses and the negation of its conclusion are unsatisfiable.  Nothing re-checks such an
answer, so it comes with a *false twin*: the same conclusion with a bound that a known point violates,

    E > E(p),    p a point that satisfies the hypotheses,

which has to be satisfiable in the same encoding.  Division by zero is uninterpreted for a solver, so denominators are
cleared first and stated not to vanish.  A model is believed only after it has been put into the statement exactly.

References
----------
D. Jovanović, L. de Moura, "Solving non-linear arithmetic", IJCAR 2012.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Literal

from sympy import Expr, Integer, Symbol, minimal_polynomial, nan, zoo

from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.encoding import Answer, Encoding
from proofs_checks.ladder.shifts import Given

SHARE = 0.7  # of the time limit for the statement itself, the rest for its twin


def decide(
    conclusion: Expr,
    relation: str,
    given: Sequence[Given] = (),
    symbols: Sequence[Symbol] = (),
    seconds: float = 5.0,
    solver: Literal["z3", "cvc5"] = "z3",
    point: Mapping[str, Expr] | None = None,
) -> Attempt:
    """Ask a solver whether the hypotheses imply the conclusion, for all values of the symbols.

    Parameters
    ----------
    conclusion : rational up to abs, min, max and square roots
    relation : "= 0", ">= 0", "> 0" or "!= 0"
    given : hypotheses (name, expression, relation)
    symbols : the variables, whose signs and integrality are part of the hypotheses; more than occur may be listed
    seconds : time limit
    solver : which one
    point : satisfies the hypotheses, for the false twin; the solver looks for one if it is missing

    Returns
    -------
    Attempt; proved without a certificate, refuted with an exact point, or gave up: a time limit says the seconds

    Examples
    --------
    >>> x, s = Symbol("x", real=True), Symbol("s", positive=True)
    >>> decide(x**2 / s + s - 2 * x, ">= 0").outcome
    'proved'
    >>> decide(x - x**2, ">= 0", [("x >= 0", x, ">= 0")]).outcome
    'refuted'
    """
    start = time.perf_counter()
    everything = set(symbols) | conclusion.free_symbols | {x for _, e, _ in given for x in e.free_symbols}
    names = sorted(everything, key=str)
    tools: dict[str, str] = {solver: _version(solver)}
    rung = str(solver)

    def attempt(outcome: Literal["proved", "refuted", "gave up"], note: str, **more: Any) -> Attempt:
        return Attempt(rung, outcome, seconds=time.perf_counter() - start, note=note, tools=tools, **more)

    for integers in (False, True) if any(x.is_integer for x in names) else (False,):
        left = seconds - (time.perf_counter() - start)
        encoding = Encoding(names, integers)
        encoding.require(given)
        answer, model = encoding.check(encoding.negated(conclusion, relation), SHARE * left, solver)
        if answer == "unsat":
            left = seconds - (time.perf_counter() - start)
            twin, told = _twin(encoding, conclusion, relation, point, left, solver)
            if twin == "sat":
                return attempt("proved", f"{solver}: unsat; its false twin {told} came back sat")
            return attempt("gave up", f"{solver}: unsat, but its false twin {told} came back {twin}")
        if answer == "sat":
            found = next((p for p in model if fails(p, conclusion, relation, given)), None)
            if found is not None:
                return attempt("refuted", f"{solver}: sat, and exact arithmetic agrees", counterexample=found)
            if integers or not any(x.is_integer for x in names):
                confirmed = "exact arithmetic did not confirm its point" if model else "it names no point"
                return attempt("gave up", f"{solver}: sat, but {confirmed}")
    spent = time.perf_counter() - start
    return attempt("gave up", f"{solver} gave no answer in {spent:.1f} s (limit {seconds:.1f} s)")


def satisfiable(given: Sequence[Given], symbols: Sequence[Symbol], seconds: float = 2.0) -> Answer:
    """Return whether hypotheses can hold at all, as z3 says; "sat" may be at an irrational point.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> satisfiable([("x > 1", x - 1, "> 0"), ("x < 1", 1 - x, "> 0")], [x])
    'unsat'
    """
    encoding = Encoding(sorted(set(symbols), key=str), any(x.is_integer for x in symbols))
    encoding.require(given)
    return encoding.check([], seconds, "z3")[0]


def fails(point: Mapping[str, Expr], conclusion: Expr, relation: str, given: Sequence[Given]) -> bool:
    """Return whether the hypotheses hold and the conclusion fails at a point, in exact (algebraic) numbers.

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> fails({"x": Integer(1) / 2}, x**2 - x, ">= 0", [])
    True
    """
    everything = conclusion.free_symbols | {x for _, e, _ in given for x in e.free_symbols}
    if any(not admissible(x, point.get(str(x))) for x in everything):
        return False
    values = {x: point[str(x)] for x in everything}
    if not all(_true(e.xreplace(values), r) for _, e, r in given):
        return False
    return _true(conclusion.xreplace(values), relation) is False


def admissible(symbol: Symbol, value: Expr | None) -> bool:
    """Return whether a number may stand for a symbol.

    Examples
    --------
    >>> admissible(Symbol("m", integer=True), Integer(1) / 2)
    False
    """
    if value is None:
        return False
    wanted = {key: getattr(symbol, f"is_{key}") for key in ("integer", "positive", "nonnegative")}
    return all(getattr(value, f"is_{key}") for key, truth in wanted.items() if truth)


def _true(number: Expr, relation: str) -> bool | None:
    """Return whether a number has the relation to 0; None if that is not known."""
    if not number.is_Rational:
        if number.has(zoo, nan) or not number.is_number or number.is_real is False:
            return None
        x, near = Symbol("x"), number.evalf(30)
        if abs(near) > 1e-20:
            number = Integer(1 if near > 0 else -1)
        elif minimal_polynomial(number, x) == x:
            number = Integer(0)
        else:
            return None
    tests = {"= 0": number == 0, "!= 0": number != 0, ">= 0": number >= 0, "> 0": number > 0}
    return bool(tests[relation])


def _twin(
    encoding: Encoding, conclusion: Expr, relation: str, point: Mapping[str, Expr] | None, left: float, solver: str
) -> tuple[Answer, str]:
    """Check that a conclusion that is false at a known point comes back sat."""
    value = None
    if point is not None and all(str(x) in point for x in conclusion.free_symbols):
        value = conclusion.xreplace({x: point[str(x)] for x in conclusion.free_symbols})
    if value is None or not value.is_Rational:
        answer, _ = encoding.check(encoding.claimed(conclusion, relation), left, solver)
        return answer, f"'not ({conclusion} {relation})'"
    stronger, sign, told = conclusion - value, "> 0", f"'{conclusion} > {value}'"
    if relation in ("= 0", "!= 0"):
        stronger, sign, told = conclusion - value, "!= 0", f"'{conclusion} != {value}'"
    answer, _ = encoding.check(encoding.negated(stronger, sign), 0.6 * left, solver)
    if answer == "unknown" and point is not None:  # the encoding at the point alone
        answer, _ = encoding.check(encoding.negated(stronger, sign), 0.3 * left, solver, point)
    return answer, told


def _version(solver: str) -> str:
    return version("z3-solver" if solver == "z3" else solver)
