"""Sound comes at one rate with an exact clock."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import MediaError
from cueline.media.joining import SoundJoiner
from cueline.media.sound import SoundTap, downmix
from cueline.timeline.requests import Sound
from tests.media.clips import audio_frame, tone

RATE = 48000


class Heard:
    """A joiner and a tap, one after the other, as a decode pass has them."""

    def __init__(self, request):
        self.joiner, self.tap = SoundJoiner(), SoundTap(request)

    def put(self, frame, start, *, follows=False):
        for block in self.joiner.put(frame, start, follows=follows):
            yield from self.tap.put(block)

    def end(self):
        for block in self.joiner.end():
            yield from self.tap.put(block)
        yield from self.tap.end()


def samples_of(frame):
    joiner = SoundJoiner()
    return np.concatenate([block.samples for block in (*joiner.put(frame, 0.0), *joiner.end())])


def run(blocks, *, rate_hz=16000, mono=True, source_hz=RATE, layout="stereo"):
    """Samples and clock of a tap fed with (start in seconds, samples (S, C)) blocks."""
    heard = Heard(Sound(rate_hz, mono=mono))
    batches = []
    for start, samples in blocks:
        batches += heard.put(audio_frame(samples, source_hz, layout, 0), start)
    batches += heard.end()
    for before, after in pairwise(batches):
        assert after.start == pytest.approx(before.span.end, abs=1e-9)
    return batches


def joined(batches):
    return np.concatenate([batch.samples for batch in batches])


def cut(samples, size=1024, at=0.0):
    """Blocks as a decoder gives them."""
    return [(at + begin / RATE, samples[begin : begin + size]) for begin in range(0, len(samples), size)]


def onset(samples, rate_hz, start=0.0, level=0.1):
    """Seconds of the first sample louder than `level`."""
    return start + np.flatnonzero(np.abs(samples).max(axis=1) > level)[0] / rate_hz


def test_batches_last_a_second_and_the_last_one_what_is_left():
    batches = run(cut(tone(2.5)))
    assert [len(batch) for batch in batches] == [16000, 16000, 8000]
    assert [batch.start for batch in batches] == [0.0, 1.0, 2.0]
    assert {batch.rate_hz for batch in batches} == {16000}
    assert {batch.samples.shape[1] for batch in batches} == {1}


def test_a_tone_keeps_pitch_level_and_phase_when_it_is_resampled():
    samples = joined(run(cut(tone(2.0))))
    expected = tone(2.0, 16000, channels=1)
    assert np.abs(samples[800:-800] - expected[800:-800]).max() < 1e-3


def test_the_rate_of_the_file_can_be_kept():
    samples = tone(1.5)
    batches = run(cut(samples), rate_hz=0, mono=False)
    assert batches[0].rate_hz == RATE
    assert (joined(batches) == samples).all()


def test_resampling_moves_nothing():
    click = np.zeros((RATE * 2, 2), np.float32)
    click[RATE + 480 :] = 0.5
    assert onset(joined(run(cut(click))), 16000) == pytest.approx(1.01, abs=2 / 16000)


def test_sound_that_starts_late_says_so():
    batches = run(cut(tone(1.0), at=0.25))
    assert batches[0].start == 0.25
    assert batches[-1].span.end == pytest.approx(1.25)


def test_sound_before_zero_is_dropped_to_the_sample():
    ramp = np.repeat(np.arange(4800, dtype=np.float32)[:, None] / 4800, 2, axis=1)
    batches = run(cut(ramp, at=-0.05), rate_hz=0, mono=False)
    assert batches[0].start == pytest.approx(0.0, abs=1e-9)
    assert (joined(batches) == ramp[2400:]).all()


def test_sound_wholly_before_zero_gives_nothing():
    assert run([(-1.0, tone(0.1))]) == []


def test_a_gap_is_filled_with_silence():
    samples = joined(run([*cut(tone(1.0)), *cut(tone(1.0), at=3.0)], rate_hz=0))
    assert len(samples) == 4 * RATE
    assert not samples[RATE : 3 * RATE].any()
    assert onset(samples[RATE:], RATE, 1.0, level=0.01) == pytest.approx(3.0, abs=1e-3)


def test_an_overlap_is_trimmed():
    samples = joined(run([*cut(tone(1.0)), (0.9, np.full((RATE // 2, 2), 0.25, np.float32))], rate_hz=0))
    assert len(samples) == round(1.4 * RATE)
    assert (samples[RATE:] == 0.25).all()


def test_a_block_that_lies_wholly_in_the_past_is_dropped():
    samples = joined(run([*cut(tone(1.0)), (0.2, tone(0.1)), (1.0, tone(0.5))], rate_hz=0))
    assert len(samples) == round(1.5 * RATE)


@given(st.lists(st.floats(-0.012, 0.012), min_size=200, max_size=200))
def test_jitter_of_the_container_changes_nothing(jitter):
    samples = tone(200 * 1024 / RATE)
    blocks = [(max(0.0, start + shift), block) for (start, block), shift in zip(cut(samples), jitter, strict=False)]
    blocks[0] = (0.0, blocks[0][1])
    assert (joined(run(blocks, rate_hz=0, mono=False)) == samples).all()


def test_a_slow_drift_is_followed():
    blocks = [(start * 1.001, block) for start, block in cut(tone(60.0))]
    batches = run(blocks)
    assert batches[-1].span.end == pytest.approx(60.06, abs=0.03)


def test_a_block_without_a_time_stamp_follows_the_one_before():
    heard = Heard(Sound(0))
    out = [*heard.put(audio_frame(tone(0.5), RATE, "stereo", 0), 0.0)]
    out += heard.put(audio_frame(tone(0.5), RATE, "stereo", None), 17.0, follows=True)
    out += heard.end()
    assert sum(map(len, out)) == RATE


def test_rate_and_layout_may_change_on_the_way():
    heard = Heard(Sound(16000))
    out = []
    for start, block in cut(tone(1.0)):
        out += heard.put(audio_frame(block, RATE, "stereo", 0), start)
    late = tone(1.0, 44100, channels=1)
    for begin in range(0, 44100, 1152):
        out += heard.put(audio_frame(late[begin : begin + 1152], 44100, "mono", 0), 1.0 + begin / 44100)
    out += heard.end()
    assert sum(map(len, out)) == pytest.approx(32000, abs=2)
    spectrum = np.abs(np.fft.rfft(joined(out)[17000:31000, 0]))
    assert np.argmax(spectrum) * 16000 / 14000 == pytest.approx(1000, abs=2)
    assert out[1].start == 1.0


def test_a_stream_without_a_sample_gives_no_batch():
    assert list(Heard(Sound()).end()) == []


def test_an_hour_has_no_drift():
    heard = Heard(Sound(16000))
    block = np.zeros((44100, 1), np.float32)
    ends = [
        batch.span.end
        for second in range(3600)
        for batch in heard.put(audio_frame(block, 44100, "mono", 0), float(second))
    ]
    assert [*ends, *(batch.span.end for batch in heard.end())][-1] == 3600.0


@pytest.mark.parametrize(
    ("layout", "channels"),
    [
        ("mono", 1),
        ("stereo", 2),
        ("2.1", 3),
        ("4.0", 4),
        ("quad", 4),
        ("5.0", 5),
        ("5.1", 6),
        ("5.1(side)", 6),
        ("7.1", 8),
    ],
)
def test_full_scale_stays_full_scale_from_any_layout(layout, channels):
    ones = np.ones((4800, channels), np.float32)
    samples = joined(run([(0.0, ones)], rate_hz=0, mono=False, layout=layout))
    assert samples.max() == pytest.approx(1.0, abs=1e-6)
    assert samples.shape == (4800, 2)


@pytest.mark.parametrize(("layout", "channels"), [("5.1", 6), ("7.1", 8), ("22.2", 24)])
def test_planes_come_as_packed_samples_do(layout, channels):
    samples = np.random.default_rng(1).uniform(-1, 1, (1000, channels)).astype(np.float32)
    (planar,) = av.AudioResampler(format="fltp", layout=layout).resample(audio_frame(samples, RATE, layout, 0))
    assert planar.format.is_planar
    assert (samples_of(planar) == samples).all()


def test_speech_in_the_centre_reaches_both_sides_and_the_lfe_neither():
    weights = downmix(("FL", "FR", "FC", "LFE", "BL", "BR"), mono=False)
    assert weights[2, 0] == weights[2, 1] == pytest.approx(0.7071 * weights[0, 0], rel=1e-4)
    assert not weights[3].any()
    assert weights[4].tolist() == [weights[5, 1], 0.0]


def test_mono_is_the_mean_of_left_and_right():
    assert downmix(("FL", "FR"), mono=True).tolist() == [[0.5], [0.5]]
    assert downmix(("FC",), mono=True).tolist() == [[1.0]]
    assert downmix(("FC",), mono=False).tolist() == [[1.0, 1.0]]


def test_two_channels_that_say_nothing_are_left_and_right():
    assert downmix(("NONE", "NONE"), mono=False).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert downmix(("NONE", "NONE"), mono=True).tolist() == [[0.5], [0.5]]


def test_channels_without_a_place_weigh_the_same():
    assert downmix(("NONE", "NONE", "NONE", "NONE"), mono=True).tolist() == [[0.25]] * 4
    assert downmix(("LFE", "LFE2"), mono=True).tolist() == [[0.5]] * 2


@pytest.mark.parametrize(
    ("kind", "dtype", "half"),
    [
        ("u8", np.uint8, 192),
        ("s16", np.int16, 1 << 14),
        ("s32", np.int32, 1 << 30),
        ("flt", np.float32, 0.5),
        ("dbl", np.float64, 0.5),
    ],
)
@pytest.mark.parametrize("planar", [False, True])
def test_every_sample_format_becomes_float_of_the_same_scale(kind, dtype, half, planar):
    zero = 128 if kind == "u8" else 0
    pairs = np.array([[half, zero]] * 10, dtype=dtype)
    array = pairs.T if planar else pairs.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(array), format=kind + "p" * planar, layout="stereo")
    frame.sample_rate = 8000
    samples = samples_of(frame)
    assert samples.dtype == np.float32
    assert samples.tolist() == [[0.5, 0.0]] * 10


def test_a_sample_format_that_cannot_be_read_is_refused():
    frame = av.AudioFrame(format="s64", layout="mono", samples=16)
    frame.sample_rate, frame.time_base = 8000, Fraction(1, 8000)
    with pytest.raises(MediaError, match="sample format that can be read, got s64"):
        samples_of(frame)


def test_samples_that_are_no_numbers_are_silence_and_are_counted():
    samples = np.full((RATE, 2), 0.25, np.float32)
    samples[100, 0], samples[200], samples[300, 1] = np.nan, np.inf, -np.inf
    heard = Heard(Sound(0, mono=False))
    found = joined([*heard.put(audio_frame(samples, RATE, "stereo", 0), 0.0), *heard.end()])
    assert np.isfinite(found).all()
    assert (found[100, 0], found[100, 1]) == (0.0, np.float32(0.25))
    assert heard.joiner.broken == 4
