"""S5, S6: what a joint equilibrium forces on the spread, and when there is none.

S5: φ + (ℓ/2)u² is concave, so Δ ≥ (ℓ/2) δ² (1 − H_{m+1}/(m+1)) by S1 and S2, least at m = 1, where it is ℓδ²/8; at
an equilibrium no gain exceeds κ.  S6: with two coalitions any move gains at least 0 > κ, in the grand
coalition founding alone gains 0 > κ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Integer, Rational, Symbol, harmonic

from proofs_checks import gain_sign
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import state_text, states
from proofs_checks.oracles.dynamics import (
    Acceptance,
    Move,
    State,
    admissible,
    critical_cost,
    open_to_all,
    spread,
    unanimous,
)
from proofs_checks.performances import CUBE, LINEAR, PARABOLA, PERFORMANCES, QUARTIC, STEEP, Performance, polynomial
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

RULES: dict[str, Acceptance] = {
    "open": open_to_all,
    "unanimous, each must gain 10": unanimous(Fraction(10)),
    "coalitions of one only": lambda move: move.target is None or move.target[1] == 1,
}
EXTREMES = ("open", "unanimous, each must gain 10")


@dataclass(frozen=True)
class Rest:
    """A tactical equilibrium with a cost, a curvature bound ℓ and an acceptance rule."""

    performance: Performance
    state: State
    cost: Fraction
    rule: str = "open"
    ell: Fraction = Fraction(0)

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """The interval of the opinions."""
        return self.state[0][0], self.state[-1][0]

    @property
    def agents(self) -> int:
        """n."""
        return sum(size for _, size in self.state)

    def moves(self) -> list[Move]:
        """Return the admissible moves."""
        return admissible(self.state, self.cost, self.performance, accepts=RULES[self.rule])

    def __str__(self) -> str:
        ell = f", ℓ = {self.ell}" if self.ell else ""
        return f"{self.performance}{ell}, κ = {self.cost}, acceptance {self.rule}, {state_text(self.state)}"


def spread_steps(constant: int = 8) -> Iterator[Step]:
    """Yield the least gain ℓδ²/8 and the bound on the gap."""
    m = Symbol("m", integer=True, positive=True)
    h, ell = Symbol("h", nonnegative=True), Symbol("ell", positive=True)
    delta, u, second = Symbol("delta", real=True), Symbol("u", real=True), Symbol("−φ''−ℓ", nonnegative=True)
    H = 1 + h  # H_{m+1} ≥ 1
    yield Step("−χ'' ≥ 0 for χ = φ + (ℓ/2)u²", (second + ell) - (ell * u**2 / 2).diff(u, 2), ">= 0")
    factor = 1 - H / (m + 1)
    yield Step(
        "Δ[φ] = Δ[χ] + (ℓ/2) Δ[−u²] with Δ[χ] ≥ 0 by S2, Δ[−u²] by S1; the factor grows with m",
        1 - (H + 1 / (m + 2)) / (m + 2) - factor,
        "> 0",
        bound={h: harmonic(m + 1) - 1},
    )
    least = factor.xreplace({m: Integer(1), h: Rational(1, 2)})
    yield Step("at m = 1 it is 1/4", least - Rational(1, 4))
    kappa = ell / 2 * delta**2 * least  # the largest gap that an equilibrium at κ allows
    yield Step(
        "so κ ≥ Δ ≥ ℓδ²/8 for the gap δ between the extreme coalitions", constant * kappa / ell - delta**2, ">= 0"
    )


def _rests() -> Iterator[Rest]:
    """Yield states with their own critical cost (the tightest) and with fixed costs."""
    curved = (PARABOLA, polynomial("-2 u^2 + u", 0, 1, -2), STEEP, QUARTIC, CUBE, LINEAR)
    for state in states((1, 2, 3, 4), (0, 1, 3)):
        for performance, rule in product(curved, EXTREMES):
            own = critical_cost(state, performance, accepts=RULES[rule])
            costs = sorted({Fraction(1, 8), Fraction(1), *([own] if own else [])})
            for cost, ell in product(costs, (1, 2, 4)):
                if cost > 0:
                    yield Rest(performance, state, cost, rule, Fraction(ell))


def _close(constant: int = 8) -> Check[Rest]:
    def holds(rest: Rest) -> str | None:
        bound = constant * rest.cost / rest.ell
        value = spread(rest.state) ** 2
        return None if value <= bound else f"spread² = {value} > {bound}"

    def curved(rest: Rest) -> bool:
        curvature = rest.performance.curvature(*rest.interval)
        return curvature is not None and curvature[1] <= -rest.ell

    return Check(
        what="the spread of every joint equilibrium, moves by brute force",
        scope="n ≤ 4, consensus in {0, 1, 3}, 6 polynomials, 3 values of ℓ, at the critical cost and at fixed ones",
        level=Level.EXACT,
        instances=_rests,
        conclusion=holds,
        hypotheses={
            "φ'' ≤ −ℓ": curved,
            "open acceptance": lambda rest: rest.rule == "open",
            "joint equilibrium": lambda rest: not rest.moves(),
        },
    )


def _derived_spread() -> Check[Step]:
    """The bound of `theory` on the spread is the proved one."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        ell, kappa = symbols.ell, Symbol("kappa", positive=True)
        yield Step("theory.lyapunov.spread_bound² is 8κ/ℓ", lyapunov.spread_bound(ell, kappa) ** 2 - 8 * kappa / ell)

    return proof("the bound of theory.lyapunov", "all ℓ and κ", steps)


