"""Regions by a model of people's own clips, on tracks without media."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cueline.detectors.sound_clips import SoundClips
from cueline.errors import FormatError, OptionError, PluginError
from cueline.models.cards import Input
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import ClipModel, clip_model_hash, save_clip_model
from cueline.timeline.assets import Asset
from cueline.timeline.tracks import FeatureTrack

ONE = Input("sound", 1, ("mean",), ("loud",))
CARD = ClipCard((ONE,), ("quiet", "loud"), 4.0, {"name": "logistic", "kind": "softmax"})
ARRAYS = {
    "mean": np.zeros(1),
    "scale": np.ones(1),
    "weights": np.array([[0.0, 10.0]]),
    "bias": np.array([0.0, -5.0]),
    "slope": np.ones(1),
    "offsets": np.zeros(2),
}
ASSET = Asset("0" * 32, 60.0)


def sound(values, first=0.0, columns=("frames", "loud")):
    """A row each half second."""
    edges = first + np.arange(len(values) + 1) / 2
    rows = np.column_stack((np.full(len(values), 21.0), values)).astype(np.float32)
    return {"sound": FeatureTrack(np.column_stack((edges[:-1], edges[1:])), rows, columns, "audio:0")}


@pytest.fixture
def folder(tmp_path):
    save_clip_model(ClipModel(CARD, ARRAYS), tmp_path / "M")
    return str(tmp_path / "M")


def test_regions_cover_the_sound_and_change_where_it_does(folder):
    tracks = sound([0.0] * 40 + [1.0] * 40)
    made = SoundClips(model=folder).detect(ASSET, tracks)
    regions = list(made["sound.clips"])
    assert [name for _, name, _ in regions] == ["quiet", "loud"]
    assert (regions[0][0].start, regions[-1][0].end) == (0.0, 40.0)
    assert regions[0][0].end == regions[1][0].start == pytest.approx(20.0, abs=2.0)
    assert made["sound.clips"].classes == ("quiet", "loud")
    curve = made["sound.clips.curve"]
    assert curve.columns == ("quiet", "loud")
    np.testing.assert_allclose(curve.values.sum(axis=1), 1, atol=1e-6)
    assert (curve.spans[1:, 0] == curve.spans[:-1, 1]).all()


@pytest.mark.parametrize("hop", [0.0, 0.5, 1.0, 1.5, 4.0])
@pytest.mark.parametrize("rows", [1, 3, 8, 9, 41])
def test_any_length_and_hop_is_covered_without_a_gap(folder, rows, hop):
    made = SoundClips(model=folder, hop=hop).detect(ASSET, sound([1.0] * rows, first=0.25))
    regions = list(made["sound.clips"])
    assert [name for _, name, _ in regions] == ["loud"]
    assert (regions[0][0].start, regions[0][0].end) == (0.25, pytest.approx(0.25 + rows / 2))
    assert regions[0][2] == pytest.approx(1 / (1 + np.exp(-5)), abs=1e-3)


def test_the_last_window_is_the_outro(folder):
    made = SoundClips(model=folder, hop=4.0).detect(ASSET, sound([0.0] * 33 + [1.0] * 8))
    last = list(made["sound.clips"])[-1]
    assert (last[0].start, last[0].end, last[1]) == (16.5, 20.5, "loud")


def test_sound_that_is_empty_gives_nothing(folder):
    empty = {"sound": FeatureTrack(np.empty((0, 2)), np.empty((0, 0), np.float32), (), "audio:0")}
    made = SoundClips(model=folder).detect(ASSET, empty)
    assert len(made["sound.clips"]) == len(made["sound.clips.curve"]) == 0


def test_a_stretch_without_rows_is_not_judged(folder):
    whole = sound([1.0] * 80)["sound"]
    kept = (whole.spans[:, 0] < 10) | (whole.spans[:, 0] >= 30)
    torn = {"sound": FeatureTrack(whole.spans[kept], whole.values[kept], whole.columns, whole.stream)}
    made = SoundClips(model=folder).detect(ASSET, torn)
    assert len(made["sound.clips"]) == 2
    assert made["sound.clips"].judged[:, 1].max() == 40.0
    assert not any(span.start <= 20 < span.end for span, _, _ in made["sound.clips"])


def test_it_needs_what_the_card_names_and_tells_the_hash_of_its_weights(folder):
    detector = SoundClips(model=folder)
    assert detector.needs == ("sound",)
    assert list(detector.weights.values()) == [clip_model_hash(Path(folder))]


def test_a_model_that_was_replaced_is_read_anew(folder):
    tracks = sound([1.0] * 20)
    assert SoundClips(model=folder).detect(ASSET, tracks)["sound.clips"].names == ("loud",)
    turned = ClipModel(replace(CARD, classes=("loud", "quiet")), ARRAYS)
    save_clip_model(turned, Path(folder))
    assert SoundClips(model=folder).detect(ASSET, tracks)["sound.clips"].names == ("quiet",)


def test_no_model_no_folder_and_a_hop_that_cannot_be_are_refused(folder, tmp_path):
    with pytest.raises(OptionError, match="needs a trained model. Name its folder"):
        SoundClips().needs  # noqa: B018
    with pytest.raises(FormatError, match="a model is a folder"):
        SoundClips(model=str(tmp_path)).needs  # noqa: B018
    with pytest.raises(OptionError, match="hop must be 0 s or more"):
        SoundClips(hop=-1)
    with pytest.raises(OptionError, match="must not be longer than the model's clips, 4 s, got 5"):
        SoundClips(model=folder, hop=5).detect(ASSET, sound([1.0] * 20))


def test_a_column_that_is_missing_is_named(folder):
    with pytest.raises(PluginError, match="needs the column 'loud'"):
        SoundClips(model=folder).detect(ASSET, sound([1.0] * 20, columns=("frames", "other")))
