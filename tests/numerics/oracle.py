"""Oracle: the model from its definitions, slow and obvious, in rational arithmetic.

It imports nothing that it checks.  Opinions, weights, costs and values are `Fraction`s; a performance or a
scale that is not rational returns its value to 60 digits as a `Fraction` (see `cases.py`).  A structure is a
list of frozensets; the empty frozenset stands for founding alone.  An opinion is a number, or a tuple of
numbers, one for each dimension.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial, inf

import mpmath

ALONE = frozenset()
BITS = 600  # of a rounded moment
AGREEMENT = Fraction(1, 2**46)


class Undecided(Exception):
    """A comparison so close to its tolerance that rounding may decide it either way."""


# What a game is made of


@dataclass(frozen=True)
class Rule:
    """An acceptance rule: open, unanimous, majority, aggregate, bounded confidence or capacity.

    The threshold of an adaptive rule is a function of (entries, exits, moves, steps, s); `memory` is None for
    a rule that is not adaptive.
    """

    name: str = "open"
    threshold: Fraction | Callable[..., Fraction] = Fraction(0)
    memory: Fraction | None = None

    @property
    def is_adaptive(self) -> bool:
        return self.memory is not None


@dataclass(frozen=True)
class Rates:
    """Adaptive rates: a function of (entries, exits, moves, steps, s), clipped to [lowest, 1]."""

    rate: Callable[..., Fraction]
    memory: Fraction
    lowest: Fraction
    is_timed: bool  # whether the steps count


@dataclass(frozen=True)
class Term:
    """A part of a switching cost: one number, or one per agent, per coalition number, or per pair of both."""

    kind: str = "number"
    entries: object = Fraction(0)

    def __call__(self, agent: int, number: int) -> Fraction:
        if self.kind == "number":
            return self.entries
        if self.kind == "agent":
            return self.entries[agent]
        row = self.entries if self.kind == "coalition" else self.entries[agent]
        return row[number] if number < len(row) else Fraction(0)


@dataclass(frozen=True)
class Costs:
    """κ_i(C→D) = base + exit(i,C) + [D exists] (entry(i,D) - bonus(i,D) + between[C,D])."""

    base: Fraction = Fraction(0)
    exit: Term = Term()
    entry: Term = Term()
    bonus: Term = Term()
    between: Sequence[Sequence[Fraction]] = ()

    def __call__(self, agent: int, left: int, joined: int | None) -> Fraction:
        """The cost of leaving coalition number `left` for number `joined`, None for founding alone."""
        cost = self.base + self.exit(agent, left)
        if joined is not None:
            cost += self.entry(agent, joined) - self.bonus(agent, joined)
            if max(left, joined) < len(self.between):
                cost += self.between[left][joined]
        return cost


@dataclass(frozen=True)
class Logit:
    """The noisy schedule."""

    temperature: Fraction


@dataclass(frozen=True, eq=False)
class Game:
    """What is fixed during a run.

    `rate` is 1 unless influence is lazy, and `Rates` if it adapts; `listens` is the matrix of a network or of
    general influence, and None where everyone listens to agent j with weight a_j; `stubbornness` is None for
    DeGroot; `innate` is None if agents are attached to the opinions that they start from; `discount` is None if
    only the limit counts.
    """

    phi: Callable[..., Fraction]
    scale: Callable[[Fraction, Fraction], Fraction]
    weights: tuple[Fraction, ...]
    cost: Fraction | Costs = Fraction(0)
    rule: Rule = Rule()
    rate: Fraction | Rates = Fraction(1)
    listens: tuple[tuple[Fraction, ...], ...] | None = None
    stubbornness: tuple[Fraction, ...] | None = None
    innate: tuple | None = None
    discount: Fraction | None = None
    _limits: dict = field(default_factory=dict)

    def influence(self, members: Sequence[int]) -> list[list[Fraction]]:
        """W_S, rows and columns in the order of `members`: listened to, normalised in S; lazy with its rate."""
        return self.influence_at(self.rate, members)

    def influence_at(self, rate: Fraction, members: Sequence[int]) -> list[list[Fraction]]:
        """The same at a rate."""
        rows = []
        for i in members:
            heard = [self.weights[j] if self.listens is None else self.listens[i][j] for j in members]
            row = [rate * a / sum(heard) for a in heard]
            row[len(rows)] += 1 - rate
            rows.append(row)
        return rows

    def components(self, members) -> list[frozenset]:
        """The weakly connected components of the graph of influence among `members`."""
        members = sorted(members)
        if self.listens is None:
            return [frozenset(members)]
        w = self.influence(members)
        k = range(len(members))
        either = [[w[i][j] + w[j][i] for j in k] for i in k]
        return sorted({frozenset(members[j] for j in reachable(either, i)) for i in k}, key=min)

    def limit(self, members: frozenset) -> dict[int, tuple[dict, dict]]:
        """The limit opinion of each member as (coefficients of current, coefficients of innate opinions)."""
        if members not in self._limits:
            order = sorted(members)
            stubborn = [self.stubbornness[i] if self.stubbornness else Fraction(0) for i in order]
            current, innate = limit_maps(self.influence(order), stubborn)
            self._limits[members] = {
                i: (dict(zip(order, current[p], strict=True)), dict(zip(order, innate[p], strict=True)))
                for p, i in enumerate(order)
            }
        return self._limits[members]


# Linear algebra


def reachable(matrix, start: int) -> frozenset:
    """Indices that `start` reaches along positive entries, itself included."""
    found, fresh = {start}, [start]
    while fresh:
        i = fresh.pop()
        for j, entry in enumerate(matrix[i]):
            if entry > 0 and j not in found:
                found.add(j)
                fresh.append(j)
    return frozenset(found)


def solve(matrix, right):
    """The solution X of matrix · X = right by elimination; both are lists of rows."""
    rows = [list(a) + list(b) for a, b in zip(matrix, right, strict=True)]
    n = len(rows)
    for column in range(n):
        pivot = next(r for r in range(column, n) if rows[r][column] != 0)
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [entry / rows[column][column] for entry in rows[column]]
        for r in range(n):
            if r != column and rows[r][column] != 0:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column], strict=True)]
    return [row[n:] for row in rows]


def perron_vector(w) -> list[Fraction]:
    """The positive w with wᵀ W = wᵀ and sum 1 of an irreducible row-stochastic W."""
    n = len(w)
    equations = [[w[i][j] - (i == j) for i in range(n)] for j in range(n - 1)] + [[Fraction(1)] * n]
    return [row[0] for row in solve(equations, [[Fraction(0)]] * (n - 1) + [[Fraction(1)]])]


def limit_maps(w, stubborn) -> tuple[list, list]:
    """Matrices M, N such that x(t+1) = (1-s) W x(t) + s x⁰ tends to M x(0) + N x⁰, for positive diagonals.

    A closed class without stubborn members comes to the consensus of its Perron vector.  Everyone else ends at
    the solution of z = (1-s) W z + s x⁰ in which those classes are given.
    """
    k = len(w)
    reach = [reachable(w, i) for i in range(k)]
    closed = {c for c in reach if all(reach[j] == c for j in c) and not any(stubborn[j] for j in c)}
    zero = [Fraction(0)] * k
    current, innate = [zero] * k, [zero] * k
    for members in closed:
        order = sorted(members)
        row = list(zero)
        for j, p in zip(order, perron_vector([[w[i][j] for j in order] for i in order]), strict=True):
            row[j] = p
        for i in order:
            current[i] = row
    rest = [i for i in range(k) if not any(i in c for c in closed)]
    equations = [[(i == j) - (1 - stubborn[i]) * w[i][j] for j in rest] for i in rest]
    right = []
    for i in rest:
        given = [(1 - stubborn[i]) * w[i][j] if j not in rest else 0 for j in range(k)]
        heard = [sum((given[j] * current[j][m] for j in range(k)), Fraction(0)) for m in range(k)]
        right.append(heard + [stubborn[i] if m == i else Fraction(0) for m in range(k)])
    for i, row in zip(rest, solve(equations, right), strict=True):
        current[i], innate[i] = row[:k], row[k:]
    return current, innate


def shapley_value(values: Sequence[Fraction]) -> list[Fraction]:
    """The Shapley value of the game whose coalition of bit mask m is worth values[m], over orders of arrival."""
    k = len(values).bit_length() - 1
    payoff = [Fraction(0)] * k
    for order in permutations(range(k)):
        mask = 0
        for i in order:
            payoff[i] += values[mask | 1 << i] - values[mask]
            mask |= 1 << i
    return [total / factorial(k) for total in payoff]


# A moment


@dataclass(frozen=True)
class Move:
    """Agent `mover` joins the coalition `target`; `incumbents` are the gains of its members."""

    mover: int
    target: frozenset
    gain: Fraction
    incumbents: tuple[Fraction, ...]
    cost: Fraction

    @property
    def net(self) -> Fraction:
        return self.gain - self.cost


@dataclass(frozen=True)
class History:
    """What has happened so far, as the decision of the present step sees it."""

    entries: tuple = ()  # pairs (coalition number, count), sorted
    exits: tuple = ()
    moves: Fraction = Fraction(0)
    steps: int = 0
    last: int = -1  # mover

    def after(self, memory: Fraction, mover=None, left=None, joined=None, alive=()) -> "History":
        """The history after a step; `joined` is None for founding alone, which enters nobody's coalition."""

        def counted(counts, number):
            counts = dict(counts)
            if number is not None:
                counts[number] = counts.get(number, Fraction(0)) + 1
            return tuple(sorted((c, memory * count) for c, count in counts.items() if c in alive))

        moves = self.moves + (mover is not None)
        last = self.last if mover is None else mover
        return History(counted(self.entries, joined), counted(self.exits, left), memory * moves, self.steps + 1, last)


