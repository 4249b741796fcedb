"""A library says when its media lie far from what its model of clips learned from."""

from pathlib import Path

import numpy as np
import pytest

from cueline.learning.clips.choosing import Search
from cueline.learning.clips.problems import Problem
from cueline.learning.clips.training import train_clips
from cueline.models.clip_models import clip_model_hash, save_clip_model
from cueline.ports import Outcome, Placed
from cueline.stores.library import LibraryStore
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Provenance
from cueline.timeline.tracks import FeatureTrack
from cueline.workbench.clips.drifting import drift_of_library
from tests.commands import here
from tests.learning.clips.made import SOUND

SECONDS = 4.0


def track(level, seed, rows=80):
    edges = np.arange(rows + 1) / 2
    values = (np.random.default_rng(seed).normal(size=(rows, 4)) + level).astype(np.float32)
    return FeatureTrack(np.column_stack((edges[:-1], edges[1:])), values, SOUND.columns, "audio:0")


@pytest.fixture
def model(tmp_path):
    rows, labels = [], []
    for number in range(60):
        values = track(number % 2, 1000 + number, rows=8).values.astype(float)
        rows.append(np.concatenate([values.mean(axis=0), values.std(axis=0)]))
        labels.append(number % 2)
    groups = tuple(map(str, range(60)))
    problem = Problem(np.array(rows, np.float32), np.array(labels), groups, ("low", "high"), (SOUND,))
    trained = train_clips(problem, seconds=SECONDS, search=Search(("logistic",)), test_share=0.0)
    save_clip_model(trained.model, tmp_path / "M")
    return tmp_path / "M"


@pytest.fixture
def library(tmp_path, model):
    def made(level):
        store = LibraryStore(tmp_path / "radio.cue", create=True)
        run = store.begin_run({})
        made_by = Provenance(
            "sound.clips", "1", options={"model": str(model), "hop": 0.0}, weights={"M": clip_model_hash(model)}
        )
        for number in range(4):
            asset = str(number) * 32
            store.put_asset(Asset(asset, 40.0))
            store.put_place(Placed(Location(Path(f"/radio/{number}.wav"), 1, 1), asset))
            tracks = {"sound": track(level + number % 2, number)}
            store.commit(run, [Outcome(asset, "sound", "done", Provenance("sound", "1"), tracks=tracks)])
            curve = {"sound.clips.curve": track(0, 0), "sound.clips": _labels()}
            store.commit(run, [Outcome(asset, "sound.clips", "done", made_by, tracks=curve)])
        store.close()
        return tmp_path / "radio.cue"

    return made


def test_media_like_those_learned_from_are_no_warning(library, model):
    found = drift_of_library(library(0))
    assert [one.model for one in found] == [str(model)]
    assert found[0].drift.clips == 20
    assert found[0].warning == ""


def test_media_from_afar_are_and_status_prints_it(library):
    path = library(9)
    assert drift_of_library(path)[0].drift.beyond == 1.0
    ended = here("status", path)
    assert "100% of 20 clips lie farther off than 1 in 100 did" in ended.stderr
    assert '"drift": [{' in here("status", path, "--json").stdout


def test_a_model_that_is_gone_or_was_replaced_is_told(library, model):
    path = library(0)
    (model / "model.json").write_text((model / "model.json").read_text() + " ")
    assert "it was replaced since" in drift_of_library(path)[0].warning
    (model / "model.json").unlink()
    assert "cannot be told: a model is a folder" in drift_of_library(path)[0].warning


def test_a_library_without_such_models_says_nothing(tmp_path):
    LibraryStore(tmp_path / "empty.cue", create=True).close()
    assert drift_of_library(tmp_path / "empty.cue") == []
    assert '"drift": []' in here("status", tmp_path / "empty.cue", "--json").stdout


def _labels():
    from cueline.timeline.spans import as_spans
    from cueline.timeline.tracks import LabelTrack

    return LabelTrack(as_spans([[0, 40]]), ("low",), classes=("low", "high"), stream="audio:0")
