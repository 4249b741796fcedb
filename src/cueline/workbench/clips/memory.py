"""What a model learned from, kept beside it: rows, labels and groups, so that an update needs no old media.

    rows.safetensors    `values` (N, D), `spans` (N, 2), `chances` (N, C): what was said of each row by a model that had
                        not seen its group
    rows.json           inputs, classes, and the clips: name, file, label, group, whether it judged

The files hold names and paths of people's media; a model that is given away does without them, and cannot be updated.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from cueline.errors import FormatError
from cueline.models.checkpoints import write_text
from cueline.models.clip_cards import inputs_of
from cueline.models.clip_models import write_clip_arrays
from cueline.timeline.spans import Span
from cueline.workbench.clips.material import Clip, Material

ROWS, ABOUT = "rows.safetensors", "rows.json"
SCHEMA, VERSION = "cueline.clips.rows", 1
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """What a model learned from.

    Attributes:
        material: Rows and clips.
        classes: Of the model, in order.
        chances: What was said of each row by a model that had not seen its group, shape (N, C).
        tested: Whether a row was kept apart, shape (N,).
    """

    material: Material
    classes: tuple[str, ...]
    chances: Numbers
    tested: npt.NDArray[np.bool_]

    def __repr__(self) -> str:
        """Sizes, not contents."""
        return f"Memory({self.material!r}, {np.count_nonzero(self.tested)} kept apart)"


def keep_memory(memory: Memory, folder: Path) -> None:
    """Write it beside a model."""
    clips = memory.material.clips
    arrays: dict[str, npt.NDArray[Any]] = {
        "values": memory.material.values,
        "spans": np.array([[clip.span.start, clip.span.end] for clip in clips], np.float64).reshape(-1, 2),
        "chances": memory.chances.astype(np.float32),
    }
    write_clip_arrays(folder / ROWS, arrays)
    about = {
        "schema": SCHEMA,
        "version": VERSION,
        "inputs": [asdict(one) for one in memory.material.inputs],
        "classes": list(memory.classes),
        "clips": [_plain(clip, tested) for clip, tested in zip(clips, memory.tested.tolist(), strict=True)],
    }
    write_text(folder / ABOUT, json.dumps(about, ensure_ascii=False) + "\n")


def read_memory(folder: Path) -> Memory:
    """Read what a model learned from.

    Raises:
        FormatError: If it is not there, or broken.
    """
    if not (folder / ROWS).is_file() or not (folder / ABOUT).is_file():
        raise FormatError(
            f"a model that is continued has {ROWS} and {ABOUT} beside it, got none in {str(folder)!r}. Train a new "
            "one on all labels.",
            path=folder,
        )
    try:
        about, arrays = json.loads((folder / ABOUT).read_text(encoding="utf-8")), load_file(folder / ROWS)
        if (about["schema"], about["version"]) != (SCHEMA, VERSION):
            raise FormatError(f"schema and version must be {(SCHEMA, VERSION)}")
        spans = [Span(*times) for times in arrays["spans"].tolist()]
        clips = tuple(_clip(one, span) for one, span in zip(about["clips"], spans, strict=True))
        material = Material(arrays["values"], clips, inputs_of(about["inputs"]))
        tested = np.array([bool(one["tested"]) for one in about["clips"]], np.bool_)
        return Memory(material, tuple(about["classes"]), arrays["chances"].astype(np.float64), tested)
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{str(folder / ABOUT)!r} holds no rows of a model: {error}", path=folder) from error


def _plain(clip: Clip, tested: bool) -> dict[str, Any]:  # noqa: FBT001  # a value of the file
    return {
        "name": clip.name,
        "file": clip.file,
        "whole": clip.whole,
        "label": clip.label,
        "group": clip.group,
        "tested": tested,
    }


def _clip(one: dict[str, Any], span: Span) -> Clip:
    return Clip(one["name"], one["file"], span, bool(one["whole"]), one["label"], one["group"])
