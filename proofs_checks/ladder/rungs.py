"""Rungs: the exact methods in the order of their cost, on one relation or on every case of a sentence.

identities and signs, linear combinations, combinations with polynomial multipliers, sums of squares; induction where
there are integers.  A rung that fails on an error of its own has given up, and says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sympy import Abs, Expr, Max, Min

from proofs_checks.ladder import apart, identities
from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.cases import Case, hypotheses_of
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.ladder.induction import by_induction
from proofs_checks.ladder.shifts import Given

Rung = Callable[[Expr, str, Sequence[Given], float], Attempt]

LARGE = 8  # names, beyond which sums of squares are sought in a process of their own: they may not keep their time
SHARES = {"identities and signs": 0.15, "linear": 0.3, "combinations": 0.25, "sums of squares": 0.7}  # of what is left


def exact_rungs() -> list[tuple[str, Rung]]:
    """Return the rungs that prove a relation between rational functions, cheapest first.

    Examples
    --------
    >>> [name for name, _ in exact_rungs()]
    ['identities and signs', 'linear', 'combinations', 'sums of squares']
    """
    from proofs_checks.ladder import combinations, linear, sums_of_squares  # solvers are loaded when they are needed

    def squares(e: Expr, relation: str, given: Sequence[Given], seconds: float) -> Attempt:
        names = e.free_symbols.union(*(g.free_symbols for _, g, _ in given))
        if len(names) > LARGE:
            return apart.sums_of_squares(e, relation, given, seconds)
        return sums_of_squares.certify(e, relation, given, seconds=seconds)

    return [
        ("identities and signs", identities.certify),
        ("linear", lambda e, r, given, seconds: linear.implied(e, r, given)),
        ("combinations", lambda e, r, given, s: combinations.combination(e, r, given, seconds=s)),
        ("sums of squares", squares),
    ]


def guarded(name: str, rung: Callable[[], Attempt]) -> Attempt:
    """Run a rung; one that stops on an error has given up, so that the others still have their turn.

    Examples
    --------
    >>> guarded("broken", lambda: 1 / 0).note
    'stopped by ZeroDivisionError: division by zero'
    """
    start = time.perf_counter()
    try:
        return rung()
    except Exception as error:
        note = f"stopped by {type(error).__name__}: {error}"[:300]
        return Attempt(name, "gave up", seconds=time.perf_counter() - start, note=note)


def prove(e: Expr, relation: str, given: Sequence[Given], seconds: float) -> Iterator[Attempt]:
    """Yield the attempts of the exact rungs at one relation; the last one that is yielded may prove it.

    Parameters
    ----------
    e : rational in its symbols
    relation : "= 0", ">= 0", "> 0" or "!= 0"; an equation may be proved by two inequalities, e ≠ 0 by one
    given : hypotheses (name, expression, relation)
    seconds : time limit for all rungs

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> [(a.rung, a.outcome) for a in prove(x**2 + y**2, ">= 0", [], 5.0)]
    [('identities and signs', 'proved')]
    """
    end = time.perf_counter() + seconds
    if relation == "!= 0":
        for side in (e, -e):
            for attempt in prove(side, "> 0", given, (end - time.perf_counter()) / 2):
                yield attempt
                if attempt.proved:
                    return
        return
    for name, rung in exact_rungs():
        left = end - time.perf_counter()
        if left <= 0:
            yield Attempt(name, "gave up", note=f"not tried: the {seconds:.1f} s were over")
            continue
        limit = SHARES[name] * left
        if relation == "= 0" and name in ("combinations", "sums of squares"):
            attempt = guarded(name, partial(_from_both_sides, rung, e, given, limit, name))
        else:
            attempt = guarded(name, partial(rung, e, relation, given, limit))
        yield attempt
        if attempt.proved:
            return


def proved(e: Expr, relation: str, given: Sequence[Given], seconds: float) -> Attempt:
    """Return the attempt that proves a relation, or the last one.

    Examples
    --------
    >>> from sympy import Integer
    >>> proved(Integer(1), "> 0", [], 1.0).outcome
    'proved'
    """
    *_, last = prove(e, relation, given, seconds)
    return last


def prove_cases(found: Sequence[Case], seconds: float) -> Iterator[Attempt]:
    """Yield attempts at every case; the last one is a proof of the sentence if all cases were proved.

    Examples
    --------
    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> [a.outcome for a in prove_cases([Case("", x**2, ">= 0", ())], 5.0)]
    ['proved']
    """
    end = time.perf_counter() + seconds
    start = time.perf_counter()
    certificates: list[Certificate] = []
    last = None
    for i, case in enumerate(found):
        left = (end - time.perf_counter()) / (len(found) - i)
        for attempt in prove(case.conclusion, case.relation, case.given, left):
            last = attempt
            if attempt.proved and attempt.certificate is not None:
                certificates.append(_whole(case, attempt.certificate))
            elif attempt.refuted:
                yield attempt
            else:
                note = f"case {case.name}: {attempt.note}" if case.name else attempt.note
                yield replace(attempt, outcome="gave up", note=note or "without a certificate")
        if last is None or not last.proved:
            return
    if last is None:
        return
    if len(found) == 1:
        yield Attempt(last.rung, "proved", certificates[0], seconds=last.seconds, note=last.note, tools=last.tools)
        return
    whole = identities.composite("cases", certificates, "one certificate for each case")
    elapsed = time.perf_counter() - start
    yield Attempt("cases", "proved", whole, seconds=elapsed, note=f"{len(found)} cases", tools=last.tools)


def inductions(sentence: Sentence, seconds: float) -> Iterator[Attempt]:
    """Yield attempts by induction over each integer variable that has a least value.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("m integer >= 1")
    >>> [a.outcome for a in inductions(Sentence(V, (), parse_relations("H(m) <= m", V)[0]), 5.0)]
    ['proved']
    """
    end = time.perf_counter() + seconds
    conclusion, relation = sentence.conclusion.expression, sentence.conclusion.sign
    given = hypotheses_of(sentence)
    whole = [conclusion, *(e for _, e, _ in given)]
    kinks = any(e.has(Abs, Max, Min) or e.find(lambda p: p.is_Pow and not p.exp.is_Integer) for e in whole)
    if kinks or relation == "!= 0":
        return
    inducible = [v for v in sentence.variables if v.integer and v.least is not None]
    inducible = [v for v in inducible if v.symbol in conclusion.free_symbols]
    for i, variable in enumerate(inducible):
        m, least = variable.symbol, int(variable.least or 0)
        others = [item for item in given if item[1] != m - least]
        limit = max(0.5, (end - time.perf_counter()) / (len(inducible) - i) / 4)

        def prover(e: Expr, r: str, known: Sequence[Given], limit: float = limit) -> Attempt:
            return proved(e, r, known, limit)

        step = partial(by_induction, conclusion, relation, others, m, least, prover)
        attempt = guarded(f"induction over {m}", step)
        yield attempt
        if attempt.proved:
            return


def _from_both_sides(rung: Rung, e: Expr, given: Sequence[Given], seconds: float, name: str) -> Attempt:
    """Prove an equation by two inequalities."""
    first = rung(e, ">= 0", given, seconds / 2)
    if not first.proved or first.certificate is None:
        return Attempt(name, "gave up", seconds=first.seconds, note=first.note or "one side is not proved")
    second = rung(-e, ">= 0", given, seconds / 2)
    spent = first.seconds + second.seconds
    if not second.proved or second.certificate is None:
        return Attempt(name, "gave up", seconds=spent, note=second.note or "one side is not proved")
    both = identities.composite("steps", [first.certificate, second.certificate], f"{e} from both sides")
    return Attempt(name, "proved", both, seconds=spent, tools=first.tools)


def _whole(case: Case, certificate: Certificate) -> Certificate:
    """Return the certificate with what links it to the sentence."""
    legend = dict(case.legend)
    if case.links:
        certificate = identities.composite("steps", [*case.links, certificate], f"{case.conclusion} {case.relation}")
    notes = {"case": case.name} if case.name else {}
    return {**certificate, **notes, "legend": {**certificate.get("legend", {}), **legend}}
