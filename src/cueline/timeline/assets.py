"""Asset, its streams, where it lies, and the fingerprint that is its identity.

An asset is what is in a file; a location is where such a file lies. The id of an asset is the
fingerprint of its bytes, so a file that is moved or copied is the same asset at another location,
and a file that changes is a new asset.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from cueline.errors import MediaError, TimelineError

BLOCK_BYTES = 1 << 20
BLOCKS = 16

Kind = Literal["video", "audio", "subtitle", "picture", "data"]


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream of a file, as measured.

    Attributes:
        name: Kind and rank, such as "video:0" or "audio:1"; tracks name their stream so.
        kind: What it carries; an attached picture (cover art) is "picture", never "video".
        index: Its number in the file.
        codec: Name of the codec, such as "h264".
        start: Seconds from the start of the asset to its first frame or sample.
        duration: Seconds from its first frame to the end of its last; 0 when nothing was measured.
        rate: Frames a second, exact; None where there is none. An average where `variable`.
        variable: Whether frames follow at uneven distances.
        frames: Frames counted, or None where nobody counted.
        width: Pixels as shown, after rotation; 0 for sound.
        height: Pixels as shown, after rotation; 0 for sound.
        rotation: Clockwise turn in degrees that makes the picture upright: 0, 90, 180 or 270.
        interlaced: Whether frames carry two fields.
        rate_hz: Samples a second; 0 for pictures.
        channels: Channels of sound; 0 for pictures.
        language: ISO 639-2 code, or empty.
    """

    name: str
    kind: Kind
    index: int
    codec: str
    start: float = 0.0
    duration: float = 0.0
    rate: Fraction | None = None
    variable: bool = False
    frames: int | None = None
    width: int = 0
    height: int = 0
    rotation: int = 0
    interlaced: bool = False
    rate_hz: int = 0
    channels: int = 0
    language: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """One piece of media, whatever its name and wherever it lies.

    Attributes:
        id: Fingerprint of its content.
        duration: Seconds from zero to the end of the last frame or sample.
        streams: What it holds, the chosen video and audio first of their kind.
        groups: Kind of group to name, such as {"film": "Sintel"}; splits keep groups together.
    """

    id: str
    duration: float
    streams: tuple[Stream, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Refuse an empty id and a duration that is negative or endless."""
        if not self.id:
            raise TimelineError("an asset needs an id, got an empty one; use fingerprint(path)")
        if not 0 <= self.duration < math.inf:
            raise TimelineError(f"an asset lasts 0 s or more, and ends, got {self.duration}", asset=self.id)

    def stream(self, kind: Kind) -> Stream | None:
        """The chosen stream of a kind, or None."""
        return next((stream for stream in self.streams if stream.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Location:
    """Where an asset lies, and what tells quickly whether it changed.

    Attributes:
        path: Absolute path.
        size_bytes: Size of the file.
        mtime_ns: Time of the last change in nanoseconds, as the file system tells it.
    """

    path: Path
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Location:
        """Look at a file now.

        Raises:
            MediaError: If there is no file that can be read there.
        """
        try:
            facts = path.stat()
        except OSError as error:
            raise MediaError(f"cannot look at {str(path)!r}: {error.strerror}", path=path) from error
        return cls(path.absolute(), facts.st_size, facts.st_mtime_ns)


def fingerprint(path: Path) -> str:
    """Identity of a file's content: size and sampled blocks.

    Files up to 16 MiB are read whole; of longer ones 16 blocks of 1 MiB are read, the first and the
    last included, spread evenly. So 100 GB cost as much as 16 MiB. Two files of equal size that
    differ only outside the blocks would share an id; encoders do not make such files, an editor that
    changes bytes in place can.

    Args:
        path: A file.

    Returns:
        32 hexadecimal digits of BLAKE2b.

    Raises:
        MediaError: If the file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            digest.update(size.to_bytes(8, "little"))
            for start in _block_starts(size):
                file.seek(start)
                digest.update(file.read(BLOCK_BYTES))
    except OSError as error:
        raise MediaError(f"cannot read {str(path)!r}: {error.strerror}", path=path) from error
    return digest.hexdigest()


def _block_starts(size: int) -> list[int]:
    if size <= BLOCKS * BLOCK_BYTES:
        return list(range(0, size, BLOCK_BYTES))
    last = size - BLOCK_BYTES
    return [last * i // (BLOCKS - 1) for i in range(BLOCKS)]
