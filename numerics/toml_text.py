"""TOML of users' files: read with bounds, so that whatever the file, tables come out or an error that names it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from theory.errors import InputError

MAX_BYTES = 750_000  # the standard library's parser takes up to a second for a megabyte
MAX_DOTS = 50  # in a key: the parser takes quadratic time in them
MAX_SQUARED_DOTS = 2_000_000  # in all keys: some 0.4 s


def read_text(path: str | Path, field: str) -> str:
    """Return the text of a file, as UTF-8 with or without a byte order mark.

    Raises
    ------
    InputError
        Naming `field`, if it cannot be read, is too large or is no text.
    """
    advice = "give the path of a TOML file"
    if not isinstance(path, (str, Path)) or str(path) == "":
        raise InputError(field, path, "is not a path", advice)
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(field, str(path), f"is larger than {MAX_BYTES} bytes", "give a TOML file")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputError(field, str(path), f"cannot be read ({reason})", advice) from None
    except InputError:
        raise
    except ValueError:  # not UTF-8, or a NUL in the path
        raise InputError(field, str(path), "is not the path of UTF-8 text", "give a TOML file") from None


def parse_toml(text: str, source: str, field: str) -> dict[str, Any]:
    """Return the tables that TOML text describes; `source` is what errors call it.

    Raises
    ------
    InputError
        Naming `field`, and the line where the text breaks the rules.

    Examples
    --------
    >>> parse_toml('title = "x"', "a.toml", "scenario")
    {'title': 'x'}
    """
    dots = [piece.count(".") for piece in re.split(r"[=,{\[\]\n]", text)]
    if max(dots) > MAX_DOTS:
        raise InputError(field, source, f"has a key of more than {MAX_DOTS} parts", f"give a {field} file")
    if sum(count * count for count in dots) > MAX_SQUARED_DOTS:
        raise InputError(field, source, "has too many keys of many parts", f"give a {field} file")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(field, source, f"is not valid TOML: {error}", "mend the line named") from None
    except ValueError:  # Python does not read integers of thousands of digits
        raise InputError(field, source, "has an integer of thousands of digits", "use numbers up to 1e300") from None
    except RecursionError:
        raise InputError(field, source, "is nested too deeply", "give a TOML file of tables and lists") from None


def table_of(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return a table of a file, empty if it is not there.

    Raises
    ------
    InputError
        If something else has its name.
    """
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise InputError(name, table, "is not a table", f"write its keys below a line [{name}]")
    return table
