"""T2: what the ergodicity coefficient does to the spread, to products, and to the spectrum.

Take two rows, d their difference, p = max(d, 0), q = max(−d, 0), P = Σp = Σq = ½Σ|d| ≤ τ.  Then
``P·(M − μ) − Σ d x = Σ p (M − x) + Σ q (x − μ) ≥ 0`` for opinions in [μ, M]: the spread contracts.  Conversely the
opinions x = [d > 0] of the worst two rows attain τ, so τ(UV) = spread(UVx) ≤ τ(U) spread(Vx) ≤ τ(U) τ(V).  For an
eigenvector z with Wz = λz, λ ≠ 1, pick the two entries furthest apart: |λ| diam(z) ≤ τ diam(z), as turning z until
the difference is real reduces it to real opinions, and diam(z) > 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from sympy import Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import (
    Opinions,
    matrix_text,
    opinion_vectors,
    row_sorted_stochastic_matrices,
    stochastic_matrices,
    text,
)
from proofs_checks.oracles.matrices import (
    Matrix,
    apply,
    characteristic_polynomial,
    deflated,
    ergodicity_coefficient,
    product,
    roots_within,
    spread,
)
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

Coefficient = Callable[[Matrix], Fraction]


def contraction_steps(constant: int = 1) -> Iterator[Step]:
    """Yield the inequality between a difference of rows and the spread, one agent at a time."""
    x, low, high = (Symbol(name, real=True) for name in ("x_k", "μ", "M"))
    p, q = Symbol("p_k", nonnegative=True), Symbol("q_k", nonnegative=True)
    above, below = Symbol("M−x_k", nonnegative=True), Symbol("x_k−μ", nonnegative=True)
    yield Step(
        "p M − q μ − d x = p (M−x) + q (x−μ); summed over k, with Σp = Σq = P: P(M−μ) − Σ d x",
        constant * (p * high - q * low) - (p - q) * x - (p * (high - x) + q * (x - low)),
    )
    yield Step("every term is ≥ 0", p * above + q * below, ">= 0")


def attained_steps() -> Iterator[Step]:
    """Yield that the opinions [d > 0] turn a difference of rows into Σ max(d, 0), its ergodicity."""
    p, q, total = (Symbol(name, nonnegative=True) for name in ("p_k", "q_k", "P"))
    yield Step("where d > 0 the opinion 1 gives p", (p * 1 - p))
    yield Step("½ Σ|d| = ½ (Σp + Σq) = P, as Σd = 0", (total + total) / 2 - total)
    yield Step("elsewhere the opinion 0 gives 0", (p - q) * 0)


def rotated_steps() -> Iterator[Step]:
    """Yield that turning complex opinions until the difference of two is real does not widen them."""
    x, y, c = Symbol("Re", real=True), Symbol("Im", real=True), Symbol("cos", real=True)
    s = Symbol("sin", real=True)
    turned = c * x + s * y
    yield Step(
        "|z|² (cos² + sin²) − (real part of z turned)² is a square: real parts are no further apart than z",
        (x**2 + y**2) * (c**2 + s**2) - turned**2 - (s * x - c * y) ** 2,
    )
    gap = Symbol("sin Re − cos Im", real=True)
    yield Step("and a square is ≥ 0", gap**2, ">= 0")


def _smallest(n: int) -> int:
    return 4 if n == 2 else 2


def _pairs() -> Iterator[tuple[Matrix, Opinions]]:
    for n in (1, 2, 3):
        for W in stochastic_matrices(n, _smallest(n)):
            for x in opinion_vectors(n, (0, 1, 3)):
                yield W, x


def _contracts(coefficient: Coefficient) -> Check[tuple[Matrix, Opinions]]:
    def holds(pair: tuple[Matrix, Opinions]) -> str | None:
        W, x = pair
        after, bound = spread(apply(W, x)), coefficient(W) * spread(x)
        return None if after <= bound else f"the spread becomes {after} > {bound}"

    return Check(
        what="spread(Wx) ≤ τ(W) spread(x), exactly",
        scope="rows on the grid 1/4 (n = 2) or 1/2 (n = 3), opinions in {0, 1, 3}",
        level=Level.EXACT,
        instances=_pairs,
        conclusion=holds,
        show=lambda pair: f"{matrix_text(pair[0])}, x = {text(pair[1])}",
        part="contraction",
    )


def _products(exponent: int = 1) -> Check[tuple[Matrix, Matrix]]:
    def pairs() -> Iterator[tuple[Matrix, Matrix]]:
        # rows may be sorted: τ(UV) = τ(UPᵀ PV) for a permutation P, and τ ignores the order of rows
        for n in (2, 3):
            matrices = list(row_sorted_stochastic_matrices(n, _smallest(n)))
            for V in matrices:
                for U in matrices:
                    yield U, V

    def holds(pair: tuple[Matrix, Matrix]) -> str | None:
        U, V = pair
        value = ergodicity_coefficient(product(U, V))
        bound = (ergodicity_coefficient(U) * ergodicity_coefficient(V)) ** exponent
        return None if value <= bound else f"τ(UV) = {value} > {bound}"

    return Check(
        what="τ(UV) ≤ τ(U) τ(V), exactly",
        scope="rows on the grid 1/4 (n = 2) or 1/2 (n = 3)",
        level=Level.EXACT,
        instances=pairs,
        conclusion=holds,
        show=lambda pair: f"U{matrix_text(pair[0])[1:]}, V{matrix_text(pair[1])[1:]}",
        part="products",
    )


def _spectrum(coefficient: Coefficient) -> Check[Matrix]:
    def holds(W: Matrix) -> str | None:
        rest = deflated(characteristic_polynomial(W), Fraction(1))
        if roots_within(rest, coefficient(W)):
            return None
        return f"an eigenvalue besides 1 is larger than {coefficient(W)}: roots of {text(rest)}"

    return Check(
        what="slem(W) ≤ τ(W) by the Jury conditions on the deflated characteristic polynomial",
        scope="rows on the grid 1/4 (n = 2) or 1/2 (n = 3)",
        level=Level.EXACT,
        instances=lambda: (W for n in (2, 3) for W in stochastic_matrices(n, _smallest(n))),
        conclusion=holds,
        show=matrix_text,
        part="slem",
    )


def least_difference(W: Matrix) -> Fraction:
    """Return ½ min_{i≠j} Σ_k |W_ik − W_jk|, a mutant."""
    pairs = [(r, s) for i, r in enumerate(W) for s in W[:i]]
    return min(
        (sum((abs(x - y) for x, y in zip(r, s, strict=True)), Fraction(0)) / 2 for r, s in pairs), default=Fraction(0)
    )


def _slem_contracts() -> Check[tuple[Matrix, Opinions]]:
    """The mutant that the slem contracts the spread in one step, which holds for normal matrices only."""

    def holds(pair: tuple[Matrix, Opinions]) -> str | None:
        W, x = pair
        if spread(x) == 0:
            return None
        ratio = spread(apply(W, x)) / spread(x)
        if ratio == 0 or not roots_within(deflated(characteristic_polynomial(W), Fraction(1)), ratio, strict=True):
            return None
        return f"the spread shrinks by {ratio} only, above the slem"

    return _contracts(ergodicity_coefficient).concluding(holds)


def _theory_coefficient() -> Check[Matrix]:
    def holds(W: Matrix) -> str | None:
        from sympy import Matrix as SymbolicMatrix
        from sympy import Rational

        from theory import consensus

        value = consensus.ergodicity_coefficient(SymbolicMatrix([[Rational(str(x)) for x in row] for row in W]))
        expected = ergodicity_coefficient(W)
        return None if Fraction(str(value)) == expected else f"theory has {value}, the definition {expected}"

    return Check(
        what="ergodicity_coefficient of theory.consensus against the definition",
        scope="rows on the grid 1/2, n ≤ 3, up to their order",
        level=Level.EXACT,
        instances=lambda: (W for n in (2, 3) for W in row_sorted_stochastic_matrices(n, 2)),
        conclusion=holds,
        show=matrix_text,
        part="contraction",
    )


def t2() -> Study:
    """Return the checks of T2."""
    scope = "all stochastic matrices of any size"
    return Study(
        "T2",
        (
            proof("differences of rows, agent by agent", scope, contraction_steps, part="contraction"),
            proof("τ is attained, so it is submultiplicative", scope, attained_steps, part="products"),
            proof("complex eigenvectors reduce to real opinions", scope, rotated_steps, part="slem"),
            _contracts(ergodicity_coefficient),
            _products(),
            _spectrum(ergodicity_coefficient),
            _theory_coefficient(),
        ),
        (
            Mutant("min over pairs of rows in place of max", _contracts(least_difference)),
            Mutant("half of τ", _contracts(lambda W: ergodicity_coefficient(W) / 2)),
            Mutant("the slem in place of τ", _slem_contracts()),
            Mutant("τ(UV) ≤ τ(U)² τ(V)²", _products(2)),
            Mutant("slem ≤ τ²", _spectrum(lambda W: ergodicity_coefficient(W) ** 2)),
            Mutant("2P in place of P in the proof", proof("", "", lambda: contraction_steps(2))),
        ),
    )
