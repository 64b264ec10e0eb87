"""T1, T4: consensus of one coalition, and its Perron weights.

T1: a positive power of W is scrambling, so by T2 the rows of W^t approach each other and, as each averages
the rows before, converge to one limit w, which is positive; with w·1 = 1, W1 = 1 and wᵀW = wᵀ, the matrix
W − 1wᵀ has the powers W^t − 1wᵀ and the eigenvalues of W with one eigenvalue 1 replaced by 0.
T4: on a symmetric network d_i W_ij = A_ij = A_ji = d_j W_ji, summed over i.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from sympy import Expr, Rational, Symbol
from sympy import Matrix as SymbolicMatrix

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import matrix_text, pattern_matrices
from proofs_checks.oracles.matrices import (
    Matrix,
    Vector,
    characteristic_polynomial,
    deflated,
    difference,
    ergodicity_coefficient,
    is_primitive,
    left_fixed_vectors,
    perron_weights,
    power,
    roots_within,
)
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

Weights = Callable[[Matrix], Vector]


def _patterns() -> Iterator[Matrix]:
    for n in (1, 2, 3):
        yield from pattern_matrices(n)


def equal_weights(W: Matrix) -> Vector:
    """Return 1/n for every agent, a mutant of the Perron weights."""
    return (Fraction(1, len(W)),) * len(W)


def _consensus(weights: Weights) -> Callable[[Matrix], str | None]:
    def holds(W: Matrix) -> str | None:
        n = len(W)
        if len(left_fixed_vectors(W)) != 1:
            return "more than one left Perron vector"
        w = weights(W)
        if min(w) <= 0:
            return "a weight is not positive"
        limit = (w,) * n
        rest = difference(W, limit)
        for t in (1, 2, 3):
            if power(rest, t) != difference(power(W, t), limit):
                return f"(W − 1wᵀ)^{t} is not W^{t} − 1wᵀ"
        polynomial = characteristic_polynomial(W)
        quotient = deflated(polynomial, Fraction(1))
        if characteristic_polynomial(rest) != (*quotient, Fraction(0)):
            return "the spectrum of W − 1wᵀ is not that of W with one 1 replaced by 0"
        if not roots_within(quotient, Fraction(1), strict=True):
            return "slem = 1"
        if ergodicity_coefficient(power(W, (n - 1) ** 2 + 1)) >= 1:
            return "no power is scrambling"
        return None

    return holds


def _converges(weights: Weights = perron_weights) -> Check[Matrix]:
    return Check(
        what="exact Perron vector, powers and characteristic polynomial",
        scope="every 0/1 pattern, rows divided by their sums, n ≤ 3",
        level=Level.EXACT,
        instances=_patterns,
        conclusion=_consensus(weights),
        hypotheses={"W is primitive": is_primitive},
        show=matrix_text,
    )


def consensus_steps(scale: int = 1) -> Iterator[Step]:
    """Yield why a positive power contracts, and what is left of W once 1wᵀ is taken away."""
    low, rise = Symbol("min", nonnegative=True), Symbol("max−min", nonnegative=True)
    yield Step("|x − y| = x + y − 2 min(x, y): so ½ Σ|W_ik − W_jk| = 1 − Σ min", rise - ((low + rise) + low - 2 * low))
    n, least = Symbol("n", positive=True), Symbol("e", positive=True)
    yield Step(
        "if all entries of W^p are at least e > 0, τ(W^p) ≤ 1 − ne < 1, and by T2 W^t converges", n * least, "> 0"
    )
    w = Symbol("w_k", nonnegative=True)
    yield Step("w = wᵀW^p ≥ e Σ w_k = e > 0: termwise w_k (W^p)_kj ≥ w_k e", w * (least + rise) - w * least, ">= 0")
    W, P, power = (Symbol(name, commutative=False) for name in ("W", "P", "W^t"))
    rules = {W * P: P, P * W: P, P**2: P, power * P: P}  # P = 1wᵀ, W1 = 1, wᵀW = wᵀ, wᵀ1 = 1
    product_left = ((power - scale * P) * (W - scale * P)).expand().subs(rules)
    yield Step(
        "(W^t − P)(W − P) = W^t W − P for P = 1wᵀ: so (W − P)^t = W^t − P", product_left - (power * W - scale * P)
    )
    eigenvalue, inner, rest = Symbol("λ", real=True), Symbol("w·z", real=True), Symbol("z_i", real=True)
    yield Step(
        "Wz = λz gives λ (w·z) = wᵀWz = w·z, (λ − 1)(w·z) = 0", eigenvalue * inner - inner - (eigenvalue - 1) * inner
    )
    yield Step("so for λ ≠ 1, w·z = 0 and (W − P)z = λz; and (W − P)1 = 0", eigenvalue * rest - 0 - eigenvalue * rest)
    yield Step("1 is simple: W^t → P has rank one; by T2 |λ|^p ≤ τ(W^p) < 1 for the others", n * least, "> 0")


def _distance(rate: Callable[[Fraction, Fraction], Fraction]) -> Check[Fraction]:
    """The rate on two agents that listen to each other with weight a: W^t x has the spread (1 − 2a)^t."""

    def holds(a: Fraction) -> str | None:
        W = ((1 - a, a), (a, 1 - a))
        x = power(W, 3)
        left = x[0][0] - x[1][0]
        return None if abs(left) == rate(a, Fraction(3)) else f"after 3 steps the spread is {abs(left)}"

    return Check(
        what="the spread of two agents against slem^t",
        scope="n = 2, four weights",
        level=Level.EXACT,
        instances=lambda: (Fraction(1, 3), Fraction(2, 3), Fraction(1, 4), Fraction(3, 4)),
        conclusion=holds,
        show=lambda a: f"W = [{1 - a} {a}; {a} {1 - a}]",
    )


def _theory_weights() -> Check[Matrix]:
    """The Perron weights of `theory` on the patterns of two and three agents."""

    def holds(W: Matrix) -> str | None:
        from theory import consensus

        rational = SymbolicMatrix([[Rational(str(x)) for x in row] for row in W])
        value = tuple(Fraction(str(x)) for x in consensus.perron_weights(rational))
        return None if value == perron_weights(W) else f"theory has {value}, Gauss-Jordan {perron_weights(W)}"

    def some() -> Iterator[Matrix]:
        yield from pattern_matrices(2)
        yield from (W for index, W in enumerate(pattern_matrices(3)) if index % 7 == 0)

    return Check(
        what="perron_weights of theory.consensus against Gauss-Jordan",
        scope="0/1 patterns, n = 2 and every seventh of n = 3",
        level=Level.EXACT,
        instances=some,
        conclusion=holds,
        hypotheses={"W is primitive": is_primitive},
        show=matrix_text,
    )


def t1() -> Study:
    """Return the checks of T1."""
    exact = _converges()
    return Study(
        "T1",
        (
            proof("a positive power is scrambling; W − 1wᵀ", "all primitive stochastic matrices", consensus_steps),
            exact,
            _distance(lambda a, t: abs(1 - 2 * a) ** int(t)),
            _theory_weights(),
        ),
        (
            Mutant("2·1wᵀ in place of 1wᵀ in the proof", proof("", "", lambda: consensus_steps(2))),
            Mutant("W need not be primitive", exact.dropping("W is primitive")),
            Mutant("equal weights 1/n", _converges(equal_weights)),
            Mutant("the second eigenvalue without its modulus", _distance(lambda a, t: (1 - 2 * a) ** int(t))),
            Mutant("the rate 1 − slem", _distance(lambda a, t: (1 - abs(1 - 2 * a)) ** int(t))),
        ),
    )


def balance_steps(symmetric: bool = True) -> Iterator[Step]:
    """Yield the balance d_i W_ij / vol = A_ij / vol, whose sum over i is d_j / vol by symmetry."""
    entry, mirrored = Symbol("A_ij", positive=True), Symbol("A_ji", positive=True)
    degree, volume = Symbol("d_i", positive=True), Symbol("vol", positive=True)
    back = entry if symmetric else mirrored
    yield Step("w_i W_ij = A_ij / vol", degree / volume * (entry / degree) - entry / volume)
    yield Step("A_ij = A_ji, and Σ_i A_ji = d_j: so Σ_i w_i W_ij = d_j / vol = w_j", (entry - back) / volume)
    yield Step("the weights are positive", degree / volume, "> 0")


Rule = Callable[[tuple[Expr, ...]], tuple[Expr, ...]]


def by_degree(degrees: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return d / vol."""
    volume = sum(degrees[1:], degrees[0])
    return tuple(d / volume for d in degrees)


