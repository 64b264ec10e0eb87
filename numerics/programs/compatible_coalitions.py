"""Which coalitions can be together in a stable structure: a graph, and what follows from it before any search.

Whether a move from C to D is admissible depends on C and D alone (see `numerics.equilibria.tables`), so that at the
switching cost κ a structure is stable iff every coalition of it passes alone (founding pays for none of its members)
and every two of them are compatible (no accepted move from one to the other pays):

    single(C) ≤ κ + tol,        pair(C, D) ≤ κ + tol.

A stable structure is a clique of this graph that partitions the agents.  Two arguments make the graph smaller without
losing any stable structure π:

- coalitions: if C ∈ π, then π has for every agent i ∉ C the coalition of i, which is compatible with C.  A coalition
  that has no compatible neighbour with some agent i is in no stable structure; removing it may leave others without.
- pairs: if C, D ∈ π and i is in neither, then π has the coalition of i, compatible with both.  A pair without a common
  neighbour with some agent is in no stable structure together.

Up to 14 agents the table of all pairs is used, beyond it payoffs of all coalitions at the opinions as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import At, check_at, model_at
from numerics.costs import base_of
from numerics.equilibria.tables import MAX_PAIRS_AGENTS, Tables, coalition_tables, cost_of_agents, payoff_tables
from numerics.model import Model
from numerics.moves import moves
from numerics.ties import tie_tolerance
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

MAX_AGENTS = 18  # the payoffs of 2^18 coalitions, and 3^18 / 2 pairs to be gone through
MAX_PAIRS = 30_000_000  # compatible pairs that are kept, 16 bytes each
MAX_PATHS = 20_000_000  # Σ degree² up to which pairs are checked: seconds


@dataclass(frozen=True, eq=False)
class Compatible:
    """The graph of compatible coalitions at one cost.

    Attributes
    ----------
    n_agents : n.
    masks : (K,) coalitions that may be in a stable structure, as bit masks of their members.
    members : (K, n) whether an agent is in a coalition.
    graph : (K, K) sparse symmetric matrix of ones at the pairs that are disjoint and compatible.
    """

    n_agents: int
    masks: IntArray
    members: BoolArray
    graph: Any

    @property
    def without_coalition(self) -> list[int]:
        """Agents that no coalition is left for: with any of them, there is no stable structure."""
        return [int(i) for i in np.flatnonzero(~self.members.any(axis=0))]

    def are_compatible(self, chosen: IntArray) -> bool:
        """Whether coalitions, given by their positions, are compatible with each other."""
        return int(self.graph[chosen][:, chosen].nnz) == len(chosen) * (len(chosen) - 1)


@dataclass(frozen=True, eq=False)
class Stability:
    """What decides stability at any cost: the tables, or beyond 14 agents the payoffs of all coalitions."""

    model: Model
    at: At
    values: FloatArray
    single: FloatArray
    tables: Tables | None
    payoffs: FloatArray
    accepted: BoolArray

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return self.model.n_agents

    @property
    def level(self) -> float:
        """The model's base cost with the tolerance of ties: entries up to it are stable."""
        return base_of(self.model.switching_cost) + tie_tolerance(self.model)

    def compatible(self, level: float) -> Compatible:
        """Return the graph of coalitions and pairs whose entries are at most `level`."""
        passing = self.single <= level
        passing[0] = False
        first, second = self._pairs(level, passing)
        return with_pairs(self.n_agents, np.flatnonzero(passing), first, second)

    def critical_value(self, masks: list[int]) -> float:
        """Return the largest entry of a structure, its critical cost."""
        entries = [float(self.single[mask]) for mask in masks]
        for position, first in enumerate(masks):
            for second in masks[:position]:
                entries.append(self._entry(first, second))
        return max(entries)

    def _entry(self, first: int, second: int) -> float:
        """The critical cost of moves between two coalitions."""
        if self.tables is not None:
            return float(self.tables.pair[self.tables.ternary[first] + 2 * self.tables.ternary[second]])
        joining, entry = cost_of_agents(self.model)[1], -np.inf
        for source, target in ((first, second), (second, first)):
            for i in range(self.n_agents):
                if source >> i & 1 and self.accepted[target, i]:
                    gain = self.payoffs[target | 1 << i, i] - self.payoffs[source, i]
                    entry = max(entry, float(gain - joining[i]))
        return entry

    def _pairs(self, level: float, passing: BoolArray) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        if self.tables is not None:
            first, second = _pairs_of_table(self.n_agents)
            keep = np.flatnonzero((self.tables.pair <= level) & (first < second))
            keep = keep[passing[first[keep]] & passing[second[keep]]]
            return first[keep], second[keep]
        from numerics.kernels.compatible_pairs import compatible_pairs

        joining, none = cost_of_agents(self.model)[1], np.empty(0, dtype=np.int32)
        count = compatible_pairs(self.payoffs, self.accepted, joining, level, passing, none, none)
        if count > MAX_PAIRS:
            problem = f"have {count} pairs of coalitions that are stable against each other at this cost, too many"
            advice = (
                f"use at most {MAX_PAIRS_AGENTS} agents or a lower cost, or simulate runs with ensemble(model, runs)"
            )
            raise InputError("model", f"{self.n_agents} agents", problem, advice)
        first, second = np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32)
        compatible_pairs(self.payoffs, self.accepted, joining, level, passing, first, second)
        return first, second


