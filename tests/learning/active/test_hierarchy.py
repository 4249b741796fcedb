"""Labels for groups: a handful of answers labels blobs, mixed groups are opened, and trust can be believed."""

import math

import numpy as np
import pytest

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import Infers, Known
from cueline.learning.active.hierarchy import ClusterGuided, coherence


def blobs(count=4, each=200, *, apart=12.0, seed=0):
    """Groups on the corners of a square or cube, and the group of each row."""
    rng = np.random.default_rng(seed)
    blob = np.repeat(np.arange(count), each)
    corners = apart * np.array([[n >> bit & 1 for bit in range(3)] for n in range(count)], float)
    return (corners[blob] + rng.standard_normal((len(blob), 3))).astype(np.float32), blob


class Pool:
    """People who answer what they are asked."""

    def __init__(self, values, truth, **options):
        self.values, self.truth = values, np.asarray(truth, np.int8).reshape(len(values), -1)
        self.asker = ClusterGuided(**options).study(values, seed=0)
        self.answers = np.full(self.truth.shape, -1, np.int8)
        self.seen = np.zeros(len(values), np.bool_)
        self.rng = np.random.default_rng(7)

    def known(self, chances=None, prior=None):
        return Known(self.values, self.answers.copy(), chances, prior, self.seen.copy())

    def tell(self, rows):
        self.seen[rows] = True
        self.answers[rows] = self.truth[rows]

    def ask(self, count, step=5):
        for _ in range(0, count, step):
            self.tell(self.asker.choose(self.known(), step, self.rng))

    def right(self):
        found = self.asker.inferred(self.known())
        return (found.answers == self.truth[found.rows]).all(axis=1)


def test_a_handful_of_answers_labels_four_blobs():
    values, blob = blobs()
    pool = Pool(values, blob[:, None] == np.arange(4))
    pool.ask(20)
    assert len(set(blob[pool.seen].tolist())) == 4
    assert np.count_nonzero(pool.right()) >= 0.95 * 800
    assert pool.right().all()


def test_one_class_among_four_blobs_is_told_from_the_rest():
    values, blob = blobs()
    pool = Pool(values, blob == 2)
    pool.ask(20)
    found = pool.asker.inferred(pool.known())
    assert len(found.rows) >= 0.95 * 800
    assert pool.right().all()
    assert np.count_nonzero(found.answers) >= 190


def test_many_rows_in_few_leaves_are_labelled_alike():
    values, blob = blobs(each=2000)
    pool = Pool(values, blob[:, None] == np.arange(4), leaves=64)
    pool.ask(25)
    assert np.count_nonzero(pool.right()) >= 0.95 * 8000
    assert pool.right().all()


def test_a_mixed_group_is_opened():
    values, blob = blobs(2, apart=12)
    mixed = (blob == 1) | ((blob == 0) & (values[:, 0] > 0))  # the first blob is of two halves
    pool = Pool(values, mixed)
    pool.ask(60)
    found = pool.asker.inferred(pool.known())
    assert set(found.answers[blob[found.rows] == 0].ravel().tolist()) == {0, 1}
    assert pool.right().mean() > 0.85


def test_nothing_follows_while_all_answers_are_alike():
    values, _ = blobs()
    pool = Pool(values, np.zeros(800))
    pool.ask(40)
    found = pool.asker.inferred(pool.known())
    assert (len(found.rows), found.answers.shape, len(found.trust)) == (0, (0, 1), 0)


def test_nothing_follows_from_no_answers():
    values, _ = blobs()
    assert len(Pool(values, np.zeros(800)).asker.inferred(Pool(values, np.zeros(800)).known()).rows) == 0


def test_a_class_that_nobody_answered_stays_unknown():
    values, blob = blobs()
    pool = Pool(values, np.column_stack((blob == 0, np.full(800, -1))))
    pool.ask(20)
    found = pool.asker.inferred(pool.known())
    assert len(found.rows) > 700
    assert set(found.answers[:, 1].tolist()) == {-1}


