"""The unit of opinions: what a scenario made from a log takes for zero, for one, and for the best opinion.

With one truth for everybody φ(u) = -(u-θ)²/σ², σ² the variance of the first answers: a switching cost of 1 is worth
the disagreement there was at the start, in any unit.  If groups were asked different things, so that one item has
another truth in each, opinions are the errors (x-θ)/σ of each group in its own unit, and φ(u) = -u².

Where nobody disagreed at first, as in a group of one, σ is the next of these that is not zero, each of which grows with
the unit of the answers as the answers do:

1. of one group among others: the disagreement inside of the other groups, √ of their mean variance, each as often as it
   has members;
2. how much all answers to the item vary, inside of groups if these have truths of their own;
3. how far answers are from the truth, the root of the mean square.

If all are zero every answer is the truth, and nothing depends on the unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.expressions import FloatArray
from numerics.fitting.columns import name_in_words
from numerics.fitting.observations import Group
from theory.errors import InputError

MOST = 1e100  # size of disagreement, and its inverse
ROUNDING = 1e-9  # relative to the largest answer, below which answers are taken to agree
DIGITS = 6  # of θ and σ² where they are estimates, in units of σ
SHOWN = 10  # names in a note


@dataclass(frozen=True, eq=False)
class Units:
    """Zero and unit of each group's opinions, (groups, items) each; the performance; notes on what was chosen."""

    zero: FloatArray
    unit: FloatArray
    performance: str
    notes: list[str]


def units_of(groups: tuple[Group, ...], items: tuple[str, ...], first: FloatArray) -> Units:
    """Return zero, unit and performance of opinions about the items.

    Parameters
    ----------
    groups, items : what was observed.
    first : (n, items) first answers of all agents, group after group.

    Raises
    ------
    InputError
        If groups have different truths and one has none, or disagreement is too large or small to be squared.
    """
    truth = np.array([[group.truth[group.items.index(item)] for item in items] for group in groups])
    known = ~np.isnan(truth)
    differ = [i for i in range(len(items)) if len(np.unique(truth[known[:, i], i])) > 1]
    return _by_group(groups, items, first, truth, differ[0]) if differ else _together(groups, items, first, truth)


def _by_group(
    groups: tuple[Group, ...], items: tuple[str, ...], first: FloatArray, truth: FloatArray, differs: int
) -> Units:
    for g, i in zip(*np.nonzero(np.isnan(truth)), strict=True):
        where = f"item {name_in_words(items[differs])} has another truth in each group"
        problem = f"has no truth for item {name_in_words(items[i])}, and {where}"
        raise InputError(f"group {groups[g].name}", None, problem, "give all truths, or fit without")
    size = np.array([group.n_agents for group in groups])
    parts = np.split(first, np.cumsum(size)[:-1])
    unit = np.array([[_spread(part[:, i]) for i in range(len(items))] for part in parts])
    notes = [
        "Groups were asked for different truths: opinions are errors (x - truth), each group's in units of the "
        "standard deviation of its first answers."
    ]
    for i, item in enumerate(items):
        agreed, others = np.flatnonzero(unit[:, i] == 0), unit[:, i] > 0
        if not len(agreed):
            continue
        said = [_answers(group, item) for group in groups]
        if others.any():
            scale, source = _size(np.repeat(unit[others, i], size[others])), "what the other groups disagreed by"
        else:
            spreads = np.array([_spread(x) for x in said])
            scale, source = _size(np.repeat(spreads, [len(x) for x in said])), "how much answers of a group vary"
        if scale == 0:
            errors = np.concatenate([x - t for x, t in zip(said, truth[:, i], strict=True)])
            scale, source = _size(errors), "how far answers are from the truth"
        unit[agreed, i] = scale if scale > 0 else 1.0
        if scale > 0:
            notes.append(_note(item, items, f" in {_names(groups, agreed)}", source))
    _check(unit)
    return Units(truth, unit, _performance(np.zeros(len(items)), np.ones(len(items))), notes)


