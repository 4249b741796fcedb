"""Libraries whose films have known looks, for tests of search by example."""

from pathlib import Path

import numpy as np

from cueline.ports import Outcome, Placed
from cueline.stores.library import LibraryStore
from cueline.stores.memory import MemoryStore
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Provenance
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack

COLUMNS = ("luma", "warmth", "change")
RATE = 10.0
SHOT = 3.0
RED, DARK, SNOW = (100.0, 0.9, 1.0), (10.0, 0.5, 2.0), (240.0, 0.1, 1.5)
FILMS = {"a": (RED, DARK, SNOW), "b": (SNOW, RED), "c": (DARK, DARK, RED)}


def looks(*shots, columns=COLUMNS, seed=0, noise=0.01):
    """Ten rows a second; each shot lasts three seconds and has one look, but for a little noise."""
    rng = np.random.default_rng(seed)
    rows = round(RATE * SHOT)
    values = np.repeat(np.array(shots), rows, axis=0)
    values = values * (1 + noise * rng.standard_normal(values.shape))
    edges = np.arange(len(values) + 1) / RATE
    return FeatureTrack(np.column_stack((edges[:-1], edges[1:])), values.astype(np.float32), columns, "video:0")


def shots(count):
    edges = np.arange(count + 1) * SHOT
    return LabelTrack(as_spans(np.column_stack((edges[:-1], edges[1:]))), ("shot",) * count, stream="video:0")


def keep(store, asset, track=None, *, cuts=None, name="looks", version="1", placed=True):
    """Keep a film with a track and shots, where there are some."""
    store.put_asset(Asset(asset, 9.0))
    if placed:
        store.put_place(Placed(Location(Path(f"/films/{asset}.mp4"), 1, 1), asset))
    run = store.begin_run({})
    if track is not None:
        store.commit(run, [Outcome(asset, name, "done", Provenance(name, version), tracks={name: track})])
    if cuts is not None:
        store.commit(run, [Outcome(asset, "shots", "done", Provenance("shots", "1"), tracks={"shots": cuts})])


def filled(store):
    """Keep `FILMS`."""
    for number, (asset, of) in enumerate(FILMS.items()):
        keep(store, asset, looks(*of, seed=number), cuts=shots(len(of)))
    return store


def in_memory():
    return filled(MemoryStore())


def on_disk(folder):
    return filled(LibraryStore(folder / "films.cue", create=True))
