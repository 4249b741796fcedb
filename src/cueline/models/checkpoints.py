"""Checkpoints: a trained model as a folder of safetensors and JSON, never pickle.

    model.json          the card, and the SHA-256 of the weights
    best.safetensors    the weights that the card speaks of, those of the best epochs
    last.safetensors    those of the last epochs, for who wants to learn on; nothing reads them here

Written aside and renamed, the card last, so that a folder with a card holds a whole model.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from cueline.errors import FormatError
from cueline.models.cards import ModelCard
from cueline.models.inputs import Floats
from cueline.models.multilabel import MultiLabelModel

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
    card = {**model.card.to_json(), "weights_sha256": _hash(folder / WEIGHTS)}
    write_text(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")


def load_model(folder: Path) -> MultiLabelModel:
    """Read a model.

    Raises:
        FormatError: If the folder holds no model, one of another schema, or weights that are not the card's.
    """
    card, stated = _read_card(folder)
    path = folder / WEIGHTS
    if not path.is_file():
        raise FormatError(f"a model has a file {WEIGHTS}, got none in {str(folder)!r}. Was it copied whole?", path=path)
    if _hash(path) != stated:
        raise FormatError(
            f"the weights must be those that {CARD} speaks of, got others in {str(folder)!r}. Copy both files again.",
            path=path,
        )
    try:
        arrays = {name: array.astype(np.float32) for name, array in load_file(path).items()}
        return MultiLabelModel(card, arrays)
    except (SafetensorError, FormatError) as error:
        raise FormatError(f"{str(path)!r} holds no weights of this model: {error}", path=path) from error


def model_hash(folder: Path) -> str:
    """SHA-256 of a model's weights and card, so that another model makes its tags due again."""
    _, stated = _read_card(folder)
    return hashlib.sha256(stated.encode() + (folder / CARD).read_bytes()).hexdigest()


def load_card(folder: Path) -> ModelCard:
    """Read a model's card alone.

    Raises:
        FormatError: If the folder holds no model, or one of another schema.
    """
    return _read_card(folder)[0]


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


def _read_card(folder: Path) -> tuple[ModelCard, str]:
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
        return ModelCard.from_json(values), stated
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{str(path)!r} is no card of a model: {error}", path=path) from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
