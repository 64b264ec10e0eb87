"""S9: what each incumbent gains from the entrant, for quadratic performance.

By symmetry and efficiency (V4) the m incumbents share v(D ∪ i) − AD_i equally, and S1 gives AD_i.  H_{m+1} − 1 lies
between 0 and m/2, so the gain lies between 0 and δ²/(2(m+1)): no threshold α ≤ 0 refuses, and α > 0 refuses as soon as
α(m+1) > δ²/2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer, Rational, Symbol, expand, harmonic

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.entry_gains import (
    WRITTEN,
    formula_text,
    formula_value,
    incumbent_gain,
    incumbent_text,
    witnessed,
)
from proofs_checks.studies.gain_terms import AFTER, AT_C, AT_ENTRANT, AT_MEAN, GAIN
from proofs_checks.studies.instances import Entry, entries
from proofs_checks.studies.performances import CUBE, LINEAR, QUADRATICS, SQUARE
from proofs_checks.studies.quadratic_gain import NEXT, QUADRATIC, Formula, H, c, delta, performance, quadratic
from proofs_checks.studies.quadratic_gain import stated as entrant_gain
from proofs_checks.verdict import Certificate, Level

m = Symbol("m", integer=True, positive=True)  # there is an incumbent
OTHER = Symbol("paid to an incumbent", real=True)
SHARE = Symbol("Δ_j", real=True)
alpha = Symbol("alpha", real=True)


def stated(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return δ² (H_{m+1} − 1)/(m(m+1))."""
    return gap**2 * (harmonic_number - 1) / (incumbents * (incumbents + 1))


