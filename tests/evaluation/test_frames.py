"""Agreement over time: perfect, empty, golden, oracle; every pair of label tracks can be measured."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.evaluation.frames import NOTHING, frame_scores, pooled_frames
from cueline.timeline.tracks import LabelTrack

STEPS = 24
ticks = st.integers(0, STEPS)
spans = st.lists(st.tuples(ticks, ticks).map(sorted), max_size=6).map(lambda rows: np.array(rows, float).reshape(-1, 2))


def track(rows, judged=None, classes=()):
    """Rows of (start, end, name)."""
    return LabelTrack(
        np.array([row[:2] for row in rows], float).reshape(-1, 2),
        tuple(row[2] for row in rows),
        classes=classes,
        judged=None if judged is None else np.array(judged, float).reshape(-1, 2),
    )


@st.composite
def tracks(draw, *, names="abc"):
    """Rows that may overlap, of a few classes; judged anywhere."""
    where = draw(spans)
    labels = tuple(draw(st.sampled_from(names)) for _ in where)
    return LabelTrack(where, labels, classes=tuple(names), judged=draw(spans))


def frames_of(rows):
    """The whole seconds that spans hold."""
    return {second for start, end in rows for second in range(int(start), int(end))}


def by_frames(reference, estimated):
    """Confusion, second by second."""
    names = reference.classes
    held = {
        (side, name): frames_of([span for span, own, _ in t if own == name])
        for side, t in enumerate((reference, estimated))
        for name in names
    }
    amounts = np.zeros((len(names) + 1, len(names) + 1))
    equal = 0
    for second in frames_of(reference.judged):
        true = {i for i, name in enumerate(names) if second in held[0, name]}
        found = {i for i, name in enumerate(names) if second in held[1, name]}
        missed, wrong = true - found, found - true
        equal += true == found
        for i in true & found:
            amounts[i, i] += 1
        for i in missed:
            for j in wrong or {len(names)}:
                amounts[i, j] += 1 / max(len(wrong), 1)
        for j in () if missed else wrong:
            amounts[len(names), j] += 1
        if not true | found:
            amounts[-1, -1] += 1
    return amounts, equal


class TestPerfect:
    @given(tracks())
    def test_a_track_agrees_with_itself(self, reference):
        scores = frame_scores(reference, reference)
        assert scores.judged == len(frames_of(reference.judged))
        assert scores.equal == scores.judged
        assert all(time.f1 == 1 or math.isnan(time.f1) for time in scores.classes.values())
        amounts = scores.confusion.amounts
        assert (amounts == np.diag(np.diag(amounts))).all()


class TestEmpty:
    def test_nothing_judged_has_no_ratio(self):
        scores = frame_scores(track([(0, 5, "a")], judged=[]), track([(0, 5, "a")]))
        assert scores.judged == 0
        assert math.isnan(scores.accuracy)
        assert math.isnan(scores.classes["a"].precision)
        assert math.isnan(scores.overall.f1)
        assert math.isnan(pooled_frames([]).accuracy)

    def test_tracks_without_rows_agree_on_nothing(self):
        scores = frame_scores(track([], judged=[(0, 5)], classes=("a",)), track([]))
        assert scores.accuracy == 1
        assert scores.confusion.amounts.tolist() == [[0, 0], [0, 5]]
        assert math.isnan(scores.classes["a"].recall)

    def test_instants_weigh_nothing(self):
        scores = frame_scores(track([(2, 2, "a")], judged=[(0, 5), (7, 7)]), track([(3, 3, "a")]))
        assert (scores.judged, scores.accuracy) == (5, 1)


class TestGolden:
    def test_a_programme_worked_by_hand(self):
        """Music 0-6, speech 4-10; found: speech 5-9, noise 0-1, which nobody looked for."""
        reference = track([(0, 6, "music"), (4, 10, "speech")], judged=[(0, 10)])
        scores = frame_scores(reference, track([(5, 9, "speech"), (0, 1, "noise")]))
        assert scores.strange == ("noise",)
        assert scores.confusion.classes == ("music", "speech", NOTHING)
        assert scores.confusion.unit == "seconds"
        assert scores.confusion.amounts.tolist() == [[0, 0, 6], [0, 4, 2], [0, 0, 0]]
        assert scores.equal == 3
        speech = scores.classes["speech"]
        assert (speech.precision, speech.recall, speech.f1) == (1, 4 / 6, 0.8)
        assert scores.overall.recall == pytest.approx(4 / 12)
        assert repr(scores) == "FrameScores(accuracy=0.3000, 10.000 s judged, 2 classes)"

    def test_a_missed_class_is_shared_among_those_said_wrongly(self):
        found = track([(0, 4, "b"), (0, 4, "c"), (4, 6, "a"), (4, 6, "b")])
        scores = frame_scores(track([(0, 6, "a")], classes=("a", "b", "c")), found)
        assert scores.confusion.amounts.tolist() == [[2, 2, 2, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 2, 0, 0]]

    def test_what_was_not_judged_does_not_count(self):
        reference = track([(0, 6, "a")], judged=[(0, 3), (2, 4)])
        assert frame_scores(reference, track([(0, 4, "a"), (5, 20, "a")])).accuracy == 1

    def test_seconds_of_files_are_added_class_by_class(self):
        one = frame_scores(track([(0, 4, "a")]), track([(0, 3, "a")]))
        other = frame_scores(track([(0, 2, "b")]), track([(0, 2, "a"), (1, 2, "b")]))
        both = pooled_frames([one, other])
        assert (both.judged, both.equal) == (6, 4)
        assert both.confusion.classes == ("a", "b", NOTHING)
        assert both.confusion.amounts.tolist() == [[3, 0, 1], [0, 1, 1], [0, 0, 0]]
        assert both.classes["a"].recall == 0.75
        assert both.strange == ()


class TestOracle:
    @given(tracks(), tracks())
    def test_the_sweep_is_the_count_of_frames(self, reference, estimated):
        scores, (amounts, equal) = frame_scores(reference, estimated), by_frames(reference, estimated)
        np.testing.assert_allclose(scores.confusion.amounts, amounts)
        assert scores.equal == equal

    @given(tracks(), tracks())
    def test_the_row_of_a_class_is_its_time(self, reference, estimated):
        scores = frame_scores(reference, estimated)
        rows = scores.confusion.amounts.sum(axis=1)[:-1]
        assert rows == pytest.approx([time.reference for time in scores.classes.values()])
        diagonal = np.diag(scores.confusion.amounts)[:-1]
        assert diagonal == pytest.approx([time.agreed for time in scores.classes.values()])

    @given(tracks(), tracks())
    def test_swapping_sides_swaps_precision_and_recall(self, reference, estimated):
        estimated = LabelTrack(estimated.spans, estimated.names, classes=estimated.classes, judged=reference.judged)
        one, other = frame_scores(reference, estimated).overall, frame_scores(estimated, reference).overall
        assert (one.precision, one.recall) == pytest.approx((other.recall, other.precision), nan_ok=True)

    def test_fractions_of_seconds_are_exact(self):
        rng = np.random.default_rng(1)
        borders = np.sort(rng.random(2001) * 3600)
        rows = list(zip(borders[:-1], borders[1:], rng.choice(["a", "b"], 2000), strict=True))
        scores = frame_scores(track(rows), track(rows[:1000]))
        assert scores.judged == pytest.approx(borders[-1] - borders[0])
        assert scores.equal == pytest.approx(borders[1000] - borders[0])
