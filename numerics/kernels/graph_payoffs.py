"""Aumann-Drèze values of one coalition on an influence graph, compiled.

    v(S) = Σ_K g(|K|) mean_{i∈K} φ(z_i),   K the weakly connected components of S, z the limit opinions of K.

The payoffs are the Shapley value of this graph-restricted game (Myerson 1977).  It is additive over the components
of the coalition, and each is treated by itself:

- all agree and g(s) is proportional to s: everyone is paid alike;
- up to `exact_up_to` agents: the table of all 2^k subsets, of which only the connected ones need a limit;
- more: the mean of marginal contributions over random orders of arrival, each taken with its reverse.

Orders are drawn from a stream of the set of agents: the same component under the same key gets the same estimate,
whenever it is evaluated.  Graphs, stubbornness and innate opinions arrive as in `numerics.kernels.limits`.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import DONE, NOT_FINITE, TOO_LARGE
from numerics.kernels.limits import (
    MAX_DENSE,
    component_limit,
    components,
    has_stubborn,
    local_graph,
    members_of,
    root_of,
)
from numerics.kernels.program import performance, performance_at, run
from numerics.kernels.shapley import shapley_from_table
from numerics.kernels.streams import below, start, stream_number


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _at(point, coefficients, centre, code, registers):
    """φ at a point; in line, a polynomial costs a few nanoseconds and the call many."""
    if coefficients.shape[0] > 0:
        return performance(point[0], coefficients, centre, code, registers)
    return performance_at(point, coefficients, centre, code, registers)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _finite(values):
    """The status that payoffs deserve."""
    for i in range(values.shape[0]):
        if not np.isfinite(values[i]):
            return NOT_FINITE
    return DONE


# Values


@njit(cache=True, nogil=True, error_model="numpy")
def _worth(members, z, phi, scale_table):
    """Value of a component at the opinions z: g(|K|) times the mean of φ; equal neighbours are evaluated once."""
    coefficients, centre, code, registers = phi
    first = _at(z[members[0]], coefficients, centre, code, registers)
    value, total = first, 0.0
    for i in range(1, members.shape[0]):
        here, there = members[i], members[i - 1]
        for q in range(z.shape[1]):
            if z[here, q] != z[there, q]:
                value = _at(z[here], coefficients, centre, code, registers)
                break
        total += value - first
    return scale_table[members.shape[0]] * (first + total / members.shape[0])


@njit(cache=True, nogil=True, error_model="numpy")
def subset_value(
    who, x, symmetric, indptr, indices, data, yielding, innate, coefficients, centre, code, registers, scale_table,
    position,
):  # fmt: skip
    """Value of the coalition `who`, and the status."""
    k = who.shape[0]
    order = np.empty(k, dtype=np.int64)
    starts = np.empty(k + 1, dtype=np.int64)
    z = np.empty(x.shape)
    count = components(who, indptr, indices, data, position, order, starts)
    total = 0.0
    for c in range(count):
        members = members_of(c, who, order, starts)
        status = component_limit(members, x, symmetric, indptr, indices, data, yielding, innate, position, z)
        if status != DONE:
            return total, status
        total += _worth(members, z, (coefficients, centre, code, registers), scale_table)
    return total, DONE if np.isfinite(total) else NOT_FINITE


# The table of all subsets


@njit(cache=True, nogil=True, error_model="numpy")
def _lowest_components(ptr, idx):
    """(2^k,) the component, as a bit mask, to which the lowest member of each subset belongs."""
    k = ptr.shape[0] - 1
    links = np.zeros(k, dtype=np.int64)
    for i in range(k):
        for p in range(ptr[i], ptr[i + 1]):
            j = np.int64(idx[p])
            links[i] |= 1 << j
            links[j] |= 1 << i
    out = np.zeros(1 << k, dtype=np.int64)
    for bit in range(k):
        own, linked = 1 << bit, links[bit]
        out[own] = own
        for rest in range(1, own):
            part = out[rest]
            if part & linked:  # the new member joins every component of the rest that it is linked to
                part |= own
                remaining = rest & ~part
                while remaining & linked:
                    other = out[remaining]
                    if other & linked:
                        part |= other
                    remaining ^= other
            out[rest | own] = part
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _network_table(graph, x, phi, scale_table, values):
    """Values of all subsets of a symmetric network without stubborn agents, O(1) a subset besides the search.

    Volumes Σ A_ij and moments Σ A_ij x_i over i, j in S grow by the edges of the last member.
    """
    _, ptr, idx, dat = graph
    coefficients, centre, code, registers = phi
    k, d = x.shape
    component = _lowest_components(ptr, idx)
    weight = np.zeros((k, k))
    y = np.empty((k, d))
    for i in range(k):
        for q in range(d):
            y[i, q] = x[i, q] - x[0, q]
        for p in range(ptr[i], ptr[i + 1]):
            weight[i, idx[p]] += dat[p]
    volume = np.zeros(1 << k)
    moment = np.zeros((1 << k, d))
    edges = np.zeros((1 << (k - 1), 1 + d))  # of the last member to a subset: weights, and weights times opinions
    size = np.zeros(1 << k, dtype=np.int64)
    point = np.empty(d)
    values[0] = 0.0
    for bit in range(k):
        own = weight[bit, bit]
        for rest in range(1 << bit):
            if rest > 0:
                low = rest & -rest
                j = size[low - 1]  # the number of the lowest member: low - 1 is the set of all below
                edge = weight[bit, j]
                edges[rest, 0] = edges[rest ^ low, 0] + edge
                for q in range(d):
                    edges[rest, 1 + q] = edges[rest ^ low, 1 + q] + edge * y[j, q]
            subset = rest | (1 << bit)
            size[subset] = size[rest] + 1
            volume[subset] = volume[rest] + own + 2.0 * edges[rest, 0]
            for q in range(d):
                moment[subset, q] = moment[rest, q] + (own + edges[rest, 0]) * y[bit, q] + edges[rest, 1 + q]
            part = component[subset]
            if part != subset:
                values[subset] = values[part] + values[subset ^ part]
                continue
            for q in range(d):
                point[q] = x[0, q] + moment[subset, q] / volume[subset]
            consensus = _at(point, coefficients, centre, code, registers)
            values[subset] = scale_table[size[subset]] * consensus


@njit(cache=True, nogil=True, error_model="numpy")
def _general_table(graph, x, yielding, innate, phi, scale_table, values):
    """Values of all subsets of any influence graph; one elimination for every connected subset."""
    symmetric, ptr, idx, dat = graph
    k = x.shape[0]
    component = _lowest_components(ptr, idx)
    position = np.full(k, -1)
    agents = np.empty(k, dtype=np.int64)
    z = np.empty(x.shape)
    values[0] = 0.0
    for subset in range(1, 1 << k):
        part = component[subset]
        if part != subset:
            values[subset] = values[part] + values[subset ^ part]
            continue
        s = 0
        for i in range(k):
            if subset & (1 << i):
                agents[s] = i
                s += 1
        members = agents[:s]
        component_limit(members, x, symmetric, ptr, idx, dat, yielding, innate, position, z)
        values[subset] = _worth(members, z, phi, scale_table)


# Random orders


@njit(cache=True, nogil=True, error_model="numpy")
def _network_order(order, graph, x, phi, scale_table, parent, size, volume, moment, worth, out):
    """Marginal contributions in one order on a symmetric network without stubborn agents, O(edges)."""
    _, ptr, idx, dat = graph
    coefficients, centre, code, registers = phi
    k, d = x.shape
    point = np.empty(d)
    parent[:] = -1
    for place in range(k):
        e = order[place]
        parent[e] = e
        size[e], volume[e], worth[e] = 1, 0.0, 0.0
        for q in range(d):
            moment[e, q] = 0.0
        root = e
        before = 0.0
        for p in range(ptr[e], ptr[e + 1]):
            j = np.int64(idx[p])
            if parent[j] < 0:
                continue
            other = root_of(parent, j)
            if other != root:
                before += worth[other]
                if size[other] > size[root]:
                    root, other = other, root
                parent[other] = root
                size[root] += size[other]
                volume[root] += volume[other]
                for q in range(d):
                    moment[root, q] += moment[other, q]
            half = 0.5 * dat[p] if j == e else dat[p]
            volume[root] += 2.0 * half
            for q in range(d):
                moment[root, q] += half * ((x[e, q] - x[0, q]) + (x[j, q] - x[0, q]))
        for q in range(d):
            point[q] = x[0, q] + moment[root, q] / volume[root]
        worth[root] = scale_table[size[root]] * _at(point, coefficients, centre, code, registers)
        out[e] = worth[root] - before


@njit(cache=True, nogil=True, error_model="numpy")
def _links(ptr, idx):
    """(k, k) whether either of two agents listens to the other."""
    k = ptr.shape[0] - 1
    out = np.zeros((k, k), dtype=np.bool_)
    for i in range(k):
        for p in range(ptr[i], ptr[i + 1]):
            out[i, idx[p]] = True
            out[idx[p], i] = True
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _general_order(
    order, graph, x, yielding, innate, phi, scale_table, links, label, agents, position, z, worth, out
):  # fmt: skip
    """Marginal contributions in one order on any graph; one elimination a step, of the component that grows."""
    symmetric, ptr, idx, dat = graph
    label[:] = -1
    for place in range(order.shape[0]):
        e = order[place]
        before = 0.0
        for j in order[:place]:
            root = label[j]
            if links[e, j] and root != e:
                before += worth[root]
                for other in order[:place]:
                    if label[other] == root:
                        label[other] = e
        label[e] = e
        s = 0
        for j in order[: place + 1]:
            if label[j] == e:
                agents[s] = j
                s += 1
        members = agents[:s]
        component_limit(members, x, symmetric, ptr, idx, dat, yielding, innate, position, z)
        worth[e] = _worth(members, z, phi, scale_table)
        out[e] = worth[e] - before


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _shuffle(order, state):
    """Fisher and Yates's shuffle."""
    for i in range(order.shape[0] - 1, 0, -1):
        j = below(state, i + 1)
        order[i], order[j] = order[j], order[i]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _add_pair(pair, marginals, mean, spread):
    """Update means and sums of squared deviations (Welford 1962) by the mean of an order and its reverse."""
    for i in range(mean.shape[0]):
        value = 0.5 * (marginals[0, i] + marginals[1, i])
        shift = value - mean[i]
        mean[i] += shift / (pair + 1)
        spread[i] += shift * (value - mean[i])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _standard_errors(samples, spread):
    """Turn sums of squared deviations into standard errors of the mean."""
    for i in range(spread.shape[0]):
        spread[i] = np.sqrt(spread[i] / (samples - 1) / samples)


