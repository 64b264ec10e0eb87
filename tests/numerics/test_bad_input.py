"""Bad input: every kind raises InputError, which names the field and shows the value."""

import datetime
import random
import re
import resource
import subprocess
import sys
from functools import partial
from math import inf, nan

import numpy as np
import pytest

import exitjoin as ej
from numerics.scenario import load_scenario, parse_scenario

from ..timing import quickest

GOOD = {"opinions": [0.1, -1.2, 0.7], "performance": "-u**2"}
HUGE_TEXT = "(" * 10_000_000
TOO_LARGE = 10**400  # no float
TOO_LONG = 1 << 20_000  # Python refuses to print it in decimal


def refused(call, field, shown):
    """Assert that `call` raises InputError about `field` and shows the value (None: nothing to show)."""
    with pytest.raises(ej.InputError) as caught:
        call()
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.startswith(field), message
    assert shown is None or str(shown) in message, message
    assert len(message) < 1000
    assert "\n" not in message


# The model


@pytest.mark.parametrize(
    ("opinions", "field", "shown"),
    [
        ([0.0, nan, 1.0], "opinions[1]", "nan"),
        ([inf, 1.0], "opinions[0]", "inf"),
        ([0.0, -inf], "opinions[1]", "-inf"),
        ([[0.1, 0.2], [0.3, 0.4]], "performance", "u1, u2"),
        ([[0.1, 0.2], [0.3]], "opinions[1]", "[0.3]"),
        (np.zeros((2, 2, 2)), "opinions", "(2, 2, 2)"),
        ([], "opinions", "[]"),
        ((), "opinions", "()"),
        (3.0, "opinions", "3.0"),
        (None, "opinions", "None"),
        ("text", "opinions", "'text'"),
        ("0.5", "opinions", "'0.5'"),
        (["a", "b"], "opinions", "['a', 'b']"),
        (["0.1", "0.2"], "opinions", "0.1"),
        ([True, False], "opinions", "True"),
        ([0.1, None], "opinions", None),
        ([0.1, 1 + 2j], "opinions", "2j"),
        (np.array([0.1, 1 + 2j]), "opinions", "2.j"),
        ([datetime.date(2026, 1, 1)], "opinions", "2026"),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), "opinions", "2026"),
        ({"a": 1}, "opinions", "{'a': 1}"),
        ({1.0, 2.0}, "opinions", "{"),
        (object(), "opinions", "object"),
        ([TOO_LARGE], "opinions", None),
        ([TOO_LONG], "opinions", None),
        (HUGE_TEXT, "opinions", "((("),
    ],
)
def test_opinions(opinions, field, shown):
    refused(lambda: ej.Model(opinions, "-u**2"), field, shown)


@pytest.mark.parametrize(
    "performance",
    [
        "x**2",
        "-u**2 + y",
        "u.real",
        "u[0]",
        "lambda: 0",
        "u if u else 1",
        "u < 1",
        "[u]",
        "'u'",
        "u; u",
        "u = 1",
        "",
        "   ",
        "u +",
        "u u",
        "2u",
        "u^2",
        "u // 2",
        "u % 2",
        "~u",
        "not u",
        "True",
        "None",
        "1j",
        "u + 1j",
        "nan",
        "inf",
        "sin",
        "sin()",
        "sin(u, u)",
        "sin(x=u)",
        "sin(*u)",
        "gamma(u)",
        "s",
        "theta*u",
        "__import__('os').system('x')",
        "exp.__class__",
        "(lambda: u)()",
        "9**9**9**9",
        "9**9**9",
        "2**u",
        "u**u",
        "u**10000000",
        "u**33",
        "(u**9)**9",
        "1e999*u",
        "1e-999*u",
        "10**400",
        "1" * 500,
        "9" * 5000,
        "1/0",
        "u/0",
        "0**-1",
        "sqrt(-1)",
        "log(0)",
        "log(-1)*u",
        "-" * 5000 + "u",
        "(" * 900 + "u" + ")" * 900,
        "+".join(["u"] * 400),
        "u\x00",
        "u\ud800",
        "ｕ²",
        "u**(1/0)",
        "exp(exp(exp(exp(9))))",
        "exp(1000)",
        "1e300*1e300",
        None,
        True,
        [1, 2],
        {"u": 1},
        b"u",
        nan,
        inf,
        -inf,
        1j,
        TOO_LARGE,
        TOO_LONG,
        datetime.date(2026, 1, 1),
        HUGE_TEXT,
    ],
    ids=lambda text: repr(text)[:30] if not isinstance(text, int) else f"an integer of {text.bit_length()} bits",
)
def test_performance(performance):
    shown = None
    if isinstance(performance, str) and performance.isascii() and performance.isprintable():
        shown = performance if len(performance) < 60 else performance[:20]
    named = shown if shown and "'" not in shown and shown.strip() else None
    assert quickest(lambda: refused(lambda: ej.Model([0.1, 0.7], performance), "performance", named)) < 0.5
    if isinstance(performance, (int, float, complex)) and not isinstance(performance, bool):
        return
    refused(lambda: ej.Model([0.1, 0.7], "u", scale=performance if performance != "s" else "u"), "scale", None)


