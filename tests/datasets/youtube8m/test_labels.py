"""Files of labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.labels import read_labels
from cueline.errors import FormatError

LISTS = [[2], [], [0, 1]]


def lists(found):
    return [found.labels[row].tolist() for row in range(len(found.labels))]


def test_lists_matrices_and_tables_say_the_same(tmp_path):
    flags = np.array([[0, 0, 1], [0, 0, 0], [1, 1, 0]], bool)
    np.savez(
        tmp_path / "a.npz", label_offsets=np.array([0, 1, 1, 3], np.int32), label_ids=np.array([2, 1, 0], np.int16)
    )
    np.savez(tmp_path / "b.npz", anything=flags)
    np.save(tmp_path / "c.npy", flags.astype(np.uint8))
    (tmp_path / "d.csv").write_text('\ufeffid,labels,note\nx,2,"a, b"\ny,,\nz,1 0,\n', encoding="utf-8")
    for name in ("a.npz", "b.npz", "c.npy", "d.csv"):
        found = read_labels(tmp_path / name)
        assert lists(found) == LISTS
        assert found.labels.width == 3
        assert list(found.ids) == (["x", "y", "z"] if name == "d.csv" else [])
    assert read_labels(tmp_path / "a.npz", classes=9).labels.width == 9


@given(st.lists(st.lists(st.integers(0, 50), unique=True), min_size=1))
def test_tables_are_read_as_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("labels") / "l.csv"
    path.write_text("labels,id\n" + "".join(f"{' '.join(map(str, row))},v{at}\n" for at, row in enumerate(rows)))
    found = read_labels(path, classes=51)
    assert lists(found) == [sorted(row) for row in rows]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"label_offsets": np.array([0, 2]), "label_ids": np.array([0, 5])},
            "classes must lie in 0 to 4, got 5 in row 0",
        ),
        ({"label_offsets": np.array([0, 3]), "label_ids": np.array([0])}, "offsets must run from 0 to"),
        ({"label_offsets": np.array([0.0, 1]), "label_ids": np.array([0])}, "whole numbers, got float64 and int64"),
        ({"label_offsets": np.array([0, 1])}, r"a matrix of labels is bool or uint8 of shape"),
        ({"a": np.zeros(1), "b": np.zeros(1)}, "label_offsets and label_ids, or are one matrix, got a, b"),
        ({"m": np.array([[0, 1]], bool)}, "must have 5 columns, one a class, got 2"),
        ({"m": np.array([[0, 1, 2, 0, 0]], np.uint8)}, "labels must be 0 or 1, got 2 in row 0, column 2"),
    ],
)
def test_a_bad_archive_is_named(tmp_path, arrays, message):
    path = tmp_path / "l.npz"
    np.savez(path, **arrays)
    with pytest.raises(FormatError, match=f"{message}.* in '") as caught:
        read_labels(path, classes=5)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "columns id and labels are needed, got none"),
        ("id,label\nx,1\n", "columns id and labels are needed, got id, label"),
        ("id,labels\nx,1\ny,1 two\n", "numbers of classes, got 'two' in line 3"),
        ("id,labels\nx\n", "got 'no column' in line 2"),
        ("id,labels\nx,7\n", "labels must lie in 0 to 4, got 7 in line 2"),
        ("id,labels\nx,99999999999999999999999\n", "labels must lie in 0 to 4"),
    ],
)
def test_a_bad_table_is_named(tmp_path, text, message):
    path = tmp_path / "l.csv"
    path.write_text(text)
    with pytest.raises(FormatError, match=f"{message}.* in '.*l.csv'") as caught:
        read_labels(path, classes=5)
    assert caught.value.path == path


def test_a_table_may_say_which_classes_were_judged(tmp_path):
    path = tmp_path / "l.csv"
    path.write_text("id,labels,judged\nx,2,0 2\ny,1,0\nz,0,\n")
    found = read_labels(path, classes=4)
    assert lists(found) == [[2], [1], [0]]
    assert [found.unknown[row].tolist() for row in range(3)] == [[1, 3], [2, 3], []]
    examples = found.examples(np.zeros((3, 1)))
    assert (list(examples.assets), examples.unknown.lengths.tolist()) == (["x", "y", "z"], [2, 2, 0])
    path.write_text("id,labels,judged\nx,2,0 5\n")
    assert read_labels(path).labels.width == 6
    path.write_text("id,labels,judged\nx,2,\n")
    assert read_labels(path).unknown is None
    path.write_text("id,labels,judged\nx,2,all\n")
    with pytest.raises(FormatError, match="judged are numbers of classes, got 'all' in line 2"):
        read_labels(path)


@pytest.mark.parametrize("name", ["l.npz", "l.npy", "l.csv", "l.json"])
def test_a_file_that_is_not_there_is_said_so(tmp_path, name):
    with pytest.raises(FormatError, match=f"there is no file '.*{name}'; labels are .npz, .npy or .csv"):
        read_labels(tmp_path / name)


def test_a_class_of_billions_makes_no_billions_of_classes(tmp_path):
    np.savez(tmp_path / "l.npz", label_offsets=np.array([0, 1]), label_ids=np.array([10**12]))
    with pytest.raises(FormatError, match="classes are numbered up to 16,777,216, got 1,000,000,000,000"):
        read_labels(tmp_path / "l.npz")


def test_other_files_are_refused(tmp_path):
    (tmp_path / "l.json").write_text("[]")
    with pytest.raises(FormatError, match="labels are .npz, .npy or .csv"):
        read_labels(tmp_path / "l.json")
