"""Payoffs of one coalition of a million agents, in units of a NumPy pass, and beside the closed form in NumPy."""

from __future__ import annotations

import math

import numpy as np

import exitjoin as ej
from benchmarks.timing import Row, compare, same_numbers

AGENTS = 10**6


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    x = np.random.default_rng(1).standard_normal(AGENTS)
    out = np.empty_like(x)
    model = ej.Model(opinions=x, performance="-u**2")
    everyone = np.zeros(AGENTS, dtype=np.int64)
    payoffs = ej.aumann_dreze_value(model, everyone)
    same_numbers("payoffs", payoffs, closed_form(x), 1e-12)
    same_numbers("value of the coalition", math.fsum(payoffs), -(math.fsum(x) ** 2) / AGENTS, 1e-9)
    return {
        "payoffs in a coalition of 1,000,000, in passes": compare(
            lambda: ej.aumann_dreze_value(model, everyone),
            lambda: [np.add(x, 1.0, out=out) for _ in range(30)],
            names=("ej.aumann_dreze_value", "np.add(x, 1.0, out=y)"),
            operations=(1, 30),
            cost=True,
            repeats=15,
            check="payoffs add up to the value of the coalition",
        ),
        "payoffs in a coalition of 1,000,000": compare(
            lambda: ej.aumann_dreze_value(model, everyone),
            lambda: closed_form(x),
            names=("ej.aumann_dreze_value", "closed form in NumPy"),
            repeats=15,
            check="same payoffs up to 1e-12",
        ),
    }


def closed_form(y: np.ndarray) -> np.ndarray:
    """Return the payoffs in one coalition with φ(u) = -u² (V3), as one would write it in NumPy.

    -A_i = -(1/k) [y_i² H + 2 y_i t (k-H)/(k-1) - q (H-1)/(k-1) - (t²-q)(k+1-2H)/((k-1)(k-2))],

    with t and q the sums of the others' opinions and of their squares.
    """
    k = len(y)
    H = np.sum(1 / np.arange(1, k + 1))
    square = y * y
    t, q = y.sum() - y, square.sum() - square
    pairs = (t * t - q) * ((k + 1 - 2 * H) / ((k - 1) * (k - 2)))
    return -(square * H + 2 * y * t * ((k - H) / (k - 1)) - q * ((H - 1) / (k - 1)) - pairs) / k
