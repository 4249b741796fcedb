import json
import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cueline.errors import PluginError, StoreError
from cueline.ports import Rows
from cueline.stores.spool import PictureSpool, TrackSpool, read_picture, read_track, write_track
from cueline.timeline.tracks import FeatureTrack
from tests.stores.made import features, pictures, same, spans

NUMBERS = st.sampled_from(["u1", "i2", "i8", "f2", "f4", "f8", ">f4"])


def rows(first, last, *, columns=("a", "b"), dtype="f4"):
    values = np.arange(2 * first, 2 * last, dtype=dtype).reshape(-1, len(columns) or 2)
    return Rows(spans(last)[first:], values, columns)


def test_rows_come_back_as_they_were_given(folder):
    with TrackSpool(folder / "t", stream="video:0") as spool:
        for first in range(0, 100, 10):
            spool.append(rows(first, first + 10))
    track = read_track(folder / "t")
    assert same(track, FeatureTrack(spans(100), np.arange(200, dtype="f4").reshape(-1, 2), ("a", "b"), "video:0"))


@given(data=st.data(), dtype=NUMBERS, width=st.integers(0, 4), count=st.integers(0, 9))
def test_any_track_survives_a_round_trip(fast_disk, data, dtype, width, count):
    values = data.draw(hnp.arrays(dtype, (count, width)))
    track = FeatureTrack(spans(count), values, stream="audio:1")
    path = fast_disk / f"cueline-{os.getpid()}.arrow"
    try:
        write_track(path, track)
        back = read_track(path)
        assert back.values.dtype == values.dtype.newbyteorder("=")
        np.testing.assert_array_equal(back.values, values)
        np.testing.assert_array_equal(back.spans, track.spans)
    finally:
        path.unlink(missing_ok=True)


def test_values_are_not_copied_and_outlive_the_open_file(folder):
    with TrackSpool(folder / "t", stream="") as spool:
        for first in range(0, 3000, 100):
            spool.append(rows(first, first + 100))
    track = read_track(folder / "t")
    (folder / "t").unlink()
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what is mapped")
    mapped = next(line for line in maps.read_text().splitlines() if f"{folder}/t" in line)
    first, last = (int(edge, 16) for edge in mapped.split()[0].split("-"))
    assert first <= track.values.__array_interface__["data"][0] < last
    assert track.values[-1].tolist() == [5998.0, 5999.0]


def test_a_track_without_rows_is_empty(folder):
    with TrackSpool(folder / "t", stream="video:0"):
        pass
    track = read_track(folder / "t")
    assert track.values.shape == (0, 0)
    assert track.stream == "video:0"


def test_a_track_whose_rows_are_none_keeps_its_width(folder):
    with TrackSpool(folder / "t", stream="") as spool:
        spool.append(rows(0, 0))
    assert read_track(folder / "t").columns == ("a", "b")


def spooled(folder, *parts):
    with TrackSpool(folder / "t", stream="") as spool:
        for part in parts:
            spool.append(part)


@pytest.mark.parametrize("other", [rows(1, 2, dtype="f8"), rows(1, 2, columns=("a", "c")), rows(1, 2, columns=())])
def test_rows_that_are_not_alike_are_refused(folder, other):
    with pytest.raises(PluginError, match="all rows of a track must be alike"):
        spooled(folder, rows(0, 1), other)


def test_rows_out_of_order_are_refused_within_and_between(folder):
    with pytest.raises(PluginError, match=r"got one from 0.0 s after one from 4.0 s") as caught:
        spooled(folder, rows(0, 5), rows(0, 1))
    assert caught.value.time == 0.0
    with pytest.raises(PluginError, match="in order of time"):
        spooled(folder, Rows(spans(3)[::-1], np.zeros((3, 1))))


@pytest.mark.parametrize("values", [np.zeros(2), np.zeros((3, 1)), np.zeros((2, 1), bool), np.array([["a"], ["b"]])])
def test_values_that_make_no_track_are_refused(folder, values):
    with pytest.raises(PluginError, match="rows do not make a track"), TrackSpool(folder / "t", stream="") as spool:
        spool.append(Rows(spans(2), values))


