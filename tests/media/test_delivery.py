"""Frames become the batches asked for; equal work is done once."""

from fractions import Fraction

import numpy as np
import pytest

import cueline.media.delivery as delivery
from cueline.media.delivery import BATCH_BYTES, BATCH_FRAMES, Pictures, tap
from cueline.timeline.requests import EveryFrame, Instants, Picture, Windows
from cueline.timeline.spans import Span
from tests.media.test_pictures import corners

SMALL = Picture(4, 2)


def run(request, count, picture=SMALL):
    """Batches of a tap fed with `count` frames of one second; frame i is flat grey i."""
    machine, taken, out = tap(request), [], []
    for index in range(count):

        def take(wanted, index=index):
            assert wanted == picture
            taken.append(index)
            return np.full((picture.height, picture.width, 3), index, np.uint8)

        out += machine.offer(float(index), index + 1.0, take)
    return out + list(machine.end()), taken


def shown(batches):
    return [int(picture[0, 0, 0]) for batch in batches for picture in batch.pictures]


def test_small_frames_come_in_batches_and_the_rest_at_the_end():
    batches, _ = run(EveryFrame(SMALL), BATCH_FRAMES + 3)
    assert [len(batch) for batch in batches] == [BATCH_FRAMES, 3]
    assert shown(batches) == list(range(BATCH_FRAMES + 3))
    assert batches[1].spans.tolist() == [[float(i), i + 1.0] for i in range(BATCH_FRAMES, BATCH_FRAMES + 3)]


def test_large_frames_come_in_batches_of_bounded_size():
    large = Picture(1280, 720)
    batches, _ = run(EveryFrame(large), 3, large)
    assert all(batch.pictures.nbytes <= BATCH_BYTES for batch in batches)
    huge = Picture(2000, 1000)
    assert [len(batch) for batch in run(EveryFrame(huge), 2, huge)[0]] == [1, 1]


def test_batches_do_not_share_memory():
    first, second = run(EveryFrame(SMALL), 2 * BATCH_FRAMES)[0]
    assert not np.shares_memory(first.pictures, second.pictures)
    assert not first.pictures.flags.writeable


def test_only_frames_at_the_instants_are_converted():
    batches, taken = run(Instants(SMALL, times=(1.5, 1.7, 4.0)), 6)
    assert shown(batches) == [1, 1, 4]
    assert set(taken) == {1, 4}


def test_a_window_is_a_batch():
    batches, taken = run(Windows(SMALL, np.array([[0.0, 4.0], [2.0, 6.0]]), 2), 8)
    assert [batch.window for batch in batches] == [Span(0.0, 4.0), Span(2.0, 6.0)]
    assert [shown([batch]) for batch in batches] == [[1, 3], [3, 5]]
    assert taken == [1, 3, 5]


def test_no_frames_give_no_batches():
    for request in (EveryFrame(SMALL), Instants(SMALL, every=1.0), Windows(SMALL, np.array([[0.0, 1.0]]), 1)):
        assert run(request, 0) == ([], [])


def test_a_picture_wanted_twice_is_made_once(monkeypatch):
    made = []

    class Counting(delivery.Converter):
        def __call__(self, frame):
            made.append(frame)
            return super().__call__(frame)

    monkeypatch.setattr(delivery, "Converter", Counting)
    pictures = Pictures(rotation=0, pixel_aspect=Fraction(1))
    take = pictures.of(corners())
    assert take(Picture(8, 6)) is take(Picture(8, 6))
    assert take(Picture(8, 8)).shape == (8, 8, 3)
    assert len(made) == 2
    assert pictures.of(corners())(Picture(8, 6)).shape == (6, 8, 3)
    assert len(made) == 3


@pytest.mark.parametrize("rotation", [0, 90])
def test_rotation_reaches_every_picture(rotation):
    take = Pictures(rotation=rotation, pixel_aspect=None).of(corners())
    assert take(Picture(48, 1, "short")).shape == ((64, 48, 3) if rotation else (48, 64, 3))
