"""Consensus whose rate depends on what has happened: against the oracle, and against fixed rates where it is one."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import exitjoin as ej
from numerics.coefficients import slow_share
from numerics.scenario_model import model_as_data, read_model
from theory.errors import InputError

from .cases import ADAPTIVE_RATES, RULES, Accept, Adapting, Case, Charge, Charges, Noisy, kinds
from .oracle import Undecided
from .test_rules import (
    LIGHT,
    OPINIONS,
    SCHEDULES,
    SETTINGS,
    built,
    check_replay,
    expected_ends,
    numbers,
    observed_ends,
    simulated_and_checked,
)
from .test_simulation import assert_frequencies


@pytest.mark.parametrize("discounted", [False, True])
@pytest.mark.parametrize("text", ADAPTIVE_RATES)
@SETTINGS
@given(data=st.data(), seed=st.integers(0, 2**64))
def test_replay_of_every_rate(text, discounted, data, seed):
    rule = data.draw(st.sampled_from(RULES))
    case = data.draw(
        kinds("lazy", False, rule, "number", 4, 2, discounted, performances=LIGHT, one=numbers, scales=("s", "a"))
    )
    case = case.replaced(influence=Adapting(text, data.draw(st.sampled_from([1.0, 0.5]))))
    steps = data.draw(st.sampled_from([1, 3, inf]))
    simulated_and_checked(case, seed, data.draw(st.sampled_from(SCHEDULES)), steps, 6)


LONGER = {
    "slower after exits": {"influence": Adapting("0.25 + 0.5/(1 + exits)", 0.5), "discount": 0.75},
    "faster after entries": {"influence": Adapting("0.1 + 0.3*entries"), "discount": 0.5},
    "tired": {"influence": Adapting("1/(1 + steps)"), "discount": 0.9},
    "crowded": {"influence": Adapting("1.5 - 0.5*s"), "discount": 0.9},
    "two memories": {
        "influence": Adapting("0.9 - 0.25*moves", 0.25),
        "acceptance": Accept("unanimous", "0.02*entries - 0.01*exits", 0.75),
        "discount": 0.6,
    },
    "patient": {"influence": Adapting("0.25 + 0.5/(1 + exits)"), "performance": "-(u**2 - 1)**2"},
}


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: s if isinstance(s, str) else "logit")
@pytest.mark.parametrize("name", LONGER)
def test_replay_of_longer_runs_from_singletons(name, schedule):
    moves = 0
    for seed, (cost, steps) in enumerate([(0.03, inf), (-0.02, 1)]):
        case = Case(**{"opinions": OPINIONS, "switching_cost": cost, **LONGER[name]})
        run = ej.simulate(case.model, seed, None, built(schedule), steps, 10)
        try:
            check_replay(case, run, schedule, steps, 10)
        except Undecided:
            continue
        moves += run.moves
    assert moves > 0


@pytest.mark.parametrize("schedule", ["round robin", "largest gain"])
@pytest.mark.parametrize("name", LONGER)
def test_the_course_of_a_run_without_chance(name, schedule):
    """Every seed makes the run that the oracle foresees.  Small costs of everyone's own leave no two moves equal."""
    small = Charges(
        0.02, Charge("agent", [0.0, 0.0131, -0.0173, 0.0311]), Charge("coalition", [0.0071, 0.0113, 0.0157])
    )
    case = Case(**{"opinions": OPINIONS[:4], "switching_cost": small, **LONGER[name]})
    law = expected_ends(case, schedule, 2, 5)
    assert list(law.values()) == [1]
    assert observed_ends(case, schedule, 2, 5, 20) == dict.fromkeys(law, 20)


@pytest.mark.parametrize(("schedule", "steps"), [("random", 3), (Noisy(0.5), 2)])
def test_random_runs_follow_their_law(schedule, steps):
    case = Case(**{"opinions": [0.9, -1.3, 0.2], "switching_cost": -0.02, **LONGER["two memories"]})
    law = expected_ends(case, schedule, 1, steps)
    assert len(law) > 3
    assert_frequencies(observed_ends(case, schedule, 1, steps, 5000), law, 5000)


@pytest.mark.parametrize("discount", [None, 0.0, 0.8])
@pytest.mark.parametrize("steps", [1, 3, inf])
def test_a_rate_that_never_changes_is_a_fixed_one(steps, discount):
    model = ej.Model(OPINIONS, "-u**2", 0.03, influence=ej.lazy(0.4), discount=discount)
    same = model.replace(influence=ej.adaptive_rate("0.4", memory=0.5))
    fixed, adaptive = (ej.ensemble(each, 50, 3, None, "round robin", steps, 400, keep=True) for each in (model, same))
    assert "adaptive rate" in adaptive.method
    # with a discount the adaptive run waits until its moves are forgotten: it ends later, at the same place
    for name in ("moves", "n_coalitions", *(() if discount else ("steps",))):
        assert np.array_equal(getattr(fixed, name), getattr(adaptive, name)), name
    assert np.abs(fixed.opinions - adaptive.opinions).max() <= 4e-16


