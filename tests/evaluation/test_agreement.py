"""Measures of agreement: perfect, empty, refusal, golden, oracle; and their intervals."""

import json
import math
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cueline.errors import OptionError, TimelineError
from cueline.evaluation.agreement import (
    agreement_interval,
    cohen_kappa,
    fleiss_kappa,
    krippendorff_alpha,
    percent_agreement,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "agreement.json"
_ = -1
# Krippendorff 2011, part C: four observers, twelve units, five categories.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# Fleiss 1971 as it is retold most often: ten items, fourteen raters, counts of five categories.
FOURTEEN = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]

tables = arrays.arrays(np.int8, st.tuples(st.integers(0, 12), st.integers(0, 5)), elements=st.integers(-2, 3))
full_tables = arrays.arrays(np.int8, st.tuples(st.integers(0, 12), st.integers(2, 5)), elements=st.integers(0, 3))


def judgements(row):
    return [int(value) for value in row if value >= 0]


def coincidences(table):
    """The coincidence matrix: every ordered pair of judgements of an item, weighed by 1 / (judgements - 1)."""
    found = {}
    for row in map(judgements, table):
        for pair in permutations(row, 2):
            found[pair] = found.get(pair, 0) + Fraction(1, len(row) - 1)
    return found


def alpha_by_hand(table):
    found = coincidences(table)
    totals = {}
    for (one, _two), weight in found.items():
        totals[one] = totals.get(one, 0) + weight
    count = sum(totals.values())
    apart = sum(weight for (one, two), weight in found.items() if one != two)
    chance = sum(a * b for i, a in totals.items() for j, b in totals.items() if i != j)
    return None if not chance else 1 - (count - 1) * apart / chance


def percent_by_hand(table):
    shares = []
    for row in map(judgements, table):
        pairs = list(permutations(row, 2))
        if pairs:
            shares.append(Fraction(sum(one == two for one, two in pairs), len(pairs)))
    return sum(shares) / len(shares) if shares else None


def cohen_by_hand(first, second):
    both = [(int(a), int(b)) for a, b in zip(first, second, strict=True) if a >= 0 and b >= 0]
    if not both:
        return None
    same = Fraction(sum(a == b for a, b in both), len(both))
    names = {name for pair in both for name in pair}
    sides = [{name: Fraction(sum(pair[i] == name for pair in both), len(both)) for name in names} for i in (0, 1)]
    chance = sum(sides[0][name] * sides[1][name] for name in names)
    return None if chance == 1 else (same - chance) / (1 - chance)


def fleiss_by_hand(table):
    same, rows = percent_by_hand(table), [judgements(row) for row in table]
    if same is None:
        return None
    said = [value for row in rows for value in row]
    chance = sum(Fraction(said.count(name), len(said)) ** 2 for name in set(said))
    return None if chance == 1 else (same - chance) / (1 - chance)


def equals(found, expected):
    return math.isnan(found) if expected is None else found == pytest.approx(float(expected), abs=1e-12)


class TestPerfect:
    @pytest.mark.parametrize("measure", [percent_agreement, fleiss_kappa, krippendorff_alpha])
    def test_people_who_always_agree_have_one(self, measure):
        assert measure([[0, 0, 0], [1, 1, 1], [2, 2, 2]]) == 1

    def test_two_who_always_agree_have_one(self):
        assert cohen_kappa([0, 1, 2, -1], [0, 1, 2, 2]) == 1

    def test_two_who_always_say_the_opposite_have_less_than_nothing(self):
        assert cohen_kappa([0, 1], [1, 0]) == -1
        assert krippendorff_alpha([[0, 1], [1, 0]]) == -0.5
        assert percent_agreement([[0, 1], [1, 0]]) == 0


