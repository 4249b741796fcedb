"""Label files as items, whatever their format: whole clips by the readers here, ranges by importers of the registry.

A label on a stretch of time says yes to its class there. Tasks of Label Studio with ranges are read one annotator at a
time, so that it stays known who drew what; where a task has a fault, the others of that person are read all the same.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cueline import registry
from cueline.datasets.labelfiles import READERS, LabelFile, LabelItem, Skip, form_of, open_labels
from cueline.errors import CuelineError, FormatError, MediaError, OptionError, near_miss
from cueline.ports import Importer
from cueline.timeline.answers import Verdict
from cueline.workbench.bringing import importer_for

_OTHERS = {"ranges": "csv", "activitynet": "activitynet", "audacity": "audacity"}  # what content tells -> importer
_CONTENT = (".json", ".csv", ".tsv", ".txt", ".m3u", ".m3u8", "")
_ALIASES = {"workshop": "json", "classes": "classification", "m3u8": "m3u"}
YES: Verdict = "yes"


def read_any(path: Path, form: str = "") -> LabelFile:
    """Read a label file of any format.

    Args:
        path: The file.
        form: Its format; told by what it holds where none is given.

    Raises:
        MediaError: If there is no such file.
        FormatError: If it is in none of the formats, or broken.
        OptionError: If there is no such format.
    """
    if not path.is_file():
        raise MediaError(f"there is no file {str(path)!r}", path=path)
    form = _ALIASES.get(form, form)
    known = {*READERS, *registry.installed("importers")}
    if form and form not in known:
        raise OptionError(f"a label file is one of {', '.join(sorted(known))}, got {form!r}.{near_miss(form, known)}")
    if form not in ("", *READERS) or (not form and _told_by_ending(path)):
        return _ranges(path, form)
    content = open_labels(path)
    told = form_of(content) if form in ("", "csv") else form
    if told in _OTHERS:
        return _ranges(path, _OTHERS[told])
    found = READERS[told](content)
    return _with_ranges(found) if found.ranges else found


def _told_by_ending(path: Path) -> bool:
    """Whether a file is one of those that importers tell by their ending."""
    if path.suffix.lower() in _CONTENT:
        return False
    endings = {end for entry in registry.installed("importers").values() for end in entry.load().suffixes}
    return path.suffix.lower() in endings


def _ranges(path: Path, form: str) -> LabelFile:
    form, importer = importer_for(path, form, {})
    return LabelFile(form, [*_items(importer, path, form, media=path.stem)])


def _items(importer: Importer, path: Path, form: str, *, media: str = "", who: str = "") -> Iterator[LabelItem]:
    """What an importer reads, an item a label."""
    number = 0
    try:
        for brought in importer.read(path):
            for span, name, _ in brought.labels:
                number += 1
                clip = brought.media or media
                yield LabelItem(clip, {name: YES}, span=span, who=who, where=f"label {number}")
    except (CuelineError, OSError):
        raise
    except Exception as error:
        raise FormatError(f"the importer {form!r} broke on {str(path)!r}: {type(error).__name__}: {error}") from error


def _with_ranges(found: LabelFile) -> LabelFile:
    """A file of Label Studio with what was drawn in it."""
    importer: Importer = registry.make("importers", "labelstudio")
    items, skipped = [*found.items], [*found.skipped]
    with tempfile.TemporaryDirectory(prefix="cueline-") as folder:
        aside = Path(folder) / "tasks.json"
        for who, tasks in found.ranges.items():
            try:
                items += _of_tasks(importer, aside, tasks, who)
            except FormatError:
                good, bad = _one_by_one(importer, aside, tasks, who)
                items += good
                skipped += bad
    return replace(found, items=items, skipped=skipped, ranges={})


def _of_tasks(importer: Importer, aside: Path, tasks: Sequence[Mapping[str, Any]], who: str) -> list[LabelItem]:
    aside.write_text(json.dumps(tasks), encoding="utf-8")
    return [*_items(importer, aside, "labelstudio", who=who)]


def _one_by_one(
    importer: Importer, aside: Path, tasks: Sequence[Mapping[str, Any]], who: str
) -> tuple[list[LabelItem], list[Skip]]:
    items, skipped = list[LabelItem](), list[Skip]()
    for number, task in enumerate(tasks, start=1):
        where = f"task {task.get('id', number)}"
        try:
            items += [replace(item, where=where) for item in _of_tasks(importer, aside, [task], who)]
        except FormatError as error:
            reason = str(error).removeprefix(f"{str(aside)!r}, ")
            skipped.append(Skip(where, "", "", reason))
    return items, skipped
