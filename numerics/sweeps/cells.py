"""Cells: many ensembles, one after the other.  What a worker does, on a thread, in a process or on a cluster."""

from __future__ import annotations

import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.ensemble import Ensemble, ensemble
from numerics.kernels import regimes as kernel
from numerics.model import Model
from numerics.partitions import Structure, labels_of, singletons
from numerics.sweeps.plan import Plan, versions
from numerics.sweeps.quantities import QUANTITIES, REGIMES
from theory.errors import InputError, shortened


@dataclass(frozen=True, eq=False)
class Block:
    """Some cells and what came out.

    Attributes
    ----------
    cells : (m,) flat indices.
    frequent : (m,) number of the most frequent regime of the cell, of equally frequent ones the first.
    arrays : quantity → (m, runs).
    methods : how the runs were computed, each way once, sorted.
    seconds : that it took.
    """

    cells: NDArray[np.int64]
    frequent: NDArray[np.int8]
    arrays: dict[str, NDArray[Any]]
    methods: tuple[str, ...]
    seconds: float


def compute_block(plan: bytes, cells: Sequence[int]) -> Block:
    """Compute the cells of these flat indices; the plan is pickled, so that it travels as it is.

    Raises
    ------
    InputError
        Naming the cell whose values the model refuses, or the executor if its workers run other code.
    """
    return compute_cells(_unpickled(plan), cells)


def compute_cells(plan: Plan, cells: Sequence[int]) -> Block:
    """Compute cells, each as `numerics.ensemble.ensemble` on one thread does."""
    if versions() != plan.versions:
        problem = "has workers of other versions than the sweep, whose bits may differ"
        raise InputError("executor", versions(), problem, f"install {plan.versions} everywhere")
    started = time.perf_counter()
    m = len(cells)
    arrays = {name: np.empty((m, plan.runs), dtype=QUANTITIES[name].dtype) for name in plan.quantities}
    frequent, methods = np.empty(m, dtype=np.int8), set()
    for row, cell in enumerate(cells):
        place = tuple(int(i) for i in np.unravel_index(cell, plan.shape))
        try:
            model, run = plan.at(place)
            many = ensemble(model, plan.runs, plan.seed, **run, keep=True, threads=1)
        except InputError as error:
            where = f"cell {shortened(plan.values(place), 200)}: {error.field}"
            raise InputError(where, error.given, error.problem, error.advice) from None
        regime, survived = regimes_of(many, model, run.get("structure"))
        found = {"regime": regime, "survived": survived}
        for name, array in arrays.items():
            array[row] = found[name] if name in found else getattr(many, name)
        frequent[row] = most_frequent(regime)
        methods.add(many.method)
    return Block(
        np.array(cells, dtype=np.int64), frequent, arrays, tuple(sorted(methods)), time.perf_counter() - started
    )


def regimes_of(
    many: Ensemble, model: Model, structure: Structure | None = None
) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the regime of each run of an ensemble that kept its final states, and whether its structure survived.

    Parameters
    ----------
    many : Ensemble with `keep=True`.
    model : of the runs.
    structure : that they started from, singletons unless given.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=1.0)
    >>> regimes_of(ensemble(model, 1, seed=0, keep=True), model)[0].tolist() == [REGIMES.index("polarization")]
    True
    """
    runs, n = many.labels.shape
    start = singletons(n) if structure is None else labels_of(structure, n)
    regime, survived = np.empty(runs, dtype=np.int8), np.empty(runs, dtype=np.bool_)
    x = many.opinions.reshape(runs, n, model.dimension)
    kernel.regimes(x, many.labels, many.stopped, start, regime, survived)
    return regime, survived


def most_frequent(regimes: NDArray[np.int8]) -> int:
    """Return the regime that most runs end in, of equally frequent ones the first.

    Examples
    --------
    >>> most_frequent(np.array([4, 0, 4, 0, 2], dtype=np.int8))
    0
    """
    return int(np.argmax(np.bincount(regimes, minlength=len(REGIMES))))


@lru_cache(maxsize=4)
def _unpickled(plan: bytes) -> Plan:
    found: Plan = pickle.loads(plan)
    return found
