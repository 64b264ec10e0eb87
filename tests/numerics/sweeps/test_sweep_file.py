"""Sweep files: what they say is what `sweep` is called with, and errors name the key as the file writes it."""

from pathlib import Path

import numpy as np
import pytest

import exitjoin as ej
from numerics.scenario import packaged_scenario
from numerics.scenario_model import model_as_data
from numerics.sweeps.sweep_file import load_sweep_file, parse_sweep_file

MODEL = """
[model]
opinions = [0.1, -1.2, 0.7]
performance = "-u**2"
"""
OVER = """
[over]
switching_cost = [0.0, 0.1]
"""


def over(line):
    return parse_sweep_file(f"{MODEL}[over]\n{line}\n").over


def refused(text, field):
    with pytest.raises(ej.InputError) as caught:
        parse_sweep_file(text)
    assert caught.value.field == field
    return str(caught.value)


def test_a_file_is_a_call_of_sweep():
    text = f"""title = "Three"
    {MODEL}
    [run]
    seed = 3
    schedule = "round robin"
    max_steps = 50
    [over]
    switching_cost = {{from = 0.0, to = 0.4, points = 5}}
    performance = ["-u**2", "-abs(u)"]
    [sweep]
    runs = 4
    quantities = ["moves", "spread"]
    """
    file = parse_sweep_file(text)
    assert (file.title, file.n_cells) == ("Three", 10)
    found = ej.sweep(file.model, file.over, **file.arguments)
    model = ej.Model([0.1, -1.2, 0.7], "-u**2")
    expected = ej.sweep(
        model, {"switching_cost": np.linspace(0, 0.4, 5), "performance": ["-u**2", "-abs(u)"]}, runs=4, seed=3,
        schedule="round robin", max_steps=50, quantities=["moves", "spread"],
    )  # fmt: skip
    assert found.identical(expected)


def test_coarse_is_refined():
    file = parse_sweep_file(f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1.0, points = 33}}\n[sweep]\ncoarse = 8")
    assert file.arguments == {"seed": None, "runs": 100, "coarse": 8}
    assert int(ej.sweep(file.model, file.over, **file.arguments, workers=1).computed.sum()) < 33


def test_values():
    assert over("switching_cost = [0.0, -0.5, 1]") == {"switching_cost": (0.0, -0.5, 1)}
    assert over('acceptance = ["open", {rule = "capacity", members = 3}]')["acceptance"][1]["members"] == 3
    linear = over("switching_cost = {from = -0.05, to = 0.5, points = 200}")["switching_cost"]
    assert linear == tuple(np.linspace(-0.05, 0.5, 200).tolist())
    rates = over('"influence.rate" = {from = 0.001, to = 1, points = 4, spacing = "logarithmic"}')["influence.rate"]
    assert rates == tuple(np.geomspace(0.001, 1, 4).tolist())
    downwards = over("switching_cost = {from = 1.0, to = 0.0, points = 3}")["switching_cost"]
    assert downwards == (1.0, 0.5, 0.0)


def test_whole_ranges_are_integers():
    """A capacity has to be one, and 1.0 is none."""
    members = over('"acceptance.members" = {from = 2, to = 6, points = 3}')["acceptance.members"]
    assert [(x, type(x)) for x in members] == [(2, int), (4, int), (6, int)]
    assert [type(x) for x in over("max_steps = {from = 0, to = 1, points = 3}")["max_steps"]] == [float] * 3


def test_a_scenario_of_the_project_with_other_keys():
    file = parse_sweep_file(
        f'scenario = "published_unimodal"\n[model]\nacceptance = "majority"\n[run]\nseed = 1\n{OVER}'
    )
    base = packaged_scenario("published_unimodal")
    assert model_as_data(file.model) == model_as_data(base.model.replace(acceptance="majority"))
    assert file.arguments == {**base.run, "seed": 1, "runs": 100}
    assert file.title == base.title


def test_a_scenario_beside_the_sweep_file(tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "mine.toml").write_text(f'title = "Mine"\n{MODEL}[run]\nmax_steps = 7\n')
    path = tmp_path / "sweep.toml"
    path.write_text(f'scenario = "inside/mine.toml"\n{OVER}', encoding="utf-8-sig")
    file = load_sweep_file(path)
    assert file.title == "Mine"
    assert file.arguments == {"max_steps": 7, "seed": None, "runs": 100}


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[3] / "scenarios").glob("sweep_*.toml")), ids=str)
def test_sweep_files_of_the_project(path):
    file = load_sweep_file(path)
    assert file.title
    assert file.n_cells > 1000
    with pytest.raises(ej.InputError, match="does not come with the project"):
        packaged_scenario(path.stem)


