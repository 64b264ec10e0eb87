"""Intervals: their rate in simulations, and their parts against slow oracles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from numerics.fitting import bootstrap as module
from numerics.fitting.bootstrap import Intervals, intervals, simulated_logs
from numerics.fitting.fit import fit_influence
from numerics.fitting.transitions import transitions_of

from .logs import influence, log_of, simulated

Array = NDArray[np.float64]


def least_squares_oracle(x: Array, i: int) -> tuple[Array, Array, int]:
    """Equality-constrained least squares by the KKT matrix: estimates, covariance, degrees of freedom."""
    items, rounds, k = x.shape
    rows = np.array([[*x[m, t], x[m, 0, i]] for m in range(items) for t in range(rounds - 1)])
    nexts = np.array([x[m, t + 1, i] for m in range(items) for t in range(rounds - 1)])
    kkt = np.block([[rows.T @ rows, np.ones((k + 1, 1))], [np.ones((1, k + 1)), np.zeros((1, 1))]])
    inverse = np.linalg.inv(kkt)
    b = (inverse @ np.append(rows.T @ nexts, 1.0))[: k + 1]
    freedom = len(rows) - k
    return b, inverse[: k + 1, : k + 1] * ((nexts - rows @ b) ** 2).sum() / freedom, freedom


def test_estimates_and_standard_errors_against_the_kkt_matrix() -> None:
    rng = np.random.default_rng(0)
    group = simulated(*influence(3, rng), 4, 6, 0.3, rng)
    for agent in transitions_of(group, np.ones((3, 3), bool), True):
        found = module._least_squares(agent, agent.regressors, agent.moves)
        b, covariance, _ = least_squares_oracle(group.opinions, agent.agent)
        assert found.weights == pytest.approx(b, abs=1e-10)
        assert found.covariance == pytest.approx(covariance, abs=1e-10)


def test_many_copies_of_a_single_step_give_students_interval() -> None:
    """With one transition for each item the regressors are given, and |T| is Student's: the bootstrap must find it."""
    rng = np.random.default_rng(1)
    W, s = influence(3, rng)
    group = simulated(W, np.zeros(3), 12, 2, 0.3, rng)
    agents = transitions_of(group, np.ones((3, 3), bool), False)
    found = intervals(group.opinions, agents, np.column_stack([W, s * 0]), 20_000, 0.95, rng)
    for i, agent in enumerate(agents):
        estimate = module._least_squares(agent, agent.regressors, agent.moves)
        reach = student.ppf(0.975, 12 - 2) * np.sqrt(estimate.covariance.diagonal())
        expected = np.clip([estimate.weights - reach, estimate.weights + reach], 0, 1)
        # the 0.975 quantile from 20 000 draws is off by some √(0.05·0.95/20 000)/density(2.2) = 0.03
        assert np.abs(found.weights[:, i] - expected).max() <= 4 * 0.03 * math.sqrt(estimate.covariance.max())


def test_intervals_of_a_ratio_hold_what_is_compatible() -> None:
    """Fieller's interval against a fine grid of w, whatever its sign and shape."""
    rng = np.random.default_rng(2)
    grid = np.linspace(0, 1, 20_001)
    for _ in range(200):
        b, s = rng.uniform(-0.3, 1.2), rng.uniform(-0.2, 1.1)
        root = 0.3 * rng.normal(size=(2, 2))
        S = root @ root.T
        low, high = module._fieller(b, s, S[0, 0], S[0, 1], S[1, 1], 2.0)
        variance = S[0, 0] + 2 * grid * S[0, 1] + grid**2 * S[1, 1]
        inside = grid[(b - grid * (1 - s)) ** 2 <= 4 * variance]
        if len(inside):
            assert abs(low - inside[0]) <= 1e-4
            assert abs(high - inside[-1]) <= 1e-4
        else:
            assert high - low <= 1e-4


