"""Payoffs: the Aumann-Drèze value of every agent at the model's current opinions.

    AD_i(C) = Σ_{S ⊆ C∖i} |S|!(k-1-|S|)!/k! (v(S∪i) - v(S)),   k = |C|.

Computed by the first of these that applies:

- a coalition whose members agree, equal influence: g(k) φ(c)/k each;
- quadratic φ, g(s) = s, equal influence: the closed form V3, O(k);
- one agent among others that agree, equal influence: the two-type form V5, O(k), or O(degree) for a polynomial;
- otherwise the definition, from the table of all 2^k subsets, k ≤ 20.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import codes
from numerics.kernels import moves as kernel
from numerics.kernels.payoffs import MAX_TABLE
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of
from theory.errors import InputError


def aumann_dreze_value(model: Model, structure: Structure) -> NDArray[np.float64]:
    """Return the payoff of each agent, (n,), in units of performance × scale.

    Parameters
    ----------
    model : Model with concrete opinions.
    structure : coalitions as lists, or one label per agent.

    Raises
    ------
    InputError
        If a coalition needs the table of its subsets and has more than 20 members.

    Notes
    -----
    O(k) for each coalition of k agents where a closed form applies, O(k 2^k) otherwise.
    References: Shapley 1953; Aumann and Drèze 1974.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 5.0], performance="-u**2")
    >>> aumann_dreze_value(model, [[0, 1], [2]]).tolist()
    [0.25, -0.75, -25.0]
    """
    labels = labels_of(structure, model.n_agents)
    out = np.empty(model.n_agents)
    x, weights = np.array(concrete_opinions(model)), np.array(model.weights)
    status = kernel.payoffs(x, weights, labels, int(labels.max()) + 1, model.game_arrays(), out)
    check_status(status, model)
    return out


def coalition_values(model: Model, structure: Structure) -> NDArray[np.float64]:
    """Return v(C; x) of every coalition, in the order given; their sum is the surplus.

    Examples
    --------
    >>> coalition_values(Model(opinions=[0.0, 1.0, 5.0], performance="-u**2"), [[0, 1], [2]]).tolist()
    [-0.5, -25.0]
    """
    from numerics.consensus import consensus_of_coalitions

    labels = labels_of(structure, model.n_agents)
    sizes = np.bincount(labels).astype(np.float64)
    weights: NDArray[np.float64] = np.bincount(labels, model.weights).astype(np.float64)
    scale = model.scale_program(sizes, weights)
    values = scale * model.compiled(consensus_of_coalitions(model, labels))
    check_status(codes.DONE if np.all(np.isfinite(values)) else codes.NOT_FINITE, model)
    return values


def check_status(status: int, model: Model) -> None:
    """Turn the status of a kernel into an error that says what to do."""
    if status == codes.TOO_LARGE:
        why = "weighted influence" if model.is_weighted else f"performance {model.performance} with scale {model.scale}"
        raise InputError(
            "opinions",
            f"{model.n_agents} agents",
            f"make a coalition of more than {MAX_TABLE} whose payoffs need all 2^k subsets ({why})",
            f"use at most {MAX_TABLE} agents, or a quadratic performance with scale s and uniform influence",
        )
    if status == codes.NOT_FINITE:
        _check_scale_of_subsets(model)
        raise InputError(
            "performance",
            str(model.performance),
            "is not finite at an opinion that a coalition reaches",
            "use one that is finite between the smallest and the largest opinion",
        )


def _check_scale_of_subsets(model: Model) -> None:
    """Say so if it is the scale that is not finite, for a total weight between the extremes."""
    if not model.is_weighted or model.n_agents > MAX_TABLE:
        return
    sizes, totals = np.zeros(1), np.zeros(1)
    for weight in model.weights:
        sizes, totals = np.concatenate([sizes, sizes + 1]), np.concatenate([totals, totals + weight])
    values = model.scale_program(sizes[1:], totals[1:])
    for i in np.flatnonzero(~np.isfinite(values)):
        raise InputError(
            "scale",
            str(model.scale),
            f"is not finite for {sizes[i + 1]:.0f} members of total weight {totals[i + 1]:g}",
            "change the expression",
        )
