"""Programme loudness of the signals of EBU Tech 3341 and 3342, their truth from the standards."""

import numpy as np
import pytest

from cueline.detectors.loudness import COLUMNS, Loudness, integrated, loudness_range
from cueline.errors import PluginError
from cueline.features.loudness import COLUMNS as BLOCKS
from cueline.features.loudness import RATE_HZ, LoudnessBlocks
from cueline.testing import check_detector, sample_asset, sample_batches
from cueline.timeline.assets import Asset, Stream
from cueline.timeline.batches import SoundBatch
from cueline.timeline.tracks import FeatureTrack, LabelTrack

ASSET = Asset("0" * 32, 200.0, (Stream("audio:0", "audio", 0, "aac", channels=2),))


def seconds_of_sine(parts):
    """Batches of a stereo sine of 1 kHz through parts of (dBFS, seconds)."""
    levels = np.concatenate(
        [np.full(round(length * RATE_HZ), 10 ** (level / 20), np.float32) for level, length in parts]
    )
    wave = np.sin(2 * np.pi * 1000 * np.arange(RATE_HZ) / RATE_HZ).astype(np.float32)
    for first in range(0, len(levels), RATE_HZ):
        samples = levels[first : first + RATE_HZ] * wave[: len(levels) - first]
        yield SoundBatch(np.repeat(samples[:, None], 2, axis=1), first / RATE_HZ, RATE_HZ)


def blocks_of(batches, asset=ASSET):
    rows = list(LoudnessBlocks().extract(asset, batches))
    if not rows:
        return FeatureTrack(np.empty((0, 2)), np.empty((0, 4)), BLOCKS, "audio:0")
    spans, values = np.concatenate([row.spans for row in rows]), np.concatenate([row.values for row in rows])
    return FeatureTrack(spans, values, BLOCKS, "audio:0")


def loudness(*parts):
    return Loudness().detect(ASSET, {"loudness.blocks": blocks_of(seconds_of_sine(parts))})["loudness"]


def one(track, column):
    (value,) = track[column]
    return value


def test_it_keeps_the_promises_of_a_detector():
    asset = sample_asset()
    batches = sample_batches(LoudnessBlocks().wants(asset, {}), size=100)
    check_detector(Loudness(), {"loudness.blocks": blocks_of(batches, asset)})


@pytest.mark.parametrize(
    ("case", "parts", "truth"),
    [
        (1, [(-23, 20)], -23.0),
        (2, [(-33, 20)], -33.0),
        (3, [(-36, 10), (-23, 60), (-36, 10)], -23.0),
        (4, [(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
        (5, [(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
    ],
)
def test_integrated_loudness_meets_the_minimum_requirements(case, parts, truth):
    """EBU Tech 3341, cases 1 to 5, within 0.1 LU; case 6 has five channels, of which two come here."""
    track = loudness(*parts)
    assert one(track, "integrated") == pytest.approx(truth, abs=0.1), case
    if case < 3:
        assert one(track, "momentary_max") == pytest.approx(truth, abs=0.1)
        assert one(track, "short_term_max") == pytest.approx(truth, abs=0.1)


@pytest.mark.parametrize(
    ("case", "levels", "truth"),
    [(1, [-20, -30], 10), (2, [-20, -15], 5), (3, [-40, -20], 20), (4, [-50, -35, -20, -35, -50], 15)],
)
def test_loudness_range_meets_the_minimum_requirements(case, levels, truth):
    """EBU Tech 3342, cases 1 to 4, within 1 LU."""
    assert one(loudness(*[(level, 20) for level in levels]), "range") == pytest.approx(truth, abs=1), case


def test_there_is_one_row_over_the_whole_sound():
    track = loudness((-23, 5.05))
    assert track.columns == COLUMNS
    assert track.spans == pytest.approx(np.array([[0, 5.05]]))
    assert track.stream == "audio:0"
    assert one(track, "true_peak") == pytest.approx(-23, abs=0.1)


def test_the_short_row_at_the_end_is_in_no_block():
    assert one(loudness((-23, 0.4), (-3, 0.05)), "integrated") == pytest.approx(-23, abs=0.2)


def test_digital_silence_has_the_loudness_of_silence_and_no_range():
    assert loudness((-400, 5)).values.tolist() == [[-120, 0, -120, -120, -120]]


def test_of_sound_shorter_than_a_block_nobody_can_say():
    track = loudness((-23, 0.3))
    assert np.isnan(track.values).tolist() == [[True, True, False, False, False]]
    assert one(track, "momentary_max") == pytest.approx(-23 + 10 * np.log10(0.75), abs=0.2)


def test_of_sound_shorter_than_three_seconds_there_is_no_range():
    assert np.isnan(loudness((-23, 2.9)).values).tolist() == [[False, True, False, False, False]]


def test_no_sound_gives_no_row():
    track = loudness((-23, 0))
    assert (len(track), track.columns) == (0, COLUMNS)


def test_gates_of_nothing_and_of_what_is_too_quiet():
    assert np.isnan(integrated(np.empty(0)))
    assert np.isnan(loudness_range(np.empty(0)))
    assert integrated(np.array([-70.0, -80.0])) == -120.0
    assert loudness_range(np.array([-71.0])) == 0.0
    assert integrated(np.array([-69.9])) == pytest.approx(-69.9)


@pytest.mark.parametrize(
    "wrong",
    [LabelTrack(np.array([[0.0, 1.0]]), ("shot",)), FeatureTrack(np.empty((0, 2)), np.empty((0, 1)), ("momentary",))],
)
def test_another_track_is_refused(wrong):
    with pytest.raises(PluginError, match="loudness works on the loudness.blocks track"):
        Loudness().detect(ASSET, {"loudness.blocks": wrong})