def _stationary(rule: Rule) -> Check[Matrix]:
    def holds(A: Matrix) -> str | None:
        degrees = tuple(sum(row, Fraction(0)) for row in A)
        n = len(A)
        W = tuple(tuple(x / d for x in row) for row, d in zip(A, degrees, strict=True))
        w = rule(degrees)
        image = tuple(sum((w[i] * W[i][j] for i in range(n)), Fraction(0)) for j in range(n))
        return (
            None if image == w and sum(w) == 1 else f"wᵀW − wᵀ = {[str(x - y) for x, y in zip(image, w, strict=True)]}"
        )

    def networks() -> Iterator[Matrix]:
        for n in (1, 2, 3):
            for cells in product((1, 0, 2), repeat=n * n):
                A = tuple(tuple(Fraction(x) for x in cells[i * n : (i + 1) * n]) for i in range(n))
                if all(A[i][i] > 0 for i in range(n)):
                    yield A

    return Check(
        what="wᵀW = wᵀ by exact multiplication",
        scope="weights in {0, 1, 2}, positive diagonal, n ≤ 3",
        level=Level.EXACT,
        instances=networks,
        conclusion=holds,
        hypotheses={"A is symmetric": lambda A: tuple(zip(*A, strict=True)) == A},
        show=lambda A: "A" + matrix_text(A)[1:],
    )


