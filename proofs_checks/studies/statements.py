"""Statements about moves as text: the re-checker computes every payoff in them from the definitions."""

from __future__ import annotations

from collections.abc import Iterable

from proofs_checks.oracles.dynamics import Move
from proofs_checks.studies.entry_gains import paid_text


def gain_text(move: Move, formula: str, scale: str = "s") -> str:
    """Return the mover's payoff after minus its payoff before, φ and g as formulas.

    Examples
    --------
    >>> from fractions import Fraction
    >>> gain_text(Move((Fraction(1), 1), (Fraction(0), 1), Fraction(1, 4), (), ()), "-u**2")
    'paid("-u**2", "s", [1, 0], 0) - paid("-u**2", "s", [1], 0)'
    """
    (c, k), target = move.source, move.target
    joined = (target[0],) * target[1] if target else ()
    return f"{paid_text(formula, (c, *joined), 0, scale)} - {paid_text(formula, (c,) * k, 0, scale)}"


def largest_text(values: Iterable[str]) -> str | None:
    """Return the largest of these numbers, each named once; None if there is none.

    Examples
    --------
    >>> largest_text(["1/2", "1/3", "1/2"]), largest_text(["1/2", "1/2"])
    ('max(1/2, 1/3)', '1/2')
    """
    different = list(dict.fromkeys(values))
    if not different:
        return None
    return different[0] if len(different) == 1 else f"max({', '.join(different)})"
