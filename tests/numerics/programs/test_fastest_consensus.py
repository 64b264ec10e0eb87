"""Fastest consensus: known optima, and both bounds checked from their definitions."""

from __future__ import annotations

from fractions import Fraction
from math import cos, pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_array

from numerics.influence import general, network
from numerics.programs import fastest_consensus as module
from numerics.programs.fastest_consensus import FastestConsensus, fastest_consensus
from theory.errors import InputError

Array = NDArray[np.float64]


def graph_of(n: int, edges: list[tuple[int, int]]) -> Array:
    A = np.zeros((n, n))
    for i, j in edges:
        A[i, j] = A[j, i] = 1
    return A


def path(n: int) -> Array:
    return graph_of(n, [(i, i + 1) for i in range(n - 1)])


def cycle(n: int) -> Array:
    return graph_of(n, [(i, (i + 1) % n) for i in range(n)])


def complete(n: int) -> Array:
    return np.ones((n, n)) - np.eye(n)


def bipartite(p: int, q: int) -> Array:
    return graph_of(p + q, [(i, p + j) for i in range(p) for j in range(q)])


def hypercube(d: int) -> Array:
    return graph_of(2**d, [(i, i ^ (1 << bit)) for i in range(2**d) for bit in range(d)])


def less_an_edge(n: int) -> Array:
    A = complete(n)
    A[0, 1] = A[1, 0] = 0
    return A


PETERSEN = graph_of(
    10,
    [(i, (i + 1) % 5) for i in range(5)]
    + [(i, i + 5) for i in range(5)]
    + [(5 + i, 5 + (i + 2) % 5) for i in range(5)],
)
PAW = graph_of(4, [(0, 1), (1, 2), (2, 0), (0, 3)])  # a triangle with a tail


def one_weight(least: float, greatest: float, degree: int) -> float:
    """The optimum of an edge-transitive graph: by averaging over its symmetries one weight a is best, W = I - a L.

    Its eigenvalues are 1 - a λ, λ those of L between `least` > 0 and `greatest`, and a ≤ 1/degree.
    """
    a = min(2 / (least + greatest), 1 / degree)
    return max(1 - a * least, a * greatest - 1)


