"""Spans of sound, copied to the packet."""

import numpy as np
import pytest
import soundfile

from cueline.errors import MediaError, OptionError
from cueline.media.copying import copy_ending, copy_spans
from cueline.media.cutting import MOST_OPEN, Cut, encode_spans
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.requests import Sound
from cueline.timeline.spans import Span
from tests.media.clips import Collect, Silent

RATE = 16000
SECONDS = 6.0


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    path = tmp_path_factory.mktemp("copying") / "sweep.wav"
    times = np.arange(round(RATE * SECONDS)) / RATE
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * (200 * times + 60 * times**2)), RATE)
    return path


def heard(path):
    collect = Collect()
    report = read(path, probe(path).asset, [Consumer("all", Sound(RATE), collect)], progress=Silent())
    assert not report.errors
    return collect.samples[:, 0]


def copied(path, spans, folder):
    cuts = [Cut(Span(*span), folder / f"{number}.{copy_ending(path)}") for number, span in enumerate(spans)]
    return copy_spans(path, probe(path).asset, cuts, progress=Silent()), [cut.target for cut in cuts]


@pytest.mark.parametrize(
    ("form", "ending", "packet"),
    [("wav", "wav", 0.13), ("mp3", "mp3", 0.04), ("m4a", "m4a", 0.065), ("opus", "opus", 0.021), ("flac", "mka", 0.29)],
)
def test_a_copy_says_what_can_be_heard_in_it(tmp_path, sweep, form, ending, packet):
    path = tmp_path / f"whole.{form}"
    encode_spans(sweep, probe(sweep).asset, [Cut(Span(0.0, SECONDS), path)], form, progress=Silent())
    whole = heard(path)
    spans = [(0.0, 2.0), (2.0, 4.0), (4.0, SECONDS)]
    found, targets = copied(path, spans, tmp_path)
    assert {target.suffix for target in targets} == {f".{ending}"}
    for (start, end), span, target in zip(spans, found, targets, strict=True):
        assert abs(span.start - start) <= 2 * packet
        assert abs(span.end - end) <= packet
        samples = heard(target)
        assert len(samples) / RATE == pytest.approx(span.duration, abs=packet if form == "m4a" else 0.001)
        first = round(span.start * RATE)
        inner = slice(800, min(len(samples), len(whole) - first) - 1600)
        assert np.abs(samples[inner] - whole[first:][inner]).mean() < 0.02


def test_copies_that_touch_share_no_packet_and_lose_none(tmp_path, sweep):
    found, targets = copied(sweep, [(0.0, 1.7), (1.7, 3.1), (3.1, SECONDS)], tmp_path)
    joined = np.concatenate([soundfile.read(target, dtype="int16")[0] for target in targets])
    assert np.array_equal(joined, soundfile.read(sweep, dtype="int16")[0])
    assert found[0].end == found[1].start


def test_copies_may_overlap(tmp_path, sweep):
    found, targets = copied(sweep, [(0.0, 4.0), (2.0, 6.0)], tmp_path)
    assert found[1].start < found[0].end
    assert all(soundfile.info(target).duration == pytest.approx(4.0, abs=0.2) for target in targets)


def test_a_span_shorter_than_a_packet_may_have_none(tmp_path, sweep):
    found, targets = copied(sweep, [(0.001, 0.002), (1.0, 2.0)], tmp_path)
    assert found[0] is None
    assert found[1] is not None
    assert not targets[0].exists()


def test_too_many_at_one_time_are_refused(tmp_path, sweep):
    with pytest.raises(OptionError, match="at most 64 chunks may overlap"):
        copied(sweep, [(0.0, 3.0)] * (MOST_OPEN + 1), tmp_path)


def test_a_folder_that_is_not_there_is_told(tmp_path, sweep):
    with pytest.raises(MediaError, match="cannot write .* no such file"):
        copied(sweep, [(0.0, 1.0)], tmp_path / "none")


def test_a_file_without_sound_is_refused(real_media):
    with pytest.raises(MediaError, match="there is none"):
        copy_ending(real_media / "malformed" / "mp4parse_white.mp4")


@pytest.mark.parametrize(
    "name",
    [
        "malformed/tinytag_adpcm.wav",
        "malformed/pedalboard_alaw.wav",
        "malformed/mutagen_alac.m4a",
        "malformed/mutagen_empty.aac",
        "malformed/mutagen_silence-1.wma",
        "malformed/mutagen_8k-4ch-1s-silence.aif",
        "video/transparent.webm",
        "video/bbb_720p.mp4",
        "video/chaplin.mp4",
        "audio/both/musanmix.mp3",
    ],
)
def test_sound_of_any_codec_has_a_home(tmp_path, real_media, name):
    path = real_media / name
    end = probe(path).asset.stream("audio").duration
    found, targets = copied(path, [(end / 4, end / 2), (end / 2, end)], tmp_path)
    for span, target in zip(found, targets, strict=True):
        assert len(heard(target)) / RATE == pytest.approx(span.duration, abs=0.06)
        assert span.duration > end / 8