def test_copies_follow_the_model() -> None:
    rng = np.random.default_rng(3)
    W, s = influence(3, rng)
    weights = np.column_stack([(1 - s)[:, None] * W, s])
    first = rng.normal(size=(2, 3))
    quiet = simulated_logs(first, weights, np.zeros(3), 5, 1, rng)[0]
    for item in range(2):
        x = first[item]
        for t in range(4):
            x = (1 - s) * (W @ x) + s * first[item]
            assert quiet[item, t + 1] == pytest.approx(x, abs=1e-14)
    noise = np.array([0.1, 0.2, 0.4])
    loud = simulated_logs(first, weights, noise, 2, 20_000, rng)
    assert loud[:, 0, 1].std(axis=0) == pytest.approx(noise, rel=4 / math.sqrt(2 * 20_000))


def test_copies_in_parts_have_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    log = log_of(simulated(*influence(3, rng), 3, 5, 0.3, rng))
    whole = fit_influence(log, bootstrap=50).groups[0]
    monkeypatch.setattr(module, "MAX_COPIED", 500)
    parts = fit_influence(log, bootstrap=50).groups[0]
    assert (whole.influence_interval == parts.influence_interval).all()


COVERAGE_LOGS = 60


@pytest.mark.parametrize("at_the_edge", [False, True])
def test_intervals_hold_the_truth_at_their_rate(at_the_edge: bool) -> None:
    """90 % of the true weights inside; at the edge of the simplex, where only one side can miss, 95 %.

    Allowed are three standard errors of the mean of independent logs, as these scatter.
    """
    positive, zeros, shares = [], [], []
    for draw in range(COVERAGE_LOGS):
        rng = np.random.default_rng([5, draw])
        W, s = influence(3, rng)
        if at_the_edge:
            W, s = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5]]), np.array([0.0, 0.3, 0.0])
        truth = np.column_stack([(1 - s)[:, None] * W, s])
        group = simulated(W, s, 5, 4, 0.1, rng)
        agents = transitions_of(group, np.ones((3, 3), bool), True)
        start = np.clip(np.array([least_squares_oracle(group.opinions, i)[0] for i in range(3)]), 0, None)
        found: Intervals = intervals(group.opinions, agents, start / start.sum(axis=1, keepdims=True), 99, 0.9, rng)
        hit = (found.weights[0] <= truth) & (truth <= found.weights[1])
        positive.append(hit[truth > 0].mean())
        zeros.append(hit[truth == 0].mean() if at_the_edge else math.nan)
        shares.append(((found.influence[0] <= W) & (found.influence[1] >= W))[W > 0].mean())
    for inside, rate in ((positive, 0.9), (shares, 0.9), (zeros, 0.95)):
        if not np.isnan(inside).any():
            assert abs(np.mean(inside) - rate) <= 3 * np.std(inside) / math.sqrt(COVERAGE_LOGS)


def test_the_intervals_do_not_depend_on_regularisation_much() -> None:
    """The typical agent draws estimates, not intervals: with λ = ∞ many estimates are outside, and it says so."""
    rng = np.random.default_rng(6)
    log = log_of(simulated(*influence(3, rng), 3, 60, 0.3, rng))
    free, drawn = (fit_influence(log, regularisation=strength) for strength in (0.0, math.inf))
    difference = np.abs(free.groups[0].weights_interval - drawn.groups[0].weights_interval)
    assert difference.max() < 0.05
    assert free.n_outside == 0
    assert drawn.n_outside > 0
    assert "0 of the estimates lie outside of theirs. Each" in free.note
    reason = "because everybody is taken for the typical agent"
    assert f"{drawn.n_outside} of the estimates lie outside of theirs, {reason}" in drawn.note


def test_the_simplex_too_puts_estimates_outside_of_their_intervals() -> None:
    """Without the typical agent: a weight that wants to be negative is 0, and the others make up for it."""
    rng = np.random.default_rng(7)
    W = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.5, 0.0, 0.5]])
    found = [
        fit_influence(log_of(simulated(W, np.zeros(3), 4, 4, 0.3, rng)), regularisation=0, confidence=0.5)
        for _ in range(5)
    ]
    some = next(fit for fit in found if fit.n_outside)
    assert "because their weights may not be negative and add up to 1. Each" in some.note
    assert "typical agent counts" not in some.note
