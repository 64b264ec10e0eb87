"""The coupled dynamics: fast consensus, slow exit and join.

One slow step: a tactical phase of T consensus steps (T = ∞: to the limit), then one admissible move, if
there is one.

    x(t+1) = W(π(t))^T x(t),   then an agent moves and π(t) becomes π(t+1).

The mover is drawn uniformly among the agents that have an admissible move at x(t+1).  Under the schedule
"random" it takes a uniformly random admissible move, under "best response" the one of greatest gain (ties:
the first coalition listed, founding alone last).  A run ends at a joint equilibrium, or after `max_steps`.

Results: S4 (at most L V/(2κ) moves for κ > 0), S5 (terminal spread), S6 (none ends for κ < 0, φ concave).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import Unanimous
from numerics.kernels import agreeing, codes, general
from numerics.kernels import streams as streams_kernel
from numerics.kernels.payoffs import MAX_TABLE
from numerics.model import Model
from numerics.opinions import Normal
from numerics.partitions import Structure, coalitions_of, labels_of, singletons
from numerics.payoffs import check_status
from numerics.streams import Seed, fresh_seed, key_of
from numerics.validation import integer, is_real
from theory.errors import InputError

SCHEDULES = {"random": codes.RANDOM, "best response": codes.BEST_RESPONSE}
OUTCOMES = ("joint equilibrium", "step limit")  # by the kernel's number
MAX_RECORDED_STEPS = 10_000_000  # 56 bytes each
MAX_AGENTS = 4096  # the matrix of gains between coalitions is kept: 17 · 4096² bytes are 0.3 GB


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What happened, one entry for each slow step from 0; step 0 is the start after its tactical phase.

    Attributes
    ----------
    spread : max x - min x.
    disagreement : V = Σ (x_i - x̄)².
    surplus : W = Σ_C v(C; x).
    n_coalitions : number of coalitions.
    mover : the agent that moves next, -1 if none does.
    gain : Δ of that move, NaN if there is none.
    target : the smallest member of the coalition it joins, -1 for founding alone (or no move).
    """

    spread: NDArray[np.float64]
    disagreement: NDArray[np.float64]
    surplus: NDArray[np.float64]
    n_coalitions: NDArray[np.int64]
    mover: NDArray[np.int64]
    gain: NDArray[np.float64]
    target: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Run:
    """One run: its final state and its history.

    Attributes
    ----------
    structure : final coalitions, sorted lists of agents in the order of their smallest members.
    opinions : (n,) final opinions.
    initial_opinions : (n,) opinions at the start.
    moves : number of moves made.
    steps : number of slow steps.
    outcome : "joint equilibrium" or "step limit".
    spread, disagreement, surplus : of the final state.
    trajectory : the same along the run, with every move.
    seed : the seed that makes the same run again; drawn if none was given, None if a SeedSequence was.
    """

    structure: list[list[int]]
    opinions: NDArray[np.float64]
    initial_opinions: NDArray[np.float64]
    moves: int
    steps: int
    outcome: str
    spread: float
    disagreement: float
    surplus: float
    trajectory: Trajectory
    seed: int | None


@dataclass(frozen=True, eq=False)
class Setting:
    """The validated arguments of a run as kernels take them."""

    model: Model
    labels: NDArray[np.int64]
    schedule: int
    keep: float  # factor of the deviations in one tactical phase
    max_steps: int

    @property
    def agreeing(self) -> bool:
        """Whether members always agree when they move, under equal influence."""
        return self.keep == 0.0 and not self.model.is_weighted

    @property
    def rule(self) -> tuple[int, float, float]:
        """Acceptance rule, its threshold, and the switching cost."""
        acceptance = self.model.acceptance
        if isinstance(acceptance, Unanimous):
            return codes.UNANIMOUS, acceptance.threshold, self.model.switching_cost
        return codes.OPEN, 0.0, self.model.switching_cost


