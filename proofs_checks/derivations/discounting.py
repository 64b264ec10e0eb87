"""S12: what `theory.discount` derives, against payoffs added up along the path of the opinions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer, oo

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.derivations.curvature import as_fraction
from proofs_checks.oracles.discounted import discounted_payoff, discounted_worth
from proofs_checks.verdict import Level

F = Fraction
DISCOUNTS = (F(0), F(1, 2), F(4, 5))
RATES = (F(1, 4), F(1, 2), F(1))
QUADRATICS = ((F(0), F(0), F(-1)), (F(1), F(2), F(-3)), (F(2), F(-1)), (F(1, 2), F(0), F(5)))
OPINIONS = (F(1), F(-2), F(1, 2), F(3))


@dataclass(frozen=True)
class Slow:
    """Discount factor ρ, rate ε and the coefficients of φ."""

    rho: Fraction
    rate: Fraction
    phi: tuple[Fraction, ...] = QUADRATICS[0]
    m: int = 1
    k: int = 1
    c: Fraction = Fraction(1, 3)
    delta: Fraction = Fraction(-2)

    @property
    def text(self) -> str:
        """Return φ as theory reads it."""
        return " + ".join(f"({a})*u**{j}" if j else f"({a})" for j, a in enumerate(self.phi))

    def share(self, order: int, terms: int = 300) -> tuple[Fraction, Fraction]:
        """Return (1-ρ) Σ_t ρ^t (1-ε)^(order·t), summed up to a number of terms, and a bound of the rest."""
        ratio = self.rho * (1 - self.rate) ** order
        scale = 10**60
        total, term = 0, scale
        for _ in range(terms):
            total += term
            term = term * ratio.numerator // ratio.denominator
        return (1 - self.rho) * F(total, scale), (1 - self.rho) * F(term + terms, scale) / (1 - ratio)

    def beta(self) -> Fraction:
        """Return the share of payoffs for one's own opinion: of the worth of a coalition with mean 0, φ = u²."""
        square = (F(0), F(0), F(1))
        return discounted_worth((F(1), F(-1)), square, self.rho, self.rate, (1, 1)) / 2

    def worth(self, agents: int) -> Fraction:
        """Return what the members of a coalition are paid along the path of their opinions."""
        return discounted_worth(OPINIONS[:agents], self.phi, self.rho, self.rate, (1,) * agents)

    def gain(self) -> Fraction:
        """Return the gain of an agent of opinion c + δ that leaves k agents of its opinion for m agents at c."""
        entrant = self.c + self.delta
        joined = (entrant,) + (self.c,) * self.m
        after = discounted_payoff(joined, 0, self.phi, self.rho, self.rate, (1,) * len(joined))
        return after - discounted_payoff((entrant,) * self.k, 0, self.phi, self.rho, self.rate, (1,) * self.k)

    def at(self, expression: Expr) -> Fraction:
        """Return the value of an expression of theory here, β from the oracle."""
        from theory import symbols

        values = {
            symbols.rho: rational(self.rho),
            symbols.eps: rational(self.rate),
            symbols.beta: rational(self.beta()),
            symbols.c: rational(self.c),
            symbols.delta: rational(self.delta),
            symbols.k: Integer(self.k),
            symbols.m: Integer(self.m),
        }
        return number(Integer(1) * expression.subs(values, simultaneous=True).doit())

    def __str__(self) -> str:
        return f"ρ = {self.rho}, ε = {self.rate}, φ = {self.text}, m = {self.m}, |C| = {self.k}"


def _shares() -> Check[Slow]:
    """Shares of powers of the deviations, from their series; and β with its slope by differences."""
    from theory import discount

    def conclusion(case: Slow) -> str | None:
        for order in range(5):
            total, rest = case.share(order)
            found = case.at(discount.discounted_share(order))
            if not abs(found - total) <= rest:
                return f"the share of order {order} is {float(total)}, theory says {float(found)}"
        if case.at(discount.deviation_factor()) != 1 - case.rate:
            return "a deviation does not shrink by 1 - ε"
        given = number(Integer(1) * discount.slow_share(rational(case.rho), rational(case.rate)))
        if given != case.beta():
            return f"β is {case.beta()}, theory says {given}"
        step = F(1, 10**12)
        near = [Slow(case.rho, rate).beta() for rate in (case.rate, case.rate + step)]
        slope = case.at(discount.slow_share_slope())
        return None if abs((near[1] - near[0]) / step - slope) < F(1, 10**9) else f"the slope is not {float(slope)}"

    return Check(
        what="shares of theory.discount against the series, and β against payoffs",
        scope="ρ in {0, 1/2, 4/5}, ε in {1/4, 1/2, 1}, orders up to 4",
        level=Level.EXACT,
        instances=lambda: (Slow(*x) for x in product(DISCOUNTS, RATES)),
        conclusion=conclusion,
    )


