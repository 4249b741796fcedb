"""What an item of a label file says."""

import pytest

from cueline.datasets.labelfiles import LabelFile, LabelItem
from cueline.errors import FormatError


def test_an_item_prints_what_it_says_on_one_line():
    assert (
        repr(LabelItem("a.mp4", {"rain": "yes"}, "no", where="item 3"))
        == "LabelItem('a.mp4', rain yes, rest no, item 3)"
    )


@pytest.mark.parametrize(
    ("clip", "said", "rest", "told"),
    [
        (" ", {"rain": "yes"}, "", "item 3 must name its clip"),
        ("a.mp4", {}, "", "item 3 must say something of 'a.mp4'"),
    ],
)
def test_an_item_about_nothing_is_refused(clip, said, rest, told):
    with pytest.raises(FormatError, match=told):
        LabelItem(clip, said, rest, where="item 3")


def test_a_file_knows_its_classes_in_order_of_first_mention():
    items = [LabelItem("a", {"rain": "yes", "snow": "no"}), LabelItem("b", {"fog": "yes", "rain": "yes"})]
    found = LabelFile("json", items)
    assert found.classes == ("rain", "snow", "fog")
    assert repr(found) == "LabelFile(json, 2 items, 0 skipped)"
