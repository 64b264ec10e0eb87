"""Threats: moves that a change of opinions may make profitable, and what is wrong with a radius said to prevent it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import isqrt

from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.studies.entry_gains import paid_text
from proofs_checks.studies.instances import Opinions, text
from proofs_checks.studies.performances import PARABOLA, Performance

FINE = 64  # displacements are multiples of 1/64 of a direction


@dataclass(frozen=True)
class Threat:
    """An agent of a coalition of k at δ may join m agents at 0; opinions change before consensus, or after it."""

    k: int
    m: int
    delta: Fraction
    cost: Fraction
    performance: Performance = PARABOLA
    late: bool = False

    @property
    def agents(self) -> int:
        """All agents of both coalitions."""
        return self.k + self.m

    @property
    def aligned(self) -> Opinions:
        """The direction along the gap: 1/|C| on C and −1/|D| on D, times |C||D|."""
        return (Fraction(self.m),) * self.k + (Fraction(-self.k),) * self.m

    def coalitions(self, change: Opinions) -> tuple[Opinions, Opinions]:
        """Return the opinions in the mover's coalition after the move and before it; the mover is first."""
        left = tuple(self.delta + e for e in change[: self.k])
        joined = change[self.k :]
        if not self.late:
            left, joined = _agreed(left), _agreed(joined)
        return (left[0], *joined), left

    def gain(self, change: Opinions) -> Fraction:
        """Return the gain once opinions have changed, by brute force."""
        after, before = self.coalitions(change)
        return Fraction(aumann_dreze(after, 0, self.performance) - aumann_dreze(before, 0, self.performance))

    def gain_text(self, change: Opinions) -> str:
        """Return the same as text."""
        after, before = self.coalitions(change)
        phi = self.performance.formula
        return f"{paid_text(phi, after, 0)} - {paid_text(phi, before, 0)}"

    def __str__(self) -> str:
        when = "after" if self.late else "before"
        return (
            f"{self.performance}, |C| = {self.k} at {self.delta}, |D| = {self.m} at 0, κ = {self.cost}, "
            f"changes {when} consensus"
        )


@dataclass(frozen=True)
class Said:
    """The radius as stated, or as a mutant has it, and what is said of the gain there."""

    last: int = 1  # H_{m + last}
    root_of_cost: bool = True
    root_of_norm: bool = True
    sign: int = 1  # 1/|C| + sign/|D|
    absolute: bool = True
    clipped: bool = True
    pays_there: bool = False

    def squared_radius(self, threat: Threat) -> Fraction | None:
        """Return the square of the radius; None if it is infinite, or δ* is not rational."""
        squared = threat.cost / per_square(threat.m, self.last)
        star = exact_root(squared) if self.root_of_cost else squared
        norm = abs(Fraction(1, threat.k) + self.sign * Fraction(1, threat.m))
        if star is None or norm == 0:
            return None
        if self.clipped and star < abs(threat.delta):
            return Fraction(0)
        missing = star - (abs(threat.delta) if self.absolute else threat.delta)
        return missing**2 / (norm if self.root_of_norm else norm**2)


@dataclass(frozen=True)
class Failure:
    """What is wrong, and a comparison of numbers that is stated and false."""

    words: str
    statement: str


def exact_root(x: Fraction) -> Fraction | None:
    """Return the root, None if it is not rational.

    Examples
    --------
    >>> exact_root(Fraction(9, 4)), exact_root(Fraction(2))
    (Fraction(3, 2), None)
    """
    found = Fraction(isqrt(x.numerator), isqrt(x.denominator))
    return found if found**2 == x else None


