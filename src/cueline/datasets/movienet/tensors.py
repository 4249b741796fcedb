"""Arrays as torch and numpy pickle them, made without torch and without running anything.

torch writes a tensor as a storage of numbers plus offset, size and strides; pickled directly, the storage is a file in
a file, in the legacy layout of `torch.save`. numpy writes shape, dtype and bytes. Each is kept as it stands until
somebody asks for its `array()`: then sizes are held against the bytes that are there, and the array is a view of them.

Numbers alone: bool, integers and floats of 1 to 8 bytes, among them bfloat16; objects, texts and records are refused.

References:
    pytorch/pytorch, torch/_utils.py (_rebuild_tensor_v2), torch/serialization.py (_legacy_save, persistent_id).
    numpy/numpy, numpy/_core/src/multiarray/methods.c (array_setstate), descriptor.c (arraydescr_reduce).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from cueline.datasets.movienet.pickles import Call, Constructor, DataFault, PickleReader, Steps

Numbers = npt.NDArray[np.generic]
Bytes = memoryview | bytes

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the legacy layout
_MOST_DIMENSIONS = 32
_STORAGES = {
    "Float": "<f4",
    "Double": "<f8",
    "Half": "<f2",
    "BFloat16": "bfloat16",
    "Long": "<i8",
    "Int": "<i4",
    "Short": "<i2",
    "Char": "<i1",
    "Byte": "<u1",
    "Bool": "<b1",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a storage holds: "bfloat16", or a dtype that numpy has."""

    name: str

    @property
    def stored(self) -> np.dtype[Any]:
        """The dtype of the bytes as they lie."""
        return np.dtype("<u2" if self.name == "bfloat16" else "u1" if self.name == "<b1" else self.name)

    def decoded(self, stored: Numbers) -> Numbers:
        """Numbers from what is stored; any byte but 0 is True."""
        if self.name == "bfloat16":
            return (stored.astype(np.uint32) << 16).view(np.float32)
        return stored != 0 if self.name == "<b1" else stored


@dataclass(slots=True)
class Storage:
    """Numbers in a row.

    Attributes:
        kind: What they are.
        count: How many the file says there are.
        fetch: Gives their bytes, when somebody asks.
    """

    kind: Kind
    count: int
    fetch: Callable[[], Bytes] | None = None

    def numbers(self) -> Numbers:
        """All of them as they lie, shape (count,).

        Raises:
            DataFault: If there are fewer bytes than the file says.
        """
        if self.fetch is None:
            raise DataFault("a tensor's numbers are not in the file")
        data, dtype = self.fetch(), self.kind.stored
        if len(data) < self.count * dtype.itemsize:
            raise DataFault(f"a tensor of {self.count} numbers needs as many, got {len(data)} bytes of {dtype}")
        return np.frombuffer(data, dtype, self.count)


