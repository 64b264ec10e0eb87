"""The proof of S12: discounted payoffs are a mixture of an additive game and that of patient agents.

    v(S) = β Σ_{i∈S} φ(x_i) + (1−β) |S| φ(x̄),        Δ − κ = G ρ (1−r) (Q+D) (ε−ε*) / N

with D = 1−ε, Q = 1−ε*, N = 1−ρD², G the gain of patient agents and κ = rG: the sign is that of ε − ε*.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Symbol, harmonic

from proofs_checks.steps import Given, Step

rho, eps, p = (Symbol(name, positive=True) for name in ("rho", "epsilon", "1−ρ"))
D = Symbol("1−ε", nonnegative=True)
N, G = Symbol("1−ρ(1−ε)²", positive=True), Symbol("G", positive=True)
beta = Symbol("beta", real=True)
m = Symbol("m", integer=True, positive=True)
H = Symbol("H", positive=True)  # H_{m+1}

DISCOUNT = Given("ρ and 1 − ρ", rho + p - 1)
RATE = Given("ε and 1 − ε", D + eps - 1)
SHARE = Given("β = (1−ρ)/(1−ρ(1−ε)²), by the geometric series", beta * N - p)
NORM = Given("1 − ρ(1−ε)²", N - (1 - rho * D**2))


def gain_steps(exponent: int = 2) -> Iterator[Step]:
    """Yield the path of opinions, the series β, the value of a coalition and the gain, for any m."""
    yield from _path()
    yield from _series()
    every, first, total, part = (Symbol(x, real=True) for x in ("Σρ^t", "B_0", "Σ(ρ(1−ε)²)^t", "B"))
    decay = rho * D**exponent
    i, j = Symbol("i", positive=True), Symbol("j", nonnegative=True)
    within = {rho: i / (i + 1), D: j / (j + 1)}  # a counterexample has 0 < ρ < 1 and 0 < ε ≤ 1
    yield Step(
        "B_0 = (1−ρ) Σ ρ^t = 1: the weights add up to 1",
        first - 1,
        given=(
            Given("B_0 = (1−ρ) Σ ρ^t", first - p * every),
            Given("(1−z) Σ z^t = 1, z = ρ", (1 - rho) * every - 1),
            Given(DISCOUNT.name, DISCOUNT.expression, "= 0", every),
        ),
    )
    yield Step(
        "ρ(1−ε)² < 1: the series converges",
        1 - rho * D**2,
        "> 0",
        given=(Given("ρ and 1 − ρ", rho + p - 1, "= 0", -1), Given("ε and 1 − ε", D + eps - 1, "= 0", -rho * (1 + D))),
    )
    yield Step(
        "B = (1−ρ) Σ ρ^t (1−ε)^{2t} = β",
        part - (1 - rho) / (1 - decay),
        bound=within | {part: ((1 - rho) / (1 - rho * D**2)).subs(within), total: (1 / (1 - rho * D**2)).subs(within)},
        given=(
            Given("B = (1−ρ) Σ (ρ(1−ε)²)^t", part - (1 - rho) * total),
            Given("(1−z) Σ z^t = 1, z = ρ(1−ε)²", (1 - rho * D**2) * total - 1, "= 0", (1 - rho) / (1 - rho * D**2)),
        ),
    )
    yield from _paid()
    yield from _value()
    yield from _gain()


def _path() -> Iterator[Step]:
    n, mean, total, later = Symbol("n", positive=True), *(Symbol(x, real=True) for x in ("mean", "Σx", "Σx(t+1)"))
    x, after, rate = Symbol("x", real=True), Symbol("x(t+1)", real=True), Symbol("epsilon", positive=True)
    yield Step(
        "a step keeps the mean",
        later - n * mean,
        given=(
            Given("lazy uniform influence, added up over n members", later - ((1 - rate) * total + n * rate * mean)),
            Given("the mean", total - n * mean, "= 0", 1 - rate),
        ),
    )
    yield Step(
        "a step multiplies each deviation by 1−ε",
        after - mean - (1 - rate) * (x - mean),
        given=(Given("lazy uniform influence", after - ((1 - rate) * x + rate * mean)),),
    )


def _series() -> Iterator[Step]:
    """(1−z) Σ_{t<T} z^t = 1 − z^T, and z^T ≤ 1/(1 + T(1−z)) vanishes: (1−z) Σ z^t = 1 for 0 ≤ z < 1."""
    z, y = Symbol("z", nonnegative=True), Symbol("1−z", positive=True)
    power, T = Symbol("z^T", nonnegative=True), Symbol("T", positive=True)
    terms = Symbol("Σ z^t, t < T", real=True)
    ratio, one = Given("z and 1 − z", z + y - 1), Given("T = 1: z^T = z", power - z)
    summed, bound = y * terms - (1 - power), 1 - power * (1 + T * y)
    alone = Given("T = 1: one term, 1", terms - 1, "= 0", y)
    yield Step("one term: (1−z) Σ z^t = 1 − z^T", summed, given=(alone, one, ratio))
    yield Step(
        "one term more",
        y * (terms + power) - (1 - power * z),
        given=(Given("induction: (1−z) Σ z^t = 1 − z^T", summed), *_signed((ratio, power))),
    )
    yield Step("z^T (1 + T(1−z)) ≤ 1, T = 1", bound.subs(T, 1), ">= 0", given=_signed((one, -1 - y), (ratio, -1 - y)))
    yield Step(
        "the same for T + 1: so z^T vanishes in the limit, and (1−z) Σ z^t = 1",
        1 - power * z * (1 + (T + 1) * y),
        ">= 0",
        given=(
            Given("induction: z^T (1 + T(1−z)) ≤ 1", bound, ">= 0"),
            *_signed((ratio, -power * (1 + (T + 1) * y))),
        ),
    )


def _paid() -> Iterator[Step]:
    """What a member is paid, step after step, and all members, one after the other."""
    agreed, slope, d, decay, weight = (Symbol(x, real=True) for x in ("φ(x̄)", "φ'(x̄)", "d", "(1−ε)^t", "(1−ρ)ρ^t"))
    paid, *sums = (
        Symbol(x, real=True) for x in ("paid so far", "Σ(1−ρ)ρ^t", "Σ(1−ρ)ρ^t(1−ε)^t", "Σ(1−ρ)ρ^t(1−ε)^{2t}")
    )
    parts = agreed, slope * d, -(d**2)
    whole = paid - sum(a * x for a, x in zip(parts, sums, strict=True))
    nothing = [
        Given("before the first step", paid),
        *(Given("no terms", x, "= 0", -a) for a, x in zip(parts, sums, strict=True)),
    ]
    yield Step(
        "paid = φ(x̄) Σ(1−ρ)ρ^t + φ'(x̄) d Σ(1−ρ)ρ^t(1−ε)^t − d² Σ(1−ρ)ρ^t(1−ε)^{2t}: none", whole, given=tuple(nothing)
    )
    now = weight * (agreed + slope * decay * d - decay**2 * d**2)
    later = {paid: paid + now} | {x: x + weight * decay**j for j, x in enumerate(sums)}
    yield Step(
        "the same one step later; in the limit the sums are B_0, B_1 and β",
        whole.xreplace(later),
        given=(Given("induction: the same up to step t", whole),),
    )
    s, first, second = Symbol("s", positive=True), Symbol("B_0", real=True), Symbol("B_1", real=True)
    total, linear, squares, own = (Symbol(x, real=True) for x in ("paid to s members", "Σd", "Σd²", "paid to one"))
    member = Given("φ(x̄) B_0 + φ'(x̄) d B_1 − d² β", own - (agreed * first + slope * d * second - beta * d**2))
    weights = Given("B_0 = 1", first - 1, "= 0", agreed)
    added = total - (s * agreed + slope * second * linear - beta * squares)
    one = {total: own, s: Integer(1), linear: d, squares: d**2}
    yield Step("one member is paid φ(x̄) + φ'(x̄) d B_1 − β d²", added.xreplace(one), given=(member, weights))
    more = {total: total + own, s: s + 1, linear: linear + d, squares: squares + d**2}
    hypothesis = Given("induction: s members are paid s φ(x̄) + φ'(x̄) B_1 Σd − β Σd²", added)
    yield Step("the same with one member more", added.xreplace(more), given=(hypothesis, member, weights))


def _value() -> Iterator[Step]:
    s = Symbol("s", positive=True)
    b, theta, mean, x, decay = (Symbol(name, real=True) for name in ("b", "theta", "mean", "x", "(1−ε)^t"))
    agreed, slope, deviation = b - (mean - theta) ** 2, -2 * (mean - theta), x - mean
    worth, linear, squares, lasting, own, first = (
        Symbol(name, real=True) for name in ("v(S)", "Σd", "Σd²", "φ(x̄)", "Σφ(x_i)", "B_1")
    )
    yield Step(
        "after t steps a member is paid φ(x̄) + φ'(x̄) (1−ε)^t d − (1−ε)^{2t} d², d = x − x̄",
        b - (mean + decay * deviation - theta) ** 2 - (agreed + slope * decay * deviation - decay**2 * deviation**2),
    )
    total = Symbol("Σx", real=True)
    yield Step(
        "deviations add up to 0",
        linear,
        given=(Given("Σ(x − x̄) = Σx − s x̄", linear - (total - s * mean)), Given("the mean", total - s * mean)),
    )
    kept = Given("deviations add up to 0", linear)
    paid = Given("what s members are paid", worth - (s * lasting + slope * first * linear - beta * squares))
    yield Step(
        "v(S) = |S| φ(x̄) − β Σd²",
        worth - (s * lasting - beta * squares),
        given=(paid, Given(kept.name, linear, "= 0", slope * first)),
    )
    mixture = worth - (beta * own + (1 - beta) * s * lasting)
    yield Step(
        "v(S) = β Σφ(x_i) + (1−β) |S| φ(x̄)",
        mixture,
        given=(
            Given("v(S) = |S| φ(x̄) − β Σd²", worth - (s * lasting - beta * squares)),
            Given("at t = 0: Σφ(x_i) = |S| φ(x̄) − Σd²", own - (s * lasting - squares), "= 0", -beta),
        ),
    )


def _gain() -> Iterator[Step]:
    own, delta, gain = Symbol("φ(c+δ)", real=True), Symbol("delta", real=True), Symbol("Δ", real=True)
    after, before, patient_after, patient_before = (
        Symbol(name, real=True) for name in ("AD after", "AD before", "patient AD after", "patient AD before")
    )
    formula = delta**2 * (1 - H / (m + 1))
    text = "V4: of a mixture the mixture is paid, of Σφ(x_i) each its own φ(x_i)"
    yield Step(
        "Δ = (1−β) δ² (1 − H_{m+1}/(m+1)): φ(c+δ) is paid before and after",
        gain - (1 - beta) * formula,
        given=(
            Given("the gain is the payoff after minus the payoff before", gain - (after - before)),
            Given(f"after: {text}", after - (beta * own + (1 - beta) * patient_after)),
            Given(f"before: {text}", before - (beta * own + (1 - beta) * patient_before), "= 0", -1),
            Given("S1: the gain of patient agents", patient_after - patient_before - formula, "= 0", 1 - beta),
        ),
    )
    alone = Symbol("AD alone", real=True)
    yield Step(
        "founding alone gains 0: all agree, before and after",
        alone - before,
        given=(
            Given("alone its opinion stays", alone - own),
            Given("among agents that agree opinions stay", before - own, "= 0", -1),
        ),
    )


def threshold_steps() -> Iterator[Step]:
    """Yield the sign of Δ − κ: that of ε − ε* for 0 < r < ρ, negative for r ≥ ρ and positive for r ≤ 0."""
    yield from _positive()
    r, rest, above = Symbol("r", positive=True), Symbol("1−r", positive=True), Symbol("ρ−r", positive=True)
    Q, star = Symbol("1−ε*", positive=True), Symbol("ε*", real=True)
    gain, kappa = Symbol("Δ", real=True), Symbol("kappa", real=True)
    ratio, left = Given("r < 1", r + rest - 1), Given("r < ρ", r + above - rho)
    under = Given("Q² = (ρ−r)/(ρ(1−r))", rho * rest * Q**2 - above)
    patient, cost = Given("gain part: Δ = (1−β) G", gain - (1 - beta) * G), Given("κ = rG", kappa - r * G)
    yield Step("r < ρ < 1", 1 - r, "> 0", given=_signed((left, -1), (DISCOUNT, -1)))
    yield Step("Q < 1, so ε* > 0", rho * rest - above, "> 0", given=_signed((ratio, rho), (left, -1), (DISCOUNT, -r)))
    sign = (1 - beta - r) * N - rho * rest * (Q**2 - D**2)
    yield Step(
        "(1−β−r) N = ρ(1−r)(Q² − D²)",
        sign,
        given=_signed((SHARE, -1), (NORM, 1 - r), (ratio, rho * D**2), (under, -1), (left, -1), (DISCOUNT, -1)),
    )
    whole = gain - kappa - G * rho * rest * (Q + D) * (eps - star) / N
    difference = Given("(1−β−r) N = ρ(1−r)(Q² − D²)", sign)
    ends = Given("ε* = 1 − Q", Q + star - 1)
    factor = G * rho * rest * (Q + D) / N
    yield Step(
        "Δ − κ = G ρ (1−r) (Q+D) (ε−ε*)/N",
        whole,
        given=_signed((patient, 1), (cost, -1), (difference, G / N), (RATE, -factor), (ends, factor)),
    )
    equation = Given("Δ − κ = G ρ (1−r) (Q+D) (ε−ε*)/N", whole)
    faster, slower = Given("ε > ε*", eps - star, "> 0", factor), Given("ε ≤ ε*", star - eps, ">= 0", factor)
    yield Step("0 < r < ρ, ε > ε*: the move pays", gain - kappa, "> 0", given=(equation, faster))
    yield Step("0 < r < ρ, ε ≤ ε*: it does not", kappa - gain, ">= 0", given=(*_signed((equation, -1)), slower))
    yield from _ends()


def _ends() -> Iterator[Step]:
    gain, kappa, r = Symbol("Δ", real=True), Symbol("kappa", real=True), Symbol("r", real=True)
    patient, cost = Given("gain part: Δ = (1−β) G", gain - (1 - beta) * G), Given("κ = rG", kappa - r * G)
    large = Given("r ≥ ρ", r - rho, ">= 0", G)
    yield Step(
        "r ≥ ρ: κ − Δ = G (r−ρ) + G (1−ρ) ρ D²/N ≥ 0, the move pays at no rate",
        kappa - gain,
        ">= 0",
        given=(
            *_signed(
                (patient, -1),
                (cost, 1),
                (SHARE, G / N),
                (NORM, -G * (1 - rho) / N),
                (DISCOUNT, G * (1 - rho * D**2) / N),
            ),
            large,
        ),
    )
    small = Given("r ≤ 0", -r, ">= 0", G)
    yield Step(
        "r ≤ 0: Δ − κ = G ρ ε (1+D)/N − rG > 0, the move pays at every rate",
        gain - kappa,
        "> 0",
        given=(
            *_signed(
                (patient, 1),
                (cost, -1),
                (SHARE, -G / N),
                (NORM, G / N),
                (DISCOUNT, -G / N),
                (RATE, -G * rho * (1 + D) / N),
            ),
            small,
        ),
    )


def _positive() -> Iterator[Step]:
    """G > 0: H_{m+1} < m + 1 by induction."""
    gap, true = Symbol("δ²", positive=True), Symbol("G", real=True)
    yield Step("H_2 < 2", 2 - harmonic(2), "> 0")
    hypothesis = Given("induction: H_{m+1} < m + 1", m + 1 - H, "> 0")
    yield Step("H_{m+2} < m + 2", m + 2 - (H + 1 / (m + 2)), "> 0", {H: harmonic(m + 1)}, (hypothesis,))
    yield Step(
        "δ ≠ 0: G > 0",
        true,
        "> 0",
        {true: gap * (1 - H / (m + 1)), H: harmonic(m + 1)},
        (
            Given("G = δ² (1 − H_{m+1}/(m+1)), of S1", true - gap * (1 - H / (m + 1))),
            Given("H_{m+1} < m + 1", m + 1 - H, "> 0", gap / (m + 1)),
        ),
    )


def _signed(*pairs: tuple[Given, Expr | int]) -> tuple[Given, ...]:
    return tuple(Given(g.name, g.expression, g.relation, multiplier) for g, multiplier in pairs)
