"""Text that lies beside media under the same name: subtitles and notes, taken in when the media is.

`film.srt` and `film.en.vtt` beside `film.mp4` become its tracks `subtitles` and `subtitles.en`; `film.txt` becomes
`notes`, each line of it said of the whole film. A file that is not changed is not read again into the library; one that
cannot be read is a failure with a reason, and the media is analysed all the same.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from cueline.errors import CuelineError, FormatError
from cueline.ports import Outcome, Store
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance
from cueline.timeline.spans import Span, clip
from cueline.timeline.tracks import LabelTrack, union
from cueline.workbench.bringing import PREFIX, importer_for

SUBTITLES = (".srt", ".vtt", ".ass", ".ssa")
NOTES = ".txt"
_MOST_BYTES = 10_000_000


def take_in_beside(store: Store, run: int, assets: Mapping[Path, str]) -> None:
    """Keep the side-car texts of media files as tracks of their assets.

    Args:
        store: Where they are kept.
        run: The run this belongs to.
        assets: Media files, and the id of the asset at each.
    """
    facts: dict[str, Asset] = {}
    for path, beside in _found(assets):
        facts = facts or {asset.id: asset for asset in store.assets()}
        asset = facts[assets[path]]
        name = _track_name(path, beside)
        outcome = _outcome(asset, beside, name)
        known = {each.plugin: each.provenance for each in store.outcomes(asset.id)}
        if known.get(outcome.plugin) != outcome.provenance:
            store.commit(run, [outcome])


def _found(assets: Mapping[Path, str]) -> Iterator[tuple[Path, Path]]:
    """Each media file with each text beside it; a folder is looked into once."""
    folders: dict[Path, list[Path]] = defaultdict(list)
    for path in assets:
        folders[path.parent].append(path)
    for folder, files in folders.items():
        by_stem = {path.stem: path for path in reversed(files)}
        try:
            inside = sorted(folder.iterdir())
        except OSError:  # it was there a moment ago; the next run will tell
            continue
        for beside in inside:
            if beside.suffix.lower() in (*SUBTITLES, NOTES) and (media := _media_of(beside, by_stem)):
                yield media, beside


def _media_of(beside: Path, by_stem: Mapping[str, Path]) -> Path | None:
    """The media whose name a text bears, with at most one word such as a language between name and ending."""
    return by_stem.get(beside.stem) or by_stem.get(beside.stem.rpartition(".")[0])


def _track_name(media: Path, beside: Path) -> str:
    kind = "notes" if beside.suffix.lower() == NOTES else "subtitles"
    word = beside.stem.removeprefix(media.stem).lstrip(".")
    return f"{kind}.{word}" if word else kind


def _outcome(asset: Asset, beside: Path, name: str) -> Outcome:
    plugin, facts = f"{PREFIX}{name}", {"file": beside.name, "size": beside.stat().st_size, "hash": ""}
    try:
        data = _read(beside)
        facts["hash"] = hashlib.blake2b(data, digest_size=16).hexdigest()
        track = _notes(data, asset) if beside.suffix.lower() == NOTES else _subtitles(beside, asset)
    except (CuelineError, OSError) as error:
        return Outcome(asset.id, plugin, "failed", Provenance(plugin, "1", facts), f"{beside.name}: {error}")
    return Outcome(asset.id, plugin, "done", Provenance(plugin, "1", facts), tracks={name: track})


def _read(beside: Path) -> bytes:
    if beside.stat().st_size > _MOST_BYTES:
        raise FormatError(
            f"a text beside media has at most {_MOST_BYTES // 10**6} MB, got {beside.stat().st_size} bytes"
        )
    return beside.read_bytes()


def _notes(data: bytes, asset: Asset) -> LabelTrack:
    """Each line that says something, of the whole asset."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"notes are UTF-8 text, got byte {data[error.start]:#04x} at {error.start}") from error
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    return LabelTrack(np.tile([0.0, asset.duration], (len(lines), 1)), lines)


def _subtitles(beside: Path, asset: Asset) -> LabelTrack:
    """Lines with their times, those beyond the end of the asset left out: subtitles of another cut are common."""
    _, importer = importer_for(beside, "", {})
    track = union([brought.labels for brought in importer.read(beside)])
    whole = Span(0.0, asset.duration or float(track.spans.max(initial=0.0)))
    spans, rows = clip(track.spans, whole)
    return LabelTrack(spans, tuple(track.names[row] for row in rows), track.scores[rows])
