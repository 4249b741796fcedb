"""EDL: the labels of one track as the events of a CMX 3600 edit decision list, for editing systems of the house.

One list an asset, at most 999 events in each: the next ones stand in a further file. An event is one label: `* COMMENT`
tells its name, `* FROM CLIP NAME` and `* FROM FILE` the media, whose time code is 00:00:00:00 at its start; the reel is
made of the file's name, eight letters that no other list of the export has. The out time is exclusive.

An EDL counts frames and does not say at which rate. A list is written at the rate of the asset's video, with drop-frame
where that exists; where there is no rate, or frames follow at uneven distances, the option `rate` must say it, and time
codes are nominal then: seconds times rate. What may not stand in a line is percent-encoded.

A list that is read gives the times of the record side, from `start` on. Its rate must be told.

References:
    CMX Systems, 1988, Edit Decision List, CMX 3600. SMPTE ST 258:2004, Transfer of Edit Decision Lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePath
from typing import ClassVar

from cueline.errors import FormatError, OptionError, TimelineError
from cueline.exporters.naming import FileNames, from_one_line, one_line, written_whole
from cueline.ports import Brought, Source
from cueline.timeline.spans import as_spans
from cueline.timeline.timecode import DROPPED, frame_index, frame_time, parse_rate, parse_smpte, smpte, standard_rate
from cueline.timeline.tracks import LabelTrack

MOST_EVENTS = 999
SPECIAL_REELS = ("AX", "BL", "BLACK", "BARS")
_RATES = "edl.rate=25 (or 23.976, 29.97, 29.97df for drop-frame, 30000/1001)"
_EVENT = re.compile(r"(\d+)\s+(\S+)\s+(\S+)\s+([A-Z]+\d*)(?:\s+\d+)?((?:\s+[\d:;]+){4})", re.ASCII)
_COMMENT = re.compile(r"\*\s*(FROM CLIP NAME|TO CLIP NAME|FROM FILE|COMMENT)\s*:\s*(.*)")


@dataclass(frozen=True, slots=True)
class Edl:
    """One CMX 3600 list for each asset: the shots as events, for Resolve, Premiere, Avid and what came before them.

    Attributes:
        clips: The label track whose labels become events; they must not overlap.
        rate: Frames a second, such as `25`, `23.976`, `30000/1001`, or `29.97df` for drop-frame; empty takes that of
            the asset's video. A list that is read needs it.
        start: Time code of the record side where the asset starts, often `01:00:00:00`.
    """

    version: ClassVar[str] = "1"
    suffix: ClassVar[str] = ".edl"
    keeps: ClassVar[str] = (
        "Keeps names and times of the labels of one track, to the frame (an instant lasts one), from 0 s on; loses all "
        "other tracks, its name, scores, the classes that were looked for, what was judged, streams and provenance."
    )
    suffixes: ClassVar[tuple[str, ...]] = (".edl",)
    brings: ClassVar[str] = "Events of the picture at the times of the record side, called as their comment or clip."

    clips: str = "shots"
    rate: str = ""
    start: str = "00:00:00:00"

    def export(self, sources: Iterable[Source], folder: Path) -> Sequence[Path]:
        """Write one list for each source, more where a track has more events than a list holds.

        Args:
            sources: What to write; read once, one at a time.
            folder: Where; made if it is missing.

        Returns:
            The files written, in order of the sources; one without the track has no events.

        Raises:
            FormatError: If there is no rate, labels overlap, or a time code would reach 24 hours.
            OptionError: If `rate` or `start` is none.
        """
        names, reels, written = FileNames(self.suffix), set[str](), list[Path]()
        for source in sources:
            track = source.record.tracks.get(self.clips)
            events: list[str] = []
            drop = False
            if isinstance(track, LabelTrack) and len(track):
                rate, drop = self._rate_of(source)
                events = list(self._events(source, track, _reel(source, reels), rate, drop=drop))
            for first in range(0, max(len(events), 1), MOST_EVENTS):
                path = folder / names.of(source, part=str(first // MOST_EVENTS + 1) if first else "")
                with written_whole(path) as file:
                    file.write(f"TITLE: {one_line(source.name)}\nFCM: {'' if drop else 'NON-'}DROP FRAME\n\n")
                    for number, event in enumerate(events[first : first + MOST_EVENTS], start=1):
                        file.write(f"{number:03}  {event}")
                written.append(path)
        return written

    def read(self, path: Path) -> Iterator[Brought]:
        """Read the events of the picture; those that last no frame, as before a dissolve, are left out.

        Args:
            path: A list of one record side.

        Yields:
            One track without a name. Its medium is told where all events come from one clip at the times at which they
            are recorded, as in the lists of `export`; else the list is about what was recorded, which it does not name.

        Raises:
            FormatError: If there is no rate, or a line is no event; names the line.
        """
        if not self.rate:
            raise FormatError(
                f"{str(path)!r} is an EDL, which does not say its frame rate. Say it with {_RATES}.",
                path=path,
            )
        rate, drop = _parsed(self.rate)
        events: list[_Event] = []
        for number, line in enumerate(path.read_text("utf-8-sig", errors="backslashreplace").splitlines(), start=1):
            if line.startswith("FCM:"):
                drop = rate in DROPPED and "NON" not in line
            elif line[:1].isdigit():
                events.append(_Event.of(line, number, path, rate, drop=drop))
            elif events and (comment := _COMMENT.match(line)):
                events[-1].comments[comment[1]] = comment[2].strip()
        shown = [event for event in events if event.picture and event.frames[3] > event.frames[2]]
        if shown:
            start = self._start(rate, drop=shown[0].drop)
            spans = as_spans([[frame_time(frame - start, rate) for frame in event.frames[2:]] for event in shown])
            yield Brought(_medium(shown, start), "", LabelTrack(spans, tuple(event.name for event in shown)))

    def _rate_of(self, source: Source) -> tuple[Fraction, bool]:
        if self.rate:
            return _parsed(self.rate)
        stream = source.record.asset.stream("video")
        why = "no known frame rate"
        if stream is not None and stream.variable:
            why = "frames at uneven distances"
        elif stream is not None and stream.rate is not None:
            try:
                rate = standard_rate(stream.rate)
            except OptionError:
                why = f"{stream.rate} frames a second, for which no time codes exist"
            else:
                return rate, rate in DROPPED
        raise FormatError(
            f"an EDL needs a frame rate, and {source.name!r} has {why}. Say at which to count frames with {_RATES}.",
            asset=source.record.asset.id,
        )

    def _start(self, rate: Fraction, *, drop: bool) -> int:
        try:
            return _frame(self.start, rate, drop=drop)
        except FormatError as error:
            raise OptionError(f"edl.start must be a time code at {rate} frames a second: {error}") from error

    def _events(self, source: Source, track: LabelTrack, reel: str, rate: Fraction, *, drop: bool) -> Iterator[str]:
        start, before = self._start(rate, drop=drop), 0
        about = f"* FROM CLIP NAME: {one_line(PurePath(source.name).name)}\n"
        about += f"* FROM FILE: {one_line(str(source.location.path))}\n" if source.location else ""
        for span, name, _ in track:
            first = max(0, frame_index(span.start, rate))
            last = max(first + 1, frame_index(span.end, rate))
            if first < before:
                raise FormatError(
                    f"events of an EDL must not overlap, got {name!r} at {span.start} s of {source.name!r} while "
                    f"another label of {self.clips!r} lasts, at {rate} frames a second. Choose a track of labels that "
                    "follow one another with edl.clips=TRACK.",
                    asset=source.record.asset.id,
                    time=span.start,
                )
            before = last
            try:
                codes = [smpte(frame, rate, drop_frame=drop) for frame in (first, last, start + first, start + last)]
            except TimelineError as error:
                raise FormatError(
                    f"{name!r} at {span.start} s of {source.name!r} has no time code: {error}",
                    asset=source.record.asset.id,
                    time=span.start,
                ) from error
            yield f"{reel:<8} V     C        {' '.join(codes)}\n{about}* COMMENT: {one_line(name)}\n"


@dataclass(slots=True)
class _Event:
    """One line of a list, and the comments under it."""

    reel: str
    picture: bool
    drop: bool
    frames: Sequence[int]  # in and out of the source, in and out of the record, exclusive
    comments: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, line: str, number: int, path: Path, rate: Fraction, *, drop: bool) -> _Event:
        match = _EVENT.match(line)
        if match is None:
            raise FormatError(
                f"line {number} of {str(path)!r} must be an event (number, reel, track, cut, four time codes), got "
                f"{line[:80]!r}",
                path=path,
            )
        try:
            frames = [_frame(code, rate, drop=drop) for code in match[5].split()]
        except (FormatError, OptionError) as error:
            raise FormatError(
                f"line {number} of {str(path)!r} has a time code that cannot be: {error}", path=path
            ) from error
        if frames[3] < frames[2]:
            raise FormatError(
                f"an event must not end before it starts, got {match[5].strip()} in line {number} of {str(path)!r}",
                path=path,
            )
        return cls(match[2], "V" in match[3] or match[3] == "B", drop or ";" in match[5], frames)

    @property
    def clip(self) -> str:
        """What the list calls the media."""
        name = self.comments.get("TO CLIP NAME") or self.comments.get("FROM CLIP NAME", "")
        return from_one_line(self.comments.get("FROM FILE", "") or name)

    @property
    def name(self) -> str:
        """What the label is called."""
        named = self.comments.get("TO CLIP NAME") or self.comments.get("FROM CLIP NAME") or self.reel
        return from_one_line(self.comments.get("COMMENT", named))


def _medium(events: Sequence[_Event], start: int) -> str:
    clips = {event.clip for event in events}
    alike = all(event.frames[0] == event.frames[2] - start for event in events)
    return clips.pop() if len(clips) == 1 and alike else ""


def _frame(code: str, rate: Fraction, *, drop: bool) -> int:
    """The frame of a time code, which may be drop-frame without saying so by its last mark."""
    return parse_smpte(f"{code[:-3]};{code[-2:]}" if drop and code[-3:-2] == ":" else code, rate)


def _parsed(text: str) -> tuple[Fraction, bool]:
    """A rate, and whether labels are left out."""
    drop = text.endswith("df") and not text.endswith("ndf")
    try:
        rate = parse_rate(text.removesuffix("df").removesuffix("n"))
    except FormatError as error:
        raise OptionError(f"edl.rate must read like 25, 29.97, 29.97df or 30000/1001, got {text!r}") from error
    if drop and rate not in DROPPED:
        raise OptionError(f"drop-frame exists at 29.97 and 59.94 frames a second alone, got edl.rate={text}")
    return rate, drop


def _reel(source: Source, given: set[str]) -> str:
    """Eight letters and digits that no other list has."""
    letters = re.sub(r"[^A-Z0-9]", "", PurePath(source.name).stem.upper()) or "REEL"
    reel, number = letters[:8], 1
    while reel in given or reel in SPECIAL_REELS:
        number += 1
        reel = f"{letters[: 8 - len(str(number))]}{number}"
    given.add(reel)
    return reel
