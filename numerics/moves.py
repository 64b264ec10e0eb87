"""Strategic layer: gains, critical cost, joint equilibrium and regime at given opinions.

    Δ_i(C→D) = AD_i(D∪{i}) - AD_i(C),   admissible: Δ > κ and D accepts i.

Ties are decided by `numerics.ties`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import Unanimous
from numerics.consensus import consensus_of_coalitions
from numerics.kernels import moves as kernel
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of
from numerics.payoffs import check_status
from numerics.ties import agree, tie_tolerance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NOT_AN_EQUILIBRIUM = "not a joint equilibrium"


@dataclass(frozen=True, eq=False)
class Moves:
    """Every move at one moment; arrays are (n, coalitions + 1), the last column is founding alone.

    Attributes
    ----------
    gains : Δ, NaN where there is no move.
    accepted : whether the coalition joined lets the agent in.
    admissible : accepted, and Δ > κ beyond a tie.
    """

    gains: FloatArray
    accepted: BoolArray
    admissible: BoolArray


def moves(model: Model, structure: Structure) -> Moves:
    """Return every move of every agent at the model's current opinions.

    Cost O(n²) where a closed form of the payoffs applies, O(n Σ_C |C| 2^|C|) otherwise.
    """
    labels = labels_of(structure, model.n_agents)
    shape = (model.n_agents, int(labels.max()) + 2)
    gains, least = np.empty(shape), np.empty(shape)
    x, weights = np.array(concrete_opinions(model)), np.array(model.weights)
    status = kernel.all_moves(x, weights, labels, shape[1] - 1, model.game_arrays(), gains, least)
    check_status(status, model)
    tolerance = tie_tolerance(model, structure)
    accepted = ~np.isnan(gains)
    if isinstance(model.acceptance, Unanimous):
        accepted &= np.nan_to_num(least, nan=-np.inf) >= model.acceptance.threshold - tolerance
    with np.errstate(invalid="ignore"):
        admissible = accepted & (gains > model.switching_cost + tolerance)
    return Moves(gains, accepted, admissible)


def gains(model: Model, structure: Structure) -> FloatArray:
    """Return Δ of every move: an agents × (coalitions + 1) array, the last column for founding alone.

    NaN where there is no move: an agent's own coalition, and founding alone for an agent already alone.
    Coalitions are in the order given.  Acceptance and cost play no part.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 0.0, 1.0], performance="-u**2")
    >>> gains(model, [[0, 1], [2]]).round(4).tolist()
    [[nan, 0.25, 0.0], [nan, 0.25, 0.0], [0.3889, nan, nan]]
    """
    return moves(model, structure).gains


def critical_cost(model: Model, structure: Structure) -> float:
    """Return κ* = the largest gain of an accepted move: the structure is stable against moves iff κ ≥ κ*.

    Minus infinity if no move is possible at all (a single agent).

    Examples
    --------
    >>> critical_cost(Model(opinions=[0.0, 2.0], performance="-u**2"), [[0], [1]])
    1.0
    """
    found = moves(model, structure)
    return float(np.max(found.gains[found.accepted], initial=-np.inf))


def is_joint_equilibrium(model: Model, structure: Structure) -> bool:
    """Return whether x = W(π)x and no move is admissible.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=1.0)
    >>> is_joint_equilibrium(model, [[0], [1]])
    True
    >>> is_joint_equilibrium(model.replace(switching_cost=0.99), [[0], [1]])
    False
    """
    labels = labels_of(structure, model.n_agents)
    consensus = consensus_of_coalitions(model, labels)
    if not agree(concrete_opinions(model), consensus[labels]):
        return False
    return not moves(model.replace(opinions=consensus[labels]), structure).admissible.any()


def regime(model: Model, structure: Structure) -> str:
    """Return the regime of a joint equilibrium, the most specific that applies.

    - "strategic unanimity": one coalition of all agents;
    - "tactical unanimity": several coalitions, one opinion (spread 0);
    - "polarization": exactly two coalitions, with different consensus;
    - "segregation": more than two coalitions, not all with the same consensus;
    - "not a joint equilibrium" otherwise.

    Examples
    --------
    >>> regime(Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=1.0), [[0], [1]])
    'polarization'
    """
    if not is_joint_equilibrium(model, structure):
        return NOT_AN_EQUILIBRIUM
    labels = labels_of(structure, model.n_agents)
    n_coalitions = int(labels.max()) + 1
    x = concrete_opinions(model)
    if n_coalitions == 1:
        return "strategic unanimity"
    if agree(x, np.full_like(x, x[0])):
        return "tactical unanimity"
    return "polarization" if n_coalitions == 2 else "segregation"
