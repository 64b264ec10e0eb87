from __future__ import annotations

import numpy as np
import pytest

import exitjoin as ej
from figures import adaptive


@pytest.fixture(scope="module")
def data():
    return adaptive.compute(runs=120)


def place(data, name):
    return data.rates.index(name)


def test_surplus_is_never_above_consensus_of_all(data):
    assert (data.lost >= -1e-12).all()


def test_alliances_break_once(data):
    assert (np.diff(data.whole, axis=1) <= 0).all()
    assert (data.whole[:, 0] == 1).all()
    assert np.allclose(data.whole[:, -1], data.survival[0])


def test_the_same_numbers_from_the_runs(data):
    """A run told again by making its moves one by one."""
    name, r = "both", 7
    model = ej.Model(
        ej.normal(8), adaptive.PERFORMANCE, adaptive.COST, influence=adaptive.RATES[name], discount=adaptive.DISCOUNT
    )
    run = ej.simulate(model, r, adaptive.ALLIANCES, tactical_steps=1, max_steps=adaptive.STEPS)
    first, alliance = np.inf, set(adaptive.ALLIANCES[0])
    for t, mover in enumerate(run.trajectory.mover.tolist()):
        if mover in alliance:
            first = t
            break
    assert data.broken[place(data, name), r] == first
    t = data.agreed[place(data, name), r]
    if np.isfinite(t):
        assert run.trajectory.spread[int(t)] < adaptive.TOLERANCE <= run.trajectory.spread[int(t) - 1]


def test_slow_consensus_keeps_alliances_and_costs_time(data):
    """The trade-off of fixed rates: over the same runs, so that differences are beyond their errors."""
    slow, fast = place(data, "fixed, ε = 0.05"), place(data, "fixed, ε = 0.4")
    whole = np.isinf(data.broken)
    more, less = (whole[slow] & ~whole[fast]).sum(), (whole[fast] & ~whole[slow]).sum()
    assert more - less > 3 * np.sqrt(more + less)
    assert data.time_to_consensus[1, slow] > 4 * data.time_to_consensus[1, fast]
    assert data.mean_lost[0][slow] > data.mean_lost[0][fast] + 5 * data.mean_lost[1][slow]


def test_a_rate_that_never_changes_would_be_seen(data):
    """With the adaptive rates replaced by the fixed one they start from, what is shown of them changes."""
    start = adaptive.RATES["both"].start
    assert start == 0.05
    both, fixed = place(data, "both"), place(data, "fixed, ε = 0.05")
    assert not np.array_equal(data.agreed[both], data.agreed[fixed])
    assert data.time_to_consensus[1, both] < data.time_to_consensus[1, fixed] / 2


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(adaptive.RATES) * (adaptive.STEPS + 1)}
    row = 2 * (adaptive.STEPS + 1) + 4
    assert table["rate"][row] == data.rates[2]
    assert table["alliance whole [share of runs]"][row] == data.whole[2, 4]