class Moment:
    """A game at given opinions and a given structure: everything that holds at one moment."""

    def __init__(
        self,
        game: Game,
        opinions,
        structure,
        innate=None,
        numbers=None,
        history=None,
        is_rounded=False,
        remembered=None,
    ):
        self.game = game
        self.points = tuple(map(_point, opinions))
        given = innate if innate is not None else game.innate if game.innate is not None else opinions
        self.innate = tuple(map(_point, given))
        self.is_vector = len(opinions) > 0 and isinstance(opinions[0], Sequence)
        self.structure = [frozenset(c) for c in structure]
        self.numbers = (
            dict(zip(self.structure, range(len(self.structure)), strict=True)) if numbers is None else numbers
        )
        self.history = History() if history is None else history  # as acceptance remembers it
        self.remembered = History() if remembered is None else remembered  # as rates do
        self.is_rounded = is_rounded
        self._values, self._payoffs, self._moves = {}, {}, {}

    @property
    def x(self) -> tuple:
        """Opinions: numbers, or tuples of numbers."""
        return self.points if self.is_vector else tuple(p[0] for p in self.points)

    def _changed(
        self, points=None, structure=None, numbers=None, history=None, is_rounded=None, remembered=None
    ) -> "Moment":
        points = self.points if points is None else points
        return Moment(
            self.game,
            points if self.is_vector else [p[0] for p in points],
            self.structure if structure is None else structure,
            self.innate,
            self.numbers if numbers is None else numbers,
            self.history if history is None else history,
            self.is_rounded if is_rounded is None else is_rounded,
            self.remembered if remembered is None else remembered,
        )

    # Values and payoffs

    def limits(self, members) -> dict[int, tuple]:
        """z_S(∞): the opinions at which the members of S would end if they were a coalition."""
        members = frozenset(members)
        if self.game.listens is None and not self.game.stubbornness:
            return dict.fromkeys(members, self._mean({j: self.points[j] for j in members}))
        ends = {}
        for i, (current, innate) in self.game.limit(members).items():
            ends[i] = tuple(
                sum(p * self.points[j][d] for j, p in current.items() if p)
                + sum(p * self.innate[j][d] for j, p in innate.items() if p)
                for d in range(len(self.points[0]))
            )
        return ends

    def _mean(self, points: dict) -> tuple:
        """Σ a_j y_j / Σ a_j."""
        a = self.game.weights
        total = sum(a[j] for j in points)
        return tuple(sum(a[j] * y[d] for j, y in points.items()) / total for d in range(len(self.points[0])))

    def performance(self, point) -> Fraction:
        return self.game.phi(point if self.is_vector else point[0])

    def value(self, members, rate=None) -> Fraction:
        """v(S): Σ over components K of g(|K|, a(K)) mean φ(z_i), nothing for the empty set; or discounted.

        rate : of the coalition that S is a part of, if rates adapt.
        """
        members = frozenset(members)
        if not members:
            return Fraction(0)
        if (members, rate) not in self._values:
            if self.game.discount is not None:
                value = self._discounted_value(members, rate)
            else:
                value = sum((self._connected_value(c) for c in self.game.components(members)), Fraction(0))
            self._values[members, rate] = _rounded(value) if self.is_rounded else value
        return self._values[members, rate]

    def rate(self, coalition) -> Fraction:
        """ε of a coalition of the structure, now."""
        rates, history = self.game.rate, self.remembered
        if not isinstance(rates, Rates):
            return rates
        number = self.numbers[coalition]
        entries, exits = (dict(c).get(number, Fraction(0)) for c in (history.entries, history.exits))
        rate = rates.rate(entries, exits, history.moves, Fraction(history.steps), Fraction(len(coalition)))
        return min(max(rate, rates.lowest), Fraction(1))

    def _connected_value(self, members) -> Fraction:
        ends = list(self.limits(members).values())
        size, weight = Fraction(len(members)), sum(self.game.weights[j] for j in members)
        mean = sum(ends.count(end) * self.performance(end) for end in set(ends)) / size
        return self.game.scale(size, weight) * mean

    def _discounted_value(self, members, rate) -> Fraction:
        """β Σ φ(x_i) + (1-β) |S| φ(c_S)."""
        rho, rate = self.game.discount, self.game.rate if rate is None else rate
        beta = (1 - rho) / (1 - rho * (1 - rate) ** 2)
        now = sum(self.performance(self.points[i]) for i in members)
        mean = self._mean({j: self.points[j] for j in members})
        return beta * now + (1 - beta) * len(members) * self.performance(mean)

    def shapley(self, coalition, rate=None) -> dict[int, Fraction]:
        """Each member's payoff in the subgame on `coalition`, by the formula over subsets."""
        coalition = frozenset(coalition)
        if (coalition, rate) not in self._payoffs:
            k = len(coalition)
            payoff = {}
            for i in coalition:
                others, total = sorted(coalition - {i}), Fraction(0)
                for s in range(k):
                    share = Fraction(factorial(s) * factorial(k - 1 - s), factorial(k))
                    total += share * sum(
                        self.value({*S, i}, rate) - self.value(S, rate) for S in combinations(others, s)
                    )
                payoff[i] = total
            self._payoffs[coalition, rate] = payoff
        return self._payoffs[coalition, rate]

    def shapley_by_permutations(self, coalition) -> dict[int, Fraction]:
        """Each member's mean marginal contribution over all orders of arrival."""
        payoff = dict.fromkeys(coalition, Fraction(0))
        for order in permutations(coalition):
            for position, i in enumerate(order):
                payoff[i] += self.value(order[: position + 1]) - self.value(order[:position])
        return {i: total / factorial(len(payoff)) for i, total in payoff.items()}

    def payoffs(self) -> list[Fraction]:
        """The Aumann-Drèze value of every agent."""
        payoff = {i: p for c in self.structure for i, p in self.shapley(c, self.rate(c)).items()}
        return [payoff[i] for i in range(len(self.points))]

    # Moves

    def coalition_of(self, agent: int) -> frozenset:
        return next(c for c in self.structure if agent in c)

    def cost(self, agent: int, target: frozenset) -> Fraction:
        """κ_i(C→D)."""
        cost = self.game.cost
        if not isinstance(cost, Costs):
            return cost
        return cost(agent, self.numbers[self.coalition_of(agent)], self.numbers[target] if target else None)

    def move(self, agent: int, target: frozenset, rate_joined=None) -> Move | None:
        """The move of an agent to a coalition (or `ALONE`); None if that is no move.

        rate_joined : of the coalition joined, as it stands unless given; `ALONE` is one of one agent at any rate.
        """
        own = self.coalition_of(agent)
        if target == own or (target == ALONE and own == {agent}):
            return None
        if rate_joined is None:
            rate_joined = self.rate(target) if target else self.rate(own)
        after = self.shapley(target | {agent}, rate_joined)
        before = self.shapley(target, rate_joined)
        gain = after[agent] - self.shapley(own, self.rate(own))[agent]
        incumbents = tuple(after[j] - before[j] for j in sorted(target))
        return Move(agent, target, gain, incumbents, self.cost(agent, target))

    def moves(self, rate_joined=None) -> Iterator[Move]:
        for agent in range(len(self.points)):
            for target in [*self.structure, ALONE]:
                if (agent, target, rate_joined) not in self._moves:
                    self._moves[agent, target, rate_joined] = self.move(agent, target, rate_joined)
                move = self._moves[agent, target, rate_joined]
                if move is not None:
                    yield move

    def threshold(self, target: frozenset) -> Fraction:
        """α, r or cap of the rule for entering `target`, now."""
        rule, history = self.game.rule, self.history
        if not rule.is_adaptive:
            return rule.threshold
        number = self.numbers[target]
        entries, exits = (dict(c).get(number, Fraction(0)) for c in (history.entries, history.exits))
        return rule.threshold(entries, exits, history.moves, Fraction(history.steps), Fraction(len(target)))

    def is_accepted(self, move: Move, tolerance: Fraction) -> bool:
        """Whether the coalition joined lets the agent in; nobody is asked when it founds one alone."""
        name = self.game.rule.name
        if move.target == ALONE or name == "open":
            return True
        threshold, size = self.threshold(move.target), len(move.target)
        if name == "capacity":
            if 0 < abs(threshold - size) < Fraction(1, 10**9):
                raise Undecided
            return size < threshold
        if name == "bounded confidence":
            return self._is_close(move, threshold)
        if name == "aggregate":  # the tolerance is that of one member, or of all
            margin = threshold * size - sum(move.incumbents)
            if tolerance / 4 < margin < 4 * size * tolerance:
                raise Undecided
            return margin <= tolerance
        needed = size if name == "unanimous" else size // 2 + 1
        at_least = sum(threshold - gain <= tolerance / 4 for gain in move.incumbents)
        at_most = sum(threshold - gain < 4 * tolerance for gain in move.incumbents)
        if at_least < needed <= at_most:
            raise Undecided
        return at_least >= needed

    def _is_close(self, move: Move, radius: Fraction) -> bool:
        """|x_i - c_D| ≤ r, Euclidean."""
        if radius < 0:
            return False
        point, mean = self.points[move.mover], self._mean(self.limits(move.target))
        gap = sum((a - b) ** 2 for a, b in zip(point, mean, strict=True))
        if abs(gap - radius**2) <= Fraction(1, 2**36) * (radius**2 + self.largest() ** 2):
            raise Undecided
        return gap < radius**2

    def is_profitable(self, move: Move, tolerance: Fraction) -> bool:
        return _exceeds(move.gain, move.cost, tolerance)

    def is_admissible(self, move: Move, tolerance: Fraction) -> bool:
        return self.is_profitable(move, tolerance) and self.is_accepted(move, tolerance)

    def accepted(self, tolerance: Fraction) -> list[Move]:
        return [move for move in self.moves() if self.is_accepted(move, tolerance)]

    def admissible(self, tolerance: Fraction) -> list[Move]:
        return [move for move in self.moves() if self.is_admissible(move, tolerance)]

    # Tactical layer

    def influence(self) -> list[list[Fraction]]:
        """W(π): W_C inside a coalition, zero across coalitions."""
        n = len(self.points)
        w = [[Fraction(0)] * n for _ in range(n)]
        for c in self.structure:
            order = sorted(c)
            for i, row in zip(order, self.game.influence_at(self.rate(c), order), strict=True):
                for j, entry in zip(order, row, strict=True):
                    w[i][j] = entry
        return w

    def after_tactics(self, steps: float = inf) -> "Moment":
        """The moment after `steps` tactical steps x ← (1-s) W x + s x⁰, or in their limit."""
        if steps == inf:
            ends = {i: end for c in self.structure for i, end in self.limits(c).items()}
            return self._changed(points=[ends[i] for i in range(len(self.points))])
        points, w = self.points, self.influence()
        stubborn = self.game.stubbornness or [Fraction(0)] * len(points)
        for _ in range(int(steps)):
            heard = [
                [sum(p * y for p, y in zip(row, c, strict=True) if p) for c in zip(*points, strict=True)] for row in w
            ]
            points = [
                tuple((1 - s) * y + s * u for y, u in zip(mean, x0, strict=True))
                for mean, s, x0 in zip(heard, stubborn, self.innate, strict=True)
            ]
        return self._changed(points=points)

    def rounded(self) -> "Moment":
        """The same with opinions, and from then on values, to 600 binary places, so that long replays stay fast."""
        return self._changed(points=[tuple(map(_rounded, point)) for point in self.points], is_rounded=True)

    # Slow layer

    def after_move(self, move: Move | None) -> "Moment":
        """The moment after a move, or after a step without one; empty coalitions disappear.

        The coalitions left and joined keep their numbers; one that is founded takes the lowest free number.
        """
        memory = self.game.rule.memory if self.game.rule.is_adaptive else Fraction(1)
        slower = self.game.rate.memory if isinstance(self.game.rate, Rates) else Fraction(1)
        if move is None:
            alive = set(self.numbers.values())
            return self._changed(
                history=self.history.after(memory, alive=alive), remembered=self.remembered.after(slower, alive=alive)
            )
        own = self.coalition_of(move.mover)
        numbers = {c: number for c, number in self.numbers.items() if c not in (own, move.target)}
        left, joined = self.numbers[own], None
        if own != {move.mover}:
            numbers[own - {move.mover}] = left
        if move.target:
            joined = self.numbers[move.target]
        taken = joined if move.target else next(k for k in range(len(numbers) + 1) if k not in numbers.values())
        numbers[move.target | {move.mover}] = taken
        happened = move.mover, left, joined, set(numbers.values())
        return self._changed(
            structure=sorted(numbers, key=min),
            numbers=numbers,
            history=self.history.after(memory, *happened),
            remembered=self.remembered.after(slower, *happened),
        )

    # What is recorded

    def largest(self) -> Fraction:
        return max(abs(y) for point in self.points for y in point)

    def _distance(self, other: "Moment") -> Fraction:
        pairs = zip(self.points, other.points, strict=True)
        return max(abs(a - b) for p, q in pairs for a, b in zip(p, q, strict=True))

    def members_agree(self) -> bool:
        """x is its own tactical limit: one tactical step changes it by at most 2⁻⁴⁶ max|x|.

        Where members of a coalition come to a consensus, the distance from that must say the same.
        """
        tolerance = AGREEMENT * self.largest()
        gaps = [self._distance(self.after_tactics(1))]
        if self.game.listens is None and not self.game.stubbornness:
            gaps.append(self._distance(self.after_tactics()))
        if all(gap <= tolerance / 2 for gap in gaps):
            return True
        if all(gap >= tolerance * 2 for gap in gaps):
            return False
        raise Undecided

    def is_joint_equilibrium(self, tolerance: Fraction) -> bool:
        return self.members_agree() and not self.admissible(tolerance)

    def is_at_rest(self, schedule, tolerance: Fraction) -> bool:
        """Whether a run ends here as a joint equilibrium.

        A logit schedule makes moves that are not profitable too; what an adaptive rule refuses, it may accept later;
        and while rates shift, a move may come to pay that pays at the slowest or the fastest.
        """
        is_noisy, may_change = isinstance(schedule, Logit), self.game.rule.is_adaptive
        wanted = (move for move in self.moves() if is_noisy or self.is_profitable(move, tolerance))
        if any(may_change or self.is_accepted(move, tolerance) for move in wanted):
            return False
        return self.members_agree() and not (self.rates_shift() and self._would_pay(is_noisy, tolerance))

    def rates_shift(self) -> bool:
        """Whether rates, and with a discount gains, may change while nobody moves."""
        rates = self.game.rate
        if not isinstance(rates, Rates) or self.game.discount is None:
            return False
        return rates.is_timed or (rates.memory < 1 and self.remembered.moves > AGREEMENT)

    def _would_pay(self, is_noisy: bool, tolerance: Fraction) -> bool:
        """Whether some move would pay at the slowest or the fastest rate of the coalition joined."""
        if is_noisy:
            return len(self.points) > 1
        asks = self.game.rule.is_adaptive or self.game.rule.name in ("unanimous", "majority", "aggregate")
        return any(
            self.is_profitable(move, tolerance) and (asks or self.is_accepted(move, tolerance))
            for rate in (self.game.rate.lowest, Fraction(1))
            for move in self.moves(rate)
            if move.target != ALONE
        )

    def regime(self, tolerance: Fraction) -> str:
        """The regime, for opinions whose consensus are equal or clearly different."""
        if not self.is_joint_equilibrium(tolerance):
            return "not a joint equilibrium"
        if len(self.structure) == 1:
            return "strategic unanimity"
        if self.spread() <= AGREEMENT * self.largest():
            return "tactical unanimity"
        return "polarization" if len(self.structure) == 2 else "segregation"

    def spread(self) -> Fraction:
        """max x - min x, of the coordinate in which it is largest."""
        return max(max(column) - min(column) for column in zip(*self.points, strict=True))

    def disagreement(self) -> Fraction:
        """Σ |x_i - x̄|²."""
        means = [sum(column) / len(column) for column in zip(*self.points, strict=True)]
        return sum((y - mean) ** 2 for point in self.points for y, mean in zip(point, means, strict=True))

    def surplus(self) -> Fraction:
        return sum((self.value(c, self.rate(c)) for c in self.structure), Fraction(0))

    def key(self):
        """Opinions and structure, hashable."""
        return self.x, frozenset(self.structure)

    def state(self, schedule):
        """All that the law of what follows depends on, hashable; steps apart, which a run counts."""
        rule, key = self.game.rule, [self.key()]
        adapts = isinstance(self.game.rate, Rates)
        if isinstance(self.game.cost, Costs) or rule.is_adaptive or adapts:
            key.append(frozenset(self.numbers.items()))
        if adapts:
            key.append((self.remembered.entries, self.remembered.exits, self.remembered.moves))
        if rule.is_adaptive:
            key.append((self.history.entries, self.history.exits, self.history.moves))
        if schedule == "round robin":
            key.append(self.history.last)
        return tuple(key)


