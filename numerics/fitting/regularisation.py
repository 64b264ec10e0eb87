"""Regularisation: weights drawn towards those of a typical agent, as far as held-out transitions say.

Three rounds of answers do not determine who listens to whom.  Two numbers they do: the weight that a typical agent of
these logs gives to the others together, and to its first answer.  That is the *prior*: the rest is the weight on
itself, the others share theirs equally, and

    minimise Σ (x_i(t+1) - Σ_j B_ij x_j(t) - s_i x_i(0))² + λ v ‖b - prior‖²   over the weights b of agent i,

v the mean square of the differences from which weights are learnt.  So λ has no unit: the prior counts as much as
λ transitions.  λ = 0 is least squares, λ = ∞ the prior.  The λ that predicts held-out transitions best is taken;
transitions may be left out of a time series as if they were independent, because their noise is (Bergmeir, Hyndman and
Koo 2018).

References
----------
C. Bergmeir, R. Hyndman, B. Koo, "A note on the validity of cross-validation for evaluating autoregressive time series
prediction", Computational Statistics & Data Analysis 120:70, 2018.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.penalised import TIE, Program, factor, fitted
from numerics.fitting.transitions import Transitions, scale_of
from numerics.programs.influence_fit import simplex_least_squares

FloatArray = NDArray[np.float64]

# transitions that the prior counts as: two to a decade, from a tenth of one to a thousand, and the two ends
CANDIDATES = (0.0, *(10 ** (step / 2) for step in range(-2, 7)), math.inf)
MAX_FOLDS = 10  # parts left out in turn; each transition by itself where there are no more
EQUAL = 1e-12  # relative: errors closer than the rounding of their sums


@dataclass(frozen=True)
class TypicalAgent:
    """The weights that a typical agent gives, which the weights of each are drawn to.

    Attributes
    ----------
    self_weight : on itself.
    others : on the other agents together.
    stubbornness : on its first answer.
    """

    self_weight: float
    others: float
    stubbornness: float

    def weights(self, agent: Transitions) -> FloatArray:
        """Return (k+1,) weights of an agent; those on whom it cannot hear go to itself."""
        out = np.zeros(agent.k + 1)
        heard = agent.heard[agent.heard < agent.k]
        out[heard] = self.others / max(len(heard), 1)
        out[agent.k] = self.stubbornness if agent.stubborn else 0.0
        out[agent.agent] = 1.0 - out.sum()
        return out


@dataclass(frozen=True, eq=False)
class HeldOut:
    """How well each λ predicts transitions that it was not fitted to.

    Attributes
    ----------
    candidates : (l,) λ, increasing, from 0 to infinity.
    error : (l,) root of the mean square of the errors of the moves, in units of the root of v of their group; nan if no
        transition could be left out.
    chosen : the λ of the least error, the largest if several are; infinite if no transition could be left out.
    """

    candidates: FloatArray
    error: FloatArray
    chosen: float


def typical_agents(groups: list[list[Transitions]], kept: list[list[NDArray[np.bool_]]]) -> list[TypicalAgent]:
    """Return the typical agent of all groups, fitted to each of several parts of their transitions.

    Parameters
    ----------
    groups : the agents of every group.
    kept : for each part, a mask of transitions for each agent of all groups in turn.

    Notes
    -----
    What the transitions leave open is decided by equal weights on itself and the others, and none on the first answer.
    """
    allowed = np.array([any(len(agent.heard[agent.heard < agent.k]) for g in groups for agent in g), True, False])
    tables, targets = [], []
    for masks in kept:
        turn = iter(masks)
        rows, moves = [np.zeros((0, 2))], [np.zeros(0)]
        for agents in groups:
            size = math.sqrt(scale_of(agents))
            for agent in agents:
                mask = next(turn)
                rows.append(_pooled(agent)[mask] / size)
                moves.append(agent.moves[mask] / size)
        D, z = np.concatenate(rows), np.concatenate(moves)
        scale = max(float((D**2).sum(axis=0).max()), 1.0)
        R, r = factor(np.column_stack([D[:, 0], np.zeros(len(D)), D[:, 1]]), z)
        tables.append(np.concatenate([R, math.sqrt(TIE * scale) * np.eye(3)]))
        targets.append(np.concatenate([r, math.sqrt(TIE * scale) * np.array([0.5, 0.5, 0.0])]))
    allowed[2] = any(agent.stubborn for agents in groups for agent in agents)
    found = simplex_least_squares(np.array(tables), np.array(targets), np.tile(allowed, (len(kept), 1)))
    return [TypicalAgent(own, others, first) for others, own, first in found.weights.tolist()]


def held_out(groups: list[list[Transitions]], rounds: int) -> HeldOut:
    """Return how well each λ predicts transitions that are left out, of all groups together.

    Notes
    -----
    Up to ten parts are left out in turn, transition number m in part m modulo ten, and the typical agent is fitted anew
    without each: a hundred programs for each agent.
    """
    candidates = np.array(CANDIDATES)
    finite = candidates[np.isfinite(candidates)].tolist()
    agents = [agent for group in groups for agent in group]
    scales = [scale for group in groups for scale in [scale_of(group)] * len(group)]
    numbers, parts = np.unique(
        np.concatenate([agent.item * (rounds - 1) + agent.time for agent in agents]), return_inverse=True
    )
    n_folds = min(MAX_FOLDS, len(numbers))
    if n_folds < 2:
        return HeldOut(candidates, np.full(len(candidates), np.nan), math.inf)
    ends = np.cumsum([len(agent.moves) for agent in agents])[:-1]
    fold_of = np.split(parts % n_folds, ends)
    typical = typical_agents(groups, [[mine != fold for mine in fold_of] for fold in range(n_folds)])
    programs, tests = [], []
    for fold in range(n_folds):
        for agent, scale, mine in zip(agents, scales, fold_of, strict=True):
            if not (mine == fold).any():
                continue
            rest, prior = _part(agent, mine != fold), typical[fold].weights(agent)
            programs += [Program(rest, scale, prior, strength) for strength in finite]
            tests.append((_part(agent, mine == fold), scale, prior))
    found = iter(fitted(programs).weights)
    squares, count = np.zeros(len(candidates)), 0
    for agent, scale, prior in tests:
        weights = np.array([*(next(found) for _ in finite), prior])  # λ = ∞ is the prior
        errors = agent.moves - weights[:, agent.heard] @ agent.regressors.T
        squares += (errors**2).sum(axis=1) / scale
        count += len(agent.moves)
    error = np.sqrt(squares / count)
    best = np.flatnonzero(error <= error.min() * (1 + EQUAL))[-1]
    return HeldOut(candidates, error, float(candidates[best]))


def _part(agent: Transitions, mask: NDArray[np.bool_]) -> Transitions:
    item, time, regressors = agent.item[mask], agent.time[mask], agent.regressors[mask]
    return Transitions(agent.agent, agent.k, agent.heard, item, time, agent.lost, regressors, agent.moves[mask])


def _pooled(agent: Transitions) -> FloatArray:
    """Return (n, 2): the mean of the others, and the first answer, both as differences from its own."""
    out = np.zeros((len(agent.moves), 2))
    others = agent.regressors[:, agent.heard < agent.k]
    if others.shape[1]:
        out[:, 0] = others.mean(axis=1)
    if agent.stubborn:
        out[:, 1] = agent.regressors[:, -1]
    return out
