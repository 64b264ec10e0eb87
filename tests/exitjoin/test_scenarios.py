"""Scenario files of every kind of model and run: what they mean, how they are written back, how they fail."""

import copy
import inspect
import json
import textwrap
import tomllib
from datetime import date
from math import inf, nan
from pathlib import Path

import numpy as np
import pytest

import exitjoin as ej
from exitjoin.cli import main
from exitjoin.final_state import MAX_COMPARED, final_state
from exitjoin.summary import run_as_dict, run_as_text
from numerics.scenario import Scenario, parse_scenario, schedule_as_data
from numerics.scenario_model import model_as_data, read_model

DEBATE = Path(__file__).parents[2] / "scenarios" / "network_debate.toml"
X = [0.1, -1.2, 0.7]
PLAIN = {"opinions": X, "performance": "3 - (u - 1/3)**2"}
PATH = [[1.0, 1.0, 0.0], [1.0, 1.0, 0.5], [0.0, 0.5, 1.0]]
SHARES = [[1.0, 0.0, 0.0], [0.25, 0.5, 0.25], [0.0, 0.1, 0.9]]
ROWS = [[0.1, 0.2], [-1.0, 0.5], [0.3, 0.3]]

# what a file says: what Python says
MODELS = {
    "switching_cost = -0.25": {"switching_cost": -0.25},
    'scale = "s**1.5"': {"scale": "s**1.5"},
    'influence = "uniform"': {},
    'influence = {family = "uniform"}': {},
    'influence = {family = "lazy", rate = 0.3}': {"influence": ej.lazy(0.3)},
    'influence = {family = "weighted", weights = [1, 2.5, 1]}\nscale = "a"': {
        "influence": ej.weighted([1, 2.5, 1]),
        "scale": "a",
    },
    'influence = {family = "network", edges = [[0, 1], [2, 1, 0.5]]}': {"influence": ej.network(PATH)},
    'influence = {family = "network", edges = [[1, 0]], self_weight = 2}': {
        "influence": ej.network([[0, 1, 0], [1, 0, 0], [0, 0, 0]], self_weight=2)
    },
    'influence = {family = "network", edges = [[0, 0, 1], [1, 1, 2], [2, 2, 3], [0, 2, 0.1]]}': {
        "influence": ej.network([[1, 0, 0.1], [0, 2, 0], [0.1, 0, 3]])
    },
    'influence = {family = "network", edges = []}': {"influence": ej.network(np.eye(3))},
    f'influence = {{family = "network", matrix = {PATH}}}': {"influence": ej.network(PATH)},
    'influence = {family = "network", matrix = [[0, 1, 1], [1, 0, 0], [1, 0, 0]], self_weight = 0.5}': {
        "influence": ej.network([[0, 1, 1], [1, 0, 0], [1, 0, 0]], 0.5)
    },
    f'influence = {{family = "general", matrix = {SHARES}}}': {"influence": ej.general(SHARES)},
    'acceptance = "open"': {},
    'acceptance = "unanimous"': {"acceptance": ej.unanimous()},
    'acceptance = {rule = "unanimous", threshold = 0.01}': {"acceptance": ej.unanimous(0.01)},
    'acceptance = "majority"': {"acceptance": "majority"},
    'acceptance = {rule = "majority", threshold = -0.5}': {"acceptance": ej.majority(-0.5)},
    'acceptance = {rule = "aggregate", threshold = 1}': {"acceptance": ej.aggregate(1)},
    'acceptance = {rule = "bounded confidence", radius = 0.5}': {"acceptance": ej.bounded_confidence(0.5)},
    'acceptance = {rule = "bounded_confidence", radius = 0}': {"acceptance": ej.bounded_confidence(0)},
    'acceptance = {rule = "capacity", members = 5}': {"acceptance": ej.capacity(5)},
    'acceptance = {rule = "adaptive", of = "unanimous", threshold = "0.01*(1 + entries)", memory = 0.9}': {
        "acceptance": ej.adaptive("unanimous", "0.01*(1 + entries)", 0.9)
    },
    'acceptance = {rule = "adaptive", of = "capacity", threshold = "2 + sqrt(moves)"}': {
        "acceptance": ej.adaptive("capacity", "2 + sqrt(moves)")
    },
    'acceptance = {rule = "adaptive", of = "bounded confidence", threshold = 0.5}': {
        "acceptance": ej.adaptive("bounded confidence", 0.5)
    },
    "stubbornness = 0.5": {"stubbornness": 0.5},
    "stubbornness = [0, 0.5, 1]\ninnate_opinions = [1.0, 2, 3]": {
        "stubbornness": [0, 0.5, 1],
        "innate_opinions": [1.0, 2, 3],
    },
    'discount = 0.9\ninfluence = {family = "lazy", rate = 0.5}': {"discount": 0.9, "influence": ej.lazy(0.5)},
    "switching_cost = {base = 0.01}": {"switching_cost": ej.switching_cost(0.01)},
    "switching_cost = {base = 0.01, exit = 0.02, entry = {per_agent = [1, 2, 3]}, bonus = {per_coalition = [4, 5]}}": {
        "switching_cost": ej.switching_cost(0.01, 0.02, ej.per_agent([1, 2, 3]), ej.per_coalition([4, 5]))
    },
    "switching_cost = {exit = {per_pair = [[1, 2], [3, 4], [5, 6]]}, between = [[0, 1], [2, 0]]}": {
        "switching_cost": ej.switching_cost(exit=ej.per_pair([[1, 2], [3, 4], [5, 6]]), between=[[0, 1], [2, 0]])
    },
    "switching_cost = {exit = {per_coalition = [-1.0]}, entry = 3, bonus = {per_pair = [[1], [2], [3]]}}": {
        "switching_cost": ej.switching_cost(0, ej.per_coalition([-1]), 3, ej.per_pair([[1], [2], [3]]))
    },
}
OPINIONS = {
    f'opinions = {ROWS}\nperformance = "-u1**2 - (u2 - 0.5)**2"': {
        "opinions": ROWS,
        "performance": "-u1**2 - (u2 - 0.5)**2",
    },
    f'opinions = {ROWS}\nperformance = "u1*u2"\ninnate_opinions = {ROWS[::-1]}\nstubbornness = 0.1': {
        "opinions": ROWS,
        "performance": "u1*u2",
        "innate_opinions": ROWS[::-1],
        "stubbornness": 0.1,
    },
    'opinions = [[0.1], [0.2]]\nperformance = "exp(1)*abs(u)"': {
        "opinions": [[0.1], [0.2]],
        "performance": "exp(1)*abs(u)",
    },
    'opinions = {distribution = "normal", agents = 4}\nperformance = "-u**2"': {
        "opinions": ej.normal(4),
        "performance": "-u**2",
    },
    'opinions = {distribution = "normal", agents = 4, mean = 1, sd = 2, dimension = 3}\nperformance = "u1*u2 - u3"': {
        "opinions": ej.normal(4, 1, 2, 3),
        "performance": "u1*u2 - u3",
    },
    'opinions = {distribution = "normal", agents = 3}\nperformance = "u"\n'
    'influence = {family = "network", edges = [[0, 2]]}': {
        "opinions": ej.normal(3),
        "performance": "u",
        "influence": ej.network([[1, 0, 1], [0, 1, 0], [1, 0, 1]]),
    },
}
EVERY = {f"{line}\n": PLAIN | arguments for line, arguments in MODELS.items()} | OPINIONS


