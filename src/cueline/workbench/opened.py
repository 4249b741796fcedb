"""A library on its way to be read: opened for a moment, with its files known by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cueline.errors import StoreError
from cueline.stores.library import LibraryStore
from cueline.workbench.finding import DATABASE, absolute
from cueline.workbench.matching import Places

AnyPath = str | Path


class OpenedLibrary:
    """What reading and asking need."""

    path: Path

    def _asset(self, store: LibraryStore, file: AnyPath) -> str:
        """The asset at a path, or else the one that is called so; see `matching.Places.asset`."""
        asset = store.asset_at(absolute(Path(file)))
        if asset is not None:
            return asset
        try:
            return Places(store.places()).asset(str(file))
        except LookupError as error:
            raise StoreError(f"in the library {str(self.path)!r}: {error}", path=file) from error

    @contextmanager
    def _reading(self) -> Iterator[LibraryStore]:
        store = LibraryStore(self.path, read_only=True)
        try:
            yield store
        finally:
            store.close()


def is_library(path: Path) -> bool:
    """Whether a folder is a library."""
    return os.path.isfile(path / DATABASE)  # noqa: PTH113  # Path.is_file raises where a folder may not be looked into
