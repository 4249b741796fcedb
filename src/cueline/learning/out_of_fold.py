"""What a model says of rows that it has not learned from: the ground for doubts, learning curves and honest measures.

Rows are parted into folds; each fold gets its chances from a model fitted on the others. A classifier is a function
`fit(values, answers)` whose result has `chances(values)`. Where none is given it is `fit_few`, made for few labels, on
features that `prepare` made comparable; it looks at all rows, but at no label. Whoever has prepared features gives
`fit=fit_few`.

    out_of_fold      chances of every row, each from a model that did not see it
    answers_of       the answers of examples as one table
    ready            features prepared, where no classifier is given
    refuse_strange   features and answers that nobody can learn from
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.inputs import blocks
from cueline.learning.active.asking import NO, UNKNOWN, YES, Floats, Verdicts
from cueline.learning.active.few import fit_few
from cueline.learning.active.preparing import prepare
from cueline.learning.splits import Rows, Split
from cueline.learning.stratified import Folds, stratified_folds, why_not_judged
from cueline.timeline.examples import Examples, LabelLists

Values = npt.NDArray[np.generic]


class Fitted(Protocol):
    """A model that has learned."""

    def chances(self, values: Floats, /) -> Floats:
        """How likely each class is, in [0, 1]: shape (N, D) becomes (N, C)."""
        ...


class Fit(Protocol):
    """A way to learn."""

    def __call__(self, values: Floats, answers: Verdicts, /) -> Fitted:
        """Learn from features, shape (N, D), and answers YES, NO or UNKNOWN, shape (N, C).

        A class may lack a yes or a no here; its chances then are the same for every row.
        """
        ...


def out_of_fold(values: Values, answers: Verdicts, splits: Iterable[Split], *, fit: Fit | None = None) -> Floats:
    """Chances of rows apart, from models fitted on the rows to learn from that somebody judged.

    Args:
        values: Features, finite, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C).
        splits: Whose rows apart do not overlap.
        fit: The classifier; `fit_few` on prepared features if None.

    Returns:
        Shape (N, C); NaN in rows that no split keeps apart.

    Raises:
        TimelineError: If nothing judged is left to learn from, or the classifier gives no chances of the right shape.
    """
    values, learn = ready(values, fit)
    chances = np.full(answers.shape, np.nan, np.float32)
    for fold, split in enumerate(splits):
        rows = split.learn[(answers[split.learn] != UNKNOWN).any(axis=1)]
        if not len(rows):
            raise TimelineError(f"there must be judged rows to learn from, got none in fold {fold}. Label more groups.")
        chances[split.apart] = chances_apart(values, answers, rows, split.apart, learn)
    return chances


def chances_apart(values: Values, answers: Verdicts, rows: Rows, apart: Rows, fit: Fit) -> Floats:
    """Chances of some rows from a model fitted on others, checked, shape (A, C)."""
    model = fit(np.asarray(values[rows], np.float32), answers[rows])
    found = np.asarray(model.chances(np.asarray(values[apart], np.float32)), np.float32)
    expected = (len(apart), answers.shape[1])
    if found.shape != expected or not ((found >= 0) & (found <= 1)).all():
        raise TimelineError(
            f"a classifier must give chances in [0, 1] of shape {expected}, got shape {found.shape}"
            f"{f', from {found.min():g} to {found.max():g}' if found.size else ''}. Are they logits?"
        )
    return found


def ready(values: Values, fit: Fit | None) -> tuple[Values, Fit]:
    """Features and the classifier for them: raw ones are prepared where none is given, from features alone."""
    if fit is not None:
        return values, fit
    return prepare(values)(values), fit_few


def answers_of(examples: Examples) -> Verdicts:
    """Answers of examples, YES, NO or UNKNOWN, shape (N, C); takes N x C bytes.

    Example:
        >>> yes, unknown = LabelLists.of([[0], []], width=2), LabelLists.of([[], [1]], width=2)
        >>> answers_of(Examples(np.zeros((2, 1)), yes, unknown)).tolist()
        [[1, 0], [0, -1]]
    """
    answers = np.full((len(examples), examples.yes.width), NO, np.int8)
    for labels, answer in ((examples.yes, YES), (examples.unknown, UNKNOWN)):
        answers[labels.rows, labels.ids] = answer
    return answers


def refuse_strange(values: Values, answers: Verdicts, groups: npt.ArrayLike | None) -> Rows:
    """Refuse what nobody can learn from; give the groups as numbers, shape (N,), each row by itself if None.

    Raises:
        TimelineError: If shapes differ, an answer is none, or a feature is not finite: with its row and column.
    """
    if answers.ndim != 2 or values.ndim != 2 or len(values) != len(answers):
        raise TimelineError(
            f"features must have shape (N, D) and answers (N, C), a row an item, got {values.shape} and {answers.shape}"
        )
    wrong = np.argwhere((answers != YES) & (answers != NO) & (answers != UNKNOWN))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise TimelineError(
            f"answers must be {YES} for yes, {NO} for no, {UNKNOWN} for unknown, got {answers[row, column]} in row "
            f"{row}, column {column}"
        )
    for rows in blocks(*values.shape):
        strange = np.argwhere(~np.isfinite(np.asarray(values[rows])))
        if len(strange):
            row, column = strange[0].tolist()
            raise TimelineError(
                f"features must be finite, got {values[rows][row, column]} in row {row + rows.start}, column {column}. "
                "Extract that item again, or leave it out."
            )
    labels = np.arange(len(values)) if groups is None else np.asarray(groups)
    if labels.shape != (len(values),):
        raise TimelineError(f"groups must have shape ({len(values)},), one a row, got {labels.shape}")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def judged_classes(answers: Verdicts, groups: Rows, names: Sequence[str]) -> tuple[list[int], tuple[str, ...]]:
    """Numbers of the classes that can be measured out of fold, and a sentence for each that cannot.

    Raises:
        TimelineError: If none can, with all the reasons.
    """
    width = answers.shape[1]
    if len(names) not in (0, width):
        raise TimelineError(f"there must be a name for each of {width} classes, got {len(names)}")
    reasons = [why_not_judged(column == YES, column == NO, groups) for column in answers.T]
    left_out = tuple(f"{name_of(number, names)!r}: {why}" for number, why in enumerate(reasons) if why)
    judged = [number for number, why in enumerate(reasons) if not why]
    if not judged:
        raise TimelineError(
            "a class can be measured out of fold if it has a yes and a no in two groups or more, got none that has: "
            f"{'; '.join(left_out) or 'there are no classes'}. Label clips of other groups."
        )
    return judged, left_out


def name_of(number: int, names: Sequence[str]) -> str:
    """What a class is called."""
    return names[number] if names else f"class {number}"


def folds_of_answers(
    answers: Verdicts, groups: Rows, *, folds: int, seed: int, names: Sequence[str] = (), asked: Sequence[int] = ()
) -> Folds:
    """Stratified folds of a table of answers.

    Raises:
        OptionError: As `stratified_folds`.
    """
    yes, unknown = (LabelLists.of_flags(answers == answer) for answer in (YES, UNKNOWN))
    return stratified_folds(yes, folds=folds, seed=seed, unknown=unknown, groups=groups, classes=names, asked=asked)
