from __future__ import annotations

import numpy as np
import pytest

from figures import phase_spread
from figures.phase_moves import consensus_disagreement, first_moves
from figures.writing import picture_bytes
from numerics.consensus import settled
from numerics.ensemble import ensemble
from numerics.model import Model
from numerics.moves import critical_cost, gains
from numerics.partitions import labels_of
from tests.figures.phase_cases import around, broken, notices, one

RUNS = 60


def model_at(cost, spread, best=phase_spread.BEST):
    return Model(
        opinions=phase_spread.team(spread, best), performance=f"-(u - {best})**2".replace("- -", "+ "),
        switching_cost=cost,
    )  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return phase_spread.compute(runs=RUNS, cells_per_unit=6)


def test_derived_boundaries_pass_between_what_is_simulated_in_every_cell(data):
    checks = phase_spread.checks(data)
    assert broken(checks) == []
    assert all(check.cells > 0 for check in checks)
    assert {claim for check in checks for claim in check.claim.split(", ")} == {"S1", "S4", "S5", "S8"}


def test_a_boundary_two_percent_off_is_noticed(data):
    assert len(data.cells.first_moves) == 5
    for move in data.cells.first_moves:
        near = phase_spread.compute(RUNS, costs=around(move.gain * 0.7**2), spreads=one(0.7))
        assert notices(phase_spread, near, move)


def test_a_bound_of_the_spread_too_small_is_noticed(data):
    assert "no run ends further apart than the bound" in broken(phase_spread.checks(data, 0.5))


def test_critical_cost_grows_with_the_square_of_the_spread(data):
    for spread in (0.1, 1.0, 3.0):
        at_consensus = settled(model_at(0.0, spread), phase_spread.START)
        assert critical_cost(at_consensus, phase_spread.START) == pytest.approx(data.critical_cost * spread**2)


@pytest.mark.parametrize("best", [-2.0, 0.0, 5.0])
def test_it_does_not_matter_where_the_best_opinion_is(best):
    """The same moves about any θ; a cost at which no gain is a tie."""
    here, there = (ensemble(model_at(0.013, 0.8, place), 50, 1, structure=phase_spread.START, keep=True)
                   for place in (phase_spread.BEST, best))  # fmt: skip
    assert (here.labels == there.labels).all()
    assert np.allclose(here.opinions - phase_spread.BEST, there.opinions - best)


def test_first_moves_are_those_of_the_definitions():
    """Gains by the model's own route; drops of the disagreement by simulating one move of each kind."""
    x = np.random.default_rng(4).normal(size=7)
    start = [[0, 1, 2], [3, 4], [5], [6]]
    labels = labels_of(start, 7)
    model = settled(Model(opinions=x, performance="3 - 2*u - u**2"), start)
    derived = first_moves(x, labels)
    assert sorted({round(g, 9) for g in gains(model, start)[:, :-1].ravel().tolist() if not np.isnan(g)}) == sorted(
        {round(move.gain, 9) for move in derived}
    )
    many = ensemble(model, 400, 1, structure=start, max_steps=1, keep=True)
    drops = consensus_disagreement(x, labels) - many.disagreement
    assert sorted(set(drops.round(9).tolist())) == sorted(round(move.drop, 9) for move in derived)


def test_table_has_every_series(data):
    table = data.columns()
    height, width = data.cells.regimes.shape
    assert {len(column) for column in table.values()} == {height * width}
    row = 2 * width + 5
    assert table["switching cost [value]"][row] == data.cells.costs.centres[5]
    assert table["spread of opinions at the start [opinion]"][row] == data.cells.others.centres[2]
    assert all("[" in heading for heading in table)


def test_the_drawing_names_what_is_there(data):
    figure = phase_spread.draw(data)
    picture_bytes(figure, "png")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert "joining 3 over 3/4 s" in said
    assert any("nobody" in text for text in said)
    assert len(said) == len(set(said))
