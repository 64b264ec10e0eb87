"""Compile `plain_loop.c` with the machine's C compiler, and call it."""

from __future__ import annotations

import ctypes
import functools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.timing import MissingTool

SOURCE = Path(__file__).with_name("plain_loop.c")
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
def _library() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "plain_loop.so"
        subprocess.run([compiler(), *FLAGS, str(SOURCE), "-o", str(target), "-lm"], check=True)
        library = ctypes.CDLL(str(target))
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    library.simulate.argtypes = [integer, integer, ctypes.c_double, integer, ctypes.c_uint64, pointer, pointer, pointer]
    library.simulate.restype = ctypes.c_int
    return library


def simulate(runs: int, n: int, cost: float, max_steps: int, seed: int) -> dict[str, np.ndarray]:
    """Return the moves, number of coalitions and spread at the end of each run, simulated in C on one thread."""
    moves, coalitions, spread = np.empty(runs, dtype=np.int64), np.empty(runs, dtype=np.int64), np.empty(runs)
    places = (moves.ctypes.data, coalitions.ctypes.data, spread.ctypes.data)
    if _library().simulate(runs, n, cost, max_steps, seed, *places):
        raise MemoryError("plain_loop.c found no memory")
    return {"moves": moves, "n_coalitions": coalitions, "spread": spread}
