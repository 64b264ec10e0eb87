"""The tactical layer of every influence: steps and limits against dense matrices, exact and floating."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import parallel
from numerics.consensus import consensus_of_coalitions, degroot_step, influence_matrix, tactical_limit
from numerics.influence import general, lazy, network, weighted
from numerics.kernels import tactical as kernel
from numerics.model import Model
from numerics.partitions import labels_of
from numerics.tactical import tactical_operator
from theory.errors import InputError

FAMILIES = ["uniform", "lazy", "weighted", "network", "general"]


def matrix_of(family, n, rng):
    """The influence matrix A of a family as small rationals, and the project's influence."""
    if family == "uniform":
        return np.ones((n, n)), "uniform", Fraction(1)
    if family == "lazy":
        return np.ones((n, n)), lazy(0.25), Fraction(1, 4)
    if family == "weighted":
        a = rng.integers(1, 9, n).astype(float)
        return np.tile(a, (n, 1)), weighted(a), Fraction(1)
    edges = rng.integers(1, 5, (n, n)) * (rng.random((n, n)) < rng.choice([0.1, 0.3, 0.7]))
    if family == "network":
        a = np.triu(edges, 1) if rng.random() < 0.5 else np.triu(edges > 0, 1) * 2
        a = (a + a.T + np.diag(rng.integers(1, 4, n))).astype(float)
        return a, network(sparse.csr_array(a) if rng.random() < 0.5 else a), Fraction(1)
    a = (edges * (1 - np.eye(n, dtype=int)) + np.diag(rng.integers(1, 4, n))).astype(float)
    return a, general(a / a.sum(axis=1, keepdims=True)), Fraction(1)


def exact_influence(a, rate, labels):
    """W(π), rational: W_C[i,j] = A_ij / Σ_{k∈C} A_ik, and (1-ε) I + ε W_C if lazy."""
    n = len(labels)
    w = [[Fraction(0)] * n for _ in range(n)]
    for i in range(n):
        members = [j for j in range(n) if labels[j] == labels[i]]
        total = sum(Fraction(a[i, j]) for j in members)
        for j in members:
            w[i][j] = rate * Fraction(a[i, j]) / total + (1 - rate if i == j else 0)
    return w


def exact_limit(w, s, x, innate):
    """Fixed point that x(t+1) = (1-s) W x + s x(0) tends to, in rational arithmetic.

    Closed classes without stubborn agents end at the mean of x by their stationary law; everyone else solves
    z = (1-s) W z + s x(0) given those.
    """
    n = len(x)
    reach = np.array([[w[i][j] > 0 and s[i] < 1 for j in range(n)] for i in range(n)]) | np.eye(n, dtype=bool)
    for k in range(n):
        reach |= reach[:, [k]] & reach[[k], :]
    z = [None] * n
    for i in range(n):
        members = np.flatnonzero(reach[i])
        if all(reach[j, i] for j in members) and not any(s[j] for j in members):
            # stationary law: p (W - 1) = 0, Σ p = 1
            k = len(members)
            system = [[w[members[r]][members[c]] - (r == c) for r in range(k)] for c in range(k)]
            system[-1] = [Fraction(1)] * k
            law = solved(system, [Fraction(0)] * (k - 1) + [Fraction(1)])
            z[i] = sum(p * x[j] for p, j in zip(law, members, strict=True))
    free = [i for i in range(n) if z[i] is None]
    system = [[(i == j) - (1 - s[i]) * w[i][j] for j in free] for i in free]
    known = [
        s[i] * innate[i] + (1 - s[i]) * sum((w[i][j] * z[j] for j in range(n) if z[j] is not None), Fraction(0))
        for i in free
    ]
    for i, value in zip(free, solved(system, known), strict=True):
        z[i] = value
    return z


