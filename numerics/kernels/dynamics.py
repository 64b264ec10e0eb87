"""The coupled dynamics, compiled: two kernels for one process.

One slow step is a tactical phase followed by one admissible move, if there is one.

- `evolve_agreeing`: equal influence, members agree after every tactical phase (T = ∞, or consensus in one
  step).  The state is one opinion and one size for each coalition; the gain of each move from coalition to
  coalition is kept in a matrix, of which a move changes two rows and two columns.
- `evolve_general`: everything else (weighted influence; finite T).  The state is one opinion for each agent,
  and all moves are evaluated afresh at every step.

Both draw the mover among the agents that have an admissible move, and both record the same history.
"""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.moves import DONE, NOT_FINITE, UNANIMOUS, all_moves
from numerics.kernels.payoffs import excess, gap_weights
from numerics.kernels.program import performance, run
from numerics.kernels.ties import TIE, sizes_at, sizes_on, tolerance, tolerance_of

RANDOM, BEST_RESPONSE = range(2)
EQUILIBRIUM, STEP_LIMIT = range(2)

# columns of the recorded history
SPREAD, DISAGREEMENT, SURPLUS, GAIN = range(4)
N_COALITIONS, MOVER, TARGET = range(3)
NOBODY = -1  # no mover, or no coalition joined: founding alone


@njit(cache=True, nogil=True, error_model="numpy")
def _offer(
    source, target, least, unanimous, size, consensus, leaving, weights, g, coefficients, centre, code, registers
):  # fmt: skip
    """Gain of a member of `source` that joins `target`; minus infinity if `target` refuses."""
    m, c, x = size[target], consensus[target], consensus[source]
    gain = excess(m, c, x, weights, target, g, coefficients, centre, code, registers)
    linear = weights.shape[1] > 0  # g(s) = s: leaving forgoes exactly φ(x)
    if unanimous or not linear:
        own = performance(x, coefficients, centre, code, registers)
        if unanimous:  # incumbents share equally what the entrant leaves of the new value
            joint = g[m + 1] * performance(c + (x - c) / (m + 1), coefficients, centre, code, registers)
            if (joint - own - gain) / m - leaving[target] < least:
                return -np.inf
        if not linear:
            gain += own - leaving[source]
    return gain


@njit(cache=True, nogil=True, error_model="numpy")
def _offers_to(
    target, K, least, unanimous, size, consensus, leaving, weights, offers, g, coefficients, centre, code, registers
):  # fmt: skip
    """Write the offers of `target` to all coalitions; return whether all are finite (or refusals)."""
    finite = True
    degree = weights.shape[1] - 1
    if degree >= 0 and not unanimous:  # a polynomial in the gap, without a call in the loop
        c = consensus[target]
        for source in range(K):
            delta = consensus[source] - c
            gain = 0.0
            for j in range(degree, 1, -1):
                gain = gain * delta + weights[target, j]
            gain *= delta * delta
            offers[source, target] = gain
            finite = finite and gain < np.inf
    else:
        for source in range(K):
            if source != target:
                gain = _offer(
                    source, target, least, unanimous, size, consensus, leaving, weights, g, coefficients, centre,
                    code, registers,
                )  # fmt: skip
                offers[source, target] = gain
                finite = finite and gain < np.inf
    offers[target, target] = -np.inf
    return finite


@njit(cache=True, nogil=True, error_model="numpy")
def _offers_from(
    source, K, least, unanimous, size, consensus, leaving, weights, offers, g, coefficients, centre, code, registers
):  # fmt: skip
    """Write the offers of all coalitions to `source`; return whether all are finite (or refusals)."""
    finite = True
    degree = weights.shape[1] - 1
    if degree >= 0 and not unanimous:
        x = consensus[source]
        for target in range(K):
            delta = x - consensus[target]
            gain = 0.0
            for j in range(degree, 1, -1):
                gain = gain * delta + weights[target, j]
            gain *= delta * delta
            offers[source, target] = gain
            finite = finite and gain < np.inf
    else:
        for target in range(K):
            if source != target:
                gain = _offer(
                    source, target, least, unanimous, size, consensus, leaving, weights, g, coefficients, centre,
                    code, registers,
                )  # fmt: skip
                offers[source, target] = gain
                finite = finite and gain < np.inf
    offers[source, source] = -np.inf
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
def scratch(n, n_weights):
    """Arrays that `evolve_agreeing` works in; reuse them for every run of an ensemble."""
    k = n + 1
    return (
        np.empty(k, dtype=np.int64),  # size
        np.empty(k),  # consensus
        np.empty(k),  # payoff of each member
        np.empty(k),  # gain of founding alone
        np.empty((k, n_weights)),  # weights of the powers of the gap in the gain of joining
        np.empty((k, 2)),  # sizes of φ and φ' that the tie tolerance needs, unless φ is a polynomial
        np.empty((k, k)),  # offers: gain of an accepted move, from coalition to coalition
        np.empty(k, dtype=np.int64),  # number of admissible targets
    )