def stability_of(model: Model, at: At) -> Stability:
    """Return what decides stability of the structures of a model of at most 14 agents, 18 at opinions as they are.

    Raises
    ------
    InputError
        For more agents, drawn opinions, an unknown moment, or costs of numbered coalitions.
    """
    n = model.n_agents
    check_at(at)
    if n <= MAX_PAIRS_AGENTS:
        tables = coalition_tables(model, at)
        none, nobody = np.empty((0, n)), np.empty((0, n), dtype=np.bool_)
        return Stability(model, at, tables.values, tables.single, tables, none, nobody)
    if n > MAX_AGENTS:
        advice = f"use at most {MAX_AGENTS} agents, or simulate runs with ensemble(model, runs)"
        raise InputError("model", f"{n} agents", f"have 3^{n} pairs of coalitions, too many to go through", advice)
    if at == "consensus":
        problem = f"have 3^{n} pairs of coalitions, each with payoffs of its own at consensus"
        advice = f'use at most {MAX_PAIRS_AGENTS} agents, at="opinions", or simulate runs with ensemble(model, runs)'
        raise InputError("model", f"{n} agents", problem, advice)
    founding = cost_of_agents(model)[2]
    payoffs, accepted = payoff_tables(model)
    alone = payoffs[np.left_shift(1, np.arange(n)), np.arange(n)]
    single = np.full(1 << n, -np.inf)
    several = np.bitwise_count(np.arange(1 << n)) > 1
    single[several] = np.nanmax(alone - payoffs[several] - founding, axis=1)
    return Stability(model, at, np.nansum(payoffs, axis=1), single, None, payoffs, accepted)


def evaluated(model: Model, structure: list[list[int]], at: At) -> tuple[bool, float]:
    """Return whether a structure is stable at the model's cost, and its critical base cost, from all of its moves.

    The critical cost is the largest Δ_i - (κ_i - κ) of an accepted move, κ the base.  Ties go by the tolerance at the
    model's own opinions, for all structures alike, as in the tables.
    """
    found = moves(model_at(model, structure, at), structure)
    levels = (found.gains - (found.costs - base_of(model.switching_cost)))[found.accepted]
    critical = float(np.max(levels, initial=-np.inf))
    return critical <= base_of(model.switching_cost) + tie_tolerance(model), critical


def lists_of(masks: list[int]) -> list[list[int]]:
    """Return coalitions as sorted lists, in the order of their smallest members.

    Examples
    --------
    >>> lists_of([0b010, 0b101])
    [[0, 2], [1]]
    """
    return sorted([i for i in range(mask.bit_length()) if mask >> i & 1] for mask in masks)


def without_hopeless_pairs(found: Compatible, rounds: int = 20) -> Compatible:
    """Remove pairs that have no common neighbour with some agent in neither, and what that leaves hopeless in turn.

    Pairs are left as they are once Σ degree² is beyond 2·10⁷, and after so many rounds.
    """
    for _ in range(rounds):
        graph, n = found.graph, found.n_agents
        if graph.nnz == 0 or float(np.sum(np.diff(graph.indptr).astype(float) ** 2)) > MAX_PATHS:
            return found
        pairs = graph.tocoo()
        keep = np.ones(pairs.nnz, dtype=np.bool_)
        for i in range(n):
            with_i = graph[:, found.members[:, i]]
            common = (with_i @ with_i.T).multiply(graph).tocsr()
            reached = np.asarray(common[pairs.row, pairs.col]).ravel() > 0
            keep &= reached | found.members[pairs.row, i] | found.members[pairs.col, i]
        if keep.all():
            return found
        keep &= pairs.row < pairs.col
        first, second = found.masks[pairs.row[keep]], found.masks[pairs.col[keep]]
        found = with_pairs(n, found.masks, first, second)
    return found


def with_pairs(n: int, masks: IntArray, first: NDArray[np.integer], second: NDArray[np.integer]) -> Compatible:
    """Return the graph of the pairs first[k], second[k], without coalitions that have no neighbour with some agent."""
    from scipy.sparse import csr_array

    while True:
        position = np.full(1 << n, -1, dtype=np.int32)
        position[masks] = np.arange(len(masks), dtype=np.int32)
        members = (masks[:, None] >> np.arange(n) & 1).astype(np.bool_)
        rows, columns = position[first], position[second]
        ends = np.concatenate([rows, columns]), np.concatenate([columns, rows])
        graph = csr_array((np.ones(2 * len(rows), dtype=np.float32), ends), shape=(len(masks), len(masks)))
        hopeful = (members | (graph @ members.astype(np.float32) > 0)).all(axis=1)
        if hopeful.all():
            return Compatible(n, masks, members, graph)
        masks = masks[hopeful]
        keep = hopeful[rows] & hopeful[columns]
        first, second = first[keep], second[keep]


def _pairs_of_table(n: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The masks C and D of every index T(C) + 2 T(D) of a table of pairs, (3^n,) each."""
    first, second = np.zeros(1, dtype=np.int32), np.zeros(1, dtype=np.int32)
    for i in range(n):
        bit = np.int32(1 << i)
        first = np.concatenate([first, first | bit, first])
        second = np.concatenate([second, second, second | bit])
    return first, second


def reordered(found: Compatible, order: IntArray) -> Compatible:
    """Return the same graph with the coalitions in another order."""
    graph = found.graph[order][:, order].tocsr()
    return replace(found, masks=found.masks[order], members=found.members[order], graph=graph)
