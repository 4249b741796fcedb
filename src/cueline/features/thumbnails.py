"""Thumbnails: small pictures of what changes, with how bright, contrasty and sharp each is.

A look is taken every half second, in the one decode pass. It is kept when it differs from the last one kept, or when
that was long ago: each shot soon has a picture, and an hour of a still camera has few. What a new picture comes to rest
at is kept as well, since the first look may fall into a dissolve. Shots so short that no look fell into them get theirs
in a second pass.

Each row is the frame a picture shows, so a row's start finds its picture again. Columns, all in [0, 1]:

    brightness  mean luma
    contrast    standard deviation of luma, doubled: 0 is one flat grey, 1 is half black and half white
    sharpness   strength of fine detail (mean absolute Laplacian of luma) against that of the whole picture (its
                standard deviation): high is in focus, low is blurred by lens or motion; 0 for a flat picture

Luma is weighed as in ITU-R BT.601, on full-range RGB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, PluginError
from cueline.media.derived import encode_webp
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import Instants, Picture
from cueline.timeline.spans import middles

COLUMNS = ("brightness", "contrast", "sharpness")
_BLOCK = 4  # pixels; blocks of this side are averaged before pictures are compared, so that grain is no change
_REST = 0.2  # of `change`: what differs less from one look to the next stands still


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """A picture of whatever is new, soon after it appears.

    Attributes:
        width: Most pixels across.
        height: Most pixels down; the shape of the picture is kept.
        every: Seconds from one look to the next.
        longest: Seconds after which a picture is kept even if nothing changed.
        change: Mean absolute difference of luma, in [0, 1], from which a picture counts as new.
        quality: Of the WebP pictures, 0 to 100.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "thumbnails"
    needs: ClassVar[tuple[str, ...]] = ()

    width: int = 320
    height: int = 180
    every: float = 0.5
    longest: float = 4.0
    change: float = 0.05
    quality: int = 75

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            OptionError: If a distance is not above 0, or `change` or `quality` is out of range.
        """
        if not (self.every > 0 and self.longest >= self.every):
            raise OptionError(
                f"thumbnails need every > 0 s and longest >= every, got every={self.every}, longest={self.longest}"
            )
        if not 0 <= self.change <= 1:
            raise OptionError(f"the change that makes a picture new must lie in [0, 1], got {self.change}")
        _check_picture(self.width, self.height, self.quality)

    def wants(self, asset: Asset, tracks: Tracks) -> Instants | None:  # noqa: ARG002 - the port gives tracks
        """A look at the video every so often; None where there is no video."""
        if asset.stream("video") is None:
            return None
        return Instants(Picture(self.width, self.height, fit="inside"), every=self.every)

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """Keep the looks that show something new.

        Args:
            asset: Whose pictures these are.
            batches: Frame batches in order of time.

        Yields:
            Rows with `COLUMNS` and one WebP picture each; none for a batch without anything new.
        """
        taste = _Taste(self.change, self.longest)
        for batch in batches:
            frames = _frames(batch, asset, plugin=self.gives)
            looks = [
                (float(start), _blocks(_luma(picture)))
                for start, picture in zip(frames.spans[:, 0], frames.pictures, strict=True)
            ]
            new = [row for row, (start, small) in enumerate(looks) if taste.wants(start, small)]
            if new:
                yield _rows(frames, new, quality=self.quality)


@dataclass(slots=True)
class _Taste:
    """Which looks are worth keeping: what is new, and once after that, what the picture came to rest at.

    The first look at a new shot may fall into a dissolve or into motion. When the picture stands still a little
    later, and differs slightly from what was kept, it is kept as well.
    """

    change: float
    longest: float
    kept: npt.NDArray[np.float32] | None = None
    kept_at: float = 0.0
    before: npt.NDArray[np.float32] | None = None
    moving: bool = False

    def wants(self, start: float, small: npt.NDArray[np.float32]) -> bool:
        before, self.before = self.before, small
        if self.kept is None or before is None or _difference(small, self.kept) >= self.change:
            self.moving = True
        elif self.moving and _difference(small, before) < _REST * self.change <= _difference(small, self.kept):
            self.moving = False
        elif start - self.kept_at < self.longest:
            return False
        self.kept, self.kept_at = small, start
        return True


@dataclass(frozen=True, slots=True)
class ShortShotThumbnails:
    """One picture from the middle of each shot that has none yet.

    Attributes:
        width: Most pixels across.
        height: Most pixels down; the shape of the picture is kept.
        quality: Of the WebP pictures, 0 to 100.
    """

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "thumbnails.short"
    needs: ClassVar[tuple[str, ...]] = ("shots", "thumbnails")

    width: int = 320
    height: int = 180
    quality: int = 75

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            OptionError: If the picture has no pixels or `quality` is out of range.
        """
        _check_picture(self.width, self.height, self.quality)

    def wants(self, asset: Asset, tracks: Tracks) -> Instants | None:
        """The middles of the shots without a thumbnail, none of them where every shot has one; None without video."""
        if asset.stream("video") is None:
            return None
        shots = tracks["shots"].spans
        seen = np.sort(middles(tracks["thumbnails"].spans))
        empty = np.searchsorted(seen, shots[:, 0]) == np.searchsorted(seen, shots[:, 1])
        times = np.sort(middles(shots[empty]))
        return Instants(Picture(self.width, self.height, fit="inside"), times=tuple(times.tolist()))

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """Keep every picture that comes.

        Yields:
            Rows with `COLUMNS` and one WebP picture each.
        """
        for batch in batches:
            frames = _frames(batch, asset, plugin=self.gives)
            if len(frames):
                yield _rows(frames, range(len(frames)), quality=self.quality)


