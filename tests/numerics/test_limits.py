"""Limit opinions on graphs against exact solutions, high powers of the matrix, and each other."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels import codes, limits

from .oracle import solve

SETTINGS = settings(deadline=None, database=None, max_examples=100)


def compressed(matrix):
    """Compressed rows of a dense matrix: indptr, indices, data."""
    matrix = np.asarray(matrix, dtype=float)
    rows, columns = np.nonzero(matrix)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(matrix)))]).astype(np.int64)
    return indptr, columns.astype(np.uint32), matrix[rows, columns]


def limit(matrix, x, who=None, symmetric=False, stubbornness=None, innate=None):
    """Call the kernel, and check the workspace and the rows of others."""
    x = np.array(x, dtype=float).reshape(len(x), -1)
    n = len(x)
    who = np.arange(n) if who is None else np.array(who, dtype=np.int64)
    yielding = np.empty(0) if stubbornness is None else 1.0 - np.array(stubbornness, dtype=float)
    anchors = np.empty((0, x.shape[1])) if stubbornness is None else np.array(innate, dtype=float).reshape(x.shape)
    position, out = np.full(n, -1), np.full(x.shape, np.nan)
    status = limits.graph_limit(who, x, symmetric, *compressed(matrix), yielding, anchors, position, out)
    assert status == codes.DONE
    assert np.all(position == -1)
    assert np.all(np.isnan(np.delete(out, who, axis=0)))
    in_place = x.copy()
    limits.graph_limit(who, in_place, symmetric, *compressed(matrix), yielding, anchors, position, in_place)
    assert np.array_equal(in_place[who], out[who])
    return out[who]


# The oracle


def exact_limit(matrix, x, stubbornness, innate):
    """Limits of (1-s) W x + s innate: closed classes by their stationary distributions, then a linear system."""
    n, d = len(x), len(x[0])
    weights = [[Fraction(float(a)) for a in row] for row in matrix]
    w = [[a / sum(row) for a in row] for row in weights]
    held = [Fraction(1) - Fraction(1.0 - float(s)) for s in stubbornness]
    reach = [[(w[i][j] > 0 and held[i] < 1) or i == j for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                reach[i][j] = reach[i][j] or (reach[i][k] and reach[k][j])
    known = {}
    for i in range(n):
        reached = [j for j in range(n) if reach[i][j]]
        if any(held[j] > 0 for j in reached) or not all(reach[j][i] for j in reached):
            continue
        m = len(reached)
        balance = [[w[reached[b]][reached[a]] - (a == b) for b in range(m)] for a in range(m)]
        balance[-1] = [Fraction(1)] * m
        perron = [p for (p,) in solve(balance, [[Fraction(int(a == m - 1))] for a in range(m)])]
        known[i] = [sum(p * Fraction(float(x[j][q])) for p, j in zip(perron, reached, strict=True)) for q in range(d)]
    rows = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    right = [known.get(i) for i in range(n)]
    for i in range(n):
        if i not in known:
            rows[i] = [rows[i][j] - (1 - held[i]) * w[i][j] for j in range(n)]
            right[i] = [held[i] * Fraction(float(innate[i][q])) for q in range(d)]
    return solve(rows, right)


def farthest(found, expected):
    """Largest |found - expected|, subtracted exactly."""
    return max(
        float(abs(Fraction(float(a)) - b))
        for f, e in zip(found, expected, strict=True)
        for a, b in zip(f, e, strict=True)
    )


@st.composite
def graphs(draw, symmetric, most=6):
    """A matrix with many zeros and a positive diagonal, opinions (n, d), stubbornness and innate opinions."""
    n = draw(st.integers(1, most))
    d = draw(st.integers(1, 2))
    entry = st.sampled_from([0.0, 0.0, 0.0, 1.0, 3.0, 0.1, 1e-9])
    matrix = np.array(draw(st.lists(st.lists(entry, min_size=n, max_size=n), min_size=n, max_size=n)))
    if symmetric:
        matrix = np.triu(matrix) + np.triu(matrix, 1).T
    np.fill_diagonal(matrix, draw(st.lists(st.sampled_from([0.5, 1.0, 7.0]), min_size=n, max_size=n)))
    opinion = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(-3, 3))
    opinions = st.lists(st.lists(opinion, min_size=d, max_size=d), min_size=n, max_size=n)
    share = st.sampled_from([0.0, 0.0, 0.0, 1e-6, 0.25, 1.0])
    return matrix, draw(opinions), draw(st.lists(share, min_size=n, max_size=n)), draw(opinions)


@SETTINGS
@given(st.booleans(), st.data())
def test_limits_are_exact_without_stubborn_agents(symmetric, data):
    matrix, x, _, innate = data.draw(graphs(symmetric))
    found = limit(matrix, x, symmetric=symmetric)
    assert farthest(found, exact_limit(matrix, x, [0] * len(x), innate)) < 1e-14


@SETTINGS
@given(st.booleans(), st.data())
def test_limits_are_exact_with_stubborn_agents(symmetric, data):
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric))
    found = limit(matrix, x, symmetric=symmetric, stubbornness=stubbornness, innate=innate)
    assert farthest(found, exact_limit(matrix, x, stubbornness, innate)) < 1e-14
    for i, share in enumerate(stubbornness):
        if share == 1.0:
            assert found[i].tolist() == innate[i]


@SETTINGS
@given(st.booleans(), st.data())
def test_a_coalition_listens_to_itself_only(symmetric, data):
    matrix, x, stubbornness, innate = data.draw(graphs(symmetric))
    who = data.draw(st.permutations(range(len(x))))[: data.draw(st.integers(1, len(x)))]
    found = limit(matrix, x, who, symmetric, stubbornness, innate)
    rest = [np.array(part)[who] for part in (x, stubbornness, innate)]
    expected = exact_limit(np.array(matrix)[np.ix_(who, who)], *rest)
    assert farthest(found, expected) < 1e-14


@SETTINGS
@given(st.booleans(), st.data())
def test_a_limit_is_a_fixed_point_and_stays_exactly(symmetric, data):
    """Agents who agree stay where they are, whoever else is in the coalition: the limit of a limit is itself."""
    matrix, x, _, _ = data.draw(graphs(symmetric))
    once = limit(matrix, x, symmetric=symmetric)
    assert np.array_equal(
        limit(matrix, once, symmetric=symmetric)[agreeing(matrix, once)], once[agreeing(matrix, once)]
    )


def agreeing(matrix, z):
    """Agents who agree exactly with everyone they listen to, directly or not."""
    n = len(z)
    reach = np.linalg.matrix_power((np.asarray(matrix) > 0).astype(float), n) > 0
    return [i for i in range(n) if np.all(z[reach[i]] == z[i])]


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("c", [0.1, 1e8 / 3, -7.3e-5])
def test_agents_who_agree_stay_exactly(symmetric, c):
    rng = np.random.default_rng(5)
    matrix = rng.random((40, 40)) * (rng.random((40, 40)) < 0.2) + np.eye(40)
    matrix = matrix + matrix.T if symmetric else matrix
    assert np.all(limit(matrix, np.full(40, c), symmetric=symmetric) == c)
    some = np.where(rng.random(40) < 0.2, 0.3, 0.0)
    assert np.all(limit(matrix, np.full(40, c), None, symmetric, some, np.full(40, c)) == c)


def test_classes_at_different_opinions_stay_exactly():
    """Two closed classes and an agent between them: only the latter is moved."""
    matrix = np.zeros((7, 7))
    matrix[:3, :3] = [[1, 2, 0.3], [0.1, 1, 0.7], [3, 1, 1]]
    matrix[3:6, 3:6] = [[1, 0.9, 0], [0, 1, 0.2], [1, 0, 3]]
    matrix[6] = [0.1, 0, 0, 0.3, 0, 0, 1]
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 3, 0, 4, 1, 5, 2], [2, 5, 6, 1, 4, 0, 3]):
        found = limit(matrix, [0.1, 0.1, 0.1, 0.7, 0.7, 0.7, 5.0], order)
        found = found[np.argsort(order), 0]
        assert found[:6].tolist() == [0.1] * 3 + [0.7] * 3
        assert abs(found[6] - (0.1 * 0.1 + 0.3 * 0.7) / 0.4) < 1e-15


@pytest.mark.parametrize("size", [3, 20, 80])
@pytest.mark.parametrize("symmetric", [True, False])
def test_high_powers_of_the_matrix(size, symmetric):
    rng = np.random.default_rng(size)
    matrix = rng.random((size, size)) * (rng.random((size, size)) < 4 / size) + np.eye(size)
    matrix = matrix + matrix.T if symmetric else matrix
    w = matrix / matrix.sum(axis=1, keepdims=True)
    x = rng.normal(size=(size, 3))
    for _ in range(40):  # W^(2^40); rows renormalised, or the rounding of the squares grows too
        w = w @ w
        w /= w.sum(axis=1, keepdims=True)
    assert np.allclose(limit(matrix, x, symmetric=symmetric), w @ x, rtol=0, atol=1e-10)


def test_perron_weights_of_any_size():
    """A long ladder that leads up: Perron weights grow like 2^i, far beyond the range of a double."""
    size = 1024
    matrix = np.eye(size) + np.diag(np.full(size - 1, 2.0), 1) + np.diag(np.ones(size - 1), -1)
    x = np.arange(float(size))
    weights = 2.0 ** -np.arange(60.0)  # detailed balance with rows that add up to 4, but for the first and last
    weights = np.where(np.arange(60) == 0, 2.0 / 4.0 * weights, weights)
    expected = np.sum(weights * x[::-1][:60]) / np.sum(weights)
    for order in (np.arange(size), np.arange(size)[::-1].copy()):
        found = limit(matrix, x, order)
        assert np.all(found == found[0])
        assert abs(found[0, 0] - expected) < 1e-10


def slowly(size, rng):
    """A sparse matrix of ring and chords."""
    matrix = 2 * np.eye(size)
    for i in range(size):
        matrix[i, (i + 1) % size] += 1.0
        matrix[i, rng.integers(0, size, 5)] += rng.random(5)
    return matrix


@pytest.mark.parametrize("stubborn", [False, True])
def test_large_components_are_iterated(stubborn):
    size, rng = limits.MAX_DENSE + 76, np.random.default_rng(2)
    matrix, x = slowly(size, rng), rng.normal(size=(size, 2))
    w = matrix / matrix.sum(axis=1, keepdims=True)
    if stubborn:
        share = np.where(rng.random(size) < 0.1, rng.choice([0.5, 1.0], size), 0.0)
        innate = rng.normal(size=(size, 2))
        expected = np.linalg.solve(np.eye(size) - (1 - share)[:, None] * w, share[:, None] * innate)
        found = limit(matrix, x, None, False, share, innate)
        assert np.array_equal(found[share == 1.0], innate[share == 1.0])
    else:
        for _ in range(20):
            w = w @ w
        expected = w @ x
        found = limit(matrix, x)
        assert np.all(limit(matrix, np.full(size, 0.1)) == 0.1)
    assert np.max(np.abs(found - expected)) < 1e-12


def test_a_component_that_does_not_settle_says_so():
    size = limits.MAX_DENSE + 1
    ring = 1e9 * np.eye(size) + np.roll(np.eye(size), 1, axis=1)
    position, out = np.full(size, -1), np.empty((size, 1))
    x = np.random.default_rng(1).normal(size=(size, 1))
    nobody = np.empty(0), np.empty((0, 1))
    status = limits.graph_limit(np.arange(size), x, False, *compressed(ring), *nobody, position, out)
    assert status == codes.NOT_CONVERGED
    assert np.all(position == -1)


def test_an_edge_of_weight_zero_is_none():
    indptr, indices = np.array([0, 2, 4]), np.array([0, 1, 0, 1], dtype=np.uint32)
    position, out = np.full(2, -1), np.empty((2, 1))
    who, order, starts = np.array([1, 0]), np.empty(2, dtype=np.int64), np.empty(3, dtype=np.int64)
    for data, count in (([1.0, 0.0, 0.0, 1.0], 2), ([1.0, 0.0, 0.5, 0.5], 1)):
        found = limits.components(who, indptr, indices, np.array(data), position, order, starts)
        assert found == count
        nobody = np.empty(0), np.empty((0, 1))
        x = np.array([[1.0], [2.0]])
        limits.graph_limit(who, x, False, indptr, indices, np.array(data), *nobody, position, out)
        assert out[:, 0].tolist() == [1.0, 2.0 if count == 2 else 1.0]
