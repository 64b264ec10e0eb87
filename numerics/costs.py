"""Switching costs: what a move costs the agent that makes it.

    κ_i(C→D) = base + exit(i, C) + entry(i, D) - bonus(i, D) + between(C, D),
    κ_i(C→{i}) = base + exit(i, C)        for founding alone.

Each of exit, entry and bonus is a number, one number per agent, per coalition, or per pair of agent and coalition;
`between` is one number per pair of coalitions.  Coalitions are known by their number in the structure given; one that
is founded during a run takes the lowest free number, and a number beyond the end of a list costs nothing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.validation import number, table, vector
from theory.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PerAgent:
    """One number for each agent, (n,)."""

    values: FloatArray


@dataclass(frozen=True, eq=False)
class PerCoalition:
    """One number for each coalition, by its number in the structure given."""

    values: FloatArray


@dataclass(frozen=True, eq=False)
class PerPair:
    """One number for each pair, a matrix agents × coalitions."""

    values: FloatArray


Term = float | PerAgent | PerCoalition | PerPair


@dataclass(frozen=True, eq=False)
class SwitchingCost:
    """A switching cost that depends on the agent or on the coalitions; made by `switching_cost`."""

    base: float
    exit: Term
    entry: Term
    bonus: Term
    between: FloatArray

    def check_agents(self, n_agents: int) -> None:
        """Raise an InputError unless every term per agent has n_agents entries."""
        for name in ("exit", "entry", "bonus"):
            term = getattr(self, name)
            if isinstance(term, (PerAgent, PerPair)) and len(term.values) != n_agents:
                problem = f"has {len(term.values)} entries for {n_agents} agents"
                raise InputError(f"switching_cost.{name}", term.values.tolist(), problem, "give one per agent")


def per_agent(values: Sequence[float] | FloatArray) -> PerAgent:
    """Return a cost term with one number per agent."""
    return PerAgent(vector(values, "per_agent", "give one number per agent"))


def per_coalition(values: Sequence[float] | FloatArray) -> PerCoalition:
    """Return a cost term with one number per coalition, in the order of the structure; 0 for others."""
    return PerCoalition(vector(values, "per_coalition", "give one number per coalition"))


def per_pair(values: Sequence[Sequence[float]] | FloatArray) -> PerPair:
    """Return a cost term with one number per agent (row) and coalition (column); 0 for other coalitions."""
    return PerPair(table(values, "per_pair", "give one row per agent and one column per coalition"))


def switching_cost(
    base: float = 0.0,
    exit: Term = 0.0,
    entry: Term = 0.0,
    bonus: Term = 0.0,
    between: Sequence[Sequence[float]] | FloatArray | None = None,
) -> SwitchingCost:
    """Return κ_i(C→D) = base + exit(i, C) + entry(i, D) - bonus(i, D) + between(C, D).

    Parameters
    ----------
    base : paid by every move.
    exit : paid for leaving C; a number, `per_agent`, `per_coalition` or `per_pair`.
    entry, bonus : paid and received for joining D; founding alone is free of both.
    between : (coalitions left) × (coalitions joined) matrix, or None.

    Examples
    --------
    Agent 0 is held back by an exit cost, everybody else by nothing but the base:

    >>> cost = switching_cost(base=0.01, exit=per_agent([0.5, 0.0, 0.0]))
    >>> cost.base, cost.exit.values.tolist()
    (0.01, [0.5, 0.0, 0.0])
    """
    terms = {"exit": exit, "entry": entry, "bonus": bonus}
    checked = {name: _term(value, f"switching_cost.{name}") for name, value in terms.items()}
    matrix = np.empty((0, 0))
    if between is not None:
        matrix = table(between, "switching_cost.between", "give one row and one column per coalition")
    return SwitchingCost(number(base, "switching_cost.base"), between=matrix, **checked)


def _term(value: object, field: str) -> Any:
    if isinstance(value, (PerAgent, PerCoalition, PerPair)):
        return value
    return number(value, field, "give a number, per_agent(...), per_coalition(...) or per_pair(...)")


def cost_arrays(cost: float | SwitchingCost, n_agents: int) -> tuple[Any, ...]:
    """Return a cost as kernels take it.

    The base, then for leaving and for joining: (n,) per agent, (·,) per coalition, (n, ·) per pair; last, between.
    """
    if not isinstance(cost, SwitchingCost):
        return (cost, *_flat(n_agents), *_flat(n_agents), np.empty((0, 0)))
    return (cost.base, *_flat(n_agents, (1, cost.exit)), *_flat(n_agents, (1, cost.entry), (-1, cost.bonus)),
            np.array(cost.between))  # fmt: skip


def _flat(n_agents: int, *terms: tuple[int, Term]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Add terms up by kind: per agent (numbers among them), per coalition, per pair."""
    agents, coalitions, pairs = np.zeros(n_agents), np.empty(0), np.empty((n_agents, 0))
    for sign, term in terms:
        if isinstance(term, PerCoalition):
            longer = np.zeros(max(len(coalitions), len(term.values)))
            longer[: len(coalitions)] = coalitions
            longer[: len(term.values)] += sign * term.values
            coalitions = longer
        elif isinstance(term, PerPair):
            wider = np.zeros((n_agents, max(pairs.shape[1], term.values.shape[1])))
            wider[:, : pairs.shape[1]] = pairs
            wider[:, : term.values.shape[1]] += sign * term.values
            pairs = wider
        else:
            agents += sign * (term.values if isinstance(term, PerAgent) else term)
    return agents, coalitions, pairs


def base_of(cost: float | SwitchingCost) -> float:
    """Return the base of a cost, which is the cost itself where it is a number."""
    return cost.base if isinstance(cost, SwitchingCost) else cost


def with_base(cost: float | SwitchingCost, base: float) -> float | SwitchingCost:
    """Return the cost with another base.

    Examples
    --------
    >>> with_base(0.5, 0.1), with_base(switching_cost(0.5, exit=1.0), 0.1).exit
    (0.1, 1.0)
    """
    return dataclasses.replace(cost, base=base) if isinstance(cost, SwitchingCost) else base


def largest_cost(cost: float | SwitchingCost) -> float:
    """Return a bound of |κ|, the size that the tolerance of ties is measured by."""
    if not isinstance(cost, SwitchingCost):
        return abs(cost)
    sizes = [abs(cost.base), float(np.max(np.abs(cost.between), initial=0.0))]
    for term in (cost.exit, cost.entry, cost.bonus):
        sizes.append(abs(term) if isinstance(term, float) else float(np.max(np.abs(term.values))))
    return sum(sizes)
