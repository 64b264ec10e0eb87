"""Regimes of the final states of many runs, compiled.

The same decisions as `numerics.moves.regime_of`, numbered as in `numerics.sweeps.quantities.REGIMES`.
"""

import numpy as np
from numba import njit

from numerics.kernels.ties import TIE

STRATEGIC_UNANIMITY, TACTICAL_UNANIMITY, POLARIZATION, SEGREGATION, NONE = range(5)


@njit(cache=True, nogil=True, error_model="numpy")
def regimes(opinions, labels, stopped, start, regime, survived):
    """Fill regime and survived, (runs,), from the final opinions (runs, n, d) and labels (runs, n).

    stopped : (runs,) 0 for a joint equilibrium.  start : (n,) labels that every run starts from.
    """
    n = start.shape[0]
    image = np.empty(n, dtype=np.int64)
    for r in range(labels.shape[0]):
        survived[r] = _is_same_partition(start, labels[r], image)
        if stopped[r] != 0:
            regime[r] = NONE
            continue
        n_coalitions = np.max(labels[r]) + 1
        if n_coalitions == 1:
            regime[r] = STRATEGIC_UNANIMITY
        elif _all_agree(opinions[r]):
            regime[r] = TACTICAL_UNANIMITY
        else:
            regime[r] = POLARIZATION if n_coalitions == 2 else SEGREGATION


@njit(cache=True, nogil=True, error_model="numpy")
def _all_agree(x):
    """`numerics.ties.agree` of every opinion with the first."""
    gap, largest = 0.0, 0.0
    for i in range(x.shape[0]):
        for coordinate in range(x.shape[1]):
            gap = max(gap, abs(x[i, coordinate] - x[0, coordinate]))
            largest = max(largest, abs(x[i, coordinate]))
    return gap <= TIE * largest


@njit(cache=True, nogil=True, error_model="numpy")
def _is_same_partition(a, b, image):
    """Whether two labellings by 0, 1, .. without gaps are of one partition; image : (n,) workspace.

    The coalitions of `a` have one image each, and there are as many: every coalition of `b` is one of them.
    """
    if np.max(a) != np.max(b):
        return False
    image[:] = -1
    for i in range(a.shape[0]):
        if image[a[i]] < 0:
            image[a[i]] = b[i]
        elif image[a[i]] != b[i]:
            return False
    return True
