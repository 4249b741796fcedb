"""WebVTT: the labels of one asset as cues that a browser plays beside the video.

One file an asset. A cue is one label: its identifier is the track and the number in it, its text the name. Times are
rounded to milliseconds, as the format has no finer ones; a cue must end after it starts, so an instant lasts 1 ms.
White space in a name becomes one space, since an empty line would end the cue.

Of a file that Cueline wrote, told by its first note, the asset and the tracks come back. Cues of others are labels of
the track `subtitles`: lines of one cue are joined by a space, tags (`<i>`, `<v Bob>`, time stamps for karaoke) and the
places of cues on screen are left out, as are notes, styles and regions.

References:
    W3C, WebVTT: The Web Video Text Tracks Format, sections 4.1 and 6.2.
"""

from __future__ import annotations

import html
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

_TIME = r"((?:\d{2,9}:)?\d{2}:\d{2}\.\d{3})"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s+[a-z]+:\S+)*\s*", re.ASCII)  # settings may follow
_OUR_NOTE = re.compile(r"NOTE .*, asset (.*)")  # an id of spaces alone is written as nothing
_OUR_CUE = re.compile(r"(.*) \d+", re.ASCII)
_NO_CUE = re.compile(r"(NOTE|STYLE|REGION)(\s.*)?")


@dataclass(frozen=True, slots=True)
class WebVtt:
    """One file of cues for each asset, for browsers and editors of subtitles; reads cues that people bring."""

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".vtt"
    keeps: ClassVar[str] = (
        "Keeps track, name and times of every label to the millisecond (an instant lasts 1 ms); loses scores, "
        "the classes that were looked for, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".vtt",)
    brings: ClassVar[str] = (
        "Each cue as a label, its text as the name on one line, of the track that Cueline wrote, or else of the track "
        "`subtitles`; leaves out tags, places on screen, notes, styles and regions."
    )

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources; one without labels has no cues.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            with written_whole(path) as file:
                file.write(f"WEBVTT\n\nNOTE {_escaped(source.name)}, asset {_escaped(source.record.asset.id)}\n")
                file.writelines(_cues(source))
            written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read cues.

        Args:
            path: A file of them, UTF-8.

        Yields:
            Each track that has cues, by name, and the asset where Cueline wrote the file; else one track, `subtitles`.

        Raises:
            FormatError: If it is something else, or a block is neither a cue nor what may stand beside cues.
        """
        heading, *blocks = _blocks(path)
        if re.fullmatch(r"WEBVTT([ \t].*)?", heading[1][0]) is None:
            raise FormatError(
                f"{str(path)!r} line 1 must begin with WEBVTT, got {heading[1][0]!r}. Is it another format?", path=path
            )
        ours = _OUR_NOTE.fullmatch(blocks[0][1][0]) if blocks else None
        rows: dict[str, list[tuple[float, float, str, float]]] = {}
        for number, lines in blocks:
            if not any("-->" in line for line in lines[:2]) and _NO_CUE.fullmatch(lines[0]):
                continue
            identifier, (start, end), text = _cue(path, number, lines)
            mine = _OUR_CUE.fullmatch(identifier) if ours else None
            rows.setdefault(_plain(mine[1]) if mine else "subtitles", []).append((start, end, text, 1.0))
        for track, found in sorted(rows.items()):
            yield Brought(_plain(ours[1]) if ours else "", track, labels_of(found))


def _blocks(path: Path) -> Iterator[tuple[int, list[str]]]:
    """What stands between empty lines, with the number of its first line; the first block begins in line 1."""
    block: list[str] = []
    lines = lines_of(text_of(path)) or [""]
    for number, line in enumerate([*lines, ""], start=1):
        if line or number == 1:
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _cue(path: Path, number: int, lines: Sequence[str]) -> tuple[str, tuple[float, float], str]:
    """Identifier, times and text of a block."""
    at = 0 if "-->" in lines[0] else 1
    found = _TIMES.fullmatch(lines[at]) if at < len(lines) else None
    if found is None:
        got, line = (lines[at], number + at) if "-->" in "".join(lines[:2]) else (lines[0], number)
        raise FormatError(
            f"{str(path)!r} line {line} must be a cue, with times HH:MM:SS.mmm --> HH:MM:SS.mmm of 0 or more, or a "
            f"NOTE, STYLE or REGION, got {got!r}",
            path=path,
        )
    try:
        start, end = (parse_time(time) for time in found.groups())
    except FormatError as error:
        raise FormatError(f"{str(path)!r} line {number + at}: {error}", path=path) from error
    if end < start:
        raise FormatError(
            f"{str(path)!r} line {number + at}: a cue must not end before it starts, got {lines[at]!r}",
            path=path,
            time=start,
        )
    return "" if at == 0 else lines[0], (start, end), _plain(" ".join(lines[at + 1 :]))


def _cues(source: Source) -> Iterator[str]:
    """Cues in order of start, those of all tracks among one another."""
    cues: list[tuple[int, int, str, str]] = []
    for name, track in sorted(source.record.tracks.items()):
        if isinstance(track, LabelTrack):
            for number, (span, label, _) in enumerate(track, start=1):
                cues.append((*_milliseconds(span), f"{_escaped(name)} {number}", _escaped(label)))
    for start, end, identifier, text in sorted(cues, key=lambda cue: cue[:2]):
        yield f"\n{identifier}\n{clock(start / 1000)} --> {clock(end / 1000)}\n{text}\n"


def _milliseconds(span: Span) -> tuple[int, int]:
    """Start and end, the format knowing neither negative times nor cues that do not last."""
    start = max(0, round(span.start * 1000))
    return start, max(start + 1, round(span.end * 1000))


def _escaped(text: str) -> str:
    """Text on one line, in which nothing is taken for a tag or for the arrow between two times."""
    line = " ".join(text.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str) -> str:
    """The text that people see, on one line: for our own text the inverse of `_escaped`."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", "", text)).split())
