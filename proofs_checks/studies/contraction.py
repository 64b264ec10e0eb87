"""The proof of T2, for matrices of any size: rows that sum to 1 are all it takes, entries may be negative.

Take two rows, d their difference, p = max(d, 0), q = max(−d, 0): Σp = Σq = P = ½Σ|d| ≤ τ.  For opinions in [μ, M]
``P (M − μ) − Σ d x = Σ p (M − x) + Σ q (x − μ) ≥ 0``: the spread contracts.  The signs s of a difference of two rows of
UV attain Σ|d|, so 2τ(UV) ≤ spread(UVs) ≤ τ(U) spread(Vs) ≤ 2τ(U) τ(V).  For an eigenvector z with Wz = λz, turn z
until λ times its widest difference is real: real parts are no further apart than z, so |λ| diam(z) ≤ τ diam(z).
"""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr, Rational, Symbol

from proofs_checks.steps import Given, Step

HALF = Rational(1, 2)


def _real(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, real=True) for name in names)


def _nonnegative(*names: str) -> tuple[Symbol, ...]:
    return tuple(Symbol(name, nonnegative=True) for name in names)


def contraction_steps(half: Expr = HALF) -> Iterator[Step]:
    """Yield spread(Wx) ≤ τ(W) spread(x), with τ = `half` times the largest Σ|d|; less than ½ cannot be proved."""
    positive, negative, first, second = _real("Σ p", "Σ q", "Σ_k W_ik", "Σ_k W_jk")
    p, q = _nonnegative("p_k", "q_k")
    upper, lower = _real("W_ik", "W_jk")
    yield Step(
        "Σ p − Σ q = Σ W_ik − Σ W_jk, one more agent",
        (positive + p) - (negative + q) - (first + upper) + (second + lower),
        given=(
            Given("for the agents so far", positive - negative - first + second),
            Given("p − q = d = W_ik − W_jk", p - q - upper + lower),
        ),
    )
    yield Step(
        "Σ p = Σ q",
        positive - negative,
        given=(
            Given("the sum", positive - negative - first + second),
            Given("row i of W sums to 1", first - 1),
            Given("row j of W sums to 1", second - 1, "= 0", -1),
        ),
    )
    size = Symbol("|d_k|", nonnegative=True)
    yield Step(
        "|d| = p + q, both being ≥ 0: |d|² = (p − q)² = (p + q)², as p q = 0",
        (size + p + q) * (size - p - q),
        given=(Given("|d|² = d²", size**2 - (p - q) ** 2), Given("p q = 0", p * q, "= 0", -4)),
    )
    sizes, total, tau = Symbol("Σ |d|", real=True), Symbol("P", nonnegative=True), Symbol("τ", nonnegative=True)
    yield Step(
        "P = Σ p ≤ τ, the largest ½ Σ|d|",
        tau - total,
        ">= 0",
        given=(
            Given("τ is a maximum over pairs of rows", tau - half * sizes, ">= 0"),
            Given("Σ|d| = Σ p + Σ q", sizes - positive - negative, "= 0", half),
            Given("Σ p = Σ q", positive - negative, "= 0", -half),
            Given("P = Σ p", positive - total),
        ),
    )
    high, low, x, so_far = _real("M", "μ", "x_k", "Σ (p M − q μ − d x)")
    yield Step(
        "Σ (p M − q μ − d x) ≥ 0, one more agent",
        so_far + p * high - q * low - (p - q) * x,
        ">= 0",
        given=(
            Given("for the agents so far", so_far, ">= 0"),
            Given("x_k ≤ M", high - x, ">= 0", p),
            Given("x_k ≥ μ", x - low, ">= 0", q),
        ),
    )
    difference = Symbol("(Wx)_i − (Wx)_j", real=True)
    yield Step(
        "(Wx)_i − (Wx)_j ≤ P (M − μ)",
        total * (high - low) - difference,
        ">= 0",
        given=(
            Given("the sum", so_far, ">= 0"),
            Given("linearity", positive * high - negative * low - difference - so_far),
            Given("P = Σ p", positive - total, "= 0", -high),
            Given("P = Σ q", negative - total, "= 0", low),
        ),
    )
    spread = Symbol("M − μ", nonnegative=True)
    yield Step(
        "spread(Wx) ≤ τ spread(x)",
        tau * spread - difference,
        ">= 0",
        given=(
            Given("two rows", total * spread - difference, ">= 0"),
            Given("P ≤ τ", tau - total, ">= 0", spread),
        ),
    )


