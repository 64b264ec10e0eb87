"""A cell of a sweep is an ensemble; regimes are those of `regime_of`."""

import math

import numpy as np
import pytest

import exitjoin as ej
from numerics.kernels import regimes as kernel
from numerics.moves import NOT_AN_EQUILIBRIUM, regime_of
from numerics.sweeps.quantities import QUANTITIES, REGIMES
from numerics.sweeps.sweep import plan_of
from numerics.ties import TIE

from .inline import Inline

GENERAL = ej.Model(
    opinions=[0.0, 0.2, 1.0, 1.1, 2.0],
    performance="-u**2",
    influence=ej.network([[1, 1, 0, 0, 1], [1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [1, 0, 0, 1, 1]]),
)
SWEEPS = {
    "drawn": (
        ej.Model(opinions=ej.normal(6), performance="-u**2", acceptance="unanimous"),
        {"switching_cost": [-0.05, 0.0, 0.05, 0.5], "acceptance.threshold": [-0.1, 0.0, 0.1]},
        {"max_steps": 60},
    ),
    "given": (
        ej.Model(opinions=[0.0, 0.3, 1.0, 1.2], performance="-(u**2 - 1)**2"),
        {"spread": [0.5, 2.0], "switching_cost": [0.01, 0.1], "schedule": ["random", "round robin"]},
        {"structure": [[0, 2], [1, 3]], "max_steps": 60},
    ),
    "network": (GENERAL, {"switching_cost": [0.01, 0.2], "tactical_steps": [1, np.inf]}, {"max_steps": 20}),
    "plane": (
        ej.Model(opinions=ej.normal(4, dimension=2), performance="-u1**2 - u2**2"),
        {"switching_cost": [0.0, 0.3], "influence.rate": [0.5, 1.0]},
        {"max_steps": 30},
    ),
}


def made_by_hand(model, name, value):
    if name == "spread":
        x = model.opinions
        return model.replace(opinions=x.mean() + value / np.ptp(x) * (x - x.mean()))
    if name == "acceptance.threshold":
        return model.replace(acceptance=ej.unanimous(value))
    return model.replace(influence=ej.lazy(value)) if name == "influence.rate" else model.replace(**{name: value})


def names_of(many):
    return [
        regime_of(x, labels) if outcome == "joint equilibrium" else NOT_AN_EQUILIBRIUM
        for x, labels, outcome in zip(many.opinions, many.labels, many.outcome, strict=True)
    ]


@pytest.mark.parametrize("name", SWEEPS)
def test_a_cell_is_the_ensemble_of_its_model(name):
    model, over, run = SWEEPS[name]
    found = ej.sweep(model, over, 20, 3, **run)
    start = sorted(map(sorted, run.get("structure", [[i] for i in range(model.n_agents)])))
    for place in np.ndindex(*map(len, over.values())):
        here, settings = model, dict(run)
        for (axis, values), i in zip(over.items(), place, strict=True):
            if axis in ("schedule", "tactical_steps"):
                settings[axis] = values[i]
            else:
                here = made_by_hand(here, axis, values[i])
        many = ej.ensemble(here, 20, 3, **settings, keep=True)
        cell = found[dict(zip(list(found.sizes)[: len(place)], place, strict=True))]
        for quantity in set(QUANTITIES) - {"regime", "survived"}:
            assert np.array_equal(cell[quantity].values, getattr(many, quantity)), quantity
        regimes = names_of(many)
        assert [REGIMES[number] for number in cell.regime.values] == regimes
        ends = [sorted(np.flatnonzero(row == c).tolist() for c in set(row.tolist())) for row in many.labels]
        assert cell.survived.values.tolist() == [end == start for end in ends]
        counts = [regimes.count(regime) for regime in REGIMES]
        assert int(cell.most_frequent_regime) == counts.index(max(counts))
    assert bool(found.computed.all())


def test_regimes_are_those_of_the_definition_up_to_ties():
    n_rows = 2000
    rng = np.random.default_rng(0)
    for n, d in ((1, 1), (2, 1), (5, 1), (4, 3)):
        x = rng.normal(size=(n_rows, 1, d)) * 10.0 ** rng.integers(-3, 4, (n_rows, 1, 1)) * np.ones((1, n, 1))
        # gaps of a few ties around the decision, none at all, and large ones
        gap = TIE * rng.choice([0.0, 0.5, 0.99, 1.0, 1.01, 2.0, 1e6], (n_rows, 1, 1))
        x += x * gap * rng.integers(-1, 2, (n_rows, n, d))
        labels = np.array([ranked(rng.integers(0, n, n)) for _ in range(n_rows)])
        start = ranked(rng.integers(0, n, n))
        stopped = rng.integers(0, 2, n_rows)
        regime, survived = np.empty(n_rows, dtype=np.int8), np.empty(n_rows, dtype=np.bool_)
        kernel.regimes(x, labels, stopped, start, regime, survived)
        shown = x[:, :, 0] if d == 1 else x
        expected = [
            NOT_AN_EQUILIBRIUM if limit else regime_of(point, row)
            for point, row, limit in zip(shown, labels, stopped, strict=True)
        ]
        assert [REGIMES[number] for number in regime] == expected
        same = [np.array_equal(row[:, None] == row, start[:, None] == start) for row in labels]
        assert survived.tolist() == same
        if n == 5:
            assert set(expected) == set(REGIMES)
            assert 0 < sum(same) < n_rows


def ranked(labels):
    """Labels 0, 1, .. without gaps, in an order of their own."""
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def test_combinations_that_are_refused_are_told_before_anything_runs(tmp_path):
    model = ej.Model(opinions=[0.0, 1.0], performance="-u**2", influence=ej.lazy(0.5))
    over = {"discount": [None, 0.5], "performance": ["-u**2", "u**4"]}  # a discount is for quadratic performance
    with pytest.raises(ej.InputError, match=r"^cell .*'discount': 0.5.*'u\*\*4'.*: model.discount: 0.5 is for quad.*"
                                            r"; 1 of 4 cells are refused"):  # fmt: skip
        ej.sweep(model, over, 3, max_steps=10, out=tmp_path / "out", executor=Inline(0))
    assert not (tmp_path / "out").exists()


def test_refused_cells_are_counted():
    """log(u) is not finite where an opinion is at most 0: mean 2 - theta at most half of the spread."""
    model = ej.Model(opinions=[1.0, 3.0], performance="log(u)")
    over = {"theta": np.linspace(-3, 1.9, 14), "spread": np.linspace(0.1, 4, 14)}
    expected = sum(2 - theta <= spread / 2 for theta in over["theta"] for spread in over["spread"])
    with pytest.raises(ej.InputError, match=rf"^cell .*; {expected} of 196 cells are refused"):
        ej.sweep(model, over, 3, max_steps=10, executor=Inline(0))


def test_of_a_large_grid_cells_spread_evenly_are_looked_at(monkeypatch):
    model = ej.Model(opinions=[0.0, 1.0], performance="-u**2", influence=ej.lazy(0.5))
    monkeypatch.setattr("numerics.sweeps.plan.MOST_CHECKED", 30)
    # one cell in the corner of 2 x 1000 is refused
    over = {"performance": ["-u**2", "u**4"], "discount": [None] * 999 + [0.5]}
    with pytest.raises(ej.InputError, match=r"; 1 of \d\d cells looked at are refused"):
        ej.sweep(model, over, 3, max_steps=10, executor=Inline(0))
    # one in the middle, when it is reached
    over["discount"] = [None] * 401 + [0.5] + [None] * 598
    with pytest.raises(ej.InputError, match=r"^cell .*'discount': 0.5.*'u\*\*4'|^cell .*'u\*\*4'.*'discount': 0.5"):
        ej.sweep(model, over, 1, max_steps=1, workers=1)
    # grids of many short axes too
    over = {f"opinions[{k}]": [0.0, 1.0] for k in range(12)}
    plan = plan_of(ej.Model(opinions=np.zeros(12), performance="-u**2"), over)
    assert math.prod(map(len, plan._spread_evenly())) <= 30


def test_cells_of_general_influence_are_bit_for_bit_those_of_the_model():
    rng = np.random.default_rng(0)
    for n in (2, 3, 5, 12, 8) * 6:
        for W in (rng.dirichlet(np.ones(n), n), rng.dirichlet(np.full(n, 0.3), n) * (1 + 1e-10)):
            model = ej.Model(opinions=rng.normal(size=n), performance="-u**2", influence=ej.general(W + 0.0))
            again, _ = plan_of(model, {"switching_cost": [0.05]}).at((0,))
            assert np.array_equal(again.influence.data, model.influence.data)
    many = ej.ensemble(model.replace(switching_cost=0.05), 20, 1, max_steps=50)
    found = ej.sweep(model, {"switching_cost": [0.05]}, 20, 1, max_steps=50)
    for quantity in ("spread", "disagreement", "surplus"):
        assert np.array_equal(found[quantity].values[0], getattr(many, quantity))
