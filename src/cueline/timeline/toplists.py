"""TopLists: the best few classes of each row, with their scores: what a multi-label model says of N videos.

Thousands of classes have a score, a few matter. The lists are what the field's measures look at, what its
prediction files hold, and what fits in memory for millions of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.timeline.examples import read_only

Scores = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True, eq=False)
class TopLists:
    """The best classes of each row, best first.

    Attributes:
        classes: Numbers of classes, shape (N, K); -1 where a row has no more.
        scores: Their scores, falling within a row, shape (N, K); anything where the class is -1.
        width: C, how many classes there are.

    Example:
        >>> top = top_classes(np.array([[0.1, 0.9, 0.5]]), 2)
        >>> top.classes.tolist(), top.scores.tolist()
        ([[1, 2]], [[0.9, 0.5]])
    """

    classes: npt.NDArray[np.integer]
    scores: Scores
    width: int

    def __post_init__(self) -> None:
        """Refuse shapes that differ, classes that do not exist or stand twice, scores that rise or are no numbers."""
        classes, scores = np.asarray(self.classes), np.asarray(self.scores)
        if classes.ndim != 2 or classes.shape != scores.shape:
            raise TimelineError(
                f"classes and scores must both have shape (N, K), got {classes.shape} and {scores.shape}"
            )
        if not (np.issubdtype(classes.dtype, np.integer) and np.issubdtype(scores.dtype, np.floating)):
            raise TimelineError(f"classes are whole numbers, scores floats; got {classes.dtype} and {scores.dtype}")
        used = classes >= 0
        _refuse((classes < -1) | (classes >= self.width), f"classes must lie in -1 to {self.width - 1}", classes)
        _refuse(used & ~np.isfinite(scores), "scores must be finite", scores)
        if scores.shape[1] > 1:
            later = used[:, 1:]
            _refuse(later & ~used[:, :-1], "a row must not go on after -1", classes[:, 1:])
            _refuse(later & (scores[:, 1:] > scores[:, :-1]), "scores must not rise within a row", scores[:, 1:])
            ordered = np.sort(classes, axis=1)
            _refuse(
                (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0), "a row has a class once", ordered[:, 1:]
            )
        for name, value in (("classes", classes), ("scores", scores)):
            object.__setattr__(self, name, read_only(value))

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.classes)

    @property
    def depth(self) -> int:
        """K, the longest a row can be."""
        return int(self.classes.shape[1])

    def first(self, k: int) -> TopLists:
        """The best k of each row; all where a row has fewer."""
        return TopLists(self.classes[:, :k], self.scores[:, :k], self.width)

    def take(self, rows: npt.NDArray[np.integer]) -> TopLists:
        """Some rows, in the order asked for."""
        return TopLists(self.classes[rows], self.scores[rows], self.width)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"TopLists({len(self)} rows, at most {self.depth} of {self.width} classes)"


def top_classes(scores: Scores, k: int) -> TopLists:
    """The k classes with the greatest scores of each row; of two equal ones, the lower number.

    Args:
        scores: Shape (N, C), finite.
        k: How many, 1 or more; C where there are fewer classes.

    Raises:
        TimelineError: If k is below 1, the shape is not (N, C), or a score is not finite.
    """
    scores = np.asarray(scores)
    if k < 1:
        raise TimelineError(f"a top list has 1 class or more, got k={k}")
    if scores.ndim != 2:
        raise TimelineError(f"scores must have shape (N, C), got {scores.shape}")
    _refuse(~np.isfinite(scores), "scores must be finite", scores)
    width = scores.shape[1]
    k = min(k, width)
    every = np.broadcast_to(np.arange(width), scores.shape)
    chosen = every if k == width else np.sort(_greatest(scores, k), axis=1)
    values = np.take_along_axis(scores, chosen, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return TopLists(
        np.take_along_axis(chosen, order, axis=1).astype(np.int32), np.take_along_axis(values, order, axis=1), width
    )


def _greatest(scores: Scores, k: int) -> npt.NDArray[np.intp]:
    """The k greatest of each row in any order; where several tie for the last place, the lower numbers."""
    chosen = np.argpartition(scores, -k, axis=1)[:, -k:]
    least = np.take_along_axis(scores, chosen, axis=1).min(axis=1, keepdims=True)
    above = np.count_nonzero(scores > least, axis=1)
    crowded = np.flatnonzero(above + np.count_nonzero(scores == least, axis=1) > k)
    for row in crowded.tolist():
        better, equal = np.flatnonzero(scores[row] > least[row]), np.flatnonzero(scores[row] == least[row])
        chosen[row] = np.concatenate((better, equal[: k - above[row]]))
    return chosen


def _refuse(wrong: npt.NDArray[np.bool_], must: str, values: npt.NDArray[np.generic]) -> None:
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise TimelineError(f"{must}, got {values[row, column]} in row {row}, column {column}")
