"""An asset is its content: found again under any name, told apart after any change."""

import math
import os
import time

import pytest

from cueline.errors import MediaError, TimelineError
from cueline.timeline.assets import BLOCK_BYTES, BLOCKS, Asset, Location, Stream, fingerprint

WHOLE = BLOCKS * BLOCK_BYTES
VIDEO = Stream("video:0", "video", 1, "h264")
SOUND = Stream("audio:0", "audio", 0, "aac")


def test_an_asset_gives_its_chosen_stream_of_a_kind():
    asset = Asset("a1", 60.0, (SOUND, VIDEO, Stream("video:1", "video", 2, "h264")))
    assert asset.stream("video") is VIDEO
    assert asset.stream("subtitle") is None


def test_an_asset_can_be_a_key_whatever_its_groups():
    film = Asset("a1", 60.0, groups={"film": "Sintel"})
    assert {film: 1}[Asset("a1", 60.0, groups={"film": "Sintel"})] == 1
    assert film != Asset("a1", 60.0)


def test_an_asset_needs_an_id():
    with pytest.raises(TimelineError, match=r"an asset needs an id, got an empty one; use fingerprint\(path\)"):
        Asset("", 1.0)


@pytest.mark.parametrize("duration", [-1.0, math.nan, math.inf])
def test_an_asset_lasts_and_ends(duration):
    with pytest.raises(TimelineError, match="an asset lasts 0 s or more, and ends, got") as caught:
        Asset("a1", duration)
    assert caught.value.asset == "a1"


def test_a_location_tells_what_a_file_looks_like_now(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.mp4"
    path.write_bytes(b"12345")
    os.utime(path, ns=(1, 7))
    assert Location.of(path.relative_to(tmp_path)) == Location(path, 5, 7)


def test_a_location_without_a_file_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"cannot look at .*gone.mp4.: No such file") as caught:
        Location.of(tmp_path / "gone.mp4")
    assert caught.value.path == tmp_path / "gone.mp4"


def test_a_copy_under_another_name_has_the_same_fingerprint(tmp_path):
    one, two, other = (tmp_path / name for name in ("a.mp4", "b.mov", "c.mp4"))
    one.write_bytes(b"film")
    two.write_bytes(b"film")
    other.write_bytes(b"Film")
    assert fingerprint(one) == fingerprint(two) != fingerprint(other)
    assert len(fingerprint(one)) == 32
    assert int(fingerprint(one), 16) >= 0


def test_zeros_of_different_length_are_different(tmp_path):
    ids = set()
    for size in (0, 1, BLOCK_BYTES, WHOLE - 1, WHOLE, WHOLE + 1, 3 * WHOLE):
        path = tmp_path / str(size)
        path.touch()
        os.truncate(path, size)
        ids.add(fingerprint(path))
    assert len(ids) == 7


@pytest.mark.parametrize("place", [0, BLOCK_BYTES - 1, BLOCK_BYTES, WHOLE // 2, WHOLE - 1])
def test_every_byte_of_a_short_file_counts(tmp_path, place):
    path = tmp_path / "short.mp4"
    path.write_bytes(bytes(WHOLE))
    before = fingerprint(path)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"x")
    assert fingerprint(path) != before


def test_a_hundred_gigabytes_take_no_longer_than_sixteen_blocks(tmp_path):
    path = tmp_path / "long.mxf"
    path.touch()
    os.truncate(path, 100 * 10**9)
    began = time.process_time()
    before = fingerprint(path)
    assert time.process_time() - began < 1
    for place in (0, 100 * 10**9 - 1):  # the first and the last byte are always looked at
        with path.open("r+b") as file:
            file.seek(place)
            file.write(b"x")
        after = fingerprint(path)
        assert after != before
        before = after


def test_what_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(MediaError, match=r"cannot read .*: Is a directory"):
        fingerprint(tmp_path)
    with pytest.raises(MediaError, match=r"cannot read .*gone.*: No such file"):
        fingerprint(tmp_path / "gone")
