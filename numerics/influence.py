"""Influence: who listens to whom inside a coalition.

| family | W_C | consensus of S |
|---|---|---|
| uniform | 11ᵀ/k | mean of x_S, in one step |
| lazy, rate ε | (1-ε)I + ε 11ᵀ/k | mean of x_S, deviations decay as (1-ε)^t |
| adaptive lazy, rate ε_C | (1-ε_C)I + ε_C 11ᵀ/k | the same, ε_C an expression in what has happened so far |
| weighted | 1 a_Cᵀ/a(C) | Σ a_j x_j / a(S), in one step |
| network, A symmetric | A_ij / Σ_{k∈C} A_ik | Σ d_j x_j / Σ d_j on a connected S, d_j = Σ_{k∈S} A_jk |
| general, A row-stochastic | A_ij / Σ_{k∈C} A_ik | w_Sᵀ x_S, w_S the left Perron vector, if S has one closed class |

The first four are described by two things: the weights of the consensus, and the factor by which one tactical
step shrinks the deviations from it.  The last two are a matrix A, held as compressed sparse rows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from numerics.adaptation import at_start, check_adaptation, depends_on_size_at_start, depends_on_time
from numerics.coefficients import slow_share_program
from numerics.expressions import FloatArray, IntArray, compile_threshold
from numerics.graphs import rows_of
from numerics.kernels import graphs as kernel
from numerics.validation import MAX_WEIGHT, number, vector
from theory.errors import InputError


@dataclass(frozen=True)
class Uniform:
    """Every member listens to every member equally."""

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 0, consensus at once."""
        return 0.0


@dataclass(frozen=True)
class Lazy:
    """Every member moves the fraction `rate` of the way to the mean of its coalition."""

    rate: float

    def __post_init__(self) -> None:
        rate = number(self.rate, "influence.rate", "give a rate such as 0.5")
        if not 0 < rate <= 1:
            raise InputError("influence.rate", self.rate, "is not in (0, 1]", "give a rate such as 0.5")
        object.__setattr__(self, "rate", rate)

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 1 - rate."""
        return 1.0 - self.rate


@dataclass(frozen=True)
class AdaptiveLazy:
    """Every member moves the fraction ε_C of the way to the mean; ε_C depends on what has happened to the coalition.

    Attributes
    ----------
    rate : expression in ``entries`` and ``exits`` of the coalition since the run began or it was founded, ``moves`` of
        all agents, ``steps`` (slow steps so far) and ``s``, the size of the coalition.
    memory : factor in [0, 1] by which entries, exits and moves shrink before each slow step; 1 forgets nothing.
    lowest : in (0, 1]; rates are clipped to [lowest, 1], so that every coalition comes to consensus.
    """

    rate: Expr
    memory: float = 1.0
    lowest: float = 0.01

    def __post_init__(self) -> None:
        rate, memory = check_adaptation(self.rate, self.memory, "influence.rate", "influence.memory")
        lowest = number(self.lowest, "influence.lowest", "give a rate such as 0.01")
        if not 0 < lowest <= 1:
            raise InputError("influence.lowest", self.lowest, "is not in (0, 1]", "give a rate such as 0.01")
        for name, value in (("rate", rate), ("memory", memory), ("lowest", lowest)):
            object.__setattr__(self, name, value)

    @property
    def start(self) -> float:
        """The rate when nothing has happened yet.

        Raises
        ------
        InputError
            If it is not the same for all sizes of coalitions.
        """
        if depends_on_size_at_start(self.rate):
            problem = "depends on the size of the coalition when nothing has happened yet"
            advice = "simulate runs, or use a rate that has no s in it at the start"
            raise InputError("influence.rate", str(self.rate), problem, advice)
        return min(max(at_start(self.rate), self.lowest), 1.0)

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step when nothing has happened yet."""
        return 1.0 - self.start


