"""Trees as flat arrays say what those who grew them say."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from cueline.errors import FormatError
from cueline.learning.clips.votes import grow_boosted, grow_forest
from cueline.models.clip_models import boosted_chances
from cueline.models.forests import boosted_scores, forest_chances, leaves

FOREST = {"trees": 20, "least_leaf": 2, "features": "sqrt"}
BOOSTED = {"rounds": 15, "rate": 0.1, "depth": 3}


def rows(count, classes, seed=0):
    chance = np.random.default_rng(seed)
    labels = chance.integers(classes, size=count)
    return (chance.normal(size=(count, 6)) + labels[:, None] * 0.5).astype(np.float32), labels


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_a_forest_agrees_with_the_library_that_grew_it(classes):
    x, labels = rows(80, classes)
    other, _ = rows(300, classes, seed=1)
    own = RandomForestClassifier(20, min_samples_leaf=2, max_features="sqrt", random_state=3).fit(x, labels)
    arrays = grow_forest(x, labels, classes=classes, seed=3, options=FOREST)
    np.testing.assert_allclose(forest_chances(other, arrays), own.predict_proba(other), atol=1e-6)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_boosted_trees_agree_with_the_library_that_grew_them(classes):
    x, labels = rows(80, classes)
    other, _ = rows(300, classes, seed=1)
    own = GradientBoostingClassifier(
        n_estimators=15, learning_rate=0.1, max_depth=3, max_features="sqrt", subsample=0.8, random_state=3
    ).fit(x, labels)
    arrays = grow_boosted(x, labels, classes=classes, seed=3, options=BOOSTED)
    np.testing.assert_allclose(boosted_chances(boosted_scores(other, arrays)), own.predict_proba(other), atol=1e-5)


@pytest.mark.parametrize("there", [[1], [0, 2], [0, 1, 3]])
def test_classes_without_a_row_get_next_to_no_chance(there):
    x, places = rows(60, len(there))
    labels = np.array(there)[places]
    forest = forest_chances(x, grow_forest(x, labels, classes=4, seed=0, options=FOREST))
    boosted = boosted_chances(boosted_scores(x, grow_boosted(x, labels, classes=4, seed=0, options=BOOSTED)))
    absent = [label for label in range(4) if label not in there]
    for chances in (forest, boosted):
        assert chances.shape == (60, 4)
        assert (chances[:, absent] < 1e-3).all()
        np.testing.assert_allclose(chances.sum(axis=1), 1)
    right = np.arange(60), labels
    assert forest[right].mean() > 0.6
    assert boosted[right].mean() > 0.6


def test_a_number_that_lies_on_a_threshold_falls_to_the_same_side():
    x = np.array([[0.1], [0.3]], np.float32)
    labels = np.array([0, 1])
    own = RandomForestClassifier(1, bootstrap=False, random_state=0).fit(x, labels)
    arrays = grow_forest(x, labels, classes=2, seed=0, options={"trees": 9, "least_leaf": 1, "features": 1})
    near = np.float32(own.estimators_[0].tree_.threshold[0])
    probes = np.array([[np.nextafter(near, np.float32(-1))], [near], [np.nextafter(near, np.float32(1))]], np.float32)
    whole = RandomForestClassifier(9, min_samples_leaf=1, max_features=1, random_state=0).fit(x, labels)
    np.testing.assert_allclose(forest_chances(probes, arrays), whole.predict_proba(probes), atol=1e-6)


def test_trees_of_no_rows_say_nothing_and_break_nothing():
    x, labels = rows(40, 2)
    arrays = grow_forest(x, labels, classes=2, seed=0, options=FOREST)
    assert forest_chances(x[:0], arrays).shape == (0, 2)


def test_arrays_that_are_missing_or_look_beyond_a_row_are_refused():
    x, labels = rows(40, 2)
    arrays = grow_forest(x, labels, classes=2, seed=0, options=FOREST)
    with pytest.raises(FormatError, match="trees need the array 'left'; they have: depth"):
        leaves(x, {name: array for name, array in arrays.items() if name != "left"})
    with pytest.raises(FormatError, match="got rows of 2 numbers"):
        leaves(x[:, :2], arrays)
