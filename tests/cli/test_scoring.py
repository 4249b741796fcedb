"""`cueline evaluate multilabel` and `evaluate compare`, run in this process: what they print, and their exit codes."""

import json

import numpy as np
import pytest

from cueline.datasets.youtube8m import write_predictions
from cueline.evaluation.ranking import global_average_precision, hit_at_k, mean_average_precision
from cueline.learning.splits import split_groups
from cueline.models.checkpoints import save_model
from cueline.timeline.toplists import top_classes
from cueline.workbench.taggers import TEST_SEED
from tests.models.made import CLASSES, made_model, made_rows

ROWS = 60
PLAIN = ("GAP@20", "Hit@1", "Hit@5", "Hit@20", "PERR", "mAP")


@pytest.fixture
def flags():
    return np.random.default_rng(5).random((ROWS, CLASSES)) < (0.6, 0.4, 0.3, 0.2, 0.1)


@pytest.fixture
def chances():
    return np.concatenate([*made_model(members=1).chances(made_rows(ROWS))])


@pytest.fixture
def files(tmp_path, flags):
    save_model(made_model(members=1), tmp_path / "model")
    np.save(tmp_path / "f.npy", made_rows(ROWS))
    np.save(tmp_path / "l.npy", flags)
    return tmp_path


@pytest.fixture
def reference(files):
    return ("--features", files / "f.npy", "--labels", files / "l.npy", "--resamples", "20")


