"""A walk through all coalition structures, compiled.

A structure is built coalition by coalition: each takes the lowest agent that is left, and any of the others.  The rank
of a structure is the greatest of the ranks of its coalitions and of its pairs of coalitions; ranks number the values of
`numerics.kernels.coalition_tables` in increasing order.  While a structure is built, `reach[depth, S]` is the rank it
would have with S, a part of what is left, as its next coalition: so every further structure costs a few comparisons.
Nothing is kept of a structure but one line of statistics for its rank, unless it is asked for.
"""

import numpy as np
from numba import njit

# columns of the statistics of a rank
COUNT, MOST, LEAST, FEWEST = range(4)


@njit(cache=True, nogil=True)
def ranks_of(values, order, ranks, distinct):
    """Number the different values in increasing order, from 0 for -inf.

    order : (m,) that sorts the values.  Writes the ranks (m,), and to `distinct` the value of each; how many.
    """
    count, previous = 0, -np.inf
    distinct[0] = -np.inf
    for place in order:
        value = values[place]
        if value > previous:
            count += 1
        distinct[count] = value
        ranks[place] = count
        previous = value
    return count + 1


@njit(cache=True, nogil=True)
def _label(blocks, depth, code):
    """Write one label per agent, the coalitions in the order of their lowest agents."""
    for c in range(depth):
        block, agent = blocks[c], 0
        while block:
            if block & 1:
                code[agent] = c
            block >>= 1
            agent += 1


@njit(cache=True, nogil=True)
def _best(line, total, blocks, depth, example):
    """Put a structure down as an example where it is the best of its rank."""
    if total > line[MOST]:
        line[MOST] = total
        _label(blocks, depth, example[0])
    if total < line[LEAST]:
        line[LEAST] = total
        _label(blocks, depth, example[1])
    if depth < line[FEWEST]:
        line[FEWEST] = depth
        _label(blocks, depth, example[2])


@njit(cache=True, nogil=True, inline="always")
def _record(rank, limit, total, blocks, depth, count, statistics, examples, kept, ranks, surpluses):
    """Take one structure into account; how many there are now."""
    if rank > limit:
        return count
    if statistics is not None:
        line = statistics[rank]
        line[COUNT] += 1.0
        if total > line[MOST] or total < line[LEAST] or depth < line[FEWEST]:
            _best(line, total, blocks, depth, examples[rank])
    if kept is not None and count < ranks.shape[0]:
        _label(blocks, depth, kept[count])
        ranks[count], surpluses[count] = rank, total
    return count + 1


@njit(cache=True, nogil=True)
def walk(first, last, n, single, pair, ternary, values, limit, statistics, examples, kept, ranks, surpluses):
    """Visit the structures of rank ≤ limit in which the others in the coalition of agent 0 are first .. last-1.

    first, last : as masks of the agents 1 .. n-1.  single : (2^n,), pair : (3^n,) ranks.  values : (2^n,) v.
    statistics : (ranks, 4) count, most and least surplus, fewest coalitions.
    examples : (ranks, 3, n) labels of a structure that has the most, the least surplus, the fewest coalitions.
    kept, ranks, surpluses : (m, n), (m,), (m,) the first m structures, their ranks and surplus.
    Returns how many there are.  Statistics or what is kept are None if they are not asked for: kernels are compiled
    for the one or the other, as even a question a structure would cost a third of the time.
    """
    blocks = np.empty(n + 1, dtype=np.int64)  # the coalitions so far
    lowest = np.empty(n + 1, dtype=np.int64)  # of the agents left, as a mask
    others = np.empty(n + 1, dtype=np.int64)  # the agents left but for the lowest
    tried = np.empty(n + 1, dtype=np.int64)  # the part of those that has been tried last, in falling order
    surplus = np.empty(n + 1)
    reach = np.empty((n + 1, 1 << n), dtype=single.dtype)
    full = (1 << n) - 1
    count = 0
    for start in range(first, last):
        block = 2 * start + 1
        left = full ^ block
        blocks[0] = block
        if single[block] > limit:
            continue
        if left == 0:
            total, rank = values[block], single[block]
            count = _record(rank, limit, total, blocks, 1, count, statistics, examples, kept, ranks, surpluses)
            continue
        depth = 1
        place, part = 2 * ternary[block], left
        while part:
            reach[1, part] = max(single[block], single[part], pair[ternary[part] + place])
            part = (part - 1) & left
        surplus[1] = values[block]
        blocks[1] = left
        total = values[block] + values[left]
        count = _record(reach[1, left], limit, total, blocks, 2, count, statistics, examples, kept, ranks, surpluses)
        others[1] = left & (left - 1)
        lowest[1] = left ^ others[1]
        tried[1] = others[1]
        while depth > 0:
            rest = others[depth]
            if tried[depth] == 0:
                depth -= 1
                continue
            subset = (tried[depth] - 1) & rest
            tried[depth] = subset
            block = subset | lowest[depth]
            rank = reach[depth, block]
            if rank > limit:
                continue
            left = rest ^ subset  # all the others in one coalition make a structure, and in several make more
            place = 2 * ternary[block]
            blocks[depth], blocks[depth + 1] = block, left
            before = surplus[depth] + values[block]
            total = before + values[left]
            whole = max(rank, reach[depth, left], pair[place + ternary[left]])
            count = _record(whole, limit, total, blocks, depth + 2, count, statistics, examples, kept, ranks, surpluses)
            following = left & (left - 1)
            if following == 0:
                continue
            first_left, now = left ^ following, reach[depth]
            if following & (following - 1) == 0:  # two agents left, as half of the time: only each alone remains
                blocks[depth + 1], blocks[depth + 2] = first_left, following
                total = before + values[first_left] + values[following]
                alone = max(now[first_left], pair[place + ternary[first_left]])
                alone = max(alone, now[following], pair[place + ternary[following]])
                whole = max(rank, alone, pair[ternary[first_left] + 2 * ternary[following]])
                count = _record(
                    whole, limit, total, blocks, depth + 3, count, statistics, examples, kept, ranks, surpluses
                )
                continue
            ahead, part = reach[depth + 1], left
            while part:
                ahead[part] = max(rank, now[part], pair[ternary[part] + place])
                part = (part - 1) & left
            depth += 1
            others[depth], lowest[depth], tried[depth] = following, first_left, following
            surplus[depth] = before
    return count
