"""The table reads back exactly, and runs nothing in a spreadsheet."""

import csv
import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from cueline.exporters.csv import COLUMNS, Csv
from cueline.timeline.tracks import LabelTrack


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        heading, *lines = csv.reader(file, strict=True)
    assert tuple(heading) == COLUMNS
    return lines


def expected(records):
    return [
        (source.record.asset.id, source.name, name, span.start, span.end, label, score)
        for source in records
        for name, track in sorted(source.record.tracks.items())
        if isinstance(track, LabelTrack)
        for span, label, score in track
    ]


def text(cell):
    return cell.removeprefix("'")


@given(data=st.data(), raw=st.booleans())
def test_every_label_reads_back_as_it_was(sources, data, raw):
    records = data.draw(st.lists(sources(), max_size=3))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Csv(raw=raw).export(iter(records), Path(folder))
        plain = str if raw else text
        lines = [
            (plain(asset), plain(file), plain(track), float(start), float(end), plain(name), float(score))
            for asset, file, track, start, end, name, score in read(path)
        ]
    assert lines == expected(records)


def test_no_cell_starts_as_a_formula_unless_asked_for(tmp_path, film):
    (safe,) = Csv().export([film], tmp_path / "safe")
    (raw,) = Csv(raw=True).export([film], tmp_path / "raw")
    assert {line[1] for line in read(safe)} == {"'=night train.mp4"}
    assert {line[1] for line in read(raw)} == {"=night train.mp4"}


def test_lines_end_as_the_standard_asks_and_features_stay_out(tmp_path, film):
    (path,) = Csv().export([film], tmp_path)
    assert path == tmp_path / "labels.csv"
    assert path.read_bytes().split(b"\r\n") == [
        b"asset,file,track,start,end,name,score",
        b"ab12,'=night train.mp4,keyframes,0.1,0.1,keyframe,0.7",
        b"ab12,'=night train.mp4,shots,0.0,0.3333333333333333,shot,1.0",
        b"ab12,'=night train.mp4,shots,0.3333333333333333,2.0,shot,0.1",
        b"",
    ]


def test_an_independent_reader_finds_the_same_numbers(tmp_path, film):
    (path,) = Csv().export([film], tmp_path)
    table = pd.read_csv(path)
    assert table["end"].tolist() == [0.1, 1 / 3, 2.0]


def test_nothing_to_export_gives_the_heading_alone(tmp_path):
    (path,) = Csv().export([], tmp_path)
    assert read(path) == []
