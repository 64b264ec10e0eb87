"""V6 against the code that pays coalitions on networks: `numerics.payoffs.aumann_dreze_value`, in floating point."""

from itertools import combinations

import numpy as np
import pytest

from numerics.influence import network
from numerics.model import Model
from numerics.payoffs import aumann_dreze_value, coalition_values
from proofs_checks.oracles.networks import Network, networks
from proofs_checks.studies.components import Case

X0 = (0.0, 1.0, 3.0, -2.0)


def model_on(graph):
    n = graph.n
    A = np.zeros((n, n))
    for i, j in graph.heard:
        A[i, j] = 1.0
    return Model(X0[:n], "-u**2", influence=network(A, self_weight=1.0))


def listed(mask, n):
    return [i for i in range(n) if mask >> i & 1]


UNDIRECTED = [graph for graph in networks() if graph.mutual]


@pytest.mark.parametrize("graph", UNDIRECTED, ids=str)
def test_agents_are_paid_what_their_own_component_pays(graph):
    model, n = model_on(graph), graph.n
    parts = [listed(K, n) for K in sorted(graph.components(2**n - 1))]
    whole = aumann_dreze_value(model, [list(range(n))])
    np.testing.assert_allclose(whole, aumann_dreze_value(model, parts), rtol=1e-12, atol=1e-12)
    for part, worth in zip(parts, coalition_values(model, parts), strict=True):
        assert whole[part].sum() == pytest.approx(worth, abs=1e-12)


@pytest.mark.parametrize("graph", [graph for graph in UNDIRECTED if graph.links], ids=str)
def test_deleting_a_link_changes_what_its_ends_are_paid_alike(graph):
    everyone = [list(range(graph.n))]
    linked = aumann_dreze_value(model_on(graph), everyone)
    differs = False
    for link in graph.links:
        change = linked - aumann_dreze_value(model_on(graph.without(link)), everyone)
        assert change[link[0]] == pytest.approx(change[link[1]], abs=1e-12)
        differs |= any(abs(change[i] - change[j]) > 1e-3 for i, j in combinations(range(graph.n), 2))
    assert differs or graph.n == 2  # the others change by another amount, so equality says something


def test_there_are_18_networks_of_at_most_four_agents():
    assert len(UNDIRECTED) == 1 + 2 + 4 + 11


def test_components_partition_every_coalition_if_links_are_mutual():
    for graph in networks():
        assert graph.partitioned == graph.mutual
    cycle = Network(3, frozenset({(0, 1), (1, 2), (2, 0)}))  # one component, but agents 1 and 2 alone overlap
    assert cycle.components(0b111) == {0b111}
    assert cycle.components(0b011) == {0b011, 0b010}
    assert not cycle.partitioned


def test_components_are_the_sets_that_links_join():
    graph = Network(4, frozenset({(0, 1), (1, 0), (2, 3), (3, 2)}))
    assert graph.components(0b1111) == {0b0011, 0b1100}
    assert graph.components(0b0101) == {0b0001, 0b0100}
    assert [str(x) for x in Case(graph, True, (0,)).game(graph)[0b0100:0b1000]] == [
        "v4",
        "v1 + v4",
        "v2 + v4",
        "v3 + v4",
    ]
