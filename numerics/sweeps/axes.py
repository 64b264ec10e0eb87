"""The axes of a sweep: names of parameters, and what a value of one changes in a scenario.

A model is taken apart into the table [model] of a scenario file (`numerics.scenario_model.model_as_data`), a value is
put at its key, and the table is read again: whatever a file can say can be swept, and a file's errors are a sweep's.
Beside the keys of [model] and of [run]: single entries of lists, such as ``opinions[3]``, and two derived names,

- ``spread``: max x - min x of opinions that are numbers; they are stretched about their mean, innate ones with them;
- ``theta``: opinions are measured from θ, x - θ, so that φ0(u - θ) is swept with φ0 as the performance (for vectors
  ``theta[k]``).

``switching_cost`` is the base of costs that are a table, and ``influence.rate`` makes uniform influence lazy, as in
`numerics.programs.parameters`.

Where several axes meet, values are put in from the broadest path to the narrowest, whatever the order of the axes,
which orders the dimensions only: ``acceptance`` before ``acceptance.threshold``, ``opinions`` before ``opinions[3]``.
``spread`` and then ``theta`` come last: they are of the opinions as all other axes have made them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.model import Model
from numerics.scenario import RUN_KEYS, schedule_as_data
from numerics.scenario_model import KEYS as MODEL_KEYS
from numerics.scenario_model import model_as_data
from numerics.schedules import Logit
from numerics.validation import MAX_SIZE, is_integer, is_real, number
from theory.errors import InputError

SETTINGS = tuple(key for key in RUN_KEYS if key != "seed")  # every cell has the same seed
MAX_POINTS = 100_000  # on one axis

MAX_PARTS = 8  # of a path; no key of a scenario has more than five

_NAME = re.compile(r"[a-z_]+(?:\[\d{1,9}\])*(?:\.[a-z_]+(?:\[\d{1,9}\])*)*")
_DERIVED = {"spread": re.compile("spread"), "theta": re.compile(r"theta(\[\d{1,9}\])?")}  # put in last, in this order
_INT64 = range(-(2**63), 2**63)
_TAGS = {"opinions": "distribution", "influence": "family", "acceptance": "rule", "schedule": "rule"}
_UNITS = {
    "switching_cost": "value", "acceptance.threshold": "value", "acceptance.radius": "opinion",
    "acceptance.members": "count", "opinions": "opinion", "opinions.mean": "opinion", "opinions.sd": "opinion",
    "opinions.agents": "count", "innate_opinions": "opinion", "spread": "opinion", "theta": "opinion",
    "tactical_steps": "count", "max_steps": "count", "samples": "count", "schedule.temperature": "value",
}  # fmt: skip

Table = dict[str, Any]  # what a scenario file says under [model] and [run], in one table


@dataclass(frozen=True)
class Axis:
    """One axis of the grid.

    Attributes
    ----------
    name : as it was asked for.
    values : as a scenario file would say them.
    """

    name: str
    values: tuple[Any, ...]

    @property
    def dimension(self) -> str:
        """The name of the dimension: that of the axis, but "initial_spread" beside the "spread" at the end."""
        return "initial_spread" if self.name == "spread" else self.name

    @property
    def is_numeric(self) -> bool:
        """Whether every value is a number."""
        return all(is_real(value) for value in self.values)

    @property
    def is_increasing(self) -> bool:
        """Whether values are numbers, each greater than the one before."""
        return self.is_numeric and bool(np.all(np.diff(self.coordinate) > 0))

    @property
    def units(self) -> str:
        """Unit of the values, "1" if they have none."""
        key = re.sub(r"\[\d+\]", "", self.name)
        return _UNITS.get(key, _UNITS.get(key.split(".")[0], "1") if key.startswith("switching_cost") else "1")

    @property
    def coordinate(self) -> np.ndarray[Any, Any]:
        """Numbers as they are; anything else as text, tables as JSON."""
        if self.is_numeric:
            fits = all(not is_integer(value) or value in _INT64 for value in self.values)
            return np.array(self.values, dtype=None if fits else np.float64)
        return np.array([x if isinstance(x, str) else json.dumps(x) for x in self.values], dtype=np.str_)

    @property
    def breadth(self) -> tuple[int, bool, int, str]:
        """What axes are put in by: given entries before derived names, opinions (how many agents) first, broad paths
        before narrow ones.
        """
        path = path_of(self.name)
        top = str(path[0])
        derived = 1 + list(_DERIVED).index(top) if top in _DERIVED else 0
        return derived, top != "opinions", len(path), self.name

    def field(self, place: int) -> str:
        """What errors call one value."""
        return f'over["{self.name}"][{place}]'

    def put(self, table: Table, value: Any) -> Table:
        """Return the table with this value in its place; what it shares with the old one is not changed."""
        path = path_of(self.name)
        top = path[0]
        if top == "spread":
            return _stretched(table, value)
        if top == "theta":
            return _measured_from(table, value, path[1:])
        if len(path) == 1 and value is None:  # not given: the default
            return {key: old for key, old in table.items() if key != top}
        old = table.get(str(top))
        if top == "switching_cost":
            if len(path) == 1 and isinstance(old, dict) and is_real(value):
                path = ["switching_cost", "base"]
            elif len(path) > 1 and not isinstance(old, dict):
                old = {} if old is None else {"base": old}
        elif self.name == "influence.rate" and old in (None, "uniform"):
            old = {"family": "lazy"}
        elif top == "stubbornness" and len(path) > 1 and old is None:
            old = [0.0] * _n_agents(table)
        if len(path) > 1 and isinstance(old, str) and top in _TAGS:
            old = {_TAGS[str(top)]: old}
        return {**table, str(top): _put(old, path[1:], value)}


def read_axes(model: Model, over: object) -> tuple[Axis, ...]:
    """Return the axes that a mapping from names to values describes.

    Raises
    ------
    InputError
        For what is no such mapping, and for names that nothing has; values are looked at by the model.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0], performance="-u**2")
    >>> read_axes(model, {"switching_cost": np.linspace(0, 1, 3), "acceptance": ["open", "majority"]})[0].values
    (0.0, 0.5, 1.0)
    """
    advice = 'give a mapping from names to values, such as {"switching_cost": [0.0, 0.1, 0.2]}'
    if not isinstance(over, Mapping):
        raise InputError("over", over, "is not a mapping", advice)
    if not over:
        raise InputError("over", over, "names no parameter", advice)
    axes = []
    for name, values in over.items():
        known = (*MODEL_KEYS, *SETTINGS, "spread", "theta")
        if not isinstance(name, str) or not _is_name(name, known):
            raise InputError("over", name, "is no key of a scenario", f"use a path that starts with {', '.join(known)}")
        field = f'over["{name}"]'
        is_list = isinstance(values, Sequence) and not isinstance(values, (str, bytes))
        if not (is_list or (isinstance(values, np.ndarray) and values.ndim > 0)) or len(values) == 0:
            raise InputError(field, values, "is not a list of values", "give at least one, such as [0.0, 0.1]")
        if len(values) > MAX_POINTS:
            raise InputError(field, f"{len(values)} values", f"are more than {MAX_POINTS}", "give fewer")
        axes.append(Axis(name, tuple(_as_data(model, name, value, f"{field}[{i}]") for i, value in enumerate(values))))
    return tuple(axes)


def _is_name(name: str, known: Sequence[str]) -> bool:
    """Whether a key of a scenario may have this path."""
    if not _NAME.fullmatch(name) or len(path := path_of(name)) > MAX_PARTS or path[0] not in known:
        return False
    return path[0] not in _DERIVED or bool(_DERIVED[str(path[0])].fullmatch(name))


def _as_data(model: Model, name: str, value: Any, field: str) -> Any:
    """What a file says for a value: for numbers, text, lists and tables that is what they are."""
    try:
        plain = _plain(value)
        if isinstance(plain, (list, dict)):
            json.dumps(plain)
    except (TypeError, ValueError, RecursionError):  # what JSON has no word for, or a list inside itself
        advice = "give a number, text, a list or a table"
        raise InputError(field, value, "is not what a scenario file can say", advice) from None
    if is_integer(plain) and abs(plain) > MAX_SIZE:
        raise InputError(field, value, "is too large", f"keep below {MAX_SIZE:g}")
    if isinstance(plain, (str, int, float, list, dict, type(None))):
        return plain
    if isinstance(value, Logit):
        return schedule_as_data(value)
    if name not in MODEL_KEYS:
        raise InputError(field, value, "is not what a scenario file can say", "give a number, text, a list or a table")
    try:
        # other opinions may be of more agents, or fewer
        made = Model(value, 0) if name == "opinions" else model.replace(**{name: value})
        return model_as_data(made)[name]
    except InputError as error:
        raise InputError(field, error.given, error.problem, error.advice) from None


def _plain(value: Any) -> Any:
    if isinstance(value, np.floating):
        return float(value)  # long ones too
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, (set, frozenset)):  # a coalition
        return sorted(_plain(entry) for entry in value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return value


def path_of(name: str) -> list[str | int]:
    """Return the keys and indices of a dotted name."""
    return [int(part) if part.isdigit() else part for part in re.findall(r"[a-z_]+|\d+", name)]


def _put(old: Any, path: Sequence[str | int], value: Any) -> Any:
    if not path:
        return value
    key = path[0]
    if isinstance(key, str):
        kept = old if isinstance(old, dict) else {}
        return {**kept, key: _put(kept.get(key), path[1:], value)}
    if not isinstance(old, list) or key >= len(old):
        there = f"has {len(old)} entries" if isinstance(old, list) else "is not a list in the model"
        raise InputError(f"[{key}]", value, f"has no place: what it is an entry of {there}", "use another name")
    return [*old[:key], _put(old[key], path[1:], value), *old[key + 1 :]]


def _n_agents(table: Table) -> int:
    opinions = table["opinions"]
    return int(opinions["agents"] if isinstance(opinions, dict) else len(opinions))


def _stretched(table: Table, value: Any) -> Table:
    width = number(value, "spread", "give a number above 0")
    given = table["opinions"]
    if not isinstance(given, list) or not all(is_real(x) for x in given):
        raise InputError("spread", value, "is of opinions that are not one given number per agent", "give the numbers")
    x = np.array(given, dtype=np.float64)
    if width < 0 or np.ptp(x) == 0:
        problem = "is negative" if width < 0 else "cannot be had from equal opinions, which no factor stretches"
        raise InputError("spread", value, problem, "give a number of at least 0, and opinions that differ")
    centre, factor = x.mean(), width / np.ptp(x)
    changed = {"opinions": (centre + factor * (x - centre)).tolist()}
    if "innate_opinions" in table:
        changed["innate_opinions"] = (centre + factor * (np.array(table["innate_opinions"]) - centre)).tolist()
    return {**table, **changed}


def _measured_from(table: Table, value: Any, entry: Sequence[str | int]) -> Table:
    theta = number(value, "theta")
    if isinstance(table["opinions"], dict):
        if entry or table["opinions"].get("dimension", 1) > 1:
            raise InputError("theta", value, "is a vector where opinions are drawn as vectors", "give the opinions")
        return {**table, "opinions": {**table["opinions"], "mean": table["opinions"].get("mean", 0.0) - theta}}
    changed: Table = {}
    for name in ("opinions", "innate_opinions"):
        if name in table:
            x = np.array(table[name], dtype=np.float64)
            if len(entry) != x.ndim - 1 or any(not isinstance(k, int) or k >= x.shape[1] for k in entry):
                shape = "[k] for a coordinate k" if x.ndim == 2 else ""
                raise InputError("theta", value, "does not fit the opinions", f'use "theta{shape}"')
            (x if not entry else x[:, int(entry[0])])[:] -= theta
            changed[name] = x.tolist()
    return {**table, **changed}