def test_the_refusal_of_ten_million_characters_is_immediate():
    ej.Model(**GOOD)
    for field, call in {
        "performance": lambda: ej.Model([0.1, 0.7], HUGE_TEXT),
        "scale": lambda: ej.Model([0.1, 0.7], "u", scale=HUGE_TEXT),
        "influence": lambda: ej.Model([0.1, 0.7], "u", influence=HUGE_TEXT),
        "acceptance": lambda: ej.Model([0.1, 0.7], "u", acceptance=HUGE_TEXT),
        "switching_cost": lambda: ej.Model([0.1, 0.7], "u", switching_cost=HUGE_TEXT),
        "structure": lambda: ej.simulate(ej.Model(**GOOD), structure=HUGE_TEXT),
        "schedule": lambda: ej.simulate(ej.Model(**GOOD), schedule=HUGE_TEXT),
        "seed": lambda: ej.simulate(ej.Model(**GOOD), seed=HUGE_TEXT),
    }.items():
        assert quickest(partial(refused, call, field, "(((")) < 0.1, field


@pytest.mark.parametrize(
    ("opinions", "performance", "shown"),
    [
        ([-1.0, 1.0], "log(u)", "log(u)"),
        ([-1.0, -0.5], "log(u)", "log(u)"),
        ([-1.0, 1.0], "1/u", "1/u"),
        ([-1.0, 1.0], "sqrt(u)", "sqrt(u)"),
        ([0.0, 1.0], "u**-2", "u**(-2)"),
        ([0.0, 1e200], "-u**2", "u**2"),
        ([1e200, 1e200], "-u**2", "u**2"),
        ([0.0, 1e5], "exp(u)", "exp(u)"),
        ([0.0, 1e200], "u**3 - u**2", "u**3"),
    ],
)
def test_a_performance_that_is_not_finite_on_the_opinions(opinions, performance, shown):
    refused(lambda: ej.Model(opinions, performance), "performance", shown)


def test_a_pole_that_only_a_coalition_meets():
    """The consensus of -1 and 1 is 0, no opinion is."""
    for performance in ("1/u", "u**-2", "u**-1.5", "1/u**3", "log(abs(u))", "abs(u)**-1"):
        call = ej.gains, ej.moves, ej.critical_cost, ej.aumann_dreze_value, ej.coalition_values, ej.simulate
        for function in call:
            arguments = (0, [[0, 1], [2]]) if function is ej.simulate else ([[0, 1], [2]],)
            refused(
                lambda f=function, p=performance, a=arguments: f(ej.Model([-1.0, 1.0, 3.1], p, 0.01), *a),
                "performance",
                None,
            )


@pytest.mark.parametrize("performance", ["log(u)", "1/u", "sqrt(u - 0.37)", "1/(u - 0.2718281828)"])
def test_a_performance_that_turns_out_not_finite_during_a_run(performance):
    """It must be refused, now or later, or every number that comes out must be finite."""
    for opinions in ([-1.0, 0.9, 0.3], [0.2, -0.2, 0.5, 1.0], [0.0, 0.54, 0.1]):
        try:
            model = ej.Model(opinions, performance, -0.1)
            run = ej.simulate(model, 0, max_steps=30)
            many = ej.ensemble(model, 20, 0, max_steps=30)
        except ej.InputError as error:
            refusal = str(error)
        else:
            refusal = None
        if refusal is not None:
            assert refusal.startswith("performance")
            continue
        assert np.isfinite(run.trajectory.surplus).all()
        assert np.isfinite(run.trajectory.gain[:-1]).all()
        assert np.isfinite(many.surplus).all()


def test_drawn_opinions_that_leave_the_domain():
    """Opinions from normal(n) are known only when they are drawn."""
    model = ej.Model(ej.normal(5, mean=3.0, sd=1.0), "log(u)", 0.01)
    refused(lambda: ej.ensemble(model, 2000, seed=0), "performance", "log(u)")
    refused(lambda: [ej.simulate(model, seed) for seed in range(2000)], "performance", "log(u)")


@pytest.mark.parametrize("size", [1e100, 1e150, 1e153, 9e153, 1.3e154])
@pytest.mark.parametrize("performance", ["-u**2", "u", "tanh(u)", "1"])
@pytest.mark.parametrize("sizes", [(1.0, -1.0, 1.0, 0.5), (1.0, 1.0, 1.0, 1.0)])
def test_huge_opinions(size, performance, sizes):
    """An error, or finite numbers; nothing in between."""
    finite_or_refused([size * x for x in sizes], performance)


@pytest.mark.parametrize("performance", ["u", "tanh(u)", "1", "exp(-u**2)"])
@pytest.mark.parametrize("opinions", [[1.7e308, -1.7e308, 1e308], [1.7e308] * 3, [1e200, 0.0, 1.0], [1e-320, 0.0, 1.0]])
def test_opinions_at_the_ends_of_the_range_of_a_double(opinions, performance):
    finite_or_refused(opinions, performance)


def finite_or_refused(opinions, performance):
    for cost in (0.0, -0.1):
        try:
            model = ej.Model(opinions, performance, cost)
            run = ej.simulate(model, 0, max_steps=20)
            payoffs = ej.aumann_dreze_value(model, [list(range(len(opinions)))])
            gains = ej.gains(model, [[0], list(range(1, len(opinions)))])
        except ej.InputError:
            continue
        assert np.isfinite(payoffs).all()
        assert np.isfinite(gains[~np.isnan(gains)]).all()
        assert np.isnan(gains).sum() == len(opinions) + 1
        for field in ("spread", "surplus"):
            assert np.isfinite(getattr(run.trajectory, field)).all(), field
        assert not np.isnan(run.trajectory.disagreement).any()  # inf where squares overflow
        assert np.isfinite(run.opinions).all()
        assert np.isfinite(ej.tie_tolerance(model))


