"""Decisions of the coupled dynamics agent by agent, compiled: who moves next, and where."""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.acceptance import asks_members
from numerics.kernels.codes import DONE, EXACT, LARGEST_GAIN, LOGIT, RANDOM, ROUND_ROBIN
from numerics.kernels.costs import cost_of
from numerics.kernels.moves import FOUND, moves_of
from numerics.kernels.rates import best_gain


@njit(cache=True, nogil=True, error_model="numpy")
def _best_move(agent, moment, costs, count, targets, gains, accepted, best):
    """The admissible move of greatest net gain, if that beats `best`, and the net gain; -1 if none does."""
    found = -1
    for move in range(count):
        if accepted[move]:
            cost = cost_of(agent, moment.labels[agent], targets[move], costs)
            if gains[move] > cost + moment.margin and gains[move] - cost > best + moment.margin:
                best = gains[move] - cost
                found = move
    return found, best


@njit(cache=True, nogil=True, error_model="numpy")
def _random_move(agent, moment, costs, count, targets, gains, accepted, state):
    """A uniformly random admissible move; -1 if there is none."""
    admissible = 0
    for move in range(count):
        if accepted[move]:
            cost = cost_of(agent, moment.labels[agent], targets[move], costs)
            accepted[move] = gains[move] > cost + moment.margin
            admissible += accepted[move]
    if admissible == 0:
        return -1
    choice = streams.below(state, admissible)
    for move in range(count):
        if accepted[move]:
            if choice == 0:
                return move
            choice -= 1
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def _noisy_move(agent, moment, costs, count, targets, gains, accepted, temperature, state):
    """An accepted move drawn with probability ∝ exp(net gain/temperature); -1 for staying."""
    net, top = np.full(count, -np.inf), 0.0  # the greatest net gain, of staying at least: no exponent overflows
    for move in range(count):
        if accepted[move]:
            cost = cost_of(agent, moment.labels[agent], targets[move], costs)
            net[move] = gains[move] - cost
            top = max(top, net[move])
    total = np.exp(-top / temperature) + np.sum(np.exp((net - top) / temperature))
    choice = streams.uniform(state) * total - np.exp(-top / temperature)
    if choice < 0.0:
        return -1
    last = -1
    for move in range(count):
        if accepted[move]:
            last = move
            choice -= np.exp((net[move] - top) / temperature)
            if choice < 0.0:
                return move
    return last


@njit(cache=True, nogil=True, error_model="numpy")
def _is_tempted(agent, moment, costs, count, targets, gains, accepted):
    """Whether some move is profitable but refused."""
    for move in range(count):
        cost = cost_of(agent, moment.labels[agent], targets[move], costs)
        if not accepted[move] and gains[move] > cost + moment.margin:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def _may_be_tempted(agent, moment, code, adaptive, rates, costs, count, targets, gains, accepted):
    """Whether some move would be profitable at another rate of the coalition joined, and may be accepted then."""
    for move in range(count):
        if targets[move] != FOUND and (accepted[move] or adaptive or asks_members(code)):
            cost = cost_of(agent, moment.labels[agent], targets[move], costs)
            if best_gain(gains[move], moment.slow_shares[targets[move]], rates) > cost + moment.margin:
                return True
    return False


@njit(cache=True, nogil=True)
def _is_settled(agent, labels, graph, changed, checked):
    """Whether an agent that had no admissible move when it was checked has none now: nothing near it has changed."""
    if changed[labels[agent]] > checked[agent]:
        return False
    for e in range(graph.indptr[agent], graph.indptr[agent + 1]):
        if changed[labels[graph.indices[e]]] > checked[agent]:
            return False
    return True


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def next_move(
    moment, game, graph, rule, rates, shifting, costs, schedule, temperature, turn, sequence, position, changed,
    checked, targets, gains, accepted, state,
):  # fmt: skip
    """Who moves and where: a status, the mover (-1: nobody), the target, the gain, whether an agent that does not move
    now may do so later, and the worst method of the payoffs that were compared.

    shifting : whether the rates of consensus, and with them gains, may still change while nobody moves.
    changed : (n + 1,) step at which a coalition changed last.  checked : (n,) step at which an agent was found without
    an admissible move; both are used on networks, where only what is near an agent matters to it.
    """
    n = moment.x.shape[0]
    adaptive = rule[2].shape[0] > 0
    # costs of agents and coalitions may be anything; plain ones are the base and what every agent pays
    plain = costs[2].shape[0] + costs[3].shape[1] + costs[5].shape[0] + costs[6].shape[1] + costs[7].shape[0] == 0
    waiting, worst = False, EXACT
    best, greatest, mover, goal = -np.inf, np.nan, -1, FOUND
    if schedule == LOGIT:
        agent = streams.below(state, n)
        status, count, worst = moves_of(
            agent, moment, game, graph, rule, adaptive, -np.inf, position, targets, gains, accepted
        )
        if status == DONE and np.any(accepted[:count]):
            move = _noisy_move(agent, moment, costs, count, targets, gains, accepted, temperature, state)
            if move < 0:
                return status, -1, FOUND, np.nan, True, worst
            return status, agent, targets[move], gains[move], True, worst
        waiting = (adaptive or shifting) and n > 1  # what is refused now may be accepted later
        for i in range(n):  # has anybody a move at all?
            if status != DONE or waiting:
                break
            status, count, method = moves_of(
                i, moment, game, graph, rule, adaptive, -np.inf, position, targets, gains, accepted
            )
            worst = max(worst, method)
            waiting = np.any(accepted[:count])
        return status, -1, FOUND, np.nan, waiting, worst
    local = False
    if graph is not None:
        local = graph.symmetric and not adaptive and plain and schedule != LARGEST_GAIN
    for i in range(n):
        agent = i
        if schedule == ROUND_ROBIN:
            agent = turn + i if turn + i < n else turn + i - n
        elif schedule != LARGEST_GAIN:
            j = i + streams.below(state, n - i)
            sequence[i], sequence[j] = sequence[j], sequence[i]
            agent = sequence[i]
        if graph is not None:  # noqa: SIM102  # apart: numba leaves it out where there is none
            if local and _is_settled(agent, moment.labels, graph, changed, checked):
                continue
        least_cost = costs[0] + costs[1][agent] + min(costs[4][agent], 0.0) if plain else -np.inf
        status, count, method = moves_of(
            agent, moment, game, graph, rule, adaptive, least_cost, position, targets, gains, accepted
        )
        worst = max(worst, method)
        if status != DONE:
            return status, -1, FOUND, np.nan, False, worst
        if adaptive:
            waiting = waiting or _is_tempted(agent, moment, costs, count, targets, gains, accepted)
        if shifting:
            waiting = waiting or _may_be_tempted(
                agent, moment, rule[0], adaptive, rates, costs, count, targets, gains, accepted
            )
        if schedule == LARGEST_GAIN:
            move, best = _best_move(agent, moment, costs, count, targets, gains, accepted, best)
            if move >= 0:
                mover, goal, greatest = agent, targets[move], gains[move]
            continue
        if schedule == RANDOM:
            move = _random_move(agent, moment, costs, count, targets, gains, accepted, state)
        else:
            move, _ = _best_move(agent, moment, costs, count, targets, gains, accepted, -np.inf)
        if move >= 0:
            return DONE, agent, targets[move], gains[move], waiting, worst
        checked[agent] = moment.counts.totals[1]
    return DONE, mover, goal, greatest, waiting, worst
