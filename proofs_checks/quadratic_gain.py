"""S1: the gain under quadratic performance depends on the gap and on the number of incumbents only.

The entrant's contributions telescope into ``(m+1) φ(c) − 2(m+1)(c−θ)δ − δ² H_{m+1}`` by induction on m.
The other claims on gains build on the steps below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Symbol, expand, harmonic

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

LARGEST = 6
Formula = Callable[[Expr, Expr, Expr], Expr]

m = Symbol("m", integer=True, positive=True)
H = Symbol("H", positive=True)  # stands for H_{m+1}
b, theta, c, delta = (Symbol(name, real=True) for name in ("b", "theta", "c", "delta"))


def performance(u: Expr) -> Expr:
    """Return φ(u) = b − (u − θ)²."""
    return b - (u - theta) ** 2


def stated(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return δ² (1 − H_{m+1}/(m+1)), the gain that the claim states."""
    return gap**2 * (1 - harmonic_number / (incumbents + 1))


def derived(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return the gain that `theory` derives for this many incumbents."""
    from theory import gain as gains
    from theory import symbols

    value = gains.gain(symbols.b - (symbols.u - symbols.theta) ** 2, symbols.s)
    return value.subs({symbols.m: incumbents, symbols.delta: gap}, simultaneous=True).doit()


def steps(formula: Formula = stated) -> Iterator[Step]:
    """Yield the induction over the incumbents, the payoff before the move, and the gain of founding."""
    total = (m + 1) * performance(c) - 2 * (m + 1) * (c - theta) * delta - delta**2 * H
    start = total.xreplace({m: Integer(0), H: Integer(1)})
    yield Step("contributions to 0 incumbents", start - performance(c + delta))
    longer = total.xreplace({m: m + 1, H: H + 1 / (m + 2)})
    added = (m + 2) * performance(c + delta / (m + 2)) - (m + 1) * performance(c)
    yield Step("contributions to up to m + 1 incumbents", longer - total - added, bound={H: harmonic(m + 1)})
    s = Symbol("s", positive=True)
    same = (s + 1) * performance(c + delta) - s * performance(c + delta)
    yield Step("in its old coalition, which agrees, every contribution is φ(c+δ)", same - performance(c + delta))
    gain = total / (m + 1) - performance(c + delta)
    yield Step("the gain", gain - formula(delta, m, H), bound={H: harmonic(m + 1)})
    yield Step("founding alone is paid φ(c+δ), as before", performance(c + delta) - same)


def _matches(
    formula: Formula, what: str = "the closed form against brute force", largest: int = LARGEST
) -> Check[tuple[int, int]]:
    def holds(instance: tuple[int, int]) -> str | None:
        incumbents, k = instance
        after = aumann_dreze((c + delta,) + (c,) * incumbents, 0, performance)
        before = aumann_dreze((c + delta,) * k, 0, performance)
        gap = expand(after - before - formula(delta, Integer(incumbents), harmonic(incumbents + 1)))
        return None if gap == 0 else f"brute force minus formula is {gap}"

    return Check(
        what=what,
        scope=f"all c, δ, θ and b, m ≤ {largest}, |C| ≤ 3",
        level=Level.SYMBOLIC,
        instances=lambda: ((incumbents, k) for incumbents in range(1, largest + 1) for k in (1, 2, 3)),
        conclusion=holds,
        show=lambda pair: f"m = {pair[0]}, |C| = {pair[1]}",
    )


def _founding(scale: Callable[[int], int] = lambda s: s) -> Check[int]:
    def holds(k: int) -> str | None:
        alone = aumann_dreze((c + delta,), 0, performance, scale)
        gap = expand(alone - aumann_dreze((c + delta,) * k, 0, performance, scale))
        return None if gap == 0 else f"founding gains {gap}"

    return Check(
        what="founding alone, by brute force",
        scope="all c, δ, θ and b, |C| ≤ 6",
        level=Level.SYMBOLIC,
        instances=lambda: range(2, 7),
        conclusion=holds,
        show=lambda k: f"|C| = {k}",
    )


def _derived_founding() -> Check[tuple[int, int]]:
    """The gain of founding alone in `theory`, under the scale s and others under which it is not 0."""

    def holds(instance: tuple[int, int]) -> str | None:
        from theory import gain as gains
        from theory import symbols

        power, k = instance
        phi = symbols.b - (symbols.u - symbols.theta) ** 2
        x = symbols.c + symbols.delta

        def paid(size: int) -> Expr:
            return aumann_dreze((x,) * size, 0, lambda u: phi.subs(symbols.u, u), lambda s: s**power)

        found = gains.founding_gain(phi, symbols.s**power).subs(symbols.k, k)
        gap = expand(found - (paid(1) - paid(k)))
        return None if gap == 0 else f"theory minus brute force is {gap}"

    return Check(
        what="founding_gain of theory.gain against brute force",
        scope="all c, δ, θ and b, |C| ≤ 4, scales s, s² and s³",
        level=Level.SYMBOLIC,
        instances=lambda: ((power, k) for power in (1, 2, 3) for k in (2, 3, 4)),
        conclusion=holds,
        show=lambda pair: f"g(s) = s^{pair[0]}, |C| = {pair[1]}",
    )


def _shorter(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    return stated(gap, incumbents, harmonic_number - 1 / (incumbents + 1))


def s1() -> Study:
    """Return the checks of S1."""
    scope = "all m, |C|, c, δ, θ and b"
    return Study(
        "S1",
        (
            proof("induction over the incumbents", scope, steps),
            _matches(stated),
            _matches(derived, "the gain of theory.gain against brute force", 4),
            _founding(),
            _derived_founding(),
        ),
        (
            Mutant("H_m in place of H_{m+1}", _matches(_shorter)),
            Mutant("H_m in the proof", proof("", scope, lambda: steps(_shorter))),
            Mutant("1 − H_{m+1}/m", _matches(lambda d, i, h: d**2 * (1 - h / i))),
            Mutant("the opposite sign", _matches(lambda d, i, h: -stated(d, i, h))),
            Mutant("founding under the scale s²", _founding(lambda s: s * s)),
        ),
    )
