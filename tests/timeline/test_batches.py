"""Batches have the shapes they promise and cannot be written."""

import numpy as np
import pytest

from cueline.errors import TimelineError
from cueline.timeline.batches import FrameBatch, SoundBatch
from cueline.timeline.spans import Span, as_spans


def black(count):
    return np.zeros((count, 4, 6, 3), np.uint8)


def test_pictures_carry_their_times():
    batch = FrameBatch(black(2), as_spans([(0, 0.04), (0.04, 0.08)]))
    assert len(batch) == 2
    assert batch.window is None
    assert repr(batch) == "FrameBatch(2 pictures 6x4, 0.000-0.080 s)"
    assert repr(FrameBatch(black(0), as_spans([]), Span(0, 1))) == "FrameBatch(0 pictures 6x4)"


def test_a_batch_cannot_be_written_and_the_callers_array_stays_as_it_was():
    pictures, samples = black(1), np.zeros((4, 1), np.float32)
    batch, sound = FrameBatch(pictures, as_spans([(0, 1)])), SoundBatch(samples, 0.0, 4)
    for mine, theirs in ((pictures, batch.pictures), (samples, sound.samples)):
        assert np.shares_memory(mine, theirs)
        assert mine.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            theirs[0, 0] = 1


@pytest.mark.parametrize(
    "pictures", [np.zeros((4, 6, 3), np.uint8), np.zeros((1, 4, 6, 4), np.uint8), np.zeros((1, 4, 6, 3), np.float32)]
)
def test_pictures_are_rgb_bytes(pictures):
    with pytest.raises(TimelineError, match=r"pictures must be uint8 of shape \(B, H, W, 3\), got"):
        FrameBatch(pictures, as_spans([(0, 1)]))


def test_each_picture_needs_one_span():
    with pytest.raises(TimelineError, match="each picture needs one span, got 2 and 1"):
        FrameBatch(black(2), as_spans([(0, 1)]))


def test_sound_knows_when_it_ends():
    batch = SoundBatch(np.zeros((8000, 2), np.float32), 1.5, 16000)
    assert batch.span == Span(1.5, 2.0)
    assert len(batch) == 8000
    assert repr(batch) == "SoundBatch(8000 samples x 2 at 16000 Hz, from 1.500 s)"


@pytest.mark.parametrize("samples", [np.zeros(8, np.float32), np.zeros((8, 1))])
def test_samples_are_float32_by_channel(samples):
    with pytest.raises(TimelineError, match=r"samples must be float32 of shape \(S, C\), got"):
        SoundBatch(samples, 0.0, 16000)


@pytest.mark.parametrize("rate_hz", [0, -1])
def test_a_sample_rate_is_above_zero(rate_hz):
    with pytest.raises(TimelineError, match="a sample rate must be above 0 Hz"):
        SoundBatch(np.zeros((8, 1), np.float32), 0.0, rate_hz)
