"""V4, V5: payoffs of `theory` in concrete structures and for an entrant, against brute force over all subsets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import factorial
from typing import Any

from sympy import Expr, Function, Integer, Symbol, expand

from proofs_checks.check import Check
from proofs_checks.derivations.compare import compared, number, rational, written_out
from proofs_checks.oracles.games import coalition_game, shapley
from proofs_checks.verdict import Level

OPINIONS = tuple(Fraction(x) for x in (1, -2, 0, "1/2", 3))
WEIGHTS = tuple(Fraction(x) for x in (1, 2, "1/3", 5, 1))
STRUCTURES = (((0,),), ((1, 0),), ((0,), (1,)), ((2, 0), (1,)), ((3, 1), (0, 2, 4)), ((4, 2, 0, 1, 3),))
SCALES = ("s", "s**2", "1/s", "3 + s", "a", "a*s - 1/2", "2*s")


@dataclass(frozen=True)
class Structure:
    """Coalitions, a scale, and whether agents have weights."""

    coalitions: tuple[tuple[int, ...], ...]
    scale: str
    weighted: bool

    @property
    def agents(self) -> int:
        """n."""
        return sum(len(S) for S in self.coalitions)

    @property
    def weights(self) -> tuple[Fraction, ...]:
        """The weight of every agent."""
        return WEIGHTS[: self.agents] if self.weighted else (Fraction(1),) * self.agents

    def size(self, members: int, total: Fraction) -> Fraction:
        """Return g of a coalition: the number of members is s, their total weight a."""
        s, a = Fraction(members), total
        values = (s, s**2, 1 / s, 3 + s, a, a * s - Fraction(1, 2), 2 * s)
        return values[SCALES.index(self.scale)]

    def worth(self, members: list[int]) -> Fraction:
        """Return v(S) = g φ(c_S) for φ(u) = 1 - u + u³."""
        if not members:
            return Fraction(0)
        total = sum((self.weights[i] for i in members), Fraction(0))
        u = sum((self.weights[i] * OPINIONS[i] for i in members), Fraction(0)) / total
        return self.size(len(members), total) * (1 - u + u**3)

    def payoffs(self) -> tuple[Fraction, ...]:
        """Return every agent's Shapley value in its coalition, by brute force."""
        paid: dict[int, Fraction] = {}
        for S in self.coalitions:
            values = [self.worth([i for j, i in enumerate(S) if mask >> j & 1]) for mask in range(2 ** len(S))]
            paid.update({i: shapley(values, j) for j, i in enumerate(S)})
        return tuple(paid[i] for i in range(self.agents))


def _structures() -> Iterator[Structure]:
    for coalitions, scale, weighted in product(STRUCTURES, SCALES, (False, True)):
        yield Structure(coalitions, scale, weighted)


def _paid(case: Structure) -> tuple[Fraction, ...]:
    from theory.payoff import aumann_dreze_value

    x = [rational(value) for value in OPINIONS[: case.agents]]
    weights = [rational(value) for value in case.weights] if case.weighted else None
    found = aumann_dreze_value(x, case.coalitions, "1 - u + u**3", case.scale, weights)
    return tuple(number(value) for value in found)


def structures() -> Check[Structure]:
    """Return the check of payoffs in structures with scales and weights."""
    return compared(
        "aumann_dreze_value of theory.payoff, with scales and weights, against brute force",
        f"{len(STRUCTURES)} structures of at most 5 agents, {len(SCALES)} scales, φ = 1 - u + u³",
        _structures,
        _paid,
        Structure.payoffs,
    )


def weights() -> Check[tuple[int, int]]:
    """Return the check of the weight of a set of predecessors."""
    from theory.payoff import shapley_weight

    return compared(
        "shapley_weight of theory.payoff against the definition",
        "sets of s among k ≤ 7 agents",
        lambda: ((s, k) for k in range(1, 8) for s in range(k)),
        lambda x: number(shapley_weight(*x)),
        lambda x: Fraction(factorial(x[0]) * factorial(x[1] - x[0] - 1), factorial(x[1])),
        show=lambda x: f"s = {x[0]}, k = {x[1]}",
    )


# --- V5: an entrant among agents that agree -----------------------------------------------------------------------

Polynomial = tuple[Fraction, ...]  # coefficients, constant term first
POLYNOMIALS: tuple[Polynomial, ...] = tuple(
    tuple(Fraction(x) for x in coefficients)
    for coefficients in ((3,), (1, 2), (2, 1, -3), (1, 0, 0, 2), ("1/2", -1, 0, 0, -2, 1))
)
ENTRY_SCALES: tuple[tuple[str, Callable[[int], Fraction]], ...] = (
    ("s", Fraction),
    ("3*a", lambda s: Fraction(3 * s)),
    ("s**2", lambda s: Fraction(s * s)),
    ("s**3 - s/2 + 2", lambda s: s**3 - Fraction(s, 2) + 2),
    ("1/s", lambda s: Fraction(1, s)),
    ("5", lambda s: Fraction(5)),
    ("s/(s + 1)", lambda s: Fraction(s, s + 1)),
)


