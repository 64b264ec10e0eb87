"""Opinions that are drawn afresh for each run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.validation import MAX_AGENTS, MAX_SIZE, integer, number
from theory.errors import InputError

if TYPE_CHECKING:
    from numerics.model import Model

MAX_DIMENSION = 64
MAX_MOMENT = MAX_SIZE / 100  # a draw of a hundred standard deviations does not happen


@dataclass(frozen=True)
class Normal:
    """Independent normal opinions, drawn afresh for each run.

    Attributes
    ----------
    agents : number of agents, at least 1.
    mean, sd : of each opinion; sd > 0.
    dimension : number of coordinates of an opinion.
    """

    agents: int
    mean: float = 0.0
    sd: float = 1.0
    dimension: int = 1

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "agents", integer(self.agents, "opinions.agents", "agents", 1, MAX_AGENTS))
        put(self, "dimension", integer(self.dimension, "opinions.dimension", "coordinates", 1, MAX_DIMENSION))
        for name in ("mean", "sd"):
            field = f"opinions.{name}"
            value = number(getattr(self, name), field)
            if abs(value) > MAX_MOMENT:
                raise InputError(field, value, "is too large", f"keep below {MAX_MOMENT:g}")
            put(self, name, value)
        if self.sd <= 0:
            raise InputError("opinions.sd", self.sd, "is not positive", "give a standard deviation above 0")


def normal(agents: int, mean: float = 0.0, sd: float = 1.0, dimension: int = 1) -> Normal:
    """Return opinions x_i ~ N(mean, sd²), independent (as are coordinates), drawn afresh for each run.

    Examples
    --------
    >>> normal(10)
    Normal(agents=10, mean=0.0, sd=1.0, dimension=1)
    """
    return Normal(agents, mean, sd, dimension)


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
