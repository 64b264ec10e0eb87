"""Logs simulated from known influence, by a loop over the definition."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.fitting.observations import Group, Observations

Array = NDArray[np.float64]


def influence(k: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """A row-stochastic W with all entries positive, and stubbornness inside of (0, 1)."""
    return rng.dirichlet(np.full(k, 2.0), k), rng.uniform(0.1, 0.5, k)


def simulated(
    W: Array, s: Array, items: int, rounds: int, noise: float, rng: np.random.Generator, name: str = "g"
) -> Group:
    """x_i(t+1) = (1-s_i) Σ_j W_ij x_j(t) + s_i x_i(0) + noise."""
    k = len(W)
    x = np.empty((items, rounds, k))
    for item in range(items):
        x[item, 0] = rng.normal(size=k)
        for t in range(rounds - 1):
            for i in range(k):
                heard = sum(W[i, j] * x[item, t, j] for j in range(k))
                x[item, t + 1, i] = (1 - s[i]) * heard + s[i] * x[item, 0, i] + noise * rng.normal()
    return group_of(x, name)


def group_of(x: Array, name: str = "g") -> Group:
    items, _, k = x.shape
    agents, questions = tuple(f"a{i}" for i in range(k)), tuple(f"q{i}" for i in range(items))
    return Group(name, agents, x, np.full(items, np.nan), questions)


def log_of(*groups: Group) -> Observations:
    return Observations(groups, tuple(f"r{t}" for t in range(groups[0].opinions.shape[1])))
