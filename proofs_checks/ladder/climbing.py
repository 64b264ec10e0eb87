"""Climbing: the rungs in the order of their cost, until one of them decides a sentence.

    can the hypotheses hold?  simple rationals, search in floating point,  induction, identities, combinations,
    sums of squares, finite ranges,  z3 with its false twin and cvc5 beside it,  a longer search

Only a point that fails in exact arithmetic refutes, and nothing is proved whose hypotheses were not seen to hold.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Expr, Rational, harmonic

from proofs_checks.ladder import rungs, search, second_opinion, smt
from proofs_checks.ladder.attempt import Attempt, Certificate, Outcome, rejected
from proofs_checks.ladder.cases import cases, hypotheses_of, with_symbols
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.ladder.polynomials import Beyond
from proofs_checks.ladder.witnesses import counterexample_of, finite_range, witness_of
from proofs_checks.verdict import Level, Verdict

VACUITY = "hypotheses can hold"
FIRST_SEARCH, LAST_SEARCH = 0.5, 4.0  # seconds in floating point, before and after the proofs
SECOND_OPINION = 3.0
MAX_INSTANCES = 20_000  # of a finite range


@dataclass(frozen=True)
class Found:
    """What a climb found; see `proofs_checks.conjecture.Conjecture`."""

    verdict: Verdict
    level: Level | None
    reason: str
    attempts: tuple[Attempt, ...]
    certificate: Certificate | None = None
    counterexample: dict[str, Expr] | None = None
    sides: tuple[Expr, Expr] | None = None


def climb(sentence: Sentence, seconds: float, seed: int = 0) -> Found:
    """Return what the rungs find about a sentence within a time limit.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real")
    >>> climb(Sentence(V, (), parse_relations("x**2 >= x", V)[0]), 5.0).counterexample
    {'x': 1/2}
    """
    state = _State(sentence, time.perf_counter() + seconds, seconds)
    attempts: list[Attempt] = []
    for found in _attempts(state, seed):
        attempt = _confirmed(sentence, found) if found.refuted else found
        attempts.append(attempt)
        if attempt.refuted and attempt.counterexample is not None:
            return _refuted(sentence, attempt, attempts)
        if attempt.rung == VACUITY:
            if "contradict" in attempt.note:
                return Found(Verdict.OPEN, Level.SEARCH, f"vacuous: {attempt.note}", tuple(attempts))
        elif attempt.proved:
            level = Level.EXACT if attempt.rung == "finite range" else Level.PROOF if attempt.certificate else None
            if level is None:
                second = _second_opinion(state)
                attempts += [second] if second is not None else []
                if second is not None and ": sat, but" in second.note:
                    reason = f"the solvers contradict each other: {attempt.note}; {second.note}"
                    return Found(Verdict.OPEN, Level.SEARCH, reason, tuple(attempts))
                level = Level.SOLVER
            if not state.consistent:
                reason = f"{attempt.rung} proves it, but no point was found at which the hypotheses hold"
                return Found(Verdict.OPEN, Level.SEARCH, reason, tuple(attempts))
            if level >= Level.SYMBOLIC and (why := rejected(attempt.certificate)):
                reason = f"{attempt.rung} proves it, but its certificate does not hold: {why}"
                return Found(Verdict.OPEN, Level.SEARCH, reason, tuple(attempts))
            return Found(Verdict.PROVED, level, "", tuple(attempts), attempt.certificate)
    limit = " (the time was over)" if state.left <= 0 else ""
    reason = f"no counterexample found, and no rung proved it{limit}"
    return Found(Verdict.OPEN, Level.SEARCH, reason, tuple(attempts))


@dataclass
class _State:
    """What the rungs of one climb know of each other."""

    sentence: Sentence
    end: float
    seconds: float
    witness: tuple[Fraction, ...] | None = None
    consistent: bool = False

    @property
    def left(self) -> float:
        return max(0.0, self.end - time.perf_counter())


def _attempts(state: _State, seed: int) -> Iterator[Attempt]:
    sentence = state.sentence
    yield from _simple(state, min(0.4, 0.1 * state.seconds), 4000)
    yield _searched(state, seed, min(FIRST_SEARCH, 0.1 * state.seconds))
    if not state.consistent:
        yield _vacuity(state)
    has_harmonic = sentence.conclusion.expression.has(harmonic)
    if has_harmonic:
        yield from rungs.inductions(sentence, 0.3 * state.left)
    yield from _exact(state, 0.6 * state.left)
    if not has_harmonic:
        yield from rungs.inductions(sentence, 0.3 * state.left)
    yield from _finite(state)
    if state.left > 0:
        yield _asked(state, "z3", 0.6 * state.left)
        yield from itertools.islice(_simple(state, min(LAST_SEARCH / 2, state.left / 2), 200_000), 1, None)
        yield _searched(state, seed + 1, min(LAST_SEARCH, state.left))


def _simple(state: _State, seconds: float, limit: int) -> Iterator[Attempt]:
    """Try simple rational points; the first that satisfies the hypotheses shows that they can hold."""
    start, count = time.perf_counter(), 0
    sentence = state.sentence
    for point in search.simplest(sentence, seconds, limit):
        count += 1
        state.witness = state.witness or point
        if sentence.fails(point):
            spent = time.perf_counter() - start
            yield Attempt("simple rationals", "refuted", counterexample=sentence.named(point), seconds=spent)
            return
    spent = time.perf_counter() - start
    state.consistent = state.consistent or state.witness is not None
    if state.consistent and state.witness is not None:
        where = ", ".join(f"{name} = {x}" for name, x in sentence.named(state.witness).items())
        yield Attempt(VACUITY, "proved", note=f"at {where}")
    else:
        yield Attempt(VACUITY, "gave up", note="not at a simple rational point")
    yield Attempt("simple rationals", "gave up", seconds=spent, note=f"{count} points, none of which fails")


def _searched(state: _State, seed: int, seconds: float) -> Attempt:
    """Search in floating point; what it finds is rounded and checked exactly."""
    start = time.perf_counter()
    worst = search.adversarial(state.sentence, seed, seconds)
    spent = time.perf_counter() - start
    if worst.counterexample is not None:
        point = state.sentence.named(worst.counterexample)
        return Attempt("search", "refuted", counterexample=point, seconds=spent)
    note = f"{worst.tried} random points and local descents in {spent:.1f} s"
    if worst.violation > 1e-9:
        note += f"; violated by {worst.violation:.2g} in floating point, at no rational point near it"
    if state.witness is None and worst.point is not None:
        state.witness = witness_of(state.sentence, worst.point)
        state.consistent = state.consistent or state.witness is not None
    return Attempt("search", "gave up", seconds=spent, note=note)


def _vacuity(state: _State) -> Attempt:
    """Ask z3 whether the hypotheses can hold, where no point was found at which they do."""
    start = time.perf_counter()
    e, given, _, _ = with_symbols(state.sentence)
    symbols = [*state.sentence.symbols, *e.free_symbols]
    answer = smt.satisfiable([*given, ("the conclusion is defined", e, "defined")], symbols, min(5.0, 0.2 * state.left))
    if answer == "sat" and any(h.expression.has(harmonic) for h in state.sentence.hypotheses):
        answer = "unknown"  # to z3, H(n) is any number within its bounds
    state.consistent = answer == "sat"
    note = {"sat": "z3: sat, at no simple rational point", "unsat": "the hypotheses contradict each other (z3: unsat)"}
    outcome: Outcome = "proved" if answer == "sat" else "gave up"
    spent = time.perf_counter() - start
    return Attempt(VACUITY, outcome, seconds=spent, note=note.get(answer, f"z3 did not say within {spent:.1f} s"))


def _exact(state: _State, seconds: float) -> Iterator[Attempt]:
    start = time.perf_counter()
    try:
        found = cases(state.sentence)
    except Beyond as problem:
        yield Attempt("cases", "gave up", seconds=time.perf_counter() - start, note=str(problem))
        return
    yield from rungs.prove_cases(found, seconds)


def _finite(state: _State) -> Iterator[Attempt]:
    """Try every instance where all variables are integers in a bounded range."""
    ranges = finite_range(state.sentence)
    if ranges is None:
        return
    count = 1
    for values in ranges:
        count *= len(values)
    if count > MAX_INSTANCES:
        return
    start, admitted = time.perf_counter(), 0
    for integers in itertools.product(*ranges):
        point = tuple(Fraction(i) for i in integers)
        if state.sentence.fails(point):
            named = state.sentence.named(point)
            spent = time.perf_counter() - start
            yield Attempt("finite range", "refuted", counterexample=named, seconds=spent)
            return
        if not state.sentence.decides(point):
            where = ", ".join(f"{name} = {x}" for name, x in state.sentence.named(point).items())
            note = f"a term at {where} is irrational, or too large to be evaluated"
            yield Attempt("finite range", "gave up", seconds=time.perf_counter() - start, note=note)
            return
        admitted += state.sentence.admits(point)
        if time.perf_counter() > state.end:
            spent = time.perf_counter() - start
            yield Attempt("finite range", "gave up", seconds=spent, note=f"{count} instances take over {spent:.1f} s")
            return
    state.consistent = state.consistent or admitted > 0
    names = ", ".join(f"{v.name} in {r[0]}..{r[-1]}" for v, r in zip(state.sentence.variables, ranges, strict=True))
    certificate: Certificate = {"kind": "enumeration", "range": names, "instances": admitted}
    yield Attempt("finite range", "proved", certificate, seconds=time.perf_counter() - start)


def _asked(state: _State, solver: str, seconds: float) -> Attempt:
    e, given, _, _ = with_symbols(state.sentence)
    point = state.sentence.named(state.witness) if state.witness is not None else None
    return rungs.guarded(
        solver,
        lambda: smt.decide(
            e,
            state.sentence.conclusion.sign,
            given,
            state.sentence.symbols,
            seconds,
            "cvc5" if solver == "cvc5" else "z3",
            point,
        ),
    )


def _second_opinion(state: _State) -> Attempt | None:
    """Ask cvc5 as well, where it is installed and time is left."""
    seconds = min(SECOND_OPINION, state.left)
    return _asked(state, "cvc5", seconds) if second_opinion.available() and seconds > 0.2 else None


def _confirmed(sentence: Sentence, attempt: Attempt) -> Attempt:
    """Return the attempt with its point shrunk, if the sentence fails there exactly; gave up otherwise."""
    point = attempt.counterexample or {}
    if all(x.is_Rational for x in point.values()):
        values = sentence.unnamed({v.name: point[v.name] for v in sentence.variables if v.name in point})
        if sentence.fails(values):
            return replace(attempt, counterexample=sentence.named(_shrunk(sentence, values)))
    else:
        given = hypotheses_of(sentence)
        own = {v.name: point[v.name] for v in sentence.variables if v.name in point}
        claim = sentence.conclusion
        whole = [claim.expression, *(e for _, e, _ in given)]
        if not any(e.has(harmonic) for e in whole) and smt.fails(own, claim.expression, claim.sign, given):
            return replace(attempt, counterexample=own)
    where = ", ".join(f"{name} = {x}" for name, x in point.items())
    note = f"fails at {where}, which is no point of the conjecture"
    return replace(attempt, outcome="gave up", counterexample=None, note=note)


def _shrunk(sentence: Sentence, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """Return a simpler counterexample; the variables that equations determine follow the others."""
    chosen = tuple(point[i] for i in sentence.free)
    if sentence.point(chosen) != tuple(point):
        return tuple(point)

    def fails(candidate: tuple[Fraction, ...]) -> bool:
        whole = sentence.point(candidate)
        return whole is not None and sentence.fails(whole)

    return sentence.point(search.shrunk(chosen, fails)) or tuple(point)


def _refuted(sentence: Sentence, attempt: Attempt, attempts: list[Attempt]) -> Found:
    point = attempt.counterexample or {}
    certificate, sides = None, None
    if all(x.is_Rational for x in point.values()):
        values = sentence.unnamed(point)
        left, right = sentence.sides(values)
        sides = Rational(left.numerator, left.denominator), Rational(right.numerator, right.denominator)
        certificate = counterexample_of(sentence, values)
        if certificate is not None and (why := rejected(certificate)):
            reason = f"{attempt.rung} finds a counterexample, but its certificate does not hold: {why}"
            return Found(Verdict.OPEN, Level.SEARCH, reason, tuple(attempts))
    return Found(Verdict.REFUTED, None, "", tuple(attempts), certificate, point, sides)
