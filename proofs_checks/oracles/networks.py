"""Networks from the definitions: who hears whom, connected components, and Myerson's graph-restricted game."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

Link = tuple[int, int]


@dataclass(frozen=True)
class Network:
    """Agents 0..n−1, and who hears whom: (i, j) if i hears j."""

    n: int
    heard: frozenset[Link]

    @property
    def mutual(self) -> bool:
        """Whether everyone is heard by those it hears."""
        return all((j, i) in self.heard for i, j in self.heard)

    @property
    def partitioned(self) -> bool:
        """Whether every coalition is the disjoint union of its components: a one-way link makes them overlap."""
        return all(sum(K.bit_count() for K in self.components(S)) == S.bit_count() for S in range(1 << self.n))

    @property
    def links(self) -> tuple[Link, ...]:
        """The pairs i < j of which one hears the other."""
        return tuple(sorted({(min(link), max(link)) for link in self.heard}))

    def without(self, link: Link) -> Network:
        """Return the network without a link."""
        return Network(self.n, self.heard - {link, link[::-1]})

    def components(self, S: int) -> frozenset[int]:
        """Return the sets of agents of S that one of them hears, through others of S, as bit masks."""
        found = set()
        for i in range(self.n):
            if S >> i & 1:
                reached = 1 << i
                for _ in range(self.n):
                    for a, b in self.heard:
                        if reached >> a & 1 and S >> b & 1:
                            reached |= 1 << b
                found.add(reached)
        return frozenset(found)

    def restricted(self, game: Sequence[Any]) -> list[Any]:
        """Return v/g: every coalition is worth the sum of its components, on top of v(∅)."""
        return [sum((game[K] for K in self.components(S)), game[0]) for S in range(len(game))]

    def __str__(self) -> str:
        listed = self.links if self.mutual else sorted(self.heard)
        sign = "–" if self.mutual else "→"
        return f"{self.n} agents, " + (", ".join(f"{i + 1}{sign}{j + 1}" for i, j in listed) or "no link")


def networks(largest: int = 4) -> Iterator[Network]:
    """Yield every undirected network up to the names of the agents, and a one-way link between two agents."""
    for n in range(1, largest + 1):
        seen = set()
        pairs = list(combinations(range(n), 2))
        for count in range(len(pairs) + 1):
            for links in combinations(pairs, count):
                names = (
                    tuple(sorted(tuple(sorted((order[i], order[j]))) for i, j in links))
                    for order in permutations(range(n))
                )
                kind = min(names)
                if kind not in seen:
                    seen.add(kind)
                    yield Network(n, frozenset(link for i, j in kind for link in ((i, j), (j, i))))
        if n == 2:
            yield Network(2, frozenset({(0, 1)}))
