"""The compact form: opened as it was written, or refused."""

import json
import time

import numpy as np
import pytest

from cueline.datasets.youtube8m.building import Builder
from cueline.datasets.youtube8m.compact import open_compact
from cueline.datasets.youtube8m.quantising import RULE, dequantised
from cueline.datasets.youtube8m.rows import VideoRows
from cueline.errors import FormatError
from cueline.timeline.examples import LabelLists

OPTIONS = {"parts": {"a": 2, "b": 1}, "classes": 4}
LABELS = [[1], [], [0, 3]]


def rows(values, ids=("x", "yy", "žž")):
    return VideoRows(values, LabelLists.of(LABELS, width=4), ids)


@pytest.fixture
def folder(tmp_path):
    with Builder(tmp_path / "tiny", **OPTIONS) as builder:
        builder.put(rows(np.array([[0, 1, 2], [3, 4, 5], [253, 254, 255]], np.uint8)))
    return tmp_path / "tiny"


def edit(folder, **changes):
    path = folder / "compact.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_values_are_mapped_and_labels_and_ids_are_as_written(folder):
    compact = open_compact(folder)
    assert repr(compact) == f"Compact(3 x 3 uint8, 4 classes, '{folder}')"
    examples = compact.examples()
    assert isinstance(examples.values, np.memmap)
    assert examples.values.dtype == np.uint8
    assert [examples.yes[row].tolist() for row in range(3)] == LABELS
    assert list(examples.assets) == ["x", "yy", "žž"]
    assert (compact.ids[-1], compact.ids[1:], repr(compact.ids)) == ("žž", ["yy", "žž"], "Ids(3)")
    with pytest.raises(IndexError, match="there are 3 ids, got 3"):
        compact.ids[3]
    compact.verify()


def test_floats_are_what_bytes_stand_for(folder):
    compact = open_compact(folder)
    np.testing.assert_array_equal(compact.floats(np.array([2, 0])), dequantised(compact.values[[2, 0]]))
    np.testing.assert_array_equal(compact.floats(slice(1, 3)), dequantised(compact.values[1:3]))


def test_some_rows_in_any_order(folder):
    some = open_compact(folder).examples(np.array([2, 0]))
    assert some.values.tolist() == [[253, 254, 255], [0, 1, 2]]
    assert [some.yes[row].tolist() for row in range(2)] == [[0, 3], [1]]
    assert list(some.assets) == ["žž", "x"]


def test_the_head_says_what_the_rows_are(folder):
    head = json.loads((folder / "compact.json").read_text())
    assert (head["schema"], head["version"], head["rows"], head["classes"]) == ("cueline.youtube8m", 1, 3, 4)
    assert (head["parts"], head["dtype"], head["dequantised"]) == ({"a": 2, "b": 1}, "uint8", RULE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schema": "cueline.labels"}, r"schema 'cueline.youtube8m', version 1, got \('cueline.labels', 1\)"),
        ({"version": 2}, r"got \('cueline.youtube8m', 2\)"),
        ({"rows": -1}, "must fit"),
        ({"rows": True}, "must fit"),
        ({"rows": 4}, r"features must be uint8 \(4, 3\), got uint8 \(3, 3\)"),
        ({"dtype": "float32"}, "must fit"),
        ({"dtype": "object"}, "must fit"),
        ({"dequantised": "q"}, "must fit"),
        ({"parts": [3]}, "must fit"),
        ({"parts": {"a": 2}}, r"features must be uint8 \(3, 2\)"),
        ({"files": {"../secret": 1}}, "must fit"),
        ({"hash": None}, "must fit"),
    ],
)
def test_a_head_that_does_not_fit_is_refused(folder, changes, message):
    edit(folder, **changes)
    with pytest.raises(FormatError, match=message) as caught:
        open_compact(folder)
    assert str(caught.value.path).startswith(str(folder))


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_a_head_that_is_none_is_refused(folder, text):
    (folder / "compact.json").write_text(text)
    with pytest.raises(FormatError, match="a compact form has"):
        open_compact(folder)


def test_a_folder_without_a_head_is_refused(tmp_path):
    with pytest.raises(FormatError, match="a compact form has a file compact.json"):
        open_compact(tmp_path)


@pytest.mark.parametrize("name", ["features.npy", "labels.npz", "ids.npz"])
def test_a_file_that_is_cut_or_missing_is_named(folder, name):
    path = folder / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(FormatError, match=f"{name}' must have {len(whole)} bytes, got {len(whole) - 1}") as caught:
        open_compact(folder)
    assert caught.value.path == path
    path.unlink()
    with pytest.raises(FormatError, match="got 0. Convert the rows again"):
        open_compact(folder)


def resaved(folder, name, **arrays):
    np.savez(folder / name, **arrays)
    files = json.loads((folder / "compact.json").read_text())["files"]
    edit(folder, files=files | {name: (folder / name).stat().st_size})


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"label_offsets": np.array([0, 1, 1, 2]), "label_ids": np.array([1, 4])}, "classes must lie in 0 to 3, got 4"),
        ({"label_offsets": np.array([0, 1]), "label_ids": np.array([1])}, "has 1 rows, the features 3"),
        ({"label_ids": np.array([1])}, "has no label_offsets"),
    ],
)
def test_labels_that_do_not_fit_are_refused(folder, arrays, message):
    resaved(folder, "labels.npz", **arrays)
    with pytest.raises(FormatError, match=f"labels.npz' {message}"):
        _ = open_compact(folder).labels


def test_ids_that_do_not_fit_are_refused(folder):
    resaved(folder, "ids.npz", id_offsets=np.array([0, 9]), id_text=np.zeros(9, np.uint8))
    with pytest.raises(FormatError, match="does not have one id a row"):
        _ = open_compact(folder).ids


def test_a_changed_byte_is_found_by_verify(folder):
    path = folder / "features.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match="tells the hash"):
        open_compact(folder).verify()


def test_a_million_rows_open_in_a_moment(tmp_path):
    many = 1_000_000
    labels = LabelLists(np.arange(many + 1), np.arange(many) % 4, 4)
    with Builder(tmp_path / "many", parts={"a": 2}, classes=4) as builder:
        builder.put(VideoRows(np.zeros((many, 2), np.uint8), labels))
    spent = []
    for _ in range(3):
        began = time.perf_counter()
        assert len(open_compact(tmp_path / "many")) == many
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.1
