"""S8: the critical cost of a structure, for quadratic performance.

A structure is stable against single moves at κ iff no accepted gain exceeds κ.  By S1 the gain from C to D
depends on the gap and on |D| only, and founding alone gains 0, which no join falls below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from sympy import Expr, Integer, Rational, Symbol, harmonic

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.dynamics import Acceptance, Move, State, moves, open_to_all
from proofs_checks.steps import Given, Step, proof
from proofs_checks.studies.instances import state_text, states
from proofs_checks.studies.performances import PARABOLA, QUADRATICS, QUARTIC, Performance
from proofs_checks.studies.statements import gain_text, largest_text
from proofs_checks.verdict import Certificate, Level

RULES: dict[str, Acceptance] = {
    "open": open_to_all,
    "coalitions of one only": lambda move: move.target is None or move.target[1] == 1,
}


@dataclass(frozen=True)
class Term:
    """δ^power (one − H_N/N) with N = |D| + extra: what a move from C to D is said to gain.

    As δ² is the same for both directions, |C| in place of |D| would have the same maximum; the smaller one has not.
    """

    power: int = 2
    one: int = 1
    extra: int = 1
    smaller: bool = False
    grand: Fraction = Fraction(0)
    strictly: bool = False  # stable only above κ*

    def factor(self, k: Expr, m: Expr, H: Callable[[Expr], Expr]) -> Expr:
        """Return what multiplies the power of δ."""
        N = (min(k, m) if self.smaller else m) + self.extra
        return self.one - H(N) / N

    def largest(self, state: State) -> Fraction:
        """Return the maximum over C ≠ D, and what is said of the grand coalition."""
        if len(state) == 1:
            return self.grand
        best = Fraction(0)
        for (a, (x, k)), (b, (y, m)) in product(enumerate(state), repeat=2):
            if a != b:
                best = max(best, abs(x - y) ** self.power * self.factor(k, m, _harmonic))
        return best


@dataclass(frozen=True)
class Case:
    """A tactical equilibrium and an acceptance rule."""

    state: State
    performance: Performance = PARABOLA
    rule: str = "open"

    @property
    def agents(self) -> int:
        """n."""
        return sum(size for _, size in self.state)

    def moves(self) -> list[Move]:
        """Return the accepted moves."""
        return [move for move in moves(self.state, self.performance) if RULES[self.rule](move)]

    def __str__(self) -> str:
        return f"{self.performance}, acceptance {self.rule}, {state_text(self.state)}"


def steps(term: Term | None = None) -> Iterator[Step]:
    """Yield that gains are what S1 says, none below 0, and the two directions of stability at κ*."""
    term = term or Term()
    m, k = (Symbol(name, integer=True, positive=True) for name in ("m", "k"))
    H, delta, kappa = Symbol("H", positive=True), Symbol("delta", real=True), Symbol("kappa", real=True)
    gain, alone = Symbol("Δ", real=True), Symbol("Δ founding", real=True)
    critical = Symbol("κ*", real=True)
    true, said = delta**2 * (1 - H / (m + 1)), delta**term.power * term.factor(k, m, lambda N: _symbolic(N, m, H))
    bound = {H: harmonic(m + 1), gain: true, alone: Integer(0), critical: said}
    s1 = Given("S1: the gain of joining m incumbents at the gap δ", gain - true)
    founding = Given("S1: founding alone gains 0", alone)
    floor = Given("H_{m+1} ≤ m + 1, by the induction above", m + 1 - H, ">= 0", delta**2 / (m + 1))
    maximum = Given("κ* is the maximum: no term exceeds it", critical - said, ">= 0")
    attained = Given("κ* is attained, by the move from C to D", critical - said)
    enough, short = Given("κ ≥ κ*", kappa - critical, ">= 0"), Given("κ < κ*", critical - kappa, "> 0")
    yield Step("H_2 ≤ 2", 2 - harmonic(2), ">= 0")
    hypothesis = Given("induction: H_{m+1} ≤ m + 1", m + 1 - H, ">= 0")
    yield Step("H_{m+2} ≤ m + 2", m + 2 - (H + 1 / (m + 2)), ">= 0", {H: harmonic(m + 1)}, (hypothesis,))
    yield Step("no join loses", gain, ">= 0", bound, (s1, floor))
    no_loss = Given("the gain of every join is ≥ 0", true, ">= 0")
    yield Step("two coalitions: κ* ≥ 0", critical, ">= 0", bound, (maximum, no_loss))
    joins = _times(s1, -1), maximum, enough
    yield Step("κ ≥ κ*: no join gains more than κ", kappa - gain, ">= 0", bound, joins)
    above = Given("κ* ≥ 0", critical, ">= 0")
    yield Step("nor does founding alone", kappa - alone, ">= 0", bound, (_times(founding, -1), above, enough))
    yield Step("κ < κ*: the move that attains κ* pays", gain - kappa, "> 0", bound, (s1, _times(attained, -1), short))
    grand = Symbol("κ* of the grand coalition", real=True)
    only = {alone: Integer(0), grand: Rational(term.grand)}
    named = Given("it is said to be", grand - Rational(term.grand))
    at, below = Given("κ ≥ κ*", kappa - grand, ">= 0"), Given("κ < κ*", grand - kappa, "> 0")
    text = "the grand coalition of n ≥ 2 has one move, founding: it does not pay at κ ≥ κ*"
    yield Step(text, kappa - alone, ">= 0", only, (_times(founding, -1), named, at))
    text = "the grand coalition of n ≥ 2: founding pays at κ < κ*"
    yield Step(text, alone - kappa, "> 0", only, (founding, _times(named, -1), below))


def _times(given: Given, multiplier: int) -> Given:
    return Given(given.name, given.expression, given.relation, multiplier)


def _symbolic(N: Expr, m: Expr, H: Expr) -> Expr:
    """Return H_N, in H = H_{m+1} where N is m + 1."""
    return H if m + 1 == N else harmonic(N)


def _harmonic(N: int) -> Fraction:
    return sum((Fraction(1, j) for j in range(1, N + 1)), Fraction(0))


def _cases(agents: tuple[int, ...] = (1, 2, 3, 4)) -> Iterator[Case]:
    for state in states(agents, (0, 1, 3)):
        for performance, rule in ((PARABOLA, "open"), (QUADRATICS[1], "open"), (QUARTIC, "open"), (PARABOLA, "one")):
            yield Case(state, performance, "coalitions of one only" if rule == "one" else rule)


def _critical(term: Term | None = None) -> Check[Case]:
    said = term or Term()

    def holds(case: Case) -> str | None:
        largest, claimed = max((move.gain for move in case.moves()), default=None), said.largest(case.state)
        if said.strictly:
            if largest is not None and largest <= claimed:
                return f"stable at κ = {claimed}, where no accepted gain exceeds κ"
        elif largest != claimed:
            found = "there is no move" if largest is None else f"the largest accepted gain is {largest}"
            return f"{found}, κ* is said to be {claimed}"
        return None

    def certify(case: Case, holds: bool) -> Certificate | None:
        largest = largest_text(gain_text(move, case.performance.formula) for move in case.moves())
        if largest is None:
            return None
        relation = ">" if said.strictly else "=="
        note = "the largest gain of an accepted move, and the critical cost as stated"
        return value(f"{largest} {relation} {said.largest(case.state)}", {}, holds, f"{case}: {note}")

    return Check(
        what="the critical cost, every move by brute force",
        scope="n ≤ 4, consensus in {0, 1, 3}, 2 parabolas",
        level=Level.EXACT,
        instances=_cases,
        conclusion=holds,
        hypotheses={
            "φ = b − (u − θ)²": lambda case: case.performance is not QUARTIC,
            "open acceptance": lambda case: case.rule == "open",
            "n ≥ 2": lambda case: case.agents >= 2,
        },
        certify=certify,
    )


def derived(state: State) -> Fraction:
    """Return the critical cost that `theory` derives."""
    from theory import gain as gains
    from theory import symbols

    consensus = [Rational(str(c)) for c, _ in state]
    found = gains.structure_critical_cost(consensus, [size for _, size in state], -(symbols.u**2), symbols.s)
    return Fraction(str(found))


def _derived_check() -> Check[Case]:
    def holds(case: Case) -> str | None:
        largest, claimed = max(move.gain for move in case.moves()), derived(case.state)
        return None if largest == claimed else f"the largest gain is {largest}, theory says {claimed}"

    return Check(
        what="structure_critical_cost of theory.gain against brute force",
        scope="n ≤ 4, consensus in {0, 1, 3}, φ = -u²",
        level=Level.EXACT,
        instances=lambda: (Case(state) for state in states((2, 3, 4), (0, 1, 3))),
        conclusion=holds,
    )


def s8() -> Study:
    """Return the checks of S8."""
    exact = _critical()
    scope = "all n ≥ 2, all structures, consensus values, θ and b"
    changes = (
        ("|δ| in place of δ²", "2 in δ²", Term(power=1)),
        ("2 − H/(|D|+1)", "1 before the harmonic number", Term(one=2)),
        ("the smaller of |C| and |D|", "|D| for all C ≠ D", Term(smaller=True)),
        ("H_{|D|}/|D|", "1 in |D| + 1", Term(extra=0)),
        ("1/8 for the grand coalition", "0 for the grand coalition", Term(grand=Fraction(1, 8))),
        ("stable only if κ > κ*", "≥ in κ ≥ κ*", Term(strictly=True)),
    )
    return Study(
        "S8",
        (proof("every gain by S1, founding 0", scope, steps), exact, _derived_check()),
        (
            *(Mutant(f"without: {name}", exact.dropping(name), name) for name in exact.hypotheses),
            *(Mutant(description, _critical(term), target) for description, target, term in changes),
            Mutant("|δ| in the proof", proof("", "", lambda: steps(Term(power=1)))),
            Mutant(
                "1/8 for the grand coalition in the proof", proof("", "", lambda: steps(Term(grand=Fraction(1, 8))))
            ),
        ),
    )
