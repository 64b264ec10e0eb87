"""The solvers that programs name: their versions, and HiGHS without its banner."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.metadata import version


@lru_cache(maxsize=1)
def highs() -> str:
    """Return the name and version of HiGHS, ready to be used in silence.

    The first solver object of a process prints two lines to file descriptor 1, whatever its options say; it is made
    here with that descriptor pointing nowhere, so that a table or JSON on standard output stays what it is.
    """
    import highspy

    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    return f"HiGHS {version('highspy')}"


@lru_cache(maxsize=1)
def clarabel() -> str:
    """Return the name and version of Clarabel."""
    return f"Clarabel {version('clarabel')}"
