"""S7, the proofs: why every move is admissible, and why E V shrinks by the factor 1 − 1/(2n) in each.

A sum over coalitions or agents is proved term by term: *the sum so far* and *the next term* give the next sum.

An agent of C, at c, goes to each of its t ≤ K targets with the chance 1/t, and what its move takes from V is δ² m/(m+1)
(S3), at least δ²/2; founding alone takes nothing.  With ĉ the plain mean of the K consensus values,
Σ_D (c − c_D)² ≥ K (c − ĉ)², so its move takes (c − ĉ)²/2 at least in the mean; and Σ_i (x_i − ĉ)² ≥ V.

Each sum begins with no terms at all.  What follows for ever after: `paradox_limit`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Rational, Symbol

from proofs_checks.steps import Given, Step

HALF = Rational(1, 2)


def admissible_steps() -> Iterator[Step]:
    """Yield why Δ > κ for every move: Jensen's inequality for each term of the gain (S2), and κ < 0."""
    s, m, k = (Symbol(name, integer=True, positive=True) for name in ("s", "m", "k"))
    at_c, at_entrant, at_mean, at_first = (
        Symbol(name, real=True) for name in ("φ(c)", "φ(c+δ)", "φ(c+δ/(s+1))", "φ(c+δ/1)")
    )
    first, total, following, term, gain, paid, kappa = (
        Symbol(name, real=True) for name in ("T(0)", "T", "T'", "term", "Δ", "paid", "kappa")
    )
    jensen = at_mean - s / (s + 1) * at_c - 1 / (s + 1) * at_entrant
    yield Step(
        "a term of (m+1)Δ, the entrant after s ≥ 1 incumbents (after none it is 0), is not negative",
        (s + 1) * at_mean - s * at_c - at_entrant,
        ">= 0",
        given=(Given("φ is concave: Jensen at c + δ/(s+1)", jensen, ">= 0", s + 1),),
    )
    yield Step(
        "the sum of one term, the entrant after nobody, is not negative",
        first,
        ">= 0",
        given=(
            Given("T(0) is the term of s = 0", first - (at_first - at_entrant)),
            Given("c + δ/1 = c + δ", at_first - at_entrant),
        ),
    )
    yield Step(
        "so is the sum T' of the terms so far and the next",
        following,
        ">= 0",
        given=(
            Given("T' is the sum so far and the next term", following - total - term),
            Given("the sum so far", total, ">= 0"),
            Given("the next term", term, ">= 0"),
        ),
    )
    below = Given("κ < 0", -kappa, "> 0")
    yield Step(
        "joining m agents gains more than κ",
        gain - kappa,
        "> 0",
        given=(
            Given("(m+1)Δ = T (V5)", (m + 1) * gain - total, "= 0", 1 / (m + 1)),
            Given("the sum of all terms", total, ">= 0", 1 / (m + 1)),
            below,
        ),
    )
    yield Step(
        "founding alone gains more than κ: φ(c) for what one of k agents at c is paid",
        at_c - paid - kappa,
        "> 0",
        given=(Given("k agents at c share k φ(c) equally (V4)", k * paid - k * at_c, "= 0", -1 / k), below),
    )


