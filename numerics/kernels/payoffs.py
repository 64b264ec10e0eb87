"""Aumann-Drèze values of one coalition, compiled.  `numerics.kernels.games` describes the game.

The first of these that applies:

| members | influence | payoff | cost |
|---|---|---|---|
| one | any | its value | O(1) |
| any | network, general | `numerics.kernels.graph_payoffs` | |
| all agree | equal | equal shares | O(k) |
| any | equal, quadratic φ, g = s | closed form V3 | O(k) |
| all but one agree | equal | two types, V5 | O(k), O(degree) or O(nodes) |
| any | equal, polynomial φ, g = s | moments of sampling without replacement | O(k) |
| up to `exact_up_to` | any | the table of all subsets | O(2^k) |
| any | any | random orders, if samples are asked for | O(k samples) |
"""

import numpy as np
from numba import njit

from numerics.kernels import codes, streams
from numerics.kernels.closed_forms import (
    interpolated_excess,
    interpolated_excess_along,
    polynomial_payoffs,
    quadratic_form_payoffs,
    quadratic_payoffs,
)
from numerics.kernels.graph_payoffs import graph_payoffs, mean_sampled
from numerics.kernels.program import performance, performance_at, run
from numerics.kernels.shapley import shapley_from_table


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def gap_weights(m, c, harmonic, coefficients, centre, out, row):
    """Write the coefficients of δʲ in the gain of joining m agents at c to out[row].

    These are φ⁽ʲ⁾(c)/j! (H_{m+1}^{(j-1)}/(m+1) - 1); the Taylor coefficients come from repeated synthetic division.
    """
    size = coefficients.shape[0]
    y = c - centre
    for j in range(size):
        out[row, j] = coefficients[j]
    for j in range(size - 1):
        for i in range(size - 2, j - 1, -1):
            out[row, i] += y * out[row, i + 1]
    for j in range(size):
        out[row, j] *= harmonic[j, m]


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def excess(m, c, x, weights, row, g, nodes, node_weights, coefficients, centre, code, registers):
    """Payoff of an entrant with opinion x among m agents that agree at c, minus φ(x).

    weights[row] : what `gap_weights` wrote; no columns if the closed form does not apply, then O(nodes) if there are
    nodes of an interpolation, and O(m) otherwise.
    """
    delta = x - c
    degree = weights.shape[1] - 1
    total = 0.0
    if degree >= 0:
        for j in range(degree, 1, -1):
            total = total * delta + weights[row, j]
        return total * delta * delta
    if 0 < nodes.shape[0] < m:
        return interpolated_excess(m, c, x, nodes, node_weights, coefficients, centre, code, registers)
    at_c = performance(c, coefficients, centre, code, registers)
    for s in range(m + 1):
        joint = performance(c + delta / (s + 1), coefficients, centre, code, registers)
        total += g[s + 1] * joint - g[s] * at_c
    return total / (m + 1) - performance(x, coefficients, centre, code, registers)


@njit(cache=True, nogil=True, error_model="numpy")
def coalition_payoffs(who, x, game, graph, position, out, error):
    """Write the Aumann-Drèze value of every member of the coalition `who`, (k,) agents, to `out`.

    x : (n, d) opinions of all agents.  graph : None for equal and weighted influence.
    position : (n,) workspace, -1 everywhere.  out, error : (k,).
    Returns a status and how the payoffs were computed; `error` is 0 unless they are interpolated or sampled.
    """
    error[:] = 0.0
    if graph is None:
        return _mean_payoffs(who, x, game, out, error)
    status = graph_payoffs(
        who, x, graph.symmetric, graph.indptr, graph.indices, graph.data, game.yielding, game.innate,
        game.coefficients, game.centre, game.code, game.registers, game.scale, game.exact_up_to, game.samples, game.key,
        position, out, error,
    )  # fmt: skip
    method = codes.EXACT
    for i in range(who.shape[0]):
        if error[i] > 0.0:
            method = codes.SAMPLED
    return status, method


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _mean_payoffs(who, x, game, out, error):
    """The same where the consensus is a (weighted) mean."""
    k, d = who.shape[0], x.shape[1]
    if k == 1:
        point = x[who[0]]
        if game.yielding.shape[0] > 0 and game.yielding[who[0]] < 1.0:
            point = game.innate[who[0]]
        scale = (
            run(game.scale_code, game.scale_registers, 1.0, game.weights[who[0]]) if game.weighted else game.scale[1]
        )
        out[0] = scale * performance_at(point, game.coefficients, game.centre, game.code, game.registers)
        return codes.DONE if np.isfinite(out[0]) else codes.NOT_FINITE, codes.EXACT
    local = np.empty((k, d))
    for p in range(k):
        for coordinate in range(d):
            local[p, coordinate] = x[who[p], coordinate]
    method = codes.CLOSED_FORM
    done = False
    if game.yielding.shape[0] == 0:
        if not game.weighted:
            done, method = _equal_payoffs(local, game, out, error)
        elif game.additive > 0 and _odd_one(local)[1] == 0:  # all agree, and v adds up
            value = performance_at(local[0], game.coefficients, game.centre, game.code, game.registers)
            for p in range(k):
                out[p] = value * (game.weights[who[p]] if game.additive == 2 else 1.0)
            done = True
    if not done:
        method = codes.EXACT
        w = game.weights[who]
        if k <= game.exact_up_to:
            values = np.empty(1 << k)
            _tabulate(who, local, w, game, values)
            shapley_from_table(values, out)
        elif game.samples > 0:
            method = codes.SAMPLED
            state = np.empty(4, dtype=np.uint64)
            streams.start(game.key, streams.stream_number(who), state)
            status = _sampled_payoffs(who, local, w, game, state, out, error)
            if status != codes.DONE:
                return status, method
        else:
            return codes.TOO_LARGE, method
    for p in range(k):
        if not np.isfinite(out[p]):
            return codes.NOT_FINITE, method
    return codes.DONE, method


