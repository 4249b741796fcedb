"""What becomes of one stream in a decode pass: packets in, batches in the consumers' queues.

A branch ends in one of three ways: at the end of the file, when nobody wants any more of it, or with
a `MediaError` that the iterators of its consumers raise, while the other branch goes on.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Generic, TypeVar, cast

from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream as AnyStream

from cueline.errors import MediaError
from cueline.media.clock import Placed
from cueline.media.consumers import Feed
from cueline.media.containers import zero
from cueline.media.decoding import Decoder, Faults, Frame, MediaStream
from cueline.media.delivery import Tap
from cueline.media.sound import SoundTap
from cueline.ports import Batch, Progress
from cueline.timeline.assets import Asset, Kind, Stream
from cueline.timeline.requests import Request
from cueline.timeline.spans import Span

_SIGN_OF_LIFE_SECONDS = 0.05

AnyTap = TypeVar("AnyTap", Tap, SoundTap)


class Pulse:
    """Signs of life of a pass, not more often than they are of use."""

    def __init__(self, progress: Progress) -> None:
        """Keep who listens."""
        self.progress = progress
        self._last = float("-inf")

    def decode(self, seconds: float) -> None:
        """Decoding reached this time of the asset."""
        now = time.monotonic()
        if now - self._last >= _SIGN_OF_LIFE_SECONDS:
            self._last = now
            self.progress.at("decode", seconds)


@dataclass(frozen=True)
class Source:
    """An open file and what belongs to its pass.

    Attributes:
        container: The open file.
        path: Where it lies.
        asset: What was measured of it.
        faults: Where broken things are noted.
        pulse: Where signs of life go.
    """

    container: InputContainer
    path: Path
    asset: Asset
    faults: Faults
    pulse: Pulse

    @property
    def zero(self) -> Fraction:
        """Seconds on the container's clock that are 0 of the asset."""
        return zero(self.container)

    def stream(self, kind: Kind) -> tuple[Stream, MediaStream]:
        """The chosen stream of a kind, as measured and as opened.

        Raises:
            MediaError: If there is none, or the file is not the one that was measured.
        """
        about = self.asset.stream(kind)
        if about is None:
            found = ", ".join(f"{each.kind} {each.codec}" for each in self.asset.streams) or "nothing"
            raise self.error(f"cannot read {kind} of {str(self.path)!r}: no {kind} stream (found: {found})")
        streams = self.container.streams
        if about.index >= len(streams) or streams[about.index].type != kind:
            raise self.error(
                f"cannot read {kind} of {str(self.path)!r}: stream {about.index} is no {kind} any more; probe it again"
            )
        return about, cast("MediaStream", streams[about.index])

    def error(self, message: str, at: float | None = None) -> MediaError:
        """A MediaError that says which asset and file."""
        return MediaError(message, asset=self.asset.id, path=self.path, time=at)


class Branch(ABC, Generic[AnyTap]):
    """One stream of a pass."""

    kind: ClassVar[Kind]

    def __init__(self, source: Source, feeds: Sequence[Feed]) -> None:
        """Prepare for the first packet.

        Args:
            source: The open file.
            feeds: The consumers of this stream.

        Raises:
            MediaError: If the file has no such stream, or no decoder for it.
        """
        self.source = source
        self.about, self.stream = source.stream(self.kind)
        self.decoder = Decoder(self.stream, source.zero, source.faults)
        self._from, self._to = float("inf"), float("-inf")
        self._feeds = feeds
        self._failed = False
        wanted: dict[Request, list[Feed]] = {}
        for feed in feeds:
            wanted.setdefault(feed.consumer.request, []).append(feed)
        self._outlets: list[tuple[AnyTap, list[Feed]]] = [
            (self._tap(request), takers) for request, takers in wanted.items()
        ]

    @property
    def span(self) -> Span | None:
        """What was decoded, from the first start to the last end; None before anything was."""
        return Span(self._from, self._to) if self._from <= self._to else None

    @property
    def over(self) -> bool:
        """Whether nothing more is to be decoded: it failed, or nobody wants any more."""
        return self._failed or all(feed.ended for feed in self._feeds)

    def take(self, packet: Packet[AnyStream]) -> None:
        """Decode a packet and hand out what it brings."""
        if not self.over:
            self._show_all(self.decoder.decode(packet))
            self.source.pulse.decode(self.decoder.time)

    def end(self) -> None:
        """The file ended: hand out what is left."""
        if not self.over:
            self._show_all(self.decoder.end())
        if not self.decoder.frames and self.about.duration > 0 and not self.over:
            self._fail(MediaError("the file says that there is some, and holds none"))
        self._close()

    def _close(self) -> None:
        if self._failed:
            return
        for outlet, feeds in self._outlets:
            self._send(outlet.end(), feeds)
        for feed in self._feeds:
            feed.close(self.source.pulse.progress)

    def _show_all(self, frames: Iterable[Placed[Frame]]) -> None:
        try:
            for placed in frames:
                self._show(placed)
        except MediaError as error:
            self._fail(error)

    def _fail(self, error: MediaError) -> None:
        """End the iterators of this branch with an error, one of its own for each."""
        self._failed = True
        message = f"cannot read {self.kind} of {str(self.source.path)!r}: {error}"
        for feed in self._feeds:
            feed.close(self.source.pulse.progress, self.source.error(message, error.time))

    def _seen(self, start: float, end: float) -> None:
        self._from, self._to = min(self._from, start), max(self._to, end)

    def _send(self, batches: Iterable[Batch], feeds: Sequence[Feed]) -> None:
        for batch in batches:
            for feed in feeds:
                feed.put(batch, self.decoder.time, self.source.pulse.progress)
            self.source.pulse.decode(self.decoder.time)

    @abstractmethod
    def _tap(self, request: Request) -> AnyTap:
        """The machine that answers a request."""

    @abstractmethod
    def _show(self, placed: Placed[Frame]) -> None:
        """Hand a frame to the taps."""
