"""The table of one class a file: `Filename,Classification`, with whole paths or names, and short forms D, M, B.

Columns are found by the names in `FILES` and `CLASSES`, cells are parted by commas, semicolons or tabs. Where every
class is one of the player's words, or most are its short forms, the table speaks the player's language; else a class is
what stands in the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.datasets.labelfiles.player import WORDS, item_of, word_of
from cueline.datasets.labelfiles.texts import defused, fused, heading_of, rows_of, table_of
from cueline.errors import FormatError

COLUMNS = ("Filename", "Classification")
FILES = ("filename", "file_name", "file", "filepath", "file_path", "path", "clip", "media", "audio", "video", "url")
CLASSES = ("classification", "class", "label", "category")
_TIMES = ("start", "begin", "onset", "time", "end")


def fits(heading: Sequence[str]) -> bool:
    """Whether the names of columns are those of such a table."""
    plain = [name.casefold() for name in heading]
    timed = any(name.startswith(_TIMES) for name in plain)
    return not timed and any(name in FILES for name in plain) and any(name in CLASSES for name in plain)


def read(path: Path, text: str) -> LabelFile:
    """Read the table.

    Args:
        path: The file, for messages.
        text: What it holds.

    Raises:
        FormatError: If its heading is another's.
    """
    heading, _ = heading_of(text)
    plain = [name.casefold() for name in heading]
    if not fits(heading):
        raise FormatError(
            f"{str(path)!r} must have the columns Filename and Classification, and no times; it has: "
            f"{', '.join(heading) or 'none'}",
            path=path,
        )
    file, label = (next(plain.index(name) for name in known if name in plain) for known in (FILES, CLASSES))
    lines = [*rows_of(text)]
    rows = [
        (f"line {number}", fused(cells[file].strip()), fused(cells[label].strip()))
        for number, cells, fault in lines
        if not fault
    ]
    players = _speaks_as_the_player([word for _, _, word in rows])
    items, skipped = list[LabelItem](), [Skip(f"line {line}", "", "", fault) for line, _, fault in lines if fault]
    for where, clip, word in rows:
        try:
            items.append(_item(clip, word, where, players=players))
        except FormatError as error:
            skipped.append(Skip(where, clip, word, str(error)))
    return LabelFile("classification", items, skipped, exclusive=True)


def written(clips: Iterable[tuple[str, str]]) -> str:
    """The table as text: name and class of each clip."""
    return table_of(COLUMNS, ((defused(name), defused(label)) for name, label in clips))


def _item(clip: str, word: str, where: str, *, players: bool) -> LabelItem:
    if not word:
        raise FormatError(f"{where} must have a class, got an empty cell")
    return item_of(clip, word, where) if players else LabelItem(clip, {word: "yes"}, "no", where=where)


def _speaks_as_the_player(words: Sequence[str]) -> bool:
    words = [word for word in words if word]
    short = sum(word.casefold() in WORDS for word in words)
    meant = {word_of(word) for word in words}
    return 2 * short > len(words) or (None not in meant and bool(meant & {"Dialogue", "Both"}))
