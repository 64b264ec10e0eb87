"""Payoff: the Aumann-Drèze value, by definition.

The Shapley value of agent i in a game (C, v), k = |C|, averages what i adds to the agents before it over all
orders in which the members may come:

    Sh_i = Σ_{S ⊆ C∖i} |S|! (k-1-|S|)!/k! · (v(S ∪ i) - v(S)).

The Aumann-Drèze value of a coalition structure is the Shapley value inside each coalition.  Closed forms are
derived in `theory.sampling` (polynomial φ, any opinions: V3) and `theory.two_types` (an entrant among agents that
agree: V5).

References
----------
L. S. Shapley, "A value for n-person games", 1953; R. J. Aumann, J. H. Drèze, "Cooperative games with coalition
structures", Int. J. Game Theory 3:217, 1974.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeVar

from sympy import (
    Expr,
    Integer,
    Rational,
    factorial,
)

from theory.errors import InputError
from theory.symbols import s
from theory.value import MAX_AGENTS, game

Agent = TypeVar("Agent", bound=Hashable)


def shapley_weight(size: int, n_agents: int) -> Rational:
    """Return |S|!(n-1-|S|)!/n!, the probability that exactly the |S| = size agents of a set come before an agent.

    Examples
    --------
    >>> shapley_weight(1, 3)
    1/6
    """
    return Rational(factorial(size) * factorial(n_agents - 1 - size), factorial(n_agents))


def shapley_value(
    game: Mapping[frozenset[Agent], Expr] | Callable[[frozenset[Agent]], Expr], agents: Iterable[Agent]
) -> dict[Agent, Expr]:
    """Return the Shapley value of every agent, by the definition.

        Sh_i = Σ_{S ⊆ N∖i} |S|! (n-1-|S|)!/n! · (v(S ∪ i) - v(S))

    Parameters
    ----------
    game : mapping from frozensets of agents to values, or a function of a frozenset
    agents : the agents N

    Returns
    -------
    dict from agent to value, sympy expressions (or whatever the values of the game add up to)

    Raises
    ------
    InputError
        Beyond 16 agents, with an agent twice, or if v(∅) is not 0.

    Notes
    -----
    Cost: O(n 2^n).

    References
    ----------
    L. S. Shapley, 1953.

    Examples
    --------
    >>> v = {frozenset(): 0, frozenset("a"): 1, frozenset("b"): 2, frozenset("ab"): 6}
    >>> shapley_value(v, "ab")
    {'a': 5/2, 'b': 7/2}
    """
    members = list(agents)
    n_agents = len(members)
    if len(set(members)) != n_agents:
        raise InputError("agents", members, "has an agent twice", "list every agent once")
    if n_agents > MAX_AGENTS:
        raise InputError("agents", f"{n_agents} agents", "make too many coalitions", f"use at most {MAX_AGENTS}")
    value = game if callable(game) else game.__getitem__
    worth = {
        frozenset(S): value(frozenset(S)) for size in range(n_agents + 1) for S in combinations(members, size)
    }  # every coalition once: values may be costly
    if worth[frozenset()] != 0:
        raise InputError("game", worth[frozenset()], "is the value of the empty coalition", "make it 0")
    weight = [shapley_weight(size, n_agents) for size in range(n_agents)]
    shares: dict[Agent, Expr] = {}
    for i in members:
        terms = [weight[len(S)] * (worth[S | {i}] - before) for S, before in worth.items() if i not in S]
        shares[i] = sum(terms, Integer(0))
    return shares


def aumann_dreze_value(
    opinions: Sequence[Expr | float],
    structure: Iterable[Iterable[int]],
    phi: Expr | str,
    scale: Expr | str = s,
    weights: Sequence[Expr | float] | None = None,
) -> tuple[Expr, ...]:
    """Return every agent's payoff in a coalition structure: the Shapley value inside its coalition.

    Parameters
    ----------
    opinions : numbers or expressions, of the agents 0 .. n-1
    structure : coalitions of agents that partition 0 .. n-1
    phi, scale, weights : as in `theory.value.coalition_value`

    Returns
    -------
    tuple of n sympy expressions

    Raises
    ------
    InputError
        If `structure` is no partition of the agents, or a coalition has more than 16 members.

    References
    ----------
    R. J. Aumann, J. H. Drèze, 1974.

    Examples
    --------
    >>> aumann_dreze_value([0, 1, 5], [[0, 1], [2]], "-u**2")
    (1/4, -3/4, -25)
    """
    coalitions = [list(S) for S in structure]
    if sorted(i for S in coalitions for i in S) != list(range(len(opinions))):
        raise InputError("structure", coalitions, f"is no partition of 0..{len(opinions) - 1}", "list every agent once")
    payoff: dict[int, Expr] = {}
    for S in coalitions:
        shares = None if weights is None else [weights[i] for i in S]
        values = shapley_value(game([opinions[i] for i in S], phi, scale, shares), range(len(S)))
        payoff.update({S[i]: value for i, value in values.items()})
    return tuple(payoff[i] for i in range(len(opinions)))
