"""Figures as SVG: text stays text, and in a page they take the colours of the page, light or dark.

A page forbids inline styles and takes its colours from variables. So what Matplotlib writes as `style` becomes
attributes, its colours become `var(--ink)` and the like, ids get a prefix of their own, and numbers two decimals.
Figures are made with Matplotlib's objects, never with pyplot: no state is shared, no window opens.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec
from xml.etree import ElementTree as ET

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from cueline.reports.words import legible

INK, QUIET, LINE, SHEET = "#1b1a18", "#5d5a54", "#e2dfd8", "#ffffff"
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b08900", "#56b4e9", "#6b6660")  # Okabe and Ito, on paper
_VARIABLES = {INK: "--ink", QUIET: "--quiet", LINE: "--line", SHEET: "--sheet"}
_VARIABLES |= {colour: f"--c{number}" for number, colour in enumerate(COLOURS)}

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": QUIET,
    "axes.labelsize": 10.5,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "figure.facecolor": SHEET,
    "font.family": "sans-serif",
    "font.size": 10.5,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "legend.fontsize": 10.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "cueline",
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": QUIET,
    "xtick.labelcolor": QUIET,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.color": QUIET,
    "ytick.labelcolor": QUIET,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
}
_GROUND = "patch_1"  # what Matplotlib calls the ground of a figure
_SPACE = "{http://www.w3.org/2000/svg}"
_KEPT = {"d", "x", "y", "transform", "clip-path", "points", "width", "height"}

Given = ParamSpec("Given")


def in_style(draw: Callable[Given, Figure]) -> Callable[Given, Figure]:
    """Run a function that draws a figure in the style of the reports."""

    @wraps(draw)
    def styled(*args: Given.args, **kwargs: Given.kwargs) -> Figure:
        with _style():
            return draw(*args, **kwargs)

    return styled


def short(name: str, most: int = 28) -> str:
    """A name as one line that a figure can hold.

    Example:
        >>> short("a name that goes  on and on and on", 12) == "a name that" + chr(0x2026)
        True
    """
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in legible(name)).split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def svg_file(figure: Figure) -> bytes:
    """A figure as a file of its own, on white; the same figure gives the same bytes."""
    return _saved(figure, "svg")


def png_file(figure: Figure) -> bytes:
    """A figure as a picture, on white, at 192 pixels an inch."""
    return _saved(figure, "png")


def svg_inside(svg: bytes, *, label: str, prefix: str) -> Markup:
    """A figure as an element of a page.

    Args:
        svg: As `svg_file` gives it.
        label: What it shows, for those who cannot see it.
        prefix: Of its ids; another for each figure of a page.

    Returns:
        An `svg` element without a style and without ground, in the colours of the page, a pixel a point.
    """
    root = ET.fromstring(svg)  # noqa: S314 - of our own making
    used = set(re.findall(r'(?:url\(#|href="#)([\w.-]+)', svg.decode()))
    names = {name: f"{prefix}-{number}" for number, name in enumerate(sorted(used))}
    box = root.attrib["viewBox"]
    page = ET.Element("svg", {"class": "plot", "viewBox": box, "width": f"{float(box.split()[2]):.0f}"})
    page.attrib |= {"role": "img", "aria-label": label, "stroke-linejoin": "round", "fill": "var(--ink)"}
    for child in root:
        page.extend(_cleaned(child, names))
    return Markup(ET.tostring(page, "unicode"))  # noqa: S704 - ElementTree has escaped every text


def _cleaned(element: ET.Element, names: dict[str, str]) -> Iterator[ET.Element]:
    """An element as a page may hold it; what says nothing gives way to what it holds."""
    tag = element.tag.removeprefix(_SPACE)
    if tag in ("metadata", "style") or element.get("id") == _GROUND:
        return
    children = [clean for child in element for clean in _cleaned(child, names)]
    attributes = dict(_attributes(element, names))
    if tag in ("g", "defs") and not children:
        return
    if tag == "g" and not attributes:
        yield from children
        return
    attributes |= _shared(children)
    clean = ET.Element(tag, attributes)
    clean.text = element.text if tag == "text" else None
    clean.extend(children)
    yield clean


def _shared(marks: list[ET.Element]) -> dict[str, str]:
    """Take from the marks of a cloud of points what they all have, for the element around them."""
    if len(marks) < 4 or any(mark.tag != "use" for mark in marks):
        return {}
    first = marks[0].attrib
    shared = {name for name in first if all(mark.get(name) == first[name] for mark in marks)} - {"x", "y", "href"}
    found = {name: first[name] for name in shared}
    for mark in marks:
        for name in shared:
            del mark.attrib[name]
    return found


def _attributes(element: ET.Element, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        name = key.rpartition("}")[2]
        if name == "id" and value in names:
            yield "id", names[value]
        elif name == "href":
            yield "href", f"#{names[value[1:]]}"
        elif name == "style":
            yield from _styles(value)
        elif name in _KEPT and not (name == "transform" and value.startswith("rotate(-0 ")):
            placed = re.sub(r"url\(#([\w.-]+)\)", lambda found: f"url(#{names[found[1]]})", value)
            yield name, re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", placed).replace("\n", "")


def _styles(style: str) -> Iterator[tuple[str, str]]:
    for rule in style.split("; "):
        name, _, value = rule.partition(": ")
        if name != "font-family":
            yield name, f"var({_VARIABLES[value]})" if value in _VARIABLES else value


def _saved(figure: Figure, kind: str) -> bytes:
    file = io.BytesIO()
    options: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {"dpi": 192}
    with _style(), warnings.catch_warnings():
        # The font that measures lacks many scripts; the one that the reader's browser draws with has them.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(file, format=kind, **options)
    return file.getvalue()


@contextmanager
def _style() -> Iterator[None]:
    with mpl.rc_context(_STYLE):
        yield
