from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from figures import magnet
from numerics.model import Model
from numerics.moves import moves
from numerics.opinions import normal
from numerics.partitions import labels_of
from numerics.simulation import simulate
from proofs_checks.oracles.games import aumann_dreze
from theory.performance import curvature


@pytest.fixture(scope="module")
def data():
    return magnet.compute(runs=12)


def test_derived_gains_grow_towards_their_limit(data):
    assert (np.diff(data.gains, axis=1) > 0).all()
    assert ((data.gains > 0) & (data.gains < 1)).all()
    for phi, at, gap in magnet.CURVES.values():
        assert curvature(phi, at, at + gap).ell >= 0  # concave there: the hypothesis of S10


def test_derived_gains_are_those_of_the_definition():
    """Shapley values by summing over subsets; from m = 1 to 7 the quadratic gain is as the squared gap."""

    def parabola(u: Fraction) -> Fraction:
        return -u * u

    for k, m in enumerate(magnet.SIZES[:5]):
        entrant = aumann_dreze((Fraction(1), *(Fraction(0),) * m), 0, parabola)
        assert magnet.derived_gains(*magnet.CURVES["quadratic"])[k] == pytest.approx(float(entrant + 1), rel=1e-13)


def test_moves_of_simulated_runs_gain_what_is_derived(data):
    for m, measured in zip(data.moved_sizes.tolist(), data.moved.tolist(), strict=True):
        harmonic = sum(1 / j for j in range(1, m + 2))
        assert measured == pytest.approx(
            1 - harmonic / (m + 1), rel=1e-8
        )  # opinions are followed anew: δ is 3e-5 at least
        assert measured != pytest.approx(1 - (harmonic - 1 / (m + 1)) / (m + 1), rel=1e-3)  # H_m in its place


def test_gain_seekers_prefer_large_coalitions_and_random_movers_do_not(data):
    random, best, largest = data.attraction
    shown = np.isfinite(random)
    assert (np.abs(random - 1)[shown] < 4.5 * data.error[0][shown]).all()  # S7: the law ignores what gains are
    for strong in (best, largest):
        row = 1 if strong is best else 2
        last = np.flatnonzero(np.isfinite(strong))[-1]
        assert strong[last] > 1 + 4 * data.error[row][last]
        assert strong[last] > 1.5 * strong[1]


def test_largest_coalition(data):
    random, best, largest, settling = (np.array(row)[np.isfinite(row)] for row in data.largest)
    assert largest[-1] > best[-1] > random[-1]
    assert len(settling) < len(best)  # with κ > 0 runs stop


@pytest.mark.parametrize("schedule", magnet.SCHEDULES)
@pytest.mark.parametrize("cost", [-0.05, 0.01])
def test_replay_ends_where_the_run_ends(schedule, cost):
    """Coalitions and chances, followed move by move, against the structure at the end and a count of targets."""
    model = Model(opinions=normal(9), performance="-u**2", switching_cost=cost).drawn(3)
    for steps in (1, 4, 12):
        run = simulate(model, 7, schedule=schedule, max_steps=steps)
        replay = magnet.replayed(run, floor=0.0)
        assert replay.largest[-1] == max(map(len, run.structure))
        assert len(replay.largest) == run.moves + 1
        assert replay.joined.sum() == pytest.approx(run.moves)
        assert replay.expected.sum() == pytest.approx(run.moves)
        after = simulate(model, 7, schedule=schedule, max_steps=steps + 1)
        if after.moves > run.moves:
            here = model.replace(opinions=run.opinions)
            offered = ~np.isnan(moves(here, run.structure).gains)[int(after.trajectory.mover[run.moves])]
            labels = labels_of(run.structure, 9)
            sizes = np.append(np.bincount(labels), 0)[offered]
            count = np.bincount(sizes, minlength=10) / len(sizes)
            assert np.allclose(magnet.replayed(after, floor=0.0).expected - replay.expected, count)


def test_attraction_is_a_ratio_of_means():
    """Two runs written down by hand: 30 and 60 joins of single agents, where 40 and 50 were to be expected."""

    def run(joined: float, expected: float) -> magnet.Replay:
        counts = np.zeros((2, magnet.AGENTS + 1))
        counts[:, 1] = joined, expected
        return magnet.Replay(counts[0], counts[1], counts[0], np.full(magnet.AGENTS + 1, np.nan), np.array([1]))

    size, ratio, error = magnet.attraction([run(30, 40), run(60, 50)])
    assert (size[0], ratio[0]) == (1, 1)
    assert error[0] == pytest.approx(np.std([-10, 10], ddof=1) * 2**0.5 / 90)
    assert np.isnan(ratio[1:]).all()


def test_table_has_every_series(data):
    table = data.columns()
    assert len({len(column) for column in table.values()}) == 1
    assert all("[" in heading for heading in table)
    values = [
        x for name, x in zip(table["quantity [name]"], table["value [ratio]"], strict=True) if name == "attraction"
    ]
    assert values == data.attraction[np.isfinite(data.attraction)].tolist()
