"""V3: the payoff under quadratic performance, for any opinions, from four numbers.

With y_j = x_j − θ, let the s members before agent i be a uniformly random set of the k − 1 others, with sum Y.
Agent i adds (y + Y)²/(s+1) − Y²/s, whose mean needs E Y and E Y² only: sampling without replacement.  Averaging
over s = 0..k−1 leaves four sums that are linear in the harmonic number H_k (`sampling_steps`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from sympy import Expr, Integer, Rational, Symbol, expand, harmonic

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import proof
from proofs_checks.studies.instances import Opinions, opinion_vectors, text
from proofs_checks.studies.performances import PARABOLA, QUARTIC, SHIFTED_PARABOLA, Performance
from proofs_checks.studies.sampling_steps import Formula, value_steps
from proofs_checks.verdict import Certificate, Level

LARGEST = 5
QUADRATIC = "φ = b − (u − θ)²"
# b and θ of each quadratic φ
BEST: dict[Performance, tuple[Fraction, Fraction]] = {
    PARABOLA: (Fraction(0), Fraction(0)),
    SHIFTED_PARABOLA: (Fraction(1), Fraction(1, 2)),
}
NAMES = tuple(Symbol(name, real=True) for name in ("y", "t", "q"))


def stated(
    y: Expr,
    t: Expr,
    q: Expr,
    k: Expr,
    H: Expr,
    *,
    cross: int = 2,
    sign: int = 1,
    one: int = 1,
    top: int = 1,
    twice: int = 2,
) -> Expr:
    """Return A_i as the claim states it, its constants by name; one and two agents have fewer terms."""
    total = y**2 * H
    if k != 1:
        total += cross * y * t * (k - H) / (k - 1) - sign * q * (H - one) / (k - 1)
    if k not in (1, 2):
        total -= (t**2 - q) * (k + top - twice * H) / ((k - 1) * (k - 2))
    return total / k


def one_harmonic_less(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    """Return the formula with H_{k−1} in place of H_k, a mutant."""
    return stated(y, t, q, k, H - 1 / k)


def divided_by_less(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    """Return the formula with 1/(k+1) in place of 1/k, a mutant."""
    return stated(y, t, q, k, H) * k / (k + 1)


def derived(y: Expr, t: Expr, q: Expr, k: Expr, H: Expr) -> Expr:
    """Return A_i as `theory` derives it."""
    from theory import sampling

    found = sampling.quadratic_value()
    names = {"y": y, "t": t, "q": q, "k": k}
    return found.subs({symbol: names[symbol.name] for symbol in found.free_symbols}, simultaneous=True)


@dataclass(frozen=True)
class Member:
    """Agent 0 of a coalition."""

    performance: Performance
    opinions: Opinions

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.opinions)

    @property
    def best(self) -> tuple[Fraction, Fraction]:
        """b and θ (0 and 0 if φ is not quadratic)."""
        return BEST.get(self.performance, (Fraction(0), Fraction(0)))

    @property
    def sums(self) -> dict[Symbol, Fraction]:
        """The agent's own y, and the sum t and the sum of squares q of the others."""
        own, *others = (x - self.best[1] for x in self.opinions)
        return dict(zip(NAMES, (own, sum(others, Fraction(0)), sum((z * z for z in others), Fraction(0))), strict=True))

    def __str__(self) -> str:
        return f"{self.performance}, opinions {text(self.opinions)}"


def members() -> Iterator[Member]:
    """Yield agents of small coalitions, under two quadratic φ and one that is not."""
    for k in (1, 2, 3, 4):
        for performance in (*BEST, QUARTIC):
            for opinions in opinion_vectors(k, (0, 1, 2) if k < 4 else (0, 1)):
                yield Member(performance, opinions)


