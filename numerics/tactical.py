"""Many tactical steps in one structure: the influence inside coalitions, laid out once for fast steps.

    x(t) = W(π)^t x(0),   or   x(t+1) = (1-s) W(π) x(t) + s x(0) for stubborn agents.

`numerics.kernels.tactical` describes the layout.  As coalitions do not listen to each other, each is taken through
all the steps at once, while its opinions and its edges are in the cache of a processor.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import opinions_like
from numerics.influence import General, Network
from numerics.kernels import tactical as kernel
from numerics.model import Model
from numerics.parallel import on_threads, shares_of
from numerics.partitions import Structure, labels_of
from numerics.validation import integer

FloatArray = NDArray[np.float64]

UNEVEN = 1.25  # share of the work of one thread, relative to an even one, beyond which large coalitions are divided


@dataclass(frozen=True, eq=False)
class TacticalOperator:
    """The tactical steps of a model in a structure; made by `tactical_operator`.

    Attributes
    ----------
    order : (n,) agents in the order of the layout: coalition after coalition.
    starts : (K+1,) where the coalitions begin in `order`.
    threads : number of threads at most; the result has the same bits for any number.
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    threads: int
    _layout: _Layout | _Means
    _stubbornness: FloatArray  # (n,) in order, or (0,)
    _innate: FloatArray  # (d, n) in order, or (d, 0)

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return len(self.order)

    @property
    def nbytes(self) -> int:
        """Bytes that one step of scalar opinions has to move: the layout, and the opinions in and out."""
        return self._layout.nbytes + self.order.nbytes + 16 * self.n_agents

    def step(self, opinions: FloatArray) -> FloatArray:
        """Return the opinions, (n,) or (n, d), after one step, as `numerics.consensus.degroot_step` does."""
        return self.steps(opinions, 1)

    def steps(self, opinions: FloatArray, t: int) -> FloatArray:
        """Return the opinions, (n,) or (n, d), after t steps.

        O(t d (n + edges inside coalitions)).
        """
        x = opinions_like(opinions, self.n_agents, self._innate)
        t = integer(t, "t", "steps", 0)
        if t == 0:
            return x
        columns = x.reshape(self.n_agents, -1)
        out = np.empty_like(columns)
        work = self._layout.work(self.starts)
        parts = shares_of(work, self.threads)
        heaviest = max(int(work[last] - work[first]) for first, last in parts)
        if isinstance(self._layout, _Layout) and heaviest * len(parts) > UNEVEN * int(work[-1]):
            self._steps_by_rows(self._layout, columns, t, out)
            return out.reshape(x.shape)
        innate = self._innate if len(self._stubbornness) else np.empty((columns.shape[1], 0))
        rest = (t, self.order, self.starts, self._stubbornness, innate, columns, out)
        on_threads(self._layout.run, parts, *rest)
        return out.reshape(x.shape)

    def _steps_by_rows(self, layout: _Layout, x: FloatArray, t: int, out: FloatArray) -> None:
        """Divide the agents among the threads in every step: for a coalition that outweighs the others."""
        parts = shares_of(layout.offsets, self.threads)
        for q in range(x.shape[1]):
            now, then = x[self.order, q], np.empty(self.n_agents)
            innate = self._innate[q] if len(self._stubbornness) else np.empty(0)
            for _ in range(t):
                on_threads(layout.step_groups, parts, self.starts, self._stubbornness, innate, now, then)
                now, then = then, now
            out[self.order, q] = now


