"""Scenarios: a model and the runs to make with it, in a TOML file.  `load_scenario` shows every key."""

from __future__ import annotations

import math
import re
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
from numerics.toml_text import MAX_BYTES as MAX_BYTES  # of a scenario too
from numerics.toml_text import parse_toml, read_text, table_of
from numerics.validation import MAX_AGENTS, integer, is_integer, number
from theory.errors import InputError

MAX_FILE_AGENTS = 1_000_000  # what a model knows by the number of agents takes some 0.5 s

RUN_KEYS = ("seed", "structure", "schedule", "tactical_steps", "max_steps", "samples")
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
        #   {family = "adaptive lazy", rate = "0.1 + 0.8*exp(-exits)", memory = 1.0, lowest = 0.01}
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
    text = read_text(path, "scenario")
    return parse_scenario(text, str(path))


def packaged_scenario(name: str) -> Scenario:
    """Return one of the scenarios that come with the project, such as "published_unimodal"."""
    return parse_scenario(packaged_text(name), name)


def packaged_text(name: str) -> str:
    """Return the text of the file of `packaged_scenario`."""
    folder = resources.files("scenarios")
    files = (x.name for x in folder.iterdir() if x.name.endswith(".toml") and not x.name.startswith("sweep_"))
    names = sorted(name.removesuffix(".toml") for name in files)
    if name not in names:
        raise InputError("scenario", name, "does not come with the project", f"use one of {', '.join(names)}")
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


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
    return read_tables(parse_toml(text, source, "scenario"))


def read_tables(data: Mapping[str, Any]) -> Scenario:
    """Return the scenario that the tables of a file describe.

    Examples
    --------
    >>> read_tables({"model": {"opinions": [0.0, 1.0], "performance": "-u**2"}}).model.n_agents
    2
    """
    check_keys(data, ("title", "model", "run", "experiment"), "", required=("model",))
    title = data.get("title", "")
    if not isinstance(title, str):
        raise InputError("title", title, "is not text", 'write title = "..."')
    table = table_of(data, "model")
    _check_size(table)
    model = read_model(table)
    run = _run(table_of(data, "run"), model)
    costs, runs = _experiment(table_of(data, "experiment"), model)
    return Scenario(model, title, run, costs, runs)


def _check_size(model: Mapping[str, Any]) -> None:
    """Refuse drawn opinions of so many agents that reading alone takes seconds."""
    opinions = model.get("opinions")
    agents = opinions.get("agents") if isinstance(opinions, dict) else None
    if is_integer(agents) and MAX_FILE_AGENTS < agents <= MAX_AGENTS:  # type: ignore[operator]
        problem = f"are more agents than the {MAX_FILE_AGENTS:,} that a file may ask for"
        raise InputError("model.opinions.agents", agents, problem, "give fewer, or make the model in Python")


def schedule_as_data(schedule: Schedule) -> Any:
    """Return what a scenario file says for a schedule.

    Examples
    --------
    >>> from numerics.schedules import logit
    >>> schedule_as_data("round robin"), schedule_as_data(logit(0.01))
    ('round robin', {'rule': 'logit', 'temperature': 0.01})
    """
    return schedule if isinstance(schedule, str) else choice_as_data(schedule, "rule", _SCHEDULES)


def read_schedule(given: object, where: str = "run.schedule") -> Schedule:
    """Return the schedule that a scenario file describes; the inverse of `schedule_as_data`."""
    schedule: Schedule = read_choice(given, where, "rule", _SCHEDULES)
    return schedule


def _run(table: dict[str, Any], model: Model) -> dict[str, Any]:
    check_keys(table, RUN_KEYS, "run.")
    run = dict(table)
    if "schedule" in run:
        run["schedule"] = read_schedule(run["schedule"])
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
    return f"run.{name}" if re.split(r"\W", name)[0] in RUN_KEYS else f"model.{name}"


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
