"""Labelling played through: what begins the same, what is counted, and who must win."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cueline.errors import OptionError, PluginError, TimelineError
from cueline.learning.active.asking import NO, UNKNOWN, YES, Inferred
from cueline.learning.active.preparing import prepare
from cueline.learning.active.schedules import Adaptive, Sizes
from cueline.learning.runs import Plan, Truth
from cueline.learning.simulation import MOST_INFERRED, first_rows, simulated


class Chance:
    def choose(self, known, count, rng):
        return rng.choice(known.open, count, replace=False)


class Nearest:
    def choose(self, known, count, rng):
        if known.chances is None:
            return rng.choice(known.open, count, replace=False)
        distance = np.abs(known.chances[known.open] - 0.5).mean(axis=1)
        return known.open[np.argsort(distance, kind="stable")[:count]]


class Knowing(Chance):
    """Infers what the first column of the features says."""

    def inferred(self, known):
        rows = known.open
        answers = np.where(known.values[rows, :1] > 0, YES, NO).astype(np.int8)
        return Inferred(rows, answers, np.full(len(rows), 0.9, np.float32))


def blobs(rows, *, share=0.1, classes=1, seed=0, width=8):
    """Clips of classes that lie apart, and of none."""
    rng = np.random.default_rng(seed)
    answers = (rng.random((rows, classes)) < share).astype(np.int8)
    centres = np.random.default_rng(99).normal(size=(classes, width))
    values = answers @ (2.2 * centres) + rng.normal(size=(rows, width))
    return values.astype(np.float32), answers


def scattered(rows, *, seed):
    """One rare class whose clips lie in four places."""
    rng = np.random.default_rng(seed)
    yes = rng.random(rows) < 0.05
    places = 1.2 * np.random.default_rng(99).normal(size=(4, 16))
    values = rng.normal(size=(rows, 16)) + np.where(yes[:, None], places[rng.integers(0, 4, rows)], 0)
    return values.astype(np.float32), yes[:, None].astype(np.int8)


def truths(**options):
    (values, answers), (test_values, test_answers) = blobs(600, **options), blobs(400, **options | {"seed": 1})
    ready = prepare(values)
    return Truth(ready(values), answers), Truth(ready(test_values), test_answers)


def plan(budget=60, **options):
    return Plan(budget, Sizes((5, 5, 10)), **options)


class TestFirstRows:
    def test_are_known_positives_and_others_by_chance(self):
        answers = np.zeros((100, 2), np.int8)
        answers[:10, 0] = answers[50:60, 1] = YES
        rows = first_rows(answers, start=5, positives=2, seed=3)
        assert len(set(rows.tolist())) == len(rows) == 9
        assert (answers[rows[:4]] == YES).sum(axis=0).tolist() == [2, 2]

    def test_chance_takes_the_place_of_positives_that_are_not_there(self):
        answers = np.zeros((100, 1), np.int8)
        answers[7] = YES
        rows = first_rows(answers, start=2, positives=4, seed=0)
        assert len(rows) == 6
        assert rows[0] == 7

    def test_a_positive_of_two_classes_is_drawn_once(self):
        rows = first_rows(np.ones((4, 3), np.int8), start=1, positives=1, seed=0)
        assert sorted(rows.tolist()) == [0, 1, 2, 3]

    def test_of_a_small_pool_are_all_rows(self):
        assert sorted(first_rows(np.zeros((3, 1), np.int8), start=9, positives=1, seed=0).tolist()) == [0, 1, 2]

    @given(st.integers(0, 9), st.integers(0, 3), st.integers(0, 2**32))
    def test_hang_on_the_seed_alone(self, start, positives, seed):
        answers = np.random.default_rng(0).integers(0, 2, (40, 2)).astype(np.int8)
        first, second = (first_rows(answers, start=start, positives=positives, seed=seed) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        assert len(np.unique(first)) == len(first) == start + 2 * positives


class TestRun:
    def test_counts_every_answer_and_ends_at_the_budget(self):
        run = simulated(Chance(), *truths(), plan(budget=33), seed=0)
        assert run.labels.tolist() == [6, 11, 16, 26, 33]
        assert run.ap.shape == run.found.shape == (5, 1)
        assert np.isnan(run.choose_seconds).tolist() == [True, False, False, False, False]
        assert (run.fit_seconds > 0).all()
        assert np.isnan(run.f1).all()
        assert np.isnan(run.accuracy).all()
        assert run.inferred.tolist() == [0] * 5
        assert repr(run).startswith("Run(33 labels in 4 queries, AP ")

    def test_begins_the_same_for_all_strategies(self):
        first, second = (simulated(asker, *truths(), plan(), seed=5) for asker in (Chance(), Nearest()))
        assert first.ap[0] == second.ap[0]
        assert not np.array_equal(first.ap, second.ap)

    def test_gives_the_same_numbers_again(self):
        first, second = (simulated(Nearest(), *truths(), plan(), seed=5) for _ in range(2))
        np.testing.assert_array_equal(first.ap, second.ap)
        np.testing.assert_array_equal(first.found, second.found)

    def test_the_whole_pool_can_be_asked(self):
        pool, test = truths()
        run = simulated(Chance(), pool, test, Plan(600, Sizes((200,))), seed=0)
        assert run.labels[-1] == 600
        assert run.found[-1, 0] == np.count_nonzero(pool.answers == YES)

    def test_rows_of_which_nobody_knows_an_answer_are_never_asked(self):
        pool, test = truths()
        answers = pool.answers.copy()
        answers[:500] = UNKNOWN
        known = Truth(pool.values, answers)
        run = simulated(Chance(), known, test, Plan(100, Sizes((50,))), seed=0)
        assert run.found[-1, 0] == np.count_nonzero(answers == YES)
        with pytest.raises(OptionError, match="the 100 rows of the pool whose answers are known, got 101"):
            simulated(Chance(), known, test, Plan(101, Sizes((50,))), seed=0)

    def test_a_row_of_which_some_answers_are_known_teaches_those(self):
        pool, test = truths(classes=2)
        answers = pool.answers.copy()
        answers[:, 1] = UNKNOWN
        run = simulated(Chance(), Truth(pool.values, answers), test, plan(), seed=0)
        assert run.found[-1, 1] == 0
        np.testing.assert_allclose(run.ap[:, 1], np.mean(test.answers[:, 1] == YES))

    def test_test_rows_that_nobody_judged_do_not_count(self):
        pool, test = truths()
        answers = test.answers.copy()
        answers[:200] = UNKNOWN
        part = Truth(test.values[200:], test.answers[200:])
        with_unknown = simulated(Chance(), pool, Truth(test.values, answers), plan(), seed=0)
        np.testing.assert_allclose(with_unknown.ap, simulated(Chance(), pool, part, plan(), seed=0).ap)

    def test_without_a_known_positive_guessing_is_what_one_gets_until_there_is_one(self):
        pool, test = truths(share=0.02)
        run = simulated(Chance(), pool, test, Plan(40, Sizes((5,)), start=5, positives=0), seed=0)
        before = run.found[:, 0] == 0
        assert before.any()
        np.testing.assert_allclose(run.ap[before], np.mean(test.answers == YES))

    def test_an_adaptive_schedule_asks_for_more_when_the_ranking_is_calm(self):
        pool, test = truths()
        run = simulated(Chance(), pool, test, Plan(200, Adaptive(calm=0.0, moved=0.0)), seed=0)
        assert np.diff(run.labels)[:-1].tolist() == [5, 10, 20, 40, 80]

    def test_it_tells_how_far_it_is(self):
        heard = []
        simulated(Chance(), *truths(), plan(budget=30), seed=0, told=heard.append)
        assert heard == [11, 16, 26, 30]

    def test_several_classes_are_answered_by_one_question(self):
        run = simulated(Chance(), *truths(classes=3), plan(), seed=0)
        assert run.labels[0] == 5 + 3
        assert run.ap.shape == (len(run.labels), 3)
        assert (run.found[0] >= 1).all()


class TestExclusive:
    def test_classes_that_lie_far_apart_are_told_apart(self):
        rng = np.random.default_rng(0)
        kinds = rng.integers(0, 3, 400)
        values = (10 * np.eye(3)[kinds] + rng.normal(size=(400, 3))).astype(np.float32)
        truth = Truth(prepare(values)(values), np.eye(3, dtype=np.int8)[kinds])
        run = simulated(Chance(), truth, truth, plan(exclusive=True), seed=0)
        assert run.f1[-1] > 0.95
        assert run.accuracy[-1] > 0.95

    def test_one_that_is_never_chosen_has_an_f1_of_0(self):
        values = np.ones((30, 2), np.float32)
        answers = np.zeros((30, 2), np.int8)
        answers[:20, 0] = answers[20:, 1] = YES
        run = simulated(
            Chance(), Truth(values, answers), Truth(values, answers), Plan(20, Sizes((5,)), exclusive=True), seed=0
        )
        assert run.accuracy[0] in (2 / 3, 1 / 3)
        assert run.f1[0] in (0.4, 0.25)


class TestWhoWins:
    def test_asking_near_the_border_beats_chance_where_positives_are_rare_and_apart(self):
        (values, answers), (test_values, test_answers) = (scattered(rows, seed=rows) for rows in (1500, 800))
        ready = prepare(values)
        pool, test = Truth(ready(values), answers), Truth(ready(test_values), test_answers)
        areas = [
            [simulated(asker, pool, test, plan(budget=100), seed=seed).ap[:, 0].mean() for seed in range(6)]
            for asker in (Chance(), Nearest())
        ]
        assert np.mean(areas[1]) > np.mean(areas[0]) + 0.03

    def test_nobody_wins_where_labels_mean_nothing(self):
        rng = np.random.default_rng(0)
        pool, test = truths()
        pool, test = (Truth(each.values, rng.permutation(each.answers)) for each in (pool, test))
        base = np.mean(test.answers == YES)
        for asker in (Chance(), Nearest()):
            runs = [simulated(asker, pool, test, plan(), seed=seed).ap[-1, 0] for seed in range(5)]
            assert abs(np.mean(runs) - base) < 0.06


class TestInferred:
    def test_answers_that_follow_teach_and_are_no_labels(self):
        values, _ = blobs(3 * MOST_INFERRED)
        answers = (values[:, :1] > 0).astype(np.int8)
        ready = prepare(values)
        pool = test = Truth(ready(values), answers)
        alone, helped = (simulated(asker, pool, test, plan(budget=20), seed=0) for asker in (Chance(), Knowing()))
        assert helped.labels.tolist() == alone.labels.tolist()
        assert (helped.inferred == len(values) - helped.labels).all()
        assert helped.ap[-1, 0] > alone.ap[-1, 0]

    def test_none_may_follow(self):
        class Silent(Chance):
            def inferred(self, known):
                return Inferred(np.empty(0, np.int64), np.empty((0, 1), np.int8), np.empty(0, np.float32))

        first, second = (simulated(asker, *truths(), plan(), seed=0) for asker in (Chance(), Silent()))
        np.testing.assert_array_equal(first.ap, second.ap)


class TestRefusal:
    @pytest.mark.parametrize(
        "rows",
        [
            lambda known, count: np.flatnonzero(known.seen)[:count],
            lambda known, count: known.open[: count - 1],
            lambda known, count: np.repeat(known.open[:1], count),
            lambda known, count: np.arange(count) + len(known.seen),
            lambda known, count: known.open[:count].astype(np.float64),
        ],
        ids=["asked already", "too few", "twice", "beyond the pool", "no whole numbers"],
    )
    def test_a_strategy_that_chooses_what_it_may_not(self, rows):
        class Wrong:
            def choose(self, known, count, rng):
                return rows(known, count)

        with pytest.raises(PluginError, match=r"Wrong must choose 5 open rows of 600, each once"):
            simulated(Wrong(), *truths(), plan(), seed=0)

    @pytest.mark.parametrize("budget", [5, 601])
    def test_a_budget_beyond_the_pool_or_below_the_first_rows(self, budget):
        with pytest.raises(OptionError, match="between the 6 first rows and the 600 rows of the pool whose answers"):
            simulated(Chance(), *truths(), plan(budget=budget), seed=0)

    @pytest.mark.parametrize("wrong", [{"budget": 0}, {"start": -1}, {"positives": -1}, {"start": 0, "positives": 0}])
    def test_numbers_that_cannot_be(self, wrong):
        with pytest.raises(OptionError, match="a run begins with one row or more"):
            plan(**wrong)

    def test_other_features_or_classes_in_the_test_set(self):
        pool, _ = truths()
        _, test = truths(classes=2)
        with pytest.raises(TimelineError, match=r"same features and classes, got 8 and 8 numbers, 1 and 2 classes"):
            simulated(Chance(), pool, test, plan(), seed=0)

    def test_answers_of_other_rows(self):
        with pytest.raises(TimelineError, match=r"of the same rows, got \(3, 2\) and \(2, 1\)"):
            Truth(np.zeros((3, 2), np.float32), np.zeros((2, 1), np.int8))
        assert repr(truths()[0]).startswith("Truth(600 rows, 1 classes, ")
