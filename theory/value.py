"""Coalition value: what a coalition is worth follows from the opinion it would agree on.

    v(S) = g(|S|, a(S)) φ(c_S),      c_S = Σ_{j∈S} a_j x_j / a(S),      a(S) = Σ_{j∈S} a_j,      v(∅) = 0,

with opinions x, weights of influence a (all 1 under uniform influence, where c_S is the mean), performance φ
and scale g.  The scale is an expression in s, the number of members, and a, their total weight.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model); DeGroot, J. Amer. Statist. Assoc. 69:118,
1974, for the consensus under rank-one influence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from sympy import Expr, Integer

from theory.errors import InputError
from theory.expressions import parse_scale
from theory.numbers import exact
from theory.performance import performance_expression, without_floats
from theory.symbols import a, s, u

MAX_AGENTS = 16  # a game lists all 2^n coalitions

Game = dict[frozenset[int], Expr]


def coalition_value(
    opinions: Sequence[Expr | float],
    phi: Expr | str,
    scale: Expr | str = s,
    weights: Sequence[Expr | float] | None = None,
) -> Expr:
    """Return v(S) = g(|S|, a(S)) φ(c_S) of the coalition whose members hold `opinions`.

    Parameters
    ----------
    opinions : numbers or expressions, one per member; none for the empty coalition
    phi : performance function, an expression in u
    scale : expression in s (number of members) and a (total weight)
    weights : positive numbers or expressions, one per member; all 1 if omitted

    Returns
    -------
    sympy expression; exact for exact input (floats are read as the decimals they print as)

    Examples
    --------
    >>> coalition_value([0, 1], -u**2)
    -1/2
    >>> coalition_value([0, 1], -u**2, a, weights=[1, 3])
    -9/4
    """
    phi, scale = performance_expression(phi), scale_expression(scale)
    x = [exact(value) for value in opinions]
    shares = _weights(weights, len(x))
    if not x:
        return Integer(0)
    total = sum(shares, Integer(0))
    consensus = sum((share * value for share, value in zip(shares, x, strict=True)), Integer(0)) / total
    size = scale.subs({s: Integer(len(x)), a: total}, simultaneous=True)
    return size * phi.subs(u, consensus)


def game(
    opinions: Sequence[Expr | float],
    phi: Expr | str,
    scale: Expr | str = s,
    weights: Sequence[Expr | float] | None = None,
) -> Game:
    """Return the game (N, v): the value of every coalition of the agents 0 .. n-1.

    Parameters as in `coalition_value`, for all agents.

    Returns
    -------
    dict from each coalition, a frozenset of agents, to its value

    Raises
    ------
    InputError
        Beyond 16 agents: the game has 2^n coalitions.

    Examples
    --------
    >>> game([0, 1], -u**2)[frozenset({0, 1})]
    -1/2
    """
    n_agents = len(opinions)
    if n_agents > MAX_AGENTS:
        raise InputError("opinions", f"{n_agents} agents", "make too many coalitions", f"use at most {MAX_AGENTS}")
    shares = _weights(weights, n_agents)
    return {
        frozenset(S): coalition_value([opinions[i] for i in S], phi, scale, [shares[i] for i in S])
        for size in range(n_agents + 1)
        for S in combinations(range(n_agents), size)
    }


def scale_expression(scale: Expr | str | float) -> Expr:
    """Return g as a sympy expression in s and a; text is parsed, expressions pass as they are.

    Examples
    --------
    >>> scale_expression("s**2")
    s**2
    """
    if isinstance(scale, Expr):
        return without_floats(scale)
    return parse_scale(scale, parameters=True)


def _weights(weights: Sequence[Expr | float] | None, n_agents: int) -> list[Expr]:
    if weights is None:
        return [Integer(1)] * n_agents
    shares = [exact(weight) for weight in weights]
    if len(shares) != n_agents:
        raise InputError("weights", weights, f"do not match {n_agents} opinions", "give one weight per agent")
    if any(share.is_positive is False for share in shares):
        raise InputError("weights", weights, "must be positive", "give positive weights")
    return shares
