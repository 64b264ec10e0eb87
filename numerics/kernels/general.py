"""The coupled dynamics agent by agent: any influence, acceptance rule, switching cost and schedule.

The same process as in `numerics.kernels.gaps` and `numerics.kernels.agreeing`, with one opinion for each agent.  An
agent's moves are evaluated when it is looked at: agents are taken in a random order until one has an admissible move,
which makes the mover uniform among those that have one without evaluating them all, and keeps memory O(n + edges).
"""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.codes import (
    DISAGREEMENT,
    DONE,
    EQUILIBRIUM,
    EXACT,
    GAIN,
    LARGEST_GAIN,
    LOGIT,
    MOVER,
    N_COALITIONS,
    NOBODY,
    RANDOM,
    ROUND_ROBIN,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
)  # fmt: skip
from numerics.kernels.costs import cost_of
from numerics.kernels.moves import (
    FOUND,
    Moment,
    consensus_of,
    join,
    leave,
    list_members,
    members_of,
    moves_of,
    payoffs_of,
)
from numerics.kernels.phase import tactical_phase
from numerics.kernels.ties import tolerance


@njit(cache=True, nogil=True, error_model="numpy")
def _reached(x, game):
    """The opinions that agents hold, and those that stubborn ones pull coalitions to."""
    return np.concatenate((x, game.innate)) if game.innate.shape[0] > 0 else x


@njit(cache=True, nogil=True, error_model="numpy")
def _largest(x):
    """max |x|."""
    largest = 0.0
    for i in range(x.shape[0]):
        for coordinate in range(x.shape[1]):
            largest = max(largest, abs(x[i, coordinate]))
    return largest


@njit(cache=True, nogil=True, error_model="numpy")
def _margin(x, consensus, active, game, ties):
    """The tolerance of ties; that of a polynomial does not look at the consensus of coalitions."""
    K = 0 if game.coefficients.shape[0] > 0 else active.shape[0]
    points = np.empty((K, x.shape[1]))
    for place in range(K):
        points[place] = consensus[active[place]]
    return tolerance(_reached(x, game), points, game.coefficients, game.centre, ties)


