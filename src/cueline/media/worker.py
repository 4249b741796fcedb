"""One worker process, seen from inside: it takes tasks, shows where it is, and ends with its parent.

Every worker imports this module before all else, so it imports next to nothing itself: what a task
needs is imported when the task arrives. A worker is started as `python -c "... serve(3, 4)"` with
three open lines to its parent:

    standard input    never written to; when it closes, the parent is gone and the worker ends itself
    connection        tasks in, answers out, pickled
    board             shared memory; where the work is, readable even when the process hangs or is dead

What tasks print goes to standard error, since standard output belongs to the parent.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
import threading
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any, Literal, NamedTuple

from cueline.errors import CuelineError

WAIT = "wait"
LOAD = "load"
START = "start"
DECODE = "decode"

_SIGN = struct.Struct("=d256p")

Answer = tuple[Literal["done", "failed"], Any, str]


class Sign(NamedTuple):
    """Where work is: the phase, and the media time reached in seconds. Progress is a change of it."""

    phase: str
    seconds: float

    @property
    def culprit(self) -> str:
        """Who is to blame when the process must be ended here: "decode", a plug-in, or nobody."""
        return "" if self.phase in (WAIT, LOAD, START) else self.phase

    @property
    def where(self) -> str:
        """The place in words, to follow what happened there."""
        places = {
            WAIT: "before it took the task",
            LOAD: "while it loaded the code for the task",
            START: "before the first sign of life",
            DECODE: "while decoding",
        }
        place = places.get(self.phase, f"in the plug-in {self.phase!r}")
        return f"{place}, {self.seconds:.1f} s into the media" if self.seconds else place


class Board:
    """A sign in memory that two processes share: one writes it, the other looks when it likes.

    Writing costs less than a microsecond and no system call, so it may be done for every frame.
    """

    def __init__(self, descriptor: int) -> None:
        """Map an open file of at least `Board.size` bytes; the file may be closed afterwards."""
        self._memory = mmap.mmap(descriptor, self.size)

    size = _SIGN.size

    def at(self, phase: str, seconds: float = 0.0) -> None:
        """Say where the work is; a phase of more than 255 bytes is cut.

        Args:
            phase: "decode", or the name of a plug-in.
            seconds: Media time reached.
        """
        _SIGN.pack_into(self._memory, 0, seconds, phase.encode())

    def read(self) -> Sign:
        """What was said last."""
        seconds, phase = _SIGN.unpack_from(self._memory)
        return Sign(phase.decode(errors="replace"), seconds)

    def close(self) -> None:
        """Let go of the memory."""
        self._memory.close()


def serve(connection: int, board: int) -> None:
    """Run tasks until the parent hangs up.

    Args:
        connection: Descriptor of the line on which tasks come and answers go.
        board: Descriptor of the shared memory.
    """
    threading.Thread(target=_end_with_parent, args=(_keep_standard_input_away(),), daemon=True).start()
    sys.stdout = sys.stderr
    progress = Board(board)
    os.close(board)
    os.set_inheritable(connection, False)  # noqa: FBT003  # it takes no keyword
    line = Connection(connection)
    while True:
        try:
            message = line.recv_bytes()
            line.send_bytes(answer(message, progress))
        except (EOFError, ConnectionError):
            return


def answer(message: bytes, progress: Board) -> memoryview:
    """Run one task.

    Args:
        message: The function and its payload, pickled.
        progress: What the function is given to show where it is.

    Returns:
        An `Answer`, pickled: how the task ended, its result, and the reason if it failed.
    """
    progress.at(LOAD)
    try:
        function, payload = ForkingPickler.loads(message)
    except Exception as error:  # noqa: BLE001  # unpickling runs a stranger's code; the task has failed and says why
        return _pickled("failed", None, f"the task cannot be loaded in a worker: {in_words(error)}. {IMPORTABLE}")
    progress.at(START)
    try:
        result = function(payload, progress)
    except Exception as error:  # noqa: BLE001  # a task may raise anything; it becomes the reason of its failure
        return _pickled("failed", None, in_words(error))
    try:
        return _pickled("done", result, "")
    except Exception as error:  # noqa: BLE001  # pickling runs a stranger's code, as above
        return _pickled("failed", None, f"the result cannot leave its worker: {in_words(error)}. {IMPORTABLE}")


IMPORTABLE = "Functions and classes must live in a module that can be imported, not in a script or a notebook."


def in_words(error: BaseException) -> str:
    """One line for a person: Cueline's own words as they are, others with their type and place."""
    if isinstance(error, CuelineError):
        return " ".join(str(error).split())
    words = " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
    trace = error.__traceback__
    if trace is None:
        return words
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{words} ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"


def _pickled(kind: Literal["done", "failed"], result: Any, reason: str) -> memoryview:
    told: Answer = (kind, result, reason)
    return ForkingPickler.dumps(told)


def _keep_standard_input_away() -> int:
    """Give tasks an empty standard input; give back the line that closes when the parent ends."""
    line = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return line


def _end_with_parent(line: int) -> None:
    """Wait for the line to close, then end this process and all that it started."""
    os.read(line, 1)
    os.kill(0, signal.SIGKILL)
