from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

import exitjoin as ej
from figures import polarization


@pytest.fixture(scope="module")
def data():
    return polarization.compute(runs=60)


def test_the_paths_are_those_of_the_run(data):
    model = ej.Model(ej.normal(10), polarization.WELLS["two wells"], polarization.COST, influence=ej.lazy(0.2))
    run = ej.simulate(model, polarization.SEED, tactical_steps=1, max_steps=polarization.STEPS)
    assert np.array_equal(data.paths[:, -1], run.opinions)
    assert np.array_equal(np.ptp(data.paths, axis=0)[: run.steps + 1], run.trajectory.spread)
    for number, members in enumerate(run.structure):
        assert (data.coalitions[members] == number).all()


def test_the_run_ends_in_two_camps(data):
    end = data.paths[:, -1]
    assert polarization.in_both_camps(end[None])[0]
    assert (np.abs(end) > polarization.camp_edge()).all()
    assert len(set(data.coalitions.tolist())) == 2


def test_the_edge_of_a_camp_is_where_performance_turns():
    assert polarization.camp_edge() == pytest.approx(1 / sqrt(3), abs=1e-15)
    opinions = np.array([[0.6, -0.6], [0.6, 0.9], [0.5, -0.6]])
    assert polarization.in_both_camps(opinions).tolist() == [True, False, False]


def test_two_wells_part_a_team_and_one_does_not(data):
    inside = np.abs(data.ends) > polarization.camp_edge()
    assert inside[0].mean() > 0.6 > 0.2 > inside[1].mean()
    cheap = [k for k, cost in enumerate(data.costs) if cost <= 0.2]
    assert (data.split[0, cheap] > 0.7).all()
    assert (data.split[1, cheap] == 0).all()


def test_regimes_are_shares_of_the_runs(data):
    assert np.allclose(data.regimes.sum(axis=2), 1)
    w, k = 0, data.costs.index(polarization.COST)
    model = ej.Model(ej.normal(10), polarization.WELLS["two wells"], polarization.COST)
    many = ej.ensemble(model, 60, 3, max_steps=polarization.MAX_STEPS, keep=True)
    found = [
        ej.regime(model.replace(opinions=x), labels)
        for x, labels in zip(many.opinions[:20], many.labels[:20], strict=True)
    ]
    first = polarization.shares(
        ej.ensemble(model, 20, 3, max_steps=polarization.MAX_STEPS, keep=True)
    )  # fmt: skip
    assert first.tolist() == [found.count(name) / 20 for name in polarization.REGIMES]
    assert np.array_equal(data.ends[w], many.opinions)
    assert data.regimes[w, k].tolist() == polarization.shares(many).tolist()


def test_the_distribution_counts_every_agent(data):
    assert np.allclose(data.density.sum(axis=1), 1)


def test_table_has_every_series(data):
    table = data.columns()
    runs, ends = len(polarization.COSTS) * 2, 2 * (len(polarization.EDGES) - 1)
    rows = data.paths.size + ends + runs * (len(polarization.REGIMES) + 1)
    assert {len(column) for column in table.values()} == {rows}
    assert table["opinion [opinion]"][5] == data.paths[0, 5]