@pytest.mark.parametrize(
    "value",
    [nan, inf, -inf, "0.05", None, True, [0.1], 1j, np.array([1.0]), TOO_LARGE, TOO_LONG],
    ids=range(11),
)
def test_numbers(value):
    shown = None if isinstance(value, int) and value > 1 else repr(value)
    refused(lambda: ej.Model(**GOOD, switching_cost=value), "switching_cost", shown)
    refused(lambda: ej.unanimous(value), "acceptance.threshold", shown)
    refused(lambda: ej.lazy(value), "influence.rate", shown)
    refused(lambda: ej.normal(3, mean=value), "opinions.mean", shown)
    refused(lambda: ej.normal(3, sd=value), "opinions.sd", shown)
    refused(lambda: ej.normal(value), "opinions.agents", shown)


def test_ranges():
    for rate in (0, 2, -0.5, 1.0001, 0.0):
        refused(lambda rate=rate: ej.lazy(rate), "influence.rate", rate)
    for sd in (0, -1.0):
        refused(lambda sd=sd: ej.normal(3, sd=sd), "opinions.sd", sd)
    for agents in (0, -3, 2.0, 2.5, "3"):
        refused(lambda agents=agents: ej.normal(agents), "opinions.agents", repr(agents))


@pytest.mark.parametrize(
    ("weights", "field", "shown"),
    [
        ([1, 2], "influence.weights", "[1.0, 2.0]"),
        ([1, 2, 3, 4], "influence.weights", "4 weights for 3 agents"),
        ([1, 0, 1], "influence.weights[1]", "0.0"),
        ([1, 1, -2], "influence.weights[2]", "-2.0"),
        ([nan, 1, 1], "influence.weights[0]", "nan"),
        ([inf, 1, 1], "influence.weights[0]", "inf"),
        ([], "influence.weights", None),
        ([[1, 1, 1]], "influence.weights", "[[1"),
        ([[1, 1], [1]], "influence.weights", "[[1"),
        ("abc", "influence.weights", "abc"),
        (["1", "2", "3"], "influence.weights", "1"),
        (3, "influence.weights", "3"),
        (None, "influence.weights", None),
        ([1, None, 1], "influence.weights", None),
        ([1, 1j, 1], "influence.weights", "1j"),
        ([1, TOO_LARGE, 1], "influence.weights", None),
        ([1, TOO_LONG, 1], "influence.weights", None),
        ({"a": 1}, "influence.weights", "{'a': 1}"),
    ],
)
def test_weights(weights, field, shown):
    refused(lambda: ej.Model(**GOOD, influence=ej.weighted(weights)), field, shown)


@pytest.mark.parametrize("size", [1e308, 1e300, 1e-300, 1e-320])
def test_weights_at_the_ends_of_the_range_of_a_double(size):
    """Refused, or as good as any: only the ratios of weights matter here."""
    try:
        model = ej.Model([0.0, 1.0], "-u**2", 0.0, "s", ej.weighted([size, size]))
    except ej.InputError:
        return
    assert ej.tactical_limit(model, [[0, 1]]).tolist() == [0.5, 0.5]
    assert ej.gains(model, [[0, 1]])[:, 1].tolist() == [-0.25, -0.25]
    assert ej.simulate(model, 0).opinions.tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    "value", ["Uniform", "lazy", "weighted", "", None, 3, ["uniform"], {"family": "lazy"}, ej.lazy]
)
def test_influence_and_acceptance(value):
    refused(lambda: ej.Model(**GOOD, influence=value), "influence", repr(value)[:20])
    refused(lambda: ej.Model(**GOOD, acceptance=value), "acceptance", repr(value)[:20])


@pytest.mark.parametrize("scale", ["log(s - 1)", "1/(s - 2)", "1/(s - 3)", "sqrt(2 - s)"])
def test_a_scale_that_is_not_finite(scale):
    refused(lambda: ej.Model(**GOOD, scale=scale), "scale", scale.partition("(")[0])


def test_a_scale_that_is_not_finite_for_some_weights_only():
    """a = 3 for {0, 1} alone, neither the least nor the greatest weight of two."""
    influence = ej.weighted([1, 2, 4, 0.25])
    model = ej.Model([0.1, 0.2, 0.3, 0.4], "-u**2", 0.1, "1/(a - 3)", influence)
    refused(lambda: ej.gains(model, [[0, 1], [2], [3]]), "scale", "1/(a - 3)")


def test_a_model_does_not_change():
    opinions = np.array([1.0, 2.0])
    model = ej.Model(opinions, "-u**2")
    opinions[0] = 9.0
    assert model.opinions.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        model.opinions[0] = 3.0
    with pytest.raises(AttributeError):
        model.switching_cost = 3.0


# Structures

STRUCTURES = [
    ([[0, 1]], "structure", "2"),
    ([[0], [2]], "structure", "1"),
    ([[0, 1, 2], [2]], "structure[1]", "2"),
    ([[0, 0], [1, 2]], "structure[0]", "0"),
    ([[0, 1, 3], [2]], "structure[0]", "3"),
    ([[0, 1], [-1]], "structure[1]", "-1"),
    ([[0, 1], [2.0]], "structure[1]", "2.0"),
    ([[0, True], [2]], "structure[0]", "True"),
    ([[0, 1], [2], []], "structure[2]", "[]"),
    ([[0, 1], ["2"]], "structure[1]", "'2'"),
    ([[0, 1], "2"], "structure[1]", "'2'"),
    ([[0, 1], [[2]]], "structure[1]", "[2]"),
    ([[0, 1], 2], "structure[1]", "2"),
    ([[0, 1], None], "structure[1]", "None"),
    ([[0, 1], [TOO_LARGE]], "structure[1]", "1000"),
    ([[0, 1], [TOO_LONG]], "structure[1]", None),
    ([0, 0], "structure", "2 labels for 3 agents"),
    ([0, 0, 0, 1], "structure", "4 labels for 3 agents"),
    ([0.0, 0.0, 1.0], "structure", "0.0"),
    ([True, False, True], "structure", "True"),
    (["a", "a", "b"], "structure", "'a'"),
    ([0, 0, None], "structure", None),
    ([], "structure", "[]"),
    (3, "structure", "3"),
    ("abc", "structure", "'abc'"),
    ("001", "structure", "'001'"),
    ({0: [0, 1], 1: [2]}, "structure", "{0:"),
    ({(0, 1), (2,)}, "structure", "{"),
    (np.array([0.0, 0.0, 1.0]), "structure", "0."),
    (np.array([True, False, True]), "structure", "True"),
    (np.array(3), "structure", "3"),
    (np.zeros((3, 1, 1), dtype=int), "structure", None),
    (iter([[0, 1], [2]]), "structure", "iterator"),
]


