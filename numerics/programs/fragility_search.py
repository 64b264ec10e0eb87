"""The nearest point at which several functions are non-negative: branch and bound, and local search.

Points are changes of the reduced opinions, in coordinates in which the metric is Euclidean.

Branch and bound covers the ball of radius R by boxes.  A box is done with once an upper bound of one of the functions
on it is negative, or it lies outside the best radius found; what is left is halved.  On a box with centre y a mixture
Σ α_j φ(u_j) of functions of one opinion is at most

    Σ α_j φ(u_j) + Σ_k |∂_k| h_k + ½ Σ_j max over the box of (α_j φ'')⁺ e_j²,

e_j the half-width of u_j on it and φ'' enclosed by interval arithmetic (`theory.intervals`).  Sums are in floating
point, with the tolerance of ties (`numerics.ties`) as their margin.

Local search follows rays outwards to where all functions are first non-negative, and improves the nearest such points
by sequential quadratic programming.  It proves nothing.

References
----------
A. H. Land and A. G. Doig, Econometrica 28:497, 1960; R. E. Moore, "Interval Analysis", 1966; D. Kraft, "A software
package for sequential quadratic programming", DFVLR-FB 88-28, 1988 (SLSQP).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sympy import Rational

from numerics.expressions import CompiledPerformance
from numerics.kernels.ties import TIE
from theory.intervals import enclose_range, without_abs

FloatArray = NDArray[np.float64]

GRID = 8  # boxes along each axis to start with
MAX_BOXES = 100_000  # at one level: a second
MAX_LEVELS = 40
CLOSE = 1e-8  # relative, between the bounds, where branch and bound stops
PIECES = 64  # of an interval, on which φ'' is enclosed
RADII = 2.0 ** np.arange(-8, 8.25, 0.25)  # of the points on a ray, in units of the scale
RAYS, FEW_RAYS = 96, 12  # to follow
STARTS, FEW_STARTS = 4, 2  # of the sequential quadratic programming
STEPS, FEW_STEPS = (
    32,
    8,
)  # bisections of a quarter of an octave of a ray, where the point is improved later or not at all


@dataclass(frozen=True, eq=False)
class Region:
    """Where an agent may and wants to move: the points at which enough of some functions are non-negative.

    Attributes
    ----------
    dimension : of the points.
    slacks : (N, dimension) points to (N, K) values: gain less cost, then what acceptance asks for; NaN where undefined.
    needed : how many of the values after the first must be non-negative; None for all.
    bounds : centres of boxes and their half-width to (N, K) upper bounds on the boxes, if there are any.
    is_slow : whether values take all payoffs anew; then fewer points are tried.
    """

    dimension: int
    slacks: Callable[[FloatArray], FloatArray]
    needed: int | None = None
    bounds: Callable[[FloatArray, float], FloatArray] | None = None
    is_slow: bool = False

    def margin(self, points: FloatArray) -> FloatArray:
        """Return a number for each point that is non-negative exactly in the region."""
        return self.margin_of(self.slacks(points))

    def margin_of(self, values: FloatArray) -> FloatArray:
        """The same from the values of the functions."""
        values = np.where(np.isnan(values), -np.inf, values)
        if self.needed is None or self.needed == 0:
            return np.asarray(values.min(axis=1) if self.needed is None else values[:, 0])
        asked = np.sort(values[:, 1:], axis=1)[:, -self.needed]
        return np.minimum(values[:, 0], asked)


class Found(NamedTuple):
    """A lower bound of the least distance, and the nearest point found with its distance (none: infinity)."""

    lower: float
    upper: float
    point: FloatArray | None


# --- Local search -------------------------------------------------------------------------------------------------


def local_search(region: Region, scale: float, seed: int, improves: bool = True) -> Found:
    """Return the nearest point found; its lower bound is 0.

    `scale` is the unit of distances: rays are followed from 2⁻⁸ to 2⁸ of it.  Without improvement the nearest points
    on the rays are all there is.
    """
    directions = _directions(region.dimension, FEW_RAYS if region.is_slow else RAYS, seed)
    radii = scale * (RADII[::4] if region.is_slow else RADII)
    n_starts, steps = (STARTS, STEPS) if improves and not region.is_slow else (FEW_STARTS, FEW_STEPS)
    points = directions[:, None, :] * radii[None, :, None]
    margins = region.margin(points.reshape(-1, region.dimension)).reshape(points.shape[:2])
    inside = margins >= 0
    hit = inside.any(axis=1)
    starts = points.reshape(-1, region.dimension)[np.argsort(-margins.ravel())[:n_starts]]
    best = Found(0.0, np.inf, None)
    if hit.any():
        first = inside[hit].argmax(axis=1)
        far = radii[first]
        near = np.where(first > 0, radii[np.maximum(first - 1, 0)], 0.0)
        edges = _bisected(region, directions[hit], near, far, steps)
        starts = edges[np.argsort(np.linalg.norm(edges, axis=1))][:n_starts]
        best = _nearer(best, starts[0])
    for start in starts if improves else starts[:0]:
        improved = improve(region, start)
        if improved is not None:
            best = _nearer(best, improved)
    return best


def improve(region: Region, start: FloatArray) -> FloatArray | None:
    """Return a point of the region near a local minimum of the distance, from a start near it; None if none is."""
    from scipy.optimize import minimize

    unit = float(np.linalg.norm(start)) or 1.0
    size = float(np.max(np.abs(region.slacks(np.zeros((1, region.dimension))))))
    size = size if np.isfinite(size) and size > 0 else 1.0

    def constraint(y: FloatArray) -> FloatArray:
        values = region.slacks(unit * y[None])
        values = values[0] if region.needed is None else region.margin_of(values)
        return np.asarray(np.where(np.isfinite(values), values / size, -1e3))

    with np.errstate(all="ignore"):
        answer = minimize(
            lambda y: float(y @ y), start / unit, jac=lambda y: 2 * y, method="SLSQP",
            constraints=[{"type": "ineq", "fun": constraint}], options={"ftol": 1e-14, "maxiter": 40},
        )  # fmt: skip
    if not np.all(np.isfinite(answer.x)):
        return None
    found = np.asarray(answer.x, dtype=np.float64) * unit
    for stretch in (0.0, 1e-13, 1e-11, 1e-9, 1e-7):  # rounding may have left it just outside
        moved = found * (1 + stretch)
        if region.margin(moved[None])[0] >= 0:
            return moved
    return None


def _bisected(region: Region, directions: FloatArray, near: FloatArray, far: FloatArray, steps: int) -> FloatArray:
    """Return the points on rays between `near`, outside, and `far`, inside, that are the first inside."""
    for _ in range(steps):
        middle = 0.5 * (near + far)
        inside = region.margin(directions * middle[:, None]) >= 0
        near, far = np.where(inside, near, middle), np.where(inside, middle, far)
    return np.asarray(directions * far[:, None])


def _directions(dimension: int, rays: int, seed: int) -> FloatArray:
    if dimension == 1:
        return np.array([[1.0], [-1.0]])
    if dimension == 2:
        angles = 2 * np.pi * (np.arange(rays) + 0.5) / rays
        return np.column_stack([np.cos(angles), np.sin(angles)])
    drawn = np.random.default_rng(seed).normal(size=(rays, dimension))
    axes = np.eye(dimension)
    drawn = np.concatenate([axes, -axes, drawn])
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def _nearer(best: Found, point: FloatArray) -> Found:
    distance = float(np.linalg.norm(point))
    return Found(best.lower, distance, point) if distance < best.upper else best


# --- Branch and bound ---------------------------------------------------------------------------------------------


def branch_and_bound(region: Region, reach: float, best: Found) -> Found:
    """Return bounds of the least distance, if it is below `reach` and below that of the best point known.

    The lower bound of the result is the smaller of the two where nothing nearer exists.
    """
    assert region.bounds is not None
    width = min(reach, best.upper)
    half = width / GRID
    axis = -width + half * (2 * np.arange(GRID) + 1)
    boxes = np.stack(np.meshgrid(*[axis] * region.dimension, indexing="ij"), axis=-1).reshape(-1, region.dimension)
    corners = np.stack(np.meshgrid(*[[-1.0, 1.0]] * region.dimension, indexing="ij"), axis=-1)
    corners = corners.reshape(-1, region.dimension)
    best = best._replace(lower=0.0)
    for level in range(MAX_LEVELS):
        limit = min(reach, best.upper * (1 - CLOSE))
        distance = np.linalg.norm(np.maximum(np.abs(boxes) - half, 0.0), axis=1)
        boxes = boxes[distance < limit]
        margins, above = _margins(region, boxes, half)
        boxes, margins = boxes[above >= 0], margins[above >= 0]
        inside = np.flatnonzero(margins >= 0)
        if len(inside):
            nearest = boxes[inside[np.argmin(np.linalg.norm(boxes[inside], axis=1))]]
            if np.linalg.norm(nearest) < best.upper:
                best = _nearer(best, nearest)
                improved = improve(region, nearest)
                if improved is not None:
                    best = _nearer(best, improved)
        if len(boxes) == 0:
            return best._replace(lower=min(reach, best.upper * (1 - CLOSE)))
        if level == MAX_LEVELS - 1 or len(boxes) * len(corners) > MAX_BOXES:
            break
        half /= 2
        boxes = (boxes[:, None, :] + half * corners[None]).reshape(-1, region.dimension)
    left = np.linalg.norm(np.maximum(np.abs(boxes) - half, 0.0), axis=1)
    return best._replace(lower=min(float(left.min()), reach, best.upper * (1 - CLOSE)))


def _margins(region: Region, boxes: FloatArray, half: float) -> tuple[FloatArray, FloatArray]:
    """Margins at the centres, and upper bounds of them on the boxes."""
    assert region.bounds is not None
    if len(boxes) == 0:
        return np.empty(0), np.empty(0)
    return region.margin(boxes), region.margin_of(region.bounds(boxes, half))


class CurvatureTable:
    """Enclosures of φ'' on 64 pieces of an interval, ready for extremes over any part of it.

    Raises
    ------
    InputError
        If φ is not shown to be twice differentiable on the interval.

    Examples
    --------
    >>> from numerics.expressions import compile_performance
    >>> from theory.expressions import parse_performance
    >>> table = CurvatureTable(compile_performance(parse_performance("-(u**2 - 1)**2")), -1.0, 1.0)
    >>> least, greatest = table.extremes(np.array([-1.0]), np.array([1.0]))
    >>> bool(-8.1 < least[0] <= -8 and 4 <= greatest[0] < 4.1)
    True
    """

    def __init__(self, phi: CompiledPerformance, lo: float, hi: float) -> None:
        self.phi = phi
        self.ends = np.linspace(lo, hi, PIECES + 1)
        self.least, self.greatest = self._enclosed(self.ends)
        self._tabulate()

    def extremes(self, lo: FloatArray, hi: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return lower and upper bounds of φ'' on intervals that the table covers."""
        first = np.clip(np.searchsorted(self.ends, lo, side="left") - 1, 0, len(self.least) - 1)
        last = np.clip(np.searchsorted(self.ends, hi, side="right") - 1, 0, len(self.least) - 1)
        level = np.log2(last - first + 1).astype(np.int64)
        other = last - (1 << level) + 1
        least = np.minimum(self._below[level, first], self._below[level, other])
        return least, np.maximum(self._above[level, first], self._above[level, other])

    def _enclosed(self, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self.phi.degree >= 0:
            return _polynomial_range(self.phi, ends)
        least, greatest = np.empty(len(ends) - 1), np.empty(len(ends) - 1)
        for i in range(len(least)):
            lo, hi = Rational(float(ends[i])), Rational(float(ends[i + 1]))
            below, above = enclose_range(without_abs(self.phi.expression, lo, hi), lo, hi)
            least[i] = np.nextafter(float(below), -np.inf)
            greatest[i] = np.nextafter(float(above), np.inf)
        return least, greatest

    def _tabulate(self) -> None:
        """Extremes over 2^level neighbouring pieces, for each level: two of them cover any interval."""
        below, above = [self.least], [self.greatest]
        for level in range(len(self.least).bit_length() - 1):
            shift = 1 << level
            for table, choose in ((below, np.minimum), (above, np.maximum)):
                longer = table[-1].copy()
                longer[:-shift] = choose(table[-1][:-shift], table[-1][shift:])
                table.append(longer)
        self._below, self._above = np.array(below), np.array(above)


def _polynomial_range(phi: CompiledPerformance, ends: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bound p = φ'' on pieces by its Taylor series at their middles: |p(m+v) - p(m)| ≤ Σ_{j≥1} |p⁽ʲ⁾(m)|/j! |v|^j."""
    middle, half = (ends[1:] + ends[:-1]) / 2 - phi.centre, np.diff(ends) / 2
    p = np.polynomial.Polynomial(phi.coefficients).deriv(2) if phi.degree >= 2 else np.polynomial.Polynomial([0.0])
    rounding = TIE * np.polynomial.Polynomial(np.abs(p.coef))(np.abs(middle) + half)
    value, slack, factor = p(middle), np.zeros(len(middle)), 1.0
    for j in range(1, p.degree() + 1):
        factor *= j
        slack += np.abs(p.deriv(j)(middle)) / factor * half**j
    return value - slack - rounding, value + slack + rounding