def derived(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
    """Return the incumbents' gain that `theory` derives."""
    from theory import gain as gains
    from theory import symbols

    found = gains.incumbents_gain(symbols.b - (symbols.u - symbols.theta) ** 2, symbols.s)
    return found.subs({symbols.m: incumbents, symbols.delta: gap}, simultaneous=True).doit()


def share_steps(formula: Formula = stated) -> Iterator[Step]:
    """Yield what each incumbent gains: the equal share of what the entrant leaves."""
    gained = entrant_gain(delta, m, H)
    brought = (m + 1) * performance(c + delta / (m + 1)) - performance(c + delta) - gained
    filled = (brought / m - performance(c)).xreplace({H: harmonic(m + 1)})
    yield Step(
        "each incumbent gains the closed form",
        SHARE - formula(delta, m, H),
        given=(
            Given("Δ_j = paid to an incumbent − φ(c), what V4 paid it before", SHARE - OTHER + AT_C),
            Given("V4: m incumbents and the entrant share v", m * OTHER + AFTER - (m + 1) * AT_MEAN, "= 0", 1 / m),
            Given("the entrant is paid φ(c+δ) + Δ", AFTER - AT_ENTRANT - GAIN, "= 0", -1 / m),
            Given("S1: Δ = δ² (1 − H_{m+1}/(m+1))", GAIN - gained, "= 0", -1 / m),
            quadratic(AT_C, c, -1),
            quadratic(AT_MEAN, c + delta / (m + 1), (m + 1) / m),
            quadratic(AT_ENTRANT, c + delta, -1 / m),
        ),
        bound={
            SHARE: filled,
            OTHER: filled + performance(c),
            AFTER: performance(c + delta) + gained.xreplace({H: harmonic(m + 1)}),
            GAIN: gained.xreplace({H: harmonic(m + 1)}),
            AT_C: performance(c),
            AT_MEAN: performance(c + delta / (m + 1)),
            AT_ENTRANT: performance(c + delta),
            H: harmonic(m + 1),
        },
    )


def bound_steps() -> Iterator[Step]:
    """Yield 0 ≤ Δ_j ≤ δ²/(2(m+1)) for every m."""
    grows = Given("H_{m+2} = H_{m+1} + 1/(m+2)", NEXT - H - 1 / (m + 2), "= 0", 1)
    falls = Given(grows.name, grows.expression, "= 0", -1)
    first = Given("H_2 = 1 + 1/2", H - Rational(3, 2), "= 0", 1)
    yield Step("1 ≤ H_2", H - 1, ">= 0", given=(first,))
    least = Given("induction: 1 ≤ H_{m+1}", H - 1, ">= 0")
    yield Step("1 ≤ H_{m+1}, if so for m, then for m + 1", NEXT - 1, ">= 0", given=(least, grows))
    yield Step("H_2 ≤ 1 + 1/2", Rational(3, 2) - H, ">= 0", given=(Given(first.name, first.expression, "= 0", -1),))
    most = Given("induction: H_{m+1} ≤ 1 + m/2", 1 + m / 2 - H, ">= 0")
    yield Step("H_{m+1} ≤ 1 + m/2, so for m + 1", 1 + (m + 1) / 2 - NEXT, ">= 0", given=(most, falls))
    gained, per = Given("the closed form", SHARE - stated(delta, m, H)), delta**2 / (m * (m + 1))
    yield Step("Δ_j ≥ 0", SHARE, ">= 0", given=(gained, Given("1 ≤ H_{m+1}", H - 1, ">= 0", per)))
    yield Step(
        "Δ_j ≤ δ²/(2(m+1))",
        delta**2 / (2 * (m + 1)) - SHARE,
        ">= 0",
        given=(
            Given("the closed form", gained.expression, "= 0", -1),
            Given("H_{m+1} ≤ 1 + m/2", 1 + m / 2 - H, ">= 0", per),
        ),
    )


def threshold_steps() -> Iterator[Step]:
    """Yield which thresholds α an incumbent's gain reaches, from its bounds."""
    yield Step(
        "an incumbent accepts whatever the threshold α ≤ 0: Δ_j − α ≥ 0",
        SHARE - alpha,
        ">= 0",
        given=(Given("Δ_j ≥ 0", SHARE, ">= 0"), Given("the hypothesis α ≤ 0", -alpha, ">= 0")),
    )
    yield Step(
        "it refuses if m + 1 > δ²/(2α), α > 0: α − Δ_j > 0",
        alpha - SHARE,
        "> 0",
        given=(
            Given("Δ_j ≤ δ²/(2(m+1))", delta**2 / (2 * (m + 1)) - SHARE, ">= 0"),
            Given("the hypothesis 2α(m+1) > δ²", 2 * alpha * (m + 1) - delta**2, "> 0", 1 / (2 * (m + 1))),
        ),
    )


def _matches(formula: Formula, what: str, largest: int = 5) -> Check[int]:
    """The formula against brute force, in symbols."""

    def sides(incumbents: int) -> tuple[Expr, Expr]:
        together = (c + delta,) + (c,) * incumbents
        before = aumann_dreze((c,) * incumbents, 0, performance)
        expected = before + formula(delta, Integer(incumbents), harmonic(incumbents + 1))
        return aumann_dreze(together, 1, performance), expected

    def holds(incumbents: int) -> str | None:
        after, expected = sides(incumbents)
        gap = expand(after - expected)
        return None if gap == 0 else f"brute force minus formula is {gap}"

    def certify(incumbents: int, good: bool) -> Certificate | None:
        if not good:
            return None
        after, expected = sides(incumbents)
        note = f"what an incumbent is paid by brute force, minus what it was paid and the formula, m = {incumbents}"
        return combination(after, "= 0", note=note, right=expected)

    return Check(
        what=what,
        scope=f"all c, δ, θ and b, m ≤ {largest}",
        level=Level.SYMBOLIC,
        instances=lambda: range(1, largest + 1),
        conclusion=holds,
        show=lambda incumbents: f"m = {incumbents}",
        part="formula",
        certify=certify,
    )


def _states(formula: Formula = stated) -> Check[Entry]:
    """The formula against brute force, on numbers, and on performance functions that are not quadratic."""

    def holds(entry: Entry) -> str | None:
        found, expected = incumbent_gain(entry), formula_value(formula, entry)
        return None if found == expected else f"an incumbent gains {found}, the formula says {expected}"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        return witnessed(entry, f"{incumbent_text(entry)} == {formula_text(formula, entry)}", good)

    return Check(
        what="the closed form against brute force, on numbers",
        scope="m ≤ 4, c in {0, 1}, δ in {1, -1, 2}, 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, LINEAR, CUBE), range(1, 5), (0, 1), (1, -1, 2)),
        conclusion=holds,
        hypotheses={QUADRATIC: lambda entry: entry.performance in QUADRATICS},
        part="formula",
        certify=certify,
    )


def _bounded(least: Fraction = Fraction(0), divisor: int = 2) -> Check[Entry]:
    """Brute-force gains between `least` and δ²/(divisor (m+1))."""

    def bounds(entry: Entry) -> tuple[Fraction, Fraction]:
        return least, entry.delta**2 / (divisor * (entry.m + 1))

    def holds(entry: Entry) -> str | None:
        (low, high), found = bounds(entry), incumbent_gain(entry)
        return None if low <= found <= high else f"an incumbent gains {found}, not in [{low}, {high}]"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        low, high = bounds(entry)
        side = f">= {low}" if incumbent_gain(entry) < low else f"<= {high}"
        return witnessed(entry, f"{incumbent_text(entry)} {side}", good)

    return Check(
        what="brute-force gains of the incumbents against their bounds",
        scope="m ≤ 6, opinions in [-1, 3], 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, SQUARE), range(1, 7), (0, 1), (1, -1, 2, 0)),
        conclusion=holds,
        hypotheses={QUADRATIC: lambda entry: entry.performance in QUADRATICS},
        part="bounds",
        certify=certify,
    )


@dataclass(frozen=True)
class Threshold:
    """An entry and what each incumbent demands."""

    entry: Entry
    alpha: Fraction

    @property
    def agents(self) -> int:
        """The entrant and the incumbents."""
        return self.entry.agents

    def __str__(self) -> str:
        return f"{self.entry}, α = {self.alpha}"


def _accepted(lenient: Fraction = Fraction(0), divisor: int = 2) -> Check[Threshold]:
    """Thresholds α ≤ `lenient` never refuse; α > 0 does once m + 1 > δ²/(divisor α)."""
    levels = [Fraction(x) for x in (0, -1, 1)] + [Fraction(1, 5), Fraction(1, 8), Fraction(1, 20)]

    def expected(case: Threshold) -> bool | None:
        if case.alpha <= lenient:
            return True
        return False if case.entry.m + 1 > case.entry.delta**2 / (divisor * case.alpha) else None

    def holds(case: Threshold) -> str | None:
        accepted = incumbent_gain(case.entry) >= case.alpha
        wrong = expected(case) is not None and accepted is not expected(case)
        return f"incumbents {'accept' if accepted else 'refuse'}" if wrong else None

    def certify(case: Threshold, good: bool) -> Certificate | None:
        if expected(case) is None or (good and case.entry.m > WRITTEN):
            return None
        sign = ">=" if expected(case) else "<"
        return value(f"{incumbent_text(case.entry)} {sign} {case.alpha}", holds=good, note=str(case))

    return Check(
        what="unanimous acceptance by brute force",
        scope="m ≤ 5, 6 thresholds, opinions in [-1, 2], 3 parabolas",
        level=Level.EXACT,
        instances=lambda: (
            Threshold(entry, level)
            for entry, level in product(entries((*QUADRATICS, SQUARE), range(1, 6), (0,), (1, -1, 2)), levels)
        ),
        conclusion=holds,
        hypotheses={QUADRATIC: lambda case: case.entry.performance in QUADRATICS},
        part="acceptance",
        certify=certify,
    )


def s9() -> Study:
    """Return the checks of S9."""
    scope = "all m, c, δ, θ and b"
    bounded = _bounded()

    def mutant(description: str, formula: Formula, target: str) -> Mutant:
        return Mutant(description, _states(formula), target)

    def damaged(gap: Expr, incumbents: Expr, harmonic_number: Expr) -> Expr:
        return stated(gap, incumbents, harmonic_number + 1)

    return Study(
        "S9",
        (
            proof("equal shares of what the entrant leaves", scope, share_steps, part="formula"),
            proof("1 ≤ H_{m+1} ≤ 1 + m/2", scope, bound_steps, part="bounds"),
            proof("the bounds against a threshold", f"{scope}, all α", threshold_steps, part="acceptance"),
            _matches(stated, "the closed form against brute force"),
            _states(),
            bounded,
            _accepted(),
            _matches(derived, "the gain of theory.gain against brute force", 4),
        ),
        (
            Mutant("φ need not be quadratic", _states().dropping(QUADRATIC), QUADRATIC),
            Mutant("φ may be convex: an incumbent may lose", bounded.dropping(QUADRATIC), QUADRATIC),
            mutant("H_{m+1} in place of H_{m+1} − 1", damaged, "H_{m+1} − 1 in the numerator"),
            mutant("1/m² in place of 1/(m(m+1))", lambda d, i, h: stated(d, i, h) * (i + 1) / i, "m(m+1) below"),
            mutant("|δ| in place of δ²", lambda d, i, h: stated(d, i, h) / abs(d), "the exponent 2 of δ"),
            Mutant("at least 1/10", _bounded(Fraction(1, 10)), "0 as the least gain"),
            Mutant("at most δ²/(3(m+1))", _bounded(divisor=3), "2 in δ²/(2(m+1))"),
            Mutant("α ≤ 1 never binds", _accepted(Fraction(1)), "α ≤ 0 never binds"),
            Mutant("α > 0 refuses once m + 1 > δ²/(4α)", _accepted(divisor=4), "2 in δ²/(2α)"),
            Mutant("H_{m+1} in the proof", proof("", "", lambda: share_steps(damaged))),
        ),
    )
