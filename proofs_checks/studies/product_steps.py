"""The steps of T6: what a scrambling word does to spreads, and how many pairs of disjoint sets there are."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Integer, Rational, Symbol

from proofs_checks.steps import Given, Step


def rate_steps(exponent: int = 1) -> Iterator[Step]:
    """Yield why positive entries of a product of k factors are at least ε^k, and the rate of scrambling blocks."""
    eps, power = Symbol("ε", positive=True), Symbol("ε^k", positive=True)
    entry, further, term = (Symbol(name, nonnegative=True) for name in ("A_ij", "P_jl", "(AP)_il"))
    yield Step(
        "a positive entry of AP has a term A_ij P_jl of positive factors, and is ≥ ε^(k+1)",
        term - eps * power,
        ">= 0",
        given=(
            Given("no term is negative", term - entry * further, ">= 0"),
            Given("finitely many matrices: ε is their least positive entry", entry - eps, ">= 0", further),
            Given("induction: P_jl ≥ ε^k", further - power, ">= 0", eps),
        ),
    )
    yield from _overlap_steps(exponent)
    bound, before, block = (Symbol(name, nonnegative=True) for name in ("b", "τ of q blocks", "τ of a block"))
    whole, b_to_q = Symbol("τ of q+1 blocks", nonnegative=True), Symbol("b^q", nonnegative=True)
    yield Step(
        "τ of q + 1 blocks ≤ b^(q+1) with b = 1 − ε^ν, by induction on q; the k − qν factors that are left do not "
        "increase it",
        b_to_q * bound - whole,
        ">= 0",
        given=(
            Given("T2: τ(UV) ≤ τ(U) τ(V)", before * block - whole, ">= 0", 1),
            Given("induction: τ of q blocks ≤ b^q", b_to_q - before, ">= 0", bound),
            Given("τ of a block ≤ b", bound - block, ">= 0", before),
        ),
    )
    high, image, row, slack = (Symbol(x, real=True) for x in ("max x", "(Ax)_i", "Σ A_ij", "Σ A_ij (max x − x_j)"))
    yield Step(
        "max (Ax) ≤ max x, and so min (Ax) ≥ min x: opinions stay in nested intervals whose length is the spread, at "
        "most τ times the first (T2), so they have one limit in every order",
        high - image,
        ">= 0",
        given=(
            Given("A_ij ≥ 0 and x_j ≤ max x, term by term", slack, ">= 0"),
            Given("the sum of the terms", slack - (high * row - image), "= 0", -1),
            Given("rows sum to 1", row - 1, "= 0", -high),
        ),
    )


def _overlap_steps(exponent: int) -> Iterator[Step]:
    """Yield τ ≤ 1 − ε^ν of a scrambling product, from the definition of τ."""
    low, rise = Symbol("min(a, b)", nonnegative=True), Symbol("|a−b|", nonnegative=True)
    yield Step("|a − b| + 2 min(a, b) = a + b, entry by entry of two rows", rise + 2 * low, right=(low + rise) + low)
    tau, apart, shared = (Symbol(name, nonnegative=True) for name in ("τ", "Σ|a−b|", "Σ min(a, b)"))
    column, power = Symbol("min in the shared column", nonnegative=True), Symbol("ε^ν", positive=True)
    yield Step(
        "every product of ν factors is scrambling (no cycle, since every product is SIA): τ ≤ 1 − ε^ν",
        1 - power**exponent - tau,
        ">= 0",
        given=(
            Given("τ is ½ Σ|a−b| of the rows farthest apart", apart / 2 - tau, ">= 0"),
            Given("both rows sum to 1", apart + 2 * shared - 2, "= 0", Rational(-1, 2)),
            Given("one of the minima", shared - column, ">= 0"),
            Given("rows share a column, with entries ≥ ε^ν", column - power, ">= 0"),
        ),
    )


def count_steps(more: int = 2) -> Iterator[Step]:
    """Yield the number N of unordered pairs of disjoint nonempty sets by induction over the agents."""
    now, then = Symbol("N", nonnegative=True), Symbol("N'", nonnegative=True)
    two, three = Symbol("2^n", positive=True), Symbol("3^n", positive=True)
    yield Step("two agents, one pair: (9 − 2·4 + 1)/2", Integer(1), right=Rational(9 - more * 4 + 1, 2))
    yield Step(
        "with one more agent N' = (3·3^n − 2·2·2^n + 1)/2",
        then,
        right=(3 * three - more * 2 * two + 1) / 2,
        given=(
            Given(
                "it joins the one, the other or neither set, or faces any nonempty set alone", then - 3 * now - two + 1
            ),
            Given("induction", now - (three - more * two + 1) / 2, "= 0", 3),
        ),
    )