def test_trust_can_be_believed():
    """Pools of every kind: how far groups overlap, how common a class is, how often people err."""
    right, promised, rows = 0.0, 0.0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        count = int(rng.integers(3, 20))
        group = rng.integers(count, size=600)
        values = (rng.standard_normal((count, 8)) * rng.uniform(1, 4))[group] + rng.standard_normal((600, 8))
        truth = (rng.random(count) < rng.uniform(0.1, 0.5))[group] ^ (rng.random(600) < rng.uniform(0, 0.15))
        pool = Pool(values.astype(np.float32), truth)
        for _ in range(3):
            pool.ask(30)
            found = pool.asker.inferred(pool.known())
            right += np.count_nonzero(pool.right())
            promised += float(found.trust.sum())
            rows += len(found.rows)
    assert rows > 3000
    assert right / rows >= promised / rows - 0.02


def test_trust_of_a_group_without_a_yes_says_how_many_may_hide():
    values, blob = blobs()
    pool = Pool(values, blob == 2)
    pool.ask(20)
    found = pool.asker.inferred(pool.known())
    no = found.trust[found.answers[:, 0] == 0]
    assert (no < 1).all()
    assert (no >= 6 / 7 - 1e-6).all()


@pytest.mark.parametrize("asked", [0, 20, 5000])
def test_what_follows_weighs_no_more_than_its_trust_nor_than_what_was_asked(asked):
    values, blob = blobs()
    pool = Pool(values, blob == 2)
    pool.ask(20)
    found = pool.asker.inferred(pool.known())
    weights = found.weights(np.arange(len(found.rows)), asked=asked)
    assert weights.shape == found.trust.shape
    assert (weights <= found.trust).all()
    assert weights.sum() <= asked
    if asked > len(found.rows):
        np.testing.assert_array_equal(weights, found.trust)


def test_nothing_that_follows_weighs_nothing():
    values, _ = blobs()
    pool = Pool(values, np.zeros(800))
    assert pool.asker.inferred(pool.known()).weights(np.empty(0, np.int64), asked=5).shape == (0,)


def test_the_price_rises_as_groups_are_settled():
    values, blob = blobs()
    pool = Pool(values, blob[:, None] == np.arange(4))
    before = pool.asker.price(pool.known())
    assert 5 / 800 <= before < 0.1
    pool.ask(20)
    assert pool.asker.price(pool.known()) > 5 * before


def test_the_price_is_infinite_when_every_row_was_asked_about():
    values, blob = blobs(each=10)
    pool = Pool(values, blob == 0)
    pool.tell(np.arange(40))
    assert pool.asker.price(pool.known()) == math.inf
    assert len(pool.asker.choose(pool.known(), 5, pool.rng)) == 0
    assert len(pool.asker.inferred(pool.known()).rows) == 0


def test_no_price_is_above_that_of_asking_each_row():
    values = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    pool = Pool(values, np.arange(40) % 2)
    for _ in range(6):
        price = pool.asker.price(pool.known())
        assert price <= 1 or price == math.inf
        pool.ask(5)


@pytest.mark.parametrize("count", [1, 3, 20, 1000])
def test_chosen_rows_are_open_and_each_there_once(count):
    values, blob = blobs(each=30)
    pool = Pool(values, blob == 0)
    pool.ask(30)
    chosen = pool.asker.choose(pool.known(), count, pool.rng)
    assert len(chosen) == min(count, 90)
    assert len(set(chosen.tolist())) == len(chosen)
    assert not pool.seen[chosen].any()


