"""Networks and general influence: how they are read, and what is refused."""

import copy
import pickle

import numpy as np
import pytest
import scipy.sparse as sparse
from hypothesis import given
from hypothesis import strategies as st

from numerics.influence import General, Network, general, network
from theory.errors import InputError

from ..timing import quickest

PATH = [[0.0, 1.0, 0.0], [1.0, 0.0, 2.5], [0.0, 2.5, 0.0]]


def dense(graph):
    n = graph.n_agents
    return sparse.csr_array((graph.data, graph.indices.astype(np.int64), graph.indptr), shape=(n, n)).toarray()


class Graph:
    """What is used of a networkx graph."""

    def __init__(self, adj, multigraph=False):
        self.adj, self.nodes, self.is_multigraph = adj, list(adj), lambda: multigraph


@pytest.mark.parametrize(
    "make",
    [
        np.array,
        list,
        tuple,
        lambda a: np.array(a, dtype=object),
        lambda a: [np.array(row) for row in a],
        sparse.csr_array,
        sparse.csr_matrix,
        sparse.coo_array,
        sparse.csc_matrix,
        sparse.lil_array,
        sparse.dok_array,
    ],
)
def test_every_form_of_matrix_is_read_alike(make):
    graph = network(make(PATH), self_weight=3)
    assert dense(graph).tolist() == (np.array(PATH) + 3 * np.eye(3)).tolist()
    W = np.array([[0.5, 0.5, 0], [0, 1, 0], [0.25, 0, 0.75]])
    assert dense(general(make(W.tolist()))).tolist() == W.tolist()


@given(st.integers(1, 12), st.floats(0, 1), st.booleans(), st.integers(0, 2**32 - 1))
def test_random_symmetric_matrices(n, density, loops, seed):
    rng = np.random.default_rng(seed)
    a = np.triu(rng.random((n, n)) * (rng.random((n, n)) < density), 1)
    a = a + a.T + np.diag(rng.random(n) + 0.1) * loops
    graph = network(sparse.csr_array(a) if seed % 2 else a, self_weight=0.5)
    assert np.array_equal(dense(graph), a if loops else a + 0.5 * np.eye(n))
    for row in range(n):
        assert (np.diff(graph.indices[graph.indptr[row] : graph.indptr[row + 1]].astype(int)) > 0).all()
    rows = a + np.eye(n)
    shares = rows / rows.sum(axis=1, keepdims=True)
    assert np.allclose(dense(general(shares)), shares, rtol=1e-15, atol=0)


def test_a_networkx_graph():
    graph = Graph({"b": {"a": {"weight": 2}}, "a": {"b": {"weight": 2}, "c": {}}, "c": {"a": {}}})
    assert dense(network(graph)).tolist() == [[1, 2, 0], [2, 1, 1], [0, 1, 1]]
    parallel = Graph({0: {1: {0: {}, 1: {"weight": 4}}}, 1: {0: {0: {}, 1: {"weight": 4}}}}, multigraph=True)
    assert dense(network(parallel)).tolist() == [[1, 5], [5, 1]]
    with pytest.raises(InputError, match=r"influence\.graph\['a'\]\['b'\]: 'x' is not a number"):
        network(Graph({"a": {"b": {"weight": "x"}}, "b": {}}))
    with pytest.raises(InputError, match=r"influence\.graph\[0, 1\]: 1\.0 is not the weight 0\.0 of \[1, 0\]"):
        network(Graph({0: {1: {}}, 1: {}}))


def test_entries_given_twice_add_up_and_zeros_are_no_edges():
    matrix = sparse.coo_array(([1.0, 1.0, 2.0, 0.0, 1.0, 1.0], ([0, 0, 1, 0, 0, 1], [1, 1, 0, 0, 0, 1])), shape=(2, 2))
    graph = network(matrix)
    assert dense(graph).tolist() == [[1, 2], [2, 1]]
    stored = sparse.csr_array(([0.0, 1.0, 0.0, 1.0], [0, 1, 0, 1], [0, 2, 4]), shape=(2, 2))
    with pytest.raises(InputError, match=r"influence\.graph\[0, 1\]"):
        network(stored)
    assert dense(network(np.diag([2.0, 1.0]))).tolist() == [[2, 0], [0, 1]]


def test_rounding_is_evened_out_and_rows_are_normalised():
    third = 1 / 3
    graph = network([[1, third], [third * (1 + 4e-16), 1]])
    a = dense(graph)
    assert a[0, 1] == a[1, 0] == pytest.approx(third, rel=1e-15)
    W = dense(general([[0.5 + 4e-10, 0.5], [0.1, 0.9]]))
    assert np.abs(W.sum(axis=1) - 1).max() <= 2.0**-52


