from __future__ import annotations

import numpy as np
import pytest

from figures import barriers
from numerics.model import Model
from numerics.moves import gains


@pytest.fixture(scope="module")
def data():
    return barriers.compute(points=11)


@pytest.mark.parametrize("name", list(barriers.PERFORMANCES))
def test_drawn_gains_are_those_of_the_model(data, name):
    """Entrant and incumbents as agents: the gain that `numerics` computes from the payoffs."""
    p = data.performances.index(name)
    c = data.incumbents[p]
    for i, size in enumerate(barriers.SIZES):
        if size > 5 and name == "Gaussian":
            continue  # payoffs by tables of subsets
        for d, gap in enumerate(data.gaps[p]):
            model = Model(opinions=[c + gap, *[c] * size], performance=barriers.PERFORMANCES[name])
            computed = gains(model, [[0], list(range(1, size + 1))])[0, 1]
            assert data.gains[p, i, d] == pytest.approx(computed, abs=1e-9)


def test_no_gap_no_gain(data):
    assert np.allclose(data.gains[:, :, 0], 0, atol=1e-12)


def test_quadratic_gain_is_positive_and_grows_with_the_size(data):
    gains_of_quadratic = data.gains[data.performances.index("quadratic")][:, 1:]
    assert (gains_of_quadratic > 0).all()
    assert (np.diff(gains_of_quadratic, axis=0) > 0).all()


def test_double_well_repels_from_one_peak_to_the_other(data):
    p = data.performances.index("double well")
    at_peak = int(np.argmin(np.abs(data.gaps[p] - 2)))
    assert (data.gains[p, :-1, at_peak] < 0).all()
    assert data.gains[p, -1, at_peak] == pytest.approx(0)  # the limit: the peaks are worth the same


def test_table_has_every_series(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {3 * 11}
    assert table["critical cost, m = 5 [value]"][:11] == data.gains[0, 2].tolist()
