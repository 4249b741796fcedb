"""Each person beside the others: perfect, empty, refusal, worked by hand, oracle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cueline.errors import TimelineError
from cueline.evaluation.agreement import cohen_kappa, krippendorff_alpha
from cueline.evaluation.annotators import pairs_of_people, people_and_others

tables = arrays.arrays(np.int8, st.tuples(st.integers(0, 10), st.integers(0, 4)), elements=st.integers(-2, 2))


def by_hand(table, person):
    """Judged, shared, share of others that say the same, share with a clear majority of the others."""
    judged, same, most = 0, [], []
    for row in table.tolist():
        others = [value for i, value in enumerate(row) if i != person and value >= 0]
        judged += row[person] >= 0
        if row[person] >= 0 and others:
            same.append(others.count(row[person]) / len(others))
            counts = sorted((others.count(value) for value in set(others)), reverse=True)
            if len(counts) == 1 or counts[0] > counts[1]:
                most.append(max(set(others), key=others.count) == row[person])
    mean = [float(np.mean(values)) if values else math.nan for values in (same, most)]
    return judged, len(same), *mean


class TestPairs:
    def test_every_two_stand_there_once(self):
        found = pairs_of_people(np.zeros((2, 4), int))
        assert [(pair.first, pair.second) for pair in found] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]

    def test_two_who_agree_have_one_and_who_shares_nothing_has_nan(self):
        found = pairs_of_people([[1, 1, -1], [0, 0, -1], [-1, -1, 1]])
        assert (found[0].items, found[0].percent, found[0].kappa) == (2, 1, 1)
        assert found[1].items == 0
        assert math.isnan(found[1].percent)
        assert math.isnan(found[1].kappa)

    def test_one_person_makes_no_pair(self):
        assert pairs_of_people([[1], [0]]) == []

    @given(tables)
    def test_kappa_is_that_of_the_two_columns(self, table):
        for pair in pairs_of_people(table):
            expected = cohen_kappa(table[:, pair.first], table[:, pair.second])
            assert pair.kappa == pytest.approx(expected, nan_ok=True)

    def test_what_is_no_table_is_refused(self):
        with pytest.raises(TimelineError, match=r"shape \(I, P\)"):
            pairs_of_people([1, 0])


class TestPeople:
    def test_people_who_agree_have_one(self):
        for person in people_and_others([[1, 1, 1], [0, 0, 0]]):
            assert (person.percent, person.majority, person.alpha_without) == (1, 1, 1)

    def test_who_guesses_stands_apart(self):
        dice = np.random.default_rng(0)
        truth = dice.integers(0, 2, 300)
        found = people_and_others(np.column_stack((truth, truth, truth, dice.integers(0, 2, 300))))
        assert found[3].majority < 0.6
        assert found[3].alpha_without == 1
        assert max(found[i].alpha_without for i in range(3)) < 0.7

    def test_one_labeller_has_nobody_beside(self):
        (found,) = people_and_others([[1], [0], [-1]])
        assert (found.judged, found.shared) == (2, 0)
        assert all(map(math.isnan, (found.percent, found.majority, found.alpha_without)))

    def test_where_the_others_are_always_tied_there_is_no_majority(self):
        found = people_and_others([[1, 0, 1], [1, 1, 0]])[0]
        assert found.percent == 0.5
        assert math.isnan(found.majority)

    @given(tables)
    def test_they_are_what_counting_gives(self, table):
        for person, found in enumerate(people_and_others(table)):
            values = (found.judged, found.shared, found.percent, found.majority)
            assert values == pytest.approx(by_hand(table, person), nan_ok=True)
            rest = krippendorff_alpha(np.delete(table, person, axis=1))
            assert found.alpha_without == pytest.approx(rest, nan_ok=True)

    def test_what_is_no_table_is_refused(self):
        with pytest.raises(TimelineError, match="whole numbers"):
            people_and_others([[0.5]])
