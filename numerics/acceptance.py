"""Acceptance: when the members of a coalition let an agent in."""

from __future__ import annotations

from dataclasses import dataclass

from numerics.validation import number


@dataclass(frozen=True)
class Open:
    """Everybody is let in."""


@dataclass(frozen=True)
class Unanimous:
    """An agent is let in if every member gains at least `threshold` from it."""

    threshold: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "threshold", number(self.threshold, "acceptance.threshold"))


Acceptance = Open | Unanimous


def unanimous(threshold: float = 0.0) -> Unanimous:
    """Return unanimous acceptance: AD_j(D∪i) - AD_j(D) ≥ α = `threshold` for all j ∈ D."""
    return Unanimous(threshold)
