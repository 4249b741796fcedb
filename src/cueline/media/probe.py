"""What a file holds, as measured, and what is wrong with it, before any compute.

`probe` believes no header that it can check cheaply: it decodes the first picture and the first sound
and looks at the last packets, which costs milliseconds whatever the length. With `measure` it reads
every packet, without decoding: exact frame counts, uneven time stamps, gaps. Only so is a clock seen
that was set back in the middle, as where recordings were joined: the fast look finds the last part's end.

A fault means that the file cannot be analysed; a warning, that what comes out may surprise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream as FileStream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from cueline.errors import MediaError
from cueline.media.beginnings import Beginning, beginnings
from cueline.media.containers import (
    audio_stream,
    in_words,
    kind,
    name,
    of_kind,
    opened,
    rate,
    refuse_what_is_no_file,
    video_stream,
    zero,
)
from cueline.media.packets import Tally, heard_until, tail, walk
from cueline.media.problems import (
    Problem,
    appearance,
    choices,
    codec,
    length,
    missing,
    undecodable,
    uneven,
)
from cueline.timeline.assets import Asset, Stream, fingerprint

LONGEST_PADDING = Fraction(1, 4)


@dataclass(frozen=True, slots=True)
class Probe:
    """What is known of a file after the first look.

    Attributes:
        asset: What it holds; without streams if it could not be opened.
        format: Name of the container format, such as "mov,mp4,m4a,3gp,3g2,mj2"; empty if it could not be opened.
        problems: Faults first.
    """

    asset: Asset
    format: str
    problems: tuple[Problem, ...] = ()

    @property
    def fault(self) -> str:
        """Why the file cannot be analysed, in one line; empty if it can."""
        return next((problem.text for problem in self.problems if problem.severity == "fault"), "")


def probe(path: Path, *, measure: bool = False, audio: int | None = None) -> Probe:
    """Look at a file.

    Args:
        path: Where it lies.
        measure: Read every packet: counts frames and judges their timing, for as long as reading the file takes.
        audio: Rank of the audio stream to choose, 1 for "audio:1"; else the one of `containers.audio_stream`.

    Returns:
        What it holds. A file that is damaged, encrypted or no media at all is an answer too, with a fault.

    Raises:
        MediaError: If there is no file that may be read, or no audio stream of that rank.
    """
    refuse_what_is_no_file(path)
    identity = fingerprint(path)
    with ExitStack() as stack:
        try:
            container = stack.enter_context(opened(path))
        except MediaError as error:
            reason = str(error).removeprefix(f"cannot open {str(path)!r}: ")
            return Probe(Asset(identity, 0.0), "", (Problem("fault", reason),))
        return _looked_into(container, path, identity, measure=measure, audio=audio)


def _looked_into(container: InputContainer, path: Path, identity: str, *, measure: bool, audio: int | None) -> Probe:
    origin = zero(container)
    picked = (video_stream(container), audio_stream(container, stream=audio))
    chosen = [stream for stream in picked if stream is not None]
    begun = beginnings(container, chosen)
    timing = _walked(path, origin) if measure else _tails(container, path, origin, chosen)
    ends = {index: tally.end for index, tally in timing.tallies.items() if tally.end is not None}
    ends |= _samples_end(container, picked[1], origin, begun, ends)
    others = [stream for stream in container.streams if stream not in chosen]
    streams = {
        stream.index: _measured(stream, begun.get(stream.index), ends.get(stream.index, Fraction(0)), origin)
        for stream in (*chosen, *others)
    }
    if measure:
        streams |= {
            index: _counted(streams[index], container.streams[index], tally) for index, tally in timing.tallies.items()
        }
    duration = max(ends.values(), default=Fraction(0))
    found = list(missing(container))
    if not found:
        found += _judged(container, chosen, begun, streams)
        found += length(container, duration, origin)
        found += timing.problems(streams, container)
    found.sort(key=lambda problem: problem.severity)
    return Probe(Asset(identity, float(duration), tuple(streams.values())), container.format.name, tuple(found))


@dataclass(frozen=True, slots=True)
class _Timing:
    tallies: Mapping[int, Tally]
    broken: str = ""
    complete: bool = False

    def problems(self, streams: Mapping[int, Stream], container: InputContainer) -> Iterator[Problem]:
        if self.broken:
            yield Problem("warning", f"the file cannot be read to its end: {self.broken}")
        for index, tally in self.tallies.items():
            if self.complete:
                yield from uneven(streams[index], tally, container.streams[index].frames)


def _walked(path: Path, origin: Fraction) -> _Timing:
    with opened(path) as container:
        tallies, error = walk(container, origin)
    return _Timing(tallies, in_words(error) if error else "", complete=True)


def _tails(container: InputContainer, path: Path, origin: Fraction, chosen: Sequence[FileStream]) -> _Timing:
    """The last packets of each stream; every packet where a chosen stream has none at the end stated."""
    tallies: dict[int, Tally] = {}
    for stream in (*of_kind(container, "video"), *of_kind(container, "audio")):
        last = tail(container, stream, origin)
        if last is not None:
            tallies[stream.index] = last
        elif stream in chosen:
            return replace(_walked(path, origin), complete=False)
    return _Timing(tallies)


def _samples_end(
    container: InputContainer,
    stream: AudioStream | None,
    origin: Fraction,
    begun: Mapping[int, Beginning],
    ends: Mapping[int, Fraction],
) -> dict[int, Fraction]:
    """Where the last sample of the chosen sound ends, if only padding follows it."""
    if stream is None or begun[stream.index].frame is None:
        return {}
    heard, end = heard_until(container, stream, origin), ends.get(stream.index)
    if heard is None or end is None or not 0 <= end - heard <= LONGEST_PADDING:
        return {}
    return {stream.index: heard}


def _measured(stream: FileStream, beginning: Beginning | None, end: Fraction, origin: Fraction) -> Stream:
    begin = beginning.start if beginning else None
    if begin is None and kind(stream) in ("video", "audio") and stream.start_time is not None:
        begin = stream.start_time * (stream.time_base or Fraction(0))
    start = max(Fraction(0), (begin or Fraction(0)) - origin)
    plain = Stream(
        name=name(stream),
        kind=kind(stream),
        index=stream.index,
        codec=codec(stream),
        start=float(start),
        duration=float(max(Fraction(0), end - start)),
        language=stream.language if stream.language not in (None, "und") else "",
    )
    frame = beginning.frame if beginning else None
    if isinstance(stream, VideoStream) and stream.codec_context is not None:
        return _seen(plain, stream, frame if isinstance(frame, VideoFrame) else None, beginning)
    if isinstance(stream, AudioStream) and stream.codec_context is not None:
        return _heard(plain, stream, frame if isinstance(frame, AudioFrame) else None)
    return plain


def _seen(plain: Stream, stream: VideoStream, frame: VideoFrame | None, beginning: Beginning | None) -> Stream:
    width, height = (frame.width, frame.height) if frame else (stream.codec_context.width, stream.codec_context.height)
    turn = (beginning.turn if beginning else 0) or 0
    if turn in (90, 270):
        width, height = height, width
    return replace(
        plain,
        rate=rate(stream) if plain.kind == "video" else None,
        variable=plain.kind == "video" and _seems_uneven(stream),
        width=width,
        height=height,
        rotation=turn,
        interlaced=bool(frame and frame.interlaced_frame),
    )


def _heard(plain: Stream, stream: AudioStream, frame: AudioFrame | None) -> Stream:
    if frame is not None:
        return replace(plain, rate_hz=frame.sample_rate, channels=len(frame.layout.channels))
    return replace(plain, rate_hz=stream.codec_context.sample_rate or 0, channels=stream.codec_context.channels)


def _seems_uneven(stream: VideoStream) -> bool:
    """Whether the average rate is neither the finest rate of the time stamps nor, as with fields, half of it."""
    average, finest = stream.average_rate, stream.base_rate
    if not average or not finest:
        return False
    ratio = float(finest / average)
    return min(abs(ratio - 1), abs(ratio - 2)) > 0.01


def _counted(stream: Stream, source: FileStream, tally: Tally) -> Stream:
    if stream.kind != "video":
        return stream
    return replace(stream, frames=tally.frames, variable=tally.uneven, rate=tally.rate(rate(source)))


def _judged(
    container: InputContainer,
    chosen: Sequence[FileStream],
    begun: Mapping[int, Beginning],
    streams: Mapping[int, Stream],
) -> Iterator[Problem]:
    alone = not of_kind(container, "video")
    for stream in chosen:
        yield from undecodable(stream, begun[stream.index], alone=alone)
        yield from appearance(streams[stream.index], begun[stream.index])
    yield from choices(container, chosen)
