"""Bifurcation diagrams: which structures are stable as one parameter of the model varies.

For the switching cost and the number in the rule of acceptance the diagram comes from the atlas and is exact: a
structure is born at its critical value and, as raising costs and thresholds only forbids moves, not lost beyond (a
radius or a capacity forbids moves when it is lowered).  For any other parameter the intervals on which a structure is
stable are searched for, structure by structure (`numerics.programs.thresholds`).

Results: S8 (critical costs), S12 (the rate).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import At, model_at
from numerics.equilibria.atlas import atlas, bell_numbers, level_of, listed
from numerics.equilibria.tables import Tables
from numerics.kernels import codes
from numerics.model import Model
from numerics.partitions import every_structure, members_of
from numerics.payoffs import coalition_values
from numerics.validation import number
from theory.errors import InputError

FloatArray = NDArray[np.float64]
Interval = tuple[float, float]

MAX_LISTED = 8  # agents up to which all structures are listed: 4140
MAX_SEARCHED = 6  # agents up to which every structure is searched in other parameters: 203


@dataclass(frozen=True, eq=False)
class BifurcationDiagram:
    """What is stable at which value of a parameter.

    Attributes
    ----------
    parameter, at : what varies, and at which opinions moves are evaluated.
    values : (R,) values at which the set of stable structures changes, increasing; those that are a tie are one.
    n_stable : (R+1,) how many are stable below the first, between neighbours, and above the last.
    best, worst : (R+1,) their largest and smallest surplus, NaN without any; where surplus depends on the parameter, in
        the middle of the interval.
    structures : all structures, for at most 8 agents; none are listed for more.
    intervals : for each of them the intervals (low, high) on which it is stable, infinite where nothing ends it.  A
        critical cost belongs to its interval; at a critical threshold, radius or capacity the move is accepted still,
        and the structure is not stable.  Thresholds of other parameters are within an error, and count as stable.
    guarantee : what makes it right.
    """

    parameter: str
    at: At
    values: FloatArray
    n_stable: NDArray[np.int64]
    best: FloatArray
    worst: FloatArray
    structures: list[list[list[int]]]
    intervals: list[list[Interval]]
    guarantee: str
    _is_closed: bool  # whether ends belong to their intervals
    _margin: float  # the tolerance of ties

    def stable_at(self, value: float) -> list[list[list[int]]]:
        """Return the structures listed that are stable at a value.

        Raises
        ------
        InputError
            If the value is no number, or no structures are listed.
        """
        value = number(value, self.parameter)
        if not self.structures:
            advice = f"use at most {MAX_LISTED} agents, or stable_structures(model, cost)"
            raise InputError("structures", "none", "are listed, as there are too many", advice)
        pairs = zip(self.structures, self.intervals, strict=True)
        margin = self._margin
        if self._is_closed:
            return [s for s, ends in pairs if any(low - margin <= value <= high + margin for low, high in ends)]
        return [s for s, ends in pairs if any(low + margin < value < high - margin for low, high in ends)]


def bifurcation_diagram(
    model: Model,
    parameter: str = "switching_cost",
    at: At = "opinions",
    low: float | None = None,
    high: float | None = None,
) -> BifurcationDiagram:
    """Return which coalition structures are stable as one parameter varies.

    Parameters
    ----------
    model : Model with concrete opinions.
    parameter : "switching_cost", or the number in the rule of acceptance ("acceptance.threshold", "acceptance.radius",
        "acceptance.members"), for at most 14 agents; for at most 6 any that `numerics.programs.thresholds` knows.
    at : moves at the opinions as they are, or with every coalition at its consensus.
    low, high : the range of a parameter that is searched, as in `thresholds` unless given; not for cost and acceptance,
        whose diagram has all values.

    Raises
    ------
    InputError
        For more agents, or a parameter that the model does not have.

    Notes
    -----
    That of `numerics.equilibria.atlas.atlas`, or a search for each of the structures: seconds for 5 agents.

    Examples
    --------
    >>> model = Model(opinions=[0.0, 1.0, 3.0], performance="-u**2")
    >>> diagram = bifurcation_diagram(model, at="consensus")
    >>> diagram.values.round(3).tolist(), diagram.n_stable.tolist()
    ([0.0, 0.097, 1.556, 2.25, 2.431], [0, 1, 2, 3, 4, 5])
    >>> diagram.stable_at(0.1)
    [[[0, 1, 2]], [[0, 2], [1]]]
    """
    if parameter == "switching_cost" or (isinstance(parameter, str) and parameter.startswith("acceptance.")):
        for name, end in (("low", low), ("high", high)):
            if end is not None:
                advice = "leave it out, and read the values you want"
                raise InputError(name, end, f"is not needed: the diagram in {parameter} has all values", advice)
        return _from_atlas(model, parameter, at)
    if model.n_agents > MAX_SEARCHED:
        advice = f"use at most {MAX_SEARCHED}, or thresholds(model, structure, parameter) for one structure"
        raise InputError("model", f"{model.n_agents} agents", "have too many structures to search one by one", advice)
    return _searched(model, parameter, at, low, high)


def _from_atlas(model: Model, parameter: str, at: At) -> BifurcationDiagram:
    found = atlas(model, at, parameter)
    finite = np.isfinite(found.thresholds)
    always = int(found.counts[found.thresholds == -np.inf].sum())  # stable whatever the parameter is
    most = np.concatenate([found.most[found.thresholds == -np.inf], found.most[finite]])
    least = np.concatenate([found.least[found.thresholds == -np.inf], found.least[finite]])
    if not always:
        most, least = np.concatenate([[-np.inf], most]), np.concatenate([[np.inf], least])
    n_stable = np.cumsum(np.concatenate([[always], found.counts[finite]]))
    best = np.where(n_stable > 0, np.maximum.accumulate(most), np.nan)
    worst = np.where(n_stable > 0, np.minimum.accumulate(least), np.nan)
    values = found.thresholds[finite]
    is_cost = parameter == "switching_cost"
    margin = found.tolerance if is_cost else level_of(model, 0.0, found.tolerance)[1]  # in units of the parameter
    last = _last_of_ties(values, margin)
    n_stable, best, worst = (column[np.concatenate([[0], last + 1])] for column in (n_stable, best, worst))
    values = values[last]
    if falls := model.acceptance.code in (codes.BOUNDED_CONFIDENCE, codes.CAPACITY) and parameter != "switching_cost":
        values, n_stable, best, worst = -values[::-1], n_stable[::-1], best[::-1], worst[::-1]
    structures: list[list[list[int]]] = []
    intervals: list[list[Interval]] = []
    if model.n_agents <= MAX_LISTED:
        structures, intervals = _all(found.tables, falls)
    guarantee = f"every one of the {found.n_structures} structures was evaluated"
    return BifurcationDiagram(
        parameter, at, values, n_stable, best, worst, structures, intervals, guarantee, is_cost, margin
    )


def _last_of_ties(values: FloatArray, tolerance: float) -> NDArray[np.int64]:
    """Positions of the last of the values in each group that are a tie with its first."""
    last, first = [], -np.inf
    for position, value in enumerate(values.tolist()):
        if value > first + tolerance:
            last.append(position)
            first = value
        else:
            last[-1] = position
    return np.array(last, dtype=np.int64)


def _all(tables: Tables, falls: bool) -> tuple[list[list[list[int]]], list[list[Interval]]]:
    """All structures, in the order in which they become stable, and the half-lines on which they are."""
    found = listed(tables, np.inf, bell_numbers(tables.n_agents)[-1])
    lines: list[list[Interval]] = []
    for critical in found.critical_costs.tolist():
        line = (-np.inf, -critical) if falls else (critical, np.inf)
        lines.append([] if critical == np.inf else [line])
    return [found[k] for k in range(len(found))], lines


def _searched(model: Model, parameter: str, at: At, low: float | None, high: float | None) -> BifurcationDiagram:
    from numerics.programs.parameters import parameter_of
    from numerics.programs.thresholds import thresholds

    structures = [members_of(np.array(labels)) for labels in every_structure(model.n_agents)]
    found = [thresholds(model, structure, parameter, low, high, at) for structure in structures]
    errors = [(value, error) for each in found for value, error in zip(each.values, each.errors, strict=True)]
    values: list[float] = []
    reached = -np.inf
    for value, error in sorted(errors):  # thresholds that overlap are one
        if value - error > reached:
            values.append(value)
        reached = max(reached, value + error)
    ends = [found[0].low, *values, found[0].high]
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    make = parameter_of(model, parameter).at
    counts, best, worst = [], [], []
    for middle in middles:
        stable = [s for s, each in zip(structures, found, strict=True) if each.is_stable(middle)]
        there = make(middle)
        surpluses = [float(coalition_values(model_at(there, s, at), s).sum()) for s in stable]
        counts.append(len(stable))
        best.append(max(surpluses, default=np.nan))
        worst.append(min(surpluses, default=np.nan))
    unresolved = sorted({each.status for each in found if each.status != "complete"})
    guarantee = "; ".join([found[0].guarantee, *unresolved])
    return BifurcationDiagram(
        parameter, at, np.array(values), np.array(counts), np.array(best), np.array(worst), structures,
        [list(each.stable) for each in found], guarantee, True, 0.0,
    )  # fmt: skip
