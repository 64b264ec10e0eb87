from __future__ import annotations

import numpy as np
import pytest

from figures import stabilisation
from numerics.consensus import tactical_limit
from numerics.model import Model
from numerics.moves import is_joint_equilibrium, moves
from theory.gain import structure_critical_cost


@pytest.fixture(scope="module")
def data():
    return stabilisation.compute(points=11)


def test_critical_cost_is_the_derived_one(data):
    sizes = [len(coalition) for coalition in data.coalitions]
    derived = float(structure_critical_cost(data.consensus.tolist(), sizes, "-u**2"))
    assert data.critical_cost == pytest.approx(derived, rel=1e-12)
    assert data.critical_cost in data.costs


def test_subsidy_below_and_radius_above_the_critical_cost(data):
    below, above = data.costs < data.critical_cost, data.costs > data.critical_cost
    assert (data.subsidy[below] > 0).all()
    assert not data.subsidy[~below].any()
    assert (data.radius[above] > 0).all()
    assert np.allclose(data.radius[~above], 0, atol=1e-7)


def test_subsidy_is_what_the_members_would_gain_beyond_the_cost(data):
    model = Model(opinions=stabilisation.OPINIONS, performance=stabilisation.PERFORMANCE)
    settled = model.replace(opinions=tactical_limit(model, data.coalitions))
    gains = np.nanmax(moves(settled, data.coalitions).gains, axis=1)
    for number, coalition in enumerate(data.coalitions):
        needed = np.maximum(gains[list(coalition)][:, None] - data.costs, 0).sum(axis=0)
        assert np.allclose(data.paid[number], needed, atol=1e-9)


def test_radius_is_the_least_closed_form(data):
    least = np.maximum(data.closed_form.min(axis=0), 0)
    assert np.allclose(data.radius, least, atol=1e-6)
    assert (data.proved <= data.radius + 1e-12).all()
    assert (data.proved >= data.radius * (1 - 1e-6) - 1e-9).all()
    above = data.costs > data.critical_cost
    assert len(set(np.argmin(data.closed_form[:, above], axis=0))) == 2  # the binding pair changes


def test_random_changes_within_the_radius_break_nothing(data):
    k = len(data.costs) - 1
    model = Model(opinions=stabilisation.OPINIONS, performance="-u**2", switching_cost=float(data.costs[k]))
    rng = np.random.default_rng(0)
    for length, breaks in ((0.99, False), (8.0, True)):
        pushes = rng.normal(size=(60, 8))
        pushes *= length * data.radius[k] / np.linalg.norm(pushes, axis=1, keepdims=True)
        stand = []
        for push in pushes:
            pushed = model.replace(opinions=np.array(stabilisation.OPINIONS) + push)
            settled = pushed.replace(opinions=tactical_limit(pushed, data.coalitions))
            stand.append(is_joint_equilibrium(settled, data.coalitions))
        assert all(stand) != breaks


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(data.costs)}
    assert table["paid to {4 5 6} [value]"] == data.paid[1].tolist()
    assert table["fragility radius [opinion]"] == data.radius.tolist()
    assert len(table) == 3 + 3 + 2 + 6
