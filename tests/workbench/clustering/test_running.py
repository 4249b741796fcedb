"""Clusters of clips, judged by what is known of them."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.learning.clustering.methods import METHODS, How
from cueline.workbench.clustering.labels import KnownLabels, no_labels
from cueline.workbench.clustering.running import read_numbers, run
from tests.workbench.clustering.made import table

TABLE, KINDS = table()
KNOWN = KnownLabels(tuple(KINDS), "made")


@pytest.mark.parametrize("method", METHODS)
def test_three_kinds_are_pure_clusters(method):
    found = run(TABLE, KNOWN, How(method))
    values = {measure.name: measure for measure in found.measures}
    assert values["purity"].result.value == 1
    assert values["purity"].base == pytest.approx(1 / 3, abs=0.03)
    assert values["purity"].result.note.startswith("only 9 groups")
    assert values["adjusted Rand index"].result.value > 0.85
    assert {row.main for row in found.rows[:3]} == {"hum", "hiss", "hush"}
    assert sum(row.clips for row in found.rows) == 90
    assert all(row.typical for row in found.rows if row.name != "outsiders")


def test_labels_make_no_cluster():
    mixed = KnownLabels(tuple(np.random.default_rng(0).permutation(KINDS).tolist()), "made")
    found, other = run(TABLE, KNOWN, How()), run(TABLE, mixed, How())
    assert np.array_equal(found.clustering.groups, other.clustering.groups)
    assert {m.name: m for m in other.measures}["adjusted Rand index"].result.value < 0.2


def test_without_labels_silhouette_alone_is_told():
    found = run(TABLE, no_labels(TABLE), How())
    assert [measure.name for measure in found.measures] == ["silhouette"]
    assert all(math.isnan(row.purity) and not row.main for row in found.rows)


def test_clips_of_unknown_label_take_no_part_in_judging():
    some = KnownLabels(tuple(name if place % 3 else "" for place, name in enumerate(KINDS)), "made")
    found = run(TABLE, some, How())
    assert sum(row.labelled for row in found.rows) == 60
    assert sum(row.clips for row in found.rows) == 90


def test_clips_without_a_number_are_left_out_and_told():
    values = TABLE.values.copy()
    values[[0, 1, 40]] = np.nan
    found = run(replace(TABLE, values=values), KNOWN, How())
    assert len(found.clustering.groups) == 87
    assert found.notes[-1].startswith("3 clips of 2 files are left out")
    assert found.notes[-1].endswith("2 of them are of hum 0.wav.")
    with pytest.raises(TimelineError, match="at least one clip must have finite numbers"):
        run(replace(TABLE, values=np.full_like(values, np.nan)), KNOWN, How())


@pytest.mark.parametrize("method", METHODS)
def test_clips_that_are_all_alike_and_a_single_clip_are_one_cluster(method):
    same = run(replace(TABLE, values=np.ones_like(TABLE.values)), KNOWN, How(method))
    assert same.clustering.count == 1
    assert "All clips are alike" in same.notes[0]
    one = replace(TABLE, owner=TABLE.owner[:1], spans=TABLE.spans[:1], values=TABLE.values[:1])
    assert run(one, no_labels(one), How(method)).clustering.count == 1


def test_columns_may_be_taken_as_they_are():
    found = run(TABLE, KNOWN, How(keep=0, scale="none"))
    assert found.parts.kept == 6
    assert found.clustering.count == 3


def test_guided_labelling_says_what_its_answers_are_worth():
    found = run(TABLE, KNOWN, How("guided", ask=15))
    values = {measure.name: measure.result.value for measure in found.measures}
    assert values["right by the cut"] == 1
    assert len(found.guided.asked) == 15


@pytest.mark.parametrize("text", ["", "0", "5-2", "two", "1-999", "3-"])
def test_numbers_of_clusters_are_refused_where_they_are_none(text):
    with pytest.raises(OptionError, match="clusters"):
        read_numbers(text)
