"""Supervised workers: persistent processes that are watched, ended when they hang, and replaced.

A decoder can wait for ever on a damaged file, crash the process, or take all memory. So files are
worked on in processes of their own, and the parent judges them by what they show, not by what they
promise. `concurrent.futures.ProcessPoolExecutor` cannot do this: when one of its processes is
killed, the pool breaks and every task in flight is lost.

A worker is a new Python that runs `cueline.media.worker`. It is neither forked (locks and threads
of the parent would be copied in any state) nor started by `multiprocessing`, whose spawn runs the
parent's `__main__` again: a script without an `if __name__ == "__main__"` guard would start itself,
and a notebook has no file to run. Each is a process group of its own, so that Ctrl-C reaches the
parent alone, and ending a worker ends the programs it started too.

Linux and macOS. The memory limit is enforced where `/proc` tells what a process takes, on Linux.
"""

from __future__ import annotations

import os
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, fields
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from types import TracebackType

from cueline.errors import OptionError
from cueline.media.process import Process
from cueline.media.worker import DECODE, IMPORTABLE, LOAD, START, WAIT, Sign, in_words
from cueline.ports import Task, TaskEnd, Watch

_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Limits:
    """What a task may take before its process is ended; `math.inf` means no limit.

    Attributes:
        stall_seconds: Longest time without progress in decoding, or from the start to the first sign of life.
        plugin_seconds: Longest time without progress in any other phase: a plug-in, or loading code.
        memory_gigabytes: Most memory of a process, 1 GB = 1e9 bytes; files it only maps do not count.
    """

    stall_seconds: float = 60.0
    plugin_seconds: float = 600.0
    memory_gigabytes: float = 4.0

    def __post_init__(self) -> None:
        """Refuse what is no limit.

        Raises:
            OptionError: If a limit is no number above 0.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise OptionError(f"{field.name} must be a number above 0, got {value!r}. For no limit, give math.inf.")

    def silence(self, phase: str) -> float:
        """Longest time in seconds that a phase may last without progress."""
        return self.stall_seconds if phase in (START, DECODE) else self.plugin_seconds


class Workers:
    """A number of worker processes; a context manager, since processes must be ended.

    Processes start when there is work for them and are kept for the next run.
    """

    def __init__(self, jobs: int, *, limits: Limits | None = None) -> None:
        """Start nothing yet.

        Args:
            jobs: Most tasks at one time.
            limits: What each task may take.

        Raises:
            OptionError: If there would be no worker.
        """
        if jobs < 1:
            raise OptionError(f"jobs must be at least 1, got {jobs}. For one per core, give cores().")
        self._jobs = jobs
        self._limits = limits or Limits()
        self._idle: list[Process] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes that wait for work; a later run starts new ones."""
        idle, self._idle = self._idle, []
        Process.end_all(idle)

    def run(self, tasks: Iterable[Task], *, watch: Watch | None = None) -> Iterator[TaskEnd]:
        """Run each task once; what happens to one does not touch the others.

        Args:
            tasks: Taken one by one, whenever a worker is free.
            watch: Hears about four times a second where the running tasks are: key -> (phase, media seconds).

        Yields:
            How each task ended, in the order in which they end. Leaving early, by an error, Ctrl-C
            or closing the iterator, ends what is running.

        Raises:
            CuelineError: If no process can be started.
        """
        busy: list[Process] = []
        try:
            yield from self._run(iter(tasks), busy, watch)
        finally:
            Process.end_all(busy)

    def _run(self, tasks: Iterator[Task], busy: list[Process], watch: Watch | None) -> Iterator[TaskEnd]:
        ends: list[TaskEnd] = []
        next_look = time.monotonic() + _LOOK_SECONDS
        while True:
            yield from self._fill(tasks, busy)
            yield from ends
            if not busy:
                return
            lines = [process.line for process in busy]
            ends = self._collect(busy, wait(lines, max(0.0, next_look - time.monotonic())))
            if time.monotonic() >= next_look:
                ends += self._look(busy)
                if watch is not None:
                    watch({process.task.key: process.board.read() for process in busy if process.task})
                next_look = time.monotonic() + _LOOK_SECONDS

    def _fill(self, tasks: Iterator[Task], busy: list[Process]) -> Iterator[TaskEnd]:
        """Give every free worker a task; a task that cannot be sent ends here."""
        while len(busy) < self._jobs:
            task = next(tasks, None)
            if task is None:
                return
            try:
                message = _message(task)
            except Exception as error:  # noqa: BLE001  # pickling runs a stranger's code; the task fails and says why
                reason = f"the task cannot be sent to a worker: {in_words(error)}. {IMPORTABLE}"
                yield TaskEnd(task, "failed", reason=reason)
            else:
                self._give(task, message, busy)

    def _give(self, task: Task, message: memoryview, busy: list[Process]) -> None:
        busy.append(self._free())
        busy[-1].give(task, message)

    def _free(self) -> Process:
        """A worker without a task; one that died or swelled with earlier tasks is replaced."""
        while self._idle:
            process = self._idle.pop()
            # What earlier tasks left behind would count against the next one.
            if process.alive and process.memory_bytes() < self._limits.memory_gigabytes * 1e9 / 2:
                return process
            Process.end_all([process])
        return Process(threads=max(1, cores() // self._jobs))

    def _collect(self, busy: list[Process], ready: Container[object]) -> list[TaskEnd]:
        """Take the answers that came, and news of those that died."""
        ends = []
        for process in [process for process in busy if process.line in ready]:
            busy.remove(process)
            end = process.collect()
            if isinstance(end, Task):
                self._give(end, _message(end), busy)
                continue
            ends.append(end)
            if end.kind != "died":
                self._idle.append(process)
        return ends

    def _look(self, busy: list[Process]) -> list[TaskEnd]:
        """End processes that are over a limit."""
        ends = []
        for process in list(busy):
            sign, seconds = process.standstill()
            if process.memory_bytes() > self._limits.memory_gigabytes * 1e9:
                reason = f"it took more than {self._limits.memory_gigabytes:g} GB of memory {sign.where}"
                ends.append(process.end("memory", reason))
            elif seconds > self._limits.silence(sign.phase):
                ends.append(process.end("stalled", _standstill(sign, self._limits.silence(sign.phase))))
            else:
                continue
            busy.remove(process)
        return ends


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _message(task: Task) -> memoryview:
    """What `cueline.media.worker.answer` expects."""
    return ForkingPickler.dumps((task.function, task.payload))


def _standstill(sign: Sign, seconds: float) -> str:
    """What stood still, in words."""
    reached = f", {sign.seconds:.1f} s into the media" if sign.seconds else ""
    if sign.phase in (WAIT, LOAD):
        return f"the code for it did not load in {seconds:g} s"
    if sign.phase == START:
        return f"it gave no sign of life in its first {seconds:g} s"
    if sign.phase == DECODE:
        return f"decoding made no progress for {seconds:g} s{reached}"
    return f"the plug-in {sign.phase!r} made no progress for {seconds:g} s{reached}"
