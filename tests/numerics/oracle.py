"""Oracle: the model from its definitions, slow and obvious, in rational arithmetic.

It imports nothing that it checks.  Opinions, weights, costs and values are `Fraction`s; a performance or a
scale that is not rational returns its value to 60 digits as a `Fraction` (see `cases.py`).  A structure is a
list of frozensets; the empty frozenset stands for founding alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial, inf

ALONE = frozenset()


class Undecided(Exception):
    """A comparison so close to its tolerance that rounding may decide it either way."""


@dataclass(frozen=True)
class Game:
    """What is fixed during a run; `rate` is 1 unless influence is lazy, `threshold` None for open acceptance."""

    phi: Callable[[Fraction], Fraction]
    scale: Callable[[Fraction, Fraction], Fraction]
    weights: tuple[Fraction, ...]
    cost: Fraction = Fraction(0)
    threshold: Fraction | None = None
    rate: Fraction = Fraction(1)


@dataclass(frozen=True)
class Move:
    """Agent `mover` joins the coalition `target`; `incumbents` are the gains of its members."""

    mover: int
    target: frozenset
    gain: Fraction
    incumbents: tuple[Fraction, ...]


class Moment:
    """A game at given opinions and a given structure: everything that holds at one moment."""

    def __init__(self, game: Game, opinions, structure):
        self.game = game
        self.x = tuple(map(Fraction, opinions))
        self.structure = [frozenset(c) for c in structure]
        self._values, self._payoffs = {}, {}

    # Values and payoffs

    def consensus(self, members) -> Fraction:
        """Σ a_j x_j / Σ a_j."""
        a = self.game.weights
        return sum(a[j] * self.x[j] for j in members) / sum(a[j] for j in members)

    def value(self, members) -> Fraction:
        """v(S) = g(|S|, a(S)) φ(c_S), nothing for the empty set."""
        members = frozenset(members)
        if not members:
            return Fraction(0)
        if members not in self._values:
            size, weight = Fraction(len(members)), sum(self.game.weights[j] for j in members)
            self._values[members] = self.game.scale(size, weight) * self.game.phi(self.consensus(members))
        return self._values[members]

    def shapley(self, coalition) -> dict[int, Fraction]:
        """Each member's payoff in the subgame on `coalition`, by the formula over subsets."""
        coalition = frozenset(coalition)
        if coalition not in self._payoffs:
            k = len(coalition)
            payoff = {}
            for i in coalition:
                others, total = sorted(coalition - {i}), Fraction(0)
                for s in range(k):
                    share = Fraction(factorial(s) * factorial(k - 1 - s), factorial(k))
                    total += share * sum(self.value({*S, i}) - self.value(S) for S in combinations(others, s))
                payoff[i] = total
            self._payoffs[coalition] = payoff
        return self._payoffs[coalition]

    def shapley_by_permutations(self, coalition) -> dict[int, Fraction]:
        """Each member's mean marginal contribution over all orders of arrival."""
        payoff = dict.fromkeys(coalition, Fraction(0))
        for order in permutations(coalition):
            for position, i in enumerate(order):
                payoff[i] += self.value(order[: position + 1]) - self.value(order[:position])
        return {i: total / factorial(len(payoff)) for i, total in payoff.items()}

    def payoffs(self) -> list[Fraction]:
        """The Aumann-Drèze value of every agent."""
        payoff = {i: p for c in self.structure for i, p in self.shapley(c).items()}
        return [payoff[i] for i in range(len(self.x))]

    # Moves

    def coalition_of(self, agent: int) -> frozenset:
        return next(c for c in self.structure if agent in c)

    def move(self, agent: int, target: frozenset) -> Move | None:
        """The move of an agent to a coalition (or `ALONE`); None if that is no move."""
        own = self.coalition_of(agent)
        if target == own or (target == ALONE and own == {agent}):
            return None
        after = self.shapley(target | {agent})
        before = self.shapley(target)
        gain = after[agent] - self.shapley(own)[agent]
        return Move(agent, target, gain, tuple(after[j] - before[j] for j in sorted(target)))

    def moves(self) -> Iterator[Move]:
        for agent in range(len(self.x)):
            for target in [*self.structure, ALONE]:
                move = self.move(agent, target)
                if move is not None:
                    yield move

    def is_accepted(self, move: Move, tolerance: Fraction) -> bool:
        """Whether every incumbent gains at least the threshold."""
        alpha = self.game.threshold
        return alpha is None or all(not _exceeds(alpha, gain, tolerance) for gain in move.incumbents)

    def is_profitable(self, move: Move, tolerance: Fraction) -> bool:
        return _exceeds(move.gain, self.game.cost, tolerance)

    def is_admissible(self, move: Move, tolerance: Fraction) -> bool:
        return self.is_profitable(move, tolerance) and self.is_accepted(move, tolerance)

    def admissible(self, tolerance: Fraction) -> list[Move]:
        return [move for move in self.moves() if self.is_admissible(move, tolerance)]

    # Tactical layer

    def influence(self) -> list[list[Fraction]]:
        """W(π): inside a coalition (1-ε) I + ε 1 aᵀ/a(C), zero across coalitions."""
        n, a, rate = len(self.x), self.game.weights, self.game.rate
        w = [[Fraction(0)] * n for _ in range(n)]
        for c in self.structure:
            for i in c:
                for j in c:
                    w[i][j] = rate * a[j] / sum(a[k] for k in c) + (1 - rate if i == j else 0)
        return w

    def after_tactics(self, steps: float = inf) -> "Moment":
        """The moment after `steps` consensus steps x ← W x, or in their limit."""
        if steps == inf:
            x = [self.consensus(self.coalition_of(i)) for i in range(len(self.x))]
        else:
            x, w = list(self.x), self.influence()
            for _ in range(int(steps)):
                x = [sum(p * y for p, y in zip(row, x, strict=True)) for row in w]
        return Moment(self.game, x, self.structure)

    def rounded(self) -> "Moment":
        """The same with opinions to 300 binary places, so that long replays stay fast."""
        return Moment(self.game, [Fraction(round(y * 2**300), 2**300) for y in self.x], self.structure)

    def after_move(self, move: Move) -> "Moment":
        """The moment after a move; empty coalitions disappear."""
        rest = [c - {move.mover} for c in self.structure if c != move.target]
        joined = move.target | {move.mover}
        return Moment(self.game, self.x, sorted((c for c in [*rest, joined] if c), key=min))

    # What is recorded

    def members_agree(self) -> bool:
        """x = W(π) x up to the tolerance of agreement, 2⁻⁴⁶ max|x|."""
        limit, tolerance = Fraction(2) ** -46, max(map(abs, self.x))
        gaps = [abs(x - y) for x, y in zip(self.x, self.after_tactics().x, strict=True)]
        if any(limit * tolerance / 2 < gap < limit * tolerance * 2 for gap in gaps):
            raise Undecided
        return all(gap <= limit * tolerance for gap in gaps)

    def is_joint_equilibrium(self, tolerance: Fraction) -> bool:
        return self.members_agree() and not self.admissible(tolerance)

    def regime(self, tolerance: Fraction) -> str:
        """The regime, for opinions whose consensus are equal or clearly different."""
        if not self.is_joint_equilibrium(tolerance):
            return "not a joint equilibrium"
        if len(self.structure) == 1:
            return "strategic unanimity"
        if self.spread() <= Fraction(2) ** -46 * max(map(abs, self.x)):
            return "tactical unanimity"
        return "polarization" if len(self.structure) == 2 else "segregation"

    def spread(self) -> Fraction:
        return max(self.x) - min(self.x)

    def disagreement(self) -> Fraction:
        mean = sum(self.x) / len(self.x)
        return sum((y - mean) ** 2 for y in self.x)

    def surplus(self) -> Fraction:
        return sum((self.value(c) for c in self.structure), Fraction(0))

    def key(self):
        """Opinions and structure, hashable."""
        return self.x, frozenset(self.structure)


