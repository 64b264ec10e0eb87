"""Sweeps: a grid of parameters times seeds, as labelled arrays."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.ensemble import MAX_RUNS
from numerics.model import Model
from numerics.partitions import Structure, labels_of
from numerics.scenario import schedule_as_data
from numerics.scenario_model import model_as_data
from numerics.schedules import Schedule, schedule_code
from numerics.settings import check_setting
from numerics.streams import Seed, fresh_seed, key_of
from numerics.sweeps import execution, folder
from numerics.sweeps.axes import read_axes
from numerics.sweeps.folder import Folder
from numerics.sweeps.overlap import check_overlap
from numerics.sweeps.plan import Plan, plain, seed_as_data, seed_of, versions
from numerics.sweeps.quantities import chosen
from numerics.sweeps.refinement import check_spacing, refine
from numerics.sweeps.results import Results, cell_bytes, check_size
from numerics.validation import integer
from theory.errors import InputError, shortened

if TYPE_CHECKING:
    from xarray import Dataset

Progress = Callable[[str], None]


def sweep(
    model: Model,
    over: Mapping[str, Sequence[Any]],
    runs: int = 100,
    seed: Seed = 0,
    *,
    structure: Structure | None = None,
    schedule: Schedule = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
    samples: int = 0,
    coarse: int | None = None,
    quantities: Sequence[str] | None = None,
    out: str | Path | None = None,
    executor: Executor | str | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Simulate every cell of a grid of parameters.

    A cell is one combination of values.  What it holds is ``ensemble(model of the cell, runs, seed, ...)``, with the
    same seed in every cell (common random numbers: run r draws from stream r everywhere, so that neighbouring cells
    differ by their parameters and not by luck).

    Parameters
    ----------
    model : Model; its values hold where no axis says otherwise.
    over : name → values, the axes of the grid in this order.  A name is a key of [model] in a scenario file by its
        dotted path ("switching_cost", "switching_cost.exit", "acceptance.threshold", "influence.rate", "opinions.sd",
        "opinions[3]"), a key of [run] ("schedule", "tactical_steps", "max_steps", "samples", "structure"), "spread"
        or "theta" (`numerics.sweeps.axes`).  Values are what the file would say (numbers, text, lists, tables), or
        what the model takes, such as ``unanimous(0.1)``.  Where axes meet, the broadest is put in first, whatever the
        order: "acceptance" before "acceptance.threshold", and "spread" and "theta" after given opinions.
    runs : runs in each cell.
    seed : integer, SeedSequence, or None for a fresh one, which the result records.
    structure, schedule, tactical_steps, max_steps, samples : as in `numerics.simulation.simulate`.
    coarse : compute every so many points of each axis first, a power of two, and then only where neighbours differ in
        their most frequent regime; None for every cell.  On axes of increasing numbers; others are taken value by
        value.  `numerics.sweeps.refinement` says what may be missed.
    quantities : of each run, to keep; all unless given: "regime", "moves", "steps", "n_coalitions", "spread",
        "disagreement", "surplus", "survived" (whether the structure at the end is that at the start).
    out : a folder to keep the sweep in.  Stopped at any moment, the same call goes on, and computes again what was in
        flight at most.  The result is the file sweep.nc in it (NetCDF 4), with its SHA-256 beside it; a finished sweep
        is loaded, from a folder that cannot be written too.
    executor : "threads" (the default), "processes", or any `concurrent.futures.Executor`, such as
        ``Client(address).get_executor()`` of Dask; one that is given is not shut down.  A script that uses processes
        needs ``if __name__ == "__main__":`` around the call.
    workers : number of them; all cores, or what the executor says, unless given.
    progress : called with a short text after each block of cells.

    Returns
    -------
    xarray.Dataset
        The quantities, with dimensions (axes.., "run"), and for each cell `most_frequent_regime` and `computed`.  The
        dimension of the axis "spread" is "initial_spread".  With `coarse` the quantities have the dimensions
        ("cell", "run"), and ``cell_<axis>`` and ``cell_<axis>_index`` say where a cell is; `most_frequent_regime` is
        filled in where nothing was computed.  Regimes are numbers, with their names in the attributes flag_values and
        flag_meanings.  Attributes hold model, axes, seed and versions: what makes the same bits again, whatever the
        executor and the number of workers.

    Raises
    ------
    InputError
        For bad arguments; for two axes of which one would take the place of the other; for a value that the model
        refuses, naming it as ``over["influence.rate"][3]``, or, for a combination of values, naming the first cell and
        how many are refused.  All cells of a grid of up to 5000 are looked at before anything runs; of larger ones,
        5000 spread evenly, and a cell between them that is refused is named when it is reached.  For a folder that
        another process uses, that holds another sweep, or that cannot be written; for an executor that fails.

    Notes
    -----
    The cost is that of the ensembles and some 0.5 ms a cell.  Memory holds what is kept of the runs, 46 bytes each for
    all quantities, and up to 3 times that while the result is written; a sweep that would take more than 16 GB at that
    moment is refused.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0], performance="-u**2")
    >>> found = sweep(model, {"switching_cost": [-0.1, 0.2, 0.3]}, runs=5, max_steps=50)
    >>> found.moves.mean("run").values.tolist()     # apart by 1, the two gain 1/4 by merging
    [50.0, 1.0, 0.0]
    >>> names = found.most_frequent_regime.attrs["flag_meanings"].split()
    >>> [names[number] for number in found.most_frequent_regime.values]
    ['not_a_joint_equilibrium', 'strategic_unanimity', 'polarization']
    """
    plan = plan_of(
        model, over, runs, seed, structure=structure, schedule=schedule, tactical_steps=tactical_steps,
        max_steps=max_steps, samples=samples, coarse=coarse, quantities=quantities,
    )  # fmt: skip
    check_size(plan, plan.size if plan.coarse is None else 0)
    if out is not None and (finished := folder.finished(out, plan)) is not None:
        return finished
    if progress:
        progress("looking at the values of the axes")
    plan.check()
    plan.digest  # noqa: B018 - what is no plan on disk fails before anything runs
    with execution.opened(executor, workers) as (pool, count), _opened(out) as kept:
        if plan.seed is None:
            begun = kept.seed() if kept else None
            plan = replace(plan, seed=fresh_seed() if begun is None else begun)
        results = Results(plan)
        if kept:
            kept.begin(plan)
            finished = kept.result(plan)
            if finished is not None:
                kept.clear()
                return finished
            for block in kept.kept(plan):
                results.add(block)
        crew = execution.Crew(pool, count, pickle.dumps(plan), cell_bytes(plan), kept is not None)
        return _computed(plan, results, crew, kept, progress)


