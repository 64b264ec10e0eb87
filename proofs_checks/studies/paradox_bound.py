"""S7, the bound for all n on small states: E V after one move, from all moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product

from proofs_checks.certificates import value
from proofs_checks.check import Check
from proofs_checks.oracles.mixing import Draw, Structure, expected_disagreement, free_law, targets, uniform
from proofs_checks.steps import Step, proof
from proofs_checks.studies.instances import Opinions, sizes
from proofs_checks.verdict import Certificate, Level


def in_order(parts: tuple[int, ...]) -> Structure:
    """Return a structure of these sizes, agents in order."""
    ends = [sum(parts[: i + 1]) for i in range(len(parts))]
    return tuple(tuple(range(end - part, end)) for part, end in zip(parts, ends, strict=True))


@dataclass(frozen=True)
class Rest:
    """A tactical equilibrium of which every move is admissible."""

    levels: Opinions
    parts: tuple[int, ...]

    @property
    def agents(self) -> int:
        """n."""
        return sum(self.parts)

    def __str__(self) -> str:
        return "coalitions " + ", ".join(f"{part} at {x}" for part, x in zip(self.parts, self.levels, strict=True))


def shrinks(factor: Callable[[int], Fraction] = lambda n: 1 - Fraction(1, 2 * n), draw: Draw = uniform) -> Check[Rest]:
    """Return the check of E V(1) ≤ factor(n) V(0) where moves are drawn in this way."""

    def instances() -> Iterator[Rest]:
        for n in range(2, 6):
            for parts in sizes(n):
                for levels in product((0, 1, 3) if n < 5 else (0, 1), repeat=len(parts)):
                    yield Rest(tuple(map(Fraction, levels)), parts)
        for n in (6, 7, 8, 9):  # a pair against agents who are alone and agree: here V shrinks least
            yield Rest((Fraction(1), *(Fraction(0),) * (n - 2)), (2, *(1,) * (n - 2)))

    def holds(rest: Rest) -> str | None:
        opinions = [x for x, part in zip(rest.levels, rest.parts, strict=True) for _ in range(part)]
        before, after = expected_disagreement(in_order(rest.parts), opinions, 1, partial(free_law, draw=draw))
        bound = factor(rest.agents) * before
        return None if after <= bound else f"E V(1) = {after} > {bound}, V(0) = {before}"

    def certify(rest: Rest, holds: bool) -> Certificate | None:
        """Write V and the mean of the drops δ² m/(m+1) out; of the rests where it is true, the small ones."""
        if holds and rest.agents > 3:
            return None
        n, both = rest.agents, list(zip(rest.levels, rest.parts, strict=True))
        mean = sum((x * part for x, part in both), Fraction(0)) / n
        V = " + ".join(f"{part}*({x - mean})**2" for x, part in both)
        structure = in_order(rest.parts)
        level = {i: x for C, x in zip(structure, rest.levels, strict=True) for i in C}
        drops = Counter(
            f"{chance}*({level[i] - level[D[0]]})**2*{len(D)}/{len(D) + 1}"
            for i, D, chance in draw(structure, {i: targets(structure, i) for i in range(n)})
            if D and level[i] != level[D[0]]
        )
        mean_drop = " + ".join(f"{times}*{drop}" for drop, times in drops.items()) or "0"
        return value(f"{V} - ({mean_drop}) <= {factor(n)}*({V})", holds=holds, note=f"E V(1) of {rest}")

    return Check(
        what="E V after one move, from all moves",
        scope="n ≤ 4, consensus in {0, 1, 3}; n = 5: {0, 1}; n ≤ 9: a pair against agents alone",
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        certify=certify,
        part="mean square",
        tools=(),
    )


def derived_bound() -> Check[Step]:
    """Return the check that the bound of `theory` is the proved one."""

    def steps() -> Iterator[Step]:
        from theory.mixing_bounds import rate_bound
        from theory.symbols import n

        yield Step("theory.mixing_bounds.rate_bound is 1 − 1/(2n)", rate_bound(), right=1 - 1 / (2 * n))

    return proof("the bound of theory.mixing_bounds", "all n", steps, part="mean square")
