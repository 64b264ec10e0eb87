"""Where a command will write, looked at before it works for long: no file is written over one that it reads."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from theory.errors import InputError


def check_outputs(inputs: Mapping[str, str | None], outputs: Mapping[str, str | None]) -> None:
    """Refuse an output that is an input or another output, by whatever path or link, or that cannot be written.

    Parameters
    ----------
    inputs, outputs : what each file is called in errors, and its path; None for a file that was not asked for.

    Raises
    ------
    InputError
        Naming the output.  Nothing has been written then.

    Examples
    --------
    >>> check_outputs({"opinions": "log.csv"}, {"out": "./log.csv", "json": None})
    Traceback (most recent call last):
        ...
    theory.errors.InputError: out: './log.csv' is the file that opinions are read from; give it a path of its own
    """
    taken = [(name, path, f"{name} are read from") for name, path in inputs.items() if path is not None]
    for name, path in outputs.items():
        if path is None:
            continue
        for _, other, use in taken:
            if _are_one(path, other):
                raise InputError(name, path, f"is the file that {use}", "give it a path of its own")
        _check_writable(name, path)
        taken.append((name, path, f"{name} is written to"))


def _are_one(one: str, other: str) -> bool:
    try:
        return os.path.realpath(one) == os.path.realpath(other) or os.path.samefile(one, other)
    except (OSError, ValueError):  # one of them is not there yet, or is no path: whoever opens it will say so
        return False


def _check_writable(name: str, given: str) -> None:
    advice = "give a path you may write to"
    try:
        path = Path(given).resolve()
        if not given or (path.exists() and not path.is_file()):
            raise InputError(name, given, "is no file that could be replaced", "give the path of a file")
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links in a circle
        if isinstance(error, InputError):
            raise
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(name, given, f"cannot be written ({reason})", advice) from None
