"""The table reads back exactly, and runs nothing in a spreadsheet."""

import csv
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError
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


def rows_of(track):
    return [(span.start, span.end, name, score) for span, name, score in track]


def table(tmp_path, text, name="labels.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@given(data=st.data(), raw=st.booleans())
def test_our_own_table_is_read_back_label_for_label(sources, data, raw):
    records = data.draw(st.lists(sources(), max_size=3, unique_by=lambda source: source.record.asset.id))
    with tempfile.TemporaryDirectory() as folder:
        (path,) = Csv(raw=raw).export(records, Path(folder))
        back = {(brought.media, brought.track): rows_of(brought.labels) for brought in Csv(raw=raw).read(path)}
    assert back == {
        (source.record.asset.id, name): rows_of(track)
        for source in records
        for name, track in source.record.tracks.items()
        if len(track)
    }


def test_our_own_table_comes_back_from_a_spreadsheet_that_added_a_column_and_parted_by_semicolons(tmp_path):
    path = table(tmp_path, "note;asset;file;track;start;end;name;score\r\nx;ab;'=a.mp4;shots;0,5;1;''quoted';0,25\r\n")
    (brought,) = Csv(media="file").read(path)
    assert (brought.media, brought.track) == ("=a.mp4", "shots")
    assert rows_of(brought.labels) == [(0.5, 1.0, "'quoted'", 0.25)]


@pytest.mark.parametrize(
    ("text", "media", "track", "rows"),
    [
        ("label,youtube_id,time_start,time_end,split\nrun,ab,417,427,val\n", "ab", "", [(417, 427, "run", 1)]),
        ("Begin (s)\tDuration\tTag\n1\t0.5\t'dog\n", "", "", [(1, 1.5, "'dog", 1)]),
        ("Start;End;Class;Confidence\n0:01,5;1:02,5;a b;\n", "", "", [(1.5, 62.5, "a b", 1)]),
        (
            "file,tier,onset,offset,event_label,score\nx y.wav,1,1e-05,2s,dog,.5\n",
            "x y.wav",
            "1",
            [(1e-05, 2, "dog", 0.5)],
        ),
        ("timestamp,text\n\n00:00:01.5,a\n", "", "", [(1.5, 1.5, "a", 1)]),
        ('path,start,end,name\n"a,b.mp4",0,1,"two\nlines"\n', "a,b.mp4", "", [(0, 1, "two\nlines", 1)]),
    ],
)
def test_tables_of_people_are_understood(tmp_path, text, media, track, rows):
    (brought,) = Csv().read(table(tmp_path, text))
    assert (brought.media, brought.track, rows_of(brought.labels)) == (media, track, rows)


def test_columns_can_be_named_and_files_take_turns(tmp_path):
    text = "who,a,b,what\nx,0,1,dog\ny,1,2,cat\nx,1,2,cat\n"
    first, second = Csv(media="who", start="a", end="b", name="what").read(table(tmp_path, text))
    assert (first.media, rows_of(first.labels)) == ("x", [(0, 1, "dog", 1), (1, 2, "cat", 1)])
    assert (second.media, second.labels.classes) == ("y", ("cat",))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_spreadsheets_put_before_the_text_is_no_part_of_it(tmp_path, encoding):
    (brought,) = Csv().read(table(tmp_path, "start\tend\tname\n0\t1\t東京\n", encoding=encoding))
    assert brought.labels.names == ("東京",)


def test_a_table_without_times_is_about_whole_files_once_it_is_told_how_long_they_are(tmp_path):
    path = table(tmp_path, "Filename,Classification\nshow_1.mp3,Music\nshow_2.mp3,Both\n")
    with pytest.raises(FormatError, match="a column of times .* how many seconds that is with csv.whole=SECONDS"):
        list(Csv().read(path))
    first, second = Csv(whole=3600.0).read(path)
    assert (first.media, rows_of(first.labels)) == ("show_1.mp3", [(0, 3600, "Music", 1)])
    assert second.media == "show_2.mp3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a column of names such as name, label, tag, class; it has: none. Is there a heading"),
        ("begin (ms),end,name\n0,1,a\n", "a column of times such as start"),
        ("start,end\n0,1\n", r"a column of names .* it has: start, end\. .*csv.name=COLUMN"),
        ("start,end,name\n0,x,a\n", "must read like 12.5 or 00:01:02.5 in line 2, column 'end', got 'x'"),
        ("start,end,name\n0,1,a\n3,2,a\n", "must end at 3.0 s or later in line 3, column 'end', got 2.0"),
        ("start,dur,name\n0,-1,a\n", "must end at 0.0 s or later in line 2, column 'dur', got -1.0"),
        ("start,end,name\nnan,1,a\n", "must be a finite number in line 2, column 'start', got 'nan'"),
        ("start,end,name,score\n0,1,a,87\n", r"must lie in \[0, 1\] in line 2, column 'score', got 87.0"),
        ("start,end,name\n0,1\n", "must have 3 cells in each line, as the heading has, got 2 in line 2"),
        ('start,end,name\n0,1,"a\n', "must be a table of text, got unexpected end of data"),
        ("start,end,name\n0,1,\udcff\n", "must be a table of text, got 'utf-8' codec .* Save it anew as CSV, UTF-8"),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(tmp_path, text, message):
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(FormatError, match=message) as caught:
        list(Csv().read(path))
    assert caught.value.path == path


def test_a_column_that_is_not_there_is_refused_with_the_near_miss(tmp_path):
    path = table(tmp_path, "start,end,labels\n0,1,a\n")
    with pytest.raises(FormatError, match="no column 'label' for name; it has: start, end, labels. Did you mean"):
        list(Csv(name="label").read(path))


def test_labels_of_kinetics_are_read(real_media):
    brought = list(Csv().read(real_media / "annotations" / "kinetics-400_val.csv"))
    assert sum(len(one.labels) for one in brought) == 19906
    assert rows_of(brought[0].labels)[0] == (417.0, 427.0, "abseiling", 1.0)