def _exceeds(left: Fraction, right: Fraction, tolerance: Fraction) -> bool:
    """left > right + tolerance."""
    margin = left - right
    if tolerance / 4 < margin < 4 * tolerance:
        raise Undecided
    return margin > tolerance


# The law of a run


def choices(moment: Moment, schedule: str, tolerance: Fraction) -> list[tuple[Fraction, Move]]:
    """Every move that one step may make, with its probability."""
    admissible = moment.admissible(tolerance)
    movers = sorted({move.mover for move in admissible})
    law = []
    for agent in movers:
        own = [move for move in admissible if move.mover == agent]
        if schedule == "best response":
            best = max(move.gain for move in own)
            own = [move for move in own if move.gain == best]
            if len(own) > 1:
                raise Undecided
        law += [(Fraction(1, len(movers) * len(own)), move) for move in own]
    return law


def law_of_runs(start: Moment, schedule: str, steps: float, max_steps: int, tolerance: Callable[[Moment], Fraction]):
    """The exact law of the end of a run: {(moves, outcome, opinions, structure): probability}."""
    first = start.after_tactics(steps)
    current, ends = {(first.key(), 0): (Fraction(1), first)}, {}
    for step in range(max_steps + 1):
        following = {}
        for (key, moves), (probability, moment) in current.items():
            law = choices(moment, schedule, tolerance(moment))
            rests = not law and moment.members_agree()
            if rests or step == max_steps:
                end = (moves, "joint equilibrium" if rests else "step limit", *key)
                ends[end] = ends.get(end, Fraction(0)) + probability
                continue
            for share, move in law or [(Fraction(1), None)]:
                after = (moment.after_move(move) if move else moment).after_tactics(steps)
                entry = after.key(), moves + (move is not None)
                known = following.get(entry, (Fraction(0), after))[0]
                following[entry] = known + probability * share, after
        current = following
    return ends


# Replay


def replay(start: Moment, trajectory, schedule: str, steps: float, tolerance: Callable[[Moment], Fraction]):
    """Yield (moment, mover's move or None) along a recorded trajectory, checking that every move was allowed.

    `tolerance` gives the tolerance of ties at a moment.  Raises AssertionError at the first move that the rules
    do not allow, and `Undecided` where rounding decides.
    """
    moment = start.after_tactics(steps)
    for mover, target in zip(trajectory.mover.tolist(), trajectory.target.tolist(), strict=True):
        tol = tolerance(moment)
        allowed = moment.admissible(tol)
        if mover < 0:
            assert target == -1, "no mover, yet a target"
            yield moment, None
            moment = moment.after_tactics(steps).rounded()
            continue
        joined = ALONE if target < 0 else moment.coalition_of(target)
        assert target < 0 or target == min(joined - {mover}), "target is not the smallest member"
        move = next((m for m in allowed if m.mover == mover and m.target == joined), None)
        assert move is not None, f"agent {mover} was not allowed to join {sorted(joined)}"
        if schedule == "best response":
            best = max(m.gain for m in allowed if m.mover == mover)
            assert best - move.gain <= tol, f"agent {mover} had a better move: {float(best)} > {float(move.gain)}"
        yield moment, move
        moment = moment.after_move(move).after_tactics(steps).rounded()