@njit(cache=True, nogil=True, error_model="numpy")
def evolve_agreeing(x, labels, game, ties, rule, schedule, max_steps, state, work, floats, integers):
    """Run the dynamics from opinions `x` and structure `labels`; both are overwritten with the final state.

    rule : (acceptance, threshold, κ).  floats, integers : (max_steps+1, 4) and (…, 3) history, or no rows.
    Returns status, outcome, moves, steps, number of coalitions, spread, disagreement, surplus.
    """
    size, consensus, leaving, founding, weights, sizes, offers, targets = work
    acceptance, threshold, cost = rule
    unanimous = acceptance == UNANIMOUS
    n = x.shape[0]
    _, phi, g, harmonic, _, _, _ = game
    coefficients, centre, code, registers = phi
    polynomial = coefficients.shape[0] > 0
    record = floats.shape[0] > 0
    n_moves, step, status, outcome = 0, 0, DONE, STEP_LIMIT

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

    lo, hi, margin = np.nan, np.nan, -1.0
    range_value, range_slope, stale = 0.0, 0.0, True
    changed = (-1, -1)  # the coalitions that the last move changed
    while True:
        new_lo, new_hi = consensus[0], consensus[0]
        for c in range(1, K):
            new_lo = min(new_lo, consensus[c])
            new_hi = max(new_hi, consensus[c])
        everything = step == 0
        if new_lo != lo or new_hi != hi:
            lo, hi = new_lo, new_hi
            range_value, range_slope = sizes_on(lo, hi, coefficients, centre, ties)
            stale = True
        if stale or not polynomial:
            value, slope = range_value, range_slope
            if not polynomial:
                for c in range(K):
                    value, slope = max(value, sizes[c, 0]), max(slope, sizes[c, 1])
            new_margin = tolerance_of(value, slope, max(abs(lo), abs(hi)), ties)
            everything = everything or (unanimous and new_margin != margin)
            margin = new_margin
            stale = False
        bound, least = cost + margin, threshold - margin

        # offers that the last move changed: those to and from the two coalitions, except that a coalition
        # which only lost a member makes its other members no different under g(s) = s
        for i in range(K if everything else 2):
            finite = _offers_to(
                i if everything else changed[i], K, least, unanimous, size, consensus, leaving, weights, offers, g,
                coefficients, centre, code, registers,
            )  # fmt: skip
            if not finite:
                status = NOT_FINITE
        for i in range(2 if everything else (1 if weights.shape[1] > 0 else 0), 2):
            finite = _offers_from(
                changed[i], K, least, unanimous, size, consensus, leaving, weights, offers, g, coefficients, centre,
                code, registers,
            )  # fmt: skip
            if not finite:
                status = NOT_FINITE
        movers = 0
        for a in range(K):
            count = 0
            for b in range(K):
                count += offers[a, b] > bound
            if size[a] > 1 and founding[a] > bound:
                count += 1
            targets[a] = count
            if count > 0:
                movers += size[a]
        if record:
            spread, disagreement, surplus = _observe(K, size, consensus, leaving)
            floats[step, SPREAD], floats[step, DISAGREEMENT], floats[step, SURPLUS] = spread, disagreement, surplus
            floats[step, GAIN] = np.nan
            integers[step, N_COALITIONS], integers[step, MOVER], integers[step, TARGET] = K, NOBODY, NOBODY
        if status != DONE:
            break

        if movers == 0:
            outcome = EQUILIBRIUM
            break
        if step == max_steps:
            break

        # who moves, and where
        choice = streams.below(state, movers)
        source = 0
        for c in range(K):
            if targets[c] > 0:
                if choice < size[c]:
                    source = c
                    break
                choice -= size[c]
        mover = 0
        for i in range(n):
            if labels[i] == source:
                if choice == 0:
                    mover = i
                    break
                choice -= 1
        alone = size[source] > 1 and founding[source] > bound
        target = -1
        if schedule == RANDOM:
            choice = streams.below(state, targets[source])
            for c in range(K):
                if offers[source, c] > bound:
                    if choice == 0:
                        target = c
                        break
                    choice -= 1
        else:
            best = -np.inf
            for c in range(K):
                if offers[source, c] > bound and offers[source, c] > best + margin:
                    best = offers[source, c]
                    target = c
            if alone and founding[source] > best + margin:
                target = -1
        gain = founding[source] if target < 0 else offers[source, target]
        if record:
            floats[step, GAIN] = gain
            integers[step, MOVER] = mover
            if target >= 0:
                for i in range(n):
                    if labels[i] == target:
                        integers[step, TARGET] = i
                        break

        # the move, and the tactical phase after it
        opinion = consensus[source]
        size[source] -= 1
        if target < 0:
            target = K
            K += 1
            size[target] = 1
            consensus[target] = opinion
        else:
            size[target] += 1
            consensus[target] += (opinion - consensus[target]) / size[target]
        labels[mover] = target
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
            changed = (source, target)
        else:
            K -= 1
            if source != K:  # the last coalition takes the empty place
                size[source], consensus[source] = size[K], consensus[K]
                leaving[source], founding[source] = leaving[K], founding[K]
                weights[source], sizes[source] = weights[K], sizes[K]
                for i in range(n):
                    if labels[i] == K:
                        labels[i] = source
                for c in range(K):
                    offers[source, c], offers[c, source] = offers[K, c], offers[c, K]
                offers[source, source] = -np.inf
                if target == K:
                    target = source
            changed = (target, target)
        n_moves += 1
        step += 1

    for i in range(n):
        x[i] = consensus[labels[i]]
    spread, disagreement, surplus = _observe(K, size, consensus, leaving)
    return status, outcome, n_moves, step, K, spread, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def _tactical_phase(x, w, labels, n_coalitions, keep, total, consensus):
    """Shrink deviations from the consensus of each coalition by `keep`; return whether all members agree now."""
    total[:n_coalitions] = 0.0
    largest = 0.0
    for i in range(x.shape[0]):
        c = labels[i]
        total[c] += w[i]
        if total[c] == w[i]:
            consensus[c] = x[i]
        else:
            consensus[c] += (x[i] - consensus[c]) * (w[i] / total[c])
        largest = max(largest, abs(x[i]))
    settled = True
    for i in range(x.shape[0]):
        deviation = keep * (x[i] - consensus[labels[i]])
        if abs(deviation) > TIE * largest:
            settled = False
            x[i] = consensus[labels[i]] + deviation
        else:
            x[i] = consensus[labels[i]]
    return settled


