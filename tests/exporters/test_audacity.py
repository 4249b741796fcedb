"""Label files come back to the microsecond, whatever the names; files of others are read as Audacity reads them."""

import csv
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cueline.errors import FormatError
from cueline.exporters.audacity import Audacity
from cueline.ports import Source
from cueline.timeline.assets import Asset
from cueline.timeline.records import Record
from cueline.timeline.tracks import LabelTrack


def rows_of(path):
    ((media, track, labels),) = ((one.media, one.track, one.labels) for one in Audacity().read(path))
    assert (media, track) == ("", "")
    return [(span.start, span.end, name) for span, name, _ in labels]


def given_file(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content.encode())
    return path


@given(data=st.data())
@settings(max_examples=50)
def test_what_the_format_keeps_reads_back(sources, data):
    source = data.draw(sources())
    full = [track for _, track in sorted(source.record.tracks.items()) if len(track)]
    with tempfile.TemporaryDirectory() as folder:
        paths = Audacity().export([source], Path(folder))
        assert len(set(paths)) == len(full)
        for path, track in zip(paths, full, strict=True):
            assert sorted(rows_of(path)) == sorted(
                (round(span.start, 6), round(span.end, 6), name) for span, name, _ in track
            )


def test_a_film_is_written_as_audacity_writes_it(tmp_path, film):
    keyframes, shots = Audacity().export([film], tmp_path)
    assert (keyframes.name, shots.name) == ("=night_train.keyframes.txt", "=night_train.shots.txt")
    assert keyframes.read_bytes() == b"0.100000\t0.100000\tkeyframe\n"
    assert shots.read_bytes() == b"0.000000\t0.333333\tshot\n0.333333\t2.000000\tshot\n"
    with shots.open(newline="") as file:
        assert [float(end) for _, end, _ in csv.reader(file, delimiter="\t")] == [0.333333, 2.0]


def test_a_name_with_a_tab_and_a_line_break_stays_on_its_line(tmp_path):
    track = LabelTrack(np.array([[-1.0, 2.0]]), ("100 %\tof\nall",))
    (path,) = Audacity().export([Source(Record(Asset("ab12", 2.0), {"a": track}), "a.wav")], tmp_path)
    assert path.read_text() == "-1.000000\t2.000000\t100 %25%09of%0Aall\n"
    assert rows_of(path) == [(-1.0, 2.0, "100 %\tof\nall")]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("\ufeff1.5\t2.5\tmusic\r\n3\t3\tbeep\r\n", [(1.5, 2.5, "music"), (3.0, 3.0, "beep")]),
        ("1,500000\t2,500000\tMusik, laut\n", [(1.5, 2.5, "Musik, laut")]),
        ("1.5\t2.5\ta\n\\\t100.5\t2000\n3.0\t4.0\tb", [(1.5, 2.5, "a"), (3.0, 4.0, "b")]),
        ("3.0\t4.0\tb\n1.5\t3.5\ta\n\n", [(1.5, 3.5, "a"), (3.0, 4.0, "b")]),
        ("1.5\t2.5\t\n1.5\t2.5", [(1.5, 2.5, ""), (1.5, 2.5, "")]),
        ("1.5\tbeep 1", [(1.5, 1.5, "beep 1")]),
        ("-0.5\t2.5\tearly", [(-0.5, 2.5, "early")]),
        ("1.5\t2.5\t100 % café", [(1.5, 2.5, "100 % café")]),
    ],
)
def test_files_as_people_have_them(tmp_path, content, rows):
    assert rows_of(given_file(tmp_path, content)) == rows


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "must hold labels, a line each: start, tab, end, tab, name; got an empty file"),
        ("1.5\t2.5\ta\n1.5 2.5 b\n", "line 2 must be a label: start, tab, end, tab, name, .*got '1.5 2.5 b'"),
        (f"1.5\t{'9' * 400}\ta", "line 1 must be a label"),
        ("nan\t2.5\ta", "line 1 must be a label"),
        ("00:01.5\t00:02.5\ta", "line 1 must be a label: .* with times in seconds"),
        ("1.5\t2.5\ta\tb", "line 1 must be a label"),
        ("\\\t100\t200\n1.5\t2.5\ta", "line 1 must be a label"),
        (
            "1.5\t2.5\ta\n\\\t100",
            "line 2 must be the frequencies of a spectral selection: backslash, tab, Hz, tab, Hz; got",
        ),
        ("2.5\t1.5\ta", "line 1: a label must not end before it starts, got 2.5 to 1.5"),
    ],
)
def test_damage_is_told_by_line(tmp_path, content, message):
    path = given_file(tmp_path, content)
    with pytest.raises(FormatError, match=message) as caught:
        list(Audacity().read(path))
    assert caught.value.path == path


def test_labels_of_another_program_are_refused_with_what_must_stand_there(real_media):
    with pytest.raises(FormatError, match=r"synthradio_1_label.txt' line 1 must be a label: .*got \"\[\[0.0, 3.12"):
        list(Audacity().read(real_media / "annotations" / "synthradio_1_label.txt"))
