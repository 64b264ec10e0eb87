"""Work in processes of their own: each starts from the same state, and may hang or crash without harm."""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

WALL_SECONDS = 900.0  # a process that waits for ever uses no processor time


class Channel:
    """The way from a process to its parent; `allow` sets the processor seconds for what comes next."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def send(self, message: Any) -> None:
        """Send what JSON can hold."""
        data = (json.dumps(message) + "\n").encode()
        while data:
            data = data[os.write(self.descriptor, data) :]

    def allow(self, seconds: float) -> None:
        """End this process after so many further seconds of processor time."""
        signal.setitimer(signal.ITIMER_PROF, seconds)


@dataclass
class Finished(Generic[K]):
    """What a process sent, and how it ended: "" (by itself), "time" or "crash"."""

    key: K
    messages: list[Any]
    ended: str


def in_processes(
    tasks: Iterable[tuple[K, Callable[[Channel], None]]], workers: int, silent: bool = True
) -> Iterator[Finished[K]]:
    """Run every task in a process of its own, a few at a time, and yield what they sent as they finish.

    Parameters
    ----------
    tasks : pairs of a key and a function of a `Channel`
    workers : how many processes run at once
    silent : whether what they print is thrown away
    """
    waiting = iter(tasks)
    running: dict[int, tuple[K, int, bytearray]] = {}
    more = True
    while more or running:
        while more and len(running) < workers:
            task = next(waiting, None)
            if task is None:
                more = False
                break
            reader, process = _start(task[1], silent)
            running[reader] = (task[0], process, bytearray())
        if not running:
            break
        for reader in select.select(list(running), [], [])[0]:
            key, process, received = running[reader]
            data = os.read(reader, 65536)
            if data:
                received += data
                continue
            os.close(reader)
            del running[reader]
            status = os.waitpid(process, 0)[1]
            yield Finished(key, _messages(bytes(received)), _ended(status))


def _start(work: Callable[[Channel], None], silent: bool) -> tuple[int, int]:
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        os.close(writer)
        return reader, process
    code = 1
    try:
        os.close(reader)
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
        if silent:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
        work(Channel(writer))
        code = 0
    finally:
        os._exit(code)


def _messages(received: bytes) -> list[Any]:
    lines = received.decode(errors="replace").split("\n")
    return [json.loads(line) for line in lines[:-1] if line]  # the last line is empty, or was cut off


def _ended(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "time" if os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGALRM) else "crash"
    return "crash" if os.WEXITSTATUS(status) else ""
