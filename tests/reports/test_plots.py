"""Plots show what they are given: curves, guesses, intervals, names, and nothing where there is nothing."""

import math
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cueline.evaluation.summaries import ClassRow, Confusion, Curve, Interval
from cueline.reports.confusion import confusion_plot, most_confused
from cueline.reports.plots import (
    class_plot,
    forest_plot,
    label_plot,
    precision_recall_plot,
    reliability_plot,
    roc_plot,
    time_plot,
)
from cueline.reports.vectors import COLOURS, svg_file, svg_inside

EVIL = "<script>alert(1)</script> & $x^2$\n\x01日本語"


def curve(kind, name="rain", **options):
    return Curve(kind, name, np.array([0.2, 0.6, 1.0]), np.array([0.9, 0.8, 0.4]), **options)


def texts(figure):
    root = ET.fromstring(svg_inside(svg_file(figure), label="A plot", prefix="p"))
    return [element.text for element in root.iter("text")]


def lines(axes):
    return [line for line in axes.lines if line.get_linestyle() == "-"]


def test_precision_is_drawn_as_steps_from_recall_0_on_with_guessing_dotted():
    (axes,) = precision_recall_plot([curve("pr")], bases={"rain": 0.3, "snow": 0.5}).axes
    drawn, guess = axes.lines
    assert drawn.get_drawstyle() == "steps-pre"
    assert drawn.get_xdata().tolist() == [0, 0.2, 0.6, 1]
    assert drawn.get_ydata().tolist() == [0.9, 0.9, 0.8, 0.4]
    assert set(guess.get_ydata()) == {0.3}


def test_guessing_is_left_out_where_it_is_not_known_or_would_be_a_thicket():
    assert len(precision_recall_plot([curve("pr")]).axes[0].lines) == 1
    many = [curve("pr", f"class {number}") for number in range(4)]
    assert len(precision_recall_plot(many, bases={"class 0": 0.3}).axes[0].lines) == 4


def test_one_curve_needs_no_legend_and_many_share_one():
    assert not precision_recall_plot([curve("pr")]).legends
    figure = roc_plot([curve("roc", f"class {number}") for number in range(10)])
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == [*(f"class {number}" for number in range(7)), "3 more"]
    colours = [line.get_color() for line in lines(figure.axes[0])]
    assert colours[:7] == list(COLOURS)
    assert len(set(colours[7:])) == 1


def test_roc_has_the_diagonal_of_guessing():
    (axes,) = roc_plot([curve("roc")]).axes
    assert list(axes.lines[0].get_xdata()) == [0, 1]
    assert list(axes.lines[0].get_ydata()) == [0, 1]


def test_reliability_shows_how_many_items_there_are():
    above, below = reliability_plot([curve("reliability", weights=np.array([1000.0, 30, 2]))]).axes
    assert len(lines(above)) == 1
    assert below.lines[0].get_ydata().tolist() == [1000, 30, 2]
    assert below.get_yscale() == "log"
    assert below.get_ylim()[1] >= 1000


@pytest.mark.parametrize("weights", [np.empty(0), np.zeros(3), np.ones(3)])
def test_reliability_of_few_or_no_items_is_drawn_too(weights):
    svg_file(reliability_plot([curve("reliability", weights=weights)]))


def test_a_label_curve_has_a_band_and_is_not_squeezed_by_it():
    wide = curve("labels", low=np.full(3, -20.0), high=np.full(3, 20.0))
    (axes,) = label_plot([wide, curve("labels", "other")], measure="average precision").axes
    assert len(axes.collections) == 1
    low, high = axes.get_ylim()
    assert 0 < low < 0.4
    assert 0.9 < high < 1.2


def test_label_curves_without_numbers_are_an_empty_plot():
    nothing = Curve("labels", "rain", np.array([1.0]), np.array([math.nan]))
    svg_file(label_plot([nothing], measure="AP"))


def test_time_is_written_as_a_clock():
    x = np.arange(0, 4000, 10.0)
    band = {"low": np.zeros(400), "high": np.ones(400)}
    figure = time_plot([Curve("time", "film", x, np.full(400, 0.5), **band)], measure="agreement")
    words = texts(figure)
    assert "agreement" in words
    assert "0:00" in words
    assert "1:00:00" in words
    assert len(figure.axes[0].collections) == 1


def test_a_forest_writes_its_numbers_out():
    rows = [("ours", Interval(0.72, 0.7, 0.74), 0.1), (EVIL, Interval(0.6), math.nan)]
    words = texts(forest_plot(rows, measure="GAP@20"))
    assert "0.720 (0.700 \N{EN DASH} 0.740)" in words
    assert "0.600" in words
    assert "what guessing gets" in words
    assert any(word.startswith("<script>alert(1)") for word in words)


def test_a_forest_of_differences_has_a_line_at_nothing():
    figure = forest_plot([("ours, theirs", Interval(0.1, -0.1, 0.3), math.nan)], measure="difference", zero=0)
    assert figure.axes[0].lines[0].get_xdata() == [0, 0]
    assert not figure.legends


def rows(count):
    chance = np.random.default_rng(0)
    return [
        ClassRow(f"class {number}", int(2 ** chance.uniform(0, 10)), 5000, Interval(float(chance.random())))
        for number in range(count)
    ]


def test_a_few_classes_are_a_forest_the_best_first_and_without_those_not_defined():
    words = texts(class_plot([*rows(5), ClassRow("never seen", 0, 10, Interval(math.nan))]))
    names = [word for word in words if word.startswith("class ")]
    best = sorted(rows(5), key=lambda row: -row.average_precision.value)
    assert names == [row.name for row in best]
    assert "never seen" not in words


def test_many_classes_are_a_cloud_with_its_median_and_what_guessing_gets():
    (axes,) = class_plot(rows(300)).axes
    cloud, median, bases = axes.lines
    assert len(cloud.get_xdata()) == 300
    assert 3 <= len(median.get_xdata()) <= 11
    assert bases.get_ydata().max() < 0.21
    assert axes.get_xscale() == "log"
    assert {"1", "10", "100"} <= set(texts(class_plot(rows(300))))


def test_the_median_joins_bins_of_few_classes():
    (axes,) = class_plot(rows(45)).axes
    assert 2 <= len(axes.lines[1].get_xdata()) <= 9


def test_no_class_is_an_empty_forest():
    svg_file(class_plot([]))


class TestConfusion:
    def test_cells_have_their_numbers(self):
        amounts = np.array([[18.0, 2, 0], [1.5, 12_345, 2], [0, 0, 0]])
        words = texts(confusion_plot(Confusion(("rain", "snow", EVIL), amounts)))
        assert {"18", "2", "1.5", "12k"} <= set(words)
        assert "0" not in words
        assert words.count("rain") == 2

    def test_many_classes_have_shades_alone(self):
        names = tuple(f"class {number}" for number in range(30))
        words = texts(confusion_plot(Confusion(names, np.eye(30) * 5)))
        assert "5" not in words
        assert words.count("class 29") == 2

    def test_of_too_many_the_most_confused_are_shown_with_shares_of_all(self):
        amounts = np.eye(100) * 50
        amounts[70, 90] = amounts[3, 5] = 50
        names = tuple(f"class {number}" for number in range(100))
        assert most_confused(Confusion(names, amounts), most=4).tolist() == [3, 5, 70, 90]
        words = texts(confusion_plot(Confusion(names, amounts)))
        assert sum(word.startswith("class ") for word in words) == 2 * 40

    def test_one_class_is_a_plot_too(self):
        svg_file(confusion_plot(Confusion(("rain",), np.zeros((1, 1)))))
