from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import exitjoin as ej
from figures import alliances


@pytest.fixture(scope="module")
def data():
    return alliances.compute(runs=100)


def test_what_happens_is_what_the_smallest_rate_says(data):
    """S12 gap by gap: a move is made if and only if ε > ε*."""
    predicted = data.needed[:, :, None, :] < data.rates[:, None]
    assert predicted.any()
    assert not predicted.all()
    assert np.array_equal(data.happened, predicted)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_another_smallest_rate_would_be_seen(data, factor):
    assert not np.array_equal(data.happened, data.needed[:, :, None, :] * factor < data.rates[:, None])


def test_the_smallest_rate_is_that_of_the_program():
    gaps = np.array([0.3, 1.0, -2.5])
    for size, allies in ((1, 1), (alliances.RIVALS, 2)):
        for cost in alliances.COSTS:
            found = alliances.smallest_rates(cost, gaps, size)
            for gap, rate in zip(gaps, found, strict=True):
                x = np.concatenate([np.zeros(allies), np.full(size, gap)])
                model = ej.Model(x, "-u**2", cost, discount=alliances.DISCOUNT)
                structure = [range(allies), range(allies, allies + size)]
                expected = ej.smallest_rate(model, structure, agent=0, target=1).rate
                assert rate == expected or rate == pytest.approx(expected, rel=1e-9)


def test_simulated_shares_are_about_the_derived_ones(data):
    share, _ = data.shares
    for k, cost in enumerate(data.costs):
        for e, rate in enumerate(data.rates.tolist()):
            for panel, size in enumerate((1, alliances.RIVALS)):
                p = alliances.probability(cost, rate, size)
                found = share[panel, k, e] if panel == 0 else 1 - share[panel, k, e]
                assert abs(found - p) <= 4 * sqrt(max(p * (1 - p), 0.01) / len(data.gaps))
    assert data.derived[0, 0, -1] == alliances.probability(data.costs[0], float(data.curve[-1]), 1)


def test_the_derived_probability_is_that_of_the_smallest_rates():
    gaps = np.random.default_rng(5).normal(0, alliances.GAP_SD, 200_000)
    for rate in (0.02, 0.3):
        exact = alliances.probability(0.1, rate, 1)
        assert np.mean(alliances.smallest_rates(0.1, gaps, 1) < rate) == pytest.approx(exact, abs=0.005)


def test_faster_consensus_forms_and_breaks_more(data):
    assert (np.diff(data.happened.astype(int), axis=2) >= 0).all()
    assert (np.diff(data.derived, axis=2) >= 0).all()


def test_one_gap_is_a_step(data):
    for step, (below, above) in zip(data.steps, data.beside, strict=True):
        assert (below, above) == ((False, True) if step < 1 else (False, False))
    assert (data.steps < 1).sum() == 2


def test_table_has_every_series(data):
    table = data.columns()
    rows = len(data.costs) * (len(data.rates) + len(data.curve))
    assert {len(column) for column in table.values()} == {rows}
    row = len(data.rates) + len(data.curve) + 2
    assert table["switching cost [value]"][row] == data.costs[1]
    assert table["alliances that form [share]"][row] == data.shares[0][0, 1, 2]
