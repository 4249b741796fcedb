"""The page of clusters is whole and safe, shows what there is, and sounds are fetched only when they are played."""

import math
import re
from html import unescape

import numpy as np
import pytest

from cueline.evaluation.summaries import Interval, Measured
from cueline.reports.cluster_plots import plane_plot
from cueline.reports.clusterings import (
    ClusterReport,
    ClusterRow,
    Picture,
    Player,
    clusters_html,
    write_clusters,
)
from tests.reports.test_evaluations import EVIL, Plain


def row(name="0", *, players=(), labelled=7, text="rain.wav 0:05.0", main="rain"):
    return ClusterRow(name, 1234, 0.25, (text,), main, 0.875, 0.4, labelled, 0.31, f"cluster_{name}.m3u8", players)


def picture(name="tsne"):
    figure = plane_plot(np.arange(6.0).reshape(3, 2), ["0", "0", "1"], ["0", "1"])
    return Picture(name, "t-SNE: clusters", "How it is read.", figure)


def full():
    players = (Player("rain.wav", 5, 15, "rain", "sounds/0-1.mp3"), Player("wind.wav", 0, 5, "", "", "it is damaged"))
    return ClusterReport(
        "sound of rain & wind",
        (row(players=players), row("outsiders", players=players[:1])),
        (Measured("purity", Interval(0.9, 0.8, 0.95, note="only 3 groups"), 0.4, "Share of clips."),),
        (picture(), picture("graph")),
        ("All clips lie as one cloud.",),
        (("broken.wav", "it is damaged"),),
        {"method": "kmeans"},
        players,
    )


def evil():
    player = Player(EVIL, 0, 1, EVIL, "sounds/a b?.mp3")
    rows = (row(text=EVIL, main=EVIL, players=(player,)),)
    measures = (Measured(EVIL, Interval(0.5, note=EVIL), math.nan, EVIL),)
    return ClusterReport(EVIL, rows, measures, (), (EVIL,), ((EVIL, EVIL),), {EVIL: EVIL}, (player,))


def empty():
    return ClusterReport("Nothing", ())


@pytest.fixture(params=[full, evil, empty])
def page(request):
    return clusters_html(request.param())


class TestPage:
    def test_it_is_well_formed_and_asks_for_nothing_but_sounds_that_are_played(self, page):
        read = Plain(page)
        ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
        assert len(set(ids)) == len(ids)
        for tag, attributes in read.elements:
            assert "style" not in attributes
            assert not attributes.get("src") or tag == "audio"
            assert re.fullmatch(r"|data:,|#[\w-]+|clusters\.csv|cluster_\w+\.m3u8", attributes.get("href", ""))
            if tag == "audio":
                assert attributes["preload"] == "none"
                assert re.fullmatch(r"sounds/[\w.%-]+", attributes["src"])
        policy = unescape(page)
        assert "default-src 'none'; img-src data:; media-src 'self' file:; style-src 'sha256-" in policy

    def test_names_of_strangers_are_text(self):
        page = clusters_html(evil())
        assert "<img" not in page
        assert page.count("<script") == 1
        assert "\udce9" not in page

    def test_what_is_there_is_shown(self):
        page = clusters_html(full())
        for text in (
            *("rain &amp; wind", "1,234", "25.0%", "0.875", "0.310", "0.800 to 0.950", "only 3 groups", "base 0.400"),
            *(
                "Cluster 0",
                "88% <bdi>rain</bdi>",
                "0:05.0\N{EN DASH}0:15.0",
                "Cannot be heard: it is damaged",
                "Left out",
            ),
            *("Asked for first", "All clips lie as one cloud.", "kmeans", "t-SNE: clusters"),
        ):
            assert text in page, text

    def test_without_labels_nothing_is_said_of_them(self):
        page = clusters_html(ClusterReport("", (row(labelled=0, main=""),)))
        assert "Purity" not in page
        assert "Main label" not in page


class TestFiles:
    def test_page_and_pictures_are_written_and_nothing_else_is_touched(self, tmp_path):
        (tmp_path / "mine.txt").write_text("here")
        page = write_clusters(full(), tmp_path)
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {"mine.txt", "index.html", "tsne.svg", "tsne.png", "graph.svg", "graph.png"}
        assert page.read_text("utf-8") == clusters_html(full())

    def test_sizes_are_counted(self):
        assert (full().clips, full().clusters, full().labelled) == (2468, 1, True)
