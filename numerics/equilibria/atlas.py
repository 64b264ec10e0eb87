"""The atlas: every coalition structure, its critical value and its surplus, without keeping them.

A structure π is stable at the switching cost κ iff κ ≥ κ*(π), the largest of the entries of its coalitions and pairs
of coalitions (`numerics.equilibria.tables`).  So κ* takes at most as many values as there are entries, about 3^n/2,
however many structures there are, and statistics for each value make up the exact bifurcation diagram in the cost: how
many structures are stable at κ, with how much surplus at most and at least, and an example of each.

The same with the number in the rule of acceptance in place of the cost: π is stable iff the threshold α is beyond a
critical one, above which no move that pays is accepted any more, or the radius or the capacity below one.

Results: S6 and S8 (critical costs), S11 (structures that are stable at every cost).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import At
from numerics.equilibria.tables import Tables, coalition_tables
from numerics.kernels import atlas as kernel
from numerics.kernels import codes
from numerics.kernels.ties import TIE
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.parallel import on_threads, shares_of
from numerics.partitions import coalitions_of
from numerics.validation import integer, number
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Labels = NDArray[np.uint8]

EXAMPLES = ("most surplus", "least surplus", "fewest coalitions")  # by the kernel's number


@dataclass(frozen=True, eq=False)
class Atlas:
    """Statistics of all coalition structures, by their critical value.

    Attributes
    ----------
    n_agents, n_structures : n, and the Bell number of n.
    at : "opinions" as they are, or every coalition at its "consensus".
    parameter : "switching_cost", "acceptance.threshold", "acceptance.radius" or "acceptance.members".
    thresholds : (R,) the different critical values, increasing.  A structure is stable at the cost κ iff κ ≥ its
        critical cost; at the threshold α iff α > its critical threshold.  The radius r and the capacity count with the
        opposite sign here: stable iff -r > its critical value.  -inf if no move is ever admissible, inf if one is at
        every value.
    counts : (R,) number of structures with that critical value.
    most, least : (R,) their largest and smallest surplus.
    fewest : (R,) the smallest number of coalitions among them.
    tables : the tables that all of it comes from.
    """

    n_agents: int
    at: At
    parameter: str
    thresholds: FloatArray
    counts: IntArray
    most: FloatArray
    least: FloatArray
    fewest: IntArray
    _examples: Labels = field(repr=False)
    _model: Model = field(repr=False)
    tables: Tables = field(repr=False)

    @property
    def n_structures(self) -> int:
        """Number of coalition structures, the Bell number of n."""
        return int(self.counts.sum())

    @property
    def tolerance(self) -> float:
        """The tolerance of ties at the model's own cost."""
        return self.tables.tolerance()

    @property
    def optimum(self) -> float:
        """Largest surplus of any structure, stable or not."""
        return float(self.most.max())

    @property
    def least_stable_cost(self) -> float:
        """Smallest cost at which some structure is stable.

        Raises
        ------
        InputError
            If the atlas is one of thresholds of acceptance.
        """
        if self.parameter != "switching_cost":
            advice = "make an atlas in the switching cost, or read its thresholds"
            raise InputError("parameter", self.parameter, "is no cost", advice)
        return float(self.thresholds[0])

    def n_stable(self, value: float) -> int:
        """Return how many structures are stable at a cost (or threshold).

        Examples
        --------
        >>> found = atlas(Model(opinions=[0.0, 1.0, 3.0], performance="-u**2"))
        >>> found.n_structures, found.n_stable(0.0), found.n_stable(10.0)
        (5, 1, 5)
        """
        return int(self.counts[: self._reached(value)].sum())

    def best_surplus(self, value: float) -> float:
        """Return the largest surplus of a stable structure, NaN without any."""
        reached = self._reached(value)
        return float(self.most[:reached].max()) if reached else np.nan

    def worst_surplus(self, value: float) -> float:
        """Return the smallest surplus of a stable structure, NaN without any."""
        reached = self._reached(value)
        return float(self.least[:reached].min()) if reached else np.nan

    def price_of_anarchy(self, value: float) -> float:
        """Return how much larger the optimum is than the worst stable surplus, as a ratio of at least 1.

        Optimum / worst for surpluses above 0, worst / optimum below 0 (where they count as costs), NaN if there is no
        stable structure or the signs differ.
        """
        return _price(self.optimum, self.worst_surplus(value))

    def price_of_stability(self, value: float) -> float:
        """Return the same for the best stable surplus."""
        return _price(self.optimum, self.best_surplus(value))

    def example(self, objective: str, value: float) -> list[list[int]] | None:
        """Return a structure stable at a cost (or threshold) that is extreme among those; None without any.

        Parameters
        ----------
        objective : "most surplus", "least surplus" or "fewest coalitions"; "any" for one stable at the least cost.

        Examples
        --------
        >>> found = atlas(Model(opinions=[0.0, 1.0, 3.0], performance="-u**2"))
        >>> found.example("most surplus", 0.0), found.example("least surplus", 10.0)
        ([[0, 1, 2]], [[0], [1], [2]])
        """
        if objective not in (*EXAMPLES, "any"):
            known = ", ".join(map(repr, ("any", *EXAMPLES)))
            raise InputError("objective", objective, "is not an objective", f"use one of {known}")
        reached = self._reached(value)
        if not reached:
            return None
        if objective == "any":
            return coalitions_of(self._examples[0, 0].astype(np.int64))
        row, kind = {
            "most surplus": (int(np.argmax(self.most[:reached])), 0),
            "least surplus": (int(np.argmin(self.least[:reached])), 1),
            "fewest coalitions": (int(np.argmin(self.fewest[:reached])), 2),
        }[objective]
        return coalitions_of(self._examples[row, kind].astype(np.int64))

    def _reached(self, value: float) -> int:
        """How many of the critical values leave a structure stable at a value of the parameter."""
        if isinstance(value, float) and value == np.inf and self.parameter == "switching_cost":
            return len(self.thresholds)
        value = number(value, "cost" if self.parameter == "switching_cost" else "threshold")
        if self.parameter == "switching_cost":
            return int(np.searchsorted(self.thresholds, value + self.tables.tolerance(value), side="right"))
        level, margin = level_of(self._model, value, self.tolerance)
        return int(np.searchsorted(self.thresholds, level - margin, side="left"))


