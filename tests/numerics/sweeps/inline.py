"""An executor that computes at once, on this thread, counts the cells, and can stop."""

from concurrent.futures import Executor, Future


class Stopped(Exception):
    """Of no executor: whoever stops a sweep so sees it."""


class Inline(Executor):
    """Raises `error` instead of computing the block after the first `blocks`; `cells` lists what was computed."""

    def __init__(self, blocks=None, error=Stopped):
        self.blocks, self.error, self.cells, self._max_workers = blocks, error, [], 1

    def submit(self, function, /, *arguments):
        future = Future()
        if self.blocks == 0:
            raise self.error
        if self.blocks is not None:
            self.blocks -= 1
        block = function(*arguments)
        self.cells += block.cells.tolist()
        future.set_result(block)
        return future
