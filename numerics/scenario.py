"""Scenarios: a model and the runs to make with it, in a TOML file.  `load_scenario` shows every key."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from numerics.costs import SwitchingCost
from numerics.ensemble import MAX_RUNS
from numerics.model import Model
from numerics.scenario_choices import Kind, check_keys, choice_as_data, named, read_choice
from numerics.scenario_model import read_model
from numerics.schedules import SCHEDULES, Logit, Schedule
from numerics.settings import check_setting
from numerics.simulation import Run, simulate
from numerics.streams import Seed, key_of
from numerics.validation import integer, number
from theory.errors import InputError

MAX_DOTS = 50  # in a key: the standard library's parser takes quadratic time in them
MAX_BYTES = 1_000_000  # the standard library's parser takes seconds for more

_RUN_KEYS = ("seed", "structure", "schedule", "tactical_steps", "max_steps", "samples")
_EXPERIMENT_KEYS = ("switching_costs", "runs")
_SCHEDULES = {name: Kind(str, f'"{name}"', read=partial(str, name)) for name in SCHEDULES}
_SCHEDULES["logit"] = Kind(Logit, '{rule = "logit", temperature = 0.01}', ("temperature",))


@dataclass(frozen=True, eq=False)
class Scenario:
    """A model and the runs to make with it.

    Attributes
    ----------
    model : Model
    title : str
    run : keyword arguments of `numerics.simulation.simulate`.
    switching_costs : costs that an experiment varies; unless given the model's own, none if that is no number.
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
        opinions = [0.1, -1.2, 0.7]       # or rows of coordinates, [[0.1, 2.0], [-1.2, 0.5], [0.7, 0.0]]
        #          {distribution = "normal", agents = 10, mean = 0.0, sd = 1.0, dimension = 1}
        performance = "3 - (u - 1/3)**2"  # in u1, u2, ... if opinions are rows
        switching_cost = 0.0
        #   {base = 0.01, exit = ..., entry = ..., bonus = ..., between = [[...], ...]}
        #   exit, entry, bonus: a number, {per_agent = [...]}, {per_coalition = [...]}, {per_pair = [[...], ...]}
        #   (agents x coalitions); between: coalitions left x coalitions joined
        scale = "s"
        influence = "uniform"
        #   {family = "lazy", rate = 0.5}
        #   {family = "weighted", weights = [1, 2, 1]}
        #   {family = "network", edges = [[0, 1], [1, 2, 0.5]], self_weight = 1.0}   mutual; weight 1 unless given
        #   {family = "network", matrix = [[1, 1, 0], [1, 1, 0.5], [0, 0.5, 1]]}
        #   {family = "general", matrix = [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]}
        acceptance = "open"
        #   {rule = "unanimous", threshold = 0.0}, or "majority", or "aggregate"
        #   {rule = "bounded confidence", radius = 0.5}
        #   {rule = "capacity", members = 5}
        #   {rule = "adaptive", of = "unanimous", threshold = "0.01*(1 + entries)", memory = 1.0}
        stubbornness = 0.0                # or one number per agent
        innate_opinions = [0.1, -1.2, 0.7]    # those that the run starts from unless given
        discount = 0.9                    # none unless given
        [run]
        seed = 0                          # a fresh one unless given
        structure = [[0, 1], [2]]         # singletons unless given
        schedule = "random"               # "best response", "round robin", "largest gain"
        #   {rule = "logit", temperature = 0.01}
        tactical_steps = inf              # an integer
        max_steps = 10000
        samples = 0                       # pairs of random orders to estimate payoffs of large coalitions from
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
    check_keys(data, ("title", "model", "run", "experiment"), "", required=("model",))
    title = data.get("title", "")
    if not isinstance(title, str):
        raise InputError("title", title, "is not text", 'write title = "..."')
    model = read_model(_table(data, "model"))
    run = _run(_table(data, "run"), model)
    costs, runs = _experiment(_table(data, "experiment"), model)
    return Scenario(model, title, run, costs, runs)


def schedule_as_data(schedule: Schedule) -> Any:
    """Return what a scenario file says for a schedule.

    Examples
    --------
    >>> from numerics.schedules import logit
    >>> schedule_as_data("round robin"), schedule_as_data(logit(0.01))
    ('round robin', {'rule': 'logit', 'temperature': 0.01})
    """
    return schedule if isinstance(schedule, str) else choice_as_data(schedule, "rule", _SCHEDULES)


def _run(table: dict[str, Any], model: Model) -> dict[str, Any]:
    check_keys(table, _RUN_KEYS, "run.")
    run = dict(table)
    if "schedule" in run:
        run["schedule"] = read_choice(run["schedule"], "run.schedule", "rule", _SCHEDULES)
    with named(_key_of_run):
        key_of(run.get("seed"))
        check_setting(
            model,
            run.get("structure"),
            run.get("schedule", "random"),
            run.get("tactical_steps", math.inf),
            run.get("max_steps", 10_000),
            run.get("samples", 0),
        )
    return run


def _key_of_run(name: str) -> str:
    """A run may show that its model is out of reach, so that not every error is about a key of [run]."""
    return f"run.{name}" if re.split(r"\W", name)[0] in _RUN_KEYS else f"model.{name}"


def _experiment(table: dict[str, Any], model: Model) -> tuple[tuple[float, ...], int]:
    check_keys(table, _EXPERIMENT_KEYS, "experiment.")
    runs = integer(table.get("runs", 1000), "experiment.runs", "runs", 1, MAX_RUNS)
    if isinstance(model.switching_cost, SwitchingCost):
        if "switching_costs" in table:
            problem = "would take the place of a model.switching_cost that is a table"
            advice = "leave it out, or give the model a number"
            raise InputError("experiment.switching_costs", table["switching_costs"], problem, advice)
        return (), runs
    costs = table.get("switching_costs", [model.switching_cost])
    if not isinstance(costs, list) or not costs:
        raise InputError("experiment.switching_costs", costs, "is not a list of numbers", "give [-0.05, 0.05]")
    return tuple(number(cost, f"experiment.switching_costs[{i}]") for i, cost in enumerate(costs)), runs


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise InputError(name, table, "is not a table", f"write its keys below a line [{name}]")
    return table
