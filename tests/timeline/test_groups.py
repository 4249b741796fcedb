"""Connected components of groups."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cueline.timeline.groups import components

kinds = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xyz"), max_size=2)


def test_nobody_is_in_no_component():
    assert components([]).tolist() == []


def test_assets_without_groups_are_alone():
    assert components([{}, {}]).tolist() == [0, 1]


def test_the_same_name_of_another_kind_binds_nothing():
    assert components([{"show": "A"}, {"film": "A"}]).tolist() == [0, 1]


def test_only_the_kinds_that_are_asked_for_bind():
    groups = [{"show": "A", "year": "1980"}, {"show": "B", "year": "1980"}]
    assert components(groups).tolist() == [0, 0]
    assert components(groups, kinds=["show"]).tolist() == [0, 1]


@given(st.lists(kinds, max_size=12))
def test_it_equals_spreading_along_shared_groups(groups):
    together = np.array([[bool(one.items() & other.items()) or one is other for other in groups] for one in groups])
    reach = together.reshape(len(groups), len(groups)).astype(bool)
    for _ in groups:
        reach = reach @ reach
    found = components(groups)
    assert np.array_equal(found[:, None] == found[None, :], reach)
    assert list(dict.fromkeys(found.tolist())) == list(range(len(set(found.tolist()))))
