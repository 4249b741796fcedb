r"""SRT: the labels of one track as subtitles, which every player and editor shows.

One file a track, since the format has neither names for tracks nor places for cues that overlap others. A subtitle is
one label: its text is the name. Times are rounded to milliseconds; an instant lasts 1 ms, a time before 0 becomes 0,
and hours go on past 99. White space in a name becomes one space, since an empty line would end the subtitle. SubRip
had no rule for marks in text: what a reader could take for a tag, a style, an arrow or an escape is written as in HTML
(`&lt;`), and all else, such as "R&B", as it is.

Subtitles that people bring are read in any order, overlapping or not, with or without numbers, hours past 99 and
fractions of any length. Lines of one subtitle are joined by a space; tags of style (`<i>`, `{\an8}`) are left out,
notes of music stay. Text after an empty line belongs to the subtitle above it.

References:
    matroska.org, Subtitles, section "SRT Subtitles": the nearest thing to a definition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, labels_of, lines_of, text_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import Span
from cueline.timeline.timecode import clock, parse_time
from cueline.timeline.tracks import LabelTrack

_TIME = r"((?:\d{1,9}:)?\d{1,2}:\d{1,2}(?:[.,]\d*)?)"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s+[A-Za-z]\w*:\S+)*\s*", re.ASCII)  # places on screen may follow
_NUMBER = re.compile(r"\s*\d+\s*", re.ASCII)
_TAG = re.compile(r"</?(?:b|i|u|s|em|strong|font|span|c|v|ruby|rt|rp)\b[^<>]*>|\{\\[^{}]*\}", re.IGNORECASE)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_ESCAPE = re.compile(r"&(?:(amp|lt|gt|nbsp)|#(\d{1,6}));", re.ASCII)
_LETTERS = {"amp": "&", "lt": "<", "gt": ">", "nbsp": " "}


@dataclass(frozen=True, slots=True)
class Srt:
    """One file of subtitles for each track, for players and editors; reads the subtitles that people bring.

    Attributes:
        encoding: Of files that are read and have no byte order mark; old ones are often cp1252.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".srt"
    keeps: ClassVar[str] = (
        "Keeps name and times of every label to the millisecond (an instant lasts 1 ms), the track in the name of the "
        "file; loses scores, the classes that were looked for, what was judged, streams and provenance. A track "
        "without labels has no file."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".srt",)
    brings: ClassVar[str] = (
        "Each subtitle as a label of the track `subtitles`, its text as the name on one line; leaves out tags of style."
    )

    encoding: str = "utf-8"

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
                        file.writelines(_cues(track))
                    written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read subtitles.

        Args:
            path: A file of them.

        Yields:
            One track, `subtitles`; the file does not say of what.

        Raises:
            FormatError: If a line is not what must stand there, or there is no subtitle.
        """
        rows: list[tuple[float, float, list[str]]] = []
        above: list[str] = []  # what stands before the first times, then the text of the last subtitle
        for number, line in enumerate(lines_of(text_of(path, self.encoding)), start=1):
            after_number = bool(above) and _NUMBER.fullmatch(above[-1]) is not None
            if _meant_as_times(line, after_number=after_number):
                span = _times(path, number, line)
                if after_number:
                    above.pop()
                _refuse_text_before_the_first(path, above if not rows else [], number)
                above = []
                rows.append((*span, above))
            else:
                above.append(line)
        if not rows:
            raise FormatError(
                f"{str(path)!r} must hold subtitles, each a number, a line HH:MM:SS,mmm --> HH:MM:SS,mmm and text, "
                f"got {'none' if any(line.strip() for line in above) else 'an empty file'}. Is it another format?",
                path=path,
            )
        labels = labels_of((start, end, _plain(" ".join(text)), 1.0) for start, end, text in rows)
        yield Brought("", "subtitles", labels)


def _cues(track: LabelTrack) -> Iterator[str]:
    for number, (span, name, _) in enumerate(track, start=1):
        start, end = _milliseconds(span)
        yield f"{number}\n{_stamp(start)} --> {_stamp(end)}\n{_escaped(name)}\n\n"


def _milliseconds(span: Span) -> tuple[int, int]:
    start = max(0, round(span.start * 1000))
    return start, max(start + 1, round(span.end * 1000))


def _stamp(milliseconds: int) -> str:
    return clock(milliseconds / 1000).replace(".", ",")


def _escaped(name: str) -> str:
    """A name on one line, in which nothing is taken for a tag, a style, an arrow or an escape."""
    line = _ESCAPE.sub(lambda found: f"&amp;{found[0][1:]}", " ".join(name.split()))
    line = re.sub(r"<(?= ?/? ?[a-zA-Z])", "&lt;", line)
    return line.replace("-->", "--&gt;").replace("{\\", "&#123;\\")


def _plain(text: str) -> str:
    """The text that people see, on one line."""
    text = _TAG.sub("", _BREAK.sub(" ", text))
    text = _ESCAPE.sub(lambda found: _LETTERS.get(found[1]) or chr(int(found[2])), text)
    return " ".join(text.split())


def _meant_as_times(line: str, *, after_number: bool) -> bool:
    """Whether a line must be the times of a subtitle: it has an arrow and a time, or stands where they must."""
    if "-->" in line:
        return re.search(r"\d:\d|^\s*-->|-->\s*$", line) is not None
    return after_number and re.match(r"\s*-?\d+:\d+:\d+[.,]\d", line) is not None


def _times(path: Path, number: int, line: str) -> tuple[float, float]:
    found = _TIMES.fullmatch(line)
    if found is None:
        raise FormatError(
            f"{str(path)!r} line {number} must be times, HH:MM:SS,mmm --> HH:MM:SS,mmm, neither below 0 nor missing, "
            f"got {line.strip()!r}",
            path=path,
        )
    try:
        start, end = (parse_time(text.replace(",", ".")) for text in found.groups())
    except FormatError as error:
        raise FormatError(f"{str(path)!r} line {number}: {error}", path=path) from error
    if end < start:
        raise FormatError(
            f"{str(path)!r} line {number}: a subtitle must not end before it starts, got {line.strip()!r}",
            path=path,
            time=start,
        )
    return start, end


def _refuse_text_before_the_first(path: Path, lines: list[str], number: int) -> None:
    text = next((line for line in lines if line.strip()), None)
    if text is not None:
        raise FormatError(
            f"{str(path)!r} must begin with the number or the times of a subtitle, got {text.strip()!r} before the "
            f"first times in line {number}",
            path=path,
        )
