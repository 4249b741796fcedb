"""Names are safe everywhere and differ; files appear whole or not at all."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import FormatError, OptionError
from cueline.exporters.naming import (
    FileNames,
    MediaIds,
    from_one_line,
    json_of,
    labels_of,
    lines_of,
    media_of,
    one_line,
    placed_whole,
    text_of,
    url_of,
    written_whole,
)
from cueline.ports import Source
from cueline.timeline.assets import Asset, Location
from cueline.timeline.records import Record


def source(name: str, asset: str = "a" * 32) -> Source:
    return Source(Record(Asset(asset, 1.0)), name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("night train.mp4", "night_train.vtt"),
        ("filename with spaces and '.mp4", "filename_with_spaces_and_'.vtt"),
        ('say "hi".mov', "say_hi.vtt"),
        ("two\nlines.mp4", "two_lines.vtt"),
        ("-rf.mp4", "_-rf.vtt"),
        (".hidden.mp4", "_.hidden.vtt"),
        ("season 1/part 2.mkv", "season_1_part_2.vtt"),
        ("..\\..\\boot.ini", "_.._.._boot.vtt"),
        ("../../etc/passwd", "_.._.._etc_passwd.vtt"),
        ("Straße nach 東京.mp4", "Straße_nach_東京.vtt"),
        ("CON.mp4", "_CON.vtt"),
        ("bell\x07.mp4", "bell.vtt"),
        ("", "_.vtt"),
        ("...", "_.vtt"),
        ("caf\udce9.mp4", "caf.vtt"),
    ],
)
def test_a_name_is_made_safe_and_stays_readable(name, expected):
    assert FileNames(".vtt").of(source(name)) == expected


def test_two_assets_of_one_name_get_two_files_whatever_the_case():
    names = FileNames(".vtt")
    given_names = [
        names.of(source("a.mp4", "1" * 32)),
        names.of(source("A.mkv", "2" * 32)),
        names.of(source("a.mp4", "2" * 32)),
        names.of(source("a.mp4", "2" * 32)),
    ]
    assert given_names[0] == "a.vtt"
    assert len({name.casefold() for name in given_names}) == 4


def test_two_very_long_names_that_differ_at_the_end_alone_get_two_files():
    names = FileNames(".json")
    first, second = (
        names.of(source("長" * 300 + end, asset)) for end, asset in (("1.mp4", "1" * 32), ("2.mp4", "2" * 32))
    )
    assert first != second
    assert max(len(first.encode()), len(second.encode())) <= 255


@given(st.lists(st.text(max_size=300), max_size=8))
def test_any_names_give_different_names_without_folders(names):
    given_names = FileNames(".csv")
    safe = [given_names.of(source(name)) for name in names]
    assert len({name.casefold() for name in safe}) == len(names)
    for name in safe:
        assert Path(name).name == name
        assert name[0] not in "-."
        assert len(name.encode()) <= 255
        assert name.isprintable()


def test_a_file_that_fails_half_way_leaves_the_old_one_and_nothing_else(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("old")

    def write_half():
        with written_whole(path) as file:
            file.write("new")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_the_permissions_of_any_new_file(tmp_path):
    with written_whole(tmp_path / "deep" / "a.txt") as file:
        file.write("x")
    (tmp_path / "deep" / "b.txt").write_text("x")
    assert (tmp_path / "deep" / "a.txt").stat().st_mode == (tmp_path / "deep" / "b.txt").stat().st_mode


def test_a_file_name_that_is_not_utf8_is_written_as_escapes(tmp_path):
    with written_whole(tmp_path / "a.txt") as file:
        file.write("caf\udce9")
    assert (tmp_path / "a.txt").read_bytes() == b"caf\\udce9"


def test_files_of_one_asset_and_of_a_class_get_names_of_their_own():
    names = FileNames(".csv")
    film = source("a.mp4")
    assert [names.of(film), names.of(film, part="sound/1"), names.called("sound: Music.")] == [
        "a.csv",
        "a.sound_1.csv",
        "sound_Music.csv",
    ]
    assert len({names.called("speech"), names.called("Speech"), names.called("speech")}) == 3


def test_a_file_that_another_program_writes_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "deep" / "a.bin"
    with placed_whole(path) as aside:
        aside.write_bytes(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"

    def write_half():
        with placed_whole(path) as aside:
            aside.write_bytes(b"ha")
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        write_half()
    assert [(file, file.read_bytes()) for file in path.parent.iterdir()] == [(path, b"whole")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("night train", "night train"),
        ("100 %\nsure", "100 %25%0Asure"),
        (" two  spaces ", "%20two %20spaces%20"),
        (" ", "%20"),
        ("a\u2028b\x85c\x00", "a%E2%80%A8b%C2%85c%00"),
        ("東京 é", "東京 é"),
        ("caf\udce9", "caf%ED%B3%A9"),
    ],
)
def test_text_is_put_on_one_line_that_stays_readable(text, line):
    assert one_line(text) == line
    assert from_one_line(line) == text


def test_a_line_of_another_program_stays_as_it_is():
    assert from_one_line("100 % sure, 50%FF") == "100 % sure, 50%FF"


@given(st.text())
def test_any_text_comes_back_from_its_line(text):
    line = one_line(text)
    assert from_one_line(line) == text
    assert line.splitlines() in ([], [line])
    assert line.strip() == line
    assert "  " not in line


def test_media_of_one_file_get_ids_that_differ():
    ids = MediaIds()
    given_ids = [ids.of(source(name, asset)) for name, asset in (("a/x.mp4", "1"), ("b/x.mp4", "2"), ("a/x.wav", "3"))]
    assert given_ids == ["a/x", "b/x", "a/x.wav"]
    assert ids.of(source("a/x.wav", "4")) == "4"
    with pytest.raises(FormatError, match=r"must have ids that differ, got 'a/x.wav', asset 4, again. Export each"):
        ids.of(source("a/x.wav", "4"))


@pytest.mark.parametrize("name", ["a b.mp4", "season 1/100 %.mp4", "caf\udce9.mp4", "#1?.mp4"])
def test_an_address_leads_back_to_the_media(name):
    there = Source(source(name).record, name, Location(Path("/films") / name, 1, 1))
    assert url_of(there).startswith("file:///films/")
    assert media_of(url_of(there)) == f"/films/{name}"
    assert media_of(url_of(source(name))) == name
    assert media_of(url_of(there, "http://media/?d="), "http://media/?d=") == name
    assert media_of("http://other/a%20b.mp4", "http://media/") == "http://other/a%20b.mp4"


def test_lines_end_in_any_of_the_ways_of_files(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n\xe2\x80\xa8\n")
    assert lines_of(text_of(tmp_path / "a.txt")) == ["one", "two", "three", "\u2028"]
    assert lines_of("") == []


def test_a_byte_order_mark_tells_the_encoding(tmp_path):
    for encoding in ("utf-8-sig", "utf-16"):
        (tmp_path / "a.txt").write_text("caf\xe9", encoding=encoding)
        assert text_of(tmp_path / "a.txt") == "caf\xe9"


def test_another_encoding_is_told_by_line_and_can_be_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes("one\ncaf\xe9\n".encode("cp1252"))
    with pytest.raises(FormatError, match=r"line 2 must be utf-8 text, got the byte 0xe9. Save it as UTF-8, or name"):
        text_of(path)
    assert text_of(path, "cp1252") == "one\ncaf\xe9\n"
    with pytest.raises(OptionError, match="must be one that Python knows, such as cp1252, got 'latin-99'"):
        text_of(path, "latin-99")


def test_a_file_that_is_not_there_is_told_plainly(tmp_path):
    with pytest.raises(FormatError, match="cannot read .*a.txt': No such file"):
        text_of(tmp_path / "a.txt")


def test_json_that_is_cut_off_or_says_a_thing_twice_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"a":\n [1, 2')
    with pytest.raises(FormatError, match=r"line 2 must be JSON, got a fault at column 7: .*Is the file cut off"):
        json_of(path)
    path.write_text('{"a": 1, "b": 2, "a": 3}')
    with pytest.raises(FormatError, match="each key of an object once, got 'a' again"):
        json_of(path)
    path.write_text("[" * 100_000)
    with pytest.raises(FormatError, match="must be JSON that is not nested 1000 deep"):
        json_of(path)


def test_rows_become_a_track_with_the_classes_that_are_known():
    track = labels_of([(2.0, 3.0, "b", 0.5), (0.0, 1.0, "a", 1.0)], classes=["c", "a"])
    assert (track.names, track.classes, track.scores.tolist()) == (("a", "b"), ("c", "a", "b"), [1.0, 0.5])
    assert labels_of([], classes=["c"]).classes == ("c",)