def product_steps() -> Iterator[Step]:
    """Yield τ(UV) ≤ τ(U) τ(V): U contracts the opinions Vs, s being the signs of a difference of rows of UV."""
    p, q, size, total_size = _nonnegative("p_k", "q_k", "|e_k|", "Σ |e|")
    sign, so_far = _real("s_k", "Σ e s")
    yield Step(
        "e s = |e| for the sign s = ±1 of e = p − q: Σ e s = Σ |e|, one more agent",
        (so_far + (p - q) * sign) - (total_size + size),
        given=(
            Given("for the agents so far", so_far - total_size),
            Given("s = 1 where p > 0", p * (1 - sign), "= 0", -1),
            Given("s = −1 where q > 0", q * (1 + sign), "= 0", -1),
            Given("|e| = p + q", size - p - q, "= 0", -1),
        ),
    )
    both, first, second, inner, outer, heard = _nonnegative(
        "τ(UV)", "τ(U)", "τ(V)", "spread(Vs)", "spread(UVs)", "Σ |d|"
    )
    yield Step(
        "spread(UVs) ≥ 2 τ(UV), for the two rows of UV that are furthest apart",
        outer - 2 * both,
        ">= 0",
        given=(
            Given("spread is the largest difference", outer - so_far, ">= 0"),
            Given("Σ e s = Σ |e|", so_far - total_size),
            Given("τ(UV) = ½ Σ|e| there", 2 * both - total_size, "= 0", -1),
        ),
    )
    difference = Symbol("Σ d s", real=True)
    yield Step(
        "Σ |d| − Σ d s ≥ 0 for the difference d = p − q of two rows of V, whatever they sum to, one more agent",
        (heard + size) - (difference + (p - q) * sign),
        ">= 0",
        given=(
            Given("for the agents so far", heard - difference, ">= 0"),
            Given("|d| = p + q", size - p - q),
            Given("s ≤ 1", 1 - sign, ">= 0", p),
            Given("s ≥ −1", 1 + sign, ">= 0", q),
        ),
    )
    yield Step(
        "spread(Vs) ≤ 2 τ(V)",
        2 * second - inner,
        ">= 0",
        given=(
            Given("τ(V) is a maximum over pairs of rows", second - HALF * heard, ">= 0", 2),
            Given("the sum", heard - difference, ">= 0"),
            Given("the two opinions in Vs that are furthest apart", difference - inner),
        ),
    )
    yield Step(
        "2 τ(UV) ≤ spread(UVs) ≤ τ(U) spread(Vs) ≤ 2 τ(U) τ(V)",
        first * second - both,
        ">= 0",
        given=(
            Given("the signs of a row", outer - 2 * both, ">= 0", HALF),
            Given("U contracts", first * inner - outer, ">= 0", HALF),
            Given("spread(Vs) ≤ 2 τ(V)", 2 * second - inner, ">= 0", HALF * first),
        ),
    )


def eigenvalue_steps() -> Iterator[Step]:
    """Yield |λ| ≤ τ for an eigenvector z that is no multiple of 1, from the contraction of real opinions."""
    a, b, c, s, along, across = _real("Re z_k − Re z_l", "Im z_k − Im z_l", "cos", "sin", "x_k − x_l", "sin a − cos b")
    diameter = Symbol("diam z", positive=True)
    turned = Given("x = cos Re z + sin Im z", along - c * a - s * b, "= 0", -(along + c * a + s * b))
    yield Step(
        "the real part of z turned is no further apart: (x_k − x_l)² ≤ diam²",
        diameter**2 - along**2,
        ">= 0",
        given=(
            Given("|z_k − z_l| ≤ diam", diameter**2 - a**2 - b**2, ">= 0"),
            Given("cos² + sin² = 1", c**2 + s**2 - 1, "= 0", -(a**2) - b**2),
            turned,
            Given("a name for the rest", across - s * a + c * b, "= 0", -(across + s * a - c * b)),
        ),
    )
    spread = Symbol("spread(x)", nonnegative=True)
    yield Step(
        "spread(x) ≤ diam",
        diameter - spread,
        ">= 0",
        given=(Given("squared", diameter**2 - spread**2, ">= 0", 1 / (diameter + spread)),),
    )
    modulus = Symbol("|λ|", nonnegative=True)
    real, imaginary = _real("Re λ(z_i − z_j)", "Im λ(z_i − z_j)")
    difference = Symbol("(Wx)_i − (Wx)_j", real=True)
    yield Step(
        "turned so that λ (z_i − z_j) is real, for the widest pair: (Wx)_i − (Wx)_j = |λ| diam",
        difference - modulus * diameter,
        given=(
            Given("W is real, Wz = λz", difference - c * real - s * imaginary),
            Given("cos", modulus * diameter * c - real, "= 0", -c),
            Given("sin", modulus * diameter * s - imaginary, "= 0", -s),
            Given("cos² + sin² = 1", c**2 + s**2 - 1, "= 0", modulus * diameter),
        ),
    )
    tau = Symbol("τ", nonnegative=True)
    yield Step(
        "|λ| ≤ τ; z is no multiple of 1, so diam > 0, and slem is the largest such |λ|",
        tau - modulus,
        ">= 0",
        given=(
            Given("W contracts", tau * spread - difference, ">= 0", 1 / diameter),
            Given("(Wx)_i − (Wx)_j = |λ| diam", difference - modulus * diameter, "= 0", 1 / diameter),
            Given("spread(x) ≤ diam", diameter - spread, ">= 0", tau / diameter),
        ),
    )
    first, second, other = _real("u_i", "u_j", "(Wu)_i − (Wu)_j")
    wide = Symbol("spread(u)", positive=True)
    yield Step(
        "a repeated eigenvalue 1 has such a z too, or Wu = u + 1 for some u, no multiple of 1: then 1 ≤ τ as well",
        tau - 1,
        ">= 0",
        given=(
            Given("W contracts", tau * wide - other, ">= 0", 1 / wide),
            Given("Wu = u + 1: (Wu)_i − (Wu)_j = u_i − u_j", other - (first + 1) + (second + 1), "= 0", 1 / wide),
            Given("i and j are furthest apart", first - second - wide, "= 0", 1 / wide),
        ),
    )
