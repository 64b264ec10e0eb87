"""Reading who may listen to whom, where a log comes with a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.columns import name_in_words, read_columns
from numerics.fitting.observations import Observations
from numerics.fitting.reading import GROUP, ONE_GROUP
from theory.errors import InputError


def read_listeners(
    path: str | Path,
    observations: Observations,
    group: str | None = None,
    agent: str = "agent",
    hears: str = "hears",
) -> dict[str, NDArray[np.int64]]:
    """Read who may listen to whom from a CSV file: a row says that an agent hears another of its group.

    Parameters
    ----------
    path : path of a CSV file with a header.
    observations : whose agents they are.
    group, agent, hears : columns; `group` as in `read_opinions`.  Hearing goes one way: for a mutual tie give two rows.

    Returns
    -------
    dict
        For every group that the file names, a (k, k) array for the `network` of `fit_influence`: 1 where i may listen
        to j.  In the groups that it does not name everybody may listen to everybody.

    Raises
    ------
    InputError
        Naming the file, the line and the column of a group or an agent that the log does not have.
    """
    names = [name for name in (group, agent, hears) if name is not None]
    columns = read_columns(path, names, "network", () if group else (GROUP,))
    if group is None and GROUP in columns.cells and GROUP not in names:
        group = GROUP
    place = {found.name: {name: number for number, name in enumerate(found.agents)} for found in observations.groups}
    of_group = [ONE_GROUP] * len(columns.lines) if group is None else columns.cells[group]
    out: dict[str, NDArray[np.int64]] = {}
    for row, name in enumerate(of_group):
        if name not in place:
            raise InputError(columns.place(row, group or ""), name, "is no group of the log", "name one that is")
        pair = []
        for column in (agent, hears):
            cell = columns.cells[column][row]
            if cell not in place[name]:
                problem = f"is no agent of group {name_in_words(name)}"
                raise InputError(columns.place(row, column), cell, problem, "name one that is in the log")
            pair.append(place[name][cell])
        k = len(place[name])
        if k > MAX_LISTENERS:
            problem = f"has {k} agents, too many for a table of who hears whom"
            raise InputError(columns.place(row, group or ""), name, problem, f"give groups of {MAX_LISTENERS} at most")
        out.setdefault(name, np.eye(k, dtype=np.int64))[pair[0], pair[1]] = 1
    return out


MAX_LISTENERS = 5000  # agents of a group: a table of 200 MB
