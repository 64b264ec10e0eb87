"""The weights that fit a log best: of all agents of all groups, at a λ that is given or chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.observations import Group
from numerics.fitting.penalised import Fitted, Program, fitted
from numerics.fitting.regularisation import HeldOut, TypicalAgent, held_out, typical_agents
from numerics.fitting.transitions import Transitions, scale_of, transitions_of

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Estimate:
    """The fitted weights.

    Attributes
    ----------
    agents : the transitions of every agent of every group.
    weights : for each group, (k, k+1): B_i1, …, B_ik, s_i.
    gap : for each group, (k,), how far from the best; see `numerics.programs.influence_fit`.
    typical : what they are drawn to.
    regularisation : λ.
    held_out : how λ was chosen.
    solver, status : of the program; no solver if λ is infinite.
    """

    agents: list[list[Transitions]]
    weights: list[FloatArray]
    gap: list[FloatArray]
    typical: TypicalAgent
    regularisation: float
    held_out: HeldOut
    solver: str
    status: str


def estimate(
    groups: list[Group], heard: list[BoolArray], stubborn: bool, regularisation: float | None, n_rounds: int
) -> Estimate:
    """Return the weights of all agents from the first rounds of their log.

    Parameters
    ----------
    groups : as `numerics.fitting.typical_moves.in_typical_moves` returns them.
    heard : for each group, (k, k) whom agents may listen to.
    stubborn : whether agents may hold on to their first answers.
    regularisation : λ, or None to choose it.
    n_rounds : how many rounds are used, at least two.
    """
    agents = [
        transitions_of(_first_rounds(group, n_rounds), can_hear, stubborn)
        for group, can_hear in zip(groups, heard, strict=True)
    ]
    everybody = [agent for group in agents for agent in group]
    nothing = HeldOut(np.empty(0), np.empty(0), np.inf)
    if not any(len(agent.moves) for agent in everybody):
        choice, typical = nothing, TypicalAgent(0.5, 0.5, 0.0)
    else:
        choice = held_out(agents, n_rounds) if regularisation is None else nothing
        typical = typical_agents(agents, [[np.ones(len(agent.moves), dtype=bool) for agent in everybody]])[0]
    strength = choice.chosen if regularisation is None else regularisation
    priors = [typical.weights(agent) for agent in everybody]
    if np.isinf(strength):
        found = Fitted(priors, [0.0] * len(priors), "", "optimal")
    else:
        scales = [scale for group in agents for scale in [scale_of(group)] * len(group)]
        found = fitted([Program(*row, strength) for row in zip(everybody, scales, priors, strict=True)])
    ends = np.cumsum([len(group) for group in agents]).tolist()
    cuts = [slice(end - len(group), end) for group, end in zip(agents, ends, strict=True)]
    return Estimate(
        agents,
        [np.array(found.weights[cut]) for cut in cuts],
        [np.array(found.gap[cut]) for cut in cuts],
        typical,
        float(strength),
        choice,
        found.solver,
        found.status,
    )


def _first_rounds(group: Group, n_rounds: int) -> Group:
    return Group(group.name, group.agents, group.opinions[:, :n_rounds], group.truth, group.items)