@pytest.mark.parametrize(
    ("matrix", "field", "problem"),
    [
        ([[1, 2], [3, 1]], "influence.graph[0, 1]", "2.0 is not the weight 3.0 of [1, 0]"),
        ([[1, 0, 0], [0, 1, 0], [0, 1, 1]], "influence.graph[2, 1]", "1.0 is not the weight 0.0 of [1, 2]"),
        ([[1, 0, 1], [0, 1, 0], [0, 0, 1]], "influence.graph[0, 2]", "1.0 is not the weight 0.0 of [2, 0]"),
        ([[1, 1, 1], [1, 1, 0], [1, 2, 1]], "influence.graph[2, 1]", "2.0 is not the weight 0.0 of [1, 2]"),
        ([[1, -1], [-1, 1]], "influence.graph[0, 1]", "-1.0 is negative"),
        ([[1, 0], [0, float("nan")]], "influence.graph[1, 1]", "nan is not finite"),
        ([[1, float("inf")], [0, 1]], "influence.graph[0, 1]", "inf is not finite"),
        ([[1, 1e200], [1e200, 1]], "influence.graph[0, 1]", "is too large"),
        ([[1, 1e-200], [1e-200, 1]], "influence.graph[0, 1]", "is too small"),
        ([[1, 1], [1, 0]], "influence.graph[1, 1]", "0.0 is not positive"),
        ([[1, 1]], "influence.graph[0]", "has 2 entries, not 1"),
        ([[1, 1], [1]], "influence.graph[1]", "has 1 entries, not 2"),
        ([1, 1], "influence.graph[0]", "is not a row"),
        ([[1, "1"], [1, 1]], "influence.graph[0, 1]", "'1' is not a number"),
        ([[1, True], [1, 1]], "influence.graph[0, 1]", "True is not a number"),
        ([[1, 10**400], [1, 1]], "influence.graph[0]", "not finite"),
        ([], "influence.graph", "(0, 0)"),
        (np.ones((2, 3)), "influence.graph", "(2, 3)"),
        (np.ones(4), "influence.graph", "(4,)"),
        (np.ones((2, 2), dtype=bool), "influence.graph", "bool"),
        (np.ones((2, 2), dtype=complex), "influence.graph", "complex"),
        (sparse.csr_array((2, 3)), "influence.graph", "(2, 3)"),
        (sparse.eye_array(3, dtype=bool), "influence.graph", "bool"),
        ("ring", "influence.graph", "'ring'"),
        (3, "influence.graph", "3"),
        (None, "influence.graph", "None"),
    ],
)
def test_networks_that_are_refused(matrix, field, problem):
    with pytest.raises(InputError) as error:
        network(matrix)
    assert error.value.field == field
    assert problem in str(error.value)
    assert "\n" not in str(error.value)
    if not field.endswith(", 2]") and isinstance(matrix, list) and matrix and isinstance(matrix[0], list):
        with pytest.raises(InputError):
            general(matrix)


@pytest.mark.parametrize(
    ("matrix", "field", "problem"),
    [
        ([[0.5, 0.5], [0.5, 0.5 + 2e-9]], "influence.W[1]", "is the sum of a row, not 1"),
        ([[0.5, 0.5], [0, 1.5]], "influence.W[1]", "1.5 is the sum"),
        ([[0, 1], [0.5, 0.5]], "influence.W[0, 0]", "0.0 is not positive"),
        ([[1, 0], [0, 0]], "influence.W[1, 1]", "0.0 is not positive"),
        ([[1.5, -0.5], [0, 1]], "influence.W[0, 1]", "-0.5 is negative"),
    ],
)
def test_general_influence_that_is_refused(matrix, field, problem):
    for given_matrix in (matrix, sparse.csr_array(np.array(matrix))):
        with pytest.raises(InputError) as error:
            general(given_matrix)
        assert error.value.field == field
        assert problem in str(error.value)


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), 1e200, "1", True, None])
def test_self_weights_that_are_refused(weight):
    with pytest.raises(InputError, match=r"influence\.self_weight"):
        network(PATH, self_weight=weight)


@pytest.mark.parametrize(
    "rows",
    [
        ([0, 1, 2], [0, 1], [1.0]),
        ([0, 2, 1], [0, 1], [1.0, 1.0]),
        ([0, 1, 2], [0, 2], [1.0, 1.0]),
        ([0, 2, 4], [1, 0, 0, 1], [1.0, 1.0, 1.0, 1.0]),
        ([0, 2, 4], [0, 0, 0, 1], [1.0, 1.0, 1.0, 1.0]),
        ([1, 2], [0], [1.0]),
        ([0], [], []),
    ],
)
def test_rows_that_are_not_sorted_rows(rows):
    for family in (Network, General):
        with pytest.raises(InputError, match="are not sorted rows"):
            family(*rows)


@pytest.mark.parametrize("graph", [network(PATH), general([[0.3, 0.7], [0.1, 0.9]])])
def test_graphs_do_not_change(graph):
    for again in (copy.copy(graph), copy.deepcopy(graph), pickle.loads(pickle.dumps(graph))):
        for name in ("indptr", "indices", "data"):
            array = getattr(again, name)
            assert array.tobytes() == getattr(graph, name).tobytes()
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1
    with pytest.raises(AttributeError):
        graph.data = None
    assert graph.indptr.dtype == np.int64
    assert graph.indices.dtype == np.uint32
    assert graph.data.dtype == np.float64


def test_what_is_given_is_not_touched():
    matrix = sparse.csr_array(np.array(PATH) + np.eye(3))
    before = matrix.data.copy()
    graph = network(matrix)
    matrix.data[:] = 7.0
    assert graph.data.tolist() == before.tolist()
    unsorted = sparse.csr_array((np.ones(4), np.array([1, 0, 1, 0]), np.array([0, 2, 4])), shape=(2, 2))
    network(unsorted)
    assert unsorted.indices.tolist() == [1, 0, 1, 0]


def test_a_large_sparse_graph_is_never_dense():
    """200,000 agents on a ring; the dense matrix would take 320 GB."""
    n = 200_000
    ring = sparse.coo_array((np.ones(n), (np.arange(n), (np.arange(n) + 1) % n)), shape=(n, n))

    def build():
        assert len(network(ring + ring.T).data) == 3 * n
        assert len(general((ring + sparse.eye_array(n)) / 2).data) == 2 * n

    assert quickest(build, repeats=1) < 30
