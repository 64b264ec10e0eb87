"""Stable structures as an integer program that HiGHS solves alone, as one would write it down.

A variable z_C ∈ {0, 1} for each coalition that nobody wants to leave to be alone, Σ_{C∋i} z_C = 1 for each agent, and
for each coalition D and each agent i outside it

    z_D ≤ Σ_{C∋i, C∩D=∅, gain_i(C→D) ≤ κ} z_C,

as exactly one chosen C contains i, and i must not want to leave it for a chosen D.
"""

from __future__ import annotations

import cvxpy as cp
import numpy as np
import scipy.sparse as sparse


def least_surplus(payoffs: np.ndarray, cost: float) -> float:
    """Return the least surplus of a stable structure, to a relative gap of 0.

    payoffs : (2^n, n) that of each agent in each coalition, a bit mask.
    """
    n_coalitions, n = payoffs.shape
    masks = np.arange(n_coalitions)
    member = (masks[:, None] >> np.arange(n) & 1).astype(bool)
    alone = payoffs[1 << np.arange(n), np.arange(n)]
    tempted = member & (alone - payoffs > cost) & (member.sum(axis=1) > 1)[:, None]
    kept = masks[~tempted.any(axis=1) & (masks > 0)]
    rows = sparse.vstack([_rows(payoffs[:, i], 1 << i, kept, cost) for i in range(n)])
    surplus = np.where(member, payoffs, 0.0).sum(axis=1)[kept]

    z = cp.Variable(len(kept), boolean=True)
    cover = sparse.csr_array(member[kept].T.astype(float))
    problem = cp.Problem(cp.Minimize(surplus @ z), [cover @ z == 1, rows @ z >= 0])
    problem.solve(solver=cp.HIGHS, mip_rel_gap=0.0, output_flag=False)
    if problem.status != cp.OPTIMAL:
        raise RuntimeError(f"HiGHS alone: {problem.status}")
    return float(surplus[z.value > 0.5].sum())


def _rows(payoff: np.ndarray, agent: int, kept: np.ndarray, cost: float) -> sparse.csr_array:
    """Σ_C z_C - z_D ≥ 0 for one agent and every D without it; `payoff` is the agent's in each coalition."""
    inside, outside = np.flatnonzero(kept & agent), np.flatnonzero(~kept & agent)
    disjoint = (kept[outside, None] & kept[inside]) == 0
    gain = payoff[kept[outside] | agent][:, None] - payoff[kept[inside]]
    place, which = np.nonzero(disjoint & (gain <= cost))
    count = np.arange(len(outside))
    data = np.concatenate([np.ones(len(place)), -np.ones(len(outside))])
    where = (np.concatenate([place, count]), np.concatenate([inside[which], outside]))
    return sparse.csr_array((data, where), (len(outside), len(kept)))
