"""The improvement graph: every coalition structure, and every admissible move between two of them.

At fixed opinions an agent's gain depends on the coalition it leaves and the one it joins alone, so that a table of
2^n · n payoffs says which moves are admissible in all Bell(n) structures.  A structure without an admissible move is
a sink of the graph; improving moves end in a closed strongly connected component, an absorbing class, and sinks are
those of one structure.

When there is a cycle.  The Aumann-Drèze value is the marginal contribution to the potential P of Hart and Mas-Colell,
AD_i(C) = P(C) - P(C∖i), so that a gain is a change of one function of the structure:

    Δ_i(C→D) = Φ(π') - Φ(π),    Φ(π) = Σ_{C∈π} P(C).

Gains add up to 0 along a cycle while each exceeds its cost.  So the graph of a model whose switching costs are all
≥ 0 has no cycle, for every φ, scale, influence and acceptance rule: moves at fixed opinions always stop, and the
structures that maximise Φ are sinks.  With negative costs there may be cycles.

References: Hart and Mas-Colell, Econometrica 57:589, 1989; Monderer and Shapley, Games Econ. Behav. 14:124, 1996.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import Adaptive
from numerics.equilibria.tables import cost_of_agents, payoff_tables
from numerics.influence import AdaptiveLazy
from numerics.kernels import improvement as kernel
from numerics.model import Model
from numerics.moves import moves
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, coalitions_of, labels_of
from numerics.ties import tie_tolerance
from numerics.validation import is_integer
from theory.errors import InputError

if TYPE_CHECKING:
    from numerics.equilibria.markov import MarkovChain
    from numerics.schedules import Schedule

IntArray = NDArray[np.int64]

MAX_AGENTS = 11  # 678,570 structures with up to 38 million moves between them: half a GB


@dataclass(frozen=True, eq=False)
class Structures:
    """All coalition structures of n agents, numbered in the lexicographic order of their labels.

    Attributes
    ----------
    n_agents : n.
    structures : (Bell(n), n) labels as restricted growth strings: coalitions in the order of their smallest members.
    """

    n_agents: int
    structures: NDArray[np.uint8]

    @property
    def n_structures(self) -> int:
        """Bell(n)."""
        return len(self.structures)

    def structure(self, number: int) -> list[list[int]]:
        """Return the coalitions of a structure, sorted lists in the order of their smallest members."""
        if not is_integer(number) or not 0 <= number < self.n_structures:
            advice = f"give one from 0 to {self.n_structures - 1}"
            raise InputError("number", number, "is not the number of a structure", advice)
        return coalitions_of(self.structures[number].astype(np.int64))

    def index(self, structure: Structure, field: str = "structure") -> int:
        """Return the number of a structure, given as coalitions or labels.

        Raises
        ------
        InputError
            Unless every agent is in exactly one coalition.
        """
        labels = labels_of(structure, self.n_agents, field)
        renamed = np.empty(self.n_agents + 1, dtype=np.int64)
        return int(kernel.rank_after(labels, -1, 0, completions(self.n_agents), renamed))


@dataclass(frozen=True, eq=False)
class CycleStep:
    """One move of a cycle: `agent` leaves its coalition in `structure`."""

    structure: list[list[int]]
    agent: int


@dataclass(frozen=True, eq=False)
class ImprovementGraph(Structures):
    """Every admissible move of every structure, at fixed opinions.

    Attributes
    ----------
    edges : sparse (Bell(n), Bell(n)) rows; an entry is the number of admissible moves from one structure to another:
        2 where either of two agents can leave the other, or join it, and 1 otherwise.
    sinks : numbers of the structures without an admissible move.
    absorbing_classes : closed strongly connected components, as numbers in order; sinks are those of one structure.
    has_cycle : whether moves can lead back to where they began.
    """

    edges: Any
    sinks: IntArray
    absorbing_classes: list[IntArray]
    has_cycle: bool
    _component: NDArray[np.int32] = field(repr=False)
    _model: Model = field(repr=False)

    def cycle(self) -> list[CycleStep]:
        """Return moves that lead back to where they began, from one structure to the next; none without a cycle.

        It is a shortest one through the first structure of a smallest strongly connected component.

        Examples
        --------
        >>> model = Model(opinions=[0.0, 1.0], performance="-u**2", switching_cost=-1.0)
        >>> [(move.structure, move.agent) for move in improvement_graph(model).cycle()]
        [([[0, 1]], 0), ([[0], [1]], 0)]
        """
        sizes = np.bincount(self._component)
        if not self.has_cycle:
            return []
        smallest = int(np.argmin(np.where(sizes > 1, sizes, len(self._component) + 1)))
        root = int(np.argmax(self._component == smallest))
        path = kernel.shortest_cycle(root, self.edges.indptr, self.edges.indices, self._component).tolist()
        return [self._move(u, v) for u, v in zip(path, path[1:] + path[:1], strict=True)]

    def chain(self, schedule: Schedule = "random") -> MarkovChain:
        """Return the Markov chain that a schedule makes of the moves; see `numerics.equilibria.markov`."""
        from numerics.equilibria.markov import markov_chain

        return markov_chain(self._model, schedule)

    def _move(self, u: int, v: int) -> CycleStep:
        """The move from structure u to v, the first where there are two."""
        labels = self.structures[u].astype(np.int64)
        found = moves(self._model, labels)
        leading = []
        for i, target in np.argwhere(~np.isnan(found.gains)).tolist():
            after = labels.copy()
            after[i] = target  # the last column is founding alone: a label that nobody has
            if self.index(after) == v:
                leading.append((not found.admissible[i, target], i))
        return CycleStep(self.structure(u), min(leading)[1])


def improvement_graph(model: Model) -> ImprovementGraph:
    """Return the improvement graph of a model of at most 11 agents at its opinions as they are.

    Parameters
    ----------
    model : Model with concrete opinions; its cost may differ between agents, not between numbered coalitions.

    Raises
    ------
    InputError
        For more agents, drawn opinions, costs of numbered coalitions, or adaptive acceptance, which has a memory,
        as adaptive rates with a discount have.

    Notes
    -----
    O(n² Bell(n)) after the payoffs of 2^n coalitions.  A move is admissible as in `numerics.moves.moves`, with the
    tolerance of ties that does not look at one structure.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="-u**2", switching_cost=0.05)
    >>> graph = improvement_graph(model)
    >>> [graph.structure(k) for k in graph.sinks]
    [[[0, 1, 2]]]
    >>> graph.n_structures, graph.edges.nnz, graph.has_cycle
    (5, 9, False)
    """
    structures, starts, targets, weights = moves_between(model, kernel.EVERY_MOVE, 0.0)
    component, closed = components_of(starts, targets)
    return ImprovementGraph(
        n_agents=model.n_agents,
        structures=structures,
        edges=sparse_rows(starts, targets, weights.astype(np.int8)),
        sinks=frozen(np.flatnonzero(np.diff(starts) == 0)),
        absorbing_classes=classes_of(component, closed),
        has_cycle=len(closed) < len(component),
        _component=component,
        _model=model,
    )


def moves_between(model: Model, schedule: int, temperature: float) -> tuple[Any, Any, Any, Any]:
    """Return all structures, and what a schedule makes of the moves between them as compressed sparse rows."""
    n = model.n_agents
    if n > MAX_AGENTS:
        problem = f"have {'too many' if n > 25 else completions(n)[n, 0]} coalition structures"
        advice = f"use at most {MAX_AGENTS} agents, atlas(model) up to 14, or ensemble(model, runs)"
        raise InputError("model", f"{n} agents", problem, advice)
    if isinstance(model.acceptance, Adaptive):
        problem = "remembers what has happened, so that a structure does not say which moves are admissible"
        raise InputError("acceptance", model.acceptance, problem, "use a rule with a fixed threshold, or simulate runs")
    if isinstance(model.influence, AdaptiveLazy) and model.discount is not None:
        problem = "remembers what has happened, so that a structure does not say which moves are admissible"
        raise InputError("influence", model.influence, problem, "use lazy(rate), or simulate runs")
    concrete_opinions(model)
    base, joining, founding = cost_of_agents(model)
    payoffs, accepted = payoff_tables(model)
    counts = completions(n)
    structures = np.empty((int(counts[n, 0]), n), dtype=np.uint8)
    kernel.list_structures(structures)
    coalitions = structures.max(axis=1).astype(np.int64) + 1
    most = int(coalitions.sum()) * n + len(structures)  # every agent to every coalition, and staying
    starts = np.empty(len(structures) + 1, dtype=np.int32)
    targets, weights = np.empty(most, dtype=np.int32), np.empty(most)
    kernel.transitions(
        structures, counts, payoffs, accepted, base + joining, base + founding, tie_tolerance(model), schedule,
        temperature, starts, targets, weights,
    )  # fmt: skip
    structures.flags.writeable = False
    return structures, starts, targets[: starts[-1]], weights[: starts[-1]]


def completions(n: int) -> IntArray:
    """Return (n+1, n+2) numbers of ways in which r more agents join K coalitions or found others, for K ≤ n+1-r.

    Examples
    --------
    >>> completions(3)[:, 0].tolist()
    [1, 1, 2, 5]
    """
    out = np.zeros((n + 1, n + 2), dtype=np.int64)
    out[0] = 1
    for r in range(1, n + 1):
        coalitions = np.arange(n + 2 - r)
        out[r, : n + 2 - r] = coalitions * out[r - 1, : n + 2 - r] + out[r - 1, 1 : n + 3 - r]
    return out


def components_of(starts: Any, targets: Any) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the strongly connected component of every state, and whether a component is closed.

    Edges between components go from greater numbers to smaller ones.
    """
    component = np.empty(len(starts) - 1, dtype=np.int32)
    closed = np.empty(kernel.components(starts, targets, component), dtype=np.bool_)
    kernel.closed_components(starts, targets, component, closed)
    return component, closed


def classes_of(component: NDArray[np.int32], closed: NDArray[np.bool_]) -> list[IntArray]:
    """Return the states of every closed component, by their smallest states."""
    states = np.flatnonzero(closed[component])
    states = states[np.argsort(component[states], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[states])) + 1
    return [frozen(part) for part in sorted(np.split(states, cuts), key=lambda part: int(part[0]))]


def sparse_rows(starts: Any, targets: Any, weights: Any) -> Any:
    """Return the compressed sparse rows as a scipy matrix, read-only."""
    from scipy.sparse import csr_array

    size = len(starts) - 1
    rows = csr_array((weights, targets, starts), shape=(size, size))
    rows.has_sorted_indices = True
    for part in (rows.data, rows.indices, rows.indptr):
        part.flags.writeable = False
    return rows


def frozen(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the array, read-only."""
    values.flags.writeable = False
    return values
