"""The workbench: a conjecture climbs the ladder of evidence, cheapest rung first, and comes back with its evidence.

A conjecture is refuted by one thing only: a point at which its hypotheses hold and its conclusion fails, in exact
arithmetic.  It is proved by a certificate that can be re-checked, or, one level below, by a decision procedure whose
false twin came back false.  Everything else leaves it open, and the attempts say why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr
from sympy.core.relational import Relational

from proofs_checks.ladder.attempt import Attempt, Certificate
from proofs_checks.ladder.climbing import climb
from proofs_checks.ladder.evaluation import Sentence
from proofs_checks.verdict import Level, Verdict
from theory.declarations import parse_variables
from theory.errors import InputError
from theory.relations import is_bound, parse_relations, tightened

MAX_HYPOTHESES = 40
MAX_SECONDS = 604_800.0


@dataclass(frozen=True)
class Conjecture:
    """What the ladder found about a conjecture.

    Attributes
    ----------
    statement : as it was given, in one line
    verdict : "proved", "refuted" or "open"
    level : how far a proof reaches; `Level.SEARCH` if open, None if refuted
    reason : why it is open; empty otherwise
    scope : the range of the quantifiers
    certificate : of the proof, or of the counterexample; None if open or decided by a solver alone
    counterexample : {name: number} at which the conclusion fails, the simplest found; None unless refuted
    sides : the two sides of the conclusion there
    attempts : every rung that was tried, with its seconds
    """

    statement: str
    verdict: Verdict
    level: Level | None
    reason: str
    scope: str
    certificate: Certificate | None = None
    counterexample: dict[str, Expr] | None = None
    sides: tuple[Expr, Expr] | None = None
    attempts: tuple[Attempt, ...] = field(default=())

    @property
    def seconds(self) -> float:
        """Wall-clock time of all attempts."""
        return sum(attempt.seconds for attempt in self.attempts)

    def text(self) -> str:
        """Return the result in words: statement, verdict, evidence, attempts."""
        said = str(self.verdict)
        if self.verdict is Verdict.PROVED and self.level is not None:
            said += f" ({self.level}): {self.level.meaning}"
        lines = [self.statement, f"  {self.scope}", f"  {said}"]
        if self.reason:
            lines.append(f"  {self.reason}")
        if self.counterexample is not None:
            where = ", ".join(f"{name} = {x}" for name, x in self.counterexample.items())
            lines.append(f"  fails at {where}" + (f": {self.sides[0]} against {self.sides[1]}" if self.sides else ""))
        if self.certificate is not None:
            lines.append(f"  certificate: {_kinds(self.certificate)}")
        lines.append("  attempts")
        for attempt in self.attempts:
            note = f": {attempt.note}" if attempt.note else ""
            lines.append(f"    {attempt.seconds:6.2f} s  {attempt.rung:24} {attempt.outcome}{note}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with exact values as text."""
        point = self.counterexample
        return {
            "statement": self.statement,
            "verdict": str(self.verdict),
            "level": None if self.level is None else str(self.level),
            "reason": self.reason,
            "scope": self.scope,
            "certificate": self.certificate,
            "counterexample": None if point is None else {name: str(x) for name, x in point.items()},
            "sides": None if self.sides is None else [str(x) for x in self.sides],
            "attempts": [attempt.to_dict() for attempt in self.attempts],
        }


