"""S5, S6: what a joint equilibrium forces on the spread, and when there is none.

S5: a move across the gap δ gains at least ℓδ²/8 (see `spread_bound`); at equilibrium no gain exceeds κ.
Two single agents with quadratic φ attain it.
S6: with two coalitions any move gains at least 0 > κ, in the grand coalition founding alone gains 0 > κ.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from sympy import Symbol

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.dynamics import critical_cost, spread
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.entry_gains import gain, gain_text
from proofs_checks.studies.gain_terms import GAIN, sign_steps
from proofs_checks.studies.instances import Entry, states
from proofs_checks.studies.performances import CUBE, LINEAR, PARABOLA, PERFORMANCES, QUARTIC, STEEP, polynomial
from proofs_checks.studies.rests import EXTREMES, Rest, largest_gain_text, largest_gain_witness, refusal_witness
from proofs_checks.studies.spread_bound import kappa, spread_steps, tight_steps
from proofs_checks.verdict import Certificate, Level

CURVED, REST = "φ'' ≤ −ℓ between the opinions", "joint equilibrium: no admissible move"


def _rests() -> Iterator[Rest]:
    """Yield states with their own critical cost (the tightest) and with fixed costs."""
    curved = (PARABOLA, polynomial("-2 u^2 + u", 0, 1, -2), STEEP, QUARTIC, CUBE, LINEAR)
    for state in (*states((1, 2, 3), (0, 1, 3)), *states((4,), (0, 1))):
        for performance in curved:
            own = critical_cost(state, performance)
            costs = sorted({Fraction(1, 8), Fraction(1), *([own] if own else [Fraction(-1, 8)])})
            for cost, bound in product(costs, (1, 2, 4, -1)):
                yield Rest(performance, state, cost, "open", Fraction(bound))
            yield Rest(performance, state, Fraction(1, 8), EXTREMES[1], Fraction(1))


def _close(constant: int = 8) -> Check[Rest]:
    """spread² ≤ constant·κ/ℓ at every joint equilibrium."""

    def holds(rest: Rest) -> str | None:
        bound = constant * rest.cost / rest.ell
        found = spread(rest.state) ** 2
        return None if found <= bound else f"spread² = {found} > {bound}"

    def curved(rest: Rest) -> bool:
        curvature = rest.performance.curvature(*rest.interval)
        return curvature is not None and curvature[1] <= -rest.ell

    def certify(rest: Rest, good: bool) -> Certificate | None:
        if good and (rest.agents > 2 or not spread(rest.state)):
            return None
        low, high = rest.interval
        at = {"kappa": rest.cost, "ell": rest.ell, "low": low, "high": high}
        gains = None if rest.moves() or rest.rule != "open" else largest_gain_text(rest)
        cost = f"max(kappa, {gains})" if gains else "kappa"  # the same number, as no move gains more than κ
        return value(f"(high - low)**2 <= {constant}*{cost}/ell", at, good, str(rest))

    return Check(
        what="the spread of every joint equilibrium, moves by brute force",
        scope="n ≤ 4, consensus in {0, 1, 3} (n = 4: {0, 1}), 6 polynomials, 3 values of ℓ, κ critical or fixed",
        level=Level.EXACT,
        instances=_rests,
        conclusion=holds,
        hypotheses={
            CURVED: curved,
            "ℓ > 0": lambda rest: rest.ell > 0,
            "κ ≥ 0": lambda rest: rest.cost >= 0,
            "open acceptance": lambda rest: rest.rule == "open",
            REST: lambda rest: not rest.moves(),
        },
        part="bound",
        certify=certify,
    )


def _tight() -> Check[Entry]:
    """Two single agents whose move gains exactly κ: the bound is attained."""

    def holds(entry: Entry) -> str | None:
        cost, bound = gain(entry), 2
        state = tuple(sorted([(entry.c, 1), (entry.c + entry.delta, 1)]))
        rest = Rest(entry.performance, state, cost, "open", Fraction(bound))
        if rest.moves():
            return f"at κ = {cost} there is an admissible move"
        found = spread(state) ** 2
        return None if found == 8 * cost / bound else f"spread² = {found}, not {8 * cost / bound}"

    def certify(entry: Entry, good: bool) -> Certificate:
        return value(f"{entry.delta**2} == 8*({gain_text(entry)})/2", holds=good, note=f"{entry}, ℓ = 2")

    return Check(
        what="equality for two single agents and φ = −u² at κ = Δ, by brute force",
        scope="m = 1, three gaps",
        level=Level.EXACT,
        instances=lambda: (Entry(PARABOLA, 1, Fraction(0), Fraction(gap)) for gap in (1, 2, Fraction(1, 3))),
        conclusion=holds,
        part="equality",
        certify=certify,
    )


def _derived_spread() -> Check[Step]:
    """The bound of `theory` on the spread is the proved one."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        positive = Symbol("kappa", positive=True)
        bound = lyapunov.spread_bound(symbols.ell, positive) ** 2
        yield Step("theory.lyapunov.spread_bound² is 8κ/ℓ", bound, right=8 * positive / symbols.ell)

    return proof("the bound of theory.lyapunov", "all ℓ and κ", steps, part="bound")


