"""Text, JSON and tables of label files: read whole, with their faults told by line.

Files are UTF-8, with or without a byte order mark, or UTF-16 with one. A key that stands twice in one object of JSON is
kept twice, since two answers for one clip are a contradiction that people want to see.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cueline.errors import FormatError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
FORMULA = tuple("=+-@\t\r'")  # what a spreadsheet takes for the start of a formula, and what marks it as text
_MOST_LINES = 1_000  # that one cell with line breaks may have


class Pairs(dict[str, Any]):
    """An object of JSON that also knows the keys that stand in it twice.

    Attributes:
        pairs: Every key and value, in the order of the file.
    """

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        """Keep them all."""
        super().__init__(pairs)
        self.pairs = pairs


def text_of(path: Path) -> str:
    """The text of a file.

    Raises:
        FormatError: If it cannot be read, or is not text in UTF-8 or marked UTF-16; says in which line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {str(path)!r}: {error.strerror}", path=path) from error
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    if encoding == "utf-8" and path.suffix.lower() == ".m3u" and not _is_utf8(data):
        encoding = "latin-1"  # as the older writers of playlists have it
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{str(path)!r} line {line} must be {encoding} text, got the byte 0x{data[error.start]:02x}. Save the file "
            "as UTF-8: old files are often cp1252.",
            path=path,
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FormatError(f"{str(path)!r} line {line} must be text, got a zero byte. Save it as UTF-8.", path=path)
    return text


def json_of(path: Path, text: str) -> Any:
    """The value that a text of JSON stands for, its objects as `Pairs`.

    Raises:
        FormatError: If it is no JSON, or cut off; says where.
    """
    try:
        return json.loads(text, object_pairs_hook=Pairs)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{str(path)!r} line {error.lineno} must be JSON, got a fault at column {error.colno}: {error.msg}. "
            "Is the file cut off?",
            path=path,
        ) from error
    except RecursionError as error:
        raise FormatError(f"{str(path)!r} must be JSON that is not nested 1000 deep, got deeper", path=path) from error


def heading_of(text: str) -> tuple[list[str], str]:
    """The names of the columns of a table, as they stand in its first line, and what parts its cells."""
    first = text.partition("\n")[0].rstrip("\r")
    mark = max(",;\t", key=first.count)
    return [name.strip() for name in next(csv.reader([first], delimiter=mark), [])], mark


def rows_of(text: str) -> Iterator[tuple[int, list[str], str]]:
    """The lines of a table below its heading: number of the line, cells, and what is wrong with it, or empty.

    A line with a fault, such as a quote that is missing, is given as one cell, and the lines after it are read as ever.
    """
    names, mark = heading_of(text)
    for number, cells, fault in [*_records(text, mark)][1:]:
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            told = (
                f"line {number} must have {len(names)} cells, as the heading has, got {len(cells)}. Is a quote missing?"
            )
            yield number, [mark.join(cells)], told
        elif fault or any(cell.strip() for cell in cells):
            yield number, cells if fault else [*cells, *[""] * (len(names) - len(cells))], fault


def _records(text: str, mark: str) -> Iterator[tuple[int, list[str], str]]:
    """The heading and the lines: all at once, and one by one from where that fails."""
    lines, done = io.StringIO(text, newline="").readlines(), 0
    while done < len(lines):
        reader = csv.reader(lines[done : done + _MOST_LINES], delimiter=mark, strict=True)
        before = done
        try:
            for cells in reader:
                done = before + reader.line_num
                yield done, cells, ""
        except csv.Error as error:
            if done == before:
                done += 1
                fault = f"line {done} must be a line of a table, got {error}. Is a quote missing?"
                yield done, [lines[done - 1].strip()], fault


def table_of(columns: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    """A table as text: comma, CRLF, quotes doubled."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(columns)
    table.writerows(rows)
    return file.getvalue()


def defused(text: str) -> str:
    """Text that no spreadsheet runs: with an apostrophe before it, where it would.

    Example:
        >>> defused("=cmd()"), fused(defused("=cmd()"))
        ("'=cmd()", '=cmd()')
    """
    return f"'{text}" if text.startswith(FORMULA) else text


def fused(text: str) -> str:
    """The inverse of `defused`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def shown(value: object, most: int = 60) -> str:
    """A value for a message, cut where it is long."""
    text = repr(dict(value)) if isinstance(value, Pairs) else repr(value)
    return text if len(text) <= most else f"{text[:most]}..."


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