@pytest.mark.parametrize(("structure", "field", "shown"), STRUCTURES, ids=range(len(STRUCTURES)))
def test_structure(structure, field, shown):
    model = ej.Model(**GOOD)
    calls = [
        lambda: ej.gains(model, structure),
        lambda: ej.moves(model, structure),
        lambda: ej.critical_cost(model, structure),
        lambda: ej.is_joint_equilibrium(model, structure),
        lambda: ej.regime(model, structure),
        lambda: ej.aumann_dreze_value(model, structure),
        lambda: ej.coalition_values(model, structure),
        lambda: ej.tactical_limit(model, structure),
        lambda: ej.influence_matrix(model, structure),
        lambda: ej.simulate(model, 0, structure),
        lambda: ej.ensemble(model, 3, 0, structure),
    ]
    for call in calls:
        refused(call, field.partition("[")[0], shown)


def test_labels_of_any_integers_are_fine():
    model = ej.Model(**GOOD)
    for labels in ([5, 5, -7], [2**62, 0, 2**62], [10**30, 10**30, 1], np.array([3, 3, 1], dtype=np.uint8), range(3)):
        assert ej.gains(model, labels).shape[0] == 3


def test_functions_of_a_moment_need_opinions():
    model = ej.Model(ej.normal(3), "-u**2")
    for function in (ej.gains, ej.moves, ej.critical_cost, ej.is_joint_equilibrium, ej.regime, ej.aumann_dreze_value):
        refused(lambda function=function: function(model, [[0, 1], [2]]), "opinions", "Normal")
    refused(lambda: ej.tie_tolerance(model), "opinions", "Normal")
    refused(lambda: ej.tactical_limit(model, [[0, 1], [2]]), "opinions", "Normal")


# Arguments of simulate and ensemble

ARGUMENTS = [
    ("schedule", ["randomly", "", "best", None, 3, True, ["random"], {"a": 1}]),
    ("tactical_steps", [0, 1.5, -1, nan, -inf, "inf", "3", None, True, [1], 1j]),
    ("max_steps", [-1, True, False, 1.5, 1e9, inf, nan, "10", None, [10], 1j, -(10**30)]),
    ("seed", [-1, "x", 1.5, nan, True, [1, "a"], {"a": 1}, 1j, b"x", -(10**30)]),
]


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in ARGUMENTS for value in values])
def test_arguments_of_runs(field, value):
    model = ej.Model(**GOOD)
    refused(lambda: ej.simulate(model, **{field: value}), field, repr(value))
    refused(lambda: ej.ensemble(model, 3, **{field: value}), field, repr(value))


@pytest.mark.parametrize("value", [0, -1, 1.5, 100.0, "3", None, True, nan, inf, [1], -(10**30)])
def test_runs_and_threads(value):
    model = ej.Model(**GOOD)
    refused(lambda: ej.ensemble(model, value), "runs", repr(value))
    if value is not None:
        refused(lambda: ej.ensemble(model, 3, threads=value), "threads", repr(value))


@pytest.mark.parametrize("field", ["seed", "max_steps", "tactical_steps"])
@pytest.mark.parametrize("value", [TOO_LONG, -TOO_LONG, 10**30, 2**63, 2**64 - 1], ids=range(5))
def test_integers_of_any_size_are_taken_or_refused(field, value):
    model = ej.Model(**GOOD, switching_cost=10.0)
    try:
        run = ej.simulate(model, **{field: value})
        many = ej.ensemble(model, 2, **{field: value})
    except ej.InputError as error:
        refusal = str(error)
    else:
        refusal = field
        assert (run.steps, many.steps.tolist()) == (0, [0, 0])
    assert refusal.startswith(field)


def test_numbers_of_numpy_are_taken():
    model = ej.Model(np.float32([0.5, 0.25]), "-u**2", np.float64(0.05))
    many = ej.ensemble(model, np.int64(3), np.int64(1), None, "random", np.float64(2), np.int32(10), threads=np.int8(1))
    assert np.array_equal(many.spread, ej.ensemble(model, 3, 1, None, "random", 2, 10).spread)


@pytest.mark.parametrize("model", [None, "model", GOOD, ej.Model])
def test_something_else_instead_of_a_model(model):
    for call in (lambda: ej.simulate(model, 0), lambda: ej.ensemble(model, 3), lambda: ej.gains(model, [[0]])):
        with pytest.raises((ej.InputError, TypeError, AttributeError)):
            call()


def test_too_many_agents():
    model = ej.Model(np.linspace(0, 1, 21), "sin(u)", influence=ej.lazy(0.5))
    refused(lambda: ej.simulate(model, tactical_steps=1, structure=[0] * 21), "", "20")
    lazy = ej.Model(np.linspace(0, 1, 25), "sin(u)", -1.0, influence=ej.lazy(0.5))
    refused(lambda: ej.simulate(lazy, 0, tactical_steps=1), "", "20")
    refused(lambda: ej.simulate(ej.Model(ej.normal(9000), "sin(u)"), 0), "structure", "8192")


