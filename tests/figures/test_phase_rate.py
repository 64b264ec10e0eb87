from __future__ import annotations

import numpy as np
import pytest

from figures import phase_rate
from figures.writing import picture_bytes
from numerics.coefficients import slow_share
from numerics.ensemble import ensemble
from numerics.influence import lazy
from numerics.model import Model
from numerics.moves import moves
from numerics.partitions import coalitions_of, singletons
from numerics.programs.smallest_rate import smallest_rate
from tests.figures.phase_cases import around, broken, notices, one

ALONE = coalitions_of(singletons(len(phase_rate.TEAM)))
RUNS = 60


def model_at(cost, rate):
    return Model(
        opinions=phase_rate.TEAM, performance=phase_rate.PERFORMANCE, switching_cost=cost, influence=lazy(rate),
        discount=phase_rate.DISCOUNT,
    )  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return phase_rate.compute(runs=RUNS, cells_per_unit=6)


def pairs(data):
    """Each kind of merger with two agents who can make it."""
    x = phase_rate.TEAM
    for move in data.cells.first_moves:
        yield move, *next((i, j) for i in range(4) for j in range(4) if abs(x[j] - x[i] - move.gap) < 1e-9)


def test_derived_boundaries_pass_between_what_is_simulated_in_every_cell(data):
    checks = phase_rate.checks(data)
    assert broken(checks) == []
    assert all(check.cells > 0 for check in checks)
    assert {claim for check in checks for claim in check.claim.split(", ")} == {"S1", "S4", "S5", "S8", "S12"}


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_a_boundary_two_percent_off_is_noticed(data, share):
    for move in data.cells.first_moves:
        cost = share * move.gain
        rate = float(phase_rate.smallest_rates(np.array([cost]), move, phase_rate.DISCOUNT)[0])
        assert notices(phase_rate, phase_rate.compute(RUNS, costs=one(cost), rates=around(rate)), move)


def test_a_bound_of_the_spread_too_small_is_noticed(data):
    assert "no run ends further apart than the bound" in broken(phase_rate.checks(data, 1.5))


def test_smallest_rates_are_those_of_the_program_and_divide_the_moves(data):
    costs = np.array([-0.1, 0.01, 0.05, 0.3, 0.39, 0.6, 0.95])
    for move, i, j in pairs(data):
        for cost, rate in zip(
            costs.tolist(), phase_rate.smallest_rates(costs, move, phase_rate.DISCOUNT).tolist(), strict=True
        ):
            assert rate == pytest.approx(smallest_rate(model_at(cost, 1.0), ALONE, i, j).rate, rel=1e-12)
            if 0 < rate < 1:
                assert not moves(model_at(cost, rate * (1 - 1e-6)), ALONE).admissible[i, j]
                assert moves(model_at(cost, rate * (1 + 1e-6)), ALONE).admissible[i, j]


@pytest.mark.parametrize(("cost", "rate"), [(0.004, 0.02), (0.03, 0.1), (0.2, 0.7), (0.5, 0.05)])
def test_runs_are_those_of_patient_agents_at_a_higher_cost(cost, rate):
    """S12: at κ they do what patient agents do at κ/(1-β), run by run."""
    patient = Model(
        opinions=phase_rate.TEAM,
        performance=phase_rate.PERFORMANCE,
        switching_cost=cost / (1 - slow_share(phase_rate.DISCOUNT, rate)),
    )
    slow, fast = (ensemble(model, 50, 1, keep=True) for model in (model_at(cost, rate), patient))
    assert (slow.labels == fast.labels).all()
    assert (slow.moves == fast.moves).all()
    assert np.allclose(slow.opinions, fast.opinions)


def test_table_has_every_series(data):
    table = data.columns()
    height, width = data.cells.regimes.shape
    assert {len(column) for column in table.values()} == {height * width}
    row = 2 * width + 5
    assert table["switching cost [value]"][row] == data.cells.costs.centres[5]
    assert table["rate of consensus [1]"][row] == data.cells.others.centres[2]
    assert all("[" in heading for heading in table)


def test_the_drawing_names_what_is_there(data):
    figure = phase_rate.draw(data)
    picture_bytes(figure, "png")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert "ε* of merging over 2/3" in said
    assert any("nobody" in text for text in said)
    assert len(said) == len(set(said))
