"""Compile the plain programs in C with the machine's compiler, and call them."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.timing import MissingTool

FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")


def compiler() -> str:
    """Return the C compiler to use.

    Raises
    ------
    MissingTool
        If there is none.
    """
    for name in (os.environ.get("CC"), "cc", "gcc", "clang"):
        if name and shutil.which(name):
            return name
    raise MissingTool("C compiler")


@functools.cache
def _library(name: str) -> Any:
    """Return the compiled `name`.c beside this file, with the arguments of its functions declared."""
    source = Path(__file__).with_name(f"{name}.c")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / f"{name}.so"
        subprocess.run([compiler(), *FLAGS, str(source), "-o", str(target), "-lm"], check=True)
        library = ctypes.CDLL(str(target))
    for function, (result, arguments) in _SIGNATURES[name].items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


_pointer, _integer, _real = ctypes.c_void_p, ctypes.c_int64, ctypes.c_double
_SIGNATURES: dict[str, dict[str, tuple[Any, list[Any]]]] = {
    "plain_loop": {
        "simulate": (
            ctypes.c_int,
            [_integer, _integer, _real, _integer, ctypes.c_uint64, _pointer, _pointer, _pointer],
        )
    },
    "plain_partitions": {
        "every_structure": (_real, [_integer, _pointer, _integer, _pointer, _pointer, _pointer, _pointer])
    },
}


def simulate(runs: int, n: int, cost: float, max_steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return the moves, number of coalitions and spread at the end of each run, simulated in C on one thread."""
    moves, coalitions, spread = np.empty(runs, dtype=np.int64), np.empty(runs, dtype=np.int64), np.empty(runs)
    places = (moves.ctypes.data, coalitions.ctypes.data, spread.ctypes.data)
    if _library("plain_loop").simulate(runs, n, cost, max_steps, seed, *places):
        raise MemoryError("plain_loop.c found no memory")
    return {"moves": moves, "n_coalitions": coalitions, "spread": spread}


class Structures(NamedTuple):
    """What there is to be said of all structures: `stable`, `most` and `least` have an entry for each cost."""

    stable: np.ndarray
    most: np.ndarray
    least: np.ndarray
    least_critical_cost: float


def every_structure(payoffs: np.ndarray, costs: Sequence[float]) -> Structures:
    """Return how many coalition structures are stable, and their extreme surpluses, found in C on one thread.

    payoffs : (2^n, n) that of each agent in each coalition, a bit mask.
    """
    payoffs, at = np.ascontiguousarray(payoffs, dtype=float), np.array(costs, dtype=float)
    stable, most, least = np.empty(len(at), dtype=np.int64), np.empty(len(at)), np.empty(len(at))
    places = (at.ctypes.data, stable.ctypes.data, most.ctypes.data, least.ctypes.data)
    program = _library("plain_partitions").every_structure
    return Structures(stable, most, least, program(payoffs.shape[1], payoffs.ctypes.data, len(at), *places))
