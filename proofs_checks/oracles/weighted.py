"""Weighted influence from the definitions: A[i, j] = a_j, and a coalition S is worth a(S) φ(Σ a_j x_j / a(S)).

Uniform influence is a_j = 1 for all j.  The agents are 0..n−1; a structure is a set of disjoint sets of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from proofs_checks.oracles.games import shapley

Phi = Callable[[Fraction], Any]
Scale = Callable[[Sequence[Fraction]], Any]
Structure = frozenset[frozenset[int]]
Numbers = tuple[Fraction, ...]


def consensus(weights: Sequence[Fraction], opinions: Sequence[Fraction]) -> Fraction:
    """Return Σ a_j x_j / Σ a_j."""
    return sum((a * x for a, x in zip(weights, opinions, strict=True)), Fraction(0)) / sum(weights)


def scatter(weights: Sequence[Fraction], opinions: Sequence[Fraction]) -> Fraction:
    """Return V = Σ a_i (x_i − x̄)² with the weighted mean x̄.

    Examples
    --------
    >>> print(scatter((Fraction(1), Fraction(2)), (Fraction(1), Fraction(0))))
    2/3
    """
    mean = consensus(weights, opinions)
    return sum((a * (x - mean) ** 2 for a, x in zip(weights, opinions, strict=True)), Fraction(0))


@lru_cache(maxsize=100_000)
def payoff(weights: Numbers, opinions: Numbers, i: int, performance: Phi, scale: Scale = sum) -> Any:
    """Return what agent i is paid in one coalition: the Shapley value of S ↦ scale(S) φ(consensus of S).

    The scale of the model is a(S), the sum of the weights; `len` gives |S|, the number of members.

    Examples
    --------
    >>> print(payoff((Fraction(1), Fraction(2)), (Fraction(1), Fraction(0)), 0, lambda u: -u * u))
    -2/3
    """
    game: list[Any] = [0]
    for S in range(1, 1 << len(weights)):
        a, x = (tuple(v for j, v in enumerate(vector) if S >> j & 1) for vector in (weights, opinions))
        game.append(scale(a) * performance(consensus(a, x)))
    return shapley(game, i)


def settled(weights: Numbers, opinions: Numbers, structure: Structure) -> Numbers:
    """Return the opinions at the tactical equilibrium: one step of averaging reaches it."""
    after = list(opinions)
    for C in structure:
        mean = consensus([weights[i] for i in C], [opinions[i] for i in C])
        for i in C:
            after[i] = mean
    return tuple(after)


@dataclass(frozen=True)
class Move:
    """An agent leaves the coalition `source` and joins `target`, empty for founding alone.

    `gain` is the agent's; `opinions` and `structure` are those after the move, the opinions settled again.
    """

    agent: int
    source: frozenset[int]
    target: frozenset[int]
    gain: Any
    opinions: Numbers
    structure: Structure


def moves(
    weights: Numbers, opinions: Numbers, structure: Structure, performance: Phi, scale: Scale = sum
) -> Iterator[Move]:
    """Yield every move at settled opinions, in the order of the names."""

    def paid(i: int, C: Iterable[int]) -> Any:
        members = sorted(C)
        a, x = (tuple(vector[j] for j in members) for vector in (weights, opinions))
        return payoff(a, x, members.index(i), performance, scale)

    coalitions = sorted(structure, key=sorted)
    for C in coalitions:
        for i in sorted(C):
            for D in (*(D for D in coalitions if D != C), *([frozenset[int]()] if len(C) > 1 else [])):
                rest = (structure - {C, D}) | {D | {i}}
                after = frozenset(rest | ({C - {i}} if len(C) > 1 else frozenset()))
                yield Move(i, C, D, paid(i, D | {i}) - paid(i, C), settled(weights, opinions, after), after)


def longest_schedule(
    weights: Numbers,
    opinions: Numbers,
    structure: Structure,
    cost: Fraction | None,
    performance: Phi,
    limit: int,
    scale: Scale = sum,
) -> int:
    """Return the length of the longest sequence of moves that gain more than `cost`, cut at the limit.

    Any rule of acceptance and any schedule of moves that pay picks some of these moves; without a cost (None) a move
    need not pay.
    """
    longest: dict[tuple[Numbers, Structure, int], int] = {}

    def explore(now: Numbers, at: Structure, budget: int) -> int:
        key = (now, at, budget)
        if key not in longest:
            possible = moves(weights, now, at, performance, scale) if budget else ()
            following = {(move.opinions, move.structure) for move in possible if cost is None or move.gain > cost}
            longest[key] = max((1 + explore(x, s, budget - 1) for x, s in following), default=0)
        return longest[key]

    return explore(settled(weights, opinions, structure), structure, limit)


def cycle(
    weights: Numbers,
    opinions: Numbers,
    structure: Structure,
    cost: Fraction,
    performance: Phi,
    limit: int,
    scale: Scale = sum,
) -> tuple[Move, ...]:
    """Return moves that gain more than `cost` and lead back to where they started, opinions and structure alike.

    They are found within `limit` moves from the start, or there are none to return; who makes them never stops.

    Examples
    --------
    >>> one, apart = (Fraction(1),) * 2, frozenset({frozenset({0}), frozenset({1})})
    >>> found = cycle(one, (Fraction(0),) * 2, apart, Fraction(-1, 8), lambda u: -u * u, 2)
    >>> [sorted(map(sorted, move.structure)) for move in found]
    [[[0, 1]], [[0], [1]]]
    """

    def explore(states: tuple[tuple[Numbers, Structure], ...], path: tuple[Move, ...]) -> tuple[Move, ...]:
        if len(path) == limit:
            return ()
        for move in moves(weights, *states[-1], performance, scale):
            if move.gain > cost:
                after = (move.opinions, move.structure)
                if after in states:
                    return (*path, move)[states.index(after) :]
                found = explore((*states, after), (*path, move))
                if found:
                    return found
        return ()

    return explore(((settled(weights, opinions, structure), structure),), ())