class TestEmpty:
    @pytest.mark.parametrize("measure", [percent_agreement, fleiss_kappa, krippendorff_alpha])
    @pytest.mark.parametrize("shape", [(0, 3), (4, 0), (0, 0), (4, 3)])
    def test_nothing_judged_is_nan(self, measure, shape):
        assert math.isnan(measure(np.full(shape, -1)))

    @pytest.mark.parametrize("measure", [percent_agreement, krippendorff_alpha])
    def test_one_labeller_is_nan(self, measure):
        assert math.isnan(measure([[0], [1], [1]]))
        assert math.isnan(measure([[0, -1], [-1, 1]]))

    def test_nothing_judged_by_both_is_nan(self):
        assert math.isnan(cohen_kappa([0, -1], [-1, 1]))
        assert math.isnan(cohen_kappa([], []))

    def test_where_all_say_the_same_chance_explains_everything(self):
        same = [[1, 1], [1, 1], [0, -1]]
        assert math.isnan(krippendorff_alpha(same))
        assert math.isnan(cohen_kappa(*np.transpose(same)))
        assert math.isnan(fleiss_kappa(same[:2]))
        assert percent_agreement(same) == 1


class TestRefusal:
    @pytest.mark.parametrize("measure", [percent_agreement, fleiss_kappa, krippendorff_alpha])
    def test_what_is_no_table_is_refused(self, measure):
        with pytest.raises(TimelineError, match=r"shape \(I, P\), items x people, got \(3,\)"):
            measure([0, 1, 1])
        with pytest.raises(TimelineError, match="whole numbers, with -1 for what is missing, got float64"):
            measure([[0.0, math.nan]])

    def test_two_people_must_rate_the_same_items(self):
        with pytest.raises(TimelineError, match=r"same items, shape \(I,\), got \(2,\) and \(3,\)"):
            cohen_kappa([0, 1], [0, 1, 1])
        with pytest.raises(TimelineError, match="got float64"):
            cohen_kappa([0.5, 1], [0, 1])

    def test_fleiss_is_of_as_many_judgements_an_item(self):
        with pytest.raises(TimelineError, match="got 3 in row 1 and 2 in row 3. Take Krippendorff's alpha"):
            fleiss_kappa([[-1, -1, -1], [1, 0, 1], [1, 1, 1], [0, 0, -1]])
        with pytest.raises(TimelineError, match="two or more, got 1 in row 0 and 1 in row 0"):
            fleiss_kappa([[1], [0]])


class TestGolden:
    def test_four_observers_and_twelve_units(self):
        assert krippendorff_alpha(np.transpose(OBSERVERS)) == pytest.approx(0.743, abs=5e-4)

    def test_fourteen_raters_and_ten_items(self):
        table = [np.repeat(np.arange(5), counts) for counts in FOURTEEN]
        assert fleiss_kappa(table) == pytest.approx(0.210, abs=5e-4)
        assert percent_agreement(table) == pytest.approx(0.378, abs=5e-4)

    def test_fifty_proposals_and_two_readers(self):
        first = np.repeat([1, 1, 0, 0], [20, 5, 10, 15])
        second = np.repeat([1, 0, 1, 0], [20, 5, 10, 15])
        assert cohen_kappa(first, second) == pytest.approx(0.4)

    def test_they_are_the_numbers_of_krippendorff_and_statsmodels(self):
        for case in json.loads(GOLDEN.read_text()):
            table = np.array(case["ratings"])
            assert krippendorff_alpha(table) == pytest.approx(case["alpha"], abs=1e-9)
            assert cohen_kappa(*table[:, :2].T) == pytest.approx(case["cohen"], abs=1e-9)
            if "fleiss" in case:
                assert fleiss_kappa(table) == pytest.approx(case["fleiss"], abs=1e-9)


class TestOracle:
    @given(tables)
    def test_alpha_is_that_of_the_coincidence_matrix(self, table):
        assert equals(krippendorff_alpha(table), alpha_by_hand(table))

    @given(tables)
    def test_percent_counts_pairs(self, table):
        assert equals(percent_agreement(table), percent_by_hand(table))

    @given(st.integers(0, 20).flatmap(lambda n: arrays.arrays(np.int8, (2, n), elements=st.integers(-2, 3))))
    def test_kappa_is_that_of_the_definition(self, both):
        assert equals(cohen_kappa(*both), cohen_by_hand(*both))

    @given(full_tables)
    def test_fleiss_is_that_of_the_definition(self, table):
        assert equals(fleiss_kappa(table), fleiss_by_hand(table))

    @given(tables, st.randoms(use_true_random=False))
    def test_order_of_items_people_and_names_of_categories_do_not_matter(self, table, dice):
        other = table[dice.sample(range(len(table)), len(table))]
        other = other[:, dice.sample(range(other.shape[1]), other.shape[1])]
        other = np.where(other >= 0, 7 - other, other)
        assert krippendorff_alpha(other) == pytest.approx(krippendorff_alpha(table), nan_ok=True)


