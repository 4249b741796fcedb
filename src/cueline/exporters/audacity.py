"""Audacity: the labels of one track as a label track, to be heard and corrected in the sound editor.

One file a track: a line a label, start, end and name parted by tabs, seconds with six decimals. A label of zero length
is a point. A name stands on its line by percent signs where it must, as `one_line` writes it ("a%09b" for a tab).

Of files that people bring, the second line that Audacity adds for a spectral selection (a backslash and two
frequencies) is checked and left out; a decimal comma, as exported in some countries, is understood, since a tab parts
fields; a line with one time and a name is a point; times before 0 stay as they are.

References:
    Audacity Manual, Importing and Exporting Labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, from_one_line, labels_of, lines_of, one_line, text_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.tracks import LabelTrack

_SECONDS = re.compile(r"[-+]?\d{1,15}(?:[.,]\d*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Audacity:
    """One label file for each track, for the sound editor Audacity; reads the label files that people bring."""

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".txt"
    keeps: ClassVar[str] = (
        "Keeps name and times of every label to the microsecond, the track in the name of the file; loses scores, the "
        "classes that were looked for, what was judged, streams and provenance. A track without labels has no file."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".txt",)
    brings: ClassVar[str] = "Each label of a label file, its point labels as instants; leaves out frequency ranges."

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each track that has labels.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources, then of the names of tracks.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            for name, track in sorted(source.record.tracks.items()):
                if isinstance(track, LabelTrack) and len(track):
                    path = folder / names.of(source, part=name)
                    with written_whole(path) as file:
                        file.writelines(
                            f"{span.start:.6f}\t{span.end:.6f}\t{one_line(label)}\n" for span, label, _ in track
                        )
                    written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read a label file.

        Args:
            path: A file that Audacity or `export` wrote, UTF-8.

        Yields:
            One track; the file says neither its name nor of what it is.

        Raises:
            FormatError: If a line is no label, or there is none.
        """
        rows: list[tuple[float, float, str, float]] = []
        for number, line in enumerate(lines_of(text_of(path)), start=1):
            if line.startswith("\\") and rows:
                _check_frequencies(path, number, line)
            elif line.strip():
                rows.append((*_label(path, number, line), 1.0))
        if not rows:
            raise FormatError(
                f"{str(path)!r} must hold labels, a line each: start, tab, end, tab, name; got an empty file", path=path
            )
        yield Brought("", "", labels_of(rows))


def _label(path: Path, number: int, line: str) -> tuple[float, float, str]:
    first, _, rest = line.partition("\t")
    second, _, name = rest.partition("\t")
    if _SECONDS.fullmatch(second) is None:
        second, name = first, rest  # one time and a name: a point
    if _SECONDS.fullmatch(first) is None or "\t" in name or "\t" not in line:
        raise FormatError(
            f"{str(path)!r} line {number} must be a label: start, tab, end, tab, name, with times in seconds; "
            f"got {line[:80]!r}",
            path=path,
        )
    start, end = (float(time.replace(",", ".")) for time in (first, second))
    if end < start:
        raise FormatError(
            f"{str(path)!r} line {number}: a label must not end before it starts, got {first} to {second}",
            path=path,
            time=start,
        )
    return start, end, from_one_line(name)


def _check_frequencies(path: Path, number: int, line: str) -> None:
    fields = line.split("\t")
    if fields[0] != "\\" or len(fields) != 3 or not all(_SECONDS.fullmatch(field) for field in fields[1:]):
        raise FormatError(
            f"{str(path)!r} line {number} must be the frequencies of a spectral selection: backslash, tab, Hz, tab, "
            f"Hz; got {line[:80]!r}",
            path=path,
        )