@dataclass(frozen=True, eq=False)
class StableStructures:
    """Structures in the order of their critical cost.

    Attributes
    ----------
    labels : (m, n) one label per agent.
    critical_costs : (m,) κ* of each.
    surpluses : (m,) Σ v(C) of each.
    """

    labels: Labels
    critical_costs: FloatArray
    surpluses: FloatArray

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, position: int) -> list[list[int]]:
        return coalitions_of(self.labels[position].astype(np.int64))


def atlas(
    model: Model, at: At = "opinions", parameter: str = "switching_cost", samples: int = 0, threads: int = 0
) -> Atlas:
    """Walk through all coalition structures of at most 14 agents.

    Parameters
    ----------
    model : Model with concrete opinions; costs may differ between agents (κ is then the base that they share).
    at : moves at the opinions as they are, or with every coalition at its consensus.
    parameter : what structures are compared in: "switching_cost", or the number in the model's rule of acceptance,
        "acceptance.threshold", "acceptance.radius" or "acceptance.members".
    samples : pairs of random orders for payoffs that have no closed form and no table; 0 to refuse them.
    threads : number of threads, all cores if 0.  The result has the same bits for any number.

    Raises
    ------
    InputError
        For more agents, drawn opinions, or costs of numbered coalitions.

    Notes
    -----
    Bell(n) steps of a few comparisons, after the tables of 3^n entries: 27.6 million structures for n = 13, 190.9
    million for n = 14.  Memory O(3^n) for each thread, whatever the number of structures: 180 MB for n = 14.

    Examples
    --------
    Only unanimity is stable at a small cost once coalitions have reached consensus, and everything at a large one:

    >>> found = atlas(Model(opinions=[0.0, 1.0, 3.0], performance="-u**2"), at="consensus")
    >>> [found.n_stable(cost) for cost in (0.01, 0.5, 2.0, 2.3, 5.0)]
    [1, 2, 3, 4, 5]
    """
    threads = integer(threads, "threads", "threads", 0) or os.cpu_count() or 1
    tables = coalition_tables(model, at, parameter, samples, threads)
    distinct, single, pair = _ranks(tables)
    n, parts = tables.n_agents, _parts(tables.n_agents, threads)
    each = {first: _blank(len(distinct), n) for first, _ in parts}

    def part(first: int, last: int) -> None:
        statistics, examples = each[first]
        kernel.walk(
            first, last, n, single, pair, tables.ternary, tables.values, np.int32(len(distinct)), statistics, examples,
            None, None, None,
        )  # fmt: skip

    on_threads(part, parts)
    (statistics, examples), *rest = each.values()
    for more, others in rest:
        _merge(statistics, examples, more, others)
    attained = np.flatnonzero(statistics[:, kernel.COUNT])
    rows = statistics[attained]
    return Atlas(
        n, at, parameter, distinct[attained], rows[:, kernel.COUNT].astype(np.int64), rows[:, kernel.MOST].copy(),
        rows[:, kernel.LEAST].copy(), rows[:, kernel.FEWEST].astype(np.int64), examples[attained], model, tables,
    )  # fmt: skip


