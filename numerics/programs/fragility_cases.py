"""What has to happen for a move to become admissible, as conditions on a change of the opinions.

A case is one move: gain - cost ≥ 0, and what acceptance asks for, as functions of a change of the reduced opinions (the
few linear functions of the opinions that the move depends on), in coordinates in which the least change of opinions is
Euclidean.  Two ways to it:

- two opinions: without stubborn agents, in coalitions that come to one consensus each (`fragility_mixtures`); the forms
  of a quadratic φ are rational, and derived;
- any other model: the opinions that agents of the two coalitions tend to are linear in x, and an orthonormal basis of
  the changes that matter is found from that map.  The forms of a quadratic φ come from evaluating gains on a grid of
  points, which determines a quadratic; coefficients within the tolerance of ties are 0.

| acceptance | conditions |
|---|---|
| unanimous | G_j - α ≥ 0 for every incumbent j (one if they are all alike) |
| majority | the same for more than half of them: for one of the least majorities |
| aggregate | mean of G_j, less α |
| bounded confidence | r² - \\|x_i - c_D\\|² ≥ 0 |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import rule_arrays
from numerics.consensus import consensus_of_coalitions, tactical_limit
from numerics.kernels import codes
from numerics.kernels.acceptance import threshold_of
from numerics.model import Model
from numerics.moves import moves
from numerics.partitions import members_of
from numerics.payoffs import aumann_dreze_value
from numerics.programs.fragility_mixtures import Mixture, TwoOpinions, nearness_of, quadratic_of, two_opinions
from numerics.programs.fragility_s_lemma import Form, form_of
from numerics.programs.fragility_search import CurvatureTable, Region
from numerics.ties import TIE, tie_tolerance
from theory.errors import InputError

FloatArray = NDArray[np.float64]
Labels = NDArray[np.int64]

MAX_REDUCED = 40  # coordinates that one move depends on, where forms come from evaluated gains
MAX_ALTERNATIVES = 40  # majorities that are looked at one by one: 4 of 7 members
CHUNK = 2_000_000  # opinions at which φ is evaluated at once: 16 MB
RANK = 1e-10  # relative, of singular values that count
ASKING = (codes.UNANIMOUS, codes.MAJORITY, codes.AGGREGATE)


@dataclass(frozen=True, eq=False)
class Case:
    """One move, and the conditions under which it is admissible.

    Attributes
    ----------
    agent, left, joined : the move; `joined` is None for founding alone.
    cost : κ of the move.
    region : the conditions as functions.
    metric : diagonal of the metric in which the forms are.
    alternatives : of a quadratic φ, lists of forms, gain less cost first; the move is admissible where all the forms of
        one list are non-negative.  No lists for other φ.
    is_complete : whether that is so; otherwise acceptance asks for more than the forms do.
    changed : from a point to the nearest opinions with that change.
    two : the mixtures, where two opinions decide.
    reach : unit of distances.
    tie : the tolerance of ties at the opinions' consensus.
    """

    agent: int
    left: int
    joined: int | None
    cost: float
    region: Region
    metric: tuple[Fraction, ...]
    alternatives: tuple[tuple[Form, ...], ...]
    is_complete: bool
    changed: Callable[[FloatArray], FloatArray]
    two: TwoOpinions | None
    reach: float
    tie: float


def limit_model(model: Model, labels: Labels, opinions: FloatArray | None = None) -> Model:
    """Return the model at the tactical equilibrium of the opinions given, or of its own.

    The innate opinions stay those of the model, or are the opinions given if the model has none.  Those need not be
    where φ is defined, as long as their consensus is.
    """
    x = np.asarray(model.opinions if opinions is None else opinions, dtype=np.float64)
    innate = model.innate_opinions if model.innate_opinions is not None else x
    plain = Model(x, 0.0, influence=model.influence, stubbornness=model.stubbornness, innate_opinions=innate)
    return model.replace(opinions=tactical_limit(plain, labels), innate_opinions=innate if model.is_stubborn else None)


def rule_of(model: Model, size: int) -> tuple[int, float]:
    """Return the code and the threshold of acceptance by a coalition; an adaptive rule is taken at its start."""
    rule = rule_arrays(model.acceptance)
    return int(rule[0]), float(threshold_of(rule, 0.0, 0.0, 0.0, 0.0, float(size)))


class Cases:
    """The cases of a model and a structure."""

    def __init__(self, model: Model, labels: Labels) -> None:
        self.model, self.labels = model, labels
        self.x = np.asarray(model.opinions, dtype=np.float64)
        self.coalitions = members_of(labels)
        spread = float(np.max(np.ptp(self.x.reshape(len(labels), -1), axis=0)))
        self.unit = max(spread, float(np.max(np.abs(self.x)))) or 1.0
        self.tie = tie_tolerance(limit_model(model, labels), labels)
        self._pairs: dict[tuple[int, ...], _Evaluated] = {}

    def case(self, agent: int, left: int, joined: int | None, cost: float) -> Case | None:
        """Return the case of a move, or None if the opinions have no influence on whether it is admissible."""
        code, threshold = codes.OPEN, 0.0
        if joined is not None:
            size = len(self.coalitions[joined])
            code, threshold = rule_of(self.model, size)
            if code == codes.CAPACITY and not size < threshold:
                return None
        members = self.coalitions[joined] if joined is not None else None
        two = two_opinions(self.model, agent, self.coalitions[left], members, code in ASKING)
        if two is not None:
            return self._mixed(agent, left, joined, cost, two, code, threshold)
        return self._evaluated(agent, left, joined, cost, code, threshold)

    # --- two opinions ---------------------------------------------------------------------------------------------

    def _mixed(
        self, agent: int, left: int, joined: int | None, cost: float, two: TwoOpinions, code: int, threshold: float
    ) -> Case:
        if code == codes.AGGREGATE:
            two = replace(two, members=(_mean(two.members),))
        needed = None
        if code == codes.MAJORITY and len(two.members) > 1:
            needed = len(two.members) // 2 + 1
        radius = threshold if code == codes.BOUNDED_CONFIDENCE else None
        less = np.array([cost] + [threshold] * len(two.members))
        functions = _Mixed(self.model, two, less, radius)
        forms: list[Form] = []
        if self.model.quadratic_form is not None:
            pairs = [(two.gain, cost), *((mixture, threshold) for mixture in two.members)]
            forms = [quadratic_of(mixture, two, self.model, Fraction(value)) for mixture, value in pairs]
            if radius is not None:
                forms.append(nearness_of(two, Fraction(radius)))
        region = Region(len(two.metric), functions.values, needed)
        size = max(len(weights) for weights in two.weights)
        return Case(
            agent, left, joined, cost, region, two.metric, *_alternatives(tuple(forms), needed),
            lambda point: two.changed(self.x, point), two, self.unit * size**0.5, self.tie,
        )  # fmt: skip

    def bounded(self, case: Case, table: CurvatureTable) -> Region:
        """Return the region of a case of two opinions with bounds on boxes; φ'' is enclosed by the table."""
        assert case.two is not None
        code, threshold = (
            (codes.OPEN, 0.0) if case.joined is None else rule_of(self.model, len(self.coalitions[case.joined]))
        )
        radius = threshold if code == codes.BOUNDED_CONFIDENCE else None
        less = np.array([case.cost] + [threshold] * len(case.two.members))
        functions = _Mixed(self.model, case.two, less, radius)
        return replace(case.region, bounds=lambda boxes, half: functions.bounds(boxes, half, table))

    # --- any model ------------------------------------------------------------------------------------------------

    def _evaluated(
        self, agent: int, left: int, joined: int | None, cost: float, code: int, threshold: float
    ) -> Case | None:
        key = (left,) if joined is None else (min(left, joined), max(left, joined))
        if key not in self._pairs:
            self._pairs[key] = _Evaluated(self.model, self.labels, key)
        pair = self._pairs[key]
        if pair.dimension == 0:
            return None  # stubborn agents who hold on to innate opinions: no change of opinions matters
        members = self.coalitions[joined] if joined is not None else []
        needed = len(members) // 2 + 1 if code == codes.MAJORITY and len(members) > 1 else None
        moved = self.labels.copy()
        moved[agent] = -1 if joined is None else joined
        column = joined if joined is not None else len(self.coalitions)

        def values(points: FloatArray) -> FloatArray:
            return np.array([conditions(point) for point in points])

        def conditions(point: FloatArray) -> list[float]:
            try:
                there, gains = pair.at(point)
                out = [float(gains[agent, column]) - cost]
                if code in ASKING:
                    before, after = aumann_dreze_value(there, self.labels), aumann_dreze_value(there, moved)
                    gained = (after - before)[members] - threshold
                    out += [float(gained.mean())] if code == codes.AGGREGATE else gained.tolist()
                elif code == codes.BOUNDED_CONFIDENCE:
                    gap = np.asarray(there.opinions)[agent] - consensus_of_coalitions(there, self.labels)[joined]
                    out.append(threshold**2 - float(np.sum(gap**2)))
            except InputError:  # φ is not defined there
                return [-np.inf]
            return out

        first = values(np.zeros((1, pair.dimension)))
        width = first.shape[1]
        region = Region(pair.dimension, lambda points: _padded(values, points, width), needed, is_slow=True)
        forms: tuple[Form, ...] = ()
        if self.model.quadratic_form is not None:
            forms = polarised(region.slacks, pair.dimension, self._step(cost), self._noise)
            region = replace(region, slacks=_Forms(forms), is_slow=False)
        metric = (Fraction(1),) * pair.dimension
        size = max(len(self.coalitions[c]) for c in key)
        return Case(agent, left, joined, cost, region, metric, *_alternatives(forms, needed), pair.changed, None,
                    self.unit * size**0.5, self.tie)  # fmt: skip

    def _step(self, cost: float) -> float:
        """A distance at which gains are of the size of what they are compared with: a power of two."""
        assert self.model.quadratic_form is not None
        _, _, matrix = self.model.quadratic_form
        bend = float(np.max(np.abs(matrix)))
        length = max(self.unit, (abs(cost) / bend) ** 0.5 if bend > 0 else 0.0)
        return float(2.0 ** np.ceil(np.log2(length)))

    def _noise(self, step: float) -> float:
        """The tolerance of ties for opinions that far away."""
        far = np.concatenate([self.x.reshape(-1) + step, self.x.reshape(-1) - step])
        far = far.reshape(2, *self.x.shape)
        return max(tie_tolerance(self.model.replace(opinions=x)) for x in far)


def _alternatives(forms: tuple[Form, ...], needed: int | None) -> tuple[tuple[tuple[Form, ...], ...], bool]:
    """Every least majority of members with the gain; the gain alone, which is not complete, if there are too many."""
    if not forms or needed is None:
        return ((forms,) if forms else ()), True
    if comb(len(forms) - 1, needed) > MAX_ALTERNATIVES:
        return (forms[:1],), False
    return tuple((forms[0], *some) for some in combinations(forms[1:], needed)), True


class _Forms:
    """Several forms as one function of points, instead of the payoffs that they were found from."""

    def __init__(self, forms: tuple[Form, ...]) -> None:
        self.Q = np.array([form.Q for form in forms], dtype=np.float64)
        self.b = np.array([form.b for form in forms], dtype=np.float64)
        self.c = np.array([form.c for form in forms], dtype=np.float64)

    def __call__(self, points: FloatArray) -> FloatArray:
        square = np.sum((points @ self.Q) * points, axis=2).T
        return np.asarray(square + 2 * points @ self.b.T + self.c)


class _Mixed:
    """The conditions of a move that depends on two opinions, and their bounds on boxes."""

    def __init__(self, model: Model, two: TwoOpinions, less: FloatArray, radius: float | None) -> None:
        self.model, self.two, self.less, self.radius = model, two, less, radius

    def values(self, points: FloatArray) -> FloatArray:
        """(N, conditions) values; φ undefined gives NaN."""
        rows = max(1, CHUNK // max(1, len(self.two.shares)))
        parts = [self._values(points[k : k + rows]) for k in range(0, len(points), rows)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.less) + (self.radius is not None)))

    def _values(self, points: FloatArray) -> FloatArray:
        mixed = self.two.mixed(points)
        phi = self.model.compiled(mixed[..., 0] if self.model.dimension == 1 else mixed)
        with np.errstate(invalid="ignore", over="ignore"):  # φ undefined or out of range: NaN, which breaks nothing
            out = np.asarray(phi @ self.two.coefficients.T - self.less)
        return out if self.radius is None else np.column_stack([out, self.radius - self._gap(points)])

    def _gap(self, points: FloatArray) -> FloatArray:
        consensus = self.two.consensus(points)
        return np.asarray(np.linalg.norm(consensus[:, 0] - consensus[:, 1], axis=1))

    def bounds(self, boxes: FloatArray, half: float, table: CurvatureTable) -> FloatArray:
        """(N, conditions) upper bounds on boxes; one coordinate per opinion."""
        rows = max(1, CHUNK // max(1, len(self.two.shares)))
        parts = [self._bounds(boxes[k : k + rows], half, table) for k in range(0, len(boxes), rows)]
        return np.concatenate(parts)

    def _bounds(self, boxes: FloatArray, half: float, table: CurvatureTable) -> FloatArray:
        phi, t, alpha = self.model.compiled, self.two.shares, self.two.coefficients
        u = self.two.mixed(boxes)[..., 0]
        widths = half / np.sqrt(np.array(self.two.metric, dtype=np.float64))  # of c_C, and of c_D
        parts = [t, 1 - t] if len(widths) == 2 else [t]
        e = sum(part * width for part, width in zip(parts, widths, strict=True))
        values, slopes = phi(u), phi.slope(u.ravel()).reshape(u.shape)
        least, greatest = table.extremes(u - e, u + e)
        out = values @ alpha.T - self.less
        for part, width in zip(parts, widths, strict=True):
            out += np.abs((slopes * part) @ alpha.T) * width
        square = 0.5 * e**2
        out += (square * np.maximum(greatest, 0)) @ np.maximum(alpha, 0).T
        out += (square * np.maximum(-least, 0)) @ np.maximum(-alpha, 0).T
        # rounding: TIE is 64 units in the last place of the numbers that are added up
        out += TIE * (np.abs(values) @ np.abs(alpha).T + np.abs(self.less))
        out += TIE * ((np.abs(slopes) * np.abs(u)) @ np.abs(alpha).T)
        if self.radius is not None:
            gap = np.maximum(self._gap(boxes) - float(widths.sum()), 0.0)
            out = np.column_stack([out, self.radius * (1 + TIE) - gap])
        return np.asarray(np.where(np.isnan(out), np.inf, out))


class _Evaluated:
    """Gains of the moves between two coalitions (or out of one) as functions of a change of the opinions."""

    def __init__(self, model: Model, labels: Labels, pair: tuple[int, ...]) -> None:
        self.model, self.labels = model, labels
        self.x = np.asarray(model.opinions, dtype=np.float64)
        self.basis = _basis(model, labels, np.flatnonzero(np.isin(labels, pair)))
        self.dimension = self.basis.shape[1] * model.dimension
        if self.dimension > MAX_REDUCED:
            problem = f"agents in two coalitions make gains that depend on {self.dimension} numbers"
            advice = f"use coalitions for which it is at most {MAX_REDUCED}, or fewer stubborn agents"
            raise InputError("structure", int(np.isin(labels, pair).sum()), problem, advice)
        self._known: dict[bytes, tuple[Model, FloatArray]] = {}

    def changed(self, point: FloatArray) -> FloatArray:
        """Return the opinions after a change."""
        step = self.basis @ point.reshape(self.basis.shape[1], -1)
        return np.asarray(self.x + step.reshape(self.x.shape))

    def at(self, point: FloatArray) -> tuple[Model, FloatArray]:
        """Return the model at its tactical equilibrium after a change, and all gains."""
        key = point.tobytes()
        if key not in self._known:
            there = limit_model(self.model, self.labels, self.changed(point))
            self._known[key] = there, moves(there, self.labels).gains
        return self._known[key]


def _basis(model: Model, labels: Labels, members: NDArray[np.int64]) -> FloatArray:
    """Return (n, r) orthonormal changes that span all that the limit (and innate opinions that follow x) depend on."""
    n = model.n_agents
    follows = model.is_stubborn and model.innate_opinions is None
    innate = None if follows or not model.is_stubborn else np.zeros(n)
    plain = Model(np.zeros(n), 0.0, influence=model.influence, stubbornness=model.stubbornness, innate_opinions=innate)
    units = np.zeros((len(members), n))
    units[np.arange(len(members)), members] = 1.0
    rows = np.column_stack([tactical_limit(plain.replace(opinions=unit), labels)[members] for unit in units])
    if follows:
        rows = np.concatenate([rows, np.eye(len(members))])
    _, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    return np.asarray(units.T @ directions[sizes > RANK * max(1.0, float(sizes[0]))].T)


def polarised(
    functions: Callable[[FloatArray], FloatArray], dimension: int, step: float, noise: Callable[[float], float]
) -> tuple[Form, ...]:
    """Return quadratic functions as forms, from their values at 0, ±h e_i and h(e_i + e_j), h = `step`.

    b_i = (q(he_i) - q(-he_i))/4h,  Q_ii = (q(he_i) + q(-he_i) - 2q(0))/2h²,
    Q_ij = (q(he_i + he_j) - q(he_i) - q(he_j) + q(0))/2h².
    """
    axes = step * np.eye(dimension)
    pairs = [(i, j) for i in range(dimension) for j in range(i)]
    mixed = np.array([axes[i] + axes[j] for i, j in pairs]).reshape(-1, dimension)
    values = functions(np.concatenate([np.zeros((1, dimension)), axes, -axes, mixed]))
    at, plus, minus = values[0], values[1 : dimension + 1], values[dimension + 1 : 2 * dimension + 1]
    both = values[2 * dimension + 1 :]
    tolerance = 4 * noise(step)
    forms = []
    for k in range(values.shape[1]):
        b = (plus[:, k] - minus[:, k]) / (4 * step)
        Q = np.diag((plus[:, k] + minus[:, k] - 2 * at[k]) / (2 * step**2))
        for (i, j), value in zip(pairs, both[:, k], strict=True):
            Q[i, j] = Q[j, i] = (value - plus[i, k] - plus[j, k] + at[k]) / (2 * step**2)
        Q[np.abs(Q) <= tolerance / (2 * step**2)] = 0.0
        b[np.abs(b) <= tolerance / (4 * step)] = 0.0
        forms.append(form_of(Q, b, at[k] if abs(at[k]) > tolerance else 0.0))
    return tuple(forms)


def _padded(values: Callable[[FloatArray], FloatArray], points: FloatArray, width: int) -> FloatArray:
    """Values of the conditions, -∞ in every column where φ is not defined."""
    out = np.full((len(points), width), -np.inf)
    for i in range(len(points)):
        row = values(points[i : i + 1])[0]
        out[i, : len(row)] = row
    return out


def _mean(mixtures: tuple[Mixture, ...]) -> Mixture:
    """The average of mixtures."""
    total: Mixture = {}
    for mixture in mixtures:
        for t, a in mixture.items():
            total[t] = total.get(t, Fraction(0)) + a / len(mixtures)
    return total
