"""Aumann-Drèze values of one coalition, compiled.

A game arrives as the tuple ``(weighted, phi, g, harmonic, quadratic, scale_code, scale_registers)``:

- `weighted`: whether the consensus is a weighted mean, so that a subset's value is not a matter of its size;
- `phi`: the performance function, see `program.performance`;
- `g`: (n+1,) scale of 0..n members (unweighted);
- `harmonic`: (degree+1, n+1) weights of φ⁽ʲ⁾(c)/j! δʲ in the gain of joining m agents, empty unless φ is a
  polynomial and g(s) = s;
- `quadratic`: (4, n+1) coefficients of y², y·t, q, t² in the closed form for quadratic φ, empty otherwise;
- `scale_code`, `scale_registers`: the scale as a program in (s, a), for weighted influence.
"""

import numpy as np
from numba import njit

from numerics.kernels.program import performance, run

MAX_TABLE = 20  # agents of a coalition whose 2^k subsets are tabulated: 3 arrays of 8 MB


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
def excess(m, c, x, weights, row, g, coefficients, centre, code, registers):
    """Payoff of an entrant with opinion x among m agents that agree at c, minus φ(x).

    weights[row] : what `gap_weights` wrote; no columns if the closed form does not apply, then O(m).
    """
    delta = x - c
    degree = weights.shape[1] - 1
    total = 0.0
    if degree >= 0:
        for j in range(degree, 1, -1):
            total = total * delta + weights[row, j]
        return total * delta * delta
    at_c = performance(c, coefficients, centre, code, registers)
    for s in range(m + 1):
        joint = performance(c + delta / (s + 1), coefficients, centre, code, registers)
        total += g[s + 1] * joint - g[s] * at_c
    return total / (m + 1) - performance(x, coefficients, centre, code, registers)


@njit(cache=True, nogil=True, error_model="numpy")
def _table_payoffs(x, w, out, game):
    """Shapley value by definition, from the values of all 2^k subsets.

    φ_i = Σ_{S∋i} (w_{s-1} + w_s) v(S) - Σ_S w_s v(S),  w_s = s!(k-1-s)!/k!,  w_k = 0.
    """
    weighted, phi, g, _, _, scale_code, scale_registers = game
    coefficients, centre, code, registers = phi
    k = x.shape[0]
    weight = np.zeros(k + 1)
    weight[0] = 1.0 / k
    for s in range(1, k):
        weight[s] = weight[s - 1] * s / (k - s)
    total_x = np.empty(1 << k)
    total_w = np.empty(1 << k)
    members = np.empty(1 << k, dtype=np.int64)
    total_x[0], total_w[0], members[0] = 0.0, 0.0, 0
    out[:] = 0.0
    common = 0.0
    for bit in range(k):
        for rest in range(1 << bit):
            subset = rest | (1 << bit)
            total_x[subset] = total_x[rest] + w[bit] * x[bit]
            total_w[subset] = total_w[rest] + w[bit]
            s = members[rest] + 1
            members[subset] = s
            scale = run(scale_code, scale_registers, float(s), total_w[subset]) if weighted else g[s]
            value = scale * performance(total_x[subset] / total_w[subset], coefficients, centre, code, registers)
            common += weight[s] * value
            value *= weight[s - 1] + weight[s]
            i = 0
            while subset:
                if subset & 1:
                    out[i] += value
                subset >>= 1
                i += 1
    for i in range(k):
        out[i] -= common


@njit(cache=True, nogil=True, error_model="numpy")
def coalition_payoffs(x, w, out, game):
    """Write the Aumann-Drèze value of every member of one coalition to `out`; False if it is too large.

    x, w, out: (k,) opinions, weights (ones if unweighted) and payoffs.
    """
    weighted, phi, g, harmonic, quadratic, scale_code, scale_registers = game
    coefficients, centre, code, registers = phi
    k = x.shape[0]
    if k == 1:
        scale = run(scale_code, scale_registers, 1.0, w[0]) if weighted else g[1]
        out[0] = scale * performance(x[0], coefficients, centre, code, registers)
        return True
    if not weighted:
        common = x[1] if k > 2 and x[0] != x[1] and x[0] != x[2] else x[0]  # of all, or of all but one
        odd, n_odd = -1, 0
        for i in range(k):
            if x[i] != common:
                odd = i
                n_odd += 1
        if n_odd == 0:
            out[:] = g[k] * performance(x[0], coefficients, centre, code, registers) / k
            return True
        if quadratic.shape[1] > 0:
            _quadratic_payoffs(x, out, coefficients, centre, quadratic)
            return True
        if n_odd == 1:
            m = k - 1
            c, entrant = common, x[odd]
            weights = np.empty((1, harmonic.shape[0]))
            if harmonic.shape[0] > 0:
                gap_weights(m, c, harmonic, coefficients, centre, weights, 0)
            payoff = performance(entrant, coefficients, centre, code, registers)
            payoff += excess(m, c, entrant, weights, 0, g, coefficients, centre, code, registers)
            total = g[k] * performance(c + (entrant - c) / k, coefficients, centre, code, registers)
            out[:] = (total - payoff) / m
            out[odd] = payoff
            return True
    if k > MAX_TABLE:
        return False
    _table_payoffs(x, w, out, game)
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def _quadratic_payoffs(x, out, coefficients, centre, quadratic):
    """Closed form for φ(u) = p₀ + p₁(u-θ) + p₂(u-θ)² and g(s) = s, in O(k)."""
    k = x.shape[0]
    sum_y, sum_y2 = 0.0, 0.0
    for i in range(k):
        y = x[i] - centre
        sum_y += y
        sum_y2 += y * y
    for i in range(k):
        y = x[i] - centre
        t = sum_y - y
        q = sum_y2 - y * y
        shapley = quadratic[0, k] * y * y + quadratic[1, k] * y * t + quadratic[2, k] * q + quadratic[3, k] * t * t
        payoff = coefficients[0]
        if coefficients.shape[0] > 1:
            payoff += coefficients[1] * y
        if coefficients.shape[0] > 2:
            payoff += coefficients[2] * shapley
        out[i] = payoff
