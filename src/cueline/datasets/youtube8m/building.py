"""Building the compact form: one pass over rows whose number nobody knows beforehand, in bounded memory.

Everything is appended to files in a hidden folder beside the place where the form shall lie. When all rows are there,
heads are written, the folder is renamed, and only then can anyone see it. What goes wrong before leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from cueline.datasets.youtube8m.compact import (
    DTYPES,
    FEATURES,
    HEAD,
    IDS,
    LABELS,
    SCHEMA,
    SEGMENTS,
    VERSION,
    Compact,
    open_compact,
    rule_of,
    whole_hash,
)
from cueline.datasets.youtube8m.quantising import STEP, dequantised, quantised
from cueline.datasets.youtube8m.rows import CLASSES, PARTS, VideoRows
from cueline.errors import FormatError, OptionError, near_miss

Dtype = Literal["uint8", "float16", "float32"]
_COLUMNS: Mapping[str, str] = {  # what is spooled, and as what
    "label_lengths": "i4",
    "label_ids": "i4",
    "id_lengths": "i4",
    "id_text": "u1",
    "rated_lengths": "i4",
    "rated_ids": "i4",
    "spans": "f8",
    "groups": "i4",
}


class Builder:
    """A compact form that is being written: `put` rows, and it is there when the block ends.

    Example:
        >>> from tempfile import mkdtemp
        >>> from cueline.timeline.examples import LabelLists
        >>> rows = VideoRows(np.zeros((2, 3), np.float32), LabelLists.of([[1], []], width=4), ["a", "b"])
        >>> with Builder(Path(mkdtemp()) / "tiny", parts={"looks": 3}, classes=4) as builder:
        ...     builder.put(rows)
        >>> len(builder.compact), builder.compact.ids[1], builder.compact.labels[0].tolist()
        (2, 'b', [1])
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        parts: Mapping[str, int] = PARTS,
        classes: int = CLASSES,
        dtype: Dtype | None = None,
        replace: bool = False,
    ) -> None:
        """Say what comes.

        Args:
            folder: Where the form shall lie.
            parts: What a row consists of.
            classes: C.
            dtype: How numbers are kept; None for uint8 where they come so, else float32. Bytes are a quarter of that
                and off by at most 0.0079.
            replace: Whether a form that lies there may be replaced.

        Raises:
            OptionError: If there is no such dtype, or something lies there already.
        """
        if dtype is not None and dtype not in DTYPES:
            raise OptionError(f"dtype is one of {', '.join(DTYPES)}, got {dtype!r}.{near_miss(dtype, DTYPES)}")
        self.folder = Path(folder)
        if self.folder.exists() and not (replace and (self.folder / HEAD).is_file()):
            if (self.folder / HEAD).is_file():
                raise OptionError(f"'{self.folder}' holds a compact form already. Name another, or add --replace.")
            raise OptionError(f"'{self.folder}' holds something else already. Name another folder.")
        self.parts, self.classes, self.dtype = dict(parts), classes, dtype
        self.rows = 0
        self._replace, self._kind = replace, ""
        self._videos: dict[str, int] = {}
        self._sums: dict[str, Any] = {}

    def __enter__(self) -> Builder:
        """Make the hidden folder."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._aside = self.folder.with_name(f".{self.folder.name}.{secrets.token_hex(4)}.part")
        self._aside.mkdir()
        self._streams = {name: (self._aside / name).open("w+b") for name in (FEATURES, *_COLUMNS)}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show the form, or remove all traces of it."""
        try:
            if error is None:
                self._end()
        finally:
            for stream in self._streams.values():
                stream.close()
            shutil.rmtree(self._aside, ignore_errors=True)

    @property
    def compact(self) -> Compact:
        """The form, once the block has ended."""
        return open_compact(self.folder)

    def put(self, rows: VideoRows) -> None:
        """Append rows.

        Raises:
            FormatError: If they have another width, other classes, or are of another kind than those before, or a
                number does not fit the dtype.
        """
        if not len(rows):
            return
        width = sum(self.parts.values())
        if rows.values.shape[1] != width or rows.yes.width != self.classes:
            raise FormatError(
                f"rows must have {width} numbers and {self.classes} classes, got {rows.values.shape[1]} and "
                f"{rows.yes.width} from row {self.rows} on"
            )
        kind = f"{'segments' if rows.rated else 'videos'} {'with' if len(rows.ids) else 'without'} ids"
        if self._kind not in ("", kind):
            raise FormatError(f"rows must be of one kind, got {kind} after {self._kind} from row {self.rows} on")
        self._kind = kind
        self._append(FEATURES, self._stored(rows.values))
        self._append("label_lengths", rows.yes.lengths)
        self._append("label_ids", rows.yes.ids)
        if len(rows.ids):
            texts = [name.encode() for name in rows.ids]
            self._append("id_lengths", np.array([len(text) for text in texts]))
            self._append("id_text", np.frombuffer(b"".join(texts), np.uint8))
        if rows.rated is not None:
            self._append("rated_lengths", rows.rated.lengths)
            self._append("rated_ids", rows.rated.ids)
            self._append("spans", rows.spans)
            groups = [self._videos.setdefault(video, len(self._videos)) for video in rows.videos]
            self._append("groups", np.array(groups))
        self.rows += len(rows)

    def _stored(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Values as they are kept."""
        if self.dtype is None:
            self.dtype = "uint8" if values.dtype == np.uint8 else "float32"
        if values.dtype == self.dtype:
            return values
        if values.dtype == np.uint8:
            values = dequantised(values)
        if self.dtype == "uint8":
            low, high = float(values.min()), float(values.max())
            if not -2 - STEP <= low <= high <= 2 + STEP:
                raise FormatError(
                    f"numbers kept as bytes must lie in -2 to 2, got {low:g} to {high:g} from row {self.rows} on. "
                    "Keep them as float32."
                )
            return quantised(values)
        with np.errstate(over="ignore"):
            stored = values.astype(self.dtype)
        if not np.isfinite(stored).all():
            raise FormatError(f"numbers must fit {self.dtype}, got one that does not from row {self.rows} on")
        return stored

    def _append(self, name: str, values: npt.NDArray[Any]) -> None:
        if name == FEATURES and not self.rows:
            self._streams[name].write(_head(0, values))
        values = np.ascontiguousarray(values, _COLUMNS.get(name, values.dtype))
        self._sums.setdefault(name, blake2b(digest_size=16)).update(values.data)
        self._streams[name].write(values.data)

    def _end(self) -> None:
        if not self.rows:
            raise FormatError(f"a compact form must have one row or more, got none for '{self.folder}'")
        for stream in self._streams.values():
            stream.flush()
        features = self._streams[FEATURES]
        features.seek(0)
        features.write(_head(self.rows, np.empty((0, sum(self.parts.values())), self.dtype)))
        features.flush()
        sums = {FEATURES: self._sums[FEATURES].hexdigest()}
        self._archive(LABELS, {"label_offsets": "label_lengths", "label_ids": "label_ids"}, sums)
        if "with ids" in self._kind:
            self._archive(IDS, {"id_offsets": "id_lengths", "id_text": "id_text"}, sums)
        if "segments" in self._kind:
            columns = {"rated_offsets": "rated_lengths", "rated_ids": "rated_ids", "spans": "spans", "groups": "groups"}
            self._archive(SEGMENTS, columns, sums)
        self._show(whole_hash(sums))

    def _archive(self, file: str, columns: Mapping[str, str], sums: dict[str, str]) -> None:
        """Write spooled columns as one archive; lengths become offsets."""
        arrays = {name: self._spooled(column) for name, column in columns.items()}
        for name, values in arrays.items():
            if name.endswith("_offsets"):
                arrays[name] = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
            if name == "spans":
                arrays[name] = values.reshape(-1, 2)
            sums[name] = blake2b(np.ascontiguousarray(arrays[name]).data, digest_size=16).hexdigest()
        np.savez(self._aside / file, allow_pickle=False, **arrays)

    def _spooled(self, name: str) -> npt.NDArray[Any]:
        path = self._aside / name
        if not path.stat().st_size:
            return np.empty(0, _COLUMNS[name])
        return np.memmap(path, _COLUMNS[name], mode="r")

    def _show(self, whole: str) -> None:
        """Write the head, and rename the folder."""
        for name in _COLUMNS:
            (self._aside / name).unlink()
        files = {path.name: path.stat().st_size for path in sorted(self._aside.iterdir())}
        head = {"schema": SCHEMA, "version": VERSION, "rows": self.rows, "classes": self.classes, "parts": self.parts}
        head |= {"dtype": self.dtype, "dequantised": rule_of(str(self.dtype)), "files": files, "hash": whole}
        (self._aside / HEAD).write_text(json.dumps(head, indent=2) + "\n", encoding="utf-8")
        for path in self._aside.iterdir():
            with path.open("rb") as stream:
                os.fsync(stream.fileno())
        if self._replace and self.folder.exists():
            old = self._aside.with_suffix(".old")
            self.folder.rename(old)
            self._aside.rename(self.folder)
            shutil.rmtree(old)
        else:
            self._aside.rename(self.folder)


def _head(rows: int, values: npt.NDArray[Any]) -> bytes:
    """The head of a .npy file; as long for any number of rows, so that it can be written again at the end."""
    text = f"{{'descr': '{values.dtype.str}', 'fortran_order': False, 'shape': ({rows}, {values.shape[1]}), }}"
    return b"\x93NUMPY\x01\x00" + (118).to_bytes(2, "little") + text.ljust(117).encode() + b"\n"
