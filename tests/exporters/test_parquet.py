"""Tables read back exactly, by us and by others."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters import parquet
from cueline.exporters.parquet import Parquet
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Provenance, Record
from cueline.timeline.tracks import FeatureTrack


def facts(track):
    rows = [(span.start, span.end, name, score) for span, name, score in track]
    return rows, track.classes, track.judged.tolist()


@settings(max_examples=50)
@given(data=st.data())
def test_every_label_track_reads_back_as_it_was(sources, data):
    records = data.draw(st.lists(sources(), max_size=3, unique_by=lambda source: source.record.asset.id))
    with tempfile.TemporaryDirectory() as folder:
        labels, tracks = Parquet().export(iter(records), Path(folder))
        back = {(brought.media, brought.track): facts(brought.labels) for brought in Parquet().read(labels)}
        table = pq.read_table(tracks).to_pylist()
    assert back == {
        (source.record.asset.id, name): facts(track)
        for source in records
        for name, track in source.record.tracks.items()
    }
    made = {
        (source.record.asset.id, name): source.record.provenance.get(name)
        for source in records
        for name in source.record.tracks
    }
    assert {
        (row["asset"], row["track"]): row["provenance"] and Provenance.from_json(row["provenance"]) for row in table
    } == made
    assert [row["stream"] for row in table] == [
        track.stream for source in records for _, track in sorted(source.record.tracks.items())
    ]


def test_a_data_frame_has_the_same_numbers_and_the_groups(tmp_path, film):
    asset = Asset("ab12", 2.0, groups={"film": "Night Train"})
    paths = Parquet().export([Source(Record(asset, film.record.tracks), film.name)], tmp_path)
    assert paths == [tmp_path / "labels.parquet", tmp_path / "tracks.parquet"]
    frame = pd.read_parquet(paths[0])
    assert frame.columns.tolist() == ["asset", "file", "groups", "track", "start", "end", "name", "score"]
    assert frame["end"].tolist() == [0.1, 1 / 3, 2.0]
    assert frame["file"].unique().tolist() == ["=night train.mp4"]
    assert dict(frame["groups"][0]) == {"film": "Night Train"}
    schema = pq.read_schema(paths[0])
    assert (schema.metadata[b"cueline.schema"], schema.metadata[b"cueline.version"]) == (b"cueline.labels", b"1")


def test_features_are_a_folder_that_reads_as_one_table(tmp_path, film):
    named = FeatureTrack(
        np.array([[0.0, 0.5], [0.5, 1.0]]), np.array([[1, 2], [3, 4]], np.float16), ("light", "cut"), "video:0"
    )
    other = Source(
        Record(Asset("cd34", 1.0), {"light": named, "color": FeatureTrack(np.zeros((0, 2)), np.zeros((0, 2)))}), "b.mp4"
    )
    paths = Parquet(features=True).export([film, other], tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths[2:]] == [
        "features/color/=night_train.parquet",
        "features/color/b.parquet",
        "features/light/b.parquet",
    ]
    frame = pd.read_parquet(tmp_path / "features" / "light")
    assert frame["light"].dtype == np.float16
    assert frame.to_dict("list") == {
        "asset": ["cd34", "cd34"],
        "start": [0.0, 0.5],
        "end": [0.5, 1.0],
        "light": [1.0, 3.0],
        "cut": [2.0, 4.0],
    }
    assert pq.read_schema(paths[-1]).metadata[b"cueline.stream"] == b"video:0"
    vectors = pd.read_parquet(tmp_path / "features" / "color")
    assert [vector.tolist() for vector in vectors["values"]] == [[1.0, 1.0]]


def test_features_without_numbers_have_their_clock(tmp_path):
    track = FeatureTrack(np.array([[0.0, 1.0]]), np.zeros((1, 0)))
    path = Parquet(features=True).export([Source(Record(Asset("a", 1.0), {"none": track}), "a.mp4")], tmp_path)[-1]
    assert pq.read_table(path).to_pylist() == [{"asset": "a", "start": 0.0, "end": 1.0}]


def test_a_feature_that_is_called_like_the_clock_is_refused(tmp_path):
    track = FeatureTrack(np.array([[0.0, 1.0]]), np.zeros((1, 1)), ("end",))
    source = Source(Record(Asset("a", 1.0), {"odd": track}), "a.mp4")
    with pytest.raises(FormatError, match="must not be called 'end', .* got one in track 'odd' of 'a.mp4'"):
        Parquet(features=True).export([source], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_written_in_groups(tmp_path, film, monkeypatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 2)
    labels, *_, color = Parquet(features=True).export([film, film], tmp_path)
    assert pq.ParquetFile(labels).metadata.num_row_groups == 4  # of 2, 1, 2 and 1
    assert pq.read_table(color).num_rows == 1
    assert len(list(Parquet().read(labels))) == 2


def test_a_name_that_is_not_utf8_is_written_as_escapes(tmp_path, film):
    labels, _ = Parquet().export([Source(film.record, "caf\udce9.mp4")], tmp_path)
    assert pd.read_parquet(labels)["file"][0] == "caf\\udce9.mp4"


def test_a_table_of_people_needs_a_start_an_end_and_a_name(tmp_path):
    path = tmp_path / "theirs.parquet"
    pd.DataFrame({"file": ["a", "b", "a"], "start": [0, 1, 2], "end": [1, 2, 3], "name": ["x", "y", "z"]}).to_parquet(
        path
    )
    first, second = Parquet().read(path)
    assert (first.media, first.track, facts(first.labels)[0]) == ("a", "", [(0, 1, "x", 1), (2, 3, "z", 1)])
    assert second.media == "b"
    (tmp_path / "tracks.parquet").write_text("of something else")
    assert len(list(Parquet().read(path))) == 2


def test_labels_whose_tracks_are_lost_come_back_without_what_was_judged(tmp_path, film):
    labels, tracks = Parquet().export([film], tmp_path)
    tracks.unlink()
    shots = next(brought for brought in Parquet().read(labels) if brought.track == "shots")
    assert facts(shots.labels)[0] == facts(film.record.tracks["shots"])[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"start": [0.0], "name": ["x"]}, "must have a column 'end'; it has: start, name. Rename"),
        ({"start": [3.0], "end": [2.0], "name": ["x"]}, "labels of '', track '', in .* must not end before they start"),
        ({"start": ["a"], "end": [2.0], "name": ["x"]}, "must be a Parquet table, got Failed to parse"),
        ({"start": [0.0], "end": [2.0], "name": ["x"], "score": [87.0]}, r"scores must lie in \[0, 1\], got 87.0"),
        ({"start": [None], "end": [2.0], "name": ["x"]}, "must be finite seconds"),
    ],
)
def test_another_table_is_refused(tmp_path, table, message):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table(table), path)
    with pytest.raises(FormatError, match=message) as caught:
        list(Parquet().read(path))
    assert caught.value.path == path


def test_what_is_no_parquet_is_refused(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("start,end,name\n")
    with pytest.raises(FormatError, match="must be a Parquet table, got"):
        list(Parquet().read(path))
