"""Reports of simulations are whole, safe, and tell who wins and how surely."""

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from cueline.evaluation.contests import Race, contest
from cueline.reports.races import alike, areas_plot, curves_plot
from cueline.reports.simulations import SCHEMA, reach_words, simulation_html, table_rows, write_simulation
from cueline.reports.vectors import COLOURS, QUIET, svg_file, svg_inside
from tests.reports.test_evaluations import EVIL, Plain

LABELS = np.array([6, 11, 21, 41, 61])
NAMES = ["random", "margin", "entropy", "batches", "feeds", "positives", "committee", "density", "k_centre", "anomaly"]


def contests(names=NAMES, *, seeds=7, name="rain", number=4):
    rng = np.random.default_rng(0)
    drawn = {
        strategy: {
            seed: (LABELS, np.linspace(0.1, 0.5 - 0.05 * place, 5) + 0.01 * rng.normal(size=5)) for seed in range(seeds)
        }
        for place, strategy in enumerate(["margin", *[each for each in names if each != "margin"]])
        if strategy in names
    }
    return contest(
        drawn, baseline="random", number=number, name=name, positives=1234, base_rate=0.02, test_positives=56
    )


def full(**options):
    whole = replace(contests(number=None, name="mean of 2 classes"), measure="macro F1")
    return Race(
        "Which rows to label: rain & snow",
        "random",
        (whole, contests(**options), contests(name="snow", number=9, **options)),
        dict.fromkeys(NAMES, 0.0123),
        dict.fromkeys(NAMES, 0.02),
        dict.fromkeys(NAMES, 0.5),
        ({"strategy": "margin", "seed": 3, "class": 9, "reason": "RuntimeError: it broke"},),
        {"seeds": "7", "budget": "61 labels", "model": "logistic"},
        ("Few positives in the test set: snow (3).",),
    )


def evil():
    names = [EVIL, "random"]
    failed = ({"strategy": EVIL, "seed": 0, "class": None, "reason": EVIL},)
    return Race(
        EVIL,
        "random",
        (contests(names, name=EVIL),),
        {EVIL: math.nan},
        failed=failed,
        notes=(EVIL,),
        facts={EVIL: EVIL},
    )


def empty():
    return Race("Nothing yet", "", ())


@pytest.fixture(scope="module", params=[full, evil, empty])
def page(request):
    return simulation_html(request.param())


def texts(figure):
    root = ET.fromstring(svg_inside(svg_file(figure), label="A plot", prefix="p"))
    return [element.text for element in root.iter("text")]


class TestPage:
    def test_it_is_well_formed_and_asks_for_nothing(self, page):
        read = Plain(page)
        ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
        assert len(set(ids)) == len(ids)
        for _, attributes in read.elements:
            assert not attributes.get("src")
            assert re.fullmatch(r"|data:,|#[\w-]+|simulation\.json", attributes.get("href", ""))
            assert "style" not in attributes
        assert not re.search(r"url\((?!#)|@import|fetch\(", page)

    def test_names_of_strangers_are_text(self):
        page = simulation_html(evil())
        assert "<img" not in page
        assert "\udce9" not in page
        assert page.count("<script") == 1

    def test_what_is_there_is_shown(self):
        page = simulation_html(full())
        for text in (
            *("rain &amp; snow", "mean of 2 classes", "macro F1", "1,234", "12.3", "61 labels", "better", "worse"),
            *("Few positives in the test set: snow (3).", "margin, seed 3, class 9: RuntimeError: it broke"),
            "logistic",
        ):
            assert text in page, text

    def test_where_chance_wins_the_table_says_so(self):
        race = Race("", "random", (contests(["random", "density"]),))
        rows = table_rows(race, race.contests[0])
        assert [row.strategy for row in rows] == ["random", "density"]
        assert rows[0].wins
        assert rows[1].verdict == "worse"
        assert rows[1].reach.startswith("not reached (")
        assert race.contests[0].winner == "random"


