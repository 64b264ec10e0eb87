"""How long a call keeps the processor: for tests that something is refused at once, or takes seconds, not hours."""

import time
from collections.abc import Callable


def quickest(call: Callable[[], object], repeats: int = 3) -> float:
    """Return the least processor time of the calling thread, in seconds, over some repeats.

    A wall clock counts the pauses of a busy machine, and a single run a collection of garbage that falls into it.
    """
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        call()
        times.append(time.thread_time() - start)
    return min(times)
