"""Models of clips: pooled rows in, calibrated chances of one class of a few out, in numpy alone; and their folders.

    model.json          the card, and the SHA-256 of the weights
    weights.safetensors arrays, named after the part they belong to

    row -> what the recipe says, as log-chances -> slope * log-chance + offset of the class -> softmax

A recipe is "softmax" (sums of standardised numbers, and of the logarithms of the shipped model's verdict) or
"vote" (a forest and boosted trees, whose chances are averaged by weight). Calibration is fitted on rows that the recipe
had not seen: one slope for all classes and an offset for each.

References:
    J. Platt, 1999, Probabilistic outputs for support vector machines; C. Guo et al., 2017, On calibration of modern
    neural networks: one slope for all classes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save

from cueline.errors import FormatError, TimelineError
from cueline.models.checkpoints import CARD, file_hash, folder_hash, no_weights, read_card, read_weights, write_text
from cueline.models.clip_cards import ClipCard
from cueline.models.clip_verdicts import clip_verdicts
from cueline.models.forests import boosted_scores, forest_chances

Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Numbers = npt.NDArray[np.float64]
Values = npt.NDArray[np.generic]

WEIGHTS = "weights.safetensors"
LEAST_CHANCE = 1e-3  # what stands for a chance of 0 where logarithms are taken
LEAST_LOG = 1e-6
MOST_SPREAD = 8.0  # standard deviations that a number may lie off, so that odd media do not decide by one column


@dataclass(frozen=True, slots=True, eq=False)
class ClipModel:
    """A trained model of clips.

    Attributes:
        card: What it is.
        arrays: `slope` (1,) and `offsets` (C,) of the calibration, the arrays of its recipe, and `drift.middle` and
            `drift.spread`, shape (D,), where it knows them.
    """

    card: ClipCard
    arrays: Arrays

    def __post_init__(self) -> None:
        """Refuse a recipe that nobody knows, and arrays that do not fit the card."""
        if self.kind not in KINDS:
            raise FormatError(f"a model of clips is one of {', '.join(KINDS)}, got {self.kind!r}")
        for name, shape in (("slope", (1,)), ("offsets", (len(self.card.classes),))):
            if name not in self.arrays or self.arrays[name].shape != shape:
                raise FormatError(f"a model of clips has the array {name!r} of shape {shape}")

    @property
    def kind(self) -> str:
        """How its recipe is worked out: a name of `KINDS`."""
        return str(self.card.recipe.get("kind", ""))

    def chances(self, values: Values) -> Numbers:
        """How likely each class is, shape (N, C); each row sums to 1.

        Args:
            values: Rows of the card's inputs, shape (N, D).

        Raises:
            TimelineError: If rows have another width, or hold what is no number.
        """
        odds = self.raw(values) * float(self.arrays["slope"][0]) + self.arrays["offsets"]
        return np.exp(log_softmax(odds))

    def raw(self, values: Values) -> Numbers:
        """Log-chances before calibration, shape (N, C)."""
        return raw_log_chances(self.kind, checked(values, self.card.width), self.arrays)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"ClipModel({self.card!r}, {sum(array.size for array in self.arrays.values())} numbers)"


def raw_log_chances(kind: str, values: Values, arrays: Arrays) -> Numbers:
    """What a recipe says of rows, not calibrated, shape (N, C).

    Args:
        kind: A name of `KINDS`.
        values: Rows, shape (N, D).
        arrays: Of the recipe.

    Raises:
        FormatError: If an array is missing.
    """
    try:
        return KINDS[kind](values, arrays)
    except KeyError as error:
        raise FormatError(f"the weights lack {error.args[0]!r}; they have: {', '.join(sorted(arrays))}") from error


def checked(values: Values, width: int) -> Values:
    """Rows that a model can take.

    Raises:
        TimelineError: If their shape is another, or one holds what is no number: with its row and column.
    """
    if values.ndim != 2 or values.shape[1] != width:
        raise TimelineError(f"rows of clips must have {width} numbers, got shape {values.shape}")
    wrong = np.argwhere(~np.isfinite(values.astype(np.float64)))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise TimelineError(f"rows of clips must be finite, got {values[row, column]} in row {row}, column {column}")
    return values


def log_softmax(odds: Numbers) -> Numbers:
    """Logarithms of chances that sum to 1 in each row, from scores, shape (N, C).

    Example:
        >>> np.exp(log_softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))).tolist()
        [[0.5, 0.5], [1.0, 0.0]]
    """
    odds = odds - odds.max(axis=1, keepdims=True)
    found: Numbers = odds - np.log(np.exp(odds).sum(axis=1, keepdims=True))
    return found


def standardised(values: Values, arrays: Arrays) -> Numbers:
    """Rows as the sums of "softmax" take them: of mean 0 and deviation 1, shape (N, D).

    Args:
        values: Shape (N, D).
        arrays: `mean` and `scale` of shape (D,). Where there are `kinds` (5,), these columns hold the shipped model's
            mean chances; they become the logarithms of its verdict, by its `curves` where there are any.
    """
    x = values.astype(np.float64)
    kinds = arrays.get("kinds", np.empty(0, np.int64))
    if len(kinds):
        x[:, kinds] = np.log(np.maximum(clip_verdicts(x[:, kinds], arrays.get("curves")), LEAST_CHANCE))
    found: Numbers = (x - arrays["mean"]) * arrays["scale"]
    own = np.setdiff1d(np.arange(x.shape[1]), kinds)
    found[:, own] = found[:, own].clip(-MOST_SPREAD, MOST_SPREAD)
    return found


def _softmax(values: Values, arrays: Arrays) -> Numbers:
    return log_softmax(standardised(values, arrays) @ arrays["weights"].astype(np.float64) + arrays["bias"])


def _vote(values: Values, arrays: Arrays) -> Numbers:
    x = np.ascontiguousarray(values[:, arrays["columns"]], np.float32)
    weight = float(arrays["forest_weight"][0])
    chances = weight * forest_chances(x, _part(arrays, "forest."))
    chances = chances + (1 - weight) * boosted_chances(boosted_scores(x, _part(arrays, "boosted.")))
    return np.log(np.maximum(chances, LEAST_LOG))


def boosted_chances(scores: Numbers) -> Numbers:
    """Chances of each class from scores of boosted trees: one score of the second of two, or one each, shape (N, C)."""
    if scores.shape[1] == 1:
        scores = np.column_stack((np.zeros(len(scores)), scores[:, 0]))
    return np.exp(log_softmax(scores))


def _part(arrays: Arrays, prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


KINDS: Mapping[str, Callable[[Values, Arrays], Numbers]] = {"softmax": _softmax, "vote": _vote}


def save_clip_model(model: ClipModel, folder: Path) -> None:
    """Write a model; replaces what the folder held of another. The card comes last."""
    folder.mkdir(parents=True, exist_ok=True)
    write_clip_arrays(folder / WEIGHTS, model.arrays)
    card = {**model.card.to_json(), "weights_sha256": file_hash(folder / WEIGHTS)}
    write_text(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def write_clip_arrays(path: Path, arrays: Arrays) -> None:
    """Named arrays of any dtype in one safetensors file, whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(save({name: np.ascontiguousarray(array) for name, array in sorted(arrays.items())}))
    aside.replace(path)


def load_clip_model(folder: Path) -> ClipModel:
    """Read a model.

    Raises:
        FormatError: If the folder holds no model of clips, one of another schema, or weights that are not the card's.
    """
    card, stated = _card(folder)
    path = folder / WEIGHTS
    arrays = read_weights(path, stated)
    try:
        return ClipModel(card, arrays)
    except FormatError as error:
        raise no_weights(path, error) from error


def load_clip_card(folder: Path) -> ClipCard:
    """Read a model's card alone.

    Raises:
        FormatError: If the folder holds no model of clips.
    """
    return _card(folder)[0]


def clip_model_hash(folder: Path) -> str:
    """SHA-256 of a model's weights and card, so that another model makes its labels due again."""
    return folder_hash(folder, _card(folder)[1])


def _card(folder: Path) -> tuple[ClipCard, str]:
    return read_card(folder, ClipCard.from_json, what="a model of clips")
