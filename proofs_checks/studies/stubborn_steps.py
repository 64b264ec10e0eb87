"""The proof of T7, for any number of agents: stubbornness that reaches everyone makes ΛW a contraction.

P = ΛW has row sums λ_i ≤ 1.  Row sums of P^t never grow; the one of i is below 1 at t = 1 if i is stubborn, and at
t + 1 if i listens to someone whose row sum is below 1 at t.  With n agents every row sum of P^n is below 1.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Integer, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.decay import vanishing


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def _nonnegative(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, nonnegative=True) for name in names)


def stubborn_steps(held: int = 1, steps: int = 0) -> Iterator[Step]:
    """Yield the proof.

    Parameters
    ----------
    held : multiplies (I − Λ) x(0) in the limit; only 1 can be proved
    steps : added to the n steps that contract; less than 0 cannot be proved
    """
    yield from _row_sums()
    yield from _paths(steps)
    yield from _decrease()
    yield from _contraction()
    yield from _limit(held)
    yield from _averages()


def _row_sums() -> Iterator[Step]:
    """Yield that r_i(t) = (P^t 1)_i never exceeds 1 nor grows, and falls below 1 along every path."""
    yields, entry, row, gap, so_far, weights = _nonnegative(
        "λ_i", "W_ik", "r_k(t)", "1 − r_k(t)", "Σ_k W_ik (1 − r_k(t))", "Σ_k W_ik"
    )
    listened, after = _real("Σ_k W_ik r_k(t)", "r_i(t+1)")
    yield Step(
        "Σ_k W_ik (1 − r_k) = Σ_k W_ik − Σ_k W_ik r_k, one more agent",
        (so_far + entry * gap) - (weights + entry) + (listened + entry * row),
        given=(
            Given("for the agents so far", so_far - weights + listened),
            Given("a name", gap - 1 + row, "= 0", entry),
        ),
    )
    rest = (
        Given("r(t+1) = ΛW r(t)", yields * listened - after),
        Given("the sum", so_far - weights + listened, "= 0", -yields),
        Given("W is row-stochastic", weights - 1, "= 0", -yields),
    )
    yield Step(
        "1 − r_i(t+1) = (1 − λ_i) + λ_i Σ_k W_ik (1 − r_k(t)) ≥ 0, by induction on t",
        1 - after,
        ">= 0",
        given=(*rest, Given("λ_i ≤ 1", 1 - yields, ">= 0"), Given("no term is negative", so_far, ">= 0", yields)),
    )
    share = Symbol("1 − λ_i", positive=True)
    yield Step(
        "so r_i(t) < 1 for t ≥ 1 if i is stubborn",
        1 - after,
        "> 0",
        given=(
            *rest,
            Given("λ_i < 1", 1 - yields - share),
            Given("1 − λ_i > 0", share, "> 0"),
            Given("no term is negative", so_far, ">= 0", yields),
        ),
    )
    heard, own_gap = Symbol("W_ij", positive=True), Symbol("1 − r_j(t)", positive=True)
    yield Step(
        "and r_i(t+1) < 1 if λ_i = 1, W_ij > 0 and r_j(t) < 1: along a path, backwards from the stubborn agent",
        1 - after,
        "> 0",
        given=(
            *rest,
            Given("λ_i = 1", 1 - yields, "= 0", 1 - so_far),
            Given("the other terms are not negative", so_far - heard * own_gap, ">= 0"),
        ),
    )


def _paths(steps: int) -> Iterator[Step]:
    """Yield that n steps are enough: a shortest path to a stubborn agent meets nobody twice."""
    length, shorter, first, second = _nonnegative("m", "m without the round trip", "a", "b")
    yield Step(
        "a path of m steps that meets one agent after a and b > a steps can skip what is between: m was not least",
        length - shorter,
        "> 0",
        given=(
            Given("skipped", length - shorter - (second - first)),
            Given("b > a", second - first, "> 0"),
        ),
    )
    n, time, below = _nonnegative("n", "t", "length of the path so far")
    yield Step(
        "an agent m steps from a stubborn one has r_i(t) < 1 at t = m + 1, one more step (m = 0: itself stubborn)",
        (time + 1) - (below + 1 + 1),
        given=(Given("for the path so far", time - (below + 1)),),
    )
    yield Step(
        "t = m + 1 ≤ n: the m + 1 agents on a shortest path are distinct",
        n + steps - time,
        ">= 0",
        given=(
            Given("t = m + 1", time - (length + 1), "= 0", -1),
            Given("distinct agents among n", n - (length + 1), ">= 0"),
        ),
    )


def _decrease() -> Iterator[Step]:
    """Yield that r_i(t) never grows, so that it is below 1 at n."""
    share, row, image = Symbol("λ_k", nonnegative=True), *_real("Σ_l W_kl", "(P1)_k")
    yield Step(
        "(P1)_k = λ_k Σ_l W_kl = λ_k",
        image - share,
        given=(
            Given("P = ΛW", image - share * row),
            Given("W is row-stochastic", row - 1, "= 0", share),
        ),
    )
    entries, before, later = _nonnegative("(P^t)_ik", "r_i(t)", "Σ_k (P^t)_ik λ_k")
    after, final = _real("r_i(t+1)", "r_i(n)")
    yield Step(
        "r_i(t+1) = (P^t P1)_i = Σ_k (P^t)_ik (P1)_k = Σ_k (P^t)_ik λ_k, one more agent",
        (after + entries * image) - (later + entries * share),
        given=(Given("for the agents so far", after - later), Given("(P1)_k = λ_k", image - share, "= 0", entries)),
    )
    yield Step(
        "r_i(t) = Σ_k (P^t)_ik ≥ Σ_k (P^t)_ik λ_k, one more agent",
        (before + entries) - (later + entries * share),
        ">= 0",
        given=(
            Given("for the agents so far", before - later, ">= 0"),
            Given("λ_k ≤ 1", 1 - share, ">= 0", entries),
        ),
    )
    yield Step(
        "r_i(t+1) ≤ r_i(t): below 1, r_i stays below 1",
        before - after,
        ">= 0",
        given=(Given("the sums", before - later, ">= 0"), Given("r_i(t+1)", after - later, "= 0", -1)),
    )
    yield Step(
        "so r_i(n) < 1 once r_i(t) < 1 for some t ≤ n",
        1 - final,
        "> 0",
        given=(Given("r_i does not grow", before - final, ">= 0"), Given("r_i(t) < 1", 1 - before, "> 0")),
    )


def _contraction() -> Iterator[Step]:
    norm, sums, power, first = _nonnegative("f", "Σ_k (P^t)_ik r_k(n)", "‖P^(qn)‖", "f^q")
    entries, rows, row = _nonnegative("(P^t)_ik", "r_i(t)", "r_k(n)")
    yield Step(
        "r_i(t+n) = Σ_k (P^t)_ik r_k(n) ≤ f r_i(t) with f = ‖P^n‖ = max r(n) < 1, one more agent",
        norm * (rows + entries) - (sums + entries * row),
        ">= 0",
        given=(
            Given("for the agents so far", norm * rows - sums, ">= 0"),
            Given("r_k(n) ≤ f", norm - row, ">= 0", entries),
        ),
    )
    later = Symbol("‖P^(qn+n)‖", nonnegative=True)
    yield Step(
        "‖P^(qn)‖ ≤ f^q, by induction on q",
        norm * first - later,
        ">= 0",
        given=(
            Given("n steps more", norm * power - later, ">= 0"),
            Given("induction hypothesis", first - power, ">= 0", norm),
        ),
    )
    yield from vanishing("powers of P", "f")
    modulus, top = Symbol("|μ|^n", nonnegative=True), Symbol("max |z|", positive=True)
    image = Symbol("|(P^n z)_i|", nonnegative=True)
    yield Step(
        "an eigenvalue μ of P has |μ|^n ≤ f < 1: ρ(P) < 1",
        norm - modulus,
        ">= 0",
        given=(
            Given("P^n z = μ^n z at the largest entry", modulus * top - image, "= 0", -1 / top),
            Given("|(P^n z)_i| ≤ r_i(n) max |z|", row * top - image, ">= 0", 1 / top),
            Given("r_i(n) ≤ f", norm - row, ">= 0"),
        ),
    )
    size, slack = Symbol("max |z|", nonnegative=True), Symbol("1 − f", positive=True)
    yield Step(
        "z = Pz only for z = 0, as max |z| ≤ f max |z|: I − P is invertible, and the fixed point is unique",
        -size,
        ">= 0",
        given=(
            Given("z = P^n z", norm * size - size, ">= 0", 1 / slack),
            Given("a name", slack - 1 + norm, "= 0", -size / slack),
        ),
    )


def _limit(held: int) -> Iterator[Step]:
    P, power, error, first = (Symbol(name) for name in ("P", "P^t", "x(t) − x*", "x(0) − x*"))
    yields, start, limit, after, mean, limits, gaps = _real(
        "λ_i", "x_i(0)", "x*_i", "x_i(t+1)", "Σ W x(t)", "Σ W x*", "Σ W (x(t) − x*)"
    )
    entry, x, settled = _real("W_ik", "x_k(t)", "x*_k")
    yield Step(
        "Σ W (x(t) − x*) = Σ W x(t) − Σ W x*, one more agent",
        (gaps + entry * (x - settled)) - (mean + entry * x) + (limits + entry * settled),
        given=(Given("for the agents so far", gaps - mean + limits),),
    )
    yield Step(
        "x_i(t+1) − x*_i = λ_i Σ_k W_ik (x_k(t) − x*_k) for the x* with (I − ΛW) x* = (I − Λ) x(0)",
        after - limit - yields * gaps,
        given=(
            Given("x(t+1) = ΛW x(t) + (I − Λ) x(0)", after - yields * mean - (1 - yields) * start),
            Given("x* = ΛW x* + (I − Λ) x(0)", limit - yields * limits - held * (1 - yields) * start, "= 0", -1),
            Given("linearity", gaps - mean + limits, "= 0", -yields),
        ),
    )
    yield Step(
        "x(t+1) − x* = P^(t+1) (x(0) − x*), by induction on t",
        P * error - P * power * first,
        given=(Given("induction hypothesis", error - power * first, "= 0", P),),
    )
    distance, sums, top = _nonnegative("|x_i(t) − x*_i|", "f^q", "max |x(0) − x*|")
    norm = Symbol("r_i(qn)", nonnegative=True)
    yield Step(
        "|x_i(qn) − x*_i| ≤ f^q max |x(0) − x*|, which tends to 0",
        sums * top - distance,
        ">= 0",
        given=(
            Given("triangle inequality: |(P^(qn) e)_i| ≤ r_i(qn) max |e|", norm * top - distance, ">= 0"),
            Given("r_i(qn) ≤ f^q", sums - norm, ">= 0", top),
        ),
    )


def _averages() -> Iterator[Step]:
    """Yield that the rows of (I − P)⁻¹ (I − Λ) are averages."""
    yields, row, image = _real("λ_i", "Σ_k W_ik", "((I − ΛW) 1)_i")
    yield Step(
        "(I − Λ) 1 = (I − ΛW) 1: so the rows of (I − ΛW)⁻¹ (I − Λ) sum to 1",
        (1 - yields) - image,
        given=(
            Given("definition", image - 1 + yields * row, "= 0", Integer(-1)),
            Given("W is row-stochastic", row - 1, "= 0", yields),
        ),
    )
    P, power, series = Symbol("P"), Symbol("P^t"), Symbol("Σ_{s<t} P^s")
    yield Step(
        "(I − P) Σ_{s≤t} P^s = I − P^(t+1), by induction on t",
        (1 - P) * (series + power) - (1 - power * P),
        given=(Given("induction hypothesis", (1 - P) * series - (1 - power)),),
    )
    entry, sums = Symbol("(P^t)_ik", nonnegative=True), Symbol("((I − P)⁻¹)_ik so far", real=True)
    share = Symbol("λ_k", nonnegative=True)
    yield Step(
        "Σ_{s≤t} (P^s)_ik (1 − λ_k) ≥ 0, and so is its limit ((I − P)⁻¹ (I − Λ))_ik",
        sums + entry * (1 - share),
        ">= 0",
        given=(Given("for s < t", sums, ">= 0"), Given("λ_k ≤ 1", 1 - share, ">= 0", entry)),
    )
