"""Which frames answer a request."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cueline.media.sampling import InstantSampler, WindowSampler, jump_cost, seek_cost, worth_seeking
from cueline.timeline.requests import Instants, Picture, Windows
from cueline.timeline.spans import Span

SMALL = Picture(8, 8)


def frames(*edges):
    return list(pairwise(edges))


def counts(instants, spans):
    sampler = InstantSampler(instants)
    return [sampler.count(start, end) for start, end in spans]


def test_a_frame_answers_from_its_start_until_just_before_its_end():
    assert counts(Instants(SMALL, times=(0.0, 0.999, 1.0)), frames(0.0, 1.0, 2.0)) == [2, 1]


def test_times_outside_the_video_give_nothing():
    assert counts(Instants(SMALL, times=(-1.0, 0.5, 2.0, 9.0)), frames(1.0, 2.0)) == [0]


def test_a_grid_begins_at_the_first_frame():
    spans = frames(0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
    assert counts(Instants(SMALL, every=0.5), spans) == [1, 0, 1, 0, 1]


def test_a_frame_that_lasts_long_answers_a_grid_often():
    assert counts(Instants(SMALL, every=0.5), frames(0.0, 0.4, 2.0)) == [1, 3]


def test_neither_times_nor_a_distance_ask_for_nothing():
    assert counts(Instants(SMALL), frames(0.0, 1.0)) == [0]


@given(
    st.lists(st.floats(-1, 12), max_size=20).map(sorted),
    st.lists(st.floats(0, 10), min_size=2, max_size=20, unique=True).map(sorted),
)
def test_every_time_within_the_video_is_answered_once(times, edges):
    inside = sum(edges[0] <= time < edges[-1] for time in times)
    assert sum(counts(Instants(SMALL, times=tuple(times)), frames(*edges))) == inside


def windows(spans, count, edges):
    """Run a sampler over frames; what is kept of a frame is its number."""
    sampler = WindowSampler(Windows(SMALL, np.array(spans, dtype=float).reshape(-1, 2), count))
    out = []
    for index, (start, end) in enumerate(frames(*edges)):
        if sampler.wants(start, end):
            out += sampler.put(start, end, index)
    return out + list(sampler.end())


def test_a_window_takes_the_frames_at_the_middles_of_its_parts():
    (sampled,) = windows([(0, 8)], 4, range(11))
    assert sampled.kept == [1, 3, 5, 7]
    assert sampled.spans == [(1, 2), (3, 4), (5, 6), (7, 8)]
    assert sampled.window == Span(0, 8)


def test_a_short_window_takes_one_frame_several_times():
    (sampled,) = windows([(2.1, 2.9)], 4, range(11))
    assert sampled.kept == [2] * 4


def test_windows_may_overlap():
    first, second = windows([(0, 4), (2, 6)], 2, range(11))
    assert (first.kept, second.kept) == ([1, 3], [3, 5])


def test_windows_come_out_when_they_are_full():
    assert [s.window for s in windows([(0, 10), (1, 3)], 2, range(11))] == [Span(1, 3), Span(0, 10)]


def test_a_window_beyond_the_last_frame_takes_the_last_frame_for_what_is_missing():
    (sampled,) = windows([(8, 12)], 4, range(11))
    assert sampled.kept == [8, 9, 9, 9]


def test_a_window_before_the_first_frame_takes_the_first_frame_for_what_is_missing():
    (sampled,) = windows([(0, 8)], 4, range(4, 11))
    assert sampled.kept == [0, 0, 1, 3]


def test_windows_wholly_outside_give_nothing():
    assert windows([(0, 1), (20, 21)], 2, range(4, 11)) == []


def test_an_instant_is_a_window_too():
    assert [s.kept for s in windows([(0, 0), (3, 3)], 2, range(11))] == [[0, 0], [3, 3]]
    assert windows([(3, 3)], 2, range(4, 11)) == []


@given(
    st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=12).map(sorted),
    st.integers(1, 6),
    st.lists(st.integers(0, 1000), min_size=2, max_size=60, unique=True).map(sorted),
)
def test_every_window_that_overlaps_the_video_is_given_once_with_all_its_frames(pairs, count, edges):
    spans = [(start, start + length) for start, length in pairs]
    edges = [edge / 10 for edge in edges]
    out = windows(spans, count, edges)
    overlap = [s for s in spans if s[0] < edges[-1] and s[1] > edges[0]]
    first_instant = [(a + 0.5 * (b - a) / count) for a, b in overlap]
    answered = [s for s, time in zip(overlap, first_instant, strict=True) if time < edges[-1]]
    assert sorted((s.window.start, s.window.end) for s in out) == sorted(answered)
    for sampled in out:
        assert len(sampled.kept) == len(sampled.spans) == count
        for i, (start, end) in enumerate(sampled.spans):
            time = sampled.window.start + (i + 0.5) / count * sampled.window.duration
            assert start <= time < end or time < edges[0] or time >= edges[-1]


def test_a_jump_costs_the_way_from_the_key_frame_before():
    assert jump_cost(7.0, 0.0, [0.0, 5.0, 10.0]) == 2.25
    assert jump_cost(7.0, 6.0, [0.0, 5.0, 10.0]) == float("inf")


def test_near_times_are_reached_by_decoding_on():
    assert seek_cost([7.0, 8.0, 9.0], [0.0, 5.0]) == 4.25


def test_without_an_index_key_frames_are_taken_to_be_some_seconds_apart():
    assert seek_cost([100.0], None) == 2.75


def test_few_instants_of_a_long_film_are_worth_seeking_and_many_are_not():
    keys = [2.0 * i for i in range(1800)]
    assert worth_seeking([600.0, 1800.0, 3000.0], keys, 3600.0)
    assert not worth_seeking([0.5 * i for i in range(7200)], keys, 3600.0)
    assert not worth_seeking([30.0], [0.0], 31.0)
    assert not worth_seeking([30.0], None, 0.0)
