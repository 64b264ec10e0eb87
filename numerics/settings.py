"""Settings: the validated arguments of a run, and which kernel computes it.

| engine | takes |
|---|---|
| gaps between coalitions | members that agree, concave quadratic φ, g(s) = s, one cost; rules and schedules as below |
| pairs of coalitions | members that agree when they move: equal influence, nobody stubborn, T = ∞, d = 1, one cost |
| agent by agent | everything |
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import Adaptive, BoundedConfidence, Capacity, rule_arrays
from numerics.coefficients import incumbent_weights
from numerics.consensus import consensus_of_coalitions
from numerics.costs import cost_arrays
from numerics.influence import AdaptiveLazy, rate_arrays
from numerics.kernels import codes
from numerics.kernels.agreeing import MAX_COALITIONS
from numerics.kernels.games import Game
from numerics.model import Interpolation, Model
from numerics.opinions import Normal
from numerics.partitions import Structure, labels_of, singletons
from numerics.payoffs import METHODS, check_samples, check_status
from numerics.schedules import Schedule, schedule_code
from numerics.validation import integer, is_real
from theory.errors import InputError

OUTCOMES = ("joint equilibrium", "step limit")  # by the kernel's number

GAPS, PAIRS, AGENTS = "gaps between coalitions", "pairs of coalitions", "agent by agent"

MAX_STEPS_IN_PHASE = 10**6  # beyond it T = ∞ is meant


@dataclass(frozen=True, eq=False)
class Setting:
    """The validated arguments of a run as kernels take them.

    Attributes
    ----------
    schedule : code and temperature.
    n_steps : T, 0 for the limit.
    """

    model: Model
    labels: NDArray[np.int64]
    schedule: tuple[int, float]
    n_steps: int
    max_steps: int
    samples: int
    other_starts: bool = False  # runs start from other opinions than the model's

    @cached_property
    def yielding(self) -> NDArray[np.float64]:
        """(n,) 1 - stubbornness; empty if nobody is stubborn."""
        return 1.0 - self.model.stubbornness if self.model.is_stubborn else np.empty(0)

    @cached_property
    def obstacle(self) -> str:
        """What keeps members from agreeing when they move, or from being alike; empty if nothing does."""
        model = self.model
        checks = {
            f"{type(model.influence).__name__.lower()} influence": model.is_weighted or model.is_graph,
            "stubbornness": model.is_stubborn,
            "vector opinions": model.dimension > 1,
            "adaptive rate": self.adapts,
            f"{self.n_steps} tactical steps": self.n_steps > 0 and (self.adapts or model.keep > 0),
            "costs of agents and coalitions": not isinstance(model.switching_cost, float),
            "adaptive acceptance": isinstance(model.acceptance, Adaptive),
            "discount": model.discount is not None and (self.adapts or not (self._fits_gaps and model.slow_share < 1)),
        }
        return ", ".join(name for name, holds in checks.items() if holds)

    @property
    def adapts(self) -> bool:
        """Whether every coalition has a rate of its own, which changes during the run."""
        return isinstance(self.model.influence, AdaptiveLazy)

    @cached_property
    def _fits_gaps(self) -> bool:
        """Whether a gain is a matter of the gap and of the size joined."""
        model, phi = self.model, self.model.compiled
        concave = phi.degree == 2 and phi.coefficients[2] < 0
        rule = not isinstance(model.acceptance, (BoundedConfidence, Adaptive))
        if isinstance(model.acceptance, Capacity) and isinstance(model.switching_cost, float):
            rule = model.switching_cost >= 0  # otherwise a full coalition differs from one that nobody wants
        known = (codes.RANDOM, codes.BEST_RESPONSE, codes.ROUND_ROBIN)
        return concave and model.is_linear_scale and rule and self.schedule[0] in known

    @cached_property
    def engine(self) -> str:
        """Which kernel computes the run."""
        if self.obstacle:
            return AGENTS
        return GAPS if self._fits_gaps else PAIRS

    def describe(self, method: int) -> str:
        """Return how a run was computed, in words."""
        reason = f" ({self.obstacle})" if self.obstacle else ""
        payoffs = METHODS[method]
        return f"{self.engine}{reason}; payoffs {'in ' if payoffs == 'closed form' else ''}{payoffs}"

    @property
    def rule(self) -> tuple[Any, ...]:
        """Acceptance as kernels take it, for one thread."""
        return rule_arrays(self.model.acceptance)

    @property
    def rates(self) -> tuple[Any, ...]:
        """Adaptive rates as kernels take them, for one thread."""
        return rate_arrays(self.model.influence, self.model.discount)

    @property
    def keep(self) -> float:
        """Factor of the deviations in one tactical step; 0 where coalitions have rates of their own."""
        return 0.0 if self.adapts else self.model.keep

    @cached_property
    def costs(self) -> tuple[Any, ...]:
        """Switching costs as kernels take them."""
        return cost_arrays(self.model.switching_cost, self.model.n_agents)

    @property
    def room(self) -> int:
        """Coalitions that the matrix of pairs has space for, and one."""
        return min(self.model.n_agents, MAX_COALITIONS) + 1

    @cached_property
    def pair_method(self) -> int:
        """How payoffs are computed where pairs of coalitions are compared."""
        return codes.INTERPOLATED if self._interpolation and len(self._interpolation[0]) else codes.CLOSED_FORM

    def game(self) -> Game:
        """The game, for one thread."""
        sizes = np.empty(0, np.int64) if self.engine == PAIRS else None  # members agree: none of any opinions
        return self.model.game_arrays(
            self.samples, innate=self._innate(), sizes=sizes, interpolation=self._interpolation,
            share=0.0 if self.adapts else None,
        )  # fmt: skip

    @cached_property
    def _interpolation(self) -> Interpolation | None:
        """On the range of the coalitions' consensus where that is all there is; none if runs start elsewhere."""
        if self.other_starts:
            return np.empty(0), np.empty((0, 0)), 0.0
        if self.engine != PAIRS:
            return None
        if isinstance(self.model.opinions, Normal):
            return self.model.interpolation(*self.model.range)
        consensus = consensus_of_coalitions(self.model, self.labels)
        return self.model.interpolation(float(consensus.min()), float(consensus.max()))

    def check(self, status: int) -> None:
        """Turn the status of a run into an error that says what to do."""
        if status == codes.TOO_LARGE and self.engine == PAIRS:
            problem = f"grow to more than {MAX_COALITIONS} coalitions, too many to compare pair by pair"
            advice = "use a concave quadratic performance and scale s, a higher switching cost, or fewer steps"
            raise InputError("opinions", f"{self.model.n_agents} agents", problem, advice)
        check_status(status, self.model)

    def _innate(self) -> NDArray[np.float64] | None:
        model = self.model
        if model.is_stubborn and model.innate_opinions is None and isinstance(model.opinions, Normal):
            return np.zeros((model.n_agents, model.dimension))  # filled by the run that draws them
        return None

    def gap_model(self) -> tuple[Any, ...]:
        """What `numerics.kernels.gaps` knows of the model: centre, sizes of φ, largest scale, w, 1/√w, 1/√h."""
        model, phi = self.model, self.model.compiled
        p = phi.coefficients
        curvature = -float(p[2]) * (1.0 - model.slow_share)
        gains = -curvature * model.harmonic_row(2)
        shared = curvature * incumbent_weights(model.n_agents)
        sizes = (*np.abs(p).tolist(), *p.tolist())
        with np.errstate(divide="ignore"):  # nobody joins a coalition of nobody
            return phi.centre, sizes, model.largest_scale, gains, gains**-0.5, shared**-0.5


