"""Simulation: replayed move by move with the oracle, compared with its exact law, and held to its invariants."""

from collections import Counter
from fractions import Fraction
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, kstest

import exitjoin as ej

from .cases import Case, cases, numbers, rates
from .oracle import ALONE, Undecided, choices, law_of_runs, replay

SETTINGS = settings(deadline=None, database=None, max_examples=25, suppress_health_check=[HealthCheck.filter_too_much])
LEVEL = 1e-4  # of the distribution tests, whose seeds are fixed: they pass or fail for good


# Replay


def check_replay(case, run, schedule, steps, max_steps):
    """Every recorded move was allowed, every recorded number is right, and the run ended where it should."""
    path = run.trajectory

    def tolerance(moment):
        """The tolerance at that moment; where opinions have cancelled to rounding errors nothing can be said."""
        now = case.tolerance_at(moment)
        if now < case.tolerance / 64:
            raise Undecided
        return now

    entries = list(replay(case.moment, path, schedule, steps, tolerance))
    assert len(entries) == len(path.mover) == run.steps + 1
    for t, (moment, move) in enumerate(entries):
        close = 4 * case.tolerance
        size = 1 + float(max(map(abs, case.moment.x)))
        assert path.spread[t] == pytest.approx(float(moment.spread()), rel=1e-12, abs=1e-14 * size)
        assert path.disagreement[t] == pytest.approx(float(moment.disagreement()), rel=1e-12, abs=1e-14 * size**2)
        assert abs(Fraction(float(path.surplus[t])) - moment.surplus()) <= len(case.opinions) * close
        assert path.n_coalitions[t] == len(moment.structure)
        assert isnan(path.gain[t]) if move is None else abs(Fraction(float(path.gain[t])) - move.gain) <= close
        if t < run.steps and move is None:
            assert not moment.admissible(case.tolerance_at(moment)), "a step without the move that was possible"
            assert not moment.members_agree(), "a step after the joint equilibrium"
    last = entries[-1][0]
    assert entries[-1][1] is None
    assert run.structure == sorted(map(sorted, last.structure))
    assert run.opinions == pytest.approx(np.array(last.x, dtype=float), rel=1e-12, abs=1e-14 * size)
    assert run.initial_opinions.tolist() == list(case.opinions)
    assert run.moves == sum(path.mover >= 0)
    assert (run.spread, run.disagreement, run.surplus) == (path.spread[-1], path.disagreement[-1], path.surplus[-1])
    at_rest = last.is_joint_equilibrium(case.tolerance_at(last))
    assert run.outcome == ("joint equilibrium" if at_rest else "step limit")
    assert run.steps <= max_steps
    assert at_rest or run.steps == max_steps


@pytest.mark.parametrize("schedule", ["random", "best response"])
@pytest.mark.parametrize("influence", ["uniform", "weighted", "lazy"])
@pytest.mark.parametrize("tactical_steps", [1, 3, inf])
@SETTINGS
@given(case=cases(max_agents=5, min_agents=2), seed=st.integers(0, 2**64), data=st.data())
def test_replay(influence, schedule, tactical_steps, case, seed, data):
    n = len(case.opinions)
    if influence == "lazy":
        influence = ej.lazy(data.draw(rates))
    if influence == "weighted":
        influence = ej.weighted(data.draw(st.lists(st.floats(0.1, 10.0), min_size=n, max_size=n)))
    case = case.replaced(influence=influence)
    max_steps = data.draw(st.sampled_from([1, 4, 12]))
    run = ej.simulate(case.model, seed, case.coalitions, schedule, tactical_steps, max_steps)
    try:
        check_replay(case, run, schedule, tactical_steps, max_steps)
    except Undecided:
        assume(False)


