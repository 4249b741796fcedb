"""Every strategy keeps the promises of the port, whatever the pool is like."""

import dataclasses

import numpy as np
import pytest

from cueline.errors import OptionError
from cueline.learning.active.asking import UNKNOWN, Known
from cueline.learning.active.strategies import STRATEGIES, strategy
from tests.learning.active.pools import known, made

EVERY = pytest.mark.parametrize("name", STRATEGIES)


FEWER = {"anomaly": {"trees": 10}}  # trees, so that hundreds of forests are grown in seconds


def studied(name, values):
    """An asker of a strategy."""
    return strategy(name, **FEWER.get(name, {})).study(values, seed=1)


VALUES, ONE = made()
PRIOR = np.random.default_rng(1).random(ONE.shape).astype(np.float32)
THREE = made(classes=3)[1]
SECOND_NEVER, FIRST_ALONE = THREE * [1, 0, 1], THREE * [1, 0, 0]
POOLS = {
    "untouched": known(VALUES, ONE),
    "untouched, with a prior": known(VALUES, ONE, prior=PRIOR),
    "no positive": known(VALUES, ONE, asked=np.flatnonzero(ONE[:, 0] == 0)[:10]),
    "no negative": known(VALUES, ONE, asked=np.flatnonzero(ONE[:, 0])[:3]),
    "answered": known(VALUES, ONE, asked=range(50)),
    "with a prior": known(VALUES, ONE, asked=range(50), prior=PRIOR),
    "several classes": known(VALUES, THREE, asked=range(50)),
    "a starved class": known(VALUES, SECOND_NEVER, asked=range(50)),
    "two starved classes": known(VALUES, FIRST_ALONE, asked=range(50)),
    "constant features": known(np.full_like(VALUES, 1 / np.sqrt(VALUES.shape[1])), ONE, asked=range(50)),
    "nothing but zeros": known(np.zeros_like(VALUES), ONE, asked=range(50)),
    "duplicates": known(VALUES[np.arange(len(VALUES)) % 4], ONE, asked=range(50)),
    "nearly empty": known(VALUES, ONE, asked=range(297)),
    "nobody could say": known(VALUES, ONE, asked=range(20), unsure=range(20, 290)),
}
SAID = POOLS["several classes"].chances
POOLS |= {
    "certain": dataclasses.replace(POOLS["several classes"], chances=SAID.round()),
    "a yes everywhere": dataclasses.replace(POOLS["several classes"], chances=np.ones_like(SAID)),
    "a no everywhere": dataclasses.replace(POOLS["several classes"], chances=np.zeros_like(SAID)),
}


@EVERY
@pytest.mark.parametrize("kind", POOLS)
def test_rows_are_open_and_asked_once(name, kind):
    state = POOLS[kind]
    asker = studied(name, state.values)
    for count in (1, 7, 20):
        rows = asker.choose(state, count, np.random.default_rng(count))
        assert rows.ndim == 1
        assert np.issubdtype(rows.dtype, np.integer)
        assert len(rows) == min(count, len(state.open))
        assert len(set(rows.tolist())) == len(rows)
        assert not state.seen[rows].any()


@EVERY
@pytest.mark.parametrize("kind", ["untouched", "answered", "a starved class", "duplicates", "with a prior", "certain"])
def test_the_same_answers_and_the_same_draw_give_the_same_rows(name, kind):
    state = POOLS[kind]
    first, second = studied(name, state.values), studied(name, state.values)
    rows = first.choose(state, 9, np.random.default_rng(2))
    assert second.choose(state, 9, np.random.default_rng(2)).tolist() == rows.tolist()
    first.choose(known(state.values, ONE, asked=range(100, 200)), 3, np.random.default_rng(5))
    assert first.choose(state, 9, np.random.default_rng(2)).tolist() == rows.tolist(), "it keeps what it was told"


@EVERY
def test_choosing_changes_nothing_that_is_known(name):
    state = POOLS["several classes"]
    before = [np.array(getattr(state, field.name)) for field in dataclasses.fields(Known) if field.name != "prior"]
    studied(name, state.values).choose(state, 9, np.random.default_rng(2))
    after = [getattr(state, field.name) for field in dataclasses.fields(Known) if field.name != "prior"]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one, other)


@EVERY
def test_a_whole_pool_is_asked_to_its_end(name):
    values, truth = made(60, classes=2)
    asker, rng = studied(name, values), np.random.default_rng(0)
    asked = []
    while len(asked) < 60:
        asked += asker.choose(known(values, truth, asked=asked), 13, rng).tolist()
    assert sorted(asked) == list(range(60))


@EVERY
def test_nothing_is_left_to_ask_of_a_pool_that_is_answered(name):
    values, truth = made(20)
    asker = studied(name, values)
    assert not len(asker.choose(known(values, truth, asked=range(20)), 5, np.random.default_rng(0)))


@EVERY
def test_a_pool_of_one_row_is_asked(name):
    values = np.ones((1, 3), np.float32)
    state = Known(values, np.full((1, 1), UNKNOWN, np.int8), None, None, np.zeros(1, np.bool_))
    assert studied(name, values).choose(state, 5, np.random.default_rng(0)).tolist() == [0]


@EVERY
def test_options_are_a_frozen_dataclass_that_has_the_name_it_is_known_by(name):
    made_by_default = strategy(name)
    assert made_by_default.name == name
    assert STRATEGIES[name] is type(made_by_default)
    for field in dataclasses.fields(made_by_default):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made_by_default, field.name, 1)


def test_all_that_was_asked_for_is_there():
    assert set(STRATEGIES) >= {
        "random",
        "least_confident",
        "margin",
        "entropy",
        "anomaly",
        "k_centre",
        "density",
        "batches",
        "positives",
        "positive",
        "negative",
        "borderline",
        "feeds",
        "committee",
        "clusters",
    }


def test_an_unknown_strategy_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match="a strategy is one of random, .*, got 'margn'. Did you mean 'margin'?"):
        strategy("margn")


def test_an_unknown_option_is_refused_with_the_near_miss():
    with pytest.raises(OptionError, match=r"'committee' knows no 'member'.* Did you mean 'members'?"):
        strategy("committee", member=3)
    with pytest.raises(OptionError, match="'random' knows no 'seed'; it has no options"):
        strategy("random", seed=3)


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("committee", {"members": 1}, "a committee needs 2 members or more, got 1"),
        ("committee", {"candidates": 0}, "candidates must be 1 or more, got 0"),
        ("k_centre", {"candidates": 0}, "candidates must be 1 or more, got 0"),
        ("density", {"weight": -1}, "weight of density must be 0 or more and finite, got -1"),
        ("density", {"weight": np.nan}, "weight of density must be 0 or more and finite, got nan"),
        ("batches", {"times": 0}, "times must be 1 or more, got 0"),
        ("anomaly", {"trees": 0}, "trees and candidates must be 1 or more, got 0"),
        ("positives", {"unsure": 1.5}, r"unsure in \[0, 1\], got 30 and 1.5"),
        ("positives", {"enough": 0}, "enough must be 1 or more"),
    ],
)
def test_options_out_of_range_are_refused_at_birth(name, options, told):
    with pytest.raises(OptionError, match=told):
        strategy(name, **options)