def file_of(lines, run=""):
    """A scenario file with those lines below [model]."""
    plain = "" if lines.startswith("opinions") else toml_of(PLAIN)
    return f"[model]\n{plain}\n{lines}\n[run]\n{run}\n"


def toml_of(table):
    return "\n".join(f"{key} = {value_of(value)}" for key, value in table.items())


def value_of(value):
    """A value as TOML, which differs from JSON in its tables."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {value_of(x)}" for key, x in value.items()) + "}"
    return "[" + ", ".join(map(value_of, value)) + "]" if isinstance(value, list) else json.dumps(value)


def parts(value):
    """A model, or a part of one, as plain data to compare."""
    if isinstance(value, np.ndarray):
        return [value.dtype.name, value.shape, value.tolist()]
    if isinstance(value, ej.Model) or type(value).__module__ in ("numerics.influence", "numerics.costs"):
        fields = {name: x for name, x in vars(value).items() if name in type(value).__dataclass_fields__}
        return [type(value).__name__, {name: parts(x) for name, x in fields.items()}]
    return value


@pytest.mark.parametrize(("lines", "arguments"), EVERY.items(), ids=range(len(EVERY)))
def test_a_file_means_what_python_means(lines, arguments):
    assert parts(parse_scenario(file_of(lines)).model) == parts(ej.Model(**arguments))


@pytest.mark.parametrize("arguments", EVERY.values(), ids=range(len(EVERY)))
def test_reading_what_was_written_gives_the_same_model(arguments):
    model = ej.Model(**arguments)
    data = model_as_data(model)
    assert parts(read_model(json.loads(json.dumps(data, allow_nan=False)))) == parts(model)
    assert parts(parse_scenario(f"[model]\n{toml_of(data)}").model) == parts(model)


def test_shares_survive_writing_up_to_rounding():
    """Rows of any influence are divided by their sums, which may be off 1 by rounding."""
    rng = np.random.default_rng(0)
    W = rng.random((9, 9))
    model = ej.Model(rng.normal(size=9), "-u**2", influence=ej.general(W / W.sum(axis=1, keepdims=True)))
    again = read_model(model_as_data(model)).influence
    assert np.allclose(again.data, model.influence.data, rtol=1e-15, atol=0)


def test_the_documentation_is_a_scenario_with_every_key():
    block = inspect.getdoc(ej.load_scenario).partition("::\n")[2].partition("Parameters\n")[0]
    assert parse_scenario(textwrap.dedent(block)).runs == 1000
    tables = tomllib.loads(textwrap.dedent(block))
    assert list(tables) == ["title", "model", "run", "experiment"]
    for name in ("model", "run", "experiment"):
        with pytest.raises(ej.InputError) as caught:
            parse_scenario(with_unknown_key_in(name))
        assert set(tables[name]) == set(str(caught.value).partition("; use ")[2].split(", "))


def with_unknown_key_in(name):
    """A scenario with an unknown key in one table."""
    unknown = "unknown = 1\n"
    tables = {"model": toml_of(PLAIN), "run": "", "experiment": ""}
    return "\n".join(f"[{table}]\n{lines}\n{unknown if table == name else ''}" for table, lines in tables.items())


def test_what_says_nothing_is_left_out():
    data = model_as_data(ej.Model(**PLAIN, switching_cost=ej.switching_cost(0.5)))
    assert list(data) == ["opinions", "performance", "switching_cost", "scale", "influence", "acceptance"]
    assert data["switching_cost"] == {"base": 0.5}
    ring = ej.network([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    assert model_as_data(ej.Model(**PLAIN, influence=ring))["influence"] == {
        "family": "network",
        "edges": [[0, 1], [0, 2, 2.0], [1, 2]],
        "self_weight": 1.0,
    }


SCHEDULES = {
    '"random"': "random",
    '"best response"': "best response",
    '"Best-response"': "best response",
    '"round robin"': "round robin",
    '{rule = "largest gain"}': "largest gain",
    '{rule = "logit", temperature = 0.01}': ej.logit(0.01),
}


@pytest.mark.parametrize(("written", "schedule"), SCHEDULES.items())
def test_schedules(written, schedule):
    run = parse_scenario(file_of("", f"schedule = {written}")).run
    assert run == {"schedule": schedule}
    assert parse_scenario(file_of("", f"schedule = {value_of(schedule_as_data(schedule))}")).run == run


@pytest.mark.parametrize("written", SCHEDULES)
def test_every_schedule_runs_as_from_python(written):
    settings = f"schedule = {written}\nseed = 3\nmax_steps = 20\nsamples = 10\ntactical_steps = 2"
    lines = 'influence = {family = "lazy", rate = 0.5}\nswitching_cost = 0.01'
    run = parse_scenario(file_of(lines, settings)).simulate()
    model = ej.Model(**PLAIN, influence=ej.lazy(0.5), switching_cost=0.01)
    direct = ej.simulate(model, 3, None, SCHEDULES[written], 2, 20, 10)
    assert run.structure == direct.structure
    assert run.opinions.tolist() == direct.opinions.tolist()
    assert run.trajectory.mover.tolist() == direct.trajectory.mover.tolist()


def test_an_experiment_varies_numbers_only():
    table = "switching_cost = {base = 0.5}"
    assert parse_scenario(file_of(table)).switching_costs == ()
    assert parse_scenario(file_of("switching_cost = 0.5")).switching_costs == (0.5,)
    with pytest.raises(ej.InputError, match=r"^experiment.switching_costs: \[0.1\] would take the place of a model"):
        parse_scenario(file_of(table) + "[experiment]\nswitching_costs = [0.1]")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('influence = {family = "ring"}', "model.influence.family: 'ring' is not a known family"),
        ('influence = "ring"', "model.influence: 'ring' is not a known influence"),
        ('influence = {family = "network"}', "model.influence.edges: None is missing"),
        ('influence = "network"', "model.influence.edges: None is missing"),
        ('influence = {family = "network", edges = [], matrix = []}', "model.influence.edges: [] are given beside"),
        ('influence = {family = "network", edges = 3}', "model.influence.edges: 3 is not a list"),
        ('influence = {family = "network", edges = [3]}', "model.influence.edges[0]: 3 is not an edge"),
        ('influence = {family = "network", edges = [[0]]}', "model.influence.edges[0]: [0] is not an edge"),
        ('influence = {family = "network", edges = [[0, 3]]}', "model.influence.edges[0]: [0, 3] is not an edge"),
        ('influence = {family = "network", edges = [[0, -1]]}', "model.influence.edges[0]: [0, -1] is not an edge"),
        ('influence = {family = "network", edges = [[0, 1.0]]}', "model.influence.edges[0]: [0, 1.0] is not an edge"),
        ('influence = {family = "network", edges = [[0, true]]}', "model.influence.edges[0]: [0, True] is not an edge"),
        ('influence = {family = "network", edges = [[0, 1], [1, 0]]}', "model.influence.edges[1]: [1, 0] is there"),
        ('influence = {family = "network", edges = [[0, 1, -1]]}', "model.influence.edges[0]: [0, 1, -1] has a weight"),
        ('influence = {family = "network", edges = [[0, 1, "a"]]}', "model.influence.edges[0]: 'a' is not a finite"),
        ('influence = {family = "network", edges = [[0, 0]]}', "model.influence.edges[1, 1]: 0.0 is not positive"),
        ('influence = {family = "network", edges = [], self_weight = 0}', "model.influence.self_weight: 0.0 is not"),
        ('influence = {family = "network", edges = [], weight = 1}', "model.influence.weight: 1 is an unknown key"),
        ('influence = {family = "network", matrix = [[1, 2], [3, 1]]}', "model.influence.matrix[0, 1]: 2.0 is not the"),
        ('influence = {family = "network", matrix = [[1]]}', "model.influence: 'Network' is among 1 agents"),
        ('influence = {family = "general"}', "model.influence.matrix: None is missing"),
        ('influence = {family = "general", matrix = [[1, 1], [0, 1]]}', "model.influence.matrix[0]: 2.0 is the sum"),
        ('influence = {family = "general", matrix = 3}', "model.influence.matrix: 3 is not a matrix"),
        ('influence = {family = "lazy", rate = 2}', "model.influence.rate: 2 is not in (0, 1]"),
        ('acceptance = {rule = "majority", radius = 1}', "model.acceptance.radius: 1 is an unknown key"),
        ('acceptance = "capacity"', "model.acceptance.members: None is missing"),
        ('acceptance = {rule = "capacity", members = 0}', "model.acceptance.members: 0 is not a number of members"),
        ('acceptance = {rule = "bounded confidence", radius = -1}', "model.acceptance.radius: -1 is negative"),
        ('acceptance = {rule = "adaptive", of = "open", threshold = 0}', "model.acceptance.of: 'open' is not a rule"),
        ('acceptance = {rule = "adaptive", of = "majority"}', "model.acceptance.threshold: None is missing"),
        (
            'acceptance = {rule = "adaptive", of = "majority", threshold = "u"}',
            "model.acceptance.threshold: 'u' contains an unknown name",
        ),
        (
            'acceptance = {rule = "adaptive", of = "majority", threshold = 0, memory = 2}',
            "model.acceptance.memory: 2.0 is not in [0, 1]",
        ),
        ("stubbornness = 2", "model.stubbornness: 2.0 is not in [0, 1]"),
        ("stubbornness = [0, 2, 0]", "model.stubbornness[1]: 2.0 is not in [0, 1]"),
        ("stubbornness = [0, 1]", "model.stubbornness: [0.0, 1.0] has 2 entries for 3 agents"),
        ("innate_opinions = [0, 1]", "model.innate_opinions: [0.0, 1.0] have shape (2,)"),
        ("innate_opinions = 3", "model.innate_opinions: 3 are not"),
        ("discount = 1", "model.discount: 1.0 is not in [0, 1)"),
        ("switching_cost = {price = 1}", "model.switching_cost.price: 1 is an unknown key"),
        ("switching_cost = {base = []}", "model.switching_cost.base: [] is not a finite number"),
        ("switching_cost = {exit = [1, 2, 3]}", "model.switching_cost.exit: [1, 2, 3] is not a finite number"),
        ("switching_cost = {exit = {}}", "model.switching_cost.exit: {} is not a cost"),
        ("switching_cost = {exit = {agent = [1]}}", "model.switching_cost.exit: {'agent': [1]} is not a cost"),
        ("switching_cost = {exit = {per_agent = [1, nan, 2]}}", "model.switching_cost.exit.per_agent[1]: nan is not"),
        ("switching_cost = {entry = {per_agent = [1]}}", "model.switching_cost.entry: [1.0] has 1 entries for 3"),
        ("switching_cost = {bonus = {per_pair = [1]}}", "model.switching_cost.bonus.per_pair[0]: 1 are not a list"),
        ("switching_cost = {between = [[0, 1], [1]]}", "model.switching_cost.between[1]: [1] has 1 entries, not 2"),
        ('switching_cost = "free"', "model.switching_cost: 'free' is not a finite number"),
        ("beta = 1", "model.beta: 1 is an unknown key"),
        ("opinions = [[1, 2], [3]]\nperformance = 'u1'", "model.opinions[1]: [3] has 1 entries, not 2"),
        ("opinions = [[1, 2], [3, 4]]\nperformance = 'u'", "model.performance: 'u' contains an unknown name"),
        (
            'opinions = {distribution = "normal", agents = 3, dimension = 0}\nperformance = "u"',
            "model.opinions.dimension: 0 is not a number of coordinates",
        ),
        (
            'opinions = {distribution = "uniform"}\nperformance = "u"',
            "model.opinions.distribution: 'uniform' is not a known distribution",
        ),
    ],
)
def test_errors_name_the_key_as_the_file_writes_it(lines, message):
    with pytest.raises(ej.InputError) as caught:
        parse_scenario(file_of(lines))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ('schedule = "fast"', "run.schedule: 'fast' is not a known schedule"),
        ('schedule = {rule = "fast"}', "run.schedule.rule: 'fast' is not a known rule"),
        ('schedule = "logit"', "run.schedule.temperature: None is missing"),
        ('schedule = {rule = "logit", temperature = 0}', "run.schedule.temperature: 0 is not positive"),
        ('schedule = {rule = "random", temperature = 1}', "run.schedule.temperature: 1 is an unknown key"),
        ("samples = -1", "run.samples: -1 is not a number of samples"),
        ("samples = 1", "run.samples: 1 gives no standard error"),
        ("seed = -1", "run.seed: -1 is not a seed"),
        ("structure = [[0, 1], [5]]", "run.structure[1]: 5 is not an agent"),
        ("max_steps = -1", "run.max_steps: -1 is not a number of steps"),
        ("record = false", "run.record: False is an unknown key"),
    ],
)
def test_errors_of_a_run(run, message):
    with pytest.raises(ej.InputError) as caught:
        parse_scenario(file_of("", run))
    assert str(caught.value).startswith(message)


def test_a_model_that_a_run_cannot_compute_is_named_as_such():
    lines = 'opinions = {distribution = "normal", agents = 40}\nperformance = "exp(u)"\nstubbornness = 0.5'
    with pytest.raises(ej.InputError, match=r"^model.opinions: '40 agents' make a coalition of more than"):
        parse_scenario(file_of(lines))
    parse_scenario(file_of(lines, "samples = 100"))


STRANGE = [
    0, 1, -1, 3, 0.5, 1e308, -1e300, 1e-320, 10**400, nan, inf, True, "", "u", "random", "open", "lazy", "\x00", [], {},
    [[]], [{}], [1, "a"], [[1, 2], [3]], [[0, 1, 2, 3]], [nan, 1, 2], [0.1, 0.2, 0.3], [[1, 0, 0]] * 3,
    {"per_agent": []}, {"per_pair": [[1], [2], [nan]]}, {"family": "network", "edges": [[0, 1]]}, {"rule": "adaptive"},
    date(2026, 1, 1),
]  # fmt: skip


def places(value, path=()):
    """The path of every part of nested tables and lists."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from places(part, (*path, key))


