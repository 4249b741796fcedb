"""From every form to rows and to the compact form."""

import gzip

import numpy as np
import pytest

from cueline.datasets.youtube8m import (
    VideoRows,
    convert,
    open_compact,
    quantised,
    read_course,
    read_examples,
    rows_of,
    write_records,
    write_table,
)
from cueline.datasets.youtube8m.messages import example_bytes
from cueline.errors import FormatError, OptionError
from cueline.timeline.examples import LabelLists

PARTS = {"mean_rgb": 3, "mean_audio": 2}
SMALL = {"parts": PARTS, "classes": 4}
VALUES = np.array([[0.5, -1.25, 1, 0, 0.25], [1, 1, 1, 1, 1], [0, 0, 0, 0, 2]], np.float32)
LISTS = [[1], [], [0, 3]]
LABELS = LabelLists.of(LISTS, width=4)
NAMES = ["x", "y", "z"]


def tfrecord(path):
    datas = [
        example_bytes({"id": [name.encode()], "labels": np.array(row, int), "mean_rgb": v[:3], "mean_audio": v[3:]})
        for name, row, v in zip(NAMES, LISTS, VALUES, strict=True)
    ]
    write_records(path, datas)


def course(path):
    lines = [
        ",".join([*(f"{int(n in row)}" for n in range(4)), *map(repr, v.tolist())])
        for row, v in zip(LISTS, VALUES, strict=True)
    ]
    path.write_bytes(gzip.compress("".join(f"{line},\n" for line in lines).encode()))


def parquet(path):
    write_table(path, [VideoRows(VALUES, LABELS, NAMES)], parts=PARTS)


def arrays(path, values=VALUES, labels=LABELS):
    np.save(path, values)
    np.savez(path.with_name("l.npz"), label_offsets=labels.offsets, label_ids=labels.ids)
    return path.with_name("l.npz")


@pytest.mark.parametrize(
    ("name", "write"), [("a.tfrecord", tfrecord), ("a.csv.gz", course), ("a.parquet", parquet), ("a.npy", arrays)]
)
def test_every_form_becomes_the_same_compact_form(tmp_path, name, write):
    labels = write(tmp_path / name)
    told = []
    done = convert(tmp_path / name, tmp_path / "c", labels=labels, told=told.append, **SMALL)
    np.testing.assert_array_equal(done.compact.values, VALUES)
    assert [done.compact.labels[row].tolist() for row in range(3)] == LISTS
    assert list(done.compact.ids) == (NAMES if name in ("a.tfrecord", "a.parquet") else [])
    assert told == [3]
    assert str(done) == f"3 rows, 4 classes in '{tmp_path / 'c'}'"
    done.compact.verify()


def test_bad_rows_are_left_out_on_request_and_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,0,0,0,1,2,3,4,5,\n1,0,0,0,1,2,3,4,\n0,1,0,0,1,2,3,4,nan,\n0,0,0,1,5,4,3,2,1,\n")
    with pytest.raises(FormatError, match="got 8 columns in line 2"):
        convert(path, tmp_path / "c", **SMALL)
    assert not (tmp_path / "c").exists()
    done = convert(path, tmp_path / "c", skip_bad=True, **SMALL)
    assert (len(done.compact), done.skipped.rows) == (2, 2)
    assert "2 rows left out" in str(done)


def test_bad_rows_of_arrays_are_left_out_with_their_labels(tmp_path):
    values = VALUES.copy()
    values[1, 2] = np.nan
    labels = arrays(tmp_path / "a.npy", values)
    with pytest.raises(FormatError, match="features must be finite, got nan in row 1, column 2"):
        convert(tmp_path / "a.npy", tmp_path / "c", labels=labels, **SMALL)
    done = convert(tmp_path / "a.npy", tmp_path / "c", labels=labels, skip_bad=True, **SMALL)
    assert [done.compact.labels[row].tolist() for row in range(2)] == [[1], [0, 3]]


