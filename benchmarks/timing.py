"""Time two programs side by side, and hold that they agree.

The two take turns (ours, theirs, ours, ...), so that whatever else the machine does hits both; a comparison is
the median of the ratios of neighbours.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

STANDARD_ERRORS = 4.0

Row = dict[str, Any]


class Disagreement(Exception):
    """The two programs of a comparison do not compute the same thing, so that timing them says nothing."""


class MissingTool(Exception):
    """What exitjoin is compared with is not installed; its message is the name of the tool."""


def compare(
    ours: Callable[[], object],
    theirs: Callable[[], object],
    *,
    names: tuple[str, str],
    operations: tuple[int, int] = (1, 1),
    unit: str = "s",
    cost: bool = False,
    repeats: int = 7,
    check: str,
    warm: bool = False,
) -> Row:
    """Return the medians and the median ratio of two programs that take turns.

    Parameters
    ----------
    ours, theirs : programs without arguments.
    names : what to call them.
    operations : number of operations that one call of each makes.
    unit : "s" to report seconds for each operation, otherwise a name of operations: "runs" is reported as runs/s.
    cost : report how many times the time of theirs ours takes, instead of how many times as fast it is.
    repeats : number of times each program is timed.
    check : what the caller has found to agree.
    warm : whether both have run before; otherwise each runs once before it is timed.
    """
    if not warm:
        ours(), theirs()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for program, count, found in zip((ours, theirs), operations, seconds, strict=True):
            found.append(_seconds(program) / count)
    ratios = [a / b if cost else b / a for a, b in zip(*seconds, strict=True)]
    medians = [statistics.median(found) for found in seconds]
    quartiles = np.quantile(ratios, (0.25, 0.75)).tolist()
    return {
        "ours": names[0],
        "theirs": names[1],
        "ratio": statistics.median(ratios),
        "ratio_is": "time of ours / time of theirs" if cost else "time of theirs / time of ours",
        "ratio_quartiles": quartiles,
        "unit": unit if unit == "s" else f"{unit}/s",
        "median_ours": medians[0] if unit == "s" else 1 / medians[0],
        "median_theirs": medians[1] if unit == "s" else 1 / medians[1],
        "repeats": repeats,
        "check": check,
    }


def _seconds(program: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    try:
        start = time.perf_counter()
        program()
        return time.perf_counter() - start
    finally:
        gc.enable()


def same_mean(what: str, ours: ArrayLike, theirs: ArrayLike) -> None:
    """Hold that two samples have the same mean up to four standard errors.

    Raises
    ------
    Disagreement
        Naming both means.
    """
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    error = math.sqrt(a.var(ddof=1) / a.size + b.var(ddof=1) / b.size)
    if not abs(a.mean() - b.mean()) <= STANDARD_ERRORS * error:
        raise Disagreement(f"mean {what}: ours {a.mean():.6g}, theirs {b.mean():.6g}, standard error {error:.2g}")


def same_numbers(what: str, ours: ArrayLike, theirs: ArrayLike, tolerance: float) -> None:
    """Hold that two arrays differ nowhere by more than a tolerance.

    Raises
    ------
    Disagreement
        Saying by how much they differ.
    """
    a, b = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    if a.shape != b.shape:
        raise Disagreement(f"{what}: shape {a.shape} of ours, {b.shape} of theirs")
    difference = float(np.max(np.abs(a - b)))
    if not difference <= tolerance:
        raise Disagreement(f"{what}: they differ by {difference:.3g}")
