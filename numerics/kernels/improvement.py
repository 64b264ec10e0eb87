"""The improvement graph and its Markov chains, compiled: structures in order, moves between them, and sweeps.

A structure is a restricted growth string: labels[0] = 0, and every label is at most one above the largest before it.
Its number is its place in the lexicographic order of all Bell(n) of them:

    rank = Σ_j labels[j] · completions[n-1-j, K_j],   K_j coalitions among the agents before j,

completions[r, K] being the number of ways in which r more agents join K coalitions or found others.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import BEST_RESPONSE, LARGEST_GAIN, LOGIT

LOOK_AHEAD = 10  # sweeps between attempts to make all further ones at once
EVERY_MOVE = -1  # in place of a schedule: count the admissible moves instead of drawing one


@njit(cache=True, nogil=True)
def list_structures(out):
    """Write all restricted growth strings to out (B, n) in lexicographic order."""
    B, n = out.shape
    labels = np.zeros(n, dtype=np.int64)
    largest = np.zeros(n, dtype=np.int64)  # of the labels before
    for k in range(B):
        for j in range(n):
            out[k, j] = labels[j]
        last = n - 1
        while last > 0 and labels[last] > largest[last]:
            last -= 1
        labels[last] += 1
        for j in range(last + 1, n):
            labels[j] = 0
            largest[j] = max(largest[j - 1], labels[j - 1])


@njit(cache=True, nogil=True)
def rank_after(labels, mover, target, completions, renamed):
    """The number of the structure in which `mover` has the label `target`; renamed : (n + 1,) workspace."""
    n = labels.shape[0]
    renamed[:] = -1
    count, rank = 0, 0
    for j in range(n):
        label = target if j == mover else labels[j]
        if renamed[label] < 0:
            renamed[label] = count
            rank += count * completions[n - 1 - j, count]
            count += 1
        else:
            rank += renamed[label] * completions[n - 1 - j, count]
    return rank


@njit(cache=True, nogil=True)
def _add(row, size, targets, weights, target, weight):
    """Add a weight to an entry of the sorted row that begins at `row` and has `size` entries; the new size."""
    place = row + size
    while place > row and targets[place - 1] > target:
        place -= 1
    if place > row and targets[place - 1] == target:
        weights[place - 1] += weight
        return size
    for p in range(row + size, place, -1):
        targets[p], weights[p] = targets[p - 1], weights[p - 1]
    targets[place], weights[place] = target, weight
    return size + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _options(agent, labels, masks, K, payoffs, accepted, joining, founding, margin, goals, nets, pays):
    """The accepted moves of an agent: coalitions in order, then founding alone (label K); net gains; whether they pay.

    Returns how many there are, and how many pay.
    """
    own, bit = masks[labels[agent]], 1 << agent
    now = payoffs[own, agent]
    count, paying = 0, 0
    for goal in range(K + 1):
        if goal == labels[agent] or (goal == K and own == bit) or (goal < K and not accepted[masks[goal], agent]):
            continue
        gain = payoffs[masks[goal] | bit if goal < K else bit, agent] - now
        cost = joining[agent] if goal < K else founding[agent]
        goals[count], nets[count], pays[count] = goal, gain - cost, gain > cost + margin
        paying += pays[count]
        count += 1
    return count, paying


@njit(cache=True, nogil=True, error_model="numpy")
def _best(count, nets, pays, margin, best):
    """The paying move of greatest net gain if that beats `best`, the first of equal ones; -1 if none does."""
    found = -1
    for move in range(count):
        if pays[move] and nets[move] > best + margin:
            best, found = nets[move], move
    return found, best


@njit(cache=True, nogil=True, error_model="numpy")
def transitions(
    structures, completions, payoffs, accepted, joining, founding, margin, schedule, temperature, starts, targets,
    weights,
):  # fmt: skip
    """Write the chain of a schedule as compressed sparse rows; the columns of a row are in order.

    For EVERY_MOVE a weight is the number of admissible moves from one structure to the other.

    joining, founding : (n,) cost of joining a coalition and of founding alone.
    starts : (B + 1,).  targets, weights : with room for every move there can be, and for staying.
    """
    B, n = structures.shape
    masks, renamed = np.zeros(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    goals, nets, pays = np.empty(n + 1, dtype=np.int64), np.empty(n + 1), np.empty(n + 1, dtype=np.bool_)
    row = 0
    starts[0] = 0
    for k in range(B):
        labels, K, size, movers = structures[k], 0, 0, 0
        masks[:] = 0
        for i in range(n):
            masks[labels[i]] |= 1 << i
            K = max(K, labels[i] + 1)
        mover, goal, greatest = -1, -1, -np.inf
        for i in range(n):
            count, paying = _options(
                i, labels, masks, K, payoffs, accepted, joining, founding, margin, goals, nets, pays
            )
            if schedule == LOGIT:
                top = 0.0  # the greatest net gain, of staying at least: no exponent overflows
                for move in range(count):
                    top = max(top, nets[move])
                total = np.exp(-top / temperature)
                for move in range(count):
                    total += np.exp((nets[move] - top) / temperature)
                size = _add(row, size, targets, weights, k, np.exp(-top / temperature) / total / n)
                for move in range(count):
                    weight = np.exp((nets[move] - top) / temperature) / total / n
                    if weight > 0.0:
                        target = rank_after(labels, i, goals[move], completions, renamed)
                        size = _add(row, size, targets, weights, target, weight)
                continue
            if paying == 0:
                continue
            movers += 1
            if schedule == LARGEST_GAIN:
                move, greatest = _best(count, nets, pays, margin, greatest)
                if move >= 0:
                    mover, goal = i, goals[move]
                continue
            chosen, _ = _best(count, nets, pays, margin, -np.inf) if schedule == BEST_RESPONSE else (-1, 0.0)
            for move in range(count):
                if move == chosen or (chosen < 0 and pays[move]):
                    target = rank_after(labels, i, goals[move], completions, renamed)
                    alone = chosen >= 0 or schedule == EVERY_MOVE
                    size = _add(row, size, targets, weights, target, 1.0 if alone else 1.0 / paying)
        if mover >= 0:
            target = rank_after(labels, mover, goal, completions, renamed)
            size = _add(row, size, targets, weights, target, 1.0)
        elif movers > 1 and schedule != EVERY_MOVE:
            for p in range(row, row + size):
                weights[p] /= movers
        row += size
        starts[k + 1] = row


@njit(cache=True, nogil=True)
def components(starts, targets, out):
    """Write the strongly connected component of every state to `out`; their number.

    Tarjan's algorithm (SIAM J. Comput. 1:146, 1972) without recursion.  A component is numbered when it is complete:
    edges between components go from greater numbers to smaller ones.
    """
    B = out.shape[0]
    entered, low = np.full(B, -1, dtype=np.int32), np.empty(B, dtype=np.int32)
    pending, path = np.empty(B, dtype=np.int32), np.empty(B, dtype=np.int32)
    edge = starts[:B].copy()
    out[:] = -1
    clock, n_pending, count = 0, 0, 0
    for root in range(B):
        if entered[root] >= 0:
            continue
        depth = 0
        path[0] = root
        while depth >= 0:
            u = path[depth]
            if entered[u] < 0:
                entered[u] = low[u] = clock
                clock += 1
                pending[n_pending] = u
                n_pending += 1
            descended = False
            while edge[u] < starts[u + 1]:
                v = targets[edge[u]]
                if entered[v] < 0:
                    depth += 1
                    path[depth] = v
                    descended = True
                    break
                if out[v] < 0:
                    low[u] = min(low[u], low[v])
                edge[u] += 1
            if descended:
                continue
            if low[u] == entered[u]:
                while True:
                    n_pending -= 1
                    v = pending[n_pending]
                    out[v] = count
                    if v == u:
                        break
                count += 1
            depth -= 1
    return count


@njit(cache=True, nogil=True)
def closed_components(starts, targets, component, closed):
    """Set closed (components,) to whether no edge leaves the component."""
    closed[:] = True
    for u in range(component.shape[0]):
        for e in range(starts[u], starts[u + 1]):
            if component[targets[e]] != component[u]:
                closed[component[u]] = False


@njit(cache=True, nogil=True)
def push(states, starts, targets, weights, component, visits):
    """Hand the visits of these states on, in this order, to states of other components."""
    for u in states:
        if visits[u] != 0.0:
            for e in range(starts[u], starts[u + 1]):
                if component[targets[e]] != component[u]:
                    visits[targets[e]] += visits[u] * weights[e]


@njit(cache=True, nogil=True)
def pull(states, starts, targets, weights, component, values):
    """Add to values (B, m) of these states, in this order, the mean of the values in other components that follow."""
    for u in states:
        for e in range(starts[u], starts[u + 1]):
            if component[targets[e]] != component[u]:
                for column in range(values.shape[1]):
                    values[u, column] += weights[e] * values[targets[e], column]


@njit(cache=True, nogil=True)
def relax_visits(states, starts, targets, weights, component, waiting, visits, enough, most):
    """Count the visits within one component to which `waiting` (B,) arrives, sweep by sweep; Σ |waiting| at last.

    A sweep counts what waits at a state and hands it on, so that the true visits are visits + waiting N all the time,
    and what is still waiting bounds what is unknown of the future.  Where a component is left rarely, what waits soon
    shrinks by a factor in each sweep: now and then all further sweeps are made at once, as if it did so for good, if
    that leaves less waiting.  Ends when Σ |waiting| is at most `enough`, or after `most` sweeps.
    """
    rest = np.inf
    for sweep in range(most):
        looks_ahead = sweep % LOOK_AHEAD == LOOK_AHEAD - 1
        if looks_ahead:
            before, counted = waiting[states], visits[states]
        for u in states:
            arriving = waiting[u]
            if arriving != 0.0:
                waiting[u] = 0.0
                visits[u] += arriving
                for e in range(starts[u], starts[u + 1]):
                    if component[targets[e]] == component[u]:
                        waiting[targets[e]] += arriving * weights[e]
        rest = np.sum(np.abs(waiting[states]))
        if rest <= enough:
            break
        if looks_ahead:
            after = waiting[states]
            change = before - after
            repeats = np.sum(after * change) / np.sum(change * change)  # that leave least waiting, in squares
            left = after - repeats * change
            if np.sum(np.abs(left)) < rest:
                waiting[states] = left
                visits[states] += repeats * (visits[states] - counted)
                rest = np.sum(np.abs(left))
    return rest


@njit(cache=True, nogil=True)
def relax_values(states, starts, targets, weights, component, given, values, doubt, enough, most):
    """Solve values = given + Q values within one component from below, sweep by sweep; the greatest doubt at last.

    given, values : (states, m), values 0 at first.  doubt : (B,), 1 at first: an unknown value of at most 1 everywhere
    would have shrunk to this, so that it bounds what is missing from a probability.
    """
    place = np.empty(component.shape[0], dtype=np.int64)
    for p in range(states.shape[0]):
        place[states[p]] = p
    rest = np.inf
    for _ in range(most):
        rest = 0.0
        for p in range(states.shape[0]):
            u = states[p]
            unknown = 0.0
            values[p] = given[p]
            for e in range(starts[u], starts[u + 1]):
                if component[targets[e]] == component[u]:
                    unknown += weights[e] * doubt[targets[e]]
                    q = place[targets[e]]
                    for column in range(values.shape[1]):
                        values[p, column] += weights[e] * values[q, column]
            doubt[u] = unknown
            rest = max(rest, unknown)
        if rest <= enough:
            break
    return rest


@njit(cache=True, nogil=True)
def shortest_cycle(root, starts, targets, component):
    """The states of a shortest cycle through `root` within its component, from root on; none if there is none."""
    B = component.shape[0]
    previous, queue = np.full(B, -1, dtype=np.int64), np.empty(B, dtype=np.int64)
    queue[0] = root
    first, last = 0, 1
    while first < last:
        u = queue[first]
        first += 1
        for e in range(starts[u], starts[u + 1]):
            v = targets[e]
            if v == root:
                length = 1
                w = u
                while w != root:
                    length += 1
                    w = previous[w]
                cycle = np.empty(length, dtype=np.int64)
                cycle[0] = root
                for p in range(length - 1, 0, -1):
                    cycle[p] = u
                    u = previous[u]
                return cycle
            if component[v] == component[root] and previous[v] < 0:
                previous[v] = u
                queue[last] = v
                last += 1
    return np.empty(0, dtype=np.int64)
