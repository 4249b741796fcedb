"""What the file system and SQLite complain of, told in plain words with what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cueline.errors import StoreError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)
_ADVICE = {
    "full": "the disk is full. Free some space and run the same command again; what was kept before is untouched",
    "forbidden": "it may not be written. Check the permissions of the folder, or work on a copy",
    "damaged": (
        "its database is damaged. Put back a copy of library.sqlite, or analyse the films into a new library; "
        "the films themselves are untouched"
    ),
    "busy": "another program holds its database. Wait until that has ended, then try again",
}
_SQLITE = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "forbidden",
    sqlite3.SQLITE_PERM: "forbidden",
    sqlite3.SQLITE_CANTOPEN: "forbidden",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_BUSY: "busy",
    sqlite3.SQLITE_LOCKED: "busy",
}


@contextmanager
def told_plainly(doing: str, path: Path) -> Iterator[None]:
    """Turn errors of the file system, of SQLite and of text that is no Unicode into a StoreError.

    Args:
        doing: What could not be done, to begin the message with: "cannot <doing>: ...".
        path: The file or folder concerned.

    Raises:
        StoreError: In place of OSError, sqlite3.Error and UnicodeEncodeError.
    """
    try:
        yield
    except (OSError, sqlite3.Error, UnicodeEncodeError) as error:
        advice = _ADVICE.get(_kind(error), str(error))
        raise StoreError(f"cannot {doing} {str(path)!r}: {advice}", path=path) from error


def _kind(error: Exception) -> str:
    if isinstance(error, OSError):
        return "full" if error.errno in _FULL else "forbidden" if error.errno in _FORBIDDEN else ""
    code = getattr(error, "sqlite_errorcode", None)
    # SQLite tells a write beyond a quota or a size limit as an error of input and output
    if code == sqlite3.SQLITE_IOERR_WRITE:
        return "full"
    return "" if code is None else _SQLITE.get(code & 0xFF, "")
