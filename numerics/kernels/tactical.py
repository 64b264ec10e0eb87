"""One tactical step on a graph, and its limit on a network: passes over the edges inside coalitions.

An agent moves by the weighted mean of the differences from itself,

    (W(π) x)_i = x_i + Σ_{j∈π(i)} A_ij (x_j - x_i) / Σ_{j∈π(i)} A_ij,

so that members who agree exactly stay where they are, and an edge to oneself moves nothing.

For one step the graph is read as it is.  For many, it is laid out once: agents in the order of their coalitions,
in groups of `LANES` agents of one coalition that have about as many neighbours, and a group's neighbours row by
row, one of each agent at a time.  The lanes are independent sums, which keep a processor busy where a single sum
waits for each addition; neighbours are numbered inside the coalition, so that 16 bits do for most; and the
weights are left out where all the neighbours of an agent weigh the same.  A group whose agents differ in
neighbours is filled up with the agent itself.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import DONE
from numerics.kernels.limits import graph_limit

LANES = 8
WINDOW = 4096  # agents that are sorted by number of neighbours; their opinions fit the first-level cache


# Grouping by coalition


@njit(cache=True, nogil=True, error_model="numpy")
def by_coalition(labels, starts, order):
    """Fill `order` with the agents, coalition after coalition and ascending inside, and `starts` with where they begin.

    starts: (K+1,).
    """
    starts[:] = 0
    for i in range(labels.shape[0]):
        starts[labels[i] + 1] += 1
    for c in range(starts.shape[0] - 1):
        starts[c + 1] += starts[c]
    free = starts[:-1].copy()
    for i in range(labels.shape[0]):
        order[free[labels[i]]] = i
        free[labels[i]] += 1


# One step on the graph as it is


@njit(cache=True, nogil=True, error_model="numpy")
def one_step(first, last, x, labels, indptr, indices, data, unit, equal, out):
    """Write rows first..last-1 of W(π) x.

    labels: (n,) of few bits, so that they stay in the cache.  equal: whether all weights are; they are then not read.
    """
    for i in range(first, last):
        own, label = x[i], labels[i]
        row = indices[indptr[i] : indptr[i + 1]]  # of which no place is negative, as the compiler can see
        moment, volume = 0.0, 0.0
        if equal:
            for p in range(row.shape[0]):
                j = row[p]
                weight = 1.0 if labels[j] == label else 0.0
                volume += weight
                moment += weight * (x[j] - own)
        else:
            weights = data[indptr[i] : indptr[i + 1]]
            for p in range(row.shape[0]):
                j = row[p]
                weight = unit * weights[p] if labels[j] == label else 0.0
                volume += weight
                moment += weight * (x[j] - own)
        out[i] = own + moment / volume


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def held(follow, stubbornness, innate):
    """(1-s) follow + s innate, exact where s is 0 or 1 or both agree."""
    return innate if stubbornness == 1.0 else follow + stubbornness * (innate - follow)


@njit(cache=True, nogil=True, error_model="numpy")
def hold(follow, stubbornness, innate):
    """Replace W(π) x by (1-s) W(π) x + s x(0)."""
    for i in range(follow.shape[0]):
        follow[i] = held(follow[i], stubbornness[i], innate[i])


# Limit on a network


@njit(cache=True, nogil=True, error_model="numpy")
def network_limit(x, labels, indptr, indices, data, unit, out):
    """Write W(π)^∞ x, A symmetric: on each connected component of a coalition Σ d_j x_j / Σ d_j.

    x, out: (n, d).  Components are searched breadth first; O(n d + edges).
    """
    n, d = x.shape
    reached = np.zeros(n, dtype=np.bool_)
    queue = np.empty(n, dtype=np.uint32)
    degree = np.empty(n)
    moment = np.empty(d)
    end = 0
    for first in range(n):
        if reached[first]:
            continue
        begin, volume = end, 0.0
        label = labels[first]
        reached[first] = True
        queue[end] = first
        end += 1
        head = begin
        while head < end:
            i = queue[head]
            strength = 0.0
            for p in range(indptr[i], indptr[i + 1]):
                j = indices[p]
                if labels[j] == label:
                    strength += unit * data[p]
                    if not reached[j]:
                        reached[j] = True
                        queue[end] = j
                        end += 1
            degree[head] = strength
            volume += strength
            head += 1
        moment[:] = 0.0
        for h in range(begin, end):
            share = degree[h] / volume
            for q in range(d):
                moment[q] += share * (x[queue[h], q] - x[first, q])
        for q in range(d):
            moment[q] += x[first, q]
        for h in range(begin, end):
            for q in range(d):
                out[queue[h], q] = moment[q]


# Limit on any graph


@njit(cache=True, nogil=True, error_model="numpy")
def graph_limits(starts, order, x, symmetric, indptr, indices, data, yielding, innate, out):
    """Write the limit opinions of all coalitions; return one that has not converged, or -1."""
    position = np.full(x.shape[0], -1)
    for c in range(starts.shape[0] - 1):
        who = order[starts[c] : starts[c + 1]]
        if graph_limit(who, x, symmetric, indptr, indices, data, yielding, innate, position, out) != DONE:
            return c
    return -1


# Laying the graph out


@njit(cache=True, nogil=True, error_model="numpy")
def neighbours(labels, indptr, indices, data, unit, count, volume):
    """Count each agent's neighbours in its coalition, itself apart; sum its weights there, itself included.

    Returns whether all neighbours of an agent weigh the same, for every agent.
    """
    same = True
    for i in range(labels.shape[0]):
        label, number, total, weight = labels[i], 0, 0.0, 0.0
        for p in range(indptr[i], indptr[i + 1]):
            j = indices[p]
            if labels[j] == label:
                total += unit * data[p]
                if j != i:
                    same = same and (number == 0 or data[p] == weight)
                    weight = data[p]
                    number += 1
        count[i], volume[i] = number, total
    return same


@njit(cache=True, nogil=True, error_model="numpy")
def sort_windows(starts, count, order):
    """Sort the members of each coalition by number of neighbours, a window of them at a time."""
    for c in range(starts.shape[0] - 1):
        for a in range(starts[c], starts[c + 1], WINDOW):
            b = min(a + WINDOW, starts[c + 1])
            part = order[a:b].copy()
            ranks = np.argsort(count[part], kind="mergesort")
            for k in range(b - a):
                order[a + k] = part[ranks[k]]


@njit(cache=True, nogil=True, error_model="numpy")
def group_offsets(starts, count, order, first_group, offsets):
    """Where the rows of each group begin; the offsets are multiples of `LANES`.

    first_group: (K+1,) first group of each coalition.  offsets: (groups+1,).
    """
    g = 0
    offsets[0] = 0
    for c in range(starts.shape[0] - 1):
        first_group[c] = g
        for a in range(starts[c], starts[c + 1], LANES):
            width = 0
            for k in range(a, min(a + LANES, starts[c + 1])):
                width = max(width, count[order[k]])
            offsets[g + 1] = offsets[g] + LANES * width
            g += 1
    first_group[starts.shape[0] - 1] = g


@njit(cache=True, nogil=True, error_model="numpy")
def lay_out(
    labels, indptr, indices, data, unit, starts, order, place, volume, first_group, offsets, near, shares, scale
):  # fmt: skip
    """Fill the lanes: `near` with neighbours as numbered in their coalition, `shares` with W_ij if there are any.

    place: (n,) of each agent in `order`.  shares: as `near`, or (0,) if the neighbours of an agent weigh the same.
    scale: (n,) in `order`, what the sum over the neighbours is multiplied by: their share, or 1 if `shares` has it.
    """
    weighted = shares.shape[0] > 0
    for c in range(starts.shape[0] - 1):
        a, b = starts[c], starts[c + 1]
        for g in range(first_group[c], first_group[c + 1]):
            top = a + LANES * (g - first_group[c])
            for lane in range(LANES):
                k = min(top + lane, b - 1)  # lanes beyond the last member are filled with the last, and not used
                i = order[k]
                p = offsets[g] + lane
                if top + lane < b:
                    scale[k] = 1.0
                    for e in range(indptr[i], indptr[i + 1]):
                        j = indices[e]
                        if labels[j] == labels[i] and j != i:
                            near[p] = place[j] - a
                            share = unit * data[e] / volume[i]
                            if weighted:
                                shares[p] = share
                            else:
                                scale[k] = share
                            p += LANES
                while p < offsets[g + 1]:
                    near[p] = k - a
                    if weighted:
                        shares[p] = 0.0
                    p += LANES


# Steps on the graph laid out


@njit(cache=True, nogil=True, error_model="numpy")
def _advance(x, group, lowest, highest, offsets, near, shares, scale, stubbornness, innate, out):
    """Step the agents of groups lowest..highest-1 of a coalition of which the first group is `group`.

    x, scale, stubbornness, innate, out: those of the coalition; stubbornness (0,) if nobody is stubborn.
    """
    equal = shares.shape[0] == 0
    size = x.shape[0]
    for g in range(lowest, highest):
        top = LANES * (g - group)
        begin, end = offsets[g], offsets[g + 1]
        if top + LANES <= size:
            x0, x1, x2, x3 = x[top], x[top + 1], x[top + 2], x[top + 3]
            x4, x5, x6, x7 = x[top + 4], x[top + 5], x[top + 6], x[top + 7]
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
            row = near[begin:end]  # of which no place is negative, as the compiler can see
            if equal:
                for p in range(0, row.shape[0], LANES):
                    s0 += x[row[p]] - x0
                    s1 += x[row[p + 1]] - x1
                    s2 += x[row[p + 2]] - x2
                    s3 += x[row[p + 3]] - x3
                    s4 += x[row[p + 4]] - x4
                    s5 += x[row[p + 5]] - x5
                    s6 += x[row[p + 6]] - x6
                    s7 += x[row[p + 7]] - x7
            else:
                weights = shares[begin:end]
                for p in range(0, row.shape[0], LANES):
                    s0 += weights[p] * (x[row[p]] - x0)
                    s1 += weights[p + 1] * (x[row[p + 1]] - x1)
                    s2 += weights[p + 2] * (x[row[p + 2]] - x2)
                    s3 += weights[p + 3] * (x[row[p + 3]] - x3)
                    s4 += weights[p + 4] * (x[row[p + 4]] - x4)
                    s5 += weights[p + 5] * (x[row[p + 5]] - x5)
                    s6 += weights[p + 6] * (x[row[p + 6]] - x6)
                    s7 += weights[p + 7] * (x[row[p + 7]] - x7)
            out[top] = x0 + s0 * scale[top]
            out[top + 1] = x1 + s1 * scale[top + 1]
            out[top + 2] = x2 + s2 * scale[top + 2]
            out[top + 3] = x3 + s3 * scale[top + 3]
            out[top + 4] = x4 + s4 * scale[top + 4]
            out[top + 5] = x5 + s5 * scale[top + 5]
            out[top + 6] = x6 + s6 * scale[top + 6]
            out[top + 7] = x7 + s7 * scale[top + 7]
        else:
            for k in range(top, size):
                own, moment = x[k], 0.0
                for p in range(begin + k - top, end, LANES):
                    moment += (x[near[p]] - own) if equal else shares[p] * (x[near[p]] - own)
                out[k] = own + moment * scale[k]
    if stubbornness.shape[0] > 0:
        a, b = LANES * (lowest - group), min(LANES * (highest - group), size)
        hold(out[a:b], stubbornness[a:b], innate[a:b])


@njit(cache=True, nogil=True, error_model="numpy")
def steps(
    first, last, t, order, starts, first_group, offsets, near, shares, scale, stubbornness, innate, x, out, buffers
):  # fmt: skip
    """Write the opinions after t ≥ 1 steps of coalitions first..last-1, each while it is in the cache.

    x, out: (n, d).  stubbornness: (n,) in `order`, or (0,); innate: (d, n) in `order`.  buffers: (2, largest size).
    """
    for c in range(first, last):
        a, b = starts[c], starts[c + 1]
        now, then = buffers[0, : b - a], buffers[1, : b - a]
        held_by = stubbornness[a:b] if stubbornness.shape[0] > 0 else stubbornness
        for q in range(x.shape[1]):
            for k in range(a, b):
                now[k - a] = x[order[k], q]
            held_at = innate[q, a:b] if stubbornness.shape[0] > 0 else innate[q]
            for _ in range(t):
                _advance(
                    now, first_group[c], first_group[c], first_group[c + 1], offsets, near, shares, scale[a:b],
                    held_by, held_at, then,
                )  # fmt: skip
                now, then = then, now
            for k in range(a, b):
                out[order[k], q] = now[k - a]


@njit(cache=True, nogil=True, error_model="numpy")
def step_groups(
    lowest, highest, starts, first_group, offsets, near, shares, scale, stubbornness, innate, x, out
):  # fmt: skip
    """Write the opinions of groups lowest..highest-1 after one step; x, innate, out: (n,) in `order`."""
    c = np.searchsorted(first_group, lowest, side="right") - 1
    while c < starts.shape[0] - 1 and first_group[c] < highest:
        a, b = starts[c], starts[c + 1]
        held_by = stubbornness[a:b] if stubbornness.shape[0] > 0 else stubbornness
        held_at = innate[a:b] if stubbornness.shape[0] > 0 else innate
        _advance(
            x[a:b], first_group[c], max(lowest, first_group[c]), min(highest, first_group[c + 1]), offsets, near,
            shares, scale[a:b], held_by, held_at, out[a:b],
        )  # fmt: skip
        c += 1


@njit(cache=True, nogil=True, error_model="numpy")
def mean_steps(first, last, t, order, starts, weights, rate, stubbornness, innate, x, out, buffers):
    """The same under uniform, lazy or weighted influence: x ← x + rate (mean - x).  weights: (n,) in `order`."""
    for c in range(first, last):
        a, b = starts[c], starts[c + 1]
        now = buffers[0, : b - a]
        for q in range(x.shape[1]):
            for k in range(a, b):
                now[k - a] = x[order[k], q]
            for _ in range(t):
                volume, moment, near = 0.0, 0.0, now[0]
                for k in range(a, b):
                    volume += weights[k]
                    moment += weights[k] * (now[k - a] - near)
                mean = near + moment / volume
                for k in range(a, b):
                    follow = mean if rate == 1.0 else now[k - a] + rate * (mean - now[k - a])
                    if stubbornness.shape[0] > 0:
                        follow = held(follow, stubbornness[k], innate[q, k])
                    now[k - a] = follow
            for k in range(a, b):
                out[order[k], q] = now[k - a]
