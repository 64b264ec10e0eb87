"""Intervals: which weights the observed moves are compatible with.

Weights that are drawn to a prior or pushed to the edge of the simplex have a distribution that no bootstrap of theirs
reproduces (Andrews 2000).  So the intervals start from plain least squares, without prior and without bounds, which
under noise is normal about the true weights also where these are 0.  For a weight θ with estimate θ̂ and standard error
se, T = (θ̂ - θ)/se hardly depends on what the weights are: the log is simulated anew many times from the fitted
weights, from the same first answers and with the same answers missing, q is the quantile of |T| in these copies, and

    interval = [θ̂ - q se, θ̂ + q se] ∩ [0, 1]   (the symmetric percentile-t bootstrap, Hall 1992).

Cutting at 0 and 1 takes away nothing that could be true.  W_ij = B_ij/(1-s_i) is a ratio: its interval holds all w at
which B_ij - w(1-s_i) is compatible with zero (Fieller 1954).

References
----------
D. Andrews, "Inconsistency of the bootstrap when a parameter is on the boundary of the parameter space", Econometrica
68:399, 2000; P. Hall, The Bootstrap and Edgeworth Expansion, Springer 1992; E. Fieller, "Some problems in interval
estimation", JRSS B 16:175, 1954.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.penalised import RANK
from numerics.fitting.transitions import Transitions, scale_of

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

LEAST_NOISE = 1e-8  # of the root of v: copies of a log without noise would be all the same, and T be 0/0
ESTIMABLE = 1e-6  # a weight is determined if what is left of it outside of the moves' directions is below it
MAX_COPIED = 4_000_000  # numbers of the copies of a log that are held at once


@dataclass(frozen=True, eq=False)
class Intervals:
    """What plain least squares says about the agents of a group; see `numerics.fitting.fit.GroupFit`.

    Attributes
    ----------
    weights : (2, k, k+1) lower and upper ends for B_ij, and for s_i in the last column.
    influence : (2, k, k) for W_ij.
    determined : (k, k+1) whether the moves determine the weight; otherwise its interval is [0, 1].
    noise : (k,) standard deviation of the moves about their prediction; nan where no transition is left to tell.
    rank, condition : (k,) of the regressors.
    """

    weights: FloatArray
    influence: FloatArray
    determined: BoolArray
    noise: FloatArray
    rank: NDArray[np.int64]
    condition: FloatArray


@dataclass(frozen=True, eq=False)
class _LeastSquares:
    """Estimates of the weights b = c + L β by plain least squares, of one log or of many copies of it.

    weights (…, p), covariance (…, p, p), variance (…) of the noise, rank and condition of D, determined (p,) weights,
    and in which copies D has lost rank.
    """

    weights: FloatArray
    covariance: FloatArray
    variance: FloatArray
    rank: int
    condition: float
    determined: BoolArray
    lost: BoolArray


def intervals(
    opinions: FloatArray,
    agents: list[Transitions],
    weights: FloatArray,
    copies: int,
    confidence: float,
    rng: np.random.Generator,
) -> Intervals:
    """Return intervals for the weights of the agents of one group.

    Parameters
    ----------
    opinions : (items, rounds, k) observed, nan where missing.
    agents : the transitions of each of the k agents.
    weights : (k, k+1) fitted weights (B_i1, …, B_ik, s_i), from which the copies are simulated.
    copies : number of simulated logs; 0 for intervals that are not known, nan.
    confidence : in (0, 1).
    rng : where the noise of the copies comes from.

    Notes
    -----
    O(copies · items · rounds · k³).  Moves that do not determine all weights of an agent, or leave nothing to tell the
    noise from, are not simulated: q is then Student's quantile, and weights that are not determined have [0, 1].
    """
    k = len(agents)
    estimates = [_least_squares(agent, agent.regressors, agent.moves) for agent in agents]
    noise = np.sqrt([estimate.variance for estimate in estimates])
    freedom = [len(agent.moves) - estimate.rank for agent, estimate in zip(agents, estimates, strict=True)]
    simulated = [
        copies > 0 and n > 0 and e.rank == len(a.heard) > 0 for n, e, a in zip(freedom, estimates, agents, strict=True)
    ]
    quantile_b, quantile_w = np.full((k, k + 1), np.nan), np.full((k, k), np.nan)
    if any(simulated):
        t_b, t_w = _pivots(opinions, agents, weights, noise, simulated, copies, rng)
        order = min(math.ceil(confidence * (copies + 1)), copies) - 1
        quantile_b = np.sort(np.abs(t_b), axis=0)[order]
        quantile_w = np.sort(np.abs(t_w), axis=0)[order]
    b, w = np.full((2, k, k + 1), np.nan), np.full((2, k, k), np.nan)
    for i, (agent, estimate, n) in enumerate(zip(agents, estimates, freedom, strict=True)):
        if copies == 0:
            continue
        if not simulated[i]:
            quantile_b[i], quantile_w[i] = student_quantile(confidence, n), student_quantile(confidence, n)
        b[:, i], w[:, i] = _cut(agent, estimate, quantile_b[i], quantile_w[i], n)
    return Intervals(
        b,
        w,
        np.array([e.determined for e in estimates]),
        noise,
        np.array([e.rank for e in estimates]),
        np.array([e.condition for e in estimates]),
    )


def simulated_logs(
    first: FloatArray, weights: FloatArray, noise: FloatArray, rounds: int, copies: int, rng: np.random.Generator
) -> FloatArray:
    """Return copies of a log, (copies, items, rounds, k): x_i(t+1) = Σ_j B_ij x_j(t) + s_i x_i(0) + normal noise.

    Parameters
    ----------
    first : (items, k) x(0).
    weights : (k, k+1) B and s.
    noise : (k,) standard deviations.
    """
    items, k = first.shape
    x = np.empty((copies, items, rounds, k))
    shocks = rng.standard_normal((copies, items, rounds - 1, k)) * noise
    x[:, :, 0] = first
    for t in range(rounds - 1):
        x[:, :, t + 1] = x[:, :, t] @ weights[:, :k].T + weights[:, k] * first + shocks[:, :, t]
    return x


def _pivots(
    opinions: FloatArray,
    agents: list[Transitions],
    weights: FloatArray,
    noise: FloatArray,
    simulated: list[bool],
    copies: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return T of every weight in every copy: (copies, k, k+1) of B and s, (copies, k, k) of W."""
    k, size = len(agents), math.sqrt(scale_of(agents))
    typical = math.sqrt(float(np.nanmean(noise**2)))  # for those whose own is not known
    spread = np.maximum(np.where(np.isnan(noise), typical, noise), LEAST_NOISE * size)
    first = _first_answers(opinions)
    t_b, t_w = np.empty((copies, k, k + 1)), np.empty((copies, k, k))
    step = max(1, MAX_COPIED // opinions.size)
    for start in range(0, copies, step):
        part = slice(start, min(start + step, copies))
        log = simulated_logs(first, weights, spread, opinions.shape[1], part.stop - start, rng)
        for i in np.flatnonzero(simulated).tolist():
            found = _least_squares(agents[i], *agents[i].gather(log))
            t_b[part, i] = _ratio(found.weights - weights[i], np.diagonal(found.covariance, axis1=1, axis2=2))
            t_w[part, i] = _influence_pivot(found, weights[i])
            t_b[part, i][found.lost] = t_w[part, i][found.lost] = np.inf  # it could be anything: counts as far off
    return t_b, t_w


def _influence_pivot(found: _LeastSquares, truth: FloatArray) -> FloatArray:
    """Return T of B_ij - w (1-s_i) for the w of the simulation, (copies, k)."""
    k = len(truth) - 1
    w = truth[:k] / (1 - truth[k]) if truth[k] < 1 else np.zeros(k)
    s, S = found.weights[:, k:], found.covariance
    variance = np.diagonal(S, axis1=1, axis2=2)[:, :k] + 2 * w * S[:, :k, k] + w**2 * S[:, k:, k]
    return _ratio(found.weights[:, :k] - w * (1 - s), variance)


def _ratio(deviation: FloatArray, variance: FloatArray) -> FloatArray:
    """Return deviation/√variance; 0 where a weight is fixed."""
    error = np.sqrt(np.maximum(variance, 0.0))
    return np.divide(deviation, error, out=np.zeros_like(deviation), where=error > 0)


def _least_squares(agent: Transitions, D: FloatArray, z: FloatArray) -> _LeastSquares:
    """Minimise ‖D β - z‖² over the last axes, the weight on itself being what β leaves; shortest β if many do."""
    n, m = D.shape[-2:]
    p = agent.k + 1
    lift = np.zeros((p, m))
    lift[agent.heard, np.arange(m)] = 1.0
    lift[agent.agent] -= 1.0
    constant = np.zeros(p)
    constant[agent.agent] = 1.0
    Q, R = np.linalg.qr(D)  # the small R is taken apart instead of the long D
    U, sizes, Vt = np.linalg.svd(R, full_matrices=False)
    kept = sizes > RANK * sizes.max(axis=-1, initial=0.0, keepdims=True)
    inverse = np.divide(1.0, sizes, out=np.zeros_like(sizes), where=kept)
    seen = (np.swapaxes(U, -1, -2) @ (np.swapaxes(Q, -1, -2) @ z[..., None])) * inverse[..., None]
    beta = (np.swapaxes(Vt, -1, -2) @ seen)[..., 0]
    residual = z - (D @ beta[..., None])[..., 0]
    ranks = kept.sum(axis=-1)
    rank = int(ranks.max(initial=0))
    variance = (residual**2).sum(axis=-1) / (n - rank) if n > rank else np.full(D.shape[:-2], np.nan)
    root = lift @ (np.swapaxes(Vt, -1, -2) * inverse[..., None, :])
    covariance = (root @ np.swapaxes(root, -1, -2)) * variance[..., None, None]
    outside = np.eye(m)
    if D.ndim == 2:
        outside = np.eye(m) - Vt[kept].T @ Vt[kept]
    lost = ranks < m
    determined = np.linalg.norm(lift @ outside, axis=1) <= ESTIMABLE
    condition = float(sizes[0] / sizes[-1]) if D.ndim == 2 and rank == m > 0 else np.inf
    return _LeastSquares(constant + beta @ lift.T, covariance, variance, rank, condition, determined, lost)


def _cut(
    agent: Transitions, estimate: _LeastSquares, quantile_b: FloatArray, quantile_w: FloatArray, freedom: int
) -> tuple[FloatArray, FloatArray]:
    """Return the intervals (2, k+1) of the weights of one agent and (2, k) of its influence, cut at 0 and 1."""
    k = agent.k
    b, S = estimate.weights, estimate.covariance
    known = estimate.determined if freedom > 0 else ~agent.allowed  # what is not allowed is known to be 0
    if len(agent.heard) == 0:
        known = np.ones(k + 1, dtype=bool)
    free = agent.allowed & (len(agent.heard) > 0)
    far = np.isinf(quantile_b)
    reach = np.where(far, np.inf, np.where(far, 1.0, quantile_b) * np.sqrt(np.maximum(S.diagonal(), 0.0)))
    reach = np.where(free, reach, 0.0)
    weights = np.where(known, np.clip([b - reach, b + reach], 0.0, 1.0), [[0.0], [1.0]])
    if not agent.stubborn:
        return weights, weights[:, :k].copy()
    influence = np.array([weights[0, :k], np.ones(k)])  # W_ij ≥ B_ij
    influence[1, ~agent.allowed[:k]] = 0.0
    for j in np.flatnonzero(known[:k] & agent.allowed[:k] & known[k]).tolist():
        influence[:, j] = _fieller(b[j], b[k], S[j, j], S[j, k], S[k, k], float(quantile_w[j]))
    return weights, influence


def _fieller(b: float, s: float, bb: float, bs: float, ss: float, q: float) -> tuple[float, float]:
    """Return the least and greatest w in [0, 1] with (b - w(1-s))² ≤ q² Var(b̂ + w ŝ); the nearest point if none is."""
    if math.isinf(q):
        return 0.0, 1.0
    curve = (1 - s) ** 2 - q**2 * ss, -2 * b * (1 - s) - 2 * q**2 * bs, b**2 - q**2 * bb
    inside = [w for w in (0.0, 1.0) if curve[0] * w * w + curve[1] * w + curve[2] <= 0]
    roots = np.roots(curve) if any(curve) else np.array([0.0, 1.0])
    inside += [float(root.real) for root in roots if root.imag == 0 and 0 <= root.real <= 1]
    if not inside:
        nearest = min(max(b / (1 - s), 0.0), 1.0) if s < 1 else 0.0
        return nearest, nearest
    return min(inside), max(inside)


def student_quantile(confidence: float, freedom: int) -> float:
    """Return the quantile of |T| of Student's distribution; infinite without degrees of freedom."""
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, freedom)) if freedom > 0 else math.inf


def _first_answers(opinions: FloatArray) -> FloatArray:
    """Return (items, k) first answers; the mean of what the item was answered stands for those that are missing."""
    first = opinions[:, 0].copy()
    for item, answers in enumerate(opinions):
        given = answers[~np.isnan(answers)]
        first[item, np.isnan(first[item])] = given.mean() if len(given) else 0.0
    return first
