import errno
import os
import sqlite3

import pytest

from cueline.errors import StoreError
from cueline.stores.faults import told_plainly


def complaint(error):
    with pytest.raises(StoreError) as caught, told_plainly("write to the library", "films.cue"):
        raise error
    assert caught.value.__cause__ is error
    return str(caught.value)


def of_sqlite(code):
    error = sqlite3.OperationalError("in the words of SQLite")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "the disk is full. Free some space"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "the disk is full. Free some space"),
        (of_sqlite(sqlite3.SQLITE_FULL), "the disk is full. Free some space"),
        (of_sqlite(sqlite3.SQLITE_IOERR_WRITE), "the disk is full. Free some space"),
        (PermissionError(errno.EACCES, "no"), "it may not be written. Check the permissions"),
        (of_sqlite(sqlite3.SQLITE_READONLY_DBMOVED), "it may not be written. Check the permissions"),
        (of_sqlite(sqlite3.SQLITE_CORRUPT_VTAB), "its database is damaged. Put back a copy"),
        (of_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), "another program holds its database. Wait"),
        (of_sqlite(sqlite3.SQLITE_IOERR_READ), "in the words of SQLite"),
        (FileNotFoundError(errno.ENOENT, "No such file", "x"), "No such file"),
    ],
)
def test_a_complaint_is_told_with_what_to_do(error, told):
    assert complaint(error).startswith("cannot write to the library 'films.cue': ")
    assert told in complaint(error)


def test_other_errors_pass():
    with pytest.raises(KeyError), told_plainly("write", "films.cue"):
        raise KeyError
