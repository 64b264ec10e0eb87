"""Families of influence matrices: who listens to whom, and the closed forms of their spectra.

Walks are lazy: with the probability h an agent listens to a uniformly random neighbour, else to itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from proofs_checks.oracles.cyclotomic import CosineNumber
from proofs_checks.oracles.matrices import Matrix
from proofs_checks.studies.instances import matrix_text

ONE, ZERO = Fraction(1), Fraction(0)
Values = Callable[[int, Fraction], list[CosineNumber]]


@dataclass(frozen=True)
class Family:
    """A family: the sizes, who listens to whom (or the matrix itself), and the closed form of the spectrum."""

    name: str
    sizes: tuple[int, ...]
    matrix: Callable[[int, Fraction], Matrix]
    values: Values


def walk(neighbours: Callable[[int, int], set[int]]) -> Callable[[int, Fraction], Matrix]:
    """Return the lazy walk on a graph, given the neighbours of agent i among n."""

    def matrix(n: int, h: Fraction) -> Matrix:
        rows = []
        for i in range(n):
            near = neighbours(n, i)
            rows.append(tuple((1 - h if i == j else ZERO) + (h / len(near) if j in near else ZERO) for j in range(n)))
        return tuple(rows)

    return matrix


def _lazy_uniform(n: int, h: Fraction) -> Matrix:
    return tuple(tuple((1 - h if i == j else ZERO) + h / n for j in range(n)) for i in range(n))


def _self_weighted(n: int, h: Fraction) -> Matrix:
    return tuple(tuple((h if i == j else ONE) / (n - 1 + h) for j in range(n)) for i in range(n))


def _rank_one(n: int, h: Fraction) -> Matrix:
    weights = [h + j for j in range(n)]
    return (tuple(a / sum(weights) for a in weights),) * n


def constant(*runs: tuple[Callable[[int, Fraction], Fraction], Callable[[int], int]]) -> Values:
    """Return rational eigenvalues: pairs of a value and its multiplicity."""
    return lambda n, h: [CosineNumber(value(n, h)) for value, count in runs for _ in range(count(n))]


def cosines(turn: Callable[[int, int], Fraction]) -> Values:
    """Return 1 − h + h cos(2π turn(j, n)), j = 0..n−1."""
    return lambda n, h: [CosineNumber(1 - h, h, turn(j, n)) for j in range(n)]


def hypercube(step: int = 2) -> Values:
    """Return 1 − 2hj/d with multiplicity C(d, j): one eigenvalue per subset of the d dimensions."""

    def values(n: int, h: Fraction) -> list[CosineNumber]:
        d = n.bit_length() - 1
        return [CosineNumber(1 - step * h * S.bit_count() / d) for S in range(n)]

    return values


def one(n: int, h: Fraction) -> Fraction:
    return ONE


BIPARTITE = constant((one, lambda n: 1), (lambda n, h: 1 - 2 * h, lambda n: 1), (lambda n, h: 1 - h, lambda n: n - 2))
FAMILIES = (
    Family(
        "uniform",
        tuple(range(1, 7)),
        lambda n, h: _lazy_uniform(n, ONE),
        constant((one, lambda n: 1), (lambda n, h: ZERO, lambda n: n - 1)),
    ),
    Family(
        "lazy uniform",
        tuple(range(1, 7)),
        _lazy_uniform,
        constant((one, lambda n: 1), (lambda n, h: 1 - h, lambda n: n - 1)),
    ),
    Family(
        "complete",
        tuple(range(2, 7)),
        walk(lambda n, i: set(range(n)) - {i}),
        constant((one, lambda n: 1), (lambda n, h: 1 - h * n / (n - 1), lambda n: n - 1)),
    ),
    Family(
        "complete with self-weight h",
        tuple(range(2, 7)),
        _self_weighted,
        constant((one, lambda n: 1), (lambda n, h: (h - 1) / (n - 1 + h), lambda n: n - 1)),
    ),
    Family(
        "ring", tuple(range(3, 7)), walk(lambda n, i: {(i - 1) % n, (i + 1) % n}), cosines(lambda j, n: Fraction(j, n))
    ),
    Family(
        "path",
        tuple(range(2, 7)),
        walk(lambda n, i: {i - 1, i + 1} & set(range(n))),
        cosines(lambda j, n: Fraction(j, 2 * (n - 1))),
    ),
    Family("star", tuple(range(2, 7)), walk(lambda n, i: set(range(1, n)) if i == 0 else {0}), BIPARTITE),
    Family(
        "complete bipartite, two agents on one side",
        tuple(range(3, 7)),
        walk(lambda n, i: set(range(2, n)) if i < 2 else {0, 1}),
        BIPARTITE,
    ),
    Family("hypercube", (2, 4, 8), walk(lambda n, i: {i ^ 1 << d for d in range(n.bit_length() - 1)}), hypercube()),
    Family(
        "rank one", tuple(range(1, 7)), _rank_one, constant((one, lambda n: 1), (lambda n, h: ZERO, lambda n: n - 1))
    ),
)
OUTSIDE = Family(  # a path whose first agent listens to itself as well, with the formula of the path
    "path with a loop",
    tuple(range(2, 7)),
    walk(lambda n, i: {i - 1, i + 1, 0} & set(range(n)) if i == 0 else {i - 1, i + 1} & set(range(n))),
    cosines(lambda j, n: Fraction(j, 2 * (n - 1))),
)
FAMILY = "W belongs to one of the ten families"
BY_NAME = {family.name: family for family in FAMILIES}
RATES = (Fraction(1, 2), Fraction(1), Fraction(2, 3))


@dataclass(frozen=True)
class Member:
    """One matrix of a family."""

    family: Family
    n: int
    h: Fraction

    @property
    def agents(self) -> int:
        """Number of agents."""
        return self.n

    def __str__(self) -> str:
        return f"{self.family.name}, n = {self.n}, h = {self.h}, {matrix_text(self.family.matrix(self.n, self.h))}"


def members(families: tuple[Family, ...]) -> Iterator[Member]:
    """Yield every member of the families, smallest first."""
    for n in range(1, 9):
        for family in families:
            if n in family.sizes:
                for h in RATES:
                    yield Member(family, n, h)
