"""The three ways to compute a run make the same run: where chance plays no part move by move, otherwise in law."""

import numpy as np
import pytest
from scipy.stats import ks_2samp

import exitjoin as ej

GAPS, PAIRS, AGENTS = "gaps between coalitions", "pairs of coalitions", "agent by agent"

RULES = {
    "open": "open",
    "unanimous": ej.unanimous(0.002),
    "majority": ej.majority(-0.01),
    "aggregate": ej.aggregate(0.001),
    "capacity": ej.capacity(5),
    "bounded confidence": ej.bounded_confidence(0.8),
}


def opinions(n, seed=3):
    return np.random.default_rng(seed).normal(size=n)


def agent_by_agent(model):
    """The same model, in a form that is computed agent by agent."""
    return model.replace(switching_cost=ej.switching_cost(base=model.switching_cost))


def assert_same_run(model, schedule, engine, max_steps=400):
    one = ej.simulate(model, 0, schedule=schedule, max_steps=max_steps)
    two = ej.simulate(agent_by_agent(model), 0, schedule=schedule, max_steps=max_steps)
    assert one.method.startswith(engine), one.method
    assert two.method.startswith(AGENTS), two.method
    assert one.trajectory.mover.tolist() == two.trajectory.mover.tolist()
    assert one.trajectory.target.tolist() == two.trajectory.target.tolist()
    for name in ("gain", "spread", "disagreement", "surplus"):
        expected = getattr(two.trajectory, name)
        assert np.allclose(getattr(one.trajectory, name), expected, rtol=1e-9, atol=1e-12, equal_nan=True), name
    assert (one.structure, one.outcome) == (two.structure, two.outcome)


@pytest.mark.parametrize("cost", [0.03, 0.0005])
@pytest.mark.parametrize("n", [7, 90])
@pytest.mark.parametrize("rule", [name for name in RULES if name != "bounded confidence"])
def test_gaps_against_agents(rule, n, cost):
    model = ej.Model(opinions(n), "2 - 0.7*(u - 1/3)**2", cost, acceptance=RULES[rule])
    assert_same_run(model, "round robin", GAPS)


def test_gaps_against_agents_with_a_negative_cost():
    """Every agent has a move at every step, many of them equal; an acceptance threshold keeps the best one apart."""
    model = ej.Model(opinions(40), "-u**2", -0.01, acceptance=ej.unanimous(0.002))
    assert_same_run(model, "round robin", GAPS, max_steps=12)


def test_gaps_against_agents_with_a_discount():
    model = ej.Model(opinions(30), "-u**2", 0.01, influence=ej.lazy(0.3), discount=0.9)
    assert_same_run(model, "round robin", GAPS)


@pytest.mark.parametrize("schedule", ["round robin", "largest gain"])
@pytest.mark.parametrize("performance", ["-(u**2 - 1)**2", "exp(-u**2)", "u**2", "sin(3*u)"])
@pytest.mark.parametrize("rule", RULES)
def test_pairs_against_agents(rule, performance, schedule):
    cost = -0.05 if performance == "u**2" else 0.02
    model = ej.Model(opinions(11), performance, cost, acceptance=RULES[rule])
    if not rule.startswith("open") and performance == "u**2":
        model = model.replace(switching_cost=-0.2)
    assert_same_run(model, schedule, PAIRS, max_steps=40)


@pytest.mark.parametrize("scale", ["s**1.2", "sqrt(s)"])
def test_pairs_against_agents_with_another_scale(scale):
    assert_same_run(ej.Model(opinions(9), "3 - u**2", 0.02, scale), "round robin", PAIRS, max_steps=60)


def test_interpolated_payoffs_decide_as_the_sums_do():
    """Coalitions of more members than nodes: the one engine interpolates, the other as well, the definition agrees."""
    labels = np.arange(600) % 6
    x = np.linspace(-1.5, 1.5, 6)[labels]
    model = ej.Model(x, "exp(-u**2)", 0.02)
    run = ej.simulate(model, 0, labels, "round robin", max_steps=60)
    assert run.method == f"{PAIRS}; payoffs interpolated"
    small = ej.Model(x[:300], "exp(-u**2)", 0.02)
    exact = np.array([
        sum((s + 1) * np.exp(-((c + (y - c) / (s + 1)) ** 2)) - s * np.exp(-(c**2)) for s in range(51)) / 51
        for y, c in [(x[0], x[1])]
    ])  # fmt: skip
    gain = ej.gains(small, labels[:300])[0, 1]
    assert gain == pytest.approx(exact[0] - np.exp(-(x[0] ** 2)), abs=1e-13)


@pytest.mark.parametrize(("performance", "engine"), [("-u**2", GAPS), ("-(u**2 - 1)**2", PAIRS)])
@pytest.mark.parametrize("cost", [0.02, -0.02])
def test_random_runs_have_one_law(performance, engine, cost):
    """Of 50 agents, so that movers and targets are drawn by rejection; 1500 runs each, at 1 in 10,000."""
    model = ej.Model(opinions(50), performance, cost)
    arguments = {"runs": 1500, "max_steps": 60}
    one = ej.ensemble(model, seed=1, **arguments)
    two = ej.ensemble(agent_by_agent(model), seed=2, **arguments)
    assert one.method.startswith(engine)
    assert two.method.startswith(AGENTS)
    for name in ("moves", "n_coalitions", "spread", "surplus"):
        assert ks_2samp(getattr(one, name), getattr(two, name)).pvalue > 1e-4, name


def test_a_large_population_reaches_equilibrium():
    """100,000 agents in 40 coalitions: every bound of S4 and S5 holds, and nothing is admissible at the end."""
    labels = np.arange(100_000) % 40
    x = np.random.default_rng(0).normal(size=40)[labels]
    model = ej.Model(x, "-u**2", 0.05)
    run = ej.simulate(model, 0, labels, max_steps=10**8, record=False)
    assert run.outcome == "joint equilibrium"
    assert run.spread <= 2 * 0.05**0.5
    assert run.moves <= np.sum((x - x.mean()) ** 2) / 0.05
    assert run.opinions.mean() == pytest.approx(x.mean(), abs=1e-12)


def test_a_sparse_network_of_thousands():
    """Coalitions of up to 6 on a random network: at the end no agent has a move, checked by all of its moves."""
    from scipy.sparse import coo_array

    n, rng = 1500, np.random.default_rng(4)
    i, j = rng.integers(0, n, 4 * n), rng.integers(0, n, 4 * n)
    edges = coo_array((np.ones(4 * n), (i, j)), shape=(n, n)).tocsr()
    edges = ((edges + edges.T) > 0).astype(float).tolil()
    edges.setdiag(1.0)
    model = ej.Model(opinions(n), "-u**2", 0.05, influence=ej.network(edges.tocsr()), acceptance=ej.capacity(6))
    run = ej.simulate(model, 0, max_steps=10**6, record=False)
    assert run.outcome == "joint equilibrium"
    assert max(map(len, run.structure)) == 6
    final = model.replace(opinions=run.opinions)
    assert not ej.moves(final, run.structure).admissible.any()
