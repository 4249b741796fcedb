"""Labels that people bring, and texts beside media."""

import os

import numpy as np
import pytest

from cueline.errors import MediaError, OptionError, UnknownPluginError
from cueline.exporters.audacity import Audacity
from cueline.ports import Brought
from cueline.workbench.bringing import How, bring, importer_for
from cueline.workbench.sidecars import take_in_beside
from tests.stores.made import done, labels

SUBTITLES = "1\n00:00:01,000 --> 00:00:02,500\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nWorld\n"


@pytest.fixture
def run(shelf):
    return shelf.begin_run({})


def taken(shelf, run, *paths, **how):
    return bring(shelf, run, list(paths), How(**how))


def test_the_name_of_a_file_tells_what_it_is_about(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.en.srt").write_text(SUBTITLES)
    told = taken(shelf, run, films / "film.en.srt", track="words")
    assert (told.rows, dict(told.tracks), told.faults) == (2, {film: ["words"]}, [])
    track = shelf.track(film, "words")
    assert track.names == ("Hello", "World")
    assert track.spans.tolist() == [[1.0, 2.5], [3.0, 4.0]]
    assert track.stream == "video:0"
    made = shelf.provenance(film, "words")
    assert (made.plugin, made.options["format"], made.options["file"]) == ("import:words", "srt", "film.en.srt")


def test_bringing_a_file_again_replaces_what_it_brought(shelf, put, films, run):
    film = put("film.mp4")
    for text in (SUBTITLES, SUBTITLES.partition("\n\n")[0] + "\n"):
        (films / "film.srt").write_text(text)
        taken(shelf, run, films / "film.srt")
    assert shelf.track(film, "subtitles").names == ("Hello",)


def test_the_media_may_be_named(shelf, put, films, run):
    film = put("film.mp4")
    (films / "other.srt").write_text(SUBTITLES)
    told = taken(shelf, run, films / "other.srt")
    assert "none is called 'other'. Name it with --file" in told.faults[0]
    assert dict(taken(shelf, run, films / "other.srt", media="film").tracks) == {film: ["subtitles"]}


def test_one_file_about_many_media_is_taken_in_as_far_as_they_are_known(shelf, put, films, run):
    one = put("one.mp4")
    (films / "labels.csv").write_text("file,start,end,name\none.mp4,1,2,dog\nnone.mp4,1,2,dog\none.mp4,4,5,cat\n")
    told = taken(shelf, run, films / "labels.csv", track="animals")
    assert shelf.track(one, "animals").names == ("dog", "cat")
    assert len(told.faults) == 1
    assert "no file is called 'none.mp4'" in told.faults[0]


def test_labels_beyond_the_end_are_refused_or_cut(shelf, put, films, run):
    film = put("film.mp4", seconds=3.5)
    (films / "film.srt").write_text(SUBTITLES.replace("00:00:04,000", "00:01:04,000"))
    told = taken(shelf, run, films / "film.srt")
    assert "1 of 2 labels reach beyond the media, which lasts 3.500 s; the first goes from 3.000 s to" in told.faults[0]
    assert shelf.track_names(film) == []
    told = taken(shelf, run, films / "film.srt", clipped=True)
    assert "they were cut off, 0 of them wholly" in told.remarks[0]
    assert shelf.track(film, "subtitles").spans[-1].tolist() == [3.0, 3.5]


def test_one_broken_file_does_not_stop_the_others(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    (films / "broken.srt").write_text("this is no subtitle")
    told = taken(shelf, run, films / "broken.srt", films / "film.srt")
    assert len(told.faults) == 1
    assert "broken.srt" in told.faults[0]
    assert dict(told.tracks) == {film: ["subtitles"]}


def test_labels_before_the_beginning_are_refused_or_cut(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.csv").write_text("start,end,name\n-9,-8,early\n-3,1,dog\n2,3,cat\n")
    assert "2 of 3 labels reach beyond the media" in taken(shelf, run, films / "film.csv").faults[0]
    told = taken(shelf, run, films / "film.csv", clipped=True)
    assert "1 of them wholly" in told.remarks[0]
    assert shelf.track(film, "csv").spans.tolist() == [[0.0, 1.0], [2.0, 3.0]]


def test_what_a_plug_in_makes_is_never_replaced(shelf, put, films, run):
    film = put("film.mp4")
    shelf.commit(run, [done("shots", film, tracks={"shots": labels("shot")})])
    shelf.commit(run, [done("stranger.waves", film, tracks={"waves": labels("high")})])
    table = films / "film.csv"
    table.write_text("track,start,end,name\nshots,1,2,mine\nblack,3,4,mine\nwaves,4,5,mine\n")
    told = taken(shelf, run, table)
    assert shelf.track_names(film) == ["black.imported", "shots", "shots.imported", "waves", "waves.imported"]
    assert shelf.track(film, "shots").names == ("shot",)
    assert len(told.remarks) == 3
    assert "the track 'shots' is what a plug-in makes; what was brought is called 'shots.imported'" in told.remarks[0]
    with pytest.raises(OptionError, match=r"'shots' is what the plug-in 'shots' makes, .* such as 'shots.imported'"):
        taken(shelf, run, table, track="shots")
    told = taken(shelf, run, table, track="waves")
    assert "the track 'waves' was made by 'stranger.waves'" in told.faults[0]
    assert shelf.track(film, "waves").names == ("high",)


def test_two_files_of_one_call_do_not_replace_each_other(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    (films / "film.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nOther\n")
    told = taken(shelf, run, films / "film.srt", films / "film.vtt")
    assert shelf.track(film, "subtitles").names == ("Hello", "World")
    assert told.rows == 2
    assert "the track 'subtitles' comes from 'film.srt' already" in told.faults[0]


def test_a_later_file_that_replaces_another_says_so(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    (films / "mended.srt").write_text(SUBTITLES)
    taken(shelf, run, films / "film.srt")
    assert taken(shelf, run, films / "film.srt").remarks == []
    told = taken(shelf, run, films / "mended.srt", media="film.mp4")
    assert "the track 'subtitles' replaces what was brought from 'film.srt' before" in told.remarks[0]
    assert shelf.provenance(film, "subtitles").options["file"] == "mended.srt"


def test_tracks_that_are_put_together_are_named(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.csv").write_text("track,start,end,name\na,1,2,x\nb,3,4,y\n")
    told = taken(shelf, run, films / "film.csv", track="both")
    assert shelf.track(film, "both").names == ("x", "y")
    assert "the tracks 'a', 'b' were put together as 'both'" in told.remarks[0]


def test_labels_of_several_media_are_not_given_to_one(shelf, put, films, run):
    one = put("one.mp4")
    put("two.mp4")
    (films / "labels.csv").write_text("file,start,end,name\none.mp4,1,2,dog\ntwo.mp4,1,2,cat\n")
    told = taken(shelf, run, films / "labels.csv", media="one.mp4")
    assert "the file is about several media, 'one.mp4' and 'two.mp4' among them" in told.faults[0]
    assert shelf.track_names(one) == []


def test_names_that_are_no_text_are_refused(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.json").write_text(
        '{"database": {"film.mp4": {"annotations": [{"segment": [1, 2], "label": "\\ud800"}]}}}'
    )
    told = taken(shelf, run, films / "film.json", form="activitynet")
    assert "names must be Unicode text, got half a letter in '\\ud800'" in told.faults[0]
    assert shelf.track_names(film) == []


def test_a_file_whose_name_is_no_text_is_taken_in(shelf, put, films, run):
    film = put("film.mp4")
    strange = films / os.fsdecode(b"caf\xe9.srt")
    strange.write_text(SUBTITLES)
    assert taken(shelf, run, strange, media="film.mp4").faults == []
    assert shelf.provenance(film, "subtitles").options["file"] == "caf\N{REPLACEMENT CHARACTER}.srt"


def test_an_importer_that_breaks_half_way_brings_nothing_and_stops_nobody(shelf, put, films, run, monkeypatch):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)

    def halfway(self, path):
        yield Brought("film.mp4", "words", labels("hello"))
        raise ZeroDivisionError("at line 7")

    monkeypatch.setattr(Audacity, "read", halfway)
    (films / "film.txt").write_text("x")
    told = taken(shelf, run, films / "film.txt", films / "film.srt")
    assert "the importer 'audacity' broke: ZeroDivisionError: at line 7" in told.faults[0]
    assert shelf.track_names(film) == ["subtitles"]


def test_an_ending_that_tells_nothing_is_asked_about(tmp_path):
    with pytest.raises(OptionError, match="the ending of 'x.xyz' does not tell its format; say which it is: .*rttm"):
        importer_for(tmp_path / "x.xyz", "", {})
    with pytest.raises(UnknownPluginError, match="rtm"):
        importer_for(tmp_path / "x.xyz", "rtm", {})


def test_a_file_that_is_not_there_stops_all(shelf, run, tmp_path):
    with pytest.raises(MediaError, match="there is no file"):
        taken(shelf, run, tmp_path / "none.srt")


def beside(shelf, run):
    take_in_beside(shelf, run, {place.location.path: place.asset for place in shelf.places()})


def test_subtitles_and_notes_beside_media_are_taken_in(shelf, put, films, run):
    film, other = put("a/film.mp4"), put("a/other.mp4")
    (films / "a/film.srt").write_text(SUBTITLES)
    (films / "a/film.de.srt").write_text(SUBTITLES.replace("Hello", "Hallo"))
    (films / "a/film.txt").write_text("shot in Rome\n\n with a dog \n")
    (films / "a/unknown.srt").write_text(SUBTITLES)
    beside(shelf, run)
    assert shelf.track_names(film) == ["notes", "subtitles", "subtitles.de"]
    assert shelf.track_names(other) == []
    assert shelf.track(film, "subtitles.de").names[0] == "Hallo"
    notes = shelf.track(film, "notes")
    assert notes.names == ("shot in Rome", "with a dog")
    assert np.array_equal(notes.spans, [[0, 10], [0, 10]])
    assert [tag.name for tag in shelf.find_text("rome")] == ["shot in Rome"]


def test_a_text_that_did_not_change_is_not_taken_in_again(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    beside(shelf, run)
    beside(shelf, later := shelf.begin_run({}))
    assert shelf.outcomes_at(later)[film, "import:subtitles"][0] == run
    (films / "film.srt").write_text(SUBTITLES.replace("Hello", "Goodbye"))
    beside(shelf, later)
    assert shelf.track(film, "subtitles").names[0] == "Goodbye"


def test_a_text_that_cannot_be_read_is_a_failure_with_its_reason(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text("no subtitles")
    (films / "film.txt").write_bytes(b"caf\xe9")
    beside(shelf, run)
    reasons = {outcome.plugin: outcome.reason for outcome in shelf.outcomes(film)}
    assert reasons["import:subtitles"].startswith("film.srt: ")
    assert "notes are UTF-8 text, got byte 0xe9 at 3" in reasons["import:notes"]


def test_subtitles_of_a_longer_cut_are_taken_as_far_as_the_film_goes(shelf, put, films, run):
    film = put("film.mp4", seconds=2.0)
    (films / "film.srt").write_text(SUBTITLES)
    beside(shelf, run)
    assert shelf.track(film, "subtitles").spans.tolist() == [[1.0, 2.0]]


def test_two_subtitles_of_one_name_are_two_tracks(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    (films / "film.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nOther\n")
    beside(shelf, run)
    assert shelf.track_names(film) == ["subtitles", "subtitles.vtt"]
    assert shelf.track(film, "subtitles").names == ("Hello", "World")
    assert shelf.track(film, "subtitles.vtt").names == ("Other",)
    beside(shelf, later := shelf.begin_run({}))
    assert {shelf.outcomes_at(later)[film, f"import:{name}"][0] for name in shelf.track_names(film)} == {run}


def test_of_the_texts_of_two_copies_the_first_counts(shelf, put, films, run):
    film = put("a/film.mp4", "same")
    put("b/film.mp4", "same")
    (films / "a/film.srt").write_text(SUBTITLES)
    (films / "b/film.srt").write_text(SUBTITLES.replace("Hello", "Goodbye"))
    for _ in range(2):
        beside(shelf, run)
        assert shelf.track(film, "subtitles").names[0] == "Hello"


def test_what_somebody_brought_is_not_replaced_by_a_text_beside(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    beside(shelf, run)
    (films / "mended.srt").write_text(SUBTITLES.replace("Hello", "Mended"))
    taken(shelf, run, films / "mended.srt", media="film.mp4")
    (films / "film.srt").write_text(SUBTITLES + "\n")
    beside(shelf, run)
    assert shelf.track(film, "subtitles").names[0] == "Mended"


def test_a_text_that_goes_away_leaves_its_track(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_text(SUBTITLES)
    beside(shelf, run)
    (films / "film.srt").unlink()
    beside(shelf, run)
    assert shelf.track_names(film) == ["subtitles"]


def test_what_is_no_file_beside_media_is_left_alone(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").symlink_to(films / "gone.srt")
    (films / "film.vtt").mkdir()
    os.mkfifo(films / "film.txt")
    beside(shelf, run)
    assert [outcome.plugin for outcome in shelf.outcomes(film)] == []


def test_a_text_beside_media_may_have_any_name(shelf, put, films, run):
    film = put("film [1080p] (1).mp4")
    (films / os.fsdecode(b"film [1080p] (1).\xe9.srt")).write_text(SUBTITLES)
    beside(shelf, run)
    assert shelf.track_names(film) == ["subtitles.\N{REPLACEMENT CHARACTER}"]


def test_subtitles_are_read_with_their_byte_order_mark_and_other_encodings_refused(shelf, put, films, run):
    film = put("film.mp4")
    (films / "film.srt").write_bytes(SUBTITLES.encode("utf-16"))
    (films / "film.fr.srt").write_bytes(SUBTITLES.replace("Hello", "caf\xe9").encode("cp1252"))
    beside(shelf, run)
    assert shelf.track(film, "subtitles").names == ("Hello", "World")
    (refused,) = (each.reason for each in shelf.outcomes(film) if each.state == "failed")
    assert "film.fr.srt" in refused
    assert "must be utf-8 text, got the byte 0xe9" in refused


def test_subtitles_beyond_the_end_are_counted(shelf, put, films, run):
    film = put("film.mp4", seconds=2.0)
    (films / "film.srt").write_text(SUBTITLES)
    beside(shelf, run)
    (kept,) = shelf.outcomes(film)
    assert (kept.state, kept.reason) == (
        "done",
        "film.srt: 1 of 2 subtitles lie beyond the end and are left out; are they of another cut?",
    )


def test_very_large_texts_are_refused_without_being_read(shelf, put, films, run):
    film = put("film.mp4")
    with (films / "film.srt").open("wb") as file:
        file.truncate(20_000_000)
    beside(shelf, run)
    assert "a text beside media has at most 10 MB, got 20000000 bytes" in shelf.outcomes(film)[0].reason
