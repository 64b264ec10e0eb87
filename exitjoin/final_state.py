"""The state that a run ended in: its moves, and whether it is a joint equilibrium."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import Adaptive
from numerics.consensus import tactical_limit
from numerics.costs import PerCoalition, PerPair, SwitchingCost, Term
from numerics.influence import AdaptiveLazy
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM, Moves, moves
from numerics.partitions import Structure, labels_of, singletons
from numerics.scenario import Scenario
from numerics.simulation import Run, Trajectory
from numerics.ties import agree, tie_tolerance
from theory.errors import InputError

MAX_COMPARED = 2000  # agents whose moves, some n² of them, are all looked at


@dataclass(frozen=True, eq=False)
class FinalState:
    """The state that a run ended in.

    Attributes
    ----------
    model : the model at the final opinions.
    moves : every move; None if there are too many, or if what they depend on is not known.
    obstacle : why there are no moves, empty if there are.
    is_joint_equilibrium : as `numerics.moves.is_joint_equilibrium`; without moves, whether the run found it so.
    regime : as `numerics.moves.regime`.
    members_agree : whether every opinion is what it tends to; True without moves.
    critical_cost : the largest gain of an accepted move; NaN without moves.
    margin : the largest net gain Δ - κ of an accepted move; NaN without moves.
    """

    model: Model
    moves: Moves | None
    obstacle: str
    is_joint_equilibrium: bool
    regime: str
    members_agree: bool
    critical_cost: float
    margin: float


def final_state(scenario: Scenario, run: Run) -> FinalState:
    """Return the state that a run of the scenario ended in.

    Cost O(n²) where a closed form of the payoffs applies; see `numerics.moves.moves`.
    """
    model, samples = _final_model(scenario, run), scenario.run.get("samples", 0)
    found, obstacle = _moves(model, run.structure, samples)
    cost, margin, members_agree = np.nan, np.nan, True
    at_rest = run.outcome == "joint equilibrium"
    if found is not None:
        cost = float(np.max(found.gains[found.accepted], initial=-np.inf))
        margin = float(np.max((found.gains - found.costs)[found.accepted], initial=-np.inf))
        if abs(cost) <= tie_tolerance(model, run.structure):
            cost = 0.0
        members_agree = agree(run.opinions, tactical_limit(model, run.structure))
        at_rest = members_agree and not found.admissible.any()
    regime = _regime(run) if at_rest else NOT_AN_EQUILIBRIUM
    return FinalState(model, found, obstacle, at_rest, regime, members_agree, cost, margin)


def _moves(model: Model, structure: list[list[int]], samples: int) -> tuple[Moves | None, str]:
    """Every move, or None and why not."""
    if model.n_agents > MAX_COMPARED:
        return None, f"more than {MAX_COMPARED} agents"
    if isinstance(model.acceptance, Adaptive):
        return None, "acceptance depends on what happened before"
    if isinstance(model.influence, AdaptiveLazy) and model.discount is not None:
        return None, "the rate of consensus depends on what happened before"
    try:
        return moves(model, structure, samples), ""
    except InputError as error:  # a move that the run had no need to look at, such as one into a full coalition
        return None, f"{error.given} {error.problem}"


def _final_model(scenario: Scenario, run: Run) -> Model:
    """The model at the final opinions; stubborn agents hold on to what they held on to in the run."""
    model = scenario.model
    changes: dict[str, Any] = {"opinions": run.opinions}
    if model.is_stubborn and model.innate_opinions is None:
        changes["innate_opinions"] = run.initial_opinions
    if isinstance(model.switching_cost, SwitchingCost) and model.n_agents <= MAX_COMPARED:
        numbers = _numbers(run.trajectory, scenario.run.get("structure"), run.structure)
        changes["switching_cost"] = _renumbered(model.switching_cost, numbers)
    return model.replace(**changes)


def _numbers(path: Trajectory, start: Structure | None, end: list[list[int]]) -> NDArray[np.int64]:
    """The number that each coalition of the end has by the rules of `numerics.costs`, found by making every move."""
    n = sum(map(len, end))
    labels = singletons(n) if start is None else labels_of(start, n)
    for mover, target in zip(path.mover.tolist(), path.target.tolist(), strict=True):
        if mover >= 0:
            taken = set(labels.tolist())
            labels[mover] = labels[target] if target >= 0 else next(c for c in range(n + 1) if c not in taken)
    return labels[[coalition[0] for coalition in end]]


def _renumbered(cost: SwitchingCost, numbers: NDArray[np.int64]) -> SwitchingCost:
    """The cost with what it says of coalition ``numbers[c]`` said of coalition c."""

    def last_axis(values: NDArray[np.float64]) -> NDArray[np.float64]:
        padded = np.concatenate([values, np.zeros((*values.shape[:-1], 1))], axis=-1)
        return padded[..., np.minimum(numbers, values.shape[-1])]

    def renumbered(term: Term) -> Term:
        return type(term)(last_axis(term.values)) if isinstance(term, (PerCoalition, PerPair)) else term

    return replace(
        cost,
        exit=renumbered(cost.exit),
        entry=renumbered(cost.entry),
        bonus=renumbered(cost.bonus),
        between=last_axis(last_axis(cost.between).T).T,
    )


def _regime(run: Run) -> str:
    """The regime of a joint equilibrium, as `numerics.moves.regime` says it."""
    if len(run.structure) == 1:
        return "strategic unanimity"
    x = run.opinions
    if agree(x, np.broadcast_to(x[0], x.shape)):
        return "tactical unanimity"
    return "polarization" if len(run.structure) == 2 else "segregation"
