"""Scenarios: a model and the runs to make with it, in a TOML file.  `load_scenario` shows every key."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from numerics.acceptance import Open, Unanimous
from numerics.ensemble import MAX_RUNS
from numerics.influence import Lazy, Uniform, Weighted
from numerics.model import Model
from numerics.opinions import Normal
from numerics.simulation import Run, check_setting, simulate
from numerics.streams import Seed, key_of
from numerics.validation import integer, number
from theory.errors import InputError

MAX_DOTS = 50  # in a key: the standard library's parser takes quadratic time in them
MAX_BYTES = 1_000_000  # the standard library's parser takes seconds for more

_Choices = dict[str, tuple[type, tuple[str, ...]]]

_MODEL_KEYS = ("opinions", "performance", "switching_cost", "scale", "influence", "acceptance")
_RUN_KEYS = ("seed", "structure", "schedule", "tactical_steps", "max_steps")
_EXPERIMENT_KEYS = ("switching_costs", "runs")


@dataclass(frozen=True, eq=False)
class Scenario:
    """A model and the runs to make with it.

    Attributes
    ----------
    model : Model
    title : str
    run : keyword arguments of `numerics.simulation.simulate`.
    switching_costs : costs that an experiment varies; the model's own unless given.
    runs : runs of an experiment at each cost.
    """

    model: Model
    title: str = ""
    run: Mapping[str, Any] = field(default_factory=dict)
    switching_costs: tuple[float, ...] = ()
    runs: int = 1000

    def simulate(self, seed: Seed = None) -> Run:
        """Simulate one run; `seed` overrides the scenario's."""
        arguments = dict(self.run)
        if seed is not None:
            arguments["seed"] = seed
        return simulate(self.model, **arguments)


def load_scenario(path: str | Path) -> Scenario:
    """Read and validate a scenario file.

    Only opinions and performance must be there; the other values shown are the defaults, or a choice of them::

        title = "..."
        [model]
        opinions = [0.1, -1.2, 0.7]       # or {distribution = "normal", agents = 10, mean = 0.0, sd = 1.0}
        performance = "3 - (u - 1/3)**2"
        switching_cost = 0.0
        scale = "s"
        influence = "uniform"             # {family = "lazy", rate = 0.5}, {family = "weighted", weights = [1, 2, 1]}
        acceptance = "open"               # {rule = "unanimous", threshold = 0.01}
        [run]
        seed = 0                          # a fresh one unless given
        structure = [[0, 1], [2]]         # singletons unless given
        schedule = "random"               # "best response"
        tactical_steps = inf              # an integer
        max_steps = 10000
        [experiment]                      # what `exitjoin paper` varies
        switching_costs = [-0.05, 0.0, 0.05]
        runs = 1000

    Parameters
    ----------
    path : path of a TOML file.

    Raises
    ------
    InputError
        If the file cannot be read, is not TOML, has unknown or missing keys, or describes no valid model.
    """
    if not isinstance(path, (str, Path)) or str(path) == "":
        raise InputError("scenario", path, "is not a path", "give the path of a TOML file")
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError("scenario", str(path), f"is larger than {MAX_BYTES} bytes", "give a TOML file")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputError("scenario", str(path), f"cannot be read ({reason})", "give the path of a TOML file") from None
    except ValueError:  # not UTF-8, or a NUL in the path
        raise InputError("scenario", str(path), "is not the path of UTF-8 text", "give a TOML file") from None
    return parse_scenario(text, str(path))


def packaged_scenario(name: str) -> Scenario:
    """Return one of the scenarios that come with the project, such as "published_unimodal"."""
    folder = resources.files("scenarios")
    names = sorted(x.name.removesuffix(".toml") for x in folder.iterdir() if x.name.endswith(".toml"))
    if name not in names:
        raise InputError("scenario", name, "does not come with the project", f"use one of {', '.join(names)}")
    return parse_scenario((folder / f"{name}.toml").read_text(encoding="utf-8"), name)