def test_fuzz_of_models():
    """Every part of every kind of model replaced by something strange: an InputError of one line, or a model."""
    valid, refused, messages = 0, 0, set()
    for arguments in EVERY.values():
        data = model_as_data(ej.Model(**arguments))
        for path in list(places(data))[1:]:
            for strange in STRANGE:
                table = copy.deepcopy(data)
                inside = table
                for key in path[:-1]:
                    inside = inside[key]
                inside[path[-1]] = strange
                try:
                    read_model(table)
                    valid += 1
                except ej.InputError as error:
                    messages.add(str(error))
                    refused += 1
    assert not [message for message in messages if "\n" in message or not message.startswith("model.")]
    assert valid > 1000
    assert refused > 10_000


# The command


def test_the_debate(capsys, tmp_path):
    path = tmp_path / "run.json"
    assert main(["simulate", str(DEBATE), "--out", str(path)]) == 0
    out = capsys.readouterr().out
    data = json.loads(path.read_text(encoding="utf-8"))
    assert out.startswith(data["title"])
    assert "\ncomputed: agent by agent (network influence, stubbornness, adaptive acceptance); payoffs exact\n" in out
    assert "\ncritical cost: not computed, acceptance depends on what happened before\n" in out
    assert f"outcome: {data['outcome']} after" in out
    assert f"regime: {data['regime']}" in out
    assert data["structure"] == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]  # as the title says
    assert data["model"] == tomllib.loads(f"model = {value_of(model_as_data(ej.load_scenario(DEBATE).model))}")["model"]