def limited(code):
    """Run code in a process of its own with 3 GB of memory and 60 s."""
    script = (
        f"import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30)); import exitjoin as ej\n{code}"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)


def test_a_huge_step_limit_allocates_nothing():
    """A single run refuses what it cannot record, an ensemble takes any limit."""
    done = limited(
        "model = ej.Model([0.1, -1.2, 0.7], '-u**2', 0.05)\n"
        "print(*ej.ensemble(model, 2, 0, max_steps=10**12, threads=2).outcome, sep=', ')\n"
        "try:\n    ej.simulate(model, 0, max_steps=10**12)\n"
        "except ej.InputError as error:\n    print(error)"
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("joint equilibrium, joint equilibrium\nmax_steps: 1000000000000 "), done.stdout


def test_a_huge_number_of_runs_is_refused():
    done = limited(
        "model = ej.Model([0.1, -1.2, 0.7], '-u**2', 0.05)\n"
        "for runs in (10**13, 10**30):\n"
        "    try:\n        ej.ensemble(model, runs, 0, threads=2)\n"
        "    except ej.InputError as error:\n        print(str(error).split(':')[0])"
    )
    assert done.stdout.split() == ["runs", "runs"], done.stderr[-500:]


def test_a_huge_number_of_agents_is_refused():
    """More agents than a simulation takes (4096) must not cost memory either."""
    done = limited(
        "try:\n    ej.simulate(ej.Model(ej.normal(10**13), '-u**2'), 0)\n"
        "except ej.InputError as error:\n    print(str(error).split(':')[0])"
    )
    assert done.stdout.startswith("opinions"), done.stderr[-500:]


# Scenarios

SCENARIO = """
title = "Three agents"

[model]
opinions = [0.1, -1.2, 0.7]
performance = "3 - (u - 1/3)**2"
switching_cost = 0.05
scale = "s"
influence = {family = "lazy", rate = 0.5}
acceptance = {rule = "unanimous", threshold = 0.01}

[run]
seed = 0
structure = [[0, 1], [2]]
schedule = "random"
tactical_steps = inf
max_steps = 10000

[experiment]
switching_costs = [-0.05, 0.0, 0.05]
runs = 1000
"""


def changed(key, value, text=SCENARIO):
    """The scenario with the line `key = ...` replaced."""
    return re.sub(rf"(?m)^{key} = .*$", lambda _: f"{key} = {value}", text)


def test_the_valid_scenario():
    scenario = parse_scenario(SCENARIO)
    assert scenario.title == "Three agents"
    assert scenario.model.switching_cost == 0.05
    assert scenario.model.influence == ej.lazy(0.5)
    assert scenario.model.acceptance == ej.unanimous(0.01)
    assert (scenario.switching_costs, scenario.runs) == ((-0.05, 0.0, 0.05), 1000)
    assert scenario.run["tactical_steps"] == inf
    run = scenario.simulate()
    assert run.outcome == "joint equilibrium"
    direct = ej.simulate(scenario.model, 0, [[0, 1], [2]])
    assert np.array_equal(run.opinions, direct.opinions)


def test_the_least_scenario():
    scenario = parse_scenario('[model]\nopinions = [1, 2]\nperformance = "-u**2"')
    assert scenario.model.switching_cost == 0.0
    assert scenario.switching_costs == (0.0,)
    drawn = parse_scenario('[model]\nopinions = {distribution = "normal", agents = 4}\nperformance = "-u**2"')
    assert drawn.model.opinions == ej.normal(4)


@pytest.mark.parametrize(
    ("key", "value", "field", "shown"),
    [
        ("title", "3", "title", "3"),
        ("opinions", '"text"', "model.opinions", "'text'"),
        ("opinions", '"0.5"', "model.opinions", "'0.5'"),
        ("opinions", "3", "model.opinions", "3"),
        ("opinions", "[]", "model.opinions", "[]"),
        ("opinions", '["a"]', "model.opinions", "['a']"),
        ("opinions", '["0.1", "0.2", "0.3"]', "model.opinions", "0.1"),
        ("opinions", "[true, false, true]", "model.opinions", "True"),
        ("opinions", "[0.1, nan, 0.3]", "model.opinions[1]", "nan"),
        ("opinions", "[[0.1], [0.2, 0.3], [0.3]]", "model.opinions[1]", "[0.2, 0.3]"),
        ("opinions", "[1979-05-27]", "model.opinions", "1979"),
        ("opinions", "{}", "model.opinions.distribution", None),
        ("opinions", '{distribution = "uniform", agents = 3}', "model.opinions.distribution", "'uniform'"),
        ("opinions", '{distribution = "normal"}', "model.opinions.agents", None),
        ("opinions", '{distribution = "normal", agents = 3.5}', "model.opinions.agents", "3.5"),
        ("opinions", '{distribution = "normal", agents = 3, sd = -1}', "model.opinions.sd", "-1"),
        ("opinions", '{distribution = "normal", agents = 3, sd = "a"}', "model.opinions.sd", "'a'"),
        ("opinions", '{distribution = "normal", agents = 3, range = 1}', "model.opinions.range", "1"),
        ("opinions", '{distribution = ["normal"], agents = 3}', "model.opinions.distribution", "['normal']"),
        ("performance", "[]", "model.performance", "[]"),
        ("performance", "true", "model.performance", "True"),
        ("performance", "nan", "model.performance", "nan"),
        ("performance", '"x"', "model.performance", "'x'"),
        ("switching_cost", '"a"', "model.switching_cost", "'a'"),
        ("switching_cost", "nan", "model.switching_cost", "nan"),
        ("switching_cost", "[0.1]", "model.switching_cost", "[0.1]"),
        ("scale", '"u"', "model.scale", "'u'"),
        ("scale", "{}", "model.scale", "{}"),
        ("influence", '"lazy"', "model.influence.rate", None),
        ("influence", "3", "model.influence", "3"),
        ("influence", "{}", "model.influence.family", None),
        ("influence", '{family = "other"}', "model.influence.family", "'other'"),
        ("influence", '{family = ["lazy"], rate = 1}', "model.influence.family", "['lazy']"),
        ("influence", '{family = "lazy"}', "model.influence.rate", None),
        ("influence", '{family = "lazy", rate = 2}', "model.influence.rate", "2"),
        ("influence", '{family = "lazy", rate = "a"}', "model.influence.rate", "'a'"),
        ("influence", '{family = "uniform", rate = 0.5}', "model.influence.rate", "0.5"),
        ("influence", '{family = "weighted", weights = [1, 2]}', "model.influence.weights", "2 weights"),
        ("influence", '{family = "weighted", weights = "abc"}', "model.influence.weights", "abc"),
        ("influence", '{family = "weighted", weights = [[1], [1, 2], 3]}', "model.influence.weights", "[[1]"),
        ("acceptance", '"minority"', "model.acceptance", "'minority'"),
        ("acceptance", '{rule = "minority"}', "model.acceptance.rule", "'minority'"),
        ("acceptance", '{rule = "open", threshold = 0.1}', "model.acceptance.threshold", "0.1"),
        ("acceptance", '{rule = "unanimous", threshold = "a"}', "model.acceptance.threshold", "'a'"),
        ("acceptance", '{rule = "unanimous", alpha = 0.1}', "model.acceptance.alpha", "0.1"),
        ("acceptance", "[1]", "model.acceptance", "[1]"),
        ("seed", '"a"', "run.seed", "'a'"),
        ("seed", "-1", "run.seed", "-1"),
        ("seed", "1.5", "run.seed", "1.5"),
        ("seed", "true", "run.seed", "True"),
        ("seed", "1979-05-27", "run.seed", "1979"),
        ("structure", "3", "run.structure", "3"),
        ("structure", '"abc"', "run.structure", "'abc'"),
        ("structure", "[[0, 1]]", "run.structure", "2"),
        ("structure", "[[0, 1], [2.0]]", "run.structure[1]", "2.0"),
        ("structure", "[0, 0]", "run.structure", "2 labels"),
        ("structure", "{a = [0, 1, 2]}", "run.structure", "{'a'"),
        ("schedule", '"fast"', "run.schedule", "'fast'"),
        ("schedule", "3", "run.schedule", "3"),
        ("schedule", "[]", "run.schedule", "[]"),
        ("tactical_steps", "0", "run.tactical_steps", "0"),
        ("tactical_steps", "1.5", "run.tactical_steps", "1.5"),
        ("tactical_steps", "nan", "run.tactical_steps", "nan"),
        ("tactical_steps", '"inf"', "run.tactical_steps", "'inf'"),
        ("max_steps", "-1", "run.max_steps", "-1"),
        ("max_steps", "1e9", "run.max_steps", "1000000000.0"),
        ("max_steps", "inf", "run.max_steps", "inf"),
        ("max_steps", "true", "run.max_steps", "True"),
        ("max_steps", '"10"', "run.max_steps", "'10'"),
        ("switching_costs", "0.1", "experiment.switching_costs", "0.1"),
        ("switching_costs", "[]", "experiment.switching_costs", "[]"),
        ("switching_costs", '[0.1, "a"]', "experiment.switching_costs[1]", "'a'"),
        ("switching_costs", "[nan]", "experiment.switching_costs[0]", "nan"),
        ("switching_costs", "[true]", "experiment.switching_costs[0]", "True"),
        ("runs", "0", "experiment.runs", "0"),
        ("runs", "1e3", "experiment.runs", "1000.0"),
        ("runs", '"a"', "experiment.runs", "'a'"),
        ("runs", "true", "experiment.runs", "True"),
    ],
)
def test_values_in_a_scenario(key, value, field, shown):
    refused(lambda: parse_scenario(changed(key, value)), field, shown)


@pytest.mark.parametrize(
    ("text", "field", "shown"),
    [
        ("", "model", None),
        ("title = 'x'", "model", None),
        ("model = []", "model", "[]"),
        ("model = 3", "model", "3"),
        ("[[model]]\nopinions = [1, 2]\nperformance = 'u'", "model", "[{"),
        ("[model]\nopinions = [1, 2]", "model.performance", None),
        ("[model]\nperformance = 'u'", "model.opinions", None),
        (SCENARIO + "\n[other]\nx = 1", "other", "{'x': 1}"),
        ("colour = 'red'\n" + SCENARIO, "colour", "'red'"),
        (SCENARIO.replace("[model]", "[model]\nn_agents = 3"), "model.n_agents", "3"),
        (SCENARIO.replace("[run]", "[run]\nsteps = 3"), "run.steps", "3"),
        (SCENARIO.replace("[experiment]", "[experiment]\nseeds = 3"), "experiment.seeds", "3"),
        ("run = 3\n" + SCENARIO[: SCENARIO.index("[run]")], "run", "3"),
        ("experiment = [1]\n" + SCENARIO[: SCENARIO.index("[run]")], "experiment", "[1]"),
        ("[model", "scenario", None),
        ("model = ", "scenario", None),
        ("a = 1\na = 2", "scenario", None),
        ("\x00", "scenario", None),
        ("a = 1979-99-99", "scenario", None),
        ("a = " + "9" * 5000, "scenario", None),
        ("a = " + "[" * 100_000, "scenario", None),
        ("a = " + "{a=" * 100_000, "scenario", None),
        (changed("switching_cost", "1" + "0" * 400), "model.switching_cost", None),
        (changed("switching_cost", "0x1" + "0" * 5000), "model.switching_cost", None),
        (changed("seed", "-1" + "0" * 4000), "run.seed", None),
        (changed("max_steps", "0x1" + "0" * 5000), "run.max_steps", None),
        (changed("structure", "[0, 0, 0x1" + "0" * 5000 + ", 1]"), "run.structure", None),
        (changed("runs", "1" + "0" * 30), "experiment.runs", None),
        (changed("switching_costs", "[1" + "0" * 400 + "]"), "experiment.switching_costs", None),
        (changed("title", "0x1" + "0" * 5000), "title", None),
        (".".join("a" * 1000) + " = 1", "scenario", "parts"),
        (changed("opinions", '{distribution = "normal", agents = ' + "1" + "0" * 13 + "}"), "model.opinions", None),
    ],
    ids=range(32),
)
def test_scenarios(text, field, shown):
    assert quickest(lambda: refused(lambda: parse_scenario(text), field or "", shown)) < 1.0


def test_files(tmp_path):
    good = tmp_path / "good.toml"
    good.write_text(SCENARIO, encoding="utf-8")
    assert load_scenario(good).title == load_scenario(str(good)).title == "Three agents"
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'title = "caf\xe9"')
    refused(lambda: load_scenario(latin), "scenario", "latin.toml")
    refused(lambda: load_scenario(tmp_path / "missing.toml"), "scenario", "missing.toml")
    refused(lambda: load_scenario(tmp_path), "scenario", "directory")
    refused(lambda: load_scenario(good / "below"), "scenario", "below")
    refused(lambda: load_scenario("a\x00b"), "scenario", "a\\x00b")
    refused(lambda: load_scenario("a" * 5000), "scenario", "aaa")
    bad = tmp_path / "bad.toml"
    bad.write_text("[model", encoding="utf-8")
    refused(lambda: load_scenario(bad), "scenario", "bad.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(bytes(range(128)))
    refused(lambda: load_scenario(binary), "scenario", "binary.toml")
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 10_000_001)
    refused(lambda: load_scenario(large), "scenario", "large.toml")
    marked = tmp_path / "marked.toml"
    marked.write_text(SCENARIO.replace("\n", "\r\n"), encoding="utf-8", newline="")
    assert load_scenario(marked).title == "Three agents"


