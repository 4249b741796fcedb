"""M3U8: a playlist for each class, whose entries are the stretches of media that carry it.

One playlist for each class of each label track, over all assets. An entry is one label: `#EXTINF` gives its duration
and where it is; the line below is the media as a `file:` URL with a media fragment, `#t=start,end`, in seconds with as
many digits as bring back the same number. An instant lasts 1 ms there, as an empty fragment is none, and 0 s in
`#EXTINF`. Players that know no fragments play the whole file.

Playlists that people bring name files, with fragments or without. All entries are of the class that the playlist is
about: the text of `#PLAYLIST`, else the playlist's own name. An entry without a fragment is about the whole file, from
0 s to what `#EXTINF` says.

References:
    W3C, Media Fragments URI 1.0, section 4.2.1. M3U itself was never standardised.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, unquote, urlparse

import numpy as np

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, from_one_line, one_line, placed_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.timecode import clock, parse_time
from cueline.timeline.tracks import LabelTrack

INSTANT_SECONDS = 0.001
HLS = ("#EXT-X-TARGETDURATION", "#EXT-X-STREAM-INF")
_ENDS = re.compile(r"\r\n|\n|\r")  # not those of Unicode, which may stand in a name
_ENTRY = re.compile(r"(?P<media>.*?)(?:#t=(?:npt:)?(?P<start>[\d:.]*)(?:,(?P<end>[\d:.]+))?)?")
_INFO = re.compile(r"#EXTINF:\s*(-?\d+(?:\.\d*)?)")


@dataclass(frozen=True, slots=True)
class M3u8:
    """One playlist for each class, for players and for listening to what was found.

    Attributes:
        tracks: The label tracks whose classes get playlists; empty takes all.
        whole: Seconds that an entry lasts, when reading, where neither a fragment nor `#EXTINF` says it; 0 refuses it.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".m3u8"
    keeps: ClassVar[str] = (
        "Keeps track, name and exact times of every label, from 0 s on, and where its media lies; loses scores, the "
        "classes that were looked for and not found, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".m3u8", ".m3u")
    brings: ClassVar[str] = "Entries of a playlist, with media fragments or about whole files, all of one class."

    tracks: tuple[str, ...] = ()
    whole: float = 0.0

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one playlist for each class.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the first label of each class; none where there are no labels.
        """
        names, asides, written = FileNames(self.suffix), dict[tuple[str, str], Path](), list[Path]()
        with ExitStack() as whole:
            for source in sources:
                for (track, label), entries in self._entries(source).items():
                    text = "".join(entries)
                    if (track, label) not in asides:
                        written.append(folder / names.called(f"{track} {label}"))
                        asides[track, label] = whole.enter_context(placed_whole(written[-1]))
                        text = f"#EXTM3U\n#PLAYLIST:{one_line(label)}\n#EXTGRP:{one_line(track)}\n{text}"
                    with asides[track, label].open("a", encoding="utf-8", newline="\n") as file:
                        file.write(text)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read a playlist.

        Args:
            path: UTF-8; one that ends with `.m3u` may also be Latin-1, as its older writers had it.

        Yields:
            The labels of each medium, in order of their first entries.

        Raises:
            FormatError: If it is a playlist of a stream, an entry does not say how long it is, or its times cannot be.
        """
        label, track = path.stem, ""
        seconds: float | None = None
        found: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for number, line in enumerate(_ENDS.split(_text_of(path)), start=1):
            if line.startswith(HLS):
                raise FormatError(
                    f"{str(path)!r} must list files, got a playlist of a stream ({line[:40]!r} in line {number}). "
                    "Bring the playlist of what was recorded of it.",
                    path=path,
                )
            if line.startswith("#PLAYLIST:"):
                label = from_one_line(line.removeprefix("#PLAYLIST:").strip())
            elif line.startswith("#EXTGRP:"):
                track = from_one_line(line.removeprefix("#EXTGRP:").strip())
            elif match := _INFO.match(line):
                seconds = float(match[1])
            elif line.strip() and not line.startswith("#"):
                media, times = self._entry(line.strip(), seconds, number, path)
                found[media].append(times)
                seconds = None
        for media, rows in found.items():
            yield Brought(media, track, LabelTrack(as_spans(rows), (label,) * len(rows)))

    def _entries(self, source: Source) -> dict[tuple[str, str], list[str]]:
        record, found = source.record, defaultdict[tuple[str, str], list[str]](list)
        media = (
            source.location.path.as_uri()
            if source.location
            else quote(source.name or record.asset.id, errors="surrogateescape")
        )
        for name, track in sorted(record.tracks.items()):
            if isinstance(track, LabelTrack) and (not self.tracks or name in self.tracks):
                for span, label, _ in track:
                    found[name, label].append(_entry(source.name, media, span))
        return found

    def _entry(self, line: str, seconds: float | None, number: int, path: Path) -> tuple[str, tuple[float, float]]:
        match = _ENTRY.fullmatch(line)
        assert match is not None  # any line is a medium
        try:
            start = parse_time(match["start"] or "0")
            end = self._end(start, match["end"], seconds)
        except FormatError as error:
            raise FormatError(f"line {number} of {str(path)!r}: {error}", path=path) from error
        if seconds == 0:
            end = start
        return _medium(match["media"], encoded=match["start"] is not None), (start, end)

    def _end(self, start: float, text: str | None, seconds: float | None) -> float:
        end = self.whole
        if text:
            end = parse_time(text)
        elif seconds is not None and seconds > 0:
            end = start + seconds
        elif end <= start:
            raise FormatError(
                "an entry must say where it ends, by a fragment #t=START,END or by #EXTINF:SECONDS. Say how many "
                "seconds whole files last with m3u8.whole=SECONDS."
            )
        if end < start:
            raise FormatError(f"an entry must not end before it starts, got {start},{end}")
        return end


def _entry(name: str, media: str, span: Span) -> str:
    start, end = max(0.0, span.start), max(0.0, span.end)
    shown = max(end, start + INSTANT_SECONDS) if end == start else end
    fragment = ",".join(np.format_float_positional(time, trim="-") for time in (start, shown))
    duration = np.format_float_positional(end - start, trim="-")
    return f"#EXTINF:{duration},{one_line(name)} {clock(start)}\n{media}#t={fragment}\n"


def _medium(text: str, *, encoded: bool) -> str:
    """Path of a file: URL or of a reference with a fragment; a plain path, and a URL of elsewhere, as they are."""
    if text.startswith("file:"):
        return unquote(urlparse(text).path, errors="surrogateescape")
    return text if "://" in text or not encoded else unquote(text, errors="surrogateescape")


def _text_of(path: Path) -> str:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if path.suffix.lower() == ".m3u":
            return raw.decode("latin-1")
        raise FormatError(f"{str(path)!r} must be UTF-8, as .m3u8 says, got {error}", path=path) from error
