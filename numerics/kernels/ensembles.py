"""Many runs of the coupled dynamics, each on a stream of its own."""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.agreeing import evolve_agreeing, scratch
from numerics.kernels.general import evolve_general


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
