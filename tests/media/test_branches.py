"""The parts of a pass that streams share."""

import pytest

from cueline.errors import MediaError
from cueline.media.branches import Pulse, Source
from cueline.media.containers import opened
from cueline.media.decoding import Faults
from cueline.timeline.assets import Asset, Stream
from tests.media.clips import Diary, Silent, write_even


def test_signs_of_life_are_given_at_once_and_then_now_and_then():
    diary = Diary()
    pulse = Pulse(diary)
    for step in range(1000):
        pulse.decode(float(step))
    assert diary.phases[0] == ("decode", 0.0)
    assert len(diary.phases) < 20


def source_of(container, path, *streams):
    return Source(container, path, Asset("a" * 32, 1.0, streams), Faults(), Pulse(Silent()))


def test_the_stream_that_was_measured_is_the_one_read(tmp_path):
    path = tmp_path / "a.mp4"
    write_even(path, 5)
    about = Stream("video:0", "video", 0, "h264")
    with opened(path) as container:
        assert source_of(container, path, about).stream("video") == (about, container.streams[0])


def test_a_file_that_is_not_the_measured_one_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    write_even(path, 5)
    with opened(path) as container:
        for index, kind in ((7, "video"), (0, "audio")):
            source = source_of(container, path, Stream(f"{kind}:0", kind, index, "?"))
            with pytest.raises(MediaError, match=f"stream {index} is no {kind} any more; probe it again") as caught:
                source.stream(kind)
            assert caught.value.asset == "a" * 32
            assert caught.value.path == path


def test_a_missing_stream_is_told_with_what_there_is(tmp_path):
    path = tmp_path / "a.mp4"
    write_even(path, 5)
    with opened(path) as container, pytest.raises(MediaError, match=r"no audio stream \(found: nothing\)"):
        source_of(container, path).stream("audio")
