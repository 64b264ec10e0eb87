"""Discounted consensus: the derived formulas against the discounted sum itself, step by step."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from sympy import Expr, Integer, Rational, Symbol, expand, harmonic, oo, simplify, sqrt

from theory import discount, symbols
from theory.errors import InputError
from theory.gain import gain
from theory.payoff import shapley_value
from theory.symbols import b, c, delta, eps, kappa, m, theta, u

F = Fraction
STEPS = 400  # ρ^400 < 1e-40 for ρ ≤ 3/4


def paid(opinions: list[Fraction], rho: Fraction, rate: Fraction, phi: tuple[Fraction, ...]) -> Fraction:
    """(1-ρ) Σ_{t < STEPS} ρ^t Σ_i φ(x_i(t)), taking the steps x_i ← (1-ε) x_i + ε x̄; φ by its coefficients."""
    x, total, weight = list(opinions), F(0), 1 - rho
    mean = sum(x, F(0)) / len(x)
    for _ in range(STEPS):
        total += weight * sum(sum(a * value**p for p, a in enumerate(phi)) for value in x)
        if weight < F(1, 10**40):
            break
        x = [(1 - rate) * value + rate * mean for value in x]
        weight *= rho
        if len(str(x[0].denominator)) > 60:  # deviations are tiny by now: keep 60 digits
            x = [F(round(value * 10**60), 10**60) for value in x]
    return total + weight / (1 - rho) * len(x) * sum(a * mean**p for p, a in enumerate(phi))


def rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


CASES = list(product((F(1, 4), F(1, 2), F(3, 4)), (F(1, 10), F(1, 2), F(4, 5), F(1))))


@pytest.mark.parametrize(("rho", "rate"), CASES)
def test_the_value_is_the_discounted_sum(rho: Fraction, rate: Fraction) -> None:
    phi = (F(3), F(1, 2), F(-2))
    derived = discount.discounted_value(3 + u / 2 - 2 * u**2).subs(
        symbols.beta, discount.slow_share(rational(rho), rational(rate))
    )
    for x in ([F(1)], [F(0), F(1)], [F(1, 3), F(-2), F(5)], [F(2), F(2), F(2), F(-1)]):
        sums = {
            Symbol("s", positive=True): len(x),
            symbols.X: rational(sum(x)),
            symbols.Q: rational(sum(v * v for v in x)),
        }
        exact = derived.subs(sums, simultaneous=True)
        assert abs(F(int(exact.p), int(exact.q)) - paid(x, rho, rate, phi)) < F(1, 10**30)


def test_the_value_as_it_is_stated() -> None:
    """v = b|S| - β Σ y_i² - (1-β) Y²/|S| with y = x - θ."""
    s, X, Q, beta = Symbol("s", positive=True), symbols.X, symbols.Q, symbols.beta
    squares, total = Q - 2 * theta * X + s * theta**2, X - s * theta
    assert expand(discount.discounted_value() - (b * s - beta * squares - (1 - beta) * total**2 / s)) == 0


def test_shares() -> None:
    rho = symbols.rho
    assert simplify(discount.slow_share() - (1 - rho) / (1 - rho * (1 - eps) ** 2)) == 0
    assert discount.slow_share(0, Rational(1, 3)) == 1  # only the present counts
    assert discount.slow_share(rho, 1) == 1 - rho  # consensus at once
    assert discount.deviation_factor() == 1 - eps
    assert discount.discounted_share(0) == 1
    third = sum((F(1, 2) ** (t + 1) * F(1, 4) ** (3 * t) for t in range(60)), F(0))
    exact = discount.discounted_share(3).subs({rho: Rational(1, 2), eps: Rational(3, 4)})
    assert abs(F(int(exact.p), int(exact.q)) - third) < F(1, 10**30)


def test_faster_consensus_lowers_the_share() -> None:
    """With ρ = 1/(1+p) and ε = 1/(1+q), p, q > 0, sympy sees the sign of the slope for all of them."""
    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    slope = discount.slow_share_slope().subs({symbols.rho: 1 / (1 + p), eps: 1 / (1 + q)})
    assert (slope.factor()).is_negative


@pytest.mark.parametrize(("incumbents", "leaving"), list(product((1, 2, 4), (1, 3))))
def test_the_gain_by_the_definition_of_the_payoff(incumbents: int, leaving: int) -> None:
    """Shapley values of the game of discounted sums: the entrant's, less what its k fellows were paid each."""
    rho, rate, phi = F(1, 2), F(1, 3), (F(2), F(1), F(-3))
    here, gap = F(1, 2), F(3)

    def value(members: frozenset[int]) -> Fraction:
        return paid([here + gap if i == 0 else here for i in sorted(members)], rho, rate, phi) if members else F(0)

    entrant = shapley_value({S: rational(value(S)) for S in _subsets(incumbents + 1)}, range(incumbents + 1))[0]
    before = rational(paid([here + gap] * leaving, rho, rate, phi) / leaving)
    at = {c: rational(here), delta: rational(gap), m: Integer(incumbents)}
    derived = discount.discounted_gain(2 + u - 3 * u**2).subs(at, simultaneous=True)
    derived = derived.subs(symbols.beta, discount.slow_share(rational(rho), rational(rate)))
    assert abs(derived - (entrant - before)) < Rational(1, 10**30)


