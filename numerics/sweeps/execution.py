"""Blocks of cells on an executor: threads, processes, a cluster.  There is no scheduler of our own.

A few blocks are in flight at a time, as many cells in each as take about half a second: what a killed sweep loses is
little, and what handing over costs is little against it.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from asyncio import CancelledError as CancelledByLoop
from collections.abc import Callable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait as wait_for_end
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.sweeps.cells import Block, compute_block
from numerics.validation import integer
from theory.errors import ExitjoinError, InputError, shortened

SECONDS = 0.5  # that a block is meant to take
MOST_BYTES = 64_000_000  # of the arrays of a block
GROWTH = 8  # of blocks from one to the next: the first one may have loaded compiled code
IN_FLIGHT = 2  # blocks for each worker, so that none waits for the next


class Crew:
    """Workers, and how many cells to hand them at a time.

    Parameters
    ----------
    executor : that blocks are submitted to.
    workers : number of them.
    plan : pickled.
    cell_bytes : of the arrays of one cell.
    keeps : whether finished cells outlive an error.

    Attributes
    ----------
    size : cells in the next block.
    """

    def __init__(self, executor: Executor, workers: int, plan: bytes, cell_bytes: int, keeps: bool = False) -> None:
        self._executor, self._workers, self._plan, self._keeps = executor, workers, plan, keeps
        self._most = max(1, MOST_BYTES // max(1, cell_bytes))
        self.size = 1

    def compute(self, cells: NDArray[np.int64], keep: Callable[[Block], None], tell: Callable[[int], None]) -> None:
        """Compute cells, hand each block to `keep` as it comes, in any order, and its number of cells to `tell`.

        After an error, or an interruption, nothing more is begun, and what has come in is kept.

        Raises
        ------
        InputError
            Of a cell; or if the executor, or the machines behind it, fail.
        """
        flying: set[Future[Block]] = set()
        begun = 0
        try:
            while begun < len(cells) or flying:
                while begun < len(cells) and len(flying) < IN_FLIGHT * self._workers:
                    fair = math.ceil((len(cells) - begun) / (IN_FLIGHT * self._workers))  # the last ones end together
                    mine = cells[begun : begun + min(self.size, fair)]
                    flying.add(self._submit(mine.tolist()))
                    begun += len(mine)
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=_failed):  # those that can be kept first
                    block = self._result(future)
                    keep(block)
                    flying.discard(future)
                    tell(len(block.cells))
                    self.learn(len(block.cells), block.seconds)
        finally:
            for future in flying:
                if not future.cancel() and future.done() and not _failed(future):
                    with suppress(ExitjoinError):  # it is the first error that is told
                        keep(self._result(future))

    def _submit(self, cells: list[int]) -> Future[Block]:
        try:
            future = self._executor.submit(compute_block, self._plan, cells)
        except BrokenExecutor as error:
            raise self._lost(error) from error
        except _FAILURES as error:
            raise self._refusal(f"takes no work ({_words(error)})", "give one that is running") from error
        if not isinstance(future, Future):
            raise self._refusal("returns no concurrent.futures.Future", "give a concurrent.futures executor")
        return future

    def _result(self, future: Future[Block]) -> Block:
        try:
            block = future.result()
        except ExitjoinError:
            raise
        except BrokenExecutor as error:
            raise self._lost(error) from error
        except Exception as error:
            if not isinstance(error, _FAILURES) and not type(error).__module__.startswith("distributed."):
                raise  # a mistake of ours, which is to be seen
            problem = f"failed before the cells were done ({_words(error)})"
            raise self._refusal(problem, "see that its workers run and have memory left") from error
        except CancelledByLoop as error:
            raise self._refusal("cancelled what it was given", "see that its workers run") from error
        if not isinstance(block, Block):
            raise self._refusal(f"returned {type(block).__name__} and no cells", "give one that calls what it is given")
        return block

    def _lost(self, error: BrokenExecutor) -> InputError:
        problem = f"lost a worker that was killed or ran out of memory ({_words(error)})"
        return self._refusal(problem, "use fewer workers or runs")

    def _refusal(self, problem: str, advice: str) -> InputError:
        kept = (
            "finished cells are kept, and the same call goes on" if self._keeps else "out=... would keep what is done"
        )
        return InputError("executor", type(self._executor).__name__, problem, f"{advice}; {kept}")

    def learn(self, cells: int, seconds: float) -> None:
        """Choose the size of the next block by the time that one took."""
        wanted = round(SECONDS * cells / max(seconds, 1e-9))
        self.size = max(1, min(wanted, GROWTH * cells, self._most))


_FAILURES = (RuntimeError, OSError, MemoryError, ImportError, CancelledError)


def _words(error: BaseException) -> str:
    """What an error says, its type if it says nothing."""
    return shortened(str(error), 100)[1:-1] or type(error).__name__


def _failed(future: Future[Block]) -> bool:
    return future.cancelled() or future.exception() is not None


@contextmanager
def opened(executor: Executor | str | None, workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Yield an executor and its number of workers; one that was given is not shut down.

    Raises
    ------
    InputError
        For anything that is no executor, and no name of one.
    """
    if workers is not None:
        workers = integer(workers, "workers", "workers", 1)
    if isinstance(executor, Executor):
        yield executor, workers or _workers_of(executor)
        return
    count = workers or os.cpu_count() or 1
    pool: Executor
    if executor is None or executor == "threads":
        pool = ThreadPoolExecutor(count)
    elif executor == "processes":
        pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_begin_worker)
    else:
        advice = 'use "threads", "processes", or an executor such as dask\'s client.get_executor()'
        raise InputError("executor", executor, "is not a concurrent.futures executor", advice)
    try:
        yield pool, count
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _workers_of(executor: Executor) -> int:
    """The number of workers, as far as an executor says: those of the standard library, or of a Dask client."""
    count = getattr(executor, "_max_workers", None)
    client: Any = getattr(executor, "_client", None)
    if count is None and hasattr(client, "ncores"):
        try:
            count = sum(client.ncores().values())
        except _FAILURES as error:  # its scheduler has gone
            problem = f"does not answer ({_words(error)})"
            raise InputError("executor", type(executor).__name__, problem, "connect to one that is running") from error
    return count if isinstance(count, int) and count > 0 else os.cpu_count() or 1