def _theory_symmetric() -> Check[int]:
    """The Perron weights of `theory` on a symmetric network of symbols."""

    def holds(n: int) -> str | None:
        from theory import consensus

        A = SymbolicMatrix(n, n, lambda i, j: Symbol(f"a{min(i, j)}{max(i, j)}", positive=True))
        degrees = [sum(A.row(i)) for i in range(n)]
        W = SymbolicMatrix(n, n, lambda i, j: A[i, j] / degrees[i])
        weights = list(consensus.perron_weights(W))
        for weight, expected in zip(weights, by_degree(tuple(degrees)), strict=True):
            if (weight - expected).together().as_numer_denom()[0].expand() != 0:
                return f"theory has {weight}, not {expected}"
        return None

    return Check(
        what="perron_weights of theory.consensus on a symbolic symmetric network",
        scope="all symmetric weights, n ≤ 3",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, 4),
        conclusion=holds,
        show=lambda n: f"n = {n}",
    )


def t4() -> Study:
    """Return the checks of T4."""
    exact = _stationary(by_degree)
    return Study(
        "T4",
        (proof("detailed balance", "all n, all symmetric networks", balance_steps), exact, _theory_symmetric()),
        (
            Mutant("A need not be symmetric", exact.dropping("A is symmetric")),
            Mutant("A need not be symmetric, in the proof", proof("", "", lambda: balance_steps(False))),
            Mutant("equal weights 1/n", _stationary(lambda degrees: (Fraction(1, len(degrees)),) * len(degrees))),
            Mutant("squared degrees", _stationary(lambda degrees: by_degree(tuple(d * d for d in degrees)))),
        ),
    )