@njit(cache=True, nogil=True, error_model="numpy")
def _sampled(averaging, graph, x, yielding, innate, phi, scale_table, samples, state, out, error):
    """Estimate the payoffs of a connected component from `samples` pairs of an order and its reverse.

    averaging: whether limits are means weighted by degrees (a symmetric network without stubborn agents).
    """
    k, d = x.shape
    order, path = np.arange(k), np.empty(k, dtype=np.int64)
    marginals = np.empty((2, k))
    parent, size, position = np.empty(k, dtype=np.int64), np.empty(k, dtype=np.int64), np.full(k, -1)
    volume, worth, moment = np.empty(k), np.empty(k), np.empty((k, d))
    links = np.empty((0, 0), dtype=np.bool_) if averaging else _links(graph[1], graph[2])
    for i in range(k):
        out[i], error[i] = 0.0, 0.0
    for pair in range(samples):
        _shuffle(order, state)
        for turn in range(2):
            for place in range(k):
                path[place] = order[place] if turn == 0 else order[k - 1 - place]
            if averaging:
                _network_order(path, graph, x, phi, scale_table, parent, size, volume, moment, worth, marginals[turn])
            else:
                _general_order(
                    path, graph, x, yielding, innate, phi, scale_table, links, parent, size, position, moment, worth,
                    marginals[turn],
                )  # fmt: skip
        _add_pair(pair, marginals, out, error)
    _standard_errors(samples, error)


