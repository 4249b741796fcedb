"""The compact form: a folder whose features are mapped into memory, so that a million rows open in milliseconds.

    compact.json    schema and version, rows, classes, parts and their widths, dtype, rule of dequantising, sizes, hash
    features.npy    (N, D): uint8, float16 or float32
    labels.npz      `label_offsets` (N + 1,) and `label_ids`
    ids.npz         `id_offsets` (N + 1,) and `id_text`, bytes of UTF-8; absent where rows have no ids
    segments.npz    `spans` (N, 2) in seconds, `groups` (N,): rows of one video have one number, `rated_offsets` and
                    `rated_ids`: the classes that somebody judged; absent for whole videos

Opening reads the JSON and compares the sizes of the files. Labels and ids are read when they are first asked for,
features when they are used. `building` writes the folder aside and renames it, so that it is there whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m.arrays import blocks, read_npy, read_npz
from cueline.datasets.youtube8m.quantising import RULE, dequantised
from cueline.datasets.youtube8m.rows import unknown_of
from cueline.errors import FormatError, TimelineError
from cueline.timeline.examples import Examples, LabelLists

SCHEMA = "cueline.youtube8m"
VERSION = 1
HEAD = "compact.json"
FEATURES, LABELS, IDS, SEGMENTS = "features.npy", "labels.npz", "ids.npz", "segments.npz"
DTYPES = ("uint8", "float16", "float32")

Rows = npt.NDArray[np.integer] | slice


class Ids(Sequence[str]):
    """Ids of rows, kept as one text: a list of millions without millions of objects."""

    def __init__(self, offsets: npt.NDArray[np.int64], text: npt.NDArray[np.uint8]) -> None:
        """Of the bytes between one offset and the next."""
        self._offsets, self._text = offsets, text

    def __len__(self) -> int:
        """How many."""
        return len(self._offsets) - 1

    def __getitem__(self, row: Any) -> Any:
        """One id, or a list of those of a slice."""
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        if not -len(self) <= row < len(self):
            raise IndexError(f"there are {len(self)} ids, got {row}")
        row %= len(self)
        return self._text[self._offsets[row] : self._offsets[row + 1]].tobytes().decode()

    def __repr__(self) -> str:
        """How many, not which."""
        return f"Ids({len(self)})"


@dataclass(frozen=True, eq=False)
class Compact:
    """Rows on disk, ready to be learned from.

    Attributes:
        folder: Where they lie.
        values: As kept, memory-mapped, shape (N, D).
        parts: What a row consists of, in this order, and how many numbers each part has.
        classes: C.
        hash: Of all that the rows say; the same for the same rows, wherever and whenever they were written.
        files: Which files there are, and their sizes in bytes.
    """

    folder: Path
    values: npt.NDArray[Any]
    parts: Mapping[str, int]
    classes: int
    hash: str
    files: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.values)

    def __repr__(self) -> str:
        """Sizes, not contents."""
        rows, width = self.values.shape
        return f"Compact({rows} x {width} {self.values.dtype}, {self.classes} classes, '{self.folder}')"

    @cached_property
    def labels(self) -> LabelLists:
        """Which classes each row has."""
        return self._lists(LABELS, "label")

    @cached_property
    def rated(self) -> LabelLists | None:
        """Which classes somebody judged, of each segment; None where all were."""
        return self._lists(SEGMENTS, "rated") if SEGMENTS in self.files else None

    @cached_property
    def ids(self) -> Sequence[str]:
        """What each row is called; empty where rows have no ids."""
        if IDS not in self.files:
            return ()
        arrays = self._arrays(IDS, "id_offsets", "id_text")
        offsets, text = arrays["id_offsets"], arrays["id_text"]
        if len(offsets) != len(self) + 1 or offsets[-1] != len(text) or (np.diff(offsets) < 0).any():
            raise self._broken(IDS, "does not have one id a row")
        return Ids(offsets, text)

    def floats(self, rows: Rows) -> npt.NDArray[np.float32]:
        """Some rows as numbers, dequantised: float32, shape (n, D).

        Args:
            rows: Numbers of rows in any order, or a slice.
        """
        some = self.values[rows]
        return dequantised(some) if some.dtype == np.uint8 else some.astype(np.float32)

    def examples(self, rows: npt.NDArray[np.integer] | None = None) -> Examples:
        """As learners and measures see them: values as kept, memory-mapped; bytes stay bytes.

        Args:
            rows: Which, in this order, then copied; None for all. Of segments with thousands of classes ask for some:
                the classes that nobody judged take four bytes each.

        Raises:
            FormatError: If a file does not hold what the head says.
        """
        yes, rated = self.labels, self.rated
        values: npt.NDArray[Any] = self.values
        ids: Sequence[str] = self.ids
        spans, groups = np.empty((0, 2)), np.arange(len(self))
        if rated is not None:
            arrays = self._arrays(SEGMENTS, "spans", "groups")
            spans, groups = arrays["spans"], arrays["groups"].astype(np.int64)
        if rows is not None:
            rows = np.asarray(rows)
            values, yes, groups = values[rows], yes.take(rows), groups[rows]
            ids = [ids[row] for row in rows.tolist()] if len(ids) else ()
            if rated is not None:
                spans, rated = spans[rows], rated.take(rows)
        unknown = unknown_of(rated, rows=len(yes), classes=self.classes)
        try:
            return Examples(values, yes, unknown, assets=ids, spans=spans, groups=groups)
        except TimelineError as error:
            raise self._broken(SEGMENTS, str(error)) from error

    def verify(self) -> None:
        """Read everything, and compare it with the hash.

        Raises:
            FormatError: If anything is not as it was written.
        """
        sums = {FEATURES: blake2b(digest_size=16)}
        for rows in blocks(self.values):
            sums[FEATURES].update(np.ascontiguousarray(self.values[rows]).data)
        for file in self.files:
            if file != FEATURES:
                for name, values in read_npz(self.folder / file).items():
                    sums[name] = blake2b(np.ascontiguousarray(values).data, digest_size=16)
        found = whole_hash({name: each.hexdigest() for name, each in sums.items()})
        if found != self.hash:
            raise self._broken(HEAD, f"tells the hash {self.hash}, the rows have {found}")

    def _lists(self, file: str, name: str) -> LabelLists:
        arrays = self._arrays(file, f"{name}_offsets", f"{name}_ids")
        try:
            lists = LabelLists(arrays[f"{name}_offsets"], arrays[f"{name}_ids"], self.classes)
        except TimelineError as error:
            raise self._broken(file, str(error)) from error
        if len(lists) != len(self):
            raise self._broken(file, f"has {len(lists)} rows, the features {len(self)}")
        return lists

    def _arrays(self, file: str, *names: str) -> dict[str, npt.NDArray[Any]]:
        arrays = read_npz(self.folder / file)
        missing = [name for name in names if name not in arrays]
        if missing:
            raise self._broken(file, f"has no {', '.join(missing)}")
        return arrays

    def _broken(self, file: str, what: str) -> FormatError:
        path = self.folder / file
        return FormatError(f"'{path}' {what}. Convert the rows again.", path=path)


def open_compact(folder: str | Path) -> Compact:
    """A compact form, opened in milliseconds whatever its size.

    Raises:
        FormatError: If it is of another schema or version, or a file is missing, cut off or of another shape.
    """
    folder = Path(folder)
    path = folder / HEAD
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(f"a compact form has a file {HEAD}: '{path}' cannot be read: {error}", path=path) from error
    if not isinstance(head, dict) or (head.get("schema"), head.get("version")) != (SCHEMA, VERSION):
        got = (head.get("schema"), head.get("version")) if isinstance(head, dict) else type(head).__name__
        raise FormatError(f"a compact form has schema {SCHEMA!r}, version {VERSION}, got {got} in '{path}'", path=path)
    if not _sound(head):
        raise FormatError(f"rows, classes, dtype, dequantised, parts, files and hash must fit, in '{path}'", path=path)
    for name, size in head["files"].items():
        file = folder / name
        there = file.stat().st_size if file.is_file() else 0
        if there != size:
            raise FormatError(f"'{file}' must have {size:,} bytes, got {there:,}. Convert the rows again.", path=file)
    values = read_npy(folder / FEATURES)
    shape = (head["rows"], sum(head["parts"].values()))
    if values.shape != shape or values.dtype != head["dtype"]:
        raise FormatError(
            f"features must be {head['dtype']} {shape}, got {values.dtype} {values.shape} in '{folder / FEATURES}'",
            path=folder / FEATURES,
        )
    return Compact(folder, values, head["parts"], head["classes"], head["hash"], head["files"])


def rule_of(dtype: str) -> str | None:
    """How values of a dtype become numbers, as the head says it; None where they are numbers."""
    return RULE if dtype == "uint8" else None


def whole_hash(sums: Mapping[str, str]) -> str:
    """One hash of the hashes of all arrays."""
    return blake2b(json.dumps(sorted(sums.items())).encode(), digest_size=16).hexdigest()


def _sound(head: Mapping[str, Any]) -> bool:
    """Whether the head says what it must, in the types that it must."""
    parts, files = head.get("parts"), head.get("files")
    if not (isinstance(parts, dict) and isinstance(files, dict)):
        return False
    counts = [head.get("rows"), head.get("classes"), *parts.values(), *files.values()]
    return (
        all(type(count) is int and count >= 0 for count in counts)
        and {FEATURES, LABELS} <= files.keys() <= {FEATURES, LABELS, IDS, SEGMENTS}
        and head.get("dtype") in DTYPES
        and head.get("dequantised", "") == rule_of(str(head.get("dtype")))
        and isinstance(head.get("hash"), str)
    )
