"""Steps of a proof: identities and signs of rational expressions that a machine verifies.

An identity is verified by clearing denominators and expanding to zero.  A sign is verified by a
certificate that is enough but not necessary: in symbols that are non-negative (real symbols may appear to
even powers), numerator and denominator have non-negative coefficients only.  Shifting a symbol by its lower
bound (``m = 1 + p``) brings most inequalities of this project into that form.

A step that fails is refuted at a concrete rational point; one that neither follows nor fails is undecided.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sympy import Expr, Poly, Rational, Symbol, expand, fraction, sympify, together

from proofs_checks.check import Check, Undecided
from proofs_checks.verdict import Level

Relation = Literal["= 0", ">= 0", "> 0"]


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
    bound : mapping
        Symbols that stand for a quantity, such as ``{H: harmonic(m + 1)}``: used only to make a
        counterexample concrete.
    """

    statement: str
    expression: Expr
    relation: Relation = "= 0"
    bound: Mapping[Symbol, Expr] = field(default_factory=dict)

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
    return Check(what=what, scope=scope, level=level, instances=steps, conclusion=failure, part=part)


def failure(step: Step) -> str | None:
    """Return None if the step is verified, a concrete point at which it fails otherwise.

    Raises
    ------
    Undecided
        If it is neither verified nor refuted at a small rational point.
    """
    expression = sympify(step.expression, strict=True)  # numbers and expressions, never text
    if _vanishes(expression) if step.relation == "= 0" else _has_sign(expression, strict=step.relation == "> 0"):
        return None
    point = _violation(step)
    if point is None:
        raise Undecided(f"{step} is neither verified nor refuted")
    return point


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


def _violation(step: Step) -> str | None:
    """Return the first small rational point at which the step fails, printed with the value there."""
    free = sorted(step.expression.free_symbols - set(step.bound), key=str)
    free += sorted({x for e in step.bound.values() for x in e.free_symbols} - set(free), key=str)
    for values in itertools.islice(itertools.product(*(_values(symbol) for symbol in free)), 5000):
        point = dict(zip(free, values, strict=True))
        bound = {symbol: value.xreplace(point) for symbol, value in step.bound.items()}
        value = step.expression.xreplace({**point, **bound})
        if not value.is_Rational:
            continue
        if value != 0 if step.relation == "= 0" else value < 0 if step.relation == ">= 0" else value <= 0:
            where = ", ".join(f"{symbol} = {x}" for symbol, x in {**point, **bound}.items())
            return f"at {where} the left side is {value}, not {step.relation}"
    return None


def _values(symbol: Symbol) -> list[Rational]:
    numbers = [Rational(1), Rational(2), Rational(0), Rational(3), Rational(-1), Rational(1, 2), Rational(-2)]
    if symbol.is_integer:
        numbers = [x for x in numbers if x.is_integer]
    if symbol.is_positive:
        return [x for x in numbers if x > 0]
    return [x for x in numbers if x >= 0] if symbol.is_nonnegative else numbers
