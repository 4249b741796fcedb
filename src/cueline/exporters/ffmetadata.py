r"""FFmpeg metadata: the labels of one track as chapters, to be put into a media file.

One file an asset, with a chapter for each label of the chosen track, titled by its name, in microseconds. It is put
into a copy of the media without encoding anew:

    ffmpeg -i film.mp4 -i film.ffmetadata -map 0 -map_metadata 0 -map_chapters 1 -codec copy chapters.mkv

In names `=`, `;`, `#`, `\` and ends of lines get a backslash before them.

References:
    FFmpeg formats documentation, chapter "Metadata".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack

HEADING = ";FFMETADATA"
PER_SECOND = 1_000_000
_NANOSECONDS = Fraction(1, 10**9)  # what FFmpeg takes where a chapter names no time base
_SPECIAL = re.compile(r"[=;#\\\n\r]")
_LINE = re.compile(r"((?:\\.|[^\\\n\r])*)(\r\n|\n|\r|\Z)", re.DOTALL)
_PAIR = re.compile(r"((?:\\.|[^\\=])*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FFmetadata:
    """Chapters for each asset from one track, for ffmpeg to put into media files.

    Attributes:
        track: The label track whose labels become chapters.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".ffmetadata"
    keeps: ClassVar[str] = (
        "Keeps names and times of the labels of one track to the microsecond, from 0 s on; loses all other tracks, its "
        "name, scores, the classes that were looked for, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".ffmetadata", ".ffmeta")
    brings: ClassVar[str] = "Chapters: a label for each, called as its title."

    track: str = "shots"

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources; one without the track has no chapters.

        Raises:
            FormatError: If a name holds the character NUL, which the format cannot.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            track = source.record.tracks.get(self.track)
            path = folder / names.of(source)
            with written_whole(path) as file:
                file.write(f"{HEADING}1\n")
                if isinstance(track, LabelTrack):
                    file.writelines(_chapters(source, track))
            written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read chapters.

        Args:
            path: As FFmpeg writes it with `-f ffmetadata`.

        Yields:
            One track without a name, of a medium that the file does not tell; none where there are no chapters.

        Raises:
            FormatError: If it is something else, or a chapter's times cannot be; names the line.
        """
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError(f"{str(path)!r} must be UTF-8, got {error}", path=path) from error
        if not text.startswith(HEADING):
            raise FormatError(
                f"{str(path)!r} must begin with {HEADING}, got {text[:20]!r}. "
                "Is it metadata that FFmpeg wrote with -f ffmetadata?",
                path=path,
            )
        chapters = list(_read_chapters(text, path))
        for chapter, following in pairwise([*chapters, _Chapter(path, 0)]):
            if chapter.end is None:
                chapter.end = following.start
        if chapters:
            spans = as_spans([chapter.span() for chapter in chapters])
            yield Brought("", "", LabelTrack(spans, tuple(chapter.title for chapter in chapters)))


def _chapters(source: Source, track: LabelTrack) -> Iterator[str]:
    for span, name, _ in track:
        if "\0" in name or name.endswith("\\"):
            raise FormatError(
                f"a chapter's name must hold no NUL nor end with a backslash, as FFmpeg reads neither, got {name!r} "
                f"at {span.start} s of {source.name!r}. Rename the class, or export another track.",
                asset=source.record.asset.id,
                time=span.start,
            )
        start, end = (max(0, round(time * PER_SECOND)) for time in span)
        title = _SPECIAL.sub(r"\\\g<0>", name)
        yield f"[CHAPTER]\nTIMEBASE=1/{PER_SECOND}\nSTART={start}\nEND={end}\ntitle={title}\n"


@dataclass(slots=True)
class _Chapter:
    """A chapter while it is read; times in units of its time base, exact seconds once known."""

    path: Path
    line: int
    base: Fraction = _NANOSECONDS
    start: Fraction | None = None
    end: Fraction | None = None
    title: str = ""

    def take(self, key: str, value: str) -> None:
        if key == "title":
            self.title = value
        elif key == "TIMEBASE":
            if not re.fullmatch(r"[1-9]\d*/[1-9]\d*", value):
                raise self._fault("a TIMEBASE such as 1/1000", value)
            self.base = Fraction(value)
        elif key in ("START", "END"):
            if not re.fullmatch(r"-?\d+", value):
                raise self._fault(f"a whole number as {key}", value)
            setattr(self, key.lower(), int(value) * self.base)

    def span(self) -> tuple[float, float]:
        if self.start is None or self.end is None or self.end < self.start:
            raise self._fault("a START, and an END not before it unless another chapter follows", self.title)
        return float(self.start), float(self.end)

    def _fault(self, must: str, got: str) -> FormatError:
        return FormatError(
            f"{str(self.path)!r} must give {must}, got {got!r} in the chapter of line {self.line}", path=self.path
        )


def _read_chapters(text: str, path: Path) -> Iterator[_Chapter]:
    chapter: _Chapter | None = None
    number = 1
    for match in _LINE.finditer(text):
        line, pair = match[1], _PAIR.fullmatch(match[1])
        if line.startswith("["):
            if chapter:
                yield chapter
            chapter = _Chapter(path, number) if line == "[CHAPTER]" else None
        elif chapter and pair and not line.startswith((";", "#")):
            chapter.take(*(re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in pair.groups()))
        number += match[0].count("\n")
    if chapter:
        yield chapter