@dataclass(frozen=True, slots=True)
class Tensor:
    """A torch tensor: which numbers of a storage, in which shape."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]

    def array(self) -> Numbers:
        """The numbers, a view where it can be.

        Raises:
            DataFault: If size, strides and storage do not fit; an expanded tensor is refused as one.
        """
        _check_sizes(self.size)
        _check_sizes(self.stride)
        if len(self.size) != len(self.stride):
            raise DataFault(f"a tensor must have a stride a size, got {self.size} and {self.stride}")
        count, last = math.prod(self.size), sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        free = self.storage.count - self.offset
        if not 0 <= self.offset <= self.storage.count or (count and last >= free) or count > self.storage.count:
            raise DataFault(f"a tensor of size {self.size} reaches beyond its {self.storage.count} numbers")
        numbers = self.storage.numbers()[self.offset :]
        steps = [step * numbers.itemsize for step in self.stride]
        return self.storage.kind.decoded(np.lib.stride_tricks.as_strided(numbers, self.size, steps, writeable=False))


@dataclass(slots=True)
class DType:
    """A numpy dtype as it is pickled: a code, then its byte order."""

    code: str
    order: str = "<"

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        if not isinstance(self.code, str) or not re.fullmatch("b1|[iu][1248]|f[248]", self.code):
            raise DataFault("arrays must hold bool, integers or floats")

    def with_state(self, state: Any) -> None:
        """Take the byte order."""
        if not (isinstance(state, tuple) and len(state) > 1 and state[1] in ("<", ">", "|", "=")):
            raise DataFault("a dtype must have a byte order")
        self.order = "<" if state[1] in "|=" else state[1]

    @property
    def kind(self) -> Kind:
        """What arrays of it hold."""
        return Kind("<b1" if self.code == "b1" else self.order + self.code)


@dataclass(slots=True)
class Array:
    """A numpy array as it is pickled: empty, then its state."""

    shape: tuple[int, ...] = (0,)
    kind: Kind = field(default_factory=lambda: Kind("<f8"))
    fortran: bool = False
    data: Bytes = b""

    def with_state(self, state: Any) -> None:
        """Take shape, dtype, order and bytes."""
        if not (isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], DType)):
            raise DataFault("an array must have shape, dtype, order and bytes")
        _, self.shape, dtype, self.fortran, self.data = state
        self.kind = dtype.kind

    def array(self) -> Numbers:
        """The numbers, a view where it can be.

        Raises:
            DataFault: If shape and bytes do not fit.
        """
        _check_sizes(self.shape)
        if not isinstance(self.data, memoryview | bytes):
            raise DataFault("an array must be bytes; one of Python objects is not read")
        dtype = self.kind.stored
        if math.prod(self.shape) * dtype.itemsize != len(self.data):
            raise DataFault(f"an array of shape {self.shape} and {dtype} has another size than {len(self.data)} bytes")
        numbers = np.frombuffer(self.data, dtype).reshape(self.shape, order="F" if self.fortran else "C")
        return self.kind.decoded(numbers)


def constructors(steps: Steps, room: int) -> dict[str, Any]:
    """The closed table of what a film's pickle may name: constructors, and kinds of storage, which nobody calls.

    Args:
        steps: Instructions left, shared with storages that are files in the file.
        room: Bytes that texts may become all together, at most those of the file.
    """
    left = [room]

    def encode(text: str, encoding: str) -> bytes:
        left[0] -= len(text)
        if encoding not in ("latin1", "latin-1") or left[0] < 0:
            raise DataFault("texts become bytes once, in Latin-1")
        return text.encode("latin-1")

    known: dict[str, Any] = {
        "collections.OrderedDict": _nothing,  # its keys come after it
        "builtins.bytes": lambda: b"",
        "__builtin__.bytes": lambda: b"",
        "_codecs.encode": encode,
        "torch._utils._rebuild_tensor": _tensor,
        "torch._utils._rebuild_tensor_v2": _tensor,
        "torch._utils._rebuild_parameter": lambda tensor, *_: tensor,
        "numpy.ndarray": Array,
        "numpy.dtype": lambda code, *_: DType(code),
    }
    for name, dtype in _STORAGES.items():
        known[f"torch.{name}Storage"] = Kind(dtype)
    known["torch.storage.UntypedStorage"] = known["torch.UntypedStorage"] = Kind("<u1")
    for core in ("numpy.core", "numpy._core"):
        known[f"{core}.multiarray._reconstruct"] = lambda *_: Array()
        known[f"{core}.multiarray.scalar"] = lambda dtype, data: Array((), dtype.kind, data=data)
        known[f"{core}.numeric._frombuffer"] = _from_buffer
    outer = dict(known)
    outer["torch.storage._load_from_bytes"] = lambda data: read_legacy(
        PickleReader(memoryview(data), known, steps=steps)
    )
    return outer


def read_legacy(reader: PickleReader) -> Any:
    """What `torch.save` wrote before it wrote archives: four pickles, the keys of storages, their numbers.

    Raises:
        DataFault: If it is something else, cut off, or written where the highest byte comes first.
    """
    if reader.read() != MAGIC or reader.read() != 1001:
        raise DataFault("it is no file of torch that is known")
    system = reader.read()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        raise DataFault("it was written by a machine that puts the highest byte first")
    storages: dict[str, Storage] = {}
    reader.persistent = lambda key: storages.setdefault(_key(key), _storage(key))
    value = reader.read()
    reader.persistent = None
    for key in reader.read():
        storage = storages[key] if isinstance(key, str) and key in storages else None
        if storage is None or storage.fetch is not None or reader.number("<q") != storage.count:
            raise DataFault("its storages are not those that its tensors ask for")
        data = reader.take(storage.count * storage.kind.stored.itemsize)
        storage.fetch = _held(data)
    return value


def archived(fetch: Callable[[str], Bytes]) -> Constructor:
    """Storages of an archive, of which each is an entry.

    Args:
        fetch: Gives the bytes of a storage by its key.
    """

    def find(key: Any) -> Storage:
        storage, name = _storage(key), _key(key)
        storage.fetch = lambda: fetch(name)
        return storage

    return find


def _held(data: Bytes) -> Callable[[], Bytes]:
    return lambda: data


def _nothing() -> dict[Any, Any]:
    return {}


def _key(key: Any) -> str:
    if not (isinstance(key, tuple) and len(key) > 4 and isinstance(key[2], str)):
        raise DataFault("a storage must be named by kind, key, place and count")
    return key[2]


def _storage(key: Any) -> Storage:
    _key(key)
    kind, count = key[1].function if isinstance(key[1], Call) else None, key[4]
    if not isinstance(kind, Kind) or not isinstance(count, int) or count < 0 or any(key[5:]):
        raise DataFault("a storage must be a whole one, of numbers, with their count")
    return Storage(kind, count)


def _tensor(storage: Any, offset: Any, size: Any, stride: Any, *_: Any) -> Tensor:
    if not isinstance(storage, Storage) or not isinstance(offset, int):
        raise DataFault("a tensor must have a storage and an offset")
    return Tensor(storage, offset, size, stride)


def _from_buffer(data: Any, dtype: Any, shape: Any, order: Any, *_: Any) -> Array:
    if not isinstance(dtype, DType) or order not in ("C", "F"):
        raise DataFault("an array must have a dtype and an order")
    return Array(shape, dtype.kind, fortran=order == "F", data=data)


def _check_sizes(sizes: Any) -> None:
    """Refuse what is no shape of numbers that can be."""
    fine = isinstance(sizes, tuple) and len(sizes) <= _MOST_DIMENSIONS
    if not fine or not all(isinstance(n, int) and 0 <= n < 2**40 for n in sizes):
        raise DataFault("an array must have a few sizes, whole numbers from 0 up")
