"""Choices: how a scenario file writes one thing out of several.

    influence = "uniform"                       # a name, if the choice needs nothing else
    influence = {family = "lazy", rate = 0.5}   # a table: the name under a tag, and the keys of the choice

A `Kind` describes one choice in both directions: `read_choice` makes what a file describes, `choice_as_data` says how
a file describes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sympy import Expr

from theory.errors import InputError
from theory.exposition import text


@dataclass(frozen=True, eq=False)
class Kind:
    """One choice.

    Attributes
    ----------
    made : class of what is chosen.
    example : how a file writes it.
    required, optional : keys it must and may have in a file.
    attributes : what the class calls a key, where that differs.
    read : makes it from the keys, as arguments named like the attributes; the class unless given.
    write : returns the keys and their values; the attributes unless given.
    """

    made: type
    example: str
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    read: Callable[..., Any] | None = None
    write: Callable[[Any], dict[str, Any]] | None = None


def read_choice(given: object, where: str, tag: str, kinds: Mapping[str, Kind]) -> Any:
    """Return what a name, or a table with a name under `tag`, describes.

    Raises
    ------
    InputError
        Naming the key below `where` that is unknown, missing or wrong.

    Examples
    --------
    >>> from numerics.influence import Lazy, Uniform
    >>> kinds = {
    ...     "uniform": Kind(Uniform, '"uniform"'),
    ...     "lazy": Kind(Lazy, '{family = "lazy", rate = 0.5}', required=("rate",)),
    ... }
    >>> read_choice("uniform", "model.influence", "family", kinds)
    Uniform()
    >>> read_choice({"family": "lazy", "rate": 0.25}, "model.influence", "family", kinds)
    Lazy(rate=0.25)
    """
    what, name, table = where.rpartition(".")[2], given, {}
    key = where
    if isinstance(given, dict):
        what, name, table, key = tag, given.get(tag), given, f"{where}.{tag}"
    known = re.sub("[-_]", " ", name[:40]).lower() if isinstance(name, str) else ""
    if known not in kinds:
        examples = [kind.example for kind in kinds.values()]
        raise InputError(key, name, f"is not a known {what}", f"use {' or '.join(examples)}")
    kind = kinds[known]
    check_keys(table, (tag, *kind.required, *kind.optional), f"{where}.", kind.required)
    values = {kind.attributes.get(key, key): value for key, value in table.items() if key != tag}
    written = {attribute: key for key, attribute in kind.attributes.items()}

    def as_written(name: str) -> str:
        attribute, rest = re.fullmatch(r"(?:\w+\.)?(\w+)(.*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
        return f"{where}.{written.get(attribute, attribute)}{rest}"

    with named(as_written):
        return (kind.read or kind.made)(**values)


def choice_as_data(chosen: object, tag: str, kinds: Mapping[str, Kind]) -> Any:
    """Return what a file says for `chosen`: a name, or a table with the name under `tag`.

    Examples
    --------
    >>> from numerics.schedules import Logit
    >>> kinds = {"logit": Kind(Logit, '{rule = "logit", temperature = 0.01}', required=("temperature",))}
    >>> choice_as_data(Logit(0.5), "rule", kinds)
    {'rule': 'logit', 'temperature': 0.5}
    """
    name, kind = next((name, kind) for name, kind in kinds.items() if isinstance(chosen, kind.made))
    if kind.write is not None:
        table = kind.write(chosen)
    else:
        keys = (*kind.required, *kind.optional)
        table = {key: _plain(getattr(chosen, kind.attributes.get(key, key))) for key in keys}
    return {tag: name, **table} if table else name


def _plain(value: object) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    return text(value) if isinstance(value, Expr) else value


def check_keys(table: Mapping[str, Any], known: tuple[str, ...], prefix: str, required: tuple[str, ...] = ()) -> None:
    """Raise an InputError for a key that is unknown, or missing."""
    for key in table:
        if key not in known:
            written = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{key}"'
            raise InputError(f"{prefix}{written}", table[key], "is an unknown key", f"use {', '.join(known)}")
    for key in required:
        if key not in table:
            raise InputError(f"{prefix}{key}", None, "is missing", f"the keys are {', '.join(known)}")


@contextmanager
def named(as_written: Callable[[str], str]) -> Iterator[None]:
    """Let errors name a key as the file writes it: `as_written` of the name that the library gives it."""
    try:
        yield
    except InputError as error:
        raise InputError(as_written(error.field), error.given, error.problem, error.advice) from None
