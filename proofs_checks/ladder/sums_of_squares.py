"""Inequalities by sums of squares: multiplier · conclusion = Σ weight · square² · Π hypotheses, exactly.

Over the reals the right side is visibly non-negative.  Certificates are sought in floating point and made exact
(`proofs_checks.ladder.gram`), for higher and higher degrees, then with multipliers such as Σ x_i², since not every
non-negative polynomial is a sum of squares (Hilbert 1888).  For positive polynomials one of these succeeds in the end
(Reznick 1995; Schmüdgen 1991 under hypotheses that bound the variables), for others it need not.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any

from flint import fmpq
from sympy import Expr

from numerics.programs.solvers import clarabel
from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.faces import Block, Shape, without_zeros
from proofs_checks.ladder.gram import sum_of_squares
from proofs_checks.ladder.polynomials import Beyond, Poly, has_sign, parsed, total_degree, written
from proofs_checks.ladder.shapes import is_graded, shape_of
from proofs_checks.ladder.small_points import Point, tried
from proofs_checks.ladder.squares import Term, certified
from proofs_checks.ladder.statements import Part, Statement, read
from theory.errors import InputError

RUNG = "sums of squares"
MORE_DEGREES = 4  # beyond that of the conclusion, where hypotheses may use them
MAX_DEGREE = 20
MULTIPLIERS = 2  # powers that are tried


def certify(
    conclusion: Expr,
    relation: str = ">= 0",
    given: Iterable[Any] = (),
    signs: Mapping[Any, str] | None = None,
    degree: int | None = None,
    multiplier: Expr | None = None,
    seconds: float = 10.0,
) -> Attempt:
    """Prove that a polynomial or rational expression is non-negative, or positive, under polynomial hypotheses.

    multiplier · conclusion = Σ weight · square² · Π given,   weights > 0, multiplier > 0

    Parameters
    ----------
    conclusion : sympy expression, rational in its symbols; a denominator needs non-negative coefficients.  Other
        functions count as unknown numbers.
    relation : ">= 0" or "> 0".
    given : hypotheses: comparisons such as x >= 1, pairs (expression, ">= 0", "> 0" or "= 0"), or triples that begin
        with a name.
    signs : {symbol or name: "positive" or "nonnegative"}, beside what the symbols' own assumptions say.
    degree : the largest degree of what is multiplied out; unless given, up to 4 beyond the conclusion's.
    multiplier : with non-negative coefficients; unless given, 1, then powers of Σ x_i² or the like.
    seconds : of wall-clock time; exceeded by the exact arithmetic of one round at most.

    Returns
    -------
    Attempt
        "proved" with a certificate of kind "squares", multiplied out exactly before it is returned; "refuted" at a
        small rational point; or "gave up" with the reason.

    Raises
    ------
    InputError
        For a relation, hypothesis, sign, degree, multiplier or time that makes no sense.

    Notes
    -----
    Milliseconds to seconds; O((number of monomials)⁶) at worst.

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> found = certify(x**2 + y**2 - 2 * x * y)
    >>> found.outcome, found.certificate["terms"]
    ('proved', [{'weight': '1', 'square': 'x - y', 'given': []}])
    >>> certify(x**2 - x).counterexample
    {'x': 1/2}
    """
    start = time.perf_counter()
    if relation not in (">= 0", "> 0"):
        raise InputError("relation", relation, "is no inequality", 'use ">= 0" or "> 0"')
    if degree is not None and (not isinstance(degree, int) or degree < 0):
        raise InputError("degree", degree, "is no degree", "give a non-negative integer")
    if not seconds > 0:
        raise InputError("seconds", seconds, "leaves no time", "give a positive number of seconds")
    end = partial(_attempt, start)
    try:
        statement = read(conclusion, relation, given, signs)
        fixed = None if multiplier is None else _multiplier(multiplier, statement)
    except Beyond as problem:
        return end("gave up", note=str(problem))
    points = tried(statement)
    if points.counterexample is not None:
        return end("refuted", counterexample=points.counterexample)
    return _searched(statement, points.zeros, degree, fixed, start, seconds)


@dataclass(frozen=True)
class _Level:
    """One try: multiplier, degree, and how many hypotheses a product may have."""

    multiplier: Poly
    degree: int
    most: int | None


def _searched(
    statement: Statement, zeros: list[Point], degree: int | None, fixed: Poly | None, start: float, seconds: float
) -> Attempt:
    """Try level after level."""
    end = partial(_attempt, start)
    given = (*statement.given, *statement.sign_parts())
    constant = _constant(statement)
    if constant is not None:
        return end("proved", certificate=certified(statement, (), statement.context.constant(1), constant))
    deadline, solver, tries = start + seconds, "", []
    for level in _levels(statement, given, degree, fixed):
        if time.perf_counter() > deadline:
            break
        target = level.multiplier * statement.conclusion.numerator
        shape = shape_of(target, given, level.degree, statement.conclusion.relation == "> 0", level.most)
        if shape is None:
            tries.append(f"degree {level.degree}: no shape, or too large a one")
            continue
        shape = Shape([_vanishing(block, zeros, statement) for block in shape.blocks], shape.free, shape.weights)
        shape.blocks[:] = [block for block in shape.blocks if block.basis]
        found = sum_of_squares(target, shape, deadline)
        solver = solver or found.solver
        if found.terms is not None:
            certificate = certified(statement, given, level.multiplier, found.terms)
            return end("proved", certificate=certificate, solver=solver)
        times = "" if level.multiplier.is_constant() else f" times {written(level.multiplier)}"
        tries.append(f"degree {level.degree}{times}: {found.note}")
    used = time.perf_counter() - start
    late = f"out of time after {used:.1f} s; " if used > seconds else ""
    return end("gave up", note=late + ("; ".join(dict.fromkeys(tries)) or "nothing to try"), solver=solver)


def _levels(statement: Statement, given: tuple[Part, ...], degree: int | None, fixed: Poly | None) -> Iterator[_Level]:
    """What to try, the cheapest first."""
    one, numerator = statement.context.constant(1), statement.conclusion.numerator
    base = total_degree(numerator)
    several = len(given) > 2
    multipliers = [fixed] if fixed is not None else [one, *_powers(statement, given)]
    if fixed is None and any(not part.denominator.is_constant() for part in statement.given):
        denominator = one
        for part in statement.given:  # what a hypothesis was multiplied by, the conclusion may need too
            denominator = denominator * (part.denominator // denominator.gcd(part.denominator))
        multipliers[1:1] = [denominator]
    for multiplier in multipliers:
        low = base + total_degree(multiplier)
        graded = is_graded(multiplier * numerator, given)
        low += 0 if given or graded else low % 2
        high = degree if degree is not None else min(low + (MORE_DEGREES if given and not graded else 0), MAX_DEGREE)
        if multiplier is not multipliers[0]:
            high = min(high, low) if degree is None else high
        for d in [low] if graded and low <= high else range(low, high + 1):
            if several:
                yield _Level(multiplier, d, 1)
            yield _Level(multiplier, d, None)


def _powers(statement: Statement, given: tuple[Part, ...]) -> list[Poly]:
    """Multipliers that are positive by their coefficients, or where there are no hypotheses, not negative."""
    context, signs = statement.context, statement.signs
    used = [
        gen for gen, e in zip(context.gens(), statement.conclusion.numerator.degrees(), strict=True) if e > 0
    ]  # fmt: skip
    zero = context.constant(0)
    linear = sum((x for x in used if str(x) in signs), zero)
    squares = sum((x**2 for x in used), zero)
    graded = is_graded(statement.conclusion.numerator, given)
    candidates = [linear, squares] if graded else [1 + squares]
    found = []
    for candidate in candidates:
        if candidate != 0 and _is_multiplier(candidate, statement):
            found += [candidate**r for r in range(1, MULTIPLIERS + 1)]
    return sorted(found, key=total_degree)


def _is_multiplier(p: Poly, statement: Statement) -> bool:
    """Whether the sign of p · conclusion says that of the conclusion.

    A multiplier that is positive does.  One that is not negative, and not zero, does where the hypotheses are signs
    and the conclusion is "≥ 0": it is positive near every point that they allow, and the rest is continuity.
    """
    if has_sign(p, statement.signs, strict=True):
        return True
    by_continuity = not statement.given and statement.conclusion.relation == ">= 0"
    return by_continuity and p != 0 and has_sign(p, statement.signs, strict=False)


def _multiplier(multiplier: Expr, statement: Statement) -> Poly:
    text = read(multiplier, ">= 0").conclusion.text
    unknown = (
        {str(x) for x in multiplier.free_symbols} - set(statement.names) if isinstance(multiplier, Expr) else set()
    )
    if unknown:
        advice = "use names that occur in the statement"
        raise InputError("multiplier", multiplier, f"has the unknown name {min(unknown)}", advice)
    p, q = parsed(text, statement.context)
    if not q.is_constant() or not _is_multiplier(p, statement):
        problem = "is not positive by its coefficients"
        raise InputError("multiplier", multiplier, problem, "give a polynomial such as x**2 + y**2 + 1")
    return p / q.leading_coefficient()


def _vanishing(block: Block, zeros: list[Point], statement: Statement) -> Block:
    """The block with a basis that vanishes where the conclusion does and the factor is positive."""
    values = []
    for point in zeros:
        at = [fmpq(int(point[name].p), int(point[name].q)) for name in statement.names]
        if block.factor(*at) > 0:
            values.append([z(*at) for z in block.basis])
    return without_zeros(block, values) if values else block


def _constant(statement: Statement) -> list[Term] | None:
    """The terms of a conclusion that is a non-negative number, None for any other."""
    p = statement.conclusion.numerator
    if p == 0:
        return [] if statement.conclusion.relation == ">= 0" else None
    if not p.is_constant() or p.leading_coefficient() < 0:
        return None
    return [Term(p.leading_coefficient(), statement.context.constant(1), ())]


def _attempt(start: float, outcome: Any, note: str = "", solver: str = "", **evidence: Any) -> Attempt:
    tools = {"python-flint": version("python-flint")}
    if solver:
        name, _, number = (solver or clarabel()).partition(" ")
        tools[name] = number
    return Attempt(RUNG, outcome, seconds=time.perf_counter() - start, note=note, tools=tools, **evidence)