def _below(x: Fraction) -> Fraction:
    """Return the largest multiple of 1/64 whose square is below x > 0."""
    return Fraction(isqrt((x.numerator * FINE**2 - 1) // x.denominator), FINE)


def _above(x: Fraction) -> Fraction:
    """Return the least multiple of 1/64 whose square is above x ≥ 0."""
    return Fraction(isqrt(x.numerator * FINE**2 // x.denominator) + 1, FINE)


def _agreed(opinions: Opinions) -> Opinions:
    return (sum(opinions, Fraction(0)) / len(opinions),) * len(opinions)


def squares(change: Opinions) -> Fraction:
    """Return ‖e‖²."""
    return sum((e * e for e in change), Fraction(0))


def wrong(said: Said, threat: Threat) -> Failure | None:
    """Return what is wrong with a radius: a shorter change that makes the move pay, or a longer one that does not."""
    if threat.cost < 0:
        found = f"{threat.cost}/(1 - H({threat.m + 1})/{threat.m + 1})"
        return Failure(f"δ*² < 0, and the move gains {threat.gain((Fraction(0),) * threat.agents)}", f"{found} >= 0")
    squared = said.squared_radius(threat)
    if squared is None:
        return None  # nothing that rational numbers could refute
    return _too_long(threat, squared) or _too_short(threat, squared) or _not_equal(said, threat, squared)


def _too_long(threat: Threat, squared: Fraction) -> Failure | None:
    """Look for a change shorter than the radius that makes the move pay."""
    if squared == 0:
        return None
    for direction in (threat.aligned, *product([Fraction(x) for x in (0, 1, -1)], repeat=threat.agents)):
        if not any(direction):
            continue
        size = _below(squared / squares(direction))
        for sign in (1, -1) if direction == threat.aligned else (1,):
            change = tuple(sign * size * x for x in direction)
            gain = threat.gain(change)
            if gain > threat.cost:
                shorter = f"the change {text(change)} is shorter than the radius, {length(squared)}"
                return Failure(
                    f"{shorter}, and the gain is {gain}",
                    f"max({squares(change)} - {squared}, {threat.cost} - ({threat.gain_text(change)})) >= 0",
                )
    return None


def _too_short(threat: Threat, squared: Fraction) -> Failure | None:
    """Look at the change along the gap that is a little longer than the radius: there the move pays."""
    size = _above(squared / squares(threat.aligned))
    size = size if threat.delta >= 0 else -size
    change = tuple(size * x for x in threat.aligned)
    gain = threat.gain(change)
    if gain > threat.cost:
        return None
    longer = f"along the gap the change {text(change)} is longer than the radius, {length(squared)}"
    return Failure(f"{longer}, and the gain is {gain}", f"{threat.gain_text(change)} > {threat.cost}")


def at_radius(threat: Threat, squared: Fraction) -> Opinions | None:
    """Return the change along the gap that is as long as the radius; None if it is not rational."""
    size = exact_root(squared / squares(threat.aligned))
    if size is None:
        return None
    return tuple((size if threat.delta >= 0 else -size) * x for x in threat.aligned)


def _not_equal(said: Said, threat: Threat, squared: Fraction) -> Failure | None:
    """Compare the gain with κ at the radius: equal along the gap, no greater elsewhere; greater if it pays already."""
    along = at_radius(threat, squared)
    more = pays_already(threat) or said.pays_there
    compared = [] if along is None else [(along, ">" if more else "==")]
    if not more:
        compared += [(change, "<=") for change in of_length(threat, squared)]
    for change, relation in compared:
        gain = threat.gain(change)
        if not {">": gain > threat.cost, "==": gain == threat.cost, "<=": gain <= threat.cost}[relation]:
            statement = f"{threat.gain_text(change)} {relation} {threat.cost}"
            return Failure(f"at the change {text(change)} the gain is {gain}", statement)
    return None


def of_length(threat: Threat, squared: Fraction) -> Iterator[Opinions]:
    """Yield the changes in the directions of {-1, 0, 1}^n that are as long as the radius and rational."""
    for direction in product([Fraction(x) for x in (0, 1, -1)], repeat=threat.agents):
        size = exact_root(squared / squares(direction)) if any(direction) else None
        if size:
            yield tuple(size * x for x in direction)


def per_square(m: int, last: int = 1) -> Fraction:
    """Return 1 − H_{m + last}/(m+1)."""
    return 1 - sum((Fraction(1, j) for j in range(1, m + last + 1)), Fraction(0)) / (m + 1)


def pays_already(threat: Threat) -> bool:
    """Return whether |δ| > δ*."""
    return threat.delta**2 * per_square(threat.m) > threat.cost


def length(squared: Fraction) -> str:
    """Return a root as text."""
    exact = exact_root(squared)
    return f"√({squared})" if exact is None else str(exact)
