from __future__ import annotations

import csv

import numpy as np
import pytest

from figures import fragility
from figures.writing import picture_bytes
from numerics.consensus import settled
from numerics.fragility import fragility as diagnose
from numerics.model import Model
from numerics.moves import critical_cost, moves


@pytest.fixture(scope="module")
def found():
    return diagnose(fragility.TEAM, fragility.STRUCTURE, runs=2)


@pytest.fixture(scope="module")
def data(found):
    return fragility.data_of(found)


def excess(opinions):
    """Largest gain less cost once the coalitions have reached consensus from opinions."""
    team = settled(fragility.TEAM.replace(opinions=opinions), np.array([0, 0, 0, 0, 1, 1, 1, 2, 2]))
    every = moves(team, fragility.STRUCTURE)
    return float(np.nanmax(every.gains - every.costs))


def test_drawn_margins_are_those_of_the_diagnosis(found, data):
    assert np.array_equal(data.margins, found.margins)
    assert data.binding == found.binding.agent
    for agent, move in enumerate(found.agents):
        assert data.coalitions[data.targets[agent]] == move.target
    assert data.margins.min() == pytest.approx(10.0 - critical_cost(found.model, fragility.STRUCTURE))


def test_drawn_opinions_are_where_the_team_breaks(data):
    now, then = data.opinions[:, 0], data.breaking[:, 0]
    assert np.linalg.norm(then - now) == pytest.approx(data.radius)
    assert excess(now + 0.999 * (then - now)) < 0 < excess(now + 1.001 * (then - now))


def test_computing_takes_a_diagnosis(found, data):
    assert np.array_equal(fragility.compute(found).barriers, data.barriers, equal_nan=True)


def test_table_has_every_move(data):
    table = data.columns()
    assert {len(column) for column in table.values()} == {9 * 3}  # two other coalitions, and founding alone
    assert table["would join [coalition]"][:3] == ["joins {4 5 6}", "joins {7 8}", "founds alone"]
    assert table["margin of the agent [value]"][0] == min(table["barrier [value]"][:3])


def test_a_diagnosis_is_written(found, tmp_path):
    paths = fragility.save_figures(found, tmp_path / "new")
    assert [path.name for path in paths] == ["fragility.pdf", "fragility.png", "fragility.csv"]
    assert len(list(csv.reader(paths[2].read_text().splitlines()))) == 1 + 27


QUADRATIC, PLANE = "-u**2", "-u1**2 - u2**2"
TEAMS = {
    "not stable": (Model([-1.0, 0.0, 0.5, 2.0], QUADRATIC, 0.3), [[0, 1], [2], [3]], ("agent 3 goes", "as they are")),
    "plane": (Model([[0.0, 0.0], [0.2, 1.0], [2.0, 0.5]], PLANE, 2.5), [[0, 1], [2]], ("next to go", "away")),
    "convex": (Model([0.0, 1.0, 2.0], "u**2", 0.1), [[0, 1], [2]], ("next to go", "no opinions found")),
    "one agent": (Model([0.0], QUADRATIC, 0.1), [[0]], ("nobody", "no opinions found")),
    "large": (Model(np.linspace(-1, 1, 32), QUADRATIC, 3.0), np.arange(32) % 2, ("next to go", "away")),
}


@pytest.mark.parametrize("name", list(TEAMS))
def test_every_kind_of_team_can_be_drawn(name):
    model, structure, says = TEAMS[name]
    data = fragility.data_of(diagnose(model, structure, runs=1, max_steps=50))
    figure = fragility.draw(data)
    assert picture_bytes(figure, "png").startswith(b"\x89PNG")
    for axes, words in zip(figure.axes, says, strict=True):
        assert words in axes.get_title(loc="left")
    assert len(figure.axes[0].get_yticks()) == min(len(data.margins), fragility.SHOWN)
    assert data.columns().keys() >= {"agent [number]", "barrier [value]"}