def shrinking_steps(share: Expr = HALF) -> Iterator[Step]:
    """Yield E V(t+1) ≤ (1 − share/n) E V(t), and what follows for all t."""
    K, t, n = (Symbol(name, positive=True) for name in ("K", "t", "n"))
    more, Q, j = (Symbol(name, nonnegative=True) for name in ("m−1", "Q", "j"))
    a, b, L, P, G, R, drop, delta, alone = (
        Symbol(name, real=True) for name in ("a", "b", "L", "P", "G", "R", "drop", "delta", "alone")
    )
    m = 1 + more
    from_S3 = Given("the drop of V is δ² m/(m+1) (S3)", drop - delta**2 * m / (m + 1))
    least = drop - share * delta**2
    yield Step("joining m ≥ 1 agents takes share·δ² from V at least", least, ">= 0", given=(from_S3,))
    yield Step(
        "summed over no targets yet",
        G - share * P,
        ">= 0",
        given=(Given("G = 0", G), Given("P = 0", P, "= 0", -share)),
    )
    yield Step(
        "summed over the targets of an agent: G so far, P = Σ δ² so far, and the next",
        (G + drop) - share * (P + delta**2),
        ">= 0",
        given=(Given("so far", G - share * P, ">= 0"), Given("the next", least, ">= 0")),
    )
    expanded = P - (j * a**2 - 2 * a * L + Q)
    empty = Given("j = 0", j, "= 0", -(a**2)), Given("Σb = 0", L, "= 0", 2 * a), Given("Σb² = 0", Q, "= 0", -1)
    yield Step("P = j a² − 2a Σb + Σb² for no coalitions yet", expanded, given=(Given("P = 0", P), *empty))
    yield Step(
        "P = Σ (a − b)² = j a² − 2a Σb + Σb² for j coalitions, and so for j + 1; a = c − ĉ, b = c_D − ĉ",
        (P + (a - b) ** 2) - ((j + 1) * a**2 - 2 * a * (L + b) + (Q + b**2)),
        given=(Given("so far", expanded),),
    )
    spread_out = P - K * a**2
    yield Step(
        "Σ_D (c − c_D)² ≥ K (c − ĉ)²",
        spread_out,
        ">= 0",
        given=(
            Given("the sum over all K coalitions", expanded.subs(j, K)),
            Given("Σ_D (c_D − ĉ) = 0, as ĉ is their mean", L, "= 0", -2 * a),
        ),
    )
    few = K - t
    yield Step(
        "an agent has t ≤ K targets: K − 1, and being alone unless it is",
        few,
        ">= 0",
        given=(
            Given("t = K − alone", t - (K - alone), "= 0", -1),
            Given("alone is 1 or 0", alone, ">= 0"),
        ),
    )
    yield from _target_steps(K, n, alone)
    in_mean = G / t - share * a**2
    yield Step(
        "in the mean its move takes share·(c − ĉ)² at least",
        in_mean,
        ">= 0",
        given=(
            Given("the sum over its targets", G - share * P, ">= 0", 1 / t),
            Given("Σ_D (c − c_D)² ≥ K (c − ĉ)²", spread_out, ">= 0", share / t),
            Given("t ≤ K", few, ">= 0", share * a**2 / t),
        ),
    )
    yield from _centre_steps()
    S, V, B, after = (Symbol(name, nonnegative=True) for name in ("S", "V", "B", "V'"))
    summed = R - share * S
    yield Step(
        "summed over no agents yet: R of what their moves take in the mean, S of (x_i − ĉ)²",
        summed,
        ">= 0",
        given=(Given("R = 0", R), Given("S = 0", S, "= 0", -share)),
    )
    yield Step(
        "R ≥ share·S so far, and so with the next agent",
        (R + G / t) - share * (S + a**2),
        ">= 0",
        given=(Given("so far", summed, ">= 0"), Given("its move takes share·(c − ĉ)² at least", in_mean, ">= 0")),
    )
    yield Step(
        "n B ≥ share·Σ_i (x_i − ĉ)² for the mean drop B, each agent having the chance 1/n",
        n * B - share * S,
        ">= 0",
        given=(Given("n B = R, over all agents", n * B - R), Given("R ≥ share·S", summed, ">= 0")),
    )
    taken = B - share * V / n
    yield Step(
        "the mean drop B is share·V/n at least",
        taken,
        ">= 0",
        given=(
            Given("n B ≥ share·Σ_i (x_i − ĉ)²", n * B - share * S, ">= 0", 1 / n),
            Given("Σ_i (x_i − ĉ)² ≥ V", S - V, ">= 0", share / n),
        ),
    )
    contraction = (1 - share / n) * V - after
    yield Step(
        "E V(t+1) ≤ (1 − share/n) E V(t)",
        contraction,
        ">= 0",
        given=(Given("V' = V − B in the mean", after - (V - B), "= 0", -1), Given("B ≥ share·V/n", taken, ">= 0")),
    )
    yield from _iteration_steps(contraction, share, n, V, after)