@dataclass(frozen=True, eq=False)
class Weighted:
    """Every member listens to member j in proportion to its weight a_j > 0."""

    weights: NDArray[np.float64]

    def __post_init__(self) -> None:
        weights = vector(self.weights, "influence.weights", "give one positive number per agent", MAX_WEIGHT)
        for i in np.flatnonzero(weights < 1 / MAX_WEIGHT):
            advice = f"give a weight from {1 / MAX_WEIGHT:g} to {MAX_WEIGHT:g}"
            raise InputError(f"influence.weights[{i}]", float(weights[i]), "is not positive", advice)
        object.__setattr__(self, "weights", weights)

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 0, consensus at once."""
        return 0.0


@dataclass(frozen=True, eq=False)
class _Graph(ABC):
    """A matrix A of who listens to whom, as compressed sparse rows; its diagonal is positive.

    Attributes
    ----------
    indptr : (n+1,) row i has the entries from ``indptr[i]`` to ``indptr[i+1]``.
    indices : (entries,) columns, increasing in each row.
    data : (entries,) weights, positive.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.uint32]
    data: NDArray[np.float64]

    field: ClassVar[str]
    symmetric: ClassVar[bool]

    def __post_init__(self) -> None:
        indptr = np.array(self.indptr, dtype=np.int64)
        indices = np.array(self.indices, dtype=np.uint32)
        data = np.array(self.data, dtype=np.float64)
        _check_form(self.field, indptr, indices, data)
        _check_weights(self.field, indptr, indices, data)
        self._check(indptr, indices, data)
        self.__setstate__({"indptr": indptr, "indices": indices, "data": data})

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        for name in ("indptr", "indices", "data"):
            state[name].flags.writeable = False  # in a copy too

    @abstractmethod
    def _check(self, indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]) -> None:
        """Refuse what this kind of influence is not."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(n_agents={self.n_agents}, entries={len(self.data)})"

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return len(self.indptr) - 1

    @cached_property
    def unit(self) -> float:
        """A power of two; in multiples of it no weight is above 1, so that no weighted sum overflows."""
        return float(2.0 ** -np.frexp(self.data.max())[1])

    @cached_property
    def is_unweighted(self) -> bool:
        """Whether all weights are equal."""
        return bool((self.data == self.data[0]).all())


@dataclass(frozen=True, eq=False, repr=False)
class Network(_Graph):
    """Mutual influence: i and j listen to each other with the same weight A_ij = A_ji; made by `network`."""

    field: ClassVar[str] = "influence.graph"
    symmetric: ClassVar[bool] = True

    def _check(self, indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]) -> None:
        i, j = kernel.symmetrise(indptr, indices, data, ROUNDING)
        if i >= 0:
            there, back = (_entry(indptr, indices, data, *pair) for pair in ((i, j), (j, i)))
            problem = f"is not the weight {back} of [{j}, {i}]"
            raise InputError(f"{self.field}[{i}, {j}]", there, problem, "make both equal, or use general(W)")
        for i in np.flatnonzero(_diagonal(indptr, indices, data) == 0):
            advice = "give every agent some weight on itself, or none any and a self_weight"
            raise InputError(f"{self.field}[{i}, {i}]", 0.0, "is not positive", advice)


@dataclass(frozen=True, eq=False, repr=False)
class General(_Graph):
    """Any influence: i listens to j with the share W_ij; made by `general`."""

    field: ClassVar[str] = "influence.W"
    symmetric: ClassVar[bool] = False

    def _check(self, indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]) -> None:
        for i in np.flatnonzero(_diagonal(indptr, indices, data) == 0):
            advice = "let every agent keep some weight on itself, so that its opinion has a limit"
            raise InputError(f"{self.field}[{i}, {i}]", 0.0, "is not positive", advice)
        sums = np.add.reduceat(data, indptr[:-1])
        for i in np.flatnonzero(~(np.abs(sums - 1) <= ROW_ROUNDING)):
            raise InputError(f"{self.field}[{i}]", float(sums[i]), "is the sum of a row, not 1", "divide the row by it")
        # a row that adds up to 1 as well as floats can stays as it is: what is read again is then the same
        entries = np.diff(indptr)
        sums[np.abs(sums - 1) <= entries * np.finfo(np.float64).eps] = 1.0
        data /= np.repeat(sums, entries)


ROUNDING = 1e-12  # by which mirrored weights may differ, relative to the larger
ROW_ROUNDING = 1e-9  # by which a row of shares may miss 1

Influence = Uniform | Lazy | AdaptiveLazy | Weighted | Network | General


def lazy(rate: float) -> Lazy:
    """Return lazy uniform influence W_S = (1-ε)I + ε 11ᵀ/|S| with ε = `rate` in (0, 1]."""
    return Lazy(rate)


def adaptive_rate(rate: str | float | Expr, memory: float = 1.0, lowest: float = 0.01) -> AdaptiveLazy:
    """Return lazy influence whose rate depends on what has happened so far: x ← x + ε_C (mean of C - x).

    Every coalition C has a rate of its own, computed afresh before each tactical phase.  A phase of T steps moves the
    opinions by it; with a discount ρ the members of C, and who thinks of joining them, reckon with β(ρ, ε_C), ε_C as
    it stands.  For T = ∞ without a discount the rate has no effect.

    Parameters
    ----------
    rate : expression in ``entries``, ``exits``, ``moves``, ``steps`` and ``s``, see `AdaptiveLazy`.
    memory : factor in [0, 1] by which entries, exits and moves shrink before each slow step; 1 forgets nothing.
    lowest : in (0, 1]; rates are clipped to [lowest, 1].

    Raises
    ------
    InputError
        If the expression is no such expression, or not finite when all counts are 0 and s = 1; for a memory not in
        [0, 1] or a lowest rate not in (0, 1].

    Notes
    -----
    What is computed at one moment (gains, payoffs, thresholds, atlas, degroot_step and the like) takes the rate at its
    start, when nothing has happened yet; a rate that then depends on s is refused there.  With a discount, a run goes
    on as long as rates may still change and some move would pay at another rate: while a memory below 1 has not
    forgotten the moves (2⁻⁴⁶ of one left), and for ever if the rate depends on the steps.  Nobody may be stubborn.

    Examples
    --------
    A coalition that slows down when members leave it, and forgets a tenth of that in a step:

    >>> adaptive_rate("0.1 + 0.8*exp(-exits)", memory=0.9)
    AdaptiveLazy(rate=1/10 + 4*exp(-exits)/5, memory=0.9, lowest=0.01)
    """
    return AdaptiveLazy(rate, memory, lowest)


def weighted(weights: Sequence[float] | NDArray[np.float64]) -> Weighted:
    """Return rank-one influence: everyone listens to agent j with weight a_j > 0; consensus Σ a_j x_j / a(S)."""
    return Weighted(weights)  # type: ignore[arg-type]  # made an array when validated


def network(graph: object, self_weight: float = 1.0) -> Network:
    """Return mutual influence along the edges of a network: W_C[i,j] = A_ij / Σ_{k∈C} A_ik, A symmetric.

    Parameters
    ----------
    graph : A, an (n, n) array, nested lists, a scipy.sparse matrix, or a networkx graph, whose nodes are numbered
        in their order and whose edges weigh 1 unless they have a ``weight``.  Weights are positive where there is
        an edge.
    self_weight : weight of every agent on itself, if the whole diagonal is zero, as in a graph without loops.

    Raises
    ------
    InputError
        Naming the entry, if it is no non-negative number, differs from its mirror image by more than rounding,
        or is zero on the diagonal though another is not.

    Notes
    -----
    O(n + edges), in time and in memory, for a sparse matrix.

    Examples
    --------
    >>> path = network([[0, 1, 0], [1, 0, 2], [0, 2, 0]])
    >>> path
    Network(n_agents=3, entries=7)
    >>> path.indices.tolist(), path.data.tolist()
    ([0, 1, 0, 1, 2, 1, 2], [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 1.0])
    """
    field = "influence.self_weight"
    weight = number(self_weight, field, "give a weight such as 1")
    if not 1 / MAX_WEIGHT <= weight <= MAX_WEIGHT:
        raise InputError(field, weight, "is not positive", f"give a weight from {1 / MAX_WEIGHT:g} to {MAX_WEIGHT:g}")
    rows = rows_of(graph, Network.field)
    if not _diagonal(*rows).any():
        indptr, indices, data = rows
        n, size = len(indptr) - 1, len(data) + len(indptr) - 1
        rows = np.empty(n + 1, np.int64), np.empty(size, np.uint32), np.empty(size)
        kernel.with_diagonal(indptr, indices, data, weight, *rows)
    return Network(*rows)


def general(W: object) -> General:
    """Return any influence: agent i listens to agent j with the share W_ij, inside C with W_ij / Σ_{k∈C} W_ik.

    Parameters
    ----------
    W : (n, n) array, nested lists or scipy.sparse matrix of shares; each row adds up to 1, and is divided by its
        sum unless that is 1 up to rounding.  The diagonal is positive: opinions then have a limit in every coalition.

    Raises
    ------
    InputError
        Naming the row that does not add up to 1 within 1e-9, or the entry that is no share or zero on the diagonal.

    Notes
    -----
    O(n + entries), in time and in memory, for a sparse matrix.

    Examples
    --------
    >>> leader = general([[1, 0], [0.25, 0.75]])
    >>> leader.indptr.tolist(), leader.indices.tolist(), leader.data.tolist()
    ([0, 1, 3], [0, 0, 1], [1.0, 0.25, 0.75])
    """
    return General(*rows_of(W, General.field))


def rate_arrays(
    influence: Influence, discount: float | None
) -> tuple[IntArray, FloatArray, float, float, bool, float, IntArray, FloatArray]:
    """Return adaptive rates as `numerics.kernels.rates` takes them; no instructions for other influence."""
    share = slow_share_program()
    patience = -1.0 if discount is None else discount
    rest = patience, share.code, share.registers.copy()
    if not isinstance(influence, AdaptiveLazy):
        return np.empty((0, 3), dtype=np.int64), np.empty(0), 1.0, 1.0, False, *rest
    program, is_timed = compile_threshold(influence.rate), depends_on_time(influence.rate)
    return program.code, program.registers.copy(), influence.memory, influence.lowest, is_timed, *rest


def _check_form(field: str, indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]) -> None:
    """Refuse arrays that are no rows sorted by column; what `rows_of` returns always is."""
    is_form = (
        indptr.ndim == indices.ndim == data.ndim == 1
        and len(indptr) > 1
        and indptr[0] == 0
        and indptr[-1] == len(indices) == len(data)
        and bool((np.diff(indptr) >= 0).all())
        and kernel.first_unsorted(indptr, indices) < 0
    )
    if not is_form:
        advice = "make it by network(graph) or general(W)"
        raise InputError(field, (indptr, indices, data), "are not sorted rows of a sparse matrix", advice)


def _check_weights(
    field: str, indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]
) -> None:
    """Refuse weights that are not finite, not positive, or of a size at which sums lose their meaning."""
    fine = (data >= 1 / MAX_WEIGHT) & (data <= MAX_WEIGHT)
    if fine.all():
        return
    p = int(np.argmin(fine))
    weight = float(data[p])
    problem = "is negative" if weight < 0 else "is too small" if weight < 1 / MAX_WEIGHT else "is too large"
    if not np.isfinite(weight):
        problem = "is not finite"
    i = int(np.searchsorted(indptr, p, side="right")) - 1
    advice = f"give 0 or a weight from {1 / MAX_WEIGHT:g} to {MAX_WEIGHT:g}"
    raise InputError(f"{field}[{i}, {indices[p]}]", weight, problem, advice)


def _diagonal(indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64]) -> NDArray[np.float64]:
    out = np.empty(len(indptr) - 1)
    kernel.diagonal(indptr, indices, data, out)
    return out


def _entry(indptr: NDArray[np.int64], indices: NDArray[np.uint32], data: NDArray[np.float64], i: int, j: int) -> float:
    row = slice(indptr[i], indptr[i + 1])
    return float(data[row][indices[row] == j].sum())
