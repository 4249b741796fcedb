"""Tests of making a library's rows comparable: what a row stands for, which columns count, when all is built anew."""

import os
import shutil

import numpy as np
import pytest

from cueline.errors import OptionError, StoreError, TimelineError
from cueline.stores.memory import MemoryStore
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench import comparing
from cueline.workbench.comparing import average, indexed, opened, rows_to_compare, with_content, worth_an_index
from tests.workbench.library_of_looks import COLUMNS, FILMS, RED, SNOW, in_memory, keep, looks, on_disk, shots


@pytest.fixture
def store(tmp_path):
    with on_disk(tmp_path) as library:
        yield library


def built(rows):
    """The matrix, and whether it was built."""
    lines = []
    matrix, _ = opened(rows, told=lines.append)
    return matrix, bool(lines)


def test_a_busy_track_is_compared_per_shot():
    rows = rows_to_compare(in_memory(), "looks")
    assert rows.comparison.per == "shots"
    matrix, _ = opened(rows)
    assert len(matrix) == sum(map(len, FILMS.values()))
    assert matrix.spans[:3].tolist() == [[0.0, 3.0], [3.0, 6.0], [6.0, 9.0]]


def test_where_one_asset_has_no_shots_a_busy_track_is_compared_per_two_seconds():
    store = in_memory()
    keep(store, "radio", looks(RED, SNOW))
    rows = rows_to_compare(store, "looks")
    assert rows.comparison.per == "2 s"
    spans = dict(rows.each())["radio"].spans
    np.testing.assert_allclose(spans, [[0, 2], [2, 4], [4, 6]])


def test_a_track_with_few_rows_is_compared_row_by_row():
    store = MemoryStore()
    keep(store, "a", FeatureTrack(np.array([[0.0, 0.04], [4.0, 4.04], [8.0, 8.04]]), np.eye(3)), cuts=shots(3))
    rows = rows_to_compare(store, "looks")
    assert (rows.comparison.per, rows.comparison.standardize) == ("", False)
    assert len(opened(rows)[0]) == 3


def test_what_a_row_stands_for_can_be_said():
    assert len(opened(rows_to_compare(in_memory(), "looks", per=""))[0]) == 8 * 30
    assert len(opened(rows_to_compare(in_memory(), "looks", per=1.5))[0]) == 8 * 2


def test_an_asset_without_the_label_track_is_not_compared_per_label():
    store = in_memory()
    keep(store, "radio", looks(RED))
    assert "radio" not in dict(rows_to_compare(store, "looks", per="shots").each())


def test_columns_are_named_by_patterns_and_stand_in_the_order_of_the_track():
    rows = rows_to_compare(in_memory(), "looks", columns=("wa*", "luma"))
    assert rows.comparison.columns == ("luma", "warmth")
    assert next(rows.each())[1].values.shape == (3, 2)


def test_named_columns_are_standardised_unless_told_otherwise():
    assert rows_to_compare(in_memory(), "looks").comparison.standardize
    assert not rows_to_compare(in_memory(), "looks", standardize=False).comparison.standardize


def test_rows_without_content_do_not_spoil_their_shot():
    track = looks(RED, SNOW)
    values = track.values.copy()
    values[:29], values[30:60, 1] = np.nan, np.inf
    store = MemoryStore()
    keep(store, "a", FeatureTrack(track.spans, values, COLUMNS), cuts=shots(2))
    matrix, _ = opened(rows_to_compare(store, "looks"))
    assert matrix.spans.tolist() == [[0.0, 3.0]]


def test_a_film_without_rows_takes_no_part():
    store = in_memory()
    keep(store, "0 empty", FeatureTrack(np.empty((0, 2)), np.empty((0, 0))), cuts=shots(1))
    assert set(dict(rows_to_compare(store, "looks").each())) == set(FILMS)


def test_content_that_no_file_holds_takes_no_part():
    store = in_memory()
    keep(store, "former", looks(RED), cuts=shots(1), placed=False)
    assert "former" not in rows_to_compare(store, "looks").made


def test_both_stores_give_the_same_rows_and_the_same_signature(store):
    memory, disk = rows_to_compare(in_memory(), "looks"), rows_to_compare(store, "looks")
    assert memory.signature == disk.signature
    np.testing.assert_array_equal(opened(memory)[0].values, opened(disk)[0].values)


