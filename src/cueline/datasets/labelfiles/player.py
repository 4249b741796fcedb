"""The player's file: `{"name of a clip": "Dialogue" | "Music" | "Both", ...}`, one class a clip.

The player has a key for each class, so D, M and B stand for the words, in any case. It keeps nothing for a clip that
was passed over; "None" therefore is no answer, and is told as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.datasets.labelfiles.texts import Pairs, shown
from cueline.errors import FormatError, near_miss

WORDS = {"d": "Dialogue", "m": "Music", "b": "Both"}
_MEANT = {**WORDS, **{word.casefold(): word for word in WORDS.values()}}
_PASSED = ("none", "n", "")


def word_of(text: str) -> str | None:
    """The class that a word or its short form means, in any case; None where it means none.

    Example:
        >>> word_of("m"), word_of("both"), word_of("Jazz")
        ('Music', 'Both', None)
    """
    return _MEANT.get(text.strip().casefold())


def fits(value: Any) -> bool:
    """Whether a value of JSON looks like the player's file."""
    return isinstance(value, Pairs) and (
        not value or any(isinstance(word, str) and word_of(word) for word in value.values())
    )


def read(path: Path, value: Any) -> LabelFile:
    """Read the player's file; a name that stands in it twice gives two items.

    Args:
        path: The file, for messages.
        value: What it holds.

    Raises:
        FormatError: If it is something else.
    """
    if not isinstance(value, Pairs):
        raise FormatError(f"{str(path)!r} must be an object of names and classes, got {shown(value)}", path=path)
    items, skipped = list[LabelItem](), list[Skip]()
    for number, (clip, word) in enumerate(value.pairs, start=1):
        where = f"item {number}"
        try:
            items.append(item_of(clip, word, where))
        except FormatError as error:
            skipped.append(Skip(where, clip, word if isinstance(word, str) else "", str(error)))
    return LabelFile("player", items, skipped, exclusive=True)


def item_of(clip: str, word: Any, where: str) -> LabelItem:
    """What one word of one clip says.

    Raises:
        FormatError: If the player knows no such word.
    """
    meant = word_of(word) if isinstance(word, str) else None
    if meant is None:
        if word is None or (isinstance(word, str) and word.strip().casefold() in _PASSED):
            raise FormatError(f"{where} must have a class, got {word!r}, which the player means as no answer")
        near = near_miss(word.strip().title(), WORDS.values()) if isinstance(word, str) else ""
        raise FormatError(f"{where} must be Dialogue, Music or Both, or D, M or B, got {shown(word)}.{near}")
    return LabelItem(clip, {meant: "yes"}, "no", where=where)


def written(clips: Iterable[tuple[str, str]]) -> tuple[str, list[Skip]]:
    """The player's file as text, and what it cannot hold.

    Args:
        clips: Name without folders, and class, of each.
    """
    kept, skipped = dict[str, str](), list[Skip]()
    for name, label in clips:
        word = word_of(label)
        if word is None:
            skipped.append(Skip("", name, label, f"the player knows Dialogue, Music and Both, not {label!r}"))
        elif name in kept:
            skipped.append(Skip("", name, label, f"another clip is called {name!r} too"))
        else:
            kept[name] = word
    return json.dumps(kept, indent=4, ensure_ascii=False) + "\n", skipped
