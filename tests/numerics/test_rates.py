from __future__ import annotations

import numpy as np
import pytest

from numerics.rates import degroot_trajectory, measured_rate
from theory.errors import InputError


@pytest.mark.parametrize("slem", [0.999, 0.5, 1e-3, 1e-9])
def test_two_agents_have_one_rate(slem):
    W = np.array([[1 + slem, 1 - slem], [1 - slem, 1 + slem]]) / 2
    path = degroot_trajectory(W, np.array([3.0, -1.0]), 3000)
    assert measured_rate(path) == pytest.approx(slem, rel=1e-5)


def test_oscillating_opinions_have_the_modulus_as_rate():
    W = np.array([[0.1, 0.9], [0.9, 0.1]])
    assert measured_rate(degroot_trajectory(W, np.array([0.0, 1.0]), 500)) == pytest.approx(0.8, rel=1e-5)


def test_no_decay_is_rate_one_and_instant_consensus_rate_zero():
    x = np.array([0.0, 1.0, 5.0])
    assert measured_rate(degroot_trajectory(np.eye(3), x, 50)) == pytest.approx(1)
    assert measured_rate(degroot_trajectory(np.full((3, 3), 1 / 3), x, 50)) == 0


@pytest.mark.parametrize(
    ("W", "x", "steps", "field"),
    [
        (np.eye(2), np.zeros(3), 2, "W"),
        (np.array([[0.5, 0.6], [0.5, 0.5]]), np.zeros(2), 2, r"W\[0\]"),
        (np.array([[0.5, 0.5], [1.5, -0.5]]), np.zeros(2), 2, r"W\[1\]"),
        (np.eye(2), np.zeros(2), -2, "steps"),
    ],
)
def test_bad_trajectories_are_refused(W, x, steps, field):
    with pytest.raises(InputError, match=field):
        degroot_trajectory(W, x, steps)


def test_opinions_that_agree_have_no_rate():
    with pytest.raises(InputError, match="starts in consensus"):
        measured_rate(np.ones((5, 3)))
