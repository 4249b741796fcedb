"""Which files browsers play as they are, and why not.

A file plays if current Chromium and Firefox, on any machine, show the pictures and the sound that were analysed:

    MP4, MOV     H.264 of 8 bits 4:2:0, VP9, AV1; AAC, MP3, Opus, FLAC
    WebM         VP8, VP9, AV1; Vorbis, Opus
    Ogg          sound alone: Vorbis, Opus, FLAC
    alone        MP3, FLAC, AAC (ADTS), and WAV with PCM of 8, 16 or 24 bits or floats of 32

What some browsers or some machines play, as HEVC, does not play. Theora was taken out of both browsers in 2024. Of
several streams of a kind browsers play the first; where another was analysed, the file plays the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from cueline.errors import MediaError
from cueline.media.containers import name, of_kind, opened
from cueline.media.problems import codec
from cueline.timeline.assets import Asset


class _Played(NamedTuple):
    """What plays in a container, and what people call it."""

    title: str
    video: frozenset[str] = frozenset()
    audio: frozenset[str] = frozenset()


_CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": _Played(
        "MP4", frozenset({"h264", "vp9", "av1"}), frozenset({"aac", "mp3", "opus", "flac"})
    ),
    "matroska,webm": _Played("WebM", frozenset({"vp8", "vp9", "av1"}), frozenset({"vorbis", "opus"})),
    "ogg": _Played("Ogg", audio=frozenset({"vorbis", "opus", "flac"})),
    "mp3": _Played("MP3", audio=frozenset({"mp3"})),
    "flac": _Played("FLAC", audio=frozenset({"flac"})),
    "aac": _Played("ADTS", audio=frozenset({"aac"})),
    "wav": _Played("WAV", audio=frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_alaw", "pcm_mulaw"})),
}
_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_DEEP = frozenset({"vp9", "av1"})  # these play with 10 bits too
_SOMEWHERE = frozenset({"hevc", "prores", "ac3", "eac3", "alac", "matroska"})
_TITLES = {
    "mpegts": "MPEG transport streams", "mpeg": "MPEG program streams", "mpegvideo": "MPEG elementary streams",
    "avi": "AVI", "asf": "Windows Media (ASF)", "flv": "Flash video", "mxf": "MXF", "aiff": "AIFF",
    "matroska": "Matroska", "h264": "H.264", "hevc": "HEVC", "mpeg1video": "MPEG-1 video", "mpeg2video": "MPEG-2 video",
    "mpeg4": "MPEG-4 part 2 video", "prores": "ProRes", "dnxhd": "DNxHD", "theora": "Theora", "mjpeg": "Motion JPEG",
    "vp8": "VP8", "vp9": "VP9", "av1": "AV1", "ac3": "Dolby Digital", "eac3": "Dolby Digital Plus", "alac": "ALAC",
    "aac": "AAC", "mp3": "MP3", "opus": "Opus", "vorbis": "Vorbis", "flac": "FLAC",
}  # fmt: skip
_HEAD_BYTES = 64


def why_no_browser(path: Path, asset: Asset) -> str:
    """Why browsers do not play a file as it is.

    Args:
        path: The file.
        asset: What was measured of it; its chosen streams must play.

    Returns:
        One line such as "browsers do not play MPEG-2 video"; empty if they play the file.

    Raises:
        MediaError: If the file cannot be opened, or is not the one that was measured.
    """
    with opened(path) as container:
        return next(_reasons(container, path, asset), "")


def _reasons(container: InputContainer, path: Path, asset: Asset) -> Iterator[str]:
    played = _CONTAINERS.get(container.format.name)
    if played is None:
        yield _refused(container.format.name)
        return
    if played.title == "WebM" and not _is_webm(path):
        yield _refused("matroska")
    chosen = [about for about in (asset.stream("video"), asset.stream("audio")) if about is not None]
    if not chosen:
        yield "it holds no video and no sound"
    for about in chosen:
        rivals = of_kind(container, about.kind)
        stream = next((each for each in rivals if each.index == about.index), None)
        if stream is None:
            raise MediaError(f"{str(path)!r} holds no {about.name} any more; probe it again", asset=asset.id, path=path)
        yield from _stream_reasons(stream, played)
        if stream is not rivals[0]:
            yield f"browsers play {name(rivals[0])}, and {name(stream)} was analysed"


def _stream_reasons(stream: Stream, played: _Played) -> Iterator[str]:
    own = codec(stream)
    if own not in played.video | played.audio:
        yield _refused(own, played.title)
    if isinstance(stream, VideoStream) and stream.codec_context is not None:
        pixels = stream.codec_context.pix_fmt or ""
        if pixels not in _PIXELS and not (own in _DEEP and pixels == "yuv420p10le"):
            yield f"not every browser plays {_title(own)} with pixels of {pixels or 'no known format'}"


def _refused(what: str, inside: str = "") -> str:
    """What to say of a container, or of a codec inside one."""
    if what in _SOMEWHERE:
        return f"not every browser plays {_title(what)}"
    anywhere = any(what in played.video | played.audio for played in _CONTAINERS.values())
    return f"browsers do not play {_title(what)}{f' in {inside}' if inside and anywhere else ''}"


def _title(what: str) -> str:
    return _TITLES.get(what, what) or "streams of an unknown codec"


def _is_webm(path: Path) -> bool:
    """Whether the first element of a Matroska file says that it keeps to WebM."""
    with path.open("rb") as file:
        return b"webm" in file.read(_HEAD_BYTES)
