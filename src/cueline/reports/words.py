"""Durations, sizes and rates in words that people read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cueline.timeline.assets import Asset, Stream


def duration_words(seconds: float) -> str:
    """Seconds as people say them, to three places at most.

    Example:
        >>> [duration_words(seconds) for seconds in (0.48, 12.5, 75, 7384)]
        ['0.48 s', '12.5 s', '1 min 15 s', '2 h 3 min']
    """
    if seconds < 60 and round(seconds, 1) < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes} min" if minutes else f"{hours:,} h"


def short_clock(time: float) -> str:
    """A time to a tenth of a second, with hours only where there are some.

    Example:
        >>> [short_clock(time) for time in (4.26, 75, 3723.5)]
        ['0:04.3', '1:15.0', '1:02:03.5']
    """
    tenths = round(time * 10)
    sign, tenths = ("-", -tenths) if tenths < 0 else ("", tenths)
    seconds, tenth = divmod(tenths, 10)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}.{tenth}" if hours else f"{sign}{minutes}:{seconds:02}.{tenth}"


def size_words(size_bytes: int) -> str:
    """Bytes in decimal units, three places.

    Example:
        >>> [size_words(size) for size in (1, 999, 12_345, 4_200_000_000)]
        ['1 byte', '999 bytes', '12.3 kB', '4.20 GB']
    """
    if size_bytes < 1000:
        return f"{size_bytes} byte{'' if size_bytes == 1 else 's'}"
    value, unit = float(size_bytes), "bytes"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if value < 999.5 and unit != "bytes":
            break
        value, unit = value / 1000, larger
    return f"{value:.{max(0, 3 - len(str(int(value))))}f} {unit}"


def number_words(value: float) -> str:
    """A measured number to the places that people compare; a dash for one that is not defined.

    Example:
        >>> [number_words(value) for value in (0.71943, 1, 0, 0.00042, 12.34, 5000.4)]
        ['0.719', '1.000', '0', '4.2e-04', '12.3', '5,000']
    """
    if not math.isfinite(value):
        return "\N{EN DASH}" if math.isnan(value) else ("\N{MINUS SIGN}" * (value < 0)) + "\N{INFINITY}"
    size = abs(value)
    if 0 < size < 0.0005:
        text = f"{size:.1e}"
    else:
        text = (
            "0" if not size else f"{size:.3f}" if size < 9.9995 else f"{size:,.1f}" if size < 999.95 else f"{size:,.0f}"
        )
    return ("\N{MINUS SIGN}" if value < 0 else "") + text


def stream_words(stream: Stream) -> str:
    """One stream in a line: codec, picture and rate, or sound.

    Example:
        >>> stream_words(Stream("audio:0", "audio", 1, "aac", rate_hz=44100, channels=2, language="eng"))
        'aac, stereo, 44.1 kHz, eng'
    """
    parts = [stream.codec or "unknown codec"]
    if stream.width and stream.height:
        parts.append(f"{stream.width} \N{MULTIPLICATION SIGN} {stream.height}")
    if stream.rate is not None:
        parts.append(f"{'about ' if stream.variable else ''}{float(stream.rate):.3f}".rstrip("0").rstrip(".") + " fps")
    if stream.interlaced:
        parts.append("interlaced")
    if stream.channels:
        parts.append({1: "mono", 2: "stereo"}.get(stream.channels, f"{stream.channels} channels"))
    if stream.rate_hz:
        parts.append(f"{stream.rate_hz / 1000:g} kHz")
    if stream.language and stream.language != "und":
        parts.append(stream.language)
    return ", ".join(parts)


def media_words(asset: Asset) -> str:
    """The chosen streams of an asset in a line, the video first."""
    chosen = [stream for stream in (asset.stream("video"), asset.stream("audio")) if stream is not None]
    return "; ".join(stream_words(stream) for stream in chosen) or "neither video nor sound"


def nothing_words(asset: Asset, idle: Sequence[str]) -> str:
    """Why nothing was found in an asset, from the plug-ins for which it has nothing.

    Example:
        >>> nothing_words(Asset("a", 4.0, (Stream("audio:0", "audio", 0, "flac"),)), ["color", "shots"])
        'It has no pictures, so there are no shots.'
    """
    if asset.stream("video") is None and "shots" in idle:
        return "It has no pictures, so there are no shots."
    if idle:
        return f"What was looked for does not apply to it: {', '.join(map(legible, idle))}."
    return "It was analysed; nothing was made of it that a timeline could show."


def legible(text: str) -> str:
    """Text without the surrogates that stand for bytes of a file name that is not UTF-8: they become escapes.

    Example:
        >>> legible("caf" + chr(0xdce9) + ".mp4") == "caf" + chr(92) + "udce9.mp4"
        True
    """
    return text.encode("utf-8", "backslashreplace").decode()