@njit(cache=True, nogil=True)
def _odd_one(x):
    """The member that differs from the others, and how many do from the opinion that most share: 0, 1 or more."""
    k = x.shape[0]
    common = 0
    if k > 2 and not _same(x, 0, 1) and not _same(x, 0, 2):
        common = 1
    odd, count = -1, 0
    for i in range(k):
        if not _same(x, i, common):
            odd = i
            count += 1
            if count > 1:
                break
    return odd, count


@njit(cache=True, nogil=True, forceinline=True)
def _same(x, i, j):
    same = True
    for coordinate in range(x.shape[1]):
        same = same and x[i, coordinate] == x[j, coordinate]
    return same


@njit(cache=True, nogil=True, error_model="numpy")
def _equal_payoffs(x, game, out, error):
    """Payoffs of members of equal influence where a form is known; whether one was, and which."""
    k, d = x.shape
    odd, n_odd = _odd_one(x)
    coefficients, centre, code, registers = game.coefficients, game.centre, game.code, game.registers
    if n_odd == 0:
        out[:] = game.scale[k] * performance_at(x[0], coefficients, centre, code, registers) / k
        return True, codes.CLOSED_FORM
    if game.quadratic.shape[1] > 0:
        if d == 1:
            quadratic_payoffs(x[:, 0], out, coefficients, centre, game.quadratic[:, k])
        else:
            quadratic_form_payoffs(x, out, game.form_constant, game.form_linear, game.form_matrix, game.quadratic[:, k])
        slow_share = game.slow_share[0]
        if slow_share > 0.0:  # members are paid for their own opinion while consensus takes time
            for i in range(k):
                own = performance_at(x[i], coefficients, centre, code, registers)
                out[i] = slow_share * own + (1.0 - slow_share) * out[i]
        return True, codes.CLOSED_FORM
    if n_odd == 1:
        m = k - 1
        c, entrant = x[1 if odd == 0 else 0], x[odd]
        payoff = _two_type_payoff(m, c, entrant, game)
        joint = np.empty(d)
        for coordinate in range(d):
            joint[coordinate] = c[coordinate] + (entrant[coordinate] - c[coordinate]) / k
        total = game.scale[k] * performance_at(joint, coefficients, centre, code, registers)
        out[:] = (total - payoff) / m
        out[odd] = payoff
        if game.harmonic.shape[0] == 0 and 0 < game.nodes.shape[0] < m:
            error[:] = game.node_error / m
            error[odd] = game.node_error
            return True, codes.INTERPOLATED
        return True, codes.CLOSED_FORM
    if game.harmonic.shape[0] > 0 and game.polynomial_row[k] >= 0:
        polynomial_payoffs(x[:, 0], out, coefficients, centre, game.polynomial, game.polynomial_row[k])
        return True, codes.CLOSED_FORM
    return False, codes.EXACT