def test_spans_that_cannot_be_are_refused(folder):
    with (
        pytest.raises(PluginError, match="must not end before they start"),
        TrackSpool(folder / "t", stream="") as spool,
    ):
        spool.append(Rows(np.array([[2.0, 1.0]]), np.zeros((1, 1))))


@pytest.mark.parametrize("dtype", ["c8", "longdouble"])
def test_numbers_that_arrow_does_not_know_are_refused(folder, dtype):
    with pytest.raises(PluginError, match="integers or floats of at most 64 bits"):
        write_track(folder / "t", FeatureTrack(spans(1), np.zeros((1, 1), dtype)))


def test_after_an_error_no_file_is_left(folder):
    def broken():
        with TrackSpool(folder / "t", stream="") as track, PictureSpool(folder / "p") as kept:
            track.append(rows(0, 1))
            kept.append(Rows(spans(1), np.zeros((1, 1)), (), (b"x",)))
            raise KeyError("the plug-in broke")

    with pytest.raises(KeyError):
        broken()
    assert list(folder.iterdir()) == []


def test_a_missing_file_is_told(folder):
    with pytest.raises(StoreError, match="it is gone"):
        read_track(folder / "none")


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_a_half_written_file_is_told(folder, keep):
    write_track(folder / "t", features(500))
    whole = (folder / "t").read_bytes()
    (folder / "t").write_bytes(whole[: int(keep if keep > 1 else keep * len(whole))])
    with pytest.raises(StoreError, match="damaged or was not written to its end"):
        read_track(folder / "t")


def test_a_file_of_another_make_kind_or_version_is_told(folder):
    def written(**metadata):
        schema = pa.schema([("start", pa.float64())], metadata=metadata)
        with pa.OSFile(str(folder / "t"), "wb") as sink, pa.ipc.new_file(sink, schema):
            pass
        return folder / "t"

    with pytest.raises(StoreError, match="got an Arrow file of another make"):
        read_track(written())
    with pytest.raises(StoreError, match=r"must hold cueline.track, version 1, got cueline.track, version 9"):
        read_track(written(cueline=json.dumps({"schema": "cueline.track", "version": 9})))
    with pytest.raises(StoreError, match=r"must hold cueline.track, version 1, got cueline.pictures"):
        read_track(pictures(folder / "p"))
    write_track(folder / "f", features())
    with pytest.raises(StoreError, match="must hold cueline.pictures"):
        read_picture(folder / "f", 0.0)


def test_the_picture_of_the_row_that_holds_a_time_is_found(folder):
    times = np.array([[0.0, 0.04], [0.5, 0.54], [0.54, 0.58], [2.0, 2.0]])
    with PictureSpool(folder / "p") as spool:
        spool.append(Rows(times, np.zeros((4, 1)), (), (b"a", b"b", b"c", b"d")))
    found = [read_picture(folder / "p", time) for time in (-1.0, 0.0, 0.04, 0.5, 0.54, 0.57, 1.0, 2.0, 2.1)]
    assert found == [None, b"a", None, b"b", b"c", b"c", None, b"d", None]
    assert read_picture((folder / "p").read_bytes(), 0.5) == b"b"


def test_pictures_of_many_batches_are_found(folder):
    with PictureSpool(folder / "p") as spool:
        for number in range(40):
            spool.append(Rows(spans(40)[number : number + 1], np.zeros((1, 1)), (), (bytes([number]) * 100_000,)))
    with pa.memory_map(str(folder / "p")) as file:
        assert pa.ipc.open_file(file).num_record_batches == 4
    assert all(read_picture(folder / "p", number + 0.5) == bytes([number]) * 100_000 for number in range(40))


def test_no_pictures_make_a_file_without_any(folder):
    PictureSpool(folder / "p").close()
    assert read_picture(folder / "p", 0.0) is None


def test_rows_and_pictures_must_go_together(folder):
    with pytest.raises(PluginError, match="got 1 pictures for 2 rows"), PictureSpool(folder / "p") as spool:
        spool.append(Rows(spans(2), np.zeros((2, 1)), (), (b"a",)))


def test_a_folder_that_is_not_there_is_told(folder):
    with pytest.raises(StoreError, match="cannot write .*No such file"):
        TrackSpool(folder / "none" / "t", stream="")
    with pytest.raises(StoreError, match="cannot write .*No such file"):
        PictureSpool(folder / "none" / "p")