def test_rates_are_clipped():
    model = ej.Model(OPINIONS, "-u**2", 0.03, discount=0.8)
    for text, rate in (("7 + exits", 1.0), ("-7 - exits", 0.2)):
        influence = ej.adaptive_rate(text, lowest=0.2)
        assert influence.start == rate
        adaptive = ej.simulate(model.replace(influence=influence), 0, None, "round robin", 1)
        fixed = ej.simulate(model.replace(influence=ej.lazy(rate)), 0, None, "round robin", 1)
        assert adaptive.trajectory.mover.tolist() == fixed.trajectory.mover.tolist()
        assert adaptive.opinions == pytest.approx(fixed.opinions, abs=1e-15)


def test_without_a_discount_the_limit_does_not_depend_on_the_rate():
    model = ej.Model(OPINIONS, "-u**2", 0.03)
    plain = ej.ensemble(model, 50, 3, schedule="round robin")
    same = ej.ensemble(model.replace(influence=ej.adaptive_rate("1/(1 + steps)")), 50, 3, schedule="round robin")
    assert np.array_equal(plain.moves, same.moves)
    assert plain.spread == pytest.approx(same.spread, abs=1e-15)


def test_a_run_waits_for_a_rate_at_which_a_move_pays():
    """Agents two apart: the gain of joining is (1 - β(ρ, ε)) δ²/4 = 1 - β, and must exceed κ."""
    rate, rho, cost = "0.05 + 0.1*steps", 0.9, 0.8
    first = next(t for t in range(10) if 1 - slow_share(rho, 0.05 + 0.1 * t) > cost)
    model = ej.Model([0.0, 2.0], "-u**2", cost, influence=ej.adaptive_rate(rate), discount=rho)
    run = ej.simulate(model, 0)
    assert run.trajectory.mover[:first].tolist() == [-1] * first
    assert first > 1
    assert (run.moves, run.outcome, int(run.trajectory.mover[first]) >= 0) == (1, "joint equilibrium", True)
    never = ej.simulate(model.replace(switching_cost=rho + 0.01), 0, max_steps=20)  # 1 - β is ρ at most
    assert (never.steps, never.outcome) == (0, "joint equilibrium")
    late = ej.simulate(model.replace(influence=ej.adaptive_rate("0.05 - 0*entries")), 0, max_steps=20)
    assert (late.steps, late.outcome) == (0, "joint equilibrium")  # its rate can change by moves only


def test_a_run_waits_until_its_moves_are_forgotten():
    """Two join at 1, their coalition is slow then; the third is 0.9 away: ρ times δ² (1 - H_3/3) is its best gain."""
    influence = ej.adaptive_rate("0.9 - 3*entries", memory=0.5, lowest=0.05)
    model = ej.Model([0.0, 2.0, 1.9], "-u**2", influence=influence, discount=0.9)
    patient = 0.81 * (1 - (1 + 1 / 2 + 1 / 3) / 3)

    def run(cost):
        return ej.simulate(model.replace(switching_cost=cost), 0, schedule="largest gain", max_steps=200)

    def pays(entries, cost):
        return (1 - slow_share(0.9, max(0.9 - 3 * entries, 0.05))) * patient > cost

    assert [pays(0.5**t, 0.25) for t in (1, 2, 3)] == [False, False, True]
    assert run(0.25).trajectory.mover.tolist() == [0, -1, -1, 2, -1]
    nearly = 0.9 * patient - 1e-4
    assert not pays(0, nearly)
    waits = run(nearly)  # it would pay at rate 1, which does not come
    assert (waits.steps, waits.moves, waits.outcome) == (46, 1, "joint equilibrium")  # memory**46 = 2**-46
    ends = run(0.9 * patient + 1e-4)
    assert (ends.steps, ends.moves, ends.outcome) == (1, 1, "joint equilibrium")


def test_memories_of_acceptance_and_rates_are_apart():
    """The rule forgets everything; the rate nothing: it falls below what pays after the first entry."""
    model = ej.Model(
        [0.0, 0.5, 1.0, 1.5], "-u**2", 0.02, discount=0.9,
        acceptance=ej.adaptive("capacity", "4 + 0*entries", memory=0.0),
        influence=ej.adaptive_rate("1 - moves", lowest=0.001),
    )  # fmt: skip
    run = ej.simulate(model, 0, max_steps=30)
    assert run.moves == 1
    forgets = model.replace(influence=ej.adaptive_rate("1 - moves", memory=0.0, lowest=0.001))
    assert ej.simulate(forgets, 0, max_steps=30).moves > 1


@pytest.mark.parametrize("text", ["0.1 + 0.3*entries", "0.2*s + 0.1*exits"])
def test_ensembles_have_the_same_bits_on_any_number_of_threads(text):
    model = ej.Model(ej.normal(4), "-u**2", -0.05, influence=ej.adaptive_rate(text, memory=0.5), discount=0.5)
    alone, two, three = (ej.ensemble(model, 501, 5, None, "random", 1, 9, threads=t) for t in (1, 2, 3))
    for other in (two, three):
        for name in ("moves", "steps", "spread", "surplus"):
            assert np.array_equal(getattr(alone, name), getattr(other, name)), name


