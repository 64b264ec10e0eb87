"""The size chain: how coalition sizes change when every move is admissible (S7).

φ concave, κ < 0, open acceptance: by S2 a gain is never below 0 > κ, so whatever the opinions, every agent may make
every move.  One slow step: an agent, each of the n with the same chance, moves to a target, each of its targets
with the same chance.  The targets are the other K - 1 coalitions and, unless it is alone already, being alone.

    P(one given agent of C → one given target) = 1 / (n t),   t = K - 1 + [|C| ≥ 2].

So the structure is a Markov chain that ignores the opinions and κ; up to the names of the agents it is a chain on
the partitions of n.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from numbers import Integral

from theory.errors import InputError

MAX_AGENTS = 30  # 5604 partitions

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class SizeMove:
    """A member of a coalition of `source` joins one of `target` (0: founds its own), given their sizes only.

    Attributes
    ----------
    chance : probability that the next move is one between such sizes
    after : the sizes that follow
    """

    source: int
    target: int
    chance: Fraction
    after: Sizes


@lru_cache(maxsize=32)
def size_partitions(n: int) -> tuple[Sizes, ...]:
    """Return the partitions of n, sizes in falling order; the coalition of all first.

    Raises
    ------
    InputError
        Unless 2 ≤ n ≤ 30.

    Examples
    --------
    >>> size_partitions(4)
    ((4,), (3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1))
    """
    return tuple(_partitions(check_agents(n), n))


def target_count(sizes: Sizes, source: int) -> int:
    """Return the number t = K - 1 + [source ≥ 2] of targets of a member of a coalition of `source`.

    Examples
    --------
    >>> target_count((2, 1), 2), target_count((2, 1), 1)
    (2, 1)
    """
    return len(sizes) - 1 + (source >= 2)


def move_chance(sizes: Sizes, source: int) -> Fraction:
    """Return |C|/(n t): the chance that some member of one given coalition C goes to one given target.

    Examples
    --------
    >>> print(move_chance((2, 1), 2))
    1/3
    """
    return Fraction(source, sum(sizes) * target_count(sizes, source))


def changed(sizes: Sizes, removed: Sizes, added: Sizes) -> Sizes:
    """Return the partition with some parts replaced; parts of 0 are none.

    Examples
    --------
    >>> changed((3, 1), (3, 1), (2, 2))
    (2, 2)
    """
    parts = list(sizes)
    for part in removed:
        parts.remove(part)
    return tuple(sorted((*parts, *(part for part in added if part)), reverse=True))


def size_moves(sizes: Sizes) -> Iterator[SizeMove]:
    """Yield the moves from a partition, those between the same sizes taken together.

    The chances add up to 1: each agent of n ≥ 2 has a target.

    Examples
    --------
    >>> for move in size_moves((2, 1)):
    ...     print(move.source, move.target, move.chance, move.after)
    2 1 1/3 (2, 1)
    2 0 1/3 (1, 1, 1)
    1 2 1/3 (3,)
    """
    count = Counter(sizes)
    for source, sources in count.items():
        chance = sources * move_chance(sizes, source) if target_count(sizes, source) else Fraction(0)
        for target, targets in count.items():
            others = targets - (target == source)
            if others:
                after = changed(sizes, (source, target), (source - 1, target + 1))
                yield SizeMove(source, target, chance * others, after)
        if source >= 2:
            yield SizeMove(source, 0, chance, changed(sizes, (source,), (source - 1, 1)))


def size_chain(n: int) -> dict[Sizes, dict[Sizes, Fraction]]:
    """Return the transition probabilities P[before][after] between the partitions of n, exactly.

    Cost: the partitions of n times the pairs of different sizes in them.

    Raises
    ------
    InputError
        Unless 2 ≤ n ≤ 30.

    Examples
    --------
    >>> {after: str(chance) for after, chance in size_chain(3)[(1, 1, 1)].items()}
    {(2, 1): '1'}
    >>> {after: str(chance) for after, chance in size_chain(3)[(2, 1)].items()}
    {(2, 1): '1/3', (1, 1, 1): '1/3', (3,): '1/3'}
    """
    chain: dict[Sizes, dict[Sizes, Fraction]] = {}
    for sizes in size_partitions(n):
        row = chain.setdefault(sizes, {})
        for move in size_moves(sizes):
            row[move.after] = row.get(move.after, Fraction(0)) + move.chance
    return chain


def check_agents(n: object, largest: int = MAX_AGENTS) -> int:
    """Return a number of agents from 2 to `largest` as an int.

    Raises
    ------
    InputError
        For anything else.
    """
    if isinstance(n, bool) or not isinstance(n, Integral) or not 2 <= int(n) <= largest:
        raise InputError("n", n, "is out of range", f"use an integer from 2 to {largest}")
    return int(n)


def _partitions(n: int, largest: int) -> Iterator[Sizes]:
    if n == 0:
        yield ()
        return
    for part in range(min(n, largest), 0, -1):
        for rest in _partitions(n - part, part):
            yield (part, *rest)
