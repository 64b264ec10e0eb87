"""Refinement: find the regions of a grid of labels at a fraction of its points.

A phase diagram is a label (a regime) at every point of a grid, and what it says lies at the boundaries.  Evaluate
every K-th point of each axis first: they cut the grid into boxes.  Then split a box into halves along each of its axes
wherever the evaluated points of the closed box have different labels, and evaluate the corners of the parts, until
every such box has side 1.  Whatever is left is given the label that the evaluated points of its box agree on.

Points on the faces of a box count, also those that the split of a neighbour put there: a boundary that is found
anywhere is followed into the next box, and the next, all along.  That is what makes the result exact:

**What is guaranteed.** Call a component a set of points of equal label that are connected by steps to neighbours along
the axes, as large as it goes.  Every component of the full field that holds an evaluated point comes out exactly, and
one that contains a box of K points along every axis holds one.
*Proof.* Two neighbours always lie in a common box of the final division, as boxes are closed and have integer ends.  If
one of them is evaluated and the other is not, the box was not split, so its label, which the other is given, is that
of the first; if neither is, both are given the label of the box.  Follow a path inside the component. ∎

**What is not.** A component without an evaluated point is missed and takes the label around it: an island, or a bay cut
off where it is narrow, that fits between the points of the first lattice.  Labels that are noisy near a boundary have
many components of a few points; those that lie off the boundary may be missed.

**How many points.** A split box of side 2^j holds a step between neighbours of different labels.  With M_j such closed
boxes at side 2^j in the full field, at most

    (points of the lattice) + (3^k - 2^k) Σ_{j ≥ 1} M_j

are evaluated in k dimensions; `evaluations_bound` counts it.  A straight boundary across a plane of n×n points crosses
less than 2n/2^j boxes of side 2^j, and so costs less than 10 n points whatever K, against n² in full.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.validation import integer
from theory.errors import InputError

Points = NDArray[np.int64]
Evaluate = Callable[[Points], Any]

_NONE = np.iinfo(np.int64)  # labels are in between


def refine(shape: Sequence[int], coarse: int, evaluate: Evaluate) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the labels of all points of a grid, and which of them were evaluated.

    Parameters
    ----------
    shape : number of points along each of k ≥ 1 axes.
    coarse : K, the spacing of the first lattice, a power of two of at least 2.  The last point of every axis belongs to
        the lattice too.
    evaluate : (m, k) indices of points → (m,) integer labels.  It is called once in each round, with all new points
        in the order of rows of the grid; no point is asked for twice.

    Returns
    -------
    labels : of the given shape; exact in every component that holds an evaluated point (see the module).
    computed : of the given shape, true where `evaluate` was asked.

    Raises
    ------
    InputError
        For another spacing, a shape with an empty axis, or labels that are not one integer for each point.

    Notes
    -----
    Which points are evaluated depends on the labels alone, and so does the order in which they are asked for: a call
    that was interrupted is repeated with an `evaluate` that knows the answers it has given before.  Beside the
    evaluations O(2^k log K) for each evaluated point, and O(points of the grid) for each round.

    Examples
    --------
    >>> inside = lambda points: (points[:, 0] + points[:, 1] >= 40).astype(int)
    >>> labels, computed = refine((41, 41), 8, inside)
    >>> full = inside(np.indices((41, 41)).reshape(2, -1).T).reshape(41, 41)
    >>> bool((labels == full).all()), int(computed.sum()), computed.size
    (True, 307, 1681)
    """
    shape = tuple(integer(n, f"shape[{i}]", "points", 1) for i, n in enumerate(shape))
    if not shape:
        raise InputError("shape", shape, "has no axis", "give the number of points along at least one")
    labels, computed = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    levels = _levels(shape, check_spacing(coarse))
    wanted = _grid(levels[0].marks, shape)
    while len(wanted):
        points = np.stack(np.unravel_index(wanted, shape), axis=1)
        answers = _answers(evaluate(points), len(points))
        labels.flat[wanted], computed.flat[wanted] = answers, True
        for level in levels:
            level.note(points, answers)
        wanted = _split(levels, computed)
    _fill(levels, labels, computed)
    return labels, computed


def check_spacing(coarse: object, field: str = "coarse") -> int:
    """Return the spacing of a first lattice, a power of two from 2."""
    spacing = integer(coarse, field, "points from one of the lattice to the next", 2)
    if spacing & (spacing - 1):
        raise InputError(field, coarse, "is not a power of two", "use 2, 4, 8, 16, ...: boxes are halved")
    return spacing


