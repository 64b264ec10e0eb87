"""Files: written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from theory.errors import InputError


def write_whole(path: str | Path, content: str | bytes | memoryview, field: str = "out") -> Path:
    """Write a file so that at every moment its old content or all of the new one is there.

    The content goes to a temporary file in the same folder, which then takes the place of the old one.

    Raises
    ------
    InputError
        If the file cannot be written, naming `field`; nothing is left behind.
    """
    path = Path(path)
    if _is_special(path):
        raise InputError(field, str(path), "is no file that could be replaced", "give the path of a file")
    data = content.encode() if isinstance(content, str) else content
    temporary = None
    try:
        target = path.resolve()  # a link stays a link
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except (OSError, ValueError) as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(field, str(path), f"cannot be written ({reason})", "give a path you may write to") from None
    return path


def _is_special(path: Path) -> bool:
    """Whether it is there and no file: a folder, a device, a pipe."""
    try:
        return path.exists() and not path.is_file()
    except OSError:  # whoever writes to it will say why
        return False


def write_json(path: str | Path, content: Any, field: str = "out") -> Path:
    """Write `content` as JSON, whole or not at all; see `write_whole`."""
    return write_whole(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n", field)


def make_folder(path: str | Path, field: str = "out") -> Path:
    """Make a folder and its parents if they are missing.

    Raises
    ------
    InputError
        If it cannot be made, or something that is no folder has its name.
    """
    if not str(path):
        raise InputError(field, str(path), "names no folder", "name one")
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(field, str(path), f"is no folder and cannot be made one ({reason})", "name another") from None
    return path


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
