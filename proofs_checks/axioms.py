"""V4: the axioms of the Aumann-Drèze value, for every game.

The value of agent i is Σ_{S∌i} w(|S|) (v(S∪i) − v(S)) with w(s) = s!(k−s−1)!/k!.  A game enters
linearly, so each axiom is an identity of the coefficients of v(S), one coalition at a time, for any k.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Expr, Symbol, expand, factorial, gammasimp

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import banzhaf, shapley, shapley_by_orders
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

Value = Callable[[Any, int], Any]


def _weight(k: Expr, s: Expr) -> Expr:
    return factorial(s) * factorial(k - s - 1) / factorial(k)


def _equal_weight(k: Expr, s: Expr) -> Expr:
    return 1 / k


def steps(weight: Callable[[Expr, Expr], Expr] = _weight) -> Iterator[Step]:
    """Yield the coefficient identities behind the four axioms, for any number k of agents."""
    s, r = Symbol("s", integer=True, positive=True), Symbol("r", integer=True, positive=True)
    k = s + r  # a coalition of s out of k, r ≥ 1 agents outside it
    inside = s * weight(k, s - 1)
    outside = r * weight(k, s)
    yield Step("efficiency: Σ_i AD_i contains v(S), S ≠ C, with coefficient 0", gammasimp(inside - outside))
    yield Step("efficiency: Σ_i AD_i contains v(C) with coefficient 1", gammasimp(s * weight(s, s - 1)) - 1)
    w, w1 = Symbol("w_s", real=True), Symbol("w_s1", real=True)
    v, vi, vj, vij = (Symbol(name, real=True) for name in ("v(S)", "v(S+i)", "v(S+j)", "v(S+i+j)"))
    of_i = w * (vi - v) + w1 * (vij - vj)
    of_j = w * (vj - v) + w1 * (vij - vi)
    yield Step(
        "symmetry: AD_i − AD_j is a sum over S without i and j of (w_s + w_s1)(v(S+i) − v(S+j)), 0 if they are alike",
        of_i - of_j - (w + w1) * (vi - vj),
    )
    yield Step("null player: a term with v(S+i) = v(S) is 0", (w * (vi - v)).subs(vi, v))
    u, ui = Symbol("u(S)", real=True), Symbol("u(S+i)", real=True)
    yield Step("additivity, term by term", w * ((vi + ui) - (v + u)) - w * (vi - v) - w * (ui - u))


def symbolic_game(k: int, name: str = "v") -> list[Any]:
    """Return the game on k agents whose values are independent symbols, v(∅) = 0."""
    return [0, *(Symbol(f"{name}{S}", real=True) for S in range(1, 1 << k))]


def _difference(value: Expr) -> str | None:
    return None if expand(value) == 0 else f"differs by {expand(value)}"


def efficiency(value: Value) -> Callable[[int], str | None]:
    """Return the conclusion Σ_i value_i = v(C) on the symbolic game of k agents."""

    def holds(k: int) -> str | None:
        game = symbolic_game(k)
        return _difference(sum(value(game, i) for i in range(k)) - game[-1])

    return holds


def symmetry(value: Value) -> Callable[[int], str | None]:
    """Return the conclusion that agents 0 and 1 are paid alike once they are interchangeable."""

    def holds(k: int) -> str | None:
        game = symbolic_game(k)
        alike = [game[S ^ 3] if S & 3 == 2 else x for S, x in enumerate(game)]
        return _difference(value(alike, 0) - value(alike, 1))

    return holds


def null_player(value: Value) -> Callable[[int], str | None]:
    """Return the conclusion that agent 0 is paid nothing once it never adds anything."""

    def holds(k: int) -> str | None:
        game = symbolic_game(k)
        return _difference(value([game[S & ~1] for S in range(len(game))], 0))

    return holds


def additivity(value: Value) -> Callable[[int], str | None]:
    """Return the conclusion value(u + v) = value(u) + value(v) for agent 0."""

    def holds(k: int) -> str | None:
        u, v = symbolic_game(k, "u"), symbolic_game(k, "v")
        total = [x + y for x, y in zip(u, v, strict=True)]
        return _difference(value(total, 0) - value(u, 0) - value(v, 0))

    return holds


AXIOMS = {"efficiency": efficiency, "symmetry": symmetry, "null player": null_player, "additivity": additivity}


def _axiom(name: str, value: Value) -> Check[int]:
    return Check(
        what=f"{name} of the brute-force value on a game of independent symbols",
        scope="all games of at most 4 agents",
        level=Level.SYMBOLIC,
        instances=lambda: range(2 if name == "symmetry" else 1, 5),
        conclusion=AXIOMS[name](value),
        show=lambda k: f"{k} agents",
    )


def _orders() -> Check[tuple[int, ...]]:
    """Two definitions of the value, subsets and orders, on every 0/1 game of at most three agents."""

    def games() -> Iterator[tuple[int, ...]]:
        for k in (1, 2, 3):
            for values in product((0, 1), repeat=2**k - 1):
                yield (0, *values)

    def agree(game: tuple[int, ...]) -> str | None:
        k = len(game).bit_length() - 1
        if all(shapley(game, i) == shapley_by_orders(game, i) for i in range(k)):
            return None
        return "sums over subsets and over orders differ"

    return Check(
        what="the value by subsets against the value by orders",
        scope="0/1 games of at most 3 agents",
        level=Level.EXACT,
        instances=games,
        conclusion=agree,
        show=lambda game: f"game {game}",
    )


def _derived() -> Check[int]:
    """The Shapley value of `theory` against brute force on games of independent symbols."""

    def holds(k: int) -> str | None:
        from theory import payoff

        game = symbolic_game(k)
        worth = {frozenset(j for j in range(k) if S >> j & 1): value for S, value in enumerate(game)}
        values = payoff.shapley_value(worth, range(k))
        failures = (_difference(values[i] - shapley(game, i)) for i in range(k))
        return next((failure for failure in failures if failure), None)

    return Check(
        what="shapley_value of theory.payoff against brute force on a game of independent symbols",
        scope="all games of at most 4 agents",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, 5),
        conclusion=holds,
        show=lambda k: f"{k} agents",
    )


def first_in_order(game: Any, i: int) -> Any:
    """Return what agent i adds when the agents come in their fixed order: efficient, but not symmetric."""
    before = (1 << i) - 1
    return game[before | 1 << i] - game[before]


def equal_split(game: Any, i: int) -> Any:
    """Return v(C)/k: efficient and symmetric, but it pays null players."""
    return game[-1] * Fraction(1, len(game).bit_length() - 1)


def squared(game: Any, i: int) -> Any:
    """Return the square of the Shapley value: symmetric, but not additive."""
    return shapley(game, i) ** 2


def v4() -> Study:
    """Return the checks of V4."""
    return Study(
        "V4",
        (
            proof("the coefficient of every v(S)", "all games, any number of agents", steps),
            *(_axiom(name, shapley) for name in AXIOMS),
            _orders(),
            _derived(),
        ),
        (
            Mutant("Banzhaf weights are efficient", _axiom("efficiency", banzhaf)),
            Mutant("contributions in one fixed order are symmetric", _axiom("symmetry", first_in_order)),
            Mutant("an equal split pays null players nothing", _axiom("null player", equal_split)),
            Mutant("the squared value is additive", _axiom("additivity", squared)),
            Mutant("weights 1/k in the proof", proof("weights 1/k", "", lambda: steps(_equal_weight))),
        ),
    )
