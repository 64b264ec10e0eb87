"""Consensus sets: stochastic matrices of which every product, in whatever order, brings agents together.

    F_A(S) = the agents that somebody in S listens to under A: the union of the supports of the rows of A in S

A stochastic matrix is SIA (stochastic, indecomposable, aperiodic) if its powers converge to a matrix of equal rows.
Take as nodes the unordered pairs {S, T} of disjoint nonempty sets of agents, and an edge {S, T} → {F_A(S), F_A(T)}
for every matrix A of the set for which the images are disjoint too.  Then

    every finite product of matrices of the set is SIA   ⇔   this graph has no cycle,

and the number of nodes on the longest path is the *scrambling index*, the least length at which every product is
scrambling (any two of its rows have a column in which both are positive).  The reason: along a word w = (w₁, …, w_k)
the rows in S of the product A_{w₁} ⋯ A_{w_k} have together the support F_{w_k}(… F_{w₁}(S)).  A cycle is a word whose
square leaves two disjoint sets of agents listening to themselves only; and a product that is not SIA has a power with
two such sets, which therefore never meet.  A path of k edges from {i}, {j} is a word of length k whose product has no
common column in its rows i and j.

Only pairs reached from two single agents matter: if {S, T} is on a cycle, then s in S and t in T have images inside
those of S and T along the word of the cycle, again and again, so that the path from {s}, {t} never ends, and in a
finite graph runs into a cycle.

By Wolfowitz's theorem the rows of A_{w₁} ⋯ A_{w_k} become equal as k grows, for every infinite word over a finite
consensus set, at a geometric rate that depends on the set only; multiplied on the left, A_{w_k} ⋯ A_{w₁}, as opinions
are, the products converge.  The longest path has at most (3ⁿ - 2ⁿ⁺¹ + 1)/2 nodes, as many as there are pairs (Paz), so
that the question is decidable; it is NP-hard (Blondel and Olshevsky).

Results: T6.

References: Hajnal, Proc. Cambridge Philos. Soc. 54:233, 1958; Wolfowitz, Proc. Amer. Math. Soc. 14:733, 1963;
Paz, Proc. Amer. Math. Soc. 16:634, 1965; Blondel and Olshevsky, SIAM J. Control Optim. 52:2707, 2014.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.influence import ROW_ROUNDING
from numerics.partitions import ternary_numbers
from numerics.validation import integer, table
from theory.errors import InputError

IntArray = NDArray[np.int64]

MAX_AGENTS = 16  # 3ⁿ positions of pairs are tabulated: 170 MB
MAX_EDGES = 10_000_000  # as of all pairs of 14 agents and 4 matrices: 0.6 GB

_ADVICE = "give a list of (n, n) matrices whose rows are shares that add up to 1"


@dataclass(frozen=True)
class PeriodicProduct:
    """A product whose powers do not bring agents together.

    Attributes
    ----------
    word : numbers (w₁, …, w_k) of the matrices of the product A_{w₁} ⋯ A_{w_k}, which is not SIA.
    first, second : disjoint sets of agents; under the product each of them listens to itself only, or each to the
        other only.
    """

    word: tuple[int, ...]
    first: tuple[int, ...]
    second: tuple[int, ...]


@dataclass(frozen=True)
class ConsensusSet:
    """Whether every product of a set of matrices brings agents together.

    Attributes
    ----------
    holds : whether every finite product is SIA; then opinions agree in the limit in every order.
    scrambling_index : the least length ≥ 1 at which every product is scrambling; None if there is none.
    counterexample : a product that is not SIA; None if there is none.
    pairs : number of pairs {S, T} that were reached; never more than `paz_bound(n)`.
    """

    holds: bool
    scrambling_index: int | None
    counterexample: PeriodicProduct | None
    pairs: int


def paz_bound(n_agents: int) -> int:
    """Return (3ⁿ - 2ⁿ⁺¹ + 1)/2, the number of unordered pairs of disjoint nonempty sets of n agents.

    No consensus set of n agents has a larger scrambling index, unless n = 1.

    Examples
    --------
    >>> [paz_bound(n) for n in range(1, 6)]
    [0, 1, 6, 25, 90]
    """
    n = integer(n_agents, "n_agents", "agents", 1)
    return (3**n - 2 ** (n + 1) + 1) // 2


def is_consensus_set(matrices: Sequence[object] | NDArray[np.float64]) -> ConsensusSet:
    """Decide whether every product of row-stochastic matrices, in any order, brings all agents together.

    The answer is exact; only which entries are positive matters.

    Parameters
    ----------
    matrices : list of (n, n) arrays or nested lists, n ≤ 16, or an (m, n, n) array; each row is non-negative and adds
        up to 1 within 1e-9.

    Returns
    -------
    ConsensusSet
        With the scrambling index if it is a consensus set, with a product that is not SIA if it is not.

    Raises
    ------
    InputError
        Unless the matrices are row-stochastic and of one size, with at most 16 agents and ten million edges.

    Notes
    -----
    O(m p) for p reached pairs, p ≤ `paz_bound(n)`; all pairs of 12 agents and 4 matrices take under a second.
    Where all diagonals are positive there is a test for any n: the set is a consensus set if and only if each matrix
    alone has one closed class, and then every product of n - 1 of them is scrambling.

    Examples
    --------
    >>> follow, swap = [[0.5, 0.5], [0, 1]], [[0, 1], [1, 0]]
    >>> is_consensus_set([follow]).scrambling_index
    1
    >>> is_consensus_set([follow, swap]).counterexample
    PeriodicProduct(word=(1,), first=(0,), second=(1,))
    """
    supports = _supports(matrices)
    n = supports.shape[1]
    images = np.stack([_image_table(support) for support in supports])
    codes, targets = _reached(images, n)
    layers, remaining = _peel(targets)
    if not remaining.any():
        return ConsensusSet(True, max(layers, 1), None, len(codes))
    return ConsensusSet(False, None, _cycle(codes, targets, remaining, n), len(codes))


def _supports(matrices: object) -> NDArray[np.bool_]:
    """Validate, and return who listens to whom, (m, n, n)."""
    if not isinstance(matrices, (Sequence, np.ndarray)) or isinstance(matrices, (str, bytes)) or len(matrices) == 0:
        raise InputError("matrices", matrices, "is not a list of matrices", _ADVICE)
    supports: list[NDArray[np.bool_]] = []
    for k, given in enumerate(matrices):
        field = f"matrices[{k}]"
        matrix = table(given, field, _ADVICE)
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError(field, matrix.shape, "is not the shape of a square matrix", _ADVICE)
        if supports and len(matrix) != len(supports[0]):
            raise InputError(field, matrix.shape, f"is not the size of the first, {len(supports[0])}", _ADVICE)
        if len(matrix) > MAX_AGENTS:
            advice = f"take at most {MAX_AGENTS}; with positive diagonals, check that each matrix has one closed class"
            raise InputError(field, len(matrix), "agents are too many for the graph of pairs", advice)
        for i in np.flatnonzero((matrix < 0).any(axis=1) | ~(np.abs(matrix.sum(axis=1) - 1) <= ROW_ROUNDING)):
            problem = "is not a row of shares that add up to 1"
            raise InputError(f"{field}[{i}]", matrix[i].tolist(), problem, "normalise it")
        supports.append(matrix > 0)
    return np.stack(supports)


def _image_table(support: NDArray[np.bool_]) -> IntArray:
    """F of every set of agents, (2ⁿ,), sets being bit masks."""
    rows = support @ (1 << np.arange(len(support), dtype=np.int64))
    images = np.zeros(1, dtype=np.int64)
    for row in rows:  # the sets with this agent come after those without
        images = np.concatenate([images, images | row])
    return images


def _reached(images: IntArray, n: int) -> tuple[IntArray, IntArray]:
    """Return the codes of all pairs reached from two single agents, and (m, pairs) where each matrix leads.

    A pair {S, T}, S < T as numbers, has the code S 2ⁿ + T.  A target is a position among the codes; -1 where the
    images meet.
    """
    ternary = ternary_numbers(n)
    position = np.full(3**n, -1, dtype=np.int32)

    def place(codes: IntArray) -> IntArray:
        return ternary[codes >> n] + 2 * ternary[codes & ((1 << n) - 1)]

    agent, other = np.triu_indices(n, 1)
    frontier = (1 << agent.astype(np.int64)) << n | (1 << other.astype(np.int64))
    levels, edges, reached = [frontier], [np.empty((len(images), 0), np.int64)], 0
    while len(frontier):
        position[place(frontier)] = np.arange(reached, reached + len(frontier))
        reached += len(frontier)
        if reached * len(images) > MAX_EDGES:
            problem = f"reach more than {MAX_EDGES // len(images):,} pairs of sets of agents"
            raise InputError("matrices", f"{len(images)} matrices", problem, "take fewer agents or fewer matrices")
        codes = _step(images, frontier, n)
        edges.append(codes)
        disjoint = np.unique(codes[codes >= 0])
        frontier = disjoint[position[place(disjoint)] < 0]
        levels.append(frontier)
    targets = np.concatenate(edges, axis=1)
    return np.concatenate(levels), np.where(targets < 0, -1, position[place(np.maximum(targets, 0))])


def _step(images: IntArray, codes: IntArray, n: int) -> IntArray:
    """(m, pairs) codes of the images of pairs; -1 where they meet."""
    first, second = images[:, codes >> n], images[:, codes & ((1 << n) - 1)]
    together = np.minimum(first, second) << n | np.maximum(first, second)
    return np.where(first & second, np.int64(-1), together)


def _peel(targets: IntArray) -> tuple[int, NDArray[np.bool_]]:
    """Remove pairs that lead nowhere, again and again: the number of rounds, and what can never be removed.

    Without a cycle everything goes, and the rounds are the nodes on a longest path.  That path starts at two single
    agents, since from anywhere else it could be prolonged backwards.
    """
    pairs = targets.shape[1]
    left = (targets >= 0).sum(axis=0)
    matrix, source = np.nonzero(targets >= 0)
    by_target = np.argsort(targets[matrix, source], kind="stable")
    sources = source[by_target]
    starts = np.searchsorted(targets[matrix, source][by_target], np.arange(pairs + 1))
    remaining = np.ones(pairs, dtype=bool)
    ends, rounds = np.flatnonzero(left == 0), 0
    while len(ends):
        rounds += 1
        remaining[ends] = False
        before = sources[_ranges(starts[ends], starts[ends + 1])]
        np.subtract.at(left, before, 1)
        before = np.unique(before)
        ends = before[left[before] == 0]
    return rounds, remaining


def _ranges(starts: IntArray, stops: IntArray) -> IntArray:
    """Return the numbers of all ranges, one after the other."""
    sizes = stops - starts
    return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _cycle(codes: IntArray, targets: IntArray, remaining: NDArray[np.bool_], n: int) -> PeriodicProduct:
    """Find a cycle: of one matrix and one pair if there is one, else by walking among the pairs that remain."""
    matrix, nodes = np.nonzero(targets == np.arange(len(codes)))
    if len(nodes):
        return _periodic([int(matrix[0])], int(codes[nodes[0]]), n)
    stays = (targets >= 0) & remaining[targets]
    node = int(np.argmax(remaining))
    visited: dict[int, int] = {}
    letters: list[int] = []
    while node not in visited:  # each leads to another that remains
        visited[node] = len(letters)
        letters.append(int(np.argmax(stays[:, node])))
        node = int(targets[letters[-1], node])
    return _periodic(letters[visited[node] :], int(codes[node]), n)


def _periodic(word: list[int], code: int, n: int) -> PeriodicProduct:
    first, second = (tuple(i for i in range(n) if mask >> i & 1) for mask in (code >> n, code & ((1 << n) - 1)))
    return PeriodicProduct(tuple(word), first, second)