def picture_quality(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """How bright, contrasty and sharp a picture is.

    Args:
        picture: RGB, uint8, full range, shape (H, W, 3), 3 x 3 pixels or more.

    Returns:
        The numbers of `COLUMNS`, each in [0, 1], shape (3,).
    """
    luma = _luma(picture)
    spread = float(luma.std())
    fine = luma.astype(np.int16)
    edges = 4 * fine[1:-1, 1:-1] - fine[:-2, 1:-1] - fine[2:, 1:-1] - fine[1:-1, :-2] - fine[1:-1, 2:]
    detail = float(np.abs(edges).mean()) if edges.size else 0.0
    sharpness = detail / (detail + spread) if detail else 0.0
    return np.array([float(luma.mean()) / 255, min(1.0, 2 * spread / 255), sharpness], dtype=np.float32)


def _check_picture(width: int, height: int, quality: int) -> None:
    if width < 1 or height < 1:
        raise OptionError(f"a thumbnail needs 1 x 1 pixels or more, got {width} x {height}")
    if not 0 <= quality <= 100:
        raise OptionError(f"the quality of a WebP picture must lie in 0 to 100, got {quality}")


def _frames(batch: Batch, asset: Asset, *, plugin: str) -> FrameBatch:
    if not isinstance(batch, FrameBatch):
        raise PluginError(
            f"{plugin} asks for pictures, and must be given frame batches, got {type(batch).__name__}",
            asset=asset.id,
            plugin=plugin,
        )
    return batch


def _rows(frames: FrameBatch, kept: Sequence[int], *, quality: int) -> Rows:
    pictures = [frames.pictures[row] for row in kept]
    return Rows(
        spans=frames.spans[list(kept)],
        values=np.stack([picture_quality(picture) for picture in pictures]),
        columns=COLUMNS,
        pictures=tuple(encode_webp(picture, quality=quality) for picture in pictures),
    )


def _luma(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Luma in 0 to 255; the weights sum to 256 so that sixteen bits are enough."""
    red, green, blue = (picture[..., channel].astype(np.uint16) for channel in range(3))
    return ((77 * red + 150 * green + 29 * blue) >> 8).astype(np.uint8)


def _blocks(luma: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Means of square blocks, shape (H / block, W / block); a picture smaller than one block stays as it is."""
    height, width = (side - side % _BLOCK for side in luma.shape)
    if not height or not width:
        return luma.astype(np.float32)
    blocks = luma[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK)
    means: npt.NDArray[np.float32] = blocks.sum(axis=(1, 3), dtype=np.uint16).astype(np.float32) / _BLOCK**2
    return means


def _difference(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """Mean absolute difference in [0, 1]; 1 where sizes differ, as in a stream that changes its resolution."""
    return float(np.abs(first - second).mean()) / 255 if first.shape == second.shape else 1.0
