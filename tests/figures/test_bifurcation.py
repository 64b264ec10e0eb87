from __future__ import annotations

import numpy as np
import pytest

from figures import bifurcation
from figures.writing import picture_bytes
from numerics.consensus import tactical_limit
from numerics.model import Model
from numerics.moves import moves
from numerics.payoffs import coalition_values
from theory.errors import InputError

SMALL = (-1.6, -1.1, 0.2, 0.9, 1.5)


def structures(n):
    """All structures, as labels, by adding one agent after the other."""
    found = [[0]]
    for _ in range(n - 1):
        found = [[*labels, k] for labels in found for k in range(max(labels) + 2)]
    return found


@pytest.fixture(scope="module", params=["opinions", "consensus"])
def data(request):
    return bifurcation.compute(SMALL, at=request.param)


def test_the_diagram_is_that_of_all_structures_tried_one_by_one(data):
    model = Model(opinions=SMALL, performance=bifurcation.PERFORMANCE)
    surplus, critical = [], []
    for labels in structures(5):
        x = model.opinions if data.at == "opinions" else tactical_limit(model, labels)
        here = model.replace(opinions=x)
        critical.append(np.nanmax(moves(here, labels).gains))
        surplus.append(coalition_values(here, labels).sum())
    surplus, critical = np.array(surplus), np.array(critical)
    assert data.n_structures == len(critical) == 52
    assert data.optimum == pytest.approx(surplus.max())
    for k, cost in enumerate(data.costs):
        until = data.costs[k + 1] if k + 1 < len(data.costs) else cost + 1
        for inside in (cost, cost + 0.5 * (until - cost)):
            stable = critical <= inside + 1e-12
            assert data.n_stable[k] == stable.sum()
            assert data.best[k] == pytest.approx(surplus[stable].max())
            assert data.worst[k] == pytest.approx(surplus[stable].min())
    assert not (critical < data.costs[0] - 1e-12).any()


def test_births_are_the_first_of_their_size(data):
    model = Model(opinions=SMALL, performance=bifurcation.PERFORMANCE)
    for size, (position, name) in enumerate(zip(data.births, data.born, strict=True), start=1):
        coalitions = [[int(agent) for agent in part] for part in name.split("|")]
        assert len(coalitions) == size
        x = model.opinions if data.at == "opinions" else tactical_limit(model, coalitions)
        critical = np.nanmax(moves(model.replace(opinions=x), coalitions).gains)
        assert data.costs[position] == pytest.approx(critical, abs=1e-12)


def test_structures_are_only_born_and_the_optimum_comes_in_the_end():
    data = bifurcation.compute()
    assert (np.diff(data.n_stable) > 0).all()
    assert data.n_stable[-1] == data.n_structures == 4140
    assert (np.diff(data.best) >= 0).all()
    assert (np.diff(data.worst) <= 0).all()
    assert data.best[0] < data.best[-1] == data.optimum


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(data.costs)}
    named = "; ".join(filter(None, table["first stable structure with so many coalitions [agents]"]))
    assert sorted(named.split("; ")) == sorted(data.born)


@pytest.mark.parametrize("opinions", [(0.0, 1.0), SMALL])
def test_other_teams_can_be_drawn(opinions):
    figure = bifurcation.draw(bifurcation.compute(opinions, "-u**2", "consensus"))
    assert picture_bytes(figure, "png").startswith(b"\x89PNG")


def test_a_single_agent_has_no_diagram():
    with pytest.raises(InputError, match="single agent"):
        bifurcation.compute((0.5,))