def conjecture(
    variables: str | Mapping[str, str],
    hypotheses: Sequence[str | Relational] | str,
    conclusion: str | Relational,
    *,
    seconds: float = 30.0,
    seed: int = 0,
) -> Conjecture:
    """Prove a conjecture, refute it, or say what was tried.

    Parameters
    ----------
    variables : what it quantifies over, as in "x y real, s positive, m integer >= 1", or {name: kind}
    hypotheses : comparisons; text may chain them, as in "0 <= x <= 1"
    conclusion : one comparison, <= < >= > == or !=.  Beside + - * / ** there are abs, min, max, sqrt, H(n) and H(n, p)
        (harmonic numbers), worth("phi", "g", [x, ...]), g(k) φ(mean of k opinions), and paid("phi", "g", [x, ...], i),
        the Shapley value of agent i = 0, 1, ... in a coalition with these opinions
    seconds : time limit of the whole ladder; a rung in progress may exceed it a little
    seed : of the search in floating point

    Returns
    -------
    Conjecture

    Raises
    ------
    InputError
        If something cannot be read; for text it says at which column.

    Notes
    -----
    A point at which some term is undefined (a division by zero, also one that cancels) is outside the range of the
    conjecture.  Certificates are re-checked before they are returned.  Names such as root_x or H_m belong to proofs.
    Typical statements in up to four variables take a second or two.

    Examples
    --------
    >>> found = conjecture("X Y real, s t positive", [], "-(X+Y)**2/(s+t) >= -X**2/s - Y**2/t")
    >>> print(found.verdict, found.level)
    proved proof
    >>> conjecture("x y real", ["x <= y"], "x**2 <= y**2").counterexample
    {'x': -1, 'y': 0}
    """
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds <= MAX_SECONDS:
        raise InputError("seconds", seconds, "is no time limit", "give a positive number of seconds, at most a week")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError("seed", seed, "is no seed", "give a non-negative integer")
    declared = parse_variables(variables)
    if isinstance(hypotheses, (str, Relational)):
        hypotheses = [hypotheses] if hypotheses != "" else []
    advice = f"give a list of at most {MAX_HYPOTHESES} comparisons"
    if not isinstance(hypotheses, Sequence) or isinstance(hypotheses, (bytes, bytearray, memoryview)):
        raise InputError("hypotheses", hypotheses, "is no list of comparisons", advice)
    if len(hypotheses) > MAX_HYPOTHESES:
        raise InputError("hypotheses", hypotheses, f"has {len(hypotheses)} comparisons", advice)
    given = [c for i, h in enumerate(hypotheses) for c in parse_relations(h, declared, f"hypotheses[{i}]")]
    (claim,) = parse_relations(conclusion, declared, "conclusion", chain=False)
    bounded = tightened(declared, given)
    if bounded != declared:  # x > 0 among the hypotheses: a sign that every rung knows how to use
        given = [c for i, h in enumerate(hypotheses) for c in parse_relations(h, bounded, f"hypotheses[{i}]")]
        (claim,) = parse_relations(conclusion, bounded, "conclusion", chain=False)
    domain = dict.fromkeys(c for comparison in (*given, claim) for c in comparison.domain)  # nothing is claimed outside
    if bounded != declared:
        given = [c for c in given if not any(is_bound(c, v) for v in bounded)]
    sentence = Sentence(bounded, [*given, *domain], claim)
    found = climb(sentence, float(seconds), seed)
    hypothesis = "; ".join(dict.fromkeys(str(h) for h in hypotheses))
    return Conjecture(
        statement=f"{hypothesis}  =>  {claim}" if hypothesis else str(claim),
        verdict=found.verdict,
        level=found.level,
        reason=found.reason,
        scope=_scope(sentence),
        certificate=found.certificate,
        counterexample=found.counterexample,
        sides=found.sides,
        attempts=found.attempts,
    )


def _scope(sentence: Sentence) -> str:
    """Return the range of the quantifiers in words."""
    groups: dict[str, list[str]] = {}
    for v in sentence.variables:
        kind = "integer" if v.integer else "real"
        bound = "" if v.least is None else f" {'>' if v.strict else '>='} {v.least}"
        groups.setdefault(f"{kind}|{bound}", []).append(v.name)
    parts = [f"{key.split('|')[0]} {', '.join(names)}{key.split('|')[1]}" for key, names in groups.items()]
    return "for all " + "; ".join(parts) + (" under the hypotheses" if sentence.hypotheses else "")


def _kinds(certificate: Certificate) -> str:
    """Return the kinds of certificates inside one, as "induction (value, combination)"."""
    inside = certificate.get("certificates")
    kind = str(certificate.get("joined", certificate["kind"]))
    return kind if inside is None else f"{kind} ({', '.join(dict.fromkeys(_kinds(c) for c in inside))})"
