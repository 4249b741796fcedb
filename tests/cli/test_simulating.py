"""cueline simulate: a table for people, stable JSON for programs, and refusals in one line."""

import json

import numpy as np
import pytest

from cueline.timeline.examples import LabelLists


@pytest.fixture
def files(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    flags = rng.random((300, 3)) < [0.5, 0.2, 0.1]
    np.save(tmp_path / "F.npy", (rng.normal(size=(300, 6)) + flags @ rng.normal(scale=2, size=(3, 6))))
    labels = LabelLists.of_flags(flags)
    np.savez(tmp_path / "L.npz", label_offsets=labels.offsets, label_ids=labels.ids)
    monkeypatch.chdir(tmp_path)
    return ("simulate", "--features", "F.npy", "--labels", "L.npz", "--jobs", 1)


SMALL = ("--classes", "0,2", "--strategies", "random,margin", "--budget", 40, "--seeds", 2)


def test_json_has_the_parts_that_scripts_rely_on(cueline, files):
    code, out, err = cueline(*files, *SMALL, "--json")
    found = json.loads(out)
    assert code == 0, err
    assert found.keys() >= {"classes", "strategies", "curves", "areas", "reach", "queries", "failed"}
    assert [each["class"] for each in found["classes"]] == [0, 2]
    assert found["classes"][0].keys() >= {"class", "name", "positives", "base_rate", "test_positives"}
    assert found["strategies"] == ["random", "margin"]
    curve = found["curves"][1]
    assert (curve["strategy"], curve["class"]) == ("margin", 0)
    assert len({len(curve[part]) for part in ("labels", "ap", "low", "high")}) == 1
    assert curve["labels"][-1] == 40
    assert found["areas"][1].keys() >= {"strategy", "class", "area", "against_random", "low", "high"}
    assert [each["strategy"] for each in found["queries"]] == ["random", "margin"]
    assert all(each["seconds"] > 0 for each in found["queries"])
    assert found["failed"] == []


def test_a_table_a_class_is_shown(cueline, files):
    code, out, err = cueline(*files, *SMALL)
    assert code == 0, err
    assert "class 2: average precision, " in out
    assert "greatest area: " in out
    assert "against random" in out
    assert "With 2 seeds intervals are wide or missing" in err


def test_a_report_is_written_and_the_same_command_plays_nothing_anew(cueline, files, tmp_path):
    first = cueline(*files, *SMALL, "--out", "report", "--json")
    lines = (tmp_path / "report" / "runs.jsonl").read_text()
    second = cueline(*files, *SMALL, "--out", "report", "--json")
    assert first[:2] == second[:2]
    assert "report: report/index.html" in second[2]
    assert (tmp_path / "report" / "runs.jsonl").read_text() == lines
    assert (tmp_path / "report" / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_one_question_for_all_classes(cueline, files):
    code, out, _ = cueline(
        *files, "--together", "--queries", "adaptive", "--strategies", "random", "--seeds", 1, "--budget", 40, "--json"
    )
    assert code == 0
    assert [each["class"] for each in json.loads(out)["classes"]] == [None, 0, 1, 2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--strategies", "margins"), "got 'margins'"),
        (("--strategies", "margins"), "Did you mean 'margin'?"),
        (("--classes", "7"), "classes are numbered from 0 to 2, got 7"),
        (("--budget", "299"), "rows of the pool, got 299"),
        (("--queries", "often"), "queries are sizes such as 20 or 5,5,10,10,20"),
        (("--exclusive",), "add --together to --exclusive"),
        (("--test-share", "25"), "Is it a percentage?"),
        (("--budget", "40", "--components", "999"), "components must lie in 1 to 6"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(cueline, files, words, message):
    code, out, err = cueline(*files, "--seeds", 1, "--strategies", "random", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_bad_features_name_row_and_column(cueline, files):
    values = np.load("F.npy")
    values[3, 4] = np.inf
    np.save("F.npy", values)
    code, _, err = cueline(*files)
    assert code == 2
    assert "got inf in row 3, column 4 of 'F.npy'" in err


def test_one_group_is_refused(cueline, files):
    np.save("G.npy", np.zeros(300, int))
    code, _, err = cueline(*files, "--groups", "G.npy")
    assert code == 2
    assert "a split needs 2 groups or more, got 1" in err


def test_a_class_without_positives_is_explained_and_the_others_go_on(cueline, files):
    flags = np.zeros((300, 2), bool)
    flags[::3, 1] = True
    np.save("L.npy", flags)
    words = ("--labels", "L.npy", "--strategies", "random", "--seeds", 1, "--budget", 20)
    code, out, err = cueline(*files, *words, "--json")
    assert code == 0
    assert "class 0 is left out: it has 0 positives" in err
    assert [each["class"] for each in json.loads(out)["classes"]] == [1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "needs --features and --labels, or a library with --campaign and --tracks"),
        (("LIB",), "a library needs --campaign and --tracks"),
        (("LIB", "--features", "F.npy"), "give no files beside it"),
    ],
)
def test_what_is_simulated_must_be_said(cueline, words, message):
    code, _, err = cueline("simulate", *words)
    assert code == 2
    assert message in err
