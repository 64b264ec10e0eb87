"""V1, V2: concave performance makes the game superadditive, convex performance subadditive.

With λ = |S|/(|S|+|T|), the consensus of S ∪ T is λ c_S + (1−λ) c_T, and
``v(S∪T) − v(S) − v(T) = (|S|+|T|) [φ(λ c_S + (1−λ) c_T) − λ φ(c_S) − (1−λ) φ(c_T)]``:
the bracket is the one in the definition of concavity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import Opinions, opinion_vectors, text
from proofs_checks.oracles.games import coalition_game
from proofs_checks.performances import PERFORMANCES, Performance
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level


@dataclass(frozen=True)
class Split:
    """A coalition split in two: `first` is the bit mask of S, T is the rest."""

    performance: Performance
    opinions: Opinions
    first: int

    def __str__(self) -> str:
        S = [x for i, x in enumerate(self.opinions) if self.first >> i & 1]
        T = [x for i, x in enumerate(self.opinions) if not self.first >> i & 1]
        return f"{self.performance}, S = {text(S)}, T = {text(T)}"


def splits() -> Iterator[Split]:
    """Yield every split of two to four agents with opinions in {0, 1, -1}."""
    for n in (2, 3, 4):
        for performance in PERFORMANCES:
            for opinions in opinion_vectors(n, (0, 1, -1)):
                for first in range(1, 2**n - 1, 2):
                    yield Split(performance, opinions, first)


def surplus(split: Split, scale: Callable[[int], int] = lambda s: s) -> Fraction:
    """Return v(S ∪ T) − v(S) − v(T) from the definition of the game."""
    game = coalition_game(split.opinions, split.performance, scale)
    everyone = len(game) - 1
    return Fraction(game[everyone] - game[split.first] - game[everyone ^ split.first])


def jensen(size: Callable[[Symbol], Symbol] = lambda s: s) -> Iterator[Step]:
    """Yield the steps that reduce the surplus to Jensen's bracket, for any φ and any two sizes."""
    s, t = Symbol("s", positive=True), Symbol("t", positive=True)
    cS, cT = Symbol("c_S", real=True), Symbol("c_T", real=True)
    at_S, at_T, at_union = (Symbol(name, real=True) for name in ("φ(c_S)", "φ(c_T)", "φ(c_union)"))
    share = s / (s + t)
    yield Step("the union agrees on λ c_S + (1−λ) c_T", (s * cS + t * cT) / (s + t) - share * cS - (1 - share) * cT)
    yield Step("λ > 0", share, "> 0")
    yield Step("λ < 1", 1 - share, "> 0")
    yield Step(
        "the surplus is (|S|+|T|) times Jensen's bracket, which concavity makes ≥ 0 and convexity ≤ 0",
        size(s + t) * at_union
        - size(s) * at_S
        - size(t) * at_T
        - (s + t) * (at_union - share * at_S - (1 - share) * at_T),
    )


def _exact(sign: int, hypothesis: str, scale: Callable[[int], int] = lambda s: s) -> Check[Split]:
    def holds(split: Split) -> str | None:
        value = surplus(split, scale)
        return None if sign * value >= 0 else f"v(S∪T) − v(S) − v(T) = {value}"

    def shaped(split: Split) -> bool:
        low, high = min(split.opinions), max(split.opinions)
        on = split.performance.concave_on if sign > 0 else split.performance.convex_on
        return on(low, high)

    return Check(
        what="the surplus from the definition of the game",
        scope=f"opinions in {{-1, 0, 1}}, n ≤ 4, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=splits,
        conclusion=holds,
        hypotheses={hypothesis: shaped},
    )


def _study(label: str, sign: int, shape: str) -> Study:
    exact = _exact(sign, f"φ is {shape}")
    scope = f"all {shape} φ, all opinions, all disjoint S and T"
    return Study(
        label,
        (proof("Jensen's inequality for the consensus of a union", scope, jensen), exact),
        (
            Mutant(f"φ need not be {shape}", exact.dropping(f"φ is {shape}")),
            Mutant("the inequality reversed", exact.concluding(_exact(-sign, "").conclusion)),
            Mutant("scale s² in place of s", _exact(sign, f"φ is {shape}", lambda s: s * s)),
            Mutant("scale s² in the proof", proof("Jensen", scope, lambda: jensen(lambda s: s**2))),
        ),
    )


def v1() -> Study:
    """Return the checks of V1."""
    return _study("V1", 1, "concave")


def v2() -> Study:
    """Return the checks of V2."""
    return _study("V2", -1, "convex")
