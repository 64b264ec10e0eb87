"""Influence: who listens to whom inside a coalition.

| family | W_C | consensus of S |
|---|---|---|
| uniform | 11ᵀ/k | mean of x_S, in one step |
| lazy, rate ε | (1-ε)I + ε 11ᵀ/k | mean of x_S, deviations decay as (1-ε)^t |
| weighted | 1 a_Cᵀ/a(C) | Σ a_j x_j / a(S), in one step |

Each is described by two things: the weights of the consensus, and the factor by which one tactical step
shrinks the deviations from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.validation import MAX_WEIGHT, number, vector
from theory.errors import InputError


@dataclass(frozen=True)
class Uniform:
    """Every member listens to every member equally."""

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 0, consensus at once."""
        return 0.0


@dataclass(frozen=True)
class Lazy:
    """Every member moves the fraction `rate` of the way to the mean of its coalition."""

    rate: float

    def __post_init__(self) -> None:
        rate = number(self.rate, "influence.rate", "give a rate such as 0.5")
        if not 0 < rate <= 1:
            raise InputError("influence.rate", self.rate, "is not in (0, 1]", "give a rate such as 0.5")
        object.__setattr__(self, "rate", rate)

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 1 - rate."""
        return 1.0 - self.rate


@dataclass(frozen=True, eq=False)
class Weighted:
    """Every member listens to member j in proportion to its weight a_j > 0."""

    weights: NDArray[np.float64]

    def __post_init__(self) -> None:
        weights = vector(self.weights, "influence.weights", "give one positive number per agent", MAX_WEIGHT)
        for i in np.flatnonzero(weights < 1 / MAX_WEIGHT):
            advice = f"give a weight from {1 / MAX_WEIGHT:g} to {MAX_WEIGHT:g}"
            raise InputError(f"influence.weights[{i}]", float(weights[i]), "is not positive", advice)
        object.__setattr__(self, "weights", weights)

    @property
    def contraction(self) -> float:
        """Factor of the deviations in one tactical step: 0, consensus at once."""
        return 0.0


Influence = Uniform | Lazy | Weighted


def lazy(rate: float) -> Lazy:
    """Return lazy uniform influence W_S = (1-ε)I + ε 11ᵀ/|S| with ε = `rate` in (0, 1]."""
    return Lazy(rate)


def weighted(weights: Sequence[float] | NDArray[np.float64]) -> Weighted:
    """Return rank-one influence: everyone listens to agent j with weight a_j > 0; consensus Σ a_j x_j / a(S)."""
    return Weighted(weights)  # type: ignore[arg-type]  # made an array when validated
