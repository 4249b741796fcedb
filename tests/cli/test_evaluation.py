"""`cueline evaluate`, run in this process: what it prints, and its exit codes."""

import json
import pickle  # noqa: TID251  # what strangers write is made here, never read
import re

import numpy as np
import pytest

from tests.datasets.movienet.made import PREDICTION, SHOT_ENDS, TRUTH, values

KEYS = ["AP", "mAP", "Miou", "Precision", "Recall", "F1"]


@pytest.fixture
def films(tmp_path):
    for shots in (6, 40):
        (tmp_path / f"tt{shots}.pkl").write_bytes(pickle.dumps(values(shots, imdb_id=f"tt{shots}")))
    return tmp_path


def labels(path, *rows):
    path.write_text("".join(f"{start}\t{end}\t{name}\n" for start, end, name in rows))
    return path


class TestScenes:
    def test_json_has_the_six_numbers_alone(self, films, cueline):
        code, out, err = cueline("evaluate", "scenes", films, "--json")
        assert code == 0
        found = json.loads(out)
        assert list(found) == KEYS
        assert all(0 <= value <= 1 for value in found.values())
        assert err == "2 films measured, 0 could not be read\n"

    def test_a_table_has_each_film_and_the_base_rate(self, films, cueline):
        code, out, _ = cueline("evaluate", "scenes", films, "--threshold", "0.3")
        assert code == 0
        intervals = ["AP", "mAP", "Miou", "Precision", "Recall", "F1"]
        lines, notes = out.splitlines()[:11], out.splitlines()[11:]
        assert [line.split()[0] for line in lines] == ["film", "tt40", "tt6", "mean", "all", *intervals]
        assert notes.count("only 2 groups: the interval is rough, and rather too narrow") == 1
        assert re.search(r"^AP 0\.\d+, 95% interval over films 0\.\d+ to [01]\.\d+$", out, re.MULTILINE)
        assert "AP of guessing" in out
        assert "21/44" in out

    def test_a_report_is_written_where_one_is_wanted(self, films, cueline, tmp_path):
        code, _, err = cueline("evaluate", "scenes", films, "--report", tmp_path / "report")
        assert code == 0
        assert f"report: {tmp_path / 'report' / 'index.html'}" in err
        found = json.loads((tmp_path / "report" / "evaluation.json").read_text())
        assert [measure["name"] for measure in found["measures"]] == KEYS
        assert all(measure["result"]["low"] is not None for measure in found["measures"])

    def test_a_report_where_a_file_lies_is_refused_at_once(self, films, cueline, tmp_path):
        (tmp_path / "report").write_text("mine")
        for place in (tmp_path / "report", tmp_path / "report" / "deep"):
            code, out, err = cueline("evaluate", "scenes", films, "--report", place)
            assert (code, out) == (2, "")
            assert f"a report is a folder, got a file at '{tmp_path / 'report'}'. Name another place." in err

    def test_a_threshold_changes_what_is_said(self, films, cueline):
        low, high = (
            json.loads(cueline("evaluate", "scenes", films, "--json", "--threshold", t)[1]) for t in (0.2, 0.8)
        )
        assert low["AP"] == high["AP"]
        assert low["Recall"] > high["Recall"]
        assert "a threshold must be a number" in cueline("evaluate", "scenes", films, "--threshold", "nan")[2]

    def test_a_bad_film_is_named_and_the_rest_measured(self, films, cueline):
        whole = cueline("evaluate", "scenes", films, "--json")[1]
        (films / "bad.pkl").write_bytes(b"cos\nsystem\n(S'touch ran'\ntR.")
        code, out, err = cueline("evaluate", "scenes", films, "--json")
        assert (code, out) == (1, whole)
        assert "bad.pkl': it names 'os.system', which is not data" in err
        assert "2 films measured, 1 could not be read" in err
        assert cueline("evaluate", "scenes", films, "--skip-bad")[0] == 0

    def test_what_has_no_number_is_null(self, tmp_path, cueline):
        film = {TRUTH: np.empty(0, bool), PREDICTION: np.empty(0), SHOT_ENDS: np.array([9])}
        (tmp_path / "one.pkl").write_bytes(pickle.dumps(film))
        code, out, _ = cueline("evaluate", "scenes", tmp_path, "--json")
        assert code == 0
        assert json.loads(out) == dict(zip(KEYS, [None, None, 1.0, 0.0, 0.0, 0.0], strict=True))

    def test_nothing_measured_is_no_success(self, tmp_path, cueline):
        code, out, err = cueline("evaluate", "scenes", tmp_path, "--json")
        assert (code, set(json.loads(out).values())) == (1, {None})
        assert err == f"no films are in {str(tmp_path)!r}\n"
        (tmp_path / "bad.json").write_text("[")
        assert cueline("evaluate", "scenes", tmp_path, "--skip-bad")[0] == 1
        assert cueline("evaluate", "scenes", tmp_path / "nowhere")[0] == 2

    def test_golden_cases_come_out_of_files(self, golden, tmp_path, cueline):
        cases = json.loads((golden / "scene_metrics.json").read_text())["cases"]
        for case in cases:
            folder = tmp_path / case["name"]
            folder.mkdir()
            for film in case["movies"]:
                named = {
                    "imdb_id": film["imdb_id"],
                    TRUTH: np.array(film["ground_truth"], bool),
                    PREDICTION: np.array(film["prediction"]),
                    SHOT_ENDS: np.array(film["shot_end_frame"]),
                }
                (folder / f"{film['imdb_id']}.pkl").write_bytes(pickle.dumps(named))
            for key, wanted in case["expected"].items():
                threshold = key.partition("@")[2] or "0.5"
                found = json.loads(cueline("evaluate", "scenes", folder, "--json", "--threshold", threshold)[1])
                for name in KEYS:
                    if wanted.get(name) is not None:  # the grader's NaN is 0 here
                        assert found[name] == pytest.approx(wanted[name], abs=1e-9), (case["name"], key)