def s5() -> Study:
    """Return the checks of S5."""
    exact = _close()
    scope = "all n, κ > 0, φ with φ'' ≤ −ℓ < 0, open acceptance"
    return Study(
        "S5",
        (proof("the least gain over m", scope, spread_steps), exact, _derived_spread()),
        (
            Mutant("7 in place of 8", _close(7)),
            Mutant("7 in the proof", proof("", "", lambda: spread_steps(7))),
            Mutant("φ'' may be above −ℓ", exact.dropping("φ'' ≤ −ℓ")),
            Mutant("acceptance need not be open", exact.dropping("open acceptance")),
            Mutant("not a joint equilibrium", exact.dropping("joint equilibrium")),
        ),
    )


def _costs() -> Iterator[Rest]:
    for state in states((1, 2, 3, 4), (0, 1, -1)):
        for performance, cost, rule in product(PERFORMANCES, (Fraction(-1, 8), Fraction(0)), EXTREMES):
            yield Rest(performance, state, cost, rule)


def s6() -> Study:
    """Return the checks of S6."""

    def moves(rest: Rest) -> str | None:
        return None if rest.moves() else "no admissible move: a joint equilibrium"

    exact = Check(
        what="an admissible move at every tactical equilibrium, by brute force",
        scope=f"n ≤ 4, consensus in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions, κ = -1/8",
        level=Level.EXACT,
        instances=_costs,
        conclusion=moves,
        hypotheses={
            "φ is concave": lambda rest: rest.performance.concave_on(*rest.interval),
            "κ < 0": lambda rest: rest.cost < 0,
            "n ≥ 2": lambda rest: rest.agents >= 2,
            "open acceptance": lambda rest: rest.rule == "open",
        },
    )
    scope = "all n ≥ 2, all concave φ, all κ < 0, open acceptance"
    return Study(
        "S6",
        (proof("gains of at least 0 > κ, by S2", scope, gain_sign.steps), exact),
        (
            *(Mutant(f"without: {name}", exact.dropping(name)) for name in exact.hypotheses),
            Mutant("scale s² in the proof", proof("", "", lambda: gain_sign.steps(lambda s: s**2))),
        ),
    )
