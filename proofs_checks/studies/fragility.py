"""S14: how far opinions must change before a move pays, for quadratic performance.

The lower bound is Cauchy-Schwarz, attained along the gap.  Brute force displaces opinions by rational vectors just
shorter and just longer than the radius, lets the coalitions agree again, and looks at the gain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from sympy import Expr, Rational, Symbol, expand, sympify

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.steps import proof
from proofs_checks.studies import fragility_steps as steps
from proofs_checks.studies.fragility_threats import Said, Threat, at_radius, length, pays_already, per_square, wrong
from proofs_checks.studies.performances import QUARTIC, SHIFTED_PARABOLA
from proofs_checks.verdict import Certificate, Level

RANGE = "|C| + |D| ≤ 4, δ in {-1, 0, 1/2, 2}, δ* in {0, 1, 3/2}"
HYPOTHESES: dict[str, Callable[[Threat], bool]] = {
    "φ = b − (u − θ)²": lambda threat: threat.performance is not QUARTIC,
    "κ ≥ 0": lambda threat: threat.cost >= 0,
    "the opinions change before consensus": lambda threat: not threat.late,
}


def _threats() -> Iterator[Threat]:
    """Yield threats with a rational δ*, at gaps below it, at it and above it."""
    for k, m in ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1)):
        gaps = (Fraction(0), Fraction(1, 2), Fraction(-1), Fraction(2))
        for star, delta in product((Fraction(1), Fraction(3, 2), Fraction(0)), gaps):
            cost = per_square(m) * star**2
            yield Threat(k, m, delta, cost)
            if star == 1:
                yield Threat(k, m, delta, cost, SHIFTED_PARABOLA)
                yield Threat(k, m, delta, cost, QUARTIC)
                yield Threat(k, m, delta, cost, late=True)
                yield Threat(k, m, delta, -cost)


def _radius(said: Said, more: tuple[Threat, ...] = ()) -> Check[Threat]:
    def holds(threat: Threat) -> str | None:
        failure = wrong(said, threat)
        return failure.words if failure else None

    def certify(threat: Threat, holds: bool) -> Certificate | None:
        if not holds:
            failure = wrong(said, threat)
            return value(failure.statement, {}, False, f"{threat}: {failure.words}") if failure else None
        squared = said.squared_radius(threat)
        change = None if squared is None else at_radius(threat, squared)
        if squared is None or change is None:
            return None
        relation = ">" if pays_already(threat) else "=="
        note = f"the gain at the radius {length(squared)}, along the gap: {threat}"
        return value(f"{threat.gain_text(change)} {relation} {threat.cost}", {}, True, note)

    return Check(
        what="changes just below the radius, at it and just above, by brute force",
        scope=f"{RANGE}, 2 parabolas, changes in all directions of {{-1, 0, 1}}^n",
        level=Level.EXACT,
        instances=lambda: (*more, *_threats()),
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="attained",
        certify=certify,
    )


def _derived() -> Check[Threat]:
    """The radius of `theory` is the one that is stated."""

    def holds(threat: Threat) -> str | None:
        from theory import lyapunov

        cost, gap = Rational(str(threat.cost)), Rational(str(threat.delta))
        radius = lyapunov.fragility_radius(cost, gap, threat.k, threat.m)
        squared = Said().squared_radius(threat)
        return None if str(expand(radius**2)) == str(squared) else f"theory says {radius}, not √({squared})"

    return Check(
        what="fragility_radius of theory.lyapunov against the radius of the check by brute force",
        scope=RANGE,
        level=Level.EXACT,
        instances=_threats,
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="attained",
    )


def _lagrange() -> Check[tuple[int, int]]:
    """‖a‖²‖e‖² − (a·e)² is a sum of squares, written out."""

    def certified(pair: tuple[int, int]) -> Certificate:
        k, m = pair
        e = [Symbol(f"e{i}", real=True) for i in range(1, k + m + 1)]
        a = [Rational(1, k)] * k + [Rational(-1, m)] * m
        form = sum(x**2 for x in a) * sum(x**2 for x in e) - sum(x * y for x, y in zip(a, e, strict=True)) ** 2
        terms = [a[i] * e[j] - a[j] * e[i] for j in range(k + m) for i in range(j)]
        return {
            "kind": "squares",
            "note": f"Cauchy-Schwarz for |C| = {k}, |D| = {m}: Lagrange's identity",
            "conclusion": str(form),
            "relation": ">= 0",
            "multiplier": "1",
            "signs": {},
            "given": [],
            "terms": [{"weight": "1", "square": str(term), "given": []} for term in terms],
        }

    def holds(pair: tuple[int, int]) -> str | None:
        found = certified(pair)
        rest = sympify(found["conclusion"]) - sum(sympify(term["square"]) ** 2 for term in found["terms"])
        return None if expand(rest) == 0 else f"the squares miss {expand(rest)}"

    return Check(
        what="Cauchy-Schwarz as a sum of squares",
        scope="all changes, |C| + |D| ≤ 4",
        level=Level.SYMBOLIC,
        instances=lambda: ((1, 1), (1, 2), (2, 1), (2, 2), (3, 1)),
        conclusion=holds,
        show=lambda pair: f"|C| = {pair[0]}, |D| = {pair[1]}",
        part="lower bound",
        certify=lambda pair, holds: certified(pair) if holds else None,
    )


def s14() -> Study:
    """Return the checks of S14."""
    radius = _radius(Said())
    quadratic, cost, early = HYPOTHESES
    half = Threat(1, 1, Fraction(0), Fraction(1, 2))  # δ* is not rational here, that of the mutant is
    scope = "all |C|, |D|, δ, κ ≥ 0, θ and b, all changes of opinions"

    def difference(left: Expr, joined: Expr) -> Expr:
        return 1 / left - 1 / joined

    return Study(
        "S14",
        (
            proof("no shorter change, by Cauchy-Schwarz", scope, steps.lower_steps, "lower bound"),
            proof("the change along the gap", scope, steps.attained_steps, "attained"),
            radius,
            _derived(),
            _lagrange(),
        ),
        (
            Mutant("φ = −u⁴", radius.dropping(quadratic), quadratic),
            Mutant("κ < 0", radius.dropping(cost), cost),
            Mutant("the opinions change after consensus", radius.dropping(early), early),
            Mutant("H_m", _radius(Said(last=0), (half,)), "m + 1 in H_{m+1}"),
            Mutant("δ* = κ/(1 − H_{m+1}/(m+1))", _radius(Said(root_of_cost=False)), "the root in δ*"),
            Mutant("the norm without the root", _radius(Said(root_of_norm=False)), "the root of 1/|C| + 1/|D|"),
            Mutant("1/|C| − 1/|D|", _radius(Said(sign=-1)), "+ in 1/|C| + 1/|D|"),
            Mutant("δ in place of |δ|", _radius(Said(absolute=False)), "|δ| without its sign"),
            Mutant("|δ* − |δ|| in place of 0", _radius(Said(clipped=False)), "0 if |δ| > δ*"),
            Mutant(
                "the move pays at that distance",
                _radius(Said(pays_there=True)),
                "κ as the largest gain at that distance",
            ),
            Mutant("1/|C| − 1/|D| in the proof", proof("", "", lambda: steps.lower_steps(difference))),
            Mutant("1/|C| − 1/|D| along the gap", proof("", "", lambda: steps.attained_steps(difference))),
        ),
    )
