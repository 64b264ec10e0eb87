"""The coupled dynamics: fast consensus, slow exit and join.

One slow step: a tactical phase of T consensus steps (T = ∞: to the limit), then one admissible move, if
there is one.

    x(t+1) = W(π(t))^T x(t),   then an agent moves and π(t) becomes π(t+1).

Who moves, and where, is a matter of the schedule (`numerics.schedules`).  A run ends at a joint equilibrium, or after
`max_steps`.  Three kernels compute the same process, and a run says which one did (`numerics.settings`):

- gaps between coalitions, where members agree and φ is a concave quadratic: O(1) to O(K) for K coalitions a step;
- pairs of coalitions, where members agree: O(K) gains a step;
- agent by agent, for everything else.

Results: S4 (at most L V/(2κ) moves for κ > 0), S5 (terminal spread), S6 (none ends for κ < 0, φ concave).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import codes
from numerics.model import Model
from numerics.partitions import Structure, coalitions_of
from numerics.runs import is_flat, run_part, starts_of
from numerics.schedules import Schedule
from numerics.settings import OUTCOMES, check_setting
from numerics.streams import Seed, draw_opinions, fresh_seed, key_of
from numerics.validation import flag
from theory.errors import InputError

MAX_RECORDED_STEPS = 10_000_000  # 56 bytes each


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What happened, one entry for each slow step from 0; step 0 is the start after its tactical phase.

    Attributes
    ----------
    spread : max x - min x; of vectors, the largest over the coordinates.
    disagreement : V = Σ |x_i - x̄|².
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
    opinions : (n,) or (n, d) final opinions.
    initial_opinions : opinions at the start, in the same shape.
    moves : number of moves made.
    steps : number of slow steps.
    outcome : "joint equilibrium" or "step limit".
    spread, disagreement, surplus : of the final state.
    trajectory : the same along the run, with every move; no entries unless recorded.
    method : how moves and payoffs were computed, and why so if it is the general way.
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
    method: str
    seed: int | None


def simulate(
    model: Model,
    seed: Seed = None,
    structure: Structure | None = None,
    schedule: Schedule = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
    samples: int = 0,
    record: bool = True,
) -> Run:
    """Simulate one run.

    Parameters
    ----------
    model : Model
    seed : integer, numpy SeedSequence, or None for a fresh one.  The same seed gives the same bits.
    structure : the structure to start from; singletons unless given.
    schedule : "random", "best response", "round robin", "largest gain" or `logit(temperature)`.
    tactical_steps : T, consensus steps before each move; infinity or an integer of at least 1.
    max_steps : slow steps after which the run ends with the outcome "step limit".
    samples : pairs of random orders from which payoffs are estimated that have no closed form and are too large for a
        table; 0 to refuse them.  The same coalition always gets the same estimate.
    record : whether to keep the trajectory.

    Raises
    ------
    InputError
        For bad arguments; for a performance that is not finite where the run goes; for coalitions that grow too
        large to compute their payoffs.

    Notes
    -----
    Memory O(n + edges), and O(K²) for K coalitions where pairs of them are compared.  Recording costs O(n) a step.

    Examples
    --------
    >>> model = Model(opinions=[0.1, -1.2, 0.7], performance="3 - (u - 1/3)**2", switching_cost=0.05)
    >>> run = simulate(model, seed=0)
    >>> run.structure, run.outcome
    ([[0], [1, 2]], 'joint equilibrium')
    >>> run.method
    'gaps between coalitions; payoffs in closed form'
    """
    setting = check_setting(model, structure, schedule, tactical_steps, max_steps, samples)
    record = flag(record, "record")
    if record and max_steps > MAX_RECORDED_STEPS:
        raise InputError(
            "max_steps",
            max_steps,
            f"are more than the {MAX_RECORDED_STEPS} steps that one run records",
            "use record=False, which keeps the final state only",
        )
    if seed is None:
        seed = fresh_seed()
    key, n, d = key_of(seed), model.n_agents, model.dimension
    x, labels = np.empty((1, n, d)), np.empty((1, n), dtype=np.int64)
    integers, floats = np.empty((6, 1), dtype=np.int64), np.empty((3, 1))
    rows = max_steps + 1 if record else 0
    history = np.empty((rows, 4)), np.empty((rows, 3), dtype=np.int64)
    run_part(setting, key, 0, starts_of(model), x, labels, integers, floats, history)
    outcome, n_moves, steps, _, status, method = integers[:, 0].tolist()
    setting.check(status)
    initial = draw_opinions(model.opinions, seed)
    opinions = x[0, :, 0] if is_flat(model) else x[0]
    opinions.flags.writeable = False
    recorded = steps + 1 if record else 0
    return Run(
        structure=coalitions_of(labels[0]),
        opinions=opinions,
        initial_opinions=initial,
        moves=n_moves,
        steps=steps,
        outcome=OUTCOMES[outcome],
        spread=float(floats[0, 0]),
        disagreement=float(floats[1, 0]),
        surplus=float(floats[2, 0]),
        trajectory=_trajectory(history[0][:recorded], history[1][:recorded]),
        method=setting.describe(method),
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
