from __future__ import annotations

import numpy as np
import pytest

from figures import mixing
from proofs_checks.studies.paradox_rates import enclosure
from theory.mixing import disagreement_path


@pytest.fixture(scope="module")
def data():
    return mixing.compute(runs=20_000, simulated=(3, 5, 8), largest=9)


def test_derived_rates_are_in_their_enclosures_and_below_the_bound(data):
    for n, rate in zip(data.agents[:5].tolist(), data.rate, strict=False):
        assert float(enclosure(n).lower) - 1e-15 <= rate <= float(enclosure(n).upper) + 1e-15
    assert np.allclose(data.bound, 1 - 1 / (2 * data.agents))
    assert (data.rate < data.bound).all()
    assert (np.diff(data.rate) > 0).all()
    assert data.rate[0] == 0


def test_measured_rates_are_the_derived_ones(data):
    z = (data.measured - data.expected) / data.error
    assert np.abs(z).max() < 4
    assert (data.error < 0.04 * data.measured).all()
    assert np.abs(data.expected - data.rate[data.simulated - 2]).max() < 1e-3  # the window is late enough


def test_another_law_is_told_apart(data):
    """Rates of one agent more are at many standard errors; so is the bound."""
    for other in (data.rate[data.simulated - 1], data.bound[data.simulated - 2]):
        assert (np.abs(data.measured - other) > 4 * data.error).all()


@pytest.mark.parametrize("agents", [2, 4, 6])
def test_window_rate_is_exact_and_the_same_at_all_opinions(agents):
    start, end = (moves * agents for moves in mixing.WINDOW)
    for opinions in ([[k] for k in range(agents)], [[0]] * (agents - 1) + [[7]]):
        path = disagreement_path(opinions, end)
        if not path[start]:
            assert agents == 2  # two agents agree after one move
            continue
        assert mixing.window_rate(agents) == pytest.approx(
            float(path[end] / path[start]) ** (1 / (end - start)), rel=1e-12
        )


def test_standard_error_is_the_scatter_of_the_estimate():
    """Against the slow way: many estimates, from samples of pairs that depend on each other."""
    rng = np.random.default_rng(0)
    before = rng.exponential(size=(2000, 400))
    after = before * rng.uniform(0, 0.5, size=before.shape)
    estimates, errors = np.transpose([mixing.decay(x, y, 4) for x, y in zip(before, after, strict=True)])
    assert estimates.mean() == pytest.approx(0.25**0.25, rel=1e-3)
    assert errors.mean() == pytest.approx(estimates.std(), rel=0.06)


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {8}
    assert all("[" in heading for heading in table)
    row = table["agents [count]"].index(8)
    assert table["measured rate from 2n to 4n moves [per move]"][row] == data.measured[2]
    assert np.isnan(table["standard error [per move]"][row + 1])
