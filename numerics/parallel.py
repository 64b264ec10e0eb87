"""Parts of a loop on threads of their own: each writes its own results, so that any number gives the same bits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MIN_WORK = 100_000  # units of work that are worth a thread


def shares_of(work: NDArray[np.int64], threads: int) -> list[tuple[int, int]]:
    """Cut a loop into ranges of about equal work, one for each thread, or fewer where there is little to do.

    Parameters
    ----------
    work : (m+1,) work before each of the m turns, and in all.
    threads : number of threads at most.

    Examples
    --------
    >>> shares_of(np.array([0, 300_000, 400_000, 500_000, 600_000]), 2)
    [(0, 1), (1, 4)]
    """
    threads = min(threads, max(1, int(work[-1]) // MIN_WORK))
    cuts = np.searchsorted(work, np.linspace(0, int(work[-1]), threads + 1)[1:-1])
    ends = [0, *cuts.tolist(), len(work) - 1]
    return list(pairwise(ends))


def on_threads(part: Callable[..., None], parts: list[tuple[int, int]], *rest: object) -> None:
    """Call ``part(first, last, *rest)`` for every range, the first on this thread and each other on one of its own."""
    if len(parts) == 1:
        part(*parts[0], *rest)
        return
    with ThreadPoolExecutor(len(parts) - 1) as pool:
        others = [pool.submit(part, *ends, *rest) for ends in parts[1:]]
        part(*parts[0], *rest)
        for other in others:
            other.result()
