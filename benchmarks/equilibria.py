"""The equilibria of one team: `ej.atlas` beside a plain loop in C, `ej.stable_structure` beside HiGHS alone.

Random normal opinions, performance -u², uniform influence, moves at the opinions as they are.  Both programs that
exitjoin is compared with are given the table of payoffs; exitjoin makes its own, within its time.
"""

from __future__ import annotations

import os
from typing import Literal

import numpy as np

import exitjoin as ej
from benchmarks import plain_c, plain_highs
from benchmarks.timing import Disagreement, MissingTool, Row, compare, same_numbers

AGENTS = 13
COSTS = (0.1, 1.0, 4.0)  # at which 19 structures of the 13 agents, 1 in 43 and 1 in 2 are stable
TOLERANCE = 1e-9  # of surpluses and costs, which differ by rounding

TEAM = 12  # agents whose best stable structure is sought
COST = 0.05
SMALL_TEAMS = ((8, 0.05), (8, 0.3), (9, 1.0))  # agents and cost of what is checked before


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    rows: dict[str, Row] = {}
    every, least = (
        f"every structure of {AGENTS} agents, critical cost and surplus",
        "least surplus of a stable structure",
    )
    for threads in (2, 1):
        rows[f"{every}, {threads} thread{'s' * (threads > 1)}"] = _atlas(threads)
    rows[f"{least}, {TEAM} agents"] = _least_surplus("auto", calls=20)
    rows[f"{least}, {TEAM} agents, integer program"] = _least_surplus("milp", calls=5)
    return rows


def team(agents: int, cost: float, seed: int) -> tuple[ej.Model, np.ndarray]:
    """Return a model with random opinions and its payoffs."""
    opinions = np.random.default_rng(seed).normal(size=agents)
    return ej.Model(opinions=opinions, performance="-u**2", switching_cost=cost), payoff_table(opinions)


def payoff_table(opinions: np.ndarray) -> np.ndarray:
    """Return (2^n, n) the payoff of each agent in each coalition, a bit mask, for φ = -u²; 0 outside.

    With t and q the sums of the others' opinions and of their squares, k the members and H = 1 + … + 1/k:

        -(1/k) [ x² H + 2 x t (k-H)/(k-1) - q (H-1)/(k-1) - (t²-q) (k+1-2H)/((k-1)(k-2)) ].
    """
    x, n = opinions, len(opinions)
    member = (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(float)
    k = member.sum(axis=1, keepdims=True)
    H = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, n + 1))])[k.astype(int)]
    t, q = (member @ power[:, None] - power for power in (x, x**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        with_one = np.where(k > 1, (2 * x * t * (k - H) - q * (H - 1)) / (k - 1), 0.0)
        with_two = np.where(k > 2, (t**2 - q) * (k + 1 - 2 * H) / ((k - 1) * (k - 2)), 0.0)
        return np.where(member > 0, -(x**2 * H + with_one - with_two) / k, 0.0)


def _atlas(threads: int) -> Row:
    """Check and time `ej.atlas` beside C on one thread."""
    if (os.cpu_count() or 1) < threads:
        return {"skipped": "a second core"}
    model, payoffs = team(AGENTS, 0.0, seed=13)
    ours = ej.atlas(model, threads=threads)
    try:
        theirs = plain_c.every_structure(payoffs, COSTS)
    except MissingTool as missing:
        return {"skipped": str(missing)}
    found = (
        ("number of stable structures", [ours.n_stable(cost) for cost in COSTS], theirs.stable, 0.0),
        ("largest stable surplus", [ours.best_surplus(cost) for cost in COSTS], theirs.most, TOLERANCE),
        ("least stable surplus", [ours.worst_surplus(cost) for cost in COSTS], theirs.least, TOLERANCE),
        ("least critical cost", [ours.least_stable_cost], [theirs.least_critical_cost], TOLERANCE),
    )
    for what, a, b, tolerance in found:
        same_numbers(f"{what}, {AGENTS} agents", a, b, tolerance)
    return compare(
        lambda: ej.atlas(model, threads=threads),
        lambda: plain_c.every_structure(payoffs, COSTS),
        names=(f"ej.atlas, {threads} thread{'s' * (threads > 1)}", "plain C, 1 thread, payoffs given"),
        operations=(ours.n_structures, ours.n_structures),
        unit="structures",
        repeats=5,
        check="same number of stable structures and extreme surpluses at three costs, same least critical cost",
        warm=True,
    )


def _least_surplus(method: Literal["auto", "milp"], calls: int) -> Row:
    """Check and time `ej.stable_structure` beside HiGHS, which takes its time: two turns."""
    for agents, cost in SMALL_TEAMS:
        small, its_payoffs = team(agents, cost, seed=0)
        same_optimum(ej.stable_structure(small, "least surplus", method=method), its_payoffs, cost)
    model, payoffs = team(TEAM, COST, seed=0)
    ours: list[ej.StableStructure] = []
    theirs: list[float] = []
    row = compare(
        lambda: ours.extend(ej.stable_structure(model, "least surplus", method=method) for _ in range(calls)),
        lambda: theirs.append(plain_highs.least_surplus(payoffs, COST)),
        names=(f'ej.stable_structure, method="{method}"', "HiGHS alone"),
        operations=(calls, 1),
        repeats=2,
        check="same least surplus",
        warm=True,
    )
    for found in ours:
        for surplus in theirs:
            same_surplus(found, surplus)
    return row


def same_optimum(found: ej.StableStructure, payoffs: np.ndarray, cost: float) -> None:
    """Hold that HiGHS alone finds the same least surplus."""
    same_surplus(found, plain_highs.least_surplus(payoffs, cost))


def same_surplus(found: ej.StableStructure, surplus: float) -> None:
    """Hold that a structure is proved to be the best, and has this surplus.

    Raises
    ------
    Disagreement
        If it is not.
    """
    if found.status != "optimal":
        raise Disagreement(f"least surplus: ours has status {found.status}")
    same_numbers("least surplus", [found.surplus], [surplus], TOLERANCE)
