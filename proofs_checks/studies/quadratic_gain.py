"""S1: the gain under quadratic performance depends on the gap and on the number of incumbents only.

What the entrant adds sums to ``(m+1) φ(c) − 2(m+1)(c−θ)δ − δ² H_{m+1}``, by induction on m; V5 makes the mean of it its
payoff, and V4 what it was paid before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Integer, Symbol, expand, harmonic

from proofs_checks.certificates import combination, value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.entry_gains import SCALES, formula_text, formula_value, gain, gain_text, paid_text, witnessed
from proofs_checks.studies.gain_terms import AFTER, AT_C, AT_ENTRANT, AT_MEAN, BEFORE, GAIN, founding_step, stay_step
from proofs_checks.studies.instances import Entry, entries
from proofs_checks.studies.performances import CUBE, LINEAR, QUADRATICS, TENT
from proofs_checks.verdict import Certificate, Level

QUADRATIC = "φ = b − (u − θ)²"
LARGEST = 6
Formula = Callable[[Expr, Expr, Expr], Expr]

m = Symbol("m", integer=True, nonnegative=True)  # the induction starts before 0 incumbents
H = Symbol("H", positive=True)  # stands for H_{m+1}
NEXT = Symbol("H'", positive=True)  # stands for H_{m+2}
b, theta, c, delta = (Symbol(name, real=True) for name in ("b", "theta", "c", "delta"))
ADDED, LONGER, MORE = (Symbol(name, real=True) for name in ("sum", "longer sum", "added"))


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

    found = gains.gain(symbols.b - (symbols.u - symbols.theta) ** 2, symbols.s)
    return found.subs({symbols.m: incumbents, symbols.delta: gap}, simultaneous=True).doit()


def quadratic(symbol: Symbol, at: Expr, multiplier: Expr | int) -> Given:
    """Return the hypothesis at one point: the symbol is φ(at) = b − (at − θ)²."""
    return Given(f"φ is quadratic: its value at {at}", symbol - performance(at), "= 0", multiplier)


def steps(formula: Formula = stated) -> Iterator[Step]:
    """Yield the induction over the incumbents, the payoff before the move, the gain, and that of founding."""
    total = (m + 1) * performance(c) - 2 * (m + 1) * (c - theta) * delta - delta**2 * H
    start = total.xreplace({m: Integer(0), H: Integer(1)})
    yield Step(
        "before 0 incumbents it adds (m+1)φ(c) − 2(m+1)(c−θ)δ − δ²H_{m+1}, m = 0",
        AT_ENTRANT - start,
        given=(quadratic(AT_ENTRANT, c + delta, 1),),
    )
    longer = total.xreplace({m: m + 1, H: NEXT})
    yield Step(
        "if so for m, then for m + 1",
        LONGER - longer,
        given=(
            Given("longer sum = sum + what it adds behind m + 1", LONGER - ADDED - MORE),
            Given("induction", ADDED - total),
            Given("it adds (m+2) φ(c + δ/(m+2)) − (m+1) φ(c)", MORE - (m + 2) * AT_MEAN + (m + 1) * AT_C),
            Given("H_{m+2} = H_{m+1} + 1/(m+2)", NEXT - H - 1 / (m + 2), "= 0", delta**2),
            quadratic(AT_MEAN, c + delta / (m + 2), m + 2),
            quadratic(AT_C, c, -(m + 1)),
        ),
    )
    yield stay_step()
    found = total.xreplace({H: harmonic(m + 1)})
    yield Step(
        "the gain",
        GAIN - formula(delta, m, H),
        given=(
            Given("Δ = paid after − paid before", GAIN - AFTER + BEFORE),
            Given("V5: (m+1)(paid after) = the sum", (m + 1) * AFTER - ADDED, "= 0", 1 / (m + 1)),
            Given("the sum, by induction", ADDED - total, "= 0", 1 / (m + 1)),
            Given("V4: before it was paid φ(c+δ)", BEFORE - AT_ENTRANT, "= 0", -1),
            quadratic(AT_ENTRANT, c + delta, -1),
        ),
        bound={
            GAIN: found / (m + 1) - performance(c + delta),
            AFTER: found / (m + 1),
            ADDED: found,
            BEFORE: performance(c + delta),
            AT_ENTRANT: performance(c + delta),
            H: harmonic(m + 1),
        },
    )
    yield founding_step()


@dataclass(frozen=True)
class Sizes:
    """m incumbents, and k agents in the coalition that is left."""

    m: int
    k: int

    @property
    def agents(self) -> int:
        """The agents of both coalitions."""
        return self.m + self.k

    def __str__(self) -> str:
        return f"m = {self.m}, |C| = {self.k}"


def _matches(formula: Formula, what: str, largest: int = LARGEST) -> Check[Sizes]:
    """The formula against brute force, in symbols."""

    def sides(sizes: Sizes) -> tuple[Expr, Expr]:
        after = aumann_dreze((c + delta,) + (c,) * sizes.m, 0, performance)
        before = aumann_dreze((c + delta,) * sizes.k, 0, performance)
        return after, before + formula(delta, Integer(sizes.m), harmonic(sizes.m + 1))

    def holds(sizes: Sizes) -> str | None:
        after, expected = sides(sizes)
        gap = expand(after - expected)
        return None if gap == 0 else f"brute force minus formula is {gap}"

    def certify(sizes: Sizes, good: bool) -> Certificate | None:
        if not good or sizes.k > 1:
            return None
        after, expected = sides(sizes)
        note = f"what the entrant is paid by brute force, minus what it was paid before and the formula, {sizes}"
        return combination(after, "= 0", note=note, right=expected)

    return Check(
        what=what,
        scope=f"all c, δ, θ and b, m ≤ {largest}, |C| ≤ 3",
        level=Level.SYMBOLIC,
        instances=lambda: (Sizes(incumbents, k) for incumbents in range(1, largest + 1) for k in (1, 2, 3)),
        conclusion=holds,
        certify=certify,
    )


def _states(formula: Formula = stated) -> Check[Entry]:
    """The formula against brute force, on numbers, and on performance functions that are not quadratic."""

    def holds(entry: Entry) -> str | None:
        found, expected = gain(entry), formula_value(formula, entry)
        return None if found == expected else f"Δ = {found}, the formula says {expected}"

    def certify(entry: Entry, good: bool) -> Certificate | None:
        return witnessed(entry, f"{gain_text(entry)} == {formula_text(formula, entry)}", good)

    return Check(
        what="the closed form against brute force, on numbers",
        scope="m ≤ 4, c in {0, 1, -1}, δ in {1, -1, 2}, 3 parabolas",
        level=Level.EXACT,
        instances=lambda: entries((*QUADRATICS, LINEAR, CUBE, TENT), range(1, 5), (0, 1, -1), (1, -1, 2)),
        conclusion=holds,
        hypotheses={QUADRATIC: lambda entry: entry.performance in QUADRATICS},
        certify=certify,
    )


def _founding(scale: str = "s", surplus: int = 0) -> Check[int]:
    """Founding alone by brute force, against the gain 0 that the claim states."""

    def sides(k: int) -> tuple[Expr, Expr]:
        alone = aumann_dreze((c + delta,), 0, performance, SCALES[scale])
        return alone, aumann_dreze((c + delta,) * k, 0, performance, SCALES[scale])

    def holds(k: int) -> str | None:
        alone, before = sides(k)
        gap = expand(alone - before)
        return None if gap == surplus else f"founding gains {gap}"

    def certify(k: int, good: bool) -> Certificate | None:
        if good:
            alone, among = sides(k)
            return combination(alone, "= 0", note=f"founding alone, by brute force, |C| = {k}", right=among)
        before = paid_text("-u**2", [Fraction(1)] * k, 0, scale)
        return value(f"{paid_text('-u**2', [Fraction(1)], 0, scale)} - {before} == {surplus}", note="founding alone")

    return Check(
        what="founding alone, by brute force",
        scope="all c, δ, θ and b, |C| ≤ 6",
        level=Level.SYMBOLIC,
        instances=lambda: range(2, 7),
        conclusion=holds,
        show=lambda k: f"|C| = {k}",
        certify=certify,
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


def s1() -> Study:
    """Return the checks of S1."""
    exact = _states()

    def mutant(description: str, formula: Formula, target: str) -> Mutant:
        return Mutant(description, _states(formula), target)

    return Study(
        "S1",
        (
            proof("induction over the incumbents", "all m, |C|, c, δ, θ and b", steps),
            _matches(stated, "the closed form against brute force"),
            exact,
            _matches(derived, "the gain of theory.gain against brute force", 4),
            _founding(),
            _derived_founding(),
        ),
        (
            Mutant("φ need not be quadratic", exact.dropping(QUADRATIC), QUADRATIC),
            mutant("δ⁴ in place of δ²", lambda d, i, h: stated(d**2, i, h), "the exponent 2 of δ"),
            mutant("|δ| in place of δ²", lambda d, i, h: stated(d, i, h) / abs(d), "the exponent 2 of δ"),
            mutant("H_m in place of H_{m+1}", lambda d, i, h: stated(d, i, h - 1 / (i + 1)), "the index m + 1 of H"),
            mutant("1 − H_{m+1}/m", lambda d, i, h: d**2 * (1 - h / i), "the denominator m + 1"),
            mutant("2 − H_{m+1}/(m+1)", lambda d, i, h: stated(d, i, h) + d**2, "1 in 1 − H_{m+1}/(m+1)"),
            mutant("the opposite sign", lambda d, i, h: -stated(d, i, h), "the sign of Δ"),
            Mutant("founding alone gains 1", _founding(surplus=1), "0 for founding"),
            Mutant("founding under the scale s²", _founding("s**2"), "0 for founding"),
            Mutant("H_m in the proof", proof("", "", lambda: steps(lambda d, i, h: stated(d, i, h - 1 / (i + 1))))),
        ),
    )