def _point(opinion) -> tuple:
    return tuple(map(Fraction, opinion)) if isinstance(opinion, Sequence) else (Fraction(opinion),)


def _rounded(value: Fraction) -> Fraction:
    return Fraction(round(value * 2**BITS), 2**BITS)


def _exceeds(left: Fraction, right: Fraction, tolerance: Fraction) -> bool:
    """left > right + tolerance."""
    margin = left - right
    if tolerance / 4 < margin < 4 * tolerance:
        raise Undecided
    return margin > tolerance


# The law of a run


def movers_of(moment: Moment, schedule, admissible: list[Move]) -> list[int]:
    """The agents of which one will move, each with the same probability."""
    movers = sorted({move.mover for move in admissible})
    if schedule == "round robin" and movers:
        n = len(moment.points)
        return [min(movers, key=lambda i: (i - moment.history.last - 1) % n)]
    return movers


def choices(moment: Moment, schedule, tolerance: Fraction) -> list[tuple[Fraction, Move | None]]:
    """Every move that one step may make (None: the agent drawn stays), with its probability; [] if there is none."""
    if isinstance(schedule, Logit):
        return _logit_choices(moment, schedule.temperature, tolerance)
    admissible = moment.admissible(tolerance)
    if schedule == "largest gain":
        return [(Fraction(1), _best(admissible, tolerance))] if admissible else []
    law = []
    movers = movers_of(moment, schedule, admissible)
    for agent in movers:
        own = [move for move in admissible if move.mover == agent]
        if schedule != "random":
            own = [_best(own, tolerance)]
        law += [(Fraction(1, len(movers) * len(own)), move) for move in own]
    return law