def solved(system, right):
    """Gauss and Jordan."""
    rows = [[*row, b] for row, b in zip(system, right, strict=True)]
    for c in range(len(rows)):
        pivot = next(r for r in range(c, len(rows)) if rows[r][c] != 0)
        rows[c], rows[pivot] = rows[pivot], rows[c]
        rows[c] = [y / rows[c][c] for y in rows[c]]
        for r in range(len(rows)):
            if r != c and rows[r][c] != 0:
                rows[r] = [y - rows[r][c] * p for y, p in zip(rows[r], rows[c], strict=True)]
    return [row[-1] for row in rows]


@st.composite
def situations(draw, families=FAMILIES, largest=9):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(1, largest))
    a, influence, rate = matrix_of(draw(st.sampled_from(families)), n, rng)
    d = draw(st.sampled_from([None, 1, 2, 3]))
    shape = n if d is None else (n, d)
    x, innate = rng.normal(size=shape), rng.normal(size=shape)
    stubbornness = np.zeros(n)
    if draw(st.booleans()):
        stubbornness = rng.choice([0.0, 0.0, 0.25, 0.875, 1.0], n)
    labels = rng.integers(0, draw(st.integers(1, n)), n)
    performance = "-u**2" if d in (None, 1) else "-u1**2"
    model = Model(x, performance, influence=influence, stubbornness=stubbornness, innate_opinions=innate)
    return model, a, rate, labels


def columns(x):
    return np.asarray(x).reshape(len(x), -1).T


def exactly(array):
    return [Fraction(float(v)) for v in array]


def close(given, expected, scale=1.0):
    expected = np.array([[float(v) for v in column] for column in expected])
    return np.abs(columns(given) - expected).max() <= 1e-12 * scale


@settings(deadline=None)
@given(situations())
def test_a_step_is_the_product_with_the_matrix(situation):
    model, a, rate, labels = situation
    w = exact_influence(a, rate, labels)
    s, n = exactly(model.stubbornness), model.n_agents
    expected = [
        [(1 - s[i]) * sum(w[i][j] * x[j] for j in range(n)) + s[i] * held[i] for i in range(n)]
        for x, held in zip(map(exactly, columns(model.opinions)), map(exactly, columns(model.innate)), strict=True)
    ]
    before = model.opinions.copy()
    after = degroot_step(model, labels, model.opinions)
    assert after.shape == model.opinions.shape
    assert close(after, expected)
    assert close(tactical_operator(model, labels).step(model.opinions), expected)
    assert np.array_equal(model.opinions, before)
    matrix = influence_matrix(model, labels)
    assert np.abs(matrix - np.array([[float(v) for v in row] for row in w])).max() <= 1e-15


@settings(deadline=None)
@given(situations(), st.integers(0, 6), st.integers(1, 3))
def test_many_steps_are_one_after_another(situation, t, threads):
    model, _, _, labels = situation
    operator = tactical_operator(model, labels, threads=threads)
    expected = np.array(model.opinions)
    for _ in range(t):
        expected = degroot_step(model, labels, expected)
    assert np.allclose(operator.steps(model.opinions, t), expected, rtol=0, atol=1e-13)
    assert sorted(operator.order.tolist()) == list(range(model.n_agents))
    ordered = labels_of(labels, model.n_agents)[operator.order]
    assert (np.diff(ordered) >= 0).all()
    assert np.array_equal(np.flatnonzero(np.diff(ordered)) + 1, operator.starts[1:-1])


@settings(deadline=None)
@given(situations())
def test_the_limit_is_exact(situation):
    model, a, rate, labels = situation
    w = exact_influence(a, rate, labels)
    s = exactly(model.stubbornness)
    expected = [
        exact_limit(w, s, x, held)
        for x, held in zip(map(exactly, columns(model.opinions)), map(exactly, columns(model.innate)), strict=True)
    ]
    limit = tactical_limit(model, labels)
    assert limit.shape == model.opinions.shape
    assert close(limit, expected)
    weights = exactly(model.weights)
    ranks = labels_of(labels, model.n_agents)
    means = consensus_of_coalitions(model, ranks)
    for c in range(ranks.max() + 1):
        members = np.flatnonzero(ranks == c)
        volume = sum(weights[j] for j in members)
        for q, column in enumerate(expected):
            mean = sum(weights[j] * column[j] for j in members) / volume
            assert abs(np.reshape(means[c], -1)[q] - float(mean)) <= 1e-12


