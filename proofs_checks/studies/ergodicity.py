"""T2: what the ergodicity coefficient does to the spread, to products, and to the spectrum.

Proved in `contraction`; here it is tried on exact matrices.  The order of the rows changes neither τ
nor a spread, and renaming agents changes nothing: such copies are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, permutations

from sympy import Rational

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.matrices import (
    Matrix,
    apply,
    characteristic_polynomial,
    deflated,
    ergodicity_coefficient,
    product,
    roots_within,
    rows_sum_to_one,
    spread,
)
from proofs_checks.steps import proof
from proofs_checks.studies.contraction import contraction_steps, eigenvalue_steps, product_steps
from proofs_checks.studies.instances import (
    Opinions,
    matrix_text,
    opinion_vectors,
    row_sorted_stochastic_matrices,
    stochastic_matrices,
    text,
)
from proofs_checks.studies.written import dot, is_first_of_its_names
from proofs_checks.verdict import Certificate, Level

UNIT = "the rows of U and W sum to 1"


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of a matrix: as a number, and written out."""

    of: Callable[[Matrix], Fraction]
    written: Callable[[Matrix], str]


def _distances(W: Matrix) -> list[str]:
    """Return Σ_k |W_ik − W_jk| of every pair of rows, written out."""
    return [" + ".join(f"abs({x} - {y})" for x, y in zip(r, s, strict=True)) for r, s in combinations(W, 2)]


def _coefficient(half: Fraction = Fraction(1, 2)) -> Coefficient:
    """Return half · max_{i,j} Σ_k |W_ik − W_jk|: τ for ½."""
    return Coefficient(
        lambda W: 2 * half * ergodicity_coefficient(W), lambda W: f"{half}*max(0, {', '.join(_distances(W))}, 0)"
    )


def least_difference(W: Matrix) -> Fraction:
    """Return ½ min_{i≠j} Σ_k |W_ik − W_jk|, a mutant."""
    pairs = combinations(W, 2)
    return min(
        (sum((abs(x - y) for x, y in zip(r, s, strict=True)), Fraction(0)) / 2 for r, s in pairs), default=Fraction(0)
    )


TAU = _coefficient()
LEAST = Coefficient(least_difference, lambda W: f"1/2*min({', '.join([*_distances(W), *_distances(W), '2'])})")


@dataclass(frozen=True)
class Averaged:
    """Opinions, and the matrix that they are averaged by."""

    W: Matrix
    x: Opinions

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.x)

    def __str__(self) -> str:
        return f"{matrix_text(self.W)}, x = {text(self.x)}"


def _smallest(n: int) -> int:
    return 4 if n == 2 else 2


# row sums that are not 1, for each part of the claim
UNEQUAL = ((Fraction(1), Fraction(0)), (Fraction(0), Fraction(0)))
REPEATED = ((Fraction(1), Fraction(1)), (Fraction(0), Fraction(1)))


def _signed() -> Iterator[Matrix]:
    """Yield matrices of two agents whose rows sum to 1, with negative entries, up to the order of the rows."""
    rows = [(Fraction(x), Fraction(1 - x)) for x in (-1, 0, 1, 2)]
    yield from (W for W in combinations_with_replacement(rows, 2) if min(map(min, W)) < 0)


def _averaged() -> Iterator[Averaged]:
    for n in (1, 2, 3):
        more = (UNEQUAL, *_signed()) if n == 2 else ()
        for W in (*more, *row_sorted_stochastic_matrices(n, _smallest(n))):
            for x in opinion_vectors(n, (0, 1) if n == 3 else (0, 1, 3)):
                yield Averaged(W, x)


