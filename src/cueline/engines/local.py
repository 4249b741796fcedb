"""Runs tasks on this machine, in supervised processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from cueline.errors import OptionError
from cueline.media.workers import Limits, Workers, cores
from cueline.ports import Task, TaskEnd, Watch


@dataclass(frozen=True, slots=True)
class Local:
    """Runs tasks in processes of this machine; one that hangs, swells or crashes costs its own task alone.

    Attributes:
        jobs: Most tasks at one time; 0 for one per core.
        stall_seconds: Longest time without progress in decoding.
        plugin_seconds: Longest time without progress in a plug-in.
        memory_gigabytes: Most memory of one process, 1 GB = 1e9 bytes; enforced on Linux.

    Raises:
        OptionError: If jobs is negative or no whole number, or a limit is no number above 0.
    """

    version: ClassVar[str] = "1"

    jobs: int = 0
    stall_seconds: float = 60.0
    plugin_seconds: float = 600.0
    memory_gigabytes: float = 4.0

    def __post_init__(self) -> None:
        """Refuse values that cannot be."""
        if isinstance(self.jobs, bool) or not isinstance(self.jobs, int) or self.jobs < 0:
            raise OptionError(f"jobs must be a whole number from 0 on, got {self.jobs!r}. 0 takes one per core.")
        self._limits()

    def run(self, tasks: Iterable[Task], *, watch: Watch | None = None) -> Iterator[TaskEnd]:
        """Run each task once, in the promise of `cueline.ports.Engine`.

        Args:
            tasks: Taken one by one, whenever a process is free.
            watch: Hears about four times a second where the running tasks are.

        Yields:
            How each task ended, in the order in which they end.

        Raises:
            CuelineError: If no process can be started.
        """
        with Workers(self.jobs or cores(), limits=self._limits()) as workers:
            yield from workers.run(tasks, watch=watch)

    def _limits(self) -> Limits:
        return Limits(self.stall_seconds, self.plugin_seconds, self.memory_gigabytes)