def _subsets(n: int) -> list[frozenset[int]]:
    return [frozenset(i for i in range(n) if bits >> i & 1) for bits in range(2**n)]


def test_the_gain_as_it_is_stated() -> None:
    stated = (1 - symbols.beta) * delta**2 * (1 - harmonic(m + 1) / (m + 1))
    assert simplify(discount.discounted_gain() - stated) == 0
    assert discount.discounted_gain("3*u + 2") == 0


def test_the_smallest_rate_as_it_is_stated() -> None:
    rho = symbols.rho
    r = kappa / (delta**2 * (1 - harmonic(m + 1) / (m + 1)))
    assert simplify((1 - discount.smallest_rate()) ** 2 - (rho - r) / (rho * (1 - r))) == 0
    at = {rho: Rational(9, 10), kappa: Rational(1, 2), delta: 2, m: 2}
    # G = 14/9, r = 9/28, (9/10 - 9/28)/(9/10 · 19/28) = 18/19
    assert simplify(discount.smallest_rate().subs(at) - (1 - sqrt(Rational(18, 19)))) == 0


@pytest.mark.parametrize(("rho", "ratio"), list(product((F(1, 5), F(1, 2), F(9, 10)), (F(1, 20), F(1, 7), F(2, 5)))))
def test_the_smallest_rate_by_bisection(rho: Fraction, ratio: Fraction) -> None:
    """The gain, 1-β times 1, exceeds the cost on one side of ε* only; none does for a cost of ρ or more."""
    found = discount.smallest_rate(rational(ratio), rational(rho))
    if ratio >= rho:
        assert found == oo
        return

    def pays(rate: Fraction) -> bool:
        return 1 - (1 - rho) / (1 - rho * (1 - rate) ** 2) > ratio

    low, high = F(0), F(1)
    assert pays(high)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if pays(middle) else (middle, high)
    assert abs(found.evalf(30) - rational(high)) < 1e-22


def test_the_ends() -> None:
    half = Rational(1, 2)
    assert discount.smallest_rate(half, half) == oo  # at ε = 1 the gain equals the cost: a tie
    assert discount.smallest_rate(2, half) == oo  # the formula alone would say 1 - √3
    assert discount.smallest_rate(0, half) == discount.smallest_rate(-1, half) == 0
    assert discount.smallest_rate(half, 0) == discount.smallest_rate(rho=0) == oo


def test_a_mutant_is_told_apart() -> None:
    """With deviations that are paid like (1-ε)^t instead of (1-ε)^2t, the value is another one."""
    rho, rate = Rational(1, 2), Rational(1, 2)
    wrong = discount.discounted_share(1).subs({symbols.rho: rho, eps: rate})
    sums = {Symbol("s", positive=True): 2, symbols.X: 1, symbols.Q: 1}
    values: list[Expr] = [
        discount.discounted_value(-(u**2)).subs(symbols.beta, share).subs(sums)
        for share in (discount.slow_share(rho, rate), wrong)
    ]
    true = paid([F(0), F(1)], F(1, 2), F(1, 2), (F(0), F(0), F(-1)))
    assert abs(values[0] - rational(true)) < Rational(1, 10**30)
    assert abs(values[1] - rational(true)) > Rational(1, 100)


def test_patient_agents_gain_more() -> None:
    assert discount.discounted_gain("-u**2").subs(symbols.beta, 0) == gain("-u**2")


def test_bad_input() -> None:
    for phi in ("-u**4", "exp(u)", "abs(u)"):
        with pytest.raises(InputError, match=r"^performance: .* degree at most 2"):
            discount.discounted_value(phi)
    for rho in (-0.1, 1, 2.5):
        with pytest.raises(InputError, match=r"^rho"):
            discount.slow_share(rho)
        with pytest.raises(InputError, match=r"^rho"):
            discount.smallest_rate(0.1, rho)
    for rate in (0, -1, 1.5):
        with pytest.raises(InputError, match=r"^epsilon"):
            discount.slow_share(0.5, rate)
    for order in (-1, True, 1.5):
        with pytest.raises(InputError, match=r"^order"):
            discount.discounted_share(order)  # type: ignore[arg-type]
