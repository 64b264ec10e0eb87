"""T4: the Perron weights of a symmetric network are its degrees over the volume.

Proved in `degree_steps`; here d / vol is compared with exact elimination on small networks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from sympy import Expr, Symbol
from sympy import Matrix as SymbolicMatrix

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.matrices import Matrix, Vector, left_fixed_vectors, left_weights
from proofs_checks.steps import proof
from proofs_checks.studies.degree_steps import degree_steps
from proofs_checks.studies.instances import matrix_text, text
from proofs_checks.studies.written import column_statement, dot, is_first_of_its_names, number
from proofs_checks.verdict import Certificate, Level

Rule = Callable[[tuple[Expr, ...]], tuple[Expr, ...]]
Influence = Callable[[Matrix], Matrix]
SYMMETRIC, NONNEGATIVE, POSITIVE = "A is symmetric", "A is non-negative", "the row sums d of A are positive"
CONNECTED, SHARES = "the network is connected", "W = A / d"
# symmetric, connected, d = (4, 1, 1): with negative entries positive row sums do not make d / vol the only such w
SIGNED = ((0, 2, 2), (2, 0, -1), (2, -1, 0))


def by_degree(degrees: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """Return d / vol."""
    volume = sum(degrees[1:], degrees[0])
    return tuple(d / volume if volume else Fraction(0) for d in degrees)


def by_rows(A: Matrix) -> Matrix:
    """Return A / d, the influence matrix (a row of sum 0 stays 0)."""
    return tuple(tuple(x / (sum(row) or Fraction(1)) for x in row) for row in A)


def by_largest(A: Matrix) -> Matrix:
    """Return I + (A − D)/max d, a walk that stays more often where the degree is small: a mutant of A / d."""
    top = max(sum(row) for row in A)
    return tuple(
        tuple((x + (top - sum(row) if i == j else 0)) / top for j, x in enumerate(row)) for i, row in enumerate(A)
    )


def _networks() -> Iterator[Matrix]:
    for n in (1, 2, 3):
        for cells in product((1, 0, 2, -1) if n == 2 else (1, 0, 2), repeat=n * n):
            A = tuple(tuple(Fraction(x) for x in cells[i * n : (i + 1) * n]) for i in range(n))
            if n < 3 or (_is_symmetric(A) and is_first_of_its_names(A)):
                yield A
    yield tuple(tuple(Fraction(x) for x in row) for row in SIGNED)


def _is_symmetric(A: Matrix) -> bool:
    return tuple(zip(*A, strict=True)) == A


def _is_connected(A: Matrix) -> bool:
    reached, n = {0}, len(A)
    for _ in range(n):
        reached |= {j for i in reached for j in range(n) if A[i][j] != 0 or A[j][i] != 0}
    return len(reached) == n


def _stationary(rule: Rule, influence: Influence = by_rows) -> Check[Matrix]:
    def weights(A: Matrix) -> Vector:
        return tuple(rule(tuple(sum(row, Fraction(0)) for row in A)))

    def holds(A: Matrix) -> str | None:
        W, w = influence(A), weights(A)
        if not any(w):
            return "d / vol is 0/0"
        failure = column_statement(w, W)
        if failure:
            return f"wᵀW is not wᵀ: {failure} is false"
        if sum(w) != 1:
            return f"the weights sum to {sum(w)}"
        if min(w) <= 0:
            return f"a weight is {min(w)}"
        return None if left_weights(W) == w else "another w has wᵀW = wᵀ"

    def certify(A: Matrix, holds: bool) -> Certificate | None:
        w = weights(A)
        if holds:
            return None
        if w == (0,):
            return value(column_statement((Fraction(1),), influence(A)) or "", note="wᵀW = wᵀ for the only w of sum 1")
        statement = column_statement(w, influence(A)) or (f"{' + '.join(map(str, w))} == 1" if sum(w) != 1 else None)
        if statement:
            return value(statement, note="wᵀW = wᵀ, Σ w = 1")
        other = _another(influence(A), w)
        if other is None:
            return None
        columns = zip(*influence(A), strict=True)
        gaps = (f"abs({dot(other, column)} - {number(x)})" for column, x in zip(columns, other, strict=True))
        apart = f"max({', '.join([*gaps, f'abs({dot(other, (Fraction(1),) * len(A))} - 1)'])}) > 0"
        return value(apart, note=f"no w = {text(other)} but d / vol has wᵀW = wᵀ and Σ w = 1")

    return Check(
        what="wᵀW = wᵀ by exact multiplication, and no other w by Gauss-Jordan",
        scope="weights in {0, 1, 2}, n ≤ 3, up to the names of the agents",
        level=Level.EXACT,
        instances=_networks,
        conclusion=holds,
        hypotheses={
            SYMMETRIC: _is_symmetric,
            NONNEGATIVE: lambda A: all(min(row) >= 0 for row in A),
            POSITIVE: lambda A: all(sum(row) > 0 for row in A),
            CONNECTED: _is_connected,
        },
        show=lambda A: "A" + matrix_text(A)[1:],
        certify=certify,
        tools=(),
    )


def _another(W: Matrix, w: Vector) -> Vector | None:
    """Return a left fixed vector of sum 1 that is not w, if any."""
    basis = left_fixed_vectors(W)
    if len(basis) < 2:
        return None
    for vector in basis:
        total = sum(vector, Fraction(0))
        other = tuple(x / total if total else x + y for x, y in zip(vector, w, strict=True))
        if other != w:
            return tuple((x + y) / 2 for x, y in zip(other, w, strict=True))  # near w: positive as well
    return None


def _theory_symmetric() -> Check[int]:
    """The Perron weights of `theory` on a symmetric network of symbols."""

    found: dict[int, list[tuple[Expr, Expr]]] = {}

    def sides(n: int) -> list[tuple[Expr, Expr]]:
        from theory import consensus

        A = SymbolicMatrix(n, n, lambda i, j: Symbol(f"a{min(i, j)}{max(i, j)}", positive=True))
        degrees = [sum(A.row(i)) for i in range(n)]
        W = SymbolicMatrix(n, n, lambda i, j: A[i, j] / degrees[i])
        return list(zip(consensus.perron_weights(W), by_degree(tuple(degrees)), strict=True))

    def holds(n: int) -> str | None:
        found[n] = sides(n)
        gaps = (x - y for x, y in found[n])
        wrong = (gap for gap in gaps if gap.together().as_numer_denom()[0].expand() != 0)
        return next((f"theory differs from d / vol by {gap}" for gap in wrong), None)

    def certify(n: int, holds: bool) -> Certificate | None:
        weight, claimed = found[n][0]
        return combination(weight, "= 0", note="theory − d_1/vol", right=claimed) if holds else None

    return Check(
        what="perron_weights of theory.consensus on a symbolic symmetric network",
        scope="all symmetric weights, n ≤ 3",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, 4),
        conclusion=holds,
        show=lambda n: f"n = {n}",
        certify=certify,
    )


def t4() -> Study:
    """Return the checks of T4."""
    exact = _stationary(by_degree)
    return Study(
        "T4",
        (
            proof("detailed balance, uniqueness", "all n, all connected symmetric networks", degree_steps),
            exact,
            _theory_symmetric(),
        ),
        (
            Mutant("A need not be symmetric", exact.dropping(SYMMETRIC), SYMMETRIC),
            Mutant("A may have negative entries", exact.dropping(NONNEGATIVE), NONNEGATIVE),
            Mutant("rows of A may sum to 0", exact.dropping(POSITIVE), POSITIVE),
            Mutant("the network need not be connected", exact.dropping(CONNECTED), CONNECTED),
            Mutant("W = I + (A − D)/max d", _stationary(by_degree, by_largest), SHARES),
            Mutant("equal weights 1/n", _stationary(lambda d: (Fraction(1, len(d)),) * len(d)), "d in d / vol"),
            Mutant("d²", _stationary(lambda d: by_degree(tuple(x * x for x in d))), "exponent 1 of d"),
            Mutant("d / max d", _stationary(lambda d: tuple(x / (max(d) or 1) for x in d)), "vol = Σ d"),
        ),
    )
