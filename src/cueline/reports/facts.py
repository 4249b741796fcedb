"""What a report tells of each file before its tracks are looked at: where it lies, what failed, what is missing."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cueline.ports import Outcome, Placed, Store
from cueline.reports.words import legible
from cueline.timeline.assets import Asset

_READING = ("probe", "decode")  # what they say is said of the file itself


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that did not work, in plain words.

    Attributes:
        file: Which file, as people call it.
        what: What did not work; empty where the heading says it.
        reason: Why, in one line.
        page: The page of the asset, or empty where there is none.
    """

    file: str
    what: str
    reason: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One asset and how it is doing.

    Attributes:
        asset: Which.
        name: Its file name.
        folder: Folders it lies in, below those that all files share; may be empty.
        paths: Every place where it lies.
        missing: Whether it is at none of them any more.
        size_bytes: Size of the file.
        copies: Every place but the first, as people call it.
        failures: What failed on it; a file that could not be read is told of at each of its places.
        remarks: What is worth knowing of what worked, a line each.
        idle: Names of the plug-ins for which it has nothing.
        analysed: Whether any plug-in was done with it.
    """

    asset: Asset
    name: str
    folder: str
    paths: tuple[str, ...]
    missing: bool
    size_bytes: int
    copies: tuple[str, ...]
    failures: tuple[Problem, ...]
    remarks: tuple[str, ...]
    idle: tuple[str, ...]
    analysed: bool

    @property
    def key(self) -> str:
        """What its files beside the library's page are called."""
        return _key(self.asset.id)

    @property
    def page(self) -> str:
        """Name of its page's file."""
        return page_name(self.asset.id)

    @property
    def called(self) -> str:
        """Its name, with its folders."""
        return f"{self.folder}/{self.name}" if self.folder else self.name

    @property
    def broken(self) -> bool:
        """Whether the file itself could not be read."""
        return any(not failure.what for failure in self.failures)

    @property
    def seconds(self) -> float | None:
        """How long it is, or None where nobody can tell."""
        return None if self.broken or not self.asset.duration else self.asset.duration


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """All files of a store, and what is wrong with them.

    Attributes:
        files: Every asset.
        unreadable: Files that could not be read.
        failures: What failed on files that could be read.
        missing: Files that are not there any more.
    """

    files: tuple[FileFacts, ...]
    unreadable: tuple[Problem, ...]
    failures: tuple[Problem, ...]
    missing: tuple[Problem, ...]

    def with_problems(self, problems: Iterable[Problem]) -> LibraryFacts:
        """The same, with more failures after those that are known."""
        more = tuple(problems)
        return replace(self, failures=self.failures + more) if more else self


def page_name(asset: str) -> str:
    """Name of the file of an asset's page; an id that is no fingerprint becomes its bytes in hexadecimal."""
    return f"asset-{_key(asset)}.html"


def _key(asset: str) -> str:
    plain = asset.isascii() and asset.isalnum()
    return asset if plain else asset.encode("utf-8", "surrogatepass").hex()


def library_facts(store: Store) -> LibraryFacts:
    """Gather what a store knows of every file, reading each list once.

    What has a name alone, such as a clip that a label file is about, is no file.
    """
    places, outcomes = store.places(), store.outcomes()
    top = _shared_folder([placed.location.path for placed in places])
    by_asset: dict[str, list[Placed]] = defaultdict(list)
    for placed in places:
        if placed.asset is not None:
            by_asset[placed.asset].append(placed)
    made: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        made[outcome.asset].append(outcome)
    assets = [asset for asset in store.assets() if by_asset[asset.id] or asset.duration or made[asset.id]]
    files = tuple(_file(asset, by_asset[asset.id], made[asset.id], top) for asset in assets)
    nowhere = [placed for placed in places if placed.asset is None and not placed.missing]
    unreadable = [
        Problem(_below(placed.location.path, top), "", legible(placed.reason) or "no reason known")
        for placed in nowhere
    ]
    unreadable += [failure for file in files for failure in file.failures if not failure.what]
    return LibraryFacts(
        files=files,
        unreadable=tuple(unreadable),
        failures=tuple(failure for file in files for failure in file.failures if failure.what),
        missing=tuple(
            Problem(
                _below(placed.location.path, top),
                "",
                _elsewhere(by_asset[placed.asset], top) if placed.asset else "it could not be read while it was there",
                page_name(placed.asset) if placed.asset else "",
            )
            for placed in places
            if placed.missing
        ),
    )


def _file(asset: Asset, places: Sequence[Placed], outcomes: Sequence[Outcome], top: Path) -> FileFacts:
    there = [placed for placed in places if not placed.missing] or list(places)
    named = [_below(placed.location.path, top) for placed in there] or [f"asset {legible(asset.id)}"]
    path = Path(named[0])
    return FileFacts(
        asset=asset,
        name=path.name,
        folder="" if path.parent == Path() else str(path.parent),
        paths=tuple(legible(str(placed.location.path)) for placed in there),
        missing=all(placed.missing for placed in places),
        size_bytes=there[0].location.size_bytes if there else 0,
        copies=tuple(named[1:]),
        failures=tuple(_failures(named, asset.id, outcomes)),
        remarks=tuple(dict.fromkeys(_remarks(outcomes))),
        idle=tuple(sorted(outcome.plugin for outcome in outcomes if outcome.state == "nothing")),
        analysed=any(outcome.plugin != "probe" for outcome in outcomes),
    )


def _failures(files: Sequence[str], asset: str, outcomes: Sequence[Outcome]) -> Iterator[Problem]:
    """What failed: the file itself, without `what`, wherever it lies, or else each plug-in with its reason."""
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    itself = [outcome for outcome in failed if outcome.plugin in _READING]
    for outcome in itself[:1]:
        for file in files:
            yield Problem(file, "", legible(outcome.reason), page_name(asset))
    for outcome in failed if not itself else ():
        yield Problem(files[0], f"{outcome.plugin} failed", legible(outcome.reason), page_name(asset))


def _remarks(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.state == "done" and outcome.reason:
            yield legible(outcome.reason if outcome.plugin in _READING else f"{outcome.plugin}: {outcome.reason}")


def _shared_folder(paths: Sequence[Path]) -> Path:
    try:
        return Path(os.path.commonpath([path.parent for path in paths]))
    except ValueError:  # none at all, or on different drives
        return Path()


def _below(path: Path, top: Path) -> str:
    return legible(str(path.relative_to(top) if path.is_relative_to(top) else path))


def _elsewhere(places: Sequence[Placed], top: Path) -> str:
    there = [placed.location.path for placed in places if not placed.missing]
    return f"the same content still lies at {_below(there[0], top)}" if there else "what was found in it is kept"
