"""Predictions for segments."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.youtube8m.segments import ranked_segments, read_segments, write_segments
from cueline.datasets.youtube8m.skipping import Skipped
from cueline.errors import FormatError, TimelineError
from cueline.timeline.toplists import TopLists

names = st.builds("{}:{}".format, st.text("abcXYZ-_09:", min_size=1, max_size=5), st.integers(0, 300))


@given(st.dictionaries(st.integers(0, 9), st.lists(names, unique=True, max_size=5).map(tuple), min_size=1))
def test_what_is_written_is_read(tmp_path_factory, segments):
    path = tmp_path_factory.mktemp("segments") / "s.csv"
    write_segments(path, segments)
    assert read_segments(path, width=10) == segments


def test_the_official_form_is_written_to_the_letter(tmp_path):
    write_segments(tmp_path / "s.csv", {7: ["ab:5", "cd:0"], 2: ["ab:0"]})
    assert (tmp_path / "s.csv").read_text() == "Class,Segments\n2,ab:0\n7,ab:5 cd:0\n"


def test_each_class_ranks_its_segments_by_score():
    top = TopLists(np.array([[1, 2], [2, -1], [2, 1]]), np.array([[0.9, 0.5], [0.75, 0], [0.5, 0.25]]), width=3)
    assert ranked_segments(["a:0", "b:0", "c:0"], top) == {1: ("a:0", "c:0"), 2: ("b:0", "a:0", "c:0")}
    assert ranked_segments(["a:0", "b:0", "c:0"], top, most=1) == {1: ("a:0",), 2: ("b:0",)}
    with pytest.raises(TimelineError, match="one id a row, got 1 for 3"):
        ranked_segments(["a:0"], top)


def test_a_row_may_be_longer_than_csv_fields_are_read_by_default(tmp_path):
    long = tuple(f"video{at}:{at}" for at in range(20_000))
    write_segments(tmp_path / "s.csv", {1: long})
    assert read_segments(tmp_path / "s.csv", width=10)[1] == long


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x,a:0", "a row begins with a class in 0 to 9, got 'x'"),
        ("10,a:0", "a row begins with a class in 0 to 9, got '10'"),
        ("3", "a row begins with a class"),
        ("1,b:0", "a class has one row, got a second one of 1"),
        ("2,a", "a segment is called video:start, got 'a'"),
        ("2,a:b", "a segment is called video:start"),
        ("2,:5", "a segment is called video:start"),
        ("2,a:0 a:0", "a segment stands once"),
    ],
)
def test_a_bad_row_is_named_or_left_out(tmp_path, row, message):
    path = tmp_path / "s.csv"
    path.write_text(f"Class,Segments\n1,a:0 b:5\n{row}\n")
    with pytest.raises(FormatError, match=f"{message}.* in line 3 of") as caught:
        read_segments(path, width=10)
    assert caught.value.path == path
    assert read_segments(path, width=10, skipped=(skipped := Skipped())) == {1: ("a:0", "b:5")}
    assert skipped.rows == 1


def test_another_head_or_no_row_is_refused(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("VideoId,LabelConfidencePairs\n")
    with pytest.raises(FormatError, match="begin with Class,Segments.* in line 1"):
        read_segments(path, width=10)
    path.write_text("Class Id,Segment Ids\n")
    with pytest.raises(FormatError, match="one row or more"):
        read_segments(path, width=10)


def test_a_segment_of_another_name_is_not_written(tmp_path):
    with pytest.raises(FormatError, match="a segment is called video:start, got 'a b:0'"):
        write_segments(tmp_path / "s.csv", {1: ["a b:0"]})
    assert list(tmp_path.iterdir()) == []
