"""Several label files as one class a clip."""

import json

import pytest

from cueline.errors import FormatError, OptionError
from cueline.timeline.spans import Span
from cueline.workbench.clips.merging import merge_labels


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    names = [f"news_2019_chunk_{number}.mp3" for number in range(1, 5)]
    return [folder / name for name in names]


@pytest.fixture
def write(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


def said(merged):
    return {clip.file.name: clip.label for clip in merged.clips}


def test_the_old_formats_speak_of_the_same_classes(media, write):
    first = write("a.json", {media[0].name: "Dialogue", media[1].name: "M"})
    second = write("b.csv", f"Filename,Classification\nfar/away/{media[2].name},B\n{media[3].name},d\n")
    found = merge_labels([first, second], media)
    assert list(said(found).values()) == ["Dialogue", "Music", "Both", "Dialogue"]
    assert (found.items, found.duplicates, found.conflicts, found.left_out) == (4, 0, (), ())


def test_what_is_said_twice_counts_once_and_what_is_contradicted_is_left_out_and_shown(media, write):
    first = write("a.json", {media[0].name: "Dialogue", media[1].name: "Music"})
    second = write("b.csv", f"Filename,Classification\n{media[0].name},D\n{media[1].name},B\n")
    found = merge_labels([first, second], media)
    assert said(found) == {media[0].name: "Dialogue"}
    assert found.duplicates == 1
    assert str(found.conflicts[0]) == f"{media[1].name}: Music (a.json, item 2); Both (b.csv, line 3): left out"
    assert found.unlabelled == 2


def test_the_preferred_file_is_believed_and_the_contradiction_is_shown_all_the_same(media, write):
    first, second = write("a.json", {media[0].name: "Music"}), write("b.json", {media[0].name: "Both"})
    for prefer, label in ((first, "Music"), (second, "Both")):
        found = merge_labels([first, second], media, prefer=[prefer])
        assert said(found) == {media[0].name: label}
        assert found.conflicts[0].taken == label
        assert str(found.conflicts[0]).endswith(f"{label} is believed")


def test_a_file_that_contradicts_itself_is_not_believed_though_it_is_preferred(media, write):
    own = write("a.json", f'{{"{media[0].name}": "Music", "{media[0].name}": "Both"}}')
    found = merge_labels([own], media, prefer=[own])
    assert (found.clips, len(found.conflicts)) == ((), 1)


def test_unknown_names_words_and_ambiguous_names_are_told_with_file_and_place(media, write, tmp_path):
    twin = tmp_path / "other" / media[0].name
    labels = write(
        "a.json", {"strange.mp3": "Music", media[0].name: "Music", media[1].name: "Jazz", media[2].name: "M"}
    )
    found = merge_labels([labels], [*media, twin])
    assert said(found) == {media[2].name: "Music"}
    reasons = [one.reason for one in found.left_out]
    assert any("item 3 must be Dialogue, Music or Both" in reason for reason in reasons)
    assert any("a.json, item 1: no file is called 'strange.mp3'" in reason for reason in reasons)
    assert any("a.json, item 2: 2 files are called" in reason for reason in reasons)
    assert found.items == 4


def test_folders_decide_between_files_of_one_name(media, write, tmp_path):
    twin = tmp_path / "other" / media[0].name
    labels = write("a.csv", f"Filename,Classification\nother/{media[0].name},M\n")
    assert [clip.file for clip in merge_labels([labels], [*media, twin]).clips] == [twin]


def test_a_name_with_and_without_its_folder_is_one_clip_said_twice(media, write):
    name = media[0].name
    labels = write("a.csv", f"Filename,Classification\nmedia/{name},M\n{name},M\n")
    found = merge_labels([labels], media)
    assert (said(found), found.duplicates, found.left_out) == ({name: "Music"}, 1, ())
    labels = write("b.csv", f"Filename,Classification\nradio/{name},M\n{name},M\nmedia/{name},M\n")
    reasons = [one.reason for one in merge_labels([labels], media).left_out]
    assert len(reasons) == 2
    assert all(reason.endswith("give more of the path.") for reason in reasons)


def test_a_near_miss_is_hinted_at(media, write):
    labels = write("a.json", {"news_2019_chunk_9.mp3": "Music"})
    assert "Did you mean" in merge_labels([labels], media).left_out[0].reason


def test_two_classes_at_once_none_and_cannot_say_are_left_out(media, write):
    labels = write(
        "a.json",
        [
            {"etag": "1", "labels": ["jingle", "weather"], "data": media[0].name},
            {"etag": "2", "labels": [], "data": media[1].name},
            {"etag": "3", "labels": ["jingle", "none of the above"], "data": media[2].name},
            {"etag": "4", "labels": ["jingle"], "data": media[3].name},
        ],
    )
    found = merge_labels([labels], media)
    assert said(found) == {media[3].name: "jingle"}
    reasons = " | ".join(one.reason for one in found.left_out)
    assert "'jingle' and 'weather' are said at once" in reasons
    assert "no class is said of it" in reasons
    assert "'none of the above' are said at once" in reasons


def test_who_says_no_contradicts_who_says_yes(media, write):
    name = media[0].name
    table = write("a.csv", f"clip,class,verdict\n{name},jingle,yes\n{name},weather,no\n")
    assert said(merge_labels([table], media)) == {name: "jingle"}
    other = write("b.csv", f"clip,class,verdict\n{name},jingle,no\n")
    found = merge_labels([table, other], media)
    assert (found.clips, len(found.conflicts)) == ((), 1)


def test_capital_letters_make_no_other_class(media, write):
    first = write("a.csv", f"Filename,Classification\n{media[0].name},Jingle\n{media[1].name},weather\n")
    second = write("b.csv", f"Filename,Classification\n{media[0].name},jingle\n{media[2].name},JINGLE\n")
    found = merge_labels([first, second], media)
    assert set(said(found).values()) == {"Jingle", "weather"}
    assert found.duplicates == 1


def test_a_playlist_labels_parts_of_files(media, write):
    labels = write("Music.m3u8", f"#EXTM3U\n{media[0]}#t=5,15\n{media[0]}#t=20,30\n")
    found = merge_labels([labels], media)
    assert [(clip.label, clip.span) for clip in found.clips] == [("Music", Span(5, 15)), ("Music", Span(20, 30))]


def test_a_folder_of_labels_is_read_whole(media, write, tmp_path):
    write("labels/a.json", {media[0].name: "Music"})
    write("labels/b.json", {media[1].name: "Both"})
    write("labels/readme.txt", "no labels")
    assert len(merge_labels([tmp_path / "labels"], media).clips) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(OptionError, match="a folder of labels holds"):
        merge_labels([tmp_path / "empty"], media)
    with pytest.raises(OptionError, match="got nothing at"):
        merge_labels([tmp_path / "nowhere.json"], media)


def test_a_file_that_is_none_and_one_to_prefer_that_is_not_given_are_refused(media, write):
    with pytest.raises(FormatError):
        merge_labels([write("a.json", {"images": [], "annotations": [], "categories": []})], media)
    labels = write("b.json", {media[0].name: "Music"})
    with pytest.raises(OptionError, match="must be among those given, b.json"):
        merge_labels([labels], media, prefer=[media[0]])
