"""S7, in the long run, on small states: E V(t) between multiples of ρ_n^t, with the constants of the proof.

The proof for all n is in `paradox_limit_steps`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from proofs_checks.certificates import value
from proofs_checks.check import Check
from proofs_checks.oracles.mixing import class_path
from proofs_checks.studies.instances import Opinions, sizes
from proofs_checks.studies.paradox_bound import in_order
from proofs_checks.studies.paradox_rates import enclosure
from proofs_checks.verdict import Certificate, Level

STARTED = "V(0) > 0, for the limit"


@dataclass(frozen=True)
class Start:
    """A tactical equilibrium and a number of moves."""

    levels: Opinions
    parts: tuple[int, ...]
    moves: int

    @property
    def agents(self) -> int:
        """n."""
        return sum(self.parts)

    @property
    def opinions(self) -> list[Fraction]:
        """The opinions of all agents."""
        return [x for x, part in zip(self.levels, self.parts, strict=True) for _ in range(part)]

    @property
    def bounds(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """c, C, and ρ_n from below and above: C > 0, c ρ_n^t ≤ E V(t) ≤ C ρ_n^t if some of the opinions 0, 1 differ.

        The form F = Σ y q with the weights of the enclosure is at least α V and at most β V, and V(0) is at least
        (n−1)/n, one against all others, and at most n/4, half against half.
        """
        found, n = enclosure(self.agents), self.agents
        shares = [y * n / (a * b) for y, (_, (a, b)) in zip(found.weights, found.classes, strict=True)]
        ratio = min(shares) / max(shares)
        return ratio * Fraction(n - 1, n), Fraction(n, 4) / ratio, found.lower, found.upper

    @property
    def expected(self) -> Fraction:
        """E V after the moves."""
        return class_path(in_order(self.parts), self.opinions, self.moves)[-1]

    def __str__(self) -> str:
        groups = ", ".join(f"{part} at {x}" for part, x in zip(self.parts, self.levels, strict=True))
        return f"coalitions {groups}, t = {self.moves}"


def between(power: int = 1, times: tuple[int, ...] = (1, 5, 40)) -> Check[Start]:
    """Return the check of c ρ_n^t ≤ (E V(t))^power ≤ C ρ_n^t, with c and C from the proof."""

    def instances() -> Iterator[Start]:
        for n, moves in product(range(2, 7), times):
            for parts in sizes(n):
                one_apart = (Fraction(1), *(Fraction(0),) * (len(parts) - 1))
                every = product(map(Fraction, (0, 1)), repeat=len(parts))
                for levels in every if n < 5 else [one_apart]:
                    yield Start(levels, parts, moves)

    def sides(start: Start) -> tuple[Fraction, Fraction, Fraction]:
        least, most, lower, upper = start.bounds
        return least * lower**start.moves, start.expected**power, most * upper**start.moves

    def holds(start: Start) -> str | None:
        low, found, high = sides(start)
        if low <= found <= high:
            return None
        return f"(E V(t))^{power} = {float(found):.6g}, not between {float(low):.6g} and {float(high):.6g}"

    def certify(start: Start, holds: bool) -> Certificate | None:
        """Write the bounds down; where they hold, for few agents and moves."""
        if holds and (start.agents > 3 or start.moves > 1):
            return None
        least, most, lower, upper = start.bounds
        statement = f"max(c*lower**{start.moves} - E**{power}, E**{power} - C*upper**{start.moves}) <= 0"
        at = {"E": start.expected, "c": least, "C": most, "lower": lower, "upper": upper}
        return value(statement, at, holds, f"E = E V({start.moves}) from {start}; ρ is between lower and upper")

    return Check(
        what="E V(t) between multiples of ρ_n^t, from the matrix of the definitions",
        scope="n ≤ 4, consensus in {0, 1}; n = 5, 6: one coalition against the others; t in {1, 5, 40}",
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        hypotheses={STARTED: lambda start: len(set(start.levels)) > 1},
        certify=certify,
        part="limit",
        tools=(),
    )
