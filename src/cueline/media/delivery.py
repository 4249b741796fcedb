"""Frames of one video stream to the batches that consumers asked for; equal work is done once.

Consumers with equal requests share batches, different requests with equal pictures share the
conversion. A batch holds up to `BATCH_FRAMES` pictures and about `BATCH_BYTES`, at least one picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Protocol

import numpy as np
from av.video.frame import VideoFrame

from cueline.media.pictures import Converter, Pixels
from cueline.media.sampling import InstantSampler, Sampled, WindowSampler
from cueline.timeline.batches import FrameBatch
from cueline.timeline.requests import EveryFrame, Instants, Picture, Windows

BATCH_FRAMES = 32
BATCH_BYTES = 4 << 20

Take = Callable[[Picture], Pixels]


class _Stack:
    """Pictures that become one batch."""

    def __init__(self) -> None:
        self._pictures = np.empty((0, 0, 0, 3), dtype=np.uint8)
        self._spans: list[tuple[float, float]] = []

    def add(self, pixels: Pixels, start: float, end: float) -> Iterator[FrameBatch]:
        if not self._spans:
            room = min(BATCH_FRAMES, max(1, BATCH_BYTES // pixels.nbytes))
            self._pictures = np.empty((room, *pixels.shape), dtype=np.uint8)
        self._pictures[len(self._spans)] = pixels
        self._spans.append((start, end))
        if len(self._spans) == len(self._pictures):
            yield from self.end()

    def end(self) -> Iterator[FrameBatch]:
        if self._spans:
            yield FrameBatch(self._pictures[: len(self._spans)], np.array(self._spans))
            self._spans = []


class Tap(Protocol):
    """Turns frames into the batches of one request."""

    def offer(self, start: float, end: float, take: Take) -> Iterator[FrameBatch]:
        """Look at the frame shown from `start` to `end`; call `take` for its picture if it is wanted."""
        ...

    def end(self) -> Iterator[FrameBatch]:
        """No more frames: give what is left."""
        ...


class _EveryFrameTap:
    def __init__(self, request: EveryFrame) -> None:
        self._picture = request.picture
        self._stack = _Stack()

    def offer(self, start: float, end: float, take: Take) -> Iterator[FrameBatch]:
        return self._stack.add(take(self._picture), start, end)

    def end(self) -> Iterator[FrameBatch]:
        return self._stack.end()


class _InstantsTap:
    def __init__(self, request: Instants) -> None:
        self._picture = request.picture
        self._sampler = InstantSampler(request)
        self._stack = _Stack()

    def offer(self, start: float, end: float, take: Take) -> Iterator[FrameBatch]:
        for _ in range(self._sampler.count(start, end)):
            yield from self._stack.add(take(self._picture), start, end)

    def end(self) -> Iterator[FrameBatch]:
        return self._stack.end()


class _WindowsTap:
    def __init__(self, request: Windows) -> None:
        self._picture = request.picture
        self._sampler: WindowSampler[Pixels] = WindowSampler(request)

    def offer(self, start: float, end: float, take: Take) -> Iterator[FrameBatch]:
        if self._sampler.wants(start, end):
            yield from map(_stacked, self._sampler.put(start, end, take(self._picture)))

    def end(self) -> Iterator[FrameBatch]:
        return map(_stacked, self._sampler.end())


def _stacked(sampled: Sampled[Pixels]) -> FrameBatch:
    return FrameBatch(np.stack(sampled.kept), np.array(sampled.spans), window=sampled.window)


def tap(request: EveryFrame | Instants | Windows) -> Tap:
    """The machine that answers a request."""
    match request:
        case EveryFrame():
            return _EveryFrameTap(request)
        case Instants():
            return _InstantsTap(request)
        case Windows():
            return _WindowsTap(request)


class Pictures:
    """Pictures of the frames of one stream, each made once however many ask for it."""

    def __init__(self, *, rotation: int, pixel_aspect: Fraction | None) -> None:
        """Keep what is true of the stream: clockwise turn in degrees, width of a pixel over its height."""
        self._rotation, self._pixel_aspect = rotation, pixel_aspect
        self._converters: dict[Picture, Converter] = {}

    def of(self, frame: VideoFrame) -> Take:
        """A function that gives pictures of a frame."""
        made: dict[Picture, Pixels] = {}

        def take(picture: Picture) -> Pixels:
            if picture not in made:
                made[picture] = self._converter(picture)(frame)
            return made[picture]

        return take

    def _converter(self, picture: Picture) -> Converter:
        if picture not in self._converters:
            self._converters[picture] = Converter(picture, rotation=self._rotation, pixel_aspect=self._pixel_aspect)
        return self._converters[picture]
