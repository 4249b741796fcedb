"""One worker process, seen from its parent: started, given tasks, looked at, ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from multiprocessing.connection import Pipe
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Literal

from cueline.errors import CuelineError
from cueline.media.worker import WAIT, Answer, Board, Sign, in_words
from cueline.ports import Task, TaskEnd

_PATIENCE_SECONDS = 2.0
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SIGNALS = {
    signal.SIGSEGV: "it crashed with a segmentation fault (SIGSEGV)",
    signal.SIGBUS: "it crashed with a bus error (SIGBUS)",
    signal.SIGFPE: "it crashed in arithmetic (SIGFPE)",
    signal.SIGILL: "it crashed on an instruction that this processor lacks (SIGILL)",
    signal.SIGABRT: "it aborted (SIGABRT)",
    signal.SIGKILL: "it was killed from outside (SIGKILL), as a system short of memory does",
    signal.SIGTERM: "it was ended from outside (SIGTERM)",
}


class Process:
    """A worker process and the lines to it.

    Attributes:
        line: Readable when an answer has come, or the process has died.
        board: Where its work is, as it says itself.
        task: What it works on; None while it waits for work.
    """

    def __init__(self, *, threads: int) -> None:
        """Start it.

        Args:
            threads: How many threads a numeric library may use, where the environment does not say it.

        Raises:
            CuelineError: If it cannot be started.
        """
        self.task: Task | None = None
        self.line, line = Pipe()
        memory = _shared_memory(Board.size)
        try:
            self.board = Board(memory)
            self._process = _start(line.fileno(), memory, threads)
        finally:
            os.close(memory)
            line.close()
        self._seen, self._since = self.board.read(), time.monotonic()
        self._served = False

    @property
    def pid(self) -> int:
        """Its number in the system."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def memory_bytes(self) -> int:
        """What it takes of the machine's memory; 0 where the system does not tell.

        Files that are only mapped (libraries, features) do not count: the system can drop them.
        """
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text().split()
        except OSError:
            return 0
        return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")

    def standstill(self) -> tuple[Sign, float]:
        """Where its work is, and for how many seconds it has been seen there."""
        sign, now = self.board.read(), time.monotonic()
        if sign != self._seen:
            self._seen, self._since = sign, now
        return sign, now - self._since

    def give(self, task: Task, message: memoryview) -> None:
        """Hand over a task; the message is what `worker.answer` expects."""
        self.task = task
        self.board.at(WAIT)
        self._seen, self._since = self.board.read(), time.monotonic()
        with contextlib.suppress(ConnectionError):  # it died this very moment, which collect() will find
            self.line.send_bytes(message)

    def collect(self) -> TaskEnd | Task:
        """Take the answer that has come; a process that hung up instead has died.

        Returns:
            How the task ended; or the task itself where the process died before it took it.
        """
        task = self._finished()
        try:
            message = self.line.recv_bytes()
        except (EOFError, OSError):
            return self._died(task)
        self._served = True
        try:
            told: Answer = ForkingPickler.loads(message)
        except Exception as error:  # noqa: BLE001  # unpickling runs a stranger's code; the task has failed and says why
            return TaskEnd(task, "failed", reason=f"its result cannot be read: {in_words(error)}")
        return TaskEnd(task, *told)

    def end(self, kind: Literal["stalled", "memory"], reason: str) -> TaskEnd:
        """End it in the middle of its task."""
        task, sign = self._finished(), self.board.read()
        self._signal(signal.SIGKILL)
        self._let_go()
        return TaskEnd(task, kind, reason=reason, culprit=sign.culprit)

    @staticmethod
    def end_all(processes: Iterable[Process]) -> None:
        """End processes together: those at work are told to, the others find that nobody calls any more."""
        processes = list(processes)
        for process in processes:
            if process.task is None:
                process.line.close()
            else:
                process._signal(signal.SIGTERM)  # noqa: SLF001  # its own
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for process in processes:
            if not process._ends_before(deadline):  # noqa: SLF001  # its own
                process._signal(signal.SIGKILL)  # noqa: SLF001  # its own
            process._let_go()  # noqa: SLF001  # its own

    def _finished(self) -> Task:
        task, self.task = self.task, None
        assert task is not None, "only a process at work is asked for its end"
        return task

    def _died(self, task: Task) -> TaskEnd | Task:
        sign = self.board.read()
        ended = self._ends_before(time.monotonic() + _PATIENCE_SECONDS)
        why = _ending(self._process.returncode) if ended else "it closed the line to its parent"
        self._signal(signal.SIGKILL)
        self._let_go()
        if self._served and sign.phase == WAIT:
            return task
        return TaskEnd(task, "died", reason=f"the process broke off {sign.where}: {why}", culprit=sign.culprit)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it started."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def _ends_before(self, deadline: float) -> bool:
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def _let_go(self) -> None:
        """Close all lines of a process that has ended, or was killed; one that hangs in the kernel is left to it."""
        self._ends_before(time.monotonic() + _PATIENCE_SECONDS)
        self.line.close()
        self.board.close()
        if self._process.stdin is not None:
            self._process.stdin.close()


def _start(line: int, memory: int, threads: int) -> subprocess.Popen[bytes]:
    """Start Python in a process group of its own, with the parent's path for imports and no standard output."""
    path = [entry for entry in sys.path if isinstance(entry, str)]
    code = f"import sys; sys.path[:] = {path!r}; from cueline.media.worker import serve; serve({line}, {memory})"
    environment = dict.fromkeys(_THREAD_VARIABLES, str(threads)) | os.environ
    try:
        return subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=2,
            pass_fds=(line, memory),
            process_group=0,
            env=environment,
        )
    except OSError as error:
        raise CuelineError(
            f"a worker process must start, but {sys.executable!r} does not: {error}. Close programs, or use fewer jobs."
        ) from error


def _shared_memory(size: int) -> int:
    """The descriptor of memory that outlives neither process: a file without a name, in memory where there is such."""
    if sys.platform == "linux":
        memory = os.memfd_create("cueline-board")
    else:
        with tempfile.TemporaryFile() as file:
            memory = os.dup(file.fileno())
    os.write(memory, bytes(size))  # written, not just sized: on a full disk this raises, and mapping would crash later
    return memory


def _ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"it left with exit code {code}"
    try:
        return _SIGNALS.get(signal.Signals(-code)) or f"it was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"it was ended by signal {-code}"
