"""What is written of clusters: a table, playlists, sounds, and the page."""

import csv
from dataclasses import replace

import av
import numpy as np
import pytest

from cueline.datasets.labelfiles import read_labels
from cueline.learning.clustering.methods import How
from cueline.workbench.clustering.labels import KnownLabels
from cueline.workbench.clustering.material import clips_of_files
from cueline.workbench.clustering.pages import HEADING, table_text, write
from cueline.workbench.clustering.plotting import PICTURES, pictures
from cueline.workbench.clustering.running import run
from tests.workbench.clustering.made import table
from tests.workbench.sounds import make_sounds

TABLE, KINDS = table()
KNOWN = KnownLabels(tuple(KINDS), "made")
SMALL, SMALL_KINDS = table(files=3, each=5)
SMALL_KNOWN = KnownLabels(tuple(SMALL_KINDS), "made")


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """Clusters of real sounds, written."""
    folder = tmp_path_factory.mktemp("pages")
    make_sounds(folder / "sounds", each=3, seconds=2.0)
    clips = clips_of_files([folder / "sounds"], seconds=1.0, jobs=1)
    labels = KnownLabels(tuple(clips.source(clip).name.split()[0] for clip in range(len(clips))), "names")
    found = run(clips, labels, How(numbers=(2,)))
    return found, write(found, folder / "out", heard=2, jobs=1).parent


class TestHeard:
    def test_sounds_can_be_played_and_are_small(self, heard):
        _, folder = heard
        sounds = sorted((folder / "sounds").iterdir())
        assert [path.name for path in sounds] == ["0-1.mp3", "0-2.mp3", "1-1.mp3", "1-2.mp3"]
        for path in sounds:
            assert path.stat().st_size < 20_000
            with av.open(str(path)) as file:
                assert file.streams.audio[0].channels == 1
                assert sum(frame.samples for frame in file.decode(audio=0)) / 24_000 == pytest.approx(1, abs=0.1)

    def test_the_page_names_them_and_what_they_are(self, heard):
        page = (heard[1] / "index.html").read_text("utf-8")
        assert page.count("<audio controls") == 4
        assert 'src="sounds/0-1.mp3"' in page
        assert "100% <bdi>hum</bdi>" in page
        assert 'href="cluster_1.m3u8"' in page

    def test_playlists_are_label_files(self, heard):
        found, folder = heard
        read = read_labels(folder / "cluster_0.m3u8")
        assert read.classes == ("0",)
        assert len(read.items) == found.rows[0].clips == 6
        assert read.items[0].span.duration == pytest.approx(1, abs=0.01)

    def test_the_table_has_a_line_a_clip(self, heard):
        found, folder = heard
        lines = list(csv.DictReader((folder / "clusters.csv").read_text("utf-8").splitlines()))
        assert tuple(lines[0]) == HEADING
        assert len(lines) == 12
        assert {line["label"] for line in lines if line["cluster"] == "0"} == {found.rows[0].main}
        assert all(float(line["tsne_x"]) == float(line["tsne_x"]) for line in lines)


def test_files_that_are_not_there_cannot_be_heard_and_that_is_said(tmp_path):
    page = write(run(SMALL, SMALL_KNOWN, How(numbers=(3,))), tmp_path, heard=1, jobs=1)
    text = page.read_text("utf-8")
    assert "<audio controls" not in text
    assert text.count("Cannot be heard: ") == 3


@pytest.mark.parametrize(
    ("method", "drawn"),
    [
        ("kmeans", {"silhouette"}),
        ("dbscan", {"grid", "distances"}),
        ("hdbscan", {"sizes"}),
        ("centroid", {"silhouette", "dendrogram"}),
        ("guided", {"silhouette", "dendrogram"}),
    ],
)
def test_pictures_are_those_of_the_method(method, drawn):
    always = {"variance", "tsne-clusters", "tsne-labels", "graph-clusters", "graph-labels"}
    assert {picture.name for picture in pictures(run(TABLE, KNOWN, How(method)))} == always | drawn <= set(PICTURES)


def test_what_an_earlier_run_wrote_goes_and_nothing_else(tmp_path):
    (tmp_path / "mine.svg").write_text("here")
    write(run(SMALL, SMALL_KNOWN, How("ward", numbers=(5,))), tmp_path, heard=0, jobs=1)
    assert (tmp_path / "cluster_4.m3u8").exists()
    assert (tmp_path / "dendrogram.svg").exists()
    write(run(SMALL, SMALL_KNOWN, How(numbers=(2,))), tmp_path, heard=0, jobs=1)
    assert not (tmp_path / "cluster_4.m3u8").exists()
    assert not (tmp_path / "dendrogram.svg").exists()
    assert (tmp_path / "mine.svg").exists()


def test_clips_that_take_no_part_have_no_cluster_in_the_table():
    values = TABLE.values.copy()
    values[3] = np.nan
    found = run(replace(TABLE, values=values), KNOWN, How())
    lines = list(csv.DictReader(table_text(found).splitlines()))
    assert (lines[3]["cluster"], lines[3]["tsne_x"], lines[3]["label"]) == ("", "", "hum")


def test_one_clip_has_a_page(tmp_path):
    one = replace(TABLE, owner=TABLE.owner[:1], spans=TABLE.spans[:1], values=TABLE.values[:1])
    page = write(run(one, KnownLabels(("hum",)), How()), tmp_path, heard=0, jobs=1)
    assert "There is one clip" in page.read_text("utf-8")
