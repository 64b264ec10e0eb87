"""Instances: exact rational opinions, structures, matrices and moves, smallest first.

The order matters: the first counterexample found is the one reported, so it should be the smallest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product

from proofs_checks.oracles.dynamics import State
from proofs_checks.oracles.matrices import Matrix
from proofs_checks.studies.performances import Performance

Opinions = tuple[Fraction, ...]


def opinion_vectors(n: int, grid: Iterable[int | Fraction]) -> Iterator[Opinions]:
    """Yield every vector of n opinions from the grid."""
    yield from product([Fraction(x) for x in grid], repeat=n)


def partitions(agents: Sequence[int]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield every coalition structure on the agents.

    Examples
    --------
    >>> sum(1 for _ in partitions(range(4)))
    15
    """
    if not agents:
        yield ()
        return
    first, *rest = agents
    for smaller in partitions(rest):
        yield ((first,), *smaller)
        for index, coalition in enumerate(smaller):
            yield (*smaller[:index], (first, *coalition), *smaller[index + 1 :])


def sizes(n: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Yield every way to write n as an unordered sum of coalition sizes."""
    if n == 0:
        yield ()
        return
    for k in range(min(n, largest or n), 0, -1):
        for rest in sizes(n - k, k):
            yield (k, *rest)


def states(agents: Iterable[int], grid: Sequence[int | Fraction]) -> Iterator[State]:
    """Yield every tactical equilibrium with consensus values on the grid, once up to the names of the agents."""
    for n in agents:
        seen = set()
        for structure in sizes(n):
            for consensus in product([Fraction(x) for x in grid], repeat=len(structure)):
                state = tuple(sorted(zip(consensus, structure, strict=True)))
                if state not in seen:
                    seen.add(state)
                    yield state


def stochastic_matrices(n: int, denominator: int) -> Iterator[Matrix]:
    """Yield every stochastic n×n matrix whose entries are multiples of 1/denominator."""
    yield from product(list(simplex(n, denominator)), repeat=n)


def row_sorted_stochastic_matrices(n: int, denominator: int) -> Iterator[Matrix]:
    """Yield the same up to the order of the rows, on which the ergodicity coefficient does not depend."""
    yield from combinations_with_replacement(list(simplex(n, denominator)), n)


def simplex(n: int, denominator: int) -> Iterator[Opinions]:
    """Yield every probability vector of length n with entries that are multiples of 1/denominator."""
    for counts in product(range(denominator, -1, -1), repeat=n):
        if sum(counts) == denominator:
            yield tuple(Fraction(x, denominator) for x in counts)


def pattern_matrices(n: int) -> Iterator[Matrix]:
    """Yield every 0/1 matrix without a zero row, its rows divided by their sums."""
    rows = [tuple(Fraction(x, sum(bits)) for x in bits) for bits in product((0, 1), repeat=n) if sum(bits)]
    yield from product(rows, repeat=n)


@dataclass(frozen=True)
class Entry:
    """An agent of opinion c + δ joins m incumbents that agree on c."""

    performance: Performance
    m: int
    c: Fraction
    delta: Fraction

    @property
    def between(self) -> tuple[Fraction, Fraction]:
        """The interval between the two opinions."""
        return min(self.c, self.c + self.delta), max(self.c, self.c + self.delta)

    @property
    def agents(self) -> int:
        """The entrant and the incumbents."""
        return self.m + 1

    def __str__(self) -> str:
        return f"{self.performance}, m = {self.m}, c = {self.c}, δ = {self.delta}"


def entries(
    performances: Iterable[Performance],
    incumbents: Iterable[int],
    consensus: Iterable[int | Fraction] = (0, 1, -1),
    gaps: Iterable[int | Fraction] = (1, -1, 2, -2),
) -> Iterator[Entry]:
    """Yield every entry on the grids."""
    for m, performance, c, delta in product(incumbents, performances, consensus, gaps):
        yield Entry(performance, m, Fraction(c), Fraction(delta))


def text(values: Iterable[Fraction]) -> str:
    """Return exact numbers, readable: ``(0, 1/2, 1)``."""
    return "(" + ", ".join(str(x) for x in values) + ")"


def matrix_text(W: Matrix) -> str:
    """Return a matrix on one line, rows separated by semicolons."""
    return "W = [" + "; ".join(" ".join(str(x) for x in row) for row in W) + "]"


def state_text(state: State) -> str:
    """Return a tactical equilibrium in words."""
    return "coalitions " + ", ".join(f"{size} at {c}" for c, size in state)
