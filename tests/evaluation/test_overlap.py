"""Scores of events: perfect, empty, refusal, golden, oracle."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import TimelineError
from cueline.evaluation.overlap import OVERLAPS, detection_map, event_scores, pooled_events
from cueline.timeline.tracks import LabelTrack

ticks = st.integers(0, 12).map(lambda n: n * 0.5)


def track(*rows):
    """Rows of (start, end, name[, score])."""
    return LabelTrack(
        np.array([row[:2] for row in rows], float).reshape(-1, 2),
        tuple(row[2] for row in rows),
        np.array([row[3] if len(row) > 3 else 1.0 for row in rows]),
    )


@st.composite
def tracks(draw, *, most=5):
    """Events of two classes; no two scores are equal, since equal ones may stand in any order."""
    count = draw(st.integers(0, most))
    rows = [(*sorted((draw(ticks), draw(ticks))), draw(st.sampled_from("ab"))) for _ in range(count)]
    scores = draw(st.permutations([0.1 * n for n in range(1, 11)]))
    return track(*((*row, score) for row, score in zip(rows, scores, strict=False)))


def overlap(one, other):
    shared = max(0.0, min(one[1], other[1]) - max(one[0], other[0]))
    union = one[1] - one[0] + other[1] - other[0] - shared
    return shared / union if union else 0.0


def official_ap(reference, estimated, name, limit):
    """One class at one overlap, step by step, as the ActivityNet code goes about it."""
    true = [(video, tuple(s)) for video, t in reference.items() for s, n, _ in t if n == name]
    found = [(score, video, tuple(s)) for video, t in estimated.items() for s, n, score in t if n == name]
    taken, precision, recall, hits = set(), [], [], 0
    for rank, (_, video, span) in enumerate(sorted(found, key=lambda row: -row[0]), start=1):
        own = [i for i, (where, _) in enumerate(true) if where == video]
        for i in sorted(own, key=lambda i: -overlap(span, true[i][1])):
            if overlap(span, true[i][1]) < limit:
                break
            if i not in taken:
                taken.add(i)
                hits += 1
                break
        precision.append(hits / rank)
        recall.append(hits / len(true))
    area, before = 0.0, 0.0
    for i, r in enumerate(recall):
        area += (r - before) * max(precision[i:])
        before = r
    return area


def fits(one, other, collar, share):
    """Whether two (span, name) fit."""
    (start, end), name = one
    (other_start, other_end), other_name = other
    return (
        name == other_name
        and abs(start - other_start) <= collar + 1e-9
        and abs(end - other_end) <= max(collar, share * (end - start)) + 1e-9
    )


class TestPerfect:
    @given(st.dictionaries(st.sampled_from("uvw"), tracks(), min_size=1))
    def test_the_reference_itself_is_perfect(self, reference):
        events = [span for t in reference.values() for span, _, _ in t]
        if events and all(span.duration for span in events):
            assert detection_map(reference, reference).average == pytest.approx(1)

    @given(tracks())
    def test_events_equal_to_the_reference_are_perfect(self, reference):
        scores = event_scores(reference, reference, collar=0, share=0)
        assert scores.overall.matched == len(reference)
        assert scores.mean_f1 == 1 or math.isnan(scores.mean_f1)


class TestEmpty:
    def test_without_a_class_there_is_no_mean(self):
        scores = detection_map({}, {"v": track((0, 1, "run"))})
        assert math.isnan(scores.average)
        assert np.isnan(scores.map).all()
        assert (scores.classes, scores.ap.shape, scores.strange) == ((), (0, 10), ("run",))

    def test_a_class_that_was_never_detected_counts_zero(self):
        reference = {"v": track((0, 1, "run"), (2, 3, "jump"))}
        assert detection_map(reference, {"v": track((0, 1, "run"))}).average == 0.5
        assert detection_map(reference, {}).average == 0

    def test_nothing_to_find_and_nothing_found_has_no_ratio(self):
        scores = event_scores(track(), track())
        assert math.isnan(scores.overall.f1)
        assert math.isnan(scores.mean_f1)
        assert math.isnan(pooled_events([]).overall.f1)


class TestRefusal:
    @pytest.mark.parametrize("overlaps", [(), (0.0,), (1.1,), (math.nan,), ((0.5,),)])
    def test_an_overlap_lies_above_zero_and_at_most_at_one(self, overlaps):
        with pytest.raises(TimelineError, match="overlaps must lie above 0 and at most at 1, got"):
            detection_map({}, {}, overlaps=overlaps)

    @pytest.mark.parametrize("options", [{"collar": -1}, {"share": -0.1}, {"collar": math.nan}])
    def test_collars_are_zero_or_more(self, options):
        with pytest.raises(TimelineError, match="a collar must be 0 s or more and a share 0 or more, got"):
            event_scores(track(), track(), **options)


class TestGolden:
    def test_detections_worked_by_hand(self):
        """Ranked: right, false (its event is taken), right; two of three found at 0.5, one at 0.75."""
        reference = {"v": track((0, 10, "run"), (20, 30, "run")), "w": track((0, 4, "run"))}
        estimated = {
            "v": track((0, 9, "run", 0.9), (1, 10, "run", 0.8), (20, 26, "run", 0.7)),
            "x": track((0, 4, "run", 0.1)),
        }
        scores = detection_map(reference, estimated, overlaps=(0.5, 0.75))
        assert scores.map.tolist() == pytest.approx([(1 + 2 / 3) / 3, 1 / 3])
        assert scores.average == pytest.approx(np.mean(scores.map))
        assert (scores.events, repr(scores)) == ((3,), "DetectionScores(average=0.4444, 1 classes, 2 overlaps)")

    def test_an_event_that_is_taken_leaves_the_next_best(self):
        reference = {"v": track((0, 10, "run"), (2, 12, "run"))}
        estimated = {"v": track((0, 10, "run", 0.9), (0, 11, "run", 0.8))}
        assert detection_map(reference, estimated, overlaps=(0.6,)).average == 1

    def test_the_overlaps_are_those_of_the_field(self):
        assert pytest.approx((0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)) == OVERLAPS

    def test_a_long_event_may_end_further_away(self):
        true = track((0, 10, "dog"))
        for end, matched in ((15, 1), (15.1, 0), (5, 1), (4.9, 0)):
            assert event_scores(true, track((0, end, "dog"))).overall.matched == matched
        assert event_scores(true, track((0.2, 99, "dog")), ends=False).overall.matched == 1

    def test_counts_of_files_and_classes_are_added(self):
        one = event_scores(track((0, 1, "a"), (2, 3, "b")), track((0, 1, "a")))
        other = event_scores(track((0, 1, "b")), track((0, 1, "b"), (5, 6, "b")))
        both = pooled_events([one, other])
        assert (both.overall.matched, both.overall.reference, both.overall.estimated) == (2, 3, 3)
        assert both.classes["b"].precision == 0.5
        assert both.mean_f1 == pytest.approx((1 + 0.5) / 2)


class TestOracle:
    @given(
        st.dictionaries(st.sampled_from("uvw"), tracks()),
        tracks(most=10),
        st.lists(st.sampled_from("uvwx"), min_size=10, max_size=10),
        st.sampled_from([0.3, 0.5, 0.75]),
    )
    def test_average_precision_is_that_of_the_steps_of_the_official_code(self, reference, found, videos, limit):
        """Scores differ, and so do overlaps where it matters: of equal overlaps either event may be taken."""
        rows = [(*span, name, score) for span, name, score in found]
        estimated = {v: track(*(row for row, at in zip(rows, videos, strict=False) if at == v)) for v in "uvwx"}
        scores = detection_map(reference, estimated, overlaps=(limit,))
        for row, name in enumerate(scores.classes):
            assert scores.ap[row, 0] == pytest.approx(official_ap(reference, estimated, name, limit))

    @given(tracks(), tracks(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5]))
    def test_no_pairing_of_events_has_more_pairs(self, reference, estimated, collar, share):
        true, found = [row[:2] for row in reference], [row[:2] for row in estimated]
        swap = len(true) > len(found)
        short, long = (found, true) if swap else (true, found)
        best = max(
            sum(
                fits(*((other, one) if swap else (one, other)), collar, share)
                for one, other in zip(short, way, strict=False)
            )
            for way in itertools.permutations(long, len(short))
        )
        scores = event_scores(reference, estimated, collar=collar, share=share)
        assert scores.overall.matched == best
        assert scores.overall.matched == sum(one.matched for one in scores.classes.values())
