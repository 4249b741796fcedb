"""What the items of a label file are about: each is put to an asset, or told why it cannot be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from cueline.datasets.labelfiles import LabelFile, LabelItem
from cueline.exporters.naming import safe_name
from cueline.stores.answers import SLACK_SECONDS
from cueline.stores.rows import plain
from cueline.timeline.answers import Clip, clip_id
from cueline.workbench.labelling.clips import ClipNames, composed, groups_of, parts_of, shared_lasts

_MOST_HINTS = 20  # items whose near miss is looked for
Told = dict[str, str]


@dataclass(slots=True)
class PlacedItems:
    """Items of one file, each with the asset that it is about.

    Attributes:
        file: Name of the file.
        items: Id of the asset, and the item.
        clips: What the file calls each asset.
        conflicts: Keys that belong to clips of two names.
        skipped: Items that cannot be put anywhere.
    """

    file: str
    items: list[tuple[str, LabelItem]] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    conflicts: list[Told] = field(default_factory=list)
    skipped: list[Told] = field(default_factory=list)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that the items name, in order of first mention."""
        return tuple(dict.fromkeys(name for _, item in self.items for name in item.said))

    def respell(self, spelling: Spelling) -> None:
        """Call classes as they are called here.

        Args:
            spelling: How that is.
        """
        for number, (asset, item) in enumerate(self.items):
            said = {spelling.of(name): verdict for name, verdict in item.said.items()}
            if said.keys() != item.said.keys():
                self.items[number] = asset, replace(item, said=said)

    def told(self, item: LabelItem, classes: Sequence[str], reason: str, **more: str) -> Told:
        """What is to be known of an item."""
        about = {"file": self.file, "item": item.where, "clip": item.clip, "class": ", ".join(classes)}
        return {**about, **more, "reason": reason}


