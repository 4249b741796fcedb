"""The plainest multi-label models: how common each class is, and ridge regression in closed form.

They cost seconds and say what a network must beat. Both give scores to rank by, no chances.

References:
    A. E. Hoerl and R. W. Kennard, 1970, Ridge regression: Biased estimation for nonorthogonal problems.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.models.inputs import Preparation
from cueline.timeline.examples import Examples

Floats = npt.NDArray[np.float32]
BLOCK_ROWS = 2048


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """Scores that are sums of inputs.

    Attributes:
        prepare: Raw rows -> inputs, shape (N, D).
        weights: Shape (D, C).
        bias: Shape (C,).
    """

    prepare: Preparation
    weights: Floats
    bias: Floats

    def scores(self, values: npt.NDArray[np.generic]) -> Floats:
        """Scores of raw rows, shape (N, C)."""
        scores: Floats = self.prepare(values) @ self.weights + self.bias
        return scores


def fit_prior(examples: Examples, prepare: Preparation) -> Linear:
    """How common each class is, whatever the row."""
    share = examples.yes.counts() / max(len(examples), 1)
    width = prepare(examples.values[:1]).shape[1]
    return Linear(prepare, np.zeros((width, len(share)), np.float32), share.astype(np.float32))


def fit_ridge(examples: Examples, prepare: Preparation, *, strength: float = 1.0) -> Linear:
    """Ridge regression of yes (1) and no (0) on the inputs, solved exactly.

    Args:
        examples: Rows to learn from; what nobody judged counts as no.
        prepare: Raw rows -> inputs, of about mean 0.
        strength: What is added to the diagonal, as a share of the rows' mean square.

    Returns:
        Its memory is that of (D, D + C) numbers, whatever the number of rows.
    """
    width = prepare(examples.values[:1]).shape[1]
    share = examples.yes.counts() / len(examples)
    square, product = np.zeros((width, width)), np.zeros((width, examples.yes.width), np.float32)
    for first in range(0, len(examples), BLOCK_ROWS):
        rows = np.arange(first, min(first + BLOCK_ROWS, len(examples)))
        x = prepare(examples.values[rows])
        square += x.T @ x
        product += x.T @ (examples.yes.take(rows).dense().astype(np.float32) - share.astype(np.float32))
    square[np.diag_indices(width)] += strength * np.trace(square) / width
    weights = np.linalg.solve(square, product)
    return Linear(prepare, weights.astype(np.float32), share.astype(np.float32))
