"""RTTM and UEM: who or what is heard when, as measures of diarization and speech read it.

One RTTM file a track, with the lines of all media, and a UEM file beside it with the spans that were judged, those
that overlap or touch as one. A line is ten fields parted by spaces: type, id of the media, channel, start, DURATION,
and five more of which one is the name and one the confidence; `<NA>` stands where there is nothing. Times have six
decimals, and a start plus its duration gives the end to the last of them; a time before 0 becomes 0. The id is the name
of the media without its ending. Ids and names hold no spaces: these, and what else a line cannot hold, are written with
percent signs ("night%20train").

Which field is the name depends on the type: the speaker of SPEAKER and SEGMENT, the word of LEXEME, the kind (noise,
laugh) of NON-SPEECH and NON-LEX. Lines of the types that were not asked for are left out, as are comments (`;;`).

References:
    NIST, The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan, appendices A (RTTM) and B (UEM).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import IO, ClassVar, Literal

from cueline.errors import FormatError, near_miss
from cueline.exporters.naming import (
    FileNames,
    MediaIds,
    from_one_line,
    labels_of,
    lines_of,
    one_line,
    text_of,
    written_whole,
)
from cueline.ports import Brought, Source
from cueline.timeline.spans import Spans, as_spans, merge
from cueline.timeline.tracks import LabelTrack

NOTHING = "<NA>"
TYPES = (  # of the definition; the last five tell of transcripts
    *("SPEAKER", "SEGMENT", "LEXEME", "NON-SPEECH", "NON-LEX", "NOSCORE", "NO_RT_METADATA", "SPKR-INFO"),
    *("FILLER", "EDIT", "SU", "IP", "CB", "A/P"),
)
_NAME_FIELD = {"SPEAKER": 7, "SEGMENT": 7, "LEXEME": 5, "NON-SPEECH": 6, "NON-LEX": 6}
_SECONDS = re.compile(r"\d{1,15}(\.\d*)?|\.\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rttm:
    """One RTTM file for each track and a UEM file beside it, for measures of diarization; reads those of others.

    Attributes:
        type: Of the lines that are written, or read.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".rttm"
    keeps: ClassVar[str] = (
        "Keeps the name of the media, name, score and times of every label, and what was judged, to the microsecond, "
        "the track in the name of the file; loses the classes that were looked for, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".rttm",)
    brings: ClassVar[str] = (
        "The labels of each medium in the file, all channels together, with their scores, and what was judged where a "
        "UEM file of the same name lies beside it; leaves out lines of other types."
    )

    type: Literal["SPEAKER", "SEGMENT", "LEXEME", "NON-SPEECH", "NON-LEX"] = "SPEAKER"

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write an RTTM and a UEM file for each track.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in the order in which tracks were met.
        """
        names, ids, files = FileNames(self.suffix), MediaIds(), dict[str, tuple[Path, IO[str], IO[str]]]()
        with ExitStack() as open_files:
            for source in sources:
                media = _field(ids.of(source))
                for name, track in sorted(source.record.tracks.items()):
                    if not isinstance(track, LabelTrack):
                        continue
                    if name not in files:
                        path = folder / names.called(name)
                        spans, judged = (written_whole(place) for place in (path, path.with_suffix(".uem")))
                        files[name] = path, open_files.enter_context(spans), open_files.enter_context(judged)
                    files[name][1].writelines(self._lines(media, track))
                    files[name][2].writelines(_uem_lines(media, track.judged))
        return [place for path, *_ in files.values() for place in (path, path.with_suffix(".uem"))]

    def read(self, path: Path) -> Iterator[Brought]:
        """Read an RTTM file, and the UEM file of the same name where one lies beside it.

        Args:
            path: The RTTM file, UTF-8.

        Yields:
            One track for each medium, in order of first lines; a medium of the UEM file alone has no labels. The file
            does not name the track.

        Raises:
            FormatError: If a line is not what it must be, or none has the type asked for.
        """
        rows: dict[str, list[tuple[float, float, str, float]]] = {}
        others: set[str] = set()
        for number, line in enumerate(lines_of(text_of(path)), start=1):
            fields = line.split()
            if not fields or fields[0].startswith(";;"):
                continue
            _check_line(path, number, fields)
            if fields[0] == self.type:
                media, row = self._row(path, number, fields)
                rows.setdefault(media, []).append(row)
            else:
                others.add(fields[0])
        beside = path.with_suffix(".uem")
        judged = _judged(beside) if beside.is_file() else {}
        if not rows and (others or not judged):
            found = ", ".join(sorted(others)) or "an empty file"
            raise FormatError(
                f"{str(path)!r} must have lines of type {self.type}, got {found}. Name another with option type.",
                path=path,
            )
        for media in dict.fromkeys([*rows, *judged]):
            labels = labels_of(rows.get(media, []))
            yield Brought(media, "", replace(labels, judged=judged[media]) if media in judged else labels)

    def _lines(self, media: str, track: LabelTrack) -> Iterator[str]:
        for span, name, score in track:
            start, end = _microseconds(span.start), _microseconds(span.end)
            rest = [NOTHING] * 5
            rest[_NAME_FIELD[self.type] - 5] = _field(name)
            rest[3] = NOTHING if score == 1 else repr(score)
            yield f"{self.type} {media} 1 {_seconds(start)} {_seconds(end - start)} {' '.join(rest)}\n"

    def _row(self, path: Path, number: int, fields: list[str]) -> tuple[str, tuple[float, float, str, float]]:
        start, duration = (
            _time(path, number, text, what) for text, what in ((fields[3], "start"), (fields[4], "duration"))
        )
        name = fields[_NAME_FIELD[self.type]]
        try:
            score = 1.0 if fields[8] == NOTHING else float(fields[8])
        except ValueError:
            score = -1.0
        if not 0 <= score <= 1:
            raise FormatError(
                f"{str(path)!r} line {number}: a confidence must be {NOTHING} or lie in [0, 1], got {fields[8]!r}",
                path=path,
            )
        named = "" if name == NOTHING else from_one_line(name)
        return from_one_line(fields[1]), (float(start), float(start + duration), named, score)


def _uem_lines(media: str, judged: Spans) -> Iterator[str]:
    for start, end in merge(judged).tolist():
        yield f"{media} 1 {_seconds(_microseconds(start))} {_seconds(_microseconds(end))}\n"


def _microseconds(time: float) -> int:
    return max(0, round(time * 1_000_000))


def _seconds(microseconds: int) -> str:
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06}"


def _field(text: str) -> str:
    """Text without a space, that stands for itself alone."""
    line = one_line(text).replace(" ", "%20")
    if line == NOTHING or line.startswith(";"):
        line = f"%{ord(line[0]):02X}{line[1:]}"
    return line or NOTHING


def _check_line(path: Path, number: int, fields: list[str]) -> None:
    if fields[0] not in TYPES:
        raise FormatError(
            f"{str(path)!r} line {number} must begin with a type of RTTM, such as SPEAKER, got {fields[0]!r}."
            f"{near_miss(fields[0].upper(), TYPES) or ' Is it another format, such as UEM?'}",
            path=path,
        )
    if len(fields) not in (9, 10):
        raise FormatError(
            f"{str(path)!r} line {number} must have 9 or 10 fields parted by spaces, got {len(fields)}. Has a name a "
            "space in it, or is the file cut off?",
            path=path,
        )


def _time(path: Path, number: int, text: str, what: str) -> Decimal:
    if _SECONDS.fullmatch(text) is None:
        raise FormatError(
            f"{str(path)!r} line {number}: the {what} must be seconds, 0 or more, such as 12.345; got {text!r}",
            path=path,
        )
    return Decimal(text)


def _judged(path: Path) -> dict[str, Spans]:
    """What was judged of each medium, as a UEM file says."""
    judged: dict[str, list[list[float]]] = {}
    for number, line in enumerate(lines_of(text_of(path)), start=1):
        fields = line.split()
        if not fields or fields[0].startswith(";;"):
            continue
        if len(fields) != 4:
            raise FormatError(
                f"{str(path)!r} line {number} must have the 4 fields id, channel, start and end, got {len(fields)}",
                path=path,
            )
        start, end = _time(path, number, fields[2], "start"), _time(path, number, fields[3], "end")
        if end < start:
            raise FormatError(
                f"{str(path)!r} line {number}: a span must not end before it starts, got {start} to {end}. The fourth "
                "field of UEM is an end, not a duration.",
                path=path,
                time=float(start),
            )
        judged.setdefault(from_one_line(fields[0]), []).append([float(start), float(end)])
    return {media: as_spans(spans, what="judged spans") for media, spans in judged.items()}