def simulate(
    model: Model,
    seed: Seed = None,
    structure: Structure | None = None,
    schedule: str = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
) -> Run:
    """Simulate one run.

    Parameters
    ----------
    model : Model
    seed : integer, numpy SeedSequence, or None for a fresh one.  The same seed gives the same bits.
    structure : the structure to start from; singletons unless given.
    schedule : "random" or "best response".
    tactical_steps : T, consensus steps before each move; infinity or an integer of at least 1.
    max_steps : slow steps after which the run ends with the outcome "step limit".

    Raises
    ------
    InputError
        For bad arguments; for a performance that is not finite where the run goes; for more than 4096 agents,
        or more than 20 where payoffs need tables of subsets.

    Notes
    -----
    Cost of a step: O(K²) comparisons and O(K) gains for K coalitions if members agree when they move, all
    gains of all agents otherwise.

    Examples
    --------
    >>> model = Model(opinions=[0.1, -1.2, 0.7], performance="3 - (u - 1/3)**2", switching_cost=0.05)
    >>> run = simulate(model, seed=0)
    >>> run.structure, run.outcome
    ([[0], [1, 2]], 'joint equilibrium')
    """
    setting = check_setting(model, structure, schedule, tactical_steps, max_steps)
    if max_steps > MAX_RECORDED_STEPS:
        raise InputError(
            "max_steps",
            max_steps,
            f"are more than the {MAX_RECORDED_STEPS} steps that one run records",
            "use ensemble(..., runs=1), which records the final state only",
        )
    if seed is None:
        seed = fresh_seed()
    state = np.empty(4, dtype=np.uint64)
    streams_kernel.start(key_of(seed), 0, state)
    n = model.n_agents
    if isinstance(model.opinions, Normal):
        x = np.empty(n)
        streams_kernel.normals(state, model.opinions.mean, model.opinions.sd, x)
    else:
        x = np.array(model.opinions)
    initial = x.copy()
    labels = setting.labels.copy()
    floats = np.empty((max_steps + 1, 4))
    integers = np.empty((max_steps + 1, 3), dtype=np.int64)
    game, ties = model.game_arrays(), model.tie_arrays()
    result: tuple[Any, ...]
    if setting.agreeing:
        work = agreeing.scratch(n, len(game[3]))
        result = agreeing.evolve_agreeing(
            x, labels, game, ties, setting.rule, setting.schedule, max_steps, state, work, floats, integers
        )
    else:
        result = general.evolve_general(
            x, np.array(model.weights), labels, game, ties, setting.rule, setting.schedule, setting.keep, max_steps,
            state, floats, integers,
        )  # fmt: skip
    status, outcome, n_moves, steps, _, spread, disagreement, surplus = result
    check_status(status, model)
    initial.flags.writeable = x.flags.writeable = False
    return Run(
        structure=coalitions_of(labels),
        opinions=x,
        initial_opinions=initial,
        moves=int(n_moves),
        steps=int(steps),
        outcome=OUTCOMES[outcome],
        spread=float(spread),
        disagreement=float(disagreement),
        surplus=float(surplus),
        trajectory=_trajectory(floats[: steps + 1], integers[: steps + 1]),
        seed=None if isinstance(seed, np.random.SeedSequence) else int(seed),
    )


def _trajectory(floats: NDArray[np.float64], integers: NDArray[np.int64]) -> Trajectory:
    def column(table: NDArray[Any], number: int) -> NDArray[Any]:
        values = table[:, number].copy()
        values.flags.writeable = False
        return values

    return Trajectory(
        spread=column(floats, codes.SPREAD),
        disagreement=column(floats, codes.DISAGREEMENT),
        surplus=column(floats, codes.SURPLUS),
        n_coalitions=column(integers, codes.N_COALITIONS),
        mover=column(integers, codes.MOVER),
        gain=column(floats, codes.GAIN),
        target=column(integers, codes.TARGET),
    )


def check_setting(
    model: Model, structure: Structure | None, schedule: str, tactical_steps: float, max_steps: int
) -> Setting:
    """Validate the arguments that `simulate` and `ensemble` share."""
    n = model.n_agents
    labels = singletons(n) if structure is None else labels_of(structure, n)
    name = schedule[:40].replace("-", " ").replace("_", " ").lower() if isinstance(schedule, str) else None
    if name not in SCHEDULES:
        raise InputError("schedule", schedule, "is not a schedule", f"use one of {', '.join(map(repr, SCHEDULES))}")
    keep = 0.0
    if not (is_real(tactical_steps) and tactical_steps == math.inf):
        whole = int(tactical_steps) if isinstance(tactical_steps, float) and tactical_steps % 1 == 0 else tactical_steps
        keep = model.influence.contraction ** integer(whole, "tactical_steps", "steps, or infinity", 1)
    limit = integer(max_steps, "max_steps", "steps", 0)
    setting = Setting(model, labels, SCHEDULES[name], keep, limit)
    if n > MAX_AGENTS:
        raise InputError("opinions", f"{n} agents", "are too many to simulate", f"use at most {MAX_AGENTS}")
    if not setting.agreeing and not model.has_quadratic_closed_form and n > MAX_TABLE:
        check_status(codes.TOO_LARGE, model)
    return setting
