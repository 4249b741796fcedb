"""Few labels: a logistic regression for each class that is fitted in milliseconds.

Asking people in rounds means fitting again after every few answers, on tens to hundreds of rows of a thousand features.
So few rows span a small space: the fit looks only at how alike they are, n x n numbers, and all classes are fitted
together.

    fit_few    prepared features, yes and no answers -> `FewLabels`, whose `chances` rank a pool

Yes and no weigh the same however many there are of each (balanced), so a chance is not a share of the pool: it is what
the share would be if every second row were a yes. Of a class without a yes or without a no nothing is learned; all rows
get its share of yes among its answers, counting one yes and one no more than were given.

References:
    C. E. Rasmussen and C. K. I. Williams, 2006, Gaussian processes for machine learning, algorithm 3.1: Newton's method
    in the span of the rows, whose systems stay well conditioned.
    G. King and L. Zeng, 2001, Logistic regression in rare events data: weighing the two answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import NO, YES, Floats, Verdicts
from cueline.learning.active.preparing import finite, refuse_shape

Doubles = npt.NDArray[np.float64]

STRENGTH = 1.0
NEWTON_STEPS, CONJUGATE_STEPS, HALVINGS = 50, 200, 20
CLOSE = 1e-4  # of scores between two Newton steps: far below what changes a rank that matters


@dataclass(frozen=True, slots=True, eq=False)
class FewLabels:
    """Logistic regressions, one for each class.

    Attributes:
        weights: Shape (D, C); 0 where nothing could be learned.
        bias: Shape (C,).
        share: Of yes among the answers, one yes and one no added, shape (C,).
        fitted: Classes that had a yes and a no, shape (C,).
    """

    weights: Floats
    bias: Floats
    share: Floats
    fitted: npt.NDArray[np.bool_]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"FewLabels({len(self.weights)} numbers, {np.count_nonzero(self.fitted)} of {len(self.fitted)} classes)"

    def chances(self, values: Floats) -> Floats:
        """How likely each class is, as if every second row had it.

        Args:
            values: Prepared as those that were learned from, shape (N, D).

        Returns:
            In [0, 1], shape (N, C); the share everywhere for a class of which a yes or a no is wanting.

        Raises:
            TimelineError: If rows have another width, or hold what is no number.
        """
        refuse_shape(values, len(self.weights))
        scores: Floats = values @ self.weights
        if not np.isfinite(scores).all():
            finite(values[~np.isfinite(scores).all(axis=1)][:1], int(np.argmin(np.isfinite(scores).all(axis=1))))
        scores += self.bias
        expit(scores, out=scores)
        scores[:, ~self.fitted] = self.share[~self.fitted]
        return scores


def fit_few(
    values: Floats, answers: Verdicts, *, weights: npt.ArrayLike | None = None, strength: float = STRENGTH
) -> FewLabels:
    """Fit a balanced logistic regression for each class to what people answered.

    The bias is weighed like a feature that is 1 in every row.

    Args:
        values: Prepared features of the answered rows, shape (N, D).
        answers: YES, NO or UNKNOWN, shape (N, C); what is unknown of a class does not count for it.
        weights: How much a row counts, 0 or more, shape (N,), or for each class (N, C); 1 if None.
        strength: Of the pull towards 0: what a weight costs beside the loss of a row. Above 0.

    Returns:
        Never refuses classes without a yes or a no: their chances are their share.

    Raises:
        TimelineError: If shapes differ, or features or weights hold what is no number.
        OptionError: If the strength is not above 0.

    Example:
        >>> rows = np.array([[1, 0], [0.8, 0.6], [-1, 0]], np.float32)
        >>> model = fit_few(rows, np.array([[1], [1], [0]], np.int8))
        >>> model.chances(rows).round().ravel().tolist()
        [1.0, 1.0, 0.0]
    """
    refuse_shape(values, None)
    values = finite(values, 0)
    if answers.ndim != 2 or len(answers) != len(values):
        raise TimelineError(f"answers must be of shape ({len(values)}, C), got {answers.shape}")
    if not 0 < strength < np.inf:
        raise OptionError(f"strength must be above 0 and finite, got {strength}")
    counted = _weights(weights, answers)
    yes, no = counted * (answers == YES), counted * (answers == NO)
    total_yes, total_no = yes.sum(axis=0), no.sum(axis=0)
    fitted = (total_yes > 0) & (total_no > 0)
    half = (total_yes + total_no) / 2
    cost = (yes / np.maximum(total_yes, 1e-300) + no / np.maximum(total_no, 1e-300))[:, fitted] * half[fitted]
    model = np.zeros((values.shape[1], len(fitted)), np.float32)
    bias = np.zeros(len(fitted), np.float32)
    if fitted.any():
        duals = _newton(_alike(values), cost, np.where(answers[:, fitted] == YES, 1.0, -1.0), strength)
        model[:, fitted] = values.T @ duals.astype(np.float32)
        bias[fitted] = duals.sum(axis=0)
    share = (total_yes + 1) / (total_yes + total_no + 2)
    return FewLabels(model, bias, share.astype(np.float32), fitted)


def _alike(values: Floats) -> Callable[[Doubles], Doubles]:
    """Multiply with the inner products of all pairs of rows, a 1 added to each row for the bias."""
    if len(values) <= values.shape[1]:
        gram = (values @ values.T).astype(np.float64) + 1
        return lambda duals: gram @ duals
    turned = np.ascontiguousarray(values.T)  # more rows than columns: never hold the pairs
    return lambda duals: (values @ (turned @ duals.astype(np.float32))).astype(np.float64) + duals.sum(axis=0)


def _newton(alike: Callable[[Doubles], Doubles], cost: Doubles, sign: Doubles, strength: float) -> Doubles:
    """The weight of each row in each class, shape (N, C): Newton steps, halved where they would climb."""
    duals = np.zeros_like(cost)
    scores = np.zeros_like(cost)
    value = _objective(duals, scores, cost, sign, strength)
    for _ in range(NEWTON_STEPS):
        chance = expit(scores).clip(1e-12, 1 - 1e-12)
        root = np.sqrt(cost * chance * (1 - chance))
        slope = cost * sign * expit(-sign * scores)
        wanted = root * scores + np.divide(slope, root, out=np.zeros_like(root), where=root > 0)
        start = np.divide(duals, root, out=np.zeros_like(root), where=root > 0)
        step = root * _conjugate(alike, root, wanted, start, strength) - duals
        change = alike(step)
        size = np.ones(cost.shape[1])
        for _ in range(HALVINGS):
            reached = _objective(duals + size * step, scores + size * change, cost, sign, strength)
            climbs = reached > value + 1e-9 * np.abs(value)
            if not climbs.any():
                break
            size[climbs] /= 2
        duals += size * step
        scores += size * change
        value = reached
        if np.abs(change).max() < CLOSE:
            break
    return duals


def _objective(duals: Doubles, scores: Doubles, cost: Doubles, sign: Doubles, strength: float) -> Doubles:
    """Loss and pull of each class, shape (C,)."""
    total: Doubles = (cost * np.logaddexp(0, -sign * scores)).sum(axis=0) + strength / 2 * (duals * scores).sum(axis=0)
    return total


def _conjugate(
    alike: Callable[[Doubles], Doubles], root: Doubles, wanted: Doubles, start: Doubles, strength: float
) -> Doubles:
    """Solve (strength + root alike root) x = wanted for all classes at once by conjugate gradients."""
    found = start.copy()
    rest = wanted - strength * found - root * alike(root * found)
    towards = rest.copy()
    left = (rest**2).sum(axis=0)
    enough = 1e-8 * (wanted**2).sum(axis=0) + 1e-300
    for _ in range(CONJUGATE_STEPS):
        if (left <= enough).all():
            break
        image = strength * towards + root * alike(root * towards)
        size = np.where(left > enough, left / np.maximum((towards * image).sum(axis=0), 1e-300), 0)
        found += size * towards
        rest -= size * image
        now = (rest**2).sum(axis=0)
        towards = rest + now / np.maximum(left, 1e-300) * towards
        left = now
    return found


def _weights(weights: npt.ArrayLike | None, answers: Verdicts) -> Doubles:
    if weights is None:
        return np.ones(answers.shape)
    given = np.asarray(weights, np.float64)
    if given.shape not in {answers.shape, answers.shape[:1]}:
        raise TimelineError(f"weights must be of shape {answers.shape[:1]} or {answers.shape}, got {given.shape}")
    wrong = np.argwhere(~(np.isfinite(given) & (given >= 0)))
    if len(wrong):
        at = tuple(wrong[0].tolist())
        raise TimelineError(f"weights must be finite and 0 or more, got {given[at]} in row {at[0]}")
    return np.broadcast_to(given if given.ndim == 2 else given[:, None], answers.shape)
