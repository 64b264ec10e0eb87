"""Gains of one entry by brute force, as numbers and as the text of a certificate.

The text computes the same payoffs from the definitions, with `paid`, so whoever re-checks it repeats the brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Function, Integer, Rational, harmonic

from proofs_checks.certificates import value
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.studies.instances import Entry
from proofs_checks.verdict import Certificate

SCALES: Mapping[str, Callable[[int], int]] = {"s": lambda s: s, "s**2": lambda s: s * s}
WRITTEN = 2  # instances of up to so many incumbents leave a certificate when they hold; all do when they fail


@dataclass(frozen=True)
class Curved:
    """An entry and a number L, said to bound φ'' from below by −L."""

    entry: Entry
    L: Fraction

    @property
    def agents(self) -> int:
        """The entrant and the incumbents."""
        return self.entry.agents

    @property
    def bounded(self) -> bool:
        """Whether φ'' ≥ −L between the two opinions."""
        curvature = self.entry.performance.curvature(*self.entry.between)
        return curvature is not None and curvature[0] >= -self.L

    def __str__(self) -> str:
        return f"{self.entry}, L = {self.L}"


def gain(entry: Entry, left: int = 1, scale: str = "s") -> Fraction:
    """Return what the entrant gains when it leaves a coalition of `left` agents that agree with it."""
    entrant = entry.c + entry.delta
    after = aumann_dreze((entrant,) + (entry.c,) * entry.m, 0, entry.performance, SCALES[scale])
    return Fraction(after - aumann_dreze((entrant,) * left, 0, entry.performance, SCALES[scale]))


def incumbent_gain(entry: Entry) -> Fraction:
    """Return what each incumbent gains."""
    together = (entry.c + entry.delta,) + (entry.c,) * entry.m
    return Fraction(
        aumann_dreze(together, 1, entry.performance) - aumann_dreze((entry.c,) * entry.m, 0, entry.performance)
    )


def paid_text(formula: str, opinions: Sequence[Fraction], i: int, scale: str = "s") -> str:
    """Return the text of the payoff of agent i in a coalition with these opinions."""
    return f'paid("{formula}", "{scale}", [{", ".join(str(x) for x in opinions)}], {i})'


def gain_text(entry: Entry, left: int = 1, scale: str = "s") -> str:
    """Return the text of `gain`.

    Examples
    --------
    >>> from proofs_checks.studies.performances import PARABOLA
    >>> gain_text(Entry(PARABOLA, 1, Fraction(0), Fraction(1)))
    'paid("-u**2", "s", [1, 0], 0) - paid("-u**2", "s", [1], 0)'
    """
    formula, entrant = entry.performance.formula, entry.c + entry.delta
    after = paid_text(formula, [entrant] + [entry.c] * entry.m, 0, scale)
    return f"{after} - {paid_text(formula, [entrant] * left, 0, scale)}"


def incumbent_text(entry: Entry) -> str:
    """Return the text of `incumbent_gain`."""
    formula = entry.performance.formula
    after = paid_text(formula, [entry.c + entry.delta] + [entry.c] * entry.m, 1)
    return f"{after} - {paid_text(formula, [entry.c] * entry.m, 0)}"


def formula_value(formula: Callable[[Expr, Expr, Expr], Expr], entry: Entry) -> Fraction:
    """Return a formula in δ, m and H_{m+1} at an entry."""
    found = formula(Rational(str(entry.delta)), Integer(entry.m), harmonic(entry.m + 1))
    return Fraction(int(found.p), int(found.q))


def formula_text(formula: Callable[[Expr, Expr, Expr], Expr], entry: Entry) -> str:
    """Return the same as text, with the harmonic number as ``H(m+1)``.

    Examples
    --------
    >>> from proofs_checks.studies.performances import PARABOLA
    >>> formula_text(lambda gap, m, H: gap**2 * (1 - H / (m + 1)), Entry(PARABOLA, 1, Fraction(0), Fraction(1)))
    '1 - H(2)/2'
    """
    return str(formula(Rational(str(entry.delta)), Integer(entry.m), Function("H")(entry.m + 1)))


def witnessed(entry: Entry, statement: str, holds: bool) -> Certificate | None:
    """Return the certificate that the statement is true or false; small instances only where it is true."""
    if holds and (entry.m > WRITTEN or entry.c != 0):
        return None
    return value(statement, holds=holds, note=str(entry))