@dataclass(frozen=True)
class Joining:
    """An agent of opinion c + δ leaves k agents of its opinion for m agents at c."""

    coefficients: Polynomial
    scale: int
    m: int
    k: int
    c: Fraction = Fraction(2, 3)
    delta: Fraction = Fraction(-3, 2)

    def performance(self, u: Fraction) -> Fraction:
        """Return φ(u)."""
        return sum((a * u**j for j, a in enumerate(self.coefficients)), Fraction(0))

    def paid(self, opinions: tuple[Fraction, ...], agent: int = 0) -> Fraction:
        """Return the payoff of an agent in a coalition, by brute force."""
        value: Fraction = shapley(coalition_game(opinions, self.performance, ENTRY_SCALES[self.scale][1]), agent)
        return value

    @property
    def joined(self) -> tuple[Fraction, ...]:
        """Opinions of the coalition that is joined, the entrant first."""
        return (self.c + self.delta,) + (self.c,) * self.m

    def entrant(self) -> Fraction:
        """Return the payoff of the entrant."""
        return self.paid(self.joined)

    def before(self) -> Fraction:
        """Return its payoff before it moves."""
        return self.paid((self.c + self.delta,) * self.k)

    def gain(self) -> Fraction:
        """Return what it wins by moving."""
        return self.entrant() - self.before()

    def incumbents(self) -> Fraction:
        """Return what an incumbent wins."""
        return self.paid(self.joined, 1) - self.paid((self.c,) * self.m)

    def founding(self) -> Fraction:
        """Return what it would win by founding a coalition alone."""
        return self.paid((self.c + self.delta,)) - self.before()

    def agreed(self) -> Fraction:
        """Return what moving would win if all agreed and φ were 1."""
        return Joining((Fraction(1),), self.scale, self.m, self.k).gain()

    @property
    def text(self) -> tuple[str, str]:
        """Return φ and g as text in which theory reads them."""
        powers = " + ".join(f"({a})*u**{j}" if j else f"({a})" for j, a in enumerate(self.coefficients))
        return powers, ENTRY_SCALES[self.scale][0]

    def at(self, expression: Expr, incumbents: bool = True) -> Fraction:
        """Return the value of an expression of theory here; `incumbents`: whether m is still a symbol."""
        from theory import symbols

        values = {symbols.c: rational(self.c), symbols.delta: rational(self.delta), symbols.k: Integer(self.k)}
        if incumbents:
            values[symbols.m] = Integer(self.m)
        return number(written_out(expression.xreplace(values)))

    def __str__(self) -> str:
        return f"φ = {self.text[0]}, g = {self.text[1]}, m = {self.m}, |C| = {self.k}, c = {self.c}, δ = {self.delta}"


def joining(least: int = 1, scales: int = len(ENTRY_SCALES)) -> Iterator[Joining]:
    """Yield joining for every polynomial, the first scales, and small numbers of agents, smallest first."""
    for m, k in ((0, 1), (0, 2), (1, 1), (1, 3), (2, 2), (4, 1)):
        for scale, coefficients in product(range(scales), POLYNOMIALS):
            if m >= least:
                yield Joining(coefficients, scale, m, k)


def cached(formula: Callable[[str, str], Expr]) -> Callable[[Joining], Expr]:
    """Return a function that derives each formula once."""
    known: dict[tuple[str, str], Expr] = {}

    def derived(case: Joining) -> Expr:
        if case.text not in known:
            known[case.text] = formula(*case.text)
        return known[case.text]

    return derived


SCOPE = f"{len(POLYNOMIALS)} polynomials of degree ≤ 5, {len(ENTRY_SCALES)} scales, m ≤ 4, |C| ≤ 3"


def entrants() -> tuple[Check[Joining], ...]:
    """Return the checks of the entrant's payoff, in its two forms, and of the member's before the move."""
    from theory import gain, two_types

    value, entrant = cached(two_types.two_type_value), cached(gain.entrant_payoff)
    stays = cached(gain.member_payoff)
    return (
        compared(
            "two_type_value of theory.two_types, polynomials and scales, against brute force",
            SCOPE,
            joining,
            lambda x: x.at(value(x)),
            Joining.entrant,
        ),
        compared(
            "entrant_payoff of theory.gain against brute force",
            SCOPE,
            joining,
            lambda x: x.at(entrant(x)),
            Joining.entrant,
        ),
        compared(
            "member_payoff of theory.gain against brute force",
            SCOPE,
            joining,
            lambda x: x.at(stays(x)),
            Joining.before,
        ),
    )


def abstract() -> Check[int]:
    """Return the check of payoffs for an unspecified performance function and scale."""
    from theory import gain, symbols

    f, g = Function("f", real=True), Function("g", real=True)
    c, delta = symbols.c, symbols.delta

    def expected(m: int) -> Any:
        values: list[Expr] = [Integer(0)]
        for S in range(1, 2 ** (m + 1)):
            size = S.bit_count()
            values.append(g(size) * (f(c + delta / size) if S & 1 else f(c)))
        return expand(sum(shapley(values, i) * Symbol(f"e{i}") for i in range(min(m + 1, 2))))

    def derived(m: int) -> Any:
        phi, scale = f(symbols.u), g(symbols.s)
        entrant = gain.entrant_payoff(phi, scale).subs(symbols.m, m).doit()
        incumbent = gain.incumbents_gain(phi, scale).subs(symbols.m, m).doit() + g(m) * f(c) / m
        return expand(entrant * Symbol("e0") + incumbent * Symbol("e1"))

    return compared(
        "entrant_payoff and incumbents_gain of theory.gain for any φ and g against brute force",
        "all φ, g, c and δ, m ≤ 4",
        lambda: range(1, 5),
        derived,
        expected,
        show=lambda m: f"m = {m}",
        level=Level.SYMBOLIC,
    )


def checks_of(label: str) -> tuple[Check, ...]:
    """Return the checks of V4 or V5."""
    return (structures(), weights()) if label == "V4" else (*entrants(), abstract())