def stable_structures(
    model: Model, cost: float | None = None, at: At = "opinions", most: int = 1_000_000, samples: int = 0
) -> StableStructures:
    """List the coalition structures that are stable at a switching cost, the model's own unless given.

    Parameters
    ----------
    model, at, samples : as in `atlas`.
    cost : κ; inf for all structures.
    most : number of structures to be kept at most, n + 12 bytes each.

    Raises
    ------
    InputError
        If there are more; the message says how many.

    Notes
    -----
    Parts of structures that are not stable already are passed over.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 0.1, 3.0], performance="-u**2", switching_cost=1.0)
    >>> [stable_structures(model, at="consensus")[k] for k in range(2)]
    [[[0, 1, 2]], [[0, 2], [1]]]
    """
    tables = coalition_tables(model, at, samples=samples)
    value = tables.base if cost is None else cost
    if not (isinstance(value, float) and value == np.inf):
        value = number(value, "cost")
        value += tables.tolerance(value)
    return listed(tables, value, most)


def listed(tables: Tables, value: float, most: int) -> StableStructures:
    """List the structures whose critical value is at most `value`, in increasing order; `most` of them at most."""
    most = integer(most, "most", "structures", 1)
    distinct, single, pair = _ranks(tables)
    limit = np.int32(np.searchsorted(distinct, value, side="right") - 1)
    n, size = tables.n_agents, min(most, 4096)
    while True:
        kept, ranks, surpluses = np.empty((size, n), np.uint8), np.empty(size, np.int32), np.empty(size)
        count = kernel.walk(
            0, 1 << n - 1, n, single, pair, tables.ternary, tables.values, limit, None, None, kept, ranks, surpluses
        )
        if count > most:
            advice = f"ask for most={count}, a lower cost, or use atlas(model), which counts them"
            raise InputError("most", most, f"is fewer than the {count} structures that are stable", advice)
        if count <= size:
            order = np.argsort(ranks[:count], kind="stable")
            return StableStructures(kept[order], distinct[ranks[order]], surpluses[order])
        size = count


def _ranks(tables: Tables) -> tuple[FloatArray, NDArray[np.int32], NDArray[np.int32]]:
    """The different entries in increasing order, from -inf, and the rank of each."""
    entries = np.concatenate([tables.single, tables.pair])
    ranks, distinct = np.empty(len(entries), dtype=np.int32), np.empty(len(entries) + 1)
    count = kernel.ranks_of(entries, np.argsort(entries), ranks, distinct)
    return distinct[:count], ranks[: len(tables.single)], ranks[len(tables.single) :]


def _blank(ranks: int, n: int) -> tuple[FloatArray, Labels]:
    statistics = np.empty((ranks, 4))
    statistics[:] = 0.0, -np.inf, np.inf, n + 1
    return statistics, np.zeros((ranks, 3, n), dtype=np.uint8)


def _merge(statistics: FloatArray, examples: Labels, more: FloatArray, others: Labels) -> None:
    """Add statistics of later structures to those of earlier ones; of equal structures the earlier stays."""
    statistics[:, kernel.COUNT] += more[:, kernel.COUNT]
    better = {
        kernel.MOST: more[:, kernel.MOST] > statistics[:, kernel.MOST],
        kernel.LEAST: more[:, kernel.LEAST] < statistics[:, kernel.LEAST],
        kernel.FEWEST: more[:, kernel.FEWEST] < statistics[:, kernel.FEWEST],
    }
    for kind, (column, rows) in enumerate(better.items()):
        statistics[rows, column] = more[rows, column]
        examples[rows, kind] = others[rows, kind]


def _parts(n: int, threads: int) -> list[tuple[int, int]]:
    """Ranges of the coalition of agent 0 with about as many structures each, none of them empty."""
    bell = bell_numbers(n)
    work = [bell[n - 1 - others.bit_count()] for others in range(1 << n - 1)]
    shares = shares_of(np.concatenate([[0], np.cumsum(work)]), threads)
    return [(first, last) for first, last in shares if last > first]


def bell_numbers(n: int) -> list[int]:
    """Return the numbers of coalition structures of 0 .. n agents, by the triangle of Peirce.

    Examples
    --------
    >>> bell_numbers(5)
    [1, 1, 2, 5, 15, 52]
    """
    row, numbers = [1], [1]
    for _ in range(n):
        numbers.append(row[-1])
        following = [row[-1]]
        for entry in row:
            following.append(following[-1] + entry)
        row = following
    return numbers


def level_of(model: Model, threshold: float, tolerance: float) -> tuple[float, float]:
    """A threshold as the level that moves are compared with, and the tolerance of that comparison."""
    if model.acceptance.code == codes.CAPACITY:
        return -threshold, 0.0
    if model.acceptance.code == codes.BOUNDED_CONFIDENCE:
        return -threshold, TIE * float(np.max(np.abs(concrete_opinions(model))))
    return threshold, tolerance


def _price(optimum: float, surplus: float) -> float:
    if np.isnan(surplus) or optimum * surplus <= 0:
        return np.nan
    return optimum / surplus if optimum > 0 else surplus / optimum
