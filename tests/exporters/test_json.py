"""A file reads back to the same record; a file of another kind is refused in plain words."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.json import Json, read_json
from cueline.timeline.tracks import FeatureTrack


def same_track(first, second):
    return (
        first.spans.tolist() == second.spans.tolist()
        and first.names == second.names
        and first.scores.tolist() == second.scores.tolist()
        and first.classes == second.classes
        and first.judged.tolist() == second.judged.tolist()
        and first.stream == second.stream
    )


@given(data=st.data())
def test_everything_reads_back_as_it_was(sources, data):
    source = data.draw(sources())
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Json().export([source], Path(folder))
        back = read_json(path)
    assert (back.name, back.location, back.record.asset) == (source.name, source.location, source.record.asset)
    assert back.record.provenance == source.record.provenance
    assert set(back.record.tracks) == set(source.record.tracks)
    assert all(same_track(track, source.record.tracks[name]) for name, track in back.record.tracks.items())


def test_a_name_that_is_not_utf8_reads_back(tmp_path, film):
    odd = type(film)(film.record, "caf\udce9.mp4")
    (path,) = Json().export([odd], tmp_path)
    assert path.read_bytes().decode("utf-8")
    assert read_json(path).name == odd.name


def test_features_stay_out_and_each_asset_has_its_file(tmp_path, film):
    paths = Json().export([film, film], tmp_path)
    assert [path.parent for path in paths] == [tmp_path, tmp_path]
    assert len(set(paths)) == 2
    assert set(json.loads(paths[0].read_text())["tracks"]) == {"shots", "keyframes"}
    assert any(isinstance(track, FeatureTrack) for track in film.record.tracks.values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "must be JSON, got something else"),
        (b"{", "must be JSON, got something else"),
        (b"[]", "got None version None. Was it written by another program"),
        (b'{"schema": "cueline.labels", "version": 2}', "got 'cueline.labels' version 2. Was it written by"),
        (b'{"schema": "cueline.labels", "version": 1}', "got a fault in it: KeyError 'asset'. Was it edited by hand"),
    ],
)
def test_another_file_is_refused(tmp_path, content, message):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=message) as caught:
        read_json(path)
    assert caught.value.path == path


def test_a_label_that_ends_before_it_starts_is_refused(tmp_path, film):
    (path,) = Json().export([film], tmp_path)
    path.write_text(path.read_text().replace('"end": 2.0', '"end": 0.2'))
    with pytest.raises(FormatError, match="must not end before they start"):
        read_json(path)
