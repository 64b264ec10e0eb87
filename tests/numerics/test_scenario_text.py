"""Scenarios written to a file: read again they are the same, whatever they hold."""

from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import exitjoin as ej
from numerics.scenario import Scenario, parse_scenario
from numerics.scenario_model import model_as_data
from numerics.scenario_text import scenario_as_toml

FOLDER = Path(__file__).parents[2] / "scenarios"
SCENARIOS = sorted(path for path in FOLDER.glob("*.toml") if not path.stem.startswith("sweep_"))
X = [0.1, -1.2, 0.7]
PATH = [[1.0, 1.0, 0.0], [1.0, 1.0, 0.5], [0.0, 0.5, 1.0]]
MODELS = [
    ej.Model(X, "exp(1)*u - abs(u)**2", -0.25, "s**1.5", ej.lazy(0.3), ej.unanimous(0.01)),
    ej.Model(X, "3 - (u - 1/3)**2", influence=ej.weighted([1, 2.5, 1]), scale="a", acceptance=ej.capacity(2)),
    ej.Model(X, "-u**2", influence=ej.network(PATH), stubbornness=[0.0, 0.5, 1.0], innate_opinions=[1.0, 2.0, 3.0]),
    ej.Model([[0.1, 0.2], [1e-300, 0.5], [1e300, 0.3]], "-u1 + tanh(u2)", acceptance=ej.bounded_confidence(0.5)),
    ej.Model(ej.normal(5, 0.1, 2.0), "-u**2", influence=ej.lazy(0.5), discount=0.9),
    ej.Model(X, "-u**2", acceptance=ej.adaptive("unanimous", "0.01*entries", memory=0.9)),
    ej.Model(X, "-u**2", ej.switching_cost(0.01, exit=ej.per_agent([1, 2, 3]), entry=0.5, between=[[0, 1], [2, 0]])),
    ej.Model(X, "-u**2", ej.switching_cost(0.01, bonus=ej.per_pair([[1, 2], [3, 4], [5, 6]]))),
]
RUNS = [
    {},
    {"seed": 3, "structure": [[2], [0, 1]], "schedule": "round robin", "max_steps": 17, "samples": 5},
    {"structure": np.array([1, 0, 1]), "schedule": ej.logit(0.05), "tactical_steps": inf, "seed": None},
]


def same(one, other):
    assert model_as_data(one.model) == model_as_data(other.model)
    assert one.model.performance == other.model.performance
    assert (one.title, tuple(one.switching_costs), one.runs) == (other.title, tuple(other.switching_costs), other.runs)
    a, b = ({key: value for key, value in run.items() if value is not None} for run in (one.run, other.run))
    n = one.model.n_agents
    for run in (a, b):
        if "structure" in run:
            from numerics.partitions import labels_of

            run["structure"] = labels_of(run["structure"], n).tolist()
    assert a == b


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_shipped_scenarios_survive(path, tmp_path):
    scenario = ej.load_scenario(path)
    same(scenario, ej.load_scenario(ej.save_scenario(scenario, tmp_path / "again.toml")))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.performance))
@pytest.mark.parametrize("run", RUNS, ids=len)
def test_every_kind_of_model_and_run_survives(model, run, tmp_path):
    if "structure" in run and model.n_agents != 3:
        run = {key: value for key, value in run.items() if key != "structure"}
    costs = () if not isinstance(model.switching_cost, float) else (0.1, -0.5, model.switching_cost)
    scenario = Scenario(model, 'a "title" with \\ and [', run, costs, 77)
    path = ej.save_scenario(scenario, tmp_path / "again.toml", ["# line\x00 one\nline two", ""])
    same(scenario, ej.load_scenario(path))
    assert path.read_text(encoding="utf-8").startswith("# # line\N{REPLACEMENT CHARACTER} one\n# line two\n#\n\ntitle")


def test_general_influence_survives_up_to_rounding(tmp_path):
    W = np.random.default_rng(0).dirichlet(np.ones(7), 7)
    scenario = Scenario(ej.Model(np.arange(7.0), "-u**2", influence=ej.general(W)))
    again = ej.load_scenario(ej.save_scenario(scenario, tmp_path / "again.toml"))
    np.testing.assert_allclose(again.model.influence.data, scenario.model.influence.data, rtol=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.text(), st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5), st.integers(0, 2**62))
def test_whatever_text_and_numbers(title, opinions, seed):
    scenario = Scenario(ej.Model(opinions, "u"), title, {"seed": seed}, (0.0,))
    same(scenario, parse_scenario(scenario_as_toml(scenario)))


def test_rows_are_on_a_line_each():
    model = ej.Model([[0.5, 1.0], [1.5, -2.0]], "-u1**2 - u2**2")
    text = scenario_as_toml(Scenario(model, "[", {"structure": [[0], [1]]}))
    assert 'title = "["\n' in text
    assert "opinions = [\n    [0.5, 1.0],\n    [1.5, -2.0],\n]\n" in text
    assert "structure = [\n    [0],\n    [1],\n]\n" in text


def test_what_cannot_be_written_is_refused_and_leaves_no_file(tmp_path):
    path = tmp_path / "team.toml"
    model = ej.Model(X, "-u**2")
    with pytest.raises(ej.InputError, match=r"run\.seed"):
        ej.save_scenario(Scenario(model, run={"seed": np.random.SeedSequence(1)}), path)
    large = ej.Model(np.arange(300.0), "-u**2", influence=ej.general(np.full((300, 300), 1 / 300)))
    with pytest.raises(ej.InputError, match="would take a file of"):
        ej.save_scenario(Scenario(large), path)
    with pytest.raises(ej.InputError, match=r"run\.max_steps"):
        ej.save_scenario(Scenario(model, run={"max_steps": -1}), path)
    with pytest.raises(ej.InputError, match="out"):
        ej.save_scenario(Scenario(model), tmp_path / "none" / "team.toml")
    assert list(tmp_path.iterdir()) == []
