"""S3: every gain is paid for in disagreement, under weighted influence and so under uniform influence.

The steps are in `drop_steps`; here gains and what moves remove from V are computed by brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, product

from sympy import Expr, Integer, Rational, Symbol

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles import weighted as weighted_oracle
from proofs_checks.steps import Step, proof
from proofs_checks.studies.drop_steps import bound_steps, conclusion_step, drop_steps
from proofs_checks.studies.joining import Joining
from proofs_checks.studies.performances import DOUBLE_WELL, LINEAR, PARABOLA, POLYNOMIALS, SQUARE, Performance
from proofs_checks.studies.stopping import s4
from proofs_checks.studies.written import number
from proofs_checks.verdict import Certificate, Level

__all__ = ["s3", "s4"]

CURVED = "φ'' ≥ −L between c and c + δ"
POSITIVE = "positive weights a_j (uniform: 1)"
SCALED = "the scale a(S) = Σ a_j (uniform: |S|)"
HEAVIEST = 3
Drop = Callable[[Expr, Expr, Expr], Expr]


def stated_drop(gap: Expr, weight: Expr, incumbents: Expr) -> Expr:
    """Return δ² aA/(a+A), the disagreement that a move removes."""
    return gap**2 * weight * incumbents / (weight + incumbents)


def derived_drop(gap: Expr, weight: Expr, incumbents: Expr) -> Expr:
    """Return the drop that `theory` derives for uniform influence."""
    from theory import lyapunov, symbols

    return lyapunov.disagreement_drop().subs({symbols.delta: gap, symbols.m: incumbents}, simultaneous=True)


def uniform(incumbents: int) -> tuple[Fraction, ...]:
    """Return the weights of an entrant and so many incumbents under uniform influence."""
    return (Fraction(1),) * (incumbents + 1)


def weighted(most: int) -> Iterator[tuple[Fraction, ...]]:
    """Yield weights in 1, 2, 3 of an entrant and of up to `most` incumbents, not all 1."""
    some = [Fraction(x) for x in range(1, HEAVIEST + 1)]
    for m in range(1, most + 1):
        for incumbents, entrant in product(combinations_with_replacement(some, m), some):
            if {entrant, *incumbents} != {1}:
                yield (entrant, *incumbents)


def _joinings() -> Iterator[Joining]:
    """Yield uniform influence for every polynomial, then weights, weights that are not positive, and the scale |S|."""
    for m, phi, c, gap in product(range(1, 5), POLYNOMIALS, (0, 1), (1, -1, 2)):
        for L in (2, 1, 8, 32, -2):
            yield Joining(phi, uniform(m), Fraction(c), Fraction(gap), Fraction(L))
        for L in (2, -2):
            yield Joining(phi, uniform(m), Fraction(c), Fraction(gap), Fraction(L), (Fraction(1),))
    few: tuple[Performance, ...] = (PARABOLA, LINEAR, SQUARE, DOUBLE_WELL)
    for weights, other, gap in product(weighted(3), few, (1, -1)):
        curvature = Fraction(12 if other is DOUBLE_WELL else 2)
        yield Joining(other, weights, Fraction(0), Fraction(gap), curvature, (Fraction(2),))
    for entrant, other in product((-1, -2), few):
        yield Joining(other, (Fraction(entrant), Fraction(3)), Fraction(0), Fraction(1), Fraction(2))
    for heavier, gap in product((2, 3), (1, -1)):
        yield Joining(LINEAR, (Fraction(1), Fraction(heavier)), Fraction(0), Fraction(gap), Fraction(0), scale="|S|")


def _bounded(factor: Fraction = Fraction(1, 2)) -> Check[Joining]:
    """Δ ≤ factor·L (V_before − V_after)."""

    def holds(case: Joining) -> str | None:
        found, bound = case.gain(), factor * case.L * case.removed()
        return None if found <= bound else f"Δ = {found} > {bound}"

    def certify(case: Joining, good: bool) -> Certificate | None:
        if good and (len(case.weights) > 3 or case.c != 0 or case.delta != 1):
            return None
        return value(
            f"{case.gain_text()} <= {factor}*{number(case.L)}*({case.removed_text()})", holds=good, note=str(case)
        )

    return Check(
        what="the brute-force gain against the disagreement removed",
        scope=f"uniform m ≤ 4, |C| ≤ 2, {len(POLYNOMIALS)} polynomials; weights in {{1, 2, 3}}, m ≤ 3, 4 polynomials",
        level=Level.EXACT,
        instances=_joinings,
        conclusion=holds,
        hypotheses={
            "L ≥ 0": lambda case: case.L >= 0,
            CURVED: lambda case: case.bounded,
            POSITIVE: lambda case: min(case.weights) > 0,
            SCALED: lambda case: case.scale == "a(S)",
        },
        part="bound",
        certify=certify,
    )


def _symbolic(most: int = 2) -> Check[Step]:
    """Quadratic φ with φ'' = −L: the bound on the brute-force payoff, for all positive weights at once."""

    def steps() -> Iterator[Step]:
        c, gap, theta, b = (Symbol(name, real=True) for name in ("c", "delta", "theta", "b"))
        half = Symbol("L/2", nonnegative=True)

        def phi(u: Expr) -> Expr:
            return b - half * (u - theta) ** 2

        for m in range(1, most + 1):
            a, *others = (Symbol(f"a{j}", positive=True) for j in range(m + 1))
            after = weighted_oracle.payoff((a, *others), (c + gap, *(c for _ in others)), 0, phi)
            bound = a * phi(c + gap) + half * stated_drop(gap, a, sum(others))
            yield Step(
                f"m = {m}: paid before, with the bound, less what brute force pays after", bound, ">= 0", right=after
            )

    scope = f"all positive weights, c, δ, θ and b, L ≥ 0, φ = b − (L/2)(u − θ)², m ≤ {most}"
    return proof("brute force with weights as symbols", scope, steps, part="bound", level=Level.SYMBOLIC)


def _dropped(
    drop: Drop = stated_drop, what: str = "the disagreement removed against the closed form", weights: bool = True
) -> Check[Joining]:
    """V_before − V_after against a formula in δ, a and A."""

    def formula(case: Joining) -> Expr:
        gap, entrant, incumbents = (Rational(str(x)) for x in (case.delta, case.weights[0], case.incumbents))
        return drop(gap, entrant, incumbents)

    def holds(case: Joining) -> str | None:
        found, expected = case.removed(), formula(case)
        return None if Rational(str(found)) == expected else f"V drops by {found}, the formula says {expected}"

    def certify(case: Joining, good: bool) -> Certificate | None:
        if good and (case.agents > 3 or case.companions):
            return None
        return value(f"{case.removed_text()} == {formula(case)}", holds=good, note=str(case))

    def instances() -> Iterator[Joining]:
        each = (*map(uniform, range(1, 6)), *(weighted(2) if weights else ()))
        left = ((), (Fraction(1),), (Fraction(1), Fraction(1)))
        for who, gap, companions in product(each, (Fraction(1), Fraction(-2), Fraction(1, 3)), left):
            yield Joining(PARABOLA, who, Fraction(0 if gap == 1 else 1), gap, Fraction(0), companions)

    return Check(
        what=what,
        scope="m ≤ 5, |C| ≤ 3, three gaps" + ("; weights in {1, 2, 3}, m ≤ 2" if weights else ""),
        level=Level.EXACT,
        instances=instances,
        conclusion=holds,
        part="drop",
        certify=certify,
    )


def _derived_bound() -> Check[Step]:
    """The bound of `theory` is the proved one, with the weights 1."""

    def steps() -> Iterator[Step]:
        from theory import lyapunov, symbols

        bound = lyapunov.gain_bound(symbols.L)
        stated = symbols.L / 2 * stated_drop(symbols.delta, Integer(1), symbols.m)
        yield Step("theory.lyapunov.gain_bound is (L/2) δ² m/(m+1)", bound, right=stated)

    return proof("the bound of theory.lyapunov", "all m, δ and L", steps, part="bound")


def s3() -> Study:
    """Return the checks of S3."""
    exact = _bounded()
    scope = "all positive weights, all m, |C|, c, δ, L ≥ 0, φ with φ'' ≥ −L"
    squared = "the exponent 2 of δ"
    drop = "a A/(a + A) in the drop (uniform: m/(m+1))"
    return Study(
        "S3",
        (
            proof(
                "averaging over the new coalition", "all positive weights, all m, |C|, c, δ", drop_steps, part="drop"
            ),
            proof("Jensen's inequality for φ + (L/2)u², order by order", scope, bound_steps, part="bound"),
            _dropped(),
            _dropped(derived_drop, "the drop of theory.lyapunov against the opinions", weights=False),
            exact,
            _symbolic(),
            _derived_bound(),
        ),
        (
            *(Mutant(f"without: {name}", exact.dropping(name), name) for name in exact.hypotheses),
            Mutant("1/3 in place of 1/2", _bounded(Fraction(1, 3)), "1/2 in (L/2)(V_before − V_after)"),
            Mutant("the drop is δ²", _dropped(lambda gap, a, A: gap**2), drop),
            Mutant("the drop is δ²/(m+1)", _dropped(lambda gap, a, A: gap**2 / (a + A)), drop),
            Mutant("the drop is δ² A/(a+A)", _dropped(lambda gap, a, A: gap**2 * A / (a + A)), drop),
            Mutant("the drop is |δ| aA/(a+A)", _dropped(lambda gap, a, A: stated_drop(gap, a, A) / abs(gap)), squared),
            Mutant("1/3 in the proof", replace(proof("", "", lambda: [conclusion_step(3)]), part="bound")),
        ),
    )
