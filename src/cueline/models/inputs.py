"""From raw rows to what networks take: numbers, standardised, each track's stretch brought to one length."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cueline.errors import TimelineError
from cueline.models.cards import Input

Floats = npt.NDArray[np.float32]
Values = npt.NDArray[np.generic]

LEAST_LENGTH = np.float32(1e-6)


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """What is done to rows before a network sees them; the same when it learns and when it answers.

    Attributes:
        inputs: The stretches of a row.
        uint8: Scale and offset by which whole numbers of 8 bits become numbers.
        mean: Taken away, shape (D,).
        scale: Multiplied with afterwards, shape (D,).
        unit: Whether each stretch is brought to the length of the root of its width, so that a number is about 1.
    """

    inputs: tuple[Input, ...]
    uint8: tuple[float, float]
    mean: Floats
    scale: Floats
    unit: bool

    def __call__(self, values: Values) -> Floats:
        """Rows as networks take them.

        Args:
            values: Raw rows, shape (N, D): whole numbers of 8 bits, or floats.

        Returns:
            Shape (N, D).

        Raises:
            TimelineError: If rows have another width, or hold what is no number.
        """
        x = self.numbers(values)
        x -= self.mean
        x *= self.scale
        if self.unit:
            first = 0
            for one in self.inputs:
                part = x[:, first : first + one.numbers]
                length = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), LEAST_LENGTH)
                part *= np.float32(one.numbers**0.5) / length
                first += one.numbers
        return x

    def numbers(self, values: Values) -> Floats:
        """Raw rows as floats; those of 8 bits are scaled.

        Raises:
            TimelineError: As when called.
        """
        width = sum(one.numbers for one in self.inputs)
        if values.ndim != 2 or values.shape[1] != width:
            parts = " + ".join(f"{one.numbers} of {one.track}" for one in self.inputs)
            raise TimelineError(f"rows must have {width} numbers ({parts}), got shape {tuple(values.shape)}")
        with np.errstate(over="ignore"):  # what is too great for a float is refused below
            x: Floats = values.astype(np.float32)
        if values.dtype == np.uint8:
            x *= np.float32(self.uint8[0])
            x += np.float32(self.uint8[1])
            return x
        wrong = np.argwhere(~np.isfinite(x))
        if len(wrong):
            row, column = wrong[0].tolist()
            raise TimelineError(
                f"features must be finite, got {x[row, column]} in row {row} of the block, column {column}"
            )
        return x
