"""The table of answers: one a line, with who gave it, when, under which id; what comes back is what went out.

Only `clip`, `class` and `verdict` are needed, so that a table made by hand is read as well. Times are seconds, written
with as many digits as bring back the same number; both cells are empty where an answer is about the whole clip. Text
that a spreadsheet would run as a formula has an apostrophe before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast, get_args

from cueline.datasets.labelfiles.items import LabelFile, LabelItem, Skip
from cueline.datasets.labelfiles.texts import defused, fused, heading_of, rows_of, table_of
from cueline.errors import FormatError, TimelineError, near_miss
from cueline.timeline.answers import Answer, Verdict
from cueline.timeline.spans import Span
from cueline.timeline.timecode import parse_time

COLUMNS = (
    *("clip", "key", "asset", "start", "end", "class", "verdict", "who", "made", "label_version", "shown", "id"),
)
NEEDED = ("clip", "class", "verdict")
_VERDICTS = get_args(Verdict)


def fits(heading: Sequence[str]) -> bool:
    """Whether the names of columns are those of such a table."""
    return set(NEEDED) <= {name.casefold() for name in heading}


def read(path: Path, text: str) -> LabelFile:
    """Read the table.

    Args:
        path: The file, for messages.
        text: What it holds.

    Raises:
        FormatError: If a column that is needed is missing.
    """
    heading = [name.casefold() for name in heading_of(text)[0]]
    if not fits(heading):
        raise FormatError(
            f"{str(path)!r} must have the columns {', '.join(NEEDED)}; it has: {', '.join(heading) or 'none'}",
            path=path,
        )
    items, skipped = list[LabelItem](), list[Skip]()
    for number, cells, fault in rows_of(text):
        if fault:
            skipped.append(Skip(f"line {number}", "", "", fault))
            continue
        row = {name: fused(cell.strip()) for name, cell in zip(heading, cells, strict=False)}
        try:
            items.append(_item(row, f"line {number}"))
        except (FormatError, TimelineError) as error:
            skipped.append(Skip(f"line {number}", row["clip"], row["class"], str(error)))
    return LabelFile("csv", items, skipped)


def written(answers: Iterable[tuple[str, str, Answer]]) -> str:
    """The table as text: name and key of the clip, and the answer."""
    return table_of(COLUMNS, (_row(*each) for each in answers))


def _row(name: str, key: str, answer: Answer) -> tuple[object, ...]:
    start, end = (answer.span.start, answer.span.end) if answer.span else ("", "")
    text = defused
    return (
        *(text(name), text(key), answer.asset, start, end, text(answer.label), answer.verdict),
        *(text(answer.who), answer.made, answer.label_version, answer.shown, answer.id),
    )


def _item(row: Mapping[str, str], where: str) -> LabelItem:
    verdict = row["verdict"].casefold()
    if verdict not in _VERDICTS:
        near = near_miss(verdict, _VERDICTS)
        raise FormatError(f"{where} must have a verdict {', '.join(_VERDICTS)}, got {row['verdict']!r}.{near}")
    if not row["class"]:
        raise FormatError(f"{where} must name its class, got an empty cell")
    given: dict[str, Any] = {name: row[name] for name in ("id", "made", "shown") if row.get(name)}
    if row.get("label_version"):
        if not row["label_version"].isdecimal():
            raise FormatError(f"{where} must have a whole number as label_version, got {row['label_version']!r}")
        given["label_version"] = int(row["label_version"])
    return LabelItem(
        row["clip"],
        {row["class"]: cast("Verdict", verdict)},
        key=row.get("key", ""),
        asset=row.get("asset", ""),
        span=_span(row.get("start", ""), row.get("end", ""), where),
        who=row.get("who", ""),
        where=where,
        given=given,
    )


def _span(start: str, end: str, where: str) -> Span | None:
    if not start and not end:
        return None
    if not (start and end):
        raise FormatError(f"{where} must have both a start and an end, or neither, got {start!r} and {end!r}")
    return Span(_seconds(start), _seconds(end))


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return parse_time(text)
