"""Tests of the index over vectors: the promise of exact search, kept for nearly all of the nearest rows."""

import shutil
import sys

import numpy as np
import pytest

from cueline.errors import MissingExtraError, StoreError, TimelineError
from cueline.stores.gathering import build_matrix
from cueline.stores.lance import build_index, open_index
from cueline.stores.vectors import Comparison
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack

ROWS, WIDTH, FILMS = 6000, 32, 60


def films():
    """Rows in 40 clusters that overlap."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((40, WIDTH))
    values = centres[rng.integers(0, 40, ROWS)] + 0.7 * rng.standard_normal((ROWS, WIDTH))
    edges = np.arange(ROWS // FILMS + 1.0)
    spans = np.column_stack((edges[:-1], edges[1:]))
    return [(f"film {i}", FeatureTrack(spans, values[i::FILMS])) for i in range(FILMS)]


def queries():
    rng = np.random.default_rng(1)
    return np.stack([track.values[7] + 0.1 * rng.standard_normal(WIDTH) for _, track in films()])


@pytest.fixture(scope="module", params=["cosine", "euclidean"])
def index(request, tmp_path_factory):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    folder = tmp_path_factory.mktemp("index")
    matrix = build_matrix(folder, Comparison("looks", metric=request.param), "s", films())
    return build_index(folder, matrix)


def recall(index, **among):
    exact, found = index.matrix.nearest(queries(), 10, **among), index.nearest(queries(), 10, **among)
    return np.mean([len(set(a.rows.tolist()) & set(b.rows.tolist())) / 10 for a, b in zip(exact, found, strict=True)])


@pytest.mark.extra("index")
def test_nearly_all_of_the_nearest_rows_are_found(index):
    assert recall(index) >= 0.98


@pytest.mark.extra("index")
def test_scores_are_those_of_the_exact_search_and_fall(index):
    for query, found in zip(queries(), index.nearest(queries(), 10), strict=True):
        again = index.matrix.ranked(index.matrix.prepared([query])[0], found.rows, 10)
        np.testing.assert_array_equal(again.scores, found.scores)
        assert (np.diff(found.scores) <= 0).all()


@pytest.mark.extra("index")
def test_filters_by_asset_and_time_hold(index):
    among = {"assets": [f"film {i}" for i in range(0, FILMS, 2)], "within": Span(10.0, 90.0)}
    allowed = set(index.matrix.among(**among).tolist())
    for found in index.nearest(queries(), 10, **among):
        assert len(found.rows) == 10
        assert allowed.issuperset(found.rows.tolist())
    assert recall(index, **among) >= 0.98


@pytest.mark.extra("index")
def test_where_the_filter_lets_pass_too_few_of_what_is_proposed_every_row_is_looked_at(index):
    far = {"assets": [f"film {i}" for i in range(6)]}
    assert recall(index, **far) >= 0.98
    (found,) = index.nearest(queries()[30:31], 590, **far)
    assert len(found.rows) == 590
    assert len(index.nearest(queries()[:1], ROWS + 1)[0].rows) == ROWS


@pytest.mark.extra("index")
def test_what_a_filter_leaves_is_looked_at_exactly_when_it_is_little(index):
    assert recall(index, assets=["film 3"]) == 1.0


@pytest.mark.extra("index")
def test_vectors_that_do_not_fit_are_refused(index):
    with pytest.raises(TimelineError, match="vectors must have shape"):
        index.nearest(np.ones((1, 3)), 1)


@pytest.mark.extra("index")
def test_an_index_is_opened_again_and_one_that_is_gone_damaged_or_old_says_so(tmp_path):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    matrix = build_matrix(tmp_path, Comparison("looks"), "s", films())
    with pytest.raises(StoreError, match="it is not there; build it anew"):
        open_index(tmp_path, matrix)
    build_index(tmp_path, matrix)
    build_index(tmp_path, matrix)
    assert len(open_index(tmp_path, matrix).nearest(queries()[:1], 3)[0].rows) == 3
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".arrow", ".lance"]
    with pytest.raises(StoreError, match="is out of date: the library changed"):
        open_index(tmp_path, build_matrix(tmp_path, Comparison("looks"), "new", films()))
    shutil.rmtree(tmp_path / f"{matrix.comparison.name}.lance" / "vectors.lance" / "_versions")
    with pytest.raises(StoreError, match="it is damaged; build it anew"):
        open_index(tmp_path, matrix)


@pytest.mark.extra("index")
def test_files_that_vanish_under_an_open_index_are_told(tmp_path):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    build_index(tmp_path, build_matrix(tmp_path, Comparison("looks"), "s", films()))
    index = open_index(tmp_path, build_matrix(tmp_path, Comparison("looks"), "s", films()))
    shutil.rmtree(tmp_path / f"{index.matrix.comparison.name}.lance")
    with pytest.raises(StoreError, match="its files are gone or damaged .* it is built anew"):
        index.nearest(queries()[:1], 3)


@pytest.mark.extra("index")
def test_too_few_rows_are_not_indexed(tmp_path):
    pytest.importorskip("lancedb", reason="the extra `index` is not installed")
    with pytest.raises(StoreError, match="an index needs 2048 rows or more, got 100"):
        build_index(tmp_path, build_matrix(tmp_path, Comparison("looks"), "s", films()[:1]))


def test_a_missing_extra_is_told_with_the_command_that_brings_it(tmp_path, monkeypatch):
    matrix = build_matrix(tmp_path, Comparison("looks"), "s", films()[:1])
    monkeypatch.setitem(sys.modules, "lancedb", None)
    for act in (build_index, open_index):
        with pytest.raises(MissingExtraError, match=r"needs lancedb. Install it with: pip install 'cueline\[index\]'"):
            act(tmp_path, matrix)
