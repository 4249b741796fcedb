"""Regions of speech, music, both, noise and silence."""

import numpy as np
import pytest

from cueline.detectors.sound import LABELS, SoundKinds
from cueline.errors import OptionError, PluginError
from cueline.testing import check_detector
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from tests.detectors.sound.made import hiss, music, nothing, track
from tests.features.sound.made import heard

ASSET = Asset("0" * 32, 60.0)


def kinds(sound, **options):
    return SoundKinds(**options).detect(ASSET, {"sound": sound})["sound.kinds"]


def test_it_keeps_the_promises_of_a_detector():
    check_detector(SoundKinds(), {"sound": track(music(2), nothing(1))})


def test_regions_of_known_sounds_lie_where_they_are():
    found = kinds(track(music(8), nothing(4), hiss(8)))
    assert found.names == ("music", "silence", "noise")
    np.testing.assert_allclose(found.spans, [[0, 8], [8, 12], [12, 20]], atol=0.51)


def test_regions_lie_edge_to_edge_over_all_of_the_sound():
    found = kinds(track(hiss(3.3), music(5.1), nothing(2.2)))
    assert found.spans[0, 0] == 0
    assert found.spans[-1, 1] == pytest.approx(10.6, abs=1e-3)
    np.testing.assert_array_equal(found.spans[1:, 0], found.spans[:-1, 1])
    assert all(one != other for one, other in zip(found.names, found.names[1:], strict=False))
    assert found.classes == LABELS
    assert ((found.scores > 0) & (found.scores <= 1)).all()


def test_the_curve_has_a_chance_for_each_kind_in_each_row():
    sound = track(music(4), nothing(2))
    curve = SoundKinds().detect(ASSET, {"sound": sound})["sound.curve"]
    np.testing.assert_array_equal(curve.spans, sound.spans)
    np.testing.assert_allclose(curve.values.sum(axis=1), 1, rtol=1e-5)
    assert curve.columns == LABELS
    assert (curve["silence"][-3:] == 1).all()


def test_pieces_give_what_the_whole_gives(monkeypatch):
    sound = track(hiss(12), music(20), nothing(3), hiss(10))
    whole = SoundKinds().detect(ASSET, {"sound": sound})["sound.curve"]
    monkeypatch.setattr("cueline.detectors.sound.PIECE_ROWS", 16)
    pieces = SoundKinds().detect(ASSET, {"sound": sound})["sound.curve"]
    np.testing.assert_allclose(pieces.values, whole.values, atol=1e-5)


def test_weak_music_is_music_until_it_is_weaker_than_silence():
    weak = 10 ** (-40 / 20) * music(10)  # about -60 dBFS
    assert set(kinds(track(weak)).names) == {"music"}
    assert set(kinds(track(weak), silence_db=-50.0).names) == {"silence"}


@pytest.mark.parametrize("seconds", [0.3, 0.6, 0.7, 1.01])
def test_a_short_sound_has_an_answer(seconds):
    assert kinds(track(music(seconds))).spans[-1, 1] == pytest.approx(seconds, abs=1e-3)


def test_one_sample_and_no_sample_have_an_answer():
    assert len(kinds(heard(np.full(1, 0.1, np.float32)))) == 1
    empty = FeatureTrack(np.empty((0, 2)), np.empty((0, 0), np.float32))
    assert len(kinds(empty)) == 0


def test_rows_of_another_length_are_refused():
    with pytest.raises(PluginError, match=r"got rows of 1\.000 s"):
        kinds(heard(music(5), seconds=1.0))


def test_another_track_is_refused():
    labels = LabelTrack(np.array([[0.0, 1.0]]), ("x",))
    with pytest.raises(PluginError, match="works on the sound track"):
        SoundKinds().detect(ASSET, {"sound": labels})


@pytest.mark.parametrize(
    ("options", "told"),
    [({"shortest": -1}, "shortest must be 0"), ({"change": float("nan")}, "change must be 0"),
     ({"pause": -1}, "pause must be 0"), ({"silence_db": 3}, "silence_db must lie")],
)  # fmt: skip
def test_options_beyond_their_range_are_refused(options, told):
    with pytest.raises(OptionError, match=told):
        SoundKinds(**options)
