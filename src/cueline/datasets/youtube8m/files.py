"""Files of a data set: one, a folder, a pattern; plain or gzip; written whole or not at all.

Shards come in natural order: train_2 before train_10. Whether a file is compressed is seen by its first bytes.
"""

from __future__ import annotations

import gzip
import io
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, cast

from cueline.errors import FormatError

Kind = Literal["tfrecord", "csv", "parquet", "npy"]
Source = str | Path | Iterable[str | Path]

CHUNK_BYTES = 1 << 20
UNREADABLE = (OSError, EOFError, zlib.error)
_KINDS: dict[str, Kind] = {
    ".tfrecord": "tfrecord",
    ".tfrecords": "tfrecord",
    ".csv": "csv",
    ".parquet": "parquet",
    ".npy": "npy",
}


def kind_of(path: Path) -> Kind | None:
    """What a file is by its name; None where the name does not tell."""
    name = path.name.lower().removesuffix(".gz")
    return _KINDS.get(Path(name).suffix)


def files_of(source: Source) -> tuple[Path, ...]:
    """The files that a path stands for, in natural order.

    Args:
        source: A file; a folder, of which the files with a known ending are taken; a pattern such as
            "shards/train*.tfrecord"; or several of these.

    Raises:
        FormatError: If there is no such file.
    """
    if not isinstance(source, (str, Path)):
        return tuple(path for each in source for path in files_of(each))
    path = Path(source)
    if path.is_file():
        return (path,)
    if path.is_dir():
        found = [each for each in path.iterdir() if each.is_file() and kind_of(each)]
        if not found:
            raise FormatError(f"a folder of shards holds {', '.join(_KINDS)} files, got none in '{path}'", path=path)
        return tuple(sorted(found, key=_naturally))
    found = [each for each in _glob(path) if each.is_file()] if set("*?[") & set(str(path)) else []
    if not found:
        raise FormatError(f"a file, a folder or a pattern that files match is needed, got '{path}'", path=path)
    return tuple(sorted(found, key=_naturally))


def _glob(path: Path) -> Iterator[Path]:
    parts = path.parts
    first = next(at for at, part in enumerate(parts) if set("*?[") & set(part))
    return Path(*parts[:first]).glob(str(Path(*parts[first:])))


def _naturally(path: Path) -> tuple[str, list[tuple[int, str]]]:
    parts = re.split(r"([0-9]+)", path.name)
    return str(path.parent), [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


@contextmanager
def opened(path: Path) -> Iterator[io.BufferedReader]:
    """A file as a stream of its content, gzip undone.

    Raises:
        FormatError: If it cannot be opened.
    """
    try:
        stream = path.open("rb")
        packed = stream.peek(2)[:2] == b"\x1f\x8b"
    except OSError as error:
        raise FormatError(f"'{path}' cannot be read: {error.strerror or error}", path=path) from error
    with stream:
        if packed:
            with gzip.open(stream) as inner:
                yield cast("io.BufferedReader", inner)
        else:
            yield stream


def at_most(stream: io.BufferedReader, count: int) -> bytes:
    """So many bytes, or all there are: memory grows with what the file holds, never with what it declares.

    Where a stream breaks, what could be unpacked before is given first, and the next call raises.
    """
    pieces = bytearray()
    while len(pieces) < count:
        try:
            piece = stream.read1(min(CHUNK_BYTES, count - len(pieces)))
        except UNREADABLE:
            if pieces:
                break
            raise
        if not piece:
            break
        pieces += piece
    return bytes(pieces)


@contextmanager
def placed_whole(path: Path) -> Iterator[Path]:
    """A place for a file that somebody else writes, so that it appears at once and complete, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        yield aside
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
