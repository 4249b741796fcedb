"""The list of labelled clips: `[{"etag": id, "labels": [class, ...], "data": address}, ...]`.

A clip in the list was judged for every class: what is not among its labels is not in it, and an empty list, like
"none of the above" alone, says no to all. With other labels beside it, "none of the above" contradicts them; nobody
can know which was meant, so those classes become unsure, the others stay no, and the item says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.datasets.labelfiles.texts import shown
from cueline.errors import FormatError

NOTHING = "none of the above"


def fits(value: Any) -> bool:
    """Whether a value of JSON looks like such a list."""
    return isinstance(value, list) and any(
        isinstance(entry, dict) and "labels" in entry and not isinstance(entry.get("data"), dict) for entry in value
    )


def read(path: Path, value: Any) -> LabelFile:
    """Read the list.

    Args:
        path: The file, for messages.
        value: What it holds.

    Raises:
        FormatError: If it is something else.
    """
    if not isinstance(value, list):
        raise FormatError(
            f"{str(path)!r} must be a list of objects with etag, labels and data, got {shown(value)}", path=path
        )
    items, skipped = list[LabelItem](), list[Skip]()
    for number, entry in enumerate(value, start=1):
        try:
            items.append(_item(entry, f"item {number}"))
        except FormatError as error:
            clip = entry.get("data") or entry.get("etag") if isinstance(entry, dict) else ""
            skipped.append(Skip(f"item {number}", clip if isinstance(clip, str) else "", "", str(error)))
    return LabelFile("json", items, skipped)


def written(clips: Iterable[tuple[str, str, Mapping[str, str]]]) -> tuple[str, list[Skip]]:
    """The list as text, and what it cannot hold.

    Args:
        clips: Key, name, and class to verdict, of each; classes that nobody judged have none.

    Returns:
        JSON, a clip a line; and the clips left out, since the list would say no of what nobody denied.
    """
    entries, skipped = list[str](), list[Skip]()
    for key, name, said in clips:
        yes = [each for each, verdict in said.items() if verdict == "yes"]
        open_ = [each for each, verdict in said.items() if verdict not in ("yes", "no")]
        if open_ and (yes or any(said[each] != "unsure" for each in open_)):
            reason = f"the list would say no to {open_[0]!r}, which is {said[open_[0]] or 'not judged'}"
            skipped.append(Skip("", name, open_[0], reason))
            continue
        labels = [*open_, NOTHING] if open_ else yes
        entries.append(json.dumps({"etag": key, "labels": labels, "data": name}, ensure_ascii=False))
    return "[" + ",\n".join(entries) + "]\n", skipped


def _item(entry: Any, where: str) -> LabelItem:
    if not isinstance(entry, dict):
        raise FormatError(f"{where} must be an object with etag, labels and data, got {shown(entry)}")
    labels, key, clip = entry.get("labels"), _key(entry.get("etag")), entry.get("data") or ""
    if not isinstance(labels, list) or not all(isinstance(name, str) for name in labels):
        raise FormatError(f"{where} must have a list of texts as its 'labels', got {shown(labels)}")
    if not (isinstance(key, str) and isinstance(clip, str) and (key or clip)):
        got = f"etag {shown(entry.get('etag'))}, data {shown(entry.get('data'))}"
        raise FormatError(f"{where} must say its clip, as a text 'data' or 'etag', got {got}")
    names = list(dict.fromkeys(name.strip() for name in labels))
    if "" in names:
        raise FormatError(f"{where} must have labels with names, got {shown(labels)}")
    named = [name for name in names if name.casefold() != NOTHING]
    if named and len(named) < len(names):
        doubt = f"{' and '.join(map(repr, named))} and {NOTHING!r} are said at once"
        return LabelItem(clip or key, dict.fromkeys(named, "unsure"), "no", key=key, where=where, doubt=doubt)
    return LabelItem(clip or key, dict.fromkeys(named, "yes"), "no", key=key, where=where)


def _key(etag: Any) -> Any:
    """An etag as text, where it is given as a number; empty where it is not given."""
    return str(etag) if isinstance(etag, int | float) and not isinstance(etag, bool) else etag or ""