class TestLabels:
    def test_boundaries_of_two_files_are_compared(self, tmp_path, cueline):
        reference = labels(tmp_path / "a.txt", (1, 1, "cut"), (3, 3, "cut"))
        estimated = labels(tmp_path / "b.txt", (1.1, 1.1, "cut"))
        code, out, err = cueline("evaluate", "boundaries", reference, estimated, "--json")
        assert (code, err) == (0, "1 media measured\n")
        wanted = {"Precision": 1.0, "Recall": 0.5, "F1": 2 / 3, "matched": 1, "reference": 2, "estimated": 1}
        assert json.loads(out) == pytest.approx(wanted)
        assert "0.6667" in cueline("evaluate", "boundaries", reference, estimated)[1]
        assert "0.0000" in cueline("evaluate", "boundaries", reference, estimated, "--tolerance", "0")[1]

    def test_events_of_two_files_are_compared(self, tmp_path, cueline):
        reference = labels(tmp_path / "a.txt", (0, 10, "dog"), (20, 30, "cat"))
        estimated = labels(tmp_path / "b.txt", (0, 9, "dog"), (0, 9, "cow"))
        code, out, err = cueline("evaluate", "events", reference, estimated, "--json")
        found = json.loads(out)
        assert code == 0
        assert found["average_mAP"] == pytest.approx(0.5 * 9 / 10)
        assert found["mAP"]["0.50"] == 0.5
        assert found["classes"]["cow"]["average_AP"] is None
        assert found["events"]["matched"] == 1
        assert "not in the reference, so without an AP: cow" in err
        assert "mAP at overlaps of 0.50: 0.5000" in cueline("evaluate", "events", reference, estimated)[1]

    def test_moments_of_two_files_are_compared(self, tmp_path, cueline):
        reference = labels(tmp_path / "a.txt", (0, 6, "music"), (6, 10, "speech"))
        estimated = labels(tmp_path / "b.txt", (0, 4, "music"), (4, 10, "speech"), (4, 5, "cow"))
        code, out, err = cueline("evaluate", "frames", reference, estimated, "--json")
        found = json.loads(out)
        assert (code, found["accuracy"], found["judged_seconds"]) == (0, 0.8, 10.0)
        assert found["classes"]["speech"]["Precision"] == pytest.approx(4 / 6)
        assert found["confusion"] == {
            "classes": ["music", "speech", "(nothing)"],
            "seconds": [[4.0, 2.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]],
        }
        assert "not in the reference, so left out: cow" in err
        assert "accuracy 0.8000 of 10.0 s" in cueline("evaluate", "frames", reference, estimated)[1]

    def test_media_of_other_names_are_not_taken_for_one_another(self, tmp_path, cueline):
        (tmp_path / "true.csv").write_text("file,start,end,name\na,0,4,music\n")
        (tmp_path / "found.csv").write_text("file,start,end,name\nb,0,4,music\n")
        code, out, err = cueline("evaluate", "events", tmp_path / "true.csv", tmp_path / "found.csv", "--json")
        assert code == 0
        assert json.loads(out)["average_mAP"] == 0
        assert "without an estimate, so all was missed: a" in err
        assert "without a reference: b" in err

    def test_media_of_one_side_alone_are_told(self, tmp_path, cueline):
        for name, videos in (("a", {"v": [], "w": []}), ("b", {"v": [], "x": []})):
            (tmp_path / f"{name}.json").write_text(json.dumps({"results": videos}))
        _, _, err = cueline("evaluate", "events", tmp_path / "a.json", tmp_path / "b.json")
        assert "without an estimate, so all was missed: w\nwithout a reference: x\n2 media measured\n" in err

    def test_a_wrong_file_or_option_ends_with_2(self, tmp_path, cueline):
        reference = labels(tmp_path / "a.txt", (0, 1, "dog"))
        assert cueline("evaluate", "boundaries", reference, tmp_path / "b.txt")[0] == 2
        assert cueline("evaluate", "boundaries", reference, reference, "--tolerance", "-1")[0] == 2
        assert cueline("evaluate", "boundaries", reference, reference, "--format", "audacty")[0] == 2
