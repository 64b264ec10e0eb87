"""Tactical layer: opinions inside coalitions.

    x(t+1) = W(π) x(t),                      W(π)^∞ x: the consensus of each connected component,
    x(t+1) = (1-s) W(π) x(t) + s x(0),       its fixed point, with stubborn agents (Friedkin and Johnsen).

Stubborn agents under uniform, lazy or weighted influence: the fixed point has a closed form.  With the rate ε (1
unless lazy), the weights w of the mean m = Σ w_j z_j / Σ w_j of a coalition, and y = 1-s,

    z_i = y_i ((1-ε) z_i + ε m) + s_i x_i(0)   ⇔   z_i = l_i m + (1-l_i) x_i(0),   l_i = y_i ε / (s_i + y_i ε).

Its mean is m Σ w_j = Σ w_j (l_j m + (1-l_j) x_j(0)), hence m = Σ w_j (1-l_j) x_j(0) / Σ w_j (1-l_j).  All members
listen to all, so that one stubborn member is enough for the iteration to contract to it; without any, l = 1, the
coalition is one of DeGroot's, and z_i = m is the mean of its current opinions.

Results: T1, T2, T7 (see `theory.consensus`).

References: DeGroot, J. Amer. Statist. Assoc. 69:118, 1974; Friedkin and Johnsen, J. Math. Sociol. 15:193, 1990.
"""

from __future__ import annotations

import os
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from numerics.influence import General, Network
from numerics.kernels import tactical as kernel
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.parallel import on_threads, shares_of
from numerics.partitions import Structure, labels_of
from theory.errors import InputError

FloatArray = NDArray[np.float64]
Labels = NDArray[np.int64]
At = Literal["opinions", "consensus"]  # which opinions count: as they are, or at their limit in the structure

MAX_DENSE = 5000  # agents of a dense influence matrix: 200 MB


def degroot_step(model: Model, structure: Structure, opinions: FloatArray) -> FloatArray:
    """Return the opinions after one tactical step, (1-s) W(π) x + s x(0).

    Parameters
    ----------
    model : Model; its opinions matter as innate opinions x(0) of stubborn agents only.
    structure : coalition structure.
    opinions : x, (n,) or (n, d).

    Raises
    ------
    InputError
        If the opinions are not finite numbers of this shape, or not that of the innate opinions of stubborn agents.

    Notes
    -----
    O(d (n + edges)).  For many steps in one structure see `numerics.tactical.tactical_operator`.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="u", stubbornness=[0.5, 0.0, 0.0])
    >>> degroot_step(model, [[0, 1], [2]], model.opinions).tolist()
    [0.25, 0.5, 5.0]
    """
    labels = labels_of(structure, model.n_agents)
    innate = model.innate.reshape(model.n_agents, -1).T if model.is_stubborn else np.empty((0, 0))
    x = opinions_like(opinions, model.n_agents, innate)
    if isinstance(model.influence, (Network, General)):
        after = _graph_step(model.influence, labels, x)
    else:
        mean, keep = _means(model.weights, labels, x)[labels], model.keep
        after = mean if keep == 0 else x + (1 - keep) * (mean - x)
    if model.is_stubborn:
        for column, held in zip(after.reshape(len(labels), -1).T, innate, strict=True):
            follow = column.copy()
            kernel.hold(follow, model.stubbornness, np.ascontiguousarray(held))
            column[:] = follow
    return after


def _graph_step(graph: Network | General, labels: Labels, x: FloatArray) -> FloatArray:
    narrow = labels.astype(np.uint16 if labels.max() < 2**16 else np.uint32)
    parts = shares_of(graph.indptr, os.cpu_count() or 1)
    after = np.empty(x.shape)
    for column, out in zip(x.reshape(len(x), -1).T, after.reshape(len(x), -1).T, strict=True):
        now, then = np.array(column), np.empty(len(x))
        rows = (now, narrow, graph.indptr, graph.indices, graph.data, graph.unit, graph.is_unweighted, then)
        on_threads(kernel.one_step, parts, *rows)
        out[:] = then
    return after


def consensus_of_coalitions(model: Model, labels: Labels) -> FloatArray:
    """Return c_C of every coalition, (K,) or (K, d): the weighted mean of its members' limit opinions.

    Without stubborn agents and under uniform, lazy or weighted influence that is the weighted mean of their opinions.
    """
    x = concrete_opinions(model)
    return _means(model.weights, labels, _limit(model, labels, x) if model.is_graph or model.is_stubborn else x)


def tactical_limit(model: Model, structure: Structure) -> FloatArray:
    """Return what every agent's opinion tends to, (n,) or (n, d).

    Without stubborn agents that is W(π)^∞ x: the consensus of the agent's coalition, or on a network of the connected
    component of its coalition; under general influence the consensus of the closed classes of its coalition in
    proportion to the probabilities of ending in them.  With stubborn agents it is the Friedkin-Johnsen limit; who
    does not listen to a stubborn agent, directly or not, is in coalitions without any.

    Raises
    ------
    InputError
        If a coalition of a large and slowly mixing graph is not at its limit after very many iterations.

    Notes
    -----
    O(n d), and O(n d + edges) on a network without stubborn agents.  Otherwise the limit is solved for: O(k³) for
    components of up to about a thousand agents, and iterated beyond.

    Examples
    --------
    >>> tactical_limit(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]]).tolist()
    [0.5, 0.5, 5.0]
    """
    return _limit(model, labels_of(structure, model.n_agents), concrete_opinions(model))


