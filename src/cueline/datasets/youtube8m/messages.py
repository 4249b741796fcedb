"""tf.train.Example and SequenceExample, read from the bytes of protocol buffers without a library for them.

    Example          1: Features
    SequenceExample  1: Features (the context), 2: FeatureLists
    Features         1: entries of a map: 1 key, 2 Feature
    FeatureLists     1: entries of a map: 1 key, 2 FeatureList
    FeatureList      1: Feature, once for each step
    Feature          1: BytesList, 2: FloatList, 3: Int64List, each with field 1 repeated, packed or not

An Example is read as a SequenceExample without lists. Fields that nobody knows are stepped over; a known field of
another wire type is refused, as is whatever goes beyond the bytes that are there. Of a key that stands twice the last
counts.

References:
    protobuf.dev/programming-guides/encoding; tensorflow/core/example/example.proto and feature.proto.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.errors import FormatError

Feature = list[bytes] | npt.NDArray[np.float32] | npt.NDArray[np.int64]
Frames = npt.NDArray[np.uint8]

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_WIDTHS = {_FIXED64: 8, _FIXED32: 4}
_MOST_VARINT = 10  # bytes of 64 bits
_FIRST = 1 << 3 | _LENGTH  # the tag of field 1 with a length, and so on
_SECOND = 2 << 3 | _LENGTH
_THIRD = 3 << 3 | _LENGTH


@dataclass(frozen=True, slots=True)
class Message:
    """What an Example or a SequenceExample says.

    Attributes:
        features: Of the whole, by name.
        lists: Of each step, by name, undone by `frames`; empty for an Example.
    """

    features: Mapping[str, Feature]
    lists: Mapping[str, bytes] = field(default_factory=dict)


def read_message(data: bytes) -> Message:
    """An Example, or a SequenceExample.

    Raises:
        FormatError: If the bytes are neither.

    Example:
        >>> message = read_message(example_bytes({"id": [b"abcd"], "labels": np.array([0, 12])}))
        >>> message.features["id"], message.features["labels"].tolist()
        ([b'abcd'], [0, 12])
    """
    features: dict[str, Feature] = {}
    lists: dict[str, bytes] = {}
    for tag, value in _known(data, {_FIRST, _SECOND}, "an Example"):
        for _, entry in _known(value, {_FIRST}, "a map"):
            key, inner = _entry(entry)
            if tag == _FIRST:
                features[key] = _feature(inner)
            else:
                lists[key] = inner
    return Message(features, lists)


def frames(data: bytes, width: int) -> Frames:
    """The steps of a FeatureList whose features are `width` bytes each, shape (T, width).

    Raises:
        FormatError: If a step holds anything else.
    """
    head = np.frombuffer(_frame_head(width), np.uint8)
    steps = np.frombuffer(data, np.uint8)
    if width and len(steps) % (len(head) + width) == 0:
        table = steps.reshape(-1, len(head) + width)
        if (table[:, : len(head)] == head).all():  # as every writer writes it: all steps are told apart at once
            return table[:, len(head) :]
    rows: list[Frames] = []
    for _, inner in _known(data, {_FIRST}, "a list"):
        step = _feature(inner)
        if not isinstance(step, list) or len(step) != 1 or len(step[0]) != width:
            raise FormatError(f"each frame must be {width} bytes, got {_told(step)} in frame {len(rows)}")
        rows.append(np.frombuffer(step[0], np.uint8))
    return np.stack(rows) if rows else np.empty((0, width), np.uint8)


def example_bytes(features: Mapping[str, Sequence[bytes] | npt.NDArray[Any]]) -> bytes:
    """An Example as TensorFlow reads it.

    Args:
        features: By name: bytes, or arrays of floats or whole numbers.
    """
    return _field(_FIRST, b"".join(_map_entry(name, _feature_bytes(value)) for name, value in features.items()))


def sequence_bytes(
    context: Mapping[str, Sequence[bytes] | npt.NDArray[Any]], lists: Mapping[str, Sequence[bytes]]
) -> bytes:
    """A SequenceExample as TensorFlow reads it.

    Args:
        context: Features of the whole, as for `example_bytes`.
        lists: By name, the bytes of each step.
    """
    entries = (
        _map_entry(name, b"".join(_field(_FIRST, _feature_bytes([step])) for step in steps))
        for name, steps in lists.items()
    )
    return example_bytes(context) + _field(_SECOND, b"".join(entries))


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Tag and value of each field: a number of a varint, else bytes."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if not 0 < tag >> 3 < 1 << 29:
            raise FormatError(f"fields are numbered from 1, got {tag >> 3}")
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield tag, value
            continue
        if wire == _LENGTH:
            length, at = _varint(data, at)
        elif wire in _WIDTHS:
            length = _WIDTHS[wire]
        else:
            raise FormatError(f"wire types are 0, 1, 2 and 5, got {wire} in field {tag >> 3}")
        if length > end - at:
            raise FormatError(f"field {tag >> 3} must hold {length:,} bytes, got {end - at:,}")
        yield tag, data[at : at + length]
        at += length


def _known(data: bytes, tags: set[int], where: str) -> Iterator[tuple[int, bytes]]:
    """The fields among those that are known; others are stepped over."""
    for tag, value in _fields(data):
        if tag in tags:
            yield tag, value
        elif any(tag >> 3 == known >> 3 for known in tags):
            raise FormatError(f"field {tag >> 3} of {where} must have wire type 2, got {tag & 7}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    if at < len(data) and data[at] < 128:  # as most are
        return data[at], at + 1
    value = 0
    for place, byte in enumerate(data[at : at + _MOST_VARINT]):
        value |= (byte & 127) << 7 * place
        if byte < 128:
            if value >> 64:
                raise FormatError(f"a number must fit 64 bits, got {value}")
            return value, at + place + 1
    raise FormatError("a number must end within ten bytes, got none that does")


def _entry(data: bytes) -> tuple[str, bytes]:
    """Key and value of an entry of a map."""
    parts = {_FIRST: b"", _SECOND: b""}
    parts.update(_known(data, {_FIRST, _SECOND}, "an entry"))
    try:
        return parts[_FIRST].decode(), parts[_SECOND]
    except UnicodeDecodeError as error:
        raise FormatError(f"keys must be UTF-8, got {parts[_FIRST]!r}") from error


def _feature(data: bytes) -> Feature:
    """What a feature holds; no bytes where it holds nothing."""
    value: Feature = []
    for tag, inner in _known(data, {_FIRST, _SECOND, _THIRD}, "a feature"):
        if tag == _FIRST:
            value = [each for _, each in _known(inner, {_FIRST}, "a list of bytes")]
        elif tag == _SECOND:
            value = _floats(inner)
        else:
            value = _whole_numbers(inner)
    return value


def _floats(data: bytes) -> npt.NDArray[np.float32]:
    pieces = []
    for tag, value in _fields(data):
        if tag in (_FIRST, 1 << 3 | _FIXED32):
            if len(value) % 4:
                raise FormatError(f"floats have 4 bytes each, got {len(value)} bytes")
            pieces.append(value)
        elif tag >> 3 == 1:
            raise FormatError(f"floats must have wire type 2 or 5, got {tag & 7}")
    return np.frombuffer(b"".join(pieces), "<f4").astype(np.float32, copy=False)


def _whole_numbers(data: bytes) -> npt.NDArray[np.int64]:
    numbers: list[int] = []
    for tag, value in _fields(data):
        if tag == 1 << 3 | _VARINT:
            numbers.append(value)
        elif tag == _FIRST:
            at = 0
            while at < len(value):
                number, at = _varint(value, at)
                numbers.append(number)
        elif tag >> 3 == 1:
            raise FormatError(f"whole numbers must have wire type 0 or 2, got {tag & 7}")
    return np.array(numbers, np.uint64).astype(np.int64)


def _told(step: Feature) -> str:
    return f"{', '.join(str(len(each)) for each in step)} bytes" if isinstance(step, list) else f"{step.dtype} numbers"


def _varint_bytes(value: int) -> bytes:
    value &= (1 << 64) - 1
    pieces = bytearray()
    while value > 127:
        pieces.append(value & 127 | 128)
        value >>= 7
    return bytes(pieces) + bytes([value])


def _field(tag: int, data: bytes) -> bytes:
    return _varint_bytes(tag) + _varint_bytes(len(data)) + data


def _map_entry(name: str, value: bytes) -> bytes:
    return _field(_FIRST, _field(_FIRST, name.encode()) + _field(_SECOND, value))


def _feature_bytes(value: Sequence[bytes] | npt.NDArray[Any]) -> bytes:
    if not isinstance(value, np.ndarray):
        return _field(_FIRST, b"".join(_field(_FIRST, each) for each in value))
    if np.issubdtype(value.dtype, np.integer):
        return _field(_THIRD, _field(_FIRST, b"".join(map(_varint_bytes, value.tolist()))))
    return _field(_SECOND, _field(_FIRST, value.astype("<f4").tobytes()))


def _frame_head(width: int) -> bytes:
    """What stands before the bytes of each step."""
    whole = _field(_FIRST, _feature_bytes([bytes(width)]))
    return whole[: len(whole) - width]
