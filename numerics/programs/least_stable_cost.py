"""The least switching cost at which some coalition structure is stable, or at which a given one is.

    κ* = min over structures π of κ*(π),      κ*(π) = max( max_{C∈π} single(C), max_{C≠D∈π} pair(C, D) ),

with the entries of `numerics.equilibria.tables`.  It is one of the entries, so it is found exactly: a search at a level
L either finds a structure, whose critical cost is an upper bound of κ* no greater than L, or shows that there is none,
and κ* > L.  Levels half-way between the two bounds take turns with the level just below the upper one (the next smaller
floating-point number): the search there that finds nothing is the proof.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from numerics.consensus import At, check_at
from numerics.equilibria.tables import cost_of_agents
from numerics.model import Model
from numerics.partitions import Structure, labels_of, members_of
from numerics.programs.compatible_coalitions import Stability, evaluated, lists_of, stability_of
from numerics.programs.structure_search import fits_search, search
from numerics.validation import seconds
from theory.errors import InputError


@dataclass(frozen=True, eq=False)
class LeastStableCost:
    """The least cost at which a structure is stable.

    Attributes
    ----------
    cost : base of the switching cost, -inf if some structure is stable at every cost.
    structure : a structure that is stable at that cost.
    status : "optimal", or "time limit": stable at `cost`, but a lower cost may do; not below `bound`.
    bound : no structure is stable at a lower cost than this.
    guarantee : what makes it right.
    solver : "none".
    n_searches : levels at which a stable structure was looked for.
    """

    cost: float
    structure: list[list[int]]
    status: str
    bound: float
    guarantee: str
    solver: str
    n_searches: int


def least_stable_cost(
    model: Model, structure: Structure | None = None, at: At = "opinions", time_limit: float = 60.0
) -> LeastStableCost:
    """Return the least base κ at which some structure is stable, with that structure; or of a given structure.

    Parameters
    ----------
    model : Model with concrete opinions, of at most 14 agents, 18 at opinions as they are (any number for a given
        structure); costs may differ between agents, and then what is returned is the base that they share.
    structure : whose critical cost is wanted; None for the least of all structures.
    at : moves at the "opinions" as they are, or with every coalition at its "consensus".
    time_limit : seconds for the searches, without the tables.

    Raises
    ------
    InputError
        For too many agents, drawn opinions, or costs of numbered coalitions.

    Notes
    -----
    Some twenty searches for a stable structure, each at most as long as there are stable structures at its level.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 0.1, 3.0], performance="u**3")
    >>> found = least_stable_cost(model)
    >>> found.structure, found.status, round(found.cost, 6)
    ([[0], [1], [2]], 'optimal', -0.000375)
    >>> round(least_stable_cost(model, [[0, 2], [1]]).cost, 4)
    10.125
    """
    limit = seconds(time_limit)
    check_at(at)
    if structure is not None:
        lists = members_of(labels_of(structure, model.n_agents))
        critical = evaluated(model, lists, at)[1]
        return LeastStableCost(critical, lists, "optimal", critical, "every move was evaluated", "none", 0)
    cost_of_agents(model)
    return _least(stability_of(model, at), limit)


def _least(given: Stability, time_limit: float) -> LeastStableCost:
    started, searches, step = time.monotonic(), 0, 1.0
    best = _descended(given)
    upper, lower = given.critical_value(best), -np.inf  # no structure is stable at the level `lower`
    status = "optimal"
    while upper > -np.inf:
        if searches % 2:
            level = float(np.nextafter(upper, -np.inf))
        elif lower == -np.inf:  # far below: 0 first, then ever farther
            level, step = min(0.0, upper) - (step if searches else 0.0), 16.0 * step
        else:
            level = lower + (upper - lower) / 2
        level = min(level, float(np.nextafter(upper, -np.inf)))
        if level <= lower:
            break
        searches += 1
        found = given.compatible(level)
        if not fits_search(found):
            problem = f"have {len(found.masks)} coalitions that may be stable at κ = {level:g}, too many for a search"
            raise InputError("model", f"{given.n_agents} agents", problem, "use at most 14 agents")
        answer = search(found, np.ones(len(found.masks)), True, time_limit - (time.monotonic() - started))
        if answer.masks is not None:
            best, upper = answer.masks, given.critical_value(answer.masks)
        elif answer.finished:
            lower = level
        else:
            status = "time limit"
            break
    structure = lists_of(best)
    cost = evaluated(given.model, structure, given.at)[1]
    if status == "optimal":
        guarantee = f"no structure is stable at any lower cost: the last of {searches} searches excluded all of them"
        if upper == -np.inf:
            guarantee = "no move of this structure is accepted, so that it is stable at every cost"
        return LeastStableCost(cost, structure, status, min(cost, upper), guarantee, "none", searches)
    guarantee = "every move of the structure was evaluated; no structure is stable at the bound, by exhaustive search"
    return LeastStableCost(cost, structure, status, lower, guarantee, "none", searches)


def _descended(given: Stability) -> list[int]:
    """A structure that no move of a single agent takes to a lower critical cost, from all alone and all together."""
    n = given.n_agents
    found = []
    for start in ([1 << i for i in range(n)], [(1 << n) - 1]):
        masks, cost = start, given.critical_value(start)
        while True:
            nearby = _neighbours(masks, n)
            costs = [given.critical_value(other) for other in nearby]
            if not nearby or min(costs) >= cost:
                break
            cost = min(costs)
            masks = nearby[costs.index(cost)]
        found.append((cost, masks))
    return min(found)[1]


def _neighbours(masks: list[int], n: int) -> list[list[int]]:
    """The structures that one agent can reach, by joining another coalition or founding one."""
    out = []
    for i in range(n):
        bit = 1 << i
        rest = [mask & ~bit for mask in masks if mask != bit]
        home = next(mask for mask in masks if mask & bit) & ~bit
        out += [[mask | bit if mask == other else mask for mask in rest] for other in rest if other != home]
        if home:
            out.append([*rest, bit])
    return out