def _together(groups: tuple[Group, ...], items: tuple[str, ...], first: FloatArray, truth: FloatArray) -> Units:
    known = ~np.isnan(truth)
    told = np.array(known.any(axis=0))
    theta = np.where(told, np.where(known, truth, -np.inf).max(axis=0), 0.0)
    unit = np.array([_spread(first[:, i]) for i in range(len(items))])
    notes = ["Performance is in units of the variance of first answers, and so is the switching cost."]
    for i in np.flatnonzero(unit == 0).tolist():
        said = np.concatenate([_answers(group, items[i]) for group in groups])
        scale, source = _spread(said), "how much all answers vary"
        if scale == 0 and told[i]:
            scale, source = _size(said - theta[i]), "how far answers are from the truth"
        unit[i] = scale if scale > 0 else 1.0
        if scale > 0:
            notes.append(_note(items[i], items, "", source))
    _check(unit)
    guessed = np.flatnonzero(~told).tolist()
    for i in guessed:
        theta[i] = round(float(first[:, i].mean()), DIGITS - 1 - math.floor(math.log10(unit[i])))
    if guessed:
        about = "" if len(guessed) == len(items) else f" for {', '.join(name_in_words(items[i]) for i in guessed)}"
        notes.append(f"The truth is not known{about}: the mean of the first answers stands for it.")
    for i in np.flatnonzero(told & ~known.all(axis=0)).tolist():
        about = "" if len(items) == 1 else f" of {name_in_words(items[i])}"
        lacking = _names(groups, np.flatnonzero(~known[:, i]))
        notes.append(f"The log gives no truth{about} for {lacking}: that of the other groups, {theta[i]:g}, is taken.")
    return Units(np.zeros(truth.shape), np.ones(truth.shape), _performance(theta, unit**2), notes)


def _answers(group: Group, item: str) -> FloatArray:
    x = group.opinions[group.items.index(item)].ravel()
    return x[~np.isnan(x)]


def _spread(x: FloatArray) -> float:
    """Standard deviation of some answers, 0 where they agree."""
    centred = x - x.mean()
    return _size(centred) if np.abs(centred).max() > ROUNDING * np.abs(x).max() else 0.0


def _size(x: FloatArray) -> float:
    """Root of the mean square, without overflow."""
    largest = float(np.abs(x).max())
    return largest * math.sqrt(float(((x / largest) ** 2).mean())) if largest > 0 else 0.0


def _check(unit: FloatArray) -> None:
    for size in unit[(unit > MOST) | (unit < 1 / MOST)].tolist():
        problem = "is the size of the disagreement, whose square is no good number"
        raise InputError("opinions", size, problem, "read the answers in another unit")


def _note(item: str, items: tuple[str, ...], where: str, source: str) -> str:
    about = "" if len(items) == 1 else f" on {name_in_words(item)}"
    return f"Nobody disagreed at first{about}{where}: the unit is {source} instead."


def _names(groups: tuple[Group, ...], numbers: NDArray[np.int64]) -> str:
    shown = ", ".join(name_in_words(groups[g].name) for g in numbers[:SHOWN].tolist())
    rest = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"{'group' if len(numbers) == 1 else 'groups'} {shown}{rest}"


def _performance(theta: FloatArray, variance: FloatArray) -> str:
    d = len(theta)
    terms = []
    for k, (centre, unit) in enumerate(zip(theta.tolist(), variance.tolist(), strict=True), 1):
        name = "u" if d == 1 else f"u{k}"
        shifted = name if centre == 0 else f"({name} {'-' if centre > 0 else '+'} {abs(centre)!r})"
        terms.append(f"{shifted}**2" if (over := float(f"{unit:.{DIGITS}g}")) == 1 else f"{shifted}**2/{over!r}")
    return f"-{terms[0]}" if d == 1 else f"-({' + '.join(terms)})/{d}"
