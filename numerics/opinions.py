"""Opinions that are drawn afresh for each run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from theory.errors import InputError

if TYPE_CHECKING:
    from numerics.model import Model


@dataclass(frozen=True)
class Normal:
    """Independent normal opinions, drawn afresh for each run.

    Attributes
    ----------
    agents : number of agents, at least 1.
    mean, sd : of each opinion; sd > 0.
    """

    agents: int
    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        if isinstance(self.agents, bool) or not isinstance(self.agents, (int, np.integer)) or self.agents < 1:
            raise InputError(
                "opinions.agents", self.agents, "is not a number of agents", "give an integer of at least 1"
            )
        for name in ("mean", "sd"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not math.isfinite(value):
                raise InputError(f"opinions.{name}", value, "is not a finite number", "give a number such as 1.0")
        if self.sd <= 0:
            raise InputError("opinions.sd", self.sd, "is not positive", "give a standard deviation above 0")
        object.__setattr__(self, "agents", int(self.agents))


def normal(agents: int, mean: float = 0.0, sd: float = 1.0) -> Normal:
    """Return opinions x_i ~ N(mean, sd²), independent, drawn afresh for each run.

    Examples
    --------
    >>> normal(10)
    Normal(agents=10, mean=0.0, sd=1.0)
    """
    return Normal(agents, mean, sd)


def concrete_opinions(model: Model) -> NDArray[np.float64]:
    """Return the model's opinions, or say that they have not been drawn."""
    if isinstance(model.opinions, Normal):
        raise InputError(
            "opinions",
            model.opinions,
            "are drawn afresh for each run",
            "evaluate one run's opinions: model.replace(opinions=run.opinions) or model.drawn(seed=0)",
        )
    return model.opinions