def parse_scenario(text: str, source: str = "scenario") -> Scenario:
    """Return the scenario that TOML text describes; `source` is what errors call it.

    Examples
    --------
    >>> scenario = parse_scenario('''
    ... [model]
    ... opinions = [0.1, -1.2, 0.7]
    ... performance = "-u**2"
    ... ''')
    >>> scenario.simulate(seed=0).outcome
    'joint equilibrium'
    """
    if any(piece.count(".") > MAX_DOTS for piece in re.split(r"[=,{\[\]\n]", text)):
        raise InputError("scenario", source, f"has a key of more than {MAX_DOTS} parts", "give a scenario file")
    try:
        data = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise InputError("scenario", source, f"is not valid TOML: {error}", "mend the line named") from None
    except RecursionError:
        raise InputError("scenario", source, "is nested too deeply", "give a TOML file of tables and lists") from None
    _check_keys(data, ("title", "model", "run", "experiment"), "", required=("model",))
    title = data.get("title", "")
    if not isinstance(title, str):
        raise InputError("title", title, "is not text", 'write title = "..."')
    model = _model(_table(data, "model"))
    run = _table(data, "run")
    _check_keys(run, _RUN_KEYS, "run.")
    key_of(run.get("seed"))
    check_setting(
        model,
        run.get("structure"),
        run.get("schedule", "random"),
        run.get("tactical_steps", math.inf),
        run.get("max_steps", 10_000),
    )
    costs, runs = _experiment(_table(data, "experiment"), model)
    return Scenario(model, title, run, costs, runs)


def _model(table: dict[str, Any]) -> Model:
    _check_keys(table, _MODEL_KEYS, "model.", required=("opinions", "performance"))
    arguments = dict(table)
    if isinstance(arguments["opinions"], dict):
        arguments["opinions"] = _normal(arguments["opinions"])
    if "influence" in arguments:
        arguments["influence"] = _choice(arguments["influence"], "influence", "family", _INFLUENCE)
    if "acceptance" in arguments:
        arguments["acceptance"] = _choice(arguments["acceptance"], "acceptance", "rule", _ACCEPTANCE)
    return Model(**arguments)


def _normal(table: dict[str, Any]) -> Normal:
    _check_keys(table, ("distribution", "agents", "mean", "sd"), "model.opinions.", required=("distribution", "agents"))
    arguments = dict(table)
    if arguments.pop("distribution") != "normal":
        raise InputError("model.opinions.distribution", table["distribution"], "is unknown", 'use "normal"')
    return Normal(**arguments)


# how a file writes each choice: the name, what makes it, and its keys
_INFLUENCE: _Choices = {"uniform": (Uniform, ()), "lazy": (Lazy, ("rate",)), "weighted": (Weighted, ("weights",))}
_ACCEPTANCE: _Choices = {"open": (Open, ()), "unanimous": (Unanimous, ("threshold",))}
_WAYS = {
    "influence": '"uniform", {family = "lazy", rate = 0.5} or {family = "weighted", weights = [1, 2, 1]}',
    "acceptance": '"open" or {rule = "unanimous", threshold = 0.01}',
}


def _choice(given: object, name: str, tag: str, choices: _Choices) -> Any:
    """Return what a name, or a table with a name under `tag`, describes."""
    field, kind, table = f"model.{name}", given, {}
    if isinstance(given, dict):
        field, kind, table = f"{field}.{tag}", given.get(tag), given
    if not isinstance(kind, str) or kind not in choices:
        raise InputError(field, kind, f"is not a known {name}", f"use {_WAYS[name]}")
    make, keys = choices[kind]
    required = keys if name == "influence" else ()
    _check_keys(table, (tag, *keys), f"model.{name}.", required)
    return make(**{key: value for key, value in table.items() if key != tag})


def _experiment(table: dict[str, Any], model: Model) -> tuple[tuple[float, ...], int]:
    _check_keys(table, _EXPERIMENT_KEYS, "experiment.")
    costs = table.get("switching_costs", [model.switching_cost])
    if not isinstance(costs, list) or not costs:
        raise InputError("experiment.switching_costs", costs, "is not a list of numbers", "give [-0.05, 0.05]")
    runs = integer(table.get("runs", 1000), "experiment.runs", "runs", 1, MAX_RUNS)
    return tuple(number(cost, f"experiment.switching_costs[{i}]") for i, cost in enumerate(costs)), runs


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise InputError(name, table, "is not a table", f"write its keys below a line [{name}]")
    return table


def _check_keys(table: dict[str, Any], known: tuple[str, ...], prefix: str, required: tuple[str, ...] = ()) -> None:
    for key in table:
        if key not in known:
            raise InputError(f"{prefix}{key}", table[key], "is an unknown key", f"use {', '.join(known)}")
    for key in required:
        if key not in table:
            raise InputError(f"{prefix}{key}", None, "is missing", f"the keys are {', '.join(known)}")
