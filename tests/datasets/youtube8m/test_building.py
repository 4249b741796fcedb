"""Building the compact form."""

import numpy as np
import pytest

from cueline.datasets.youtube8m.building import Builder
from cueline.datasets.youtube8m.compact import open_compact
from cueline.datasets.youtube8m.quantising import dequantised, quantised
from cueline.datasets.youtube8m.rows import Row, VideoRows
from cueline.errors import FormatError, OptionError
from cueline.timeline.examples import LabelLists

OPTIONS = {"parts": {"a": 3}, "classes": 4}
FLOATS = np.array([[-1.5, 0.25, 1.9], [0.0, 0.5, 1.0]], np.float32)


def rows(values=FLOATS, ids=(), labels=((1,), ()), width=4):
    return VideoRows(values, LabelLists.of(labels, width=width), ids)


def segments(*starts):
    return VideoRows.of(
        [Row(f"v:{s}", FLOATS[0], np.array([1]), np.array([1, 2]), s, s + 5, "v") for s in starts], classes=4
    )


def built(folder, *batches, **options):
    with Builder(folder, **OPTIONS, **options) as builder:
        for batch in batches:
            builder.put(batch)
    return builder.compact


def test_batches_come_one_after_the_other(tmp_path):
    compact = built(
        tmp_path / "c", rows(ids=["x", ""]), rows(FLOATS[:0], labels=()), rows(FLOATS + 0.1, ids=["y", "z"])
    )
    np.testing.assert_array_equal(compact.values, np.concatenate([FLOATS, FLOATS + np.float32(0.1)]))
    assert list(compact.ids) == ["x", "", "y", "z"]
    assert compact.labels.lengths.tolist() == [1, 0, 1, 0]
    np.testing.assert_array_equal(np.load(tmp_path / "c" / "features.npy"), compact.values)


@pytest.mark.parametrize("dtype", ["float16", "float32", "uint8"])
def test_numbers_are_kept_as_asked(tmp_path, dtype):
    compact = built(tmp_path / "c", rows(), dtype=dtype)
    assert compact.values.dtype == dtype
    np.testing.assert_allclose(
        compact.floats(slice(None)), FLOATS, atol={"uint8": 0.0079, "float16": 1e-3}.get(dtype, 0)
    )


def test_bytes_stay_bytes_or_become_what_they_stand_for(tmp_path):
    values = quantised(FLOATS)
    assert built(tmp_path / "a", rows(values)).values.dtype == np.uint8
    np.testing.assert_array_equal(built(tmp_path / "b", rows(values), dtype="float32").values, dequantised(values))


def test_segments_keep_spans_groups_and_what_was_rated(tmp_path):
    compact = built(tmp_path / "c", segments(0, 5), segments(10))
    examples = compact.examples()
    assert examples.spans.tolist() == [[0, 5], [5, 10], [10, 15]]
    assert examples.groups.tolist() == [0, 0, 0]
    assert examples.unknown[1].tolist() == [0, 3]
    some = compact.examples(np.array([2]))
    assert (list(some.assets), some.spans.tolist(), some.unknown[0].tolist()) == (["v:10"], [[10, 15]], [0, 3])
    compact.verify()


def test_the_hash_is_of_what_the_rows_say(tmp_path):
    first = built(tmp_path / "a", rows(), rows())
    assert built(tmp_path / "b", rows(np.concatenate([FLOATS, FLOATS]), labels=[[1], [], [1], []])).hash == first.hash
    assert built(tmp_path / "c", rows(), rows(labels=[[2], []])).hash != first.hash
    assert built(tmp_path / "d", rows(ids=["x", "y"]), rows(ids=["x", "y"])).hash != first.hash


@pytest.mark.parametrize(
    ("batch", "options", "message"),
    [
        (rows(FLOATS[:, :2]), {}, "rows must have 3 numbers and 4 classes, got 2 and 4 from row 2 on"),
        (rows(width=5), {}, "got 3 and 5"),
        (rows(ids=["x", "y"]), {}, "got videos with ids after videos without ids from row 2 on"),
        (segments(0), {}, "rows must be of one kind, got segments with ids"),
        (rows(FLOATS * 9), {"dtype": "uint8"}, "numbers kept as bytes must lie in -2 to 2, got -13.5 to 17.1"),
        (rows(FLOATS * 1e6), {"dtype": "float16"}, "numbers must fit float16"),
    ],
)
def test_rows_that_do_not_fit_end_it_and_leave_nothing(tmp_path, batch, options, message):
    with pytest.raises(FormatError, match=message):
        built(tmp_path / "c", rows(), batch, **options)
    assert list(tmp_path.iterdir()) == []


def test_no_rows_are_no_form(tmp_path):
    with pytest.raises(FormatError, match="one row or more, got none"):
        built(tmp_path / "c")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_to_be_seen_before_the_end(tmp_path):
    with Builder(tmp_path / "c", **OPTIONS) as builder:
        builder.put(rows())
        assert not (tmp_path / "c").exists()
        (aside,) = tmp_path.iterdir()
        assert aside.name.startswith(".c.")
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_an_interruption_leaves_nothing(tmp_path):
    def interrupted():
        with Builder(tmp_path / "c", **OPTIONS) as builder:
            builder.put(rows())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_is_replaced_on_request_alone(tmp_path):
    built(tmp_path / "c", rows())
    with pytest.raises(OptionError, match=r"holds a compact form already\. Name another, or add --replace"):
        built(tmp_path / "c", rows())
    assert len(built(tmp_path / "c", rows(), rows(), replace=True)) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
    (tmp_path / "other").mkdir()
    with pytest.raises(OptionError, match=r"holds something else already\. Name another folder"):
        built(tmp_path / "other", rows(), replace=True)


def test_a_form_that_shall_be_replaced_stays_when_the_new_one_fails(tmp_path):
    before = built(tmp_path / "c", rows()).hash
    with pytest.raises(FormatError, match="rows must have 3 numbers"):
        built(tmp_path / "c", rows(FLOATS[:, :2]), replace=True)
    assert open_compact(tmp_path / "c").hash == before


def test_an_unknown_dtype_is_refused_with_the_near_miss(tmp_path):
    with pytest.raises(OptionError, match="Did you mean 'float32'"):
        Builder(tmp_path / "c", dtype="float23")
