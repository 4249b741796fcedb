"""The page of one asset: a timeline of its tracks, a picture of each shot, and tables of the same."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cueline.reports.drawing import Lane, lane
from cueline.reports.facts import FileFacts
from cueline.reports.findings import Findings
from cueline.reports.loudness import loudness_lane, loudness_words
from cueline.reports.pictures import Album, inside, key_times, pictures_at, spread, stride_within
from cueline.reports.rendering import embedded, look, render
from cueline.reports.waveform import FINE, packed, wave, wave_lane
from cueline.reports.words import legible, nothing_words
from cueline.timeline.tracks import LabelTrack, Track

ASSET_BYTES = 12_000_000  # of pictures on one page, before encoding
MOST_ROWS = 10_000  # of a track in its table; the drawing has them all


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot, with its picture if there is one."""

    number: int
    start: float
    end: float
    score: float
    picture: str
    time: float


def fingerprint(file: FileFacts, found: Findings, album: Album, *, title: str) -> str:
    """32 hexadecimal digits that change when the page of an asset would.

    Three of its pictures stand for all of them: they are made in one go, and by a plug-in that the page names.
    """
    digest = hashlib.blake2b(repr((look(), title, file, found.fingerprint())).encode("utf-8", "backslashreplace"))
    for time in spread(key_times(found.tracks), 3).tolist():
        digest.update(repr(time).encode() + (album.at(time) or b"none"))
    return digest.hexdigest()[:32]


def asset_html(file: FileFacts, found: Findings, album: Album, *, title: str, made_from: str) -> str:
    """The page of one asset.

    Args:
        file: Which, and how it is doing.
        found: Its tracks.
        album: Its pictures.
        title: What the library is called.
        made_from: What `fingerprint` gives; the page ends with it.
    """
    times = key_times(found.tracks)
    every = stride_within(album, times, most_bytes=ASSET_BYTES)
    pictures = {time: inside(picture) for time, picture in pictures_at(album, times[::every], most_bytes=math.inf)}
    labels = {legible(name): track for name, track in sorted(found.labels.items(), key=_first)}
    lanes, end = list(_lanes(found)), _end(file, found)
    loudness = found.sound("loudness")
    return render(
        "asset.html.jinja",
        scripts=("wave.js", "asset.js", "tables.js"),
        title=legible(title),
        file=file,
        problems_found=(*file.failures, *found.problems, *album.problems),
        end=end,
        lanes=lanes,
        labels=labels,
        most_rows=MOST_ROWS,
        shots=tuple(_shots(found.shots, pictures)),
        pictures=pictures,
        every=every,
        nothing=nothing_words(file.asset, file.idle),
        median=found.median_shot,
        loudness="" if loudness is None else loudness_words(loudness),
        data=embedded(_data(labels, found, end)),
        made_from=made_from,
    )


def _first(named: tuple[str, LabelTrack]) -> tuple[int, str]:
    """Shots, key frames below them, then the others by name."""
    return {"shots": 0, "keyframes": 1}.get(named[0], 2), named[0]


def _lanes(found: Findings) -> Iterator[Lane]:
    """Shots and key frames, the sound, the other labels, score curves last."""
    peaks, blocks = found.sound("peaks"), found.sound("loudness.blocks")
    labels = dict(found.labels)
    for name in ("shots", "keyframes"):
        if name in labels:
            yield lane(name, labels.pop(name))
    if peaks is not None:
        yield wave_lane("peaks", peaks)
    if "silence" in labels:
        yield lane("silence", labels.pop("silence"))
    if blocks is not None:
        yield loudness_lane("loudness.blocks", blocks)
    others: list[tuple[str, Track]] = [*sorted(labels.items()), *sorted(found.curves.items())]
    for name, track in others:
        yield lane(legible(name), track)


def _end(file: FileFacts, found: Findings) -> float:
    """Where the last thing drawn ends."""
    sound = (found.sound("peaks"), found.sound("loudness.blocks"))
    drawn: list[Track] = [*found.labels.values(), *found.curves.values(), *(track for track in sound if track)]
    return max([file.asset.duration, *(float(track.spans[:, 1].max()) for track in drawn if len(track))])


def _shots(track: LabelTrack | None, pictures: Mapping[float, str]) -> Iterator[Shot]:
    """Each shot with the first picture inside it."""
    if track is None:
        return
    times = np.array(sorted(pictures))
    places = np.searchsorted(times, track.spans[:, 0])
    for number, ((span, _, score), place) in enumerate(zip(track, places.tolist(), strict=True), start=1):
        time = float(times[place]) if place < len(times) and times[place] < span.end else math.nan
        yield Shot(number, span.start, span.end, score, pictures.get(time, ""), time)


def _data(labels: Mapping[str, LabelTrack], found: Findings, end: float) -> dict[str, Any]:
    """What the script needs: the label tracks, and the sound finer than it is drawn at first."""
    peaks = found.sound("peaks")
    tracks = {
        name: [[*span, legible(label), round(score, 3)] for span, label, score in track]
        for name, track in labels.items()
    }
    return {"end": end, "tracks": tracks, "wave": None if peaks is None else packed(wave(peaks, FINE))}
