"""Moves under discounted payoffs, their gains by brute force and as text for certificates."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from proofs_checks.oracles.discounted import discounted_payoff
from proofs_checks.oracles.games import weights
from proofs_checks.studies.performances import PARABOLA, Polynomial


@dataclass(frozen=True)
class Entry:
    """An agent at δ leaves `left` − 1 others of its opinion for m incumbents at 0; `heavy` is its influence.

    Step t has the weight (1−ρ)ρ^t, or ρ^t if the weights are not normalised.
    """

    m: int
    delta: Fraction
    cost: Fraction
    rho: Fraction
    rate: Fraction
    performance: Polynomial = PARABOLA
    left: int = 1
    heavy: int = 1
    normalised: bool = True

    @property
    def agents(self) -> int:
        """All agents of both coalitions."""
        return self.m + self.left

    @property
    def coalitions(self) -> tuple[tuple[Fraction, ...], tuple[Fraction, ...], tuple[Fraction, ...]]:
        """The opinions in the coalition of the entrant after the move, before it, and alone; the entrant is first."""
        return (self.delta, *(Fraction(0),) * self.m), (self.delta,) * self.left, (self.delta,)

    def payoff(self, opinions: tuple[Fraction, ...]) -> Fraction:
        """Return what the entrant is paid there, by brute force."""
        influence = (self.heavy, *(1,) * (len(opinions) - 1))
        paid = discounted_payoff(opinions, 0, self.performance.coefficients, self.rho, self.rate, influence)
        return paid if self.normalised else paid / (1 - self.rho)

    def __str__(self) -> str:
        weight = "" if self.heavy == 1 else f", influence of the entrant {self.heavy}"
        weight += "" if self.normalised else ", weights ρ^t"
        return (
            f"{self.performance}, m = {self.m}, |C| = {self.left}, δ = {self.delta}, κ = {self.cost}, "
            f"ρ = {self.rho}, ε = {self.rate}{weight}"
        )


def brute_gain(entry: Entry) -> Fraction:
    """Return the gain by brute force."""
    after, before, _ = entry.coalitions
    return entry.payoff(after) - entry.payoff(before)


def founding_gain(entry: Entry) -> Fraction:
    """Return the gain of founding alone, by brute force."""
    _, before, alone = entry.coalitions
    return entry.payoff(alone) - entry.payoff(before)


def gain_text(entry: Entry, founding: bool = False) -> str:
    """Return the gain as text: two Shapley values, and in each v(S) as discounted powers of the deviations."""
    joined, before, alone = entry.coalitions
    gain = f"{_paid_text(entry, alone if founding else joined)} - ({_paid_text(entry, before)})"
    return gain if entry.normalised else f"({gain})/(1 - rho)"


def _paid_text(entry: Entry, opinions: tuple[Fraction, ...]) -> str:
    parts, weight = [], weights(len(opinions))
    for S in range(0, 1 << len(opinions), 2):  # without agent 0
        others = tuple(x for j, x in enumerate(opinions) if S >> j & 1)
        added = _worth_text(entry, (opinions[0], *others), entry.heavy)
        added += f" - ({_worth_text(entry, others, 1)})" if others else ""
        parts.append(f"{weight[len(others)]}*({added})")
    return " + ".join(parts)


def _worth_text(entry: Entry, opinions: tuple[Fraction, ...], first: int) -> str:
    """Return v(S) as text, from φ in powers of the deviations from the mean.

    Where ρ = 1 no series converges: the first step is written out, with its weight 1−ρ; all later ones have it too.
    """
    mean = (first * opinions[0] + sum(opinions[1:], Fraction(0))) / (first + len(opinions) - 1)
    phi, powers = entry.performance.coefficients, []
    for power in range(len(phi)):
        slope = sum((phi[j] * comb(j, power) * mean ** (j - power) for j in range(power, len(phi))), Fraction(0))
        amount = slope * sum(((x - mean) ** power for x in opinions), Fraction(0))
        if amount != 0:
            series = f"*(1 - rho)/(1 - rho*(1 - eps)**{power})" if power else ""
            powers.append(f"({amount}){'*(1 - rho)' if entry.rho == 1 else series}")
    return " + ".join(powers) or "0"
