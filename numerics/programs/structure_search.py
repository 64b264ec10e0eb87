"""The best stable structure by depth-first search: no solver, every structure visited or excluded for a reason.

Coalitions are chosen one by one.  What is left after each choice are the coalitions compatible with all that are
chosen, an intersection of bit sets, and the next agent to be placed is the one with the fewest of them.  A branch ends

- where an agent has none left;
- where the bound on its objective is no better than the best structure found.  With any numbers y, one per agent, and
  the reduced costs r(C) = c(C) - Σ_{i∈C} y_i, a structure costs

      Σ_{C∈π} c(C) = Σ_i y_i + Σ_{C∈π} r(C) ≥ Σ_i y_i + Σ_{C chosen} r(C) + Σ_{i not placed} min_{C∋i left} r(C)/|C|.

  Coalitions are numbered by r(C)/|C|, so that each minimum is the lowest bit of a set.  Good y are the prices of the
  linear program of exact cover, min Σ c(C) z_C with Σ_{C∋i} z_C = 1; the bound holds for any, whatever a solver did.

Once a structure is known, the same bound removes coalitions and pairs of coalitions without a search (`narrowed`): with
m_C(i) the least r(E)/|E| of the E ∋ i compatible with C, a structure that contains C, or C and D, costs at least

    Σ_i y_i + r(C) + Σ_{i∉C} m_C(i),        Σ_i y_i + r(C) + r(D) + Σ_{i∉C∪D} max(m_C(i), m_D(i)).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from numerics.programs.compatible_coalitions import Compatible, reordered, with_pairs, without_hopeless_pairs

FloatArray = NDArray[np.float64]

MAX_BITS = 3_000_000_000  # of the sets of compatible coalitions: 375 MB
SHORT = 200_000  # nodes of a search for a structure to start from, some tenths of a second
_LOOK = 4096  # nodes between two looks at the clock


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes
    ----------
    masks : coalitions of the best structure, None without any.
    cost : its Σ c(C), inf without any.
    bound : lower bound of the cost of every stable structure: the cost, or when time ran out the bound at the root.
    finished : whether the search came to its end.
    nodes : choices that were looked at.
    """

    masks: list[int] | None
    cost: float
    bound: float
    finished: bool
    nodes: int


class _Stop(Exception):
    """The first structure was enough, or time is up."""


def fits_search(found: Compatible) -> bool:
    """Whether the sets of compatible coalitions fit into memory."""
    return len(found.masks) ** 2 <= MAX_BITS


def search(
    found: Compatible,
    cost: FloatArray,
    any_will_do: bool = False,
    time_limit: float = np.inf,
    node_limit: float = np.inf,
) -> Found:
    """Return the clique of compatible coalitions that partitions the agents at the least cost.

    Parameters
    ----------
    found : the graph of compatible coalitions.
    cost : (K,) c(C) of every coalition.
    any_will_do : stop at the first structure.
    time_limit, node_limit : seconds, and choices, after which the best structure so far is returned.

    Notes
    -----
    Each node takes O(n) operations on sets of K bits; there are as many as there are stable structures at most, but
    for the dead ends.  K²/8 bytes.
    """
    n, started = found.n_agents, time.monotonic()
    if found.without_coalition:
        return Found(None, np.inf, np.inf, True, 0)
    prices = np.zeros(n) if any_will_do else _prices(found, cost)
    reduced = cost - found.members @ prices
    order = np.argsort(reduced / found.members.sum(axis=1), kind="stable")
    found, reduced = reordered(found, order), reduced[order]
    neighbours, having = _bit_sets(found)
    share, price_of = (reduced / found.members.sum(axis=1)).tolist(), reduced.tolist()
    masks, everyone = found.masks.tolist(), (1 << n) - 1
    best, nodes, root = np.inf, 0, -np.inf
    chosen_best: tuple[int, ...] = ()

    def place(left: int, placed: int, total: float, chosen: tuple[int, ...]) -> None:
        nonlocal best, chosen_best, nodes, root
        nodes += 1
        if nodes > node_limit or (nodes % _LOOK == 0 and time.monotonic() - started > time_limit):
            raise _Stop
        if placed == everyone:
            if total < best:
                best, chosen_best = total, chosen
                if any_will_do:
                    raise _Stop
            return
        fewest, branch, bound = len(masks) + 1, 0, total
        for i in range(n):
            if not placed >> i & 1:
                options = left & having[i]
                if not options:
                    return
                bound += share[(options & -options).bit_length() - 1]
                count = options.bit_count()
                if count < fewest:
                    fewest, branch = count, options
        if not chosen:
            root = bound
        if bound >= best:
            return
        while branch:
            lowest = branch & -branch
            k = lowest.bit_length() - 1
            branch ^= lowest
            place(left & neighbours[k], placed | masks[k], total + price_of[k], (*chosen, k))

    finished = True
    try:
        place((1 << len(masks)) - 1, 0, float(prices.sum()), ())
    except _Stop:
        finished = any_will_do and bool(chosen_best)
    answer = [masks[k] for k in chosen_best] if chosen_best else None
    return Found(answer, best, best if finished else min(root, best), finished, nodes)