class TestFiles:
    def test_page_numbers_and_pictures_are_written(self, tmp_path):
        page = write_simulation(full(), tmp_path / "new" / "folder")
        names = {path.name for path in page.parent.iterdir()}
        assert names == {"index.html", "simulation.json", "curves.svg", "curves.png", "areas.svg", "areas.png"}
        values = json.loads((page.parent / "simulation.json").read_text())
        assert values["schema"] == SCHEMA
        assert values["strategies"] == NAMES
        assert len(values["curves"]) == 3 * len(NAMES)

    def test_nothing_else_is_touched(self, tmp_path):
        (tmp_path / "runs.jsonl").write_text("mine")
        write_simulation(empty(), tmp_path)
        assert (tmp_path / "runs.jsonl").read_text() == "mine"


class TestCurves:
    def test_there_is_a_panel_a_class_with_what_guessing_gets(self):
        figure = curves_plot(full())
        shown = [axes for axes in figure.axes if axes.axison]
        assert [axes.get_title("left") for axes in shown] == ["mean of 2 classes", "rain", "snow"]
        assert "average precision, 1,234 positives" in texts(figure)
        dotted = [line for line in shown[0].lines if line.get_linestyle() not in ("-", "None")]
        assert dotted[0].get_ydata()[0] == 0.02

    def test_chance_is_grey_and_broad_the_best_have_colours_and_names_the_others_are_thin(self):
        axes = curves_plot(full()).axes[1]
        pens = [(line.get_color(), line.get_linewidth()) for line in axes.lines]
        assert (QUIET, 2.8) in pens
        assert {colour for colour, _ in pens} >= set(COLOURS[:6])
        assert sum(pen == (QUIET, 0.8) for pen in pens) == len(NAMES) - 7
        names = [text.get_text() for text in axes.texts[1:]]
        assert len(names) == 7
        assert {"random", "margin"} <= set(names)

    def test_names_do_not_cover_one_another(self):
        axes = curves_plot(full()).axes[1]
        heights = sorted(text.xy[1] for text in axes.texts[1:])
        low, high = axes.get_ylim()
        assert min(np.diff(heights)) > 0.05 * (high - low)
        assert max(heights) <= high + 1e-9

    def test_strategies_that_asked_for_the_same_rows_are_one_line_with_one_name(self):
        first = contests(["random", "margin", "density"])
        twin = replace(first.racers[1], strategy="least_confident")
        race = Race("", "random", (replace(first, racers=(*first.racers, twin)),))
        assert alike(race) == {"density": (), "least_confident": ("margin",), "random": ()}
        axes = curves_plot(race).axes[0]
        assert sorted(text.get_text() for text in axes.texts[1:]) == ["density", "least_confident + 1", "random"]
        assert "least_confident + 1: margin asked for the same rows in every run." in simulation_html(race)

    def test_only_chance_and_the_best_have_a_band(self):
        assert [len(axes.collections) for axes in curves_plot(full()).axes] == [2, 2, 2]

    def test_one_seed_has_no_band_to_be_seen_and_breaks_nothing(self):
        svg_file(curves_plot(full(seeds=1)))


class TestAreas:
    def test_there_is_a_row_a_strategy_without_chance(self):
        axes = areas_plot(full()).axes[0]
        assert axes.get_yticklabels()[0].get_text() == "margin"
        assert "random" not in [label.get_text() for label in axes.get_yticklabels()]

    def test_colours_tell_the_verdict(self):
        axes = areas_plot(full()).axes[1]
        marks = [line for line in axes.lines if line.get_marker() == "o"]
        assert {mark.get_color() for mark in marks} <= {COLOURS[0], COLOURS[1], QUIET}
        assert len(marks) == len(NAMES) - 1


def test_labels_to_reach_are_told_with_their_interval():
    found = contests(seeds=10)
    told = {racer.strategy: reach_words(racer) for racer in found.racers}
    assert re.fullmatch(r"\d+ \(\d+ to \d+\)", told["margin"])
    assert told["anomaly"] == "not reached (0 of 10 seeds do)"