def test_a_caller_who_stops_it_leaves_nothing(tmp_path):
    def stop(rows):
        raise KeyboardInterrupt

    tfrecord(tmp_path / "a.tfrecord")
    with pytest.raises(KeyboardInterrupt):
        convert(tmp_path / "a.tfrecord", tmp_path / "c", told=stop, **SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["a.tfrecord"]


def test_files_of_several_kinds_are_refused(tmp_path):
    tfrecord(tmp_path / "a.tfrecord")
    parquet(tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="files must all be .tfrecord, .csv, .parquet or .npy"):
        rows_of(tmp_path)


def test_labels_beside_files_that_hold_their_own_are_refused(tmp_path):
    parquet(tmp_path / "a.parquet")
    with pytest.raises(OptionError, match="holds labels of its own"):
        rows_of(tmp_path / "a.parquet", tmp_path / "l.npz")


def test_arrays_of_other_widths_are_refused(tmp_path):
    labels = arrays(tmp_path / "a.npy", VALUES[:, :4])
    with pytest.raises(FormatError, match="features must have 5 columns .*, got 4"):
        convert(tmp_path / "a.npy", tmp_path / "c", labels=labels, **SMALL)
    with pytest.raises(
        FormatError, match=r"are one file, with a file of labels, .* alone\. Name the labels with --lab"
    ):
        convert(tmp_path / "a.npy", tmp_path / "c", **SMALL)
    (tmp_path / "b.npy").write_bytes((tmp_path / "a.npy").read_bytes())
    with pytest.raises(FormatError, match=r"are one file, with a file of labels, got .*a\.npy' and 1 more"):
        convert(tmp_path, tmp_path / "c", labels=labels)


def test_arrays_that_are_not_of_youtube_8m_are_one_part(tmp_path):
    labels = arrays(tmp_path / "a.npy")
    compact = convert(tmp_path / "a.npy", tmp_path / "c", labels=labels).compact
    assert (dict(compact.parts), compact.classes) == ({"features": 5}, 4)
    assert convert(tmp_path / "a.npy", tmp_path / "d", labels=labels, classes=9).compact.classes == 9
    labels = arrays(tmp_path / "y.npy", np.zeros((3, 1152), np.uint8))
    compact = convert(tmp_path / "y.npy", tmp_path / "e", labels=labels).compact
    assert (dict(compact.parts), compact.classes) == ({"mean_rgb": 1024, "mean_audio": 128}, 3862)
    np.save(tmp_path / "l.npy", LABELS.dense())
    assert convert(tmp_path / "y.npy", tmp_path / "f", labels=tmp_path / "l.npy").compact.classes == 4


def test_labels_that_were_judged_in_part_are_not_converted(tmp_path):
    arrays(tmp_path / "a.npy")
    (tmp_path / "l.csv").write_text("id,labels,judged\nx,1,1 2\ny,,\nz,0 3,\n")
    with pytest.raises(FormatError, match=r"holds no column judged, got one in '.*l\.csv'. Learn and measure with the"):
        convert(tmp_path / "a.npy", tmp_path / "c", labels=tmp_path / "l.csv")
    assert not (tmp_path / "c").exists()
    examples = read_examples(tmp_path / "a.npy", tmp_path / "l.csv")
    assert [examples.unknown[row].tolist() for row in range(3)] == [[0, 3], [], []]


class TestExamples:
    def test_arrays_are_mapped_as_they_are(self, tmp_path):
        labels = arrays(tmp_path / "a.npy", quantised(VALUES))
        found = read_examples(tmp_path / "a.npy", labels)
        assert isinstance(found.values, np.memmap)
        assert found.values.dtype == np.uint8
        assert (found.yes.width, found.yes[2].tolist()) == (4, [0, 3])
        assert read_examples(tmp_path / "a.npy", labels, classes=10).yes.width == 10

    def test_rows_of_youtube_8m_are_about_its_3862_classes(self, tmp_path):
        labels = arrays(tmp_path / "a.npy", np.zeros((3, 1152), np.uint8))
        assert read_examples(tmp_path / "a.npy", labels).yes.width == 3862

    def test_a_matrix_has_the_classes_it_has(self, tmp_path):
        np.save(tmp_path / "a.npy", np.zeros((3, 1152), np.uint8))
        np.save(tmp_path / "l.npy", LABELS.dense())
        np.savez(tmp_path / "l.npz", LABELS.dense())
        for name in ("l.npy", "l.npz"):
            assert read_examples(tmp_path / "a.npy", tmp_path / name).yes.width == 4

    def test_without_labels_rows_are_about_no_class(self, tmp_path):
        arrays(tmp_path / "a.npy")
        found = read_examples(tmp_path / "a.npy")
        assert (len(found), found.yes.width) == (3, 0)

    def test_ids_of_a_table_become_assets(self, tmp_path):
        arrays(tmp_path / "a.npy")
        (tmp_path / "l.csv").write_text("id,labels\nx,1\ny,\nz,3 0\n")
        assert list(read_examples(tmp_path / "a.npy", tmp_path / "l.csv").assets) == NAMES

    def test_numbers_of_rows_must_agree(self, tmp_path):
        labels = arrays(tmp_path / "a.npy", VALUES[:2])
        with pytest.raises(FormatError, match="as many rows, got 2 in '.*a.npy' and 3 in '.*l.npz'") as caught:
            read_examples(tmp_path / "a.npy", labels)
        assert caught.value.path == labels

    def test_labels_out_of_range_are_named(self, tmp_path):
        labels = arrays(tmp_path / "a.npy")
        with pytest.raises(FormatError, match="classes must lie in 0 to 1, got 3 in row 2 in '.*l.npz'"):
            read_examples(tmp_path / "a.npy", labels, classes=2)

    def test_numbers_that_are_none_are_named(self, tmp_path):
        labels = arrays(tmp_path / "a.npy", np.where(VALUES == 2, np.inf, VALUES))
        with pytest.raises(FormatError, match="got inf in row 2, column 4"):
            read_examples(tmp_path / "a.npy", labels)

    def test_a_compact_form_is_mapped(self, tmp_path):
        labels = arrays(tmp_path / "a.npy")
        convert(tmp_path / "a.npy", tmp_path / "c", labels=labels, **SMALL)
        assert isinstance(read_examples(tmp_path / "c").values, np.memmap)
        with pytest.raises(FormatError, match="must be about 5 classes, got 4"):
            read_examples(tmp_path / "c", classes=5)
        with pytest.raises(OptionError, match="holds labels of its own"):
            read_examples(tmp_path / "c", labels)

    def test_official_records_are_read_into_memory(self, golden):
        found = read_examples(golden / "tiny_video_level.tfrecord")
        assert (len(found), found.values.shape[1], list(found.assets)) == (2, 1152, ["abcd", "wxyz"])

    def test_an_empty_file_is_refused_by_name(self, tmp_path):
        (tmp_path / "a.tfrecord").touch()
        with pytest.raises(FormatError, match="one row or more, got none in '.*a.tfrecord'") as caught:
            read_examples(tmp_path / "a.tfrecord")
        assert caught.value.path == tmp_path / "a.tfrecord"


class TestReal:
    def test_the_real_arrays_are_opened_as_they_are(self, real_data, tmp_path):
        folder = real_data / "youtube8m"
        found = read_examples(folder / "train_features_uint8.npy", folder / "train_labels.npz")
        assert (found.values.shape, found.values.dtype, found.yes.width) == ((41393, 1152), np.uint8, 3862)
        assert len(found.yes.ids) == 125145
        done = convert(folder / "train_features_uint8.npy", tmp_path / "c", labels=folder / "train_labels.npz")
        again = open_compact(tmp_path / "c")
        np.testing.assert_array_equal(again.values[-7:], found.values[-7:])
        np.testing.assert_array_equal(again.labels.ids, found.yes.ids)
        assert done.compact.hash == again.hash

    def test_the_real_batch_keeps_its_numbers(self, real_data, tmp_path):
        path = real_data / "youtube8m" / "train_0.csv.gz"
        (rows,) = read_course(path)
        exact = convert(path, tmp_path / "exact").compact
        np.testing.assert_array_equal(exact.values, rows.values)
        small = convert(path, tmp_path / "small", dtype="uint8").compact
        assert np.abs(small.floats(slice(None)) - rows.values).max() <= 0.0079
