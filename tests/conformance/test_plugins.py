"""Every installed plug-in keeps the promises of its port."""

from dataclasses import dataclass

import numpy as np
import pytest

from cueline import registry
from cueline.detectors.sound_clips import SoundClips
from cueline.detectors.tags import Tags
from cueline.errors import MissingExtraError
from cueline.features.color import COLUMNS
from cueline.features.sound.rows import row_columns
from cueline.models.cards import Input
from cueline.models.checkpoints import save_model
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_models import ClipModel, save_clip_model
from cueline.testing import (
    check_detector,
    check_exporter,
    check_extractor,
    check_importer,
    check_options,
    check_refusal,
    sample_asset,
    sample_batches,
)
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack
from cueline.workbench.planning import plan
from tests.models.made import made_model

ALL = [(kind, name) for kind in registry.KINDS for name in registry.installed(kind)]


def made_for_checks(names):
    """The tracks a plug-in needs, made by the plug-ins that give them, on the sample asset."""
    tracks, asset = {}, sample_asset()
    for step in plan(names).steps if names else ():
        if step.kind == "detectors":
            tracks |= step.plugin.detect(asset, tracks)
        else:
            request = step.plugin.wants(asset, tracks)
            rows = list(step.plugin.extract(asset, sample_batches(request, size=32)))
            spans = np.concatenate([part.spans for part in rows]) if rows else as_spans([])
            values = np.concatenate([part.values for part in rows]) if rows else np.empty((0, 0))
            tracks[step.gives[0]] = FeatureTrack(spans, values, rows[0].columns if rows else (), "video:0")
    return tracks


@pytest.fixture
def make():
    def made(kind, name):
        try:
            return registry.make(kind, name)
        except MissingExtraError as missing:
            pytest.skip(str(missing))

    return made


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_options_are_a_frozen_dataclass_and_misspelt_ones_are_refused(kind, name, make):
    check_options(make(kind, name))
    check_refusal(kind, name)


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", registry.installed("extractors"))
def test_extractors_keep_their_promises(name, make):
    extractor = make("extractors", name)
    try:
        check_extractor(extractor, made_for_checks(extractor.needs))
    except MissingExtraError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def tagger(tmp_path):
    """Tags has no model of its own: the same detector whose default is a small one."""
    save_model(
        made_model(inputs=(Input("sound", len(row_columns(64, harmonics=False))), Input("color", len(COLUMNS)))),
        tmp_path / "tagger",
    )

    @dataclass(frozen=True)
    class Tagger(Tags):
        """Classes that a small model finds."""

        model: str = str(tmp_path / "tagger")

    return Tagger()


@pytest.fixture
def listener(tmp_path):
    """Nor has the one that hears clips; loud is what has a root mean square above a tenth."""
    card = ClipCard(
        (Input("sound", 1, ("mean",), ("rms_mean",)),), ("quiet", "loud"), 2.0, {"name": "logistic", "kind": "softmax"}
    )
    numbers = {"mean": [0.1], "scale": [1.0], "weights": [[0.0, 9.0]], "bias": [0.0, 0.0], "slope": [1.0]}
    arrays = {name: np.array(value) for name, value in {**numbers, "offsets": [0.0, 0.0]}.items()}
    save_clip_model(ClipModel(card, arrays), tmp_path / "listener")

    @dataclass(frozen=True)
    class Listener(SoundClips):
        """Regions that a small model hears."""

        model: str = str(tmp_path / "listener")

    return Listener()


@pytest.mark.filterwarnings("ignore:.torch.jit.load. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", registry.installed("detectors"))
def test_detectors_keep_their_promises(name, make, tagger, listener):
    detector = {"tags": tagger, "sound.clips": listener}.get(name) or make("detectors", name)
    try:
        check_detector(detector, made_for_checks(detector.needs))
    except MissingExtraError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", registry.installed("exporters"))
def test_exporters_keep_their_promises(name, make, tmp_path):
    assert check_exporter(make("exporters", name), tmp_path)


@pytest.mark.parametrize("name", registry.installed("importers"))
def test_importers_keep_their_promises(name, make, tmp_path):
    check_importer(make("importers", name), tmp_path)


def test_the_sample_shots_are_where_the_sample_changes():
    tracks = made_for_checks(("shots",))
    assert isinstance(tracks["shots"], LabelTrack)
    np.testing.assert_allclose(tracks["shots"].spans[:, 0], [0.0, 1.36, 2.68])
