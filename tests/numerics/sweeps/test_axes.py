"""The axes of a sweep: what a value of each name makes of a model, and what is refused."""

import json
from itertools import permutations

import numpy as np
import pytest

import exitjoin as ej
from numerics.scenario_model import model_as_data
from numerics.sweeps.sweep import plan_of

EXIT = ej.per_agent([1, 9, 3])
PAIR = ej.Model(opinions=[0.0, 2.0], performance="-u**2")
MIXED = ej.Model(
    opinions=[0.0, 1.0, 5.0],
    performance="-u**2",
    switching_cost=ej.switching_cost(0.1, exit=ej.per_agent([1, 2, 3])),
    acceptance=ej.unanimous(0.2),
    stubbornness=[0.5, 0, 0],
    innate_opinions=[0.0, 3.0, 3.0],
)
DRAWN = ej.Model(opinions=ej.normal(4, 1.0, 2.0), performance="-u**2")
PLANE = ej.Model(opinions=[[0.0, 1.0], [2.0, 3.0]], performance="-u1**2 - u2**2")

CASES = [
    (PAIR, "switching_cost", 0.3, {"switching_cost": 0.3}),
    (PAIR, "switching_cost.exit", 0.3, {"switching_cost": ej.switching_cost(exit=0.3)}),
    (PAIR, "switching_cost", {"base": 0.1, "bonus": 1}, {"switching_cost": ej.switching_cost(0.1, bonus=1)}),
    (PAIR, "switching_cost", ej.switching_cost(0.1, bonus=1), {"switching_cost": ej.switching_cost(0.1, bonus=1)}),
    (MIXED, "switching_cost", 0.3, {"switching_cost": ej.switching_cost(0.3, exit=ej.per_agent([1, 2, 3]))}),
    (MIXED, "switching_cost.exit.per_agent[1]", 9, {"switching_cost": ej.switching_cost(0.1, exit=EXIT)}),
    (MIXED, "switching_cost.exit", 9.0, {"switching_cost": ej.switching_cost(0.1, exit=9.0)}),
    (MIXED, "acceptance.threshold", 0.7, {"acceptance": ej.unanimous(0.7)}),
    (PAIR, "acceptance", "majority", {"acceptance": "majority"}),
    (PAIR, "acceptance", ej.capacity(2), {"acceptance": ej.capacity(2)}),
    (PAIR, "acceptance", {"rule": "bounded confidence", "radius": 0.5}, {"acceptance": ej.bounded_confidence(0.5)}),
    (PAIR, "influence.rate", 0.25, {"influence": ej.lazy(0.25)}),
    (PAIR, "influence", ej.weighted([1, 2]), {"influence": ej.weighted([1, 2])}),
    (PAIR, "opinions[1]", 0.5, {"opinions": [0.0, 0.5]}),
    (PAIR, "opinions", [1, 2, 3], {"opinions": [1, 2, 3]}),
    (PAIR, "opinions", ej.normal(3), {"opinions": ej.normal(3)}),
    (DRAWN, "opinions.sd", 0.5, {"opinions": ej.normal(4, 1.0, 0.5)}),
    (DRAWN, "opinions.agents", 7, {"opinions": ej.normal(7, 1.0, 2.0)}),
    (DRAWN, "theta", 0.25, {"opinions": ej.normal(4, 0.75, 2.0)}),
    (PLANE, "opinions[0][1]", 9.0, {"opinions": [[0.0, 9.0], [2.0, 3.0]]}),
    (PLANE, "theta[1]", 1.0, {"opinions": [[0.0, 0.0], [2.0, 2.0]]}),
    (PAIR, "theta", 0.5, {"opinions": [-0.5, 1.5]}),
    (MIXED, "theta", 0.5, {"opinions": [-0.5, 0.5, 4.5], "innate_opinions": [-0.5, 2.5, 2.5]}),
    (PAIR, "spread", 1.0, {"opinions": [0.5, 1.5]}),
    (MIXED, "spread", 2.5, {"opinions": [1.0, 1.5, 3.5], "innate_opinions": [1.0, 2.5, 2.5]}),
    (PAIR, "stubbornness", 0.5, {"stubbornness": 0.5}),
    (PAIR, "stubbornness[1]", 0.5, {"stubbornness": [0, 0.5]}),
    (MIXED, "innate_opinions", None, {"innate_opinions": None}),
    (PAIR, "discount", 0.9, {"discount": 0.9}),
    (PAIR, "discount", None, {}),
    (PAIR, "performance", "u**3 - u", {"performance": "u**3 - u"}),
    (PAIR, "performance", 3, {"performance": 3}),
    (PAIR, "scale", "s**2", {"scale": "s**2"}),
]  # fmt: skip


