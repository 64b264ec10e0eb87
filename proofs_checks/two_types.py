"""V5: what an entrant is paid by incumbents who agree with each other, for any φ and any scale.

The s incumbents before the entrant are any of C(m, s) sets, each preceding it with the chance
s!(m−s)!/(m+1)!; the product is 1/(m+1) for every s, and only s matters for the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Symbol, binomial, expand, factorial, gammasimp

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze, shapley
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

LARGEST = 6


def steps(chance: Callable[[Expr], Expr] = lambda m: 1 / (m + 1)) -> Iterator[Step]:
    """Yield the weight of each s and the consensus with the entrant, for any m."""
    s, r = Symbol("s", integer=True, nonnegative=True), Symbol("r", integer=True, nonnegative=True)
    m = s + r
    c, delta = Symbol("c", real=True), Symbol("delta", real=True)
    weight = binomial(m, s) * factorial(s) * factorial(m - s) / factorial(m + 1)
    yield Step("every number s of incumbents before the entrant has the weight 1/(m+1)", gammasimp(weight) - chance(m))
    yield Step("s incumbents and the entrant agree on c + δ/(s+1)", (s * c + c + delta) / (s + 1) - c - delta / (s + 1))


def two_type_game(m: int, empty: Expr | int = 0) -> list[Expr]:
    """Return the game of an entrant (agent 0) and m incumbents: g(s) φ(c) without it, g(s) φ(c + δ/s) with it.

    The values are symbols g1, g2, ... times φ0 = φ(c) and φs = φ(c + δ/s).
    """
    g = [empty, *(Symbol(f"g{s}", real=True) for s in range(1, m + 2))]
    phi = [Symbol(f"φ{s}", real=True) for s in range(m + 2)]
    return [g[S.bit_count()] * phi[S.bit_count() if S & 1 else 0] for S in range(2 ** (m + 1))]


def closed_form(m: int, last: int, divisor: int, minus: int = 0) -> Expr:
    """Return (1/divisor) Σ_{s=0}^{last} [g(s+1) φ(c + δ/(s+1)) − g(s) φ(c)] in the same symbols."""
    g = [Integer(0), *(Symbol(f"g{s}", real=True) for s in range(1, m + 2))]
    phi = [Symbol(f"φ{s}", real=True) for s in range(m + 2)]
    return sum((g[s + 1] * phi[s + 1] - g[s] * phi[minus]) for s in range(last + 1)) / Integer(divisor)


def _matches(
    formula: Callable[[int], Expr], empty: Expr | int = 0, what: str = "the closed form against brute force"
) -> Check[int]:
    def holds(m: int) -> str | None:
        gap = expand(shapley(two_type_game(m, empty), 0) - formula(m))
        return None if gap == 0 else f"brute force minus formula is {gap}"

    return Check(
        what=what,
        scope=f"all φ, g, c and δ, m ≤ {LARGEST}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, LARGEST + 1),
        conclusion=holds,
        show=lambda m: f"m = {m}",
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
    return Study(
        "V5",
        (
            proof("the weight of each number of predecessors", scope, steps),
            _matches(lambda m: closed_form(m, m, m + 1)),
            _derived(),
        ),
        (
            Mutant("the sum stops at m − 1", _matches(lambda m: closed_form(m, m - 1, m + 1))),
            Mutant("no factor 1/(m+1)", _matches(lambda m: closed_form(m, m, 1))),
            Mutant("1/m in place of 1/(m+1)", _matches(lambda m: closed_form(m, m, m))),
            Mutant("weight 1/(m+2) in the proof", proof("", "", lambda: steps(lambda m: 1 / (m + 2)))),
            Mutant("an empty coalition worth g0 φ(c) ≠ 0", _matches(lambda m: closed_form(m, m, m + 1), Symbol("g0"))),
        ),
    )