def load_sweep(path: str | Path) -> Dataset:
    """Return the result of a sweep, of its folder or of the file.

    Raises
    ------
    InputError
        If there is no finished sweep, or it is damaged: not what its SHA-256 beside it says, or, for a file on its
        own, not what the checksums inside it say.
    """
    place = Path(path)
    file = place / folder.RESULT if place.is_dir() else place
    if not file.exists():
        advice = "finish it: the same call to sweep goes on" if place.is_dir() else "give the folder of a sweep"
        raise InputError("path", str(path), "holds no finished sweep", advice)
    try:
        return folder.load(file)
    except folder.DAMAGED as error:
        advice = "make the call to sweep again" if place.is_dir() else "give a file that sweep wrote"
        reason = shortened(str(error), 100)[1:-1]
        raise InputError("path", str(file), f"cannot be read ({reason})", advice) from None


def plan_of(
    model: Model,
    over: Mapping[str, Sequence[Any]],
    runs: int = 100,
    seed: Seed = 0,
    *,
    structure: Structure | None = None,
    schedule: Schedule = "random",
    tactical_steps: float = math.inf,
    max_steps: int = 10_000,
    samples: int = 0,
    coarse: int | None = None,
    quantities: Sequence[str] | None = None,
) -> Plan:
    """Return what `sweep` would compute; the values of the axes are not looked at yet."""
    key_of(seed)
    schedule_code(schedule)
    table: dict[str, Any] = {
        **model_as_data(model), "schedule": schedule_as_data(schedule), "tactical_steps": plain(tactical_steps),
        "max_steps": plain(max_steps), "samples": plain(samples),
    }  # fmt: skip
    if structure is not None:
        table["structure"] = labels_of(structure, model.n_agents).tolist()
    check_setting(model, structure, schedule, tactical_steps, max_steps, samples)
    axes = read_axes(model, over)
    check_overlap(axes, table)
    plan = Plan(
        table=table,
        axes=axes,
        runs=integer(runs, "runs", "runs", 1, MAX_RUNS),
        seed=None if seed is None else seed_of(seed_as_data(seed)),
        coarse=None if coarse is None else check_spacing(coarse),
        quantities=chosen(quantities),
        versions=versions(),
    )
    if plan.coarse is not None and not any(axis.is_increasing for axis in plan.axes):
        raise InputError("coarse", coarse, "is for axes of increasing numbers, and there is none", "leave it out")
    return plan


def _opened(out: str | Path | None) -> Any:
    return nullcontext() if out is None else folder.opened(out)


def _computed(
    plan: Plan, results: Results, crew: execution.Crew, kept: Folder | None, progress: Progress | None
) -> Dataset:
    """Compute what is not known yet, and put the result together."""

    def keep(block: Any) -> None:
        if kept:
            kept.keep(block, plan)
        results.add(block)

    clock = execution.Clock(progress, in_rounds=plan.coarse is not None)

    def compute(cells: NDArray[np.int64]) -> NDArray[np.int8]:
        missing = cells[~results.known[cells]]
        clock.begin(len(cells), len(cells) - len(missing))
        crew.compute(missing, keep, clock)
        return results.frequent[cells]

    frequent = compute(np.arange(plan.size)) if plan.coarse is None else _refined(plan, results, compute)
    dataset = results.dataset(frequent)
    if kept:
        kept.finish(dataset)
    return dataset


def _refined(
    plan: Plan, results: Results, compute: Callable[[NDArray[np.int64]], NDArray[np.int8]]
) -> NDArray[np.int8]:
    """Refine along the axes of increasing numbers, for every combination of the other values; (cells,) regimes."""
    free = [k for k, axis in enumerate(plan.axes) if axis.is_increasing]
    frequent = np.empty(plan.shape, dtype=np.int8)
    others = [range(1) if k in free else range(n) for k, n in enumerate(plan.shape)]
    for combination in product(*others):

        def evaluate(points: NDArray[np.int64], combination: tuple[int, ...] = combination) -> NDArray[np.int8]:
            place = [np.full(len(points), i) for i in combination]
            for k, column in zip(free, points.T, strict=True):
                place[k] = column
            cells = np.ravel_multi_index(tuple(place), plan.shape)
            check_size(plan, int(results.known.sum()) + len(cells))
            return compute(cells)

        labels, _ = refine([plan.shape[k] for k in free], plan.coarse or 0, evaluate)
        frequent[tuple(slice(None) if k in free else i for k, i in enumerate(combination))] = labels
    return frequent.ravel()
