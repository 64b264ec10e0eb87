"""S2, S11: the sign of every gain follows from the shape of φ by Jensen's inequality, term by term.

With s incumbents before it, the entrant adds (s+1) φ(c + δ/(s+1)) − s φ(c) and used to be paid φ(c+δ); the
consensus c + δ/(s+1) is the mean of s times c and once c + δ.  Founding alone gains 0.  So with convex φ no gain
is above 0, and no structure has an admissible move at a cost κ ≥ 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Symbol

from proofs_checks.check import Check, Mutant, Study
from proofs_checks.instances import Entry, entries, state_text, states
from proofs_checks.oracles.dynamics import Move, State, admissible
from proofs_checks.oracles.games import aumann_dreze
from proofs_checks.performances import PERFORMANCES, Performance
from proofs_checks.steps import Step, proof
from proofs_checks.verdict import Level


def steps(size: Callable[[Symbol], Symbol] = lambda s: s) -> Iterator[Step]:
    """Yield the Jensen bracket of each term of the gain, for any φ and any m."""
    s = Symbol("s", integer=True, nonnegative=True)
    c, delta = Symbol("c", real=True), Symbol("delta", real=True)
    at_c, at_entrant, at_mean = (Symbol(name, real=True) for name in ("φ(c)", "φ(c+δ)", "φ(c+δ/(s+1))"))
    share = s / (s + 1)
    yield Step(
        "s incumbents and the entrant agree on share·c + (1−share)(c+δ)",
        c + delta / (s + 1) - share * c - (1 - share) * (c + delta),
    )
    yield Step("share ≥ 0", share, ">= 0")
    yield Step("share < 1", 1 - share, "> 0")
    term = size(s + 1) * at_mean - size(s) * at_c - at_entrant
    yield Step(
        "each term of (m+1)Δ is (s+1) times Jensen's bracket: ≥ 0 for concave φ, ≤ 0 for convex φ",
        term - (s + 1) * (at_mean - share * at_c - (1 - share) * at_entrant),
    )
    yield Step("founding alone gains φ(c+δ) − φ(c+δ)", at_entrant - ((s + 1) * at_entrant - s * at_entrant))


def gain(entry: Entry, scale: Callable[[int], int] = lambda s: s) -> Fraction:
    """Return the entrant's gain by brute force; it leaves a coalition of two that agrees with it."""
    entrant = entry.c + entry.delta
    after = aumann_dreze((entrant,) + (entry.c,) * entry.m, 0, entry.performance, scale)
    return Fraction(after - aumann_dreze((entrant, entrant), 0, entry.performance, scale))


def _signed(sign: int, scale: Callable[[int], int] = lambda s: s) -> Check[Entry]:
    shape = "concave" if sign > 0 else "convex"

    def holds(entry: Entry) -> str | None:
        value = gain(entry, scale)
        return None if sign * value >= 0 else f"Δ = {value}"

    def shaped(entry: Entry) -> bool:
        on = entry.performance.concave_on if sign > 0 else entry.performance.convex_on
        return on(*entry.between)

    return Check(
        what="the brute-force gain of an entrant",
        scope=f"m ≤ 4, c in {{-1, 0, 1}}, |δ| in {{1, 2}}, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=lambda: entries(PERFORMANCES, range(1, 5)),
        conclusion=holds,
        hypotheses={f"φ is {shape}": shaped},
        part=shape,
    )


def _derived() -> Check[Entry]:
    """The general two-type gain of `theory` against brute force, on polynomials."""
    from sympy import Rational

    from proofs_checks.performances import CUBE, DOUBLE_WELL, QUARTIC, STEEP, Polynomial

    def holds(entry: Entry) -> str | None:
        from theory import gain as gains
        from theory import symbols

        assert isinstance(entry.performance, Polynomial)
        phi = sum(Rational(str(x)) * symbols.u**j for j, x in enumerate(entry.performance.coefficients))
        value = gains.gain(phi, symbols.s, entry.m)
        point = {symbols.c: Rational(str(entry.c)), symbols.delta: Rational(str(entry.delta))}
        difference = value.subs(point).doit() - Rational(str(gain(entry)))
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
    return Study(
        "S2",
        (
            proof("Jensen's inequality, term by term", "all m, all concave φ", steps, part="concave"),
            proof("Jensen's inequality, term by term", "all m, all convex φ", steps, part="convex"),
            concave,
            convex,
            _derived(),
        ),
        (
            Mutant("φ need not be concave", concave.dropping("φ is concave")),
            Mutant("φ need not be convex", convex.dropping("φ is convex")),
            Mutant("scale s² in place of s", _signed(1, lambda s: s * s)),
            Mutant("Δ ≥ 0 for convex φ", convex.concluding(concave.conclusion)),
            Mutant("scale s² in the proof", proof("", "", lambda: steps(lambda s: s**2))),
        ),
    )


@dataclass(frozen=True)
class Situation:
    """A tactical equilibrium with a switching cost."""

    performance: Performance
    state: State
    cost: Fraction

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """The interval of the opinions."""
        return self.state[0][0], self.state[-1][0]

    def moves(self) -> list[Move]:
        """Return the admissible moves under open acceptance."""
        return admissible(self.state, self.cost, self.performance)

    def __str__(self) -> str:
        return f"{self.performance}, κ = {self.cost}, {state_text(self.state)}"


def _situations() -> Iterator[Situation]:
    costs = (Fraction(0), Fraction(1, 4), Fraction(-1, 8))
    for state in states((1, 2, 3, 4), (0, 1, -1)):
        for performance, cost in product(PERFORMANCES, costs):
            yield Situation(performance, state, cost)


def s11() -> Study:
    """Return the checks of S11."""

    def no_move(situation: Situation) -> str | None:
        found = situation.moves()
        return f"a move gains {found[0].gain}" if found else None

    exact = Check(
        what="every move of every structure, by brute force",
        scope=f"n ≤ 4, consensus in {{-1, 0, 1}}, {len(PERFORMANCES)} performance functions",
        level=Level.EXACT,
        instances=_situations,
        conclusion=no_move,
        hypotheses={
            "φ is convex": lambda x: x.performance.convex_on(*x.interval),
            "κ ≥ 0": lambda x: x.cost >= 0,
        },
    )
    return Study(
        "S11",
        (proof("Jensen's inequality, term by term", "all n, all convex φ, all κ ≥ 0, all structures", steps), exact),
        (
            Mutant("φ need not be convex", exact.dropping("φ is convex")),
            Mutant("κ may be negative", exact.dropping("κ ≥ 0")),
            Mutant("scale s² in the proof", proof("", "", lambda: steps(lambda s: s**2))),
        ),
    )
