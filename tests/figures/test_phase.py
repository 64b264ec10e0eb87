from __future__ import annotations

import numpy as np
import pytest

from figures import phase
from figures.phase_cells import LINEAR, NOBODY_MOVES, REGIMES_SHOWN
from figures.phase_moves import size_thresholds
from figures.writing import picture_bytes
from numerics.acceptance import Unanimous
from numerics.ensemble import ensemble
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM, moves, regime
from numerics.partitions import singletons
from numerics.sweeps.quantities import REGIMES
from tests.figures.phase_cases import around, broken, notices, one

ALONE = singletons(len(phase.TEAM))
RUNS = 60


def model_at(cost, threshold):
    return Model(
        opinions=phase.TEAM, performance=phase.PERFORMANCE, switching_cost=cost, acceptance=Unanimous(threshold)
    )


@pytest.fixture(scope="module")
def data():
    return phase.compute(runs=RUNS, cells_per_unit=4)


@pytest.fixture(scope="module")
def centres(data):
    return data.cells.costs.centres


def test_axes_meet_zero_and_are_logarithmic_beyond(data):
    for axis in (data.cells.costs, data.cells.others):
        assert (np.diff(axis.edges) > 0).all()
        assert 0.0 in axis.edges
        assert LINEAR in axis.edges
        assert ((axis.edges[:-1] < axis.centres) & (axis.centres < axis.edges[1:])).all()
        far = axis.edges[axis.edges > 1.01 * LINEAR]
        assert np.allclose(far[4:] / far[:-4], 10)


def test_derived_boundaries_pass_between_what_is_simulated_in_every_cell(data):
    checks = phase.checks(data)
    assert broken(checks) == []
    assert all(check.cells > 0 for check in checks)
    assert {claim for check in checks for claim in check.claim.split(", ")} == {"S1", "S4", "S5", "S6", "S8", "S9"}


def test_a_boundary_two_percent_off_is_noticed(data):
    for move in data.cells.first_moves:
        by_cost = phase.compute(RUNS, costs=around(move.gain), thresholds=one(-0.005))
        by_threshold = phase.compute(RUNS, costs=one(0.001), thresholds=around(move.incumbents_gain))
        assert notices(phase, by_cost, move)
        assert notices(phase, by_threshold, move)


def test_other_wrong_boundaries_are_noticed(data):
    """A bound of the spread 10 % too small (S5); thresholds of sizes, which are not sharp, ten times too small (S9)."""
    assert "no run ends further apart than the bound" in broken(phase.checks(data, 0.8))
    for size in (2, 3):
        statement = f"no run ends with so few coalitions that one has more than {size} members"
        assert statement in broken(phase.checks(data, 0.1))


def test_all_alone_is_stable_just_where_the_line_says(data, centres):
    for cost in centres.tolist():
        for threshold in centres.tolist():
            frozen = not moves(model_at(cost, threshold), ALONE).admissible.any()
            assert frozen == (cost >= data.frozen_level or threshold > data.frozen_level), (cost, threshold)


def test_two_alone_merge_just_inside_their_corner(data):
    kinds = data.cells.first_moves
    assert [move.gap for move in kinds] == pytest.approx([2, 4 / 3, 2 / 3])
    for move in kinds:
        level = move.gain
        i, j = next((i, j) for i in range(4) for j in range(4) if abs(phase.TEAM[j] - phase.TEAM[i] - move.gap) < 1e-9)
        for cost, threshold, merges in (
            (level * 0.999, level * 0.999, True), (level * 1.001, -0.01, False), (-0.01, level * 1.001, False)
        ):  # fmt: skip
            assert moves(model_at(cost, threshold), ALONE).admissible[i, j] == merges


def largest_coalitions(model):
    """The largest coalition of each of 40 runs after each of the first 12 moves."""
    for steps in range(1, 13):
        for labels in ensemble(model, 40, 0, max_steps=steps, keep=True).labels:
            yield int(np.bincount(labels).max())