@njit(cache=True, nogil=True, error_model="numpy")
def _observe_agents(x, labels, n_coalitions, total, consensus, game):
    """Spread, disagreement and surplus, agent by agent."""
    weighted, phi, g, _, _, scale_code, scale_registers = game
    coefficients, centre, code, registers = phi
    lo, hi = np.min(x), np.max(x)
    mean = lo + np.mean(x - lo)
    disagreement = np.sum((x - mean) ** 2)
    surplus = 0.0
    for c in range(n_coalitions):
        size = 0
        for i in range(x.shape[0]):
            size += labels[i] == c
        scale = run(scale_code, scale_registers, float(size), total[c]) if weighted else g[size]
        surplus += scale * performance(consensus[c], coefficients, centre, code, registers)
    return hi - lo, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def evolve_general(x, w, labels, game, ties, rule, schedule, keep, max_steps, state, floats, integers):
    """As `evolve_agreeing`, for weighted influence or a tactical phase that stops short of consensus.

    keep : factor of the deviations in one tactical phase, (1-ε)^T.  A step without an admissible move is a
    step of consensus alone.
    """
    acceptance, threshold, cost = rule
    n = x.shape[0]
    coefficients, centre, _, _ = game[1]
    record = floats.shape[0] > 0
    total, consensus = np.empty(n + 1), np.empty(n + 1)
    gains, least = np.empty((n, n + 2)), np.empty((n, n + 2))
    admissible = np.empty((n, n + 2), dtype=np.bool_)
    targets = np.empty(n, dtype=np.int64)
    K = 0
    for i in range(n):
        K = max(K, labels[i] + 1)
    n_moves, step, status, outcome = 0, 0, DONE, STEP_LIMIT
    spread, disagreement, surplus = 0.0, 0.0, 0.0
    while True:
        settled = _tactical_phase(x, w, labels, K, keep, total, consensus)
        spread, disagreement, surplus = _observe_agents(x, labels, K, total, consensus, game)
        if record:
            floats[step, SPREAD], floats[step, DISAGREEMENT], floats[step, SURPLUS] = spread, disagreement, surplus
            floats[step, GAIN] = np.nan
            integers[step, N_COALITIONS], integers[step, MOVER], integers[step, TARGET] = K, NOBODY, NOBODY
        status = all_moves(x, w, labels, K, game, gains[:, : K + 1], least[:, : K + 1])
        if status != DONE:
            break
        margin = tolerance(x, coefficients, centre, ties)
        movers = 0
        for i in range(n):
            targets[i] = 0
            for c in range(K + 1):
                ok = gains[i, c] > cost + margin
                if ok and acceptance == UNANIMOUS:
                    ok = least[i, c] >= threshold - margin
                admissible[i, c] = ok
                targets[i] += ok
            movers += targets[i] > 0
        if movers == 0 and settled:
            outcome = EQUILIBRIUM
            break
        if step == max_steps:
            break
        if movers == 0:
            step += 1
            continue

        choice = streams.below(state, movers)
        mover = 0
        for i in range(n):
            if targets[i] > 0:
                if choice == 0:
                    mover = i
                    break
                choice -= 1
        target = K
        if schedule == RANDOM:
            choice = streams.below(state, targets[mover])
            for c in range(K + 1):
                if admissible[mover, c]:
                    if choice == 0:
                        target = c
                        break
                    choice -= 1
        else:
            best = -np.inf
            for c in range(K + 1):
                if admissible[mover, c] and gains[mover, c] > best + margin:
                    best = gains[mover, c]
                    target = c
        if record:
            floats[step, GAIN] = gains[mover, target]
            integers[step, MOVER] = mover
            if target < K:
                for i in range(n):
                    if labels[i] == target:
                        integers[step, TARGET] = i
                        break

        source = labels[mover]
        labels[mover] = target
        if target == K:
            K += 1
        left_empty = True
        for i in range(n):
            left_empty = left_empty and labels[i] != source
        if left_empty:
            K -= 1
            for i in range(n):
                if labels[i] == K:
                    labels[i] = source
        n_moves += 1
        step += 1
    return status, outcome, n_moves, step, K, spread, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def ensemble(
    key, first, x0, normal, labels0, w, game, ties, rule, schedule, agreeing, keep, max_steps, opinions, labels,
    integers, floats,
):  # fmt: skip
    """Runs number first, first+1, … of an ensemble.

    normal : (mean, sd); opinions are drawn afresh if x0 has no entries.
    opinions, labels : (runs, n) final states, or (1, n) if they are not kept.
    integers : (runs, 5) outcome, moves, steps, coalitions, status.  floats : (runs, 3) spread, disagreement, surplus.
    """
    n = labels0.shape[0]
    state = np.empty(4, dtype=np.uint64)
    work = scratch(n, game[3].shape[0])
    no_floats, no_integers = np.empty((0, 4)), np.empty((0, 3), dtype=np.int64)
    for r in range(integers.shape[0]):
        streams.start(key, first + r, state)
        place = min(r, opinions.shape[0] - 1)
        x, structure = opinions[place], labels[place]
        structure[:] = labels0
        if x0.shape[0] > 0:
            x[:] = x0
        else:
            streams.normals(state, normal[0], normal[1], x)
        if agreeing:
            result = evolve_agreeing(
                x, structure, game, ties, rule, schedule, max_steps, state, work, no_floats, no_integers
            )
        else:
            result = evolve_general(
                x, w, structure, game, ties, rule, schedule, keep, max_steps, state, no_floats, no_integers
            )
        status, outcome, n_moves, steps, K, spread, disagreement, surplus = result
        integers[r, 0], integers[r, 1], integers[r, 2], integers[r, 3], integers[r, 4] = (
            outcome, n_moves, steps, K, status
        )  # fmt: skip
        floats[r, 0], floats[r, 1], floats[r, 2] = spread, disagreement, surplus
