"""S2, S11: the sign of every gain follows from the shape of φ by Jensen's inequality, term by term.

With s incumbents before it, the entrant adds (s+1) φ(c + δ/(s+1)) − s φ(c) and used to be paid φ(c+δ); the
consensus c + δ/(s+1) is the mean of s times c and once c + δ.  Founding alone gains 0 for every φ, as equal members
share equally.  So with convex φ no gain is above 0, and no structure has an admissible move at a cost κ ≥ 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from sympy import Rational, Symbol

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.entry_gains import SCALES, gain, gain_text, paid_text, witnessed
from proofs_checks.studies.gain_terms import GAIN, founding_step, jensen, s, sign_steps, stay_step, term
from proofs_checks.studies.instances import Entry, entries, states
from proofs_checks.studies.performances import CUBE, DOUBLE_WELL, PERFORMANCES, QUARTIC, STEEP, Performance, Polynomial
from proofs_checks.studies.rests import Rest, largest_gain_witness
from proofs_checks.verdict import Certificate, Level

CONCAVE, CONVEX = "φ is concave between c and c + δ, for Δ ≥ 0", "φ is convex between c and c + δ, for Δ ≤ 0"


def _signed(sign: int, least: Fraction = Fraction(0), scale: str = "s") -> Check[Entry]:
    """Brute-force gains: at least `least` for concave φ (sign 1), at most that for convex φ (−1)."""

    def holds(entry: Entry) -> str | None:
        found = gain(entry, 2, scale)
        return None if sign * (found - least) >= 0 else f"Δ = {found}"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        return witnessed(entry, f"{gain_text(entry, 2, scale)} {'>=' if sign > 0 else '<='} {least}", good)

    def shaped(entry: Entry) -> bool:
        on = entry.performance.concave_on if sign > 0 else entry.performance.convex_on
        return on(*entry.between)

    return Check(
        what="the brute-force gain of an entrant",
        scope=f"m ≤ 4, c in {{-1, 0, 1}}, |δ| in {{1, 2}}, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=lambda: entries(PERFORMANCES, range(1, 5)),
        conclusion=holds,
        hypotheses={CONCAVE if sign > 0 else CONVEX: shaped},
        part="concave" if sign > 0 else "convex",
        certify=certify,
    )


@dataclass(frozen=True)
class Founding:
    """An agent of opinion c leaves k − 1 agents that agree with it, and is alone."""

    performance: Performance
    k: int
    c: Fraction

    @property
    def agents(self) -> int:
        """k."""
        return self.k

    def __str__(self) -> str:
        return f"{self.performance}, |C| = {self.k}, c = {self.c}"


def _founding(stated: Fraction = Fraction(0), scale: str = "s") -> Check[Founding]:
    """Founding alone by brute force, for every φ."""

    def holds(case: Founding) -> str | None:
        alone, before = (aumann_dreze((case.c,) * k, 0, case.performance, SCALES[scale]) for k in (1, case.k))
        return None if alone - before == stated else f"founding gains {alone - before}"

    def certify(case: Founding, good: bool) -> Certificate | None:
        if good and (case.k > 2 or case.c != 1):
            return None
        alone, before = (paid_text(case.performance.formula, [case.c] * k, 0, scale) for k in (1, case.k))
        return value(f"{alone} - {before} == {stated}", holds=good, note=str(case))

    return Check(
        what="the brute-force gain of founding alone",
        scope=f"|C| ≤ 4, c in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=lambda: (
            Founding(performance, k, Fraction(c)) for k, performance, c in product((2, 3, 4), PERFORMANCES, (0, 1, -1))
        ),
        conclusion=holds,
        part="founding",
        certify=certify,
    )


def founding_steps() -> Iterator[Step]:
    """Yield that founding alone gains 0, whatever φ."""
    yield stay_step()
    yield founding_step()


def _derived() -> Check[Entry]:
    """The general two-type gain of `theory` against brute force, on polynomials."""

    def holds(entry: Entry) -> str | None:
        from theory import gain as gains
        from theory import symbols

        assert isinstance(entry.performance, Polynomial)
        phi = sum(Rational(str(x)) * symbols.u**j for j, x in enumerate(entry.performance.coefficients))
        found = gains.gain(phi, symbols.s, entry.m)
        point = {symbols.c: Rational(str(entry.c)), symbols.delta: Rational(str(entry.delta))}
        difference = found.subs(point).doit() - Rational(str(gain(entry)))
        return None if difference == 0 else f"theory minus brute force is {difference}"

    return Check(
        what="the gain of theory.gain against brute force",
        scope="four polynomials, m ≤ 3, c in {0, 1}, δ in {1, -2}",
        level=Level.EXACT,
        instances=lambda: entries((CUBE, QUARTIC, STEEP, DOUBLE_WELL), range(1, 4), (0, 1), (1, -2)),
        conclusion=holds,
        part="concave",
    )


def s2() -> Study:
    """Return the checks of S2."""
    concave, convex = _signed(1), _signed(-1)
    least, largest = "0 as the least gain of concave φ", "0 as the largest gain of convex φ"
    words = "Jensen's inequality for each term, and their mean"
    return Study(
        "S2",
        (
            proof(words, "all m, |C|, c, δ, all concave φ", lambda: sign_steps(1), part="concave"),
            proof(words, "all m, |C|, c, δ, all convex φ", lambda: sign_steps(-1), part="convex"),
            proof("equal members share equally", "all |C|, c, δ, all φ", founding_steps, part="founding"),
            concave,
            convex,
            _founding(),
            _derived(),
        ),
        (
            Mutant("φ need not be concave", concave.dropping(CONCAVE), CONCAVE),
            Mutant("φ need not be convex", convex.dropping(CONVEX), CONVEX),
            Mutant("concave φ: Δ ≥ 1/8", _signed(1, Fraction(1, 8)), least),
            Mutant("convex φ: Δ ≤ −1/8", _signed(-1, Fraction(-1, 8)), largest),
            Mutant(
                "Δ ≥ 0 for convex φ", replace(convex, conclusion=concave.conclusion, certify=concave.certify), CONCAVE
            ),
            Mutant("founding alone gains 1", _founding(Fraction(1)), "0 for founding"),
            Mutant("founding alone under the scale s²", _founding(scale="s**2"), "0 for founding"),
            Mutant("scale s² in place of s", _signed(1, scale="s**2")),
            Mutant("Jensen the other way in the proof", proof("", "", _reversed)),
        ),
    )


def _reversed() -> Iterator[Step]:
    """Yield the step that a term is ≥ 0, from Jensen's inequality for convex φ."""
    yield Step("each term is ≥ 0 for convex φ", term(s), ">= 0", given=(jensen(s, 1, -1),))


