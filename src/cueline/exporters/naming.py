"""Safe names for exported files, and writing them whole or not at all.

Exporters are plug-ins and know nothing of one another; this is what they share.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from cueline.ports import Source

MOST_BYTES = 180  # of a name without its suffix, in UTF-8; file systems allow 255
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # on Windows
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')


@dataclass(slots=True)
class FileNames:
    """Gives each source of one export a file name of its own.

    The name is what people call the asset, made safe for every file system: letters of any alphabet stay, folders
    become "_", as do spaces, quotes, line breaks and whatever else a file system or a shell trips over; a leading dash
    or dot gets a "_" before it. Where two would be the same, whatever their case, the later one carries its id.

    Attributes:
        suffix: What the names end with, such as ".vtt".
    """

    suffix: str
    _given: set[str] = field(default_factory=set, init=False, repr=False)

    def of(self, source: Source) -> str:
        """The name of the file for a source.

        Args:
            source: Whose; its name without the suffix of the media is used.

        Returns:
            A name without folders, of at most 255 bytes, not given before.
        """
        stem = _safe(source.name)
        tail, number = "", 1
        while (name := _shortened(stem, tail) + self.suffix).casefold() in self._given:
            tail, number = f"-{_mark(source)}" + (f"-{number}" if number > 1 else ""), number + 1
        self._given.add(name.casefold())
        return name


@contextmanager
def written_whole(path: Path, *, newline: str | None = "\n") -> Iterator[IO[str]]:
    """Open a text file that appears at once and complete, or not at all.

    It is written under another name in the same folder and moved to its own when the block ends without an error. Text
    that is not valid Unicode, as from a file name that is not UTF-8, is written as backslash escapes.

    Args:
        path: Where it shall lie; the folder is made if it is missing, and a file there is replaced.
        newline: As for `open`.

    Yields:
        The open file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with aside.open("x", encoding="utf-8", errors="backslashreplace", newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _safe(name: str) -> str:
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    stem = name[: -len(end)] if (end := Path(name).suffix) and end[1:].isalnum() else name
    kept = "".join("_" if unicodedata.category(letter)[0] == "C" else letter for letter in stem)
    kept = _FORBIDDEN.sub("_", kept).rstrip("._")
    if not kept or kept[0] in "-.~" or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return kept


def _shortened(stem: str, tail: str) -> str:
    """A stem and a tail of at most `MOST_BYTES`, cut between letters."""
    room = MOST_BYTES - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore") + tail


def _mark(source: Source) -> str:
    """Eight letters that tell one asset from another."""
    return hashlib.blake2b(source.record.asset.id.encode("utf-8", "replace"), digest_size=4).hexdigest()
