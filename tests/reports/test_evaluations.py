"""Reports of evaluations are whole, safe, sortable, and the same as JSON."""

import base64
import hashlib
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.browser import Browser, browser
from cueline.evaluation.summaries import (
    ClassRow,
    Comparison,
    Confusion,
    Curve,
    Evaluation,
    Interval,
    Measured,
    Mistake,
)
from cueline.reports.evaluations import SCHEMA, drawn, evaluation_html, write_evaluation
from tests.reports.test_pages import Page

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> & $x$ \udce9"
SHOWN = "Array.from(document.querySelectorAll('#classes tbody th'), each => each.textContent)"


def curves():
    x, y = np.array([0.2, 0.6, 1.0]), np.array([0.9, 0.8, 0.4])
    yield Curve("pr", "rain", x, y)
    yield Curve("pr", "never seen", np.empty(0), np.empty(0))
    yield Curve("roc", "rain", x, y)
    yield Curve("reliability", "scores", x, y, weights=np.array([100.0, 20, 3]))
    yield Curve("labels", "random", x * 100, y, low=y - 0.1, high=y + 0.1, measure="AP")
    yield Curve("labels", "entropy", x * 100, y, measure="AP")
    yield Curve("labels", "random", x * 100, y, measure="F1")
    yield Curve("time", "film", x * 100, y, measure="agreement")
    yield Curve("time", "film", x * 100, y, measure="loudness")


def full(count=3):
    rows = tuple(
        ClassRow(f"class {number}", count - number, count, Interval(number / count, number / count / 2, 1))
        for number in range(count)
    )
    return Evaluation(
        title="Rain & snow",
        items=4000,
        groups=58,
        measures=(
            Measured("GAP@20", Interval(0.7194, 0.71, 0.73), 0.12, "All pairs as one list."),
            Measured("Kappa", Interval(math.nan, note="not defined on these items")),
        ),
        classes=(*rows, replace(rows[0], name="rain", roc_auc=0.9, f1=0.5), ClassRow("none", 0, 0, Interval(math.nan))),
        curves=tuple(curves()),
        confusions=(Confusion(("rain", "snow"), np.eye(2)), Confusion(("a", "b"), np.eye(2) * 9, "seconds")),
        mistakes=tuple(Mistake(f"clip {number}", "rain", "snow", 0.9, "clips/1.html") for number in range(40)),
        facts={"policy": "judged: 2 yes, 3 no, 1 not judged and left out"},
        notes=("62 items have no prediction and rank last.",),
        comparisons=(
            Comparison("GAP@20", "ours", "theirs", 0.72, 0.68, Interval(0.04, 0.03, 0.05), 0.0, 0.002),
            Comparison("GAP@20", "ours", "one", 0.72, 0.68, Interval(0.04, note="all items are of one group")),
        ),
    )


def evil():
    return Evaluation(
        title=EVIL,
        items=1,
        groups=1,
        measures=(Measured(EVIL, Interval(2.5, note=EVIL), 0.5, EVIL),),
        classes=(ClassRow(EVIL, 1, 1, Interval(1.0, note=EVIL)), ClassRow("</script><!--", 1, 1, Interval(1.0))),
        curves=tuple(Curve("pr", EVIL, np.ones(1), np.ones(1)) for _ in range(2)),
        confusions=(Confusion((EVIL,), np.ones((1, 1))),),
        mistakes=(Mistake(EVIL, EVIL, EVIL, 1.0, "javascript:alert(1)"), Mistake("b", "", "", 1.0, EVIL)),
        facts={EVIL: EVIL},
        notes=(EVIL,),
        comparisons=(Comparison(EVIL, EVIL, EVIL, 1.0, 1.0, Interval(0.0)),),
    )


def html(evaluation):
    return evaluation_html(evaluation, list(drawn(evaluation)))


@pytest.fixture(scope="module", params=["full", "evil", "empty"])
def page(request):
    made = {"full": full, "evil": evil, "empty": lambda: Evaluation("Nothing yet", 0, 0)}[request.param]()
    return html(made)


