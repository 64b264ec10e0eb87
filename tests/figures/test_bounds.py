from __future__ import annotations

import numpy as np
import pytest

from figures import bounds
from numerics.ensemble import ensemble
from numerics.model import Model
from theory import lyapunov


@pytest.fixture(scope="module")
def data():
    return bounds.compute(runs=500, costs=9)


def test_no_run_stops_further_apart_than_the_bound(data):
    assert (data.largest_spread <= data.spread_bound * (1 + 1e-9)).all()
    assert np.allclose(data.spread_bound, 2 * np.sqrt(data.costs))


def test_the_spread_bound_is_nearly_attained(data):
    assert (data.largest_spread / data.spread_bound).max() > 0.95


def test_no_run_moves_more_often_than_the_bound(data):
    assert (data.most_moves <= data.move_bound).all()
    assert np.allclose(data.move_bound, data.disagreement / data.costs)
    assert (data.most_moves >= 1).any()


@pytest.mark.parametrize("agents", [2, 3, 10, 40])
def test_move_bound_over_many_sets_of_opinions(agents):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=agents)
        disagreement = float(np.sum((x - x.mean()) ** 2))
        for cost in (0.003, 0.1):
            many = ensemble(Model(opinions=x, performance="-u**2", switching_cost=cost), 20, seed)
            assert (many.outcome == "joint equilibrium").all()
            assert many.moves.max() <= float(lyapunov.move_bound(2, disagreement, cost))


def test_quantiles_are_in_order(data):
    for quantiles, largest in ((data.spread, data.largest_spread), (data.moves, data.most_moves)):
        assert (np.diff(np.column_stack([quantiles, largest])) >= 0).all()


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {9}
    assert table["moves, most [count]"] == data.most_moves.tolist()
