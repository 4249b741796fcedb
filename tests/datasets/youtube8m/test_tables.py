"""Parquet in and out."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cueline.datasets.youtube8m.quantising import dequantised
from cueline.datasets.youtube8m.rows import VideoRows, joined
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.datasets.youtube8m.tables import read_tables, write_table
from cueline.errors import FormatError
from cueline.timeline.examples import LabelLists

PARTS = {"a": 2, "b": 1}
SMALL = {"classes": 5, "parts": PARTS}
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(st.data(), st.integers(1, 5), st.booleans())
def test_what_is_written_is_read(tmp_path_factory, data, count, named):
    values = data.draw(hnp.arrays(np.float32, (count, 3), elements=finite))
    lists = data.draw(st.lists(st.lists(st.integers(0, 4), unique=True), min_size=count, max_size=count))
    rows = VideoRows(values, LabelLists.of(lists, width=5), [f"v{at}" for at in range(count)] if named else ())
    path = tmp_path_factory.mktemp("tables") / "t.parquet"
    assert write_table(path, [rows, rows], parts=PARTS) == 2 * count
    found = joined(read_tables(path, **SMALL))
    np.testing.assert_array_equal(found.values, np.concatenate([values, values]))
    assert [found.yes[row].tolist() for row in range(count)] == [sorted(each) for each in lists]
    assert list(found.ids) == list(rows.ids) * 2


def test_bytes_are_written_as_what_they_stand_for(tmp_path):
    values = np.array([[0, 128, 255]], np.uint8)
    write_table(tmp_path / "t.parquet", [VideoRows(values, LabelLists.none(1, width=5))], parts=PARTS)
    np.testing.assert_array_equal(joined(read_tables(tmp_path / "t.parquet", **SMALL)).values, dequantised(values))


def table(tmp_path, **changes):
    columns = {"id": ["x", "y", "z"], "labels": [[1], [], [0, 4]], "a": [[1.0, 2.0]] * 3, "b": [[3.0]] * 3}
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({name: value for name, value in (columns | changes).items() if value is not None}), path)
    return path


def test_fixed_lists_and_doubles_and_no_ids_will_do(tmp_path):
    fixed = pa.array([[1.0, 2.0]] * 3, pa.list_(pa.float64(), 2))
    found = joined(read_tables(table(tmp_path, a=fixed, id=None), **SMALL))
    assert found.values.tolist() == [[1, 2, 3]] * 3
    assert found.ids == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"a": [[1.0, 2.0], [1.0], [1.0, 2.0]]}, "a must hold 2 numbers, got 1"),
        ({"a": [[1.0, 2.0], None, [1.0, 2.0]]}, "a must hold 2 numbers, got none"),
        ({"a": [[1.0, 2.0], [1.0, None], [1.0, 2.0]]}, "a must be finite"),
        ({"b": [[1.0], [float("nan")], [1.0]]}, "b must be finite"),
        ({"labels": [[1], [5], []]}, "labels must lie in 0 to 4, got 5"),
        ({"labels": [[1], None, []]}, "labels are a list of whole numbers, got None"),
        ({"labels": [[1], [None], []]}, "labels are a list of whole numbers"),
    ],
)
def test_a_bad_row_is_named_or_left_out(tmp_path, changes, message):
    path = table(tmp_path, **changes)
    with pytest.raises(FormatError, match=f"{message}.* in row 1 of") as caught:
        joined(read_tables(path, **SMALL))
    assert caught.value.path == path
    found = joined(read_tables(path, skipped=(skipped := Skipped()), **SMALL))
    assert found.ids == ["x", "z"]
    assert skipped.rows == 1


def test_missing_columns_are_told(tmp_path):
    with pytest.raises(FormatError, match="columns a, b, labels are needed, got id, labels, a in"):
        joined(read_tables(table(tmp_path, b=None), **SMALL))


@pytest.mark.parametrize("changes", [{"a": [1.0, 2.0, 3.0]}, {"a": [["x", "y"]] * 3}])
def test_columns_of_other_kinds_are_refused(tmp_path, changes):
    with pytest.raises(FormatError, match="must be a Parquet table of lists of numbers"):
        joined(read_tables(table(tmp_path, **changes), **SMALL))


def test_a_file_that_is_cut_or_none_is_refused(tmp_path):
    path = table(tmp_path)
    for data in (path.read_bytes()[:-20], b"", b"no table"):
        path.write_bytes(data)
        with pytest.raises(FormatError, match="must be a Parquet table"):
            joined(read_tables(path, **SMALL))
