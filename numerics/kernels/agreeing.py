"""The coupled dynamics where members agree when they move: equal influence, T = ∞ or consensus in one step.

One slow step is a tactical phase followed by one admissible move, if there is one.  The state is one opinion and
one size for each coalition; the gain of each accepted move from coalition to coalition is kept in a matrix, with the
number of admissible ones in each row.  A move changes two rows and two columns, so a step costs O(K) gains for K
coalitions.  `numerics.kernels.gaps` does without the matrix where the gain is a matter of the gap alone.
"""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.codes import (
    BOUNDED_CONFIDENCE,
    CAPACITY,
    DISAGREEMENT,
    DONE,
    EQUILIBRIUM,
    GAIN,
    LARGEST_GAIN,
    LOGIT,
    MOVER,
    N_COALITIONS,
    NOBODY,
    NOT_FINITE,
    OPEN,
    RANDOM,
    ROUND_ROBIN,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
    TOO_LARGE,
)  # fmt: skip
from numerics.kernels.payoffs import excess, gap_weights
from numerics.kernels.program import performance
from numerics.kernels.ties import TIE, sizes_at, sizes_on, tolerance_of

MAX_COALITIONS = 8192  # the matrix of gains takes 0.5 GB


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _offer(
    source, target, asking, least, reach, room, size, consensus, leaving, weights, g, nodes, node_weights, coefficients,
    centre, code, registers,
):  # fmt: skip
    """Gain of a member of `source` that joins `target`; minus infinity if `target` refuses.

    asking : whether incumbents must gain at least `least` each; reach, room : the largest gap and size allowed.
    The arrays of the game are passed one by one: taking them out of a tuple costs more than an offer.
    """
    m, c, x = size[target], consensus[target], consensus[source]
    if m >= room or abs(x - c) > reach:
        return -np.inf
    gain = excess(m, c, x, weights, target, g, nodes, node_weights, coefficients, centre, code, registers)
    linear = weights.shape[1] > 0  # g(s) = s: leaving forgoes exactly φ(x)
    if asking or not linear:
        own = performance(x, coefficients, centre, code, registers)
        if asking:  # incumbents share equally what the entrant leaves of the new value
            joint = g[m + 1] * performance(c + (x - c) / (m + 1), coefficients, centre, code, registers)
            if (joint - own - gain) / m - leaving[target] < least:
                return -np.inf
        if not linear:
            gain += own - leaving[source]
    return gain


@njit(cache=True, nogil=True, error_model="numpy")
def _renew_offers(
    coalition, joined, K, bound, asking, least, reach, room, size, consensus, leaving, weights, offers, targets, g,
    nodes, node_weights, coefficients, centre, code, registers,
):  # fmt: skip
    """Write the offers of one coalition to all (`joined`), or of all to it; return whether none is infinite."""
    finite = True
    degree = weights.shape[1] - 1
    free = degree >= 0 and not asking and reach == np.inf
    for other in range(K):
        source, target = (other, coalition) if joined else (coalition, other)
        if source == target:
            gain = -np.inf
        elif free and size[target] < room:  # a polynomial in the gap, without a call in the loop
            delta = consensus[source] - consensus[target]
            gain = 0.0
            for j in range(degree, 1, -1):
                gain = gain * delta + weights[target, j]
            gain *= delta * delta
        else:
            gain = _offer(
                source, target, asking, least, reach, room, size, consensus, leaving, weights, g, nodes, node_weights,
                coefficients, centre, code, registers,
            )  # fmt: skip
        targets[source] += int(gain > bound) - int(offers[source, target] > bound)
        offers[source, target] = gain
        finite = finite and gain < np.inf
    return finite


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _refresh(c, size, consensus, leaving, weights, founding, harmonic, g, coefficients, centre, code, registers):
    """Recompute what depends on coalition c alone; return whether it is finite."""
    value = performance(consensus[c], coefficients, centre, code, registers)
    leaving[c] = g[size[c]] * value / size[c]
    founding[c] = g[1] * value - leaving[c]
    if harmonic.shape[0] > 0:
        gap_weights(size[c], consensus[c], harmonic, coefficients, centre, weights, c)
    return np.isfinite(leaving[c])


