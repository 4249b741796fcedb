"""mAP@K over rated segments: the measure of the YouTube-8M segments challenge.

People rated some pairs of a segment and a class, never all; a system ranks all segments of each class. Segments that
were not rated for a class leave its list before anything is counted.

References:
    Kaggle, 2019, The 3rd YouTube-8M Video Understanding Challenge, evaluation: K = 100,000.
    google/youtube-8m, segment_eval_inference.py: the list is cut at K after the unrated are gone.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.evaluation.classwise import mean_of_defined, of_each_class
from cueline.evaluation.inputs import Floats, Scores, as_pair
from cueline.evaluation.ties import Ties


def segment_average_precision(
    reference: npt.ArrayLike, scores: npt.ArrayLike, *, rated: npt.ArrayLike, k: int = 100_000
) -> Floats:
    """Average precision @ K of each class over the segments that were rated for it.

    Args:
        reference: Bool, shape (N, C): which segment shows which class.
        scores: Same shape; where a pair was not rated, anything.
        rated: Bool, same shape: which pairs people rated.
        k: How much of each class's ranked list of rated segments counts; at most k positives are counted.

    Returns:
        Shape (C,), between 0 and 1; NaN for a class without a rated positive. The mean over all orders of equal scores.

    Raises:
        TimelineError: As `average_precision`, or if k is below 1.

    Example:
        >>> flags, rated = np.array([[True], [False], [True]]), np.array([[True], [False], [True]])
        >>> segment_average_precision(flags, np.array([[0.9], [0.8], [0.7]]), rated=rated).tolist()
        [1.0]
    """
    if k < 1:
        raise TimelineError(f"a ranked list has 1 pair or more, got k={k}")

    def average(right: Scores, wrong: Scores) -> float:
        return Ties.of(right, wrong).precision_sum(n=k) / min(len(right), k) if len(right) else math.nan

    as_pair(reference, scores, table=True)
    return np.asarray(of_each_class(average, reference, scores, rated))


def segment_mean_average_precision(
    reference: npt.ArrayLike, scores: npt.ArrayLike, *, rated: npt.ArrayLike, k: int = 100_000
) -> float:
    """mAP@K over rated segments: the mean of `segment_average_precision` over classes with a rated positive.

    Args:
        reference: Bool, shape (N, C).
        scores: Same shape; where a pair was not rated, anything.
        rated: Bool, same shape.
        k: As there.

    Returns:
        Between 0 and 1; NaN if no class has a rated positive.

    Raises:
        TimelineError: As there.

    Example:
        >>> flags, rated = np.array([[True], [False]]), np.array([[True], [True]])
        >>> segment_mean_average_precision(flags, np.array([[0.7], [0.8]]), rated=rated)
        0.5
    """
    return mean_of_defined(segment_average_precision(reference, scores, rated=rated, k=k))
