"""Tracks are checked at birth, stand in order of time, and pool like brute force."""

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.timeline.spans import Span, as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack, align, concatenate, pool, union

ticks = st.integers(0, 40).map(lambda n: n * 0.25)
span = st.tuples(ticks, ticks).map(lambda pair: Span(*sorted(pair)))
many = st.lists(span, max_size=10).map(as_spans)


def numbered(spans, **others):
    """A track whose one column is the row's number in the order given."""
    return FeatureTrack(spans, np.arange(float(len(spans)))[:, None], **others)


FRAMES = as_spans([(0, 1), (1, 2), (2, 3), (3, 4)])


class TestFeatureTrack:
    @given(many)
    def test_rows_stand_in_order_of_time_and_keep_their_values(self, spans):
        track = numbered(spans)
        assert track.spans.tolist() == sorted(spans.tolist())
        assert spans[track.values[:, 0].astype(int)].tolist() == track.spans.tolist()

    def test_a_column_is_found_by_its_name(self):
        track = FeatureTrack(FRAMES, np.eye(4), ("a", "b", "c", "d"))
        assert track["b"].tolist() == [0, 1, 0, 0]
        with pytest.raises(TimelineError, match="no column is called 'e'; there are: a, b, c, d"):
            track["e"]
        with pytest.raises(TimelineError, match="no column is called 'e'; there are: none"):
            numbered(FRAMES)["e"]

    def test_nothing_in_it_can_be_written_and_the_callers_array_stays_its_own(self):
        values = np.zeros((4, 2))
        track = FeatureTrack(FRAMES, values)
        with pytest.raises(ValueError, match="read-only"):
            track.values[0, 0] = 1
        values[0, 0] = 1

    def test_values_in_order_are_not_copied(self):
        values = np.zeros((4, 2), np.float32)
        assert np.shares_memory(FeatureTrack(FRAMES, values).values, values)

    @pytest.mark.parametrize("values", [np.zeros(4), np.zeros((4, 1, 1)), np.array([["a"]] * 4), np.ones((4, 1), bool)])
    def test_values_are_numbers_of_shape_n_by_d(self, values):
        with pytest.raises(TimelineError, match=r"values must be numbers of shape \(N, D\), got"):
            FeatureTrack(FRAMES, values)

    def test_each_row_needs_one_span(self):
        with pytest.raises(TimelineError, match="got 3 rows and 4 spans"):
            FeatureTrack(FRAMES, np.zeros((3, 1)))

    def test_columns_name_each_number_once(self):
        with pytest.raises(TimelineError, match="2 columns of values need as many names, got 1"):
            FeatureTrack(FRAMES, np.zeros((4, 2)), ("a",))
        with pytest.raises(TimelineError, match="columns must have different names"):
            FeatureTrack(FRAMES, np.zeros((4, 2)), ("a", "a"))
        with pytest.raises(TimelineError, match="columns must be a tuple of names, got the text 'ab'"):
            FeatureTrack(FRAMES, np.zeros((4, 2)), "ab")

    def test_it_prints_its_shape_and_not_its_contents(self):
        assert repr(numbered(FRAMES)) == "FeatureTrack(4 x 1 float64, 0.000-4.000 s)"
        wide = FeatureTrack(as_spans([]), np.zeros((0, 7), np.uint8), tuple("abcdefg"))
        assert repr(wide) == "FeatureTrack(0 x 7 uint8, columns a, b, c, d, e, f...)"
        assert repr(FeatureTrack(FRAMES, np.zeros((4, 1)), ("a",))).endswith("columns a)")

    def test_crop_keeps_what_overlaps_lies_inside_or_has_its_middle_inside(self):
        track, whole = numbered(FRAMES, stream="video:0"), Span(0.75, 3.0)
        assert track.crop(whole).values[:, 0].tolist() == [0, 1, 2]
        assert track.crop(whole, place="strict").values[:, 0].tolist() == [1, 2]
        assert track.crop(Span(0.5, 2.5), place="middle").values[:, 0].tolist() == [0, 1]
        assert track.crop(whole).stream == "video:0"

    @given(many, span)
    def test_what_lies_wholly_inside_also_overlaps(self, spans, whole):
        track = numbered(spans)
        loose = set(track.crop(whole).values[:, 0])
        assert set(track.crop(whole, place="strict").values[:, 0]) <= loose
        assert set(track.crop(whole, place="middle").values[:, 0]) <= loose

    def test_crop_knows_three_places(self):
        with pytest.raises(TimelineError, match="place must be 'loose', 'strict' or 'middle', got 'near'"):
            numbered(FRAMES).crop(Span(0, 1), place="near")