def test_a_matrix_is_built_once_and_anew_when_a_track_changed_or_the_folder_is_gone(store):
    assert built(rows_to_compare(store, "looks"))[1]
    assert not built(rows_to_compare(store, "looks"))[1]
    shutil.rmtree(store.path / "index")
    assert built(rows_to_compare(store, "looks"))[1]
    keep(store, "b", looks(RED, RED), version="2")
    matrix, again = built(rows_to_compare(store, "looks"))
    assert again
    assert len(matrix) == 8
    keep(store, "b", name="other", track=looks(RED))
    assert not built(rows_to_compare(store, "looks"))[1]


def test_a_matrix_that_was_not_written_to_its_end_is_built_anew(store):
    opened(rows_to_compare(store, "looks"))
    (path,) = (store.path / "index").iterdir()
    path.write_bytes(path.read_bytes()[:500])
    lines = []
    opened(rows_to_compare(store, "looks"), told=lines.append)
    assert lines == [
        f"looks of 3 assets is made ready for comparing: cannot read {str(path)!r}: it was not written to its end"
    ]


def test_a_library_that_may_not_be_written_is_compared_all_the_same(store, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    lines = []
    matrix, folder = opened(rows_to_compare(store, "looks"), told=lines.append)
    assert (len(matrix), folder, (store.path / "index").exists()) == (8, None, False)
    assert lines[1] == "the library may not be written, so this is done again at every search"
    assert not worth_an_index(matrix, folder)
    with pytest.raises(StoreError, match="an index is kept in the folder of a library that may be written"):
        indexed(matrix, folder)


def test_building_is_watched_asset_by_asset():
    heard = []
    opened(rows_to_compare(in_memory(), "looks"), watch=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.extra("index")
def test_an_index_is_built_once_and_anew_with_its_matrix(store, monkeypatch):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    for number in range(9):
        keep(store, f"long {number}", looks(*[RED, SNOW] * 4, seed=number), cuts=shots(8))
    lines = []
    for _ in range(2):
        matrix, folder = opened(rows_to_compare(store, "looks", per=""))
        indexed(matrix, folder, told=lines.append)
    assert len(lines) == 1
    monkeypatch.setattr(comparing, "INDEXED_ROWS", 2000)
    assert worth_an_index(matrix, folder)


def test_the_mean_of_a_span_is_that_of_the_rows_in_it():
    track = looks(RED, SNOW)
    np.testing.assert_allclose(average(track, Span(0.0, 3.0)), RED, rtol=0.02)
    np.testing.assert_allclose(average(track, None), np.mean([RED, SNOW], axis=0), rtol=0.02)
    np.testing.assert_allclose(average(track, Span(3.51, 3.52)), track.values[35])
    assert with_content(track) is track


def test_an_example_without_content_is_refused():
    with pytest.raises(
        TimelineError, match=r"needs a row with content, got none in .* from 7.0 s to 8.0 s. Take a longer"
    ):
        average(looks(RED), Span(7.0, 8.0))


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"columns": ["lumma"]},
            OptionError,
            "no column of 'looks' is called 'lumma'; there are: luma, .*Did you mean 'luma'",
        ),
        ({"per": 0.0}, OptionError, "pooled over windows of 0.02 s or more, got 0.0"),
        ({"per": "scenes"}, StoreError, "cannot be pooled per 'scenes': no asset has such a track"),
        ({"metric": "cosinus"}, OptionError, "Did you mean 'cosine'"),
    ],
)
def test_what_cannot_be_compared_is_refused(options, error, text):
    with pytest.raises(error, match=text):
        rows_to_compare(in_memory(), "looks", **options)


def test_a_track_that_no_asset_has_is_named_with_its_near_miss():
    with pytest.raises(
        StoreError, match="no asset has a track 'look' with rows; there are: looks, shots. Did you mean 'looks'"
    ):
        rows_to_compare(in_memory(), "look")


def test_a_label_track_is_not_compared():
    with pytest.raises(StoreError, match="numbers are compared, and 'shots' is a label track"):
        rows_to_compare(in_memory(), "shots")


@pytest.mark.parametrize("columns", [(), ("luma",)])
def test_tracks_with_other_columns_are_refused(columns):
    store = in_memory()
    keep(store, "z", looks((1.0, 1.0, 1.0), columns=("warmth", "shade", "change")), cuts=shots(1))
    with pytest.raises(StoreError, match="must have the same columns, .* has no 'luma'"):
        opened(rows_to_compare(store, "looks", columns=columns))
