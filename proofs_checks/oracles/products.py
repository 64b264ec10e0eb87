"""Products of stochastic matrices, all of them, as patterns of positive entries.

A pattern is a tuple of rows, each the bit mask of the columns that are positive; every row has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations, permutations, product

Pattern = tuple[int, ...]


def patterns(n: int, diagonal: bool = False) -> list[Pattern]:
    """Return every pattern of n agents; with `diagonal` those whose agents listen to themselves.

    Examples
    --------
    >>> len(patterns(2)), len(patterns(3, diagonal=True))
    (9, 64)
    """
    rows = [[r for r in range(1, 1 << n) if not diagonal or r >> i & 1] for i in range(n)]
    return list(product(*rows))


def times(A: Pattern, B: Pattern) -> Pattern:
    """Return the pattern of the product AB: row i of it is the union of the rows of B that i listens to."""
    return tuple(image(B, row) for row in A)


def image(A: Pattern, agents: int) -> int:
    """Return F_A(S), the agents that somebody in S listens to."""
    found = 0
    for i, row in enumerate(A):
        if agents >> i & 1:
            found |= row
    return found


def is_scrambling(A: Pattern) -> bool:
    """Return whether any two rows have a positive column in common."""
    return all(r & s for r, s in combinations(A, 2))


@lru_cache(maxsize=100_000)
def is_sia(A: Pattern) -> bool:
    """Return whether the powers converge to equal rows: some power has a positive column.

    The powers of a pattern repeat after at most 2^(n²) steps; they are followed until one comes back.
    """
    power, seen = A, set()
    while power not in seen:
        seen.add(power)
        column = (1 << len(A)) - 1
        for row in power:
            column &= row
        if column:
            return True
        power = times(power, A)
    return False


def all_products(letters: Iterable[Pattern]) -> set[Pattern]:
    """Return the pattern of every finite product."""
    letters = list(letters)
    known, new = set(letters), set(letters)
    while new:
        new = {times(A, B) for A in new for B in letters} - known
        known |= new
    return known


def scrambling_index(letters: Iterable[Pattern]) -> int | None:
    """Return the least length at which every product is scrambling; None if some never are."""
    letters = list(letters)
    level, seen, length = frozenset(letters), set(), 1
    while not all(map(is_scrambling, level)):
        if level in seen:
            return None
        seen.add(level)
        level, length = frozenset(times(A, B) for A in level for B in letters), length + 1
    return length


def canonical(letters: Iterable[Pattern]) -> tuple[Pattern, ...]:
    """Return the set of patterns with the agents renamed so that it comes first: one for each kind of set."""
    letters = list(letters)
    n = len(letters[0])

    def renamed(A: Pattern, names: tuple[int, ...]) -> Pattern:
        rows = [0] * n
        for i, row in enumerate(A):
            rows[names[i]] = sum(1 << names[j] for j in range(n) if row >> j & 1)
        return tuple(rows)

    return min(tuple(sorted(renamed(A, names) for A in letters)) for names in permutations(range(n)))
