"""Workers: claims examined by several processes, each of which takes the next label when it is done with one.

A worker reads labels, one a line, and answers with one line of JSON each: no state is shared, and nothing is needed
of the program that starts it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread

from proofs_checks.verdict import ClaimResult, result_from_data, result_to_data

Outcome = ClaimResult | str


def examine_elsewhere(labels: Sequence[str], workers: int) -> Iterator[tuple[str, Outcome]]:
    """Yield (label, result) as the workers come back with them; text that says why for one that did not.

    Parameters
    ----------
    labels : sequence of str
        Claims to examine.
    workers : int
        Number of processes.
    """
    waiting: Queue[str] = Queue()
    for label in labels:
        waiting.put(label)
    done: Queue[tuple[str, Outcome]] = Queue()
    servers = [_Server(waiting, done) for _ in range(min(workers, len(labels)))]
    try:
        for server in servers:
            server.start()
        for _ in labels:
            yield done.get()
    finally:
        for server in servers:
            server.stop()


class _Server(Thread):
    """Feeds one process with labels until none waits; a process that ended is replaced by a new one."""

    def __init__(self, waiting: Queue[str], done: Queue[tuple[str, Outcome]]) -> None:
        super().__init__(daemon=True)
        self.waiting, self.done = waiting, done
        self.process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        while True:
            try:
                label = self.waiting.get_nowait()
            except Empty:
                return
            try:
                outcome = self._ask(label)
            except Exception as error:  # anything but the answer that was asked for
                outcome = f"the process that examined it ended ({self._ended()}): {error}"
            self.done.put((label, outcome))

    def _ask(self, label: str) -> Outcome:
        if self.process is None:
            self.process = _start()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(label + "\n")
        self.process.stdin.flush()
        result = result_from_data(json.loads(self.process.stdout.readline()))
        if result.label != label:
            raise ValueError(f"it answered {result.label}")
        return result

    def _ended(self) -> str:
        """Return how the process ended, which makes room for the next one."""
        if self.process is None:
            return "it did not start"
        try:
            code = self.process.wait(1)
        except subprocess.TimeoutExpired:
            code = None
        self.stop()
        return "no answer" if code is None else f"exit code {code}"

    def stop(self) -> None:
        """End the process."""
        process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was to be written to a process that is gone
                    stream.close()


def _start() -> subprocess.Popen[str]:
    # -P: the folder it is started in is no place to import from
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "proofs_checks.workers"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def _work() -> None:
    from proofs_checks.verify import examine_label

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program that started it ends it
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a solver prints, in C as well, is no answer
    for line in sys.stdin:
        answers.write(json.dumps(result_to_data(examine_label(line.strip())), ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    _work()
