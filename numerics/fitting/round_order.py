"""The rounds of a long log in the order in which they took place.

Rounds that are numbers, or that end in one behind the same word ("turn 9", "turn 10"), are in the order of the numbers.
Other names have no order of their own; what orders them is that the rows of an agent about an item come one after the
other.  One sequence may miss a round, all of them together say which was before which: a topological order.  It is
taken if it is the only one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Sequence

from numerics.fitting.columns import MISSING, Columns, name_in_words
from theory.errors import InputError, shortened

MAX_SHOWN = 20  # rounds in an error
NUMBERED = re.compile(r"(.*[^\d+\-.])(\d+)")  # a word and a number that cannot be taken for a negative or a decimal one
ADVICE = "name the rounds in their order as rounds (--rounds A,B,C)"


def rounds_of(
    columns: Columns, round: str, given: Sequence[str] | None, who: Sequence[Hashable]
) -> tuple[list[str], list[int]]:
    """Return the rounds of a long file in order, and the number of each row's round.

    Parameters
    ----------
    columns : the rows.
    round : the column with the names of the rounds.
    given : the rounds in order, if the order is known.
    who : for each row whose answer it is and to what.

    Raises
    ------
    InputError
        For a row without a round, one that is not among those given, one round written in two ways, and rounds that
        the rows put in no order or in two.

    Notes
    -----
    O(rows).
    """
    cells = columns.cells[round]
    first: dict[str, int] = {}
    for row, cell in enumerate(cells):
        if cell.lower() in MISSING:
            raise InputError(columns.place(row, round), cell, "is no round", "say in which round it was")
        first.setdefault(cell, row)
    order = _order(columns, round, first, who) if given is None else list(given)
    index = {cell: k for k, cell in enumerate(order)}
    for cell, row in first.items():
        if cell not in index:
            listed = ", ".join(map(name_in_words, order[:MAX_SHOWN]))
            raise InputError(columns.place(row, round), cell, "is none of the rounds", f"the rounds are {listed}")
    return order, [index[cell] for cell in cells]


def _order(columns: Columns, round: str, first: dict[str, int], who: Sequence[Hashable]) -> list[str]:
    numbers = _numbers(list(first))
    if numbers is None:
        return _by_sequence(columns, round, list(first), who)
    written: dict[float, str] = {}
    for (cell, row), number in zip(first.items(), numbers, strict=True):
        if number in written:
            problem = f"is the same round as {shortened(written[number], 40)}, written differently"
            raise InputError(columns.place(row, round), cell, problem, "write it in one way")
        written[number] = cell
    return [written[number] for number in sorted(written)]


def _numbers(names: list[str]) -> list[float] | None:
    """The numbers that names are or end in, None if they are or do not all."""
    plain = [_number_or_none(name) for name in names]
    numbers = [number for number in plain if number is not None]
    if len(numbers) == len(names):
        return numbers
    matches = [NUMBERED.fullmatch(name) for name in names]
    found = [match for match in matches if match is not None and match[2].isascii() and len(match[2]) <= 15]
    if len(found) == len(names) and len({match[1].lower() for match in found}) == 1:
        return [float(match[2]) for match in found]
    return None


def _number_or_none(name: str) -> float | None:
    try:
        number = float(name) if name.isascii() and "_" not in name else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _by_sequence(columns: Columns, round: str, names: list[str], who: Sequence[Hashable]) -> list[str]:
    """The only order in which the rounds of every sequence follow each other."""
    row_of: dict[tuple[str, str], int] = {}  # (a round, the next one of the same sequence) → row of the latter
    latest: dict[Hashable, str] = {}
    seen: set[tuple[Hashable, str]] = set()
    for row, (key, name) in enumerate(zip(who, columns.cells[round], strict=True)):
        if (key, name) in seen:  # a second answer, which the reader refuses
            continue
        seen.add((key, name))
        if key in latest:
            row_of.setdefault((latest[key], name), row)
        latest[key] = name
    after: dict[str, list[str]] = {name: [] for name in names}
    waits = dict.fromkeys(names, 0)
    for before, name in row_of:
        after[before].append(name)
        waits[name] += 1
    order: list[str] = []
    ready = [name for name in names if not waits[name]]
    open_: list[str] = []  # rounds of which none is known to be before the other
    while ready:
        open_ = open_ or (ready[:MAX_SHOWN] if len(ready) > 1 else [])
        order.append(ready.pop())
        for name in after[order[-1]]:
            waits[name] -= 1
            if not waits[name]:
                ready.append(name)
    if len(order) < len(names):
        before, name = _contradiction(row_of, set(names) - set(order))
        problem = f"comes after {shortened(before, 40)} here, and in other rows before it"
        raise InputError(columns.place(row_of[before, name], round), name, problem, ADVICE)
    if open_:
        problem = "are rounds of which the rows do not say which was first"
        raise InputError(columns.source, open_, problem, ADVICE)
    return order


def _contradiction(row_of: dict[tuple[str, str], int], left: set[str]) -> tuple[str, str]:
    """Two rounds, one after the other, on a cycle of those that are `left`: each of them waits for another one."""
    before = {name: earlier for earlier, name in row_of if earlier in left and name in left}
    path: list[str] = []
    name = min(left)
    on_path: set[str] = set()
    while name not in on_path:
        path.append(name)
        on_path.add(name)
        name = before[name]
    cycle = path[path.index(name) :]  # against time: each entry comes after the next one, the last after the first
    pairs = [*zip(cycle[1:], cycle[:-1], strict=True), (cycle[0], cycle[-1])]
    return max(pairs, key=row_of.__getitem__)
