"""What campaigns ask about: files of a library and clips known by name, found by what they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cueline.errors import StoreError
from cueline.stores.answers import AnswerBook
from cueline.stores.library import LibraryStore
from cueline.timeline.assets import Asset
from cueline.workbench.finding import absolute
from cueline.workbench.intake import homes
from cueline.workbench.labelling.clips import ClipNames
from cueline.workbench.library import Library
from cueline.workbench.opened import AnyPath


@dataclass(frozen=True, slots=True)
class Subjects:
    """Files and clips.

    Attributes:
        assets: Each that has a file or a name, by its id; files first, in order of path.
        names: The path of each, or its name where nobody has its media.
        library: Where they are.
    """

    assets: Mapping[str, Asset]
    names: Mapping[str, str]
    library: Path
    _called: ClipNames

    def __repr__(self) -> str:
        """How many."""
        return f"Subjects({len(self.assets)} files and clips)"

    def named(self, asset: str) -> str:
        """What an asset is called; its id where nothing calls it otherwise."""
        return self.names.get(asset, asset)

    def find(self, called: AnyPath) -> str:
        """The id of the one that is called so: a path, the end of a path, a name, a key, or an id.

        Raises:
            StoreError: If there is none, or several; names the near miss.
        """
        whole = str(absolute(Path(called)))
        try:
            found = self._called.find(whole) if whole in self.names.values() else self._called.find(str(called))
            found = found or self._called.find(str(called), key=str(called))
        except LookupError as error:
            raise StoreError(f"in the library {str(self.library)!r}: {error}", path=called) from error
        if found is None:
            raise StoreError(
                f"the library {str(self.library)!r} knows no file or clip {str(called)!r}."
                f"{self._called.near(str(called))}",
                path=called,
            )
        return found

    def fits_several(self, called: str) -> bool:
        """Whether a name fits more than one."""
        try:
            self._called.find(called)
        except LookupError:
            return True
        return False

    def chosen(self, called: Sequence[AnyPath] | None) -> list[Asset]:
        """Those that are called so, each once; all where none is given."""
        if called is None:
            return list(self.assets.values())
        return [self.assets[asset] for asset in dict.fromkeys(map(self.find, called))]


def subjects(library: Library) -> Subjects:
    """All that a library may ask people about."""
    with LibraryStore(library.path, read_only=True) as store:
        places, assets = store.places(), store.assets()
    with AnswerBook(library.path, read_only=True) as book:
        clips = book.clips()
    names = {clip.asset: clip.name for clip in reversed(clips)}
    names |= {asset: str(placed.location.path) for asset, placed in homes(places).items()}
    known = {asset.id: asset for asset in assets if asset.id in names}
    return Subjects(known, names, library.path, ClipNames.of(places, clips))
