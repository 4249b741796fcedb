"""The course's CSV."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m import course
from cueline.datasets.youtube8m.course import read_course
from cueline.datasets.youtube8m.quantising import dequantised
from cueline.datasets.youtube8m.rows import joined
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.errors import FormatError

SMALL = {"classes": 3, "parts": {"a": 2}}
rows_of_text = st.lists(
    st.tuples(
        st.lists(st.booleans(), min_size=3, max_size=3),
        st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=2, max_size=2),
    ),
    min_size=1,
    max_size=6,
)


def written(tmp_path, text, name="a.csv"):
    path = tmp_path / name
    data = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def read(path, **options):
    return joined(read_course(path, **SMALL, **options))


@given(rows_of_text, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans(), st.sampled_from([int, float]))
def test_what_is_written_is_read(tmp_path_factory, rows, ending, comma, last, kind):
    lines = [
        ",".join([*(str(kind(flag)) for flag in flags), *map(repr, numbers)]) + "," * comma for flags, numbers in rows
    ]
    path = written(tmp_path_factory.mktemp("csv"), ending.join(lines) + ending * last)
    found = read(path)
    np.testing.assert_array_equal(found.values, np.array([numbers for _, numbers in rows], np.float32))
    assert found.yes.dense().tolist() == [flags for flags, _ in rows]
    assert found.ids == []


def test_blocks_that_cut_lines_change_nothing(tmp_path, monkeypatch):
    path = written(tmp_path, "".join(f"1,0,0,{n},0.5,\n" for n in range(50)))
    whole = read(path)
    monkeypatch.setattr(course, "BLOCK_BYTES", 7)
    np.testing.assert_array_equal(read(path).values, whole.values)
    assert whole.values[:, 0].tolist() == list(range(50))


def test_batches_are_read_in_natural_order(tmp_path):
    for number in (10, 2):
        written(tmp_path, f"1,0,0,{number},0,\n", f"train_{number}.csv")
    assert read(tmp_path).values[:, 0].tolist() == [2, 10]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,0,0,0.5,", "a row must have 3 labels and 2 features, got 4 columns"),
        ("1,0,0,0.5,1,2,", "got 6 columns"),
        ("", "got 1 columns"),
        ("1,2,0,0.5,1,", "a label must be 0 or 1, got '2' in column 2"),
        ("1,0,nan,0.5,1,", "a label must be 0 or 1, got 'nan' in column 3"),
        ("x,0,1,0.5,1,", "a label must be 0 or 1, got 'x' in column 1"),
        (",0,1,0.5,1,", "a label must be 0 or 1, got '' in column 1"),
        ("1,0,0,0.5,nan,", "a feature must be a finite number, got 'nan' in column 5"),
        ("1,0,0,inf,1,", "a feature must be a finite number, got 'inf' in column 4"),
        ("1,0,0,,1,", "a feature must be a finite number, got '' in column 4"),
        ("1,0,0,0.5,1e999,", "a feature must be a finite number, got '1e999' in column 5"),
        ("1,0,0,oops,1,", "a feature must be a finite number, got 'oops' in column 4"),
    ],
)
def test_a_bad_row_is_named_or_left_out(tmp_path, name, line, message):
    path = written(tmp_path, f"1,0,0,0.25,1,\n{line}\n0,1,1,0.75,2,\n", name)
    with pytest.raises(FormatError, match=f"{message}.* in line 2 of") as caught:
        read(path)
    assert caught.value.path == path
    skipped = Skipped()
    found = read(path, skipped=skipped)
    assert found.values.tolist() == [[0.25, 1], [0.75, 2]]
    assert [found.yes[row].tolist() for row in range(2)] == [[0], [1, 2]]
    assert skipped.rows == 1


def test_bytes_that_are_no_text_are_named(tmp_path):
    path = written(tmp_path, b"1,0,0,\xff\xfe,1,\n")
    with pytest.raises(FormatError, match="a feature must be a finite number.* in column 4 in line 1"):
        read(path)


def test_a_last_line_that_is_cut_within_a_number_is_seen(tmp_path):
    path = written(tmp_path, "1,0,0,0.25,1.25,\n0,1,1,0.75,2.2")
    with pytest.raises(FormatError, match="must end with a comma like those before.* in line 2"):
        read(path)
    assert len(read(path, skipped=(skipped := Skipped()))) == 1
    assert (skipped.rows, skipped.bytes_lost) == (1, 14)


def test_a_file_without_line_ends_is_not_read_into_memory(tmp_path):
    path = written(tmp_path, b"0," * 10_000)
    with pytest.raises(FormatError, match="a line must end within 320 bytes"):
        read(path)


def test_a_gzip_stream_that_is_cut_keeps_what_came_before(tmp_path):
    rng = np.random.default_rng(0)
    text = "".join(f"1,0,0,{a!r},{b!r},\n" for a, b in rng.normal(size=(5000, 2)).tolist())
    path = written(tmp_path, text, "a.csv.gz")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(FormatError, match="cannot be read beyond line"):
        read(path)
    kept = read(path, skipped=(skipped := Skipped()))
    assert 4900 < len(kept) < 5000
    assert skipped.rows == 2  # the rest of the file, and the line that it was cut in


def test_an_empty_file_has_no_row(tmp_path):
    with pytest.raises(FormatError, match="one row or more"):
        read(written(tmp_path, ""))


def test_the_real_batch_agrees_with_the_real_arrays(real_data):
    folder = real_data / "youtube8m"
    found = joined(read_course(folder / "train_0.csv.gz"))
    assert found.values.shape == (201, 1152)
    features = np.load(folder / "train_features_uint8.npy", mmap_mode="r")
    labels = np.load(folder / "train_labels.npz")
    offsets, ids = labels["label_offsets"], labels["label_ids"]
    assert np.abs(dequantised(features[:201]) - found.values).max() <= 0.0079  # the batch is the first 201 rows
    for row in range(201):
        assert found.yes[row].tolist() == sorted(ids[offsets[row] : offsets[row + 1]].tolist())
