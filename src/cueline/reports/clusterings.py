"""The report of clusters: a page on which they can be seen and heard, and its pictures as SVG and PNG.

The page needs no server. Sounds lie in a folder beside it, and are fetched when somebody plays them. What clusters are
made of, how well they hold together, what was tried and what was left out stand on it in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from cueline.evaluation.summaries import Measured
from cueline.reports.rendering import PICTURES_INSIDE, render, write_whole
from cueline.reports.vectors import png_file, svg_file, svg_inside
from cueline.reports.words import legible, number_words, short_clock

PAGE, SOUNDS = "index.html", "sounds"
# As for pictures beside a page: a page opened from a disk has no origin, so `file:` is named as well
_SOUNDS_BESIDE = "media-src 'self' file:"


@dataclass(frozen=True, slots=True)
class Player:
    """A clip that can be heard on the page.

    Attributes:
        name: Of its file.
        start: Where in it the clip begins, in seconds.
        end: Where it ends.
        label: Its known class, or empty.
        source: Where the sound lies, relative to the page; empty where there is none.
        reason: Why there is none, else empty.
    """

    name: str
    start: float
    end: float
    label: str = ""
    source: str = ""
    reason: str = ""

    @property
    def times(self) -> str:
        """From when to when, in words."""
        return f"{short_clock(self.start)}\N{EN DASH}{short_clock(self.end)}"


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """One cluster, or all outsiders.

    Attributes:
        name: Such as "0", or "outsiders".
        clips: How many clips it has.
        share: Of all clips, in (0, 1].
        typical: Names and times of the clips nearest to its middle.
        main: The commonest known class, or empty.
        purity: Share of its labelled clips that have it; NaN without labels.
        base: Share of all labelled clips that have it; NaN likewise.
        labelled: How many of its clips have a known class.
        silhouette: Mean over its clips; NaN where there is none.
        playlist: File name of its playlist, beside the page.
        players: Clips of it drawn by chance, to be heard.
    """

    name: str
    clips: int
    share: float
    typical: tuple[str, ...]
    main: str
    purity: float
    base: float
    labelled: int
    silhouette: float
    playlist: str = ""
    players: tuple[Player, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A plot of the page.

    Attributes:
        name: Of its files, without an ending.
        title: What it is.
        about: How it is read.
        figure: The plot.
        wide: Whether it takes two columns.
    """

    name: str
    title: str
    about: str
    figure: Figure
    wide: bool = False


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """What a page tells of clusters.

    Attributes:
        title: What was clustered.
        rows: The clusters, the largest first, outsiders last.
        measures: Numbers of the whole; those against known labels with their base.
        pictures: In order.
        notes: What one must know, in sentences.
        left_out: Files or clips that take no part, and why.
        facts: What one needs to do it again.
        asked: Clips that labelling by groups asks for first, in order.
    """

    title: str
    rows: Sequence[ClusterRow]
    measures: Sequence[Measured] = ()
    pictures: Sequence[Picture] = ()
    notes: Sequence[str] = ()
    left_out: Sequence[tuple[str, str]] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    asked: Sequence[Player] = ()

    @property
    def clips(self) -> int:
        """How many clips have a cluster or are outsiders."""
        return sum(row.clips for row in self.rows)

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return sum(row.name.isdecimal() for row in self.rows)

    @property
    def labelled(self) -> bool:
        """Whether any class is known."""
        return any(row.labelled for row in self.rows)


def write_clusters(report: ClusterReport, folder: Path) -> Path:
    """Write the page and its pictures.

    Args:
        report: What it tells.
        folder: Where; made if it is missing. Files there of the same names are replaced, no other is touched.

    Returns:
        The page, `index.html`; beside it lie the pictures as .svg and .png.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {picture.name: svg_file(picture.figure) for picture in report.pictures}
    for picture in report.pictures:
        write_whole(folder / f"{picture.name}.svg", drawings[picture.name])
        write_whole(folder / f"{picture.name}.png", png_file(picture.figure))
    write_whole(folder / PAGE, _page(report, drawings).encode())
    return folder / PAGE


def clusters_html(report: ClusterReport) -> str:
    """The page of clusters; sounds lie beside it."""
    return _page(report, {picture.name: svg_file(picture.figure) for picture in report.pictures})


def _page(report: ClusterReport, drawings: Mapping[str, bytes]) -> str:
    pictures = [
        (picture, svg_inside(drawings[picture.name], label=picture.title, prefix=f"p{number}"))
        for number, picture in enumerate(report.pictures)
    ]
    page = render(
        "clusters.html.jinja",
        scripts=(),
        styles=("page.css", "evaluation.css", "clusters.css"),
        images=f"{PICTURES_INSIDE}; {_SOUNDS_BESIDE}",
        report=report,
        pictures=pictures,
        number=number_words,
    )
    return legible(page)