@njit(cache=True, nogil=True, error_model="numpy")
def _observe_agents(x, now):
    """Spread (the largest over coordinates), disagreement Σ |x_i - x̄|², and surplus, which payoffs add up to."""
    spread, disagreement = 0.0, 0.0
    for coordinate in range(x.shape[1]):
        column = x[:, coordinate]
        lo, hi = np.min(column), np.max(column)
        mean = lo + np.mean(column - lo)
        spread = max(spread, hi - lo)
        disagreement += np.sum((column - mean) ** 2)
    return spread, disagreement, np.sum(now)


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
def _next_move(
    moment, game, graph, rule, costs, schedule, temperature, turn, sequence, position, changed, checked, targets, gains,
    accepted, state,
):  # fmt: skip
    """Who moves and where: a status, the mover (-1: nobody), the target, the gain, whether an agent that does not move
    now may do so later, and the worst method of the payoffs that were compared.

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
        waiting = adaptive and n > 1  # what is refused now may be accepted later
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
        checked[agent] = moment.totals[1]
    return DONE, mover, goal, greatest, waiting, worst


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def evolve_general(
    x, labels, game, graph, ties, rule, costs, schedule, temperature, yielding, keep, n_steps, max_steps, state, floats,
    integers, methods,
):  # fmt: skip
    """As `evolve_agreeing`, for every other model; x (n, d) and labels are overwritten with the final state.

    yielding : (n,) 1 - stubbornness, or empty.  keep : factor of deviations in one step under equal influence.
    n_steps : T, 0 for the limit.  methods : (1,), the worst method of any payoff that was compared.
    A step without an admissible move is a step of consensus alone.
    """
    n, d = x.shape
    record = floats.shape[0] > 0
    memory = rule[4]
    members = list_members(labels, n + 1)
    active, pending = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    now, error, consensus = np.zeros(n), np.zeros(n), np.zeros((n + 1, d))
    entries, exits, totals = np.zeros(n + 1), np.zeros(n + 1), np.zeros(2)
    position, scratch = np.full(n, -1, dtype=np.int64), np.empty((n, d))
    targets, gains = np.empty(n + 2, dtype=np.int64), np.empty(n + 2)
    accepted = np.empty(n + 2, dtype=np.bool_)
    changed_at, checked_at = np.zeros(n + 1, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    sequence = np.arange(n)
    n_moves, step, turn, K, status, outcome = 0, 0, 0, 0, DONE, STEP_LIMIT
    spread, disagreement, surplus, margin, largest = 0.0, 0.0, 0.0, 0.0, 0.0
    methods[0] = EXACT
    for c in range(n + 1):
        if members.size[c] > 0:
            active[K] = c
            K += 1
    waiting_for_rest = K  # coalitions that are not at rest: the first so many of `pending`
    pending[:K] = active[:K]
    while True:
        changed = waiting_for_rest > 0
        count = waiting_for_rest
        waiting_for_rest = 0
        if changed and n_steps > 0:
            largest = _largest(x)
        for place in range(count):
            c = pending[place]
            who = members_of(c, members, 0)
            status, at_rest = tactical_phase(
                who, labels, x, game, graph, yielding, keep, n_steps, largest, position, scratch
            )
            if status == DONE:
                status, method = payoffs_of(who, x, game, graph, position, now, error)
                methods[0] = max(methods[0], method)
            if status == DONE:
                status = consensus_of(who, x, game, graph, position, scratch, consensus[c])
            if status != DONE:
                break
            changed_at[c] = step
            if not at_rest:
                pending[waiting_for_rest] = c
                waiting_for_rest += 1
        if status == DONE and changed:
            largest = _largest(x)
            before = margin
            margin = _margin(x, consensus, active[:K], game, ties)
            if margin != before:
                checked_at[:] = -1
        if record:
            if changed:
                spread, disagreement, surplus = _observe_agents(x, now)
            floats[step, SPREAD], floats[step, DISAGREEMENT], floats[step, SURPLUS] = spread, disagreement, surplus
            floats[step, GAIN] = np.nan
            integers[step, N_COALITIONS], integers[step, MOVER], integers[step, TARGET] = K, NOBODY, NOBODY
        if status != DONE:
            break
        if memory < 1.0:
            totals[0] *= memory
            for c in range(n + 1):
                entries[c] *= memory
                exits[c] *= memory
        totals[1] = step
        moment = Moment(x, labels, members, active[:K], now, error, consensus, margin, largest, entries, exits, totals)
        status, mover, target, gain, waiting, method = _next_move(
            moment, game, graph, rule, costs, schedule, temperature, turn, sequence, position, changed_at, checked_at,
            targets, gains, accepted, state,
        )  # fmt: skip
        methods[0] = max(methods[0], method)
        if status != DONE:
            break
        if mover < 0 and waiting_for_rest == 0 and not waiting:
            outcome = EQUILIBRIUM
            break
        if step == max_steps:
            break
        if mover < 0:
            step += 1
            continue

        source = labels[mover]
        if record:
            floats[step, GAIN] = gain
            integers[step, MOVER] = mover
            if target != FOUND:
                integers[step, TARGET] = np.min(members_of(target, members, 0))
        if target == FOUND:  # the lowest free number
            target = 0
            while members.size[target] > 0:
                target += 1
            entries[target], exits[target] = 0.0, 0.0
            K = _insert(active, K, target)
        else:
            entries[target] += 1.0
        exits[source] += 1.0
        totals[0] += 1.0
        labels[mover] = target
        leave(mover, source, members)
        join(mover, target, members)
        if members.size[source] == 0:
            K = _remove(active, K, source)
            waiting_for_rest = _without(pending, waiting_for_rest, source)
        else:
            waiting_for_rest = _with(pending, waiting_for_rest, source)
        waiting_for_rest = _with(pending, waiting_for_rest, target)
        turn = mover + 1 if mover + 1 < n else 0
        n_moves += 1
        step += 1

    # coalitions in the order of their numbers, without gaps
    for place in range(K):
        for i in members_of(active[place], members, 0):
            labels[i] = place
    spread, disagreement, surplus = _observe_agents(x, now)
    return status, outcome, n_moves, step, K, spread, disagreement, surplus


@njit(cache=True, nogil=True)
def _insert(increasing, count, value):
    """Insert a value into an increasing list of `count`; the new count."""
    place = np.searchsorted(increasing[:count], value)
    for p in range(count, place, -1):
        increasing[p] = increasing[p - 1]
    increasing[place] = value
    return count + 1


@njit(cache=True, nogil=True)
def _remove(increasing, count, value):
    """Remove a value from an increasing list of `count`; the new count."""
    for p in range(np.searchsorted(increasing[:count], value), count - 1):
        increasing[p] = increasing[p + 1]
    return count - 1


@njit(cache=True, nogil=True)
def _with(values, count, value):
    """Put a value on a list of `count` unless it is there; the new count."""
    for p in range(count):
        if values[p] == value:
            return count
    values[count] = value
    return count + 1


@njit(cache=True, nogil=True)
def _without(values, count, value):
    """Take a value from a list of `count` if it is there; the new count."""
    for p in range(count):
        if values[p] == value:
            values[p] = values[count - 1]
            return count - 1
    return count
