"""A fit to a team's log, as text for a person and as plain data for a file."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from exitjoin import __version__
from exitjoin.summary import count, finite
from numerics.fitting.columns import name_in_words
from numerics.fitting.fit import GroupFit, InfluenceFit
from numerics.fitting.fitted_scenario import FittedScenario, listed
from numerics.fitting.observations import Observations
from theory.errors import InputError

SHOWN_GROUPS = 20  # rows of a table; all of them are in the file that --json writes
SHOWN_AGENTS = 60
SHOWN_WARNINGS = 10
MAX_WARNING = 600  # characters
NAME = 24  # characters of a name in a table


def read_list(given: str, field: str) -> list[str]:
    """Return the names separated by commas; a name that contains one is quoted.

    Raises
    ------
    InputError
        If there is none, or a quote is not closed.

    Examples
    --------
    >>> read_list('response_1, response_2,"a, b"', "rounds")
    ['response_1', 'response_2', 'a, b']
    """
    try:
        rows = list(csv.reader([given], strict=True, skipinitialspace=True))
    except csv.Error as error:
        raise InputError(field, given, f"is no list of names ({error})", "separate names by commas") from None
    names = [name.strip() for row in rows for name in row]
    if not names or not all(names):
        raise InputError(field, given, "is no list of names", "separate names by commas, as a,b,c")
    return names


def fit_as_text(observations: Observations, fit: InfluenceFit) -> str:
    """Return what was fitted and how far it can be trusted; names have no control characters."""
    lines = [
        f"{count(len(fit.groups), 'group')}, {count(observations.n_agents, 'agent')}, "
        f"rounds {listed(observations.rounds)}",
        *_groups(observations, fit),
        "",
        f"transitions: {fit.n_used} used, {fit.n_lost} lost to missing answers",
        _regularisation(fit),
        f"typical agent: weight {fit.typical.self_weight:.3g} on itself, {fit.typical.others:.3g} on the others "
        f"together, {fit.typical.stubbornness:.3g} on its first answer",
        "",
        *_agents(fit),
        "",
        fit.note,
        *_warnings(fit),
        "",
        f"next round: {fit.scores.verdict}",
        *_scored(fit),
    ]
    return "\n".join(map(_printable, lines))


def scenario_as_text(made: FittedScenario) -> str:
    """Return what the scenario is about and what it assumes."""
    lines = [
        f"scenario: {count(len(made.agents), 'agent')} in the groups as they were, about {listed(made.items)}",
        *[f"  {note}" for note in made.notes],
    ]
    return "\n".join(map(_printable, lines))


def fit_as_dict(observations: Observations, fit: InfluenceFit, made: FittedScenario | None) -> dict[str, Any]:
    """Return the fit as JSON-able data; what is not finite becomes null, but for λ, which may be "inf"."""
    return {
        "exitjoin": __version__,
        "rounds": list(observations.rounds),
        "regularisation": _strength(fit.regularisation),
        "regularisation_from": fit.regularisation_from,
        "held_out": {
            "candidates": [_strength(x) for x in fit.held_out.candidates],
            "error": _plain(fit.held_out.error),
        },
        "typical": {
            "self_weight": fit.typical.self_weight,
            "others": fit.typical.others,
            "stubbornness": fit.typical.stubbornness,
        },
        "confidence": fit.confidence,
        "bootstrap": fit.bootstrap,
        "scores": {
            "round": fit.scores.round,
            "regularisation": _strength(fit.scores.regularisation),
            "predictions": fit.scores.n_predictions,
            "errors": dict(zip(PREDICTORS, _plain(fit.scores.errors), strict=True)),
            "skill": dict(zip(PREDICTORS[1:], _plain(fit.scores.skill), strict=True)),
            "intervals": dict(zip(PREDICTORS[1:], _plain(fit.scores.intervals), strict=True)),
            "best": fit.scores.best,
            "clear": fit.scores.clear,
            "independent": f"{fit.scores.n_independent} {fit.scores.independent}",
            "verdict": fit.scores.verdict,
        },
        "groups": [
            {
                "group": group.name,
                "agents": list(group.agents),
                "items": list(seen.items),
                "answers": seen.opinions.size - seen.n_missing,
                "missing": seen.n_missing,
                **{
                    name: _plain(getattr(group, name))
                    for name in (
                        "influence", "influence_interval", "stubbornness", "stubbornness_interval", "determined",
                        "noise", "used", "lost",
                    )
                },
                "warning": group.warning,
            }
            for seen, group in zip(observations.groups, fit.groups, strict=True)
        ],
        "status": fit.status,
        "guarantee": fit.guarantee,
        "scenario": None if made is None else {
            "agents": [list(agent) for agent in made.agents], "items": list(made.items), "notes": list(made.notes),
        },
    }  # fmt: skip


PREDICTORS = ("the fit", "nobody moves", "everybody averages")  # in the order of the scores


def _groups(observations: Observations, fit: InfluenceFit) -> list[str]:
    rows = [("group", "agents", "items", "answers", "missing", "transitions used", "lost")]
    for group, found in zip(observations.groups, fit.groups, strict=True):
        missing = group.n_missing
        rows.append(
            (
                name_in_words(group.name, NAME), str(group.n_agents), str(len(group.items)),
                str(group.opinions.size - missing), str(missing), str(int(found.used.sum())),
                str(int(found.lost.sum())),
            )
        )  # fmt: skip
    return _first_rows(rows, SHOWN_GROUPS, "group")


def _warnings(fit: InfluenceFit) -> list[str]:
    """What logs leave open, once for all groups of which it says the same."""
    groups_of: dict[str, list[str]] = {}
    for group in fit.groups:
        if group.warning:
            groups_of.setdefault(group.warning, []).append(group.name)
    lines = []
    for warning, names in list(groups_of.items())[:SHOWN_WARNINGS]:
        who = f"group {name_in_words(names[0])}" if len(names) == 1 else f"{len(names)} groups ({_some(names)})"
        lines.append(f"{who}: {warning if len(warning) <= MAX_WARNING else warning[: MAX_WARNING - 2] + ' …'}")
    rest = sum(map(len, list(groups_of.values())[SHOWN_WARNINGS:]))
    return [*lines, f"… and warnings about {count(rest, 'more group')}: --json writes them all"] if rest else lines


def _some(names: Sequence[str]) -> str:
    return ", ".join(name_in_words(name, NAME) for name in names[:3]) + (", …" if len(names) > 3 else "")


def _regularisation(fit: InfluenceFit) -> str:
    chosen = f"chosen by {source}" if (source := fit.regularisation_from).startswith("held-out") else source
    if np.isinf(fit.regularisation):
        return f"regularisation λ = inf, {chosen}: every agent is taken for the typical one"
    return f"regularisation λ = {fit.regularisation:.3g}, {chosen}: the typical agent counts as that many transitions"


def _scored(fit: InfluenceFit) -> list[str]:
    """The fit that is scored is another one: it has not seen the last round."""
    scores = fit.scores
    if not scores.n_predictions:
        return []
    return [f"  (predicted from a fit to the rounds before {scores.round}, with λ = {scores.regularisation:.3g})"]


def _agents(fit: InfluenceFit) -> list[str]:
    level = f"{100 * fit.confidence:g} %"
    rows = [("group", "agent", "self-weight", level, "stubbornness", level, "hears most")]
    for group in fit.groups:
        for i, agent in enumerate(group.agents):
            rows.append(
                (
                    name_in_words(group.name, NAME),
                    name_in_words(agent, NAME),
                    f"{group.influence[i, i]:.3f}",
                    _interval(group.influence_interval[:, i, i]),
                    f"{group.stubbornness[i]:.3f}",
                    _interval(group.stubbornness_interval[:, i]),
                    _loudest(group, i),
                )
            )
    return _first_rows(rows, SHOWN_AGENTS, "agent")


def _interval(ends: Any) -> str:
    low, high = ends
    return "" if np.isnan(low) else f"{low:.2f} to {high:.2f}"


def _loudest(group: GroupFit, i: int) -> str:
    weights = np.where(np.arange(len(group.agents)) == i, -1.0, group.influence[i])
    j = int(np.argmax(weights))
    if weights[j] <= 0:
        return "nobody"
    heard, interval = name_in_words(group.agents[j], NAME), _interval(group.influence_interval[:, i, j])
    return f"{heard} {weights[j]:.3f}" + (f" ({interval})" if interval else "")


def _plain(values: Any) -> Any:
    """Numbers of an array or a tuple as nested lists, null where they are not finite."""
    if isinstance(values, np.ndarray):
        return _plain(values.tolist())
    return [_plain(value) for value in values] if isinstance(values, (list, tuple)) else finite(values)


def _strength(value: float) -> float | str | None:
    """λ, as text where it is infinite: everybody is taken for the typical agent."""
    return "inf" if value == math.inf else finite(float(value))


def _printable(line: str) -> str:
    """A line without control characters, which could move the cursor or recolour a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)


def _first_rows(rows: Sequence[tuple[str, ...]], limit: int, noun: str) -> list[str]:
    lines = _table(rows[: limit + 1])
    rest = len(rows) - 1 - limit
    return [*lines, f"… and {count(rest, f'more {noun}')}: --json writes them all"] if rest > 0 else lines


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
