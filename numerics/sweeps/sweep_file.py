"""Sweep files: a scenario, the axes of a grid, and how to sweep it, in TOML.  `load_sweep_file` shows every key."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from numerics.ensemble import MAX_RUNS
from numerics.model import Model
from numerics.scenario import packaged_text, read_tables
from numerics.scenario_choices import check_keys, named
from numerics.sweeps.axes import MAX_POINTS
from numerics.sweeps.results import MAX_CELLS
from numerics.sweeps.sweep import plan_of
from numerics.toml_text import parse_toml, read_text, table_of
from numerics.validation import MAX_SIZE, integer, is_integer, number
from theory.errors import InputError

DEFAULT_RUNS = 100

_KEYS = ("title", "scenario", "model", "run", "over", "sweep")
_SWEEP_KEYS = ("runs", "coarse", "quantities")
_RANGE_KEYS = ("from", "to", "points", "spacing")
_SPACINGS: dict[str, Any] = {"linear": np.linspace, "logarithmic": np.geomspace}
_VALUES = "give a list such as [0.0, 0.1], or {from = 0.0, to = 0.5, points = 11}"


@dataclass(frozen=True, eq=False)
class SweepFile:
    """What a sweep file says: ``sweep(file.model, file.over, **file.arguments)`` is its sweep.

    Attributes
    ----------
    model : Model
    over : values by the name of the axis, in the order of the file.
    arguments : keyword arguments of `numerics.sweeps.sweep.sweep`.
    title : str
    """

    model: Model
    over: Mapping[str, tuple[Any, ...]]
    arguments: Mapping[str, Any]
    title: str = ""

    @property
    def n_cells(self) -> int:
        """Cells of the full grid."""
        return math.prod(map(len, self.over.values()))


def load_sweep_file(path: str | Path) -> SweepFile:
    """Read and validate a sweep file.

    It has the tables [model] and [run] of a scenario (`numerics.scenario.load_scenario`), or names a scenario, whose
    keys they replace one by one, and besides::

        title = "..."                     # that of the scenario unless given
        scenario = "published_unimodal"   # one that comes with the project, or a path "mine.toml" from this file
        [model]
        acceptance = "unanimous"
        [run]
        seed = 0                          # of every cell; a fresh one, which the result records, unless given
        max_steps = 200
        [over]                            # the axes of the grid, in this order; the last one varies fastest
        switching_cost = {from = -0.05, to = 0.5, points = 200}
        "influence.rate" = {from = 0.001, to = 1.0, points = 31, spacing = "logarithmic"}   # or "linear"
        "acceptance.threshold" = [0.0, 0.05, 0.1]
        "opinions.agents" = {from = 5, to = 25, points = 5}      # integers where all of them are whole
        performance = ["-u**2", "-(u**2 - 1)**2"]
        acceptance = ["open", {rule = "capacity", members = 3}]
        [sweep]
        runs = 100                        # in each cell
        coarse = 8                        # refine from every 8th point of each axis; the full grid unless given
        quantities = ["regime", "moves"]  # all unless given

    Names of axes are dotted paths of the keys of [model], with quotes around them, keys of [run], "opinions[3]",
    "spread" or "theta", as in `numerics.sweeps.sweep.sweep`.

    Parameters
    ----------
    path : path of a TOML file.

    Raises
    ------
    InputError
        If the file, or the scenario it names, cannot be read or describes no sweep, naming the key as the file writes
        it.  Whether the model takes the single values is looked at by `sweep`, before anything runs.

    Examples
    --------
    >>> from importlib import resources
    >>> file = load_sweep_file(resources.files("scenarios") / "sweep_acceptance.toml")
    >>> list(file.over), file.n_cells, file.arguments["runs"]
    (['switching_cost', 'acceptance.threshold'], 1681, 200)
    """
    return parse_sweep_file(read_text(path, "sweep"), str(path))


def parse_sweep_file(text: str, source: str = "sweep") -> SweepFile:
    """Return the sweep that TOML text describes; `source` is its path: a scenario that it names is looked for there."""
    data = parse_toml(text, source, "sweep")
    check_keys(data, _KEYS, "", required=("over",))
    tables = _scenario(data, Path(source).parent)
    scenario = read_tables(tables)
    arguments = {"seed": None, **scenario.run, **_settings(table_of(data, "sweep"))}
    over: dict[str, tuple[Any, ...]] = {}
    cells = 1
    for name, given in table_of(data, "over").items():
        over[name] = _values(f'over["{name}"]', given)
        cells *= len(over[name])
        if cells > MAX_CELLS:
            raise InputError("over", f"{cells} cells", f"are more than {MAX_CELLS}", "use fewer axes or points")
    with named(_as_written):
        plan_of(scenario.model, over, **arguments)
    return SweepFile(scenario.model, MappingProxyType(over), MappingProxyType(arguments), scenario.title)


def _scenario(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The tables of the scenario: those of the one that is named, with what the sweep file says in their place."""
    own = {key: data[key] for key in ("title", "model", "run") if key in data}
    if "scenario" not in data:
        if "model" not in data:
            raise InputError("model", None, "is missing", 'write a table [model], or scenario = "published_unimodal"')
        return own
    given = data["scenario"]
    if not isinstance(given, str) or not given:
        raise InputError("scenario", given, "names no scenario", 'give a path such as "mine.toml", or a packaged one')
    text = read_text(folder / given, "scenario") if given.endswith(".toml") else packaged_text(given)
    tables = parse_toml(text, given, "scenario")
    with named(lambda name: f"{given}: {name}"):
        read_tables(tables)
    changed = {key: {**table_of(tables, key), **table_of(own, key)} for key in ("model", "run")}
    return {"title": tables.get("title", ""), **own, **changed}


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    check_keys(table, _SWEEP_KEYS, "sweep.")
    runs = integer(table.get("runs", DEFAULT_RUNS), "sweep.runs", "runs", 1, MAX_RUNS)
    return {**table, "runs": runs}


