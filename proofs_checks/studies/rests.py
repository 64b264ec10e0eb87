"""Rests: tactical equilibria with a switching cost and an acceptance rule, and their moves by brute force.

The text of a certificate recomputes the gain of every move from the definitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs_checks.certificates import value
from proofs_checks.oracles.dynamics import Acceptance, Move, State, admissible, moves, open_to_all, unanimous
from proofs_checks.studies.entry_gains import incumbent_text
from proofs_checks.studies.instances import Entry, state_text
from proofs_checks.studies.performances import Performance
from proofs_checks.studies.statements import gain_text, largest_text
from proofs_checks.verdict import Certificate

RULES: dict[str, Acceptance] = {
    "open": open_to_all,
    "unanimous, each must gain 10": unanimous(Fraction(10)),
    "coalitions of one only": lambda move: move.target is None or move.target[1] == 1,
}
EXTREMES = ("open", "unanimous, each must gain 10")


@dataclass(frozen=True)
class Rest:
    """A tactical equilibrium with a cost, a curvature bound ℓ and an acceptance rule."""

    performance: Performance
    state: State
    cost: Fraction
    rule: str = "open"
    ell: Fraction = Fraction(0)

    @property
    def interval(self) -> tuple[Fraction, Fraction]:
        """The interval of the opinions."""
        return self.state[0][0], self.state[-1][0]

    @property
    def agents(self) -> int:
        """n."""
        return sum(size for _, size in self.state)

    def moves(self) -> list[Move]:
        """Return the admissible moves."""
        return admissible(self.state, self.cost, self.performance, accepts=RULES[self.rule])

    def __str__(self) -> str:
        ell = f", ℓ = {self.ell}" if self.ell else ""
        return f"{self.performance}{ell}, κ = {self.cost}, acceptance {self.rule}, {state_text(self.state)}"


def largest_gain_text(rest: Rest) -> str | None:
    """Return the text of the largest gain of any move, accepted or not; None if there is no move."""
    return largest_text(gain_text(move, rest.performance.formula) for move in moves(rest.state, rest.performance))


def largest_gain_witness(rest: Rest, comparison: str, holds: bool) -> Certificate | None:
    """Return the certificate that "largest gain, comparison", such as ``> 1/8``, is true or false.

    Of a rest where it is true only the small ones are written.  One agent has no move, so there is nothing to write.
    """
    if holds and rest.agents > 2:
        return None
    gains = largest_gain_text(rest)
    return None if gains is None else value(f"{gains} {comparison}", holds=holds, note=str(rest))


def refusal_witness(rest: Rest, threshold: Fraction) -> Certificate | None:
    """Return the certificate that the incumbents of some target do not gain the threshold."""
    for move in moves(rest.state, rest.performance):
        if move.target is not None:
            entry = Entry(rest.performance, move.target[1], move.target[0], move.gap)
            return value(f"{incumbent_text(entry)} >= {threshold}", note=f"would be accepted: {rest}")
    return None