class TestLabelTrack:
    def test_scores_classes_and_judged_are_filled_in(self):
        track = LabelTrack([(5, 6), (0, 1), (0, 0.5)], ("b", "a", "b"))
        assert list(track) == [(Span(0, 0.5), "b", 1.0), (Span(0, 1), "a", 1.0), (Span(5, 6), "b", 1.0)]
        assert track.classes == ("b", "a")
        assert track.judged.tolist() == track.spans.tolist()

    def test_a_film_without_a_hit_was_judged_all_the_same(self):
        track = LabelTrack([], (), classes=("violence",), judged=[(0, 60)])
        assert len(track) == 0
        assert track.classes == ("violence",)
        assert track.judged.tolist() == [[0, 60]]
        assert repr(track) == "LabelTrack(0 rows, classes violence)"
        assert repr(LabelTrack([(0, 1)], ("a",))) == "LabelTrack(1 rows, 0.000-1.000 s, classes a)"
        assert repr(LabelTrack([], ())) == "LabelTrack(0 rows, classes none)"

    @given(st.lists(st.tuples(span, st.sampled_from("abc"), st.floats(0, 1)), max_size=10))
    def test_rows_stay_together_when_they_are_put_in_order(self, rows):
        track = LabelTrack([s for s, _, _ in rows], tuple(n for _, n, _ in rows), np.array([x for *_, x in rows]))
        assert sorted(track) == sorted(rows)
        assert track.spans.tolist() == sorted(track.spans.tolist())

    @pytest.mark.parametrize(
        ("names", "scores"), [(("a",), None), (("a", "b"), np.ones(3)), (("a", "b"), np.ones((2, 1)))]
    )
    def test_each_span_needs_one_name_and_one_score(self, names, scores):
        with pytest.raises(TimelineError, match="each span needs one name and one score, got 2 spans"):
            LabelTrack([(0, 1), (1, 2)], names, scores)

    @pytest.mark.parametrize("score", [-0.1, 1.1, math.nan])
    def test_scores_lie_between_zero_and_one(self, score):
        with pytest.raises(TimelineError, match=r"scores must lie in \[0, 1\], got .* at row 1"):
            LabelTrack([(0, 1), (1, 2)], ("a", "b"), np.array([1.0, score]))

    def test_names_are_among_the_classes(self):
        with pytest.raises(TimelineError, match=r"names must be among the classes .* got also \['b'\]"):
            LabelTrack([(0, 1)], ("b",), classes=("a",))
        with pytest.raises(TimelineError, match="each given once"):
            LabelTrack([(0, 1)], ("a",), classes=("a", "a"))

    def test_a_text_is_not_a_tuple_of_names(self):
        with pytest.raises(
            TimelineError, match=r"names must be a tuple of names, got the text 'a'. Is a comma missing\?"
        ):
            LabelTrack([(0, 1)], "a")
        with pytest.raises(TimelineError, match="classes must be a tuple of names"):
            LabelTrack([], (), classes="shot")

    def test_judged_spans_are_checked(self):
        with pytest.raises(TimelineError, match="judged spans must not end before they start"):
            LabelTrack([], (), judged=[(1, 0)])

    def test_scores_cannot_be_written_and_are_a_copy(self):
        scores = np.array([0.5])
        track = LabelTrack([(0, 1)], ("a",), scores)
        scores[0] = 0.1
        assert track.scores.tolist() == [0.5]
        with pytest.raises(ValueError, match="read-only"):
            track.scores[0] = 0.2

    def test_only_some_classes_and_what_was_judged_stays_judged(self):
        track = LabelTrack([(0, 1), (1, 2)], ("a", "b"), classes=("a", "b", "c"), judged=[(0, 9)], stream="audio:0")
        some = track.only("b", "c")
        assert list(some) == [(Span(1, 2), "b", 1.0)]
        assert (some.classes, some.judged.tolist(), some.stream) == (("b", "c"), [[0, 9]], "audio:0")
        with pytest.raises(TimelineError, match="no class is called 'd'; there are: a, b, c"):
            track.only("d")
        with pytest.raises(TimelineError, match="there are: none"):
            LabelTrack([], ()).only("d")

    def test_crop_keeps_spans_and_classes_and_cuts_what_was_judged(self):
        track = LabelTrack([(0, 2), (3, 4)], ("a", "b"), judged=[(0, 9)])
        part = track.crop(Span(1, 3))
        assert list(part) == [(Span(0, 2), "a", 1.0)]
        assert (part.classes, part.judged.tolist()) == (("a", "b"), [[1, 3]])

    def test_a_hundred_thousand_rows_are_born_quickly(self):
        starts = np.arange(1e5)[::-1]
        spans, names = np.column_stack((starts, starts + 1)), ("a", "b") * 50_000
        began = time.process_time()
        track = LabelTrack(spans, names, np.ones(100_000))
        assert time.process_time() - began < 0.2
        assert track.names[0] == "b"


