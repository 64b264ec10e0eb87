"""What every coalition is worth, and at which cost every pair of coalitions stops being stable.

Whether a move of an agent from C to D is admissible depends on C and D alone, once it is settled which opinions count:

- at = "opinions": the model's opinions as they are, as in `numerics.moves`;
- at = "consensus": those that the coalitions reach, x = W(π)^∞ x(0): members of C are at the limit of C, of D at D's.

So the structure π is stable at the base cost κ iff κ ≥ κ*(π), its critical cost

    κ*(π) = max( max_{C∈π} single(C), max_{C≠D∈π} pair(C, D) ),
    pair(C, D) = the largest Δ_i - (κ_i - κ) of an accepted move from C to D or from D to C,
    single(C)  = the largest Δ_i - (κ_i - κ) of founding alone,

where κ_i - κ is what agent i pays beyond the base.  Tables of 2^n and 3^n entries hold all there is to know about
stability.  The same holds for the threshold of an acceptance rule instead of the cost: with the level of a move, the
greatest threshold at which it is accepted, π is stable at the threshold α iff α exceeds the level of every move that
pays.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from numerics.acceptance import rule_arrays
from numerics.consensus import At, check_at, tactical_limit
from numerics.costs import PerAgent, SwitchingCost, base_of, with_base
from numerics.kernels import coalition_tables as kernel
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.parallel import on_threads
from numerics.partitions import ternary_numbers
from numerics.payoffs import check_samples, check_status
from numerics.ties import tie_tolerance
from theory.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


MAX_PAIRS_AGENTS = 14  # 3^14 numbers take 38 MB
MAX_PAYOFFS_AGENTS = 20  # 20 · 2^20 numbers take 168 MB


@dataclass(frozen=True, eq=False)
class Tables:
    """Everything about stability of the structures of n agents; a coalition is the bit mask of its members.

    Attributes
    ----------
    n_agents : n.
    at : "opinions" or "consensus".
    parameter : what the entries of `single` and `pair` are compared with.
    base : the base of the model's switching cost.
    values : (2^n,) v(S), 0 for the empty coalition; at consensus, of S at its own limit.
    single : (2^n,) critical cost of founding alone, -inf for a single agent; or, for a parameter of acceptance, inf
        where founding alone pays and -inf elsewhere.
    pair : (3^n,) critical cost of moves between C and D, either way, at T(C) + 2 T(D) and at T(D) + 2 T(C), -inf
        without any; or the largest level of a move that pays, the negative of the least radius or of the least number
        of members at which it is accepted.
    ternary : (2^n,) T(S) = Σ_{i∈S} 3^i.
    """

    n_agents: int
    at: At
    parameter: str
    base: float
    values: FloatArray
    single: FloatArray
    pair: FloatArray
    ternary: IntArray
    _model: Model

    def tolerance(self, cost: float | None = None) -> float:
        """Return the tolerance of ties at a base cost, the model's own unless given."""
        return _tolerance(self._model, self.base if cost is None else cost)

    def critical_value(self, labels: IntArray) -> float:
        """Return the largest entry of the structure: its critical cost κ*, or the critical threshold.

        Examples
        --------
        >>> tables = coalition_tables(Model(opinions=[0.0, 2.0], performance="-u**2"))
        >>> tables.critical_value(np.array([0, 1]))
        1.0
        """
        masks = masks_of(labels)
        entries = [float(self.single[c]) for c in masks]
        for position, c in enumerate(masks):
            entries += [float(self.pair[self.ternary[c] + 2 * self.ternary[d]]) for d in masks[:position]]
        return max(entries)