def test_a_run_says_how_to_make_it_again(tmp_path):
    """Every part of the example, read back from what was written, gives the same run."""
    scenario = ej.load_scenario(DEBATE)
    data = json.loads(json.dumps(run_as_dict(scenario, scenario.simulate())))
    again = parse_scenario(f"[model]\n{toml_of(data['model'])}\n[run]\n{toml_of(data['run'])}")
    assert json.loads(json.dumps(run_as_dict(again, again.simulate()))) | {"title": data["title"]} == data


def test_a_run_of_drawn_opinions_says_what_to_draw_them_from():
    scenario = ej.packaged_scenario("published_double_well")
    data = run_as_dict(scenario, scenario.simulate())
    again = Scenario(read_model(data["model"] | {"opinions": data["drawn_from"]}), scenario.title, data["run"])
    assert run_as_dict(again, again.simulate()) == data


@pytest.mark.parametrize("lines", EVERY, ids=range(len(EVERY)))
def test_every_model_is_shown(lines):
    scenario = parse_scenario(file_of(lines, 'seed = 0\nmax_steps = 20\nschedule = "best response"\nsamples = 20'))
    run = scenario.simulate()
    out = run_as_text(scenario, run)
    assert "\nregime: " in out
    assert f"\ncomputed: {run.method}\n" in out
    data = run_as_dict(scenario, run)
    json.dumps(data, allow_nan=False)
    assert data["joint_equilibrium"] == (run.outcome == "joint equilibrium")
    assert (data["regime"] == "not a joint equilibrium") != data["joint_equilibrium"]
    if not isinstance(scenario.model.acceptance, type(ej.adaptive("majority", 0))):
        assert ("no move is admissible at κ" in out or "no move is admissible (" in out) == data["joint_equilibrium"]


