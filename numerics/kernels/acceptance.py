"""Acceptance, compiled: whether a coalition lets an agent in.  `numerics.acceptance` says what the rules are.

A rule arrives as (code, threshold, program, registers, memory); the program has no instructions unless the rule adapts.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import AGGREGATE, BOUNDED_CONFIDENCE, CAPACITY, MAJORITY, UNANIMOUS
from numerics.kernels.history import evaluate
from numerics.kernels.ties import TIE


@njit(cache=True, nogil=True, error_model="numpy")
def threshold_of(rule, entries, exits, moves, steps, size):
    """The threshold of a rule for one coalition: a number, or computed from what has happened so far."""
    _, threshold, program, registers, _ = rule
    if program.shape[0] == 0:
        return threshold
    return evaluate(program, registers, entries, exits, moves, steps, size)


@njit(cache=True, nogil=True, error_model="numpy")
def asks_members(code):
    """Whether a rule depends on what the members gain."""
    return code in (UNANIMOUS, MAJORITY, AGGREGATE)


@njit(cache=True, nogil=True, error_model="numpy")
def is_near(code, threshold, gap, size, largest):
    """What rules that do not depend on gains say: the distance of opinions, and the size; `largest` is max |x|."""
    if code == BOUNDED_CONFIDENCE:
        return gap <= threshold + TIE * largest
    if code == CAPACITY:
        return size < threshold
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def members_agree_to(code, threshold, gains, margin):
    """What the members say: `gains` are theirs, `margin` the tolerance of ties."""
    if not asks_members(code):
        return True
    m = gains.shape[0]
    content, total = 0, 0.0
    for j in range(m):
        content += gains[j] >= threshold - margin
        total += gains[j]
    if code == UNANIMOUS:
        return content == m
    if code == MAJORITY:
        return 2 * content > m
    return total >= m * (threshold - margin)


@njit(cache=True, nogil=True, error_model="numpy")
def level_of(code, gains, gap, size):
    """The greatest threshold at which a rule accepts: `gains` of the members, distance `gap`, `size` without entrant.

    The thresholds of bounded confidence and capacity count with the opposite sign, as raising them accepts more.
    """
    if code == BOUNDED_CONFIDENCE:
        return -gap
    if code == CAPACITY:
        return -(size + 1.0)
    if not asks_members(code):
        return np.inf
    if code == UNANIMOUS:
        return np.min(gains)
    if code == MAJORITY:
        return np.sort(gains)[(size - 1) // 2]  # that many may be against it: half of an even number less one
    return np.sum(gains) / size