def _contracts(coefficient: Coefficient) -> Check[Averaged]:
    def holds(instance: Averaged) -> str | None:
        after, bound = spread(apply(instance.W, instance.x)), coefficient.of(instance.W) * spread(instance.x)
        return None if after <= bound else f"the spread becomes {after} > {bound}"

    def certify(instance: Averaged, holds: bool) -> Certificate | None:
        if holds or instance.agents < 2:
            return None
        x, W = ", ".join(map(str, instance.x)), instance.W
        after = ", ".join(dot(row, instance.x) for row in W)
        bound = f"{coefficient.written(W)}*(max({x}) - min({x}))"
        return value(f"max({after}) - min({after}) <= {bound}", note="spread(Wx) ≤ coefficient · spread(x)")

    return Check(
        what="spread(Wx) ≤ τ(W) spread(x), exactly",
        scope="rows on the grid 1/4 (n = 2, and some with entries −1 and 2) or 1/2 (n = 3), "
        "opinions in {0, 1, 3} or {0, 1}",
        level=Level.EXACT,
        instances=_averaged,
        conclusion=holds,
        hypotheses={UNIT: lambda instance: rows_sum_to_one(instance.W)},
        part="contraction",
        certify=certify,
        tools=(),
    )


@dataclass(frozen=True)
class Factors:
    """Two matrices."""

    U: Matrix
    V: Matrix

    @property
    def agents(self) -> int:
        """Number of agents."""
        return len(self.U)

    def __str__(self) -> str:
        return f"U{matrix_text(self.U)[1:]}, V{matrix_text(self.V)[1:]}"


def _factors() -> Iterator[Factors]:
    for n in (2, 3):
        matrices = list(row_sorted_stochastic_matrices(n, _smallest(n)))
        for V in filter(_first_of_its_columns, matrices):
            for U in matrices:
                yield Factors(U, V)
    any_rows = [(Fraction(x), Fraction(y)) for x in (0, 1, -1) for y in (0, 1)]
    for V in combinations_with_replacement(any_rows, 2):  # V need not have row sums 1
        yield from (Factors(U, V) for U in (UNEQUAL, *_signed()))


def _first_of_its_columns(W: Matrix) -> bool:
    """Return whether no permutation of columns makes the matrix, its rows sorted, larger."""
    rows = tuple(sorted(W))
    return all(tuple(sorted(tuple(r[j] for j in order) for r in W)) <= rows for order in permutations(range(len(W))))


def _products(exponent: int = 1) -> Check[Factors]:
    known = lru_cache(maxsize=200)(ergodicity_coefficient)

    def holds(pair: Factors) -> str | None:
        found = ergodicity_coefficient(product(pair.U, pair.V))
        bound = known(pair.U) * known(pair.V) ** exponent
        return None if found <= bound else f"τ(UV) = {found} > {bound}"

    def certify(pair: Factors, holds: bool) -> Certificate | None:
        if holds:
            return None
        both, first, second = (TAU.written(W) for W in (product(pair.U, pair.V), pair.U, pair.V))
        return value(f"{both} <= {first}*({second})**{exponent}", note="τ(UV) ≤ τ(U) τ(V)^exponent")

    return Check(
        what="τ(UV) ≤ τ(U) τ(V), exactly",
        scope="rows on the grid 1/4 (n = 2) or 1/2 (n = 3); n = 2: U with entries −1 and 2, V of any row sums",
        level=Level.EXACT,
        instances=_factors,
        conclusion=holds,
        hypotheses={UNIT: lambda pair: rows_sum_to_one(pair.U)},
        part="products",
        certify=certify,
        tools=(),
    )


