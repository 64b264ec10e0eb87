"""T1, T2: what `theory.consensus` says of a matrix, against powers of it and exact elimination."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise, product
from math import log
from random import Random
from typing import Any

from sympy import Expr, Integer, Matrix, Rational, Symbol, oo, sqrt

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.derivations.curvature import as_fraction
from proofs_checks.derivations.families import Rows, normalised, rows_of, to_sympy
from proofs_checks.oracles import matrices as oracle
from proofs_checks.verdict import Level

F = Fraction


def _restricted() -> Check[tuple[int, tuple[int, ...]]]:
    from theory import influence

    def matrix(seed: int) -> list[list[Fraction]]:
        random = Random(seed)
        return [[F(random.randint(1, 9), random.randint(1, 3)) for _ in range(4)] for _ in range(4)]

    def expected(case: tuple[int, tuple[int, ...]]) -> Rows:
        A, members = matrix(case[0]), case[1]
        return normalised(lambda i, j: A[members[i]][members[j]], len(members))

    return compared(
        "restricted of theory.influence against the definition",
        "3 matrices, 4 coalitions",
        lambda: product(range(3), ((2,), (0, 1), (3, 0, 2), (1, 3, 2, 0))),
        lambda case: rows_of(influence.restricted(to_sympy(tuple(map(tuple, matrix(case[0])))), case[1])),
        expected,
        show=lambda case: f"matrix {case[0]}, coalition {case[1]}",
    )


def _stochastic() -> Iterator[Rows]:
    """Yield matrices with zeros: transient agents, periodic ones, repeated and irrational eigenvalues."""
    yield ((F(1),),)
    yield from (normalised(lambda i, j, r=rows: r[i][j], len(rows)) for rows in PATTERNS)  # type: ignore[misc]
    random = Random(2)
    for n in (2, 3, 3, 4, 4, 5):
        entries = [[random.choice((0, 1, 2, 5)) + 3 * (i == j) for j in range(n)] for i in range(n)]
        yield normalised(lambda i, j, e=entries: e[i][j], n)  # type: ignore[misc]


PATTERNS = (
    ((1, 1), (0, 1)),
    ((1, 0), (1, 3)),
    ((0, 1), (1, 0)),
    ((1, 0), (0, 1)),
    ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
    ((0, 1, 0), (0, 0, 1), (1, 1, 0)),
    ((1, 0, 0), (1, 0, 1), (1, 1, 1)),
    ((0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (1, 1, 0, 0)),  # Wielandt: needs the power (n-1)² + 1
    ((0, 1, 0, 0, 0), (0, 0, 1, 0, 0), (0, 0, 0, 1, 0), (0, 0, 0, 0, 1), (1, 1, 0, 0, 0)),
    ((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (1, 0, 1, 1)),
    ((2, 1, 1), (1, 2, 1), (1, 1, 2)),
    ((3, 1, 0, 0), (0, 3, 1, 0), (0, 0, 3, 1), (1, 0, 0, 3)),
)


def _primitive() -> Check[Rows]:
    from theory.consensus import is_primitive

    return compared(
        "is_primitive of theory.consensus against the power (n-1)² + 1",
        "18 matrices, n ≤ 5",
        _stochastic,
        lambda W: is_primitive(to_sympy(W)),
        oracle.is_primitive,
    )


def _settles() -> Check[Rows]:
    """The consensus by averaging many times, or a refusal where opinions do not agree."""
    from theory.consensus import consensus, perron_weights
    from theory.errors import InputError

    x = (F(1), F(-2), F(4), F(1, 2), F(0))

    def conclusion(W: Rows) -> str | None:
        opinions = x[: len(W)]
        try:
            found = number(Integer(1) * consensus(to_sympy(W), [rational(value) for value in opinions]))
        except InputError as error:
            return None if not _agrees(W) else f"refused: {error}"
        if not _agrees(W):
            return f"opinions do not agree, and theory says {found}"
        weights = oracle.perron_weights(W)
        expected = sum((w * y for w, y in zip(weights, opinions, strict=True)), F(0))
        derived = tuple(number(w) for w in perron_weights(to_sympy(W)))
        return None if found == expected and derived == weights else f"theory says {found}, brute force {expected}"

    return Check(
        what="consensus of theory.consensus against left Perron vectors",
        scope="18 matrices, n ≤ 5, transient agents and periodic matrices among them",
        level=Level.EXACT,
        instances=_stochastic,
        conclusion=conclusion,
    )


def _agrees(W: Rows) -> bool:
    """Whether some power has a positive column, so that all opinions come to agree."""
    pattern = [[x > 0 for x in row] for row in W]
    power, n = pattern, len(W)
    for _ in range(2 * n * n + 2):
        if any(all(row[j] for row in power) for j in range(n)):
            return True
        power = [[any(a and pattern[k][j] for k, a in enumerate(row)) for j in range(n)] for row in power]
    return False


def _refusals() -> Check[tuple[int, Fraction]]:
    """A row that does not sum to 1, and a negative entry, are refused wherever they are."""
    from theory.consensus import perron_weights
    from theory.errors import InputError

    def conclusion(case: tuple[int, Fraction]) -> str | None:
        row, extra = case
        W = [[F(1, 3)] * 3 for _ in range(3)]
        W[row][1] += extra
        W[row][2] -= extra if extra < 0 else 0
        try:
            perron_weights(to_sympy(tuple(tuple(entries) for entries in W)))
        except InputError:
            return "refused" if extra == 0 else None
        return None if extra == 0 else "accepted"

    return Check(
        what="perron_weights of theory.consensus refuses what is not stochastic",
        scope="3 rows; entries too large and negative",
        level=Level.EXACT,
        instances=lambda: product(range(3), (F(0), F(1, 10), F(-2))),
        conclusion=conclusion,
        show=lambda case: f"row {case[0]}, {case[1]} added",
    )


def _eigenvalues() -> Check[Rows]:
    """Multiplicities add up to n, and the sums of powers are the traces of powers; the slem is the next modulus."""
    from theory.consensus import eigenvalues, slem

    def conclusion(W: Rows) -> str | None:
        found = eigenvalues(to_sympy(W))
        if sum(found.values()) != len(W):
            return f"{sum(found.values())} eigenvalues"
        if any(times < 1 for times in found.values()):
            return "a multiplicity below 1"
        values = [value.evalf(50) for value, times in found.items() for _ in range(times)]
        P = W
        for p in range(1, len(W) + 1):
            gap = abs(sum(value**p for value in values) - rational(oracle.trace(P)))
            if gap > Rational(1, 10**40):
                return f"Σ λ^{p} is off by {float(gap):.3g}"
            P = oracle.product(P, W)
        moduli = [float(abs(value)) for value in values]
        if any(a < b - 1e-12 for a, b in pairwise(moduli)):
            return "the largest modulus does not come first"
        ordered = sorted((abs(value) for value in values), reverse=True)
        second = ordered[1] if len(ordered) > 1 else Integer(0)
        gap = abs(slem(to_sympy(W)).evalf(50) - second)
        return None if gap < Rational(1, 10**40) else f"the slem is off by {float(gap):.3g}"

    return Check(
        what="eigenvalues and slem of theory.consensus against traces of powers",
        scope="14 matrices, n ≤ 4, to 40 digits",
        level=Level.EXACT,
        instances=lambda: (W for W in _stochastic() if len(W) <= 3 or (W[0][0] > 0 and W[0][-2:] == (0, 0))),
        conclusion=conclusion,
    )


def _radicals() -> Check[tuple[Expr, ...]]:
    """Entries that are no rationals: W = [[p, 1-p], [0, 1]] has the eigenvalues 1 and p."""
    from theory.consensus import eigenvalues, slem

    def derived(case: tuple[Expr, ...]) -> list[bool]:
        (p,) = case
        W = Matrix([[p, 1 - p], [0, 1]])
        return [eigenvalues(W) == {Integer(1): 1, p: 1}, slem(W) == p]

    return compared(
        "eigenvalues of theory.consensus for entries that are square roots",
        "two matrices",
        lambda: ((sqrt(2) - 1,), (sqrt(3) / 2,)),
        derived,
        lambda case: [True, True],
    )


def _shape_of_eigenvalues() -> Check[int]:
    """Cubic factors stay exact roots, quadratic ones become square roots."""
    from sympy import CRootOf

    from theory.consensus import eigenvalues

    cycle = normalised(lambda i, j: {0: 2, 1: 1}.get((j - i) % 3, 0) + (i == 1 and j == 0), 3)
    cubic = tuple(tuple(F(x, 6) for x in row) for row in ((3, 3, 0, 0), (3, 2, 1, 0), (0, 1, 3, 2), (0, 0, 2, 4)))

    def derived(case: int) -> bool:
        found = eigenvalues(to_sympy((cycle, cubic)[case]))
        return any(value.has(CRootOf) for value in found)

    return compared(
        "eigenvalues of theory.consensus: square roots up to degree 2, exact roots beyond",
        "a matrix of each kind",
        lambda: (0, 1),
        derived,
        lambda case: case == 1,
    )


def _times() -> Check[tuple[Fraction, Fraction]]:
    from theory.consensus import time_to_consensus

    def derived(case: tuple[Fraction, Fraction]) -> Any:
        found = time_to_consensus(rational(case[0]), rational(case[1]))
        return None if found == oo else round(float(as_fraction(Integer(1) * found)), 12)

    def expected(case: tuple[Fraction, Fraction]) -> Any:
        rate, eps = case
        if rate == 0:
            return 0.0
        return None if rate == 1 else round(log(float(eps)) / log(float(rate)), 12)

    return compared(
        "time_to_consensus of theory.consensus: the power of the slem that is ε",
        "5 slems, 3 ε, to 12 digits",
        lambda: product((F(0), F(1, 2), F(2, 3), F(9, 10), F(1)), (F(1, 2), F(1, 10), F(1, 1000))),
        derived,
        expected,
        show=lambda case: f"slem {case[0]}, ε = {case[1]}",
    )


def _spreads() -> Check[tuple[Fraction, ...]]:
    from theory.consensus import spread

    return compared(
        "spread of theory.consensus",
        "up to 3 opinions",
        lambda: (x for n in (1, 2, 3) for x in product((F(0), F(-1, 2), F(3)), repeat=n)),
        lambda x: number(Integer(1) * spread([rational(value) for value in x])),
        lambda x: max(x) - min(x),
    )


def _symbolic() -> Check[int]:
    """Weights and τ of a matrix with symbols, at numbers."""
    from theory.consensus import ergodicity_coefficient, perron_weights
    from theory.influence import restricted

    p, q = Symbol("p", positive=True), Symbol("q", positive=True)
    A = [[p, 1, q], [2, p * q, 1], [1, q, 3]]

    def at(case: int) -> dict[Symbol, Rational]:
        return {p: Rational(case, 2), q: Rational(3, case)}

    def derived(case: int) -> Any:
        W = restricted(A, range(3))
        weights = perron_weights(W).subs(at(case))
        return [tuple(number(x) for x in weights), number(ergodicity_coefficient(W).subs(at(case)))]

    def expected(case: int) -> Any:
        values = [[Integer(1) * x for x in row] for row in A]
        numbers = [[number(x.subs(at(case))) for x in row] for row in values]
        W = normalised(lambda i, j: numbers[i][j], 3)
        return [oracle.perron_weights(W), oracle.ergodicity_coefficient(W)]

    return compared(
        "perron_weights and ergodicity_coefficient of theory.consensus, with symbols, at numbers",
        "a matrix of 3 agents with 2 symbols, 3 points",
        lambda: (1, 2, 5),
        derived,
        expected,
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of T1 or T2."""
    if label == "T2":
        return (_spreads(), _symbolic())
    agree = (_restricted(), _primitive(), _settles(), _refusals())
    return (*agree, _eigenvalues(), _radicals(), _shape_of_eigenvalues(), _times())