def test_vector_opinions_are_shown_in_brackets():
    lines = f'opinions = {[[0.1, 0.2], [0.3, 0.2]]}\nperformance = "-u1**2 - u2**2"\ninfluence = '
    lines += '{family = "lazy", rate = 0.5}\nswitching_cost = {base = 0.5, exit = 1, bonus = {per_coalition = [0.1]}}'
    scenario = parse_scenario(file_of(lines, "seed = 0\nmax_steps = 0\ntactical_steps = 1\nstructure = [[0, 1]]"))
    out = run_as_text(scenario, scenario.simulate())
    assert "φ(u1, u2) = -u1**2 - u2**2" in out
    assert "switching cost κ = 0.5 + exit 1 - bonus of the coalition, seed 0" in out
    assert "  0 1  at opinions from (0.15, 0.2) to (0.25, 0.2)" in out
    assert "no move is admissible, but members do not agree yet (largest gain less its cost: -1.5" in out
    apart = parse_scenario(file_of(lines, "seed = 0\nmax_steps = 0"))
    assert "  1  at opinion (0.3, 0.2)" in run_as_text(apart, apart.simulate())


def test_costs_of_coalitions_follow_their_numbers_to_the_end():
    """Coalition 2 is dissolved or overtaken on the way; what its number costs stays with the number."""
    rng = np.random.default_rng(1)
    seen = 0
    for seed in range(60):
        n = 6
        cost = ej.switching_cost(
            0.02,
            ej.per_coalition(rng.normal(scale=0.2, size=4)),
            ej.per_pair(rng.normal(scale=0.2, size=(n, 5))),
            between=rng.normal(scale=0.2, size=(3, 5)),
        )
        model = ej.Model(rng.normal(size=n), "-u**2", switching_cost=cost)
        scenario = Scenario(model, run={"seed": seed, "structure": [[5, 0], [3, 1], [2], [4]], "max_steps": 60})
        run = scenario.simulate()
        final = final_state(scenario, run)
        assert final.is_joint_equilibrium == (run.outcome == "joint equilibrium")
        direct = ej.is_joint_equilibrium(model.replace(opinions=run.opinions), run.structure)
        seen += direct != final.is_joint_equilibrium
    assert seen > 0  # so that the numbers matter


