"""Limit opinions of a coalition on an influence graph, compiled.

A graph is the matrix A of a network, or a row-stochastic W, in compressed rows: ``symmetric, indptr, indices,
data``.  A coalition listens to itself only, W_C[i,j] = A[i,j] / Σ_{k∈C} A[i,k].  With stubbornness
(`yielding` = 1 - s) opinions follow x(t+1) = (1-s) W x(t) + s innate.

- A symmetric component without stubborn agents: the mean weighted by degrees, in one pass over its edges.
- Otherwise the agents are censored out of the Markov chain W one by one (Grassmann, Taksar and Heyman 1985): the
  paths through an agent are handed to those who listen to it, so that nothing is ever subtracted, and no
  probability that is zero becomes anything else.  An agent that is left without anyone to listen to stands
  for a closed class.  The search for the classes is therefore part of the elimination.
- A component too large for a dense matrix: iteration.

Every mean is taken around one of the opinions averaged, so that agents who agree stay exactly where they are.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import DONE, NOT_CONVERGED

MAX_DENSE = 1024  # agents of a component whose matrix is made dense: 8 MB
MAX_SWEEPS = 100_000
QUIET = 2.0**-50  # change of a sweep, relative to the largest opinion, that counts as none
QUIET_SWEEPS = 8
_HUGE = 2.0**500


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def root_of(parent, i):
    """Representative of the tree of `i`, shortening the path on the way."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True, nogil=True, error_model="numpy")
def components(who, indptr, indices, data, position, order, starts):
    """Group `who` by weakly connected component of the graph restricted to it; return their number.

    order: (k,) places in `who`, component after component, ascending inside each.  starts: (k+1,) where they begin.
    """
    k = who.shape[0]
    parent = np.arange(k)
    for i in range(k):
        position[who[i]] = i
    for i in range(k):
        root = root_of(parent, i)
        for p in range(indptr[who[i]], indptr[who[i] + 1]):
            j = position[indices[p]]
            if j >= 0 and data[p] > 0.0:
                other = root_of(parent, j)
                if other < root:  # the least member represents a component
                    parent[root] = other
                    root = other
                else:
                    parent[other] = root
    for i in range(k):
        position[who[i]] = -1
    number = np.empty(k, dtype=np.int64)
    count = 0
    for i in range(k + 1):
        starts[i] = 0
    for i in range(k):
        root = root_of(parent, i)
        if root == i:
            number[i] = count
            count += 1
        else:
            number[i] = number[root]
        starts[number[i] + 1] += 1
    for c in range(count):
        starts[c + 1] += starts[c]
    free = np.empty(count, dtype=np.int64)
    for c in range(count):
        free[c] = starts[c]
    for i in range(k):
        order[free[number[i]]] = i
        free[number[i]] += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def members_of(c, who, order, starts):
    """Agents of component c, as `components` grouped them."""
    out = np.empty(starts[c + 1] - starts[c], dtype=np.int64)
    for i in range(out.shape[0]):
        out[i] = who[order[starts[c] + i]]
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def local_graph(members, indptr, indices, data, position):
    """Compressed rows of the graph restricted to `members`, who are numbered by their place."""
    s = members.shape[0]
    for i in range(s):
        position[members[i]] = i
    ptr = np.zeros(s + 1, dtype=np.int64)
    for i in range(s):
        ptr[i + 1] = ptr[i]
        for p in range(indptr[members[i]], indptr[members[i] + 1]):
            if position[indices[p]] >= 0 and data[p] > 0.0:
                ptr[i + 1] += 1
    idx = np.empty(ptr[s], dtype=np.uint32)
    dat = np.empty(ptr[s])
    end = 0
    for i in range(s):
        for p in range(indptr[members[i]], indptr[members[i] + 1]):
            j = position[indices[p]]
            if j >= 0 and data[p] > 0.0:
                idx[end] = j
                dat[end] = data[p]
                end += 1
    for i in range(s):
        position[members[i]] = -1
    return ptr, idx, dat


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def has_stubborn(members, yielding):
    """Whether anyone of `members` holds on to an innate opinion."""
    if yielding.shape[0] > 0:
        for i in range(members.shape[0]):
            if yielding[members[i]] < 1.0:
                return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _degree_mean(members, x, indptr, indices, data, position, out):
    """Consensus of a connected symmetric component: Σ d_j x_j / Σ d_j with d_j the weight of j's edges inside it."""
    s, d = members.shape[0], x.shape[1]
    for i in range(s):
        position[members[i]] = i
    moment = np.zeros(d)
    volume = 0.0
    first = members[0]
    for i in range(s):
        m = members[i]
        degree = 0.0
        for p in range(indptr[m], indptr[m + 1]):
            if position[indices[p]] >= 0:
                degree += data[p]
        volume += degree
        for c in range(d):
            moment[c] += degree * (x[m, c] - x[first, c])
    for c in range(d):
        moment[c] = x[first, c] + moment[c] / volume
    for i in range(s):
        position[members[i]] = -1
        for c in range(d):
            out[members[i], c] = moment[c]