class Spelling:
    """How classes are called here, where a file writes them with other capital letters.

    Example:
        >>> spelling = Spelling(["music"], ["Music", "Rain"])
        >>> [spelling.of(name) for name in ("MUSIC", "rain", "Fog", "fog")]
        ['music', 'Rain', 'Fog', 'Fog']
    """

    def __init__(self, *known: Sequence[str]) -> None:
        """Learn names that are known, those of which one is meant first in the first list."""
        self._known = [_by_letters(names) for names in known]
        self._first: dict[str, str] = {}
        self._meant: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The class that is meant; the name itself, or the way it was first written, where none is known."""
        if name not in self._meant:
            self._meant[name] = self._find(name)
        return self._meant[name]

    def _find(self, name: str) -> str:
        letters = _letters(name)
        for known in self._known:
            alike = known.get(letters, [])
            if name in alike or len(alike) == 1:
                return name if name in alike else alike[0]
        return self._first.setdefault(letters, name)


def placed(
    found: LabelFile, names: ClipNames, lasts: Mapping[str, float], *, file: str, known_only: bool = False
) -> PlacedItems:
    """Put every item to an asset.

    Args:
        found: What was read.
        names: The assets of the library.
        lasts: How long each asset lasts, in seconds; 0 where nobody knows.
        file: Name of the file, for what is told.
        known_only: Skip clips that have no media here, in place of keeping them by name.
    """
    result, clips = PlacedItems(file), dict[tuple[str, str], Clip]()
    shared, keys = shared_lasts(item.clip for item in found.items), _names_of_keys(found)
    placing = _Placing(result, names, shared, known_only, keys, Path(file).stem)
    for item in found.items:
        try:
            name = placing.name(item)
            asset = placing.asset(item, name)
            _must_fit(item, lasts.get(asset, 0.0))
        except LookupError as error:
            result.skipped.append(result.told(item, tuple(item.said), str(error)))
            continue
        result.items.append((asset, item))
        if (asset, name) not in clips or item.key not in ("", clips[asset, name].key):
            clips[asset, name] = Clip(asset, name, item.key, groups_of(name))
    result.clips = list(clips.values())
    return result


@dataclass(slots=True)
class _Placing:
    """What is needed to put one item after another to an asset.

    Attributes:
        result: Where conflicts are told.
        names: The assets of the library.
        shared: Last parts that clips of different folders share in the file.
        known_only: Skip clips that have no media here.
        keys: The names that the clips of each key have in the file.
        stem: Name of the file without its ending.
        told: Keys and names of which a conflict was told.
    """

    result: PlacedItems
    names: ClipNames
    shared: Collection[str]
    known_only: bool
    keys: Mapping[str, Sequence[str]]
    stem: str
    told: set[tuple[str, str]] = field(default_factory=set)

    def name(self, item: LabelItem) -> str:
        """What the clip of an item is called: where it has a key alone, as elsewhere in the file.

        Raises:
            LookupError: If clips of several names have that key.
        """
        if not all(map(_is_text, (item.clip, item.key, item.who, *item.said))):
            raise LookupError("names must be Unicode text, got half a letter. Write the file anew")
        named = self.keys.get(item.key, ()) if item.clip == item.key else ()
        if len(named) > 1:
            raise LookupError(f"the key {item.key!r} is that of {len(named)} clips in this file; name the clip too")
        return named[0] if named else item.clip

    def asset(self, item: LabelItem, name: str) -> str:
        """The asset of an item, known or by name.

        Raises:
            LookupError: If there is none, or several; says why.
        """
        self._look_at_key(item, name)
        if name == self.stem and not item.key and not item.asset:
            known = _called_after(name, self.names)
        else:
            known = self.names.find(name, key=item.key, asset=item.asset, shared=self.shared)
        if self.known_only and known not in self.names.media:
            hint = self.names.near(name) if len(self.result.skipped) < _MOST_HINTS else ""
            raise LookupError(f"the library has no media of {parts_of(name)[-1]!r}.{hint}")
        return known or clip_id(composed(name))

    def _look_at_key(self, item: LabelItem, name: str) -> None:
        """Tell once of each name whose key is that of another."""
        if not item.key or (item.key, name) in self.told:
            return
        first = self.keys.get(item.key, (name,))[0]
        if composed(first) != composed(name):
            reason = (
                f"the key {item.key!r} is that of {first!r} in this file too; the name decides, and both stay apart"
            )
        elif self.names.key_of_another(name, item.key):
            reason = f"the key {item.key!r} was that of a clip of another name; the name decides"
        else:
            return
        self.told.add((item.key, name))
        self.result.conflicts.append(self.result.told(item, tuple(item.said), reason, kind="key"))


def _called_after(stem: str, names: ClipNames) -> str | None:
    """The asset that a file is called after: `film.labels.txt` is about `film`, unless a medium is `film.labels`.

    Raises:
        LookupError: If several are called so.
    """
    by_name = None
    while stem:
        asset = names.find(stem)
        media = {asset} if asset in names.media else _made_safe(composed(stem), names)
        if len(media) > 1:
            raise LookupError(f"{len(media)} files are called {stem!r}; give each label file the name of one")
        if media:
            return next(iter(media))
        by_name, stem = by_name or asset, stem.rpartition(".")[0]
    return by_name


def _made_safe(stem: str, names: ClipNames) -> set[str]:
    """The media whose names, with as many of their folders as there are, exporters write as this."""
    ends = [stem, *(stem[number + 1 :] for number, letter in enumerate(stem) if letter == "_")]
    found = set[str]()
    for path, asset in (known for end in ends for known in names.safe.get(end, ())):
        parts = (*path.parts[1:-1], path.stem)
        if any(composed(safe_name("/".join(parts[first:]))) == stem for first in range(len(parts))):
            found.add(asset)
    return found


def _names_of_keys(found: LabelFile) -> dict[str, list[str]]:
    """The different names that the clips of each key have, in order."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for item in found.items:
        if item.key and item.clip != item.key:
            names[item.key].setdefault(composed(item.clip), item.clip)
    return {key: list(each.values()) for key, each in names.items()}


def _by_letters(names: Sequence[str]) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = defaultdict(list)
    for name in names:
        alike[_letters(name)].append(name)
    return alike


def _letters(name: str) -> str:
    return composed(name).casefold()


def _must_fit(item: LabelItem, seconds: float) -> None:
    """Refuse a span beyond the end of its media."""
    if item.span is not None and (item.span.start < 0 or (seconds and item.span.end > seconds + SLACK_SECONDS)):
        end = f" of {seconds:.3f} s" if seconds else ""
        raise LookupError(
            f"a label lies within its media{end}, got {item.span}. Are the times in seconds, and of this file?"
        )


def _is_text(text: str) -> bool:
    return text.isascii() or plain(text) == text
