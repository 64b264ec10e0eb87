"""Progress on a terminal; silence in a pipe."""

from __future__ import annotations

import sys
from typing import TextIO


class Progress:
    """Shows what is being done on one line of a terminal, and wipes the line at the end.

    Use as a context manager; call it with a short text.  In a pipe it prints nothing.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.shown = self.stream.isatty()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def __call__(self, text: str) -> None:
        """Show `text` in place of what was shown before."""
        if self.shown:
            self.stream.write(f"\r\x1b[K{text[:100]}")
            self.stream.flush()