@settings(deadline=None, max_examples=40)
@given(situations())
def test_iteration_tends_to_the_limit(situation):
    model, _, _, labels = situation
    far = tactical_operator(model, labels).steps(model.opinions, 5000)
    assert np.allclose(far, tactical_limit(model, labels), rtol=0, atol=1e-9)


@settings(deadline=None)
@given(situations(), st.integers(0, 2**32 - 1))
def test_other_names_of_the_agents_give_the_same(situation, seed):
    model, a, _, labels = situation
    permutation = np.random.default_rng(seed).permutation(model.n_agents)
    influence = model.influence
    if hasattr(influence, "weights"):
        influence = weighted(influence.weights[permutation])
    elif hasattr(influence, "symmetric"):
        b = a[np.ix_(permutation, permutation)]
        influence = network(b) if influence.symmetric else general(b / b.sum(axis=1, keepdims=True))
    again = Model(
        model.opinions[permutation], model.performance, influence=influence,
        stubbornness=model.stubbornness[permutation], innate_opinions=model.innate[permutation],
    )  # fmt: skip
    near = {"rtol": 0, "atol": 1e-12}
    step, limit = degroot_step(model, labels, model.opinions), tactical_limit(model, labels)
    assert np.allclose(degroot_step(again, labels[permutation], again.opinions), step[permutation], **near)
    assert np.allclose(tactical_limit(again, labels[permutation]), limit[permutation], **near)
    assert np.allclose(tactical_operator(again, labels[permutation]).step(again.opinions), step[permutation], **near)


@settings(deadline=None)
@given(situations(), st.sampled_from([1 / 3, 0.1, -7.7, 1e300, 5e-324]))
def test_members_who_agree_stay_exactly_where_they_are(situation, value):
    model, _, _, labels = situation
    x = np.full(model.opinions.shape, value)
    agreed = model.replace(opinions=x, innate_opinions=x, performance="1")
    for after in (
        degroot_step(agreed, labels, x), tactical_limit(agreed, labels), tactical_operator(agreed, labels).steps(x, 3)
    ):  # fmt: skip
        assert (after == value).all()


def test_isolated_agents_and_disconnected_coalitions():
    """A path 0-1-2-3 with 4 alone; the coalition {0, 1, 3} is in two pieces."""
    a = np.zeros((5, 5))
    for i in range(3):
        a[i, i + 1] = a[i + 1, i] = 1.0
    model = Model([0.0, 1.0, 10.0, 4.0, 7.0], "u", influence=network(a))
    structure = [[0, 1, 3], [2], [4]]
    assert tactical_limit(model, structure).tolist() == [0.5, 0.5, 10.0, 4.0, 7.0]
    assert degroot_step(model, structure, model.opinions).tolist() == [0.5, 0.5, 10.0, 4.0, 7.0]
    assert tactical_operator(model, structure).steps(model.opinions, 2).tolist() == [0.5, 0.5, 10.0, 4.0, 7.0]
    assert consensus_of_coalitions(model, labels_of(structure, 5)) == pytest.approx([5 / 3, 10, 7], rel=1e-15)


def test_two_leaders_and_a_follower():
    """Two closed classes: the follower ends in proportion to what it hears of each, directly or not."""
    W = [[1, 0, 0], [0, 1, 0], [0.25, 0.5, 0.25]]
    model = Model([3.0, 9.0, 100.0], "u", influence=general(W))
    assert tactical_limit(model, [[0, 1, 2]]) == pytest.approx([3, 9, 7], rel=1e-15)
    assert tactical_limit(model, [[0, 2], [1]]) == pytest.approx([3, 9, 3], rel=1e-15)


def test_weights_and_opinions_at_the_ends_of_their_range():
    for size in (1e150, 1e-150):
        model = Model([1e300, -1e300], "1", influence=network([[size, size], [size, size]]))
        for after in (
            degroot_step(model, [0, 0], model.opinions),
            tactical_limit(model, [0, 0]),
            tactical_operator(model, [0, 0]).step(model.opinions),
        ):
            assert np.abs(after).max() <= 1e284


