"""V4: the axioms of the Aumann-Drèze value, for every game; proved in `axiom_steps`.

Each axiom is an equation between payoffs.  It is tried on games of independent symbols, which are all games of a size,
and damaged versions of it on games with values 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sympy import Expr, Symbol, expand

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import banzhaf, shapley, shapley_by_orders
from proofs_checks.steps import proof
from proofs_checks.studies.axiom_steps import additivity_steps, efficiency_steps, null_player_steps, symmetry_steps
from proofs_checks.studies.written import number
from proofs_checks.verdict import Certificate, Level

Value = Callable[[Any, int], Any]
Game = Sequence[Any]
Axiom = Callable[[Value, Game, Game], tuple[Any, Any]]
EMPTY = "v(∅) = 0"


def efficiency(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return Σ_i value_i and v(C)."""
    return sum(value(game, i) for i in range(_agents(game))), game[-1]


def alone(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return Σ_i value_i and Σ_i v({i}), a mutant of efficiency."""
    agents = range(_agents(game))
    return sum(value(game, i) for i in agents), sum(game[1 << i] for i in agents)


def symmetry(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the values of agents 0 and 1 once they are interchangeable."""
    alike = [game[S ^ 3] if S & 3 == 2 else x for S, x in enumerate(game)]
    return value(alike, 0), value(alike, 1)


def double_pay(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the value of agent 0, and twice that of the interchangeable agent 1: a mutant of symmetry."""
    first, second = symmetry(value, game, other)
    return first, 2 * second


def null_player(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the value of agent 0 once it never adds anything, and 0."""
    return value([game[S & ~1] for S in range(len(game))], 0), 0


def rewarded(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the value of a null player, and 1: a mutant."""
    return null_player(value, game, other)[0], 1


def additivity(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the value of agent 0 in the sum of two games, and the sum of its values."""
    total = [x + y for x, y in zip(game, other, strict=True)]
    return value(total, 0), value(game, 0) + value(other, 0)


def subtractivity(value: Value, game: Game, other: Game) -> tuple[Any, Any]:
    """Return the value of agent 0 in the sum of two games, and the difference of its values: a mutant."""
    return additivity(value, game, other)[0], value(game, 0) - value(other, 0)


def _agents(game: Game) -> int:
    return len(game).bit_length() - 1


def symbolic_game(k: int, name: str = "v", empty: Any = 0) -> list[Any]:
    """Return the game on k agents whose values are independent symbols."""
    return [empty, *(Symbol(f"{name}{S}", real=True) for S in range(1, 1 << k))]


def _axiom(name: str, axiom: Axiom) -> Check[int]:
    """The brute-force value on games of independent symbols."""

    def sides(k: int) -> tuple[Any, Any]:
        return axiom(shapley, symbolic_game(k), symbolic_game(k, "u"))

    def holds(k: int) -> str | None:
        left, right = sides(k)
        return None if expand(left - right) == 0 else f"differs by {expand(left - right)}"

    def certify(k: int, holds: bool) -> Certificate | None:
        if not holds:
            return None
        values: dict[Symbol, Expr] = {}

        def named(game: Game, i: int) -> Symbol:
            """Return a name for a payoff, and keep its definition."""
            name = Symbol(f"AD{len(values)}", real=True)
            values[name] = shapley(game, i)
            return name

        left, right = axiom(named, symbolic_game(k), symbolic_game(k, "u"))
        given = [(f"{name} by brute force", name - x, "= 0", (left - right).coeff(name)) for name, x in values.items()]
        return combination(left - right, "= 0", given, f"{axiom.__name__}, {k} agents")

    return Check(
        what=f"{name} of the brute-force value on a game of independent symbols",
        scope="all games of at most 4 agents",
        level=Level.SYMBOLIC,
        instances=lambda: range(2 if name == "symmetry" else 1, 5),
        conclusion=holds,
        show=lambda k: f"{k} agents",
        part=name,
        certify=certify,
    )


@dataclass(frozen=True)
class Numbers:
    """A game given by its values, in order of bit masks."""

    values: tuple[int, ...]

    @property
    def agents(self) -> int:
        """Number of agents."""
        return _agents(self.values)

    def __str__(self) -> str:
        return ", ".join(f"v({self._members(S)}) = {x}" for S, x in enumerate(self.values) if S or x)

    def _members(self, S: int) -> str:
        return "".join(str(i + 1) for i in range(self.agents) if S >> i & 1) or "∅"


def games() -> Iterator[Numbers]:
    """Yield every game with values 0 and 1 on at most three agents, and some with v(∅) = 1."""
    for k in (1, 2, 3):
        for values in product((0, 1), repeat=2**k - 1):
            yield Numbers((0, *values))
            if k < 3:
                yield Numbers((1, *values))


def _numbers(axiom: Axiom, rule: Value) -> Check[Numbers]:
    """An axiom on concrete games: the equation itself, and its certificate by the definition of the payoff."""

    def holds(game: Numbers) -> str | None:
        left, right = axiom(rule, game.values, game.values)
        return None if left == right else f"{left} is not {right}"

    def certify(game: Numbers, holds: bool) -> Certificate | None:
        if holds:
            return None
        left, right = axiom(_written(rule), *([symbolic_game(game.agents, "v", Symbol("v0"))] * 2))
        return value(f"{left} == {right}", {f"v{S}": x for S, x in enumerate(game.values)}, note=axiom.__name__)

    def two_agents(game: Numbers) -> bool:
        return game.agents > 1

    return Check(
        what=f"{axiom.__name__} on games of numbers",
        scope="0/1 games of at most 3 agents",
        level=Level.EXACT,
        instances=games if axiom not in (symmetry, double_pay) else lambda: filter(two_agents, games()),
        conclusion=holds,
        hypotheses={EMPTY: lambda game: game.values[0] == 0},
        part=axiom.__name__.replace("_", " "),
        certify=certify,
        tools=(),
    )


def _written(rule: Value) -> Value:
    """Return a linear payoff as a name that spells it out: nothing cancels before it is written down."""

    def named(game: Game, i: int) -> Symbol:
        units = ([int(S == T) for T in range(len(game))] for S in range(len(game)))
        factors = [rule(unit, i) for unit in units]
        terms = (f"{number(factor)}*({worth})" for factor, worth in zip(factors, game, strict=True) if factor)
        return Symbol(f"({' + '.join(terms)})")

    return named


def _orders() -> Check[Numbers]:
    """Two definitions of the value, subsets and orders, on every 0/1 game of at most three agents."""

    def agree(game: Numbers) -> str | None:
        if all(shapley(game.values, i) == shapley_by_orders(game.values, i) for i in range(game.agents)):
            return None
        return "sums over subsets and over orders differ"

    return Check(
        what="the value by subsets against the value by orders",
        scope="0/1 games of at most 3 agents",
        level=Level.EXACT,
        instances=games,
        conclusion=agree,
        part="efficiency",
        tools=(),
    )


def _derived() -> Check[int]:
    """The Shapley value of `theory` against brute force on games of independent symbols."""

    def holds(k: int) -> str | None:
        from theory import payoff

        game = symbolic_game(k)
        worth = {frozenset(j for j in range(k) if S >> j & 1): x for S, x in enumerate(game)}
        values = payoff.shapley_value(worth, range(k))
        gaps = (expand(values[i] - shapley(game, i)) for i in range(k))
        return next((f"differs by {gap}" for gap in gaps if gap != 0), None)

    return Check(
        what="shapley_value of theory.payoff against brute force on a game of independent symbols",
        scope="all games of at most 4 agents",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, 5),
        conclusion=holds,
        show=lambda k: f"{k} agents",
        part="efficiency",
    )


def first_in_order(game: Any, i: int) -> Any:
    """Return what agent i adds when the agents come in their fixed order: efficient, but not symmetric."""
    before = (1 << i) - 1
    return game[before | 1 << i] - game[before]


def v4() -> Study:
    """Return the checks of V4."""
    scope = "all games with v(∅) = 0, any number of agents"
    exact = _numbers(efficiency, shapley)
    weights = "s!(k−s−1)!/k! as the weights"
    return Study(
        "V4",
        (
            proof("the coefficient of every v(S)", scope, efficiency_steps, part="efficiency"),
            proof("coalitions without i and j, in pairs", scope, symmetry_steps, part="symmetry"),
            proof("term by term", scope, null_player_steps, part="null player"),
            proof("term by term", scope, additivity_steps, part="additivity"),
            _axiom("efficiency", efficiency),
            _axiom("symmetry", symmetry),
            _axiom("null player", null_player),
            _axiom("additivity", additivity),
            exact,
            _orders(),
            _derived(),
        ),
        (
            Mutant("v(∅) = 1", exact.dropping(EMPTY), EMPTY),
            Mutant("Banzhaf weights are efficient", _numbers(efficiency, banzhaf), weights),
            Mutant("payoffs sum to Σ v({i})", _numbers(alone, shapley), "v(C) as the sum of the payoffs"),
            Mutant("one fixed order is symmetric", _numbers(symmetry, first_in_order), weights),
            Mutant(
                "the second of two like agents is paid half", _numbers(double_pay, shapley), "equal pay in symmetry"
            ),
            Mutant("a null player is paid 1", _numbers(rewarded, shapley), "0 for a null player"),
            Mutant("AD(u + v) = AD(u) − AD(v)", _numbers(subtractivity, shapley), "the sum in additivity"),
        ),
    )