class TestMultilabel:
    def test_json_has_the_numbers_at_once(self, files, reference, flags, chances, cueline):
        code, out, err = cueline("evaluate", "multilabel", files / "model", *reference, "--json")
        found = json.loads(out)
        assert code == 0
        assert found["GAP@20"] == pytest.approx(global_average_precision(flags, chances, k=20))
        assert found["Hit@1"] == hit_at_k(flags, chances, k=1)
        assert found["mAP"] == pytest.approx(mean_average_precision(flags, chances))
        assert [name for name in found if name in PLAIN] == list(PLAIN)
        gap = found["measures"]["GAP@20"]
        assert gap["low"] <= gap["value"] == found["GAP@20"] <= gap["high"]
        assert 0 < gap["base"] < 1
        assert (found["rows"], found["classes"], found["classes_with_positives"]) == (ROWS, CLASSES, CLASSES)
        assert found["policy"] == "judged"
        assert "per_class" not in found
        assert "60 rows measured" in err

    def test_classes_come_on_demand(self, files, reference, flags, cueline):
        out = cueline("evaluate", "multilabel", files / "model", *reference, "--json", "--per-class")[1]
        rows = json.loads(out)["per_class"]
        assert [row["positives"] for row in rows] == flags.sum(axis=0).tolist()
        assert set(rows[0]["average_precision"]) == {"value", "low", "high"}

    def test_a_table_has_measures_and_classes(self, files, reference, cueline):
        code, out, _ = cueline("evaluate", "multilabel", files / "model", *reference, "--show", "2")
        assert code == 0
        lines = out.splitlines()
        assert lines[0].split() == ["measure", "value", "interval", "guessing", "meaning"]
        assert sum(line.startswith("best") for line in lines) == 2
        assert sum(line.startswith("worst") for line in lines) == 2
        assert "Classes with" not in cueline("evaluate", "multilabel", files / "model", *reference, "--show", "0")[1]

    def test_predictions_need_labels_alone(self, files, chances, cueline):
        write_predictions(files / "p.csv", [], top_classes(chances, 3))
        words = ("evaluate", "multilabel", files / "p.csv", "--labels", files / "l.npy", "--resamples", "0", "--json")
        code, out, err = cueline(*words)
        found = json.loads(out)
        assert (code, found["mAP"], found["measures"]["GAP@20"]["low"]) == (0, None, None)
        assert found["mAP@20"] > 0
        assert "only listed pairs have scores" in found["notes"][0]
        assert found["notes"][0] in err
        low = json.loads(cueline(*words, "--threshold", "0.01")[1])["measures"]["Micro recall"]["value"]
        assert low > found["measures"]["Micro recall"]["value"]

    def test_golden_cases_come_out_of_files(self, golden, tmp_path, cueline):
        for case in json.loads((golden / "youtube8m_metrics.json").read_text())["cases"]:
            scores, flags = np.array(case["predictions"], float), np.array(case["labels"]) == 1
            np.save(tmp_path / "l.npy", flags)
            write_predictions(tmp_path / "p.npz", [], top_classes(scores, scores.shape[1]))
            words = ("multilabel", tmp_path / "p.npz", "--labels", tmp_path / "l.npy", "--resamples", "0", "--json")
            found, wanted = json.loads(cueline("evaluate", *words)[1]), case["expected"]
            assert found["Hit@1"] == pytest.approx(wanted["hit_at_one"], abs=1e-9), case["name"]
            assert found["PERR"] == pytest.approx(wanted["perr"], abs=1e-9), case["name"]
            if case["top_k"] == 20:
                least, most = wanted["gap_ties_worst"], wanted["gap_ties_best"]
                assert least - 1e-9 <= found["GAP@20"] <= most + 1e-9, case["name"]

    def test_a_report_is_written_and_its_place_told(self, files, reference, cueline):
        code, _, err = cueline("evaluate", "multilabel", files / "model", *reference, "--report", files / "r")
        assert code == 0
        assert f"report: {files / 'r' / 'index.html'}" in err
        assert json.loads((files / "r" / "evaluation.json").read_text())["items"] == ROWS

    def test_a_report_where_a_file_lies_is_refused_at_once(self, files, reference, cueline):
        (files / "r").write_text("mine")
        for words in (("multilabel", files / "model"), ("compare", files / "model", files / "model")):
            code, out, err = cueline("evaluate", *words, *reference, "--report", files / "r")
            assert (code, out) == (2, "")
            assert "a report is a folder, got a file at" in err

    def test_what_an_interval_is_worth_is_told_once(self, files, reference, cueline):
        np.save(files / "g.npy", np.arange(ROWS) // 30)
        few = "only 2 groups: the interval is rough, and rather too narrow"
        for words in (("multilabel", files / "model"), ("compare", files / "model", files / "model")):
            out = cueline("evaluate", *words, *reference, "--groups", files / "g.npy")[1]
            assert out.splitlines().count(few) == 1
            assert few not in cueline("evaluate", *words, *reference)[1]
        out = cueline("evaluate", "compare", *words[1:], *reference, "--groups", files / "g.npy", "--json")[1]
        assert few in json.loads(out)["measures"]["Hit@1"]["difference"]["note"]

    def test_the_rows_that_training_keeps_apart_are_measured_alone(self, files, reference, flags, chances, cueline):
        rows = split_groups(np.arange(ROWS), apart=20, seed=TEST_SEED).apart
        write_predictions(files / "p.npz", [], top_classes(chances, CLASSES))
        for what in ("model", "p.npz"):
            out = cueline("evaluate", "multilabel", files / what, *reference, "--test-rows", "20", "--json")[1]
            found = json.loads(out)
            assert found["rows"] == 20
            assert found["GAP@20"] == pytest.approx(global_average_precision(flags[rows], chances[rows], k=20))
            assert found["mAP"] == pytest.approx(mean_average_precision(flags[rows], chances[rows]))
        words = ("evaluate", "compare", files / "model", files / "p.npz", *reference, "--test-rows", "20", "--json")
        assert json.loads(cueline(*words)[1])["measures"]["mAP"]["difference"]["value"] == 0

    def test_what_cannot_be_measured_is_said(self, files, reference, cueline):
        np.save(files / "wide.npy", made_rows(ROWS, width=9))
        labels = ("--labels", files / "l.npy")
        (files / "empty").mkdir()
        (files / "p.csv").write_text("")
        for words, message in (
            ((files / "model", "--features", files / "wide.npy", *labels), "must have the 8 columns"),
            ((files / "model", *labels), "needs rows of numbers"),
            ((files / "empty", *reference), "a model is a folder with a file model.json"),
            ((files / "nowhere", *reference), "there is no file or folder"),
            ((files / "p.csv", *labels), "predictions begin with VideoId"),
            ((files / "model", *reference, "--policy", "close"), "Did you mean 'closed'?"),
        ):
            code, out, err = cueline("evaluate", "multilabel", *words)
            assert (code, out) == (2, "")
            assert message in err

    def test_closed_is_another_policy(self, files, reference, cueline):
        out = cueline("evaluate", "multilabel", files / "model", *reference, "--policy", "closed", "--json")[1]
        assert json.loads(out)["policy"] == "closed"


class TestCompare:
    def test_two_models_are_compared_on_the_same_rows(self, files, reference, cueline):
        save_model(made_model(members=1, seed=9), files / "other")
        words = ("evaluate", "compare", files / "model", files / "other", *reference)
        code, out, _ = cueline(*words, "--json")
        found = json.loads(out)
        assert code == 0
        assert list(found["measures"]) == ["GAP@20", "Hit@1", "PERR", "mAP"]
        gap = found["measures"]["GAP@20"]
        assert gap["difference"]["value"] == pytest.approx(gap["first"] - gap["second"])
        assert found["rows"] == ROWS
        code, out, _ = cueline(*words)
        assert code == 0
        assert out.split()[:4] == ["measure", "model", "other", "difference"]

    def test_a_report_of_both_is_written(self, files, reference, chances, cueline):
        write_predictions(files / "p.npz", [], top_classes(chances, 3))
        code, _, err = cueline(
            "evaluate", "compare", files / "model", files / "p.npz", *reference, "--report", files / "r"
        )
        assert code == 0
        assert "model against p.npz" in (files / "r" / "index.html").read_text()
        assert "lists at most 3" in err
