"""S12: consensus that is too slow breaks coalitions.

The discounted payoffs are β of an additive game, which pays everyone its own φ wherever it goes, and 1−β of the game of
patient agents; so gains shrink by 1−β, and the sign of Δ − κ is that of ε − ε*.  Brute force adds up what members are
paid along the path of their opinions; runs of the coupled dynamics show a coalition that forms on one side of ε* only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from sympy import Expr, Rational

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.discounted import discounted_worth
from proofs_checks.steps import proof
from proofs_checks.studies import discounted_steps as steps
from proofs_checks.studies.breaking import breaking
from proofs_checks.studies.discounted_entries import Entry, brute_gain, founding_gain, gain_text
from proofs_checks.studies.instances import text
from proofs_checks.studies.performances import QUARTIC, SHIFTED_PARABOLA
from proofs_checks.verdict import Certificate, Level

WRITTEN = 2  # agents up to which an instance that holds leaves a certificate
SCOPE = "m ≤ 4, δ in {1, -2}, ρ in {1/2, 3/4}, ε in {1/4, 1/2, 1}, 2 parabolas"


@dataclass(frozen=True)
class Said:
    """What is said of gain and threshold: the claim, or a mutant."""

    share: Callable[[Fraction, Fraction], Fraction] = lambda rho, rate: (1 - rho) / (1 - rho * (1 - rate) ** 2)
    kept: Callable[[Fraction], Fraction] = lambda beta: 1 - beta
    power: int = 2  # of |δ|
    one: int = 1  # one − H_{m+1}/(m+1)
    last: int = 1  # H_{m + last}
    founding: Fraction = Fraction(0)
    under: Callable[[Fraction, Fraction], Fraction] = lambda rho, r: (rho - r) / (rho * (1 - r))
    root: bool = True
    strict: bool = True
    top: Callable[[Fraction], Fraction] = lambda rho: rho  # the least r at which no rate pays
    bottom: Fraction = Fraction(0)  # the largest at which every rate does

    def patient(self, entry: Entry) -> Fraction:
        """Return δ² (1 − H_{m+1}/(m+1))."""
        harmonic = sum((Fraction(1, j) for j in range(1, entry.m + self.last + 1)), Fraction(0))
        return abs(entry.delta) ** self.power * (self.one - harmonic / (entry.m + 1))

    def gain(self, entry: Entry) -> Fraction:
        """Return the gain as stated."""
        return self.kept(self.share(entry.rho, entry.rate)) * self.patient(entry)

    def pays(self, entry: Entry) -> bool | None:
        """Return whether the move pays as stated, None if there is no real root.

        ε > 1 − √q iff 1−ε < 0 or (1−ε)² < q, decided in rationals.
        """
        patient, slowness = self.patient(entry), 1 - entry.rate
        if entry.cost <= self.bottom * patient:
            return True
        if entry.cost >= self.top(entry.rho) * patient:
            return False
        q = self.under(entry.rho, entry.cost / patient)
        if q < 0:
            return None
        if slowness < 0 or not self.root:
            return slowness < q
        return slowness**2 < q if self.strict else slowness**2 <= q


HYPOTHESES: dict[str, Callable[[Entry], bool]] = {
    "φ = b − (u − θ)²": lambda entry: entry.performance is not QUARTIC,
    "lazy uniform influence": lambda entry: entry.heavy == 1,
    "weight (1−ρ)ρ^t at step t": lambda entry: entry.normalised,
    "ε > 0": lambda entry: entry.rate > 0,
    "ε ≤ 1": lambda entry: entry.rate <= 1,
    "ρ > 0": lambda entry: entry.rho > 0,
    "ρ < 1": lambda entry: entry.rho < 1,
    "δ ≠ 0": lambda entry: entry.delta != 0,
}


def _entries() -> Iterator[Entry]:
    """Yield moves at costs on both sides of every threshold and on it, and such as break a hypothesis."""
    half, none = Fraction(1, 2), Fraction(0)
    yield Entry(1, none, none, half, half)
    yield from (Entry(1, Fraction(1), none, rho, half) for rho in (none, Fraction(1)))
    yield Entry(1, Fraction(1), Fraction(1, 24), half, Fraction(1, 4))  # r = 1/6 < ρ/2
    for cost in (none, Fraction(1, 16)):
        yield from (Entry(1, Fraction(1), cost, half, rate) for rate in (none, Fraction(2)))
        yield Entry(1, Fraction(1), cost, half, half, QUARTIC)
        yield Entry(1, Fraction(1), cost, half, half, heavy=2)
        yield Entry(1, Fraction(1), cost, half, half, normalised=False)
    rhos, rates = (half, Fraction(3, 4)), (half, Fraction(1), Fraction(1, 4))
    for m, rho, rate, delta in product(range(1, 5), rhos, rates, (Fraction(1), Fraction(-2))):
        plain = Entry(m, delta, none, rho, rate)
        exact = Said().gain(plain)
        patient = Said().patient(plain)
        for cost in (exact, exact * Fraction(9, 10), exact * Fraction(11, 10), rho * patient, patient, none, -patient):
            yield replace(plain, cost=cost)
        yield replace(plain, cost=exact / 2, performance=SHIFTED_PARABOLA, left=2)


def _gains(said: Said) -> Check[Entry]:
    def holds(entry: Entry) -> str | None:
        found, claimed = brute_gain(entry), said.gain(entry)
        if found != claimed:
            return f"the gain is {found}, not {claimed}"
        founding = founding_gain(entry)
        return None if founding == said.founding else f"founding alone gains {founding}, not {said.founding}"

    def certify(entry: Entry, holds: bool) -> Certificate | None:
        if holds and entry.agents > WRITTEN:
            return None
        at = {"rho": entry.rho, "eps": entry.rate}
        if not holds and brute_gain(entry) == said.gain(entry):
            statement = f"{gain_text(entry, founding=True)} == {said.founding}"
            return value(statement, at, False, f"the gain of founding alone: {entry}")
        note = f"the gain: {entry}" + ("; at ρ = 1 every step has the weight 0" if entry.rho == 1 else "")
        return value(f"{gain_text(entry)} == {said.gain(entry)}", at, holds, note)

    return Check(
        what="the gain, adding up discounted payoffs, by brute force",
        scope=SCOPE,
        level=Level.EXACT,
        instances=_entries,
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="gain",
        certify=certify,
    )


def _threshold(said: Said) -> Check[Entry]:
    def holds(entry: Entry) -> str | None:
        found, claimed = brute_gain(entry) > entry.cost, said.pays(entry)
        if claimed is None or found == claimed:
            return None
        return f"the gain is {brute_gain(entry)}: the move {'pays' if found else 'does not pay'}"

    def certify(entry: Entry, holds: bool) -> Certificate | None:
        if holds and entry.agents > WRITTEN:
            return None
        relation = ">" if said.pays(entry) else "<="
        at = {"rho": entry.rho, "eps": entry.rate}
        return value(f"{gain_text(entry)} {relation} {entry.cost}", at, holds, f"whether the move pays: {entry}")

    return Check(
        what="whether the move pays, on both sides of ε* and at it, by brute force",
        scope=SCOPE,
        level=Level.EXACT,
        instances=_entries,
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="threshold",
        certify=certify,
    )


def _derived() -> Check[Entry]:
    """Value, gain and smallest rate of `theory` against brute force."""
    gains: dict[Expr, Expr] = {}  # derived once for each φ

    def holds(entry: Entry) -> str | None:
        from theory import discount, symbols

        phi = sum(Rational(str(x)) * symbols.u**j for j, x in enumerate(entry.performance.coefficients))
        rho, rate = Rational(str(entry.rho)), Rational(str(entry.rate))
        beta = discount.slow_share(rho, rate)
        together = entry.coalitions[0]
        of = {symbols.s: len(together), symbols.X: Rational(str(entry.delta)), symbols.Q: Rational(str(entry.delta**2))}
        worth = discount.discounted_value(phi).subs(of, simultaneous=True).subs(symbols.beta, beta)
        brute = discounted_worth(together, entry.performance.coefficients, entry.rho, entry.rate, (1,) * len(together))
        if worth != Rational(str(brute)):
            return f"v of {text(together)} is {brute}, theory says {worth}"
        of = {symbols.m: entry.m, symbols.delta: Rational(str(entry.delta)), symbols.beta: beta}
        if phi not in gains:
            gains[phi] = discount.discounted_gain(phi)
        gain, found = gains[phi].subs(of).doit(), brute_gain(entry)
        if gain != Rational(str(found)):
            return f"the gain is {found}, theory says {gain}"
        least = discount.smallest_rate(Rational(str(entry.cost / Said().patient(entry))), rho)
        if (found > entry.cost) != bool(rate > least):
            return f"the gain is {found}, the smallest rate of theory is {least}"
        return None

    return Check(
        what="discounted_value, discounted_gain and smallest_rate of theory.discount against brute force",
        scope="m = 2, δ = 1, ρ = 1/2, ε in {1/4, 1/2, 1}, 2 parabolas",
        level=Level.EXACT,
        instances=lambda: (
            entry for entry in _entries() if (entry.m, entry.delta, entry.rho) == (2, 1, Fraction(1, 2))
        ),
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="threshold",
    )


def s12() -> Study:
    """Return the checks of S12."""
    said = Said()
    gains, threshold = _gains(said), _threshold(said)
    quadratic, uniform, weight, moving, slow, valued, finite, apart = HYPOTHESES
    return Study(
        "S12",
        (
            proof("additivity, the geometric series and S1", "all m, |C|, δ, θ, b, ρ and ε", steps.gain_steps, "gain"),
            proof("the sign of Δ − κ", "all m, δ ≠ 0, κ, 0 < ρ < 1, 0 < ε ≤ 1", steps.threshold_steps, "threshold"),
            gains,
            threshold,
            _derived(),
            breaking(),
        ),
        (
            Mutant("φ = −u⁴", gains.dropping(quadratic), quadratic),
            Mutant("the entrant has twice the influence", gains.dropping(uniform), uniform),
            Mutant("weight ρ^t", gains.dropping(weight), weight),
            Mutant("ε = 0", threshold.dropping(moving), moving),
            Mutant("ε = 2", threshold.dropping(slow), slow),
            Mutant("ρ = 0", threshold.dropping(valued), valued),
            Mutant("ρ = 1: every step has the weight 0", gains.dropping(finite), finite),
            Mutant("δ = 0", threshold.dropping(apart), apart),
            Mutant("β in place of 1 − β", _gains(Said(kept=lambda beta: beta)), "1 − β in the gain"),
            Mutant("1 − ε unsquared", _gains(Said(lambda r, e: (1 - r) / (1 - r * (1 - e)))), "2 in (1−ε)²"),
            Mutant("1/(1−ρ(1−ε)²)", _gains(Said(lambda r, e: 1 / (1 - r * (1 - e) ** 2))), "1 − ρ above the line of β"),
            Mutant("(1−ρ)/(1−(1−ε)²)", _gains(Said(lambda r, e: (1 - r) / (1 - (1 - e) ** 2))), "ρ inside 1 − ρ(1−ε)²"),
            Mutant("|δ| in place of δ²", _gains(Said(power=1)), "2 in δ²"),
            Mutant("2 − H_{m+1}/(m+1)", _gains(Said(one=2)), "1 before H_{m+1}"),
            Mutant("founding alone gains 1/8", _gains(Said(founding=Fraction(1, 8))), "0 for founding"),
            Mutant("H_m", _gains(Said(last=0)), "m + 1 in H_{m+1}"),
            Mutant(
                "√((ρ−2r)/(ρ(1−r)))",
                _threshold(Said(under=lambda rho, r: (rho - 2 * r) / (rho * (1 - r)))),
                "ρ − r under the root",
            ),
            Mutant(
                "√((ρ−r)/(1−r))",
                _threshold(Said(under=lambda rho, r: (rho - r) / (1 - r))),
                "ρ(1−r) under the root",
            ),
            Mutant("no root", _threshold(Said(root=False)), "the root in ε*"),
            Mutant("ε ≥ ε*", _threshold(Said(strict=False)), "> in ε > ε*"),
            Mutant(
                "no rate pays for r ≥ ρ/2",
                _threshold(Said(top=lambda rho: rho / 2)),
                "ρ as the least r at which no rate pays",
            ),
            Mutant(
                "every rate pays for r ≤ 1/3",
                _threshold(Said(bottom=Fraction(1, 3))),
                "0 as the largest r at which every rate pays",
            ),
            Mutant("1 − ε unsquared in the proof", proof("", "", lambda: steps.gain_steps(1))),
            Mutant("ε* 10 % larger, in runs", breaking(Fraction(11, 10))),
            Mutant("ε* 10 % smaller, in runs", breaking(Fraction(9, 10))),
        ),
    )
