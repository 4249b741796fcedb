"""Opening a file: its streams, the choice among them, and the time that is zero.

Words: a *stream* is one of the things a file holds; its *name* is kind and rank in the order of the
file, such as "video:0" or "audio:1". Attached pictures (cover art) are of kind "picture", never "video".

Choice: of several video streams the one flagged default, then the one with most pixels, then the
first; of several audio streams the one flagged default, then the one with most channels, then the first.

Zero: MP4, MOV, Matroska, WebM and Ogg have a clock that their author sets: browsers show at 1 s what
starts at 1 s, and what lies before 0 never. Elsewhere the clock begins wherever the recorder stood,
and zero is the first presentation. `docs/decisions/0003-zero-of-an-asset.md` has the evidence.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TypeVar, cast

import av
import av.error
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from cueline.errors import MediaError
from cueline.timeline.assets import Kind

AUTHORED_CLOCKS = frozenset({"mov", "matroska", "ogg"})
TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})
POINTING_FORMATS = frozenset({"concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp", "vobsub"})
OPENED_FORMATS = ",".join(sorted(av.formats_available - POINTING_FORMATS))
PICTURE_FLAGS = Disposition.attached_pic | Disposition.still_image | Disposition.timed_thumbnails

S = TypeVar("S", bound=Stream)

NOT_MEDIA = "not a media file, or damaged at its beginning"
POINTS_ELSEWHERE = "it points to other files or to the network, which is not followed"
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (EOFError, "the file ends before its first frame or sample"),
    (PermissionError, "permission denied"),
    (FileNotFoundError, "there is no such file"),
    (IsADirectoryError, "a folder, not a file"),
    (av.error.DecoderNotFoundError, "no decoder for its codec"),
    (av.error.ProtocolNotFoundError, POINTS_ELSEWHERE),
    (av.error.PatchWelcomeError, "a variant of its format that cannot be read yet"),
    (NotImplementedError, "a variant of its format that cannot be read yet"),
    (MemoryError, "not enough memory, or a header that asks for far too much"),
    (av.error.InvalidDataError, "damaged data, or encrypted"),
    (av.error.ArgumentError, "damaged data, or encrypted"),
)


@contextmanager
def opened(path: Path, *, threads: int = 1) -> Iterator[InputContainer]:
    """A file, open for demuxing and decoding; closed at the end of the `with` block.

    Any name works: a leading dash, a colon, a newline. This file alone is read: a playlist, whatever it is
    called, is refused before what it points to is looked at, on this machine or on the network.

    Args:
        path: A regular file.
        threads: Threads that decode video; 1 decodes in the caller's thread, 0 takes one for each core.

    Raises:
        MediaError: If the file cannot be opened; the message ends in words of `in_words`.
    """
    if refuse_what_is_no_file(path) == 0:
        raise _unopened(path, "the file is empty (0 bytes)")
    allowed = {"protocol_whitelist": "file", "format_whitelist": OPENED_FORMATS}
    try:
        container = av.open(f"file:{path.absolute()}", metadata_errors="ignore", options=allowed)
    except (av.error.FFmpegError, OSError) as error:
        raise _unopened(path, _why_unopened(path, error)) from error
    with container:
        if container.format.name in TEXT_FORMATS:
            raise _unopened(path, NOT_MEDIA)
        for stream in container.streams.video:
            if stream.codec_context is not None:
                stream.codec_context.thread_count = threads
                stream.codec_context.thread_type = "NONE" if threads == 1 else "AUTO"
        yield container


def _why_unopened(path: Path, error: BaseException) -> str:
    """FFmpeg has one error for a format that is not allowed and for a broken header; lists are text, media are not."""
    if isinstance(error, av.error.ArgumentError):
        with path.open("rb") as file:
            return NOT_MEDIA if b"\0" in file.read(1024) else POINTS_ELSEWHERE
    return NOT_MEDIA if isinstance(error, av.error.InvalidDataError) else in_words(error)


def refuse_what_is_no_file(path: Path) -> int:
    """Look before opening: a pipe would wait for ever.

    Args:
        path: Anything.

    Returns:
        Size of the file in bytes.

    Raises:
        MediaError: If there is no regular file that may be read.
    """
    try:
        facts = path.stat()
    except OSError as error:
        raise _unopened(path, in_words(error)) from error
    if stat.S_ISDIR(facts.st_mode):
        raise _unopened(path, "a folder, not a file")
    if not stat.S_ISREG(facts.st_mode):
        raise _unopened(path, "not a regular file")
    if not os.access(path, os.R_OK):
        raise _unopened(path, "permission denied")
    return facts.st_size


def _unopened(path: Path, reason: str) -> MediaError:
    return MediaError(f"cannot open {str(path)!r}: {reason}", path=path)


def in_words(error: BaseException) -> str:
    """Why reading failed, in words a person understands: one line, no error number, no path.

    Args:
        error: What PyAV or the operating system raised.
    """
    for kind_of_error, words in _WORDS:
        if isinstance(error, kind_of_error):
            return words
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0].lower()


def zero(container: InputContainer) -> Fraction:
    """The time on the container's clock that is 0 of the asset, in seconds.

    Subtract it from every time stamp, then drop what ends at or before 0: sound there is priming, and
    pictures there are never shown.

    Returns:
        0 in MP4, MOV, Matroska, WebM and Ogg; in other formats the first start of a video or audio stream.
    """
    if not AUTHORED_CLOCKS.isdisjoint(container.format.name.split(",")):
        return Fraction(0)
    starts = [s.start_time * s.time_base for s in _shown(container) if s.start_time is not None and s.time_base]
    return min(starts, default=Fraction(0))


def _shown(container: InputContainer) -> Sequence[Stream]:
    return [*of_kind(container, "video"), *of_kind(container, "audio")]


def kind(stream: Stream) -> Kind:
    """What a stream carries."""
    if stream.type == "video":
        return "picture" if stream.disposition & PICTURE_FLAGS else "video"
    if stream.type == "audio":
        return "audio"
    return "subtitle" if stream.type == "subtitle" else "data"


def of_kind(container: InputContainer, wanted: Kind) -> Sequence[Stream]:
    """The streams of a kind in the order of the file; their places are the ranks in their names."""
    return [stream for stream in container.streams if kind(stream) == wanted]


def name(stream: Stream) -> str:
    """Kind and rank, such as "video:0"; tracks name their stream so."""
    own = kind(stream)
    container = cast("InputContainer", stream.container)
    return f"{own}:{[other.index for other in of_kind(container, own)].index(stream.index)}"


def video_stream(container: InputContainer, *, stream: int | None = None) -> VideoStream | None:
    """The chosen video stream: flagged default, then most pixels, then first.

    Args:
        container: An open file.
        stream: Its rank among the video streams, to choose it by hand: 1 is "video:1".

    Returns:
        None if the file has no video.

    Raises:
        MediaError: If there is no video stream of that rank.
    """
    streams = [cast("VideoStream", each) for each in of_kind(container, "video")]
    return _chosen(streams, [_pixels(each) for each in streams], stream, "video")


def audio_stream(container: InputContainer, *, stream: int | None = None) -> AudioStream | None:
    """The chosen audio stream: flagged default, then most channels, then first.

    Args:
        container: An open file.
        stream: Its rank among the audio streams, to choose it by hand: 1 is "audio:1".

    Returns:
        None if the file has no sound.

    Raises:
        MediaError: If there is no audio stream of that rank.
    """
    streams = [cast("AudioStream", each) for each in of_kind(container, "audio")]
    return _chosen(streams, [_channels(each) for each in streams], stream, "audio")


def _chosen(streams: Sequence[S], sizes: Sequence[int], rank: int | None, what: str) -> S | None:
    if rank is not None:
        if not 0 <= rank < len(streams):
            there = ", ".join(f"{what}:{i}" for i in range(len(streams))) or f"no {what}"
            raise MediaError(f"the stream must be one that the file holds, got {what}:{rank}; it has {there}")
        return streams[rank]
    order = sorted(range(len(streams)), key=lambda i: (not streams[i].disposition & Disposition.default, -sizes[i], i))
    return streams[order[0]] if order else None


def _pixels(stream: VideoStream) -> int:
    return stream.codec_context.width * stream.codec_context.height if stream.codec_context else 0


def _channels(stream: AudioStream) -> int:
    return stream.codec_context.channels if stream.codec_context else 0


def packets(container: InputContainer, streams: Sequence[S]) -> Iterator[Packet[S]]:
    """Packets of some streams in the order of the file, then an empty one for each; none for no stream.

    A damaged file may show a stream only while it is read. PyAV then fails to end that stream, which
    nobody asked for, after all others have ended: that is the end.

    Args:
        container: An open file.
        streams: Some of its streams.
    """
    demuxed = container.demux(streams) if streams else iter(())
    while True:
        try:
            packet = next(demuxed)
        except (StopIteration, IndexError):
            return
        yield cast("Packet[S]", packet)


def rate(stream: Stream) -> Fraction | None:
    """Frames a second as the container states them, an exact fraction; an average where they are uneven.

    Returns:
        None for sound, and where the container states none.
    """
    if not isinstance(stream, VideoStream):
        return None
    return stream.average_rate or stream.guessed_rate or None
