"""Thresholds: where a structure stops or starts being stable as one parameter of the model varies.

A structure is stable against moves at the value p of the parameter if no move is admissible there.  That changes only
where for some move one of these functions crosses zero, and each of them is smooth where φ is:

    profit       gain_i(C→D; p) - κ_i(C, D; p),
    acceptance   AD_j(D∪i) - AD_j(D) - α  of one incumbent j, their mean - α, or r² - |x_i - c_D|².

All their zeros are isolated (`numerics.programs.crossings`).  Between neighbouring zeros stability is decided in the
middle, directly, by `numerics.moves`; zeros at which it changes are the thresholds.  The number itself is the zero of

    max over the moves that are admissible beside it of min(profit, acceptance),

evaluated directly.  Costs, α, r and capacities are compared with what does not depend on them: the threshold is the
greatest gain of an accepted move (the critical cost, S8), or the like.

Results: S8, S12 and, in one opinion, S1 and S14.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.consensus import At, check_at
from numerics.kernels import codes
from numerics.model import Model
from numerics.moves import Move, move_of
from numerics.partitions import Structure, labels_of
from numerics.programs.crossings import NARROWEST, RESOLUTION, Isolation, isolate
from numerics.programs.margins import Margins, MarginsAlong
from numerics.programs.parameters import Parameter, parameter_of, resolved_degree
from numerics.validation import number
from theory.errors import InputError

ALIKE = 1e-11  # of the range: zeros nearer than that, as of agents who are alike, are taken for one


@dataclass(frozen=True)
class Binding(Move):
    """A move that becomes admissible, or stops being, at a threshold.

    Attributes
    ----------
    change : "gain", "acceptance" or "gain and acceptance": what the move lacks where it is not admissible.
    """

    change: str

    def __str__(self) -> str:
        return f"{super().__str__()}: {self.change}"


@dataclass(frozen=True)
class Nearest:
    """The threshold nearest to a value of the parameter.

    Attributes
    ----------
    at : the value.
    stable : whether the structure is stable there.
    value, error : of the threshold; infinite and 0 if there is none.
    distance : |value - at|.
    side : "above" or "below": where the threshold lies; "at" within its error; "none".
    binding : the moves at that threshold.
    """

    at: float
    stable: bool
    value: float
    error: float
    distance: float
    side: str
    binding: tuple[Binding, ...]


@dataclass(frozen=True)
class Thresholds:
    """Where a structure stops or starts being stable; made by `thresholds`.

    Attributes
    ----------
    parameter : its name.
    current : its value in the model.
    low, high : the range that was searched.
    values : the thresholds, increasing.
    errors : for each, a half-width: stability was tried at two points of the range, at most that far below and above
        the value, and differs.  It is decided by the rule of ties, so the error covers the distance over which a gain
        beats a cost by less than a tie.
    stable : the intervals (lo, hi) on which the structure is stable, between thresholds and the ends of the range.
    binding : for each threshold, the moves that are admissible on one side only.
    touches : values at which stability differs at that point alone: a tie.
    solver : how zeros were found.
    status : "complete", or what was not resolved.
    complete : why no threshold in the range is missed.
    evaluations : number of parameter values at which all functions were evaluated.
    """

    parameter: str
    current: float
    low: float
    high: float
    values: tuple[float, ...]
    errors: tuple[float, ...]
    stable: tuple[tuple[float, float], ...]
    binding: tuple[tuple[Binding, ...], ...]
    touches: tuple[float, ...]
    solver: str
    status: str
    complete: str
    evaluations: int

    @property
    def guarantee(self) -> str:
        """What makes the answer right."""
        return (
            "stability was decided by trying every move, on both sides of every threshold and in the middle between "
            f"neighbouring zeros; zeros: {self.complete}"
        )

    def is_stable(self, at: float | None = None) -> bool:
        """Whether the structure is stable at a value in the range, the model's own unless given.

        Thresholds count as stable; within the error of one the answer is that of its side.  `numerics.moves` at the
        value itself decides a tie by the rule of ties.
        """
        p = self._value(at)
        return any(lo <= p <= hi for lo, hi in self.stable) != (p in self.touches)

    def nearest(self, at: float | None = None) -> Nearest:
        """Return the threshold nearest to a value in the range, the model's own unless given.

        Raises
        ------
        InputError
            If the value is outside the range that was searched.
        """
        p = self._value(at)
        if not self.values:
            return Nearest(p, self.is_stable(p), np.inf, 0.0, np.inf, "none", ())
        i = int(np.argmin(np.abs(np.array(self.values) - p)))
        value, error = self.values[i], self.errors[i]
        side = "at" if abs(value - p) <= error else "above" if value > p else "below"
        return Nearest(p, self.is_stable(p), value, error, abs(value - p), side, self.binding[i])

    def _value(self, at: float | None) -> float:
        p = self.current if at is None else number(at, "at")
        if not self.low <= p <= self.high:
            advice = "search a range that contains it, with low=... and high=..."
            raise InputError("at", p, f"is outside the range [{self.low:g}, {self.high:g}] that was searched", advice)
        return p


def thresholds(
    model: Model,
    structure: Structure,
    parameter: str = "switching_cost",
    low: float | None = None,
    high: float | None = None,
    at: At = "opinions",
) -> Thresholds:
    """Return every value of one parameter, between low and high, at which a structure stops or starts being stable.

    Parameters
    ----------
    model : Model with concrete opinions.
    structure : coalition structure.
    parameter : "switching_cost" (the base); "acceptance.threshold" (α), "acceptance.radius" or "acceptance.members"
        (read as the nearest whole number) of a rule that has it; "influence.rate" (ε); "discount" (ρ);
        "opinions[i]", or "opinions[i][k]" for coordinate k; "theta", or "theta[k]": φ(u - θ) in the place of φ(u).
    low, high : the range to search.  Unless given: beyond all gains (costs and α), distances (r) or sizes; (0, 1] for
        ε and [0, 1) for ρ, up to 1e-9; for an opinion the range of all opinions, widened by its width on both sides;
        for θ two widths to both sides of 0.
    at : "opinions" for moves at the opinions as they are, "consensus" for moves after they have gone to their limit
        W(π)^∞ x in the structure.

    Raises
    ------
    InputError
        For a parameter the model does not have, a range that is none or in which the model makes no sense, or
        coalitions too large for exact payoffs.

    Notes
    -----
    Each evaluation costs as much as `numerics.moves.moves`, and for rules that ask members the payoffs after every
    move as well.  Their number is the degree + 1 where gains are polynomials, some 30 to 130 for other smooth φ, and
    thousands where kinks of φ have to be told apart; then 2 to 30 for each threshold.  Zeros nearer to each other than
    1e-11 of the range are taken for one.  An adaptive rule is taken at its start.

    Examples
    --------
    Two agents 2 apart stay apart from a switching cost of 1 on:

    >>> model = Model(opinions=[0.0, 2.0], performance="-u**2", switching_cost=0.25)
    >>> found = thresholds(model, [[0], [1]])
    >>> found.values, found.stable
    ((1.0,), ((1.0, 2.0),))

    With a cost of 1/4 they stay apart while they are at most 1 apart:

    >>> found = thresholds(model, [[0], [1]], "opinions[1]")
    >>> [round(value, 12) for value in found.values], found.complete
    ([-1.0, 1.0], 'polynomial of degree 2 in the parameter: all real roots')
    >>> print(found.nearest().side, found.nearest().binding[0])
    below agent 0 leaves {0} and joins {1}: gain
    """
    check_at(at)
    labels = labels_of(structure, model.n_agents)
    of = parameter_of(model, parameter)
    search = MarginsAlong(of, labels, at)
    start = search.moment(of.current)  # an error of the model itself is raised here
    low, high = _range(of, low, high, start)
    for name, end in (("low", low), ("high", high)):
        try:
            search.moment(end)
        except InputError as error:
            advice = "give low and high between which the model makes sense"
            raise InputError(name, end, f"is no value of {parameter} ({error})", advice) from None
    if of.is_level:
        best = start.best_level(of.name)
        isolation = Isolation([(best, best)] if low < best < high else [], 0, 0, 1, [])
        solver, complete = "none: the threshold is a gain, distance or size itself", "linear in the parameter"
    else:
        isolation, complete = _isolated(search, low, high)
        solver = f"colleague matrices (numpy {np.__version__})"
    values, ends, sides, touches = _changes(search, low, high, isolation.brackets)
    errors = [max(value - lo, hi - value) for value, (lo, hi) in zip(values, ends, strict=True)]
    edges = [low, *values, high]
    stable = tuple((edges[i], edges[i + 1]) for i, side in enumerate(sides) if side)
    binding = tuple(
        _binding(search, *tried, is_stable_below) for tried, is_stable_below in zip(ends, sides[:-1], strict=True)
    )
    status = "complete"
    if isolation.unfinished:
        shown = ", ".join(f"[{lo:.6g}, {hi:.6g}]" for lo, hi in isolation.unfinished[:3])
        complete = f"all but the pieces that are not resolved; elsewhere {complete}"
        status = f"{len(isolation.unfinished)} pieces not resolved after {isolation.evaluations} evaluations: {shown}"
    return Thresholds(
        of.name,
        of.current,
        low,
        high,
        tuple(values),
        tuple(errors),
        stable,
        binding,
        tuple(touches),
        solver,
        status,
        complete,
        len(search.moments),
    )


def _range(of: Parameter, low: float | None, high: float | None, start: Margins) -> tuple[float, float]:
    if of.default is not None:
        default = of.default
    else:
        levels = start.levels(of.name)
        levels = np.append(levels[np.isfinite(levels)], of.current)
        least, greatest = float(levels.min()), float(levels.max())
        pad = max(greatest - least, abs(least), abs(greatest)) or 1.0
        default = max(least - pad, of.least), greatest + pad
    ends = []
    for name, given, usual in (("low", low, default[0]), ("high", high, default[1])):
        end = usual if given is None else number(given, name)
        if not of.least <= end <= of.most:
            advice = f"give a number from {of.least:g} to {of.most:g}"
            raise InputError(name, end, f"is no value of {of.name}", advice)
        ends.append(end)
    if not np.isfinite(ends[1] - ends[0]):
        raise InputError("low", ends[0], f"is too far from high = {ends[1]:g}", "search a range of finite width")
    if not ends[0] < ends[1]:
        raise InputError("low", ends[0], f"is not below high = {ends[1]:g}", "give low < high")
    return ends[0], ends[1]


def _isolated(search: MarginsAlong, low: float, high: float) -> tuple[Isolation, str]:
    """Isolate all zeros on the range; and why that is all of them."""
    of = search.of
    is_opinion = of.name.startswith(("opinions", "theta"))
    degree, why, parts = of.degree, "", 4
    if degree is not None:
        if is_opinion and search.code == codes.BOUNDED_CONFIDENCE:
            degree = max(degree, 2)  # squared distances
        kind = "rational" if of.weight is not None else "polynomial"
        why = f"{kind} of degree {degree} in the parameter: all real roots"
        parts = 1 if degree <= 4 else 4
        if degree == 0:
            why = "constant in the parameter: no roots"
    elif is_opinion and (resolved := resolved_degree(of, low, high, search.tolerance)) is not None:
        degree, error, parts = max(resolved[0], 2), resolved[1], 1
        why = (
            f"φ is within {error:.1g} of a polynomial of degree {degree} on all opinions, as measured by the decay of "
            "its Chebyshev coefficients: all real roots at that resolution"
        )
    found = isolate(search.functions, low, high, degree, search.matters, parts)
    if degree is None:
        narrow = sum(lo < hi for lo, hi in found.brackets)
        why = (
            f"Chebyshev resolution {RESOLUTION:g} on {found.pieces} pieces, as measured by the decay of coefficients: "
            f"all real roots at that resolution; {narrow} kinks bracketed to {NARROWEST:.1g} of the range"
        )
    return found, why


def _changes(
    search: MarginsAlong, low: float, high: float, brackets: list[tuple[float, float]]
) -> tuple[list[float], list[tuple[float, float]], list[bool], list[float]]:
    """Return the thresholds, points tried on either side, stability below, between and above them, and touches."""
    near = ALIKE * (high - low)
    clusters: list[tuple[float, float]] = []
    for lo, hi in sorted(brackets):
        if clusters and lo - clusters[-1][1] <= near:
            clusters[-1] = clusters[-1][0], max(hi, clusters[-1][1])
        else:
            clusters.append((lo, hi))
    clusters = [(lo, hi) for lo, hi in clusters if lo > low + near and hi < high - near]
    edges = [low, *[end for cluster in clusters for end in cluster], high]
    middles = [0.5 * (edges[i] + edges[i + 1]) for i in range(0, len(edges), 2)]
    values, ends, touches, sides = [], [], [], [search.is_stable(middles[0])]
    for (lo, hi), left, right in zip(clusters, middles[:-1], middles[1:], strict=True):
        before, after = sides[-1], search.is_stable(right)
        if before != after:
            value = lo if search.of.is_level else _crossing(search, lo, hi, left, right, near)
            values.append(value)
            ends.append(_ends(search, value, left, right))
            sides.append(after)
        elif search.is_stable(0.5 * (lo + hi)) != before:
            touches.append(0.5 * (lo + hi))
    return values, ends, sides, touches


def _crossing(search: MarginsAlong, lo: float, hi: float, left: float, right: float, near: float) -> float:
    """Return the threshold near [lo, hi]; stability at left and right differs."""
    from scipy.optimize import brentq

    is_stable_below = search.is_stable(left)
    step = near
    a, b = max(left, lo - step), min(right, hi + step)
    while search.is_stable(a) != is_stable_below or search.is_stable(b) == is_stable_below:
        step *= 16
        a, b = max(left, lo - step), min(right, hi + step)  # in the end left and right themselves
    binding = search.moment(b if is_stable_below else a).moves.admissible

    def margin(p: float) -> float:
        moment = search.moment(p)
        return float(np.max(np.minimum(moment.profit, moment.acceptance)[binding]))

    xtol = 4 * np.finfo(float).eps * max(abs(a), abs(b), np.finfo(float).tiny)
    if margin(a) * margin(b) < 0:
        return float(brentq(margin, a, b, xtol=xtol))
    while b - a > xtol:  # a margin that is zero up to a tie on one side: halve on stability itself
        middle = 0.5 * (a + b)
        a, b = (middle, b) if search.is_stable(middle) == is_stable_below else (a, middle)
    return 0.5 * (a + b)


def _ends(search: MarginsAlong, value: float, left: float, right: float) -> tuple[float, float]:
    """Return points as near as may be below and above a threshold, stability at which is that of left and of right."""
    below, above = search.is_stable(left), search.is_stable(right)
    error = max(2 * np.finfo(float).eps * abs(value), np.finfo(float).eps * (right - left))
    while True:
        lo, hi = max(value - error, left), min(value + error, right)
        if (lo, hi) == (left, right) or (search.is_stable(lo) == below and search.is_stable(hi) == above):
            return float(lo), float(hi)
        error *= 2


def _binding(search: MarginsAlong, lo: float, hi: float, is_stable_below: bool) -> tuple[Binding, ...]:
    """Return the moves that are admissible on the unstable side of a threshold, which lies between lo and hi."""
    stable, unstable = (lo, hi) if is_stable_below else (hi, lo)
    there, here = search.moment(stable), search.moment(unstable)
    found = []
    for i, column in zip(*np.nonzero(here.moves.admissible), strict=True):
        lacks = []
        if not there.profit[i, column] > there.tolerance:
            lacks.append("gain")
        if not there.moves.accepted[i, column]:
            lacks.append("acceptance")
        move = move_of(int(i), int(column), search.labels)
        found.append(Binding(move.agent, move.source, move.target, " and ".join(lacks)))
    return tuple(found)
