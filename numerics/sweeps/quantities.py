"""What a sweep keeps of every run: names, types, units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from numerics.moves import NOT_AN_EQUILIBRIUM
from theory.errors import InputError

# by the number that `numerics.kernels.regimes` gives them
REGIMES = ("strategic unanimity", "tactical unanimity", "polarization", "segregation", NOT_AN_EQUILIBRIUM)


@dataclass(frozen=True)
class Quantity:
    """One number for each run: its type in memory and on disk, its unit, and what it is in words."""

    dtype: np.dtype
    units: str
    long_name: str


QUANTITIES = {
    "regime": Quantity(np.dtype(np.int8), "1", "regime in which the run ends"),
    "moves": Quantity(np.dtype(np.int64), "count", "moves made"),
    "steps": Quantity(np.dtype(np.int64), "count", "slow steps"),
    "n_coalitions": Quantity(np.dtype(np.int32), "count", "coalitions at the end"),
    "spread": Quantity(np.dtype(np.float64), "opinion", "spread at the end, max x - min x"),
    "disagreement": Quantity(np.dtype(np.float64), "opinion^2", "disagreement at the end, V = sum of |x_i - mean|^2"),
    "surplus": Quantity(np.dtype(np.float64), "value", "surplus at the end, W = sum of coalition values"),
    "survived": Quantity(np.dtype(np.bool_), "1", "whether the structure at the end is the one at the start"),
}


def chosen(quantities: object) -> tuple[str, ...]:
    """Return the quantities asked for, in the order of `QUANTITIES`; all if none are named.

    Examples
    --------
    >>> chosen(["moves", "regime"])
    ('regime', 'moves')
    """
    if quantities is None:
        return tuple(QUANTITIES)
    if isinstance(quantities, str) or not isinstance(quantities, Sequence):
        raise InputError("quantities", quantities, "is not a list of names", 'give a list such as ["regime", "moves"]')
    for i, name in enumerate(quantities):
        if not isinstance(name, str) or name not in QUANTITIES:
            raise InputError(f"quantities[{i}]", name, "is not a quantity", f"use {', '.join(QUANTITIES)}")
    return tuple(name for name in QUANTITIES if name in quantities)
