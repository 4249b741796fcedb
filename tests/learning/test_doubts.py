"""Wrong labels are found by models that did not learn from them."""

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.learning.doubts import Doubts, find_doubts
from tests.learning.fitted import Chances, made_clips, nearest, ridge


def flipped(share=0.05, *, clear=3.5, rows=600, seed=0):
    """Clips of which some answers were turned round; and where."""
    values, answers, groups = made_clips(rows, clear=clear, seed=seed)
    wrong = np.random.default_rng(seed + 1).random(answers.shape) < share
    return values, np.where(wrong, 1 - answers, answers).astype(np.int8), groups, wrong


@pytest.mark.parametrize("fit", [ridge, None], ids=["ridge", "few labels"])
def test_flipped_labels_are_found_far_above_chance(fit):
    values, answers, groups, wrong = flipped()
    found = find_doubts(values, answers, groups, fit=fit)
    hits = wrong[found.rows, found.labels]
    total = int(wrong.sum())
    assert 70 < total < 110  # of 1,800 answers: 5 %
    first = hits[:total].mean()
    shuffled = np.random.default_rng(0).permutation(wrong.ravel())[:total].mean()
    assert shuffled < 0.1
    assert first > 0.7
    assert hits[:40].mean() > 0.9


def test_the_number_expected_to_be_wrong_is_about_right():
    values, answers, groups, wrong = flipped()
    found = find_doubts(values, answers, groups, fit=ridge)
    assert 0.5 < np.nansum(found.expected) / wrong.sum() < 1.5
    values, answers, groups, _ = flipped(0.0)
    assert np.nansum(find_doubts(values, answers, groups, fit=ridge).expected) < 0.02 * answers.size


def test_no_row_is_judged_by_a_model_that_saw_it_or_its_film():
    values, answers, groups = made_clips(200, films=40)
    values[:, -1] = np.arange(200)
    seen_by = {}

    def watched(learned, given):
        seen = set(learned[:, -1].astype(int).tolist())
        model = ridge(learned, given)

        def of(new):
            seen_by.update(dict.fromkeys(new[:, -1].astype(int).tolist(), seen))
            return model.chances(new)

        return Chances(of)

    find_doubts(values, answers, groups, fit=watched)
    assert sorted(seen_by) == list(range(200))
    assert not any(set(np.flatnonzero(groups == groups[row]).tolist()) & seen for row, seen in seen_by.items())


def test_a_model_that_remembers_every_label_still_doubts_the_wrong_ones():
    values, answers, groups, wrong = flipped(clear=6.0)
    found = find_doubts(values, answers, groups, fit=nearest)
    assert wrong[found.rows, found.labels].mean() > 0.3
    assert wrong[found.rows, found.labels].sum() > 0.8 * wrong.sum()
    np.testing.assert_array_equal(nearest(values, answers).chances(values), answers)  # it does remember


def test_doubts_fall_and_say_what_was_said():
    values, answers, groups, _ = flipped()
    found = find_doubts(values, answers, groups, fit=ridge)
    assert (np.diff(found.doubts) <= 0).all()
    assert (found.doubts > 0).all()
    assert (found.doubts <= 1).all()
    np.testing.assert_array_equal(found.said, answers[found.rows, found.labels] == 1)
    assert len({*zip(found.rows.tolist(), found.labels.tolist(), strict=True)}) == len(found)


def test_a_doubt_is_the_margin_to_the_mean_of_either_side():
    chances = np.array([0.9, 0.7, 0.2, 0.1, 0.3, 0.8])[:, None]
    values, answers = chances.copy(), np.array([1, 1, 1, 0, 0, 0], np.int8)[:, None]
    found = find_doubts(values, answers, fit=lambda *_: Chances(lambda new: new), folds=2)
    sure_yes, sure_no = 0.6, 0.6
    assert found.rows.tolist() == [5, 2]
    np.testing.assert_allclose(
        found.doubts, [(0.8 - sure_yes - 0.2 + sure_no) / 2, (0.8 - sure_no - 0.2 + sure_yes) / 2], atol=1e-6
    )
    assert found.said.tolist() == [False, True]
    np.testing.assert_allclose(found.expected, 3 * (1 / 3) + 3 * (1 / 3))
    assert repr(found) == "Doubts(2 answers, about 2 expected to be wrong)"


def test_what_nobody_judged_is_not_doubted():
    values, answers, groups, _ = flipped()
    answers[::2, 0] = -1
    found = find_doubts(values, answers, groups, fit=ridge)
    assert (answers[found.rows, found.labels] != -1).all()


def test_the_same_seed_gives_the_same_doubts():
    values, answers, groups, _ = flipped()
    one, other = (find_doubts(values, answers, groups, fit=ridge, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.rows, other.rows)
    np.testing.assert_array_equal(one.doubts, other.doubts)


def test_classes_that_cannot_be_looked_at_are_named_and_the_others_are():
    values, answers, groups, _ = flipped()
    answers[:, 1] = 1
    answers[:, 2] = 0
    found = find_doubts(values, answers, groups, fit=ridge, classes=["rain", "snow", "fog"])
    assert set(found.labels.tolist()) == {0}
    assert np.isnan(found.expected).tolist() == [False, True, True]
    assert found.notes == ("'snow': nobody said no to it", "'fog': nobody said yes to it")


def test_fewer_positives_than_folds_are_told():
    values, answers, groups, _ = flipped()
    answers[:, 1] = 0
    answers[np.flatnonzero(groups == 3)[:1], 1] = 1
    answers[np.flatnonzero(groups == 4)[:2], 1] = 1
    found = find_doubts(values, answers, groups, fit=ridge, classes=["rain", "snow", "fog"])
    assert len(found.notes) == 1
    assert found.notes[0].startswith("'snow' has 3 positives in 2 groups: none is apart in folds")


@pytest.mark.parametrize("said", ["yes", "no"])
def test_one_class_of_which_all_say_the_same_is_refused(said):
    values, answers, groups, _ = flipped()
    other = "no" if said == "yes" else "yes"
    with pytest.raises(
        TimelineError, match=f"got none that has: 'rain': nobody said {other} to it. Label clips of other"
    ):
        find_doubts(values, np.full_like(answers[:, :1], said == "yes"), groups, fit=ridge, classes=["rain"])


def test_positives_of_one_film_are_refused():
    values, _, groups, _ = flipped()
    with pytest.raises(TimelineError, match="all 10 yes are in one group"):
        find_doubts(values, (groups == 3)[:, None].astype(np.int8), groups, fit=ridge)


def test_features_that_are_no_numbers_are_refused_with_their_place():
    values, answers, groups, _ = flipped()
    values[17, 4] = np.nan
    with pytest.raises(TimelineError, match="features must be finite, got nan in row 17, column 4"):
        find_doubts(values, answers, groups, fit=ridge)


def test_fewer_films_than_folds_are_refused():
    values, answers, _ = made_clips(40, films=40)
    with pytest.raises(OptionError, match="5 folds need 5 groups or more, and two folds at least; got 4 groups"):
        find_doubts(values, answers, np.arange(40) % 4, fit=ridge)


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(TimelineError, match="doubts need one of everything, got said"):
        Doubts(np.arange(2), np.arange(2), np.ones(3, bool), np.ones(2), np.ones(2), np.ones(1))