def test_no_coalition_outgrows_its_threshold(data):
    for size, limit in enumerate(data.size_thresholds.tolist(), start=1):
        for cost in (-0.002, 0.001):
            assert max(largest_coalitions(model_at(cost, limit * 1.001))) <= size
        assert max(largest_coalitions(model_at(0.001, limit * 0.25))) > size


def test_size_thresholds_are_attained_by_untouched_opinions():
    """The m farthest agents at their mean, and the extreme one: the incumbents' gain is the threshold itself."""
    x = np.sort(np.random.default_rng(3).normal(size=6))
    for size, limit in enumerate(size_thresholds(x), start=1):
        gains = []
        for group, entrant in ((x[:size], x[-1]), (x[-size:], x[0])):
            model = Model(opinions=[*[group.mean()] * size, entrant], performance="-u**2")
            team = [list(range(size)), [size]]
            accepts = [
                moves(model.replace(acceptance=Unanimous(level)), team).accepted[size, 0]
                for level in (limit * (1 - 1e-9), limit * (1 + 1e-9))
            ]
            gains.append(tuple(accepts))
        assert (True, False) in gains
        assert (True, True) not in gains


def test_shares_are_those_of_the_regimes_run_by_run(data, centres):
    assert np.allclose(data.cells.shares.sum(axis=0), 1)
    for row, column in ((3, 8), (5, 6), (1, 1), (9, 9)):
        model = model_at(centres[column], centres[row])
        many = ensemble(model, RUNS, 1, max_steps=500, keep=True)
        names = [
            regime(model.replace(opinions=x), labels) for x, labels in zip(many.opinions, many.labels, strict=True)
        ]
        for number, name in enumerate(REGIMES):
            assert data.cells.shares[number, row, column] == pytest.approx(names.count(name) / RUNS)
        assert data.cells.least_moves[row, column] == many.moves.min()
        assert data.cells.fewest_coalitions[row, column] == many.n_coalitions.min()
        assert data.cells.largest_spread[row, column] == many.spread.max()


def test_every_regime_that_is_named_occurs(data):
    """A place for a name is a claim that the regime can be seen."""
    named = list(phase.PLACES)
    assert sorted(REGIMES_SHOWN[number] for number in np.unique(data.cells.shown)) == sorted(named)
    assert NOBODY_MOVES in named
    assert NOT_AN_EQUILIBRIUM in named


@pytest.mark.parametrize("threshold", [0.0006, 0.02, 0.3])
def test_a_negative_cost_with_a_positive_threshold_ends_alone(threshold):
    """No pair alone may merge: δ²/4 < α."""
    many = ensemble(model_at(-0.003, threshold), 200, 5, max_steps=500)
    assert (many.outcome == "joint equilibrium").all()
    assert (many.n_coalitions == 4).all()
    assert many.spread.max() < 2 * np.sqrt(threshold)


def test_nobody_moves_is_a_regime_that_its_boundary_parts_from_the_others(data, centres):
    """By the simulated regimes of the diagram alone, against the derived levels alone."""
    beyond = (centres[None, :] >= data.frozen_level) | (centres[:, None] > data.frozen_level)
    assert ((data.cells.shown == REGIMES_SHOWN.index(NOBODY_MOVES)) == beyond).all()
    assert (data.cells.shown[~beyond] == data.cells.regimes[~beyond]).all()
    table = data.columns()
    assert [name == NOBODY_MOVES for name in table["regime of the diagram [name]"]] == beyond.ravel().tolist()
    assert NOBODY_MOVES not in table["most frequent regime at the end [name]"]
    assert sum("nobody moves" in check.statement for check in phase.checks(data)) == 2


def test_table_has_every_series(data, centres):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(centres) ** 2}
    row = 2 * len(centres) + 5
    assert table["switching cost [value]"][row] == centres[5]
    assert table["acceptance threshold [value]"][row] == centres[2]
    assert table["polarization [fraction of runs]"][row] == data.cells.shares[REGIMES.index("polarization"), 2, 5]
    assert all("[" in heading for heading in table)


def test_the_drawing_names_what_is_there(data):
    figure = phase.draw(data)
    picture_bytes(figure, "png")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert "never all together (S9)" in said
    assert any("nobody" in text for text in said)
    assert len(said) == len(set(said))
