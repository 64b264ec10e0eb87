"""Moves at one moment, compiled: what each agent gains by each of its moves, and who would let it in.

Coalitions are numbered 0..n; a number without members is free.  `active` lists the K that have members, in order.
An agent's moves are a list: the coalitions it may join in the order of their numbers, and FOUND for founding alone.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from numerics.kernels.acceptance import asks_members, is_near, members_agree_to, threshold_of
from numerics.kernels.codes import DONE, EXACT, NO_THRESHOLD
from numerics.kernels.history import no_counts
from numerics.kernels.limits import graph_limit
from numerics.kernels.payoffs import coalition_payoffs

FOUND = -1  # the target of founding alone

# Everything about a moment that a single agent's moves depend on; slow_shares : β by the numbers of coalitions.
Moment = namedtuple("Moment", "x labels members active now error consensus margin largest counts slow_shares")

# The members of every coalition as linked lists, so that a move costs nothing in the number of agents.
Members = namedtuple("Members", "first following previous size")


@njit(cache=True, nogil=True)
def list_members(labels, numbers):
    """Members of the coalitions 0 .. numbers-1; in a list the agents come in the order of their numbers."""
    n = labels.shape[0]
    members = Members(
        np.full(numbers, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64), np.full(n, -1, dtype=np.int64),
        np.zeros(numbers, dtype=np.int64),
    )  # fmt: skip
    for i in range(n - 1, -1, -1):
        join(i, labels[i], members)
    return members


@njit(cache=True, nogil=True)
def join(agent, coalition, members):
    """Put an agent in front of the list of a coalition."""
    after = members.first[coalition]
    members.following[agent], members.previous[agent] = after, -1
    if after >= 0:
        members.previous[after] = agent
    members.first[coalition] = agent
    members.size[coalition] += 1


@njit(cache=True, nogil=True)
def leave(agent, coalition, members):
    """Take an agent from the list of its coalition."""
    before, after = members.previous[agent], members.following[agent]
    if before >= 0:
        members.following[before] = after
    else:
        members.first[coalition] = after
    if after >= 0:
        members.previous[after] = before
    members.size[coalition] -= 1


@njit(cache=True, nogil=True)
def members_of(coalition, members, extra):
    """The members of a coalition as an array, with space for `extra` more."""
    who = np.empty(members.size[coalition] + extra, dtype=np.int64)
    i = members.first[coalition]
    for p in range(members.size[coalition]):
        who[p] = i
        i = members.following[i]
    return who


@njit(cache=True, nogil=True, error_model="numpy")
def payoffs_of(who, x, game, graph, position, now, error):
    """Write the payoffs of the members `who` of one coalition to `now`, their errors to `error`; status and method."""
    values, errors = np.empty(who.shape[0]), np.empty(who.shape[0])
    status, method = coalition_payoffs(who, x, game, graph, position, values, errors)
    for p in range(who.shape[0]):
        now[who[p]] = values[p]
        error[who[p]] = errors[p]
    return status, method


@njit(cache=True, nogil=True, error_model="numpy")
def payoffs(x, labels, n_coalitions, game, graph, out, error, methods):
    """Aumann-Drèze value of every agent in its coalition; `methods` (K,) says how each was computed."""
    n = x.shape[0]
    members = list_members(labels, n_coalitions)
    position = np.full(n, -1, dtype=np.int64)
    for c in range(n_coalitions):
        status, methods[c] = payoffs_of(members_of(c, members, 0), x, game, graph, position, out, error)
        if status != DONE:
            return status
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def consensus_of(who, x, game, graph, position, limits, out):
    """Write to out (d,) the mean over `who`, weighted, of the opinions they would reach; a status.

    limits : (n, d) workspace.
    """
    d = x.shape[1]
    source = x
    if graph is not None:
        status = graph_limit(
            who, x, graph.symmetric, graph.indptr, graph.indices, graph.data, game.yielding, game.innate, position,
            limits,
        )  # fmt: skip
        if status != DONE:
            return status
        source = limits
    total = 0.0
    for p in range(who.shape[0]):  # around the first, so that members who agree stay where they are
        w = game.weights[who[p]]
        total += w
        for coordinate in range(d):
            if p == 0:
                out[coordinate] = source[who[p], coordinate]
            else:
                out[coordinate] += (source[who[p], coordinate] - out[coordinate]) * (w / total)
    if graph is None and game.yielding.shape[0] > 0:
        # members end at l m + (1-l) x(0), with m = Σ w (1-l) x(0) / Σ w (1-l), or at the plain mean if nobody pulls
        pull = 0.0
        for p in range(who.shape[0]):
            pull += game.weights[who[p]] * (1.0 - game.yielding[who[p]])
        if pull > 0.0:
            for coordinate in range(d):
                mean = 0.0
                for p in range(who.shape[0]):
                    i = who[p]
                    mean += game.weights[i] * (1.0 - game.yielding[i]) * game.innate[i, coordinate] / pull
                out[coordinate] = 0.0
                for p in range(who.shape[0]):
                    i = who[p]
                    end = game.yielding[i] * mean + (1.0 - game.yielding[i]) * game.innate[i, coordinate]
                    out[coordinate] += game.weights[i] * end / total
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def moves_of(agent, moment, game, graph, rule, thorough, least_cost, position, targets, gains, accepted):
    """List the moves of one agent: targets (FOUND for founding alone, last), their gains and whether they are accepted.

    targets, gains, accepted : (n + 2,).  Moves that are refused whatever they are worth are left out unless
    `thorough`.  So are, on a network, coalitions without a neighbour when they cannot pay `least_cost`: joining one is
    worth to the agent what being alone is, and nothing to the members.
    Returns a status, the number of moves, and the worst method of the payoffs.
    """
    x, labels, members, active, counts = moment.x, moment.labels, moment.members, moment.active, moment.counts
    d = x.shape[1]
    own, code = labels[agent], rule[0]
    worst, count = EXACT, 0
    alone, nothing = np.empty(1), np.empty(1)
    single = np.empty(1, dtype=np.int64)
    single[0] = agent
    status, method = coalition_payoffs(single, x, game, graph, position, alone, nothing)
    if status != DONE:
        return status, count, worst
    gain_alone = alone[0] - moment.now[agent]
    mutual, only_neighbours, n_candidates = False, False, active.shape[0]
    if graph is not None:
        mutual = graph.symmetric
        only_neighbours = mutual and not thorough and not gain_alone > least_cost + moment.margin
        if only_neighbours:
            n_candidates = _neighbouring(agent, labels, graph, targets)
    for candidate in range(n_candidates):
        target = targets[candidate] if only_neighbours else active[candidate]  # written at or before this entry
        if target == own:
            continue
        m = members.size[target]
        threshold = threshold_of(
            rule, counts.entries[target], counts.exits[target], counts.totals[0], counts.totals[1], float(m)
        )
        if np.isnan(threshold):
            return NO_THRESHOLD, count, worst
        gap = 0.0
        for coordinate in range(d):
            gap += (x[agent, coordinate] - moment.consensus[target, coordinate]) ** 2
        near = is_near(code, threshold, np.sqrt(gap), m, moment.largest)
        if not (near or thorough):
            continue
        apart = False
        if graph is not None:
            apart = mutual and not only_neighbours and not _touches(agent, target, labels, graph)
        if apart:
            gain = gain_alone
            incumbents = np.zeros(m)
        else:
            joint = members_of(target, members, 1)
            joint[m] = agent
            values, errors = np.empty(m + 1), np.empty(m + 1)
            game.slow_share[0] = moment.slow_shares[target]
            status, method = coalition_payoffs(joint, x, game, graph, position, values, errors)
            if status != DONE:
                return status, count, worst
            worst = max(worst, method)
            gain = values[m] - moment.now[agent]
            incumbents = values[:m]
            if asks_members(code):
                for p in range(m):
                    incumbents[p] -= moment.now[joint[p]]
        targets[count] = target
        gains[count] = gain
        accepted[count] = near and members_agree_to(code, threshold, incumbents, moment.margin)
        count += 1
    if members.size[own] > 1:
        targets[count], gains[count], accepted[count] = FOUND, gain_alone, True
        count += 1
    return DONE, count, worst


@njit(cache=True, nogil=True)
def _neighbouring(agent, labels, graph, out):
    """Write the numbers of the coalitions of the agent's neighbours to `out`, in order, each once; how many."""
    count = 0
    for e in range(graph.indptr[agent], graph.indptr[agent + 1]):
        if graph.data[e] > 0.0:
            label = labels[graph.indices[e]]
            place = count
            while place > 0 and out[place - 1] > label:
                place -= 1
            if place > 0 and out[place - 1] == label:
                continue
            for p in range(count, place, -1):
                out[p] = out[p - 1]
            out[place] = label
            count += 1
    return count


