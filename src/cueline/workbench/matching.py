"""Which asset is meant by what people and files call it: an id, a path, the end of a path, a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cueline.errors import near_miss
from cueline.exporters.naming import safe_name
from cueline.ports import Placed
from cueline.workbench.finding import absolute


class Places:
    """The locations of a library, by all that they may be called."""

    def __init__(self, places: Iterable[Placed]) -> None:
        """Learn the names of every location that has an asset."""
        self._names: dict[str, set[str]] = defaultdict(set)
        self._safe_names: dict[str, set[str]] = defaultdict(set)
        self._paths: dict[Path, str] = {}
        self._ids: set[str] = set()
        for place in places:
            if place.asset is not None:
                path = place.location.path
                self._paths[path] = place.asset
                self._ids.add(place.asset)
                for name in {path.name, path.stem}:
                    self._names[name].add(place.asset)
                self._safe_names[safe_name(path.stem)].add(place.asset)

    def asset(self, called: str) -> str:
        """The one asset that is called so.

        A path of the library counts first, then an id, then a name with or without its ending. With folders before
        the name, the folders must fit; of a whole path from elsewhere, as many of the last ones as fit any. A `file:`
        address is read as its path. A name that exporters made safe is known again.

        Raises:
            LookupError: If there is none, or several; names the near misses.
        """
        name = _path_of(called) if called.startswith("file:") else called
        path = Path(name)
        if name and (asset := self._paths.get(absolute(path))):
            return asset
        if name in self._ids:
            return name
        found = self._names.get(path.name) or self._safe_names.get(path.name, set())
        if len(path.parts) > 1:
            found = self._deepest(path)
        if len(found) > 1:
            raise LookupError(f"{len(found)} files are called {path.name!r}; give the whole path")
        if not found:
            raise LookupError(f"no file is called {called!r}.{near_miss(path.name, self._names)}")
        return next(iter(found))

    def _deepest(self, path: Path) -> set[str]:
        """The assets at paths that share the most last parts with a path; with all of its parts, if it has no root."""
        parts = [part for part in path.parts if part not in ("/", ".", "..")]
        least = 1 if path.is_absolute() else len(parts)
        shared = {known: _shared_end(known, parts) for known in self._paths}
        most = max(shared.values(), default=0)
        return {self._paths[known] for known, count in shared.items() if count == most >= least}


def _path_of(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)
    except ValueError as error:
        raise LookupError(f"a file: address must have a path, got {address!r}") from error


def _shared_end(path: Path, parts: list[str]) -> int:
    """How many last parts a path shares with others, the ending of the last one left out where they have none."""
    theirs = list(path.parts)
    if theirs[-1] != parts[-1]:
        theirs[-1] = path.stem
    count = 0
    for mine, other in zip(reversed(theirs), reversed(parts), strict=False):
        if mine != other:
            break
        count += 1
    return count
