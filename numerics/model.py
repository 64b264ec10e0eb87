"""The model: agents with opinions, influence, performance, scale, switching cost and acceptance.

A `Model` is validated when it is made and never changes; `Model.replace` makes a changed copy.  It says
everything about a single moment except the coalition structure, which functions take beside it.

    v(S; x) = Σ_K g(|K|) mean_{i∈K} φ(z_i),

K the connected components of S under the influence, z the opinions that K would reach from the opinions x.  Where
members reach consensus, as they do unless some are stubborn, that is g(|S|) φ(c_S) for a connected S.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from numerics.acceptance import (
    Acceptance,
    Adaptive,
    Aggregate,
    BoundedConfidence,
    Capacity,
    Majority,
    Open,
    Unanimous,
)
from numerics.coefficients import (
    PolynomialTables,
    harmonic_weights,
    polynomial_tables,
    quadratic_coefficients,
    slow_share,
)
from numerics.costs import SwitchingCost, largest_cost
from numerics.expressions import CompiledPerformance, FloatArray, Program, compile_performance, compile_scale
from numerics.influence import AdaptiveLazy, General, Influence, Lazy, Network, Uniform, Weighted
from numerics.interpolation import MAX_NODES, choose_nodes, interpolation_table, two_type_error
from numerics.kernels.games import Game, Graph
from numerics.kernels.ties import TIE
from numerics.opinions import MAX_DIMENSION, Normal
from numerics.quadratic import quadratic_form
from numerics.streams import key_of
from numerics.validation import number, table, vector
from theory import symbols
from theory.errors import InputError
from theory.expressions import parse_performance, parse_scale

# members of the largest coalition whose 2^k subsets are tabulated: 8 MB and some 50 ms each
MAX_TABLE, MAX_NETWORK_TABLE, MAX_GENERAL_TABLE = 20, 16, 12

MAX_NODE_WEIGHTS = 125_000_000  # of an interpolation: 1 GB

Interpolation = tuple[FloatArray, FloatArray, float]

_NAMED_INFLUENCE = {"uniform": Uniform}
_NAMED_ACCEPTANCE = {"open": Open, "unanimous": Unanimous, "majority": Majority, "aggregate": Aggregate}


@dataclass(frozen=True, eq=False, init=False)
class Model:
    """Agents, what their coalitions are worth, and what it costs to switch.

    Parameters
    ----------
    opinions : (n,) numbers, (n, d) for d coordinates, or `normal(n)` for opinions drawn afresh for each run.
    performance : φ, an expression in ``u`` (``u1``, ``u2``, … for d > 1), finite on the range of the opinions.
    switching_cost : κ, a number, which may be negative, or `switching_cost(...)` if it depends on who moves where.
    scale : g, an expression in ``s`` (members) and ``a`` (their total weight; a = s unless influence is weighted).
    influence : "uniform", `lazy(rate)`, `adaptive_rate(rate)`, `weighted(weights)`, `network(graph)` or `general(W)`.
    acceptance : "open", "unanimous", "majority" or "aggregate" (threshold 0), or one made by `unanimous(threshold)`,
        `majority`, `aggregate`, `bounded_confidence`, `capacity` or `adaptive`.
    stubbornness : number or (n,) numbers in [0, 1]: x(t+1) = (1-s) W x(t) + s x(0) (Friedkin and Johnsen).
    innate_opinions : x(0), shaped like the opinions, which it is unless given.
    discount : ρ in [0, 1), or None.  Members are paid φ of their own opinion at every tactical step, discounted by ρ,
        so that slow consensus costs; for lazy or uniform influence, quadratic φ and scale s.

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
    switching_cost: float | SwitchingCost
    scale: Expr
    influence: Influence
    acceptance: Acceptance
    stubbornness: FloatArray
    innate_opinions: FloatArray | None
    discount: float | None

    def __init__(
        self,
        opinions: Sequence[float] | Sequence[Sequence[float]] | FloatArray | Normal,
        performance: str | float | Expr,
        switching_cost: float | SwitchingCost = 0.0,
        scale: str | float | Expr = "s",
        influence: Influence | str = "uniform",
        acceptance: Acceptance | str = "open",
        stubbornness: float | Sequence[float] | FloatArray = 0.0,
        innate_opinions: Sequence[float] | Sequence[Sequence[float]] | FloatArray | None = None,
        discount: float | None = None,
    ) -> None:
        put = object.__setattr__
        put(self, "opinions", _opinions(opinions))
        put(self, "switching_cost", _cost(switching_cost, self.n_agents))
        put(self, "performance", parse_performance(performance, dimension=self.dimension))
        put(self, "scale", parse_scale(scale))
        families = (Uniform, Lazy, AdaptiveLazy, Weighted, Network, General)
        put(self, "influence", _one_of(influence, "influence", _NAMED_INFLUENCE, families))
        rules = (Open, Unanimous, Majority, Aggregate, BoundedConfidence, Capacity, Adaptive)
        put(self, "acceptance", _one_of(acceptance, "acceptance", _NAMED_ACCEPTANCE, rules))
        put(self, "stubbornness", _stubbornness(stubbornness, self.n_agents))
        put(self, "innate_opinions", None if innate_opinions is None else self._innate(innate_opinions))
        put(self, "discount", None if discount is None else number(discount, "discount", "give a factor such as 0.9"))
        if isinstance(self.influence, Weighted) and len(self.influence.weights) != self.n_agents:
            raise InputError(
                "influence.weights",
                self.influence.weights.tolist(),
                f"are {len(self.influence.weights)} weights for {self.n_agents} agents",
                "give one per agent",
            )
        if isinstance(self.influence, (Network, General)) and self.influence.n_agents != self.n_agents:
            problem = f"is among {self.influence.n_agents} agents, but there are {self.n_agents} opinions"
            raise InputError("influence", type(self.influence).__name__, problem, "give one opinion per agent")
        if self.is_stubborn and isinstance(self.influence, AdaptiveLazy):
            problem = "is not for adaptive rates: the limit of stubborn agents would change with the rate"
            raise InputError("stubbornness", self.stubbornness.tolist(), problem, "use lazy(rate), or leave it out")
        self._check_performance()
        self._check_scale()
        self._check_discount()

    @property
    def n_agents(self) -> int:
        """Number of agents."""
        return self.opinions.agents if isinstance(self.opinions, Normal) else len(self.opinions)

    @property
    def dimension(self) -> int:
        """Number d of coordinates of an opinion."""
        if isinstance(self.opinions, Normal):
            return self.opinions.dimension
        return self.opinions.shape[1] if self.opinions.ndim == 2 else 1

    @property
    def innate(self) -> FloatArray:
        """x(0), the opinions that stubborn agents hold on to."""
        from numerics.opinions import concrete_opinions

        return concrete_opinions(self) if self.innate_opinions is None else self.innate_opinions

    @property
    def is_stubborn(self) -> bool:
        """Whether any agent is stubborn."""
        return bool(self.stubbornness.any())

    @property
    def is_graph(self) -> bool:
        """Whether who listens to whom is a matter of a network or a general matrix."""
        return isinstance(self.influence, (Network, General))

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
        return compile_performance(self.performance, self.dimension)

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
    def yielding(self) -> FloatArray:
        """(n,) share l of an agent's opinion that follows influence; empty if nobody is stubborn."""
        if not self.is_stubborn:
            return np.empty(0)
        return 1.0 - self.holding

    @property
    def keep(self) -> float:
        """Factor of the deviations in one tactical step: 1 - ε if influence is lazy, 0 otherwise.

        An adaptive rate is taken at its start, when nothing has happened yet, and so in the slow share.
        """
        return self.influence.contraction if isinstance(self.influence, (Lazy, AdaptiveLazy)) else 0.0

    @property
    def holding(self) -> FloatArray:
        """(n,) share 1 - l of an agent's opinion that x(0) holds: s, or under lazy influence s/(s + (1-s)ε).

        The fixed point z = (1-s)((1-ε) z + ε m) + s x(0) is that of uniform influence with this share.
        """
        s = self.stubbornness
        return s / (s + (1.0 - s) * (1.0 - self.keep)) if self.keep > 0 else s

    @cached_property
    def quadratic_form(self) -> tuple[float, FloatArray, FloatArray] | None:
        """Constant, linear part and matrix of φ(u) = constant + linear·u + uᵀ matrix u; None if it is not so."""
        return quadratic_form(self.performance, self.dimension)

    @property
    def slow_share(self) -> float:
        """β, the share of payoffs that members get for their own opinion (`theory.discount`); 0 without discount."""
        if self.discount is None:
            return 0.0
        if isinstance(self.influence, AdaptiveLazy):
            return slow_share(self.discount, self.influence.start)
        return slow_share(self.discount, self.influence.rate if isinstance(self.influence, Lazy) else 1.0)

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

    @property
    def has_equal_members(self) -> bool:
        """Whether the consensus is the plain mean and g(s) depends on the size alone: closed forms may apply."""
        return not (self.is_weighted or self.is_graph or self.is_stubborn)

    @cached_property
    def _closed_forms(self) -> tuple[FloatArray, FloatArray]:
        """Harmonic weights and quadratic coefficients, empty where the closed form does not apply."""
        degree = self.compiled.degree
        applies = self.is_linear_scale and self.has_equal_members
        is_quadratic = 0 <= degree <= 2 if self.dimension == 1 else self.quadratic_form is not None
        harmonic = harmonic_weights(degree, self.n_agents) if applies and degree >= 0 else np.empty((0, 0))
        quadratic = quadratic_coefficients(self.n_agents) if applies and is_quadratic else np.empty((4, 0))
        return harmonic, quadratic

    @property
    def has_quadratic_closed_form(self) -> bool:
        """Whether every payoff has the O(k) closed form for quadratic φ, whatever the opinions."""
        return self._closed_forms[1].shape[1] > 0

    @property
    def has_closed_form(self) -> bool:
        """Whether every payoff has a closed form, whatever the opinions: polynomial φ, g(s) = s, equal influence."""
        return self.has_quadratic_closed_form or self._closed_forms[0].shape[1] > 0

    def harmonic_row(self, order: int) -> FloatArray:
        """(n+1,) weights of φ⁽ʲ⁾(c)/j! δʲ, j = order, in the gain of joining m agents."""
        return self._closed_forms[0][order]

    def graph_arrays(self) -> Graph | None:
        """The graph of network or general influence as kernels take it, None for other families."""
        if not isinstance(self.influence, (Network, General)):
            return None
        graph = self.influence
        return Graph(self._is_symmetric, np.array(graph.indptr), np.array(graph.indices), np.array(graph.data))

    @property
    def largest_table(self) -> int:
        """Members of the largest coalition whose payoffs come from the table of all its subsets."""
        if not self.is_graph:
            return MAX_TABLE
        return MAX_NETWORK_TABLE if self._is_symmetric else MAX_GENERAL_TABLE

    def game_arrays(
        self,
        samples: int = 0,
        seed: int = 0,
        innate: FloatArray | None = None,
        sizes: NDArray[np.int64] | None = None,
        interpolation: Interpolation | None = None,
        share: float | None = None,
    ) -> Game:
        """The game as `numerics.kernels.games` describes it; not shared between threads.

        samples, seed : pairs of random orders for payoffs that are neither closed nor small enough for a table.
        innate : opinions to hold on to instead of the model's.
        sizes : of the coalitions whose payoffs are asked for, all unless given.
        interpolation : that of a narrower range than the opinions'.
        share : β to begin with instead of the model's.
        """
        program = self.scale_program
        harmonic, quadratic = self._closed_forms
        d, phi = self.dimension, self.compiled
        form = self.quadratic_form if d > 1 and quadratic.shape[1] > 0 else None
        if innate is None and self.is_stubborn:
            innate = self.innate
        coefficients, centre, code, registers = phi.arrays()
        nodes, node_weights, node_error = self._interpolation if interpolation is None else interpolation
        polynomial = self._polynomial_tables(np.arange(self.n_agents + 1) if sizes is None else sizes)
        rows = np.full(self.n_agents + 1, -1, dtype=np.int64)
        if len(polynomial.degree):
            asked = np.arange(self.n_agents + 1) if sizes is None else sizes
            rows[asked] = np.arange(len(asked))
        return Game(
            weighted=self.is_weighted,
            weights=np.array(self.weights),
            yielding=np.array(self.yielding),
            innate=np.empty((0, d)) if innate is None else np.array(innate, dtype=float).reshape(-1, d),
            coefficients=coefficients,
            centre=centre,
            code=code,
            registers=registers,
            form_constant=0.0 if form is None else form[0],
            form_linear=np.empty(0) if form is None else np.array(form[1]),
            form_matrix=np.empty((0, 0)) if form is None else np.array(form[2]),
            scale=self.scale_table,
            scale_code=program.code,
            scale_registers=program.registers.copy(),
            additive=1 if self.is_linear_scale else 2 * int(self.scale == symbols.a),
            harmonic=harmonic,
            quadratic=quadratic,
            polynomial=polynomial,
            polynomial_row=rows,
            nodes=nodes,
            node_weights=node_weights,
            node_error=node_error,
            slow_share=np.array([self.slow_share if share is None else share]),
            exact_up_to=self.largest_table,
            samples=samples,
            key=key_of(seed),
        )

    def _polynomial_tables(self, sizes: NDArray[np.int64]) -> PolynomialTables:
        """Closed forms of degree above 2 for these sizes; no terms where they do not apply."""
        degree = self.compiled.degree if self._closed_forms[0].shape[1] > 0 else 0
        return polynomial_tables(degree, sizes) if degree > 2 else polynomial_tables(0, np.empty(0, np.int64))

    @cached_property
    def _interpolation(self) -> Interpolation:
        return self.interpolation(*self.range)

    def interpolation(self, lo: Any, hi: Any) -> Interpolation:
        """Return nodes and weights of two-type payoffs between opinions lo and hi, and a bound of their error.

        No nodes where they do not pay or apply.  They are used where the bound is at most a quarter of the tolerance
        of ties, so that no decision depends on them.
        """
        none = np.empty(0), np.empty((0, 0)), 0.0
        n = self.n_agents
        if n <= MAX_NODES or not self.has_equal_members or self._closed_forms[0].shape[1] > 0:
            return none
        phi = self.compiled
        largest = float(np.max(np.abs(phi(np.stack([lo, hi]) if self.dimension > 1 else np.linspace(lo, hi, 33)))))
        most = min(max(MAX_NODES, n // 8), MAX_NODE_WEIGHTS // n, 512)
        n_nodes = choose_nodes(phi, lo, hi, TIE * largest / 4, most)
        if n_nodes == 0:
            return none
        table = interpolation_table(self.scale_table, n_nodes)
        return table.nodes, table.weights, two_type_error(phi, lo, hi, n_nodes) * self.largest_scale

    @property
    def range(self) -> tuple[Any, Any]:
        """Least and greatest opinion there can be, numbers or (d,): averaging does not leave it."""
        x = self.opinions
        if isinstance(x, Normal):  # the generator of normal variates has 53 bits, and never leaves 8.6 sd
            lo, hi = x.mean - 8.6 * x.sd, x.mean + 8.6 * x.sd
            return (lo, hi) if self.dimension == 1 else (np.full(self.dimension, lo), np.full(self.dimension, hi))
        columns = x.reshape(self.n_agents, -1)
        lo, hi = columns.min(axis=0), columns.max(axis=0)
        return (float(lo[0]), float(hi[0])) if self.dimension == 1 else (lo, hi)

    @property
    def _is_symmetric(self) -> bool:
        return isinstance(self.influence, Network) and not self.is_stubborn

    def tie_arrays(self) -> tuple[Any, ...]:
        """What `numerics.kernels.ties` takes; not shared between threads."""
        phi = self.compiled
        return (
            phi.magnitude.code,
            phi.magnitude.registers.copy(),
            phi.slope.code,
            phi.slope.registers.copy(),
            self.largest_scale,
            largest_cost(self.switching_cost),
        )

    @cached_property
    def largest_scale(self) -> float:
        """max |g| over the coalitions there can be."""
        return float(np.max(np.abs(self._extreme_scales())))

    def _extreme_scales(self) -> FloatArray:
        """g of every size at the least and the greatest total weight that the size allows."""
        sizes = np.arange(1.0, self.n_agents + 1)
        weights = np.sort(self.weights)
        return self.scale_program(
            np.concatenate([sizes, sizes]), np.concatenate([np.cumsum(weights), np.cumsum(weights[::-1])])
        )

    def _innate(self, given: object) -> FloatArray:
        advice = "give them in the shape of the opinions, or leave them out"
        read = vector if self.dimension == 1 and not _has_rows(given) else table
        x = read(given, "innate_opinions", advice)
        expected = (self.n_agents,) if x.ndim == 1 else (self.n_agents, self.dimension)
        if x.shape != expected:
            raise InputError("innate_opinions", x.tolist(), f"have shape {x.shape}, the opinions {expected}", advice)
        return x

    def _check_performance(self) -> None:
        x = self.opinions
        if isinstance(x, Normal):
            points = np.linspace(x.mean - x.sd, x.mean + x.sd, 33)
            if self.dimension > 1:
                points = np.repeat(points[:, None], self.dimension, axis=1)
        else:
            points = np.concatenate([x, np.linspace(x.min(axis=0), x.max(axis=0), 33)])
            points = points.reshape(-1) if self.dimension == 1 else points
        values = self.compiled(points)
        if not np.all(np.isfinite(values)):
            at = points[~np.isfinite(values)][0]
            shown = ", ".join(f"{y:.6g}" for y in np.atleast_1d(at))
            raise InputError(
                "performance",
                str(self.performance),
                f"is not finite at u = {shown}, which lies in the range of the opinions",
                "change the expression or the opinions",
            )

    def _check_discount(self) -> None:
        if self.discount is None:
            return
        if not 0 <= self.discount < 1:
            raise InputError("discount", self.discount, "is not in [0, 1)", "give a factor such as 0.9")
        if self.is_stubborn or not isinstance(self.influence, (Uniform, Lazy, AdaptiveLazy)):
            problem = "is for lazy or uniform influence without stubbornness"
        elif not self.has_quadratic_closed_form:
            problem = "is for quadratic performance and scale s"
        else:
            return
        raise InputError("discount", self.discount, problem, "leave it out, or change the model")

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
    advice = "give one number per agent, such as [0.1, -1.2, 0.7], or normal(10)"
    if _has_rows(given):
        x = table(given, "opinions", "give one row of coordinates per agent, such as [[0.1, 2], [1, 0.5]]")
        if x.shape[1] > MAX_DIMENSION:
            advice = f"use at most {MAX_DIMENSION}"
            raise InputError("opinions", x.shape, f"have {x.shape[1]} coordinates", advice)
        return x
    return vector(given, "opinions", advice)


def _has_rows(given: object) -> bool:
    if isinstance(given, np.ndarray):
        return given.ndim == 2
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        return False
    return isinstance(given[0], (Sequence, np.ndarray)) and not isinstance(given[0], (str, bytes))


def _cost(given: object, n_agents: int) -> float | SwitchingCost:
    if isinstance(given, SwitchingCost):
        given.check_agents(n_agents)
        return given
    return number(given, "switching_cost", "give a number such as 0.05, or switching_cost(exit=..., entry=...)")


def _stubbornness(given: object, n_agents: int) -> FloatArray:
    advice = "give a number from 0 to 1, or one per agent"
    if isinstance(given, (Sequence, np.ndarray)) and not isinstance(given, (str, bytes)):
        values = vector(given, "stubbornness", advice)
        if len(values) != n_agents:
            raise InputError(
                "stubbornness", values.tolist(), f"has {len(values)} entries for {n_agents} agents", advice
            )
    else:
        values = np.full(n_agents, number(given, "stubbornness", advice))
        values.flags.writeable = False
    for i in np.flatnonzero((values < 0) | (values > 1)):
        name = f"stubbornness[{i}]" if isinstance(given, (Sequence, np.ndarray)) else "stubbornness"
        raise InputError(name, float(values[i]), "is not in [0, 1]", advice)
    return values


def _one_of(given: object, field: str, named: dict[str, Any], types: tuple[type, ...]) -> Any:
    if isinstance(given, str) and given in named:
        return named[given]()
    if isinstance(given, types):
        return given
    choices = {
        "influence": '"uniform", lazy(rate), adaptive_rate(rate), weighted(weights), network(graph) or general(W)',
        "acceptance": '"open", unanimous(threshold), majority(threshold), aggregate(threshold), '
        "bounded_confidence(radius), capacity(members) or adaptive(rule, threshold)",
    }
    raise InputError(field, given, f"is not a known {field}", f"use {choices[field]}")
