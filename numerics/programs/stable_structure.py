"""A stable coalition structure that is best for an objective: by enumeration, by search, or as an integer program.

The integer program has a variable z_C ∈ {0, 1} for each coalition that founding alone does not tempt anybody to leave
(the others are left out), the exact cover Σ_{C∋i} z_C = 1 of every agent i, and a row for each coalition D and each
agent i outside it,

    z_D ≤ Σ_{C∋i, C∩D=∅, C and D compatible} z_C.                                                             (row)

Compatible means that no accepted move pays, of any member, in either direction.  Published is the weaker row with the
sum over the C ∋ i that agent i itself does not want to leave for D.

No stable structure π is cut: if D ∈ π, then exactly one C ∈ π contains i, it is disjoint from D, and compatible with it
as π is stable, so that the right-hand side is 1; if D ∉ π the left-hand side is 0.  And the rows are enough: let an
exact cover contain D and C that are not compatible, and i ∈ C.  As C is the only chosen coalition with i, the
right-hand side of the row for D and i is 0, but z_D = 1.

Before that, coalitions and pairs that are in no stable structure are removed, see
`numerics.programs.compatible_coalitions`, and then those that are in none as good as one that a short search has found,
see `numerics.programs.structure_search`.  Where the rows are too many they are added as they are violated: the optimum
of a program with fewer rows is the optimum of all as soon as it satisfies them.

References: Balas and Padberg, SIAM Review 18:710, 1976 (set partitioning); HiGHS, Huangfu and Hall 2018.
"""

from __future__ import annotations

import time
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import At, model_at
from numerics.costs import base_of
from numerics.equilibria.atlas import atlas
from numerics.equilibria.tables import MAX_PAIRS_AGENTS
from numerics.model import Model
from numerics.payoffs import coalition_values
from numerics.programs.compatible_coalitions import (
    Compatible,
    Stability,
    evaluated,
    lists_of,
    stability_of,
    without_hopeless_pairs,
)
from numerics.programs.solvers import highs
from numerics.programs.structure_search import best_clique, fits_search, narrowed, search
from numerics.validation import seconds
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

Objective = Literal["any", "most surplus", "least surplus", "fewest coalitions"]
Method = Literal["auto", "search", "milp", "atlas"]

OBJECTIVES = ("any", "most surplus", "least surplus", "fewest coalitions")
METHODS = ("auto", "search", "milp", "atlas")
PATIENCE = 10.0  # seconds after which an enumeration takes over from the search, where there is one
START_NODES = 1_000_000  # of a search for a structure whose cost narrows down the integer program; seconds
MAX_ENTRIES = 3_000_000  # of the rows that the integer program is given at once
_GAP = 1e-9  # of the integer program, relative to the largest |c(C)|: the tightest that HiGHS takes is 1e-10


@dataclass(frozen=True, eq=False)
class StableStructure:
    """A stable structure, or why there is none.

    Attributes
    ----------
    structure : its coalitions, None without one.
    surplus : Σ v(C), computed from the structure; NaN without one.
    critical_cost : the least base cost at which the structure is stable, computed from its moves; NaN without one.
    objective, at, method : what was asked for, and how it was answered.
    status : "optimal" (for "any": found), "infeasible", or "time limit" or "solver failed", where the structure, if
        any, is stable but may not be the best.
    bound : no stable structure is better than this: of the surplus, or of the number of coalitions; NaN for "any"
        and where nothing is known.
    guarantee : what makes it right.
    solver : name and version, or "none".
    message : the answer in words.
    n_rows, n_variables : of the integer program as it was solved; coalitions and none of a search or an enumeration.
    """

    structure: list[list[int]] | None
    surplus: float
    critical_cost: float
    objective: Objective
    at: At
    method: Method
    status: str
    bound: float
    guarantee: str
    solver: str
    message: str
    n_rows: int
    n_variables: int


@dataclass(frozen=True, eq=False)
class _Answer:
    """What a method found, before it is evaluated; `bound` as a cost to be minimised."""

    structure: list[list[int]] | None
    status: str
    bound: float
    guarantee: str
    solver: str = "none"
    n_rows: int = 0
    n_variables: int = 0


