"""Witnesses: points that satisfy hypotheses, counterexamples as certificates, and ranges that are finite."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from fractions import Fraction

from sympy import Poly, ceiling, floor

from proofs_checks.certificates import value
from proofs_checks.ladder.attempt import Certificate
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.ladder.identities import composite
from proofs_checks.ladder.search import DENOMINATORS


def witness_of(sentence: Sentence, point: Sequence[float]) -> tuple[Fraction, ...] | None:
    """Return a simple rational point near `point` that satisfies the hypotheses exactly, if rounding finds one.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real")
    >>> sentence = Sentence(V, parse_relations("0.3 <= x <= 0.35", V), parse_relations("x >= 0", V)[0])
    >>> print(*witness_of(sentence, [0.3333]))
    1/3
    """
    for denominator in DENOMINATORS:
        chosen = [Fraction(point[i]).limit_denominator(denominator) for i in sentence.free]
        candidate = sentence.point(chosen)
        if candidate is not None and sentence.admits(candidate):
            return candidate
    return None


def counterexample_of(sentence: Sentence, point: Sequence[Fraction]) -> Certificate | None:
    """Return the certificate that the hypotheses hold and the conclusion fails at a rational point.

    Each hypothesis, each bound of a variable and the conclusion is one comparison of numbers.  None if there are square
    roots, which such a comparison does not know.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real >= 1")
    >>> found = counterexample_of(Sentence(V, (), parse_relations("x >= 2", V)[0]), (Fraction(1),))
    >>> [(part["statement"], part["expected"]) for part in found["certificates"]]
    [('x >= 1', True), ('x >= 2', False)]
    """
    at = {v.name: x for v, x in zip(sentence.variables, point, strict=True)}
    texts = [f"{v.name} {'>' if v.strict else '>='} {v.least}" for v in sentence.variables if v.least is not None]
    texts += [h.checkable for h in sentence.hypotheses]
    parts = []
    for text, holds in [*((text, True) for text in texts), (sentence.conclusion.checkable, False)]:
        names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
        if "sqrt" in names:
            return None
        used = {name: x for name, x in at.items() if name in names}
        parts.append(value(text, used, holds, "hypothesis" if holds else "the conclusion fails"))
    return composite("counterexample", parts)


def finite_range(sentence: Sentence) -> list[range] | None:
    """Return the range of each variable, if all are integers that hypotheses bound from both sides.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("m integer >= 1")
    >>> finite_range(Sentence(V, parse_relations("m < 5", V), parse_relations("m**2 >= m", V)[0]))
    [range(1, 5)]
    """
    ranges = []
    for v in sentence.variables:
        if not v.integer:
            return None
        lows = [] if v.least is None else [int(v.least)]
        highs = []
        for h in sentence.hypotheses:
            e = h.expression
            if e.free_symbols != {v.symbol} or not e.is_polynomial() or Poly(e, v.symbol).degree() != 1:
                continue
            slope, constant = Poly(e, v.symbol).all_coeffs()
            end = -constant / slope
            if h.sign == "= 0" or (h.sign != "!= 0" and slope > 0):
                lows.append(int(ceiling(end)))
            if h.sign == "= 0" or (h.sign != "!= 0" and slope < 0):
                highs.append(int(floor(end)) - (h.sign == "> 0" and bool(end.is_Integer)))
        if not lows or not highs:
            return None
        ranges.append(range(max(lows), min(highs) + 1))
    return ranges
