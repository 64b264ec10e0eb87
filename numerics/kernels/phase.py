"""The tactical phase of one coalition, compiled: T steps of consensus, or their limit.

x(t+1) = (1-s) W x(t) + s x(0),   W = keep I + (1-keep) 1 wᵀ/w(C) for equal and weighted influence,
                                  W_ij = A_ij / Σ_{k∈C} A_ik on a graph.
"""

from numba import njit

from numerics.kernels.codes import DONE
from numerics.kernels.limits import graph_limit
from numerics.kernels.ties import TIE


@njit(cache=True, nogil=True, error_model="numpy")
def tactical_phase(who, labels, x, game, graph, yielding, keep, n_steps, largest, position, scratch):
    """Replace the opinions of the members `who` of one coalition; a status, and whether they are at rest now.

    They are if one more step would not change an opinion by more than 2⁻⁴⁶ of the largest.

    yielding : (n,) 1 - stubbornness, or empty.  n_steps : T, 0 for the limit.  largest : max |x|, what counts as equal.
    scratch : (n, d) workspace.
    """
    if graph is not None:
        if n_steps == 0:
            status = graph_limit(
                who, x, graph.symmetric, graph.indptr, graph.indices, graph.data, game.yielding, game.innate, position,
                scratch,
            )  # fmt: skip
            for i in who:
                x[i] = scratch[i]
            return status, True
        for _ in range(n_steps):
            if _graph_step(who, labels, x, game, graph, yielding, True, scratch) == 0.0:
                break
        return DONE, _graph_step(who, labels, x, game, graph, yielding, False, scratch) <= TIE * largest
    if yielding.shape[0] == 0:
        return DONE, _shrink(who, x, game.weights, keep**n_steps if n_steps > 0 else 0.0, largest)
    if n_steps == 0:
        _stubborn_limit(who, x, game)
        return DONE, True
    for _ in range(n_steps):
        if _stubborn_step(who, x, game, yielding, keep, True) == 0.0:
            break
    return DONE, _stubborn_step(who, x, game, yielding, keep, False) <= TIE * largest


@njit(cache=True, nogil=True, error_model="numpy")
def _mean(who, values, weights, coordinate):
    """Weighted mean, taken around the first member so that members who agree exactly stay where they are."""
    mean, total = values[who[0], coordinate], weights[who[0]]
    for p in range(1, who.shape[0]):
        total += weights[who[p]]
        mean += (values[who[p], coordinate] - mean) * (weights[who[p]] / total)
    return mean


@njit(cache=True, nogil=True, error_model="numpy")
def _shrink(who, x, weights, factor, largest):
    """Shrink deviations from the consensus by a factor; those that no longer count are dropped."""
    rest = True
    for coordinate in range(x.shape[1]):
        mean = _mean(who, x, weights, coordinate)
        for i in who:
            deviation = factor * (x[i, coordinate] - mean)
            if abs(deviation) > TIE * largest:
                rest = False
                x[i, coordinate] = mean + deviation
            else:
                x[i, coordinate] = mean
    return rest


@njit(cache=True, nogil=True, error_model="numpy")
def _stubborn_limit(who, x, game):
    """Members end at l m + (1-l) x(0), m = Σ w (1-l) x(0) / Σ w (1-l); at the mean if nobody of them is stubborn."""
    pull = 0.0
    for i in who:
        pull += game.weights[i] * (1.0 - game.yielding[i])
    for coordinate in range(x.shape[1]):
        mean = 0.0
        if pull > 0.0:
            for i in who:
                mean += game.weights[i] * (1.0 - game.yielding[i]) / pull * game.innate[i, coordinate]
        else:
            mean = _mean(who, x, game.weights, coordinate)
        for i in who:
            share = game.yielding[i] if pull > 0.0 else 1.0
            x[i, coordinate] = share * mean + (1.0 - share) * game.innate[i, coordinate]


@njit(cache=True, nogil=True, error_model="numpy")
def _stubborn_step(who, x, game, yielding, keep, apply):
    """One step under equal or weighted influence, made if `apply`; returns the largest change of an opinion."""
    change = 0.0
    for coordinate in range(x.shape[1]):
        mean = _mean(who, x, game.weights, coordinate)
        for i in who:
            led = keep * x[i, coordinate] + (1.0 - keep) * mean
            new = yielding[i] * led + (1.0 - yielding[i]) * game.innate[i, coordinate]
            change = max(change, abs(new - x[i, coordinate]))
            if apply:
                x[i, coordinate] = new
    return change


@njit(cache=True, nogil=True, error_model="numpy")
def _graph_step(who, labels, x, game, graph, yielding, apply, scratch):
    """One step on a graph, made if `apply`; returns the largest change of an opinion."""
    change = 0.0
    for coordinate in range(x.shape[1]):
        for i in who:
            total, moved = 0.0, 0.0
            for e in range(graph.indptr[i], graph.indptr[i + 1]):
                j = graph.indices[e]
                if labels[j] == labels[i]:
                    total += graph.data[e]
                    moved += graph.data[e] * (x[j, coordinate] - x[i, coordinate])
            new = x[i, coordinate] + moved / total
            if yielding.shape[0] > 0:
                new = yielding[i] * new + (1.0 - yielding[i]) * game.innate[i, coordinate]
            scratch[i, coordinate] = new
        for i in who:
            change = max(change, abs(scratch[i, coordinate] - x[i, coordinate]))
            if apply:
                x[i, coordinate] = scratch[i, coordinate]
    return change