@pytest.mark.parametrize("acceptance", ["open", "unanimous", ej.unanimous(0.01), ej.unanimous(-0.01)])
@pytest.mark.parametrize("switching_cost", [0.03, 0.0, -0.03])
@pytest.mark.parametrize("schedule", ["random", "best response"])
@pytest.mark.parametrize("influence", ["uniform", ej.lazy(0.4), ej.weighted([1, 2, 0.5, 3, 1, 1])])
def test_replay_of_longer_runs_from_singletons(influence, schedule, switching_cost, acceptance):
    opinions = [0.9, -1.3, 0.2, 1.7, -0.4, 0.55]
    for seed, (performance, steps) in enumerate([("-u**2", 2), ("-(u**2 - 1)**2", inf), ("sin(3*u)", 2)]):
        case = Case(opinions, performance, switching_cost, "a", influence, acceptance)
        run = ej.simulate(case.model, seed, None, schedule, steps, 12)
        check_replay(case, run, schedule, steps, 12)


@pytest.mark.parametrize("schedule", ["random", "best response"])
@pytest.mark.parametrize("acceptance", ["open", ej.unanimous(0.001), ej.unanimous(-0.05)])
@pytest.mark.parametrize(
    ("performance", "n", "influence", "steps"),
    [
        ("-u**2", 60, "uniform", inf),
        ("-(u**2 - 1)**2", 60, "uniform", inf),
        ("sin(3*u)", 60, ej.lazy(0.5), inf),
        ("-u**2", 40, ej.lazy(0.5), 2),
        ("exp(-u**2)", 9, ej.weighted(np.linspace(0.5, 3, 9)), 1),
        ("sin(3*u)", 9, ej.lazy(0.5), 1),
    ],
)
def test_large_runs_follow_the_moves_of_each_moment(performance, n, influence, steps, acceptance, schedule):
    """Too large for the oracle: `ej.moves`, which the oracle checks in small, at every moment of the run."""
    for seed, cost in enumerate([0.02, -0.02]):
        x = np.random.default_rng(seed).normal(size=n)
        model = ej.Model(x, performance, cost, "s", influence, acceptance)
        structure = [[3 * i, 3 * i + 1, 3 * i + 2] for i in range(n // 3)] + [[i] for i in range(n // 3 * 3, n)]
        run = ej.simulate(model, seed, structure, schedule, steps, 100 if n > 9 else 25)
        path = run.trajectory
        for t in range(run.steps + 1):
            w = ej.influence_matrix(model, structure)
            x = ej.tactical_limit(model, structure) if steps == inf else np.linalg.matrix_power(w, steps) @ x
            model = model.replace(opinions=x)
            assert path.spread[t] == pytest.approx(np.ptp(x), abs=1e-12)
            assert path.disagreement[t] == pytest.approx(n * x.var(), abs=1e-11)
            assert path.surplus[t] == pytest.approx(ej.coalition_values(model, structure).sum(), abs=1e-10)
            assert path.n_coalitions[t] == len(structure)
            if t == run.steps:
                break
            table, mover, target = ej.moves(model, structure), path.mover[t], path.target[t]
            if mover < 0:
                assert not table.admissible.any()
                continue
            column = next((k for k, c in enumerate(structure) if target in c), len(structure))
            assert table.admissible[mover, column]
            assert path.gain[t] == pytest.approx(table.gains[mover, column], abs=1e-11)
            if schedule == "best response":
                assert path.gain[t] >= table.gains[mover][table.admissible[mover]].max() - 1e-11
            joined = [*(structure[column] if column < len(structure) else []), int(mover)]
            assert target == (min(joined[:-1]) if joined[:-1] else -1)
            rest = [[i for i in c if i != mover] for k, c in enumerate(structure) if k != column]
            structure = sorted(sorted(c) for c in [*rest, joined] if c)
        assert run.structure == structure
        assert run.opinions == pytest.approx(x, abs=1e-12)
        final = model.replace(opinions=run.opinions)  # x is the same up to rounding, of which agreement allows little
        assert (run.outcome == "joint equilibrium") == ej.is_joint_equilibrium(final, structure)


@SETTINGS
@given(
    st.lists(numbers, min_size=2, max_size=5),
    st.sampled_from(["-u**2", "3 - (u - 1/3)**2", "2 - 3*u", "-(u**2 - 1)**2"]),
    st.integers(0, 1000),
)
def test_replay_down_to_ties(opinions, performance, seed):
    """Without a cost the gains shrink until they are ties: the run must end exactly where the tolerance says."""
    case = Case(opinions, performance)
    run = ej.simulate(case.model, seed, max_steps=60)
    try:
        check_replay(case, run, "random", inf, 60)
    except Undecided:
        assume(False)


@pytest.mark.parametrize("opinions", [[0.1, 0.2, -0.3], [1.0, -1.0, 0.0, 0.0], [1e6, -1e6, 3.0], [1e6 + 0.1, 1e6, 1e6]])
@pytest.mark.parametrize("performance", ["-u**2", "3 - (u - 1/3)**2", "2 - 3*u", "tanh(2*u)"])
def test_runs_without_a_cost_end(opinions, performance):
    """Opinions that agree to the last place, at 0 or far from it, offer no gain to chase."""
    case = Case(opinions, performance)
    for seed in range(20):
        run = ej.simulate(case.model, seed, max_steps=2000)
        assert run.outcome == "joint equilibrium"
        assert ej.is_joint_equilibrium(case.model.replace(opinions=run.opinions), run.structure)


@SETTINGS
@given(
    case=cases(max_agents=6),
    seed=st.integers(0, 100),
    schedule=st.sampled_from(["random", "best response"]),
    steps=st.sampled_from([1, 2, inf]),
)
def test_the_end_of_a_run_is_an_equilibrium_of_the_model(case, seed, schedule, steps):
    run = ej.simulate(case.model, seed, case.coalitions, schedule, steps, 100)
    final = case.model.replace(opinions=run.opinions)
    assert (run.outcome == "joint equilibrium") == ej.is_joint_equilibrium(final, run.structure)
    if run.outcome == "joint equilibrium":
        again = ej.simulate(final, seed + 1, run.structure, schedule, steps)
        assert (again.moves, again.steps, again.structure) == (0, 0, run.structure)


# Laws


def assert_frequencies(observed, law, total):
    """Chi-square test of counts against exact probabilities; cells expected less than 5 times are pooled."""
    assert set(observed) <= set(law), "something happened that has probability 0"
    assert sum(law.values()) == 1
    cells = [(observed.get(cell, 0), float(p) * total) for cell, p in law.items()]
    rare = [cell for cell in cells if cell[1] < 5]
    cells = [cell for cell in cells if cell[1] >= 5] + ([tuple(map(sum, zip(*rare, strict=True)))] if rare else [])
    statistic = sum((count - expected) ** 2 / expected for count, expected in cells)
    assert len(cells) == 1 or chi2.sf(statistic, len(cells) - 1) > LEVEL, sorted(cells)


TINY = {
    "three agents": Case([0.1, -1.2, 0.7], "3 - (u - 1/3)**2", 0.05),
    "three agents, two wells": Case([0.1, -1.2, 0.7], "-(u**2 - 1)**2", 0.05),
    "every move pays": Case([0.1, -1.2, 0.7], "-u**2", -1.0),
    "every move pays, also alone": Case([0.1, -1.2, 0.7], "-u**2", -1.0, structure=[[0, 2], [1]]),
    "unanimous": Case([0.9, -1.3, 0.2, 0.25], "-(u**2 - 1)**2", 0.01, acceptance=ej.unanimous(0.02)),
    "unanimous, unequal scale": Case([0.9, -1.3, 0.2, 0.25], "exp(-u**2)", 0.1, "s**1.5", "uniform", ej.unanimous()),
    "weighted": Case([0.9, -1.3, 0.2], "-u**2", 0.02, "a", ej.weighted([1, 2, 0.5])),
    "lazy": Case([0.1, -1.2, 0.7], "-u**2", 0.05, "s", ej.lazy(0.5)),
    "from two coalitions": Case([0.9, -1.3, 0.2, 1.1], "sin(3*u)", 0.02, structure=[[0, 3], [1, 2]]),
}


@pytest.mark.parametrize("name", TINY)
def test_first_moves_follow_their_law(name):
    """A mover uniform among the agents that can move, a target uniform among its own."""
    case, runs = TINY[name], 3000
    observed = Counter()
    for seed in range(runs):
        path = ej.simulate(case.model, seed, case.structure, max_steps=1, tactical_steps=1).trajectory
        observed[int(path.mover[0]), int(path.target[0])] += 1
    moment = case.moment.after_tactics(1)
    law = Counter()
    for probability, move in choices(moment, "random", case.tolerance_at(moment)):
        law[move.mover, -1 if move.target == ALONE else min(move.target)] += probability
    assert len(law) > 1
    assert_frequencies(observed, law, runs)


ENDLESS = ("every move pays", "every move pays, also alone", "lazy")  # or nearly so: their laws after three steps
TIED = ENDLESS[:2]  # gains are equal at unanimity: the best move is not one


@pytest.mark.parametrize(
    ("name", "schedule"), [(n, s) for n in TINY for s in ("random", "best response") if s == "random" or n not in TIED]
)
def test_ends_of_runs_follow_their_law(name, schedule):
    """The whole Markov chain by enumeration, against an ensemble: moves, outcome, coalitions and spread at the end."""
    case, runs = TINY[name], 20_000
    steps, max_steps = (1, 3) if name in ENDLESS else (inf, 40)
    law, final = Counter(), Counter()
    ends = law_of_runs(case.moment, schedule, steps, max_steps, case.tolerance_at)
    for (moves, outcome, x, structure), probability in ends.items():
        law[moves, outcome, len(structure), round(float(max(x) - min(x)), 7)] += probability
        final[tuple(sorted(map(tuple, map(sorted, structure))))] += probability
    many = ej.ensemble(case.model, runs, 5, case.structure, schedule, steps, max_steps)
    spreads = [round(spread, 7) for spread in many.spread.tolist()]
    observed = Counter(
        zip(many.moves.tolist(), many.outcome.tolist(), many.n_coalitions.tolist(), spreads, strict=True)
    )
    assert_frequencies(observed, law, runs)
    if len(final) > 1:
        found = Counter()
        for seed in range(1000):
            run = ej.simulate(case.model, 10_000 + seed, case.structure, schedule, steps, max_steps)
            found[tuple(map(tuple, run.structure))] += 1
        assert_frequencies(found, final, 1000)


def test_drawn_opinions_are_normal_and_independent():
    model = ej.Model(ej.normal(2, mean=3.0, sd=0.5), "-u**2", 1e6)
    gaps = ej.ensemble(model, 20_000, seed=1).spread
    assert kstest(gaps, "halfnorm", args=(0, 0.5 * 2**0.5)).pvalue > LEVEL
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) < 4 / 20_000**0.5
    draws = np.concatenate([ej.simulate(model, seed).initial_opinions for seed in range(1000)])
    assert kstest(draws, "norm", args=(3.0, 0.5)).pvalue > LEVEL


# Determinism

MODELS = {
    "drawn": ej.Model(ej.normal(10), "-u**2", 0.05),
    "drawn, no end": ej.Model(ej.normal(10), "-u**2", -0.05),
    "fixed": ej.Model(np.linspace(-1, 1.3, 8), "-(u**2 - 1)**2", 0.0),
    "lazy": ej.Model(ej.normal(6), "sin(3*u)", 0.01, "s**1.5", ej.lazy(0.3), ej.unanimous(-0.1)),
    "weighted": ej.Model(ej.normal(6), "exp(-u**2)", 0.01, "a", ej.weighted([1, 2, 3, 4, 5, 6])),
}
FIELDS = ("moves", "steps", "n_coalitions", "spread", "disagreement", "surplus", "outcome")
PATH = ("spread", "disagreement", "surplus", "n_coalitions", "mover", "gain", "target")


def same_bits(one, other, fields=FIELDS):
    return all(np.array_equal(getattr(one, f), getattr(other, f), equal_nan=f == "gain") for f in fields)


@pytest.mark.parametrize("schedule", ["random", "best response"])
@pytest.mark.parametrize("name", MODELS)
def test_same_seed_same_bits(name, schedule):
    model, arguments = MODELS[name], {"schedule": schedule, "tactical_steps": 2, "max_steps": 60}
    for seed in (0, 2**70 + 1, np.random.SeedSequence([1, 2])):
        one, other = (ej.simulate(model, seed, **arguments) for _ in range(2))
        assert same_bits(one.trajectory, other.trajectory, PATH)
        assert same_bits(one, other, ("opinions", "initial_opinions", "moves", "steps", "outcome"))
        assert one.structure == other.structure
        many = ej.ensemble(model, 100, seed, threads=1, **arguments)
        for threads in (1, 2, 3, None):
            assert same_bits(many, ej.ensemble(model, 100, seed, threads=threads, **arguments))
        for field in ("moves", "steps", "spread", "disagreement", "surplus", "outcome"):
            assert getattr(many, field)[0] == getattr(one, field), field
        assert many.n_coalitions[0] == len(one.structure)
        fewer = ej.ensemble(model, 50, seed, threads=2, **arguments)
        assert all(np.array_equal(getattr(many, f)[:50], getattr(fewer, f)) for f in FIELDS)


def test_different_seeds_differ():
    model = MODELS["drawn"]
    seeds = [0, 1, 2**32, 2**64, np.random.SeedSequence([5, 6]), None, None]
    starts = {tuple(ej.simulate(model, seed).initial_opinions) for seed in seeds}
    assert len(starts) == len(seeds)


def test_an_ensemble_repeats_no_run():
    many = ej.ensemble(MODELS["drawn"], 5000, seed=3)
    assert len(set(many.spread.tolist()) - {0.0}) >= 4990 - (many.spread == 0).sum()
    assert len(set(many.surplus.tolist())) == 5000


def test_drawn_is_what_simulate_starts_from():
    model = MODELS["drawn"]
    assert model.drawn(7).opinions.tolist() == ej.simulate(model, 7).initial_opinions.tolist()
    fixed = MODELS["fixed"]
    assert fixed.drawn(7).opinions.tolist() == fixed.opinions.tolist()


def test_a_run_leaves_the_model_and_its_arguments_alone():
    model, structure = MODELS["fixed"], [[0, 1, 2], [3, 4], [5, 6, 7]]
    opinions = model.opinions.copy()
    ej.simulate(model, 0, structure)
    ej.ensemble(model, 10, 0, structure)
    assert np.array_equal(model.opinions, opinions)
    assert structure == [[0, 1, 2], [3, 4], [5, 6, 7]]


# Invariants

CONCAVE = ["-u**2", "3 - (u - 1/3)**2", "-abs(u)", "-u**4", "-exp(u)", "-sqrt(1 + u**2)"]


def random_models(performance, cost, count=40, **arguments):
    rng = np.random.default_rng(11)
    for seed in range(count):
        yield seed, ej.Model(rng.normal(size=rng.integers(2, 12)), performance, cost, **arguments)


@pytest.mark.parametrize("schedule", ["random", "best response"])
@pytest.mark.parametrize("cost", [0.02, 0.0, -0.05])
@pytest.mark.parametrize("performance", CONCAVE)
def test_surplus_never_falls_and_disagreement_never_rises(performance, cost, schedule):
    """At a tactical equilibrium a move merges one opinion into others: concave φ makes that worth more (V1)."""
    for seed, model in random_models(performance, cost, count=10):
        path = ej.simulate(model, seed, schedule=schedule, max_steps=50).trajectory
        slack = 16 * ej.tie_tolerance(model)
        assert np.all(np.diff(path.surplus) >= -slack)
        assert np.all(np.diff(path.disagreement) <= 1e-13)
        assert np.all(np.diff(path.spread) <= 1e-13)


@pytest.mark.parametrize(
    ("performance", "curvature"), [("-u**2", 2), ("5*u - 3*u**2", 6), ("sin(3*u)", 9), ("exp(-u**2)", 2), ("u**2", 0)]
)
@pytest.mark.parametrize("acceptance", ["open", "unanimous", ej.unanimous(-0.1), ej.unanimous(0.001)])
@pytest.mark.parametrize("cost", [0.2, 0.02, 0.001])
def test_moves_are_bounded_by_the_disagreement_spent(performance, curvature, acceptance, cost):
    """S4: at most L V(x(0)) / (2κ) moves if φ'' ≥ -L."""
    for seed, model in random_models(performance, cost, count=12, acceptance=acceptance):
        for schedule in ("random", "best response"):
            run = ej.simulate(model, seed, schedule=schedule)
            bound = curvature * np.sum((model.opinions - model.opinions.mean()) ** 2) / (2 * cost)
            assert run.outcome == "joint equilibrium"
            assert run.moves <= bound


def test_the_bound_on_moves_holds_for_weighted_influence():
    """S4 with scale a(S) and V = Σ a_i (x_i - x̄)²."""
    for seed, model in random_models("-u**2", 0.01):
        a = np.random.default_rng(seed).uniform(0.2, 5, model.n_agents)
        run = ej.simulate(model.replace(influence=ej.weighted(a), scale="a"), seed)
        mean = np.average(model.opinions, weights=a)
        assert run.outcome == "joint equilibrium"
        assert run.moves <= np.sum(a * (model.opinions - mean) ** 2) / 0.01


@pytest.mark.parametrize("cost", [1e-6, 0.01, 0.05, 0.5])
def test_terminal_spread_and_moves_of_a_large_ensemble(cost):
    """S4 and S5 for φ = -u²: moves ≤ V/κ, spread ≤ 2 √κ."""
    model = ej.Model(ej.normal(12), "-u**2", cost)
    for schedule in ("random", "best response"):
        many = ej.ensemble(model, 1000, seed=2, schedule=schedule)
        assert set(many.outcome) == {"joint equilibrium"}
        assert np.all(many.spread <= 2 * cost**0.5)
    opinions = np.random.default_rng(3).normal(size=12)
    many = ej.ensemble(model.replace(opinions=opinions), 1000, seed=2)
    assert np.all(many.moves <= 12 * opinions.var() / cost)


@pytest.mark.parametrize("performance", CONCAVE)
@pytest.mark.parametrize("influence", ["uniform", ej.lazy(0.3)])
def test_a_negative_cost_and_concave_performance_never_rest(performance, influence):
    """S6, for any number of agents from 2 on; a move may go on at unanimity."""
    for seed, model in random_models(performance, -0.01, count=5, influence=influence):
        run = ej.simulate(model, seed, max_steps=150)
        assert (run.outcome, run.moves, run.steps) == ("step limit", 150, 150)
        assert run.spread < 0.1 * np.ptp(model.opinions)


@pytest.mark.parametrize("influence", ["uniform", ej.lazy(0.3), ej.lazy(1.0)])
@pytest.mark.parametrize("steps", [1, 5, inf])
def test_mean_opinion_is_preserved(influence, steps):
    for seed, model in random_models("sin(3*u)", -0.01, count=10, influence=influence):
        run = ej.simulate(model, seed, tactical_steps=steps, max_steps=200)
        assert run.opinions.mean() == pytest.approx(model.opinions.mean(), abs=1e-13)


def test_convex_performance_never_moves():
    """S11: every structure is at rest for κ ≥ 0."""
    for seed, model in random_models("u**2", 0.0):
        structure = np.random.default_rng(seed).integers(0, 3, model.n_agents)
        assert ej.simulate(model, seed, structure).moves == 0


@pytest.mark.parametrize("n", [1, 2])
def test_the_smallest_models(n):
    for cost in (-1.0, 0.0, 1.0):
        run = ej.simulate(ej.Model([0.5] * n, "-u**2", cost), seed=0, max_steps=7)
        moves = 7 if n == 2 and cost < 0 else 0
        assert (run.moves, run.steps, run.spread) == (moves, moves, 0.0)


def test_no_steps_at_all():
    """The start after its tactical phase, at rest or not."""
    for cost, outcome in ((1.0, "joint equilibrium"), (0.1, "step limit")):
        run = ej.simulate(ej.Model([0.0, 1.0, 2.0], "-u**2", cost), 0, [[0, 1], [2]], max_steps=0)
        assert (run.outcome, run.steps, run.opinions.tolist()) == (outcome, 0, [0.5, 0.5, 2.0])