@njit(cache=True, nogil=True, error_model="numpy")
def mean_sampled(
    x, w, weighted, coefficients, centre, code, registers, scale_table, scale_code, scale_registers, samples, state,
    out, error,
):  # fmt: skip
    """Estimate payoffs where the consensus is the weighted mean of opinions, O(k) an order; return the status.

    x: (k, d); w: (k,) weights, ones unless `weighted`; state: a stream that was started, see `stream_number`: give
    the agents in a fixed order, such as ascending, and the same coalition gets the same estimate.
    out, error: (k,) payoffs, which add up to the value, and their standard errors.
    """
    k, d = x.shape
    order = np.arange(k)
    marginals = np.empty((2, k))
    moment, point = np.empty(d), np.empty(d)
    for i in range(k):
        out[i], error[i] = 0.0, 0.0
    for pair in range(samples):
        _shuffle(order, state)
        for turn in range(2):
            for q in range(d):
                moment[q] = 0.0
            total, before = 0.0, 0.0
            for place in range(k):
                i = order[place] if turn == 0 else order[k - 1 - place]
                total += w[i]
                for q in range(d):
                    moment[q] += w[i] * (x[i, q] - x[0, q])
                    point[q] = x[0, q] + moment[q] / total
                scale = run(scale_code, scale_registers, place + 1.0, total) if weighted else scale_table[place + 1]
                value = scale * _at(point, coefficients, centre, code, registers)
                marginals[turn, i] = value - before
                before = value
        _add_pair(pair, marginals, out, error)
    _standard_errors(samples, error)
    return _finite(out)


