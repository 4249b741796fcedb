"""Bad rows: refused by default, or left out, counted and reported when the user asks.

Every reader of this package takes `skipped`. Without it, the first bad row is an error that names file and row. With
a `Skipped`, good rows around it are kept, and it tells afterwards how many were not, and why.
"""

from __future__ import annotations

from cueline.errors import FormatError

MOST_REASONS = 100


class Skipped:
    """What was left out.

    Attributes:
        rows: How many rows, or records, were bad.
        bytes_lost: How many bytes of files could not be told apart into records.
        reasons: What was wrong, of the first hundred.

    Example:
        >>> skipped = Skipped()
        >>> skipped.note(FormatError("a label must be 0 or 1, got '7' in row 3"))
        >>> print(skipped)
        1 row left out
        a label must be 0 or 1, got '7' in row 3
    """

    def __init__(self) -> None:
        self.rows = 0
        self.bytes_lost = 0
        self.reasons: list[str] = []

    def note(self, error: FormatError, *, rows: int = 1, bytes_lost: int = 0) -> None:
        """Count what an error costs."""
        self.rows += rows
        self.bytes_lost += bytes_lost
        if len(self.reasons) < MOST_REASONS:
            self.reasons.append(str(error))

    def __bool__(self) -> bool:
        """Whether anything was left out."""
        return bool(self.rows or self.bytes_lost or self.reasons)

    def __str__(self) -> str:
        """What a person reads: the counts, then a line for each reason."""
        head = f"{self.rows:,} row{'' if self.rows == 1 else 's'} left out"
        if self.bytes_lost:
            head += f", {self.bytes_lost:,} bytes lost"
        more = [f"... and {self.rows - len(self.reasons):,} more"] if self.rows > len(self.reasons) else []
        return "\n".join([head, *self.reasons, *more])


def refuse(error: FormatError, skipped: Skipped | None, *, rows: int = 1, bytes_lost: int = 0) -> None:
    """Raise the error, or count what it costs where bad rows are left out."""
    if skipped is None:
        raise error
    skipped.note(error, rows=rows, bytes_lost=bytes_lost)
