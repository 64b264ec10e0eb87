"""The project's errors: what was wrong, where, and what to do about it.

Every error that bad input can cause is an `ExitjoinError`, which is also a `ValueError`.  The
command line prints its text and exits with code 2.
"""

from __future__ import annotations

import copyreg
from typing import Any

MAX_FIELD = 200  # characters shown of a field: a key of a file is whatever its author wrote


class ExitjoinError(ValueError):
    """Base class of every error this project raises on purpose."""


class InputError(ExitjoinError):
    """Bad input: names the field, the value that was given, and a way out.

    Parameters
    ----------
    field : str
        The name of the argument, key or file that is wrong.
    given : object
        What was given; shown shortened, so that a huge value cannot flood the terminal.
    problem : str
        What is wrong with it.
    advice : str
        What to do instead.

    Examples
    --------
    >>> print(InputError("switching_cost", float("nan"), "is not a finite number", "give a number such as 0.05"))
    switching_cost: nan is not a finite number; give a number such as 0.05
    """

    def __init__(self, field: str, given: object, problem: str, advice: str) -> None:
        self.field = field
        self.given = given
        self.problem = problem
        self.advice = advice
        name = field if len(field) <= MAX_FIELD and field.isprintable() else shortened(field, MAX_FIELD)[1:-1]
        super().__init__(f"{name}: {shortened(given)} {problem}; {advice}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross from one process to another, subclasses with other arguments too."""
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]


def shortened(value: object, limit: int = 80) -> str:
    """Return `repr(value)` on one line, cut in the middle beyond `limit` characters."""
    if isinstance(value, str) and len(value) > limit:
        value = value[:limit] + value[-limit:]  # never build the repr of megabytes
    try:
        text = " ".join(repr(value).split())
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list inside itself
        return f"<{type(value).__name__} too long to show>"
    if len(text) <= limit:
        return text
    half = (limit - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"
