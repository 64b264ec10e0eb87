from __future__ import annotations

import numpy as np
import pytest

from figures import paradox


@pytest.fixture(scope="module")
def data():
    return paradox.compute(runs=40)


def test_negative_cost_never_stops_yet_agrees(data):
    assert data.costs[0] < 0
    assert (data.moving[:, 0] == 1).all()
    assert data.spread[0, 0, 2, -1] < 1e-5
    assert len(set(data.one_run[0, 0, -50:])) > 1


def test_positive_cost_stops_apart(data):
    for k, cost in enumerate(data.costs):
        if cost > 0:
            assert (data.moving[:, k, -1] == 0).all()
            assert (data.spread[0, k, :, -1] > 0.01).all()
            assert (data.spread[0, k, :, -1] <= 2 * np.sqrt(cost) + 1e-12).all()


def test_double_well_stays_apart_at_every_cost(data):
    assert (data.spread[1, :, 1, -1] > 1).all()


def test_surplus_does_not_fall_under_concave_performance(data):
    """Every move under a concave performance with κ ≥ 0 raises W: the gain and the incumbents' are not negative."""
    for k in range(1, len(data.costs)):
        assert (np.diff(data.surplus[0, k]) >= -1e-9).all()


def test_coalitions_are_between_one_and_all(data):
    assert data.coalitions.min() >= 1
    assert data.coalitions.max() == 10
    assert (data.coalitions[:, :, 0] == 10).all()


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {2 * 4 * 201}
    row = 3 * 201 + 17  # concave, fourth cost, step 17
    assert table["performance"][row] == "unimodal"
    assert table["switching cost [value]"][row] == 0.5
    assert table["time [slow steps]"][row] == 17
    assert table["spread, median [opinion]"][row] == data.spread[0, 3, 1, 17]


def test_same_seed_same_bits(data):
    again = paradox.compute(runs=40)
    assert np.array_equal(again.spread, data.spread)
