"""The Markov chain of a schedule: which structure moves end in, and how long it takes, at fixed opinions.

The schedules of `numerics.schedules` that remember nothing make the structure a Markov chain: "random", "best
response", "largest gain" and `logit(temperature)`.  Of equal moves the first counts: agents by number, coalitions in
the order of their smallest members, founding alone last.  (A run numbers its coalitions as they come about; that
changes which of two equal moves is best, nothing else.)

With Q the transitions between transient structures, N = (I - Q)^{-1} counts expected visits:

    probability of ending in the class A from π = Σ_{π'} N[π, π'] P(π', A),   expected moves = Σ_{π'} N[π, π'].

Structures are taken in topological order of the strongly connected components, which gives N by substitution; within
a component N is computed from the chances of moving and of leaving alone, without a subtraction, so that every entry
has a small relative error however rarely the component is left (Grassmann, Taksar and Heyman 1985; O'Cinneide 1993).

References: Kemeny and Snell, Finite Markov Chains, 1960; Grassmann, Taksar and Heyman, Oper. Res. 33:1107, 1985;
O'Cinneide, Numer. Math. 65:109, 1993; Blume, Games Econ. Behav. 5:387, 1993 (logit).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.equilibria.improvement import (
    Structures,
    classes_of,
    components_of,
    moves_between,
    sparse_rows,
)
from numerics.kernels import codes
from numerics.kernels import improvement as kernel
from numerics.model import Model
from numerics.partitions import Structure
from numerics.schedules import Logit, Schedule, schedule_code
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_DENSE = 4200  # states of a class whose stationary distribution is solved for: Bell(8) = 4140; seconds and 1 GB
MAX_KNOT = 2000  # states of a transient component that is solved densely; larger ones are faster swept
MAX_TABLE = 60_000_000  # probabilities of ending in every class from every structure: 480 MB
ENOUGH = 2.0**-52  # probability that may be left unresolved where a component is solved by sweeps
MAX_WORK = 10**10  # moves that sweeps through one component look at: a minute or two

SOLVED, WORK_LIMIT = "solved", "work limit"


@dataclass(frozen=True, eq=False)
class Absorption:
    """Where moves from one structure end.

    Attributes
    ----------
    start : number of the structure.
    probabilities : (classes,) probability of ending in each absorbing class, within `unresolved` of the truth.
    expected_moves : expected number of moves until an absorbing class is entered, within `unresolved` times the
        greatest such number of any structure.
    stopping : probability that moves stop, at a sink; if it is below 1 the expected number of all moves is infinite.
    unresolved : Σ |what still waited| where large components were swept; 0 where there were none.
    residual : largest imbalance of the expected visits, v = start + v Q, relative to the greatest of them.
    status : "solved" (unresolved below 1e-12) or "work limit".
    guarantee : what makes it right.
    """

    start: int
    probabilities: FloatArray
    expected_moves: float
    stopping: float
    unresolved: float
    residual: float
    status: str
    guarantee: str


@dataclass(frozen=True, eq=False)
class Basins:
    """Where moves end from every structure.

    Attributes
    ----------
    probabilities : (structures, classes) probability of ending in each absorbing class.
    expected_moves : (structures,) expected number of moves until an absorbing class is entered.
    unresolved : greatest probability that is missing from a row, all entries being lower bounds.
    residual : largest |X - P X| of probabilities, and of expected moves relative to the greatest.
    status, guarantee : as in `Absorption`.
    """

    probabilities: FloatArray
    expected_moves: FloatArray
    unresolved: float
    residual: float
    status: str
    guarantee: str


@dataclass(frozen=True, eq=False)
class MarkovChain(Structures):
    """The structure as a Markov chain, at fixed opinions; a step is a move, or with logit a move or staying.

    Attributes
    ----------
    schedule : who moves, and where.
    transitions : sparse (Bell(n), Bell(n)) rows of probabilities; rows of sinks are empty, as no move is made there.
    absorbing_classes : closed strongly connected components, as numbers in order; sinks are those of one structure.
        They can be smaller and more than those of the improvement graph, of which a schedule uses a part.
    """

    schedule: Schedule
    transitions: Any
    absorbing_classes: list[IntArray]
    _component: NDArray[np.int32] = field(repr=False)
    _closed: NDArray[np.bool_] = field(repr=False)

    def hitting_probabilities(self, start: Structure | None = None) -> FloatArray:
        """Return the probability of ending in each absorbing class, (classes,), from all alone unless given a start.

        Raises
        ------
        InputError
            If the chain never stops (logit), or is left so rarely that `absorption` has bounds only.

        Examples
        --------
        >>> chain = markov_chain(Model(opinions=[0.0, 1.0, 3.0], performance="-u**2", switching_cost=0.5))
        >>> [chain.structure(sink[0]) for sink in chain.absorbing_classes]
        [[[0, 1, 2]], [[0, 2], [1]]]
        >>> chain.hitting_probabilities().tolist()
        [0.25, 0.75]
        """
        return self._solved(start).probabilities

    def expected_moves(self, start: Structure | None = None) -> float:
        """Return the expected number of moves until an absorbing class is entered, from all alone unless given a start.

        Raises
        ------
        InputError
            As `hitting_probabilities`.

        Examples
        --------
        >>> chain = markov_chain(Model(opinions=[0.0, 1.0, 3.0], performance="-u**2", switching_cost=0.5))
        >>> chain.expected_moves(), chain.expected_moves([[0, 1, 2]])
        (1.5, 0.0)
        """
        return self._solved(start).expected_moves

    def absorption(self, start: Structure | None = None) -> Absorption:
        """Return where moves from one structure end, all alone unless given, how long they take, and how sure that is.

        Raises
        ------
        InputError
            If the chain never stops (logit).

        Notes
        -----
        O(moves) if no transient structure can come back, otherwise O(k³) for each strongly connected component of
        k ≤ 2000 of them; larger ones are swept until at most 2^-52 of the probability is unresolved, or 10^10
        moves were looked at, a minute or two.
        """
        self._refuse_logit()
        at = self.n_structures - 1 if start is None else self.index(start, "start")
        visits, waiting = np.zeros(self.n_structures), np.zeros(self.n_structures)
        visits[at] = 1.0
        unresolved = 0.0
        rows = self._rows
        for states, is_knot in self._stretches:
            if is_knot and visits[states].any():
                if len(states) <= MAX_KNOT:
                    visits[states] = visits[states] @ fundamental_matrix(*self._within(states))
                else:
                    waiting[states], visits[states] = visits[states], 0.0
                    unresolved += kernel.relax_visits(
                        states, *rows, self._component, waiting, visits, ENOUGH, self._sweeps(states)
                    )
            kernel.push(states, *rows, self._component, visits)
        transient = np.where(self._closed[self._component], 0.0, visits)
        flow = transient @ self.transitions
        flow[at] += 1.0
        probabilities = np.array([visits[states].sum() for states in self.absorbing_classes])
        stops = np.array([len(states) == 1 for states in self.absorbing_classes])
        residual = float(np.max(np.abs(visits - flow)) / np.max(visits))
        return Absorption(
            start=at,
            probabilities=probabilities,
            expected_moves=float(transient.sum()),
            stopping=float(probabilities[stops].sum()),
            unresolved=unresolved,
            residual=residual,
            status=_status(unresolved),
            guarantee=self._guarantee(f"expected visits balance to {residual:.1g}", unresolved),
        )

    def basins(self) -> Basins:
        """Return where moves end from every structure, and how long they take.

        Raises
        ------
        InputError
            If the chain never stops (logit), or there are more than 60 million probabilities.

        Notes
        -----
        As `absorption`, times the number of classes.
        """
        self._refuse_logit()
        classes = self.absorbing_classes
        m, B = len(classes), self.n_structures
        if B * (m + 2) > MAX_TABLE:
            problem = f"structures with {m} absorbing classes make {B * m} probabilities"
            raise InputError("model", B, problem, "ask for one start at a time: hitting_probabilities(start)")
        values = np.zeros((B, m + 2))  # of the classes, the number of moves, and what is unresolved
        for number, states in enumerate(classes):
            values[states, number] = 1.0
        values[~self._closed[self._component], m] = 1.0
        doubt = np.ones(B)
        rows = self._rows
        for states, is_knot in reversed(self._stretches):
            kernel.pull(states[::-1].copy(), *rows, self._component, values)
            if is_knot and len(states) <= MAX_KNOT:
                values[states] = fundamental_matrix(*self._within(states)) @ values[states]
            elif is_knot:
                found = np.zeros((len(states), m + 2))
                kernel.relax_values(
                    states, *rows, self._component, values[states], found, doubt, ENOUGH, self._sweeps(states)
                )
                found[:, -1] += doubt[states]
                values[states] = found
        moves = values[:, m]
        unresolved = float(values[:, -1].max())
        residual = self._residual(values[:, : m + 1])
        return Basins(
            probabilities=values[:, :m],
            expected_moves=moves,
            unresolved=unresolved,
            residual=residual,
            status=_status(unresolved),
            guarantee=self._guarantee(f"probabilities balance to {residual:.1g}", unresolved),
        )

    def stationary_distribution(self) -> FloatArray:
        """Return the stationary distribution of the chain, (structures,), 0 outside its absorbing class.

        For logit schedules that is the share of slow steps spent in each structure in the long run.  Its entries have
        a small relative error each, however small they are.  With open acceptance and cost 0 it is Gibbs' distribution
        P(π) ∝ exp(Φ(π)/temperature), Φ the sum of the potentials of the coalitions (see the improvement graph).

        Raises
        ------
        InputError
            If there is more than one absorbing class, or one of more than 4200 structures (as with logit and more than
            8 agents), or a temperature so low that probabilities vanish in floating point.

        Notes
        -----
        O(k³) for a class of k structures: some seconds for 8 agents.

        References
        ----------
        Grassmann, Taksar and Heyman 1985; O'Cinneide 1993.

        Examples
        --------
        >>> from numerics.schedules import logit
        >>> model = Model(opinions=[0.0, 2.0], performance="-u**2")
        >>> chain = markov_chain(model, logit(1.0))
        >>> share = chain.stationary_distribution()
        >>> bool(abs(share[0] / share[1] - np.e) < 1e-14)  # joining the other gains 1
        True
        """
        classes = self.absorbing_classes
        if len(classes) > 1:
            advice = "use hitting_probabilities()"
            if isinstance(self.schedule, Logit):
                advice = "raise the temperature: some chances of a move vanish in floating point"
            raise InputError("schedule", self.schedule, f"has {len(classes)} absorbing classes", advice)
        states = classes[0]
        if len(states) > MAX_DENSE:
            problem = f"makes {len(states)} structures come back, too many to solve for"
            raise InputError("schedule", self.schedule, problem, "use at most 8 agents, or simulate runs")
        share = np.zeros(self.n_structures)
        inside = self.transitions[states][:, states].toarray()
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            visits = inside[0, 1:] @ fundamental_matrix(inside[1:, 1:], inside[1:, 0]) if len(states) > 1 else []
            share[states] = np.concatenate([[1.0], visits])
            share /= share.sum()
        if not np.isfinite(share).all():
            problem = "makes chances of a move so small that they vanish in floating point"
            raise InputError("schedule", self.schedule, problem, "raise the temperature")
        return share

    # How it is solved.

    @property
    def _rows(self) -> tuple[Any, Any, Any]:
        return self.transitions.indptr, self.transitions.indices, self.transitions.data

    @cached_property
    def _stretches(self) -> list[tuple[IntArray, bool]]:
        """All states in topological order, cut into knots, transient components of several states, and the rest."""
        order = np.argsort(self._component, kind="stable")[::-1].astype(np.int64)
        sizes = np.bincount(self._component)[::-1]
        ends = np.cumsum(sizes)
        is_knot = (sizes > 1) & ~self._closed[::-1]
        return list(_cut(order, (ends - sizes)[is_knot].tolist(), ends[is_knot].tolist()))

    def _within(self, states: IntArray) -> tuple[FloatArray, FloatArray]:
        """The transitions within a component, dense, and the probability of leaving it from each of its states."""
        rows = self.transitions[states]
        leaving = self._component[rows.indices] != self._component[states[0]]
        row = np.repeat(np.arange(len(states)), np.diff(rows.indptr))
        chances: FloatArray = np.bincount(row, rows.data * leaving, len(states)).astype(np.float64)
        return rows[:, states].toarray(), chances

    def _sweeps(self, states: IntArray) -> int:
        """How often a component may be swept."""
        edges = int(np.diff(self.transitions.indptr)[states].sum())
        return max(1, MAX_WORK // edges)

    def _solved(self, start: Structure | None) -> Absorption:
        found = self.absorption(start)
        if found.status != SOLVED:
            problem = f"leaves {found.unresolved:.2g} of the probability unresolved: structures come back too often"
            raise InputError("schedule", self.schedule, problem, "read the bounds from absorption(start)")
        return found

    def _refuse_logit(self) -> None:
        if isinstance(self.schedule, Logit):
            problem = "never stops: every accepted move has a chance"
            raise InputError("schedule", self.schedule, problem, "use stationary_distribution()")

    def _residual(self, values: FloatArray) -> float:
        """The largest |X - P X|, X the probabilities and, in the last column, the expected moves to their greatest."""
        transient = ~self._closed[self._component]
        expected = self.transitions @ values
        expected[:, -1] += 1.0
        misses = np.max(np.abs(values - expected)[transient], axis=0, initial=0.0)
        misses[-1] /= max(1.0, float(values[:, -1].max()))
        return float(misses.max())

    def _guarantee(self, balance: str, unresolved: float) -> str:
        text = f"all {self.n_structures} structures are enumerated, and {balance}"
        return f"{text}; at most {unresolved:.1g} of the probability is unresolved" if unresolved > 0 else text


def markov_chain(model: Model, schedule: Schedule = "random") -> MarkovChain:
    """Return the Markov chain of a schedule on the structures of at most 11 agents, at the opinions as they are.

    Parameters
    ----------
    model : Model with concrete opinions; its cost may differ between agents, not between numbered coalitions.
    schedule : "random", "best response", "largest gain" or `logit(temperature)`.

    Raises
    ------
    InputError
        For "round robin", which remembers whose turn it is, and as `improvement_graph`.

    Notes
    -----
    O(n² Bell(n)); 500 MB for 11 agents if every move is admissible.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="-u**2", switching_cost=0.05)
    >>> chain = markov_chain(model, "best response")
    >>> chain.transitions.nnz, len(chain.absorbing_classes), round(chain.expected_moves(), 12)
    (8, 1, 2.166666666667)
    """
    code, temperature = schedule_code(schedule)
    if code == codes.ROUND_ROBIN:
        problem = "remembers whose turn it is, so that the structure alone is no Markov chain"
        advice = 'use "random", "best response", "largest gain" or logit(temperature)'
        raise InputError("schedule", schedule, problem, advice)
    structures, starts, targets, weights = moves_between(model, code, temperature)
    component, closed = components_of(starts, targets)
    return MarkovChain(
        n_agents=model.n_agents,
        structures=structures,
        schedule=schedule,
        transitions=sparse_rows(starts, targets, weights),
        absorbing_classes=classes_of(component, closed),
        _component=component,
        _closed=closed,
    )


def fundamental_matrix(between: FloatArray, leaving: FloatArray) -> FloatArray:
    """Return N = (I - Q)^{-1}, the expected numbers of visits, without a subtraction.

    The states are halved into a and b.  From a, the chain watched in a only moves by Q_aa + Q_ab N_b Q_ba and leaves
    with probability r_a + Q_ab N_b r_b; N_b counts the visits to b before b is left, for a or for good.

    Parameters
    ----------
    between : (k, k) probabilities Q of moving; the diagonal is not used.
    leaving : (k,) probabilities r of leaving, with Σ_j Q[i, j] + r[i] = 1 over all j: 1 - Q[i, i] is the rest of them.

    Notes
    -----
    O(k³), nearly all of it in products of non-negative matrices: each entry has a relative error of some k roundings.

    References
    ----------
    Grassmann, Taksar and Heyman 1985; O'Cinneide 1993.

    Examples
    --------
    >>> fundamental_matrix(np.array([[0.0, 1.0], [0.5, 0.0]]), np.array([0.0, 0.5])).tolist()
    [[2.0, 2.0], [1.0, 2.0]]
    """
    k = len(leaving)
    if k == 1:
        return np.asarray(1.0 / leaving.reshape(1, 1))
    a, b = slice(0, k // 2), slice(k // 2, k)
    visits_b = fundamental_matrix(between[b, b], leaving[b] + between[b, a].sum(axis=1))
    excursion = between[a, b] @ visits_b  # visits to b after one step out of a
    visits_a = fundamental_matrix(between[a, a] + excursion @ between[b, a], leaving[a] + excursion @ leaving[b])
    into_a = visits_b @ between[b, a]
    visits = np.empty((k, k))
    visits[a, a] = visits_a
    visits[a, b] = visits_a @ excursion
    visits[b, a] = into_a @ visits_a
    visits[b, b] = visits_b + into_a @ visits[a, b]
    return visits


def _cut(order: IntArray, firsts: list[int], ends: list[int]) -> Iterator[tuple[IntArray, bool]]:
    """The states before, in and after each knot; knots are at firsts[i]:ends[i]."""
    done = 0
    for first, end in zip(firsts, ends, strict=True):
        if first > done:
            yield order[done:first], False
        yield order[first:end], True
        done = end
    if done < len(order):
        yield order[done:], False


def _status(unresolved: float) -> str:
    return SOLVED if unresolved <= 1e-12 else WORK_LIMIT
