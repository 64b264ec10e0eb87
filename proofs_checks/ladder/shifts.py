"""Shifts: inequalities among the hypotheses become non-negative variables, and then coefficients decide.

A hypothesis e ≥ 0 that is linear in a variable x replaces x by what makes e a new non-negative variable p (y ≥ x:
y = x + p).  If then every coefficient is non-negative and real variables appear to even powers only, the conclusion is

    multiplier · conclusion = Σ weight · square² · Π hypotheses.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Dummy, Expr, Integer, Poly, Rational, Symbol, expand, fraction, together

from proofs_checks.ladder.attempt import Certificate
from proofs_checks.ladder.polynomials import Beyond, context_of, has_sign, parsed

Given = tuple[str, Expr, str]

MAX_SUBSTITUTIONS = 150
MAX_GIVEN = 8


def signs_of(symbols: Iterable[Symbol]) -> dict[str, str]:
    """Return the signs that the assumptions of symbols say.

    Examples
    --------
    >>> signs_of([Symbol("s", positive=True), Symbol("x", real=True)])
    {'s': 'positive'}
    """
    ordered = sorted(set(symbols), key=str)
    known = {str(x): "positive" if x.is_positive else "nonnegative" for x in ordered if x.is_nonnegative}
    return known


def by_shifts(conclusion: Expr, relation: str, given: Sequence[Given], end: float) -> Certificate | None:
    """Return a "squares" certificate of a polynomial, from shifts of variables by hypotheses; None if none is found.

    Parameters
    ----------
    conclusion : polynomial
    relation : ">= 0" or "> 0"
    given : inequalities (name, expression, relation)
    end : when to give up, by time.perf_counter()

    Examples
    --------
    >>> x = Symbol("x", real=True)
    >>> found = by_shifts(x**2 - 4, ">= 0", [("x >= 2", x - 2, ">= 0")], time.perf_counter() + 1)
    >>> [(term["weight"], term["given"]) for term in found["terms"]]
    [('1', [0, 0]), ('4', [0])]
    """
    for shift in itertools.islice(_shifts(conclusion, given), MAX_SUBSTITUTIONS):
        if time.perf_counter() > end:
            return None
        found = _squares(conclusion, relation, shift)
        if found is not None and holds(found):
            return found
    return None


@dataclass(frozen=True)
class _Shift:
    """Variables replaced by expressions in new signed symbols, each of which stands for a hypothesis."""

    values: dict[Symbol, Expr]
    meaning: dict[Symbol, Given]

    def applied(self, e: Expr) -> Expr:
        return together(e.xreplace(self.values))

    def undone(self, e: Expr) -> Expr:
        return e.xreplace({p: item[1] for p, item in self.meaning.items()})


def _shifts(conclusion: Expr, given: Sequence[Given]) -> Iterator[_Shift]:
    """Yield substitutions, those with most hypotheses of few variables first."""
    symbols = conclusion.free_symbols
    polynomial = [g for g in given if g[1].is_polynomial() and g[1].free_symbols]
    relevant = sorted((g for g in polynomial if g[1].free_symbols & symbols), key=lambda g: len(g[1].free_symbols))
    others = [g for g in polynomial if g not in relevant]
    yield _Shift({}, {})

    def extended(shift: _Shift, rest: Sequence[Given]) -> Iterator[_Shift]:
        if not rest:
            if shift.values:
                yield shift
            return
        item, *later = rest
        e = expand(fraction(shift.applied(item[1]))[0])
        free = sorted((x for x in e.free_symbols if x not in shift.values and x not in shift.meaning), key=str)
        for x in sorted(free, key=lambda x: bool(x.is_nonnegative)):
            poly = Poly(e, x)
            if poly.degree() != 1:
                continue
            slope, constant = poly.all_coeffs()
            sign = 1 if sign_of(slope, True) else -1 if sign_of(-slope, True) else 0
            if not sign:
                continue
            scale = fraction(shift.applied(item[1]))[1]
            p = Dummy("p", **{"positive" if item[2] == "> 0" else "nonnegative": True})
            value = (p * scale - constant) / slope
            values = {y: v.xreplace({x: value}) for y, v in shift.values.items()} | {x: value}
            yield from extended(_Shift(values, {**shift.meaning, p: item}), later)
        yield from extended(shift, later)

    yield from extended(_Shift({}, {}), [*relevant, *others][:MAX_GIVEN])


def _squares(conclusion: Expr, relation: str, shift: _Shift) -> Certificate | None:
    """Return the certificate if every coefficient is non-negative after the shift."""
    numerator, denominator = fraction(together(shift.applied(conclusion)))
    numerator, multiplier = expand(numerator), expand(shift.undone(denominator))
    if not sign_of(multiplier, True):
        return None
    symbols = sorted(numerator.free_symbols, key=str)
    items: list[Given] = []
    terms: list[dict[str, Any]] = []
    strict = False
    monomials = Poly(numerator, *symbols).terms() if symbols else [((), numerator)]
    for powers, coefficient in monomials:
        if not coefficient.is_Rational or coefficient < 0:
            return None
        pairs = [(x, k) for x, k in zip(symbols, powers, strict=True) if k]
        if any(k % 2 and not x.is_nonnegative for x, k in pairs):
            return None
        positive = all(x.is_positive for x, _ in pairs) and coefficient > 0
        square, indices = Integer(1), []
        for x, k in pairs:
            item = shift.meaning.get(x, (f"{x} {'>' if x.is_positive else '>='} 0", x, _relation(x)))
            whole = x.is_nonnegative and (positive or x in shift.meaning)
            if (whole or k % 2) and item not in items:
                items.append(item)
            if whole:
                indices += [items.index(item)] * k
            else:
                square *= x ** (k // 2)
                indices += [items.index(item)] if k % 2 else []
        strict |= positive
        terms.append({"weight": str(coefficient), "square": str(square), "given": indices})
    if relation == "> 0" and not strict:
        return None
    mentioned = conclusion.free_symbols | multiplier.free_symbols
    return {
        "kind": "squares", "conclusion": str(conclusion), "relation": relation, "multiplier": str(multiplier),
        "signs": signs_of(mentioned), "terms": terms,
        "given": [{"name": name, "expression": str(e), "relation": r} for name, e, r in items],
    }  # fmt: skip


def holds(certificate: Mapping[str, Any]) -> bool:
    """Return whether a "squares" certificate is an identity with weights and multiplier of the right sign.

    Everything is read back from the text and expanded in exact rationals.

    Examples
    --------
    >>> holds({"conclusion": "x**2", "multiplier": "1", "signs": {}, "given": [], "terms": [
    ...     {"weight": "1", "square": "x", "given": []}]})
    True
    """
    texts = [certificate["conclusion"], certificate["multiplier"]]
    texts += [term["square"] for term in certificate["terms"]] + [g["expression"] for g in certificate["given"]]
    context = context_of(sorted({str(x) for text in texts for x in _names(text)}))
    try:
        values = {text: parsed(text, context)[0] for text in texts}
        difference = values[certificate["multiplier"]] * values[certificate["conclusion"]]
        for term in certificate["terms"]:
            product = parsed(term["weight"], context)[0] * values[term["square"]] ** 2
            for index in term["given"]:
                product = product * values[certificate["given"][index]["expression"]]
            difference = difference - product
    except Beyond:
        return False
    weights = all(Rational(term["weight"]) >= 0 for term in certificate["terms"])
    return bool(difference == 0 and weights and has_sign(values[certificate["multiplier"]], certificate["signs"], True))


def sign_of(e: Expr, strict: bool) -> bool:
    """Return whether the coefficients of numerator and denominator show that e ≥ 0 (or > 0).

    Examples
    --------
    >>> sign_of(1 - Symbol("s", positive=True), True)
    False
    """
    context = context_of(sorted(str(x) for x in e.free_symbols))
    try:
        p, q = parsed(str(e), context)
    except Beyond:
        return False
    known = signs_of(e.free_symbols)
    return any(has_sign(s * p, known, strict) and has_sign(s * q, known, True) for s in (1, -1))


def _relation(x: Symbol) -> str:
    return "> 0" if x.is_positive else ">= 0"


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
