from __future__ import annotations

import numpy as np
import pytest

from figures import rates
from numerics.rates import FLOOR


@pytest.fixture(scope="module")
def data():
    return rates.compute(steps=30)


def test_simulated_rates_are_the_derived_ones(data):
    assert np.abs(data.measured - data.derived).max() < 1e-3
    exact = [i for i, family in enumerate(data.families) if "uniform" in family or family == "complete"]
    assert np.abs(data.measured - data.derived)[exact].max() < 1e-6  # a single eigenvalue besides 1


def test_every_family_appears(data):
    families = {"uniform", "rank one", "lazy uniform", "complete", "ring", "path", "star"}
    assert set(data.families) == families | {"complete bipartite", "hypercube"}
    assert set(data.families) == set(rates.LOOKS) == set(rates.FAMILIES)


def test_derived_rate_is_the_slem_of_the_matrix():
    for member in rates.MEMBERS:
        W, slem = rates.numeric(member)
        assert np.allclose(W.sum(axis=1), 1)
        assert (W >= 0).all()
        assert slem == pytest.approx(np.sort(np.abs(np.linalg.eigvals(W)))[-2], abs=1e-7)


def test_slope_meets_the_simulation(data):
    for i, family in enumerate(data.families):
        if data.derived[i] > 0.15:
            late = data.spread[i] > 10 * FLOOR
            assert abs(np.log(data.slope[i, late][-1] / data.spread[i, late][-1])) < 0.2, family


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(rates.MEMBERS) * 31}
    row = 4 * 31 + 5
    assert table["time [tactical steps]"][row] == 5
    assert table["spread [of initial]"][row] == data.spread[4, 5]
