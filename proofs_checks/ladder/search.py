"""Search: points at which a sentence may fail, simplest first, then where floating point says that it fails most.

What floating point finds proves nothing: it is rounded to simple rationals, and only a rational point at which the
sentence fails exactly is a counterexample.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.optimize import minimize

from proofs_checks.ladder.evaluation import Sentence, compiled
from proofs_checks.ladder.shrinking import Point
from proofs_checks.ladder.shrinking import shrunk as shrunk  # what a search finds is shrunk
from theory.declarations import Variable

SIMPLE = tuple(Fraction(*pair) for pair in (
    (0, 1), (1, 1), (-1, 1), (2, 1), (1, 2), (-2, 1), (-1, 2), (3, 1), (-3, 1), (1, 3), (-1, 3), (3, 2), (2, 3),
    (4, 1), (1, 4), (-4, 1), (5, 1), (-5, 1), (1, 5), (3, 4), (1, 10), (9, 10), (10, 1), (-10, 1), (100, 1), (1, 100),
))  # fmt: skip
STARTS = 2048  # random points of one round
REFINED = 6  # of which so many are improved locally
DENOMINATORS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 60, 100, 1000, 10**4, 10**6, 10**9)


@dataclass(frozen=True)
class Worst:
    """The point at which a violation is largest, as far as a search in floating point saw.

    Attributes
    ----------
    violation : float
        Positive if the sentence seems to fail there; -inf if no point satisfied the hypotheses.
    point : tuple of floats, or None
    tried : int
        Number of points that satisfied the hypotheses.
    counterexample : tuple of fractions, or None
        A rational point near `point` at which the sentence fails exactly.
    """

    violation: float
    point: tuple[float, ...] | None
    tried: int
    counterexample: Point | None = None


def simplest(sentence: Sentence, seconds: float = 1.0, limit: int = 20_000) -> Iterator[Point]:
    """Yield points of simple rationals that satisfy the hypotheses, simplest first.

    The free variables run through short lists (0, 1, -1, 2, 1/2, …), ordered by the sum of the ranks.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x y real")
    >>> sentence = Sentence(V, parse_relations("x + y == 1", V), parse_relations("x <= 2", V)[0])
    >>> print(*next(p for p in simplest(sentence) if sentence.fails(p)))
    3 -2
    """
    end = time.perf_counter() + seconds
    lists = [_values(sentence.variables[i]) for i in sentence.free]
    for tried, ranks in enumerate(_graded([len(values) for values in lists])):
        if tried >= limit or (tried % 64 == 63 and time.perf_counter() > end):
            return
        point = sentence.point([values[rank] for values, rank in zip(lists, ranks, strict=True)])
        if point is not None and sentence.admits(point):
            yield point


def adversarial(sentence: Sentence, seed: int = 0, seconds: float = 1.0) -> Worst:
    """Return the point at which the conclusion is violated most, in floating point.

    Random starts on several scales, on bounds and at ties of variables; the worst are improved by Nelder-Mead under
    a penalty for violated hypotheses.  The search ends early where a rational point confirms a violation exactly.

    Parameters
    ----------
    sentence : what should fail
    seed : of the starts
    seconds : time limit, checked between starts

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real")
    >>> sentence = Sentence(V, (), parse_relations("(x - 1/7)**2 >= 1/10000", V)[0])
    >>> print(*adversarial(sentence).counterexample)
    1/7
    """
    end = time.perf_counter() + seconds
    rng = np.random.default_rng(seed)
    objective, slack = _objective(sentence)
    worst, tried = Worst(-np.inf, None, 0), 0

    def better(worst: Worst, violation: float, point: np.ndarray) -> Worst:
        if not np.isfinite(violation) or violation <= worst.violation:
            return worst
        floats = tuple(float(x) for x in point)
        return Worst(float(violation), floats, tried, rounded(sentence, floats) if violation > 0 else None)

    for round_ in itertools.count():
        starts = _starts(sentence, rng, round_)
        with np.errstate(all="ignore"):
            whole = sentence.points(starts)
            excess = slack(whole)
            score = np.where(excess <= 0, objective(whole), -np.inf)
            rank = np.nan_to_num(np.where(excess <= 0, score, -1e100 * (1 + excess)), nan=-np.inf)
        tried += int((excess <= 0).sum())
        for index in np.argsort(-rank, kind="stable")[:REFINED]:
            worst = better(worst, score[index], whole[index])
            if worst.counterexample is not None or time.perf_counter() > end or not sentence.free:
                break
            improved = _improved(sentence, objective, slack, starts[index])
            with np.errstate(all="ignore"):
                point = sentence.points(improved[None, :])
                if slack(point)[0] <= 1e-9:  # rounding decides
                    worst = better(worst, float(objective(point)[0]), point[0])
        if worst.counterexample is not None or time.perf_counter() > end or not sentence.free:
            break
    return Worst(worst.violation, worst.point, tried, worst.counterexample)


def rounded(sentence: Sentence, point: Sequence[float]) -> Point | None:
    """Return a simple rational point near `point` at which the sentence fails exactly, if rounding finds one.

    Examples
    --------
    >>> from theory.declarations import parse_variables
    >>> from theory.relations import parse_relations
    >>> V = parse_variables("x real")
    >>> sentence = Sentence(V, (), parse_relations("(x - 1/7)**2 >= 1/10000", V)[0])
    >>> print(*rounded(sentence, [0.1428]))
    1/7
    """
    chosen = [(Fraction(point[i]), sentence.variables[i].integer) for i in sentence.free]
    for denominator in DENOMINATORS:
        values = [Fraction(round(x)) if whole else x.limit_denominator(denominator) for x, whole in chosen]
        candidate = sentence.point(values)
        if candidate is not None and sentence.fails(candidate):
            return candidate
    return None


def _values(variable: Variable) -> list[Fraction]:
    if variable.integer:
        least = variable.least
        return [Fraction(int(least) + i) for i in range(40)] if least is not None else [
            Fraction(sign * i) for i in range(20) for sign in ((1, -1) if i else (1,))
        ]  # fmt: skip
    shift = Fraction(0) if variable.least is None else Fraction(int(variable.least.p), int(variable.least.q))
    values = [x + shift for x in SIMPLE] + [x for x in SIMPLE if shift]
    return [x for i, x in enumerate(values) if variable.admits(x) and x not in values[:i]]


def _graded(lengths: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield all tuples of ranks below the lengths, by their sum."""

    def of_sum(total: int, place: int) -> Iterator[tuple[int, ...]]:
        if place == len(lengths):
            if total == 0:
                yield ()
            return
        room = sum(n - 1 for n in lengths[place + 1 :])
        for rank in range(max(0, total - room), min(total, lengths[place] - 1) + 1):
            for rest in of_sum(total - rank, place + 1):
                yield (rank, *rest)

    for total in range(sum(n - 1 for n in lengths) + 1):
        yield from of_sum(total, 0)


