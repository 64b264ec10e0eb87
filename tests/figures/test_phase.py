from __future__ import annotations

import numpy as np
import pytest

from figures import phase
from numerics.acceptance import Unanimous
from numerics.ensemble import ensemble
from numerics.model import Model
from numerics.moves import NOT_AN_EQUILIBRIUM, moves, regime
from numerics.partitions import singletons

ALONE = singletons(len(phase.TEAM))


def model_at(cost, threshold):
    return Model(
        opinions=phase.TEAM, performance=phase.PERFORMANCE, switching_cost=cost, acceptance=Unanimous(threshold)
    )


@pytest.fixture(scope="module")
def data():
    return phase.compute(runs=20, cells_per_decade=4)


def test_axes_meet_zero_and_are_logarithmic_beyond(data):
    assert (np.diff(data.edges) > 0).all()
    assert 0.0 in data.edges
    assert phase.LINEAR in data.edges
    assert ((data.edges[:-1] < data.centres) & (data.centres < data.edges[1:])).all()
    far = data.edges[data.edges > 1.01 * phase.LINEAR]
    assert np.allclose(far[4:] / far[:-4], 10)


def test_all_alone_is_stable_just_where_the_line_says(data):
    for column, cost in enumerate(data.centres.tolist()):
        for threshold in data.centres.tolist():
            frozen = not moves(model_at(cost, threshold), ALONE).admissible.any()
            says = cost >= data.frozen_cost or threshold > data.frozen_threshold[column]
            assert frozen == says, (cost, threshold)


def test_two_alone_merge_just_inside_their_corner(data):
    assert data.pair_gaps == pytest.approx([2, 4 / 3, 2 / 3])
    for gap, level in zip(data.pair_gaps, data.pair_levels, strict=True):
        i, j = next((i, j) for i in range(4) for j in range(4) if abs(phase.TEAM[j] - phase.TEAM[i] - gap) < 1e-9)
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
    for size, limit in enumerate(phase.size_thresholds(x), start=1):
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


def test_shares_and_regimes(data):
    assert np.allclose(data.shares.sum(axis=0), 1)
    none = phase.REGIMES.index(NOT_AN_EQUILIBRIUM)
    below = data.centres < 0
    assert (data.shares[none][np.ix_(below, below)] == 1).all()  # S6
    segregation = phase.REGIMES.index("segregation")
    assert (data.shares[segregation][:, data.centres > data.frozen_cost] == 1).all()
    assert (data.shares[segregation][data.centres > data.frozen_threshold[0]] == 1).all()
    together = phase.REGIMES.index("strategic unanimity")
    assert not data.shares[together][data.centres > data.size_thresholds[-1]].any()
    assert data.shares[together].max() > 0.5


def test_shares_are_those_of_the_regimes_run_by_run(data):
    for row, column in ((3, 8), (5, 6), (1, 1), (9, 9)):
        model = model_at(data.centres[column], data.centres[row])
        many = ensemble(model, 20, 1, max_steps=phase.MAX_STEPS, keep=True)
        names = [
            regime(model.replace(opinions=x), labels) for x, labels in zip(many.opinions, many.labels, strict=True)
        ]
        for number, name in enumerate(phase.REGIMES):
            assert data.shares[number, row, column] == pytest.approx(names.count(name) / 20)


@pytest.mark.parametrize("threshold", [0.0006, 0.02, 0.3])
def test_a_negative_cost_with_a_positive_threshold_ends_alone(threshold):
    """No pair alone may merge: δ²/4 < α."""
    many = ensemble(model_at(-0.003, threshold), 200, 5, max_steps=phase.MAX_STEPS)
    assert (many.outcome == "joint equilibrium").all()
    assert (many.n_coalitions == 4).all()
    assert many.spread.max() < 2 * np.sqrt(threshold)


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {len(data.centres) ** 2}
    row = 2 * len(data.centres) + 5
    assert table["switching cost [value]"][row] == data.centres[5]
    assert table["acceptance threshold [value]"][row] == data.centres[2]
    assert table["polarization [fraction of runs]"][row] == data.shares[2, 2, 5]
