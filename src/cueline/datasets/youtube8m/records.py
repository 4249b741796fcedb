"""TFRecord files: records with a checksum each, read without TensorFlow.

A record is its length (8 bytes, little endian), the masked CRC-32C of those 8 bytes, the data, and the masked CRC-32C
of the data; mask(c) = rotate_right(c, 15) + 0xa282ead8, modulo 2 ** 32. A file may be compressed with gzip as a whole.

A record whose data is damaged can be stepped over. Where a length is damaged, or the file ends within a record, nobody
knows where the next one begins: the rest of that file is lost, and counted in bytes.

References:
    tensorflow/core/lib/io/record_writer.h; RFC 3720, appendix B.4, for CRC-32C.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

import google_crc32c

from cueline.datasets.youtube8m.files import CHUNK_BYTES, UNREADABLE, at_most, opened, placed_whole
from cueline.datasets.youtube8m.skipping import Skipped, refuse
from cueline.errors import FormatError

MOST_BYTES = 1 << 28  # of one record; the greatest of YouTube-8M hold 0.4 MB
_HEAD = struct.Struct("<QI")
_CRC = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file, its checksums found right.

    Attributes:
        path: The file.
        number: Which record it is, from 1.
        offset: Where it begins, bytes from the start of the (uncompressed) file.
        data: What it holds.
    """

    path: Path
    number: int
    offset: int
    data: bytes

    def __repr__(self) -> str:
        """Where it is, not what it holds."""
        return f"Record({self.where}, {len(self.data)} bytes)"

    @property
    def where(self) -> str:
        """For messages."""
        return _where(self.number, self.offset, self.path)

    def fault(self, error: Exception) -> FormatError:
        """What is wrong with it, and where it is."""
        return FormatError(f"{error} in {self.where}", path=self.path)


def masked_crc(data: bytes) -> int:
    """The masked CRC-32C of some bytes, in [0, 2 ** 32).

    Example:
        >>> hex(masked_crc(bytes(8)))
        '0x7980329'
    """
    crc = int(google_crc32c.value(data))
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def read_records(path: str | Path, *, skipped: Skipped | None = None) -> Iterator[Record]:
    """The records of one file, one at a time.

    Args:
        path: A TFRecord file, plain or gzip.
        skipped: Where to note what is left out; without it the first bad record is an error.

    Raises:
        FormatError: At a record whose checksum is wrong, or that is cut off; the message says which record it is and
            at which byte it begins.
    """
    path = Path(path)
    number, offset = 0, 0
    with opened(path) as stream:
        while True:
            number += 1
            try:
                data = _next(stream)
            except (FormatError, *UNREADABLE) as error:
                where = _where(number, offset, path)
                told = FormatError(f"{error} in {where}; the rest of the file is lost", path=path)
                _lose(stream, offset, told, skipped)
                return
            if data is None:
                return
            if _CRC.unpack(data[-4:])[0] == masked_crc(data[:-4]):
                yield Record(path, number, offset, data[:-4])
            else:
                must = "data must have the checksum beside it, got another: data CRC error"
                refuse(FormatError(f"{must} in {_where(number, offset, path)}", path=path), skipped)
            offset += _HEAD.size + len(data)


def write_records(path: str | Path, datas: Iterable[bytes]) -> None:
    """A TFRecord file that appears whole or not at all.

    Args:
        path: Where; a file there is replaced.
        datas: What each record holds.
    """
    with placed_whole(Path(path)) as aside, aside.open("wb") as stream:
        for data in datas:
            length = struct.pack("<Q", len(data))
            stream.write(length + _CRC.pack(masked_crc(length)) + data + _CRC.pack(masked_crc(data)))


def _next(stream: BufferedReader) -> bytes | None:
    """Data and checksum of the next record; None at the end."""
    head = at_most(stream, _HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise FormatError(f"a record begins with 12 bytes, got {len(head)}: the file is cut off")
    length, crc = _HEAD.unpack(head)
    if crc != masked_crc(head[:8]):
        raise FormatError("a length must have the checksum beside it, got another: length CRC error")
    if length > MOST_BYTES:
        raise FormatError(f"a record holds at most {MOST_BYTES:,} bytes, got {length:,}")
    data = at_most(stream, length + _CRC.size)
    if len(data) < length + _CRC.size:
        raise FormatError(f"a record of {length:,} bytes must be all there, got {len(data):,}: the file is cut off")
    return data


def _lose(stream: BufferedReader, offset: int, told: FormatError, skipped: Skipped | None) -> None:
    """Refuse the file from here on, or count what is lost of it."""
    if skipped is not None:
        try:
            while stream.read(CHUNK_BYTES):
                pass
        except UNREADABLE:
            pass  # what cannot be unpacked is not there to be counted
        skipped.note(told, bytes_lost=stream.tell() - offset)
        return
    raise told


def _where(number: int, offset: int, path: Path) -> str:
    return f"record {number} at byte {offset} of '{path}'"