def check_setting(
    model: Model,
    structure: Structure | None,
    schedule: Schedule,
    tactical_steps: float,
    max_steps: int,
    samples: int = 0,
) -> Setting:
    """Validate the arguments that `simulate` and `ensemble` share."""
    n = model.n_agents
    labels = singletons(n) if structure is None else labels_of(structure, n)
    code = schedule_code(schedule)
    n_steps = 0
    if not (is_real(tactical_steps) and tactical_steps == math.inf):
        whole = int(tactical_steps) if isinstance(tactical_steps, float) and tactical_steps % 1 == 0 else tactical_steps
        n_steps = integer(whole, "tactical_steps", "steps, or infinity", 1, MAX_STEPS_IN_PHASE)
    limit = integer(max_steps, "max_steps", "steps", 0)
    setting = Setting(model, labels, code, n_steps, limit, check_samples(samples))
    n_coalitions = int(labels.max()) + 1
    if setting.engine == PAIRS and n_coalitions > MAX_COALITIONS:
        raise InputError(
            "structure",
            f"{n_coalitions} coalitions",
            f"are too many for a performance of {model.performance}: their gains are kept for every pair",
            f"start from at most {MAX_COALITIONS} coalitions, or use a concave quadratic performance and scale s",
        )
    if setting.engine == AGENTS and setting.samples == 0 and not model.has_closed_form:
        largest = n
        if isinstance(model.acceptance, Capacity):
            largest = min(n, max(int(np.bincount(labels).max()), model.acceptance.members))
        if largest > model.largest_table:
            check_status(codes.TOO_LARGE, model)
    return setting
