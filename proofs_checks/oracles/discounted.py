"""Discounted consensus from the definition: members are paid φ of their own opinion at every tactical step.

    v(S) = (1−ρ) Σ_{t≥0} ρ^t Σ_{i∈S} φ(x_i(t)),     x(t+1) = (1−ε) x(t) + ε · (weighted mean of S)

The first steps are taken one by one; from there on deviations from the mean shrink by 1−ε a step, so each power of
them leaves a geometric series, and the sum is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import comb

from proofs_checks.oracles.games import shapley

Numbers = tuple[Fraction, ...]
LITERAL = 2  # steps taken one by one


def lazy_step(opinions: Sequence[Fraction], rate: Fraction, weights: Sequence[int]) -> Numbers:
    """Return the opinions after one step: each moves the share `rate` of the way to the weighted mean.

    Examples
    --------
    >>> [str(x) for x in lazy_step((Fraction(0), Fraction(1)), Fraction(1, 2), (1, 1))]
    ['1/4', '3/4']
    """
    mean = _mean(opinions, weights)
    return tuple((1 - rate) * x + rate * mean for x in opinions)


def literal_worth(
    opinions: Numbers, phi: Numbers, discount: Fraction, rate: Fraction, weights: tuple[int, ...], steps: int
) -> tuple[Fraction, Numbers]:
    """Return what the members are paid in the first steps, and their opinions after these."""
    total = Fraction(0)
    for t in range(steps):
        total += (1 - discount) * discount**t * sum((_value(phi, x) for x in opinions), Fraction(0))
        opinions = lazy_step(opinions, rate, weights)
    return total, opinions


@lru_cache(maxsize=100_000)
def discounted_worth(
    opinions: Numbers,
    phi: Numbers,
    discount: Fraction,
    rate: Fraction,
    weights: tuple[int, ...],
    steps: int = LITERAL,
) -> Fraction:
    """Return v of a coalition of all these members.

    Parameters
    ----------
    opinions : of the members
    phi : coefficients of φ, constant term first
    discount : ρ in [0, 1]; at 1 every step has the weight 0
    rate : ε; beyond (0, 1] the definition still has a meaning up to 2
    weights : influence of the members, ones for uniform influence
    steps : number of steps that are taken one by one; the result does not depend on it

    Examples
    --------
    >>> none, half, one = Fraction(0), Fraction(1, 2), Fraction(1)
    >>> print(discounted_worth((none, one), (none, none, -one), half, half, (1, 1)))
    -11/14
    """
    total, later = literal_worth(opinions, phi, discount, rate, weights, steps)
    if discount == 1:
        return total
    mean = _mean(later, weights)
    for power in range(len(phi)):
        slope = sum((phi[j] * comb(j, power) * mean ** (j - power) for j in range(power, len(phi))), Fraction(0))
        deviations = sum(((x - mean) ** power for x in later), Fraction(0))
        series = 1 / (1 - discount * (1 - rate) ** power)
        total += (1 - discount) * discount**steps * slope * deviations * series
    return total


@lru_cache(maxsize=20_000)
def discounted_payoff(
    opinions: Numbers, i: int, phi: Numbers, discount: Fraction, rate: Fraction, weights: tuple[int, ...]
) -> Fraction:
    """Return the Shapley value of agent i in a coalition with these opinions."""
    game = [Fraction(0)]
    for S in range(1, 1 << len(opinions)):
        members = [j for j in range(len(opinions)) if S >> j & 1]
        chosen = tuple(opinions[j] for j in members), tuple(weights[j] for j in members)
        game.append(discounted_worth(chosen[0], phi, discount, rate, chosen[1]))
    return Fraction(shapley(game, i))


def _mean(opinions: Sequence[Fraction], weights: Sequence[int]) -> Fraction:
    return sum((w * x for w, x in zip(weights, opinions, strict=True)), Fraction(0)) / sum(weights)


def _value(phi: Numbers, u: Fraction) -> Fraction:
    return sum((x * u**j for j, x in enumerate(phi)), Fraction(0))
