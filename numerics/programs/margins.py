"""Margins of moves: what each lacks to be admissible, at one value of a parameter and as functions of it.

    profit       gain_i(C→D) - κ_i(C, D),
    acceptance   what decides acceptance minus what it is compared with: the least of AD_j(D∪i) - AD_j(D) - α over the
                 incumbents j if all are asked, the one in the middle for a majority, their mean, or r - |x_i - c_D|.

A move is admissible where its profit is positive and its acceptance is not negative, up to ties.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import rule_arrays
from numerics.consensus import At, consensus_of_coalitions, model_at
from numerics.costs import base_of
from numerics.kernels import codes
from numerics.kernels.acceptance import asks_members, level_of, threshold_of
from numerics.kernels.payoffs import coalition_payoffs
from numerics.kernels.ties import TIE
from numerics.model import Model
from numerics.moves import Moves, moves
from numerics.opinions import concrete_opinions
from numerics.payoffs import aumann_dreze_value, check_status
from numerics.programs.parameters import Parameter
from numerics.ties import tie_tolerance

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Labels = NDArray[np.int64]

_STATIC = (codes.OPEN, codes.CAPACITY)


class Margins:
    """Every move at one value of the parameter; arrays are (n, K + 1) like those of `numerics.moves.Moves`."""

    def __init__(self, model: Model, labels: Labels) -> None:
        self.model, self.labels = model, labels
        self.moves: Moves = moves(model, labels)
        self.tolerance = tie_tolerance(model, labels)
        self.largest = float(np.max(np.abs(concrete_opinions(model))))

    @property
    def is_stable(self) -> bool:
        return not self.moves.admissible.any()

    @cached_property
    def profit(self) -> FloatArray:
        """Gain - cost."""
        return self.moves.gains - self.moves.costs

    @cached_property
    def thresholds(self) -> FloatArray:
        """(K,) α, r or capacity of each coalition, at the start of a run."""
        sizes = np.bincount(self.labels).astype(float)
        rule = rule_arrays(self.model.acceptance)
        return np.array([threshold_of(rule, 0.0, 0.0, 0.0, 0.0, size) for size in sizes])

    @cached_property
    def gaps(self) -> FloatArray:
        """(n, K) distance of every agent from every consensus."""
        n = len(self.labels)
        x = concrete_opinions(self.model).reshape(n, -1)
        centres = consensus_of_coalitions(self.model, self.labels).reshape(-1, x.shape[1])
        return np.sqrt(((x[:, None, :] - centres) ** 2).sum(axis=2))

    @cached_property
    def incumbents(self) -> list[list[FloatArray]]:
        """[i][D] what each member of D gains from the entrant i; empty for i's own coalition."""
        model, n = self.model, len(self.labels)
        now = aumann_dreze_value(model, self.labels)
        members = [np.flatnonzero(self.labels == c) for c in range(int(self.labels.max()) + 1)]
        x, game, graph = np.array(concrete_opinions(model)).reshape(n, -1), model.game_arrays(), model.graph_arrays()
        position = np.full(n, -1, dtype=np.int64)

        def gained(i: int, inside: Labels) -> FloatArray:
            together = np.append(inside, i)
            after, error = np.empty(len(together)), np.empty(len(together))
            check_status(coalition_payoffs(together, x, game, graph, position, after, error)[0], model)
            return after[:-1] - now[inside]

        nobody = np.empty(0)
        return [[nobody if i in inside else gained(i, inside) for inside in members] for i in range(n)]

    @cached_property
    def acceptance(self) -> FloatArray:
        """What decides acceptance minus the threshold: accepted where it is not negative; ±inf for rules of size."""
        out = np.full(self.moves.gains.shape, np.inf)
        code, bounds = self.model.acceptance.code, self.thresholds
        if asks_members(code):
            for i, row in enumerate(self.incumbents):
                for target, gained in enumerate(row):
                    if len(gained):
                        out[i, target] = level_of(code, gained, 0.0, len(gained)) - bounds[target]
        elif code == codes.BOUNDED_CONFIDENCE:
            out[:, :-1] = bounds - self.gaps
        else:
            out[~self.moves.accepted] = -np.inf
        return out

    def levels(self, name: str) -> FloatArray:
        """(n, K + 1) the value of that parameter at which the move becomes admissible, as far as the parameter goes.

        NaN where there is no move, infinite where the parameter has no say.
        """
        exists = ~np.isnan(self.moves.gains)
        if name == "switching_cost":
            return self.moves.gains - (self.moves.costs - base_of(self.model.switching_cost))
        out = np.full(exists.shape, np.nan)
        columns = out[:, :-1]
        if name == "acceptance.threshold":
            columns[:] = self.acceptance[:, :-1] + self.thresholds
        elif name == "acceptance.radius":
            columns[:] = self.gaps
        else:  # |D| members are too many for another at a capacity of |D|, not at |D| + 1
            columns[:] = np.bincount(self.labels) + 0.5
        return np.where(exists, out, np.nan)

    def best_level(self, name: str) -> float:
        """The only threshold of a parameter that is compared with levels; NaN if there is none."""
        levels = self.levels(name)
        if name == "switching_cost":
            return float(np.max(levels[self.moves.accepted], initial=-np.inf))
        with np.errstate(invalid="ignore"):
            levels = levels[(self.profit > self.tolerance) & ~np.isnan(levels)]
        if name == "acceptance.threshold":  # stable above the greatest
            return float(np.max(levels, initial=-np.inf))
        return float(np.min(levels, initial=np.inf))  # stable below the least


