"""Fitting influence: from observed answers to who listens to whom, and how far that can be known.

In a group an agent answers next, for each item (Friedkin and Johnsen),

    x_i(t+1) = (1-s_i) Σ_j W_ij x_j(t) + s_i x_i(0) + noise,    W ≥ 0,  Σ_j W_ij = 1,  0 ≤ s_i ≤ 1.

With B_ij = (1-s_i) W_ij the weights (B_i1, …, B_ik, s_i) lie in a simplex, and the best fit is one convex quadratic
program for each agent (`numerics.programs.influence_fit`), answers to each item in units of its typical move
(`numerics.fitting.typical_moves`).  It is drawn to a typical agent (`numerics.fitting.regularisation`), has intervals
(`numerics.fitting.bootstrap`), and is held to account on a round that it has not seen (`numerics.fitting.scores`).

References
----------
N. Friedkin, E. Johnsen, "Social influence and opinions", Journal of Mathematical Sociology 15:193, 1990; C. Ravazzi,
R. Tempo, F. Dabbene, "Learning influence structure in sparse social networks", IEEE TCNS 5:1976, 2018.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.bootstrap import Intervals, intervals
from numerics.fitting.estimate import Estimate, estimate
from numerics.fitting.observations import Group, Observations
from numerics.fitting.regularisation import HeldOut, TypicalAgent
from numerics.fitting.scores import Scores, score_predictions
from numerics.fitting.transitions import listeners
from numerics.fitting.typical_moves import in_typical_moves
from numerics.programs.influence_fit import GUARANTEE
from numerics.streams import Seed, spawn
from numerics.validation import flag, integer, is_real, number
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MAX_GROUP = 100  # agents: a program of 10 000 weights, solved a hundred times to choose λ, in minutes
MAX_COPIES = 100_000
ROUNDING = 1e-9  # weights this close to an end count as inside of an interval


@dataclass(frozen=True, eq=False)
class GroupFit:
    """The fit of one group of k agents; all arrays are read-only.

    Attributes
    ----------
    name, agents : of the group.
    influence : (k, k) W, rows sum to 1 up to rounding; the row of a typical agent where s_i = 1.
    stubbornness : (k,) s in [0, 1].
    weights : (k, k) B, B_ij = (1-s_i) W_ij.
    influence_interval : (2, k, k) lower and upper ends for W; nan without a bootstrap.
    stubbornness_interval : (2, k).
    weights_interval : (2, k, k).
    determined : (k, k+1) whether the moves determine B_ij, and s_i in the last column; if not, the interval is [0, 1].
    units : (items,) typical move of each item, in the unit of its answers.
    noise : (k,) standard deviation of moves about their prediction, in typical moves: in answers to item m it is noise
        times units[m]; nan if no move is left to tell.
    used, lost : (k,) transitions that could be used, and that could not because an answer is missing.
    rank, condition : (k,) of the differences that the weights are fitted to; infinite if the rank is not full.
    gap : (k,) how far from the best fit the weights can be, see `numerics.programs.influence_fit`.
    warning : what the log does not determine, in words; empty if there is nothing.
    """

    name: str
    agents: tuple[str, ...]
    influence: FloatArray
    stubbornness: FloatArray
    weights: FloatArray
    influence_interval: FloatArray
    stubbornness_interval: FloatArray
    weights_interval: FloatArray
    determined: NDArray[np.bool_]
    units: FloatArray
    noise: FloatArray
    used: IntArray
    lost: IntArray
    rank: IntArray
    condition: FloatArray
    gap: FloatArray
    warning: str

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = value.copy()
                value.flags.writeable = False
                object.__setattr__(self, field.name, value)


@dataclass(frozen=True, eq=False)
class InfluenceFit:
    """Influence fitted to observed answers.

    Attributes
    ----------
    groups : the fit of every group, in their order.
    regularisation : λ, how many transitions the typical agent counts as; infinite if everybody is taken for it.
    held_out : the curve of held-out errors that λ was chosen by: `candidates` and `error`, empty if λ was given.
    typical : weights of a typical agent on itself, on the others together and on its first answer.
    scores : predictions of the last round against "nobody moves" and "everybody averages".
    confidence, bootstrap : of the intervals, and the number of copies of the log behind them.
    solver, status, guarantee : of the program.
    """

    groups: tuple[GroupFit, ...]
    regularisation: float
    held_out: HeldOut
    typical: TypicalAgent
    scores: Scores
    confidence: float
    bootstrap: int
    solver: str
    status: str
    guarantee: str

    @property
    def n_used(self) -> int:
        """Transitions that were used, of all agents."""
        return sum(int(group.used.sum()) for group in self.groups)

    @property
    def n_lost(self) -> int:
        """Transitions that were lost to missing answers."""
        return sum(int(group.lost.sum()) for group in self.groups)

    @property
    def n_outside(self) -> int:
        """Estimates of B and s outside of their intervals: drawn by the typical agent, or by the simplex."""
        total = 0
        for group in self.groups:
            (b_low, b_high), (s_low, s_high) = group.weights_interval, group.stubbornness_interval
            total += int(((group.weights < b_low - ROUNDING) | (group.weights > b_high + ROUNDING)).sum())
            total += int(((group.stubbornness < s_low - ROUNDING) | (group.stubbornness > s_high + ROUNDING)).sum())
        return total

    @property
    def regularisation_from(self) -> str:
        """Where λ comes from: "given", "held-out transitions", or "nothing could be held out" (then it is infinite)."""
        if not len(self.held_out.candidates):
            return "given"
        known = not np.isnan(self.held_out.error).all()
        return "held-out transitions" if known else "nothing could be held out"

    @property
    def note(self) -> str:
        """What the intervals are about."""
        if self.bootstrap == 0:
            return "No intervals: bootstrap=0."
        outside = f"{self.n_outside} of the estimates lie outside of theirs"
        if self.n_outside:
            outside += f", because {self._apart}"
        return (
            f"Intervals ({100 * self.confidence:g} %) are those of least squares without typical agent, cut at 0 and 1 "
            f"afterwards; {outside}. Each interval holds the true weight at that rate if answers follow the model with "
            "noise that is independent between rounds and, relative to its typical move, the same for every item."
        )

    @property
    def _apart(self) -> str:
        """Why estimates differ from least squares."""
        bounds = "their weights may not be negative and add up to 1"
        if self.regularisation == 0:
            return bounds
        if self.regularisation == math.inf:
            return "everybody is taken for the typical agent"
        return f"the typical agent counts as {self.regularisation:.3g} transitions in them, and {bounds}"


def fit_influence(
    observations: Observations,
    network: object = None,
    stubborn: bool = True,
    regularisation: float | None = None,
    bootstrap: int = 200,
    confidence: float = 0.95,
    seed: Seed = 0,
) -> InfluenceFit:
    """Fit who listens to whom, and how stubborn everybody is, to observed answers.

        min over (B_i, s_i) in the simplex   Σ (x_i(t+1) - Σ_j B_ij x_j(t) - s_i x_i(0))² + λ v ‖(B_i, s_i) - typical‖²

    The sum is over items and rounds, answers to each item in units of its typical move, the root of the mean square of
    the moves of all groups: in which unit or from which zero an item was answered does not matter.

    Parameters
    ----------
    observations : Observations, at least two rounds, groups of at most 100 agents.
    network : whom agents may listen to apart from themselves, everybody unless given: a graph in which i, j is an edge
        if i may listen to j, or a dictionary from groups to such graphs.  The nodes of a networkx graph are names of
        agents; otherwise agents are in their order.
    stubborn : whether agents may hold on to their first answers; without, s = 0.
    regularisation : λ ≥ 0, how many transitions the typical agent counts as: 0 for least squares, `math.inf` for the
        typical agent itself.  Chosen by held-out transitions unless given.
    bootstrap : number of simulated copies of the log behind the intervals; 0 for none.
    confidence : of the intervals, in (0, 1).
    seed : of the bootstrap; the same bits for the same seed.

    Returns
    -------
    InfluenceFit

    Raises
    ------
    InputError
        If no transition can be used, or an argument is out of range.

    Notes
    -----
    A transition from t to t+1 is used for agent i if i answered in both, everybody that it may listen to answered in
    t, and, where s_i is fitted, i answered in the first round.  Agents that never did have s_i = 0.  One
    transition alone cannot tell the weight on itself from stubbornness; what is not determined has the interval [0, 1].
    The error of W falls as one over the root of the number of rounds as long as noise keeps opinions apart; opinions
    that agree say nothing any more.  The noise is taken to be independent between rounds and agents and, in typical
    moves, as large for one item as for another; answers are taken to be exact: an error in reading them biases the
    weights towards equal ones.
    Cost O(copies · items · rounds · k³) for a group of k agents: a third of a second of processor time for 5 agents in
    50 rounds, 10 seconds for 10 agents in 10 000 rounds or for 30 agents and 20 items in 20 rounds.

    References
    ----------
    Friedkin and Johnsen, Journal of Mathematical Sociology 15:193, 1990.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [0.25, 0.75], [0.375, 0.75], [0.46875, 0.78125]])  # Bob is half stubborn
    >>> log = Observations((Group("pair", ("Ann", "Bob"), x[None], [math.nan], ("q",)),), ("1", "2", "3", "4"))
    >>> found = fit_influence(log, regularisation=0, bootstrap=0)
    >>> found.groups[0].influence.round(6).tolist(), found.groups[0].stubbornness.round(6).tolist()
    ([[0.75, 0.25], [0.5, 0.5]], [0.0, 0.5])
    """
    if not isinstance(observations, Observations):
        raise InputError("observations", observations, "are not Observations", "read them by read_opinions")
    stubborn = flag(stubborn, "stubborn")
    strength = None if regularisation is None else _strength(regularisation)
    level = number(confidence, "confidence", "give a number such as 0.95")
    if not 0 < level < 1:
        raise InputError("confidence", confidence, "is not in (0, 1)", "give a number such as 0.95")
    copies = integer(bootstrap, "bootstrap", "copies", 0, MAX_COPIES)
    if 0 < copies < (least := math.ceil(level / (1 - level))):
        raise InputError("bootstrap", copies, f"copies have no {level:g} quantile", f"give at least {least}, or 0")
    _check(observations)
    heard = listeners(observations, network)
    groups, units = in_typical_moves(observations.groups, len(observations.rounds))
    found = estimate(groups, heard, stubborn, strength, len(observations.rounds))
    if not any(len(agent.moves) for group in found.agents for agent in group):
        problem = "have no transition that can be used: every one misses an answer before or after"
        advice = "give a network in which agents listen to fewer, or logs with more answers"
        raise InputError("observations", observations.rounds, problem, advice)
    seeds = spawn(seed, len(groups))
    fits = []
    for g, group in enumerate(groups):
        rng = np.random.default_rng(seeds[g])
        ends = intervals(group.opinions, found.agents[g], found.weights[g], copies, level, rng)
        fits.append(_group_fit(group, units[g], found, g, ends, stubborn))
    scores = score_predictions(observations, heard, stubborn, strength, level)
    return InfluenceFit(
        tuple(fits),
        found.regularisation,
        found.held_out,
        found.typical,
        scores,
        level,
        copies,
        found.solver,
        found.status,
        GUARANTEE,
    )


def _strength(given: object) -> float:
    if is_real(given) and given == math.inf:
        return math.inf
    strength = number(given, "regularisation", "give a number of transitions such as 10, or inf")
    if strength < 0 or strength > 1e12:
        raise InputError("regularisation", given, "is not from 0 to 1e12", "give 0, 10, or inf for the typical agent")
    return strength


def _check(observations: Observations) -> None:
    if len(observations.rounds) < 2:
        raise InputError("observations", observations.rounds, "have no second round", "give at least two rounds")
    for group in observations.groups:
        if group.n_agents > MAX_GROUP:
            problem = f"agents are more than {MAX_GROUP}"
            raise InputError(f"group {group.name}", group.n_agents, problem, "split the group")


def _group_fit(group: Group, units: FloatArray, found: Estimate, g: int, ends: Intervals, stubborn: bool) -> GroupFit:
    agents, weights = found.agents[g], found.weights[g]
    k = len(agents)
    B, s = weights[:, :k], weights[:, k]
    return GroupFit(
        name=group.name,
        agents=group.agents,
        influence=_influence(weights, np.array([found.typical.weights(agent) for agent in agents])),
        stubbornness=s,
        weights=B,
        influence_interval=ends.influence,
        stubbornness_interval=ends.weights[:, :, k],
        weights_interval=ends.weights[:, :, :k],
        determined=ends.determined,
        units=units,
        noise=ends.noise,
        used=np.array([len(agent.moves) for agent in agents]),
        lost=np.array([agent.lost for agent in agents]),
        rank=ends.rank,
        condition=ends.condition,
        gap=found.gap[g],
        warning=_warning(group, ends, np.array([len(agent.heard) for agent in agents]), stubborn),
    )


def _influence(weights: FloatArray, prior: FloatArray) -> FloatArray:
    """Return W_ij = B_ij/(1-s_i); the prior's row where nothing is left, and all on itself if it leaves nothing too."""
    k = len(weights)
    for row, other in zip(W := weights.copy(), prior, strict=True):
        if not row[:k].sum() > 0:
            row[:] = other
    left = W[:, :k].sum(axis=1, keepdims=True)
    return np.where(left > 0, W[:, :k] / np.where(left > 0, left, 1.0), np.eye(k))


