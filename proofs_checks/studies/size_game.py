"""S13: once all agents agree, coalitions differ in size only, and the scale decides.

All members of a coalition of k are interchangeable, so each is paid g(k) φ(c)/k = φ(c) k^{γ−1}.  For γ > 1 the power
x^{γ−1} increases: in any structure but {N} an agent of a smallest coalition, of k, gains by joining one of m ≥ k.  For
γ < 1 it decreases: founding alone gains in every coalition of two or more, and no one alone gains by joining.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

from sympy import Expr

from proofs_checks.certificates import value
from proofs_checks.check import Check, Mutant, Study
from proofs_checks.oracles.dynamics import Move, State, moves
from proofs_checks.steps import proof
from proofs_checks.studies import size_game_steps as steps
from proofs_checks.studies.instances import sizes
from proofs_checks.studies.performances import Performance, polynomial
from proofs_checks.studies.statements import gain_text, largest_text
from proofs_checks.verdict import Certificate, Level

RANGE = "γ in {-1, 0, 1, 2, 3}"


@dataclass(frozen=True)
class PowerScale:
    """g(s) = s^γ + extra for s ≥ 1, with an integer γ so that it is exact; the empty coalition never asks for it."""

    gamma: int
    extra: int = 0

    def __call__(self, s: int) -> Fraction:
        """Return g(s)."""
        return Fraction(s) ** self.gamma + self.extra

    @property
    def formula(self) -> str:
        """g as text."""
        power = f"s**{self.gamma}" if self.gamma >= 0 else f"s**({self.gamma})"
        return power + (f" + {self.extra}" if self.extra else "")


@dataclass(frozen=True)
class Sizes:
    """Coalition sizes, φ(u) = worth + u − u², g and acceptance; the first coalition is at `gap`, the others at 0."""

    sizes: tuple[int, ...]
    worth: int
    scale: PowerScale
    gap: int = 0
    closed: bool = False

    @property
    def performance(self) -> Performance:
        """A performance function with φ(0) = worth that is not constant."""
        return polynomial(f"{self.worth} + u - u^2", self.worth, 1, -1)

    @property
    def state(self) -> State:
        """The state."""
        first, *rest = self.sizes
        return tuple(sorted(((Fraction(self.gap), first), *((Fraction(0), k) for k in rest))))

    @property
    def agents(self) -> int:
        """n."""
        return sum(self.sizes)

    def moves(self) -> list[Move]:
        """Return the accepted moves."""
        every = moves(self.state, self.performance, self.scale)
        return [move for move in every if move.target is None or not self.closed]

    def text(self, move: Move) -> str:
        """Return the gain of a move, as text."""
        return gain_text(move, self.performance.formula, self.scale.formula)

    def __str__(self) -> str:
        first = "" if self.gap == 0 else f", the first at {self.gap}, others at 0"
        rule = ", no coalition accepts entrants" if self.closed else ""
        return f"sizes {self.sizes}{first}, φ(u) = {self.performance.name}, g(s) = {self.scale.formula}{rule}"


@dataclass(frozen=True)
class Said:
    """φ(c) ((m + added)^{γ−less} − k^{γ−less}), and the conditions for stability: what the claim says, or a mutant."""

    added: int = 1
    less: int = 1
    unanimous: int = 1  # {N} is stable iff κ ≥ φ(c) (unanimous − n^{γ−1})
    cost: int = 0  # the cost at which one structure is stable
    above: int = 1  # it is {N} if γ > above, ...
    below: int = 1  # ... and all alone if γ < below

    def gain(self, worth: Fraction, gamma: int, m: int, k: int) -> Fraction:
        """Return the gain of moving from k to join m."""
        power = gamma - self.less
        return worth * (Fraction(m + self.added or 1) ** power - Fraction(k) ** power)  # 0 has no negative powers


Formula = Callable[[Fraction, int, int, int], Fraction]


def derived() -> Formula:
    """Return the gain that `theory` derives, derived once for each γ."""
    known: dict[tuple[int, ...], Expr] = {}

    def formula(worth: Fraction, gamma: int, m: int, k: int) -> Fraction:
        from theory import size_game, symbols

        if (gamma,) not in known:
            known[gamma,] = size_game.size_gain(symbols.s**gamma)
        if (gamma, m, k) not in known:
            known[gamma, m, k] = known[gamma,].subs({symbols.k: k, symbols.m: m}, simultaneous=True)
        return worth * Fraction(str(known[gamma, m, k]))

    return formula


def _structures(largest: int) -> Iterator[Sizes]:
    """Yield structures, those that break a hypothesis among them."""
    for n in range(1, largest + 1):
        for structure, gamma, worth in product(sizes(n), (2, 0, 3, -1, 1), (1, 3, -1)):
            plain = Sizes(structure, worth, PowerScale(gamma))
            yield plain
            if worth == 1 and n <= 3:
                yield from (replace(plain, scale=PowerScale(gamma, 1)), replace(plain, closed=True))
                if len(structure) > 1:
                    yield replace(plain, gap=1)


HYPOTHESES: dict[str, Callable[[Sizes], bool]] = {
    "all agents agree": lambda case: case.gap == 0,
    "g(s) = s^γ for s ≥ 1": lambda case: case.scale.extra == 0,
    "φ(c) > 0 for the conditions": lambda case: case.worth > 0,
    "open acceptance for the conditions": lambda case: not case.closed,
    "n ≥ 2 for the conditions": lambda case: case.agents >= 2,
}


def _gains(formula: Formula, what: str = "every gain by brute force", largest: int = 5) -> Check[Sizes]:
    def wrong(case: Sizes) -> tuple[Move, Fraction] | None:
        for move in moves(case.state, case.performance, case.scale):
            m = move.target[1] if move.target else 0
            claimed = formula(Fraction(case.worth), case.scale.gamma, m, move.source[1])
            if move.gain != claimed:
                return move, claimed
        return None

    def holds(case: Sizes) -> str | None:
        found = wrong(case)
        if found is None:
            return None
        move, claimed = found
        joined = f"join {move.target[1]}" if move.target else "found alone"
        return f"from {move.source[1]} to {joined} gains {move.gain}, not {claimed}"

    def certify(case: Sizes, holds: bool) -> Certificate | None:
        if not holds:
            found = wrong(case)
            return value(f"{case.text(found[0])} == {found[1]}", {}, False, str(case)) if found else None
        differences = [
            f"abs({case.text(move)} - ({formula(Fraction(case.worth), case.scale.gamma, m, move.source[1])}))"
            for move in moves(case.state, case.performance, case.scale)
            for m in (move.target[1] if move.target else 0,)
        ]
        worst = largest_text(differences)
        return value(f"{worst} == 0", {}, True, f"every gain: {case}") if worst else None

    return Check(
        what=what,
        scope=f"n ≤ {largest}, {RANGE}, φ(c) in {{-1, 1, 3}}",
        level=Level.EXACT,
        instances=lambda: _structures(largest),
        conclusion=holds,
        hypotheses=dict(list(HYPOTHESES.items())[:2]),
        part="gain",
        certify=certify,
    )


def _unanimity(said: Said) -> Check[Sizes]:
    def threshold(case: Sizes) -> Fraction:
        return case.worth * (said.unanimous - Fraction(case.agents) ** (case.scale.gamma - 1))

    def holds(case: Sizes) -> str | None:
        largest = max((move.gain for move in case.moves()), default=None)
        if largest == threshold(case):
            return None
        found = "no move, stable at every κ" if largest is None else f"stable iff κ ≥ {largest}"
        return f"{found}, not iff κ ≥ {threshold(case)}"

    def certify(case: Sizes, holds: bool) -> Certificate | None:
        largest = largest_text(case.text(move) for move in case.moves())
        return value(f"{largest} == {threshold(case)}", {}, holds, f"the threshold: {case}") if largest else None

    return Check(
        what="the largest gain in the grand coalition, by brute force",
        scope=f"n ≤ 5, {RANGE}, φ(c) in {{1, 3}}",
        level=Level.EXACT,
        instances=lambda: (case for case in _structures(5) if len(case.sizes) == 1),
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="conditions",
        certify=certify,
    )


def _alone_stable(said: Said) -> Check[Sizes]:
    """At a cost of 0: {N} is the only stable structure for γ > 1, all alone for γ < 1."""

    def expected(case: Sizes) -> bool:
        return len(case.sizes) == (1 if case.scale.gamma > said.above else case.agents)

    def holds(case: Sizes) -> str | None:
        stable = all(move.gain <= said.cost for move in case.moves())
        return None if stable == expected(case) else f"{'' if stable else 'not '}stable at κ = {said.cost}"

    def certify(case: Sizes, holds: bool) -> Certificate | None:
        largest = largest_text(case.text(move) for move in case.moves())
        relation = "<=" if expected(case) else ">"
        note = f"at κ = {said.cost}: {case}"
        return value(f"{largest} {relation} {said.cost}", {}, holds, note) if largest else None

    return Check(
        what="the stable structures at κ = 0, by brute force",
        scope=f"n ≤ 5, {RANGE}, φ(c) in {{1, 3}}",
        level=Level.EXACT,
        instances=lambda: (x for x in _structures(5) if not said.below <= x.scale.gamma <= said.above),
        conclusion=holds,
        hypotheses=HYPOTHESES,
        part="conditions",
        certify=certify,
    )


def s13() -> Study:
    """Return the checks of S13."""
    said = Said()
    gains, unanimity, alone = _gains(said.gain), _unanimity(said), _alone_stable(said)
    every, conditions = "all γ, φ(c), m and k", "all n ≥ 2, γ and φ(c) > 0"
    moved = "1 in m + 1", "1 in γ − 1", "1 before n^{γ−1}"
    first, second, positive, accepted, several = HYPOTHESES
    return Study(
        "S13",
        (
            proof("equal pay by symmetry and efficiency", every, steps.gain_steps, part="gain"),
            proof("the power x^{γ−1} is monotone", conditions, steps.condition_steps, part="conditions"),
            gains,
            _gains(derived(), "the gain of theory.size_game against brute force", 4),
            unanimity,
            alone,
        ),
        (
            Mutant("opinions differ", gains.dropping(first), first),
            Mutant("g(s) = s^γ + 1", gains.dropping(second), second),
            Mutant("φ(c) < 0", alone.dropping(positive), positive),
            Mutant("no coalition accepts entrants", alone.dropping(accepted), accepted),
            Mutant("n = 1", unanimity.dropping(several), several),
            Mutant("m^{γ−1} in place of (m+1)^{γ−1}", _gains(Said(added=0).gain), moved[0]),
            Mutant("γ in place of γ − 1", _gains(Said(less=0).gain), moved[1]),
            Mutant("{N} is stable iff κ ≥ φ(c)(2 − n^{γ−1})", _unanimity(Said(unanimous=2)), moved[2]),
            Mutant("at κ = 1", _alone_stable(Said(cost=1)), "0 as the cost at which one structure is stable"),
            Mutant("for γ = 1 it is {N} too", _alone_stable(Said(above=0)), "1 as the γ above which it is {N}"),
            Mutant("and all alone", _alone_stable(Said(above=1, below=2)), "1 as the γ below which it is all alone"),
            Mutant("γ in the proof", proof("", "", lambda: steps.gain_steps(less=0))),
            Mutant("2 − n^{γ−1} in the proof", proof("", "", lambda: steps.condition_steps(2))),
        ),
    )