class MarginsAlong:
    """The moves of a structure as functions of a parameter, each value of which is evaluated once.

    Functions are numbered: first the profit of every move, then what acceptance depends on.
    """

    def __init__(self, of: Parameter, labels: Labels, at: At) -> None:
        self.of, self.labels, self.at = of, labels, at
        self.moments: dict[float, Margins] = {}

    def moment(self, p: float) -> Margins:
        if p not in self.moments:
            self.moments[p] = Margins(model_at(self.of.at(p), self.labels, self.at), self.labels)
        return self.moments[p]

    def is_stable(self, p: float) -> bool:
        return self.moment(p).is_stable

    @property
    def tolerance(self) -> float:
        """Size of a tie at the model's own value of the parameter."""
        return self.moment(self.of.current).tolerance

    @cached_property
    def code(self) -> int:
        return int(self.moment(self.of.current).model.acceptance.code)

    @cached_property
    def targets(self) -> list[tuple[int, int]]:
        """The moves: agent and column, but for those that a rule of size refuses whatever happens."""
        found = self.moment(self.of.current).moves
        possible = ~np.isnan(found.gains)
        if self.code == codes.CAPACITY:
            possible &= found.accepted
        return [(int(i), int(column)) for i, column in zip(*np.nonzero(possible), strict=True)]

    @cached_property
    def owner(self) -> Labels:
        """For each function of acceptance, the number of its move."""
        sizes, alone = np.bincount(self.labels), int(self.labels.max()) + 1
        asks = [0 if column == alone or self.code in _STATIC else int(sizes[column]) for _, column in self.targets]
        if self.code not in (codes.UNANIMOUS, codes.MAJORITY):
            asks = [min(count, 1) for count in asks]
        return np.repeat(np.arange(len(self.targets)), asks)

    def functions(self, p: float) -> tuple[FloatArray, FloatArray]:
        """All functions at one value, and the sizes up to which they count as zero."""
        moment, weight = self.moment(p), 1.0 if self.of.weight is None else self.of.weight(p)
        rows, columns = np.array(self.targets, dtype=np.int64).reshape(-1, 2).T
        profit = moment.profit[rows, columns]
        asked = [self.targets[move] for move in np.flatnonzero(np.bincount(self.owner, minlength=len(rows)))]
        zero = np.full(len(self.owner), moment.tolerance)
        if self.code in (codes.UNANIMOUS, codes.MAJORITY):
            parts = [moment.incumbents[i][target] - moment.thresholds[target] for i, target in asked]
        elif self.code == codes.BOUNDED_CONFIDENCE:  # squares, which are smooth where the distance is 0
            parts = [np.atleast_1d(moment.thresholds[t] ** 2 - moment.gaps[i, t] ** 2) for i, t in asked]
            zero = np.array([2 * moment.thresholds[t] * TIE * moment.largest for _, t in asked])
        else:
            parts = [np.atleast_1d(moment.acceptance[i, target]) for i, target in asked]
        values = np.concatenate([profit, *parts])
        return weight * values, weight * np.concatenate([np.full(len(profit), moment.tolerance), zero])

    def matters(self, least: FloatArray, greatest: FloatArray, zero: FloatArray) -> BoolArray:
        """Which functions may change stability on a piece on which they keep between these bounds.

        None if some move is admissible throughout; otherwise those that may vanish, of moves that may be admissible.
        Half and four times a tie leave room for how ties change along the piece.
        """
        n = len(self.targets)
        count = np.bincount(self.owner, minlength=n)
        needed = count // 2 + 1 if self.code == codes.MAJORITY else count
        needed = np.where(count > 0, needed, 0)
        content = np.bincount(self.owner, least[n:] >= -zero[n:] / 2, minlength=n)
        refusing = np.bincount(self.owner, greatest[n:] < -4 * zero[n:], minlength=n)
        never = (greatest[:n] <= zero[:n] / 2) | (refusing > count - needed)
        if np.any((least[:n] > 4 * zero[:n]) & (content >= needed)):
            return np.zeros(len(least), dtype=bool)
        may_vanish = (least <= 4 * zero) & (greatest >= -4 * zero)
        undecided: BoolArray = may_vanish & ~np.concatenate([never, never[self.owner]])
        return undecided
