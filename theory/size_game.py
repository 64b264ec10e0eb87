"""The size game: what is left to win by moving once all agents agree (S13).

At tactical unanimity every opinion is c, a coalition of k is worth g(k) φ(c) and pays each member g(k) φ(c)/k.
So moving from size k to join m gains φ(c) ( g(m+1)/(m+1) - g(k)/k ); for g(s) = s^γ, φ(c) ((m+1)^(γ-1) - k^(γ-1)).

Strategic unanimity, one coalition of all n agents, is stable under open acceptance iff founding alone does not
pay: κ ≥ φ(c) ( g(1) - g(n)/n ).  It is the only stable structure iff also every other structure has a
move that gains more than κ.

References
----------
Q. Zhu, arXiv:2606.26139, 2026 (this project reconstructs its model).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sympy import And, Expr, Integer, Le, Lt, oo
from sympy.logic.boolalg import Boolean
from sympy.utilities.iterables import partitions

from theory.errors import InputError
from theory.gain import DIGITS, gain
from theory.numbers import exact
from theory.symbols import delta, gamma, k, kappa, m, n, s
from theory.value import scale_expression

MAX_AGENTS = 30  # 5604 ways to split them


@dataclass(frozen=True)
class SizeGame:
    """The moves at tactical unanimity, per unit of the performance φ(c) all agents share.

    Attributes
    ----------
    scale : the scale g
    n : number of agents, symbolic or concrete
    gain : what moving from size k to join m gains, divided by φ(c)
    unanimity_cost : critical cost of the coalition of all n ≥ 2 agents, divided by φ(c) > 0
    rival_cost : the least critical cost of any other structure, divided by φ(c) > 0; None for symbolic n or scale
    """

    scale: Expr
    n: Expr
    gain: Expr
    unanimity_cost: Expr
    rival_cost: Expr | None

    def stability(self, worth: Expr | float, cost: Expr | float = kappa) -> Boolean:
        """Return the condition for strategic unanimity to be stable, φ(c) = worth > 0."""
        return Le(_positive(worth) * self.unanimity_cost, exact(cost))

    def uniqueness(self, worth: Expr | float, cost: Expr | float = kappa) -> Boolean:
        """Return the condition for it to be the only stable structure.

        Raises
        ------
        InputError
            If n or the scale is symbolic: all other structures must be compared.
        """
        if self.rival_cost is None:
            raise InputError("n", self.n, "or the scale is symbolic", "give a number of agents and a numeric scale")
        return And(self.stability(worth, cost), Lt(exact(cost), _positive(worth) * self.rival_cost))


def size_gain(scale: Expr | str = s**gamma, left: Expr | int = k, joined: Expr | int = m) -> Expr:
    """Return the gain of moving from a coalition of `left` to join `joined` agents when all agree, divided by φ(c).

    It is the general gain at δ = 0 with performance 1:  g(m+1)/(m+1) - g(k)/k.

    Examples
    --------
    >>> size_gain()
    -k**(gamma - 1) + (m + 1)**(gamma - 1)
    >>> size_gain("s**2", 3, 1)
    -1
    """
    value = gain(Integer(1), scale_expression(scale)).subs(delta, 0)
    return value.subs({k: exact(left), m: exact(joined)}, simultaneous=True)


def size_game(scale: Expr | str = s**gamma, agents: Expr | int = n) -> SizeGame:
    """Return the gains and critical costs of the size game of n agents (S13).

    Parameters
    ----------
    scale : expression in s; s^γ with symbolic γ if omitted
    agents : number n ≥ 2 of agents, symbolic if omitted

    Raises
    ------
    InputError
        If `agents` is below 2 or above 30.

    Notes
    -----
    Cost: one comparison per pair of different sizes in each partition of n, up to about a second for n = 30.

    Examples
    --------
    >>> size_game().unanimity_cost
    1 - n**(gamma - 1)
    >>> game = size_game("s**2", 4)
    >>> game.unanimity_cost, game.rival_cost
    (-3, 1)
    """
    scale, count = scale_expression(scale), exact(agents)
    if count.is_number and not (count.is_Integer and 2 <= count <= MAX_AGENTS):
        raise InputError("agents", agents, "is out of range", f"use an integer from 2 to {MAX_AGENTS}")
    unanimity = size_gain(scale, count, 0)
    rival = _least_rival_cost(scale, int(count)) if count.is_Integer and not scale.free_symbols - {s} else None
    return SizeGame(scale, count, size_gain(scale), unanimity, rival)


def _least_rival_cost(scale: Expr, agents: int) -> Expr:
    """Return the least critical cost of a structure of two or more coalitions."""
    share = {size: size_gain(scale, 1, size - 1) for size in range(1, agents + 1)}  # less g(1), which cancels
    rough = {size: float(value.evalf(DIGITS)) for size, value in share.items()}
    best, best_value = float("inf"), oo
    for parts in partitions(agents):
        sizes = Counter(parts)
        if sizes.total() < 2:
            continue
        moves = [(there + 1, here) for here in sizes for there in sizes if here != there or sizes[here] > 1]
        moves += [(1, here) for here in sizes if here > 1]
        after, before = max(moves, key=lambda move: rough[move[0]] - rough[move[1]])
        if rough[after] - rough[before] < best:
            best, best_value = rough[after] - rough[before], share[after] - share[before]
    return best_value


def _positive(worth: Expr | float) -> Expr:
    value = exact(worth)
    if value.is_nonpositive:
        raise InputError("worth", worth, "is not positive", "the conditions are for φ(c) > 0")
    return value