@njit(cache=True, nogil=True, error_model="numpy")
def _observe(n_coalitions, size, consensus, leaving):
    """Spread, disagreement Σ(x_i - x̄)² and surplus Σ v(C)."""
    n, mean = 0, 0.0
    for c in range(n_coalitions):
        n += size[c]
        mean += size[c] * (consensus[c] - consensus[0])
    mean = consensus[0] + mean / n
    lo, hi, disagreement, surplus = np.inf, -np.inf, 0.0, 0.0
    for c in range(n_coalitions):
        lo = min(lo, consensus[c])
        hi = max(hi, consensus[c])
        disagreement += size[c] * (consensus[c] - mean) ** 2
        surplus += size[c] * leaving[c]
    return hi - lo, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def scratch(n, room, n_weights):
    """Arrays for n agents in up to room - 1 coalitions that `evolve_agreeing` works in; reuse them for every run."""
    return (
        np.empty(room, dtype=np.int64),  # size
        np.empty(room),  # consensus
        np.empty(room),  # payoff of each member
        np.empty(room),  # gain of founding alone
        np.empty((room, n_weights)),  # weights of the powers of the gap in the gain of joining
        np.empty((room, 2)),  # sizes of φ and φ' that the tie tolerance needs, unless φ is a polynomial
        np.empty((room, room)),  # offers: gain of an accepted move, from coalition to coalition
        np.empty(room, dtype=np.int64),  # number of admissible targets among coalitions
        np.empty(n + 1, dtype=np.int64),  # place of a coalition, by its number
        np.empty(n + 1, dtype=np.int64),  # number of the coalition at a place; free numbers beyond K
    )


@njit(cache=True, nogil=True)
def take_lowest_number(K, place, number):
    """Give the coalition that is founded at place K the lowest number that is free: one whose place is not below K."""
    lowest = 0
    while place[lowest] < K:
        lowest += 1
    there = place[lowest]
    number[there], number[K] = number[K], lowest
    place[number[there]], place[lowest] = there, K


@njit(cache=True, nogil=True)
def _has_move(c, size, founding, bound, targets):
    return targets[c] > 0 or (size[c] > 1 and founding[c] > bound)


