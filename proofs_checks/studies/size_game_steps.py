"""The proof of S13: equal pay by symmetry and efficiency, and the power x^{γ−1} by the mean value theorem."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Symbol

from proofs_checks.steps import Given, Step


def gain_steps(added: int = 1, less: int = 1) -> Iterator[Step]:
    """Yield what interchangeable members are paid, and the gain φ(c) ((m + added)^{γ−less} − k^{γ−less})."""
    worth, gamma = Symbol("φ(c)", real=True), Symbol("gamma", real=True)
    k, m = Symbol("k", positive=True), Symbol("m", nonnegative=True)
    paid, value, scale = (Symbol(name, real=True) for name in ("AD", "v(C)", "g(k)"))
    yield Step(
        "each of k agents that agree is paid g(k) φ(c)/k",
        paid - scale * worth / k,
        given=(
            Given("V4: k equal payoffs, by symmetry, add up to v(C), by efficiency", k * paid - value, "= 0", 1 / k),
            Given("their consensus is c: v(C) = g(k) φ(c)", value - scale * worth, "= 0", 1 / k),
        ),
    )
    gain, before, after, larger = (Symbol(name, real=True) for name in ("Δ", "AD before", "AD after", "g(m+1)"))
    said = worth * ((m + added) ** (gamma - less) - k ** (gamma - less))
    true = worth * ((m + 1) ** (gamma - 1) - k ** (gamma - 1))
    yield Step(
        "the gain of moving from k to join m",
        gain - said,
        bound={gain: true, before: worth * k ** (gamma - 1), after: worth * (m + 1) ** (gamma - 1)}
        | {scale: k**gamma, larger: (m + 1) ** gamma},
        given=(
            Given("the gain is the payoff after minus the payoff before", gain - (after - before)),
            Given("after: one of m + 1 agents that agree", after - larger * worth / (m + 1)),
            Given("before: one of k agents that agree", before - scale * worth / k, "= 0", -1),
            Given("g(m+1) = (m+1)^γ", larger - (m + 1) ** gamma, "= 0", worth / (m + 1)),
            Given("g(k) = k^γ", scale - k**gamma, "= 0", -worth / k),
        ),
    )


def condition_steps(unanimous: int = 1) -> Iterator[Step]:
    """Yield when {N} is stable, and which moves pay at κ = 0 for γ above and below 1."""
    worth, kappa, gain = Symbol("φ(c)", positive=True), Symbol("kappa", real=True), Symbol("Δ", real=True)
    power = Symbol("n^{γ−1}", positive=True)
    bound = {gain: worth * (1 - power)}
    founding = Given("the gain of founding, from n to join 0", gain - worth * (1 - power))
    threshold = worth * (unanimous - power)
    yield Step(
        "{N} is stable if κ ≥ φ(c)(1 − n^{γ−1}): founding, its only move, does not pay",
        kappa - gain,
        ">= 0",
        bound,
        (_negative(founding), Given("κ is at least the threshold", kappa - threshold, ">= 0")),
    )
    short = Given("κ is below the threshold", threshold - kappa, "> 0")
    yield Step("and only if: below, founding pays", gain - kappa, "> 0", bound, (founding, short))
    yield from _rising(worth, power, founding)
    yield from _falling(worth)


def _rising(worth: Symbol, power: Symbol, founding: Given) -> Iterator[Step]:
    """γ > 1, κ = 0: {N} rests, nothing else does."""
    gain, k, m = Symbol("Δ", real=True), Symbol("k", positive=True), Symbol("m", positive=True)
    rise, low, high = Symbol("γ−1", positive=True), Symbol("x^{γ−1}", real=True), Symbol("y^{γ−1}", real=True)
    longer, slope = Symbol("y−x", positive=True), Symbol("ξ^{γ−2}", positive=True)
    mean_value = high - low - longer * rise * slope
    theorem = Given("mean value theorem, some ξ between x < y", mean_value)
    yield Step("γ > 1: x^{γ−1} < y^{γ−1} for 0 < x < y", high - low, "> 0", given=(theorem,))
    above = Given("1 < n", power - 1, "> 0", worth)
    yield Step("γ > 1: founding costs a member of {N}", -gain, "> 0", given=(_negative(founding), above))
    smallest = Given("k is the size of a smallest coalition, m that of another", m - k, ">= 0")
    yield Step("from k to join m is to a larger coalition", m + 1 - k, "> 0", given=(smallest,))
    joined, left = Symbol("(m+1)^{γ−1}", positive=True), Symbol("k^{γ−1}", positive=True)
    formula = Given("the gain of joining m from k", gain - worth * (joined - left))
    grows = Given("k < m + 1", joined - left, "> 0", worth)
    yield Step("γ > 1: this move pays at κ = 0", gain, "> 0", given=(formula, grows))


def _falling(worth: Symbol) -> Iterator[Step]:
    """γ < 1, κ = 0: all alone rest, nothing else does."""
    gain, k = Symbol("Δ", real=True), Symbol("k", positive=True)
    fall, low, high = Symbol("1−γ", positive=True), Symbol("x^{γ−1}", real=True), Symbol("y^{γ−1}", real=True)
    longer, slope = Symbol("y−x", positive=True), Symbol("ξ^{γ−2}", positive=True)
    theorem = Given("mean value theorem, some ξ between x < y", high - low + longer * fall * slope, "= 0", -1)
    yield Step("γ < 1: x^{γ−1} > y^{γ−1} for 0 < x < y", low - high, "> 0", given=(theorem,))
    two, many = Symbol("2^{γ−1}", positive=True), Symbol("k^{γ−1}", positive=True)
    pair = Given("the gain of an agent alone that joins another", gain - worth * (two - Integer(1)), "= 0", -1)
    yield Step("γ < 1: that costs the mover", -gain, "> 0", given=(pair, Given("1 < 2", 1 - two, "> 0", worth)))
    yield Step("founding from k ≥ 2 is to a smaller size", k - 1, "> 0", given=(Given("k ≥ 2", k - 2, ">= 0"),))
    alone = Given("the gain of founding from k", gain - worth * (1 - many))
    yield Step("γ < 1: that pays at κ = 0", gain, "> 0", given=(alone, Given("1 < k", 1 - many, "> 0", worth)))


def _negative(given: Given) -> Given:
    multiplier: Expr | int = -given.multiplier
    return Given(given.name, given.expression, given.relation, multiplier)
