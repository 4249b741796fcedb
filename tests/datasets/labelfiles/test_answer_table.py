"""The table of answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles import answer_table, read_labels
from cueline.errors import FormatError
from cueline.timeline.answers import Answer
from cueline.timeline.spans import Span


def _read(tmp_path, text):
    path = tmp_path / "answers.csv"
    path.write_text(text)
    return read_labels(path)


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Z"]), min_size=1)
spans = st.none() | st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)).map(lambda pair: Span(*sorted(pair)))
answers = st.builds(
    Answer,
    asset=st.just("asset"),
    label=names,
    verdict=st.sampled_from(["yes", "no", "unsure", "skipped"]),
    who=names,
    span=spans,
    label_version=st.integers(0, 9),
    shown=st.sampled_from(["", "abc"]),
)


@given(st.lists(st.tuples(names, names, answers), max_size=5))
def test_what_is_written_is_read_back(rows):
    items = answer_table.read(None, answer_table.written(rows)).items
    back = [
        (i.clip, i.key, Answer(i.asset, label, verdict, i.who, i.span, **i.given))
        for i in items
        for label, verdict in i.said.items()
    ]
    assert back == rows


def test_a_table_made_by_hand_needs_three_columns(tmp_path):
    found = _read(tmp_path, "Class,Clip,Verdict\nrain,a.mp4,Yes\n")
    (item,) = found.items
    assert (found.form, item.clip, dict(item.said), item.rest, item.who) == ("csv", "a.mp4", {"rain": "yes"}, "", "")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a.mp4,rain,yess,,,", "line 3 must have a verdict yes, no, unsure, skipped, got 'yess'. Did you mean 'yes'?"),
        ("a.mp4,,yes,,,", "line 3 must name its class"),
        (",rain,yes,,,", "line 3 must name its clip"),
        ("a.mp4,rain,yes,1,,", "line 3 must have both a start and an end"),
        ("a.mp4,rain,yes,3,1,", "a span must not end before it starts"),
        ("a.mp4,rain,yes,x,y,", "a time must read like"),
        ("a.mp4,rain,yes,,,two", "line 3 must have a whole number as label_version"),
    ],
)
def test_a_bad_line_is_skipped_and_the_good_ones_are_kept(tmp_path, row, told):
    found = _read(tmp_path, f"clip,class,verdict,start,end,label_version\nb.mp4,rain,no,1,0:02,\n{row}\n")
    assert [(item.where, item.span) for item in found.items] == [("line 2", Span(1, 2))]
    assert [skip.where for skip in found.skipped] == ["line 3"]
    assert told in found.skipped[0].reason


def test_a_line_with_a_fault_is_skipped_too(tmp_path):
    found = _read(tmp_path, 'clip,class,verdict\n"a.mp4,rain,yes\nb.mp4,rain,no\nc.mp4,rain,yes,no\n')
    assert [item.clip for item in found.items] == ["b.mp4"]
    assert [skip.reason.partition(",")[0] for skip in found.skipped] == [
        "line 2 must be a line of a table",
        "line 4 must have 3 cells",
    ]


def test_a_table_without_a_verdict_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"must have the columns clip, class, verdict; it has: clip, class"):
        answer_table.read(tmp_path, "clip,class\n")
