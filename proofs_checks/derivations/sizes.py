"""S13: the size game of `theory.size_game` against every move of every structure at tactical unanimity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product

from sympy import Expr, Integer

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational
from proofs_checks.oracles.dynamics import critical_cost
from proofs_checks.studies.instances import sizes
from proofs_checks.studies.performances import polynomial

SCALES: dict[str, Callable[[int], Fraction | int]] = {
    "s**2": lambda s: s * s,
    "s": lambda s: s,
    "3": lambda s: 3,
    "1/s": lambda s: Fraction(1, s),
    "5*s - s**2": lambda s: 5 * s - s * s,
    "s + 2/s": lambda s: s + Fraction(2, s),
    "4*s**2 - s**3 - 4*s": lambda s: 4 * s**2 - s**3 - 4 * s,
    "4*s**3 - s**4 - 4*s**2": lambda s: 4 * s**3 - s**4 - 4 * s**2,
    "2*s**2 - 1": lambda s: 2 * s * s - 1,
    "s**4 - 6*s**3 + 12*s**2 - 6*s": lambda s: s**4 - 6 * s**3 + 12 * s**2 - 6 * s,
}
AGENTS = (2, 3, 4)


@dataclass(frozen=True)
class Team:
    """n agents that agree, and a scale."""

    scale: str
    agents: int

    @lru_cache(maxsize=64)  # noqa: B019  # few teams
    def costs(self) -> dict[tuple[int, ...], Fraction]:
        """Return the critical cost of every structure for φ(c) = 1, by brute force."""
        one, found = polynomial("1", 1), {}
        for structure in sizes(self.agents):
            state = tuple(sorted((Fraction(0), size) for size in structure))
            cost = critical_cost(state, one, SCALES[self.scale])
            assert cost is not None
            found[structure] = cost
        return found

    def __str__(self) -> str:
        return f"g = {self.scale}, n = {self.agents}"


def _teams() -> Iterator[Team]:
    for agents, scale in product(AGENTS, SCALES):
        yield Team(scale, agents)


def _costs() -> Check[Team]:
    from theory.size_game import size_game

    def derived(team: Team) -> tuple[Fraction, Fraction]:
        game = size_game(team.scale, team.agents)
        assert game.rival_cost is not None
        return number(game.unanimity_cost), number(game.rival_cost)

    def expected(team: Team) -> tuple[Fraction, Fraction]:
        costs = team.costs()
        whole = costs[team.agents,]
        return whole, min(cost for structure, cost in costs.items() if len(structure) > 1)

    return compared(
        "size_game of theory.size_game against every structure",
        f"{len(SCALES)} scales, n in {{2, 3, 4}}",
        _teams,
        derived,
        expected,
    )


def _stable() -> Check[tuple[Team, int, Fraction]]:
    """The conditions at costs around both thresholds, for two values of φ(c)."""
    from theory.size_game import SizeGame, size_game

    games: dict[Team, SizeGame] = {}

    def cases() -> Iterator[tuple[Team, int, Fraction]]:
        for team in _teams():
            if team.agents in (2, 3):
                for worth, cost in product((1, 3), sorted(set(team.costs().values()))):
                    for near in (Fraction(-1, 100), Fraction(0), Fraction(1, 100)):
                        yield team, worth, worth * cost + near

    def derived(case: tuple[Team, int, Fraction]) -> tuple[bool, bool]:
        team, worth, cost = case
        if team not in games:
            games[team] = size_game(team.scale, team.agents)
        game = games[team]
        return bool(game.stability(worth, rational(cost))), bool(game.uniqueness(worth, rational(cost)))

    def expected(case: tuple[Team, int, Fraction]) -> tuple[bool, bool]:
        team, worth, cost = case
        stable = {structure for structure, least in team.costs().items() if worth * least <= cost}
        whole = (team.agents,)
        return whole in stable, stable == {whole}

    return compared(
        "stability and uniqueness of theory.size_game against every structure",
        f"{len(SCALES)} scales, n in {{2, 3}}, φ(c) in {{1, 3}}, costs at and around every critical cost",
        cases,
        derived,
        expected,
        show=lambda case: f"{case[0]}, φ(c) = {case[1]}, κ = {case[2]}",
    )


def _gains() -> Check[tuple[str, int, int]]:
    from theory.size_game import size_gain

    known: dict[str, Expr] = {}

    def expected(case: tuple[str, int, int]) -> list[Fraction]:
        scale, left, joined = case
        g = SCALES[scale]
        return [Fraction(g(joined + 1)) / (joined + 1) - Fraction(g(left)) / left] * 2

    def derived(case: tuple[str, int, int]) -> list[Fraction]:
        from theory import symbols

        scale, left, joined = case
        at = {symbols.k: Integer(left), symbols.m: Integer(joined)}
        if scale not in known:
            known[scale] = size_gain(scale)
        return [number(size_gain(*case)), number(known[scale].xreplace(at))]

    return compared(
        "size_gain of theory.size_game against g(m+1)/(m+1) - g(k)/k",
        f"{len(SCALES)} scales, k in {1, 3}, m in {0, 2}",
        lambda: product(SCALES, (1, 3), (0, 2)),
        derived,
        expected,
        show=lambda case: f"g = {case[0]}, k = {case[1]}, m = {case[2]}",
    )


def _powers() -> Check[tuple[Fraction, int, int]]:
    """The scale s^γ, which is used unless another is given, at numbers."""
    from theory import symbols
    from theory.size_game import SizeGame, size_gain, size_game

    games: list[SizeGame] = []

    def derived(case: tuple[Fraction, int, int]) -> list[Fraction]:
        exponent, left, joined = case
        at = {
            symbols.gamma: rational(exponent),
            symbols.k: Integer(left),
            symbols.m: Integer(joined),
            symbols.n: Integer(joined + 1),
        }
        if not games:
            games.append(size_game())
        found = (size_gain(), games[0].gain, games[0].unanimity_cost)
        return [number(Integer(1) * value.subs(at, simultaneous=True)) for value in found]

    def expected(case: tuple[Fraction, int, int]) -> list[Fraction]:
        exponent, left, joined = case
        after, before = (Fraction(k) ** int(exponent - 1) for k in (joined + 1, left))
        return [after - before, after - before, 1 - after]

    return compared(
        "size_gain and size_game of theory.size_game for s^γ",
        "γ in {-1, 0, 1, 2, 3}, k in {1, 3}, m in {1, 4}",
        lambda: product((Fraction(-1), Fraction(0), Fraction(1), Fraction(2), Fraction(3)), (1, 3), (1, 4)),
        derived,
        expected,
        show=lambda case: f"γ = {case[0]}, k = {case[1]}, m = {case[2]}",
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of S13."""
    return (_costs(), _stable(), _gains(), _powers())
