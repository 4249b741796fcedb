"""Two pictures in two dimensions: neighbours stay near, few and equal rows are no trouble."""

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from cueline.learning.clustering import embedding as module
from cueline.learning.clustering.embedding import embedding
from tests.learning.clustering.made import heaps

ROWS, HEAP = heaps()


def test_heaps_stay_heaps_in_both_pictures():
    found = embedding(ROWS)
    for places in (found.tsne, found.graph):
        assert places.shape == (90, 2)
        assert KNeighborsClassifier(3).fit(places, HEAP).score(places, HEAP) == 1


def test_many_rows_are_drawn_and_told(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 60)
    monkeypatch.setattr(module, "GRAPH_ROWS", 40)
    found = embedding(ROWS, seed=3)
    assert found.note == "The pictures show 60 of 90 clips, drawn by chance."
    assert len(found.rows) == len(found.tsne) == len(found.graph) == 60
    again = embedding(ROWS, seed=3)
    assert np.array_equal(found.rows, again.rows)
    assert np.array_equal(found.tsne, again.tsne)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_few_clips_have_their_first_two_columns(count):
    found = embedding(ROWS[:count])
    assert np.allclose(found.tsne, ROWS[:count, :2])
    assert "Too few different clips" in found.note


@pytest.mark.parametrize("rows", [np.zeros((9, 3)), np.arange(9.0).reshape(-1, 1), np.repeat(np.eye(3), 5, axis=0)])
def test_rows_that_are_alike_or_of_one_column_have_finite_places(rows):
    found = embedding(rows.astype(np.float32))
    assert np.isfinite(found.tsne).all()
    assert np.isfinite(found.graph).all()
