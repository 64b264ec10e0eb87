"""Shrinking: from a point at which a statement fails to a simpler one, for the reader's sake.

Simpler means fewer non-zero entries, then fewer digits, then smaller numbers.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

Point = tuple[Fraction, ...]


def shrunk(point: Point, fails: Callable[[Point], bool], seconds: float = 1.0) -> Point:
    """Return a simpler point at which the statement still fails: greedily zeros, ties, small and simple fractions.

    Parameters
    ----------
    point : at which it fails
    fails : exact test
    seconds : time limit; the best point so far is returned

    Examples
    --------
    >>> print(*shrunk((Fraction(355, 113), Fraction(7)), lambda p: p[0] > 3))
    4 0
    """
    end = time.perf_counter() + seconds
    improved = True
    while improved and time.perf_counter() < end:
        improved = False
        for candidate in _simpler(point):
            if time.perf_counter() > end:
                break
            if complexity(candidate) < complexity(point) and fails(candidate):
                point, improved = candidate, True
                break
    return point


def complexity(point: Sequence[Fraction]) -> tuple[int, int, Fraction]:
    """Return (non-zero entries, digits, magnitude): compared in this order, the least is the simplest point.

    Examples
    --------
    >>> complexity([Fraction(0), Fraction(5)]) < complexity([Fraction(1), Fraction(1)])
    True
    """
    digits = sum(abs(x.numerator).bit_length() + 2 * (x.denominator.bit_length() - 1) for x in point)
    size = sum((abs(x) for x in point), Fraction(0)) + Fraction(sum(x < 0 for x in point), 1000)
    return sum(x != 0 for x in point), digits, size


def stern_brocot(x: Fraction) -> Iterator[Fraction]:
    """Yield the ancestors of a fraction in the Stern-Brocot tree, from the root: ever better approximations.

    Examples
    --------
    >>> print(*stern_brocot(Fraction(5, 7)))
    0 1 1/2 2/3 3/4 5/7
    """
    sign, x = (-1, -x) if x < 0 else (1, x)
    low, high = (0, 1), (1, 0)
    yield Fraction(0)
    for _ in range(200):
        middle = low[0] + high[0], low[1] + high[1]
        value = Fraction(*middle)
        if value == x or x == 0:
            break
        yield sign * value
        low, high = (middle, high) if value < x else (low, middle)
    if x != 0:
        yield sign * x


def _simpler(point: Point) -> Iterator[Point]:
    for i in range(len(point)):
        if point[i]:
            yield (*point[:i], Fraction(0), *point[i + 1 :])
    scales = {abs(x) for x in point if x not in (0, 1, -1)}
    for scale in sorted(scales):
        yield tuple(x / scale for x in point)
    for shift in sorted(set(point) - {Fraction(0)}, key=abs):
        yield tuple(x - shift for x in point)
    for i, x in enumerate(point):
        for value in itertools.chain(
            map(Fraction, (1, -1, 2, -2, 3, -3, 4, -4)), itertools.islice(stern_brocot(x), 12)
        ):
            yield (*point[:i], value, *point[i + 1 :])
    for i, j in itertools.permutations(range(len(point)), 2):
        yield (*point[:i], point[j], *point[i + 1 :])