def _values(field: str, given: object) -> tuple[Any, ...]:
    if isinstance(given, list):
        return tuple(given)
    if not isinstance(given, dict):
        raise InputError(field, given, "is no list of values", _VALUES)
    check_keys(given, _RANGE_KEYS, f"{field}.", required=("from", "to", "points"))
    lo, hi = (number(given[key], f"{field}.{key}") for key in ("from", "to"))
    for key, value in (("from", lo), ("to", hi)):
        if abs(value) > MAX_SIZE:
            raise InputError(f"{field}.{key}", given[key], "is too large", f"keep below {MAX_SIZE:g}")
    points = integer(given["points"], f"{field}.points", "points", 2, MAX_POINTS)
    spacing = given.get("spacing", "linear")
    if not isinstance(spacing, str) or spacing not in _SPACINGS:
        raise InputError(f"{field}.spacing", spacing, "is no spacing", f"use {' or '.join(map(repr, _SPACINGS))}")
    if spacing == "logarithmic" and not (lo > 0 and hi > 0):
        end = "from" if lo <= 0 else "to"
        raise InputError(f"{field}.{end}", given[end], "is not above 0, where logarithms begin", "use linear spacing")
    values = _SPACINGS[spacing](lo, hi, points).tolist()
    whole = is_integer(given["from"]) and is_integer(given["to"]) and all(value % 1 == 0 for value in values)
    return tuple(int(value) for value in values) if whole else tuple(values)


def _as_written(name: str) -> str:
    """What the file calls an argument of `sweep`."""
    top = name.split("[")[0].split(".")[0]
    if top in _SWEEP_KEYS:
        return f"sweep.{name}"
    return name if top == "over" else f"run.{name}" if top == "seed" else f"model.{name}"