# The coalition


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _is_proportional(scale_table, k):
    """Whether g(s) = s g(1) up to size k."""
    proportional = True
    for s in range(2, k + 1):
        proportional &= scale_table[s] == s * scale_table[1]
    return proportional


@njit(cache=True, nogil=True, error_model="numpy")
def _component_payoffs(
    members, x, graph, yielding, innate, phi, scale_table, exact_up_to, samples, key, position, out, error
):  # fmt: skip
    """Payoffs of one weakly connected component, agents ascending; return the status."""
    symmetric, indptr, indices, data = graph
    coefficients, centre, code, registers = phi
    k = members.shape[0]
    stubborn = has_stubborn(members, yielding)
    d = x.shape[1]
    own_x = np.empty((k, d))
    own_yielding = np.empty(k if stubborn else 0)
    own_innate = np.empty((k if stubborn else 0, d))
    at_rest = True  # everyone agrees, with the innate opinions of the stubborn too, so that no subset would move
    for i in range(k):
        if stubborn:
            own_yielding[i] = yielding[members[i]]
        for q in range(d):
            own_x[i, q] = x[members[i], q]
            at_rest &= own_x[i, q] == own_x[0, q]
            if stubborn:
                own_innate[i, q] = innate[members[i], q]
                at_rest &= own_innate[i, q] == own_x[0, q] or own_yielding[i] == 1.0
        error[i] = 0.0
    if k == 1 or (at_rest and _is_proportional(scale_table, k)):
        point = own_innate[0] if stubborn and k == 1 else own_x[0]
        for i in range(k):
            out[i] = scale_table[1] * _at(point, coefficients, centre, code, registers)
        return DONE
    averaging = symmetric and not stubborn
    if k > exact_up_to and (samples == 0 or (not averaging and k > MAX_DENSE)):
        return TOO_LARGE
    ptr, idx, dat = local_graph(members, indptr, indices, data, position)
    own_graph = (symmetric, ptr, idx, dat)
    if k <= exact_up_to:
        values = np.empty(1 << k)
        if averaging:
            _network_table(own_graph, own_x, phi, scale_table, values)
        else:
            _general_table(own_graph, own_x, own_yielding, own_innate, phi, scale_table, values)
        shapley_from_table(values, out)
        return DONE
    state = np.empty(4, dtype=np.uint64)
    start(key, stream_number(members), state)
    _sampled(averaging, own_graph, own_x, own_yielding, own_innate, phi, scale_table, samples, state, out, error)
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def graph_payoffs(
    who, x, symmetric, indptr, indices, data, yielding, innate, coefficients, centre, code, registers, scale_table,
    exact_up_to, samples, key, position, out, error,
):  # fmt: skip
    """Write the payoffs of the coalition `who`, (k,) in its order, and their standard errors; return the status.

    samples: pairs of orders, at least 2, for components of more than `exact_up_to` agents (at most 24); 0: `TOO_LARGE`
    instead, as for more than `MAX_DENSE` agents where the limits need an elimination.
    key: two words of the seed.  position: (n,) workspace, all -1 before and after.  error: 0 where exact.
    """
    k = who.shape[0]
    place, ascending = np.arange(k), np.empty(k, dtype=np.int64)
    for i in range(k):  # insertion: the members mostly come in order
        j = i
        while j > 0 and ascending[j - 1] > who[i]:
            ascending[j], place[j] = ascending[j - 1], place[j - 1]
            j -= 1
        ascending[j], place[j] = who[i], i
    order = np.empty(k, dtype=np.int64)
    starts = np.empty(k + 1, dtype=np.int64)
    count = components(ascending, indptr, indices, data, position, order, starts)
    graph, phi = (symmetric, indptr, indices, data), (coefficients, centre, code, registers)
    members, own, own_error = np.empty(k, dtype=np.int64), np.empty(k), np.empty(k)
    for c in range(count):
        first, last = starts[c], starts[c + 1]
        for p in range(first, last):
            members[p] = ascending[order[p]]
        status = _component_payoffs(
            members[first:last], x, graph, yielding, innate, phi, scale_table, exact_up_to, samples, key, position,
            own[first:last], own_error[first:last],
        )  # fmt: skip
        if status != DONE:
            return status
    for p in range(k):
        out[place[order[p]]] = own[p]
        error[place[order[p]]] = own_error[p]
    return _finite(own)
