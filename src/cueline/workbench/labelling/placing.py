"""What the items of a label file are about: each is put to an asset, or told why it cannot be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cueline.datasets.labelfiles import LabelFile, LabelItem
from cueline.stores.answers import SLACK_SECONDS
from cueline.stores.rows import plain
from cueline.timeline.answers import Clip, clip_id
from cueline.workbench.labelling.clips import ClipNames, groups_of, parts_of, shared_lasts

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

    def told(self, item: LabelItem, classes: Sequence[str], reason: str, **more: str) -> Told:
        """What is to be known of an item."""
        about = {"file": self.file, "item": item.where, "clip": item.clip, "class": ", ".join(classes)}
        return {**about, **more, "reason": reason}


def placed(
    found: LabelFile, names: ClipNames, lasts: Mapping[str, float], *, file: str, known_only: bool = False
) -> PlacedItems:
    """Put every item to an asset.

    Args:
        found: What was read.
        names: The assets of the library; learns what the file calls them.
        lasts: How long each asset lasts, in seconds; 0 where nobody knows.
        file: Name of the file, for what is told.
        known_only: Skip clips that the library does not know, in place of keeping them by name.
    """
    result, keys = PlacedItems(file), dict[str, tuple[str, str]]()
    clips: dict[tuple[str, str], Clip] = {}
    shared = shared_lasts(item.clip for item in found.items)
    for item in found.items:
        try:
            asset = _asset(item, names, keys, result, shared=shared, known_only=known_only)
            _must_fit(item, lasts.get(asset, 0.0))
        except LookupError as error:
            result.skipped.append(result.told(item, tuple(item.said), str(error)))
            continue
        result.items.append((asset, item))
        if (asset, item.clip) not in clips or item.key:
            clips[asset, item.clip] = Clip(asset, item.clip, item.key, groups_of(item.clip))
    result.clips = list(clips.values())
    return result


def _asset(
    item: LabelItem,
    names: ClipNames,
    keys: dict[str, tuple[str, str]],
    result: PlacedItems,
    *,
    shared: Collection[str],
    known_only: bool,
) -> str:
    """The asset of an item, known or by name.

    Raises:
        LookupError: If there is none, or several; says why.
    """
    if not all(map(_is_text, (item.clip, item.key, item.who, *item.said))):
        raise LookupError("names must be Unicode text, got half a letter. Write the file anew")
    if item.key in keys:
        asset, clip = keys[item.key]
        if clip != item.clip:
            reason = f"the key {item.key!r} is that of {clip!r} in this file too; both are taken for one clip"
            result.conflicts.append(result.told(item, tuple(item.said), reason, kind="key"))
        return asset
    if names.key_of_another(item.clip, item.key):
        reason = f"the key {item.key!r} was that of a clip of another name; the name decides"
        result.conflicts.append(result.told(item, tuple(item.said), reason, kind="key"))
    known = names.find(item.clip, key=item.key, asset=item.asset, shared=shared) or _shorter(item, names, result.file)
    if known is None and known_only:
        hint = names.near(item.clip) if len(result.skipped) < _MOST_HINTS else ""
        raise LookupError(f"the library knows no clip {parts_of(item.clip)[-1]!r}.{hint}")
    asset = known or clip_id(item.clip)
    if item.key:
        keys[item.key] = asset, item.clip
    return asset


def _shorter(item: LabelItem, names: ClipNames, file: str) -> str | None:
    """The asset that the file itself is called after: `film.labels.txt` is about `film`."""
    name = item.clip if item.clip == Path(file).stem else ""
    while "." in name:
        name = name.rpartition(".")[0]
        asset = names.find(name) if name else None
        if asset is not None:
            return asset
    return None


def _must_fit(item: LabelItem, seconds: float) -> None:
    """Refuse a span beyond the end of its media."""
    if item.span is not None and (item.span.start < 0 or (seconds and item.span.end > seconds + SLACK_SECONDS)):
        end = f" of {seconds:.3f} s" if seconds else ""
        raise LookupError(
            f"a label lies within its media{end}, got {item.span}. Are the times in seconds, and of this file?"
        )


def _is_text(text: str) -> bool:
    return text.isascii() or plain(text) == text
