"""Consumers of a decode pass: a thread and a bounded queue for each.

The pass puts batches in; the consumer's function iterates over them in its own thread. One that
raises, or has seen enough and returns, leaves the others complete. When the pass itself fails, the
iterator of every consumer raises `PassCancelled`.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cueline.errors import CuelineError
from cueline.ports import Batch, Progress
from cueline.timeline.requests import Request

_PATIENCE_SECONDS = 0.1


class PassCancelled(CuelineError):
    """The decode pass ended before its time; what a consumer has seen is not the whole."""


@dataclass(frozen=True)
class Consumer:
    """One who wants pictures or sound of an asset.

    Attributes:
        name: Such as the name of a plug-in.
        request: What it wants.
        consume: Iterates over the batches, in a thread of its own.
    """

    name: str
    request: Request
    consume: Callable[[Iterator[Batch]], None]


class _End:
    """After the last batch."""


class Feed:
    """A running consumer, seen from the pass."""

    def __init__(self, consumer: Consumer, *, batches: int) -> None:
        """Start the consumer's thread.

        Args:
            consumer: Who.
            batches: How many batches may wait for it.
        """
        self.consumer = consumer
        self.error: BaseException | None = None
        self.time = 0.0
        self._queue: queue.Queue[Batch | CuelineError | type[_End]] = queue.Queue(max(1, batches))
        self._cancelled: CuelineError | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"consumer {consumer.name}", daemon=True)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether the consumer wants nothing any more: it returned or raised."""
        return self._ended.is_set()

    def put(self, batch: Batch, time: float, progress: Progress) -> None:
        """Hand over a batch; wait while the queue is full, and say so under the consumer's name.

        Args:
            batch: What it asked for.
            time: Media seconds reached.
            progress: Hears who is waited for.
        """
        self.time = time
        self._put(batch, progress)

    def close(self, progress: Progress, error: CuelineError | None = None) -> None:
        """No more batches: the iterator ends, or raises `error` after the last."""
        self._put(error or _End, progress)

    def cancel(self, error: CuelineError) -> None:
        """Make the iterator raise now, whatever still waits in the queue."""
        self._cancelled = error
        try:
            self._queue.put_nowait(error)
        except queue.Full:
            return  # the consumer is at work, and meets the error when it asks for the next batch

    def join(self, progress: Progress) -> None:
        """Wait until the consumer returned or raised."""
        while self._thread.is_alive():
            progress.at(self.consumer.name, self.time)
            self._thread.join(_PATIENCE_SECONDS)

    def _put(self, item: Batch | CuelineError | type[_End], progress: Progress) -> None:
        while not self._ended.is_set():
            try:
                self._queue.put(item, timeout=_PATIENCE_SECONDS)
            except queue.Full:
                progress.at(self.consumer.name, self.time)
            else:
                return

    def _run(self) -> None:
        try:
            self.consumer.consume(self._batches())
        except BaseException as error:  # noqa: BLE001  # the pass reports it; the other consumers go on
            self.error = error
        finally:
            self._ended.set()
            while not self._queue.empty():
                self._queue.get_nowait()

    def _batches(self) -> Iterator[Batch]:
        while True:
            item = self._queue.get()
            if self._cancelled is not None:
                raise self._cancelled
            if isinstance(item, CuelineError):
                raise item
            if isinstance(item, type):
                return
            yield item
