"""Two axes of one grid that write the same key: refused where the values of one would be lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import permutations

from numerics.sweeps.axes import Axis, Table, path_of
from numerics.validation import is_real
from theory.errors import InputError


def check_overlap(axes: Sequence[Axis], table: Table) -> None:
    """See that no axis is lost under a narrower one; `table` is what the scenario says without them.

    The narrower one replaces a part of what the broader one says, which is right as long as the values of the broader
    one still differ: ``acceptance`` beside ``acceptance.threshold``, but not two rules that differ in their threshold.

    Raises
    ------
    InputError
        Naming both axes.

    Examples
    --------
    >>> both = Axis("switching_cost", (0.1, 0.2)), Axis("switching_cost.base", (0.3,))
    >>> check_overlap(both, {"switching_cost": 0.0})
    Traceback (most recent call last):
    theory.errors.InputError: over["switching_cost.base"]: 0.3 takes the place of ...
    """
    for (i, broad), (j, narrow) in permutations(enumerate(axes), 2):
        path, inner = path_of(broad.name), path_of(narrow.name)
        if path != inner[: len(path)] or (path == inner and i > j):
            continue
        lost = path == inner or (narrow.name == "switching_cost.base" and any(map(is_real, broad.values)))
        if lost or _merged(broad, narrow, table):
            problem = f'takes the place of what over["{broad.name}"] says, whose values would be lost'
            raise InputError(f'over["{narrow.name}"]', narrow.values[0], problem, "leave one of the two axes out")


def _merged(broad: Axis, narrow: Axis, table: Table) -> bool:
    """Whether different values of the broad axis are the same once the narrow one has its value."""
    said, made = set(), set()
    for value in broad.values:
        try:
            made.add(json.dumps(narrow.put(broad.put(table, value), narrow.values[0])))
        except InputError:  # it is told before anything runs, with the value that it is about
            return False
        said.add(json.dumps(value))
    return len(made) < len(said)
