"""A film to export, and random records for Hypothesis."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st

from cueline.ports import Source
from cueline.timeline.assets import Asset, Location, Stream
from cueline.timeline.records import Provenance, Record
from cueline.timeline.tracks import FeatureTrack, LabelTrack

seconds = st.floats(0, 1e6, allow_nan=False)
spans = st.tuples(seconds, seconds).map(sorted)
texts = st.text(max_size=12)


@st.composite
def label_tracks(draw: st.DrawFn, names: st.SearchStrategy[str] = texts) -> LabelTrack:
    rows = draw(st.lists(spans, max_size=6))
    extra = draw(st.lists(names, max_size=3))
    labels = draw(st.lists(names, min_size=len(rows), max_size=len(rows)))
    return LabelTrack(
        spans=np.array(rows).reshape(-1, 2),
        names=tuple(labels),
        scores=np.array(draw(st.lists(st.floats(0, 1), min_size=len(rows), max_size=len(rows)))),
        classes=tuple(dict.fromkeys([*labels, *extra])),
        judged=np.array(draw(st.lists(spans, max_size=3))).reshape(-1, 2),
        stream=draw(texts),
    )


@st.composite
def random_sources(draw: st.DrawFn, names: st.SearchStrategy[str] = texts) -> Source:
    tracks = draw(st.dictionaries(names, label_tracks(names), max_size=3))
    stream = Stream(
        "video:0",
        "video",
        0,
        draw(texts),
        rate=draw(st.none() | st.fractions(min_value=Fraction(1, 100), max_value=1000)),
    )
    asset = Asset(
        draw(st.text(min_size=1, max_size=8)), draw(seconds), (stream,), draw(st.dictionaries(texts, texts, max_size=2))
    )
    made = {
        name: Provenance("shots", "1", {"threshold": 0.5}, {"color": "f" * 32}, answers=3) for name in list(tracks)[:1]
    }
    place = draw(st.none() | st.just(Location(Path("/films/a b.mp4"), 12, 34)))
    return Source(Record(asset, tracks, made), draw(names), place)


@pytest.fixture(scope="session")
def sources():
    """The strategy of random sources; its names can be given."""
    return random_sources


@pytest.fixture
def film() -> Source:
    shots = LabelTrack(np.array([[0.0, 1 / 3], [1 / 3, 2.0]]), ("shot", "shot"), np.array([1.0, 0.1]), stream="video:0")
    still = LabelTrack(np.array([[0.1, 0.1]]), ("keyframe",), np.array([0.7]))
    color = FeatureTrack(np.array([[0.0, 1.0]]), np.ones((1, 2)))
    return Source(Record(Asset("ab12", 2.0), {"shots": shots, "keyframes": still, "color": color}), "=night train.mp4")
