r"""ASS and SSA: subtitles with styles that people bring, such as those of fan translators.

Each event `Dialogue` of section `[Events]` is a label; its text is the name. The fields stand in the order that the
line `Format` of the section tells, the text last. Comments, styles, drawings and fonts are left out. Override tags
(`{\i1}`) are left out, line breaks (`\N`, `\n`) and hard spaces (`\h`) become a space, notes of music stay.

References:
    MPlayer and Aegisub, ass-specs: Sub Station Alpha v4.00+ Script Format, section "The [Events] section".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import labels_of, lines_of, text_of
from cueline.ports import Brought
from cueline.timeline.timecode import parse_time

_TIME = re.compile(r"\d{1,9}:\d{1,2}:\d{1,2}(\.\d+)?", re.ASCII)
_DRAWING = re.compile(r"\{[^{}]*\\p[1-9][^{}]*\}.*?(?=\{[^{}]*\\p0[^{}]*\}|$)")
_EVENTS_NEED = ("start", "end", "text")


@dataclass(frozen=True, slots=True)
class Ass:
    """Reads subtitles with styles.

    Attributes:
        encoding: Of files that have no byte order mark; old ones are often cp1252.
    """

    version: ClassVar[str] = "1"
    suffixes: ClassVar[tuple[str, ...]] = (".ass", ".ssa")
    brings: ClassVar[str] = (
        "Each line of dialogue as a label of the track `subtitles`, its text as the name on one line; leaves out "
        "styles, tags, drawings, speakers and comments."
    )

    encoding: str = "utf-8"

    def read(self, path: Path) -> Iterator[Brought]:
        """Read subtitles.

        Args:
            path: A file of them.

        Yields:
            One track, `subtitles`; the file does not say of what.

        Raises:
            FormatError: If there are no events, or one of them is not what it must be.
        """
        rows: list[tuple[float, float, str, float]] = []
        section = ""
        fields: tuple[str, ...] = ()
        for number, line in enumerate(lines_of(text_of(path, self.encoding)), start=1):
            kind, _, rest = line.partition(":")
            if line.startswith("["):
                section = line.strip().lower()
            elif section == "[events]" and kind.strip() == "Format":
                fields = _fields(path, number, rest)
            elif section == "[events]" and kind.strip() == "Dialogue":
                rows.append((*_event(path, number, rest, fields), 1.0))
        if not fields:
            raise FormatError(
                f"{str(path)!r} must have a section [Events] with a line Format: ..., got "
                f"{f'{section} last' if section else 'no section'}. Is it cut off, or another format?",
                path=path,
            )
        yield Brought("", "subtitles", labels_of(rows))


def _fields(path: Path, number: int, rest: str) -> tuple[str, ...]:
    """Names of the fields of an event, in order."""
    fields = tuple(field.strip().lower() for field in rest.split(","))
    if not set(_EVENTS_NEED) <= set(fields) or fields[-1] != "text":
        raise FormatError(
            f"{str(path)!r} line {number} must name the fields Start, End and, as the last, Text, got {rest.strip()!r}",
            path=path,
        )
    return fields


def _event(path: Path, number: int, rest: str, fields: Sequence[str]) -> tuple[float, float, str]:
    """Start, end and text of an event."""
    values = rest.split(",", len(fields) - 1) if fields else []
    if not fields or len(values) < len(fields):
        wanted = f"have {len(fields)} fields" if fields else "stand below a line Format: ..."
        raise FormatError(f"{str(path)!r} line {number}: an event must {wanted}, got {rest.strip()!r}", path=path)
    known = dict(zip(fields, values, strict=True))
    start, end = (_seconds(path, number, known[field].strip()) for field in ("start", "end"))
    if end < start:
        raise FormatError(
            f"{str(path)!r} line {number}: an event must not end before it starts, got {known['start'].strip()} to "
            f"{known['end'].strip()}",
            path=path,
            time=start,
        )
    return start, end, _plain(known["text"])


def _seconds(path: Path, number: int, time: str) -> float:
    if _TIME.fullmatch(time) is None:
        raise FormatError(
            f"{str(path)!r} line {number}: times of an event must read H:MM:SS.cc, 0 or more, got {time!r}", path=path
        )
    try:
        return parse_time(time)
    except FormatError as error:
        raise FormatError(f"{str(path)!r} line {number}: {error}", path=path) from error


def _plain(text: str) -> str:
    """The text that people see, on one line."""
    text = re.sub(r"\{[^{}]*\}", "", _DRAWING.sub("", text))
    return " ".join(re.sub(r"\\[Nnh]", " ", text).split())
