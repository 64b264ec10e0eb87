"""The coupled dynamics from the definitions: consensus by averaging, every move, every schedule.

Uniform influence.  A *state* is a tactical equilibrium up to the names of the agents: the sorted tuple of
(consensus, size) of its coalitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from proofs_checks.oracles.games import aumann_dreze

Coalition = tuple[Fraction, int]
State = tuple[Coalition, ...]
Phi = Callable[[Fraction], Any]
Scale = Callable[[int], Any]


def members(s: int) -> int:
    """Return s: the scale of the model unless another is given."""
    return s


@dataclass(frozen=True)
class Move:
    """An agent of `source` joins `target` (None: founds a coalition alone).

    `gain` is the agent's, `incumbents` the gains of the members of the target, `after` the state once
    the opinions have settled again.
    """

    source: Coalition
    target: Coalition | None
    gain: Fraction
    incumbents: tuple[Fraction, ...]
    after: State

    @property
    def gap(self) -> Fraction:
        """δ, the entrant's opinion minus that of the incumbents; 0 for founding alone."""
        return self.source[0] - self.target[0] if self.target else Fraction(0)


Acceptance = Callable[[Move], bool]


def settled(opinions: Sequence[Fraction], structure: Sequence[Sequence[int]]) -> State:
    """Return the tactical equilibrium: with uniform influence one step of averaging reaches it."""
    return tuple(sorted((sum((opinions[i] for i in C), Fraction(0)) / len(C), len(C)) for C in structure))


def disagreement(state: State) -> Fraction:
    """Return V = Σ_i (x_i − x̄)²."""
    return scatter([c for c, size in state for _ in range(size)])


def scatter(opinions: Sequence[Fraction]) -> Fraction:
    """Return Σ_i (x_i − x̄)² of any opinions."""
    mean = sum(opinions, Fraction(0)) / len(opinions)
    return sum(((x - mean) ** 2 for x in opinions), Fraction(0))


def spread(state: State) -> Fraction:
    """Return the largest minus the smallest consensus."""
    return state[-1][0] - state[0][0]


def moves(state: State, performance: Phi, scale: Scale = members) -> Iterator[Move]:
    """Yield every move of the state: each source, each other target, and founding alone."""
    for a, source in enumerate(state):
        c, k = source
        staying = aumann_dreze((c,) * k, 0, performance, scale)
        left = ((c, k - 1),) if k > 1 else ()
        for b, target in enumerate(state):
            if b == a:
                continue
            d, m = target
            together = (c,) + (d,) * m
            gain = aumann_dreze(together, 0, performance, scale) - staying
            before = aumann_dreze((d,) * m, 0, performance, scale)
            incumbents = tuple(aumann_dreze(together, j, performance, scale) - before for j in range(1, m + 1))
            rest = tuple(x for index, x in enumerate(state) if index not in (a, b))
            merged = ((c + m * d) / (m + 1), m + 1)
            yield Move(source, target, gain, incumbents, tuple(sorted((*rest, *left, merged))))
        if k > 1:
            rest = tuple(x for index, x in enumerate(state) if index != a)
            alone = aumann_dreze((c,), 0, performance, scale)
            yield Move(source, None, alone - staying, (), tuple(sorted((*rest, *left, (c, 1)))))


def open_to_all(move: Move) -> bool:
    """Accept every entrant."""
    return True


def unanimous(threshold: Fraction) -> Acceptance:
    """Return the rule that every incumbent must gain at least `threshold`; founding needs no consent."""
    return lambda move: all(gain >= threshold for gain in move.incumbents)


def admissible(
    state: State, cost: Fraction, performance: Phi, scale: Scale = members, accepts: Acceptance = open_to_all
) -> list[Move]:
    """Return the moves that are profitable (gain > cost) and accepted."""
    return [move for move in moves(state, performance, scale) if move.gain > cost and accepts(move)]


def critical_cost(
    state: State, performance: Phi, scale: Scale = members, accepts: Acceptance = open_to_all
) -> Fraction | None:
    """Return the largest gain among accepted moves, None if there is no move."""
    return max((move.gain for move in moves(state, performance, scale) if accepts(move)), default=None)


def longest_schedule(start: State, cost: Fraction, performance: Phi, limit: int, scale: Scale = members) -> int:
    """Return the length of the longest sequence of admissible moves, cut at `limit` moves.

    Every acceptance rule and every schedule picks a subset of these moves, so no dynamics last longer.
    """
    longest: dict[tuple[State, int], int] = {}

    def explore(state: State, budget: int) -> int:
        if budget == 0:
            return 0
        key = (state, budget)
        if key not in longest:
            best = 0
            for after in {move.after for move in admissible(state, cost, performance, scale)}:
                best = max(best, 1 + explore(after, budget - 1))
                if best == budget:
                    break
            longest[key] = best
        return longest[key]

    return explore(start, limit)
