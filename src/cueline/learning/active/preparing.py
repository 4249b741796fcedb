"""Features made comparable before anything is learned from them: columns of mean 0 and deviation 1, rows of length 1.

A column in thousands would drown one in hundredths, and a loud clip a quiet one. What is taken away and multiplied is
found once, from features alone; the same is then done to every row that is compared. A column that is constant says
nothing and becomes 0.

    prepare         a look at the features -> `Prepared`, to call with raw rows
    finite          numbers as float32; what is no number is refused, by row and column
    refuse_shape    what is no table of features is refused
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError
from cueline.learning.active.asking import Floats, Rows

Doubles = npt.NDArray[np.float64]

BLOCK_ROWS, COVARIANCE_ROWS = 16_384, 50_000
LEAST_DEVIATION, LEAST_LENGTH = 1e-6, np.float32(1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What is done to raw features; the same for every row that is compared.

    Attributes:
        mean: Taken away, shape (D,).
        scale: Multiplied with afterwards, 0 where a column is constant, shape (D,).
        directions: Principal components, shape (D, K); None to keep all columns.
    """

    mean: Floats
    scale: Floats
    directions: Floats | None

    def __repr__(self) -> str:
        """Sizes, not contents."""
        width = len(self.mean) if self.directions is None else self.directions.shape[1]
        return f"Prepared({len(self.mean)} -> {width} numbers)"

    def __call__(self, values: npt.NDArray[np.generic]) -> Floats:
        """Rows of length 1; a row that is the mean stays 0.

        Args:
            values: Raw features, numbers of any kind, shape (N, D).

        Returns:
            Shape (N, D) or (N, K).

        Raises:
            TimelineError: If rows have another width, or hold what is no number.
        """
        refuse_shape(values, len(self.mean))
        width = len(self.mean) if self.directions is None else self.directions.shape[1]
        prepared = np.empty((len(values), width), np.float32)
        for first in range(0, len(values), BLOCK_ROWS):
            rows = self._standard(finite(values[first : first + BLOCK_ROWS], first))
            if self.directions is not None:
                rows = rows @ self.directions
            rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), LEAST_LENGTH)
            prepared[first : first + BLOCK_ROWS] = rows
        return prepared

    def _standard(self, values: Floats) -> Floats:
        rows: Floats = values - self.mean
        rows *= self.scale
        return rows


def prepare(values: npt.NDArray[np.generic], *, rows: Rows | None = None, components: int | None = None) -> Prepared:
    """Look at features, not at labels, to make them comparable: mean 0, deviation 1, then length 1.

    Args:
        values: Raw features, numbers of any kind, shape (N, D).
        rows: Those to look at, such as a pool without its test rows; all if None.
        components: Keep so many principal components of the standardised columns, found on at most 50,000 rows at equal
            steps; all columns if None.

    Returns:
        What to call with raw rows.

    Raises:
        TimelineError: If there are no rows, or one holds what is no number.
        OptionError: If there cannot be so many components.

    Example:
        >>> pool = np.array([[0.0, 5.0], [2.0, 5.0]])
        >>> prepare(pool)(pool).tolist()
        [[-1.0, 0.0], [1.0, 0.0]]
    """
    refuse_shape(values, None)
    chosen = np.arange(len(values)) if rows is None else np.asarray(rows)
    if not len(chosen):
        raise TimelineError("features must have 1 row or more to look at, got none. Is the pool empty?")
    most = min(values.shape[1], len(chosen))
    if components is not None and not 1 <= components <= most:
        raise OptionError(f"components must lie in 1 to {most}, the lesser of rows and columns, got {components}")
    mean, deviation = _moments(values, chosen)
    least = LEAST_DEVIATION * np.maximum(np.abs(mean), 1)
    scale = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > least)
    plain = Prepared(mean.astype(np.float32), scale.astype(np.float32), None)
    if components is None:
        return plain
    few = chosen[:: -(-len(chosen) // COVARIANCE_ROWS)]
    return Prepared(plain.mean, plain.scale, _directions(plain, values, few, components))


def _moments(values: npt.NDArray[np.generic], chosen: Rows) -> tuple[Doubles, Doubles]:
    """Mean and deviation of each column over the chosen rows; two passes, for squares of great numbers swallow them."""
    blocks = [chosen[first : first + BLOCK_ROWS] for first in range(0, len(chosen), BLOCK_ROWS)]
    total = np.zeros(values.shape[1])
    for block in blocks:
        total += finite(values[block], block).sum(axis=0, dtype=np.float64)
    mean = total / len(chosen)
    square = np.zeros(values.shape[1])
    for block in blocks:
        square += ((finite(values[block], block) - mean) ** 2).sum(axis=0)
    return mean, np.sqrt(square / len(chosen))


def _directions(plain: Prepared, values: npt.NDArray[np.generic], rows: Rows, count: int) -> Floats:
    square = np.zeros((values.shape[1],) * 2)
    for first in range(0, len(rows), BLOCK_ROWS):
        block = plain._standard(values[rows[first : first + BLOCK_ROWS]].astype(np.float32))  # noqa: SLF001
        square += block.T @ block
    _, directions = np.linalg.eigh(square / len(rows))
    best: Floats = np.ascontiguousarray(directions[:, ::-1][:, :count]).astype(np.float32)
    return best


def refuse_shape(values: npt.NDArray[np.generic], width: int | None) -> None:
    """Refuse what is no table of features.

    Args:
        values: Should be of shape (N, D).
        width: What D must be; any if None.

    Raises:
        TimelineError: If it is not.
    """
    if values.ndim != 2 or (width is not None and values.shape[1] != width):
        raise TimelineError(f"features must be of shape (N, {'D' if width is None else width}), got {values.shape}")


def finite(values: npt.NDArray[np.generic], first: int | Rows) -> Floats:
    """Numbers as float32.

    Args:
        values: Numbers of any kind, shape (N, D).
        first: For messages: what the first row is numbered, or the number of each, shape (N,).

    Returns:
        Shape (N, D); the same array where it was float32.

    Raises:
        TimelineError: If one is no number, or too great for float32, naming its row and column.
    """
    with np.errstate(over="ignore"):  # what is too great for a float is refused below
        numbers: Floats = values.astype(np.float32, copy=False)
    if not np.isfinite(numbers).all():
        at, column = np.argwhere(~np.isfinite(numbers))[0].tolist()
        row = at + first if isinstance(first, int) else first[at]
        raise TimelineError(
            f"features must be finite, got {numbers[at, column]} in row {row}, column {column}. Leave the row out, or "
            "extract it again."
        )
    return numbers
