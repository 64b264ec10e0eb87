"""V1, V2: concave performance makes the game superadditive, convex performance subadditive.

With λ = |S|/(|S|+|T|), the consensus of S ∪ T is λ c_S + (1−λ) c_T, and
``v(S∪T) − v(S) − v(T) = (|S|+|T|) [φ(λ c_S + (1−λ) c_T) − λ φ(c_S) − (1−λ) φ(c_T)]``:
the bracket is the one in the definition of concavity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement

from sympy import Symbol

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import coalition_game
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.instances import Opinions, text
from proofs_checks.studies.performances import PERFORMANCES, Performance
from proofs_checks.verdict import Certificate, Level

DISJOINT = "S and T are disjoint"
EXPONENT = "exponent 1 of the scale"


@dataclass(frozen=True)
class Split:
    """Two coalitions: the opinions of the agents of S alone, of T alone, and of both."""

    performance: Performance
    first: Opinions
    second: Opinions
    shared: Opinions

    @property
    def parts(self) -> tuple[Opinions, Opinions, Opinions]:
        """The opinions of the members of S ∪ T, of S, and of T."""
        return self.first + self.second + self.shared, self.first + self.shared, self.second + self.shared

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.parts[0])

    def __str__(self) -> str:
        _, S, T = self.parts
        common = f", S ∩ T = {text(self.shared)}" if self.shared else ""
        return f"{self.performance}, S = {text(S)}, T = {text(T)}{common}"


def splits() -> Iterator[Split]:
    """Yield two coalitions of at most four agents with opinions in {0, 1, -1}, and a few that overlap."""
    grid = [Fraction(x) for x in (0, 1, -1)]
    sizes = ((0, 0, 1), (1, 1, 0), (0, 1, 1), (1, 2, 0), (1, 1, 1), (1, 3, 0), (2, 2, 0))
    for a, b, c in sizes:
        for performance in PERFORMANCES:
            for first in combinations_with_replacement(grid, a):
                for second in combinations_with_replacement(grid, b):
                    for shared in combinations_with_replacement(grid, c):
                        yield Split(performance, first, second, shared)


def surplus(split: Split, exponent: int = 1) -> Fraction:
    """Return v(S ∪ T) − v(S) − v(T) from the definition of the game, with the scale |S|^exponent."""
    union, S, T = (coalition_game(part, split.performance, lambda s: s**exponent)[-1] for part in split.parts)
    return Fraction(union - S - T)


def jensen(sign: int) -> Iterator[Step]:
    """Yield the steps from Jensen's inequality for φ to the surplus, for any φ and any two disjoint coalitions.

    Parameters
    ----------
    sign : 1 if φ is concave, -1 if it is convex
    """
    s, t, n = (Symbol(name, positive=True) for name in ("|S|", "|T|", "|S ∪ T|"))
    cS, cT, c = (Symbol(name, real=True) for name in ("c_S", "c_T", "c_union"))
    sumS, sumT, total = (Symbol(name, real=True) for name in ("Σ_S x", "Σ_T x", "Σ_(S ∪ T) x"))
    size = Given("S and T are disjoint: |S ∪ T| = |S| + |T|", n - s - t)
    share = s / (s + t)
    yield Step(
        "S ∪ T agrees on λ c_S + (1−λ) c_T with λ = |S|/(|S|+|T|)",
        c - share * cS - (1 - share) * cT,
        given=(
            Given("S and T are disjoint: their sums add up", total - sumS - sumT, "= 0", 1 / (s + t)),
            Given("consensus of S ∪ T", n * c - total, "= 0", 1 / (s + t)),
            Given("consensus of S", s * cS - sumS, "= 0", -1 / (s + t)),
            Given("consensus of T", t * cT - sumT, "= 0", -1 / (s + t)),
            Given(size.name, size.expression, "= 0", -c / (s + t)),
        ),
    )
    yield Step("λ > 0", share, "> 0")
    yield Step("1 − λ > 0", 1 - share, "> 0")
    at_S, at_T, at_union = (Symbol(name, real=True) for name in ("φ(c_S)", "φ(c_T)", "φ(c_union)"))
    worth_S, worth_T, worth = (Symbol(name, real=True) for name in ("v(S)", "v(T)", "v(S ∪ T)"))
    shape = "concave" if sign > 0 else "convex"
    yield Step(
        f"v(S ∪ T) {'≥' if sign > 0 else '≤'} v(S) + v(T)",
        sign * (worth - worth_S - worth_T),
        ">= 0",
        given=(
            Given("v(S ∪ T) = |S ∪ T| φ(c_union)", worth - n * at_union, "= 0", sign),
            Given("v(S) = |S| φ(c_S)", worth_S - s * at_S, "= 0", -sign),
            Given("v(T) = |T| φ(c_T)", worth_T - t * at_T, "= 0", -sign),
            Given(size.name, size.expression, "= 0", sign * at_union),
            Given(f"φ is {shape}", sign * (at_union - share * at_S - (1 - share) * at_T), ">= 0", s + t),
        ),
    )


def _exact(sign: int, shape: str, exponent: int = 1, least: Fraction = Fraction(0)) -> Check[Split]:
    def holds(split: Split) -> str | None:
        found = surplus(split, exponent)
        return None if sign * found >= least else f"v(S∪T) − v(S) − v(T) = {found}"

    def shaped(split: Split) -> bool:
        opinions = split.parts[0]
        on = split.performance.concave_on if sign > 0 else split.performance.convex_on
        return on(min(opinions), max(opinions))

    def certify(split: Split, holds: bool) -> Certificate | None:
        if holds:
            return None
        scale = "s" if exponent == 1 else f"s**{exponent}"
        parts = ("[" + ", ".join(map(str, part)) + "]" for part in split.parts)
        union, S, T = (f'worth("{split.performance.formula}", "{scale}", {part})' for part in parts)
        relation, margin = (">=", "+") if sign > 0 else ("<=", "-")
        slack = f" {margin} {least}" if least else ""
        return value(f"{union} {relation} {S} + {T}{slack}", note="v(S ∪ T) against v(S) + v(T)")

    return Check(
        what="the surplus from the definition of the game",
        scope=f"opinions in {{-1, 0, 1}}, n ≤ 4, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=splits,
        conclusion=holds,
        hypotheses={f"φ is {shape}": shaped, DISJOINT: lambda split: not split.shared},
        certify=certify,
        tools=(),
    )


def _study(label: str, sign: int, shape: str) -> Study:
    exact, concave = _exact(sign, shape), f"φ is {shape}"
    scope = f"all {shape} φ, all opinions, all disjoint nonempty S and T"
    quarter = "a surplus of at least ¼" if sign > 0 else "a deficit of at least ¼"
    bound = f"0 as the {'least' if sign > 0 else 'largest'} surplus"
    return Study(
        label,
        (proof("Jensen's inequality for the consensus of a union", scope, lambda: jensen(sign)), exact),
        (
            Mutant(f"φ need not be {shape}", exact.dropping(concave), concave),
            Mutant("S and T may overlap", exact.dropping(DISJOINT), DISJOINT),
            Mutant(quarter, _exact(sign, shape, least=Fraction(1, 4)), bound),
            Mutant("scale s² in place of s", _exact(sign, shape, exponent=2), EXPONENT),
        ),
    )


def v1() -> Study:
    """Return the checks of V1."""
    return _study("V1", 1, "concave")


def v2() -> Study:
    """Return the checks of V2."""
    return _study("V2", -1, "convex")