def stable_structure(
    model: Model,
    objective: Objective = "any",
    at: At = "opinions",
    method: Method = "auto",
    time_limit: float = 60.0,
) -> StableStructure:
    """Return a coalition structure that is stable at the model's switching cost and best for an objective.

    Parameters
    ----------
    model : Model with concrete opinions, of at most 14 agents, 18 at opinions as they are; costs may differ between
        agents.
    objective : "any", "most surplus", "least surplus" or "fewest coalitions".
    at : moves at the "opinions" as they are, or with every coalition at its "consensus".
    method : "search" (depth first, exact), "milp" (HiGHS), "atlas" (every structure, up to 14 agents); "auto" is the
        search, up to 14 agents the atlas if that is not done in 10 s, and the integer program where the sets of the
        search do not fit into memory.
    time_limit : seconds for the search or the integer program, without the tables; an enumeration takes what it takes.

    Raises
    ------
    InputError
        For too many agents, drawn opinions, costs of numbered coalitions, or unknown choices.
    RuntimeError
        If the structure found turns out not to be stable when all of its moves are evaluated.

    Notes
    -----
    Tables O(n 3^n).  Beyond them the search visits at most every stable structure and the dead ends: seconds for the
    least surplus of 12 agents with φ = -u², whatever the cost, and a minute for 16 where most coalitions may be stable.
    The integer program is as fast where the structure it starts from is good, and slow where it is not.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 0.1, 3.0], performance="-u**2", switching_cost=2.0)
    >>> found = stable_structure(model, "least surplus", at="consensus")
    >>> found.structure, found.status, round(found.surplus, 4), round(found.critical_cost, 4)
    ([[0], [1, 2]], 'optimal', -4.805, 0.9343)
    >>> print(stable_structure(model.replace(switching_cost=-1.0), at="consensus").message)
    no stable structure at κ = -1; the least is 0
    """
    _check(objective, OBJECTIVES, "objective")
    _check(method, METHODS, "method")
    limit = seconds(time_limit)
    if method == "atlas":
        return _report(model, objective, at, "atlas", _by_atlas(model, objective, at), limit)
    given = stability_of(model, at)
    found = given.compatible(given.level)
    takes_over = method == "auto" and model.n_agents <= MAX_PAIRS_AGENTS
    if method == "auto":
        method = "search" if fits_search(found) else "milp"
    elif method == "search" and not fits_search(found):
        problem = f"needs sets of {len(found.masks)} coalitions for each of them, too many for memory"
        raise InputError("method", method, problem, 'use method="milp"')
    if found.without_coalition:
        lonely = found.without_coalition[0]
        reason = f"every coalition of agent {lonely} is in no stable structure, by pairs of coalitions"
        answer = _Answer(None, "infeasible", np.inf, reason)
    elif method == "search":
        patience = min(limit, PATIENCE) if takes_over else limit
        answer = _by_search(found, _costs(given, found, objective), objective == "any", patience)
        if takes_over and answer.status == "time limit":
            method, answer = "atlas", _by_atlas(model, objective, at)
    else:
        answer = _by_program(given, found, objective, limit)
    return _report(model, objective, at, method, answer, limit)


def _check(given: object, known: tuple[str, ...], field: str) -> None:
    if given not in known:
        raise InputError(field, given, f"is not a known {field}", f"use one of {', '.join(map(repr, known))}")


def _costs(given: Stability, found: Compatible, objective: Objective) -> FloatArray:
    """c(C) of every coalition, for Σ c(C) to be minimised."""
    if objective == "any":
        return np.zeros(len(found.masks))
    if objective == "fewest coalitions":
        return np.ones(len(found.masks))
    return given.values[found.masks] * (-1.0 if objective == "most surplus" else 1.0)


