from __future__ import annotations

import numpy as np
import pytest

from figures import price_of_stability
from numerics.ensemble import ensemble
from numerics.model import Model
from numerics.moves import critical_cost
from theory import lyapunov
from theory.performance import curvature


@pytest.fixture(scope="module")
def data():
    return price_of_stability.compute(runs=500, costs=9)


def test_no_run_exceeds_a_bound(data):
    for found in (data.spread, data.moves, data.loss):
        assert (found.largest <= found.bound * (1 + 1e-9)).all()
        assert (np.diff(np.column_stack([found.quantiles, found.largest])) >= 0).all()


def test_bounds_are_those_of_the_quadratic(data):
    assert np.allclose(data.spread.bound, 2 * np.sqrt(data.costs))
    assert np.allclose(data.moves.bound, data.disagreement / data.costs)
    assert np.allclose(data.loss.bound, data.costs)  # ten agents: five at each end


def test_smaller_constants_would_be_exceeded(data):
    assert (data.spread.largest > 0.95 * data.spread.bound).any()
    assert (data.loss.largest > 0.45 * data.loss.bound).any()
    assert (data.moves.largest >= 1).all()


@pytest.mark.parametrize("agents", [2, 3, 6, 11])
def test_the_bound_on_the_loss_is_attained_by_two_camps_of_agents_alone(agents):
    camps = [0.0] * (agents // 2) + [1.0] * (agents - agents // 2)
    model = Model(opinions=camps, performance="-u**2")
    alone = [[i] for i in range(agents)]
    cost = critical_cost(model, alone)
    held = ensemble(model.replace(switching_cost=cost), 1, 0, alone, keep=True)
    assert held.moves.tolist() == [0]
    lost = price_of_stability.surplus_loss(model, held.opinions, held.surplus)
    assert lost == pytest.approx(float(lyapunov.surplus_loss_bound(2, 2, cost, agents)), rel=1e-12)


def test_loss_of_a_performance_that_is_not_quadratic_stays_within_its_bound():
    """Without quadratic φ the loss is no multiple of V; φ'' between -14 and -2 on [-1, 1]."""
    text = "u - u**2 - u**4"
    bend = curvature(text, -1, 1)
    assert (bend.L, bend.ell) == (14, 2)
    for cost in (0.01, 0.1):
        starts = np.random.default_rng(3).uniform(-1, 1, size=(300, 7))
        model = Model(opinions=starts[0], performance=text, switching_cost=cost)
        many = ensemble(model, 300, 5, initial_opinions=starts, keep=True)
        assert (many.outcome == "joint equilibrium").all()
        lost = price_of_stability.surplus_loss(model, many.opinions, many.surplus)
        assert (lost >= -1e-12).all()
        assert np.allclose(many.opinions.mean(axis=1), starts.mean(axis=1), atol=1e-12)
        assert lost.max() <= float(lyapunov.surplus_loss_bound(bend.L, bend.ell, cost, 7))
        assert lost.max() > 7 * cost * float(bend.ell / bend.L)  # the bound with L and ℓ exchanged


@pytest.mark.parametrize("agents", [2, 3, 10, 40])
def test_move_bound_over_many_sets_of_opinions(agents):
    for seed in range(20):
        x = np.random.default_rng(seed).normal(size=agents)
        disagreement = float(np.sum((x - x.mean()) ** 2))
        for cost in (0.003, 0.1):
            many = ensemble(Model(opinions=x, performance="-u**2", switching_cost=cost), 20, seed)
            assert (many.outcome == "joint equilibrium").all()
            assert many.moves.max() <= float(lyapunov.move_bound(2, disagreement, cost))


def test_a_run_that_does_not_stop_is_no_price(monkeypatch):
    monkeypatch.setattr(price_of_stability, "ensemble", lambda *a, **k: ensemble(*a, **k, max_steps=1))
    with pytest.raises(RuntimeError, match="did not come to a joint equilibrium"):
        price_of_stability.compute(runs=5, costs=2)


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {9}
    assert len(table) == 1 + 3 * 5 + 1
    assert table["moves, largest [count]"] == data.moves.largest.tolist()
    assert all("[" in heading for heading in table)
