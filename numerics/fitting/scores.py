"""Scores: does the fit predict the next round better than no fit at all?

Two predictions need no fit: *nobody moves*, x_i(T) = x_i(T-1), and *everybody averages*, x_i(T) the mean of the group's
x(T-1).  The fit has to beat both on a round that it has not seen.  Its skill against one of them is

    1 - Σ (its errors)² / Σ (the other's errors)²,

1 for perfect predictions, 0 for no better, negative for worse (`numerics.fitting.skill`).  Errors are in units of each
item's typical move in the rounds before (`numerics.fitting.typical_moves`), so that no item counts more for its unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.estimate import estimate
from numerics.fitting.observations import Group, Observations
from numerics.fitting.skill import Skill, skill_against
from numerics.fitting.typical_moves import in_typical_moves

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PREDICTORS = ("the fit", "nobody moves", "everybody averages")
LEAST_CLUSTERS = 10  # items of groups that are taken as independent; with fewer, answers are
EQUAL = 1e-8  # of the largest error: below are the rounding of answers, and the accuracy of weights


@dataclass(frozen=True)
class GroupScore:
    """Root mean squared errors of one group, nan without a prediction: of the fit, nobody moves, everybody averages."""

    name: str
    n_predictions: int
    errors: tuple[float, float, float]


@dataclass(frozen=True)
class Scores:
    """How well the last round is predicted from the rounds before.

    Attributes
    ----------
    round : name of the round that was held out; empty if there are fewer than three rounds.
    n_predictions : answers that were predicted; 0 if nothing could be fitted or predicted.
    n_lost : answers of that round that were not, because an answer before is missing.
    errors : root mean squared errors of the fit, nobody moves and everybody averages, in typical moves of each item.
    skill : of the fit, against nobody moves and against everybody averages; at most 1, minus infinity against what
        makes no error.
    intervals : of the two skills, at the confidence of the fit; from minus infinity if the answers are too few.
    groups : the errors of every group.
    regularisation : λ of the fit to the rounds before, chosen without the round held out; nan without such a fit.
    independent : what is taken as independent for the intervals: "items" (of groups) or "answers".
    n_independent : how many of these there are.
    best : "the fit", "nobody moves" or "everybody averages", of equal ones not the fit; empty without predictions.
    clear : whether the intervals tell: if the fit is best, both lie above 0, otherwise that against the best below 0.
    verdict : in a sentence, with the intervals that decide.
    """

    round: str
    n_predictions: int
    n_lost: int
    errors: tuple[float, float, float]
    skill: tuple[float, float]
    intervals: tuple[tuple[float, float], tuple[float, float]]
    groups: tuple[GroupScore, ...]
    regularisation: float
    independent: str
    n_independent: int
    best: str
    clear: bool
    verdict: str


def score_predictions(
    observations: Observations,
    heard: list[BoolArray],
    stubborn: bool,
    regularisation: float | None,
    confidence: float,
) -> Scores:
    """Fit the rounds before the last one, predict the last one and score it.

    Parameters
    ----------
    observations : all rounds, in any units.
    heard, stubborn, regularisation : as in `numerics.fitting.estimate.estimate`.
    confidence : of the intervals of the skill.
    """
    rounds = observations.rounds
    if len(rounds) < 3:
        verdict = f"No round can be held out: there are {len(rounds)}, and a fit needs two before it."
        return _unscored(observations.groups, "", 0, np.nan, verdict)
    name = rounds[-1]
    groups, _ = in_typical_moves(observations.groups, len(rounds) - 1)
    answers = sum(int((~np.isnan(group.opinions[:, -1])).sum()) for group in groups)
    before = estimate(groups, heard, stubborn, regularisation, len(rounds) - 1)
    if not any(len(agent.moves) for agents in before.agents for agent in agents):
        verdict = f"Nothing could be fitted before round {name}: no transition between the rounds before can be used."
        return _unscored(groups, name, answers, np.nan, verdict)
    errors = [_errors(group, weights) for group, weights in zip(groups, before.weights, strict=True)]
    clusters = [item for own in errors for item in own if len(item)]
    if not clusters:
        verdict = f"No answer of round {name} can be predicted: answers before it are missing."
        return _unscored(groups, name, answers, before.regularisation, verdict)
    every = np.concatenate(clusters)
    items = len(clusters) >= LEAST_CLUSTERS
    parts = clusters if items else [answer[None] for answer in every]
    against = _skills(parts, confidence)
    total = _rms(every)
    order = [k for k in (1, 2, 0) if total[k] <= min(total) + EQUAL * max(total)]
    best, clear = PREDICTORS[order[0]], _clear(order[0], against)
    return Scores(
        name,
        len(every),
        answers - len(every),
        total,
        (against[0].skill, against[1].skill),
        (against[0].interval, against[1].interval),
        tuple(_group_score(group, own) for group, own in zip(groups, errors, strict=True)),
        before.regularisation,
        "items" if items else "answers",
        len(parts),
        best,
        clear,
        _verdict(name, total, order, against, clear, confidence),
    )


def predictions(weights: FloatArray, now: FloatArray, first: FloatArray) -> FloatArray:
    """Return the next answers Σ_j B_ij x_j(t) + s_i x_i(0), (items, k); nan where one of those it needs is missing.

    Parameters
    ----------
    weights : (k, k+1) B and s.
    now, first : (items, k) x(t) and x(0).
    """
    k = len(weights)
    needed = weights[:, :k] > 0
    unknown = (np.isnan(now)[:, None, :] & needed).any(axis=2) | (np.isnan(first) & (weights[:, k] > 0))
    B, s = weights[:, :k], weights[:, k]
    out = np.nan_to_num(now) @ B.T + s * np.nan_to_num(first)
    return np.where(unknown, np.nan, out)


def _errors(group: Group, weights: FloatArray) -> list[FloatArray]:
    """Return for each item (predicted, 3) errors of the three predictions, where all three can be made."""
    now, then = group.opinions[:, -2], group.opinions[:, -1]
    answered = ~np.isnan(now)
    mean = np.where(answered, now, 0.0).sum(axis=1) / np.maximum(answered.sum(axis=1), 1)
    guesses = np.stack(
        [predictions(weights, now, group.opinions[:, 0]), now, np.broadcast_to(mean[:, None], now.shape)]
    )
    errors = np.moveaxis(guesses - then, 0, -1)
    return [item[~np.isnan(item).any(axis=1)] for item in errors]


def _group_score(group: Group, errors: list[FloatArray]) -> GroupScore:
    together = np.concatenate(errors)
    return GroupScore(group.name, len(together), _rms(together))


def _rms(errors: FloatArray) -> tuple[float, float, float]:
    """Return the three root mean squares, without overflow."""
    if not len(errors):
        return np.nan, np.nan, np.nan
    unit = float(np.abs(errors).max()) or 1.0
    fit, still, mean = (unit * np.sqrt(((errors / unit) ** 2).mean(axis=0))).tolist()
    return fit, still, mean


def _skills(parts: list[FloatArray], confidence: float) -> tuple[Skill, Skill]:
    """Return the skills against nobody moves and everybody averages, from the errors of independent parts."""
    unit = max(float(np.abs(part).max()) for part in parts) or 1.0
    sums = np.array([(np.where(np.abs(part) > EQUAL * unit, part / unit, 0.0) ** 2).sum(axis=0) for part in parts])
    return (
        skill_against(sums[:, 0], sums[:, 1], confidence),
        skill_against(sums[:, 0], sums[:, 2], confidence),
    )


def _clear(best: int, against: tuple[Skill, Skill]) -> bool:
    if best == 0:
        return min(found.interval[0] for found in against) > 0
    return against[best - 1].interval[1] < 0


def _verdict(
    name: str,
    errors: tuple[float, float, float],
    order: list[int],
    against: tuple[Skill, Skill],
    clear: bool,
    confidence: float,
) -> str:
    """Say which of the three is best, whether the data can tell, and from which interval this is read."""
    table = ", ".join(f"{who} {error:.4g}" for who, error in zip(PREDICTORS, errors, strict=True))
    said = [
        f"{found.skill:.3g} against {who} ({100 * confidence:g} % interval {found.interval[0]:.3g} to "
        f"{found.interval[1]:.3g})"
        for who, found in zip(PREDICTORS[1:], against, strict=True)
    ]
    best = order[0]
    if best == 0:
        text = f"The fit predicts best, {'clearly' if clear else 'but not clearly'}: skill {said[0]}, {said[1]}"
    elif 0 in order:
        others = " and ".join(PREDICTORS[k] for k in order if k)
        text = f"The fit predicts as well as {others}, no better"
    else:
        how = "clearly worse than" if clear else "worse than"
        text = (
            f"The fit predicts {how} {PREDICTORS[best]}{'' if clear else ', but not clearly'}: skill {said[best - 1]}"
        )
    return f"{text}; errors in round {name}, in typical moves: {table}."


def _unscored(groups: tuple[Group, ...] | list[Group], name: str, lost: int, strength: float, verdict: str) -> Scores:
    nothing, unknown = (np.nan, np.nan, np.nan), (np.nan, np.nan)
    table = tuple(GroupScore(group.name, 0, nothing) for group in groups)
    return Scores(
        name, 0, lost, nothing, unknown, (unknown, unknown), table, float(strength), "", 0, "", False, verdict
    )
