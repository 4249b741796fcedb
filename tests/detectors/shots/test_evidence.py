"""Evidence is finite, has one row a frame, and depends on what lies near alone."""

import numpy as np
import pytest

from cueline.detectors.shots.evidence import REACH_SECONDS, cut_evidence, gradual_evidence
from cueline.detectors.shots.network import ensemble
from cueline.features.color import COLUMNS
from cueline.timeline.tracks import FeatureTrack


def track_of(count, rate=25, seed=0):
    """A color track of numbers drawn at random."""
    starts = np.arange(count) / rate
    values = np.abs(np.random.default_rng(seed).normal(20, 10, (count, len(COLUMNS)))).astype(np.float16)
    return FeatureTrack(np.column_stack([starts, starts + 1 / rate]), values, COLUMNS, "video:0")


@pytest.mark.parametrize("evidence", [cut_evidence, gradual_evidence])
@pytest.mark.parametrize("count", [1, 2, 3, 40, 200])
@pytest.mark.parametrize("rate", [5, 25, 60])
def test_each_frame_has_a_row_of_finite_numbers(evidence, count, rate):
    found = evidence(track_of(count, rate))
    assert found.shape[0] == count
    assert found.dtype == np.float32
    assert np.isfinite(found).all()


@pytest.mark.parametrize(("evidence", "what"), [(cut_evidence, "cut"), (gradual_evidence, "gradual")])
def test_the_networks_know_as_many_numbers_as_there_are(evidence, what):
    assert evidence(track_of(3)).shape[1] == len(ensemble(what).mean)


@pytest.mark.parametrize("evidence", [cut_evidence, gradual_evidence])
def test_a_piece_gives_what_the_whole_gives_but_at_its_ends(evidence):
    track, margin = track_of(300), round(REACH_SECONDS * 25)
    piece = FeatureTrack(track.spans[50:250], track.values[50:250], COLUMNS, "video:0")
    np.testing.assert_allclose(evidence(piece)[margin:-margin], evidence(track)[50 + margin : 250 - margin], atol=1e-3)


def test_a_film_that_stands_still_shows_no_way_and_no_change():
    still = track_of(1).values.repeat(60, axis=0)
    starts = np.arange(60) / 25
    track = FeatureTrack(np.column_stack([starts, starts + 0.04]), still, COLUMNS, "video:0")
    assert np.ptp(gradual_evidence(track), axis=0).max() == pytest.approx(0, abs=1e-5)
