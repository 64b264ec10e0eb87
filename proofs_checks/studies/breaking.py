"""The coupled dynamics on both sides of the least rate ε* of S12: just above it a coalition forms, just below not.

Runs in floating point, of an agent alone at δ and m agents that agree on 0; evidence, not proof.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from proofs_checks.check import Check
from proofs_checks.verdict import Level

MARGIN = 0.02  # how far from ε*, relatively, the two runs are


@dataclass(frozen=True)
class Slow:
    """m incumbents at 0, an agent at δ = 1, a discount factor and a cost."""

    m: int
    rho: Fraction
    cost: Fraction

    @property
    def agents(self) -> int:
        """n."""
        return self.m + 1

    @property
    def rate(self) -> float:
        """ε* as S12 states it."""
        patient = 1 - sum(1 / j for j in range(1, self.m + 2)) / (self.m + 1)
        r, rho = float(self.cost) / patient, float(self.rho)
        return 1 - math.sqrt((rho - r) / (rho * (1 - r)))

    def forms(self, rate: float) -> bool:
        """Return whether a run at this rate ends with all agents in one coalition."""
        from numerics.influence import lazy
        from numerics.model import Model
        from numerics.simulation import simulate

        opinions = [1.0] + [0.0] * self.m
        model = Model(opinions, "-u**2", float(self.cost), influence=lazy(rate), discount=float(self.rho))
        start = [[0], list(range(1, self.m + 1))]
        run = simulate(model, seed=0, structure=start, schedule="largest gain", max_steps=50, record=False)
        return run.outcome == "joint equilibrium" and len(run.structure) == 1

    def __str__(self) -> str:
        return f"m = {self.m}, ρ = {self.rho}, κ = {self.cost}, δ = 1"


def _cases() -> Iterator[Slow]:
    yield Slow(1, Fraction(1, 2), Fraction(1, 16))
    yield Slow(1, Fraction(9, 10), Fraction(1, 5))
    yield Slow(2, Fraction(1, 2), Fraction(1, 8))
    yield Slow(3, Fraction(3, 4), Fraction(1, 4))
    yield Slow(4, Fraction(9, 10), Fraction(1, 10))
    yield Slow(10, Fraction(19, 20), Fraction(1, 2))
    yield Slow(40, Fraction(1, 2), Fraction(2, 5))


def breaking(factor: Fraction = Fraction(1)) -> Check[Slow]:
    """Return the check that coalitions form just above `factor` times ε* and not just below."""

    def holds(case: Slow) -> str | None:
        claimed = float(factor) * case.rate
        above, below = min(claimed * (1 + MARGIN), 1.0), claimed * (1 - MARGIN)
        if not case.forms(above):
            return f"at ε = {above:.6f}, above {claimed:.6f}, no coalition forms"
        if case.forms(below):
            return f"at ε = {below:.6f}, below {claimed:.6f}, the coalition forms"
        return None

    return Check(
        what="runs of the coupled dynamics at rates 2 % above and below ε*",
        scope="7 triples (m, ρ, κ), m ≤ 40",
        level=Level.SEARCH,
        instances=_cases,
        conclusion=holds,
        part="threshold",
        tools=("numba", "numpy"),
    )
