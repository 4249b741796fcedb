"""The laws of spans, and the edges where they are easily broken."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline.spans import (
    SLACK,
    Span,
    as_spans,
    between,
    boundaries,
    clip,
    cover,
    durations,
    iou,
    merge,
    middles,
    overlap,
    snap,
    subtract,
    windows,
)

TICK = 0.25  # exact in floats, so that equal times meet often
ticks = st.integers(-40, 40).map(lambda n: n * TICK)
seconds = st.floats(-1e6, 1e6)


def spans_of(times):
    return st.tuples(times, times).map(lambda pair: Span(*sorted(pair)))


span = spans_of(ticks)
many = st.lists(span, max_size=12).map(as_spans)
grid = np.arange(-41, 41, TICK) + TICK / 2  # one time inside every tick


def covered(spans):
    """Which ticks the spans cover, counted one by one."""
    return ((spans[:, None, 0] <= grid) & (grid < spans[:, None, 1])).any(axis=0)


class TestSpan:
    @given(spans_of(seconds), spans_of(seconds))
    def test_intersection_and_hull_commute(self, one, other):
        assert one & other == other & one
        assert one | other == other | one

    @given(span, span, ticks)
    def test_a_time_lies_in_an_intersection_when_it_lies_in_both(self, one, other, time):
        shared = one & other
        if shared is not None:
            assert (time in shared) == (time in one and time in other)

    @given(span, span)
    def test_a_hull_covers_both(self, one, other):
        assert overlap(as_spans([one | other]), as_spans([one, other])).tolist() == [[one.duration, other.duration]]

    @given(st.tuples(seconds, seconds, seconds).map(sorted))
    def test_two_spans_that_touch_do_not_overlap(self, times):
        first, border, last = times
        before, after = Span(first, border), Span(border, last)
        assert not before.overlaps(after)
        assert before & after is None

    def test_spans_that_share_time_overlap(self):
        assert Span(1.0, 3.0).overlaps(Span(2.9, 4.0))

    def test_the_end_is_outside_and_the_start_inside(self):
        assert 1.0 in Span(1.0, 2.0)
        assert 2.0 not in Span(1.0, 2.0)

    def test_an_instant_contains_its_own_time_and_overlaps_nothing(self):
        instant = Span(1.0, 1.0)
        assert 1.0 in instant
        assert instant.duration == 0
        assert not instant.overlaps(instant)
        assert not instant.overlaps(Span(0.0, 2.0))

    def test_spans_stand_in_order_of_start_then_end(self):
        assert sorted([Span(1, 3), Span(0, 9), Span(1, 2)]) == [Span(0, 9), Span(1, 2), Span(1, 3)]

    def test_a_span_is_frozen_prints_itself_and_unpacks(self):
        start, end = Span(1.0, 2.5)
        assert (start, end) == (1.0, 2.5)
        assert Span(start, end).middle == 1.75
        assert eval(repr(Span(start, end))) == Span(start, end)
        with pytest.raises(dataclasses.FrozenInstanceError):
            Span(0.0, 1.0).start = 5.0

    @pytest.mark.parametrize("pair", [(math.nan, 1.0), (0.0, math.inf), (-math.inf, 0.0)])
    def test_a_span_needs_finite_seconds(self, pair):
        with pytest.raises(TimelineError, match="a span needs finite seconds"):
            Span(*pair)

    def test_a_span_does_not_end_before_it_starts(self):
        with pytest.raises(TimelineError, match=r"got \[4.0, 2.5\)\. Are start and end swapped\?"):
            Span(4.0, 2.5)


class TestAsSpans:
    def test_spans_pairs_and_nothing_become_an_array(self):
        assert as_spans([Span(0, 1), (2, 3)]).tolist() == [[0, 1], [2, 3]]
        assert as_spans([]).shape == as_spans(np.empty((0, 2))).shape == (0, 2)
        assert as_spans(((0, 1),)).dtype == np.float64

    def test_the_array_is_a_copy_that_cannot_be_written(self):
        mine = np.array([[0.0, 1.0]])
        checked = as_spans(mine)
        mine[0, 0] = 9
        assert checked.tolist() == [[0, 1]]
        with pytest.raises(ValueError, match="read-only"):
            checked[0, 0] = 9

    @pytest.mark.parametrize("values", [[1.0, 2.0], [[1.0, 2.0, 3.0]], 5.0, np.zeros((1, 2, 2))])
    def test_the_shape_is_n_by_2(self, values):
        with pytest.raises(TimelineError, match=r"shots must have shape \(N, 2\), got"):
            as_spans(values, what="shots")

    def test_the_first_value_that_is_not_finite_is_named(self):
        with pytest.raises(TimelineError, match=r"must be finite seconds, got \[1.0, nan\] at row 1"):
            as_spans([(0.0, 1.0), (1.0, math.nan)])

    def test_the_first_span_that_ends_before_it_starts_is_named(self):
        with pytest.raises(TimelineError, match=r"got \[4.0, 2.5\] at row 1. Are the columns start, end\?"):
            as_spans([(0.0, 1.0), (4.0, 2.5)])

    def test_a_million_rows_are_checked(self):
        starts = np.arange(1e6)
        assert as_spans(np.column_stack((starts, starts + 1))).shape == (1_000_000, 2)


class TestPairs:
    @given(many, many)
    def test_overlap_and_iou_commute_and_agree_with_span(self, first, second):
        shared = overlap(first, second)
        assert (shared == overlap(second, first).T).all()
        assert (iou(first, second) == iou(second, first).T).all()
        for (i, j), value in np.ndenumerate(shared):
            both = Span(*first[i]) & Span(*second[j])
            assert value == (0 if both is None else both.duration)

    @given(st.lists(spans_of(seconds), max_size=5).map(as_spans), st.lists(spans_of(seconds), max_size=5).map(as_spans))
    def test_iou_lies_between_zero_and_one(self, first, second):
        ratio = iou(first, second)
        assert ((ratio >= 0) & (ratio <= 1)).all()

    def test_iou_of_known_spans(self):
        assert iou(as_spans([(0, 2)]), as_spans([(0, 2), (1, 3), (2, 4), (1, 1)])).tolist() == [[1, 1 / 3, 0, 0]]

    def test_iou_of_equal_instants_is_zero(self):
        assert iou(as_spans([(1, 1)]), as_spans([(1, 1)])).tolist() == [[0]]

    def test_durations_and_middles(self):
        spans = as_spans([(1, 4), (2, 2)])
        assert durations(spans).tolist() == [3, 0]
        assert middles(spans).tolist() == [2.5, 2]


class TestMergeAndSubtract:
    @given(many, st.sampled_from([0, TICK, 4 * TICK]))
    def test_merge_gives_disjoint_spans_in_order_and_again_the_same(self, spans, gap):
        merged = merge(spans, gap=gap)
        assert (merged[1:, 0] > merged[:-1, 1] + gap).all()
        assert merge(merged, gap=gap).tolist() == merged.tolist()

    @given(many)
    def test_merge_covers_what_the_spans_cover(self, spans):
        assert (covered(merge(spans)) == covered(spans)).all()

    @given(many)
    def test_order_does_not_matter(self, spans):
        assert merge(spans[::-1]).tolist() == merge(spans).tolist()

    def test_merge_bridges_a_gap_of_exactly_the_given_length(self):
        assert merge(as_spans([(3, 4), (0, 1), (1.5, 2)]), gap=0.5).tolist() == [[0, 2], [3, 4]]

    def test_merge_keeps_an_instant_that_stands_alone(self):
        assert merge(as_spans([(5, 5), (0, 1), (1, 1)])).tolist() == [[0, 1], [5, 5]]

    @pytest.mark.parametrize("gap", [-0.1, math.nan])
    def test_merge_refuses_a_negative_gap(self, gap):
        with pytest.raises(TimelineError, match="gaps of 0 s or more"):
            merge(as_spans([]), gap=gap)

    @given(many, many)
    def test_what_is_left_and_what_is_shared_make_the_whole(self, spans, holes):
        left = subtract(spans, holes)
        assert (covered(left) == (covered(spans) & ~covered(holes))).all()
        assert (left[:, 1] > left[:, 0]).all()
        assert (left[1:, 0] > left[:-1, 1]).all()
        shared = subtract(spans, left)
        assert (covered(left) ^ covered(shared) == covered(spans)).all()
        assert not (covered(left) & covered(shared)).any()

    def test_an_instant_makes_no_hole(self):
        assert subtract(as_spans([(0, 2)]), as_spans([(1, 1)])).tolist() == [[0, 2]]

    def test_nothing_without_something_is_nothing(self):
        nothing = as_spans([])
        assert subtract(nothing, nothing).shape == subtract(nothing, as_spans([(0, 1)])).shape == (0, 2)


class TestCover:
    @given(many, spans_of(ticks))
    def test_the_share_is_the_share_of_ticks(self, spans, whole):
        inside = (whole.start <= grid) & (grid < whole.end)
        share = cover(spans, whole)
        if whole.duration == 0:
            assert math.isnan(share)
        else:
            assert share == pytest.approx(covered(spans)[inside].mean())

    @given(st.lists(spans_of(seconds), max_size=8).map(as_spans), spans_of(seconds))
    def test_the_share_lies_between_zero_and_one(self, spans, whole):
        assert whole.duration == 0 or 0 <= cover(spans, whole) <= 1


class TestClip:
    @given(many, span)
    def test_rows_are_kept_where_they_share_time_or_are_instants_inside(self, spans, whole):
        cut, rows = clip(spans, whole)
        for row, (start, end) in enumerate(spans.tolist()):
            one = Span(start, end)
            point = one.start if one.duration == 0 else whole.start
            assert (row in rows) == (
                one.overlaps(whole) or (0 in (one.duration, whole.duration) and point in one and point in whole)
            )
        assert (cut[:, 0] >= whole.start).all()
        assert (cut[:, 1] <= whole.end).all()

    def test_a_window_that_is_an_instant_keeps_what_contains_it(self):
        spans = as_spans([(0, 5), (4, 6), (5, 5), (5, 9), (6, 7)])
        cut, rows = clip(spans, Span(5, 5))
        assert rows.tolist() == [1, 2, 3]
        assert cut.tolist() == [[5, 5]] * 3

    def test_spans_are_cut_and_an_instant_at_the_end_is_outside(self):
        cut, rows = clip(as_spans([(0, 3), (2, 2), (4, 4), (3, 9)]), Span(2, 4))
        assert cut.tolist() == [[2, 3], [2, 2], [3, 4]]
        assert rows.tolist() == [0, 1, 3]


class TestSnap:
    @given(st.lists(ticks), st.lists(ticks), st.sampled_from([0, TICK, 1.0]))
    def test_each_time_goes_to_the_nearest_and_the_earlier_of_two(self, times, to, tolerance):
        moved = snap(np.array(times), np.array(to), tolerance=tolerance)
        for time, found in zip(times, moved, strict=True):
            best = min(sorted(to), key=lambda target, time=time: abs(target - time), default=time)
            assert found == (best if abs(best - time) <= tolerance else time)

    @given(st.lists(seconds), st.lists(seconds))
    def test_snapping_twice_is_snapping_once(self, times, to):
        once = snap(np.array(times), np.array(to), tolerance=1.0)
        assert (snap(once, np.array(to), tolerance=1.0) == once).all()

    def test_a_tolerance_of_one_frame_is_one_frame_in_floats_too(self):
        assert abs(0.8 - 0.7) > 0.1
        assert snap(np.array([0.7]), np.array([0.8]), tolerance=0.1).tolist() == [0.8]

    def test_with_nowhere_to_go_times_stay(self):
        times = np.array([1.0, 2.0])
        moved = snap(times, np.array([]), tolerance=9)
        assert moved.tolist() == [1, 2]
        assert moved is not times


class TestWindows:
    @given(st.floats(0, 50), st.floats(0, 100), st.floats(0.01, 5), st.floats(0.01, 5), st.booleans())
    def test_windows_have_one_length_and_never_leave_the_whole(self, start, duration, length, hop, partial):
        whole = Span(start, start + duration)
        cut = windows(whole, length=length, hop=hop, partial=partial)
        full = cut[:-1] if partial else cut
        assert durations(full) == pytest.approx(length)
        assert (durations(cut) <= length + 2 * SLACK).all()
        assert (cut >= whole.start).all()
        assert (cut <= whole.end).all()
        assert (np.diff(cut[:, 0]) > 0).all()

    @given(st.floats(0, 100), st.floats(0.01, 5), st.floats(0.01, 1))
    def test_partial_windows_cover_the_whole(self, duration, length, share):
        whole = Span(0.0, duration)
        cut = windows(whole, length=length, hop=length * share, partial=True)
        if duration > SLACK:
            assert cover(cut, whole) == pytest.approx(1.0, abs=1e-6)

    def test_windows_do_not_drift(self):
        cut = windows(Span(0.0, 36000.0), length=0.1, hop=0.1)
        assert len(cut) == 360_000
        assert cut[-1, 0] == 359_999 * 0.1
        assert cut[-1, 1] == pytest.approx(36000, abs=1e-9)

    def test_a_rest_is_given_on_request(self):
        whole = Span(1.0, 4.5)
        assert windows(whole, length=2, hop=1).tolist() == [[1, 3], [2, 4]]
        assert windows(whole, length=2, hop=1, partial=True).tolist() == [[1, 3], [2, 4], [3, 4.5]]
        assert windows(whole, length=1, hop=2, partial=True).tolist() == [[1, 2], [3, 4]]
        assert windows(Span(0, 3), length=1, hop=1, partial=True).tolist() == [[0, 1], [1, 2], [2, 3]]

    def test_a_whole_shorter_than_a_window(self):
        assert windows(Span(0, 1), length=2, hop=1).shape == (0, 2)
        assert windows(Span(0, 1), length=2, hop=1, partial=True).tolist() == [[0, 1]]
        assert windows(Span(3, 3), length=2, hop=1, partial=True).shape == (0, 2)
        assert windows(Span(3, 3), length=1e-6, hop=1e4).shape == (0, 2)

    @pytest.mark.parametrize(("length", "hop"), [(0, 1), (1, 0), (-1, 1), (math.nan, 1), (1, math.inf), (math.inf, 1)])
    def test_length_and_hop_are_above_zero(self, length, hop):
        with pytest.raises(TimelineError, match="a length and a hop above 0 s"):
            windows(Span(0, 1), length=length, hop=hop)


class TestBoundaries:
    @given(st.lists(seconds, min_size=2, unique=True).map(sorted))
    def test_spans_between_borders_and_their_boundaries_are_inverse(self, edges):
        whole = Span(edges[0], edges[-1])
        spans = between(np.array(edges), whole)
        assert spans.tolist() == np.column_stack((edges[:-1], edges[1:])).tolist()
        assert boundaries(spans).tolist() == edges[1:-1]
        assert between(boundaries(spans), whole).tolist() == spans.tolist()

    def test_borders_come_in_any_order_and_those_outside_are_dropped(self):
        assert between(np.array([7, 2, 2, 0, 10, -1, 11]), Span(0, 10)).tolist() == [[0, 2], [2, 7], [7, 10]]

    def test_nothing_lies_between_the_borders_of_an_instant(self):
        assert between(np.array([1.0]), Span(1.0, 1.0)).shape == (0, 2)

    def test_no_spans_have_no_boundaries(self):
        assert boundaries(as_spans([])).shape == boundaries(as_spans([(0, 1)])).shape == (0,)
