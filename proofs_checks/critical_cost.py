"""S8: the critical cost of a structure, for quadratic performance.

A structure is stable against single moves at κ iff no accepted gain exceeds κ.  By S1 the gain from C to D
depends on the gap and on |D| only, and founding alone gains 0, which no join falls below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from sympy import Rational

from proofs_checks import magnet, quadratic_gain
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.equilibria import RULES, Rest
from proofs_checks.instances import states
from proofs_checks.oracles.dynamics import State, critical_cost
from proofs_checks.performances import PARABOLA, QUADRATICS, QUARTIC
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

Formula = Callable[[State], Fraction]


def stated(state: State, extra: int = 0, smaller: bool = False) -> Fraction:
    """Return max over C ≠ D of δ² (1 − H_{|D|+1}/(|D|+1)), 0 for the grand coalition."""
    best = Fraction(0)
    for (a, (x, k)), (b, (y, size)) in product(enumerate(state), repeat=2):
        if a != b:
            m = (min(k, size) if smaller else size) + extra
            harmonic = sum((Fraction(1, j) for j in range(1, m + 2)), Fraction(0))
            best = max(best, (x - y) ** 2 * (1 - harmonic / (m + 1)))
    return best


def derived(state: State) -> Fraction:
    """Return the critical cost that `theory` derives."""
    from theory import gain as gains
    from theory import symbols

    consensus = [Rational(str(c)) for c, _ in state]
    value = gains.structure_critical_cost(consensus, [size for _, size in state], -(symbols.u**2), symbols.s)
    return Fraction(str(value))


def steps() -> Iterator[Step]:
    """Yield the closed form of every gain, and that no join gains less than founding alone."""
    yield from quadratic_gain.steps()
    yield magnet.positive_step()


def _rests() -> Iterator[Rest]:
    """Yield states at their critical cost, just below and just above, and at 0."""
    for state in states((1, 2, 3, 4, 5), (0, 1, 3)):
        for performance, rule in product((*QUADRATICS[:2], QUARTIC), ("open", "coalitions of one only")):
            yield Rest(performance, state, stated(state), rule)


def _critical(formula: Formula, what: str = "the critical cost, every move by brute force") -> Check[Rest]:
    def holds(rest: Rest) -> str | None:
        value = critical_cost(rest.state, rest.performance, accepts=RULES[rest.rule])
        claimed = formula(rest.state)
        if value != claimed:
            return f"the largest accepted gain is {value}, the formula says {claimed}"
        below = Rest(rest.performance, rest.state, claimed - Fraction(1, 1000), rest.rule)
        at = Rest(rest.performance, rest.state, claimed, rest.rule)
        if at.moves() or not below.moves():
            return "stable and unstable do not change at the formula"
        return None

    return Check(
        what=what,
        scope="n ≤ 5, consensus in {0, 1, 3}, 2 parabolas",
        level=Level.EXACT,
        instances=_rests,
        conclusion=holds,
        hypotheses={
            "n ≥ 2": lambda rest: rest.agents >= 2,
            "φ is quadratic": lambda rest: rest.performance is not QUARTIC,
            "open acceptance": lambda rest: rest.rule == "open",
        },
    )


def _derived_check() -> Check[State]:
    def holds(state: State) -> str | None:
        value, claimed = critical_cost(state, PARABOLA), derived(state)
        return None if value == claimed else f"the largest gain is {value}, theory says {claimed}"

    return Check(
        what="structure_critical_cost of theory.gain against brute force",
        scope="n ≤ 4, consensus in {0, 1, 3}, φ = -u²",
        level=Level.EXACT,
        instances=lambda: states((2, 3, 4), (0, 1, 3)),
        conclusion=holds,
        show=str,
    )


def s8() -> Study:
    """Return the checks of S8."""
    exact = _critical(stated)
    scope = "all n ≥ 2, all structures, consensus values, θ and b"
    return Study(
        "S8",
        (proof("every gain by S1, founding 0", scope, steps), exact, _derived_check()),
        (
            Mutant("the smaller of |C| and |D|", _critical(lambda state: stated(state, smaller=True))),
            Mutant("|D| + 1 in place of |D|", _critical(lambda state: stated(state, extra=1))),
            *(Mutant(f"without: {name}", exact.dropping(name)) for name in exact.hypotheses),
        ),
    )
