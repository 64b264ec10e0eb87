"""The coupled dynamics where members agree when they move: equal influence, T = ∞ or consensus in one step.

One slow step is a tactical phase followed by one admissible move, if there is one.  The state is one opinion and
one size for each coalition; the gain of each accepted move from coalition to coalition is kept in a matrix, of
which a move changes two rows and two columns.  The mover is drawn among the agents that have an admissible move.
"""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.codes import (
    DISAGREEMENT,
    DONE,
    EQUILIBRIUM,
    GAIN,
    MOVER,
    N_COALITIONS,
    NOBODY,
    NOT_FINITE,
    RANDOM,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
    UNANIMOUS,
)  # fmt: skip
from numerics.kernels.payoffs import excess, gap_weights
from numerics.kernels.program import performance
from numerics.kernels.ties import sizes_at, sizes_on, tolerance_of


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
def _renew_offers(
    coalition, joined, K, least, unanimous, size, consensus, leaving, weights, offers, g, coefficients, centre, code,
    registers,
):  # fmt: skip
    """Write the offers of one coalition to all (`joined`), or of all to it; return whether none is infinite."""
    finite = True
    degree = weights.shape[1] - 1
    for other in range(K):
        source, target = (other, coalition) if joined else (coalition, other)
        if degree >= 0 and not unanimous:  # a polynomial in the gap, without a call in the loop
            delta = consensus[source] - consensus[target]
            gain = 0.0
            for j in range(degree, 1, -1):
                gain = gain * delta + weights[target, j]
            gain *= delta * delta
        elif source != target:
            gain = _offer(
                source, target, least, unanimous, size, consensus, leaving, weights, g, coefficients, centre, code,
                registers,
            )  # fmt: skip
        else:
            gain = -np.inf
        offers[source, target] = gain
        finite = finite and gain < np.inf
    offers[coalition, coalition] = -np.inf
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
            finite = _renew_offers(
                i if everything else changed[i], True, K, least, unanimous, size, consensus, leaving, weights, offers,
                g, coefficients, centre, code, registers,
            )  # fmt: skip
            if not finite:
                status = NOT_FINITE
        for i in range(2 if everything else (1 if weights.shape[1] > 0 else 0), 2):
            finite = _renew_offers(
                changed[i], False, K, least, unanimous, size, consensus, leaving, weights, offers, g, coefficients,
                centre, code, registers,
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
