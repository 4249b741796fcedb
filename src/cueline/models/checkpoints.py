"""Checkpoints: a trained model as a folder of safetensors and JSON, never pickle.

    model.json          the card, and the SHA-256 of the weights
    best.safetensors    the weights that the card speaks of, those of the best epochs
    last.safetensors    those of the last epochs, for who wants to learn on; nothing reads them here

Written aside and renamed, the card last, so that a folder with a card holds a whole model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from cueline.errors import FormatError
from cueline.models.cards import ModelCard
from cueline.models.inputs import Floats
from cueline.models.multilabel import MultiLabelModel

Card = TypeVar("Card")

CARD, WEIGHTS, LAST = "model.json", "best.safetensors", "last.safetensors"


def save_model(model: MultiLabelModel, folder: Path, *, last: MultiLabelModel | None = None) -> None:
    """Write a model; replaces what the folder held of another.

    Args:
        model: With the weights of the best epochs.
        folder: Where.
        last: The same with those of the last ones, to be kept beside it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if last is not None:
        write_arrays(folder / LAST, last.arrays)
    write_arrays(folder / WEIGHTS, model.arrays)
    card = {**model.card.to_json(), "weights_sha256": file_hash(folder / WEIGHTS)}
    write_text(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def load_model(folder: Path) -> MultiLabelModel:
    """Read a model.

    Raises:
        FormatError: If the folder holds no model, one of another schema, or weights that are not the card's.
    """
    card, stated = _card(folder)
    path = folder / WEIGHTS
    arrays = {name: array.astype(np.float32) for name, array in read_weights(path, stated).items()}
    try:
        return MultiLabelModel(card, arrays)
    except FormatError as error:
        raise no_weights(path, error) from error


def model_hash(folder: Path) -> str:
    """SHA-256 of a model's weights and card, so that another model makes its tags due again."""
    return folder_hash(folder, _card(folder)[1])


def load_card(folder: Path) -> ModelCard:
    """Read a model's card alone.

    Raises:
        FormatError: If the folder holds no model, or one of another schema.
    """
    return _card(folder)[0]


def _card(folder: Path) -> tuple[ModelCard, str]:
    return read_card(folder, ModelCard.from_json)


def write_arrays(path: Path, arrays: Mapping[str, Floats]) -> None:
    """Named arrays in one safetensors file, whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    # Not save_file, whose files nobody but their owner may read.
    aside.write_bytes(save({name: np.ascontiguousarray(_shortest(array)) for name, array in sorted(arrays.items())}))
    aside.replace(path)


def _shortest(array: Floats) -> npt.NDArray[np.floating]:
    """In half precision, where that holds every number exactly."""
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(half.astype(array.dtype), array) else array


def write_text(path: Path, text: str) -> None:
    """A text file, whole or not at all."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def read_card(folder: Path, of: Callable[[dict[str, Any]], Card], *, what: str = "a model") -> tuple[Card, str]:
    """The card of a model's folder, and the SHA-256 that it states of the weights.

    Args:
        folder: Of the model.
        of: Makes a card of plain values.
        what: What the folder should hold, for who reads the refusal.

    Raises:
        FormatError: If there is no card, or it is none of that kind.
    """
    path = folder / CARD
    if not path.is_file():
        raise FormatError(
            f"a model is a folder with a file {CARD}, got {str(folder)!r}. Is it the folder that --out named?",
            path=path,
        )
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise FormatError(f"a card is an object, got {type(values).__name__}")
        stated = str(values.pop("weights_sha256", ""))
        return of(values), stated
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{str(path)!r} is no card of {what}: {error}", path=path) from error


def read_weights(path: Path, stated: str) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a file of weights, if they are those that the card speaks of.

    Raises:
        FormatError: If they are not there, others, or no arrays.
    """
    folder = str(path.parent)
    if not path.is_file():
        raise FormatError(f"a model has a file {path.name}, got none in {folder!r}. Was it copied whole?", path=path)
    if file_hash(path) != stated:
        raise FormatError(
            f"the weights must be those that {CARD} speaks of, got others in {folder!r}. Copy both files again.",
            path=path,
        )
    try:
        return load_file(path)
    except SafetensorError as error:
        raise no_weights(path, error) from error


def no_weights(path: Path, error: Exception) -> FormatError:
    """What is said of a file whose arrays are not those of its model."""
    return FormatError(f"{str(path)!r} holds no weights of this model: {error}", path=path)


def folder_hash(folder: Path, stated: str) -> str:
    """SHA-256 of a model's weights, as its card states them, and of the card."""
    return hashlib.sha256(stated.encode() + (folder / CARD).read_bytes()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
