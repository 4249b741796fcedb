"""Loudness in words and as a curve."""

import numpy as np
import pytest

from cueline.reports.loudness import MOST_POINTS, loudness_lane, loudness_words, signed
from cueline.timeline.tracks import FeatureTrack


def whole(integrated, spread, peak):
    return FeatureTrack(
        np.array([[0.0, 9.0]]), np.array([[integrated, spread, peak]]), ("integrated", "range", "true_peak")
    )


def blocks(momentary, short_term):
    starts = 0.1 * np.arange(len(momentary))
    values = np.column_stack((momentary, short_term)).astype(np.float32)
    return FeatureTrack(np.column_stack((starts, starts + 0.1)), values, ("momentary", "short_term"))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ((-17.3, 6.1, -0.8), "-17.3 LUFS, range 6.1 LU, true peak -0.8 dBTP"),
        ((-23.04, np.nan, 0.04), "-23.0 LUFS, true peak 0.0 dBTP"),
        ((-23.0, 4.0, -np.inf), "-23.0 LUFS, range 4.0 LU"),
        ((-120.0, 0.0, -120.0), "below -70 LUFS throughout"),
        ((-np.inf, 0.0, -np.inf), "below -70 LUFS throughout"),
        ((np.nan, 0.0, 0.0), "below -70 LUFS throughout"),
    ],
)
def test_loudness_is_told_in_words(row, words):
    assert loudness_words(whole(*row)) == words.replace("-", "\N{MINUS SIGN}")


def test_nothing_is_not_negative():
    assert signed(-0.04) == "0.0"


def test_curves_stand_on_a_scale_from_minus_60_to_0_lufs_with_the_target_at_minus_23():
    lane = loudness_lane("loudness.blocks", blocks([-30.0, -120.0, 3.0], [-60.0, -15.0, np.nan]))
    momentary, short_term, target = (shape.path for shape in lane.shapes)
    assert momentary == "M0 1000L0 500L100 1000L200 0L300 1000z"
    assert short_term == "M0 1000L100 250L200 1000"
    assert target == "M0 383L300 383"
    assert (lane.kind, lane.rows) == ("loudness", 3)


def test_a_long_curve_keeps_its_loudest_block():
    level = np.full(90_000, -40.0)
    level[54_321] = -6
    lane = loudness_lane("loudness.blocks", blocks(level, level))
    assert lane.shapes[1].path.count("L") == MOST_POINTS - 1
    assert lane.shapes[1].path.count(" 100L") == 1