# One moment: the rate at its start


def test_one_moment_takes_the_rate_at_its_start():
    model = ej.Model(OPINIONS, "-u**2", 0.03, influence=ej.adaptive_rate("0.4 + s*exits - 0.1*moves"), discount=0.8)
    fixed, camps = model.replace(influence=ej.lazy(0.4)), [[0, 3], [1, 2, 4]]
    assert (model.keep, model.slow_share) == (fixed.keep, fixed.slow_share)
    for function in (ej.gains, ej.influence_matrix, ej.critical_cost, ej.coalition_values):
        assert np.array_equal(function(model, camps), function(fixed, camps), equal_nan=True), function
    assert np.array_equal(ej.payoffs(model, camps).values, ej.payoffs(fixed, camps).values)
    step = ej.degroot_step(fixed, camps, fixed.opinions)
    assert np.array_equal(ej.degroot_step(model, camps, model.opinions), step)
    assert ej.tactical_operator(model, camps).step(model.opinions) == pytest.approx(step, abs=1e-15)
    assert ej.atlas(model).n_stable(0.1) == ej.atlas(fixed).n_stable(0.1)
    found = ej.simulate(model, 0, camps, max_steps=0)
    assert found.surplus == pytest.approx(ej.simulate(fixed, 0, camps, max_steps=0).surplus, abs=1e-15)
    names = ("switching_cost", "opinions[3]", "discount")
    for name in names:
        assert ej.thresholds(model, camps, name).nearest() == ej.thresholds(fixed, camps, name).nearest()


def test_what_depends_on_the_size_at_the_start_is_for_runs_alone():
    model = ej.Model(OPINIONS, "-u**2", 0.03, influence=ej.adaptive_rate("1/s"), discount=0.8)
    for function in (ej.gains, ej.payoffs, ej.influence_matrix, ej.fragility, ej.coalition_values):
        with pytest.raises(InputError, match=r"influence\.rate: '1/s' depends on the size") as error:
            function(model, [[0, 3], [1, 2, 4]])
        assert error.value.field == "influence.rate"
    assert ej.simulate(model, 0, tactical_steps=1).moves > 0


def test_what_has_no_memory_refuses_a_rate_that_has():
    model = ej.Model(OPINIONS, "-u**2", 0.03, influence=ej.adaptive_rate("1/(1 + moves)"), discount=0.8)
    with pytest.raises(InputError, match=r"influence: .* remembers what has happened"):
        ej.improvement_graph(model)
    patient = model.replace(discount=None)  # opinions at which they are: the rate plays no part
    assert len(ej.improvement_graph(patient).sinks) == len(
        ej.improvement_graph(patient.replace(influence="uniform")).sinks
    )


# Input


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("1/entries",), "influence.rate"),
        (("u",), "influence.rate"),
        (("log(steps)",), "influence.rate"),
        (("__import__('os')",), "influence.rate"),
        ((None,), "influence.rate"),
        (("0.5", 1.5), "influence.memory"),
        (("0.5", "x"), "influence.memory"),
        (("0.5", 1.0, 0.0), "influence.lowest"),
        (("0.5", 1.0, 1.5), "influence.lowest"),
        (("0.5", 1.0, True), "influence.lowest"),
    ],
)
def test_what_is_no_rate_is_refused(arguments, field):
    with pytest.raises(InputError) as error:
        ej.adaptive_rate(*arguments)
    assert error.value.field == field


def test_a_rate_that_is_no_number_during_a_run_is_named():
    model = ej.Model(OPINIONS, "-u**2", 0.03, influence=ej.adaptive_rate("log(2 - moves)"))
    with pytest.raises(InputError, match=r"influence\.rate: .* is not a number at some point of the run"):
        ej.simulate(model, 0, tactical_steps=1)
    with pytest.raises(InputError, match=r"influence\.rate: .* is not a number at some point of the run"):
        ej.ensemble(model, 5, 0, tactical_steps=1)


def test_stubborn_agents_are_refused():
    with pytest.raises(InputError) as error:
        ej.Model(OPINIONS, "-u**2", influence=ej.adaptive_rate("0.5"), stubbornness=[0, 0, 0.5, 0, 0])
    assert error.value.field == "stubbornness"


def test_scenarios_hold_adaptive_rates():
    table = {
        "opinions": [0.0, 1.0],
        "performance": "-u**2",
        "influence": {"family": "adaptive lazy", "rate": "0.1 + 0.8*exp(-exits)", "memory": 0.9, "lowest": 0.05},
    }
    model = read_model(table)
    assert model.influence == ej.adaptive_rate("0.1 + 0.8*exp(-exits)", memory=0.9, lowest=0.05)
    again = model_as_data(model)["influence"]
    assert read_model({**table, "influence": again}).influence == model.influence
    assert again["memory"] == 0.9
    with pytest.raises(InputError) as error:
        read_model({**table, "influence": {"family": "adaptive lazy", "rate": "0.1 + u"}})
    assert error.value.field == "model.influence.rate"