def _by_atlas(model: Model, objective: Objective, at: At) -> _Answer:
    everything = atlas(model, at=at)
    cost = base_of(model.switching_cost)
    structure = everything.example(objective, cost)
    guarantee = f"all {everything.n_structures} structures were enumerated"
    if structure is None:
        return _Answer(None, "infeasible", np.inf, guarantee)
    bounds = {
        "any": 0.0,
        "most surplus": -everything.best_surplus(cost),
        "least surplus": everything.worst_surplus(cost),
        "fewest coalitions": float(len(structure)),
    }
    return _Answer(structure, "optimal", bounds[objective], guarantee)


def _by_search(found: Compatible, cost: FloatArray, any_will_do: bool, time_limit: float) -> _Answer:
    if any_will_do:  # larger coalitions first: then fewer fit beside them
        answer = search(found, np.ones(len(cost)), True, time_limit)
    else:
        answer = best_clique(found, cost, time_limit)
    structure = None if answer.masks is None else lists_of(answer.masks)
    if not answer.finished:
        guarantee = "stable by evaluating every move; the bound by prices of the agents at the root of the search"
        return _Answer(structure, "time limit", answer.bound, guarantee, n_variables=len(cost))
    guarantee = (
        f"every structure was visited or excluded in {answer.nodes} steps: by two coalitions with a move that pays, "
        "an agent without a coalition, or a bound from prices of the agents"
    )
    if structure is not None and any_will_do:
        guarantee = "every move of the structure was evaluated"
    status = "infeasible" if structure is None else "optimal"
    return _Answer(structure, status, answer.bound, guarantee, n_variables=len(cost))


def _by_program(given: Stability, found: Compatible, objective: Objective, time_limit: float) -> _Answer:
    """Solve the integer program, all rows at once or as they are violated."""
    started = time.monotonic()
    found = without_hopeless_pairs(found)
    if found.without_coalition:
        reason = "some agent is without a coalition once pairs in no stable structure are removed"
        return _Answer(None, "infeasible", np.inf, reason)
    cost = _costs(given, found, objective)
    known, bound = None, -np.inf
    if objective != "any" and fits_search(found):
        start = search(found, cost, time_limit=time_limit / 4, node_limit=START_NODES)
        bound = start.bound
        if start.masks is not None:
            known, upper = lists_of(start.masks), start.cost
            found, cost = narrowed(found, cost, upper)
    n, n_coalitions = found.n_agents, len(found.masks)
    at_once = found.graph.nnz * float(found.members.sum(axis=1).mean()) <= MAX_ENTRIES
    rows = clique_rows(found, np.arange(n_coalitions if at_once else 0))
    guarantee = "stable by evaluating every move; the bound is the best of HiGHS and of prices of the agents"
    while True:
        left = time_limit - (time.monotonic() - started)
        about = (highs(), rows.shape[0] + n, n_coalitions)
        if left <= 0:
            return _Answer(known, "time limit", bound, guarantee, *about)
        status, chosen, reached = _solve(found, cost, rows, left)
        # structures as good as the known one are still in the program
        bound = max(bound, reached if known is None else min(reached, upper))
        if status == "infeasible" and known is None:
            return _Answer(None, status, np.inf, "branch and bound of HiGHS, without a feasible point", *about)
        if status in ("infeasible", "solver failed"):
            return _Answer(known, "solver failed", bound, guarantee, *about)
        if chosen is not None and not found.are_compatible(chosen):
            if status == "optimal":
                from scipy.sparse import vstack

                rows = vstack([rows, clique_rows(found, chosen)]).tocsr()
                continue
            chosen = None
        structure = known if chosen is None else lists_of(found.masks[chosen].tolist())
        if status == "optimal":
            guarantee = "branch and bound of HiGHS in floating point, to a gap of 1e-9 of the largest coalition value"
        return _Answer(structure, status, bound, guarantee, *about)


def clique_rows(found: Compatible, coalitions: IntArray) -> Any:
    """Return the rows Σ_{C∋i, compatible with D} z_C - z_D ≥ 0 of these coalitions D and all i outside, sparse."""
    from scipy.sparse import csr_array, vstack

    n_coalitions = len(found.masks)
    parts = [csr_array((0, n_coalitions))]
    for i in range(found.n_agents):
        others = coalitions[~found.members[coalitions, i]]
        if len(others):
            neighbours = found.graph[others].multiply(found.members[:, i][None, :].astype(float))
            itself = csr_array((np.ones(len(others)), (np.arange(len(others)), others)), (len(others), n_coalitions))
            parts.append(csr_array(neighbours) - itself)
    return vstack(parts).tocsr()


