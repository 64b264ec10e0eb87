"""Runs under every rule, schedule, cost and kind of influence: replayed with the oracle, and held to its exact law."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import exitjoin as ej

from .cases import (
    ADAPTIVE,
    COSTS,
    FAMILIES,
    RULES,
    Accept,
    Case,
    Charge,
    Charges,
    General,
    Network,
    Noisy,
    built,
    kinds,
)
from .oracle import Logit, Undecided, law_of_runs, replay
from .test_simulation import assert_frequencies

SETTINGS = settings(deadline=None, database=None, max_examples=5, suppress_health_check=[HealthCheck.filter_too_much])
SCHEDULES = ("random", "best response", "round robin", "largest gain", Noisy(0.2))
LIGHT = {
    1: ("-u**2", "-(u**2 - 1)**2", "sin(3*u)", "0.7*u**2 + u"),
    2: ("-u1**2 - (u2 - 0.5)**2", "u1*u2 + u1", "-(u1**2 + u2**2 - 1)**2", "sin(u1 + 2*u2)"),
}
numbers = st.one_of(st.sampled_from([-1.0, 0.0, 0.5, 1.25]), st.floats(-1.5, 1.5).map(lambda x: round(x, 3)))
each_schedule = pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: s if isinstance(s, str) else "logit")


def known(schedule):
    """The schedule as the oracle knows it."""
    return schedule.schedule if isinstance(schedule, Noisy) else schedule


# Replay


def check_replay(case, run, schedule, steps, max_steps):
    """Every recorded move was allowed, every recorded number is right, and the run ended where it should."""
    path, schedule = run.trajectory, known(schedule)

    def tolerance(moment):
        """The tolerance at that moment; where opinions have cancelled to rounding errors nothing can be said."""
        now = case.tolerance_at(moment)
        if now < case.tolerance / 1024:
            raise Undecided
        return now

    entries = list(replay(case.moment, path, schedule, steps, tolerance))
    assert len(entries) == len(path.mover) == run.steps + 1 <= max_steps + 1
    scale = 1 + float(max(abs(y) for x in (case.moment.points, case.moment.innate) for point in x for y in point))
    close = 4 * case.tolerance
    for t, (moment, move) in enumerate(entries):
        assert path.spread[t] == pytest.approx(float(moment.spread()), abs=1e-13 * scale)
        assert path.disagreement[t] == pytest.approx(float(moment.disagreement()), rel=1e-12, abs=1e-13 * scale**2)
        assert abs(Fraction(float(path.surplus[t])) - moment.surplus()) <= len(case.opinions) * close
        assert path.n_coalitions[t] == len(moment.structure)
        assert isnan(path.gain[t]) if move is None else abs(Fraction(float(path.gain[t])) - move.gain) <= close
        if t == run.steps:
            break
        assert not moment.is_at_rest(schedule, tolerance(moment)), "a step after the joint equilibrium"
        if move is None and not isinstance(schedule, Logit):
            assert not moment.admissible(tolerance(moment)), "a step without the move that was possible"
    last, nothing = entries[-1]
    assert nothing is None
    assert run.structure == sorted(map(sorted, last.structure))
    assert np.abs(run.opinions - np.array(last.x, dtype=float)).max() <= 1e-13 * scale
    assert run.initial_opinions.tolist() == case.opinions
    assert run.moves == sum(path.mover >= 0)
    assert (run.spread, run.disagreement, run.surplus) == (path.spread[-1], path.disagreement[-1], path.surplus[-1])
    at_rest = last.is_at_rest(schedule, tolerance(last))
    assert run.outcome == ("joint equilibrium" if at_rest else "step limit")
    assert at_rest or run.steps == max_steps


def simulated_and_checked(case, seed, schedule, steps, max_steps):
    run = ej.simulate(case.model, seed, case.coalitions, built(schedule), steps, max_steps)
    try:
        check_replay(case, run, schedule, steps, max_steps)
    except Undecided:
        assume(False)
    return run


def drawn(data, **kind):
    return data.draw(kinds(max_agents=4, min_agents=2, performances=LIGHT, one=numbers, scales=("s", "s", "a"), **kind))


@each_schedule
@pytest.mark.parametrize("rule", RULES)
@SETTINGS
@given(data=st.data(), seed=st.integers(0, 2**64))
def test_replay_of_every_rule(rule, schedule, data, seed):
    case = drawn(data, rule=rule, cost=data.draw(st.sampled_from(COSTS)))
    steps, max_steps = data.draw(st.sampled_from([1, 3, inf, inf])), data.draw(st.sampled_from([1, 4, 8]))
    simulated_and_checked(case, seed, schedule, steps, max_steps)


@each_schedule
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("stubborn", [False, True])
@settings(SETTINGS, max_examples=3)
@given(data=st.data(), seed=st.integers(0, 2**64))
def test_replay_of_every_family(family, stubborn, schedule, data, seed):
    cost = data.draw(st.sampled_from(COSTS))
    case = drawn(data, family=family, stubborn=stubborn, rule=data.draw(st.sampled_from(RULES)), cost=cost)
    steps, max_steps = data.draw(st.sampled_from([1, 3, inf, inf])), data.draw(st.sampled_from([1, 4, 8]))
    simulated_and_checked(case, seed, schedule, steps, max_steps)


@each_schedule
@SETTINGS
@given(data=st.data(), seed=st.integers(0, 2**64))
def test_replay_of_discounted_consensus(schedule, data, seed):
    kind = {"rule": data.draw(st.sampled_from(RULES)), "cost": data.draw(st.sampled_from(COSTS)), "discounted": True}
    simulated_and_checked(drawn(data, **kind), seed, schedule, data.draw(st.sampled_from([1, inf])), 6)


RING = Network([[0, 1.0, 0, 0, 1], [1, 0, 2, 0, 0], [0, 2, 0, 1, 0], [0, 0, 1, 0, 0.5], [1, 0, 0, 0.5, 0]], 1.5)
ARROWS = General(
    [[0.5, 0.5, 0, 0, 0], [0.25, 0.75, 0, 0, 0], [0, 0.2, 0.4, 0.4, 0], [0, 0, 0, 1, 0], [0.1, 0, 0.2, 0.3, 0.4]]
)
LONGER = {
    "ring": {"influence": RING, "scale": "s"},
    "ring, partly stubborn": {"influence": RING, "stubbornness": [0.5, 0.0, 0.0, 0.9, 0.0]},
    "arrows": {"influence": ARROWS},
    "arrows, stubborn and moved": {"influence": ARROWS, "stubbornness": 0.25, "innate": [0.3, 0.2, -0.9, 1.1, 0.0]},
    "uniform, stubborn": {"stubbornness": [0.5, 0.2, 0.9, 0.1, 1.0]},
    "per pair": {
        "switching_cost": Charges(
            0.01,
            Charge("agent", [0.02, 0.0, -0.01, 0.03, 0.0]),
            Charge("coalition", [0.0, 0.05, 0.01]),
            Charge("pair", [[0.02, 0.0], [0.0, 0.04], [0.01, 0.01], [0.0, 0.0], [0.03, 0.2]]),
            [[0.0, 0.03, 0.01], [0.02, 0.0, 0.0], [0.3, 0.0, 0.0]],
        )
    },
    "bonus": {"switching_cost": Charges(0.02, bonus=Charge("number", 0.04), exit=Charge("coalition", [0.0, 0.01]))},
    "plane": {
        "opinions": [[0.9, 0.1], [-1.3, 0.4], [0.2, -0.8], [1.7, 0.0], [-0.4, 1.1]],
        "performance": "-(u1**2 + u2**2 - 1)**2",
    },
    "impatient": {"influence": ej.lazy(0.5), "discount": 0.75},
    "shrinking doors": {"acceptance": Accept("bounded confidence", "2.5/(1 + moves)", 0.5)},
    "growing rooms": {"acceptance": Accept("capacity", "1.25 + moves", 1.0)},
    "milder with time": {"acceptance": Accept("unanimous", "0.05 - 0.03*steps", 0.5), "stubbornness": 0.5},
    "majority": {"acceptance": Accept("majority", 0.02), "influence": ARROWS},
}
OPINIONS = [0.9, -1.3, 0.2, 1.7, -0.4]


@each_schedule
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


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("stubborn", [False, True])
def test_short_tactical_phases_end_at_the_limit(family, stubborn):
    """With a cost that nobody pays, T steps at a time come to rest where x no longer changes."""
    influence = {"lazy": ej.lazy(0.4), "weighted": ej.weighted([1, 2, 3, 0.5, 1]), "network": RING, "general": ARROWS}
    case = Case(OPINIONS, "-u**2", 100.0, influence=influence.get(family, "uniform"), structure=[[3, 0, 1], [2, 4]])
    case = case.replaced(stubbornness=[0.5, 0.0, 0.0, 0.0, 0.3] if stubborn else 0.0)
    run = ej.simulate(case.model, 0, case.coalitions, "random", 3, 1000)
    assert (run.outcome, run.moves) == ("joint equilibrium", 0)
    assert run.steps < 200
    limit = ej.tactical_limit(case.model, case.coalitions)
    assert np.abs(run.opinions - limit).max() <= 1e-12
    assert np.abs(limit - np.array(case.moment.after_tactics().x, dtype=float)).max() <= 1e-14
    at_once = ej.simulate(case.model, 0, case.coalitions)
    assert (at_once.outcome, at_once.steps) == ("joint equilibrium", 0)
    assert np.abs(at_once.opinions - limit).max() <= 1e-14


@pytest.mark.parametrize(
    ("more", "limit"),
    [
        ({}, [-0.25, -0.25]),
        ({"influence": Network([[1, 1], [1, 1]])}, [-0.25, -0.25]),
        ({"influence": General([[0.5, 0.5], [0.5, 0.5]])}, [-0.25, -0.25]),
        ({"stubbornness": 1.0, "innate": [0.5, 2.0]}, [0.5, 2.0]),
    ],
)
def test_a_phase_of_one_step_that_reaches_the_limit_ends_the_run(more, limit):
    """The state after the phase decides: it is the start of the run, and nothing moves any more."""
    case = Case([0.75, -1.25], "-u**2", 100.0, structure=[[0, 1]], **more)
    run = ej.simulate(case.model, 0, case.coalitions, "random", 1, 10)
    assert (run.outcome, run.steps) == ("joint equilibrium", 0)
    assert run.opinions == pytest.approx(limit)


@pytest.mark.parametrize("text", ["s + 1.25 - 0.5*steps", "1.25 + moves", "3/s - 0.25*exits"])
def test_adaptive_ensembles_have_the_same_bits_on_any_number_of_threads(text):
    model = ej.Model([0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=ej.adaptive("capacity", text, memory=0.5))
    alone, *others = (ej.ensemble(model, 20_000, 5, max_steps=5, threads=threads) for threads in (1, 2, 3, 2, 4))
    for other in others:
        for name in ("moves", "steps", "n_coalitions", "spread", "surplus", "outcome"):
            assert np.array_equal(getattr(alone, name), getattr(other, name)), name


@SETTINGS
@given(data=st.data(), schedule=st.sampled_from(SCHEDULES[:4]))
def test_the_end_of_a_run_is_an_equilibrium_of_the_model(data, schedule):
    case = drawn(data, rule=data.draw(st.sampled_from(RULES[:-1])))
    run = ej.simulate(case.model, 1, case.coalitions, schedule, inf, 60)
    changes = {"opinions": run.opinions}
    if case.game.stubbornness:
        changes["innate_opinions"] = case.opinions if case.innate is None else case.innate
    final = case.model.replace(**changes)
    assert (run.outcome == "joint equilibrium") == ej.is_joint_equilibrium(final, run.structure)


def test_an_adaptive_rule_waits_for_what_it_may_accept_later():
    """Nobody is let in until the third step; a run that could never gain anything ends at once."""
    late = ej.adaptive("capacity", "steps - 1.5", memory=1.0)
    run = ej.simulate(ej.Model([0.0, 2.0], "-u**2", 0.1, acceptance=late), 0)
    assert (run.outcome, run.steps, run.moves) == ("joint equilibrium", 4, 1)
    assert run.trajectory.mover.tolist()[:3] == [-1, -1, -1]
    assert run.trajectory.n_coalitions.tolist() == [2, 2, 2, 2, 1]
    never = ej.adaptive("capacity", "0*steps", memory=1.0)
    run = ej.simulate(ej.Model([0.0, 2.0], "-u**2", 0.1, acceptance=never), 0, max_steps=25)
    assert (run.outcome, run.steps, run.moves) == ("step limit", 25, 0)
    run = ej.simulate(ej.Model([0.0, 2.0], "-u**2", 3.0, acceptance=never), 0, max_steps=25)
    assert (run.outcome, run.steps, run.moves) == ("joint equilibrium", 0, 0)


def test_memory_fades_before_the_rule_is_asked():
    """Agents 0, 1, 2 want to join agent 3, who takes one more for every move that is remembered."""
    costs = ej.switching_cost(
        base=0.01,
        exit=ej.per_agent([0.0, 0.0, 0.0, 1000.0]),
        entry=ej.per_coalition([1000.0, 1000.0, 1000.0, 0.0]),
    )
    for memory, moves in ((1.0, 3), (0.875, 2), (0.5, 1)):
        rule = ej.adaptive("capacity", "1.25 + moves", memory=memory)
        model = ej.Model([0.0, 1.0, 3.0, 7.0], "-u**2", costs, acceptance=rule)
        run = ej.simulate(model, 0, schedule="round robin", max_steps=3)
        assert run.moves == moves, memory
        assert run.trajectory.mover.tolist() == [*range(moves), *[-1] * (4 - moves)]


# Laws


def marked(spread):
    """The spread to 7 digits or so, times a number that leaves no tie to be rounded."""
    return round(2**0.5 * float(spread), 7)


def observed_ends(case, schedule, steps, max_steps, runs):
    many = ej.ensemble(case.model, runs, 5, case.structure, built(schedule), steps, max_steps)
    spreads = list(map(marked, many.spread))
    return Counter(zip(many.moves.tolist(), many.outcome.tolist(), many.n_coalitions.tolist(), spreads, strict=True))


def expected_ends(case, schedule, steps, max_steps):
    law = Counter()
    ends = law_of_runs(case.moment, known(schedule), steps, max_steps, case.tolerance_at)
    for (moves, outcome, x, structure), probability in ends.items():
        points = x if isinstance(x[0], tuple) else [(y,) for y in x]
        spread = max(max(column) - min(column) for column in zip(*points, strict=True))
        law[moves, outcome, len(structure), marked(spread)] += probability
    return law


NOISY = {
    "two agents": (Case([0.0, 2.0], "-u**2", 0.5), Noisy(1.0), inf, 3),
    "two agents, cold": (Case([0.0, 2.0], "-u**2", 0.5), Noisy(0.1), 1, 4),
    "two agents in the plane": (Case([[0.0, 1.0], [2.0, 0.5]], "-u1**2 - (u2 - 0.5)**2"), Noisy(0.5), inf, 3),
    "three agents": (Case([0.1, -1.2, 0.7], "-(u**2 - 1)**2", 0.05), Noisy(0.3), inf, 3),
    "three agents, with a cost each": (
        Case([0.1, -1.2, 0.7], "-u**2", Charges(0.1, Charge("agent", [0.3, 0.0, -0.2]), Charge("coalition", [0.5]))),
        Noisy(0.5),
        inf,
        3,
    ),
    "three agents, unanimous": (
        Case([0.1, -1.2, 0.7], "-(u**2 - 1)**2", 0.05, acceptance=Accept("unanimous", 0.01)),
        Noisy(0.5),
        inf,
        3,
    ),
    "three agents on a path": (
        Case([0.1, -1.2, 0.7], "-u**2", 0.05, influence=Network([[0, 1.0, 0], [1, 0, 1], [0, 1, 0]])),
        Noisy(0.5),
        1,
        3,
    ),
    "nobody is let in": (Case([0.1, -1.2, 0.7], "-u**2", acceptance=Accept("capacity", 1)), Noisy(1.0), inf, 3),
    "stubborn": (Case([0.1, -1.2, 0.7], "-u**2", 0.05, stubbornness=[0.5, 0.0, 0.25]), Noisy(0.5), inf, 3),
}


@pytest.mark.parametrize("name", NOISY)
def test_noisy_runs_follow_their_law(name):
    case, schedule, steps, max_steps = NOISY[name]
    law = expected_ends(case, schedule, steps, max_steps)
    assert_frequencies(observed_ends(case, schedule, steps, max_steps, 20_000), law, 20_000)
    assert (len(law) > 1) == (name != "nobody is let in")


PATH = Network([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
LADDER = General([[0.5, 0.5, 0], [0, 0.75, 0.25], [0, 0.25, 0.75]])
RANDOM = {
    "adaptive, moves": Case(
        [0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=Accept("capacity", "1.25 + moves", 0.625), structure=[[0, 1, 2]]
    ),
    "adaptive, entries": Case(
        [0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=Accept("capacity", "1.25 + entries - 0.125*exits", 0.625)
    ),
    "adaptive, exits": Case([0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=Accept("capacity", "2.25 - exits", 0.5)),
    "adaptive, numbers used again": Case(
        [0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=Accept("capacity", "2.25 - exits", 0.875)
    ),
    "adaptive, steps": Case(
        [0.9, -1.3, 0.2], "-u**2", -0.5, acceptance=Accept("capacity", "s + 1.25 - 0.5*steps", 0.5)
    ),
    "adaptive, confidence": Case(
        [0.9, -0.9, 0.2],
        "-u**2",
        -0.5,
        acceptance=Accept("bounded confidence", "0.9 + 0.75*entries - 0.5*exits", 0.5),
    ),
    "adaptive, confidence that fades": Case(
        [0.9, -1.3, 0.2], "-u**2", 0.001, acceptance=Accept("bounded confidence", "2.5/(1 + moves)", 0.5)
    ),
    "adaptive, unanimous": Case(
        [0.9, -1.3, 0.2], "-u**2", 0.01, acceptance=Accept("unanimous", "0.3*moves/s", 0.5), structure=[[0, 2], [1]]
    ),
    "majority": Case([0.9, -1.3, 0.2, 0.25], "-(u**2 - 1)**2", 0.01, acceptance=Accept("majority", 0.05)),
    "aggregate": Case([0.9, -1.3, 0.2, 0.25], "-(u**2 - 1)**2", 0.01, acceptance=Accept("aggregate", 0.02)),
    "capacity": Case([0.9, -1.3, 0.2, 0.25], "-u**2", 0.01, acceptance=Accept("capacity", 2)),
    "confidence": Case([0.9, -1.3, 0.2, 0.25], "-u**2", 0.01, acceptance=Accept("bounded confidence", 0.8)),
    "numbered": Case(
        [0.9, -1.3, 0.2],
        "-u**2",
        Charges(-1.0, entry=Charge("coalition", [0.5, 3.0]), between=[[0.0, 0.0, 2.5], [0.0] * 3, [0.0] * 3]),
    ),
    "path": Case([0.9, -1.3, 0.2, 0.3], "-u**2", 0.02, influence=PATH),
    "general": Case([0.9, -1.3, 0.2], "-u**2", 0.02, influence=LADDER),
    "stubborn": Case([0.9, -1.3, 0.2], "-u**2", 0.02, stubbornness=[0.5, 0.0, 0.25]),
    "plane": Case([[0.9, 0.1], [-1.3, 0.4], [0.2, -0.8]], "-(u1**2 + u2**2 - 1)**2", 0.02),
    "impatient": Case([0.9, -1.3, 0.2], "-u**2", 0.05, influence=ej.lazy(0.5), discount=0.75),
}


@pytest.mark.parametrize("name", RANDOM)
def test_random_runs_follow_their_law(name):
    case = RANDOM[name]
    for steps, max_steps in ((inf, 5), (1, 3)):
        law = expected_ends(case, "random", steps, max_steps)
        assert_frequencies(observed_ends(case, "random", steps, max_steps, 20_000), law, 20_000)


@pytest.mark.parametrize("schedule", ["round robin", "largest gain"])
@pytest.mark.parametrize("name", RANDOM)
def test_the_course_of_a_run_without_chance(name, schedule):
    """Every seed makes the run that the oracle foresees.  Small costs of everyone's own leave no two moves equal."""
    case = RANDOM[name]
    small = {
        "exit": Charge("agent", [0.0, 0.0131, -0.0173, 0.0311][: len(case.opinions)]),
        "entry": Charge("coalition", [0.0071, 0.0113, 0.0157]),
    }
    given = case.switching_cost
    costs = replace(given, exit=small["exit"]) if isinstance(given, Charges) else Charges(given, **small)
    case = case.replaced(switching_cost=costs)
    law = expected_ends(case, schedule, 2, 5)
    assert list(law.values()) == [1]
    observed = observed_ends(case, schedule, 2, 5, 50)
    assert observed == dict.fromkeys(law, 50)
    run = ej.simulate(case.model, 0, case.structure, schedule, 2, 5)
    check_replay(case, run, schedule, 2, 5)


def test_round_robin_takes_turns():
    """Every move pays: agents move in the order of their numbers, again and again."""
    model = ej.Model([0.0, 1.0, 3.0, 7.0], "-u**2", -10.0)
    path = ej.simulate(model, 0, schedule="round robin", max_steps=9).trajectory
    assert path.mover.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, -1]
    costs = ej.switching_cost(base=-10.0, exit=ej.per_agent([0.0, 1000.0, 0.0, 0.0]))
    path = ej.simulate(model.replace(switching_cost=costs), 0, schedule="round robin", max_steps=7).trajectory
    assert path.mover.tolist() == [0, 2, 3, 0, 2, 3, 0, -1]


def test_the_names_of_adaptive_rules_are_all_covered():
    assert set(ADAPTIVE) == set(RULES) - {"open", "adaptive"}
