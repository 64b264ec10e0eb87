"""Adaptive rates of lazy influence, compiled: the rate of each coalition, and what follows from it.

Rates arrive as (program, registers, memory, lowest, is_timed, discount, program of β(ρ, ε), its registers); the first
program has no instructions if the rate is fixed, and the discount is negative if there is none.  `is_timed` says that
the expression has the steps in it.
"""

import numpy as np
from numba import njit

from numerics.kernels.codes import DONE, NO_RATE
from numerics.kernels.history import evaluate
from numerics.kernels.program import run
from numerics.kernels.ties import TIE


@njit(cache=True, nogil=True, error_model="numpy")
def adapt(coalition, size, rates, counts, keeps, slow_shares):
    """Write 1 - ε and β of one coalition as it stands; a status, and whether they have changed."""
    program, registers, _, lowest, _, discount, share_program, share_registers = rates
    rate = evaluate(
        program, registers, counts.entries[coalition], counts.exits[coalition], counts.totals[0], counts.totals[1],
        float(size),
    )  # fmt: skip
    if np.isnan(rate):
        return NO_RATE, False
    rate = min(max(rate, lowest), 1.0)
    changed = keeps[coalition] != 1.0 - rate
    keeps[coalition] = 1.0 - rate
    if discount >= 0.0:
        slow_shares[coalition] = run(share_program, share_registers, discount, rate)
    return DONE, changed


@njit(cache=True, nogil=True)
def may_shift(rates, counts):
    """Whether gains may still change while nobody moves: with a discount, until the moves so far are forgotten."""
    program, _, memory, _, is_timed, discount, _, _ = rates
    if program.shape[0] == 0 or discount < 0.0:
        return False
    return is_timed or (memory < 1.0 and counts.totals[0] > TIE)


@njit(cache=True, nogil=True, error_model="numpy")
def best_gain(gain, slow_share, rates):
    """The greatest gain of a move at any rate of the coalition joined, once members agree: it grows as 1 - β."""
    _, _, _, lowest, _, discount, share_program, share_registers = rates
    kept = 1.0 - slow_share
    if not kept > 0.0:
        return gain
    slowest, fastest = run(share_program, share_registers, discount, lowest), 1.0 - discount
    return max(gain * ((1.0 - slowest) / kept), gain * ((1.0 - fastest) / kept))