# Fuzz

VALUES = [
    *(
        "0",
        "1",
        "-1",
        "3",
        "2.0",
        "1.5",
        "inf",
        "-inf",
        "nan",
        "1e308",
        "-1e308",
        "1e-320",
        "1e400",
        "9" * 30,
        "9" * 400,
    ),
    *("0x" + "f" * 5000, "9" * 5000, "0o7", "0b1", "-9223372036854775809", "18446744073709551616"),
    *("true", "false", '""', '"a"', '"u"', '"s"', '"-u**2"', '"random"', '"uniform"', '"open"', '"unanimous"', '"1/u"'),
    *('"log(u)"', '"sqrt(s - 2)"', '"9**9**9"', '"((((("', "'\\x00'", '"\\u0000"', '"🙂"', '"""\n\n"""'),
    *("[]", "[[]]", "[[[]]]", "[1, 'a']", "[1, [2]]", "[0, 0, 1]", "[[0, 1], [2]]", "[[0], [0]]", "[0.1, 0.2, 0.3]"),
    *("[true]", "[nan]", "[inf, -inf]", "[1e308, 1e308, -1e308]", "[[0.1], [0.2]]", "[{}]", "['a', 'b', 'c']"),
    *("{}", "{a = 1}", "{a = {b = []}}", "{family = 'lazy', rate = 1}", "{family = 'lazy', rate = true}"),
    *("{family = 'weighted', weights = [1, 2, 3]}", "{family = 'weighted', weights = [[1], [2, 3]]}"),
    *("{family = 'weighted', weights = {}}", "{rule = 'unanimous'}", "{rule = 'unanimous', threshold = []}"),
    *("{distribution = 'normal', agents = 3}", "{distribution = 'normal', agents = 1e3}", "{distribution = 3}"),
    *("{distribution = 'normal', agents = 3, mean = 1e308, sd = 1e308}", "{rule = {}}", "{family = []}"),
    *("1979-05-27", "07:32:00", "1979-05-27T07:32:00Z", "[1979-05-27]"),
]
KEYS = re.findall(r"(?m)^(\w+) = ", SCENARIO)
TOKENS = re.compile(r"\w+|\s|[^\w\s]")


