"""Ties: the one rule that decides whether a gain beats a cost.

At unanimity every gain is 0 in theory and ±1e-17 in floating point, so ``gain > cost`` needs a tolerance,
and every part of the project uses this one:

    a move is profitable  ⟺  Δ > κ + tol,
    an incumbent accepts  ⟺  its gain ≥ α - tol,
    members agree         ⟺  |x_i - c_C| ≤ 2⁻⁴⁶ max|x|,

    tol = 2⁻⁴⁶ · (the least power of two above max( max_s |g(s)| · M, |κ| )),
    M   = max over the range of the opinions of  |φ|(u) + max|x| |φ'(u)|.

Here |φ|(u) is φ with every sum replaced by the sum of absolute values: rounding errors of a payoff are a
few units in the last place of max|g|·M, whichever formula computed it, and 2⁻⁴⁶ is 64 such units (a test,
`tests/numerics/test_ties.py`, measures how much of that the formulas use).  The power of two makes the
tolerance insensitive to the last digits of M.  For a polynomial M is a closed expression, otherwise a
maximum over the opinions (with stubborn agents, the innate ones as well), the consensus of the coalitions, and 33
points of the range.  Where φ' is infinite,
as for √|u| at 0, the rounding of an opinion is magnified without bound, and no tolerance covers it.  For vectors the
maximum is taken over the opinions, the points halfway between neighbours in the list, and the consensus.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from numerics.consensus import consensus_of_coalitions
from numerics.kernels import ties as kernel
from numerics.model import Model
from numerics.opinions import concrete_opinions
from numerics.partitions import Structure, labels_of

TIE = kernel.TIE


def tie_tolerance(model: Model, structure: Structure | None = None) -> float:
    """Return the tolerance of comparisons of gains at the model's current opinions, in units of payoff.

    Without a structure, the consensus of its coalitions is left out; for a polynomial that changes nothing.

    Examples
    --------
    >>> tie_tolerance(Model(opinions=[0.0, 1.0], performance="-u**2")) < 1e-12
    True
    """
    d = model.dimension
    x = np.array(concrete_opinions(model)).reshape(-1, d)
    if model.is_stubborn:
        x = np.concatenate([x, model.innate.reshape(-1, d)])
    phi = model.compiled
    consensus = np.empty((0, d))
    if structure is not None:
        consensus = consensus_of_coalitions(model, labels_of(structure, model.n_agents)).reshape(-1, d)
    return float(kernel.tolerance(x, consensus, phi.coefficients, phi.centre, model.tie_arrays()))


def agree(x: NDArray[np.float64], consensus: NDArray[np.float64]) -> bool:
    """Whether every opinion equals the consensus of its coalition, up to the tolerance."""
    return bool(np.max(np.abs(x - consensus)) <= TIE * np.max(np.abs(x)))
