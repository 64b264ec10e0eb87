"""Steps of a proof: identities and signs of rational expressions that a machine verifies.

A step concludes from what it is given: other relations, each with a multiplier.  What remains of the conclusion,

    conclusion − Σ multiplier · given,

must vanish for an equation, and have the sign by itself for an inequality: in symbols that are non-negative (real
symbols may appear to even powers), numerator and denominator have non-negative coefficients only, and so have the
multipliers of inequalities.  That is enough, but not necessary; shifting a symbol by its lower bound (``m = 1 + p``)
brings most inequalities of this project into that form.

A step that fails is refuted at a concrete rational point; one that neither follows nor fails is undecided.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr, Poly, Rational, Symbol, expand, fraction, sympify, together

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Undecided
from proofs_checks.smallest import size_of
from proofs_checks.verdict import Certificate, Level

Relation = Literal["= 0", ">= 0", "> 0"]


def _known(relation: str) -> None:
    if relation not in ("= 0", ">= 0", "> 0"):
        raise ValueError(f"{relation!r} is no relation of a step; write '= 0', '>= 0' or '> 0'")


@dataclass(frozen=True)
class Given:
    """A relation that a step uses, and what it is multiplied by.

    Parameters
    ----------
    name : str
        What it says, and where it comes from: a hypothesis of the claim, or an earlier step or claim.
    expression : sympy expression
    relation : {"= 0", ">= 0", "> 0"}
    multiplier : sympy expression
        Of any sign for an equation, non-negative for an inequality.
    """

    name: str
    expression: Expr
    relation: Relation = "= 0"
    multiplier: Expr | int = 1

    def __post_init__(self) -> None:
        _known(self.relation)


@dataclass(frozen=True)
class Step:
    """One machine-verified step.

    Parameters
    ----------
    statement : str
        What it says, and how the proof uses it.
    expression : sympy expression
        Rational in its symbols, whose assumptions (positive, non-negative, real) are used for signs.
    relation : {"= 0", ">= 0", "> 0"}
        Of `expression` − `right`.
    bound : mapping
        Symbols that stand for a quantity, such as ``{H: harmonic(m + 1)}``: used only to make a
        counterexample concrete.
    given : tuple of Given
        The relations that it follows from.
    right : sympy expression
        The right side, where it should be seen apart: sympy would cancel the difference before it is written down.
    """

    statement: str
    expression: Expr
    relation: Relation = "= 0"
    bound: Mapping[Symbol, Expr] = field(default_factory=dict)
    given: tuple[Given, ...] = ()
    right: Expr | int = 0

    def __post_init__(self) -> None:
        _known(self.relation)

    def __str__(self) -> str:
        return f"step '{self.statement}'"


def proof(
    what: str,
    scope: str,
    steps: Callable[[], Iterable[Step]],
    part: str = "",
    level: Level = Level.PROOF,
) -> Check[Step]:
    """Return the check that verifies every step of a proof."""
    return Check(
        what=what, scope=scope, level=level, instances=steps, conclusion=failure, part=part, certify=certificate
    )


def failure(step: Step) -> str | None:
    """Return None if the step is verified, a concrete point at which it fails otherwise.

    Raises
    ------
    Undecided
        If it is neither verified nor refuted at a small rational point.
    """
    if _follows(step):
        return None
    found = _smallest_violation(step)
    if found is None:
        raise Undecided(f"{step} is neither verified nor refuted")
    point, left = found
    where = ", ".join(f"{symbol} = {x}" for symbol, x in point.items())
    return f"{f'at {where} ' if where else ''}the left side is {left}, not {step.relation}"


def certificate(step: Step, holds: bool) -> Certificate | None:
    """Return the certificate of a verified step, or of the point at which it fails."""
    if holds:
        given = [(g.name, g.expression, g.relation, g.multiplier) for g in step.given]
        return combination(step.expression, step.relation, given, step.statement, step.right)
    found = _smallest_violation(step)
    if found is None:
        return None
    point, _ = found
    operator = {"= 0": "==", ">= 0": ">=", "> 0": ">"}[step.relation]
    names = {symbol: Symbol(f"x{i}") for i, symbol in enumerate(point, 1)}
    statement = f"{(step.expression - step.right).xreplace(names)} {operator} 0".replace("harmonic(", "H(")
    return value(statement, {str(names[symbol]): x for symbol, x in point.items()}, note=f"fails: {step.statement}")


def _follows(step: Step) -> bool:
    """Return whether the conclusion is a combination of what is given, up to what has the sign itself."""
    rest = sympify(step.expression - step.right, strict=True)  # numbers and expressions, never text
    strict = step.relation == "> 0"
    for g in step.given:
        rest -= g.multiplier * g.expression
        if g.relation == "= 0":
            continue
        if step.relation == "= 0" or not _has_sign(g.multiplier, strict=False):
            return False
        if g.relation == "> 0" and _has_sign(g.multiplier, strict=True):
            strict = False  # this term is positive already
    return _vanishes(rest) if step.relation == "= 0" else _has_sign(rest, strict)


def _vanishes(expression: Expr) -> bool:
    return expand(expression) == 0 or expand(fraction(together(expression))[0]) == 0


def _has_sign(expression: Expr, strict: bool) -> bool:
    numerator, denominator = fraction(together(expression))
    return _positive_coefficients(numerator, strict) and _positive_coefficients(denominator, True)


def _positive_coefficients(expression: Expr, strict: bool) -> bool:
    """Return whether every monomial is non-negative (and, if strict, one of them positive)."""
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        return bool(expression > 0) if strict else bool(expression >= 0)
    positive = False
    for powers, coefficient in Poly(expand(expression), *symbols).terms():
        if not coefficient.is_Rational or coefficient < 0:
            return False
        for symbol, power in zip(symbols, powers, strict=True):
            if power % 2 and not symbol.is_nonnegative:
                return False
        positive |= bool(coefficient > 0) and all(
            p == 0 or symbol.is_positive for symbol, p in zip(symbols, powers, strict=True)
        )
    return positive or not strict


def _smallest_violation(step: Step) -> tuple[dict[Symbol, Rational], Rational] | None:
    some = itertools.islice(_violations(step), 200)
    return min(some, key=lambda pair: size_of(tuple(pair[0].values())), default=None)


def _violations(step: Step) -> Iterator[tuple[dict[Symbol, Rational], Rational]]:
    """Yield small rational points at which the step fails, though what it is given holds, with the value there."""
    expression = sympify(step.expression - step.right, strict=True)
    mentioned = expression.free_symbols.union(*(g.expression.free_symbols for g in step.given))
    free = sorted(mentioned - set(step.bound), key=str)
    free += sorted({x for e in step.bound.values() for x in e.free_symbols} - set(free), key=str)
    for values in itertools.islice(itertools.product(*(_values(symbol) for symbol in free)), 5000):
        point = dict(zip(free, values, strict=True))
        whole = {**point, **{symbol: bound.xreplace(point) for symbol, bound in step.bound.items()}}
        left = expression.xreplace(whole)
        if not left.is_Rational or _holds(left, step.relation):
            continue
        if all(_holds(g.expression.xreplace(whole), g.relation) for g in step.given):
            yield whole, left


def _holds(number: Expr, relation: Relation) -> bool:
    if not number.is_Rational:
        return False
    return bool(number == 0 if relation == "= 0" else number >= 0 if relation == ">= 0" else number > 0)


def _values(symbol: Symbol) -> list[Rational]:
    numbers = [Rational(1), Rational(2), Rational(0), Rational(3), Rational(-1), Rational(1, 2), Rational(-2)]
    if symbol.is_integer:
        numbers = [x for x in numbers if x.is_integer]
    if symbol.is_positive:
        return [x for x in numbers if x > 0]
    return [x for x in numbers if x >= 0] if symbol.is_nonnegative else numbers
