"""The published experiment as one would write it in NumPy; the steps are those of `plain_loop.c`."""

from __future__ import annotations

import numpy as np

TOLERANCE = 1e-13


def simulate(runs: int, n: int, cost: float, max_steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return the moves, number of coalitions and spread at the end of each run."""
    rng = np.random.default_rng(seed)
    sizes = np.arange(1, n + 2)
    factor = 1 - np.cumsum(1 / sizes) / sizes  # of the squared gap, by the size of the coalition joined
    ends = [_run(rng, n, cost + TOLERANCE, max_steps, factor) for _ in range(runs)]
    moves, coalitions, spread = (np.array(column) for column in zip(*ends, strict=True))
    return {"moves": moves, "n_coalitions": coalitions, "spread": spread}


def _run(
    rng: np.random.Generator, n: int, bound: float, max_steps: int, factor: np.ndarray
) -> tuple[int, int, np.floating]:
    opinion = np.empty(n + 1)  # of a coalition
    opinion[:n] = rng.standard_normal(n)
    size = np.ones(n + 1, dtype=int)
    label = np.arange(n)  # coalition of an agent
    K, moves = n, 0
    while moves < max_steps:
        gap = opinion[:K, None] - opinion[:K]
        admissible = gap * gap * factor[size[:K]] > bound
        np.fill_diagonal(admissible, False)
        targets = admissible.sum(axis=1)
        if bound < 0:  # founding alone gains 0
            targets += size[:K] > 1
        movers = np.flatnonzero(targets[label])
        if movers.size == 0:
            break
        mover = movers[rng.integers(movers.size)]
        source = label[mover]
        choices = np.flatnonzero(admissible[source])
        choice = rng.integers(targets[source])
        if choice < choices.size:
            target = choices[choice]
        else:
            target, K = K, K + 1
            opinion[target], size[target] = opinion[source], 0
        size[target] += 1
        opinion[target] += (opinion[source] - opinion[target]) / size[target]
        label[mover] = target
        size[source] -= 1
        if size[source] == 0:  # the last coalition takes the empty place
            K -= 1
            opinion[source], size[source] = opinion[K], size[K]
            label[label == K] = source
        moves += 1
    return moves, K, np.ptp(opinion[:K])
