"""The published experiment: `ej.ensemble` beside a plain loop in C and in NumPy, and on two threads.

Opinions N(0, 1), performance -u², uniform influence, open acceptance, singletons at the start, a random mover.
Whoever writes the experiment for itself writes something like `plain_loop.c`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import exitjoin as ej
from benchmarks import plain_c, plain_numpy
from benchmarks.timing import MissingTool, Row, compare, same_mean, same_numbers

UNLIMITED = 10**8
SAME_LAW = "same mean moves, coalitions and spread, up to 4 standard errors"
Program = Callable[[int, int, float, int, int], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Experiment:
    """One setting, and how many of its runs to time (ours, theirs) and to compare."""

    agents: int
    cost: float
    max_steps: int
    runs: tuple[int, int]
    checked: tuple[int, int]

    def ours(self, runs: int, seed: int, max_steps: int | None = None, threads: int = 1) -> ej.Ensemble:
        """Simulate with exitjoin."""
        model = ej.Model(opinions=ej.normal(self.agents), performance="-u**2", switching_cost=self.cost)
        limit = self.max_steps if max_steps is None else max_steps
        return ej.ensemble(model, runs=runs, seed=seed, max_steps=limit, threads=threads)

    def check(self, program: Program) -> None:
        """Hold that a program simulates the same law; both have then run once.

        Without cost the spread of a late state is a product of many random factors, whose mean no sample
        of this size estimates; it is compared after 20 steps.
        """
        runs, other_runs = self.checked
        for limit, quantities in self._stages():
            ours = self.ours(runs, seed=1, max_steps=limit)
            theirs = program(other_runs, self.agents, self.cost, limit, 2)
            for quantity in quantities:
                same_mean(quantity, getattr(ours, quantity), theirs[quantity])

    def _stages(self) -> list[tuple[int, tuple[str, ...]]]:
        if self.cost > 0:
            return [(self.max_steps, ("moves", "n_coalitions", "spread"))]
        return [(20, ("moves", "n_coalitions", "spread")), (self.max_steps, ("moves", "n_coalitions"))]

    def beside(self, program: Program, name: str, repeats: int = 7) -> Row:
        """Check and time a program against `ej.ensemble` on one thread."""
        try:
            self.check(program)
        except MissingTool as missing:
            return {"skipped": str(missing)}
        runs, other_runs = self.runs
        return compare(
            lambda: self.ours(runs, seed=3),
            lambda: program(other_runs, self.agents, self.cost, self.max_steps, 4),
            names=("ej.ensemble", name),
            operations=self.runs,
            unit="runs",
            repeats=repeats,
            check=SAME_LAW,
            warm=True,
        )


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    settling = Experiment(10, 0.05, 200, (50_000, 50_000), (50_000, 50_000))
    moving = Experiment(10, -0.05, 200, (5_000, 5_000), (20_000, 20_000))
    large = Experiment(1000, 0.01, UNLIMITED, (200, 2), (200, 30))
    settling_numpy = Experiment(10, 0.05, 200, (20_000, 200), (20_000, 1_000))
    hundred_numpy = Experiment(100, 0.01, UNLIMITED, (1_000, 10), (1_000, 40))
    return {
        "10 agents, κ = 0.05, to equilibrium": settling.beside(plain_c.simulate, "plain C"),
        "10 agents, κ = -0.05, 200 steps": moving.beside(plain_c.simulate, "plain C"),
        "1000 agents, κ = 0.01, to equilibrium": large.beside(plain_c.simulate, "plain C"),
        "10 agents, κ = 0.05, to equilibrium, NumPy": settling_numpy.beside(plain_numpy.simulate, "plain NumPy"),
        "100 agents, κ = 0.01, to equilibrium, NumPy": hundred_numpy.beside(plain_numpy.simulate, "plain NumPy"),
        "10 agents, κ = 0.05, two threads": _two_threads(settling),
    }


def _two_threads(experiment: Experiment) -> Row:
    if (os.cpu_count() or 1) < 2:
        return {"skipped": "a second core"}
    runs = 4 * experiment.runs[0]
    same_numbers("spread", experiment.ours(runs, 3, threads=2).spread, experiment.ours(runs, 3).spread, 0.0)
    return compare(
        lambda: experiment.ours(runs, 3, threads=2),
        lambda: experiment.ours(runs, 3),
        names=("ej.ensemble, two threads", "ej.ensemble, one thread"),
        operations=(runs, runs),
        unit="runs",
        check="same bits",
        warm=True,
    )
