"""Spans of sound, encoded to the sample."""

import av
import numpy as np
import pytest
import soundfile

from cueline.errors import MediaError, OptionError
from cueline.media.cutting import FORMS, MOST_OPEN, Cut, encode_spans
from cueline.media.probe import probe
from cueline.media.reader import Consumer, read
from cueline.timeline.chunks import chunks
from cueline.timeline.requests import Sound
from cueline.timeline.spans import Span
from tests.media.clips import Collect, Silent

RATE = 16000
SECONDS = 7.3


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """A tone that rises, so that any part of it is like no other, and its samples."""
    path = tmp_path_factory.mktemp("cutting") / "sweep.wav"
    times = np.arange(round(RATE * SECONDS)) / RATE
    samples = (0.5 * np.sin(2 * np.pi * (200 * times + 60 * times**2)) * 32767).astype(np.int16)
    soundfile.write(path, samples, RATE)
    return path, samples


def heard(path):
    collect = Collect()
    report = read(path, probe(path).asset, [Consumer("all", Sound(RATE), collect)], progress=Silent())
    assert not report.errors
    return collect.samples


def cut(path, spans, folder, form, *, small=False):
    cuts = [Cut(Span(*span), folder / f"{number}.{form}") for number, span in enumerate(spans)]
    encode_spans(path, probe(path).asset, cuts, form, small=small, progress=Silent())
    return [each.target for each in cuts]


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_what_keeps_everything_is_the_very_same_samples(tmp_path, sweep, form):
    path, samples = sweep
    spans = chunks(SECONDS, seconds=2.0, hop=1.5)
    for (start, end), target in zip(spans, cut(path, spans, tmp_path, form), strict=True):
        written, rate = soundfile.read(target, dtype="int16")
        assert rate == RATE
        assert np.array_equal(written, samples[round(start * RATE) : round(end * RATE)])


@pytest.mark.parametrize("form", ["mp3", "opus", "m4a"])
def test_what_loses_something_has_the_length_and_the_place(tmp_path, sweep, form):
    path, samples = sweep
    (target,) = cut(path, [(1.234, 5.678)], tmp_path, form)
    found, truth = heard(target)[:, 0], samples[round(1.234 * RATE) : round(5.678 * RATE)] / 32768
    assert 0 <= len(found) - len(truth) <= (1024 if form == "m4a" else 1)
    inner = slice(1600, len(truth) - 1600)
    apart = [np.abs(np.roll(found, -lag)[inner] - truth[inner]).mean() for lag in range(-3, 4)]
    assert np.argmin(apart) == 3  # a shift by one sample is worse
    assert apart[3] < 0.03


def test_an_m4a_states_its_length_exactly(tmp_path, sweep):
    (target,) = cut(sweep[0], [(1.0, 4.7)], tmp_path, "m4a")
    with av.open(str(target)) as container:
        stream = container.streams.audio[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(3.7, abs=1e-4)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (96000, 2), (48000, 6)])
def test_any_rate_and_layout_is_written_in_any_form(tmp_path, form, rate, channels):
    rng = np.random.default_rng(0)
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * rng.standard_normal((rate, channels)), rate, subtype="PCM_16")
    (target,) = cut(path, [(0.25, 0.75)], tmp_path, form)
    stream = probe(target).asset.stream("audio")
    assert stream.channels == min(channels, 2)
    assert stream.rate_hz in (rate, 48000)
    assert stream.duration == pytest.approx(0.5, abs=1024 / 8000 + 0.001 if form == "m4a" else 0.001)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("rate", "small_rate"), [(8000, 8000), (11000, 24000), (44100, 24000), (96000, 24000)])
