"""The page of a library: few files whole in one page; thousands as a list that the script fills where one looks.

Up to `COMPLETE` files, the page holds their cards and pictures, and needs nothing beside it. Beyond, it holds what is
searched for, packed, and a plain list for browsers without scripts; pictures lie in files beside it and are loaded when
their card comes near.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from cueline.reports.cards import Card, packed
from cueline.reports.drawing import rhythm_path
from cueline.reports.facts import LibraryFacts
from cueline.reports.rendering import PICTURES_BESIDE, PICTURES_INSIDE, embedded, render
from cueline.reports.waveform import silhouette_path
from cueline.reports.words import legible

COMPLETE = 200  # files that one page shows whole
WORD_BYTES = 1_000_000  # of subtitles and notes that can be searched, shared by all files
MOST_OF_ONE = 20_000  # bytes of them, of one file


def is_complete(files: int) -> bool:
    """Whether a page of so many files holds everything itself."""
    return files <= COMPLETE


def word_bytes(files: int) -> int:
    """The share of one file of the words that can be searched."""
    return min(MOST_OF_ONE, WORD_BYTES // max(1, files))


def library_html(library: LibraryFacts, cards: Sequence[Card], *, title: str) -> str:
    """The page of a library.

    Args:
        library: All files, and what is wrong with them.
        cards: One a file, in the same order.
        title: What the library is called.
    """
    complete = is_complete(len(cards))
    return render(
        "library.html.jinja",
        scripts=("search.js", "library.js") if complete else ("search.js", "cards.js", "library.js"),
        images=PICTURES_INSIDE if complete else PICTURES_BESIDE,
        title=legible(title),
        library=library,
        cards=cards,
        complete=complete,
        most_problems=12 if complete else 3,  # before the fold: what is searched for must be near
        seconds=math.fsum(card.facts.seconds or 0.0 for card in cards),
        size_bytes=sum(card.facts.size_bytes for card in cards),
        shots=sum(card.shots or 0 for card in cards),
        rhythm_path=rhythm_path,
        silhouette_path=silhouette_path,
        data=embedded(packed(cards, drawn=complete)),
    )
