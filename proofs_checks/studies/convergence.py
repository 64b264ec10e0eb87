"""The proof of T1, for every primitive stochastic matrix of any size, entry by entry.

All entries of some power P = W^p are at least e > 0, so p steps shrink the spread by the ratio 1 − ne.  The maximum
falls, the minimum rises and they meet: the rows of W^t tend to one row w, which is positive, is the left Perron vector,
and is the only one.  With Q = 1wᵀ (WQ = QW = Q² = Q) the powers of W − Q are W^t − Q for t ≥ 1, and W − Q has the
spectrum of W with one eigenvalue 1 replaced by 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Integer, Symbol

from proofs_checks.steps import Given, Step
from proofs_checks.studies.decay import linear, row_sums_of_product, vanishing


def consensus_steps(scale: int = 1) -> Iterator[Step]:
    """Yield the proof; `scale` multiplies 1wᵀ in the powers of W − 1wᵀ, and only 1 can be proved."""
    yield from row_sums_of_product("W^t", "W")
    yield linear("rows", "P_ik")
    yield from _contraction()
    yield from _limit()
    yield from _powers(scale)
    yield from _spectrum()


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def _nonnegative(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, nonnegative=True) for name in names)


def _contraction() -> Iterator[Step]:
    entry, gap, total, gaps = _nonnegative("P_ik", "M−x_k", "Σ P (M−x)", "Σ (M−x)")
    least, n = Symbol("e", positive=True), Symbol("n", positive=True)
    high, low, above, below, weights, x = _real("M", "μ", "(Px)_i", "(Px)_j", "Σ P_ik", "x_k")
    yield Step(
        "Σ P_ik (M − x_k) ≥ e Σ (M − x_k), one more agent",
        (total + entry * gap) - least * (gaps + gap),
        ">= 0",
        given=(
            Given("for the agents so far", total - least * gaps, ">= 0"),
            Given("W is primitive: every entry of P is at least e", entry - least, ">= 0", gap),
        ),
    )
    stochastic = Given("W is row-stochastic, so P is", weights - 1, "= 0", -high)
    yield Step(
        "(Px)_i ≤ M − e Σ (M − x_k)",
        high - above - least * gaps,
        ">= 0",
        given=(
            Given("the sum", total - least * gaps, ">= 0"),
            Given("linearity", high * weights - above - total),
            stochastic,
        ),
    )
    other, rises = Symbol("Σ P (x−μ)", real=True), Symbol("Σ (x−μ)", nonnegative=True)
    yield Step(
        "(Px)_j ≥ μ + e Σ (x_k − μ), the same for −x",
        below - low - least * rises,
        ">= 0",
        given=(
            Given("the sum", other - least * rises, ">= 0"),
            Given("linearity", below - low * weights - other),
            Given("W is row-stochastic, so P is", weights - 1, "= 0", low),
        ),
    )
    yield Step(
        "Σ (M − x_k) + Σ (x_k − μ) = n (M − μ), one more agent",
        (gaps + high - x) + (rises + x - low) - (n + 1) * (high - low),
        given=(Given("for n agents", gaps + rises - n * (high - low)),),
    )
    yield Step(
        "after p steps the spread is at most (1 − ne) times what it was",
        (1 - n * least) * (high - low) - (above - below),
        ">= 0",
        given=(
            Given("the largest entry", high - above - least * gaps, ">= 0"),
            Given("the smallest entry", below - low - least * rises, ">= 0"),
            Given("both sums", gaps + rises - n * (high - low), "= 0", least),
        ),
    )
    yield Step(
        "Σ P_ik ≥ n e, one more agent: so 1 − ne ≥ 0",
        (weights + entry) - (n + 1) * least,
        ">= 0",
        given=(
            Given("for n agents", weights - n * least, ">= 0"),
            Given("every entry of P is at least e", entry - least, ">= 0"),
        ),
    )
    ratio, power, spread, later, first = _nonnegative("1−ne", "(1−ne)^q", "D(qp)", "D(qp+p)", "D(0)")
    yield Step("1 − ne < 1", 1 - ratio, "> 0", given=(Given("definition", 1 - ratio - n * least),))
    yield Step(
        "the spread after qp steps is at most (1 − ne)^q D(0), by induction on q",
        ratio * power * first - later,
        ">= 0",
        given=(
            Given("p steps more", ratio * spread - later, ">= 0"),
            Given("induction hypothesis", power * first - spread, ">= 0", ratio),
        ),
    )
    yield from vanishing("spread", "1−ne")
    yield Step(
        "(Wx)_i ≤ M: the maximum falls, the minimum rises likewise, and both meet",
        high - above,
        ">= 0",
        given=(
            Given("Σ W (M−x) ≥ 0, termwise", total, ">= 0"),
            Given("linearity", high * weights - above - total),
            stochastic,
        ),
    )


def _limit() -> Iterator[Step]:
    """Yield what the common limit w of the rows of W^t satisfies."""
    distance, entry, weight, n = _nonnegative("D", "W_ij", "w_i", "n")
    row, so_far, later, own = _real("(W^t)_ai", "Σ_i (w_i − (W^t)_ai) W_ij", "(W^t+1)_aj", "w_j")
    yield Step(
        "Σ_i (w_i − (W^t)_ai) W_ij ≤ n D, one more agent, where D bounds the distance of W^t from the limit",
        (n + 1) * distance - (so_far + (weight - row) * entry),
        ">= 0",
        given=(
            Given("for n agents", n * distance - so_far, ">= 0"),
            Given("(W^t)_ai is near w_i", distance - (weight - row), ">= 0", entry),
            Given("W_ij ≤ 1", 1 - entry, ">= 0", distance),
        ),
    )
    left = Symbol("Σ_i w_i W_ij", real=True)
    yield Step(
        "Σ_i w_i W_ij − w_j ≤ (n + 1) D for every t, and its negative too: wᵀW = wᵀ",
        (n + 1) * distance - (left - own),
        ">= 0",
        given=(
            Given("the sum", n * distance - so_far, ">= 0"),
            Given("W^t W = W^(t+1)", so_far - (left - later)),
            Given("(W^(t+1))_aj is near w_j", distance - (later - own), ">= 0"),
        ),
    )
    apart, sums, own_row = _real("Σ_j (w_j − (W^t)_aj)", "Σ w", "Σ_j (W^t)_aj")
    yield Step(
        "Σ_j (w_j − (W^t)_aj) ≤ n D, one more agent",
        (n + 1) * distance - (apart + weight - row),
        ">= 0",
        given=(
            Given("for n agents", n * distance - apart, ">= 0"),
            Given("(W^t)_ai is near w_i", distance - (weight - row), ">= 0"),
        ),
    )
    yield Step(
        "Σ w − 1 ≤ n D for every t, and its negative too: Σ w = 1",
        n * distance - (sums - 1),
        ">= 0",
        given=(
            Given("the sum", n * distance - apart, ">= 0"),
            Given("its terms", apart - (sums - own_row)),
            Given("W^t is row-stochastic", own_row - 1, "= 0", -1),
        ),
    )
    total, column, v, x, sum_v = _real("v·x(t)", "Σ_i v_i W_ij", "v_j", "x_j", "Σ v")
    after, limit, error, start = _real("v·x(t+1)", "limit", "v·(x(t) − limit)", "v·x(0)")
    yield Step(
        "any v with vᵀW = vᵀ keeps v·x(t+1) = Σ_j (Σ_i v_i W_ij) x_j = v·x(t), one more agent",
        (after + column * x) - (total + v * x),
        given=(Given("for the agents so far", after - total), Given("vᵀW = vᵀ", column - v, "= 0", x)),
    )
    yield Step(
        "so the limit is v·x(0), up to v·(x(t) − limit), which tends to 0: w is the only such v of sum 1",
        start - limit - error,
        given=(
            Given("v·x does not change", start - total),
            Given("definition of the error", total - limit * sum_v - error),
            Given("Σ v = 1", sum_v - 1, "= 0", limit),
        ),
    )
    least, through = Symbol("e", positive=True), Symbol("Σ_i w_i P_ij", real=True)
    yield Step(
        "Σ_i w_i P_ij ≥ e Σ_i w_i, one more agent",
        (through + weight * entry) - least * (sums + weight),
        ">= 0",
        given=(
            Given("for the agents so far", through - least * sums, ">= 0"),
            Given("every entry of P is at least e", entry - least, ">= 0", weight),
        ),
    )
    yield Step(
        "w_j = Σ_i w_i P_ij ≥ e > 0",
        own,
        "> 0",
        given=(
            Given("wᵀP = wᵀ", own - through),
            Given("the sum", through - least * sums, ">= 0"),
            Given("Σ w = 1", sums - 1, "= 0", least),
        ),
    )


def _powers(scale: int) -> Iterator[Step]:
    """Yield (W − Q)^t = W^t − Q for t ≥ 1, entry by entry, with the entries w_j of Q."""
    error, row, heard, weight, own = _real("((W − Q)^t)_ik", "(W^t)_ik", "W_kj", "w_k", "w_j")
    total, onward, rows, left, weights = _real(
        "Σ_k ((W − Q)^t)_ik (W − Q)_kj", "Σ_k (W^t)_ik W_kj", "Σ_k (W^t)_ik", "Σ_k w_k W_kj", "Σ w"
    )

    def expanded(product: Expr, rows: Expr, left: Expr, weights: Expr) -> Expr:
        return product - scale * own * rows - scale * left + scale**2 * own * weights

    yield Step(
        "((W − Q)^(t+1))_ij = Σ_k ((W^t)_ik − w_k)(W_kj − w_j), multiplied out, one more agent k; t = 1 is W − Q",
        total + error * (heard - scale * own),
        right=expanded(onward + row * heard, rows + row, left + weight * heard, weights + weight),
        given=(
            Given("for the agents so far", total - expanded(onward, rows, left, weights)),
            Given("induction hypothesis", error - (row - scale * weight), "= 0", heard - scale * own),
        ),
    )
    later = Symbol("(W^(t+1))_ij", real=True)
    yield Step(
        "(W − Q)^(t+1) = W^(t+1) − Q, as W^t Q = Q, QW = Q and Q² = Q",
        total,
        right=later - scale * own,
        given=(
            Given("multiplied out", total - expanded(onward, rows, left, weights)),
            Given("W^t W = W^(t+1)", onward - later),
            Given("W^t Q = Q: W^t is row-stochastic", rows - 1, "= 0", -scale * own),
            Given("QW = Q: wᵀW = wᵀ", left - own, "= 0", -scale),
            Given("Q² = Q: Σ w = 1", weights - 1, "= 0", scale**2 * own),
        ),
    )


def _spectrum() -> Iterator[Step]:
    eigenvalue, inner, determinant, without, quotient = (
        Symbol(name) for name in ("λ", "s", "det(λ − W)", "det(λ − W + Q)", "wᵀ(λ − W)⁻¹1")
    )
    row, entry = _real("Σ_k W_ik", "z_i")
    yield Step(
        "(λ − W) 1 = (λ − 1) 1",
        eigenvalue - row - (eigenvalue - 1),
        given=(Given("row-stochastic", row - 1, "= 0", -1),),
    )
    yield Step(
        "det(λ − (W − Q)) (λ − 1) = λ det(λ − W): one eigenvalue 1 of W becomes 0, the rest stays",
        without * (eigenvalue - 1) - eigenvalue * determinant,
        given=(
            Given(
                "determinant of λ − W plus a rank-one matrix",
                without - determinant * (1 + quotient),
                "= 0",
                eigenvalue - 1,
            ),
            Given("(λ − W)⁻¹1 = 1/(λ − 1), w·1 = 1", quotient * (eigenvalue - 1) - 1, "= 0", determinant),
        ),
    )
    image = Symbol("w·Wz")
    yield Step(
        "(λ − 1) w·z = 0: an eigenvector z of W with λ ≠ 1 has w·z = 0",
        (eigenvalue - 1) * inner,
        given=(Given("w·Wz = λ w·z", image - eigenvalue * inner, "= 0", -1), Given("wᵀW = wᵀ", image - inner)),
    )
    product = Symbol("(Wz)_i", real=True)
    yield Step(
        "and is an eigenvector of W − Q: (Wz)_i − w·z = λ z_i",
        product - inner - eigenvalue * entry,
        given=(Given("Wz = λz", product - eigenvalue * entry), Given("w·z = 0", inner, "= 0", Integer(-1))),
    )
    n, distance, power = _nonnegative("n", "D", "|λ|^t")
    top = Symbol("max |z|", positive=True)
    size, so_far, error, other = _nonnegative("|(W − Q)^t z|_i", "Σ_j |(W − Q)^t_ij| |z_j|", "|(W − Q)^t_ij|", "|z_j|")
    yield Step(
        "Σ_j |(W^t − Q)_ij| |z_j| ≤ n D max |z|, one more agent",
        (n + 1) * distance * top - (so_far + error * other),
        ">= 0",
        given=(
            Given("for n agents", n * distance * top - so_far, ">= 0"),
            Given("|(W^t − Q)_ij| ≤ D, the spread of a column of W^t", distance - error, ">= 0", other),
            Given("|z_j| ≤ max |z|", top - other, ">= 0", distance),
        ),
    )
    yield Step(
        "so every eigenvalue of W − Q has |λ|^t ≤ n D(t), which tends to 0: |λ| < 1, and slem(W) < 1",
        n * distance - power,
        ">= 0",
        given=(
            Given("(W − Q)^t z = λ^t z at the largest entry", power * top - size, "= 0", -1 / top),
            Given("triangle inequality", so_far - size, ">= 0", 1 / top),
            Given("the sum", n * distance * top - so_far, ">= 0", 1 / top),
        ),
    )