def settled(model: Model, structure: Structure) -> Model:
    """Return the model with opinions at their limit in a structure; the innate opinions stay what they are.

    Examples
    --------
    >>> settled(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]]).opinions.tolist()
    [0.5, 0.5, 5.0]
    """
    return model.replace(
        opinions=tactical_limit(model, structure), innate_opinions=model.innate if model.is_stubborn else None
    )


def model_at(model: Model, structure: Structure, at: At) -> Model:
    """Return the model at the opinions that count: as they are, or settled in the structure.

    Raises
    ------
    InputError
        If `at` is neither "opinions" nor "consensus".
    """
    check_at(at)
    return model if at == "opinions" else settled(model, structure)


def check_at(at: object) -> None:
    """Raise an InputError unless `at` is "opinions" or "consensus"."""
    if at not in ("opinions", "consensus"):
        raise InputError("at", at, "is not a moment", 'use "opinions" (as they are) or "consensus"')


def _limit(model: Model, labels: Labels, x: FloatArray) -> FloatArray:
    if isinstance(model.influence, (Network, General)):
        return _graph_limit(model, model.influence, labels, x)
    if model.is_stubborn:
        return _held_limit(model, labels, x)
    return _means(model.weights, labels, x)[labels]


def _means(weights: FloatArray, labels: Labels, x: FloatArray) -> FloatArray:
    """Weighted mean of every coalition, (K,) or (K, d)."""
    if x.ndim == 2:
        return np.stack([_means(weights, labels, column) for column in x.T], axis=1)
    volume = np.bincount(labels, weights)
    # around the opinion of one member that counts, so that members who agree exactly stay where they are
    reference, counts = np.empty(len(volume)), weights > 0
    reference[labels[counts]] = x[counts]
    return reference + np.bincount(labels, weights * (x - reference[labels])) / volume


def _held_limit(model: Model, labels: Labels, x: FloatArray) -> FloatArray:
    """The closed form above, for all coalitions at once."""
    s, hold = model.stubbornness, model.holding
    is_held = np.bincount(labels, s > 0)[labels] > 0  # a member of this agent's coalition is stubborn
    weights = np.where(is_held, model.weights * hold, model.weights)
    column = (-1, *[1] * (x.ndim - 1))
    start = np.where(is_held.reshape(column), model.innate, x)
    mean = _means(weights, labels, start)[labels]
    return np.where(s.reshape(column) == 1, start, mean + hold.reshape(column) * (start - mean))


def _graph_limit(model: Model, graph: Network | General, labels: Labels, x: FloatArray) -> FloatArray:
    columns = np.array(x.reshape(len(x), -1))
    out = np.empty(columns.shape)
    if isinstance(graph, Network) and not model.is_stubborn:
        narrow = labels.astype(np.uint32)
        kernel.network_limit(columns, narrow, graph.indptr, graph.indices, graph.data, graph.unit, out)
        return out.reshape(x.shape)
    starts = np.empty(int(labels.max()) + 2, dtype=np.int64)
    order = np.empty(len(labels), dtype=np.int64)
    kernel.by_coalition(labels, starts, order)
    rows = np.array(graph.indptr), np.array(graph.indices), graph.unit * graph.data
    innate = np.array(model.innate.reshape(columns.shape)) if model.is_stubborn else np.empty((0, columns.shape[1]))
    c = kernel.graph_limits(starts, order, columns, graph.symmetric, *rows, np.array(model.yielding), innate, out)
    if c >= 0:
        problem = f"has not brought a coalition of {starts[c + 1] - starts[c]} agents to its limit"
        raise InputError("influence", graph, problem, "take finitely many steps: tactical_operator(model, structure)")
    return out.reshape(x.shape)


def influence_matrix(model: Model, structure: Structure) -> FloatArray:
    """Return the (n, n) row-stochastic, block-diagonal W(π) of one tactical step, without stubbornness.

    Raises
    ------
    InputError
        For more than 5000 agents.

    Examples
    --------
    >>> influence_matrix(Model(opinions=[0.0, 1.0, 5.0], performance="u"), [[0, 1], [2]]).tolist()
    [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    n = model.n_agents
    if n > MAX_DENSE:
        advice = f"use degroot_step, or a model of at most {MAX_DENSE}"
        raise InputError("model", n, "agents are too many for a dense matrix", advice)
    labels = labels_of(structure, n)
    together = labels[:, None] == labels[None, :]
    graph = model.influence
    if isinstance(graph, (Network, General)):
        matrix = np.zeros((n, n))
        matrix[np.repeat(np.arange(n), np.diff(graph.indptr)), graph.indices] = graph.unit * graph.data
        matrix *= together
        return matrix / matrix.sum(axis=1, keepdims=True)
    weights = together * model.weights
    rank_one = weights / weights.sum(axis=1, keepdims=True)
    keep = graph.contraction
    return keep * np.eye(n) + (1 - keep) * rank_one


def opinions_like(given: object, n_agents: int, innate: FloatArray) -> FloatArray:
    """Return opinions, (n,) or (n, d), as a new array; `innate` has a row for each coordinate, if it has any."""
    advice = f"give {n_agents} finite numbers, or {n_agents} rows of them"
    try:
        x = np.array(given, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError("opinions", given, "are not numbers", advice) from None
    if x.ndim not in (1, 2) or len(x) != n_agents or x.size == 0:
        raise InputError("opinions", x, f"have shape {x.shape}", advice)
    if len(innate) and len(innate) != x.size // n_agents:
        problem = f"have shape {x.shape}, but innate opinions have {len(innate)} coordinates"
        raise InputError("opinions", x, problem, "give as many coordinates as the model has")
    if not np.isfinite(x).all():
        raise InputError("opinions", x, "are not finite", advice)
    return x