def coalition_tables(
    model: Model, at: At = "opinions", parameter: str = "switching_cost", samples: int = 0, threads: int = 0
) -> Tables:
    """Compute the tables of a model of at most 14 agents.

    Parameters
    ----------
    model : Model with concrete opinions; its cost may differ between agents, not between numbered coalitions.
    at : whether moves are evaluated at the opinions as they are or with every coalition at its consensus.
    parameter : "switching_cost", or the number in the rule of acceptance: "acceptance.threshold" (α),
        "acceptance.radius" or "acceptance.members".
    samples : pairs of random orders for payoffs that have no closed form and no table; 0 to refuse them.
    threads : number of threads, all cores if 0.

    Raises
    ------
    InputError
        For more agents, drawn opinions, costs of numbered coalitions, or a parameter that the rule does not have.

    Notes
    -----
    O(n 3^n) at opinions as given, beside the payoffs of 2^n coalitions; at consensus the payoffs of 3^n, or of n 3^n
    where members of a coalition can be told apart.  An adaptive rule is taken at its start.
    """
    n = model.n_agents
    if n > MAX_PAIRS_AGENTS:
        advice = f"use at most {MAX_PAIRS_AGENTS} agents, stable_structure(model) up to 18, or ensemble(model, runs)"
        raise InputError("model", f"{n} agents", f"have 3^{n} pairs of coalitions, too many for a table", advice)
    check_at(at)
    by_level = _asks_for_level(model, parameter)
    base, joining, founding = cost_of_agents(model)
    x = np.array(concrete_opinions(model)).reshape(n, model.dimension)
    settled = x[None] if at == "opinions" else _settled(model)
    payoffs = _payoffs(model, settled, samples, threads)
    ternary = ternary_numbers(n)
    single, pair = np.full(1 << n, -np.inf), np.full(3**n, -np.inf)
    margin = _tolerance(model, base)
    centres = _centres(model, settled)
    rule, largest = rule_arrays(model.acceptance), float(np.max(np.abs(x)))
    game, graph = model.game_arrays(check_samples(samples)), model.graph_arrays()
    check_status(kernel.single_table(settled, payoffs, game, graph, founding, base, by_level, margin, single), model)
    if at == "opinions":
        accepted, level = np.zeros((1 << n, n), dtype=np.bool_), np.full((1 << n, n), -np.inf)
        check_status(kernel.entry_table(settled, centres, payoffs, rule, margin, largest, accepted, level), model)
        kernel.pairs_as_given(payoffs, accepted, level, joining, base, by_level, margin, ternary, pair)
    else:
        alike = model.has_equal_members

        def part(first: int, last: int) -> None:
            its_game, its_rule = model.game_arrays(check_samples(samples)), rule_arrays(model.acceptance)
            status = kernel.pairs_at_consensus(
                first, last, settled, centres, payoffs, its_game, graph, its_rule, alike, joining, base,
                by_level, margin, largest, ternary, pair,
            )  # fmt: skip
            check_status(status, model)

        _in_parts(part, n, threads)
    kernel.both_ways(ternary, pair)
    values = np.nansum(payoffs, axis=1)  # payoffs share out all of v(S)
    return Tables(n, at, parameter, base, values, single, pair, ternary, model)


def payoff_tables(model: Model, samples: int = 0) -> tuple[FloatArray, BoolArray]:
    """Return every payoff and every answer to an entrant, at the opinions as they are.

    Returns
    -------
    payoffs : (2^n, n) AD_i(S), NaN for i outside S.
    accepted : (2^n, n) whether the members of S let i in, False for i in S.

    Raises
    ------
    InputError
        For more than 20 agents.

    Examples
    --------
    >>> payoffs, accepted = payoff_tables(Model(opinions=[0.0, 2.0], performance="-u**2"))
    >>> payoffs[0b11].tolist(), accepted[0b01].tolist()
    ([1.0, -3.0], [False, True])
    """
    n = model.n_agents
    if n > MAX_PAYOFFS_AGENTS:
        advice = f"use at most {MAX_PAYOFFS_AGENTS} agents, or simulate runs with ensemble(model, runs)"
        raise InputError("model", f"{n} agents", f"have 2^{n} coalitions, too many for a table", advice)
    settled = np.array(concrete_opinions(model)).reshape(1, n, model.dimension)
    payoffs = _payoffs(model, settled, samples)
    accepted, level = np.zeros((1 << n, n), dtype=np.bool_), np.empty((1 << n, n))
    status = kernel.entry_table(
        settled, _centres(model, settled), payoffs, rule_arrays(model.acceptance),
        _tolerance(model, cost_of_agents(model)[0]), float(np.max(np.abs(settled))), accepted, level,
    )  # fmt: skip
    check_status(status, model)
    return payoffs, accepted


