"""What people heard is counted as they said it."""

import csv
import json
import math

import pytest

from cueline.errors import FormatError, TimelineError
from cueline.evaluation.proportions import stratified_proportion, wilson_interval
from cueline.workbench.verifying_answers import judge

COLUMNS = ("file", "start", "end", "claimed", "answer")


def sheet(folder, answers, sizes, name="answers", mark=","):
    """A filled sheet: claimed class to answers, and how large each playlist is."""
    path = folder / f"{name}.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file, delimiter=mark)
        table.writerow(COLUMNS)
        for claimed, given in answers.items():
            table.writerows(
                [f"/{claimed} {number}.mp3", "", "", claimed, answer] for number, answer in enumerate(given)
            )
    if sizes:
        facts = [{"name": key, "size": size, "drawn": 1} for key, size in sizes.items()]
        path.with_suffix(".json").write_text(
            json.dumps({"kind": "cueline.verification", "version": 1, "classes": facts})
        )
    return path


def test_yes_and_no_in_any_case_and_the_true_class_are_counted(tmp_path):
    answers = {
        "Music": ["y", "YES", "music", "1", "n", "No", "speech", "Both", "b", "", "?"],
        "Speech": ["y"],
        "Both": ["y"],
    }
    found = judge([sheet(tmp_path, answers, {"Music": 100, "Speech": 10, "Both": 1})])
    music = found.classes[0]
    assert (music.right, music.judged, music.drawn, music.unanswered, music.unsure) == (4, 9, 11, 1, 1)
    assert music.instead == {"Speech": 1, "Both": 2}
    assert music.share == wilson_interval(4, 9, population=100)
    assert not found.unread


def test_the_whole_is_weighted_by_how_large_playlists_are(tmp_path):
    found = judge([sheet(tmp_path, {"Music": ["y"] * 9 + ["n"], "Speech": ["y", "n"]}, {"Music": 900, "Speech": 100})])
    assert found.whole == stratified_proportion([9, 1], [10, 2], [900, 100])
    assert found.whole.value == pytest.approx(0.86)


def test_what_cannot_be_read_is_listed_by_line_and_not_counted(tmp_path):
    found = judge([sheet(tmp_path, {"Music": ["y", "perhaps", "musik"]}, {"Music": 3})])
    (one,) = found.classes
    assert (one.right, one.judged, one.unread) == (1, 1, 2)
    assert found.unread[0][0].endswith("answers.csv line 3")
    assert "an answer is yes, no, ? or one of Music, got 'perhaps'" in found.unread[0][1]
    assert "Did you mean 'Music'" in found.unread[1][1]


def test_classes_that_have_no_playlist_may_be_named(tmp_path):
    path = sheet(tmp_path, {"music": ["noise", "Noise"]}, {"music": 20})
    assert len(judge([path]).unread) == 2
    assert judge([path], known=["noise"]).classes[0].instead == {"noise": 2}


def test_nothing_judged_says_nothing(tmp_path):
    found = judge([sheet(tmp_path, {"Music": ["", ""]}, {"Music": 20})])
    assert math.isnan(found.classes[0].share.value)
    assert math.isnan(found.whole.value)
    assert found.classes[0].unanswered == 2


def test_without_the_sizes_there_are_ratios_and_no_whole(tmp_path):
    found = judge([sheet(tmp_path, {"Music": ["y", "n"]}, {})])
    assert found.classes[0].share == wilson_interval(1, 2)
    assert found.whole.note == "the size of a playlist is not known"
    assert "is not there, so nobody knows how large" in found.notes[0]


def test_two_sheets_of_one_sample_agree_once_and_disagree_apart(tmp_path):
    sizes = {"Music": 30}
    first = sheet(tmp_path, {"Music": ["y", "y", "", "y"]}, sizes, "first")
    second = sheet(tmp_path, {"Music": ["y", "n", "n", "?"]}, sizes, "second")
    found = judge([first, second])
    (one,) = found.classes
    assert (one.drawn, one.judged, one.right, one.unsure) == (4, 3, 2, 1)
    assert "disagree about '/Music 1.mp3', which is not counted" in found.notes[0]


def test_sheets_of_other_playlists_are_refused(tmp_path):
    first = sheet(tmp_path, {"Music": ["y"]}, {"Music": 30}, "first")
    second = sheet(tmp_path, {"Music": ["y"]}, {"Music": 31}, "second")
    with pytest.raises(FormatError, match="with 30 entries and, in .* with 31. Read them apart"):
        judge([first, second])


def test_a_spreadsheet_may_have_saved_it_with_semicolons_and_commas(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("\ufeffFile;Start;End;Claimed;Answer;remark\na.mp3;1,5;3;Music;Y;\na.mp3;2,5;4;Music;N;loud\n")
    (one,) = judge([path]).classes
    assert (one.judged, one.right) == (2, 1)


def test_lines_that_are_broken_are_listed_and_the_others_counted(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(
        "file,start,end,claimed,answer\na.mp3,9,5,Music,y\n,,,Music,y\nb.mp3,,,Music,y\nc.mp3,x,y,Music,y\n"
    )
    found = judge([path])
    assert [where.rpartition(" ")[2] for where, _ in found.unread] == ["2", "3", "5"]
    assert found.classes[0].judged == 1


def test_something_else_is_refused(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="must have the columns file, start, end, claimed, answer, got a, b"):
        judge([path])
    path = sheet(tmp_path, {"Music": ["y"]}, {"Music": 30})
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(FormatError, match="must be what `cueline verify draw` wrote"):
        judge([path])
    path.with_suffix(".json").unlink()
    with pytest.raises(TimelineError, match="between 0 and 1, got 95"):
        judge([path], level=95)
