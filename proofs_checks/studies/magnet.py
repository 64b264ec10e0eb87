"""S10: larger coalitions attract more, up to the tangent gap G = φ(c) + δφ'(c) − φ(c+δ), which is δ² for quadratic φ.

The steps are in `magnet_steps`; here gains for m and m + 1 incumbents are compared by brute force.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from sympy import Symbol, harmonic

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.steps import Step, proof
from proofs_checks.studies.entry_gains import WRITTEN, Curved, gain, gain_text
from proofs_checks.studies.instances import Entry, entries
from proofs_checks.studies.magnet_steps import concave_steps, limit_steps, strict_steps
from proofs_checks.studies.performances import CUBE, LINEAR, PERFORMANCES, POLYNOMIALS, QUADRATICS, SQUARE, Polynomial
from proofs_checks.studies.quadratic_gain import QUADRATIC
from proofs_checks.verdict import Certificate, Level

CONCAVE = "φ is concave between c and c + δ"
CURVED = "φ'' ≥ −L between c and c + δ, for the limit"
STRICT = f"{QUADRATIC}, for strict growth"
MOVED = "δ ≠ 0, for strict growth"


def _derived() -> Check[Step]:
    """The growth that `theory` derives is the one of the proof."""

    def compared() -> Iterator[Step]:
        from theory import lyapunov, symbols

        H, m = Symbol("H", positive=True), symbols.m
        growth = lyapunov.magnet_difference().subs(harmonic(m + 1), H)
        longer = (1 - (H + 1 / (m + 2)) / (m + 2)) - (1 - H / (m + 1))
        yield Step(
            "theory.lyapunov.magnet_difference is Δ(m+1) − Δ(m)",
            growth - symbols.delta**2 * longer,
            bound={H: harmonic(m + 1)},
        )

    return proof("the growth of theory.lyapunov", "all m and δ", compared, part="strict")


def larger(entry: Entry) -> Entry:
    """Return the entry with one more incumbent."""
    return Entry(entry.performance, entry.m + 1, entry.c, entry.delta)


def _grows() -> Check[Entry]:
    """Gains of concave φ do not fall as m grows."""

    def holds(entry: Entry) -> str | None:
        here, there = gain(entry), gain(larger(entry))
        return None if here <= there else f"Δ = {here}, with one more incumbent {there}"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        if good and (entry.m >= WRITTEN or entry.c != 0):
            return None
        return value(f"{gain_text(entry)} <= {gain_text(larger(entry))}", holds=good, note=str(entry))

    return Check(
        what="brute-force gains for m and m + 1 incumbents",
        scope=f"m ≤ 4, opinions in [-2, 3], {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=lambda: entries(PERFORMANCES, range(1, 5), (0, 1), (1, -1, 2, -2)),
        conclusion=holds,
        hypotheses={CONCAVE: lambda entry: entry.performance.concave_on(*entry.between)},
        part="growth",
        certify=certify,
    )


def tangent_gap(entry: Entry) -> Fraction:
    """Return G = φ(c) + δφ'(c) − φ(c+δ) of a polynomial φ."""
    phi = entry.performance
    assert isinstance(phi, Polynomial)
    slope = sum((j * x * entry.c ** (j - 1) for j, x in enumerate(phi.coefficients) if j), Fraction(0))
    return phi(entry.c) + entry.delta * slope - phi(entry.c + entry.delta)


def _curved() -> Iterator[Curved]:
    for entry, L in product(entries(POLYNOMIALS, range(1, 5), (0, 1), (1, -1, 2)), (2, 1, 12)):
        yield Curved(entry, Fraction(L))