@dataclass(frozen=True, eq=False)
class _Layout:
    """A graph, laid out; arrays as `numerics.kernels.tactical` names them."""

    first_group: NDArray[np.int64]
    offsets: NDArray[np.int64]
    near: NDArray[np.uint16] | NDArray[np.uint32]
    shares: FloatArray
    scale: FloatArray

    @property
    def nbytes(self) -> int:
        return self.offsets.nbytes + self.near.nbytes + self.shares.nbytes + self.scale.nbytes

    def work(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """(K+1,) agents and edges before each coalition."""
        return starts + self.offsets[self.first_group]

    def run(
        self, first: int, last: int, t: int, order: NDArray[np.int64], starts: NDArray[np.int64], *rest: FloatArray
    ) -> None:
        layout = (self.first_group, self.offsets, self.near, self.shares, self.scale)
        kernel.steps(first, last, t, order, starts, *layout, *rest, np.empty((2, int(np.diff(starts).max()))))

    def step_groups(self, lowest: int, highest: int, starts: NDArray[np.int64], *rest: FloatArray) -> None:
        layout = (self.first_group, self.offsets, self.near, self.shares, self.scale)
        kernel.step_groups(lowest, highest, starts, *layout, *rest)


@dataclass(frozen=True, eq=False)
class _Means:
    """Influence that is the same for all members: x ← x + rate (weighted mean - x)."""

    weights: FloatArray  # (n,) in order
    rate: float

    @property
    def nbytes(self) -> int:
        return self.weights.nbytes

    def work(self, starts: NDArray[np.int64]) -> NDArray[np.int64]:
        """(K+1,) agents before each coalition."""
        return starts

    def run(
        self, first: int, last: int, t: int, order: NDArray[np.int64], starts: NDArray[np.int64], *rest: FloatArray
    ) -> None:
        buffers = np.empty((2, int(np.diff(starts).max())))
        kernel.mean_steps(first, last, t, order, starts, self.weights, self.rate, *rest, buffers)


def tactical_operator(model: Model, structure: Structure, threads: int | None = None) -> TacticalOperator:
    """Lay out the influence inside coalitions once, for many tactical steps.

    Parameters
    ----------
    model : Model; its opinions matter as innate opinions of stubborn agents only.
    structure : coalition structure.
    threads : number of threads at most, all cores unless given.

    Returns
    -------
    TacticalOperator
        With ``step(opinions)`` and ``steps(opinions, t)``.

    Raises
    ------
    InputError
        If the structure is none.

    Notes
    -----
    O(n log n + edges), as much as a few tens of steps.  Where the neighbours of every agent weigh the same a step
    reads 2 bytes for each edge inside a coalition of up to 65,536 agents (4 in a larger one), otherwise 8 more.

    Examples
    --------
    >>> from numerics.influence import network
    >>> path = Model([0.0, 1.0, 5.0], "u", influence=network([[0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> operator = tactical_operator(path, [[0, 1], [2]])
    >>> operator.step(path.opinions).tolist()
    [0.5, 0.5, 5.0]
    """
    labels = labels_of(structure, model.n_agents)
    threads = os.cpu_count() or 1 if threads is None else integer(threads, "threads", "threads", 1)
    starts = np.empty(int(labels.max()) + 2, dtype=np.int64)
    order = np.empty(model.n_agents, dtype=np.int64)
    kernel.by_coalition(labels, starts, order)
    graph = model.influence
    layout: _Layout | _Means
    if isinstance(graph, (Network, General)):
        layout = _laid_out(graph, labels, starts, order)
    else:
        layout = _Means(model.weights[order], 1.0 - graph.contraction)
    stubbornness, innate = np.empty(0), np.empty((0, 0))
    if model.is_stubborn:
        stubbornness = model.stubbornness[order]
        innate = np.ascontiguousarray(model.innate.reshape(model.n_agents, -1)[order].T)
    return TacticalOperator(order, starts, threads, layout, stubbornness, innate)


def _laid_out(
    graph: Network | General, labels: NDArray[np.int64], starts: NDArray[np.int64], order: NDArray[np.int64]
) -> _Layout:
    """Sort `order` inside coalitions, in place, and lay the graph out in it."""
    n = len(order)
    narrow = labels.astype(np.uint32)
    rows = (graph.indptr, graph.indices, graph.data, graph.unit)
    count, volume = np.empty(n, dtype=np.int64), np.empty(n)
    same = kernel.neighbours(narrow, *rows, count, volume)
    kernel.sort_windows(starts, count, order)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    sizes = np.diff(starts)
    groups = int(((sizes + kernel.LANES - 1) // kernel.LANES).sum())
    first_group, offsets = np.empty(len(starts), dtype=np.int64), np.empty(groups + 1, dtype=np.int64)
    kernel.group_offsets(starts, count, order, first_group, offsets)
    entries = int(offsets[-1])
    near: Any = np.empty(entries, dtype=np.uint16 if sizes.max() <= 2**16 else np.uint32)
    shares, scale = np.empty(0 if same else entries), np.empty(n)
    kernel.lay_out(narrow, *rows, starts, order, place, volume, first_group, offsets, near, shares, scale)
    return _Layout(first_group, offsets, near, shares, scale)
