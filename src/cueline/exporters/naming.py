"""Safe names for exported files, text on one line, and writing files whole or not at all.

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
from urllib.parse import quote, unquote

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

    def of(self, source: Source, *, part: str = "") -> str:
        """The name of the file for a source.

        Args:
            source: Whose; its name without the suffix of the media is used.
            part: What tells this file from others of the same source, such as a track; follows after a dot.

        Returns:
            A name without folders, of at most 255 bytes, not given before.
        """
        stem = _safe(_without_suffix(source.name))
        return self._new(f"{stem}.{_safe(part)}" if part else stem, source.record.asset.id)

    def called(self, text: str) -> str:
        """The name of a file that is about something else than one source, such as a class.

        Args:
            text: What it is about.

        Returns:
            As `of` gives them.
        """
        return self._new(_safe(text), text)

    def _new(self, stem: str, key: str) -> str:
        tail, number = "", 1
        while (name := _shortened(stem, tail) + self.suffix).casefold() in self._given:
            tail, number = f"-{_mark(key)}" + (f"-{number}" if number > 1 else ""), number + 1
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
    with (
        placed_whole(path) as aside,
        aside.open("x", encoding="utf-8", errors="backslashreplace", newline=newline) as file,
    ):
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def placed_whole(path: Path) -> Iterator[Path]:
    """A place for a file that somebody else writes, so that it appears at once and complete, or not at all.

    Args:
        path: Where it shall lie; the folder is made if it is missing, and a file there is replaced.

    Yields:
        Where to write it meanwhile: another name in the same folder, moved when the block ends without an error.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def one_line(text: str) -> str:
    r"""Text that any format can hold on one line, percent-encoded where it must be.

    What is encoded: the percent sign, white space other than single spaces between words, and all that has no shape,
    such as line breaks and control characters.

    Example:
        >>> one_line("100 %\nsure")
        '100 %25%0Asure'
    """
    plain = (
        letter.isprintable() and letter != "%" and (letter != " " or (0 < at < len(text) - 1 and text[at - 1] != " "))
        for at, letter in enumerate(text)
    )
    return "".join(
        letter if kept else quote(letter, safe="", errors="surrogatepass")
        for letter, kept in zip(text, plain, strict=True)
    )


def from_one_line(text: str) -> str:
    """The inverse of `one_line`; text that cannot come from it stays as it is."""
    try:
        return unquote(text, errors="surrogatepass")
    except UnicodeDecodeError:
        return text


def _without_suffix(name: str) -> str:
    return name[: -len(end)] if (end := Path(name).suffix) and end[1:].isalnum() else name


def _safe(name: str) -> str:
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    kept = "".join("_" if unicodedata.category(letter)[0] == "C" else letter for letter in name)
    kept = _FORBIDDEN.sub("_", kept).rstrip("._")
    if not kept or kept[0] in "-.~" or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return kept


def _shortened(stem: str, tail: str) -> str:
    """A stem and a tail of at most `MOST_BYTES`, cut between letters."""
    room = MOST_BYTES - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore") + tail


def _mark(key: str) -> str:
    """Eight letters that tell one asset from another."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4).hexdigest()
