"""Ensembles: many runs of one model, over seeds and over initial opinions."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.kernels import ensembles as kernel
from numerics.model import Model
from numerics.opinions import Normal
from numerics.partitions import Structure
from numerics.payoffs import check_status
from numerics.simulation import OUTCOMES, Setting, check_setting
from numerics.streams import Seed, key_of
from numerics.validation import integer

MAX_RUNS = 100_000_000  # 64 bytes each


@dataclass(frozen=True, eq=False)
class Ensemble:
    """One entry for each run; attributes as in `numerics.simulation.Run`.

    Attributes
    ----------
    moves, steps, n_coalitions : (runs,) integers.
    spread, disagreement, surplus : (runs,) of the final state.
    outcome : (runs,) "joint equilibrium" or "step limit".
    """

    moves: NDArray[np.int64]
    steps: NDArray[np.int64]
    n_coalitions: NDArray[np.int64]
    spread: NDArray[np.float64]
    disagreement: NDArray[np.float64]
    surplus: NDArray[np.float64]
    outcome: NDArray[np.str_]


def ensemble(
    model: Model,
    runs: int,
    seed: Seed = None,
    structure: Structure | None = None,
    schedule: str = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
    threads: int | None = None,
) -> Ensemble:
    """Simulate many independent runs.

    Parameters
    ----------
    model : Model; with `normal(n)` as opinions they are drawn afresh for each run.
    runs : number of runs.  Run 0 is `simulate` with the same seed; run r does not depend on `runs`.
    seed, structure, schedule, tactical_steps, max_steps : as in `numerics.simulation.simulate`.
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
    setting = check_setting(model, structure, schedule, tactical_steps, max_steps)
    runs = integer(runs, "runs", "runs", 1, MAX_RUNS)
    if threads is not None:
        threads = integer(threads, "threads", "threads", 1)
    key = key_of(seed)
    integers = np.empty((runs, 5), dtype=np.int64)
    floats = np.empty((runs, 3))
    n_threads = min(threads or os.cpu_count() or 1, runs)
    cuts = np.linspace(0, runs, n_threads + 1).astype(int)
    parts = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
    if n_threads == 1:
        _run_part(setting, key, 0, integers, floats)
    else:
        with ThreadPoolExecutor(n_threads) as pool:
            work = [pool.submit(_run_part, setting, key, i, integers[i:j], floats[i:j]) for i, j in parts]
            for part in work:
                part.result()
    check_status(int(integers[:, 4].max()), model)
    return Ensemble(
        moves=integers[:, 1].copy(),
        steps=integers[:, 2].copy(),
        n_coalitions=integers[:, 3].copy(),
        spread=floats[:, 0].copy(),
        disagreement=floats[:, 1].copy(),
        surplus=floats[:, 2].copy(),
        outcome=np.array(OUTCOMES)[integers[:, 0]],
    )


def _run_part(
    setting: Setting, key: NDArray[np.uint64], first: int, integers: NDArray[np.int64], floats: NDArray[np.float64]
) -> None:
    model = setting.model
    n = model.n_agents
    kernel.ensemble(
        key,
        first,
        np.empty(0) if isinstance(model.opinions, Normal) else np.array(model.opinions),
        (model.opinions.mean, model.opinions.sd) if isinstance(model.opinions, Normal) else (0.0, 0.0),
        setting.labels,
        np.array(model.weights),
        model.game_arrays(),
        model.tie_arrays(),
        setting.rule,
        setting.schedule,
        setting.agreeing,
        setting.keep,
        setting.max_steps,
        np.empty((1, n)),
        np.empty((1, n), dtype=np.int64),
        integers,
        floats,
    )