def _tends(share: Fraction = Fraction(1, 2), rate: int = 2, ceiling: Fraction = Fraction(1)) -> Check[Curved]:
    """0 ≤ ceiling·G − Δ ≤ share·L δ² H_{m+1}/(m+1), at most share·L δ² rate/√(m+1)."""

    def missing(case: Curved) -> tuple[Fraction, Fraction, Fraction]:
        entry, number = case.entry, harmonic(case.entry.m + 1)
        most = share * case.L * entry.delta**2
        return ceiling * tangent_gap(entry) - gain(entry), most * Fraction(int(number.p), int(number.q)), most * rate

    def holds(case: Curved) -> str | None:
        (left, first, second), N = missing(case), case.entry.m + 1
        good = 0 <= left <= first / N and left**2 * N <= second**2
        name = "G" if ceiling == 1 else f"{ceiling}·G"
        return None if good else f"{name} − Δ = {left}, the bounds are {first / N} and {second}/√{N}"

    def certify(case: Curved, good: bool) -> Certificate | None:
        if good and (case.entry.m > WRITTEN or case.entry.c != 0):
            return None
        (left, first, second), N = missing(case), case.entry.m + 1
        text = f"{ceiling * tangent_gap(case.entry)} - ({gain_text(case.entry)})"
        if left < 0:
            return value(f"{text} >= 0", holds=good, note=str(case))
        if left > first / N or good:
            return value(f"{text} <= {share}*{case.L}*{case.entry.delta**2}*H({N})/{N}", holds=good, note=str(case))
        return value(f"({text})**2*{N} <= ({second})**2", holds=good, note=f"{case}; squared to be rid of the root")

    return Check(
        what="brute-force gains against the tangent gap",
        scope=f"m ≤ 4, opinions in [-1, 3], {len(POLYNOMIALS)} polynomials, 3 values of L",
        level=Level.EXACT,
        instances=_curved,
        conclusion=holds,
        hypotheses={
            CONCAVE: lambda case: case.entry.performance.concave_on(*case.entry.between),
            CURVED: lambda case: case.bounded,
        },
        part="limit",
        certify=certify,
    )


def _strictly(ceiling: Fraction = Fraction(1)) -> Check[Entry]:
    """Δ(m) < Δ(m+1) < ceiling·δ² for quadratic φ."""

    def holds(entry: Entry) -> str | None:
        here, there = gain(entry), gain(larger(entry))
        most = ceiling * entry.delta**2
        good = here < there < most
        return None if good else f"Δ = {here}, with one more incumbent {there}, the ceiling is {most}"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        if good and (entry.m >= WRITTEN or entry.c != 0):
            return None
        if good or gain(entry) >= gain(larger(entry)):
            return value(f"{gain_text(entry)} < {gain_text(larger(entry))}", holds=good, note=str(entry))
        return value(f"{gain_text(larger(entry))} < {ceiling * entry.delta**2}", note=str(entry))

    return Check(
        what="brute-force gains for m and m + 1 incumbents against δ²",
        scope="m ≤ 5, opinions in [-1, 3], 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, LINEAR, CUBE, SQUARE), range(1, 6), (0, 1), (1, -1, 2, 0)),
        conclusion=holds,
        hypotheses={
            STRICT: lambda entry: entry.performance in QUADRATICS,
            MOVED: lambda entry: entry.delta != 0,
        },
        part="strict",
        certify=certify,
    )


def s10() -> Study:
    """Return the checks of S10."""
    grows, tends, strictly = _grows(), _tends(), _strictly()
    return Study(
        "S10",
        (
            proof("Jensen's inequality for the terms", "all m, c, δ, all concave φ", concave_steps, part="growth"),
            proof("the tangent and H_N ≤ 2√N", "all m, c, δ, L, concave φ with φ'' ≥ −L", limit_steps, part="limit"),
            proof("S1 for m and m + 1", "all m, c, δ ≠ 0, θ and b", strict_steps, part="strict"),
            grows,
            tends,
            strictly,
            _derived(),
        ),
        (
            Mutant("φ need not be concave", grows.dropping(CONCAVE), CONCAVE),
            Mutant("φ may be convex: the limit is reached from above", tends.dropping(CONCAVE), CONCAVE),
            Mutant("φ'' may be below −L", tends.dropping(CURVED), CURVED),
            Mutant("φ need not be quadratic", strictly.dropping(STRICT), STRICT),
            Mutant("δ may be 0", strictly.dropping(MOVED), MOVED),
            Mutant("the limit is G/2", _tends(ceiling=Fraction(1, 2)), "G as the limit"),
            Mutant("1/3 in place of 1/2", _tends(Fraction(1, 3)), "1/2 in (L/2) δ² H_{m+1}/(m+1)"),
            Mutant("H_N ≤ √N, so (L/2) δ²/√(m+1)", _tends(rate=1), "1 in 1·Lδ²/√(m+1)"),
            Mutant("below δ²/2", _strictly(Fraction(1, 2)), "1 in Δ(m+1) < 1·δ² for quadratic φ"),
        ),
    )