def cost_of_agents(model: Model) -> tuple[float, FloatArray, FloatArray]:
    """Return the base cost, and what each agent pays beyond it for joining a coalition and for founding alone.

    Raises
    ------
    InputError
        If a cost depends on a numbered coalition, which means nothing without one structure.
    """
    cost, n = model.switching_cost, model.n_agents
    if not isinstance(cost, SwitchingCost):
        return cost, np.zeros(n), np.zeros(n)
    terms = {}
    for name in ("exit", "entry", "bonus"):
        term = getattr(cost, name)
        if not isinstance(term, (float, PerAgent)):
            problem = "counts the coalitions of one structure, and here all structures are compared"
            advice = "use numbers or per_agent(...), or functions of one structure such as critical_cost"
            raise InputError(f"switching_cost.{name}", term, problem, advice)
        terms[name] = np.full(n, term) if isinstance(term, float) else np.array(term.values)
    if cost.between.size:
        problem, advice = "counts the coalitions of one structure", "leave it out"
        raise InputError("switching_cost.between", cost.between.tolist(), problem, advice)
    return cost.base, terms["exit"] + terms["entry"] - terms["bonus"], terms["exit"]


def masks_of(labels: IntArray) -> list[int]:
    """Return the bit masks of the coalitions, in the order of their labels.

    Examples
    --------
    >>> masks_of(np.array([0, 1, 0]))
    [5, 2]
    """
    masks = np.zeros(int(labels.max()) + 1, dtype=np.int64)
    np.add.at(masks, labels, np.left_shift(1, np.arange(len(labels))))
    return [int(mask) for mask in masks]


def _asks_for_level(model: Model, parameter: object) -> bool:
    if parameter == "switching_cost":
        return False
    rule = model.acceptance
    if rule.parameter is None:
        advice = "use unanimous, majority, aggregate, bounded_confidence or capacity"
        raise InputError("parameter", parameter, f"is not in the rule of acceptance, {rule}", advice)
    if parameter != rule.parameter:
        advice = f'use "switching_cost" or "{rule.parameter}"'
        raise InputError("parameter", parameter, "is not one that all structures can be compared in", advice)
    return True


def _tolerance(model: Model, base: float) -> float:
    cost = model.switching_cost
    return tie_tolerance(model if base == base_of(cost) else model.replace(switching_cost=with_base(cost, base)))


def _membership(n: int) -> BoolArray:
    """(2^n, n) whether an agent is in a coalition."""
    return (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(np.bool_)


def _settled(model: Model) -> FloatArray:
    """(2^n, n, d) limit opinions of the members of every coalition; others as they are."""
    n, d = model.n_agents, model.dimension
    x = np.array(concrete_opinions(model)).reshape(n, d)
    out = np.repeat(x[None], 1 << n, axis=0)
    if model.is_graph or model.is_stubborn:
        full = (1 << n) - 1
        for mask in range(1 << n - 1):  # a coalition and the rest are settled at once
            inside = (mask >> np.arange(n) & 1).astype(np.int64)
            labels = inside if mask else np.zeros_like(inside)
            limit = tactical_limit(model, labels).reshape(n, d)
            for part, members in ((mask, inside == 1), (full ^ mask, inside == 0)):
                out[part, members] = limit[members]
        return out
    member = _membership(n)
    first = np.argmax(member, axis=1)  # around one member, so that members who agree stay where they are
    weights = member * model.weights
    weights[0] = 1.0
    mean = x[first] + (weights[:, :, None] * (x[None] - x[first][:, None])).sum(axis=1) / weights.sum(axis=1)[:, None]
    return np.where(member[:, :, None], mean[:, None], out)


def _centres(model: Model, settled: FloatArray) -> FloatArray:
    """(2^n, d) consensus of every coalition: the weighted mean of its members' limits."""
    limits = settled if len(settled) > 1 else _settled(model)
    weights = _membership(model.n_agents) * model.weights
    weights[0] = 1.0
    return np.asarray((weights[:, :, None] * limits).sum(axis=1) / weights.sum(axis=1)[:, None])


def _payoffs(model: Model, settled: FloatArray, samples: int, threads: int = 0) -> FloatArray:
    out = np.full((1 << model.n_agents, model.n_agents), np.nan)

    def part(first: int, last: int) -> None:
        game = model.game_arrays(check_samples(samples))
        check_status(kernel.payoff_table(first, last, settled, game, model.graph_arrays(), out), model)

    _in_parts(part, model.n_agents, threads)
    return out


def _in_parts(part: Callable[[int, int], None], n: int, threads: int) -> None:
    """Call ``part(first, last)`` for ranges that make up 0 .. 2^n, on that many threads (all cores if 0)."""
    cuts = np.linspace(0, 1 << n, (threads or os.cpu_count() or 1) + 1).astype(np.int64).tolist()
    on_threads(part, list(pairwise(cuts)))
