"""The plan of a sweep: everything that its numbers depend on, and nothing else."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

import numerics
import theory
from numerics.model import Model
from numerics.partitions import Structure
from numerics.scenario import read_schedule
from numerics.scenario_model import read_model
from numerics.settings import check_setting
from numerics.streams import Seed
from numerics.sweeps.axes import MODEL_KEYS, SETTINGS, Axis, Table
from numerics.validation import is_integer
from theory.errors import InputError, shortened

MOST_CHECKED = 5000  # cells looked at before anything runs: seconds


@dataclass(frozen=True)
class Plan:
    """What to compute, as data.

    Attributes
    ----------
    table : of the base model and its runs, as a scenario file says it under [model] and [run].
    axes : of the grid, the last one the fastest.
    runs, seed : the same in every cell.
    coarse : spacing that refinement starts from, None for the full grid.
    quantities : kept of every run.
    versions : of what computes it, with a digest of the sources.
    """

    table: Table
    axes: tuple[Axis, ...]
    runs: int
    seed: Seed
    coarse: int | None
    quantities: tuple[str, ...]
    versions: dict[str, str]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Points on each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def size(self) -> int:
        """Cells of the grid."""
        return math.prod(self.shape)

    @cached_property
    def _broad_first(self) -> list[int]:
        """The axes in the order in which values are put in."""
        return sorted(range(len(self.axes)), key=lambda k: self.axes[k].breadth)

    def values(self, place: tuple[int, ...]) -> dict[str, Any]:
        """Return the value of every axis in the cell at this place."""
        return {axis.name: axis.values[i] for axis, i in zip(self.axes, place, strict=True)}

    def at(self, place: tuple[int, ...]) -> tuple[Model, dict[str, Any]]:
        """Return the model of the cell at this place, and the keyword arguments of its runs.

        Raises
        ------
        InputError
            Naming the key as a scenario file writes it.
        """
        table = self.table
        for k in self._broad_first:
            table = self.axes[k].put(table, self.axes[k].values[place[k]])
        model = read_model({key: table[key] for key in MODEL_KEYS if key in table})
        run = {key: table[key] for key in SETTINGS if key in table}
        if "schedule" in run:
            run["schedule"] = read_schedule(run["schedule"])
        return model, run

    def check(self) -> None:
        """Look at every value of every axis, and at their combinations.

        Every value is looked at in the cell that differs from the first one on its axis alone; combinations in all
        cells, or in `MOST_CHECKED` spread evenly over a larger grid, its corners among them.

        Raises
        ------
        InputError
            Naming the axis and the value, or the first cell that is refused, and how many are.

        Notes
        -----
        Some 0.3 ms for each cell that is looked at.
        """
        self._check_values()
        refused: list[tuple[tuple[int, ...], InputError]] = []
        places = list(product(*self._spread_evenly()))
        for place in places:
            try:
                check_run(*self.at(place))
            except InputError as error:
                refused.append((place, error))
        for place, first in refused[:1]:
            where = f"cell {shortened(self.values(place), 200)}: {first.field}"
            looked = f"{len(places)} cells" if len(places) == self.size else f"{len(places)} cells looked at"
            advice = f"{first.advice}; {len(refused)} of {looked} are refused: leave out the values that they share"
            raise InputError(where, first.given, first.problem, advice)

    def _spread_evenly(self) -> list[list[int]]:
        """Places on each axis, the ends among them; all, unless the grid is too large to look at every cell."""
        counts = list(self.shape)
        while math.prod(counts) > MOST_CHECKED:
            longest = counts.index(max(counts))
            counts[longest] = max(2, counts[longest] * 3 // 4) if counts[longest] > 2 else 1
        return [
            sorted(set(np.linspace(0, n - 1, count).round().astype(int).tolist()))
            for n, count in zip(self.shape, counts, strict=True)
        ]

    def _check_values(self) -> None:
        first = (0,) * len(self.axes)
        for k, axis in enumerate(self.axes):
            for i in range(len(axis.values)):
                if i == 0 and k > 0:
                    continue  # the first cell, which the first axis has seen to
                place = (*first[:k], i, *first[k + 1 :])
                try:
                    check_run(*self.at(place))
                except InputError as error:
                    blamed, j = self._blamed(error) if i == 0 else (axis, i)
                    raise _refusal(blamed, j, error) from None

    def _blamed(self, error: InputError) -> tuple[Axis, int]:
        """The axis that an error of the first cell is about, as far as its field says."""
        about = error.field.removeprefix("model.").removeprefix("run.")
        named = (axis for axis in self.axes if about.startswith(axis.name) or axis.name.startswith(about))
        return next(named, self.axes[0]), 0

    def as_data(self) -> dict[str, Any]:
        """Return the plan as data for JSON."""
        return {
            "model": {key: value for key, value in self.table.items() if key in MODEL_KEYS},
            "run": jsonable({key: value for key, value in self.table.items() if key in SETTINGS}),
            "over": {axis.name: jsonable(axis.values) for axis in self.axes},  # the order of the axes matters
            "runs": self.runs,
            "seed": seed_as_data(self.seed),
            "coarse": self.coarse,
            "quantities": list(self.quantities),
            "versions": self.versions,
        }

    @cached_property
    def digest(self) -> str:
        """A number that plans of different results do not share."""
        return hashlib.sha256(json.dumps(self.as_data()).encode()).hexdigest()


def check_run(model: Model, run: dict[str, Any]) -> None:
    """Check that the model can be simulated so."""
    structure: Structure | None = run.get("structure")
    check_setting(model, structure, run["schedule"], run["tactical_steps"], run["max_steps"], run["samples"])


def _refusal(axis: Axis, place: int, error: InputError) -> InputError:
    value, key = axis.values[place], error.field.removeprefix("model.").removeprefix("run.")
    if key == axis.name:
        return InputError(axis.field(place), value, error.problem, error.advice)
    problem = f"makes a model that is refused, {error.field}: {error.problem}"
    return InputError(axis.field(place), value, problem, error.advice)


def jsonable(value: Any) -> Any:
    """Return a value for JSON, which has no word for infinity: "inf", as TOML says."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {key: jsonable(entry) for key, entry in value.items()}
    return [jsonable(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def plain(value: Any) -> Any:
    """Return a number as one of Python: JSON knows no others."""
    return value.item() if isinstance(value, np.generic) else value


def seed_as_data(seed: Seed) -> Any:
    """Return an integer, or what a SeedSequence is made of."""
    if not isinstance(seed, np.random.SeedSequence):
        return None if seed is None else int(seed)
    return {
        "entropy": _words(seed.entropy), "spawn_key": _words(seed.spawn_key), "pool_size": int(seed.pool_size)
    }  # fmt: skip


def _words(entropy: Any) -> Any:
    """Integers, text and lists of them, as a SeedSequence takes them: of no type of numpy."""
    if isinstance(entropy, str):
        return entropy
    return int(entropy) if is_integer(entropy) else [_words(word) for word in entropy]


def seed_of(data: Any) -> int | np.random.SeedSequence:
    """Return the seed that `seed_as_data` took apart.

    Raises
    ------
    InputError
        If it is none.
    """
    if is_integer(data) and data >= 0:
        return int(data)
    with suppress(TypeError, ValueError, OverflowError, MemoryError):
        if isinstance(data, dict) and data.keys() == {"entropy", "spawn_key", "pool_size"}:
            return np.random.SeedSequence(**data)
    raise InputError("seed", data, "is not the seed of a sweep", "give an integer of at least 0")


@cache
def versions() -> dict[str, str]:
    """Return the versions of what the bits of a result depend on."""
    found = {"python": platform.python_version()}
    for package in ("exitjoin", "numpy", "numba"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return {**found, "sources": _digest_of_sources()}


def _digest_of_sources() -> str:
    """SHA-256 of every source file of the packages that compute."""
    digest = hashlib.sha256()
    for package in (numerics, theory):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(f"{package.__name__}/{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