def _objective(sentence: Sentence) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """Return the violation of the conclusion and the largest violation of a hypothesis, at points one a row."""
    claim = compiled(sentence.conclusion.expression, sentence.symbols, exactly=False)
    sign = sentence.conclusion.sign
    rows = [(compiled(h.expression, sentence.symbols, exactly=False), h.sign) for h in sentence.hypotheses]

    def objective(points: np.ndarray) -> np.ndarray:
        value = np.broadcast_to(claim(list(points.T)), (len(points),))
        return np.abs(value) if sign == "= 0" else -np.abs(value) if sign == "!= 0" else -value

    def slack(points: np.ndarray) -> np.ndarray:
        columns = list(points.T)
        total = np.where(np.isfinite(points).all(axis=1), 0.0, np.inf)
        for variable, column in zip(sentence.variables, columns, strict=True):
            if variable.least is not None:
                total = np.maximum(total, float(variable.least) - column)
        for row, relation in rows:
            value = np.broadcast_to(row(columns), (len(points),))
            if relation == "!= 0":
                continue
            violation = np.abs(value) - 1e-12 if relation == "= 0" else -value
            total = np.maximum(total, np.nan_to_num(violation, nan=np.inf))
        return total

    return objective, slack


def _starts(sentence: Sentence, rng: np.random.Generator, round_: int) -> np.ndarray:
    """Return random values of the free variables: several scales, some at their bounds, at zero or tied."""
    n = len(sentence.free)
    scale = 10.0 ** rng.choice([-2.0, -1.0, 0.0, 0.0, 0.5, 1.0, 2.0, 3.0], size=(STARTS, 1))
    values = rng.standard_normal((STARTS, n)) * scale * 10.0 ** (rng.standard_normal((STARTS, n)) * 0.3 * (round_ % 3))
    values[rng.random((STARTS, n)) < 0.1] = 0.0
    if n > 1:
        tied = rng.random(STARTS) < 0.2
        i, j = rng.integers(n, size=(2, STARTS))
        rows = np.flatnonzero(tied)
        values[rows, i[rows]] = values[rows, j[rows]]
    for column, index in enumerate(sentence.free):
        variable = sentence.variables[index]
        if variable.least is not None:
            values[:, column] = float(variable.least) + np.abs(values[:, column])
        if variable.integer:
            values[:, column] = np.round(values[:, column])
    return values


def _improved(
    sentence: Sentence,
    objective: Callable[[np.ndarray], np.ndarray],
    slack: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
) -> np.ndarray:
    def loss(chosen: np.ndarray) -> float:
        with np.errstate(all="ignore"):
            whole = sentence.points(chosen[None, :])
            size = 1.0 + float(np.abs(whole).max())
            value = -float(objective(whole)[0]) / size**2 + 1e3 * max(0.0, float(slack(whole)[0])) / size
        return value if np.isfinite(value) else 1e300

    found = minimize(loss, start, method="Nelder-Mead", options={"maxfev": 150 * len(start), "adaptive": True})
    return np.asarray(found.x)
