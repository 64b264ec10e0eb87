"""V5: what an entrant is paid by incumbents who agree with each other, for any φ and any scale.

The s incumbents before the entrant are any of C(m, s) sets, each preceding it with the chance
s!(m−s)!/(m+1)!; the product is 1/(m+1) for every s, and only s matters for the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer, Symbol, expand

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze, coalition_game, shapley
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.instances import Opinions, text
from proofs_checks.studies.performances import LINEAR, PARABOLA, SQUARE, Performance
from proofs_checks.studies.written import number
from proofs_checks.verdict import Certificate, Level

LARGEST = 6
AGREE, EMPTY = "all incumbents agree", "v(∅) = 0"
WORTH = "v(S) = g(|S|) φ(c_S)"
SCALES: dict[str, Callable[[int], int]] = {"s": lambda s: s, "s**2": lambda s: s * s}


def steps(shift: int = 1) -> Iterator[Step]:
    """Yield the weight of each number s, the consensus with the entrant and the sum, for any m; 1/(m + shift)."""
    m, s, chosen, subsets, weight = (Symbol(name, positive=True) for name in ("m", "s", "s!(m−s)!", "C(m,s)", "w(s)"))
    many, orders = Symbol("m!", positive=True), Symbol("(m+1)!", positive=True)
    yield Step(
        "C(m,s) sets of s incumbents precede the entrant, with the chance w(s) each: 1/(m+1) together",
        subsets * weight - 1 / (m + shift),
        given=(
            Given("w(s) (m+1)! = s!(m−s)!", weight * orders - chosen, "= 0", subsets / orders),
            Given("C(m,s) s!(m−s)! = m!", subsets * chosen - many, "= 0", 1 / orders),
            Given("(m+1)! = (m+1) m!", orders - (m + 1) * many, "= 0", -1 / (orders * (m + 1))),
        ),
    )
    c, delta, opinion, total, joint = (Symbol(name, real=True) for name in ("c", "δ", "x_j", "Σ x_j", "c_(S ∪ i)"))
    yield Step(
        "s incumbents sum to s c, one more",
        (total + opinion) - (s + 1) * c,
        given=(Given("for s incumbents", total - s * c), Given("incumbents agree: x_j = c", opinion - c)),
    )
    yield Step(
        "with the entrant they agree on c + δ/(s+1)",
        joint - c - delta / (s + 1),
        given=(
            Given("the mean of s + 1", (s + 1) * joint - total - c - delta, "= 0", 1 / (s + 1)),
            Given("the incumbents", total - s * c, "= 0", 1 / (s + 1)),
        ),
    )
    larger, smaller, at, before, added = (
        Symbol(x, real=True) for x in ("g(s+1)", "g(s)", "φ(c + δ/(s+1))", "φ(c)", "added")
    )
    with_entrant, without, so_far, terms = (
        Symbol(x, real=True) for x in ("v(S ∪ i)", "v(S)", "AD so far", "terms so far")
    )
    yield Step(
        "the entrant adds g(s+1) φ(c + δ/(s+1)) − g(s) φ(c), and an empty S is worth 0",
        added - larger * at + smaller * before,
        given=(
            Given("it adds v(S ∪ i) − v(S)", added - with_entrant + without),
            Given("v(S ∪ i) = g(s+1) φ(c + δ/(s+1))", with_entrant - larger * at),
            Given("v(S) = g(s) φ(c), v(∅) = 0 = g(0) φ(c)", without - smaller * before, "= 0", -1),
        ),
    )
    yield Step(
        "(m+1) AD = Σ_s [g(s+1) φ(c + δ/(s+1)) − g(s) φ(c)], the next s",
        (m + 1) * (so_far + subsets * weight * added) - (terms + larger * at - smaller * before),
        given=(
            Given("for smaller s", (m + 1) * so_far - terms),
            Given("the chance of s", subsets * weight - 1 / (m + 1), "= 0", (m + 1) * added),
            Given("what it adds", added - larger * at + smaller * before),
        ),
    )


def two_type_game(m: int, empty: Expr | int = 0) -> list[Expr]:
    """Return the game of an entrant (agent 0) and m incumbents: g(s) φ(c) without it, g(s) φ(c + δ/s) with it.

    The values are symbols g1, g2, ... times φ0 = φ(c) and φs = φ(c + δ/s).
    """
    g = [empty, *(Symbol(f"g{s}", real=True) for s in range(1, m + 2))]
    phi = [Symbol(f"φ{s}", real=True) for s in range(m + 2)]
    return [g[S.bit_count()] * phi[S.bit_count() if S & 1 else 0] for S in range(2 ** (m + 1))]


@dataclass(frozen=True)
class Formula:
    """The closed form with constants to change: Σ_{s ≤ m + last} [...]/(m + divisor), δ/(s + shift), before · g(s)."""

    last: int = 0
    divisor: int = 1
    shift: int = 1
    before: int = 1

    def terms(self, m: int) -> range:
        """Return the numbers s of incumbents before the entrant."""
        return range(m + self.last + 1)


def _matches() -> Check[int]:
    def sides(m: int) -> tuple[Expr, Expr]:
        g = [Integer(0), *(Symbol(f"g{s}", real=True) for s in range(1, m + 2))]
        phi = [Symbol(f"φ{s}", real=True) for s in range(m + 2)]
        terms = (g[s + 1] * phi[s + 1] - g[s] * phi[0] for s in range(m + 1))
        return shapley(two_type_game(m), 0), sum(terms, Integer(0)) / (m + 1)

    def holds(m: int) -> str | None:
        paid, claimed = sides(m)
        gap = expand(paid - claimed)
        return None if gap == 0 else f"brute force minus formula is {gap}"

    def certify(m: int, holds: bool) -> Certificate | None:
        paid, claimed = sides(m)
        payoff = Symbol("AD", real=True)
        given = [("AD by brute force", payoff - paid, "= 0", Integer(1))]
        return combination(payoff - claimed, "= 0", given, f"m = {m}") if holds else None

    return Check(
        what="the closed form against brute force",
        scope=f"all φ, g, c and δ, m ≤ {LARGEST}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, LARGEST + 1),
        conclusion=holds,
        show=lambda m: f"m = {m}",
        certify=certify,
    )


@dataclass(frozen=True)
class Joined:
    """An entrant with opinion x[0], and its incumbents; `empty` is v(∅), `penalty` what disagreement costs."""

    performance: Performance
    scale: str
    opinions: Opinions
    empty: int = 0
    penalty: int = 0

    @property
    def agents(self) -> int:
        """The entrant and the incumbents."""
        return len(self.opinions)

    @property
    def consensus(self) -> Fraction:
        """The consensus of the incumbents."""
        return sum(self.opinions[1:], Fraction(0)) / (self.agents - 1)

    def game(self) -> list[Fraction]:
        """Return the game from the definition."""
        values = coalition_game(self.opinions, self.performance, SCALES[self.scale])
        for S in range(1, len(values)):
            members = [x for j, x in enumerate(self.opinions) if S >> j & 1]
            mean = sum(members, Fraction(0)) / len(members)
            values[S] -= self.penalty * sum((x - mean) ** 2 for x in members)
        return [Fraction(self.empty), *values[1:]]

    def __str__(self) -> str:
        more = f", v(∅) = {self.empty}" * bool(self.empty) + ", less the disagreement" * bool(self.penalty)
        people = f"entrant {self.opinions[0]}, incumbents {text(self.opinions[1:])}"
        return f"{self.performance}, g = {self.scale}, {people}{more}"


def joined() -> Iterator[Joined]:
    """Yield entrants on a grid, and a few against each hypothesis."""
    for m in (1, 2, 3):
        for performance, scale in product((LINEAR, PARABOLA, SQUARE), SCALES):
            for c, entrant in product((Fraction(0), Fraction(1)), (Fraction(1), Fraction(2), Fraction(-1))):
                yield Joined(performance, scale, (entrant, *(c,) * m))
                yield Joined(performance, scale, (entrant, *(c,) * m), empty=1)
                yield Joined(performance, scale, (entrant, *(c,) * m), penalty=1)
                if m == 2:
                    yield Joined(performance, scale, (entrant, c + 1, c - 1))


def _numbers(formula: Formula) -> Check[Joined]:
    def claimed(instance: Joined) -> Fraction:
        phi, g, m, c = instance.performance, SCALES[instance.scale], instance.agents - 1, instance.consensus
        delta = instance.opinions[0] - c
        terms = (
            g(s + 1) * phi(c + delta / (s + formula.shift)) - formula.before * (g(s) * phi(c) if s else 0)
            for s in formula.terms(m)
        )
        return sum(terms, Fraction(0)) / (m + formula.divisor)

    def holds(instance: Joined) -> str | None:
        paid, stated = Fraction(shapley(instance.game(), 0)), claimed(instance)
        return None if paid == stated else f"is paid {paid}, the formula gives {stated}"

    def certify(instance: Joined, holds: bool) -> Certificate | None:
        if holds or instance.empty or instance.penalty:
            return None
        m, c = instance.agents - 1, instance.consensus
        phi, delta = instance.performance.formula, instance.opinions[0] - c
        terms = []
        for s in formula.terms(m):
            one = f'{SCALES[instance.scale](s + 1)}*worth("{phi}", "1", [{c + delta / (s + formula.shift)}])'
            other = f'{formula.before * SCALES[instance.scale](s)}*worth("{phi}", "1", [{c}])'
            terms.append(f"{one} - {other}" if s else one)
        paid = f'paid("{phi}", "{instance.scale}", [{", ".join(map(str, instance.opinions))}], 0)'
        return value(
            f"{paid} == ({' + '.join(terms)})/{number(Fraction(m + formula.divisor))}", note="AD of the entrant"
        )

    return Check(
        what="the closed form against brute force in numbers",
        scope="three φ, g in {s, s²}, m ≤ 3, opinions on a grid",
        level=Level.EXACT,
        instances=joined,
        conclusion=holds,
        hypotheses={
            AGREE: lambda instance: len(set(instance.opinions[1:])) == 1,
            WORTH: lambda instance: not instance.penalty,
            EMPTY: lambda instance: not instance.empty,
        },
        certify=certify,
        tools=(),
    )


def _derived() -> Check[tuple[int, str, str]]:
    """The two-type payoff of `theory` against brute force, for concrete φ and g and symbolic c and δ."""

    def holds(instance: tuple[int, str, str]) -> str | None:
        from theory import expressions, symbols, two_types

        incumbents, performance, scale = instance
        phi, g = expressions.parse_performance(performance), expressions.parse_scale(scale)
        c, delta = symbols.c, symbols.delta
        brute = aumann_dreze(
            (c + delta,) + (c,) * incumbents, 0, lambda x: phi.subs(symbols.u, x), lambda size: g.subs(symbols.s, size)
        )
        gap = expand(two_types.two_type_value(phi, g).subs(symbols.m, incumbents).doit() - brute)
        return None if gap == 0 else f"theory minus brute force is {gap}"

    return Check(
        what="two_type_value of theory.two_types against brute force",
        scope="all c and δ, m ≤ 3, three pairs (φ, g)",
        level=Level.SYMBOLIC,
        instances=lambda: ((m, *pair) for m in (1, 2, 3) for pair in (("-u**2", "s"), ("u**3", "s**2"), ("u", "1/s"))),
        conclusion=holds,
        show=lambda x: f"m = {x[0]}, φ = {x[1]}, g = {x[2]}",
    )


def v5() -> Study:
    """Return the checks of V5."""
    scope = "all φ, all g with v(∅) = 0, all m, c and δ"
    exact = _numbers(Formula())
    return Study(
        "V5",
        (proof("the weight of each number of predecessors", scope, steps), _matches(), exact, _derived()),
        (
            Mutant("incumbents disagree", exact.dropping(AGREE), AGREE),
            Mutant("disagreement costs", exact.dropping(WORTH), WORTH),
            Mutant("an empty coalition is worth 1", exact.dropping(EMPTY), EMPTY),
            Mutant("the sum stops at m − 1", _numbers(Formula(last=-1)), "m as the last s"),
            Mutant("1/m in place of 1/(m+1)", _numbers(Formula(divisor=0)), "m + 1 in 1/(m+1)"),
            Mutant("1/(m+2) in the proof", proof("", "", lambda: steps(2)), "m + 1 in 1/(m+1)"),
            Mutant("δ/(s+2) in place of δ/(s+1)", _numbers(Formula(shift=2)), "s + 1 in δ/(s+1)"),
            Mutant("nothing taken off for g(s) φ(c)", _numbers(Formula(before=0)), "−1 before g(s) φ(c)"),
        ),
    )
