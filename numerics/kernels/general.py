"""The coupled dynamics in general: weighted influence, or a tactical phase that stops short of consensus.

The same process as in `numerics.kernels.agreeing`, with one opinion for each agent and all moves evaluated afresh at
every step.
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
    RANDOM,
    SPREAD,
    STEP_LIMIT,
    SURPLUS,
    TARGET,
    UNANIMOUS,
)  # fmt: skip
from numerics.kernels.moves import all_moves
from numerics.kernels.program import performance, run
from numerics.kernels.ties import TIE, tolerance


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
        margin = tolerance(x, consensus[:K], coefficients, centre, ties)
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
