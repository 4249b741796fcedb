"""The table of one class a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles import read_labels, table
from cueline.errors import FormatError


def _read(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    return read_labels(path)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_short_forms_are_the_players_words(tmp_path, mark):
    found = _read(tmp_path, f"Filename{mark}Classification\n/x/a.mp3{mark}D\nb.mp3{mark}m\n")
    assert [(item.where, item.clip, *item.said) for item in found.items] == [
        ("line 2", "/x/a.mp3", "Dialogue"),
        ("line 3", "b.mp3", "Music"),
    ]
    assert found.exclusive


def test_other_classes_stay_what_they_are(tmp_path):
    found = _read(tmp_path, "file,label,score\na.mp3,music,1\nb.mp3,speech,1\nc.mp3,D minor,1\n")
    assert found.classes == ("music", "speech", "D minor")


def test_a_slip_among_short_forms_is_skipped(tmp_path):
    found = _read(tmp_path, "Filename,Classification\na.mp3,D\nb.mp3,M\nc.mp3,X\nd.mp3,\n,D\n")
    assert [skip.where for skip in found.skipped] == ["line 4", "line 5", "line 6"]
    assert [skip.reason.partition(",")[0] for skip in found.skipped] == [
        "line 4 must be Dialogue",
        "line 5 must have a class",
        "line 6 must name its clip",
    ]


def test_a_line_with_a_fault_is_skipped_and_the_good_ones_are_kept(tmp_path):
    found = _read(tmp_path, 'Filename,Classification\na.mp3,D\n"b.mp3,M\nc.mp3,d,mp3,B\nd.mp3,"B"\n')
    assert [(item.where, item.clip) for item in found.items] == [("line 2", "a.mp3"), ("line 5", "d.mp3")]
    assert [skip.where for skip in found.skipped] == ["line 3", "line 4"]


def test_a_table_with_times_is_another_format(tmp_path):
    assert not table.fits(["file", "start", "label"])
    with pytest.raises(FormatError, match="must have the columns Filename and Classification"):
        table.read(tmp_path, "file,start,label\n")


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1)


@given(st.lists(st.tuples(names, st.sampled_from(["rain", "=snow", "-fog"]))))
def test_what_is_written_is_read_back(rows):
    items = table.read(None, table.written(rows)).items
    assert [(item.clip, next(iter(item.said))) for item in items] == rows
