"""Groups from names and from tables."""

from pathlib import Path

import pytest

from cueline.errors import FormatError, OptionError
from cueline.workbench.grouping import compiled, group_by_names, group_by_table, group_new, grouped, told_by_name


def told(path, *patterns):
    return told_by_name(Path(path), [compiled(pattern) for pattern in patterns])


@pytest.mark.parametrize(
    ("pattern", "path", "groups"),
    [
        ("{show}/{season}/*", "/media/Cosmos/S01/e2.mp4", {"show": "Cosmos", "season": "S01"}),
        ("{speaker}-*", "/x/84-121123-0000.flac", {"speaker": "84"}),
        ("{show}_{date}", "/x/news_2024-01-02.mp3", {"show": "news", "date": "2024-01-02"}),
        ("{film}.{part}", "/x/a.b.mp4", {"film": "a", "part": "b"}),
        ("{twin}_{twin}", "/x/a_a.mp4", {"twin": "a"}),
        ("{show}/*", "alone.mp4", {}),
        ("{show}_*", "/x/plain.mp4", {}),
    ],
)
def test_a_name_tells_groups(pattern, path, groups):
    assert told(path, pattern) == groups


def test_the_first_pattern_that_tells_a_kind_counts():
    assert told("/x/a_1.mp4", "{show}_*", "{show}", "{day}_{number}") == {"show": "a", "day": "a", "number": "1"}


@pytest.mark.parametrize("pattern", ["*", "plain", "{}", "{two words}_*", "{a}{b}", "{show", "show}"])
def test_a_pattern_that_names_no_group_is_refused(pattern):
    with pytest.raises(OptionError, match="pattern"):
        compiled(pattern)


def test_rules_are_kept_for_files_that_come_later(shelf, put, films):
    put("news_1.mp4")
    put("talk.mp4")
    assert group_by_names(shelf, ["{show}_*"]) == 1
    later = put("news_2.mp4")
    group_new(shelf, {films / "news_2.mp4": later})
    counted = grouped(shelf)
    assert (dict(counted.kinds), dict(counted.assets), counted.total) == ({"show": 1}, {"show": 2}, 3)
    assert (counted.components, counted.largest) == (2, 2)


def test_what_people_said_of_a_file_is_not_undone_by_its_name(shelf, put, films):
    asset = put("news_1.mp4")
    shelf.put_groups(asset, {"show": "Today"})
    shelf.put_group_rules(["{show}_{number}"])
    group_new(shelf, {films / "news_1.mp4": asset})
    assert shelf.assets()[0].groups == {"show": "Today", "number": "1"}


def test_a_table_sets_and_clears_groups_and_tells_what_it_could_not(shelf, put, tmp_path):
    one, two = put("one.mp4"), put("two.mp4")
    shelf.put_groups(two, {"speaker": "bob", "show": "B"})
    table = tmp_path / "groups.csv"
    table.write_text("\ufeffFile,show,speaker\none.mp4,A, ann \ntwo,B,\nthree.mp4,C,cid\n", "utf-8")
    done, faults = group_by_table(shelf, table)
    assert done == 2
    (fault,) = faults
    assert fault.startswith("line 4: no file is called 'three.mp4'")
    groups = {asset.id: asset.groups for asset in shelf.assets()}
    assert groups == {one: {"show": "A", "speaker": "ann"}, two: {"show": "B"}}


@pytest.mark.parametrize("text", ["", "name,show\n", "file\n"])
def test_a_table_without_its_columns_is_refused(shelf, tmp_path, text):
    (tmp_path / "groups.csv").write_text(text)
    with pytest.raises(FormatError, match="has a column 'file' and one or more for kinds of group"):
        group_by_table(shelf, tmp_path / "groups.csv")
