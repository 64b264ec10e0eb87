"""Finite sets of stochastic matrices, by their patterns of positive entries, for T5 and T6."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

from proofs_checks.oracles.matrices import Matrix
from proofs_checks.oracles.products import Pattern, canonical, image, patterns
from proofs_checks.verdict import Certificate


@dataclass(frozen=True)
class Letters:
    """A finite set of patterns; the matrices divide each row by the number of its positive entries."""

    patterns: tuple[Pattern, ...]

    @property
    def agents(self) -> int:
        """n."""
        return len(self.patterns[0])

    @property
    def matrices(self) -> tuple[Matrix, ...]:
        """The stochastic matrices."""
        return tuple(
            tuple(tuple(Fraction(row >> j & 1, row.bit_count()) for j in range(len(A))) for row in A)
            for A in self.patterns
        )

    @property
    def table(self) -> list[list[list[int]]]:
        """The patterns as tables of 0 and 1."""
        return [[[row >> j & 1 for j in range(len(A))] for row in A] for A in self.patterns]

    def __str__(self) -> str:
        return "patterns " + ", ".join(
            "[" + "; ".join(" ".join(str(x) for x in row) for row in A) + "]" for A in self.table
        )


def sets(n: int, diagonal: bool = False, every: int = 1) -> Iterator[Letters]:
    """Yield sets of one and of two patterns, once up to the names of the agents; of the pairs, one in `every`."""
    single = patterns(n, diagonal)
    seen = set()
    pairs = islice(combinations(single, 2), None, None, every)
    for letters in [*((A,) for A in single), *pairs]:
        kind = canonical(letters)
        if kind not in seen:
            seen.add(kind)
            yield Letters(kind)


def disjoint_pairs(n: int) -> list[tuple[int, int]]:
    """Return the pairs of disjoint nonempty sets of n agents, as bit masks."""
    every = range(1, 1 << n)
    return [(S, T) for S in every for T in every if S < T and not S & T]


def cycle(letters: Letters) -> Certificate | None:
    """Return the certificate of a product that is not SIA: a word after which two disjoint sets come back."""
    for start in disjoint_pairs(letters.agents):
        reached: dict[tuple[int, int], tuple[int, ...]] = {start: ()}
        waiting = [start]
        while waiting:
            pair = waiting.pop(0)
            for index, A in enumerate(letters.patterns):
                S, T = sorted((image(A, pair[0]), image(A, pair[1])))
                word = (*reached[pair], index)
                if start == (S, T):
                    return {"kind": "cycle", "patterns": letters.table, "word": list(word), "pair": [S, T]}
                if not S & T and (S, T) not in reached:
                    reached[S, T] = word
                    waiting.append((S, T))
    return None
