"""The exit-join model with the agents of Mesa, as its documentation would have one write it, beside `ej.ensemble`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.ensemble import Experiment
from benchmarks.timing import MissingTool, Row

try:
    import mesa
except ModuleNotFoundError as error:
    raise MissingTool("mesa") from error

TOLERANCE = 1e-13


class Coalition:
    """Agents who agree."""

    def __init__(self, opinion: float) -> None:
        self.opinion = opinion
        self.size = 1


class Member(mesa.Agent):
    """An agent in a coalition, alone at the start."""

    def __init__(self, model: ExitJoin) -> None:
        super().__init__(model)
        self.coalition = Coalition(model.random.gauss(0, 1))
        model.coalitions.append(self.coalition)

    def targets(self) -> Iterator[Coalition | None]:
        """Yield what the agent gains enough from joining; None is founding alone, which gains 0."""
        own, factor, bound = self.coalition, self.model.factor, self.model.bound
        for other in self.model.coalitions:
            if other is not own and (own.opinion - other.opinion) ** 2 * factor[other.size] > bound:
                yield other
        if own.size > 1 and bound < 0:
            yield None

    def can_move(self) -> bool:
        """Whether there is a target."""
        return any(True for _ in self.targets())

    def move(self) -> None:
        """Go to a random target; its members come to agree with the entrant."""
        source, target = self.coalition, self.random.choice(list(self.targets()))
        source.size -= 1
        if source.size == 0:
            self.model.coalitions.remove(source)
        if target is None:
            target = Coalition(source.opinion)
            self.model.coalitions.append(target)
        else:
            target.size += 1
            target.opinion += (source.opinion - target.opinion) / target.size
        self.coalition = target


class ExitJoin(mesa.Model):
    """Agents who leave and join coalitions; `factor` multiplies the squared gap, by the size of the one joined."""

    def __init__(self, n: int, cost: float, factor: list[float], seed: int) -> None:
        super().__init__(rng=seed)
        self.bound = cost + TOLERANCE
        self.factor = factor
        self.coalitions: list[Coalition] = []
        Member.create_agents(self, n)

    def step(self) -> None:
        """Let one random agent move among those that can."""
        movers = self.agents.select(Member.can_move)
        if len(movers) == 0:
            self.running = False
        else:
            self.random.choice(list(movers)).move()


def simulate(runs: int, n: int, cost: float, max_steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return the moves, number of coalitions and spread at the end of each run."""
    sizes = np.arange(1, n + 2)
    factor = (1 - np.cumsum(1 / sizes) / sizes).tolist()
    ends = []
    for number in range(runs):
        model = ExitJoin(n, cost, factor, seed * runs + number)
        while model.running and model.steps < max_steps:
            model.step()
        opinions = [c.opinion for c in model.coalitions]
        moves = model.steps if model.running else model.steps - 1  # the last step found nobody
        ends.append((moves, len(opinions), max(opinions) - min(opinions)))
    moves, coalitions, spread = (np.array(column) for column in zip(*ends, strict=True))
    return {"moves": moves, "n_coalitions": coalitions, "spread": spread}


def run() -> dict[str, Row]:
    """Return a row for each comparison."""
    settling = Experiment(10, 0.05, 200, (20_000, 100), (20_000, 1_000))
    moving = Experiment(10, -0.05, 200, (2_000, 10), (2_000, 200))
    return {
        "10 agents, κ = 0.05, to equilibrium, Mesa": settling.beside(simulate, "Mesa"),
        "10 agents, κ = -0.05, 200 steps, Mesa": moving.beside(simulate, "Mesa"),
    }
