"""The rate of the paradox in floating point, and measured: simulations against the derived law.

The simulator draws a move as the law has it: an agent, uniform among those with an admissible move, then one of its
admissible moves, uniform; at κ < 0 and concave φ these are all agents and all moves (`numerics.schedules`).
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

import exitjoin as ej
from numerics.mixing import MixingRate, mixing_rate
from theory.errors import InputError
from theory.mixing import disagreement_path
from theory.mixing import mixing_rate as exact_rate
from theory.mixing_bounds import rate_bound
from theory.size_chain import Sizes, size_chain

FloatArray = NDArray[np.float64]

OPINIONS = (0.5, -0.4, 0.1, -0.25, 0.35)  # exp(-u²) is concave for |u| ≤ 0.7
STEPS = 6
SIGMA = 4.0  # of the mean: by chance in one test of 16 000
PARABOLA, GAUSSIAN = ("-u**2", -0.05, 100_000), ("exp(-u**2)", -0.02, 20_000)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_float_rate_is_the_exact_one(n: int) -> None:
    found = mixing_rate(n)
    difference = abs(float(exact_rate(n).evalf(30)) - found.rate)
    assert difference <= found.error + 1e-16
    assert found.error < 1e-12
    assert found.outcome == "converged"


@pytest.mark.parametrize("n", [8, 9, 12, 20])
def test_many_agents(n: int) -> None:
    found = mixing_rate(n)
    assert found.error < 1e-11
    assert mixing_rate(n - 1).rate < found.rate < float(rate_bound(n))
    assert 1.43 < n * (1 - found.rate) < 1.47  # as the module says


def test_time_limit_is_said() -> None:
    found = mixing_rate(12, seconds=1e-9)
    assert found.outcome == "time limit"
    assert abs(found.rate - mixing_rate(12).rate) <= found.error < 0.1


@pytest.mark.parametrize("arguments", [{"n_agents": 1}, {"n_agents": 31}, {"n_agents": 4, "seconds": 0}])
def test_bad_input(arguments: dict) -> None:
    with pytest.raises(InputError):
        mixing_rate(**arguments)


# --- Simulation ---------------------------------------------------------------------------------------------------


def simulated(n: int, performance: str, cost: float, runs: int, steps: int = STEPS, seed: int = 1) -> ej.Ensemble:
    model = ej.Model(opinions=OPINIONS[:n], performance=performance, switching_cost=cost)
    return ej.ensemble(model, runs=runs, seed=seed, max_steps=steps, keep=True, threads=2)


def sizes_of(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The size of the coalition of every agent, (runs, n)."""
    return (labels[:, :, None] == labels[:, None, :]).sum(axis=2)


