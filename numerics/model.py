"""The model: agents with opinions, influence, performance, scale, switching cost and acceptance.

A `Model` is validated when it is made and never changes; `Model.replace` makes a changed copy.  It says
everything about a single moment except the coalition structure, which functions take beside it.

    v(S; x) = g(|S|) φ(c_S(x)),   c_S the consensus that S would reach from the opinions x.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr

from numerics.acceptance import Acceptance, Open, Unanimous
from numerics.coefficients import harmonic_weights, quadratic_coefficients
from numerics.expressions import CompiledPerformance, FloatArray, Program, compile_performance, compile_scale
from numerics.influence import Influence, Lazy, Uniform, Weighted
from numerics.opinions import Normal
from numerics.validation import number, vector
from theory import symbols
from theory.errors import InputError
from theory.expressions import parse_performance, parse_scale

_NAMED_INFLUENCE = {"uniform": Uniform}
_NAMED_ACCEPTANCE = {"open": Open, "unanimous": Unanimous}


@dataclass(frozen=True, eq=False, init=False)
class Model:
    """Agents, what their coalitions are worth, and what it costs to switch.

    Parameters
    ----------
    opinions : (n,) numbers, or `normal(n)` for opinions drawn afresh for each run.
    performance : φ, an expression in ``u``, finite on the range of the opinions.
    switching_cost : κ, a number; it may be negative.
    scale : g, an expression in ``s`` (members) and ``a`` (their total weight; a = s unless influence is weighted).
    influence : "uniform", `lazy(rate)` or `weighted(weights)`.
    acceptance : "open" or `unanimous(threshold)`; "unanimous" is threshold 0.

    Raises
    ------
    InputError
        For anything that is not of this form, naming the field.

    Examples
    --------
    >>> model = Model(opinions=[0.1, -1.2, 0.7], performance="3 - (u - 1/3)**2", switching_cost=0.05)
    >>> model.n_agents, model.performance
    (3, 3 - (u - 1/3)**2)
    """

    opinions: FloatArray | Normal
    performance: Expr
    switching_cost: float
    scale: Expr
    influence: Influence
    acceptance: Acceptance

    def __init__(
        self,
        opinions: Sequence[float] | FloatArray | Normal,
        performance: str | float | Expr,
        switching_cost: float = 0.0,
        scale: str | float | Expr = "s",
        influence: Influence | str = "uniform",
        acceptance: Acceptance | str = "open",
    ) -> None:
        put = object.__setattr__
        put(self, "opinions", _opinions(opinions))
        put(self, "switching_cost", number(switching_cost, "switching_cost"))
        put(self, "performance", parse_performance(performance))
        put(self, "scale", parse_scale(scale))
        put(self, "influence", _one_of(influence, "influence", _NAMED_INFLUENCE, (Uniform, Lazy, Weighted)))
        put(self, "acceptance", _one_of(acceptance, "acceptance", _NAMED_ACCEPTANCE, (Open, Unanimous)))
        if isinstance(self.influence, Weighted) and len(self.influence.weights) != self.n_agents:
            raise InputError(
                "influence.weights",
                self.influence.weights.tolist(),
                f"are {len(self.influence.weights)} weights for {self.n_agents} agents",
                "give one per agent",
            )
        self._check_performance()
        self._check_scale()

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return self.opinions.agents if isinstance(self.opinions, Normal) else len(self.opinions)

    def replace(self, **changes: Any) -> Model:
        """Return a copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)

    def drawn(self, seed: int | np.random.SeedSequence | None = None) -> Model:
        """Return the model with the opinions that run 0 of that seed starts from."""
        from numerics.streams import draw_opinions

        return self.replace(opinions=draw_opinions(self.opinions, seed))

    # What kernels take.  Cached: a frozen model is compiled once.

    @cached_property
    def compiled(self) -> CompiledPerformance:
        """The performance function, compiled."""
        return compile_performance(self.performance)

    @cached_property
    def weights(self) -> FloatArray:
        """(n,) weights of the agents in a consensus; ones unless influence is weighted."""
        if isinstance(self.influence, Weighted):
            return self.influence.weights
        return np.ones(self.n_agents)

    @property
    def is_weighted(self) -> bool:
        """Whether the consensus is a weighted mean."""
        return isinstance(self.influence, Weighted)

    @cached_property
    def scale_program(self) -> Program:
        """The scale, compiled."""
        return compile_scale(self.scale)

    @cached_property
    def scale_table(self) -> FloatArray:
        """(n+1,) g(0..n) with g(0) = 0: the empty coalition is worth nothing.  For unweighted influence a = s."""
        sizes = np.arange(1.0, self.n_agents + 1)
        return np.concatenate([[0.0], self.scale_program(sizes, sizes)])

    @cached_property
    def is_linear_scale(self) -> bool:
        """Whether g(S) = |S| for every coalition."""
        scale = self.scale if self.is_weighted else self.scale.subs(symbols.a, symbols.s)
        return bool(scale == symbols.s)

    @cached_property
    def _closed_forms(self) -> tuple[FloatArray, FloatArray]:
        """Harmonic weights and quadratic coefficients, empty where the closed form does not apply."""
        degree = self.compiled.degree
        applies = self.is_linear_scale and not self.is_weighted
        harmonic = harmonic_weights(degree, self.n_agents) if applies and degree >= 0 else np.empty((0, 0))
        quadratic = quadratic_coefficients(self.n_agents) if applies and 0 <= degree <= 2 else np.empty((4, 0))
        return harmonic, quadratic

    @property
    def has_quadratic_closed_form(self) -> bool:
        """Whether every payoff has the O(k) closed form, whatever the opinions."""
        return self._closed_forms[1].shape[1] > 0

    def game_arrays(self) -> tuple[Any, ...]:
        """The game as `numerics.kernels.payoffs` takes it; not shared between threads."""
        program = self.scale_program
        harmonic, quadratic = self._closed_forms
        phi = self.compiled.arrays()
        return self.is_weighted, phi, self.scale_table, harmonic, quadratic, program.code, program.registers.copy()

    def tie_arrays(self) -> tuple[Any, ...]:
        """What `numerics.kernels.ties` takes; not shared between threads."""
        phi = self.compiled
        return (
            phi.magnitude.code,
            phi.magnitude.registers.copy(),
            phi.slope.code,
            phi.slope.registers.copy(),
            self._largest_scale,
            abs(self.switching_cost),
        )

    @cached_property
    def _largest_scale(self) -> float:
        return float(np.max(np.abs(self._extreme_scales())))

    def _extreme_scales(self) -> FloatArray:
        """g of every size at the least and the greatest total weight that the size allows."""
        sizes = np.arange(1.0, self.n_agents + 1)
        weights = np.sort(self.weights)
        return self.scale_program(
            np.concatenate([sizes, sizes]), np.concatenate([np.cumsum(weights), np.cumsum(weights[::-1])])
        )

    def _check_performance(self) -> None:
        x = self.opinions
        if isinstance(x, Normal):
            points = np.linspace(x.mean - x.sd, x.mean + x.sd, 33)
        else:
            points = np.concatenate([x, np.linspace(x.min(), x.max(), 33)])
        values = self.compiled(points)
        if not np.all(np.isfinite(values)):
            at = points[~np.isfinite(values)][0]
            raise InputError(
                "performance",
                str(self.performance),
                f"is not finite at u = {at:.6g}, which lies in the range of the opinions",
                "change the expression or the opinions",
            )

    def _check_scale(self) -> None:
        values = self._extreme_scales()
        if not np.all(np.isfinite(values)):
            size = int(np.flatnonzero(~np.isfinite(values))[0]) % self.n_agents + 1
            raise InputError(
                "scale", str(self.scale), f"is not finite for a coalition of {size}", "change the expression"
            )


def _opinions(given: object) -> FloatArray | Normal:
    if isinstance(given, Normal):
        return given
    return vector(given, "opinions", "give one number per agent, such as [0.1, -1.2, 0.7], or normal(10)")


def _one_of(given: object, field: str, named: dict[str, Any], types: tuple[type, ...]) -> Any:
    if isinstance(given, str) and given in named:
        return named[given]()
    if isinstance(given, types):
        return given
    choices = {
        "influence": '"uniform", lazy(rate) or weighted(weights)',
        "acceptance": '"open" or unanimous(threshold)',
    }
    raise InputError(field, given, f"is not a known {field}", f"use {choices[field]}")
