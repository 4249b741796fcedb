"""A sample of playlists is random, repeatable and can be listened to."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cueline.datasets.labelfiles import playlists, read_labels
from cueline.errors import FormatError, OptionError
from cueline.exporters.m3u8 import M3u8
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Record
from cueline.timeline.spans import Span
from cueline.timeline.tracks import LabelTrack
from cueline.workbench.verifying import draw


def playlist(folder, name, entries):
    path = folder / f"{name}.m3u"
    path.write_text(playlists.written(name, entries))
    return path


@pytest.fixture
def music(tmp_path):
    return playlist(tmp_path, "Music", [f"/radio/{number}.mp3" for number in range(50)])


@pytest.fixture
def speech(tmp_path):
    return playlist(tmp_path, "Speech", [f"/radio/{number}.mp3#t=10,{20 + number}" for number in range(5)])


def rows(sheet):
    with sheet.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_sheet_has_a_line_for_each_entry_drawn_and_no_answers(tmp_path, music, speech):
    found = draw([music, speech], tmp_path / "out", each=20)
    lines = rows(found.sheet)
    assert [one.name for one in found.classes] == ["Music", "Speech"]
    assert [line["claimed"] for line in lines] == ["Music"] * 20 + ["Speech"] * 5
    assert {line["answer"] for line in lines} == {""}
    assert len({line["file"] for line in lines[:20]}) == 20
    assert (lines[0]["start"], lines[0]["end"]) == ("", "")
    assert float(lines[20]["start"]) == 10.0


def test_what_was_drawn_is_said_beside_the_sheet(tmp_path, music):
    found = draw([music], tmp_path / "out", each=3, seed=7)
    facts = json.loads(found.sheet.with_suffix(".json").read_text())
    assert (facts["seed"], facts["each"]) == (7, 3)
    assert facts["classes"] == [{"name": "Music", "size": 50, "drawn": 3}]
    assert facts["playlists"][0]["file"] == str(music)


def test_the_same_seed_draws_the_same_whatever_the_order_and_the_company(tmp_path, music, speech):
    first = draw([music], tmp_path / "a", each=10)
    lines = music.read_text().splitlines()
    music.write_text("\n".join([*lines[:2], *reversed(lines[2:]), ""]))
    again = draw([speech, music], tmp_path / "b", each=10)
    assert first.classes[0].entries == again.classes[1].entries
    assert first.classes[0].entries != draw([music], tmp_path / "c", each=10, seed=1).classes[0].entries


def test_every_entry_has_the_same_chance(tmp_path):
    path = playlist(tmp_path, "Music", [f"/{number}.mp3" for number in range(10)])
    drawn = [
        entry.file
        for seed in range(300)
        for entry in draw([path], tmp_path / f"{seed}", each=3, seed=seed).classes[0].entries
    ]
    _, counts = np.unique(drawn, return_counts=True)
    assert len(counts) == 10
    assert abs(counts - 90).max() < 35  # four standard errors


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(each=st.integers(1, 12), seed=st.integers(0, 2**40))
def test_a_sample_has_as_many_as_asked_for_or_all(tmp_path_factory, each, seed):
    folder = tmp_path_factory.mktemp("sample")
    path = playlist(folder, "Music", [f"/{number}.mp3" for number in range(8)])
    entries = draw([path], folder / "out", each=each, seed=seed).classes[0].entries
    assert len(set(entries)) == len(entries) == min(each, 8)


def test_a_sample_is_a_playlist_again_with_its_spans(tmp_path, music, speech):
    found = draw([music, speech], tmp_path / "out", each=4)
    for one in found.classes:
        read = read_labels(one.playlist)
        assert read.classes == (one.name,)
        assert [item.span for item in read.items] == [entry.span for entry in one.entries]
    assert "#EXTVLCOPT:start-time=10.0" in found.classes[1].playlist.read_text()


def test_spans_of_an_exported_playlist_come_back_exactly(tmp_path):
    media = tmp_path / "a film's end.mp4"
    media.write_bytes(b"film")
    track = LabelTrack(np.array([[0.1, 0.30000000000000004], [5.0, 7.25]]), ("music", "music"))
    record = Record(Asset("a", 10.0), {"sound.kinds": track})
    (path,) = M3u8().export([Source(record, media.name, Location.of(media))], tmp_path / "lists")
    found = draw([path], tmp_path / "out")
    assert {entry.file for entry in found.classes[0].entries} == {str(media)}
    assert {entry.span for entry in found.classes[0].entries} == {Span(0.1, 0.30000000000000004), Span(5.0, 7.25)}


def test_a_name_of_two_lines_is_drawn_and_written_as_one_entry(tmp_path):
    path = playlist(tmp_path, "Music", ["file:///radio/a%0Ab.mp3", "file:///radio/a%0Ab.mp3#t=1.0,2.0"])
    (one,) = draw([path], tmp_path / "out").classes
    assert {entry.file for entry in one.entries} == {"/radio/a\nb.mp3"}
    read = read_labels(one.playlist)
    assert [(item.clip, item.span) for item in read.items] == list(one.entries)


def test_names_beside_their_playlist_are_found_from_elsewhere(tmp_path):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "a.mp3").write_bytes(b"a")
    path = playlist(tmp_path / "clips", "Both", ["a.mp3", "gone.mp3"])
    (one,) = draw([path], tmp_path / "out").classes
    assert {entry.file for entry in one.entries} == {str(tmp_path / "clips" / "a.mp3"), "gone.mp3"}


def test_entries_that_stand_twice_count_once_and_two_playlists_of_a_class_are_one(tmp_path, music):
    (tmp_path / "more").mkdir()
    more = playlist(tmp_path / "more", "Music", ["/radio/1.mp3", "/x.mp3", "/x.mp3"])
    found = draw([music, more], tmp_path / "out")
    assert found.classes[0].size == 51
    assert any("2 entries stand there more than once" in note for note in found.notes)
    assert any("2 playlists are of the class 'Music'" in note for note in found.notes)


def test_a_line_that_cannot_be_read_is_told_and_the_others_kept(tmp_path):
    path = playlist(tmp_path, "Music", ["/a.mp3#t=9,5", "/b.mp3"])
    found = draw([path], tmp_path / "out")
    assert [entry.file for entry in found.classes[0].entries] == ["/b.mp3"]
    assert "line 3: left out, a span must not end before it starts" in found.notes[0]


def test_a_sheet_that_may_hold_answers_is_never_written_over(tmp_path, music):
    draw([music], tmp_path / "out")
    with pytest.raises(OptionError, match="is there already and may hold answers"):
        draw([music], tmp_path / "out")


def test_what_is_no_playlist_or_empty_is_refused(tmp_path, music):
    table = tmp_path / "labels.csv"
    table.write_text("Filename,Classification\na.mp3,Music\n")
    with pytest.raises(FormatError, match="must be a playlist, .m3u or .m3u8, got 'Filename"):
        draw([table], tmp_path / "out")
    with pytest.raises(FormatError, match="must list files, got none"):
        draw([playlist(tmp_path, "Empty", [])], tmp_path / "out")
    with pytest.raises(FormatError, match="cannot read"):
        draw([Path("/nowhere/x.m3u")], tmp_path / "out")
    with pytest.raises(OptionError, match="1 entry or more"):
        draw([music], tmp_path / "out", each=0)


def test_a_name_that_a_spreadsheet_would_run_is_defused(tmp_path):
    path = playlist(tmp_path, "Music", ["=cmd().mp3"])
    assert rows(draw([path], tmp_path / "out").sheet)[0]["file"] == "'=cmd().mp3"
