"""A random forest and gradient boosted trees, grown by scikit-learn and kept as flat arrays that numpy works out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

from cueline.models.forests import PARTS

Array = npt.NDArray[Any]
Rows = npt.NDArray[np.int64]
Values = npt.NDArray[np.float32]

_LEAST = 1e-6  # of a share, where its logarithm is taken


def grow_forest(x: Values, labels: Rows, *, classes: int, seed: int, options: Mapping[str, Any]) -> dict[str, Array]:
    """Trees of a random forest, as `cueline.models.forests` reads them.

    Args:
        x: Rows, shape (N, D).
        labels: Shape (N,), in 0 to C - 1; classes without a row get a chance of 0.
        classes: C.
        seed: Decides every draw.
        options: `trees`, `least_leaf` and `features` of them.
    """
    forest = RandomForestClassifier(
        options["trees"],
        min_samples_leaf=options["least_leaf"],
        max_features=options["features"],
        random_state=seed,
    ).fit(x, labels)
    shares = []
    for tree in forest.estimators_:
        said = tree.tree_.value[:, 0, :]
        full = np.zeros((len(said), classes))
        full[:, forest.classes_] = said / said.sum(axis=1, keepdims=True)
        shares.append(full)
    return _flat([tree.tree_ for tree in forest.estimators_], shares)


def grow_boosted(x: Values, labels: Rows, *, classes: int, seed: int, options: Mapping[str, Any]) -> dict[str, Array]:
    """Boosted trees, as `cueline.models.forests` reads them.

    Args:
        x: As `grow_forest`.
        labels: As `grow_forest`.
        classes: As `grow_forest`.
        seed: As `grow_forest`.
        options: `rounds`, `rate` and `depth` of them.
    """
    there, inner = np.unique(labels, return_inverse=True)
    start = np.log(np.maximum(np.bincount(labels, minlength=classes) / len(labels), _LEAST))
    if len(there) < 2:
        return {**_flat([], []), "start": start}
    grown = GradientBoostingClassifier(
        n_estimators=options["rounds"],
        learning_rate=options["rate"],
        max_depth=options["depth"],
        max_features="sqrt",
        subsample=0.8,
        random_state=seed,
    ).fit(x, inner)
    trees = [tree.tree_ for tree in grown.estimators_.ravel()]
    said = [options["rate"] * tree.value[:, :, 0] for tree in trees]
    if len(there) == classes == 2:
        return {**_flat(trees, said), "start": np.array([start[1] - start[0]])}
    return {**_all_classes(trees, said, there, classes), "start": start}


def _all_classes(trees: Sequence[Any], said: Sequence[Array], there: Rows, classes: int) -> dict[str, Array]:
    """The same with a tree for each class in every round: one that says 0 for those without rows."""
    if len(there) == classes:
        return _flat(trees, said)
    if len(there) == 2:  # one tree a round, which speaks for the second class
        there = there[1:]
    place = {label: number for number, label in enumerate(there.tolist())}
    all_trees, all_said = [], []
    for first in range(0, len(trees), len(there)):
        for label in range(classes):
            number = place.get(label)
            all_trees.append(None if number is None else trees[first + number])
            all_said.append(np.zeros((1, 1)) if number is None else said[first + number])
    return _flat(all_trees, all_said)


def _flat(trees: Sequence[Any], said: Sequence[Array]) -> dict[str, Array]:
    """Trees one after the other in one table; None is a tree that is one leaf."""
    edges = np.cumsum([0, *(len(values) for values in said)])
    parts: dict[str, list[Array]] = {name: [] for name in PARTS}
    for tree, values, first in zip(trees, said, edges[:-1].tolist(), strict=True):
        own = np.arange(first, first + len(values))
        left = np.full(1, -1) if tree is None else tree.children_left
        right = np.full(1, -1) if tree is None else tree.children_right
        leaf = left < 0
        parts["left"].append(np.where(leaf, own, left + first))
        parts["right"].append(np.where(leaf, own, right + first))
        parts["features"].append(np.zeros(1, np.int64) if tree is None else np.where(leaf, 0, tree.feature))
        parts["thresholds"].append(np.zeros(1) if tree is None else tree.threshold)
        parts["values"].append(values)
    width = said[0].shape[1] if said else 1
    depth = max((0 if tree is None else tree.max_depth for tree in trees), default=0)
    whole = {name: np.concatenate(arrays) if arrays else np.empty(0) for name, arrays in parts.items()}
    return {
        "roots": edges[:-1].astype(np.int32),
        "features": whole["features"].astype(np.int32),
        "thresholds": _not_above(whole["thresholds"]),
        "left": whole["left"].astype(np.int32),
        "right": whole["right"].astype(np.int32),
        "values": whole["values"].reshape(-1, width).astype(np.float32),
        "depth": np.array([depth], np.int32),
    }


def _not_above(thresholds: Array) -> Values:
    """The greatest float32 not above each number: a float32 is not above the one where it is not above the other."""
    near: Values = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
