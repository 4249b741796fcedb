"""The list of labelled clips."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.datasets.labelfiles import read_labels, workshop
from cueline.errors import FormatError

CLASSES = ("holiday", "halloween", "gift giving")


def _read(tmp_path, entries):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(entries))
    return read_labels(path)


def _entry(labels, etag="1", data="https://host/a.mp4"):
    return {"etag": etag, "labels": labels, "data": data}


def test_labels_say_yes_and_the_rest_no(tmp_path):
    (item,) = _read(tmp_path, [_entry(["holiday", "gift giving"])]).items
    assert (item.clip, item.key, item.where) == ("https://host/a.mp4", "1", "item 1")
    assert (dict(item.said), item.rest, item.doubt) == ({"holiday": "yes", "gift giving": "yes"}, "no", "")


@pytest.mark.parametrize("labels", [[], ["none of the above"], ["None of the Above"]])
def test_no_label_says_no_to_all(tmp_path, labels):
    (item,) = _read(tmp_path, [_entry(labels)]).items
    assert (dict(item.said), item.rest, item.doubt) == ({}, "no", "")


def test_a_label_beside_none_of_the_above_is_unsure_and_says_why(tmp_path):
    (item,) = _read(tmp_path, [_entry(["holiday", "none of the above"])]).items
    assert (dict(item.said), item.rest) == ({"holiday": "unsure"}, "no")
    assert item.doubt == "'holiday' and 'none of the above' are said at once"


def test_a_clip_without_an_address_is_called_by_its_key(tmp_path):
    assert _read(tmp_path, [{"etag": "e1", "labels": []}]).items[0].clip == "e1"


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("text", "item 2 must be an object with etag, labels and data, got 'text'"),
        (_entry("holiday"), "item 2 must have a list of texts as its 'labels', got 'holiday'"),
        (_entry([1]), "item 2 must have a list of texts"),
        (_entry([" "]), "item 2 must have labels with names"),
        ({"labels": []}, "item 2 must say its clip, as a text 'data' or 'etag', got etag None, data None"),
        (_entry([], etag=True), "item 2 must say its clip"),
    ],
)
def test_a_bad_item_is_skipped_and_the_good_ones_are_kept(tmp_path, entry, told):
    found = _read(tmp_path, [_entry(["holiday"]), entry, _entry([], "3", "c.mp4")])
    assert [item.where for item in found.items] == ["item 1", "item 3"]
    assert [skip.where for skip in found.skipped] == ["item 2"]
    assert found.skipped[0].reason.startswith(told)


@pytest.mark.parametrize(("etag", "key"), [(5, "5"), (0, "0"), (1.5, "1.5"), (None, "")])
def test_a_number_as_etag_is_taken_as_text(tmp_path, etag, key):
    (item,) = _read(tmp_path, [_entry(["holiday"], etag=etag)]).items
    assert item.key == key


def test_what_is_no_list_is_refused(tmp_path):
    with pytest.raises(FormatError, match="must be a list of objects with etag, labels and data"):
        workshop.read(tmp_path, {"a": 1})


verdicts = st.dictionaries(st.sampled_from(CLASSES), st.sampled_from(["yes", "no"]), min_size=3)


@given(st.lists(verdicts, max_size=5))
def test_what_is_written_is_read_back(said):
    clips = [(f"e{number}", f"https://host/{number}.mp4", each) for number, each in enumerate(said)]
    text, left_out = workshop.written(clips)
    items = workshop.read(None, json.loads(text)).items
    assert not left_out
    assert [(item.key, item.clip, {n: item.said.get(n, item.rest) for n in CLASSES}) for item in items] == clips


def test_an_unsure_class_among_noes_is_written_as_the_contradiction_it_came_from():
    text, left_out = workshop.written([("e", "a.mp4", {"holiday": "unsure", "halloween": "no"})])
    assert json.loads(text)[0]["labels"] == ["holiday", "none of the above"]
    assert not left_out


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"holiday": "yes", "halloween": "unsure"}, "would say no to 'halloween', which is unsure"),
        ({"holiday": "yes", "halloween": ""}, "would say no to 'halloween', which is not judged"),
        ({"holiday": "tied"}, "would say no to 'holiday', which is tied"),
    ],
)
def test_a_clip_of_which_the_list_would_say_too_much_is_left_out(said, reason):
    text, left_out = workshop.written([("e", "a.mp4", said)])
    assert json.loads(text) == []
    assert reason in left_out[0].reason


def test_a_thousand_real_clips_are_read_and_fifteen_contradict_themselves(real_data):
    found = read_labels(real_data / "contextual" / "labels.json")
    assert (len(found.items), len(found.skipped), len(found.classes)) == (1000, 0, 5)
    assert sum(bool(item.doubt) for item in found.items) == 15
