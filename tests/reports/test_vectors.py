"""Figures become SVG that a page may hold, whatever they are called."""

import re
import sys
import warnings
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.figure import Figure

from cueline.reports.vectors import COLOURS, INK, in_style, png_file, short, svg_file, svg_inside

EVIL = "<script>alert(1)</script> & $x^2$ \"'"


@in_style
def figure(name="rain"):
    made = Figure(figsize=(3, 2))
    axes = made.subplots()
    axes.plot([0.123456, 1], [0, 1], color=COLOURS[1], label=name)
    axes.plot([0.1, 0.2, 0.3, 0.4, 0.5], [1] * 5, "o", color=COLOURS[0])
    axes.text(0.5, 0.5, name, rotation=30)
    return made


def inside(made, **options):
    return svg_inside(svg_file(made), **{"label": "A plot", "prefix": "p"} | options)


def test_a_figure_in_a_page_has_no_style_and_the_colours_of_the_page():
    svg = inside(figure())
    root = ET.fromstring(svg)
    assert not [element for element in root.iter() if "style" in element.attrib or element.tag == "style"]
    assert "var(--ink)" in svg
    assert "var(--c1)" in svg
    assert "#" not in re.sub(r'(?:href="|url\()#p-\d+', "", svg)
    assert "font-family" not in svg
    assert "xmlns" not in svg


def test_text_stays_text_and_nothing_in_it_is_markup_or_a_formula():
    texts = [element.text for element in ET.fromstring(inside(figure(EVIL))).iter("text")]
    assert EVIL in texts
    assert "<script" not in inside(figure(EVIL))


def test_ids_are_those_that_are_used_with_a_prefix_of_their_own():
    first, second = (re.findall(r'id="([^"]+)"', inside(figure(), prefix=prefix)) for prefix in ("a", "b"))
    assert first
    assert not set(first) & set(second)
    svg = inside(figure())
    assert set(re.findall(r'(?:href="|url\()#([\w-]+)', svg)) == set(re.findall(r'id="([^"]+)"', svg))


def test_a_figure_is_described_and_has_its_size():
    root = ET.fromstring(inside(figure(), label=EVIL))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == EVIL
    assert root.attrib["width"] == "216"


def test_what_points_have_in_common_is_said_once():
    uses = [
        element for element in ET.fromstring(inside(figure())).iter("use") if set(element.attrib) == {"href", "x", "y"}
    ]
    assert len(uses) >= 5


def test_the_same_figure_gives_the_same_bytes():
    assert svg_file(figure()) == svg_file(figure())
    assert b"<text" in svg_file(figure())
    assert INK.encode() in svg_file(figure())


def test_a_picture_is_a_png():
    assert png_file(figure()).startswith(b"\x89PNG")


def test_neither_pyplot_nor_the_settings_of_others_are_touched():
    before = dict(mpl.rcParams)
    svg_file(figure())
    assert dict(mpl.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules or mpl.pyplot.get_fignums() == []


def test_names_in_any_script_warn_nobody():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "日本語" in inside(figure("日本語"))


def test_a_name_becomes_one_short_line():
    assert short("two\nlines\tand\x00more") == "two lines and more"
    assert short("caf\udce9") == "caf\\udce9"
    assert short("x" * 40) == "x" * 27 + "…"
