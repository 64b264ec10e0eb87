"""Fastest consensus: weights on the edges of a graph under which opinions agree soonest.

Agents who listen to their neighbours with symmetric weights W = Wᵀ ≥ 0, W 1 = 1, agree on the mean, and the slowest
mode of disagreement shrinks by slem(W) in each tactical step.  With J = 11ᵀ/n, slem(W) = ‖W - J‖₂, which is convex in
W, so that the best weights are those of a semidefinite program (Boyd, Diaconis and Xiao):

    minimise s   subject to   -s I ⪯ W - J ⪯ s I,    W = I - Σ_e w_e b_e b_eᵀ,   w ≥ 0,   Σ_{e∋i} w_e ≤ 1 - σ,

b_e = e_i - e_j the edge e = {i, j} and σ the least weight of an agent on itself.  Whatever the solver returns, two
numbers are computed here.  The *slem* of weights that are made feasible is an upper bound of the optimum.  The *lower*
bound is weak duality: for symmetric Y with Σ|eigenvalues| ≤ 1 and Y 1 = 0, and z ≥ 0 with
z_i + z_j ≥ b_eᵀ Y b_e on every edge,

    ‖W - J‖₂ ≥ <Y, W - J> = tr Y - Σ_e w_e b_eᵀ Y b_e ≥ tr Y - Σ_i z_i Σ_{e∋i} w_e ≥ tr Y - (1-σ) Σ_i z_i.

Results: T1 (the rate of consensus is slem).

References
----------
S. Boyd, P. Diaconis, L. Xiao, "Fastest mixing Markov chain on a graph", SIAM Review 46:667, 2004; S. Boyd, P. Diaconis,
P. Parrilo, L. Xiao, "Fastest mixing Markov chain on graphs with symmetries", SIAM J. Optim. 20:792, 2009.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from numerics.influence import Network, network
from numerics.programs.solvers import clarabel
from numerics.validation import number, seconds
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_AGENTS = 100  # two matrix inequalities of this order: 3 minutes and 3 GB, growing with n⁶ and n⁴
TOLERANCE = 1e-6  # of slem, to which weights count as the fastest
ROUNDING = 8 * np.finfo(np.float64).eps  # times n²: more than eigenvalues and sums of n² terms of order 1 lose

GUARANTEE = (
    "The slem is recomputed from the weights, which are symmetric and stochastic; no weights on the graph have one "
    "below the lower bound, by weak duality in floating point less a margin for rounding."
)


@dataclass(frozen=True, eq=False)
class FastestConsensus:
    """The fastest weights found on a graph, and how far from the fastest there are they can be.

    Attributes
    ----------
    weights : (n, n) W, symmetric, ≥ 0, positive on edges and the diagonal only, rows sum to 1 up to rounding.
    slem : ‖W - 11ᵀ/n‖₂ of these weights, in [0, 1].
    lower : no weights on this graph have a slem below it.
    dual : (n, n) Y, the matrix of the lower bound; zero if the bound is 0.
    prices : (n,) z, what a unit of each agent's attention is worth in it.
    components : the connected components of the graph; with more than one, no weights bring consensus.
    metropolis : slem of the weights (1-σ) min(1/d_i, 1/d_j).
    maximum_degree : slem of the weights (1-σ)/max d.
    solver : the solver and its version; empty if none was needed.
    status : "optimal" if `gap` is at most 1e-6, otherwise why there are bounds only.
    guarantee : what makes the numbers right.
    """

    weights: FloatArray
    slem: float
    lower: float
    dual: FloatArray
    prices: FloatArray
    components: tuple[tuple[int, ...], ...]
    metropolis: float
    maximum_degree: float
    solver: str
    status: str
    guarantee: str

    def __post_init__(self) -> None:
        for name in ("weights", "dual", "prices"):
            values = np.array(getattr(self, name), dtype=np.float64)
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def gap(self) -> float:
        """How much smaller the slem of other weights could be at most: slem - lower."""
        return max(self.slem - self.lower, 0.0)

    @property
    def rate(self) -> float:
        """1 - slem: lazy uniform influence at this rate is as fast."""
        return 1.0 - self.slem

    @property
    def largest_rate(self) -> float:
        """1 - lower: no weights on this graph are faster."""
        return 1.0 - self.lower


def fastest_consensus(graph: object, self_weight: float = 0.0, time_limit: float | None = None) -> FastestConsensus:
    """Return the symmetric weights on the edges of a graph whose slem is least.

        min ‖W - 11ᵀ/n‖₂   over   W = Wᵀ ≥ 0,  W 1 = 1,  W_ii ≥ σ,  W_ij = 0 where i ≠ j is no edge

    Parameters
    ----------
    graph : who may listen to whom, as `numerics.influence.network` takes it: an (n, n) array, nested lists, a sparse
        matrix or a networkx graph, or a Network.  Only which entries are positive matters; loops are always allowed.
    self_weight : σ in [0, 1), the least weight of every agent on itself; positive for weights that are to be the
        influence of a model, `general(found.weights)`.
    time_limit : seconds for the solver, no limit unless given; bounds reached are returned.

    Raises
    ------
    InputError
        If it is no undirected graph, has more than 100 agents, or a number is out of range.

    Notes
    -----
    Cost O(n⁶) for the two matrix inequalities: a tenth of a second for n = 20, ten for n = 50, some minutes and 3 GB
    for n = 100.  For n = 1 the slem is 0; a graph that is not connected has slem 1 whatever the weights, and the result
    names its components.  Optimal weights need not be unique.

    References
    ----------
    Boyd, Diaconis and Xiao, SIAM Review 46:667, 2004.

    Examples
    --------
    >>> found = fastest_consensus([[0, 1, 0], [1, 0, 1], [0, 1, 0]])  # a path: cos(π/3), 1/2 on each edge
    >>> round(found.slem, 6), found.status, found.weights.round(4).tolist()
    (0.5, 'optimal', [[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]])
    """
    ends, n = _edges(graph)
    sigma = number(self_weight, "self_weight", "give a number in [0, 1), such as 0")
    if not 0 <= sigma < 1:
        raise InputError("self_weight", sigma, "is not in [0, 1)", "give a number such as 0")
    if time_limit is not None:
        time_limit = seconds(time_limit)
    components = _components(ends, n)
    metropolis, maximum_degree = _known_weights(ends, n, sigma)
    if len(components) > 1 or n == 1:
        slem = 1.0 if n > 1 else 0.0
        why = f"The graph has {len(components)} components, which never hear of each other" if n > 1 else "One agent"
        guarantee = f"{why}: the slem is {slem:g} whatever the weights."
        weights, dual = _matrix(metropolis, ends, n), _apart(components, n)
        return FastestConsensus(
            weights, slem, slem, dual, np.zeros(n), components, slem, slem, "", "optimal", guarantee
        )
    answer = _solve(ends, n, sigma, time_limit)
    candidates = [_matrix(_feasible(w, ends, n, sigma), ends, n) for w in answer.weights]
    known = [_matrix(w, ends, n) for w in (metropolis, maximum_degree)]
    slems = [_slem(W) for W in [*known, *candidates]]
    weights, slem = [*known, *candidates][int(np.argmin(slems))], min(slems)
    lower, dual, prices = _lower_bound(answer, ends, n, sigma)
    status = "optimal" if slem - lower <= TOLERANCE else f"bounds only: {answer.status}"
    return FastestConsensus(
        weights, slem, lower, dual, prices, components, slems[0], slems[1], answer.solver, status, GUARANTEE
    )


def _known_weights(ends: IntArray, n: int, sigma: float) -> tuple[FloatArray, FloatArray]:
    """Return the Metropolis weights (1-σ) min(1/d_i, 1/d_j) of the edges, and (1-σ)/max d."""
    degree = np.bincount(ends.ravel(), minlength=n)
    metropolis = (1 - sigma) / degree[ends].max(axis=1, initial=1)
    return metropolis, np.full(len(ends), (1 - sigma) / max(degree.max(), 1))


def _apart(components: tuple[tuple[int, ...], ...], n: int) -> FloatArray:
    """Return the Y that proves slem 1 with z = 0: of the mode that sets one component against the others, if any."""
    mode = np.zeros(n)
    mode[list(components[0])] = 1.0
    mode -= mode.mean()
    size = float(mode @ mode)
    return np.outer(mode, mode) / (size if size > 0 else 1.0)


class _Answer(NamedTuple):
    """What the solver returned, to be repaired: weights of edges, Y and z, each missing if it has none."""

    weights: list[FloatArray]
    dual: FloatArray | None
    prices: FloatArray
    solver: str
    status: str


def _solve(ends: IntArray, n: int, sigma: float, time_limit: float | None) -> _Answer:
    """Solve the program by cvxpy with Clarabel."""
    import cvxpy as cp
    from scipy.sparse import csc_array

    m = len(ends)
    (i, j), column = ends.T, np.arange(m)
    entries = np.concatenate([i * n + i, j * n + j, i * n + j, j * n + i])
    signs = np.repeat([1.0, 1.0, -1.0, -1.0], m)
    laplacian = csc_array((signs, (entries, np.tile(column, 4))), shape=(n * n, m))
    incidence = csc_array((np.ones(2 * m), (np.concatenate([i, j]), np.tile(column, 2))), shape=(n, m))
    w, s = cp.Variable(m, nonneg=True), cp.Variable()
    deviation = np.eye(n) - 1 / n - cp.reshape(laplacian @ w, (n, n), order="F")  # W - J
    above, below = s * np.eye(n) - deviation >> 0, s * np.eye(n) + deviation >> 0
    attention = incidence @ w <= 1 - sigma
    problem = cp.Problem(cp.Minimize(s), [above, below, attention])
    solver = clarabel()
    options = {} if time_limit is None else {"time_limit": float(time_limit)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the answer is inaccurate: how far off it is, is computed
            problem.solve(solver=cp.CLARABEL, **options)
        status = {"user_limit": "reached its time limit"}.get(problem.status, f"says {problem.status}")
        status = f"{solver} {status}"
    except cp.error.SolverError as error:
        return _Answer([], None, np.zeros(n), solver, f"{solver} failed: {error}")
    if w.value is None or any(part.dual_value is None for part in (above, below, attention)):
        return _Answer([], None, np.zeros(n), solver, status)
    return _Answer([w.value], above.dual_value - below.dual_value, attention.dual_value, solver, status)


def _feasible(w: FloatArray, ends: IntArray, n: int, sigma: float) -> FloatArray:
    """Return weights of edges that are ≥ 0, and at most 1 - σ in sum at every agent: an edge gives way at both ends."""
    w = np.maximum(np.nan_to_num(w), 0.0)
    load = np.maximum(np.bincount(ends.ravel(), np.repeat(w, 2), minlength=n) / (1 - sigma), 1.0)
    return w / load[ends].max(axis=1, initial=1.0)


def _matrix(w: FloatArray, ends: IntArray, n: int) -> FloatArray:
    """Return W = I - Σ_e w_e b_e b_eᵀ; the diagonal takes what the edges leave."""
    W = np.zeros((n, n))
    W[ends[:, 0], ends[:, 1]] = W[ends[:, 1], ends[:, 0]] = w
    W[np.diag_indices(n)] = np.maximum(1.0 - W.sum(axis=1), 0.0)
    return W


def _slem(W: FloatArray) -> float:
    """Return ‖W - 11ᵀ/n‖₂, at most 1 for a stochastic W."""
    return float(min(np.abs(np.linalg.eigvalsh(W - 1 / len(W))).max(), 1.0))


def _lower_bound(answer: _Answer, ends: IntArray, n: int, sigma: float) -> tuple[float, FloatArray, FloatArray]:
    """Make the solver's Y and z feasible, and return tr Y - (1-σ) Σ z less a margin for rounding, Y and z."""
    nothing = 0.0, np.zeros((n, n)), np.zeros(n)
    if answer.dual is None or not np.isfinite(answer.dual).all():
        return nothing
    Y = answer.dual - answer.dual.mean(axis=0)
    Y -= Y.mean(axis=1)[:, None]
    Y = (Y + Y.T) / 2
    size = np.abs(np.linalg.eigvalsh(Y)).sum()
    if size == 0:
        return nothing
    Y /= size
    z = np.maximum(np.nan_to_num(answer.prices) / size, 0.0)
    i, j = ends.T
    stretch = Y[i, i] + Y[j, j] - 2 * Y[i, j]
    for (a, b), least in zip(ends.tolist(), stretch.tolist(), strict=True):
        missing = max(least - z[a] - z[b], 0.0) / 2
        z[a] += missing
        z[b] += missing
    margin = ROUNDING * n**2 * (1 + z.sum())
    lower = float(np.trace(Y) - (1 - sigma) * z.sum() - margin)
    return (lower, Y, z) if lower > 0 else nothing


def _edges(graph: object) -> tuple[IntArray, int]:
    """Return the edges i < j of an undirected graph, (m, 2), and the number of agents."""
    try:
        rows = graph if isinstance(graph, Network) else network(graph)
    except InputError as error:
        raise InputError(error.field.removeprefix("influence."), error.given, error.problem, error.advice) from None
    n = rows.n_agents
    if n > MAX_AGENTS:
        advice = f"use at most {MAX_AGENTS}, or the weights min(1/d_i, 1/d_j) (Metropolis), d the degrees"
        raise InputError("graph", n, "agents are too many for the semidefinite program", advice)
    i = np.repeat(np.arange(n), np.diff(rows.indptr))
    j = rows.indices.astype(np.int64)
    return np.column_stack([i, j])[i < j], n


def _components(ends: IntArray, n: int) -> tuple[tuple[int, ...], ...]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    links = csr_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n, n))
    count, labels = connected_components(links, directed=False)
    return tuple(tuple(np.flatnonzero(labels == c).tolist()) for c in range(count))
