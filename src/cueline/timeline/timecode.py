"""Time in text: SMPTE time codes, clock times, and the times that people type.

A frame rate is a `fractions.Fraction`, never a decimal: NTSC film is 24000/1001, not a rounded number
that drifts by a frame in some hours. Every step here is exact; a float is rounded once, at the end.

Frame arithmetic serves formats alone, such as edit lists that count frames. Inside Cueline the time of
a picture is its presentation time stamp: number over rate is wrong wherever the rate varies, a frame
was dropped, or a stream starts late.

    seconds  <->  frame index   frame_index, frame_time
    frame    <->  "01:00:00;02" smpte, parse_smpte
    seconds  <->  "01:02:03.500" clock, parse_time

References:
    SMPTE ST 12-1:2014, Time and Control Code: 60 frame counts an hour, drop-frame compensation.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction

from cueline.errors import FormatError, OptionError, TimelineError

NTSC = Fraction(1000, 1001)
STANDARD_RATES = tuple(
    sorted({Fraction(n) for n in (24, 25, 30, 48, 50, 60, 100, 120)} | {n * NTSC for n in (24, 30, 48, 60, 120)})
)
DROPPED = {30 * NTSC: 2, 60 * NTSC: 4}  # labels left out at each minute, save every tenth

_NEAR = Fraction(1, 3000)  # a third of the way between a whole rate and its NTSC neighbour
_RATE = re.compile(r"\d+(\.\d+|/0*[1-9]\d*)?", re.ASCII)
_SMPTE = re.compile(r"(\d{2})[:;](\d{2})[:;](\d{2})([:;])(\d{2,3})", re.ASCII)
_TIME = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d*)?)|(\d+(?:\.\d*)?|\.\d+)s?)", re.ASCII)


def standard_rate(rate: float | Fraction) -> Fraction:
    """The exact standard rate that a rounded number stands for.

    Args:
        rate: Frames a second, right to one part in 3000.

    Returns:
        One of `STANDARD_RATES`.

    Raises:
        OptionError: If no standard rate is so near.

    Example:
        >>> standard_rate(23.98)
        Fraction(24000, 1001)
        >>> standard_rate(25)
        Fraction(25, 1)
    """
    if math.isfinite(rate):
        exact = Fraction(rate)
        nearest = min(STANDARD_RATES, key=lambda standard: abs(standard - exact))
        if abs(nearest - exact) <= nearest * _NEAR:
            return nearest
    known = ", ".join(str(standard) for standard in STANDARD_RATES)
    raise OptionError(f"a standard frame rate is one of {known}, got {rate}. Give another rate as an exact fraction.")


def parse_rate(text: str) -> Fraction:
    """Frames a second as people type them: `25`, `29.97`, `23.976` or `30000/1001`.

    A decimal number stands for the standard rate it is near; any other rate must be given as an exact fraction.

    Raises:
        FormatError: If the text is no number above 0.
        OptionError: If it is a decimal number and no standard rate is near.

    Example:
        >>> parse_rate("29.97")
        Fraction(30000, 1001)
    """
    if _RATE.fullmatch(text) is None or Fraction(text) <= 0:
        raise FormatError(f"a frame rate must read like 25, 29.97 or 30000/1001, got {text!r}")
    return standard_rate(Fraction(text)) if "." in text else Fraction(text)


def frame_time(index: int, rate: Fraction) -> float:
    """When a frame of a constant rate starts.

    Args:
        index: Number of the frame, from 0.
        rate: Frames a second.

    Returns:
        Seconds, the float nearest to the exact quotient.

    Example:
        >>> frame_time(863136, Fraction(24000, 1001))
        35999.964
    """
    return float(index / _checked_rate(rate))


def frame_index(time: float, rate: Fraction) -> int:
    """The frame of a constant rate whose start is nearest: the inverse of `frame_time`.

    It is not the frame shown at that time: ask a track for that, with `cueline.timeline.tracks.align`.

    Args:
        time: Seconds.
        rate: Frames a second.

    Returns:
        Number of the frame, from 0; the later of two that are equally near.

    Example:
        >>> frame_index(35999.964, Fraction(24000, 1001))
        863136
    """
    if not math.isfinite(time):
        raise TimelineError(f"a time must be finite seconds, got {time}")
    return math.floor(Fraction(time) * _checked_rate(rate) + Fraction(1, 2))


def smpte(index: int, rate: Fraction, *, drop_frame: bool = False) -> str:
    """The SMPTE label of a frame, `HH:MM:SS:FF`, or `HH:MM:SS;FF` with drop-frame.

    Drop-frame leaves out labels, never frames, so that labels of 30000/1001 and 60000/1001 keep up
    with the clock. Without it, labels run slow by 3.6 s an hour at these rates.

    Args:
        index: Number of the frame, from 0.
        rate: Frames a second: whole, or whole x 1000/1001.
        drop_frame: Leave labels out.

    Raises:
        OptionError: If labels do not exist for this rate.
        TimelineError: If the frame lies before 0 or its label would reach 24 hours.

    Example:
        >>> smpte(1800, Fraction(30000, 1001), drop_frame=True)
        '00:01:00;02'
        >>> smpte(1800, Fraction(30000, 1001))
        '00:01:00:00'
    """
    count, dropped = _labels(rate, drop_frame=drop_frame)
    tens, rest = divmod(index, 600 * count - 9 * dropped)
    label = index + dropped * (9 * tens + max(0, (rest - dropped) // (60 * count - dropped)))
    seconds, frames = divmod(label, count)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if not 0 <= hours < 24:
        raise TimelineError(
            f"SMPTE time codes go from 00:00:00:00 to just below 24 hours, got frame {index} at {rate} frames a "
            "second. Write clock times instead."
        )
    mark = ";" if drop_frame else ":"
    return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:0{max(2, len(str(count - 1)))}}"


def parse_smpte(text: str, rate: Fraction) -> int:
    """The frame that a SMPTE label stands for: the inverse of `smpte`.

    Args:
        text: `HH:MM:SS:FF`, or `HH:MM:SS;FF` for drop-frame; the last mark alone decides.
        rate: Frames a second: whole, or whole x 1000/1001.

    Returns:
        Number of the frame, from 0.

    Raises:
        FormatError: If the text is no such label, or one that is left out.
        OptionError: If labels do not exist for this rate.

    Example:
        >>> parse_smpte("00:01:00;02", Fraction(30000, 1001))
        1800
    """
    match = _SMPTE.fullmatch(text)
    if match is None:
        raise FormatError(f"a time code must read HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame, got {text!r}")
    hours, minutes, seconds, frames = (int(match[part]) for part in (1, 2, 3, 5))
    count, dropped = _labels(rate, drop_frame=match[4] == ";")
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= count:
        raise FormatError(
            f"a time code at {rate} frames a second must stay below 24 hours, 60 minutes, 60 seconds and "
            f"{count} frames, got {text!r}. Is it the right rate?"
        )
    if minutes % 10 and seconds == 0 and frames < dropped:
        raise FormatError(
            f"drop-frame leaves out the first {dropped} labels of a minute, got {text!r}. Is it HH:MM:SS:FF?"
        )
    minutes += 60 * hours
    return (60 * minutes + seconds) * count + frames - dropped * (minutes - minutes // 10)


def clock(time: float) -> str:
    """Seconds as `HH:MM:SS.mmm`, to the nearest millisecond; hours go on past 99.

    Example:
        >>> clock(3723.5)
        '01:02:03.500'
    """
    if not (math.isfinite(time) and time >= 0):
        raise TimelineError(f"a clock time must be 0 s or more, got {time}")
    seconds, milliseconds = divmod(math.floor(Fraction(time) * 1000 + Fraction(1, 2)), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def parse_time(text: str) -> float:
    """Seconds from a time as people type it: `12.5`, `12.5s`, `1:02.5` or `00:01:02.5`.

    Raises:
        FormatError: If the text is none of these, or has 60 seconds or 60 minutes and more beside a colon.

    Example:
        >>> parse_time("1:02.5")
        62.5
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise FormatError(f"a time must read like 12.5, 12.5s, 1:02.5 or 00:01:02.5, got {text!r}")
    hours, minutes, seconds, alone = match.groups()
    if alone:
        return float(Fraction(alone))
    if Fraction(seconds) >= 60 or (hours and int(minutes) > 59):
        raise FormatError(f"minutes and seconds beside a colon must stay below 60, got {text!r}")
    return float(3600 * int(hours or 0) + 60 * int(minutes) + Fraction(seconds))


def _checked_rate(rate: Fraction) -> Fraction:
    if not isinstance(rate, Fraction | int) or rate <= 0:
        raise OptionError(f"a frame rate must be an exact fraction above 0, got {rate}. See standard_rate().")
    return rate


def _labels(rate: Fraction, *, drop_frame: bool) -> tuple[int, int]:
    """Labels counted in a second, and labels left out at most minutes."""
    count = math.ceil(_checked_rate(rate))
    if rate not in (count, count * NTSC):
        raise OptionError(
            f"SMPTE time codes need a whole frame rate or a whole one x 1000/1001, got {rate}. Write clock times "
            "instead, or give the exact fraction: standard_rate() finds it."
        )
    if drop_frame and rate not in DROPPED:
        raise OptionError(
            f"drop-frame exists at {' and '.join(str(known) for known in DROPPED)} frames a second alone, got {rate}. "
            "Use HH:MM:SS:FF."
        )
    return count, DROPPED[rate] if drop_frame else 0