def stable_steps() -> Iterator[Step]:
    """Yield S2 for convex φ, and that no gain is above a cost κ ≥ 0."""
    yield from sign_steps(-1)
    kappa = Symbol("kappa", real=True)
    yield Step(
        "no move pays: κ − Δ ≥ 0",
        kappa - GAIN,
        ">= 0",
        given=(Given("S2, or founding: Δ ≤ 0", -GAIN, ">= 0"), Given("the hypothesis κ ≥ 0", kappa, ">= 0")),
    )


def _rests() -> Iterator[Rest]:
    for state in states((1, 2, 3, 4), (0, 1, -1)):
        for performance, cost in product(PERFORMANCES, (Fraction(0), Fraction(1, 4), Fraction(-1, 8))):
            yield Rest(performance, state, cost)


def _stable(least: Fraction = Fraction(0)) -> Check[Rest]:
    """No move of a gain above κ, for κ ≥ `least`."""

    def no_move(rest: Rest) -> str | None:
        found = rest.moves()
        return f"a move gains {max(move.gain for move in found)}" if found else None

    return Check(
        what="every move of every structure, by brute force",
        scope=f"n ≤ 4, consensus in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=_rests,
        conclusion=no_move,
        hypotheses={
            "φ is convex": lambda rest: rest.performance.convex_on(*rest.interval),
            "κ ≥ 0": lambda rest: rest.cost >= least,
        },
        certify=lambda rest, good: largest_gain_witness(rest, f"<= {rest.cost}", good),
    )


def s11() -> Study:
    """Return the checks of S11."""
    exact = _stable()
    scope = "all n, all convex φ, all κ ≥ 0, all structures and acceptance rules"
    return Study(
        "S11",
        (proof("S2, move by move", scope, stable_steps), exact),
        (
            Mutant("φ need not be convex", exact.dropping("φ is convex"), "φ is convex"),
            Mutant("κ may be negative", exact.dropping("κ ≥ 0"), "κ ≥ 0"),
            Mutant("κ ≥ −1/4 is enough", _stable(Fraction(-1, 4)), "0 as the largest gain"),
        ),
    )
