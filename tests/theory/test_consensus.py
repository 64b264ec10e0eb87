"""Influence matrices, Perron weights and exact spectra of concrete matrices."""

from __future__ import annotations

from random import Random

import pytest
from sympy import Abs, I, Integer, Matrix, Rational, Symbol, cancel, ones, oo, simplify, sqrt, symbols

from theory import consensus, influence
from theory.errors import InputError


def random_stochastic(n: int, seed: int) -> Matrix:
    random = Random(seed)
    rows = [[Rational(random.randint(1, 9)) for _ in range(n)] for _ in range(n)]
    return influence.restricted(rows, range(n))


def test_restriction_normalises_rows() -> None:
    A = [[1, 2, 3], [4, 0, 1], [1, 1, 1]]
    assert influence.restricted(A, [2, 0]) == Matrix([[Rational(1, 2)] * 2, [Rational(3, 4), Rational(1, 4)]])
    a, b = symbols("a b", positive=True)
    W = influence.restricted([[a, b], [1, 1]], [0, 1])
    assert cancel(W[0, 0] + W[0, 1]) == 1


@pytest.mark.parametrize(
    "W",
    [
        influence.uniform(3),
        influence.lazy_uniform(4, 0.25),
        influence.weighted([1, 2, 3]),
        influence.complete(4, 0.5),
        influence.lazy_walk(influence.ring_graph(5), 0.5),
        influence.lazy_walk(influence.hypercube_graph(3), 0.5),
        influence.lazy_walk(influence.complete_bipartite_graph(2, 3), 0.5),
        influence.lazy_walk(influence.star_graph(4), 0.5),
    ],
)
def test_families_are_stochastic_and_settle_at_their_perron_weights(W: Matrix) -> None:
    assert list(W * ones(W.rows, 1)) == [1] * W.rows
    weights = consensus.perron_weights(W)
    assert weights.T * W == weights.T
    x = [Integer(i * i) for i in range(W.rows)]
    far = W.evalf() ** 200 * Matrix(x)
    assert all(abs(value - consensus.consensus(W, x)) < 1e-8 for value in far)


def test_perron_weights_of_symbols() -> None:
    entries = symbols("p1:7", positive=True)
    W = Matrix([[1 - entries[0] - entries[1], *entries[:2]], [entries[2], 1 - entries[2] - entries[3], entries[3]],
                [*entries[4:], 1 - entries[4] - entries[5]]])  # fmt: skip
    weights = consensus.perron_weights(W)
    assert cancel(sum(weights)) == 1
    assert all(cancel(value) == 0 for value in weights.T * W - weights.T)
    at = dict(zip(entries, [Rational(1, i) for i in range(3, 9)], strict=True))
    assert weights.subs(at) == consensus.perron_weights(W.subs(at))


def test_perron_weights_of_a_symmetric_network_are_degrees() -> None:
    A = Matrix(3, 3, lambda i, j: Symbol(f"a{min(i, j)}{max(i, j)}", positive=True))
    weights = consensus.perron_weights(influence.restricted(A, range(3)))
    volume = sum(A)
    assert all(cancel(weights[i] - sum(A.row(i)) / volume) == 0 for i in range(3))


@pytest.mark.parametrize("n", range(1, 6))
def test_eigenvalues_against_traces(n: int) -> None:
    W = random_stochastic(n, n)
    values = consensus.eigenvalues(W)
    assert sum(values.values()) == n
    for power in (1, 2, 3):
        total = sum(times * value.evalf(40) ** power for value, times in values.items())
        assert abs(total - (W**power).trace().evalf(40)) < 1e-20
    assert consensus.slem(W).evalf(30) <= consensus.ergodicity_coefficient(W) + Rational(1, 10**20)


def test_slem_is_exact() -> None:
    assert consensus.slem(influence.lazy_walk(influence.ring_graph(4), 0.5)) == Rational(1, 2)
    assert consensus.slem([[1]]) == 0
    assert consensus.slem([[1, 0], [0, 1]]) == 1
    W = [[Rational(1, 2), Rational(1, 2), 0], [0, Rational(1, 2), Rational(1, 2)], [Rational(1, 2), 0, Rational(1, 2)]]
    assert simplify(consensus.slem(W) - Abs(Rational(1, 4) + sqrt(3) * I / 4)) == 0
    assert consensus.slem(Matrix([[sqrt(2) - 1, 2 - sqrt(2)], [0, 1]])) == sqrt(2) - 1


def test_ergodicity_coefficient_by_the_largest_change_of_spread() -> None:
    W = random_stochastic(4, 3)
    tau = consensus.ergodicity_coefficient(W)
    ratios = []
    for corner in range(1, 15):  # the spread of W x is convex in x: extremes are 0/1 opinions
        x = Matrix([corner >> i & 1 for i in range(4)])
        ratios.append(consensus.spread(list(W * x)))
    assert max(ratios) == tau


def test_primitivity() -> None:
    assert not consensus.is_primitive([[0, 1, 0], [0, 0, 1], [1, 0, 0]])
    assert not consensus.is_primitive([[1, 0], [1, 1]])
    hard = Matrix([[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 1, 0, 0]])  # Wielandt's: needs (n-1)² + 1
    assert consensus.is_primitive(hard)
    assert any(entry == 0 for entry in hard**9)
    assert all(entry > 0 for entry in hard**10)


def test_consensus_allows_transient_agents() -> None:
    assert consensus.consensus([[1, 0], [0.5, 0.5]], [3, 7]) == 3


def test_time_to_consensus() -> None:
    assert simplify(consensus.time_to_consensus(Rational(1, 2), Rational(1, 8))) == 3
    assert consensus.time_to_consensus(0, 0.5) == 0
    assert consensus.time_to_consensus(1, 0.5) == oo


@pytest.mark.parametrize(
    "call",
    [
        lambda: influence.restricted([[1, 0], [0, 0]], [0, 1]),
        lambda: influence.restricted([[1, 1], [1, 1]], [0, 2]),
        lambda: influence.restricted([[1, 1], [1, 1]], [0, 0]),
        lambda: influence.restricted([[1, 1], [1, 1]], []),
        lambda: influence.restricted([[1, -1], [1, 1]], [0, 1]),
        lambda: influence.restricted([[1, 1]], [0]),
        lambda: influence.uniform(0),
        lambda: influence.uniform(2.5),  # type: ignore[arg-type]
        lambda: influence.lazy_uniform(2, 0),
        lambda: influence.lazy_uniform(2, 1.5),
        lambda: influence.weighted([1, 0]),
        lambda: influence.complete(2, -1),
        lambda: influence.ring_graph(2),
        lambda: influence.hypercube_graph(0),
        lambda: influence.complete_bipartite_graph(0, 1),
        lambda: influence.lazy_walk([[0, 1], [0, 0]]),
        lambda: consensus.perron_weights([[1, 0], [0, 1]]),
        lambda: consensus.perron_weights([[1, 1], [0, 1]]),
        lambda: consensus.consensus([[0, 1], [1, 0]], [0, 1]),
        lambda: consensus.consensus([[1]], [0, 1]),
        lambda: consensus.spread([]),
        lambda: consensus.eigenvalues([[Symbol("a")]]),
        lambda: consensus.is_primitive([[Symbol("a")]]),
        lambda: consensus.time_to_consensus(0.5, 1),
        lambda: consensus.time_to_consensus(2, 0.5),
    ],
)
def test_bad_input_is_refused(call: object) -> None:
    with pytest.raises(InputError):
        call()  # type: ignore[operator]