def _warning(group: Group, ends: Intervals, free: IntArray, stubborn: bool) -> str:
    """Say in words which weights the log leaves open, and why."""
    out = []
    late = [name for name, answers in zip(group.agents, group.opinions[:, 0].T, strict=True) if np.isnan(answers).all()]
    if stubborn and late:
        out.append(
            f"No first answer of {', '.join(late)}: taken for not stubborn; intervals are right only if that is."
        )
    open_ = [i for i in range(group.n_agents) if not ends.determined[i].all()]
    if open_:
        names = ", ".join(f"{group.agents[i]} ({ends.rank[i]} of {free[i]} directions)" for i in open_)
        out.append(
            f"The moves do not determine all weights of {names}: what they leave open follows the typical agent."
        )
    untold = [group.agents[i] for i in np.flatnonzero(np.isnan(ends.noise)).tolist() if free[i]]
    if untold:
        out.append(f"There are too few transitions to tell weights from noise for {', '.join(untold)}.")
    if (last := _last_change(group)) < group.opinions.shape[1] - 2:
        out.append(f"No answer changes after round number {last + 2}: later rounds say little about who is heard.")
    return " ".join(out)


def _last_change(group: Group) -> int:
    """Return the last t from which to t+1 some answer changed, -1 if none did."""
    steps = np.abs(np.nan_to_num(np.diff(group.opinions, axis=1))).max(axis=(0, 2))
    return int(np.flatnonzero(steps)[-1]) if steps.any() else -1
