"""What was left out is counted and told."""

import pytest

from cueline.datasets.youtube8m.skipping import MOST_REASONS, Skipped, refuse
from cueline.errors import FormatError


def test_without_a_place_to_note_it_a_bad_row_is_an_error():
    with pytest.raises(FormatError, match="bad row"):
        refuse(FormatError("bad row"), None)


def test_rows_bytes_and_reasons_are_told():
    skipped = Skipped()
    assert not skipped
    refuse(FormatError("one"), skipped)
    refuse(FormatError("two"), skipped, bytes_lost=1500)
    assert skipped
    assert str(skipped) == "2 rows left out, 1,500 bytes lost\none\ntwo"


def test_a_million_reasons_are_not_kept():
    skipped = Skipped()
    for number in range(MOST_REASONS + 20):
        skipped.note(FormatError(f"bad {number}"))
    assert len(skipped.reasons) == MOST_REASONS
    assert str(skipped).endswith("bad 99\n... and 20 more")
