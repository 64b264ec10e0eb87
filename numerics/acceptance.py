"""Acceptance: when the members of a coalition let an agent in.

With G_j = AD_j(D∪i) - AD_j(D), what incumbent j gains from the entrant i:

| rule | i may join D if |
|---|---|
| open | always |
| unanimous | every G_j ≥ α |
| majority | more than half of the G_j are ≥ α |
| aggregate | Σ_j G_j ≥ α \\|D\\| |
| bounded confidence | \\|x_i - c_D\\| ≤ r (the Euclidean distance) |
| capacity | \\|D\\| < the capacity |
| adaptive | one of these, its threshold an expression in what has happened so far |

Nobody is asked when an agent founds a coalition of its own.  Rules are data: a code, a threshold, and for adaptive
rules a small program that the kernels run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sympy import Expr

from numerics.adaptation import check_adaptation
from numerics.expressions import FloatArray, IntArray, Program, compile_threshold
from numerics.kernels import codes
from numerics.validation import integer, number
from theory.errors import InputError

_FIELD = "acceptance.threshold"


@dataclass(frozen=True)
class Open:
    """Everybody is let in."""

    code = codes.OPEN
    threshold = 0.0
    parameter = None  # the name of the number in the rule, if there is one


@dataclass(frozen=True)
class _AskingMembers:
    """A rule about what the members gain from the entrant, each compared with `threshold`, α."""

    threshold: float = 0.0
    parameter = _FIELD

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", number(self.threshold, _FIELD))


@dataclass(frozen=True)
class Unanimous(_AskingMembers):
    """An agent is let in if every member gains at least `threshold` from it."""

    code = codes.UNANIMOUS


@dataclass(frozen=True)
class Majority(_AskingMembers):
    """An agent is let in if more than half of the members gain at least `threshold` from it."""

    code = codes.MAJORITY


@dataclass(frozen=True)
class Aggregate(_AskingMembers):
    """An agent is let in if the members gain at least `threshold` from it on average."""

    code = codes.AGGREGATE


@dataclass(frozen=True)
class BoundedConfidence:
    """An agent is let in if its opinion is within `radius` of the coalition's consensus."""

    radius: float
    code = codes.BOUNDED_CONFIDENCE
    parameter = "acceptance.radius"

    def __post_init__(self) -> None:
        radius = number(self.radius, self.parameter, "give a distance such as 0.5")
        if radius < 0:
            raise InputError(self.parameter, self.radius, "is negative", "give a distance such as 0.5")
        object.__setattr__(self, "radius", radius)

    @property
    def threshold(self) -> float:
        """The radius, as kernels read it."""
        return self.radius


@dataclass(frozen=True)
class Capacity:
    """An agent is let in while the coalition has fewer than `members` members."""

    members: int
    code = codes.CAPACITY
    parameter = "acceptance.members"

    def __post_init__(self) -> None:
        object.__setattr__(self, "members", integer(self.members, self.parameter, "members", 1))

    @property
    def threshold(self) -> float:
        """The capacity, as kernels read it."""
        return float(self.members)


_ADAPTIVE = {
    "unanimous": codes.UNANIMOUS, "majority": codes.MAJORITY, "aggregate": codes.AGGREGATE,
    "bounded confidence": codes.BOUNDED_CONFIDENCE, "capacity": codes.CAPACITY,
}  # fmt: skip


@dataclass(frozen=True)
class Adaptive:
    """A rule whose threshold (α, r or capacity) depends on what has happened so far.

    Attributes
    ----------
    rule : "unanimous", "majority", "aggregate", "bounded confidence" or "capacity".
    threshold : expression in ``entries`` and ``exits`` of the coalition since the run began or it was founded,
        ``moves`` of all agents, ``steps`` (slow steps so far) and ``s``, the size of the coalition.
    memory : factor in [0, 1] by which entries, exits and moves shrink before each slow step; 1 forgets nothing.
    """

    rule: str
    threshold: Expr
    memory: float = 1.0
    code: int = field(init=False, repr=False)
    parameter = None  # an expression is no number

    def __post_init__(self) -> None:
        put = object.__setattr__
        name = self.rule[:40].replace("_", " ").replace("-", " ").lower() if isinstance(self.rule, str) else None
        if name not in _ADAPTIVE:
            known = ", ".join(map(repr, _ADAPTIVE))
            raise InputError("acceptance.rule", self.rule, "is not a rule that adapts", f"use one of {known}")
        put(self, "rule", name)
        put(self, "code", _ADAPTIVE[name])
        threshold, memory = check_adaptation(self.threshold, self.memory, _FIELD, "acceptance.memory")
        put(self, "threshold", threshold)
        put(self, "memory", memory)

    @property
    def program(self) -> Program:
        """The threshold, compiled."""
        return compile_threshold(self.threshold)


Acceptance = Open | Unanimous | Majority | Aggregate | BoundedConfidence | Capacity | Adaptive


def rule_arrays(acceptance: Acceptance) -> tuple[int, float, IntArray, FloatArray, float]:
    """Return the rule as kernels take it: code, threshold, program (no instructions unless adaptive), memory."""
    if isinstance(acceptance, Adaptive):
        program = acceptance.program
        return acceptance.code, 0.0, program.code, program.registers.copy(), acceptance.memory
    return acceptance.code, acceptance.threshold, np.empty((0, 3), dtype=np.int64), np.empty(0), 1.0


def unanimous(threshold: float = 0.0) -> Unanimous:
    """Return unanimous acceptance: AD_j(D∪i) - AD_j(D) ≥ α = `threshold` for all j ∈ D."""
    return Unanimous(threshold)


def majority(threshold: float = 0.0) -> Majority:
    """Return majority acceptance: AD_j(D∪i) - AD_j(D) ≥ α = `threshold` for more than half of D."""
    return Majority(threshold)


def aggregate(threshold: float = 0.0) -> Aggregate:
    """Return aggregate acceptance: Σ_{j∈D} AD_j(D∪i) - AD_j(D) ≥ α|D|, α = `threshold`."""
    return Aggregate(threshold)


def bounded_confidence(radius: float) -> BoundedConfidence:
    """Return acceptance of opinions near the coalition's own: |x_i - c_D| ≤ r = `radius`."""
    return BoundedConfidence(radius)


def capacity(members: int) -> Capacity:
    """Return acceptance up to a size: |D ∪ i| ≤ `members`."""
    return Capacity(members)


def adaptive(rule: str, threshold: str | float | Expr, memory: float = 1.0) -> Adaptive:
    """Return a rule whose threshold depends on what has happened so far; see `Adaptive`.

    Examples
    --------
    A coalition that asks more of each entrant after every entry, and forgets half of it in a step:

    >>> adaptive("unanimous", "0.01*(1 + entries)", memory=0.5)
    Adaptive(rule='unanimous', threshold=entries/100 + 1/100, memory=0.5)
    """
    return Adaptive(rule, threshold, memory)
