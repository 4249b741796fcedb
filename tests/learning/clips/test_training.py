"""Models of clips: chosen out of fold, judged on groups that chose nothing, the same each time."""

import math
from dataclasses import replace

import numpy as np
import pytest

from cueline.errors import OptionError
from cueline.learning.clips.choosing import Search, choose, folds_of
from cueline.learning.clips.judging import judge
from cueline.learning.clips.problems import shipped_chances
from cueline.learning.clips.recipes import RECIPES, Candidate, candidates, fit
from cueline.learning.clips.training import calibrated, train_clips
from tests.learning.clips.few_trees import few_trees
from tests.learning.clips.made import made_problem

LOGISTIC = Search(("logistic",))


@pytest.fixture(autouse=True)
def small():
    with few_trees():
        yield


def test_every_recipe_learns_what_there_is_to_learn():
    problem = made_problem(30)
    for recipe in RECIPES:
        chosen = choose(problem, Search((recipe,), searches=1))
        assert chosen.candidate.recipe == recipe
        assert (chosen.chances.argmax(axis=1) == problem.labels).mean() > 0.8, recipe
        np.testing.assert_allclose(chosen.chances.sum(axis=1), 1)


def test_the_same_seed_gives_the_same_model_and_figures():
    first, second = (train_clips(made_problem(), seconds=10, search=Search(folds=2, searches=1)) for _ in range(2))
    np.testing.assert_array_equal(first.chances, second.chances)
    assert first.model.card == second.model.card
    for name, array in first.model.arrays.items():
        np.testing.assert_array_equal(array, second.model.arrays[name])


def test_the_shipped_verdict_stays_where_few_labels_say_nothing_against_it():
    problem = made_problem(6, each=1, spread=5.0, shipped_right=1.0)
    chosen = choose(problem, Search(("adapted",)))
    assert chosen.candidate.options["sound"] == math.inf
    np.testing.assert_array_equal(calibrated(chosen, problem).argmax(axis=1), shipped_chances(problem).argmax(axis=1))


def test_the_first_candidate_of_adapted_is_the_shipped_verdict_itself():
    problem = made_problem(12)
    first = candidates(problem, ("adapted",))[0]
    arrays = fit(first, problem, seed=0)
    said = np.exp(_logs(problem, arrays))
    np.testing.assert_allclose(said, shipped_chances(problem), atol=1e-6)


def test_labels_correct_a_shipped_verdict_that_is_wrong_of_these_media():
    problem = made_problem(40, shipped_right=0.0)
    wrong = (shipped_chances(problem).argmax(axis=1) == problem.labels).mean()
    chosen = choose(problem, Search(("adapted",)))
    assert (chosen.chances.argmax(axis=1) == problem.labels).mean() > wrong + 0.3


def test_adapted_needs_what_the_shipped_model_says():
    problem = made_problem(curve=False)
    assert {one.recipe for one in candidates(problem)} == {"logistic", "vote"}
    with pytest.raises(OptionError, match="adapted needs the track 'sound.curve'"):
        candidates(problem, ("adapted",))
    with pytest.raises(OptionError, match="got 'votes'. Did you mean 'vote'?"):
        candidates(problem, ("votes",))


def test_classes_that_the_shipped_model_does_not_know_can_be_learned_from_its_chances():
    problem = made_problem(30, classes=("jingle", "weather"))
    chosen = choose(problem, Search(("adapted",)))
    assert all(one.candidate.options["verdict"] != math.inf for one in chosen.tried)
    assert (chosen.chances.argmax(axis=1) == problem.labels).mean() > 0.8


def test_groups_are_kept_apart_where_there_are_enough_and_judged_by_turns_where_there_are_few():
    many = train_clips(made_problem(40), seconds=10, search=LOGISTIC)
    assert not many.by_turns
    problem = made_problem(40)
    apart = {problem.groups[row] for row in many.judged.tolist()}
    assert apart == set(many.model.card.test_groups)
    assert not apart & {problem.groups[row] for row in range(len(problem)) if row not in set(many.judged.tolist())}
    few = train_clips(made_problem(9), seconds=10, search=LOGISTIC)
    assert few.by_turns
    assert few.model.card.test_groups == ()
    assert len(few.judged) == 18