def partition(own_sizes: NDArray[np.int64]) -> Sizes:
    count = Counter(own_sizes.tolist())
    return tuple(s for s in sorted(count, reverse=True) for _ in range(count[s] // s))


@cache
def derived(n: int) -> MixingRate:
    return mixing_rate(n)


def form(n: int, labels: NDArray[np.int64], x: FloatArray) -> FloatArray:
    """Q of each state: the combination of (c_C - c_D)² whose mean shrinks by ρ_n in every single move."""
    sizes, values = sizes_of(labels), np.empty(len(labels))
    weights = dict(zip(derived(n).classes, derived(n).weights, strict=True))
    sorted_sizes = np.sort(sizes, axis=1)
    for kind in np.unique(sorted_sizes, axis=0):
        rows = (sorted_sizes == kind).all(axis=1)
        table = np.zeros((n + 1, n + 1))
        for (known, (a, b)), weight in weights.items():
            if known == partition(kind):
                table[a, b] = table[b, a] = weight / (2 * a * b)  # every pair of agents, both ways
        s, y = sizes[rows], x[rows]
        squares = (y[:, :, None] - y[:, None, :]) ** 2
        values[rows] = (table[s[:, :, None], s[:, None, :]] * squares).sum(axis=(1, 2))
    return values


def deviation(sample: FloatArray, mean: float) -> float:
    """How many standard errors the mean of a sample is off."""
    return float((sample.mean() - mean) / (sample.std() / len(sample) ** 0.5))


def measured_rate(n: int, end: ej.Ensemble) -> tuple[float, float]:
    """The rate per move and its standard error, from E Q(t) = ρ_n^t Q(0)."""
    start = form(n, np.arange(n)[None, :], np.array([OPINIONS[:n]]))[0]
    ratio = form(n, end.labels, end.opinions) / start
    rate = float(ratio.mean() ** (1 / STEPS))
    return rate, float(ratio.std() / len(ratio) ** 0.5 / ratio.mean()) * rate / STEPS


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize(("performance", "cost", "runs"), [PARABOLA, GAUSSIAN])
def test_measured_rate_and_disagreement(n: int, performance: str, cost: float, runs: int) -> None:
    end = simulated(n, performance, cost, runs)
    assert (end.moves == STEPS).all()
    rate, error = measured_rate(n, end)
    expected = derived(n).rate
    assert SIGMA * error < 0.04 * expected
    assert abs(rate - expected) <= SIGMA * error
    assert abs(rate - 1.05 * expected) > SIGMA * error  # a rate off by 5 % is told apart
    path = disagreement_path([[x] for x in OPINIONS[:n]], STEPS)
    assert abs(deviation(end.disagreement, float(path[-1]))) <= SIGMA
    assert abs(deviation(end.disagreement, 1.05**STEPS * float(path[-1]))) > SIGMA


@pytest.mark.parametrize("n", [3, 4, 5])
@pytest.mark.parametrize(("performance", "cost", "runs"), [PARABOLA, GAUSSIAN])
def test_simulated_sizes_follow_the_chain(n: int, performance: str, cost: float, runs: int) -> None:
    steps, chain = 3, size_chain(n)
    law = {(1,) * n: 1.0}
    for _ in range(steps):
        following: Counter[Sizes] = Counter()
        for sizes, chance in law.items():
            for after, share in chain[sizes].items():
                following[after] += chance * float(share)
        law = dict(following)
    end = simulated(n, performance, cost, runs, steps)
    seen = Counter(map(partition, sizes_of(end.labels)))
    assert set(seen) == set(law)
    for sizes, chance in law.items():
        assert abs(seen[sizes] / runs - chance) <= SIGMA * (chance * (1 - chance) / runs) ** 0.5 + 1e-12


def test_every_move_of_a_structure_is_equally_likely_for_its_agent() -> None:
    """From {0,1},{2}: agents 1/3 each; 0 and 1 go to {2} or alone, 2 goes to {0,1}."""
    model = ej.Model(opinions=[0.0, 0.2, 1.0], performance="-u**2", switching_cost=-0.5)
    runs = 30_000
    end = ej.ensemble(model, runs=runs, seed=3, structure=[[0, 1], [2]], max_steps=1, keep=True)
    seen = Counter(map(tuple, (np.unique(row, return_inverse=True)[1] for row in end.labels)))
    partners = Counter()
    for labels, count in seen.items():
        partners[frozenset(frozenset(np.flatnonzero(np.array(labels) == c).tolist()) for c in set(labels))] += count
    expected = {
        frozenset({frozenset({1}), frozenset({0, 2})}): 1 / 6,
        frozenset({frozenset({0}), frozenset({1, 2})}): 1 / 6,
        frozenset({frozenset({0}), frozenset({1}), frozenset({2})}): 1 / 3,
        frozenset({frozenset({0, 1, 2})}): 1 / 3,
    }
    assert set(partners) == set(expected)
    for structure, chance in expected.items():
        assert abs(partners[structure] / runs - chance) <= SIGMA * (chance * (1 - chance) / runs) ** 0.5


def test_the_cost_does_not_matter_below_zero() -> None:
    ends = [simulated(4, "-u**2", cost, 2_000) for cost in (-1e-6, -0.05, -5.0)]
    for end in ends[1:]:
        np.testing.assert_array_equal(end.labels, ends[0].labels)
        np.testing.assert_allclose(end.opinions, ends[0].opinions, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("performance", "cost"), [("-u**2", 0.0), ("-u**2", 0.02), ("u**2", -0.05)])
def test_other_costs_and_performances_have_other_laws(performance: str, cost: float) -> None:
    end = simulated(4, performance, cost, 20_000)
    path = disagreement_path([[x] for x in OPINIONS[:4]], STEPS)
    assert abs(deviation(end.disagreement, float(path[-1]))) > 2 * SIGMA
