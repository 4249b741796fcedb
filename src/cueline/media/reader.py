"""The one decode pass: a file is demuxed and decoded once, whatever is wanted of it, by however many.

    with each packet of a wanted stream
        decode -> span of the frame -> a tap for each different request -> a queue for each consumer

Only wanted streams are decoded. A stream that turns out broken ends with a `MediaError` in the
iterators of those who wanted it; the other stream goes on. Memory is bounded by batches and queues,
whatever the length. Where nothing but a few instants of the pictures are wanted, the file is not
decoded whole: `seeking` gives the same frames.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, cast

from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from cueline.errors import MediaError, OptionError
from cueline.media.branches import Branch, Pulse, Source
from cueline.media.clock import Placed
from cueline.media.consumers import Consumer, Feed, PassCancelled
from cueline.media.containers import opened
from cueline.media.decoding import Fault, Faults, Frame, packets
from cueline.media.delivery import Pictures, Tap, tap
from cueline.media.joining import Block, SoundJoiner
from cueline.media.sampling import worth_seeking
from cueline.media.seeking import Seeker, key_times
from cueline.media.sound import SoundTap
from cueline.ports import Progress
from cueline.timeline.assets import Asset
from cueline.timeline.requests import Instants, Request, Sound
from cueline.timeline.spans import Span

__all__ = ["Consumer", "Fault", "PassCancelled", "PassReport", "read"]


@dataclass(frozen=True)
class PassReport:
    """What a pass saw.

    Attributes:
        frames: Video frames decoded.
        video: From the first frame's start to the last one's end; None without any.
        sound: From the first sample to the end of the last; None without any.
        faults: The first broken things met and survived.
        fault_count: How many there were.
        errors: What each consumer that failed raised, by name.
    """

    frames: int = 0
    video: Span | None = None
    sound: Span | None = None
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    errors: Mapping[str, BaseException] = field(default_factory=dict)


def read(
    path: Path,
    asset: Asset,
    consumers: Sequence[Consumer],
    *,
    progress: Progress,
    threads: int = 1,
    queue_batches: int = 4,
) -> PassReport:
    """Decode a file once and give every consumer what it asked for.

    Each consumer runs in a thread of its own behind a bounded queue. One that raises, or returns
    early, leaves the others complete.

    Args:
        path: The file.
        asset: What was measured of it; its chosen streams are read.
        consumers: Who wants what, with different names.
        progress: Hears "decode" with the media time reached, or the name of the consumer waited for.
        threads: Threads that decode video; 0 takes one for each core.
        queue_batches: How many batches may wait for each consumer.

    Returns:
        What the pass saw, and which consumers failed.

    Raises:
        MediaError: If the file cannot be opened.
        OptionError: If two consumers have one name.
    """
    names = [consumer.name for consumer in consumers]
    if len(set(names)) < len(names):
        raise OptionError(f"consumers must have different names, got {', '.join(names)}", path=path)
    faults, pulse = Faults(), Pulse(progress)
    feeds = [Feed(consumer, batches=queue_batches) for consumer in consumers]
    try:
        video, sound = _decoded(path, asset, feeds, faults, pulse, threads=threads)
    except BaseException:
        for feed in feeds:
            feed.cancel(PassCancelled(f"the decode pass of {str(path)!r} was cancelled", asset=asset.id, path=path))
        raise
    finally:
        for feed in feeds:
            feed.join(progress)
    return PassReport(
        frames=video.decoder.frames if video else 0,
        video=video.span if video else None,
        sound=sound.span if sound else None,
        faults=tuple(faults.first),
        fault_count=faults.count,
        errors={feed.consumer.name: feed.error for feed in feeds if feed.error is not None},
    )


class VideoBranch(Branch[Tap]):
    """The chosen video stream of a pass."""

    kind = "video"

    def __init__(self, source: Source, feeds: Sequence[Feed]) -> None:
        """Prepare for the first packet."""
        super().__init__(source, feeds)
        self._pictures = Pictures(
            rotation=self.about.rotation, pixel_aspect=cast("VideoStream", self.stream).sample_aspect_ratio
        )

    def worth_seeking(self) -> bool:
        """Whether only instants are wanted, so few that jumping costs less than decoding everything."""
        requests = [feed.consumer.request for feed in self._feeds]
        instants = [request for request in requests if isinstance(request, Instants)]
        end = self.about.start + self.about.duration
        times = itertools.takewhile(lambda time: time < end, _times(instants, self.about.start))
        keys = key_times(cast("VideoStream", self.stream), self.decoder.clock)
        return len(instants) == len(requests) and worth_seeking(times, keys, self.about.duration)

    def seek(self, container: InputContainer) -> None:
        """Jump to the wanted instants instead of taking packets.

        Args:
            container: The same file, opened for this alone.
        """
        stream = cast("VideoStream", container.streams[self.about.index])
        seeker = Seeker(container, stream, self.source.zero, self.source.faults)
        self._show_all(self._sought(seeker))
        self._close()

    def _sought(self, seeker: Seeker) -> Iterator[Placed[Frame]]:
        last = seeker.first()
        if last is None:
            return
        self.decoder = seeker.decoder
        yield last
        instants = [feed.consumer.request for feed in self._feeds if isinstance(feed.consumer.request, Instants)]
        for time in _times(instants, max(0.0, last.start)):
            placed = seeker.at(time)
            self.decoder = seeker.decoder
            self.source.pulse.decode(time)
            if placed is not None and placed is not last:
                last = placed
                yield placed
            if self.over or seeker.after(time):
                return

    def _tap(self, request: Request) -> Tap:
        assert not isinstance(request, Sound)
        return tap(request)

    def _show(self, placed: Placed[Frame]) -> None:
        if placed.end <= 0:
            return
        start, end = max(0.0, placed.start), placed.end
        self._seen(start, end)
        take = self._pictures.of(cast("VideoFrame", placed.item))
        for outlet, feeds in self._outlets:
            if not all(feed.ended for feed in feeds):
                self._send(outlet.offer(start, end, take), feeds)


def _times(instants: Sequence[Instants], origin: float) -> Iterator[float]:
    """The times of several requests in order; endless where one asks for a distance."""
    return heapq.merge(
        *(
            (origin + index * each.every for index in itertools.count()) if each.every else iter(each.times)
            for each in instants
        )
    )


class SoundBranch(Branch[SoundTap]):
    """The chosen audio stream of a pass."""

    kind = "audio"

    def __init__(self, source: Source, feeds: Sequence[Feed]) -> None:
        """Prepare for the first packet, as every branch does."""
        super().__init__(source, feeds)
        self._joiner = SoundJoiner()

    def _tap(self, request: Request) -> SoundTap:
        assert isinstance(request, Sound)
        return SoundTap(request)

    def _show(self, placed: Placed[Frame]) -> None:
        frame = cast("AudioFrame", placed.item)
        end = placed.start + frame.samples / frame.sample_rate
        if end > 0:
            self._seen(max(0.0, placed.start), end)
            self._hand(self._joiner.put(frame, placed.start, follows=frame.pts is None))

    def _hand(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            for outlet, feeds in self._outlets:
                if not all(feed.ended for feed in feeds):
                    self._send(outlet.put(block), feeds)

    def _close(self) -> None:
        if not self._failed:
            self._hand(self._joiner.end())
        if self._joiner.broken:
            text = f"{self._joiner.broken} samples are no numbers, and were taken for silence"
            self.source.faults.tell(self._joiner.broken_from, text)
        super()._close()


def _decoded(
    path: Path, asset: Asset, feeds: Sequence[Feed], faults: Faults, pulse: Pulse, *, threads: int
) -> tuple[VideoBranch | None, SoundBranch | None]:
    """Run the pass; give the branches it had."""
    with opened(path, threads=threads) as container:
        source = Source(container, path, asset, faults, pulse)
        hears = [feed for feed in feeds if isinstance(feed.consumer.request, Sound)]
        sees = [feed for feed in feeds if feed not in hears]
        video, sound = _branch(VideoBranch, source, sees), _branch(SoundBranch, source, hears)
        branches: list[VideoBranch | SoundBranch] = [branch for branch in (video, sound) if branch is not None]
        if video is not None and video.worth_seeking():
            branches.remove(video)
            with opened(path, threads=threads) as own:
                video.seek(own)
        _run(container, branches, faults)
    return video, sound


AnyBranch = TypeVar("AnyBranch", VideoBranch, SoundBranch)


def _branch(kind: type[AnyBranch], source: Source, feeds: Sequence[Feed]) -> AnyBranch | None:
    """A branch for these consumers; None if there are none, or if their iterators must raise why not."""
    if not feeds:
        return None
    try:
        return kind(source, feeds)
    except MediaError as error:
        for feed in feeds:
            feed.close(source.pulse.progress, source.error(str(error)))
        return None


def _run(container: InputContainer, branches: Sequence[VideoBranch | SoundBranch], faults: Faults) -> None:
    """Decode what the branches want until the file or their interest ends."""
    by_index = {branch.stream.index: branch for branch in branches}
    if by_index:
        for packet in packets(container, [branch.stream for branch in branches], faults):
            by_index[packet.stream_index].take(packet)
            if all(branch.over for branch in branches):
                break
    for branch in branches:
        branch.end()
