import os
import signal
import subprocess
import sys
from threading import Timer

import pytest

from cueline.errors import StoreError
from cueline.stores.lease import Lease
from cueline.stores.library import LibraryStore
from tests.stores.made import asset

HOLDER = """
import sys
from pathlib import Path
from cueline.stores.lease import Lease
lease = Lease(Path(sys.argv[1]))
print("taken", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_told_who_writes_where_and_since_when(folder):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "taken\n"
        told = rf"process {holder.pid} on \S+, since \d{{4}}-\d\d-\d\dT.*, is writing to it. Wait until that has ended"
        with pytest.raises(StoreError, match=told):
            Lease(folder)
        holder.kill()
    Lease(folder).release()


def test_a_second_writer_may_wait_until_the_first_has_ended(store):
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(store.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "taken\n"
        with pytest.raises(StoreError, match=f"process {holder.pid} on .* is writing to it"):
            LibraryStore(store.path, wait_seconds=0.3)
        assert holder.poll() is None
        Timer(0.3, holder.kill).start()
        with LibraryStore(store.path, wait_seconds=30.0) as second:
            assert holder.wait() == -signal.SIGKILL
            second.put_asset(asset())


def test_the_lease_is_free_again_after_release(folder):
    Lease(folder).release()
    lease = Lease(folder)
    with pytest.raises(StoreError, match=f"process {os.getpid()} on "):
        Lease(folder)
    lease.release()


def test_a_holder_that_has_not_introduced_itself_yet_is_another_process(folder):
    lease = Lease(folder)
    (folder / "lease").write_bytes(b"")
    with pytest.raises(StoreError, match="another process is writing to it"):
        Lease(folder)
    lease.release()


def test_readers_come_and_go_beside_the_writer(store):
    for _ in range(2):
        LibraryStore(store.path, read_only=True).close()
    with pytest.raises(StoreError, match="is writing to it"):
        LibraryStore(store.path)


def test_a_store_that_could_not_be_opened_keeps_no_lease(folder):
    (folder / "library.sqlite").write_bytes(b"no database" * 1000)
    for _ in range(2):
        with pytest.raises(StoreError, match="damaged"):
            LibraryStore(folder)


def test_a_folder_that_is_not_there_is_told(folder):
    with pytest.raises(StoreError, match="cannot write to the library .*No such file"):
        Lease(folder / "none")


def test_a_lease_that_cannot_be_written_is_told_and_let_go(folder):
    (folder / "lease").symlink_to("/dev/full")
    for _ in range(2):
        with pytest.raises(StoreError, match="cannot write to the library .*Invalid argument"):
            Lease(folder)


def test_a_system_without_such_locks_is_told_what_is_possible(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(StoreError, match="needs the file locks of a POSIX system, got .*Read it here"):
        Lease(folder)
