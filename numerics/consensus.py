"""Tactical layer: consensus inside coalitions.

    x(t+1) = W(π) x(t),   W(π)^∞ x = c_C on every coalition C.

Results: T1, T2 (see `theory.consensus`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of

FloatArray = NDArray[np.float64]


def consensus_of_coalitions(model: Model, labels: NDArray[np.int64]) -> FloatArray:
    """Return c_C of every coalition: the weighted mean of its members' opinions."""
    weights = np.bincount(labels, model.weights)
    x = concrete_opinions(model)
    # around one member's opinion, so that members who agree exactly stay where they are
    reference = np.empty(len(weights))
    reference[labels] = x
    return reference + np.bincount(labels, model.weights * (x - reference[labels])) / weights


def tactical_limit(model: Model, structure: Structure) -> FloatArray:
    """Return W(π)^∞ x: every agent at the consensus of its coalition.

    Examples
    --------
    >>> tactical_limit(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]]).tolist()
    [0.5, 0.5, 5.0]
    """
    labels = labels_of(structure, model.n_agents)
    return consensus_of_coalitions(model, labels)[labels]


def influence_matrix(model: Model, structure: Structure) -> FloatArray:
    """Return the (n, n) row-stochastic, block-diagonal W(π) of one tactical step.

    Examples
    --------
    >>> influence_matrix(Model(opinions=[0.0, 1.0, 5.0], performance="u"), [[0, 1], [2]]).tolist()
    [[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]
    """
    labels = labels_of(structure, model.n_agents)
    together = (labels[:, None] == labels[None, :]) * model.weights
    rank_one = together / together.sum(axis=1, keepdims=True)
    keep = model.influence.contraction
    return keep * np.eye(model.n_agents) + (1 - keep) * rank_one
