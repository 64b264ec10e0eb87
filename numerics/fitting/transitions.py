"""Transitions: from observed answers to one least-squares problem for each agent.

What agent i answers next is x_i(t+1) = Σ_j B_ij x_j(t) + s_i x_i(0) + noise, with B_ij = (1-s_i) W_ij, and its weights
b = (B_i1, …, B_ik, s_i) add up to 1.  Without loss they are fitted to differences from its own answer,

    x_i(t+1) - x_i(t) = Σ_{j≠i} B_ij (x_j(t) - x_i(t)) + s_i (x_i(0) - x_i(t)) + noise,

in which the weight on itself is what the others leave.  It is the same in any unit and from any zero of opinions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.observations import Group, Observations
from numerics.graphs import rows_of
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Transitions:
    """The transitions of one agent that can be used: all that it may listen to had answered, and it answered next.

    Attributes
    ----------
    agent : i, its number in the group of `k` agents.
    k : number of agents.
    heard : (m,) the weights that are free apart from its own: numbers of agents, and k for its first answer.
    item, time : (n,) where each transition starts.
    lost : transitions of the agent that cannot be used.
    regressors : (n, m) x_j(t) - x_i(t), and x_i(0) - x_i(t) in the last column if k is heard.
    moves : (n,) x_i(t+1) - x_i(t).
    """

    agent: int
    k: int
    heard: IntArray
    item: IntArray
    time: IntArray
    lost: int
    regressors: FloatArray
    moves: FloatArray

    @property
    def allowed(self) -> BoolArray:
        """(k+1,) the weights that may be positive."""
        out = np.zeros(self.k + 1, dtype=bool)
        out[self.heard] = out[self.agent] = True
        return out

    @property
    def stubborn(self) -> bool:
        """Whether the weight on its own first answer is free."""
        return bool((self.heard == self.k).any())

    def gather(self, opinions: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the regressors (…, n, m) and moves (…, n) of other opinions (…, items, rounds, k), at the same places.

        Parameters
        ----------
        opinions : with any number of axes before, for instance one for each simulated copy of the log.
        """
        own = opinions[..., self.item, self.time, self.agent]
        others = opinions[..., self.item[:, None], self.time[:, None], self.heard[self.heard < self.k]]
        first = opinions[..., self.item, np.zeros_like(self.time), self.agent][..., None]
        columns = [others, first] if self.stubborn else [others]
        moves = opinions[..., self.item, self.time + 1, self.agent] - own
        return np.concatenate(columns, axis=-1) - own[..., None], moves


def transitions_of(group: Group, heard: BoolArray, stubborn: bool) -> list[Transitions]:
    """Return the transitions of each agent of a group.

    Parameters
    ----------
    group : Group.
    heard : (k, k) whether agent i may listen to agent j.
    stubborn : whether agents may hold on to their first answers.  An agent that gave none to any item cannot, and one
        that gave some loses the transitions of the items that it started late.

    Examples
    --------
    >>> log = np.array([[[0.0, 1.0], [0.5, np.nan], [0.6, 0.9]]])  # one item, three rounds, Bob missed the second
    >>> group = Group("pair", ("Ann", "Bob"), log, np.array([np.nan]), ("q",))
    >>> ann, bob = transitions_of(group, np.ones((2, 2), bool), stubborn=True)
    >>> ann.regressors.tolist(), ann.moves.tolist(), ann.lost, bob.lost
    ([[1.0, 0.0]], [0.5], 1, 2)
    """
    there = ~np.isnan(group.opinions)
    k = group.n_agents
    out = []
    for i in range(k):
        others = np.flatnonzero(heard[i] & (np.arange(k) != i))
        has_first = stubborn and bool(there[:, 0, i].any())
        usable = there[:, 1:, i] & there[:, :-1, i] & there[:, :-1, others].all(axis=2)
        if has_first:
            usable &= there[:, :1, i]
        item, time = np.nonzero(usable)
        columns = np.append(others, k) if has_first else others
        nothing = Transitions(i, k, columns, item, time, usable.size - len(item), np.empty(0), np.empty(0))
        regressors, moves = nothing.gather(group.opinions)
        out.append(Transitions(i, k, columns, item, time, nothing.lost, regressors, moves))
    return out


def scale_of(agents: list[Transitions]) -> float:
    """Return the mean square of the regressors of a group, the unit in which regularisation is measured; 1 if none."""
    entries = np.concatenate([agent.regressors.ravel() for agent in agents])
    square = float(np.mean(entries**2)) if len(entries) else 0.0
    return square if square > 0 else 1.0


def listeners(observations: Observations, network: object) -> list[BoolArray]:
    """Return for every group whom its agents may listen to: (k, k), everybody without a network.

    Parameters
    ----------
    observations : Observations.
    network : None; a graph for every group, (k, k) array, nested lists, sparse matrix or networkx graph, whose entry
        i, j is not zero where i may listen to j; or a dictionary from names of groups to such graphs, in which a group
        may be missing.  The nodes of a networkx graph are the names of the agents, or in their order.

    Raises
    ------
    InputError
        If a graph does not fit its group, or there is no such group.
    """
    if isinstance(network, Mapping):
        names = [group.name for group in observations.groups]
        for name in network:
            if name not in names:
                raise InputError(f"network[{name!r}]", name, "is no group", f"name one of {', '.join(names)[:200]}")
        graphs = [network.get(name) for name in names]
    else:
        graphs = [network] * len(observations.groups)
    return [_heard(group, graph) for group, graph in zip(observations.groups, graphs, strict=True)]


def _heard(group: Group, graph: object) -> BoolArray:
    k = group.n_agents
    if graph is None:
        return np.ones((k, k), dtype=bool)
    field = f"network of group {group.name}"
    order = np.arange(k)
    if hasattr(graph, "adj") and hasattr(graph, "nodes"):
        nodes = {str(node): position for position, node in enumerate(graph.nodes)}
        if set(nodes) == set(group.agents):
            order = np.array([nodes[name] for name in group.agents])
    indptr, indices, _ = rows_of(graph, field)
    if len(indptr) - 1 != k:
        advice = f"give a ({k}, {k}) table, or a dictionary from group to graph"
        raise InputError(field, f"{len(indptr) - 1} agents", f"are not the {k} of the group", advice)
    out = np.zeros((k, k), dtype=bool)
    out[np.repeat(np.arange(k), np.diff(indptr)), indices] = True
    return out[np.ix_(order, order)] | np.eye(k, dtype=bool)
