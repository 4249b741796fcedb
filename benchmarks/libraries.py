"""Made-up films by the thousand, kept in a library as analysis keeps them; a million tags in ten thousand."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed, Rows
from cueline.stores.library import LibraryStore
from cueline.stores.spool import PictureSpool, write_track
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance
from cueline.timeline.tracks import FeatureTrack, LabelTrack

SECONDS = 500.0  # of one film
TAGS_A_FILM = 100
KINDS = """
    red old small wooden empty bright fast quiet wet round young broken yellow long heavy open dark clean loud tall
    soft narrow warm distant green
""".split()  # noqa: SIM905 - a table of words
THINGS = """
    dog car street crowd horse boat window hand tree phone door bridge river cloud table lamp stage singer drum train
    field tower garden market child wheel bottle letter mirror stone road bird clock kitchen coat island ladder piano
    harbour snow
""".split()  # noqa: SIM905 - a table of words
PHRASES = [f"{kind} {thing}" for kind in KINDS for thing in THINGS]
_SHARES = list(accumulate(1 / rank for rank in range(1, len(PHRASES) + 1)))  # the second half as often as the first
_waited = 0.0


def times(length: int, seconds: float) -> np.ndarray:
    """Spans of one length, one after the other."""
    edges = np.arange(length + 1) * seconds
    return np.column_stack((edges[:-1], edges[1:]))


_COLOR = FeatureTrack(times(250, 2.0), np.zeros((250, 64), np.float32), stream="video:0")
_CURVE = FeatureTrack(times(250, 2.0), np.zeros((250, 1)), ("cut",), "video:0")
_SHOTS = LabelTrack(times(4, 125.0), ("shot",) * 4, stream="video:0")
_PICTURES = Rows(times(4, 125.0), np.zeros((4, 1)), (), (bytes(5_000),) * 4)


def name_of(number: int) -> str:
    """The id of a film; those that follow one another lie far apart, as fingerprints do."""
    return f"{number * 2654435761 % 2**32:08x}{number:024x}"


def words(number: int) -> LabelTrack:
    """82 phrases of 1,000, some of them rare and some common."""
    names = random.Random(number).choices(PHRASES, cum_weights=_SHARES, k=82)
    return LabelTrack(times(82, 6.0), tuple(names), stream="audio:0")


def subtitles(number: int) -> LabelTrack:
    """Ten lines that no other film has."""
    chosen = random.Random(number).choices(PHRASES, cum_weights=_SHARES, k=20)
    lines = [f"{number * 10 + row}: the {chosen[row]} and the {chosen[row + 10]}" for row in range(10)]
    return LabelTrack(times(10, 50.0), tuple(lines), stream="subtitle:0")


def keep_film(store: LibraryStore, run: int, number: int) -> tuple[float, float]:
    """Keep one film; give the seconds of the commit and those of them that it waited for the disk."""
    name = name_of(number)
    stream = Stream("video:0", "video", 0, "h264", duration=SECONDS, frames=12_500, width=1280, height=720)
    store.put_asset(Asset(name, SECONDS, (stream,)))
    store.put_place(Placed(Location(Path(f"/films/{number % 100}/{number}.mp4"), number, number), name))
    aside = store.spool_folder()
    write_track(aside / "color", _COLOR)
    with PictureSpool(aside / "pictures") as pictures:
        pictures.append(_PICTURES)
    given = {
        "shots": {"shots": _SHOTS, "shots.curve": _CURVE},
        "keyframes": {"keyframes": _SHOTS, "best": _CURVE},
        "words": {"words": words(number)},
        "subtitles": {"subtitles": subtitles(number)},
    }
    outcomes = [
        Outcome(name, "color", "done", Provenance("color", "1"), spooled={"color": aside / "color"}),
        Outcome(name, "thumbnails", "done", Provenance("thumbnails", "1"), pictures=aside / "pictures"),
        *(Outcome(name, plugin, "done", Provenance(plugin, "1"), tracks=tracks) for plugin, tracks in given.items()),
    ]
    before, began = _waited, time.perf_counter()
    store.commit(run, outcomes)
    spent = time.perf_counter() - began, _waited - before
    aside.rmdir()
    return spent


def filled(folder: Path, size: int) -> Path:
    """A library of so many films; filling does not wait for the disk."""
    path = folder / f"{size}.cue"
    with _waiting(lambda wait, handle: None), LibraryStore(path, create=True) as store:  # noqa: ARG005
        run = store.begin_run({"films": size})
        for number in range(size):
            keep_film(store, run, number)
        store.end_run(run)
    os.sync()  # else the disk is still busy with it while figures are taken
    return path


@contextmanager
def waits_counted() -> Iterator[None]:
    """Count the seconds that this process waits for the disk, for `keep_film`."""

    def counted(wait: Callable[[int], None], handle: int) -> None:
        global _waited  # noqa: PLW0603 - one clock for the whole run
        began = time.perf_counter()
        wait(handle)
        _waited += time.perf_counter() - began

    with _waiting(counted):
        yield


@contextmanager
def _waiting(how: Callable[[Callable[[int], None], int], None]) -> Iterator[None]:
    wait, os.fsync = os.fsync, lambda handle: how(wait, handle)
    try:
        yield
    finally:
        os.fsync = wait
