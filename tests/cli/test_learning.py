"""`cueline train`, `predict` and `classify`, run in this process: what they print, write and refuse."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cueline import Library
from cueline.datasets.youtube8m.arrays import read_npz
from cueline.engines.local import Local
from cueline.models.checkpoints import CARD, LAST, WEIGHTS, save_model
from cueline.timeline.examples import LabelLists
from tests.models.made import made_model, made_rows
from tests.workbench.sounds import make_sounds

ROWS, CLASSES = 120, 5
COLUMNS = "Index,TrainVideoCount,KnowledgeGraphId,Name,WikiUrl,Vertical1,Vertical2,Vertical3,WikiDescription"
WORDS = {"GAP@20", "Hit@1", "Hit@5", "Hit@20"}
SHORT = ("--recipe", "logistic", "--epochs", "2")

needs_torch = pytest.mark.extra("torch")


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="the extra `torch` is not installed")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield torch
    torch.set_num_threads(before)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """F.npy, L.npz, vocabulary.csv, and a model M that nobody trained."""
    flags = np.random.default_rng(0).random((ROWS, CLASSES)) < 0.3
    lists = LabelLists.of_flags(flags)
    np.save(tmp_path / "F.npy", made_rows(ROWS))
    np.savez(tmp_path / "L.npz", label_offsets=lists.offsets, label_ids=lists.ids)
    lines = [f"{i},9,/m/{i},Class {i},https://example.org/{i},Games,,,about" for i in range(CLASSES)]
    (tmp_path / "vocabulary.csv").write_text("\n".join([COLUMNS, *lines]) + "\n")
    save_model(made_model(classes=30), tmp_path / "M")
    monkeypatch.chdir(tmp_path)
    return tmp_path


FILES = ("train", "multilabel", "--features", "F.npy", "--labels", "L.npz")


@needs_torch
class TestTrain:
    def test_epochs_and_measures_are_printed(self, place, cueline, torch):
        code, out, err = cueline(*FILES, "--out", "T", *SHORT, "--members", "2", "--test-rows", "30")
        assert code == 0
        assert "Examples(120 x 8 float32, 5 classes, " in err
        assert [line[:19] for line in err.splitlines() if line.startswith("network")] == [
            "network 1, epoch  1",
            "network 1, epoch  2",
            "network 2, epoch  1",
            "network 2, epoch  2",
        ]
        assert "GAP@20 0." in err
        assert "Hit@1/5/20 0." in err
        assert out.splitlines()[0].split() == ["measured", "on", "GAP@20", "Hit@1", "Hit@5", "Hit@20", "PERR"]
        assert "rows apart that chose" in out
        assert "rows that took no part" in out
        assert re.match(r"\d+% of the rows learned from, \d+% of those that took no part have", err.splitlines()[-2])
        assert err.splitlines()[-1].startswith("T: 5 classes, 1 kB, ")
        assert sorted(path.name for path in (place / "T").iterdir()) == [WEIGHTS, LAST, CARD]

    def test_json_is_alone_on_standard_output(self, place, cueline, torch):
        code, out, _ = cueline(*FILES, "--out", "T", *SHORT, "--test-rows", "30", "--json")
        told = json.loads(out)
        assert code == 0
        assert set(told) == {"model", "rows", "classes", "epochs", "measures", "test", "seconds", "bytes"}
        assert (told["model"], told["rows"], told["classes"], len(told["epochs"])) == ("T", 90, 5, 2)
        assert set(told["measures"]) == WORDS
        assert set(told["test"]) == WORDS | {"PERR"}
        assert told["bytes"] == (place / "T" / WEIGHTS).stat().st_size
        without = json.loads(cueline(*FILES, "--out", "U", *SHORT, "--json")[1])
        assert without["test"] is None

    def test_the_second_time_nothing_is_done(self, place, cueline, torch):
        cueline(*FILES, "--out", "T", *SHORT)
        before = (place / "T" / WEIGHTS).stat().st_mtime_ns
        code, _, err = cueline(*FILES, "--out", "T", *SHORT)
        assert code == 0
        assert "the model was there already, made from the same rows with the same recipe and seed" in err
        assert (place / "T" / WEIGHTS).stat().st_mtime_ns == before

    def test_the_same_seed_writes_the_same_bytes(self, place, cueline, torch):
        for name, seed in {"A": 1, "B": 1, "C": 2}.items():
            cueline(*FILES, "--out", name, *SHORT, "--seed", seed)
        models = {name: (place / name / WEIGHTS).read_bytes() for name in "ABC"}
        assert models["A"] == models["B"] != models["C"]
        assert (place / "A" / CARD).read_bytes() == (place / "B" / CARD).read_bytes()

    def test_another_model_is_not_written_over(self, place, cueline, torch):
        cueline(*FILES, "--out", "T", *SHORT)
        code, out, err = cueline(*FILES, "--out", "T", *SHORT, "--seed", "1")
        assert (code, out) == (2, "")
        assert "'T' holds a model that was made from other rows, with another recipe or another seed. Name an" in err

    def test_a_killed_training_goes_on_with_the_same_command(self, place, cueline, torch):
        words = (*FILES, "--recipe", "logistic", "--epochs", "40")
        code = "import sys; from cueline.cli.app import main; main()"
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        killed = [sys.executable, "-c", code, *words, "--out", "T"]
        with subprocess.Popen(killed, stderr=subprocess.PIPE, text=True, env=environment) as process:
            while "epoch  3" not in process.stderr.readline():
                pass
            process.send_signal(signal.SIGKILL)
        assert not (place / "T" / CARD).exists()
        told = cueline(*words, "--out", "T")
        assert told[0] == 0
        assert "epoch  1 " not in told[2]
        cueline(*words, "--out", "U")
        assert (place / "T" / WEIGHTS).read_bytes() == (place / "U" / WEIGHTS).read_bytes()

    def test_an_interrupted_training_says_how_it_goes_on(self, place, torch):
        code = "import sys; from cueline.cli.app import main; main()"
        words = [sys.executable, "-c", code, *FILES, "--recipe", "logistic", "--epochs", "100000", "--out", "T"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment) as process:
            while "epoch  2" not in process.stderr.readline():
                pass
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
        assert process.returncode == 130
        assert "the same command goes on from there" in rest
        assert "Traceback" not in rest

    def test_a_vocabulary_names_the_classes_of_the_model(self, place, cueline, torch):
        cueline(*FILES, "--out", "T", *SHORT, "--vocabulary", "vocabulary.csv")
        code, out, _ = cueline("classify", "F.npy", "--model", "T", "--threshold", "0", "--limit", "3", "--json")
        assert code == 0
        found = json.loads(out)
        assert [one["item"] for one in found] == ["0", "1", "2"]
        label = found[0]["labels"][0]
        number = label["id"].removeprefix("/m/")
        assert label["name"] == f"Class {number}"
        assert (label["link"], label["verticals"]) == (f"https://example.org/{number}", ["Games"])
        assert len(found[0]["labels"]) == 5

    def test_a_library_is_learned_from_and_classified(self, tmp_path, monkeypatch, cueline, torch):
        monkeypatch.chdir(tmp_path)
        make_sounds(tmp_path / "sounds", each=6)
        Library("sounds.cue").analyze("sounds", wanted=("sound",), engine=Local(jobs=2))
        assert cueline("import", "sounds.cue", "kinds.csv", "--track", "kinds")[0] == 0
        code, _, err = cueline(
            *("train", "multilabel", "sounds.cue", "--tracks", "sound", "--labels", "kinds", "--policy", "closed"),
            *("--out", "T", "--epochs", "20", "--members", "1"),
        )
        assert code == 0
        assert re.search(r"Examples\(12 x \d+ float32, 2 classes, 12 labels\)", err)
        code, out, err = cueline("classify", "sounds.cue", "--model", "T", "--json")
        assert code == 0
        assert "12 classified, 0 failed" in err
        found = json.loads(out)
        right = [
            one for one in found if one["labels"] and f"/{one['labels'][0]['name']} " in one["item"].replace("\\", "/")
        ]
        assert len(found) == 12
        assert len(right) >= 9
        tags = json.loads(cueline("tags", "sounds.cue", "--track", "tags", "--json")[1])
        assert {tag["name"] for tag in tags} == {"hum", "hiss"}
        code, out, _ = cueline("classify", "sounds/hum 0.wav", "--model", "T")
        assert code == 0
        assert out.splitlines()[0].split() == ["item", "when", "label", "chance"]

    def test_learning_needs_a_library_or_files(self, place, cueline):
        for words in ((), ("a.cue", "--features", "F.npy")):
            code, _, err = cueline("train", "multilabel", "--out", "T", *words)
            assert code == 2
            assert "learn from a library, LIB --tracks NAMES --labels TRACK, or from files, --features F" in err
        assert "say with --labels which label track" in cueline("train", "multilabel", "a.cue", "--out", "T")[2]
        wrong = cueline("train", "multilabel", "a.cue", "--labels", "k", "--policy", "close", "--out", "T")
        assert "a policy is one of judged, closed, got 'close'. Did you mean 'closed'?" in wrong[2]

    def test_features_in_the_place_of_a_library_are_refused_with_what_to_do(self, place, cueline):
        code, _, err = cueline("train", "multilabel", "F.npy", "--labels", "L.npz", "--out", "T")
        assert code == 2
        assert "'F.npy' is no library. Name rows of features with: --features F.npy" in err

    def test_classes_that_are_assumed_are_told(self, place, cueline, torch):
        np.save("F.npy", np.random.default_rng(0).integers(0, 256, (ROWS, 1152), dtype=np.uint8))
        _, _, err = cueline(*FILES, "--out", "T", "--recipe", "logistic", "--epochs", "1")
        assert err.startswith("3,862 classes are learned, those of YouTube-8M, though labels go up to class 4 alone")
        assert "--vocabulary names the classes" in err

    def test_a_recipe_that_does_not_exist_is_refused_with_the_near_miss(self, place, cueline):
        code, _, err = cueline(*FILES, "--out", "T", "--recipe", "taggr")
        assert code == 2
        assert "a recipe is one of tagger, course, logistic, experts, got 'taggr'. Did you mean 'tagger'?" in err


class TestBadInput:
    def test_labels_out_of_range(self, place, cueline):
        np.savez("L.npz", label_offsets=np.arange(ROWS + 1), label_ids=np.full(ROWS, 7))
        code, _, err = cueline(*FILES, "--out", "T", "--vocabulary", "vocabulary.csv")
        assert code == 2
        assert "classes must lie in 0 to 4, got 7 in row 0 in 'L.npz'" in err

    def test_features_that_are_no_numbers(self, place, cueline):
        rows = made_rows(ROWS)
        rows[5, 6] = np.inf
        np.save("F.npy", rows)
        for words in (FILES, ("predict", "multilabel", "M", "--features", "F.npy")):
            code, out, err = cueline(*words, "--out", "P.npz")
            assert (code, out) == (2, "")
            assert "features must be finite, got inf in row 5, column 6 of 'F.npy'" in err

    def test_a_vocabulary_that_does_not_match(self, place, cueline):
        (place / "short.csv").write_text("\n".join((place / "vocabulary.csv").read_text().splitlines()[:4]) + "\n")
        code, _, err = cueline(*FILES, "--out", "T", "--vocabulary", "short.csv")
        assert code == 2
        assert "classes must lie in 0 to 2, got" in err

    def test_files_that_are_not_there(self, place, cueline):
        code, _, err = cueline("train", "multilabel", "--features", "none.npy", "--labels", "L.npz", "--out", "T")
        assert code == 2
        assert "none.npy" in err
        assert "Traceback" not in err
        _, _, err = cueline("train", "multilabel", "--features", "F.npy", "--labels", "none.npz", "--out", "T")
        assert "there is no file 'none.npz'; labels are .npz, .npy or .csv" in err

    def test_a_model_of_another_schema(self, place, cueline):
        card = json.loads((place / "M" / CARD).read_text())
        (place / "M" / CARD).write_text(json.dumps({**card, "schema": "stranger"}))
        for words in (("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz"), ("classify", "F.npy")):
            code, _, err = cueline(*words, *(("--model", "M") if words[0] == "classify" else ()))
            assert code == 2
            assert "'M/model.json' is no card of a model: a model must be of schema 'cueline.multilabel', vers" in err

    def test_a_model_that_was_not_copied_whole(self, place, cueline):
        (place / "M" / WEIGHTS).write_bytes(b"")
        code, _, err = cueline("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz")
        assert code == 2
        assert "the weights must be those that model.json speaks of, got others in 'M'. Copy both files again." in err

    def test_too_few_rows(self, place, cueline, torch):
        np.save("F.npy", made_rows(3))
        np.save("L.npy", np.eye(3, dtype=bool))
        code, _, err = cueline("train", "multilabel", "--features", "F.npy", "--labels", "L.npy", "--out", "T")
        assert code == 2
        assert "learning needs 4 groups of rows or more, so that some can be kept apart, got 3 groups in 3 rows" in err

    def test_no_torch(self, place, cueline, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch", None)
        code, _, err = cueline(*FILES, "--out", "T")
        assert code == 2
        assert "training needs torch. Install it with: pip install 'cueline[torch]'" in err


class TestPredict:
    def test_arrays_are_as_scripts_rely_on(self, place, cueline):
        code, out, err = cueline("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz")
        assert (code, out) == (0, "")
        assert "120 rows, the best 20 classes of each, in P.npz" in err
        found = read_npz(Path("P.npz"))
        assert found["classes"].shape == found["scores"].shape == (ROWS, 20)
        assert np.issubdtype(found["classes"].dtype, np.integer)
        assert np.issubdtype(found["scores"].dtype, np.floating)
        assert (np.diff(found["scores"], axis=1) <= 0).all()
        assert ((found["classes"] >= 0) & (found["classes"] < 30)).all()

    def test_the_official_table_says_the_same(self, place, cueline):
        cueline("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz")
        code, out, _ = cueline("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.csv", "--json")
        assert (code, json.loads(out)) == (0, {"file": "P.csv", "rows": ROWS})
        table, arrays = pd.read_csv("P.csv"), read_npz(Path("P.npz"))
        assert list(table.columns) == ["VideoId", "LabelConfidencePairs"]
        pairs = table["LabelConfidencePairs"][7].split()
        assert len(pairs) == 40
        assert [int(number) for number in pairs[::2]] == arrays["classes"][7].tolist()
        assert [float(score) for score in pairs[1::2]] == pytest.approx(arrays["scores"][7].tolist(), rel=1e-4)

    def test_fewer_classes_may_be_asked_for(self, place, cueline):
        words = ("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz", "--top")
        assert "the best 30 classes of each" in cueline(*words, "99")[2]
        assert "the best 3 classes of each" in cueline(*words, "3")[2]
        assert read_npz(Path("P.npz"))["classes"].shape == (ROWS, 3)

    def test_no_model_and_another_width_are_refused(self, place, cueline):
        code, _, err = cueline("predict", "multilabel", "none", "--features", "F.npy", "--out", "P.npz")
        assert code == 2
        assert "a model is a folder with a file model.json, got 'none'" in err
        np.save("F.npy", made_rows(3, width=9))
        code, _, err = cueline("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz")
        assert code == 2
        assert "rows must have 8 numbers (8 of features), got shape (3, 9)" in err


class TestClassify:
    def test_rows_are_shown_with_what_is_known_of_their_labels(self, place, cueline):
        code, out, _ = cueline("classify", "F.npy", "--model", "M", "--limit", "4", "--top", "2")
        lines = out.splitlines()
        assert code == 0
        assert lines[0].split() == ["item", "label", "chance", "id", "link", "verticals"]
        assert len(lines) == 9
        assert "https://example.org/" in lines[1]

    def test_a_row_without_labels_is_told(self, place, cueline):
        code, out, _ = cueline("classify", "F.npy", "--model", "M", "--threshold", "0.999999", "--json")
        assert code == 0
        assert len(json.loads(out)) == ROWS
        assert json.loads(out)[0].keys() == {"item", "labels"}
        assert "-" in cueline("classify", "F.npy", "--model", "M", "--threshold", "0.999999", "--limit", "1")[1]

    def test_no_media_are_refused(self, place, cueline):
        code, _, err = cueline("classify", "vocabulary.txt", "--model", "M")
        assert code == 2
        assert "vocabulary.txt" in err

    def test_a_threshold_beyond_every_chance_is_refused(self, place, cueline):
        code, _, err = cueline("classify", "F.npy", "--model", "M", "--threshold", "1.5")
        assert code == 2
        assert "from a chance below 1 on, got 5 and 1.5" in err


def test_predicting_and_classifying_do_not_import_torch(place):
    code = (
        "import sys\nfrom cueline.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "print('torch' in sys.modules, file=sys.stderr)"
    )
    for words in (("predict", "multilabel", "M", "--features", "F.npy", "--out", "P.npz"), ("classify", "F.npy")):
        more = ("--model", "M") if words[0] == "classify" else ()
        done = subprocess.run([sys.executable, "-c", code, *words, *more], capture_output=True, text=True, check=True)
        assert done.stderr.splitlines()[-1] == "False"
