"""Fragility of one team: how far it is from breaking, what breaks it, what happens then, and what would hold it.

Everything is evaluated once the coalitions of the structure have reached consensus, x = W(π)^∞ x(0):

- the barrier κ - Δ of every move that would be accepted; the least of an agent's is its margin, the least of all the
  margin of the structure, which is stable iff no move is admissible;
- the nearest threshold in every parameter, and the nearest opinions at which the structure breaks;
- the cascade: the move with the least barrier is made, and the dynamics go on from there, many times;
- the basin: opinions are pushed in a random direction, and the dynamics go on: how often do the same coalitions stand
  at the end;
- the cheapest payments under which the structure is stable.

Results: S8 (critical cost), S14 (radius).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import settled
from numerics.ensemble import ensemble
from numerics.influence import Lazy
from numerics.model import Model
from numerics.moves import Move, Moves, move_of, moves
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, coalitions_of, labels_of, members_of
from numerics.payoffs import coalition_values
from numerics.schedules import Schedule
from numerics.streams import Seed, spawn
from numerics.ties import tie_tolerance
from numerics.validation import integer
from theory.errors import InputError

if TYPE_CHECKING:
    from numerics.programs.fragility_radius import FragilityRadius
    from numerics.programs.thresholds import Nearest
    from numerics.programs.transfers import StabilisingTransfers

FloatArray = NDArray[np.float64]
T = TypeVar("T")

PUSHES = (1.0, 1.5, 2.0, 3.0, 5.0)  # lengths of random pushes, in radii
MAX_OPINIONS = 30  # agents whose opinions are varied one by one


@dataclass(frozen=True)
class PricedMove(Move):
    """A move, what it gains and what it costs: Δ and κ."""

    gain: float
    cost: float

    @property
    def barrier(self) -> float:
        """κ - Δ: what is missing for the move to pay, negative if it does."""
        return self.cost - self.gain


@dataclass(frozen=True, eq=False)
class Cascade:
    """What follows if one move is made, in many runs.

    Attributes
    ----------
    structure : right after the move.
    returned : share of the runs that end in the structure as it was.
    ends : the final structures, each with its share of the runs, the most frequent first.
    settled : share of the runs that end at a joint equilibrium.
    mean_moves : mean number of further moves.
    mean_surplus : mean surplus at the end.
    """

    structure: list[list[int]]
    returned: float
    ends: list[tuple[list[list[int]], float]]
    settled: float
    mean_moves: float
    mean_surplus: float


@dataclass(frozen=True, eq=False)
class Basin:
    """Chance that the same coalitions stand after a random push.

    Attributes
    ----------
    sizes : (m,) Euclidean lengths of the push, in units of opinion.
    chances : (m,) share of the runs that end in the structure.
    intervals : (m, 2) what the chances may be, at 95 % confidence (Wilson).
    runs : number of pushes of each length.
    """

    sizes: FloatArray
    chances: FloatArray
    intervals: FloatArray
    runs: int


@dataclass(frozen=True, eq=False)
class Fragility:
    """The fragility of one structure; see `numerics.fragility` for what is meant.

    Attributes
    ----------
    model : at consensus.
    structure : coalitions in the order given.
    opinions : (n,) or (n, d), at consensus.
    varied : opinions, in the same shape, that thresholds, radius and pushes start from: those at consensus, or those
        given where stubborn agents hold on to them.
    surplus : Σ v(C) there.
    stable : whether no move is admissible.
    margin : least barrier of an accepted move, inf if there is none.
    binding : that move, None if there is none.
    margins : (n,) least barrier of each agent's accepted moves, inf without any.
    agents : each agent's move with that barrier, None without any.
    refused : number of moves that pay and are not accepted: what acceptance alone holds back.
    critical_cost : κ* = largest gain of an accepted move.
    thresholds : for each parameter the threshold nearest to the model's value.
    radius : the nearest opinions that break the structure; None if it could not be computed.
    cascade : what follows the binding move; None without one, or if it could not be simulated.
    basin : return after random pushes; None if they could not be made.
    transfers : the cheapest payments that hold the structure; None if they could not be computed.
    tolerance : gains below it are a tie with 0.
    estimated : whether gains may be estimates, because a coalition with one more member is too large for exact payoffs.
    omitted : for what could not be computed, why.
    """

    model: Model
    structure: list[list[int]]
    opinions: FloatArray
    varied: FloatArray
    surplus: float
    stable: bool
    margin: float
    binding: PricedMove | None
    margins: FloatArray
    agents: list[PricedMove | None]
    refused: int
    critical_cost: float
    thresholds: dict[str, Nearest]
    radius: FragilityRadius | None
    cascade: Cascade | None
    basin: Basin | None
    transfers: StabilisingTransfers | None
    tolerance: float
    estimated: bool
    omitted: dict[str, str]


def fragility(
    model: Model,
    structure: Structure,
    seed: Seed = 0,
    runs: int = 200,
    schedule: Schedule = "random",
    max_steps: int = 1000,
    progress: Callable[[str], None] | None = None,
    samples: int = 0,
) -> Fragility:
    """Diagnose how fragile a team is.

    Parameters
    ----------
    model : Model with concrete opinions.
    structure : the team: its coalitions.
    seed, runs, schedule, max_steps : of the runs of the cascade and after every push, as in
        `numerics.simulation.simulate`.
    progress : called with a short text whenever something new is being done.
    samples : pairs of random orders for payoffs that are neither closed nor small enough for a table; 0 to refuse
        them.  Thresholds, radius and transfers take exact payoffs only.

    Raises
    ------
    InputError
        For bad arguments, or coalitions too large for exact payoffs.  A part that cannot be computed for this model is
        left out, and `omitted` says why.

    Notes
    -----
    About 6 `runs` simulated runs, and a search for thresholds in every parameter; the opinions of at most 30 agents are
    varied one by one.  Seconds, or minutes where runs take many steps and payoffs come from tables, as those of
    stubborn agents on a network: then ask for fewer runs or steps.  Coalitions that a move or a push leaves behind keep
    their numbers, so that costs of numbered coalitions stay with them.

    Examples
    --------
    >>> team = Model(opinions=[0.0, 0.2, 1.0], performance="-u**2", switching_cost=0.5)
    >>> found = fragility(team, [[0, 1], [2]], runs=100)
    >>> found.stable, round(found.margin, 4), found.binding.agent, found.binding.target
    (True, 0.185, 2, (0, 1))
    """
    runs = integer(runs, "runs", "runs", 1)
    labels = labels_of(structure, model.n_agents)
    team = settled(model, labels)
    varied = model if model.is_stubborn and model.innate_opinions is None else team  # what agents hold on to varies too
    coalitions = members_of(labels)
    largest = max(map(len, coalitions))
    found = moves(team, labels, samples)
    barriers = np.where(found.accepted, found.costs - found.gains, np.inf)
    agents = [_best_move(i, barriers[i], found, labels) for i in range(len(labels))]
    margins = barriers.min(axis=1)
    binding = agents[int(np.argmin(margins))] if np.isfinite(margins).any() else None
    tie = tie_tolerance(team, labels)
    with np.errstate(invalid="ignore"):
        pays = found.gains > found.costs + tie
    omitted: dict[str, str] = {}
    report = progress or (lambda text: None)

    def part(name: str, compute: Callable[[], T]) -> T | None:
        """A part of the diagnosis, or None and the reason in `omitted`."""
        report(f"diagnosing: {name}")
        try:
            return compute()
        except InputError as error:
            omitted[name] = str(error)
            return None

    seeds = spawn(seed, 2)
    how = (schedule, max_steps, samples)
    radius = part("radius", lambda: _radius(varied, labels))
    nearest = {name: part(name, partial(_nearest, varied, labels, name)) for name in parameters_of(varied)}
    return Fragility(
        model=team,
        structure=coalitions,
        opinions=concrete_opinions(team),
        varied=concrete_opinions(varied),
        surplus=float(coalition_values(team, labels).sum()),
        stable=not found.admissible.any(),
        margin=float(margins.min()),
        binding=binding,
        margins=margins,
        agents=agents,
        refused=int((pays & ~found.accepted).sum()),
        critical_cost=found.critical_cost,
        thresholds={name: near for name, near in nearest.items() if near is not None},
        radius=radius,
        cascade=part("cascade", lambda: _cascade(team, labels, binding, runs, seeds[0], *how)),
        basin=part("basin", lambda: _basin(varied, labels, radius, runs, seeds[1], *how, report)),
        transfers=part("transfers", lambda: _transfers(team, labels)),
        tolerance=tie,
        estimated=samples > 0 and largest >= team.largest_table and not team.has_closed_form,
        omitted=omitted,
    )


def parameters_of(model: Model) -> list[str]:
    """Return the names of the parameters that a model has, as `numerics.programs.thresholds` knows them."""
    names = ["switching_cost"]
    if model.acceptance.parameter is not None:
        names.append(model.acceptance.parameter)
    if model.discount is not None:
        names += ["influence.rate"] if isinstance(model.influence, Lazy) else []
        names.append("discount")
    names += ["theta"] if model.dimension == 1 else [f"theta[{k}]" for k in range(model.dimension)]
    if model.n_agents <= MAX_OPINIONS and not model.is_stubborn:
        ends = [""] if model.dimension == 1 else [f"[{k}]" for k in range(model.dimension)]
        names += [f"opinions[{i}]{end}" for i in range(model.n_agents) for end in ends]
    return names


def _best_move(agent: int, barriers: FloatArray, found: Moves, labels: NDArray[np.int64]) -> PricedMove | None:
    column = int(np.argmin(barriers))
    if not np.isfinite(barriers[column]):
        return None
    move = move_of(agent, column, labels)
    gain, cost = float(found.gains[agent, column]), float(found.costs[agent, column])
    return PricedMove(agent, move.source, move.target, gain, cost)


def _radius(team: Model, labels: NDArray[np.int64]) -> FragilityRadius:
    from numerics.programs.fragility_radius import fragility_radius

    return fragility_radius(team, labels)


def _transfers(team: Model, labels: NDArray[np.int64]) -> StabilisingTransfers:
    from numerics.programs.transfers import stabilising_transfers

    return stabilising_transfers(team, labels)


def _nearest(team: Model, labels: NDArray[np.int64], name: str) -> Nearest:
    from numerics.programs.thresholds import thresholds

    return thresholds(team, labels, name, at="consensus").nearest()


def _cascade(
    team: Model, labels: NDArray[np.int64], binding: PricedMove | None, runs: int, seed: Seed, schedule: Schedule,
    max_steps: int, samples: int,
) -> Cascade | None:  # fmt: skip
    if binding is None:
        return None
    after = labels.copy()
    after[binding.agent] = labels[binding.target[0]] if binding.target else labels.max() + 1
    many = ensemble(team, runs, seed, after, schedule, max_steps=max_steps, samples=samples, keep=True)
    ends = Counter(tuple(map(tuple, coalitions_of(end))) for end in many.labels)
    return Cascade(
        structure=coalitions_of(after),
        returned=float(_are(many.labels, labels).mean()),
        ends=[([list(c) for c in end], count / runs) for end, count in ends.most_common()],
        settled=float((many.outcome == "joint equilibrium").mean()),
        mean_moves=float(many.moves.mean()),
        mean_surplus=float(many.surplus.mean()),
    )


def _basin(
    team: Model, labels: NDArray[np.int64], radius: FragilityRadius | None, runs: int, seed: Seed, schedule: Schedule,
    max_steps: int, samples: int, report: Callable[[str], None],
) -> Basin:  # fmt: skip
    x = concrete_opinions(team)
    unit = radius.radius if radius is not None and 0 < radius.radius < np.inf else 0.0
    if unit == 0.0:  # nothing to measure by but the opinions: a quarter of how far they are from their mean, or 1
        unit = float(np.linalg.norm(x - x.mean(axis=0))) / 4 or 1.0
    sizes = unit * np.array(PUSHES)
    chances = np.empty(len(sizes))
    for k, (size, stream) in enumerate(zip(sizes, spawn(seed, len(sizes)), strict=True)):
        report(f"diagnosing: basin, {runs} runs after push {k + 1} of {len(sizes)}")
        push_seed, run_seed = spawn(stream, 2)
        direction = np.random.default_rng(push_seed).normal(size=(runs, *x.shape))
        lengths = np.sqrt((direction**2).reshape(runs, -1).sum(axis=1)).reshape(-1, *[1] * x.ndim)
        start = x + size * direction / lengths
        many = ensemble(
            team, runs, run_seed, labels, schedule, max_steps=max_steps, samples=samples, initial_opinions=start,
            keep=True,
        )  # fmt: skip
        chances[k] = _are(many.labels, labels).mean()
    return Basin(sizes, chances, _wilson(chances, runs), runs)


def _wilson(share: FloatArray, runs: int) -> FloatArray:
    """(m, 2) ends of Wilson's 95 % intervals, the p with (share - p)² = z² p (1-p)/runs."""
    z = 1.96
    centre, spread = (share + z**2 / (2 * runs)), z * np.sqrt(share * (1 - share) / runs + (z / (2 * runs)) ** 2)
    return np.column_stack([centre - spread, centre + spread]) / (1 + z**2 / runs)


def _are(ends: NDArray[np.int64], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each row of labels means the same coalitions: the same pairs of agents are together."""
    same = np.ones(len(ends), dtype=np.bool_)
    for i in range(len(labels)):
        same &= ((ends == ends[:, i : i + 1]) == (labels == labels[i])).all(axis=1)
    return same
