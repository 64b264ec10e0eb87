"""Scores against a slow loop, and verdicts that come out either way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import t as student

from numerics.fitting.fit import fit_influence
from numerics.fitting.observations import Observations
from numerics.fitting.skill import skill_against

from .logs import group_of, influence, log_of, simulated

Array = NDArray[np.float64]


def test_errors_against_a_loop() -> None:
    rng = np.random.default_rng(0)
    x = simulated(*influence(3, rng), 5, 6, 0.2, rng).opinions.copy()
    x[1, 4, 0] = x[2, 5, 1] = x[3, 2, 2] = x[4, 4, 2] = np.nan
    log = log_of(group_of(x), simulated(*influence(2, rng), 2, 6, 0.2, rng, "h"))
    scores = fit_influence(log, regularisation=1.0, bootstrap=0).scores
    before = Observations(tuple(group_of(g.opinions[:, :5], g.name) for g in log.groups), log.rounds[:5])
    earlier = fit_influence(before, regularisation=1.0, bootstrap=0)
    every: list[list[float]] = []
    for group, fit, score in zip(log.groups, earlier.groups, scores.groups, strict=True):
        errors: list[list[float]] = []
        for m, answers in enumerate(group.opinions):
            for i in range(group.n_agents):
                guess = fit.stubbornness[i] * answers[0, i] + sum(
                    fit.weights[i, j] * answers[4, j] for j in range(group.n_agents) if fit.weights[i, j] > 0
                )
                three = [guess, answers[4, i], np.nanmean(answers[4])]
                if not any(math.isnan(value - answers[5, i]) for value in three):
                    errors.append([(value - answers[5, i]) / fit.units[m] for value in three])
        assert score.n_predictions == len(errors)
        assert score.errors == pytest.approx(np.sqrt(np.mean(np.square(errors), axis=0)), rel=1e-9)
        every += errors
    total = np.mean(np.square(every), axis=0)
    assert scores.errors == pytest.approx(np.sqrt(total), rel=1e-9)
    assert scores.skill == pytest.approx((1 - total[0] / total[1], 1 - total[0] / total[2]), rel=1e-9)
    assert scores.n_predictions == len(every)
    assert scores.n_predictions + scores.n_lost == 5 * 3 + 2 * 2 - 1
    assert scores.round == "r5"
    assert (scores.independent, scores.n_independent) == ("answers", len(every))  # seven items of groups are too few


def test_the_last_round_is_not_seen() -> None:
    """Whatever is answered in it, the fit it is predicted from is the same."""
    rng = np.random.default_rng(1)
    x = simulated(*influence(3, rng), 12, 4, 0.2, rng).opinions.copy()
    one = fit_influence(log_of(group_of(x)), bootstrap=0).scores
    x[:, 3] = 100.0
    other = fit_influence(log_of(group_of(x / 128)), bootstrap=0).scores
    assert one.regularisation == other.regularisation
    assert (one.independent, one.n_independent) == ("items", 12)


def test_the_fit_wins_on_its_own_model() -> None:
    rng = np.random.default_rng(2)
    scores = fit_influence(log_of(simulated(*influence(4, rng), 20, 6, 0.05, rng)), bootstrap=0).scores
    assert scores.best == "the fit"
    assert scores.clear
    assert scores.verdict.startswith("The fit predicts best, clearly: skill")
    for who, skill, (low, high) in zip(
        ("nobody moves", "everybody averages"), scores.skill, scores.intervals, strict=True
    ):
        assert 0 < low < skill < high <= 1
        assert f"{skill:.3g} against {who} (95 % interval {low:.3g} to {high:.3g})" in scores.verdict


def test_nobody_moves_wins_when_answers_stop() -> None:
    """Three rounds of averaging, then nobody moves any more: the fit expects more of it."""
    rng = np.random.default_rng(3)
    x = np.empty((15, 4, 3))
    x[:, 0] = rng.normal(size=(15, 3))
    for t in (1, 2):
        x[:, t] = 0.5 * x[:, t - 1] + 0.5 * x[:, t - 1].mean(axis=1, keepdims=True)
    x[:, 3] = x[:, 2]
    scores = fit_influence(log_of(group_of(x)), bootstrap=0).scores
    assert scores.best == "nobody moves"
    assert scores.errors[1] == 0
    assert scores.skill[0] == -math.inf
    assert scores.verdict.startswith("The fit predicts clearly worse than nobody moves")


def test_everybody_averages_wins_when_they_do_at_last() -> None:
    rng = np.random.default_rng(4)
    x = np.tile(rng.normal(size=(15, 1, 3)), (1, 4, 1)) + 0.01 * rng.normal(size=(15, 4, 3))
    x[:, 3] = x[:, 2].mean(axis=1, keepdims=True)
    scores = fit_influence(log_of(group_of(x)), bootstrap=0).scores
    assert scores.best == "everybody averages"
    assert "clearly worse than everybody averages" in scores.verdict
    low, high = scores.intervals[1]
    assert low == high == -math.inf  # everybody averages makes no error
    assert f"interval {low:.3g} to {high:.3g}" in scores.verdict


def test_noise_is_not_called_a_win() -> None:
    """Nobody listens and everybody wanders: nothing beats that nobody moves, and nothing is said to."""
    rng = np.random.default_rng(5)
    walk = np.cumsum(rng.normal(size=(12, 4, 3)), axis=1)
    scores = fit_influence(log_of(group_of(walk)), bootstrap=0).scores
    low, high = scores.intervals[0]
    assert low <= 0 <= high
    assert "best, clearly" not in scores.verdict


def test_a_tie_is_no_win() -> None:
    """Nobody moves and the fit says so; and a single agent, of whom all three say the same."""
    x = np.random.default_rng(6).normal(size=(3, 1, 3)).repeat(4, axis=1)
    x[:, 3] += 0.1
    still = fit_influence(log_of(group_of(x)), bootstrap=0).scores
    assert (still.best, still.clear) == ("nobody moves", False)
    assert still.verdict.startswith("The fit predicts as well as nobody moves, no better; errors")
    alone = fit_influence(
        log_of(group_of(np.array([[[0.0], [1.0], [0.5], [0.7]]]))), stubborn=False, bootstrap=0
    ).scores
    assert alone.skill == (0.0, 0.0)
    assert alone.verdict.startswith("The fit predicts as well as nobody moves and everybody averages, no better")


def test_few_answers_are_not_clearly_predicted() -> None:
    """Nobody listens and everybody wanders: "best, clearly" in at most 2.5 % of logs, as a 95 % interval has two ends.

    A bootstrap of three answers said so in 5 to 6 %.  Of 150 logs, the binomial has at most 9 at 2.5 % with 99.4 %.
    """
    rng = np.random.default_rng(7)
    walks = np.cumsum(rng.normal(size=(150, 1, 5, 3)), axis=2)
    assert (
        sum(
            fit_influence(log_of(group_of(walk)), regularisation=1.0, bootstrap=0).scores.verdict.startswith(
                "The fit predicts best, clearly"
            )
            for walk in walks
        )
        <= 9
    )


def test_the_interval_of_the_skill_against_a_grid() -> None:
    """All ratios that Student's test does not reject, by trying them."""
    rng = np.random.default_rng(8)
    grid = np.append(np.linspace(0, 20, 40_001), np.geomspace(20, 1e6, 2_000))
    for n in (2, 3, 5, 12):
        for _ in range(20):
            fit, other = (rng.normal(size=n) * 0.7) ** 2, (1 + rng.normal(size=n)) ** 2
            found = skill_against(fit, other, 0.95)
            g = fit - grid[:, None] * other
            test = np.abs(g.mean(axis=1)) <= student.ppf(0.975, n - 1) * g.std(axis=1, ddof=1) / math.sqrt(n)
            held = grid[test]
            assert found.interval[1] == pytest.approx(1 - held[0], abs=1e-3)
            if held[-1] < grid[-1]:
                assert found.interval[0] == pytest.approx(1 - held[-1], abs=1e-3, rel=0.01)
            else:
                assert found.interval[0] == -math.inf
            assert found.skill == pytest.approx(1 - fit.sum() / other.sum(), rel=1e-12)