# Large graphs


def planted(n, coalitions, degree, inside, seed, weights=False):
    """A random symmetric graph of which most edges are inside coalitions, and the labels of these."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, coalitions, n)
    labels[:coalitions] = np.arange(coalitions)
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(coalitions + 1))
    u = rng.integers(0, n, n * degree // 2)
    near = order[starts[labels[u]] + (rng.random(len(u)) * np.diff(starts)[labels[u]]).astype(int)]
    v = np.where(rng.random(len(u)) < inside, near, rng.integers(0, n, len(u)))
    a = sparse.coo_array((rng.random(len(u)) + 0.5 if weights else np.ones(len(u)), (u, v)), shape=(n, n)).tocsr()
    a.setdiag(0)
    a = (a + a.T).tocsr()
    a.eliminate_zeros()
    if not weights:
        a.data[:] = 1.0
    return network(a), labels


def restricted(graph, labels):
    """W(π) as a sparse matrix."""
    rows = np.repeat(np.arange(graph.n_agents), np.diff(graph.indptr))
    inside = labels[rows] == labels[graph.indices]
    kept = (graph.data[inside], (rows[inside], graph.indices[inside].astype(np.int64)))
    w = sparse.csr_array(kept, shape=(graph.n_agents, graph.n_agents))
    return sparse.diags_array(1 / w.sum(axis=1)) @ w


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize(("n", "coalitions"), [(30_000, 40), (70_000, 1), (20_000, 15_000), (90_000, 2)])
def test_a_large_network_on_any_number_of_threads(monkeypatch, n, coalitions, weights):
    monkeypatch.setattr(parallel, "MIN_WORK", 1000)
    graph, labels = planted(n, coalitions, 8, 0.9, 1, weights)
    x = np.random.default_rng(2).normal(size=n)
    w = restricted(graph, labels)
    model = Model(x, "u", influence=graph)
    expected = x
    for _ in range(3):
        expected = w @ expected
    bits = set()
    for threads in (1, 2, 3, 7):
        operator = tactical_operator(model, labels, threads)
        after = operator.steps(x, 3)
        assert np.allclose(after, expected, rtol=0, atol=1e-13)
        bits.add(after.tobytes())
    assert len(bits) == 1
    assert np.allclose(degroot_step(model, labels, x), w @ x, rtol=0, atol=1e-14)
    both = np.stack([x, -x], axis=1)
    assert np.array_equal(operator.steps(both, 3), np.stack([after, -after], axis=1))
    s = np.where(np.arange(n) % 3 == 0, 0.25, 0.0)
    held = model.replace(stubbornness=s)
    expected = x
    for _ in range(2):
        expected = (1 - s) * (w @ expected) + s * x
    for threads in (1, 3):
        after = tactical_operator(held, labels, threads).steps(x, 2)
        assert np.allclose(after, expected, rtol=0, atol=1e-13)


def test_the_limit_of_a_large_network_is_that_of_its_components():
    graph, labels = planted(30_000, 3000, 3, 0.9, 3)
    x = np.random.default_rng(4).normal(size=30_000)
    w = restricted(graph, labels)
    count, component = sparse.csgraph.connected_components(w, directed=False)
    assert count > 3000
    rows = np.repeat(np.arange(30_000), np.diff(graph.indptr))
    degree = np.bincount(rows, labels[rows] == labels[graph.indices])
    mean = np.bincount(component, degree * x) / np.bincount(component, degree)
    limit = tactical_limit(Model(x, "u", influence=graph), labels)
    assert np.allclose(limit, mean[component], rtol=0, atol=1e-13)


def test_the_layout_leaves_out_what_need_not_be_read():
    graph, labels = planted(5000, 5, 6, 0.8, 5)
    x = np.zeros(5000)
    layout = tactical_operator(Model(x, "1", influence=graph), labels)._layout
    assert layout.near.dtype == np.uint16
    assert len(layout.shares) == 0
    assert len(layout.near) < 1.1 * (restricted(graph, labels).nnz - 5000)
    graph, labels = planted(70_000, 1, 2, 1.0, 6, weights=True)
    layout = tactical_operator(Model(np.zeros(70_000), "1", influence=graph), labels)._layout
    assert layout.near.dtype == np.uint32
    assert len(layout.shares) == len(layout.near)
    assert kernel.LANES == 8


# Refusals


def test_opinions_that_are_refused():
    model = Model([0.0, 1.0, 2.0], "u", stubbornness=0.5)
    operator = tactical_operator(model, [0, 0, 1])
    bad = [
        [1.0, 2.0],
        [[[1.0]]],
        np.zeros((3, 0)),
        [1.0, 2.0, float("nan")],
        "abc",
        None,
        [[1, 2], [3], [4]],
        [1j, 0, 0],
    ]
    for x in [*bad, np.zeros((3, 2))]:
        for call in (lambda x=x: degroot_step(model, [0, 0, 1], x), lambda x=x: operator.step(x)):
            with pytest.raises(InputError, match="opinions"):
                call()
    for t in (-1, 1.5, True, None):
        with pytest.raises(InputError, match="t: "):
            operator.steps(model.opinions, t)
    with pytest.raises(InputError, match="threads"):
        tactical_operator(model, [0, 0, 1], threads=0)


def test_a_dense_matrix_of_many_agents_is_refused():
    with pytest.raises(InputError, match="use degroot_step"):
        influence_matrix(Model(np.zeros(5001), "1"), np.zeros(5001, dtype=int))


# Structures


@given(st.lists(st.integers(-3, 6), min_size=1, max_size=30), st.integers(-(10**18), 10**18), st.integers(1, 10**6))
def test_labels_of_arrays_are_those_of_lists(values, shift, stretch):
    for labels in (values, [v + shift for v in values], [v * stretch for v in values]):
        expected = labels_of(labels, len(labels))
        for dtype in (np.int64, np.int8, np.uint8, np.uint64):
            bounds = np.iinfo(dtype)
            if bounds.min <= min(labels) and max(labels) <= bounds.max:
                given_labels = np.array(labels, dtype=dtype)
                ranks = labels_of(given_labels, len(labels))
                assert ranks.tolist() == expected.tolist()
                assert ranks.dtype == np.int64
                assert ranks.flags.writeable
                ranks[:] = 0
                assert given_labels.tolist() == labels


def test_labels_at_the_ends_of_their_range():
    ends = np.iinfo(np.int64)
    assert labels_of(np.array([ends.max, ends.min, ends.max]), 3).tolist() == [1, 0, 1]
    assert labels_of(np.array([ends.min + 1, ends.min, ends.min]), 3).tolist() == [1, 0, 0]
    assert labels_of(np.array([2**64 - 1, 2**64 - 2], dtype=np.uint64), 2).tolist() == [1, 0]
    assert labels_of(np.array([-128, 127], dtype=np.int8), 2).tolist() == [0, 1]


def test_coalitions_given_as_arrays():
    assert labels_of([np.array([2, 0]), np.array([1], dtype=np.uint8)], 3).tolist() == [0, 1, 0]
    for structure, field, problem in [
        ([np.array([0, 1]), np.array([1])], r"structure\[1\]", "in two coalitions"),
        ([np.array([0, 0]), np.array([1])], r"structure\[0\]", "twice"),
        ([np.array([0, 3]), np.array([1])], r"structure\[0\]", "not an agent"),
        ([np.array([0, 1]), np.array([-1])], r"structure\[1\]", "not an agent"),
        ([np.array([0, 1])], "structure", "leaves out"),
        ([np.array([0, 1, 2]), np.array([], dtype=int)], r"structure\[1\]", "empty"),
        ([np.array([0.0, 1.0, 2.0])], r"structure\[0\]", "not an agent"),
    ]:
        with pytest.raises(InputError, match=f"{field}.*{problem}"):
            labels_of(structure, 3)
