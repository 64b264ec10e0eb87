"""Apart: a rung in a process of its own, for statements so large that it may not keep its time limit.

The process is ended when its time is over.  It is a new interpreter, not a fork, and does not import the caller's
script; statement and result pass through its standard streams.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence

from sympy import Expr

from proofs_checks.ladder.attempt import Attempt
from proofs_checks.ladder.shifts import Given

START = 2.0  # seconds that the process may take to start, beside its time limit


def sums_of_squares(e: Expr, relation: str, given: Sequence[Given], seconds: float) -> Attempt:
    """Return what `sums_of_squares.certify` finds within a time limit that is kept.

    Parameters
    ----------
    e, relation, given : as there
    seconds : wall-clock time, beside two seconds to start

    Examples
    --------
    >>> from sympy import symbols
    >>> x, y = symbols("x y", real=True)
    >>> sums_of_squares(x**2 - 2 * x * y + y**2, ">= 0", [], 20.0).outcome
    'proved'
    """
    start = time.perf_counter()
    sent = pickle.dumps((e, relation, list(given), seconds))
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "proofs_checks.ladder.apart"]
    rung = "sums of squares"
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=seconds + START, env=paths)
    except subprocess.TimeoutExpired:
        spent = time.perf_counter() - start
        return Attempt(rung, "gave up", seconds=spent, note=f"ended after {spent:.1f} s (limit {seconds:.1f} s)")
    spent = time.perf_counter() - start
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        return Attempt(rung, "gave up", seconds=spent, note=f"stopped by {last}"[:300])
    found = pickle.loads(done.stdout)
    assert isinstance(found, Attempt)
    return found


def _main() -> None:
    from proofs_checks.ladder.sums_of_squares import certify

    e, relation, given, seconds = pickle.loads(sys.stdin.buffer.read())
    found = certify(e, relation, given, seconds=seconds)
    sys.stdout.buffer.write(pickle.dumps(found))


if __name__ == "__main__":
    _main()