@njit(cache=True, nogil=True, error_model="numpy")
def _two_type_payoff(m, c, x, game):
    """Payoff of an entrant at x among m agents that agree at c, both (d,)."""
    coefficients, centre, code, registers = game.coefficients, game.centre, game.code, game.registers
    if x.shape[0] == 1:
        weights = np.empty((1, game.harmonic.shape[0]))
        if game.harmonic.shape[0] > 0:
            gap_weights(m, c[0], game.harmonic, coefficients, centre, weights, 0)
        return performance(x[0], coefficients, centre, code, registers) + excess(
            m, c[0], x[0], weights, 0, game.scale, game.nodes, game.node_weights, coefficients, centre, code, registers
        )
    point = np.empty(x.shape[0])
    if 0 < game.nodes.shape[0] < m:
        return performance_at(x, coefficients, centre, code, registers) + interpolated_excess_along(
            m, c, x, point, game.nodes, game.node_weights, coefficients, centre, code, registers
        )
    at_c = performance_at(c, coefficients, centre, code, registers)
    total = 0.0
    for s in range(m + 1):
        for coordinate in range(x.shape[0]):
            point[coordinate] = c[coordinate] + (x[coordinate] - c[coordinate]) / (s + 1)
        total += game.scale[s + 1] * performance_at(point, coefficients, centre, code, registers)
        total -= game.scale[s] * at_c
    return total / (m + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _mean_value(count, total_weight, total, free_total, pull, who, chosen, x, w, game, point):
    """v of a set of `count` members whose opinions follow the (weighted) mean, from its sums.

    Without stubbornness the mean is total/total_weight.  With it, m = Σ w (1-l) x(0) / Σ w (1-l) = free_total/pull and
    member j is at l m + (1-l) x(0); if nobody in the set is stubborn, pull = 0, it is the plain case.
    """
    d = x.shape[1]
    scale = (
        run(game.scale_code, game.scale_registers, float(count), total_weight) if game.weighted else game.scale[count]
    )
    stubborn = pull > 0.0
    for coordinate in range(d):
        point[coordinate] = free_total[coordinate] / pull if stubborn else total[coordinate] / total_weight
    if not stubborn:
        return scale * performance_at(point, game.coefficients, game.centre, game.code, game.registers)
    mean = point.copy()
    value = 0.0
    for p in range(who.shape[0]):
        if chosen[p]:
            share = game.yielding[who[p]]
            for coordinate in range(d):
                point[coordinate] = share * mean[coordinate] + (1.0 - share) * game.innate[who[p], coordinate]
            value += performance_at(point, game.coefficients, game.centre, game.code, game.registers)
    return scale * value / count


@njit(cache=True, nogil=True, error_model="numpy")
def _tabulate(who, x, w, game, values):
    """Write v of every subset of `who` to `values`, by bit mask; its sums come from the subset less one agent."""
    k, d = x.shape
    stubborn = game.yielding.shape[0] > 0
    sums = np.zeros((1 << k, d))
    weight = np.zeros(1 << k)
    free = np.zeros((1 << k if stubborn else 1, d))
    pull = np.zeros(1 << k if stubborn else 1)
    members = np.zeros(1 << k, dtype=np.int64)
    chosen = np.zeros(k, dtype=np.bool_)
    point = np.empty(d)
    values[0] = 0.0
    for bit in range(k):
        for rest in range(1 << bit):
            subset = rest | (1 << bit)
            members[subset] = members[rest] + 1
            weight[subset] = weight[rest] + w[bit]
            for coordinate in range(d):
                sums[subset, coordinate] = sums[rest, coordinate] + w[bit] * x[bit, coordinate]
            if stubborn:
                hold = w[bit] * (1.0 - game.yielding[who[bit]])
                pull[subset] = pull[rest] + hold
                for coordinate in range(d):
                    free[subset, coordinate] = free[rest, coordinate] + hold * game.innate[who[bit], coordinate]
                for p in range(k):
                    chosen[p] = (subset >> p) & 1
            place = subset if stubborn else 0
            values[subset] = _mean_value(
                members[subset], weight[subset], sums[subset], free[place], pull[place], who, chosen, x, w, game, point
            )


@njit(cache=True, nogil=True, error_model="numpy")
def _sampled_payoffs(who, x, w, game, state, out, error):
    """Estimate payoffs from pairs of a random order and its reverse; `error` is the standard error."""
    if game.yielding.shape[0] == 0:
        return mean_sampled(
            x, w, game.weighted, game.coefficients, game.centre, game.code, game.registers, game.scale,
            game.scale_code, game.scale_registers, game.samples, state, out, error,
        )  # fmt: skip
    k, d = x.shape
    order = np.arange(k)
    chosen = np.empty(k, dtype=np.bool_)
    added, squares = np.empty(k), np.zeros(k)
    total, free, point = np.empty(d), np.empty(d), np.empty(d)
    out[:] = 0.0
    for pair in range(game.samples):
        for i in range(k - 1, 0, -1):
            j = streams.below(state, i + 1)
            order[i], order[j] = order[j], order[i]
        added[:] = 0.0
        for direction in range(2):
            chosen[:] = False
            total[:], free[:], weight, pull, before = 0.0, 0.0, 0.0, 0.0, 0.0
            for s in range(k):
                p = order[s] if direction == 0 else order[k - 1 - s]
                hold = w[p] * (1.0 - game.yielding[who[p]])
                chosen[p] = True
                weight += w[p]
                pull += hold
                for coordinate in range(d):
                    total[coordinate] += w[p] * x[p, coordinate]
                    free[coordinate] += hold * game.innate[who[p], coordinate]
                value = _mean_value(s + 1, weight, total, free, pull, who, chosen, x, w, game, point)
                added[p] += 0.5 * (value - before)
                before = value
        for p in range(k):  # Welford's running mean and sum of squared deviations
            deviation = added[p] - out[p]
            out[p] += deviation / (pair + 1)
            squares[p] += deviation * (added[p] - out[p])
    for p in range(k):
        error[p] = np.sqrt(squares[p] / (game.samples - 1) / game.samples)
    return codes.DONE
