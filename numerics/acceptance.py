"""Acceptance: when the members of a coalition let an agent in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from theory.errors import InputError


@dataclass(frozen=True)
class Open:
    """Everybody is let in."""


@dataclass(frozen=True)
class Unanimous:
    """An agent is let in if every member gains at least `threshold` from it."""

    threshold: float = 0.0

    def __post_init__(self) -> None:
        value = self.threshold
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not math.isfinite(value):
            raise InputError("acceptance.threshold", value, "is not a finite number", "give a number such as 0.01")
        object.__setattr__(self, "threshold", float(value))


Acceptance = Open | Unanimous


def open_acceptance() -> Open:
    """Return open acceptance: every agent may join every coalition."""
    return Open()


def unanimous(threshold: float = 0.0) -> Unanimous:
    """Return unanimous acceptance: AD_j(D∪i) - AD_j(D) ≥ α = `threshold` for all j ∈ D."""
    return Unanimous(threshold)
