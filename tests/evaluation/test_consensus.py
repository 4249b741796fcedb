"""Majority and Dawid-Skene: perfect, empty, refusal, worked by hand, oracle; people of known make are found again."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cueline.errors import TimelineError
from cueline.evaluation.consensus import Consensus, dawid_skene, dawid_skene_categories, majority

GOOD = ([0.95, 0.9, 0.85, 0.8], [0.97, 0.95, 0.9, 0.92])

tables = arrays.arrays(np.int8, st.tuples(st.integers(0, 10), st.integers(0, 4)), elements=st.integers(-2, 1))
three = arrays.arrays(np.int8, st.tuples(st.integers(1, 10), st.integers(1, 4)), elements=st.integers(-1, 2))


def asked(seed, items, base, sensitivity, specificity, missing=0.3):
    """A truth and what people of known sensitivity and specificity say of it."""
    dice = np.random.default_rng(seed)
    truth = dice.random(items) < base
    shape = (items, len(sensitivity))
    yes = np.where(truth[:, None], dice.random(shape) < sensitivity, dice.random(shape) >= specificity)
    return truth, np.where(dice.random(shape) < missing, -1, yes.astype(int))


def by_hand(table, categories, turns):
    """Dawid-Skene item by item, person by person; nothing is grouped, nothing in logarithms."""
    rows = [[int(v) for v in row] for row in table]
    known = [i for i, row in enumerate(rows) if any(v >= 0 for v in row)]
    people, names = range(table.shape[1]), range(categories)
    chances = {}
    for i in known:
        said = [v for v in rows[i] if v >= 0]
        chances[i] = [said.count(k) / len(said) for k in names]
    for _ in range(turns):
        confusion = {}
        for p in people:
            for k in names:
                line = [4.0 if k == v else 1 / (categories - 1) for v in names]
                for i in known:
                    if rows[i][p] >= 0:
                        line[rows[i][p]] += chances[i][k]
                confusion[p, k] = [value / sum(line) for value in line]
        base = [(1 + sum(chances[i][k] for i in known)) / (len(known) + categories) for k in names]
        for i in known:
            weights = list(base)
            for p in people:
                if rows[i][p] >= 0:
                    weights = [weight * confusion[p, k][rows[i][p]] for k, weight in enumerate(weights)]
            chances[i] = [weight / sum(weights) for weight in weights]
    return chances, confusion, base


class TestMajority:
    def test_it_is_the_share_of_yes_and_a_tie_is_a_half(self):
        assert majority([[1, 1, 0, 1], [1, 0, -1, -2], [0, 0, 0, -1]]).chance.tolist() == [0.75, 0.5, 0.0]

    def test_where_nobody_judged_nothing_is_known(self):
        found = majority([[-1, -2], [1, -1]])
        assert np.isnan(found.chance).tolist() == [True, False]
        assert found.base == 1

    @pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (3, 2)])
    def test_of_nothing_it_is_nothing(self, shape):
        found = majority(np.full(shape, -1))
        assert found.chance.shape == shape[:1]
        assert math.isnan(found.base)


class TestPerfect:
    def test_people_who_agree_are_believed(self):
        truth = np.array([1, 0, 0, 1, 0] * 40)
        found = dawid_skene(np.column_stack([truth] * 3))
        assert found.converged
        assert ((found.chance > 0.999) == (truth == 1)).all()
        assert ((found.chance < 0.001) == (truth == 0)).all()
        assert found.sensitivity.min() > 0.98
        assert found.base == pytest.approx(0.4, abs=0.01)

    def test_people_of_known_make_are_found_again(self):
        truth, votes = asked(0, 3000, 0.3, *GOOD)
        found = dawid_skene(votes)
        assert found.sensitivity == pytest.approx(GOOD[0], abs=0.03)
        assert found.specificity == pytest.approx(GOOD[1], abs=0.03)
        assert found.base == pytest.approx(truth.mean(), abs=0.02)
        known = ~np.isnan(found.chance)
        assert np.mean((found.chance[known] > 0.5) == truth[known]) > 0.95

    @pytest.mark.parametrize("seed", range(5))
    def test_one_who_guesses_misleads_a_majority_more(self, seed):
        sensitivity, specificity = [0.9, 0.85, 0.5, 0.5], [0.95, 0.9, 0.5, 0.5]
        truth, votes = asked(seed, 500, 0.2, sensitivity, specificity)
        plain, learned = majority(votes).chance, dawid_skene(votes)
        known = ~np.isnan(plain)
        errors = [np.mean((chance[known] - truth[known]) ** 2) for chance in (plain, learned.chance)]
        assert errors[1] < 0.6 * errors[0]
        assert learned.sensitivity[2:].max() < learned.sensitivity[:2].min()

    @pytest.mark.parametrize("seed", range(5))
    def test_chances_come_true(self, seed):
        truth, votes = asked(seed, 2000, 0.2, *GOOD)
        chance = dawid_skene(votes).chance
        known = ~np.isnan(chance)
        assert np.mean(chance[known]) == pytest.approx(truth[known].mean(), abs=0.02)
        unsure = known & (chance > 0.2) & (chance < 0.8)
        assert np.mean(chance[unsure]) == pytest.approx(truth[unsure].mean(), abs=0.15)


class TestEmpty:
    @pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (3, 2)])
    def test_of_nothing_it_is_nothing(self, shape):
        found = dawid_skene(np.full(shape, -1))
        assert found.chance.shape == shape[:1]
        assert np.isnan(found.chance).all()
        assert found.sensitivity.shape == shape[1:]
        assert math.isnan(found.base)
        assert found.converged

    @pytest.mark.parametrize("votes", [[[1], [0], [0], [-1]], [[1, -1], [-1, 0], [0, -1], [-1, -1]]])
    def test_without_an_item_of_two_judgements_people_are_taken_at_their_word(self, votes):
        found = dawid_skene(votes)
        assert found.chance.tolist() == pytest.approx([1, 0, 0, math.nan], nan_ok=True)
        assert np.isnan(found.sensitivity).all()
        assert np.isnan(found.specificity).all()
        assert found.base == pytest.approx(1 / 3)
        assert (found.turns, found.converged) == (0, True)

    def test_an_item_without_answers_has_no_chance_and_a_person_without_has_nothing(self):
        found = dawid_skene([[1, 1, -1], [0, 0, -2], [-1, -1, -1]])
        assert np.isnan(found.chance).tolist() == [False, False, True]
        assert np.isnan(found.sensitivity).tolist() == [False, False, True]

    @pytest.mark.parametrize("said", [0, 1])
    def test_where_all_say_the_same_the_chance_is_near_it_and_no_more(self, said):
        found = dawid_skene(np.full((50, 2), said))
        assert found.converged
        assert (np.abs(found.chance - said) < 0.05).all()
        assert (found.chance != said).all()


class TestRefusal:
    def test_numbers_that_are_no_votes(self):
        with pytest.raises(TimelineError, match="below 2, got 2 in row 1, column 0"):
            dawid_skene([[1, 0], [2, 0]])
        with pytest.raises(TimelineError, match="below 2, got 5"):
            majority([[5]])
        with pytest.raises(TimelineError, match="whole numbers"):
            majority([[0.5]])
        with pytest.raises(TimelineError, match=r"shape \(I, P\)"):
            dawid_skene([1, 0])

    def test_no_turn_and_one_category(self):
        with pytest.raises(TimelineError, match="2 categories and 1 turn or more, got 1 and 1000"):
            dawid_skene_categories([[0]], categories=1)
        with pytest.raises(TimelineError, match="got 2 and 0"):
            dawid_skene([[0]], most_turns=0)

    def test_a_consensus_that_cannot_be(self):
        one = np.ones(1)
        with pytest.raises(TimelineError, match=r"chance must lie in \[0, 1\]"):
            Consensus("majority", 2 * one, one, one, 0.5)
        with pytest.raises(TimelineError, match="of the same people, got 1 and 2"):
            Consensus("majority", one, one, np.ones(2), 0.5)


class TestEnd:
    def test_one_that_was_stopped_says_so(self):
        _, votes = asked(1, 200, 0.2, *GOOD)
        found = dawid_skene(votes, most_turns=2)
        assert (found.turns, found.converged) == (2, False)
        assert repr(found) == "Consensus(dawid-skene, 200 items, 4 people, not converged)"
        assert repr(dawid_skene(votes)) == "Consensus(dawid-skene, 200 items, 4 people)"
        assert "3 categories, 4 people" in repr(dawid_skene_categories(votes, categories=3))

    def test_the_last_turn_moves_nothing(self):
        _, votes = asked(1, 200, 0.2, *GOOD)
        found = dawid_skene(votes)
        before = dawid_skene(votes, most_turns=found.turns - 1)
        assert np.nanmax(np.abs(found.chance - before.chance)) <= 1e-6


class TestOracle:
    @given(tables, st.integers(1, 8))
    def test_it_is_what_turns_by_hand_give(self, table, turns):
        found = dawid_skene(table, most_turns=turns)
        if not ((table >= 0).sum(axis=1) > 1).any():
            assert found.chance == pytest.approx(majority(table).chance, nan_ok=True)
            return
        chances, confusion, base = by_hand(table, 2, found.turns)
        for i, chance in enumerate(found.chance):
            assert chance == pytest.approx(chances[i][1] if i in chances else math.nan, abs=1e-9, nan_ok=True)
        for p in range(table.shape[1]):
            known = (table[:, p] >= 0).any()
            expected = (confusion[p, 1][1], confusion[p, 0][0]) if known else (math.nan, math.nan)
            got = (found.sensitivity[p], found.specificity[p])
            assert got == pytest.approx(expected, abs=1e-9, nan_ok=True)
        assert found.base == pytest.approx(base[1])

    @given(three, st.integers(1, 5))
    def test_so_it_is_of_three_categories(self, table, turns):
        found = dawid_skene_categories(table, categories=3, most_turns=turns)
        if found.turns:
            chances, confusion, _ = by_hand(table, 3, found.turns)
            for i, row in chances.items():
                assert found.chances[i] == pytest.approx(row, abs=1e-9)
            for (p, k), row in confusion.items():
                if (table[:, p] >= 0).any():
                    assert found.confusion[p, k] == pytest.approx(row, abs=1e-9)

    @given(tables)
    def test_yes_and_no_can_change_places(self, table):
        other = dawid_skene(np.where(table >= 0, 1 - table, table))
        assert other.chance == pytest.approx(1 - dawid_skene(table).chance, abs=1e-4, nan_ok=True)
