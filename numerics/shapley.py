"""Shapley value of any game that is given by the table of its 2^k values."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.kernels import shapley as kernel
from numerics.validation import integer, is_real
from theory.errors import InputError

MAX_AGENTS_OF_TABLE = 24  # 134 MB
MIN_SIZE_FOR_THREADS = 1 << 23  # below, one thread reads the table in the time that it takes to share it out
ADVICE = "give the value of every coalition, v(S) at the bit mask of S: 2^k finite numbers for k agents"


def shapley_value(values: ArrayLike, threads: int | None = None) -> NDArray[np.float64]:
    """Return the Shapley value of each agent, (k,).

        φ_i = Σ_{S ⊆ N∖i} |S|!(k-1-|S|)!/k! (v(S∪i) - v(S))

    Parameters
    ----------
    values : 2^k finite numbers, k ≤ 24: v(S) at the bit mask of S, where bit i stands for agent i.
        `values[0]` is v(∅) = 0, `values[5]` is v({0, 2}).  A contiguous array of floats is read where it is.
    threads : number of threads; unless given one, or all cores from 23 agents on.  The result has the same bits for
        any number.

    Raises
    ------
    InputError
        If the number of values is no power of two or above 2^24, if v(∅) is not 0, or if an entry is no finite
        number; the error names its agents.

    Notes
    -----
    O(2^k): the table is read once, about as fast as it can be added up.  Rounding errors are about 1e-15 of the
    largest differences between the values of coalitions of one size: far below 1e-12 of the largest payoff, but not
    of the payoff of an agent who gets a tiny fraction of what others do.
    Reference: Shapley 1953.

    Examples
    --------
    Agent 0 owns a left glove, agents 1 and 2 a right one each; a pair is worth 1.

    >>> pairs = [0, 0, 0, 1, 0, 1, 0, 1]
    >>> shapley_value(pairs).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    table = _table(values)
    out = np.empty(table.shape[0].bit_length() - 1)
    if threads is not None:
        threads = integer(threads, "threads", "threads", 1)
    elif table.shape[0] >= MIN_SIZE_FOR_THREADS:
        threads = os.cpu_count()
    if threads is None or threads == 1 or out.shape[0] <= kernel.PART_BITS:
        kernel.shapley_from_table(table, out)
    else:
        _on_threads(table, out, threads)
    if not math.isfinite(out.sum()):
        _refuse(table)
    return out


def _on_threads(table: NDArray[np.float64], out: NDArray[np.float64], threads: int) -> None:
    """Write the Shapley value to `out`, with the parts of the table shared out among threads."""
    rows, sums, totals = kernel.prepare(table, out.shape[0])
    threads = min(threads, totals.shape[0])
    cuts = [totals.shape[0] * thread // threads for thread in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        work = [
            pool.submit(kernel.read_parts, table, first, last, rows, sums, totals) for first, last in pairwise(cuts[1:])
        ]
        kernel.read_parts(table, 0, cuts[1], rows, sums, totals)
        for part in work:
            part.result()
    kernel.finish(table, sums, totals, out)


def _table(given: object) -> NDArray[np.float64]:
    """Return the values as a contiguous array of floats, which is the one given if it is one."""
    if not isinstance(given, np.ndarray):
        given = np.asarray(given) if hasattr(given, "__array__") else _array_of(given)
    if given.ndim != 1 or given.dtype.kind not in "iuf":
        problem = f"have shape {given.shape}" if given.ndim != 1 else f"have type {given.dtype}"
        raise InputError("values", given, f"{problem}, not one number for each coalition", ADVICE)
    size = given.shape[0]
    if size == 0 or size & (size - 1):
        raise InputError("values", size, "values are no table of a game: their number is no power of two", ADVICE)
    if size > 1 << MAX_AGENTS_OF_TABLE:
        raise InputError(
            "values",
            size,
            f"values of {size.bit_length() - 1} agents take {size * 8 / 1e6:.0f} MB, and tables go up to "
            f"{MAX_AGENTS_OF_TABLE} agents (134 MB)",
            "for larger coalitions of a model use payoffs(model, structure), which knows closed forms and samples",
        )
    if given[0] != 0:
        raise InputError(
            "values[0]", float(given[0]), "is not 0, the value of the empty set", "subtract it from all values"
        )
    with np.errstate(over="ignore"):  # wider floats; the entry is refused by name
        table = np.ascontiguousarray(given, dtype=np.float64)
    return table if table.flags.aligned else table.copy()


def _array_of(given: object) -> NDArray[np.float64]:
    """Return a list of numbers as an array; a bool is no number."""
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
        raise InputError("values", given, "are not a list of numbers", ADVICE)
    for mask, entry in enumerate(given):
        if not is_real(entry):
            raise InputError(f"values[{mask}]", entry, "is not a number", ADVICE)
    try:
        return np.array(given, dtype=np.float64)
    except OverflowError:
        mask = next(mask for mask, entry in enumerate(given) if abs(entry) > 1e308)
        raise InputError(f"values[{mask}]", given[mask], "is too large", "keep values below 1e300") from None


def _refuse(table: NDArray[np.float64]) -> None:
    """Say why the result is not finite."""
    for mask in np.flatnonzero(~np.isfinite(table)).tolist():
        agents = ", ".join(str(i) for i in range(mask.bit_length()) if mask >> i & 1)
        raise InputError(
            f"values[{mask}]", float(table[mask]), f"is the value of the coalition {{{agents}}} and not finite", ADVICE
        )
    largest = float(table[np.argmax(np.abs(table))])
    raise InputError("values", largest, "is too large: sums of such values overflow", "keep values below 1e300")
