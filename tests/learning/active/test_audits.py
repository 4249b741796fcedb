"""What answers say of nodes: counts by brute force, answers that are not spread, and the best way to take nodes."""

import itertools

import numpy as np
import pytest

from cueline.learning.active.asking import Known
from cueline.learning.active.audits import evidence, inside, missing, settled, trust
from cueline.learning.active.growing import grow
from cueline.learning.active.trees import Hierarchy

HALVES = Hierarchy(np.array([[0, 1]]), np.array([1.0]), np.repeat([0, 1], 50))


def known_of(rows, answered, *, classes=1, seen=()):
    """A pool with answers by row: {row: (0 or 1, ...)}."""
    answers = np.full((rows, classes), -1, np.int8)
    for row, answer in answered.items():
        answers[row] = answer
    flags = (answers >= 0).any(axis=1)
    flags[list(seen)] = True
    return Known(np.zeros((rows, 1), np.float32), answers, None, None, flags)


def made_pool(seed, rows=24, leaves=4096):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((rows, 2)).astype(np.float32)
    asked = rng.choice(rows, 12, replace=False)
    answers = {int(row): rng.integers(0, 2, 2) for row in asked}
    return grow(values, leaves=leaves), known_of(
        rows, answers, classes=2, seen=[int(np.setdiff1d(range(rows), asked)[0])]
    )


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_brute_force(seed):
    tree, known = made_pool(seed, leaves=9)
    found = evidence(tree, known)
    for node in range(len(tree.parents)):
        rows = tree.rows(node)
        vectors = [tuple(answer) for answer in known.answers[rows].tolist() if -1 not in answer]
        most = max((vectors.count(vector) for vector in vectors), default=0)
        assert found.open[node] == np.count_nonzero(~known.seen[rows])
        assert found.answered[node] <= len(vectors) + 1e-9
        assert found.agreeing[node] * len(vectors) == pytest.approx(most * found.answered[node])
        if vectors:
            assert vectors.count(tuple(found.kinds[found.commonest[node]].tolist())) == most


def test_many_kinds_of_answers_are_counted_in_blocks():
    rows, classes = 700, 10
    kinds = list(itertools.islice(itertools.product((0, 1), repeat=classes), rows - 200)) + [(1,) * classes] * 200
    tree = grow(np.arange(rows, dtype=np.float32)[:, None], leaves=4)
    found = evidence(tree, known_of(rows, dict(enumerate(kinds)), classes=classes))
    assert len(found.kinds) == 501
    assert found.kinds[found.commonest[-1]].tolist() == [1] * classes
    assert found.agreeing[-1] == pytest.approx(200)


def test_ten_answers_in_one_half_say_nothing_of_the_other():
    one_half = evidence(HALVES, known_of(100, dict.fromkeys(range(10), 1)))
    assert one_half.answered.tolist() == [10, 0, 2]
    both = evidence(HALVES, known_of(100, dict.fromkeys([*range(5), *range(50, 55)], 1)))
    assert both.answered.tolist() == [5, 5, 10]


def test_trust_is_the_rule_of_succession():
    found = evidence(HALVES, known_of(100, {0: 1, 1: 1, 2: 1, 3: 0, 50: 1}))
    np.testing.assert_allclose(trust(found), [4 / 6, 2 / 3, (0.8 * 4 + 1) / 6])


def test_a_row_that_is_not_answered_about_every_class_does_not_count():
    known = known_of(100, {0: (1, -1), 1: (1, 0)}, classes=2)
    assert evidence(HALVES, known).answered.tolist() == [1, 0, 1]
    never = evidence(HALVES, known_of(100, {0: (1, -1), 1: (0, -1)}, classes=2))
    assert (never.kinds.tolist(), never.answered[0]) == ([[0, -1], [1, -1]], 2)


def test_who_cannot_say_closes_a_row_and_answers_nothing():
    found = evidence(HALVES, known_of(100, {}, seen=[3]))
    assert (found.open.tolist(), found.answered.tolist(), len(found.kinds)) == ([49, 50, 99], [0, 0, 0], 0)


def test_the_answers_that_are_missing_are_enough_and_none_too_many():
    for answers in ({}, {0: 1}, {0: 1, 1: 1, 2: 0}, dict.fromkeys(range(20), 1)):
        found = evidence(HALVES, known_of(100, answers))
        more = missing(found, audit=5, purity=0.85)[0]
        n, k = found.answered[0], found.agreeing[0]
        assert n + more >= 5
        assert (k + more + 1) / (n + more + 2) >= 0.85 - 1e-9
        if more:
            assert n + more - 1 < 5 or (k + more) / (n + more + 1) < 0.85
    assert missing(evidence(HALVES, known_of(100, {})), audit=70, purity=0.85)[0] == 50


def prunings(tree, node):
    """Every way to take nodes of which none lies within another."""
    yield ()
    yield (node,)
    if node >= tree.leaf_count:
        left, right = tree.children[node - tree.leaf_count].tolist()
        for one in prunings(tree, left):
            for other in prunings(tree, right):
                if one or other:
                    yield one + other


@pytest.mark.parametrize("seed", range(6))
def test_the_nodes_taken_are_worth_most_of_all_ways_to_take_some(seed):
    tree, known = made_pool(seed, leaves=5)
    found = evidence(tree, known)
    worth = np.where(found.answered >= 1, found.open * (trust(found) - 0.55) / 0.45, 0)
    best = max(worth[list(nodes)].sum() for nodes in prunings(tree, len(tree.parents) - 1))
    taken = np.flatnonzero(settled(tree, found, audit=1, purity=0.55))
    assert worth[taken].sum() == pytest.approx(best)
    assert (worth[taken] > 0).all()
    within = inside(tree, taken)
    for leaf in range(tree.leaf_count):
        holders = [node for node in taken.tolist() if set(tree.rows(leaf)) <= set(tree.rows(node))]
        assert holders == ([within[leaf]] if within[leaf] >= 0 else [])


def test_a_mixed_node_is_opened_and_its_pure_parts_are_taken():
    answers = {**dict.fromkeys(range(6), 1), **dict.fromkeys(range(50, 56), 0)}
    found = evidence(HALVES, known_of(100, answers))
    assert settled(HALVES, found, audit=5, purity=0.85).tolist() == [True, True, False]
    assert found.kinds[found.commonest[:2]].tolist() == [[1], [0]]


def test_a_node_is_not_settled_by_fewer_answers_than_an_audit():
    found = evidence(HALVES, known_of(100, dict.fromkeys(range(6), 1)))
    assert not settled(HALVES, found, audit=7, purity=0.85).any()


def test_evidence_shows_sizes():
    assert repr(evidence(HALVES, known_of(100, {0: 1}))) == "Evidence(3 nodes, 1 kinds of answers, 99 rows open)"
