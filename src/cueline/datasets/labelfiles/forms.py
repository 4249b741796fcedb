"""Which format a label file is in: told by what it holds, not by its ending alone.

A file of another tool is refused in words that say what was found and what is read. Formats of ranges that importers
of their own read (Audacity, ActivityNet, tables with times) are recognised, and left to those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cueline.datasets.labelfiles import answer_table, labelstudio, player, playlists, table, workshop
from cueline.datasets.labelfiles.items import LabelFile
from cueline.datasets.labelfiles.texts import heading_of, json_of, text_of
from cueline.errors import FormatError, OptionError, near_miss

KNOWN = (
    "a list of {etag, labels, data}, the player's {name: Dialogue|Music|Both}, tasks of Label Studio with annotations, "
    "a table Filename,Classification, a table of answers clip,class,verdict, a playlist, ActivityNet, or labels of "
    "Audacity"
)
_AUDACITY = re.compile(r"\s*[-+]?\d+[.,]?\d*\t")
_OTHERS: Mapping[str, frozenset[str]] = {  # files that people mix up with labels, by keys that only they have
    "a COCO data set": frozenset({"images", "annotations", "categories"}),
    "a FiftyOne data set": frozenset({"samples"}),
    "predictions, which a model made; `cueline import` reads them": frozenset({"results"}),
    "a notebook": frozenset({"cells", "nbformat"}),
    "Web annotations; `cueline import` reads them": frozenset({"@context"}),
    "a VIA project": frozenset({"_via_settings"}),
    "a timeline of OpenTimelineIO; `cueline import` reads it": frozenset({"OTIO_SCHEMA"}),
}


@dataclass(frozen=True, slots=True)
class Content:
    """A label file that was opened.

    Attributes:
        path: The file.
        text: What it holds.
        value: The same as a value of JSON, where it is JSON.
        is_json: Whether it is.
    """

    path: Path
    text: str = field(repr=False)
    value: Any = field(default=None, repr=False)
    is_json: bool = False


def open_labels(path: Path) -> Content:
    """Read a file.

    Raises:
        FormatError: If it is no text, or JSON that is broken; says where.
    """
    text = text_of(path)
    if text.lstrip()[:1] in ("[", "{") or path.suffix.lower() == ".json":
        return Content(path, text, json_of(path, text), is_json=True)
    return Content(path, text)


def form_of(content: Content) -> str:
    """The name of the format: one of `READERS`, or that of an importer of ranges.

    Raises:
        FormatError: If it is none that is read; says what was found.
    """
    return _json_form(content) if content.is_json else _text_form(content)


def read_labels(path: Path, form: str = "") -> LabelFile:
    """Read a label file.

    Args:
        path: The file.
        form: One of `READERS`; told by the content where none is given.

    Raises:
        FormatError: If it is in none of these formats, or broken.
        OptionError: If there is no such format.
    """
    content = open_labels(path)
    form = form or form_of(content)
    if form not in READERS:
        raise OptionError(f"a label file is one of {', '.join(READERS)}, got {form!r}.{near_miss(form, READERS)}")
    return READERS[form](content)


def _json_form(content: Content) -> str:
    value = content.value
    for form, looks in (("labelstudio", labelstudio.fits), ("json", workshop.fits), ("player", player.fits)):
        if looks(value):
            return form
    if isinstance(value, dict) and "database" in value:
        return "activitynet"
    if value == []:
        return "json"
    raise FormatError(
        f"{str(content.path)!r} must be a label file, got {_found(value)}. What is read: {KNOWN}.", path=content.path
    )


def _found(value: Any) -> str:
    """What a value of JSON is, in words."""
    if isinstance(value, dict):
        for what, keys in _OTHERS.items():
            if keys <= value.keys():
                return what
        return f"an object with the keys {_names(value)}"
    if isinstance(value, list) and isinstance(value[0], dict):
        if "class" in value[0] and "definition" in value[0]:
            return "a list of classes; `cueline classes import` reads it"
        return f"a list of objects with the keys {_names(value[0])}"
    if isinstance(value, list):
        return f"a list of {type(value[0]).__name__}"
    return f"the value {value!r:.40}"


def _names(keys: Mapping[str, Any]) -> str:
    return ", ".join(map(repr, list(keys)[:6])) + (", ..." if len(keys) > 6 else "")


def _text_form(content: Content) -> str:
    if playlists.fits(content.path, content.text):
        return "m3u"
    first = next((line for line in content.text.splitlines() if line.strip()), "")
    if _AUDACITY.match(first):
        return "audacity"
    heading, _ = heading_of(content.text.lstrip("\r\n"))
    if answer_table.fits(heading):
        return "csv"
    if table.fits(heading):
        return "classification"
    plain = [name.casefold() for name in heading]
    if len(heading) > 2 and any(name.startswith(("start", "begin", "onset", "time")) for name in plain):
        return "ranges"
    found = f"a text that begins with {first[:60]!r}" if first else "an empty file"
    raise FormatError(
        f"{str(content.path)!r} must be a label file, got {found}. What is read: {KNOWN}.", path=content.path
    )


def _of_json(read: Callable[[Path, Any], LabelFile]) -> Callable[[Content], LabelFile]:
    return lambda content: read(content.path, content.value if content.is_json else json_of(content.path, content.text))


def _of_text(read: Callable[[Path, str], LabelFile]) -> Callable[[Content], LabelFile]:
    return lambda content: read(content.path, content.text)


READERS: Mapping[str, Callable[[Content], LabelFile]] = {
    "json": _of_json(workshop.read),
    "player": _of_json(player.read),
    "labelstudio": _of_json(labelstudio.read),
    "csv": _of_text(answer_table.read),
    "classification": _of_text(table.read),
    "m3u": _of_text(playlists.read),
}