def cycle_optimum(n: int) -> float:
    return one_weight(2 - 2 * cos(2 * pi / n), 2 - 2 * cos(2 * pi * (n // 2) / n), 2)


KNOWN = {
    # Boyd, Diaconis, Sun, Xiao, "Fastest mixing Markov chain on a path", 2006: weight 1/2 on every edge
    **{f"path {n}": (path(n), cos(pi / n)) for n in (2, 3, 4, 7, 12, 25)},
    **{f"cycle {n}": (cycle(n), cycle_optimum(n)) for n in (4, 5, 6, 11, 20)},
    **{f"star {n}": (bipartite(1, n - 1), 1 - 1 / (n - 1)) for n in (4, 5, 9, 16)},
    **{f"complete {n}": (complete(n), 0.0) for n in (2, 3, 8)},
    **{f"hypercube {d}": (hypercube(d), (d - 1) / (d + 1)) for d in (2, 3, 4)},
    **{f"bipartite {p} {q}": (bipartite(p, q), one_weight(p, p + q, q)) for p, q in ((2, 3), (3, 3), (3, 5), (4, 7))},
    "Petersen": (PETERSEN, 3 / 7),  # Laplacian 0, 2, 5
    # two weights: 1/(n-1) at the ends of the missing edge, and one that sends the other modes to 0
    **{f"complete {n} less an edge": (less_an_edge(n), 1 / (n - 1)) for n in (3, 4, 6, 9)},
    "paw": (PAW, 7 / 11),
}


def check(found: FastestConsensus, A: Array, sigma: float = 0.0) -> None:
    """Feasibility of W and of the dual, and both bounds from their definitions."""
    n, W = len(A), found.weights
    assert (W == W.T).all()
    assert (W >= 0).all()
    assert np.abs(W.sum(axis=1) - 1).max() <= 1e-14
    assert (W.diagonal() >= sigma - 1e-14).all()
    assert (W[(A == 0) & ~np.eye(n, dtype=bool)] == 0).all()
    eigenvalues = np.sort(np.abs(np.linalg.eigvalsh(W)))
    assert found.slem == pytest.approx(eigenvalues[-2], abs=1e-12)
    Y, z = found.dual, found.prices
    assert np.abs(np.linalg.eigvalsh(Y)).sum() <= 1 + 1e-12
    assert np.abs(Y.sum(axis=1)).max() <= 1e-12
    assert (Y == Y.T).all()
    assert (z >= 0).all()
    for i, j in zip(*np.nonzero(np.triu(A, 1)), strict=True):
        assert z[i] + z[j] >= Y[i, i] + Y[j, j] - 2 * Y[i, j] - 1e-14
    assert found.lower <= max(np.trace(Y) - (1 - sigma) * z.sum(), 0) + 1e-15
    assert found.lower <= found.slem
    assert found.gap == found.slem - found.lower
    assert found.slem <= min(found.metropolis, found.maximum_degree)


@pytest.mark.parametrize("name", KNOWN)
def test_known_optima(name: str) -> None:
    A, optimum = KNOWN[name]
    found = fastest_consensus(A)
    check(found, A)
    assert abs(found.slem - optimum) <= 1e-6
    assert optimum - 1e-6 <= found.lower <= optimum + 1e-12
    assert found.status == "optimal"
    assert found.solver.startswith("Clarabel")
    assert found.rate == 1 - found.slem
    assert found.largest_rate == 1 - found.lower


def test_weights_of_a_path_are_one_half() -> None:
    W = fastest_consensus(path(7)).weights
    assert np.abs(W.diagonal(1) - 0.5).max() <= 1e-6


def test_known_weights_for_comparison() -> None:
    """The triangle with a tail: degrees 3, 2, 2, 1, so weights 1/3 and 1/2, against 1/3."""
    found = fastest_consensus(PAW)
    W = np.array([[0, 2, 2, 2], [2, 1, 3, 0], [2, 3, 1, 0], [2, 0, 0, 4]]) / 6
    assert found.metropolis == pytest.approx(np.sort(np.abs(np.linalg.eigvalsh(W)))[-2])
    W = np.array([[0, 1, 1, 1], [1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 0, 2]]) / 3
    assert found.maximum_degree == pytest.approx(np.sort(np.abs(np.linalg.eigvalsh(W)))[-2])
    found = fastest_consensus(path(3))
    assert found.metropolis == found.maximum_degree == pytest.approx(0.5)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 0.75, 0.9])
def test_self_weight_by_hand(sigma: float) -> None:
    """Complete graph: a ≤ (1-σ)/(n-1), eigenvalue 1 - a n; hypercube: a ≤ (1-σ)/d, 1 - 2 a k for k = 1 .. d."""
    found = fastest_consensus(complete(5), self_weight=sigma)
    check(found, complete(5), sigma)
    assert found.slem == pytest.approx(max(0.0, 1 - 5 * (1 - sigma) / 4), abs=1e-6)
    found = fastest_consensus(hypercube(3), self_weight=sigma)
    check(found, hypercube(3), sigma)
    a = min((1 - sigma) / 3, 1 / 4)
    assert found.slem == pytest.approx(max(1 - 2 * a, 6 * a - 1), abs=1e-6)
    assert found.status == "optimal"


def test_the_weights_serve_a_model() -> None:
    assert general(fastest_consensus(path(5), self_weight=0.05).weights).n_agents == 5


def random_graph(rng: np.random.Generator, n: int) -> Array:
    """A random tree with some more edges."""
    A = np.triu(rng.random((n, n)) < rng.uniform(0, 0.6), 1).astype(float)
    for i in range(1, n):
        A[rng.integers(i), i] = 1
    return A + A.T


@pytest.mark.parametrize("seed", range(24))
def test_random_graphs(seed: int) -> None:
    """Certified within 1e-6; no feasible weights found at random are below the bound, near the optimum or far."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 14))
    A, sigma = random_graph(rng, n), [0.0, 0.3][seed % 2]
    found = fastest_consensus(A, self_weight=sigma)
    check(found, A, sigma)
    assert found.status == "optimal"
    assert found.gap <= 1e-6
    i, j = np.nonzero(np.triu(A, 1))
    for trial in range(200):
        w = found.weights[i, j] if trial % 2 else np.zeros(len(i))
        w = np.maximum(w + rng.normal(size=len(i)) * 10.0 ** -rng.uniform(0, 6), 0)
        load = np.zeros(n)
        np.add.at(load, i, w)
        np.add.at(load, j, w)
        w *= min(1, (1 - sigma) / max(load.max(), 1e-300))
        W = np.zeros((n, n))
        W[i, j] = W[j, i] = w
        W += np.diag(1 - W.sum(axis=1))
        assert np.sort(np.abs(np.linalg.eigvalsh(W)))[-2] >= found.lower


def test_the_order_of_agents_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    A = random_graph(rng, 9)
    order = rng.permutation(9)
    assert fastest_consensus(A).slem == pytest.approx(fastest_consensus(A[np.ix_(order, order)]).slem, abs=1e-6)


def test_an_exact_proof_for_the_path_of_three() -> None:
    """Weak duality in rationals: Y = (1,0,-1)(1,0,-1)ᵀ/2 and z = (0, 1/2, 0) prove 1/2, and the weights reach it."""
    Y = [[Fraction(v, 2) for v in row] for row in ((1, 0, -1), (0, 0, 0), (-1, 0, 1))]
    z = [Fraction(0), Fraction(1, 2), Fraction(0)]
    assert all(z[i] + z[j] >= Y[i][i] + Y[j][j] - 2 * Y[i][j] for i, j in ((0, 1), (1, 2)))
    bound = sum(Y[i][i] for i in range(3)) - sum(z)
    assert bound == Fraction(1, 2)
    found = fastest_consensus(path(3))
    assert found.lower == pytest.approx(float(bound), abs=1e-6)


def test_graphs_that_are_not_connected() -> None:
    A = np.zeros((5, 5))
    A[0, 3] = A[3, 0] = A[1, 2] = A[2, 1] = 1
    found = fastest_consensus(A)
    check(found, A)
    assert found.slem == found.lower == 1
    assert found.status == "optimal"
    assert found.components == ((0, 3), (1, 2), (4,))
    assert "3 components" in found.guarantee
    assert found.solver == ""
    assert fastest_consensus(np.zeros((2, 2))).slem == 1  # no edges


def test_one_agent_and_two() -> None:
    found = fastest_consensus([[0]])
    assert found.slem == found.lower == 0
    assert found.weights.tolist() == [[1]]
    found = fastest_consensus([[0, 1], [1, 0]])
    assert found.weights == pytest.approx(np.full((2, 2), 0.5), abs=1e-6)
    assert found.components == ((0, 1),)


def test_every_way_to_give_a_graph() -> None:
    """Weights and loops play no part."""
    A = path(4)
    weighted = A * 7 + 3 * np.eye(4)
    expected = fastest_consensus(A).weights
    for given in (A.tolist(), csr_array(A), weighted, network(A), network(A, self_weight=5)):
        assert (fastest_consensus(given).weights == expected).all()


def test_networkx_graphs() -> None:
    networkx = pytest.importorskip("networkx")
    assert (fastest_consensus(networkx.path_graph(4)).weights == fastest_consensus(path(4)).weights).all()


def test_a_time_limit_leaves_bounds() -> None:
    A = random_graph(np.random.default_rng(3), 30)
    found = fastest_consensus(A, time_limit=1e-9)
    check(found, A)
    assert found.status.startswith("bounds only: Clarabel")
    assert found.status.endswith("reached its time limit")
    assert found.gap > 1e-6
    assert fastest_consensus(A, time_limit=60).status == "optimal"


def test_a_solver_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import cvxpy

    def fail(*_: object, **__: object) -> None:
        raise cvxpy.error.SolverError("out of order")

    monkeypatch.setattr(cvxpy.Problem, "solve", fail)
    found = fastest_consensus(cycle(6))
    check(found, cycle(6))
    assert found.status.startswith("bounds only")
    assert "out of order" in found.status
    assert found.lower == 0


@pytest.mark.parametrize("junk", [np.nan, np.inf, -1.0, 1e9])
def test_nonsense_from_the_solver_is_no_proof(junk: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the solver returns, the weights are feasible and the bound holds."""

    def nonsense(ends: Array, n: int, *_: object) -> object:
        noise = np.random.default_rng(0).normal(size=(n, n))
        return module._Answer([np.full(len(ends), junk)], noise * junk, np.full(n, junk), "Clarabel", "says so")

    monkeypatch.setattr(module, "_solve", nonsense)
    found = fastest_consensus(PETERSEN)
    check(found, PETERSEN)
    assert found.lower <= 3 / 7 <= found.slem


def test_bad_input() -> None:
    with pytest.raises(InputError, match=r"^graph\[0, 1\]: 1.0 is not the weight"):
        fastest_consensus([[0, 1], [0, 0]])
    with pytest.raises(InputError, match=r"^graph: .* is not a matrix"):
        fastest_consensus(7)
    with pytest.raises(InputError, match=r"^graph: 101 agents are too many .*Metropolis"):
        fastest_consensus(path(101))
    for sigma in (-0.1, 1.0, float("nan"), "1", True):
        with pytest.raises(InputError, match=r"^self_weight"):
            fastest_consensus(path(3), self_weight=sigma)  # type: ignore[arg-type]
    for seconds in (0, -1.0, float("nan"), "1"):
        with pytest.raises(InputError, match=r"^time_limit"):
            fastest_consensus(path(3), time_limit=seconds)  # type: ignore[arg-type]


def test_results_are_read_only() -> None:
    found = fastest_consensus(path(3))
    for values in (found.weights, found.dual, found.prices):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 2
