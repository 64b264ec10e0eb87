"""S10: under quadratic performance larger coalitions attract more, up to the squared gap.

``a(m) = 1 − H_{m+1}/(m+1)`` has the increments ``(H(m+2) − (m+1)) / ((m+1)(m+2)²) > 0``, and ``H_N ≤ 2√N`` by
induction, so ``δ² − Δ = δ² H_{m+1}/(m+1) ≤ 2δ²/√(m+1)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from sympy import Expr, Integer, Rational, Symbol, harmonic, sqrt

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import Entry, entries
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.performances import CUBE, QUADRATICS, SQUARE
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level

m = Symbol("m", integer=True, positive=True)
h = Symbol("h", nonnegative=True)  # H_{m+1} − 1
LARGEST = 8


def attraction(incumbents: Expr, H: Expr) -> Expr:
    """Return 1 − H_{m+1}/(m+1), the gain per squared gap."""
    return 1 - H / (incumbents + 1)


def growing_step(factor: Callable[[Expr, Expr], Expr] = attraction) -> Step:
    """Return the step that the gain grows with m."""
    longer = factor(m + 1, 1 + h + 1 / (m + 2))
    return Step("1 − H_{m+1}/(m+1) grows with m", longer - factor(m, 1 + h), "> 0", bound={h: harmonic(m + 1) - 1})


def positive_step() -> Step:
    """Return the step that it is at least its value 1/4 at m = 1, so positive."""
    return Step("at m = 1 it is 1/4 (and it grows)", attraction(Integer(1), Rational(3, 2)) - Rational(1, 4))


def steps(factor: Callable[[Expr, Expr], Expr] = attraction) -> Iterator[Step]:
    """Yield growth, the upper bound δ² and the rate of the limit."""
    yield growing_step(factor)
    yield positive_step()
    yield Step("it is below 1", 1 - factor(m, 1 + h), "> 0", bound={h: harmonic(m + 1) - 1})
    # √N = p + r·0: write √(N+1) = root, √N = root − rise, so that root² − (root − rise)² = 1
    small, rise, extra = (
        Symbol("√N", positive=True),
        Symbol("√(N+1)−√N", positive=True),
        Symbol("√(N+1)−1", positive=True),
    )
    root = small + rise
    yield Step("H_1 ≤ 2√1", 2 * sqrt(Integer(1)) - harmonic(1), ">= 0")
    yield Step(
        "2√(N+1) − 2√N = 2/(√(N+1)+√N)",
        2 * (root - small) - 2 * (root**2 - small**2) / (root + small),
    )
    yield Step(
        "2/(√(N+1)+√N) ≥ 1/(N+1): clear denominators and use √(N+1) > 1",
        2 * root * (1 + extra) - root - small,
        "> 0",
    )
    yield Step(
        "so H_N ≤ 2√N gives δ² − Δ = δ² H_{m+1}/(m+1) ≤ 2δ²/√(m+1): (2√N)/N = 2/√N", 2 * small / small**2 - 2 / small
    )


def _derived() -> Check[Step]:
    """The growth that `theory` derives is the one of the proof."""

    def compared() -> Iterator[Step]:
        from theory import lyapunov, symbols

        H = Symbol("H", positive=True)
        growth = lyapunov.magnet_difference().subs(harmonic(symbols.m + 1), H)
        longer = attraction(symbols.m + 1, H + 1 / (symbols.m + 2)) - attraction(symbols.m, H)
        yield Step(
            "theory.lyapunov.magnet_difference is Δ(m+1) − Δ(m)",
            growth - symbols.delta**2 * longer,
            bound={H: harmonic(symbols.m + 1)},
        )

    return proof("the growth of theory.lyapunov", "all m and δ", compared)


def gain(entry: Entry) -> Fraction:
    """Return the brute-force gain of the entrant."""
    entrant = entry.c + entry.delta
    after = aumann_dreze((entrant,) + (entry.c,) * entry.m, 0, entry.performance)
    return Fraction(after - entry.performance(entrant))


def _attracts(ceiling: Fraction = Fraction(1), rate: int = 4) -> Check[Entry]:
    def holds(entry: Entry) -> str | None:
        here = gain(entry)
        larger = gain(Entry(entry.performance, entry.m + 1, entry.c, entry.delta))
        top = ceiling * entry.delta**2
        if not here < larger < top:
            return f"Δ = {here}, with one more incumbent {larger}, and δ² = {entry.delta**2}"
        if (top - here) ** 2 * (entry.m + 1) > rate * entry.delta**4:
            return f"δ² − Δ = {top - here} is too far from the limit"
        return None

    return Check(
        what="brute-force gains for m and m + 1 incumbents",
        scope=f"m ≤ {LARGEST}, opinions in [-1, 3], 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, CUBE, SQUARE), range(1, LARGEST + 1), (0, 1), (1, -1, 2, 0)),
        conclusion=holds,
        hypotheses={
            "δ ≠ 0": lambda entry: entry.delta != 0,
            "φ = b − (u − θ)²": lambda entry: entry.performance in QUADRATICS,
        },
    )


def s10() -> Study:
    """Return the checks of S10."""
    exact = _attracts()
    return Study(
        "S10",
        (proof("increments and H_N ≤ 2√N", "all m, all δ ≠ 0, θ and b", steps), exact, _derived()),
        (
            *(Mutant(f"without: {name}", exact.dropping(name)) for name in exact.hypotheses),
            Mutant("the limit is δ²/2", _attracts(Fraction(1, 2))),
            Mutant("the distance to the limit is at most δ²/√(m+1)", _attracts(rate=1)),
            Mutant(
                "H_{m+1}/(m+1) in place of 1 − H_{m+1}/(m+1) in the proof",
                proof("", "", lambda: steps(lambda incumbents, H: H / (incumbents + 1))),
            ),
        ),
    )
