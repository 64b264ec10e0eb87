from __future__ import annotations

import itertools

import numpy as np
import pytest

from figures import payments
from figures.payments import MEANS, STRUCTURE
from numerics.model import Model
from numerics.programs.transfers import stabilising_transfers


@pytest.fixture(scope="module")
def data():
    return payments.compute(points=6, grid=4)


@pytest.fixture
def team():
    return Model(opinions=payments.OPINIONS, performance=payments.PERFORMANCE)


def test_program_and_formulas_agree(data):
    assert np.allclose(data.by_cost, data.formula_by_cost, atol=1e-10)  # the tie tolerance of nine agents
    assert np.allclose(data.by_price, data.formula_by_price, atol=1e-10)
    assert (data.by_cost[:, 0] > 0).all()
    assert np.allclose(data.by_cost[:, -1], 0, atol=1e-10)  # at the critical cost nothing is needed


def test_crossover_separates_the_answers_of_the_program(data, team):
    price = np.array([payments.crossover_price(payments.needs(team, cost)) for cost in data.grid_costs.tolist()])
    below = data.grid_prices[:, None] < price
    assert (data.saving[below] > 0).all()
    assert (data.saving[~below] < 0).all()
    assert below.any()
    assert not below.all()


@pytest.mark.parametrize("share", [0.0, 0.35, 0.8])
def test_the_two_cost_the_same_at_the_crossover_and_at_no_other_price(team, data, share):
    cost = share * data.critical_cost
    price = payments.crossover_price(payments.needs(team, cost))
    bonuses = payments.subsidy(team, "bonuses", cost, 1.0)
    assert payments.subsidy(team, "exit costs", cost, price) == pytest.approx(bonuses, rel=1e-9)
    assert payments.subsidy(team, "exit costs", cost, 1.02 * price) > 1.01 * bonuses
    assert payments.subsidy(team, "exit costs", cost, 0.98 * price) < 0.99 * bonuses


def test_crossover_falls_to_the_share_of_a_single_member_and_is_one_where_all_need_the_same(data, team):
    last = payments.needs(team, 0.999 * data.critical_cost)
    (agent,) = np.flatnonzero(last > 0)
    size = next(len(members) for members in STRUCTURE if agent in members)
    assert payments.crossover_price(last) == pytest.approx(1 / size)
    assert payments.crossover_price(np.full(9, 0.7)) == pytest.approx(1)
    assert np.isnan(payments.crossover_price(np.full(9, -1.0)))
    shown = data.crossover[np.isfinite(data.crossover)]
    assert ((shown > 0) & (shown <= 1)).all()


def test_formulas_against_payments_tried_one_by_one():
    """No exit costs and bonuses on a grid hold the team for less; needs are on the grid, so the least is too."""
    need = np.array([0.5, 0.25, 0.0, -0.5, 0.75, 0.75, -0.25, 1.0, 0.25])
    for price in (0.2, 0.4, 0.6, 1.0):
        least = 0.0
        for members in map(list, STRUCTURE):
            levels = [0, 0.25, 0.5, 0.75, 1.0]
            tried = []
            for e, *bonuses in itertools.product(levels, repeat=len(members) + 1):
                if all(bonus + e >= lacking for bonus, lacking in zip(bonuses, need[members], strict=True)):
                    tried.append(price * len(members) * e + sum(bonuses))
            least += min(tried)
        assert payments.derived_subsidy(need, "both", price) == pytest.approx(least)


def test_subsidies_hold_the_structure_and_a_little_less_does_not(team, data):
    here = team.replace(switching_cost=0.2 * data.critical_cost)
    found = stabilising_transfers(here, STRUCTURE, ["exit cost"], exit_price=0.4)
    assert found.holds
    need = payments.needs(team, here.switching_cost)
    assert np.allclose(found.exit_costs, [max(need[list(members)].max(), 0) for members in STRUCTURE], atol=1e-10)


def test_more_means_never_cost_more(data):
    names = list(MEANS)
    for found in (data.by_cost, data.by_price):
        both = found[names.index("both")]
        assert (both <= np.minimum(found[0], found[1]) + 1e-10).all()
        assert (found[names.index("both and transfers")] <= both + 1e-10).all()
    assert (np.diff(data.by_price[1]) > 0).all()


def test_no_answer_is_an_error(team, monkeypatch):
    monkeypatch.setitem(payments.MEANS, "transfers", ("transfer",))
    with pytest.raises(RuntimeError, match="no answer for transfers"):
        payments.subsidy(team, "transfers", 0.0, 1.0)


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {6 + 6 + 16}
    assert table["panel [name]"].count("c") == 16
    assert table["saved by exit costs against bonuses [value]"][-1] == data.saving[-1, -1]
    assert all("[" in heading for heading in table)
