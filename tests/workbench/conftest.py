"""Libraries with made-up content over files that lie somewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cueline.ports import Placed
from cueline.stores.library import LibraryStore
from cueline.timeline.assets import Asset, Location, fingerprint
from tests.stores.made import VIDEO


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder for files."""
    folder = tmp_path / "films"
    folder.mkdir()
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[LibraryStore]:
    """A library of no files yet, open for writing."""
    with LibraryStore(tmp_path / "films.cue", create=True) as store:
        yield store


@pytest.fixture
def put(shelf: LibraryStore, films: Path) -> Callable[..., str]:
    """Lay a file into the folder and make it known as an asset of some length; give its id."""

    def place(name: str, content: str = "", *, seconds: float = 10.0) -> str:
        path = films / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content or name)
        asset = fingerprint(path)
        shelf.put_asset(Asset(asset, seconds, (VIDEO,)))
        shelf.put_place(Placed(Location.of(path), asset))
        return asset

    return place
