"""The lease of a library: one writer at a time, let go by the kernel when its process ends.

The lock lies on an open file, not in what the file says, so a lease cannot be left behind by a
process that was killed. What the file says - who, where, since when - is only there to be told to the
one who comes second.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from cueline.errors import StoreError
from cueline.stores.faults import told_plainly

FILE = "lease"
_LOOK_AGAIN_SECONDS = 0.2


class Lease:
    """The right to write to a library, held until `release` or the end of the process."""

    def __init__(self, folder: Path, *, wait_seconds: float = 0.0) -> None:
        """Take the lease, or say who has it.

        Args:
            folder: The library; exists.
            wait_seconds: How long to wait for it if another has it.

        Raises:
            StoreError: If another process, or another store of this process, has it; or this system has no such locks.
        """
        try:
            import fcntl  # noqa: F401  # whether there is one
        except ImportError as error:
            raise StoreError(
                f"cannot write to the library {str(folder)!r}: that needs the file locks of a POSIX system, got "
                f"{sys.platform}. Read it here; write to it from Linux, macOS or WSL",
                path=folder,
            ) from error

        path = folder / FILE
        with told_plainly("write to the library", folder):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                self._lock(time.monotonic() + wait_seconds)
                os.ftruncate(self._file, 0)
                os.pwrite(self._file, _introduction(), 0)
            except BlockingIOError as error:
                os.close(self._file)
                raise StoreError(
                    f"cannot write to the library {str(folder)!r}: {_holder(path)} is writing to it. Wait until that "
                    "has ended, or end it; reading is possible meanwhile",
                    path=folder,
                ) from error
            except BaseException:
                os.close(self._file)
                raise

    def _lock(self, until: float) -> None:
        import fcntl

        while True:
            try:
                return fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_LOOK_AGAIN_SECONDS)

    def release(self) -> None:
        """Let the next writer come."""
        os.close(self._file)


def _introduction() -> bytes:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"process": os.getpid(), "host": socket.gethostname(), "since": now}).encode()


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_bytes())
        return f"process {told['process']} on {told['host']}, since {told['since']},"
    except (ValueError, KeyError):  # it has the lock, and is just about to introduce itself
        return "another process"
