"""Folders for libraries that tests make."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cueline.stores.library import LibraryStore


@pytest.fixture(scope="session")
def fast_disk() -> Path:
    """A file system in memory, where waiting for the disk costs nothing; the usual one where there is none."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())


@pytest.fixture
def folder(fast_disk: Path) -> Iterator[Path]:
    """An empty folder."""
    with tempfile.TemporaryDirectory(dir=fast_disk) as name:
        yield Path(name)


@pytest.fixture
def store(folder: Path) -> Iterator[LibraryStore]:
    """A new library, open for writing."""
    with LibraryStore(folder / "films.cue", create=True) as library:
        yield library
