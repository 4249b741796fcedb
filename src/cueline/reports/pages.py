"""Pages that people look at: one for a library, one for each asset, each complete in one file.

A page holds its pictures, styles and scripts, asks no server for anything, and forbids the browser to: its content
security policy names the hashes of its own style and script and nothing else. Without scripts it shows the same facts;
with them it can be filtered, and its timeline can be zoomed and walked through.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup

from cueline.ports import Store
from cueline.reports.drawing import lane, rhythm
from cueline.reports.facts import (
    FileFacts,
    LibraryFacts,
    key_times,
    library_facts,
    median_length,
    pictures_at,
    shots_of,
    stride_within,
    strip_times,
    tracks_of,
)
from cueline.reports.words import (
    duration_words,
    legible,
    media_words,
    nothing_words,
    short_clock,
    size_words,
    stream_words,
)
from cueline.timeline.timecode import clock
from cueline.timeline.tracks import LabelTrack, Track

LIBRARY_PAGE = "index.html"
STRIP = 4  # pictures of each file on the library's page
LIBRARY_BYTES = 16_000_000  # of pictures on the library's page, before encoding
ASSET_BYTES = 12_000_000  # of pictures on an asset's page, before encoding


@dataclass(frozen=True, slots=True)
class Card:
    """What the library's page shows of one file."""

    facts: FileFacts
    pictures: tuple[tuple[float, str], ...]
    rhythm: str
    shots: int | None
    median: float


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot, with its picture if there is one."""

    number: int
    start: float
    end: float
    score: float
    picture: str
    time: float


def write_report(store: Store, folder: Path, *, title: str) -> Path:
    """Write the page of a library, and one page for each asset beside it.

    Args:
        store: What to report on.
        folder: Where; made if it is missing. Pages there of the same names are replaced, no other file is touched.
        title: What the library is called.

    Returns:
        The library's page, `index.html`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    library = library_facts(store)
    for file in library.files:
        _write(folder / file.page, _asset_page(store, file, title=title))
    _write(folder / LIBRARY_PAGE, _library_page(store, library, title=title))
    return folder / LIBRARY_PAGE


def library_page(store: Store, *, title: str) -> str:
    """The page of a library: every file with its key frames and facts, every problem with its reason.

    Args:
        store: What to report on.
        title: What the library is called.

    Returns:
        HTML, complete in itself; it links to the pages of the assets by relative names.
    """
    return _library_page(store, library_facts(store), title=title)


def asset_page(store: Store, asset: str, *, title: str) -> str:
    """The page of one asset: a timeline of its tracks, a key frame of each shot, and tables of the same.

    Args:
        store: What to report on.
        asset: Id of the asset.
        title: What the library is called.

    Returns:
        HTML, complete in itself; it links back to the library's page.

    Raises:
        KeyError: If the store has no such asset.
    """
    files = {file.asset.id: file for file in library_facts(store).files}
    if asset not in files:
        raise KeyError(f"no asset has the id {asset!r}; the store holds {len(files)}")
    return _asset_page(store, files[asset], title=title)


def _library_page(store: Store, library: LibraryFacts, *, title: str) -> str:
    most_bytes = LIBRARY_BYTES / max(1, len(library.files))
    cards = [_card(store, file, most_bytes=most_bytes) for file in library.files]
    return _render(
        "library.html.jinja",
        script="library.js",
        title=legible(title),
        library=library,
        cards=cards,
        seconds=math.fsum(file.seconds or 0.0 for file in library.files),
        size_bytes=sum(file.size_bytes for file in library.files),
        shots=sum(card.shots or 0 for card in cards),
    )


def _card(store: Store, file: FileFacts, *, most_bytes: float) -> Card:
    asset, shots = file.asset, shots_of(store, file.asset.id)
    times = strip_times(store, asset.id, STRIP)
    return Card(
        facts=file,
        pictures=tuple(pictures_at(store, asset.id, times, most_bytes=most_bytes)),
        rhythm="" if shots is None else rhythm(shots, asset.duration),
        shots=None if shots is None else len(shots),
        median=math.nan if shots is None else median_length(shots),
    )


def _asset_page(store: Store, file: FileFacts, *, title: str) -> str:
    tracks = _in_order(tracks_of(store, file.asset.id))
    times = key_times(store, file.asset.id)
    every = stride_within(store, file.asset.id, times, most_bytes=ASSET_BYTES)
    pictures = dict(pictures_at(store, file.asset.id, times[::every], most_bytes=math.inf))
    shots = tuple(_shots(tracks.get("shots"), pictures))
    end = max([file.asset.duration, *(float(track.spans[:, 1].max()) for track in tracks.values() if len(track))])
    return _render(
        "asset.html.jinja",
        script="asset.js",
        title=legible(title),
        file=file,
        end=end,
        lanes=[lane(name, track) for name, track in tracks.items()],
        labels={name: track for name, track in tracks.items() if isinstance(track, LabelTrack)},
        shots=shots,
        pictures=pictures,
        every=every,
        nothing=nothing_words(file.asset, file.idle),
        median=median_length(tracks["shots"].spans) if "shots" in tracks else math.nan,
        data=_data(tracks, end),
    )


def _in_order(tracks: Mapping[str, Track]) -> dict[str, Track]:
    """Shots first, key frames below them, score curves last, the others by name."""
    first = {"shots": 0, "keyframes": 1}

    def place(name: str) -> tuple[bool, int, str]:
        return not isinstance(tracks[name], LabelTrack), first.get(name, 2), name

    return {legible(name): tracks[name] for name in sorted(tracks, key=place)}


def _shots(track: Track | None, pictures: Mapping[float, str]) -> Iterator[Shot]:
    """Each shot with the first picture inside it."""
    if not isinstance(track, LabelTrack):
        return
    times = np.array(sorted(pictures))
    places = np.searchsorted(times, track.spans[:, 0])
    for number, ((span, _, score), place) in enumerate(zip(track, places.tolist(), strict=True), start=1):
        time = float(times[place]) if place < len(times) and times[place] < span.end else math.nan
        yield Shot(number, span.start, span.end, score, pictures.get(time, ""), time)


def _data(tracks: Mapping[str, Track], end: float) -> Markup:
    """The label tracks for the script, as JSON in which nothing can end the script element."""
    lanes = {
        name: [[*span, legible(label), round(score, 3)] for span, label, score in track]
        for name, track in tracks.items()
        if isinstance(track, LabelTrack)
    }
    text = json.dumps({"end": end, "tracks": lanes}, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - "<" is the only mark that could end the element


def _render(template: str, *, script: str, **values: Any) -> str:
    style, script = _static("page.css"), _static(script)
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    # Both are files of this package, without a mark that could end their element.
    inlined = {"style": Markup(style), "script": Markup(script)}  # noqa: S704
    return _templates().get_template(template).render(policy=policy, **inlined, **values)


def _static(name: str) -> str:
    return resources.files("cueline.reports").joinpath("static", name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _templates() -> jinja2.Environment:
    folder = resources.files("cueline.reports").joinpath("templates")
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "clock": lambda time: clock(max(0.0, time)),
        "duration": duration_words,
        "short_clock": short_clock,
        "size": size_words,
        "stream": stream_words,
        "media": media_words,
    }
    return environment


def _write(path: Path, page: str) -> None:
    """Write a page whole or not at all."""
    aside = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
