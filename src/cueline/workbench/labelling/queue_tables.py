"""Putting the lines of a table to people: clips and ranges that somebody chose elsewhere.

A table is CSV with a column `file` (a path, a name, a key or an id), perhaps `start` and `end` (seconds, or times such
as 1:02.5), and any column for the priority. A line that cannot be put to people is told, and the others are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cueline.errors import CuelineError, FormatError, OptionError, near_miss
from cueline.stores.answers import SLACK_SECONDS
from cueline.stores.faults import told_plainly
from cueline.timeline.answers import Campaign, Clip, LabelTask, clip_id
from cueline.timeline.spans import Span
from cueline.timeline.timecode import parse_time
from cueline.workbench.labelling.clips import groups_of
from cueline.workbench.labelling.queueing import Inserted, count_of, must_be_few
from cueline.workbench.labelling.subjects import Subjects, subjects
from cueline.workbench.library import Library

_FILES = ("file", "clip", "name", "path", "filename")
Row = Mapping[str, str]


def insert_table(
    library: Library, campaign: str, path: Path, *, priority: float | str = 0.0, make_clips: bool = False
) -> Inserted:
    """Put the lines of a table to people.

    Args:
        library: Where.
        campaign: Name of the campaign.
        path: The table.
        priority: A number for all, or the name of a column.
        make_clips: Keep what the library does not know as clips known by name, in place of leaving it out.

    Returns:
        Counts, and the lines that were left out.

    Raises:
        FormatError: If it is no such table.
        OptionError: If it has no column for the priority, or more lines than are put to people at once.
        StoreError: If the campaign is unknown.
    """
    known, rows = subjects(library), list(_rows(path, priority))
    tasks, fresh, skipped = list[LabelTask](), list[Clip](), list[str]()
    for place, row in rows:
        try:
            _must_fit(row)
            clip = _clip(known, row["file"], make_clips=make_clips)
            number = priority if not isinstance(priority, str) else _number(row[_column(priority)])
            task = LabelTask(clip.asset, _span(row, known, clip.asset), number)
        except CuelineError as error:
            skipped.append(f"{place}: {error}")
            continue
        tasks.append(task)
        if clip.asset not in known.assets:
            fresh.append(clip)
    must_be_few(len(tasks))
    with library.answers() as book:
        book.find(Campaign, campaign)
        book.put_clips(*fresh)
        new = book.add_tasks(campaign, tasks)
    return count_of(new, tasks, skipped)


def _rows(path: Path, priority: float | str) -> Iterator[tuple[str, Row]]:
    """Lines with their places; the column of names is called "file", and all are in small letters."""
    with told_plainly("read the table", path):
        data = path.read_bytes()
    try:
        table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True, restval="")
        columns = [_column(name or "") for name in table.fieldnames or ()]
        key = next((name for name in _FILES if name in columns), "")
        table.fieldnames = ["file" if name == key else name for name in columns]
        _must_have_columns(path, table.fieldnames, priority)
        for row in table:
            yield f"{path.name}, line {table.line_num}", row
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"a table of tasks is CSV in UTF-8, got {str(path)!r}: {error}", path=path) from error


def _must_have_columns(path: Path, columns: Sequence[str], priority: float | str) -> None:
    there = ", ".join(columns) or "none"
    if "file" not in columns:
        raise FormatError(
            f"a table of tasks has a column 'file', and may have start, end and a priority; {str(path)!r} has: {there}",
            path=path,
        )
    if isinstance(priority, str) and _column(priority) not in columns:
        raise OptionError(
            f"the table {str(path)!r} has no column {priority!r} for the priority; there are: {there}."
            f"{near_miss(_column(priority), columns)}"
        )


def _must_fit(row: Row) -> None:
    if None in row:  # where csv puts what stands under no column
        raise FormatError("it has more cells than there are columns. Quote names with commas")


def _column(name: str) -> str:
    return name.strip().casefold()


def _clip(known: Subjects, called: str, *, make_clips: bool) -> Clip:
    """The file or clip that a line is about, or a new clip of that name."""
    if not called.strip():
        raise FormatError("a task names its file, got an empty cell")
    try:
        return Clip(known.find(called), called)
    except CuelineError:
        if not make_clips or known.fits_several(called):
            raise
        return Clip(clip_id(called), called, groups=groups_of(called))


def _span(row: Row, known: Subjects, asset: str) -> Span | None:
    start, end = row.get("start", "").strip(), row.get("end", "").strip()
    if not (start or end):
        return None
    if not (start and end):
        raise FormatError(f"a range has a start and an end, got {start!r} and {end!r}")
    span = Span(parse_time(start), parse_time(end))
    lasts = known.assets[asset].duration if asset in known.assets else 0.0
    if lasts and span.end > lasts + SLACK_SECONDS:
        raise FormatError(f"a range lies within its media of {lasts:.3f} s, got {span}")
    return span


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise FormatError(f"a priority must be a number, got {text!r}") from error
