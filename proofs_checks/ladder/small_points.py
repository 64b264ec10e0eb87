"""Small rational points at which a statement's hypotheses hold: where it fails, and where it holds without room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sympy import Rational

from proofs_checks.ladder.polynomials import Poly, at_point
from proofs_checks.ladder.statements import Statement

Point = dict[str, Rational]

MAX_POINTS = 6000
MAX_ZEROS = 60  # to be looked at exactly
NEAR = 1e-9  # what may be zero, relative to the sum of the terms' sizes
ALL = tuple(Rational(*pair) for pair in [(1, 1), (0, 1), (-1, 1), (2, 1), (-2, 1), (1, 2), (3, 1), (-1, 2), (-3, 1)])
SIGNED = tuple(Rational(*pair) for pair in [(1, 1), (0, 1), (2, 1), (1, 2), (3, 1), (4, 1), (1, 3), (5, 1), (1, 4)])


@dataclass(frozen=True)
class Points:
    """A counterexample if one was met, and points at which the conclusion's numerator is zero."""

    counterexample: Point | None = None
    zeros: list[Point] = field(default_factory=list)


def tried(statement: Statement) -> Points:
    """Look at small rational points, at most 6000.

    Points are sieved in floating point; those reported are decided exactly.
    """
    names = statement.names
    exact = list(_grid(statement))
    values = np.array([[float(x) for x in point] for point in exact]).reshape(len(exact), len(names))
    allowed = np.ones(len(exact), dtype=bool)
    for part in statement.given:
        number, size = _evaluated(part.numerator, values)
        allowed &= np.abs(number) <= NEAR * size if part.relation == "= 0" else number >= -NEAR * size
    number, size = _evaluated(statement.conclusion.numerator, values)
    equation = statement.conclusion.relation == "= 0"
    suspects = np.flatnonzero(allowed & ((np.abs(number) > 0) if equation else (number <= NEAR * size)))
    zeros: list[Point] = []
    for k in suspects[:MAX_POINTS]:
        point = dict(zip(names, exact[k], strict=True))
        if statement.fails(point):
            return Points(point, zeros)
        if abs(number[k]) <= NEAR * size[k] and len(zeros) < MAX_ZEROS and _is_zero(statement, point):
            zeros.append(point)
    return Points(None, zeros)


def _is_zero(statement: Statement, point: Point) -> bool:
    """Whether the numerator vanishes where hypotheses hold, strict ones possibly as equations."""
    values = [(at_point(part.numerator, point), part.relation) for part in (*statement.given, *statement.sign_parts())]
    closed = all(value == 0 if relation == "= 0" else value >= 0 for value, relation in values)
    return closed and at_point(statement.conclusion.numerator, point) == 0


def _grid(statement: Statement) -> Iterator[tuple[Rational, ...]]:
    """All points of few small values, simple ones first; in many dimensions a sample of them."""
    names = statement.names
    n = max(len(names), 1)
    per_axis = max(2, min(len(ALL), int(MAX_POINTS ** (1 / n))))
    axes = [(SIGNED if name in statement.signs else ALL)[:per_axis] for name in names]
    if per_axis**n <= MAX_POINTS:
        return itertools.product(*axes)
    rng = np.random.default_rng(0)
    axes = [SIGNED[:4] if name in statement.signs else ALL[:5] for name in names]
    draws = [rng.integers(len(axis), size=MAX_POINTS) for axis in axes]
    return (tuple(axis[k] for axis, k in zip(axes, row, strict=True)) for row in zip(*draws, strict=True))


def _evaluated(p: Poly, points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values at all points, and sums of the sizes of the terms."""
    number, size = np.zeros(len(points)), np.zeros(len(points))
    for powers, coefficient in p.to_dict().items():
        term = int(coefficient.p) / int(coefficient.q) * np.prod(points ** np.array(powers, dtype=float), axis=1)
        number, size = number + term, size + np.abs(term)
    return number, size
