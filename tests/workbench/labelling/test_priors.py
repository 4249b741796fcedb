"""Scores that tracks give classes beforehand."""

import numpy as np
import pytest

from cueline import Library
from cueline.errors import OptionError
from cueline.stores.library import LibraryStore
from cueline.timeline.answers import Campaign, LabelClass, LabelTask
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.labelling.lessons import campaign_lesson
from cueline.workbench.labelling.priors import prior_scores
from tests.workbench.library_of_looks import RED, SNOW, keep, looks

FIRST, SECOND = Span(0.0, 3.0), Span(3.0, 6.0)


@pytest.fixture
def scores(tmp_path):
    """What a track of two clips of one film says of the classes snow and party."""
    store = LibraryStore(tmp_path / "films.cue", create=True)
    keep(store, "a", looks(RED, SNOW))

    def found(track):
        keep(store, "a", track, name="said")
        store.close()
        library = Library(tmp_path / "films.cue")
        with library.answers() as book:
            book.put(LabelClass("snow", "a landscape in winter", excluded=("snow white",)))
            book.put(LabelClass("party", "people who celebrate with a cake"))
            book.put(Campaign("weather", ("snow", "party")))
            book.add_tasks("weather", [LabelTask("a", FIRST), LabelTask("a", SECOND)])
        return prior_scores(library, campaign_lesson(library, "weather", ["looks"]), "said").tolist()

    return found


def labels(*rows):
    spans = as_spans([row[:2] for row in rows])
    return LabelTrack(spans, tuple(row[2] for row in rows), np.array([row[3] for row in rows]), stream="video:0")


def test_a_label_of_the_name_of_a_class_speaks_for_it_where_it_lies(scores):
    assert scores(labels((4, 5, "Snow", 0.8), (4, 5, "snow", 0.3))) == [[0, 0], [pytest.approx(0.8), 0]]


def test_a_word_shared_with_the_definition_speaks_half_as_much(scores):
    assert scores(labels((0, 1, "birthday cake", 0.8))) == [[0, pytest.approx(0.4)], [0, 0]]


def test_excluded_terms_and_common_words_say_nothing(scores):
    found = scores(labels((0, 6, "snow white", 1.0), (0, 6, "with people", 0.6)))
    assert found == [[0, pytest.approx(0.3)], [0, pytest.approx(0.3)]]


def test_a_column_of_a_curve_is_the_score_of_the_class_that_is_called_so(scores):
    values = np.array([[0.1, 5], [0.7, 5], [0.2, 5]], np.float32)
    curve = FeatureTrack(as_spans([[0, 2], [2, 4], [5, 6]]), values, ("snow", "rain"), "video:0")
    assert scores(curve) == [[pytest.approx(0.1), 0], [pytest.approx(0.7), 0]]  # a row lies where its middle does


def test_a_track_that_says_nothing_is_refused(scores):
    with pytest.raises(OptionError, match="says nothing of 'snow', 'party'"):
        scores(labels((0, 6, "dog", 1.0)))