@njit(cache=True, nogil=True, error_model="numpy")
def evolve_agreeing(
    x, labels, game, ties, rule, cost, schedule, temperature, max_steps, state, work, floats, integers
):  # fmt: skip
    """Run the dynamics from opinions `x` and structure `labels`; both are overwritten with the final state.

    rule : (acceptance, threshold).  floats, integers : (max_steps+1, 4) and (…, 3) history, or no rows.
    Returns status, outcome, moves, steps, number of coalitions, spread, disagreement, surplus.
    """
    size, consensus, leaving, founding, weights, sizes, offers, targets, place, number = work
    acceptance, threshold = rule
    asking = acceptance != OPEN and acceptance != CAPACITY and acceptance != BOUNDED_CONFIDENCE
    n = x.shape[0]
    g, harmonic, nodes, node_weights = game.scale, game.harmonic, game.nodes, game.node_weights
    coefficients, centre, code, registers = game.coefficients, game.centre, game.code, game.registers
    polynomial = coefficients.shape[0] > 0
    record = floats.shape[0] > 0
    n_moves, step, turn, status, outcome = 0, 0, 0, DONE, STEP_LIMIT

    # first tactical phase; means are taken around a member, so that exact agreement stays exact
    K = 0
    for i in range(n):
        K = max(K, labels[i] + 1)
    size[:K] = 0
    for i in range(n):
        c = labels[i]
        size[c] += 1
        if size[c] == 1:
            consensus[c] = x[i]
        else:
            consensus[c] += (x[i] - consensus[c]) / size[c]
    for c in range(K):
        if not _refresh(
            c, size, consensus, leaving, weights, founding, harmonic, g, coefficients, centre, code, registers
        ):
            status = NOT_FINITE
        if not polynomial:
            sizes[c, 0], sizes[c, 1] = sizes_at(consensus[c], ties)

    for c in range(n + 1):
        place[c], number[c] = c, c

    lo, hi, margin = np.nan, np.nan, -1.0
    range_value, range_slope = 0.0, 0.0
    bound, least, reach, room = 0.0, 0.0, np.inf, n + 1
    if acceptance == CAPACITY:
        room = int(min(threshold, n + 1.0))
    first, second = -1, -1  # the coalitions that the last move changed
    while True:
        new_lo, new_hi = consensus[0], consensus[0]
        for c in range(1, K):
            new_lo = min(new_lo, consensus[c])
            new_hi = max(new_hi, consensus[c])
        if new_lo != lo or new_hi != hi:
            lo, hi = new_lo, new_hi
            range_value, range_slope = sizes_on(lo, hi, coefficients, centre, ties)
        value, slope = range_value, range_slope
        if not polynomial:
            for c in range(K):
                value, slope = max(value, sizes[c, 0]), max(slope, sizes[c, 1])
        largest = max(abs(lo), abs(hi))
        new_margin = tolerance_of(value, slope, largest, ties)
        if acceptance == BOUNDED_CONFIDENCE and reach != threshold + TIE * largest:
            reach = threshold + TIE * largest
            margin = -1.0
        if new_margin != margin:  # everything is decided anew
            margin = new_margin
            bound, least = cost + margin, threshold - margin
            for a in range(K):
                targets[a] = 0
                for b in range(K):
                    offers[a, b] = -np.inf
            for c in range(K):
                if not _renew_offers(
                    c, True, K, bound, asking, least, reach, room, size, consensus, leaving, weights, offers, targets,
                    g, nodes, node_weights, coefficients, centre, code, registers,
                ):  # fmt: skip
                    status = NOT_FINITE
        elif first >= 0:
            # offers to the two coalitions that the last move changed, and of them; under g(s) = s a coalition which
            # only lost a member makes its other members no different
            for i in range(2):
                c = first if i == 0 else second
                if i == 1 and first == second:
                    continue
                if not _renew_offers(
                    c, True, K, bound, asking, least, reach, room, size, consensus, leaving, weights, offers, targets,
                    g, nodes, node_weights, coefficients, centre, code, registers,
                ):  # fmt: skip
                    status = NOT_FINITE
                if (i == 1 or first == second or weights.shape[1] == 0) and not _renew_offers(
                    c, False, K, bound, asking, least, reach, room, size, consensus, leaving, weights, offers, targets,
                    g, nodes, node_weights, coefficients, centre, code, registers,
                ):  # fmt: skip
                    status = NOT_FINITE
        if record:
            spread, disagreement, surplus = _observe(K, size, consensus, leaving)
            floats[step, SPREAD], floats[step, DISAGREEMENT], floats[step, SURPLUS] = spread, disagreement, surplus
            floats[step, GAIN] = np.nan
            integers[step, N_COALITIONS], integers[step, MOVER], integers[step, TARGET] = K, NOBODY, NOBODY
        if status != DONE:
            break
        moving = False
        if schedule == LOGIT:  # any accepted move keeps it going
            for c in range(K):
                moving = moving or size[c] > 1
            for c in range(K):
                if moving:
                    break
                for d in range(K):
                    moving = moving or offers[c, d] > -np.inf
        else:
            for c in range(K):
                moving = moving or _has_move(c, size, founding, bound, targets)
        if not moving:
            outcome = EQUILIBRIUM
            break
        if step == max_steps:
            break

        # who moves
        mover = 0
        if schedule == LOGIT:
            mover = streams.below(state, n)
        elif schedule == ROUND_ROBIN:
            while not _has_move(place[labels[turn]], size, founding, bound, targets):
                turn = turn + 1 if turn + 1 < n else 0
            mover = turn
            turn = turn + 1 if turn + 1 < n else 0
        elif schedule == LARGEST_GAIN:
            best = -np.inf
            for c in range(K):
                if size[c] > 1 and founding[c] > bound:
                    best = max(best, founding[c])
                for d in range(K):
                    best = max(best, offers[c, d])
            found = False
            for i in range(n):
                c = place[labels[i]]
                found = size[c] > 1 and founding[c] > bound and founding[c] >= best - margin
                for d in range(K):
                    found = found or offers[c, d] >= best - margin
                if found:
                    mover = i
                    break
        else:
            found = False
            for _ in range(n // 16 + 8):
                mover = streams.below(state, n)
                found = _has_move(place[labels[mover]], size, founding, bound, targets)
                if found:
                    break
            if not found:  # counted
                movers = 0
                for c in range(K):
                    movers += size[c] if _has_move(c, size, founding, bound, targets) else 0
                choice = streams.below(state, movers)
                for i in range(n):
                    if _has_move(place[labels[i]], size, founding, bound, targets):
                        if choice == 0:
                            mover = i
                            break
                        choice -= 1
        source = place[labels[mover]]

        # where to: -1 for founding alone, `source` for staying
        alone = size[source] > 1 and founding[source] > bound
        target = -1
        if schedule == RANDOM:
            choice = streams.below(state, targets[source] + int(alone))
            for c in range(K):
                if offers[source, c] > bound:
                    if choice == 0:
                        target = c
                        break
                    choice -= 1
        elif schedule == LOGIT:
            target = _noisy_choice(source, K, size, founding, offers, cost, temperature, state)
        else:
            best = -np.inf
            for c in range(K):
                gain = offers[source, c]
                # of equal moves that to the lowest number
                first_of_equals = gain > best - margin and target >= 0 and number[c] < number[target]
                if gain > bound and (gain > best + margin or first_of_equals):
                    best = max(best, gain)
                    target = c
            if alone and founding[source] > best + margin:
                target = -1
        if target == source:  # a noisy agent that stays
            first, second = -1, -1
            step += 1
            continue
        gain = founding[source] if target < 0 else offers[source, target]
        if record:
            floats[step, GAIN] = gain
            integers[step, MOVER] = mover
            if target >= 0:
                for i in range(n):
                    if labels[i] == number[target]:
                        integers[step, TARGET] = i
                        break

        # the move, and the tactical phase after it
        opinion = consensus[source]
        size[source] -= 1
        if target < 0:
            target = K
            if size.shape[0] == K:
                status = TOO_LARGE
                break
            take_lowest_number(K, place, number)
            K += 1
            size[target] = 1
            consensus[target] = opinion
            targets[target] = 0
            for c in range(K):
                offers[target, c], offers[c, target] = -np.inf, -np.inf
        else:
            size[target] += 1
            consensus[target] += (opinion - consensus[target]) / size[target]
        labels[mover] = number[target]
        if not _refresh(
            target, size, consensus, leaving, weights, founding, harmonic, g, coefficients, centre, code, registers
        ):
            status = NOT_FINITE
        if not polynomial:
            sizes[target, 0], sizes[target, 1] = sizes_at(consensus[target], ties)
        if size[source] > 0:
            _refresh(
                source, size, consensus, leaving, weights, founding, harmonic, g, coefficients, centre, code, registers
            )
            first, second = source, target
        else:
            for c in range(K):
                targets[c] -= int(offers[c, source] > bound)
            K -= 1
            if source != K:  # the last coalition takes the empty place
                size[source], consensus[source] = size[K], consensus[K]
                leaving[source], founding[source] = leaving[K], founding[K]
                weights[source], sizes[source] = weights[K], sizes[K]
                targets[source] = targets[K]
                number[source], number[K] = number[K], number[source]
                place[number[source]], place[number[K]] = source, K
                for c in range(K):
                    offers[source, c], offers[c, source] = offers[K, c], offers[c, K]
                offers[source, source] = -np.inf
                if target == K:
                    target = source
            first, second = target, target
        n_moves += 1
        step += 1

    for i in range(n):
        labels[i] = place[labels[i]]
        x[i] = consensus[labels[i]]
    spread, disagreement, surplus = _observe(K, size, consensus, leaving)
    return status, outcome, n_moves, step, K, spread, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def _noisy_choice(source, K, size, founding, offers, cost, temperature, state):
    """Draw staying (`source`), a target or founding alone (-1) with probability ∝ exp((gain - cost)/temperature)."""
    top = 0.0  # the greatest net gain, of staying at least: no exponent overflows
    for c in range(K):
        top = max(top, offers[source, c] - cost)
    if size[source] > 1:
        top = max(top, founding[source] - cost)
    stay = np.exp(-top / temperature)
    alone = np.exp((founding[source] - cost - top) / temperature) if size[source] > 1 else 0.0
    total = stay + alone
    for c in range(K):
        total += np.exp((offers[source, c] - cost - top) / temperature)
    choice = streams.uniform(state) * total - stay
    if choice < 0.0:
        return source
    for c in range(K):
        choice -= np.exp((offers[source, c] - cost - top) / temperature)
        if choice < 0.0:
            return c
    return -1 if alone > 0.0 else source
