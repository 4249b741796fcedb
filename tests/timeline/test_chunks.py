"""Chunks cover a recording from its end backwards and lose nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline.chunks import chunks, numbers, outro
from cueline.timeline.spans import SLACK, Span, as_spans, cover, durations, merge

LENGTHS = st.floats(0.5, 60.0)
DURATIONS = st.floats(0.001, 5000.0)


@given(DURATIONS, LENGTHS)
def test_chunks_follow_one_another_without_gap_or_overlap_and_end_at_the_end(duration, seconds):
    spans = chunks(duration, seconds=seconds)
    assert spans[-1, 1] == duration
    assert spans[0, 0] == 0
    assert np.array_equal(spans[1:, 0], spans[:-1, 1])


@given(DURATIONS, LENGTHS)
def test_each_chunk_but_the_first_has_the_length_asked_for(duration, seconds):
    lengths = durations(chunks(duration, seconds=seconds))
    assert np.allclose(lengths[1:], seconds, atol=1e-9)
    assert 0 < lengths[0] < 1.1 * seconds + 1e-6


@given(DURATIONS, LENGTHS, st.floats(0.05, 1.0))
def test_chunks_that_overlap_cover_everything_and_start_at_even_distances(duration, seconds, share):
    hop = seconds * share
    spans = chunks(duration, seconds=seconds, hop=hop)
    assert cover(merge(spans, gap=SLACK), Span(0, duration)) == pytest.approx(1)
    assert np.allclose(np.diff(spans[:, 1]), hop)
    assert (np.diff(spans[:, 0]) > 0).all()


@given(DURATIONS, LENGTHS, st.floats(1.01, 5.0))
def test_a_hop_above_the_length_leaves_the_gaps_that_were_asked_for(duration, seconds, times):
    spans = chunks(duration, seconds=seconds, hop=times * seconds)
    assert spans[-1, 1] == duration
    assert spans[0, 0] >= 0
    assert np.allclose(durations(spans)[1:], seconds)
    assert spans[0, 0] < (times - 1) * seconds + 1e-6 or spans[0, 0] == 0


@given(DURATIONS, LENGTHS, st.floats(0.0, 1.0))
def test_the_first_chunk_is_never_shorter_than_the_shortest_unless_it_is_the_only_one(duration, seconds, share):
    spans = chunks(duration, seconds=seconds, shortest=share * seconds)
    assert len(spans) == 1 or durations(spans)[0] >= share * seconds - 2 * SLACK


@given(DURATIONS, LENGTHS)
def test_the_outro_is_chunk_one(duration, seconds):
    span = outro(duration, seconds)
    assert span.end == duration
    assert span.duration == pytest.approx(min(duration, seconds))


def test_numbers_count_from_the_end():
    assert numbers(chunks(35.0)).tolist() == [4, 3, 2, 1]


def test_a_number_stands_for_the_same_distance_from_the_end_however_long_the_recording():
    for duration in (30.0, 33.0, 61.7):
        spans = chunks(duration)
        third = spans[numbers(spans) == 3][0]
        assert np.allclose(duration - third, [30.0, 20.0])


def test_what_is_left_over_at_the_beginning_is_a_shorter_chunk():
    assert chunks(25.0).tolist() == [[0, 5], [5, 15], [15, 25]]


def test_a_sliver_at_the_beginning_joins_its_neighbour_and_may_be_kept_apart():
    assert chunks(20.02).tolist() == [[0, 10.02], [10.02, 20.02]]
    assert len(chunks(20.02, shortest=0)) == 3


def test_a_recording_shorter_than_a_chunk_is_one_chunk():
    assert chunks(0.3).tolist() == [[0, 0.3]]
    assert chunks(10.0).tolist() == [[0, 10]]


def test_rounding_makes_no_chunk_of_its_own():
    assert len(chunks(0.3, seconds=0.1, shortest=0)) == 3
    assert len(chunks(30 + 1e-12, shortest=0)) == 3


def test_a_recording_without_length_has_no_chunks():
    assert chunks(0.0).shape == (0, 2)
    assert outro(0.0) == Span(0, 0)


def test_chunks_are_checked_spans():
    spans = chunks(25.0)
    assert not spans.flags.writeable
    assert np.array_equal(as_spans(spans), spans)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"duration": -1.0}, "lasts 0 s or more"),
        ({"duration": float("inf")}, "lasts 0 s or more"),
        ({"duration": float("nan")}, "lasts 0 s or more"),
        ({"duration": 5.0, "seconds": 0.0}, "more than 0 s, got seconds=0"),
        ({"duration": 5.0, "hop": 0.0}, "hop between chunks is above 0 s"),
        ({"duration": 5.0, "shortest": 11.0}, "got shortest=11.0 of 10.0 s"),
    ],
)
def test_what_cannot_be_cut_is_refused(options, text):
    with pytest.raises(TimelineError, match=text):
        chunks(**options)
