"""Predictions in and out."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.predictions import read_predictions, write_predictions
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.errors import FormatError, TimelineError
from cueline.timeline.toplists import TopLists, top_classes

WIDTH = 30
TOP = TopLists(np.array([[2, 0], [7, -1], [-1, -1]]), np.array([[0.75, 0.5], [1e-9, 9], [0, 0]]), WIDTH)
NAMES = ["abcd", 'a "b", c', "zz"]
SUFFIXES = [".csv", ".npz", ".parquet"]
ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=6)


def pairs(top):
    return [
        [(number, score) for number, score in zip(a, b, strict=True) if number >= 0]
        for a, b in zip(top.classes.tolist(), top.scores.tolist(), strict=True)
    ]


@st.composite
def lists(draw):
    rows = draw(
        st.lists(st.dictionaries(st.integers(0, WIDTH - 1), st.floats(-9, 9, width=32), max_size=5), max_size=5)
    )
    ranked = [sorted(row.items(), key=lambda pair: -pair[1]) for row in rows]
    depth = max(map(len, ranked), default=0)
    shape = (len(rows), depth)
    classes = np.array([[n for n, _ in row] + [-1] * (depth - len(row)) for row in ranked], int).reshape(shape)
    scores = np.array([[s for _, s in row] + [0] * (depth - len(row)) for row in ranked], float).reshape(shape)
    return TopLists(classes, scores, WIDTH)


@given(lists(), st.data(), st.sampled_from(SUFFIXES))
def test_what_is_written_is_read(tmp_path_factory, top, data, suffix):
    names = data.draw(st.lists(ids, min_size=len(top), max_size=len(top)))
    path = tmp_path_factory.mktemp("predictions") / f"p{suffix}"
    write_predictions(path, names, top)
    found = read_predictions(path, width=WIDTH)
    assert list(found.ids) == names
    assert [[number for number, _ in row] for row in pairs(found.top)] == [
        [number for number, _ in row] for row in pairs(top)
    ]
    for mine, theirs in zip(pairs(found.top), pairs(top), strict=True):
        np.testing.assert_allclose([s for _, s in mine], [s for _, s in theirs], rtol=1e-5, atol=1e-30)


def test_the_official_form_is_written_to_the_letter(tmp_path, golden):
    facts = json.loads((golden / "youtube8m_tfrecord.json").read_text())["prediction_csv"]
    write_predictions(tmp_path / "p.csv", NAMES, TOP)
    lines = (tmp_path / "p.csv").read_text().splitlines()
    assert lines == [facts["header"], "abcd,2 0.75 0 0.5", '"a ""b"", c",7 1e-09', "zz,"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_without_ids_are_told_apart_by_number_in_text_alone(tmp_path, suffix):
    write_predictions(tmp_path / f"p{suffix}", [], TOP)
    found = read_predictions(tmp_path / f"p{suffix}", width=WIDTH)
    assert list(found.ids) == (["0", "1", "2"] if suffix == ".csv" else [])
    assert pairs(found.top) == pairs(TOP)


def test_arrays_have_the_names_that_scripts_rely_on(tmp_path):
    top = top_classes(np.random.default_rng(0).random((5, 40), np.float32), 20)
    write_predictions(tmp_path / "p.npz", [], top)
    with np.load(tmp_path / "p.npz") as found:
        assert found["classes"].shape == found["scores"].shape == (5, 20)
        assert np.issubdtype(found["classes"].dtype, np.integer)
        assert (np.diff(found["scores"]) <= 0).all()


def test_unsorted_pairs_are_sorted_and_gzip_and_bom_are_read(tmp_path):
    text = '\ufeffVideoId,LabelConfidencePairs\nabcd,1 0.25 2 0.5 3 0.25\n"x",\n'
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(text.encode()))
    found = read_predictions(tmp_path / "p.csv.gz", width=WIDTH)
    assert found.top.classes.tolist() == [[2, 1, 3], [-1, -1, -1]]
    assert list(found.ids) == ["abcd", "x"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x", "a row has an id and pairs, got 1 fields"),
        ("x,1 0.5,2 0.5", "got 3 fields"),
        ("x,1 0.5 2", "labels and scores come in pairs, got 3 of them"),
        ("x,one 0.5", "a pair is a class and a score: .*'one'"),
        ("x,1 half", "a pair is a class and a score: .*'half'"),
        ("x,30 0.5", "classes must lie in 0 to 29, got 30"),
        ("x,-1 0.5", "classes must lie in 0 to 29, got -1"),
        ("x,1 0.5 1 0.25", "a row has a class once"),
        ("x,1 nan", "scores must be finite"),
    ],
)
def test_a_bad_row_is_named_or_left_out(tmp_path, row, message):
    path = tmp_path / "p.csv"
    path.write_text(f"VideoId,LabelConfidencePairs\na,1 0.5\n{row}\nb,2 0.5\n")
    with pytest.raises(FormatError, match=f"{message}.* in line 3 of") as caught:
        read_predictions(path, width=WIDTH)
    assert caught.value.path == path
    skipped = Skipped()
    assert list(read_predictions(path, width=WIDTH, skipped=skipped).ids) == ["a", "b"]
    assert skipped.rows == 1


@pytest.mark.parametrize("text", ["", "Class,Segments\n", "a,1 0.5\n"])
def test_another_head_is_refused(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(FormatError, match="predictions begin with VideoId,LabelConfidencePairs"):
        read_predictions(tmp_path / "p.csv", width=WIDTH)


def test_arrays_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "p.npz"
    for arrays, message in (
        ({"classes": np.array([[30]]), "scores": np.array([[0.5]])}, "classes must lie in -1 to 29, got 30"),
        ({"classes": np.array([[1, 2]]), "scores": np.array([[0.1, 0.5]])}, "scores must not rise"),
        ({"classes": np.array([[1]])}, "predictions have arrays classes and scores"),
        ({"classes": np.array([[1]]), "scores": np.array([[0.5]]), "ids": np.array(["a", "b"])}, "one id a row, got 2"),
    ):
        np.savez(path, **arrays)
        with pytest.raises(FormatError, match=message) as caught:
            read_predictions(path, width=WIDTH)
        assert caught.value.path == path


def test_tables_that_do_not_fit_are_refused(tmp_path):
    path = tmp_path / "p.parquet"
    for columns, message in (
        ({"classes": [[1]]}, "predictions have columns classes and scores"),
        ({"classes": [[1]], "scores": [[0.5, 0.1]]}, "each class must have a score"),
        ({"classes": [[30]], "scores": [[0.5]]}, "classes must lie in -1 to 29"),
        ({"classes": [1], "scores": [0.5]}, "must be a Parquet table of lists"),
    ):
        pq.write_table(pa.table(columns), path)
        with pytest.raises(FormatError, match=message):
            read_predictions(path, width=WIDTH)
    path.write_bytes(b"no table")
    with pytest.raises(FormatError, match="must be a Parquet table"):
        read_predictions(path, width=WIDTH)


def test_ids_and_endings_are_checked_before_anything_is_written(tmp_path):
    with pytest.raises(TimelineError, match="one id a row, got 1 for 3 rows"):
        write_predictions(tmp_path / "p.csv", ["a"], TOP)
    with pytest.raises(FormatError, match="predictions are .csv, .npz, .parquet"):
        write_predictions(tmp_path / "p.txt", NAMES, TOP)
    assert list(tmp_path.iterdir()) == []
