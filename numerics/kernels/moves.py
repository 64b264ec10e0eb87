"""Every move of every agent at given opinions, compiled: gains and acceptance."""

import numpy as np
from numba import njit

from numerics.kernels.codes import DONE, NOT_FINITE, TOO_LARGE
from numerics.kernels.payoffs import coalition_payoffs
from numerics.kernels.program import performance, run


@njit(cache=True, nogil=True, error_model="numpy")
def members_by_coalition(labels, n_coalitions, order, start):
    """Agents sorted by coalition (stable): coalition c is ``order[start[c]:start[c + 1]]``."""
    start[:] = 0
    for i in range(labels.shape[0]):
        start[labels[i] + 1] += 1
    for c in range(n_coalitions):
        start[c + 1] += start[c]
    position = start.copy()
    for i in range(labels.shape[0]):
        order[position[labels[i]]] = i
        position[labels[i]] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def payoffs(x, w, labels, n_coalitions, game, out):
    """Aumann-Drèze value of every agent in its coalition."""
    n = x.shape[0]
    order = np.empty(n, dtype=np.int64)
    start = np.empty(n_coalitions + 1, dtype=np.int64)
    members_by_coalition(labels, n_coalitions, order, start)
    for c in range(n_coalitions):
        who = order[start[c] : start[c + 1]]
        values = np.empty(who.shape[0])
        if not coalition_payoffs(x[who], w[who], values, game):
            return TOO_LARGE
        for position in range(who.shape[0]):
            if not np.isfinite(values[position]):
                return NOT_FINITE
            out[who[position]] = values[position]
    return DONE


@njit(cache=True, nogil=True, error_model="numpy")
def all_moves(x, w, labels, n_coalitions, game, gains, least_incumbent_gain):
    """Gain of every move, and the least gain that the move gives to an agent of the coalition joined.

    gains : (n, n_coalitions + 1), the last column for founding alone; NaN where there is no move.
    least_incumbent_gain : (n, n_coalitions + 1); +inf for founding alone, NaN where there is no move.
    """
    n = x.shape[0]
    order = np.empty(n, dtype=np.int64)
    start = np.empty(n_coalitions + 1, dtype=np.int64)
    members_by_coalition(labels, n_coalitions, order, start)
    now = np.empty(n)
    status = payoffs(x, w, labels, n_coalitions, game, now)
    if status != DONE:
        return status
    gains[:] = np.nan
    least_incumbent_gain[:] = np.nan
    joint_x, joint_w, values = np.empty(n + 1), np.empty(n + 1), np.empty(n + 1)
    for target in range(n_coalitions):
        who = order[start[target] : start[target + 1]]
        m = who.shape[0]
        for position in range(m):
            joint_x[position] = x[who[position]]
            joint_w[position] = w[who[position]]
        for i in range(n):
            if labels[i] == target:
                continue
            joint_x[m], joint_w[m] = x[i], w[i]
            if not coalition_payoffs(joint_x[: m + 1], joint_w[: m + 1], values[: m + 1], game):
                return TOO_LARGE
            gains[i, target] = values[m] - now[i]
            least = np.inf
            for position in range(m):
                least = min(least, values[position] - now[who[position]])
            least_incumbent_gain[i, target] = least
            if not np.isfinite(gains[i, target] + least):
                return NOT_FINITE
    weighted, phi, g, _, _, scale_code, scale_registers = game
    coefficients, centre, code, registers = phi
    for i in range(n):
        if start[labels[i] + 1] - start[labels[i]] > 1:
            scale = run(scale_code, scale_registers, 1.0, w[i]) if weighted else g[1]
            gains[i, n_coalitions] = scale * performance(x[i], coefficients, centre, code, registers) - now[i]
            least_incumbent_gain[i, n_coalitions] = np.inf
    return DONE