def evaluations_bound(field: NDArray[np.int64], coarse: int) -> int:
    """Return the bound of the module on how many points `refine` evaluates of a field of labels.

    Examples
    --------
    >>> evaluations_bound(np.zeros((17, 17), dtype=np.int64), 8)
    9
    """
    levels = _levels(field.shape, check_spacing(coarse))
    points = np.indices(field.shape).reshape(field.ndim, -1).T
    for level in levels:
        level.note(points, np.asarray(field, dtype=np.int64).ravel())
    lattice = len(_grid(levels[0].marks, field.shape))
    crossed = sum(int(level.is_mixed.sum()) for level in levels)
    return lattice + (3**field.ndim - 2**field.ndim) * crossed


@dataclass(eq=False)
class _Level:
    """Boxes of one side: those between neighbouring marks of every axis.

    Attributes
    ----------
    marks : for each axis the increasing indices where boxes begin and end; one alone on an axis of a single point.
    finer : the same for half the side.
    low, high : of the shape of the boxes, smallest and largest label of the evaluated points in the closed box.
    is_leaf : whether the box is part of the present division.
    """

    marks: list[Points]
    finer: list[Points]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    is_leaf: NDArray[np.bool_]

    @property
    def is_mixed(self) -> NDArray[np.bool_]:
        """Which boxes hold evaluated points of different labels."""
        return self.low < self.high

    def boxes_of(self, axis: int, at: Points) -> tuple[Points, Points]:
        """First and last box that holds an index of an axis: two boxes share a mark."""
        marks = self.marks[axis]
        first = np.maximum(np.searchsorted(marks, at, side="left") - 1, 0)
        last = np.minimum(np.searchsorted(marks, at, side="right") - 1, max(len(marks) - 2, 0))
        return first, last

    def note(self, points: Points, answers: NDArray[np.int64]) -> None:
        """Take note of the labels of points in all boxes that hold them."""
        for corner in product(*(self.boxes_of(axis, at) for axis, at in enumerate(points.T))):
            np.minimum.at(self.low, corner, answers)
            np.maximum.at(self.high, corner, answers)

    def parts(self, box: NDArray[np.int64]) -> list[range]:
        """For each axis the boxes of half the side that make up a box: two, or one where its side is at most 1."""
        parts = []
        for i, marks, finer in zip(box, self.marks, self.finer, strict=True):
            first, *end = np.searchsorted(finer, marks[i : i + 2]).tolist()
            parts.append(range(first, *end) if end else range(1))  # an axis of a single point has no end
        return parts


def _levels(shape: tuple[int, ...], coarse: int) -> list[_Level]:
    """Boxes of the sides K, K/2, ..., 2; those at the far ends may be smaller."""
    marks = [np.unique([*range(0, n, coarse), n - 1]) for n in shape]
    levels: list[_Level] = []
    while coarse > 1:
        finer = [np.unique(np.concatenate([m, (m[:-1] + m[1:]) // 2])) for m in marks]
        boxes = tuple(max(len(m) - 1, 1) for m in marks)
        low, high = np.full(boxes, _NONE.max, dtype=np.int64), np.full(boxes, _NONE.min, dtype=np.int64)
        levels.append(_Level(marks, finer, low, high, np.full(boxes, not levels)))
        marks, coarse = finer, coarse // 2
    return levels


def _grid(marks: list[Points], shape: tuple[int, ...]) -> Points:
    """Flat indices of all points whose coordinates are marks."""
    flat = np.zeros(1, dtype=np.int64)
    for n, at in zip(shape, marks, strict=True):
        flat = np.add.outer(n * flat, at).ravel()
    return flat


def _split(levels: list[_Level], computed: NDArray[np.bool_]) -> Points:
    """Split the boxes with different labels, and their parts where that is known; return the points they need."""
    corners: list[Points] = []
    for level, below in zip(levels, [*levels[1:], None], strict=True):
        for box in np.argwhere(level.is_leaf & level.is_mixed):
            level.is_leaf[tuple(box)] = False
            parts = level.parts(box)
            if below is not None:
                below.is_leaf[np.ix_(*parts)] = True
            ends = [fine[part.start : part.stop + 1] for part, fine in zip(parts, level.finer, strict=True)]
            corners.append(_grid(ends, computed.shape))
    if not corners:
        return np.empty(0, dtype=np.int64)
    wanted = np.unique(np.concatenate(corners))
    return wanted[~computed.flat[wanted]]


def _fill(levels: list[_Level], labels: NDArray[np.int64], computed: NDArray[np.bool_]) -> None:
    """Give every point that was not evaluated the one label of its box."""
    for level in levels:
        box = np.ix_(*(level.boxes_of(axis, np.arange(n))[0] for axis, n in enumerate(labels.shape)))
        inside = level.is_leaf[box] & ~computed
        labels[inside] = level.low[box][inside]


def _answers(given: Any, count: int) -> NDArray[np.int64]:
    answers = np.asarray(given)
    if answers.shape != (count,) or answers.dtype.kind not in "iub":
        problem = f"of {count} points returned an array of shape {answers.shape} and type {answers.dtype}"
        raise InputError("evaluate", None, problem, "return one integer for each point")
    return answers.astype(np.int64)