class TestInterval:
    @pytest.mark.parametrize("measure", ["percent", "cohen", "fleiss", "krippendorff"])
    def test_its_value_is_the_measure_and_lies_within(self, measure):
        dice = np.random.default_rng(1)
        table = np.where(dice.random((200, 2)) < 0.2, dice.integers(0, 3, (200, 2)), dice.integers(0, 3, (200, 1)))
        found = agreement_interval(table, np.arange(200), measure=measure, resamples=200)
        value = {"percent": percent_agreement, "fleiss": fleiss_kappa, "krippendorff": krippendorff_alpha}
        expected = cohen_kappa(*table.T) if measure == "cohen" else value[measure](table)
        assert found.value == pytest.approx(expected)
        assert found.low < expected < found.high

    def test_a_resample_is_the_table_of_its_items(self):
        dice = np.random.default_rng(2)
        table, groups = dice.integers(-1, 2, (60, 3)), dice.integers(0, 12, 60)
        found = agreement_interval(table, groups, resamples=100, seed=3)
        wanted = np.flatnonzero((table >= 0).sum(axis=1) > 1)
        names = np.unique(groups[wanted])
        drawn = np.random.default_rng(3).integers(len(names), size=(100, len(names)))
        values = [
            krippendorff_alpha(table[np.concatenate([wanted[groups[wanted] == names[g]] for g in row])])
            for row in drawn
        ]
        spread = np.quantile(values, 0.975) - np.quantile(values, 0.025)
        assert found.high - found.low == pytest.approx(spread)

    def test_an_interval_over_groups_is_wider_than_one_over_items(self):
        dice = np.random.default_rng(4)
        hard = np.repeat(dice.random(20) < 0.5, 20)[:, None]  # whole films are hard
        table = np.where(
            hard & (dice.random((400, 3)) < 0.6), dice.integers(0, 2, (400, 3)), dice.integers(0, 2, (400, 1))
        )
        alone = agreement_interval(table, np.arange(400))
        grouped = agreement_interval(table, np.repeat(np.arange(20), 20))
        assert grouped.high - grouped.low > 1.5 * (alone.high - alone.low)

    def test_items_of_one_judgement_take_no_part(self):
        table = np.array([[0, 0], [1, 1], [0, 1]] * 10)
        more = np.concatenate((table, [[1, -1]] * 50))
        assert agreement_interval(more, np.arange(80)) == agreement_interval(table, np.arange(30))

    def test_one_group_has_no_interval(self):
        found = agreement_interval([[0, 0], [1, 1], [0, 1]], ["film"] * 3)
        assert math.isnan(found.low)
        assert "one group" in found.note

    def test_nothing_to_compare_has_none_and_says_so(self):
        assert "no items" in agreement_interval([[0, -1]], [0]).note

    def test_what_cannot_be_measured_is_refused(self):
        with pytest.raises(OptionError, match="one of percent, cohen, .* got 'fleis'. Did you mean 'fleiss'"):
            agreement_interval([[0, 1]], [0], measure="fleis")
        with pytest.raises(TimelineError, match=r"one label an item, shape \(1,\), got \(2,\)"):
            agreement_interval([[0, 1]], [0, 1])
        with pytest.raises(TimelineError, match="of two people, got 3"):
            agreement_interval([[0, 1, 1]], [0], measure="cohen")


def test_no_interval_reaches_beyond_perfect_agreement():
    ratings = [[1, 1], [0, 1], [0, 0], [1, 1], [0, 0], [1, 0], [1, 1]]
    found = agreement_interval(ratings, np.arange(7))
    assert found.value < found.high <= 1
