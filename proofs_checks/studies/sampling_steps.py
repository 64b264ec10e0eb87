"""The proof of V3: moments of sampling without replacement, and four harmonic sums, for any number k of agents.

With φ = b − (u − θ)² a coalition S of s agents is worth b s − Y²/s, Y = Σ_S (x_j − θ), so agent i adds b less a cost
(y + Y)²/(s+1) − Y²/s.  The value averages the mean cost over all sizes s: AD_i = b − A_i.

Factorials and binomials are names under their recurrences; H stands for H_K, with H_{K+1} = H_K + 1/(K+1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Symbol, harmonic

from proofs_checks.steps import Given, Step

Formula = Callable[[Expr, Expr, Expr, Expr, Expr], Expr]


def _positive(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, positive=True) for name in names)


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def value_steps(formula: Formula) -> Iterator[Step]:
    """Yield the proof that AD_i = b − A_i, A_i being `formula` of y, t, q, k and H_k."""
    yield from _worths()
    yield from _chances()
    yield from _moments()
    yield from _sums()
    yield from _combined(formula)


def _worths() -> Iterator[Step]:
    """Yield what a coalition is worth under quadratic φ, and what agent i adds to it."""
    s, c, phi, b, theta, total, Y, worth = (
        *_positive("s"),
        *_real("c_S", "φ(c_S)", "b", "θ", "Σ_S x", "Y", "v(S)"),
    )
    yield Step(
        "v(S) = b s − Y²/s with Y = Σ_S (x_j − θ), for s ≥ 1 agents",
        worth - (b * s - Y**2 / s),
        given=(
            Given("v(S) = s φ(c_S)", worth - s * phi),
            Given("φ = b − (u − θ)²", phi - b + (c - theta) ** 2, "= 0", s),
            Given("consensus of S", s * c - total, "= 0", -(s * (c - theta) + Y) / s),
            Given("Y = Σ_S x − s θ", Y - total + s * theta, "= 0", (s * (c - theta) + Y) / s),
        ),
    )
    y, x, larger, whole = _real("y", "x_i", "Y of S+i", "Σ_{S+i} x")
    own = Given("y = x_i − θ", y - x + theta)
    yield Step(
        "S + i has s + 1 agents and Y + y in place of Y",
        larger - (Y + y),
        given=(
            Given("Y of S+i = Σ_{S+i} x − (s+1) θ", larger - whole + (s + 1) * theta),
            Given("the sum of S + i", whole - total - x),
            Given("Y = Σ_S x − s θ", Y - total + s * theta, "= 0", -1),
            Given(own.name, own.expression, "= 0", -1),
        ),
    )
    added, with_i, cost = _real("what i adds", "v(S+i)", "cost of i")
    yield Step(
        "i adds v(S+i) − v(S) = b − [(y + Y)²/(s+1) − Y²/s], for s ≥ 1",
        added - (b - ((y + Y) ** 2 / (s + 1) - Y**2 / s)),
        given=(
            Given("what i adds", added - with_i + worth),
            Given("v(S+i), by the first step with Y of S+i", with_i - (b * (s + 1) - larger**2 / (s + 1))),
            Given("Y of S+i = Y + y", larger - Y - y, "= 0", -(larger + Y + y) / (s + 1)),
            Given("v(S)", worth - (b * s - Y**2 / s), "= 0", -1),
        ),
    )
    alone, empty = _real("v(i)", "v(∅)")
    yield Step(
        "i adds b − y² to nobody",
        added - (b - y**2),
        given=(
            Given("what i adds", added - alone + empty),
            Given("v(∅) = 0", empty, "= 0", -1),
            Given("v(i) = φ(x_i)", alone - phi),
            Given("φ = b − (u − θ)²", phi - b + (x - theta) ** 2),
            Given(own.name, own.expression, "= 0", y + x - theta),
        ),
    )
    payoffs, costs, k = _real("Σ_s E of what i adds", "Σ_s E of the cost of i", "number of s")
    yield Step(
        "Σ_s E of what i adds = k b − Σ_s E of the cost of i over k sizes s, one more s",
        (payoffs + added) - ((k + 1) * b - (costs + cost)),
        given=(
            Given("for the sizes so far", payoffs - (k * b - costs)),
            Given("the mean of b − cost", added - (b - cost)),
        ),
    )


def _chances() -> Iterator[Step]:
    """Yield the weight of a size s, and the chances that one and two given others of N are among s."""
    N, s = _positive("N", "s")
    many, fewer, subsets, containing = _positive("N!", "(N−1)!", "C(N,s)", "C(N−1,s−1)")
    chosen, rest, less = _positive("s!", "(N−s)!", "(s−1)!")
    orders, weight = _positive("(N+1)!", "w(s)")
    yield Step(
        "a given set of s of the N others precedes agent i with the chance w(s) = s!(N−s)!/(N+1)!: each s has 1/(N+1)",
        subsets * weight - 1 / (N + 1),
        given=(
            Given("w(s) (N+1)! = s!(N−s)!", weight * orders - chosen * rest, "= 0", subsets / orders),
            Given("C(N,s) s!(N−s)! = N!", subsets * chosen * rest - many, "= 0", 1 / orders),
            Given("(N+1)! = (N+1) N!", orders - (N + 1) * many, "= 0", -1 / (orders * (N + 1))),
        ),
    )
    yield Step(
        "one given other is among s with the chance C(N−1,s−1)/C(N,s) = s/N",
        containing / subsets - s / N,
        given=(
            Given(
                "C(N−1,s−1) (s−1)!(N−s)! = (N−1)!", containing * less * rest - fewer, "= 0", 1 / (subsets * less * rest)
            ),
            Given("N! = N (N−1)!", many - N * fewer, "= 0", -1 / (N * subsets * less * rest)),
            Given("C(N,s) s!(N−s)! = N!", subsets * chosen * rest - many, "= 0", -1 / (N * subsets * less * rest)),
            Given("s! = s (s−1)!", chosen - s * less, "= 0", 1 / (N * less)),
        ),
    )
    pair = Symbol("C(N−2,s−2)/C(N−1,s−1)", positive=True)
    one, two, fewer_others = _positive("p_1", "p_2", "N−1")
    N = fewer_others + 1
    yield Step(
        "two given others are both among s with the chance s(s−1)/(N(N−1))",
        two - s * (s - 1) / (N * (N - 1)),
        given=(
            Given("p_2 = p_1 C(N−2,s−2)/C(N−1,s−1)", two - one * pair),
            Given("p_1 = s/N", one - s / N, "= 0", pair),
            Given("the same for N − 1 and s − 1", pair - (s - 1) / (N - 1), "= 0", s / N),
        ),
    )


def _moments() -> Iterator[Step]:
    """Yield E Y and E Y² for the sum Y over a random set of s others, and the mean cost of agent i."""
    y, t, q, z = _real("y", "t", "q", "y_j")
    one, two, s = _positive("p_1", "p_2", "s")
    mean, square = _real("E Y", "E Y²")
    yield Step(
        "E Y = p_1 t, one more other",
        (mean + one * z) - one * (t + z),
        given=(Given("for the others so far", mean - one * t),),
    )
    yield Step(
        "E Y² = p_1 q + p_2 (t² − q), one more other: its square, and twice its products with those before",
        (square + one * z**2 + 2 * two * z * t) - (one * (q + z**2) + two * ((t + z) ** 2 - (q + z**2))),
        given=(Given("for the others so far", square - one * q - two * (t**2 - q)),),
    )
    added = Symbol("E of the cost of i", real=True)
    yield Step(
        "(y + Y)²/(s+1) − Y²/s = y²/(s+1) + 2yY/(s+1) − Y²/(s(s+1)); its mean over Y (s = 0: y²)",
        added - (y**2 / (s + 1) + 2 * y * one * t / (s + 1) - (one * q + two * (t**2 - q)) / (s * (s + 1))),
        given=(
            Given("the mean is linear", added - ((y**2 + 2 * y * mean + square) / (s + 1) - square / s)),
            Given("E Y", mean - one * t, "= 0", 2 * y / (s + 1)),
            Given("E Y²", square - one * q - two * (t**2 - q), "= 0", 1 / (s + 1) - 1 / s),
        ),
    )
    k = Symbol("k−2", positive=True) + 2
    yield Step(
        "k ≥ 3: with the chances for N = k − 1: its mean is a sum of 1/(s+1), s/(s+1), 1/(s+1) and (s−1)/(s+1)",
        added
        - (
            y**2 / (s + 1)
            + 2 * y * t / (k - 1) * s / (s + 1)
            - q / (k - 1) / (s + 1)
            - (t**2 - q) / ((k - 1) * (k - 2)) * (s - 1) / (s + 1)
        ),
        given=(
            Given(
                "the mean",
                added - (y**2 / (s + 1) + 2 * y * one * t / (s + 1) - (one * q + two * (t**2 - q)) / (s * (s + 1))),
            ),
            Given("p_1", one - s / (k - 1), "= 0", (2 * y * t - q / s) / (s + 1)),
            Given("p_2", two - s * (s - 1) / ((k - 1) * (k - 2)), "= 0", -(t**2 - q) / (s * (s + 1))),
        ),
    )


def _sums() -> Iterator[Step]:
    """Yield the four sums over s by induction on their length K."""
    K, H, longer, total = Symbol("K", positive=True), *_positive("H", "H'"), Symbol("sum", real=True)
    sums = (
        ("Σ_{s<K} 1/(s+1) = H_K", H, 1 / (K + 1), Integer(1)),
        ("Σ_{s<K} s/(s+1) = K − H_K", K - H, K / (K + 1), Integer(0)),
        ("Σ_{1≤s<K} 1/(s+1) = H_K − 1", H - 1, 1 / (K + 1), Integer(0)),
        ("Σ_{1≤s<K} (s−1)/(s+1) = K + 1 − 2 H_K", K + 1 - 2 * H, (K - 1) / (K + 1), Integer(0)),
    )
    for what, closed, term, first in sums:
        slope = closed.coeff(H)
        start = closed.subs({K: 1})
        one = Given("H_1 = 1", H - 1, "= 0", slope)
        yield Step(f"{what}: K = 1", start - first, given=(one,))
        yield Step(
            f"{what}: from K to K + 1",
            total + term - closed.subs({K: K + 1, H: longer}, simultaneous=True),
            given=(
                Given("induction hypothesis", total - closed),
                Given("H_{K+1} = H_K + 1/(K+1)", longer - H - 1 / (K + 1), "= 0", -slope),
            ),
        )


def _combined(formula: Formula) -> Iterator[Step]:
    """Yield AD_i = b − A_i for one agent, for two, and for k ≥ 3."""
    y, t, q, b, added, total = _real("y", "t", "q", "b", "Σ_s E of what i adds", "Σ_s E of the cost of i")
    k = Symbol("k−2", integer=True, positive=True) + 2
    H, one, share, late, pairs = (
        Symbol("H", positive=True),
        *_real("Σ 1/(s+1)", "Σ s/(s+1)", "Σ' 1/(s+1)", "Σ' (s−1)/(s+1)"),
    )
    value = Symbol("AD_i", real=True)
    bound = {H: harmonic(k)}
    yield Step(
        "k = 1: AD_i = b − y²",
        value,
        given=(Given("i adds b − y² to nobody", value - (b - y**2)),),
        right=b - formula(y, t, q, Integer(1), Integer(1)),
    )
    yield Step(
        "k = 2: AD_i = b − (y² + (y + t)²/2 − t²)/2, with q = t²",
        value,
        given=(
            Given("two orders: to nobody, and to the other", value - b + (y**2 + (y + t) ** 2 / 2 - t**2) / 2),
            Given("one other", q - t**2, "= 0", -Integer(1) / 4),
        ),
        right=b - formula(y, t, q, Integer(2), 1 + Integer(1) / 2),
    )
    yield Step(
        "k ≥ 3: AD_i = (1/k) Σ_s E of what i adds is b − A_i, the closed form",
        value,
        right=b - formula(y, t, q, k, H),
        bound=bound,
        given=(
            Given("each s has the weight 1/k", k * value - added, "= 0", 1 / k),
            Given("b less the cost, over k sizes s", added - (k * b - total), "= 0", 1 / k),
            Given(
                "the mean cost for each s",
                total
                - y**2 * one
                - 2 * y * t / (k - 1) * share
                + q / (k - 1) * late
                + (t**2 - q) / ((k - 1) * (k - 2)) * pairs,
                "= 0",
                -1 / k,
            ),
            Given("Σ 1/(s+1) = H_k", one - H, "= 0", -(y**2) / k),
            Given("Σ s/(s+1) = k − H_k", share - k + H, "= 0", -2 * y * t / (k * (k - 1))),
            Given("Σ' 1/(s+1) = H_k − 1", late - H + 1, "= 0", q / (k * (k - 1))),
            Given(
                "Σ' (s−1)/(s+1) = k + 1 − 2 H_k",
                pairs - k - 1 + 2 * H,
                "= 0",
                (t**2 - q) / (k * (k - 1) * (k - 2)),
            ),
        ),
    )
