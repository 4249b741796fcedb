"""TFRecord framing: checksums, cuts and lies."""

import gzip
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.records import MOST_BYTES, masked_crc, read_records, write_records
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.errors import FormatError

THREE = [b"first", b"", b"third record"]  # at bytes 0, 21, 37; 65 in all


@pytest.fixture
def three(tmp_path):
    path = tmp_path / "a.tfrecord"
    write_records(path, THREE)
    return path


def datas(path, skipped=None):
    return [record.data for record in read_records(path, skipped=skipped)]


def damaged(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@given(st.lists(st.binary(max_size=40), max_size=5), st.booleans())
def test_what_is_written_is_read(tmp_path_factory, written, packed):
    path = tmp_path_factory.mktemp("records") / "a.tfrecord"
    write_records(path, written)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    records = list(read_records(path))
    assert [record.data for record in records] == written
    assert [record.number for record in records] == list(range(1, len(written) + 1))
    assert [record.offset for record in records] == [
        sum(16 + len(each) for each in written[:at]) for at in range(len(written))
    ]


def test_an_empty_file_has_no_records(tmp_path):
    (tmp_path / "a").touch()
    assert datas(tmp_path / "a") == []


def test_a_record_shows_where_it_is(three):
    assert repr(list(read_records(three))[2]) == f"Record(record 3 at byte 37 of '{three}', 12 bytes)"


def test_damaged_data_is_named_or_stepped_over(three):
    damaged(three, 12)
    with pytest.raises(FormatError, match="data CRC error in record 1 at byte 0") as caught:
        datas(three)
    assert caught.value.path == three
    skipped = Skipped()
    assert datas(three, skipped) == THREE[1:]
    assert (skipped.rows, skipped.bytes_lost) == (1, 0)


@pytest.mark.parametrize("at", [21, 29])
def test_a_damaged_length_costs_the_rest_of_the_file(three, at):
    damaged(three, at)
    with pytest.raises(FormatError, match="length CRC error in record 2 at byte 21.*the rest of the file is lost"):
        datas(three)
    skipped = Skipped()
    assert datas(three, skipped) == THREE[:1]
    assert (skipped.rows, skipped.bytes_lost) == (1, 65 - 21)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("end", range(1, 65))
def test_a_file_cut_anywhere_is_named_and_what_came_before_is_kept(three, end, packed):
    whole = three.read_bytes()[:end]
    three.write_bytes(gzip.compress(whole) if packed else whole)
    kept = sum(end >= edge for edge in (21, 37))
    skipped = Skipped()
    if end in (21, 37):
        assert datas(three) == THREE[:kept]
        return
    with pytest.raises(FormatError, match=f"cut off in record {kept + 1} at byte {(0, 21, 37)[kept]} of"):
        datas(three)
    assert datas(three, skipped) == THREE[:kept]
    assert skipped.bytes_lost == end - (0, 21, 37)[kept]


@pytest.mark.parametrize("end", [5, 30, 60])
def test_a_gzip_stream_that_is_cut_is_named(three, end):
    three.write_bytes(gzip.compress(three.read_bytes())[:end])
    with pytest.raises(FormatError, match="the rest of the file is lost"):
        datas(three)
    assert datas(three, skipped := Skipped()) == THREE[: len(datas(three, Skipped()))]
    assert skipped


@pytest.mark.parametrize("length", [MOST_BYTES - 1, MOST_BYTES + 1, 1 << 40, (1 << 64) - 1])
def test_a_length_that_lies_takes_no_memory(tmp_path, length):
    head = struct.pack("<Q", length)
    path = tmp_path / "a.tfrecord"
    path.write_bytes(head + struct.pack("<I", masked_crc(head)) + b"little")
    tracemalloc.start()
    with pytest.raises(FormatError, match="record 1 at byte 0"):
        datas(path)
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()


def test_the_corrupt_golden_file_is_refused_and_its_whole_twin_is_not(golden):
    with pytest.raises(FormatError, match="data CRC error in record 1 at byte 0"):
        datas(golden / "tiny_frame_level_corrupt.tfrecord")
    assert len(datas(golden / "tiny_frame_level.tfrecord")) == 1
