"""A folder of Parquet whose card tells what is in it."""

import json
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
from cueline.exporters import huggingface
from cueline.exporters.huggingface import COLUMNS, HuggingFace
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack


def source(name, count=1, **groups):
    track = LabelTrack(np.arange(2.0 * count).reshape(-1, 2), ("shot",) * count)
    return Source(Record(Asset(name, 100.0, groups=groups), {"shots": track}), f"films/{name}.mp4")


def size(path):
    table = pq.read_table(path)
    return pa.Table.from_pylist(table.to_pylist(), table.schema).nbytes


@settings(max_examples=50)
@given(data=st.data())
def test_every_label_is_a_row(sources, data):
    records = data.draw(st.lists(sources(), max_size=3))
    with tempfile.TemporaryDirectory() as folder:
        _, *splits = HuggingFace(split="no such kind").export(iter(records), Path(folder))
        assert [path.relative_to(folder).as_posix() for path in splits] == ["data/train.parquet"]
        frame = pd.read_parquet(splits[0])
    assert frame.columns.tolist() == list(COLUMNS)
    frame["groups"] = [json.loads(groups) for groups in frame["groups"]]
    assert frame.to_numpy().tolist() == [
        [one.record.asset.id, one.name, dict(one.record.asset.groups), track, span.start, span.end, label, score]
        for one in records
        for track, labels in sorted(one.record.tracks.items())
        for span, label, score in labels
    ]


def test_groups_make_splits_and_the_card_describes_them(tmp_path):
    films = [source("a", split="test"), source("b", 3, film="Night Train"), source("c", 2, split="test")]
    paths = HuggingFace(title="Shots: a trial").export(films, tmp_path)
    assert paths == [tmp_path / "README.md", tmp_path / "data" / "test.parquet", tmp_path / "data" / "train.parquet"]
    assert [len(pd.read_parquet(path)) for path in paths[1:]] == [3, 3]
    heading, text = paths[0].read_text().removeprefix("---\n").split("---\n", 1)
    assert heading.split("\n") == [
        'pretty_name: "Shots: a trial"',
        *("tags:", "- video", "- audio", "- timed-labels"),
        *("configs:", "- config_name: default", "  data_files:"),
        *("  - split: test", "    path: data/test.parquet", "  - split: train", "    path: data/train.parquet"),
        *("dataset_info:", "  features:"),
        *(line for name, kind in COLUMNS.items() for line in (f"  - name: {name}", f"    dtype: {kind}")),
        "  splits:",
        *("  - name: test", f"    num_bytes: {size(paths[1])}", "    num_examples: 3"),
        *("  - name: train", f"    num_bytes: {size(paths[2])}", "    num_examples: 3"),
        "",
    ]
    assert text.startswith("\n# Shots: a trial\n\nEach row is a label")


def test_nothing_to_export_is_a_split_without_rows(tmp_path):
    card, train = HuggingFace().export([], tmp_path)
    assert pd.read_parquet(train).columns.tolist() == list(COLUMNS)
    assert "num_examples: 0" in card.read_text()


def test_rows_are_written_in_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(huggingface, "GROUP_ROWS", 2)
    _, train = HuggingFace().export([source("a", 5)], tmp_path)
    assert pd.read_parquet(train)["start"].tolist() == [0.0, 2.0, 4.0, 6.0, 8.0]


def test_a_split_that_cannot_be_called_so_is_refused_and_nothing_is_left(tmp_path):
    films = [source("a"), source("b", split="of 2/3")]
    with pytest.raises(FormatError, match="got 'of 2/3' for 'films/b.mp4'. Rename its group 'split', or name another"):
        HuggingFace().export(films, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_name_that_is_not_utf8_is_written_as_escapes(tmp_path):
    _, train = HuggingFace().export([source("caf\udce9", film="\udce9")], tmp_path)
    assert pd.read_parquet(train)["file_name"][0] == "films/caf\\udce9.mp4"
