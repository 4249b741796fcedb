"""Groups told from the names of files, or from a table that people keep.

A pattern describes the end of a path, without the ending of the file: `{kind}` stands for the name of a group of that
kind, `*` for anything, both within one folder or file name. `{show}/{season}/*` reads the show from the folder two
levels up; `{speaker}-*` reads the speaker from the file's name up to the first dash.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cueline.errors import FormatError, OptionError, near_miss
from cueline.stores.library import LibraryStore
from cueline.timeline.groups import components
from cueline.workbench.intake import homes
from cueline.workbench.matching import Places

_PIECE = re.compile(r"\{([^{}]*)\}|\*|[{}]")
_FILE_COLUMNS = ("file", "path", "media", "asset")


@dataclass(frozen=True, slots=True)
class Grouped:
    """How the assets of a library are grouped.

    Attributes:
        kinds: How many groups there are of each kind.
        assets: How many assets are in a group of each kind.
        total: How many assets there are.
        components: How many sets there are that a split must keep together.
        largest: How many assets the largest of them has.
        rules: How groups are told from names.
    """

    kinds: Mapping[str, int]
    assets: Mapping[str, int]
    total: int
    components: int
    largest: int
    rules: Sequence[str] = ()


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for the end of a path without its ending.

    Raises:
        OptionError: If it has no group, a group without a proper name, or one of them twice.
    """
    text, place, kinds = "", 0, Counter[str]()
    for piece in _PIECE.finditer(pattern):
        text += re.escape(pattern[place : piece.start()])
        kind, place = piece[1], piece.end()
        if piece[0] == "*":
            text += "[^/]*"
        elif kind is None or not kind.isidentifier():
            raise OptionError(f"in a pattern, brackets hold the kind of a group such as {{show}}, got {pattern!r}")
        else:
            kinds[kind] += 1
            text += f"(?P<{kind}>[^/]+?)" if kinds[kind] == 1 else f"(?P={kind})"
    if re.search(r"\}\{", pattern):
        raise OptionError(f"in a pattern, two groups need something between them to tell them apart, got {pattern!r}")
    if not kinds:
        raise OptionError(f"a pattern names a group, as in '{{show}}_*', got {pattern!r}")
    return re.compile(rf"(?:^|.*/){text}{re.escape(pattern[place:])}")


def told_by_name(path: Path, patterns: Iterable[re.Pattern[str]]) -> dict[str, str]:
    """The groups that a path tells; where two patterns tell the same kind, the first counts."""
    text, found = path.with_suffix("").as_posix(), dict[str, str]()
    for pattern in patterns:
        match = pattern.fullmatch(text)
        found = {**(match.groupdict() if match else {}), **found}
    return found


def group_by_names(store: LibraryStore, patterns: Sequence[str]) -> int:
    """Keep how groups are told from names, and apply it to every asset; files that come later are grouped by it too.

    Returns:
        How many assets were given a group.

    Raises:
        OptionError: If no file is called as any pattern has it, or a pattern cannot be read; then nothing changes.
    """
    rules = [compiled(pattern) for pattern in patterns]
    told = {asset: told_by_name(place.location.path, rules) for asset, place in homes(store.places()).items()}
    grouped = {asset: groups for asset, groups in told.items() if groups}
    if told and not grouped:
        example = next(iter(homes(store.places()).values())).location.path.name
        raise OptionError(f"no file is called as {' or '.join(map(repr, patterns))} has it; one is called {example!r}")
    store.put_group_rules(list(dict.fromkeys(patterns)))
    for asset, groups in grouped.items():
        store.put_groups(asset, groups)
    return len(grouped)


def forget_kind(store: LibraryStore, kind: str) -> int:
    """Take every asset out of the groups of a kind, and keep no rule that tells it.

    Returns:
        How many assets were in such a group.

    Raises:
        OptionError: If no asset is in a group of that kind, and no rule tells it.
    """
    members = [asset for asset in store.assets() if kind in asset.groups]
    rules = store.group_rules()
    kept = [rule for rule in rules if kind not in compiled(rule).groupindex]
    if not members and kept == rules:
        kinds = sorted({name for asset in store.assets() for name in asset.groups})
        there = ", ".join(kinds) or "none"
        raise OptionError(f"no groups are of kind {kind!r}; there are: {there}.{near_miss(kind, kinds)}")
    store.put_group_rules(kept)
    for asset in members:
        store.put_groups(asset.id, {kind: ""})
    return len(members)


def group_new(store: LibraryStore, assets: Mapping[Path, str]) -> None:
    """Group files by what is kept of their names, where they are in no group of that kind yet."""
    rules = [compiled(pattern) for pattern in store.group_rules()]
    if rules:
        known = {asset.id: asset.groups for asset in store.assets()}
        for path, asset in assets.items():
            told = told_by_name(path, rules)
            fresh = {kind: name for kind, name in told.items() if kind not in known[asset]}
            if fresh:
                store.put_groups(asset, fresh)


def group_by_table(store: LibraryStore, path: Path) -> tuple[int, list[str]]:
    """Set groups from a CSV file: a column `file` (a path, a name or an id), and one for each kind.

    An empty cell takes the asset out of that kind.

    Returns:
        How many assets were set, and why some lines were not.

    Raises:
        FormatError: If it is no such table.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _set_groups(store, path, csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise FormatError(f"a table of groups is CSV in UTF-8, got {str(path)!r}: {error}", path=path) from error


def _set_groups(store: LibraryStore, path: Path, table: csv.DictReader[str]) -> tuple[int, list[str]]:
    names = [name for name in table.fieldnames or () if name]
    key = next((name for name in names if name.casefold() in _FILE_COLUMNS), "")
    if not key or len(names) < 2:
        raise FormatError(
            f"a table of groups has a column 'file' and one or more for kinds of group, such as 'show'; "
            f"{str(path)!r} has: {', '.join(names) or 'none'}",
            path=path,
        )
    places, done, faults = Places(store.places()), set[str](), []
    for row in table:
        try:
            asset = places.asset(row[key] or "")
        except LookupError as error:
            faults.append(f"line {table.line_num}: {error}")
            continue
        store.put_groups(asset, {kind: (row[kind] or "").strip() for kind in names if kind != key})
        done.add(asset)
    return len(done), faults


def grouped(store: LibraryStore, kinds: Sequence[str] | None = None) -> Grouped:
    """Count groups, and what they bind together."""
    somewhere = homes(store.places())
    groups = [asset.groups for asset in store.assets() if asset.id in somewhere]
    names = {(kind, name) for named in groups for kind, name in named.items()}
    sizes = Counter(components(groups, kinds=kinds).tolist())
    return Grouped(
        kinds=dict(Counter(kind for kind, _ in sorted(names))),
        assets=dict(Counter(kind for named in groups for kind in sorted(named))),
        total=len(groups),
        components=len(sizes),
        largest=max(sizes.values(), default=0),
        rules=store.group_rules(),
    )
