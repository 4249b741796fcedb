"""Numbers in words."""

import math
from fractions import Fraction

import pytest

from cueline.reports.words import (
    duration_words,
    legible,
    media_words,
    nothing_words,
    number_words,
    short_clock,
    size_words,
    stream_words,
)
from cueline.timeline.assets import Asset, Stream


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.00 s"),
        (9.999, "10.00 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min"),
        (3599.7, "1 h"),
        (3600, "1 h"),
        (90_061, "25 h 1 min"),
        (36_000_000, "10,000 h"),
    ],
)
def test_a_duration_reads_as_people_say_it(seconds, words):
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("time", "words"), [(0, "0:00.0"), (59.96, "1:00.0"), (-0.5, "-0:00.5"), (36_000, "10:00:00.0")]
)
def test_a_time_is_as_short_as_it_can_be(time, words):
    assert short_clock(time) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1000, "1.00 kB"),
        (999_600, "1.00 MB"),
        (123_456_789, "123 MB"),
        (2 * 10**18, "2000 PB"),
    ],
)
def test_a_size_has_three_places(size, words):
    assert size_words(size) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (1, "1.000"),
        (0.0005, "0.001"),
        (0.00042, "4.2e-04"),
        (-0.02, "\N{MINUS SIGN}0.020"),
        (9.9996, "10.0"),
        (999.96, "1,000"),
        (math.nan, "\N{EN DASH}"),
        (math.inf, "\N{INFINITY}"),
        (-math.inf, "\N{MINUS SIGN}\N{INFINITY}"),
    ],
)
def test_a_measured_number_has_the_places_that_people_compare(value, words):
    assert number_words(value) == words


def test_a_stream_tells_what_is_known_of_it():
    video = Stream("video:0", "video", 0, "h264", rate=Fraction(30000, 1001), width=720, height=576, interlaced=True)
    uneven = Stream("video:0", "video", 0, "vp9", rate=Fraction(25), variable=True)
    sound = Stream("audio:0", "audio", 1, "aac", rate_hz=48000, channels=6, language="und")
    assert stream_words(video) == "h264, 720 \N{MULTIPLICATION SIGN} 576, 29.97 fps, interlaced"
    assert stream_words(uneven) == "vp9, about 25 fps"
    assert stream_words(sound) == "aac, 6 channels, 48 kHz"
    assert stream_words(Stream("audio:0", "audio", 0, "")) == "unknown codec"
    assert media_words(Asset("a", 1.0, (sound, uneven))) == "vp9, about 25 fps; aac, 6 channels, 48 kHz"
    assert media_words(Asset("a", 1.0)) == "neither video nor sound"


def test_bytes_that_are_not_utf8_are_shown_as_escapes():
    assert legible("caf\udce9") == "caf\\udce9"


@pytest.mark.parametrize(
    ("kind", "idle", "words"),
    [
        ("audio", ["color", "shots"], "It has no pictures, so there are no shots."),
        ("audio", ["faces", "text"], "What was looked for does not apply to it: faces, text."),
        ("video", ["speech"], "What was looked for does not apply to it: speech."),
        ("video", [], "It was analysed; nothing was made of it that a timeline could show."),
    ],
)
def test_why_nothing_was_found_is_told_in_plain_words(kind, idle, words):
    assert nothing_words(Asset("a", 4.0, (Stream(f"{kind}:0", kind, 0, "codec"),)), idle) == words
