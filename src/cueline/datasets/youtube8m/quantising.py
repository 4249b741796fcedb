"""Features in one byte: how YouTube-8M keeps numbers between -2 and 2 in 256 steps.

A byte q stands for q * 4 / 255 + (4 / 512 - 2), from -1.9921875 to 2.0078125 in steps of 0.0157. The published
quantiser rounds on a grid that lies 4 / 512 lower than what its bytes are read back as, so that what comes back is
too great by 0.0078 on average; rounding to the byte that is read back nearest is off by at most 0.0079. `quantised`
does the second, unless the published bytes are asked for.

References:
    google/youtube-8m, utils.py, `Dequantize`, and feature_extractor/extract_tfrecords_main.py, `quantize`.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cueline.errors import OptionError, TimelineError, near_miss

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

RULE = "q*4/255 + (4/512 - 2)"
STEP = 4 / 255
TABLE = np.arange(256) * STEP + (4 / 512 - 2)  # what each byte stands for
_FLOATS = TABLE.astype(np.float32)
_ROUNDINGS = ("nearest", "published")


def dequantised(values: Bytes) -> Floats:
    """The numbers that bytes stand for: float32, of the same shape.

    Raises:
        TimelineError: If the values are not bytes.

    Example:
        >>> dequantised(np.array([0, 51, 255], np.uint8)).tolist()
        [-1.9921875, -1.1921875476837158, 2.0078125]
    """
    values = np.asarray(values)
    if values.dtype != np.uint8:
        raise TimelineError(f"quantised features are uint8, got {values.dtype}; floats need no dequantising")
    floats: Floats = _FLOATS[values]
    return floats


def quantised(values: npt.NDArray[Any], *, rounding: Literal["nearest", "published"] = "nearest") -> Bytes:
    """The bytes that stand for numbers.

    Args:
        values: Floats of any shape; what lies beyond -2 or 2 becomes the first or the last byte.
        rounding: "nearest" takes the byte that is read back nearest, "published" the one that the published
            extractor writes.

    Raises:
        OptionError: If there is no such rounding.
        TimelineError: If a value is not finite.

    Example:
        >>> quantised(np.array([-2.0, 0.0, 0.5, 7.0])).tolist()
        [0, 127, 159, 255]
    """
    if rounding not in _ROUNDINGS:
        raise OptionError(
            f"rounding is one of {', '.join(_ROUNDINGS)}, got {rounding!r}.{near_miss(rounding, _ROUNDINGS)}"
        )
    values = np.asarray(values, np.float64)
    if not np.isfinite(values).all():
        raise TimelineError("what is to be quantised must be finite, got NaN or infinity")
    lowest = TABLE[0] if rounding == "nearest" else -2.0
    steps = np.rint((np.clip(values, -2, 2 + STEP) - lowest) / STEP)
    quantities: Bytes = np.clip(steps, 0, 255).astype(np.uint8)
    return quantities
