"""Consensus steps on a large network: `ej.tactical_operator` and `ej.degroot_step` beside scipy and the memory.

A planted partition: agents with random numbers have about `DEGREE` neighbours each, of whom the share `INSIDE` is in
their own coalition.  scipy multiplies by W(π), restricted to the edges inside coalitions and normalised beforehand.

The bandwidth of the memory is that of a sum over a large array, on as many threads.  What a step has to move is its
layout, and the opinions in and out; what any product with compressed sparse rows has to move is 12 bytes for each
edge instead.  Steps that are taken together are taken while a coalition is in the cache, so that the second can
exceed the bandwidth.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import scipy.sparse as sparse
from numba import njit

import exitjoin as ej
from benchmarks.timing import Row, compare, same_numbers

AGENTS = 1_000_000
COALITIONS = 1000
DEGREE = 10
INSIDE = 0.9
STEPS = 10
STREAM = 20_000_000  # numbers in an array that does not fit any cache


def planted_partition(agents: int, coalitions: int, degree: int, inside: float, seed: int = 0):
    """Return a symmetric 0/1 matrix without diagonal, and the labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, coalitions, agents)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(coalitions + 1))
    u = rng.integers(0, agents, agents * degree // 2)
    place = starts[labels[u]] + (rng.random(len(u)) * np.diff(starts)[labels[u]]).astype(np.int64)
    v = np.where(rng.random(len(u)) < inside, order[place], rng.integers(0, agents, len(u)))
    u, v = u[u != v], v[u != v]
    half = sparse.coo_array((np.ones(len(u)), (u, v)), shape=(agents, agents)).tocsr()
    matrix = (half + half.T).tocsr()
    matrix.data[:] = 1.0
    return matrix, labels


def restricted(matrix, labels):
    """Return W(π) with everyone's weight 1 on itself, as a user of scipy would make it: 32-bit indices."""
    edges = (matrix + sparse.eye_array(len(labels))).tocoo()
    inside = labels[edges.row] == labels[edges.col]
    rows, columns = edges.row[inside].astype(np.int32), edges.col[inside].astype(np.int32)
    count = np.bincount(rows, minlength=len(labels))
    return sparse.coo_array((1.0 / count[rows], (rows, columns)), shape=edges.shape).tocsr()


@njit(nogil=True, fastmath=True)
def _sum(a):
    total = 0.0
    for i in range(a.shape[0]):
        total += a[i]
    return total


def read(pool: ThreadPoolExecutor, parts: list[np.ndarray]) -> None:
    """Read arrays, each on a thread."""
    list(pool.map(_sum, parts))


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    matrix, labels = planted_partition(AGENTS, COALITIONS, DEGREE, INSIDE)
    product = restricted(matrix, labels)
    x = np.random.default_rng(1).random(AGENTS)
    model = ej.Model(opinions=x, performance="-u**2", influence=ej.network(matrix))
    after = x
    for _ in range(STEPS):
        after = product @ after
    same_numbers("opinions after a step", ej.degroot_step(model, labels, x), product @ x, 1e-13)
    step, check = f"a consensus step, network of {AGENTS:,}", "same opinions up to 1e-13"
    rows = {
        f"{step}, nothing prepared": compare(
            lambda: ej.degroot_step(model, labels, x),
            lambda: product @ x,
            names=("ej.degroot_step", "scipy, W(π) @ x, W(π) prepared"),
            cost=True,
            check=check,
        )
    }
    numbers = np.ones(STREAM)
    csr = 12 * product.nnz + 4 * AGENTS + 16 * AGENTS
    for threads in sorted({1, os.cpu_count() or 1}):
        operator = ej.tactical_operator(model, labels, threads)
        same_numbers("opinions after a step", operator.step(x), product @ x, 1e-13)
        same_numbers("opinions after many steps", operator.steps(x, STEPS), after, 1e-13)
        on = "1 thread" if threads == 1 else f"{threads} threads"
        rows[f"{step}, one at a time, {on}"] = compare(
            lambda operator=operator: operator.step(x),
            lambda: product @ x,
            names=("TacticalOperator.step", "scipy, W(π) @ x"),
            check=check,
        )
        rows[f"{step}, {STEPS} at a time, {on}"] = compare(
            lambda operator=operator: operator.steps(x, STEPS),
            lambda: product @ x,
            names=(f"TacticalOperator.steps(x, {STEPS})", "scipy, W(π) @ x"),
            operations=(STEPS, 1),
            check=check,
        )
        with ThreadPoolExecutor(threads) as pool:
            parts = np.array_split(numbers, threads)
            for what, moved in (("what it moves", operator.nbytes), ("what compressed rows would move", csr)):
                rows[f"{step}, {STEPS} at a time, {on}, bytes: {what}"] = compare(
                    lambda operator=operator: operator.steps(x, STEPS),
                    lambda pool=pool, parts=parts: read(pool, parts),
                    names=(f"TacticalOperator.steps(x, {STEPS})", "sum over an array"),
                    operations=(STEPS * moved / 1e9, 8 * STREAM / 1e9),
                    unit="GB",
                    check=check,
                )
    return rows


if __name__ == "__main__":
    for name, row in run().items():
        print(f"{name:<95} {row['ratio']:>7.2f}  {row['ratio_is']}")
