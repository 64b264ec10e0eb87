"""Reading a team's log: from the rows of a CSV file to observations.

A wide file has a row for each agent of a group and a column for each round, a long file a row for each answer:

    group,subject,response_1,response_2        group,agent,round,opinion
    jury,Ann,0.2,0.4                           jury,Ann,1,0.2
    jury,Bob,0.8,                              jury,Bob,1,0.8
                                               jury,Ann,2,0.4
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.expressions import FloatArray
from numerics.fitting.columns import Columns, name_in_words, read_columns
from numerics.fitting.observations import Group, Observations
from numerics.fitting.round_order import rounds_of
from theory.errors import InputError

GROUP = "group"  # the column that says who was together, unless another one is named
ONE_GROUP = "all"  # its name if no column says who was together
ONE_ITEM = "opinion"  # its name if no column says what was answered
MAX_GROUPS = 10_000  # beyond, the column is that of the agents
MAX_ANSWERS = 10_000_000  # of a table items × rounds × agents: 80 MB


def read_opinions(
    path: str | Path,
    group: str | None = None,
    agent: str = "agent",
    rounds: Sequence[str] | None = None,
    round: str | None = None,
    value: str = "opinion",
    item: str | None = None,
    truth: str | None = None,
) -> Observations:
    """Read observed opinions from a CSV file, wide or long.

    Parameters
    ----------
    path : path of a CSV file with a header; UTF-8, separated by commas, semicolons or tabs, at most 50 MB.
    group : column that says who answered together.  Unless given it is the column called "group"; where there is none,
        everybody answered together.
    agent : column with the names of the agents.  An agent is one of a group: the same name in two groups is two agents.
    rounds : wide file: the columns of the answers, in the order of the rounds.
    round, value : long file: the columns of the round and of the answer.  The rounds are in the order of `rounds` if
        that is given as well, of their numbers if they are numbers or end in them ("turn 9", "turn 10"), and otherwise
        in the one order that the rows of every agent come in; if these leave it open, it is asked for.
    item : column that says what was answered, if there were several questions.
    truth : column with the right answer to the item of the row, for each group the same in all rows or empty.

    Returns
    -------
    Observations
        Groups, agents and items in the order in which they come in the file.  Answers are numbers in any unit; a cell
        that is empty, "NA" or "nan" is a missing answer, and so is a row of a long file that is not there.

    Raises
    ------
    InputError
        Naming the file, its line and its column: for cells that are no finite numbers, a row with too many or too few
        cells, a second answer to the same question, two truths of one item, rounds in no clear order, unknown columns,
        and files that are no CSV.

    Notes
    -----
    O(size), less than a second for each megabyte.

    Examples
    --------
    >>> from importlib import resources
    >>> log = resources.files("scenarios") / "debate_log.csv"
    >>> rounds = ["response_1", "response_2", "response_3"]
    >>> seen = read_opinions(log, agent="subject", rounds=rounds, item="question", truth="truth")
    >>> len(seen.groups), seen.n_agents, seen.groups[0].agents, seen.groups[0].opinions.shape
    (4, 16, ('Ada', 'Ben', 'Cleo', 'Dan'), (6, 3, 4))
    """
    names = _names(group, agent, rounds, round, value, item, truth)
    columns = read_columns(path, names, optional=() if group else (GROUP,))
    if group is None and GROUP in columns.cells and GROUP not in names:
        group = GROUP
    if round is None:
        order = list(rounds or ())
        answers = np.array([columns.numbers(name) for name in order])
        row_round: NDArray[np.int64] | None = None
    else:
        who = [columns.cells[name] for name in (group, agent, item) if name is not None]
        order, numbers = rounds_of(columns, round, rounds, list(zip(*who, strict=True)))
        row_round = np.array(numbers)
        answers = np.array(columns.numbers(value))[None]
    building = _sorted_rows(columns, group, agent, item, None if row_round is None else row_round.tolist())
    if len(building) > MAX_GROUPS:
        problem = f"has {len(building)} different names, more than {MAX_GROUPS} groups"
        raise InputError(columns.source, group, problem, "name the column that says who answered together")
    if truth is not None:
        _truths(columns, truth, building)
    size = sum(part.size for part in building.values()) * len(order)
    if size > MAX_ANSWERS:
        problem = f"would take a table of {size} answers for {len(columns.lines)} rows"
        raise InputError(columns.source, [agent, item], problem, "name the columns of agents and items")
    item_order = {name: k for k, name in enumerate(dict.fromkeys(i for part in building.values() for i in part.items))}
    groups = [part.finished(name, answers, row_round, len(order), item_order) for name, part in building.items()]
    return Observations(tuple(groups), tuple(order))


@dataclass(eq=False)
class _Building:
    """A group while its rows are being collected: numbers of agents and items by name, and what each row is about."""

    agents: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    row_agent: list[int] = field(default_factory=list)
    row_item: list[int] = field(default_factory=list)
    truths: dict[int, tuple[float, int]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.agents) * len(self.items)

    def finished(
        self,
        name: str,
        answers: FloatArray,
        row_round: NDArray[np.int64] | None,
        n_rounds: int,
        item_order: dict[str, int],
    ) -> Group:
        opinions = np.full((len(self.items), n_rounds, len(self.agents)), np.nan)
        rows, who, what = np.array(self.rows), np.array(self.row_agent), np.array(self.row_item)
        if row_round is None:
            opinions[what, :, who] = answers[:, rows].T
        else:
            opinions[what, row_round[rows], who] = answers[0, rows]
        truth = np.full(len(self.items), np.nan)
        for number, (value, _) in self.truths.items():
            truth[number] = value
        listed = sorted(self.items, key=item_order.__getitem__)
        numbers = [self.items[i] for i in listed]
        return Group(name, tuple(self.agents), opinions[numbers], truth[numbers], tuple(listed))


def _names(
    group: object, agent: object, rounds: object, round: object, value: object, item: object, truth: object
) -> list[str]:
    """The columns asked for; each of them once."""
    advice = "name the columns of a wide file's rounds, or the column of a long file's round"
    if rounds is not None and (not isinstance(rounds, (list, tuple)) or not rounds):
        raise InputError("rounds", rounds, "is no list of columns", advice)
    if rounds is None and round is None:
        raise InputError("rounds", None, "are missing", advice)
    listed: list[object] = list(rounds or ())
    answers = listed if round is None else [round, value]
    wanted = [name for name in (group, agent, item, truth) if name is not None] + answers
    for names in (wanted, listed):
        checked: set[str] = set()
        for name in names:
            if not isinstance(name, str) or not name:
                raise InputError("columns", name, "is not the name of a column", "give text")
            if name in checked:
                raise InputError("columns", name, "is named twice", "give every part of a row its own column")
            checked.add(name)
    return [str(name) for name in wanted]


def _sorted_rows(
    columns: Columns, group: str | None, agent: str, item: str | None, of_round: list[int] | None
) -> dict[str, _Building]:
    """The rows of each group; an agent's second answer to the same question is refused."""
    n_rows = len(columns.lines)
    of_group = [ONE_GROUP] * n_rows if group is None else columns.cells[group]
    of_item = [ONE_ITEM] * n_rows if item is None else columns.cells[item]
    same = "" if of_round is None else " in this round"
    of_round = [0] * n_rows if of_round is None else of_round
    building: dict[str, _Building] = {}
    seen: dict[tuple[str, int, int, int], int] = {}
    for row, (in_group, who, what) in enumerate(zip(of_group, columns.cells[agent], of_item, strict=True)):
        if not (in_group and who and what):
            column = group if not in_group else agent if not who else item
            raise InputError(columns.place(row, column or ""), "", "is empty", "give a name to each")
        part = building.setdefault(in_group, _Building())
        a = part.agents.setdefault(who, len(part.agents))
        i = part.items.setdefault(what, len(part.items))
        key = in_group, i, of_round[row], a
        if key in seen:
            where = f"line {columns.lines[seen[key]]}"
            problem = f"of group {name_in_words(in_group)} has answered{same} already, on {where}"
            advice = "leave one of them out" + ("" if item else ", or name the column of the questions as item")
            raise InputError(columns.place(row, agent), who, problem, advice)
        seen[key] = row
        part.rows.append(row)
        part.row_agent.append(a)
        part.row_item.append(i)
    return building


def _truths(columns: Columns, truth: str, building: dict[str, _Building]) -> None:
    """Put the right answer of every item of every group into `building`."""
    values = columns.numbers(truth)
    for part in building.values():
        for row, i in zip(part.rows, part.row_item, strict=True):
            if math.isnan(values[row]):
                continue
            known, line = part.truths.setdefault(i, (values[row], columns.lines[row]))
            if known != values[row]:
                problem = f"is not the truth {known:g} that line {line} gives for the same item and group"
                raise InputError(columns.place(row, truth), values[row], problem, "give one truth for each item")
