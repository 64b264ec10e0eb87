"""Many runs of the coupled dynamics, each on a stream of its own; one kernel for each way to compute a run.

Runs number first, first+1, … of an ensemble.  starts : (runs, n, d) initial opinions, (1, n, d) if all runs start from
the same, or no rows if opinions are drawn afresh from normal = (mean, sd).  opinions, labels : (runs, n, d) and
(runs, n) final states, or one row if they are not kept.
integers : (6, runs) outcome, moves, steps, coalitions, status, method.
floats : (3, runs) spread, disagreement, surplus.
history : (steps + 1, 4) and (steps + 1, 3) arrays that a single run writes its steps to, or no rows.
"""

import numpy as np
from numba import njit

from numerics.kernels import streams
from numerics.kernels.agreeing import evolve_agreeing
from numerics.kernels.agreeing import scratch as scratch_agreeing
from numerics.kernels.gaps import evolve_gaps
from numerics.kernels.gaps import scratch as scratch_gaps
from numerics.kernels.general import evolve_general


@njit(cache=True, nogil=True, error_model="numpy")
def _begin(key, number, r, starts, normal, labels0, state, opinions, labels):
    """Start the stream of a run; fill its initial state, and return it as views of the rows it is kept in."""
    streams.start(key, number, state)
    place = min(r, opinions.shape[0] - 1)
    x, structure = opinions[place], labels[place]
    structure[:] = labels0
    if starts.shape[0] > 0:
        x[:] = starts[min(r, starts.shape[0] - 1)]
    else:
        streams.normals(state, normal[0], normal[1], x.ravel())
    return x, structure


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _keep(r, result, method, integers, floats):
    status, outcome, n_moves, steps, K, spread, disagreement, surplus = result
    integers[0, r], integers[1, r], integers[2, r], integers[3, r] = outcome, n_moves, steps, K
    integers[4, r], integers[5, r] = status, method
    floats[0, r], floats[1, r], floats[2, r] = spread, disagreement, surplus


@njit(cache=True, nogil=True, error_model="numpy")
def ensemble_gaps(
    key, first, starts, normal, labels0, gap_model, rule, cost, schedule, max_steps, method, opinions, labels, integers,
    floats, history,
):  # fmt: skip
    """Runs of `evolve_gaps`; gap_model : (centre, sizes, largest scale, gains, 1/√gains, 1/√shared)."""
    centre, sizes, largest_scale, gains, per_gain, per_share = gap_model
    n = labels0.shape[0]
    acceptance, threshold = rule
    state = np.empty(4, dtype=np.uint64)
    consensus, radius, size, place, number, chosen = scratch_gaps(n)
    keeps = opinions.shape[0] == integers.shape[1]
    x, structure = np.empty(n), np.empty(n, dtype=np.int64)
    history_floats, history_integers = history
    for r in range(integers.shape[1]):
        # as `_begin`, without a view of an array for each run: counting references to it takes longer than a move
        streams.start(key, first + r, state)
        for i in range(n):
            structure[i] = labels0[i]
        if starts.shape[0] > 0:
            own = min(r, starts.shape[0] - 1)
            for i in range(n):
                x[i] = starts[own, i, 0]
        else:
            streams.normals(state, normal[0], normal[1], x)
        result = evolve_gaps(
            x, structure, centre, sizes, largest_scale, acceptance, threshold, cost, schedule, max_steps, state, gains,
            per_gain, per_share, consensus, radius, size, place, number, chosen, history_floats, history_integers,
        )  # fmt: skip
        _keep(r, result, method, integers, floats)
        if keeps:
            for i in range(n):
                opinions[r, i, 0], labels[r, i] = x[i], structure[i]


@njit(cache=True, nogil=True, error_model="numpy")
def ensemble_agreeing(
    key, first, starts, normal, labels0, game, ties, rule, cost, schedule, temperature, max_steps, room, method,
    opinions, labels, integers, floats, history,
):  # fmt: skip
    """Runs of `evolve_agreeing`; room : coalitions that there is space for, and one."""
    state = np.empty(4, dtype=np.uint64)
    work = scratch_agreeing(labels0.shape[0], room, game.harmonic.shape[0])
    for r in range(integers.shape[1]):
        x, structure = _begin(key, first + r, r, starts, normal, labels0, state, opinions, labels)
        result = evolve_agreeing(
            x[:, 0], structure, game, ties, rule, cost, schedule, temperature, max_steps, state, work, history[0],
            history[1],
        )  # fmt: skip
        _keep(r, result, method, integers, floats)


@njit(cache=True, nogil=True, error_model="numpy")
def ensemble_general(
    key, first, starts, normal, labels0, game, graph, ties, rule, rates, costs, schedule, temperature, yielding, keep,
    n_steps, innate_given, max_steps, opinions, labels, integers, floats, history,
):  # fmt: skip
    """Runs of `evolve_general`; without `innate_given`, agents hold on to the opinions that the run starts from."""
    state = np.empty(4, dtype=np.uint64)
    methods = np.empty(1, dtype=np.int64)
    for r in range(integers.shape[1]):
        x, structure = _begin(key, first + r, r, starts, normal, labels0, state, opinions, labels)
        if game.innate.shape[0] > 0 and not innate_given:
            game.innate[:] = x
        result = evolve_general(
            x, structure, game, graph, ties, rule, rates, costs, schedule, temperature, yielding, keep, n_steps,
            max_steps, state, history[0], history[1], methods,
        )  # fmt: skip
        _keep(r, result, methods[0], integers, floats)