def test_stubborn_agents_hold_on_to_the_opinions_of_the_start():
    lines = 'opinions = {distribution = "normal", agents = 5}\nperformance = "-u**2"\nstubbornness = 0.5'
    scenario = parse_scenario(file_of(lines, "seed = 0"))
    run = scenario.simulate()
    assert final_state(scenario, run).model.innate.tolist() == run.initial_opinions.tolist()
    given = Scenario(scenario.model.replace(innate_opinions=[1.0, 2, 3, 4, 5]), run=scenario.run)
    assert final_state(given, given.simulate()).model.innate.tolist() == [1, 2, 3, 4, 5]


def test_a_full_coalition_is_not_made_larger_to_show_a_run():
    """The table of its subsets has room for twelve members, and a run never looks at a thirteenth."""
    lines = 'opinions = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]\nperformance = "-u**2"\nstubbornness = 0.5\n'
    lines += f'influence = {{family = "network", matrix = {np.ones((13, 13)).tolist()}}}\n'
    lines += 'acceptance = {rule = "capacity", members = 12}\nswitching_cost = 100'
    scenario = parse_scenario(file_of(lines, f"seed = 0\nstructure = [{list(range(12))}, [12]]"))
    run = scenario.simulate()
    out = run_as_text(scenario, run)
    assert "critical cost: not computed, 13 agents make a coalition of more than 12" in out
    assert "regime: polarization" in out


@pytest.mark.parametrize("cost", ["-0.1", "0.01", "{base = 0.01, exit = {per_coalition = [0.1]}}"])
def test_many_agents_are_not_compared_one_by_one(cost):
    lines = f'opinions = {{distribution = "normal", agents = {MAX_COMPARED + 1}}}\nperformance = "-u**2"\n'
    steps = 3 if "base" in cost else 20_000
    scenario = parse_scenario(file_of(f"{lines}switching_cost = {cost}", f"seed = 0\nmax_steps = {steps}"))
    run = scenario.simulate()
    out = run_as_text(scenario, run)
    assert f"\ncritical cost: not computed, more than {MAX_COMPARED} agents\n" in out
    data = run_as_dict(scenario, run)
    assert data["critical_cost"] is None
    assert data["joint_equilibrium"] == (run.outcome == "joint equilibrium")
