"""Ensembles: many runs of one model, over seeds and over initial opinions."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numerics.model import Model
from numerics.partitions import Structure
from numerics.runs import is_flat, run_part, starts_of
from numerics.schedules import Schedule
from numerics.settings import OUTCOMES, check_setting
from numerics.streams import Seed, key_of
from numerics.validation import flag, integer
from theory.errors import InputError

MAX_KEPT = 16_000_000_000  # bytes of final states
MAX_RUNS = 100_000_000  # 64 bytes each


@dataclass(frozen=True, eq=False)
class Ensemble:
    """One entry for each run; attributes as in `numerics.simulation.Run`.

    Attributes
    ----------
    moves, steps, n_coalitions : (runs,) integers.
    spread, disagreement, surplus : (runs,) of the final state.
    outcome : (runs,) "joint equilibrium" or "step limit", as `stopped` says by 0 and 1.
    method : how moves and payoffs were computed.
    opinions, labels : (runs, n) or (runs, n, d) final opinions, and (runs, n) final coalitions; no rows unless kept.
    """

    moves: NDArray[np.int64]
    steps: NDArray[np.int64]
    n_coalitions: NDArray[np.int64]
    spread: NDArray[np.float64]
    disagreement: NDArray[np.float64]
    surplus: NDArray[np.float64]
    stopped: NDArray[np.int64]
    method: str
    opinions: NDArray[np.float64]
    labels: NDArray[np.int64]

    @cached_property
    def outcome(self) -> NDArray[np.str_]:
        """(runs,) how each run ended."""
        return np.array(OUTCOMES)[self.stopped]


def ensemble(
    model: Model,
    runs: int,
    seed: Seed = None,
    structure: Structure | None = None,
    schedule: Schedule = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
    samples: int = 0,
    initial_opinions: NDArray[np.float64] | None = None,
    keep: bool = False,
    threads: int | None = None,
) -> Ensemble:
    """Simulate many independent runs.

    Parameters
    ----------
    model : Model; with `normal(n)` as opinions they are drawn afresh for each run.
    runs : number of runs.  Run 0 is `simulate` with the same seed; run r does not depend on `runs`.
    seed, structure, schedule, tactical_steps, max_steps, samples : as in `numerics.simulation.simulate`.
    initial_opinions : (runs, n) or (runs, n, d) opinions to start from, one row for each run, instead of the model's.
    keep : whether to keep the final opinions and coalitions of every run.
    threads : number of threads, all cores unless given.  The result has the same bits for any number.

    Raises
    ------
    InputError
        As `simulate`.

    Examples
    --------
    >>> from numerics.opinions import normal
    >>> model = Model(opinions=normal(10), performance="-u**2", switching_cost=0.05)
    >>> many = ensemble(model, runs=100, seed=0, max_steps=200)
    >>> bool((many.outcome == "joint equilibrium").all()), bool((many.spread <= 2 * 0.05**0.5).all())
    (True, True)
    """
    setting = check_setting(model, structure, schedule, tactical_steps, max_steps, samples)
    runs = integer(runs, "runs", "runs", 1, MAX_RUNS)
    if flag(keep, "keep") and (size := runs * model.n_agents * (8 * model.dimension + 8)) > MAX_KEPT:
        problem = f"of {model.n_agents} agents take {size / 1e9:.3g} GB if every final state is kept"
        raise InputError("runs", runs, problem, "use keep=False, or fewer runs at a time")
    if threads is not None:
        threads = integer(threads, "threads", "threads", 1)
    starts = _starts(model, runs, initial_opinions)
    if initial_opinions is not None:
        setting = replace(setting, other_starts=True)
    key = key_of(seed)
    n, d = model.n_agents, model.dimension
    integers = np.empty((6, runs), dtype=np.int64)
    floats = np.empty((3, runs))
    n_threads = min(threads or os.cpu_count() or 1, runs)
    opinions = np.empty((runs if keep else n_threads, n, d))
    labels = np.empty((runs if keep else n_threads, n), dtype=np.int64)
    cuts = np.linspace(0, runs, n_threads + 1).astype(int).tolist()
    parts = []
    for t, (i, j) in enumerate(pairwise(cuts)):
        mine = slice(i, j) if keep else slice(t, t + 1)
        own_starts = starts[i:j] if len(starts) == runs > 1 else starts
        parts.append((setting, key, i, own_starts, opinions[mine], labels[mine], integers[:, i:j], floats[:, i:j]))
    if n_threads == 1:
        run_part(*parts[0])
    else:
        with ThreadPoolExecutor(n_threads) as pool:
            for part in [pool.submit(run_part, *arguments) for arguments in parts]:
                part.result()
    setting.check(int(integers[4].max()))
    if not keep:
        opinions, labels = opinions[:0], labels[:0]
    return Ensemble(
        moves=integers[1],
        steps=integers[2],
        n_coalitions=integers[3],
        spread=floats[0],
        disagreement=floats[1],
        surplus=floats[2],
        stopped=integers[0],
        method=setting.describe(int(integers[5].max())),
        opinions=opinions[:, :, 0] if is_flat(model) else opinions,
        labels=labels,
    )


def _starts(model: Model, runs: int, given: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """Return (runs, n, d) initial opinions, one row for all runs, or no rows if they are drawn."""
    n, d = model.n_agents, model.dimension
    if given is None:
        return starts_of(model)
    x = np.array(given, dtype=np.float64) if isinstance(given, np.ndarray) and given.dtype.kind in "iuf" else None
    if x is None or x.shape not in ((runs, n), (runs, n, d)):
        shape = None if x is None else x.shape
        raise InputError("initial_opinions", shape, "are not one row of opinions for each run", f"give ({runs}, {n})")
    if not np.all(np.isfinite(x)):
        at = np.argwhere(~np.isfinite(x))[0].tolist()
        raise InputError(f"initial_opinions{at}", float(x[tuple(at)]), "is not finite", "mend the entry")
    points = np.stack([x.min(axis=0), x.max(axis=0)]).reshape(-1, d)
    if not np.all(np.isfinite(model.compiled(points[:, 0] if d == 1 else points))):
        problem = "is not finite on the range of the initial opinions"
        raise InputError("performance", str(model.performance), problem, "change the expression or the opinions")
    return x.reshape(runs, n, d)