@pytest.mark.parametrize(("model", "name", "value", "changes"), CASES, ids=[f"{c[1]}={c[2]}" for c in CASES])
def test_a_value_makes_the_model_with_that_value(model, name, value, changes):
    made, _ = plan_of(model, {name: [value]}).at((0,))
    table = {"opinions": model.opinions, "performance": model.performance, "switching_cost": model.switching_cost,
             "acceptance": model.acceptance, "innate_opinions": model.innate_opinions}  # fmt: skip
    if model.is_stubborn:
        table["stubbornness"] = model.stubbornness
    assert model_as_data(made) == model_as_data(ej.Model(**table | changes))


LOOP: list = []
LOOP.append(LOOP)

RUNS = [
    ("tactical_steps", 3, "tactical_steps", 3),
    ("tactical_steps", np.inf, "tactical_steps", np.inf),
    ("max_steps", 7, "max_steps", 7),
    ("samples", 5, "samples", 5),
    ("schedule", "round robin", "schedule", "round robin"),
    ("schedule", ej.logit(0.5), "schedule", ej.logit(0.5)),
    ("schedule", {"rule": "logit", "temperature": 0.5}, "schedule", ej.logit(0.5)),
    ("schedule.temperature", 0.25, "schedule", ej.logit(0.25)),
    ("structure", [[0, 1]], "structure", [[0, 1]]),
]


@pytest.mark.parametrize(("name", "value", "key", "expected"), RUNS, ids=[f"{c[0]}={c[1]}" for c in RUNS])
def test_a_setting_of_the_runs(name, value, key, expected):
    plan = plan_of(PAIR, {name: [value]}, schedule=ej.logit(0.5))
    assert plan.at((0,))[1][key] == expected


def everywhere(model, over):
    """What the scenario of each cell says, by the values of its axes."""
    plan = plan_of(model, over)
    found = {}
    for place in np.ndindex(*plan.shape):
        made, run = plan.at(place)
        values = {name: json.dumps(value) for name, value in plan.values(place).items()}
        found[tuple(sorted(values.items()))] = json.dumps([model_as_data(made), str(run)])
    return found


TOGETHER = [
    (PAIR, {"acceptance": ["unanimous", "majority"], "acceptance.threshold": [0.0, 5.0]}),
    (PAIR, {"acceptance": [None, "majority"], "discount": [0.5, None]}),
    (PAIR, {"switching_cost": [{"exit": 1.0}, {"exit": 2.0}], "switching_cost.base": [0.1, 0.2]}),
    (PAIR, {"switching_cost": [0.1, 0.2], "switching_cost.exit": [1.0, 2.0]}),
    (PAIR, {"switching_cost": [None, 0.2], "switching_cost.exit": [1.0, 2.0]}),
    (MIXED, {"switching_cost": [0.1, 0.2], "switching_cost.exit.per_agent[1]": [9.0, 8.0]}),
    (PAIR, {"influence": [None, "uniform"], "influence.rate": [0.5]}),
    (PAIR, {"influence.rate": [0.5, 0.25], "influence": ["uniform"]}),
    (PAIR, {"opinions": [[0.0, 1.0], [1.0, 5.0, 2.0]], "opinions[1]": [3.0, 4.0]}),
    (PAIR, {"opinions": [[0.0, 1.0], [1.0, 5.0, 2.0]], "stubbornness[1]": [0.3, 0.4]}),
    (DRAWN, {"opinions.agents": [2, 5], "stubbornness[1]": [0.3, 0.4]}),
    (MIXED, {"opinions[1]": [0.5, 2.0], "spread": [1.0, 2.0], "theta": [0.0, 0.3]}),
    (MIXED, {"opinions": [[0.0, 1.0, 2.0], [0.0, 3.0, 1.0]], "spread": [1.0, 2.0]}),
    (PLANE, {"opinions[0]": [[0.0, 1.0], [5.0, 6.0]], "opinions[0][1]": [7.0, 8.0], "theta[1]": [1.0, 2.0]}),
    (DRAWN, {"opinions.mean": [0.0, 1.0], "theta": [0.5, 1.75]}),
    (PAIR, {"schedule": [{"rule": "logit", "temperature": 1.0}], "schedule.temperature": [0.5, 0.25]}),
]


