"""The karate club, edge by edge, and what its network says about the split that happened."""

import networkx
import numpy as np
import pytest

import exitjoin as ej

LEADERS = (0, 33)


@pytest.fixture(scope="module")
def club():
    return networkx.karate_club_graph()


@pytest.fixture(scope="module")
def scenario():
    return ej.packaged_scenario("karate_club")


@pytest.fixture(scope="module")
def study(scenario):
    return ej.split_study(scenario.model, scenario.run["structure"], LEADERS, samples=400, randoms=20)


def test_the_shipped_club_is_the_published_one(club, scenario):
    W = ej.influence_matrix(scenario.model, [list(range(34))])
    weights = networkx.to_numpy_array(club)
    degree = weights.sum(axis=1) + 1  # everybody has weight 1 on itself
    for i, j, data in club.edges(data=True):
        assert W[i, j] == pytest.approx(data["weight"] / degree[i], rel=1e-14)
    assert np.count_nonzero(W) == 2 * club.number_of_edges() + 34 == 2 * 78 + 34
    hi, officer = scenario.run["structure"]
    assert {club.nodes[i]["club"] for i in hi} == {"Mr. Hi"}
    assert {club.nodes[i]["club"] for i in officer} == {"Officer"}
    assert (len(hi), len(officer)) == (17, 17)


def test_all_but_one_went_where_the_slowest_mode_says(club, study):
    A = networkx.to_numpy_array(club) + np.eye(34)
    W = A / A.sum(axis=1, keepdims=True)
    values = np.sort(np.linalg.eigvals(W).real)  # an oracle that knows nothing of symmetry
    assert (study.rate, study.next_rate) == (pytest.approx(values[-2]), pytest.approx(values[-3]))
    np.testing.assert_allclose(W @ study.mode, study.rate * study.mode, atol=1e-12)
    assert study.against_mode == [8]  # member 9 of Zachary's count
    assert [i for i in range(34) if (study.mode[i] > 0) != (club.nodes[i]["club"] == "Mr. Hi")] == [8]


def test_all_but_the_same_one_went_where_the_leaders_pull(club, study):
    A = networkx.to_numpy_array(club)
    x = np.zeros(34)
    x[list(LEADERS)] = 1, -1
    for _ in range(4000):  # everybody else takes the mean of those it meets
        x[1:33] = (A @ x / A.sum(axis=1))[1:33]
    np.testing.assert_allclose(study.pull, x, atol=1e-9)
    assert study.against_pull == [8]


def test_the_one_is_the_most_eager_to_change_and_no_other_split_nearby_is_much_cheaper(study):
    assert study.eager == 8
    assert study.critical_cost == pytest.approx(0.545, abs=0.015)  # 0.5445 from 20 000 pairs of orders
    assert np.nanmin(study.one_member) > study.critical_cost - 0.03  # what 400 pairs leave open
    assert study.random.min() > 1.1 * study.critical_cost
    assert np.isnan(study.one_member[list(LEADERS)]).all()
    assert "all but 8" in study.text()
    assert "all costs are estimates, from 400 pairs of random orders" in study.text()
    assert "may be sampling" in study.text()


def test_gains_are_those_of_the_definition():
    """Two triangles and a bridge: Shapley values by summing over all orders of arrival."""
    from itertools import permutations

    edges = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (2, 3)]
    A = np.eye(6)
    for i, j in edges:
        A[i, j] = A[j, i] = 1
    x = np.array([0.5, 0.5, 0.5, -0.5, -0.5, -0.5])

    def worth(members):
        graph = networkx.Graph([(i, j) for i in members for j in members if A[i, j]])
        total = 0.0
        for part in map(sorted, networkx.connected_components(graph)):
            degree = A[np.ix_(part, part)].sum(axis=1)
            total -= len(part) * (degree @ x[part] / degree.sum()) ** 2
        return total

    def paid(agent, members):
        orders = list(permutations(members))
        before = [order[: order.index(agent)] for order in orders]
        return sum(worth([*some, agent]) - worth(some) for some in before) / len(orders)

    found = ej.split_study(
        ej.Model([0.0] * 6, "-u**2", influence=ej.network(A)), [[0, 1, 2], [3, 4, 5]], [0, 5], randoms=0
    )
    for i in range(3):
        assert found.gains[i] == pytest.approx(paid(i, [3, 4, 5, i]) - paid(i, [0, 1, 2]), abs=1e-12)
    assert found.random.size == 0
    assert not found.estimated
    assert "sampling" not in found.text()


def test_random_splits_depend_on_the_seed_alone(scenario):
    one, same, other = (
        ej.split_study(scenario.model, scenario.run["structure"], LEADERS, samples=5, randoms=3, seed=seed).random
        for seed in (1, 1, 2)
    )
    assert one.tolist() == same.tolist() != other.tolist()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"leaders": [33, 0]}, "leaders"),
        ({"leaders": [0]}, "leaders"),
        ({"leaders": [0, 99]}, "leaders"),
        ({"structure": [list(range(34))]}, "structure"),
        ({"samples": 0}, "samples"),
        ({"randoms": -1}, "randoms"),
        ({"model": ej.Model([0.0] * 34, "-u**2")}, "influence"),
    ],
)
def test_bad_arguments_are_named(scenario, changes, message):
    fine = {"model": scenario.model, "structure": scenario.run["structure"], "leaders": LEADERS, "samples": 5}
    with pytest.raises(ej.InputError, match=f"^{message}"):
        ej.split_study(**fine | changes)