def survey(texts):
    """Parse; return how many are valid, and for each exception that is not an InputError its shortest text."""
    valid, leaks = 0, {}
    for text in texts:
        try:
            parse_scenario(text)
            valid += 1
        except ej.InputError:
            continue
        except Exception as error:
            kind = f"{type(error).__name__}: {error}"[:60]
            changes = [line for line in text.splitlines() if line not in SCENARIO.splitlines()]
            leaks[kind] = min(leaks.get(kind, changes), changes, key=lambda lines: len("".join(lines)))
    return valid, leaks


def test_fuzz_of_values():
    """Every key with every value, and random pairs of them."""
    chance = random.Random(1)
    texts = [changed(key, value) for key in KEYS for value in VALUES]
    for _ in range(1000):
        text = SCENARIO
        for _ in range(2):
            text = changed(chance.choice(KEYS), chance.choice(VALUES), text)
        texts.append(text)
    valid, leaks = survey(texts)
    assert not leaks
    assert 0.02 * len(texts) < valid < 0.5 * len(texts)


def test_fuzz_of_tokens():
    """Deletions, insertions, repetitions and exchanges of tokens."""
    chance = random.Random(2)
    tokens = TOKENS.findall(SCENARIO)
    pool = [*tokens, *VALUES, *"[]{}=.,\"'#\n\t\x00\x7fé🙂", "\r", "\ud800", "**", "__class__", "[[", "]]", "'''"]
    texts = []
    for _ in range(2000):
        mutant = tokens.copy()
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(mutant))
            kind = chance.randrange(4)
            if kind == 0:
                del mutant[place : place + chance.randint(1, 3)]
            elif kind == 1:
                mutant.insert(place, chance.choice(pool))
            elif kind == 2:
                mutant[place] = chance.choice(pool)
            else:
                other = chance.randrange(len(mutant))
                mutant[place], mutant[other] = mutant[other], mutant[place]
        texts.append("".join(mutant))
    valid, leaks = survey(texts)
    assert not leaks
    assert 30 < valid < 1500