def _values() -> Check[tuple[Slow, int]]:
    from theory import discount, symbols

    def derived(case: tuple[Slow, int]) -> Fraction:
        slow, agents = case
        x = OPINIONS[:agents]
        sums = {
            symbols.s: Integer(agents),
            symbols.X: rational(sum(x, F(0))),
            symbols.Q: rational(sum((y * y for y in x), F(0))),
        }
        return slow.at(discount.discounted_value(slow.text).subs(sums, simultaneous=True))

    return compared(
        "discounted_value of theory.discount against payoffs along the path",
        "4 polynomials of degree ≤ 2, ρ in {0, 1/2, 4/5}, ε in {1/4, 1/2, 1}, at most 4 agents",
        lambda: ((Slow(*x[:3]), x[3]) for x in product(DISCOUNTS, RATES, QUADRATICS, (1, 2, 4))),
        derived,
        lambda case: case[0].worth(case[1]),
        show=lambda case: f"{case[0]}, {case[1]} agents",
    )


def _slow() -> Iterator[Slow]:
    for m, k in ((1, 1), (2, 3), (4, 2)):
        for rho, rate, phi in product(DISCOUNTS[1:], RATES[:2], QUADRATICS[1:3]):
            yield Slow(rho, rate, phi, m, k)


def _gains() -> Check[Slow]:
    from theory import discount

    known: dict[str, Expr] = {}

    def derived(case: Slow) -> Fraction:
        if case.text not in known:
            known[case.text] = discount.discounted_gain(case.text)
        return case.at(known[case.text])

    return compared(
        "discounted_gain of theory.discount against payoffs along the path",
        "2 polynomials of degree ≤ 2, ρ in {1/2, 4/5}, ε in {1/4, 1/2}, m ≤ 4, |C| ≤ 3",
        _slow,
        derived,
        Slow.gain,
    )


def _thresholds() -> Check[tuple[Fraction, Fraction]]:
    """At ε* the share 1-β is r; no rate is enough for r ≥ ρ and every one for r ≤ 0."""
    from theory import discount, symbols
    from theory.gain import gain

    def conclusion(case: tuple[Fraction, Fraction]) -> str | None:
        r, rho = case
        found = discount.smallest_rate(rational(r), rational(rho))
        kept = [1 - Slow(rho, rate).beta() for rate in (F(1, 10**9), F(1))]  # least and greatest 1-β
        if rho == 0 and discount.smallest_rate(rho=0) != oo:
            return "impatient agents need no rate"
        if r <= 0:
            return None if found == (oo if rho == 0 and r >= 0 else 0) else f"ε* = {found}"
        if r >= rho:
            return None if found == oo and kept[1] <= r else f"ε* = {found}"
        formula = discount.rate_formula().subs({symbols.ratio: rational(r), symbols.rho: rational(rho)})
        for value in (as_fraction(Integer(1) * found), as_fraction(Integer(1) * formula)):
            if not (0 < value < 1 and abs(1 - Slow(rho, value).beta() - r) < F(1, 10**30)):
                return f"1-β is not r at {float(value)}"
        quadratic = gain("-u**2").subs({symbols.m: 2, symbols.delta: 3}).doit()
        cost = rational(r) * quadratic
        default = discount.smallest_rate(rho=rational(rho))
        there = default.subs({symbols.kappa: cost, symbols.m: 2, symbols.delta: 3}, simultaneous=True).doit()
        gap = abs(as_fraction(Integer(1) * there) - as_fraction(Integer(1) * found))
        return None if gap < F(1, 10**30) else f"the threshold of the quadratic is {float(there)}"

    return Check(
        what="smallest_rate of theory.discount against payoffs",
        scope="r in {-1, 0, 1/10, 1/2, 7/10, 1}, ρ in {0, 1/2, 4/5}",
        level=Level.EXACT,
        instances=lambda: product((F(-1), F(0), F(1, 10), F(1, 2), F(7, 10), F(1)), DISCOUNTS),
        conclusion=conclusion,
        show=lambda case: f"r = {case[0]}, ρ = {case[1]}",
    )


def _refused() -> Check[str]:
    from theory import discount
    from theory.errors import InputError

    def refused(phi: str) -> bool:
        try:
            discount.discounted_value(phi)
        except InputError:
            return True
        return False

    return compared(
        "discounted_value of theory.discount refuses what is not quadratic",
        "4 performance functions",
        lambda: ("u**2", "u**3 - u", "exp(u)", "-(u**2 - 1)**2"),
        refused,
        lambda phi: phi != "u**2",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S12."""
    return (_shares(), _values(), _gains(), _thresholds(), _refused())