@pytest.mark.parametrize(("model", "over"), TOGETHER, ids=[" and ".join(case[1]) for case in TOGETHER])
def test_axes_that_meet_are_all_there_whatever_their_order(model, over):
    expected = everywhere(model, over)
    for names in permutations(over):
        assert everywhere(model, {name: over[name] for name in names}) == expected
    if None not in [value for values in over.values() for value in values]:
        assert len(set(expected.values())) == len(expected) == np.prod([len(values) for values in over.values()])


def test_a_narrow_axis_before_a_broad_one_is_not_lost():
    plan = plan_of(PAIR, {"acceptance.threshold": [0.0, 5.0], "acceptance": ["unanimous", "majority"]})
    assert plan.at((1, 1))[0].acceptance == ej.majority(5.0)
    assert plan.at((0, 1))[0].acceptance == ej.majority(0.0)
    assert plan.at((1, 0))[0].acceptance == ej.unanimous(5.0)


def test_spread_and_theta_are_of_opinions_as_given_by_the_other_axes():
    made, _ = plan_of(PAIR, {"theta": [1.0], "spread": [8.0], "opinions[1]": [4.0]}).at((0, 0, 0))
    assert made.opinions.tolist() == [-3.0, 5.0]  # 0 and 4, stretched about 2, measured from 1


def test_axes_that_write_the_same_key_are_refused():
    for broad, narrow in (
        ({"switching_cost": [0.1, 0.2]}, {"switching_cost.base": [0.3]}),
        ({"switching_cost": [0.1]}, {"switching_cost.base": [0.3, 0.4]}),
        ({"acceptance": [ej.unanimous(0.1), ej.unanimous(0.2)]}, {"acceptance.threshold": [0.3]}),
        ({"opinions": [[0.0, 1.0], [0.0, 2.0]]}, {"opinions[1]": [3.0, 4.0]}),
        ({"opinions[1]": [1.0]}, {"opinions[01]": [3.0]}),
    ):
        for over in (broad | narrow, narrow | broad):
            with pytest.raises(ej.InputError, match=r'^over\["[^"]+"\]: .* takes the place of what over\["'):
                ej.sweep(PAIR, over, runs=1)


@pytest.mark.parametrize("large", [2**63 - 1, 2**63, 10**20])
def test_integers_of_any_size_are_coordinates(large, tmp_path):
    drawn = ej.Model(opinions=ej.normal(3), performance="-u**2")
    found = ej.sweep(drawn, {"switching_cost": [0, large]}, 1, max_steps=3, out=tmp_path)
    assert found.switching_cost.values.tolist() == [0, large]
    assert found.switching_cost.dtype == (np.int64 if large < 2**63 else np.float64)
    assert ej.load_sweep(tmp_path).identical(found)


def test_a_value_may_be_of_any_numeric_type():
    values = [np.float32(0.5), np.longdouble(0.25), np.int8(1), np.array(2.0), 3]
    assert plan_of(PAIR, {"switching_cost": values}).axes[0].values == (0.5, 0.25, 1, 2.0, 3)
    assert plan_of(PAIR, {"structure": [[{1}, {0}]]}).axes[0].values == ([[1], [0]],)


def test_values_are_numbers_or_text():
    plan = plan_of(
        PAIR, {"acceptance": ["open", ej.capacity(2)], "opinions[0]": np.linspace(0, 1, 3), "discount": [None, 0.5]}
    )
    rules, opinions, discount = plan.axes
    assert rules.coordinate.tolist() == ["open", '{"rule": "capacity", "members": 2}']
    assert opinions.coordinate.tolist() == [0.0, 0.5, 1.0]
    assert discount.coordinate.tolist() == ["null", "0.5"]
    assert (rules.units, opinions.units, discount.units) == ("1", "opinion", "1")