def _spectrum(exponent: int = 1) -> Check[Matrix]:
    def holds(W: Matrix) -> str | None:
        rest, bound = deflated(characteristic_polynomial(W), Fraction(1)), ergodicity_coefficient(W) ** exponent
        return None if roots_within(rest, bound) else f"an eigenvalue besides 1 is larger than {bound}: {text(rest)}"

    def certify(W: Matrix, holds: bool) -> Certificate | None:
        if holds or len(W) != 2:
            return None
        (a, _), (_, d) = W
        return value(f"abs({a} + {d} - 1) <= ({TAU.written(W)})**{exponent}", note="the eigenvalues are 1 and tr W − 1")

    def matrices() -> Iterator[Matrix]:
        for n in (2, 3):
            yield from filter(is_first_of_its_names, stochastic_matrices(n, _smallest(n)))
            if n == 2:
                yield from (REPEATED, *_signed(), *(W[::-1] for W in _signed()))

    return Check(
        what="slem(W) ≤ τ(W) by the Jury conditions on the deflated characteristic polynomial",
        scope="rows on the grid 1/4 (n = 2, and some with entries −1 and 2) or 1/2 (n = 3)",
        level=Level.EXACT,
        instances=matrices,
        conclusion=holds,
        hypotheses={UNIT: rows_sum_to_one},
        show=matrix_text,
        part="slem",
        certify=certify,
        tools=(),
    )


def _slem_contracts() -> Check[Averaged]:
    """The mutant that the slem contracts the spread in one step, which holds for normal matrices only."""

    def holds(instance: Averaged) -> str | None:
        W, x = instance.W, instance.x
        if spread(x) == 0:
            return None
        ratio = spread(apply(W, x)) / spread(x)
        if ratio == 0 or not roots_within(deflated(characteristic_polynomial(W), Fraction(1)), ratio, strict=True):
            return None
        return f"the spread shrinks by {ratio} only, above the slem"

    return Check("", "", Level.EXACT, _averaged, holds, {UNIT: lambda instance: rows_sum_to_one(instance.W)})


def _theory_coefficient() -> Check[Matrix]:
    def holds(W: Matrix) -> str | None:
        from sympy import Matrix as SymbolicMatrix

        from theory import consensus

        found = consensus.ergodicity_coefficient(SymbolicMatrix([[Rational(str(x)) for x in row] for row in W]))
        expected = ergodicity_coefficient(W)
        return None if Fraction(str(found)) == expected else f"theory has {found}, the definition {expected}"

    return Check(
        what="ergodicity_coefficient of theory.consensus against the definition",
        scope="rows on the grid 1/2, n ≤ 3, up to their order and the names of the agents",
        level=Level.EXACT,
        instances=lambda: (W for n in (2, 3) for W in row_sorted_stochastic_matrices(n, 2) if _first_of_its_columns(W)),
        conclusion=holds,
        show=matrix_text,
        part="contraction",
    )


def t2() -> Study:
    """Return the checks of T2."""
    scope = "all real matrices of any size, the rows of U and W summing to 1"
    quarter = Rational(1, 4)
    return Study(
        "T2",
        (
            proof("differences of rows, agent by agent", scope, contraction_steps, part="contraction"),
            proof("signs attain τ, so it is submultiplicative", scope, product_steps, part="products"),
            proof("complex eigenvectors reduce to real opinions", scope, eigenvalue_steps, part="slem"),
            _contracts(TAU),
            _products(),
            _spectrum(),
            _theory_coefficient(),
        ),
        (
            Mutant("rows of W need not sum to 1: contraction", _contracts(TAU).dropping(UNIT), UNIT),
            Mutant("rows of U need not sum to 1: products", _products().dropping(UNIT), UNIT),
            Mutant("rows of W need not sum to 1: slem", _spectrum().dropping(UNIT), UNIT),
            Mutant("¼ in place of ½", _contracts(_coefficient(Fraction(1, 4))), "½ in τ"),
            Mutant("¼ in place of ½ in the proof", proof("", "", lambda: contraction_steps(quarter)), "½ in τ"),
            Mutant("min over pairs of rows in place of max", _contracts(LEAST), "max over pairs of rows in τ"),
            Mutant("the slem in place of τ", _slem_contracts(), "τ in τ(W) spread(x)"),
            Mutant("τ(UV) ≤ τ(U) τ(V)²", _products(2), "exponent 1 of τ(V)"),
            Mutant("slem ≤ τ²", _spectrum(2), "exponent 1 of τ in slem ≤ τ"),
        ),
    )