def test_what_is_to_be_small_has_one_channel_and_a_low_rate(tmp_path, form, rate, small_rate):
    rng = np.random.default_rng(0)
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * rng.standard_normal((rate, 2)), rate, subtype="PCM_16")
    (target,) = cut(path, [(0.25, 0.75)], tmp_path, form, small=True)
    stream = probe(target).asset.stream("audio")
    assert stream.channels == 1
    kept = form in ("wav", "flac") and rate < 24000
    assert stream.rate_hz == (48000 if form == "opus" else rate if kept else small_rate)
    assert stream.duration == pytest.approx(0.5, abs=1024 / 8000 + 0.001 if form == "m4a" else 0.001)


def test_a_small_mp3_is_much_smaller(tmp_path):
    path = tmp_path / "noise.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal((2 * 48000, 2)), 48000, subtype="PCM_16")
    (tmp_path / "small").mkdir()
    (whole,) = cut(path, [(0.0, 2.0)], tmp_path, "mp3")
    (small,) = cut(path, [(0.0, 2.0)], tmp_path / "small", "mp3", small=True)
    assert small.stat().st_size < 0.3 * whole.stat().st_size


def test_sound_that_begins_late_has_silence_before_it(tmp_path, sweep):
    path, samples = sweep
    late = tmp_path / "late.mkv"
    with av.open(str(path)) as source, av.open(str(late), "w") as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.pts = packet.dts = packet.pts + RATE  # a second later
                packet.stream = stream
                target.mux(packet)
    (found,) = cut(late, [(0.0, 2.0)], tmp_path, "wav")
    written, _ = soundfile.read(found, dtype="int16")
    assert not written[:RATE].any()
    assert np.array_equal(written[RATE:], samples[:RATE])


def test_a_span_beyond_the_end_ends_with_the_sound(tmp_path, sweep):
    path, _ = sweep
    inside, outside = cut(path, [(6.3, 9.0), (8.0, 9.0)], tmp_path, "wav")
    assert soundfile.info(inside).frames == RATE
    assert not outside.exists()


def test_samples_that_are_no_numbers_or_too_loud_are_written_as_what_can_be_heard(tmp_path):
    path = tmp_path / "wild.wav"
    samples = np.zeros(RATE, np.float32)
    samples[1000:1100], samples[2000:2100] = np.nan, 7.0
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    (target,) = cut(path, [(0.0, 1.0)], tmp_path, "wav")
    written, _ = soundfile.read(target, dtype="int16")
    assert not written[1000:1100].any()
    assert (written[2000:2100] == 32767).all()


def test_one_sample_is_cut_too(tmp_path):
    path = tmp_path / "one.wav"
    soundfile.write(path, np.array([0.5]), RATE)
    for form in FORMS:
        (target,) = cut(path, [(0.0, 1 / RATE)], tmp_path, form)
        assert probe(target).fault == ""


def test_a_form_that_does_not_exist_is_refused_with_the_near_miss(tmp_path, sweep):
    with pytest.raises(OptionError, match="got 'mp4'. Did you mean 'mp3'"):
        cut(sweep[0], [(0.0, 1.0)], tmp_path, "mp4")


def test_too_many_at_one_time_are_refused(tmp_path, sweep):
    with pytest.raises(OptionError, match="at most 64 chunks may overlap"):
        cut(sweep[0], [(0.001 * i, 3.0) for i in range(MOST_OPEN + 1)], tmp_path, "wav")


def test_a_folder_that_is_not_there_is_told(tmp_path, sweep):
    with pytest.raises(MediaError, match="cannot write .* no such file"):
        cut(sweep[0], [(0.0, 1.0)], tmp_path / "none", "wav")


def test_a_file_without_sound_is_refused(tmp_path, real_media):
    with pytest.raises(MediaError, match="there is none"):
        cut(real_media / "malformed" / "mp4parse_white.mp4", [(0.0, 1.0)], tmp_path, "wav")


def test_encrypted_sound_is_told(tmp_path, real_media):
    with pytest.raises(MediaError, match="no sound could be decoded"):
        cut(real_media / "malformed" / "mp4parse_short-cenc.mp4", [(0.0, 1.0)], tmp_path, "wav")