def _numbers(formula: Formula) -> Check[Member]:
    def holds(member: Member) -> str | None:
        k = Integer(member.agents)
        y, t, q = (Rational(str(x)) for x in member.sums.values())
        claimed = member.best[0] - Fraction(str(formula(y, t, q, k, harmonic(k))))
        paid = aumann_dreze(member.opinions, 0, member.performance)
        return None if paid == claimed else f"is paid {paid}, the formula gives {claimed}"

    def certify(member: Member, holds: bool) -> Certificate | None:
        if holds:
            return None
        y, t, q = NAMES
        claimed = formula(y, t, q, Integer(member.agents), Symbol(f"H({member.agents})"))
        opinions = ", ".join(map(str, member.opinions))
        left = f'paid("{member.performance.formula}", "s", [{opinions}], 0)'
        numbers = {str(name): x for name, x in member.sums.items() if claimed.has(name)}
        return value(f"{left} == {member.best[0]} - ({claimed})", numbers, note="AD_i = b − A_i")

    return Check(
        what="the closed form against brute force in numbers",
        scope="opinions in {0, 1, 2} (k = 4: {0, 1}), two quadratic φ, k ≤ 4",
        level=Level.EXACT,
        instances=members,
        conclusion=holds,
        hypotheses={QUADRATIC: lambda member: member.performance in BEST},
        certify=certify,
    )


def _matches(formula: Formula, what: str = "the closed form against brute force", largest: int = LARGEST) -> Check[int]:
    def sides(k: int) -> tuple[Expr, Expr]:
        b, theta = Symbol("b", real=True), Symbol("theta", real=True)
        x = [Symbol(f"x{j}", real=True) for j in range(1, k + 1)]
        payoff = aumann_dreze(tuple(x), 0, lambda u: b - (u - theta) ** 2)
        y = [opinion - theta for opinion in x]
        t, q = sum(y[1:], Integer(0)), sum((z**2 for z in y[1:]), Integer(0))
        return payoff, b - formula(y[0], t, q, Integer(k), harmonic(k))

    def holds(k: int) -> str | None:
        payoff, claimed = sides(k)
        gap = expand(payoff - claimed)
        return None if gap == 0 else f"brute force minus formula is {gap}"

    def certify(k: int, holds: bool) -> Certificate | None:
        payoff, claimed = sides(k)
        note = f"AD_1 by brute force − (b − A_1), k = {k}"
        return combination(payoff, "= 0", note=note, right=claimed) if holds else None

    return Check(
        what=what,
        scope=f"all real opinions, b and θ, k ≤ {largest}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, largest + 1),
        conclusion=holds,
        show=lambda k: f"k = {k}",
        certify=certify,
    )


def v3() -> Study:
    """Return the checks of V3."""
    exact = _numbers(stated)
    return Study(
        "V3",
        (
            proof(
                "sampling without replacement, harmonic sums", "all opinions, b, θ and k", lambda: value_steps(stated)
            ),
            _matches(stated),
            exact,
            _matches(derived, "the formula of theory.sampling against brute force", 4),
        ),
        (
            Mutant("φ = −u⁴", exact.dropping(QUADRATIC), QUADRATIC),
            Mutant("H_{k−1} in place of H_k", _numbers(one_harmonic_less), "k in H_k"),
            Mutant("H_{k−1} in the proof", proof("", "", lambda: value_steps(one_harmonic_less)), "k in H_k"),
            Mutant("1/(k+1) in place of 1/k", _numbers(divided_by_less), "1/k"),
            Mutant("y t in place of 2 y t", _numbers(partial(stated, cross=1)), "2 in 2yt"),
            Mutant("−2 y t", _numbers(partial(stated, cross=-2)), "2 in 2yt"),
            Mutant("+ q", _numbers(partial(stated, sign=-1)), "the sign of q"),
            Mutant("H_k − 2", _numbers(partial(stated, one=2)), "1 in H_k − 1"),
            Mutant("k in place of k + 1", _numbers(partial(stated, top=0)), "1 in k + 1 − 2H_k"),
            Mutant("H_k in place of 2 H_k", _numbers(partial(stated, twice=1)), "2 in k + 1 − 2H_k"),
        ),
    )