REFUSED = [
    ({}, "over: {}"),
    ([1, 2], "over: [1, 2]"),
    ({"colour": [1]}, "over: 'colour'"),
    ({1: [1]}, "over: 1"),
    ({"switching_cost[": [1]}, "over: 'switching_cost['"),
    ({"switching_cost": []}, 'over["switching_cost"]: []'),
    ({"switching_cost": 0.1}, 'over["switching_cost"]: 0.1'),
    ({"switching_cost": np.array(0.1)}, 'over["switching_cost"]: array(0.1)'),
    ({"switching_cost": [0.1, 10**400]}, 'over["switching_cost"][1]: 1000'),
    ({"switching_cost": [LOOP]}, 'over["switching_cost"][0]: ['),
    ({"opinions": [{"distribution": object()}]}, 'over["opinions"][0]: {'),
    ({"spread[0]": [1.0]}, "over: 'spread[0]'"),
    ({"spread.x": [1.0]}, "over: 'spread.x'"),
    ({"theta.x": [1.0]}, "over: 'theta.x'"),
    ({"theta[0][0]": [1.0]}, "over: 'theta[0][0]'"),
    ({"max_steps.x": [1]}, 'over["max_steps.x"][0]: 1'),
    ({"discount[0]": [0.5]}, 'over["discount[0]"][0]: 0.5'),
    ({"acceptance" + ".a" * 5000: [1]}, "over: 'acceptance.a"),
    ({"switching_cost": "abc"}, "over[\"switching_cost\"]: 'abc'"),
    ({"switching_cost": [0.1, "x"]}, "over[\"switching_cost\"][1]: 'x'"),
    ({"switching_cost": [0.1, np.nan]}, 'over["switching_cost"][1]: nan'),
    ({"switching_cost.colour": [1]}, 'over["switching_cost.colour"][0]: 1'),
    ({"influence.rate": [0.5, 0.7, 1.0, 1.5]}, 'over["influence.rate"][3]: 1.5'),
    ({"acceptance.threshold": [0.1]}, 'over["acceptance.threshold"][0]: 0.1'),
    ({"acceptance": ["open", "friends"]}, "over[\"acceptance\"][1]: 'friends'"),
    ({"acceptance": [object()]}, 'over["acceptance"][0]: <object'),
    ({"opinions[1].x": [object()]}, 'over["opinions[1].x"][0]: <object'),
    ({"opinions[2]": [0.1]}, 'over["opinions[2]"][0]: 0.1'),
    ({"opinions.sd": [0.1]}, 'over["opinions.sd"][0]: 0.1'),
    ({"spread": [1.0, -1.0]}, 'over["spread"][1]: -1.0'),
    ({"theta[0]": [1.0]}, 'over["theta[0]"][0]: 1.0'),
    ({"discount": [0.5, 1.0]}, 'over["discount"][1]: 1.0'),
    ({"tactical_steps": [1, 0]}, 'over["tactical_steps"][1]: 0'),
    ({"max_steps": [-1]}, 'over["max_steps"][0]: -1'),
    ({"schedule": ["random", "alphabetical"]}, "over[\"schedule\"][1]: 'alphabetical'"),
    ({"structure": [[[0, 1]], [[0]]]}, 'over["structure"][1]: [[0]]'),
    ({"switching_cost": [0.1], "influence.rate": [-1.0, 0.5]}, 'over["influence.rate"][0]: -1.0'),
]  # fmt: skip


@pytest.mark.parametrize(("over", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_no_model_has_is_refused_by_its_place(over, message):
    with pytest.raises(ej.InputError) as caught:
        ej.sweep(PAIR, over, runs=1)
    assert str(caught.value).startswith(message), caught.value


def test_opinions_that_cannot_be_stretched():
    for model in (DRAWN, PLANE, PAIR.replace(opinions=[1.0, 1.0])):
        with pytest.raises(ej.InputError, match=r'^over\["spread"\]\[0\]: 1.0 '):
            ej.sweep(model, {"spread": [1.0]}, runs=1)
