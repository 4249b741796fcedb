"""WebVTT: the labels of one asset as cues that a browser plays beside the video.

One file an asset. A cue is one label: its identifier is the track and the number in it, its text the name. Times are
rounded to milliseconds, as the format has no finer ones; a cue must end after it starts, so an instant lasts 1 ms.
White space in a name becomes one space, since an empty line would end the cue.

References:
    W3C, WebVTT: The Web Video Text Tracks Format, sections 4.1 and 6.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cueline.exporters.naming import FileNames, written_whole
from cueline.ports import Source
from cueline.timeline.spans import Span
from cueline.timeline.timecode import clock
from cueline.timeline.tracks import LabelTrack


@dataclass(frozen=True, slots=True)
class WebVtt:
    """One file of cues for each asset, for players and editors of subtitles."""

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".vtt"
    keeps: ClassVar[str] = (
        "Keeps track, name and times of every label to the millisecond (an instant lasts 1 ms); loses scores, "
        "the classes that were looked for, what was judged, streams and provenance."
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