def best_clique(found: Compatible, cost: FloatArray, time_limit: float = np.inf) -> Found:
    """Return what `search` does, in two stages: a short search, and one of what is left by the cost it has reached."""
    started = time.monotonic()
    start = search(found, cost, time_limit=time_limit, node_limit=SHORT)
    left = time_limit - (time.monotonic() - started)
    if start.finished or left <= 0:
        return start
    if start.masks is not None:
        found, cost = narrowed(found, cost, start.cost)
    rest = search(found, cost, time_limit=time_limit - (time.monotonic() - started))
    better = rest if rest.cost < start.cost else start
    bound = better.cost if rest.finished else max(start.bound, min(rest.bound, start.cost))
    return replace(better, bound=bound, finished=rest.finished, nodes=start.nodes + rest.nodes)


def narrowed(found: Compatible, cost: FloatArray, upper: float) -> tuple[Compatible, FloatArray]:
    """Remove coalitions and pairs that are in no stable structure of cost up to `upper`; the graph and its costs.

    A margin of 1e-9 of the largest |c(C)| keeps rounding on the safe side.
    """
    margin = 1e-9 * float(np.max(np.abs(cost), initial=0.0))
    costs = dict(zip(found.masks.tolist(), cost.tolist(), strict=True))
    while True:
        size = len(found.masks), found.graph.nnz
        found = without_hopeless_pairs(_affordable(found, cost, upper + margin))
        cost = np.array([costs[mask] for mask in found.masks.tolist()])
        if (len(found.masks), found.graph.nnz) == size or found.without_coalition:
            return found, cost


def _affordable(found: Compatible, cost: FloatArray, upper: float) -> Compatible:
    """Remove coalitions and pairs by the two bounds above."""
    prices = _prices(found, cost)
    reduced = cost - found.members @ prices
    share, graph = reduced / found.members.sum(axis=1), found.graph
    has_neighbours = np.flatnonzero(np.diff(graph.indptr))
    least = np.full(found.members.shape, np.inf)  # m_C(i), and 0 for members
    for i in range(found.n_agents if len(has_neighbours) else 0):
        entries = np.where(found.members[graph.indices, i], share[graph.indices], np.inf)
        least[has_neighbours, i] = np.minimum.reduceat(entries, graph.indptr[has_neighbours])
    bound = prices.sum() + reduced + np.where(found.members, 0.0, least).sum(axis=1)
    keep = bound <= upper
    pairs = graph.tocoo()
    both = (pairs.row < pairs.col) & keep[pairs.row] & keep[pairs.col]
    first, second = pairs.row[both], pairs.col[both]
    bound = prices.sum() + reduced[first] + reduced[second]
    for i in range(found.n_agents):
        outside = ~(found.members[first, i] | found.members[second, i])
        bound += np.where(outside, np.maximum(least[first, i], least[second, i]), 0.0)
    close = bound <= upper
    return with_pairs(found.n_agents, found.masks[keep], found.masks[first[close]], found.masks[second[close]])


def _prices(found: Compatible, cost: FloatArray) -> FloatArray:
    """(n,) prices of the agents in the linear program of exact cover; zeros if it was not solved."""
    from scipy.optimize import linprog

    n = found.n_agents
    answer = linprog(cost, A_eq=found.members.T.astype(float), b_eq=np.ones(n), method="highs")
    if answer.status != 0:
        return np.zeros(n)
    return np.asarray(answer.eqlin.marginals, dtype=np.float64)


def _bit_sets(found: Compatible) -> tuple[list[int], list[int]]:
    """The neighbours of every coalition, and the coalitions of every agent, as bit sets of positions."""
    pointers, columns, n_coalitions = found.graph.indptr, found.graph.indices, len(found.masks)
    neighbours = [_bits(columns[pointers[k] : pointers[k + 1]], n_coalitions) for k in range(n_coalitions)]
    having = [_bits(np.flatnonzero(found.members[:, i]), n_coalitions) for i in range(found.n_agents)]
    return neighbours, having


def _bits(positions: NDArray[np.integer], size: int) -> int:
    flags = np.zeros(size, dtype=np.uint8)
    flags[positions] = 1
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")