def _target_steps(K: Symbol, n: Symbol, alone: Symbol) -> Iterator[Step]:
    """Yield that an agent of n ≥ 2 has a target, so that the chance 1/t of each is one."""
    size = Symbol("|C|", positive=True)
    some = Symbol("targets", real=True)
    yield Step(
        "an agent has a target: n t > 0",
        n * some,
        "> 0",
        given=(
            Given("t = K − alone", some - (K - alone), "= 0", n),
            Given("K − 1 coalitions of at most n have the others", n * (K - 1) - (n - size), ">= 0"),
            Given("|C| = 1 if alone is 1, and ≤ n if it is 0", 1 + (n - 1) * (1 - alone) - size, ">= 0"),
            Given("alone ≤ 1", 1 - alone, ">= 0"),
            Given("n ≥ 2", n - 2, ">= 0"),
        ),
    )


def _centre_steps() -> Iterator[Step]:
    """Yield Σ (x_i − ĉ)² ≥ Σ (x_i − x̄)²."""
    n, j = Symbol("n", positive=True), Symbol("j", nonnegative=True)
    S, V, M, h, y = (Symbol(name, real=True) for name in ("S", "V", "Σ(x−x̄)", "x̄−ĉ", "x−x̄"))
    moved = S - (V + j * h**2 + 2 * h * M)
    yield Step(
        "Σ (x − ĉ)² = Σ (x − x̄)² + j (x̄ − ĉ)² + 2(x̄ − ĉ) Σ (x − x̄) for no agents yet",
        moved,
        given=(
            Given("Σ (x − ĉ)² = 0", S),
            Given("Σ (x − x̄)² = 0", V, "= 0", -1),
            Given("j = 0", j, "= 0", -(h**2)),
            Given("Σ (x − x̄) = 0", M, "= 0", -2 * h),
        ),
    )
    yield Step(
        "Σ (x − ĉ)² = Σ (x − x̄)² + j (x̄ − ĉ)² + 2(x̄ − ĉ) Σ (x − x̄) for j agents, and so for j + 1",
        (S + (y + h) ** 2) - ((V + y**2) + (j + 1) * h**2 + 2 * h * (M + y)),
        given=(Given("so far", moved),),
    )
    yield Step(
        "Σ_i (x_i − ĉ)² ≥ V",
        S - V,
        ">= 0",
        given=(
            Given("the sum over all n agents", moved.subs(j, n)),
            Given("Σ_i (x_i − x̄) = 0", M, "= 0", 2 * h),
        ),
    )


def _iteration_steps(contraction: Expr, share: Expr, n: Symbol, V: Symbol, after: Symbol) -> Iterator[Step]:
    """Yield E V(t) ≤ q^t V(0) and Σ E V(t) ≤ 2n V(0), q = 1 − share/n."""
    start, power, so_far = (Symbol(name, nonnegative=True) for name in ("V(0)", "q^t", "ΣV"))
    at_start = Given("E V(t) = V(0) for t = 0", V - start, "= 0", -1)
    q = 1 - share / n
    agents = 1 + Symbol("n−1", nonnegative=True)
    yield Step("q ≥ 0", q.subs(n, agents), ">= 0")
    yield Step("q < 1", 1 - q, "> 0")
    others = Symbol("q", nonnegative=True)
    yield Step(
        "E V(t) ≤ q^t V(0) for t = 0",
        power * start - V,
        ">= 0",
        given=(Given("q^0 = 1", power - 1, "= 0", start), at_start),
    )
    yield Step(
        "E V(t) ≤ q^t V(0) gives E V(t+1) ≤ q^(t+1) V(0)",
        others * power * start - after,
        ">= 0",
        given=(
            Given("E V(t+1) ≤ q E V(t)", others * V - after, ">= 0"),
            Given("E V(t) ≤ q^t V(0)", power * start - V, ">= 0", others),
        ),
    )
    bounded = n / share * (start - V) - so_far
    yield Step(
        "the sum ΣV of E V before t is ≤ (n/share)(V(0) − E V(t)) for t = 0",
        bounded,
        ">= 0",
        given=(
            Given("nothing is before", so_far, "= 0", -1),
            Given("E V(t) = V(0) for t = 0", V - start, "= 0", -n / share),
        ),
    )
    yield Step(
        "and then for t + 1: Σ E V(t) is finite, so V → 0 almost surely",
        n / share * (start - after) - (so_far + V),
        ">= 0",
        given=(
            Given("so far", bounded, ">= 0"),
            Given("E V(t+1) ≤ (1 − share/n) E V(t)", contraction, ">= 0", n / share),
        ),
    )