def _best(moves: list[Move], tolerance: Fraction) -> Move:
    """The move of greatest net gain."""
    best = max(moves, key=lambda move: move.net)
    if sum(best.net - move.net < 4 * tolerance for move in moves) > 1:
        raise Undecided
    return best


def _logit_choices(moment: Moment, temperature: Fraction, tolerance: Fraction):
    """An agent drawn from all; exp((Δ - κ)/temperature) for an accepted move against exp(0) for staying."""
    accepted, n = moment.accepted(tolerance), len(moment.points)
    stays, law = Fraction(0), []
    for agent in range(n):
        own = [(exponential(move.net / temperature), move) for move in accepted if move.mover == agent]
        total = Fraction(1) + sum(weight for weight, _ in own)
        stays += 1 / (n * total)
        law += [(weight / (n * total), move) for weight, move in own]
    return [(stays, None), *law]


def exponential(power: Fraction) -> Fraction:
    with mpmath.workdps(60):
        return Fraction(
            *map(int, mpmath.libmp.to_rational(mpmath.exp(mpmath.mpf(power.numerator) / power.denominator)._mpf_))
        )


def law_of_runs(start: Moment, schedule, steps: float, max_steps: int, tolerance: Callable[[Moment], Fraction]):
    """The exact law of the end of a run: {(moves, outcome, opinions, structure): probability}."""
    first = start.after_tactics(steps)
    current, ends = {(first.state(schedule), 0): (Fraction(1), first)}, {}
    for step in range(max_steps + 1):
        following, known = {}, {}  # what a state may lead to at this step, however many moves came before
        for (state, moves), (probability, moment) in current.items():
            tol = tolerance(moment)
            if state not in known:
                known[state] = moment.is_at_rest(schedule, tol), []
            rests, ways = known[state]
            if rests or step == max_steps:
                end = (moves, "joint equilibrium" if rests else "step limit", *moment.key())
                ends[end] = ends.get(end, Fraction(0)) + probability
                continue
            if not ways:
                for share, move in choices(moment, schedule, tol) or [(Fraction(1), None)]:
                    after = moment.after_move(move).after_tactics(steps)
                    ways.append((share, move is not None, after.state(schedule), after))
            for share, moved, state_after, after in ways:
                so_far, first = following.get((state_after, moves + moved), (Fraction(0), after))
                following[state_after, moves + moved] = so_far + probability * share, first
        current = following
    return ends


