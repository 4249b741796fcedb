"""Decision trees as flat arrays: many trees answer many rows at once, in numpy, without what grew them.

All nodes of all trees of an ensemble stand in one table, each tree from its root on. A node that splits sends a row
to `left` where `row[feature] <= threshold`, else to `right`; a leaf points to itself, so that rows which arrive early
wait there. Rows are float32, thresholds the greatest float32 not above the grown one: every comparison ends as it did
where the trees were grown.

    roots       the first node of each tree, shape (E,)
    features    column that a node looks at, shape (M,)
    thresholds  shape (M,)
    left        node to go on to, shape (M,)
    right       likewise
    values      what a leaf says, shape (M, K)
    depth       how many steps the deepest tree takes, shape (1,)

References:
    L. Breiman, 2001, Random forests. J. H. Friedman, 2001, Greedy function approximation: a gradient boosting machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError

Arrays = Mapping[str, npt.NDArray[Any]]
Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

PARTS = ("roots", "features", "thresholds", "left", "right", "values", "depth")
_CELLS = 4_000_000  # of a row and a tree at once


def leaves(x: Floats, arrays: Arrays) -> npt.NDArray[np.int64]:
    """The leaf in which each row ends in each tree, shape (N, E).

    Args:
        x: Rows, float32, shape (N, D).
        arrays: As the head of this module lists them.

    Raises:
        FormatError: If an array is missing, or a node looks at a column that rows do not have.
    """
    missing = [name for name in PARTS if name not in arrays]
    if missing:
        raise FormatError(f"trees need the array {missing[0]!r}; they have: {', '.join(sorted(arrays)) or 'none'}")
    features, left, right = arrays["features"], arrays["left"], arrays["right"]
    if len(features) and features.max() >= x.shape[1]:
        raise FormatError(f"trees look at column {features.max()}, got rows of {x.shape[1]} numbers")
    found = np.empty((len(x), len(arrays["roots"])), np.int64)
    block = max(1, _CELLS // max(1, found.shape[1]))
    for first in range(0, len(x), block):
        rows = x[first : first + block]
        at = np.broadcast_to(arrays["roots"].astype(np.int64), (len(rows), found.shape[1]))
        every = np.arange(len(rows))[:, None]
        for _ in range(int(arrays["depth"][0])):
            at = np.where(rows[every, features[at]] <= arrays["thresholds"][at], left[at], right[at])
        found[first : first + block] = at
    return found


def forest_chances(x: Floats, arrays: Arrays) -> Numbers:
    """Mean of what the trees of a random forest say, shape (N, C)."""
    total = np.zeros((len(x), arrays["values"].shape[1]))
    for column in leaves(x, arrays).T:
        total += arrays["values"][column]
    return total / max(1, len(arrays["roots"]))


def boosted_scores(x: Floats, arrays: Arrays) -> Numbers:
    """Sums of what the trees of a boosted ensemble say, upon where it began, shape (N, C) or, of two classes, (N, 1).

    Args:
        x: Rows, float32, shape (N, D).
        arrays: With `start` too, shape (C,) or (1,): the trees stand in rounds, one for each score.
    """
    scores = np.zeros((len(x), len(arrays["start"]))) + arrays["start"].astype(np.float64)
    said = arrays["values"][leaves(x, arrays), 0].astype(np.float64)
    for place in range(scores.shape[1]):
        scores[:, place] += said[:, place :: scores.shape[1]].sum(axis=1)
    return scores