def s5() -> Study:
    """Return the checks of S5."""
    exact = _close()
    scope = "all n, κ ≥ 0, ℓ > 0, φ with φ'' ≤ −ℓ, open acceptance"
    return Study(
        "S5",
        (
            proof("the least gain over m", scope, spread_steps, part="bound"),
            proof("two single agents attain it", "all ℓ > 0, b, θ, c, δ", tight_steps, part="equality"),
            exact,
            _tight(),
            _derived_spread(),
        ),
        (
            *(Mutant(f"without: {name}", exact.dropping(name), name) for name in exact.hypotheses),
            Mutant("7 in place of 8", _close(7), "8 in 8κ/ℓ"),
            Mutant("7 in the proof", proof("", "", lambda: spread_steps(7))),
        ),
    )


def none_steps() -> Iterator[Step]:
    """Yield S2 for concave φ, and that every move pays at a cost κ < 0."""
    yield from sign_steps(1)
    yield Step(
        "a move pays: Δ − κ > 0",
        GAIN - kappa,
        "> 0",
        given=(
            Given("two coalitions: Δ ≥ 0 by S2; one of n ≥ 2: founding gains 0", GAIN, ">= 0"),
            Given("the hypothesis κ < 0", -kappa, "> 0"),
        ),
    )


def _costs() -> Iterator[Rest]:
    for state in states((1, 2, 3, 4), (0, 1, -1)):
        for performance, cost, rule in product(PERFORMANCES, (Fraction(-1, 8), Fraction(0)), EXTREMES):
            yield Rest(performance, state, cost, rule)


def _restless(least: Fraction = Fraction(0)) -> Check[Rest]:
    """Every state has an admissible move if κ < least."""

    def moves(rest: Rest) -> str | None:
        return None if rest.moves() else "no admissible move: a joint equilibrium"

    def certify(rest: Rest, good: bool) -> Certificate | None:
        if not good and rest.rule != "open":
            return refusal_witness(rest, Fraction(10))
        return largest_gain_witness(rest, f"> {rest.cost}", good)

    return Check(
        what="an admissible move at every tactical equilibrium, by brute force",
        scope=f"n ≤ 4, consensus in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions, κ = -1/8",
        level=Level.EXACT,
        instances=_costs,
        conclusion=moves,
        hypotheses={
            "φ is concave": lambda rest: rest.performance.concave_on(*rest.interval),
            "κ < 0": lambda rest: rest.cost < least,
            "n ≥ 2": lambda rest: rest.agents >= 2,
            "open acceptance": lambda rest: rest.rule == "open",
        },
        certify=certify,
    )


def s6() -> Study:
    """Return the checks of S6."""
    exact = _restless()
    scope = "all n ≥ 2, all concave φ, all κ < 0, open acceptance"
    return Study(
        "S6",
        (proof("gains of at least 0 > κ, by S2", scope, none_steps), exact),
        (
            *(Mutant(f"without: {name}", exact.dropping(name), name) for name in exact.hypotheses),
            Mutant("κ < 1/16 is enough", _restless(Fraction(1, 16)), "0 as the least gain"),
        ),
    )
