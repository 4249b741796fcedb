"""CSV: every label of every asset in one table.

One line a label, as RFC 4180 asks (comma, CRLF, quotes doubled, UTF-8), with the columns of `COLUMNS`. Seconds and
scores are written with as many digits as bring back the same number.

A spreadsheet takes a cell that starts with = + - @ or a tab for a formula, and a file name can be anything. So text
that starts with one of these, or with an apostrophe, gets one apostrophe before it; take the first apostrophe off to
have the text back. Column `asset`, the key to join on, is a fingerprint and never needs one. With `raw`, text stays as
it is.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cueline.exporters.naming import written_whole
from cueline.ports import Source
from cueline.timeline.tracks import LabelTrack

COLUMNS = ("asset", "file", "track", "start", "end", "name", "score")
_FORMULA = tuple("=+-@\t\r'")


@dataclass(frozen=True, slots=True)
class Csv:
    """One table, `labels.csv`, for spreadsheets and data frames.

    Attributes:
        raw: Leave text that a spreadsheet would run as a formula as it is, for programs that read exact names.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".csv"
    keeps: ClassVar[str] = (
        "Keeps every label with exact seconds and score; loses the classes that were looked for, "
        "what was judged, streams and provenance."
    )

    raw: bool = False

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

    def _lines(self, source: Source) -> Iterable[tuple[str | float, ...]]:
        cell = str if self.raw else _defused
        asset, file = cell(source.record.asset.id), cell(source.name)
        for name, track in sorted(source.record.tracks.items()):
            if isinstance(track, LabelTrack):
                for span, label, score in track:
                    yield asset, file, cell(name), span.start, span.end, cell(label), score


def _defused(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
