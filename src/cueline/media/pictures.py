"""Decoded frames to RGB pictures: shape, rotation, colour matrix, colour range and alpha honoured.

Whatever a file holds (limited or full range, BT.601, 709 or 2020, 8 to 16 bits, 4:2:0 to 4:4:4,
alpha, palettes, pixels that are not square, a camera held sideways), a picture comes upright, with
square pixels, in RGB of 0 to 255. What is transparent is shown over black; fields stay interlaced;
HDR is not tone-mapped.

A file that does not name its colour matrix is taken for BT.709 from 720 lines on, else for BT.601,
as players do. A pure colour comes back within 1 of 255.

Scaling is swscale's, in the caller's thread. "fast" first picks `POINTS` of each pixel wanted, then
averages them. On a frame fresh from the decoder the cost is that of reading it from memory, so few
lines count for more than few columns: from 720p to 64 x 36 "fast" takes a third of the time of "area",
like swscale's FAST_BILINEAR; it differs from the true mean by 4 of 255 (root mean square),
FAST_BILINEAR, which looks at 2 x 2 neighbours alone, by 22.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

import av.error
import numpy as np
import numpy.typing as npt
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from cueline.errors import MediaError
from cueline.media.containers import in_words
from cueline.timeline.requests import Picture

Pixels = npt.NDArray[np.uint8]

HD_LINES = 720
_SCALING = {
    "fast": Interpolation.AREA,
    "area": Interpolation.AREA,
    "bilinear": Interpolation.BILINEAR,
    "bicubic": Interpolation.BICUBIC,
}
POINTS = (4, 2)  # across and down each pixel of a "fast" picture
_EXACT_COLOUR = Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
# Plain numbers: PyAV takes both, and looking into an enum for every frame takes as long as a small picture
_POINT, _LIMITED, _FULL = int(Interpolation.POINT), int(ColorRange.MPEG), int(ColorRange.JPEG)
_STRETCHED = np.clip((np.arange(256) - 16) * 255 / 219 + 0.5, 0, 255).astype(np.uint8)
# Tags of ISO/IEC 23091-2 (H.273), table 4, to swscale's names
_MATRICES = {
    1: int(Colorspace.ITU709),
    4: int(Colorspace.FCC),
    5: int(Colorspace.ITU601),
    6: int(Colorspace.ITU601),
    7: int(Colorspace.SMPTE240M),
    9: int(Colorspace.BT2020),
    10: int(Colorspace.BT2020),
}


class Size(NamedTuple):
    """Pixels across and down."""

    width: int
    height: int

    @property
    def turned(self) -> Size:
        """The size after a quarter turn."""
        return Size(self.height, self.width)


class Layout(NamedTuple):
    """How one picture is laid out: scale to `scaled`, then cut the middle of, or put in the middle of, `canvas`."""

    scaled: Size
    canvas: Size


def layout(picture: Picture, shown: tuple[Fraction, Fraction]) -> Layout:
    """Sizes of a picture of something `shown` upright with square pixels.

    Args:
        picture: What is wanted.
        shown: Width and height as shown; pixels that are not square make them fractions.
    """
    width, height = shown
    wanted = Size(picture.width, picture.height)
    if picture.fit == "stretch":
        return Layout(wanted, wanted)
    across, down = picture.width / width, picture.height / height
    if picture.fit == "short":
        scale = picture.width / min(width, height)
    else:
        scale = max(across, down) if picture.fit == "crop" else min(across, down)
    scaled = Size(max(1, round(width * scale)), max(1, round(height * scale)))
    return Layout(scaled, wanted if picture.fit in ("pad", "crop") else scaled)


class Converter:
    """Makes one kind of picture of the frames of one stream.

    The size of the first picture is the size of all: where a stream changes its shape half-way, later
    frames are padded to it.
    """

    def __init__(self, picture: Picture, *, rotation: int = 0, pixel_aspect: Fraction | None = None) -> None:
        """Keep what does not change from frame to frame.

        Args:
            picture: What is wanted.
            rotation: Clockwise turn in degrees that makes frames upright: 0, 90, 180 or 270.
            pixel_aspect: Width of a pixel over its height; None for square.
        """
        self._picture = picture
        self._quarters = rotation // 90 % 4
        self._pixel_aspect = pixel_aspect or Fraction(1)
        self._flags = int(_SCALING[picture.scaling] | _EXACT_COLOUR)
        self._scaler, self._picker = VideoReformatter(), VideoReformatter()
        self._of: Size | None = None
        self._layout = Layout(Size(0, 0), Size(0, 0))

    def __call__(self, frame: VideoFrame) -> Pixels:
        """Give the picture of a frame: RGB, uint8, shape (H, W, 3).

        Raises:
            MediaError: If its pixel format cannot be converted.
        """
        size = Size(frame.width, frame.height)
        if size != self._of:
            self._lay_out(size)
        scaled, canvas = self._layout
        try:
            pixels = self._scaled(frame, scaled.turned if self._quarters % 2 else scaled)
        except (av.error.FFmpegError, MemoryError) as error:
            raise MediaError(
                f"frames of {size.width} x {size.height} in {frame.format.name} cannot be made RGB: {in_words(error)}"
            ) from error
        if self._quarters:
            pixels = np.rot90(pixels, -self._quarters)
        return pixels if scaled == canvas else _fitted(pixels, canvas)

    def _lay_out(self, size: Size) -> None:
        shown = (size.width * self._pixel_aspect, Fraction(size.height))
        if self._quarters % 2:
            shown = shown[::-1]
        picture = self._picture
        if self._of is not None and picture.fit in ("inside", "short"):
            picture = Picture(*self._layout.canvas, fit="pad", scaling=picture.scaling)
        self._of, self._layout = size, layout(picture, shown)

    def _scaled(self, frame: VideoFrame, size: Size) -> Pixels:
        kind = _kind(frame.format.name)
        colours = matrix(frame) if kind.yuv else None
        full = not kind.yuv or kind.full_range
        if self._picture.scaling == "fast" and kind.yuv and kind.planar:
            frame = self._picked(frame, size)
        scaled = self._scaler.reformat(
            frame,
            size.width,
            size.height,
            "rgba" if kind.transparent else "rgb24",
            src_colorspace=colours,
            src_color_range=_FULL if full else frame.color_range or _LIMITED,
            dst_color_range=_FULL,
            interpolation=self._flags,
            threads=1,
        )
        pixels = _pixels(scaled, 4 if kind.transparent else 3)
        if kind.grey and frame.color_range == _LIMITED:
            pixels = _STRETCHED[pixels]  # swscale takes grey for full range, whatever it is told
        return _over_black(pixels) if kind.transparent else pixels

    def _picked(self, frame: VideoFrame, size: Size) -> VideoFrame:
        """Some points of a frame that is far larger than what is wanted of it."""
        width, height = min(frame.width, POINTS[0] * size.width), min(frame.height, POINTS[1] * size.height)
        if 4 * width * height > frame.width * frame.height:
            return frame
        return self._picker.reformat(frame, width, height, interpolation=_POINT, threads=1)


class _Kind(NamedTuple):
    """What matters of a pixel format."""

    yuv: bool
    planar: bool
    full_range: bool
    transparent: bool
    grey: bool


@lru_cache(maxsize=64)
def _kind(name: str) -> _Kind:
    kind = VideoFormat(name)
    return _Kind(
        yuv=not (kind.is_rgb or kind.has_palette),
        planar=kind.is_planar,
        full_range=name.startswith("yuvj"),
        transparent=kind.has_palette or any(part.is_alpha for part in kind.components),
        grey=len(kind.components) == 1,
    )


def matrix(frame: VideoFrame) -> int:
    """The colour matrix of a YUV frame, a number of `Colorspace`: as tagged, else the usual rule by its height."""
    return _MATRICES.get(frame.colorspace) or _MATRICES[1 if frame.height >= HD_LINES else 6]


def _pixels(frame: VideoFrame, channels: int) -> Pixels:
    """The samples of a packed frame, without a copy: shape (H, W, channels)."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), dtype=np.uint8).reshape(frame.height, plane.line_size)
    return rows[:, : frame.width * channels].reshape(frame.height, frame.width, channels)


def _over_black(pixels: Pixels) -> Pixels:
    alpha = pixels[:, :, 3:].astype(np.uint16)
    return ((pixels[:, :, :3] * alpha + 127) // 255).astype(np.uint8)


def _fitted(pixels: Pixels, canvas: Size) -> Pixels:
    """The middle of what is too large, black around what is too small."""
    height, width = pixels.shape[:2]
    out = np.zeros((canvas.height, canvas.width, 3), dtype=np.uint8)
    rows, columns = min(height, canvas.height), min(width, canvas.width)
    top, left = (height - rows) // 2, (width - columns) // 2
    down, across = (canvas.height - rows) // 2, (canvas.width - columns) // 2
    out[down : down + rows, across : across + columns] = pixels[top : top + rows, left : left + columns]
    return out