@njit(cache=True, nogil=True, error_model="numpy")
def _swap(i, j, first_column, rows, agent):
    """Exchange the numbers of two states."""
    for c in range(rows.shape[1]):
        rows[i, c], rows[j, c] = rows[j, c], rows[i, c]
    for r in range(rows.shape[0]):
        a, b = first_column + i, first_column + j
        rows[r, a], rows[r, b] = rows[r, b], rows[r, a]
    agent[i], agent[j] = agent[j], agent[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _censor(first_column, rows, agent, outflow):
    """Censor the states from the last to the first; return the number of closed classes.

    A state from which nothing leads on is the last of a closed class: it is moved to the front and stays.
    """
    front, i = 0, rows.shape[0] - 1
    while i >= front:
        total = 0.0
        if first_column > 0:
            total = rows[i, 0]
        for c in range(first_column, first_column + i):
            total += rows[i, c]
        if total == 0.0:
            if i > front:
                _swap(i, front, first_column, rows, agent)
            front += 1
            continue
        outflow[i] = total
        end = first_column + i
        for j in range(i):
            if rows[j, end] > 0.0:
                share = rows[j, end] / total
                for c in range(end):
                    rows[j, c] += share * rows[i, c]
        i -= 1
    return front


@njit(cache=True, nogil=True, error_model="numpy")
def _class_means(front, first_column, rows, agent, outflow, x, z):
    """Write the consensus of each closed class to its representative, a row of z[:front].

    The Perron weights of a class follow from those of its representative, 1, in the order opposite to censoring.
    """
    s, d = z.shape
    perron = np.empty(s)
    label = np.full(s, -1)
    for i in range(front):
        perron[i] = 1.0
        label[i] = i
    for i in range(front, s):
        flow = 0.0
        for j in range(i):
            rate = rows[j, first_column + i]
            if rate > 0.0 and label[j] >= 0:
                flow += perron[j] * rate
                label[i] = label[j]
        perron[i] = flow / outflow[i]
        if perron[i] > _HUGE:
            for j in range(i + 1):
                if label[j] == label[i]:
                    perron[j] /= _HUGE
    volume = np.empty(front)
    for c in range(front):
        volume[c] = perron[c]
        for q in range(d):
            z[c, q] = 0.0
    for i in range(front, s):
        c = label[i]
        if c >= 0:
            volume[c] += perron[i]
            for q in range(d):
                z[c, q] += perron[i] * (x[agent[i], q] - x[agent[c], q])
    for c in range(front):
        for q in range(d):
            z[c, q] = x[agent[c], q] + z[c, q] / volume[c]


@njit(cache=True, nogil=True, error_model="numpy")
def _censored_limit(members, x, indptr, indices, data, stubborn, yielding, innate, position, out):
    """Limit opinions of any coalition by elimination, O(s³) for s agents that all listen to each other.

    A row holds the rates from one state: to the innate opinions of stubborn agents, those rates times the innate
    opinions (both only with stubborn agents), then to every other state.
    """
    s, d = members.shape[0], x.shape[1]
    first_column = 1 + d if stubborn else 0
    rows = np.zeros((s, first_column + s))
    agent = np.empty(s, dtype=np.int64)
    anchor = -1  # innate opinions are counted from that of this agent
    for i in range(s):
        agent[i] = members[i]
        position[agent[i]] = i
    for i in range(s):
        m = agent[i]
        total = 0.0
        for p in range(indptr[m], indptr[m + 1]):
            j = position[indices[p]]
            if j >= 0:
                rows[i, first_column + j] += data[p]
                total += data[p]
        rows[i, first_column + i] = 0.0
        free = 1.0
        if stubborn and yielding[m] < 1.0:
            free = yielding[m]
            if anchor < 0:
                anchor = m
            rows[i, 0] = 1.0 - free
            for q in range(d):
                rows[i, 1 + q] = (1.0 - free) * (innate[m, q] - innate[anchor, q])
        for c in range(first_column, first_column + s):
            rows[i, c] *= free / total
    for i in range(s):
        position[agent[i]] = -1
    outflow = np.empty(s)
    z = np.empty((s, d))
    front = _censor(first_column, rows, agent, outflow)
    if front > 0:
        _class_means(front, first_column, rows, agent, outflow, x, z)
    if front == 1 and not stubborn:  # everyone listens to the only closed class
        for i in range(1, s):
            for q in range(d):
                z[i, q] = z[0, q]
    else:
        _substitute(front, first_column, rows, outflow, innate, anchor, z)
    for i in range(s):
        m = agent[i]
        unmoved = stubborn and yielding[m] == 0.0
        for q in range(d):
            out[m, q] = innate[m, q] if unmoved else z[i, q]


@njit(cache=True, nogil=True, error_model="numpy")
def _substitute(front, first_column, rows, outflow, innate, anchor, z):
    """Limit opinions of the states that are censored: the mean of what they lead on to."""
    s, d = z.shape
    for i in range(front, s):
        near = -1  # the opinion around which the mean is taken
        for j in range(i):
            if rows[i, first_column + j] > 0.0:
                near = j
                break
        for q in range(d):
            if near < 0:
                z[i, q] = innate[anchor, q] + rows[i, 1 + q] / outflow[i]
                continue
            centre = z[near, q]
            moment = 0.0
            if first_column > 0 and rows[i, 0] > 0.0:
                moment = rows[i, 0] * (innate[anchor, q] - centre) + rows[i, 1 + q]
            for j in range(near + 1, i):
                moment += rows[i, first_column + j] * (z[j, q] - centre)
            z[i, q] = centre + moment / outflow[i]


@njit(cache=True, nogil=True, error_model="numpy")
def _iterated_limit(members, x, indptr, indices, data, stubborn, yielding, innate, position, out):
    """Limit opinions of a large component by iteration, O(edges) a sweep.

    It stops when the sweeps change next to nothing: a chain that mixes at the rate λ is then within about
    2⁻⁵⁰/(1-λ) of its limit.
    """
    ptr, idx, dat = local_graph(members, indptr, indices, data, position)
    s, d = members.shape[0], x.shape[1]
    now, then = np.empty((s, d)), np.empty((s, d))
    volume = np.zeros(s)
    largest = 0.0
    for i in range(s):
        m = members[i]
        for p in range(ptr[i], ptr[i + 1]):
            volume[i] += dat[p]
        for q in range(d):
            now[i, q] = x[m, q]
            largest = max(largest, abs(x[m, q]))
            if stubborn and yielding[m] < 1.0:
                largest = max(largest, abs(innate[m, q]))
    quiet = 0
    for _ in range(MAX_SWEEPS):
        change = 0.0
        for i in range(s):
            m = members[i]
            free = yielding[m] if stubborn else 1.0
            for q in range(d):
                own = now[i, q]
                moment = 0.0
                for p in range(ptr[i], ptr[i + 1]):
                    moment += dat[p] * (now[idx[p], q] - own)
                step = free * moment / volume[i]
                if free < 1.0:
                    step += (1.0 - free) * (innate[m, q] - own)
                then[i, q] = own + step
                change = max(change, abs(then[i, q] - own))
        now, then = then, now
        quiet = quiet + 1 if change <= QUIET * largest else 0
        if change == 0.0 or quiet == QUIET_SWEEPS:
            for i in range(s):
                m = members[i]
                unmoved = stubborn and yielding[m] == 0.0
                for q in range(d):
                    out[m, q] = innate[m, q] if unmoved else now[i, q]
            return DONE
    return NOT_CONVERGED


@njit(cache=True, nogil=True, error_model="numpy")
def component_limit(members, x, symmetric, indptr, indices, data, yielding, innate, position, out):
    """Write the limit opinions of one weakly connected component, rows `members` of `out`; return the status."""
    stubborn = has_stubborn(members, yielding)
    if members.shape[0] == 1:
        m = members[0]
        for q in range(x.shape[1]):
            out[m, q] = innate[m, q] if stubborn else x[m, q]
    elif symmetric and not stubborn:
        _degree_mean(members, x, indptr, indices, data, position, out)
    elif members.shape[0] <= MAX_DENSE:
        _censored_limit(members, x, indptr, indices, data, stubborn, yielding, innate, position, out)
    else:
        return _iterated_limit(members, x, indptr, indices, data, stubborn, yielding, innate, position, out)
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def graph_limit(who, x, symmetric, indptr, indices, data, yielding, innate, position, out):
    """Write the limit opinions of the coalition `who` to its rows of `out`, which may be `x`; return the status.

    x, out: (n, d).  yielding: (n,) 1 - stubbornness, or (0,) if nobody is stubborn; innate: (n, d), or (0, d).
    position: (n,) workspace, all -1 before and after.
    """
    k = who.shape[0]
    order = np.empty(k, dtype=np.int64)
    starts = np.empty(k + 1, dtype=np.int64)
    count = components(who, indptr, indices, data, position, order, starts)
    for c in range(count):
        members = members_of(c, who, order, starts)
        status = component_limit(members, x, symmetric, indptr, indices, data, yielding, innate, position, out)
        if status != DONE:
            return status
    return DONE