def test_skills_at_the_ends() -> None:
    some, none = np.array([1.0, 2.0, 4.0]), np.zeros(3)
    assert skill_against(none, np.array([1.0, 1.1, 0.9]), 0.95) == (1.0, (1.0, 1.0))
    assert skill_against(np.array([1.0, 1.1, 0.9]), none, 0.95) == (-math.inf, (-math.inf, -math.inf))
    assert skill_against(some, some, 0.95) == (0.0, (0.0, 0.0))
    assert skill_against(2 * some, some, 0.95).skill == pytest.approx(-1)
    assert skill_against(some[:1], some[1:2], 0.95) == (0.5, (-math.inf, 1.0))


def test_nothing_to_score_says_so() -> None:
    two = fit_influence(log_of(group_of(np.array([[[0.0, 1.0], [0.5, 0.5]]]))), bootstrap=0).scores
    assert two.n_predictions == 0
    assert two.verdict == "No round can be held out: there are 2, and a fit needs two before it."
    x = np.array([[[0.0, 1.0], [0.5, 0.5], [0.5, 0.6]]])
    x[0, 2] = np.nan
    assert "can be predicted" in fit_influence(log_of(group_of(x)), bootstrap=0).scores.verdict


def test_nothing_fitted_before_the_last_round_is_not_scored() -> None:
    """The only transition that can be used leads into the round that is held out."""
    x = np.array([[[np.nan, 1.0], [0.5, np.nan], [0.5, 0.6], [0.5, 0.55]]])
    found = fit_influence(log_of(group_of(x)), stubborn=False, bootstrap=0)
    assert found.n_used == 2
    assert found.scores.verdict == (
        "Nothing could be fitted before round r3: no transition between the rounds before can be used."
    )
    assert found.scores.best == ""
    assert (found.scores.n_predictions, found.scores.n_lost) == (0, 2)
    assert math.isnan(found.scores.regularisation)
