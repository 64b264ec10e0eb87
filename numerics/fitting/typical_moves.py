"""Typical moves: the unit in which answers to different questions are made comparable.

Least squares pool the items of a group as if their noise were the same.  A forecast of rain in per cent and one of a
price in thousands are not: the second would decide all.  So the answers to an item are divided by its *typical move*,

    u = max(√ mean (x_i(t+1) - x_i(t))², spread / 10),

the mean over the agents of all groups that were asked, spread the root of the mean square of answers about their
group's mean.  Multiplying all answers to an item, and shifting those of a group, changes nothing.

Why moves and not the spread of first answers: a few first answers are close to each other by chance, which says
nothing about their noise, while there are many moves and noise is part of each.  The spread is only the floor: an item
about which nobody moves is not infinitely exact.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.observations import Group

FloatArray = NDArray[np.float64]

LEAST_MOVE = 0.1  # of the spread: answers that move less are taken for rounded, or for not asked in earnest
LEAST_UNIT = 1e-100  # of the range of answers: one far out in the last round must not overflow when squared


def in_typical_moves(groups: tuple[Group, ...], n_rounds: int) -> tuple[list[Group], list[FloatArray]]:
    """Return the groups with their answers in units of each item, from the least one of the group, and the units.

    Parameters
    ----------
    groups : as they were observed.
    n_rounds : how many of the first rounds decide the unit; all of them where nobody moves and all agree in these, and
        1 where they do forever.

    Returns
    -------
    groups : the same with other answers; `truth` is left alone.
    units : for each group, (items,) typical moves in the unit of the answers; the same item has the same in all groups.

    Notes
    -----
    Numbers are first multiplied by a power of two, which changes no digit: squares neither overflow nor vanish.

    Examples
    --------
    >>> x = np.array([[[0.0, 1.0], [0.3, 0.6]], [[500.0, 1500.0], [800.0, 1100.0]]])  # the same in another unit
    >>> (group,), (units,) = in_typical_moves((Group("pair", ("Ann", "Bob"), x, [math.nan] * 2, ("p", "q")),), 2)
    >>> units.round(3).tolist(), bool(np.allclose(group.opinions[0], group.opinions[1]))
    ([0.354, 353.553], True)
    """
    scaled = [np.empty(group.opinions.shape) for group in groups]
    units = [np.ones(len(group.items)) for group in groups]
    asked: dict[str, list[tuple[int, int]]] = {}
    for g, group in enumerate(groups):
        for m, item in enumerate(group.items):
            asked.setdefault(item, []).append((g, m))
    for places in asked.values():
        answers, exponent = _in_range([groups[g].opinions[m] for g, m in places])
        unit = _typical_move([part[:n_rounds] for part in answers]) or _typical_move(answers) or 1.0
        unit = max(unit, LEAST_UNIT)
        for (g, m), part in zip(places, answers, strict=True):
            scaled[g][m] = part / unit
            units[g][m] = math.ldexp(unit, exponent)
    out = [
        Group(group.name, group.agents, opinions, group.truth, group.items)
        for group, opinions in zip(groups, scaled, strict=True)
    ]
    return out, units


def _in_range(answers: list[FloatArray]) -> tuple[list[FloatArray], int]:
    """Return the answers of each group from its least one, divided by 2^e, so that they differ by about 1, and e."""
    least = [float(np.nanmin(part)) if not np.isnan(part).all() else 0.0 for part in answers]
    most = [float(np.nanmax(part)) if not np.isnan(part).all() else 0.0 for part in answers]
    size = max(high - low for low, high in zip(least, most, strict=True))
    exponent = math.frexp(size)[1] if size > 0 else 0
    out = [np.ldexp(part, -exponent) - math.ldexp(low, -exponent) for part, low in zip(answers, least, strict=True)]
    return out, exponent


def _typical_move(answers: list[FloatArray]) -> float:
    """Return √ mean move², at least a tenth of the spread of the answers, from (rounds, k) for each group."""
    steps = np.concatenate([then - now for part in answers for now, then in pairwise(part)] or [np.empty(0)])
    about = np.concatenate([(part - part[~np.isnan(part)].mean()).ravel() for part in answers if _any(part)] or [steps])
    move, spread = (math.sqrt(float(np.mean(x[~np.isnan(x)] ** 2))) if _any(x) else 0.0 for x in (steps, about))
    return max(move, LEAST_MOVE * spread)


def _any(x: FloatArray) -> bool:
    return bool((~np.isnan(x)).any())