def test_fuzz_of_bytes(tmp_path):
    """Files with random bytes changed."""
    chance, path = random.Random(3), tmp_path / "fuzz.toml"
    raw = SCENARIO.encode()
    for _ in range(300):
        mutant = bytearray(raw)
        for _ in range(chance.randint(1, 3)):
            mutant[chance.randrange(len(mutant))] = chance.randrange(256)
        path.write_bytes(mutant)
        try:
            load_scenario(path)
        except ej.InputError:
            continue


def test_a_key_of_many_parts_is_refused_at_once():
    text = "a." * 400_000 + "a = 1"
    assert quickest(lambda: refused(lambda: parse_scenario(text), "scenario", "parts")) < 0.5


def test_memory_stays_small():
    """What the tests above made this process use, as a guard against inputs that allocate."""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 * 2**20


# What every kind of model may be given

SIX = np.linspace(-1, 1, 6)


def test_a_threshold_that_stops_being_a_number():
    rule = ej.adaptive("unanimous", "sqrt(2 - steps) - 5")
    model = ej.Model(SIX, "-u**2", acceptance=rule)
    refused(lambda: ej.simulate(model, 0, max_steps=8), "acceptance.threshold", "steps")


@pytest.mark.parametrize("samples", ["many", -1, None, 1, 2.5, 10**15])
def test_samples(samples):
    refused(lambda: ej.payoffs(ej.Model(SIX, "-u**2"), [range(6)], samples=samples), "samples", samples)
    refused(lambda: ej.simulate(ej.Model(SIX, "-u**2"), 0, samples=samples), "samples", samples)


@pytest.mark.parametrize("value", [1, "yes", None, np.array([1, 2])])
def test_flags(value):
    refused(lambda: ej.simulate(ej.Model(SIX, "-u**2"), 0, record=value), "record", None)
    refused(lambda: ej.ensemble(ej.Model(SIX, "-u**2"), 3, keep=value), "keep", None)


def test_more_final_states_than_memory():
    refused(lambda: ej.ensemble(ej.Model(np.zeros(10**5), "-u**2"), 10**6, keep=True), "runs", 10**6)


def test_initial_opinions_that_are_not_finite():
    starts = np.zeros((3, 6))
    starts[1, 2] = np.nan
    refused(lambda: ej.ensemble(ej.Model(SIX, "-u**2"), 3, initial_opinions=starts), "initial_opinions[1, 2]", "nan")
    refused(lambda: ej.ensemble(ej.Model(SIX, "-u**2"), 2, initial_opinions=starts), "initial_opinions", "(3, 6)")


def test_a_tactical_phase_of_a_million_steps_stops_when_nothing_changes():
    model = ej.Model(SIX, "u**2", influence=ej.network(np.ones((6, 6))))
    assert ej.simulate(model, 0, [range(6)], tactical_steps=10**6, max_steps=3).spread < 1e-15
    refused(lambda: ej.simulate(model, 0, tactical_steps=10**9), "tactical_steps", 10**9)


@pytest.mark.parametrize("temperature", [5e-324, 1e-309, 1e-12])
@pytest.mark.parametrize("cost", [0.01, ej.switching_cost(0.01)])
def test_a_temperature_next_to_nothing_is_best_response(temperature, cost):
    run = ej.simulate(ej.Model(SIX, "-u**2", cost), 0, schedule=ej.logit(temperature), max_steps=300)
    assert run.moves > 0
    assert np.nanmin(run.trajectory.gain) > 0.01


def test_estimates_inside_runs_have_the_same_bits_on_any_number_of_threads():
    x = np.random.default_rng(2).normal(size=24)
    model = ej.Model(x, "tanh(2*u)", 0.02, influence=ej.weighted(np.linspace(1, 2, 24)))
    start = [list(range(22)), [22], [23]]
    arguments = {"structure": start, "schedule": "largest gain", "max_steps": 2, "samples": 8, "keep": True}
    one, two = (ej.ensemble(model, 4, 7, threads=threads, **arguments) for threads in (1, 2))
    assert "sampled" in one.method
    assert np.array_equal(one.opinions, two.opinions)
    assert np.array_equal(one.labels, two.labels)


def test_initial_opinions_are_where_runs_start():
    starts = np.random.default_rng(1).normal(size=(5, 6))
    model = ej.Model(SIX, "-u**2", 0.02)
    many = ej.ensemble(model, 5, 3, schedule="round robin", initial_opinions=starts, keep=True)
    for r in range(5):
        run = ej.simulate(model.replace(opinions=starts[r]), schedule="round robin")
        assert np.array_equal(many.opinions[r], run.opinions)