def _solve(found: Compatible, cost: FloatArray, rows: Any, time_limit: float) -> tuple[str, IntArray | None, float]:
    """Solve the program with these rows; its status, the coalitions chosen if they are a partition, and a bound."""
    import cvxpy as cp
    from scipy.sparse import csr_array

    highs()  # in silence
    unit = float(np.max(np.abs(cost))) or 1.0
    z = cp.Variable(len(cost), boolean=True)
    constraints = [csr_array(found.members.T.astype(float)) @ z == 1]
    if rows.shape[0]:
        constraints.append(rows @ z >= 0)
    problem = cp.Problem(cp.Minimize((cost / unit) @ z), constraints)
    options = {"mip_rel_gap": 0.0, "mip_abs_gap": _GAP, "mip_feasibility_tolerance": _GAP, "output_flag": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that a point at the time limit may not be optimal
            problem.solve(solver=cp.HIGHS, time_limit=float(time_limit), **options)
    except cp.error.SolverError:
        return "solver failed", None, -np.inf
    statuses = {cp.OPTIMAL: "optimal", cp.INFEASIBLE: "infeasible", cp.USER_LIMIT: "time limit"}
    status = statuses.get(problem.status, "solver failed")
    if status in ("infeasible", "solver failed"):
        return status, None, -np.inf
    reached = float(problem.solver_stats.extra_stats.mip_dual_bound) * unit
    chosen = np.flatnonzero(z.value > 0.5) if z.value is not None else np.empty(0, dtype=np.int64)
    if not (found.members[chosen].sum(axis=0) == 1).all():
        return ("solver failed" if status == "optimal" else status), None, reached
    return status, chosen, reached


def _report(
    model: Model, objective: Objective, at: At, method: Method, answer: _Answer, time_limit: float
) -> StableStructure:
    """Evaluate what a method found by all of its moves."""
    bound = -answer.bound if objective == "most surplus" else answer.bound
    if objective == "any":
        bound = np.nan
    rest = answer.status, bound, answer.guarantee, answer.solver
    size = answer.n_rows, answer.n_variables
    cost = base_of(model.switching_cost)
    if answer.structure is None:
        message = f"no structure found: {answer.status}"
        if answer.status == "infeasible":
            from numerics.programs.least_stable_cost import least_stable_cost

            message = f"no stable structure at κ = {cost:g}"
            with suppress(InputError):  # too many coalitions to search at other costs
                least = least_stable_cost(model, at=at, time_limit=time_limit)
                if least.status == "optimal":
                    message += f"; the least is {least.cost:.6g}"
        return StableStructure(None, np.nan, np.nan, objective, at, method, *rest, message, *size)
    is_stable, critical = evaluated(model, answer.structure, at)
    if not is_stable:
        raise RuntimeError(
            f"{answer.structure} was found by method {method!r}, but a move of it pays at κ = {cost:g} "
            f"(its critical cost is {critical!r}): a tie that two ways of computing payoffs decide differently; "
            "change the cost by more than rounding"
        )
    surplus = float(coalition_values(model_at(model, answer.structure, at), answer.structure).sum())
    if answer.status == "optimal" and method != "milp" and "surplus" in objective:
        rest = answer.status, surplus, answer.guarantee, answer.solver  # the same number, but for rounding
    what = {"any": "a stable structure", "fewest coalitions": "the stable structure of fewest coalitions"}.get(
        objective, f"the stable structure of {objective}"
    )
    if answer.status != "optimal":
        what = "a stable structure, perhaps not the best"
    coalitions = f"{len(answer.structure)} coalition{'' if len(answer.structure) == 1 else 's'}"
    message = f"{what} at κ = {cost:g}: {coalitions}, surplus {surplus:.6g}"
    return StableStructure(answer.structure, surplus, critical, objective, at, method, *rest, message, *size)
