"""What the command line prints: JSON on standard output, words and progress on standard error."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cueline.errors import OptionError

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

INTERRUPTED = 130  # the exit code of what a person stopped

_MOST_SHOWN = 200  # letters of one cell


def say(text: str = "") -> None:
    """One line for people, on standard error; what the terminal cannot show is escaped."""
    print(printable(text), file=sys.stderr)  # noqa: T201  # this is where words leave the program


def show(text: str = "") -> None:
    """One line of a result for people, on standard output."""
    print(printable(text))  # noqa: T201  # this is where results leave the program


def show_json(value: Any) -> None:
    """A result for programs, alone on standard output; NaN and undecodable names never break it."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, default=_plain)
    sys.stdout.write(text + "\n")


def finite(value: Any) -> Any:
    """Plain values that JSON can hold: null for what is no finite number."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def printable(text: str) -> str:
    """Text without control characters, so that a file name cannot steer the terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def short(text: str) -> str:
    """Text that fits a cell of a table."""
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."


def clock(seconds: float) -> str:
    """Seconds as people read them.

    Example:
        >>> clock(62.5)
        '1:02.500'
    """
    minutes, rest = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{head}:{rest // 1000:02}.{rest % 1000:03}"


def size(count: int) -> str:
    """Bytes as people read them.

    Example:
        >>> size(470_123), size(68_000_000)
        ('470 kB', '68 MB')
    """
    return f"{count / 1e3:.0f} kB" if count < 999_500 else f"{count / 1e6:.0f} MB"


def each_once(notes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Notes beside numbers, a line each: what holds for most stands alone, else the names stand before it.

    Args:
        notes: Name of a number and what is to be known of it, several things with "; " between them, or nothing.

    Example:
        >>> list(each_once([("AP", "only 2 groups; moved by +1"), ("F1", "only 2 groups")]))
        ['only 2 groups', 'AP: moved by +1']
    """
    given = list(notes)
    names: dict[str, list[str]] = {}
    for name, note in given:
        for part in filter(None, note.split("; ")):
            names.setdefault(part, []).append(name)
    for part, own in names.items():
        yield part if 2 * len(own) > len(given) else f"{', '.join(own)}: {part}"


def must_be_folder(report: Path | None, *, what: str = "a report") -> None:
    """Refuse a place where no folder can be made, before anything is measured for it.

    Args:
        report: The place; None is none.
        what: What goes there, in the words of the refusal.

    Raises:
        OptionError: If a file lies there, or on the way.
    """
    for place in () if report is None else (report, *report.parents):
        if place.exists():
            if not place.is_dir():
                raise OptionError(f"{what} is a folder, got a file at '{place}'. Name another place.")
            return


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people, on standard output; as wide as it needs to be where nobody looks at a terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    sheet = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        sheet.add_column(column, overflow="fold")
    for row in rows:
        sheet.add_row(*(Text(printable(cell)) for cell in row))
    console = Console() if sys.stdout.isatty() else Console(width=max(80, _width(columns, rows)))
    console.print(sheet)


def _width(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    wide = [max(len(printable(row[i])) for row in (columns, *rows)) for i in range(len(columns))]
    return sum(wide) + 2 * len(wide)


class Meter:
    """Progress on a terminal: one bar for all, one line for each file at work; silent elsewhere."""

    def __init__(self, bars: Bars | None) -> None:
        """Draw on these bars, or nowhere."""
        self._bars = bars
        self._whole: Any = None
        self._running: dict[str, Any] = {}

    def begin(self, total: int, what: str) -> None:
        """A new count begins."""
        if self._bars is not None:
            self._whole = self._bars.add_task(what, total=total)

    def step(self) -> None:
        """One more is done."""
        if self._bars is not None and self._whole is not None:
            self._bars.advance(self._whole)

    def line(self, text: str, done: int, total: int) -> None:
        """Where the one thing at work is; replaces what was said of it before. A total of 0 is not known."""
        if self._bars is None:
            return
        if self._whole is None:
            self._whole = self._bars.add_task("")
        self._bars.update(self._whole, description=text, completed=done, total=total or None)

    def watch(self, running: Mapping[str, tuple[str, float]]) -> None:
        """Show where each running file is: key -> (phase, media seconds)."""
        if self._bars is None:
            return
        for gone in set(self._running) - set(running):
            self._bars.remove_task(self._running.pop(gone))
        for key, (phase, seconds) in running.items():
            text = f"  {printable(Path(key).name)[:48]}  {phase} {clock(seconds)}"
            if key in self._running:
                self._bars.update(self._running[key], description=text)
            else:
                self._running[key] = self._bars.add_task(text, total=None)


@contextmanager
def meter(*, quiet: bool = False) -> Iterator[Meter]:
    """Progress while the block runs; nothing is drawn unless standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield Meter(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Meter(bars)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