class Plain(Page):
    """Also reads what SVG may close at once."""

    def handle_startendtag(self, tag, attributes):
        assert tag in ("path", "rect", "use", "g")
        self.elements.append((tag, dict(attributes)))


class TestPage:
    def test_it_is_well_formed_and_each_id_is_its_own(self, page):
        read = Plain(page)
        ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
        assert len(set(ids)) == len(ids)
        assert [len(read.all(tag)) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5

    def test_it_asks_for_nothing_from_outside(self, page):
        for _, attributes in Plain(page).elements:
            for name in ("src", "srcset", "data", "action"):
                assert not attributes.get(name)
            link = attributes.get("href", "")
            assert re.fullmatch(r"|data:,|#[\w-]+|evaluation\.json|clips/1\.html", link), link
        assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttp|WebSocket|import\(|sendBeacon", page)

    def test_its_policy_allows_its_own_style_and_script_and_it_needs_no_more(self, page):
        read = Plain(page)
        (policy,) = [m["content"] for m in read.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
        for tag in ("style", "script"):
            (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
            assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" in policy
        for _, attributes in read.elements:
            assert "style" not in attributes
            assert not [name for name in attributes if name.startswith("on")]

    def test_names_of_strangers_are_text(self):
        page = html(evil())
        assert "<img" not in page
        assert "\udce9" not in page
        assert page.count("<script") == 2  # the data, and the script of the page
        assert "javascript:" not in page
        json.loads(re.search(r'id="rows">(.*?)</script>', page).group(1))

    @pytest.mark.parametrize("page", ["full"], indirect=True)
    def test_what_is_there_is_shown(self, page):
        for text in (
            *("Rain &amp; snow", "4,000", "58", "0.719", "0.710 to 0.730", "guessing 0.120", "All pairs as one list."),
            *("95 % interval", "not defined on these items", "62 items have no prediction and rank last."),
            *("0.030 to 0.050", "all items are of one group", "0.002", "and 15 more", "1 not judged and left out"),
            *("Mean height: random 0.725, entropy 0.725.", "In seconds;", "ROC AUC"),
        ):
            assert text in page, text
        assert "Threshold" not in page

    def test_levels_that_differ_are_not_named(self):
        measures = (Measured("a", Interval(1.0)), Measured("b", Interval(1.0, level=0.9)))
        mixed = Evaluation("x", 1, 1, measures=measures)
        assert "95 %" not in html(mixed)
        assert "90 %" not in html(mixed)

    @pytest.mark.parametrize(
        ("link", "kept"),
        [
            ("https://example.org/a?b=1&c=2", True),
            ("http://example.org", True),
            ("clips/3.html#t=4", True),
            ("file:///films/a.mp4", True),
            ("JavaScript:alert(1)", False),
            ("data:text/html,x", False),
            (" javascript:alert(1)", False),
        ],
    )
    def test_links_lead_to_pages_and_run_nothing(self, link, kept):
        page = html(Evaluation("x", 1, 1, mistakes=(Mistake("a", "b", "c", 1.0, link),)))
        assert ('rel="noreferrer"' in page) == kept


class TestPlots:
    def test_each_kind_has_its_plot_and_its_own_name(self):
        names = [plot.name for plot in drawn(full())]
        assert names == [
            *("differences", "precision-recall", "roc", "reliability", "labels", "labels-2"),
            *("classes", "confusion", "confusion-2", "time", "time-2"),
        ]

    def test_nothing_has_no_plot(self):
        assert list(drawn(Evaluation("x", 0, 0))) == []

    def test_many_classes_are_told_of_in_words(self):
        names = tuple(map(str, range(50)))
        rows = tuple(ClassRow(name, 1, 9, Interval(0.5)) for name in names)
        plots = {
            plot.name: plot
            for plot in drawn(Evaluation("x", 9, 9, classes=rows, confusions=(Confusion(names, np.ones((50, 50))),)))
        }
        assert plots["classes"].about == "Over the number of items that have the class."
        assert plots["confusion"].about.endswith("The 40 of 50 classes that are confused most.")
        assert plots["confusion"].size == "whole"


class TestFiles:
    def test_page_numbers_and_figures_are_written(self, tmp_path):
        page = write_evaluation(full(), tmp_path / "new" / "report")
        assert page == tmp_path / "new" / "report" / "index.html"
        files = sorted(path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file())
        assert files[:3] == ["evaluation.json", "figures/classes.svg", "figures/confusion-2.svg"]
        assert len(files) == 2 + 11
        values = json.loads((page.parent / "evaluation.json").read_text("utf-8"))
        assert (values["schema"], values["version"]) == (SCHEMA, 1)
        assert values["measures"][1]["result"]["value"] is None
        assert values["classes"][0]["base_rate"] == 1

    def test_the_same_evaluation_gives_the_same_bytes(self, tmp_path):
        first, second = (write_evaluation(evil(), tmp_path / name).parent for name in ("a", "b"))
        for path in first.rglob("*.*"):
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()

    def test_names_that_are_no_text_are_written_too(self, tmp_path):
        folder = write_evaluation(evil(), tmp_path).parent
        assert json.loads((folder / "evaluation.json").read_text("utf-8"))["title"] == EVIL

    def test_other_files_of_the_folder_stay(self, tmp_path):
        (tmp_path / "mine.txt").write_text("here")
        write_evaluation(Evaluation("x", 0, 0), tmp_path)
        assert (tmp_path / "mine.txt").read_text() == "here"
        assert not list(tmp_path.glob(".*.part"))


@pytest.fixture(scope="module")
def shown():
    with Browser(browser()) as page:
        yield page


@pytest.fixture
def opened(shown, tmp_path):
    (tmp_path / "index.html").write_text(evaluation_html(full(3000), []), "utf-8")
    shown.open(tmp_path / "index.html")
    return shown


@pytest.mark.skipif(browser() is None, reason="no Chromium or Chrome is on the path")
class TestInBrowser:
    def typed(self, page, field, text):
        page.value(
            f"(field => {{ field.value = {text!r}; field.dispatchEvent(new Event('input', {{bubbles: true}})); }})"
            f"(document.getElementById({field!r}))"
        )
        return page.value(SHOWN)

    def click(self, page, key):
        page.value(f"document.querySelector('th[data-key={key}] button').click()")
        return page.value(SHOWN)

    def test_a_script_shows_what_the_page_said_without_it(self, opened):
        text = evaluation_html(full(3000), [])
        body = re.search(r'<table id="classes".*?<tbody>(.*?)</tbody>', text, re.DOTALL).group(1)
        found = re.findall(r"<(?:td|th)[^>]*>(.*?)</(?:td|th)>", body, re.DOTALL)
        static = [re.sub(r"<[^>]+>", "", cell).strip() for cell in found]
        cells = opened.value("Array.from(document.querySelectorAll('#classes tbody :is(td, th)'), e => e.textContent)")
        assert cells == static
        assert len(opened.value(SHOWN)) == 100

    def test_more_rows_are_shown_on_demand(self, opened):
        opened.value("document.getElementById('more').click()")
        assert len(opened.value(SHOWN)) == 600

    def test_classes_are_sorted_both_ways_and_those_without_a_number_come_last(self, opened):
        assert self.click(opened, "average_precision")[0] == "class 2999"
        assert self.click(opened, "average_precision")[0] in ("class 0", "rain")
        assert self.click(opened, "roc_auc")[0] == "rain"
        assert self.click(opened, "name")[:2] == ["class 0", "class 1"]
        sorted_by = "Array.from(document.querySelectorAll('[aria-sort]'), e => e.dataset.key + e.ariaSort).join()"
        assert opened.value(sorted_by) == "nameascending"

    def test_classes_are_found_by_name_and_by_their_positives(self, opened):
        assert self.typed(opened, "search", "RAIN") == ["rain"]
        assert opened.value("document.getElementById('found').textContent") == "1 of 3,002 classes"
        assert self.typed(opened, "search", "class 29")[:2] == ["class 29", "class 129"]
        self.typed(opened, "search", "")
        assert len(self.typed(opened, "least", "2,990")) == 12
        self.typed(opened, "least", "many")
        assert opened.value("document.getElementById('least').getAttribute('aria-invalid')") == "true"
        self.typed(opened, "least", "")