def test_what_judges_changes_nothing_of_the_model():
    problem = made_problem(40)
    first = train_clips(problem, seconds=10, search=LOGISTIC)
    labels, values = problem.labels.copy(), problem.values.copy()
    labels[first.judged] = (labels[first.judged] + 1) % 3
    values[first.judged] += 1
    apart = first.model.card.test_groups
    second = train_clips(replace(problem, labels=labels, values=values), seconds=10, search=LOGISTIC, test_groups=apart)
    for name, array in first.model.arrays.items():
        np.testing.assert_array_equal(array, second.model.arrays[name])


def test_labels_drawn_by_chance_are_judged_as_no_better_than_chance():
    problem = made_problem(30, curve=False)
    labels = np.repeat(np.random.default_rng(5).permutation(np.arange(30) % 3), 2)
    trained = train_clips(replace(problem, labels=labels), seconds=10, search=LOGISTIC, test_share=0.0)
    found = judge(labels, trained.chances, problem.groups, classes=problem.classes)
    assert found.accuracy.value < 0.55


def test_one_class_alone_is_refused_in_words():
    problem = made_problem(6)
    with pytest.raises(OptionError, match="two or more, got 12 of the class 'Music' alone. Label clips of another"):
        train_clips(replace(problem, labels=np.ones(12, np.int64)), seconds=10)


def test_one_group_alone_is_refused_in_words():
    problem = made_problem(6)
    with pytest.raises(OptionError, match="two groups or more, got 12 of the group 'a' alone"):
        train_clips(replace(problem, groups=("a",) * 12), seconds=10)


def test_fewer_groups_than_folds_give_fewer_folds_and_say_so():
    trained = train_clips(made_problem(3, each=1), seconds=10, search=LOGISTIC)
    assert trained.chosen.folds == 3
    assert any("3 groups give 3 folds, not 5" in note for note in trained.notes)
    assert np.isfinite(trained.chances).all()


def test_two_clips_are_enough_to_be_told_how_little_they_say():
    trained = train_clips(made_problem(2, each=1), seconds=10, search=Search(searches=1))
    assert any("too little was left to learn from" in note for note in trained.notes)
    np.testing.assert_allclose(trained.chances.sum(axis=1), 1)


def test_a_class_of_one_group_is_told():
    problem = made_problem(9)
    labels = np.where(problem.labels == 2, 0, problem.labels)
    labels[:2] = 2
    for recipe in RECIPES:
        trained = train_clips(
            replace(problem, labels=labels), seconds=10, search=Search((recipe,), folds=3, searches=1)
        )
        assert any("'Both': all 2 clips are of one group" in note for note in trained.notes)


def test_a_share_or_folds_that_cannot_be_are_refused():
    with pytest.raises(OptionError, match="must lie between 0 and 1, got 20"):
        train_clips(made_problem(6), seconds=10, test_share=20)
    with pytest.raises(OptionError, match="2 folds and 1 draw or more"):
        Search(folds=1)


def test_folds_keep_groups_whole():
    problem = made_problem(9, each=3)
    splits, _ = folds_of(problem, folds=4, seed=1)
    groups = np.array(problem.groups)
    for split in splits:
        assert not set(groups[split.learn]) & set(groups[split.apart])
    assert sorted(row for split in splits for row in split.apart.tolist()) == list(range(27))


def test_candidates_say_what_they_are():
    assert str(Candidate("logistic", {"C": 0.1})) == "logistic (C 0.1)"
    assert str(Candidate("adapted", {"verdict": 3.0, "sound": math.inf})) == "adapted (verdict 3, sound inf)"


def _logs(problem, arrays):
    from cueline.models.clip_models import raw_log_chances

    return raw_log_chances("softmax", problem.values, arrays)
