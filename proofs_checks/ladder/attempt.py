"""What one rung of the ladder made of a statement: proved, refuted, or why it gave up."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

from sympy import Rational

from proofs_checks.recheck import check
from theory.errors import InputError

Outcome = Literal["proved", "refuted", "gave up"]
Certificate = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """One attempt at a statement: (outcome, evidence), where evidence is a certificate, a point, or a reason.

    Attributes
    ----------
    rung : the method, such as "sums of squares".
    outcome : "proved", "refuted" or "gave up".
    certificate : plain data that can be re-checked without the program that found it; None unless proved by one.
    counterexample : {name: value} at which the hypotheses hold and the conclusion fails; None unless refuted.
    seconds : wall-clock time.
    note : why the rung gave up, or what else is to be known; a time limit says the seconds.
    tools : {name: version} of the solvers that took part.

    Raises
    ------
    InputError
        If the outcome is none of the three, "refuted" has no counterexample, or "gave up" no reason.

    Examples
    --------
    >>> Attempt("sums of squares", "gave up", note="no certificate up to degree 6").proved
    False
    """

    rung: str
    outcome: Outcome
    certificate: Certificate | None = None
    counterexample: dict[str, Rational] | None = None
    seconds: float = 0.0
    note: str = ""
    tools: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.outcome not in ("proved", "refuted", "gave up"):
            raise InputError("outcome", self.outcome, "is unknown", 'use "proved", "refuted" or "gave up"')
        if self.outcome == "refuted" and self.counterexample is None:
            raise InputError("counterexample", None, "refutes nothing", "give the point at which the statement fails")
        if self.outcome == "gave up" and not self.note:
            raise InputError("note", self.note, "does not say why", "say why the rung gave up")

    @property
    def proved(self) -> bool:
        """Whether the statement was proved."""
        return self.outcome == "proved"

    @property
    def refuted(self) -> bool:
        """Whether a counterexample was found."""
        return self.outcome == "refuted"

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, with exact values as text."""
        point = self.counterexample
        return {
            "rung": self.rung,
            "outcome": self.outcome,
            "certificate": self.certificate,
            "counterexample": None if point is None else {name: str(value) for name, value in point.items()},
            "seconds": self.seconds,
            "note": self.note,
            "tools": dict(self.tools),
        }


def rejected(certificate: Certificate | None) -> str:
    """Return why the stand-alone checker rejects a certificate, as it is written to a file; empty if it holds.

    Examples
    --------
    >>> rejected({"kind": "value", "statement": "x >= 1", "at": {"x": "0"}, "expected": True})
    'ValueError: the comparison is not as expected'
    """
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 20_000))  # a sum of n terms nests n deep
    try:
        check(json.loads(json.dumps(certificate)))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, SyntaxError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        sys.setrecursionlimit(limit)
    return ""