# Replay


def replay(start: Moment, trajectory, schedule, steps: float, tolerance: Callable[[Moment], Fraction]):
    """Yield (moment, mover's move or None) along a recorded trajectory, checking that every move was allowed.

    `tolerance` gives the tolerance of ties at a moment.  Raises AssertionError at the first move that the rules
    do not allow, and `Undecided` where rounding decides.
    """
    moment = start.after_tactics(steps)
    for mover, target in zip(trajectory.mover.tolist(), trajectory.target.tolist(), strict=True):
        move = None
        if mover < 0:
            assert target == -1, "no mover, yet a target"
        else:
            move = allowed_move(moment, mover, target, schedule, tolerance(moment))
        yield moment, move
        moment = moment.after_move(move).after_tactics(steps).rounded()


def allowed_move(moment: Moment, mover: int, target: int, schedule, tolerance: Fraction) -> Move:
    """The move of agent `mover` to the coalition of agent `target` (-1: alone), which the rules must allow."""
    joined = ALONE if target < 0 else moment.coalition_of(target)
    assert target < 0 or target == min(joined - {mover}), "target is not the smallest member"
    noisy = isinstance(schedule, Logit)
    allowed = moment.accepted(tolerance) if noisy else moment.admissible(tolerance)
    move = next((m for m in allowed if m.mover == mover and m.target == joined), None)
    assert move is not None, f"agent {mover} was not allowed to join {sorted(joined)}"
    if not noisy and schedule != "random":
        if schedule != "largest gain":
            assert mover in movers_of(moment, schedule, allowed), f"it was not the turn of agent {mover}"
        rivals = [m for m in allowed if m.mover == mover or schedule == "largest gain"]
        best = max(m.net for m in rivals)
        assert best - move.net <= 4 * tolerance, f"there was a better move: {float(best)} > {float(move.net)}"
    return move
