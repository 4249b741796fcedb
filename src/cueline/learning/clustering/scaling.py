"""Bring columns to one scale, since distances add up hertz and decibels as they stand.

    standard   less the mean, by the standard deviation
    robust     less the median, by the distance of the quartiles: few strange rows change nothing
    none       as they are

A column that never changes says nothing and becomes 0. A row with NaN or infinity cannot be compared with others; it is
left out, and counted. Scaled numbers are cut at 30 units, so that no single number outweighs all the others together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Scale = Literal["standard", "robust", "none"]

MOST_UNITS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """Rows on one scale.

    Attributes:
        values: Finite, shape (N, D).
        rows: Which rows of the given ones these are, rising, shape (N,).
        left_out: Rows with a number that is none, rising.
        flat: How many columns never change.
    """

    values: Floats
    rows: Rows
    left_out: Rows
    flat: int = 0

    def __repr__(self) -> str:
        """Sizes, not contents."""
        rows, width = self.values.shape
        return f"Scaled({rows} x {width}, {len(self.left_out)} rows left out, {self.flat} columns that never change)"


def scale(values: npt.NDArray[np.floating], how: Scale = "standard") -> Scaled:
    """Scale the columns of a table.

    Args:
        values: Shape (M, D), 1 column or more.
        how: One of the three above.

    Raises:
        TimelineError: If the shape is another, or no row is finite.
        OptionError: If there is no such scale.

    Example:
        >>> found = scale(np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]]))
        >>> found.values.tolist(), found
        ([[-1.0, 0.0], [1.0, 0.0]], Scaled(2 x 2, 1 rows left out, 1 columns that never change))
    """
    must_be_scale(how)
    if values.ndim != 2 or not values.shape[1]:
        raise TimelineError(f"numbers of clips must have the shape (M, D) with 1 column or more, got {values.shape}")
    finite = np.isfinite(values).all(axis=1)
    rows = np.flatnonzero(finite)
    if not rows.size:
        raise TimelineError(f"at least one clip must have finite numbers to be compared, got none among {len(values)}")
    table = values[rows].astype(np.float64)
    middle, unit = _middle_and_unit(table, how)
    flat = ~(table.max(axis=0) > table.min(axis=0))
    # Rows that are all equal may have a mean that is not quite their value
    unit = np.where(flat | ~(unit > 0), 1.0, unit)
    table = (table - middle) / unit
    table[:, flat] = 0.0
    if how != "none":
        np.clip(table, -MOST_UNITS, MOST_UNITS, out=table)
    return Scaled(table.astype(np.float32), rows, np.flatnonzero(~finite), int(flat.sum()))


def _middle_and_unit(table: npt.NDArray[np.float64], how: Scale) -> tuple[npt.NDArray[np.float64], ...]:
    if how == "none":
        return np.zeros(table.shape[1]), np.ones(table.shape[1])
    if how == "standard":
        return table.mean(axis=0), table.std(axis=0)
    low, middle, high = np.quantile(table, (0.25, 0.5, 0.75), axis=0)
    # A column that is mostly one value has quartiles that are equal: its deviation serves then
    return middle, np.where(high > low, high - low, table.std(axis=0))


def must_be_scale(how: str) -> None:
    """Refuse a scale that there is not.

    Raises:
        OptionError: With the near miss.
    """
    if how not in get_args(Scale):
        known = get_args(Scale)
        raise OptionError(f"a scale is one of {', '.join(known)}, got {how!r}.{near_miss(how, known)}")
