"""The coupled dynamics agent by agent: any influence, acceptance rule, switching cost and schedule.

The same process as in `numerics.kernels.gaps` and `numerics.kernels.agreeing`, with one opinion for each agent.  An
agent's moves are evaluated when it is looked at: agents are taken in a random order until one has an admissible move,
which makes the mover uniform among those that have one without evaluating them all, and keeps memory O(n + edges).
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import (
    DISAGREEMENT,
    DONE,
    EQUILIBRIUM,
    EXACT,
    GAIN,
    MOVER,
    N_COALITIONS,
    NOBODY,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
)  # fmt: skip
from numerics.kernels.decisions import next_move
from numerics.kernels.history import count_move, fade, no_counts
from numerics.kernels.moves import (
    FOUND,
    Moment,
    consensus_of,
    join,
    leave,
    list_members,
    members_of,
    payoffs_of,
)
from numerics.kernels.phase import tactical_phase
from numerics.kernels.rates import adapt, may_shift
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


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def evolve_general(
    x, labels, game, graph, ties, rule, rates, costs, schedule, temperature, yielding, keep, n_steps, max_steps, state,
    floats, integers, methods,
):  # fmt: skip
    """As `evolve_agreeing`, for every other model; x (n, d) and labels are overwritten with the final state.

    yielding : (n,) 1 - stubbornness, or empty.  keep : factor of deviations in one step under equal influence.
    rates : those of coalitions, if they adapt: see `numerics.kernels.rates`; then `keep` is not used.
    n_steps : T, 0 for the limit.  methods : (1,), the worst method of any payoff that was compared.
    A step without an admissible move is a step of consensus alone.
    """
    n, d = x.shape
    record = floats.shape[0] > 0
    members = list_members(labels, n + 1)
    active, pending = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    now, error, consensus = np.zeros(n), np.zeros(n), np.zeros((n + 1, d))
    counts, rate_counts = no_counts(n + 1), no_counts(n + 1)  # as acceptance and rates remember them
    adapts = rates[0].shape[0] > 0
    keeps, slow_shares = np.full(n + 1, keep), np.full(n + 1, game.slow_share[0])
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
        fade(counts, rule[4], step)
        if adapts:
            fade(rate_counts, rates[2], step)
            for place in range(K):
                c = active[place]
                status, shifted = adapt(c, members.size[c], rates, rate_counts, keeps, slow_shares)
                if status != DONE:
                    break
                if shifted:
                    waiting_for_rest = _with(pending, waiting_for_rest, c)
        changed = waiting_for_rest > 0
        count = waiting_for_rest if status == DONE else 0
        waiting_for_rest = 0
        if changed and n_steps > 0:
            largest = _largest(x)
        for place in range(count):
            c = pending[place]
            who = members_of(c, members, 0)
            status, at_rest = tactical_phase(
                who, labels, x, game, graph, yielding, keeps[c], n_steps, largest, position, scratch
            )
            if status == DONE:
                game.slow_share[0] = slow_shares[c]
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
        moment = Moment(
            x, labels, members, active[:K], now, error, consensus, margin, largest, counts, slow_shares
        )  # fmt: skip
        status, mover, target, gain, waiting, method = next_move(
            moment, game, graph, rule, rates, may_shift(rates, rate_counts), costs, schedule, temperature, turn,
            sequence, position, changed_at, checked_at, targets, gains, accepted, state,
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
        is_new = target == FOUND
        if is_new:  # the lowest free number
            target = 0
            while members.size[target] > 0:
                target += 1
            K = _insert(active, K, target)
        count_move(counts, source, target, is_new)
        count_move(rate_counts, source, target, is_new)
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
