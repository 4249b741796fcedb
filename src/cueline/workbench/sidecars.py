"""Text that lies beside media under the same name: subtitles and notes, taken in when the media is.

`film.srt` and `film.en.vtt` beside `film.mp4` become its tracks `subtitles` and `subtitles.en`; `film.txt` becomes
`notes`, each line of it said of the whole film. Where there are two of one name, the second keeps its ending, as in
`subtitles.vtt`. A file that is not changed is not read again into the library; one that cannot be read is a failure
with a reason, and the media is analysed all the same. What somebody brought with `import` under such a name stays, and
so does the track of a text that is not there any more.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from cueline.errors import CuelineError, FormatError
from cueline.ports import Outcome, Store
from cueline.stores.rows import plain
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, clip
from cueline.timeline.tracks import LabelTrack, union
from cueline.workbench.bringing import PREFIX, importer_for

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
NOTES = ".txt"
_MOST_BYTES = 10_000_000
_SIZE = "size"  # an option that only texts beside media have, and not what somebody brought


def take_in_beside(store: Store, run: int, assets: Mapping[Path, str]) -> None:
    """Keep the side-car texts of media files as tracks of their assets.

    Args:
        store: Where they are kept.
        run: The run this belongs to.
        assets: Media files, and the id of the asset at each.
    """
    facts: dict[str, Asset] = {}
    seen: set[tuple[str, str]] = set()
    for path, beside in _found(assets):
        facts = facts or {asset.id: asset for asset in store.assets()}
        asset, name = facts[assets[path]], _track_name(path, beside)
        if (asset.id, name) in seen:
            name = f"{name}{beside.suffix.lower()}"
        if (asset.id, name) in seen:  # a copy of the media has a text of its own: the first counts
            continue
        seen.add((asset.id, name))
        known = {each.plugin: each.provenance for each in store.outcomes(asset.id)}.get(f"{PREFIX}{name}")
        if known is None or _SIZE in known.options:
            outcome = _outcome(asset, beside, name, known)
            if outcome is not None:
                store.commit(run, [outcome])


def _found(assets: Mapping[Path, str]) -> Iterator[tuple[Path, Path]]:
    """Each media file with each text beside it; a folder is looked into once."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in assets:
        folders[path.parent].append(path)
    for folder, files in folders.items():
        by_stem: dict[str, list[Path]] = defaultdict(list)
        for path in files:
            by_stem[path.stem].append(path)
        try:
            inside = sorted(folder.iterdir())
        except OSError:  # it was there a moment ago; the next run will tell
            continue
        for beside in inside:
            media = _media_of(beside, by_stem) if beside.suffix.lower() in (*SUBTITLES, NOTES) else ()
            if media and os.path.isfile(beside):  # noqa: PTH113  # Path.is_file raises where it may not be looked at
                yield from ((path, beside) for path in media)


def _media_of(beside: Path, by_stem: Mapping[str, Sequence[Path]]) -> Sequence[Path]:
    """The media whose name a text bears, with at most one word such as a language between name and ending."""
    return by_stem.get(beside.stem) or by_stem.get(beside.stem.rpartition(".")[0]) or ()


def _track_name(media: Path, beside: Path) -> str:
    kind = "notes" if beside.suffix.lower() == NOTES else "subtitles"
    word = plain(beside.stem.removeprefix(media.stem).lstrip("."))
    return f"{kind}.{word}" if word else kind


def _outcome(asset: Asset, beside: Path, name: str, known: Provenance | None) -> Outcome | None:
    """What a text says, or why it cannot be read; None where that is known."""
    plugin, facts = f"{PREFIX}{name}", {"file": plain(beside.name), _SIZE: 0, "hash": ""}
    track, reason = None, ""
    try:
        facts[_SIZE] = beside.stat().st_size
        data = _read(beside)
        facts["hash"] = hashlib.blake2b(data, digest_size=16).hexdigest()
        if known == Provenance(plugin, "1", facts):
            return None
        track, reason = _notes(data, asset) if beside.suffix.lower() == NOTES else _subtitles(beside, asset)
    except (CuelineError, OSError) as error:
        reason = str(error)
    made = Provenance(plugin, "1", facts)
    if made == known:
        return None
    told = f"{facts['file']}: {reason}" if reason else ""
    if track is None:
        return Outcome(asset.id, plugin, "failed", made, told)
    return Outcome(asset.id, plugin, "done", made, told, tracks={name: track})


def _read(beside: Path) -> bytes:
    if beside.stat().st_size > _MOST_BYTES:
        raise FormatError(
            f"a text beside media has at most {_MOST_BYTES // 10**6} MB, got {beside.stat().st_size} bytes"
        )
    return beside.read_bytes()


def _notes(data: bytes, asset: Asset) -> tuple[LabelTrack, str]:
    """Each line that says something, of the whole asset."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"notes are UTF-8 text, got byte {data[error.start]:#04x} at {error.start}") from error
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    return LabelTrack(np.tile([0.0, asset.duration], (len(lines), 1)), lines), ""


def _subtitles(beside: Path, asset: Asset) -> tuple[LabelTrack, str]:
    """Lines with their times, and how many lie beyond the end: those are left out, as of another cut."""
    _, importer = importer_for(beside, "", {})
    track = union([brought.labels for brought in importer.read(beside)])
    whole = Span(0.0, asset.duration or float(track.spans.max(initial=0.0)))
    spans, rows = clip(track.spans, whole)
    lost = len(track) - len(rows)
    remark = f"{lost} of {len(track)} subtitles lie beyond the end and are left out; are they of another cut?"
    return LabelTrack(spans, tuple(track.names[row] for row in rows), track.scores[rows]), remark if lost else ""
