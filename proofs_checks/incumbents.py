"""S9: what each incumbent gains from the entrant, for quadratic performance.

By symmetry and efficiency (V4) the m incumbents share v(D ∪ i) − AD_i equally, and V5 with S1 gives AD_i.  H_{m+1} − 1
lies between 0 and m/2, so the gain lies between 0 and δ²/(2(m+1)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy import Expr, Integer, Rational, Symbol, expand, harmonic

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import Entry, entries
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.performances import CUBE, QUADRATICS
from proofs_checks.quadratic_gain import H, c, delta, m, performance
from proofs_checks.quadratic_gain import stated as entrant_gain
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

LARGEST = 6
Formula = Callable[[Expr, Expr, Expr], Expr]


def stated(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return δ² (H_{m+1} − 1)/(m(m+1))."""
    return gap**2 * (harmonic_number - 1) / (incumbents * (incumbents + 1))


def derived(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return the incumbents' gain that `theory` derives."""
    from theory import gain as gains
    from theory import symbols

    value = gains.incumbents_gain(symbols.b - (symbols.u - symbols.theta) ** 2, symbols.s)
    return value.subs({symbols.m: incumbents, symbols.delta: gap}, simultaneous=True).doit()


def steps(formula: Formula = stated) -> Iterator[Step]:
    """Yield the equal share of what the entrant leaves, and its bounds."""
    worth = (m + 1) * performance(c + delta / (m + 1))
    entrant = performance(c + delta) + entrant_gain(delta, m, H)
    share = (worth - entrant) / m - performance(c)
    yield Step(
        "(v(D ∪ i) − AD_i)/m − φ(c) is the closed form", share - formula(delta, m, H), bound={H: harmonic(m + 1)}
    )
    h, slack = Symbol("h", nonnegative=True), Symbol("m/2−h", nonnegative=True)
    yield Step("the gain is ≥ 0, as H_{m+1} = 1 + h", formula(delta, m, 1 + h), ">= 0", bound={h: harmonic(m + 1) - 1})
    yield Step("H_2 − 1 = 1/2", harmonic(2) - 1 - Rational(1, 2))
    yield Step("H_{m+1} − 1 ≤ m/2 by induction: 1/(m+2) ≤ 1/2", Rational(1, 2) - 1 / (m + 2), ">= 0")
    ceiling = delta**2 / (2 * (m + 1))
    yield Step("so the gain is ≤ δ²/(2(m+1))", ceiling - formula(delta, m, 1 + m / 2 - slack), ">= 0")


def _matches(formula: Formula, what: str = "the closed form against brute force", largest: int = 5) -> Check[int]:
    def holds(incumbents: int) -> str | None:
        together = (c + delta,) + (c,) * incumbents
        value = aumann_dreze(together, 1, performance) - aumann_dreze((c,) * incumbents, 0, performance)
        gap = expand(value - formula(delta, Integer(incumbents), harmonic(incumbents + 1)))
        return None if gap == 0 else f"brute force minus formula is {gap}"

    return Check(
        what=what,
        scope=f"all c, δ, θ and b, m ≤ {largest}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, largest + 1),
        conclusion=holds,
        show=lambda incumbents: f"m = {incumbents}",
    )


def _bounded(divisor: int = 2) -> Check[Entry]:
    def holds(entry: Entry) -> str | None:
        together = (entry.c + entry.delta,) + (entry.c,) * entry.m
        value = aumann_dreze(together, 1, entry.performance) - entry.performance(entry.c)
        top = entry.delta**2 / (divisor * (entry.m + 1))
        return None if 0 <= value <= top else f"an incumbent gains {value}, not in [0, {top}]"

    return Check(
        what="brute-force gains of the incumbents against their bounds",
        scope=f"m ≤ {LARGEST}, opinions in [-1, 3], 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, CUBE), range(1, LARGEST + 1), (0, 1), (1, -1, 2, 0)),
        conclusion=holds,
        hypotheses={"φ = b − (u − θ)²": lambda entry: entry.performance in QUADRATICS},
    )


def s9() -> Study:
    """Return the checks of S9."""
    scope = "all m, c, δ, θ and b"
    exact = _bounded()
    return Study(
        "S9",
        (
            proof("equal shares and H_{m+1} − 1 ≤ m/2", scope, steps),
            _matches(stated),
            exact,
            _matches(derived, "the gain of theory.gain against brute force", 4),
        ),
        (
            Mutant("H_{m+1} in place of H_{m+1} − 1", _matches(lambda d, i, h: stated(d, i, h + 1))),
            Mutant("1/m² in place of 1/(m(m+1))", _matches(lambda d, i, h: stated(d, i, h) * (i + 1) / i)),
            Mutant("the opposite sign in the proof", proof("", scope, lambda: steps(lambda d, i, h: -stated(d, i, h)))),
            Mutant("at most δ²/(3(m+1))", _bounded(3)),
            Mutant("φ need not be quadratic", exact.dropping("φ = b − (u − θ)²")),
        ),
    )