class TestAlign:
    @given(st.lists(ticks, unique=True, min_size=1).map(sorted), st.lists(ticks))
    def test_the_row_that_holds_is_found(self, edges, times):
        spans = as_spans([(a, (a + b) / 2) for a, b in itertools.pairwise(edges)])  # gaps between them
        found = align(numbered(spans), np.array(times))
        for at, row in zip(times, found, strict=True):
            holding = [i for i, (start, end) in enumerate(spans.tolist()) if start <= at < end]
            assert [row] == (holding or [-1])

    def test_no_row_holds_in_an_empty_track(self):
        assert align(numbered(as_spans([])), np.array([1.0, 2.0])).tolist() == [-1, -1]


class TestPool:
    @pytest.mark.parametrize("by", ["mean", "max", "min", "std"])
    @given(spans=many, shots=many)
    def test_pooling_equals_brute_force(self, by, spans, shots):
        track = numbered(spans, columns=("number",), stream="video:0")
        pooled = pool(track, shots, by=by)
        assert (pooled.columns, pooled.stream, pooled.values.dtype) == (("number",), "video:0", np.float64)
        for (start, end), value in zip(pooled.spans.tolist(), pooled.values[:, 0], strict=True):
            mine = [v for (a, b), v in zip(track.spans, track.values[:, 0], strict=True) if start <= (a + b) / 2 < end]
            expected = getattr(np, by)(mine) if mine else math.nan
            assert value == pytest.approx(expected, nan_ok=True)

    def test_whole_numbers_pool_without_overflow(self):
        track = FeatureTrack(FRAMES, np.full((4, 2), 200, np.uint8))
        assert pool(track, as_spans([(0, 4)])).values.tolist() == [[200, 200]]

    def test_a_span_without_a_row_is_not_a_number(self):
        assert np.isnan(pool(numbered(FRAMES), as_spans([(9, 10), (1, 1)])).values).all()

    def test_an_unknown_way_to_pool_is_refused(self):
        with pytest.raises(TimelineError, match="a track is pooled by mean, max, min, std, got 'median'"):
            pool(numbered(FRAMES), FRAMES, by="median")


class TestConcatenateAndUnion:
    @given(many)
    def test_a_track_cut_in_two_is_joined_again(self, spans):
        whole = numbered(spans)
        half = len(whole) // 2
        parts = [FeatureTrack(whole.spans[part], whole.values[part]) for part in (slice(half), slice(half, None))]
        joined = concatenate(parts)
        assert joined.spans.tolist() == whole.spans.tolist()
        assert joined.values.tolist() == whole.values.tolist()

    def test_tracks_of_different_kinds_are_not_joined(self):
        with pytest.raises(TimelineError, match="must have the same columns, width and stream"):
            concatenate([numbered(FRAMES, stream="video:0"), numbered(FRAMES, stream="video:1")])
        with pytest.raises(TimelineError, match="at least one track, got none"):
            concatenate([])

    def test_a_union_has_all_rows_all_classes_and_all_that_was_judged(self):
        one = LabelTrack([(3, 4)], ("a",), np.array([0.5]), ("a", "b"), [(0, 5)], "video:0")
        two = LabelTrack([(1, 2)], ("c",), judged=[(0, 9)], stream="video:0")
        both = union(iter([one, two]))
        assert list(both) == [(Span(1, 2), "c", 1.0), (Span(3, 4), "a", 0.5)]
        assert (both.classes, both.judged.tolist(), both.stream) == (("a", "b", "c"), [[0, 5], [0, 9]], "video:0")

    def test_a_union_has_one_stream(self):
        tracks = [LabelTrack([], (), stream=name) for name in ("video:0", "audio:0")]
        with pytest.raises(TimelineError, match=r"must have one stream, got \['audio:0', 'video:0'\]"):
            union(tracks)
        with pytest.raises(TimelineError, match="got no track"):
            union([])


def test_a_track_without_rows_adds_nothing_whatever_its_columns():
    full = numbered(FRAMES, stream="video:0")
    empty = FeatureTrack(np.empty((0, 2)), np.empty((0, 0)), (), "audio:0")
    assert len(concatenate([empty, full, empty])) == len(full)
    assert len(concatenate([empty, empty])) == 0
