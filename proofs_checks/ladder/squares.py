"""Certificates of kind "squares": multiplier · conclusion = Σ weight · square² · Π given, and their multiplication."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from proofs_checks.ladder.attempt import Certificate
from proofs_checks.ladder.polynomials import Poly, parsed, written
from proofs_checks.ladder.statements import Part, Statement


@dataclass(frozen=True)
class Term:
    """weight · square² · Π given, or weight · square · given if one of the hypotheses is an equation."""

    weight: Any
    square: Poly
    given: tuple[int, ...] = ()


def certified(statement: Statement, given: tuple[Part, ...], multiplier: Poly, terms: list[Term]) -> Certificate:
    """Return the certificate that terms add up to multiplier · numerator, after multiplying its text out.

    The multiplier of a rational conclusion has its denominator as a factor.
    """
    conclusion = statement.conclusion
    used = sorted({k for term in terms for k in term.given})
    number = {k: i for i, k in enumerate(used)}
    polynomials = [conclusion.numerator, conclusion.denominator, multiplier, *(given[k].numerator for k in used)]
    found: Certificate = {
        "kind": "squares",
        "conclusion": conclusion.text,
        "relation": conclusion.relation,
        "multiplier": written(multiplier * conclusion.denominator),
        "signs": statement.used_signs(*polynomials),
        "given": [_given(given[k]) for k in used],
        "terms": [
            {"weight": str(t.weight), "square": written(t.square), "given": [number[k] for k in t.given]} for t in terms
        ],
    }
    if statement.legend:
        found["legend"] = dict(statement.legend)
    if not _multiplies_out(found, statement):
        raise AssertionError("a certificate does not multiply out")
    return found


def _given(part: Part) -> dict[str, str]:
    """A hypothesis without its denominator."""
    cleared = "" if part.denominator.is_constant() else f", times {written(part.denominator)}"
    return {"name": part.name + cleared, "expression": written(part.numerator), "relation": part.relation}


def _multiplies_out(certificate: Certificate, statement: Statement) -> bool:
    """Whether the two sides are equal and every term has its sign, from the texts."""
    context = statement.context
    left, one = parsed(f"({certificate['multiplier']})*({certificate['conclusion']})", context)
    total = context.constant(0)
    relations = [item["relation"] for item in certificate["given"]]
    factors = [parsed(item["expression"], context)[0] for item in certificate["given"]]
    strict = certificate["relation"] == ">= 0"
    for term in certificate["terms"]:
        weight, square = parsed(term["weight"], context)[0], parsed(term["square"], context)[0]
        linear = any(relations[k] == "= 0" for k in term["given"])
        product = square if linear else square * square
        for k in term["given"]:
            product = product * factors[k]
        if not linear and weight.leading_coefficient() <= 0:
            return False
        strict |= square.is_constant() and not linear and all(relations[k] == "> 0" for k in term["given"])
        total = total + weight * product
    return strict and one == 1 and left == total