@pytest.mark.parametrize("dear", [0.5, 1e-9])
@pytest.mark.parametrize("scores", ["none", "chances", "prior"])
def test_the_same_answers_and_the_same_draw_give_the_same_rows(dear, scores):
    values, blob = blobs(each=50)
    given = {} if scores == "none" else {scores: np.random.default_rng(1).random((200, 1)).astype(np.float32)}
    pool = Pool(values, blob == 0, dear=dear)
    pool.ask(10)
    one, other = (pool.asker.choose(pool.known(**given), 30, np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    again = ClusterGuided(dear=dear).study(values, seed=0)
    np.testing.assert_array_equal(one, again.choose(pool.known(**given), 30, np.random.default_rng(5)))


def test_what_is_known_is_left_as_it_is():
    values, blob = blobs(each=50)
    pool = Pool(values, blob == 0)
    pool.ask(10)
    known = pool.known()
    pool.asker.choose(known, 20, pool.rng)
    pool.asker.inferred(known)
    np.testing.assert_array_equal(known.seen, pool.seen)
    np.testing.assert_array_equal(known.answers, pool.answers)


def test_too_dear_groups_give_way_to_the_rows_of_which_the_model_is_least_sure():
    values, blob = blobs(each=50)
    pool = Pool(values, blob == 0, dear=1e-9)
    chances = np.full((200, 1), 0.01, np.float32)
    chances[[17, 120]] = [[0.45], [0.5]]
    assert pool.asker.choose(pool.known(chances), 2, pool.rng).tolist() == [120, 17]


def test_a_settled_row_that_the_model_contradicts_is_asked_about():
    values, blob = blobs()
    pool = Pool(values, blob == 2)
    pool.ask(20)
    doubted = int(pool.asker.inferred(pool.known()).rows[0])
    assert blob[doubted] != 2
    chances = pool.truth.astype(np.float32)
    chances[doubted] = 0.97
    loose = Pool(values, blob == 2, dear=1e-9)
    assert loose.asker.choose(pool.known(chances), 1, pool.rng).tolist() == [doubted]


def test_without_a_model_the_likeliest_by_the_prior_come_first_one_from_each_leaf():
    values = np.repeat(np.array([[0.0], [5.0], [9.0]], np.float32), 20, axis=0)
    pool = Pool(values, np.zeros(60), leaves=3, dear=1e-9)
    prior = np.arange(60, dtype=np.float32)[:, None]
    assert pool.asker.choose(pool.known(prior=prior), 4, pool.rng).tolist() == [59, 39, 19, 58]


def test_without_model_and_prior_rows_are_spread_over_the_tree():
    values, blob = blobs()
    pool = Pool(values, np.zeros(800), dear=1e-9)
    chosen = pool.asker.choose(pool.known(), 8, pool.rng)
    assert np.bincount(blob[chosen]).tolist() == [2, 2, 2, 2]


def test_an_audit_is_spread_over_the_parts_of_a_group():
    values, _ = blobs(2, apart=3)
    pool = Pool(values, np.zeros(400))
    root = len(pool.asker.tree.parents) - 1
    rows = pool.asker._spread(root, pool.seen, 8, 8, pool.rng)
    place = np.argsort(pool.asker.tree.order)[rows]
    assert sorted((place * 8 // 400).tolist()) == list(range(8))


def test_what_stands_out_and_its_parts_are_believed_pure():
    values, blob = blobs()
    asker = ClusterGuided().study(values, seed=0)
    tree, belief = asker.tree, asker.belief
    np.testing.assert_array_equal(belief, coherence(tree))
    assert (belief[-1], belief.min() >= 0, belief.max() <= 1) == (0, True, True)
    assert (belief[:-1] >= belief[tree.parents[:-1]]).all()
    whole = [node for node in range(len(belief)) if tree.sizes[node] == 200 and len(set(blob[tree.rows(node)])) == 1]
    assert len(whole) == 4
    assert (belief[whole] > 0.5).all()


def test_a_pool_of_one_row_can_be_asked_about():
    pool = Pool(np.zeros((1, 3), np.float32), [1])
    assert pool.asker.choose(pool.known(), 5, pool.rng).tolist() == [0]
    assert repr(pool.asker) == "ClusterAsker(Hierarchy(1 rows in 1 leaves, height 0))"


def test_it_is_an_asker_that_infers():
    asker = ClusterGuided().study(np.zeros((3, 2), np.float32), seed=0)
    assert isinstance(asker, Infers)
    assert ClusterGuided.name == "clusters"


def test_another_pool_than_the_one_studied_is_refused():
    values, blob = blobs(each=10)
    pool = Pool(values, blob)
    other = Known(values[:39], pool.answers[:39], None, None, pool.seen[:39])
    with pytest.raises(TimelineError, match="the pool that was studied has 40 rows, got 39"):
        pool.asker.choose(other, 1, pool.rng)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"linkage": "wards"}, "Did you mean 'ward'"),
        ({"leaves": 1}, "leaves must be 2 or more"),
        ({"audit": 0}, "audit 1 or more"),
        ({"purity": 0.5}, r"purity must lie in \(0.5, 1\)"),
        ({"purity": 1.0}, r"purity must lie in \(0.5, 1\)"),
        ({"dear": 0.0}, "dear above 0"),
    ],
)
def test_options_that_cannot_be_are_refused(options, message):
    with pytest.raises(OptionError, match=message):
        ClusterGuided(**options)
