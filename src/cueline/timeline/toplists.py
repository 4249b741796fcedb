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

_CELLS = 2**18  # of a block: a megabyte of float32, which a core keeps near
_GROUP = 16


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


def top_classes(scores: Scores, k: int, *, first_row: int = 0) -> TopLists:
    """The k classes with the greatest scores of each row; of two equal ones, the lower number.

    Args:
        scores: Shape (N, C), finite.
        k: How many, 1 or more; C where there are fewer classes.
        first_row: The number of the first row, for messages, where these are rows of a larger table.

    Raises:
        TimelineError: If k is below 1, the scores are not floats of shape (N, C), or one is not finite.
    """
    scores = np.asarray(scores)
    if k < 1:
        raise TimelineError(f"a top list has 1 class or more, got k={k}")
    if scores.ndim != 2 or scores.dtype.char not in "efd":
        raise TimelineError(f"scores must be floats of shape (N, C), got {scores.dtype} {scores.shape}")
    scores = scores.astype(scores.dtype.newbyteorder("="), copy=False)
    rows, width = scores.shape
    k = min(k, width)
    classes, values = np.zeros((rows, k), np.int32), np.zeros((rows, k), scores.dtype)
    step = max(1, _CELLS // max(1, width))
    for first in range(0, rows if k else 0, step):
        block = slice(first, first + step)
        classes[block], values[block] = _best(scores[block], k, first_row + first)
    return TopLists(classes, values, width)


def _best(scores: Scores, k: int, first_row: int) -> tuple[npt.NDArray[np.int32], Scores]:
    """The k best classes of each row and their scores: those that may be are sorted, the others only compared."""
    rows, width = np.arange(len(scores)), scores.shape[1]
    found = np.flatnonzero(scores >= _limit(scores, k, first_row))
    begins = np.searchsorted(found, np.append(rows, len(rows)) * width)
    lengths = np.diff(begins)
    longest = int(lengths.max())
    places = np.arange(len(found)) + np.repeat(rows * longest - begins[:-1], lengths)  # in a table of that width
    classes, values = np.zeros(len(rows) * longest, np.int32), np.full(len(rows) * longest, -np.inf, scores.dtype)
    classes[places] = found - np.repeat(rows * width, lengths)
    values[places] = scores.ravel()[found]
    order = np.argsort(-values.reshape(-1, longest), axis=1, kind="stable")[:, :k] + (rows * longest)[:, None]
    return classes[order], values[order]


def _limit(scores: Scores, k: int, first_row: int) -> Scores:
    """A score that k classes of each row reach, and few more do: the k-th of the greatest of groups of classes."""
    width = scores.shape[1]
    groups = width // max(1, min(_GROUP, width // (8 * k)))  # enough of them that the k best seldom share one
    members = width // groups
    # As whole numbers, floats of 0 or more keep their order, and what is negative, infinite or NaN lies above them all:
    # for chances, one look at every score finds both the greatest and the strange ones.
    bits = scores.view(f"u{scores.itemsize}")
    grouped = bits[:, : members * groups].reshape(len(scores), members, groups).max(axis=1).view(scores.dtype)
    rest = scores[:, members * groups :]
    if not ((grouped >= 0) & (grouped < np.inf)).all() or not ((rest >= 0) & (rest < np.inf)).all():
        _refuse(~np.isfinite(scores), "scores must be finite", scores, first_row)
        grouped = scores[:, : members * groups].reshape(len(scores), members, groups).max(axis=1)
    return np.asarray(np.partition(np.concatenate((grouped, rest), axis=1), -k, axis=1)[:, -k, None])


def _refuse(wrong: npt.NDArray[np.bool_], must: str, values: npt.NDArray[np.generic], first_row: int = 0) -> None:
    if wrong.any():
        row, column = (int(i) for i in np.argwhere(wrong)[0])
        raise TimelineError(f"{must}, got {values[row, column]} in row {row + first_row}, column {column}")
