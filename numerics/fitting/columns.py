"""Columns of a CSV file, and the line that every cell is on.

UTF-8, with or without a byte order mark; commas, semicolons or tabs, whichever splits the header into the columns
asked for; cells may be quoted, and a quoted cell may go over several lines.  Whatever else a file holds is refused,
naming the line.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from numerics.validation import MAX_SIZE
from theory.errors import InputError, shortened

MAX_BYTES = 50_000_000  # read within seconds; larger logs are better cut by group
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
MISSING = frozenset({"", "na", "nan"})  # in any case of letters
MAX_SHOWN = 20  # columns of a header in an error


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of one file.

    Attributes
    ----------
    source : what errors call the file.
    cells : column → its cells without the spaces around them, all of one length, at least 1.
    lines : the line that each row begins on, counted from 1, the header's.
    """

    source: str
    cells: dict[str, list[str]]
    lines: list[int]

    def place(self, row: int, column: str = "") -> str:
        """Where a row or a cell is, in words."""
        line = f"{self.source} line {self.lines[row]}"
        return f"{line}, column {name_in_words(column)}" if column else line

    def numbers(self, column: str) -> list[float]:
        """Return a column of numbers, nan where the cell is empty, "NA" or "nan".

        Raises
        ------
        InputError
            Naming line and column of what is no finite number.
        """
        cells = self.cells[column]
        out = [math.nan] * len(cells)
        for row, cell in enumerate(cells):
            if cell.lower() not in MISSING:
                out[row] = self._number(row, column, cell)
        return out

    def _number(self, row: int, column: str, cell: str) -> float:
        try:
            value = float(cell) if cell.isascii() and "_" not in cell else math.nan
        except ValueError:
            value = math.nan
        if abs(value) <= MAX_SIZE:
            return value
        advice = "give a number such as 0.25, and leave the cell empty if there was no answer"
        if math.isnan(value):
            problem = "is not a number"
            if re.fullmatch(r"[+-]?\d+,\d+", cell[:40]):
                advice = "write decimals with a point, 0.25"
        else:
            problem = "is infinite or too large"
        raise InputError(self.place(row, column), cell, problem, advice)


def read_columns(
    path: str | Path, wanted: Sequence[str], field: str = "opinions", optional: Sequence[str] = ()
) -> Columns:
    """Return the columns `wanted` of a CSV file with a header, and those of the `optional` ones that it has.

    Rows without a single filled cell are skipped.

    Raises
    ------
    InputError
        Naming `field` if the file cannot be read, and the file and its line for anything wrong in it.

    Notes
    -----
    O(size), a fifth of a second for a megabyte at most; files of more than 50 MB are refused.
    """
    source, text = _text_of(path, field)
    header, delimiter = _header(source, text, wanted, optional)
    found = [*wanted, *(name for name in optional if name in header and name not in wanted)]
    places = [header.index(name) for name in found]
    cells: list[list[str]] = [[] for _ in found]
    lines = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line, width = 1, len(header)
    try:
        found_header = False
        for row in reader:
            if len(row) == width and found_header:
                picked = [row[place] for place in places]
                if any(picked) or any(cell.strip() for cell in row):
                    for column, cell in zip(cells, picked, strict=True):
                        column.append(cell.strip())
                    lines.append(line)
            elif any(cell.strip() for cell in row):
                if found_header:
                    problem = f"has {len(row)} cells, the header {width}"
                    advice = f"separate cells by {DELIMITERS[delimiter]}, and quote a cell that contains one"
                    raise InputError(f"{source} line {line}", row[:MAX_SHOWN], problem, advice)
                found_header = True
            line = reader.line_num + 1
    except csv.Error as error:
        raise _not_csv(source, line, error) from None
    if not lines:
        raise InputError(source, list(wanted), "has no row below its header", "give a row for every agent")
    return Columns(source, dict(zip(found, cells, strict=True)), lines)


def name_in_words(name: str, limit: int = 40) -> str:
    """The name of a column, a group or an agent on one line, cut if it is long.

    Examples
    --------
    >>> name_in_words("response_1"), name_in_words("two\\nlines")
    ('response_1', 'two\\\\nlines')
    """
    return shortened(name, limit)[1:-1]


def _text_of(path: str | Path, field: str) -> tuple[str, str]:
    """What errors call the file, and its text."""
    advice = "give the path of a CSV file"
    if not isinstance(path, (str, Path)) or str(path) == "":
        raise InputError(field, path, "is not a path", advice)
    path = Path(path)
    source = name_in_words(path.name, 60)
    try:
        is_special, size = path.exists() and not path.is_file(), path.stat().st_size
        data = b"" if is_special or size > MAX_BYTES else path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise InputError(field, str(path), f"cannot be read ({reason})", advice) from None
    except ValueError:  # a NUL in the path
        raise InputError(field, str(path), "is not a path", advice) from None
    if is_special:
        raise InputError(field, str(path), "is no file", advice)
    if size > MAX_BYTES:
        advice = "cut it into files of a few groups each"
        raise InputError(field, str(path), f"is larger than {MAX_BYTES / 1e6:g} MB", advice)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line_at(data[: error.start].decode("utf-8-sig", "replace"))
        raise InputError(
            f"{source} line {line}", data[error.start : error.end], "is not UTF-8", "save the file as CSV in UTF-8"
        ) from None
    if (at := text.find("\0")) >= 0:
        raise InputError(f"{source} line {_line_at(text[:at])}", "\0", "is not text", "save the file as CSV in UTF-8")
    return source, text


def _line_at(before: str) -> int:
    return 1 + len(re.findall(r"\r\n|\r|\n", before))


def _header(source: str, text: str, wanted: Sequence[str], optional: Sequence[str]) -> tuple[list[str], str]:
    """The header's names, and the delimiter that splits it best: into most columns wanted, then into most columns."""
    splits = [(_first_row(source, text, delimiter), delimiter) for delimiter in DELIMITERS]
    header, delimiter = max(splits, key=lambda split: (len(set(wanted) & set(split[0])), len(split[0])))
    if not header:
        raise InputError(source, text[:80], "is empty", "give a header and a row for every agent")
    for name in [*wanted, *optional]:
        if name not in header and name in wanted:
            shown = ", ".join(map(name_in_words, header[:MAX_SHOWN])) + (", …" if len(header) > MAX_SHOWN else "")
            raise InputError(f"{source} header", name, "is no column", f"use one of {shown}")
        if header.count(name) > 1:
            raise InputError(f"{source} header", name, "is the name of two columns", "give each column its own name")
    return header, delimiter


def _first_row(source: str, text: str, delimiter: str) -> list[str]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                return [cell.strip() for cell in row]
    except csv.Error as error:
        if delimiter == ",":
            raise _not_csv(source, reader.line_num, error) from None
    return []


def _not_csv(source: str, line: int, error: csv.Error) -> InputError:
    advice = "close every quote, and write a quote inside quotes twice"
    return InputError(f"{source} line {line}", str(error), "is why it is not CSV", advice)
