"""Plots of clusters show what was tried, where the tree is cut, and clips in the colour of their cluster."""

import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy.cluster.hierarchy import linkage

from cueline.reports.cluster_plots import (
    MOST_LEAVES,
    MOST_POINTS,
    TriedPoint,
    distances_plot,
    plane_plot,
    tree_plot,
    tried_plot,
    variance_plot,
)
from cueline.reports.vectors import COLOURS, QUIET, svg_file, svg_inside

EVIL = "<script>alert(1)</script> & $x^2$\n\x01日本語"


def texts(figure):
    root = ET.fromstring(svg_inside(svg_file(figure), label="A plot", prefix="p"))
    return [element.text for element in root.iter("text")]


@pytest.mark.parametrize("kept", [1, 2, 3])
def test_variance_adds_up_and_the_kept_components_are_marked(kept):
    figure = variance_plot(np.array([0.6, 0.3, 0.1]), kept)
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == pytest.approx([0.6, 0.9, 1.0])
    assert f"{kept} kept: {[0.6, 0.9, 1.0][kept - 1]:.1%}" in texts(figure)


def test_what_was_taken_is_ringed_and_what_gives_nothing_is_not_drawn():
    points = [
        TriedPoint("", 2, 0.2, 2, chosen=False),
        TriedPoint("", 3, 0.4, 3, chosen=True),
        TriedPoint("", 4, math.nan, 1, chosen=False),
    ]
    (axes,) = tried_plot(points, across="clusters", up="silhouette").axes
    assert axes.lines[0].get_xdata().tolist() == [2, 3]
    assert list(axes.lines[-1].get_xdata()) == [3]


def test_lines_have_names_and_points_their_number_of_clusters():
    points = [TriedPoint(f"min {line}", x, 0.1 * x, 7, chosen=False) for line in (3, 5) for x in (1, 2)]
    shown = texts(tried_plot(points, across="eps", up="worth"))
    assert {"min 3", "min 5"} <= set(shown)
    assert shown.count("7") == 4


def test_that_nothing_gives_two_clusters_is_written():
    points = [TriedPoint("", 1, math.nan, 0, chosen=True)]
    assert "no setting gives two clusters" in texts(tried_plot(points, across="eps", up="worth"))


def test_distances_rise_and_eps_is_dotted():
    figure = distances_plot({"3": np.arange(9.0), "5": np.arange(9.0) + 1}, eps=4.0)
    assert [len(line.get_xdata()) for line in figure.axes[0].lines[:2]] == [9, 9]
    assert figure.axes[0].lines[2].get_ydata()[0] == 4
    assert "eps 4.000" in texts(figure)


class TestTree:
    rows = np.concatenate([np.random.default_rng(0).normal(9 * heap, 1, (20, 2)) for heap in range(3)])

    @pytest.mark.parametrize("how", ["ward", "single", "centroid", "median"])
    def test_branches_below_the_cut_have_the_colour_of_their_cluster(self, how):
        joins = linkage(self.rows, how)
        groups = np.repeat([0, 1, 2], 20)
        height = float(np.sort(joins[:, 2])[-3:-1].mean())
        (axes,) = tree_plot(joins, height=height, groups=groups).axes
        colours = {to_hex(colour) for colour in axes.collections[0].get_colors()}
        assert colours == {*COLOURS[:3], QUIET}
        assert axes.lines[0].get_ydata()[0] == height

    def test_a_great_tree_shows_its_highest_branches_with_their_clips(self):
        rows = np.random.default_rng(0).normal(size=(300, 2))
        figure = tree_plot(linkage(rows, "ward"))
        sizes = [int(label.get_text()) for label in figure.axes[0].get_xticklabels()]
        assert len(sizes) == MOST_LEAVES
        assert sum(sizes) == 300

    def test_two_clips_and_clips_that_are_alike_are_a_tree_too(self):
        svg_file(tree_plot(linkage(np.array([[0.0], [1.0]]), "ward"), height=0.5, groups=np.array([0, 1])))
        svg_file(tree_plot(linkage(np.zeros((4, 2)), "ward")))

    def test_a_chain_of_thousands_is_drawn(self):
        rows = np.arange(3000.0).reshape(-1, 1) ** 1.5
        svg_file(tree_plot(linkage(rows, "single")))


class TestPlane:
    def test_clusters_have_colours_and_outsiders_are_grey(self):
        places = np.arange(12.0).reshape(6, 2)
        figure = plane_plot(places, ["0", "1", "1", "outsiders", "0", "0"], ["0", "1"], outside="outsiders")
        pens = {line.get_color(): len(line.get_xdata()) for line in figure.axes[0].lines}
        assert pens == {QUIET: 1, COLOURS[0]: 3, COLOURS[1]: 2}
        assert set(texts(figure)) == {"outsiders", "0", "1"}

    def test_more_clusters_than_colours_have_other_marks(self):
        names = [str(group) for group in range(20)]
        figure = plane_plot(np.arange(40.0).reshape(20, 2), names, names)
        pens = {(line.get_color(), line.get_marker()) for line in figure.axes[0].lines}
        assert len(pens) == 20

    def test_of_many_clips_some_are_shown(self):
        places = np.random.default_rng(0).normal(size=(9000, 2))
        figure = plane_plot(places, ["0"] * 9000, ["0"])
        assert sum(len(line.get_xdata()) for line in figure.axes[0].lines) == MOST_POINTS

    def test_names_of_strangers_are_text_and_clips_at_one_place_are_shown(self):
        figure = plane_plot(np.zeros((3, 2)), [EVIL] * 3, [EVIL])
        assert not any("\n" in text for text in texts(figure))