def _begin_worker() -> None:
    """Let a worker process end with the one that started it, however that ends; interrupts are for that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for_end([sentinel])
    os._exit(1)


class Clock:
    """Says how many cells are done and how long the rest will take.

    Parameters
    ----------
    progress : takes the text, or None.
    in_rounds : whether cells come in rounds, of which nobody knows how many there will be.
    """

    def __init__(self, progress: Callable[[str], None] | None, in_rounds: bool = False) -> None:
        self._progress, self._in_rounds = progress, in_rounds
        self._round, self._total, self._known = 0, 0, 0
        self._done, self._here, self._started = 0, 0, time.monotonic()

    def begin(self, total: int, known: int) -> None:
        """Begin a round of `total` cells, of which some are known already."""
        self._round, self._total, self._known, self._here = self._round + 1, total, known, 0

    def __call__(self, count: int) -> None:
        """Count cells that are done."""
        self._done += count
        self._here += count
        if self._progress is None:
            return
        done = self._known + self._here
        left = (self._total - done) * (time.monotonic() - self._started) / max(self._done, 1)
        which, where = (f"round {self._round}, ", " in this round") if self._in_rounds else ("", "")
        self._progress(f"{which}cells {done} of {self._total}, {duration(left)} left{where}")


def duration(seconds: float) -> str:
    """Return a time in words, to about two digits.

    Examples
    --------
    >>> duration(12.3), duration(600), duration(9000)
    ('12 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