@njit(cache=True, nogil=True)
def _touches(agent, coalition, labels, graph):
    """Whether the agent has a neighbour in the coalition."""
    for e in range(graph.indptr[agent], graph.indptr[agent + 1]):
        if labels[graph.indices[e]] == coalition and graph.data[e] > 0.0:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def all_moves(x, labels, n_coalitions, game, graph, rule, margin, gains, accepted, methods):
    """Every move of every agent; gains, accepted : (n, K + 1), last founding alone; methods : (K,) as in `payoffs`."""
    n, d = x.shape
    members = list_members(labels, n_coalitions)
    position = np.full(n, -1, dtype=np.int64)
    now, error = np.empty(n), np.empty(n)
    status = payoffs(x, labels, n_coalitions, game, graph, now, error, methods)
    if status != DONE:
        return status
    consensus, limits = np.empty((n_coalitions, d)), np.empty((n, d))
    for c in range(n_coalitions):
        status = consensus_of(members_of(c, members, 0), x, game, graph, position, limits, consensus[c])
        if status != DONE:
            return status
    moment = Moment(
        x, labels, members, np.arange(n_coalitions), now, error, consensus, margin, np.max(np.abs(x)),
        no_counts(n_coalitions), np.full(n_coalitions, game.slow_share[0]),
    )  # fmt: skip
    targets, found = np.empty(n + 2, dtype=np.int64), np.empty(n + 2)
    welcome = np.empty(n + 2, dtype=np.bool_)
    gains[:], accepted[:] = np.nan, False
    for i in range(n):
        status, count, _ = moves_of(i, moment, game, graph, rule, True, -np.inf, position, targets, found, welcome)
        if status != DONE:
            return status
        for move in range(count):
            column = targets[move] if targets[move] != FOUND else n_coalitions
            gains[i, column], accepted[i, column] = found[move], welcome[move]
    return DONE
