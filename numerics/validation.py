"""Validation: one reading of numbers, integers and vectors for every argument of the project.

A bool is no number, text is no number, and what does not fit a float is refused, whichever way it arrives.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

MAX_SIZE = 1e300  # of an opinion: differences are floats
MAX_WEIGHT = 1e150
MAX_INTEGER = 2**62
MAX_AGENTS = 10_000_000


def number(value: object, field: str, advice: str = "give a number such as 0.05") -> float:
    """Return a finite real number as a float.

    Raises
    ------
    InputError
        Naming `field`, for anything else.

    Examples
    --------
    >>> number(1, "switching_cost")
    1.0
    """
    if not is_real(value) or not math.isfinite(result := _as_float(value)):
        raise InputError(field, value, "is not a finite number", advice)
    return result


def integer(value: object, field: str, what: str, least: int, most: int = MAX_INTEGER) -> int:
    """Return an integer between bounds; `what` says what it is a number of.

    Examples
    --------
    >>> integer(np.int64(3), "runs", "runs", 1)
    3
    """
    if not is_integer(value) or not least <= value <= most:  # type: ignore[operator]
        range_text = f"of at least {least}" if most == MAX_INTEGER else f"from {least} to {most}"
        raise InputError(field, value, f"is not a number of {what}", f"give an integer {range_text}")
    return int(value)  # type: ignore[call-overload]


def seconds(value: object, field: str = "time_limit") -> float:
    """Return a positive number of seconds."""
    advice = "give a number of seconds such as 60"
    limit = number(value, field, advice)
    if limit <= 0:
        raise InputError(field, value, "is not positive", advice)
    return limit


def flag(value: object, field: str) -> bool:
    """Return a bool.

    Examples
    --------
    >>> flag(True, "record")
    True
    """
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(field, value, "is not a choice", "give True or False")
    return bool(value)


def vector(given: object, field: str, advice: str, most: float = MAX_SIZE) -> NDArray[np.float64]:
    """Return a one-dimensional read-only array of at least one finite number of size up to `most`.

    Errors name the entry: ``opinions[1]: nan is not finite``.

    Examples
    --------
    >>> vector([1, 2.5], "opinions", "give one number per agent").tolist()
    [1.0, 2.5]
    """
    if not isinstance(given, (Sequence, np.ndarray)) or isinstance(given, (str, bytes)):
        raise InputError(field, given, "are not a list of numbers", advice)
    if isinstance(given, np.ndarray) and (given.ndim != 1 or given.dtype.kind not in "iufO"):
        problem = f"have shape {given.shape}" if given.ndim != 1 else f"have type {given.dtype}"
        raise InputError(field, given, f"{problem}, not one number per agent", advice)
    if len(given) == 0:
        raise InputError(field, given, "are empty", advice)
    if isinstance(given, np.ndarray) and given.dtype.kind != "O":
        x = given.astype(np.float64)
    else:
        if not set(map(type, given)) <= {int, float}:  # which is nearly always so, and fast
            for entry in given:
                if not is_real(entry):
                    raise InputError(field, given, "are not a list of numbers", advice)
        x = _as_floats(given)
    for i in np.flatnonzero(~np.isfinite(x)):
        raise InputError(f"{field}[{i}]", given[int(i)], "is not finite", advice)
    for i in np.flatnonzero(np.abs(x) > most):
        raise InputError(f"{field}[{i}]", float(x[i]), "is too large", f"keep below {most:g}")
    x.flags.writeable = False
    return x


def table(given: object, field: str, advice: str, most: float = MAX_SIZE) -> NDArray[np.float64]:
    """Return a two-dimensional read-only array of at least one finite number of size up to `most`.

    Errors name the row, and `vector` the entry in it.

    Examples
    --------
    >>> table([[1, 2], [3, 4]], "opinions", "give one row per agent").tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    if isinstance(given, np.ndarray) and given.ndim == 2 and given.dtype.kind in "iuf" and given.size:
        x = given.astype(np.float64)
        if np.all(np.isfinite(x)) and np.max(np.abs(x)) <= most:
            x.flags.writeable = False
            return x
    if not isinstance(given, (Sequence, np.ndarray)) or isinstance(given, (str, bytes)):
        raise InputError(field, given, "is not a table of numbers", advice)
    if len(given) == 0:
        raise InputError(field, given, "is empty", advice)
    plain = _plain_table(given, most)
    if plain is not None:
        return plain
    rows = [vector(row, f"{field}[{i}]", advice, most) for i, row in enumerate(given)]
    for i, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise InputError(f"{field}[{i}]", given[i], f"has {len(row)} entries, not {len(rows[0])}", advice)
    x = np.array(rows)
    x.flags.writeable = False
    return x


def _plain_table(given: Sequence[object] | NDArray[Any], most: float) -> NDArray[np.float64] | None:
    """Lists of numbers as a table, all at once; None for anything else, which `table` looks at row by row."""
    if isinstance(given, np.ndarray) or set(map(type, given)) != {list}:
        return None
    lengths = set(map(len, given))  # type: ignore[arg-type]
    if len(lengths) != 1 or not set(map(type, chain.from_iterable(given))) <= {int, float}:  # type: ignore[arg-type]
        return None
    x = _as_floats(given)
    if x.size == 0 or not np.all(np.abs(x) <= most):
        return None
    x.flags.writeable = False
    return x


def is_real(value: object) -> bool:
    """Whether the value is a real number, and no bool."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """Whether the value is an integer, and no bool."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _as_float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf


def _as_floats(given: object) -> NDArray[np.float64]:
    """Numbers, or rows of equally many, as floats; what does not fit is infinite."""
    try:
        return np.array(given, dtype=np.float64)
    except OverflowError:
        return np.vectorize(_as_float, otypes=[np.float64])(np.array(given, dtype=object))
