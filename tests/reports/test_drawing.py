"""Shapes stand where the tracks say."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.reports.drawing import MOST_CLASSES, MOST_POINTS, every_few, lane, rhythm, rhythm_path
from cueline.timeline.spans import Span, as_spans, between
from cueline.timeline.tracks import FeatureTrack, LabelTrack


@given(st.lists(st.integers(1, 99_999), max_size=20))
def test_every_shot_is_drawn_from_its_start_to_its_end(borders):
    spans = between(np.array(borders) / 1000, Span(0.0, 100.0))
    drawn = lane("shots", LabelTrack(spans, ("shot",) * len(spans)))
    blocks = sorted(
        (int(start) / 1000, int(end) / 1000)
        for shape in drawn.shapes
        for start, end in re.findall(r"M(\d+) 0H(\d+)V1000H\1z", shape.path)
    )
    assert np.allclose(blocks, spans)
    assert (drawn.kind, drawn.rows) == ("blocks", len(spans))


@pytest.mark.parametrize(
    ("spans", "tones"), [([[0, 1], [1, 2]], ["odd", "even"]), ([[0, 1], [4, 5]], ["lone"]), ([[0, 1]], ["lone"])]
)
def test_spans_that_touch_have_two_tones_and_lonely_ones_have_one(spans, tones):
    drawn = lane("shots", LabelTrack(as_spans(spans), ("shot",) * len(spans)))
    assert [shape.tone for shape in drawn.shapes] == tones


def test_classes_have_names_and_keep_their_colours_when_one_is_absent():
    track = LabelTrack(as_spans([[0, 1], [1, 2]]), ("sea", "sky"), classes=("fog", "sea", "sky"))
    assert [(shape.name, shape.tone) for shape in lane("scenes", track).shapes] == [("sea", "c1"), ("sky", "c2")]


def test_instants_are_ticks():
    drawn = lane("keyframes", LabelTrack(as_spans([[0.5, 0.5], [2, 2]]), ("keyframe",) * 2))
    assert (drawn.kind, drawn.shapes[0].path) == ("ticks", "M500 0V1000M2000 0V1000")


def test_a_peak_of_one_frame_is_seen_in_a_long_curve():
    clock = np.arange(100_000) * 0.04
    values = np.zeros((len(clock), 1), np.float32)
    values[54_321] = 0.9
    drawn = lane("shots.curve", FeatureTrack(np.column_stack((clock, clock + 0.04)), values, ("shot",)))
    assert drawn.kind == "curve"
    assert re.search(r"L\d+ 100L", drawn.shapes[0].path)
    assert drawn.shapes[0].path.count("L") <= MOST_POINTS + 2


def test_numbers_outside_0_to_1_stay_in_the_picture_and_unknown_ones_at_its_foot():
    track = FeatureTrack(as_spans([[0, 1], [1, 2], [2, 3]]), np.array([[7.0, 0], [-1, 0], [np.nan, 0]]))
    first, second = lane("x.curve", track).shapes
    assert first.path == "M0 1000L0 0L1000 1000L2000 1000L3000 1000z"
    assert (first.name, second.name) == ("0", "1")


@pytest.mark.parametrize(
    "track", [FeatureTrack(as_spans([]), np.zeros((0, 1))), LabelTrack(as_spans([]), (), classes=("shot",))]
)
def test_an_empty_track_draws_nothing(track):
    assert "".join(shape.path for shape in lane("x", track).shapes) == ""


def test_the_rhythm_has_one_tick_a_column_at_most():
    spans = between(np.linspace(0, 100, 5001), Span(0.0, 100.0))
    assert rhythm(spans, 100.0, columns=10) == tuple(range(10))
    assert rhythm_path(rhythm(as_spans([[0, 4], [4, 8]]), 8.0, columns=10)) == "M5 0V1"
    assert rhythm(as_spans([]), 0.0) == ()


def test_names_too_many_to_tell_apart_have_one_colour_and_no_key():
    lines = tuple(f"line {row}" for row in range(MOST_CLASSES + 1))
    spans = as_spans([[2 * row, 2 * row + 1] for row in range(len(lines))])
    assert [(s.name, s.tone) for s in lane("subtitles", LabelTrack(spans, lines)).shapes] == [("", "lone")]
    assert len(lane("subtitles", LabelTrack(spans[1:], lines[1:])).shapes) == MOST_CLASSES


@given(st.integers(0, 500), st.integers(1, 50))
def test_every_few_rows_are_as_many_runs_as_asked_for_at_most(rows, most):
    begins = every_few(rows, most)
    assert len(begins) == min(rows, most)
    assert not rows or (begins[0] == 0 and (np.diff(begins) > 0).all() and begins[-1] < rows)
