from __future__ import annotations

import numpy as np
import pytest

from figures import rates
from figures.rates import degroot_trajectory, measured_rate
from theory.errors import InputError


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
            late = data.spread[i] > 10 * rates.FLOOR
            assert abs(np.log(data.slope[i, late][-1] / data.spread[i, late][-1])) < 0.2, family


@pytest.mark.parametrize("slem", [0.999, 0.5, 1e-3, 1e-9])
def test_two_agents_have_one_rate(slem):
    W = np.array([[1 + slem, 1 - slem], [1 - slem, 1 + slem]]) / 2
    path = degroot_trajectory(W, np.array([3.0, -1.0]), 3000)
    assert measured_rate(path) == pytest.approx(slem, rel=1e-5)


def test_oscillating_opinions_have_the_modulus_as_rate():
    W = np.array([[0.1, 0.9], [0.9, 0.1]])
    assert measured_rate(degroot_trajectory(W, np.array([0.0, 1.0]), 500)) == pytest.approx(0.8, rel=1e-5)


def test_no_decay_is_rate_one_and_instant_consensus_rate_zero():
    x = np.array([0.0, 1.0, 5.0])
    assert measured_rate(degroot_trajectory(np.eye(3), x, 50)) == pytest.approx(1)
    assert measured_rate(degroot_trajectory(np.full((3, 3), 1 / 3), x, 50)) == 0


def test_opinions_that_agree_have_no_rate():
    with pytest.raises(InputError, match="starts in consensus"):
        measured_rate(np.ones((5, 3)))


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(rates.MEMBERS) * 31}
    row = 4 * 31 + 5
    assert table["time [tactical steps]"][row] == 5
    assert table["spread [of initial]"][row] == data.spread[4, 5]
