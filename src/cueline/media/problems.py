"""What may be wrong with a file, each in one line for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
from av.container import InputContainer
from av.stream import Stream as FileStream

from cueline.media.beginnings import Beginning
from cueline.media.containers import kind, name, of_kind
from cueline.media.packets import Tally
from cueline.timeline.assets import Stream

LEAST_PIXELS = 16
LATE_SECONDS = 0.5
SUBTITLE_SECONDS = 15  # a stated duration may include the last subtitle, which may stay for long
WITHOUT_HEADER = frozenset({"aac", "ac3", "eac3", "h264", "hevc", "mpegts"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong or surprising.

    Attributes:
        severity: "fault" if the file cannot be analysed, else "warning".
        text: One line that a person understands.
    """

    severity: Literal["fault", "warning"]
    text: str


def missing(container: InputContainer) -> Iterator[Problem]:
    """Files that hold neither film nor sound."""
    kinds = [kind(stream) for stream in container.streams]
    if container.format.name.endswith("_pipe") or container.format.name == "image2":
        yield Problem("fault", "a still picture, neither video nor sound")
    elif not {"video", "audio"} & set(kinds):
        only = f", only {' and '.join(sorted(set(kinds)))}" if kinds else ""
        yield Problem("fault", f"holds no video and no sound{only}")


def undecodable(stream: FileStream, beginning: Beginning, *, alone: bool) -> Iterator[Problem]:
    """A chosen stream that gives no frame: a fault, but for sound beside a video.

    Args:
        stream: As chosen.
        beginning: How it begins.
        alone: Whether the file has no video.
    """
    if beginning.frame is not None:
        return
    what = "video" if kind(stream) == "video" else "sound"
    title = f"the {what}{f' ({codec(stream)})' if codec(stream) else ''}"
    if beginning.encrypted:
        text = f"{title} is encrypted"
    elif beginning.reason:
        text = f"{title} does not decode: {beginning.reason}"
    elif not beginning.packets:
        text = f"{title} is announced, but holds no data"
    else:
        text = f"{title} does not decode: no {'picture' if what == 'video' else 'sample'} comes out of it"
    yield Problem("fault" if what == "video" or alone else "warning", text)


def choices(container: InputContainer, chosen: Sequence[FileStream]) -> Iterator[Problem]:
    """Where the chosen stream is not the first, which browsers play."""
    for stream in chosen:
        rivals = of_kind(container, kind(stream))
        if stream.index != rivals[0].index:
            held = f"holds {len(rivals)} {kind(stream)} streams"
            yield Problem("warning", f"{held}; {name(stream)} is taken, a browser may play {name(rivals[0])}")


def appearance(stream: Stream, beginning: Beginning) -> Iterator[Problem]:
    """Pictures that cannot be turned upright, or are too small to see anything; streams that begin late."""
    if beginning.turn is None:
        yield Problem("warning", "states a rotation that is no quarter turn; pictures are taken as they are")
    if stream.kind == "video" and 0 < min(stream.width, stream.height) < LEAST_PIXELS:
        yield Problem("warning", f"its pictures measure {stream.width} x {stream.height} pixels")
    if stream.start > LATE_SECONDS:
        yield Problem("warning", f"{stream.name} begins at {stream.start:.3f} s")


def length(container: InputContainer, found: Fraction, origin: Fraction) -> Iterator[Problem]:
    """A header that states another duration than was found: the file was cut off, or the header lies.

    Args:
        container: The file.
        found: Seconds of the asset that its streams reach.
        origin: Seconds on the container's clock that are 0 of the asset.
    """
    if not container.duration or container.format.name in WITHOUT_HEADER:
        return
    stated = Fraction(container.duration, av.time_base)
    begin = Fraction(container.start_time or 0, av.time_base)
    reached = found + origin
    difference = min(abs(reached - stated), abs(reached - stated - begin))
    texts = Fraction(SUBTITLE_SECONDS if of_kind(container, "subtitle") else 0)
    if difference > max(Fraction(1, 4), stated / 1000, texts):
        seen = f"{float(found):.3f} s were found" if found else "nothing was found"
        cut = "; was the file cut off?" if reached < stated else ""
        yield Problem("warning", f"the header states {float(stated):.3f} s, {seen}{cut}")


def uneven(stream: Stream, tally: Tally, stated_frames: int) -> Iterator[Problem]:
    """What reading every packet shows of one stream.

    Args:
        stream: As measured.
        tally: Its packets.
        stated_frames: Frames that the header states; 0 if it states none.
    """
    if stream.kind == "video" and stated_frames and stated_frames != tally.packets:
        yield Problem("warning", f"{stream.name}: the header states {stated_frames} frames, {tally.packets} were found")
    if tally.damaged:
        yield Problem("warning", f"{stream.name}: {_count(tally.damaged, 'packet')} marked as damaged")
    if tally.backwards:
        times = len(tally.backwards)
        yield Problem(
            "warning",
            f"{stream.name}: time stamps run backwards {_count(times, 'time')}, first at {tally.backwards[0]:.3f} s",
        )
    if stream.kind == "video":
        repeated = int((tally.distances() == 0).sum())
        if repeated:
            yield Problem("warning", f"{stream.name}: {_count(repeated, 'frame')} with the time stamp of another")
        for start, seconds in tally.gaps()[:3]:
            yield Problem("warning", f"{stream.name}: nothing new for {seconds:.3f} s from {start:.3f} s on")


def codec(stream: FileStream) -> str:
    """Name of the codec, whichever decoder reads it; empty if there is none."""
    return stream.codec_context.codec.canonical_name if stream.codec_context is not None else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
