"""Files of classes, JSON and CSV: read with every fault named by its place, written so that they come back the same.

JSON is a list of objects with "class" (or "name"), "definition", "primary" (1, 0, true, false) and "excluded" (a list
of texts). CSV has a line of column names, of which "name" (or "class") must be there; its excluded terms stand in one
cell with "; " between them, or as a JSON list where a term holds a semicolon itself.
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from cueline.errors import FormatError, OptionError, near_miss
from cueline.stores.faults import told_plainly
from cueline.timeline.answers import LabelClass

ClassForm = Literal["json", "csv"]
MOST_LETTERS = 200  # of a name
_NAMES = ("class", "name")
_KNOWN = (*_NAMES, "definition", "primary", "excluded")
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")
_SHAPE = 'a class file is a JSON list such as [{"class": "dog", "definition": "it barks", "primary": 1}]'
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClassFile:
    """What stands in a file of classes.

    Attributes:
        classes: Each good one with its place, such as "classes.json, item 3".
        repeated: How many stand there again, word for word.
        skipped: Why others were left out, with their places.
        ignored: What else is said of classes, which nothing is made of.
    """

    classes: Sequence[tuple[str, LabelClass]]
    repeated: int
    skipped: Sequence[str]
    ignored: Sequence[str] = ()


def form_of(path: Path) -> ClassForm:
    """What the ending of a file says it holds.

    Raises:
        OptionError: If it is neither .json nor .csv.
    """
    for form in get_args(ClassForm):
        if path.suffix.casefold() == f".{form}":
            return form  # type: ignore[no-any-return]
    raise OptionError(f"classes stand in .json or .csv, got {str(path)!r}")


def same_name(name: str) -> str:
    """What two names have in common that people would take for one.

    Example:
        >>> same_name(" Gift  giving") == same_name("gift giving")
        True
    """
    return " ".join(name.split()).casefold()


def new_name(name: str) -> str:
    """The name of a new class, with single spaces between its words.

    Example:
        >>> new_name(" Gift  giving")
        'Gift giving'

    Raises:
        OptionError: If it holds a comma, a line break or another control character, or is longer than `MOST_LETTERS`.
    """
    name = name.strip()
    if len(name) > MOST_LETTERS:
        raise OptionError(f"the name of a class has {MOST_LETTERS} letters at most, got {len(name)}: {name[:40]!r}...")
    if "," in name:
        raise OptionError(f"the name of a class has no comma, since lists of names are told apart by it, got {name!r}")
    if any(unicodedata.category(letter) in ("Cc", "Zl", "Zp") for letter in name):
        raise OptionError(f"the name of a class is one line without control characters, got {name!r}")
    return " ".join(name.split())


def read_classes(path: Path, *, known: Collection[str] = ()) -> ClassFile:
    """Read a file of classes; what is wrong in it is left out, and told with its place.

    Args:
        path: The file.
        known: Names that are classes already, which are good as they are.

    Raises:
        FormatError: If it is no class file at all.
        OptionError: If its ending is neither .json nor .csv.
    """
    form, text = form_of(path), _text(path)
    first: dict[tuple[str, bool], tuple[str, LabelClass]] = {}
    repeated, skipped, ignored = 0, list[str](), dict[str, None]()
    for place, item in _of_json(path, text) if form == "json" else _of_csv(path, text):
        try:
            value = _class(item, known)
        except ValueError as error:
            skipped.append(f"{place}: {error}")
            continue
        ignored.update(dict.fromkeys(key for key in item if key not in _KNOWN))
        there, before = first.setdefault(_key(value.name, known), (place, value))
        if before is not value and before == value:
            repeated += 1
        elif before is not value:
            skipped.append(
                f"{place}: class {value.name!r} stands there already as {before.name!r}, {there.rpartition(', ')[2]}, "
                "and says something else; that one was taken. Keep one of the two"
            )
    return ClassFile(list(first.values()), repeated, skipped, list(ignored))


def write_classes(path: Path, classes: Iterable[LabelClass], *, form: ClassForm) -> None:
    """Write classes so that `read_classes` gives them back, but for their versions.

    Raises:
        StoreError: If the file cannot be written.
    """
    if form == "json":
        items = [
            {"class": c.name, "definition": c.definition, "primary": int(c.primary), "excluded": list(c.excluded)}
            for c in classes
        ]
        text = json.dumps(items, ensure_ascii=False, indent=2) + "\n"
    else:
        sheet = io.StringIO()
        rows = csv.writer(sheet, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
        rows.writerow(("name", "definition", "primary", "excluded"))
        rows.writerows((c.name, c.definition, int(c.primary), _one_cell(c.excluded)) for c in classes)
        text = sheet.getvalue()
    with told_plainly("write classes to", path):
        path.write_bytes(text.encode())


def _text(path: Path) -> str:
    with told_plainly("read the classes of", path):
        data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"a class file is text in UTF-8, got {str(path)!r}: {error}", path=path) from error


def _of_json(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{_SHAPE}, got {str(path)!r}, which is no JSON: {error}", path=path) from error
    if not isinstance(items, list):
        keys = f" with {', '.join(map(repr, list(items)[:4]))}" if isinstance(items, dict) else ""
        raise FormatError(f"{_SHAPE}, got {type(items).__name__}{keys} in {str(path)!r}", path=path)
    if items and not any(isinstance(item, dict) and any(name in item for name in _NAMES) for item in items):
        raise FormatError(f"{_SHAPE}, got {_what(items[0])} as the first item of {str(path)!r}", path=path)
    for number, item in enumerate(items, start=1):
        yield f"{path.name}, item {number}", item


def _what(item: object) -> str:
    if isinstance(item, dict):
        labels = " (a label file, which `cueline label import` reads)" if {"etag", "labels"} & item.keys() else ""
        return f"an object with {', '.join(map(repr, list(item)[:4])) or 'nothing'}{labels}"
    return type(item).__name__


def _of_csv(path: Path, text: str) -> Iterator[tuple[str, Any]]:
    table = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [(name or "").strip().casefold() for name in table.fieldnames or ()]
        if not any(name in columns for name in _NAMES):
            raise FormatError(
                f"a table of classes has a column 'name', and may have definition, primary, excluded; {str(path)!r} "
                f"has: {', '.join(columns) or 'none'}",
                path=path,
            )
        table.fieldnames = columns
        for row in table:
            place = f"{path.name}, line {table.line_num}"
            if None in row:
                count = len(columns) + len(row[None])  # where csv puts what is too much
                yield place, FormatError(f"{count} cells stand under {len(columns)} columns. Quote texts with commas")
            else:
                yield place, _of_cells(row)
    except csv.Error as error:
        raise FormatError(f"a table of classes is CSV, got {str(path)!r}: {error}", path=path) from error


def _of_cells(row: Mapping[str, str | None]) -> Item:
    """The cells of a line as they would stand in JSON; those that are empty are not there."""
    item: dict[str, Any] = {name: cell for name, cell in row.items() if cell}
    primary = str(item.get("primary", "")).strip().casefold()
    if primary in (*_YES, *_NO):
        item["primary"] = primary in _YES
    if "excluded" in item:
        item["excluded"] = _terms(item["excluded"])
    return item


def _terms(cell: str) -> Any:
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except ValueError:
            return cell
    return [term.strip() for term in cell.split(";") if term.strip()]


def _one_cell(terms: Sequence[str]) -> str:
    cell = "; ".join(terms)
    return cell if _terms(cell) == list(terms) else json.dumps(terms, ensure_ascii=False)


def _key(name: str, known: Collection[str]) -> tuple[str, bool]:
    """What two classes of one file may not share: a known class is itself, though another is called much the same."""
    return (name, True) if name in known else (same_name(name), False)


def _class(item: Any, known: Collection[str]) -> LabelClass:
    """A class from an item of a file.

    Raises:
        ValueError: If it is none; says why.
    """
    if isinstance(item, FormatError):
        raise item
    if not isinstance(item, dict):
        raise FormatError(f"a class is an object, got {item!r}")
    json.dumps(item, ensure_ascii=False).encode()  # half a letter is a ValueError, too
    _must_be_spelt_right(item)
    name = next((item[key] for key in _NAMES if key in item), "")
    definition, excluded = item.get("definition", ""), item.get("excluded", [])
    if not isinstance(name, str) or not name.strip():
        raise FormatError(f"a class needs a name, got {name!r}")
    if not isinstance(definition, str):
        raise FormatError(f"the definition of class {name!r} must be text, got {definition!r}")
    if not isinstance(excluded, list) or not all(isinstance(term, str) for term in excluded):
        raise FormatError(f"the excluded terms of class {name!r} must be a list of texts, got {excluded!r}")
    name = name if name in known else new_name(name)
    return LabelClass(name, definition, _flag(name, item.get("primary", True)), tuple(excluded))


def _must_be_spelt_right(item: Item) -> None:
    for key in item:
        close = near_miss(key, _KNOWN)
        if key not in _KNOWN and close:
            raise FormatError(f"a class has {', '.join(_KNOWN)}, got {key!r}.{close}")


def _flag(name: str, value: object) -> bool:
    if isinstance(value, bool | int) and value in (0, 1):
        return bool(value)
    raise FormatError(f"primary of class {name!r} must be 1, 0, true or false, got {value!r}")
