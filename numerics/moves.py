"""Strategic layer: gains, critical cost, joint equilibrium and regime at given opinions.

    Δ_i(C→D) = AD_i(D∪{i}) - AD_i(C),   admissible: Δ > κ and D accepts i.

Ties are decided by `numerics.ties`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import rule_arrays
from numerics.consensus import settled
from numerics.costs import SwitchingCost, cost_arrays
from numerics.kernels import moves as kernel
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of
from numerics.payoffs import METHODS, check_samples, check_status
from numerics.ties import agree, tie_tolerance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

NOT_AN_EQUILIBRIUM = "not a joint equilibrium"


@dataclass(frozen=True)
class Move:
    """One move of one agent.

    Attributes
    ----------
    agent : who moves.
    source, target : members of the coalition it leaves, itself among them, and of the one it joins; no target if it
        founds a coalition alone.
    """

    agent: int
    source: tuple[int, ...]
    target: tuple[int, ...]

    def __str__(self) -> str:
        return f"agent {self.agent} leaves {_members(self.source)} and {self.goal}"

    @property
    def goal(self) -> str:
        """Where the agent goes, in words."""
        return f"joins {_members(self.target)}" if self.target else "founds a coalition alone"


@dataclass(frozen=True, eq=False)
class Moves:
    """Every move at one moment; arrays are (n, coalitions + 1), the last column is founding alone.

    Attributes
    ----------
    gains : Δ, NaN where there is no move.
    costs : κ of the move, NaN where there is no move.
    accepted : whether the coalition joined lets the agent in.
    admissible : accepted, and Δ > κ beyond a tie.
    method : for each coalition, how the payoffs of its members as it stands were computed.
    """

    gains: FloatArray
    costs: FloatArray
    accepted: BoolArray
    admissible: BoolArray
    method: list[str]

    @property
    def critical_cost(self) -> float:
        """Largest gain of an accepted move, -inf without any."""
        return float(np.max(self.gains[self.accepted], initial=-np.inf))


def moves(model: Model, structure: Structure, samples: int = 0) -> Moves:
    """Return every move of every agent at the model's current opinions.

    Parameters
    ----------
    model : Model with concrete opinions.
    structure : coalition structure; costs per coalition go by the order of its coalitions.
    samples : pairs of random orders for payoffs that are neither closed nor from a table; 0 to refuse them.

    Notes
    -----
    Cost O(n²) where a closed form of the payoffs applies, O(n Σ_C |C| 2^|C|) otherwise.  An adaptive rule is taken at
    its start, when nothing has happened yet.
    """
    n = model.n_agents
    labels = labels_of(structure, n)
    K = int(labels.max()) + 1
    gains, accepted = np.empty((n, K + 1)), np.empty((n, K + 1), dtype=np.bool_)
    methods = np.empty(K, dtype=np.int64)
    x = np.array(concrete_opinions(model)).reshape(n, model.dimension)
    tolerance = tie_tolerance(model, structure)
    game, rule = model.game_arrays(check_samples(samples)), rule_arrays(model.acceptance)
    check_status(
        kernel.all_moves(x, labels, K, game, model.graph_arrays(), rule, tolerance, gains, accepted, methods), model
    )
    costs = np.where(np.isnan(gains), np.nan, _costs(model.switching_cost, labels, K))
    with np.errstate(invalid="ignore"):
        admissible = accepted & (gains > costs + tolerance)
    return Moves(gains, costs, accepted, admissible, [METHODS[m] for m in methods])


def move_of(agent: int, column: int, labels: NDArray[np.int64]) -> Move:
    """Return the move of an agent in a column of `Moves`.

    Examples
    --------
    >>> print(move_of(0, 1, np.array([0, 0, 1])))
    agent 0 leaves {0 1} and joins {2}
    """
    source, target = (tuple(np.flatnonzero(labels == c).tolist()) for c in (labels[agent], column))
    return Move(int(agent), source, target)


def _members(coalition: tuple[int, ...]) -> str:
    return "{" + " ".join(map(str, coalition)) + "}"


def _costs(cost: float | SwitchingCost, labels: NDArray[np.int64], K: int) -> FloatArray:
    """κ of every move, (n, K + 1)."""
    n = len(labels)
    base, exit_agent, exit_coalition, exit_pair, entry_agent, entry_coalition, entry_pair, between = cost_arrays(
        cost, n
    )
    leave = base + exit_agent + _padded(exit_coalition, K)[labels] + _padded(exit_pair, K)[np.arange(n), labels]
    join = entry_agent[:, None] + _padded(entry_coalition, K) + _padded(entry_pair, K)
    square = np.zeros((K, K))
    rows, columns = min(K, between.shape[0]), min(K, between.shape[1])
    square[:rows, :columns] = between[:rows, :columns]
    return np.column_stack([leave[:, None] + join + square[labels], leave])


def _padded(values: FloatArray, K: int) -> FloatArray:
    """The first K entries (of each row), 0 where there are fewer."""
    out = np.zeros((*values.shape[:-1], K))
    width = min(K, values.shape[-1])
    out[..., :width] = values[..., :width]
    return out


def gains(model: Model, structure: Structure, samples: int = 0) -> FloatArray:
    """Return Δ of every move: an agents × (coalitions + 1) array, the last column for founding alone.

    NaN where there is no move: an agent's own coalition, and founding alone for an agent already alone.
    Coalitions are in the order given.  Acceptance and cost play no part.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 0.0, 1.0], performance="-u**2")
    >>> gains(model, [[0, 1], [2]]).round(4).tolist()
    [[nan, 0.25, 0.0], [nan, 0.25, 0.0], [0.3889, nan, nan]]
    """
    return moves(model, structure, samples).gains


def critical_cost(model: Model, structure: Structure, samples: int = 0) -> float:
    """Return κ* = the largest gain of an accepted move: the structure is stable against moves iff κ ≥ κ*.

    Minus infinity if no move is possible at all (a single agent).

    Examples
    --------
    >>> critical_cost(Model(opinions=[0.0, 2.0], performance="-u**2"), [[0], [1]])
    1.0
    """
    return moves(model, structure, samples).critical_cost


def is_joint_equilibrium(model: Model, structure: Structure, samples: int = 0) -> bool:
    """Return whether x = W(π)x and no move is admissible.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=1.0)
    >>> is_joint_equilibrium(model, [[0], [1]])
    True
    >>> is_joint_equilibrium(model.replace(switching_cost=0.99), [[0], [1]])
    False
    """
    limit = settled(model, structure)
    if not agree(concrete_opinions(model), concrete_opinions(limit)):
        return False
    return not moves(limit, structure, samples).admissible.any()


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
    return regime_of(concrete_opinions(model), labels_of(structure, model.n_agents))


def regime_of(x: FloatArray, labels: NDArray[np.int64]) -> str:
    """Return what a joint equilibrium is called: opinions x, coalitions numbered from 0."""
    n_coalitions = int(labels.max()) + 1
    if n_coalitions == 1:
        return "strategic unanimity"
    if agree(x, np.broadcast_to(x[0], x.shape)):
        return "tactical unanimity"
    return "polarization" if n_coalitions == 2 else "segregation"
