"""cueline cluster: a table for people, stable JSON for programs, refusals in one line."""

import json

import pytest

from cueline import Library
from cueline.timeline.answers import Answer, Campaign, LabelClass
from tests.workbench.sounds import make_sounds


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    make_sounds(folder / "sounds", each=3, seconds=2.0)
    Library(folder / "films.cue").analyze(folder / "sounds", wanted=["sound"])
    return folder


@pytest.fixture
def here(place, monkeypatch):
    monkeypatch.chdir(place)
    return place


QUICK = ("--seconds", 1, "--jobs", 1)


def test_clusters_of_files_are_shown_and_written(cueline, here, tmp_path):
    code, out, err = cueline("cluster", "sounds", *QUICK, "--k", 2, "--labels", "kinds.csv", "--out", tmp_path / "out")
    assert code == 0, err
    assert " ".join(out.splitlines()[0].split()) == "cluster clips share label purity anywhere silhouette typical"
    assert "purity 1.000 (1.000 to 1.000), base 0.500" in out
    assert "report: " in err
    assert (tmp_path / "out" / "index.html").is_file()
    assert len(list((tmp_path / "out" / "sounds").iterdir())) == 12


def test_json_has_the_parts_that_scripts_rely_on(cueline, here):
    code, out, err = cueline("cluster", "films.cue", "--seconds", 1, "--method", "guided", "--ask", 4, "--json")
    found = json.loads(out)
    assert code == 0, err
    assert found.keys() == {"method", "clusters", "measures", "tried", "asked", "notes", "left_out", "facts"}
    assert found["clusters"][0].keys() >= {"cluster", "clips", "share", "label", "purity", "silhouette", "typical"}
    assert found["clusters"][0]["purity"] is None
    assert len(found["asked"]) == 4
    assert found["asked"][0].keys() == {"file", "start", "end"}
    assert found["tried"][0].keys() == {"k", "clusters", "outside", "silhouette"}


def test_a_campaign_of_the_library_judges(cueline, here):
    library = Library("films.cue")
    with library.answers() as book:
        book.put_all([LabelClass("hum"), LabelClass("hiss")])
        book.put(Campaign("kinds", ("hum", "hiss")))
        book.add(
            *(Answer(a, path.name.split()[0], "yes", "ann", campaign="kinds") for a, path in library.files().items())
        )
    code, out, err = cueline(
        "cluster", "films.cue", "--seconds", 1, "--cut", 2, "--method", "ward", "--campaign", "kinds"
    )
    assert code == 0, err
    assert "purity 1.000" in out


def test_a_file_that_cannot_be_read_is_told_and_the_rest_goes_on(cueline, here, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"no sound at all")
    code, out, err = cueline("cluster", "sounds", tmp_path, *QUICK, "--by-folder")
    assert code == 1
    assert "broken.wav: " in err
    assert "cluster" in out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--method", "kmeanz"), "Did you mean 'kmeans'?"),
        (("--k", "many"), "numbers of clusters look like 2-12, 8 or 2,4,8, got 'many'"),
        (("--k", "40"), "cannot be parted into 40 clusters or more"),
        (("--cut", "height=tall", "--method", "ward"), "--cut height= takes a number, got 'tall'"),
        (("--eps", "wide", "--method", "dbscan"), "--eps takes a number, got 'wide'"),
        (("--variance", "1.5"), "by a share of the variance in (0, 1), or by a whole number, got 1.5"),
        (("--scale", "robus"), "Did you mean 'robust'?"),
        (("--over", "shots"), "are about tracks of a library"),
        (("--campaign", "kinds"), "must be one of a library"),
        (("--by-folder", "--labels", "kinds.csv"), "from one place"),
        (("--labels", "nowhere.csv"), "there is no file or folder 'nowhere.csv'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(cueline, here, words, told):
    media = ["sounds"] if words[0] in ("--over", "--campaign") else ["films.cue"]
    code, _, err = cueline("cluster", *media, *QUICK, *words)
    assert code == 2
    assert told in err
    assert "Traceback" not in err
