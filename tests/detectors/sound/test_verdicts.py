"""Verdicts of clips from curves that are known."""

import numpy as np
import pytest

from cueline.detectors.sound.verdicts import LABELS, mean_chances, verdict, verdicts
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack


def curve(*kinds):
    """A row of half a second for each kind, sure of it."""
    starts = np.arange(len(kinds)) / 2
    values = np.eye(len(LABELS), dtype=np.float32)[[LABELS.index(kind) for kind in kinds]]
    return FeatureTrack(np.column_stack([starts, starts + 0.5]), values.reshape(-1, 5), LABELS)


@pytest.mark.parametrize("kind", LABELS)
def test_a_clip_of_one_kind_is_of_that_kind(kind):
    told = verdict(curve(*[kind] * 20), Span(0, 10))
    assert told.label == kind
    assert told.scores[kind] > 0.8
    assert sum(told.scores.values()) == pytest.approx(1)
    assert tuple(told.scores) == LABELS


def test_speech_and_then_music_make_both():
    assert verdict(curve(*["speech"] * 10, *["music"] * 10), Span(0, 10)).label == "both"


def test_pauses_do_not_count():
    assert verdict(curve(*["silence"] * 15, *["music"] * 5), Span(0, 10)).label == "music"


def test_only_what_lies_in_the_span_counts_by_its_time():
    found = curve(*["speech"] * 4, *["music"] * 4)
    assert verdict(found, Span(2, 4)).label == "music"
    assert mean_chances(found, as_spans([(1.75, 2.25)])).tolist() == [[0.5, 0.5, 0, 0, 0]]


def test_where_nothing_was_heard_there_is_no_verdict():
    assert verdict(curve("speech"), Span(5, 6)) is None
    assert np.isnan(verdicts(curve("speech"), as_spans([(0, 0.5), (5, 6)]))[:, 0]).tolist() == [False, True]


def test_no_spans_give_no_verdicts():
    assert verdicts(curve("speech"), np.empty((0, 2))).shape == (0, 5)
