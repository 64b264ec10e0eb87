"""S13: once all agents agree, coalitions differ in size only, and the scale decides.

All members of a coalition of k are interchangeable, so each is paid g(k) φ(c)/k = φ(c) k^{γ−1}.  For γ > 1 the power
x^{γ−1} increases: in any structure but {N} an agent of a coalition of k gains by joining one of m ≥ k.  For γ < 1 it
decreases: founding alone gains in every coalition of two or more, and no one alone gains by joining.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import sizes
from proofs_checks.oracles.dynamics import State, admissible, moves
from proofs_checks.performances import Performance, polynomial
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level


@dataclass(frozen=True)
class PowerScale:
    """g(s) = s^γ for s ≥ 1, with an integer γ so that it is exact; the empty coalition never asks for it."""

    gamma: int

    def __call__(self, s: int) -> Fraction:
        """Return s^γ."""
        return Fraction(s) ** self.gamma


@dataclass(frozen=True)
class Sizes:
    """A structure at tactical unanimity: coalition sizes, the common performance φ(c), and γ."""

    sizes: tuple[int, ...]
    worth: int
    gamma: int

    @property
    def performance(self) -> Performance:
        """The constant φ."""
        return polynomial(str(self.worth), self.worth)

    @property
    def state(self) -> State:
        """The state, with all agents at 0."""
        return tuple(sorted((Fraction(0), k) for k in self.sizes))

    @property
    def agents(self) -> int:
        """n."""
        return sum(self.sizes)

    def rests_at(self, cost: Fraction) -> bool:
        """Return whether no move is admissible."""
        return not admissible(self.state, cost, self.performance, PowerScale(self.gamma))

    def __str__(self) -> str:
        return f"sizes {self.sizes}, φ(c) = {self.worth}, γ = {self.gamma}"


Formula = Callable[[Fraction, int, int, int], Fraction]


def stated(worth: Fraction, gamma: int, m: int, k: int) -> Fraction:
    """Return φ(c) ((m+1)^{γ−1} − k^{γ−1})."""
    return worth * (Fraction(m + 1) ** (gamma - 1) - Fraction(k) ** (gamma - 1))


def derived() -> Formula:
    """Return the gain that `theory` derives, derived once for each γ."""
    known: dict[tuple[int, ...], Expr] = {}

    def formula(worth: Fraction, gamma: int, m: int, k: int) -> Fraction:
        from theory import size_game, symbols

        if (gamma,) not in known:
            known[gamma,] = size_game.size_gain(symbols.s**gamma)
        if (gamma, m, k) not in known:
            known[gamma, m, k] = known[gamma,].subs({symbols.k: k, symbols.m: m}, simultaneous=True)
        return worth * Fraction(str(known[gamma, m, k]))

    return formula


def gain_steps(size: Callable[[Expr], Expr] | None = None) -> Iterator[Step]:
    """Yield the payoff of interchangeable members by telescoping, and the gain."""
    worth, gamma = Symbol("φ(c)", real=True), Symbol("gamma", real=True)
    k, m = Symbol("k", positive=True), Symbol("m", nonnegative=True)
    now, then = Symbol("g(s)", real=True), Symbol("g(s+1)", real=True)
    yield Step(
        "with s others before it a member adds (g(s+1) − g(s)) φ(c): the sums telescope to g(k) φ(c)",
        (then * worth - now * worth) - (then - now) * worth,
    )
    after, before = (m + 1) ** gamma * worth / (m + 1), k**gamma * worth / k
    gain = worth * ((m + 1) ** (gamma - 1) - k ** (gamma - 1)) if size is None else worth * (size(m) - size(k))
    yield Step("g(m+1) φ(c)/(m+1) − g(k) φ(c)/k is the gain", after - before - gain)


def condition_steps() -> Iterator[Step]:
    """Yield the two directions of the power x^{γ−1} and the moves that use them."""
    x, rise, gamma = Symbol("x", positive=True), Symbol("γ−1", positive=True), Symbol("gamma", real=True)
    power = Symbol("x^{γ−1}", positive=True)
    yield Step("d/dx x^{γ−1} = (γ−1) x^{γ−1}/x", (x ** (gamma - 1)).diff(x) - (gamma - 1) * x ** (gamma - 1) / x)
    yield Step("which is positive for γ > 1", rise * power / x, "> 0")
    yield Step("and for γ < 1 its opposite is, with 1−γ for γ−1", rise * power / x, "> 0")
    k, more = Symbol("k", positive=True), Symbol("m−k", nonnegative=True)
    yield Step("γ > 1: from k to m ≥ k, the new size m + 1 is above k", (k + more + 1) - k, "> 0")
    others = Symbol("k−1", positive=True)
    yield Step("γ < 1: founding alone, from k ≥ 2 to size 1, is to a smaller size", (others + 1) - 1, "> 0")
    m = Symbol("m", positive=True)
    yield Step("γ < 1: from size 1 to m ≥ 1 is to a larger size", (m + 1) - 1, "> 0")


def _structures() -> Iterator[Sizes]:
    for n in range(1, 7):
        for structure, gamma, worth in product(sizes(n), (2, 0, 3, -1, 1), (1, 3, -1)):
            yield Sizes(structure, worth, gamma)


def _gains(formula: Formula, what: str = "every gain by brute force") -> Check[Sizes]:
    def holds(case: Sizes) -> str | None:
        for move in moves(case.state, case.performance, PowerScale(case.gamma)):
            m = move.target[1] if move.target else 0
            claimed = formula(Fraction(case.worth), case.gamma, m, move.source[1])
            if move.gain != claimed:
                return f"from {move.source[1]} to join {m} gains {move.gain}, the formula says {claimed}"
        return None

    return Check(
        what=what,
        scope="n ≤ 6, γ in {-1, 0, 1, 2, 3}, φ(c) in {-1, 1, 3}",
        level=Level.EXACT,
        instances=_structures,
        conclusion=holds,
        part="gain",
    )


def _conditions(threshold: Callable[[Sizes], Fraction] | None = None) -> Check[Sizes]:
    def holds(case: Sizes) -> str | None:
        n, worth = case.agents, Fraction(case.worth)
        if len(case.sizes) == 1:
            cost = threshold(case) if threshold else worth * (1 - Fraction(n) ** (case.gamma - 1))
            if not case.rests_at(cost) or case.rests_at(cost - Fraction(1, 1000)):
                return f"the grand coalition is not stable from κ = {cost} on"
        rests = case.rests_at(Fraction(0))
        if case.gamma > 1 and rests != (len(case.sizes) == 1):
            return "stable at κ = 0 and not the grand coalition" if rests else "the grand coalition is not stable"
        if case.gamma < 1 and rests != (len(case.sizes) == n):
            return "stable at κ = 0 and not all alone" if rests else "all alone is not stable"
        return None

    return Check(
        what="stable structures at κ = 0 and the threshold of the grand coalition, by brute force",
        scope="n ≤ 6, γ in {-1, 0, 1, 2, 3}, φ(c) in {1, 3}",
        level=Level.EXACT,
        instances=_structures,
        conclusion=holds,
        hypotheses={"φ(c) > 0": lambda case: case.worth > 0, "n ≥ 2": lambda case: case.agents >= 2},
        part="conditions",
    )


def s13() -> Study:
    """Return the checks of S13."""
    conditions = _conditions()
    return Study(
        "S13",
        (
            proof("equal pay by telescoping", "all γ, φ(c), m and k", gain_steps, part="gain"),
            proof("the power x^{γ−1} is monotone", "all n ≥ 2, γ and φ(c) > 0", condition_steps, part="conditions"),
            _gains(stated),
            _gains(derived(), "the gain of theory.size_game against brute force"),
            conditions,
        ),
        (
            Mutant("m^{γ−1} in place of (m+1)^{γ−1}", _gains(lambda w, g, m, k: stated(w, g, max(m, 1) - 1, k))),
            Mutant("γ in place of γ − 1", _gains(lambda w, g, m, k: stated(w, g + 1, m, k))),
            Mutant("exponent 1 in the proof", proof("", "", lambda: gain_steps(lambda x: x))),
            Mutant("φ(c) may be negative", conditions.dropping("φ(c) > 0")),
            Mutant("n = 1", conditions.dropping("n ≥ 2")),
            Mutant("the grand coalition is stable from κ = 0 on", _conditions(lambda case: Fraction(0))),
        ),
    )
