"""Joining: an agent of any weight joins incumbents of any weights, by brute force and as text.

Uniform influence is the case in which all weights are 1; its text uses `paid`, that of other weights is the sum over
the coalitions written out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from proofs_checks.oracles.games import weights as chances
from proofs_checks.oracles.weighted import Scale, payoff, scatter
from proofs_checks.studies.entry_gains import paid_text
from proofs_checks.studies.instances import text
from proofs_checks.studies.performances import Performance
from proofs_checks.studies.written import number

Numbers = tuple[Fraction, ...]
SCALES: dict[str, Scale] = {"a(S)": sum, "|S|": len}


@dataclass(frozen=True)
class Joining:
    """An agent of opinion c + δ leaves companions that agree with it, and joins incumbents that agree on c.

    `weights` are those of the entrant and of the incumbents, `companions` those of the agents that it leaves, L is said
    to bound φ'' from below by −L.  The scale is a(S) in the model.
    """

    performance: Performance
    weights: Numbers
    c: Fraction
    delta: Fraction
    L: Fraction = Fraction(0)
    companions: Numbers = ()
    scale: str = "a(S)"

    @property
    def agents(self) -> int:
        """The agents of both coalitions."""
        return len(self.weights) + len(self.companions)

    @property
    def incumbents(self) -> Fraction:
        """A, the weight of the incumbents."""
        return sum(self.weights[1:], Fraction(0))

    @property
    def bounded(self) -> bool:
        """Whether φ'' ≥ −L between the two opinions."""
        curvature = self.performance.curvature(min(self.c, self.entrant), max(self.c, self.entrant))
        return curvature is not None and curvature[0] >= -self.L

    @property
    def entrant(self) -> Fraction:
        """c + δ."""
        return self.c + self.delta

    @property
    def after(self) -> Numbers:
        """The opinions in the new coalition, before its consensus."""
        return (self.entrant, *(self.c for _ in self.weights[1:]))

    def gain(self) -> Fraction:
        """Return what the entrant gains."""
        left = (self.weights[0], *self.companions)
        scale = SCALES[self.scale]
        before = payoff(left, (self.entrant,) * len(left), 0, self.performance, scale)
        return Fraction(payoff(self.weights, self.after, 0, self.performance, scale) - before)

    def removed(self) -> Fraction:
        """Return V before minus V after the move, from the opinions."""
        everyone = self.weights + self.companions
        stay = (self.entrant,) * len(self.companions)
        return scatter(everyone, self.after + stay) - scatter(everyone, self.merged + stay)

    @property
    def merged(self) -> Numbers:
        """The opinions in the new coalition once it agrees."""
        mean = (self.weights[0] * self.entrant + self.incumbents * self.c) / sum(self.weights)
        return (mean,) * len(self.weights)

    def gain_text(self) -> str:
        """Return the text of `gain`; companions do not matter to it, and are left out."""
        formula = self.performance.formula
        if set(self.weights) == {1}:
            return f"{paid_text(formula, self.after, 0)} - {paid_text(formula, (self.entrant,), 0)}"
        after = weighted_paid_text(formula, self.weights, self.after, self.scale)
        return f"{after} - ({weighted_paid_text(formula, self.weights[:1], (self.entrant,), self.scale)})"

    def removed_text(self) -> str:
        """Return the text of `removed` without companions: they keep their opinions, and x̄ is kept."""
        return f"{scatter_text(self.weights, self.after)} - ({scatter_text(self.weights, self.merged)})"

    def __str__(self) -> str:
        who = f"m = {len(self.weights) - 1}"
        if set(self.weights) != {1}:
            who = f"weight {self.weights[0]} joins weights {text(self.weights[1:])}"
        left = f", leaves {len(self.companions)}" if self.companions else ""
        curvature = f", L = {self.L}" if self.L else ""
        scale = "" if self.scale == "a(S)" else f", scale {self.scale}"
        return f"{self.performance}, {who}{left}, c = {self.c}, δ = {self.delta}{curvature}{scale}"


def mean_text(weights: Sequence[Fraction], opinions: Sequence[Fraction]) -> str:
    """Return Σ a x / Σ a as text, in parentheses."""
    total = " + ".join(f"{number(a)}*{number(x)}" for a, x in zip(weights, opinions, strict=True))
    return f"(({total})/({' + '.join(number(a) for a in weights)}))"


def weighted_paid_text(formula: str, weights: Numbers, opinions: Numbers, scale: str = "a(S)") -> str:
    """Return what the first agent is paid, the Shapley value of scale(S) φ(consensus of S), written out.

    Examples
    --------
    >>> one = Fraction(1)
    >>> weighted_paid_text("-u**2", (one, 2 * one), (one, 0 * one))
    '1/2*(1)*(-((1*1)/(1))**2) + 1/2*((1 + 2)*(-((1*1 + 2*0)/(1 + 2))**2) - (2)*(-((2*0)/(2))**2))'
    """

    def worth(S: int) -> str:
        a, x = (tuple(v for j, v in enumerate(vector) if S >> j & 1) for vector in (weights, opinions))
        at = re.sub(r"\bu\b", lambda _: mean_text(a, x), formula)
        size = " + ".join(number(v) for v in a) if scale == "a(S)" else str(len(a))
        return f"({size})*({at})"

    k = len(weights)
    terms = [f"{chances(k)[0]}*{worth(1)}"]
    for S in range(2, 1 << k, 2):
        terms.append(f"{chances(k)[S.bit_count()]}*({worth(S | 1)} - {worth(S)})")
    return " + ".join(terms)


def scatter_text(weights: Sequence[Fraction], opinions: Sequence[Fraction]) -> str:
    """Return Σ a (x − x̄)² as text."""
    mean = mean_text(weights, opinions)
    return " + ".join(f"{number(a)}*({x} - {mean})**2" for a, x in zip(weights, opinions, strict=True))
