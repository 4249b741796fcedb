"""Pickles read as data: a machine for the format's instructions that has none for running code.

A pickle is a program for a small stack machine, and Python's own machine calls whatever function the program names.
This one knows the instructions that build numbers, texts, bytes, lists, tuples and dicts. A name becomes a `Call`
that is looked up in a closed table of constructors given by the caller; any other name is refused as soon as it is
met, before anything is made of it. Bytes are views of the file, so that what nobody looks at is never read.

The program cannot exhaust memory: it is as long as its file, has at most `MOST_STEPS` instructions, and each makes at
most one small object or a view.

References:
    CPython, Lib/pickletools.py: the instructions of protocols 0 to 5, of which those for objects, sets, persistent
    buffers and extension codes are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_STEPS = 2_000_000  # some 100 bytes each at most; arrays are one instruction, lists of numbers one a number
_MARK = object()

Constructor = Callable[..., Any]


class DataFault(ValueError):
    """What cannot be read, and why; the reader of a file says which file."""


@dataclass(frozen=True, slots=True)
class Call:
    """A name that a pickle may use, and what stands for it here."""

    name: str
    function: Any


@dataclass(slots=True)
class Steps:
    """How many instructions are left, for all pickles of one file together."""

    left: int = MOST_STEPS

    def take(self) -> None:
        """Use one up.

        Raises:
            DataFault: If none is left.
        """
        self.left -= 1
        if self.left < 0:
            raise DataFault(f"it has more than {MOST_STEPS} instructions; are arrays written as lists of numbers?")


@dataclass(slots=True)
class PickleReader:
    """Reads one pickle after another from a view of bytes.

    Attributes:
        data: The bytes.
        known: What stands for each full name, such as "collections.OrderedDict"; mostly constructors.
        persistent: What a persistent id stands for; none is allowed where None.
        steps: Instructions left.
        at: Where the next pickle begins.
    """

    data: memoryview
    known: Mapping[str, Any]
    persistent: Constructor | None = None
    steps: Steps = field(default_factory=Steps)
    at: int = 0
    _stack: list[Any] = field(default_factory=list, repr=False)
    _memo: dict[int, Any] = field(default_factory=dict, repr=False)

    def read(self) -> Any:
        """The value of the next pickle.

        Raises:
            DataFault: If it is cut off, damaged, too long, or asks for more than data.
        """
        self._stack, self._memo = [], {}
        try:
            while (code := self.take(1)[0]) != _STOP:
                self.steps.take()
                step = _STEPS.get(code)
                if step is None:
                    raise DataFault(f"it has an instruction that is not data, {bytes([code])!r} at byte {self.at - 1}")
                step(self)
            return self.pop()[0]
        except (IndexError, KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
            if isinstance(error, DataFault):
                raise
            raise DataFault(f"it is damaged near byte {self.at}: {type(error).__name__} {error!s:.80}") from error

    def take(self, count: int) -> memoryview:
        """The next bytes, as a view.

        Raises:
            DataFault: If there are fewer.
        """
        left = len(self.data) - self.at
        if not 0 <= count <= left:
            raise DataFault(f"it is cut off: {count} bytes are wanted at byte {self.at}, {left} are left")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form: str) -> Any:
        """A number in a form of `struct`."""
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def counted(self, form: str) -> memoryview:
        """Bytes with their count before them."""
        return self.take(self.number(form))

    def line(self) -> bytes:
        """What stands before the end of the line, in protocol 0."""
        for start in range(self.at, len(self.data), 4096):
            length = bytes(self.data[start : start + 4096]).find(b"\n")
            if length >= 0:
                line = self.take(start + length - self.at)
                self.at += 1
                return bytes(line)
        raise DataFault(f"it is cut off: a line at byte {self.at} does not end")

    def push(self, value: Any) -> None:
        """Put on the stack."""
        self._stack.append(value)

    def pop(self, count: int = 1) -> list[Any]:
        """Take from the stack, the lowest first."""
        values = self._stack[-count:]
        if len(values) < count or any(value is _MARK for value in values):
            raise DataFault(f"it is damaged near byte {self.at}: too little on the stack")
        del self._stack[-count:]
        return values

    def since_mark(self) -> list[Any]:
        """Take what lies above the last mark, and the mark."""
        at = len(self._stack) - 1
        while self._stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise DataFault(f"it is damaged near byte {self.at}: no mark on the stack")
        values = self._stack[at + 1 :]
        del self._stack[at:]
        return values

    def keep(self, key: int) -> None:
        """Remember the value on top under a number."""
        self._memo[key] = self._stack[-1]

    def recall(self, key: int) -> None:
        """Put on the stack what is remembered."""
        self.push(self._memo[key])

    def name(self, module: str, name: str) -> None:
        """Put the constructor for a name on the stack.

        Raises:
            DataFault: If the name is not known.
        """
        full = f"{module}.{name}"
        if full not in self.known:
            raise DataFault(f"it names {full!r:.120}, which is not data; loading it could run code, so it is not read")
        self.push(Call(full, self.known[full]))

    def call(self) -> None:
        """Make a value by one of the constructors."""
        call, values = self.pop(2)
        if not isinstance(call, Call) or not isinstance(values, tuple):
            raise DataFault(f"it is damaged near byte {self.at}: only known constructors are called")
        self.push(call.function(*values))

    def build(self) -> None:
        """Give a value its state, where it can take one."""
        value, state = self.pop(2)
        if not hasattr(type(value), "with_state"):
            raise DataFault(f"it sets the state of {type(value).__name__}, which has none")
        value.with_state(state)
        self.push(value)

    def refer(self, key: Any) -> None:
        """Put on the stack what a persistent id stands for."""
        if self.persistent is None:
            raise DataFault("it refers to values outside of the file")
        self.push(self.persistent(key))

    def extend(self, values: list[Any]) -> None:
        """Append to the list on top."""
        if not isinstance(self._stack[-1], list):
            raise DataFault(f"it is damaged near byte {self.at}: only a list is appended to")
        self._stack[-1].extend(values)

    def set_items(self, values: list[Any]) -> None:
        """Fill the dict on top; keys are texts or numbers, since deep values are not safe to hash."""
        if not isinstance(self._stack[-1], dict) or len(values) % 2:
            raise DataFault(f"it is damaged near byte {self.at}: only a dict has keys")
        self._stack[-1].update(_pairs(values))


def _pairs(values: list[Any]) -> dict[Any, Any]:
    keys = values[::2]
    strange = [key for key in keys if not isinstance(key, str | int | float)]
    if strange:
        raise DataFault(f"keys must be texts or numbers, got a {type(strange[0]).__name__}")
    return dict(zip(keys, values[1::2], strict=True))


def _text(piece: memoryview, encoding: str = "utf-8") -> str:
    return str(piece, encoding, "surrogatepass" if encoding == "utf-8" else "strict")


def _integer(line: bytes) -> int | bool:
    """A number of protocol 0, where 00 and 01 are the truth values."""
    return line == b"01" if line in (b"00", b"01") else int(line.removesuffix(b"L"))


def _global(reader: PickleReader) -> None:
    reader.name(reader.line().decode(), reader.line().decode())


def _stack_global(reader: PickleReader) -> None:
    module, name = reader.pop(2)
    if not (isinstance(module, str) and isinstance(name, str)):
        raise DataFault("a name must be text")
    reader.name(module, name)


def _long(reader: PickleReader, form: str) -> None:
    piece = reader.counted(form)
    if len(piece) > 1024:
        raise DataFault(f"a number of {len(piece)} bytes is no number of an array")
    reader.push(int.from_bytes(piece, "little", signed=True))


_STOP = ord(".")
_STEPS: dict[int, Callable[[PickleReader], None]] = {
    ord(code): step
    for code, step in {
        "\x80": lambda r: r.take(1),  # which protocol
        "\x95": lambda r: r.take(8),  # how many bytes belong together
        "(": lambda r: r.push(_MARK),
        "0": lambda r: r.pop(),
        "1": lambda r: r.since_mark(),
        "N": lambda r: r.push(None),
        "\x88": lambda r: r.push(value=True),
        "\x89": lambda r: r.push(value=False),
        "I": lambda r: r.push(_integer(r.line())),
        "L": lambda r: r.push(_integer(r.line())),
        "J": lambda r: r.push(r.number("<i")),
        "K": lambda r: r.push(r.number("<B")),
        "M": lambda r: r.push(r.number("<H")),
        "\x8a": lambda r: _long(r, "<B"),
        "\x8b": lambda r: _long(r, "<i"),
        "F": lambda r: r.push(float(r.line())),
        "G": lambda r: r.push(r.number(">d")),
        "V": lambda r: r.push(r.line().decode("raw-unicode-escape")),
        "X": lambda r: r.push(_text(r.counted("<I"))),
        "\x8c": lambda r: r.push(_text(r.counted("<B"))),
        "\x8d": lambda r: r.push(_text(r.counted("<Q"))),
        "T": lambda r: r.push(_text(r.counted("<i"), "latin-1")),
        "U": lambda r: r.push(_text(r.counted("<B"), "latin-1")),
        "B": lambda r: r.push(r.counted("<I")),
        "C": lambda r: r.push(r.counted("<B")),
        "\x8e": lambda r: r.push(r.counted("<Q")),
        "\x96": lambda r: r.push(r.counted("<Q")),
        "]": lambda r: r.push([]),
        "l": lambda r: r.push(r.since_mark()),
        "a": lambda r: r.extend(r.pop()),
        "e": lambda r: r.extend(r.since_mark()),
        ")": lambda r: r.push(()),
        "t": lambda r: r.push(tuple(r.since_mark())),
        "\x85": lambda r: r.push(tuple(r.pop(1))),
        "\x86": lambda r: r.push(tuple(r.pop(2))),
        "\x87": lambda r: r.push(tuple(r.pop(3))),
        "}": lambda r: r.push({}),
        "d": lambda r: r.push(_pairs(r.since_mark())),
        "s": lambda r: r.set_items(r.pop(2)),
        "u": lambda r: r.set_items(r.since_mark()),
        "p": lambda r: r.keep(_integer(r.line())),
        "q": lambda r: r.keep(r.number("<B")),
        "r": lambda r: r.keep(r.number("<I")),
        "\x94": lambda r: r.keep(len(r._memo)),  # noqa: SLF001  # the table is a part of the machine
        "g": lambda r: r.recall(_integer(r.line())),
        "h": lambda r: r.recall(r.number("<B")),
        "j": lambda r: r.recall(r.number("<I")),
        "c": _global,
        "\x93": _stack_global,
        "R": PickleReader.call,
        "b": PickleReader.build,
        "Q": lambda r: r.refer(r.pop()[0]),
    }.items()
}
