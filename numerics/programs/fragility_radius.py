"""Fragility radius: how much opinions must change before a coalition structure stops being stable.

    radius = inf { |x' - x| : some move is admissible at W(π)^∞ x' },

the Euclidean norm of a change of opinions after which, once the coalitions have reached consensus again, an agent gains
more than its cost by an accepted move.  At the nearest such opinions gain = cost, or acceptance is just met; opinions
at which the move is admissible come as close to them as one likes.

- Quadratic φ: every gain is a quadratic form of a few linear functions of x, and the nearest point at which one form is
  non-negative is a semidefinite program without a gap (S-lemma, `fragility_s_lemma`), solved by Clarabel.  Its
  multipliers, rounded to rationals, prove the radius from below.  For uniform influence and g(s) = s it is the closed
  form (δ* - |δ|)/√(1/|C| + 1/|D|) (S14).
- Acceptance that depends on opinions adds forms; then the program is a relaxation, and local search bounds the radius
  from above.
- Other φ, where two opinions decide (`fragility_cases`): branch and bound in the plane, φ'' enclosed
  (`fragility_search`).  φ convex, equal influence, g(s) = s, κ ≥ 0: no opinions break any structure (S11).
- Otherwise local search, which bounds the radius from above only.

References
----------
V. A. Yakubovich 1971; I. Pólik and T. Terlaky, SIAM Review 49:371, 2007; A. H. Land and A. G. Doig 1960.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.model import Model
from numerics.moves import Move, move_of, moves
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of
from numerics.programs.fragility_cases import Case, Cases, limit_model
from numerics.programs.fragility_s_lemma import (
    ROUNDING,
    Certificate,
    Form,
    best_certificate,
    impossibility,
    nearest_to_one,
    scaled_arrays,
    simple_bound,
    solve_dual,
)
from numerics.programs.fragility_search import CurvatureTable, Found, branch_and_bound, improve, local_search
from numerics.programs.solvers import clarabel
from numerics.validation import integer, is_integer, number
from theory.errors import InputError
from theory.performance import curvature

FloatArray = NDArray[np.float64]

MAX_AGENTS = 1000  # harmonic numbers of some 400 digits
MAX_CASES = 5000  # moves looked at one by one
GAP = 1e-6  # relative, between bounds that are called equal
SHOWN = 5  # radii of single moves in the result
REACH = 8.0  # units (the size of the opinions, times √|C|) to which an unbroken structure is searched
IMPROVED = 4  # moves whose nearest points are improved before branch and bound
SEED = 0

Target = int | None


@dataclass(frozen=True)
class MoveRadius:
    """Bounds of the least change of opinions that makes one move admissible."""

    move: Move
    lower: float
    upper: float


@dataclass(frozen=True, eq=False)
class FragilityRadius:
    """The least change of opinions that breaks a structure, with what proves it.

    Attributes
    ----------
    radius : |opinions - x|, recomputed; the upper bound.  Infinity if no change of opinions is found that breaks the
        structure.
    lower, upper : bounds of the radius; `lower` is proved as `guarantee` says.
    opinions : the nearest opinions found at which gain = cost, shaped like the model's; None if there are none.  Their
        consensus is where φ is defined; where φ is not defined everywhere, they themselves may not be.
    move : the move that becomes admissible there, None if there is none.
    gain, cost : of that move at those opinions once consensus is reached, recomputed from the model; NaN without one.
    certificate : multipliers and forms of the binding move, with `certificate.lower` rational; None where the bound
        comes from elsewhere.
    per_move : bounds for the moves with the least radii, nearest first.
    status : "optimal" (bounds equal up to 1e-6), "bounds" (they differ), "unstable already", "unbreakable", or
        "not found" (nothing breaks it up to `lower`, beyond that nothing is known).
    solver : what solved it, and what that said of itself.
    guarantee : what makes it right.
    """

    radius: float
    lower: float
    upper: float
    opinions: FloatArray | None
    move: Move | None
    gain: float
    cost: float
    certificate: Certificate | None
    per_move: tuple[MoveRadius, ...]
    status: str
    solver: str
    guarantee: str


@dataclass(frozen=True, eq=False)
class _Answer:
    """Bounds for one case; the point in Euclidean coordinates."""

    case: Case
    lower: float
    upper: float
    point: FloatArray | None
    certificate: Certificate | None
    solver: str
    reason: str


def fragility_radius(
    model: Model, structure: Structure, move: tuple[int, Target] | None = None, reach: float | None = None
) -> FragilityRadius:
    """Return the least Euclidean change of opinions after which the structure is no longer stable.

    Parameters
    ----------
    model : Model with concrete opinions.  Innate opinions that are not given are the opinions, and change with them.
        An adaptive rule is taken at its start.
    structure : coalition structure.
    move : (agent, number of the coalition it joins, in the order of the structure, or None for founding one alone), to
        ask about this move only.
    reach : how far to look where the search has no natural end (φ not quadratic, and nothing found that breaks the
        structure); 8 times the size of the opinions, times √|C|, unless given.

    Raises
    ------
    InputError
        If the structure, the move or the reach is none; for more than 1000 agents or 5000 moves; if payoffs need
        subsets of too large a coalition.

    Notes
    -----
    Quadratic φ: an elimination and a bisection for each move, and a semidefinite program of at most a few rows for the
    moves that these do not exclude.  Coalitions of unequal members that two opinions decide take 2^|D| rational terms
    per move up to |D| = 9; others take O(r²) evaluations of all moves, r the numbers that a move depends on.
    Other φ: branch and bound, tenths of a second per move; local search with all payoffs anew at every point (general
    influence, stubbornness, coalitions that are disconnected in the network) takes seconds.

    References
    ----------
    S14 in the case of uniform influence; Yakubovich 1971 for the S-lemma.

    Examples
    --------
    Two agents, gap 2, cost 4: at a gap of 4 moving pays, which takes a change of 1 by each.

    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=4.0)
    >>> found = fragility_radius(model, [[0], [1]])
    >>> round(found.radius, 6), found.opinions.round(6).tolist(), found.status
    (1.414214, [-1.0, 3.0], 'optimal')
    >>> found.certificate.verify(), float(found.certificate.lower) > found.radius * (1 - 1e-9)
    (True, True)
    """
    n = model.n_agents
    if n > MAX_AGENTS:
        advice = f"use at most {MAX_AGENTS}, or theory.lyapunov.fragility_radius for one move of a quadratic model"
        raise InputError("model", n, "agents are too many for this program", advice)
    x = concrete_opinions(model)
    labels = labels_of(structure, n)
    n_coalitions = int(labels.max()) + 1
    asked = None if move is None else _move(move, labels, n_coalitions)
    if reach is not None and number(reach, "reach", "give a distance such as 10.0, or leave it out") <= 0:
        raise InputError("reach", reach, "is not a positive distance", "give one such as 10.0, or leave it out")
    now = moves(limit_model(model, labels), labels)
    possible = ~np.isnan(now.gains)
    if asked is not None:
        keep = np.zeros_like(possible)
        keep[asked] = possible[asked]
        possible = keep
    excess = np.where(possible & now.admissible, now.gains - now.costs, -np.inf)
    if possible.any() and excess.max() > -np.inf:
        return _unstable(x, labels, now.gains, now.costs, excess)
    chosen = _representatives(model, labels, possible, now.costs)
    if len(chosen) > MAX_CASES:
        raise InputError("structure", len(chosen), "moves are too many to look at", "ask about one with move=...")
    cases = Cases(model, labels)
    found = [cases.case(i, int(labels[i]), c if c < n_coalitions else None, now.costs[i, c]) for i, c in chosen]
    some = [case for case in found if case is not None]
    if not some:
        return _unbreakable((), "no move is possible that depends on the opinions")
    answers = _other(cases, some, reach) if model.quadratic_form is None else _quadratic(cases, some)
    return _result(model, labels, x, answers)


def _move(move: object, labels: NDArray[np.int64], n_coalitions: int) -> tuple[int, int]:
    advice = "give (agent, number of the coalition joined), or (agent, None) for founding one alone"
    if not isinstance(move, (tuple, list)) or len(move) != 2:
        raise InputError("move", move, "is not a pair", advice)
    agent = integer(move[0], "move[0]", "agent", 0, len(labels) - 1)
    if move[1] is None:
        if np.count_nonzero(labels == labels[agent]) == 1:
            raise InputError("move", move, "founds alone an agent that is alone", "ask about another move")
        return agent, n_coalitions
    if not is_integer(move[1]) or not 0 <= move[1] < n_coalitions or move[1] == labels[agent]:
        raise InputError("move[1]", move[1], "is not the number of another coalition", advice)
    return agent, int(move[1])


def _representatives(
    model: Model, labels: NDArray[np.int64], possible: NDArray[np.bool_], costs: FloatArray
) -> list[tuple[int, int]]:
    """Moves as (agent, column): under equal influence the members of a coalition differ in their costs only."""
    if not model.has_equal_members:
        return [(int(i), int(c)) for i, c in zip(*np.nonzero(possible), strict=True)]
    chosen = []
    for left in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == left)
        for column in range(possible.shape[1]):
            able = members[possible[members, column]]
            if len(able):
                chosen.append((int(able[np.argmin(costs[able, column])]), column))
    return chosen


# --- Quadratic φ --------------------------------------------------------------------------------------------------


def _quadratic(cases: Cases, some: list[Case]) -> list[_Answer]:
    """Answer the cases, those that promise the least radius first."""
    order = sorted(some, key=lambda case: simple_bound(*scaled_arrays(case.metric, case.alternatives[0][0])))
    answers: list[_Answer] = []
    best = math.inf
    for case in order:
        is_single = case.is_complete and len(case.alternatives[0]) == 1
        answer = _one_form(case, best) if is_single else _forms(cases, case, best)
        answers.append(answer)
        best = min(best, answer.upper)
    return answers


def _one_form(case: Case, best: float) -> _Answer:
    """One condition: the S-lemma is exact."""
    is_model, forms = case.two is not None, case.alternatives[0]
    certain = impossibility(case.metric, forms, is_model, case.reach)
    if certain is not None:
        return _Answer(case, math.inf, math.inf, None, certain, "exact elimination", _NEVER[is_model])
    Q, b, c = scaled_arrays(case.metric, forms[0])
    if c >= -case.tie:
        return _Answer(case, 0.0, 0.0, np.zeros(len(b)), None, "none needed", _TIE)
    near = nearest_to_one(Q, b, c)
    if near is None or (not is_model and np.linalg.norm(near[0]) > case.reach / math.sqrt(ROUNDING)):
        multiplier = case.reach**2 / ROUNDING / max(1.0, -c)
        certificate = best_certificate(case.metric, forms, [[multiplier]], is_model)
        return _Answer(case, float(certificate.lower), math.inf, None, certificate, "exact elimination",
                       "the gain exceeds the cost nowhere, up to rounding")  # fmt: skip
    point, multiplier = near
    certificate = best_certificate(case.metric, forms, [[multiplier]], is_model)
    upper = float(np.linalg.norm(point))
    solver = "exact elimination"
    if float(certificate.lower) < best:  # not excluded: solve the program
        status, found = solve_dual(case.metric, forms, max(upper, 1e-300))
        certificate = best_certificate(case.metric, forms, [[multiplier], found], is_model)
        solver = f"{clarabel()} ({status})"
    return _Answer(case, min(float(certificate.lower), upper), upper, point, certificate, solver, _EXACT[is_model])


_EXACT = {
    True: "weak duality in exact rationals, for the model's numbers as floats (S-lemma)",
    False: "weak duality in exact rationals, for the gains as evaluated in floating point (S-lemma)",
}

_TIE = "gain = cost (or acceptance is just met) at the opinions themselves, up to the tolerance of ties"

_NEVER = {
    True: "no opinions satisfy the conditions: exact rationals, for the model's numbers as floats",
    False: "no opinions satisfy the conditions: exact rationals, for the gains as evaluated in floating point",
}


def _forms(cases: Cases, case: Case, best: float) -> _Answer:
    """Several conditions: a relaxation from below, local search from above, branch and bound if they differ."""
    is_model, gain = case.two is not None, case.alternatives[0][0]
    origin = np.zeros((1, len(case.metric)))
    single = nearest_to_one(*scaled_arrays(case.metric, gain)) if gain.c < 0 else None
    alone = best_certificate(case.metric, (gain,), [[single[1]]] if single is not None else [], is_model)
    if float(alone.lower) >= best:  # excluded by the gain alone
        return _Answer(case, float(alone.lower), math.inf, None, alone, "exact elimination", _EXACT[is_model])
    certain = [impossibility(case.metric, forms, is_model, case.reach) for forms in case.alternatives]
    open_ones = [forms for forms, proof in zip(case.alternatives, certain, strict=True) if proof is None]
    if not open_ones:
        return _Answer(case, math.inf, math.inf, None, certain[0], f"{clarabel()}, exact elimination", _NEVER[is_model])
    if case.region.margin(origin)[0] >= -case.tie:
        return _Answer(case, 0.0, 0.0, origin[0], None, "none needed", _TIE)
    statuses, proofs = [], []
    for forms in open_ones:
        status, found = solve_dual(case.metric, forms, case.reach)
        proofs.append(best_certificate(case.metric, forms, [found, *_single_multipliers(case, forms)], is_model))
        statuses.append(status)
    certificate = min(proofs, key=lambda proof: proof.lower)
    nearest = local_search(case.region, case.reach, SEED)
    for start in _dual_points(case, certificate, single):
        improved = improve(case.region, start)
        if improved is not None and np.linalg.norm(improved) < nearest.upper:
            nearest = Found(0.0, float(np.linalg.norm(improved)), improved)
    lower, solver = float(certificate.lower), f"{clarabel()} ({', '.join(dict.fromkeys(statuses))}), SLSQP"
    reason = _EXACT[is_model] + "; from above, the opinions found"
    if lower < nearest.upper * (1 - GAP) and is_model and cases.model.dimension == 1 and lower < best:
        limit = nearest.upper if nearest.upper < math.inf else REACH * case.reach
        bounded = _proved(cases, [case], [nearest], limit)[0]
        if bounded is not None and bounded.lower > lower:
            lower, nearest = bounded.lower, Found(bounded.lower, bounded.upper, bounded.point)
            solver, reason = solver + ", branch and bound", _BOUNDED
    return _Answer(case, min(lower, nearest.upper), nearest.upper, nearest.point, certificate, solver, reason)


_BOUNDED = "branch and bound, φ'' enclosed in interval arithmetic, sums in floating point within the tolerance of ties"


def _single_multipliers(case: Case, forms: tuple[Form, ...]) -> list[list[float]]:
    """The multipliers that are best where one condition decides and the others are met anyway."""
    out = []
    for k, form in enumerate(forms):
        near = nearest_to_one(*scaled_arrays(case.metric, form)) if form.c < 0 else None
        if near is not None:
            out.append([near[1] if j == k else 0.0 for j in range(len(forms))])
    return out


def _dual_points(case: Case, certificate: Certificate, single: tuple[FloatArray, float] | None) -> list[FloatArray]:
    """Starts for local search: the point at which the Lagrangian is least, and the nearest for the gain alone."""
    arrays = [scaled_arrays(case.metric, form) for form in certificate.forms]
    weights = [float(x) for x in certificate.multipliers]
    P = np.eye(len(case.metric)) - sum(w * Q for w, (Q, _, _) in zip(weights, arrays, strict=True))
    b = sum((w * b for w, (_, b, _) in zip(weights, arrays, strict=True)), np.zeros(len(case.metric)))
    points = [] if single is None else [single[0], -single[0]]
    point: FloatArray = np.linalg.lstsq(P, b, rcond=None)[0].astype(np.float64)
    return [*points, point] if np.all(np.isfinite(point)) and np.any(point) else points


# --- Other φ ------------------------------------------------------------------------------------------------------


def _other(cases: Cases, some: list[Case], reach: float | None) -> list[_Answer]:
    """Answer the cases: theorems, then local search, then branch and bound where two opinions decide."""
    answers, rest = [], []
    convex = _is_convex(cases.model)
    for case in some:
        if case.two is not None and case.cost >= 0 and not any(case.two.gain.values()):
            reason = "the gain is 0 identically, and the cost is not negative"
            answers.append(_Answer(case, math.inf, math.inf, None, None, "none needed", reason))
        elif convex and case.cost >= 0:
            reason = "φ is convex: no move ever gains (S11)"
            answers.append(_Answer(case, math.inf, math.inf, None, None, "none needed", reason))
        else:
            rest.append(case)
    is_plane = cases.model.dimension == 1 and all(case.two is not None for case in rest)
    # in the plane branch and bound improves the others; where values are slow, only the most promising are improved
    waits = [is_plane or case.region.is_slow for case in rest]
    found = [_searched(case, improves=not wait) for case, wait in zip(rest, waits, strict=True)]
    for k in sorted(np.flatnonzero(waits).tolist(), key=lambda k: found[k].upper)[:IMPROVED]:
        found[k] = _searched(rest[k], improves=True)
    best = min((nearest.upper for nearest in found), default=math.inf)
    limit = best if best < math.inf else reach or max((REACH * case.reach for case in rest), default=1.0)
    proved: Sequence[Found | None] = [None] * len(rest)
    if rest and is_plane and best > 0:
        proved = _proved(cases, rest, found, limit)
    for case, nearest, bounds in zip(rest, found, proved, strict=True):
        if nearest.upper == 0:
            answers.append(_Answer(case, 0.0, 0.0, nearest.point, None, "none needed", _TIE))
        elif bounds is None:
            nearest = _searched(case, improves=True) if is_plane and best > 0 else nearest
            reason = "local search from many starts: not proved to be the least"
            answers.append(_Answer(case, 0.0, nearest.upper, nearest.point, None, "SLSQP from many starts", reason))
        else:
            lower = min(bounds.lower, bounds.upper)
            solver = "branch and bound, SLSQP"
            answers.append(_Answer(case, lower, bounds.upper, bounds.point, None, solver, _BOUNDED))
    return answers


def _searched(case: Case, improves: bool) -> Found:
    """Search locally, unless there is a tie at the opinions themselves."""
    origin = np.zeros((1, case.region.dimension))
    if case.region.margin(origin)[0] >= -case.tie:
        return Found(0.0, 0.0, origin[0])
    return local_search(case.region, case.reach, SEED, improves)


def _is_convex(model: Model) -> bool:
    """Whether S11 applies: φ'' ≥ 0 everywhere, equal influence and g(s) = s."""
    if model.dimension > 1 or not (model.has_equal_members and model.is_linear_scale):
        return False
    try:
        return bool(curvature(model.performance).L <= 0)
    except InputError:  # no closed form of φ'', or kinks
        return False


def _proved(cases: Cases, some: list[Case], found: list[Found], limit: float) -> list[Found | None]:
    """Bound radii by branch and bound, each up to the least known so far; None where φ'' could not be enclosed.

    Where there are too many boxes, or φ is not smooth out there, smaller balls are tried: their radius is a bound.
    """
    starts, steps = [], []  # the opinions, and how far a change of length 1 moves them
    for case in some:
        assert case.two is not None
        starts += [float(value) for row in case.two.opinions for value in row]
        steps += [float(value) ** -0.5 for value in case.two.metric]
    middle, step = np.array(starts), np.array(steps)
    out: list[Found | None] = [None] * len(some)
    for shrink in (1.0, 0.5, 0.25, 0.125, 1 / 32, 1 / 128):
        radius = limit * shrink
        try:
            lo, hi = float(np.min(middle - radius * step)), float(np.max(middle + radius * step))
            table = CurvatureTable(cases.model.compiled, lo, hi)
        except InputError:
            continue
        order = sorted(range(len(some)), key=lambda k: found[k].upper)
        reach, complete = radius, True
        for k in order:
            before = out[k]
            if before is not None and before.lower >= min(reach, before.upper) * (1 - GAP):
                continue
            start = found[k] if before is None else before
            bounds = branch_and_bound(cases.bounded(some[k], table), reach, start)
            bounds = bounds._replace(lower=max(bounds.lower, start.lower))
            out[k] = bounds
            reach = min(reach, bounds.upper)
            complete = complete and bounds.lower >= min(reach, bounds.upper) * (1 - GAP)
        if complete:
            break
    return out


# --- The result ---------------------------------------------------------------------------------------------------


def _result(model: Model, labels: NDArray[np.int64], x: FloatArray, answers: list[_Answer]) -> FragilityRadius:
    answers = sorted(answers, key=lambda answer: (answer.upper, answer.lower))
    best, lower = answers[0], min(answer.lower for answer in answers)
    shown = tuple(
        MoveRadius(_named(answer.case, labels), answer.lower, answer.upper)
        for answer in answers
        if answer.lower < math.inf
    )[:SHOWN]
    if lower == math.inf:
        reasons = dict.fromkeys(answer.reason for answer in answers)
        return _unbreakable(shown, "; ".join(reasons), best.certificate, best.solver)
    weakest = min(answers, key=lambda answer: answer.lower)
    if best.point is None:
        return FragilityRadius(
            math.inf, lower, math.inf, None, None, math.nan, math.nan, weakest.certificate, shown,
            "not found", weakest.solver, f"nothing breaks it up to the lower bound: {weakest.reason}",
        )  # fmt: skip
    opinions = best.case.changed(best.point)
    radius = float(np.linalg.norm(opinions - x))
    there = moves(limit_model(model, labels, opinions), labels)
    agent, joined = best.case.agent, best.case.joined
    gain = float(there.gains[agent, joined if joined is not None else there.gains.shape[1] - 1])
    lower = min(lower, radius)
    status = "optimal" if lower >= radius * (1 - GAP) else "bounds"
    guarantee = best.reason if weakest.reason == best.reason else f"{best.reason}; other moves: {weakest.reason}"
    return FragilityRadius(
        radius, lower, radius, opinions, _named(best.case, labels), gain, best.case.cost, best.certificate, shown,
        status, best.solver, guarantee,
    )  # fmt: skip


def _named(case: Case, labels: NDArray[np.int64]) -> Move:
    return move_of(case.agent, case.joined if case.joined is not None else int(labels.max()) + 1, labels)


def _unbreakable(
    shown: tuple[MoveRadius, ...], reason: str, certificate: Certificate | None = None, solver: str = "none needed"
) -> FragilityRadius:
    return FragilityRadius(
        math.inf, math.inf, math.inf, None, None, math.nan, math.nan, certificate, shown, "unbreakable", solver, reason
    )


def _unstable(
    x: FloatArray, labels: NDArray[np.int64], gains: FloatArray, costs: FloatArray, excess: FloatArray
) -> FragilityRadius:
    """Say which move is admissible at the consensus of the opinions as they are."""
    agent, column = (int(k) for k in np.unravel_index(int(np.argmax(excess)), excess.shape))
    move = move_of(agent, column, labels)
    return FragilityRadius(
        0.0, 0.0, 0.0, np.array(x), move, float(gains[agent, column]), float(costs[agent, column]), None,
        (MoveRadius(move, 0.0, 0.0),), "unstable already", "none needed", "every move was tried at the consensus",
    )  # fmt: skip
