"""TextGrid: the label tracks of one asset as tiers, for phoneticians and their program Praat.

One file an asset, in the long text format, UTF-8. Spans of a track become intervals; what no span covers becomes empty
intervals, since intervals must follow one another without gaps. Where spans overlap, the track takes several tiers,
"name", "name (2)" and so on. Instants become points of a TextTier of the same name. Numbers have as many digits as
bring back the same time. A grid begins at 0, or at the first span before it, and ends with the asset, or the last span
after it; Praat opens no grid of zero length, which therefore lasts 1 s. An interval without text, or with white space
alone, is a gap: a span with such a name is refused.

Long and short text files are read alike, as Praat reads them: numbers, quoted texts and flags that stand free count,
all else is for people. Tiers of one name, and those numbered as above, are one track.

References:
    Praat manual, TextGrid file formats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, ClassVar

from cueline.errors import FormatError
from cueline.exporters.naming import FileNames, labels_of, text_of, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.tracks import LabelTrack

_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"|(?P<open>")|<(?P<flag>\w+)>|![^\n\r]*'
    r"|(?<!\S)(?P<number>[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?!\S)|(?P<other>[^\s\"<!][^\s\"]*|<)"
)
_NUMBERED = re.compile(r"(.*) \(\d+\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class TextGrid:
    """One grid of tiers for each asset, for Praat and other programs of phonetics; reads those that people bring.

    Attributes:
        encoding: Of files that are read and have no byte order mark; old ones are often latin-1 or mac-roman.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".TextGrid"
    keeps: ClassVar[str] = (
        "Keeps the tracks by name, and name and exact times of every label; loses scores, the classes that were looked "
        "for, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".TextGrid", ".textgrid")
    brings: ClassVar[str] = "Each tier as a track: its intervals that have text, and its points as instants."

    encoding: str = "utf-8"

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one file for each source.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources; one without label tracks has no tiers.

        Raises:
            FormatError: If a span has no name, or the name of a track would be taken for a part of another.
        """
        names, written = FileNames(self.suffix), []
        for source in sources:
            path = folder / names.of(source)
            with written_whole(path) as file:
                _write(file, source)
            written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read a grid.

        Args:
            path: A text file, long or short, in UTF-8, UTF-16 with a byte order mark, or `encoding`.

        Yields:
            Each track, in order of its first tier, also one without labels; the file does not say of what.

        Raises:
            FormatError: If it is no such file, or something stands where something else must.
        """
        tokens = _Tokens(path, text_of(path, self.encoding))
        tracks: dict[str, list[tuple[float, float, str, float]]] = {}
        for name, rows in tokens.tiers():
            numbered = _NUMBERED.fullmatch(name)
            known = numbered[1] if numbered and numbered[1] in tracks else name
            tracks.setdefault(known, []).extend(rows)
        for name, rows in tracks.items():
            yield Brought("", name, labels_of(rows))


Rows = list[tuple[float, float, str]]


def _write(file: IO[str], source: Source) -> None:
    tracks = {name: track for name, track in sorted(source.record.tracks.items()) if isinstance(track, LabelTrack)}
    _check_names(source, tracks)
    tiers = [tier for name, track in tracks.items() for tier in _tiers(name, track)]
    spans = [row[:2] for *_, rows in tiers for row in rows]
    first = min([0.0, *(start for start, _ in spans)])
    last = max([source.record.asset.duration, *(end for _, end in spans)])
    last = last if last > first else first + 1.0
    file.write('File type = "ooTextFile"\nObject class = "TextGrid"\n\n')
    file.write(f"xmin = {first!r}\nxmax = {last!r}\ntiers? <exists>\nsize = {len(tiers)}\nitem []:\n")
    for number, (kind, name, rows) in enumerate(tiers, start=1):
        file.write(f'    item [{number}]:\n        class = "{kind}"\n        name = {_quoted(name)}\n')
        file.write(f"        xmin = {first!r}\n        xmax = {last!r}\n")
        file.writelines(_points(rows) if kind == "TextTier" else _intervals(_without_gaps(rows, first, last)))


def _tiers(name: str, track: LabelTrack) -> Iterator[tuple[str, str, Rows]]:
    """Class, name and rows of each tier of a track."""
    layers: list[Rows] = [[]]
    points: Rows = []
    for (start, end), label, _ in track:
        if start == end:
            points.append((start, end, label))
            continue
        free = next((layer for layer in layers if not layer or layer[-1][1] <= start), None)
        if free is None:
            layers.append(free := [])
        free.append((start, end, label))
    for number, layer in enumerate(layers, start=1):
        if layer or not points:
            yield "IntervalTier", name if number == 1 else f"{name} ({number})", layer
    if points:
        yield "TextTier", name, points


def _without_gaps(rows: Rows, first: float, last: float) -> Rows:
    edges = [(first, first, ""), *rows, (last, last, "")]
    whole: Rows = []
    for before, row in pairwise(edges):
        if before[1] < row[0]:
            whole.append((before[1], row[0], ""))
        whole.append(row)
    return whole[:-1]


def _intervals(rows: Rows) -> Iterator[str]:
    yield f"        intervals: size = {len(rows)}\n"
    for number, (start, end, name) in enumerate(rows, start=1):
        yield f"        intervals [{number}]:\n            xmin = {start!r}\n            xmax = {end!r}\n"
        yield f"            text = {_quoted(name)}\n"


def _points(rows: Rows) -> Iterator[str]:
    yield f"        points: size = {len(rows)}\n"
    for number, (time, _, name) in enumerate(rows, start=1):
        yield f"        points [{number}]:\n            number = {time!r}\n            mark = {_quoted(name)}\n"


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _check_names(source: Source, tracks: Mapping[str, LabelTrack]) -> None:
    for name, track in tracks.items():
        numbered = _NUMBERED.fullmatch(name)
        if numbered and numbered[1] in tracks:
            raise FormatError(
                f"a tier {name!r} would be taken for a part of the track {numbered[1]!r} of {source.name!r}. Rename "
                "one of the two tracks, or export them apart.",
                asset=source.record.asset.id,
            )
        for span, label, _ in track:
            if not label.strip() and span.duration:
                raise FormatError(
                    f"a label must have a name, since an interval without text is a gap, got {label!r} in the track "
                    f"{name!r} of {source.name!r} at {span.start} s. Name it, or export JSON.",
                    asset=source.record.asset.id,
                    time=span.start,
                )


class _Tokens:
    """What counts in a text file of Praat, one after the other, with the lines they stand in."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.found = (match for match in _TOKEN.finditer(text) if match.lastgroup not in (None, "other"))
        self.line = 1
        self.at = 0

    def tiers(self) -> Iterator[tuple[str, list[tuple[float, float, str, float]]]]:
        """Name and labels of each tier."""
        kind, thing = self._text('"ooTextFile"', heading=True), self._text('"TextGrid"', heading=True)
        if kind not in ("ooTextFile", "ooTextFile short") or thing != "TextGrid":
            raise self._fault('be File type = "ooTextFile" and Object class = "TextGrid"', f"{kind!r} and {thing!r}")
        self._span("the grid")
        if self._next("flag", "<exists> or <absent>", heading=False) == "exists":
            for _ in range(self._count("tiers")):
                yield self._tier()
        if (rest := self._advance()) is not None:
            raise self._fault("be the end, after as many tiers as the size says", rest[0][:40])

    def _tier(self) -> tuple[str, list[tuple[float, float, str, float]]]:
        kind = self._text("the class of a tier")
        if kind not in ("IntervalTier", "TextTier"):
            raise self._fault('be the class "IntervalTier" or "TextTier"', repr(kind))
        name = self._text("the name of a tier")
        self._span("the tier")
        rows: list[tuple[float, float, str, float]] = []
        for _ in range(self._count("intervals or points")):
            if kind == "TextTier":
                time = self._number("the time of a point")
                rows.append((time, time, self._text("the mark of a point"), 1.0))
                continue
            start, end = self._span("an interval")
            text = self._text("the text of an interval")
            if text.strip():
                rows.append((start, end, text, 1.0))
        return name, rows

    def _span(self, what: str) -> tuple[float, float]:
        start, end = self._number(f"xmin of {what}"), self._number(f"xmax of {what}")
        if end < start:
            raise self._fault(f"be xmax of {what}, not before xmin", f"{start} to {end}")
        return start, end

    def _count(self, what: str) -> int:
        number = self._number(f"the number of {what}")
        if number != int(number) or number < 0:
            raise self._fault(f"be the number of {what}", repr(number))
        return int(number)

    def _number(self, what: str) -> float:
        number = float(self._next("number", what, heading=False))
        if not math.isfinite(number):
            raise self._fault(f"be {what}", repr(number))
        return number

    def _text(self, what: str, *, heading: bool = False) -> str:
        return self._next("text", what, heading=heading).replace('""', '"')

    def _next(self, kind: str, what: str, *, heading: bool) -> str:
        match = self._advance()
        if match is None or match.lastgroup != kind:
            got = "the end of the file" if match is None else match[0][:40]
            raise self._fault(f"be {what}", got, " Is it another format, or a binary file?" if heading else "")
        return str(match[kind])

    def _advance(self) -> re.Match[str] | None:
        match = next(self.found, None)
        if match is not None:
            self.line += len(re.findall(r"\r\n|\r|\n", self.text[self.at : match.start()]))
            self.at = match.start()
        return match

    def _fault(self, must: str, got: str, hint: str = "") -> FormatError:
        cut = " Is it cut off?" if got == "the end of the file" and not hint else hint
        return FormatError(
            f"what stands at {str(self.path)!r} line {self.line} must {must}, got {got}.{cut}", path=self.path
        )
