"""Rows of clips: columns by name, spans in any order, nothing invented where nothing is."""

import numpy as np
import pytest

from cueline.errors import FormatError
from cueline.models.cards import Input
from cueline.models.clip_rows import clip_rows
from cueline.timeline.spans import as_spans
from cueline.timeline.tracks import FeatureTrack, LabelTrack

TWO = Input("sound", 2, ("mean", "std"), ("b", "a"))


def track(columns=("frames", "a", "b"), rows=8):
    edges = np.arange(rows + 1) / 2
    values = np.arange(rows * len(columns), dtype=np.float32).reshape(rows, len(columns))
    return FeatureTrack(np.column_stack((edges[:-1], edges[1:])), values, columns, "audio:0")


def test_columns_are_found_by_name_whatever_their_order_and_number():
    found = clip_rows([TWO], {"sound": track()}, as_spans([[0, 1]]))
    np.testing.assert_allclose(found, [[3.5, 2.5, 1.5, 1.5]])
    wider = track(("new", "b", "a"))
    np.testing.assert_allclose(clip_rows([TWO], {"sound": wider}, as_spans([[0, 1]]))[0, :2], [2.5, 3.5])


def test_spans_keep_the_order_in_which_they_were_asked_for():
    spans = as_spans([[2, 4], [0, 2], [1, 3], [0, 1]])
    found = clip_rows([TWO], {"sound": track()}, spans)
    for row, span in zip(found, spans, strict=True):
        np.testing.assert_allclose(row, clip_rows([TWO], {"sound": track()}, as_spans([span]))[0])


def test_a_span_without_a_row_is_not_a_number():
    found = clip_rows([TWO], {"sound": track()}, as_spans([[100, 110], [0, 1]]))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
    empty = FeatureTrack(np.empty((0, 2)), np.empty((0, 0), np.float32))
    assert np.isnan(clip_rows([TWO], {"sound": empty}, as_spans([[0, 1]]))).all()
    assert clip_rows([TWO], {"sound": track()}, as_spans([])).shape == (0, 4)


def test_a_track_or_column_that_is_missing_is_named():
    with pytest.raises(FormatError, match="needs the track 'sound'; there are: none"):
        clip_rows([TWO], {}, as_spans([[0, 1]]))
    labels = LabelTrack(as_spans([[0, 1]]), ("a",))
    with pytest.raises(FormatError, match="needs the track 'sound'"):
        clip_rows([TWO], {"sound": labels}, as_spans([[0, 1]]))
    with pytest.raises(FormatError, match="needs the column 'b' of the track 'sound', which has 1 others"):
        clip_rows([TWO], {"sound": track(("a",))}, as_spans([[0, 1]]))
