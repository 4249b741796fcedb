"""What models without training say of rows, of the files of a library, and of a few media files."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from cueline import Library
from cueline.datasets.youtube8m import convert, write_predictions
from cueline.engines.local import Local
from cueline.errors import FormatError, OptionError
from cueline.features.sound.rows import row_columns
from cueline.models.cards import ClassEntry, Input
from cueline.models.checkpoints import load_model, save_model
from cueline.models.multilabel import MultiLabelModel
from cueline.workbench.classifying import (
    Choice,
    classify_files,
    classify_library,
    classify_rows,
    is_features,
    opened,
)
from tests.models.made import WIDTH, made_model, made_rows
from tests.workbench.sounds import RATE, make_sounds

SOUND = Input("sound", len(row_columns(64, harmonics=False)), ("mean", "std"))


@pytest.fixture
def model(tmp_path):
    save_model(made_model(), tmp_path / "m")
    return tmp_path / "m"


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """A folder of four sounds, and a library in which they were listened to."""
    place = tmp_path_factory.mktemp("heard")
    make_sounds(place / "sounds", each=2)
    Library(place / "sounds.cue").analyze(place / "sounds", wanted=("sound",), engine=Local(jobs=1))
    return place


@pytest.fixture
def library(heard, tmp_path):
    shutil.copytree(heard / "sounds.cue", tmp_path / "sounds.cue")
    return Library(tmp_path / "sounds.cue")


@pytest.fixture
def listener(tmp_path):
    """A model that says the same of every sound: pitch .9, noise .6, music .2."""
    return said_of_sounds(tmp_path / "listener", {"noise": 0.6, "pitch": 0.9, "music": 0.2})


def said_of_sounds(folder, chances):
    about = made_model(inputs=(SOUND,), classes=len(chances), members=1)
    entries = tuple(ClassEntry(name, f"/m/{name}", f"https://example.org/{name}", ("Arts",)) for name in chances)
    odds = [np.log(chance / (1 - chance)) for chance in chances.values()]
    weights = {
        "0.layers.0.weight": np.zeros((SOUND.numbers, len(chances)), np.float32),
        "0.layers.0.bias": np.float32(odds),
    }
    save_model(MultiLabelModel(replace(about.card, classes=entries), {**about.arrays, **weights}), folder)
    return folder


def said(found):
    return [[(entry.name, round(chance, 3)) for entry, chance in one.labels] for one in found]


class TestRows:
    def test_each_row_gets_its_classes_above_their_thresholds(self, model, tmp_path):
        rows = made_rows()
        np.save(tmp_path / "F.npy", rows)
        found = list(classify_rows(model, tmp_path / "F.npy", Choice()))
        assert [one.item for one in found] == [str(row) for row in range(30)]
        dense = np.concatenate(list(load_model(model).chances(rows)))
        for one, chances in zip(found, dense, strict=True):
            wanted = sorted((chance for chance in chances.tolist() if chance >= 0.5), reverse=True)
            assert [chance for _, chance in one.labels] == wanted
            assert one.span is None
        entry = next(entry for one in found for entry, _ in one.labels)
        assert entry.link == f"https://example.org/{entry.id.removeprefix('/m/')}"

    def test_at_most_so_many_above_a_threshold_are_told(self, model, tmp_path):
        np.save(tmp_path / "F.npy", made_rows())
        every = list(classify_rows(model, tmp_path / "F.npy", Choice(most=20, threshold=0.0)))
        assert all(len(one.labels) == 5 for one in every)
        found = list(classify_rows(model, tmp_path / "F.npy", Choice(most=2, threshold=0.3)))
        for one, all_of_it in zip(found, every, strict=True):
            assert one.labels == tuple(pair for pair in all_of_it.labels[:2] if pair[1] >= 0.3)

    def test_videos_go_by_their_ids_where_they_have_some(self, model, tmp_path):
        np.save(tmp_path / "F.npy", made_rows(3))
        (tmp_path / "L.csv").write_text("id,labels\nx1,0\nx2,1\nx3,\n")
        convert(tmp_path / "F.npy", tmp_path / "form", labels=tmp_path / "L.csv", parts={"all": WIDTH}, classes=2)
        assert is_features(tmp_path / "form")
        assert [one.item for one in classify_rows(model, tmp_path / "form", Choice())] == ["x1", "x2", "x3"]

    def test_rows_have_no_spans(self, model, tmp_path):
        np.save(tmp_path / "F.npy", made_rows())
        with pytest.raises(OptionError, match=r"have no spans of a track: leave --over shots out for '.*F\.npy'"):
            list(classify_rows(model, tmp_path / "F.npy", Choice(over="shots")))

    @pytest.mark.parametrize("form", ["p.npz", "p.csv"])
    def test_predictions_are_no_features_and_no_media(self, model, form, tmp_path):
        write_predictions(tmp_path / form, [], load_model(model).top(made_rows(), 2))
        with pytest.raises(
            OptionError, match=rf"{form}' holds .* Predictions are measured by `cueline evaluate multil"
        ):
            list(classify_rows(model, tmp_path / form, Choice()))
        with pytest.raises(OptionError, match="classified are media, or rows of features"):
            classify_files([tmp_path / form], model, Choice())

    def test_rows_are_told_apart_from_media_by_their_ending(self, tmp_path):
        for name in ("F.npy", "x.tfrecord", "x.csv", "x.parquet", "x.csv.gz", "film.mp4"):
            (tmp_path / name).touch()
            assert is_features(tmp_path / name) == (name != "film.mp4")
        assert not is_features(tmp_path)
        assert not is_features(tmp_path / "none.npy")


class TestLibrary:
    def test_tags_stay_in_the_library(self, library, listener):
        found, summary = classify_library(library, listener, Choice(), jobs=1)
        assert (summary.done, summary.ok) == (4, True)
        assert said(found) == [[("pitch", 0.9), ("noise", 0.6)]] * 4
        assert {one.item.rpartition("/")[2] for one in found} == {
            f"{k} {n}.wav" for k in ("hum", "hiss") for n in (0, 1)
        }
        assert all((one.span.start, one.span.end) == (0, pytest.approx(1.2)) for one in found)
        assert {tag.name for tag in library.tags("tags")} == {"pitch", "noise"}
        made = library.provenance(found[0].item, "tags")
        assert made.options["model"] == str(listener.resolve())

    def test_the_second_time_nothing_is_computed(self, library, listener):
        first, _ = classify_library(library, listener, Choice(), jobs=1)
        again, summary = classify_library(library, listener, Choice(), jobs=1)
        assert (again, summary.fresh) == (first, 0)

    def test_another_model_in_the_folder_makes_tags_due_again(self, library, listener):
        classify_library(library, listener, Choice(), jobs=1)
        said_of_sounds(listener, {"noise": 0.6, "pitch": 0.9, "music": 0.8})
        found, summary = classify_library(library, listener, Choice(), jobs=1)
        assert summary.fresh == 4
        assert said(found) == [[("pitch", 0.9), ("music", 0.8), ("noise", 0.6)]] * 4

    def test_at_most_so_many_above_a_threshold_are_kept(self, library, listener):
        assert said(classify_library(library, listener, Choice(most=1), jobs=1)[0]) == [[("pitch", 0.9)]] * 4
        found = classify_library(library, listener, Choice(threshold=0.1), jobs=1)[0]
        assert said(found) == [[("pitch", 0.9), ("noise", 0.6), ("music", 0.2)]] * 4

    def test_a_file_in_which_nothing_is_found_is_told_too(self, library, listener):
        found, summary = classify_library(library, listener, Choice(threshold=0.99), jobs=1)
        assert (said(found), summary.ok) == ([[]] * 4, True)
        assert all(one.span is None for one in found)

    def test_spans_that_nothing_installed_finds_are_refused(self, library, listener):
        with pytest.raises(LookupError, match="nothing installed gives 'parts', which 'tags' needs"):
            classify_library(library, listener, Choice(over="parts"), jobs=1)

    def test_what_another_model_said_of_a_file_that_is_gone_is_not_told(self, heard, listener, tmp_path):
        shutil.copytree(heard / "sounds", tmp_path / "sounds")
        library = Library(tmp_path / "own.cue")
        library.analyze(tmp_path / "sounds", wanted=("sound",), engine=Local(jobs=1))
        other = said_of_sounds(tmp_path / "other", {"whale": 0.9})
        classify_library(library, other, Choice(), jobs=1)
        (tmp_path / "sounds" / "hum 0.wav").unlink()
        found, _ = classify_library(library, listener, Choice(), jobs=1)
        assert said(found) == [[("pitch", 0.9), ("noise", 0.6)]] * 3
        assert not any(one.item.endswith("hum 0.wav") for one in found)

    def test_a_folder_without_a_model_is_refused_before_any_file_is_opened(self, library, tmp_path):
        with pytest.raises(FormatError, match="a model is a folder with a file model.json"):
            classify_library(library, tmp_path / "none", Choice())
        assert len(library.runs()) == 1

    def test_a_model_on_tracks_that_nothing_gives_is_refused(self, library, model):
        with pytest.raises(LookupError, match=r"numbers \(features\) that media files do not give here: nothing"):
            classify_library(library, model, Choice())


class TestFiles:
    def test_media_are_classified_without_keeping_anything(self, heard, listener):
        before = sorted(heard.rglob("*"))
        found, summary = classify_files([heard / "sounds" / "hum 0.wav"], listener, Choice(), jobs=1)
        assert (summary.done, summary.ok) == (1, True)
        assert [one.item for one in found] == [str(heard / "sounds" / "hum 0.wav")]
        assert said(found) == [[("pitch", 0.9), ("noise", 0.6)]]
        assert sorted(heard.rglob("*")) == before

    def test_each_span_of_a_track_is_an_item(self, listener, tmp_path):
        tone = 0.2 * np.sin(np.arange(2 * RATE) / 5)
        soundfile.write(tmp_path / "x.wav", np.concatenate([tone, np.zeros(2 * RATE), tone, np.zeros(2 * RATE)]), RATE)
        found, summary = classify_files([tmp_path / "x.wav"], listener, Choice(over="silence"), jobs=1)
        assert summary.ok
        assert [one.span.start for one in found] == pytest.approx([2, 6], abs=0.1)
        assert said(found) == [[("pitch", 0.9), ("noise", 0.6)]] * 2

    def test_a_broken_file_is_told(self, heard, listener, tmp_path):
        (tmp_path / "broken.wav").write_bytes(b"RIFF no sound")
        found, summary = classify_files([tmp_path / "broken.wav"], listener, Choice(), jobs=1)
        assert (found, summary.ok) == ([], False)
        assert [path.name for path in {**summary.failed, **summary.unreadable}] == ["broken.wav"]

    def test_no_media_are_refused(self, listener, tmp_path):
        (tmp_path / "notes.txt").touch()
        with pytest.raises(OptionError, match=r"no media files are at .* Rows of features end in \.npy or \.tfrecord"):
            classify_files([tmp_path], listener, Choice())


def test_a_library_is_known_by_its_folder(heard, tmp_path):
    assert opened(heard / "sounds.cue").path == heard / "sounds.cue"
    assert opened(tmp_path) is None


@pytest.mark.parametrize("wrong", [{"most": 0}, {"threshold": 1.0}, {"threshold": float("nan")}])
def test_a_choice_of_nothing_is_refused(wrong):
    with pytest.raises(OptionError, match="at least 1 label is asked for, from a chance below 1 on"):
        Choice(**wrong)


def test_nothing_of_it_imports_torch(model, tmp_path):
    np.save(tmp_path / "F.npy", made_rows())
    code = (
        "import sys, json, pathlib\n"
        "from cueline.workbench.classifying import Choice, classify_rows\n"
        "from cueline.workbench.taggers import predict_multilabel\n"
        "model, rows, out = map(pathlib.Path, sys.argv[1:])\n"
        "found = [len(list(classify_rows(model, rows, Choice()))), predict_multilabel(model, rows, out)]\n"
        "print(json.dumps([*found, 'torch' in sys.modules]))"
    )
    words = [sys.executable, "-c", code, model, tmp_path / "F.npy", tmp_path / "P.npz"]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == [30, 30, False]