ERRORS = {
    "": "over",
    MODEL: "over",
    OVER: "model",
    f"{MODEL}{OVER}[sweep]\nruns = 0": "sweep.runs",
    f"{MODEL}{OVER}[sweep]\nruns = 2.0": "sweep.runs",
    f"{MODEL}{OVER}[sweep]\ncoarse = 6": "sweep.coarse",
    f"{MODEL}{OVER}[sweep]\nquantities = 'moves'": "sweep.quantities",
    f"{MODEL}{OVER}[sweep]\nquantities = ['moves', 'mood']": "sweep.quantities[1]",
    f"{MODEL}{OVER}[sweep]\nquantities = [{{}}]": "sweep.quantities[0]",
    f"{MODEL}{OVER}[sweep]\nworkers = 2": "sweep.workers",
    f"sweep = 3\n{MODEL}{OVER}": "sweep",
    f"over = 3\n{MODEL}": "over",
    f"{MODEL}[over]": "over",
    f"{MODEL}[over]\nmood = [1]": "over",
    f"{MODEL}[over]\nswitching_cost = 0.1": 'over["switching_cost"]',
    f"{MODEL}[over]\nswitching_cost = []": 'over["switching_cost"]',
    f"{MODEL}[over]\nswitching_cost = {{from = 0.0}}": 'over["switching_cost"].to',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1, points = 1}}": 'over["switching_cost"].points',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1, points = 1000000}}": 'over["switching_cost"].points',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = inf, points = 3}}": 'over["switching_cost"].to',
    f"{MODEL}[over]\nswitching_cost = {{from = -1.5e308, to = 1.5e308, points = 3}}": 'over["switching_cost"].from',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1, points = 3, steps = 2}}": 'over["switching_cost"].steps',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1, points = 3, spacing = []}}": 'over["switching_cost"].spacing',
    f"{MODEL}[over]\nswitching_cost = {{from = 0, to = 1, points = 3, spacing = 'logarithmic'}}":
        'over["switching_cost"].from',
    f"{MODEL}[over]\nopinions.agents = [3, 4]": 'over["opinions"].agents',
    f"{MODEL}[over]\n" + "".join(f'"opinions[{i}]" = {{from = 0, to = 1, points = 1000}}\n' for i in range(3)): "over",
    f"{MODEL}[run]\nseed = -1\n{OVER}": "run.seed",
    f"{MODEL}[run]\nschedule = 'whim'\n{OVER}": "run.schedule",
    f"{MODEL}stubbornness = 2\n{OVER}": "model.stubbornness",
    f"{MODEL}[experiment]\nruns = 2\n{OVER}": "experiment",
    f"scenario = 3\n{OVER}": "scenario",
    f"scenario = 'nowhere.toml'\n{OVER}": "scenario",
    f"scenario = 'unknown'\n{OVER}": "scenario",
    f"scenario = 'published_unimodal'\nmodel = 3\n{OVER}": "model",
    f"scenario = 'published_unimodal'\n[model]\nopinions = 'many'\n{OVER}": "model.opinions",
    "over = [": "sweep",
    f'"" = 1\n{MODEL}{OVER}': '""',
    f'{MODEL}"two words" = 1\n{OVER}': 'model."two words"',
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS)
def test_errors_name_the_key(text):
    message = refused(text, ERRORS[text])
    assert "\n" not in message


def test_dotted_names_need_quotes_and_the_error_says_so():
    assert "from, to, points, spacing" in refused(f"{MODEL}[over]\ninfluence.rate = [0.5]", 'over["influence"].rate')


def test_an_error_in_the_scenario_names_its_file(tmp_path):
    (tmp_path / "mine.toml").write_text(MODEL.replace("-u**2", "-v**2"))
    path = tmp_path / "sweep.toml"
    path.write_text(f'scenario = "mine.toml"\n{OVER}')
    with pytest.raises(ej.InputError) as caught:
        load_sweep_file(path)
    assert caught.value.field == "mine.toml: model.performance"


def test_a_value_that_the_model_refuses_is_named_before_anything_runs():
    file = parse_sweep_file(f'{MODEL}[over]\n"influence.rate" = [0.5, 1.5]\n')
    with pytest.raises(ej.InputError) as caught:
        ej.sweep(file.model, file.over, **file.arguments)
    assert caught.value.field == 'over["influence.rate"][1]'
