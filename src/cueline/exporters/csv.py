"""CSV: every label of every asset in one table; and the tables that people bring.

One line a label, as RFC 4180 asks (comma, CRLF, quotes doubled, UTF-8), with the columns of `COLUMNS`. Seconds and
scores are written with as many digits as bring back the same number.

A spreadsheet takes a cell that starts with = + - @ or a tab for a formula, and a file name can be anything. So text
that starts with one of these, or with an apostrophe, gets one apostrophe before it; take the first apostrophe off to
have the text back. Column `asset`, the key to join on, is a fingerprint and never needs one. With `raw`, text stays as
it is.

A table that people bring has a heading; each column is found by the names in `KNOWN`, or named by an option. Cells are
parted by commas, semicolons or tabs, whichever the heading has most of; times are seconds or clock times, with a
decimal comma where cells are not parted by commas, as spreadsheets of some countries write them.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from cueline.errors import FormatError, near_miss
from cueline.exporters.naming import written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import as_spans
from cueline.timeline.timecode import parse_time
from cueline.timeline.tracks import LabelTrack

COLUMNS = ("asset", "file", "track", "start", "end", "name", "score")
KNOWN: Mapping[str, tuple[str, ...]] = {  # where a table has several of one line, the first of them counts
    "media": (
        *("asset", "file", "filename", "file_name", "path", "filepath", "file_path", "media", "video", "audio"),
        *("video_id", "youtube_id", "recording", "clip", "uri", "url"),
    ),
    "track": ("track", "tier", "layer"),
    "start": (
        *("start", "begin", "onset", "t0", "tmin", "time_start", "start_time", "time_begin", "begin_time"),
        *("start_seconds", "start_s", "from", "in", "time", "timestamp"),
    ),
    "end": (
        *("end", "stop", "offset", "t1", "tmax", "time_end", "end_time", "time_stop", "stop_time"),
        *("end_seconds", "end_s", "to", "out"),
    ),
    "duration": ("duration", "length", "dur"),
    "name": (
        *("name", "label", "tag", "class", "classification", "category", "event_label", "event", "annotation"),
        *("description", "text", "title"),
    ),
    "score": ("score", "confidence", "probability", "prob"),
}
_FORMULA = tuple("=+-@\t\r'")
_SECONDS = re.compile(r"\s*[(\[](s|sec|secs|seconds)[)\]]$")  # other units are not taken for seconds
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Csv:
    """One table, `labels.csv`, for spreadsheets and data frames; reads the tables that people bring.

    Attributes:
        raw: Leave text that a spreadsheet would run as a formula as it is, for programs that read exact names.
        media: Column that names the media, when reading; empty finds it by its name.
        track: Column of the track.
        start: Column of the start of a label; times as `12.5` or `00:01:02.5`.
        end: Column of its end; where there is neither an end nor a duration, labels are instants.
        name: Column of its name, the class.
        score: Column of its score, in [0, 1].
        whole: Seconds that a label lasts in a table without times, such as `Filename,Classification`; 0 refuses one.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".csv"
    keeps: ClassVar[str] = (
        "Keeps every label with exact seconds and score; loses the classes that were looked for, "
        "what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")
    brings: ClassVar[str] = "Labels of any table with a heading: media, track, start, end, name, score."

    raw: bool = False
    media: str = ""
    track: str = ""
    start: str = ""
    end: str = ""
    name: str = ""
    score: str = ""
    whole: float = 0.0

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for all sources.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The file written, also when there was nothing to put in it but the heading.
        """
        path = folder / f"labels{self.suffix}"
        with written_whole(path, newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for source in sources:
                table.writerows(self._lines(source))
        return [path]

    def read(self, path: Path) -> Iterator[Brought]:
        """Read a table; of one that `export` wrote, each label comes back as it was.

        Args:
            path: UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it.

        Yields:
            The labels of each medium and track, in order of their first lines.

        Raises:
            FormatError: If a column that is needed is missing, or a cell cannot be what it must be; names the line.
        """
        found: dict[tuple[str, str], list[tuple[float, float, str, float]]] = {}
        try:
            for media, track, row in self._rows(path):
                found.setdefault((media, track), []).append(row)
        except (UnicodeError, csv.Error) as error:
            raise FormatError(
                f"{str(path)!r} must be a table of text, got {error}. Save it anew as CSV, UTF-8.", path=path
            ) from error
        for (media, track), rows in found.items():
            starts, ends, names, scores = zip(*rows, strict=True)
            spans = as_spans([*zip(starts, ends, strict=True)])
            yield Brought(media, track, LabelTrack(spans, names, np.array(scores)))

    def _rows(self, path: Path) -> Iterator[tuple[str, str, tuple[float, float, str, float]]]:
        """Media, track, and a label: start, end, name, score."""
        with path.open("rb") as file:
            encoding = "utf-16" if file.read(2) in _UTF16 else "utf-8-sig"
        with path.open(newline="", encoding=encoding) as text:
            first = text.readline()
            mark = max(",;\t", key=lambda mark: len(next(csv.reader([first], delimiter=mark), [])))
            text.seek(0)
            lines = csv.reader(text, delimiter=mark, strict=True)
            table = self._table(path, next(lines, []), comma=mark != ",")
            for cells in lines:
                if cells:
                    yield table.label(lines.line_num, cells)

    def _table(self, path: Path, heading: Sequence[str], *, comma: bool) -> _Table:
        """What each column means."""
        names = [name.strip() for name in heading]
        plain = [re.sub(r"[\s_-]+", "_", _SECONDS.sub("", name.lower())) for name in names]
        at = {role: plain.index(known) for role in KNOWN for known in reversed(KNOWN[role]) if known in plain}
        for role in KNOWN:
            column = getattr(self, role, "")
            if column and column not in names:
                raise FormatError(
                    f"{str(path)!r} has no column {column!r} for {role}; it has: {', '.join(names)}."
                    f"{near_miss(column, names)}",
                    path=path,
                )
            if column:
                at[role] = names.index(column)
        ours = set(COLUMNS) <= set(names) and not self.raw
        table = _Table(path, names, at, comma=comma, ours=ours, whole=self.whole)
        table.check()
        return table

    def _lines(self, source: Source) -> Iterable[tuple[str | float, ...]]:
        cell = str if self.raw else _defused
        asset, file = cell(source.record.asset.id), cell(source.name)
        for name, track in sorted(source.record.tracks.items()):
            if isinstance(track, LabelTrack):
                for span, label, score in track:
                    yield asset, file, cell(name), span.start, span.end, cell(label), score


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that is read: where each thing stands in a line."""

    path: Path
    names: Sequence[str]
    at: Mapping[str, int]
    comma: bool  # whether a decimal comma may stand in a time
    ours: bool  # whether text carries the apostrophes of `_defused`
    whole: float

    def check(self) -> None:
        """Refuse a table without names, or without times unless it is told how long a label lasts."""
        has = f"it has: {', '.join(self.names) or 'none'}"
        if "name" not in self.at:
            raise FormatError(
                f"{str(self.path)!r} must have a column of names such as {', '.join(KNOWN['name'][:4])}; {has}. "
                "Is there a heading? Say which it is with csv.name=COLUMN.",
                path=self.path,
            )
        if "start" not in self.at and not self.whole > 0:
            raise FormatError(
                f"{str(self.path)!r} must have a column of times such as {', '.join(KNOWN['start'][:4])}; {has}. "
                "Say which it is with csv.start=COLUMN, or, where each line is about a whole file, how many seconds "
                "that is with csv.whole=SECONDS.",
                path=self.path,
            )

    def label(self, line: int, cells: Sequence[str]) -> tuple[str, str, tuple[float, float, str, float]]:
        """Media, track, and a label of one line."""
        if len(cells) != len(self.names):
            raise FormatError(
                f"{str(self.path)!r} must have {len(self.names)} cells in each line, as the heading has, got "
                f"{len(cells)} in line {line}. Is a quote or a comma missing there?",
                path=self.path,
            )
        start, end = 0.0, self.whole
        if "start" in self.at:
            start = end = self._number(line, cells, "start")
            if "end" in self.at:
                end = self._number(line, cells, "end")
            elif "duration" in self.at:
                end = start + self._number(line, cells, "duration")
        if end < start:
            raise self._fault(line, "end" if "end" in self.at else "duration", f"end at {start} s or later", end)
        score = self._number(line, cells, "score") if self._text(cells, "score") else 1.0
        if not 0 <= score <= 1:
            raise self._fault(line, "score", "lie in [0, 1]", score)
        return self._text(cells, "media"), self._text(cells, "track"), (start, end, self._text(cells, "name"), score)

    def _text(self, cells: Sequence[str], role: str) -> str:
        text = cells[self.at[role]] if role in self.at else ""
        return text[1:] if self.ours and text.startswith("'") and text[1:].startswith(_FORMULA) else text

    def _number(self, line: int, cells: Sequence[str], role: str) -> float:
        text = cells[self.at[role]].strip()
        text = text.replace(",", ".") if self.comma else text
        try:
            number = float(text)
        except ValueError:
            try:
                number = parse_time(text)
            except FormatError as error:
                raise self._fault(line, role, "read like 12.5 or 00:01:02.5", cells[self.at[role]]) from error
        if not math.isfinite(number):
            raise self._fault(line, role, "be a finite number", text)
        return number

    def _fault(self, line: int, role: str, must: str, got: object) -> FormatError:
        return FormatError(
            f"{str(self.path)!r} must {must} in line {line}, column {self.names[self.at[role]]!r}, got {got!r}",
            path=self.path,
        )
