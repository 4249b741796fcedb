"""Tests of exact search: the rows nearest to a vector, whatever the metric, the window and the rounding."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import OptionError, StoreError, TimelineError
from cueline.stores.gathering import build_matrix
from cueline.stores.vectors import Comparison, read_matrix
from cueline.timeline.spans import Span
from cueline.timeline.tracks import FeatureTrack

COSINE = Comparison("looks")
EUCLIDEAN = Comparison("looks", metric="euclidean")


def track(values, length=1.0):
    edges = np.arange(len(values) + 1) * length
    return FeatureTrack(np.column_stack((edges[:-1], edges[1:])), np.asarray(values))


def films(seed=0, *, count=4, rows=25, width=6):
    rng = np.random.default_rng(seed)
    return [(f"film {i}", track(rng.standard_normal((rows, width)) + i)) for i in range(count)]


def by_hand(values, query, metric):
    """Rows and scores as the definitions have them, in float64."""
    values, query = np.asarray(values, np.float64), np.asarray(query, np.float64)
    if metric == "euclidean":
        scores = 1 / (1 + np.linalg.norm(values - query, axis=1))
    else:
        scores = values @ query / np.linalg.norm(values, axis=1) / np.linalg.norm(query)
    return np.argsort(-scores, kind="stable"), scores


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), metric=st.sampled_from(["cosine", "euclidean"]), count=st.integers(1, 120))
def test_the_nearest_rows_are_those_of_the_definition(tmp_path_factory, seed, metric, count):
    matrix = build_matrix(tmp_path_factory.mktemp("i"), Comparison("looks", metric=metric), "s", films(seed))
    values = np.concatenate([made.values for _, made in films(seed)])
    query = np.random.default_rng(seed + 1).standard_normal(6)
    rows, scores = by_hand(values, query, metric)
    (found,) = matrix.nearest([query], count)
    np.testing.assert_array_equal(found.rows, rows[:count])
    np.testing.assert_allclose(found.scores, scores[rows[:count]], atol=1e-6)


@pytest.mark.parametrize("comparison", [COSINE, EUCLIDEAN])
def test_a_row_finds_itself_first_with_the_score_one(tmp_path, comparison):
    matrix = build_matrix(tmp_path, comparison, "s", films())
    found = matrix.nearest(films()[2][1].values, 1)
    assert [int(one.rows[0]) for one in found] == list(range(50, 75))
    np.testing.assert_allclose([one.scores[0] for one in found], 1.0, atol=1e-5)


@pytest.mark.parametrize("comparison", [COSINE, EUCLIDEAN])
def test_equal_rows_come_in_the_order_of_the_library(tmp_path, comparison):
    rng = np.random.default_rng(3)
    values = np.repeat(rng.standard_normal((10, 37)), 100, axis=0)
    matrix = build_matrix(tmp_path, comparison, "s", [("a", track(values[:450])), ("b", track(values[450:]))])
    (found,) = matrix.nearest(values[420:421], 30)
    assert found.rows.tolist() == list(range(400, 430))
    assert len(set(found.scores.tolist())) == 1


def test_distances_far_from_zero_are_told_apart(tmp_path):
    values = 1e4 + np.arange(100.0)[:, None] * np.array([[0.001, 0.001]])
    matrix = build_matrix(tmp_path, EUCLIDEAN, "s", [("a", track(values))])
    assert matrix.nearest(values[[50]], 3)[0].rows.tolist()[0] == 50


def test_only_some_assets_and_a_window_of_time_are_looked_at(tmp_path):
    matrix = build_matrix(tmp_path, COSINE, "s", films())
    (found,) = matrix.nearest(np.ones((1, 6)), 100, assets={"film 1", "film 3", "unknown"}, within=Span(2.5, 4.0))
    assert sorted(found.rows.tolist()) == [27, 28, 77, 78]
    assert [matrix.asset_of(row) for row in (27, 77)] == ["film 1", "film 3"]
    assert matrix.nearest(np.ones((1, 6)), 5, assets=())[0].rows.size == 0


@pytest.mark.parametrize("left", [1, 3])
@pytest.mark.parametrize("comparison", [COSINE, EUCLIDEAN])
def test_few_rows_or_many_that_a_filter_leaves_are_compared_alike(tmp_path, comparison, left):
    films_of_all = films(count=12)
    matrix = build_matrix(tmp_path, comparison, "s", films_of_all)
    names = [name for name, _ in films_of_all[:left]]
    alone = build_matrix(tmp_path / "alone", comparison, "s", films_of_all[:left])
    query = np.random.default_rng(9).standard_normal((1, 6))
    found, right = matrix.nearest(query, 7, assets=names)[0], alone.nearest(query, 7)[0]
    assert found.rows.tolist() == right.rows.tolist()
    np.testing.assert_allclose(found.scores, right.scores, atol=1e-5)


def test_many_vectors_get_the_answers_that_each_gets_alone(tmp_path):
    matrix = build_matrix(tmp_path, COSINE, "s", films())
    queries = np.random.default_rng(5).standard_normal((7, 6))
    together = matrix.nearest(queries, 9)
    for query, found in zip(queries, together, strict=True):
        assert matrix.nearest([query], 9)[0].rows.tolist() == found.rows.tolist()


def test_rows_without_content_are_left_out_and_counted(tmp_path):
    values = np.ones((5, 2))
    values[1, 0], values[3, 1] = np.nan, 1e300
    matrix = build_matrix(tmp_path, COSINE, "s", [("a", track(values)), ("empty", track(np.full((2, 2), np.inf)))])
    assert (len(matrix), matrix.left_out, matrix.assets) == (3, 4, ("a",))
    assert matrix.spans[:, 0].tolist() == [0.0, 2.0, 4.0]


def test_standardised_columns_weigh_alike_and_one_that_never_changes_weighs_nothing(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.standard_normal((200, 3)) * [1000, 1, 0] + [5, 0.5, 7.7]
    matrix = build_matrix(
        tmp_path, Comparison("looks", metric="euclidean", standardize=True), "s", [("a", track(values))]
    )
    np.testing.assert_allclose(matrix.values.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(matrix.values.std(axis=0), [1, 1, 0], atol=1e-5)
    assert matrix.weights[2] == 0


def test_statistics_do_not_depend_on_how_rows_are_spread_over_assets(tmp_path):
    values = np.random.default_rng(0).standard_normal((90, 3)) + 100
    kind = Comparison("looks", standardize=True)
    whole = build_matrix(tmp_path / "1", kind, "s", [("a", track(values))])
    parts = [(str(i), track(values[i : i + 7])) for i in range(0, 90, 7)]
    split = build_matrix(tmp_path / "2", kind, "s", parts)
    np.testing.assert_allclose(split.values, whole.values, atol=1e-6)


def test_a_library_without_rows_has_a_matrix_without_rows(tmp_path):
    matrix = build_matrix(tmp_path, COSINE, "s", [])
    assert (len(matrix), matrix.assets) == (0, ())
    assert matrix.nearest(np.empty((0, 0)), 5) == []


def test_a_matrix_is_read_again_as_it_was_built(tmp_path):
    built = build_matrix(tmp_path, COSINE, "s", films())
    read = read_matrix(tmp_path, COSINE, "s")
    np.testing.assert_array_equal(built.values, read.values)
    assert (read.assets, read.edges.tolist(), read.left_out) == (built.assets, built.edges.tolist(), 0)
    assert [path.name for path in tmp_path.iterdir()] == [f"{COSINE.name}.arrow"]


def test_a_matrix_that_is_gone_out_of_date_or_half_written_says_so(tmp_path):
    with pytest.raises(StoreError, match="it is not there; build it anew"):
        read_matrix(tmp_path, COSINE, "s")
    build_matrix(tmp_path, COSINE, "s", films())
    with pytest.raises(StoreError, match="is out of date: the library changed"):
        read_matrix(tmp_path, COSINE, "other")
    path = tmp_path / f"{COSINE.name}.arrow"
    for kept in (len(path.read_bytes()) // 2, 3, 0):
        path.write_bytes(path.read_bytes()[:kept])
        with pytest.raises(StoreError, match="it was not written to its end; build it anew"):
            read_matrix(tmp_path, COSINE, "s")


def test_an_arrow_file_of_another_make_is_no_matrix(tmp_path):
    from cueline.stores.spool import write_track

    write_track(tmp_path / f"{COSINE.name}.arrow", track(np.ones((2, 2))))
    with pytest.raises(StoreError, match="holds no vectors of version 1"):
        read_matrix(tmp_path, COSINE, "s")


def test_a_build_that_fails_leaves_the_old_matrix_and_no_rest(tmp_path):
    build_matrix(tmp_path, COSINE, "s", films())
    with pytest.raises(StoreError, match="must be equally wide, got 6 columns of asset film 0 and 2 of odd"):
        build_matrix(tmp_path, COSINE, "new", [*films(), ("odd", track(np.ones((2, 2))))])
    assert len(read_matrix(tmp_path, COSINE, "s")) == 100
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_stopped_build_left_is_cleared_away_a_day_later(tmp_path):
    import os

    old, fresh = tmp_path / "building-old", tmp_path / "building-fresh"
    old.mkdir()
    fresh.mkdir()
    os.utime(old, (0, 0))
    build_matrix(tmp_path, COSINE, "s", films())
    assert (old.exists(), fresh.exists()) == (False, True)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot build an index in"):
        build_matrix(tmp_path / "file" / "index", COSINE, "s", films())


def test_vectors_that_cannot_be_compared_are_refused(tmp_path):
    matrix = build_matrix(tmp_path, COSINE, "s", films())
    with pytest.raises(TimelineError, match=r"vectors must have shape \(Q, 6\), got \(6,\)"):
        matrix.nearest(np.ones(6), 1)
    with pytest.raises(TimelineError, match="must be finite numbers"):
        matrix.nearest([[np.nan] * 6], 1)
    with pytest.raises(TimelineError, match="needs a direction"):
        matrix.nearest(np.zeros((1, 6)), 1)


def test_a_metric_that_does_not_exist_is_refused():
    with pytest.raises(OptionError, match="metric is one of cosine, euclidean, got 'cosin'. Did you mean 'cosine'"):
        Comparison("looks", metric="cosin")


def test_each_comparison_has_files_of_its_own_with_safe_names():
    kinds = [COSINE, EUCLIDEAN, Comparison("looks", "shots"), Comparison("looks", columns=("a",)), Comparison("../x")]
    names = {kind.name for kind in kinds}
    assert len(names) == len(kinds)
    assert all(Path(name).name == name and not name.startswith(".") for name in names)
