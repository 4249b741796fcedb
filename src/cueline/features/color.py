"""Colour, light and change of every frame: what shot detection works from.

Each frame is seen at 64 x 36 pixels and described by 89 numbers, all in levels of 0 to 255 unless said otherwise:

- `luma`, `contrast`: mean and standard deviation of the light.
- For the frame 1, 2 and 4 before it, marked `_1`, `_2`, `_4`:
  `change`, the mean difference of light, pixel by pixel;
  `unexplained`, what is left of it when each pixel may come from anywhere within two pixels: motion of
  things and of the camera explains a change, an edit does not; of both directions the worse;
  `unexplained_color`, the same of the two colour differences, at half size;
  `alignment`, how well one shift of the whole picture maps one onto the other, the peak of their phase
  correlation, about 0 to 1: high in a pan, and blind to light, so that a flash keeps it;
  `correlation`, of light, -1 to 1, blind to gain and offset.
- `luma_0` to `luma_47`: mean light of 6 x 8 blocks, row by row; `blue_0` to `blue_11` and `red_0` to `red_11`: mean
  colour differences of 3 x 4 blocks, 128 where there is no colour. With them any two frames can be compared.

Before the first frame stands the first frame: nothing changes there.

References:
    R. Zabih, J. Miller, K. Mai, "A feature-based algorithm for detecting and classifying scene breaks", 1995: changes
    that a tolerance for motion does not explain. C. Kuglin, D. Hines, "The phase correlation image alignment
    method", 1975.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.fft

from cueline.errors import PluginError
from cueline.ports import Batch, Rows
from cueline.timeline.assets import Asset
from cueline.timeline.batches import FrameBatch
from cueline.timeline.records import Tracks
from cueline.timeline.requests import EveryFrame, Picture

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Planes = npt.NDArray[Any]

WIDTH, HEIGHT = 64, 36
LAGS = (1, 2, 4)
REACH_LUMA, REACH_COLOR = 2, 1
_COMPARED = ("change", "unexplained", "unexplained_color", "alignment", "correlation")
COLUMNS = (
    "luma",
    "contrast",
    *(f"{name}_{lag}" for lag in LAGS for name in _COMPARED),
    *(f"luma_{block}" for block in range(48)),
    *(f"blue_{block}" for block in range(12)),
    *(f"red_{block}" for block in range(12)),
)
# Weights of frequencies below this many levels are held back: they are noise of flat pictures
_QUIET = 10.0
_WINDOW: Floats = np.outer(np.hanning(HEIGHT // 2), np.hanning(WIDTH // 2)).astype(np.float32)


@dataclass(frozen=True)
class Color:
    """Numbers of every frame: light, colour in blocks, and change against the frames before it."""

    version: ClassVar[str] = "1"
    gives: ClassVar[str] = "color"
    needs: ClassVar[tuple[str, ...]] = ()

    def wants(self, asset: Asset, tracks: Tracks) -> EveryFrame | None:  # noqa: ARG002  # the port's signature
        """Every frame, small; None for an asset without video."""
        if asset.stream("video") is None:
            return None
        return EveryFrame(Picture(WIDTH, HEIGHT, fit="stretch", scaling="fast"))

    def extract(self, asset: Asset, batches: Iterator[Batch]) -> Iterator[Rows]:
        """One row a frame: float16, shape (B, 89), columns `COLUMNS`.

        Raises:
            PluginError: If the batches are not pictures of 64 x 36.
        """
        before: _Seen | None = None
        for batch in batches:
            if not isinstance(batch, FrameBatch) or batch.pictures.shape[1:3] != (HEIGHT, WIDTH):
                raise PluginError(
                    f"color works on pictures of {WIDTH} x {HEIGHT}, got {batch!r}; hand it what `wants` asks for",
                    asset=asset.id,
                    plugin="color",
                )
            if not len(batch):
                continue
            now = _see(batch.pictures)
            seen = (now.last_first() if before is None else before).then(now)
            before = seen.tail()
            yield Rows(batch.spans, _numbers(now, seen).astype(np.float16), COLUMNS)


class _Seen(NamedTuple):
    """Frames as they are compared, each array of shape (B, ...); `low` and `high` are the levels found nearby."""

    luma: Planes
    luma_low: Planes
    luma_high: Planes
    color: Planes
    color_low: Planes
    color_high: Planes
    spectrum: Planes
    standard: Planes

    def then(self, other: _Seen) -> _Seen:
        return _Seen(*(np.concatenate(pair) for pair in zip(self, other, strict=True)))

    def tail(self) -> _Seen:
        return _Seen(*(values[-max(LAGS) :].copy() for values in self))

    def last_first(self) -> _Seen:
        """The first frame as often as the longest lag needs."""
        return _Seen(*(np.repeat(values[:1], max(LAGS), axis=0) for values in self))


def _see(pictures: Pixels) -> _Seen:
    red, green, blue = np.ascontiguousarray(np.moveaxis(pictures, 3, 0))
    weighted = red.astype(np.uint16) * 77 + green.astype(np.uint16) * 150 + blue.astype(np.uint16) * 29
    luma = (weighted >> 8).astype(np.uint8)
    half = _half(luma)
    # BT.601 colour differences to within a level or two, made of bytes alone
    color = np.stack([(_half(part) >> 1) + np.uint8(128) - (half >> 1) for part in (blue, red)], axis=1)
    light = half.astype(np.float32)
    light -= light.mean(axis=(1, 2), keepdims=True)
    spectrum = scipy.fft.rfft2(light * _WINDOW)
    spectrum /= np.abs(spectrum) + np.float32(_QUIET)
    deviation = np.sqrt(np.einsum("bhw,bhw->b", light, light) / half[0].size)
    standard = light.reshape(len(light), -1) / (deviation + 2.0)[:, None] / np.sqrt(np.float32(half[0].size))
    return _Seen(
        luma,
        _spread(luma, REACH_LUMA, np.minimum),
        _spread(luma, REACH_LUMA, np.maximum),
        color,
        _spread(color, REACH_COLOR, np.minimum),
        _spread(color, REACH_COLOR, np.maximum),
        spectrum,
        standard.astype(np.float32),
    )


def _half(plane: Pixels) -> Pixels:
    """Means of 2 x 2 pixels."""
    rows = plane[:, ::2].astype(np.uint16) + plane[:, 1::2]
    return ((rows[:, :, ::2] + rows[:, :, 1::2]) >> 2).astype(np.uint8)


def _spread(plane: Pixels, reach: int, extreme: np.ufunc) -> Pixels:
    """The lowest or highest level within some pixels, across and down."""
    for axis in (plane.ndim - 1, plane.ndim - 2):
        found, size = plane.copy(), plane.shape[axis]
        for step in range(1, reach + 1):
            ahead = (slice(None),) * axis + (slice(step, None),)
            behind = (slice(None),) * axis + (slice(0, size - step),)
            extreme(found[behind], plane[ahead], out=found[behind])
            extreme(found[ahead], plane[behind], out=found[ahead])
        plane = found
    return plane


def _numbers(now: _Seen, seen: _Seen) -> Floats:
    """Rows of `COLUMNS` for the frames `now`, the last of `seen`."""
    count, margin = len(now.luma), max(LAGS)
    flat = now.luma.reshape(count, -1).astype(np.float32)
    compared = [_compare(now, _Seen(*(v[margin - lag : margin - lag + count] for v in seen))) for lag in LAGS]
    return np.column_stack(
        [
            flat.mean(axis=1),
            flat.std(axis=1),
            *(column for columns in compared for column in columns),
            _blocks(now.luma, 6, 8),
            _blocks(now.color[:, 0], 3, 4),
            _blocks(now.color[:, 1], 3, 4),
        ]
    )


def _compare(now: _Seen, before: _Seen) -> tuple[Floats, ...]:
    """The columns of one lag, in the order of `_COMPARED`."""
    change = _mean(np.maximum(now.luma, before.luma) - np.minimum(now.luma, before.luma))
    unexplained = np.maximum(
        _outside(now.luma, before.luma_low, before.luma_high), _outside(before.luma, now.luma_low, now.luma_high)
    )
    unexplained_color = 2 * np.maximum(
        _outside(now.color, before.color_low, before.color_high),
        _outside(before.color, now.color_low, now.color_high),
    )
    shifts = scipy.fft.irfft2(now.spectrum * before.spectrum.conj(), s=_WINDOW.shape)
    alignment = shifts.reshape(len(shifts), -1).max(axis=1)
    correlation = np.einsum("bp,bp->b", now.standard, before.standard)
    return change, unexplained, unexplained_color, alignment, correlation


def _outside(plane: Pixels, low: Pixels, high: Pixels) -> Floats:
    """How far pixels lie outside of what is found nearby, mean levels, shape (B,)."""
    return _mean((np.maximum(plane, high) - high) + (low - np.minimum(plane, low)))


def _mean(values: Pixels) -> Floats:
    rows = values.reshape(len(values), -1)
    means: Floats = rows.sum(axis=1, dtype=np.uint32).astype(np.float32) / np.float32(rows.shape[1])
    return means


def _blocks(plane: Pixels, rows: int, columns: int) -> Floats:
    """Means of equal blocks, row by row, shape (B, rows * columns)."""
    count, height, width = plane.shape
    tall = plane.reshape(count, rows, height // rows, width).sum(axis=2, dtype=np.uint16)
    wide = tall.reshape(count, rows, columns, width // columns).sum(axis=3, dtype=np.uint32)
    means: Floats = wide.reshape(count, -1).astype(np.float32) / np.float32(height // rows * (width // columns))
    return means
