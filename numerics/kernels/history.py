"""What has happened so far, compiled: the counts from which adaptive rules and rates are computed.

A run keeps one set of them for each memory: entries and exits of every coalition since the run began or it was founded,
moves of all agents, and slow steps.  All but the steps shrink by the factor of the memory before each slow step.
"""

from collections import namedtuple

import numpy as np
from numba import njit

from numerics.kernels.program import run_prepared

# entries, exits : by the numbers of coalitions.  totals : (2,) moves and slow steps.
Counts = namedtuple("Counts", "entries exits totals")


@njit(cache=True, nogil=True)
def no_counts(numbers):
    """Nothing has happened yet to the coalitions 0 .. numbers-1."""
    return Counts(np.zeros(numbers), np.zeros(numbers), np.zeros(2))


@njit(cache=True, nogil=True)
def fade(counts, memory, step):
    """Forget a part of what happened before a slow step."""
    if memory < 1.0:
        counts.totals[0] *= memory
        for c in range(counts.entries.shape[0]):
            counts.entries[c] *= memory
            counts.exits[c] *= memory
    counts.totals[1] = step


@njit(cache=True, nogil=True)
def count_move(counts, source, target, is_new):
    """Count a move from a coalition to another, which `is_new` if the mover has founded it."""
    if is_new:
        counts.entries[target], counts.exits[target] = 0.0, 0.0
    else:
        counts.entries[target] += 1.0
    counts.exits[source] += 1.0
    counts.totals[0] += 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def evaluate(program, registers, entries, exits, moves, steps, size):
    """Value of an adaptive expression for one coalition of `size` members."""
    registers[0], registers[1], registers[2], registers[3], registers[4] = entries, exits, moves, steps, size
    return run_prepared(program, registers)
