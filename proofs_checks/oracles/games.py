"""Coalitional games from the definitions: the Shapley value over all subsets, and over all orders.

A game on k agents is the sequence of its ``2**k`` values, indexed by bit mask; the empty coalition is worth 0.
Values may be anything exact that can be added and multiplied by a fraction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from math import factorial
from typing import Any


@lru_cache(maxsize=64)
def weights(k: int) -> tuple[Fraction, ...]:
    """Return the chance s!(k−s−1)!/k! that exactly a given set of s agents precedes agent i, s = 0..k−1."""
    return tuple(Fraction(factorial(s) * factorial(k - s - 1), factorial(k)) for s in range(k))


def shapley(game: Sequence[Any], i: int) -> Any:
    """Return Σ_{S∌i} |S|!(k−|S|−1)!/k! (v(S∪i) − v(S)).

    Examples
    --------
    >>> print(shapley([0, 0, 0, 1], 0))  # a glove game: both are needed
    1/2
    """
    k = len(game).bit_length() - 1
    w = weights(k)
    bit = 1 << i
    return sum(w[S.bit_count()] * (game[S | bit] - game[S]) for S in range(len(game)) if not S & bit)


def shapley_by_orders(game: Sequence[Any], i: int) -> Any:
    """Return the average over all k! orders of what agent i adds to those before it."""
    k = len(game).bit_length() - 1
    total: Any = 0
    for order in permutations(range(k)):
        before = sum(1 << j for j in order[: order.index(i)])
        total += game[before | 1 << i] - game[before]
    return total * Fraction(1, factorial(k))


def banzhaf(game: Sequence[Any], i: int) -> Any:
    """Return the plain average of what agent i adds, over all subsets of the others."""
    k = len(game).bit_length() - 1
    bit = 1 << i
    return sum(Fraction(1, 2 ** (k - 1)) * (game[S | bit] - game[S]) for S in range(len(game)) if not S & bit)


def coalition_game(
    opinions: Sequence[Fraction],
    performance: Callable[[Fraction], Any],
    scale: Callable[[int], Any] = lambda s: s,
) -> list[Any]:
    """Return the game S ↦ g(|S|) φ(mean of S) on the agents of one coalition, uniform influence."""
    game: list[Any] = [0]
    for S in range(1, 1 << len(opinions)):
        members = [x for j, x in enumerate(opinions) if S >> j & 1]
        game.append(scale(len(members)) * performance(sum(members) * Fraction(1, len(members))))
    return game


@lru_cache(maxsize=200_000)
def aumann_dreze(
    opinions: tuple[Fraction, ...],
    i: int,
    performance: Callable[[Fraction], Any],
    scale: Callable[[int], Any] = lambda s: s,
) -> Any:
    """Return the payoff of agent i in a coalition with these opinions: the Shapley value of its subgame."""
    return shapley(coalition_game(opinions, performance, scale), i)
