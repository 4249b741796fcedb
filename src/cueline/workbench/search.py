"""Search: files and moments by words, and moments by what they must be like."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cueline.ports import Placed
from cueline.stores.questions import ANYTHING, Wanted
from cueline.stores.reading import LibraryReader
from cueline.stores.rows import Tag
from cueline.stores.wording import fitting
from cueline.timeline.spans import Span
from cueline.workbench.intake import homes


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found.

    Attributes:
        asset: Id of the asset.
        path: Where it lies, or was seen last.
        track: The track it was found in; empty where the name of the file fits.
        span: When, in seconds; None where it is the whole file.
        text: What was found: the name of a label, a line of subtitles, the name of the file.
        score: Confidence of the label in [0, 1], or likeness; 1 for the name of a file.
    """

    asset: str
    path: Path
    track: str
    span: Span | None
    text: str
    score: float


def search(store: LibraryReader, query: str, wanted: Wanted = ANYTHING, *, limit: int = 100) -> list[Hit]:
    """Files and labels that fit words; with no words, every label that is wanted.

    Args:
        store: A library.
        query: Words, as `stores.wording` reads them; empty for none.
        wanted: What else must hold; where it asks for something of labels, names of files do not count.
        limit: At most so many.

    Returns:
        Files first, in order of their path; then labels, the best text first, or by path and time where there are
        no words. Content that no file holds any more is left out.

    Raises:
        OptionError: If the query cannot be read; shows where.
    """
    somewhere = homes(store.places())
    if not query.strip():
        rows = store.tags(
            names=wanted.names,
            classes=wanted.classes,
            within=wanted.within,
            asset=wanted.asset,
            least_score=wanted.least_score,
            groups=wanted.groups,
            limit=limit,
        )
        return [_of_tag(tag, somewhere) for tag in rows if tag.asset in somewhere]
    tags = store.find_text(query, wanted, limit=limit)  # first, since it refuses what cannot be read
    labels = [_of_tag(tag, somewhere) for tag in tags if tag.asset in somewhere]
    return [*_files(store, query, wanted, somewhere), *labels][:limit]


def _of_tag(tag: Tag, somewhere: dict[str, Placed]) -> Hit:
    return Hit(tag.asset, somewhere[tag.asset].location.path, tag.track, tag.span, tag.name, tag.score)


def _files(store: LibraryReader, query: str, wanted: Wanted, somewhere: dict[str, Placed]) -> Iterator[Hit]:
    """Files whose path, below the folder that holds all, the words fit."""
    of_labels = (wanted.names, wanted.classes, wanted.within, wanted.least_score)
    if any(each is not None for each in of_labels):
        return
    fits_words, asset = fitting(query), wanted.asset
    groups = {each.id: each.groups for each in store.assets()} if wanted.groups else {}
    paths = [placed.location.path for placed in somewhere.values()]
    top = os.path.commonpath([path.parent for path in paths]) if paths else ""
    for known, placed in sorted(somewhere.items(), key=lambda item: item[1].location.path):
        below = str(placed.location.path.relative_to(top))
        fits = asset in (None, known) and (wanted.groups or {}).items() <= groups.get(known, {}).items()
        if fits and fits_words(below):
            yield Hit(known, placed.location.path, "", None, below, 1.0)
