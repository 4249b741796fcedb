"""Jumping gives the frames that the whole pass would give."""

from fractions import Fraction

import av
import numpy as np
import pytest

import cueline.media.reader as reader
from cueline.media.clock import Clock
from cueline.media.containers import opened
from cueline.media.decoding import Faults
from cueline.media.reader import Consumer, read
from cueline.media.seeking import Seeker, key_times
from cueline.timeline.requests import Instants, Picture
from tests.media.clips import Collect, Silent, asset_of, read_back, write_even, write_frames

PICTURE = Picture(64, 48)


def both_ways(path, request, monkeypatch):
    """The same request answered by jumping and by the whole pass, with the reports."""
    answers = []
    for jump in (True, False):
        monkeypatch.setattr(reader, "worth_seeking", lambda *_, jump=jump: jump)
        collect = Collect()
        report = read(path, asset_of(path), [Consumer("a", request, collect)], progress=Silent())
        answers.append((collect, report))
    return answers


def check_equal(path, request, monkeypatch):
    (sought, report), (passed, _) = both_ways(path, request, monkeypatch)
    assert sought.spans.tolist() == passed.spans.tolist()
    assert all((a == b).all() for a, b in zip(sought.pictures, passed.pictures, strict=True))
    return sought, report


TIMES = (-1.0, 0.0, 0.04, 0.05, 1.0, 3.999, 4.0, 4.01, 7.5, 7.5, 7.96, 7.999, 8.0, 99.0)


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [
        ("libx264", "mp4", {"bf": "3", "g": "12"}),
        ("libx264", "mp4", {"bf": "3", "g": "25", "x264-params": "open-gop=1:scenecut=0"}),
        ("libx264", "mkv", {"bf": "2", "g": "50"}),
        ("libx264", "mkv", {"bf": "0", "x264-params": "intra-refresh=1:keyint=20"}),
        ("libx264", "ts", {"bf": "2", "g": "25"}),
        ("mpeg4", "avi", {"bf": "0", "g": "20"}),
        ("mpeg4", "mp4", {"bf": "2", "g": "20"}),
        ("libvpx-vp9", "webm", {"deadline": "realtime", "cpu-used": "8", "g": "40"}),
    ],
)
def test_jumping_and_the_whole_pass_agree(tmp_path, monkeypatch, codec, suffix, options):
    path = tmp_path / f"clip.{suffix}"
    write_even(path, 200, codec=codec, options=options)
    sought, _ = check_equal(path, Instants(PICTURE, times=TIMES), monkeypatch)
    assert [read_back(picture) for picture in sought.pictures] == [0, 1, 1, 25, 99, 100, 100, 187, 187, 199, 199]
    check_equal(path, Instants(PICTURE, every=1.7), monkeypatch)


def test_jumping_and_the_whole_pass_agree_where_the_rate_varies_and_the_start_is_late(tmp_path, monkeypatch):
    path = tmp_path / "vfr.mkv"
    stamps = (1300 + np.cumsum(np.random.default_rng(3).integers(5, 120, 150))).tolist()
    write_frames(path, stamps, Fraction(1, 1000), options={"g": "20"})
    check_equal(path, Instants(PICTURE, times=tuple(np.linspace(0.5, 11, 30))), monkeypatch)


def test_a_few_instants_of_a_long_clip_are_not_paid_with_the_whole(tmp_path):
    path = tmp_path / "long.mp4"
    write_even(path, 1500, options={"g": "25", "preset": "ultrafast"})
    collect = Collect()
    request = Instants(PICTURE, times=(20.0, 40.0))
    report = read(path, asset_of(path), [Consumer("a", request, collect)], progress=Silent())
    assert [read_back(picture) for picture in collect.pictures] == [500 % 256, 1000 % 256]
    assert report.frames < 100


def test_a_consumer_that_has_seen_enough_ends_the_jumping(tmp_path, monkeypatch):
    path = tmp_path / "clip.mp4"
    write_even(path, 300, options={"g": "10"})
    monkeypatch.setattr(reader, "worth_seeking", lambda *_: True)
    request = Instants(Picture(1200, 1200), every=0.5)
    report = read(path, asset_of(path), [Consumer("a", request, next)], progress=Silent(), queue_batches=1)
    assert report.frames < 200


def test_key_times_come_from_the_index_and_are_unknown_without_one(tmp_path):
    write_even(tmp_path / "a.mp4", 50, options={"g": "20", "bf": "0", "sc_threshold": "0"})
    write_even(tmp_path / "a.ts", 50, options={"g": "20", "bf": "0", "sc_threshold": "0"})
    found = []
    for name in ("a.mp4", "a.ts"):
        with av.open(str(tmp_path / name)) as container:
            stream = container.streams.video[0]
            clock = Clock(stream.time_base, Fraction(0), usual=Fraction(1, 25), tell=print)
            found.append(key_times(stream, clock))
    assert found == [[0.0, 0.8, 1.6], None]


def seeker_of(container):
    return Seeker(container, container.streams.video[0], Fraction(0), Faults())


def test_times_outside_the_video_have_no_frame(tmp_path):
    path = tmp_path / "late.mkv"
    write_frames(path, [1000 + 40 * i for i in range(25)], Fraction(1, 1000))
    with opened(path) as container:
        seeker = seeker_of(container)
        assert seeker.first().start == 1.0
        assert seeker.at(0.5) is None
        assert seeker.at(1.5).start == pytest.approx(1.48)
        assert not seeker.after(5.0)
        assert seeker.at(5.0) is None
        assert seeker.after(5.0)


def test_where_a_jump_fails_decoding_goes_on_forwards(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 200, options={"g": "10"})

    class Unseekable:
        def __init__(self, container):
            self._container = container

        def demux(self, streams):
            return self._container.demux(streams)

        def seek(self, offset, *, stream):
            raise av.error.PermissionError(1, "not seekable")

    with opened(path) as container:
        seeker = Seeker(Unseekable(container), container.streams.video[0], Fraction(0), Faults())
        seeker.first()
        assert seeker.at(6.0).start == 6.0
        assert seeker.decoder.frames >= 150


def test_an_empty_stream_has_no_first_frame(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 2, container_options={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    with opened(path) as container:
        seeker = seeker_of(container)
        assert seeker.first() is None
        assert seeker.at(0.0) is None
