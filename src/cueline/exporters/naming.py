"""Safe names and addresses, files written whole or not at all, and text that is read with its faults told.

Exporters are plug-ins and know nothing of one another; this is what they share.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote, urlsplit

import numpy as np

from cueline.errors import FormatError, OptionError
from cueline.ports import Source
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import LabelTrack

MOST_BYTES = 180  # of a name without its suffix, in UTF-8; file systems allow 255
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # on Windows
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\s]+')
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


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
        stem = safe_name(stem_of(source.name))
        return self._new(f"{stem}.{safe_name(part)}" if part else stem, source.record.asset.id)

    def called(self, text: str) -> str:
        """The name of a file that is about something else than one source, such as a class.

        Args:
            text: What it is about.

        Returns:
            As `of` gives them.
        """
        return self._new(safe_name(text), text)

    def _new(self, stem: str, key: str) -> str:
        tail, number = "", 1
        while (name := _shortened(stem, tail) + self.suffix).casefold() in self._given:
            tail, number = f"-{_mark(key)}" + (f"-{number}" if number > 1 else ""), number + 1
        self._given.add(name.casefold())
        return name


@dataclass(slots=True)
class MediaIds:
    """Gives each source of one export the id by which a file of many media calls it.

    It is the name without the ending of the media; where another has it, the whole name, then the id of the asset.
    """

    _given: set[str] = field(default_factory=set, init=False, repr=False)

    def of(self, source: Source) -> str:
        """The id for a source, not given before.

        Raises:
            FormatError: If the same asset comes again under the same name.
        """
        asset = source.record.asset.id
        for choice in (stem_of(source.name), source.name, asset):
            if choice and choice not in self._given:
                self._given.add(choice)
                return choice
        raise FormatError(
            f"media of one file must have ids that differ, got {source.name!r}, asset {asset}, again. "
            "Export each asset once.",
            asset=asset,
        )


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


def safe_name(name: str) -> str:
    """A name, without its ending, that every file system and shell takes."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    kept = "".join("_" if unicodedata.category(letter)[0] == "C" else letter for letter in name)
    kept = _FORBIDDEN.sub("_", kept).rstrip("._")
    if not kept or kept[0] in "-.~" or _RESERVED.fullmatch(kept):
        kept = f"_{kept}"
    return kept


def stem_of(name: str) -> str:
    """A name without the ending of the media, with its folders."""
    return name[: -len(end)] if (end := Path(name).suffix) and end[1:].isalnum() else name


def url_of(source: Source, base: str = "") -> str:
    """Where a program finds the media of a source.

    Args:
        source: Whose.
        base: What the quoted name is put behind; where empty, the address is that of the file, or where the file is
            not there any more, the quoted name alone.
    """
    if not base and source.location is not None:
        return source.location.path.as_uri()
    return base + quote(source.name, errors="surrogateescape")


def media_of(url: str, base: str = "") -> str:
    """What an address calls the media: the inverse of `url_of`; another address on the web stays as it is."""
    if base and url.startswith(base):
        return unquote(url[len(base) :], errors="surrogateescape")
    if url.startswith("file:"):
        return unquote(urlsplit(url).path, errors="surrogateescape")
    return url if "://" in url else unquote(url, errors="surrogateescape")


def text_of(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file, its line breaks as they are.

    Args:
        path: A file.
        encoding: How it is written; a byte order mark at its start knows better.

    Raises:
        FormatError: If it cannot be read, or is not in that encoding; says in which line.
        OptionError: If there is no such encoding.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"cannot read {str(path)!r}: {error.strerror}", path=path) from error
    found = next((name for mark, name in _MARKS if data.startswith(mark)), encoding)
    try:
        return data.decode(found)
    except LookupError as error:
        raise OptionError(f"an encoding must be one that Python knows, such as cp1252, got {encoding!r}") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"{str(path)!r} line {line} must be {found} text, got the byte 0x{data[error.start]:02x}. Save it as "
            "UTF-8, or name its encoding where the format has that option: old files are often cp1252.",
            path=path,
        ) from error


def lines_of(text: str) -> list[str]:
    """The lines of a text, parted by any of the three line breaks of files; a break at the end begins no line."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]


def json_of(path: Path) -> Any:
    """The value in a JSON file.

    Raises:
        FormatError: If it is something else, cut off, or names a key of one object twice; says where.
    """
    try:
        return json.loads(text_of(path), object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise FormatError(
            f"{str(path)!r} line {error.lineno} must be JSON, got a fault at column {error.colno}: {error.msg}. "
            "Is the file cut off?",
            path=path,
        ) from error
    except KeyError as error:
        raise FormatError(
            f"{str(path)!r} must be JSON, each key of an object once, got {error} again", path=path
        ) from error
    except RecursionError as error:
        raise FormatError(f"{str(path)!r} must be JSON that is not nested 1000 deep, got deeper", path=path) from error


def labels_of(rows: Iterable[tuple[float, float, str, float]], *, classes: Iterable[str] = ()) -> LabelTrack:
    """A track of rows that were read, (start, end, name, score), and the classes that are known besides names."""
    rows = list(rows)
    return LabelTrack(
        spans=as_spans([row[:2] for row in rows]),
        names=tuple(row[2] for row in rows),
        scores=np.array([row[3] for row in rows], dtype=np.float64),
        classes=tuple(dict.fromkeys([*classes, *(row[2] for row in rows)])),
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise KeyError(next(key for key in keys if keys.count(key) > 1))
    return dict(pairs)


def _shortened(stem: str, tail: str) -> str:
    """A stem and a tail of at most `MOST_BYTES`, cut between letters."""
    room = MOST_BYTES - len(tail.encode())
    return stem.encode()[:room].decode(errors="ignore") + tail


def _mark(key: str) -> str:
    """Eight letters that tell one asset from another."""
    return hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=4).hexdigest()
