"""Tables over all coalitions, and over all pairs of disjoint coalitions, compiled.

A coalition is a bit mask of its members.  A pair (C, D) has the ternary number T(C) + 2 T(D), T(S) = Σ_{i∈S} 3^i.
`settled` (m, n, d) holds opinions: one row if they stay as they are, otherwise row S for the members of S in S.
"""

import numpy as np
from numba import njit

from numerics.kernels.acceptance import is_near, level_of, members_agree_to, threshold_of
from numerics.kernels.codes import DONE, NO_THRESHOLD
from numerics.kernels.payoffs import coalition_payoffs


@njit(cache=True, nogil=True)
def _list(mask, who):
    """Write the members of a coalition to `who`, in order; how many."""
    count, agent = 0, 0
    while mask:
        if mask & 1:
            who[count] = agent
            count += 1
        mask >>= 1
        agent += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def payoff_table(first, last, settled, game, graph, out):
    """Write the payoff of every member of the coalitions first .. last-1 to `out` (2^n, n), NaN for others."""
    n = settled.shape[1]
    members = np.empty(n, dtype=np.int64)
    position = np.full(n, -1, dtype=np.int64)
    values, errors = np.empty(n), np.empty(n)
    for mask in range(max(first, 1), last):
        k = _list(mask, members)
        who = members[:k].copy()
        x = settled[min(mask, settled.shape[0] - 1)]
        status, _ = coalition_payoffs(who, x, game, graph, position, values[:k], errors[:k])
        if status != DONE:
            return status
        out[mask] = np.nan
        for p in range(k):
            out[mask, who[p]] = values[p]
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def _welcome(own, centre, joint, before, rule, margin, largest):
    """Whether a coalition lets an agent in, and the level up to which it does; NaN without a threshold.

    own, centre : (d,) opinion of the agent, and consensus.  joint, before : (m,) payoffs of members with and without.
    """
    m = joint.shape[0]
    threshold = threshold_of(rule, 0.0, 0.0, 0.0, 0.0, float(m))
    gap = 0.0
    for coordinate in range(own.shape[0]):
        gap += (own[coordinate] - centre[coordinate]) ** 2
    gap = np.sqrt(gap)
    gains = joint - before
    accepted = is_near(rule[0], threshold, gap, m, largest) and members_agree_to(rule[0], threshold, gains, margin)
    return accepted, np.nan if np.isnan(threshold) else level_of(rule[0], gains, gap, m)


@njit(cache=True, nogil=True, error_model="numpy")
def entry_table(settled, centres, payoffs, rule, margin, largest, accepted, level):
    """Write whether D lets i in, and its level, to `accepted` and `level` (2^n, n); opinions as given."""
    n = settled.shape[1]
    members = np.empty(n, dtype=np.int64)
    for mask in range(1, payoffs.shape[0]):
        k = _list(mask, members)
        for i in range(n):
            if mask >> i & 1:
                continue
            joint, before = np.empty(k), np.empty(k)
            for p in range(k):
                joint[p], before[p] = payoffs[mask | 1 << i, members[p]], payoffs[mask, members[p]]
            accepted[mask, i], level[mask, i] = _welcome(
                settled[0, i], centres[mask], joint, before, rule, margin, largest
            )
            if np.isnan(level[mask, i]):
                return NO_THRESHOLD
    return DONE


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _value(gain, accepted, level, extra, cost, by_level, margin):
    """What a move says of a pair: at which base cost it stops, or up to which threshold it is accepted and pays."""
    if by_level:
        return level if gain > cost + extra + margin else -np.inf
    return gain - extra if accepted else -np.inf


@njit(cache=True, nogil=True, error_model="numpy")
def single_table(settled, payoffs, game, graph, extra, cost, by_level, margin, out):
    """Write the value of founding alone to `out` (2^n,): the largest over the members; extra : (n,) beyond the base."""
    n = payoffs.shape[1]
    who, position = np.empty(1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    alone, error = np.empty(1), np.empty(1)
    for mask in range(1, payoffs.shape[0]):
        out[mask] = -np.inf
        if mask & (mask - 1) == 0:
            continue
        x = settled[min(mask, settled.shape[0] - 1)]
        for i in range(n):
            if mask >> i & 1:
                who[0] = i
                status, _ = coalition_payoffs(who, x, game, graph, position, alone, error)
                if status != DONE:
                    return status
                gain = alone[0] - payoffs[mask, i]
                out[mask] = max(out[mask], _value(gain, True, np.inf, extra[i], cost, by_level, margin))
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def pairs_as_given(payoffs, accepted, level, extra, cost, by_level, margin, ternary, out):
    """Write the value of every ordered pair, C joining D, to `out` (3^n,); opinions as given."""
    n = payoffs.shape[1]
    full = payoffs.shape[0] - 1
    members = np.empty(n, dtype=np.int64)
    for target in range(1, full):
        rest = full ^ target
        place = 2 * ternary[target]
        left = rest
        while left:
            k = _list(left, members)
            best = -np.inf
            for p in range(k):
                i = members[p]
                gain = payoffs[target | 1 << i, i] - payoffs[left, i]
                best = max(best, _value(gain, accepted[target, i], level[target, i], extra[i], cost, by_level, margin))
            out[ternary[left] + place] = best
            left = (left - 1) & rest


@njit(cache=True, nogil=True, error_model="numpy")
def pairs_at_consensus(
    first, last, settled, centres, payoffs, game, graph, rule, alike, extra, cost, by_level, margin, largest, ternary,
    out,
):  # fmt: skip
    """The same for targets first .. last-1, every coalition at its own consensus.

    alike : whether members of a coalition at its consensus cannot be told apart, so that one stands for all.
    """
    n, d = settled.shape[1], settled.shape[2]
    full = payoffs.shape[0] - 1
    members, leaving = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    position = np.full(n, -1, dtype=np.int64)
    values, errors = np.empty(n), np.empty(n)
    for target in range(max(first, 1), min(last, full)):
        rest = full ^ target
        m = _list(target, members)
        x = settled[target].copy()
        who, before = np.empty(m + 1, dtype=np.int64), np.empty(m)
        for p in range(m):
            who[p], before[p] = members[p], payoffs[target, members[p]]
        left = rest
        while left:
            k = _list(left, leaving)
            best, gain, accepted, level = -np.inf, 0.0, False, 0.0
            for p in range(k):
                i = leaving[p]
                if p == 0 or not alike:
                    for coordinate in range(d):
                        x[i, coordinate] = settled[left, i, coordinate]
                    who[m] = i
                    status, _ = coalition_payoffs(who, x, game, graph, position, values[: m + 1], errors[: m + 1])
                    if status != DONE:
                        return status
                    gain = values[m] - payoffs[left, i]
                    accepted, level = _welcome(x[i], centres[target], values[:m], before, rule, margin, largest)
                    if np.isnan(level):
                        return NO_THRESHOLD
                best = max(best, _value(gain, accepted, level, extra[i], cost, by_level, margin))
            out[ternary[left] + 2 * ternary[target]] = best
            left = (left - 1) & rest
    return DONE


@njit(cache=True, nogil=True)
def both_ways(ternary, pair):
    """Give both orders of a pair the greater of their values."""
    full = ternary.shape[0] - 1
    for target in range(1, full):
        rest = full ^ target
        left = rest
        while left > target:
            there, back = ternary[left] + 2 * ternary[target], ternary[target] + 2 * ternary[left]
            value = max(pair[there], pair[back])
            pair[there], pair[back] = value, value
            left = (left - 1) & rest
